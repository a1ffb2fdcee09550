"""What a schema wants and what a file has, in the words of the one who wrote it."""

from __future__ import annotations

import re
from typing import Any

from engine.catalogue.tree import At
from engine.i18n import gettext as _

_LONGEST = 40


def join_path(path: At, key: str = "") -> str:
    """A path inside one object as its author would say it; places in lists count from 1."""
    steps = [str(step + 1) if isinstance(step, int) else step for step in path]
    return ".".join([*steps, key] if key else steps)


def kinds_of(schema: dict[str, Any]) -> list[str]:
    """The kinds of values that a schema allows."""
    kinds = schema.get("type", [])
    return [kinds] if isinstance(kinds, str) else list(kinds)


def say_kinds(schema: dict[str, Any]) -> list[str]:
    """What is due, a phrase for each kind."""
    words = {
        "string": _("a text"),
        "number": _("a number"),
        "integer": _("a whole number"),
        # A target may be "yes" and never "no": the schema says so by `not`.
        "boolean": _("“yes”") if "not" in schema else _("yes or no"),
        "array": _("a list"),
        "object": _("keys with values"),
    }
    return [words[kind] for kind in kinds_of(schema) if kind != "null"]


def say_found(value: Any, text: str) -> str:
    """What stands there; `text` is a scalar as it is written."""
    if value is None:
        return _("nothing")
    if isinstance(value, bool):
        return _("“{text}” (yes or no)").format(text=text)
    if isinstance(value, int | float):
        return _("the number {text}").format(text=text)
    if isinstance(value, list):
        return _("a list")
    if isinstance(value, dict):
        return _("keys with values")
    short = value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"
    return _("the text “{text}”").format(text=short)


def plain_number(text: str) -> str:
    """`1 234,5`, `1_234.5`, `012` as the language writes a number."""
    digits = re.sub(r"[\s_]", "", text).replace(",", ".").replace("\u2212", "-").lstrip("+")
    return re.sub(r"^(-?)0+(?=\d)", r"\1", digits)
