"""Tables of the two orders, filled and laid out as documents and workbooks, for the tests of `adopt`."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import docx
import openpyxl

DOCUMENTS = Path(__file__).parent / "documents"


def read_tsv(name: str) -> list[dict[str, str]]:
    with (DOCUMENTS / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


@dataclass
class Table:
    """Rows of texts; `merged`: (top, left, bottom, right), counted from 0; `titles` stand above."""

    rows: list[list[object]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    breaks: list[int] = field(default_factory=list)
    """Rows before which a new piece of the table begins, as a page break leaves it."""

    def pieces(self) -> Iterator[tuple[int, int]]:
        ends = [*self.breaks, len(self.rows)]
        yield from zip([0, *self.breaks], ends, strict=True)


def write_document(tables: Sequence[Table], path: Path) -> Path:
    document = docx.Document()
    for table in tables:
        for title in table.titles:
            document.add_paragraph(title)
        for first, last in table.pieces():
            rows = table.rows[first:last]
            made = document.add_table(len(rows), max(map(len, table.rows)))
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if value is not None:
                        made.cell(number, column).text = show(value)
            for top, left, bottom, right in table.merged:
                if first <= top and bottom < last:
                    one, other = made.cell(top - first, left), made.cell(bottom - first, right)
                    text = one.text
                    one.merge(other).text = text
            document.add_paragraph("")
    document.save(str(path))
    return path


def write_workbook(tables: Sequence[Table], path: Path, names: Sequence[str] = ()) -> Path:
    """All tables in one sheet, blank rows between; or each in a sheet of its own, where named."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    sheet, top = None, 1
    for number, table in enumerate(tables):
        if names or sheet is None:
            sheet, top = book.create_sheet(names[number] if names else "Лист1"), 1
        for title in table.titles:
            sheet.cell(top, 1, title)
            top += 1
        for offset, row in enumerate(table.rows):
            for column, value in enumerate(row, 1):
                sheet.cell(top + offset, column, value)
        for first, left, last, right in table.merged:
            sheet.merge_cells(
                start_row=top + first,
                start_column=left + 1,
                end_row=top + last,
                end_column=right + 1,
            )
        top += len(table.rows) + 2
    book.save(path)
    return path


def show(value: object) -> str:
    """A value as it is typed into a document: `1 234`, `12,5`, да."""
    if isinstance(value, bool):
        return "да" if value else "нет"
    if isinstance(value, int):
        return f"{value:,}".replace(",", "\u00a0")
    return str(value).replace(".", ",") if isinstance(value, float) else str(value)


def split_title(title: str, words: int) -> tuple[str, str]:
    """A title as a page break cuts it."""
    parts = title.split()
    return " ".join(parts[:words]), " ".join(parts[words:])


# --- Berezniki ------------------------------------------------------------------------------------


def appendix_3(answers: dict[str, tuple[object, object]], school: str) -> Table:
    """The report on the plan; `answers`: number of the row → result, note (None: as printed)."""
    table = Table(
        [
            [
                "№ п/п",
                "Название мероприятия",
                "Целевые результаты по образовательному учреждению",
                "Примечание",
            ]
        ],
        titles=[
            "Отчет о достижении показателей муниципального плана",
            "по самоопределению и профессиональной ориентации детей и молодежи",
            "за 2022-2023 учебный год",
            school,
        ],
    )
    sections = {
        row["code"]: row["title"]
        for row in read_tsv("berezniki_sections")
        if row["table"] == "report"
    }
    seen = ""
    for row in read_tsv("berezniki_report"):
        if row["section"] != seen:
            seen = row["section"]
            table.merged.append((len(table.rows), 0, len(table.rows), 3))
            table.rows.append([f"{seen}. {sections.get(seen, 'Раздел')}", None, None, None])
        result, note = answers.get(row["number"], (None, None))
        number = row["number"] + ("" if row["number"] in {"4.16", "4.17", "4.18"} else ".")
        cells = [
            number,
            row["title"],
            row["result"] or result,
            row["note"] if note is None else note,
        ]
        if row["number"] in {"1.2", "2.2"}:
            # A page break inside the row: its second half has no number.
            first, second = split_title(row["title"], 12)
            table.rows.append([number, first, cells[2], cells[3]])
            table.breaks.append(len(table.rows))
            table.rows.append([None, second, None, None])
        else:
            table.rows.append(cells)
    return table


def appendix_4(answers: dict[str, Sequence[object]], school: str) -> Table:
    """The report on the indicators; `answers`: code → facts of 2022 and 2023, forecast of 2024."""
    table = Table(
        [
            ["№ п/п", "Показатели", "Факт", None, "Прогноз"],
            [None, None, 3, 4, 5],
            [1, 2, "2022 год", "2023 год", "2024 год"],
        ],
        [(0, 2, 0, 3)],
        titles=["Отчет о достижении значений показателей муниципальной системы", school],
    )
    sections = {
        row["code"]: row["title"]
        for row in read_tsv("berezniki_sections")
        if row["table"] != "plan"
    }
    seen = ""
    for row in read_tsv("berezniki_indicators"):
        if row["section"] != seen:
            seen = row["section"]
            table.rows.append([f"{seen}.", sections.get(seen, ""), None, None, None])
        values = list(answers.get(row["code"], (None, None, None)))
        if row["code"] in {"4.1.1", "4.7.2", "4.10.1"}:
            first, second = split_title(row["title"], 7)
            table.rows.append([f"{row['code']}.", first, *values])
            table.breaks.append(len(table.rows))
            table.rows.append([None, second, None, None, None])
        else:
            table.rows.append([f"{row['code']}.", row["title"], *values])
    return table


# --- Michurinsk -----------------------------------------------------------------------------------


def criteria(answers: dict[tuple[str, str], object], school: str) -> list[Table]:
    """The five tables of the monitoring; `answers`: (criterion, ordinal) → what is typed."""
    titles = {row["criterion"]: row["title"] for row in read_tsv("michurinsk_criteria")}
    tables: dict[str, Table] = {}
    for row in read_tsv("michurinsk_monitoring"):
        criterion = row["criterion"]
        if criterion not in tables:
            tables[criterion] = Table(
                [["№ п/п", "Показатель", "Единица измерения", "Результативность"]],
                titles=[f"Критерий {criterion}. {titles[criterion]}"],
            )
            if criterion == "1":
                tables[criterion].titles[:0] = ["Мониторинг за 2022-2023 учебный год", school]
        text = " ".join(filter(None, (row["title"], row["tail"]))) + row["mark"]
        value = answers.get((criterion, row["ordinal"]))
        tables[criterion].rows.append([row["number"] or None, text, row["unit"] or None, value])
    return list(tables.values())
