"""Targets: years, decimals, ends of `between`, and that a yes/no has a yes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.catalogue.model import Catalogue, Indicator, Input, Target
from engine.catalogue.rules.names import is_known
from engine.i18n import gettext as _
from engine.problems import Problem


def check_targets(catalogue: Catalogue) -> Iterable[Problem]:
    """Every target can be reached or missed, and is printed whole."""
    for indicator in catalogue.indicators.values():
        known = is_known(catalogue, indicator)
        for target in indicator.targets.values():
            yield from _check_year(catalogue, target)
            if known:
                yield from _check_kind(catalogue, indicator, target)
            if (
                target.value is not None
                and target.value_to is not None
                and target.value > target.value_to
            ):
                yield Problem(
                    "target-between",
                    _("between: the first number is larger than the second"),
                    target.position,
                    _("exchange them"),
                )
        yield from _check_decimals(indicator)
        yield from _check_comparator(catalogue, indicator)


def _check_year(catalogue: Catalogue, target: Target) -> Iterator[Problem]:
    if target.year in catalogue.years:
        return
    yield Problem(
        "target-year",
        _("the target's year {year} is not among the catalogue's years: {years}").format(
            year=target.year, years=", ".join(map(str, catalogue.years)) or "—"
        ),
        target.year_position,
        _("correct the year, or add it to catalogue: years"),
    )


def _check_kind(catalogue: Catalogue, indicator: Indicator, target: Target) -> Iterator[Problem]:
    """`yes` for a yes/no, a number for a number, nothing for a text."""
    if target.value is None:
        return
    if indicator.type == "text":
        message = _("“{id}” is a text, it has no target").format(id=indicator.id)
        yield Problem("target-kind", message, target.position, _("take the target away"))
    elif (indicator.type == "yes_no") == (target.comparator == "yes"):
        return
    elif target.comparator == "yes":
        message = _("“{id}” is a number, its target cannot be yes").format(id=indicator.id)
        hint = _("write the number that is due, or a condition in the formula")
        yield Problem("target-kind", message, target.position, hint)
    elif not counts_schools(catalogue, indicator):
        message = _("“{id}” is a yes/no, its target is yes").format(id=indicator.id)
        hint = _("write {year}: yes").format(year=target.year)
        yield Problem("target-kind", message, target.position, hint)


def counts_schools(catalogue: Catalogue, indicator: Indicator) -> bool:
    """Whether it is a bare yes/no of schools: above them it is the number that said yes."""
    lowest = catalogue.levels[0]
    named = [catalogue.symbols.get(formula.text) for _year, formula in indicator.formulas]
    return (
        bool(named)
        and all(isinstance(symbol, Input) and symbol.level == lowest for symbol in named)
        and indicator.target_levels != (lowest,)
    )


def _check_decimals(indicator: Indicator) -> Iterator[Problem]:
    """One problem for all targets: that of the target with most decimals."""
    target = max(indicator.targets.values(), key=lambda one: one.decimals, default=None)
    if indicator.type != "number" or target is None or target.decimals <= indicator.decimals:
        return
    yield Problem(
        "few-decimals",
        _(
            "the target has more decimals ({target}) than “{id}” is printed with ({decimals})"
        ).format(target=target.decimals, id=indicator.id, decimals=indicator.decimals),
        indicator.positions.get("decimals") or target.position,
        _("write decimals: {decimals}").format(decimals=target.decimals),
    )


def _check_comparator(catalogue: Catalogue, indicator: Indicator) -> Iterator[Problem]:
    written = indicator.positions.get("comparator")
    if written is None or indicator.part is not None or indicator.type == "number":
        return
    if indicator.type == "yes_no" and counts_schools(catalogue, indicator):
        return
    yield Problem(
        "needless-comparator",
        _("“{id}” is no number, it needs no comparator").format(id=indicator.id),
        written,
        _("take the key comparator away"),
    )
