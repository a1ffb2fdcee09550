"""What a cell takes: the validation of every answer, with its prompt and what is said otherwise."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from engine.catalogue.model import Catalogue, Input
from engine.forms.blueprint import Text
from engine.forms.layout import Layout, Line
from engine.forms.trials import Key, accepts, choices
from engine.forms.words import MESSAGE_LIMIT, TITLE_LIMIT, cut_words, expected_words
from engine.i18n import gettext as _
from engine.workbooks.addresses import name_column

Validation = tuple[int, int, int, int, Mapping[str, Any]]
"""First row, first column, last row, last column, settings; rows and columns from 0."""

_LONGEST_LIST = 255


def validations(
    catalogue: Catalogue, layout: Layout, keys: Collection[Key], note_of: Callable[[Line], str]
) -> tuple[tuple[Validation, ...], list[Text]]:
    """The validations of the open cells, and hidden texts of lists that are too long for one.

    Cells side by side share one; so do the cells of all lines that take the same and say the same.
    """
    found: dict[object, Validation] = {}
    hidden: list[Text] = []
    open_keys = frozenset(keys)
    for line in layout.asked:
        asked = catalogue.inputs[line.input or ""]
        for column in layout.columns:
            if (asked.id, column.year + line.shift, column.scenario) not in open_keys:
                continue
            row, index = line.row - 1, column.index
            note = note_of(line)
            same = (asked.type, asked.unit and asked.unit.id, tuple(asked.options.items()), note)
            if same in found:
                found[same][4]["other_cells"].append([row, index, row, index])
                continue
            settings, texts = _settings(asked, layout, row, index, note, hidden)
            hidden += texts
            found[same] = (row, index, row, index, settings)
    return tuple(found.values()), hidden


def _settings(  # noqa: PLR0917 - what a validation consists of
    asked: Input, layout: Layout, row: int, index: int, note: str, hidden: list[Text]
) -> tuple[dict[str, Any], list[Text]]:
    title, message = expected_words(asked)
    said = " ".join(one for one in (message, " ".join(note.split())) if one)
    settings: dict[str, Any] = {
        "ignore_blank": True,
        "input_title": cut_words(title, TITLE_LIMIT),
        "input_message": cut_words(said, MESSAGE_LIMIT),
        "error_title": _("Look again"),
        "error_message": cut_words(message, MESSAGE_LIMIT),
        "other_cells": [],
    }
    words = choices(asked)
    if words:
        source, texts = _source(words, layout, len(hidden))
        return settings | {"validate": "list", "source": source}, texts
    fits = accepts(asked, f"{name_column(index + 1)}{row + 1}")
    if fits:
        return settings | {"validate": "custom", "value": f"={fits}"}, []
    return settings | {"validate": "any"}, []


def _source(
    words: tuple[str, ...], layout: Layout, taken: int
) -> tuple[list[str] | str, list[Text]]:
    """The list itself, or where its words stand hidden: a comma in one would cut it in two."""
    if len(",".join(words)) <= _LONGEST_LIST and not any("," in one for one in words):
        return list(words), []
    index = layout.notes + 1
    letters = name_column(index + 1)
    texts = [Text(taken + at, index, word, "option") for at, word in enumerate(words)]
    return f"=${letters}${taken + 1}:${letters}${taken + len(words)}", texts
