"""A printed number is a decimal: the same whatever is asked beside it, and in every format."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from engine.catalogue.load import load
from engine.catalogue.model import Catalogue
from engine.data import Data, read_data
from engine.evaluation.asking import ALWAYS, COLUMNS, Asking, Results
from engine.evaluation.evaluate import compute_results
from engine.evaluation.explain.explain import explain
from engine.evaluation.judge import divide_exactly
from engine.problems import has_errors
from engine.reports.formats.proof_text import show_proof
from engine.reports.formats.result_tables import write_result_table
from engine.reports.formats.result_workbook import write_result_workbook
from engine.units import format_number, subtract_printed

KEYS = list(ALWAYS)
JUDGED = ("value", "raw", "target", "deviation", "status", "reference", "previous", "change")
LEVELS = ("school", "district", "municipality")

# Of each indicator: its unit, its formula, its decimals, and the targets it may have.
FORMULAS: dict[str, tuple[str, str, int, tuple[str, ...]]] = {
    "low": ("percent", "share(a, b)", 1, ("at_most: 93.8", "exactly: 93.8", "at_least: 93.8")),
    "fine": ("percent", "share(a, b)", 2, ("between: [28.75, 93.8]", "at_least: 28.75")),
    "sum": ("rouble", "m + n", 1, ("exactly: 0.3", "at_most: 0.3", "at_least: 0.3")),
    "apart": ("rouble", "m - n", 3, ("between: [-0.1, 0.1]", "exactly: -0.1")),
    "ratio": ("ratio", "a / b", 3, ("at_least: 0.938", "at_most: 0.288")),
    "total": ("person", "a + b", 0, ("at_least: 1938", "exactly: 10300")),
    "mean": ("person", "(a + b) / 3", 1, ("at_most: 646", "at_least: 3433.3")),
}


def write_town(folder: Path, choose: random.Random, *, single: bool) -> tuple[Catalogue, Data]:
    """A random town; `single`: of one indicator, one level and one year."""
    years = [2023] if single else [2022, 2023, 2024]
    levels = ["school"] if single else list(LEVELS)
    names = list(FORMULAS)
    shown = [choose.choice(names)] if single else names
    lines = [
        f"catalogue: {{id: t, title: Город, levels: [{', '.join(levels)}], years: {years}}}",
        "inputs:",
        "  a: {title: А, unit: person}",
        "  b: {title: Б, unit: person}",
        "  m: {title: М, type: number, unit: rouble}",
        "  n: {title: Н, type: number, unit: rouble}",
        "indicators:",
    ]
    for name in shown:
        unit, formula, decimals, ends = FORMULAS[name]
        targets = ", ".join(f"{year}: {{{choose.choice(ends)}}}" for year in years)
        lines.append(
            f"  {name}: {{title: {name}, unit: {unit}, decimals: {decimals}, better: more,"
            f' formula: "{formula}", targets: {{{targets}}},'
            f" target_level: [{', '.join(levels)}]}}"
        )
    (folder / "catalogue.yaml").write_text("\n".join(lines), encoding="utf-8")
    schools = [f"s{number}" for number in range(choose.randint(1, 6))]
    columns = ["school", *levels[1:]]
    register = [";".join((one, choose.choice("xy"), "t")[: len(columns)]) for one in schools]
    data = folder / "data"
    data.mkdir()
    (data / "schools.csv").write_text("\n".join([";".join(columns), *register]), encoding="utf-8")
    rows = [
        ";".join((school, str(year), *_draw_cells(choose)))
        for school in schools
        for year in years
        if choose.random() > 0.1
    ]
    text = "\n".join(["school;year;a;b;m;n", *rows])
    (data / "facts.csv").write_text(text, encoding="utf-8")
    catalogue, problems = load(folder)
    assert catalogue is not None
    assert not has_errors(problems), problems
    read, found = read_data(catalogue, data)
    assert not has_errors(found), found
    return catalogue, read


def _draw_cells(choose: random.Random) -> tuple[str, ...]:
    whole = choose.choice([1000, 8000, 999, choose.randint(1, 10**6)])
    part = choose.choice([938, 2300, whole * 938 // 1000, choose.randint(0, whole)])
    money = choose.choice(["0,1", "0,2", "0,15", "0,05", str(choose.randint(0, 9))])
    return str(part), str(whole), money, choose.choice(["0,2", "0,1", "0,15", "0,25"])


def ask_at_random(choose: random.Random, catalogue: Catalogue, full: pl.DataFrame) -> Asking:
    """Some columns, years, levels, places and indicators; each may be left open."""

    def some(known: Sequence[Any]) -> tuple[Any, ...]:
        open_ = not known or choose.random() < 0.5
        return () if open_ else tuple(choose.sample(known, choose.randint(1, len(known))))

    return Asking(
        years=some(catalogue.years),
        levels=some(catalogue.levels),
        places=some(full["place"].unique().sort().to_list()),
        indicators=some(list(catalogue.indicators)),
        columns=some([name for name in COLUMNS if name not in KEYS]),
    )


def restrict(full: pl.DataFrame, asking: Asking) -> pl.DataFrame:
    """The rows of the full results that are asked for."""
    for name, kept in (
        *(("year", asking.years), ("level", asking.levels)),
        *(("place", asking.places), ("indicator", asking.indicators)),
    ):
        if kept:
            full = full.filter(pl.col(name).is_in(list(kept)))
    return full


@pytest.mark.no_cover
@pytest.mark.parametrize("single", [True, False])
@pytest.mark.parametrize("seed", range(8))
def test_what_is_asked_beside_changes_no_number(seed: int, single: bool, tmp_path: Path) -> None:
    choose = random.Random(seed)
    catalogue, data = write_town(tmp_path, choose, single=single)
    full = compute_results(catalogue, data).frame
    check_by_hand(catalogue, full)
    asked = [Asking(columns=("value", "status")), Asking(columns=("deviation",))]
    asked += [ask_at_random(choose, catalogue, full) for _ in range(20)]
    for asking in asked:
        wanted = restrict(full, asking)
        frame = compute_results(catalogue, data, asking).frame
        assert frame.equals(wanted.select(frame.columns)), asking
        assert set(asking.columns) <= set(frame.columns)


def check_by_hand(catalogue: Catalogue, frame: pl.DataFrame) -> None:
    """Every value, verdict, deviation and change, as decimals say it."""
    values: dict[tuple[Any, ...], Decimal] = {}
    for row in frame.sort("year").iter_rows(named=True):
        indicator = catalogue.indicators[row["indicator"]]
        key = (row["indicator"], row["level"], row["place"])
        if row["value"] is None:
            assert row["status"] == "no_data"
            continue
        unit = Decimal(1).scaleb(-indicator.decimals)
        value = Decimal(repr(row["raw"])).quantize(unit, ROUND_HALF_UP)
        values[*key, row["year"]] = value
        assert row["value"] == float(value), row
        target = indicator.targets[row["year"]]
        assert target.value is not None
        exact = Fraction(value)
        low, high = Fraction(target.value), Fraction(target.value_to or target.value)
        met = {
            "at_least": exact >= low,
            "at_most": exact <= low,
            "exactly": exact == low,
            "between": low <= exact <= high,
        }[target.comparator]
        assert row["status"] == ("met" if met else "missed"), row
        assert row["deviation"] == float(exact - min(max(exact, low), high)), row
        before = values.get((*key, row["year"] - 1))
        assert row["change"] == (None if before is None else float(value - before)), row


def read_formats(catalogue: Catalogue, results: Results) -> Iterator[list[dict[str, Any]]]:
    """The rows of each format, with None where a cell is empty."""

    def write(shape: str) -> bytes:
        stream = io.BytesIO()
        write_result_table(stream, catalogue, results, shape)
        return stream.getvalue()

    yield json.loads(write("json"))
    text = write("csv").decode("utf-8-sig")
    yield [
        {name: cell.replace(",", ".") or None for name, cell in row.items()}
        for row in csv.DictReader(io.StringIO(text), delimiter=";")
    ]
    yield pl.read_parquet(write("parquet")).to_dicts()
    book = io.BytesIO()
    write_result_workbook(book, catalogue, results, ())
    sheet = openpyxl.load_workbook(book).worksheets[0]
    header, *rows = sheet.iter_rows(values_only=True)
    yield [dict(zip(map(str, header), row, strict=True)) for row in rows]


@pytest.mark.no_cover
@pytest.mark.parametrize("seed", range(3))
def test_every_format_holds_the_same_numbers(seed: int, tmp_path: Path) -> None:
    catalogue, data = write_town(tmp_path, random.Random(100 + seed), single=False)
    results = compute_results(catalogue, data)
    rows = results.frame.to_dicts()
    for read in read_formats(catalogue, results):
        assert len(read) == len(rows)
        for row, shown in zip(rows, read, strict=True):
            for name in JUDGED:
                cell = shown[name]
                if row[name] is None or name == "status":
                    assert cell == row[name], (name, row)
                elif isinstance(cell, list):  # the ends of a between-target
                    assert cell[0] == row[name]
                else:
                    assert float(cell) == row[name], (name, row)


# --- one indicator, one level, one year -----------------------------------------------------------

BOUNDARIES = [
    ('"share(a, b)"', 1, "at_most: 93.8", ("938;1000", "9380;10000"), 93.8),
    ('"share(a, b)"', 1, "exactly: 93.8", ("938;1000", "469;500"), 93.8),
    ('"share(a, b)"', 2, "at_least: 28.75", ("2300;8000", "23;80"), 28.75),
    ('"share(a, b)"', 1, "exactly: 28.8", ("2300;8000", "23;80"), 28.8),
    ('"share(a, b)"', 1, "between: [93.8, 93.8]", ("938;1000", "9380;10000"), 93.8),
    ('"a / b"', 1, "exactly: 0.7", ("7;10", "70;100"), 0.7),
    # More digits than 12: roubles and kopecks of a region.
    ('"a / b"', 2, "exactly: 12345678.91", ("1234567891;100",), 12345678.91),
    ('"a / b"', 2, "at_least: 9999999999.99", ("999999999999;100",), 9999999999.99),
    ('"a / b * 1000"', 2, "exactly: 14109347456.96", ("987654321987;70000",), 14109347456.96),
]


@pytest.mark.no_cover
@pytest.mark.parametrize("case", BOUNDARIES)
@pytest.mark.parametrize("columns", [(), ("value", "status"), ("status",), ("deviation", "status")])
def test_a_value_on_its_target_meets_it(
    case: tuple[str, int, str, tuple[str, ...], float], columns: tuple[str, ...], tmp_path: Path
) -> None:
    formula, decimals, target, cells, value = case
    unit = "percent" if "share" in formula else "ratio"
    (tmp_path / "catalogue.yaml").write_text(
        "catalogue: {id: t, title: Город, levels: [school], years: [2023]}\n"
        "inputs: {a: {title: А, unit: person}, b: {title: Б, unit: person}}\n"
        f"indicators: {{i: {{title: И, unit: {unit}, decimals: {decimals}, formula: {formula},"
        f" targets: {{2023: {{{target}}}}}}}}}\n",
        encoding="utf-8",
    )
    facts = "\n".join(f"s{number};2023;{cell}" for number, cell in enumerate(cells))
    (tmp_path / "facts.csv").write_text(f"school;year;a;b\n{facts}\n", encoding="utf-8")
    catalogue, problems = load(tmp_path)
    assert catalogue is not None
    assert not has_errors(problems), problems
    data, _found = read_data(catalogue, tmp_path / "facts.csv")
    frame = compute_results(catalogue, data, Asking(columns=columns)).frame
    assert frame.height == len(cells)
    assert set(frame["status"]) == {"met"}
    for name, wanted in (("value", value), ("deviation", 0)):
        if name in frame.columns:
            assert set(frame[name]) == {wanted}
            assert "-0.0" not in frame[name].cast(pl.String).to_list()


@pytest.mark.no_cover
def test_a_decimal_becomes_the_nearest_double_whatever_stands_beside_it() -> None:
    choose = random.Random(5)
    for places in range(23):
        for height in (1, 2, 5000):
            whole = [float(choose.randint(-(2**53), 2**53)) for _ in range(height)]
            found = divide_exactly(pl.Series(whole), pl.Series([10.0**places] * height))
            exact = [float(Fraction(int(one)) / Fraction(10) ** places) for one in whole]
            assert found.to_list() == exact
    frame = pl.DataFrame({"place": range(4)}).with_columns(unit=pl.lit(938.0), scale=pl.lit(10.0))
    assert divide_exactly(frame["unit"], frame["scale"]).to_list() == [93.8] * 4


@pytest.mark.parametrize(
    ("one", "other", "decimals", "apart"),
    [(94, 93.8, 1, 0.2), (28.75, 28.8, 2, -0.05), (0.3, 0.3, 1, 0), (0.1, 0.25, 1, -0.2)],
)
def test_printed_numbers_are_subtracted_as_a_reader_does(
    one: float, other: float, decimals: int, apart: float
) -> None:
    assert subtract_printed(float(one), float(other), decimals) == apart


CHANGES = """
catalogue: {id: t, title: Город, levels: [school, municipality], years: [2022, 2023], defaults: {decimals: 1}}
inputs:
  hours: {title: Часы, unit: hour, type: number, rollup: sum}
  posts: {title: Ставки, unit: item, type: number}
  rest: {title: Отдых, unit: hour, type: number, rollup: sum}
indicators:
  hours: {title: Часы, decimals: 2}
  posts: {title: Ставки}
  more_hours: {title: Больше часов, unit: hour, formula: change(hours), decimals: 2}
  more_posts: {title: Больше ставок, unit: item, formula: change(posts), decimals: 2}
  more_rest: {title: Больше отдыха, unit: hour, formula: change(rest), decimals: 2}
"""


def test_a_change_of_an_input_that_is_an_indicator_is_that_of_its_printed_values(
    tmp_path: Path,
) -> None:
    """3.50 − 2.25 = 1.25 as in its own column; posts print 3 and 3; an input alone has the catalogue's 1."""
    (tmp_path / "catalogue.yaml").write_text(CHANGES, encoding="utf-8")
    rows = "school;year;hours;posts;rest\none;2022;2.25;2.6;2.25\none;2023;3.5;3.4;3.5\n"
    (tmp_path / "facts.csv").write_text(rows, encoding="utf-8")
    catalogue, problems = load(tmp_path)
    assert catalogue is not None, problems
    data, _ = read_data(catalogue, tmp_path / "facts.csv")
    results = compute_results(catalogue, data, asking=Asking(levels=("school",), years=(2023,)))
    printed = {row["indicator"]: row for row in results.frame.iter_rows(named=True)}
    assert {name: printed[name]["value"] for name in printed} == {
        "hours": 3.5,
        "posts": 3,
        "more_hours": 1.25,
        "more_posts": 0,
        "more_rest": 1.2,
    }
    assert [printed[name]["change"] for name in ("hours", "posts")] == [1.25, 0]


# --- large whole numbers --------------------------------------------------------------------------

LARGE = """
catalogue: {id: t, title: Город, levels: [school, municipality], years: [2022, 2023]}
constants: {c: {title: К, unit: person, values: {2022: 10000000000001, 2023: 10000000000001}}}
inputs:
  a: {title: А, unit: person}
  b: {title: Б, unit: person}
indicators:
  a: {title: А, targets: {2023: {exactly: 1012345678900}}}
  total: {title: Всего, unit: person, formula: a + b, better: more}
  times: {title: Тысячи, unit: person, formula: 900 * (a + b) + 1}
  grown: {title: Прирост, unit: person, formula: change(a)}
  fine: {title: Дробь, unit: person, formula: a - b, decimals: 2}
  const: {title: Постоянная, unit: person, formula: c + a - a}
  huge: {title: Огромное, unit: ratio, formula: a * b / (a * b) * 1000000 * 1000000 * 1000000 * 1234567}
"""
SOME = "one;10000000001;20000000003;999999999999;1000000000000\ntwo;1;2;12345678901;12345678902\n"


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[Catalogue, Data]:
    folder = tmp_path_factory.mktemp("large")
    (folder / "catalogue.yaml").write_text(LARGE, encoding="utf-8")
    rows = ["school;year;a;b"]
    for line in SOME.splitlines():
        school, *cells = line.split(";")
        rows += [f"{school};2022;{cells[0]};{cells[1]}", f"{school};2023;{cells[2]};{cells[3]}"]
    (folder / "facts.csv").write_text("\n".join(rows), encoding="utf-8")
    catalogue, problems = load(folder)
    assert catalogue is not None
    assert not has_errors(problems), problems
    data, found = read_data(catalogue, folder / "facts.csv")
    assert not has_errors(found), found
    return catalogue, data


WHOLE = {
    ("a", "school", "one", 2022): 10_000_000_001,
    ("a", "municipality", "t", 2023): 1_012_345_678_900,
    ("total", "school", "one", 2023): 1_999_999_999_999,
    ("total", "municipality", "t", 2022): 30_000_000_007,
    ("total", "municipality", "t", 2023): 2_024_691_357_802,
    ("times", "municipality", "t", 2023): 1_822_222_222_021_801,
    ("grown", "municipality", "t", 2023): 1_002_345_678_898,
    ("fine", "municipality", "t", 2023): -2,
    ("const", "municipality", "t", 2023): 10_000_000_000_001,
}


def test_whole_numbers_are_exact_in_every_format(large: tuple[Catalogue, Data]) -> None:
    catalogue, data = large
    results = compute_results(catalogue, data)
    for rows in read_formats(catalogue, results):
        by_key = {
            (row["indicator"], row["level"], row["place"], int(row["year"])): row for row in rows
        }
        for key, value in WHOLE.items():
            for name in ("value", "raw"):
                cell = by_key[key][name]
                assert Decimal(str(cell)) == value, (key, name, cell)
        judged = by_key["a", "municipality", "t", 2023]
        assert judged["status"] == "met"
        assert float(judged["deviation"]) == 0
        change = by_key["total", "municipality", "t", 2023]["change"]
        assert Decimal(str(change)) == 2_024_691_357_802 - 30_000_000_007
    stream = io.BytesIO()
    write_result_table(stream, catalogue, results, "json")
    assert b'"value": 2024691357802, "raw": 2024691357802,' in stream.getvalue()


def test_more_than_a_double_holds_is_told_at_twelve_digits(large: tuple[Catalogue, Data]) -> None:
    catalogue, data = large
    asking = Asking(levels=("municipality",), indicators=("huge",))
    frame = compute_results(catalogue, data, asking).frame
    assert set(frame["value"]) == set(frame["raw"]) == {1.234567e24}
    assert frame["change"].to_list() == [None, 0.0]


def test_a_proof_prints_whole_numbers_whole(large: tuple[Catalogue, Data]) -> None:
    catalogue, data = large
    proof, problems = explain(catalogue, data, "total", year=2023)
    assert proof is not None
    assert not problems
    text = show_proof(proof, catalogue).replace("\u00a0", " ")
    assert "1 012 345 678 900 + 1 012 345 678 902 = 2 024 691 357 802" in text
    shown = proof.as_json()
    assert shown["row"]["value"] == shown["step"]["value"] == 2_024_691_357_802
    assert [term["value"] for term in shown["step"]["terms"]] == [
        1_012_345_678_900,
        1_012_345_678_902,
    ]


def test_a_report_prints_whole_numbers_whole() -> None:
    assert format_number(1e15 + 1, None, "en") == "1,000,000,000,000,001"
    assert format_number(9007199254740991.0, 0, "en") == "9,007,199,254,740,991"
    assert format_number(1 / 3 * 1e13, None, "en") == "3,333,333,333,330"


@pytest.mark.parametrize(
    ("cell", "fits"), [("1000000000000", True), ("1000000000001", False), ("1e13", False)]
)
@pytest.mark.parametrize("kind", ["count", "number"])
def test_a_cell_above_a_trillion_is_refused(
    kind: str, cell: str, fits: bool, tmp_path: Path
) -> None:
    (tmp_path / "catalogue.yaml").write_text(
        "catalogue: {id: t, title: Город, levels: [school], years: [2023]}\n"
        f"inputs: {{a: {{title: А, type: {kind}, unit: person}}}}\nindicators: {{a: {{title: А}}}}\n",
        encoding="utf-8",
    )
    catalogue, _problems = load(tmp_path)
    assert catalogue is not None
    (tmp_path / "facts.csv").write_text(f"school;year;a\ns;2023;{cell}\n", encoding="utf-8")
    numbers = pl.DataFrame({"school": ["s"], "year": [2023], "a": [float(cell)]})
    numbers.write_parquet(tmp_path / "facts.parquet")
    for file in ("facts.csv", "facts.parquet"):
        data, problems = read_data(catalogue, tmp_path / file)
        assert has_errors(problems) is not fits
        row = compute_results(catalogue, data).frame.row(0, named=True)
        assert (row["value"], row["reason"]) == ((1e12, None) if fits else (None, "not_readable"))


# --- whatever engine Polars takes -----------------------------------------------------------------

DEFINITIONS = Path(__file__).resolve().parent.parent / "definitions"


def force_engine(monkeypatch: pytest.MonkeyPatch, engine: Any) -> None:
    """Have every query computed by one engine, whichever it asks for."""
    collect, collect_all = pl.LazyFrame.collect, pl.collect_all

    def collect_by(self: pl.LazyFrame, *args: Any, **keys: Any) -> Any:
        return collect(self, *args, **{**keys, "engine": engine})

    def collect_all_by(frames: Any, **keys: Any) -> Any:
        return collect_all(frames, **{**keys, "engine": engine})

    monkeypatch.setattr(pl.LazyFrame, "collect", collect_by)
    monkeypatch.setattr(pl, "collect_all", collect_all_by)


@pytest.mark.no_cover
@pytest.mark.parametrize("name", ["berezniki", "michurinsk"])
def test_the_demos_are_the_same_under_every_engine_of_polars(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue, _problems = load(DEFINITIONS / name)
    assert catalogue is not None

    def compute(**keys: Any) -> list[Results]:
        data, _found = read_data(catalogue, DEFINITIONS / name / "demo")
        asking = Asking(inputs=True)
        return [
            compute_results(catalogue, data, replace(asking, **keys)),
            compute_results(catalogue, data, replace(asking, scenario="forecast")),
        ]

    as_is = compute(advice=True)
    for engine in ("auto", "streaming", "in-memory"):
        with monkeypatch.context() as patch, pl.Config() as config:
            config.set_engine_affinity(engine)
            force_engine(patch, engine)
            results = compute(advice=True)
        for wanted, found in zip(as_is, results, strict=True):
            assert found.frame.equals(wanted.frame), engine
            assert found.problems == wanted.problems
            assert found.skipped_checks == wanted.skipped_checks
            assert found.advice == wanted.advice
