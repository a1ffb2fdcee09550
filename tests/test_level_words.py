"""A catalogue whose lowest level is no school: messages call its places by the level's own word."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from engine.catalogue.load import load
from engine.data.intake import read_data
from engine.problems import fold_problems, show_problem
from engine.reports.passports import make_passport, show_formulas
from engine.translation import choose_language
from tests.surfaces import read_paper, run

CATALOGUE = """\
catalogue: {{id: land, title: Край, region: Край, levels: [{level}, region], years: [2023]}}
inputs:
  pupils: {{title: Обучающиеся, unit: person, level: {level}}}
"""
REGISTER = "{level};title;opened;closed\nkungur;Кунгур;;\nperm;Пермь;2024;\nperm;Пермь;;\nИтого;;;\n;Оса;;\nosa;Оса;2020;2010\nlysva;Лысьва;;давно\n"
FACTS = (
    "{level};year;pupils\nkungur;2023;1\nperm;2023;2\nosa;2023;7\nКунгурр;2023;3\nИтого;2023;9\n"
)


def read(tmp_path: Path, level: str, register: str | None, facts: str) -> str:
    (tmp_path / "land").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "land/c.yaml").write_text(CATALOGUE.format(level=level), encoding="utf-8")
    if register is not None:
        (tmp_path / "data/schools.csv").write_text(register.format(level=level), encoding="utf-8")
    (tmp_path / "data/n.csv").write_text(facts.format(level=level), encoding="utf-8")
    catalogue, problems = load(tmp_path / "land")
    assert catalogue is not None, problems
    _data, found = read_data(catalogue, tmp_path / "data")
    return "\n".join(show_problem(problem) for problem in fold_problems(found))


@pytest.mark.parametrize(
    ("level", "word"), [("municipality", "муниципалитет"), ("college", "college")]
)
def test_no_message_speaks_of_schools(tmp_path: Path, level: str, word: str) -> None:
    text = read(tmp_path, level, REGISTER, FACTS)
    named = text.replace("schools.csv", "").casefold()
    assert "школ" not in named
    assert "school" not in named
    for message in (
        f"{word} «Кунгурр»: в реестре такого названия нет",
        f"{word} «perm» в реестре дважды",
        f"«Итого» — итог, а не {word}: строка реестра не прочитана",
        f"«Итого» — итог, а не {word}: строка пропущена",
        f"в строке нет названия ({word})",
        f"{word}: год закрытия 2010 раньше года открытия 2020",
        f"{word} «perm» в 2023\u00a0году не действует",
        "по строкам 13",
        "«closed»: «давно» — не год; строка не считается",
    ):
        assert message in text, text


def test_without_a_register_the_places_are_those_of_the_facts(tmp_path: Path) -> None:
    text = read(tmp_path, "municipality", None, FACTS)
    assert "места взяты из чисел (муниципалитет)" in text


def test_an_empty_register_of_municipalities(tmp_path: Path) -> None:
    text = read(tmp_path, "municipality", "{level};title\n", "{level};year;pupils\nkungur;2023;1\n")
    assert "в реестре нет ни одной строки (муниципалитет) (из-за этого ещё 1 место:" in text


def test_of_schools_messages_speak_of_schools(tmp_path: Path) -> None:
    text = read(tmp_path, "school", REGISTER, FACTS)
    assert "школы «Кунгурр» нет в реестре" in text
    assert "по школам 13" in text


WORDS = """\
catalogue: {id: land, title: Край, levels: [school, municipality, region], years: [2023]}
inputs:
  pupils: {title: Люди, unit: person}
indicators:
  place: {title: Место, unit: place, formula: "rank(pupil_count, region)", levels: [municipality]}
  pupil_count: {title: Контингент, unit: person, formula: pupils, better: more}
  mean: {title: Среднее, unit: person, formula: "mean_of(municipality, pupils) - at(region, pupils)"}
"""


@pytest.mark.parametrize(
    ("language", "rank", "mean"),
    [
        (
            "ru",
            "[место по показателю «Контингент» в пределах региона]",
            "[среднее по муниципалитетам: «Люди»] − [«Люди» — по региону]",
        ),
        (
            "en",
            "[place by «Контингент» within the region]",
            "[mean over municipalities: «Люди»] − [«Люди» — for the region]",
        ),
    ],
)
def test_formulas_in_words_call_a_level_by_its_word(
    tmp_path: Path, language: str, rank: str, mean: str
) -> None:
    (tmp_path / "c.yaml").write_text(WORDS, encoding="utf-8")
    catalogue, problems = load(tmp_path)
    assert catalogue is not None, problems
    choose_language(language)
    try:
        shown = [show_formulas(make_passport(catalogue, name)) for name in ("place", "mean")]
    finally:
        choose_language("ru")
    quotes = str.maketrans("“”", "«»")
    assert [text.translate(quotes) for texts in shown for text in texts] == [rank, mean]


RANKED = """\
catalogue: {{id: land, title: Свод, levels: [{levels}], years: [2023]}}
inputs:
  pupils: {{title: Люди, unit: person, level: {lowest}}}
indicators:
  pupil_count: {{title: Контингент, unit: person, formula: pupils, better: more}}
  rating: {{title: Место, unit: place, formula: "rank(pupil_count, {highest})", levels: [{lowest}]}}
forms:
  f: {{title: Форма, fills: {lowest}, sections: [{{title: Всё, rows: [{{input: pupils}}, {{indicator: rating}}]}}]}}
"""


@pytest.mark.parametrize(
    ("levels", "who"),
    [
        ("school, municipality", "считает управление"),
        ("kindergarten, municipality", "считает управление"),
        ("school, municipality, region", "считает управление"),
        ("municipality, region", "считает регион"),
        ("district, region", "считает регион"),
        ("region, state", "считает штат"),
        ("region, country", "считается по всем регионам"),
        ("college, union", "считается по всем местам уровня «college»"),
    ],
)
def test_a_form_says_who_computes_by_the_levels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, levels: str, who: str
) -> None:
    monkeypatch.chdir(tmp_path)
    names = levels.split(", ")
    (tmp_path / "land").mkdir()
    text = RANKED.format(levels=levels, lowest=names[0], highest=names[-1])
    (tmp_path / "land/c.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "data").mkdir()
    above = [f"верх{number}" for number in range(1, len(names))]
    rows = "".join(",".join([place, place, *above]) + "\n" for place in ("один", "два"))
    register = ",".join([names[0], "title", *names[1:]]) + "\n" + rows
    (tmp_path / "data/schools.csv").write_text(register, encoding="utf-8")
    facts = f"{names[0]},year,pupils\nодин,2023,1\nдва,2023,2\n"
    (tmp_path / "data/n.csv").write_text(facts, encoding="utf-8")
    of = ("land", "--data", "data", "--year", "2023")
    list(run("form", "land", "f", *of[1:], "-o", "forms"))
    list(run("report", *of, "--template", "report.html", "-o", "report.html"))
    list(run("report", *of, "--template", "book", "-o", "book.xlsx"))
    form, *_others = sorted((tmp_path / "forms").glob("*.xlsx"))
    values = {cell.value for row in openpyxl.load_workbook(form).active.iter_rows() for cell in row}
    assert f'="{who}"' in values
    has_department = who == "считает управление"
    for paper in ("report.html", "book.xlsx"):
        words = " ".join(text for _name, text in read_paper(tmp_path / paper)).casefold()
        assert ("управлен" in words) == has_department, paper
