"""Rows of results and the filters that print them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from engine.catalogue.model import Source
from engine.language.readings.terms import NAMES
from engine.reports import filters
from engine.reports.result_rows import index_rows, read_result_rows
from engine.translation import chosen_language
from engine.typography import nest_quotes, quote
from engine.units import MINUS, NO_BREAK_SPACE, SHIPPED
from tests.small_town import CATALOGUE, frame, rendered, result, row

# --- rows -------------------------------------------------------------------------------------


def test_a_yes_no_of_schools_is_counted_above_them() -> None:
    above = row("open", 2022)
    assert above.value == 12
    assert above.unit is SHIPPED["school"]
    assert filters.unit(above) == "школ"
    (at_school,) = read_result_rows(
        CATALOGUE, frame([result("open", 2022, 1, level="school", type="yes_no")])
    )
    assert at_school.value is True
    assert at_school.unit is None


def test_a_yes_no_given_at_this_level_stays_one() -> None:
    signed = row("copp.signed")
    assert signed.value is True
    assert signed.target is True


def test_an_input_row_is_printed_by_its_type() -> None:
    page, given = read_result_rows(
        CATALOGUE,
        frame(
            [
                result("has_page", 2022, 7, type="number"),
                result("has_page", 2022, 1, level="school", type="yes_no"),
            ]
        ),
    )
    assert filters.value(page) == "7"
    assert filters.value(given) == "да"
    (unknown,) = read_result_rows(CATALOGUE, frame([result("gone", 2022, 3)]))
    assert (unknown.title, filters.value(unknown)) == ("gone", "3")


def test_a_frame_may_hold_lists_and_fewer_columns() -> None:
    few = pl.DataFrame(
        {
            "indicator": ["partners"],
            "level": ["municipality"],
            "place": ["town"],
            "year": [2023],
            "scenario": ["fact"],
            "value": [["a", "b"]],
            "target": [[10.0, 20.0]],
        }
    )
    (found,) = read_result_rows(CATALOGUE, few)
    assert found.value == ("a", "b")
    assert found.target == (10.0, 20.0)
    assert found.title == "показатель partners"
    assert not found.incomplete
    assert filters.verdict(found) == "—"
    (text,) = read_result_rows(
        CATALOGUE, few.with_columns(value=pl.lit(None), text=pl.lit("да нет"))
    )
    assert text.value == ("да нет",)


# --- filters ----------------------------------------------------------------------------------


def test_numbers() -> None:
    assert filters.number(1234.5, 1) == "1\u00a0234,5"
    assert filters.number(None) == "—"
    assert filters.percent(12.5) == "12,5\u00a0%"
    assert filters.percent(None) == "—"
    assert filters.signed(1.5, 1) == "+1,5"
    assert filters.signed(-0.1, 1) == f"{MINUS}0,1"
    assert filters.signed(0.0, 1) == "0,0"
    assert filters.signed(None) == "—"
    assert filters.plural(5, "школа", "школы", "школ") == "школ"


def test_dates_and_years() -> None:
    assert filters.date("2023-12-29").startswith("29\u00a0декабря\u00a02023")
    assert filters.date(date(2023, 9, 1)).startswith("1\u00a0сентября")
    assert filters.date("осень 2023") == "осень 2023"
    assert filters.date("") == ""
    assert filters.year(2023) == "2023 год"
    assert filters.year(2023, "academic_year") == "2023–2024 учебный год"


def test_years_of_a_report_are_printed_as_the_catalogue_prints_one() -> None:
    assert filters.years((2022, 2023, 2024)) == "2022, 2023, 2024 годы"
    assert filters.years((2023,)) == "2023 год"
    academic = filters.years((2021, 2022), "academic_year")
    assert academic == "2021–2022, 2022–2023 учебные годы"
    assert filters.years((2021,), "academic_year") == "2021–2022 учебный год"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Приказ управления «О плане»", "Приказ управления от 2 мая 2023 г. № 250 «О плане»"),
        (
            "Приказ «О плане «Города» и «Сада»»",
            "Приказ от 2 мая 2023 г. № 250 «О плане „Города“ и „Сада“»",
        ),
        ("План «Города» на год", "План «Города» на год от 2 мая 2023 г. № 250"),
        ("«Города» и «Сада»", "«Города» и «Сада» от 2 мая 2023 г. № 250"),
        ("", "от 2 мая 2023 г. № 250"),
    ],
)
def test_an_order_is_told_in_one_sentence(title: str, expected: str) -> None:
    told = filters.basis(Source(title, "250", "2023-05-02"))
    assert told.replace(NO_BREAK_SPACE, " ") == expected
    assert filters.basis(Source("Приказ «О плане»")) == "Приказ «О плане»"


def test_quotes_within_quotes_differ() -> None:
    assert quote("Школа «Лес»") == "«Школа „Лес“»"
    assert nest_quotes("«А «Б» «В» » «Г»") == "«А „Б“ „В“ » «Г»"
    assert nest_quotes("А» «Б»") == "А» «Б»"


def test_a_verdict_on_incomplete_data_is_preliminary() -> None:
    coverage = f"17{NO_BREAK_SPACE}из{NO_BREAK_SPACE}18"
    assert filters.verdict(row()) == f"не достигнуто (предварительно, {coverage})"
    assert filters.verdict(row(year=2022)) == "достигнуто"
    assert filters.preliminary(row(year=2022)) == ""
    assert filters.coverage(row()) == coverage
    assert filters.coverage(row(reported=None)) == ""
    assert filters.coverage(row(reported=0, expected=0)) == ""
    assert filters.verdict(None) == "—"
    assert filters.status_words("in_progress") == "период не закончился"
    assert [filters.sign(each) for each in (row(), row(year=2022), row("spread"), None)] == list(
        "✗✓––"
    )


def test_targets_in_words() -> None:
    assert filters.target(row()) == "не\u00a0менее 82,0"
    assert filters.target(row(comparator="at_most")) == "не\u00a0более 82,0"
    assert filters.target(row(comparator="exactly")) == "ровно 82,0"
    assert filters.target(row(comparator="none")) == "82,0"
    assert filters.target(row(target=(10.0, 20.0))) == "от 10,0 до 20,0"
    between = result("spread", 2022, 5, target=1, target_to=7.5, comparator="between")
    (found,) = read_result_rows(CATALOGUE, frame([between]))
    assert found.target == (1.0, 7.5)
    assert filters.target(row("copp.signed")) == "да"
    assert filters.target(row("spread")) == "—"


@pytest.mark.parametrize("code", NAMES.values())
def test_every_reason_has_words(code: str) -> None:
    assert filters.reason(code) != code
    assert filters.value(row("spread", reason=code)) == filters.reason(code)


def test_what_is_not_counted_at_a_level_is_not_called_a_missing_level() -> None:
    """An input that does not roll up has no value above the schools, though there are levels above."""
    assert filters.reason("no_such_level") == "на этом уровне не считается"


def test_words_for_the_rest() -> None:
    assert filters.value(None) == "—"
    assert filters.value(row("partners", 2022)).startswith("ООО «Пример» (Школа № 2); ")
    assert filters.value(row("copp.signed", value=False)) == "нет"
    assert filters.reason(None) == "—"
    assert filters.trend(row(trend="better")) == "лучше"
    assert filters.trend(row()) == ""
    assert filters.unit(None) == ""
    assert filters.group_code(CATALOGUE.groups["4.2"]) == "4.2"
    assert filters.group_code(CATALOGUE.groups["plan.1"]) == ""


def test_a_text_in_a_style_sheet_cannot_end_it() -> None:
    assert filters.css('а"</style>\n1') == r"а\22 \3c \2f style\3e \a 1"


def test_words_follow_the_language_of_the_catalogue(tmp_path: Path) -> None:
    mine = tmp_path / "mine.txt.j2"
    mine.write_text("{{ rows[1]|verdict }}; {{ rows[1]|value }}; {{ 7.5|percent }}", "utf-8")
    english = replace(CATALOGUE, language="en")
    text = rendered(str(mine), english)
    assert text == "not reached (preliminary, 17\u00a0of\u00a018); 81.9; 7.5%"
    assert chosen_language() == "ru"


def test_rows_are_chosen_by_place_in_the_order_of_the_results() -> None:
    rows = index_rows(read_result_rows(CATALOGUE, frame()))
    places = dict.fromkeys((row.level, row.place) for row in rows.rows)
    some = [place for at, place in enumerate(places) if at % 2 == 0]
    assert 0 < len(some) < len(places)
    chosen = rows.choose([*reversed(some), ("school", "of no register")])
    assert chosen.rows == tuple(row for row in rows.rows if (row.level, row.place) in some)
    assert all(chosen.by_key[row.key] is row for row in chosen.rows)
    assert len(chosen.by_key) == len(chosen.rows)
    for level, place in some:
        assert {row.place_title for row in chosen.rows if row.place == place} == {
            chosen.titles(level)[place]
        }
