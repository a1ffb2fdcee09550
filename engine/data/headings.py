"""What the heading of a column means: an id, a title, the number of a form's row, or a usual word.

An id wins. Of the rest a heading is taken where it is the same name (`engine.same_names`) as one
thing's; a name of two things is a problem that names both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from engine.catalogue.lookups import inputs_by_row, short_of, title_of
from engine.catalogue.model import Catalogue, Form
from engine.data.tables import RawTable, shorten
from engine.problems import Problem, describe_difference, offer_name, suggest_name
from engine.same_names import fold_name
from engine.translation import gettext as _
from engine.units import Unit, read_measure

_Meaning = TypeVar("_Meaning")

WORDS: Mapping[str, str] = {
    "school": r"(?:(?:полное |краткое |сокращенное )?(?:наименование|название) )?"
    r"(?:(?:обще)?образовательн\w+ )?(?:школ[аы]?|организаци[яи]|учреждени[ея]|оо|оу|сош)"
    r"(?: ?\(?(?:школы|организации)\)?)?|school|organi[sz]ation",
    "municipality": r"(?:(?:наименование|название) )?"
    r"(?:муниципалитет\w*|муниципальн\w+ (?:образовани\w+|округ\w*))|municipality",
    "year": r"(?:учебный |отчетный )?(?:год|период)|(?:school )?year|period",
    "scenario": r"сценарий|scenario|факт(?:/|,| или )прогноз",
    "input": r"(?:(?:наименование|название) )?(?:показател(?:ь|и|я|ей)|вход[аы]?)|indicator|input",
    "value": r"значени[ея]|value",
}
"""The usual words of headings, as patterns of folded names."""
UNIT_HEADING = r"(?:единиц[аы]|ед\.?) ?(?:измерени[яй]|изм\.?)?|unit"
"""What heads a column of units, as a pattern of folded names."""
_REGISTER_WORDS: Mapping[str, str] = {
    "title": r"(?:полное |краткое |сокращенное )?(?:наименование|название)(?: (?:школы|оо|организации))?",
    "opened": r"открыта|год открытия",
    "closed": r"закрыта|год закрытия",
    "successor": r"преемник|правопреемник|присоединена к|вошла в",
    "year": r"год|действует с(?: года)?",
}


_UNIT_AT_END = re.compile(
    r"(?P<name>.*[^\s,(])\s*(?:,(?P<unit>[^,()]+)|\((?P<bracketed>[^,()]+)\))\s*", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Headings:
    """The columns of one table. `names`: for each what it means, by id, else as it is written.

    `doubtful`: what a heading may mean, by its column, where that is more than one thing.
    """

    names: tuple[str, ...]
    doubtful: Mapping[int, tuple[str, ...]]

    def columns(self) -> dict[str, int]:
        """Name without its case → the first column that bears it."""
        return {name.casefold(): column for column, name in reversed(list(enumerate(self.names)))}


def find_measured(
    names: Mapping[str, Collection[_Meaning]],
    text: str,
    find_unit: Callable[[_Meaning], Unit | None],
) -> Collection[_Meaning]:
    """What a name means that ends in the unit of what it names: «Обучающиеся, чел.», «Расходы (руб.)».

    `names`: folded name → meanings; a title that has the unit itself may have it after a comma or in
    brackets. Nothing where the unit is not known, or is not that of each meaning, or where the name is
    a number of a row.
    """
    name, written, unit = _split_measure(text)
    if unit is None or not any(map(str.isalpha, name)):
        return ()
    writings = (name, f"{name}, {written}", f"{name} ({written})")
    inputs = next(filter(None, (names.get(fold_name(writing)) for writing in writings)), ())
    return inputs if all(find_unit(input_id) == unit for input_id in inputs) else ()


def _split_measure(text: str) -> tuple[str, str, Unit | None]:
    """The name, and the unit at its end as it is written and as it is understood; None without one."""
    match = _UNIT_AT_END.fullmatch(text) if "," in text or "(" in text else None
    written = (match["unit"] or match["bracketed"]).strip() if match else ""
    unit = read_measure(written) if written else None
    return (match["name"], written, unit) if match and unit is not None else (text, "", None)


def find_other_unit_of(
    catalogue: Catalogue, names: Mapping[str, set[str]], text: str
) -> tuple[str, Unit] | None:
    """The one input that a heading names but for the unit at its end, and that unit."""
    name, _written, unit = _split_measure(text)
    inputs = names.get(fold_name(name), set()) & set(catalogue.inputs)
    return (next(iter(inputs)), unit) if unit is not None and len(inputs) == 1 else None


def find_inputs(catalogue: Catalogue, names: Mapping[str, set[str]], text: str) -> set[str]:
    """The ids that a heading may mean, of `names` (see `name_inputs`), with its unit or without."""
    folded, inputs = fold_name(text), catalogue.inputs
    return (
        names.get(folded)
        or names.get(folded.rstrip("."))
        or {
            *find_measured(
                names, text, lambda input_id: inputs[input_id].unit if input_id in inputs else None
            )
        }
    )


def read_headings(
    table: RawTable,
    ids: Iterable[str],
    names: Mapping[str, set[str]],
    catalogue: Catalogue,
) -> Headings:
    """What the columns of a table mean.

    `ids`: what may stand there as it is; `names`: folded name → ids (see `name_inputs`). A column
    that is headed by an id leaves nothing of that id to the others.
    """
    known = {name.casefold(): name for name in ids}
    own = {known[text.casefold()] for text in table.header if text.casefold() in known}
    meanings: list[str] = []
    doubtful: dict[int, tuple[str, ...]] = {}
    for column, written in enumerate(table.header):
        inputs = find_inputs(catalogue, names, written) - own
        if written.casefold() in known or not inputs:
            meanings.append(known.get(written.casefold(), written))
        elif len(inputs) == 1:
            meanings.append(next(iter(inputs)))
        else:
            meanings.append(written)
            doubtful[column] = tuple(sorted(inputs))
    return Headings(tuple(meanings), doubtful)


def find_word(catalogue: Catalogue, text: str) -> str | None:
    """The key that a usual word of a heading names: a level, `year`, `scenario`, `input`, `value`."""
    folded = fold_name(text)
    key = next((key for key, word in WORDS.items() if re.fullmatch(word, folded)), None)
    if key == "school":
        return catalogue.levels[0]
    return None if key == "municipality" and key not in catalogue.places else key


def find_register_word(text: str) -> str | None:
    """The key that a usual word of a heading names in a register: `title`, `opened`, `closed`, …."""
    folded = fold_name(text)
    return next((key for key, word in _REGISTER_WORDS.items() if re.fullmatch(word, folded)), None)


def offer_heading(catalogue: Catalogue, header: Sequence[str], wanted: str) -> str:
    """The hint for a missing column: a heading that is nearly its name, and what is not the same."""
    names = [wanted]
    names += ["школа", "организация"] if wanted == catalogue.levels[0].casefold() else []
    names += ["год", "период"] if wanted == "year" else []
    alike = (
        offer_name(text, name)
        for text in header
        for name in names
        if text and describe_difference(text, name)
    )
    if hint := next(alike, ""):
        return hint
    near = next((text for text in header if text and suggest_name(text, names)), "")
    hint = _("if it is the column “{written}”, head it “{name}”")
    return hint.format(written=shorten(near), name=wanted) if near else ""


def read_register_headings(catalogue: Catalogue, table: RawTable) -> Headings:
    """What the columns of a register mean; the name of a school beside its id is its title."""
    names: dict[str, set[str]] = {}
    for column in catalogue.register.values():
        names.setdefault(fold_name(column.title), set()).add(column.id)
    for text in filter(None, table.header):
        word = find_word(catalogue, text)
        if word in catalogue.places:
            names.setdefault(fold_name(text), set()).add(word)
    ids = ("title", "opened", "closed", "year", "successor", *catalogue.register, *catalogue.places)
    headings = read_headings(table, ids, names, catalogue)
    # Of two names of a school the first is its id.
    first = headings.columns()
    header = tuple(
        name if first[name.casefold()] == column else table.header[column]
        for column, name in enumerate(headings.names)
    )
    words = {
        fold_name(text): {key}
        for text in filter(None, table.header)
        if (key := find_register_word(text))
    }
    free = {text: keys - set(header) for text, keys in words.items()}
    return replace(
        read_headings(replace(table, header=header), ids, free, catalogue),
        doubtful=headings.doubtful,
    )


def fold_titles(catalogue: Catalogue) -> frozenset[str]:
    """The folded titles of all inputs, full and short ones."""
    titles = (title(catalogue, name) for name in catalogue.inputs for title in (title_of, short_of))
    return frozenset(map(fold_name, titles))


def count_headings(
    catalogue: Catalogue, cells: Sequence[str], titles: Collection[str] = frozenset()
) -> int:
    """How many cells of a row head a column; 0 where none of them says whose the rows are.

    That says the column of a level, or those of `level` and `place`. `titles`: see `fold_titles`.
    """
    ids = {"level", "place", "title", "year", "scenario", "input", "value"}
    ids |= {*catalogue.places, *catalogue.register, *catalogue.inputs}
    known = {name.casefold(): name for name in ids}
    words = [known.get(cell.casefold()) or find_word(catalogue, cell) for cell in cells if cell]
    if not {"level", "place"}.issubset(words) and not set(catalogue.places).intersection(words):
        return 0
    titled = {fold_name(cell) for cell in cells}.intersection(titles)
    return len({word for word in words if word} | titled)


def count_register_headings(catalogue: Catalogue, cells: Sequence[str]) -> int:
    """How many cells of a row head a column of a register; 0 where none of them is of the schools."""
    ids = {"title", "opened", "closed", "year", "successor", *catalogue.register, *catalogue.places}
    known = {fold_name(name) for name in ids}
    known |= {fold_name(column.title) for column in catalogue.register.values()}
    folded = [fold_name(cell) for cell in cells if cell]
    school = catalogue.levels[0]
    if not any(
        text == fold_name(school) or find_word(catalogue, text) == school for text in folded
    ):
        return 0
    words = _REGISTER_WORDS.values()
    return sum(
        text in known
        or find_word(catalogue, text) in catalogue.places
        or any(re.fullmatch(word, text) for word in words)
        for text in folded
    )


def name_words(catalogue: Catalogue, header: Sequence[str]) -> dict[str, set[str]]:
    """Folded heading → the key it names by a usual word."""
    words = {fold_name(text): find_word(catalogue, text) for text in header if text}
    return {text: {key} for text, key in words.items() if key}


def name_inputs(catalogue: Catalogue, level: str) -> dict[str, set[str]]:
    """Folded name → the inputs of a level that it may mean: ids, titles, short ones too, numbers of rows.

    A number counts where one row of a form has it and all forms of the level mean the same by it.
    """
    names: dict[str, set[str]] = {}
    numbers: dict[str, set[str]] = {}
    for name, declared in catalogue.inputs.items():
        if declared.level == level:
            name_below = next(iter(declared.given_at.values()), name)
            for text in (name, name_below, title_of(catalogue, name), short_of(catalogue, name)):
                names.setdefault(fold_name(text), set()).add(name)
    for form in catalogue.forms.values():
        if form.fills == level:
            for number, inputs in _number_rows(catalogue, form):
                numbers.setdefault(number, set()).update(inputs)
    for number, inputs in numbers.items():
        if len(inputs) == 1:
            names.setdefault(number, inputs)
    names.pop("", None)
    return names


def _number_rows(catalogue: Catalogue, form: Form) -> Iterator[tuple[str, set[str]]]:
    """The number of each row, and what it asks: the parts of an input belong to it."""
    for row, asked in zip(form.rows, inputs_by_row(catalogue, form), strict=True):
        inputs = row.cells or tuple(
            name
            for name in asked
            if not {catalogue.inputs[name].whole, catalogue.inputs[name].asked_when} & set(asked)
        )
        if row.number and inputs:
            yield fold_name(row.number.rstrip(".")), set(inputs)


def merge_names(*several: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """All that every name may mean."""
    merged: dict[str, set[str]] = {}
    for names in several:
        for name, ids in names.items():
            merged.setdefault(name, set()).update(ids)
    return merged


def refuse_doubtful(catalogue: Catalogue, table: RawTable, headings: Headings) -> list[Problem]:
    """A problem for each heading that is the name of several things."""
    return [
        Problem(
            "ambiguous-column",
            _("“{name}” is the name of several things, the column is not read: {names}").format(
                name=shorten(table.header[column]),
                names="; ".join(f"{name} — {short_of(catalogue, name)}" for name in ids),
            ),
            table.head_position(column),
            _("head the column with the id of one of them"),
        )
        for column, ids in headings.doubtful.items()
    ]


def find_columns(table: RawTable, words: Mapping[str, str]) -> dict[str, int]:
    """The first column headed by each of some words, as people write them: `words` are patterns by key."""
    columns: dict[str, int] = {}
    for column, name in enumerate(table.header):
        for key, word in words.items():
            if re.fullmatch(word, fold_name(name)):
                columns.setdefault(key, column)
    return columns
