"""No surface says the opposite of what is so: of a target of every kind, missed and met."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from docx import Document
from openpyxl import load_workbook

from engine.console import main as cli
from engine.translation import choose_language
from tests.target_town import AIMS, WORDS, Aim, write_town
from tests.word import W, text_of

LACKING, EXCESS = "не хватает", "больше допустимого"
TITLE = re.compile(
    "|".join(
        (*(aim.title for aim in AIMS), "Обозначения", "Условные обозначения", "Цель не достигнута")
    )
)
"""Where a part of a text about an indicator begins, and where what follows is about all of them."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_town(tmp_path_factory.mktemp("town"))


def run(*arguments: object) -> str:
    choose_language("ru")
    done = CliRunner().invoke(cli.main, [str(one) for one in arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


def report(town: tuple[Path, Path], template: str, goal: Path, *more: str) -> bytes:
    catalogue, data = town
    run(
        "report",
        catalogue,
        "--data",
        data,
        "--year",
        2023,
        "--template",
        template,
        *more,
        "-o",
        goal,
    )
    (path,) = [goal] if goal.is_file() else [one for one in goal.iterdir() if "первая" in one.name]
    return path.read_bytes()


def words_of_html(page: bytes) -> str:
    text = re.sub(r"<(style|script|svg)\b.*?</\1>", " ", page.decode(), flags=re.DOTALL)
    return plain(unescape(re.sub(r"<[^>]+>", " ", text)))


def words_of_docx(page: bytes) -> str:
    body = Document(BytesIO(page)).element.body
    return plain("\n".join(text_of(one) for one in body.iter(f"{W}p")))


def words_of_xlsx(page: bytes, sheet: str) -> str:
    rows = load_workbook(BytesIO(page))[sheet].iter_rows(values_only=True)
    return plain("\n".join(" ".join(str(cell) for cell in row if cell is not None) for row in rows))


def plain(text: str) -> str:
    return " ".join(text.split())


def parts_of(text: str) -> dict[str, list[str]]:
    """Title of an indicator → what stands after it, up to the next title, each time it is named."""
    found: dict[str, list[str]] = {aim.title: [] for aim in AIMS}
    places = [*TITLE.finditer(text)]
    ends = [one.start() for one in places[1:]] + [len(text)]
    for place, end in zip(places, ends, strict=True):
        found.setdefault(place[0], []).append(text[place.end() : end])
    return found


def check_direction(text: str, aims: dict[Aim, str]) -> None:
    """Of each indicator the right words somewhere, and nowhere those of the other way."""
    parts = parts_of(text)
    for aim, says in aims.items():
        said = parts[aim.title]
        assert said, aim
        if says:
            assert any(says in part for part in said), (aim, said)
        for word in (LACKING, EXCESS):
            if word not in says:
                assert not any(word in part for part in said), (aim, said)


def check_target(text: str, aims: tuple[Aim, ...] = AIMS) -> None:
    """Of each indicator its own target in words, and nowhere another's."""
    parts = parts_of(text)
    for aim in aims:
        said = parts[aim.title]
        assert any(aim.target in part for part in said), (aim, said)
        for comparator, words in WORDS.items():
            if comparator != aim.comparator:
                assert not any(word in part for part in said for word in words), (aim, said)


OF_TOWN = {aim: aim.says for aim in AIMS}
OF_SCHOOL = {aim: aim.says_at_school for aim in AIMS if aim.percent and aim.comparator != "between"}


def test_the_town_has_every_kind_of_target() -> None:
    said = [(aim.percent, aim.comparator, aim.says[:8]) for aim in AIMS]
    for percent in (True, False):
        for comparator, ways in (("at_least", 1), ("at_most", 1), ("exactly", 2), ("between", 2)):
            mine = [says for one, other, says in said if (one, other) == (percent, comparator)]
            assert len(mine) == 3
            assert len([one for one in mine if one]) == ways


def test_the_catalogue_is_without_fault(town: tuple[Path, Path]) -> None:
    assert "ошибок нет" in run("check", town[0])


def in_signs(aim: Aim) -> str:
    """The target as a line of the terminal has it: `≥ 82`, `10–20`."""
    signs = (("не менее ", "≥ "), ("не более ", "≤ "), ("ровно ", "= "), ("от ", ""), (" до ", "–"))
    text = aim.target
    for words, sign in signs:
        text = text.replace(words, sign)
    return text


def test_a_table_says_each_target(town: tuple[Path, Path]) -> None:
    shown = run("evaluate", town[0], "--data", town[1], "--year", 2023, "--format", "table")
    for aim in AIMS:
        (line,) = [plain(each) for each in shown.splitlines() if aim.title in each]
        assert re.search(rf"{aim.title} [\d,]+ (%|чел\.) {re.escape(in_signs(aim))} ", line), line
        assert line.startswith("!") is bool(aim.says)
    columns = ("--level", "school", "--place", "s1", "--columns", "title,reference")
    lowest = run(
        *("evaluate", town[0], "--data", town[1], "--year", 2023, "--format", "table", *columns)
    )
    check_target(plain(lowest), tuple(OF_SCHOOL))


@pytest.mark.no_cover
@pytest.mark.parametrize("aim", AIMS, ids=lambda aim: aim.id)
def test_a_proof_says_its_target(town: tuple[Path, Path], aim: Aim) -> None:
    shown = plain(run("explain", town[0], aim.id, "--data", town[1], "--year", 2023))
    unit = "%" if aim.percent else "чел."
    verdict = f"не достигнуто; {aim.says}" if aim.says else "достигнуто"
    assert f"Цель: {aim.target} {unit} — {verdict} Сдали:" in shown


@pytest.mark.no_cover
def test_the_report_says_which_way_a_target_lies(town: tuple[Path, Path], tmp_path: Path) -> None:
    text = words_of_html(report(town, "report.html", tmp_path / "r.html"))
    check_direction(text, OF_TOWN)
    check_target(text)


@pytest.mark.no_cover
@pytest.mark.parametrize("ending", ["html", "md"])
def test_a_summary_says_each_target(town: tuple[Path, Path], tmp_path: Path, ending: str) -> None:
    page = report(town, f"summary.{ending}", tmp_path / f"s.{ending}")
    text = words_of_html(page)
    check_target(text)
    assert LACKING not in text
    assert EXCESS not in text


@pytest.mark.no_cover
def test_the_public_page_says_each_target(town: tuple[Path, Path], tmp_path: Path) -> None:
    text = words_of_html(report(town, "public.html", tmp_path / "p.html"))
    check_target(text)
    assert LACKING not in text


@pytest.mark.no_cover
def test_the_sheet_of_a_school_says_which_way_its_reference_lies(
    town: tuple[Path, Path], tmp_path: Path
) -> None:
    text = words_of_html(report(town, "school.html", tmp_path / "s", "--each", "school"))
    check_direction(text, OF_SCHOOL)
    check_target(text, tuple(OF_SCHOOL))
    word = report(
        *(town, "school.docx", tmp_path / "d"), "--audience", "school", "--each", "school"
    )
    text = words_of_docx(word)
    check_direction(text, OF_SCHOOL)
    check_target(text, tuple(OF_SCHOOL))
    for aim, says in OF_SCHOOL.items():
        count = re.search(r"\d+ \S+$", says)
        gap = (
            f"✗ {'больше на' if EXCESS in says else 'не хватает'} {count[0]}" if count else "✓ есть"
        )
        value = {"low": 40, "mid": 50, "high": 80}[aim.size]
        (cells,) = re.findall(rf"{aim.title} % ({value},0 .*?) (?:Показатель|Цель —)", text)
        assert cells.startswith(f"{value},0 {aim.target} "), aim
        assert cells.endswith(gap), (aim, cells)


@pytest.mark.no_cover
def test_the_note_says_which_way_a_target_lies(town: tuple[Path, Path], tmp_path: Path) -> None:
    text = words_of_docx(report(town, "note.docx", tmp_path / "n.docx"))
    check_direction(text, OF_TOWN)
    check_target(text)


def test_the_tables_of_the_order_say_each_target(town: tuple[Path, Path], tmp_path: Path) -> None:
    check_target(words_of_docx(report(town, "tables.docx", tmp_path / "t.docx")))


@pytest.mark.no_cover
def test_the_workbook_says_which_way_a_target_lies(town: tuple[Path, Path], tmp_path: Path) -> None:
    page = report(town, "book.xlsx", tmp_path / "b.xlsx")
    check_target(words_of_xlsx(page, "Результаты"))
    book = load_workbook(BytesIO(page))
    for sheet, expected in (("Результаты", OF_TOWN), ("По школам", OF_SCHOOL)):
        heads, *rows = book[sheet].iter_rows(values_only=True)
        titles = {aim.title: says for aim, says in expected.items()}
        seen = 0
        for row in rows:
            cells = dict(zip(heads, row, strict=True))
            says = titles.get(str(cells["Показатель"]))
            if says is None:
                continue
            seen += 1
            number = next(iter(re.findall(r"\d+", says)), None)
            assert bool(cells["Не хватает до цели"]) == (LACKING in says), cells
            assert bool(cells["Больше допустимого на"]) == (EXCESS in says), cells
            if number:
                assert int(number) in {cells["Не хватает до цели"], cells["Больше допустимого на"]}
        assert seen >= len(expected)
    check_target(words_of_xlsx(page, "По школам"), tuple(OF_SCHOOL))


@pytest.mark.no_cover
def test_advice_says_which_way_a_target_lies(town: tuple[Path, Path], tmp_path: Path) -> None:
    for template, expected in (("note.docx", OF_TOWN), ("school.docx", OF_SCHOOL)):
        each = ("--each", "school") if template == "school.docx" else ()
        goal = tmp_path / (template if not each else "sheets")
        text = words_of_docx(report(town, template, goal, *each))
        start, end = ("Что сделать", "Показатели,") if each else ("7. Рекомендации", "Исполнитель")
        tips = text[text.index(start) : text.rindex(end)]
        shown = 0
        for aim, says in expected.items():
            value = {"low": "40,0", "mid": "50,0", "high": "80,0"}[aim.size]
            if not aim.percent:
                value = {"low": "80", "mid": "100", "high": "160"}[aim.size]
            tip = f"{aim.title}: {value}, надо {aim.target}; {says}"
            assert says or tip not in tips, aim
            shown += tip in tips
        missed = sum(bool(says) for says in expected.values())
        assert shown == (min(5, missed) if each else missed)
