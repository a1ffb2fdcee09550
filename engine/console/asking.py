"""What was asked for by name: is it known? Each answer is the names nobody knows, with a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.i18n import gettext as _
from engine.problems import suggest_name

if TYPE_CHECKING:
    from engine.catalogue.model import Catalogue
    from engine.data.model import Data

_MOST = 20  # names in one sentence


class Unknown(NamedTuple):
    """A name that nobody knows: the option or argument that asked for it, and what to tell."""

    option: str
    message: str


def split_names(text: str | None) -> tuple[str, ...]:
    """The names of a list with commas."""
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def find_unknown(option: str, given: Iterable[str], known: Sequence[str]) -> Iterator[Unknown]:
    """Each name that is not among the known, with the nearest that is, or with all there are."""
    for name in given:
        if name not in known:
            message = _("there is no “{name}”").format(name=name)
            some = ", ".join(known[:_MOST]) + (", …" if len(known) > _MOST else "")
            hint = suggest_name(name, known) or _("there are: {known}").format(known=some or "—")
            yield Unknown(option, f"{message}; {hint}")


def unknown_columns(names: Iterable[str]) -> Iterator[Unknown]:
    """Columns that no results have."""
    from engine.evaluation.results import COLUMNS

    return find_unknown("--columns", names, COLUMNS)


def unknown_rows(option: str, names: Iterable[str], catalogue: Catalogue) -> Iterator[Unknown]:
    """Names of what is neither an indicator nor an input."""
    return find_unknown(option, names, [*catalogue.indicators, *catalogue.inputs])


def unknown_to_catalogue(catalogue: Catalogue, asked: Mapping[str, Any]) -> Iterator[Unknown]:
    """Levels and indicators, which only the catalogue knows."""
    yield from find_unknown("--level", asked.get("levels", ()), catalogue.levels)
    yield from unknown_rows("--indicator", asked.get("indicators", ()), catalogue)


def unknown_to_data(
    catalogue: Catalogue, data: Data, asked: Mapping[str, Any]
) -> Iterator[Unknown]:
    """Years and places, which data name too."""
    years = [str(year) for year in sorted({*catalogue.years, *data.years})]
    if years:  # without a year anywhere there is nothing to choose from, and nothing to refuse
        yield from find_unknown("--year", [str(year) for year in asked.get("years", ())], years)
    if asked.get("places"):
        yield from find_unknown("--place", asked["places"], sorted(_places(catalogue, data)))


def _places(catalogue: Catalogue, data: Data) -> set[str]:
    known = {place for level, place in data.titles if level in catalogue.levels}
    frame = data.schools.collect()
    for level in catalogue.levels:
        column = f"level:{level}" if level != catalogue.levels[0] else "school"
        known |= set(frame[column].drop_nulls().unique().to_list())
    return known
