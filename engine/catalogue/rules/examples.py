"""Examples: they name what is declared, and together they cover every formula."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest

from engine.catalogue.build.draft import make_unknown_level
from engine.catalogue.lookups import has_row
from engine.catalogue.model import REGISTER_COLUMNS, Catalogue
from engine.problems import Position, Problem, suggest_name
from engine.translation import gettext as _

# Columns that every register may have.


def check_examples(catalogue: Catalogue) -> Iterable[Problem]:
    """Every input, indicator, level and column of the register that an example names is declared."""
    for example in catalogue.examples:
        for place in example.positions:
            kind, name = place
            if kind == "input" and name not in catalogue.inputs:
                yield Problem(
                    "unknown-input",
                    _("unknown input “{name}”").format(name=name),
                    example.positions[place],
                    suggest_name(name, catalogue.inputs)
                    or _("declare the input “{name}”").format(name=name),
                    about=name,
                )
            elif kind == "column":
                yield from _check_column(catalogue, name, example.positions[place])
            elif kind == "level" and name not in catalogue.places:
                yield make_unknown_level(name, catalogue.places, example.positions[place])
        for expected in example.expect:
            if not has_row(catalogue, expected.indicator):
                yield Problem(
                    "unknown-indicator",
                    _("unknown indicator “{name}”").format(name=expected.indicator),
                    expected.position,
                    suggest_name(expected.indicator, catalogue.indicators)
                    or _("declare it under `indicators`"),
                    about=expected.indicator,
                )


def _check_column(catalogue: Catalogue, name: str, position: Position) -> Iterator[Problem]:
    known = (*catalogue.register, *catalogue.places, *REGISTER_COLUMNS)
    if name not in known:
        yield Problem(
            "unknown-column",
            _("unknown column of the register “{name}”").format(name=name),
            position,
            suggest_name(name, known) or _("columns: {names}").format(names=", ".join(known)),
            about=name,
        )


def check_coverage(catalogue: Catalogue) -> Iterable[Problem]:
    """Formulas that no example computes, as notes; of a formula by year, each one."""
    computed = {
        (expected.indicator, max(example.years, default=None))
        for example in catalogue.examples
        for expected in example.expect
    }
    for indicator in catalogue.indicators.values():
        if indicator.input is not None or indicator.part is not None:
            continue
        years = {year for name, year in computed if name == indicator.id}
        ends = [start for start, _formula in indicator.formulas[1:]]
        for (start, formula), end in zip_longest(indicator.formulas, ends):
            if not any(
                year is None or ((start is None or start <= year) and (end is None or year < end))
                for year in years
            ):
                yield Problem(
                    "example-missing",
                    _("no example computes this formula of “{id}”").format(id=indicator.id),
                    formula.span(formula.tree),
                    _("add one under examples: with numbers worked out by hand"),
                    "note",
                )
