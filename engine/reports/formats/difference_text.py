"""What is not as it was, as lines for the eye: definitions first, then what became of the numbers."""

from __future__ import annotations

import textwrap
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby

import polars as pl

from engine.catalogue.model import Catalogue
from engine.evaluation.difference.definition_changes import AspectChange, DefinitionChange
from engine.evaluation.difference.differences import Differences
from engine.evaluation.difference.value_changes import (
    AFTER,
    BEFORE,
    VERDICTS,
    differs_in_number,
    differs_in_verdict,
    take_side,
)
from engine.level_words import word_among
from engine.reports import filters
from engine.reports.formats.definition_words import (
    list_aspects,
    name_aspect,
    name_briefly,
    say_aspect,
    say_what,
)
from engine.reports.result_rows import Row, read_result_rows
from engine.translation import gettext as _
from engine.translation import ngettext
from engine.typography import quote, set_type
from engine.units import NO_BREAK_SPACE

WIDTH = 80
SHOWN_PLACES = 3
"""Places of one level and year that are named; of more, only how many there are is told."""
_FEW = 3
"""Things that are named one by one though they changed alike."""
_INDENT = "  "
_GROUP = ("indicator", "level", "year", "scenario")
_ARROW = " → "


def show_definitions(differences: Differences) -> Iterator[str]:
    """The changed definitions: what numbers may depend on, then the rest."""
    counting = [change for change in differences.definitions if change.counts]
    wording = [
        change
        for change in differences.definitions
        if change.wording or not (change.counts or change.aspects)
    ]
    if counting:
        yield _("How it is counted:")
        yield from _show_changes([(change, change.counting) for change in counting], differences)
    if wording:
        yield _("How it is called, asked and checked:")
        yield from _show_changes([(change, change.wording) for change in wording], differences)
    if not differences.definitions:
        yield _("No definition changed.")


def _show_changes(
    changes: Iterable[tuple[DefinitionChange, Sequence[AspectChange]]], differences: Differences
) -> Iterator[str]:
    """Thing by thing; what changed alike in many is said once, before them."""
    before, after = differences.before, differences.after
    lines = [
        (
            change,
            [
                (name_aspect(aspect), *say_aspect(aspect, change, before, after))
                for aspect in aspects
            ],
        )
        for change, aspects in changes
    ]
    things: dict[tuple[str, str, str], list[DefinitionChange]] = {}
    for change, sentences in lines:
        for sentence in sentences:
            things.setdefault(sentence, []).append(change)
    alike = {sentence: listed for sentence, listed in things.items() if len(listed) > _FEW}
    for sentence, listed in alike.items():
        names = ", ".join(name_briefly(change, before, after) for change in listed)
        pattern = _("alike in {count}: {names}")
        yield from _wrap(pattern.format(count=len(listed), names=names), 1)
        yield from _show_sentence(*sentence)
    for change, sentences in lines:
        own = [sentence for sentence in sentences if sentence not in alike]
        if own or change.what != "changed":
            yield from _wrap(say_what(change, before, after), 1)
        for sentence in own:
            yield from _show_sentence(*sentence)


def _show_sentence(name: str, old: str, new: str) -> Iterator[str]:
    line = f"{name}: {old}{_ARROW}{new}" if old or new else name
    if len(line) <= WIDTH - 2 * len(_INDENT):
        yield from _wrap(line, 2)
    else:
        yield from _wrap(f"{name}:", 2)
        yield from _wrap(_("was: {text}").format(text=old), 3)
        yield from _wrap(_("is: {text}").format(text=new), 3)


def _wrap(text: str, depth: int) -> list[str]:
    """The text at an indent; its further lines hang. No-break spaces hold."""
    lead = _INDENT * depth
    lines = textwrap.wrap(
        set_type(text).replace(NO_BREAK_SPACE, "\0"),
        WIDTH,
        initial_indent=lead,
        subsequent_indent=lead + _INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace("\0", NO_BREAK_SPACE) for line in lines]


# --- numbers --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ValueChange:
    """One number before and after, None where it is not there.

    `count`: how many places of its level changed in that year, `numbers`: how many of them have
    another number, and not another verdict alone.
    """

    before: Row | None
    after: Row | None
    count: int
    numbers: int

    @property
    def row(self) -> Row:
        """Of which indicator, place and year it is."""
        row = self.after or self.before
        assert row is not None  # noqa: S101 - a change has a side
        return row


def count_changes(values: pl.DataFrame) -> str:
    """How many numbers and how many verdicts changed, those that did, in words."""
    numbers, verdicts = values.select(
        differs_in_number().sum().alias("numbers"), differs_in_verdict().sum().alias("verdicts")
    ).row(0)
    texts = (
        ngettext("{count} number", "{count} numbers", numbers).format(count=numbers),
        ngettext("{count} verdict", "{count} verdicts", verdicts).format(count=verdicts),
    )
    if numbers and verdicts:
        return _("{numbers} and {verdicts}").format(numbers=texts[0], verdicts=texts[1])
    return texts[0] if numbers else texts[1]


def list_value_changes(differences: Differences) -> list[ValueChange]:
    """The changed numbers by indicator, from the highest level down, by year.

    Of a level and year few places: those with another verdict first, then those that changed most.
    """
    if differences.values is None or differences.values.is_empty():
        return []
    levels = {level: -number for number, level in enumerate(differences.after.levels)}
    shown = _choose_places(differences.values, levels)
    sides = [
        _read_side(catalogue, shown, side)
        for catalogue, side in ((differences.before, BEFORE), (differences.after, AFTER))
    ]
    counts = shown["_count"], shown["_numbers"]
    return [ValueChange(*each) for each in zip(*sides, *counts, strict=True)]


def _read_side(catalogue: Catalogue, shown: pl.DataFrame, side: str) -> list[Row | None]:
    """The rows of one side, None where it has no such number."""
    rows = iter(read_result_rows(catalogue, take_side(shown, side).filter(shown[side])))
    return [next(rows) if is_shown else None for is_shown in shown[side]]


def _choose_places(changed: pl.DataFrame, levels: Mapping[str, int]) -> pl.DataFrame:
    distance = (pl.col("value_after") - pl.col("value_before")).abs().fill_null(float("inf"))
    verdict = pl.col("status_before").ne_missing(pl.col("status_after"))
    ranked = (
        changed.with_row_index("_first")
        .with_columns(
            pl.col("_first").min().over("indicator"),
            _distance=distance,
            _verdict=verdict,
            _level=pl.col("level").replace_strict(dict(levels), default=1, return_dtype=pl.Int64),
        )
        .sort("_verdict", "_distance", descending=True, maintain_order=True)
    )
    ranked = ranked.with_columns(
        _rank=pl.int_range(pl.len()).over(_GROUP),
        _count=pl.len().over(_GROUP),
        _numbers=differs_in_number().sum().over(_GROUP),
    )
    order = ("_first", "_level", "year", "scenario", "_rank")
    return ranked.filter(pl.col("_rank") < SHOWN_PLACES).sort(order)


def show_values(differences: Differences, *, causes: bool) -> Iterator[str]:
    """The changed numbers under their indicators; `causes`: with the definitions they depend on."""
    indicators = differences.before.indicators.keys() | differences.after.indicators.keys()
    name_row = partial(_name_row, indicators)
    for indicator, changes in groupby(list_value_changes(differences), name_row):
        yield from _wrap(indicator, 1)
        listed = list(changes)
        if causes:
            yield from _show_causes(listed, differences)
        for key, group in groupby(listed, lambda value: (value.row.level, *_when(value.row))):
            places = list(group)
            if places[0].count == 1:
                line = f"{places[0].row.place_title}, {', '.join(key[1:])}"
                yield from _wrap(f"{line}: {say_value_change(places[0])}", 2)
                continue
            many = _say_many(places[0])
            yield from _wrap(f"{', '.join(key[1:])}: {many}", 2)
            for value in places:
                yield from _wrap(f"{value.row.place_title}: {say_value_change(value)}", 3)


def _say_many(change: ValueChange) -> str:
    places = word_among(change.row.level, change.count)
    text = _("another at {count} {places}")
    if not change.numbers:
        text = _("another verdict at {count} {places}")
    elif change.numbers < change.count:
        text = _("another number or verdict at {count} {places}")
    return text.format(count=change.count, places=places)


def _name_row(indicators: Container[str], change: ValueChange) -> str:
    row = change.row
    if row.indicator not in indicators:
        return _("input {title}").format(title=quote(row.short_title))
    return f"{row.code} {row.short_title}".strip()


def _when(row: Row) -> tuple[str, ...]:
    return (str(row.year),) if row.scenario == "fact" else (str(row.year), filters.scenario(row))


def _show_causes(changes: Sequence[ValueChange], differences: Differences) -> Iterator[str]:
    last = max(change.row.year for change in changes)
    ids = {
        (
            value.before.indicator if value.before else None,
            value.after.indicator if value.after else None,
        )
        for value in changes
    }
    causes: dict[str, None] = {}
    for former, name in sorted(ids, key=str):
        for cause in differences.find_causes(former, name):
            # No number depends on what holds of a later year alone.
            counting = tuple(each for each in cause.counting if (each.year or last) <= last)
            if cause.counting and not counting:
                continue
            aspects = ", ".join(list_aspects(counting))
            own = cause.kind in {"indicator", "input"} and {former, name} & {cause.former, cause.id}
            thing = say_what(cause, differences.before, differences.after)
            causes[aspects if own and aspects else f"{thing} ({aspects})" if aspects else thing] = (
                None
            )
    if causes:
        yield from _wrap(_("because of: {causes}").format(causes="; ".join(causes)), 2)


def say_value_change(change: ValueChange) -> str:
    """`81,1 → 83,0 %, не достигнуто → достигнуто`: what is the same is said once."""
    before, after = change.before, change.after
    if before is None or after is None or before.value is None or after.value is None:
        text = _say_whole(before) + _ARROW + _say_whole(after)
    else:
        values = _say_value(before), _say_value(after)
        text = values[0] if values[0] == values[1] else _say_both(before, after)
        if before.status in VERDICTS or after.status in VERDICTS:
            words = dict.fromkeys((filters.words(before), filters.words(after)))
            text += f", {_ARROW.join(words)}"
    old, new = filters.coverage(before), filters.coverage(after)
    if old != new and before is not None and after is not None:
        text += ", " + _("reported {coverage}").format(
            coverage=f"{old or filters.DASH}{_ARROW}{new or filters.DASH}"
        )
    return text


def _say_whole(row: Row | None) -> str:
    """A number and its verdict, or why there is none."""
    if row is None:
        return _("is not computed")
    value = _say_value(row)
    return f"{value}, {filters.words(row)}" if row.status in VERDICTS else value


def _say_both(before: Row, after: Row) -> str:
    """Two values; a unit that both have stands once."""
    number, same_unit = before.value, before.unit == after.unit
    if same_unit and filters.is_number(number) and filters.is_number(after.value):
        return filters.number(number, before.decimals) + _ARROW + _say_value(after)
    return _say_value(before) + _ARROW + _say_value(after)


def _say_value(row: Row) -> str:
    return filters.quantity(row)
