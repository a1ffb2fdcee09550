"""One id names one thing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.catalogue.model import Catalogue, Indicator
from engine.i18n import gettext as _
from engine.problems import Position, Problem


def check_ids(catalogue: Catalogue) -> Iterable[Problem]:
    """Inputs, indicators, constants, columns, events and forms share no id, whatever the case of letters.

    Only an indicator without a formula has the id of the input that it is.
    """
    first: dict[str, tuple[str, Position | None]] = {}
    for name, kind, position in _things(catalogue):
        folded = name.casefold()
        if folded not in first:
            first[folded] = (kind, position)
            continue
        other, place = first[folded]
        if other != kind:  # of one kind the ids were compared when they were declared
            yield Problem(
                "duplicate-id",
                _("“{id}” already names {other} at {place}").format(
                    id=name, other=_word(other), place=place
                ),
                position,
                _("without a formula it would be that input: take the formula away or rename it")
                if (other, kind) == ("input", "indicator")
                else _("one id names one thing: choose another"),
            )


def _things(catalogue: Catalogue) -> Iterator[tuple[str, str, Position | None]]:
    for column in catalogue.register.values():
        yield column.id, "column", column.position
    for constant in catalogue.constants.values():
        yield constant.id, "constant", constant.position
    for asked in catalogue.inputs.values():
        if "." not in asked.id:
            yield asked.id, "input", asked.position
    for event in catalogue.events.values():
        yield event.id, "event", event.position
    for form in catalogue.forms.values():
        yield form.id, "form", form.position
    for indicator in catalogue.indicators.values():
        if indicator.event is None and not _is_input(indicator):
            yield indicator.id, "indicator", indicator.position


def _is_input(indicator: Indicator) -> bool:
    return indicator.input is not None or indicator.part is not None


def _word(kind: str) -> str:
    return {
        "column": _("a column of the register"),
        "constant": _("a constant"),
        "input": _("an input"),
        "event": _("an event"),
        "form": _("a form"),
        "indicator": _("an indicator"),
    }[kind]
