"""The functions of the language: each is one declaration.

A `Function` says its name, its parameters and how each argument is read, what it gives in the
reading of units (`units`) and in those of numbers (`numbers`: columns and Excel), its words, and its
documentation. Readings are handed in, so nothing here knows a data engine or a spreadsheet: a
function is written with the arithmetic that all readings of numbers share (`share` is
`100 * part / whole`).
To add a function, add a declaration and a case in `tests/cases/functions/`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from engine.language.grammar import dotted_name, literal_number
from engine.language.readings.dimensions import Quantity
from engine.units import PERCENT, SCHOOL

if TYPE_CHECKING:
    from engine.language.readings.dimensions import UnitsReading

# --- function -------------------------------------------------------------------------------------
# What a function of the language is: one declaration, which every reading asks.
#
# Readings are handed in, so nothing here knows a data engine or a spreadsheet.


Read = Literal["here", "at_schools", "a_year_before", "above", "own", "literal"]
"""Where an argument is read: at this place; at each school; here a year before; at the place of
another level; on its own, with its own schools; not at all, being a word or a number itself."""

UnitsOf: TypeAlias = "Callable[[UnitsReading, ast.Call, list[Quantity | None]], Quantity | None]"
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


# --- functions ---


# --- advice functions -----------------------------------------------------------------------------
# The functions of recommendations: what has been reached, what is lacking, what got worse.
#
# They speak of printed values beside targets, as verdicts do, and stand only in the conditions of
# `advice`. What they give is asked of the plan, which knows targets and the years before.


_INDICATOR = Parameter("indicator", "literal")


def _condition(_reading: UnitsReading, _node: ast.Call, _args: list[Quantity | None]) -> Quantity:
    return Quantity("yes_no")


def _counted(
    reading: UnitsReading, node: ast.Call, _args: list[Quantity | None]
) -> Quantity | None:
    """The unit of what the indicator counts: persons of a share of persons."""
    indicator = reading.describe(dotted_name(node.args[0]))
    return indicator and Quantity("number", indicator.counted)


def _ask(reading: Any, node: ast.Call) -> Any:
    return reading.judged(node)


ADVICE_FUNCTIONS = (
    Function(
        "met",
        (_INDICATOR,),
        "Цель года достигнута; ниже уровня цели доля сравнивается с ней как с ориентиром. "
        "Только в условиях рекомендаций.",
        "[target reached: {0}]",
        _condition,
        _ask,
        advice=True,
    ),
    Function(
        "missed",
        (_INDICATOR,),
        "Цель года не достигнута: not met(indicator). Только в условиях рекомендаций.",
        "[target not reached: {0}]",
        _condition,
        _ask,
        advice=True,
    ),
    Function(
        "shortfall",
        (_INDICATOR,),
        "Скольких (обучающихся, школ) не хватает до цели года, а где значение больше цели — сколько "
        "лишних: наименьшее целое число; 0, если цель достигнута. Только в условиях рекомендаций.",
        "[how many apart from the target: {0}]",
        _counted,
        _ask,
        advice=True,
    ),
    Function(
        "worsened",
        (_INDICATOR, Parameter("years", "literal")),
        "Значение ухудшалось (по better) в каждом из последних years лет. "
        "Только в условиях рекомендаций.",
        "[worse in each of the last years ({1}): {0}]",
        _condition,
        _ask,
        advice=True,
    ),
    Function(
        "reported",
        (Parameter("x", "literal"),),
        "Сведения для показателя или входа сдали все, от кого они ожидались; это условие известно "
        "всегда. Только в условиях рекомендаций.",
        "[reported by all: {0}]",
        _condition,
        _ask,
        advice=True,
    ),
)


# --- functions ---


def _here(*names: str) -> tuple[Parameter, ...]:
    return tuple(Parameter(name) for name in names)


def _same(reading: UnitsReading, node: ast.Call, args: list[Quantity | None]) -> Quantity | None:
    return reading.unify(node, args)


def _first(reading: UnitsReading, node: ast.Call, args: list[Quantity | None]) -> Quantity | None:
    return reading.as_number(args[0], node.args[0])


def _share_units(
    reading: UnitsReading, node: ast.Call, args: list[Quantity | None]
) -> Quantity | None:
    reading.unify(node, [args[1], args[0]])
    reading.note_part_of_whole(node)
    return Quantity("number", PERCENT)


def _change_units(
    reading: UnitsReading, node: ast.Call, args: list[Quantity | None]
) -> Quantity | None:
    return reading.difference(reading.as_number(args[0], node.args[0]))


def _percent(reading: UnitsReading, node: ast.Call, args: list[Quantity | None]) -> Quantity:
    if args:
        reading.as_number(args[0], node.args[0])
    return Quantity("number", PERCENT)


def _schools_units(reading: UnitsReading, node: ast.Call, args: list[Quantity | None]) -> Quantity:
    if args:
        reading.as_condition(args[0], node.args[0])
    return Quantity("number", SCHOOL)


def _share_of_schools_units(
    reading: UnitsReading, node: ast.Call, args: list[Quantity | None]
) -> Quantity:
    reading.as_condition(args[0], node.args[0])
    return Quantity("number", PERCENT)


def _weighted_units(
    reading: UnitsReading, node: ast.Call, args: list[Quantity | None]
) -> Quantity | None:
    reading.as_number(args[1], node.args[1])
    return reading.as_number(args[0], node.args[0])


def _any(_reading: UnitsReading, _node: ast.Call, args: list[Quantity | None]) -> Quantity | None:
    return args[-1]


def _over_schools(how: str) -> NumbersOf:
    def numbers(reading: Any, node: ast.Call) -> Any:
        return reading.over_schools(how, node.args[0])

    return numbers


def _growth(reading: Any, node: ast.Call) -> Any:
    now, before = reading.read(node.args[0]), reading.previous(node.args[0])
    ratio = reading.divide(now, before)
    grown = reading.multiply(reading.constant(100), reading.subtract(ratio, reading.constant(1)))
    return reading.strict(grown, now)


def _change(reading: Any, node: ast.Call) -> Any:
    now = reading.read(node.args[0])
    return reading.strict(reading.subtract(now, reading.previous(node.args[0])), now)


def _share(reading: Any, node: ast.Call) -> Any:
    part, whole = reading.read(node.args[0]), reading.read(node.args[1])
    return reading.divide(reading.multiply(reading.constant(100), part), whole)


_DECLARED = (
    Function(
        "share",
        _here("part", "whole"),
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
        _any,
        lambda reading, node: reading.previous(node.args[0]),
    ),
    Function(
        "change",
        (Parameter("x"),),
        "Изменение за год: x − previous(x). Для процентов — в процентных пунктах.",
        "[change over a year: {0}]",
        _change_units,
        _change,
    ),
    Function(
        "growth",
        (Parameter("x"),),
        "Прирост за год в процентах: 100 · (x / previous(x) − 1).",
        "[growth over a year, %: {0}]",
        _percent,
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
        (Parameter("condition", "at_schools"),),
        "В скольких школах выполнено условие (среди школ, где оно известно). В школе: 1 или 0.",
        "[schools where {0}]",
        _schools_units,
        _over_schools("with"),
    ),
    Function(
        "share_of_schools",
        (Parameter("condition", "at_schools"),),
        "Доля школ, где условие выполнено, среди школ, где оно известно, %. В школе: 100 или 0.",
        "[share of schools where {0}, %]",
        _share_of_schools_units,
        _over_schools("share"),
    ),
    Function(
        "sum_of_schools",
        (Parameter("x", "at_schools"),),
        "x считается в каждой школе отдельно, затем складывается.",
        "[sum over schools: {0}]",
        _first,
        _over_schools("sum"),
    ),
    Function(
        "mean_of_schools",
        (Parameter("x", "at_schools"),),
        "x считается в каждой школе отдельно, затем берётся среднее по школам, у которых он есть.",
        "[mean over schools: {0}]",
        _first,
        _over_schools("mean"),
    ),
    Function(
        "median_of_schools",
        (Parameter("x", "at_schools"),),
        "Медиана значений x, посчитанных в каждой школе отдельно.",
        "[median over schools: {0}]",
        _first,
        _over_schools("median"),
    ),
    Function(
        "min_of_schools",
        (Parameter("x", "at_schools"),),
        "Наименьшее из значений x по школам.",
        "[least over schools: {0}]",
        _first,
        _over_schools("min"),
    ),
    Function(
        "max_of_schools",
        (Parameter("x", "at_schools"),),
        "Наибольшее из значений x по школам.",
        "[greatest over schools: {0}]",
        _first,
        _over_schools("max"),
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
        _any,
        lambda reading, node: reading.at(node.args[0], node.args[1]),
    ),
    Function(
        "coalesce",
        (Parameter("x", "own"), Parameter("y", "own")),
        "x, а где у x нет значения — y.",
        "[{0}, or where there is none {1}]",
        _same,
        lambda reading, node: reading.coalesce(node),
        variadic=True,
    ),
    Function(
        "min",
        _here("x", "y"),
        "Наименьшее из значений.",
        "[least of: {*}]",
        _same,
        lambda reading, node: reading.extreme("min", [reading.read(arg) for arg in node.args]),
        variadic=True,
    ),
    Function(
        "max",
        _here("x", "y"),
        "Наибольшее из значений.",
        "[greatest of: {*}]",
        _same,
        lambda reading, node: reading.extreme("max", [reading.read(arg) for arg in node.args]),
        variadic=True,
    ),
    Function(
        "abs",
        _here("x"),
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
        (Parameter("indicator", "literal"),),
        "Целевое значение показателя на этот год; одно для всех мест.",
        "[target: {0}]",
        _any,
        lambda reading, node: reading.target(node.args[0]),
    ),
)


def _table(functions: tuple[Function, ...]) -> Mapping[str, Function]:
    table: dict[str, Function] = {}
    for function in functions:
        if function.name in table:
            raise ValueError(function.name)
        table[function.name] = function
    return table


FUNCTIONS: Mapping[str, Function] = _table((*_DECLARED, *ADVICE_FUNCTIONS))
KEPT_NAMES = ("school", "year", "scenario", "level", "place", "input", "value")
"""Columns of the data, which no id may be called."""
