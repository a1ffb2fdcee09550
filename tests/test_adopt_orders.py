"""The tables of both orders, filled at random, as documents and workbooks: adopted = what was typed."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from engine.adoption.adopt import Adopted, Adoption, adopt
from engine.adoption.adopted_tables import list_facts
from engine.catalogue.model import Catalogue
from tests.adopting import (
    Table,
    appendix_3,
    appendix_4,
    criteria,
    read_tsv,
    write_document,
    write_workbook,
)
from tests.office import needs_office, resave
from tests.shipped_report import load_shipped

DEFINITIONS = Path(__file__).parents[1] / "definitions"
SCHOOL = "Школа № 2 (демо)"

MICHURINSK_ROWS = read_tsv("michurinsk_monitoring")
SEEDS = range(3)

Facts = dict[tuple[str, int, str, str], object]
"""(school, year, scenario, input) → what stands in its cell."""
Fill = Callable[[int], tuple[list[Table], Facts]]


def adopt_for(name: str, path: Path, output: Path) -> Adopted:
    asked = Adoption((path,), output, DEFINITIONS / name / "demo")
    return adopt(load_shipped(name), asked)


def facts_of(adopted: Adopted) -> Facts:
    return {
        (one.place, one.year, one.scenario, one.input): one.text if one.value is None else one.value
        for one in list_facts(adopted.tables.facts)
    }


def write(tables: list[Table], kind: str, folder: Path) -> Path:
    if kind == "docx":
        return write_document(tables, folder / "отчет.docx")
    return write_workbook(tables, folder / "отчет.xlsx")


# --- Michurinsk: five criteria --------------------------------------------------------------------


def inputs_of_criteria(catalogue: Catalogue) -> dict[tuple[str, str], str]:
    """(criterion, ordinal) → the input asked in the row; rows of shares are computed."""
    sections = {section.group: section for section in catalogue.forms["monitoring"].sections}
    found: dict[tuple[str, str], str] = {}
    for criterion in "12345":
        rows = iter(sections[f"k{criterion}"].rows)
        for row in (one for one in MICHURINSK_ROWS if one["criterion"] == criterion):
            if row["kind"].startswith("sub"):
                parent = catalogue.inputs[found[criterion, row["parent"]]]
                title = row["title"].removeprefix("- ")
                (name,) = [one for one in parent.parts if catalogue.inputs[one].title == title]
                found[criterion, row["ordinal"]] = name
                continue
            form_row = next(rows)
            assert form_row.number == row["number"]
            if form_row.cells:
                (found[criterion, row["ordinal"]],) = form_row.cells
    return found


def answer(kind: str, rng: random.Random) -> object:
    if kind == "yes_no":
        return rng.choice(["да", "нет", "Да", "НЕТ"])
    if kind == "text":
        return rng.choice(["ООО «Завод», ПАО «Сад»", "нет данных о названиях"])
    if kind == "share":
        return f"{rng.randint(0, 100)} %"
    return rng.choice([rng.randint(0, 2000), str(rng.randint(0, 99)), "н/п", None])


def value_of(typed: object) -> object:
    if isinstance(typed, str) and typed.casefold() in {"да", "нет"}:
        return float(typed.casefold() == "да")
    if isinstance(typed, int) or (isinstance(typed, str) and typed.isdigit()):
        return float(typed)
    return None if typed == "н/п" else typed


def fill_criteria(seed: int) -> tuple[list[Table], Facts]:
    """The five tables, and what stands in them."""
    rng = random.Random(seed)
    typed = {
        (row["criterion"], row["ordinal"]): answer(row["kind"], rng) for row in MICHURINSK_ROWS
    }
    catalogue = load_shipped("michurinsk")
    asked = inputs_of_criteria(catalogue)
    assert len(asked) == 71
    expected = {}
    for place, name in asked.items():
        if typed[place] is not None:
            # The form asks of those who left school of the year before.
            year = 2021 if catalogue.inputs[name].asked_for == "previous" else 2022
            expected["school-02", year, "fact", name] = value_of(typed[place])
    return criteria(typed, SCHOOL), expected


@pytest.mark.no_cover
@pytest.mark.parametrize("kind", ["docx", "xlsx"])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_five_criteria_are_adopted_as_typed(kind: str, seed: int, tmp_path: Path) -> None:
    tables, expected = fill_criteria(seed)
    adopted = adopt_for("michurinsk", write(tables, kind, tmp_path), tmp_path / "out")
    assert facts_of(adopted) == expected
    assert not [one for one in adopted.problems if one.severity == "error"]
    assert sum(adopted.tables.balance.values()) == adopted.tables.cells


def test_a_table_of_nobody_is_not_taken(tmp_path: Path) -> None:
    typed: dict[tuple[str, str], object] = {("1", "5"): 10}
    path = write_document(criteria(typed, "МАОУ _____"), tmp_path / "a.docx")
    adopted = adopt_for("michurinsk", path, tmp_path / "out")
    assert adopted.tables.facts.is_empty()
    assert "no-place" in {one.code for one in adopted.problems}
    assert "# constant: {school: …}" in (tmp_path / "out/sources.yaml").read_text(encoding="utf-8")


def test_a_later_table_of_an_unknown_school_takes_no_place_from_the_first(tmp_path: Path) -> None:
    first, second = criteria({("1", "5"): 10, ("2", "1"): 20}, SCHOOL)[:2]
    second.titles.append("МАОУ «Лицей № 77»")
    adopted = adopt_for(
        "michurinsk", write_document([first, second], tmp_path / "a.docx"), tmp_path / "out"
    )
    assert facts_of(adopted) == {("school-02", 2022, "fact", "students_4"): 10.0}


# --- Berezniki: appendices 3 and 4 ----------------------------------------------------------------


def fill_appendices(seed: int) -> tuple[list[Table], Facts]:
    """Both tables, and what of them is an input's."""
    rng = random.Random(seed)
    catalogue = load_shipped("berezniki")
    form = catalogue.forms["plan_report"]
    plan: dict[str, tuple[object, object]] = {}
    expected: Facts = {}
    for row in form.rows:
        number, note = rng.randint(2, 500), rng.choice([None, "Колледж, апрель"])
        plan[row.number.rstrip(".")] = (number, note)
        counts = [one for one in row.cells if catalogue.inputs[one].type == "count"]
        texts = [one for one in row.cells if catalogue.inputs[one].type == "text"]
        if len(counts) == 1:
            expected["school-02", 2022, "fact", counts[0]] = float(number)
        if len(texts) == 1 and note:
            expected["school-02", 2022, "fact", texts[0]] = note
    values: dict[str, Sequence[object]] = {
        row["code"]: [rng.randint(0, 99) for _year in range(3)]
        for row in read_tsv("berezniki_indicators")
    }
    columns = ((2022, "fact"), (2023, "fact"), (2024, "forecast"))
    for code, name in (
        ("3.3.1", "scholarship_students"),
        ("4.1.1", "guidance_6_7"),
        ("4.5.1", "open_university_10_11"),
    ):
        for (year, scenario), value in zip(columns, values[code], strict=True):
            expected["school-02", year, scenario, name] = float(str(value))
    return [appendix_3(plan, SCHOOL), appendix_4(values, SCHOOL)], expected


@pytest.mark.no_cover
@pytest.mark.parametrize("kind", ["docx", "xlsx"])
@pytest.mark.parametrize("seed", SEEDS)
def test_appendices_3_and_4_are_adopted_as_typed(kind: str, seed: int, tmp_path: Path) -> None:
    tables, expected = fill_appendices(seed)
    adopted = adopt_for("berezniki", write(tables, kind, tmp_path), tmp_path / "out")
    assert facts_of(adopted) == expected
    assert {one.code for one in adopted.problems if one.severity == "error"} == {
        "several-inputs",
        "input-of-other-level",
    }
    assert sum(adopted.tables.balance.values()) == adopted.tables.cells


@pytest.mark.no_cover
@pytest.mark.parametrize("text", ["25 мероприятий", "да", "12 и 13"])
def test_words_about_a_number_are_no_names(text: str, tmp_path: Path) -> None:
    path = write_document([appendix_3({"1.2": (text, None)}, SCHOOL)], tmp_path / "a.docx")
    adopted = adopt_for("berezniki", path, tmp_path / "out")
    assert adopted.tables.facts.is_empty()
    (line,) = [one for one in adopted.problems if one.code == "several-inputs"]
    assert "partner_event_students" in line.hint


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (12, "оставьте нужное"),
        ("12 / 5", "дайте каждому свою строку"),
        ("12 учеников, 5 педагогов", "дайте каждому свою строку"),
    ],
)
def test_a_row_of_two_numbers_says_what_to_do(text: object, hint: str, tmp_path: Path) -> None:
    table = appendix_3({"4.10": (text, None)}, SCHOOL)
    adopted = adopt_for("berezniki", write_document([table], tmp_path / "a.docx"), tmp_path / "out")
    assert adopted.tables.facts.is_empty()
    (line,) = [one for one in adopted.problems if one.code == "several-inputs"]
    assert line.hint.startswith(hint)
    assert "ticket_students" in line.hint
    assert "ticket_teachers" in line.hint


def test_a_row_of_two_numbers_is_taken_once_one_is_chosen(tmp_path: Path) -> None:
    path = write_document([appendix_3({"4.10": (12, None)}, SCHOOL)], tmp_path / "a.docx")
    adopt_for("berezniki", path, tmp_path / "out")
    sources = tmp_path / "out/sources.yaml"
    text = sources.read_text(encoding="utf-8")
    assert "[ticket_students, ticket_teachers]" in text
    text = text.replace("[ticket_students, ticket_teachers]", "ticket_students")
    sources.write_text(text, encoding="utf-8")
    adopted = adopt_for("berezniki", path, tmp_path / "out")
    assert facts_of(adopted) == {("school-02", 2022, "fact", "ticket_students"): 12.0}


def test_shares_are_told_to_be_computed(tmp_path: Path) -> None:
    table = appendix_4({"4.2.2": ["81,9 %", 80, 82]}, SCHOOL)
    adopted = adopt_for("berezniki", write_document([table], tmp_path / "a.docx"), tmp_path / "out")
    assert adopted.tables.facts.is_empty()
    (line,) = [one for one in adopted.problems if one.code == "computed-indicator"]
    assert line.position is not None
    assert line.position.sheet == "таблица 1"
    assert line.severity == "warning"


@pytest.mark.parametrize("write", [appendix_3, appendix_4])
def test_what_is_counted_as_told_is_told_visibly(
    write: Callable[..., Table], tmp_path: Path
) -> None:
    values = (12, "около 5", "6") if write is appendix_4 else ("12", "около 5")
    key = "code" if write is appendix_4 else "number"
    name = "berezniki_indicators" if write is appendix_4 else "berezniki_report"
    table = write({row[key]: values for row in read_tsv(name)}, SCHOOL)
    path = write_document([table], tmp_path / "a.docx")
    adopted = adopt_for("berezniki", path, tmp_path / "out")
    lines = [
        one
        for one in adopted.problems
        if one.severity != "note" and one.position is not None and one.position.sheet
    ]
    cells = sum(one.count or 1 for one in lines)
    assert adopted.tables.balance["line"] == cells > 0


# --- saved again by another office ----------------------------------------------------------------


@needs_office
@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("kind", "saved"), [("docx", "docx"), ("xlsx", "xlsx"), ("xlsx", "ods"), ("xlsx", "xls")]
)
@pytest.mark.parametrize(
    ("name", "fill"), [("michurinsk", fill_criteria), ("berezniki", fill_appendices)]
)
def test_tables_saved_by_another_office_are_adopted_as_typed(
    name: str, fill: Fill, kind: str, saved: str, tmp_path: Path
) -> None:
    tables, expected = fill(5)
    (tmp_path / "again").mkdir()
    path = resave(write(tables, kind, tmp_path), saved, tmp_path / "again")
    adopted = adopt_for(name, path, tmp_path / "out")
    assert facts_of(adopted) == expected
    assert sum(adopted.tables.balance.values()) == adopted.tables.cells
