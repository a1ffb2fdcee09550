"""The functions of the language: each is one declaration, which every reading asks.

A `Function` says its name, its parameters and how each argument is read, what it gives in the
reading of units (`units`) and in those of numbers (`numbers`: columns and Excel), its words, and its
documentation. Readings are handed in: nothing in this module imports a data engine or a spreadsheet,
and a function is written with the arithmetic that all readings of numbers share (`share` is
`100 * part / whole`).
To add a function, add a declaration and a case in `tests/cases/functions/`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from engine.language.grammar import dotted_name, literal_number
from engine.units import PERCENT, SCHOOL, Unit

# --- what a function asks of the reading of units -------------------------------------------------


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a part of a formula gives in the reading of units.

    `unit` is None for a plain number, which takes the unit of what it meets. `hundred`: it was
    multiplied by a written 100, so that a ratio of it is a percent. `schools_only`: a yes/no of
    schools or of the register, which has a meaning only where schools are looked at one by one.
    `wholes`: for a bare name, the names it is known to lie within, itself included.
    `counted`: for an indicator in a recommendation, the unit of what it counts (see `shortfall`).
    """

    type: Literal["number", "yes_no", "text", "word"]
    unit: Unit | None = None
    hundred: bool = False
    literal: float | int | None = None
    schools_only: bool = False
    wholes: frozenset[str] = frozenset()
    title: str = ""
    counted: Unit | None = None


Quantities = list[Quantity | None]
"""Of the arguments of a call; None where something is already known to be wrong."""


class Dimensions(Protocol):
    """The reading of units, as functions see it."""

    @property
    def describe(self) -> Callable[[str], Quantity | None]:
        """Gives the quantity of a name."""

    def as_number(self, quantity: Quantity | None, node: ast.AST) -> Quantity | None:
        """Give the quantity, if it is a number; else complain."""

    def as_condition(self, quantity: Quantity | None, node: ast.AST) -> Quantity | None:
        """Give the quantity, if it is a condition; else complain."""

    def unify(self, node: ast.AST, quantities: Quantities) -> Quantity | None:
        """Give one unit for all operands of a node, the first that has one leading."""

    def difference(self, quantity: Quantity | None) -> Quantity | None:
        """Give the unit of a difference."""

    def note_part_of_whole(self, node: ast.Call) -> None:
        """Note where the part of a share is not known to lie within its whole."""


# --- what a function is ---------------------------------------------------------------------------


Read = Literal["here", "at_schools", "a_year_before", "above", "own", "literal"]
"""Where an argument is read: at this place; at each school; here a year before; at the place of
another level; on its own, with its own schools; not at all, being a word or a number itself."""

UnitsOf = Callable[[Dimensions, ast.Call, Quantities], Quantity | None]
NumbersOf = Callable[[Any, ast.Call], Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument: its name in the documentation, and how it is read."""

    name: str
    read: Read = "here"
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """One function, whole. `words` is a pattern over the arguments' words, by position.

    `advice`: it stands only in the conditions of recommendations.
    """

    name: str
    parameters: tuple[Parameter, ...]
    doc: str
    words: str
    units: UnitsOf
    numbers: NumbersOf
    variadic: bool = False
    advice: bool = False

    @property
    def signature(self) -> str:
        """`share(part, whole)`."""
        names = ", ".join(parameter.name for parameter in self.parameters)
        return f"{self.name}({names}{', …' if self.variadic else ''})"

    @property
    def least(self) -> int:
        """How many arguments it needs."""
        return sum(not parameter.optional for parameter in self.parameters)

    @property
    def most(self) -> int | None:
        """How many arguments it takes, None where there is no bound."""
        return None if self.variadic else len(self.parameters)

    def reads(self, index: int) -> Read:
        """How the argument at `index` is read; a variadic function reads the rest as the last."""
        return self.parameters[min(index, len(self.parameters) - 1)].read


# --- what they give in the reading of units -------------------------------------------------------


def _unified(reading: Dimensions, node: ast.Call, args: Quantities) -> Quantity | None:
    return reading.unify(node, args)


def _first(reading: Dimensions, node: ast.Call, args: Quantities) -> Quantity | None:
    return reading.as_number(args[0], node.args[0])


def _last(_reading: Dimensions, _node: ast.Call, args: Quantities) -> Quantity | None:
    return args[-1]


def _share_units(reading: Dimensions, node: ast.Call, args: Quantities) -> Quantity | None:
    reading.unify(node, [args[1], args[0]])
    reading.note_part_of_whole(node)
    return Quantity("number", PERCENT)


def _change_units(reading: Dimensions, node: ast.Call, args: Quantities) -> Quantity | None:
    return reading.difference(reading.as_number(args[0], node.args[0]))


def _growth_units(reading: Dimensions, node: ast.Call, args: Quantities) -> Quantity:
    reading.as_number(args[0], node.args[0])
    return Quantity("number", PERCENT)


def _schools_units(reading: Dimensions, node: ast.Call, args: Quantities) -> Quantity:
    if args:
        reading.as_condition(args[0], node.args[0])
    return Quantity("number", SCHOOL)


def _share_of_schools_units(reading: Dimensions, node: ast.Call, args: Quantities) -> Quantity:
    reading.as_condition(args[0], node.args[0])
    return Quantity("number", PERCENT)


def _percent_units(_reading: Dimensions, _node: ast.Call, _args: Quantities) -> Quantity:
    return Quantity("number", PERCENT)


def _weighted_units(reading: Dimensions, node: ast.Call, args: Quantities) -> Quantity | None:
    reading.as_number(args[1], node.args[1])
    return reading.as_number(args[0], node.args[0])


def _condition(_reading: Dimensions, _node: ast.Call, _args: Quantities) -> Quantity:
    return Quantity("yes_no")


def _counted_units(reading: Dimensions, node: ast.Call, _args: Quantities) -> Quantity | None:
    """The unit of what the indicator counts: persons of a share of persons."""
    indicator = reading.describe(dotted_name(node.args[0]))
    return indicator and Quantity("number", indicator.counted)


# --- what they give in the readings of numbers ----------------------------------------------------


def _share(reading: Any, node: ast.Call) -> Any:
    part, whole = reading.read(node.args[0]), reading.read(node.args[1])
    return reading.divide(reading.multiply(reading.constant(100), part), whole)


def _change(reading: Any, node: ast.Call) -> Any:
    now = reading.print_side(node, reading.read(node.args[0]))
    before = reading.print_side(node, reading.previous(node.args[0]))
    return reading.strict(reading.print_side(node, reading.subtract(now, before)), now)


def _growth(reading: Any, node: ast.Call) -> Any:
    now, before = reading.read(node.args[0]), reading.previous(node.args[0])
    ratio = reading.divide(now, before)
    grown = reading.multiply(reading.constant(100), reading.subtract(ratio, reading.constant(1)))
    return reading.strict(grown, now)


def _over_schools(how: str) -> NumbersOf:
    return lambda reading, node: reading.over_schools(how, node.args[0])


def _extreme(how: str) -> NumbersOf:
    return lambda reading, node: reading.extreme(how, [reading.read(arg) for arg in node.args])


# --- the functions --------------------------------------------------------------------------------


_INDICATOR = Parameter("indicator", "literal")
_CONDITION = Parameter("condition", "at_schools")


def _of_schools(how: str, doc: str, words: str) -> Function:
    """`sum_of_schools` and its like: a number of each school, taken together."""
    x = Parameter("x", "at_schools")
    return Function(f"{how}_of_schools", (x,), doc, words, _first, _over_schools(how))


def _of_advice(
    name: str, parameters: tuple[Parameter, ...], doc: str, words: str, units: UnitsOf = _condition
) -> Function:
    """A function of recommendations: of printed values beside their targets, as verdicts are.

    What it gives is asked of the plan, which knows targets and the years before.
    """
    doc += " Только в условиях рекомендаций."
    advice_call: NumbersOf = lambda reading, node: reading.advice_call(node)  # noqa: E731
    return Function(name, parameters, doc, words, units, advice_call, advice=True)


DECLARED = (
    Function(
        "share",
        (Parameter("part"), Parameter("whole")),
        "Доля части в целом, в процентах: 100 · часть / целое. Часть и целое — в одной единице.",
        "100 × {0} / {1}",
        _share_units,
        _share,
    ),
    Function(
        "previous",
        (Parameter("x", "a_year_before"),),
        "Значение x в этом же месте годом раньше, каким оно было тогда: школы и формула того года.",
        "[a year before: {0}]",
        _last,
        lambda reading, node: reading.previous(node.args[0]),
    ),
    Function(
        "change",
        (Parameter("x"),),
        "Изменение за год: x − previous(x). Для процентов — в процентных пунктах. Показатель, который весь — "
        "change(x) с одним именем, равен напечатанному минус напечатанное.",
        "[change over a year: {0}]",
        _change_units,
        _change,
    ),
    Function(
        "growth",
        (Parameter("x"),),
        "Прирост за год в процентах: 100 · (x / previous(x) − 1).",
        "[growth over a year, %: {0}]",
        _growth_units,
        _growth,
    ),
    Function(
        "schools",
        (),
        "Число школ, вошедших в формулу; одна, без других данных, — число открытых школ.",
        "[schools in the calculation]",
        _schools_units,
        lambda reading, _node: reading.schools(),
    ),
    Function(
        "schools_open",
        (),
        "Число всех школ, открытых в этом году, — ответили они или нет.",
        "[open schools]",
        _schools_units,
        lambda reading, _node: reading.schools_open(),
    ),
    Function(
        "schools_with",
        (_CONDITION,),
        "В скольких школах выполнено условие (среди школ, где оно известно). В школе: 1 или 0.",
        "[schools where {0}]",
        _schools_units,
        _over_schools("with"),
    ),
    Function(
        "share_of_schools",
        (_CONDITION,),
        "Доля школ, где условие выполнено, среди школ, где оно известно, %. В школе: 100 или 0.",
        "[share of schools where {0}, %]",
        _share_of_schools_units,
        _over_schools("share"),
    ),
    _of_schools(
        "sum",
        "x считается в каждой школе отдельно, затем складывается.",
        "[sum over schools: {0}]",
    ),
    _of_schools(
        "mean",
        "x считается в каждой школе отдельно, затем берётся среднее по школам, у которых он есть.",
        "[mean over schools: {0}]",
    ),
    _of_schools(
        "median",
        "Медиана значений x, посчитанных в каждой школе отдельно.",
        "[median over schools: {0}]",
    ),
    _of_schools(
        "min",
        "Наименьшее из значений x по школам.",
        "[least over schools: {0}]",
    ),
    _of_schools(
        "max",
        "Наибольшее из значений x по школам.",
        "[greatest over schools: {0}]",
    ),
    Function(
        "weighted_mean_of_schools",
        (Parameter("x", "at_schools"), Parameter("weight", "at_schools")),
        "Среднее x по школам с весом: Σ(x · вес) / Σ вес — по школам, где есть и x, и вес. "
        "В школе: x, если у веса есть значение.",
        "[mean over schools: {0}, weighted by {1}]",
        _weighted_units,
        lambda reading, node: reading.weighted_mean(node.args[0], node.args[1]),
    ),
    Function(
        "at",
        (Parameter("level", "literal"), Parameter("x", "above")),
        "x в том месте названного уровня, к которому относится это место: at(municipality, x).",
        "[{1} — at the level “{0}”]",
        _last,
        lambda reading, node: reading.at(node.args[0], node.args[1]),
    ),
    Function(
        "coalesce",
        (Parameter("x", "own"), Parameter("y", "own")),
        "x, а где у x нет значения — y.",
        "[{0}, or where there is none {1}]",
        _unified,
        lambda reading, node: reading.coalesce(node),
        variadic=True,
    ),
    Function(
        "min",
        (Parameter("x"), Parameter("y")),
        "Наименьшее из значений.",
        "[least of: {*}]",
        _unified,
        _extreme("min"),
        variadic=True,
    ),
    Function(
        "max",
        (Parameter("x"), Parameter("y")),
        "Наибольшее из значений.",
        "[greatest of: {*}]",
        _unified,
        _extreme("max"),
        variadic=True,
    ),
    Function(
        "abs",
        (Parameter("x"),),
        "Значение без знака.",
        "|{0}|",
        _first,
        lambda reading, node: reading.absolute(reading.read(node.args[0])),
    ),
    Function(
        "round",
        (Parameter("x"), Parameter("digits", "literal", optional=True)),
        "Округление до целого или до digits знаков после запятой, половина — от нуля.",
        "[{0}, rounded]",
        _first,
        lambda reading, node: reading.rounded(
            reading.read(node.args[0]), literal_number(node.args[1]) if node.args[1:] else 0
        ),
    ),
    Function(
        "target",
        (_INDICATOR,),
        "Целевое значение показателя на этот год — там, где по нему судят; ниже — цель места, в которое это место входит.",
        "[target: {0}]",
        _last,
        lambda reading, node: reading.target(node.args[0]),
    ),
    Function(
        "degree",
        (Parameter("indicator"),),
        "Степень достижения цели показателя в процентах, не больше 100. Цель «не менее»: 100 · значение / цель; "
        "«не более»: 100 · цель / значение; «ровно» и «от … до»: к ближнему концу, внутри — 100.",
        "[degree of reaching the target: {0}]",
        _percent_units,
        lambda reading, node: reading.degree(node.args[0]),
    ),
    _of_advice(
        "met",
        (_INDICATOR,),
        "Цель года достигнута; ниже уровня цели доля сравнивается с ней как с ориентиром.",
        "[target reached: {0}]",
    ),
    _of_advice(
        "missed",
        (_INDICATOR,),
        "Цель года не достигнута: not met(indicator).",
        "[target not reached: {0}]",
    ),
    _of_advice(
        "shortfall",
        (_INDICATOR,),
        "Скольких (обучающихся, школ) не хватает до цели года, а где значение больше цели — сколько "
        "лишних: наименьшее целое число; 0, если цель достигнута.",
        "[how many apart from the target: {0}]",
        _counted_units,
    ),
    _of_advice(
        "worsened",
        (_INDICATOR, Parameter("years", "literal")),
        "Значение ухудшалось (по better) в каждом из последних years лет.",
        "[worse in each of the last years ({1}): {0}]",
    ),
    _of_advice(
        "reported",
        (Parameter("x", "literal"),),
        "Сведения для показателя или входа сдали все, от кого они ожидались; это условие известно "
        "всегда.",
        "[reported by all: {0}]",
    ),
)

FUNCTIONS: Mapping[str, Function] = {function.name: function for function in DECLARED}
KEPT_NAMES = ("school", "year", "scenario", "level", "place", "input", "value")
"""Columns of the data, which no id may be called."""
KEPT_FUNCTIONS = (
    *("points", "rank", "only", "degree", "lookup", "before", "as_of", "clamp"),
    *("sum_of", "mean_of", "min_of", "max_of", "median_of", "count_of", "share_of"),
    *("weighted_mean_of", "percentile_of"),
)
"""Names of functions, declared or still to be, which no id may be called."""
