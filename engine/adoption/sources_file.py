"""`sources.yaml`: what is understood of each table, as it is written, corrected and read again."""

from __future__ import annotations

import fnmatch
import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from engine.adoption.vocabulary import Vocabulary, strip_label
from engine.catalogue.lookups import title_of
from engine.catalogue.shape import check_by_schema
from engine.catalogue.source import Document, read_file
from engine.data.facts import read_year
from engine.problems import Position, Problem, has_errors, suggest_name
from engine.same_names import fold_name
from engine.translation import gettext as _

SCHEMA = Path(__file__).with_name("sources.schema.json")
_WIDTH = 90
_LONGEST_KEY = 900  # characters; a longer key needs a mark of its own in the language of the file


@dataclass(frozen=True, slots=True)
class AdoptedSource:
    """One table: where it lies, and which input each column (or row) is.

    `heading`: its rows as a spreadsheet prints them. `side`: its columns (F:J), where others stand
    beside it. `year`: of the whole table, or the label of the
    column of years. `constant`: scenario or level → what holds for the whole table.
    """

    file: str
    sheet: str = ""
    heading: tuple[int, ...] = ()
    side: str = ""
    school: str = ""
    year: int | str | None = None
    skip: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    constant: Mapping[str, str] = field(default_factory=dict)
    schools: Mapping[str, str] = field(default_factory=dict)
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """What is not sure: a key of the source (columns, rows, year, …), a name, what it may be."""

    key: str
    name: str
    offers: tuple[str, ...] = ()


def match_name(name: str, pattern: str) -> bool:
    """Whether a name is that of the pattern: the same, or the same where * stands for anything."""
    return fits_pattern(fold_name(name), fold_name(pattern))


def fits_pattern(folded: str, pattern: str) -> bool:
    """The same of a name and a pattern that are folded."""
    return folded == pattern or ("*" in pattern and fnmatch.fnmatchcase(folded, pattern))


def fold_label(label: str) -> str:
    """A label as it is compared: each part without marks of the page."""
    return " / ".join(fold_name(strip_label(part)) for part in label.split(" / "))


# --- reading --------------------------------------------------------------------------------------


@cache
def read_sources_schema() -> dict[str, Any]:
    """The JSON Schema of `sources.yaml`, with a description of every key in Russian."""
    schema: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return schema


def read_sources(
    path: Path, vocabulary: Vocabulary
) -> tuple[tuple[AdoptedSource, ...], list[Problem]]:
    """The sources of a file; none where its shape is wrong."""
    document, problems = read_file(path)
    if document is None or has_errors(problems):
        return (), problems
    if document.data.get("sources") is None:
        return (), problems
    # That exactly one of two keys is due, is said better in words of its own.
    schema = read_sources_schema()
    source = {key: rule for key, rule in schema["$defs"]["source"].items() if key != "oneOf"}
    problems += check_by_schema(document, schema | {"$defs": {"source": source}})
    if has_errors(problems):
        return (), problems
    problems += _find_undecided(document)
    if has_errors(problems):
        return (), problems
    sources = tuple(
        _build(document, number, entry, vocabulary)
        for number, entry in enumerate(document.data["sources"])
    )
    problems += [
        problem
        for number, source in enumerate(sources)
        for problem in _check(document, number, source, vocabulary)
    ]
    return sources, problems


def _find_undecided(document: Document) -> Iterator[Problem]:
    """Sources that have both columns and rows, or neither."""
    for number, entry in enumerate(document.data["sources"]):
        if ("columns" in entry) == ("rows" in entry):
            message = _("exactly one is due of “columns” and “rows”")
            hint = _("columns: inputs stand in columns; rows: inputs stand in rows")
            yield Problem("wrong-source", message, document.position(("sources", number)), hint)


def _build(
    document: Document, number: int, entry: Mapping[str, Any], vocabulary: Vocabulary
) -> AdoptedSource:
    def texts(key: str) -> dict[str, str]:
        return {
            name: document.text(("sources", number, key, name)) for name in entry.get(key) or {}
        }

    rows = {
        name: tuple(map(vocabulary.resolve_input, asked if isinstance(asked, list) else (asked,)))
        for name, asked in (entry.get("rows") or {}).items()
    }
    year = entry.get("year")
    year = year if isinstance(year, int) or year is None else read_year(year) or year
    columns = {name: vocabulary.resolve_input(asked) for name, asked in texts("columns").items()}
    return AdoptedSource(
        document.text(("sources", number, "file")),
        document.text(("sources", number, "sheet")),
        tuple(entry.get("heading") or ()),
        document.text(("sources", number, "side")).upper(),
        document.text(("sources", number, "school")),
        year,
        tuple(str(name) for name in entry.get("skip") or ()),
        columns,
        rows,
        texts("constant"),
        texts("schools"),
        document.position(("sources", number)),
    )


def _check(
    document: Document, number: int, source: AdoptedSource, vocabulary: Vocabulary
) -> Iterator[Problem]:
    """Names that neither the catalogue nor the register knows."""
    catalogue = vocabulary.catalogue
    asked = [(("columns", name), one) for name, one in source.columns.items()]
    asked += [(("rows", name), one) for name, several in source.rows.items() for one in several]
    for path, name in asked:
        if name not in catalogue.inputs:
            message = _("the catalogue has no input “{name}”").format(name=name)
            titles = (title_of(catalogue, known) for known in catalogue.inputs)
            hint = suggest_name(name, [*catalogue.inputs, *titles])
            position = document.position(("sources", number, *path))
            yield Problem("unknown-input", message, position, hint)
    school = catalogue.levels[0]
    for name, place in source.schools.items():
        if vocabulary.places and not any(
            level == school for level, _id in vocabulary.find_places(place)
        ):
            message = _("the register has no “{name}”").format(name=place)
            position = document.position(("sources", number, "schools", name))
            yield Problem("unknown-place", message, position)
    known = {"scenario", *catalogue.places}
    for name in source.constant:
        if name not in known:
            message = _("“{name}” is neither a level nor “scenario”").format(name=name)
            position = document.position(("sources", number, "constant", name), key=True)
            yield Problem("unknown-level", message, position, suggest_name(name, known))


# --- writing --------------------------------------------------------------------------------------


def write_sources(
    drafts: Iterable[tuple[AdoptedSource, Sequence[Doubt]]],
    *,
    existing: str = "",
    proposed: bool = True,
) -> str:
    """The text of `sources.yaml`; new entries follow `existing` ones, if `proposed` commented out."""
    blocks = ["\n".join(_write_source(source, doubts)) for source, doubts in drafts]
    if not existing:
        lead = "\n".join(f"# {line}" for line in _guide())
        return f"{lead}\nsources:\n" + "".join(f"{block}\n" for block in blocks)
    if not proposed:
        return "\n".join([existing.rstrip("\n"), *blocks, ""])
    commented = ["\n".join(f"# {line}" for line in block.splitlines()) for block in blocks]
    new = [block for block in commented if block not in existing]
    if not new:
        return existing
    title = "# " + _("New tables, not yet read: check them and take the signs # away.")
    return "\n".join([existing.rstrip("\n"), "", title, *new, ""])


def can_append(text: str) -> bool:
    """Whether an entry after the end of the text is one of its sources: it is laid out as it was written."""
    lines = [line for line in text.splitlines() if line.strip() and line.lstrip()[0] != "#"]
    keys = [line for line in lines if line[0] not in " -"]
    entries = [line for line in lines if line.lstrip().startswith("- file:")]
    return (
        [key.partition("#")[0].rstrip() for key in keys] == ["sources:"]
        and lines[:1] == keys
        and bool(entries)
        and all(line.startswith("  - ") for line in entries)
    )


def _guide() -> list[str]:
    text = _(
        "What is understood in the files of the folder “sources”. Correct it here once: it is "
        "read every year. A line that begins with # is not read: it is a proposal."
    )
    return textwrap.wrap(text, _WIDTH)


def _write_source(source: AdoptedSource, doubts: Sequence[Doubt]) -> Iterator[str]:
    yield f"  - file: {_quote(source.file)}"
    if source.sheet:
        yield f"    sheet: {_quote(source.sheet)}"
    if source.heading:
        yield f"    heading: [{', '.join(map(str, source.heading))}]"
    if source.side:
        yield f"    side: {_quote(source.side)}"
    if source.school:
        yield f"    school: {_quote(source.school)}"
    if source.year is not None:
        year = source.year if isinstance(source.year, int) else _quote(source.year)
        yield f"    year: {year}"
    if source.skip:
        yield f"    skip: [{', '.join(map(_quote, source.skip))}]"
    if source.constant:
        pairs = ", ".join(f"{key}: {_quote(text)}" for key, text in source.constant.items())
        yield f"    constant: {{{pairs}}}"
    for doubt in doubts:
        if doubt.key not in {"columns", "rows", "schools"}:
            yield f"    # {doubt.key}: {' | '.join(doubt.offers) or '?'}"
    schools = [doubt for doubt in doubts if doubt.key == "schools"]
    if schools or source.schools:
        yield "    schools:" if source.schools else "    # schools:"
        yield from _write_pairs(source.schools)
        yield from _write_doubts(schools)
    key = "rows" if source.rows else "columns"
    names: Mapping[str, str | tuple[str, ...]] = source.rows or source.columns
    yield f"    {key}:"
    yield from _write_pairs(names)
    yield from _write_doubts([doubt for doubt in doubts if doubt.key in {"columns", "rows"}])


def _write_pairs(pairs: Mapping[str, str | tuple[str, ...]]) -> Iterator[str]:
    for name, asked in pairs.items():
        several = asked if isinstance(asked, tuple) else (asked,)
        text = several[0] if len(several) == 1 else f"[{', '.join(several)}]"
        if len(name) > _LONGEST_KEY:
            yield f"      ? {_quote(name)}"
            yield f"      : {text}"
        else:
            yield f"      {_quote(name)}: {text}"


def _write_doubts(doubts: Iterable[Doubt]) -> Iterator[str]:
    for doubt in doubts:
        yield f"      # {_quote(doubt.name)}: {' | '.join(doubt.offers) or '?'}"


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
