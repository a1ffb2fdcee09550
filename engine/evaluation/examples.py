"""A catalogue's own examples: tiny data, and what must come out of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.catalogue.causes import list_behind
from engine.catalogue.model import Catalogue, Example, Expectation
from engine.data.model import Data
from engine.evaluation.asking import Asking, Value
from engine.evaluation.evaluate import compute_results
from engine.problems import Position, Problem
from engine.translation import chosen_language, ngettext
from engine.translation import gettext as _
from engine.units import format_number

Prepare = Callable[[Catalogue, Example], "tuple[Data, tuple[Problem, ...]]"]
"""How an example becomes data: `data_from_example`."""

_KEPT = ("value", "reason", "class")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One expectation of an example, and what was computed.

    `error` says why there is no row to compare it with; empty where there is one.
    """

    example: str
    expected: Expectation
    value: Value = None
    reason: str | None = None
    error: str = ""
    class_id: str | None = None

    @property
    def passed(self) -> bool:
        """Whether the printed value, and where they are given reason and class, are the expected ones."""
        if self.error:
            return False
        if self.expected.reason is not None and self.expected.reason != self.reason:
            return False
        if self.expected.class_id is not None and self.expected.class_id != self.class_id:
            return False
        return self.expected.is_class_alone or _equal(self.expected.value, self.value)

    @property
    def position(self) -> Position | None:
        """Where the expectation stands."""
        return self.expected.position


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """One example: the outcome of each of its expectations, and what is wrong with its data."""

    example: Example
    outcomes: tuple[Outcome, ...]
    problems: tuple[Problem, ...]

    @property
    def passed(self) -> bool:
        """Whether everything came out as expected and every cell was read."""
        return not self.problems and all(outcome.passed for outcome in self.outcomes)


def run_examples(catalogue: Catalogue, prepare: Prepare) -> tuple[ExampleResult, ...]:
    """Every example of the catalogue, in order; only what an example expects is computed."""
    return tuple(_run(catalogue, example, prepare) for example in catalogue.examples)


def _run(catalogue: Catalogue, example: Example, prepare: Prepare) -> ExampleResult:
    data, problems = prepare(catalogue, example)
    year = max(example.years or catalogue.years, default=0)
    names = dict.fromkeys(expected.indicator for expected in example.expect)
    levels = dict.fromkeys(_level(catalogue, expected) for expected in example.expect)
    asking = Asking(
        years=(year,),
        levels=tuple(level for level in catalogue.levels if level in levels),
        indicators=tuple(names),
        scenario=example.scenario,
        columns=_KEPT,
    )
    rows: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
    if asking.levels and asking.indicators:
        for row in compute_results(catalogue, data, asking).frame.iter_rows(named=True):
            rows.setdefault((row["indicator"], row["level"]), {})[row["place"]] = row
    outcomes = tuple(
        _compare(
            example.name, expected, rows.get((expected.indicator, _level(catalogue, expected)), {})
        )
        for expected in example.expect
    )
    errors = tuple(problem for problem in problems if problem.severity == "error")
    return ExampleResult(example, outcomes, tuple(_unexpected(errors, example, outcomes)))


def _level(catalogue: Catalogue, expected: Expectation) -> str:
    own = (
        catalogue.indicators[expected.indicator].levels
        if expected.indicator in catalogue.indicators
        else ()
    )
    return expected.level or max(own or catalogue.levels, key=catalogue.levels.index)


def _compare(
    example: str, expected: Expectation, places: Mapping[str, Mapping[str, Any]]
) -> Outcome:
    if not places:
        return Outcome(example, expected, error=_("there is no such value at this level"))
    if expected.place is not None and expected.place not in places:
        known = ", ".join(places)
        return Outcome(
            example,
            expected,
            error=_("there is no place “{place}”; there are: {known}").format(
                place=expected.place, known=known
            ),
        )
    if expected.place is None and len(places) > 1:
        known = ", ".join(places)
        return Outcome(
            example,
            expected,
            error=_("which place is meant? name one: {known}").format(known=known),
        )
    row = places[expected.place] if expected.place is not None else next(iter(places.values()))
    return Outcome(example, expected, _value_of(row), row["reason"], class_id=row.get("class"))


def _value_of(row: Mapping[str, Any]) -> Value:
    if row.get("type") in {"text", "texts"}:
        texts = row.get("text")
        return None if texts is None else tuple(texts)
    value = row["value"]
    if value is not None and row.get("type") == "yes_no":
        return bool(value)
    return None if value is None else float(value)


def _equal(expected: Value, computed: Value) -> bool:
    # Yes is not the number 1, though Python takes them for equal.
    if isinstance(expected, bool) != isinstance(computed, bool):
        return False
    return expected == computed


def _unexpected(
    problems: Iterable[Problem], example: Example, outcomes: Iterable[Outcome]
) -> Iterator[Problem]:
    """Errors in the data of an example, but for those it shows on purpose: unreadable cells."""
    if any(outcome.expected.reason == "not_readable" for outcome in outcomes):
        return
    for problem in problems:
        yield Problem(
            problem.code, problem.message, problem.position or example.position, problem.hint
        )


# --- in words -------------------------------------------------------------------------------------


def show_failure(catalogue: Catalogue, result: ExampleResult) -> Iterator[Problem]:
    """A problem for every expectation that is not met, at the line where it stands.

    That of an indicator made of another one that does not come out either follows from that.
    """
    failures = [
        (outcome.expected.indicator, _describe_failure(result, outcome))
        for outcome in result.outcomes
        if not outcome.passed
    ]
    first = dict(reversed(failures))
    for name, failure in failures:
        behind = (other for other in list_behind(catalogue, name) if other != name)
        cause = next((first[other] for other in behind if other in first), None)
        yield replace(failure, cause=cause)


def _describe_failure(result: ExampleResult, outcome: Outcome) -> Problem:
    return Problem(
        "example-failed",
        _("example “{name}”: {indicator}: expected {expected}, found {found}").format(
            name=result.example.name,
            indicator=outcome.expected.indicator,
            expected=_show_expected(outcome.expected),
            found=outcome.error or _show_computed(outcome),
        ),
        outcome.position or result.example.position,
    )


def show_summary(results: Sequence[ExampleResult]) -> str:
    """`примеров: 20, все выполнены`, or how many are not."""
    if not results:
        return _("there are no examples")
    failed = sum(not result.passed for result in results)
    total = ngettext("{count} example", "{count} examples", len(results)).format(count=len(results))
    if not failed:
        return _("{total}, all come out").format(total=total)
    some = ngettext("{count} does not come out", "{count} do not come out", failed)
    return f"{total}, {some.format(count=failed)}"


def _show_expected(expected: Expectation) -> str:
    value = "" if expected.is_class_alone else _show(expected.value, expected.reason)
    return ", ".join(filter(None, (value, expected.class_id)))


def _show_computed(outcome: Outcome) -> str:
    """The value, and the class where one is expected; of what has only a class, the class."""
    if outcome.expected.class_id is None or outcome.class_id is None:
        return _show(outcome.value, outcome.reason)
    value = "" if outcome.value is None else _show(outcome.value, outcome.reason)
    return ", ".join(filter(None, (value, outcome.class_id)))


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
