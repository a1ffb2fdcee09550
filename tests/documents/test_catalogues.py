"""Both shipped catalogues say what the orders say: row by row, against the transcription.

The transcription beside this file was made from the orders alone, so a slip of the pen in a
catalogue shows here as one line that names the row and both texts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine import load
from engine.catalogue.model import Catalogue, Event, Indicator

Row = dict[str, str]
Table = tuple[Row, ...]
Transcribed = Callable[[str], Table]
Target = tuple[str, Fraction | None]

DEFINITIONS = Path(__file__).parents[2] / "definitions"
YEARS = (2022, 2023, 2024)
PLAN_YEAR = 2023
"""The academic year of the plan, 2023-2024, is keyed by the year it starts in."""

UNITS = {"%": "percent", "чел.": "person", "человек": "person"}
TYPES = {"count": "count", "yes_no": "yes_no", "text": "text"}

# Six rows of the monitoring have no unit in print; what they count is said by their words.
UNPRINTED_UNITS = {
    ("1", "11"): "event",
    ("1", "12"): "event",
    ("1", "13"): "event",
    ("1", "14"): "event",
    ("3", "7"): "person",
    ("3", "26"): "percent",
}

# What the footnotes ask when the answer is yes, by the types of the fields.
FOOTNOTE_FIELDS = {
    ("1", "*"): ("date", "link", "text"),
    ("1", "**"): ("date", "link", "text"),
    ("1", "***"): ("link",),
    ("5", "*"): ("text",),
}


# ---- Reading a catalogue ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cell:
    """An input and its sub-rows, as declared; a part has the unit of its whole unless it says."""

    id: str
    title: str
    type: str
    unit: str
    note: str = ""
    added: str = ""
    parts: tuple[Cell, ...] = ()
    when_yes: Mapping[str, str] = field(default_factory=dict)
    """Fields asked when the answer is yes: id → type."""


@dataclass(frozen=True, slots=True)
class Line:
    """An indicator; `cell` is the input it is, when it has no formula of its own."""

    id: str
    code: str
    group: str
    title: str
    unit: str
    type: str
    targets: Mapping[int, Target]
    target_level: str
    cell: Cell | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    code: str
    section: str
    title: str
    when: str
    responsible: str
    expected: str
    period: str
    clause: str
    results: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Declared:
    groups: Mapping[str, str]
    cells: Mapping[str, Cell]
    lines: tuple[Line, ...]
    measures: tuple[Measure, ...]


@cache
def raw(catalogue: str) -> dict[str, Any]:
    """Merge the files of a catalogue by top-level key, every scalar as the text written.

    For the few things that are gone once a catalogue is built, such as a comparator left out.
    """
    merged: dict[str, Any] = {}
    for path in sorted((DEFINITIONS / catalogue).glob("*.yaml")):
        # BaseLoader builds nothing but texts, lists and mappings.
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
        for key, value in content.items():
            if isinstance(value, dict):
                merged.setdefault(key, {}).update(value)
            else:
                merged.setdefault(key, []).extend(value)
    return merged


@cache
def declared(catalogue: str) -> Declared:
    """Give what the catalogue declares, in the words of this test.

    Only this function and the three below it know how the engine keeps a catalogue.
    """
    loaded, problems = load(DEFINITIONS / catalogue)
    assert loaded is not None, problems
    return Declared(
        groups={group.id: group.title for group in loaded.groups.values()},
        cells={
            cell.id: _cell(loaded, cell.id)
            for cell in loaded.inputs.values()
            if cell.whole is None and cell.asked_when is None
        },
        lines=tuple(
            _line(loaded, indicator)
            for indicator in loaded.indicators.values()
            if indicator.event is None and indicator.part is None
        ),
        measures=tuple(_measure(loaded, event) for event in loaded.events.values()),
    )


def _cell(loaded: Catalogue, name: str) -> Cell:
    cell = loaded.inputs[name]
    return Cell(
        id=cell.id,
        title=cell.title,
        type=cell.type,
        unit=cell.unit.id if cell.unit else "",
        note=cell.note,
        added=cell.added,
        parts=tuple(_cell(loaded, part) for part in cell.parts),
        when_yes={asked: loaded.inputs[asked].type for asked in cell.when_yes},
    )


def _line(loaded: Catalogue, indicator: Indicator) -> Line:
    cell = _cell(loaded, indicator.input) if indicator.input else None
    levels = indicator.target_levels
    return Line(
        id=indicator.id,
        code=indicator.code,
        group=indicator.group,
        title=indicator.title,
        unit=indicator.unit.id if indicator.unit else "",
        type=cell.type if cell else indicator.type,
        targets={
            year: (target.comparator, target.value) for year, target in indicator.targets.items()
        },
        target_level="" if levels == loaded.levels[-1:] else "/".join(levels),
        cell=cell,
    )


def _measure(loaded: Catalogue, event: Event) -> Measure:
    return Measure(
        code=event.code,
        section=event.section,
        title=event.title,
        when=event.when,
        responsible=event.responsible,
        expected=event.expected,
        period=event.period,
        clause=event.source.clause,
        results=tuple(_line(loaded, loaded.indicators[result]) for result in event.results),
    )


def differences(pairs: Iterable[tuple[str, object, object]]) -> list[str]:
    """One line for each (row, order, catalogue) in which the two do not agree."""
    return [
        f"{where}: order {order!r}, catalogue {catalogue!r}"
        for where, order, catalogue in pairs
        if order != catalogue
    ]


# ---- Both -------------------------------------------------------------------------------------


@pytest.mark.no_cover
@pytest.mark.parametrize("catalogue", ["berezniki", "michurinsk"])
def test_source_is_the_order(transcribed: Transcribed, catalogue: str) -> None:
    (order,) = (row for row in transcribed("orders") if row["catalogue"] == catalogue)
    about = raw(catalogue)["catalogue"]
    assert about["id"] == catalogue
    assert about["municipality"] == order["municipality"]
    assert about["region"] == order["region"]
    assert about["source"]["number"] == order["number"]
    assert about["source"]["date"] == order["date"]
    assert order["subject"] in about["source"]["title"]


# ---- Berezniki --------------------------------------------------------------------------------


def test_berezniki_sections(transcribed: Transcribed) -> None:
    groups = declared("berezniki").groups
    rows = transcribed("berezniki_sections")
    printed = {row["code"]: row["title"] for row in rows if row["table"] == "indicators"}
    printed |= {f"plan.{row['code']}": row["title"] for row in rows if row["table"] == "plan"}
    assert list(groups) == list(printed)
    assert differences((code, title, groups[code]) for code, title in printed.items()) == []


def test_berezniki_indicators_stand_in_order(transcribed: Transcribed) -> None:
    lines = declared("berezniki").lines
    assert [line.code for line in lines] == [
        row["code"] for row in transcribed("berezniki_indicators")
    ]


def test_berezniki_indicator_rows(transcribed: Transcribed) -> None:
    lines = {line.code: line for line in declared("berezniki").lines}
    rows = transcribed("berezniki_indicators")

    def pairs() -> Iterator[tuple[str, object, object]]:
        for row in rows:
            line = lines[row["code"]]
            yield f"{row['code']} title", row["title"], line.title
            yield f"{row['code']} section", row["section"], line.group
            yield f"{row['code']} unit", UNITS[row["unit"]], line.unit

    assert differences(pairs()) == []


def test_berezniki_69_targets(transcribed: Transcribed) -> None:
    """A bare number is read as «не менее»: the catalogue's stated interpretation."""
    lines = {line.code: line for line in declared("berezniki").lines}
    rows = transcribed("berezniki_indicators")

    def pairs() -> Iterator[tuple[str, object, object]]:
        for row in rows:
            line = lines[row["code"]]
            yield f"{row['code']} years", YEARS, tuple(line.targets)
            for year in YEARS:
                number = row[str(year)].removeprefix("не менее ").replace(",", ".")
                yield (
                    f"{row['code']} {year}",
                    ("at_least", Fraction(number)),
                    line.targets.get(year),
                )

    assert len(rows) * len(YEARS) == 69
    assert differences(pairs()) == []


def test_berezniki_indicators_name_their_clause() -> None:
    astray = [
        item["code"]
        for item in raw("berezniki")["indicators"].values()
        if not item["source"]["clause"].startswith(f"Приложение 2, п. {item['code']};")
    ]
    assert astray == []


def test_berezniki_says_at_least_where_the_order_does(transcribed: Transcribed) -> None:
    """The 9 targets printed «не менее» name their comparator, the 60 bare ones do not."""
    written = {
        (item["code"], year): isinstance(target, dict)
        for item in raw("berezniki")["indicators"].values()
        for year, target in item["targets"].items()
    }
    printed = {
        (row["code"], str(year)): row[str(year)].startswith("не менее")
        for row in transcribed("berezniki_indicators")
        for year in YEARS
    }
    assert written == printed


def test_berezniki_plan_stands_in_order(transcribed: Transcribed) -> None:
    assert [measure.code for measure in declared("berezniki").measures] == [
        row["code"] for row in transcribed("berezniki_plan")
    ]


def test_berezniki_plan_rows(transcribed: Transcribed) -> None:
    measures = {measure.code: measure for measure in declared("berezniki").measures}
    rows = transcribed("berezniki_plan")

    def pairs() -> Iterator[tuple[str, object, object]]:
        for row in rows:
            code, measure = row["code"], measures[row["code"]]
            yield f"{code} section", f"plan.{row['section']}", measure.section
            yield f"{code} title", row["title"], measure.title
            yield f"{code} when", row["when"], measure.when
            yield f"{code} responsible", row["responsible"], measure.responsible
            yield f"{code} expected", row["expected"], measure.expected
            yield f"{code} period", "academic_year", measure.period

    assert differences(pairs()) == []


def clause(result: Line) -> str:
    """Write a result as the transcription writes a clause, a wrong one as words."""
    if list(result.targets) != [PLAN_YEAR]:
        return f"targets of {list(result.targets)}"
    comparator, value = result.targets[PLAN_YEAR]
    per = "/school" if result.target_level == "school" else ""
    if comparator == "yes":
        return "yes" + (f" {result.unit}" if result.unit else "")
    if value is None:
        return f"none {result.unit}{per}"
    # A share cannot exceed 100 %, so «все» is the same whether «не менее» or «ровно».
    if result.unit == "percent" and value == 100 and comparator in ("at_least", "exactly"):
        return f"=100 percent{per}"
    sign = {"at_least": ">=", "exactly": "=", "at_most": "<="}.get(comparator, f"{comparator} ")
    return f"{sign}{value} {result.unit}{per}"


def test_berezniki_plan_clauses(transcribed: Transcribed) -> None:
    measures = {measure.code: measure for measure in declared("berezniki").measures}
    rows = transcribed("berezniki_plan")
    found = [clause(result) for measure in measures.values() for result in measure.results]
    assert len([text for text in found if text.startswith((">=", "none "))]) == 45
    assert (
        differences(
            (
                row["code"],
                row["clauses"],
                "; ".join(clause(result) for result in measures[row["code"]].results),
            )
            for row in rows
        )
        == []
    )


def test_berezniki_plan_results_are_titled_by_the_words_of_the_cell(
    transcribed: Transcribed,
) -> None:
    """Each result names what its clause counts: «Не менее 8 обученных педагогов» → педагогов."""
    measures = {measure.code: measure for measure in declared("berezniki").measures}
    astray = []
    for row in transcribed("berezniki_plan"):
        results = measures[row["code"]].results
        nouns = row["nouns"].split("; ") if row["nouns"] else [""] * len(results)
        cell = words(row["expected"])
        for noun, result in zip(nouns, results, strict=True):
            # «Все учреждения» is a nominative; its result is titled like the others, «Учреждений».
            inflected = row["code"] == "4.21"
            if not inflected and not {noun} - {""} <= words(result.title) <= cell:
                astray.append((row["code"], noun, result.title))
    assert astray == []


def words(text: str) -> set[str]:
    return set(re.findall(r"[\w-]+", text.lower()))


def test_berezniki_plan_names_its_row_of_the_report(transcribed: Transcribed) -> None:
    """Appendix 3 is numbered otherwise: every measure names the row that reports it, or none."""
    reported = {row["plan"]: row["number"] for row in transcribed("berezniki_report")}

    def named(text: str) -> str:
        found = re.search(r"приложение 3, п\. (\d+\.\d+)", text)
        return found[1] if found else ""

    measures = declared("berezniki").measures
    assert (
        differences(
            (measure.code, reported.get(measure.code, ""), named(measure.clause))
            for measure in measures
        )
        == []
    )
    own = [m.code for m in measures if not m.clause.startswith(f"Приложение 1, п. {m.code};")]
    assert own == []


# ---- Michurinsk -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Printed:
    """A fillable row of the catalogue, where it would stand in the order's table."""

    number: str
    title: str
    unit: str
    type: str
    parent: str
    mark: bool


def fillable(lines: Iterable[Line]) -> list[Printed]:
    """List indicators and, under each that is an input, its parts at any depth."""
    rows: list[Printed] = []

    def descend(cell: Cell, parent: str) -> None:
        for part in cell.parts:
            rows.append(Printed("", part.title, part.unit, part.type, parent, bool(part.when_yes)))
            descend(part, str(len(rows)))

    for line in lines:
        mark = bool(line.cell and line.cell.when_yes)
        rows.append(Printed(line.code, line.title, line.unit, line.type, "", mark))
        if line.cell:
            descend(line.cell, str(len(rows)))
    return rows


def test_michurinsk_criteria(transcribed: Transcribed) -> None:
    groups = declared("michurinsk").groups
    printed = {
        f"k{row['criterion']}": f"Критерий {row['criterion']}. {row['title']}"
        for row in transcribed("michurinsk_criteria")
    }
    assert list(groups) == list(printed)
    assert differences((code, title, groups[code]) for code, title in printed.items()) == []


def test_michurinsk_90_rows_in_order(transcribed: Transcribed) -> None:
    lines = declared("michurinsk").lines
    assert len(lines) == 62

    def pairs() -> Iterator[tuple[str, object, object]]:
        for criterion in "12345":
            mine = fillable(line for line in lines if line.group == f"k{criterion}")
            rows = [
                row for row in transcribed("michurinsk_monitoring") if row["criterion"] == criterion
            ]
            yield f"k{criterion} rows", len(rows), len(mine)
            for row, found in zip(rows, mine, strict=False):
                where = f"k{criterion} row {row['ordinal']}"
                title = row["title"].removeprefix("- ")
                yield f"{where} number", row["number"], found.number
                yield f"{where} title", title, found.title
                yield f"{where} parent", row["parent"], found.parent
                yield f"{where} unit", unit_of(row), found.unit
                yield f"{where} type", type_of(row), found.type
                yield f"{where} footnote", bool(row["mark"]), found.mark

    assert differences(pairs()) == []


def unit_of(row: Row) -> str:
    if row["kind"] in ("yes_no", "text"):
        return ""
    return UNITS[row["unit"]] if row["unit"] else UNPRINTED_UNITS[row["criterion"], row["ordinal"]]


def type_of(row: Row) -> str:
    """Give the type due: a share is computed, never filled in; a sub-row is a count."""
    return "number" if row["kind"] == "share" else TYPES.get(row["kind"], "count")


def test_michurinsk_rows_fill_five_criteria() -> None:
    """Indicators of one criterion stand together, criterion after criterion."""
    groups = [line.group for line in declared("michurinsk").lines]
    assert list(dict.fromkeys(groups)) == ["k1", "k2", "k3", "k4", "k5"]
    assert groups == sorted(groups)


def test_michurinsk_footnotes(transcribed: Transcribed) -> None:
    by_row = {
        (line.group, line.code): line.cell for line in declared("michurinsk").lines if line.cell
    }

    def pairs() -> Iterator[tuple[str, object, object]]:
        for note in transcribed("michurinsk_footnotes"):
            criterion, mark = note["criterion"], note["mark"]
            for number in note["numbers"].split("; "):
                cell = by_row[f"k{criterion}", number]
                text = note["text"][0].upper() + note["text"][1:]
                yield f"k{criterion}-{number} note", text, cell.note
                yield (
                    f"k{criterion}-{number} fields",
                    FOOTNOTE_FIELDS[criterion, mark],
                    tuple(sorted(cell.when_yes.values())),
                )

    assert differences(pairs()) == []


def test_michurinsk_asks_nothing_else_without_a_reason() -> None:
    """An input that is no row of the order says why it is asked; a row of the order does not."""
    order = declared("michurinsk")
    rows = {line.id for line in order.lines if line.cell}
    assert [
        cell.id for cell in order.cells.values() if cell.id not in rows and not cell.added
    ] == []
    assert [cell.id for cell in order.cells.values() if cell.id in rows and cell.added] == []


def test_michurinsk_has_no_target_and_no_plan() -> None:
    order = declared("michurinsk")
    assert [line.id for line in order.lines if line.targets] == []
    assert order.measures == ()
