"""Examples: a tiny data set in the catalogue and what must come out of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.catalogue.entry import Entry, is_yes, normal_name, year_of
from engine.catalogue.model import SCENARIOS, Example, Expectation
from engine.problems import Position

_Rows = dict[str, dict[str, str]]


def build_examples(root: Entry) -> tuple[Example, ...]:
    """Every example, in the order of the file."""
    return tuple(
        Example(
            name=entry.text("name"),
            years={
                year: _rows(table)
                for table in entry.children("years")
                if (year := year_of(table)) is not None
            },
            expect=tuple(_expectations(entry.at("expect"))),
            register=_rows(entry.at("register")),
            given={level.name: _places(level) for level in entry.children("given")},
            scenario=entry.choice("scenario", SCENARIOS, "fact"),
            position=entry.at("name").position,
            positions=_places_named(entry),
        )
        for entry in root.children("examples")
        if entry.is_mapping
    )


def _places_named(example: Entry) -> dict[tuple[str, str], Position]:
    """Where each input, column and level is named first."""
    named: list[tuple[str, Entry]] = [
        ("column", cell) for row in example.children("register") for cell in row.children()
    ]
    for year in example.children("years"):
        named += [("input", cell) for row in year.children() for cell in row.children()]
    for level in example.children("given"):
        named.append(("level", level))
        for child in level.children():
            named += [
                ("input", cell) for cell in (child.children() if child.is_mapping else [child])
            ]
    positions = {(kind, entry.name): entry.key_position for kind, entry in reversed(named)}
    for expected in example.children("expect"):
        level = expected.at("level")
        if level.written:
            positions.setdefault(("level", level.written), level.position)
    return positions


def _rows(table: Entry) -> _Rows:
    """School (as written) → name → cell as written; what was left empty is an empty cell."""
    return {str(row.path[-1]): _cells(row) for row in table.children()}


def _cells(row: Entry) -> dict[str, str]:
    return {cell.name: cell.written for cell in row.children()}


def _places(level: Entry) -> Mapping[str, Mapping[str, str]]:
    """Place → input → cell; the place may be left out where there is one."""
    if any(child.is_mapping for child in level.children()):
        return _rows(level)
    return {"": _cells(level)}


def _expectations(expect: Entry) -> Iterator[Expectation]:
    """`indicator: value`, `indicator: {level, place, value, reason, class}`, or a list of these."""
    for entry in expect.children():
        several = isinstance(entry.data, list) and any(
            isinstance(item, dict) for item in entry.data
        )
        for expected in entry.children() if several else (entry,):
            yield _expectation(entry, expected)


def _expectation(indicator: Entry, entry: Entry) -> Expectation:
    value = entry.at("value") if entry.is_mapping else entry
    return Expectation(
        indicator=indicator.name,
        value=_value(value),
        level=entry.text("level") or None,
        place=normal_name(entry.text("place")) or None,
        reason=entry.text("reason") or None,
        position=indicator.key_position,
        class_id=entry.text("class") or None,
        is_class_alone=bool(entry.text("class")) and "value" not in entry.data,
    )


def _value(entry: Entry) -> float | bool | tuple[str, ...] | None:
    if isinstance(entry.data, list):
        return tuple(item.written for item in entry.children())
    answer = is_yes(entry.data)
    if answer is not None:
        return answer
    if isinstance(entry.data, str):
        return (entry.data,)
    return None if entry.number is None else float(entry.number)
