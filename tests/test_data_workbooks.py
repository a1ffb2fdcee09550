"""Cells of a workbook given as data are what is seen in them: percentages, formulas nobody computed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest

from engine.catalogue.load import load
from engine.catalogue.model import Catalogue
from engine.data import Data, read_data
from engine.data.cells import read_answer
from engine.data.frames import collect_frame
from engine.data.origins import find_cells
from engine.evaluation.asking import Asking
from engine.evaluation.evaluate import compute_results
from engine.problems import Problem, has_errors
from engine.translation import choose_language
from tests.filling import resave
from tests.office import needs_office

TOWN = """\
catalogue: {id: town, title: Проба, municipality: Город, levels: [school, municipality], years: [2023]}
register:
  classes: {title: Классов, type: number}
  kind: {title: Вид, type: choice, options: {lyceum: лицей, school: школа}}
inputs:
  pupils: {title: Обучающиеся, unit: person}
  rate: {title: Доля, type: number, unit: percent, rollup: mean}
  note: {title: Примечание, type: text}
  spent: {title: Потрачено, type: number, unit: rouble}
  day: {title: День, type: date}
  held: {title: Проведено, type: yes_no}
  city_rate: {title: Доля по городу, type: number, unit: percent, level: municipality}
indicators:
  mean_rate: {title: Средняя доля, unit: percent, formula: mean_of_schools(rate), targets: {2023: {at_least: 50}}}
  city: {title: Доля по городу, unit: percent, formula: city_rate, targets: {2023: {at_least: 50}}}
  total: {title: Всего, unit: person, formula: pupils}
"""
REGISTER = "school;title;classes;kind\na;Школа А;10;лицей\nb;Школа Б;5;школа\n"
UNCOMPUTED = "formula-without-value"


@dataclass(frozen=True, slots=True)
class Percent:
    """A number that its cell shows as a percentage."""

    number: float


@pytest.fixture(autouse=True)
def _russian() -> None:
    choose_language("ru")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    folder = tmp_path_factory.mktemp("town")
    (folder / "town.yaml").write_text(TOWN, encoding="utf-8")
    catalogue, problems = load(folder)
    assert catalogue is not None
    assert not has_errors(problems)
    return catalogue


def write_sheet(path: Path, *rows: tuple[object, ...]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Лист"
    for number, cells in enumerate(rows, 1):
        for column, value in enumerate(cells, 1):
            cell = sheet.cell(number, column, getattr(value, "number", value))
            if isinstance(value, Percent):
                cell.number_format = "0.0%"
    book.save(path)
    return path


def read_folder(
    town: Catalogue, folder: Path, *rows: tuple[object, ...], name: str = "facts"
) -> tuple[Data, tuple[Problem, ...]]:
    if name != "schools":
        (folder / "schools.csv").write_text(REGISTER, encoding="utf-8")
    write_sheet(folder / f"{name}.xlsx", *rows)
    return read_data(town, folder)


def value_of(town: Catalogue, data: Data, indicator: str) -> tuple[float | None, str | None]:
    asking = Asking((2023,), ("municipality",), indicators=(indicator,))
    (row,) = compute_results(town, data, asking).frame.select("value", "status").iter_rows()
    return row


def states_of(data: Data, name: str) -> list[tuple[object, ...]]:
    frame = collect_frame(data.facts)
    return sorted(frame.select("school", f"input:{name}", f"state:{name}").rows())


def tell(problems: tuple[Problem, ...]) -> list[tuple[str, str]]:
    return [
        (one.code, one.position.cell if one.position else "")
        for one in problems
        if one.severity == "error"
    ]


HEAD = ("school", "year", "pupils", "rate")


def test_a_percentage_is_read_as_it_is_seen(town: Catalogue, tmp_path: Path) -> None:
    rows = (HEAD, ("a", 2023, 10, Percent(0.85)), ("b", 2023, 10, Percent(0.625)))
    data, problems = read_folder(town, tmp_path, *rows)
    assert not problems
    assert value_of(town, data, "mean_rate") == (73.8, "met")
    cells = find_cells(data, ("school", "a", 2023, "fact"), ["rate"])
    assert [(cell.value, cell.text, cell.cell) for cell in cells] == [(85, "85 %", "D2")]


@needs_office
@pytest.mark.parametrize("kind", ["xlsx", "ods", "xls"])
def test_a_percentage_saved_by_another_office(town: Catalogue, tmp_path: Path, kind: str) -> None:
    rows = (HEAD, ("a", 2023, 10, Percent(0.85)), ("b", 2023, "=5+6", Percent(0.85)))
    resave([write_sheet(tmp_path / "facts.xlsx", *rows)], tmp_path / "data", kind)
    (tmp_path / "data" / "schools.csv").write_text(REGISTER, encoding="utf-8")
    data, problems = read_data(town, tmp_path / "data")
    assert not problems
    assert value_of(town, data, "mean_rate") == (85, "met")
    assert value_of(town, data, "total") == (21, "no_target")


def test_a_percentage_in_a_long_table_and_of_the_town(town: Catalogue, tmp_path: Path) -> None:
    (tmp_path / "city").mkdir()
    (tmp_path / "long").mkdir()
    rows = (("municipality", "year", "city_rate"), ("town", 2023, Percent(0.75)))
    data, problems = read_folder(town, tmp_path / "city", *rows)
    assert not problems
    assert value_of(town, data, "city") == (75, "met")
    long = (("school", "year", "input", "value"), ("a", 2023, "rate", Percent(0.85)))
    data, problems = read_folder(town, tmp_path / "long", *long)
    assert not problems
    assert value_of(town, data, "mean_rate") == (85, "met")


def test_a_count_shown_as_a_percentage_is_asked_about(town: Catalogue, tmp_path: Path) -> None:
    rows = (HEAD, ("a", 2023, Percent(1), 50), ("b", 2023, 7, Percent(85)))
    data, problems = read_folder(town, tmp_path, *rows)
    assert tell(problems) == [("unreadable-cell", "C2"), ("share-or-percent", "D3")]
    count, share = problems
    assert (count.message, count.hint) == (
        "«pupils»: не удалось прочитать «100 %»",
        "здесь спрашивают само число, а не долю: впишите, сколько есть, без знака процента, в ячейку формата «Общий»",
    )
    assert share.message == "«rate»: в ячейке видно 8500 %: это 85 % или 8500 %?"
    assert value_of(town, data, "total") == (7, "no_target")
    assert states_of(data, "rate") == [("a", 50, None), ("b", None, 2)]


def test_a_form_and_data_say_the_same_of_a_percentage(town: Catalogue) -> None:
    """What a form takes for a doubt is one in data too, where the sign was only the format."""
    assert read_answer(town.inputs["rate"], "8500 %").code == "share-or-percent"
    assert read_answer(town.inputs["rate"], "85 %").value == 85


@pytest.mark.parametrize("name", ["pupils", "note", "held", "rate"])
def test_a_formula_that_nobody_computed_is_no_empty_cell(
    town: Catalogue, tmp_path: Path, name: str
) -> None:
    """The last cell of its row, so that nothing of it is among the values."""
    rows = (("school", "year", "pupils", name)[: 3 + (name != "pupils")],)
    cells = (1,) if name != "pupils" else ()
    data, problems = read_folder(
        town, tmp_path, *rows, ("a", 2023, *cells, "=6*7"), ("b", 2023, *cells, "=СУММ(C1)")
    )
    column = "C" if name == "pupils" else "D"
    assert tell(problems) == [(UNCOMPUTED, f"{column}2"), (UNCOMPUTED, f"{column}3")]
    assert (problems[0].message, problems[0].hint) == (
        f"«{name}»: формула =6*7 не вычислена, значения нет",
        "откройте книгу в Excel и сохраните её или впишите значение вместо формулы",
    )
    assert states_of(data, name) == [("a", None, 2), ("b", None, 2)]
    (cell,) = find_cells(data, ("school", "a", 2023, "fact"), [name])
    assert (cell.state, cell.text, cell.cell) == ("not_readable", "=6*7", f"{column}2")


@pytest.mark.parametrize(
    ("rows", "due"),
    [
        ((HEAD, ("=A9", 2023, 1, 1), ("b", 2023, 7, 1)), [(UNCOMPUTED, "A2")]),
        ((HEAD, ("a", "=2000+23", 1, 1), ("b", 2023, 7, 1)), [(UNCOMPUTED, "B2")]),
        (
            (("school", "year", "scenario", "pupils"), ("a", 2023, "=A1", 1), ("b", 2023, "", 7)),
            [(UNCOMPUTED, "C2")],
        ),
        (((*HEAD[:3], "=A1"), ("b", 2023, 7, 1)), [(UNCOMPUTED, "D1")]),
        (
            (("school", "year", "input", "value"), ("a", 2023, "=A1", 1), ("b", 2023, "pupils", 7)),
            [(UNCOMPUTED, "C2")],
        ),
        (
            (
                ("level", "place", "year", "input", "value"),
                ("=A1", "a", 2023, "pupils", 1),
                ("school", "b", 2023, "pupils", 7),
            ),
            [(UNCOMPUTED, "A2")],
        ),
    ],
)
def test_a_formula_in_place_of_a_key(
    town: Catalogue, tmp_path: Path, rows: tuple[tuple[object, ...], ...], due: list[object]
) -> None:
    data, problems = read_folder(town, tmp_path, *rows)
    assert tell(problems) == due
    assert "\ufffd" not in problems[0].message
    assert value_of(town, data, "total") == (7, "no_target")


def test_without_a_register_a_formula_names_no_school(town: Catalogue, tmp_path: Path) -> None:
    path = write_sheet(tmp_path / "facts.xlsx", HEAD, ("=A9", 2023, 1, 1), ("b", 2023, 7, 1))
    data, problems = read_data(town, path)
    assert tell(problems) == [(UNCOMPUTED, "A2")]
    assert data.register is not None
    assert data.register.schools.to_list() == ["b"]


@pytest.mark.parametrize("column", ["school", "title", "municipality", "classes", "kind", "closed"])
def test_a_formula_in_the_register(town: Catalogue, tmp_path: Path, column: str) -> None:
    """The year in which a school is closed is not thought away, nor its place, nor its title."""
    (tmp_path / "facts.csv").write_text("school;year;pupils\nb;2023;7\n", encoding="utf-8")
    plain = {"school": "a", "title": "А", "municipality": "town", "classes": 1, "kind": "лицей"}
    first = [{**plain, "closed": None, column: "=2000+23"}[name] for name in (*plain, "closed")]
    other = ("b", "Б", "town", 5, "школа", None)
    data, problems = read_folder(
        town, tmp_path, (*plain, "closed"), tuple(first), other, name="schools"
    )
    letter = "ABCDEF"[(*plain, "closed").index(column)]
    assert tell(problems) == [(UNCOMPUTED, f"{letter}2")]
    assert len(problems) == 1
    result = "; школа не считается" if column == "closed" else ""
    assert problems[0].message == f"формула =2000+23 не вычислена, значения нет{result}"
    assert value_of(town, data, "total")[0] == 7


def test_a_formula_in_a_header_of_the_register(town: Catalogue, tmp_path: Path) -> None:
    (tmp_path / "facts.csv").write_text("school;year;pupils\nb;2023;7\n", encoding="utf-8")
    head = ("school", "classes", "kind", '="clo"&"sed"')
    _data, problems = read_folder(town, tmp_path, head, ("b", 1, "лицей", 2020), name="schools")
    assert tell(problems) == [(UNCOMPUTED, "D1")]


@pytest.mark.parametrize(("row", "cell"), [(("=A1", "town", "Город"), "A2"),
                                           (("municipality", "=A1", "Город"), "B2"),
                                           (("municipality", "town", "=A1"), "C2")])  # fmt: skip
def test_a_formula_among_the_places(
    town: Catalogue, tmp_path: Path, row: tuple[str, ...], cell: str
) -> None:
    (tmp_path / "facts.csv").write_text("school;year;pupils\nb;2023;7\n", encoding="utf-8")
    head = ("level", "place", "title")
    data, problems = read_folder(town, tmp_path, head, row, name="places")
    assert tell(problems) == [(UNCOMPUTED, cell)]
    assert data.title("municipality", "town") == "Город"


def test_formulas_beside_the_table_are_not_asked_about(town: Catalogue, tmp_path: Path) -> None:
    """Of a sheet that holds no facts nothing is read, so nothing of it is missing."""
    (tmp_path / "schools.csv").write_text(REGISTER, encoding="utf-8")
    book = openpyxl.Workbook()
    book.active.append(HEAD)
    book.active.append(("a", 2023, 10, 50))
    notes = book.create_sheet("Свод")
    notes.append(("Итого", "=SUM(A1:A9)"))
    book.save(tmp_path / "facts.xlsx")
    data, problems = read_data(town, tmp_path)
    assert [(one.code, one.severity) for one in problems] == [("ignored-sheet", "note")]
    assert value_of(town, data, "total") == (10, "no_target")


def test_a_text_that_looks_like_a_formula_stays_a_text(town: Catalogue, tmp_path: Path) -> None:
    text = "school;year;note;pupils\na;2023;=1+1;5\nb;2023;нет;6\n"
    (tmp_path / "schools.csv").write_text(REGISTER, encoding="utf-8")
    (tmp_path / "facts.csv").write_text(text, encoding="utf-8")
    data, problems = read_data(town, tmp_path)
    assert not problems
    frame = collect_frame(data.facts)
    assert sorted(frame["input:note"]) == ["=1+1", "нет"]


def read_csv(town: Catalogue, folder: Path, text: str) -> tuple[Data, tuple[Problem, ...]]:
    (folder / "schools.csv").write_text(REGISTER, encoding="utf-8")
    (folder / "facts.csv").write_text(text, encoding="utf-8")
    return read_data(town, folder)


def test_a_share_without_its_sign_is_asked_about(town: Catalogue, tmp_path: Path) -> None:
    data, problems = read_csv(
        town, tmp_path, "school;year;rate\na;2023;0,85\nb;2023;0,5 %\na;2022;120 %\nb;2022;120\n"
    )
    assert [(one.code, one.position.line) for one in problems if one.position] == [
        ("share-or-percent", 2),
        ("share-or-percent", 4),
        ("outside-percent", 5),
    ]
    assert problems[0].message == "«rate»: 0,85 — это 85 % или 0,85 %?"
    frame = collect_frame(data.facts).sort("year", "school")
    assert frame["input:rate"].to_list() == [None, 120, None, 0.5]


def test_a_shortened_number_is_refused(town: Catalogue, tmp_path: Path) -> None:
    """Excel saves as CSV what is seen: of 123456789012 that is 1,23457E+11."""
    data, problems = read_csv(
        town, tmp_path, "school;year;spent;pupils\na;2023;1,23457E+11;1e3\nb;2023;12,5;7\n"
    )
    assert tell_lines(problems) == [("shortened-number", 2, 3), ("shortened-number", 2, 4)]
    assert (
        problems[0].message
        == "«spent»: число 1,23457E+11 записано сокращённо, последние цифры потеряны"
    )
    assert "CSV" in problems[0].hint
    frame = collect_frame(data.facts).sort("school")
    assert frame["input:spent"].to_list() == [None, 12.5]
    assert frame["input:pupils"].to_list() == [None, 7]


def test_of_a_shortened_number_in_a_workbook_nothing_is_said_of_a_csv(
    town: Catalogue, tmp_path: Path
) -> None:
    _data, problems = read_folder(town, tmp_path, ("school", "year", "pupils"), ("a", 2023, "1e3"))
    assert [one.code for one in problems] == ["shortened-number"]
    assert problems[0].hint == "поставьте ячейке формат «Числовой» и впишите число целиком"


def tell_lines(problems: tuple[Problem, ...]) -> list[tuple[str, int, int]]:
    return [(one.code, one.position.line, one.position.column) for one in problems if one.position]


def test_a_number_of_a_workbook_has_no_exponent_and_no_noise(
    town: Catalogue, tmp_path: Path
) -> None:
    head = ("school", "year", "pupils", "spent")
    rows = (head, ("a", 2023, 28.999999999999996, 1.5e-7), ("b", 2023, 1e3, 123456789012))
    data, problems = read_folder(town, tmp_path, *rows)
    assert not problems
    frame = collect_frame(data.facts).sort("school")
    assert frame["input:pupils"].to_list() == [29, 1000]
    assert frame["input:spent"].to_list() == [1.5e-7, 123456789012]


def test_marks_and_days_are_what_they_are_in_a_form(town: Catalogue, tmp_path: Path) -> None:
    data, problems = read_csv(
        town, tmp_path, "school;year;note;day\na;2023;х;07.01.1900\nb;2023;-;01.09.2023\n"
    )
    assert tell_lines(problems) == [("unreadable-cell", 2, 4)]
    assert states_of(data, "note") == [("a", None, 1), ("b", None, None)]
    assert states_of(data, "day") == [("a", None, 2), ("b", "2023-09-01", None)]


def test_facts_of_collect_are_not_read_as_by_a_person(town: Catalogue, tmp_path: Path) -> None:
    """What `collect` wrote was asked about already: 0,85 % is written there as a bare number."""
    head = "level;place;year;scenario;input;value;text;state;file;sheet;cell;sha256\n"
    data, problems = read_csv(
        town,
        tmp_path,
        f"{head}school;a;2023;fact;rate;0,85;0,85 %;value;a.xlsx;Л;D4;\n"
        "school;a;2023;fact;spent;1.5e-7;;value;a.xlsx;Л;D5;\n",
    )
    assert not problems
    frame = collect_frame(data.facts)
    assert frame.select("input:rate", "input:spent").row(0) == (0.85, 1.5e-7)


# --- merged cells --------------------------------------------------------------------------------


def write_merged(path: Path, merged: str, *rows: tuple[object, ...]) -> Path:
    book = openpyxl.load_workbook(write_sheet(path, *rows))
    book.active.merge_cells(merged)
    book.save(path)
    return path


def read_merged(
    town: Catalogue, folder: Path, merged: str, *rows: tuple[object, ...]
) -> tuple[Data, tuple[Problem, ...]]:
    (folder / "schools.csv").write_text(REGISTER, encoding="utf-8")
    write_merged(folder / "facts.xlsx", merged, *rows)
    return read_data(town, folder)


TWO = (("school", "year", "pupils", "spent"), ("a", 2023, 50, 1), ("b", 2023, 7, 2))


@pytest.mark.parametrize(
    ("merged", "due"),
    [
        ("C2:C3", ([("merged-cell", "C2"), ("merged-cell", "C3")], [None, None], [1, 2])),
        ("C2:D2", ([("merged-cell", "C2"), ("merged-cell", "D2")], [None, 7], [None, 2])),
        (
            "C2:D3",
            (
                [("merged-cell", f"{letter}{row}") for row in (2, 3) for letter in "CD"],
                [None, None],
                [None, None],
            ),
        ),
        ("B2:C2", ([("merged-cell", "C2")], [None, 7], [1, 2])),  # hidden behind the year
        ("D2:E2", ([], [50, 7], [1, 2])),  # one answer and what is beside it
        ("D5:D9", ([], [50, 7], [1, 2])),  # below the table
    ],
)
def test_merged_answers_are_nobodys(
    town: Catalogue,
    tmp_path: Path,
    merged: str,
    due: tuple[list[tuple[str, str]], list[object], list[object]],
) -> None:
    """What is hidden in a merged cell is not readable, and never "not filled"."""
    data, found = read_merged(town, tmp_path, merged, *TWO)
    problems, *columns = due
    assert tell(found) == problems
    frame = collect_frame(data.facts).sort("school")
    for name, values in zip(("pupils", "spent"), columns, strict=True):
        assert frame[f"input:{name}"].to_list() == values
        if None in values:
            states = frame[f"state:{name}"].to_list()
            assert states == [2 if value is None else None for value in values]


def test_a_year_merged_over_rows_is_named_with_its_cure(town: Catalogue, tmp_path: Path) -> None:
    rows = (TWO[0], ("a", 2023, 50, 1), ("b", None, 7, 2))
    data, found = read_merged(town, tmp_path, "B2:B3", *rows)
    assert tell(found) == [("no-year", "B3")]
    assert found[0].hint == "ячейки B2:B3 объединены: разъедините их и заполните каждую строку"
    assert value_of(town, data, "total") == (50, "no_target")


def test_an_empty_merged_cell_is_not_filled(town: Catalogue, tmp_path: Path) -> None:
    rows = (TWO[0], ("a", 2023, None, 1), ("b", 2023, None, 2))
    data, found = read_merged(town, tmp_path, "C2:C3", *rows)
    assert not found
    assert "input:pupils" not in collect_frame(data.facts).columns


def test_merged_answers_of_a_long_table(town: Catalogue, tmp_path: Path) -> None:
    rows = (
        ("school", "year", "input", "value"),
        ("a", 2023, "pupils", 5),
        ("b", 2023, "pupils", None),
    )
    data, found = read_merged(town, tmp_path, "D2:D3", *rows)
    assert tell(found) == [("merged-cell", "D2"), ("merged-cell", "D3")]
    assert states_of(data, "pupils") == [("a", None, 2), ("b", None, 2)]


@needs_office
@pytest.mark.parametrize("kind", ["ods", "xls"])
def test_merged_answers_saved_by_another_office(town: Catalogue, tmp_path: Path, kind: str) -> None:
    resave([write_merged(tmp_path / "facts.xlsx", "C2:C3", *TWO)], tmp_path / "data", kind)
    (tmp_path / "data" / "schools.csv").write_text(REGISTER, encoding="utf-8")
    data, found = read_data(town, tmp_path / "data")
    assert tell(found) == [("merged-cell", "C2"), ("merged-cell", "C3")]
    assert states_of(data, "pupils") == [("a", None, 2), ("b", None, 2)]


# --- the register --------------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["opened", "closed", "year"])
@pytest.mark.parametrize(
    ("written", "code"),
    [("=2000+23", UNCOMPUTED), ("#N/A", "excel-error"), ("скоро", "bad-year")],
)
def test_a_school_is_not_counted_whose_years_cannot_be_read(
    town: Catalogue, tmp_path: Path, column: str, written: str, code: str
) -> None:
    facts = "school;year;pupils\na;2023;60\nb;2023;7\n"
    (tmp_path / "facts.csv").write_text(facts, encoding="utf-8")
    head = ("school", "title", "classes", "kind", column)
    rows = (("a", "А", 1, "лицей", written), ("b", "Б", 1, "лицей", None))
    data, problems = read_folder(town, tmp_path, head, *rows, name="schools")
    assert tell(problems) == [(code, "E2")]
    assert problems[-1].message.endswith("; школа не считается")
    (left_out,) = (one for one in problems if one.code == "school-not-open")
    assert left_out.message == (
        "открыта ли школа «a» в 2023 году, прочитать нельзя: её данные не считаются"
    )
    assert value_of(town, data, "total") == (7, "no_target")
    assert data.register is not None
    assert data.register.by_year((2023,))["school"].to_list() == ["b"]


@pytest.mark.parametrize(("column", "cell"), [("title", "B2"), ("municipality", "C2")])
def test_an_error_is_no_title_and_no_place(
    town: Catalogue, tmp_path: Path, column: str, cell: str
) -> None:
    (tmp_path / "facts.csv").write_text("school;year;pupils\nb;2023;7\n", encoding="utf-8")
    head = ("school", "title", "municipality", "classes", "kind")
    first = {**dict(zip(head, ("a", "А", "town", 1, "лицей"), strict=True)), column: "#REF!"}
    data, problems = read_folder(
        town, tmp_path, head, tuple(first.values()), ("b", "Б", "town", 1, "лицей"), name="schools"
    )
    assert tell(problems) == [("excel-error", cell)]
    assert data.register is not None
    assert data.register.places["municipality"] == {"town"}
    assert ("school", "a") not in data.titles or column != "title"


def test_merged_cells_of_the_register(town: Catalogue, tmp_path: Path) -> None:
    (tmp_path / "facts.csv").write_text("school;year;pupils\na;2023;7\n", encoding="utf-8")
    head = ("school", "title", "classes", "kind", "closed")
    rows = (head, ("a", "А", 1, "лицей", 2020), ("b", "Б", 1, "лицей", None))
    write_merged(tmp_path / "schools.xlsx", "E2:E3", *rows)
    data, problems = read_data(town, tmp_path)
    assert tell(problems) == [("merged-cell", "E2"), ("merged-cell", "E3")]
    assert data.register is not None
    assert data.register.by_year((2019, 2020)).is_empty()


def test_no_data_beside_a_value_takes_nothing_from_it(town: Catalogue, tmp_path: Path) -> None:
    """The value counts, so its proof does not say that it cannot be read."""
    data, problems = read_csv(
        town, tmp_path, "school;year;pupils\na;2023;5\na;2023;нет данных\nb;2023;7\n"
    )
    assert not problems
    assert value_of(town, data, "total") == (12, "no_target")
    cells = find_cells(data, ("school", "a", 2023, "fact"), ["pupils"])
    assert [(cell.value, cell.state) for cell in cells] == [(5, "value"), (None, "value")]
