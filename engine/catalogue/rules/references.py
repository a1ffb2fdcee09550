"""Groups that are named, and spans of years."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.catalogue.model import Catalogue, Indicator, Input
from engine.i18n import gettext as _
from engine.problems import Position, Problem, suggest_name


def check_groups(catalogue: Catalogue) -> Iterable[Problem]:
    """A `group` of an indicator or a form, a `section` of an event, is declared in `groups`."""
    for name, position in _named_groups(catalogue):
        if name and name not in catalogue.groups:
            yield Problem(
                "unknown-group",
                _("unknown group “{name}”").format(name=name),
                position,
                suggest_name(name, catalogue.groups)
                or _('declare it under `groups`: "{name}": {{title: …}}').format(name=name),
            )


def _named_groups(catalogue: Catalogue) -> Iterator[tuple[str, Position]]:
    for indicator in catalogue.indicators.values():
        if indicator.part is None and "group" in indicator.positions:
            yield indicator.group, indicator.positions["group"]
    for event in catalogue.events.values():
        if "section" in event.positions:
            yield event.section, event.positions["section"]
    for form in catalogue.forms.values():
        for section in form.sections:
            if section.group and section.position:
                yield section.group, section.position


def check_periods(catalogue: Catalogue) -> Iterable[Problem]:
    """`since` does not come after `until`."""
    things: tuple[Input | Indicator, ...] = (
        *catalogue.inputs.values(),
        *(made for made in catalogue.indicators.values() if made.part is None),
    )
    for thing in things:
        if thing.since is None or thing.until is None:
            continue
        place = thing.positions.get("since") or thing.positions.get("until")
        if thing.since > thing.until and place is not None:
            yield Problem(
                "since-after-until",
                _("since {since} comes after until {until}").format(
                    since=thing.since, until=thing.until
                ),
                place,
                _("exchange the years, or leave one of them out"),
            )
