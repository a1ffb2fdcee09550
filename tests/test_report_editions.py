"""Editions of a report: its date, its audience, a sheet for each place; and what a page may ask for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from engine.catalogue.model import Catalogue
from engine.console import main as cli
from engine.data import Data
from engine.evaluation.asking import COLUMNS, SAME_REPORTERS, Asking
from engine.evaluation.evaluate import compute_results
from engine.evaluation.explain.explain import explain
from engine.publication.audience import AUDIENCES
from engine.reports import filters
from engine.reports.filters import SIGNS
from engine.reports.pages import _is_over_years
from engine.reports.render import Report, open_report
from engine.reports.result_rows import RowKey
from engine.typography import set_type
from tests.machines import MACHINES, report_on
from tests.small_town import (
    CATALOGUE,
    DATE,
    RESULTS,
    YEARS,
    FakeData,
    formula,
    frame,
    indicator,
    result,
)
from tests.written import read_written

if TYPE_CHECKING:
    import polars as pl

ROOT = Path(__file__).resolve().parent.parent
DEMO = str(ROOT / "definitions" / "berezniki" / "demo")
TEXT = """
catalogue:
  id: town
  title: Город
  levels: [school, municipality, region]
  years: [2022, 2023]
inputs:
  pupils: {title: Ученики, unit: person}
  some: {title: Некоторые, unit: person, of_which: {ovz: {title: С ОВЗ}}}
indicators:
  part:
    title: Доля
    unit: percent
    formula: share(some, pupils)
    targets: {2023: 50}
  whole:
    title: Все
    unit: person
    formula: pupils
    decimals: 0
"""
REGISTER = """school,title,municipality,region,opened
s1,Школа № 1,a,r,
s2,Школа № 2,a,r,
s10,Школа № 10,b,r,
s3,Школа № 3,a,r,2023
"""
FACTS = """school,year,pupils,some
s1,2022,10,4
s2,2022,10,6
s10,2022,20,5
s1,2023,10,5
s10,2023,20,10
s3,2023,30,0
"""


@cache
def town() -> tuple[Catalogue, Data, pl.DataFrame]:
    from tempfile import mkdtemp

    catalogue, data, problems = read_written(Path(mkdtemp()), TEXT, schools=REGISTER, facts=FACTS)
    assert not problems
    asking = Asking(YEARS, inputs=True, columns=(*COLUMNS, SAME_REPORTERS))
    return catalogue, data, compute_results(catalogue, data, asking).frame


def report(audience: Any = "internal", years: tuple[int, ...] = YEARS) -> Report:
    catalogue, data, results = town()
    return open_report(catalogue, data, results, years, date=DATE, audience=audience)


# --- date and audience ---------------------------------------------------------------------------


def test_a_report_names_its_date_and_audience() -> None:
    context = open_report(
        CATALOGUE, FakeData(), frame(), years=YEARS, date=date(2024, 5, 6)
    ).context()
    assert (context["date"], context["audience"]) == (date(2024, 5, 6), "internal")
    assert context["publication"] is None
    today = open_report(CATALOGUE, FakeData(), frame(), years=YEARS).context()["date"]
    assert abs((today - date.today()).days) <= 1  # noqa: DTZ011 - as the report does


def test_the_public_sees_no_school() -> None:
    public = report("public").context()
    assert {row.level for row in public["rows"]} == {"municipality", "region"}
    assert public["reporters"] == ()
    assert not report("public").places("school")
    assert {part.level for part in public["parts"]["part"]} == {"municipality"}
    assert public["proofs"]["part", "r", 2023] is None


def test_a_school_sees_itself_and_what_it_lies_in() -> None:
    context = report("school").context(("school", "s1"))
    seen = {(row.level, row.place) for row in context["rows"]}
    assert seen == {("school", "s1"), ("municipality", "a"), ("region", "r")}
    place = context["place"]
    assert context["places"] == (place,)
    assert (place.title, place.level) == ("Школа № 1", "school")
    assert place.within == {"municipality": "a", "region": "r"}
    cell = place.groups[0].lines[0].cells[1]
    assert (cell.fact.value, cell.above.value, cell.above.place) == (50.0, 12.5, "a")
    assert [one.place for one in context["reporters"]] == ["s1"]
    assert context["parts"]["part"] == ()


def test_a_school_is_shown_the_cells_of_no_other() -> None:
    proofs = report("school").context(("school", "s1"))["proofs"]
    own = proofs["part", "s1", 2023]
    assert [place.place for place in own.places] == ["s1"]
    assert [cell.input for cell in own.places[0].cells] == ["some", "pupils"]
    assert proofs["part", "a", 2023] is None
    with pytest.raises(KeyError):
        proofs["part", "s2", 2023]


def test_the_sheet_of_a_town_shows_its_own_schools() -> None:
    context = report().context(("municipality", "a"))
    assert [part.title for part in context["parts"]["part"]] == [
        *("Школа № 1", "Школа № 2", "Школа № 3"),
    ]
    assert {row.place for row in context["rows"] if row.level == "school"} == {"s1", "s2", "s3"}
    with pytest.raises(KeyError):
        context["parts"]["nothing"]


# --- who reported --------------------------------------------------------------------------------


def test_reporters_are_told_by_year() -> None:
    found = {one.place: one for one in report().context()["reporters"]}
    assert list(found) == ["s1", "s2", "s3", "s10"]
    assert found["s2"].reported == {2022: True, 2023: False}
    assert found["s3"].reported == {2022: None, 2023: True}
    assert (found["s2"].answered[2023], found["s2"].asked[2023]) == (0, 3)
    assert (found["s1"].answered[2023], found["s1"].asked[2023]) == (2, 3)


def test_a_change_of_reporters_is_told() -> None:
    rows = report().context()["rows"]
    found = {(row.level, row.place, row.year): row for row in rows if row.indicator == "part"}
    assert found["municipality", "b", 2023].same_reporters is True
    assert found["municipality", "a", 2023].same_reporters is False
    assert found["region", "r", 2023].same_reporters is False
    assert found["municipality", "a", 2022].same_reporters is False
    assert found["school", "s1", 2023].same_reporters is None
    assert filters.other_reporters(found["municipality", "a", 2023]).startswith("сдали не те")
    assert filters.other_reporters(found["municipality", "b", 2023]) == ""
    assert filters.other_reporters(None) == ""
    growth = replace(found["municipality", "a", 2023], change=None)
    assert filters.other_reporters(growth) == ""
    assert filters.other_reporters(growth, over_years=True).startswith("сдали не те")
    assert filters.other_reporters(replace(growth, value=None), over_years=True) == ""
    assert filters.other_reporters(None, over_years=True) == ""


def test_an_indicator_of_two_years_is_known() -> None:
    for text, over in (("growth(a)", True), ("a - previous(a)", True), ("share(a, b)", False)):
        assert _is_over_years(indicator("i", formulas=((None, formula(text)),))) is over
    same = indicator("i", formulas=((None, formula("change(a)")),), same_schools=True)
    assert not _is_over_years(same)


def test_reporters_of_the_year_before_need_not_be_shown() -> None:
    catalogue, data, results = town()
    only = compute_results(
        catalogue, data, Asking((2023,), columns=(*COLUMNS, SAME_REPORTERS))
    ).frame
    key = ["indicator", "level", "place", "year"]
    both = results.join(only, on=key, suffix="_alone")
    assert both.height == only.height > 0
    assert both[SAME_REPORTERS].equals(both[f"{SAME_REPORTERS}_alone"])
    assert SAME_REPORTERS not in compute_results(catalogue, data, Asking((2023,))).frame.columns


# --- legend, passports, proofs -------------------------------------------------------------------


def test_the_legend_holds_what_occurs_and_signs_differ() -> None:
    legend = open_report(CATALOGUE, FakeData(), frame(), years=YEARS).context()["legend"]
    assert [mark.reason for mark in legend] == ["not_reported", "blocked", "zero_denominator"]
    assert len({*SIGNS.values(), "0"}) == len(SIGNS) + 1
    hidden = [*RESULTS, result("spread", 2022, reason="suppressed", place="x", level="school")]
    context = open_report(CATALOGUE, FakeData(), frame(hidden), years=YEARS).context()
    assert context["legend"][0].words == "не публикуется"
    (row,) = (row for row in context["rows"] if row.suppressed)
    assert (filters.mark(row), filters.value(row)) == ("скр.", "не публикуется")
    assert filters.mark(None) == SIGNS["not_reported"]
    zero = open_report(
        CATALOGUE, FakeData(), frame([result("spread", 2022, 0)]), years=YEARS
    ).context()
    assert [(mark.sign, mark.reason) for mark in zero["legend"]] == [("0", "")]


def test_a_passport_says_how_it_is_counted() -> None:
    passports = report().context()["passports"]
    part = passports["part"]
    assert part.formulas[0].words == "100 × «Некоторые» / «Ученики»"
    assert part.inputs == ("Некоторые", "Ученики")
    assert passports["whole"].formulas[0].words == "«Ученики»"
    given = open_report(CATALOGUE, FakeData(), frame(), years=YEARS).context()["passports"][
        "partners"
    ]
    assert (given.formulas, given.inputs, given.missing) == ((), ("partners",), "")
    assert passports["some.ovz"].title == "Некоторые: С ОВЗ"
    with pytest.raises(KeyError):
        passports["nobody"]


@pytest.mark.no_cover
def test_a_proof_in_a_report_is_that_of_explain() -> None:
    catalogue, data, _results = town()
    context = report().context()
    shown = 0
    for row in context["rows"]:
        proof, _problems = explain(
            catalogue, data, row.indicator, year=row.year, place=row.place, level=row.level
        )
        assert proof is not None
        assert context["proofs"][row] == proof.step
        shown += 1
    assert shown == 2 * (4 + 2 + 1) * 2 - 2  # a school opens a year later
    assert (
        context["proofs"]["part", "r", 2023]
        == context["proofs"][RowKey("part", "region", "r", 2023)]
    )
    with pytest.raises(KeyError):
        context["proofs"]["part", "nowhere", 2023]


# --- the command ---------------------------------------------------------------------------------


def call(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, ["report", "berezniki", "--data", DEMO, *arguments])


@pytest.mark.no_cover
def test_each_school_gets_a_file_of_its_own(tmp_path: Path) -> None:
    goal = tmp_path / "sheets"
    arguments = ("--year", "2023", "--each", "school", "--template", "summary.md")
    done = call(*arguments, "--date", "2024-01-02", "-o", str(goal))
    assert done.exit_code in {0, 1}, done.output
    files = sorted(goal.iterdir())
    assert len(files) == 18
    assert f"записано 18 файлов в {goal}" in done.stderr
    names = {path.stem: path.read_text("utf-8") for path in files}
    for name, text in names.items():
        assert set_type(name) in text
        assert "2 января 2024" in text.replace("\u00a0", " ")
        others = [form for other in names if other != name for form in (other, set_type(other))]
        assert not [other for other in others if f"{other}:" in text]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--each", "shool", "-o", "out"), "school"),
        (("--each", "school", "-o", __file__), "нужна папка"),
        (("--date", "1.2.2024"), "2024-12-31"),
        (("--audience", "all"), "internal"),
    ],
)
def test_what_cannot_be_is_refused(arguments: tuple[str, ...], message: str) -> None:
    done = call("--year", "2023", *arguments)
    assert done.exit_code == 2
    assert message in done.output


@pytest.mark.no_cover
@pytest.mark.parametrize(
    "template",
    [
        "report.html",
        "public.html",
        "summary.html",
        "summary.md",
        "note.docx",
        "book.xlsx",
        "opendata",
    ],
)
def test_of_no_data_at_all_a_report_says_so(tmp_path: Path, template: str) -> None:
    empty, goal = tmp_path / "empty", tmp_path / "written"
    empty.mkdir()
    asked = ("--year", "2023", "--template", template, "-o", str(goal))
    done = CliRunner().invoke(cli.main, ["report", "berezniki", "--data", str(empty), *asked])
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit), done.exception
    assert "нет реестра «schools.csv»" in done.stderr
    assert goal.exists()


def test_there_is_no_sheet_of_a_school_for_the_public(tmp_path: Path) -> None:
    goal = tmp_path / "sheets"
    done = call("--year", "2023", "--each", "school", "--audience", "public", "-o", str(goal))
    assert done.exit_code == 2
    assert "Правила публикации в приказе нет" in done.output
    assert not goal.exists()


@pytest.mark.no_cover
def test_years_stand_in_the_order_of_time_however_they_are_asked_for(tmp_path: Path) -> None:
    goals = (tmp_path / "there.md", tmp_path / "back.md")
    orders = (("--year", "2023", "--year", "2024"), ("--year", "2024", "--year", "2023") * 2)
    for goal, years in zip(goals, orders, strict=True):
        assert call(*years, "--date", "2024-01-02", "-o", str(goal)).exit_code in {0, 1}
    there, back = (goal.read_text("utf-8") for goal in goals)
    assert "2023, 2024\u00a0годы" in there
    assert there == back


@pytest.mark.no_cover
@pytest.mark.parametrize(
    "asked",
    [
        ("--template", "school.html", "--audience", "public"),
        ("--template", "school.docx", "--audience", "public"),
        ("--template", "opendata"),
        ("--template", "public.html"),
    ],
)
def test_schools_in_public_are_refused_with_the_reason_whatever_the_template(
    tmp_path: Path, asked: tuple[str, ...]
) -> None:
    goal = tmp_path / "sheets"
    done = call("--year", "2023", "--each", "school", *asked, "-o", str(goal))
    assert done.exit_code == 2
    assert "Правила публикации в приказе нет" in done.output
    assert not goal.exists()


def test_audiences_of_the_command_are_those_of_reports() -> None:
    (option,) = (one for one in cli.report_command.params if one.name == "audience")
    assert tuple(option.type.choices) == AUDIENCES  # type: ignore[attr-defined]


# --- the same bytes ------------------------------------------------------------------------------


@pytest.mark.no_cover
@pytest.mark.parametrize("template", ["summary.html", "summary.md"])
def test_two_machines_write_the_same_bytes(tmp_path: Path, template: str) -> None:
    copied = tmp_path / f"own.{template.rpartition('.')[2]}.j2"
    copied.write_bytes((ROOT / "templates" / f"{template}.j2").read_bytes())
    # One renders what shipped, the other a copy of it as a stranger's.
    pages = [
        report_on(
            machine, name, tmp_path / f"{number}.{template.rpartition('.')[2]}", "2022", "2023"
        ).read_bytes()
        for number, (machine, name) in enumerate(
            zip(MACHINES, (template, str(copied)), strict=True)
        )
    ]
    assert len(pages[0]) > 1000
    assert len(set(pages)) == 1
