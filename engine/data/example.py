"""The example of a catalogue as data: the same cells, the same reading."""

from __future__ import annotations

from collections.abc import Iterable

from engine.catalogue.model import SCENARIOS, Catalogue, Example
from engine.data.intake import TableList, places_of_constants, prepare_data
from engine.data.model import Data
from engine.data.tables import RawTable, build_table
from engine.problems import Position, Problem, sort_problems

_NOTHING = frozenset({"null", "~"})  # how YAML writes an empty cell


def data_from_example(catalogue: Catalogue, example: Example) -> tuple[Data, tuple[Problem, ...]]:
    """The data of an example.

    Its register names only what differs: every school it mentions (or whatever reports at the
    lowest level; where none is mentioned, there is one) is open, lies in the one place of each
    level, and says yes to every declared yes/no. Of a forecast example the last year is the
    forecast, the years before it are facts.
    """
    facts = [_facts_of_schools(catalogue, example), *_facts_from_above(catalogue, example)]
    tables = TableList(
        tuple(table for table in facts if table), register=_register(catalogue, example)
    )
    data, problems = prepare_data(catalogue, tables)
    # An example need not say what it does not use.
    return data, sort_problems(
        problem for problem in problems if problem.code != "empty-register-cell"
    )


def _table(
    example: Example, header: Iterable[str], rows: Iterable[Iterable[str]]
) -> RawTable | None:
    written = [list(header), *(["" if cell in _NOTHING else cell for cell in row] for row in rows)]
    origin = example.position or Position("")
    table, _problems = build_table(enumerate(written, 1), file=origin.file, origin=origin)
    return table


def _facts_of_schools(catalogue: Catalogue, example: Example) -> RawTable | None:
    inputs = list(
        dict.fromkeys(
            name
            for schools in example.years.values()
            for cells in schools.values()
            for name in cells
        )
    )
    last = _last_year(catalogue, example)
    rows = [
        [
            school,
            str(year),
            example.scenario if year == last else SCENARIOS[0],
            *(cells.get(name, "") for name in inputs),
        ]
        for year, schools in example.years.items()
        for school, cells in schools.items()
    ]
    return _table(example, [catalogue.levels[0], "year", "scenario", *inputs], rows)


def _facts_from_above(catalogue: Catalogue, example: Example) -> list[RawTable | None]:
    year = str(_last_year(catalogue, example))
    tables = []
    for level, places in example.given.items():
        rows = [
            [place or _place_of(catalogue, level), year, name, cell]
            for place, cells in places.items()
            for name, cell in cells.items()
        ]
        tables.append(_table(example, [level, "year", "input", "value"], rows))
    return tables


def _register(catalogue: Catalogue, example: Example) -> RawTable | None:
    school = catalogue.levels[0]
    schools = dict.fromkeys(
        [
            *(school for schools in example.years.values() for school in schools),
            *example.register,
        ]
    ) or (_place_of(catalogue, school),)
    named = {name for cells in example.register.values() for name in cells}
    levels = [level for level in catalogue.places[1:] if level in named]
    defaults = {level: _place_of(catalogue, level) for level in levels}
    defaults |= {
        column.id: "yes" if column.type == "yes_no" else ""
        for column in catalogue.register.values()
    }
    defaults |= {name: "" for name in sorted(named) if name not in defaults}
    rows = [
        [
            school,
            *(example.register.get(school, {}).get(name, text) for name, text in defaults.items()),
        ]
        for school in schools
    ]
    return _table(example, [school, *defaults], rows)


def _place_of(catalogue: Catalogue, level: str) -> str:
    """The place of a level that an example need not name."""
    if level == "municipality":
        return catalogue.id
    named = places_of_constants(catalogue, level)
    return named.pop() if len(named) == 1 else level


def _last_year(catalogue: Catalogue, example: Example) -> int:
    return max(example.years) if example.years else max(catalogue.years, default=0)
