"""Forms: what is printed row by row, and which inputs each row asks.

Names stay as written: that each is declared, and fits the level that fills the form, is a rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.catalogue.build.draft import Draft, read_period, read_where
from engine.catalogue.entry import Entry, normal_name
from engine.catalogue.model import Form, FormRow, FormSection, Group, Input
from engine.problems import Position


def build_forms(draft: Draft, root: Entry, groups: Mapping[str, Group]) -> dict[str, Form]:
    """Every form that has a shape: its sections and rows as printed."""
    return {
        entry.name: _build_form(draft, entry, groups) for entry in draft.declared(root.at("forms"))
    }


def _build_form(draft: Draft, entry: Entry, groups: Mapping[str, Group]) -> Form:
    years = entry.at("years")
    facts, forecasts = _years(years.at("fact")), _years(years.at("forecast"))
    return Form(
        id=entry.name,
        title=entry.text("title") or entry.name,
        fills=draft.level(entry.at("fills"), draft.levels[0]),
        sections=tuple(
            _build_section(section, groups)
            for section in entry.children("sections")
            if section.is_mapping
        ),
        dues=_dues(entry),
        period=read_period(entry, draft.period),
        # A form that names no year at all asks the facts of its own.
        facts=facts if facts or forecasts else (0,),
        forecasts=forecasts,
        intro=entry.text("intro"),
        footer=entry.text("footer"),
        short=entry.text("short").strip(),
        position=entry.key_position,
        positions=_positions(entry, lists=("due", "years.fact", "years.forecast")),
        where=read_where(draft, entry),
    )


def _dues(entry: Entry) -> dict[int | None, str]:
    every_year = entry.text("due").strip()
    if every_year:
        return {None: every_year}
    days = entry.at("due")
    written = {year.name: days.text(year.name).strip() for year in days.children()}
    return {int(year): day for year, day in written.items() if day and year.isdecimal()}


def _years(entry: Entry) -> tuple[int, ...]:
    return tuple(year.data for year in entry.children() if type(year.data) is int)


def _build_section(entry: Entry, groups: Mapping[str, Group]) -> FormSection:
    """A section; that of a group is titled as the order prints it: its number and its title."""
    name = entry.name_at("group")
    title, short = entry.text("title"), ""
    if name in groups and not title:
        title, short = groups[name].full_heading, groups[name].heading
    return FormSection(
        title=title,
        rows=tuple(_build_row(row) for row in entry.children("rows") if row.is_mapping),
        group=name or None,
        short=short,
        position=entry.at("group").position if name else entry.position,
    )


def _build_row(entry: Entry) -> FormRow:
    """A row; `input` is short for one cell."""
    short = entry.name_at("input")
    cells = tuple(normal_name(cell.data.strip()) for cell in entry.names_at("cells"))
    return FormRow(
        number=entry.text("number").strip(),
        title=entry.text("title"),
        note=entry.text("note"),
        cells=(short, *cells) if short else cells,
        indicator=entry.name_at("indicator") or None,
        event=entry.name_at("event") or None,
        heading=entry.text("heading"),
        blank=entry.text("blank"),
        position=entry.position,
        positions=_positions(entry, lists=("cells",)),
    )


def _positions(entry: Entry, lists: tuple[str, ...]) -> dict[str, Position]:
    """The places of the values of its own keys, and of the items inside some: `cells.0`."""
    positions = entry.positions()
    for name in lists:
        owner = entry
        for key in name.split("."):
            owner = owner.at(key)
        for item in owner.children():
            positions[f"{name}.{item.path[-1]}"] = item.position
    return positions


def ask_at_levels(forms: Mapping[str, Form], inputs: Mapping[str, Input]) -> dict[str, Form]:
    """The forms, whose cells ask of what several levels give what the form's own level gives."""

    def own(name: str, level: str) -> str:
        return inputs[name].given_at.get(level, name) if name in inputs else name

    return {
        name: replace(
            form,
            sections=tuple(
                replace(
                    section,
                    rows=tuple(
                        replace(row, cells=tuple(own(cell, form.fills) for cell in row.cells))
                        for row in section.rows
                    ),
                )
                for section in form.sections
            ),
        )
        for name, form in forms.items()
    }
