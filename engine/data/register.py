"""The register of schools: which schools and places there are in a year, and what lies in what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from typing import Any

import polars as pl

from engine.catalogue.model import Catalogue, RegisterColumn
from engine.data.cells import (
    describe_options,
    is_unread,
    parse_number,
    read_choice,
    read_yes_no,
    refuse_formula,
)
from engine.data.facts import FIRST_YEAR, LAST_YEAR, read_year
from engine.data.frame_names import level_column, register_column
from engine.data.frames import collect_frame
from engine.data.headings import Headings, read_register_headings, refuse_doubtful
from engine.data.merged_cells import mark_merged
from engine.data.tables import UNREADABLE_MARK, RawTable
from engine.data.total_names import is_total
from engine.problems import Problem, Severity, suggest_name
from engine.translation import gettext as _

REGISTER_DTYPES: Mapping[str, type[pl.DataType]] = {
    "yes_no": pl.Boolean,
    "choice": pl.String,
    "number": pl.Float64,
}
_FIXED_COLUMNS = ("title", "opened", "closed", "year")
_ALWAYS = (FIRST_YEAR, LAST_YEAR + 1)


@dataclass(frozen=True, slots=True)
class Register:
    """Schools and places.

    `rows`: school, from, until (the years in which the row holds and the school is open: from ≤
    year < until), level:…, register:…. `places`: level → its known places, without the schools.
    `uncertain`: schools with a year that cannot be read, which are open in no year it may concern.
    """

    rows: pl.DataFrame
    places: Mapping[str, frozenset[str]]
    titles: Mapping[tuple[str, str], str] = field(default_factory=dict)
    uncertain: frozenset[str] = frozenset()

    @property
    def schools(self) -> pl.Series:
        """The ids of all schools, open or not."""
        return self.rows["school"].unique(maintain_order=True)

    def by_year(self, years: Sequence[int]) -> pl.DataFrame:
        """school, level:…, year (Int32), register:…: one row per open school and year.

        The years are a span without gaps.
        """
        first, last = min(years, default=0), max(years, default=-1)
        opens = pl.max_horizontal("from", pl.lit(first, dtype=pl.Int32))
        closes = pl.min_horizontal("until", pl.lit(last + 1, dtype=pl.Int32))
        spread = (
            self.rows.filter(opens < closes)
            .with_columns(pl.int_ranges(opens, closes, dtype=pl.Int32).alias("year"))
            .explode("year")
        )
        names = [name for name in self.rows.columns if name not in {"from", "until"}]
        levels = [name for name in names if not name.startswith("register:")]
        return spread.select(*levels, "year", *(name for name in names if name not in levels))


def read_register(
    catalogue: Catalogue, table: RawTable, default_places: Mapping[str, str]
) -> tuple[Register | None, list[Problem]]:
    """The register from its table; None where it names no schools.

    `default_places` are the places of levels without a column.
    """
    headings = read_register_headings(catalogue, table)
    names = headings.columns()
    school = catalogue.levels[0].casefold()
    if school not in names:
        message = _("there is no column “{name}”").format(name=school)
        hint = suggest_name(school, table.header)
        problem = Problem("no-place-column", message, table.position(), hint)
        return None, [problem]
    raw = collect_frame(table.numbered())
    raw = raw.with_columns(pl.col("^c[0-9]+$").cast(pl.String).str.strip_chars().replace("", None))
    raw, problems = _drop_nameless(table, raw, names[school])
    raw, more = _drop_totals(table, raw, names[school])
    problems += [*more, *_find_ignored(catalogue, table, headings)]
    problems += refuse_doubtful(catalogue, table, headings)
    answers = (column for name, column in names.items() if name != school)
    raw = mark_merged(table, raw, {f"c{column}": column for column in answers})
    cells = RegisterCells(table, raw, names, problems)
    rows = {"school": raw[f"c{names[school]}"], "row": raw["row"], "title": cells.titles()}
    for level in catalogue.places[1:]:
        rows[level_column(level)] = cells.level(level, default_places[level])
    for column in catalogue.register.values():
        rows[register_column(column.id)] = cells.declared(column)
    for name in ("year", "opened", "closed"):
        rows[name] = cells.years(name)
    rows["uncertain"] = cells.find_uncertain(rows)
    problems += _find_turned(table, pl.DataFrame(rows), names)
    frame, more = _find_spans(table, pl.DataFrame(rows), names[school])
    problems += more
    problems += _find_torn(catalogue, table, frame, names)
    named = frame.select("school", "title").drop_nulls().iter_rows()
    titles = {(catalogue.levels[0], school): title for school, title in named}
    uncertain = frozenset(frame.filter("uncertain")["school"].to_list())
    register = _finish(catalogue, frame.drop("title", "uncertain"), titles)
    return replace(register, uncertain=uncertain), problems


def build_register(
    catalogue: Catalogue, schools: Iterable[str], default_places: Mapping[str, str]
) -> Register:
    """A register of schools of which nothing but their ids is known."""
    first, last = _ALWAYS
    frame = pl.DataFrame({"school": pl.Series(sorted(schools), dtype=pl.String)}).with_columns(
        *(
            pl.lit(default_places[level]).alias(level_column(level))
            for level in catalogue.places[1:]
        ),
        *(
            pl.lit(None, dtype=REGISTER_DTYPES[column.type]).alias(register_column(column.id))
            for column in catalogue.register.values()
        ),
        pl.lit(first, dtype=pl.Int32).alias("from"),
        pl.lit(last, dtype=pl.Int32).alias("until"),
    )
    return _finish(catalogue, frame, {}, default_places)


def _finish(
    catalogue: Catalogue,
    frame: pl.DataFrame,
    titles: Mapping[tuple[str, str], str],
    default_places: Mapping[str, str] | None = None,
) -> Register:
    places = {
        level: frozenset(frame[level_column(level)].drop_nulls().unique().to_list())
        | ({default_places[level]} if default_places else set())
        for level in catalogue.places[1:]
    }
    return Register(frame.drop("row", strict=False), places, titles)


def _drop_nameless(
    table: RawTable, raw: pl.DataFrame, column: int
) -> tuple[pl.DataFrame, list[Problem]]:
    text = pl.col(f"c{column}")
    named = (text.is_not_null() & ~text.str.starts_with(UNREADABLE_MARK)).fill_null(False)
    problems = [
        refuse_formula(table, row, column, written)
        or Problem("no-place", _("the row names no school"), table.position(row, column))
        for row, written in raw.filter(~named).select("row", text).iter_rows()
    ]
    return raw.filter(named), problems


def _drop_totals(
    table: RawTable, raw: pl.DataFrame, column: int
) -> tuple[pl.DataFrame, list[Problem]]:
    """The rows of schools; a row that is named as a total is an error: it would count twice."""
    texts = pl.col(f"c{column}")
    totals = [text for text in raw[f"c{column}"].unique() if is_total(text, ())]
    message = _("“{name}” is a total and no school: the row of the register is not read")
    hint = _("delete the row from the register")
    return raw.filter(~texts.is_in(totals)), [
        Problem("total-row", message.format(name=text), table.position(row, column), hint)
        for row, text in raw.filter(texts.is_in(totals)).select("row", texts).iter_rows()
    ]


def _find_ignored(catalogue: Catalogue, table: RawTable, headings: Headings) -> list[Problem]:
    known = {*_FIXED_COLUMNS, *catalogue.places, *catalogue.register}
    lower = {name.casefold() for name in known}
    return [
        refuse_formula(table, table.head, column, name)
        or Problem(
            "ignored-column",
            _("the catalogue does not declare the column “{name}”: it is not read").format(
                name=name
            ),
            table.head_position(column),
            suggest_name(name, known),
            "note",
        )
        for column, name in enumerate(headings.names)
        if name and name.casefold() not in lower and column not in headings.doubtful
    ]


def _find_turned(table: RawTable, rows: pl.DataFrame, names: Mapping[str, int]) -> list[Problem]:
    """Schools that are closed before they are opened."""
    turned = rows.filter(pl.col("opened") > pl.col("closed")).select("row", "opened", "closed")
    message = _(
        "the school is closed in {closed}, before it is opened in {opened}: it is open in no year"
    )
    hint = _("exchange the years, or leave one of the cells empty")
    return [
        Problem(
            "closed-before-opened",
            message.format(closed=closed, opened=opened),
            table.position(row, names["closed"]),
            hint,
        )
        for row, opened, closed in turned.iter_rows()
    ]


def _find_spans(
    table: RawTable, rows: pl.DataFrame, column: int
) -> tuple[pl.DataFrame, list[Problem]]:
    """`from` and `until` of every row; a school that has two rows from one year is a problem."""
    first, last = _ALWAYS
    rows = rows.with_columns(pl.col("year").fill_null(first).alias("since"))
    twice = rows.filter(pl.struct("school", "since").is_duplicated())
    problems = []
    seen: dict[tuple[str, int], int] = {}
    for school, since, row in twice.select("school", "since", "row").iter_rows():
        other = seen.setdefault((school, since), row)
        if other != row:
            message = _("the school “{place}” stands twice in the register: also in {other}")
            message = message.format(place=school, other=table.position(other, column))
            hint = _("the first row counts; a row that holds from a later year needs “year”")
            position = table.position(row, column)
            problems.append(Problem("school-twice", message, position, hint))
    rows = rows.unique(["school", "since"], keep="first", maintain_order=True)
    ordered = rows.sort("school", "since", maintain_order=True)
    ordered = ordered.with_columns(
        pl.when(pl.col("school").shift(-1) == pl.col("school"))
        .then(pl.col("since").shift(-1))
        .otherwise(last)
        .alias("next")
    )
    ordered = ordered.with_columns(
        pl.max_horizontal("since", pl.col("opened").fill_null(first)).cast(pl.Int32).alias("from"),
        pl.min_horizontal("next", pl.col("closed").fill_null(last)).cast(pl.Int32).alias("until"),
    )
    ordered = ordered.with_columns(
        pl.when(~pl.col("uncertain")).then("until").otherwise("from").alias("until")
    )
    return ordered.drop("since", "next", "year", "opened", "closed"), problems


def _find_torn(
    catalogue: Catalogue, table: RawTable, rows: pl.DataFrame, names: Mapping[str, int]
) -> list[Problem]:
    """Places that lie in two places of the next level in one year."""
    problems = []
    for level, above in pairwise(catalogue.places[1:]):
        if level.casefold() not in names or above.casefold() not in names:
            continue
        inner, outer = level_column(level), level_column(above)
        torn = (
            rows.select(inner, outer)
            .drop_nulls()
            .unique()
            .filter(pl.col(inner).is_duplicated())[inner]
            .unique()
        )
        suspects = rows.filter(pl.col(inner).is_in(torn.implode()) & pl.col(outer).is_not_null())
        reported: set[str] = set()
        spans: dict[str, list[tuple[str, int, int]]] = {}
        for place, other, start, end, row in suspects.select(
            inner, outer, "from", "until", "row"
        ).iter_rows():
            clash = next(
                (
                    earlier
                    for earlier, since, until in spans.get(place, [])
                    if earlier != other and since < end and start < until
                ),
                None,
            )
            spans.setdefault(place, []).append((other, start, end))
            if clash is not None and place not in reported and start < end:
                reported.add(place)
                message = _(
                    "“{place}” ({level}) lies in two places of {above}: “{one}” and “{two}”"
                )
                message = message.format(
                    place=place, level=level, above=above, one=clash, two=other
                )
                problems.append(
                    Problem("torn-place", message, table.position(row, names[above.casefold()]))
                )
    return problems


# --- the cells of the register ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RegisterCells:
    """Reads the columns of one register; what is wrong goes to `problems`."""

    table: RawTable
    raw: pl.DataFrame
    names: Mapping[str, int]
    problems: list[Problem]

    def level(self, level: str, default: str) -> pl.Series:
        """The place of every school; the default where the register has no such column."""
        column = self.names.get(level.casefold())
        if column is None:
            return self._repeat(default, pl.String)
        message = _("the school has no “{name}”: it belongs to no place of that level")
        empty = self.raw[f"c{column}"].is_null()
        self._report(column, empty, "empty-level", message.format(name=level))
        return self._words(column)

    def titles(self) -> pl.Series:
        """The titles of the schools; null where there is none."""
        column = self.names.get("title")
        return self._repeat(None, pl.String) if column is None else self._words(column)

    def declared(self, declared: RegisterColumn) -> pl.Series:
        """A declared column by its type; null where the cell is empty or cannot be read."""
        dtype = REGISTER_DTYPES[declared.type]
        column = self.names.get(declared.id.casefold())
        if column is None:
            message = _("the register has no column “{name}”, which the catalogue declares")
            message = message.format(name=declared.id)
            hint = suggest_name(declared.id, self.table.header)
            self.problems.append(Problem("no-column", message, self.table.position(), hint))
            return self._repeat(None, dtype)
        message = _("the cell of the register is empty (“{name}”): what depends on it has no value")
        message = message.format(name=declared.id)
        empty = self.raw[f"c{column}"].is_null()
        self._report(column, empty, "empty-register-cell", message, severity="warning")
        message = _("“{name}”: the cell cannot be read").format(name=declared.id)
        problem = Problem("unreadable-cell", message, hint=_describe_declared(declared))
        return self._parse(column, dtype, partial(_read_declared, declared), problem)

    def years(self, name: str) -> pl.Series:
        """`opened`, `closed` or `year` (Int32); null where the cell is empty."""
        column = self.names.get(name)
        if column is None:
            return self._repeat(None, pl.Int32)
        message = _("“{name}”: the cell is not a year").format(name=name)
        unread = Problem("bad-year", message, hint=_("four digits, for instance 2023"))
        return self._parse(column, pl.Int32, read_year, unread, _("the school is not counted"))

    def find_uncertain(self, rows: Mapping[str, pl.Series]) -> pl.Series:
        """The rows that may hold in other years than can be read.

        Without the year from which a row holds, nobody knows how long the others of its school do.
        """
        unread = pl.DataFrame(
            [
                rows["school"].alias("school"),
                *(
                    (self.raw[f"c{self.names[name]}"].is_not_null() & rows[name].is_null()).alias(
                        name
                    )
                    if name in self.names
                    else self._repeat(None, pl.Boolean).alias(name)
                    for name in ("year", "opened", "closed")
                ),
            ]
        )
        of_year = pl.col("year").any().over("school")
        any_unread = pl.any_horizontal(of_year, "opened", "closed").fill_null(value=False)
        return unread.select(any_unread.alias("uncertain")).to_series()

    def _repeat(self, value: str | None, dtype: type[pl.DataType]) -> pl.Series:
        return pl.Series([value], dtype=dtype).new_from_index(0, self.raw.height)

    def _words(self, column: int) -> pl.Series:
        """The texts of a column in which any word may stand, but nothing that cannot be read."""
        texts = self.raw[f"c{column}"]
        odd = texts.is_in([text for text in texts.drop_nulls().unique() if is_unread(text)])
        self._report(column, odd, "unreadable-cell", "")
        return texts.to_frame().select(pl.when(~odd).then(pl.first())).to_series()

    def _parse(
        self,
        column: int,
        dtype: type[pl.DataType],
        read: Callable[[str], float | bool | str | None],
        unread: Problem,
        consequence: str = "",
    ) -> pl.Series:
        """The values of a column, each distinct text read once; null, and `unread`, for the rest."""
        texts = self.raw[f"c{column}"]
        values = {text: read(text) for text in texts.drop_nulls().unique()}
        wrong = [text for text, value in values.items() if value is None]
        self._report(
            column,
            texts.is_in(wrong),
            unread.code,
            unread.message,
            hint=unread.hint,
            consequence=consequence,
        )
        read_values = pl.Series(list(values.values()), dtype=dtype)
        return texts.replace_strict(list(values), read_values, default=None, return_dtype=dtype)

    def _report(
        self,
        column: int,
        where: pl.Series,
        code: str,
        message: str,
        *,
        hint: str = "",
        severity: Severity = "error",
        consequence: str = "",
    ) -> None:
        rows = self.raw.filter(where.fill_null(False)).select("row", f"c{column}")
        for row, text in rows.iter_rows():
            problem = Problem(code, message, self.table.position(row, column), hint, severity)
            problem = refuse_formula(self.table, row, column, text) or problem
            if consequence:
                problem = replace(problem, message=f"{problem.message}; {consequence}")
            self.problems.append(problem)


def _read_declared(declared: RegisterColumn, text: str) -> bool | float | str | None:
    if text.startswith(UNREADABLE_MARK):
        return None
    if declared.type == "yes_no":
        return bool(value) if isinstance(value := read_yes_no(text).value, bool) else None
    if declared.type == "choice":
        return str(value) if (value := read_choice(declared.options, text).value) else None
    number = parse_number(text)
    return None if number is None else float(number)


def _describe_declared(declared: RegisterColumn) -> str:
    if declared.type == "yes_no":
        return _("expected да or нет (1 or 0, + or -)")
    if declared.type == "choice":
        return describe_options(declared.options)
    return _("expected a number such as 12,5")


# --- titles of places -----------------------------------------------------------------------------


def read_places(
    catalogue: Catalogue, table: RawTable
) -> tuple[dict[tuple[str, str], str], list[Problem]]:
    """places.csv: (level, place) → title."""
    names = {name.casefold(): column for column, name in enumerate(table.header)}
    for wanted in ("level", "place", "title"):
        if wanted not in names:
            message = _("there is no column “{name}”").format(name=wanted)
            hint = suggest_name(wanted, table.header)
            return {}, [Problem("no-column", message, table.position(), hint)]
    titles: dict[tuple[str, str], str] = {}
    seen: dict[tuple[str, str], int] = {}
    problems = []
    columns = [f"c{names[name]}" for name in ("level", "place", "title")]
    rows = table.numbered().select("row", *(pl.col(name).cast(pl.String) for name in columns))
    for row, *cells in collect_frame(rows).iter_rows():
        level, place, title = (" ".join((cell or "").split()) for cell in cells)
        refused = [
            problem
            for key, cell in zip(("level", "place", "title"), cells, strict=True)
            if (problem := refuse_formula(table, row, names[key], cell))
        ]
        if refused:
            problems += refused
        elif level not in catalogue.places:
            message = _("there is no level “{name}”").format(name=level)
            hint = suggest_name(level, catalogue.places)
            position = table.position(row, names["level"])
            problems.append(Problem("unknown-level", message, position, hint))
        elif (level, place) in seen:
            message = _("the place “{place}” stands twice: also in {other}").format(
                place=place, other=table.position(seen[level, place], names["place"])
            )
            problems.append(Problem("place-twice", message, table.position(row, names["place"])))
        else:
            seen[level, place] = row
            titles[level, place] = title
    return titles, problems


# --- what lies in what, and when it is open -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Lineage:
    """`above`: of (level, place, year) the places it lies in, by their level.

    Empty where the data name no schools: then nothing is known to lie in anything.
    """

    above: Mapping[tuple[str, str, int], Mapping[str, str]]

    def find(self, level: str, place: str, years: Iterable[int]) -> Mapping[str, str]:
        """The places that a place lies in, in the last of these years in which it is known."""
        known = (year for year in sorted(years, reverse=True) if (level, place, year) in self.above)
        return self.above.get((level, place, next(known, 0)), {})

    def lies_in(self, level: str, place: str, year: int, *, of: tuple[str, str]) -> bool:
        """Whether a place lies in (or is) the place `of`, a level and an id."""
        return (level, place) == of or self.above.get((level, place, year), {}).get(of[0]) == of[1]


def read_lineage(catalogue: Catalogue, data: Any, years: Sequence[int]) -> Lineage:
    """What lies in what in these years, at every level from the school upwards."""
    schools = getattr(data, "schools", None)
    if schools is None:
        return Lineage({})
    levels = catalogue.levels
    columns = ["school", *(level_column(level) for level in levels[1:])]
    rows = schools.filter(pl.col("year").is_in(list(years))).select("year", *columns)
    above: dict[tuple[str, str, int], Mapping[str, str]] = {}
    for year, *places in collect_frame(rows).unique(maintain_order=True).iter_rows():
        chain = [pair for pair in zip(levels, places, strict=True) if pair[1] is not None]
        for index, (level, place) in enumerate(chain):
            above.setdefault((level, place, year), dict(chain[index + 1 :]))
    return Lineage(above)


@dataclass(frozen=True, slots=True)
class Openings:
    """When every place is open. Without a register whatever place is named is known and open.

    `spans`: of (level, place) the years in which a row of the register holds, from and until, in
    the order of the register.
    """

    spans: Mapping[tuple[str, str], Sequence[tuple[int, int]]] | None

    def list_places(self, level: str, year: int | None = None) -> tuple[str, ...]:
        """The places of a level that are open in a year; without a year all of the register."""
        return tuple(
            place
            for (known, place), spans in (self.spans or {}).items()
            if known == level and (year is None or _holds(spans, year))
        )

    def is_known(self, level: str, place: str) -> bool:
        """Whether a place is in the register, open or not."""
        return self.spans is None or (level, place) in self.spans

    def is_open(self, level: str, place: str, years: Iterable[int]) -> bool:
        """Whether a place is open in one of the years."""
        if self.spans is None:
            return True
        spans = self.spans.get((level, place), ())
        return any(_holds(spans, year) for year in years)


def _holds(spans: Iterable[tuple[int, int]], year: int) -> bool:
    return any(start <= year < end for start, end in spans)


def read_openings(catalogue: Catalogue, register: Register | None) -> Openings:
    """When the places of a register are open, at every level that is computed."""
    if register is None:
        return Openings(None)
    spans: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for level in catalogue.places:
        column = "school" if level == catalogue.levels[0] else level_column(level)
        rows = register.rows.select(column, "from", "until").drop_nulls()
        for place, start, end in rows.iter_rows():
            spans.setdefault((level, place), []).append((start, end))
    return Openings(spans)
