"""The pieces of a form: checks as formulas and as words, heights of rows, words of years."""

from __future__ import annotations

import io

import pytest

from engine.catalogue.model import shorten_title
from engine.console import showing
from engine.forms.out.checks import (
    LONGEST,
    ComparedSums,
    SheetCell,
    Trial,
    check_formula,
    check_words,
    quote_for_sheet,
)
from engine.forms.out.looks import count_lines, row_height
from engine.forms.out.sheet_words import added_words, date_words, year_words
from engine.language.readings.excel import nesting
from tests.form_town import fact
from tests.shipped_report import load_shipped


def cell(row: int) -> SheetCell:
    return SheetCell(f"E{row}", fact(f"x_{row}"))


def trials(count: int, words: str) -> list[Trial]:
    return [
        Trial(ComparedSums((cell(row),), "<=", (cell(row + 1),)), f"{words} {row}")
        for row in range(1, count + 1)
    ]


def test_the_first_trial_that_fails_is_told() -> None:
    formula, kept = check_formula(trials(2, "строка"))
    first = "AND(ISNUMBER(E1),ISNUMBER(E2),ROUND(SUM(E1)-SUM(E2),6)>0)"
    assert formula.startswith(f'=IFERROR(IF({first},"строка 1",IF(')
    assert check_words(kept, {fact("x_1"): 1, fact("x_2"): 5, fact("x_3"): 4}) == "строка 2"
    assert check_words(kept, {fact("x_1"): 6, fact("x_2"): 5, fact("x_3"): 4}) == "строка 1"
    assert not check_words(kept, {fact("x_1"): 6})


@pytest.mark.parametrize("words", ["коротко", "очень длинно " * 30])
def test_a_check_stays_within_what_a_cell_takes(words: str) -> None:
    formula, kept = check_formula(trials(200, words))
    assert 3 < len(kept) < 200
    assert len(formula) <= LONGEST
    assert nesting(formula) <= 64


def test_sums_count_cells_that_do_not_apply_as_nothing() -> None:
    test = ComparedSums((cell(1), cell(2)), "==", (cell(3),))
    assert test.fails({fact("x_1"): 1, fact("x_2"): 2, fact("x_3"): 4})
    assert not test.fails({fact("x_1"): 4, fact("x_2"): " Н/П ", fact("x_3"): 4})
    assert not test.fails({fact("x_1"): "н/п", fact("x_2"): "н/п", fact("x_3"): 4})
    assert not test.fails({fact("x_1"): 1, fact("x_3"): 4})


def test_a_text_in_a_formula_is_quoted_in_pieces() -> None:
    assert quote_for_sheet('«да» "нет"') == '"«да» ""нет"""'
    assert quote_for_sheet("а" * 600).count("&") == 2
    assert quote_for_sheet("") == '""'


def test_lines_are_counted_by_the_widths_of_letters() -> None:
    words = "доля обучающихся, зачисленных на обучение по образовательным программам"
    assert count_lines("", 50, 11) == 1
    assert count_lines(words, 50, 11) == 2
    assert count_lines(words, 50, 11, bold=True) >= count_lines(words, 50, 11)
    assert count_lines("Ш" * 40, 20, 11) > count_lines("i" * 40, 20, 11)
    assert count_lines("а\nб", 50, 11) == 2
    assert row_height(2, 11) > row_height(1, 11)


def test_words_of_dates_and_years() -> None:
    assert date_words("2024-01-26") == "26 января 2024 года"
    assert date_words("до Нового года") == "до Нового года"
    assert year_words(2023, "academic_year") == "2023–2024 учебный год"
    assert shorten_title("а" * 40, 32) == "а" * 31 + "…"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_shown_where_somebody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    for stream, seen in ((Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr("sys.stderr", stream)
        with showing.progress(3, "пишутся формы") as told:
            told(3)
        assert ("пишутся формы" in stream.getvalue()) is seen


def test_a_row_that_the_order_does_not_have_says_why_it_is_asked() -> None:
    inputs = load_shipped("berezniki").inputs.values()
    words = {each.id: added_words(each) for each in inputs}
    assert "добавлено: знаменатель показателя 3.4.1" in words.values()
    for each in inputs:
        reason = each.added.partition(": ")[0].rstrip(".").lower()
        assert words[each.id].lower() == (f"добавлено: {reason}" if each.added else "")
