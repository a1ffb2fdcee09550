"""Tables of Word over many years: as many years as fit, no number or unit broken, no cell lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from itertools import chain
from math import ceil
from typing import Any

import pytest
from docx import Document
from lxml import etree

from engine.reports.word_columns import fit_columns, split_by_years
from engine.translation import use_language
from tests.small_town import frame, result, wanted
from tests.word import W, press, text_of, town_context

_DIGIT = 106  # twips that a digit takes at most, as it is printed
_MARGINS = 114  # twips, of a cell
_WIDTH = 15137
_LEAD = 3
_EACH = 3  # columns of a year
MANY = tuple(range(2015, 2025))


def make_cell(text: str, span: int = 1, width: int = 1000, merge: str = "") -> str:
    merged = f'<w:vMerge w:val="{merge}"/>' if merge else ""
    joined = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    properties = f'<w:tcPr><w:tcW w:w="{width * span}" w:type="dxa"/>{joined}{merged}</w:tcPr>'
    return f"<w:tc>{properties}<w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>"


def make_row(*cells: str, heading: bool = False) -> str:
    return f"<w:tr>{'<w:trPr><w:tblHeader/></w:trPr>' if heading else ''}{''.join(cells)}</w:tr>"


def make_table(years: range, rows: str = "", heading: str = "{year} год") -> Any:
    """A table as `tables.docx` has it, in a body; each fact names its year, to be known again."""
    title = make_cell("Доля обучающихся, прошедших диагностику", width=6000)
    lead = (make_cell("1.1"), title, make_cell("мероприятий"))
    facts = (
        (f"от 1\u00a0234\u00a0{year}", f"{year}\u00a0567,8", "✗ не достигнуто") for year in years
    )
    whole = _LEAD + _EACH * len(years)
    table = "".join(
        (
            f'<w:tblGrid><w:gridCol w:w="{_WIDTH}"/></w:tblGrid>',
            make_row(
                *(make_cell(word, merge="restart") for word in ("№", "Показатели", "Ед. изм.")),
                *(make_cell(heading.format(year=year), _EACH) for year in years),
                heading=True,
            ),
            make_row(
                *(make_cell("", merge="continue") for _lead in lead),
                *(make_cell(word) for _year in years for word in ("Прогноз", "Факт", "Вывод")),
                heading=True,
            ),
            make_row(make_cell("Раздел", whole)),
            make_row(*lead, *map(make_cell, chain.from_iterable(facts))),
            rows,
        )
    )
    body = f'<w:body xmlns:w="{W[1:-1]}"><w:p/><w:tbl>{table}</w:tbl><w:p/></w:body>'
    return etree.fromstring(body)


def split(body: Any) -> list[Any]:
    with use_language("ru"):
        tables = split_by_years(next(body.iter(f"{W}tbl")))
    for table in tables:
        fit_columns(table)
    assert tables == list(body.iter(f"{W}tbl"))
    return tables


def cells_of(row: Any) -> Iterator[tuple[int, int, str]]:
    """The first column, the span and the text of each cell."""
    at = 0
    for cell in row.findall(f"{W}tc"):
        span = cell.find(f"{W}tcPr/{W}gridSpan")
        taken = 1 if span is None else int(span.get(f"{W}val"))
        yield at, taken, text_of(cell)
        at += taken


def check_numbers(table: Any, units: int | None = None) -> int:
    """The numbers of a table, and the words of its column of units: each is whole in its cell."""
    grid = [int(column.get(f"{W}w")) for column in table.find(f"{W}tblGrid")]
    numbers = 0
    for row in table.findall(f"{W}tr"):
        cells = list(cells_of(row))
        assert sum(span for _at, span, _text in cells) == len(grid)
        for at, span, text in cells:
            for word in re.split(r"[ \n\u2009]", text):
                if span == 1 and (re.search(r"\d", word) or at == units):
                    assert len(word) * _DIGIT + _MARGINS <= grid[at] + 5, (word, grid)
                    numbers += 1
    return numbers


def test_as_many_years_stand_in_a_table_as_fit() -> None:
    parts = []
    for count in range(1, 12):
        years = range(2025 - count, 2025)
        body = make_table(years)
        tables = split(body)
        parts.append(len(tables))
        told = []
        for table in tables:
            first, second, section, row = (list(cells_of(row)) for row in table.findall(f"{W}tr"))
            printed = [int(text[:4]) for _at, _span, text in first[_LEAD:]]
            told += printed
            assert [text for _at, _span, text in row[:_LEAD]] == [
                *("1.1", "Доля обучающихся, прошедших диагностику", "мероприятий")
            ]
            assert [span for _at, span, _text in first] == [1] * _LEAD + [_EACH] * len(printed)
            assert section == [(0, _LEAD + _EACH * len(printed), "Раздел")]
            assert [text[:4] for _at, _span, text in row[_LEAD + 1 :: _EACH]] == [
                str(year) for year in printed
            ]
            assert [text for *_at, text in second[_LEAD:]] == ["Прогноз", "Факт", "Вывод"] * len(
                printed
            )
            assert check_numbers(table, units=2) >= 1 + 2 * len(printed)
            grid = [int(column.get(f"{W}w")) for column in table.find(f"{W}tblGrid")]
            assert sum(grid) == pytest.approx(_WIDTH, abs=len(grid))
        assert told == list(years)
        # Two tables side by side would be one of Word's; each continuation says that it is one.
        between = [text_of(each) for each in body.findall(f"{W}p")]
        assert between == ["", *["Продолжение таблицы"] * (len(tables) - 1), ""]
    assert parts == [ceil(count / 2) for count in range(1, 12)]


def test_academic_years_are_years_too() -> None:
    tables = split(make_table(range(2015, 2025), heading="{year}–2030 учебный год"))
    assert len(tables) > 1


def test_a_table_that_cannot_be_split_whole_is_left_as_it_was() -> None:
    years = range(2015, 2025)
    nested = make_table(years)
    etree.SubElement(next(nested.iter(f"{W}tc")), f"{W}tbl")
    for body in (
        make_table(range(2024, 2025)),
        make_table(years, heading="Год"),
        make_table(years, make_row(make_cell("короче"), make_cell("прочих"))),
        nested,
    ):
        before = etree.tostring(body)
        assert split_by_years(body[1]) == [body[1]]
        assert etree.tostring(body) == before


@pytest.mark.parametrize("template", ["tables.docx", "note.docx"])
def test_reports_over_ten_years_break_no_number(template: str) -> None:
    numbers = [
        result("costs", year, 1234567890 + year, **wanted(1234567000, "met", deviation=890.0))
        for year in MANY
    ]
    shares = [result("diagnosed", year, 81.0, **wanted(80, "met", deviation=1.0)) for year in MANY]
    context = town_context(results=frame([*numbers, *shares]), years=MANY)
    years: list[int] = []
    checked = 0
    for table in Document(BytesIO(press(template, context))).element.body.iter(f"{W}tbl"):
        words = [text for *_place, text in cells_of(table.find(f"{W}tr"))]
        years += [int(word[:4]) for word in words if re.fullmatch(r"\d{4}.год", word)]
        checked += check_numbers(table)
    assert checked > 4 * len(MANY)
    assert years[: len(MANY)] == list(MANY)
