"""What a table of facts is: wide or long, and of which level.

Wide: place, year[, scenario], one column per input. Long: place, year[, scenario], input, value;
or with the columns of a collected file, where level and place stand apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import polars as pl

from engine.catalogue.lookups import short_of
from engine.catalogue.model import NUMERIC, Catalogue, Input
from engine.data.cells import parse_number, refuse_formula
from engine.data.facts import KEY, FactTable, read_keys, read_year
from engine.data.frames import collect_frame
from engine.data.headings import (
    UNIT_HEADING,
    Headings,
    count_headings,
    find_inputs,
    find_other_unit_of,
    find_word,
    fold_titles,
    merge_names,
    name_inputs,
    name_words,
    offer_heading,
    read_headings,
    refuse_doubtful,
)
from engine.data.merged_cells import mark_merged
from engine.data.tables import UNREADABLE_MARK, RawTable, clean_name, shorten
from engine.data.total_names import is_total
from engine.level_words import name_level
from engine.problems import Problem, suggest_name
from engine.same_names import fold_name
from engine.translation import gettext as _
from engine.units import measure_alike, read_measure

_COLLECTED = {
    **dict.fromkeys(("text", "state"), pl.String),
    **dict.fromkeys(("file", "sheet", "cell", "sha256"), pl.Categorical),
}
LONG_COLUMNS = frozenset(
    (
        *("level", "place", "year", "scenario", "input", "value"),
        *("text", "state", "file", "sheet", "cell", "sha256"),
    )
)
"""What a table with a row for each cell may hold, beside the column of its level."""
_KEYS = ("year", "scenario")
_FEW = 2  # columns of which the numbers may be a row of facts
_NUMBERS = "#?(?:п/?п)?|n"  # what heads a column of numbers of rows, folded


def recognise_facts(catalogue: Catalogue, table: RawTable) -> tuple[list[FactTable], list[Problem]]:
    """The facts of a table, one per level that it speaks of (one, unless it has `level`)."""
    problems = _find_nameless(table)
    words = name_words(catalogue, table.header)
    headings = read_headings(table, _list_ids(catalogue), words, catalogue)
    names = headings.columns()
    long = "input" in names and ("value" in names or "text" in names)
    levelled = long and "level" in names and "place" in names
    # A row is of the lowest place that it names: «Муниципалитет» may stand before «Школа».
    levels = [name for name in catalogue.places if name in headings.names]
    if refused := _refuse_table(catalogue, table, headings, None if levelled else levels):
        return [], [refused]
    table, more = _drop_heads(catalogue, table, names["year"])
    problems += more
    if long:
        problems += _find_extra(catalogue, table, headings)
    if levelled:
        facts, more = split_levels(catalogue, table, names)
        return facts, problems + more
    keys = {"place": names[levels[0].casefold()], "year": names["year"]}
    if "scenario" in names:
        keys["scenario"] = names["scenario"]
    if long:
        fact, more = read_long(
            catalogue, table, names, levels[0], keys=keys, frame=table.numbered()
        )
        return [fact], problems + more
    if problem := _find_second_heading(table, keys["place"]):
        return [], [problem]
    inputs = name_inputs(catalogue, levels[0])
    headings = read_headings(table, _list_ids(catalogue), merge_names(words, inputs), catalogue)
    fact, more = read_wide(catalogue, table, headings, levels, keys)
    return [fact], problems + more


def _refuse_table(
    catalogue: Catalogue, table: RawTable, headings: Headings, levels: list[str] | None
) -> Problem | None:
    """Why nothing of a table is read; `levels`: those that head a column, None where rows name theirs."""
    if levels is not None and not levels:
        message = _("no column names who reports: the first column is “{first}”").format(
            first=table.column_name(0)
        )
        nearly = (offer_heading(catalogue, table.header, level) for level in catalogue.places)
        hint = next(filter(None, nearly), "") or _(
            "expected one of: {names}; a heading of several rows, or a table of another make, is "
            "read by pokazatel adopt"
        ).format(names=", ".join(map(name_level, catalogue.places)))
        return Problem("no-place-column", message, table.position(), hint)
    if "year" not in headings.columns():
        ids = {name.casefold() for name in (*catalogue.places, *catalogue.inputs)}
        message = _("there is no column “Year”")
        if ids.intersection(map(str.casefold, table.header)):
            message = _("there is no column “year”")
        hint = offer_heading(catalogue, table.header, "year") or _(
            "add it; a table whose title or sheet names the year is read by pokazatel adopt"
        )
        if any(map(read_year, table.header)):
            hint = _("a table with the years across is read by pokazatel adopt")
        return Problem("no-year-column", message, table.position(), hint)
    if levels and (beside := _find_table_beside(catalogue, table, headings.names, levels[0])):
        return beside
    return _find_key_twice(catalogue, table, headings.names)


def _find_key_twice(catalogue: Catalogue, table: RawTable, names: Sequence[str]) -> Problem | None:
    """A second column of years, scenarios, inputs or values: of which of them a row is, nobody knows."""
    for word in (*_KEYS, "input", "value"):
        columns = _list_columns(catalogue, table, names, word)
        if len(columns) > 1 and fold_name(table.header[columns[1]]) not in fold_titles(catalogue):
            message = _("the column “{name}” means the same as {other}: the table is not read")
            message = message.format(
                name=table.column_name(columns[1]), other=table.head_position(columns[0])
            )
            position = table.head_position(columns[1])
            return Problem("column-twice", message, position, _("leave one of the columns"))
    return None


def _list_columns(
    catalogue: Catalogue, table: RawTable, names: Sequence[str], word: str
) -> list[int]:
    """The columns that are headed by a key or by a usual word for it."""
    written = zip(names, table.header, strict=True)
    return [
        column
        for column, (name, text) in enumerate(written)
        if name == word or find_word(catalogue, text) == word
    ]


def _find_table_beside(
    catalogue: Catalogue, table: RawTable, names: Sequence[str], level: str
) -> Problem | None:
    """Two tables side by side: a row names a place of each, and not whose its numbers are.

    A second column of places that no empty one parts from the first, and that has no year of its own, is
    the title beside the id.
    """
    first, *others = _list_columns(catalogue, table, names, level)
    if not others:
        return None
    parted = not all(table.header[first : others[0]])
    years = _list_columns(catalogue, table, names, "year")
    if not parted and not any(year > others[0] for year in years[1:]):
        return None
    message = _("two tables stand side by side, the second one from here: the sheet is not read")
    hint = _("put each on a sheet of its own, or let pokazatel adopt read them")
    return Problem("tables-beside", message, table.head_position(others[0]), hint)


def _drop_heads(catalogue: Catalogue, table: RawTable, year: int) -> tuple[RawTable, list[Problem]]:
    """The table without what is no row of it: numbers of the columns, its heading once more.

    Where another heading follows, what stands below it means something else: it is not read.
    """
    if not table.counted:
        return table, []
    frame = collect_frame(table.frame)
    problems: list[Problem] = []
    column = pl.col(f"c{year}")
    heads = [
        text
        for text in frame[f"c{year}"].drop_nulls().unique()
        if not text[:1].isdigit() and find_word(catalogue, text) == "year"
    ]
    repeated = frame.filter(column.is_in(heads))
    kept = pl.lit(True)
    for cells in repeated.iter_rows(named=True):
        row = cells.pop("row")
        position = table.position(row, 0)
        written = [clean_name(cells[f"c{number}"] or "") for number in range(len(table.header))]
        if count_headings(catalogue, written) < _FEW:
            continue
        if [*map(fold_name, written)] == [*map(fold_name, table.header)]:
            message = _("the heading stands here once more: the row is passed over")
            problems.append(Problem("repeated-heading", message, position, severity="note"))
            kept &= pl.col("row") != row
            continue
        message = _("another heading begins here: what stands below it is not read")
        hint = _("put each table on a sheet or in a file of its own")
        problems.append(Problem("second-heading", message, position, hint))
        kept &= pl.col("row") < row
        break
    numbers = [str(number) for number in range(1, len(table.header) + 1)]
    if len(numbers) > _FEW and frame.height and frame.row(0)[: len(numbers)] == tuple(numbers):
        row = frame["row"][0]
        message = _("the row holds the numbers of the columns: it is passed over")
        problems.append(Problem("column-numbers", message, table.position(row, 0), severity="note"))
        kept &= pl.col("row") != row
    return (replace(table, frame=frame.filter(kept).lazy()) if problems else table), problems


def _find_second_heading(table: RawTable, place: int) -> Problem | None:
    """A row of words without a place right below the heading: what its columns mean is unsure."""
    if not table.counted:
        return None
    first = collect_frame(table.numbered().head(1))
    cells = [text for text in first.drop("row").row(0) if text] if first.height else []
    if (
        not cells
        or first[f"c{place}"].item()
        or any(parse_number(text) is not None for text in cells)
    ):
        return None
    row = first["row"].item()
    message = _("the heading takes several rows: the sheet is not read")
    hint = _("make it one row, or let pokazatel adopt read the table")
    return Problem("heading-of-rows", message, table.position(row, place), hint)


def _list_ids(catalogue: Catalogue) -> tuple[str, ...]:
    """What a column may be headed with as it is; of two that differ only in case the last counts."""
    return (*LONG_COLUMNS, *catalogue.register, *catalogue.places, *catalogue.inputs, *_KEYS)


def _find_extra(catalogue: Catalogue, table: RawTable, headings: Headings) -> list[Problem]:
    """Columns of a long table that nobody reads: of inputs they would be lost without a word."""
    known = {*LONG_COLUMNS, *map(str.casefold, catalogue.places)}
    inputs = {name.casefold(): name for name in catalogue.inputs}
    problems = []
    for column, name in enumerate(headings.names):
        if not name or name.casefold() in known or column == _find_units(table):
            continue
        position = table.head_position(column)
        if refused := refuse_formula(table, table.head, column, name):
            problems.append(refused)
        elif name.casefold() in inputs:
            message = _("“{name}” stands in a table that has a row for each cell: it is not read")
            hint = _("write it as rows of input and value, or keep it in a file of its own")
            message = message.format(name=table.column_name(column))
            problems.append(Problem("mixed-table", message, position, hint))
        else:
            message = _("the column “{name}” is not read").format(name=name)
            problems.append(Problem("ignored-column", message, position, severity="note"))
    return problems


def _find_nameless(table: RawTable) -> list[Problem]:
    """Columns with cells but without a header."""
    nameless = [column for column, name in enumerate(table.header) if not name]
    if not nameless:
        return []
    filled = collect_frame(table.frame.select(pl.col(f"c{column}").count() for column in nameless))
    return [
        Problem(
            "column-without-header",
            _("the column has cells but no header: it is not read"),
            table.head_position(column),
        )
        for column in nameless
        if filled[f"c{column}"].item()
    ]


# --- wide tables: a column for each input ---------------------------------------------------------


def read_wide(
    catalogue: Catalogue,
    table: RawTable,
    headings: Headings,
    levels: list[str],
    keys: Mapping[str, int],
) -> tuple[FactTable, list[Problem]]:
    """The facts of a wide table of the first of `levels`, and its columns that are no inputs."""
    inputs: dict[str, int] = {}
    twice: set[str] = set()
    problems = refuse_doubtful(catalogue, table, headings)
    ids = {name.casefold(): name for name in catalogue.inputs}
    headed = {ids[name.casefold()] for name in headings.names if name.casefold() in ids}
    names = name_inputs(catalogue, levels[0])
    for column, name in enumerate(headings.names):
        if not name or column in keys.values() or column in headings.doubtful:
            continue
        known = ids.get(name.casefold())
        if known and known not in inputs:
            inputs[known] = column
            continue
        if known:
            twice.add(known)
            message = _("the column “{name}” stands twice, here and in {other}: neither is read")
            problem = Problem(
                "column-twice",
                message.format(
                    name=table.column_name(column), other=table.head_position(inputs[known])
                ),
                table.head_position(column),
                _("leave one of the columns"),
            )
        elif taken := find_inputs(catalogue, names, name) & headed:
            message = _("“{name}” is the same as the column “{other}”: it is not read")
            message = message.format(name=table.column_name(column), other=", ".join(sorted(taken)))
            problem = Problem("column-twice", message, table.head_position(column))
        else:
            problem = _refuse_unit(catalogue, table, column, names) or _refuse_column(
                catalogue, table, column, name, levels
            )
        problems.append(problem)
    inputs = {name: column for name, column in inputs.items() if name not in twice}
    problems += _refuse_levels(catalogue, table, levels[0], inputs)
    frame = _choose_columns(table, keys, inputs)
    fact = FactTable(
        table, levels[0], frame, keys["place"], keys["year"], keys.get("scenario"), inputs
    )
    return fact, problems


def _choose_columns(
    table: RawTable, keys: Mapping[str, int], inputs: Mapping[str, int]
) -> pl.LazyFrame:
    """place, year, scenario, the inputs by their names; and `row`, if the table is counted."""
    if not table.counted:
        named = read_keys(table.frame, {key: f"c{column}" for key, column in keys.items()})
        cells = [pl.col(f"c{column}").alias(name) for name, column in inputs.items()]
        return table.frame.select(*named, *cells)
    # Text lies in memory: what is only renamed needs no query. Its keys are read with those of
    # other tables.
    raw = collect_frame(table.frame)
    raw = mark_merged(table, raw, {f"c{column}": column for column in inputs.values()})
    unsaid = pl.Series("scenario", [None] * raw.height, dtype=pl.String)
    written = [raw[f"c{keys[key]}"].alias(key) if key in keys else unsaid for key in KEY]
    renamed = [raw[f"c{column}"].alias(name) for name, column in inputs.items()]
    return pl.DataFrame([*written, *renamed, raw["row"]]).lazy()


def _refuse_column(
    catalogue: Catalogue, table: RawTable, column: int, name: str, levels: list[str]
) -> Problem:
    """A column of a wide table that is no input; `name` is what its heading means."""
    if refused := refuse_formula(table, table.head, column, name):
        return refused
    position = table.head_position(column)
    if name.casefold() in {
        *map(str.casefold, levels),
        "title",
        *(id_.casefold() for id_ in catalogue.register),
    } or find_word(catalogue, name) in (*levels, catalogue.levels[0]):
        message = _("the column “{name}” is not read here: it belongs to the register")
        return Problem("ignored-column", message.format(name=name), position, severity="note")
    if re.fullmatch(_NUMBERS, fold_name(name)):
        message = _("the column “{name}” is not read")
        return Problem("ignored-column", message.format(name=name), position, severity="note")
    if is_total(name, ()):
        message = _("“{name}” is a total and no input: the column is passed over")
        return Problem(
            "total-column", message.format(name=shorten(name)), position, severity="warning"
        )
    message = _("the catalogue has no input “{name}”: the column is not read")
    titles = (short_of(catalogue, known) for known in catalogue.inputs)
    hint = suggest_name(name, [*titles, *catalogue.inputs])
    return Problem("unknown-column", message.format(name=name), position, hint, about=name)


def _refuse_unit(
    catalogue: Catalogue, table: RawTable, column: int, names: Mapping[str, set[str]]
) -> Problem | None:
    """A column headed by an input and another unit than that in which it is asked."""
    other = find_other_unit_of(catalogue, names, table.header[column])
    if other is None or measure_alike(other[1], catalogue.inputs[other[0]].unit):
        return None
    asked, stated = catalogue.inputs[other[0]], other[1]
    message = _("the table says “{stated}”, and “{name}” is asked without a unit")
    if asked.unit is not None:
        message = _("the table says “{stated}”, and “{name}” is asked in “{declared}”")
    message = message.format(
        stated=stated.label,
        name=shorten(short_of(catalogue, asked.id)),
        declared=asked.unit.label if asked.unit else "",
    )
    hint = _("write the numbers in the unit that is asked, or correct the unit in the table")
    return Problem("other-unit", message, table.head_position(column), hint)


def _refuse_levels(
    catalogue: Catalogue, table: RawTable, level: str, inputs: dict[str, int]
) -> list[Problem]:
    """Take out the inputs that are given at another level, and say so."""
    problems = []
    for name, column in list(inputs.items()):
        own = catalogue.inputs[name].given_at.get(level, name)
        if own != name:
            inputs[own] = inputs.pop(name)
        elif catalogue.inputs[name].level != level:
            del inputs[name]
            message, hint = _describe_other_level(catalogue, name, level, table.column_name(column))
            position = table.head_position(column)
            problems.append(Problem("input-of-other-level", message, position, hint))
    return problems


def _describe_other_level(
    catalogue: Catalogue, name: str, level: str, written: str
) -> tuple[str, str]:
    """Message and hint of an input, `written` so, in a table of a level it is not given at."""
    wanted = name_level(catalogue.inputs[name].level)
    message = _("the input “{name}” is given by level “{wanted}”, not by “{level}”")
    hint = _("put it in a file whose first column is “{wanted}”").format(wanted=wanted)
    return message.format(name=written, wanted=wanted, level=name_level(level)), hint


# --- long tables: a row for each cell -------------------------------------------------------------
# A collected file gives with each cell where it was filled in.


def split_levels(
    catalogue: Catalogue, table: RawTable, names: Mapping[str, int]
) -> tuple[list[FactTable], list[Problem]]:
    """A long table with `level` and `place`: one fact table per level."""
    level = pl.col(f"c{names['level']}").cast(pl.String).str.strip_chars().str.to_lowercase()
    frame = table.numbered().with_columns(level.alias("level")).collect()
    problems = []
    strange = frame.filter(~pl.col("level").is_in(catalogue.places).fill_null(False))
    for row, text in strange.select("row", f"c{names['level']}").iter_rows():
        if refused := refuse_formula(table, row, names["level"], text):
            problems.append(refused)
            continue
        message = _("there is no level “{name}”").format(name=text or "")
        hint = suggest_name(text or "", catalogue.places)
        position = table.position(row, names["level"])
        problems.append(Problem("unknown-level", message, position, hint))
    keys = {key: names[key] for key in KEY if key in names}
    facts = []
    for name in catalogue.places:
        part = frame.filter(pl.col("level") == name)
        if part.height:
            fact, more = read_long(catalogue, table, names, name, keys=keys, frame=part.lazy())
            facts.append(fact)
            problems += more
    return facts, problems


def read_long(
    catalogue: Catalogue,
    table: RawTable,
    names: Mapping[str, int],
    level: str,
    *,
    keys: Mapping[str, int],
    frame: pl.LazyFrame,
) -> tuple[FactTable, list[Problem]]:
    """A long table: its frame has `input` (the id) and `text`, and is read into memory."""
    written = pl.col(f"c{names['input']}").cast(pl.String).fill_null("").str.strip_chars()
    own = [
        # Few cells are asked where they came from, all of them hold it: as categories.
        pl.col(f"c{names[name]}").cast(pl.String).cast(dtype).alias(f"own:{name}")
        for name, dtype in _COLLECTED.items()
        if name in names
    ]
    value = _write_value(table, names["value"]) if "value" in names else pl.lit(None, pl.String)
    units = _find_units(table)
    unit = pl.lit(None, pl.String) if units is None else pl.col(f"c{units}").cast(pl.String)
    loaded = (
        frame.select(
            "row",
            *read_keys(frame, {key: f"c{column}" for key, column in keys.items()}),
            written.alias("input"),
            value.alias("text"),
            unit.alias("unit"),
            *own,
        )
        .filter(
            pl.col("place").is_not_null() | (pl.col("input") != "") | pl.col("text").is_not_null()
        )
        .collect()
    )
    if "value" in names:
        loaded = mark_merged(table, loaded, {"text": names["value"]})
    known, problems = _find_inputs(catalogue, table, level, loaded, names["input"])
    loaded = loaded.with_columns(
        pl.col("input").replace_strict(
            list(known), list(known.values()), default=None, return_dtype=pl.String
        )
    ).filter(pl.col("input").is_not_null())
    if units is not None:
        loaded = _write_units(catalogue, loaded)
    loaded = loaded.drop("unit").with_columns(_choose_text(catalogue, loaded).alias("text"))
    loaded = loaded.drop("own:text", "own:state", strict=False)
    value_column = names.get("value", names.get("text", 0))
    inputs = dict.fromkeys(dict.fromkeys(known.values()), value_column)
    fact = FactTable(
        table,
        level,
        loaded.lazy(),
        keys["place"],
        keys["year"],
        keys.get("scenario"),
        inputs,
        value_column,
        {name: text for text, name in known.items()},
    )
    return fact, problems


def _find_units(table: RawTable) -> int | None:
    """The column of units, where a heading calls one so."""
    named = (
        column
        for column, name in enumerate(table.header)
        if re.fullmatch(UNIT_HEADING, fold_name(name))
    )
    return next(named, None)


def _write_units(catalogue: Catalogue, loaded: pl.DataFrame) -> pl.DataFrame:
    """The rows; a number in another unit than its input has is written with it, and so is no answer.

    «ед.» and words that are no unit say nothing.
    """
    pairs = loaded.select("input", "unit").drop_nulls().unique(maintain_order=True)
    other = [_is_other_unit(catalogue.inputs[name], unit) for name, unit in pairs.iter_rows()]
    measured = pl.concat_str("text", pl.lit(" "), "unit")
    return (
        loaded.join(
            pairs.with_columns(pl.Series("other", other, dtype=pl.Boolean)),
            on=["input", "unit"],
            how="left",
            maintain_order="left",
        )
        .with_columns(pl.when("other").then(measured).otherwise("text").alias("text"))
        .drop("other")
    )


def _is_other_unit(declared: Input, text: str) -> bool:
    stated = read_measure(text)
    if declared.type not in NUMERIC or stated is None or stated.id == "item":
        return False
    return not measure_alike(stated, declared.unit)


def _write_value(table: RawTable, column: int) -> pl.Expr:
    """The values as text; whole numbers without a point, as they would be written."""
    value = pl.col(f"c{column}")
    text = value.cast(pl.String)
    if not table.frame.collect_schema()[f"c{column}"].is_float():
        return text
    whole = value.cast(pl.Int64, strict=False)
    return pl.when(whole.cast(pl.Float64) == value).then(whole.cast(pl.String)).otherwise(text)


def _choose_text(catalogue: Catalogue, loaded: pl.DataFrame) -> pl.Expr:
    """The text of a cell: of a collected file the value, or the text where that is the answer."""
    text = pl.col("text")
    if "own:text" in loaded.columns:
        numeric = [
            name
            for name, declared in catalogue.inputs.items()
            if declared.type in (*NUMERIC, "yes_no")
        ]
        own = pl.col("own:text")
        text = (
            pl.when(pl.col("input").is_in(numeric))
            .then(pl.coalesce(text, own))
            .otherwise(pl.coalesce(own, text))
        )
    if "own:state" in loaded.columns:
        state = pl.col("own:state").fill_null("")
        text = (
            pl.when(state == "not_applicable")
            .then(pl.lit("н/п"))
            .when(state == "not_filled")
            .then(None)
            .when(state == "not_readable")
            .then(pl.lit(UNREADABLE_MARK) + text.fill_null(""))
            .otherwise(text)
        )
    return text


def _find_inputs(
    catalogue: Catalogue, table: RawTable, level: str, loaded: pl.DataFrame, column: int
) -> tuple[dict[str, str], list[Problem]]:
    """Text of the column `input` → id; every row that names no input of this level is a problem."""
    ids = {name.casefold(): name for name in catalogue.inputs}
    names = name_inputs(catalogue, level)
    known: dict[str, str] = {}
    wrong: dict[str, tuple[str, str, str]] = {}
    for text in loaded["input"].unique(maintain_order=True).to_list():
        meanings = sorted(find_inputs(catalogue, names, text))
        name = ids.get(text.casefold()) or (meanings[0] if len(meanings) == 1 else None)
        if name is None and meanings:
            message = _("“{name}” is the name of several inputs, the row is not read: {names}")
            titled = "; ".join(
                f"{input_id} — {short_of(catalogue, input_id)}" for input_id in meanings
            )
            message = message.format(name=shorten(text), names=titled)
            wrong[text] = ("ambiguous-input", message, _("write the id of one of them"))
        elif name is None:
            message = _("the catalogue has no input “{name}”: the row is not read").format(
                name=text
            )
            wrong[text] = ("unknown-column", message, suggest_name(text, catalogue.inputs))
        elif catalogue.inputs[name].given_at.get(level, name) != name:
            known[text] = catalogue.inputs[name].given_at[level]
        elif catalogue.inputs[name].level != level:
            message, hint = _describe_other_level(catalogue, name, level, shorten(text))
            wrong[text] = ("input-of-other-level", message, hint)
        else:
            known[text] = name
    return known, list(_refuse_rows(table, loaded, column, wrong))


def _refuse_rows(
    table: RawTable, loaded: pl.DataFrame, column: int, wrong: Mapping[str, tuple[str, str, str]]
) -> Iterable[Problem]:
    if not wrong:
        return
    rows = loaded.filter(pl.col("input").is_in(list(wrong))).select("row", "input")
    for row, text in rows.iter_rows():
        code, message, hint = wrong[text]
        about = text if code == "unknown-column" else ""
        problem = Problem(code, message, table.position(row, column), hint, about=about)
        yield refuse_formula(table, row, column, text) or problem
