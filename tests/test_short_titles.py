"""Short titles: what is printed of a title of forty words, and where the whole of it stands."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result

from engine import evaluate
from engine.adoption.vocabulary import build_vocabulary
from engine.catalogue.load import load
from engine.catalogue.lookups import short_of, short_of_row, show_words, title_of
from engine.catalogue.model import LONGEST_SHORT, Catalogue, Titled, shorten_title
from engine.catalogue.shape import read_schema
from engine.console.main import main
from engine.data import read_data
from engine.evaluation.input_rows import all_rows
from engine.reports.passports import make_passport
from engine.typography import set_type
from tests.shipped_report import NAMES, load_shipped, opened, pressed, read_demo
from tests.word import paragraphs, tables

pytestmark = pytest.mark.no_cover

WORDS = "Доля обучающихся общеобразовательных организаций муниципалитета"
CATALOGUE = f"""
catalogue: {{id: town, title: Т, municipality: Город Т, levels: [school, municipality], years: [2023]}}
register: {{kind: {{title: Вид, type: choice, options: {{lyceum: лицей}}}}}}
inputs:
  pupils:
    title: Обучающиеся общеобразовательных организаций муниципалитета
    short: Обучающиеся
    unit: person
    parts: partition
    of_which:
      young:
        title: Обучающиеся начальных классов
        short: начальные
        of_which: {{ovz: {{title: Обучающиеся с ограниченными возможностями здоровья, short: с ОВЗ}}}}
      old:
        title: Обучающиеся старших классов
        short: старшие
        of_which: {{ovz: {{title: Обучающиеся с ограниченными возможностями здоровья, short: с ОВЗ}}}}
  covered:
    title: Обучающиеся, охваченные мероприятиями
    short: Охваченные
    unit: person
    of_which: {{young: {{title: Из них обучающиеся начальных классов, short: начальные}}}}
  plain: {{title: {WORDS} без короткого названия, unit: person}}
indicators:
  covered: {{}}
  plain: {{title: Своё название}}
  reached:
    title: {WORDS}, охваченных мероприятиями, %
    short: Охват
    unit: percent
    formula: share(covered, pupils)
    by: [young]
events:
  talks:
    title: Организация и проведение бесед о выборе профессии с обучающимися
    short: Беседы
    results:
      people: {{title: Обучающихся, short: Участники, unit: person, formula: covered}}
forms:
  report:
    title: Отчёт о мероприятиях по выбору профессии в общеобразовательных организациях
    short: Отчёт о мероприятиях
    sections:
      - title: Раздел
        rows:
          - {{number: "1", input: pupils}}
          - {{number: "2", title: Сколько обучающихся охвачено мероприятиями в этом году, input: covered}}
          - {{number: "3", input: plain}}
"""
SCHOOLS = "school;title;kind\ns1;Школа № 1;лицей\ns2;Школа № 2;лицей\n"


@pytest.fixture
def town(tmp_path: Path) -> Catalogue:
    folder = tmp_path / "town"
    folder.mkdir()
    (folder / "c.yaml").write_text(CATALOGUE, encoding="utf-8")
    catalogue, problems = load(folder)
    assert catalogue is not None, problems
    return catalogue


def print_text(name: str, template: str) -> str:
    """The text of a report on the demonstration data, of a sheet for its first school."""
    page = pressed(name, template, ("school", "school-01") if "school" in template else None)
    if not template.endswith(".docx"):
        return unescape(page.decode())
    cells = (cell for table in tables(page) for row in table for cell in row)
    return "\n".join((*paragraphs(page), *cells))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, env={"POKAZATEL_LANG": "ru"})


# --- what is printed ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "short"),
    [
        ("Обучающиеся", "Обучающиеся"),
        ("а" * LONGEST_SHORT, "а" * LONGEST_SHORT),
        ("а" * 61, "а" * 59 + "…"),
        (f"{'а' * 59} б", f"{'а' * 59}…"),
        (f"{'а' * 58} бв", f"{'а' * 58}…"),
        (f"{'а' * 50}, {'б' * 20}", f"{'а' * 50}…"),
        (f"{'а' * 50} («{'б' * 20}»)", f"{'а' * 50}…"),
        (WORDS + " региона", "Доля обучающихся общеобразовательных организаций…"),
    ],
)
def test_a_long_title_is_cut_at_a_word(title: str, short: str) -> None:
    assert shorten_title(title) == short
    assert len(short) <= LONGEST_SHORT


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("pupils", "Обучающиеся"),
        ("pupils.old", "Обучающиеся: старшие"),
        ("pupils.old.ovz", "Обучающиеся: старшие: с ОВЗ"),
        ("pupils.ovz", "Обучающиеся: с ОВЗ"),
        ("plain", "Доля обучающихся общеобразовательных организаций…"),
        ("kind.lyceum", "Вид: лицей"),
        ("reached", "Охват"),
        ("reached.young", "Охват: начальные"),
        ("talks.people", "Беседы: Участники"),
        ("nobody", "nobody"),
    ],
)
def test_a_part_is_printed_after_its_whole_and_a_result_after_its_event(
    name: str, short: str, town: Catalogue
) -> None:
    assert short_of(town, name) == short


def test_an_indicator_that_is_an_input_has_its_short_title_but_not_beside_a_title_of_its_own(
    town: Catalogue,
) -> None:
    assert town.indicators["covered"].short_title == "Охваченные"
    assert town.indicators["plain"].short_title == "Своё название"
    rows = all_rows(town)
    assert short_of_row(town, rows["pupils.ovz"]) == "Обучающиеся: с ОВЗ"
    assert rows["pupils.ovz"].title == (
        "Обучающиеся общеобразовательных организаций муниципалитета: "
        "Обучающиеся с ограниченными возможностями здоровья"
    )


def test_a_formula_is_told_in_short_titles_and_a_passport_has_the_full_one(
    town: Catalogue,
) -> None:
    formula = town.indicators["reached"].formulas[0][1]
    assert show_words(town, formula.tree) == "100 × «Охваченные» / «Обучающиеся»"
    passport = make_passport(town, "reached")
    assert (passport.title, passport.short_title) == (
        f"{WORDS}, охваченных мероприятиями, %",
        "Охват",
    )
    assert passport.inputs == ("Охваченные", "Обучающиеся")
    assert make_passport(town, "talks.people").short_title == "Беседы: Участники"


def test_the_schema_takes_as_many_letters_as_are_printed() -> None:
    schema = read_schema()
    keys = [schema["$defs"][name]["properties"] for name in ("input", "indicator")]
    keys += [
        schema["properties"][name]["additionalProperties"]["properties"]
        for name in ("groups", "events", "forms")
    ]
    assert [each["short"]["maxLength"] for each in keys] == [LONGEST_SHORT] * 5


# --- what is read back ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "table",
    [
        "Школа;Год;Обучающиеся: старшие;охваченные\ns1;2023;7;5\n",
        "Школа;Год;Показатель;Значение\ns1;2023;Обучающиеся: старшие;7\ns1;2023;«Охваченные»;5\n",
    ],
)
def test_columns_and_rows_of_data_are_named_by_short_titles(
    table: str, town: Catalogue, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "schools.csv").write_text(SCHOOLS, encoding="utf-8")
    (folder / "facts.csv").write_text(table, encoding="utf-8")
    data, problems = read_data(town, folder)
    assert not problems
    results = evaluate(town, data, places=("s1",), inputs=True)
    values = dict(zip(results["indicator"], results["value"], strict=True))
    assert (values["pupils.old"], values["covered"]) == (7, 5)


def test_tables_of_any_shape_are_named_by_short_titles(town: Catalogue, tmp_path: Path) -> None:
    (tmp_path / "schools.csv").write_text(SCHOOLS, encoding="utf-8")
    data, _problems = read_data(town, tmp_path)
    vocabulary = build_vocabulary(town, data)
    for name in ("pupils", "pupils.old", "covered", "plain"):
        for text in (title_of(town, name), short_of(town, name)):
            (meaning,) = vocabulary.find_meanings(text)
            assert meaning.inputs == (name,)


@pytest.mark.parametrize(
    ("name", "id_"),
    [
        ("Диагностика 8–9 классов", "diagnosed_share"),
        ("диагностика 8-9 классов", "diagnosed_share"),
        ("Обучающиеся 8–9 классов, прошедшие диагностику", "diagnosed_8_9"),
        ("Проект «Билет в будущее»: Обучающихся", "ticket.students"),
    ],
)
def test_an_indicator_is_named_by_its_short_title(name: str, id_: str) -> None:
    done = run(
        "explain", "berezniki", name, "--data", "definitions/berezniki/demo", "--year", "2023"
    )
    catalogue = load_shipped("berezniki")
    declared = all_rows(catalogue)[id_]
    first, *rest = done.stdout.splitlines()
    assert first.endswith(set_type(short_of_row(catalogue, declared)))
    full = set_type(f"Полное название: {declared.title}")
    assert (full in rest) == (declared.title != declared.short_title)


# --- forms ----------------------------------------------------------------------------------------


def test_a_form_prints_short_titles_and_says_the_full_one_beside_the_cell(
    town: Catalogue, tmp_path: Path
) -> None:

    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "schools.csv").write_text(SCHOOLS, encoding="utf-8")
    done = run(
        *("form", str(town.folder), "report", "--data", str(tmp_path / "data"), "--year", "2023"),
        *("-o", str(tmp_path / "forms")),
    )
    files = sorted(path.name for path in (tmp_path / "forms").iterdir())
    assert files == [f"Школа № {n} — Отчёт о мероприятиях — 2023.xlsx" for n in (1, 2)], done.output
    sheet = openpyxl.load_workbook(tmp_path / "forms" / files[0]).active
    assert sheet is not None
    texts = {cell.value: cell.row for row in sheet.iter_rows() for cell in row if cell.value}
    assert town.forms["report"].title in texts
    assert {"Обучающиеся", "старшие", "с ОВЗ"} <= texts.keys()
    assert "Сколько обучающихся охвачено мероприятиями в этом году" in texts
    assert not {"Охваченные", title_of(town, "pupils"), title_of(town, "plain")} & texts.keys()
    prompts = {
        area: check.prompt
        for check in sheet.data_validations.dataValidation
        for area in str(check.sqref).split()
    }
    assert f"{title_of(town, 'pupils')}." in prompts[f"E{texts['Обучающиеся']}"]
    own = "Сколько обучающихся охвачено мероприятиями в этом году"
    assert title_of(town, "covered") not in prompts[f"E{texts[own]}"]


# --- the catalogues that ship ---------------------------------------------------------------------


def named(catalogue: Catalogue) -> Iterator[Titled]:
    yield from catalogue.groups.values()
    yield from catalogue.inputs.values()
    yield from (each for each in catalogue.indicators.values() if each.part is None)
    yield from catalogue.events.values()
    yield from catalogue.forms.values()


def list_long_titles(catalogue: Catalogue) -> list[str]:
    """The long titles that are no part of another text of the order: what is expected, how it is read."""
    things = (catalogue, *catalogue.indicators.values(), *catalogue.events.values())
    keys = ("interpretation", "expected")
    texts = [catalogue.title, *(getattr(each, key, "") for each in things for key in keys)]
    titles = [each.title for each in named(catalogue) if len(each.title) > LONGEST_SHORT]
    return [title for title in titles if not any(title in text for text in texts)]


@pytest.mark.parametrize("name", NAMES)
def test_whatever_has_a_long_title_has_a_short_one(name: str) -> None:
    things = list(named(load_shipped(name)))
    assert len(things) > 150
    for thing in things:
        assert len(thing.short_title) <= LONGEST_SHORT
        assert thing.short or len(thing.title) <= LONGEST_SHORT, thing
        assert "…" not in thing.short_title.replace("«Профессия…»", "")


@pytest.mark.parametrize("name", NAMES)
def test_a_full_title_stands_once_in_a_report_in_the_passport(name: str) -> None:
    catalogue = load_shipped(name)
    page = print_text(name, "report.html.j2")
    long = set(list_long_titles(catalogue))
    things = (*catalogue.indicators.values(), *catalogue.events.values())
    titles = [
        set_type(each.title)
        for each in things
        if each.title in long and getattr(each, "part", None) is None
    ]
    assert len(titles) > 30
    for title in titles:
        assert page.count(f"<dt>Полное название</dt><dd>{title}</dd>") == 1
        assert page.count(title) == sum(title in other for other in titles)
    for group in catalogue.groups.values():
        assert (
            group.title == group.short_title
            or page.count(f'<p class="small">{set_type(group.title)}</p>') == 1
        )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "template", ["summary.html.j2", "summary.md.j2", "note.docx", "school.docx", "school.html.j2"]
)
def test_what_is_no_passport_has_no_long_title(name: str, template: str) -> None:
    catalogue = load_shipped(name)
    page = print_text(name, template)
    long = list_long_titles(catalogue)
    assert len(long) > 50
    assert not [title for title in long if title in page or set_type(title) in page]
    short = [each.short for each in catalogue.indicators.values() if each.short]
    assert sum(set_type(text) in page for text in short) > 3


@pytest.mark.parametrize("name", NAMES)
def test_the_tables_of_the_order_have_the_full_titles(name: str) -> None:
    page = print_text(name, "tables.docx")
    for indicator in load_shipped(name).indicators.values():
        assert indicator.part is not None or set_type(indicator.title) in page


def test_messages_and_charts_print_the_short_title() -> None:
    report = opened("berezniki")
    with_chart = report.context()["charts"]["diagnosed_share", "berezniki"]
    assert with_chart.title == "Факт и цель по годам: Диагностика 8–9 классов"
    catalogue, _data = read_demo("berezniki")
    messages = [check.message for check in catalogue.checks.values() if check.automatic]
    assert len(messages) > 30
    long = list_long_titles(catalogue)
    assert not [message for message in messages if any(title in message for title in long)]


@pytest.mark.parametrize(
    ("first", "second", "title"),
    [
        (
            '{title: "Олимпиады, участники"}',
            '{title: "олимпиады ,  участники"}',
            "олимпиады , участники",
        ),
        (
            "{title: Кружки, of_which: {a: {title: Дети}}}",
            '{title: "Кружки: дети"}',
            "Кружки: дети",
        ),
        (
            "{title: Кружки и секции, short: Кружки, of_which: {a: {title: Дети}}}",
            '{title: "Кружки: дети"}',
            "Кружки: дети",
        ),
    ],
)
def test_titles_that_data_cannot_tell_apart_are_warned_of(
    tmp_path: Path, first: str, second: str, title: str
) -> None:
    """Where `check` warns, a column that is headed so is refused; by the names both are read."""
    (tmp_path / "catalogue.yaml").write_text(
        "catalogue: {id: t, title: Т, levels: [school, municipality], years: [2023]}\n"
        f"inputs:\n  one: {first}\n  two: {second}\n",
        encoding="utf-8",
    )
    catalogue, problems = load(tmp_path)
    assert catalogue is not None
    (problem,) = [each for each in problems if each.code == "title-twice"]
    assert problem.severity == "warning"
    assert f"«{title}»" in problem.message
    assert problem.position
    assert problem.position.line == 4
    name = "one.a" if "of_which" in first else "one"
    assert f"«two» и «{name}»" in problem.hint
    data = tmp_path / "data"
    data.mkdir()
    (data / "schools.csv").write_text("school;title\na;А\n", encoding="utf-8")
    for heading, code in ((title, "ambiguous-column"), ("two", "")):
        row = f'school;year;"{heading}"\na;2023;5\n'
        (data / "facts.csv").write_text(row, encoding="utf-8")
        _data, found = read_data(catalogue, data)
        assert [each.code for each in found] == [code] * bool(code)


def test_titles_of_inputs_of_two_levels_may_be_the_same(tmp_path: Path) -> None:
    (tmp_path / "catalogue.yaml").write_text(
        "catalogue: {id: t, title: Т, levels: [school, municipality], years: [2023]}\n"
        "inputs:\n  one: {title: Ч}\n  two: {title: Ч, level: municipality}\n",
        encoding="utf-8",
    )
    assert not [each for each in load(tmp_path)[1] if each.code == "title-twice"]


@pytest.mark.parametrize(
    ("first", "second", "lines"),
    [
        ("{title: Ч}", "{title: Ч, short: Вторые}", [3]),
        ("{title: Ч, short: Первые}", "{title: Ч}", [4]),
        ("{title: Ч, short: Первые}", "{title: Ч, short: Вторые}", []),
        ("{title: Ч}", "{title: Вторые, short: Ч}", []),  # an error of another code
    ],
)
def test_a_short_title_tells_inputs_of_one_title_apart(
    tmp_path: Path, first: str, second: str, lines: list[int]
) -> None:
    (tmp_path / "catalogue.yaml").write_text(
        "catalogue: {id: t, title: Т, levels: [school, municipality], years: [2023]}\n"
        f"inputs:\n  one: {first}\n  two: {second}\n",
        encoding="utf-8",
    )
    problems = [each for each in load(tmp_path)[1] if each.code == "title-twice"]
    assert [each.position and each.position.line for each in problems] == lines
