"""The order of things: results and a template in, the bytes of a report out.

1. `open_report`: what the audience may not see is hidden, the rows are read and indexed;
2. `Report.context`: what the template of one page may name;
3. `open_page_writer`: the template is made ready, in a process of its own where it did not ship;
4. the press makes of each context the bytes of a page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date as Date  # noqa: N812 - `date` is what a report calls it
from functools import partial
from typing import Any

from jinja2 import TemplateSyntaxError

from engine.catalogue.model import Catalogue
from engine.data.register import read_lineage
from engine.evaluation.asking import ALL_COLUMNS, AdviceResult, Asking
from engine.evaluation.evaluate import compute_results
from engine.problems import Problem
from engine.publication.audience import (
    Audience,
    HiddenCount,
    count_hidden,
    publish,
    show_to_schools,
)
from engine.publication.groups import find_unclear, list_members
from engine.publication.printed_cells import PrintedCell
from engine.publication.releases import Release, ReleasedCell, list_release
from engine.reports.advice import choose_recommendations, list_on_missing
from engine.reports.environment import make_environment
from engine.reports.formats.workbook import write_book
from engine.reports.notes import (
    Reporter,
    find_uncollected,
    list_marks,
    list_reporters,
    number_checks,
    number_notes,
    omit_listed,
)
from engine.reports.page_charts import ReportCharts
from engine.reports.pages import (
    PageRows,
    Place,
    build_parts,
    build_place,
    choose_year_columns,
    list_lines,
    list_plan_lines,
)
from engine.reports.passports import make_passport
from engine.reports.proofs import ReportProofs
from engine.reports.result_rows import (
    LazyMapping,
    PlaceKey,
    Row,
    distinguish_titles,
    index_rows,
    read_result_rows,
)
from engine.reports.strangers.sandbox import open_sandbox
from engine.reports.template_mistakes import describe_failure
from engine.reports.templates import Template, TemplateError, find_template, template_folders
from engine.reports.writers import write_page
from engine.translation import use_language
from engine.version import ENGINE_VERSION

PageWriter = Callable[[Mapping[str, Any]], bytes]
"""From the context of a page to its bytes; TemplateError where the template fails."""


def render(
    catalogue: Catalogue,
    data: Any,
    results: Any,
    *,
    years: Sequence[int],
    template: str = "summary.html.j2",
    problems: Sequence[Problem] = (),
    date: Date | None = None,
    audience: Audience | None = None,
) -> str:
    """Lay out the results of `evaluate` by a template (a name, or the path of a file).

    Numbers, dates and words are in the catalogue's language. `audience` is by default that of the
    template, else "internal". TemplateError where the template is unknown or fails; its `problem`
    has file and line.
    """
    laid_out = find_template(template, catalogue)
    audience = laid_out.audience or audience or "internal"
    with use_language(catalogue.language), open_page_writer(laid_out, catalogue) as press:
        report = open_report(
            catalogue, data, results, years, date=date, audience=audience, problems=problems
        )
        return press(report.context()).decode()


# --- 1. the results of a report ------------------------------------------------------------------


def open_report(
    catalogue: Catalogue,
    data: Any,
    results: Any,
    years: Sequence[int],
    *,
    date: Date | None = None,
    audience: Audience = "internal",
    problems: Sequence[Problem] = (),
    advised: Sequence[AdviceResult] = (),
    releases: Sequence[Release] = (),
) -> Report:
    """Read the results of `evaluate` for a report about some years, dated today by default.

    `data` gives the notice to print, the hash of its files, and the cells that proofs cite. `problems`
    are those of the data, shown to the department alone. `releases`: what the public has seen before.
    """
    hidden = None
    if audience == "school":
        results = show_to_schools(catalogue, results)
    elif audience == "public":
        # What a year is compared with is printed too: who lies in whom must be known of it as well.
        seen = {each for year in {*years, *results["year"]} for each in (year - 1, year)}
        lineage = read_lineage(catalogue, data, sorted(seen))
        basis = _decide_by(catalogue, data, results)
        published = publish(
            catalogue, results, lineage.above or None, basis=basis, releases=releases
        )
        results, hidden = published.results, count_hidden(published, years)
    lineage = read_lineage(catalogue, data, years)
    every = distinguish_titles(read_result_rows(catalogue, results), lineage, years)
    rows = index_rows(row for row in every if row.year in years)
    known = {row.level for row in rows.rows if row.indicator in catalogue.indicators}
    return Report(
        PageRows(catalogue, tuple(years), rows, lineage, number_notes(catalogue)),
        date or Date.today(),  # noqa: DTZ011 - a page is dated where it is made
        audience,
        tuple(problems),
        tuple(advised),
        next((each for each in reversed(catalogue.levels) if each in known), catalogue.levels[-1]),
        str(getattr(data, "notice", "") or ""),
        str(getattr(data, "hash", "") or "")[:12],
        LazyMapping(
            "passports",
            partial(make_passport, catalogue),
            dict.fromkeys((*catalogue.indicators, *catalogue.inputs)),
        ),
        ReportProofs(catalogue, data, tuple(years)),
        ReportCharts(catalogue, tuple(years)),
        find_uncollected(catalogue, rows.rows),
        # The public is given no recommendations at all.
        frozenset() if audience == "public" else list_on_missing(catalogue),
        hidden,
        tuple(releases),
    )


def list_decisive(catalogue: Catalogue, data: Any, years: Iterable[int]) -> tuple[int, ...]:
    """The years that decide what the public may see of these: all of which anything is published.

    A page prints the year before each of its own too, also that before the catalogue's first.
    """
    printed = {*years, *catalogue.years}
    known = set(getattr(data, "years", printed))
    return tuple(sorted(printed | ({year - 1 for year in printed} & known)))


def _decide_by(catalogue: Catalogue, data: Any, results: Any) -> Any:
    """These results, where they hold all that decides what the public may see; else all results."""
    years = list_decisive(catalogue, data, results["year"].unique())
    lowest = results.filter(level=catalogue.levels[0])
    known = set(lowest["year"]) if set(lowest["indicator"]) & set(catalogue.inputs) else set()
    complete = known.issuperset(set(years) & set(getattr(data, "years", ())))
    if complete and not find_unclear(catalogue, results):
        return results
    asking = Asking(years, inputs=True, columns=ALL_COLUMNS)
    return compute_results(list_members(catalogue), data, asking).frame


# --- 2. what a template may name -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Report:
    """Results read for a report: what its pages have in common.

    `top` is the highest level that has values of indicators; `hidden` how much the public is not shown.
    """

    page: PageRows
    date: Date
    audience: Audience
    problems: tuple[Problem, ...]
    advised: tuple[AdviceResult, ...]
    top: str
    notice: str
    data_hash: str
    passports: LazyMapping
    prover: ReportProofs
    charts: ReportCharts
    uncollected: AbstractSet[tuple[str, int]]
    on_missing: AbstractSet[str]
    hidden: HiddenCount | None = None
    releases: Sequence[Release] = ()

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue that is laid out."""
        return self.page.catalogue

    def places(self, level: str) -> dict[str, str]:
        """The places of a level that the results have, by id with their titles."""
        return self.page.rows.titles(level)

    def context(self, place: PlaceKey | None = None) -> dict[str, Any]:
        """Everything a template may name; each key is a noun of the page.

        `place`: the level and id of the one place that the page is for; it sees its own rows,
        those of the places it lies in and, but for a school's own sheet, of those that lie in it.
        """
        page = self.page
        catalogue, years, lowest = page.catalogue, page.years, page.catalogue.levels[0]
        shown = page.rows
        if place is not None:
            shown = shown.choose([*self._list_inside(place), *self._list_around(place)])
        if self.audience == "school" and (place is None or place[0] != lowest):
            # No page for schools lays several of them side by side.
            shown = index_rows(row for row in shown.rows if row.level != lowest)
            page = replace(page, rows=shown)
        rows = shown.rows
        checks = number_checks(catalogue, rows)
        page = replace(page, checks=checks)
        tops = [(self.top, top) for top in self.places(self.top)] or [(self.top, catalogue.id)]
        places = self._build_places(page, rows, [place] if place else tops)
        titles, within = _name_places(catalogue, places)
        problems = self.problems if self.audience == "internal" and place is None else ()
        return {
            "catalogue": catalogue,
            "date": self.date,
            "audience": self.audience,
            "publication": catalogue.publication,
            "notes": tuple(page.notes.values()),
            "notice": self.notice,
            "data_hash": self.data_hash,
            "published": self._list_published(rows),
            "engine_version": ENGINE_VERSION,
            "years": years,
            "place_titles": titles,
            "within": within,
            "places": places,
            "place": places[0] if place else None,
            "indicator_columns": choose_year_columns(
                catalogue, list_lines(places), years, narrow=False
            ),
            "plan_columns": choose_year_columns(
                catalogue, list_plan_lines(places), years, narrow=True
            ),
            "rows": tuple(row for row in rows if row.indicator in catalogue.indicators),
            "inputs": tuple(row for row in rows if row.indicator not in catalogue.indicators),
            "parts": LazyMapping("parts", partial(build_parts, page, places), catalogue.indicators),
            "checks": tuple(checks.values()),
            "problems": omit_listed(problems, checks.values()),
            "legend": list_marks(rows),
            "reporters": self._list_reporters(rows),
            "advice": choose_recommendations(
                catalogue, self.advised, rows, years, self.audience, on_missing=self.on_missing
            ),
            "passports": self.passports,
            "proofs": LazyMapping("proofs", self.prover.open(shown.by_key, self.audience, place)),
            "charts": LazyMapping(
                "charts", self.charts.open(shown.by_key, places[0].id), catalogue.indicators
            ),
        }

    def _build_places(
        self, page: PageRows, rows: Sequence[Row], places: Sequence[PlaceKey]
    ) -> tuple[Place, ...]:
        """The pages of places, each with the reporters and the failed checks that lie in it."""
        catalogue = page.catalogue
        built = []
        for place in places:
            upper = page.lineage.find(*place, page.years)
            within = {level: self.places(level).get(name, name) for level, name in upper.items()}
            unnamed = catalogue.municipality or catalogue.title
            title = self.places(place[0]).get(place[1], unnamed)
            inside = rows if len(places) == 1 else page.rows.choose(self._list_inside(place)).rows
            checks = tuple(
                replace(check, number=page.checks[check.id].number)
                for check in number_checks(catalogue, inside).values()
            )
            built.append(
                replace(
                    build_place(page, place, title, within),
                    reporters=self._list_reporters(inside),
                    checks=checks,
                )
            )
        return tuple(built)

    def _list_reporters(self, rows: Sequence[Row]) -> tuple[Reporter, ...]:
        """Who has not reported is named to the department alone: the public sees how many."""
        if self.audience == "public":
            return ()
        return list_reporters(self.page.catalogue, rows, self.page.years, self.uncollected)

    def _list_published(self, rows: Iterable[Row]) -> Mapping[str, Any] | None:
        """What a page for the public prints and hides, for whoever publishes again; else None."""
        if self.audience != "public":
            return None
        cells: dict[PrintedCell, ReleasedCell] = {}
        for row in rows:
            cell = PrintedCell(*row.key)
            if row.suppressed:
                cells[cell] = ReleasedCell(None)
            if isinstance(row.value, float | int):
                cells[cell] = ReleasedCell(
                    _print_number(row.value, row), row.reported, row.class_id
                )
            if row.scenario == "fact":
                before, plan = cell._replace(year=cell.year - 1), cell._replace(scenario="forecast")
                for other, number in ((before, row.previous), (plan, row.plan)):
                    if number is not None:
                        cells.setdefault(other, ReleasedCell(_print_number(number, row)))
        return list_release(self.catalogue.id, cells, self.releases)

    def _list_inside(self, place: PlaceKey) -> list[PlaceKey]:
        """A place and, in any of the years, the places that lie in it."""
        above = self.page.lineage.above.items()
        lower = {key[:2]: None for key, upper in above if upper.get(place[0]) == place[1]}
        return [place, *lower]

    def _list_around(self, place: PlaceKey) -> list[PlaceKey]:
        """The places that a place lies in, in any of the years."""
        lineage, years = self.page.lineage, self.page.years
        return [
            *lineage.find(*place, years).items(),
            *(key for year in years for key in lineage.above.get((*place, year), {}).items()),
        ]


def _print_number(number: float, row: Row) -> str:
    """With as many decimals as the row is printed with."""
    return f"{float(number):.{row.decimals}f}"


def _name_places(catalogue: Catalogue, places: Sequence[Place]) -> tuple[str, str]:
    """The titles of places, and of what they all lie in: upwards, the catalogue's region last."""
    titles = [place.title for place in places]
    within = [
        title
        for title in places[0].within.values()
        if all(title in place.within.values() for place in places)
    ]
    known = {level for place in places for level in (place.level, *place.within)}
    if catalogue.region and "region" not in known and catalogue.region not in titles:
        within.append(catalogue.region)
    return ", ".join(titles), ", ".join(within)


# --- 3. and 4. from a context to a page ----------------------------------------------------------


@contextmanager
def open_page_writer(template: Template, catalogue: Catalogue) -> Iterator[PageWriter]:
    """What makes pages by a template: one that ships in this process, others in one of their own."""
    if template.shipped:
        with use_language(catalogue.language):
            press = _open_shipped(template)
        yield press
        return

    folders = (template.path.resolve().parent, *template_folders(catalogue))
    with open_sandbox(template, folders) as sandbox:
        yield sandbox.press


def _open_shipped(template: Template) -> PageWriter:
    if template.kind == "workbook":
        return write_book

    environment = make_environment(template)

    def press(context: Mapping[str, Any]) -> bytes:
        try:
            return write_page(template, environment, context)
        except TemplateSyntaxError as error:
            raise TemplateError(describe_failure(error, template)) from error

    return press
