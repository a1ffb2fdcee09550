"""Catalogues side by side: what each has under the same concept, and whether that is the same thing.

A concept is comparable where all that have it measure it in one unit up to its scale, over years of
one kind, by one formula once inputs are replaced by their concepts. Everything else is a difference
with its words, and then no value is set against another.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal

from engine.catalogue.lookups import scaled_by, short_of, show_where, show_words
from engine.catalogue.model import (
    Amount,
    Band,
    Catalogue,
    Constant,
    Indicator,
    Input,
    Option,
    PartSum,
)
from engine.catalogue.scale_words import describe_answers, describe_scale, describe_table
from engine.data.model import Data
from engine.evaluation.asking import Asking
from engine.evaluation.evaluate import compute_results
from engine.evaluation.explain.places import find_formula
from engine.evaluation.input_rows import all_rows
from engine.evaluation.json_rows import list_objects
from engine.language.functions import FUNCTIONS, SetCall, read_set_call
from engine.language.grammar import (
    Formula,
    ScoreCall,
    dotted_name,
    make_score,
    parse_formula,
    read_score,
)
from engine.level_words import word_of_level
from engine.problems import Position
from engine.translation import chosen_language
from engine.translation import gettext as _
from engine.typography import quote
from engine.units import (
    PERCENT,
    PERCENTAGE_POINT,
    Unit,
    format_quantity,
    parse_unit,
    same_dimensions,
    unit_label,
)

Aspect = Literal[
    "unit", "period", "schools", "numerator", "denominator", "formula", "kind", "terms"
]
_Value = float | bool | str | list[str] | None
_FACT = "fact"
_COLUMNS = ("value", "unit", "reason", "place_title", "class_title")


@dataclass(frozen=True, slots=True)
class ComparedPlace:
    """A column: a place of the highest level of a catalogue, in the order in which they were named."""

    catalogue: Catalogue
    level: str
    place: str
    title: str


@dataclass(frozen=True, slots=True)
class ComparedValue:
    """What a place has under a concept: as printed, in the unit and with the decimals of its row."""

    row: Indicator
    value: _Value
    unit: Unit | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class ConceptDifference:
    """What is not the same: `words` say for each column what it has there, empty where it has none."""

    aspect: Aspect
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConceptRow:
    """One concept. `values` and `changes` are by column.

    `comparable` is None where fewer than two columns have it. Only of what is comparable there are
    `changes`: printed minus what is printed of the first column, in its unit; and `order`: numbers
    of columns, the best first, where every catalogue allows a ranking.
    """

    concept: str
    title: str
    values: tuple[ComparedValue | None, ...]
    comparable: bool | None
    differences: tuple[ConceptDifference, ...] = ()
    changes: tuple[float | None, ...] = ()
    change_unit: Unit | None = None
    order: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Concepts of several catalogues in one year; `ranked`: all of them allow a ranking."""

    year: int
    places: tuple[ComparedPlace, ...]
    rows: tuple[ConceptRow, ...]
    ranked: bool


def compare_concepts(sides: Sequence[tuple[Catalogue, Data]], year: int) -> Comparison:
    """Set catalogues beside each other by concept, in the order given."""
    columns = [
        column for catalogue, data in sides for column in _list_columns(catalogue, data, year)
    ]
    ranked = all(
        catalogue.publication is not None and catalogue.publication.ranking == "allowed"
        for catalogue, _data in sides
    )
    concepts = dict.fromkeys(concept for column in columns for concept in column.rows)
    return Comparison(
        year=year,
        places=_tell_apart([column.place for column in columns]),
        rows=tuple(_compare(concept, columns, year, ranked=ranked) for concept in concepts),
        ranked=ranked,
    )


def _tell_apart(places: Sequence[ComparedPlace]) -> tuple[ComparedPlace, ...]:
    """The places, those of one title with that of their catalogue."""
    titles = Counter(place.title for place in places)
    return tuple(
        replace(place, title=f"{place.title} ({place.catalogue.title})")
        if titles[place.title] > 1
        else place
        for place in places
    )


def rows_by_concept(catalogue: Catalogue) -> dict[str, Indicator]:
    """Concept → the row that has it; an indicator wins over an input, and of two the first."""
    rows: dict[str, Indicator] = {}
    for row in catalogue.indicators.values():
        if row.concept:
            rows.setdefault(row.concept, row)
    every = all_rows(catalogue)
    for each in catalogue.inputs.values():
        # What a level above gives under the same name is of the same row.
        if each.concept and each.lower is None:
            rows.setdefault(each.concept, every[each.id])
    return rows


# --- columns --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Column:
    """A place with its rows by concept and the objects of the results by row."""

    place: ComparedPlace
    rows: Mapping[str, Indicator]
    results: Mapping[str, Mapping[str, Any]]

    def value(self, concept: str) -> ComparedValue | None:
        """What the place has under a concept."""
        row = self.rows.get(concept)
        if row is None:
            return None
        result = self.results.get(row.id, {})
        unit = parse_unit(result.get("unit") or "", self.place.catalogue.units)
        reason = result.get("reason") if result else "no_such_level"
        value = result.get("class_title" if row.type == "class" else "value")
        return ComparedValue(row, value, unit, reason)


def _list_columns(catalogue: Catalogue, data: Data, year: int) -> list[_Column]:
    """A column for each place of the highest level, with what it has in the year."""
    rows = rows_by_concept(catalogue)
    level = catalogue.levels[-1]
    ids = tuple(row.id for row in rows.values())
    asking = Asking((year,), (level,), (), ids, _FACT, columns=_COLUMNS)
    results = compute_results(catalogue, data, asking)
    objects: dict[str, dict[str, dict[str, Any]]] = {}
    titles: dict[str, str] = {}
    for found in list_objects(catalogue, results, results.frame) if ids else ():
        objects.setdefault(found["place"], {})[found["indicator"]] = found
        titles.setdefault(found["place"], found["place_title"])
    if not objects:
        objects, titles = {catalogue.id: {}}, {catalogue.id: catalogue.municipality}
    return [
        _Column(
            ComparedPlace(catalogue, level, place, titles[place] or catalogue.title), rows, found
        )
        for place, found in objects.items()
    ]


# --- one concept ----------------------------------------------------------------------------------


def _compare(concept: str, columns: Sequence[_Column], year: int, *, ranked: bool) -> ConceptRow:
    values = tuple(column.value(concept) for column in columns)
    having = [number for number, value in enumerate(values) if value is not None]
    title = next(value.row.short_title for value in values if value is not None)
    if len(having) < 2:  # noqa: PLR2004 - one has nothing beside it
        return ConceptRow(concept, title, values, None)
    readers = [
        None if value is None else _Definition(column.place.catalogue, value.row, year, number)
        for number, (column, value) in enumerate(zip(columns, values, strict=True))
    ]
    differences = tuple(_find_differences(readers))
    if differences:
        return ConceptRow(concept, title, values, comparable=False, differences=differences)
    first = values[having[0]]
    unit = first.unit if first else None
    return ConceptRow(
        concept,
        title,
        values,
        comparable=True,
        changes=_subtract(values, having[0]),
        change_unit=PERCENTAGE_POINT if unit == PERCENT else unit,
        order=_order(values, having) if ranked else (),
    )


def _subtract(values: Sequence[ComparedValue | None], first: int) -> tuple[float | None, ...]:
    """What is printed of each minus what is printed of the first, in the unit of the first."""
    base = values[first]
    return tuple(
        None if number == first or base is None else _difference(base, value)
        for number, value in enumerate(values)
    )


def _difference(base: ComparedValue, value: ComparedValue | None) -> float | None:
    ends = (_in_base_units(base), _in_base_units(value))
    if ends[0] is None or ends[1] is None:
        return None
    scale = base.unit.scale if base.unit else Fraction(1)
    return float((ends[1] - ends[0]) / scale)


def _in_base_units(value: ComparedValue | None) -> Fraction | None:
    """What is printed, in base units: exactly."""
    if value is None or isinstance(value.value, bool) or not isinstance(value.value, int | float):
        return None
    return Fraction(str(value.value)) * (value.unit.scale if value.unit else 1)


def _order(values: Sequence[ComparedValue | None], having: Sequence[int]) -> tuple[int, ...]:
    """Columns with a value, the best first; none where it is not said what is better."""
    better = {value.row.better for value in values if value is not None}
    numbers = {number: _in_base_units(values[number]) for number in having}
    if len(better) != 1 or better == {"neither"}:
        return ()
    sign = -1 if better == {"more"} else 1
    known = {number: end for number, end in numbers.items() if end is not None}
    return tuple(sorted(known, key=lambda number: sign * known[number]))


# --- what differs ---------------------------------------------------------------------------------


def _find_differences(definitions: Sequence[_Definition | None]) -> Iterator[ConceptDifference]:
    """All that makes the definitions of one concept different things."""
    known = [definition for definition in definitions if definition is not None]

    def differ(same: Callable[[_Definition, _Definition], bool]) -> bool:
        return not all(same(one, other) for one, other in pairwise(known))

    def tell(aspect: Aspect, words: Callable[[_Definition], str]) -> ConceptDifference:
        texts = (words(each) if each is not None else "" for each in definitions)
        return ConceptDifference(aspect, tuple(texts))

    if differ(lambda one, other: one.row.type == other.row.type):
        yield tell("kind", _Definition.say_kind)
    elif differ(_Definition.same_unit):
        yield tell("unit", _Definition.say_unit)
    if differ(lambda one, other: one.period == other.period):
        yield tell("period", _Definition.say_period)
    schools = differ(lambda one, other: one.schools == other.schools)
    formulas = differ(lambda one, other: one.key == other.key)
    other_schools = differ(lambda one, other: one.plain.schools == other.plain.schools)
    other_formulas = differ(lambda one, other: one.plain.key == other.plain.key)
    if other_schools:
        yield tell("schools", _Definition.say_schools)
    if schools > other_schools or formulas > other_formulas:
        common = set[str].intersection(*({*each.terms} for each in known))
        yield tell("terms", lambda each: each.say_terms(common))
    if not other_formulas:
        return
    if differ(lambda one, other: one.shape == other.shape) or not known[0].shape:
        yield tell("formula", _Definition.say_formula)
        return
    if differ(lambda one, other: one.part_key(0) == other.part_key(0)):
        yield tell("numerator", lambda each: each.say_part(0))
    if differ(lambda one, other: one.part_key(1) == other.part_key(1)):
        yield tell("denominator", lambda each: each.say_part(1))


class _Definition:
    """The definition of a row in a year, with the names of inputs replaced by their concepts.

    `number` is that of its column: what has no concept is like nothing in another column. `terms` are the
    scales, tables and constants that its keys were read with, each by its key in words. `is_plain`: keys
    leave out what these say.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        row: Indicator,
        year: int,
        number: int,
        *,
        is_plain: bool = False,
    ) -> None:
        self.catalogue = catalogue
        self.row = row
        self.year = year
        self.number = number
        self.is_plain = is_plain
        self.terms: dict[str, str] = {}

    # --- keys ----------------------------------------------------------------------------------

    @cached_property
    def tree(self) -> ast.expr | None:
        """The formula as written: without conversions of scaled units."""
        return self._find_tree(self.row)

    @cached_property
    def key(self) -> str:
        """The same text for the same formula."""
        if self.row.input is not None and self.row.concept:
            return f"concept:{self.row.concept}"
        return self._read_row(self.row, self.tree) or f"?{self.number}"

    @cached_property
    def plain(self) -> _Definition:
        """The same without what its scales, tables and constants say."""
        return _Definition(self.catalogue, self.row, self.year, self.number, is_plain=True)

    @cached_property
    def _fraction(self) -> tuple[str, tuple[ast.expr, ast.expr]] | None:
        return None if self.tree is None else _split(self.tree)

    @property
    def period(self) -> str:
        """Which kind of year its years are: of an input, that of the catalogue."""
        is_input = self.row.id not in self.catalogue.indicators
        return self.catalogue.period if is_input else self.row.period

    @property
    def shape(self) -> str:
        """How a numerator and a denominator make the formula; empty where it has none."""
        return self._fraction[0] if self._fraction else ""

    def part_key(self, part: int) -> str:
        """The key of the numerator (0) or the denominator (1)."""
        return self.read(self._fraction[1][part]) if self._fraction else ""

    def same_unit(self, other: _Definition) -> bool:
        """Whether both measure in one unit up to its scale."""
        one, two = self.row.unit, other.row.unit
        return one is two or (one is not None and two is not None and same_dimensions(one, two))

    def read(self, tree: ast.AST) -> str:
        """A key of a part of a formula; `+`, `*`, `and`, `or` in any order give the same."""
        if isinstance(tree, ast.Name | ast.Attribute):
            return self._mean(dotted_name(tree))
        if isinstance(tree, ast.Constant):
            return str(Fraction(str(tree.value)))
        chain = _flatten(tree)
        if chain is not None:
            sign, members = chain
            return f"({sign} {' '.join(sorted(map(self.read, members)))})"
        if isinstance(tree, ast.Call):
            return self._read_call(tree)
        parts = " ".join(map(self.read, ast.iter_child_nodes(tree)))
        return f"({type(tree).__name__} {parts})"

    def _read_call(self, call: ast.Call) -> str:
        score = read_score(call)
        if score is not None:
            return self._read_score(score)
        over = read_set_call(call, self.catalogue.levels[0])
        if over is not None:
            inner = ", ".join(map(self.read, over.trees))
            return f"{over.how} {over.percent} of {self._read_members(over)}({inner})"
        name = dotted_name(call.func)
        if name == "lookup":
            return self._read_lookup(*map(dotted_name, call.args))
        function = FUNCTIONS[name]
        arguments = (
            self._read_literal(argument)
            if function.reads(index) == "literal"
            else self.read(argument)
            for index, argument in enumerate(call.args)
        )
        scale = self._read_scale(dotted_name(call.args[0])) if name == "points" else ""
        return f"{name}({', '.join(arguments)}{scale})"

    def _read_lookup(self, name: str, down: str, across: str) -> str:
        """A key of a cell of a table: its sides with their classes, and the titles in its cells."""
        sides = [f"{self._mean(side)}{self._read_scale(side)}" for side in (down, across)]
        table = self.catalogue.tables[name]
        held = [each for each in table.versions if (each.since or self.year) <= self.year]
        titles = (
            {each.id: each.title for each in table.cells.classes.values()} if table.cells else {}
        )
        rows, columns = self._name_classes(down), self._name_classes(across)
        cells = sorted(
            f"{rows.get(row, row)} {columns.get(column, column)}: {titles[cell]}"
            for row, written in (held[-1].cells.items() if held else ())
            for column, cell in written.items()
            if cell
        )
        last = tuple(replace(each, since=None) for each in held[-1:])
        lines = describe_table(self.catalogue, replace(table, versions=last))
        key = self._keep_term("; ".join(cells), f"{quote(table.short_title)}: {'; '.join(lines)}")
        return f"lookup({', '.join(sides)}, {key})"

    def _name_classes(self, name: str) -> Mapping[str, str]:
        """The classes by their names in keys: their place, or their title where they have no ends."""
        scaled = scaled_by(self.catalogue, name)
        version = scaled.scale.version(self.year) if scaled else None
        return {
            each.id: str(place) if each.ends or each.otherwise else each.title
            for place, each in enumerate(version.classes.values() if version else ())
        }

    def _keep_term(self, key: str, words: str) -> str:
        """The key of what a scale, a table or a constant says; empty in plain keys."""
        self.terms[key] = words
        return "" if self.is_plain else key

    def _read_row(self, row: Indicator, tree: ast.expr | None) -> str:
        """A key of what a row computes; empty where it computes nothing."""
        if tree is None:
            return ""
        return f"same schools: {self.read(tree)}" if row.same_schools else self.read(tree)

    def _read_members(self, over: SetCall) -> str:
        """The level of a set, or what the name of a table stands for."""
        return over.members if over.members in self.catalogue.places else self._mean(over.members)

    def _read_score(self, score: ScoreCall) -> str:
        """A key of a score: its members in any order, each with its weight and where that may go."""
        weighing = score.weighing
        members = [self.read(member) for member in score.members]
        goals = {start: members[goal] for start, goal in weighing.moves}
        parts = sorted(
            f"{self.read(weight)} of {member} to {goals.get(number)}"
            for number, (member, weight) in enumerate(zip(members, score.weights, strict=True))
        )
        ends = f"{weighing.members} {weighing.floor} {weighing.cap}"
        return f"{weighing.how} {weighing.absent} {ends}: {'; '.join(parts)}"

    @property
    def schools(self) -> tuple[str, ...]:
        """The keys of the conditions that its schools meet."""
        return self._list_conditions(self.row)

    def _list_conditions(self, row: Indicator) -> tuple[str, ...]:
        return tuple(sorted(self.read(condition.tree) for condition in row.where))

    def _read_literal(self, tree: ast.expr) -> str:
        name = dotted_name(tree)
        return self._mean(name) if name in self.catalogue.symbols else ast.unparse(tree)

    def _mean(self, name: str) -> str:
        """What a name stands for: the same text in two catalogues where they mean the same."""
        whole, _dot, last = name.rpartition(".")
        match self.catalogue.symbols.get(name):
            case Input() as each:
                meaning = self._mean_input(each)
            case PartSum():
                meaning = f"{self._mean(whole)}.{last}"
            case Option(owner=owner, option=option):
                meaning = f"{self._mean(owner)}.{option}"
            case Band(owner=owner, class_id=band):
                classes = self._name_classes(owner)
                meaning = f"{self._mean(owner)}.{classes.get(band, band)}{self._read_scale(owner)}"
            case Constant() as constant:
                meaning = self._mean_constant(constant)
            case Indicator() as indicator:
                key = self._read_row(indicator, self._find_tree(indicator))
                meaning = f"[{key}]" if key else f"?{self.number}:{name}"
                meaning += " ".join(self._list_conditions(indicator))
            case _:  # a column of the register, a level, a word
                meaning = name
        return meaning

    def _read_scale(self, name: str) -> str:
        """How what a name stands for gets its class and points in the year."""
        symbol = self.catalogue.symbols.get(name)
        if isinstance(symbol, Input) and symbol.points:
            words = "; ".join(describe_answers(self.catalogue, symbol))
            key = str(sorted(symbol.points.items()))
            return self._keep_term(key, f"{quote(symbol.short_title)}: {words}")
        scaled = scaled_by(self.catalogue, name)
        version = scaled.scale.version(self.year) if scaled else None
        if scaled is None or version is None:
            return ""
        names = self._name_classes(name)
        classes = (
            f"{names[each.id]} {each.otherwise} {each.points} "
            + " ".join(f"{end.word} {self._read_amount(end.amount)}" for end in each.ends)
            for each in version.classes.values()
        )
        line = (
            f"{self._read_amount(knot.value)}: {self._read_amount(knot.points)}"
            for knot in version.line
        )
        key = f" by [{scaled.decimals if version.classes else ''}; {'; '.join((*classes, *line))}]"
        held = replace(scaled.scale, versions=(replace(version, since=None),))
        words = "; ".join(describe_scale(self.catalogue, held))
        title = short_of(self.catalogue, name) if held.owner else held.short_title
        return self._keep_term(key, f"{quote(title)}: {words}")

    def _read_amount(self, amount: Amount) -> str:
        return self.read(amount.tree) if isinstance(amount, Formula) else str(amount)

    def _mean_constant(self, constant: Constant) -> str:
        """Its value in the year, in base units: by whatever name, a number is a number."""
        value, unit = constant.values.get(self.year), constant.unit
        if value is None:
            return f"?{self.number}:{constant.id}"
        number = value * (unit.scale if unit else 1)
        shown = format_quantity(value, unit, None, chosen_language())
        key = f"{number} {unit.dimensions if unit else ''}"
        return self._keep_term(key, f"{quote(short_of(self.catalogue, constant.id))} = {shown}")

    def _mean_input(self, each: Input) -> str:
        shown = self.catalogue.indicators.get(each.id)
        concept = each.concept or (shown.concept if shown and shown.input == each.id else "")
        if concept:
            return f"concept:{concept}"
        if each.whole:
            return f"{self._mean(each.whole)}.{each.id.rpartition('.')[2]}"
        origin = self.catalogue.origins.get(("inputs", each.id))
        if origin is not None:
            return f"library:{origin.library.id}.{origin.name}"
        return f"?{self.number}:{each.id}"

    def _find_tree(self, row: Indicator) -> ast.expr | None:
        if row.score is not None:
            members, weights = (
                [parse_formula(each.text, Position(""))[0] for each in formulas]
                for formulas in (row.score.members, row.score.weights)
            )
            trees = [
                [each.tree for each in side if each is not None] for side in (members, weights)
            ]
            return make_score(row.score.weighing, *trees)
        formula = find_formula(row, self.year)
        written = parse_formula(formula.text, Position(""))[0] if formula else None
        return written.tree if written else None

    # --- words ---------------------------------------------------------------------------------

    def say_schools(self) -> str:
        """All schools, or those that meet its conditions."""
        everybody = _("all {places}").format(places=word_of_level(self.catalogue.levels[0], "many"))
        return show_where(self.catalogue, self.row.where) or everybody

    def say_kind(self) -> str:
        """A number, a yes or a no, a text."""
        words = {
            "number": _("a numeric value"),
            "yes_no": _("an answer yes or no"),
            "text": _("a value in words"),
            "class": _("a class"),
        }
        return words[self.row.type]

    def say_unit(self) -> str:
        """The unit, as it stands in a column of units."""
        return unit_label(self.row.unit, self.catalogue.language) or _("no unit")

    def say_period(self) -> str:
        """Which kind of year it is."""
        calendar = self.period == "calendar_year"
        return _("calendar year") if calendar else _("academic year")

    def say_formula(self) -> str:
        """The whole formula in words."""
        return self._say(self.tree) if self.tree is not None else _("the formula is not written")

    def say_part(self, part: int) -> str:
        """The numerator (0) or the denominator (1) in words."""
        return self._say(self._fraction[1][part]) if self._fraction else ""

    def say_terms(self, common: Collection[str]) -> str:
        """The scales, tables and constants that others do not have; where all have them, all."""
        own = [words for key, words in self.terms.items() if key not in common]
        return "; ".join(own or self.terms.values())

    def _say(self, tree: ast.expr) -> str:
        return show_words(self.catalogue, tree)


def _flatten(tree: ast.AST) -> tuple[str, list[ast.expr]] | None:
    """The members of a chain of one sign whose order does not matter."""
    if isinstance(tree, ast.BoolOp):
        sign: type[ast.AST] = type(tree.op)
        members: Iterable[ast.expr] = tree.values
    elif isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Add | ast.Mult):
        sign, members = type(tree.op), (tree.left, tree.right)
    else:
        return None
    flat: list[ast.expr] = []
    for member in members:
        inner = _flatten(member)
        flat += inner[1] if inner is not None and inner[0] == sign.__name__ else [member]
    return sign.__name__, flat


def _split(tree: ast.expr) -> tuple[str, tuple[ast.expr, ast.expr]] | None:
    """How a formula is a fraction, its numerator and its denominator; None where it is none."""
    match tree:
        case ast.Call(func=ast.Name(id="share"), args=[part, whole]):
            return "share", (part, whole)
        case ast.BinOp(left=above, op=ast.Div(), right=below):
            return "quotient", (above, below)
    return None
