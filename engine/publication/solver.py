"""The solver of integer programmes."""

from __future__ import annotations

import highspy


class SilentSolver(highspy.Highs):
    """HiGHS without its output. Standard output is where a report may go.

    From 1.16 on the first call of a solver that is no setting of an option prints a banner, and
    the constructor itself makes that call.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    def enableCallbacks(self) -> None:  # noqa: N802
        """The call that the constructor makes: `output_flag` is set before it."""
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()  # type: ignore[no-untyped-call]
