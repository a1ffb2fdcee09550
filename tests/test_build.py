"""From plain data to the frozen catalogue: inheritance, names, types, targets, checks."""

from __future__ import annotations

import ast
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from textwrap import dedent

import pytest

from engine import load
from engine.catalogue.load import list_catalogues
from engine.catalogue.model import Catalogue, Indicator, Input, Option, PartSum, Target
from engine.problems import show_problem

HEAD = """
catalogue:
  id: primer
  title: Пример
  years: [2022, 2023]
  given: [region]
  period: academic_year
  defaults: {comparator: at_least, decimals: 1, missing: zero}
"""

Build = Callable[..., Catalogue]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """The catalogue of a text without errors."""

    def built(text: str, head: str = HEAD) -> Catalogue:
        (tmp_path / "catalogue.yaml").write_text(head + dedent(text), encoding="utf-8")
        catalogue, problems = load(tmp_path)
        assert catalogue is not None
        assert not [show_problem(one) for one in problems if one.severity == "error"]
        return catalogue

    return built


def test_nothing_but_the_head_is_needed(build: Build) -> None:
    catalogue = build("")
    assert catalogue.indicators == {}
    assert catalogue.levels == ("school", "municipality")
    assert catalogue.places == ("school", "municipality", "region")
    assert len(catalogue.version) == 12


def test_a_part_takes_from_its_whole_what_it_does_not_say(build: Build) -> None:
    catalogue = build(
        """
        register:
          has_10: {title: Есть 10 класс, type: yes_no}
          rural: {title: Сельская, type: yes_no}
        inputs:
          whole:
            title: Целое
            type: number
            unit: rouble
            rollup: mean
            applies_to: has_10
            since: 2022
            until: 2023
            severity: warning
            asked_for: previous
            confidential: true
            of_which:
              short: часть
              own: {title: Своя, unit: hour, applies_to: rural, severity: error, confidential: no}
        """
    )
    short, own = catalogue.inputs["whole.short"], catalogue.inputs["whole.own"]
    assert short.title == "часть"
    assert short.type == "number"
    assert short.unit is not None
    assert short.unit.id == "rouble"
    assert (short.rollup, short.since, short.until) == ("mean", 2022, 2023)
    assert (short.severity, short.asked_for, short.confidential) == ("warning", "previous", True)
    assert [condition.text for condition in short.applies_to] == ["has_10"]
    assert (short.whole, short.asked_when) == ("whole", None)
    assert [condition.text for condition in own.applies_to] == ["has_10", "rural"]
    assert own.unit is not None
    assert own.unit.id == "hour"
    assert (own.severity, own.confidential) == ("error", False)
    assert list(catalogue.inputs) == ["whole", "whole.short", "whole.own"]
    assert catalogue.inputs["whole"].parts == ("whole.short", "whole.own")


def test_what_is_asked_after_a_yes_has_its_own_type(build: Build) -> None:
    catalogue = build(
        """
        inputs:
          has:
            title: Есть договор
            type: yes_no
            level: municipality
            when_yes:
              partner: {title: С кем, type: text, required: yes}
              number: {title: Сколько, unit: item}
        """
    )
    partner, number = catalogue.inputs["has.partner"], catalogue.inputs["has.number"]
    assert (partner.asked_when, partner.whole, partner.level) == ("has", None, "municipality")
    assert (partner.type, partner.rollup, partner.required) == ("text", "texts", True)
    assert (number.type, number.rollup) == ("count", "sum")
    assert catalogue.inputs["has"].when_yes == ("has.partner", "has.number")
    assert catalogue.inputs["has"].rollup == "schools"


@pytest.mark.parametrize(
    ("kind", "unit", "rollup"),
    [
        ("count", "person", "sum"),
        ("number", "rouble", "sum"),
        ("number", "percent", "none"),
        ("number", "percentage_point", "none"),
        ("number", "ratio", "none"),
        ("number", "point", "none"),
        ("number", "rouble/person", "none"),
        *(("number", unit, "none") for unit in ("hour", "day", "month", "year")),
        *(("count", unit, "sum") for unit in ("hour", "year", "percent", "point", "ratio")),
    ],
)
def test_roll_up_by_default(build: Build, kind: str, unit: str, rollup: str) -> None:
    catalogue = build(f"inputs: {{a: {{title: Первое, type: {kind}, unit: {unit}}}}}\n")
    assert catalogue.inputs["a"].rollup == rollup


def test_a_name_of_every_part_of_a_partition_is_a_sum(build: Build) -> None:
    catalogue = build(
        """
        inputs:
          covered:
            title: Охваченные
            unit: person
            parts: partition
            of_which:
              noo: {title: начальное, of_which: {ovz: с ОВЗ, boys: мальчики}}
              ooo:
                title: основное
                parts: partition
                of_which:
                  five: {title: пятые, of_which: {ovz: с ОВЗ}}
                  six: {title: шестые, of_which: {ovz: с ОВЗ}}
          subset:
            title: Подмножество
            unit: person
            of_which: {a: {title: а, of_which: {ovz: с ОВЗ}}}
        indicators:
          ovz: {title: С ОВЗ, unit: person, formula: covered.ovz}
        """
    )
    assert catalogue.symbols["covered.ovz"] == PartSum(
        "covered.ovz", ("covered.noo.ovz", "covered.ooo.five.ovz", "covered.ooo.six.ovz")
    )
    assert "covered.ooo.ovz" in catalogue.symbols
    assert "covered.boys" not in catalogue.symbols
    assert "subset.ovz" not in catalogue.symbols


def test_an_option_is_a_dotted_yes_no(build: Build) -> None:
    catalogue = build(
        """
        register:
          kind: {title: Вид, type: choice, options: {school: школа, lyceum: лицей}}
        inputs:
          shift: {title: Смена, type: choice, options: {one: первая, two: вторая}}
        indicators:
          lyceums: {title: Лицеи, unit: school, formula: schools_with(kind.lyceum)}
          second: {title: Вторая, unit: school, formula: schools_with(shift.two)}
        """
    )
    assert catalogue.symbols["kind.school"] == Option("kind.school", "kind", "school")
    assert catalogue.symbols["shift.two"] == Option("shift.two", "shift", "two")
    assert catalogue.inputs["shift"].options == {"one": "первая", "two": "вторая"}


def test_an_indicator_without_a_formula_is_the_input(build: Build) -> None:
    catalogue = build(
        """
        inputs:
          a: {title: Первое, unit: person, of_which: {ovz: с ОВЗ}}
          has: {title: Есть, type: yes_no}
          name: {title: Имя, type: text}
        indicators:
          a: {code: "1", by: [ovz]}
          has: {code: "2"}
          name: {code: "3"}
          doubled: {title: Вдвое, unit: person, formula: 2 * a}
        """
    )
    made = catalogue.indicators["a"]
    assert (made.title, made.type, made.input) == ("Первое", "number", "a")
    assert made.unit is not None
    assert made.unit.id == "person"
    assert made.formulas[0][1].text == "a"
    part = catalogue.indicators["a.ovz"]
    assert (part.title, part.input, part.part, part.code) == ("Первое: с ОВЗ", "a.ovz", "ovz", "")
    assert catalogue.indicators["has"].type == "yes_no"
    assert catalogue.indicators["name"].type == "text"
    # In a formula the shared id is the input.
    assert isinstance(catalogue.symbols["a"], Input)
    assert isinstance(catalogue.symbols["doubled"], Indicator)


@pytest.mark.parametrize(
    ("formula", "kind"),
    [
        ("a", "number"),
        ("-a", "number"),
        ("a > 1", "yes_no"),
        ("not a > 1", "yes_no"),
        ("a > 1 and a < 5", "yes_no"),
        ("previous(a > 1)", "yes_no"),
        ("at(municipality, city)", "yes_no"),
        ("city", "yes_no"),
        ("has", "yes_no"),
        ("schools_with(has)", "number"),
        ("named", "yes_no"),
        ("text", "text"),
    ],
)
def test_the_type_is_that_of_the_formula(build: Build, formula: str, kind: str) -> None:
    unit = "unit: person," if formula in {"a", "-a"} else ""
    unit = "unit: school," if formula.startswith("schools") else unit
    catalogue = build(
        f"""
        inputs:
          a: {{title: Первое, unit: person}}
          has: {{title: Есть, type: yes_no}}
          city: {{title: Город, type: yes_no, level: municipality}}
          text: {{title: Слова, type: text}}
        indicators:
          one: {{title: Показатель, {unit} formula: "{formula}"}}
          named: {{title: Другой, formula: city}}
        """
    )
    assert catalogue.indicators["one"].type == kind


def test_a_part_of_an_indicator(build: Build) -> None:
    catalogue = build(
        """
        groups: {"4.2": {title: Раздел}}
        inputs:
          a: {title: Первое, unit: person, of_which: {ovz: с ОВЗ}}
          b:
            title: Второе
            unit: person
            parts: partition
            of_which:
              x: {title: икс, of_which: {ovz: с ОВЗ}}
              y: {title: игрек, of_which: {ovz: с ОВЗ}}
        indicators:
          share_a:
            code: "4.2.2"
            group: "4.2"
            title: Доля
            unit: percent
            formula: {2022: "share(a, b)", 2023: "share(a, b + b)"}
            better: more
            targets: {2022: 80, 2023: 7.46}
            by: [ovz]
          next: {title: Далее, unit: percentage_point, formula: "share_a - target(share_a)", by: [ovz]}
        """
    )
    assert list(catalogue.indicators) == ["share_a", "share_a.ovz", "next", "next.ovz"]
    part = catalogue.indicators["share_a.ovz"]
    assert part.title == "Доля: с ОВЗ"
    assert [(year, formula.text) for year, formula in part.formulas] == [
        (2022, "share(a.ovz, b.ovz)"),
        (2023, "share(a.ovz, b.ovz + b.ovz)"),
    ]
    assert (part.group, part.decimals, part.better, part.targets) == ("4.2", 2, "more", {})


def test_targets(build: Build) -> None:
    catalogue = build(
        """
        inputs: {a: {title: Первое, unit: person}, b: {title: Второе, unit: person}}
        indicators:
          share_ab:
            title: Доля
            unit: percent
            formula: share(a, b)
            targets: {2022: 7.46, 2023: {between: [1.0, 20]}}
          most: {title: Люди, unit: person, formula: a, comparator: at_most, targets: {2022: 5}}
          said: {title: Люди, unit: person, formula: a, targets: {2022: {at_least: 250}, 2023: null}}
          fine: {title: Верно, formula: a > b, target_level: [school, municipality], targets: {2022: yes}}
        """
    )
    share = catalogue.indicators["share_ab"]
    assert share.decimals == 2
    assert bare(share.targets[2022]) == ("at_least", Fraction("7.46"), None)
    assert bare(share.targets[2023]) == ("between", 1, 20)
    assert share.target_levels == ("municipality",)
    assert bare(catalogue.indicators["most"].targets[2022]) == ("at_most", 5, None)
    assert catalogue.indicators["most"].decimals == 0
    said = catalogue.indicators["said"].targets
    assert bare(said[2022]) == ("at_least", 250, None)
    assert bare(said[2023]) == ("at_least", None, None)
    fine = catalogue.indicators["fine"]
    assert bare(fine.targets[2022]) == ("yes", 1, None)
    assert fine.target_levels == ("school", "municipality")


def bare(target: Target) -> tuple[str, object, object]:
    return target.comparator, target.value, target.value_to


def test_a_target_as_written_says_how_many_decimals(build: Build) -> None:
    catalogue = build(
        """
        inputs: {a: {title: Первое, unit: person}, b: {title: Второе, unit: person}}
        indicators:
          one: {title: Доля, unit: percent, formula: "share(a, b)", targets: {2022: 1.0}}
          none: {title: Доля, unit: percent, formula: "share(a, b)", decimals: 0}
        """,
        HEAD.replace("decimals: 1", "decimals: 0"),
    )
    assert catalogue.indicators["one"].decimals == 1
    assert catalogue.indicators["none"].decimals == 0


def test_results_of_events_are_indicators(build: Build) -> None:
    catalogue = build(
        """
        groups: {plan.4: {title: План}}
        inputs: {a: {title: Первое, unit: person, of_which: {ovz: с ОВЗ}}}
        events:
          contest:
            code: "4.2"
            section: plan.4
            title: Конкурс
            when: В течение года
            period: calendar_year
            expected: Не менее 20 обучающихся
            source: {clause: "п. 4.2"}
            results:
              students: {title: Обучающихся, unit: person, formula: a, by: [ovz], targets: {2023: 20}}
              own: {title: Сам, unit: person, formula: contest.students, code: "5", period: academic_year}
        """
    )
    students = catalogue.indicators["contest.students"]
    assert (students.code, students.group, students.event) == ("4.2", "plan.4", "contest")
    assert (students.period, students.source.clause) == ("calendar_year", "п. 4.2")
    own = catalogue.indicators["contest.own"]
    assert (own.code, own.period) == ("5", "academic_year")
    assert catalogue.events["contest"].results == ("contest.students", "contest.own")
    assert "contest.students.ovz" in catalogue.indicators
    assert isinstance(catalogue.symbols["contest.students"], Indicator)


def test_automatic_checks(build: Build) -> None:
    catalogue = build(
        """
        inputs:
          students: {title: Все, unit: person, of_which: {ovz: с ОВЗ, far: дальние}}
          covered:
            title: Охваченные
            unit: person
            within: students
            severity: warning
            parts: partition
            of_which:
              noo: {title: начальное, of_which: {ovz: с ОВЗ}}
              ooo: {title: основное, of_which: {ovz: с ОВЗ}}
          events:
            title: События
            unit: event
            parts: overlap
            of_which: {noo: начальное, ooo: основное}
        checks:
          - {id: own, rule: covered > 0, message: Никого, level: municipality}
        """
    )
    automatic = {
        check.id: check.rule.text for check in catalogue.checks.values() if check.automatic
    }
    assert automatic == {
        "part:students.ovz": "students.ovz <= students",
        "part:students.far": "students.far <= students",
        "partition:covered": "covered.noo + covered.ooo == covered",
        "within:covered": "covered <= students",
        "within:covered.ovz": "covered.ovz <= students.ovz",
        "part:covered.noo.ovz": "covered.noo.ovz <= covered.noo",
        "part:covered.ooo.ovz": "covered.ooo.ovz <= covered.ooo",
        "part:events.noo": "events.noo <= events",
        "part:events.ooo": "events.ooo <= events",
        "overlap:events": "events.noo + events.ooo >= events",
    }
    within = catalogue.checks["within:covered.ovz"]
    assert within.severity == "warning"
    assert "Охваченные: с ОВЗ" in within.message
    assert "Все: с ОВЗ" in within.message
    assert within.position is not None
    assert within.position.excerpt.strip() == "within: students"
    assert next(iter(catalogue.checks)) == "own"
    assert catalogue.checks["own"].level == "municipality"


def test_scaled_units_are_converted_in_the_formula(build: Build) -> None:
    catalogue = build(
        """
        units:
          kilo: {title: тысяча рублей, of: rouble, scale: 1000}
        inputs:
          spent: {title: Потрачено, type: number, unit: kilo}
          paid: {title: Выплачено, type: number, unit: rouble}
        indicators:
          both: {title: Вместе, unit: rouble, formula: spent + paid}
        """
    )
    ((_year, formula),) = catalogue.indicators["both"].formulas
    assert formula.text == "spent + paid"
    assert "1000" in ast.unparse(formula.tree)


def test_constants(build: Build) -> None:
    catalogue = build(
        """
        constants:
          norm: {title: Норма, unit: person, values: {2022: 1.5}}
          wage: {title: Оклад, unit: rouble, level: region, values: {perm: {2022: 100, 2023: 110}}}
        """
    )
    assert catalogue.constants["norm"].values == {2022: Fraction(3, 2)}
    wage = catalogue.constants["wage"]
    assert (wage.level, wage.values) == ("region", {})
    assert wage.values_by_place == {"perm": {2022: 100, 2023: 110}}


def test_examples(build: Build) -> None:
    catalogue = build(
        """
        register: {has_10: {title: Есть 10 класс, type: yes_no}}
        inputs:
          a: {title: Первое, unit: person}
          b: {title: Второе, unit: person, level: region}
          c: {title: Третье, unit: person, level: municipality}
          name: {title: Имя, type: text, level: municipality}
          fine: {title: Хорошо, type: yes_no, level: municipality}
        indicators:
          one: {title: Доля, unit: percent, formula: "share(a, b)"}
          name: {code: "2"}
          fine: {code: "3"}
        examples:
          - name: пример
            register: {s: {has_10: no}}
            years: {2022: {s: {a: 1.50}}, 2023: {s: {a: null}}}
            given: {region: {b: 5}, municipality: {town: {c: 7}}}
            scenario: forecast
            expect:
              one: 20.0
              a: {level: school, place: s, value: null, reason: not_reported}
              name: [раз, два]
              fine: yes
        """
    )
    (example,) = catalogue.examples
    assert example.register == {"s": {"has_10": "no"}}
    assert example.years == {2022: {"s": {"a": "1.50"}}, 2023: {"s": {"a": ""}}}
    assert example.given == {"region": {"": {"b": "5"}}, "municipality": {"town": {"c": "7"}}}
    assert example.scenario == "forecast"
    one, missing, name, fine = example.expect
    assert (one.indicator, one.value) == ("one", 20.0)
    assert (missing.level, missing.place, missing.value) == ("school", "s", None)
    assert missing.reason == "not_reported"
    assert name.value == ("раз", "два")
    assert fine.value is True


def test_ids_are_compared_in_one_form(build: Build) -> None:
    """`й` typed as и with a breve is й: in the declaration, in formulas and in references."""
    catalogue = build(
        """
        inputs:
          класси\u0306: {title: Класс, unit: person}
          часть: {title: Часть, unit: person, within: классй}
        indicators:
          доля: {title: Доля, unit: percent, formula: "share(часть, класси\u0306)"}
        """
    )
    assert "классй" in catalogue.inputs
    assert catalogue.inputs["часть"].within == "классй"


@pytest.mark.no_cover
@pytest.mark.parametrize("folder", list_catalogues(), ids=lambda folder: folder.name)
def test_a_catalogue_is_shown_in_a_reasonable_length(folder: Path) -> None:
    """A part of it knows the whole document: shown with it each, they would be gigabytes."""
    catalogue = load(folder)[0]
    assert catalogue is not None
    for indicator in catalogue.indicators.values():
        assert len(repr(indicator)) < 20_000
