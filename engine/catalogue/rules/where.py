"""`where` and `by`: conditions over the register of schools, and the targets of parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.catalogue.lookups import list_narrowed
from engine.catalogue.model import Catalogue, Form, Indicator
from engine.catalogue.rules.inputs import name_no_column
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
