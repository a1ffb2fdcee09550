"""What is counted is the same number on every surface: pages, Word, workbooks, the terminal, the protocol."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from html import unescape
from io import BytesIO
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from click.testing import CliRunner
from docx import Document
from openpyxl import load_workbook

from engine.catalogue.load import load
from engine.catalogue.model import Catalogue
from engine.console import main as cli
from engine.data import Data, read_data
from engine.evaluation.asking import COLUMNS, SAME_REPORTERS, SHORTFALL, Asking, Results
from engine.evaluation.evaluate import compute_results
from engine.forms.out.checks import Key
from engine.publication.audience import Audience
from engine.reports.counts import Tally, choose_last, count_targets
from engine.reports.filters import reached, rest
from engine.reports.render import Report, open_page_writer, open_report
from engine.reports.result_rows import PlaceKey
from engine.reports.templates import find_template
from engine.translation import choose_language, use_language
from tests.filling import fill, gather, make_town
from tests.shipped_report import ROOT, shipped
from tests.small_town import row
from tests.word import W, text_of

CATALOGUE = """
catalogue: {id: counted, title: Проверка счёта, levels: [school, municipality], years: [2022, 2023]}
register: {big: {title: Большая, type: yes_no}}
units: {mark: {title: балл, forms: [балл, балла, баллов]}}
groups: {g: {title: Раздел первый}, h: {title: Раздел второй}, p: {title: План}}
inputs:
  pupils: {title: Обучающиеся, unit: person}
  few: {title: Немногие, unit: person}
  many: {title: Многие, unit: person}
  silent: {title: Неспрошенные, unit: person}
  seniors: {title: Старшие, unit: person, applies_to: big}
  talks: {title: Беседы, unit: event}
  score: {title: Балл, type: number, unit: mark}
indicators:
"""
TARGETS = {
    "low_least": ("share(few, pupils)", "at_least: 50"),
    "high_least": ("share(many, pupils)", "at_least: 50"),
    "low_most": ("share(few, pupils)", "at_most: 50"),
    "high_most": ("share(many, pupils)", "at_most: 50"),
    "low_exactly": ("share(few, pupils)", "exactly: 20"),
    "high_exactly": ("share(many, pupils)", "exactly: 20"),
    "low_between": ("share(few, pupils)", "between: [10, 30]"),
    "high_between": ("share(many, pupils)", "between: [10, 30]"),
    "nothing": ("share(silent, pupils)", "at_least: 1"),
    "older": ("share(seniors, pupils)", "at_least: 5"),
}
REST = """
  free: {title: Без цели, group: g, unit: person, formula: pupils}
  usual: {title: Обычная школа, group: g, unit: person, formula: mean_of_schools(pupils)}
events:
  meeting:
    title: Проведение бесед
    section: p
    results:
      held: {title: Проведено бесед, formula: talks, unit: event, decimals: 0, target_level: municipality, targets: {2023: {at_least: 3}}}
      per_school: {title: Бесед в школе, formula: talks, unit: event, decimals: 0, target_level: school, targets: {2023: {at_least: 2}}}
  marks:
    title: Оценка бесед
    section: p
    results:
      mark: {title: Средний балл, formula: mean_of_schools(score), unit: mark, target_level: school, targets: {2023: {at_least: 9}}}
publication: {interpretation: Осторожно, public_levels: [municipality], suppress_below: 5, people: [person]}
forms:
  yearly: {title: Сведения, fills: school, sections: [{title: Всё, rows: [{input: pupils}, {input: few}, {input: many}, {input: seniors}, {input: talks}, {input: score}]}]}
  late: {title: Поздняя форма, fills: school, sections: [{title: Всё, rows: [{input: silent}]}]}
"""
SCHOOLS = """school;title;municipality;big
n1;Школа северная;Город Север;да
n2;Лицей северный;Город Север;нет
n3;Гимназия северная;Город Север;да
s1;Школа южная;Город Юг;нет
"""
FACTS = """school;year;pupils;few;many;seniors;talks;score
n1;2022;100;20;80;7;4;5
n1;2023;100;20;80;7;4;5
n2;2023;200;40;160;;1;7
s1;2022;50;10;40;;3;8
s1;2023;50;1;40;;3;9
"""
TOWNS = ("Город Север", "Город Юг")
Numbers = tuple[int, int, int]
"""How many targets are reached, how many not, how many there are."""


@dataclass(frozen=True)
class Case:
    """A catalogue and its data, opened as the command does."""

    name: str
    year: int
    catalogue_path: Path
    data_path: Path
    catalogue: Catalogue
    data: Data
    results: Results

    def report(self, audience: Audience = "internal") -> Report:
        return open_case(self.name, audience)

    def page(self, template: str, place: PlaceKey | None, audience: Audience = "internal") -> bytes:
        with (
            use_language("ru"),
            open_page_writer(find_template(template, self.catalogue), self.catalogue) as press,
        ):
            return press(self.report(audience).context(place))


@cache
def case(name: str) -> Case:
    if name != "counted":
        catalogue, data, results = shipped(name)
        folder = ROOT / "definitions" / name
        return Case(name, 2023, folder, folder / "demo", catalogue, data, results)
    folder = Path(mkdtemp())
    (folder / "counted").mkdir()
    (folder / "data").mkdir()
    lines = [
        f"  {name}: {{title: Показатель {name}, group: {'g' if 'low' in name else 'h'}, unit: percent, "
        f'formula: "{formula}", target_level: municipality, targets: {{2022: {{{aim}}}, 2023: {{{aim}}}}}}}'
        for name, (formula, aim) in TARGETS.items()
    ]
    text = CATALOGUE + "\n".join(lines) + REST
    (folder / "counted" / "catalogue.yaml").write_text(text, encoding="utf-8")
    (folder / "data" / "schools.csv").write_text(SCHOOLS, encoding="utf-8")
    (folder / "data" / "facts.csv").write_text(FACTS, encoding="utf-8")
    catalogue_or_none, problems = load(folder / "counted")
    assert catalogue_or_none is not None, problems
    assert not [each for each in problems if each.severity == "error"], problems
    data, problems = read_data(catalogue_or_none, folder / "data")
    assert not [each for each in problems if each.severity == "error"], problems
    asking = Asking(
        (2022, 2023), inputs=True, columns=(*COLUMNS, SHORTFALL, SAME_REPORTERS), advice=True
    )
    results = compute_results(catalogue_or_none, data, asking)
    return Case(name, 2023, folder / "counted", folder / "data", catalogue_or_none, data, results)


@cache
def open_case(name: str, audience: Audience) -> Report:
    of = case(name)
    with use_language("ru"):
        return open_report(
            of.catalogue,
            of.data,
            of.results.frame,
            (of.year,),
            date=date(2024, 2, 3),
            audience=audience,
            problems=of.results.problems,
            advised=of.results.advice,
        )


def run(*arguments: object) -> str:
    choose_language("ru")
    done = CliRunner().invoke(cli.main, [str(each) for each in arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


def words_of_html(page: bytes) -> str:
    text = re.sub(r"<(style|script|svg)\b.*?</\1>", " ", page.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def words_of_docx(page: bytes) -> str:
    body = Document(BytesIO(page)).element.body
    return " ".join(" ".join(text_of(each) for each in body.iter(f"{W}p")).split())


# --- the same numbers everywhere ------------------------------------------------------------------


def count_json(of: Case, place: PlaceKey, *, public: bool = False) -> dict[str, Numbers]:
    """What the rows of `evaluate --format json` say, the results of events apart.

    A target that is set for each school is one too, though the place has no verdict of it; the public
    sees nothing of schools.
    """
    common = ("--data", of.data_path, "--year", of.year, "--format", "json", "--scenario", "fact")
    rows = json.loads(
        run("evaluate", of.catalogue_path, *common, "--level", place[0], "--place", place[1])
    )
    counts: dict[str, Counter[str]] = {"indicators": Counter(), "plan": Counter()}
    for each in rows:
        indicator = of.catalogue.indicators[each["indicator"]]
        kind = "plan" if indicator.event else "indicators"
        target = indicator.targets.get(of.year)
        below = target is not None and target.is_set and "school" in indicator.target_levels
        below = below and not public
        if (each["target"] is not None or below) and each["reason"] != "not_applicable":
            counts[kind][each["status"]] += 1
    return {
        kind: (count["met"], count["missed"], count.total())
        for kind, count in counts.items()
        if count.total()
    }


def count_terminal(of: Case, place: PlaceKey) -> tuple[int, int]:
    """How many rows of the table on the terminal say that a target is reached, and that it is not."""
    common = ("--data", of.data_path, "--year", of.year, "--format", "table", "--scenario", "fact")
    asked = ("evaluate", of.catalogue_path, *common, "--level", place[0], "--place", place[1])
    shown = run(*asked, "--columns", "status")
    missed = len(re.findall(r"не достигнуто", shown))
    numbers = len(re.findall(r"достигнуто", shown)) - missed, missed
    # The last line of the usual table counts them too.
    said = re.search(r"достигнуто (\d+), не достигнуто (\d+)", run(*asked))
    assert said
    assert tuple(map(int, said.groups())) == numbers
    return numbers


def count_book(of: Case, place: PlaceKey) -> tuple[int, int]:
    """The same of the sheet of results in the workbook."""
    heads, *rows = load_workbook(BytesIO(of.page("book.xlsx", place)))["Результаты"].iter_rows(
        values_only=True
    )
    at = heads.index("Вывод")
    verdicts = [str(each[at] or "").partition(",")[0] for each in rows]
    return verdicts.count("достигнуто"), verdicts.count("не достигнуто")


PLACES = [
    ("berezniki", ("municipality", "berezniki")),
    *(("counted", ("municipality", town)) for town in TOWNS),
]


def read_tiles(text: str, heading: str) -> Numbers:
    """The numbers under a heading at the top of a page."""
    found = re.search(
        rf"{heading}[^✓]*?(\d+) ✓ (?:достигнуто|цел\w+ достигнут\w*) из (\d+).*?(\d+) ✗ не достигнут",
        text,
    )
    assert found, (heading, text[:2000])
    met, targets, missed = map(int, found.groups())
    return met, missed, targets


@pytest.mark.no_cover
@pytest.mark.parametrize(("name", "place"), PLACES)
def test_every_surface_prints_the_same_numbers(name: str, place: PlaceKey) -> None:
    of = case(name)
    expected = count_json(of, place)
    assert set(expected) == {"indicators", "plan"}
    both = tuple(sum(numbers[at] for numbers in expected.values()) for at in (0, 1))
    assert count_terminal(of, place) == both
    assert count_book(of, place) == both
    made = {
        template: of.page(template, place)
        for template in ("summary.html", "summary.md", "report.html")
    }
    pages = {template: words_of_html(page) for template, page in made.items()}
    lists = re.findall(
        r"<summary>(?:Не достигнуто|Нет значения|Достигнуто): (\d+)</summary>\n(.*?)</ul>",
        made["report.html"].decode(),
        re.DOTALL,
    )
    assert lists
    assert [int(count) for count, _items in lists] == [items.count("<li>") for _n, items in lists]
    assert read_tiles(pages["report.html"], "Итоги Показатели: ") == expected["indicators"]
    assert read_tiles(pages["report.html"], " Результаты мероприятий: ") == expected["plan"]
    for template, text in pages.items():
        for what, kind in (("Показатели", "indicators"), ("Результаты мероприятий", "plan")):
            met, missed, targets = expected[kind]
            row_of_table = rf"{what}, \d{{4}}[^|✓]*?(?:год|2024)\W+{targets}\W+{met}\W+{missed}\W"
            assert re.search(row_of_table, text), (template, what, expected)
    note = words_of_docx(of.page("note.docx", place))
    met, missed, targets = expected["indicators"]
    assert re.search(
        rf"из {targets} цел\w+ достигнуто {met} \([\d,]+.%\), не достигнуто {missed}\b", note
    )
    met, missed, targets = expected["plan"]
    assert re.search(
        rf"из {targets} ожидаем\w+ результат\w* достигнуто {met}, не достигнуто {missed}\b", note
    )
    sections = [int(each) for each in re.findall(r"Из (\d+) показател\w+ с целью", note)]
    ones = len(re.findall(r"[Ее]динственн\w+ цел", note))
    assert sum(sections) + ones == expected["indicators"][2]
    tables = words_of_docx(of.page("order_tables.docx", place))
    signs = (tables.count("✓ достигнуто"), tables.count("✗ не достигнуто"))
    assert signs == both


def test_the_town_has_all_there_is_to_count() -> None:
    (north,) = case("counted").report().context(("municipality", TOWNS[0]))["places"]
    (tally,) = north.tallies
    assert (tally.met, tally.missed, tally.missing, tally.hidden) == (4, 5, 1, 0)
    assert tally.preliminary == 9
    (south,) = case("counted").report().context(("municipality", TOWNS[1]))["places"]
    # No school of the south is big: what concerns only big ones is no target of it.
    assert south.tallies[0].targets == 9


def test_a_target_of_each_school_is_counted_by_schools() -> None:
    of = case("counted")
    place = ("municipality", TOWNS[0])
    pages: dict[str, Callable[[bytes], str]] = {
        "report.html": words_of_html,
        "summary.html": words_of_html,
        "summary.md": words_of_html,
        "order_tables.docx": words_of_docx,
    }
    for template, read in pages.items():
        text = read(of.page(template, place))
        if template != "order_tables.docx":  # the order's own table of the plan has its words
            assert "каждой школе — не менее 2" in text, template
        assert "достигли 1 из 3 школ, нет данных — 1" in text, template
        assert "достигли 0 из 3 школ, нет данных — 1" in text, template
        # A mean of marks is no sum.
        assert "всего" not in text, template
        assert "сумм" not in text, template


@pytest.mark.no_cover
@pytest.mark.parametrize(("name", "place"), PLACES)
def test_the_public_page_counts_what_is_hidden(name: str, place: PlaceKey) -> None:
    of = case(name)
    (page,) = of.report("public").context(place)["places"]
    expected = count_json(of, place, public=True)
    for outcome in page.outcomes:
        tally = outcome.tally
        assert tally.targets == tally.met + tally.missed + tally.missing + tally.hidden
        assert tally.targets == expected[outcome.kind][2]
    hidden = [outcome.tally.hidden for outcome in page.outcomes]
    text = words_of_html(of.page("public.html", place, "public"))
    cards = [int(each) for each in re.findall(r"(\d+) скрыт\w: значени\w есть", text)]
    assert cards == [count for count in hidden if count]
    met, missed = page.outcomes[0].tally.met, page.outcomes[0].tally.missed
    assert read_tiles(text, "Показатели: ")[:2] == (met, missed)
    if name == "berezniki":
        assert cards
        note = words_of_docx(of.page("note.docx", place, "public"))
        assert f"скрыто — {hidden[0]}" in note


# --- a school -------------------------------------------------------------------------------------


def read_outcomes(text: str) -> list[tuple[str, ...]]:
    """Kind, whose target, how many of how many: as the sheet of a school says it in Word."""
    return re.findall(
        r"(Показатели|План мероприятий), [^:]+: из (\d+) цел\w+ (школы|муниципалитета \(для сведения\)) "
        r"достигнуто (\d+), не достигнуто (\d+)",
        text,
    )


def sheets(of: Case) -> Iterator[tuple[PlaceKey, str, str]]:
    """Of some schools the words of both sheets."""
    schools = list(of.report("school").places("school"))
    for school in schools[:: max(1, len(schools) // 3)]:
        place = ("school", school)
        html = words_of_html(of.page("school.html", place, "school"))
        yield place, html, words_of_docx(of.page("school.docx", place, "school"))


@pytest.mark.no_cover
@pytest.mark.parametrize("name", ["berezniki", "michurinsk", "counted"])
def test_both_sheets_of_a_school_count_alike(name: str) -> None:
    of = case(name)
    internal = {each.place: each for each in of.report().context()["reporters"]}
    seen = 0
    for place, html, docx in sheets(of):
        seen += len(read_outcomes(docx))
        assert read_outcomes(html) == read_outcomes(docx)
        reporter = internal[place[1]]
        answered, asked = reporter.answered[of.year], reporter.asked[of.year]
        lacking = reporter.unanswered[of.year]
        assert answered + len(lacking) == asked
        if not reporter.reported[of.year]:
            continue
        assert f"даны ответы на {answered} из {asked} вопрос" in html
        assert f"даны ответы на {answered} из {asked} вопрос" in docx
        listed = re.search(r"Не заполнено: [^,]+, (\d+) из (\d+)", html)
        assert (listed is not None) == bool(lacking)
        if listed:
            assert tuple(map(int, listed.groups())) == (len(lacking), asked)
            assert f"Нет ответа на {len(lacking)} вопрос" in docx
    assert seen or name == "michurinsk"  # its order sets no targets


def test_a_mean_is_not_divided_by_schools_once_more() -> None:
    of = case("counted")
    place = ("school", "n1")
    (page,) = of.report("school").context(place)["places"]
    cells = {line.id: line.cells[0] for section in page.groups for line in section.lines}
    assert (cells["free"].above.value, cells["free"].average) == (300, 150)
    assert (cells["usual"].above.value, cells["usual"].average) == (150, None)
    html = words_of_html(of.page("school.html", place, "school"))
    assert re.search(r"Без цели чел\. 100 — 150,0\* ", html)
    assert re.search(r"Обычная школа чел\. 100 — 150\* ", html)
    table = words_of_docx(of.page("school.docx", place, "school"))
    assert re.search(r"Без цели чел\. 100 — 150,0\* ", table)
    assert re.search(r"Обычная школа чел\. 100 — 150\* ", table)


def test_what_nobody_is_asked_yet_is_not_lacking() -> None:
    of = case("counted")
    (reporter,) = [each for each in of.report().context()["reporters"] if each.place == "n1"]
    assert (reporter.answered[2023], reporter.asked[2023], reporter.awaited[2023]) == (6, 6, 1)
    html = words_of_html(of.page("school.html", ("school", "n1"), "school"))
    assert (
        "даны ответы на 6 из 6 вопросов. Ещё 1 вопрос — в формах, которых за этот год пока никто не"
        in html
    )
    assert "Не заполнено" not in html


def test_the_protocol_counts_answers_as_reports_do(tmp_path: Path) -> None:
    of = case("counted")
    text = (of.catalogue_path / "catalogue.yaml").read_text("utf-8")
    # The forms of this catalogue are drawn for its own schools.
    town = make_town(tmp_path, 2023, catalogue=text, register=SCHOOLS)
    answers: Mapping[str, dict[str, Any]] = {
        "n1": {"pupils": 100, "few": 20, "many": "нет данных", "seniors": "н/п", "talks": 4},
        "n2": {"pupils": 200, "few": "много", "many": 160, "talks": 1, "score": 7},
        "s1": {"pupils": 50, "few": 10, "many": 40, "talks": 3, "score": 9},
    }
    for school, given in answers.items():
        keyed: dict[Key, Any] = {(name, 2023, "fact"): answer for name, answer in given.items()}
        fill(town.drawn["yearly"][school], keyed, tmp_path / "came" / f"{school}.xlsx")
    collected = gather(town, tmp_path / "came", tmp_path / "collected")
    counted = {
        each.place: (each.filled, each.asked)
        for each in collected.protocol.entries
        if each.submission is not None
    }
    data, _problems = read_data(town.catalogue, tmp_path / "collected")
    results = compute_results(town.catalogue, data, Asking((2023,), inputs=True))
    report = open_report(town.catalogue, data, results.frame, (2023,))
    told = {
        each.place: (each.answered[2023], each.asked[2023])
        for each in report.context()["reporters"]
        if each.reported[2023]
    }
    assert counted == told == {"n1": (3, 5), "n2": (4, 5), "s1": (5, 5)}


# --- the functions --------------------------------------------------------------------------------


def test_a_tally_has_everything_once() -> None:
    met = replace(row(), target=50.0, status="met", value=60.0, reason=None)
    rows = [
        met,
        replace(met, status="missed"),
        replace(met, value=None, status="no_data", reason="not_reported"),
        replace(met, value=None, status=None, reason="suppressed"),
        replace(met, value=None, status="no_data", reason="not_applicable"),
        replace(met, target=None, status="no_target"),
        replace(met, status="no_comparator"),
        None,
    ]
    tally = count_targets(2023, rows)
    assert (tally.met, tally.missed, tally.missing, tally.hidden) == (1, 1, 1, 1)
    assert (tally.targets, tally.judged) == (4, 2)
    choose_language("ru")
    assert rest(tally) == ", нет данных — 1, скрыто — 1"
    assert rest(Tally(2023, met=2)) == ""
    assert reached(None) == ""


def test_the_last_year_that_is_judged_leads() -> None:
    years = (Tally(2022, met=1), Tally(2023, missing=1), Tally(2024))
    assert choose_last(years) == years[0]
    assert choose_last(years[1:]) == years[1]
    assert choose_last(years[2:]) is None


UNJUDGED = """
catalogue: {id: counted, title: Проверка счёта, municipality: Город Н, years: [2023]}
groups: {g: {title: Раздел}}
inputs: {few: {title: Немногие, unit: person}}
indicators:
  few_: {title: Сколько, group: g, unit: person, formula: few, targets: {2023: 80}}
"""


@pytest.mark.no_cover
@pytest.mark.parametrize("template", ["summary.html", "summary.md", "report.html"])
@pytest.mark.parametrize("target", ["80", "{at_least: 80}"])
def test_a_table_of_reached_targets_has_rows(tmp_path: Path, template: str, target: str) -> None:
    """A bare number is shown and not judged: then nothing is counted."""
    (tmp_path / "town").mkdir()
    text = UNJUDGED.replace("2023: 80", f"2023: {target}")
    (tmp_path / "town" / "c.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "facts.csv").write_text("school;year;few\ns;2023;7\n", encoding="utf-8")
    written = tmp_path / template
    arguments = ("report", str(tmp_path / "town"), "--data", str(tmp_path / "facts.csv"))
    more = ("--year", "2023", "--template", template, "-o", str(written))
    done = CliRunner().invoke(cli.main, [*arguments, *more])
    assert done.exit_code == 0, done.output
    page = written.read_text(encoding="utf-8")
    judged = target != "80"
    assert ("Не достигнуто" in page) is judged
    assert ("Целей, о которых сделан вывод, здесь нет" in page) is (
        template == "report.html" and not judged
    )
    assert "80" in page


MET, MISSED, LACKS = "at_least: 5", "at_least: 80", "silent"
SECTIONS = {
    "one": (MET,),
    "bare": ("",),
    "two": (MET, MET),
    "four": (MET, "", MET, "school"),
    "five": ("", "", "school", "", ""),
    "every": (MET, MISSED, LACKS, "", MISSED),
    "lost": (MISSED, MISSED),
    "none": (None,),
}
SAID = {
    "ru": (
        "Единственная цель раздела достигнута.",
        "О единственной цели раздела общего вывода нет.",
        "Из 2 показателей с целью достигнуты все.",
        "Из 4 показателей с целью достигнуто 2, не достигнуто 0, без общего вывода — 2.",
        "Из 5 показателей с целью общего вывода нет ни об одном.",
        "Из 5 показателей с целью достигнуто 1, не достигнуто 2, нет данных — 1, без общего вывода — 1.",
        "Из 2 показателей с целью не достигнут ни один.",
        "из 20 целей достигнуто 6 (30,0 %), не достигнуто 4, нет данных — 1, без общего вывода — 9.",
    ),
    "en": (
        "The only target of the section was reached.",
        "There is no overall verdict on the only target of the section.",
        "Of 2 indicators with a target all were reached.",
        "Of 4 indicators with a target 2 reached, 0 not reached, without an overall verdict — 2.",
        "Of 5 indicators with a target there is no overall verdict on any.",
        "Of 5 indicators with a target 1 reached, 2 not reached, no data — 1, without an overall verdict — 1.",
        "Of 2 indicators with a target none was reached.",
        "of 20 targets 6 (30.0%) reached, 4 not reached, no data — 1, without an overall verdict — 9.",
    ),
}


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_section_counts_its_targets_whether_judged_or_not(tmp_path: Path, language: str) -> None:
    """A target that nothing is compared by, or that is set for each school, is not judged for the town."""
    lines = []
    for group, aims in SECTIONS.items():
        for number, aim in enumerate(aims):
            target = {None: "", "": "80", "school": MET, LACKS: MET}.get(aim, aim)
            keys = (
                f", targets: {{2023: {target if target == '80' else f'{{{target}}}'}}}"
                if target
                else ""
            )
            keys += ", target_level: school" if aim == "school" else ""
            cell = "silent" if aim == LACKS else "few"
            lines.append(
                f"  {group}{number}: {{title: Сколько {group} {number}, group: {group}, unit: person, "
                f"formula: {cell} + 0{keys}}}"
            )
    text = (
        f"catalogue: {{id: counted, title: Счёт, municipality: Н, years: [2023], language: {language}}}\n"
        f"groups: {{{', '.join(f'{group}: {{title: Раздел {group}}}' for group in SECTIONS)}}}\n"
        "inputs: {few: {title: Немногие, unit: person}, silent: {title: Никто, unit: person}}\n"
        "indicators:\n" + "\n".join(lines)
    )
    (tmp_path / "town").mkdir()
    (tmp_path / "town" / "c.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "facts.csv").write_text("school;year;few;silent\ns;2023;7;\n", encoding="utf-8")
    written = {}
    for name in ("note.docx", "report.html", "summary.html", "summary.md"):
        written[name] = tmp_path / name
        arguments = ("report", str(tmp_path / "town"), "--data", str(tmp_path / "facts.csv"))
        more = ("--year", "2023", "--template", name, "-o", str(written[name]))
        done = CliRunner().invoke(cli.main, [*arguments, *more])
        assert done.exit_code == 0, done.output
    note = words_of_docx(written["note.docx"].read_bytes()).replace("\xa0", " ")
    assert [sentence for sentence in SAID[language] if sentence not in note] == []
    # What stands in the columns of a table adds up to all that have a target.
    numbers = r"\W+20\W+6\W+4\W+1\W+9\W+0\b"
    for name in ("report.html", "summary.html"):
        assert re.search(numbers, words_of_html(written[name].read_bytes())), name
    assert re.search(numbers, written["summary.md"].read_text(encoding="utf-8"))
