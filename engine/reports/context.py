"""The context of a template: the catalogue laid out by place, group and event, beside its values.

Templates lay out and never compute: everything that is counted or looked up is so here. Results
are read once, by column; each page takes the rows of its own places.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date as Date  # noqa: N812 - `date` is what a report calls it
from functools import partial
from typing import Any

from engine.catalogue.model import Catalogue
from engine.data.register import read_lineage
from engine.evaluation.asking import COLUMNS, Advised, Asking
from engine.evaluation.evaluate import compute_results
from engine.problems import Problem
from engine.publication.audience import Audience, apply_audience
from engine.reports.advice import choose_tips, list_on_missing
from engine.reports.notes import (
    find_uncollected,
    leave_out,
    list_marks,
    list_reporters,
    number_checks,
    number_notes,
)
from engine.reports.page_charts import ChartMaker
from engine.reports.page_model import Part, Passport, Place, Reporter
from engine.reports.pages import (
    PageRows,
    PageScope,
    build_parts,
    build_place,
    choose_year_columns,
    list_lines,
    list_plan_lines,
)
from engine.reports.passports import make_passport
from engine.reports.proofs import Prover
from engine.reports.result_rows import Lazy, ResultRows, distinguish_titles, read_result_rows
from engine.version import ENGINE_VERSION


@dataclass(frozen=True, slots=True)
class Edition:
    """What is said of a report as a whole: its years, its date, for whom it is.

    `problems` are those of the data, told to the department alone.
    """

    years: tuple[int, ...]
    date: Date
    audience: Audience = "internal"
    problems: tuple[Problem, ...] = ()
    advised: tuple[Advised, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Results read for a report: what its pages have in common, and where their rows are."""

    catalogue: Catalogue
    edition: Edition
    found: PageRows
    top: str
    by_place: Mapping[tuple[str, str], Sequence[int]]
    titles: Mapping[tuple[str, str], str]
    about: Mapping[str, Any]
    passports: Lazy
    prover: Prover
    artist: ChartMaker
    uncollected: AbstractSet[tuple[str, int]]
    on_missing: AbstractSet[str]

    def places(self, level: str) -> dict[str, str]:
        """The places of a level that the results have, by id with their titles."""
        return {place: title for (at, place), title in self.titles.items() if at == level}

    def context(self, place: tuple[str, str] | None = None) -> dict[str, Any]:
        """Everything a template may name; each key is a noun of the page.

        `place`: the level and id of the one place that the page is for; it sees its own rows,
        those of the places it lies in and, but for a school's own sheet, of those that lie in it.
        """
        catalogue, years = self.catalogue, self.edition.years
        rows = self._rows_for(place) if place else self.found.rows
        found = self.found
        if self.edition.audience == "school" and (place is None or place[0] != catalogue.levels[0]):
            # No page for schools lays several of them side by side.
            rows = rows.only(lambda level: level != catalogue.levels[0], "level")
            found = replace(found, numbers=rows.find())
        checks = number_checks(catalogue, rows.only(bool, "checks"))
        found = replace(found, checks=checks)
        shown = self._show_places(found, rows, [place] if place else self._tops())
        titles, within = _name_places(catalogue, shown)
        problems = self.edition.problems if self.edition.audience == "internal" else ()
        return {
            **self.about,
            "years": years,
            "place_titles": titles,
            "within": within,
            "places": shown,
            "place": shown[0] if place else None,
            "indicator_columns": choose_year_columns(
                catalogue, list_lines(shown), years, narrow=False
            ),
            "plan_columns": choose_year_columns(
                catalogue, list_plan_lines(shown), years, narrow=True
            ),
            "rows": rows.only(catalogue.indicators.__contains__, "indicator"),
            "inputs": rows.only(lambda name: name not in catalogue.indicators, "indicator"),
            "parts": Lazy("parts", partial(_find_parts, found, shown), catalogue.indicators),
            "checks": tuple(checks.values()),
            "problems": leave_out(() if place else problems, checks.values()),
            "legend": list_marks(rows),
            "reporters": self._list_reporters(rows),
            "advice": choose_tips(
                catalogue,
                self.edition.advised,
                rows,
                years,
                self.edition.audience,
                on_missing=self.on_missing,
            ),
            "passports": self.passports,
            "proofs": Lazy("proofs", self.prover.open(rows, self.edition.audience, place)),
            "charts": Lazy("charts", self.artist.open(rows, shown[0].id), catalogue.indicators),
        }

    def _tops(self) -> list[tuple[str, str]]:
        """The places of the highest level; without any result the catalogue's own."""
        tops = [(self.top, place) for place in self.places(self.top)]
        return tops or [(self.top, self.catalogue.id)]

    def _list_reporters(self, rows: ResultRows) -> tuple[Reporter, ...]:
        """Who has not reported is named to the department alone: the public is told how many."""
        if self.edition.audience == "public":
            return ()
        return list_reporters(self.catalogue, rows, self.edition.years, self.uncollected)

    def _show_places(
        self, found: PageRows, rows: ResultRows, shown: Sequence[tuple[str, str]]
    ) -> tuple[Place, ...]:
        named = self.catalogue.municipality or self.catalogue.title
        pages = []
        for level, place in shown:
            upper = found.lineage.find(level, place, found.years)
            within = {one: self.titles.get((one, there), there) for one, there in upper.items()}
            scope = PageScope(found, level, len(self.places(level)) <= 1, place)
            page = build_place(scope, self.titles.get((level, place), named), within)
            mine = rows if len(shown) == 1 else self._pick_inside(rows, level, place)
            failed = number_checks(self.catalogue, mine.only(bool, "checks"))
            checks = tuple(
                replace(one, number=found.checks[one.id].number) for one in failed.values()
            )
            pages.append(replace(page, reporters=self._list_reporters(mine), checks=checks))
        return tuple(pages)

    def _pick_inside(self, rows: ResultRows, level: str, place: str) -> ResultRows:
        """Of these rows those of a place and of the places that lie in it."""
        levels = self.catalogue.places
        inside = set(self._rows_for((level, place)).numbers)
        inside &= set(rows.numbers)
        mine = rows.pick(sorted(inside))
        return mine.only(lambda one: levels.index(one) <= levels.index(level), "level")

    def _rows_for(self, place: tuple[str, str]) -> ResultRows:
        """The rows that the sheet of one place is made from."""
        lineage, years = self.found.lineage, self.found.years
        mine = {place, *lineage.find(*place, years).items()}
        for year in years:
            mine |= set(lineage.above.get((*place, year), {}).items())
        if place[0] != self.catalogue.levels[0]:
            mine |= {
                (level, one)
                for (level, one, _year), upper in lineage.above.items()
                if upper.get(place[0]) == place[1]
            }
        numbers = [number for one in mine for number in self.by_place.get(one, ())]
        return self.found.rows.pick(sorted(numbers))


def list_decisive(catalogue: Catalogue, data: Any, years: Iterable[int]) -> tuple[int, ...]:
    """The years by which it is decided what the public may see of these: all that anything is said of.

    A page prints the year before each of its own too, also that before the catalogue's first.
    """
    said = {*years, *catalogue.years}
    known = set(getattr(data, "years", said))
    return tuple(sorted(said | ({year - 1 for year in said} & known)))


def _decide_by(catalogue: Catalogue, data: Any, results: Any) -> Any:
    """These results, where they hold all that decides what the public may see; else all results."""
    years = list_decisive(catalogue, data, results["year"].unique())
    lowest = results.filter(level=catalogue.levels[0])
    known = set(lowest["year"]) if set(lowest["indicator"]) & set(catalogue.inputs) else set()
    if known.issuperset(set(years) & set(getattr(data, "years", ()))):
        return results

    return compute_results(catalogue, data, Asking(years, inputs=True, columns=COLUMNS)).frame


def open_report(catalogue: Catalogue, data: Any, results: Any, edition: Edition) -> Report:
    """Read the results of `evaluate` for an edition.

    `data` gives the notice to print, the hash of its files, and what proofs rest on.
    """
    audience = edition.audience
    if audience != "internal":
        # What a year is compared with is printed too, so who lies in whom is asked of it as well.
        seen = {one for year in {*edition.years, *results["year"]} for one in (year - 1, year)}
        lineage = read_lineage(catalogue, data, sorted(seen))
        basis = _decide_by(catalogue, data, results) if audience == "public" else None
        results = apply_audience(
            catalogue, results, audience, lineage=lineage.above or None, basis=basis
        )
    lineage = read_lineage(catalogue, data, edition.years)
    every = distinguish_titles(read_result_rows(catalogue, results), lineage, edition.years)
    rows = every.only(set(edition.years).__contains__, "year")
    notes = number_notes(catalogue)
    columns = [rows.column(name) for name in ("indicator", "level", "place", "year", "scenario")]
    places: dict[tuple[str, str, int], list[str]] = {}
    for name, level, place, year, scenario in zip(*columns, strict=True):
        if scenario == "fact":
            places.setdefault((name, level, year), []).append(place)
    by_place: dict[tuple[str, str], list[int]] = {}
    titles: dict[tuple[str, str], str] = {}
    numbered = zip(rows.numbers, *columns[1:3], rows.column("place_title"), strict=True)
    for number, level, place, title in numbered:
        by_place.setdefault((level, place), []).append(number)
        titles[level, place] = title or place
    known = {
        level for name, level in zip(*columns[:2], strict=True) if name in catalogue.indicators
    }
    top = next((each for each in reversed(catalogue.levels) if each in known), catalogue.levels[-1])
    return Report(
        catalogue,
        edition,
        PageRows(catalogue, rows, rows.find(), places, lineage, notes, {}, edition.years),
        top,
        by_place,
        titles,
        {
            "catalogue": catalogue,
            "date": edition.date,
            "audience": edition.audience,
            "publication": getattr(catalogue, "publication", None),
            "notes": tuple(notes.values()),
            "notice": str(getattr(data, "notice", "") or ""),
            "data_hash": str(getattr(data, "hash", "") or "")[:12],
            "engine_version": ENGINE_VERSION,
        },
        Lazy("passports", partial(_find_passport, catalogue), _named(catalogue)),
        Prover(catalogue, data, edition.years),
        ChartMaker(catalogue, edition.years),
        find_uncollected(catalogue, rows),
        # The public is given no recommendations at all.
        frozenset() if audience == "public" else list_on_missing(catalogue),
    )


def today() -> Date:
    """The date of a report for which none was said: that of the clock on the wall."""
    return Date.today()  # noqa: DTZ011 - a page is dated where it is made


def build_context(
    catalogue: Catalogue,
    data: Any,
    results: Any,
    *,
    years: Sequence[int],
    problems: Sequence[Problem] = (),
    date: Date | None = None,
    audience: Audience = "internal",
) -> dict[str, Any]:
    """Everything that a template of a report over all places may name."""
    edition = Edition(tuple(years), date or today(), audience, tuple(problems))
    return open_report(catalogue, data, results, edition).context()


def _named(catalogue: Catalogue) -> tuple[str, ...]:
    return (
        *catalogue.indicators,
        *(one for one in catalogue.inputs if one not in catalogue.indicators),
    )


def _name_places(catalogue: Catalogue, shown: Sequence[Place]) -> tuple[str, str]:
    """The titles of places, and of what they all lie in: upwards, the catalogue's region last."""
    titles = [place.title for place in shown]
    within = [
        title
        for title in shown[0].within.values()
        if all(title in place.within.values() for place in shown)
    ]
    known = {level for place in shown for level in (place.level, *place.within)}
    if catalogue.region and "region" not in known and catalogue.region not in titles:
        within.append(catalogue.region)
    return ", ".join(titles), ", ".join(within)


def _find_passport(catalogue: Catalogue, name: str) -> Passport:

    return make_passport(catalogue, name)


def _find_parts(found: PageRows, shown: Sequence[Place], name: str) -> tuple[Part, ...]:
    """What the places below the shown ones have of an indicator."""
    known = found.catalogue
    if name not in known.indicators and name not in known.inputs:
        raise KeyError(name)
    parts: list[Part] = []
    for place in shown:
        if place.level not in known.levels:
            continue
        lower = tuple(reversed(known.levels[: known.levels.index(place.level)]))
        scope = PageScope(found, place.level, len(shown) == 1, place.id)
        parts += build_parts(scope, name, lower)
    return tuple(parts)
