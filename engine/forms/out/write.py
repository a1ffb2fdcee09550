"""Files of a form: their names, and writing them as XLSX, on all cores where there are many.

All are written to a folder beside and moved in at the end: a run that is killed changes nothing, and
running it again gives the same bytes. No text becomes a formula or a link.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter

from engine.files import LONGEST, name_files, name_refused, remove_folder, replace_file, safe_name
from engine.forms.layout import ROW_PLACE, UNIT
from engine.forms.out.blueprint import Blueprint, PlaceSheet
from engine.forms.out.checks import CellValue, check_formula, check_words
from engine.forms.out.looks import FONT, GREYED
from engine.forms.out.prepared_forms import PreparedForms
from engine.forms.out.sheet import count_formula, count_words
from engine.language.readings.excel import fill_slots
from engine.limits import end_with_parent
from engine.translation import choose_language, chosen_language
from engine.translation import gettext as _
from engine.typography import set_type

ENDING = ".xlsx"
_MANY = 40  # workbooks from which other processes are worth their start
_BATCH = 16  # workbooks that one process is given at a time
_MOST_PROCESSES = 8

_Job = tuple[Path, Blueprint, PlaceSheet]


def form_files(prepared: PreparedForms, titles: Mapping[str, str]) -> dict[str, str]:
    """Place → the name of its file: `Школа № 1 — Отчёт … — 2023.xlsx`."""
    tail = f" — {prepared.year}"
    room = LONGEST - len(tail)
    title = safe_name(prepared.form.short_title)
    names = {}
    for form in prepared.places:
        place = safe_name(titles[form.id])[: room // 2].rstrip()
        left = room - len(place) - len(" — ")
        short = title if len(title) <= left else title[: left - 1].rstrip(" .,") + "…"
        names[form.id] = f"{place} — {short}{tail}"
    return name_files(names, ENDING)


def write_forms(
    prepared: PreparedForms,
    folder: Path,
    files: Mapping[str, str],
    *,
    progress: Callable[[int], None] = lambda _written: None,
    processes: int | None = None,
) -> None:
    """Write the workbooks of the places in `files` into the folder, over what is there.

    `progress` is called with the number of workbooks written since its last call. OSError where a
    workbook cannot be written: the folder is then unchanged; or where a file cannot be replaced: the
    files before it are then new.
    """
    destination = Path(os.path.realpath(folder))
    temporary = _choose_parent(destination) / f".{destination.name}.part"
    with name_refused(temporary, folder):
        remove_folder(temporary)
        temporary.mkdir(parents=True)
        try:
            jobs = [
                (temporary / files[form.id], prepared.blueprints[form.pattern], form.sheet)
                for form in prepared.places
                if form.id in files
            ]
            for written in _write_all(jobs, processes or _count_processes(len(jobs))):
                progress(written)
            if not destination.exists():
                temporary.rename(destination)
                return
            for path, _blueprint, _sheet in jobs:
                path.replace(destination / path.name)
        finally:
            remove_folder(temporary)


def _choose_parent(destination: Path) -> Path:
    """The folder for the temporary one: that which holds the destination, else the destination."""
    parent = destination.parent
    inside = destination.exists() and (
        os.path.ismount(destination) or not os.access(parent, os.W_OK)
    )
    return destination if inside else parent


def _write_all(jobs: Sequence[_Job], processes: int) -> Iterator[int]:
    """Write every workbook; how many more are written, again and again."""
    size = 1 if processes == 1 else _BATCH
    batches = [jobs[at : at + size] for at in range(0, len(jobs), size)]
    if processes == 1:
        yield from map(_write_batch, batches)
        return
    # Processes are started the one way that all systems know.
    with ProcessPoolExecutor(
        processes,
        mp_context=get_context("spawn"),
        initializer=_begin,
        initargs=(chosen_language(),),
    ) as pool:
        yield from pool.map(_write_batch, batches)


def _count_processes(jobs: int) -> int:
    if jobs < _MANY:
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(cores or 1, _MOST_PROCESSES)


def _begin(language: str) -> None:
    end_with_parent()
    choose_language(language)


def _write_batch(jobs: Sequence[_Job]) -> int:
    for path, blueprint, sheet in jobs:
        with replace_file(path) as stream:
            draw_form(stream, blueprint, sheet)
    return len(jobs)


# --- one workbook ---------------------------------------------------------------------------------
# A blueprint, and what is a place's own.

_A4 = 9
_LONGEST_TEXT = 32_767  # letters that a cell holds
_FOOTER_LIMIT = 150  # letters of the place; 255 is what a footer holds


def _settings() -> dict[str, Any]:
    """Of one workbook: the writer changes what it is given."""
    return {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        # Columns are measured in digits of this font: that of the cells, so nothing is cut.
        "default_format_properties": {"font_name": FONT, "font_size": 10, "font_scheme": "none"},
    }


def draw_form(stream: BinaryIO, blueprint: Blueprint, place: PlaceSheet) -> None:
    """Write the workbook of one place."""
    book = xlsxwriter.Workbook(stream, _settings())
    # The time of writing would make every file another.
    created = datetime(2000, 1, 1)  # noqa: DTZ001 - a workbook knows no zones
    book.set_properties({"title": blueprint.title, "created": created})
    formats = {name: book.add_format(dict(settings)) for name, settings in blueprint.styles.items()}
    sheet = book.add_worksheet(blueprint.sheet)
    _set_up(sheet, blueprint, place.title)
    for row, column, text, style, last in blueprint.texts:
        if last:
            sheet.merge_range(row, column, row, last, "", formats[style])
        if text:
            sheet.write_string(row, column, set_type(text), formats[style])
        elif not last:
            sheet.write_blank(row, column, None, formats[style])
    _write_own(sheet, blueprint, place, formats)
    _write_live(sheet, blueprint, place, formats)
    greyed = book.add_format(dict(GREYED))
    for *area, condition in blueprint.waiting:
        rule = {"type": "formula", "criteria": condition, "format": greyed}
        sheet.conditional_format(*area, rule)
    for *area, settings in blueprint.validations:
        sheet.data_validation(*area, _copy(settings))
    book.close()


def _copy(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a validation of its own: the writer changes what it is given."""
    return {**settings, "other_cells": [list(area) for area in settings["other_cells"]]}


def _set_up(sheet: Any, blueprint: Blueprint, title: str) -> None:
    """The page, the frozen heading, the protection, widths and heights."""
    if blueprint.landscape:
        sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.repeat_rows(blueprint.head_row)
    sheet.print_area(0, 1, blueprint.last_row, blueprint.last_column)
    place = set_type(title[:_FOOTER_LIMIT]).replace("&", "&&")
    pages = _("Page {page} of {pages}").format(page="&P", pages="&N")
    sheet.set_footer(f"&L&9{_guard(place)}&R&9{pages}")
    sheet.hide_gridlines(2)
    sheet.freeze_panes(blueprint.head_row + 1, 0)
    sheet.protect("", {"format_rows": True, "format_columns": True, "select_unlocked_cells": True})
    sheet.ignore_errors(
        {
            "number_stored_as_text": f"A1:XFD{blueprint.last_row + 1}",
            "formula_differs": f"A1:XFD{blueprint.last_row + 1}",
        }
    )
    for column, (width, hidden) in blueprint.widths.items():
        sheet.set_column(column, column, width, None, {"hidden": hidden})
    for row, height in blueprint.heights.items():
        sheet.set_row(row, height, None, {"hidden": height is None})
    if blueprint.answers:
        first = blueprint.answers[0]
        sheet.set_selection(first.row, first.column, first.row, first.column)


def _guard(text: str) -> str:
    """A digit after the size of a footer's font would be read as part of it."""
    return f" {text}" if text[:1].isdigit() else text


def _write_own(
    sheet: Any, blueprint: Blueprint, place: PlaceSheet, formats: Mapping[str, Any]
) -> None:
    """The stamp, the place, its answers and last year's values."""
    sheet.write_string(0, 0, place.stamp, formats["code"])
    row = ROW_PLACE - 1
    sheet.merge_range(row, 1, row, UNIT, "", formats["place"])
    sheet.write_string(row, 1, set_type(place.title), formats["place"])
    for row, column, style, key in blueprint.answers:
        raw = place.answers.get(key)
        if raw is None:
            sheet.write_blank(row, column, None, formats[style])
        else:
            _write(sheet, row, column, raw, formats[style])
        comment = place.comments.get(key)
        if comment:
            sheet.write_comment(row, column, set_type(comment), {"x_scale": 2, "y_scale": 1.2})
    for row, column, name, year in blueprint.previous:
        raw = place.previous.get(name)
        if raw is None:
            sheet.write_blank(row, column, None, formats["was"])
        elif year:
            sheet.write_string(row, column, set_type(f"{_print(raw)} ({year})"), formats["was"])
        else:
            shown = set_type(raw) if isinstance(raw, str) else raw
            _write(sheet, row, column, shown, formats["was"])


def _write(sheet: Any, row: int, column: int, raw: CellValue, style: Any) -> None:
    if isinstance(raw, bool):
        sheet.write_boolean(row, column, raw, style)
    elif isinstance(raw, date):
        sheet.write_datetime(row, column, raw, style)
    elif isinstance(raw, str):
        sheet.write_string(row, column, raw[:_LONGEST_TEXT], style)
    elif raw is not None:
        sheet.write_number(row, column, raw, style)


def _print(raw: CellValue) -> str:
    return f"{raw:g}".replace(".", ",") if isinstance(raw, float) else str(raw)


def _write_live(
    sheet: Any, blueprint: Blueprint, place: PlaceSheet, formats: Mapping[str, Any]
) -> None:
    """Formulas, each with the value that it will show."""
    row = ROW_PLACE - 1
    answers = {**place.values, **place.answers}
    counter, counted = count_formula(blueprint.counter, place.formulas, place.numbers)
    words = count_words(blueprint.counter.words, counted, answers)
    sheet.merge_range(row, UNIT + 1, row, blueprint.last_column, "", formats["counter"])
    sheet.write_formula(row, UNIT + 1, counter, formats["counter"], words)
    for part in place.parts[:1]:
        sheet.set_column(part.column, part.column, None, None, {"hidden": True})
    for row, column, style, key in (*blueprint.values, *place.parts):
        value, formula = place.values.get(key, ""), place.formulas.get(key)
        if formula:
            filled = fill_slots(formula, place.numbers)
            sheet.write_formula(row, column, filled, formats[style], value)
        else:
            _write(sheet, row, column, value, formats[style])
    for row, column, formula, trials, live in blueprint.checks:
        if live:
            formula, trials = check_formula(trials, place.formulas, place.numbers)  # noqa: PLW2901
        message = check_words(trials, answers)
        sheet.write_formula(row, column, formula, formats["check"], message)
