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
    for asked in catalogue.inputs.values():
        written = asked.positions.get("unit")
        if asked.type not in NUMERIC:
            if written is not None:
                yield Problem(
                    "needless-unit",
                    _("“{id}” is no number, it has no unit").format(id=asked.id),
                    written,
                    _("take the key unit away, or write type: count"),
                )
        elif asked.unit is None and written is None and not _whole_lacks_unit(catalogue, asked):
            yield Problem(
                "missing-unit",
                _("the input “{id}” has no unit").format(id=asked.id),
                asked.position,
                _("write for instance unit: person"),
            )


def _whole_lacks_unit(catalogue: Catalogue, asked: Input) -> bool:
    whole = catalogue.inputs.get(asked.whole or "")
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
    for asked in catalogue.inputs.values():
        if asked.when_yes and asked.type != "yes_no":
            yield Problem(
                "needless-when-yes",
                _("“{id}” is no yes/no, nothing can be asked after a yes").format(id=asked.id),
                asked.positions.get("when_yes", asked.position),
                _("write type: yes_no"),
            )
        if asked.parts_are != "subset" and not asked.parts:
            yield Problem(
                "needless-parts",
                _("“{id}” says how its parts add up, but it has no parts").format(id=asked.id),
                asked.positions.get("parts", asked.position),
                _("declare the parts under of_which, or take the key parts away"),
            )


def check_roll_ups(catalogue: Catalogue) -> Iterable[Problem]:
    """What does not add up is not summed over schools; what is no number rolls up in one way."""
    for asked in catalogue.inputs.values():
        written = asked.positions.get("rollup")
        if written is None:
            continue
        if asked.type not in NUMERIC:
            yield Problem(
                "needless-rollup",
                _("“{id}” is no number: it rolls up in its own way").format(id=asked.id),
                written,
                _("take the key rollup away"),
            )
        elif asked.rollup == "sum" and asked.unit is not None and not asked.unit.additive:
            yield Problem(
                "rollup-sum",
                _("values in “{unit}” do not add up over schools").format(unit=asked.unit.id),
                written,
                _("ask for the counts and compute the share, or write mean, min, max or last"),
            )


def check_within(catalogue: Catalogue) -> Iterable[Problem]:
    """`within` names another number."""
    for asked in catalogue.inputs.values():
        written = asked.positions.get("within")
        if asked.within is None or written is None:
            continue
        outer = catalogue.symbols.get(asked.within)
        if asked.within == asked.id:
            yield Problem(
                "within-itself",
                _("“{id}” cannot lie within itself").format(id=asked.id),
                written,
                _("name what it is a part of, or take the key within away"),
            )
        elif not isinstance(outer, Input | PartSum):
            numbers = [
                name
                for name, symbol in catalogue.symbols.items()
                if isinstance(symbol, Input | PartSum) and name != asked.id
            ]
            yield Problem(
                "unknown-input",
                _("unknown input “{name}”").format(name=asked.within),
                written,
                suggest_name(asked.within, numbers)
                or _("declare the input “{name}”").format(name=asked.within),
            )
        elif asked.type not in NUMERIC or (isinstance(outer, Input) and outer.type not in NUMERIC):
            yield Problem(
                "within-not-number",
                _("only a number lies within another number"),
                written,
                _("take the key within away"),
            )
    yield from _check_circles(catalogue)


def _check_circles(catalogue: Catalogue) -> Iterable[Problem]:
    """Nothing lies within what lies within it; each circle once, from the input declared first."""
    # A part lies within its whole, and may be declared to lie within something else.
    above = {
        name: [one for one in (symbol.within, symbol.whole) if one and one != name]
        for name, symbol in catalogue.inputs.items()
    } | {
        name: [name.rpartition(".")[0]]
        for name, symbol in catalogue.symbols.items()
        if isinstance(symbol, PartSum)
    }
    told: set[str] = set()
    for asked in catalogue.inputs.values():
        if asked.within is None or "within" not in asked.positions or asked.id in told:
            continue
        way = find_way(above, asked.within, asked.id) if asked.within != asked.id else ()
        told |= set(way)
        if way:
            yield Problem(
                "within-itself",
                _("“{id}” lies within itself: {circle}").format(
                    id=asked.id, circle=" → ".join((asked.id, *way))
                ),
                asked.positions["within"],
                _("name what it is a part of, or take the key within away"),
            )


def _not_a_column(catalogue: Catalogue, use: NameUse) -> Problem:
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
        _("applies_to names only columns of the register of schools, “{name}” is none").format(
            name=use.id
        ),
        use.position,
        hint or _("declare the column under `register`"),
    )


def check_conditions(catalogue: Catalogue) -> Iterable[Problem]:
    """`applies_to` speaks of schools, and only of columns of their register."""
    for asked in catalogue.inputs.values():
        written = asked.positions.get("applies_to")
        if written is None or not asked.applies_to:
            continue
        if asked.level != catalogue.levels[0]:
            yield Problem(
                "applies-above",
                _(
                    "“{id}” is given at the level “{level}”, but applies_to speaks of schools"
                ).format(id=asked.id, level=asked.level),
                written,
                _("take the key applies_to away"),
            )
        own = asked.applies_to[-1]
        for use in own.names():
            owner = use.id.partition(".")[0]
            if owner not in catalogue.register or use.id not in catalogue.symbols:
                yield _not_a_column(catalogue, use)
