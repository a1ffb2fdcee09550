"""Typed reading of plain data: a value of the wrong shape reads as absent.

JSON Schema reports what is wrong with the shape, so an entry never does: it gives the default, and
the rest of the catalogue is still built and checked in the same run.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple, TypeVar

from engine.catalogue.source import Document
from engine.problems import Position

Choice = TypeVar("Choice", bound=str)

_NO = {"no", "нет", "false"}
_YES = {"yes", "да", "true"}


_TITLES = frozenset(("title", "short", "municipality", "region"))
_SPACES = re.compile(r"[ \t\r\n\v\f\x85\u2028\u2029]+")


def join_lines(text: str) -> str:
    """A title on one line: what was pasted with tabs, line ends or several spaces in a row has one."""
    return _SPACES.sub(" ", text).strip()


def normal_name(text: str) -> str:
    """An id in the one form (NFKC) in which ids are compared; a letter typed in two signs is one."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def is_yes(value: Any) -> bool | None:
    """Yes, no, or None where the value as read from the file is neither."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        word = value.strip().lower()
        return True if word in _YES else False if word in _NO else None
    return None


class Entry(NamedTuple):
    """A value of the catalogue and the path to it; `data` is what stands there.

    A named tuple, because thousands are made of each catalogue and these are made fastest.
    """

    document: Document
    path: tuple[str | int, ...]
    data: Any

    @property
    def name(self) -> str:
        """The id under which it is declared: its key, normalised."""
        return normal_name(str(self.path[-1])) if self.path else ""

    @property
    def is_mapping(self) -> bool:
        """Whether keys stand in it."""
        return isinstance(self.data, dict)

    def has(self, key: str) -> bool:
        """Whether the key is written, with a value or without."""
        return isinstance(self.data, dict) and key in self.data

    def at(self, key: str) -> Entry:
        """The entry below; one without data where there is nothing."""
        data = self.data.get(key) if isinstance(self.data, dict) else None
        return Entry(self.document, (*self.path, key), data)

    def children(self, key: str | None = None) -> Iterator[Entry]:
        """The entries of a mapping or a list, in the order of the file."""
        parent = self if key is None else self.at(key)
        if isinstance(parent.data, dict):
            for name, value in parent.data.items():
                yield Entry(self.document, (*parent.path, name), value)
        elif isinstance(parent.data, list):
            for number, value in enumerate(parent.data):
                yield Entry(self.document, (*parent.path, number), value)

    # --- values --------------------------------------------------------------------------------

    @property
    def written(self) -> str:
        """A scalar as it is written in the file; empty for anything else and for null."""
        if self.data is None or isinstance(self.data, dict | list):
            return ""
        if isinstance(self.data, str):
            return self.data
        return self.document.text(self.path)

    def text(self, key: str, default: str = "") -> str:
        """A text; a number or a yes stays as it is written."""
        data = self.data.get(key, default) if isinstance(self.data, dict) else default
        text = data if isinstance(data, str) else self.at(key).written
        return join_lines(text) if key in _TITLES else text

    @property
    def title(self) -> str:
        """The title of what is declared, which may be its whole text; empty where there is none."""
        return self.text("title") if self.is_mapping else join_lines(self.written)

    def name_at(self, key: str) -> str:
        """A text that is an id; empty where there is none."""
        return normal_name(self.text(key).strip())

    def names_at(self, key: str) -> tuple[Entry, ...]:
        """A list of ids, or one id: an entry for each text."""
        entry = self.at(key)
        children = (entry,) if isinstance(entry.data, str) else tuple(entry.children())
        return tuple(child for child in children if isinstance(child.data, str))

    def choice(self, key: str, allowed: tuple[Choice, ...], default: Choice) -> Choice:
        """One of the allowed words."""
        text = self.text(key)
        return next((word for word in allowed if word == text), default)

    def yes(self, key: str, default: bool = False) -> bool:
        """A yes or a no."""
        value = is_yes(self.at(key).data)
        return default if value is None else value

    @property
    def number(self) -> Fraction | None:
        """A number, exactly as it is written; None where there is none."""
        if type(self.data) is int:
            return Fraction(self.data)
        if not isinstance(self.data, float):
            return None
        try:
            return Fraction(self.written)
        except ValueError:
            return Fraction(str(self.data))

    @property
    def decimals(self) -> int:
        """How many decimals the number is written with: 7.46 has 2, 1.0 has 1."""
        _, _, after = self.written.partition(".")
        return len(after) if after.isdigit() else 0

    def whole(self, key: str) -> int | None:
        """A whole number, for instance a year."""
        value = self.at(key).data
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    # --- places --------------------------------------------------------------------------------

    @property
    def position(self) -> Position:
        """Where the value stands; of a text in quotes, its first character."""
        return self.document.position(self.path)

    @property
    def key_position(self) -> Position:
        """Where the key of the value stands."""
        return self.document.position(self.path, key=True)

    def positions(self) -> dict[str, Position]:
        """The places of the values of its own keys."""
        keys = self.data if isinstance(self.data, dict) else ()
        return {key: self.document.position((*self.path, key)) for key in keys}


def year_of(entry: Entry) -> int | None:
    """The year that is the key of the entry; None in a list."""
    text = str(entry.path[-1]).strip() if isinstance(entry.path[-1], str) else ""
    return int(text) if text.isdecimal() and text.isascii() else None
