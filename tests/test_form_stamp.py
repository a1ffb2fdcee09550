"""The stamp and the codes of a form."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.forms.stamp import (
    MARK,
    Stamp,
    column_code,
    read_column_code,
    read_row_code,
    read_stamp,
    row_code,
)

_TEXT = st.text(st.characters(exclude_categories=["Cs"]))
_ON_A_BUSY_MACHINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@_ON_A_BUSY_MACHINE
@given(_TEXT, _TEXT, _TEXT, _TEXT, st.integers(1950, 2200))
def test_any_stamp_comes_back(
    catalogue: str, version: str, form: str, place: str, year: int
) -> None:
    stamp = Stamp(catalogue, version, form, place, year)
    assert read_stamp(stamp.text()) == stamp
    assert stamp.text().startswith(MARK)


@_ON_A_BUSY_MACHINE
@given(_TEXT, st.integers(-9, 9))
def test_any_row_code_comes_back(input_id: str, shift: int) -> None:
    assert read_row_code(row_code(input_id, shift)) == (input_id, shift)


@pytest.mark.parametrize("scenario", ["fact", "forecast"])
def test_column_code_comes_back(scenario: str) -> None:
    code = column_code(2023, scenario)  # type: ignore[arg-type]
    assert read_column_code(code) == (2023, scenario)
    assert read_column_code(f"  {code} ") == (2023, scenario)


def test_codes_are_not_taken_for_each_other() -> None:
    stamp = Stamp("x", "1", "f", "p", 2023).text()
    row, column = row_code("p", 0), column_code(2023, "fact")
    assert [read_row_code(stamp), read_column_code(stamp)] == [None, None]
    assert [read_stamp(row), read_column_code(row)] == [None, None]
    assert [read_stamp(column), read_row_code(column)] == [None, None]


@_ON_A_BUSY_MACHINE
@given(st.data())
def test_damaged_code_is_none(data: st.DataObject) -> None:
    """One sign replaced by another: it is not read as a code."""
    code = row_code("students_8")
    place = data.draw(st.integers(len(MARK), len(code) - 1))
    sign = data.draw(st.sampled_from("abcxyz0123456789_;.").filter(lambda one: one != code[place]))
    damaged = code[:place] + sign + code[place + 1 :]
    assert read_row_code(damaged) is None


def test_code_that_was_dragged_down_is_none() -> None:
    dragged = row_code("students_8").replace("students_8", "students_9")
    assert read_row_code(dragged) is None


@pytest.mark.parametrize("text", ["", "12", "н/п", "students_8", "pokazatel", "pokazatel:row:1;"])
def test_what_people_write_is_no_code(text: str) -> None:
    assert read_stamp(text) is None
    assert read_row_code(text) is None
    assert read_column_code(text) is None
