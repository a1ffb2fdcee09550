"""The cells of the register: places above, declared columns, years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from engine.catalogue.model import RegisterColumn
from engine.data.cells import parse_number, read_choice, read_yes_no
from engine.data.facts import read_year
from engine.data.tables import UNREADABLE_MARK, Table
from engine.data.wrong import refuse_formula
from engine.i18n import gettext as _
from engine.problems import Problem, Severity, suggest_name

REGISTER_DTYPES: Mapping[str, type[pl.DataType]] = {
    "yes_no": pl.Boolean,
    "choice": pl.String,
    "number": pl.Float64,
}


@dataclass(frozen=True, slots=True)
class RegisterCells:
    """Reads the columns of one register; what is wrong goes to `problems`."""

    table: Table
    raw: pl.DataFrame
    names: Mapping[str, int]
    problems: list[Problem]

    def level(self, level: str, default: str) -> pl.Series:
        """The place of every school; the default where the register has no such column."""
        column = self.names.get(level.casefold())
        if column is None:
            return pl.Series([default], dtype=pl.String).new_from_index(0, self.raw.height)
        self._report(
            column,
            self.raw[f"c{column}"].is_null(),
            "empty-level",
            _("the school has no “{name}”: it belongs to no place of that level").format(
                name=level
            ),
        )
        return self._words(column)

    def titles(self) -> pl.Series:
        """The titles of the schools; null where there is none."""
        column = self.names.get("title")
        if column is None:
            return pl.Series([None], dtype=pl.String).new_from_index(0, self.raw.height)
        return self._words(column)

    def _words(self, column: int) -> pl.Series:
        """The texts of a column in which any word may stand, but no formula without a value."""
        texts = self.raw[f"c{column}"]
        formulas = texts.str.starts_with(UNREADABLE_MARK).fill_null(False)
        self._report(column, formulas, "formula-without-value", "")
        return texts.to_frame().select(pl.when(~formulas).then(pl.first())).to_series()

    def declared(self, declared: RegisterColumn) -> pl.Series:
        """A declared column by its type; null where the cell is empty or cannot be read."""
        dtype = REGISTER_DTYPES[declared.type]
        column = self.names.get(declared.id.casefold())
        if column is None:
            message = _("the register has no column “{name}”, which the catalogue declares")
            message = message.format(name=declared.id)
            hint = suggest_name(declared.id, self.table.header)
            self.problems.append(Problem("no-column", message, self.table.position(), hint))
            return pl.Series([None], dtype=dtype).new_from_index(0, self.raw.height)
        texts = self.raw[f"c{column}"]
        values = {text: _read_declared(declared, text) for text in texts.drop_nulls().unique()}
        message = _("the cell of the register is empty (“{name}”): what depends on it has no value")
        self._report(
            column,
            texts.is_null(),
            "empty-register-cell",
            message.format(name=declared.id),
            warning=True,
        )
        wrong = [text for text, value in values.items() if value is None]
        message = _("“{name}”: the cell cannot be read").format(name=declared.id)
        hint = _describe_declared(declared)
        self._report(column, texts.is_in(wrong), "unreadable-cell", message, hint=hint)
        return texts.replace_strict(
            list(values),
            pl.Series(list(values.values()), dtype=dtype),
            default=None,
            return_dtype=dtype,
        )

    def years(self, name: str) -> pl.Series:
        """`opened`, `closed` or `year` (Int32); null where the cell is empty."""
        column = self.names.get(name)
        if column is None:
            return pl.Series([None], dtype=pl.Int32).new_from_index(0, self.raw.height)
        texts = self.raw[f"c{column}"]
        values = {text: read_year(text) for text in texts.drop_nulls().unique()}
        wrong = [text for text, value in values.items() if value is None]
        message = _("“{name}”: the cell is not a year").format(name=name)
        self._report(column, texts.is_in(wrong), "bad-year", message)
        return texts.replace_strict(
            list(values), list(values.values()), default=None, return_dtype=pl.Int32
        )

    def _report(
        self,
        column: int,
        where: pl.Series,
        code: str,
        message: str,
        *,
        hint: str = "",
        warning: bool = False,
    ) -> None:
        rows = self.raw.filter(where.fill_null(False)).select("row", f"c{column}")
        severity: Severity = "warning" if warning else "error"
        for row, text in rows.iter_rows():
            problem = Problem(code, message, self.table.position(row, column), hint, severity)
            self.problems.append(refuse_formula(self.table, row, column, text) or problem)


def _read_declared(declared: RegisterColumn, text: str) -> bool | float | str | None:
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
        return _("expected one of: {options}").format(
            options=", ".join(title or option for option, title in declared.options.items())
        )
    return _("expected a number such as 12,5")
