"""How the examples of a catalogue came out, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.evaluation.examples import Outcome, Tried, Value
from engine.i18n import chosen_language, ngettext
from engine.i18n import gettext as _
from engine.problems import Problem
from engine.units import format_number


def show_failure(tried: Tried) -> Iterator[Problem]:
    """A problem for every expectation that is not met, at the line where it stands."""
    for outcome in tried.outcomes:
        if not outcome.passed:
            yield Problem(
                "example-failed",
                _("example “{name}”: {indicator}: expected {expected}, found {found}").format(
                    name=tried.example.name,
                    indicator=outcome.expected.indicator,
                    expected=_show(outcome.expected.value, outcome.expected.reason),
                    found=outcome.trouble or _found(outcome),
                ),
                outcome.position or tried.example.position,
            )


def show_summary(tried: Sequence[Tried]) -> str:
    """`примеров: 20, все выполнены`, or how many are not."""
    if not tried:
        return _("there are no examples")
    failed = sum(not one.passed for one in tried)
    total = ngettext("{count} example", "{count} examples", len(tried)).format(count=len(tried))
    if not failed:
        return _("{total}, all come out").format(total=total)
    some = ngettext("{count} does not come out", "{count} do not come out", failed)
    return f"{total}, {some.format(count=failed)}"


def _found(outcome: Outcome) -> str:
    return _show(outcome.found, outcome.reason)


def _show(value: Value, reason: str | None) -> str:
    """A value as one reads it: 20,0 as 20; without one, the reason's name."""
    if value is None:
        nothing = _("no value")
        return f"{nothing} ({reason})" if reason else nothing
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, tuple):
        return "; ".join(value) or "—"
    return format_number(value, None, chosen_language())
