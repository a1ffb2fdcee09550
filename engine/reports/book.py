"""A workbook of Excel for people: results, by school, passports, problems, native charts.

The context is that of any template. Texts are written as texts: none becomes a formula or a link.
Colours repeat what a word beside them says. The same context gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, time
from io import BytesIO
from typing import Any

from engine.i18n import gettext as _
from engine.reports import filters
from engine.reports.book_cells import Book, cut
from engine.reports.book_charts import draw_charts
from engine.reports.book_results import write_results
from engine.reports.book_styles import Styles
from engine.reports.layout import Line
from engine.reports.pages import list_lines, list_plan_lines
from engine.reports.rows import Row

_SETTINGS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def write_book(context: Mapping[str, Any]) -> bytes:
    """The workbook of a report. TemplateError where a sheet cannot hold its rows."""
    import xlsxwriter

    stream = BytesIO()
    book = xlsxwriter.Workbook(stream, {**_SETTINGS, "in_memory": True})
    catalogue = context["catalogue"]
    # The time of writing would make every file another.
    book.set_properties(
        {
            "title": cut(f"{catalogue.title} — {context['place_titles']}")[:255],
            "created": datetime.combine(context["date"], time()),
        }
    )
    lines = _list_lines(context)
    made = Book(book, Styles(book), catalogue)
    lowest = catalogue.levels[0]
    own = context["place"] is not None and context["place"].level == lowest
    shown = {place.id for place in context["places"]} if context["place"] else None
    rows: list[Row] = [row for row in context["rows"] if own or row.level != lowest]
    if shown is not None:
        rows = [row for row in rows if row.place in shown]
    drawn = write_results(made, _("Results"), rows)
    if context["audience"] == "internal" and not own:
        schools = [row for row in context["rows"] if row.level == lowest]
        if schools:
            write_results(made, _("By school"), schools)
    draw_charts(book, made.styles, drawn, {one.id: one for one in lines}, _("Charts"))
    _write_passports(made, context, lines)
    _write_problems(made, context)
    _write_about(made, context)
    footer = "&L&8" + _about_versions(context).replace("&", "&&")[:200] + "&R&8&P / &N"
    header = "&L&8" + cut(context["place_titles"])[:100].replace("&", "&&")
    for sheet in book.worksheets():
        sheet.set_header(header)
        sheet.set_footer(footer)
    book.close()
    return stream.getvalue()


def _list_lines(context: Mapping[str, Any]) -> list[Line]:
    """The lines of the page, each indicator once, in the order of the order."""
    found: dict[str, Line] = {}
    for line in (*list_lines(context["places"]), *list_plan_lines(context["places"])):
        found.setdefault(line.id, line)
    return list(found.values())


# --- the other sheets ----------------------------------------------------------------------------


def _write_passports(made: Book, context: Mapping[str, Any], lines: Iterable[Line]) -> None:
    heads = (
        *((_("Code"), 9), (_("Indicator"), 50), (_("Section"), 28), (_("Unit"), 9)),
        *((_("Formula in words"), 55), (_("What is asked"), 45), (_("Who has not reported"), 30)),
        *((_("Which way is good"), 18), (_("Document"), 40), (_("Clause"), 28)),
        *((_("How the order was read"), 60), (_("Id"), 24)),
    )
    sheet = made.add_sheet(_("Passports"), heads)
    known = [line.id for line in lines if line.indicator is not None]
    for number, name in enumerate(known, 1):
        one = context["passports"][name]
        since = _("from {year}: ")
        formulas = [
            (since.format(year=each.since) if each.since else "") + each.words
            for each in one.formulas
        ]
        document = " ".join(part for part in (one.document, one.number, one.date) if part)
        cells = (
            *(one.code, made.name(one.id, one.title), one.group, one.unit, "\n".join(formulas)),
            *("\n".join(one.inputs), one.missing, one.better, document, one.clause),
            *(one.interpretation, one.id),
        )
        made.write_texts(sheet, number, heads, cells)
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, max(len(known), 1), len(heads) - 1)


def _write_problems(made: Book, context: Mapping[str, Any]) -> None:
    heads = ((_("Kind"), 18), (_("Where"), 40), (_("Years"), 14), (_("What"), 90))
    sheet = made.add_sheet(_("Problems"), heads)
    found = list(_list_problems(made, context))
    for number, cells in enumerate(found, 1):
        made.write_texts(sheet, number, heads, cells)
    if not found:
        made.write(sheet, (1, 0), _("There are none."), made.styles.text)
    last = max(len(found), 1)
    made.styles.colour(sheet, (1, 0, last, 0), "", _("error"))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, last, len(heads) - 1)


def _list_problems(made: Book, context: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    kinds = {"error": _("error"), "warning": _("warning"), "note": _("note")}
    for check in context["checks"]:
        for failure in check.failures:
            years = ", ".join(str(made.year(year)) for year in failure.years)
            yield kinds[check.severity], failure.place, years, check.message
    for problem in context["problems"]:
        where = str(problem.position) if problem.position else ""
        yield kinds.get(problem.severity, problem.severity), where, "", problem.message


def _write_about(made: Book, context: Mapping[str, Any]) -> None:
    """What the workbook is, what stands in place of numbers, what it was made from."""
    catalogue = context["catalogue"]
    source = catalogue.source
    audiences = {
        "internal": _("for the department"),
        "school": _("for the school"),
        "public": _("for everybody"),
    }
    told = [
        (_("Catalogue"), catalogue.title),
        (_("Place"), ", ".join(filter(None, (context["place_titles"], context["within"])))),
        (_("Document"), filters.basis(source)),
        (_("Years"), ", ".join(str(made.year(year)) for year in context["years"])),
        (_("For whom"), audiences[context["audience"]]),
        (_("Date"), filters.date(context["date"])),
        (_("Notice"), context["notice"]),
        *((mark.words, mark.meaning) for mark in context["legend"]),
        (_("Made from"), _about_versions(context)),
    ]
    heads = ((_("What"), 34), (_("Meaning"), 100))
    sheet = made.add_sheet(_("About"), heads)
    for number, pair in enumerate((pair for pair in told if pair[1]), 1):
        made.write_texts(sheet, number, heads, pair)


def _about_versions(context: Mapping[str, Any]) -> str:
    catalogue = context["catalogue"]
    parts = (
        _("catalogue {id} {version}").format(id=catalogue.id, version=catalogue.version),
        _("data {hash}").format(hash=context["data_hash"]) if context["data_hash"] else "",
        f"pokazatel {context['engine_version']}",
        filters.date(context["date"]),
    )
    return " · ".join(part for part in parts if part)
