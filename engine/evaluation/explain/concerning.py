"""Which problems of the catalogue and the data concern one number, and which are of other numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

import polars as pl

from engine.catalogue.model import Catalogue, Indicator, Input
from engine.data.facts import FactTable
from engine.data.model import Data
from engine.data.origins import list_filled_cells, list_workbooks
from engine.evaluation.explain.proof import Proof, ProofStep
from engine.evaluation.plan.scopes import inputs_of
from engine.problems import Position, Problem
from engine.workbooks.addresses import read_address


def part_problems(
    catalogue: Catalogue, data: Data, proof: Proof, problems: Iterable[Problem]
) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
    """The problems that concern what a number depends on, and all others.

    A cell concerns it where it is of its inputs, places and years; a row or a heading where the table
    holds such cells; a failed check where the number's row carries it; a part of the catalogue where
    the number depends on it. What cannot be placed concerns every number.
    """
    problems = tuple(problems)
    files = {
        place.file
        for problem in problems
        if problem.position is not None
        for place in (problem.position, *problem.places)
    }
    inputs = _ProofInputs(catalogue, data, proof, files)
    kept: list[Problem] = []
    others: list[Problem] = []
    for problem in problems:
        (kept if inputs.concerns(problem) else others).append(problem)
    return tuple(kept), tuple(others)


class _ProofInputs:
    """What one number depends on: its inputs, its checks, the cells and the files they stand in.

    Of cells those of `files` alone: of a country there are many, and few files have problems.
    """

    def __init__(
        self, catalogue: Catalogue, data: Data, proof: Proof, files: AbstractSet[str]
    ) -> None:
        self.catalogue, self.data = catalogue, data
        name = str(proof.definition["id"])
        row = catalogue.indicators.get(name)
        trees = [formula.tree for _year, formula in row.formulas] if row is not None else []
        self.inputs = inputs_of(catalogue, *trees) | ({name} & catalogue.inputs.keys())
        self.names = {name, *self.inputs, *(step.indicator for step in _list_steps(proof.step))}
        self.checks = {str(check) for check in proof.row["checks"] or ()}
        workbooks = [frozenset(list_workbooks(fact)) for fact in data.sources]
        self.workbooks = frozenset().union(*workbooks)
        self.cells = {_place(cell) for cell in self._list_cells(proof, workbooks, files)}
        self.files = {cell[:2] for cell in self.cells}

    def concerns(self, problem: Problem) -> bool:
        """Whether the problem concerns the number."""
        if problem.code.startswith("check:"):
            return problem.code.removeprefix("check:") in self.checks
        kinds = {check.partition(":")[0] for check in self.checks}
        if problem.position is None or problem.code in kinds:
            return True
        places = (problem.position, *problem.places)
        if any(_place(place) in self.cells for place in places):
            return True
        declared = self._find_declared(problem.position)
        if declared is not None:
            return declared in self.names or problem.about in self.names
        if problem.count > len(places):  # not all of its cells are named
            return any(_place(place)[:2] in self.files for place in places)
        return any(self._may_hide(place) for place in places)

    def _may_hide(self, place: Position) -> bool:
        """Whether a place that is no cell of the number may be why one of its cells is not known."""
        tables = [fact for fact in self.data.sources if _is_in(place, fact)]
        if not tables:
            return place.file not in self.workbooks or (
                not place.cell and place.file in {file for file, _sheet in self.files}
            )
        if _place(place)[:2] not in self.files:
            return False
        line, column = _read_place(place)
        known = {name for fact in self.data.sources for name in fact.inputs}
        for fact in tables:
            cells = {fact.value} if fact.long else set(fact.inputs.values())
            if column is None or column - 1 not in cells:
                return line != fact.table.head or not self.inputs <= known
        return False

    def _list_cells(
        self, proof: Proof, workbooks: Iterable[AbstractSet[str]], files: AbstractSet[str]
    ) -> Iterator[Position]:
        """The filled cells in `files` of all its inputs, in its years, at its places and above them.

        `workbooks`: of each table of facts the collected workbooks that it names.
        """
        steps = list(_list_steps(proof.step))
        years = sorted({step.year for step in steps})
        places = sorted({place for step in steps for place in _list_places(step)})
        lowest = self.catalogue.levels[0]
        is_whole = not any(_is_cut(step) for step in steps)
        for fact, collected in zip(self.data.sources, workbooks, strict=True):
            where = pl.col("year").is_in(years)
            if fact.table.position().file not in files:
                if files.isdisjoint(collected):
                    continue
                where &= pl.col("own:file").is_in(files)
            if fact.level == lowest and is_whole:
                where &= pl.col("place").is_in(places)
            for name in sorted(fact.inputs.keys() & self.inputs):
                for origin in list_filled_cells(fact, name, where):
                    yield origin.position

    def _find_declared(self, place: Position) -> str | None:
        """What the catalogue declares at a place: the last thing above it; None outside of its files."""
        things: list[Input | Indicator] = [
            *self.catalogue.inputs.values(),
            *self.catalogue.indicators.values(),
        ]
        above = [
            (each.position.line, each.id)
            for each in things
            if each.position is not None
            and each.position.file == place.file
            and each.position.line <= place.line
        ]
        return max(above)[1] if above else None


def _list_steps(step: ProofStep) -> Iterator[ProofStep]:
    yield step
    for inner in step.steps:
        yield from _list_steps(inner)


def _list_places(step: ProofStep) -> Iterator[str]:
    yield step.place
    yield from (place.place for place in step.places)
    for term in step.terms:
        if term.schools is not None:
            yield from (school.place for school in term.schools.schools)


def _is_cut(step: ProofStep) -> bool:
    """Whether it lists not all of its schools, or only by a function over places above them."""
    return bool(step.more_places) or any(
        term.schools is not None
        and (term.schools.more_schools or term.schools.level != step.places_level)
        for term in step.terms
    )


def _place(position: Position) -> tuple[str, str, str, int, int]:
    return (position.file, position.sheet, position.cell, position.line, position.column)


def _is_in(place: Position, fact: FactTable) -> bool:
    own = fact.table.position()
    return (place.file, place.sheet) == (own.file, own.sheet)


def _read_place(place: Position) -> tuple[int, int | None]:
    """Row and column (from 1); a whole row has no column."""
    if place.line or not place.cell:
        return place.line, place.column or None
    cell = read_address(place.cell)
    return (cell[0] + 1, cell[1] + 1) if cell else (int(place.cell), None)
