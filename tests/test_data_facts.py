"""Facts and register as the evaluation gets them: frames, states, titles, proof."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from engine.catalogue.load import load
from engine.catalogue.model import Catalogue
from engine.data import Data, data_from_example, read_data
from engine.data.facts import read_scenario, read_year
from engine.data.frames import collect_frame
from engine.data.origins import find_cells
from engine.problems import Position, Problem, show_problem

TOWN = Path(__file__).parent / "cases/data/town"
REGISTER = "school;title;big;kind;area\na;Школа А;да;школа;1\nb;Школа Б;нет;лицей;2\n"


@pytest.fixture(scope="module")
def town() -> Catalogue:
    catalogue, problems = load(TOWN)
    assert catalogue is not None
    assert not problems
    return catalogue


def write_files(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def read_clean(catalogue: Catalogue, path: Path) -> Data:
    data, problems = read_data(catalogue, path)
    assert not problems, "\n".join(map(show_problem, problems))
    return data


def rows_of(frame: pl.LazyFrame, *columns: str) -> list[tuple[Any, ...]]:
    """The rows, sorted; without `columns` all but the code, which says what the keys say."""
    native = collect_frame(frame)
    shown = native.select(columns) if columns else native.drop("code", strict=False)
    return sorted(shown.rows(), key=str)


def test_wide_facts_spread_over_files(tmp_path: Path, town: Catalogue) -> None:
    write_files(
        tmp_path,
        {
            "schools.csv": REGISTER,
            "one.csv": "school;year;pupils;named\na;2022;10;Лицей\nb;2022;;\na;2021;8;\n",
            "two.csv": "school,year,scenario,pupils,spent\na,2024,прогноз,12,\na,2022,,,12.5\n",
            "three.csv": "school;year;input;value\nb;2022;pupils;н/п\nb;2022;pupils.ovz;\n",
        },
    )
    data = read_clean(town, tmp_path)
    assert data.facts.collect_schema().names() == [
        "school",
        "year",
        "scenario",
        "code",
        "input:pupils",
        "state:pupils",
        "input:spent",
        "input:named",
    ]
    assert rows_of(data.facts) == [
        ("a", 2021, "fact", 8, None, None, None),
        ("a", 2022, "fact", 10, None, 12.5, "Лицей"),
        ("a", 2024, "forecast", 12, None, None, None),
        ("b", 2022, "fact", None, 1, None, None),
    ]
    assert data.years == (2021, 2022, 2023, 2024)
    assert data.scenarios == ("fact", "forecast")
    assert data.filled == {"pupils", "spent", "named"}
    assert data.odd == {"pupils": frozenset({1})}
    assert rows_of(data.forecast_keys) == [("a", 2024)]


def test_the_code_of_a_row_is_its_place_year_and_scenario(tmp_path: Path, town: Catalogue) -> None:
    """Whatever the file: a fact has the code of the school's row, a forecast the next one."""
    rows = ("b;2022;fact;1", "a;2023;fact;2", "b;2023;fact;3", "a;2024;forecast;4", "a;2024;fact;5")
    texts = "\n".join(("school;year;scenario;pupils", *rows))
    cells = [row.split(";") for row in rows]
    frame = pl.DataFrame(
        {
            "school": [cell[0] for cell in cells],
            "year": [int(cell[1]) for cell in cells],
            "scenario": [cell[2] for cell in cells],
            "pupils": [int(cell[3]) for cell in cells],
        }
    )
    for name in ("texts", "columns"):
        (tmp_path / name).mkdir()
    write_files(tmp_path / "texts", {"schools.csv": REGISTER, "facts.csv": texts})
    write_files(tmp_path / "columns", {"schools.csv": REGISTER})
    frame.write_parquet(tmp_path / "columns" / "facts.parquet")
    for folder in ("texts", "columns"):
        data = read_clean(town, tmp_path / folder)
        schools = rows_of(data.schools, "school", "year", "code")
        of_schools = {(school, year): code for school, year, code in schools}
        assert len(set(of_schools.values())) == len(of_schools)
        facts = rows_of(data.facts, "school", "year", "scenario", "code", "input:pupils")
        assert len(facts) == len(rows)
        for school, year, scenario, code, _value in facts:
            assert code == of_schools[school, year] + (scenario == "forecast")


def test_types_of_columns(tmp_path: Path, town: Catalogue) -> None:
    head = "school;year;pupils;spent;agreed;named;signed;page;form"
    row = "a;2022;1 234;1,5;+;«Да»;01.09.2022;example.org;Очная"
    write_files(tmp_path, {"schools.csv": REGISTER, "facts.csv": f"{head}\n{row}\n"})
    data = read_clean(town, tmp_path)
    assert rows_of(data.facts) == [
        ("a", 2022, "fact", 1234, 1.5, True, "«Да»", "2022-09-01", "example.org", "day")
    ]
    schema = data.facts.collect_schema()
    assert schema["year"] == pl.Int32
    assert schema["input:pupils"] == pl.Int64
    assert schema["input:agreed"] == pl.Boolean
    assert rows_of(data.facts, "school", "year", "input:form")[0] == ("a", 2022, "day")


def test_register_by_year(tmp_path: Path, town: Catalogue) -> None:
    text = (
        "school;title;big;kind;area;opened;closed;year\n"
        "a;Старое имя;да;школа;1;;;\n"
        "a;Новое имя;нет;лицей;2;;;2023\n"
        "b;Новая;да;школа;1;2023;;\n"
        "c;Закрытая;да;школа;1;;2023;\n"
        "d;Не открытая;да;школа;1;2023;2023;\n"
    )
    write_files(tmp_path, {"schools.csv": text, "facts.csv": "school;year;pupils\na;2022;1\n"})
    data = read_clean(town, tmp_path)
    assert rows_of(data.schools, "school", "year", "register:big", "register:kind") == [
        ("a", 2021, True, "school"),
        ("a", 2022, True, "school"),
        ("a", 2023, False, "lyceum"),
        ("a", 2024, False, "lyceum"),
        ("b", 2023, True, "school"),
        ("b", 2024, True, "school"),
        ("c", 2021, True, "school"),
        ("c", 2022, True, "school"),
    ]
    assert data.schools.collect_schema().names() == [
        "school",
        "level:municipality",
        "level:region",
        "year",
        "code",
        "register:big",
        "register:kind",
        "register:area",
    ]
    assert data.title("school", "a") == "Новое имя"
    assert data.title("municipality", "town") == "Город"
    assert data.title("region", "region") == "Край"
    assert data.title("school", "z") == "z"


def test_places_above(tmp_path: Path, town: Catalogue) -> None:
    write_files(
        tmp_path,
        {
            "schools.csv": REGISTER,
            "places.csv": "level,place,title\nregion,perm,Пермский край\n",
            "region.csv": "region,year,of_region\nperm,2022,1000\n",
            "town.csv": "municipality,year,input,value\ntown,2022,visitors,5\n",
        },
    )
    data = read_clean(town, tmp_path)
    assert rows_of(data.given["region"]) == [("perm", 2022, "fact", 1000)]
    assert rows_of(data.given["municipality"]) == [("town", 2022, "fact", 5)]
    assert {row[:3] for row in rows_of(data.schools)} == {
        ("a", "town", "perm"),
        ("b", "town", "perm"),
    }
    assert data.title("region", "perm") == "Пермский край"
    assert rows_of(data.facts) == []
    assert find_cells(data, ("region", "perm", 2022, "fact"), ["of_region"])[0].value == 1000


def test_one_file_without_a_register(tmp_path: Path, town: Catalogue) -> None:
    path = tmp_path / "facts.tsv"
    path.write_text("school\tyear\tpupils\nb\t2023\t1\na\t2022-2023 уч. год\t2\n", encoding="utf-8")
    data = read_clean(town, path)
    assert rows_of(data.facts) == [("a", 2022, "fact", 2), ("b", 2023, "fact", 1)]
    assert len(rows_of(data.schools)) == 8  # two schools, and the year before the first
    assert rows_of(data.schools, "register:big")[0] == (None,)


@pytest.mark.parametrize("name", ["nothing", "notes.docx"])
def test_no_data(tmp_path: Path, town: Catalogue, name: str) -> None:
    (tmp_path / "notes.docx").write_text("x", encoding="utf-8")
    data, problems = read_data(town, tmp_path / name)
    assert [problem.severity for problem in problems] == ["error"]
    assert rows_of(data.schools) == rows_of(data.facts) == []
    assert data.filled == frozenset()


def test_catalogue_without_inputs(tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "bare.yaml").write_text("catalogue: {id: bare, title: B}\n")
    catalogue, _problems = load(tmp_path / "bare")
    assert catalogue is not None
    write_files(tmp_path, {"schools.csv": "school\na\n"})
    data, problems = read_data(catalogue, tmp_path)
    assert {problem.severity for problem in problems} <= {"note", "warning"}
    assert data.years == ()
    assert rows_of(data.schools) == []


def test_two_cells_of_one_key_count_neither(tmp_path: Path, town: Catalogue) -> None:
    write_files(
        tmp_path,
        {
            "schools.csv": REGISTER,
            "one.csv": "school;year;pupils;spent\na;2022;10;1\nb;2022;7;\n",
            "two.csv": "school;year;pupils;spent\na;2022;10;\nb;2023;7;\n",
        },
    )
    data, problems = read_data(town, tmp_path)
    assert [problem.code for problem in problems] == ["value-twice"]
    assert rows_of(data.facts, "school", "year", "input:pupils", "state:pupils", "input:spent") == [
        ("a", 2022, None, 2, 1.0),
        ("b", 2022, 7, None, None),
        ("b", 2023, 7, None, None),
    ]
    cells = find_cells(data, ("school", "a", 2022, "fact"), ["pupils", "spent"])
    assert [(cell.input, cell.value, cell.state, Path(cell.file).name) for cell in cells] == [
        ("pupils", None, "not_readable", "one.csv"),
        ("pupils", None, "not_readable", "two.csv"),
        ("spent", 1.0, "value", "one.csv"),
    ]


def test_proof_of_a_cell(tmp_path: Path, town: Catalogue) -> None:
    write_files(
        tmp_path,
        {
            "schools.csv": REGISTER,
            "facts.csv": "school;year;pupils;pupils.ovz;later\na;2022;1 234;н/п;5\n",
        },
    )
    data, _problems = read_data(town, tmp_path)
    cells = find_cells(data, ("school", "a", 2022, "fact"), ["pupils", "pupils.ovz", "later"])
    assert [(cell.input, cell.value, cell.text, cell.state) for cell in cells] == [
        ("pupils", 1234, "1 234", "value"),
        ("pupils.ovz", None, "н/п", "not_applicable"),
    ]
    assert (cells[0].row, cells[0].column) == (2, 3)
    digest = hashlib.sha256((tmp_path / "facts.csv").read_bytes()).hexdigest()
    assert cells[0].sha256 == digest
    assert not find_cells(data, ("school", "a", 2023, "fact"), ["pupils"])
    assert not find_cells(data, ("region", "a", 2022, "fact"), ["pupils"])


def test_collected_facts(tmp_path: Path, town: Catalogue) -> None:
    columns = ["level", "place", "year", "scenario", "input", "value", "text", "state"]
    columns += ["file", "sheet", "cell", "sha256"]
    own = ["forms/a.xlsx", "Форма", "D12", "ab" * 32]
    rows = [
        ["school", "a", 2022, "fact", "pupils", 12.0, "12", "", *own],
        ["school", "a", 2022, "fact", "agreed", 1.0, "Да.", "", *own],
        ["school", "a", 2022, "fact", "named", None, "Лицей", "", *own],
        ["school", "b", 2022, "fact", "pupils", None, "н/п", "not_applicable", *own],
        ["school", "b", 2022, "fact", "pupils.ovz", None, "", "not_filled", *own],
        ["school", "b", 2022, "fact", "named", None, "???", "not_readable", *own],
        ["municipality", "town", 2022, "fact", "visitors", 5.0, "5", None, None, None, None, None],
    ]
    frame = pl.DataFrame(rows, schema=columns, orient="row")
    (tmp_path / "schools.csv").write_text(REGISTER, encoding="utf-8")
    frame.write_parquet(tmp_path / "facts.parquet")
    data, problems = read_data(town, tmp_path)
    position = Position("forms/a.xlsx", sheet="Форма", cell="D12")
    assert [(problem.code, problem.position) for problem in problems] == [
        ("unreadable-cell", position)
    ]
    assert rows_of(data.facts) == [
        ("a", 2022, "fact", 12, None, True, "Лицей", None),
        ("b", 2022, "fact", None, 1, None, None, 2),
    ]
    cell = find_cells(data, ("school", "a", 2022, "fact"), ["pupils"])[0]
    assert (cell.file, cell.sheet, cell.cell, cell.value) == ("forms/a.xlsx", "Форма", "D12", 12)
    assert cell.sha256 == "ab" * 32
    refused = find_cells(data, ("school", "b", 2022, "fact"), ["named"])[0]
    assert (refused.text, refused.state) == ("???", "not_readable")
    assert find_cells(data, ("municipality", "town", 2022, "fact"), ["visitors"])[0].column == 6


def wide_parquet(folder: Path, columns: Mapping[str, Any]) -> Path:
    (folder / "schools.csv").write_text(REGISTER, encoding="utf-8")
    keys = {"school": ["a", "a", "b"], "year": [2022, 2023, 2022]}
    pl.DataFrame({**keys, **columns}).write_parquet(folder / "facts.parquet")
    return folder


@pytest.mark.parametrize("dtype", [pl.Int8, pl.UInt64, pl.Int64, pl.Float32, pl.String])
def test_parquet_of_any_type(tmp_path: Path, town: Catalogue, dtype: type[pl.DataType]) -> None:
    columns = {
        "pupils": pl.Series([1, None, 3], dtype=pl.Int64).cast(dtype),
        "agreed": [True, None, False],
        "spent": [1, 2, 3],
        "ready": [12.5, float("nan"), None],
        "pupils.ovz": [None, None, None],
    }
    data = read_clean(town, wide_parquet(tmp_path, columns))
    names = ("school", "year", "input:pupils", "input:spent", "input:ready", "input:agreed")
    assert rows_of(data.facts, *names) == [
        ("a", 2022, 1, 1.0, 12.5, True),
        ("a", 2023, None, 2.0, None, None),
        ("b", 2022, 3, 3.0, None, False),
    ]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ([-1, 2, 3], "negative-count"),
        ([0.5, 2.0, 3.0], "fractional-count"),
        ([10**15, 2, 3], "too-large-number"),
        ([float("inf"), 2.0, 3.0], "unreadable-cell"),
    ],
)
def test_parquet_out_of_bounds(
    tmp_path: Path, town: Catalogue, values: list[float], code: str
) -> None:
    data, problems = read_data(town, wide_parquet(tmp_path, {"pupils": values}))
    assert [(problem.code, problem.position and problem.position.line) for problem in problems] == [
        (code, 1)
    ]
    assert rows_of(data.facts, "school", "year", "input:pupils", "state:pupils") == [
        ("a", 2022, None, 2),
        ("a", 2023, 2, None),
        ("b", 2022, 3, None),
    ]


@pytest.mark.parametrize("wrong", [0, 1, 5, 36])
def test_parquet_out_of_bounds_in_any_of_many_columns(tmp_path: Path, wrong: int) -> None:
    """Of columns of counts, of yes and no, and without a cell, one cell is wrong."""
    names = [f"n{number}" for number in range(37)]
    inputs = "".join(f"  {name}: {{title: {name}, unit: person}}\n" for name in names)
    text = f"catalogue: {{id: t, title: Т, years: [2022]}}\ninputs:\n{inputs}"
    text += "  agreed: {title: Да, type: yes_no}\n  empty: {title: Нет, unit: person}\n"
    (tmp_path / "t.yaml").write_text(text, "utf-8")
    catalogue, problems = load(tmp_path)
    assert catalogue is not None
    assert not problems
    columns: dict[str, Any] = {name: [1, 2] for name in names}
    columns |= {"agreed": [True, None], "empty": [None, None], f"n{wrong}": [1, -2]}
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "schools.csv").write_text("school\na\nb\n", "utf-8")
    keys = {"school": ["a", "b"], "year": [2022, 2022]}
    pl.DataFrame({**keys, **columns}).write_parquet(tmp_path / "data" / "facts.parquet")
    data, problems = read_data(catalogue, tmp_path / "data")
    assert [problem.code for problem in problems] == ["negative-count"]
    assert rows_of(data.facts, f"input:n{wrong}") == [(1,), (None,)]


def test_parquet_rows_that_do_not_count(tmp_path: Path, town: Catalogue) -> None:
    write_files(tmp_path, {"schools.csv": REGISTER})
    frame = pl.DataFrame(
        {
            "school": ["a", "z", "b", None, "a"],
            "year": [2022, 2022, 2025, 2022, 22],
            "scenario": ["fact", "fact", "fact", "fact", "forecast"],
            "pupils": [1, 2, 3, 4, 5],
        }
    )
    frame.write_parquet(tmp_path / "facts.parquet")
    data, problems = read_data(town, tmp_path)
    assert [(problem.code, problem.position and problem.position.line) for problem in problems] == [
        ("unknown-place", 2),
        ("late-year", 3),
        ("no-place", 4),
        ("bad-year", 5),
    ]
    assert rows_of(data.facts) == [("a", 2022, "fact", 1)]
    assert data.scenarios == ("fact",)


def test_parquet_forecast_without_cells(tmp_path: Path, town: Catalogue) -> None:
    columns = {"scenario": ["forecast", "forecast", "fact"], "pupils": [None, 2, 3]}
    data = read_clean(town, wide_parquet(tmp_path, columns))
    assert rows_of(data.forecast_keys) == [("a", 2023)]


def test_parquet_keys_of_other_types(tmp_path: Path, town: Catalogue) -> None:
    write_files(tmp_path, {"schools.csv": REGISTER.replace("\na;", "\n7;")})
    frame = pl.DataFrame({"school": [7.0], "year": [2022.0], "pupils": [1]})
    frame.write_parquet(tmp_path / "facts.parquet")
    assert rows_of(read_clean(town, tmp_path).facts) == [("7", 2022, "fact", 1)]


def test_example(town: Catalogue) -> None:
    data, problems = data_from_example(town, town.examples[0])
    assert problems == ()
    assert rows_of(data.facts) == [
        ("a", 2022, "fact", 1234, 0, None, None),
        ("a", 2023, "forecast", 10, None, 1, None),
        ("b", 2023, "forecast", None, None, None, True),
    ]
    assert [
        row for row in rows_of(data.schools, "school", "year", "register:big") if row[1] == 2022
    ] == [
        ("a", 2022, True),
        ("c", 2022, True),
    ]
    assert rows_of(data.given["region"]) == [("region", 2023, "fact", 1000)]
    assert rows_of(data.given["municipality"]) == [("town", 2023, "fact", 5)]
    assert find_cells(data, ("school", "a", 2022, "fact"), ["pupils"])[0].sha256 == ""


def test_example_by_place(town: Catalogue) -> None:
    example = replace(
        town.examples[0],
        years={},
        register={"a": {"region": "komi"}, "b": {}},
        given={"region": {"komi": {"of_region": "5"}, "region": {"of_region": "~"}}},
        scenario="fact",
        position=None,
    )
    data, problems = data_from_example(town, example)
    assert problems == ()
    assert rows_of(data.schools, "school", "level:region")[::4] == [("a", "komi"), ("b", "region")]
    assert rows_of(data.given["region"]) == [("komi", 2024, "fact", 5)]


def test_hash_speaks_of_names_and_bytes(tmp_path: Path, town: Catalogue) -> None:
    files = {"schools.csv": REGISTER, "facts.csv": "school;year;pupils\na;2022;5\n"}
    hashes = set()
    for name, changed in [
        ("one", files),
        ("two", files),
        ("three", {**files, "facts.csv": files["facts.csv"].replace("5", "6")}),
        ("four", {"schools.csv": REGISTER, "other.csv": files["facts.csv"]}),
    ]:
        folder = tmp_path / name
        folder.mkdir()
        hashes.add(read_clean(town, write_files(folder, changed)).hash)
    assert len(hashes) == 3


def test_register_twice(tmp_path: Path, town: Catalogue) -> None:
    write_files(
        tmp_path,
        {
            "schools.csv": REGISTER,
            "schools.tsv": REGISTER,
            "facts.csv": "school;year;pupils\na;2022;5\n",
        },
    )
    _data, problems = read_data(town, tmp_path)
    assert [problem.code for problem in problems] == ["file-twice"]


def test_folder_without_facts(tmp_path: Path, town: Catalogue) -> None:
    _data, problems = read_data(town, write_files(tmp_path, {"schools.csv": REGISTER}))
    found: list[Problem] = list(problems)
    assert [problem.code for problem in found] == ["no-facts"]


def test_workbook_of_facts(tmp_path: Path, town: Catalogue) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Факты"
    for row in (["school", "year", "pupils", "spent"], ["a", 2022, "около 40", 1.5], ["b", 2022]):
        sheet.append(row)
    sheet["C3"] = "#DIV/0!"
    sheet["C3"].data_type = "e"
    book.create_sheet("Как заполнять").append(["Впишите числа"])
    book.save(tmp_path / "facts.xlsx")
    write_files(tmp_path, {"schools.csv": REGISTER})
    data, problems = read_data(town, tmp_path)
    assert [
        (problem.code, problem.position and problem.position.cell, problem.severity)
        for problem in problems
    ] == [
        ("ignored-sheet", "", "note"),
        ("unreadable-cell", "C2", "error"),
        ("excel-error", "C3", "error"),
    ]
    cell = find_cells(data, ("school", "a", 2022, "fact"), ["spent"])[0]
    assert (cell.value, cell.sheet, cell.cell, cell.row) == (1.5, "Факты", "D2", 0)


def test_workbook_without_facts(tmp_path: Path, town: Catalogue) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Впишите числа"])
    book.save(tmp_path / "facts.xlsx")
    _data, problems = read_data(town, tmp_path / "facts.xlsx")
    assert [problem.code for problem in problems] == ["no-place-column"]


def test_parquet_with_a_row_twice(tmp_path: Path, town: Catalogue) -> None:
    write_files(tmp_path, {"schools.csv": REGISTER})
    frame = pl.DataFrame(
        {
            "school": ["a", "a", "b"],
            "year": [2022, 2022, 2022],
            "pupils": [1, None, 3],
            "spent": [1.0, 2.0, None],
        }
    )
    frame.write_parquet(tmp_path / "facts.parquet")
    frame.head(1).select("school", "year").with_columns(agreed=True).write_parquet(
        tmp_path / "more.parquet"
    )
    data, problems = read_data(town, tmp_path)
    assert [(problem.code, problem.position and problem.position.line) for problem in problems] == [
        ("value-twice", 2)
    ]
    names = ("school", "input:pupils", "input:spent", "state:spent", "input:agreed")
    assert rows_of(data.facts, *names) == [("a", 1, None, 2, True), ("b", 3, None, None, None)]


def test_workbook_that_was_collected(tmp_path: Path, town: Catalogue) -> None:
    (tmp_path / "forms").mkdir()
    (tmp_path / "forms" / "a.xlsx").write_bytes(b"a workbook")
    rows = "".join(
        f"school,a,2022,fact,{name},{name[-1]},{file},Форма,D12\n"
        for name, file in [("pupils", "forms/a.xlsx"), ("pupils.ovz", "../../outside.xlsx")]
    )
    text = f"level,place,year,scenario,input,value,file,sheet,cell\n{rows}"
    write_files(tmp_path, {"schools.csv": REGISTER, "facts.csv": text.replace(",s,", ",7,")})
    data, _problems = read_data(town, tmp_path)
    inside, outside = find_cells(data, ("school", "a", 2022, "fact"), ["pupils", "pupils.ovz"])
    assert inside.sha256 == hashlib.sha256(b"a workbook").hexdigest()
    assert outside.sha256 == ""


def test_years_without_a_catalogue_of_them(tmp_path: Path, town: Catalogue) -> None:
    catalogue = replace(
        town,
        years=(),
        inputs={
            "old": replace(town.inputs["later"], id="old", since=None, until=2021),
            "later": replace(town.inputs["later"], since=2022, until=None),
        },
    )
    text = "school;year;old;later\na;2020;н/п;\na;2021;1;1\na;2022;н/п;1\n"
    write_files(tmp_path, {"schools.csv": REGISTER, "facts.csv": text})
    data, problems = read_data(catalogue, tmp_path)
    assert [problem.code for problem in problems] == ["not-asked", "not-asked"]
    assert data.years == (2020, 2021, 2022)
    names = ("year", "input:old", "state:old", "input:later")
    assert rows_of(data.facts, *names) == [
        (2020, None, 1, None),
        (2021, 1, None, None),
        (2022, None, None, 1),
    ]


def test_forms_of_years() -> None:
    assert [read_year(text) for text in ("2023", " 2023 г.", "2023/24", "2 023", "2023.0")] == [
        2023
    ] * 5
    assert [read_year(text) for text in ("", "1202", "23", "год", "9" * 5_000)] == [None] * 5
    assert [read_scenario(text) for text in ("", "Факт", "прогноз", "мечта")] == [
        "fact",
        "fact",
        "forecast",
        None,
    ]
