"""Publication: a ban has its words, and what is banned is not made public by another key."""

from __future__ import annotations

from collections.abc import Iterable

from engine.catalogue.model import Catalogue
from engine.i18n import gettext as _
from engine.problems import Problem


def check_publication(catalogue: Catalogue) -> Iterable[Problem]:
    """Where comparing schools is forbidden, schools are not public and the refusal has a reason."""
    policy = catalogue.publication
    if policy is None or policy.ranking != "forbidden":
        return
    if not policy.clause and not policy.interpretation:
        yield Problem(
            "publication-no-clause",
            _("comparing schools in public is forbidden, and nothing says by what"),
            policy.position,
            _("quote the order by clause: “…”, or say what was decided by interpretation: “…”"),
        )
    school = catalogue.levels[0]
    if school in policy.public_levels and len(catalogue.levels) > 1:
        mend = _("leave higher levels: [{levels}], or write ranking: allowed").format(
            levels=", ".join(catalogue.levels[1:])
        )
        if policy.clause:
            where = policy.where or _("The order")
            mend = _("{mend}. {where}: “{clause}”").format(
                mend=mend, where=where, clause=policy.clause
            )
        yield Problem(
            "publication-school-level",
            _(
                "comparing schools in public is forbidden, and the level “{level}” is made public:"
                " a table of schools compares them"
            ).format(level=school),
            policy.positions.get("public_levels", policy.position),
            mend,
        )
