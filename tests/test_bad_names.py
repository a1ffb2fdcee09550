"""What a misspelt name may have meant, and how a problem shows what a screen must not obey."""

from __future__ import annotations

import time

import pytest

from engine.problems import (
    KnownNames,
    Position,
    Problem,
    count_mistakes,
    nearest_name,
    place_in,
    show_problem,
    show_signs,
    suggest_name,
)
from engine.translation import choose_language


@pytest.mark.parametrize(
    ("written", "meant", "mistakes"),
    [
        ("unti", "unit", 0.5),
        ("unti", "until", 1),
        ("titel", "title", 0.5),
        ("abc", "abc", 0),
        ("", "abc", 3),
        ("abcd", "badc", 1),
        ("aab", "aba", 0.5),
    ],
)
def test_mistakes_are_counted(written: str, meant: str, mistakes: float) -> None:
    assert count_mistakes(written, meant) == mistakes


@pytest.mark.parametrize(
    ("written", "names", "nearest"),
    [
        ("unti", ("until", "unit"), "unit"),
        ("titel", ("until", "title"), "title"),
        ("SHARE", ("share", "shared"), "share"),
        ("с", ("b", "c"), "c"),
        ("сумма", ("cymma",), "cymma"),
        ("xyz", ("title", "unit"), None),
        ("Школа № 99", ("Школа № 8", "Школа № 98"), None),  # another school, not misspelt
        ("Щкола № 8", ("Школа № 8", "Школа № 9"), "Школа № 8"),
    ],
)
def test_nearest_name(written: str, names: tuple[str, ...], nearest: str | None) -> None:
    assert nearest_name(written, names) == nearest


def test_letters_of_another_alphabet_are_named() -> None:
    choose_language("en")
    cyrillic = "did you mean “person”? Written here is a Cyrillic “{}”, a Latin one is due"
    assert suggest_name("реrson", ["person"]) == cyrillic.format("р”, “е")
    assert suggest_name("реrso", ["person"]) == "did you mean “person”?"
    latin = "did you mean “сумма”? Written here is a Latin “c”, a Cyrillic one is due"
    assert suggest_name("cумма", ["сумма"]) == latin
    assert suggest_name("PERSON", ["person"]) == "did you mean “person”?"


def test_among_many_names_one_mistake_is_found_at_once() -> None:
    known = KnownNames(f"school-{number:05d}" for number in range(40_000))
    began = time.perf_counter()
    assert known.nearest("scohol-00001") == "school-00001"
    assert known.nearest("schol-00002") == "school-00002"
    assert known.nearest("schooll-00003") == "school-00003"
    assert known.nearest("school-0000x") == "school-00000"
    assert known.nearest("lyceum") is None
    assert time.perf_counter() - began < 5  # it is milliseconds; through difflib ten seconds


def test_signs_are_shown_not_obeyed() -> None:
    assert show_signs("a\x1b[31m\x07\r\n\tb\u202e\u2028\ud800 я—№\u00a0") == (
        "a\\x1b[31m\\x07\\r\\n\\tb[U+202E]\\u2028\\ud800 я—№\u00a0"
    )


def test_the_underline_stays_below_what_is_meant() -> None:
    excerpt = "\t\x1b[1ma: \x07bcd"
    position = Position("a\x1b.yaml", 1, excerpt.index("\x07") + 1, 2, excerpt)
    shown = show_problem(Problem("x", "m\x1b", position, "h\x07")).splitlines()
    assert shown == [
        "a\\x1b.yaml:1:9: ошибка: m\\x1b",
        "    \t\\x1b[1ma: \\x07bcd",
        "    \t          ^^^^^",
        "    h\\x07",
    ]


def test_a_text_on_two_lines_has_places_on_both() -> None:
    one = Position("a.yaml", 3, 5, 1, "    a + b  ")
    two = Position("a.yaml", 4, 7, 1, "      - c")
    runs = ((0, one), (6, two))
    assert place_in(one, runs, 4) == Position("a.yaml", 3, 9, 1, one.excerpt)
    assert place_in(one, runs, 8) == Position("a.yaml", 4, 9, 1, two.excerpt)
    assert place_in(one, runs, 0, 9) == Position("a.yaml", 3, 5, 5, one.excerpt)
    assert place_in(one, (), 4, 2) == Position("a.yaml", 3, 9, 2, one.excerpt)
