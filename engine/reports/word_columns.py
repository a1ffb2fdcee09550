"""The columns of a filled table of Word: how wide each is, and which years stand in one table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from copy import deepcopy
from itertools import accumulate, pairwise
from typing import Any

from lxml import etree

from engine.reports.word_tags import WORD_NAMESPACE
from engine.reports.year_tables import divide_years
from engine.translation import gettext as _

_NARROWEST = 0.2  # of a table: what is left to its widest column
_LEAST = 0.15  # of a table of many years: what its widest column has at least
_LETTER, _BOLD = 120, 130  # twips that a letter, or digit, of the tables that ship takes at most
_NARROW = frozenset(" \u00a0\u2009\u202f.,:;!()[]")  # signs that take at most 0.6 of a letter
_MARGINS = 114  # twips, of a cell
_LINE = 18  # letters of a line that is not wrapped where a table has room
_WORD_LENGTH = 13  # letters of a word that is broken only where nothing else gives
_WORD_END = re.compile("[ \u2009]|(?<=[-–—])(?![0-9])")
_NUMBER = re.compile(r"\d")
_YEAR = re.compile(r"\d{4}")
_CONTINUATION = f"""\
<w:p xmlns:w="{WORD_NAMESPACE[1:-1]}"><w:pPr><w:keepNext/><w:spacing w:before="120" w:after="60"/><w:ind w:firstLine="0"/></w:pPr>\
<w:r><w:rPr><w:sz w:val="18"/></w:rPr><w:t>{{words}}</w:t></w:r></w:p>"""


# --- years -------------------------------------------------------------------------------------


def split_by_years(table: Any) -> list[Any]:
    """The table, or where its years do not fit its width, as many tables as they need, in its place.

    A heading with a year begins what belongs to the year, up to the next such heading. What stands before
    the first one and the rows of headings are in each table; a cell over several years, as the title of a
    section, is in each table that has one of them. A line between them says that the table goes on.
    """
    rows = table.findall(f"{WORD_NAMESPACE}tr")
    headings = [
        row
        for row in rows
        if row.find(f"{WORD_NAMESPACE}trPr/{WORD_NAMESPACE}tblHeader") is not None
    ]
    starts = sorted(
        {
            start
            for row in headings
            for start, cell in _place_cells(row)
            if _YEAR.search(_read(cell))
        }
    )
    widths = _read_widths(table, rows)
    even = all(sum(map(_span, _list_cells(row))) == len(widths) for row in rows)
    if len(starts) < 2 or not even or table.find(f".//{WORD_NAMESPACE}tbl") is not None:  # noqa: PLR2004 - one is not split
        return [table]
    least = [_measure_least(_list_lines(rows, column)) for column in range(len(widths))]
    widest = widths.index(max(widths))
    least[widest] = max(least[widest], min(widths[widest], _LEAST * sum(widths)))
    years = [range(*edges) for edges in pairwise((*starts, len(widths)))]
    room = sum(widths) - sum(least[: starts[0]])
    parts = divide_years(
        years, lambda part: sum(least[column] for year in part for column in year) <= room
    )
    tables = [table, *(deepcopy(table) for _part in parts[1:])]
    for before, after in pairwise(tables):
        line = etree.fromstring(_CONTINUATION.format(words=_("Continuation of the table")))
        before.addnext(line)
        line.addnext(after)
    for each, part in zip(tables, parts, strict=True):
        _keep_columns(each, {*range(starts[0]), *(column for year in part for column in year)})
    return tables


def _keep_columns(table: Any, columns: set[int]) -> None:
    """Leave a table these columns; a cell that stands over some of them becomes as wide as they are."""
    for row in table.findall(f"{WORD_NAMESPACE}tr"):
        for start, cell in _place_cells(row):
            before = _span(cell)
            span = len(columns.intersection(range(start, start + before)))
            if not span:
                cell.getparent().remove(cell)
            elif span < before:
                cell.find(f"{WORD_NAMESPACE}tcPr/{WORD_NAMESPACE}gridSpan").set(
                    f"{WORD_NAMESPACE}val", str(span)
                )
                width = cell.find(f"{WORD_NAMESPACE}tcPr/{WORD_NAMESPACE}tcW")
                if width is not None:
                    width.set(
                        f"{WORD_NAMESPACE}w",
                        str(round(_number(width.get(f"{WORD_NAMESPACE}w")) * span / before)),
                    )


# --- widths ------------------------------------------------------------------------------------


def fit_columns(table: Any) -> None:
    """Give a table the columns that its rows have now; its width stays as it was.

    What was added or left out for years comes from, or goes to, its widest column. That also gives what
    others need to break no word; and to wrap short lines no more, while it has over half of the table.
    What it cannot give comes from all that have more than they need; long words are broken first, numbers last.
    """
    grid = table.find(f"{WORD_NAMESPACE}tblGrid")
    rows = table.findall(f"{WORD_NAMESPACE}tr")
    if grid is None or not rows:
        return
    widths = _read_widths(table, rows)
    total = sum(widths)
    lines = [_list_lines(rows, column) for column in range(len(widths))]
    words = [[word for line in each for word in _split_words(line)] for each in lines]
    needed = [_measure(each) for each in words]
    widths = _widen(widths, needed, max(_NARROWEST * total, needed[widths.index(max(widths))]))
    wanted = [_measure((text[:_LINE], bold) for text, bold in each) for each in lines]
    widths = _widen(widths, wanted, total / 2)
    widths = _level(widths, needed)
    widths = _level(widths, [_measure_least(each) for each in lines])
    widths = _level(widths, [_measure(filter(_is_number, each)) for each in words])
    for column in list(grid):
        grid.remove(column)
    for width in widths:
        etree.SubElement(
            grid, f"{WORD_NAMESPACE}gridCol", {f"{WORD_NAMESPACE}w": str(round(width))}
        )
    for row in rows:
        at = 0
        for cell in _list_cells(row):
            span = _span(cell)
            width = cell.find(f"{WORD_NAMESPACE}tcPr/{WORD_NAMESPACE}tcW")
            if width is not None:
                width.set(f"{WORD_NAMESPACE}w", str(round(sum(widths[at : at + span]))))
                width.set(f"{WORD_NAMESPACE}type", "dxa")
            at += span


def keep_together(table: Any) -> None:
    """Keep on one page the rows that a joined cell goes through."""
    for row, below in pairwise(table.findall(f"{WORD_NAMESPACE}tr")):
        if all(
            merge.get(f"{WORD_NAMESPACE}val") == "restart"
            for merge in below.iter(f"{WORD_NAMESPACE}vMerge")
        ):
            continue
        for paragraph in row.iter(f"{WORD_NAMESPACE}p"):
            properties = paragraph.find(f"{WORD_NAMESPACE}pPr")
            if properties is None:
                properties = etree.Element(f"{WORD_NAMESPACE}pPr")
                paragraph.insert(0, properties)
            if properties.find(f"{WORD_NAMESPACE}keepNext") is None:
                after_style = int(properties.find(f"{WORD_NAMESPACE}pStyle") is not None)
                properties.insert(after_style, etree.Element(f"{WORD_NAMESPACE}keepNext"))


def _read_widths(table: Any, rows: Sequence[Any]) -> list[float]:
    """The widths, in twips, of the columns that the rows have now, by those of their cells."""
    grid = table.find(f"{WORD_NAMESPACE}tblGrid")
    before = [] if grid is None else [_number(column.get(f"{WORD_NAMESPACE}w")) for column in grid]
    if not rows:
        return before
    widest_row = max(map(_list_cells, rows), key=lambda cells: (sum(map(_span, cells)), len(cells)))
    widths: list[float] = []
    for cell in widest_row:
        width = cell.find(f"{WORD_NAMESPACE}tcPr/{WORD_NAMESPACE}tcW")
        span = _span(cell)
        each = _number(width.get(f"{WORD_NAMESPACE}w")) if width is not None else 0.0
        widths += [each / span] * span
    if not all(widths):
        widths = [sum(before) / len(widths)] * len(widths)
    return _share(widths, sum(before) or sum(widths))


def _share(widths: list[float], total: float) -> list[float]:
    """The widths, that they come to the total: the widest gives, and all do where it cannot."""
    widest = widths.index(max(widths))
    left = total - sum(widths) + widths[widest]
    if left >= _NARROWEST * total:
        return [left if at == widest else width for at, width in enumerate(widths)]
    rest = sum(widths) - widths[widest]
    scale = (1 - _NARROWEST) * total / rest if rest else 1.0
    return [
        _NARROWEST * total if at == widest else width * scale for at, width in enumerate(widths)
    ]


def _list_lines(rows: list[Any], column: int) -> list[tuple[str, bool]]:
    """The lines that stand in a column alone, as they were written, each with whether it is bold."""
    lines: list[tuple[str, bool]] = []
    for row in rows:
        bold = row.find(f"{WORD_NAMESPACE}trPr/{WORD_NAMESPACE}tblHeader") is not None
        for start, cell in _place_cells(row):
            if start == column and _span(cell) == 1:
                lines += [(line, bold) for line in _read(cell).split("\n")]
    return lines


def _split_words(line: tuple[str, bool]) -> list[tuple[str, bool]]:
    text, bold = line
    return [(word, bold) for word in _WORD_END.split(text)]


def _list_cells(row: Any) -> list[Any]:
    return list(row.iter(f"{WORD_NAMESPACE}tc"))


def _place_cells(row: Any) -> list[tuple[int, Any]]:
    """The cells of a row, each after the number of its first column."""
    cells = _list_cells(row)
    return list(zip(accumulate(map(_span, cells), initial=0), cells, strict=False))


def _read(cell: Any) -> str:
    return "\n".join(map(_read_paragraph, cell.iter(f"{WORD_NAMESPACE}p")))


def _read_paragraph(paragraph: Any) -> str:
    breaks = {f"{WORD_NAMESPACE}br": "\n", f"{WORD_NAMESPACE}tab": " "}
    nodes = paragraph.iter(f"{WORD_NAMESPACE}t", *breaks)
    return "".join(breaks.get(node.tag) or node.text or "" for node in nodes)


def _measure(texts: Iterable[tuple[str, bool]]) -> float:
    """The twips that the longest of such texts takes in a cell when it is not wrapped."""
    return _MARGINS + max((_measure_text(*text) for text in texts), default=0.0)


def _measure_least(lines: Sequence[tuple[str, bool]]) -> float:
    """The twips in which a column breaks no number and no word of usual length; none at all in short lines."""
    longest = None if all(len(text) <= _LINE for text, _bold in lines) else _WORD_LENGTH
    words = (word for line in lines for word in _split_words(line))
    return _measure(
        (text if _is_number((text, bold)) else text[:longest], bold) for text, bold in words
    )


def _is_number(word: tuple[str, bool]) -> bool:
    return _NUMBER.search(word[0]) is not None


def _measure_text(text: str, bold: bool) -> float:
    narrow = sum(sign in _NARROW for sign in text)
    return (_BOLD if bold else _LETTER) * (len(text) - 0.4 * narrow)


def _widen(widths: list[float], needed: list[float], least: float) -> list[float]:
    """The widths, raised to what is needed by what the widest has above `least`."""
    widened, widest = list(widths), widths.index(max(widths))
    for at, need in enumerate(needed):
        given = min(need - widened[at], widened[widest] - least)
        if at != widest and given > 0:
            widened[at] += given
            widened[widest] -= given
    return widened


def _level(widths: list[float], needed: list[float]) -> list[float]:
    """The widths, raised to what is needed by all that have more, each a like part of what it has.

    Where they have too little, each width is raised by a like part of what it lacks.
    """
    lacking = sum(max(0.0, need - width) for width, need in zip(widths, needed, strict=True))
    spare = sum(max(0.0, width - need) for width, need in zip(widths, needed, strict=True))
    if not lacking or not spare:
        return widths
    moved = min(lacking, spare)
    return [
        width + (need - width) * moved / (lacking if need > width else spare)
        for width, need in zip(widths, needed, strict=True)
    ]


def _span(cell: Any) -> int:
    span = cell.find(f"{WORD_NAMESPACE}tcPr/{WORD_NAMESPACE}gridSpan")
    return max(1, int(_number(span.get(f"{WORD_NAMESPACE}val")))) if span is not None else 1


def _number(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0
