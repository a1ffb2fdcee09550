"""Codes of sections: printed once, whether or not the title is written with its code."""

from __future__ import annotations

import pytest

from engine.catalogue.model import Group


@pytest.mark.parametrize(
    ("id_", "title", "short", "code", "coded"),
    [
        ("3.3", "Поддержка талантов", "", "3.3", "3.3. Поддержка талантов"),
        ("3.3", "3.3. Поддержка талантов", "", "", "3.3. Поддержка талантов"),
        ("3.3", "3.3 Поддержка талантов", "", "", "3.3 Поддержка талантов"),
        ("3", "3.3 Поддержка талантов", "", "3", "3. 3.3 Поддержка талантов"),
        ("3", "33 школы", "", "3", "3. 33 школы"),
        ("3", "3. Поддержка талантов", "Таланты", "3", "3. Поддержка талантов"),
        ("3.", "Поддержка талантов", "", "3.", "3. Поддержка талантов"),
        ("talents", "Поддержка талантов", "", "", "Поддержка талантов"),
    ],
)
def test_the_code_of_a_section_stands_before_its_title_once(
    id_: str, title: str, short: str, code: str, coded: str
) -> None:
    group = Group(id_, title, short=short)
    assert (group.code, group.coded_title) == (code, coded)
