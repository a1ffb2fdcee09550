"""Two years over the same schools, merged ones joined to their successors: language-2 §10."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine import load
from engine.catalogue.model import Catalogue
from engine.data import read_data
from engine.data.example import data_from_example
from engine.data.model import Data
from engine.evaluation.asking import COLUMNS, Asking
from engine.evaluation.evaluate import compute_results
from engine.evaluation.examples import run_examples
from engine.evaluation.explain.explain import explain
from engine.problems import Problem
from engine.reports.formats.proof_text import show_proof
from engine.reports.render import open_report
from tests.written import read_written

CATALOGUE = """
catalogue: {id: town, title: Город, levels: [school, municipality], years: [2023, 2024, 2025]}
register:
  rural: {title: Сельская, type: yes_no}
inputs:
  passed: {title: Прошли, unit: person}
  took: {title: Сдавали, unit: person}
  mark: {title: Балл, type: number, unit: point, rollup: mean}
  site: {title: Есть сайт, type: yes_no}
constants:
  norm: {title: Норма, unit: person, values: {2023: 1, 2024: 2}}
indicators:
  part: {title: Доля, unit: percent, formula: "share(passed, took)"}
  moved: {title: Изменение, unit: percentage_point, formula: change(part)}
  same: {title: Те же, unit: percentage_point, formula: change(part), same_schools: yes}
  of_rural: {title: Доля в сельских, unit: percent, formula: "share(passed, took)", where: rural}
  same_rural: {title: Те же сельские, unit: percentage_point, formula: change(of_rural), same_schools: yes}
  average: {title: Средняя доля, unit: percent, formula: "mean_of_schools(share(passed, took))"}
  same_average: {title: Те же в среднем, unit: percentage_point, formula: change(average), same_schools: yes}
  more: {title: Рост, unit: percent, formula: growth(took), same_schools: yes}
  was: {title: Было, unit: person, formula: previous(took), same_schools: yes}
  marks: {title: Балл, unit: point, formula: change(mark), same_schools: yes}
  normed: {title: По норме, unit: ratio, formula: took / norm}
  by_norm: {title: К норме, unit: ratio, formula: previous(normed), same_schools: yes}
publication: {ranking: allowed, public_levels: [municipality], interpretation: Для проверки}
examples:
  - name: школа присоединена
    register: {s9: {closed: 2024, successor: s1}}
    years:
      2023: {s1: {passed: 40, took: 50}, s9: {passed: 10, took: 50}}
      2024: {s1: {passed: 66, took: 100}}
    expect:
      same: 16
      moved: {level: school, place: s1, value: -14}
"""

MERGED = "school,closed,successor\ns1,,\ns9,2024,s1\n"


def read_town(folder: Path, register: str, facts: str) -> tuple[Catalogue, Data, list[Problem]]:
    catalogue, data, found = read_written(folder, CATALOGUE, schools=register, facts=facts)
    return catalogue, data, [problem for problem in found if problem.code != "no-column"]


def row_of(
    folder: Path, facts: str, name: str, place: str, *, year: int = 2024, register: str = MERGED
) -> tuple[Any, ...]:
    catalogue, data, _problems = read_town(folder, register, facts)
    asking = Asking(years=(year,), indicators=(name,), levels=("school", "municipality"))
    frame = compute_results(catalogue, data, asking).frame.filter(place=place)
    return frame.select("value", "reason", "reported", "expected").row(0)


FACTS = "school,year,passed,took\ns1,2023,40,50\ns9,2023,10,50\ns1,2024,66,100\n"


@pytest.mark.parametrize(
    ("name", "place", "row"),
    [
        ("moved", "s1", (-14, None, 1, 1)),
        ("same", "s1", (16, None, 1, 1)),
        ("same", "town", (16, None, 1, 1)),
        ("more", "town", (0, None, 1, 1)),
        ("was", "s1", (100, None, 1, 1)),
        ("by_norm", "s1", (100, None, 1, 1)),
    ],
)
def test_the_example_of_the_section(
    tmp_path: Path, name: str, place: str, row: tuple[Any, ...]
) -> None:
    assert row_of(tmp_path, FACTS, name, place) == row


def test_an_example_of_a_catalogue_names_the_successor(tmp_path: Path) -> None:
    catalogue, _data, _problems = read_town(tmp_path, MERGED, FACTS)
    (tried,) = run_examples(catalogue, data_from_example)
    assert tried.passed, tried.outcomes


def test_a_school_that_was_not_there_is_left_out(tmp_path: Path) -> None:
    register = "school,opened\ns1,\ns2,2024\n"
    facts = "school,year,passed,took\ns1,2023,40,50\ns1,2024,45,50\ns2,2024,0,50\n"
    assert row_of(tmp_path / "a", facts, "same", "town", register=register) == (10, None, 1, 2)
    alone = row_of(tmp_path / "b", facts, "same", "s2", register=register)
    assert alone == (None, "no_previous", 0, 1)


def test_a_new_school_enters_through_those_it_was_made_of(tmp_path: Path) -> None:
    register = "school,opened,closed,successor\nnew,2024,,\na,,2024,new\nb,,2024,new\n"
    facts = "school,year,passed,took\na,2023,10,50\nb,2023,20,50\nnew,2024,45,100\n"
    assert row_of(tmp_path, facts, "same", "new", register=register) == (15, None, 1, 1)


def test_one_that_had_not_reported_leaves_its_successor_out(tmp_path: Path) -> None:
    facts = "school,year,passed,took\ns1,2023,40,50\ns9,2023,10,\ns1,2024,66,100\n"
    assert row_of(tmp_path, facts, "same", "town") == (None, "no_previous", 0, 1)


def test_what_does_not_apply_to_a_merged_school_adds_nothing(tmp_path: Path) -> None:
    facts = "school;year;passed;took\ns1;2023;40;50\ns9;2023;н/п;н/п\ns1;2024;66;100\n"
    assert row_of(tmp_path, facts, "same", "town") == (-14, None, 1, 1)


def test_what_does_not_add_up_is_not_joined(tmp_path: Path) -> None:
    facts = "school,year,mark\ns1,2023,4\ns9,2023,2\ns1,2024,5\n"
    assert row_of(tmp_path / "a", facts, "marks", "s1") == (None, "no_previous", 0, 1)
    facts += "s1,2025,6\n"
    assert row_of(tmp_path / "b", facts, "marks", "s1", year=2025) == (1, None, 1, 1)


def test_a_chain_leads_to_the_school_that_is_open(tmp_path: Path) -> None:
    register = "school,closed,successor\ns1,,\ns8,2024,s1\ns9,2024,s8\n"
    facts = "school,year,took\ns1,2023,10\ns8,2023,20\ns9,2023,30\ns1,2024,60\n"
    assert row_of(tmp_path, facts, "was", "s1", register=register) == (60, None, 1, 1)


def test_in_the_year_it_is_closed_after_it_stands_for_itself(tmp_path: Path) -> None:
    register = "school,closed,successor\ns1,,\ns9,2025,s1\n"
    facts = "school,year,took\ns1,2023,10\ns9,2023,20\ns1,2024,11\ns9,2024,21\ns1,2025,33\n"
    assert row_of(tmp_path / "a", facts, "was", "s9", register=register) == (20, None, 1, 1)
    assert row_of(tmp_path / "b", facts, "was", "s1", register=register) == (10, None, 1, 1)
    later = row_of(tmp_path / "c", facts, "was", "s1", year=2025, register=register)
    assert later == (32, None, 1, 1)


# --- the register ---


@pytest.mark.parametrize(
    ("register", "code", "where"),
    [
        ("school,closed,successor\ns1,2024,s2\ns2,2024,s1\n", "successor-circle", "schools.csv:2"),
        ("school,closed,successor\ns1,2024,s1\ns2,,\n", "successor-circle", "schools.csv:2"),
        ("school,closed,successor\ns1,,\ns2,2023,\ns3,2024,s2\n", "successor-closed", "csv:4"),
        ("school,closed,successor\ns1,,\ns3,2024,s7\n", "successor-closed", "csv:3"),
        ("school,closed,successor\ns1,,\ns3,,s1\n", "successor-open", "csv:3"),
    ],
)
def test_a_wrong_successor_is_named_with_its_cell(
    tmp_path: Path, register: str, code: str, where: str
) -> None:
    _catalogue, _data, problems = read_town(tmp_path, register, "school,year,took\ns1,2023,5\n")
    found = [problem for problem in problems if problem.code == code]
    assert len(found) == 1, problems
    assert where in str(found[0].position)
    assert found[0].hint


def test_a_successor_may_have_been_closed_since(tmp_path: Path) -> None:
    register = "school,closed,successor\ns1,,\ns2,2025,s1\ns3,2024,s2\n"
    _catalogue, _data, problems = read_town(tmp_path, register, FACTS)
    assert not [one for one in problems if one.code.startswith("successor")]


def test_the_heading_may_be_in_russian(tmp_path: Path) -> None:
    register = "Школа;Закрыта;Преемник\ns1;;\ns9;2024;s1\n"
    assert row_of(tmp_path, FACTS, "same", "town", register=register) == (16, None, 1, 1)


# --- what is said of it ---


def test_explain_lists_who_was_joined_and_who_is_left_out(tmp_path: Path) -> None:
    register = "school,opened,closed,successor\ns1,,,\ns2,2024,,\ns9,,2024,s1\n"
    facts = FACTS + "s2,2024,1,10\n"
    catalogue, data, _problems = read_town(tmp_path, register, facts)
    proof, _more = explain(catalogue, data, "same", year=2024)
    assert proof is not None
    assert proof.step.compared is not None
    found = [(one.place, one.same, one.missing_year, one.joined) for one in proof.step.compared]
    assert found == [("s1", True, None, ("s9",)), ("s2", False, 2023, ())]
    assert proof.step.numbers == "66 − 50"
    text = show_proof(proof, catalogue).replace("\xa0", " ")
    assert "s1 [s1] — годом раньше вместе с: s9" in text
    assert "s2 [s2] — не входит в 2023 году" in text
    growth, _more = explain(catalogue, data, "more", year=2024)
    assert growth is not None
    assert [(one.place, one.entered) for one in growth.step.places] == [("s1", True), ("s2", False)]
    text = show_proof(growth, catalogue)
    assert "Вошли в расчёт (1):\n  s1 [s1]\n" in text
    assert "Не вошли в расчёт (1):\n  s2 [s2]\n" in text
    assert "compared" not in str(explain(catalogue, data, "moved", year=2024)[0].as_json())  # type: ignore[union-attr]


CHANGED = """school,opened,closed,successor,rural
s1,,,,yes
s2,2024,,,no
s3,,2024,,no
s4,,,,no
s5,,,,yes
s9,,2024,s1,yes
"""
CHANGED_FACTS = (
    FACTS + "s2,2024,1,10\ns3,2023,5,33\ns4,2023,5,20\ns4,2024,6,40\ns5,2023,7,\ns5,2024,8,9\n"
)


@pytest.mark.parametrize(
    ("name", "place", "sides"),
    [
        # (year, what is compared, schools whose cells are in it)
        ("same", "town", [(2024, 72 / 1.4, "s1 s4"), (2023, 55 / 1.2, "s1 s4 s9")]),
        ("same", "s1", [(2024, 66, "s1"), (2023, 50, "s1 s9")]),
        ("more", "town", [(2023, 120, "s1 s4 s9")]),
        ("was", "town", [(2023, 120, "s1 s4 s9")]),
        ("same_rural", "town", [(2024, 66, "s1"), (2023, 50, "s1 s9")]),
        ("same_average", "town", [(2024, 40.5, "s1 s4"), (2023, 37.5, "s1 s4 s9")]),
    ],
)
def test_both_years_of_a_proof_are_those_that_were_compared(
    tmp_path: Path, name: str, place: str, sides: list[tuple[int, float, str]]
) -> None:
    catalogue, data, _problems = read_town(tmp_path, CHANGED, CHANGED_FACTS)
    proof, _more = explain(catalogue, data, name, year=2024, place=place)
    assert proof is not None
    steps = proof.step.steps
    entered = [[each.place for each in step.places if each.entered] for step in steps]
    assert [
        (step.year, " ".join(schools)) for step, schools in zip(steps, entered, strict=True)
    ] == [(year, schools) for year, _value, schools in sides]
    assert [step.value for step in steps] == pytest.approx([value for _year, value, _all in sides])
    # What stands in the numbers is the sum of the cells that are listed as in it.
    for step in steps:
        cells = [cell for each in step.places if each.entered for cell in each.cells]
        for term in step.terms:
            if term.kind == "input":
                assert term.value == sum(
                    float(cell.value or 0) for cell in cells if cell.input == term.name
                )
            if term.schools is not None:
                assert term.schools.count == 2
    (term,) = proof.step.terms
    values = [step.value for step in steps]
    now, before = values if len(values) == 2 else (140, values[0])
    if name == "was":
        assert term.value == before
    elif name == "more":
        assert (term.now, term.before) == (now, before)
    else:
        assert (term.now, term.before) == pytest.approx((now, before), abs=0.05)
    assert "по тем же школам" in steps[0].words


def test_a_school_is_proved_where_it_lies_now(tmp_path: Path) -> None:
    """It moved to another municipality, and what it took in lay there: both are in its year before."""
    register = (
        "school,year,municipality,closed,successor\ns1,2023,a,,\ns1,2024,b,,\ns9,2023,a,2024,s1\n"
    )
    catalogue, data, _problems = read_town(tmp_path, register, FACTS)
    proof, _more = explain(catalogue, data, "was", year=2024, place="b")
    assert proof is not None
    (before,) = proof.step.steps
    assert [each.place for each in before.places if each.entered] == ["s1", "s9"]
    assert (proof.step.value, before.value) == (100, 100)


def publish(folder: Path, register: str, facts: str) -> dict[Any, Any]:
    catalogue, data, _problems = read_town(folder, register, facts)
    results = compute_results(catalogue, data, Asking(inputs=True, columns=COLUMNS)).frame
    page: Any = open_report(catalogue, data, results, (2024,), audience="public").context()
    rows = [*page["rows"], *page["inputs"]]
    rows = [row for row in rows if row.level == "municipality"]
    before = {(row.indicator, "previous"): row.previous for row in rows}
    return before | {row.indicator: row.value for row in rows}


@pytest.mark.parametrize(("new", "shown"), [(3, None), (300, 0)])
def test_what_would_tell_of_a_small_school_that_is_left_out_goes(
    tmp_path: Path, new: int, shown: int | None
) -> None:
    """53 now and 50 a year before, and the same schools have not grown: the new one has three.

    What the same schools had a year before says nothing of it.
    """
    register = "school,opened\ns1,\ns2,2024\n"
    facts = f"school,year,took\ns1,2023,50\ns1,2024,50\ns2,2024,{new}\n"
    page = publish(tmp_path, register, facts)
    assert (page["more"], page["was"]) == (shown, 50)


def test_a_small_school_that_went_is_guarded_too(tmp_path: Path) -> None:
    register = "school,closed\ns1,\ns2,2024\n"
    facts = "school,year,took\ns1,2023,50\ns2,2023,3\ns1,2024,50\n"
    page = publish(tmp_path, register, facts)
    assert (page["was"] is None) is not (page["took", "previous"] is None)


def test_a_part_is_compared_over_its_own_schools(tmp_path: Path) -> None:
    """What is compared has a part by `by:`, and so has the change of it."""
    catalogue = CATALOGUE.replace(
        "passed: {title: Прошли, unit: person}",
        "passed: {title: Прошли, unit: person, of_which: {ovz: с ОВЗ}}",
    ).replace(
        "formula: previous(took), same_schools: yes",
        "formula: previous(passed), by: [ovz], same_schools: yes",
    )
    folder = tmp_path / "parts"
    folder.mkdir()
    (folder / "catalogue.yaml").write_text(catalogue, encoding="utf-8")
    (folder / "schools.csv").write_text("school,opened\ns1,\ns2,\n", encoding="utf-8")
    facts = "school,year,passed,passed.ovz\ns1,2023,40,4\ns2,2023,30,\ns1,2024,41,5\ns2,2024,31,3\n"
    (folder / "facts.csv").write_text(facts, encoding="utf-8")
    loaded, problems = load(folder)
    assert loaded is not None, problems
    data, _problems = read_data(loaded, folder)
    asking = Asking(years=(2024,), indicators=("was", "was.ovz"), levels=("municipality",))
    frame = compute_results(loaded, data, asking).frame
    assert frame.select("value", "reported", "expected").rows() == [(70, 2, 2), (4, 1, 2)]
