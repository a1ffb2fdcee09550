"""Results as an audience may see them: what it may not is marked, before anything is laid out.

The department sees everything. A school sees its own and the places it lies in. The public sees
the levels that the policy makes public, and of these nothing confidential, nothing small, and
nothing that would give away what is hidden.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import polars as pl

from engine.catalogue.build.catalogue import default_levels
from engine.catalogue.lookups import compares_schools
from engine.catalogue.model import Catalogue, Publication
from engine.data.register import PlacesAbove
from engine.level_words import name_level, word_of_level
from engine.problems import Problem
from engine.publication.groups import find_unclear, read_group_answers
from engine.publication.printed_cells import PrintedCell, list_printed_cells, read_printed_cells
from engine.publication.releases import Release
from engine.publication.suppression import Knowledge, Suppression, choose_hidden
from engine.translation import gettext as _

Audience = Literal["internal", "school", "public"]
AUDIENCES: tuple[Audience, ...] = ("internal", "school", "public")

SUPPRESSED = "suppressed"
"""The reason of a row that has a value, and does not show it."""
_HIDDEN = {
    **dict.fromkeys(("value", "raw", "text", "deviation", "status", "reported", "expected")),
    **dict.fromkeys(("members", "members_expected")),
    "same_reporters": None,
    **dict.fromkeys(("class", "class_title", "points")),
    "reason": SUPPRESSED,
}
"""What stands in a row whose number is hidden."""
_OF_TARGET = (
    *("target", "target_to", "comparator", "deviation", "status", "reference", "shortfall", "base"),
)
"""What is taken away where the target itself would give away a hidden number."""
_TEXTS = ("text", "texts")


@dataclass(frozen=True, slots=True)
class Published:
    """What the public may see. `required`: the rows hidden for what they are, True where for being small."""

    results: pl.DataFrame
    required: Mapping[PrintedCell, bool] = field(default_factory=dict)


def publish(
    catalogue: Catalogue,
    results: pl.DataFrame,
    lineage: PlacesAbove | None = None,
    *,
    basis: pl.DataFrame | None = None,
    releases: Sequence[Release] = (),
) -> Published:
    """The results as the public may see them.

    `basis`: the results by which it is decided, of all levels and years with their inputs; these
    results themselves, unless others are given. `releases`: what was published before.
    """
    policy = choose_policy(catalogue)
    shown = _show_levels(catalogue, policy, results, lineage)
    if shown.is_empty():
        return Published(shown)
    whole = results if basis is None else basis
    levels = set(shown["level"])
    knowledge = Knowledge(
        lineage or {},
        read_group_answers(catalogue, whole, levels, lineage or {}),
        releases,
        find_unclear(catalogue, whole),
    )
    whole = whole.filter(whole["level"].is_in(list(levels)))
    # Rows that only say who counts in others are printed nowhere.
    for row in catalogue.indicators.values():
        if row.levels:
            other = ~pl.col("level").is_in(row.levels)
            whole = whole.filter(~((pl.col("indicator") == row.id) & other))
    columns = whole.to_dict(as_series=False)
    printed = read_printed_cells(columns, whole.height)
    hidden = choose_hidden(catalogue, policy, printed, knowledge)
    return Published(_show_public(catalogue, policy, shown, hidden), hidden.required)


@dataclass(frozen=True, slots=True)
class HiddenCount:
    """Of `numbers` that there are, how many are hidden: small ones, closed ones, others for their sake."""

    numbers: int
    small: int
    closed: int
    added: int

    @property
    def hidden(self) -> int:
        """All that are hidden."""
        return self.small + self.closed + self.added


def count_hidden(published: Published, years: Collection[int]) -> HiddenCount:
    """The numbers of some years in what the public may see."""
    results = published.results.filter(
        pl.col("year").is_in(list(years)), ~pl.col("type").is_in(_TEXTS)
    )
    hidden = results.filter(pl.col("reason") == SUPPRESSED)
    cells = list_printed_cells(hidden.to_dict(as_series=False))
    why = Counter(published.required.get(cell) for cell in cells)
    printed = results.height - results["value"].null_count()
    return HiddenCount(printed + hidden.height, why[True], why[False], why[None])


# --- the policy ----------------------------------------------------------------------------------


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
            _(
                "a report for {places} is made one for each: it shows nobody another's results"
            ).format(places=word_of_level(catalogue.levels[0], "of_many")),
            hint=_("write --each {level}").format(level=catalogue.levels[0]),
        )
    policy = choose_policy(catalogue)
    if audience != "public" or level is None or level in policy.public_levels:
        return None
    shown = ", ".join(map(name_level, policy.public_levels)) or _("none")
    hint = _("levels that may be shown in public: {levels}").format(levels=shown)
    if policy.clause:
        message = _("the level “{level}” is not published. {where}: “{clause}”").format(
            level=name_level(level), where=policy.where or _("The order"), clause=policy.clause
        )
    else:
        message = _("the level “{level}” is not published. {reason}").format(
            level=name_level(level),
            reason=policy.interpretation
            or _(
                "The catalogue has no policy of publication: then single {places} are not public."
            ).format(places=word_of_level(catalogue.levels[0], "many")),
        )
    return Problem("publication-forbidden", message, hint=hint)


# --- a school ------------------------------------------------------------------------------------


def show_to_schools(catalogue: Catalogue, results: pl.DataFrame) -> pl.DataFrame:
    """The results as schools may see them; a sheet takes of them only its own school.

    What schools wrote is marked as "suppressed" above them, and failed checks are left out there.
    """
    gathered = [level != catalogue.levels[0] for level in results["level"]]
    kinds, texts = _column(results, "type"), _column(results, "text")
    hidden = [
        above and kind in _TEXTS and bool(text)
        for above, kind, text in zip(gathered, kinds, texts, strict=True)
    ]
    shown = _fill(results, hidden, _HIDDEN)
    return _fill(shown, gathered, {"checks": []})


# --- the public ----------------------------------------------------------------------------------


def _show_levels(
    catalogue: Catalogue, policy: Publication, results: pl.DataFrame, lineage: PlacesAbove | None
) -> pl.DataFrame:
    """The rows of public levels; of one alone where it is not known what lies in what."""
    levels = [level for level in catalogue.levels if level in policy.public_levels]
    if lineage is None and len(levels) > 1:
        among = results.filter(pl.col("level").is_in(levels[1:])).select("level", "place").unique()
        if among.height > among["level"].n_unique():
            levels = levels[-1:]
    return results.filter(pl.col("level").is_in(levels))


def _show_public(
    catalogue: Catalogue, policy: Publication, results: pl.DataFrame, hidden: Suppression
) -> pl.DataFrame:
    """The results without what is hidden, and without the checks: they speak of single schools."""
    cells = list_printed_cells(results.to_dict(as_series=False))
    own = _hide_rows(catalogue, policy, results, cells, hidden)
    # What it was decided by holds every cell that is shown, and more.
    before, plans = hidden.printed.before, hidden.printed.plans
    before_hidden = [
        row or before.get(cell) in hidden.hidden for cell, row in zip(cells, own, strict=True)
    ]
    plan_hidden = [
        row or plans.get(cell) in hidden.hidden for cell, row in zip(cells, own, strict=True)
    ]
    lacking = [row or hidden.depends_on_hidden(cell) for cell, row in zip(cells, own, strict=True)]
    shown = _fill(results, own, _HIDDEN)
    shown = _fill(shown, before_hidden, dict.fromkeys(("previous", "change", "trend")))
    shown = _fill(shown, plan_hidden, dict.fromkeys(("plan", "plan_deviation")))
    shown = _fill(shown, lacking, {"shortfall": None})
    by_target = [hidden.shows_hidden_by_target(cell) for cell in cells]
    shown = _fill(shown, by_target, dict.fromkeys(_OF_TARGET))
    precise = [hidden.shows_hidden_by_scale(cell) for cell in cells]
    shown = _fill(shown, precise, dict.fromkeys(("class", "class_title", "points")))
    if "raw" in shown.columns and "value" in shown.columns:
        # Twelve digits of a share give away both its counts: the public has those that are printed.
        shown = shown.with_columns(raw=pl.col("value").cast(shown.schema["raw"]))
    return _fill(shown, [True] * shown.height, {"checks": []})


def _hide_rows(
    catalogue: Catalogue,
    policy: Publication,
    results: pl.DataFrame,
    cells: Iterable[PrintedCell],
    hidden: Suppression,
) -> list[bool]:
    """Which rows are suppressed: hidden numbers, texts, and a zero that a hidden number is."""
    secret = {each.id for each in catalogue.inputs.values() if each.confidential}
    school = catalogue.levels[0]
    comparative = {
        each.id
        for each in catalogue.indicators.values()
        if policy.ranking == "forbidden" and compares_schools(catalogue, each)
    }
    rows = zip(
        cells,
        _column(results, "type"),
        _column(results, "text"),
        _column(results, "reason"),
        strict=True,
    )
    return [
        cell in hidden.hidden
        or (cell.level == school and cell.id in comparative)
        or (kind in _TEXTS and bool(text) and (policy.texts == "hidden" or cell.id in secret))
        or hidden.is_asked_by_hidden(cell)
        or hidden.shows_hidden_by_absence(cell, reason)
        for cell, kind, text, reason in rows
    ]


# --- columns -------------------------------------------------------------------------------------


def _column(results: pl.DataFrame, name: str) -> list[Any]:
    return results[name].to_list() if name in results.columns else [None] * results.height


def _fill(results: pl.DataFrame, rows: list[bool], values: Mapping[str, Any]) -> pl.DataFrame:
    """The results with these values, by column, in these rows; columns not there are left out."""
    chosen = pl.when(pl.Series(rows, dtype=pl.Boolean))
    return results.with_columns(
        chosen.then(pl.lit(value, results.schema[name])).otherwise(pl.col(name)).alias(name)
        for name, value in values.items()
        if name in results.columns
    )
