"""`where` and `by`: conditions over the register of schools, and the targets of parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.catalogue.lookups import list_narrowed
from engine.catalogue.model import Catalogue, Form, Indicator
from engine.catalogue.rules.inputs import name_no_column
from engine.catalogue.rules.names import formulas_of
from engine.language.grammar import NameUse, dotted_name
from engine.problems import Problem, suggest_name
from engine.translation import gettext as _


def check_where(catalogue: Catalogue) -> Iterable[Problem]:
    """`where` speaks of schools, and only of columns of their register."""
    for owner in list_narrowed(catalogue):
        written = owner.positions.get("where")
        if written is None:
            continue
        if isinstance(owner, Form) and owner.fills != catalogue.levels[0]:
            yield Problem(
                "applies-above",
                _("“{id}” is given at the level “{level}”, but where speaks of schools").format(
                    id=owner.id, level=owner.fills
                ),
                written,
                _("take the key where away"),
            )
        yield from _check_names(catalogue, owner)


def _check_names(catalogue: Catalogue, owner: Indicator | Form) -> Iterator[Problem]:
    for condition in owner.where:
        for use in condition.names():
            if use.id.partition(".")[0] in catalogue.register and use.id in catalogue.symbols:
                continue
            if use.id in catalogue.symbols or use.id in catalogue.indicators:
                yield Problem(
                    "where-data",
                    _("where is a condition over the register, “{name}” is data").format(
                        name=use.id
                    ),
                    use.position,
                    _("for a condition over data write only(x, condition) in the formula"),
                    about=use.id,
                )
            else:
                yield name_no_column(catalogue, use, "where")


def check_named_inputs(catalogue: Catalogue) -> Iterable[Problem]:
    """A formula that names an input reads all its schools, whatever the indicator of its id has.

    Such an indicator has no formula of its own. A condition that holds for the formula too is no loss.
    """
    conditions = {
        indicator.input: indicator.where
        for indicator in catalogue.indicators.values()
        if indicator.id == indicator.input and indicator.where
    }
    readers = {
        id(formula): indicator
        for indicator in catalogue.indicators.values()
        for _year, formula in indicator.formulas
    }
    asked = {id(each) for declared in catalogue.inputs.values() for each in declared.asked_if}
    for formula in formulas_of(catalogue, conditions=False) if conditions else ():
        if id(formula) in asked:
            continue
        reader = readers.get(id(formula))
        met = {condition.text for condition in reader.where} if reader else set()
        of_indicators = {
            dotted_name(call.args[0])
            for call, use in formula.calls()
            if use.id in _OF_INDICATORS and call.args
        }
        for use in formula.names():
            unmet = {condition.text for condition in conditions.get(use.id, ())} - met
            if unmet and use.id not in of_indicators:
                yield _note_input(use)


_OF_INDICATORS = frozenset({"rank", "target", "degree", "met", "missed", "shortfall", "worsened"})
"""The functions whose first argument is an indicator, never an input."""


def _note_input(use: NameUse) -> Problem:
    return Problem(
        "where-input",
        _(
            "“{id}” is the input here, of all schools: the where of the indicator with this name does not hold"
        ).format(id=use.id),
        use.position,
        _("give the indicator another name and write formula: {id} at it").format(id=use.id),
        severity="warning",
        about=use.id,
    )


def check_targets_by(catalogue: Catalogue) -> Iterable[Problem]:
    """`targets_by` names parts that `by` makes."""
    for indicator in catalogue.indicators.values():
        if indicator.part is not None:
            continue
        parts = [
            part.part
            for part in catalogue.indicators.values()
            if part.part is not None and part.id == f"{indicator.id}.{part.part}"
        ]
        for key, position in indicator.positions.items():
            name = key.removeprefix("targets_by.")
            if name != key and name not in parts:
                yield Problem(
                    "by-unknown",
                    _("“{name}” in targets_by is no part of “{id}”").format(
                        name=name, id=indicator.id
                    ),
                    position,
                    suggest_name(name, parts)
                    or (
                        _("its parts: {parts}").format(parts=", ".join(parts))
                        if parts
                        else _("by makes its parts: write for instance by: [{name}]").format(
                            name=name
                        )
                    ),
                    about=name,
                )
