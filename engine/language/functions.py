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
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

from engine.language.grammar import SCORE, dotted_name, literal_number
from engine.units import PERCENT, PLACE, POINT, SCHOOL, Unit

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

    type: Literal["number", "yes_no", "text", "word", "class"]
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

    def weigh(self, node: ast.Call, quantities: Quantities) -> Quantity | None:
        """Give the unit of a score, and complain of members and weights that do not fit."""

    def note_part_of_whole(self, node: ast.Call) -> None:
        """Note where the part of a share is not known to lie within its whole."""


# --- what a function is ---------------------------------------------------------------------------


Read = Literal[
    "here", "at_schools", "in_set", "at_peers", "a_year_before", "above", "own", "literal", "class"
]
"""Where an argument is read: at this place; at each school; at each member of the set that the call
names (see `how_read`); at the places of this level; here a year before; at the place of another level;
on its own, with its own schools; not at all, being a word or a number itself; here, as the
class of what a bare name is worth."""

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

    `advice`: it stands only in the conditions of recommendations. `how`: of a function over a set, how
    the members are taken together ("mean", "with"…). `made`: it is never written, a key of the
    catalogue makes it.
    """

    name: str
    parameters: tuple[Parameter, ...]
    doc: str
    words: str
    units: UnitsOf
    numbers: NumbersOf
    variadic: bool = False
    advice: bool = False
    how: str = ""
    made: bool = False

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


# --- functions over a set -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SetCall:
    """A call of a function over a set, taken apart.

    `how`: see `Function`. `members`: the level whose places are the members. `trees`: what is computed
    in each of them (a number or a condition; of a weighted mean, the weight too). `percent`: which
    percentile.
    """

    how: str
    members: str
    trees: tuple[ast.expr, ...]
    percent: float = 0


def read_set_call(call: ast.Call, lowest: str) -> SetCall | None:
    """The call taken apart, None where it takes no set; `lowest` is the level of "schools"."""
    function = FUNCTIONS[dotted_name(call.func)]
    if not function.how:
        return None
    is_named = function.reads(0) == "literal"
    trees = tuple(
        argument
        for index, argument in enumerate(call.args)
        if function.reads(index) in {"at_schools", "in_set"}
    )
    percent = literal_number(call.args[-1]) if function.how == "percentile" else None
    return SetCall(
        function.how, dotted_name(call.args[0]) if is_named else lowest, trees, percent or 0
    )


def how_read(call: ast.Call, index: int, lowest: str) -> Read:
    """How an argument of a call is read: over the lowest level, at the schools of the formula."""
    read = FUNCTIONS[dotted_name(call.func)].reads(index)
    if read == "in_set" and dotted_name(call.args[0]) == lowest:
        return "at_schools"
    return read


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


def _member_units(reading: Dimensions, node: ast.Call, args: Quantities) -> Quantity | None:
    """The unit of x; behind it may stand a weight."""
    x, *weights = _without_set(node, args)
    for quantity, argument in weights:
        reading.as_number(quantity, argument)
    return reading.as_number(*x)


def _member_share_units(reading: Dimensions, node: ast.Call, args: Quantities) -> Quantity:
    reading.as_condition(*_without_set(node, args)[0])
    return Quantity("number", PERCENT)


def _percent_units(_reading: Dimensions, _node: ast.Call, _args: Quantities) -> Quantity:
    return Quantity("number", PERCENT)


def _member_count_units(reading: Dimensions, node: ast.Call, args: Quantities) -> Quantity:
    reading.as_condition(*_without_set(node, args)[0])
    members = args[0] if len(args) > 1 else None
    return Quantity("number", members.unit if members and members.unit else SCHOOL)


def _without_set(node: ast.Call, args: Quantities) -> list[tuple[Quantity | None, ast.expr]]:
    """What is read of the members: the arguments without words and written numbers."""
    pairs = zip(args, node.args, strict=True)
    return [pair for pair in pairs if pair[0] is None or pair[0].type != "word"]


def _only_units(reading: Dimensions, node: ast.Call, args: Quantities) -> Quantity | None:
    condition = reading.as_condition(args[1], node.args[1])
    return args[0] and condition and replace(args[0], wholes=frozenset(), literal=None)


def _rank_units(reading: Dimensions, node: ast.Call, args: Quantities) -> Quantity:
    reading.as_number(args[0], node.args[0])
    return Quantity("number", PLACE)


def _condition(_reading: Dimensions, _node: ast.Call, _args: Quantities) -> Quantity:
    return Quantity("yes_no")


def _points_units(_reading: Dimensions, _node: ast.Call, _args: Quantities) -> Quantity:
    return Quantity("number", POINT)


def _score_units(reading: Dimensions, node: ast.Call, args: Quantities) -> Quantity | None:
    return reading.weigh(node, args)


def _class_units(_reading: Dimensions, node: ast.Call, _args: Quantities) -> Quantity:
    return Quantity("class", title=ast.unparse(node))


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


def _over_set(reading: Any, node: ast.Call) -> Any:
    return reading.over_set(node)


def _only(reading: Any, node: ast.Call) -> Any:
    """`x if condition else` nothing that applies."""
    x, condition = node.args
    return reading.choose_only(ast.IfExp(condition, x, x))


def _clamp(reading: Any, node: ast.Call) -> Any:
    x, low, high = (reading.read(argument) for argument in node.args)
    return reading.extreme("min", [high, reading.extreme("max", [low, x])])


def _extreme(how: str) -> NumbersOf:
    return lambda reading, node: reading.extreme(how, [reading.read(arg) for arg in node.args])


# --- the functions --------------------------------------------------------------------------------


_INDICATOR = Parameter("indicator", "literal")
_SET = Parameter("set", "literal")
_X = Parameter("x", "in_set")
_CONDITION = Parameter("condition", "in_set")


def _of_set(  # noqa: PLR0917 - a declaration, line by line
    how: str,
    name: str,
    parameters: tuple[Parameter, ...],
    doc: str,
    words: str,
    units: UnitsOf = _member_units,
    old: tuple[str, str] | None = None,
) -> tuple[Function, ...]:
    """`mean_of(set, x)`, after its old name over schools with the words of that, if it has one."""
    named = Function(name, (_SET, *parameters), doc, words, units, _over_set, how=how)
    if old is None:
        return (named,)
    at_schools = tuple(replace(parameter, read="at_schools") for parameter in parameters)
    old_doc = f"То же, что {name} по школам."
    return (Function(old[0], at_schools, old_doc, old[1], units, _over_set, how=how), named)


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
    *_of_set(
        "with",
        "count_of",
        (_CONDITION,),
        "В скольких местах набора выполнено условие (среди мест, где оно известно). В самом месте "
        "этого уровня: 1 или 0.",
        "[number of {0:of_many} where {1}]",
        _member_count_units,
        old=("schools_with", "[schools where {0}]"),
    ),
    *_of_set(
        "share",
        "share_of",
        (_CONDITION,),
        "Доля мест набора, где условие выполнено, среди мест, где оно известно, %. В самом месте "
        "этого уровня: 100 или 0.",
        "[share of {0:of_many} where {1}, %]",
        _member_share_units,
        old=("share_of_schools", "[share of schools where {0}, %]"),
    ),
    *_of_set(
        "sum",
        "sum_of",
        (_X,),
        "x считается в каждом месте набора отдельно, затем складывается.",
        "[sum over {0:to_many}: {1}]",
        old=("sum_of_schools", "[sum over schools: {0}]"),
    ),
    *_of_set(
        "mean",
        "mean_of",
        (_X,),
        "x считается в каждом месте набора отдельно, затем берётся среднее по местам, у которых он "
        "есть.",
        "[mean over {0:to_many}: {1}]",
        old=("mean_of_schools", "[mean over schools: {0}]"),
    ),
    *_of_set(
        "median",
        "median_of",
        (_X,),
        "Медиана значений x, посчитанных в каждом месте набора отдельно.",
        "[median over {0:to_many}: {1}]",
        old=("median_of_schools", "[median over schools: {0}]"),
    ),
    *_of_set(
        "min",
        "min_of",
        (_X,),
        "Наименьшее из значений x по местам набора.",
        "[least over {0:to_many}: {1}]",
        old=("min_of_schools", "[least over schools: {0}]"),
    ),
    *_of_set(
        "max",
        "max_of",
        (_X,),
        "Наибольшее из значений x по местам набора.",
        "[greatest over {0:to_many}: {1}]",
        old=("max_of_schools", "[greatest over schools: {0}]"),
    ),
    *_of_set(
        "weighted_mean",
        "weighted_mean_of",
        (_X, Parameter("weight", "in_set")),
        "Среднее x по местам набора с весом: Σ(x · вес) / Σ вес — по местам, где есть и x, и вес. "
        "В самом месте этого уровня: x, если у веса есть значение.",
        "[mean over {0:to_many}: {1}, weighted by {2}]",
        old=("weighted_mean_of_schools", "[mean over schools: {0}, weighted by {1}]"),
    ),
    *_of_set(
        "percentile",
        "percentile_of",
        (_X, Parameter("percent", "literal")),
        "Процентиль значений x по местам набора: percent — число от 0 до 100; между значениями — по "
        "прямой, концы входят, как в ПРОЦЕНТИЛЬ.ВКЛ.",
        "[percentile {2} over {0:to_many}: {1}]",
    ),
    Function(
        "rank",
        (Parameter("x", "at_peers"), Parameter("level", "literal")),
        "Каким по счёту это место стоит по показателю x среди мест своего уровня, которые лежат в том "
        "же месте уровня level: 1 и ещё по одному за каждое, у кого напечатано лучшее значение. Что "
        "лучше, говорит better показателя x.",
        "[place by {0} within the {1:of_one}]",
        _rank_units,
        lambda reading, node: reading.rank(node),
    ),
    Function(
        "only",
        (Parameter("x"), Parameter("condition")),
        "x там, где условие выполнено; где нет — показатель не относится к месту. Без значения у "
        "условия значения нет.",
        "[{0}, only where {1}]",
        _only_units,
        _only,
    ),
    Function(
        "clamp",
        (Parameter("x"), Parameter("low"), Parameter("high")),
        "x, но не меньше low и не больше high.",
        "[{0}, not below {1} and not above {2}]",
        _unified,
        _clamp,
    ),
    Function(
        "at",
        (Parameter("level", "literal"), Parameter("x", "above")),
        "x в том месте названного уровня, к которому относится это место: at(municipality, x).",
        "[{1} — for the {0:to_one}]",
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
    Function(
        "points",
        (Parameter("x", "class"),),
        "Баллы за x по его шкале или за ответ; x — имя показателя или входа. Нет класса — нет и баллов; "
        "класс без баллов «не относится».",
        "[points for {0}]",
        _points_units,
        lambda reading, node: reading.points(node.args[0]),
    ),
    Function(
        "lookup",
        (Parameter("table", "literal"), Parameter("x", "class"), Parameter("y", "class")),
        "Класс из таблицы table: строка — по классу x, столбец — по классу y. Без класса с любой стороны — нет "
        "и здесь; клетка null «не относится».",
        "[by the table “{0}”: row — {1}, column — {2}]",
        _class_units,
        lambda reading, node: reading.lookup(node),
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

MADE = (
    Function(
        SCORE,
        (Parameter("settings", "literal"), Parameter("part", "own")),
        "",
        "",
        _score_units,
        lambda reading, node: reading.weigh(node),
        variadic=True,
        made=True,
    ),
)
"""Functions that a key of the catalogue makes: `score`."""

FUNCTIONS: Mapping[str, Function] = {function.name: function for function in (*DECLARED, *MADE)}
OVER_YEARS = ("previous", "change", "growth")
"""Functions whose value comes of the year before, at the same place."""
SAME_TYPE = {"previous": 0, "coalesce": 0, "at": 1, "only": 0}
"""Functions whose value is of the type of an argument, and which it is; others give a number."""
KEPT_NAMES = ("school", "year", "scenario", "level", "place", "input", "value")
"""Columns of the data, which no id may be called."""
KEPT_FUNCTIONS = (
    *("points", "rank", "only", "degree", "lookup", "before", "as_of", "clamp"),
    *("sum_of", "mean_of", "min_of", "max_of", "median_of", "count_of", "share_of"),
    *("weighted_mean_of", "percentile_of"),
)
"""Names of functions, declared or still to be, which no id may be called."""
