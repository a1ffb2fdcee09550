"""What all builders share: levels, units, defaults, checked references, and the problems noted."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from engine.catalogue.entry import Entry
from engine.catalogue.model import (
    Advice,
    Check,
    CheckSeverity,
    Comparator,
    Missing,
    Period,
    RegisterColumn,
    Scale,
    Source,
    Table,
)
from engine.language.functions import FUNCTIONS, KEPT_FUNCTIONS, KEPT_NAMES
from engine.language.grammar import KEPT_WORDS, Formula, parse_formula
from engine.problems import Position, Problem, offer_name, suggest_name
from engine.translation import gettext as _
from engine.units import SHIPPED, Unit, parse_unit, read_unit, unknown_part

PERIODS: tuple[Period, ...] = ("calendar_year", "academic_year")
COMPARATORS: tuple[Comparator, ...] = ("at_least", "at_most", "exactly", "none")
MISSING: tuple[Missing, ...] = ("skip", "zero", "block")

SEVERITIES: tuple[CheckSeverity, ...] = ("error", "warning")

Formulas = Mapping[str, tuple[tuple[int | None, Formula], ...]]
"""Id → the formulas of an indicator, each with its first year; None is from the beginning."""
_Made = TypeVar("_Made", Advice, Check)
_PLAIN = re.compile("[A-Za-z0-9_]+")
_HAS_MARK = ("LATIN ", "CYRILLIC ")


@dataclass(slots=True)
class Draft:
    """A catalogue half built. Builders read it and add problems to it."""

    levels: tuple[str, ...] = ("school", "municipality")
    given: tuple[str, ...] = ()
    period: Period = "calendar_year"
    comparator: Comparator = "none"
    decimals: int = 1
    missing: Missing = "skip"
    language: str = "ru"
    units: Mapping[str, Unit] = field(default_factory=dict)
    register: Mapping[str, RegisterColumn] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    scales: Mapping[str, Scale] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)

    def report(
        self,
        code: str,
        message: str,
        position: Position | None,
        hint: str = "",
        *,
        about: str = "",
    ) -> None:
        """Note one error; `about`: the name that it is about."""
        self.problems.append(Problem(code, message, position, hint, about=about))

    # --- ids -----------------------------------------------------------------------------------

    def declared(
        self, parent: Entry, *, inner: bool = False, cells: Container[str] = ()
    ) -> Iterator[Entry]:
        """The entries declared below `parent`, their ids checked; a repeated one only once.

        `inner` ids (parts, options, results) always stand after a dot: they may be words that
        mean something alone. `cells`: dotted ids that may be declared again (indicators of parts).
        """
        seen: dict[str, Entry] = {}
        for entry in parent.children():
            name = entry.name
            first = seen.setdefault(name.casefold(), entry)
            if first is not entry:
                self.report_twice(entry, first.key_position)
                if first.name == name:
                    continue
            refused = refuse_id(name, inner=inner, levels=(*self.levels, *self.given))
            if refused and name not in cells:
                self.report("bad-id", refused[0], entry.key_position, refused[1])
            yield entry

    def report_twice(self, entry: Entry, first: Position | None) -> None:
        """An id that something else has already."""
        self.report(
            "duplicate-id",
            _("the id “{id}” is already declared at {place}").format(id=entry.name, place=first),
            entry.key_position,
            _("ids differ by more than the case of letters: choose another"),
        )

    def add_once(self, made: dict[str, _Made], thing: _Made) -> None:
        """Add what has an id of its own; one whose id is taken is a problem."""
        first = made.setdefault(thing.id, thing)
        if first is not thing:
            self.report(
                "duplicate-id",
                _("the id “{id}” is already declared at {place}").format(
                    id=thing.id, place=first.position
                ),
                thing.position,
                _("choose another id"),
            )

    # --- references ----------------------------------------------------------------------------

    def unit(self, entry: Entry) -> Unit | None:
        """The unit named by the entry; None, with a problem, where it is unknown."""
        text = entry.written.strip()
        if not text:
            return None
        unit = parse_unit(text, self.units)
        if unit is None:
            part = unknown_part(text, self.units) or text
            place = entry.position
            if part != text:
                place = place._replace(column=place.column + text.index(part), length=len(part))
            meant = read_unit(part)  # as an order writes it: «чел.»
            self.report(
                "unknown-unit",
                _("unknown unit “{name}”").format(name=part),
                place,
                (offer_name(part, meant) if meant else "")
                or suggest_name(part, (*self.units, *SHIPPED))
                or _("declare it under `units`, or take one of: {units}").format(
                    units=", ".join(SHIPPED)
                ),
                about=part,
            )
        return unit

    def level(self, entry: Entry, default: str, *, given: bool = True) -> str:
        """The level named by the entry; `default`, with a problem, where it is unknown."""
        text = entry.written.strip()
        levels = self.levels + (self.given if given else ())
        if not text or text in levels:
            return text or default
        self.problems.append(make_unknown_level(text, levels, entry.position))
        return default

    def formula(self, entry: Entry) -> Formula | None:
        """The formula written in the entry; None, with its problems, where it cannot be read."""
        if entry.data is None or isinstance(entry.data, dict | list):
            return None  # its shape has been complained of
        # A letter typed in two signs (и and a breve) is one letter, as in ids.
        text = unicodedata.normalize("NFC", entry.written.strip("\n"))
        formula, problems = parse_formula(text, *entry.document.runs(entry.path, text))
        self.problems += problems
        return formula


def make_unknown_level(
    name: str, levels: Sequence[str], position: Position | None, written: str = ""
) -> Problem:
    """The problem of a name that is none of the levels; `written`: how it is printed, if not as it is."""
    return Problem(
        "unknown-level",
        _("unknown level “{name}”").format(name=name or written),
        position,
        suggest_name(name, levels)
        or _("levels of the catalogue: {levels}").format(levels=", ".join(levels)),
        about=name,
    )


def refuse_id(name: str, *, inner: bool, levels: tuple[str, ...]) -> tuple[str, str] | None:
    """What is wrong with an id, and the fix; None where it is well formed."""
    if not _PLAIN.fullmatch(name) and not (name and all(map(_is_id_sign, name))):
        return (
            _("“{id}” cannot be an id").format(id=name),
            _("an id has letters (Latin or Cyrillic), digits and _"),
        )
    if name[0].isdigit():
        return (
            _("“{id}” cannot be an id").format(id=name),
            _("an id does not start with a digit"),
        )
    if name in KEPT_WORDS:
        return (
            _("“{id}” cannot be an id: it is a word of the formulas' grammar").format(id=name),
            _("choose another, for instance {id}_").format(id=name),
        )
    if not inner and name in {*FUNCTIONS, *KEPT_FUNCTIONS, *KEPT_NAMES, *levels}:
        return (
            _("“{id}” cannot be an id: it has a meaning of its own").format(id=name),
            _(
                "functions, levels and words such as year, place, value are taken: "
                "choose another, for instance {id}_"
            ).format(id=name),
        )
    return None


def _is_id_sign(sign: str) -> bool:
    if sign.isascii():
        return sign.isalnum() or sign == "_"
    return sign.isalpha() and unicodedata.name(sign, "").startswith(_HAS_MARK)


def read_source(entry: Entry, default: Source = Source()) -> Source:  # noqa: B008 - frozen
    """Where in the order a thing stands; a bare text is the clause."""
    if isinstance(entry.data, str):
        return Source(clause=entry.data)
    if not entry.is_mapping:
        return default
    keys = ("title", "number", "date", "clause", "url")
    return Source(**{key: entry.text(key) for key in keys})


def read_period(entry: Entry, default: Period) -> Period:
    """Calendar or academic year."""
    return entry.choice("period", PERIODS, default)


def read_where(draft: Draft, entry: Entry) -> tuple[Formula, ...]:
    """The condition over the register that schools must meet; nothing where none is written."""
    if not entry.text("where").strip():
        return ()
    condition = draft.formula(entry.at("where"))
    return (condition,) if condition else ()


def read_severity(entry: Entry, default: CheckSeverity) -> CheckSeverity:
    """Error or warning."""
    return entry.choice("severity", SEVERITIES, default)
