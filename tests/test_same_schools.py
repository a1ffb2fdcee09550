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


# --- what is computed on its own inside ---

INSIDE = """
catalogue: {id: town, title: Город, levels: [school, municipality], years: [2023, 2024]}
register:
  rural: {title: Сельская, type: yes_no}
  size: {title: Мест, type: number}
inputs:
  passed: {title: Прошли, unit: person}
  took: {title: Сдавали, unit: person}
  spare: {title: Иначе, unit: person}
  mark: {title: Балл, type: number, unit: person, rollup: mean}
constants:
  norm: {title: Норма, unit: person, values: {2023: 1, 2024: 2}}
indicators:
  other: {title: Доля, unit: percent, formula: "coalesce(share(passed, took), share(spare, took))"}
  other_same: {title: Доля тех же, unit: percentage_point, formula: change(other), same_schools: yes}
  first: {title: Сколько, unit: person, formula: "coalesce(passed, spare)"}
  first_same: {title: Сколько у тех же, unit: person, formula: previous(first), same_schools: yes}
  filled: {title: Дополнено, unit: person, formula: "coalesce(spare, 3)"}
  filled_same: {title: Дополнено у тех же, unit: percent, formula: growth(filled), same_schools: yes}
  each: {title: Средняя, unit: percent, formula: "mean_of_schools(coalesce(share(passed, took), share(spare, took)))"}
  each_same: {title: Средняя тех же, unit: percentage_point, formula: change(each), same_schools: yes}
  whole: {title: Целиком, unit: person, formula: "coalesce(spare + 0, passed + norm)"}
  whole_same: {title: Целиком у тех же, unit: person, formula: previous(whole), same_schools: yes}
  per: {title: На школу, unit: person/school, formula: "coalesce(took + 0, spare) / schools()"}
  per_same: {title: На школу у тех же, unit: person/school, formula: previous(per), same_schools: yes}
  room: {title: Мест, unit: person, formula: "coalesce(took * 0, 0) + mean_of_schools(only(size, size > 0))"}
  room_same: {title: Мест у тех же, unit: person, formula: change(room), same_schools: yes}
  index: {title: Индекс, unit: person, score: {of: {took: 0.5, passed: 1}, absent: rescale, how: mean}}
  index_same: {title: Индекс тех же, unit: person, formula: change(index), same_schools: yes}
  average: {title: Или балл, unit: person, formula: "coalesce(passed + 0, mark)"}
  average_same: {title: Или балл тех же, unit: person, formula: previous(average), same_schools: yes}
  village: {title: Сельские, unit: percent, formula: "coalesce(share(passed, took), share(spare, took))", where: rural}
  village_same: {title: Те же сельские, unit: percentage_point, formula: change(village), same_schools: yes}
"""
# s9 is joined to s1 and s8 to s5; s2 is new, s3 is gone; s4 stays as it was.
INSIDE_SCHOOLS = """school,opened,closed,successor,rural,size
s1,,,,yes,10
s2,2024,,,no,70
s3,,2024,,no,90
s4,,,,no,30
s5,,,,no,20
s8,,2024,s5,no,50
s9,,2024,s1,yes,40
"""
INSIDE_FACTS = """school,year,passed,took,spare,mark
s1,2023,40,50,8,
s9,2023,,50,2,
s3,2023,5,33,9,
s4,2023,5,20,,
s5,2023,10,10,,
s8,2023,10,10,,
s1,2024,66,100,,
s2,2024,1,10,7,
s4,2024,6,40,1,
s5,2024,20,20,9,
"""


def read_inside(folder: Path) -> tuple[Catalogue, Data]:
    (folder / "catalogue.yaml").write_text(INSIDE, encoding="utf-8")
    (folder / "schools.csv").write_text(INSIDE_SCHOOLS, encoding="utf-8")
    (folder / "facts.csv").write_text(INSIDE_FACTS, encoding="utf-8")
    catalogue, problems = load(folder)
    assert catalogue is not None
    assert not [problem for problem in problems if problem.severity == "error"], problems
    return catalogue, read_data(catalogue, folder)[0]


def test_what_is_computed_on_its_own_is_read_over_the_same_schools(tmp_path: Path) -> None:
    """A part of a formula with schools of its own takes them among those that are the same.

    The same are s1 with s9, s4, s5 with s8: neither s2 nor s3 is in any number.
    """
    catalogue, data = read_inside(tmp_path)
    frame = compute_results(catalogue, data, Asking(years=(2024,))).frame
    found = {
        (row["indicator"], row["place"]): (row["raw"], row["reported"], row["expected"])
        for row in frame.iter_rows(named=True)
        if row["indicator"].endswith("_same")
    }
    wanted = {
        # s1 + s9 have no number of passed, for s9 gave none: s4, s5 + s8 are 25 of 40 a year before.
        ("other_same", "town"): (100 * 92 / 160 - 100 * 25 / 40, 3, 4),
        # Alone, s1 + s9 fall back on the spare: 10 of 100.
        ("other_same", "s1"): (66 - 10, 1, 1),
        ("other_same", "s2"): (None, 0, 1),
        # Each gave one of the two; 40 of s1, 2 of s9.
        ("first_same", "s1"): (42, 1, 1),
        ("first_same", "town"): (42 + 5 + 20, 3, 4),
        # Now 3 + 1 + 9; before s1 8 and s9 2, s4 3, s5 and s8 3 each.
        ("filled_same", "town"): (100 * (13 / 19 - 1), 3, 4),
        # Now 66, 15, 100; before 10, 25, 100.
        ("each_same", "town"): (60.3 - 45, 3, 4),
        ("whole_same", "s1"): (10, 1, 1),
        # What is missing falls back on what was passed, with the norm of that year.
        ("whole_same", "s4"): (5 + 1, 1, 1),
        ("whole_same", "s5"): (20 + 1, 1, 1),
        ("per_same", "town"): (140 / 3, 3, 4),
        ("room_same", "town"): (0, 3, 4),
        # Now (0,5 · 160 + 92) / 1,5, printed 115; before took is 140, passed is 25: printed 63.
        ("index_same", "town"): (115 - 63, 3, 4),
        # A mean does not add up: what s1 and s5 took in leaves them out, though it is not taken.
        ("average_same", "town"): (5, 1, 4),
        ("average_same", "s1"): (None, 0, 1),
        ("village_same", "town"): (66 - 10, 1, 1),
    }
    for key, (value, reported, expected) in wanted.items():
        assert found[key] == (
            value if value is None else pytest.approx(value),
            reported,
            expected,
        ), key


@pytest.mark.parametrize(
    ("name", "place", "sides"),
    [
        # (what is compared, the schools whose cells each of its arguments takes)
        ("other_same", "town", [(57.5, "s1 s4 s5", "s4 s5"), (62.5, "s4 s5 s8", "s1 s9")]),
        ("other_same", "s1", [(66, "s1", ""), (10, "", "s1 s9")]),
        ("village_same", "town", [(66, "s1", ""), (10, "", "s1 s9")]),
        ("whole_same", "town", [(10, "s1 s9", "s4 s5 s8")]),
    ],
)
def test_a_proof_shows_what_is_computed_on_its_own_over_the_same_schools(
    tmp_path: Path, name: str, place: str, sides: list[tuple[float, str, str]]
) -> None:
    catalogue, data = read_inside(tmp_path)
    proof, _problems = explain(catalogue, data, name, year=2024, place=place)
    assert proof is not None
    steps = [step for step in proof.step.steps if step.year == 2023 or name != "whole_same"]
    schools = []
    for side in steps:
        assert (side.reported, side.expected) == (None, None)
        assert all(part.year == side.year for part in side.steps)
        entered = [[each.place for each in part.places if each.entered] for part in side.steps]
        schools.append(tuple(map(" ".join, entered)))
        taken = next(part.value for part in side.steps if part.value is not None)
        assert side.value == taken
        assert side.terms[0].value == side.value
        for part in side.steps:
            cells = [cell for each in part.places if each.entered for cell in each.cells]
            for term in part.terms:
                if term.kind == "input" and term.value is not None:
                    assert term.value == sum(
                        float(cell.value or 0) for cell in cells if cell.input == term.name
                    )
    assert schools == [(first, second) for _value, first, second in sides]
    values = [value for value, _first, _second in sides]
    assert [side.value for side in steps] == pytest.approx(values)
    now, before = (*values, 0)[:2]
    assert proof.row["value"] == pytest.approx(now - before, abs=0.05)
    text = show_proof(proof, catalogue).replace("\xa0", " ")
    assert "по тем же школам" in text
    assert "s3 [s3]\n" not in text.split("Вошли в расчёт")[1].split("Не вошли")[0]
