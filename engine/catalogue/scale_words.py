"""A scale in words: `высокий — от 81 (5 баллов); средний — от 61 до 80 (3 балла)`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from engine.catalogue.lookups import show_words
from engine.catalogue.model import (
    Amount,
    Catalogue,
    EndWord,
    Input,
    Scale,
    ScaleClass,
    ScaleVersion,
    Table,
)
from engine.translation import gettext as _
from engine.units import POINT, format_number, format_quantity


def head_grades(*, classes: bool, points: bool) -> str:
    """The heading of classes and points, by which of them stand below it; of neither, that of both."""
    if classes == points:
        return _("Class and points")
    return _("Class") if classes else _("Points")


def describe_scale(catalogue: Catalogue, scale: Scale) -> tuple[str, ...]:
    """A line for each version: its classes with ends and points, or the pairs of its line."""
    lines = []
    for version in scale.versions:
        text = "; ".join(_describe_version(catalogue, version))
        since = _("from {year}: ").format(year=version.since) if version.since else ""
        lines.append(since + text)
    return tuple(lines)


def describe_table(catalogue: Catalogue, table: Table) -> tuple[str, ...]:
    """A line for each row of each version: `высокий: выросло → оранжевый; так же → зелёный`."""
    cells = {name: each.title for name, each in table.cells.classes.items()} if table.cells else {}
    down, across = (_titles(catalogue, name) for name in (table.down, table.across))
    lines = []
    for version in table.versions:
        since = _("from {year}: ").format(year=version.since) if version.since else ""
        for row, written in version.cells.items():
            texts = [
                f"{across.get(column, column)} → {cells.get(cell or '', '—')}"
                for column, cell in written.items()
            ]
            lines.append(f"{since}{down.get(row, row)}: {'; '.join(texts)}")
    return tuple(lines)


def _titles(catalogue: Catalogue, name: str) -> Mapping[str, str]:
    """The classes of a scale, or the options of a choice, by id."""
    if name in catalogue.scales:
        return {each.id: each.title for each in catalogue.scales[name].classes.values()}
    answer = catalogue.inputs.get(name)
    return answer.options if answer else {}


def describe_answers(catalogue: Catalogue, answer: Input) -> tuple[str, ...]:
    """The points of the options of a choice, or of yes and no; empty where none has any."""
    titles = {"yes": _("yes"), "no": _("no"), **answer.options}
    texts = [
        f"{titles.get(name, name)} ({_points(catalogue, points)})"
        for name, points in answer.points.items()
    ]
    return ("; ".join(texts),) if texts else ()


def _describe_version(catalogue: Catalogue, version: ScaleVersion) -> Iterator[str]:
    for each in version.classes.values():
        ends = ", ".join(_describe_ends(catalogue, each))
        text = f"{each.short_title} — {ends}" if ends else each.short_title
        yield text if each.points is None else f"{text} ({_points(catalogue, each.points)})"
    for knot in version.line:
        yield f"{_amount(catalogue, knot.value)} → {_amount(catalogue, knot.points)}"


def _describe_ends(catalogue: Catalogue, each: ScaleClass) -> Iterator[str]:
    if each.otherwise:
        yield _("all that is left")
    for end in each.ends:
        yield _say_end(end.word).format(end=_amount(catalogue, end.amount))


def _say_end(word: EndWord) -> str:
    return {
        "at_least": _("at least {end}"),
        "at_most": _("at most {end}"),
        "exactly": _("exactly {end}"),
        "above": _("above {end}"),
        "below": _("below {end}"),
    }[word]


def _points(catalogue: Catalogue, points: Fraction) -> str:
    return format_quantity(points, POINT, None, catalogue.language)


def _amount(catalogue: Catalogue, amount: Amount) -> str:
    if isinstance(amount, Fraction):
        return format_number(amount, None, catalogue.language)
    return show_words(catalogue, amount.tree)
