"""Open data: tables CSV for machines, and `datapackage.json` that says what stands in them.

Only what the public may see is here: the context is that of the public, and nothing is looked up
beside it. Numbers have a decimal point and no spaces; where there is none, `reason` says why.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from io import StringIO
from typing import Any

from engine.catalogue.level_words import word_of_level
from engine.catalogue.lookups import has_base, has_grades
from engine.catalogue.model import Catalogue
from engine.publication.releases import LIST, PACKAGE
from engine.reports import filters
from engine.reports.environment import escape_formula, show_text
from engine.reports.filters import SIGNS
from engine.reports.passports import Passport, show_document, show_formulas
from engine.reports.result_rows import Row
from engine.translation import gettext as _
from engine.units import unit_label

RESULTS, INDICATORS = "results.csv", "indicators.csv"
STATUSES = ("met", "missed", "no_target", "no_comparator", "no_data")
COMPARATORS = ("at_least", "at_most", "exactly", "between", "yes")

Field = tuple[str, str, str, Mapping[str, Any]]
"""Name, type, title and constraints of a column."""


def make_files(context: Mapping[str, Any]) -> dict[str, bytes]:
    """The files of open data by name, from the context of a report for the public.

    ValueError for the context of any other report: it holds what may not be published.
    """
    if context["audience"] != "public":
        raise ValueError(context["audience"])
    catalogue: Catalogue = context["catalogue"]
    rows: list[Row] = [*context["rows"], *context["inputs"]]
    names = dict.fromkeys(row.indicator for row in rows)
    passports = [context["passports"][name] for name in names]
    tables = {
        RESULTS: _write_csv(
            _result_fields(catalogue), (_show_result(catalogue, row) for row in rows)
        ),
        INDICATORS: _write_csv(
            _indicator_fields(),
            (_show_passport(catalogue, passport, rows) for passport in passports),
        ),
    }
    # Signs that turn the text around them stand for themselves in JSON: they go here, all at once.
    package = show_text(json.dumps(_describe(context, tables), ensure_ascii=False, indent=2))
    return {**tables, PACKAGE: f"{package}\n".encode("utf-8", "replace")}


# --- rows ----------------------------------------------------------------------------------------


def _result_fields(catalogue: Catalogue) -> tuple[Field, ...]:
    must: Mapping[str, Any] = {"required": True}
    places = word_of_level(catalogue.levels[0], "of_many")
    grades: tuple[Field, ...] = (
        ("class", "string", _("Class of the value by its scale"), {}),
        ("class_title", "string", _("Title of the class"), {}),
        ("points", "number", _("Points for the value"), {}),
    )
    return (
        ("indicator", "string", _("Id of the indicator"), must),
        ("level", "string", _("Level of the place"), must),
        ("place", "string", _("Id of the place"), must),
        ("place_title", "string", _("Place"), must),
        ("year", "integer", _("Year; an academic year by the year it starts in"), must),
        ("scenario", "string", _("Fact or forecast"), {**must, "enum": ["fact", "forecast"]}),
        (
            "value",
            "number",
            _("Value as printed; yes is 1, no is 0; empty where `reason` says why"),
            {},
        ),
        ("text", "string", _("Answers in words"), {}),
        ("reason", "string", _explain_reasons(), {"enum": list(SIGNS)}),
        ("target", "number", _("Target, or the lower end of it; yes is 1"), {}),
        ("target_to", "number", _("The upper end of a target from … to …"), {}),
        ("comparator", "string", _("How to compare with the target"), {"enum": list(COMPARATORS)}),
        ("status", "string", _("Whether the target is reached"), {"enum": list(STATUSES)}),
        (
            "reported",
            "integer",
            _("How many {places} reported").format(places=places),
            {"minimum": 0},
        ),
        (
            "expected",
            "integer",
            _("How many {places} were expected to").format(places=places),
            {"minimum": 0},
        ),
        *(grades if has_grades(catalogue) else ()),
        *(
            (("base", "number", _("Base from which the target is counted"), {}),)
            if has_base(catalogue)
            else ()
        ),
    )


def _explain_reasons() -> str:
    meant = "; ".join(f"{code} — {filters.reason(code)}" for code in SIGNS)
    return _("Why there is no value: {reasons}").format(reasons=meant)


def _show_result(catalogue: Catalogue, row: Row) -> tuple[str, ...]:
    low, high = row.target if isinstance(row.target, tuple) else (row.target, None)
    texts = "; ".join(row.value) if isinstance(row.value, tuple) and not row.is_class else ""
    points = "" if row.points is None else f"{row.points:.12g}"
    return (
        row.indicator,
        row.level,
        row.place,
        row.place_title,
        str(row.year),
        row.scenario,
        _show_number(row.value, row.decimals),
        texts,
        row.reason or "",
        _show_number(low, row.decimals),
        _show_number(high, row.decimals),
        row.comparator or "",
        row.status or "",
        "" if row.reported is None else str(row.reported),
        "" if row.expected is None else str(row.expected),
        *((row.class_id, row.class_title, points) if has_grades(catalogue) else ()),
        *((_show_number(row.base, row.decimals),) if has_base(catalogue) else ()),
    )


def _show_number(value: Any, decimals: int) -> str:
    """With as many decimals as it is printed with: never more than the report shows."""
    if isinstance(value, bool):
        return str(int(value))
    if not isinstance(value, int | float):
        return ""
    text = f"{value:.{decimals}f}"
    return text if text.strip("-0.") else text.lstrip("-")


def _indicator_fields() -> tuple[Field, ...]:
    must: Mapping[str, Any] = {"required": True}
    return (
        ("id", "string", _("Id"), {**must, "unique": True}),
        ("kind", "string", _("Indicator, or what is asked"), {"enum": ["indicator", "input"]}),
        ("code", "string", _("Number in the order"), {}),
        ("title", "string", _("Title"), must),
        ("short_title", "string", _("Short title, as reports print it"), must),
        ("group", "string", _("Section"), {}),
        ("unit", "string", _("Unit"), {}),
        ("decimals", "integer", _("Decimals of the value"), {"minimum": 0}),
        ("better", "string", _("Which way is good"), {}),
        ("period", "string", _("Kind of year"), {"enum": ["calendar_year", "academic_year"]}),
        ("formula", "string", _("Formula in words"), {}),
        ("missing", "string", _("What becomes of those that have not reported"), {}),
        ("document", "string", _("Document"), {}),
        ("clause", "string", _("Clause"), {}),
        ("interpretation", "string", _("How the order was read"), {}),
    )


def _show_passport(
    catalogue: Catalogue, passport: Passport, rows: Iterable[Row]
) -> tuple[str, ...]:
    own = [row for row in rows if row.indicator == passport.id]
    # A yes/no of schools is above them a number of schools: the unit is that of the rows.
    unit = next((row.unit for row in own if row.unit), None)
    return (
        passport.id,
        "indicator" if passport.id in catalogue.indicators else "input",
        passport.code,
        passport.title,
        passport.short_title,
        passport.group,
        unit_label(unit, catalogue.language) or passport.unit,
        str(max((row.decimals for row in own), default=0)),
        passport.better,
        passport.period,
        "; ".join(show_formulas(passport)),
        passport.missing,
        show_document(passport),
        passport.clause,
        passport.interpretation,
    )


# --- files ---------------------------------------------------------------------------------------


def _write_csv(fields: Sequence[Field], rows: Iterable[Sequence[str]]) -> bytes:
    """UTF-8, commas, lines as the standard of CSV ends them; a table program computes no text."""
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([name for name, *_rest in fields])
    kinds = [kind for _name, kind, *_rest in fields]
    for row in rows:
        cells = zip(kinds, row, strict=True)
        writer.writerow(
            [escape_formula(text) if kind == "string" else text for kind, text in cells]
        )
    return stream.getvalue().encode("utf-8", "replace")


def _describe(context: Mapping[str, Any], tables: Mapping[str, bytes]) -> dict[str, Any]:
    """The data package: whose data they are, by which order, what each column means."""
    catalogue: Catalogue = context["catalogue"]
    source = catalogue.source
    named = [part for part in (source.title, source.number, source.date) if part]
    place = [part for part in (context["place_titles"], context["within"]) if part]
    return {
        "profile": "tabular-data-package",
        "name": _slug(catalogue.id),
        "title": ". ".join([catalogue.title, *place]),
        "description": "\n\n".join(_write_description(context)),
        "version": context["data_hash"] or context["engine_version"],
        "created": f"{context['date'].isoformat()}T00:00:00Z",
        "sources": [{"title": " ".join(named)}] if named else [],
        "catalogue_version": catalogue.version,
        **_describe_libraries(catalogue),
        "data_hash": context["data_hash"],
        "engine_version": context["engine_version"],
        "years": list(context["years"]),
        LIST: context["published"],
        "resources": [
            _resource(
                RESULTS,
                tables[RESULTS],
                _("Values of indicators and of what is asked, by place and year"),
                _result_fields(catalogue),
                primaryKey=["indicator", "level", "place", "year", "scenario"],
                foreignKeys=[
                    {
                        "fields": ["indicator"],
                        "reference": {"resource": _slug(INDICATORS[:-4]), "fields": ["id"]},
                    }
                ],
            ),
            _resource(
                INDICATORS,
                tables[INDICATORS],
                _("What each indicator is"),
                _indicator_fields(),
                primaryKey=["id"],
            ),
        ],
    }


def _describe_libraries(catalogue: Catalogue) -> dict[str, Any]:
    """The libraries that the catalogue uses; nothing where it uses none."""
    if not catalogue.libraries:
        return {}
    return {"libraries": [asdict(library) for library in catalogue.libraries]}


def _write_description(context: Mapping[str, Any]) -> Iterator[str]:
    if context["notice"]:
        yield context["notice"]
    yield _(
        "A hidden number has the reason “suppressed”; a missing one “not_reported”; zero is 0; what "
        "does not concern a place has the reason “not_applicable”."
    )
    yield _(
        "A text that a table program would take for a formula begins with an apostrophe. Numbers "
        "have a decimal point."
    )
    yield _("The licence is chosen by whoever publishes: add it here as `licenses`.")
    yield _("What is printed and what is hidden stands in `published`, for who publishes again.")
    policy = context["publication"]
    if policy is not None:
        yield from (part for part in (policy.clause, policy.interpretation) if part)


def _resource(
    path: str, content: bytes, title: str, fields: Sequence[Field], **keys: Any
) -> dict[str, Any]:
    return {
        "profile": "tabular-data-resource",
        "name": _slug(path[:-4]),
        "title": title,
        "path": path,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "dialect": {
            "delimiter": ",",
            "lineTerminator": "\r\n",
            "doubleQuote": True,
            "header": True,
        },
        "schema": {
            "fields": [
                {"name": name, "type": kind, "title": about}
                | ({"constraints": dict(limits)} if limits else {})
                for name, kind, about, limits in fields
            ],
            "missingValues": [""],
            **keys,
        },
    }


def _slug(name: str) -> str:
    """A name as a data package may have one."""
    return re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-") or "data"
