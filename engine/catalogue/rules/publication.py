"""Publication: a ban has its words, nothing undoes it, and people are known by their units."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.catalogue.lookups import compares_schools
from engine.catalogue.model import PEOPLE, Catalogue, Indicator, Input, Publication
from engine.problems import Problem
from engine.translation import gettext as _


def check_publication(catalogue: Catalogue) -> Iterable[Problem]:
    """Where comparing schools is forbidden, schools are not public and the refusal has a reason."""
    policy = catalogue.publication
    if policy is None or policy.ranking != "forbidden":
        return
    if not policy.clause and not policy.interpretation:
        yield Problem(
            "publication-no-clause",
            _("comparing places in public is forbidden, and nothing says by what"),
            policy.position,
            _("quote the order by clause: “…”, or say what was decided by interpretation: “…”"),
        )
    school = catalogue.levels[0]
    if school in policy.public_levels and len(catalogue.levels) > 1:
        mend = _("leave higher levels: [{levels}], or write ranking: allowed").format(
            levels=", ".join(catalogue.levels[1:])
        )
        mend = _cite_clause(policy, mend)
        yield Problem(
            "publication-school-level",
            _(
                "comparing places in public is forbidden, and the level “{level}” is made public:"
                " a table of them compares them"
            ).format(level=school),
            policy.positions.get("public_levels", policy.position),
            mend,
        )
    if school in policy.public_levels:
        yield from _find_comparative(catalogue, policy)


def _find_comparative(catalogue: Catalogue, policy: Publication) -> Iterator[Problem]:
    """Indicators that set schools beside each other and would be published of them."""
    school = catalogue.levels[0]
    for indicator in catalogue.indicators.values():
        if indicator.part is not None or school not in (indicator.levels or catalogue.levels):
            continue
        if compares_schools(catalogue, indicator):
            hint = _("leave the level “{level}” out of public_levels").format(level=school)
            hint = _cite_clause(policy, hint)
            yield Problem(
                "publication-comparative",
                _("comparing places in public is forbidden, and “{id}” compares them").format(
                    id=indicator.id
                ),
                indicator.position,
                hint,
                about=indicator.id,
            )


def _cite_clause(policy: Publication, mend: str) -> str:
    """A way to mend, and the clause of the order that asks for it, where it is quoted."""
    if not policy.clause:
        return mend
    where = policy.where or _("The order")
    return _("{mend}. {where}: “{clause}”").format(mend=mend, where=where, clause=policy.clause)


def check_people(catalogue: Catalogue) -> Iterable[Problem]:
    """Counts in a unit of the catalogue's own, where nothing says which units count people."""
    policy = catalogue.publication
    if policy is not None and "people" in policy.positions:
        return
    reported: set[str] = set()
    rows: tuple[Input | Indicator, ...] = (
        *catalogue.inputs.values(),
        *catalogue.indicators.values(),
    )
    for row in rows:
        # A multiple of another unit counts what that one counts.
        dimensions = row.unit.dimensions if row.unit is not None else ()
        unit, power = dimensions[0] if len(dimensions) == 1 else ("", 1)
        if power != 1 or unit not in catalogue.units or unit in reported:
            continue
        reported.add(unit)
        yield Problem(
            "publication-own-unit",
            _("small counts in “{unit}” are not hidden from the public").format(unit=unit),
            row.positions.get("unit", row.position),
            _(
                "if these are people, write publication: people: [{people}, {unit}];"
                " if not, people: [{people}]"
            ).format(people=", ".join(PEOPLE), unit=unit),
            "note",
        )
