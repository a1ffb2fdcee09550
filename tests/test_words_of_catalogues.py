"""What is made of a catalogue for others is in its language, and calls its places what they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from engine.catalogue.level_words import WordForm, count_of, name_level, word_of_level
from engine.catalogue.load import find_definitions
from engine.reports import filters
from engine.reports.template_phrases import translate_phrases
from engine.translation import chosen_language, use_language
from tests.surfaces import read_paper, run, walk_forms, walk_surfaces

_RUSSIAN = re.compile("[А-Яа-яЁё№«»]")
_SCHOOL = re.compile("школ", re.IGNORECASE)
_ANSWERS = ("many", 1_000_000, "12 %", 7, None, "n/a", -3)
_INDICATORS = {
    "absence": ("rate", "rate_change", "colour", "districts.red"),
    "efficiency": ("overall", "overall_place", "overall_mean", "extra_index"),
}


def read_lines(folder: Path) -> Iterator[tuple[str, str]]:
    """The lines of the files of open data."""
    for path in sorted(folder.iterdir()):
        yield from ((path.name, line) for line in path.read_text("utf-8").splitlines())


def walk_everything(name: str, form: str, year: int, lowest: str) -> list[tuple[str, str]]:
    """Every text of a demo: terminal, proofs, papers, open data, forms that go out and come back."""
    texts = [*run("demo", name, ".")]
    texts += walk_surfaces(name, "data", year, _INDICATORS[name], lowest)
    texts += walk_forms(name, (form,), "data", year, _ANSWERS)
    of_year = (name, "--data", "data", "--year", str(year))
    texts += run("report", *of_year, "--template", "opendata", "-o", "open")
    texts += read_lines(Path("open"))
    texts += run("evaluate", *of_year, "-o", "values.xlsx")
    texts += read_paper(Path("values.xlsx"))
    return texts


def find_texts(texts: Iterable[tuple[str, str]], wanted: re.Pattern[str]) -> list[tuple[str, str]]:
    return [(where, text) for where, text in texts if wanted.search(text)]


@pytest.mark.no_cover
def test_everything_about_an_english_catalogue_is_english_to_an_english_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POKAZATEL_LANG", "en")
    texts = walk_everything("absence", "absence", 2023, "district")
    texts = [text for text in texts if text[0] != "list"]
    assert len(texts) > 3_000
    assert find_texts(texts, _RUSSIAN) == []


def test_papers_are_in_the_language_of_the_catalogue_whoever_makes_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    list(run("demo", "absence", "."))
    data = ("absence", "--data", "data", "--year", "2023")
    printed = [*run("report", *data, "--template", "summary.html", "-o", "summary.html")]
    printed += run("form", "absence", "absence", *data[1:], "-o", "forms")
    papers = [Path("summary.html"), *sorted(Path("forms").iterdir())[:1]]
    texts = [text for paper in papers for text in read_paper(paper)]
    assert find_texts(printed, _RUSSIAN)
    assert len(texts) > 50
    assert find_texts(texts, _RUSSIAN) == []


@pytest.mark.no_cover
def test_no_school_is_named_where_municipalities_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    texts = walk_everything("efficiency", "values", 2024, "municipality")
    own = (find_definitions() / "efficiency").glob("*.yaml")
    written = " ".join(" ".join(path.read_text("utf-8").split()) for path in own)
    others = [
        (where, text)
        for where, text in find_texts(texts, _SCHOOL)
        # What the catalogue says itself, the other catalogues that ship, names of files.
        if text.strip() not in written
        and where != "list"
        and not ("interpretation" in text or "Школ в ней нет" in text)
    ]
    assert len(texts) > 3_000
    assert others == []


FORMS: tuple[tuple[str, WordForm, str, str], ...] = (
    ("school", "to_many", "школам", "schools"),
    ("municipality", "of_many", "муниципалитетов", "municipalities"),
    ("district", "one", "район", "district"),
    ("region", "many", "регионы", "regions"),
    ("kindergarten", "to_one", "детскому саду", "kindergarten"),
    ("school", "of_each", "каждой школы", "each school"),
    ("municipality", "to_each", "каждому муниципалитету", "each municipality"),
    ("state", "of_many", "штатов", "states"),
    ("county", "to_many", "местам", "places"),
)


@pytest.mark.parametrize(("level", "form", "russian", "english"), FORMS)
def test_the_word_for_places(level: str, form: WordForm, russian: str, english: str) -> None:
    assert word_of_level(level, form) == russian
    with use_language("en"):
        assert word_of_level(level, form) == english


@pytest.mark.parametrize(
    ("level", "count", "russian", "english"),
    [
        ("school", 1, "{some} из {count} школы", "{some} of {count} school"),
        ("school", 21, "{some} из {count} школы", "{some} of {count} schools"),
        ("district", 5, "{some} из {count} районов", "{some} of {count} districts"),
    ],
)
def test_so_many_of_places(level: str, count: int, russian: str, english: str) -> None:
    assert count_of(level, count) == russian
    with use_language("en"):
        assert count_of(level, count) == english


def test_a_level_without_a_word_is_called_by_its_id() -> None:
    assert [name_level("county"), name_level("kindergarten")] == ["county", "детский сад"]


def test_the_language_of_a_catalogue_holds_while_it_is_used() -> None:
    with use_language("en"):
        assert chosen_language() == "en"
        with use_language("de"):
            assert chosen_language() == "en"  # one that is not spoken changes nothing
    assert chosen_language() == "ru"


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ('<th scope="col">Показатель</th>', '<th scope="col">Indicator</th>'),
        ("  достигнуто из&nbsp;", "  reached of&nbsp;"),
        ('content: "стр. " counter(page) " из "', 'content: "page " counter(page) " of "'),
        ('<w:pStyle w:val="Примечание"/>', '<w:pStyle w:val="Примечание"/>'),
        ("Чего в словаре нет", "Чего в словаре нет"),
        ("«", "“"),
    ],
)
def test_phrases_of_templates(text: str, english: str) -> None:
    assert translate_phrases(text) == text
    with use_language("en"):
        assert translate_phrases(text) == english


def test_a_plural_of_a_template_in_english() -> None:
    forms = ("вопрос", "вопроса", "вопросов")
    assert filters.plural(21, *forms) == "вопрос"
    with use_language("en"):
        shown = [filters.plural(count, "question", "question", "questions") for count in (1, 2, 21)]
    assert shown == ["question", "questions", "questions"]
