"""Units: algebra, words, and numbers as Russian and English forms print them."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from engine.units import (
    MINUS,
    NO_BREAK_SPACE,
    PERCENT,
    RATIO,
    SCHOOL,
    SHIPPED,
    Number,
    Unit,
    build_unit,
    choose_form,
    divide_units,
    excess_word,
    format_number,
    format_quantity,
    lacking_word,
    multiply_units,
    parse_unit,
    round_points,
    same_dimensions,
    unit_label,
    unknown_part,
)

AGREEMENT = build_unit("agreement", "соглашение", "", ("соглашение", "соглашения", "соглашений"))
PUPIL = build_unit("pupil", "обучающийся", "", ("обучающийся", "обучающегося", "обучающихся"))
OWN = {"agreement": AGREEMENT, "pupil": PUPIL}
PERSON, ROUBLE, THOUSAND = (SHIPPED[name] for name in ("person", "rouble", "thousand_rouble"))


def unit(text: str) -> Unit:
    found = parse_unit(text, OWN)
    assert found is not None
    return found


# --- algebra -----------------------------------------------------------------------------------


def test_a_quotient_times_its_divisor_is_the_dividend() -> None:
    assert multiply_units(unit("rouble/person"), PERSON) is ROUBLE
    assert multiply_units(PERSON, unit("rouble/person")) is ROUBLE
    assert divide_units(ROUBLE, unit("rouble/person")) is PERSON


def test_the_quotient_of_one_unit_is_the_ratio() -> None:
    assert divide_units(PERSON, PERSON) is RATIO
    assert unit("person/person") is RATIO
    assert multiply_units(RATIO, AGREEMENT) is AGREEMENT


def test_scales_multiply() -> None:
    per_person = divide_units(THOUSAND, PERSON)
    assert per_person.scale == 1000
    assert same_dimensions(per_person, unit("rouble/person"))
    assert multiply_units(per_person, PERSON) is THOUSAND
    assert divide_units(THOUSAND, ROUBLE).scale == 1000
    assert divide_units(THOUSAND, ROUBLE).dimensions == ()


def test_a_unit_nobody_named_is_spelt_out() -> None:
    assert divide_units(ROUBLE, PERSON).id == "rouble/person"
    assert divide_units(multiply_units(ROUBLE, PERSON), AGREEMENT).id == "person*rouble/agreement"
    assert divide_units(RATIO, PERSON).id == "1/person"
    assert divide_units(THOUSAND, PERSON).id == "1000 rouble/person"
    assert divide_units(THOUSAND, ROUBLE).id == "1000"


def test_scaled_units_of_a_catalogue_keep_the_dimension() -> None:
    dozens = build_unit("dozen", "десяток", "дес.", of=PERSON, scale=Fraction(10))
    assert same_dimensions(dozens, PERSON)
    hundreds = build_unit("hundred", of=dozens, scale=Fraction(10))
    assert (hundreds.scale, hundreds.title) == (Fraction(100), "hundred")
    assert not same_dimensions(PERSON, PUPIL)


@pytest.mark.parametrize("name", ["person", "rouble", "thousand_rouble", "hour", "agreement"])
def test_units_that_add_up(name: str) -> None:
    assert unit(name).additive


@pytest.mark.parametrize(
    "name", ["percent", "percentage_point", "point", "ratio", "rouble/person", "agreement/school"]
)
def test_units_that_do_not_add_up(name: str) -> None:
    assert not unit(name).additive


def test_time_may_be_added_but_does_not_add_up_by_itself() -> None:
    hour, person = unit("hour"), unit("person")
    minute = build_unit("minute", of=hour, scale=Fraction(1, 60))
    assert (hour.additive, hour.adds_up) == (True, False)
    assert (minute.additive, minute.adds_up) == (True, False)
    assert multiply_units(person, hour).adds_up
    assert person.adds_up
    assert not unit("percent").adds_up


def test_counted_units_are_counted_one_by_one() -> None:
    counted = {name for name, each in SHIPPED.items() if each.counted}
    assert counted == {"person", "school", "event", "class", "item", "place"}
    assert AGREEMENT.counted
    assert not build_unit("litre", "литр", "л").counted
    assert not build_unit(
        "thousand", of=PERSON, scale=Fraction(1000), forms=("т", "т", "т")
    ).counted
    assert not unit("agreement/school").counted


# --- as written --------------------------------------------------------------------------------


def test_a_quotient_is_read_and_named_as_written() -> None:
    quotient = unit("thousand_rouble / person")
    assert quotient.id == "thousand_rouble/person"
    assert quotient.short == "тыс.\u00a0руб./чел."
    assert quotient.title == "тысяча рублей / человек"
    assert unit("rouble/person/year").dimensions == (("person", -1), ("rouble", 1), ("year", -1))


def test_the_unknown_part_of_a_quotient_is_named() -> None:
    assert parse_unit("rouble/pupl", OWN) is None
    assert unknown_part("rouble/pupl", OWN) == "pupl"
    assert parse_unit("roble/person", OWN) is None
    assert unknown_part("roble/person", OWN) == "roble"
    assert unknown_part("rouble/pupil", OWN) == ""
    assert parse_unit("", OWN) is None
    assert parse_unit("rouble/", OWN) is None


def test_a_unit_of_the_catalogue_comes_before_a_shipped_one() -> None:
    own = build_unit("person", "участник", "уч.")
    assert parse_unit("person", {"person": own}) is own


# --- printing ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (28.75, 1, "28,8"),
        (28.749999999999996, 1, "28,8"),
        (Fraction(115, 4), 1, "28,8"),
        (Decimal("2.5"), 0, "3"),
        (-2.5, 0, MINUS + "3"),
        (0.05, 1, "0,1"),
        (-0.04, 1, "0,0"),
        (-0.0, 0, "0"),
        (7.46, 2, "7,46"),
        (7, 2, "7,00"),
        (3500, 0, "3\u00a0500"),
        (-1234567.5, 1, MINUS + "1\u00a0234\u00a0567,5"),
        (Fraction(1, 3), None, "0,333333333333"),
        (12.50, None, "12,5"),
        (100, None, "100"),
        (123456789012345678, None, "123\u00a0456\u00a0789\u00a0012\u00a0345\u00a0678"),
        (1e20, None, "100\u00a0000\u00a0000\u00a0000\u00a0000\u00a0000\u00a0000"),
    ],
)
def test_numbers_in_russian(value: Number, decimals: int | None, expected: str) -> None:
    assert format_number(value, decimals) == expected


def test_numbers_in_english() -> None:
    assert format_number(-1234.5, 1, "en") == MINUS + "1,234.5"
    assert format_number(1e300, 0, "en").startswith("1,000,")


@pytest.mark.parametrize(
    ("value", "name", "decimals", "russian", "english"),
    [
        (12.5, "percent", 1, "12,5\u00a0%", "12.5%"),
        (37, "person", 0, "37\u00a0чел.", "37\u00a0people"),
        (1, "school", 0, "1\u00a0школа", "1\u00a0school"),
        (17, "school", 0, "17\u00a0школ", "17\u00a0schools"),
        (4, "agreement", 0, "4\u00a0соглашения", "4\u00a0соглашения"),
        (0.6, "event", 0, "1\u00a0мероприятие", "1\u00a0event"),
        (1.5, "ratio", 2, "1,50", "1.50"),
        (1200, "rouble/person", 0, "1\u00a0200\u00a0руб./чел.", "1,200\u00a0RUB/person"),
        (0.8, "percentage_point", 1, "0,8\u00a0п.\u00a0п.", "0.8\u00a0pp"),
    ],
)
def test_quantities(value: float, name: str, decimals: int, russian: str, english: str) -> None:
    assert format_quantity(value, unit(name), decimals) == russian
    assert format_quantity(value, unit(name), decimals, "en") == english


def test_a_number_without_a_unit_is_bare() -> None:
    assert format_quantity(5, None) == "5"


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, "обучающихся"),
        (1, "обучающийся"),
        (2, "обучающегося"),
        (5, "обучающихся"),
        (11, "обучающихся"),
        (12, "обучающихся"),
        (21, "обучающийся"),
        (37, "обучающихся"),
        (111, "обучающихся"),
        (-3, "обучающегося"),
        (1.5, "обучающегося"),
    ],
)
def test_the_form_follows_the_count(count: float, expected: str) -> None:
    assert choose_form(count, PUPIL) == expected


@pytest.mark.parametrize(
    ("count", "expected"), [(1, "школы"), (2, "школ"), (11, "школ"), (21, "школы"), (1.5, "школы")]
)
def test_what_is_lacking_is_in_the_genitive(count: Number, expected: str) -> None:
    assert lacking_word(count, SCHOOL) == expected
    assert lacking_word(count, PERSON) == "чел."


@pytest.mark.parametrize(
    ("count", "expected"), [(1, "школу"), (2, "школы"), (11, "школ"), (21, "школу"), (1.5, "школы")]
)
def test_what_is_too_many_is_in_the_accusative(count: Number, expected: str) -> None:
    assert excess_word(count, SCHOOL) == expected
    assert excess_word(count, PERSON) == "чел."
    assert excess_word(1, build_unit("week", forms=("неделя", "недели", "недель"))) == "неделю"
    assert excess_word(1, build_unit("event", forms=("событие", "события", "событий"))) == "событие"
    assert excess_word(1, SCHOOL, "en") == "school"
    assert lacking_word(1, SCHOOL, "en") == "school"


def test_a_unit_without_forms_has_one_word() -> None:
    assert choose_form(2, build_unit("litre", "литр", "л")) == "л"
    assert choose_form(2, build_unit("litre", "литр")) == "литр"
    assert choose_form(2, build_unit("bus", forms=("bus", "buses"))) == "buses"


def test_the_word_of_a_column() -> None:
    assert unit_label(PERCENT) == "%"
    assert unit_label(PERSON) == "чел."
    assert unit_label(SCHOOL) == "школ"
    assert unit_label(SCHOOL, "en") == "schools"
    assert unit_label(PERCENT, "en") == "%"
    assert unit_label(RATIO) == "отношение"
    assert unit_label(build_unit("litre", "литр")) == "литр"
    assert unit_label(None) == ""


@pytest.mark.parametrize(
    ("value", "decimals", "russian", "english"),
    [
        (1234.5, 1, "1234,5", "1234.5"),
        (-1234.5, 0, "-1235", "-1235"),
        (-0.04, 1, "0,0", "0.0"),
        (Decimal("1E+3"), None, "1000", "1000"),
        (Fraction(5, 2), None, "2,5", "2.5"),
    ],
)
def test_in_a_cell_of_a_sheet_thousands_are_not_set_apart(
    value: Number, decimals: int | None, russian: str, english: str
) -> None:
    assert format_number(value, decimals, in_cell=True) == russian
    assert format_number(value, decimals, "en", in_cell=True) == english


@pytest.mark.parametrize(
    ("points", "text"),
    [
        (3.0, "3 балла"),
        (1.1, "1,1 балла"),  # 110.00000000000001 hundredths
        (2.345, "2,35 балла"),
        (1.999, "2 балла"),
        (1.204, "1,2 балла"),
        (Fraction(1, 3), "0,33 балла"),
        (-0.001, "0 баллов"),
    ],
)
def test_points_have_at_most_two_decimals_and_no_zeros_after_them(
    points: Number, text: str
) -> None:
    shown = format_quantity(round_points(points), SHIPPED["point"])
    assert shown.replace(NO_BREAK_SPACE, " ") == text
