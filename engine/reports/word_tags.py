"""Tags of a Word template that stand for a part of the document: `{%p …%}`, `{%tr …%}`, `{%tc …%}`.

Such a tag takes up its paragraph, row or cell. Whatever else stands in that part would be lost, so
it is refused, in words that name the place. What stands within a tag is set apart for docxtpl, which
finds tags by patterns that know no `%`, `}` or `<` in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from typing import Any

from lxml import etree

from engine.translation import gettext as _

WORD_NAMESPACE = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_EDGES = re.compile(r"<w:t>(?=\s|[^<]*\s</w:t>)")
_EXCERPT = 120
_TAG = re.compile(
    r"""\{%(?:'[^']*'|"[^"]*"|(?!%\}).)*?%\}"""
    r"""|\{\{(?:'[^']*'|"[^"]*"|\{[^{}]*\}|(?!\}\}).)*?\}\}"""
    r"""|\{\#.*?\#\}""",
    re.DOTALL,
)
"""A tag of Jinja: its end is no sign within a text, and no brace of a dictionary."""
_WHOLE_PART = re.compile(r"\{([%#])[-+]?(p|tr|tc)\s+(.*?)\s*[-+]?[%#]\}", re.DOTALL)
_OPENED = re.compile(r"\{[{%]")
_SPACED = re.compile(r"\{%[-+]?\s+(p|tr|tc)\s+\S")
_OF_RUN = re.compile(r"\{%[-+]?r\s+")
_PRINTED = re.compile(r"\{\{(?=(?:p|tr|tc|r)\s)")
_CYRILLIC = re.compile(r"\{[%#][-+]?\s*(р|т[рr]|tр|т[сc]|tс)\s")
"""Marks with the letters р, т and с of Cyrillic, which look as those of Latin do."""
_QUOTES = re.compile("[«»„“”]")
_SET_APART = dict(zip("<>&%{}", "\ue000\ue001\ue002\ue003\ue004\ue005", strict=True))
_WITHIN = str.maketrans(_SET_APART)
_BACK = str.maketrans({apart: sign for sign, apart in _SET_APART.items()})


class TagError(Exception):
    """A tag that cannot stand where it does; its text says so to the author of the template."""


def arrange_tags(xml: str) -> str:
    """A part of a document whose structural tags stand in place of what they take up.

    Signs within tags are set apart until `restore_signs`. TagError where something beside a tag
    would be lost, or it is not written as it must be.
    """
    root = etree.fromstring(xml.encode(), etree.XMLParser(resolve_entities=False, huge_tree=True))
    taken: list[tuple[Any, str]] = []
    for paragraph in root.iter(f"{WORD_NAMESPACE}p"):
        words = "".join(text.text or "" for text in _own_texts(paragraph))
        if "{" in words:
            tags = [tag[0] for tag in _TAG.finditer(words)]
            _check_spelling(paragraph, words)
            _check_joins(paragraph, words)
            taken += _find_taken(paragraph, tags)
            _gather_tags(paragraph, words)
    for element, tag in taken:
        _put_in_place(element, tag)
    # A tag that was gathered in one run leaves spaces at the edges of the others.
    return _EDGES.sub('<w:t xml:space="preserve">', etree.tostring(root, encoding="unicode"))


def restore_signs(xml: str) -> str:
    """The part with the signs within its tags as Jinja reads them."""
    return xml.translate(_BACK)


# --- tags that take up a part ---------------------------------------------------------------------


def _find_taken(paragraph: Any, tags: list[str]) -> Iterator[tuple[Any, str]]:
    """The paragraph, row or cell that a tag takes up, and the tag that comes in its place."""
    for tag in tags:
        match = _WHOLE_PART.fullmatch(tag)
        if match is None:
            continue
        sign, kind, expression = match.groups()
        element = _find_part(paragraph, kind)
        if element is None:
            raise _refuse(
                paragraph,
                _("“{tag}” does not stand in a table: in a text write “{{%p … %}}”").format(
                    tag=tag
                ),
            )
        beside = _read(element).replace(tag, "", 1).strip() or _find_unwritten(element)
        if beside:
            raise _refuse(paragraph, _describe_beside(tag, kind, beside))
        yield element, "" if sign == "#" else f"{{% {_set_apart(expression)} %}}"


def _find_part(paragraph: Any, kind: str) -> Any:
    if kind == "p":
        return paragraph
    return next(paragraph.iterancestors(f"{WORD_NAMESPACE}{kind}"), None)


def _find_unwritten(element: Any) -> str:
    """What a part holds beside texts, in words; empty where there is nothing."""
    for path, words in (
        ("drawing", _("a picture")),
        ("pict", _("a picture")),
        ("object", _("a picture")),
        ("sectPr", _("a section break")),
    ):
        if element.find(f".//{WORD_NAMESPACE}{path}") is not None:
            return words
    page_break = element.find(f".//{WORD_NAMESPACE}br[@{WORD_NAMESPACE}type='page']")
    return "" if page_break is None else _("a page break")


def _describe_beside(tag: str, kind: str, beside: str) -> str:
    """What would be lost beside a tag, and where it belongs."""
    patterns = {
        "p": _(
            "“{tag}” takes up its whole paragraph, and “{beside}” beside it would be lost: move it "
            "to a paragraph of its own, or write the tag without p"
        ),
        "tr": _(
            "“{tag}” takes up its whole row, and “{beside}” beside it would be lost: move it to a "
            "row of its own"
        ),
        "tc": _(
            "“{tag}” takes up its whole cell, and “{beside}” beside it would be lost: move it to a "
            "cell of its own, or write the tag without tc"
        ),
    }
    return patterns[kind].format(tag=tag, beside=_cut(beside))


def _put_in_place(element: Any, tag: str) -> None:
    """Put a tag where an element stands, on a line of its own."""
    line = f"\n{tag}" if tag else ""
    before, parent = element.getprevious(), element.getparent()
    if before is not None:
        before.tail = (before.tail or "") + line + (element.tail or "")
    else:
        parent.text = (parent.text or "") + line + (element.tail or "")
    element.tail = None
    parent.remove(element)


# --- how a tag is written -------------------------------------------------------------------------


def _check_spelling(paragraph: Any, words: str) -> None:
    """TagError where a mark of a part is misspelt, or its tag has no end."""
    cyrillic = _CYRILLIC.search(words)
    if cyrillic:
        mark = cyrillic[1]
        latin = "p" if mark == "р" else "tr" if mark[1] in "рr" else "tc"
        message = _(
            "“{mark}” after “{{%” is typed with Russian letters: it must be “{latin}” in Latin ones"
        )
        raise _refuse(paragraph, message.format(mark=mark, latin=latin))
    spaced = _SPACED.search(words)
    if spaced:
        message = _("there is a space too many before “{mark}”: write “{{%{mark} … %}}”")
        raise _refuse(paragraph, message.format(mark=spaced[1]))
    opened = _OPENED.search(_TAG.sub("", words))
    if opened:
        message = _("“{tag}” has no end: “{sign}” is missing in its paragraph")
        tag, sign = opened.string[opened.start() :], "}}" if opened[0] == "{{" else "%}"
        raise _refuse(paragraph, message.format(tag=_cut(tag), sign=sign))


def _check_joins(paragraph: Any, words: str) -> None:
    """TagError where a hyphen of a tag would join a paragraph to a table or to nothing."""
    text = words.strip()
    below = paragraph.itersiblings()
    above = paragraph.itersiblings(preceding=True)
    joins = (("-%}", text.endswith("-%}"), below), ("{%-", text.startswith("{%-"), above))
    for sign, stands, siblings in joins:
        whole = _WHOLE_PART.fullmatch(text)
        neighbour = next(siblings, None) if stands and whole is None else None
        if neighbour is not None and neighbour.tag == f"{WORD_NAMESPACE}tbl":
            message = _(
                "the hyphen in “{sign}” joins this paragraph to the next one, and there is a table: "
                "take it out"
            )
            raise _refuse(paragraph, message.format(sign=sign))


def _gather_tags(paragraph: Any, words: str) -> None:
    """Put each tag that stands in several runs into the first of them, its signs set apart."""
    texts = list(_own_texts(paragraph))
    owners = [number for number, text in enumerate(texts) for _sign in text.text or ""]
    pieces = [""] * len(texts)
    at = 0
    for tag in _TAG.finditer(words):
        for place in range(at, tag.start()):
            pieces[owners[place]] += words[place]
        written = _OF_RUN.sub("{% ", _PRINTED.sub("{{ ", tag[0]))
        pieces[owners[tag.start()]] += f"{written[:2]}{_set_apart(written[2:-2])}{written[-2:]}"
        at = tag.end()
    for place in range(at, len(words)):
        pieces[owners[place]] += words[place]
    for text, piece in zip(texts, pieces, strict=True):
        text.text = piece


def _set_apart(expression: str) -> str:
    """What stands within a tag; one without straight quotes was typed where « and » come for them."""
    if '"' not in expression and "'" not in expression:
        expression = _QUOTES.sub('"', expression)
    return expression.translate(_WITHIN)


# --- texts and places -----------------------------------------------------------------------------


def _own_texts(paragraph: Any) -> Iterator[Any]:
    """The texts of a paragraph, without those of a text box within it."""
    for text in paragraph.iter(f"{WORD_NAMESPACE}t"):
        if next(text.iterancestors(f"{WORD_NAMESPACE}p")) is paragraph:
            yield text


def _read(element: Any) -> str:
    """What stands in a part of the document, cells and paragraphs apart by a space."""
    paragraphs = (
        [element] if element.tag == f"{WORD_NAMESPACE}p" else element.iter(f"{WORD_NAMESPACE}p")
    )
    return " ".join("".join(text.text or "" for text in _own_texts(each)) for each in paragraphs)


def _refuse(paragraph: Any, message: str) -> TagError:
    """The message with the place: the paragraph's words and, in a table, its number and row."""
    text = _cut("".join(each.text or "" for each in _own_texts(paragraph)).strip())
    row = next(paragraph.iterancestors(f"{WORD_NAMESPACE}tr"), None)
    if row is None:
        pattern = _("{message}; in the paragraph “{text}”")
        return TagError(pattern.format(message=message, text=text))
    table = next(row.iterancestors(f"{WORD_NAMESPACE}tbl"))
    pattern = _("{message}; table {table}, row {row}, “{text}”")
    numbers = (
        _count_before(table, table.getroottree().iter(f"{WORD_NAMESPACE}tbl")),
        _count_before(row, table),
    )
    return TagError(pattern.format(message=message, table=numbers[0], row=numbers[1], text=text))


def _count_before(element: Any, elements: Any) -> int:
    """The number of an element among those of its name, from one."""
    same = (each for each in elements if each.tag == element.tag)
    return next(number for number, each in zip(count(1), same, strict=False) if each is element)


def _cut(text: str) -> str:
    return text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]}…"
