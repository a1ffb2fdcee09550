"""Inputs with their parts and what is asked after a yes; the sums and options made of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from engine.catalogue.answer_words import is_no_answer
from engine.catalogue.build.draft import Draft, read_severity
from engine.catalogue.build.scales import read_answer_colours, read_answer_points, read_scale
from engine.catalogue.entry import Entry
from engine.catalogue.model import (
    NUMERIC,
    Input,
    InputKind,
    Option,
    PartSum,
    RegisterColumn,
    RollupWord,
)
from engine.language.grammar import Formula
from engine.problems import describe_difference, fold_look
from engine.same_names import fold_name
from engine.translation import gettext as _
from engine.units import Unit

KINDS: tuple[InputKind, ...] = ("count", "number", "yes_no", "choice", "text", "date", "link")
ROLLUPS: tuple[RollupWord, ...] = ("sum", "mean", "min", "max", "last", "none")
PARTS: tuple[Literal["partition", "subset", "overlap"], ...] = ("partition", "subset", "overlap")
ASKED_FOR: tuple[Literal["this", "previous"], ...] = ("this", "previous")


@dataclass(frozen=True, slots=True)
class _Owner:
    """What an input below takes over from the one above it, and how they belong together."""

    input: Input | None = None
    is_part: bool = False


def build_inputs(draft: Draft, root: Entry) -> dict[str, Input]:
    """Every input, each followed by its parts and by what is asked after its yes."""
    inputs = {
        declared.id: declared
        for entry in draft.declared(root.at("inputs"))
        for declared in _build(draft, entry, entry.name, _Owner())
    }
    uppers = [upper for declared in inputs.values() for upper in _give_above(declared)]
    for upper in uppers:
        first = inputs.setdefault(upper.id, upper)
        if first is not upper:
            draft.report(
                "duplicate-id",
                _("the id “{id}” is taken: it is what the level “{level}” gives").format(
                    id=upper.id, level=upper.level
                ),
                first.position,
                _("call the part otherwise"),
            )
    return inputs


def _give_above(declared: Input) -> Iterator[Input]:
    """The inputs of the levels above that give it too, each under its id and that of the level."""
    below = declared.id
    for level, name in tuple(declared.given_at.items())[1:]:
        yield replace(
            declared,
            id=name,
            level=level,
            lower=below,
            whole=None,
            parts=(),
            within=None,
            applies_to=(),
        )
        below = name


def _build(draft: Draft, entry: Entry, name: str, above: _Owner) -> Iterator[Input]:
    parts = tuple(draft.declared(entry.at("of_which"), inner=True))
    after_yes = tuple(draft.declared(entry.at("when_yes"), inner=True))
    _compare_names(draft, parts, after_yes)
    below = tuple(
        tuple(f"{name}.{inner.name}" for inner in inners) for inners in (parts, after_yes)
    )
    declared = _build_one(draft, entry, name, above, below)
    yield declared
    for part in parts:
        yield from _build(draft, part, f"{name}.{part.name}", _Owner(declared, is_part=True))
    for answer in after_yes:
        yield from _build(draft, answer, f"{name}.{answer.name}", _Owner(declared))


def _compare_names(draft: Draft, parts: tuple[Entry, ...], after_yes: tuple[Entry, ...]) -> None:
    """Report what is asked after a yes under the name of a part: both stand after the same dot."""
    known = {part.name.casefold(): part for part in parts}
    for answer in after_yes:
        part = known.get(answer.name.casefold())
        if part is not None:
            draft.report_twice(answer, part.key_position)


def _build_one(
    draft: Draft, entry: Entry, name: str, above: _Owner, below: tuple[tuple[str, ...], ...]
) -> Input:
    """One input. A part inherits from its whole what it does not declare itself.

    `below`: the ids of its parts, and of what is asked after its yes.
    """
    whole = above.input if above.is_part else None
    owner = above.input
    kind = entry.choice("type", KINDS, whole.type if whole else "count")
    unit = draft.unit(entry.at("unit")) if entry.has("unit") else whole.unit if whole else None
    if kind not in NUMERIC:
        unit = None
    applies_to = owner.applies_to if owner else ()
    asked_if = whole.asked_if if whole else ()
    levels = _read_levels(draft, entry, kind, owner)
    return Input(
        id=name,
        title=entry.title if isinstance(entry.data, str) else entry.text("title", name),
        type=kind,
        unit=unit,
        level=levels[0],
        rollup=_rollup(entry, kind, unit, whole),
        whole=whole.id if whole else None,
        parts=below[0],
        parts_are=entry.choice("parts", PARTS, "subset"),
        within=entry.name_at("within") or None,
        asked_when=owner.id if owner and not whole else None,
        when_yes=below[1],
        applies_to=applies_to + _read_condition(draft, entry, "applies_to"),
        since=entry.whole("since") or (owner.since if owner else None),
        until=entry.whole("until") or (owner.until if owner else None),
        options=read_options(draft, entry),
        required=entry.yes("required"),
        note=entry.text("note"),
        added=entry.text("added"),
        asked_for=entry.choice("asked_for", ASKED_FOR, owner.asked_for if owner else "this"),
        severity=read_severity(entry, owner.severity if owner else "error"),
        confidential=entry.yes("confidential", owner.confidential if owner else False),
        short=entry.text("short").strip(),
        position=entry.key_position,
        positions=entry.positions(),
        given_at={
            level: f"{name}.{level}" if number else name
            for number, level in enumerate(levels)
            if len(levels) > 1
        },
        asked_if=asked_if + _read_condition(draft, entry, "asked_if"),
        limits=_read_limits(entry.at("limits")),
        scale=read_scale(draft, entry.at("scale"), name),
        points=read_answer_points(entry),
        colours=read_answer_colours(entry),
        mean_points=kind not in NUMERIC and entry.text("rollup") == "mean",
        concept=entry.name_at("concept"),
    )


def _read_condition(draft: Draft, entry: Entry, key: str) -> tuple[Formula, ...]:
    """The condition under a key; nothing where there is none, or none that can be read."""
    condition = draft.formula(entry.at(key)) if entry.text(key).strip() else None
    return (condition,) if condition else ()


def _read_limits(entry: Entry) -> tuple[Fraction, Fraction] | None:
    """The lowest and the highest number; None where these are not two numbers."""
    numbers = [child.number for child in entry.children()]
    if len(numbers) != 2 or numbers[0] is None or numbers[1] is None:  # noqa: PLR2004 - two ends
        return None
    return numbers[0], numbers[1]


def _read_levels(
    draft: Draft, entry: Entry, kind: InputKind, owner: Input | None
) -> tuple[str, ...]:
    """The level that gives an input, or those that give it each for itself, upwards."""
    usual = owner.level if owner else draft.levels[0]
    written = entry.at("level")
    if not isinstance(written.data, list):
        inherited = tuple(owner.given_at) if owner and not entry.has("level") else ()
        return inherited or (draft.level(written, usual),)
    named = {draft.level(child, "") for child in entry.names_at("level")} - {""}
    levels = tuple(level for level in (*draft.levels, *draft.given) if level in named)
    asks = entry.has("when_yes") or owner is not None
    if len(levels) > 1 and (kind not in NUMERIC or asks):
        draft.report(
            "level-list",
            _(
                "“{id}” is given by one level: by several, only counts and numbers that are no parts"
            ).format(id=entry.name),
            written.position,
            _("name one level"),
        )
        return levels[:1]
    return levels or (usual,)


def read_options(draft: Draft, entry: Entry) -> dict[str, str]:
    """The options of a choice: id → title; each may be its title alone, or a mapping.

    An answer is the id or the title of an option, so these never name two options. Nor do two
    titles look alike: in a form nobody could choose between them.
    """
    titles: dict[str, str] = {}
    declared = list(draft.declared(entry.at("options"), inner=True))
    ids = {_join_name(option.name): option.name for option in declared}
    first: dict[str, str] = {}
    looks: dict[str, str] = {}
    for option in declared:
        written = option.at("title") if option.is_mapping else option
        title = titles[option.name] = option.title or option.name
        if is_no_answer(title):
            draft.report(
                "option-not-answer",
                _("“{title}” cannot be an option: so a cell says that there is no answer").format(
                    title=title
                ),
                written.position if written.written else option.key_position,
                _("change the title, or take the option out: every cell takes “n/a” anyway"),
            )
        folded = _join_name(title)
        other = first.setdefault(folded, option.name)
        if other == option.name:
            other = ids.get(folded, option.name)
        alike = looks.setdefault(_join_name(fold_look(title)), option.name)
        hint = _("case, spaces, quotes, dashes and ё do not tell options apart: change the title")
        if other == option.name and alike != option.name:
            other, hint = alike, describe_difference(title, titles[alike])
        # Ids that differ only in case were complained of when they were declared.
        if other.casefold() != option.name.casefold():
            draft.report(
                "option-twice",
                _("“{title}” names two options: “{one}” and “{two}”").format(
                    title=title, one=other, two=option.name
                ),
                written.position if written.written else option.key_position,
                hint,
            )
    return titles


def _join_name(title: str) -> str:
    """A name as names are compared, also without the spaces that part its words: «1 шаг», «1шаг»."""
    return fold_name(title).replace(" ", "")


def _rollup(entry: Entry, kind: InputKind, unit: Unit | None, whole: Input | None) -> RollupWord:
    """How values of schools make one of a municipality: sums where they add up, else as written."""
    if kind == "yes_no":
        return "schools"
    if kind not in NUMERIC:
        return "texts"
    inherited = whole.rollup if whole and "rollup" in whole.positions else None
    adds_up = kind == "count" or (unit is not None and unit.adds_up)
    return entry.choice("rollup", ROLLUPS, inherited or ("sum" if adds_up else "none"))


# --- names made of the inputs ----------------------------------------------------------------------


def cells_below(inputs: Mapping[str, Input]) -> dict[str, dict[str, tuple[str, ...]]]:
    """For each input: what may stand after its id and a dot, and the cells that makes up.

    A part is its own cell; a name that every part of a partition has is the sum of theirs.
    """
    below: dict[str, dict[str, tuple[str, ...]]] = {}
    # Parts stand after their whole, so backwards every part is known before its whole.
    for declared in reversed(tuple(inputs.values())):
        cells: dict[str, tuple[str, ...]] = {}
        for part in declared.parts:
            last = part.rpartition(".")[2]
            cells[last] = (part,)
            cells |= {f"{last}.{name}": inner for name, inner in below.get(part, {}).items()}
        if declared.parts_are == "partition" and declared.parts:
            known = [below.get(part, {}) for part in declared.parts]
            for name in known[0]:
                if name not in cells and all(name in names for names in known):
                    cells[name] = tuple(cell for names in known for cell in names[name])
        below[declared.id] = cells
    return below


def build_part_sums(
    inputs: Mapping[str, Input], below: Mapping[str, Mapping[str, tuple[str, ...]]]
) -> dict[str, PartSum]:
    """`x.ovz` for each partition x whose every part has `ovz`, where all of it is numbers."""
    return {
        f"{whole}.{name}": PartSum(f"{whole}.{name}", cells)
        for whole, names in below.items()
        for name, cells in names.items()
        if f"{whole}.{name}" not in inputs and all(inputs[cell].type in NUMERIC for cell in cells)
    }


def build_options(
    inputs: Mapping[str, Input], register: Mapping[str, RegisterColumn]
) -> dict[str, Option]:
    """`type.lyceum` for each option of each choice."""
    owners: tuple[Input | RegisterColumn, ...] = (*inputs.values(), *register.values())
    return {
        f"{owner.id}.{option}": Option(f"{owner.id}.{option}", owner.id, option)
        for owner in owners
        if owner.type == "choice"
        for option in owner.options
    }
