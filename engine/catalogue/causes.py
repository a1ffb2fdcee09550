"""Which problems of a catalogue merely follow from others: a formula nobody can read, a lost section.

A problem follows from another where it speaks of a thing that the other has broken, or of one that is
made of such a thing, and would not be there without it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.catalogue.entry import normal_name
from engine.catalogue.model import Band, Catalogue, Indicator, Input, Option, PartSum
from engine.catalogue.source import INNER, Document
from engine.catalogue.yaml_tree import At, position_of
from engine.language.readings.dimensions import show_unit
from engine.problems import Position, Problem, order_of
from engine.translation import gettext as _

_LOST = ("unknown-", "missing-", "example-")
"""Beginnings of the codes of what a file or a section that is lost makes unknown."""
_FOLLOWING = frozenset(
    (
        *("advice-direction", "advice-level", "advice-no-shortfall", "advice-no-subject"),
        *("advice-no-target", "missing-part", "needless-comparator", "not-a-condition"),
        *("not-asked", "nothing-asked", "target-kind", "unit-declared", "unit-text"),
    )
)
"""Codes of what may be wrong of a thing because of another."""
_HARMLESS = frozenset(
    (
        *("bad-id", "contradictory-targets", "duplicate-id", "few-decimals", "needless-comparator"),
        *("since-after-until", "target-between", "target-kind", "target-year", "unknown-group"),
    )
)
"""Codes of what spoils nothing for others."""
_SECTIONS = frozenset(
    ("inputs", "indicators", "events", "constants", "register", "units", "groups", "scales")
)
_OF_LEVELS = _FOLLOWING | {"form-level", "asked-twice", "applies-above", "order-needs-data"}
"""Codes of what a level that is not known makes wrong in the same check, form or recommendation."""
_SHAPES = frozenset(
    ("duplicate-key", "missing-key", "unknown-key", "wrong-type", "wrong-value", "wrong-year")
)
"""Codes of what a key that is lost makes wrong inside what stood below it."""
_ASKING = frozenset(("forms", "events"))
_NAME = re.compile(r"[^\W\d][\w.]*")
_CLASHES = frozenset(
    (
        *("unit-clash", "unit-text", "unit-yes-no", "unit-yes-no-above", "unit-compare-yes-no"),
        "within-not-number",
    )
)
_OF_KINDS = _CLASHES | {"not-a-condition", "unit-condition", "unit-declared"}
"""Codes of what an input of another kind makes wrong in a formula that names it."""
_KINDS_LOST = _SHAPES | {"missing-unit", "missing-options", "unknown-unit"}
"""Codes of what leaves it unknown of which kind or unit an input is."""
_CONDITIONS = frozenset(("not-a-condition", "unit-condition"))
_FORMULAS_LOST = frozenset(("formula-asked", "formula-syntax", "missing-formula", "unknown-name"))
"""Codes of what leaves it unknown whether an indicator is a number or a condition."""
_FEW_CLASHES = 2


@dataclass(frozen=True, slots=True)
class _Places:
    """`starts`: file → (line, column) of every key and value in order, with the path of each."""

    starts: Mapping[str, Sequence[tuple[tuple[int, int], At]]]

    def find(self, position: Position | None) -> At:
        """The path of what begins at a place, or nearest before it; () for no place of a file."""
        starts = self.starts.get(position.file, ()) if position and position.line else ()
        if position is None or not starts:
            return ()
        at = (position.line, position.column)
        return starts[max(0, bisect_right(starts, at, key=lambda start: start[0]) - 1)][1]


def name_causes(
    catalogue: Catalogue, document: Document, problems: Iterable[Problem]
) -> list[Problem]:
    """The problems, with their `cause` those that follow from another one of them."""
    every = list(problems)
    if not any(_may_cause(problem) for problem in every):
        return every
    places = _list_places(document)
    every = _join_clashes(catalogue, document, places, every)
    roots = _find_roots(catalogue, document, places, every)
    caused = []
    for problem in every:
        path = places.find(problem.position)
        cause = problem.cause or (
            _find_lost(problem, roots.lost)
            or _find_named(catalogue, problem, roots)
            or _find_around(problem, path, roots)
        )
        if cause is None and problem.code in _OF_KINDS:
            cause = _find_kind(catalogue, problem, document.text(path), roots.broken)
        caused.append(problem if cause is None or cause == problem else _follow(problem, cause))
    return caused


@dataclass(slots=True)
class _Roots:
    """The problems from which others may follow.

    `lost`: what says that a file or a section is not read, first the one that is named. `broken`: name
    of a thing → what is wrong with it. `unknown`: name → where it is not known. `levels`: path of a
    check, a form, a recommendation → its level that is not known. `shapes`: path → a key or a value
    that is wrong there. `asking`: the first error of forms and events: what is asked is not known.
    """

    lost: tuple[Problem, ...] = ()
    broken: dict[str, Problem] = field(default_factory=dict)
    unknown: dict[str, Problem] = field(default_factory=dict)
    levels: dict[At, Problem] = field(default_factory=dict)
    shapes: dict[At, Problem] = field(default_factory=dict)
    asking: Problem | None = None


def _find_roots(
    catalogue: Catalogue, document: Document, places: _Places, problems: Iterable[Problem]
) -> _Roots:
    every = tuple(problems)
    roots = _Roots(tuple(problem for problem in every if _is_lost(problem, document, places)))
    declared = {"", *catalogue.symbols, *catalogue.events}
    for problem in every:
        path = places.find(problem.position)
        if problem.code == "unknown-level":
            roots.levels.setdefault(path[:2], problem)
        if problem.code.startswith("unknown-") and problem.about not in declared:
            roots.unknown.setdefault(problem.about, problem)
        if problem.code in _SHAPES and path:
            roots.shapes.setdefault(_place_of_shape(problem, path), problem)
        if not _may_cause(problem):
            continue
        if path[:1] and path[0] in _ASKING:
            roots.asking = roots.asking or problem
        if problem.code not in _HARMLESS | _FOLLOWING - {"unit-declared"} and name_thing(path):
            roots.broken.setdefault(name_thing(path), problem)
    return roots


def _place_of_shape(problem: Problem, path: At) -> At:
    """Keys that stand twice in one mapping, or are no years there, are one mistake: a key is lost."""
    return (*path[:-1], "") if problem.code in {"duplicate-key", "wrong-year"} else path


def _find_lost(problem: Problem, lost: Sequence[Problem]) -> Problem | None:
    named = problem.code.startswith(_LOST) or problem.code in _FOLLOWING | _OF_KINDS
    return lost[0] if lost and named and problem not in lost else None


def _find_around(problem: Problem, path: At, roots: _Roots) -> Problem | None:
    """What is wrong with the thing in which a problem stands."""
    if problem.code in _OF_LEVELS and path[:2] in roots.levels:
        return roots.levels[path[:2]]
    if problem.code == "not-asked":
        return roots.asking
    if problem.code in _SHAPES and path:
        around = [path[:length] for length in range(1, len(path))]
        around.append(_place_of_shape(problem, path))
        return next((roots.shapes[at] for at in around if at in roots.shapes), None)
    return None


def _follow(problem: Problem, cause: Problem) -> Problem:
    """What follows from a warning stops nothing either."""
    severity = "warning" if cause.severity == "warning" != problem.severity else problem.severity
    return replace(problem, cause=cause, severity=severity)


def _may_cause(problem: Problem) -> bool:
    return problem.severity == "error" or problem.code == "formula-asked"


def _find_named(catalogue: Catalogue, problem: Problem, roots: _Roots) -> Problem | None:
    """What is wrong with the thing that a problem is about, or with what that is made of."""
    whole = problem.about.rpartition(".")[0]
    if problem.code.startswith("unknown-"):
        return (roots.unknown.get(whole) or roots.broken.get(whole)) if whole else None
    if problem.code not in _FOLLOWING or not problem.about:
        return None
    for name in list_behind(catalogue, problem.about):
        cause = roots.broken.get(name) or roots.unknown.get(name)
        if cause is not None and cause.position != problem.position:
            return cause
    return None


def _find_kind(
    catalogue: Catalogue, problem: Problem, formula: str, broken: Mapping[str, Problem]
) -> Problem | None:
    """What is wrong with a thing that a formula names, so that its kind or unit is not known."""
    lost = _KINDS_LOST | (_FORMULAS_LOST if problem.code in _CONDITIONS else frozenset())
    named = (name for name in _NAME.findall(formula) if name in catalogue.symbols)
    behind = (other for name in named for other in list_behind(catalogue, name))
    causes = (broken[name] for name in behind if name in broken)
    return next((cause for cause in causes if cause.code in lost), None)


def list_behind(catalogue: Catalogue, name: str) -> Iterator[str]:
    """A name, and every name of what it is made of, nearest first."""
    waiting, known = [name], {name}
    while waiting:
        current = waiting.pop(0)
        yield current
        for other in _list_parts(catalogue, current):
            if other not in known:
                known.add(other)
                waiting.append(other)


def _list_parts(catalogue: Catalogue, name: str) -> tuple[str, ...]:
    symbol = catalogue.indicators.get(name) or catalogue.symbols.get(name)
    if isinstance(symbol, Indicator):
        uses = tuple(use.id for _year, formula in symbol.formulas for use in formula.names())
        whole = (name.removesuffix(f".{symbol.part}"),) if symbol.part else ()
        return (*whole, *(use for use in uses if use != name))
    if isinstance(symbol, Input):
        return (symbol.whole,) if symbol.whole else ()
    if isinstance(symbol, PartSum):
        return symbol.cells
    return (symbol.owner,) if isinstance(symbol, Option | Band) else ()


# --- where things stand ----------------------------------------------------------------------------


def _list_places(document: Document) -> _Places:
    starts: dict[str, list[tuple[tuple[int, int], At]]] = {}
    for path, entry in document.entries.items():
        for node in (entry.key, entry.node):
            if node is not None and path:
                at = position_of(entry.file, node)
                starts.setdefault(at.file, []).append(((at.line, at.column), path))
    return _Places({file: sorted(listed, key=lambda at: at[0]) for file, listed in starts.items()})


def name_thing(path: At) -> str:
    """The name of the thing declared at a path or around it; empty where it has none."""
    if len(path) < 2 or path[0] not in _SECTIONS:  # noqa: PLR2004 - section and id
        return ""
    name = normal_name(str(path[1]))
    for key, inner in zip(path[2::2], path[3::2], strict=False):
        if key not in INNER:
            break
        name += f".{normal_name(str(inner))}"
    return name


def _is_lost(problem: Problem, document: Document, places: _Places) -> bool:
    """Whether a problem says that a file, or a section of one, is not read at all."""
    if problem.severity != "error" or problem.about:
        return False
    at = problem.position
    if at is None or at.file not in places.starts:
        return not document.whole
    path = places.find(at)
    return len(path) == 1 and problem.code in {
        *("unknown-key", "wrong-type", "missing-value", "duplicate-key")
    }


# --- units -----------------------------------------------------------------------------------------


def _join_clashes(
    catalogue: Catalogue, document: Document, places: _Places, problems: list[Problem]
) -> list[Problem]:
    """The problems, those that one input makes in several formulas as one: its unit is the mistake."""
    suspects = {
        problem: _list_suspects(catalogue, problem, document, places.find(problem.position))
        for problem in problems
        if problem.code in _CLASHES
    }
    units = Counter(_show_kind(declared) for declared in catalogue.inputs.values())
    joined: dict[Problem, Problem] = {}
    names = dict(suspects)
    while count := Counter(name for named in names.values() for name in named):
        # Of inputs that stand in as many formulas the one of the rarer unit is the odd one.
        name = max(
            count, key=lambda name: (count[name], -units[_show_kind(catalogue.inputs[name])])
        )
        if count[name] <= _FEW_CLASHES:
            break
        alike = sorted((problem for problem in names if name in names[problem]), key=order_of)
        if _is_one_mistake(catalogue, name, alike, suspects):
            first = replace(alike[0], hint=_ask_kind(catalogue.inputs[name], alike[0]))
            joined |= {problem: replace(problem, cause=first) for problem in alike}
            joined[alike[0]] = first
        # Whether it is the odd one or not, it is judged once.
        names = {
            problem: named - {name} for problem, named in names.items() if problem not in joined
        }
    return [joined.get(problem, problem) for problem in problems]


def _is_one_mistake(
    catalogue: Catalogue,
    name: str,
    clashes: Sequence[Problem],
    suspects: Mapping[Problem, set[str]],
) -> bool:
    """Whether an input differs from several others, all of one unit: then it is the odd one."""
    others = {
        other
        for clash in clashes
        if clash.code == "unit-clash"
        for other in suspects[clash]
        if _show_kind(catalogue.inputs[other]) != _show_kind(catalogue.inputs[name])
    }
    units = {_show_kind(catalogue.inputs[other]) for other in others}
    return not units or (len(units) == 1 and len(others) > 1)


def _ask_kind(declared: Input, first: Problem) -> str:
    hint = _("“{id}” stands in each of these formulas: is it rightly “{unit}” ({place})?")
    kind = _show_kind(declared) if declared.unit else f"type: {declared.type}"
    hint = hint.format(id=declared.id, unit=kind, place=declared.position)
    return hint if first.code == "unit-clash" else f"{first.hint}; {hint}".removeprefix("; ")


def _list_suspects(
    catalogue: Catalogue, problem: Problem, document: Document, path: At
) -> set[str]:
    """The inputs at a path that may be what a problem with units complains of."""
    if problem.code == "unit-clash":
        named = {name_thing(path), *_NAME.findall(document.text(path))} & catalogue.inputs.keys()
        return {name for name in named if _show_kind(catalogue.inputs[name]) in problem.message}
    at = problem.position
    meant = at.excerpt[at.column - 1 : at.column - 1 + at.length] if at else ""
    return {problem.about or meant} & catalogue.inputs.keys()


def _show_kind(declared: Input) -> str:
    return show_unit(declared.unit) if declared.unit else declared.type
