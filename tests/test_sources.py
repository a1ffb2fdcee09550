"""`docs/sources.md` names every unclear place of the two orders, and everything it points at is there.

Out of date after a change of a catalogue? `python scripts/sources.py` mends the line numbers.
"""

from __future__ import annotations

import re
import runpy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "sources.md"
PLACES = {"Б": 47, "М": 27, "О": 6}
"""How many places there are: the order of Berezniki, that of Michurinsk, between the two (О)."""

DECLARED = re.compile(
    r"`(?P<file>definitions/[\w/-]+\.yaml):(?P<line>\d+)` \((?P<name>[\w.]+|«.*»)\)"
)
TESTED = re.compile(r"`(?P<file>tests/[\w/]+\.py)::(?P<name>test_\w+)`")
NOT_HANDLED = re.compile(r"не обрабатывается: \S.{20,}")


@dataclass(frozen=True, slots=True)
class Place:
    number: str
    printed: str
    decided: str
    where: tuple[str, ...]


@cache
def places() -> tuple[Place, ...]:
    rows = [
        line.strip("| \n").split(" | ")
        for line in PAGE.read_text("utf-8").splitlines()
        if re.match(r"\| [БМО]-\d", line)
    ]
    assert [row[0] for row in rows if len(row) != 4] == []
    return tuple(Place(row[0], row[1], row[2], tuple(row[3].split("<br>"))) for row in rows)


def references() -> Iterator[tuple[str, str]]:
    for place in places():
        for reference in place.where:
            yield place.number, reference


@cache
def lines_of(file: str) -> tuple[str, ...]:
    return tuple((ROOT / file).read_text("utf-8").splitlines())


@cache
def mending() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "scripts" / "sources.py"))


def test_every_place_is_there_once_and_in_order() -> None:
    assert [place.number for place in places()] == [
        f"{letter}-{number}" for letter, count in PLACES.items() for number in range(1, count + 1)
    ]


def test_every_place_says_what_is_printed_and_what_was_decided() -> None:
    assert [place.number for place in places() if len(place.printed) < 10] == []
    assert [place.number for place in places() if len(place.decided) < 10] == []


def test_every_reference_is_a_line_or_a_test_or_says_why_not() -> None:
    known = (DECLARED, TESTED, NOT_HANDLED)
    assert [
        (number, reference)
        for number, reference in references()
        if not any(one.fullmatch(reference) for one in known)
    ] == []


def is_declared_on(line: str, name: str) -> bool:
    """Tell whether the line holds the name as a key, as an id or as the name of an example."""
    if name.startswith("«"):
        return line == f'  - name: "{name[1:-1]}"'
    own = re.escape(name.rpartition(".")[2] if not name[0].isdigit() else name)
    whole = re.escape(name)
    return bool(re.fullmatch(rf'\s*(?:{own}|"{whole}"|"{own}"):|  - id: {whole}', line))


def test_every_line_holds_the_very_declaration() -> None:
    found = [DECLARED.fullmatch(reference) for _number, reference in references()]
    declared = [one for one in found if one]
    assert len(declared) > 200
    assert [
        one[0]
        for one in declared
        if not is_declared_on(lines_of(one["file"])[int(one["line"]) - 1], one["name"])
    ] == []


def test_every_test_exists() -> None:
    found = [TESTED.fullmatch(reference) for _number, reference in references()]
    tests = [one for one in found if one]
    assert tests
    assert [
        one[0]
        for one in tests
        if not any(line.startswith(f"def {one['name']}(") for line in lines_of(one["file"]))
    ] == []


@pytest.mark.no_cover
def test_page_is_what_the_script_writes() -> None:
    text = PAGE.read_text("utf-8")
    mend: Callable[[str], str] = mending()["mend_lines"]
    assert mend(text) == text
    assert list(mending()["find_lost"](text)) == []


def test_script_mends_lines_that_moved() -> None:
    text = PAGE.read_text("utf-8")
    mend: Callable[[str], str] = mending()["mend_lines"]
    assert mend(re.sub(r"\.yaml:\d+`", ".yaml:1`", text)) == text


@pytest.mark.parametrize("name", ["lost_thing", "«нет такого примера»"])
def test_script_names_what_is_lost(name: str) -> None:
    reference = f"`definitions/berezniki/plan.yaml:7` ({name})"
    assert list(mending()["find_lost"](reference)) == [f"berezniki/plan.yaml: {name}"]


@pytest.mark.parametrize(
    "file",
    [PAGE, *sorted((ROOT / "definitions").glob("*/*.yaml"))],
    ids=lambda file: file.relative_to(ROOT).as_posix(),
)
def test_nothing_personal(file: Path) -> None:
    """No e-mail, no telephone, no person: the orders name officials, the project does not."""
    text = file.read_text("utf-8")
    assert "@" not in text
    assert re.findall(r"(?:\+7|\b8)[\s(-]+\d{3}", text) == []
    assert re.findall(r"\b\d{2}-\d{2}-\d{2}\b(?!-)", text.replace("04-01-03", "")) == []
    initials = r"\b[А-ЯЁ]\.\s?[А-ЯЁ]\.\s?[А-ЯЁ][а-яё]+|\b[А-ЯЁ][а-яё]+\s[А-ЯЁ]\.\s?[А-ЯЁ]\."
    assert re.findall(initials, text) == []
