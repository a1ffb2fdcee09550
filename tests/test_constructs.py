"""The page of constructs: every kind of row that real orders use, each with a piece that is read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.catalogue.load import load

PAGE = Path(__file__).parent.parent / "docs" / "constructs.md"
HEAD = "catalogue: {id: town, title: Город, levels: [school, municipality], years: [2022, 2023, 2024]}\n"
NUMBERS = [
    f"{letter}{number}"
    for letter, last in {"A": 15, "F": 18, "G": 9, "T": 16, "S": 23, "L": 18}.items()
    for number in range(1, last + 1)
]
LEAST = 88
"""How many of the constructs the language must say without a detour."""
WAITING: dict[str, str] = {
    "A9": "limits",
    "A13": "distribution",
    "G8": "where",
    "T10": "base",
    "T11": "base",
    "T12": "degree",
    "T16": "expected",
    "L6": "base",
    "L10": "asked_if",
    "L17": "break",
}
"""Constructs whose piece has a key that the language does not read yet, and the key."""


def read_page() -> dict[str, str]:
    """Number of a construct → what stands under its heading."""
    parts = re.split(r"^### ([A-Z]\d+)\. .+$", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def pieces() -> dict[str, str]:
    """Number of a construct → its piece of a catalogue, where it has one."""
    found = {
        number: re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        for number, text in read_page().items()
    }
    assert [number for number, texts in found.items() if len(texts) > 1] == []
    return {number: texts[0] for number, texts in found.items() if texts}


def read_piece(folder: Path, text: str) -> list[str]:
    """What `check` says of a piece, notes left out; a head is put before it where it has none."""
    if not re.search(r"^catalogue:", text, re.MULTILINE):
        text = HEAD + text
    (folder / "c.yaml").write_text(text, encoding="utf-8")
    _catalogue, problems = load(folder)
    return [f"{each.code}: {each.message}" for each in problems if each.severity != "note"]


def test_the_page_has_every_number_once_and_in_order() -> None:
    headings = re.findall(r"^### ([A-Z]\d+)\. ", PAGE.read_text("utf-8"), re.MULTILINE)
    assert headings == NUMBERS


def test_what_has_no_piece_says_why() -> None:
    without = [number for number in NUMBERS if number not in pieces()]
    texts = read_page()
    assert [one for one in without if not texts[one].strip().startswith("**")] == []
    assert len(pieces()) >= LEAST


@pytest.mark.parametrize("number", [one for one in NUMBERS if one in pieces()])
def test_a_piece_is_read_without_errors_and_warnings(tmp_path: Path, number: str) -> None:
    problems = read_piece(tmp_path, pieces()[number])
    if number in WAITING:
        # Once the language reads the key, the number leaves the table.
        assert any(WAITING[number] in problem for problem in problems)
    else:
        assert problems == []


def test_no_piece_is_a_chain_of_conditions() -> None:
    chains = re.compile(r"\bif\b[^\n]*\belse\b[^\n]*\bif\b")
    assert [number for number, text in pieces().items() if chains.search(text)] == []
