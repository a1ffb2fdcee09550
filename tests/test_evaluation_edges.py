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


# --- places without what they give ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("missing", "district", "town", "reason", "reported"),
    [
        ("skip", None, 2 + 100 + 6, None, 2),
        ("zero", None, 2 + 100 + 6, None, 2),
        ("block", None, None, "blocked", 2),
    ],
)
def test_a_place_without_its_input_is_out_with_all_its_schools(  # noqa: PLR0917 - a case
    tmp_path: Path,
    missing: str,
    district: float | None,
    town: float | None,
    reason: str | None,
    reported: int,
) -> None:
    catalogue, errors = catalogue_of(
        tmp_path,
        f"""indicators:
  both: {{title: Вместе, unit: person, formula: a + d, missing: {missing}}}
  most: {{title: Наибольшее, unit: person, formula: max_of_schools(a) + 0 * d, missing: {missing}}}
  many: {{title: Школ, unit: school, formula: schools() + schools_with(a < 0 * d), missing: {missing}}}
""",
    )
    assert errors == []
    data = tmp_path / "data"
    data.mkdir()
    (data / "schools.csv").write_text(SCHOOLS, encoding="utf-8")
    facts = "school;year;a\none;2023;2\ntwo;2023;6\nthree;2023;8\n"
    (data / "facts.csv").write_text(facts, encoding="utf-8")
    (data / "districts.csv").write_text("district;year;d\neast;2023;100\n", encoding="utf-8")
    read, _problems = read_data(catalogue, data)
    frame = compute_results(catalogue, read, Asking(years=(2023,))).frame
    rows = {(row["indicator"], row["place"]): row for row in frame.iter_rows(named=True)}
    above = rows["both", "t"]
    assert (above["value"], above["reason"]) == (town, reason)
    assert (above["reported"], above["expected"]) == (reported, 3)
    # In its own district, and below it, its schools have reported: it is the district that has not.
    here = rows["both", "west"]
    assert (here["value"], here["reason"]) == (district, "not_reported")
    assert (here["reported"], here["expected"]) == (1, 1)
    if missing != "block":
        assert rows["most", "t"]["value"] == 6
        assert rows["many", "t"]["value"] == 2
    proof, _problems = explain(catalogue, read, "both", year=2023, place="t")
    assert proof is not None
    entered = {place.place: (place.entered, place.lacking) for place in proof.step.places}
    assert entered == {"one": (True, ()), "two": (True, ()), "three": (False, ("d",))}
    proof, _problems = explain(catalogue, read, "most", year=2023, place="t")
    assert proof is not None
    over = proof.step.terms[0].schools
    assert over is not None
    assert {school.place: school.value for school in over.schools} == {
        "one": 2,
        "two": 6,
        "three": None,
    }


def test_a_place_without_schools_is_open_for_what_is_given_to_it(tmp_path: Path) -> None:
    catalogue, errors = catalogue_of(
        tmp_path,
        """indicators:
  d: {title: Данные района}
  wide: {title: Данные края, unit: person, formula: d + land_wide}
  both: {title: Вместе, unit: person, formula: a + d}
  many: {title: Школ, unit: school, formula: schools_open()}
""",
    )
    assert errors == []
    data = tmp_path / "data"
    data.mkdir()
    schools = "school;district;municipality;closed\none;east;t;\nfour;north;t;2023\n"
    places = "level;place;title\ndistrict;south;Южный\n"
    districts = "district;year;d\neast;2023;1\nnorth;2023;2\nnorth;2024;4\nwest;2023;8\n"
    (data / "schools.csv").write_text(schools, encoding="utf-8")
    (data / "places.csv").write_text(places, encoding="utf-8")
    (data / "facts.csv").write_text("school;year;a\none;2023;1\n", encoding="utf-8")
    (data / "districts.csv").write_text(districts, encoding="utf-8")
    (data / "land.csv").write_text("region;year;land_wide\nland;2023;5\n", encoding="utf-8")
    read, problems = read_data(catalogue, data)
    assert [(each.code, each.about, each.severity) for each in problems] == [
        ("unknown-place", "west", "warning"),
        ("unknown-place", "south", "warning"),
    ]
    frame = compute_results(catalogue, read, Asking(inputs=True)).frame
    rows = {
        (row["indicator"], row["place"], row["year"]): row
        for row in frame.iter_rows(named=True)
        if row["level"] == "district"
    }
    assert {key[1:]: row["value"] for key, row in rows.items() if key[0] == "d"} == {
        ("east", 2023): 1,
        ("east", 2024): None,
        ("north", 2023): 2,
        ("north", 2024): 4,
        ("south", 2023): None,
        ("south", 2024): None,
        ("west", 2023): 8,
    }
    assert rows["wide", "west", 2023]["value"] == 8 + 5
    # What schools give, and what is counted of schools, is not asked of it.
    for name in ("a", "both", "many"):
        assert {place for one, place, _year in rows if one == name} == {"east"}
    town = {
        row["year"]: row for row in frame.filter(indicator="d", place="t").iter_rows(named=True)
    }
    shown = [(row["value"], row["reported"], row["expected"]) for row in town.values()]
    assert shown == [(11, 3, 4), (4, 1, 3)]
    proof, _problems = explain(catalogue, read, "d", year=2023, place="west")
    assert proof is not None
    assert proof.step.value == 8


def test_the_reference_is_the_target_of_the_place_around(tmp_path: Path) -> None:
    rows = rows_of(
        tmp_path,
        """indicators:
  part: {title: Доля, unit: percent, formula: "share(b, a)", targets: {2023: {at_least: 50}}, target_level: district}
  town: {title: Доля в городе, unit: percent, formula: "share(b, a)", targets: {2023: 50}}
""",
    )
    said = {key: (row["reference"], row["status"]) for key, row in rows.items()}
    assert said["part", "one"] == said["part", "three"] == (50, "no_target")
    assert said["part", "two"] == (None, "no_target")  # it lies in no district
    assert said["part", "east"] == (
        None,
        "met" if rows["part", "east"]["value"] >= 50 else "missed",
    )
    assert said["part", "t"] == (None, "no_target")
    assert said["town", "two"] == said["town", "east"] == (50, "no_target")


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


# --- changes --------------------------------------------------------------------------------------

CHANGES = """
catalogue: {id: t, title: Пример, levels: [school, municipality], years: [2022, 2023, 2024]}
inputs:
  a: {title: А, unit: person}
  b: {title: Б, unit: person}
  money: {title: Расходы, type: number, unit: rouble}
indicators:
  part: {title: Доля, unit: percent, decimals: 1, formula: "share(a, b)"}
  of_part: {title: Изменение доли, unit: percentage_point, decimals: 3, formula: change(part)}
  inside: {title: Изменение формулы, unit: percentage_point, decimals: 3, formula: "change(share(a, b))"}
  added: {title: Изменение и ноль, unit: percentage_point, decimals: 3, formula: change(part) + 0}
  named: {title: Изменение по имени, unit: percentage_point, decimals: 3, formula: of_part + 0}
  before_it: {title: Прошлое изменение, unit: percentage_point, decimals: 3, formula: previous(of_part)}
  of_money: {title: Изменение расходов, unit: rouble, decimals: 3, formula: change(money)}
  of_count: {title: Изменение числа, unit: person, formula: change(a)}
"""


@pytest.mark.parametrize(("decimals", "of_money"), [(0, -1), (1, -0.5), (2, -0.49)])
def test_an_indicator_that_is_a_change_is_printed_minus_printed(
    tmp_path: Path, decimals: int, of_money: float
) -> None:
    text = CHANGES.replace("years:", f"defaults: {{decimals: {decimals}}}, years:")
    (tmp_path / "catalogue.yaml").write_text(text, encoding="utf-8")
    catalogue, problems = load(tmp_path)
    assert catalogue is not None
    assert [each for each in problems if each.severity == "error"] == []
    facts = "school;year;a;b;money\none;2022;1;3;1,54\none;2023;2;3;1,049\none;2024;2;3;1\n"
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "facts.csv").write_text(facts, encoding="utf-8")
    data, _problems = read_data(catalogue, tmp_path / "data")
    frame = compute_results(catalogue, data, Asking(levels=("municipality",), inputs=True)).frame
    value = {(row["indicator"], row["year"]): row["value"] for row in frame.iter_rows(named=True)}
    assert value["of_part", 2023] == value["named", 2023] == value["before_it", 2024] == 33.4
    assert value["inside", 2023] == value["added", 2023] == 33.333
    assert value["of_money", 2023] == of_money
    printed = round(value["money", 2023] - value["money", 2022], 3)
    assert printed == of_money
    assert value["of_count", 2023] == 1
    proof, _problems = explain(catalogue, data, "of_part", year=2023)
    assert proof is not None
    assert proof.step.value == 33.4
    assert proof.step.numbers == "66,7 − 33,3"


# --- functions over schools -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "facts", "reason"),
    [
        # The one that enters divides by 0; the other has not reported, which comes first.
        ("sum_of_schools(a / b)", "one;0;0\ntwo;1;\n", "not_reported"),
        ("sum_of_schools(a / b)", "one;0;0\ntwo;н/п;н/п\n", "zero_denominator"),
        ("mean_of_schools(a / b)", "one;н/п;н/п\ntwo;н/п;н/п\n", "not_applicable"),
        # Both have the argument, and do not enter: what else is wrong there does not matter.
        (
            "coalesce(previous(a), sum_of_schools(a) * max(b, 0))",
            "one;1;??\ntwo;2;\n",
            "not_readable",
        ),
        ("0 * b + max_of_schools(a)", "one;1;\ntwo;2;\n", "not_reported"),
        ("schools() + max(a, b)", "one;н/п;н/п\ntwo;н/п;н/п\n", "not_reported"),
        ("weighted_mean_of_schools(a, 1 / a)", "one;0;\ntwo;;\n", "not_reported"),
        ("weighted_mean_of_schools(a, 1 / a)", "one;0;\ntwo;0;\n", "zero_denominator"),
    ],
)
def test_a_function_over_schools_says_the_first_reason_of_all_open_ones(
    tmp_path: Path, formula: str, facts: str, reason: str
) -> None:
    text = f"indicators: {{it: {{title: Показатель, unit: ratio, formula: '{formula}'}}}}\n"
    catalogue, _errors = catalogue_of(tmp_path, text)
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "schools.csv").write_text("school\none\ntwo\n", encoding="utf-8")
    rows = "".join(f"2023;{line}\n" for line in facts.split())
    (folder / "facts.csv").write_text(f"year;school;a;b\n{rows}", encoding="utf-8")
    data, _problems = read_data(catalogue, folder)
    asking = Asking(years=(2023,), levels=("municipality",), indicators=("it",))
    (row,) = compute_results(catalogue, data, asking).frame.iter_rows(named=True)
    assert (row["value"], row["reason"]) == (None, reason)


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


@pytest.mark.no_cover
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
  earlier: {title: Было, unit: person, formula: "previous(at(municipality, a))"}
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
    assert found["earlier", "one"] == 3
    assert found["here", "one"] == 4
    assert found["grown", "one"] == 50 - 3
    assert (found["earlier", "two"], found["earlier", "three"]) == (3, 4)
    assert (found["earlier", "north"], found["earlier", "south"]) == (3, 4)
    proof, _problems = explain(catalogue, data, "earlier", year=2023, place="one")
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


# --- levels without a column ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("named", "region"), [("land;2023;5", "land"), ("", "region")], ids=["named", "not named"]
)
def test_a_level_without_a_column_has_one_place(tmp_path: Path, named: str, region: str) -> None:
    text = """
catalogue: {id: t, title: Пример, levels: [school], given: [municipality, region], years: [2023]}
inputs:
  a: {title: А, unit: person}
  m: {title: Город, unit: person, level: municipality}
  r: {title: Край, unit: person, level: region}
indicators:
  all: {title: Вместе, unit: person, formula: a + m}
"""
    (tmp_path / "catalogue.yaml").write_text(text, encoding="utf-8")
    catalogue, _problems = load(tmp_path)
    assert catalogue is not None
    data = tmp_path / "data"
    data.mkdir()
    (data / "facts.csv").write_text("school;year;a\none;2023;1\n", encoding="utf-8")
    (data / "town.csv").write_text("municipality;year;m\nt;2023;2\n", encoding="utf-8")
    (data / "land.csv").write_text(f"region;year;r\n{named}\n", encoding="utf-8")
    read, _problems = read_data(catalogue, data)
    assert read.register is not None
    assert {level: set(places) for level, places in read.register.places.items()} == {
        "municipality": {"t"},
        "region": {region},
    }
    rows = compute_results(catalogue, read, Asking(indicators=("all",))).frame
    assert rows["value"].to_list() == [3]


@pytest.mark.parametrize("missing", ["skip", "zero"])
def test_a_coalesce_with_a_value_does_without_an_unreadable_cell(
    tmp_path: Path, missing: str
) -> None:
    (tmp_path / "catalogue.yaml").write_text(
        HEAD
        + f"""
indicators:
  x: {{title: Икс, unit: person, formula: "coalesce(a, b) + held.visitors", missing: {missing}}}
""",
        encoding="utf-8",
    )
    catalogue, _problems = load(tmp_path)
    assert catalogue is not None
    (tmp_path / "schools.csv").write_text(SCHOOLS, encoding="utf-8")
    facts = "school;year;a;b;held.visitors\none;2023;4;абв;1\ntwo;2023;5;абв;\nthree;2023;абв;;2\n"
    (tmp_path / "facts.csv").write_text(facts, encoding="utf-8")
    data = read_data(catalogue, tmp_path)[0]
    rows = {
        row["place"]: (row["value"], row["reason"])
        for row in compute_results(catalogue, data, Asking(years=(2023,))).frame.iter_rows(
            named=True
        )
    }
    assert rows["one"] == (5.0, None)
    assert rows["two"] == ((5.0, None) if missing == "zero" else (None, "not_reported"))
    assert rows["three"] == (None, "not_readable")
