"""The register of schools: which schools and places there are in a year, and what lies in what."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from typing import Any, TypeVar

import polars as pl

from engine.catalogue.model import REGISTER_COLUMNS, Catalogue, Form, Indicator, RegisterColumn
from engine.data.cells import (
    POWER,
    describe_options,
    is_unread,
    offer_look,
    parse_number,
    read_choice,
    read_yes_no,
    refuse_formula,
)
from engine.data.facts import FIRST_YEAR, LAST_YEAR, is_name, read_year
from engine.data.frame_names import code_facts, level_column, register_column
from engine.data.frames import collect_frame
from engine.data.headings import (
    Headings,
    find_register_word,
    find_word,
    offer_heading,
    read_register_headings,
    refuse_doubtful,
)
from engine.data.merged_cells import mark_merged
from engine.data.successors import find_heirs, find_wrong_successors
from engine.data.tables import UNREADABLE_MARK, RawTable, shorten
from engine.data.total_names import AREA_WORDS, IN_TOTALS, is_total_row
from engine.language.grammar import Formula
from engine.level_words import SCHOOL, name_level, speak_of
from engine.problems import (
    Position,
    Problem,
    Severity,
    describe_difference,
    fold_look,
    suggest_name,
)
from engine.same_names import fold_name
from engine.translation import gettext as _
from engine.typography import quote

REGISTER_DTYPES: Mapping[str, type[pl.DataType]] = {
    "yes_no": pl.Boolean,
    "choice": pl.String,
    "number": pl.Float64,
}
HEIR = "\nheir"
"""No level is called so."""
_NAMED = 3
"""How many of what a condition decides are named."""
_ALWAYS = (FIRST_YEAR, LAST_YEAR + 1)

_Origin = TypeVar("_Origin")
"""What says where a place is named first."""


@dataclass(frozen=True, slots=True)
class Register:
    """Schools and places.

    `rows`: school, number (of the school), from, until (the years in which the row holds and the
    school is open: from ≤ year < until), level:…, register:…. `places`: level → its known places,
    without the schools. `lowest`: the level of those that are called schools here. `uncertain`:
    schools with a year that cannot be read, which are open in no year it may concern.
    `former_titles`: (level, place) → every title that a row of the place gives. `successors`:
    school → the one that took it in.
    """

    rows: pl.DataFrame
    places: Mapping[str, frozenset[str]]
    titles: Mapping[tuple[str, str], str] = field(default_factory=dict)
    uncertain: frozenset[str] = frozenset()
    former_titles: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    lowest: str = SCHOOL
    successors: Mapping[str, str] = field(default_factory=dict)

    @property
    def schools(self) -> pl.Series:
        """The ids of all schools, open or not."""
        return self.rows["school"].unique(maintain_order=True)

    def by_year(self, years: Sequence[int]) -> pl.DataFrame:
        """school, level:…, year (Int32), code, register:…: one row per open school and year.

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
        names = [name for name in self.rows.columns if name not in {"from", "until", "number"}]
        levels = [name for name in names if not name.startswith("register:")]
        code = code_facts(pl.col("number"), pl.col("year"))
        return spread.select(*levels, "year", code, *(name for name in names if name not in levels))


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
        hint = offer_heading(catalogue, table.header, school)
        problem = Problem("no-place-column", message, table.position(), hint)
        return None, [problem]
    raw = collect_frame(table.numbered())
    raw = raw.with_columns(pl.col("^c[0-9]+$").cast(pl.String).str.strip_chars().replace("", None))
    lowest = catalogue.levels[0]
    raw, problems = _drop_nameless(table, raw, names[school], names.get("title"), lowest)
    own = [names[name] for name in (school, "title") if name in names]
    above = [names[name] for name in levels_above(catalogue) if name in names]
    raw, more = _drop_totals(table, raw, own, above, lowest)
    problems += more
    if raw.is_empty() and not problems:
        message = speak_of(
            lowest, _("the register holds no school"), _("the register holds no place: {level}")
        )
        problems.append(
            Problem("no-schools", message, table.position(), _("write each on a line of its own"))
        )
    twice = list(_find_twice(catalogue, table, names))
    places = {one.position for one in twice}
    ignored = _find_ignored(catalogue, table, headings)
    problems += [*twice, *(one for one in ignored if one.position not in places)]
    problems += refuse_doubtful(catalogue, table, headings)
    answers = (column for name, column in names.items() if name != school)
    raw = mark_merged(table, raw, {f"c{column}": column for column in answers})
    cells = RegisterCells(table, raw, names, problems, names[school], lowest)
    rows = {"school": raw[f"c{names[school]}"], "row": raw["row"], "title": cells.titles()}
    rows["successor"] = cells.successors(catalogue)
    for level in catalogue.places[1:]:
        rows[level_column(level)] = cells.level(level, default_places[level])
    for column in catalogue.register.values():
        gap = _describe_gap(catalogue, column)
        rows[register_column(column.id)] = cells.declared(column, gap)
    for name in ("year", "opened", "closed"):
        rows[name] = cells.years(name)
    rows["uncertain"] = cells.find_uncertain(rows)
    problems += _find_turned(table, pl.DataFrame(rows), names, lowest)
    frame, more = _find_spans(table, pl.DataFrame(rows), names[school], lowest)
    problems += more
    problems += _find_torn(catalogue, table, frame, names)
    problems += _find_alike(catalogue, table, frame, names)
    problems += find_wrong_successors(table, frame, names.get("successor"), lowest)
    successors = dict(frame.select("school", "successor").drop_nulls().iter_rows())
    titles: dict[tuple[str, str], str] = {}
    former: dict[tuple[str, str], tuple[str, ...]] = {}
    for place, title in frame.select("school", "title").drop_nulls().iter_rows():
        key = (catalogue.levels[0], place)
        titles[key] = title
        former[key] = (*former.get(key, ()), title)
    uncertain = frozenset(frame.filter("uncertain")["school"].to_list())
    register = _finish(catalogue, frame.drop("title", "uncertain", "successor"), titles)
    register = replace(register, uncertain=uncertain, former_titles=former, successors=successors)
    return register, problems


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
    rows = frame.drop("row", strict=False).with_columns(
        pl.col("school").rank("dense").cast(pl.Int64).alias("number")
    )
    return Register(rows, places, titles, lowest=catalogue.levels[0])


def _drop_nameless(
    table: RawTable, raw: pl.DataFrame, column: int, title: int | None, level: str
) -> tuple[pl.DataFrame, list[Problem]]:
    """The rows that name a school by its id; of others the problem is about their title."""
    text = pl.col(f"c{column}")
    named = is_name(text).fill_null(False)
    titles = pl.lit(None) if title is None else pl.col(f"c{title}")
    problems = []
    for row, written, other in (
        raw.filter(~named).select("row", text, titles.alias("t")).iter_rows()
    ):
        problem = refuse_formula(table, row, column, written) or Problem(
            "no-place",
            speak_of(level, _("the row names no school"), _("the row names no place: {level}")),
            table.position(row, column),
            table.hint_merged(row, column),
        )
        problems.append(replace(problem, about=other or ""))
    return raw.filter(named), problems


def levels_above(catalogue: Catalogue) -> tuple[str, ...]:
    """The levels above the school as the columns of a register are called."""
    return tuple(level.casefold() for level in catalogue.places[1:])


def _drop_totals(
    table: RawTable, raw: pl.DataFrame, own: Sequence[int], above: Sequence[int], level: str
) -> tuple[pl.DataFrame, list[Problem]]:
    """The rows of schools; a row that is named as a total is an error: it would count twice.

    `own`: the columns of the school and its title; `above`: those of the places above it, where
    «Край» is the name of a place.
    """
    kept = pl.lit(True)
    problems: list[Problem] = []
    texts_of = (
        _("“{name}” is a total and no school: the row of the register is not read"),
        _("“{name}” is a total and no {level}: the row of the register is not read"),
    )
    hint = _("delete the row from the register")
    for column in (*own, *above):
        texts = pl.col(f"c{column}")
        names = AREA_WORDS if column in above else ()
        possible = raw.select(texts.unique()).filter(texts.str.contains(IN_TOTALS)).to_series()
        totals = [text for text in possible if is_total_row(text, names, ())]
        is_total = texts.is_in(totals).fill_null(False)
        for row, text in raw.filter(is_total & kept).select("row", texts).iter_rows():
            message = speak_of(level, *texts_of, name=text)
            problems.append(Problem("total-row", message, table.position(row, column), hint))
        kept &= ~is_total
    return raw.filter(kept), problems


def _describe_gap(catalogue: Catalogue, column: RegisterColumn) -> str:
    """What an empty cell of a column means for its {school}; empty where no condition names it."""

    def decides(conditions: Iterable[Formula]) -> bool:
        names = {use.id.partition(".")[0] for each in conditions for use in each.names()}
        return column.id in names

    split = {each.id for each in catalogue.indicators.values() if each.column == column.id}
    things: tuple[Indicator | Form, ...] = (
        *catalogue.indicators.values(),
        *catalogue.forms.values(),
    )
    narrowed = [
        thing.short_title for thing in things if thing.id not in split and decides(thing.where)
    ]
    narrowed += [
        thing.short_title
        for thing in catalogue.indicators.values()
        if any(f"{thing.id}.{part.rpartition('.')[2]}" == part for part in split)
    ]
    if narrowed:
        shown = [quote(title) for title in dict.fromkeys(narrowed)]
        titles = ", ".join(shown[:_NAMED]) + (", …" if shown[_NAMED:] else "")
        return _("the school {school} does not count where this decides: {titles}").replace(
            "{titles}", titles
        )
    if any(decides(each.applies_to) for each in catalogue.inputs.values()):
        return _("what is asked of some schools only is asked of the school {school} too")
    return ""


def _find_ignored(catalogue: Catalogue, table: RawTable, headings: Headings) -> list[Problem]:
    known = {*REGISTER_COLUMNS, *catalogue.places, *catalogue.register}
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


def _find_twice(
    catalogue: Catalogue, table: RawTable, names: Mapping[str, int]
) -> Iterator[Problem]:
    """Second columns of what decides which schools count; a school may have several names."""
    above = levels_above(catalogue)
    known = (*REGISTER_COLUMNS, *catalogue.register, *above)
    ids = {column.casefold(): column for column in known}
    titles = {fold_name(column.title): column.id for column in catalogue.register.values()}
    for column, text in enumerate(table.header):
        word = find_word(catalogue, text) or ""
        meant = (
            ids.get(text.casefold())
            or titles.get(fold_name(text))
            or find_register_word(text)
            or (word if word.casefold() in above else "")
        )
        first = names.get(meant.casefold(), column)
        if first == column or meant == "title":
            continue
        message = _("the column “{name}” means the same as {other}: the first one is read")
        message = message.format(name=shorten(text), other=table.head_position(first))
        yield Problem(
            "column-twice", message, table.head_position(column), _("leave one of the columns")
        )


def _find_turned(
    table: RawTable, rows: pl.DataFrame, names: Mapping[str, int], level: str
) -> list[Problem]:
    """Schools that are closed before they are opened."""
    turned = rows.filter(pl.col("opened") > pl.col("closed")).select("row", "opened", "closed")
    texts = (
        _(
            "the school is closed in {closed}, before it is opened in {opened}: it is open in no year"
        ),
        _("{level}: closed in {closed}, before it is opened in {opened}: it is open in no year"),
    )
    hint = _("exchange the years, or leave one of the cells empty")
    return [
        Problem(
            "closed-before-opened",
            speak_of(level, *texts, closed=closed, opened=opened),
            table.position(row, names["closed"]),
            hint,
        )
        for row, opened, closed in turned.iter_rows()
    ]


def _find_spans(
    table: RawTable, rows: pl.DataFrame, column: int, level: str
) -> tuple[pl.DataFrame, list[Problem]]:
    """`from` and `until` of every row; a school that has two rows from one year is a problem."""
    first, last = _ALWAYS
    rows = rows.with_columns(pl.col("year").fill_null(first).alias("since"))
    twice = rows.filter(pl.struct("school", "since").is_duplicated())
    problems = []
    seen: dict[tuple[str, int], int] = {}
    for school, since, row, title in twice.select("school", "since", "row", "title").iter_rows():
        other = seen.setdefault((school, since), row)
        if other != row:
            message = speak_of(
                level,
                _("the school “{place}” stands twice in the register: also in {other}"),
                _("{level} “{place}” stands twice in the register: also in {other}"),
                place=school,
                other=table.position(other, column),
            )
            hint = _("the first row counts; a row that holds from a later year needs “year”")
            position = table.position(row, column)
            problems.append(Problem("school-twice", message, position, hint, about=title or ""))
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
                    place=place,
                    level=name_level(level),
                    above=name_level(above),
                    one=clash,
                    two=other,
                )
                problems.append(
                    Problem("torn-place", message, table.position(row, names[above.casefold()]))
                )
    return problems


def _find_alike(
    catalogue: Catalogue, table: RawTable, rows: pl.DataFrame, names: Mapping[str, int]
) -> list[Problem]:
    """Places of one level whose ids the eye does not tell apart."""
    columns = {catalogue.levels[0]: "school"}
    columns |= {level: level_column(level) for level in catalogue.places[1:]}
    problems = []
    for level, column in columns.items():
        if level.casefold() not in names:
            continue
        named = rows.select(column, "row").drop_nulls().sort("row", maintain_order=True)
        first = named.unique(column, keep="first", maintain_order=True)
        # Of names that look alike the digits are the same: codes, which differ in them, are many.
        digits = pl.col(column).str.normalize("NFKC").str.replace_all(r"\D+", "")
        first = first.filter(digits.is_duplicated())
        ordinal = names[level.casefold()]
        find_position = partial(table.position, column=ordinal)
        problems += find_alike_places(level, dict(first.iter_rows()), find_position)
    return problems


def find_alike_places(
    level: str, places: Mapping[str, _Origin], find_position: Callable[[_Origin], Position]
) -> list[Problem]:
    """A problem for each place that looks like one before it: each counts as a place of its own.

    `places`: ids, and of what row each is first; `find_position`: where that stands, asked only of
    those that a problem names.
    """
    first: dict[str, str] = {}
    problems = []
    for place, origin in places.items():
        other = first.setdefault(fold_look(place), place)
        if other != place:
            message = _("“{place}” and “{other}” ({level}) look alike, and are two places")
            message = message.format(place=place, other=other, level=name_level(level))
            hint = _("if they are one place, write it alike in every row")
            difference = describe_difference(place, other)
            hint = f"{difference}; {hint}" if difference else hint
            problems.append(Problem("alike-places", message, find_position(origin), hint))
    return problems


# --- the cells of the register ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RegisterCells:
    """Reads the columns of one register; what is wrong goes to `problems`.

    `school` is the column of the ids, `lowest` their level.
    """

    table: RawTable
    raw: pl.DataFrame
    names: Mapping[str, int]
    problems: list[Problem]
    school: int
    lowest: str

    def level(self, level: str, default: str) -> pl.Series:
        """The place of every school; the default where the register has no such column."""
        column = self.names.get(level.casefold())
        if column is None:
            return self._repeat(default, pl.String)
        message = speak_of(
            self.lowest,
            _("the school has no “{name}”: it belongs to no place of that level"),
            _("{level}: no “{name}” is named, so it belongs to no place of that level"),
            name=self.table.column_name(column),
        )
        empty = self.raw[f"c{column}"].is_null()
        self._report(column, empty, "empty-level", message)
        return self._words(column)

    def titles(self) -> pl.Series:
        """The titles of the schools; null where there is none."""
        column = self.names.get("title")
        if column is None:
            return self._repeat(None, pl.String)
        # What a cell of a workbook has on several lines is printed as one.
        return self._words(column).str.replace_all(r"[ \t\r\n]+", " ")

    def successors(self, catalogue: Catalogue) -> pl.Series:
        """The schools that took others in; null where none is named."""
        column = None if "successor" in catalogue.register else self.names.get("successor")
        return self._repeat(None, pl.String) if column is None else self._words(column)

    def declared(self, declared: RegisterColumn, gap: str) -> pl.Series:
        """A declared column by its type; null where the cell is empty or cannot be read.

        `gap` says what follows for the {school} whose cell is empty.
        """
        dtype = REGISTER_DTYPES[declared.type]
        column = self.names.get(declared.id.casefold())
        if column is None:
            message = _("the register has no column “{name}”, which the catalogue declares")
            message = message.format(name=declared.title)
            near = (suggest_name(name, self.table.header) for name in (declared.id, declared.title))
            hint = next(filter(None, near), "") or _("add a column with this heading")
            self.problems.append(Problem("no-column", message, self.table.position(), hint))
            return self._repeat(None, dtype)
        message = _("the cell of the register is empty (“{name}”): what depends on it has no value")
        message = message.format(name=self.table.column_name(column))
        empty = self.raw[f"c{column}"].is_null()
        code = "empty-register-cell"
        self._report(column, empty, code, message, severity="warning", consequence=gap)
        message = _("“{name}”: “{text}” cannot be read").replace(
            "{name}", self.table.column_name(column)
        )
        problem = Problem("unreadable-cell", message, hint=_describe_declared(declared))
        read = partial(_read_declared, declared)
        offer = partial(offer_look, declared.type, declared.options)
        return self._parse(column, dtype, read, problem, offer=offer)

    def years(self, name: str) -> pl.Series:
        """`opened`, `closed` or `year` (Int32); null where the cell is empty."""
        column = self.names.get(name)
        if column is None:
            return self._repeat(None, pl.Int32)
        message = _("“{name}”: “{text}” is not a year").replace(
            "{name}", self.table.column_name(column)
        )
        hint = _("four digits, for instance 2023; empty the cell where there is no such year")
        unread = Problem("bad-year", message, hint=hint)
        ignored = speak_of(self.lowest, _("the school is not counted"), _("the row is not counted"))
        return self._parse(column, pl.Int32, read_year, unread, consequence=ignored)

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
        *,
        consequence: str = "",
        offer: Callable[[str], str] = lambda _text: "",
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
            offer=offer,
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
        offer: Callable[[str], str] = lambda _text: "",
    ) -> None:
        school = pl.col(f"c{self.school}").alias("school")
        rows = self.raw.filter(where.fill_null(False)).select("row", f"c{column}", school)
        for row, text, name in rows.iter_rows():
            sentence = message.replace("{text}", shorten(text or ""))
            position = self.table.position(row, column)
            problem = Problem(code, sentence, position, offer(text or "") or hint, severity)
            problem = refuse_formula(self.table, row, column, text) or problem
            if consequence:
                named = consequence.replace("{school}", quote(name))
                whole = f"{problem.message}; {named}"
                about = name if severity == "error" else ""
                problem = replace(problem, message=whole, about=about)
            self.problems.append(problem)


def _read_declared(declared: RegisterColumn, text: str) -> bool | float | str | None:
    if text.startswith(UNREADABLE_MARK):
        return None
    if declared.type == "yes_no":
        return bool(value) if isinstance(value := read_yes_no(text).value, bool) else None
    if declared.type == "choice":
        return str(value) if (value := read_choice(declared.options, text).value) else None
    number = None if re.search(POWER, text) else parse_number(text)
    return None if number is None else float(number)


def _describe_declared(declared: RegisterColumn) -> str:
    if declared.type == "yes_no":
        return _("expected yes or no (1 or 0, + or -)")
    if declared.type == "choice":
        return describe_options(declared.options)
    return _("expected a number such as 12.5")


# --- what lies in what, and when it is open -------------------------------------------------------


PlacesAbove = Mapping[tuple[str, str, int], Mapping[str, str]]
"""Of (level, place, year) the places it lies in, by their level."""


@dataclass(frozen=True, slots=True)
class Lineage:
    """What lies in what.

    Of a school that has merged, under `HEIR` the one that stands for it a year later. Empty where
    the data name no schools: then nothing is known to lie in anything.
    """

    above: PlacesAbove

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
    successors = data.register.successors if getattr(data, "register", None) else {}
    if successors:
        heirs = find_heirs(collect_frame(schools.select("school", "year")), successors)
        merged = heirs.filter(pl.col("school") != pl.col("heir"), pl.col("year").is_in(list(years)))
        for school, year, heir in merged.iter_rows():
            key = (levels[0], school, year)
            above[key] = {**above.get(key, {}), HEIR: heir}
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
