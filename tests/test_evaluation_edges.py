"""Where formulas, registers and years meet in ways that the tables of functions do not show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from engine.catalogue.load import load
from engine.data import Data, data_from_example, read_data
from engine.evaluation.asking import ALWAYS, COLUMNS, SHORTFALL, Asking
from engine.evaluation.evaluate import compute_results
from engine.evaluation.examples import run_examples
from engine.evaluation.explain.explain import explain

if TYPE_CHECKING:
    from pathlib import Path

    from engine.catalogue.model import Catalogue

HEAD = """
catalogue: {id: t, title: Пример, levels: [school, district, municipality], given: [region], years: [2023, 2024]}
inputs:
  a: {title: А, unit: person, of_which: {ovz: с ОВЗ}}
  b: {title: Б, unit: person, of_which: {ovz: с ОВЗ}}
  money: {title: Расходы, type: number, unit: rouble}
  agreed: {title: Есть договор, type: yes_no, when_yes: {partner: {title: Партнёр, type: text}}}
  form: {title: Форма, type: choice, options: {day: дневная, evening: вечерняя}}
  signed: {title: Подписан, type: date}
  held: {title: Проведено, unit: event, of_which: {visitors: {title: Зрителей, unit: person}}}
  d: {title: Данные района, unit: person, level: district}
  land_wide: {title: Данные края, unit: person, level: region}
"""
SCHOOLS = """school;district;municipality
one;east;t
two;;t
three;west;t
"""
FACTS = """school;year;a;b;money;agreed;agreed.partner;form;signed
one;2023;4;2;35;да;Завод;day;31.12.2023
two;2023;6;3;999999999999;нет;Ферма;day;когда-нибудь
three;2023;8;5;1;да;Театр;evening;
"""
DISTRICTS = """district;year;d
east;2023;100
west;2023;200
"""


def catalogue_of(folder: Path, text: str) -> tuple[Catalogue, list[str]]:
    """The catalogue of `HEAD` and `text`, and the codes of its errors."""
    (folder / "catalogue.yaml").write_text(HEAD + text, encoding="utf-8")
    catalogue, problems = load(folder)
    assert catalogue is not None
    return catalogue, [one.code for one in problems if one.severity == "error"]


def data_of(folder: Path, catalogue: Catalogue) -> Data:
    """The cells of this module, as files are read."""
    for name, text in (("schools", SCHOOLS), ("facts", FACTS), ("districts", DISTRICTS)):
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return read_data(catalogue, folder)[0]


def rows_of(folder: Path, text: str, **asked: Any) -> dict[tuple[str, str | None], dict[str, Any]]:
    """(indicator, place) → its row of 2023."""
    catalogue, errors = catalogue_of(folder, text)
    assert errors == []
    asking = Asking(years=(2023,), **asked)
    rows = compute_results(catalogue, data_of(folder, catalogue), asking).frame.iter_rows(
        named=True
    )
    return {(row["indicator"], row["place"]): row for row in rows}


# --- yes/no ---------------------------------------------------------------------------------------


def test_a_yes_no_named_twice_over_counts_schools_above(tmp_path: Path) -> None:
    rows = rows_of(
        tmp_path,
        """indicators:
  bare: {title: Договор, formula: agreed}
  again: {title: Договор ещё раз, formula: bare}
  evening: {title: Вечерняя, formula: form.evening}
""",
    )
    shown = {key: (row["value"], row["type"]) for key, row in rows.items()}
    assert shown["again", "one"] == (1, "yes_no")
    assert shown["again", "t"] == shown["bare", "t"] == (2, "number")
    assert shown["evening", "two"] == (0, "yes_no")
    assert shown["evening", "t"] == (1, "number")


@pytest.mark.parametrize(
    "formula",
    ["5 if bare else 3", "again and a > 3", "not bare", "{2023: agreed, 2024: a > 3}"],
)
def test_a_yes_no_of_schools_has_no_meaning_above_them(tmp_path: Path, formula: str) -> None:
    unit = "unit: person, " if "if" in formula else ""
    text = f"""indicators:
  bare: {{title: Договор, formula: agreed}}
  again: {{title: Договор, formula: bare}}
  wrong: {{title: Неверно, {unit}formula: {formula}}}
"""
    assert catalogue_of(tmp_path, text)[1] == ["unit-yes-no-above"]


@pytest.mark.parametrize(
    ("column", "code"),
    [
        ("town: {title: Городская, type: yes_no}", "unit-yes-no-above"),
        ("town: {title: Мест, type: number}", "unit-number-above"),
        ("town: {title: Вид, type: choice, options: {day: дневная}}", "unit-text"),
    ],
)
def test_the_register_is_read_at_schools_only(tmp_path: Path, column: str, code: str) -> None:
    text = f"register: {{{column}}}\nindicators: {{wrong: {{title: Неверно, formula: town}}}}\n"
    assert catalogue_of(tmp_path, text)[1] == [code]


def test_a_check_above_the_school_is_a_condition_there(tmp_path: Path) -> None:
    text = "checks: [{id: c, level: municipality, rule: agreed, message: Договора нет}]\n"
    assert catalogue_of(tmp_path, text)[1] == ["unit-yes-no-above"]


@pytest.mark.parametrize(
    ("places", "named"),
    [
        ((), ["one", "three", "west"]),
        # A school: its own checks, and those of the places in which it lies.
        (("one",), ["one"]),
        (("two",), []),
        (("three",), ["three", "west"]),
        # A place above: of the schools in it, for their checks stand at its numbers too.
        (("east",), ["one"]),
        (("west",), ["three", "west"]),
        (("t",), ["one", "three", "west"]),
        (("one", "three"), ["one", "three", "west"]),
    ],
)
def test_failed_checks_of_other_places_are_not_told(
    tmp_path: Path, places: tuple[str, ...], named: list[str]
) -> None:
    text = """checks:
  - {id: few, rule: a == 6, message: Мало}
  - {id: wide, level: district, rule: d < 150, message: Много}
"""
    catalogue, problems = catalogue_of(tmp_path, text)
    assert problems == []
    data = data_of(tmp_path, catalogue)
    results = compute_results(catalogue, data, Asking((2023,), places=places, columns=COLUMNS))
    failed = [one for one in results.problems if one.code.startswith("check:")]
    told = [one.message.partition(" — ")[2].partition(",")[0] for one in failed]
    assert sorted(told) == sorted(named)


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        ("{2023: a / b, 2024: a > b}", "not-a-condition"),
        ("{2023: signed, 2024: a > b}", "unit-text"),
    ],
)
def test_every_year_gives_one_kind_of_thing(tmp_path: Path, formula: str, code: str) -> None:
    text = f"indicators: {{wrong: {{title: Неверно, formula: {formula}}}}}\n"
    assert catalogue_of(tmp_path, text)[1] == [code]


# --- a school without a district ------------------------------------------------------------------


def test_a_school_without_a_district_makes_no_district(tmp_path: Path) -> None:
    rows = rows_of(
        tmp_path,
        """indicators:
  near: {title: В районе, unit: person, formula: "at(district, a)"}
  both: {title: Вместе с районом, unit: person, formula: a + d}
""",
    )
    places = {place for _indicator, place in rows}
    assert places == {"one", "two", "three", "east", "west", "t"}
    told = ("value", "reason", "reported", "expected")
    assert [rows["near", "two"][name] for name in told] == [None, "no_such_level", 0, 0]
    assert [rows["both", "two"][name] for name in told] == [None, "no_such_level", 1, 1]
    assert rows["both", "t"]["value"] == 318


# --- numbers past their ends ----------------------------------------------------------------------


def test_no_infinity_leaves_the_engine(tmp_path: Path) -> None:
    product = "*".join(["money"] * 30)
    rows = rows_of(
        tmp_path,
        f"""indicators:
  endless: {{title: Много, unit: ratio, formula: "{product} / ({product})"}}
  rest: {{title: Разность, unit: ratio, formula: "{product} / ({product}) - 1"}}
""",
    )
    for one in ("endless", "rest"):
        row = rows[one, "two"]
        assert (row["value"], row["raw"], row["reason"]) == (None, None, "zero_denominator")
    assert rows["endless", "one"]["value"] == 1


@pytest.mark.parametrize(
    ("formula", "one", "town"),
    [
        ("round(money, 400)", 35, 10**12 + 35),
        ("round(money, -1)", 40, 10**12 + 40),
        ("round(money, -400)", 0, 0),
    ],
)
def test_rounding_knows_no_bounds(tmp_path: Path, formula: str, one: int, town: int) -> None:
    text = (
        f"""indicators: {{rounded: {{title: Округлено, unit: rouble, formula: "{formula}"}}}}\n"""
    )
    rows = rows_of(tmp_path, text)
    assert rows["rounded", "one"]["value"] == one
    assert rows["rounded", "t"]["value"] == town


# --- rows of parts --------------------------------------------------------------------------------


def test_a_part_has_its_own_unit_and_the_target_of_its_whole(tmp_path: Path) -> None:
    catalogue, errors = catalogue_of(
        tmp_path,
        """indicators:
  held: {title: Проведено, by: [visitors]}
  part: {title: Доля, unit: percent, formula: "share(a, b)", by: [ovz], targets: {2023: 50}}
  rate: {title: Темп, unit: ratio, formula: part / target(part), by: [ovz]}
""",
    )
    assert errors == []
    made = catalogue.indicators["held.visitors"]
    assert made.unit is not None
    assert made.unit.id == "person"
    assert catalogue.indicators["rate.ovz"].formulas[0][1].text == "part.ovz / target(part)"


def test_a_part_of_another_unit_is_no_part_of_what_is_declared(tmp_path: Path) -> None:
    text = "indicators: {one: {title: Один, unit: event, formula: held, by: [visitors]}}\n"
    assert catalogue_of(tmp_path, text)[1] == ["unit-declared"]


# --- proofs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ("formula: a, since: 2024", "not_applicable"),
        ("formula: a, until: 2022", "not_applicable"),
        ("formula: {2024: a}", "before_formula"),
        ("formula: {2024: a}, since: 2024", "not_applicable"),
    ],
)
def test_the_proof_of_no_number_says_why(tmp_path: Path, keys: str, reason: str) -> None:
    text = f"indicators: {{one: {{title: Один, unit: person, {keys}}}}}\n"
    catalogue, errors = catalogue_of(tmp_path, text)
    assert errors == []
    proof, _problems = explain(catalogue, data_of(tmp_path, catalogue), "one", year=2023)
    assert proof is not None
    assert (proof.row["value"], proof.row["reason"]) == (None, reason)
    assert (proof.step.value, proof.step.reason, proof.step.formula) == (None, reason, "")


# --- examples -------------------------------------------------------------------------------------


def test_what_is_given_to_an_example_meets_the_constants_of_the_place(tmp_path: Path) -> None:
    catalogue, errors = catalogue_of(
        tmp_path,
        """constants: {norm: {title: Норматив, unit: person, level: region, values: {land: {2023: 7}}}}
indicators: {one: {title: Один, unit: person, formula: a + land_wide + norm}}
examples:
  - name: одна школа
    years: {2023: {one: {a: 1}}}
    given: {region: {land_wide: 10}}
    expect: {one: 18}
""",
    )
    assert errors == []
    assert [tried.passed for tried in run_examples(catalogue, data_from_example)] == [True]


# --- texts ----------------------------------------------------------------------------------------


def test_a_text_that_does_not_apply_is_not_listed(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, "indicators: {agreed.partner: {title: Партнёры}}\n")
    shown = {key: (row["text"], row["reason"]) for key, row in rows.items()}
    assert shown["agreed.partner", "one"] == (["Завод"], None)
    assert shown["agreed.partner", "two"] == (None, "not_applicable")
    assert shown["agreed.partner", "t"] == (["Завод", "Театр"], None)


def test_a_date_that_cannot_be_read_is_told_so(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, "indicators: {signed: {title: Подписан}}\n")
    shown = {key: (row["text"], row["reason"]) for key, row in rows.items()}
    assert shown["signed", "one"] == (["2023-12-31"], None)
    assert shown["signed", "two"] == (None, "not_readable")
    assert shown["signed", "west"] == (None, "not_reported")
    assert shown["signed", "t"] == (["2023-12-31"], None)


@pytest.mark.parametrize("column", [*COLUMNS, SHORTFALL])
@pytest.mark.parametrize(
    "kinds", [("text", "number", "yes_no"), ("text",), ("number",)], ids=" ".join
)
def test_a_column_asked_for_alone_is_what_it_is_among_all(
    tmp_path: Path, kinds: tuple[str, ...], column: str
) -> None:
    formulas = {
        "text": ("form", "signed"),
        "number": ("a + b", "a / b"),
        "yes_no": ("agreed",),
    }
    rows = "".join(
        f"\n  {kind}_{number}: {{title: Строка, formula: {formula}, unit: ratio, decimals: 1,"
        f" better: more, targets: {{2024: 1}}}}"
        if kind == "number"
        else f"\n  {kind}_{number}: {{title: Строка, formula: {formula}}}"
        for kind in kinds
        for number, formula in enumerate(formulas[kind])
    )
    rows = rows.replace("formula: a + b, unit: ratio", "formula: a + b, unit: person")
    catalogue, _errors = catalogue_of(tmp_path, f"indicators:{rows}\n")
    assert list(catalogue.indicators) == [
        f"{kind}_{number}" for kind in kinds for number, _formula in enumerate(formulas[kind])
    ]
    data = data_of(tmp_path, catalogue)
    whole = compute_results(catalogue, data, Asking(columns=(*COLUMNS, SHORTFALL))).frame
    alone = compute_results(catalogue, data, Asking(columns=(column,))).frame
    assert alone.select(*ALWAYS).equals(whole.select(*ALWAYS))
    if column in alone.columns or column in whole.columns:
        assert alone[column].equals(whole[column])


def test_a_year_earlier_a_school_is_compared_with_the_town_it_was_in(tmp_path: Path) -> None:
    """Since 2023 the school lies in another town."""
    text = (
        HEAD
        + """indicators:
  before: {title: Было, unit: person, formula: "previous(at(municipality, a))"}
  here: {title: Было здесь, unit: person, formula: "at(municipality, previous(a))"}
  grown: {title: Прибыло, unit: person, formula: "change(at(municipality, a))"}
"""
    )
    (tmp_path / "catalogue.yaml").write_text(text, encoding="utf-8")
    catalogue, _problems = load(tmp_path)
    assert catalogue is not None
    folder = tmp_path / "data"
    folder.mkdir()
    schools = "school;district;municipality;year\none;d;north;\none;e;south;2023\n"
    schools += "two;d;north;\nthree;e;south;\n"
    facts = "school;year;a\none;2022;1\ntwo;2022;2\nthree;2022;4\n"
    facts += "one;2023;10\ntwo;2023;20\nthree;2023;40\n"
    (folder / "schools.csv").write_text(schools, encoding="utf-8")
    (folder / "facts.csv").write_text(facts, encoding="utf-8")
    data, _problems = read_data(catalogue, folder)
    rows = compute_results(catalogue, data, Asking(years=(2023,))).frame.iter_rows(named=True)
    found = {(row["indicator"], row["place"]): row["value"] for row in rows}
    assert found["before", "one"] == 3
    assert found["here", "one"] == 4
    assert found["grown", "one"] == 50 - 3
    assert (found["before", "two"], found["before", "three"]) == (3, 4)
    assert (found["before", "north"], found["before", "south"]) == (3, 4)
    proof, _problems = explain(catalogue, data, "before", year=2023, place="one")
    assert proof is not None
    (step,) = proof.step.steps
    assert [(one.level, one.place, one.year) for one in step.steps] == [
        ("municipality", "north", 2022)
    ]


@pytest.mark.parametrize(
    "condition", ["not at(district, d > 150)", "a > 0 and not (at(district, d > 150) or a < 0)"]
)
def test_a_condition_that_has_no_value_anywhere_is_one(tmp_path: Path, condition: str) -> None:
    text = f"""indicators:
  chosen: {{title: Выбор, unit: person, formula: "a if {condition} else 0"}}
"""
    rows = rows_of(tmp_path, text)
    assert rows["chosen", "one"]["value"] == 4
    assert rows["chosen", "three"]["value"] == 0
    town = rows["chosen", "t"]
    assert (town["value"], town["reason"]) == (None, "no_such_level")
