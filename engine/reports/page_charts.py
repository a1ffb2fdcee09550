"""The charts of a report: which spec draws an indicator, the table it draws, the same in words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from engine.catalogue.lookups import find_breaks
from engine.catalogue.model import Catalogue, Period
from engine.reports import filters
from engine.reports.charts import draw, find_spec, read_spec
from engine.reports.environment import print_text
from engine.reports.pages import Chart
from engine.reports.result_rows import Fetch, Row, RowKey
from engine.reports.strangers.chart_process import ChartProcess
from engine.reports.templates import shipped_folder, template_folders
from engine.translation import gettext as _

SPEC = "fact_and_target"
"""What draws an indicator for which a catalogue brings no spec of its own."""
_PARTS = 3  # of a key at most: indicator, place, spec


@dataclass(slots=True)
class ReportCharts:
    """Draws the charts of one report; what looks the same is drawn once for all its pages."""

    catalogue: Catalogue
    years: tuple[int, ...]
    _drawn: dict[str, str] = field(default_factory=dict)
    _charts: dict[tuple[Any, ...], Chart | None] = field(default_factory=dict)
    _specs: dict[Path, str] = field(default_factory=dict)
    _process: ChartProcess | None = None

    def open(self, rows: Mapping[RowKey, Row], place: str) -> Fetch:
        """What gives the chart of an indicator at this place, or at another that the rows have.

        A key is the indicator, or with it the place, or with both the name of a spec. None where
        there is no number to draw.
        """

        def fetch(key: Any) -> Chart | None:
            parts: tuple[str, ...] = (key,) if isinstance(key, str) else tuple(key)
            if not 0 < len(parts) <= _PARTS:
                raise KeyError(key)
            name, where, spec = (*parts, "", "")[:_PARTS]
            where = where or place
            facts = self._find(rows, name, where, "fact")
            forecasts = self._find(rows, name, where, "forecast")
            if not facts and not forecasts and name not in self.catalogue.indicators:
                raise KeyError(key)
            # The sheets of a thousand schools show the same charts of their town.
            drawn = (name, spec, *(row.key for row in (*facts.values(), *forecasts.values())))
            if drawn not in self._charts:
                self._charts[drawn] = self._draw(name, facts, forecasts, spec)
            return self._charts[drawn]

        return fetch

    def _find(
        self, rows: Mapping[RowKey, Row], name: str, place: str, scenario: str
    ) -> dict[int, Row]:
        """The rows of an indicator at a place by year."""
        keys = (
            RowKey(name, level, place, year, scenario)
            for year in self.years
            for level in self.catalogue.levels
        )
        return {key.year: rows[key] for key in keys if key in rows}

    def _draw(
        self, name: str, facts: Mapping[int, Row], forecasts: Mapping[int, Row], spec: str
    ) -> Chart | None:
        shown = [
            row for row in (*facts.values(), *forecasts.values()) if filters.is_number(row.value)
        ]
        if not shown:
            return None
        indicator = self.catalogue.indicators.get(name)
        period = indicator.period if indicator else self.catalogue.period
        years = [(year, facts.get(year), forecasts.get(year)) for year in self.years]
        points = [make_point(year, fact, forecast, period) for year, fact, forecast in years]
        words = "; ".join(
            _describe_year(year, fact, forecast, period) for year, fact, forecast in years
        )
        breaks = find_breaks(self.catalogue, (name,)) & {*self.years[1:]}
        for year in sorted(breaks):
            # Before this year the series ends, and a new one begins.
            point = points[self.years.index(year)]
            point["year"] = f"│ {point['year']}"
            words += "; " + _("from {year} not comparable with the years before").format(year=year)
        title = _("Fact and target by year: {title}").format(title=shown[0].short_title)
        drawn = self._draw_spec(self._choose(name, spec), points)
        label = escape(print_text(f"{title}. {words}"))
        svg = drawn.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)
        return Chart(title, words, Markup(svg))  # noqa: S704 - the drawing has been looked through

    def _choose(self, name: str, spec: str) -> Path:
        """The file of that name, else the catalogue's own for this indicator, or the usual one."""
        folders = template_folders(self.catalogue)
        path = find_spec(spec, folders) if spec else find_spec(name, folders[:1])
        path = path or (None if spec else find_spec(SPEC, folders))
        if path is None:
            raise KeyError(spec)
        return path

    def _draw_spec(self, path: Path, points: Sequence[Mapping[str, Any]]) -> str:

        if path not in self._specs:
            self._specs[path] = read_spec(path)
        spec = self._specs[path]
        key = json.dumps((str(path), points), ensure_ascii=False)
        if key not in self._drawn:
            if path.resolve().is_relative_to(shipped_folder().resolve()):
                self._drawn[key] = draw(spec, points, path)
            else:
                self._process = self._process or ChartProcess()
                self._drawn[key] = self._process.draw(spec, points, path)
        return self._drawn[key]


def _number(value: Any) -> float | None:
    return float(value) if filters.is_number(value) else None


def make_point(
    year: int, fact: Row | None, forecast: Row | None, period: Period
) -> dict[str, float | str | bool | None]:
    """A row of the table that a spec draws; docs/templates.md names its columns."""
    row = fact if fact is not None and fact.target is not None else forecast
    target = row.target if row else None
    low, high = target if isinstance(target, tuple) else (target, None)
    values = {
        "fact": _number(fact.value if fact else None),
        "forecast": _number(forecast.value if forecast else None),
        "target": _number(low),
        "target_to": _number(high),
    }
    if values["fact"] is not None:
        label = filters.value(fact)
    elif values["forecast"] is not None:
        label = _("forecast {value}").format(value=filters.value(forecast))
    else:
        label = filters.mark(fact)
    drawn = {"target", "target_to", "fact" if values["fact"] is not None else "forecast"}
    return {
        "year": f"{year}–{year + 1}" if period == "academic_year" else str(year),
        **values,
        "plan": _number(fact.plan if fact else None),
        "top": max(0.0, *(value or 0.0 for name, value in values.items() if name in drawn)),
        "label": label,
        "incomplete": bool(fact and fact.incomplete),
        "status": (fact.status if fact else None) or "",
        "sign": filters.sign(fact),
    }


def _describe_year(year: int, fact: Row | None, forecast: Row | None, period: Period) -> str:
    """One year in words: `2023 год: 81,9 % (предварительно, 17 из 18), цель не менее 82`."""
    shown = filters.value(fact) if fact else filters.reason("not_reported")
    if fact is not None and filters.is_number(fact.value):
        shown = f"{shown} {filters.unit(fact)}".rstrip()
        if fact.incomplete:
            shown += f" ({filters.preliminary(fact)})"
    parts = [f"{filters.year(year, period)}: {shown}"]
    if (fact is None or fact.value is None) and forecast is not None:
        parts.append(_("forecast {value}").format(value=filters.value(forecast)))
    row = fact if fact is not None and fact.target is not None else forecast
    if row is not None and row.target is not None:
        parts.append(_("target {target}").format(target=filters.target(row)))
    if row is not None and row.judged:
        parts.append(filters.words(row))
    return ", ".join(parts)
