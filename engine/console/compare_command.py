"""What `compare` does: several catalogues, each with its own data, side by side by concept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.console import showing
from engine.console.opening import open_catalogue, open_data, refuse_missing
from engine.translation import N_
from engine.translation import gettext as _

if TYPE_CHECKING:
    from engine.catalogue.model import Catalogue
    from engine.data.model import Data
    from engine.problems import Problem

_PAIRS = N_("CATALOGUE=DATA")
_FEWEST = 2


def compare_side_by_side(
    *,
    pairs: Sequence[str],
    year: int | None,
    shape: str,
    output: Path | None,
    definitions: Path | None,
) -> bool:
    """Print the concepts of all catalogues in one year; whether there was no error."""
    sides: list[tuple[Catalogue, Data]] = []
    problems: list[Problem] = []
    for name, data in _split_pairs(pairs):
        refuse_missing([data], _(_PAIRS))
        catalogue, more = open_catalogue(name, definitions)
        options: dict[str, Any] = {}
        contents, others = open_data(catalogue, data, options)
        sides.append((catalogue, contents))
        problems += [*more, *others]

    from engine.evaluation.comparison import compare_concepts

    comparison = compare_concepts(sides, _choose_year(sides, year))
    _write(comparison, shape, output)
    return showing.report_problems(problems)


def _split_pairs(pairs: Sequence[str]) -> list[tuple[str, Path]]:
    """Catalogues with their data, as they are typed: `berezniki=data/berezniki`."""
    split = [pair.partition("=") for pair in pairs]
    for (name, sign, path), pair in zip(split, pairs, strict=True):
        if not (name and sign and path):
            message = _("“{pair}”: a catalogue, the sign = and its data are due").format(pair=pair)
            raise click.BadParameter(message, param_hint=f"'{_(_PAIRS)}'")
    if len(split) < _FEWEST:
        message = _("name two catalogues or more: A=DATA_A B=DATA_B")
        raise click.BadParameter(message, param_hint=f"'{_(_PAIRS)}'")
    return [(name, Path(path)) for name, _sign, path in split]


def _choose_year(sides: Sequence[tuple[Catalogue, Data]], year: int | None) -> int:
    """The year that is asked for, or the last one that all catalogues with data of it have."""
    known = [{*(catalogue.years or data.years)} & {*data.years} for catalogue, data in sides]
    if year is not None:
        if not any(year in years for years in known):
            message = _("no catalogue has data of {year}").format(year=year)
            raise click.BadParameter(message, param_hint="'--year'")
        return year
    shared = set.intersection(*known)
    if not shared:
        message = _("the catalogues share no year with data: name one by --year")
        raise click.BadParameter(message, param_hint="'--year'")
    return max(shared)


def _write(comparison: Any, shape: str, output: Path | None) -> None:
    from engine.reports.formats.comparison_text import (
        lay_out_comparison,
        make_comparison,
        render_comparison,
    )

    if shape == "json":
        showing.write_json(make_comparison(comparison), output)
    elif output is not None and output.suffix.lower() in {".html", ".htm"}:
        showing.write_drawn(render_comparison(comparison), output)
    else:
        headings, rows = lay_out_comparison(comparison)
        title = _("By concept, {year}").format(year=comparison.year)
        table = showing.draw_lines(headings, rows, to_screen=output is None)
        if not rows:
            table = _("There is no concept: write concept at indicators and inputs.") + "\n"
        showing.write_drawn(f"{title}\n\n{table}", output)
