"""The rows of `evaluate` as a template meets them: one frozen object per value.

Results are read column by column; a row becomes an object when it is first looked at, so that a
report of a town does not make the thousands of which it shows none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeGuard, overload

from engine.catalogue.formula_units import counted_unit
from engine.catalogue.model import Catalogue, Indicator, Input
from engine.data.register import Lineage
from engine.units import SCHOOL, Unit, parse_unit

if TYPE_CHECKING:
    import polars as pl

Value = float | bool | tuple[str, ...] | None
Status = Literal["met", "missed", "no_target", "no_comparator", "no_data"]


class Key(NamedTuple):
    """What a row is about."""

    indicator: str
    level: str
    place: str
    year: int
    scenario: str = "fact"


@dataclass(frozen=True, slots=True)
class Row:
    """One value: an indicator (or an input) × level × place × year × scenario.

    Fields are the keys of `evaluate --format json`; a yes/no `value` is a bool, a list of texts
    a tuple, a between-target a pair. `decimals` and `unit` are what the number is printed with.
    `reference_comparator`: how the value is compared with the `reference`.
    `shortfall`: how many more would reach the target or, where `exceeds`, how many fewer; None where
    that is not known. `counted` is the unit in which it is counted (persons of a share of persons).
    `same_reporters`: whether the schools that answered are those of a year before, None where
    there is nothing to compare. `unwritten`: the formula of the indicator is still to be written.
    """

    indicator: str
    code: str
    title: str
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

    @property
    def exceeds(self) -> bool:
        """Whether the value is above the target, of two ends the upper; below its level the reference."""
        end = self.reference if self.target is None else self.target
        end = end[1] if isinstance(end, tuple) else end
        return _is_number(self.value) and _is_number(end) and self.value > end

    @property
    def key(self) -> Key:
        """What the row is about."""
        return Key(self.indicator, self.level, self.place, self.year, self.scenario)

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


# --- the table -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ResultTable:
    """All rows of results by number, in their order; each becomes an object once."""

    catalogue: Catalogue
    columns: Mapping[str, Sequence[Any]]
    _made: dict[int, Row] = field(default_factory=dict, repr=False, compare=False)
    _counted: dict[str, Unit | None] = field(default_factory=dict, repr=False, compare=False)
    _about: dict[tuple[Any, ...], tuple[Any, ...]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def __len__(self) -> int:
        return len(self.columns.get("indicator", ()))

    def row(self, number: int) -> Row:
        """The row of that number."""
        found = self._made.get(number)
        if found is None:
            record = {name: column[number] for name, column in self.columns.items()}
            found = self._made[number] = self._read(record)
        return found

    def _read(self, record: Mapping[str, Any]) -> Row:
        get = record.get
        kind = (record["indicator"], get("type"), get("unit"))
        about = self._about.get(kind)
        if about is None:
            about = self._about[kind] = _describe(self.catalogue, *kind)
        code, title, unit, decimals, yes_no = about
        shortfall, reference = get("shortfall"), get("reference")
        return Row(
            record["indicator"],
            get("code") or code,
            get("title") or title,
            record["level"],
            record["place"],
            get("place_title") or record["place"],
            record["year"],
            record["scenario"],
            _read_value(get("value"), get("text"), yes_no=yes_no),
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
            self.catalogue.language,
            shortfall,
            None if shortfall is None else self._count(record["indicator"]),
            get("same_reporters"),
            None if reference is None else self._compare(record["indicator"], record["year"]),
            is_unwritten(self.catalogue, record["indicator"]),
        )

    def _compare(self, named: str, year: int) -> str | None:
        """How a value of an indicator is compared with the target of a year."""
        declared = self.catalogue.indicators.get(named)
        target = declared.targets.get(year) if declared else None
        return target.comparator if target else None

    def _count(self, named: str) -> Unit | None:
        """In what unit an indicator counts, looked up once."""
        if named not in self._counted:
            self._counted[named] = counted_unit(self.catalogue, named)
        return self._counted[named]


@dataclass(frozen=True, slots=True)
class ResultRows(Sequence[Row]):
    """Some rows of a table, in its order."""

    _table: ResultTable
    _numbers: Sequence[int]

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> ResultRows: ...
    def __getitem__(self, at: int | slice) -> Row | ResultRows:
        """The row at a place, or the rows of a slice."""
        if isinstance(at, slice):
            return ResultRows(self._table, self._numbers[at])
        return self._table.row(self._numbers[at])

    def __iter__(self) -> Iterator[Row]:
        return map(self._table.row, self._numbers)

    def find(self) -> dict[tuple[Any, ...], int]:
        """The number of each row by what it is about; a `Key` finds it, being such a tuple."""
        keys = zip(*(self.column(name) for name in Key._fields), strict=True)
        return dict(zip(keys, self._numbers, strict=True))

    def column(self, name: str) -> Sequence[Any]:
        """One column of the results, None throughout where they have no such column."""
        column = self._table.columns.get(name)
        if column is None:
            return [None] * len(self)
        if len(self) == len(self._table):
            return column
        return [column[number] for number in self._numbers]

    def only(self, wanted: Callable[..., bool], *names: str) -> ResultRows:
        """The rows of whose columns `wanted` holds."""
        columns = [self.column(name) for name in names]
        chosen = map(wanted, *columns)
        return ResultRows(self._table, list(compress(self._numbers, chosen)))

    def pick(self, numbers: Sequence[int]) -> ResultRows:
        """The rows of these numbers."""
        return ResultRows(self._table, numbers)

    def row(self, number: int) -> Row:
        """The row of a number that `find` gives."""
        return self._table.row(number)

    def take(self) -> tuple[Catalogue, dict[str, Sequence[Any]]]:
        """What `read_result_columns` makes the same rows of, alone."""
        names = self._table.columns
        return self._table.catalogue, {name: self.column(name) for name in names}

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue whose indicators and inputs the rows show."""
        return self._table.catalogue

    @property
    def numbers(self) -> Sequence[int]:
        """The numbers of the rows."""
        return self._numbers


def is_unwritten(catalogue: Catalogue, name: str) -> bool:
    """Whether it is an indicator whose formula is still to be written."""
    indicator = catalogue.indicators.get(name)
    return indicator is not None and indicator.unwritten


def read_result_rows(catalogue: Catalogue, results: pl.DataFrame) -> ResultRows:
    """The rows of a results frame, in its order."""
    return read_result_columns(catalogue, results.to_dict(as_series=False))


def read_result_columns(catalogue: Catalogue, columns: Mapping[str, Sequence[Any]]) -> ResultRows:
    """The rows that stand in columns."""
    table = ResultTable(catalogue, columns)
    return ResultRows(table, range(len(table)))


# --- one row -------------------------------------------------------------------------------------


def _describe(
    catalogue: Catalogue, named: str, said: str | None, unit_name: str | None
) -> tuple[str, str, Unit | None, int, bool]:
    """Code, title, unit, decimals of what a row shows, and whether it is a yes or a no."""
    declared = catalogue.indicators.get(named) or catalogue.inputs.get(named)
    # What the results say; a frame of few columns leaves it to the catalogue. A yes/no of schools
    # is above them a number, the schools that said yes.
    yes_no = (said or (declared.type if declared else "number")) == "yes_no"
    unit = _read_unit(catalogue, declared, unit_name, yes_no=yes_no)
    return (
        str(getattr(declared, "code", "")),
        declared.title if declared else named,
        unit,
        _decimals(declared, unit),
        yes_no,
    )


def _read_unit(
    catalogue: Catalogue, declared: Indicator | Input | None, name: str | None, *, yes_no: bool
) -> Unit | None:
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


def _read_value(value: Any, text: Any, *, yes_no: bool) -> Value:
    if isinstance(value, list | tuple):
        return tuple(str(item) for item in value)
    if value is None:
        return _read_texts(text) or None
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


def distinguish_titles(rows: ResultRows, lineage: Lineage, years: Sequence[int]) -> ResultRows:
    """The rows, where places of one level and one title bear that of the place they lie in beside it."""
    catalogue, columns = rows.take()
    keys = list(zip(rows.column("level"), rows.column("place"), strict=True))
    titles = dict(zip(keys, rows.column("place_title"), strict=True))
    bearers: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for key, title in titles.items():
        bearers.setdefault((key[0], title), []).append(key)
    told: dict[tuple[str, str], str] = {}
    for (_level, title), places in bearers.items():
        if len(places) == 1:
            continue
        above = {place: next(iter(lineage.find(*place, years).items()), None) for place in places}
        if len(set(above.values())) > 1:
            for place, upper in above.items():
                told[place] = f"{title} ({titles.get(upper) or upper[1]})" if upper else title
    if not told:
        return rows
    shown = [told.get(key, titles[key]) for key in keys]
    return read_result_columns(catalogue, {**columns, "place_title": shown})


# --- lazy -----------------------------------------------------------------------------------------
# What a template may ask for by name and what is made only then, once.


Fetch = Callable[[Any], Any]


class Lazy(Mapping[Any, Any]):
    """Answers by key; each is made by `fetch` when it is first asked for, and kept.

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

    @property
    def keys_known(self) -> tuple[Any, ...]:
        """The keys that can be told beforehand."""
        return self._keys


def as_key(thing: Any) -> Any:
    """What a row is about, of a row; else the key as it is."""
    return tuple(thing.key) if isinstance(thing, Row) else thing
