"""`diff`: what changed in definitions, in words, and which numbers it changed, and why."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from engine.catalogue import model
from engine.catalogue.load import find_definitions, load
from engine.catalogue.model import Catalogue
from engine.console.main import main
from engine.data.intake import read_data
from engine.evaluation.asking import Asking
from engine.evaluation.difference.definition_changes import (
    _HEAD,
    _LEFT_OUT,
    compare_definitions,
    vars_of,
)
from engine.evaluation.difference.differences import Differences, Edition, compare_editions
from engine.evaluation.difference.value_changes import ASKED, COMPARED
from engine.evaluation.evaluate import compute_results
from engine.reports.formats.definition_words import aspect_names
from engine.reports.formats.difference_text import count_changes
from engine.units import NO_BREAK_SPACE

TOWN = """\
catalogue:
  id: town
  title: Городок
  years: [2022, 2023]
  defaults: {comparator: at_least}
groups:
  "1": {title: Первый раздел}
  "2": {title: Второй раздел}
units:
  team: {title: команда, forms: [команда, команды, команд]}
register:
  big: {title: Большая, type: yes_no}
constants:
  norm: {title: Норма, values: {2022: 10, 2023: 10}}
inputs:
  pupils: {title: Учеников, unit: person, of_which: {ovz: с ОВЗ}}
  tested: {title: Прошли проверку, unit: person, within: pupils, of_which: {ovz: с ОВЗ}}
  teams: {title: Команд, unit: team}
indicators:
  share_tested:
    code: "1.1"
    group: "1"
    title: Доля прошедших
    unit: percent
    formula: share(tested, pupils)
    by: [ovz]
    better: more
    targets: {2022: 80, 2023: 82}
  all_teams: {code: "1.2", group: "2", title: Все команды, unit: team, formula: teams}
  above_norm: {code: "1.3", title: Больше нормы, formula: "schools_with(pupils > norm)", unit: school}
checks:
  - {id: few, rule: teams <= 5, message: Команд не бывает больше пяти}
advice:
  - {id: try_more, level: municipality, when: missed(share_tested), text: Проверьте остальных}
forms:
  report: {title: Отчёт, sections: [{title: Всё, rows: [{number: "1", input: pupils}, {input: tested}, {input: teams}]}]}
"""
REGISTER = "school;title;big\na;Школа А;да\nb;Школа Б;нет\n"
FACTS = """\
school;year;pupils;pupils.ovz;tested;tested.ovz;teams
a;2022;100;10;80;5;2
b;2022;50;5;41;3;1
a;2023;100;10;81;6;2
b;2023;50;5;41;4;1
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write("old/town.yaml", TOWN)
    write("data/schools.csv", REGISTER)
    write("data/facts.csv", FACTS)


def write(name: str, text: str) -> None:
    path = Path(name)
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")


def call(*arguments: str) -> Result:
    done = CliRunner().invoke(main, arguments)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def changed(*pairs: tuple[str, str]) -> None:
    """Write the later catalogue: the earlier one with texts replaced."""
    text = TOWN
    for before, after in pairs:
        assert before in text, before
        text = text.replace(before, after)
    write("new/town.yaml", text)


def compared(*pairs: tuple[str, str]) -> tuple[str, str]:
    """What `diff` prints of definitions and of numbers."""
    changed(*pairs)
    done = call("diff", "old", "new", "--data", "data")
    assert done.exit_code == 0, done.stderr
    definitions, _line, numbers = done.stdout.replace(NO_BREAK_SPACE, " ").partition("\n\n")
    return definitions, numbers


# --- definitions and their numbers ----------------------------------------------------------------

CASES = {
    "a target": (
        [("2023: 82}", "2023: 81}")],
        """\
Как считается:
  1.1 Доля прошедших
    цель 2023 года: не менее 82,0 → не менее 81,0""",
        """\
Изменилось: 1 вывод из 24. Данные одни и те же: изменился каталог, а не школы.
  1.1 Доля прошедших
    причина: цель 2023 года
    town, 2023: 81,3 %, не достигнуто → достигнуто
""",
    ),
    "a formula": (
        [("formula: share(tested, pupils)", "formula: share(tested + 10, pupils)")],
        None,
        None,
    ),
    "rounding": (
        [("better: more", "better: more\n    decimals: 0")],
        """\
Как считается:
  1.1 Доля прошедших
    знаков после запятой: 1 → 0""",
        None,
    ),
    "a unit and its words": (
        [("title: Все команды, unit: team", "title: Все команды, unit: item"), ("unit: team}", "unit: item}")],
        """\
Как считается:
  вход «Команд»
    единица измерения: команд → ед.
  1.2 Все команды
    единица измерения: команд → ед.""",
        """\
Изменилось: 12 чисел из 30. Данные одни и те же: изменился каталог, а не школы.
  1.2 Все команды
    причина: вход «Команд» (единица измерения); единица измерения
    town, 2022: 3 команды → 3 ед.
    town, 2023: 3 команды → 3 ед.
    2022: другое число у 2 школ
      Школа А: 2 команды → 2 ед.
      Школа Б: 1 команда → 1 ед.
    2023: другое число у 2 школ
      Школа А: 2 команды → 2 ед.
      Школа Б: 1 команда → 1 ед.
  вход «Команд»
    причина: единица измерения
    town, 2022: 3 команды → 3 ед.
    town, 2023: 3 команды → 3 ед.
    2022: другое число у 2 школ
      Школа А: 2 команды → 2 ед.
      Школа Б: 1 команда → 1 ед.
    2023: другое число у 2 школ
      Школа А: 2 команды → 2 ед.
      Школа Б: 1 команда → 1 ед.
""",
    ),
    "a constant, through the indicator that names it": (
        [("values: {2022: 10, 2023: 10}", "values: {2022: 10, 2023: 70}")],
        """\
Как считается:
  константа «Норма»
    значение 2023 года: 10 → 70""",
        """\
Изменилось: 2 числа из 24. Данные одни и те же: изменился каталог, а не школы.
  1.3 Больше нормы
    причина: константа «Норма» (значение 2023 года)
    town, 2023: 2 → 1 школа
    Школа Б, 2023: 1 → 0 школ
""",
    ),
    "words alone change no number": (
        [("title: Доля прошедших", "title: Доля проверенных"), ('group: "2"', 'group: "1"')],
        """\
Названия, вопросы, проверки:
  1.1 Доля проверенных
    название: Доля прошедших → Доля проверенных
  1.2 Все команды
    раздел: 2. Второй раздел → 1. Первый раздел""",
        "Числа не изменились: сравнено 24.\n",
    ),
    "a check, advice and a form": (
        [
            ("rule: teams <= 5", "rule: teams <= 6"),
            ("text: Проверьте остальных", "text: Проверьте всех"),
            ("{input: tested}, ", ""),
        ],
        """\
Названия, вопросы, проверки:
  форма «Отчёт»
    что спрашивается:
      было: «Учеников», «Учеников: с ОВЗ», «Прошли проверку», «Прошли проверку:
        с ОВЗ», «Команд»
      стало: «Учеников», «Учеников: с ОВЗ», «Команд»
  проверка «few»
    условие: «Команд» ≤ 5 → «Команд» ≤ 6
  рекомендация «try_more»
    текст: Проверьте остальных → Проверьте всех""",
        "Числа не изменились: сравнено 24.\n",
    ),
    "an indicator added and one removed": (
        [
            ('  above_norm: {code: "1.3", title: Больше нормы, formula: "schools_with(pupils > norm)", unit: school}\n',
             '  pupils_all: {code: "1.4", title: Ученики, formula: pupils, unit: person}\n')
        ],
        """\
Как считается:
  добавлено: 1.4 Ученики
  убрано: 1.3 Больше нормы""",
        None,
    ),
    "a renamed indicator changes nothing": (
        [("share_tested:", "tested_share:"), ("missed(share_tested)", "missed(tested_share)")],
        """\
Названия, вопросы, проверки:
  1.1 Доля прошедших: имя теперь tested_share, было share_tested""",
        "Числа не изменились: сравнено 24.\n",
    ),
    "what becomes of gaps, and by what a year is counted": (
        [("better: more", "better: more\n    missing: zero\n    since: 2023")],
        None,
        None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_changed_is_said_in_words(name: str) -> None:
    pairs, definitions, numbers = CASES[name]
    said = compared(*pairs)
    if definitions is not None:
        assert said[0] == definitions
    if numbers is not None:
        assert said[1] == numbers


def test_a_formula_is_shown_in_words_before_and_after() -> None:
    definitions, numbers = compared(*CASES["a formula"][0])
    assert "было: 100 × «Прошли проверку» / «Учеников»" in definitions
    assert "стало: 100 × («Прошли проверку» + 10) / «Учеников»" in definitions
    assert "town, 2023: 81,3 → 88,0 %, не достигнуто → достигнуто" in numbers
    assert "town, 2022: 80,7 → 87,3 %, достигнуто\n" in numbers
    assert "причина: формула\n" in numbers


def test_what_is_no_more_computed_and_what_is_now() -> None:
    _definitions, numbers = compared(*CASES["an indicator added and one removed"][0])
    assert "  1.4 Ученики\n    причина: добавлено: 1.4 Ученики\n" in numbers
    assert "town, 2023: не считается → 150 чел.\n" in numbers
    assert "  1.3 Больше нормы\n    причина: убрано: 1.3 Больше нормы\n" in numbers
    assert "town, 2023: 2 школы → не считается\n" in numbers
    definitions, numbers = compared(
        *CASES["what becomes of gaps, and by what a year is counted"][0]
    )
    assert "незаполненное:" in definitions
    assert "с какого года: — → 2023" in definitions
    assert "town, 2022: 80,7 %, достигнуто → " in numbers


def test_a_renamed_input_is_no_other_formula_but_data_lack_it() -> None:
    changed(("  teams: {title: Команд", "  groups_of: {title: Команд"), ("formula: teams", "formula: groups_of"),
            ("rule: teams", "rule: groups_of"), ("{input: teams}", "{input: groups_of}"))  # fmt: skip
    done = call("diff", "old", "new", "--data", "data")
    said = done.stdout.replace(NO_BREAK_SPACE, " ")
    assert "вход «Команд»: имя теперь groups_of, было teams" in said
    assert "формула" not in said
    assert "town, 2023: 3 команды → нет данных" in said
    assert done.exit_code == 1  # the column that the later catalogue does not know
    assert "в каталоге нет входа «teams»" in done.stderr
    back = call("diff", "new", "old", "--data", "data")
    assert back.exit_code == 0  # for the earlier catalogue alone it is a mistake
    assert "прежний каталог находит в этих данных ещё 1 ошибку" in back.stderr


def test_another_id_of_the_catalogue_is_the_same_place() -> None:
    definitions, numbers = compared(("id: town", "id: city"))
    assert (
        definitions
        == "Названия, вопросы, проверки:\n  каталог «Городок»: имя теперь city, было town"
    )
    assert numbers == "Числа не изменились: сравнено 24.\n"


def test_many_places_are_counted_and_the_farthest_named() -> None:
    schools = [f"s{number:02}" for number in range(12)]
    write(
        "data/schools.csv",
        "school;title;big\n" + "".join(f"{one};Школа {one};да\n" for one in schools),
    )
    rows = "".join(f"{one};2023;100;{40 + number}\n" for number, one in enumerate(schools))
    write("data/facts.csv", f"school;year;pupils;tested\n{rows}")
    _definitions, numbers = compared(
        ("formula: share(tested, pupils)", "formula: share(pupils - tested, pupils)")
    )
    lines = [line.strip() for line in numbers.splitlines()]
    at = lines.index("2023: другое число у 11 школ")
    assert lines[at + 1 : at + 4] == [
        "Школа s00: 40,0 → 60,0 %",
        "Школа s01: 41,0 → 59,0 %",
        "Школа s02: 42,0 → 58,0 %",
    ]
    assert "town, 2023: 45,5 → 54,5 %, не достигнуто" in lines
    assert not any("s03" in line for line in lines)


def test_what_changed_alike_is_said_once() -> None:
    more = "".join(
        f'  n{number}: {{code: "2.{number}", title: Ещё {number}, formula: teams, unit: team}}\n'
        for number in range(4)
    )
    write("old/town.yaml", TOWN.replace("checks:", f"{more}checks:"))
    write(
        "new/town.yaml",
        TOWN.replace("checks:", f"{more}checks:")
        .replace("defaults: {", "defaults: {missing: block, ")
        .replace("2023: 82}", "2023: 81}"),
    )
    said = call("diff", "old", "new").stdout.replace(NO_BREAK_SPACE, " ")
    assert (
        said
        == """\
Как считается:
  одинаково у 7: 1.1, 1.2, 1.3, 2.0, 2.1, 2.2, 2.3
    незаполненное:
      было: кто не сдал, в расчёт не входит
      стало: считается, только когда сдали все
  1.1 Доля прошедших
    цель 2023 года: не менее 82,0 → не менее 81,0
"""
    )


def test_years_of_the_report_are_a_cause_only_of_what_appears_or_goes() -> None:
    years = ("years: [2022, 2023]", "years: [2023]")
    _definitions, numbers = compared(
        years, ("targets: {2022: 80, 2023: 82}", "targets: {2023: 81}")
    )
    assert "  1.2 Все команды\n    причина: каталог «Городок» (годы отчёта)\n" in numbers
    assert "town, 2022: 3 команды → не считается\n" in numbers
    _definitions, numbers = compared(
        ("years: [2022, 2023]", "years: [2022, 2023, 2024]"), ("2023: 82}", "2023: 81}")
    )
    assert numbers.endswith(
        "причина: цель 2023 года\n    town, 2023: 81,3 %, не достигнуто → достигнуто\n"
    )


def test_a_target_of_a_later_year_is_no_cause() -> None:
    definitions, numbers = compared(
        ("years: [2022, 2023]", "years: [2022, 2023, 2024]"), ("2023: 82}", "2023: 81, 2024: 90}")
    )
    assert "цель 2024 года" in definitions
    assert numbers.endswith(
        "причина: цель 2023 года\n    town, 2023: 81,3 %, не достигнуто → достигнуто\n"
    )


def test_a_group_of_another_title_is_no_other_form() -> None:
    grouped = ("sections: [{title: Всё, rows", 'sections: [{group: "1", rows')
    write("old/town.yaml", TOWN.replace(*grouped))
    write("new/town.yaml", TOWN.replace(*grouped).replace("Первый раздел", "Начало"))
    assert (
        call("diff", "old", "new").stdout
        == """\
Названия, вопросы, проверки:
  раздел 1. Начало
    название: Первый раздел → Начало
"""
    )


# --- JSON, exit codes -----------------------------------------------------------------------------


def test_json_has_every_change_and_every_number() -> None:
    changed(("2023: 82}", "2023: {between: [70, 90]}}"), ("formula: teams}", "formula: teams * 2}"))
    done = call("diff", "old", "new", "--data", "data", "--format", "json")
    assert done.exit_code == 0
    said = json.loads(done.stdout)
    assert [(one["kind"], one["what"], one["id"]) for one in said["definitions"]] == [
        ("indicator", "changed", "share_tested"),
        ("indicator", "changed", "all_teams"),
    ]
    (aspect,) = said["definitions"][0]["aspects"]
    assert aspect | {"before": aspect["before"].replace(NO_BREAK_SPACE, " ")} == {
        "aspect": "targets",
        "year": 2023,
        "before": "не менее 82,0",
        "after": "от 70,0 до 90,0",
        "counts": True,
    }
    assert said["compared"] == 24
    assert len(said["numbers"]) == 7
    first = said["numbers"][0]
    assert (first["indicator"], first["place"], first["year"]) == ("share_tested", "town", 2023)
    assert first["before"]["target"] == 82
    assert first["after"]["target"] == [70, 90]
    assert (first["before"]["status"], first["after"]["status"]) == ("missed", "met")
    assert first["because"] == [{"kind": "indicator", "id": "share_tested"}]


def test_without_data_only_definitions_are_compared() -> None:
    changed(("2023: 82}", "2023: 81}"))
    done = call("diff", "old", "new")
    assert done.exit_code == 0
    assert done.stdout.replace(NO_BREAK_SPACE, " ") == f"{CASES['a target'][1]}\n"
    assert json.loads(call("diff", "old", "new", "--format", "json").stdout)["numbers"] is None


def test_exit_codes() -> None:
    changed(("formula: teams}", "formula: teems}"))
    assert call("diff", "old", "new").exit_code == 3
    assert call("diff", "new", "old").exit_code == 3
    assert call("diff", "old", "nowhere").exit_code == 3
    assert call("diff", "old").exit_code == 2
    changed()
    done = call("diff", "old", "new", "--data", "data")
    assert done.exit_code == 0
    assert done.stdout == "Определения не изменились.\n\nЧисла не изменились: сравнено 24.\n"
    assert call("diff", "old", "new", "--data", "nowhere").exit_code == 3
    write("data/facts.csv", FACTS.replace("a;2023;100", "a;2023;сто"))
    assert call("diff", "old", "new", "--data", "data").exit_code == 1


# --- the whole ------------------------------------------------------------------------------------


def shipped(name: str) -> Catalogue:
    catalogue, _problems = load(find_definitions() / name)
    assert catalogue is not None
    return catalogue


@pytest.mark.no_cover
@pytest.mark.parametrize("name", ["berezniki", "michurinsk"])
def test_a_catalogue_is_no_other_than_itself(name: str) -> None:
    assert compare_definitions(shipped(name), shipped(name)) == ((), {})


def test_every_field_of_the_model_is_named_in_words() -> None:
    kinds = {
        "group": model.Group,
        "register": model.RegisterColumn,
        "constant": model.Constant,
        "input": model.Input,
        "indicator": model.Indicator,
        "event": model.Event,
        "form": model.Form,
        "check": model.Check,
        "advice": model.Advice,
        "publication": model.Publication,
    }
    known = aspect_names().keys()
    hidden = {"id", "position", "positions", "automatic"}
    for kind, thing in kinds.items():
        left = hidden | _LEFT_OUT.get(kind, frozenset())  # type: ignore[call-overload] # kinds by name
        assert {one.name for one in fields(thing)} - left <= known, kind
    assert set(_HEAD) <= known


def test_numbers_of_a_changed_input_are_compared_though_no_indicator_has_them() -> None:
    spare = (
        "  teams: {title: Команд",
        "  spare: {title: Мест, unit: item}\n  teams: {title: Команд",
    )
    write("old/town.yaml", TOWN.replace(*spare))
    head, *rows = FACTS.splitlines()
    facts = "\n".join([f"{head};spare", *(f"{row};{at}" for at, row in enumerate(rows, 1))])
    write("data/facts.csv", f"{facts}\n")
    changed((spare[0], spare[1].replace("unit: item", "unit: item, rollup: max")))
    done = call("diff", "old", "new", "--data", "data", "--format", "json")
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    (change,) = told["definitions"]
    assert (change["kind"], change["id"]) == ("input", "spare")
    assert [one["aspect"] for one in change["aspects"]] == ["rollup"]
    numbers = [
        (one["indicator"], one["year"], one["before"]["value"], one["after"]["value"])
        for one in told["numbers"]
    ]
    assert numbers == [("spare", 2022, 3, 2), ("spare", 2023, 7, 4)]
    assert {tuple(one.items()) for each in told["numbers"] for one in each["because"]} == {
        (("kind", "input"), ("id", "spare"))
    }
    text = call("diff", "old", "new", "--data", "data").stdout.replace(NO_BREAK_SPACE, " ")
    assert "  вход «Мест»\n" in text
    assert "3 → 2 ед." in text


EXAMPLES = """\
examples:
  - name: Две школы
    years:
      2023: {a: {pupils: 100, tested: 80}, b: {pupils: 50, tested: 40}}
    expect: {share_tested: 80}
"""


def test_examples_are_compared() -> None:
    write("old/town.yaml", TOWN + EXAMPLES)
    later = EXAMPLES.replace("tested: 40", "tested: 10").replace(
        "share_tested: 80", "share_tested: 60"
    )
    write("new/town.yaml", TOWN + later)
    text = call("diff", "old", "new").stdout.replace(NO_BREAK_SPACE, " ")
    assert "  пример «Две школы»\n    ответы в примере\n" in text
    assert "что должно получиться: «Доля прошедших» — 80 → «Доля прошедших» — 60" in text
    write("new/town.yaml", TOWN + EXAMPLES.replace("Две школы", "Другие"))
    text = call("diff", "old", "new").stdout
    assert "добавлено: пример «Другие»" in text
    assert "убрано: пример «Две школы»" in text


def test_an_example_with_the_new_ids_is_the_same() -> None:
    write("old/town.yaml", TOWN + EXAMPLES)
    write("new/town.yaml", (TOWN + EXAMPLES).replace("pupils", "students"))
    done = call("diff", "old", "new")
    assert "students" in done.stdout
    assert "пример" not in done.stdout


@pytest.mark.no_cover
def test_every_changed_number_has_a_cause() -> None:
    """Whatever indicator is changed, what changes with it names it, and nothing else is changed."""
    catalogue = shipped("berezniki")
    data, _problems = read_data(catalogue, find_definitions() / "berezniki" / "demo")

    def evaluated(one: Catalogue) -> Edition:
        return Edition(
            one,
            compute_results(one, data, Asking(inputs=True, columns=(*ASKED, "place_title"))).frame,
        )

    before = evaluated(catalogue)
    seen = 0
    for name in list(catalogue.indicators)[::9]:
        indicator = catalogue.indicators[name]
        if indicator.type != "number" or indicator.part:
            continue
        other = replace(indicator, decimals=indicator.decimals + 1)
        changed_one = replace(catalogue, indicators={**catalogue.indicators, name: other})
        differences: Differences = compare_editions(before, evaluated(changed_one))
        assert [(one.id, one.what) for one in differences.definitions] == [(name, "changed")]
        assert differences.values is not None
        for former, now in differences.values.select("former", "indicator").unique().iter_rows():
            seen += 1
            assert [cause.id for cause in differences.find_causes(former, now)] == [name]
    assert seen


def test_what_is_compared_has_no_place_in_a_file() -> None:
    described = vars_of(next(iter(shipped("michurinsk").indicators.values())))
    assert not {"id", "position", "positions"} & described.keys()


@pytest.mark.parametrize(
    ("numbers", "verdicts", "words"),
    [
        (1, 0, "1 число"),
        (0, 1, "1 вывод"),
        (0, 2, "2 вывода"),
        (5, 0, "5 чисел"),
        (2, 5, "2 числа и 5 выводов"),
        (21, 11, "21 число и 11 выводов"),
    ],
)
def test_numbers_and_verdicts_are_counted_apart(numbers: int, verdicts: int, words: str) -> None:
    number = {"value_before": 1.0, "value_after": 2.0, "status_before": "no_target"}
    verdict = {"value_before": 1.0, "value_after": 1.0, "status_before": "missed"}
    rows = [number | {"status_after": "no_target"}] * numbers
    rows += [verdict | {"status_after": "met"}] * verdicts
    same = {f"{name}{end}": None for name in COMPARED for end in ("_before", "_after")}
    frame = pl.DataFrame([same | {"before": True, "after": True} | row for row in rows])
    frame = frame.with_columns(pl.col("text_before", "text_after").cast(pl.List(pl.String)))
    assert count_changes(frame) == words


def test_a_number_and_its_verdict_that_changed_are_both_counted() -> None:
    _definitions, numbers = compared(
        ("formula: share(tested, pupils)", "formula: share(tested + 10, pupils)")
    )
    first = numbers.partition("\n")[0]
    assert first.startswith("Изменилось: 12 чисел и 1 вывод из 24. ")


def test_places_whose_verdict_alone_changed_are_said_so() -> None:
    judged = (
        ("    by: [ovz]\n", "    by: [ovz]\n    target_level: school\n"),
        ("level: municipality, when", "level: school, when"),
    )
    text = TOWN
    for before, after in judged:
        text = text.replace(before, after)
    write("old/town.yaml", text)
    _definitions, numbers = compared(*judged, ("{2022: 80,", "{2022: 85,"))
    assert (
        numbers
        == """\
Изменилось: 2 вывода из 24. Данные одни и те же: изменился каталог, а не школы.
  1.1 Доля прошедших
    причина: цель 2022 года
    2022: другой вывод у 2 школ
      Школа А: 80,0 %, достигнуто → не достигнуто
      Школа Б: 82,0 %, достигнуто → не достигнуто
"""
    )
