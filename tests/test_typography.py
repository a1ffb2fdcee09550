"""How texts are set, and that every surface sets them so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from engine.catalogue.load import find_definitions
from engine.typography import close_quotes, nest_quotes, quote, set_type
from tests.surfaces import run, walk_forms, walk_surfaces
from tests.target_town import TOWN, write_town
from tests.two_towns import write_towns

_YEAR = r"(?:19|20)\d\d"
_MISTAKES = {
    "a space before %": re.compile(r"(?<=[^\s|]) %(?!})"),
    "a space after №": re.compile(r"№ (?=\w)"),
    "a hyphen between years": re.compile(rf"(?<![\d.\-–/])(?<!№.){_YEAR}-{_YEAR}(?![\d\-/])"),
    "a unit twice": re.compile(r"%[,\s]*%|(чел\.|руб\.|ед\.)[,\s]*\1"),
    "a space before a unit": re.compile(r"\d (?:чел\.|руб\.|тыс\.|млн|ед\.|балл|школ|класс)"),
    "« within «": re.compile("«[^»]*«"),
}
# Names of files stay as they are; the order does not close the quote before this name.
_AS_IT_IS = re.compile(r"\.(?:xlsx|csv|docx|html|yaml)\b|«Абилимпикс(?!»)")


def find_mistakes(where: str, text: str) -> Iterator[str]:
    """What is set wrongly in a text. Of a table a line is no whole text: its quotes may be cut."""
    if _AS_IT_IS.search(text):
        return
    yield from (name for name, mistake in _MISTAKES.items() if mistake.search(text))
    if "--long" not in where and text.count("«") > text.count("»"):
        yield "« without »"


def list_mistakes(texts: Iterable[tuple[str, str]], least: int) -> list[tuple[str, str, str]]:
    """The mistakes of texts, of which there are so many at least."""
    known = dict.fromkeys(texts)
    assert len(known) > least
    return [
        (mistake, where, text) for where, text in known for mistake in find_mistakes(where, text)
    ]


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("Школа № 5", "Школа №~5"),
        ("12 % и 3 %.", "12~% и 3~%."),
        ("5-11 классы, 9 классах, 1 234 чел.", "5-11~классы, 9~классах, 1 234~чел."),
        ("Доля, %", "Доля,~%"),
        ("{% if x %}", "{% if x %}"),
        ("А. С. Пушкин", "А.~С.~Пушкин"),
        ("на 2022-2023 учебный год", "на 2022–2023~учебный год"),
        ("№ 2022-2023 от 2023-12-29", "№~2022-2023 от 2023-12-29"),
        ("«Школьный технопарк «Кванториум»»", "«Школьный технопарк „Кванториум“»"),
        ("«Школьный технопарк «Кванториум»: всего", "«Школьный технопарк „Кванториум“»: всего"),
        ("«А» и «Б «В» Г»", "«А» и «Б „В“ Г»"),
        ("в файле «МАОУ «СОШ № 1».xlsx» и № 2", "в файле «МАОУ «СОШ № 1».xlsx» и №~2"),
        ("«не закрыта № 3", "«не закрыта №~3"),
        ("students_5_11 % 2", "students_5_11~% 2"),
        ("", ""),
    ],
)
def test_a_text_is_set(written: str, printed: str) -> None:
    assert set_type(written) == printed.replace("~", "\u00a0")
    assert set_type(set_type(written)) == set_type(written)


def test_a_title_with_quotes_is_quoted() -> None:
    assert quote("Технопарк «Кванториум»") == "«Технопарк „Кванториум“»"
    assert quote("«Технопарк «Кванториум»") == "«„Технопарк „Кванториум““»"
    assert nest_quotes("«А «Б»»") == "«А „Б“»"
    assert close_quotes("«А» «Б") == "«А» «Б"


class Demo(NamedTuple):
    """A catalogue that ships, a year of its data, its forms, and numbers to explain."""

    name: str
    year: int
    forms: tuple[str, ...]
    indicators: tuple[str, ...]


_DEMOS = (
    Demo(
        "berezniki",
        2023,
        ("plan_report", "indicator_report", "department"),
        ("diagnosed_share", "career_day.schools", "4.14"),
    ),
    # A number that several lines of the order have is refused, with their titles.
    Demo("michurinsk", 2022, ("monitoring",), ("3.", "guidance_page")),
)


@pytest.mark.no_cover
@pytest.mark.parametrize("demo", _DEMOS, ids=[demo.name for demo in _DEMOS])
def test_every_surface_of_a_demo_is_set(
    demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    texts = [*run("demo", demo.name, ".")]
    texts += walk_surfaces(demo.name, "data", demo.year, demo.indicators)
    texts += walk_forms(demo.name, demo.forms, "data", demo.year + 1)
    texts += run("diff", demo.name, str(find_definitions() / demo.name))
    assert not list_mistakes(texts, 3_000)


@pytest.mark.no_cover
def test_every_surface_of_towns_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A town with targets of every kind, and two towns in one catalogue."""
    monkeypatch.chdir(tmp_path)
    for write, indicators in ((write_town, ("i05", "i10")), (write_towns, ("coverage",))):
        folder = tmp_path / write.__name__
        folder.mkdir()
        catalogue, data = map(str, write(folder))
        monkeypatch.chdir(folder)
        texts = [*walk_surfaces(catalogue, data, 2023, indicators)]
        assert not list_mistakes(texts, 200)
    assert TOWN not in "".join(text for _where, text in texts)


@pytest.mark.no_cover
def test_a_folder_without_data_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "schools.csv").write_text("school;title\n", "utf-8")
    texts = [*walk_surfaces("berezniki", "data", 2023, ("diagnosed_share",))]
    assert not list_mistakes(texts, 10)
    said = [text.strip() for where, text in texts if where.startswith("evaluate")]
    assert "добавьте столбец с таким заголовком" in said
    assert "впишите их, каждую в свою строку" in said
