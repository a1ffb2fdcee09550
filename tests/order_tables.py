"""The tables of both orders as files: .docx and .xlsx made from their transcription, as people make them.

With merged headings, rows of numbers under them, and rows that a page break has cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import xlsxwriter
from docx import Document

DOCUMENTS = Path(__file__).resolve().parent / "documents"

Line = Sequence[str]


def read_lines(name: str) -> list[dict[str, str]]:
    header, *lines = (DOCUMENTS / f"{name}.tsv").read_text("utf-8").splitlines()
    return [dict(zip(header.split("\t"), line.split("\t"), strict=True)) for line in lines]


CUT = {"3.3.3": "организации высшего", "4.1.1": "использованием", "7.1.7": "дополнительным"}
"""Indicators whose row a page break cuts before these words."""


def berezniki_rows(*, cut: bool = True) -> list[Line]:
    """The rows of appendix 2 below its heading, section by section."""
    titles = {row["code"]: row["title"] for row in read_lines("berezniki_sections")}
    rows: list[Line] = []
    section = ""
    for row in read_lines("berezniki_indicators"):
        if row["section"] != section:
            section = row["section"]
            rows.append((f"{section}.", titles[section], "", "", ""))
        title, values = row["title"], [row[year] for year in ("2022", "2023", "2024")]
        at = title.find(CUT.get(row["code"], "\0")) if cut else -1
        if at > 0:
            rows += [(f"{row['code']}.", title[:at], *values), ("", title[at:], "", "", "")]
        else:
            rows.append((f"{row['code']}.", title, *values))
    return rows


HEADING: tuple[Line, ...] = (
    ("№ п/п", "Показатели", "Прогнозные значения", "", ""),
    ("", "", "3", "4", "5"),
    ("", "", "2022 год", "2023 год", "2024 год"),
)


def berezniki_docx(path: Path) -> Path:
    """Appendix 2 with its heading merged down and across, after another table of the same order."""
    document = Document()
    document.add_paragraph("Муниципальный план")
    plan = document.add_table(2, 5)
    lines: tuple[Line, ...] = (
        ("№ п/п", "Название мероприятия", "Сроки исполнения", "Ответственные", "Результаты"),
        ("1.1.", "Открытие инженерных классов", "Сентябрь 2023", "Школы", "Не менее 4 классов"),
    )
    for row, texts in enumerate(lines):
        for column, text in enumerate(texts):
            plan.cell(row, column).text = text
    document.add_paragraph("Прогнозные значения показателей")
    rows: list[Line] = [*HEADING, *berezniki_rows()]
    table = document.add_table(len(rows), 5)
    for row, texts in enumerate(rows):
        for cell, text in zip(table.rows[row].cells, texts, strict=True):
            cell.text = text
    for column in (0, 1):
        table.cell(0, column).merge(table.cell(2, column))
    table.cell(0, 2).merge(table.cell(0, 4))
    document.save(str(path))
    return path


def berezniki_xlsx(path: Path) -> Path:
    """Appendix 2 as a sheet: a title above, merged cells, numbers as numbers."""
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Приложение 2")
    sheet.merge_range(0, 0, 0, 4, "Прогнозные значения показателей на 2022-2024 годы")
    sheet.merge_range(2, 0, 4, 0, "№ п/п")
    sheet.merge_range(2, 1, 4, 1, "Показатели")
    sheet.merge_range(2, 2, 2, 4, "Прогнозные значения")
    for row, texts in enumerate(HEADING[1:], 3):
        for column, text in enumerate(texts):
            if text:
                sheet.write_string(row, column, text)
    for row, texts in enumerate(berezniki_rows(cut=False), 5):
        for column, text in enumerate(texts):
            number = text.replace(",", ".")
            if column > 1 and number.replace(".", "").isdigit():
                sheet.write_number(row, column, float(number))
            elif text:
                sheet.write_string(row, column, text)
    book.close()
    return path


def michurinsk_rows(criterion: str) -> list[Line]:
    """The rows of one criterion: sub-rows have no number, footnotes an asterisk."""
    return [
        (row["number"], f"{row['title']}{row['tail']}{row['mark']}", row["unit"], "")
        for row in read_lines("michurinsk_monitoring")
        if row["criterion"] == criterion
    ]


def michurinsk_docx(path: Path) -> Path:
    """The five criteria as five tables, each under its title."""
    document = Document()
    for row in read_lines("michurinsk_criteria"):
        criterion = row["criterion"]
        document.add_paragraph(f"Критерий {criterion}. {row['title']}")
        rows = [
            ("№ п/п", "Показатель", "Единица измерения", "Результативность"),
            *michurinsk_rows(criterion),
        ]
        table = document.add_table(len(rows), 4)
        for number, texts in enumerate(rows):
            for cell, text in zip(table.rows[number].cells, texts, strict=True):
                cell.text = text
    document.save(str(path))
    return path
