"""Results as a table of the columns asked for, and the words in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.catalogue.model import Catalogue
from engine.evaluation.asking import BASE, GRADES, Results
from engine.level_words import name_level, word_of_level
from engine.reports import filters
from engine.reports.result_rows import Row, read_result_rows
from engine.translation import gettext as _
from engine.typography import set_type

_CellText = Callable[[Row], str]

_ALWAYS = ("indicator", "place", "level", "year", "scenario")
_NUMBERS = frozenset(
    (
        *("year", "value", "raw", "deviation", "reference", "previous", "change"),
        *("plan", "plan_deviation", "reported", "expected", "coverage", "points"),
    )
)
# Printed once for all the rows below that it holds for.
_ONCE = ("code", "title", "indicator", "place")


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of the table: its heading, and whether it holds numbers."""

    heading: str
    number: bool


def lay_out_table(
    catalogue: Catalogue, results: Results, names: Sequence[str]
) -> tuple[list[TableColumn], list[list[str]]]:
    """Columns and rows of text. `names`: the columns to show beside what says what a row is about.

    Where all rows are of one place, level or scenario, that has no column; codes, titles and
    places are not repeated from row to row.
    """
    frame = results.frame
    rows = read_result_rows(catalogue, frame)
    several = {
        "place": len({(row.level, row.place) for row in rows}) > 1,
        "level": len({row.level for row in rows}) > 1,
        "scenario": len({row.scenario for row in rows}) > 1,
    }
    # The place is printed by its title already.
    absent = ({*GRADES, BASE} - set(frame.columns)) | {"place_title"}
    keys = dict.fromkeys(name for name in (*_ALWAYS, *names) if name not in absent)
    shown = [key for key in keys if several.get(key, True) or (key in names)]
    headings = _headings()
    columns = [TableColumn(headings[key], key in _NUMBERS) for key in shown]
    cells = [[set_type(_show_cell(catalogue, key, row)) for key in shown] for row in rows]
    return columns, _leave_out_repeated(shown, rows, cells)


def _leave_out_repeated(
    shown: Sequence[str], rows: Sequence[Row], cells: Iterable[list[str]]
) -> list[list[str]]:
    lines: list[list[str]] = []
    before: Row | None = None
    for row, line in zip(rows, cells, strict=True):
        same = before is not None and before.indicator == row.indicator
        place = (
            same and before is not None and (before.level, before.place) == (row.level, row.place)
        )
        lines.append(
            [
                "" if key in _ONCE and (place if key == "place" else same) else text
                for key, text in zip(shown, line, strict=True)
            ]
        )
        before = row
    return lines


# --- cells ---------------------------------------------------------------------------------------


def _number(name: str, *, signed: bool = False) -> _CellText:
    def show(row: Row) -> str:
        value = getattr(row, name)
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        return (filters.signed if signed else filters.number)(value, row.decimals)

    return show


def _count(name: str) -> _CellText:
    return lambda row: filters.number(getattr(row, name), 0)


def _word(name: str) -> _CellText:
    return lambda row: str(getattr(row, name) or filters.DASH)


_CELLS: Mapping[str, _CellText] = {
    "indicator": _word("indicator"),
    "code": lambda row: row.code,
    "title": lambda row: row.short_title,
    "level": lambda row: name_level(row.level),
    "place": lambda row: row.place_title,
    "place_title": lambda row: row.place_title,
    "year": lambda row: str(row.year),
    "scenario": filters.scenario,
    "value": filters.value,
    "raw": lambda row: filters.number(row.raw),
    "unit": filters.column_unit,
    "reason": lambda row: filters.reason(row) if row.reason else filters.DASH,
    "target": filters.target,
    "comparator": lambda row: filters.comparator_words(row.comparator),
    "deviation": _number("deviation", signed=True),
    "status": filters.words,
    "reference": filters.reference,
    "previous": _number("previous"),
    "change": _number("change", signed=True),
    "trend": lambda row: filters.trend(row) or filters.DASH,
    "plan": _number("plan"),
    "plan_deviation": _number("plan_deviation", signed=True),
    "reported": _count("reported"),
    "expected": _count("expected"),
    "coverage": filters.coverage,
    "class": lambda row: row.class_id or filters.DASH,
    "class_title": lambda row: row.class_title or filters.DASH,
    "points": lambda row: filters.number(row.points),
    "base": lambda row: filters.number(row.base, row.decimals),
}


def _show_cell(catalogue: Catalogue, key: str, row: Row) -> str:
    return name_checks(catalogue, row.checks) if key == "checks" else _CELLS[key](row)


def name_checks(catalogue: Catalogue, names: Iterable[str]) -> str:
    """What the checks of these ids say; of one that the catalogue does not have, its id."""
    known = catalogue.checks
    return "; ".join(known[name].message if name in known else name for name in names)


# --- words about columns -------------------------------------------------------------------------


def _headings() -> Mapping[str, str]:
    return {
        "indicator": _("Id"),
        "code": _("Code"),
        "title": _("Indicator"),
        "level": _("Level"),
        "place": _("Place"),
        "place_title": _("Place"),
        "year": _("Year"),
        "scenario": _("Scenario"),
        "value": _("Value"),
        "raw": _("Unrounded"),
        "unit": _("Unit"),
        "reason": _("Why there is none"),
        "target": _("Target"),
        "comparator": _("Comparator"),
        "deviation": _("Deviation"),
        "status": _("Verdict"),
        "reference": _("For reference"),
        "previous": _("Year before"),
        "change": _("Change"),
        "trend": _("Trend"),
        "plan": _("Forecast"),
        "plan_deviation": _("From forecast"),
        "reported": _("Reported"),
        "expected": _("Expected"),
        "coverage": _("Coverage"),
        "checks": _("Checks"),
        "class": _("Id of the class"),
        "class_title": _("Class"),
        "points": _("Points"),
        "base": _("Base"),
    }


def describe_columns(catalogue: Catalogue, names: Iterable[str]) -> list[tuple[str, str]]:
    """What each column of a file holds, for the reader of a workbook."""
    places = word_of_level(catalogue.levels[0], "of_many")
    known = {
        "indicator": _("id of the indicator in the catalogue"),
        "code": _("code the document prints"),
        "title": _("title of the indicator"),
        "level": _("level of the place"),
        "place": _("id of the place: at the lowest level, that of the register"),
        "place_title": _("title of the place"),
        "year": _("year; of an academic year, the one it starts in"),
        "scenario": _("fact or forecast"),
        "value": _("value as it is printed; yes is 1, no is 0"),
        "text": _("texts, where the answer is a text"),
        "raw": _("value before rounding"),
        "unit": _("unit"),
        "reason": _("why there is no value"),
        "target": _("target of the year; of two ends, the lower"),
        "target_to": _("upper end of a target that has two"),
        "comparator": _("how value and target are compared"),
        "deviation": _("value minus target"),
        "status": _("verdict: met, missed, no_target, no_comparator, no_data"),
        "reference": _("target of the level above, for reference: no verdict"),
        "previous": _("value a year before"),
        "change": _("value minus the value a year before"),
        "trend": _("better, worse, same; none where it is not known"),
        "plan": _("forecast of the same place and year"),
        "plan_deviation": _("value minus forecast"),
        "reported": _("how many {places} reported").format(places=places),
        "expected": _("how many {places} were expected to report").format(places=places),
        "checks": _("checks that the data of this row fail"),
        "class": _("id of the class of the value by its scale"),
        "class_title": _("title of the class"),
        "points": _("points for the value, unrounded"),
        "base": _("the base from which the target is counted"),
    }
    return [(name, known[name]) for name in names if name in known]
