"""Plain data → the frozen catalogue: inheritance, names, compiled formulas.

What has a wrong shape is passed over, because JSON Schema has already complained of it; what
names something unknown is a problem here, because past this point there are no names as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

from engine.catalogue.build.advice import build_advice
from engine.catalogue.build.checks import build_checks, check_shares
from engine.catalogue.build.draft import (
    COMPARATORS,
    MISSING,
    Draft,
    read_period,
    read_source,
    refuse_id,
)
from engine.catalogue.build.examples import build_examples
from engine.catalogue.build.forms import ask_at_levels, build_forms
from engine.catalogue.build.indicators import build_indicators
from engine.catalogue.build.inputs import (
    build_inputs,
    build_options,
    build_part_sums,
    cells_below,
    read_options,
)
from engine.catalogue.build.scales import build_scales, name_bands
from engine.catalogue.build.tables import build_tables
from engine.catalogue.entry import Entry, normal_name, year_of
from engine.catalogue.formula_units import measure_formulas
from engine.catalogue.libraries import head_of
from engine.catalogue.model import (
    PEOPLE,
    USUAL_THRESHOLD,
    Catalogue,
    Constant,
    Event,
    Group,
    Publication,
    Ranking,
    RegisterColumn,
    Shown,
    Symbol,
)
from engine.catalogue.source import Document
from engine.catalogue.yaml_tree import At
from engine.problems import Problem, suggest_name
from engine.translation import LANGUAGES
from engine.translation import gettext as _
from engine.units import SHIPPED, Unit, build_unit

REGISTER_TYPES: tuple[Literal["yes_no", "choice", "number"], ...] = ("yes_no", "choice", "number")
RANKINGS: tuple[Ranking, ...] = ("forbidden", "allowed")
SHOWN: tuple[Shown, ...] = ("hidden", "shown")


def build_catalogue(document: Document) -> tuple[Catalogue, list[Problem]]:
    """Build everything that can be built, and say what cannot."""
    root = Entry(document, (), document.data)
    # 1. What everything else depends on: levels, defaults, units, the register.
    draft = _open_draft(root.at("catalogue"))
    draft.units = _build_units(draft, root)
    draft.register = _build_register(draft, root)
    constants = _build_constants(draft, root)
    draft.scales = build_scales(draft, root)
    draft.tables = build_tables(draft, root)
    # 2. Inputs, and the names made of them.
    inputs = build_inputs(draft, root)
    below = cells_below(inputs)
    symbols: dict[str, Symbol] = {
        **draft.register,
        **build_options(inputs, draft.register),
        **constants,
        **name_bands({name: declared.scale for name, declared in inputs.items()}),
        **build_part_sums(inputs, below),
        **inputs,
    }
    # 3. Events, then indicators: a result takes code, group and period from its event.
    events = _build_events(draft, root)
    indicators = build_indicators(draft, root, events, symbols)
    groups = _build_groups(root)
    # 4. Every name a formula may use. An input and the indicator that it is have one id: in a
    #    formula it is the input.
    bands = name_bands({name: indicator.scale for name, indicator in indicators.items()})
    symbols = {**indicators, **bands, **symbols}
    head = root.at(head_of(document))
    name = head.text("id") or document.folder.resolve().name
    catalogue = Catalogue(
        id=name,
        title=head.text("title", name),
        folder=document.folder,
        municipality=head.text("municipality"),
        region=head.text("region"),
        language=draft.language,
        levels=draft.levels,
        given=draft.given,
        years=tuple(year.data for year in head.children("years") if type(year.data) is int),
        period=draft.period,
        interpretation=head.text("interpretation"),
        source=read_source(head.at("source")),
        groups=groups,
        register=draft.register,
        units=draft.units,
        constants=constants,
        inputs=inputs,
        indicators=indicators,
        events=events,
        forms=ask_at_levels(build_forms(draft, root, groups), inputs),
        checks=build_checks(draft, root, symbols, below)
        | check_shares(draft, indicators.values(), symbols),
        examples=build_examples(root),
        advice=build_advice(draft, root, symbols),
        publication=build_publication(draft, root),
        symbols=symbols,
        version=document.version,
        positions=head.positions()
        | {f"defaults.{key}": at for key, at in head.at("defaults").positions().items()},
        scales=draft.scales,
        decimals=draft.decimals,
        tables=draft.tables,
        is_library=head_of(document) == "library",
        libraries=document.libraries,
        origins={
            (str(section), normal_name(_id_at(document, (section, name)))): origin
            for (section, name, *_rest), origin in document.origins.items()
        },
    )
    # 5. Formulas are measured once all names are known; scaled units are converted in them.
    measured, problems = measure_formulas(catalogue)
    return measured, draft.problems + problems


def _id_at(document: Document, path: At) -> str:
    """The id of what stands at a path: its key, or in a list what it says itself."""
    section, key = path
    return key if isinstance(key, str) else str(document.data[str(section)][key].get("id", key))


def _open_draft(head: Entry) -> Draft:
    """The levels and the defaults; nothing but the key `catalogue` is required."""
    defaults = head.at("defaults")
    levels = tuple(level.data.strip() for level in head.names_at("levels"))
    given = tuple(level.data.strip() for level in head.names_at("given"))
    decimals = defaults.whole("decimals")
    draft = Draft(
        levels=tuple(dict.fromkeys(levels)) or ("school", "municipality"),
        given=tuple(level for level in dict.fromkeys(given) if level not in levels),
        period=read_period(head, "calendar_year"),
        comparator=defaults.choice("comparator", COMPARATORS, "none"),
        decimals=1 if decimals is None else decimals,
        missing=defaults.choice("missing", MISSING, "skip"),
        language=head.choice("language", LANGUAGES, "ru"),
    )
    seen: set[str] = set()
    for entry in (*head.names_at("levels"), *head.names_at("given")):
        name = entry.data.strip()
        refused = refuse_id(name, inner=True, levels=())
        if name in seen:
            message = _("the level “{name}” stands twice").format(name=name)
            draft.report("duplicate-id", message, entry.position, _("leave one of them"))
        elif refused:
            draft.report("bad-id", refused[0], entry.position, refused[1])
        seen.add(name)
    return draft


def _build_groups(root: Entry) -> dict[str, Group]:
    return {
        group.name: Group(
            group.name,
            group.title or group.name,
            group.text("note"),
            group.text("short").strip(),
            group.key_position,
            group.positions(),
        )
        for group in root.children("groups")
    }


def _build_units(draft: Draft, root: Entry) -> dict[str, Unit]:
    """The catalogue's own units; those that are a multiple of another after the others."""
    units: dict[str, Unit] = {}
    declared = tuple(draft.declared(root.at("units"), inner=True))
    for entry in sorted(declared, key=lambda entry: entry.has("of")):
        of = entry.name_at("of")
        base = (units.get(of) or SHIPPED.get(of)) if of else None
        if of and base is None:
            draft.report(
                "unknown-unit",
                _("unknown unit “{name}”").format(name=of),
                entry.at("of").position,
                suggest_name(of, (*units, *SHIPPED)),
                about=of,
            )
        units[entry.name] = build_unit(
            entry.name,
            entry.title,
            entry.text("short"),
            tuple(form.written for form in entry.children("forms")),
            base,
            entry.at("scale").number or Fraction(1),
        )
    return units


def _build_register(draft: Draft, root: Entry) -> dict[str, RegisterColumn]:
    return {
        entry.name: RegisterColumn(
            id=entry.name,
            title=entry.title or entry.name,
            type=entry.choice("type", REGISTER_TYPES, "yes_no"),
            options=read_options(draft, entry),
            position=entry.key_position,
        )
        for entry in draft.declared(root.at("register"))
    }


def _build_constants(draft: Draft, root: Entry) -> dict[str, Constant]:
    constants = {}
    for entry in draft.declared(root.at("constants")):
        values = entry.at("values")
        level = draft.level(entry.at("level"), "") if entry.has("level") else None
        if not entry.has("level"):
            _refuse_periods(draft, entry.name, values)
        constants[entry.name] = Constant(
            id=entry.name,
            title=entry.text("title") or entry.name,
            unit=draft.unit(entry.at("unit")) if entry.has("unit") else None,
            values={} if level else _values(values),
            level=level or None,
            values_by_place=(
                {str(place.path[-1]): _values(place) for place in values.children()}
                if level
                else {}
            ),
            position=entry.key_position,
        )
    return constants


def _refuse_periods(draft: Draft, name: str, values: Entry) -> None:
    """The values of a constant without a level are those of years, and of nothing else."""
    for value in values.children():
        if year_of(value) is None:
            message = _("“{key}” in the values of “{name}”: a year is due here")
            draft.report(
                "wrong-year",
                message.format(key=value.name, name=name),
                value.key_position,
                _("four digits, for instance 2023; values of places need `level`"),
            )


def _values(entry: Entry) -> Mapping[int, Fraction]:
    values = ((year_of(value), value.number) for value in entry.children())
    return {year: number for year, number in values if year is not None and number is not None}


def _build_events(draft: Draft, root: Entry) -> dict[str, Event]:
    return {
        entry.name: Event(
            id=entry.name,
            title=entry.text("title") or entry.name,
            code=entry.text("code"),
            section=entry.text("section"),
            when=entry.text("when"),
            responsible=entry.text("responsible"),
            period=read_period(entry, draft.period),
            expected=entry.text("expected"),
            results=tuple(f"{entry.name}.{result.name}" for result in entry.children("results")),
            interpretation=entry.text("interpretation"),
            source=read_source(entry.at("source")),
            short=entry.text("short").strip(),
            position=entry.key_position,
            positions=entry.positions(),
        )
        for entry in draft.declared(root.at("events"))
    }


def build_publication(draft: Draft, root: Entry) -> Publication | None:
    """The policy as written; None where there is none."""
    entry = root.at("publication")
    if not entry.is_mapping:
        return None
    below = entry.whole("suppress_below")
    if entry.has("public_levels"):
        named = (draft.level(level, "", given=False) for level in entry.names_at("public_levels"))
        levels = tuple(dict.fromkeys(level for level in named if level))
    else:
        levels = default_levels(draft.levels)
    units = (draft.unit(unit) for unit in entry.names_at("people"))
    return Publication(
        ranking=entry.choice("ranking", RANKINGS, "forbidden"),
        public_levels=levels,
        suppress_below=USUAL_THRESHOLD if below is None else below,
        people=tuple(dict.fromkeys(unit.id for unit in units if unit)) or PEOPLE,
        zeros=entry.choice("zeros", SHOWN, "hidden"),
        texts=entry.choice("texts", SHOWN, "hidden"),
        clause=entry.text("clause").strip(),
        where=entry.text("where").strip(),
        interpretation=entry.text("interpretation").strip(),
        position=entry.key_position,
        positions=entry.positions(),
    )


def default_levels(levels: tuple[str, ...]) -> tuple[str, ...]:
    """What is public where nothing is said: every level above the one that reports."""
    return levels[1:]
