"""The policy in force for a catalogue, and what it refuses outright."""

from __future__ import annotations

from typing import Literal

from engine.catalogue.build_publication import default_levels
from engine.catalogue.model import Catalogue
from engine.catalogue.model_publication import Publication
from engine.i18n import gettext as _
from engine.problems import Problem

Audience = Literal["internal", "school", "public"]
AUDIENCES: tuple[Audience, ...] = ("internal", "school", "public")


def choose_policy(catalogue: Catalogue) -> Publication:
    """The catalogue's policy; where it has none, a careful one: no single school, nothing small."""
    return catalogue.publication or Publication(public_levels=default_levels(catalogue.levels))


def find_forbidden(catalogue: Catalogue, audience: Audience, level: str | None) -> Problem | None:
    """The refusal of a report over the places of a level (`--each`), quoting the clause; None if it may be.

    The public sees the levels that the policy makes public; a school is shown nothing that lays
    other places of its level side by side, so its reports are made one for each school.
    """
    if audience == "school" and level != catalogue.levels[0]:
        return Problem(
            "publication-forbidden",
            _("a report for schools is made one for each: it shows no school another's results"),
            hint=_("write --each {level}").format(level=catalogue.levels[0]),
        )
    policy = choose_policy(catalogue)
    if audience != "public" or level is None or level in policy.public_levels:
        return None
    shown = ", ".join(policy.public_levels) or _("none")
    hint = _("levels that may be shown in public: {levels}").format(levels=shown)
    if policy.clause:
        message = _("the level “{level}” is not published. {where}: “{clause}”").format(
            level=level, where=policy.where or _("The order"), clause=policy.clause
        )
    else:
        message = _("the level “{level}” is not published. {reason}").format(
            level=level,
            reason=policy.interpretation
            or _("The catalogue has no policy of publication: then no single school is public."),
        )
    return Problem("publication-forbidden", message, hint=hint)
