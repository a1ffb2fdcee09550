"""What `diff` does: what changed from one catalogue to another, and what becomes of every number."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.console import showing
from engine.console.opening import open_catalogue, open_data
from engine.problems import Problem
from engine.translation import gettext as _
from engine.translation import ngettext

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.catalogue.model import Catalogue
    from engine.evaluation.difference.differences import Differences, Edition


def compare_catalogues(
    *,
    old: str,
    new: str,
    data: Path | None,
    shape: str,
    output: Path | None,
    definitions: Path | None,
) -> bool:
    """Print what changed; whether neither the later catalogue nor the data have errors."""
    earlier, _accepted = open_catalogue(old, definitions)
    later, problems = open_catalogue(new, definitions)

    from engine.evaluation.difference.differences import compare_editions

    before, in_former = evaluate_edition(earlier, data)
    after, in_data = evaluate_edition(later, data)
    differences = compare_editions(before, after)
    if shape == "json":
        from engine.reports.formats.difference_json import make_difference

        showing.write_json(make_difference(differences), output)
    else:
        showing.write_text("\n".join(_show(differences)) + "\n", output)
    new_problems = [*problems, *in_data]
    # What only the earlier catalogue objects to is a mistake in these data, if it is one, for it alone.
    return showing.report_problems([*new_problems, *_mark_former(in_former, in_data)])


def _mark_former(former: list[Problem], later: list[Problem]) -> Iterator[Problem]:
    """One note for what the earlier catalogue alone finds in the data: its numbers may lack something."""
    alone = [
        problem
        for problem in dict.fromkeys(former)
        if problem not in later and problem.severity == "error"
    ]
    if alone:
        message = ngettext(
            "read by the earlier catalogue, the data have {count} error more: see evaluate",
            "read by the earlier catalogue, the data have {count} errors more: see evaluate",
            len(alone),
        ).format(count=len(alone))
        yield Problem("former-catalogue", message, severity="warning")


def evaluate_edition(catalogue: Catalogue, data: Path | None) -> tuple[Edition, list[Problem]]:
    """The catalogue with its results over the data, where there are any, and what is wrong in them."""
    from engine.evaluation.difference.differences import Edition

    if data is None:
        return Edition(catalogue), []
    options: dict[str, Any] = {}
    contents, problems = open_data(catalogue, data, options)
    results = evaluate_values(catalogue, contents)
    return Edition(catalogue, results.frame), [*problems, *results.problems]


def evaluate_values(catalogue: Catalogue, contents: Any) -> Any:
    """The results, inputs too, with the columns that a comparison asks for."""
    from engine.evaluation.asking import Asking
    from engine.evaluation.difference.value_changes import ASKED
    from engine.evaluation.evaluate import compute_results

    asking = Asking(inputs=True, columns=(*ASKED, "place_title"))
    return compute_results(catalogue, contents, asking)


def _show(differences: Differences) -> Iterator[str]:
    from engine.reports.formats.difference_text import (
        count_changes,
        show_definitions,
        show_values,
    )

    yield from show_definitions(differences)
    if differences.values is None:
        return
    yield ""
    if differences.values.is_empty():
        yield _("No number changed: {compared} compared.").format(compared=differences.compared)
        return
    yield _(
        "Changed: {changed} of {compared}. The data are the same: the catalogue changed, "
        "not the schools."
    ).format(changed=count_changes(differences.values), compared=differences.compared)
    yield from show_values(differences, causes=True)
