"""Names of files: read by people, taken by every system."""

from __future__ import annotations

import pytest

from engine.files import LONGEST, name_files, safe_name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("МАОУ «СОШ № 1»", "МАОУ «СОШ № 1»"),
        ("../../etc/passwd", "etc passwd"),
        ('a<b>c:"d|e?f*g\\h', "a b c d e f g h"),
        ("две\nстроки\tи\u00a0знак\u202e", "две строки и знак"),
        ("  точки...  ", "точки"),
        ("CON", "_CON"),
        ("com1.txt", "_com1.txt"),
        ("", "_"),
        ("...", "_"),
        ("ш" * 300, "ш" * LONGEST),
    ],
)
def test_a_name_is_what_every_system_takes(text: str, expected: str) -> None:
    assert safe_name(text) == expected


def test_each_place_has_a_file_of_its_own() -> None:
    titles = {"s1": "Школа", "s2": "ШКОЛА", "s3": "Лицей", "s4": "школа", "x/y": "Школа"}
    names = name_files(titles, ".html")
    assert names["s3"] == "Лицей.html"
    assert names["s1"] == "Школа (s1).html"
    assert len({name.casefold() for name in names.values()}) == len(titles)
    assert not any("/" in name for name in names.values())


def test_ids_that_look_the_same_still_give_two_files() -> None:
    assert name_files({"a": "Ш", "A": "Ш", "a?": "Ш"}, ".md") == {
        "a": "Ш (a).md",
        "A": "Ш (A) 2.md",
        "a?": "Ш (a ).md",
    }
