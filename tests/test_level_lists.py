"""One input that several levels give, each for itself: «один человек — один раз»."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from engine.catalogue.load import load
from engine.catalogue.lookups import form_inputs
from engine.catalogue.model import Catalogue
from engine.data import data_from_example
from engine.data.intake import read_data
from engine.evaluation.asking import Asking
from engine.evaluation.evaluate import compute_results
from engine.evaluation.examples import run_examples
from engine.evaluation.explain.explain import explain
from engine.problems import has_errors

CATALOGUE = """
    catalogue: {id: r, title: Регион, years: [2023], levels: [school, municipality, region]}
    inputs:
      pupils: {title: Обучающиеся, unit: person}
      winners: {title: Победители, unit: person, level: [school, municipality]}
    indicators:
      part: {title: Доля победителей, unit: percent, formula: "share(winners, pupils)"}
      won: {title: Победителей, unit: person, formula: winners}
      average: {title: Среднее по школам, unit: person, formula: "mean_of(school, winners)"}
      together: {title: Сумма по школам, unit: person, formula: "sum_of(school, winners)"}
      towns: {title: Больше всех, unit: person, formula: "max_of(municipality, winners)"}
      of_region: {title: Победители региона, unit: person, formula: "at(region, winners)"}
    forms:
      town:
        title: Форма округа
        fills: municipality
        years: {fact: [0]}
        sections: [{title: Победители, rows: [{input: winners}]}]
      shown:
        title: Форма с посчитанным
        fills: municipality
        years: {fact: [0]}
        sections: [{title: Победители, rows: [{indicator: won}]}]
      own:
        title: Форма школы
        fills: school
        years: {fact: [0]}
        sections: [{title: Победители, rows: [{cells: [pupils, winners]}]}]
    examples:
      - name: один человек — один раз
        register: {a: {municipality: m1}, b: {municipality: m1}}
        years: {2023: {a: {pupils: 100, winners: 6}, b: {pupils: 100, winners: 4}}}
        given: {municipality: {m1: {winners: 8}}}
        expect: {part: {level: municipality, place: m1, value: 4.0}}
    """
REGISTER = "school,title,municipality,region\na,А,m1,r\nb,Б,m1,r\nc,Ц,m2,r\n"
FACTS = "year,school,pupils,winners\n2023,a,100,6\n2023,b,100,4\n2023,c,50,5\n"
ABOVE = "year,municipality,winners\n2023,m1,8\n2023,m2,3\n"
Values = dict[tuple[str, str], tuple[float | None, str | None, int, int]]


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    folder = tmp_path / "r"
    folder.mkdir()
    (folder / "c.yaml").write_text(dedent(CATALOGUE), encoding="utf-8")
    made, problems = load(folder)
    assert made is not None
    assert not has_errors(problems), problems
    return made


def evaluated(catalogue: Catalogue, folder: Path, above: str, facts: str = FACTS) -> Values:
    """(row, place) → value, reason, reported, expected."""
    data = folder / "data"
    data.mkdir()
    files = {"schools.csv": REGISTER, "facts.csv": facts, "above.csv": above}
    for name, text in files.items():
        (data / name).write_text(text, encoding="utf-8")
    read, problems = read_data(catalogue, data)
    assert not has_errors(problems), problems
    results = compute_results(catalogue, read, Asking(inputs=True))
    return {
        (row["indicator"], row["place"]): (
            row["value"],
            row["reason"],
            row["reported"],
            row["expected"],
        )
        for row in results.frame.iter_rows(named=True)
    }


def run_only_example(folder: Path, text: str) -> None:
    """The one example of a catalogue gives what it expects."""
    (folder / "c.yaml").write_text(dedent(text), encoding="utf-8")
    made, problems = load(folder)
    assert made is not None
    assert not has_errors(problems), problems
    (result,) = run_examples(made, data_from_example)
    assert result.passed, result


def test_each_level_sees_its_own_number(catalogue: Catalogue, tmp_path: Path) -> None:
    values = evaluated(catalogue, tmp_path, ABOVE)
    assert [values["winners", place][0] for place in ("a", "b", "c")] == [6, 4, 5]
    # The upper one is taken and never summed: 6 + 4 pupils are 8 persons.
    assert [values["winners", place][0] for place in ("m1", "m2")] == [8, 3]
    # Above the highest level that gives it, it rolls up over the places of that level.
    assert values["winners", "r"][0] == 11
    assert [values["part", place][0] for place in ("a", "m1", "m2", "r")] == [6, 4, 6, 4.4]
    # A function over schools reads what schools gave, one over municipalities what these gave.
    assert [values["together", place][0] for place in ("m1", "m2", "r")] == [10, 5, 15]
    assert [values["average", place][0] for place in ("m1", "r")] == [5, 5]
    assert values["towns", "r"][0] == 8
    assert [values["of_region", place][0] for place in ("a", "m1", "r")] == [11, 11, 11]


def test_it_says_nothing_of_which_schools_are_expected(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    facts = FACTS.replace("2023,b,100,4", "2023,b,100,")
    values = evaluated(catalogue, tmp_path, ABOVE, facts)
    # School b gave no winners; the municipality's share needs only its pupils.
    assert values["part", "b"] == (None, "not_reported", 0, 1)
    assert values["part", "m1"] == (4, None, 2, 2)
    assert values["together", "m1"] == (6, None, 1, 2)


def test_where_it_is_missing_it_is_missing(catalogue: Catalogue, tmp_path: Path) -> None:
    values = evaluated(catalogue, tmp_path, "year,municipality,winners\n2023,m1,8\n")
    assert values["winners", "m2"][:2] == (None, "not_reported")
    assert values["part", "m2"][:2] == (None, "not_reported")
    assert values["part", "c"][0] == 10
    # A place without its input is out with all its schools: 8 of 200.
    assert values["part", "r"] == (4, None, 2, 3)
    assert values["winners", "r"][0] == 8


def test_larger_than_the_sum_below_is_a_warning(catalogue: Catalogue, tmp_path: Path) -> None:
    data = tmp_path / "data"
    evaluated(catalogue, tmp_path, ABOVE.replace("m2,3", "m2,7"))
    read, _problems = read_data(catalogue, data)
    (problem,) = compute_results(catalogue, read).problems
    assert problem.severity == "warning"
    assert problem.position is not None
    assert problem.position.file.endswith("above.csv")
    assert "m2" in problem.message


def test_a_long_table_and_the_id_with_its_level_are_read_too(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    long = "year,level,place,input,value\n2023,municipality,m1,winners,8\n2023,municipality,m2,winners,3\n"
    assert evaluated(catalogue, tmp_path, long)["part", "r"][0] == 4.4
    (tmp_path / "again").mkdir()
    named = ABOVE.replace("winners", "winners.municipality")
    assert evaluated(catalogue, tmp_path / "again", named)["part", "r"][0] == 4.4


def test_forms_ask_each_level_for_its_own(catalogue: Catalogue) -> None:
    town, school = catalogue.forms["town"], catalogue.forms["own"]
    assert form_inputs(catalogue, town) == ("winners.municipality",)
    assert form_inputs(catalogue, school) == ("pupils", "winners")
    assert form_inputs(catalogue, catalogue.forms["shown"]) == ("winners.municipality",)


def test_an_example_gives_it_at_both_levels(catalogue: Catalogue) -> None:

    (result,) = run_examples(catalogue, data_from_example)
    assert result.passed, result


def test_explain_shows_what_the_level_gave(catalogue: Catalogue, tmp_path: Path) -> None:
    evaluated(catalogue, tmp_path, ABOVE)
    read, _problems = read_data(catalogue, tmp_path / "data")
    proof, _more = explain(catalogue, read, "part", year=2023, place="m1")
    assert proof is not None
    assert [(term.name, term.value) for term in proof.step.terms] == [
        ("winners.municipality", 8),
        ("pupils", 200),
    ]
    assert proof.step.numbers == "100 × 8 / 200"


FORMULAS = (
    "share(winners, pupils)",
    "winners + 0 * pupils",
    "coalesce(winners, 1)",
    "previous(winners)",
    "change(winners)",
    "100 * (winners - previous(winners)) / pupils",
    "winners if winners > 3 else pupils",
    "at(region, winners) - winners",
    "max_of(municipality, winners)",
    "winners if share_of(municipality, winners > 5) > 40 else pupils",
)
TWO = """
    catalogue: {id: r, title: Регион, years: [2022, 2023], levels: [school, municipality, region]}
    inputs:
      pupils: {title: Обучающиеся, unit: person}
      winners: {title: Победители, unit: person%s}
%s
    indicators:
      it: {title: Показатель, unit: %s, missing: %s, formula: "%s"}
    """


@pytest.mark.no_cover
@pytest.mark.parametrize("missing", ["skip", "zero", "block"])
@pytest.mark.parametrize("formula", FORMULAS)
def test_above_the_school_it_is_an_input_of_the_municipality(
    formula: str, missing: str, tmp_path: Path
) -> None:
    """The same numbers, reasons and coverage as an input with `level: municipality` beside the other."""
    unit = "percent" if "share(" in formula or "100 *" in formula else "person"
    given = "      upper: {title: Сверху, unit: person, level: municipality}"
    both = TWO % (", level: [school, municipality]", "", unit, missing, formula)
    apart = TWO % ("", given, unit, missing, formula.replace("winners", "upper"))
    facts = (
        "year,school,pupils,winners\n2022,a,90,5\n2022,b,80,\n2022,c,40,2\n"
        "2023,a,100,6\n2023,b,,4\n2023,c,50,5\n"
    )
    # m3 has no school: only what is given at its level opens it.
    above = "year,municipality,{}\n2022,m1,4\n2022,m2,3\n2022,m3,2\n2023,m1,8\n2023,m3,9\n"
    found = []
    for name, text, column in (("both", both, "winners"), ("apart", apart, "upper")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "c.yaml").write_text(dedent(text), encoding="utf-8")
        made, problems = load(folder)
        assert made is not None
        assert not has_errors(problems), problems
        data = folder / "data"
        data.mkdir()
        files = {"schools.csv": REGISTER, "facts.csv": facts, "above.csv": above.format(column)}
        for file, content in files.items():
            (data / file).write_text(content, encoding="utf-8")
        frame = compute_results(made, read_data(made, data)[0]).frame
        kept = ("indicator", "level", "place", "year", "value", "reason", "reported", "expected")
        rows = [row for row in frame.select(kept).rows() if row[1] != "school"]
        found.append(rows)
    assert found[0]
    assert found[0] == found[1]


def test_municipalities_may_be_the_lowest_level(tmp_path: Path) -> None:
    """`levels: [municipality, region]`: in examples too the places of `years` are municipalities."""
    text = """
        catalogue: {id: r, title: Регион, years: [2023], levels: [municipality, region]}
        inputs:
          pupils: {title: Обучающиеся, unit: person}
          winners: {title: Победители, unit: person, level: [municipality, region]}
        indicators:
          part: {title: Доля, unit: percent, formula: "share(winners, pupils)", better: more}
          best: {title: Место, unit: place, formula: "rank(part, region)"}
        examples:
          - name: два муниципалитета
            years: {2023: {m1: {pupils: 100, winners: 6}, m2: {pupils: 300, winners: 24}}}
            given: {region: {winners: 20}}
            expect:
              part: [{level: region, value: 5.0}, {level: municipality, place: m2, value: 8.0}]
              best: {level: municipality, place: m1, value: 2}
        """
    run_only_example(tmp_path, text)


def test_parts_are_given_by_the_same_levels(tmp_path: Path) -> None:
    text = """
        catalogue: {id: r, title: Регион, years: [2023]}
        inputs:
          winners:
            title: Победители
            unit: person
            level: [school, municipality]
            of_which: {ovz: {title: с ОВЗ}}
        indicators:
          part: {title: Доля, unit: percent, formula: "share(winners.ovz, winners)"}
        examples:
          - name: у города свои числа
            years: {2023: {a: {winners: 6, winners.ovz: 3}, b: {winners: 4, winners.ovz: 1}}}
            given: {municipality: {winners: 8, winners.ovz: 2}}
            expect: {part: [{level: school, place: a, value: 50.0}, {level: municipality, value: 25.0}]}
        """
    run_only_example(tmp_path, text)


def test_the_class_is_that_of_what_the_level_gave(tmp_path: Path) -> None:
    text = """
        catalogue: {id: r, title: Регион, years: [2023]}
        scales:
          many: {unit: person, classes: {high: {at_least: 9, points: 2}, low: {below: 9, points: 1}}}
        inputs: {winners: {title: Победители, unit: person, level: [school, municipality], scale: many}}
        indicators:
          marks: {title: Баллы, unit: point, formula: points(winners)}
          good: {title: Хорошо, formula: winners.high}
        examples:
          - name: сумма школ — 10, у города — 8
            years: {2023: {a: {winners: 6}, b: {winners: 4}}}
            given: {municipality: {winners: 8}}
            expect: {marks: {level: municipality, value: 1}, good: {level: municipality, value: no}}
        """
    run_only_example(tmp_path, text)
