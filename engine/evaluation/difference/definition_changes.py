"""What of the definitions of one catalogue is not as in another: data, of which words are made later.

Things are paired by id; of those without a pair, two with one title (or one code) are one thing under
another id. Formulas are compared as trees in which renamed ids are put in, so a new id alone changes no
formula. What is not declared is not compared: places in files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal

from engine.catalogue.lookups import (
    form_inputs,
    inputs_behind,
    list_scale_names,
    list_tables,
    title_of,
)
from engine.catalogue.model import (
    Advice,
    AdviceText,
    Catalogue,
    Check,
    Example,
    Form,
    FormSection,
    Indicator,
)
from engine.language.grammar import Formula, tree_key
from engine.same_names import fold_name
from engine.units import Unit

DefinitionKind = Literal[
    "catalogue",
    "group",
    "register",
    "unit",
    "constant",
    "input",
    "indicator",
    "event",
    "form",
    "check",
    "advice",
    "example",
    "publication",
]
_Names = dict[str, str]
"""Id in the earlier catalogue → id in the later one, of what has another id there."""

_SECTIONS: Mapping[DefinitionKind, str] = {
    "group": "groups",
    "register": "register",
    "unit": "units",
    "constant": "constants",
    "input": "inputs",
    "indicator": "indicators",
    "event": "events",
    "form": "forms",
    "check": "checks",
    "advice": "advice",
    "example": "examples",
}
"""Kind → the field of a catalogue that holds things of this kind, those that others name first."""
_HEAD = (
    *("title", "municipality", "region", "language", "levels", "given", "years", "period"),
    *("interpretation", "source"),
)
_NEVER = frozenset(("id", "position", "positions", "places", "year_position", "runs"))
_LEFT_OUT: Mapping[DefinitionKind, frozenset[str]] = {
    # Follows from other keys, or is compared as a thing of its own.
    "indicator": frozenset(("type", "input", "part", "event", "column", "score", "distribution")),
    "input": frozenset(("whole", "parts", "when_yes", "lower")),
    "event": frozenset(("results",)),
    "advice": frozenset(("about", "figures", "names")),
}
_BY_YEAR = frozenset(("formulas", "targets", "values", "base"))
_REFERENCES = frozenset(
    ("within", "asked_when", "cells", "indicator", "asked", "people", "dimensions")
)
OF_GROUPS = frozenset(("group", "section"))
"""Fields that hold the id of a group."""
_OF_EXAMPLES = frozenset(("answers", "answers_above", "columns"))
"""Tables of an example, whose keys are ids."""
_COUNTS: Mapping[DefinitionKind, frozenset[str]] = {
    "catalogue": frozenset(("levels", "given", "years")),
    "register": frozenset(("type",)),
    "unit": frozenset(("dimensions", "scale")),
    "constant": frozenset(("unit", "level", "values", "values_by_place")),
    "input": frozenset(
        (
            *("type", "unit", "level", "rollup", "parts_are", "applies_to", "since", "until"),
            *("asked_if", "limits"),
            *("graded", "points", "mean_points"),
        )
    ),
    "indicator": frozenset(
        (
            *("formulas", "unit", "decimals", "missing", "better", "targets", "target_levels"),
            *("since", "until", "by", "graded", "levels", "same_schools", "base", "breaks"),
            *("where", "table"),
        )
    ),
}
"""Aspects that numbers and verdicts depend on; others are words, forms and checks."""
_DEPENDED_ON: tuple[DefinitionKind, ...] = ("register", "unit", "constant", "input", "indicator")


@dataclass(frozen=True, slots=True)
class AspectChange:
    """One key of a thing: its name in the model, and the objects before and after (None: absent).

    `year`: the year of a target or a value, or from which a formula holds.
    """

    aspect: str
    before: Any
    after: Any
    year: int | None = None


@dataclass(frozen=True, slots=True)
class DefinitionChange:
    """A thing that is not as it was; `former` is its id before, empty where it was added.

    `id` is its id now, empty where it was removed. `aspects` are empty for what was added or removed.
    """

    kind: DefinitionKind
    former: str
    id: str
    aspects: tuple[AspectChange, ...] = ()

    @property
    def what(self) -> Literal["added", "removed", "renamed", "changed"]:
        """What became of it."""
        if not self.former:
            return "added"
        if not self.id:
            return "removed"
        return "changed" if self.former == self.id else "renamed"

    @property
    def counting(self) -> tuple[AspectChange, ...]:
        """The aspects that numbers and verdicts depend on."""
        return tuple(
            change for change in self.aspects if change.aspect in _COUNTS.get(self.kind, ())
        )

    @property
    def wording(self) -> tuple[AspectChange, ...]:
        """The other aspects: words, forms, checks."""
        return tuple(change for change in self.aspects if change not in self.counting)

    @property
    def counts(self) -> bool:
        """Whether numbers may depend on it. Data name inputs and columns of the register by their ids."""
        if self.what == "changed":
            return bool(self.counting)
        if self.what == "renamed":
            return bool(self.counting) or self.kind in {"input", "register"}
        return self.kind in _DEPENDED_ON


def compare_definitions(
    before: Catalogue, after: Catalogue
) -> tuple[tuple[DefinitionChange, ...], _Names]:
    """The changes, in the order of the kinds and of the later catalogue, what was removed last.

    And the ids of the earlier catalogue that are others in the later one, of what formulas name.
    """
    pairs = {kind: _pair_ids(kind, before, after) for kind in _SECTIONS}
    names = {
        former: name
        for kind in _DEPENDED_ON
        for former, name in pairs[kind].items()
        if former != name
    }
    group_names = {former: name for former, name in pairs["group"].items() if former != name}
    comparison = _Comparison(names, group_names)
    changes = []
    if head := tuple(comparison.compare("catalogue", _head(before), _head(after))):
        changes.append(DefinitionChange("catalogue", before.id, after.id, head))
    elif before.id != after.id:
        changes.append(DefinitionChange("catalogue", before.id, after.id))
    for kind, paired in pairs.items():
        changes += _compare_section(kind, paired, before, after, comparison)
    published = [
        vars_of(catalogue.publication) if catalogue.publication else {}
        for catalogue in (before, after)
    ]
    if aspects := tuple(comparison.compare("publication", *published)):
        changes.append(DefinitionChange("publication", before.id, after.id, aspects))
    return tuple(changes), names


def _compare_section(
    kind: DefinitionKind,
    paired: _Names,
    before: Catalogue,
    after: Catalogue,
    comparison: _Comparison,
) -> Iterator[DefinitionChange]:
    old, new = _things(before, kind), _things(after, kind)
    former = {name: earlier for earlier, name in paired.items()}
    added = [name for name in new if name not in former]
    removed = [name for name in old if name not in paired]
    for name in new:
        if name in former:
            aspects = tuple(
                comparison.compare(
                    kind,
                    _describe(before, kind, former[name], old[former[name]]),
                    _describe(after, kind, name, new[name]),
                )
            )
            moved = former[name] != name and not _follows(former[name], name, paired)
            if aspects or moved:
                yield DefinitionChange(kind, former[name], name, aspects)
        elif kind != "input" or _whole(name) not in added:
            yield DefinitionChange(kind, "", name)
    for name in removed:
        if kind != "input" or _whole(name) not in removed:
            yield DefinitionChange(kind, name, "")


def _follows(former: str, name: str, paired: _Names) -> bool:
    """Whether a part has another id only because its whole has."""
    whole = _whole(former)
    return bool(whole) and paired.get(whole) == _whole(name) and whole != _whole(name)


def _whole(name: str) -> str:
    return name.rpartition(".")[0]


# --- what is compared -----------------------------------------------------------------------------


def _things(catalogue: Catalogue, kind: DefinitionKind) -> Mapping[str, Any]:
    """Things of a kind that an author declares: a part of `by:` belongs to its indicator."""
    if kind == "example":
        return {example.name: example for example in catalogue.examples}
    things: Mapping[str, Any] = getattr(catalogue, _SECTIONS[kind])
    if kind == "indicator":
        return {name: thing for name, thing in things.items() if not thing.part}
    if kind == "check":
        return {name: thing for name, thing in things.items() if not thing.automatic}
    return things


def _head(catalogue: Catalogue) -> dict[str, Any]:
    return {name: getattr(catalogue, name) for name in _HEAD}


def _describe(catalogue: Catalogue, kind: DefinitionKind, name: str, thing: Any) -> dict[str, Any]:
    """The aspects of a thing: the fields of the model, and what other things say of it."""
    if isinstance(thing, Example):
        return {
            "answers": thing.years,
            "answers_above": thing.given,
            "columns": thing.register,
            "scenario": thing.scenario,
            "expectations": thing.expect,
        }
    aspects = vars_of(thing, _LEFT_OUT.get(kind, frozenset()))
    if kind in {"indicator", "input"}:
        # Of a unit `scale` is a number.
        aspects["graded"] = aspects.pop("scale")
    if kind == "indicator":
        aspects["table"] = list_tables(catalogue, thing)
        parts = (indicator.part for indicator in catalogue.indicators.values() if indicator.part)
        aspects["by"] = tuple(part for part in parts if f"{name}.{part}" in catalogue.indicators)
    if isinstance(thing, Form):
        aspects["asked"] = form_inputs(catalogue, thing)
    return aspects


def vars_of(thing: Any, left_out: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The fields of a frozen object by name, without its places in files."""
    hidden = _NEVER | left_out
    return {
        field.name: getattr(thing, field.name)
        for field in fields(thing)
        if field.name not in hidden
    }


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Compares objects of the model; ids of the earlier catalogue are read as those of the later."""

    names: _Names
    group_names: _Names

    def compare(
        self, kind: DefinitionKind, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> Iterator[AspectChange]:
        """The aspects that differ, in the order of the model."""
        for aspect in dict.fromkeys((*before, *after)):
            old, new = before.get(aspect), after.get(aspect)
            if aspect in _BY_YEAR:
                yield from self._compare_years(aspect, dict(old or ()), dict(new or ()))
            elif kind == "form" and aspect == "sections" and before["asked"] != after["asked"]:
                continue  # what is asked says more than that rows are others
            elif self._key(aspect, old, renamed=True) != self._key(aspect, new):
                yield AspectChange(aspect, old, new)

    def _compare_years(
        self, aspect: str, before: Mapping[Any, Any], after: Mapping[Any, Any]
    ) -> Iterator[AspectChange]:
        for year in sorted({*before, *after}, key=lambda first: first or 0):
            old, new = before.get(year), after.get(year)
            if self._key(aspect, old, renamed=True) != self._key(aspect, new):
                yield AspectChange(aspect, old, new, year)

    def _key(self, aspect: str, value: Any, *, renamed: bool = False) -> Any:
        """What is equal where nothing changed; `renamed` puts in the ids of the later catalogue."""
        names = self.names if renamed else {}
        match value:
            case Formula():
                key: Any = tree_key((value.rename(names) if names else value).tree)
            case AdviceText():
                key = value.written
            case FormSection(group=str()):
                # Its title is that of the group, which is compared as a thing of its own.
                group = (
                    self.group_names.get(str(value.group), value.group) if renamed else value.group
                )
                key = group, self._key("rows", value.rows, renamed=renamed)
            case Unit():
                key = names.get(value.id, value.id)
            case str() if aspect in OF_GROUPS and renamed:
                key = self.group_names.get(value, value)
            case str() if aspect in _REFERENCES:
                key = names.get(value, value)
            case Mapping():
                ids = names if aspect in _OF_EXAMPLES else {}
                key = {
                    ids.get(each, each): self._key(aspect, inner, renamed=renamed)
                    for each, inner in value.items()
                }
            case tuple():
                key = tuple(self._key(aspect, inner, renamed=renamed) for inner in value)
            case _ if is_dataclass(value):
                fields_of = vars_of(value).items()
                key = {each: self._key(each, inner, renamed=renamed) for each, inner in fields_of}
            case _:
                key = value
        return key


# --- things under another id ----------------------------------------------------------------------


def _pair_ids(kind: DefinitionKind, before: Catalogue, after: Catalogue) -> dict[str, str]:
    """Earlier id → later id: the same id, else the one thing with the same title or code."""
    old, new = _things(before, kind), _things(after, kind)
    pairs = {name: name for name in old if name in new}
    for identify in (_identify_by_title, _identify_by_code):
        gone = _index(identify, before, kind, [name for name in old if name not in pairs])
        taken = set(pairs.values())
        come = _index(identify, after, kind, [name for name in new if name not in taken])
        pairs |= {gone[key]: come[key] for key in gone if key in come}
    return pairs


def _index(
    identify: Callable[[Catalogue, DefinitionKind, str], str],
    catalogue: Catalogue,
    kind: DefinitionKind,
    names: list[str],
) -> dict[str, str]:
    """What identifies each of the things → its id; without what several share."""
    keys = {name: identify(catalogue, kind, name) for name in names}
    count = Counter(keys.values())
    return {key: name for name, key in keys.items() if key and count[key] == 1}


def _identify_by_title(catalogue: Catalogue, kind: DefinitionKind, name: str) -> str:
    """The title; of what has none, the sentence that it says."""
    if kind in {"input", "constant", "register"}:
        return fold_name(title_of(catalogue, name))
    match _things(catalogue, kind)[name]:
        case Advice(text=text):
            return text.written
        case Check(message=message):
            return message
        case Example(name=words):
            return fold_name(words)
        case thing:
            return fold_name(thing.title)


def _identify_by_code(catalogue: Catalogue, kind: DefinitionKind, name: str) -> str:
    return str(getattr(_things(catalogue, kind)[name], "code", ""))


# --- what a number depends on ---------------------------------------------------------------------


def names_behind(catalogue: Catalogue, name: str) -> frozenset[str]:
    """An indicator (or input), and all that its value depends on: inputs, constants, indicators."""
    waiting, seen = [name], set[str]()
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        thing = catalogue.indicators.get(current)
        if isinstance(thing, Indicator):
            seen |= {thing.unit.id} if thing.unit else set()
            waiting += [use.id for _year, formula in thing.formulas for use in formula.names()]
            waiting += list_scale_names(catalogue, current)
            waiting += [thing.id.removesuffix(f".{thing.part}")] if thing.part else []
    return frozenset((*seen, *inputs_behind(catalogue, [name])))
