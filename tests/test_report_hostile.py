"""Texts that mean harm, in titles, notes and names: every template that ships shows them as text."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pytest

from engine.catalogue.model import Catalogue
from engine.problems import Problem
from engine.reports.templates import find_template, list_templates
from tests.small_town import CATALOGUE, RESULTS, FakeData, frame, rendered

HOSTILE = {
    "script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "attribute": '" onmouseover="alert(1)" \'><b>',
    "formula": '=HYPERLINK("https://example.com";"x")',
    "command": "@SUM(1+1)*cmd|' /C calc'!A0",
    "template": "{{ 7*7 }}{% include 'x' %}{# #}",
    "direction": "\u202eаниднач\u202c\u2066\u200f",
    "long": "ш" * 10_000,
    "emoji": "👩🏽‍🏫🏫 школа",
    "markdown": "[x](javascript:alert(1)) **a** | b `c` <!-- -->",
    "lines": "# раз\n\n* два\r\n| три |\n---",
    "entity": "&lt;b&gt;&#60;script&#62;",
    "control": "a\x00b\x1b[31mc",
}
PLAIN = "обыкновенные слова"
TEMPLATES = [each.name for each in list_templates() if each.name.endswith(".j2")]


def catalogue_with(text: str) -> Catalogue:
    """The small town with one text in place of all that people wrote."""
    titles: dict[str, Any] = {"title": f"{text}.", "short": text}
    return replace(
        CATALOGUE,
        title=text,
        municipality=text,
        region=text,
        interpretation=text,
        source=replace(CATALOGUE.source, title=text, number=text),
        groups={
            one: replace(group, **titles, note=text) for one, group in CATALOGUE.groups.items()
        },
        inputs={one: replace(each, **titles) for one, each in CATALOGUE.inputs.items()},
        indicators={
            one: replace(each, **titles, interpretation=text and f"{text} {one}")
            for one, each in CATALOGUE.indicators.items()
        },
        events={
            one: replace(each, **titles, when=text, expected=text, interpretation=text)
            for one, each in CATALOGUE.events.items()
        },
        checks={one: replace(each, message=text) for one, each in CATALOGUE.checks.items()},
    )


def page(template: str, text: str) -> str:
    rows: list[dict[str, Any]] = [
        {**row, "title": text, "place_title": text, "text": row["text"] and [text, text]}
        for row in RESULTS
    ]
    return rendered(
        template,
        catalogue_with(text),
        results=frame(rows),
        data=FakeData(notice=text),
        problems=(Problem("bad-cell", text),),
    )


@cache
def plain_page(template: str) -> str:
    return page(template, PLAIN)


class Tags(HTMLParser):
    """The tags of a page with the names of their attributes, and what is shown."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.shown: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _value in attrs)))

    def handle_data(self, data: str) -> None:
        self.shown.append(data)

    def handle_comment(self, data: str) -> None:
        self.tags.append(("!", (data,)))


def visible(text: str) -> str:
    """What of a text is to be seen: no signs of control or direction."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\u200f\u202c\u202e\u2066]", "", text)


@pytest.mark.no_cover
@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("template", TEMPLATES)
def test_every_text_is_shown_as_text(template: str, name: str) -> None:
    text, kind = HOSTILE[name], find_template(template).kind
    hostile, plain = page(template, text), plain_page(template)
    assert (name == "template") == bool(re.search(r"\{\{ 7\\?\*7 \}\}", hostile))
    assert not re.search("[\x00-\x08\x1b\u202a-\u202e\u2066-\u2069]", hostile)
    if kind == "html":
        found = Tags(hostile)
        assert found.tags == Tags(plain).tags
        whole = " ".join(" ".join(found.shown).split())
        assert " ".join(visible(text).split()) in whole
    elif kind == "markdown":
        assert len(hostile.splitlines()) == len(plain.splitlines())
        for one, two in zip(hostile.splitlines(), plain.splitlines(), strict=True):
            assert cells(one) == cells(two)
            assert "<" not in one
            assert one[:2] == two[:2] or not one.startswith(("#", "* ", "|"))
    elif kind == "csv":
        assert not re.search(r'(^|[,;"])\s*[=@]', hostile, re.MULTILINE)


def cells(line: str) -> int:
    """How many cells a line of a Markdown table has."""
    return len(re.findall(r"(?<!\\)\|", line))
