"""The functions of recommendations: what has been reached, what is lacking, what got worse.

They speak of printed values beside targets, as verdicts do, and stand only in the conditions of
`advice`. What they give is asked of the plan, which knows targets and the years before.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from engine.language.function import Function, Parameter
from engine.language.grammar import dotted_name
from engine.language.readings.quantity import Quantity

if TYPE_CHECKING:
    from engine.language.readings.units import UnitsReading

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
