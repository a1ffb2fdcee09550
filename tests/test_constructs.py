"""The page of constructs: every kind of row that real orders use, each with a piece that is read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.catalogue.load import load
from engine.data import read_data
from engine.evaluation.asking import Asking
from engine.evaluation.evaluate import compute_results

PAGE = Path(__file__).parent.parent / "docs" / "constructs.md"
HEAD = "catalogue: {id: town, title: Город, levels: [school, municipality], years: [2022, 2023, 2024]}\n"
NUMBERS = [
    f"{letter}{number}"
    for letter, last in {"A": 15, "F": 18, "G": 9, "T": 16, "S": 23, "L": 18}.items()
    for number in range(1, last + 1)
]
LEAST = 88
"""How many of the constructs the language must say without a detour."""


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


@pytest.mark.no_cover
@pytest.mark.parametrize("number", [one for one in NUMBERS if one in pieces()])
def test_a_piece_is_read_without_errors_and_warnings(tmp_path: Path, number: str) -> None:
    problems = read_piece(tmp_path, pieces()[number])
    assert problems == []


def test_no_piece_is_a_chain_of_conditions() -> None:
    chains = re.compile(r"\bif\b[^\n]*\belse\b[^\n]*\bif\b")
    assert [number for number, text in pieces().items() if chains.search(text)] == []


VALUES = [
    ("A10", "one,two,three\na,да,да,да\nb,да,нет,да", {"checklist": {"a": 10, "b": 6}}),
    ("F8", "pupils,teachers,classes,circles\na,1500,100,60,3", {"per_thousand": {"a": 2}}),
    (
        "F12",
        "covered.girls,pupils.girls,covered.boys,pupils.boys\na,50,100,40,100\nb,40,100,50,100",
        {"parity_adjusted": {"a": 1.2, "b": 0.8}},  # 2 - 1/1.25
    ),
    ("F13", "mean_score\na,50\nb,60\nc,90", {"tenths": {"town": 1.8}}),
    ("F16", "high,good,mean_score\na,3,5,70", {"graduates_points": {"a": 5.5}}),
    ("F17", "pupils,one,two\na,100,30,50", {"mean_share": {"a": 40}}),
    (
        "G2",
        "pupils,covered\na,100,50\nb,10,10",
        {"covered_mean": {"town": 75}},
    ),
    ("S3", "pupils,covered\na,1000,204\nb,1000,206", {"covered_share": {"a": 20.4, "b": 20.6}}),
    (
        "S6",
        "municipal,regional,left\na,5,2,3",
        {"winners_points": {"a": 50}, "left_points": {"a": -3}},
    ),
    (
        "S16",
        "one,two,three\na,4,2,",
        {"moved": {"a": 3.4}, "rescaled": {"a": 3.3}, "strict": {"a": None}},
    ),
    ("S18", "one,two,three\na,15,9,4", {"total_points": {"a": 24}}),
    ("S20", "models,plan,site\na,одна,другое,да", {"profile_points": {"a": 1}}),
    ("S21", "days\na,18\nb,40\nc,3", {"days_points": {"a": 80, "b": 0, "c": 100}}),
    ("S23", "one,two,three\na,5,6,1\nb,5,4,1", {"certified": {"a": 12, "b": None}}),
    ("L13", "pupils,covered\na,9,3\nb,10,3", {"covered_share": {"a": None, "b": 30}}),
]
"""Pieces with numbers, worked out by hand: number, facts of 2024 by school, indicator → place → value."""
CLASSES = [
    ("A10", "one,two,three\na,да,да,да\nb,да,нет,да", "positions", {"a": "all", "b": "some"}),
    ("S3", "pupils,covered\na,1000,204\nb,1000,206", "covered_share", {"a": "low", "b": "middle"}),
    ("S19", "one,two,three\na,3,3,2.8\nb,3,2.8,3", "rating", {"a": "c", "b": "d"}),
    (
        "S22",
        "pupils,covered\na,100,55\nb,100,50\nc,100,45",
        "covered_share",
        {"a": "above", "b": "near", "c": "below"},
    ),
]


def evaluate_piece(
    folder: Path, number: str, facts: str, name: str
) -> dict[str, dict[str, object]]:
    """The rows of one indicator of a piece in 2024, by place."""
    assert read_piece(folder, pieces()[number]) == []
    catalogue, _problems = load(folder)
    assert catalogue is not None
    (folder / "data").mkdir(exist_ok=True)
    head, *lines = facts.splitlines()
    rows = [f"school,year,{head}", *(line.replace(",", ",2024,", 1) for line in lines)]
    (folder / "data" / "facts.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    schools = sorted({line.partition(",")[0] for line in lines})
    (folder / "data" / "schools.csv").write_text("\n".join(["school", *schools]), encoding="utf-8")
    data, problems = read_data(catalogue, folder / "data")
    assert [each for each in problems if each.severity == "error"] == []
    frame = compute_results(catalogue, data, Asking(years=(2024,), indicators=(name,))).frame
    return {row["place"]: row for row in frame.iter_rows(named=True)}


@pytest.mark.no_cover
@pytest.mark.parametrize(("number", "facts", "expected"), VALUES, ids=[case[0] for case in VALUES])
def test_a_piece_gives_what_is_worked_out_by_hand(
    tmp_path: Path, number: str, facts: str, expected: dict[str, dict[str, float | None]]
) -> None:
    for name, values in expected.items():
        rows = evaluate_piece(tmp_path, number, facts, name)
        assert {place: rows[place]["value"] for place in values} == values


@pytest.mark.parametrize(
    ("number", "facts", "name", "classes"), CLASSES, ids=[case[0] for case in CLASSES]
)
def test_a_piece_gives_its_classes(
    tmp_path: Path, number: str, facts: str, name: str, classes: dict[str, str]
) -> None:
    rows = evaluate_piece(tmp_path, number, facts, name)
    assert {place: rows[place]["class"] for place in classes} == classes
