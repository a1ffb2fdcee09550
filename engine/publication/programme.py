"""Integer programmes: whole numbers between bounds, rows over them, and a cost to keep low.

Solved by HiGHS, the same way each time, and silently: standard output is where a report may go.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import highspy

_NODES = 1000
"""Of the search tree, after which the best answer so far counts. A time would not be the same each time."""
_OPTIONS = (
    ("threads", 1),
    ("random_seed", 0),
    ("mip_max_nodes", _NODES),
    ("mip_rel_gap", 0.0),
)


class SilentSolver(highspy.Highs):
    """HiGHS without its output.

    From 1.16 on the first call of a solver that is no setting of an option prints a banner, and
    the constructor itself makes that call.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    def enableCallbacks(self) -> None:  # noqa: N802
        """The call that the constructor makes: `output_flag` is set before it."""
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()  # type: ignore[no-untyped-call]


@dataclass
class Programme:
    """Variables are known by their numbers, from 0 on, in the order in which they are added."""

    _lows: list[float] = field(default_factory=list)
    _highs: list[float] = field(default_factory=list)
    _costs: list[float] = field(default_factory=list)
    _starts: list[int] = field(default_factory=lambda: [0])
    _columns: list[int] = field(default_factory=list)
    _factors: list[float] = field(default_factory=list)
    _least: list[float] = field(default_factory=list)
    _most: list[float] = field(default_factory=list)

    def add_variable(self, low: int, high: int, cost: float = 0) -> int:
        """A whole number between two bounds, and what each unit of it costs."""
        self._lows.append(float(low))
        self._highs.append(float(high))
        self._costs.append(float(cost))
        return len(self._lows) - 1

    def add_row(
        self, terms: Iterable[tuple[int, int]], least: float, most: float = float("inf")
    ) -> None:
        """A sum of (variable, factor) lies between two bounds. A variable stands in it once."""
        for variable, factor in terms:
            self._columns.append(variable)
            self._factors.append(float(factor))
        self._starts.append(len(self._columns))
        self._least.append(float(least))
        self._most.append(float(most))

    def solve(self) -> list[int] | None:
        """The numbers of the cheapest answer that was seen, rounded; None where none was.

        They come of floating point: who uses them tries them in whole numbers.
        """
        model: Any = SilentSolver()
        for name, value in _OPTIONS:
            model.setOptionValue(name, value)
        model.passModel(self._write())
        model.run()
        solution = model.getSolution()
        if not solution.value_valid:
            return None
        return [round(value) for value in solution.col_value]

    def _write(self) -> Any:
        lp: Any = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(self._lows), len(self._least)
        lp.col_lower_, lp.col_upper_, lp.col_cost_ = self._lows, self._highs, self._costs
        lp.row_lower_, lp.row_upper_ = self._least, self._most
        lp.integrality_ = [highspy.HighsVarType.kInteger] * len(self._lows)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.num_col_, lp.a_matrix_.num_row_ = lp.num_col_, lp.num_row_
        lp.a_matrix_.start_ = self._starts
        lp.a_matrix_.index_, lp.a_matrix_.value_ = self._columns, self._factors
        return lp
