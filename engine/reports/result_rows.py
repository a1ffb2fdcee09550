"""The rows of `evaluate` as a template sees them: one frozen object per value, and two indexes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeGuard

from engine.catalogue.formula_units import counted_unit, is_yes_or_no_at
from engine.catalogue.lookups import (
    find_outer_set,
    is_date,
    is_rank,
    scaled_by,
    short_of,
    short_of_row,
)
from engine.catalogue.model import Catalogue, Indicator, Input
from engine.data.register import Lineage
from engine.evaluation.asking import Value
from engine.typography import write_date
from engine.units import SCHOOL, Unit, parse_unit

if TYPE_CHECKING:
    import polars as pl

Status = Literal["met", "missed", "no_target", "no_comparator", "no_data", "in_progress"]


class RowKey(NamedTuple):
    """What a row is about."""

    indicator: str
    level: str
    place: str
    year: int
    scenario: str = "fact"


@dataclass(frozen=True, slots=True)
class Row:
    """One value: an indicator (or an input) × level × place × year × scenario.

    Fields are the keys of `evaluate --format json`, and `short_title`, which is printed of the
    title (of a result after its event's); a yes/no `value` is a bool, a list of texts
    a tuple, a between-target a pair. `decimals` and `unit` are what the number is printed with.
    `reference_comparator`: how the value is compared with the `reference`; where places have targets of
    their own, as that of the place above says.
    `shortfall`: how many more would reach the target or, where `exceeds`, how many fewer; None where
    that is not known, or the one school counted says yes or no. `counted` is the unit in which it
    is counted (persons of a share of persons). `same_reporters`: whether the schools that answered
    are those of a year before, None where there is nothing to compare. `unwritten`: the formula of
    the indicator, or of one it names, is still to be written. `class_id`, `class_title` and
    `points` are those of the value, `colour` that of the class. `base` is what the target is
    counted from, in `base_year`. `outside`: of a share of a distribution, how many of the
    `members_expected` have no class; else None. `ranked`: the value is a place among the
    `reported`. `members`: of the places of `members_level` that its function over a set takes, how
    many have a value, `members_expected` how many there are; None where it has no set above the
    school.
    """

    indicator: str
    code: str
    title: str
    short_title: str
    level: str
    place: str
    place_title: str
    year: int
    scenario: Literal["fact", "forecast"]
    value: Value
    raw: float | None
    unit: Unit | None
    reason: str | None
    target: float | bool | tuple[float, float] | None
    comparator: str | None
    deviation: float | None
    status: Status | None
    reference: float | None
    previous: float | None
    change: float | None
    trend: str | None
    plan: float | bool | None
    plan_deviation: float | None
    reported: int | None
    expected: int | None
    checks: tuple[str, ...]
    decimals: int
    language: str
    shortfall: float | None = None
    counted: Unit | None = None
    same_reporters: bool | None = None
    reference_comparator: str | None = None
    unwritten: bool = False
    ranked: bool = False
    members: int | None = None
    members_expected: int | None = None
    members_level: str = ""
    class_id: str = ""
    class_title: str = ""
    points: float | None = None
    colour: str = ""
    base: float | None = None
    is_class: bool = False
    base_year: int | None = None
    outside: int | None = None

    @property
    def exceeds(self) -> bool:
        """Whether the value is above the target, of two ends the upper; below its level the reference."""
        end = self.reference if self.target is None else self.target
        end = end[1] if isinstance(end, tuple) else end
        return _is_number(self.value) and _is_number(end) and self.value > end

    @property
    def key(self) -> RowKey:
        """What the row is about."""
        return RowKey(self.indicator, self.level, self.place, self.year, self.scenario)

    @property
    def judged(self) -> bool:
        """Whether there is a verdict."""
        return self.status in {"met", "missed"}

    @property
    def incomplete(self) -> bool:
        """Whether somebody who was expected has not reported."""
        return (
            self.reported is not None
            and self.expected is not None
            and self.reported < self.expected
        )

    @property
    def suppressed(self) -> bool:
        """Whether there is a value that this audience may not see."""
        return self.reason == "suppressed"


def measure_distance(row: Row | None) -> float:
    """How far a value lies from its target, as a part of the target; 0 where it is not missed."""
    if row is None or not _is_number(row.value):
        return 0.0
    ends = row.reference if row.target is None else row.target
    wanted = [end for end in (ends if isinstance(ends, tuple) else (ends,)) if _is_number(end)]
    if not wanted or row.status == "met":
        return 0.0
    away = min(abs(row.value - end) / (abs(end) or 1.0) for end in wanted)
    return float(away)


# --- rows and their indexes ----------------------------------------------------------------------


PlaceKey = tuple[str, str]
"""Level and id of a place."""


@dataclass(frozen=True, slots=True)
class ResultRows:
    """Rows in the order of the results; `by_place`: their positions by level and id of the place."""

    rows: tuple[Row, ...]
    by_key: Mapping[RowKey, Row]
    by_place: Mapping[PlaceKey, Sequence[int]]

    def choose(self, places: Iterable[PlaceKey]) -> ResultRows:
        """The rows of these places, in the order of the results."""
        positions = {at for place in places for at in self.by_place.get(place, ())}
        return index_rows(self.rows[at] for at in sorted(positions))

    def titles(self, level: str) -> dict[str, str]:
        """The titles of the places of a level, by id."""
        return {
            place: self.rows[positions[-1]].place_title
            for (at, place), positions in self.by_place.items()
            if at == level
        }


def index_rows(rows: Iterable[Row]) -> ResultRows:
    """The rows with both indexes."""
    known = tuple(rows)
    by_place: dict[PlaceKey, list[int]] = {}
    for position, row in enumerate(known):
        by_place.setdefault((row.level, row.place), []).append(position)
    return ResultRows(known, {row.key: row for row in known}, by_place)


def distinguish_titles(
    rows: Sequence[Row], lineage: Lineage, years: Sequence[int]
) -> tuple[Row, ...]:
    """The rows; places of one level and one title bear the title of the place above in brackets."""
    titles = {(row.level, row.place): row.place_title for row in rows}
    places_by_title: dict[PlaceKey, list[PlaceKey]] = {}
    for place, title in titles.items():
        places_by_title.setdefault((place[0], title), []).append(place)
    longer: dict[PlaceKey, str] = {}
    for (_level, title), places in places_by_title.items():
        above = {place: next(iter(lineage.find(*place, years).items()), None) for place in places}
        if len(set(above.values())) > 1:
            for place, upper in above.items():
                longer[place] = f"{title} ({titles.get(upper) or upper[1]})" if upper else title
    return tuple(
        replace(row, place_title=longer[row.level, row.place])
        if (row.level, row.place) in longer
        else row
        for row in rows
    )


# --- reading -------------------------------------------------------------------------------------


def read_result_rows(catalogue: Catalogue, results: pl.DataFrame) -> tuple[Row, ...]:
    """The rows of a results frame, in its order; a frame may have few of the columns."""
    describe = cache(partial(_describe, catalogue))
    count = cache(partial(counted_unit, catalogue))
    unwritten = cache(partial(is_unwritten, catalogue))
    ranked = cache(partial(_is_ranked, catalogue))
    members = cache(partial(_find_members_level, catalogue))
    is_class = cache(partial(_is_class, catalogue))
    yes_or_no = cache(partial(is_yes_or_no_at, catalogue))
    base_year = cache(partial(_find_base_year, catalogue))
    distributed = cache(partial(_is_distributed, catalogue))
    rows = []
    for record in results.iter_rows(named=True):
        get = record.get
        name, year = record["indicator"], record["year"]
        code, title, short, unit, decimals, yes_no = describe(name, get("type"), get("unit"))
        shortfall, reference = get("shortfall"), get("reference")
        if yes_or_no(name, record["level"]):
            shortfall = None
        rows.append(
            Row(
                name,
                get("code") or code,
                get("title") or title,
                short,
                record["level"],
                record["place"],
                get("place_title") or record["place"],
                year,
                record["scenario"],
                _read_value(
                    get("value"),
                    get("class_title") if is_class(name) else get("text"),
                    yes_no=yes_no,
                    dates=is_date(catalogue, name),
                ),
                get("raw"),
                unit,
                get("reason"),
                _read_target(get("target"), get("target_to"), get("comparator")),
                get("comparator"),
                get("deviation"),
                get("status"),
                reference,
                get("previous"),
                get("change"),
                get("trend"),
                _as_bool(get("plan")) if yes_no else get("plan"),
                get("plan_deviation"),
                get("reported"),
                get("expected"),
                _read_texts(get("checks")),
                decimals,
                catalogue.language,
                shortfall,
                None if shortfall is None else count(name),
                get("same_reporters"),
                None
                if reference is None
                else get("reference_comparator") or _find_comparator(catalogue, name, year),
                unwritten(name),
                ranked(name),
                get("members") if get("members_expected") else None,
                get("members_expected") or None,
                members(name, record["level"], year) if get("members_expected") else "",
                get("class") or "",
                get("class_title") or "",
                get("points"),
                _find_colour(catalogue, name, year, get("class")),
                get("base"),
                is_class(name),
                None if get("base") is None else base_year(name),
                _count_outside(record) if distributed(name) else None,
            )
        )
    return tuple(rows)


def _is_class(catalogue: Catalogue, name: str) -> bool:
    indicator = catalogue.indicators.get(name)
    return indicator is not None and indicator.type == "class"


def _find_base_year(catalogue: Catalogue, name: str) -> int:
    """The year of the base beside a row: of several the last."""
    return max(catalogue.indicators[name].base)


def _is_distributed(catalogue: Catalogue, name: str) -> bool:
    return name in catalogue.indicators and bool(catalogue.indicators[name].distribution)


def _count_outside(record: Mapping[str, Any]) -> int | None:
    """How many places of a distribution have no class; None where that is not known or not shown."""
    members, expected = record.get("members"), record.get("members_expected")
    return expected - members if expected and members is not None else None


def _find_colour(catalogue: Catalogue, name: str, year: int, class_id: str | None) -> str:
    """The colour of a class of a row in a year; empty where it has none."""
    if not class_id:
        return ""
    scaled = scaled_by(catalogue, name)
    version = scaled.scale.version(year) if scaled else None
    if version is not None and class_id in version.classes:
        return version.classes[class_id].colour
    answer = catalogue.inputs.get(name)
    return answer.colours.get(class_id, "") if answer else ""


def is_unwritten(catalogue: Catalogue, name: str) -> bool:
    """Whether it is an indicator whose formula, or that of an indicator it names, is still to be written."""
    indicator = catalogue.indicators.get(name)
    if indicator is None or indicator.input is not None:
        return False
    names = {use.id for _year, formula in indicator.formulas for use in formula.names()}
    return indicator.unwritten or any(is_unwritten(catalogue, used) for used in names)


def _find_members_level(catalogue: Catalogue, name: str, level: str, year: int) -> str:
    """The level of the places that the formula of a year takes together; empty where there are none."""
    known = catalogue.indicators[name].formulas if name in catalogue.indicators else ()
    trees = [formula.tree for since, formula in known if since is None or since <= year]
    schools = name in catalogue.indicators and bool(catalogue.indicators[name].distribution)
    over = find_outer_set(catalogue, trees[-1], level, schools=schools) if trees else None
    return over.members if over is not None else ""


def _is_ranked(catalogue: Catalogue, name: str) -> bool:
    return name in catalogue.indicators and is_rank(catalogue.indicators[name].formulas)


def _find_comparator(catalogue: Catalogue, name: str, year: int) -> str | None:
    """How a value of an indicator is compared with the target of a year."""
    indicator = catalogue.indicators.get(name)
    target = indicator.targets.get(year) if indicator else None
    return target.comparator if target else None


def _describe(
    catalogue: Catalogue, name: str, kind: str | None, unit_name: str | None
) -> tuple[str, str, str, Unit | None, int, bool]:
    """Code, title, short title, unit, decimals of what a row shows, and whether it is a yes or a no."""
    declared = catalogue.indicators.get(name) or catalogue.inputs.get(name)
    # What the results say; a frame of few columns leaves it to the catalogue. A yes/no of schools
    # is above them a number, the schools that said yes.
    yes_no = (kind or (declared.type if declared else "number")) == "yes_no"
    unit = read_row_unit(catalogue, declared, unit_name, yes_no=yes_no)
    return (
        str(getattr(declared, "code", "")),
        declared.title if declared else name,
        short_of_row(catalogue, declared)
        if isinstance(declared, Indicator)
        else short_of(catalogue, name),
        unit,
        _decimals(declared, unit),
        yes_no,
    )


def read_row_unit(
    catalogue: Catalogue, declared: Indicator | Input | None, name: str | None, *, yes_no: bool
) -> Unit | None:
    """The unit of a value; schools that said yes are counted, where it is no yes or no itself."""
    if name:
        return parse_unit(name, catalogue.units)
    counted = declared is not None and declared.type == "yes_no" and not yes_no
    return SCHOOL if counted else None


def _decimals(declared: Indicator | Input | None, unit: Unit | None) -> int:
    if isinstance(declared, Indicator):
        # Schools that said yes are counted, whatever the decimals of the page.
        return 0 if declared.type == "yes_no" else declared.decimals
    if declared is None or declared.type in {"count", "yes_no"}:
        return 0
    return 0 if unit is not None and unit.counted else 1


def _read_value(value: Any, text: Any, *, yes_no: bool, dates: bool) -> Value:
    texts = _read_texts(value if isinstance(value, list | tuple) else text)
    if value is None or isinstance(value, list | tuple):
        return tuple(map(write_date, texts) if dates else texts) or None
    return bool(value) if yes_no else value


def _read_texts(value: str | Iterable[Any] | None) -> tuple[str, ...]:
    if value is None or isinstance(value, str):
        return (value,) if value else ()
    return tuple(str(item) for item in value)


def _read_target(
    target: Any, target_to: Any, comparator: str | None
) -> float | bool | tuple[float, float] | None:
    if target is None:
        return None
    if isinstance(target, list | tuple):
        return (target[0], target[1])
    if target_to is not None:
        return (target, target_to)
    return bool(target) if comparator == "yes" else target


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float)


def _as_bool(value: Any) -> bool | None:
    return None if value is None else bool(value)


# --- what is made when a template names it -------------------------------------------------------


Fetch = Callable[[Any], Any]


class LazyMapping(Mapping[Any, Any]):
    """Answers by key; each is made by `fetch` when it is first looked up, and kept.

    A row stands for what it is about, so that `proofs[cell.fact]` is the proof of that number.
    `fetch` raises KeyError for a key that nobody knows: to a template that is an unknown name.
    `name` is what a template calls it by.
    """

    __slots__ = ("_fetch", "_kept", "_keys", "name")

    def __init__(self, name: str, fetch: Fetch, keys: Iterable[Any] = ()) -> None:
        self.name = name
        self._fetch = fetch
        self._keys = tuple(keys)
        self._kept: dict[Any, Any] = {}

    def __getitem__(self, key: Any) -> Any:
        """The answer for a key, a row, or the parts of a key."""
        key = as_key(key)
        if key not in self._kept:
            self._kept[key] = self._fetch(key)
        return self._kept[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, key: object) -> bool:
        return as_key(key) in self._keys or as_key(key) in self._kept


def as_key(thing: Any) -> Any:
    """What a row is about, of a row; else the key as it is."""
    return tuple(thing.key) if isinstance(thing, Row) else thing
