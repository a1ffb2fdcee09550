"""A workbook of Excel for people: results, by school, passports, problems, native charts.

The context is that of any template. Texts are written as texts: none becomes a formula or a link.
The only formulas are those of ranks.
Colours repeat what a word beside them says. The same context gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time
from io import BytesIO
from typing import Any

import xlsxwriter

from engine.catalogue.lookups import name_libraries
from engine.level_words import word_of_level
from engine.problems import Problem
from engine.reports import filters
from engine.reports.formats.workbook_cells import EDGES, Book, Styles, cut, find_height, measure
from engine.reports.formats.workbook_charts import ChartRows, draw_charts
from engine.reports.formats.workbook_ranks import list_rank_formulas
from engine.reports.pages import PageLine, list_lines, list_plan_lines
from engine.reports.passports import show_document, show_formulas
from engine.reports.result_rows import Row, RowKey
from engine.reports.templates import TemplateError
from engine.translation import gettext as _
from engine.units import format_number

MOST_ROWS = 1_048_570  # below the heading; a sheet holds six more

_SETTINGS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def write_book(context: Mapping[str, Any]) -> bytes:
    """The workbook of a report. TemplateError where a sheet cannot hold its rows."""
    stream = BytesIO()
    workbook = xlsxwriter.Workbook(stream, {**_SETTINGS, "in_memory": True})
    catalogue = context["catalogue"]
    # The time of writing would make every file another.
    workbook.set_properties(
        {
            "title": cut(f"{catalogue.title} — {context['place_titles']}")[:255],
            "created": datetime.combine(context["date"], time()),
        }
    )
    lines = _list_lines(context)
    book = Book(workbook, Styles(workbook), catalogue)
    lowest = catalogue.levels[0]
    own = context["place"] is not None and context["place"].level == lowest
    shown = {place.id for place in context["places"]} if context["place"] else None
    rows: list[Row] = [row for row in context["rows"] if own or row.level != lowest]
    if shown is not None:
        rows = [row for row in rows if row.place in shown]
    charted = write_result_sheet(book, _("Results"), rows)
    if context["audience"] == "internal" and not own:
        schools = [row for row in context["rows"] if row.level == lowest]
        if schools:
            write_result_sheet(
                book,
                _("Results of {places}").format(places=word_of_level(lowest, "to_many")),
                schools,
            )
            _write_schools(book, schools, lines)
    draw_charts(workbook, book.styles, charted, {line.id: line for line in lines}, _("Charts"))
    _write_passports(book, context, lines)
    _write_problems(book, context)
    _write_about(book, context)
    footer = "&L&8" + _about_versions(context).replace("&", "&&")[:200] + "&R&8&P / &N"
    header = "&L&8" + cut(context["place_titles"])[:100].replace("&", "&&")
    for sheet in workbook.worksheets():
        sheet.set_header(header)
        sheet.set_footer(footer)
    workbook.close()
    return stream.getvalue()


def _list_lines(context: Mapping[str, Any]) -> list[PageLine]:
    """The lines of the page, each indicator once, in the order of the order."""
    lines: dict[str, PageLine] = {}
    for line in (*list_lines(context["places"]), *list_plan_lines(context["places"])):
        lines.setdefault(line.id, line)
    return list(lines.values())


# --- values --------------------------------------------------------------------------------------


_SheetColumn = tuple[str, float, Callable[[Row], Any]]
"""Heading, width in letters, and what stands below it: a text, a number, or None."""


def _columns(book: Book, rows: Sequence[Row]) -> dict[str, _SheetColumn]:
    """The columns of a sheet of results; what no row has is left out."""
    columns: dict[str, _SheetColumn] = {
        "place": (_("Place"), 24, lambda row: row.place_title),
        "code": (_("Code"), 8, lambda row: row.code),
        "title": (_("Indicator"), _widest_title(rows), lambda row: row.short_title),
        "year": (_("Year"), 10, lambda row: book.year(row.year, row.indicator)),
        "scenario": (_("Scenario"), 10, filters.scenario),
        "value": (_("Value"), 13, lambda row: row.value),
        "unit": (_("Unit"), 14, filters.column_unit),
        "reason": (
            _("Why there is none"),
            20,
            lambda row: filters.reason(row) if row.reason else "",
        ),
        "class_title": (_("Class"), 20, lambda row: row.class_title),
        "points": (_("Points"), 9, lambda row: row.points),
        "outside": (_("Without a class"), 10, lambda row: row.outside),
        "base": (_("Base"), 13, lambda row: row.base),
        "target": (_("Target"), 13, _show_target),
        "target_words": (_("Target in words"), 16, _in_words("target", filters.target)),
        "deviation": (_("Deviation"), 12, lambda row: row.deviation),
        "status": (_("Verdict"), 26, _show_verdict),
        "shortfall": (_("Shortfall"), 12, lambda row: None if row.exceeds else row.shortfall),
        "excess": (_("More than allowed"), 14, lambda row: row.shortfall if row.exceeds else None),
        "reference": (_("For reference"), 13, lambda row: row.reference),
        "reference_words": (
            _("For reference, in words"),
            16,
            _in_words("reference", filters.reference),
        ),
        "change": (_("Change"), 12, lambda row: row.change),
        "trend": (_("Trend"), 14, filters.trend),
        "reported": (_("Reported"), 9, lambda row: row.reported),
        "expected": (_("Expected"), 11, lambda row: row.expected),
    }
    several = {
        "scenario": len({row.scenario for row in rows}) > 1,
        **{name: any(getattr(row, name) for row in rows) for name in _WHERE_THERE},
        **{name: any(getattr(row, name) is not None for row in rows) for name in _WHERE_KNOWN},
        "reference_words": any(row.reference is not None for row in rows),
        "excess": any(row.shortfall and row.exceeds for row in rows),
        "shortfall": any(row.shortfall and not row.exceeds for row in rows),
    }
    return {name: column for name, column in columns.items() if several.get(name, True)}


def _widest_title(rows: Iterable[Row]) -> int:
    """Letters that the longest short title needs, so that each stands in one line."""
    return max(30, min(_WIDEST, max((len(row.short_title) for row in rows), default=0)))


_WIDEST = 100
_PRINTED = frozenset(("value", "base", "target", "deviation", "reference", "change"))
"""Columns of numbers that are printed with the decimals of the indicator; a column has its unit."""
_WHERE_THERE = ("code", "reason", "reference", "change", "class_title")
_WHERE_KNOWN = ("points", "outside", "base")


def _widen(columns: Mapping[str, _SheetColumn], rows: Sequence[Row]) -> dict[str, _SheetColumn]:
    """The columns, wide enough for each number, and for each text but those that are values."""
    widened = dict(columns)
    for name, (heading, width, show) in columns.items():
        needed = [width]
        for row in rows:
            value = show(row)
            if name in _PRINTED and filters.is_number(value):
                needed.append(measure(value, row.decimals))
            elif isinstance(value, str) and name != "value":
                needed.append(min(len(value) + EDGES, _WIDEST))
        widened[name] = (heading, max(needed), show)
    return widened


def _in_words(name: str, show: Callable[[Row], str]) -> Callable[[Row], str]:
    return lambda row: "" if getattr(row, name) is None else show(row)


def _show_target(row: Row) -> Any:
    """One number to draw and to sort by; both ends of a target stand in words beside it."""
    return row.target[0] if isinstance(row.target, tuple) else row.target


def _show_verdict(row: Row) -> str:
    return "" if row.status is None or row.value is None else filters.brief_verdict(row)


def write_result_sheet(book: Book, title: str, rows: Sequence[Row]) -> tuple[ChartRows, ...]:
    """A sheet of values, a row each; what of them charts can draw.

    TemplateError where a sheet cannot hold them.
    """
    if len(rows) > MOST_ROWS:
        message = _("a sheet of Excel holds {most} rows, here are {count}")
        raise TemplateError(
            Problem("template-output", message.format(most=MOST_ROWS, count=len(rows)))
        )
    columns = _widen(_columns(book, rows), rows)
    at = {name: number for number, name in enumerate(columns)}
    styles = book.styles
    sheet = book.add_sheet(title, [(heading, width) for heading, width, _show in columns.values()])
    ranks = list_rank_formulas(book.catalogue, rows, at["value"])
    last = max(len(rows), 1)
    sheet.freeze_panes(1, at["title"] + 1)
    sheet.autofilter(0, 0, last, len(columns) - 1)
    for number, row in enumerate(rows, 1):
        shown = styles.number(row.decimals)
        for name, (_heading, _width, show) in columns.items():
            value = show(row)
            counted = filters.is_number(value)
            style = (shown if name in _PRINTED else styles.plain) if counted else styles.line
            if name == "points" and counted:
                style = styles.line  # as many decimals as there are
            elif name == "class_title" and row.class_title:
                style = styles.tinted(filters.tint(row))
            if name == "value" and number in ranks:
                sheet.write_formula(number, at[name], ranks[number], style, value)
            else:
                book.write(sheet, (number, at[name]), value, style)
    styles.colour(sheet, (1, at["status"], last, at["status"]), _("reached"), _("not reached"))
    styles.colour(sheet, (1, at["trend"], last, at["trend"]), _("better"), _("worse"))
    styles.dim(sheet, (1, at["value"], last, at["value"]))
    return tuple(_find_charted(title, rows, at))


def _write_schools(book: Book, rows: Sequence[Row], lines: Sequence[PageLine]) -> None:
    """A sheet of schools × indicators for each year that has facts, the last first."""
    facts = {row.key: row for row in rows if row.scenario == "fact"}
    years = sorted({row.year for row in facts.values() if row.value is not None}, reverse=True)
    for year in years:
        title = word_of_level(book.catalogue.levels[0], "many").capitalize()
        if year != years[0]:
            title = f"{title} {book.year(year)}"
        of_year = {key: row for key, row in facts.items() if key.year == year}
        _write_schools_of(book, title, of_year, lines)


def _write_schools_of(
    book: Book, title: str, facts: Mapping[RowKey, Row], lines: Iterable[PageLine]
) -> None:
    """Schools × indicators of one year: a row per school, a column per indicator that any has."""
    named = {row.indicator for row in facts.values() if row.value is not None}
    asked = [line for line in lines if line.id in named]
    signs = {
        row.indicator: (row.decimals, filters.column_unit(row), row.short_title)
        for row in facts.values()
    }
    styles = book.styles
    shown = [(line, *signs[line.id]) for line in asked]
    period = {book.year(row.year, row.indicator) for row in facts.values()}
    head = _("Place, {year}").format(year=", ".join(sorted(map(str, period))))
    by_indicator: dict[str, list[Row]] = {}
    for row in facts.values():
        by_indicator.setdefault(row.indicator, []).append(row)
    heads = [
        (
            " ".join(filter(None, (line.code, short, unit))),
            _measure_school_column(short, by_indicator[line.id]),
        )
        for line, _decimals, unit, short in shown
    ]
    titles = min(max((len(row.place_title) + EDGES for row in facts.values()), default=0), _WIDEST)
    sheet = book.add_sheet(title, [(head, max(26, titles)), *heads])
    sheet.set_row(0, max(find_height(heading, width) for heading, width in heads))
    sheet.fit_to_pages(0, 0)
    sheet.repeat_columns(0)
    sheet.freeze_panes(1, 1)
    places = {row.place: row.place_title for row in facts.values()}
    sheet.autofilter(0, 0, len(places), len(shown))
    by_place = {(row.place, row.indicator): row for row in facts.values()}
    for number, (place, place_title) in enumerate(places.items(), 1):
        book.write(sheet, (number, 0), place_title, styles.line)
        for at, (line, decimals, _unit, _short) in enumerate(shown, 1):
            fact = by_place.get((place, line.id))
            value = fact.value if fact is not None else None
            counted = filters.is_number(value)
            style = styles.number(decimals) if counted else styles.line
            book.write(sheet, (number, at), filters.mark(fact) if value is None else value, style)


def _measure_school_column(title: str, rows: Iterable[Row]) -> float:
    """Letters that a column of one indicator needs for its numbers and for each word of its title."""
    numbers = (measure(row.value, row.decimals) for row in rows if filters.is_number(row.value))
    return max(13.0, *numbers, *(len(word) + EDGES for word in title.split()))


def _find_charted(title: str, rows: Sequence[Row], at: Mapping[str, int]) -> Iterator[ChartRows]:
    """Runs of rows that one chart draws: the facts of an indicator at a place, a row per year."""
    runs: dict[tuple[str, str, str], list[int]] = {}
    for number, row in enumerate(rows, 1):
        if row.scenario == "fact" and isinstance(row.value, int | float):
            runs.setdefault((row.indicator, row.level, row.place), []).append(number)
    for (name, _level, _place), numbers in runs.items():
        some = [rows[number - 1] for number in numbers]
        if any(row.target is not None for row in some) and not isinstance(some[0].value, bool):
            columns = (at["year"], at["value"], at["target"])
            letters = max(
                len(format_number(row.value, row.decimals))
                for row in some
                if filters.is_number(row.value)
            )
            names = (name, some[0].short_title, some[0].place_title)
            yield ChartRows(title, *names, tuple(numbers), columns, letters)


# --- the other sheets ----------------------------------------------------------------------------


def _write_passports(book: Book, context: Mapping[str, Any], lines: Iterable[PageLine]) -> None:
    heads = (
        *((_("Code"), 9), (_("Indicator"), 40), (_("Full title"), 50), (_("Section"), 28)),
        (_("Unit"), 9),
        *((_("Formula in words"), 55), (_("What is asked"), 45), (_("Who has not reported"), 30)),
        *((_("Which way is good"), 18), (_("Document"), 40), (_("Clause"), 28)),
        *((_("How the order was read"), 60), (_("Id"), 24)),
    )
    sheet = book.add_sheet(_("Passports"), heads)
    known = [line.id for line in lines if line.indicator is not None]
    for number, name in enumerate(known, 1):
        passport = context["passports"][name]
        cells = (
            *(
                passport.code,
                passport.short_title,
                passport.title,
                passport.group,
                passport.unit,
                "\n".join(show_formulas(passport)),
            ),
            *(
                "\n".join(passport.inputs),
                passport.missing,
                passport.better,
                show_document(passport),
                passport.clause,
            ),
            *(passport.interpretation, passport.id),
        )
        book.write_texts(sheet, number, heads, cells)
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, max(len(known), 1), len(heads) - 1)


def _write_problems(book: Book, context: Mapping[str, Any]) -> None:
    heads = ((_("Kind"), 18), (_("Where"), 40), (_("Years"), 14), (_("What"), 90))
    sheet = book.add_sheet(_("Problems"), heads)
    problems = list(_list_problems(book, context))
    for number, cells in enumerate(problems, 1):
        book.write_texts(sheet, number, heads, cells)
    if not problems:
        book.write(sheet, (1, 0), _("There are none."), book.styles.text)
    last = max(len(problems), 1)
    book.styles.colour(sheet, (1, 0, last, 0), "", _("error"))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, last, len(heads) - 1)


def _list_problems(book: Book, context: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    kinds = {"error": _("error"), "warning": _("warning"), "note": _("note")}
    for check in context["checks"]:
        for failure in check.failures:
            years = ", ".join(str(book.year(year)) for year in failure.years)
            yield kinds[check.severity], failure.place, years, check.message
    for problem in context["problems"]:
        where = str(problem.position) if problem.position else ""
        yield kinds.get(problem.severity, problem.severity), where, "", problem.message


def _write_about(book: Book, context: Mapping[str, Any]) -> None:
    """What the workbook is, what stands in place of numbers, what it was made from."""
    catalogue = context["catalogue"]
    source = catalogue.source
    audiences = {
        "internal": _("for the department") if catalogue.has_department else _("for internal use"),
        "school": _("for the {place}").format(place=word_of_level(catalogue.levels[0], "of_one")),
        "public": _("for everybody"),
    }
    facts = [
        (_("Catalogue"), catalogue.title),
        (_("Place"), ", ".join(filter(None, (context["place_titles"], context["within"])))),
        (_("Document"), filters.basis(source)),
        (_("Years"), ", ".join(str(book.year(year)) for year in context["years"])),
        (_("For whom"), audiences[context["audience"]]),
        (_("Date"), filters.date(context["date"])),
        (_("Notice"), context["notice"]),
        *((mark.words, mark.meaning) for mark in context["legend"]),
        (_("Made from"), _about_versions(context)),
    ]
    heads = ((_("What"), 34), (_("Meaning"), 100))
    sheet = book.add_sheet(_("About"), heads)
    for number, pair in enumerate((pair for pair in facts if pair[1]), 1):
        book.write_texts(sheet, number, heads, pair)


def _about_versions(context: Mapping[str, Any]) -> str:
    catalogue = context["catalogue"]
    libraries = name_libraries(catalogue)
    parts = (
        _("catalogue {id} {version}").format(id=catalogue.id, version=catalogue.version),
        *([_("libraries: {list}").format(list=libraries)] if libraries else []),
        _("data {hash}").format(hash=context["data_hash"]) if context["data_hash"] else "",
        f"pokazatel {context['engine_version']}",
        filters.date(context["date"]),
    )
    return " · ".join(part for part in parts if part)
