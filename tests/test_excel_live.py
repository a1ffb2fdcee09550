"""Live formulas apart from any office: their pieces, what is known beforehand, what is too long."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from engine.catalogue.model import Form, FormRow, FormSection, Indicator
from engine.forms.layout import lay_out_form
from engine.forms.out.live import LiveFormulas
from engine.forms.out.outside import FormPlace, KnownValue
from engine.language.readings import excel as sheet
from tests.oracle.drawing import parse
from tests.test_oracle import sample

if TYPE_CHECKING:
    from engine.catalogue.model import Catalogue


def live_of(*formulas: str, **settings: Any) -> tuple[Catalogue, LiveFormulas]:
    """Indicators i0, i1… of the sample in a form of schools that asks two of its inputs."""
    indicators = {
        f"i{number}": Indicator(
            f"i{number}", "title", "number", None, ((None, parse(text)),), 1, **settings
        )
        for number, text in enumerate(formulas)
    }
    plain = sample()
    symbols = {**plain.symbols, **indicators}
    catalogue = replace(plain, indicators=indicators, symbols=symbols, checks={}, examples=())
    rows = (FormRow(cells=("a", "b")), *(FormRow(indicator=name) for name in indicators))
    form = Form("form", "form", "school", (FormSection("section", rows),))
    return catalogue, LiveFormulas(catalogue, lay_out_form(catalogue, form, 2023))


def place_with(live: LiveFormulas, value: float | None) -> FormPlace:
    """A place of which everything outside is known to be one number."""
    return FormPlace("s1", "school", dict.fromkeys(live.outside(), KnownValue(value)))


def test_one_formula_serves_all_places_of_which_the_same_is_known() -> None:
    catalogue, live = live_of("a / previous(w)")
    indicator = catalogue.indicators["i0"]
    first, second = place_with(live, 12.0), place_with(live, 0.5)
    one, two = (live.template(indicator, 2023, "fact", place) for place in (first, second))
    assert one == two
    assert "/12)" in live.formula(indicator, 2023, "fact", first)
    assert "/0.5)" in live.formula(indicator, 2023, "fact", second)
    assert live.formula(indicator, 2023, "fact", place_with(live, None)) == '=""'


def test_a_place_that_was_not_there_shows_nothing() -> None:
    catalogue, live = live_of("a")
    shown = live.formula(catalogue.indicators["i0"], 2023, "fact", FormPlace("s1", "school"))
    assert shown == '=""'


def test_the_same_schools_of_what_names_no_input_of_its_own_are_all_that_count() -> None:
    """Every open school enters a coalesce of more than bare inputs; of a `where`, those it holds for."""
    village = (parse("rural"),)
    for where in ((), village):
        catalogue, live = live_of("coalesce(a / b, b)")
        x = replace(catalogue.indicators["i0"], where=where)
        same = replace(x, id="i1", formulas=((None, parse("previous(i0)")),), where=())
        change = replace(same, same_schools=True)
        symbols = {**catalogue.symbols, "i0": x, "i1": change}
        catalogue = replace(catalogue, indicators={"i0": x, "i1": change}, symbols=symbols)
        rows = (FormRow(cells=("a", "b")), FormRow(indicator="i0"), FormRow(indicator="i1"))
        form = Form("form", "form", "school", (FormSection("section", rows),), facts=(2022, 2023))
        live = LiveFormulas(catalogue, lay_out_form(catalogue, form, 2023))
        terms = live.outside()
        known = {term: KnownValue(False if term.joined else 1.0) for term in terms}
        asked = {term: KnownValue(term.year == 2023) for term in terms if "applies" in term.key}
        shown = live.formula(change, 2023, "fact", FormPlace("s1", "school", known | asked))
        assert (shown == '=""') is bool(where), where
        assert ("/" in shown) is not bool(where), where


def test_a_formula_that_a_spreadsheet_would_not_take_is_said_to_be_too_long() -> None:
    cubes = [f"i{number} * i{number} * i{number}" for number in range(5)]
    catalogue, live = live_of("a / b", *cubes)
    place = place_with(live, 1.0)
    assert live.formula(catalogue.indicators["i2"], 2023, "fact", place)
    assert not live.problems()
    assert not live.formula(catalogue.indicators["i5"], 2023, "fact", place)
    (problem,) = live.problems()
    assert problem.code == "long-live-formula"
    assert "i5" in problem.message
    assert problem.hint


def test_a_long_sum_and_a_deep_one_fit() -> None:
    deep = "a"
    for _ in range(24):
        deep = f"(1 + b * {deep})"
    catalogue, live = live_of(" + ".join(["a", "b"] * 40), deep)
    place = place_with(live, 1.0)
    for name in ("i0", "i1"):
        assert live.formula(catalogue.indicators[name], 2023, "fact", place)
    assert not live.problems()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12.0, "12"),
        (0.5, "0.5"),
        (-3.0, "(-3)"),
        (1e-7, "1E-07"),
        (1e20, "1E20"),
        (1 / 3, "0.333333333333333"),
    ],
)
def test_numbers_are_written_as_every_spreadsheet_reads_them(value: float, text: str) -> None:
    assert sheet.number_text(value) == text
    assert sheet.is_literal(text)


def test_conditions_that_are_known_leave_the_formula() -> None:
    assert sheet.all_of(True, 'A1="x"') == 'A1="x"'
    assert sheet.all_of("A1>1", False) is False
    assert sheet.any_of(sheet.any_of("A1>1", "A2>1"), "A3>1") == "OR(A1>1,A2>1,A3>1)"
    assert sheet.any_of() is False
    assert sheet.negated(sheet.negated("A1>1")) == "A1>1"
    assert sheet.negated('A1<>"н/п"') == 'A1="н/п"'
    assert sheet.chosen(True, "1", "2") == "1"


def test_a_text_is_quoted_in_pieces_that_a_spreadsheet_takes() -> None:
    assert sheet.quoted('он сказал "да"') == '"он сказал ""да"""'
    assert [len(piece) - 2 for piece in sheet.quoted("ж" * 300).split("&")] == [255, 45]


def test_brackets_inside_texts_do_not_nest() -> None:
    assert sheet.nesting('IF(A1="((((",MAX(1,2),3)') == 2
