"""Levels go upwards, from who reports."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from engine.catalogue.model import Catalogue
from engine.i18n import gettext as _
from engine.problems import Problem

# Of levels with other names it is not known which lies in which.
_UPWARDS = ("school", "municipality", "region")


def check_levels(catalogue: Catalogue) -> Iterable[Problem]:
    """No municipality stands before its schools, no region before its municipalities."""
    known = [level for level in catalogue.levels if level in _UPWARDS]
    upwards = sorted(known, key=_UPWARDS.index)
    for level, following in pairwise(known):
        if _UPWARDS.index(level) > _UPWARDS.index(following):
            ordered = iter(upwards)
            levels = [next(ordered) if one in known else one for one in catalogue.levels]
            yield Problem(
                "level-order",
                _("the level “{upper}” stands before “{lower}”: levels go upwards").format(
                    upper=level, lower=following
                ),
                catalogue.positions.get("levels"),
                _("begin with who reports: levels: [{levels}]").format(levels=", ".join(levels)),
            )
            return
