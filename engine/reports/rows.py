"""The rows of `evaluate` as a template meets them: one frozen object per value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from engine.catalogue.model import Catalogue, Indicator, Input
from engine.units import SCHOOL, Unit, parse_unit

Value = float | bool | tuple[str, ...] | None
Status = Literal["met", "missed", "no_target", "no_comparator", "no_data"]


@dataclass(frozen=True, slots=True)
class Row:
    """One value: an indicator (or an input) × level × place × year × scenario.

    Fields are the keys of `evaluate --format json`; a yes/no `value` is a bool, a list of texts
    a tuple, a between-target a pair. `decimals` and `unit` are what the number is printed with.
    """

    indicator: str
    code: str
    title: str
    level: str
    place: str
    place_title: str
    year: int
    scenario: Literal["fact", "forecast"]
    value: Value
    raw: float | None
    unit: Unit | None
    reason: str | None
    target: float | bool | tuple[float, float] | None
    comparator: str | None
    deviation: float | None
    status: Status | None
    reference: float | None
    previous: float | None
    change: float | None
    trend: str | None
    plan: float | bool | None
    plan_deviation: float | None
    reported: int | None
    expected: int | None
    checks: tuple[str, ...]
    decimals: int
    language: str

    @property
    def judged(self) -> bool:
        """Whether there is a verdict."""
        return self.status in {"met", "missed"}

    @property
    def incomplete(self) -> bool:
        """Whether somebody who was expected has not reported."""
        return (
            self.reported is not None
            and self.expected is not None
            and self.reported < self.expected
        )


def read_rows(catalogue: Catalogue, results: Any) -> Iterator[Row]:
    """The rows of a results frame of any backend, in its order."""
    frame = results
    if not hasattr(frame, "iter_rows"):
        import narwhals as nw  # the results of `evaluate` do without: they are Polars' own

        frame = nw.from_native(results)
        frame = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
    for record in frame.iter_rows(named=True):
        yield _read_row(catalogue, record)


def _read_row(catalogue: Catalogue, record: Mapping[str, Any]) -> Row:
    named = str(record["indicator"])
    declared = catalogue.indicators.get(named) or catalogue.inputs.get(named)
    get = record.get
    yes_no = _read_type(declared, get("type")) == "yes_no"
    unit = _read_unit(catalogue, declared, get("unit"), yes_no=yes_no)
    return Row(
        indicator=named,
        code=str(get("code") or getattr(declared, "code", "")),
        title=get("title") or (declared.title if declared else named),
        level=str(record["level"]),
        place=str(record["place"]),
        place_title=get("place_title") or str(record["place"]),
        year=int(record["year"]),
        scenario=record["scenario"],
        value=_read_value(get("value"), get("text"), yes_no=yes_no),
        raw=get("raw"),
        unit=unit,
        reason=get("reason"),
        target=_read_target(get("target"), get("target_to"), get("comparator")),
        comparator=get("comparator"),
        deviation=get("deviation"),
        status=get("status"),
        reference=get("reference"),
        previous=get("previous"),
        change=get("change"),
        trend=get("trend"),
        plan=_as_bool(get("plan")) if yes_no else get("plan"),
        plan_deviation=get("plan_deviation"),
        reported=get("reported"),
        expected=get("expected"),
        checks=_read_texts(get("checks")),
        decimals=_decimals(declared, unit),
        language=catalogue.language,
    )


def _read_type(declared: Indicator | Input | None, said: str | None) -> str:
    """What the value is: what the results say; a frame of few columns leaves it to the catalogue.

    A yes/no of schools is above them a number, the schools that said yes.
    """
    return said or (declared.type if declared else "number")


def _read_unit(
    catalogue: Catalogue, declared: Indicator | Input | None, name: str | None, *, yes_no: bool
) -> Unit | None:
    if name:
        return parse_unit(name, catalogue.units)
    counted = declared is not None and declared.type == "yes_no" and not yes_no
    return SCHOOL if counted else None


def _decimals(declared: Indicator | Input | None, unit: Unit | None) -> int:
    if isinstance(declared, Indicator):
        # Schools that said yes are counted, whatever the decimals of the page.
        return 0 if declared.type == "yes_no" else declared.decimals
    if declared is None or declared.type in {"count", "yes_no"}:
        return 0
    return 0 if unit is not None and unit.counted else 1


def _read_value(value: Any, text: Any, *, yes_no: bool) -> Value:
    if isinstance(value, list | tuple):
        return tuple(str(item) for item in value)
    if value is None:
        return _read_texts(text) or None
    return bool(value) if yes_no else value


def _read_texts(value: Any) -> tuple[str, ...]:
    if value is None or isinstance(value, str):
        return (value,) if value else ()
    return tuple(str(item) for item in value)


def _read_target(
    target: Any, target_to: Any, comparator: str | None
) -> float | bool | tuple[float, float] | None:
    if target is None:
        return None
    if isinstance(target, list | tuple):
        return (target[0], target[1])
    if target_to is not None:
        return (target, target_to)
    return bool(target) if comparator == "yes" else target


def _as_bool(value: Any) -> bool | None:
    return None if value is None else bool(value)
