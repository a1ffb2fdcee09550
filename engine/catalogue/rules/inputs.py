"""What is asked: units, options, roll-up, `within` and the conditions of `applies_to`."""

from __future__ import annotations

from collections.abc import Iterable

from engine.catalogue.model import NUMERIC, Catalogue, Input, PartSum, RegisterColumn
from engine.catalogue.rules.cycles import find_way
from engine.language.grammar import NameUse
from engine.problems import Problem, suggest_name
from engine.translation import gettext as _


def check_input_units(catalogue: Catalogue) -> Iterable[Problem]:
    """A number has a unit; a yes/no, a choice and a text have none."""
    for declared in catalogue.inputs.values():
        written = declared.positions.get("unit")
        if declared.type not in NUMERIC:
            if written is not None:
                yield Problem(
                    "needless-unit",
                    _("“{id}” is no number, it has no unit").format(id=declared.id),
                    written,
                    _("take the key unit away, or write type: count"),
                )
        elif (
            declared.unit is None and written is None and not _whole_lacks_unit(catalogue, declared)
        ):
            yield Problem(
                "missing-unit",
                _("the input “{id}” has no unit").format(id=declared.id),
                declared.position,
                _("write for instance unit: person"),
            )


def _whole_lacks_unit(catalogue: Catalogue, declared: Input) -> bool:
    whole = catalogue.inputs.get(declared.whole or "")
    return whole is not None and whole.type in NUMERIC and whole.unit is None


def check_input_kinds(catalogue: Catalogue) -> Iterable[Problem]:
    """A choice has options, and only a choice; only a yes/no asks further when yes."""
    things: tuple[Input | RegisterColumn, ...] = (
        *catalogue.register.values(),
        *catalogue.inputs.values(),
    )
    for thing in things:
        if thing.type == "choice" and not thing.options:
            yield Problem(
                "missing-options",
                _("the choice “{id}” has no options").format(id=thing.id),
                thing.position,
                _("write options: and below it the id and the title of each"),
            )
        if thing.type != "choice" and thing.options:
            yield Problem(
                "needless-options",
                _("“{id}” has options, but it is no choice").format(id=thing.id),
                thing.position,
                _("write type: choice, or take the options away"),
            )
    for declared in catalogue.inputs.values():
        if declared.when_yes and declared.type != "yes_no":
            yield Problem(
                "needless-when-yes",
                _("“{id}” is no yes/no, nothing can be asked after a yes").format(id=declared.id),
                declared.positions.get("when_yes", declared.position),
                _("write type: yes_no"),
            )
        if declared.parts_are != "subset" and not declared.parts:
            yield Problem(
                "needless-parts",
                _("“{id}” says how its parts add up, but it has no parts").format(id=declared.id),
                declared.positions.get("parts", declared.position),
                _("declare the parts under of_which, or take the key parts away"),
            )


def check_roll_ups(catalogue: Catalogue) -> Iterable[Problem]:
    """What does not add up is not summed over schools; what is no number rolls up in one way."""
    for declared in catalogue.inputs.values():
        written = declared.positions.get("rollup")
        if written is None:
            continue
        if declared.type not in NUMERIC:
            if declared.mean_points and declared.points:
                continue
            yield Problem(
                "needless-rollup",
                _("“{id}” is no number: it rolls up in its own way").format(id=declared.id),
                written,
                _("take the key rollup away"),
            )
        elif declared.rollup == "sum" and not (
            declared.type == "count" or declared.unit is None or declared.unit.additive
        ):
            yield Problem(
                "rollup-sum",
                _("values in “{unit}” do not add up over places").format(unit=declared.unit.id),
                written,
                _("ask for the counts and compute the share, or write mean, min, max or last"),
            )


def check_within(catalogue: Catalogue) -> Iterable[Problem]:
    """`within` names another number."""
    for declared in catalogue.inputs.values():
        written = declared.positions.get("within")
        if declared.within is None or written is None:
            continue
        outer = catalogue.symbols.get(declared.within)
        if declared.within == declared.id:
            yield Problem(
                "within-itself",
                _("“{id}” cannot lie within itself").format(id=declared.id),
                written,
                _("name what it is a part of, or take the key within away"),
            )
        elif not isinstance(outer, Input | PartSum):
            numbers = [
                name
                for name, symbol in catalogue.symbols.items()
                if isinstance(symbol, Input | PartSum) and name != declared.id
            ]
            yield Problem(
                "unknown-input",
                _("unknown input “{name}”").format(name=declared.within),
                written,
                suggest_name(declared.within, numbers)
                or _("declare the input “{name}”").format(name=declared.within),
                about=declared.within,
            )
        elif declared.type not in NUMERIC or (
            isinstance(outer, Input) and outer.type not in NUMERIC
        ):
            yield Problem(
                "within-not-number",
                _("only a number lies within another number"),
                written,
                _("take the key within away"),
                about=declared.within if declared.type in NUMERIC else declared.id,
            )
    yield from _check_circles(catalogue)


def _check_circles(catalogue: Catalogue) -> Iterable[Problem]:
    """Nothing lies within what lies within it; each circle once, from the input declared first."""
    # A part lies within its whole, and may be declared to lie within something else.
    above = {
        name: [outer for outer in (symbol.within, symbol.whole) if outer and outer != name]
        for name, symbol in catalogue.inputs.items()
    } | {
        name: [name.rpartition(".")[0]]
        for name, symbol in catalogue.symbols.items()
        if isinstance(symbol, PartSum)
    }
    reported: set[str] = set()
    for declared in catalogue.inputs.values():
        if declared.within is None or "within" not in declared.positions or declared.id in reported:
            continue
        way = (
            find_way(above, declared.within, declared.id) if declared.within != declared.id else ()
        )
        reported |= set(way)
        if way:
            yield Problem(
                "within-itself",
                _("“{id}” lies within itself: {circle}").format(
                    id=declared.id, circle=" → ".join((declared.id, *way))
                ),
                declared.positions["within"],
                _("name what it is a part of, or take the key within away"),
            )


def name_no_column(catalogue: Catalogue, use: NameUse, key: str) -> Problem:
    """That a condition under `key` names what is no column of the register."""
    column = catalogue.register.get(use.id.partition(".")[0])
    known = [
        name
        for column in catalogue.register.values()
        for name in ([f"{column.id}.{option}" for option in column.options] or [column.id])
    ]
    hint = suggest_name(use.id, known)
    if column is not None and column.options:
        hint = hint or _("its options: {names}").format(names=", ".join(column.options))
    elif known:
        hint = hint or _("columns of the register: {names}").format(names=", ".join(known))
    return Problem(
        "not-in-register" if use.id in catalogue.symbols else "unknown-column",
        _("{key} names only columns of the register of schools, “{name}” is none").format(
            key=key, name=use.id
        ),
        use.position,
        hint or _("declare the column under `register`"),
        about=use.id,
    )


def check_conditions(catalogue: Catalogue) -> Iterable[Problem]:
    """`applies_to` speaks of schools, and only of columns of their register."""
    for declared in catalogue.inputs.values():
        written = declared.positions.get("applies_to")
        if written is None or not declared.applies_to:
            continue
        if declared.level != catalogue.levels[0]:
            yield Problem(
                "applies-above",
                _(
                    "“{id}” is given at the level “{level}”, but applies_to speaks of schools"
                ).format(id=declared.id, level=declared.level),
                written,
                _("take the key applies_to away"),
            )
        own = declared.applies_to[-1]
        for use in own.names():
            owner = use.id.partition(".")[0]
            if owner not in catalogue.register or use.id not in catalogue.symbols:
                yield name_no_column(catalogue, use, "applies_to")
