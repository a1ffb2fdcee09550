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
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.language.advice_functions import ADVICE_FUNCTIONS
from engine.language.function import Function, NumbersOf, Parameter
from engine.language.grammar import literal_number
from engine.language.readings.quantity import Quantity
from engine.units import PERCENT, SCHOOL

if TYPE_CHECKING:
    from engine.language.readings.units import UnitsReading


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
