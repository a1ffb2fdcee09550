"""How people write a number, a yes or a date: the table of cases, read one by one and in columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from engine.catalogue.answer_words import (
    CROSSED,
    NOT_APPLICABLE_WORDS,
    NOT_FILLED_WORDS,
    SHEET_ERRORS,
)
from engine.catalogue.model import Input, InputKind
from engine.data.cells import (
    DTYPES,
    ReadCell,
    describe_expected,
    parse_number,
    read_cell,
)
from engine.data.frame_names import NOT_APPLICABLE, NOT_READABLE
from engine.data.typed_columns import read_text_columns
from engine.translation import choose_language
from engine.units import SHIPPED

CASES: dict[str, list[list[Any]]] = yaml.safe_load(
    (Path(__file__).parent / "cases/data/cells.yaml").read_text(encoding="utf-8")
)
CODES = {
    *("unreadable-cell", "negative-count", "fractional-count", "excel-error", "unknown-option"),
    *("dash-in-number", "no-in-number", "date-in-number", "too-large-number"),
}
KINDS: dict[str, tuple[InputKind, str | None]] = {
    "count": ("count", "person"),
    "number": ("number", "rouble"),
    "percent": ("number", "percent"),
    "yes_no": ("yes_no", None),
    "choice": ("choice", None),
    "text": ("text", None),
    "date": ("date", None),
    "link": ("link", None),
}


def make_input(name: str) -> Input:
    kind, unit = KINDS[name]
    options = {"day": "очная", "evening": "вечерняя"} if kind == "choice" else {}
    return Input(
        name, name, kind, SHIPPED[unit] if unit else None, "school", "sum", options=options
    )


def expected_reading(name: str, said: object) -> ReadCell:
    if said == "not_filled":
        return ReadCell()
    if said == "not_applicable":
        return ReadCell(state=NOT_APPLICABLE)
    if said in CODES:
        return ReadCell(state=NOT_READABLE, code=str(said))
    outside = name == "percent" and isinstance(said, float) and not 0 <= said <= 100
    return ReadCell(said, code="outside-percent" if outside else "")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [(name, text, said) for name, cases in CASES.items() for text, said in cases],
)
def test_cell(name: str, text: str, said: object) -> None:
    assert read_cell(make_input(name), text) == expected_reading(name, said)


@pytest.mark.parametrize("name", CASES)
def test_column_agrees_with_its_cells(name: str) -> None:
    asked = make_input(name)
    texts = [None, *(text for text, _said in CASES[name])]
    read = read_text_columns(
        {"one": asked}, pl.DataFrame({"one": pl.Series(texts, dtype=pl.String)})
    )
    readings = [ReadCell() if text is None else read_cell(asked, text) for text in texts]
    assert read.values["one"].dtype == DTYPES[asked.type]
    assert read.values["one"].to_list() == [reading.value for reading in readings]
    states = [reading.state or None for reading in readings]
    told = read.states["one"].to_list() if read.states.width else [None] * len(texts)
    assert told == states
    assert read.odd.get("one", set()) == {state for state in states if state}
    codes = zip(texts, readings, strict=True)
    wrong = {text: reading.code for text, reading in codes if reading.code}
    assert read.wrong.get("one", {}) == wrong


def test_columns_read_together_are_those_read_alone() -> None:
    texts = {
        f"{name}_{number}": [text for text, _said in CASES[name]][number::3]
        for name in CASES
        for number in range(3)
    }
    height = max(map(len, texts.values()))
    asked = {name: make_input(name.rpartition("_")[0]) for name in texts}
    frame = pl.DataFrame(
        {
            name: pl.Series(some).extend_constant(None, height - len(some))
            for name, some in texts.items()
        }
    )
    together = read_text_columns(asked, frame)
    for name in texts:
        alone = read_text_columns(asked, frame.select(name))
        assert together.values[name].equals(alone.values[name])
        assert together.odd.get(name) == alone.odd.get(name)
        assert together.wrong.get(name) == alone.wrong.get(name)
        if name in alone.states:
            assert together.states[name].equals(alone.states[name])


def test_plain_numbers_are_read_without_python(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_asked: Input, _text: str) -> ReadCell:
        raise AssertionError

    monkeypatch.setattr("engine.data.typed_columns.read_cell", refuse)
    asked = {name: make_input(name) for name in ("count", "number")}
    read = read_text_columns(
        asked, pl.DataFrame(dict.fromkeys(asked, pl.Series(["1", None, "20"])))
    )
    assert read.values.to_dict(as_series=False) == {name: [1, None, 20] for name in asked}
    assert (read.states.width, read.odd, read.wrong) == (0, {}, {})


def test_number_of_any_writing() -> None:
    assert parse_number("1 234,5") == 1234.5
    assert isinstance(parse_number("5.000"), int)
    assert parse_number("") is None
    assert parse_number("e5") is None


def test_no_word_for_an_empty_cell_is_of_digits() -> None:
    """A text of digits is read as a number before words are looked up."""
    words = NOT_APPLICABLE_WORDS | NOT_FILLED_WORDS | CROSSED | SHEET_ERRORS
    assert words
    assert not any(word.isdigit() for word in words)


@pytest.mark.parametrize("name", [name for name in KINDS if name != "text"])
def test_every_kind_says_what_it_expects(name: str) -> None:
    choose_language("en")
    try:
        assert describe_expected(make_input(name)).startswith("expected ")
    finally:
        choose_language("ru")
