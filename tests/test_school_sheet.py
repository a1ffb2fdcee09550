"""The sheet of a school: its own results beside the target and the town's, and no other school's."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.catalogue.model import Comparator
from engine.console import main as cli
from engine.reports.pages import YearCell, _judge_by_reference
from engine.reports.templates import find_template
from engine.translation import use_language
from engine.typography import set_type
from tests.shipped_report import NAMES, ROOT, opened, press_anew, pressed, shipped
from tests.small_town import row
from tests.test_counts import words_of_html

SHOWN = ("school-01", "school-05")


def words(page: bytes) -> str:
    """What is to be read of a page, without its style and drawings."""
    text = re.sub(r"<(style|svg)\b.*?</\1>", " ", page.decode(), flags=re.DOTALL)
    text = unescape(re.sub(r"<[^>]+>", " ", text))
    return " ".join(text.split())


def sheet(name: str, school: str) -> bytes:
    return pressed(name, "school.html", ("school", school))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("school", SHOWN)
def test_no_other_school_is_on_the_sheet_of_one(name: str, school: str) -> None:
    titles = opened(name, "school").places("school")
    page = sheet(name, school)
    assert set_type(titles[school]) in page.decode()
    text = page.decode()
    others = {other: title for other, title in titles.items() if other != school}
    assert len(others) >= 8
    for other, title in others.items():
        # «Школа № 1» stands at the beginning of «Школа № 10»: a name ends where its number does.
        for form in (title, set_type(title)):
            assert not re.search(re.escape(form) + r"(?!\d)", text), title
        assert not re.search(re.escape(other) + r"(?!\d)", text), other


@pytest.mark.parametrize("name", NAMES)
def test_a_sheet_has_what_the_school_answered_and_what_the_town_has(name: str) -> None:
    context = opened(name, "school").context(("school", "school-01"))
    text = words(sheet(name, "school-01"))
    lines = [line for section in context["place"].groups for line in section.lines]
    own = [line for line in lines if line.last and line.last.fact.value is not None]
    assert len(own) > 10
    for line in own:
        assert " ".join(line.short_title.split()) in text
    assert "Что сделать" in text
    tips = context["advice"]["school", "school-01"]
    shown = [tip for tip in tips if " ".join(tip.text.split()) in text]
    assert shown == list(tips[:5])
    assert context["place"].within["municipality"] in text


def test_a_school_stands_beside_the_target_for_orientation() -> None:
    context = opened("berezniki", "school").context(("school", "school-02"))
    text = words(sheet("berezniki", "school-02"))
    seen = 0
    for section in context["place"].groups:
        for line in section.lines:
            for cell in line.cells:
                if cell.reference is None or cell.fact.value is None:
                    continue
                seen += 1
                assert cell.reference.target == cell.fact.reference
                reached = cell.fact.value >= cell.fact.reference
                assert cell.reference.status == ("met" if reached else "missed")
    assert seen > 10
    assert "для сведения" in text
    assert re.search(r"✗ не хватает \d+ чел\.", text)


def test_the_reference_is_judged_as_its_target_says() -> None:
    fact = replace(
        row(), value=81.9, reference=82.0, target=None, status="no_target", deviation=None
    )
    fact = replace(fact, reference_comparator="at_least")
    judged = _judge_by_reference(fact)
    assert judged is not None
    assert (judged.status, judged.deviation, judged.target) == ("missed", -0.1, 82.0)
    others: tuple[tuple[Comparator, str], ...] = (
        *(("at_most", "met"), ("exactly", "missed")),
        ("yes", "no_target"),
    )
    for comparator, status in others:
        judged = _judge_by_reference(replace(fact, reference_comparator=comparator))
        assert judged is not None
        assert judged.status == status
    empty = _judge_by_reference(replace(fact, value=None))
    assert empty is not None
    assert empty.status == "no_target"
    assert _judge_by_reference(replace(fact, reference=None)) is None


def test_the_average_is_of_what_is_counted() -> None:
    counted = row("lonely", 2022)
    above = replace(counted, value=180.0, reported=12)
    assert YearCell(2022, counted, above=above).average == 15.0
    assert YearCell(2022, counted, above=above, summed=False).average is None  # a mean of schools
    assert YearCell(2022, counted, above=replace(above, reported=0)).average is None
    assert YearCell(2022, counted, above=replace(above, value=None)).average is None
    assert YearCell(2022, row(), above=row()).average is None  # a share is not summed
    assert YearCell(2022, counted).average is None


@pytest.mark.no_cover
def test_what_is_not_answered_is_listed() -> None:
    found = {}
    for school in opened("michurinsk", "school").places("school"):
        context = opened("michurinsk", "school").context(("school", school))
        (told,) = (one for one in context["reporters"] if one.place == school)
        last = max((year for year, answered in told.reported.items() if answered), default=None)
        lacking = [
            one
            for one in context["inputs"]
            if one.place == school and one.year == last and one.reason == "not_reported"
        ]
        if lacking:
            found[school] = [context["passports"][one.indicator].short_title for one in lacking]
    assert found
    for school, titles in found.items():
        text = words(sheet("michurinsk", school))
        assert "Не заполнено" in text
        for title in titles:
            assert " ".join(title.split()) in text


def test_a_sheet_is_the_same_whenever_it_is_made() -> None:
    first = sheet("berezniki", "school-01")
    press_anew("berezniki", "school.html", ("school", "school-05"))
    assert press_anew("berezniki", "school.html", ("school", "school-01")) == first


@pytest.mark.no_cover
@pytest.mark.parametrize("ending", [".html", ".docx"])
def test_the_template_is_for_schools_alone(tmp_path: Path, ending: str) -> None:
    assert find_template(f"school{ending}").audience == "school"
    common = (
        *("report", "berezniki", "--data", str(ROOT / "definitions" / "berezniki" / "demo")),
        *("--year", "2023", "--template", f"school{ending}"),
    )
    without = CliRunner().invoke(cli.main, [*common, "-o", str(tmp_path / f"one{ending}")])
    assert without.exit_code == 2
    assert "--each school" in without.output
    goal = str(tmp_path / "sheets")
    wider = CliRunner().invoke(
        cli.main, [*common, "--each", "school", "--audience", "internal", "-o", goal]
    )
    assert wider.exit_code == 2
    assert "уберите --audience" in wider.output


def test_a_copy_stays_for_whom_it_is(tmp_path: Path) -> None:
    copied = tmp_path / "мой.html.j2"
    copied.write_bytes(find_template("school.html").path.read_bytes())
    assert find_template(str(copied)).audience == "school"
    copied.write_text("{# Лист\n   audience: everybody #}", encoding="utf-8")
    assert find_template(str(copied)).audience == "public"
    copied.write_text("{# Лист #}\naudience: school", encoding="utf-8")
    assert find_template(str(copied)).audience is None


def test_titles_of_schools_are_not_those_of_the_catalogue() -> None:
    # Else the search for other schools' names above would find nothing to search.
    for name in NAMES:
        catalogue, _data, _results = shipped(name)
        with use_language("ru"):
            assert catalogue.title not in opened(name, "school").places("school").values()


def test_a_class_beside_a_value_has_room_and_breaks_between_words(tmp_path: Path) -> None:
    demo = ROOT / "definitions" / "dubenki"
    words = ("report", str(demo), "--data", str(demo / "demo"), "--year", "2024")
    more = ("--template", "school.html", "--each", "school", "-o", str(tmp_path / "sheets"))
    done = CliRunner().invoke(cli.main, [*words, *more], env={"POKAZATEL_LANG": "ru"})
    assert done.exit_code == 0, done.output
    graded = (tmp_path / "sheets" / "Школа № 2 (демо).html").read_text("utf-8")
    assert '<col class="own" style="width: 9rem">' in graded
    assert '<span class="grade" style="white-space: normal">· не менее' in graded
    plain = pressed("berezniki", "school.html", ("school", "school-05")).decode()
    assert '<col class="own">' in plain


SUMS = """
catalogue: {id: n, title: Суммы, municipality: Новоград, levels: [school, municipality], years: [2024]}
inputs:
  costs: {title: Расходы, type: number, unit: thousand_rouble}
  fund: {title: Фонд, type: number, unit: rouble}
  size: {title: Размер группы, type: number, unit: person, rollup: mean}
  hours: {title: Норма часов, type: number, unit: hour, rollup: mean}
indicators:
  spent: {title: Израсходовано, unit: thousand_rouble, formula: costs}
  fund: {title: Фонд школы, unit: rouble}
  size: {title: Группа, unit: person, decimals: 0}
  group: {title: Группа иначе, unit: person, formula: size}
  hours: {title: Часы, unit: hour}
  index: {title: Индекс, unit: hour, score: {how: mean, of: {hours: 1}}}
"""


def test_only_what_schools_add_up_to_is_divided_by_them(tmp_path: Path) -> None:
    folder, data = tmp_path / "n", tmp_path / "data"
    folder.mkdir()
    data.mkdir()
    (folder / "catalogue.yaml").write_text(SUMS, encoding="utf-8")
    (data / "schools.csv").write_text("school;title\na;А\nb;Б\n", encoding="utf-8")
    (data / "2024.csv").write_text(
        "school;year;costs;fund;size;hours\na;2024;100;10;20;4\nb;2024;300;30;30;8\n",
        encoding="utf-8",
    )
    page = tmp_path / "out"
    asked = ("report", str(folder), "--data", str(data), "--year", "2024", "--each", "school")
    outcome = CliRunner().invoke(cli.main, [*asked, "--template", "school.html", "-o", str(page)])
    assert outcome.exit_code == 0, outcome.output
    shown = words_of_html((page / "А.html").read_bytes())
    values = {"Израсходовано": "тыс. руб. 100,0 200,0", "Фонд школы": "руб. 10,0 20,0"}
    values |= {"Группа": "чел. 20 25", "Группа иначе": "чел. 20 25"}
    values |= {"Часы": "ч 4,0 6,0", "Индекс": "ч 4,0 6,0"}
    for title, numbers in values.items():
        assert f"{title} {numbers}" in shown, title


def test_a_target_that_places_have_of_their_own_is_compared_below_as_it_says(
    tmp_path: Path,
) -> None:
    """Not more than 50 of the town: 25 reaches it at its school, 80 does not, whatever the catalogue says."""
    catalogue, data = tmp_path / "town", tmp_path / "data"
    catalogue.mkdir()
    data.mkdir()
    (catalogue / "town.yaml").write_text(
        """
catalogue:
  {id: town, title: Город, levels: [school, municipality], years: [2023], defaults: {comparator: at_least}}
inputs: {a: {title: Опоздали, unit: person}, b: {title: Всего, unit: person}}
indicators: {late: {title: Опоздали, unit: percent, formula: "share(a, b)", targets: {2023: given}}}
advice: [{id: low, when: missed(late), text: "Цель — {{ target|words }}: {{ shortfall|words }}"}]
""",
        "utf-8",
    )
    (data / "schools.csv").write_text("school,municipality\ns,m\nt,m\nu,n\n", "utf-8")
    (data / "facts.csv").write_text(
        "school,year,a,b\ns,2023,5,20\nt,2023,16,20\nu,2023,7,8\n", "utf-8"
    )
    targets = "indicator,level,place,year,comparator,value\nlate,municipality,m,2023,at_most,50\n"
    (data / "targets.csv").write_text(targets + "late,municipality,n,2023,,90\n", "utf-8")
    run = f"report {catalogue} --data {data} --year 2023 --template school --each school -o {tmp_path}/out"
    made = CliRunner().invoke(cli.main, run.split())
    assert made.exit_code == 0, made.output
    pages = {page.stem: words(page.read_bytes()) for page in (tmp_path / "out").glob("*.html")}
    assert "25,0 не более 50,0 52,5 ✓ есть" in pages["s"]
    assert "80,0 не более 50,0 52,5 ✗ больше на 6 чел." in pages["t"]
    assert "Цель — не более 50,0: больше допустимого на 6 чел." in pages["t"]
    assert "87,5 не менее 90,0 87,5 ✗ не хватает 1 чел." in pages["u"]
    assert "Цель — не менее 90,0: до цели не хватает 1 чел." in pages["u"]
