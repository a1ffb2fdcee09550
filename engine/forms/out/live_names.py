"""What a name is in the sheet of a form: the Excel reading's other half.

It does for the one place that fills the form what `engine/evaluation` does for all places at once: which
inputs enter (decided once for a scope), and what is read elsewhere.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from engine.catalogue.lookups import (
    SCALED,
    Scaled,
    find_breaks,
    list_tables,
    list_value_nodes,
    scaled_by,
)
from engine.catalogue.model import (
    Amount,
    Band,
    Catalogue,
    Constant,
    Indicator,
    Input,
    Option,
    ScaleVersion,
    Scenario,
)
from engine.evaluation.plan.entering import is_numeric
from engine.evaluation.plan.same_schools import find_compared
from engine.evaluation.plan.scopes import (
    CellSum,
    RequestedInput,
    Scope,
    find_requested,
    make_scope,
    make_whole_scope,
    narrow_scope,
    read_bare_coalesce,
    round_printed,
    tree_at,
)
from engine.forms.out.checks import Key
from engine.forms.out.live_cells import FormulaPoint, LiveCells, LiveInput
from engine.forms.out.live_scales import LiveCases, follow_line, read_cases
from engine.forms.out.live_scores import LiveMember, weigh_cells
from engine.forms.out.live_tables import look_in_cells, name_cases
from engine.forms.out.live_targets import read_goal_cells, read_target_cell
from engine.forms.out.outside import (
    applies_outside,
    joined_outside,
    open_outside,
)
from engine.forms.out.score_parts import ScorePart, read_part_cell, write_part
from engine.language.functions import read_set_call
from engine.language.grammar import (
    Formula,
    dotted_name,
    literal_number,
    make_call,
    split_score,
    tree_key,
)
from engine.language.readings.excel import (
    NONE,
    Condition,
    Excel,
    ExcelCell,
    ExcelGoal,
    all_of,
    any_of,
    applying,
    chosen,
    first_known,
    has_value,
    is_literal,
    known_cell,
    known_number,
    negated,
    no_value,
    quoted,
)


class LiveSheet:
    """The sheet as `Excel` asks it."""

    def __init__(self, catalogue: Catalogue, cells: LiveCells) -> None:
        self.catalogue, self.cells = catalogue, cells
        self.levels = catalogue.places
        self.level = cells.level
        self.is_school = self.level == self.levels[0]
        self.memory: dict[tuple[str, int, str, str | None], ExcelCell] = {}

    # --- indicators and scopes ----------------------------------------------------------------

    def indicator(
        self,
        indicator: Indicator,
        year: int,
        scenario: Scenario,
        where: tuple[Formula, ...] = (),
    ) -> ExcelCell:
        """The value of an indicator at this place, unrounded: the formula of its year.

        `where`: the conditions of the formula that names it.
        """
        where = (*where, *indicator.where)
        if not (indicator.since or year) <= year <= (indicator.until or year):
            return no_value()
        if indicator.levels and self.level not in indicator.levels:
            return no_value()
        formulas = [formula for first, formula in indicator.formulas if (first or year) <= year]
        if not formulas:
            return no_value()
        tree = tree_at(self.catalogue, formulas[-1].tree, self.level)
        scope = make_whole_scope(self.catalogue, tree, indicator.missing)
        point = FormulaPoint(narrow_scope(scope, where), year, scenario)
        # What is asked of outside the form is the same for every school: read it, whoever counts.
        waits = self.cells.waits
        cell = (
            self._over_same(indicator, point) if indicator.same_schools else self._remember(point)
        )
        if self._counts(point):
            return cell
        self.cells.waits = waits
        return no_value()

    def _over_same(self, indicator: Indicator, point: FormulaPoint) -> ExcelCell:
        """A change over the same schools: known at a school that no other has come to since.

        Elsewhere it takes cells that other places filled: those the department knows. In a forecast
        the year before is a fact, or a forecast where that gives no value.
        """
        if not self.is_school:
            self.cells.waits = True
            return no_value()
        compared = find_compared(self.catalogue.symbols, indicator, point.scope.tree)
        point = replace(
            point, scope=narrow_scope(point.scope, (*point.scope.where, *compared.where))
        )
        scenarios: tuple[Scenario, ...] = ("fact", "forecast")
        values, joined = [], []
        for scenario in scenarios if point.scenario == "forecast" else scenarios[:1]:
            term = joined_outside(self.catalogue, point.year, point.scenario, scenario)
            joined.append(self.cells.look_up(term)[1].value)
            side = replace(point, before=scenario)
            entered_both = all_of(
                self.is_open(point.year - 1),
                self._enters(compared, point),
                self._enters(compared, replace(point, year=point.year - 1, scenario=scenario)),
            )
            values.append(chosen(entered_both, self._remember(side).value))
        self.cells.waits |= any(others is not False for others in joined)
        return known_cell(first_known(values))

    def _enters(self, compared: Indicator, point: FormulaPoint) -> Condition:
        """Whether this school enters what is compared, in one of its two years."""
        year = point.year
        formulas = [formula for first, formula in compared.formulas if (first or year) <= year]
        if not formulas or not (compared.since or year) <= year <= (compared.until or year):
            return False
        scope = make_scope(self.catalogue, formulas[-1].tree, compared.missing)
        point = replace(point, scope=narrow_scope(scope, point.scope.where))
        return self._entered(point) if scope.requested else self._counts(point)

    def _counts(self, point: FormulaPoint) -> bool:
        """Whether this school meets the conditions of the scope; a place above always does."""
        if not self.is_school:
            return True
        answers = [
            self.cells.look_up(applies_outside(self.catalogue, condition.tree, point.year))[1]
            for condition in point.scope.where
        ]
        return all(answer.value is True for answer in answers)

    def read_as_scope(self, tree: ast.expr, point: FormulaPoint) -> ExcelCell:
        """A tree as a scope of its own; its value always applies to the formula around it."""
        scope = make_scope(self.catalogue, tree, point.scope.missing)
        return self._remember(replace(point, scope=narrow_scope(scope, point.scope.where)))

    def _remember(self, point: FormulaPoint) -> ExcelCell:
        key = (point.scope.key, point.year, point.scenario, point.before)
        if key not in self.memory:
            cell = self._read_scope(point)
            self.memory[key] = known_cell(cell.value, exact=cell.exact)
        return self.memory[key]

    def _read_scope(self, point: FormulaPoint) -> ExcelCell:
        scope, year, scenario = point.scope, point.year, point.scenario
        if scope.missing == "block" and scope.requested and scope.base != self.level:
            # Who has reported is known of the whole; parts of it would say less.
            return self._name_class(scope, year, self.cells.part(scope, None, year, scenario))
        cell = Excel(self, point).read(scope.tree)
        if scope.requested and (_fills_gaps(scope) or not frozenset(scope.requested) <= cell.needs):
            cell = replace(cell, value=chosen(self._enough(point), cell.value))
        return cell

    def _name_class(self, scope: Scope, year: int, cell: ExcelCell) -> ExcelCell:
        """What is known outside the form: of a table of two classes the title of the class, not its place."""
        tree = scope.tree
        if not isinstance(tree, ast.Call) or dotted_name(tree.func) != "lookup":
            return cell
        scale = self.catalogue.tables[dotted_name(tree.args[0])].cells
        version = scale.version(year) if scale else None
        if scale is None or version is None or cell.value == NONE:
            return cell
        known = version.classes
        titles = [quoted(known[each].title if each in known else "") for each in scale.class_ids]
        return replace(cell, value=f"CHOOSE({cell.value}+1,{','.join(titles)})")

    # --- who enters ---------------------------------------------------------------------------------

    def _answers(self, point: FormulaPoint) -> list[LiveInput]:
        return [self._answer(point, key) for key in point.scope.requested]

    def _answer(self, point: FormulaPoint, key: str) -> LiveInput:
        return self._read(point, point.scope.requested[key])

    def _read(self, point: FormulaPoint, request: RequestedInput) -> LiveInput:
        """What an input is in the sheet; where this school does not count, it does not apply."""
        answer = self.cells.read(request, point.year, point.scenario)
        if request.first.level == self.levels[0] and not self._counts(point):
            return LiveInput(NONE, applies=False, filled=False)
        return answer

    def _expected(self, point: FormulaPoint) -> Condition:
        return any_of(*(answer.applies for answer in self._answers(point)))

    def _given(self, point: FormulaPoint) -> Condition:
        settled = (
            any_of(answer.filled, negated(answer.applies)) for answer in self._answers(point)
        )
        return all_of(*settled)

    def _reported(self, point: FormulaPoint) -> Condition:
        return all_of(self._expected(point), self._given(point))

    def _entered(self, point: FormulaPoint) -> Condition:
        if point.scope.missing != "zero":
            return self._reported(point)
        answers = self._answers(point)
        given = any_of(*(all_of(answer.filled, answer.applies) for answer in answers))
        return all_of(given, *(negated(answer.unreadable) for answer in answers))

    def _enough(self, point: FormulaPoint) -> Condition:
        """Whether the place enters, or nothing is expected of it."""
        if point.scope.base != self.level:
            return self.cells.is_enough(point.scope, point.year, point.scenario)
        if point.scope.missing != "zero":
            return self._given(point)
        return any_of(negated(self._expected(point)), self._entered(point))

    # --- names ----------------------------------------------------------------------------------

    def as_condition(self, point: FormulaPoint) -> FormulaPoint:
        """See `Sheet`: the point for a part that is read as a condition."""
        return replace(point, scope=point.scope.as_condition)

    def name(self, point: FormulaPoint, name: str) -> ExcelCell:
        """See `Sheet`."""
        symbol = self.catalogue.symbols[name]
        if isinstance(symbol, Indicator) and symbol.input is None:
            return self.indicator(symbol, point.year, point.scenario, point.scope.where)
        if isinstance(symbol, Constant) and symbol.level is None:
            return known_number(symbol.values.get(point.year))
        if isinstance(symbol, Band):
            return self._band(point, symbol)
        inputs = find_requested(self.catalogue, name)
        node = ast.parse(name, mode="eval").body
        if isinstance(symbol, Option) and not inputs:
            return self._part(point, node)
        cells = [self._asked(point, request) for request in inputs]
        if not cells or None in cells:
            return self._part(point, node)
        adder = Excel(self, point)
        total, *others = [cell for cell in cells if cell is not None]
        for other in others:
            total = adder.add(total, other)
        return total

    def _part(self, point: FormulaPoint, node: ast.expr) -> ExcelCell:
        return self.cells.part(point.scope, node, point.year, point.scenario)

    def _asked(self, point: FormulaPoint, request: RequestedInput) -> ExcelCell | None:
        """One of the scope's inputs, or one given above them; None: it is known beforehand."""
        level = request.inputs[0].level
        if level != self.level:
            return None
        if point.scope.base == self.level and request.key in point.scope.requested:
            return self._own(point, request)
        # It is given here, above the schools that the rest of the scope is of.
        answer = self._read(point, request)
        return applying(answer.value, answer.applies, exact=answer.exact)

    def _own(self, point: FormulaPoint, request: RequestedInput) -> ExcelCell:
        answer = self._read(point, request)
        value = answer.value
        if _fills_gaps(point.scope) and is_numeric(request):
            value = chosen(answer.applies, chosen(answer.filled, value, "0"))
        keys = frozenset({request.key})
        cell = applying(value, answer.applies, exact=answer.exact)
        return replace(cell, needs=keys, settles=keys, rests=True)

    # --- classes and points -----------------------------------------------------------------------

    def points(self, point: FormulaPoint, tree: ast.expr) -> ExcelCell:
        """See `Sheet`: by the scale of a name, or those of the answer in its cell."""
        name = dotted_name(tree)
        scaled = scaled_by(self.catalogue, name)
        if scaled is None:
            return self._points_of_answer(point, self.catalogue.inputs[name], tree)
        version = scaled.scale.version(point.year)
        if version is None:
            return no_value()
        if version.line:
            amounts, cell = self._amounts(point, scaled), self.name(point, name)
            return follow_line(Excel(self, point), scaled, version.line, cell, amounts)
        points = {name: each.points for name, each in version.classes.items()}
        if scaled.is_class and not self._stands(point, scaled):
            titles = [each.title for each in version.classes.values()]
            cases = name_cases(self.name(point, name), [*titles, ""], [*version.classes, ""])
            return cases.give(points)
        return self._class_cases(point, name).give(points)

    def grades(self, name: str, year: int, scenario: Scenario) -> LiveCases | ExcelCell:
        """The classes of a name, or the answers that have points; of a line its points."""
        tree = ast.parse(name, mode="eval").body
        point = FormulaPoint(make_whole_scope(self.catalogue, tree, "skip"), year, scenario)
        scaled = scaled_by(self.catalogue, name)
        if scaled is None:
            answer, cell = self.catalogue.inputs[name], self.name(point, name)
            if answer.type == "yes_no":
                return LiveCases(cell, [cell.value, "TRUE"], ["yes", "no"])
            return self._option_cases(point, answer, cell)
        version = scaled.scale.version(year)
        if version is not None and version.line:
            return self.points(point, tree)
        return self._class_cases(point, name)

    def _band(self, point: FormulaPoint, band: Band) -> ExcelCell:
        scaled = scaled_by(self.catalogue, band.owner)
        version = scaled.scale.version(point.year) if scaled else None
        if scaled is None or version is None:
            return no_value()
        return self._class_cases(point, band.owner).holds(band.class_id)

    def _stands(self, point: FormulaPoint, scaled: Scaled) -> str:
        """The cell that shows what a class is decided by; empty where none does.

        It does where the scale rounds as the value is printed; and where a class itself is shown, if nothing
        shown is a class that is missing, never one that does not apply.
        """
        indicator = self.catalogue.indicators.get(scaled.id)
        line = self.cells.layout.of_indicator.get(scaled.id)
        if indicator is None or line is None or line.kind != "indicator" or point.scope.where:
            return ""
        decides = scaled.decimals == indicator.decimals
        if scaled.is_class:
            tables = list_tables(self.catalogue, indicator)
            rows = [
                row for table in tables for each in table.versions for row in each.cells.values()
            ]
            decides = bool(tables) and all(cell for row in rows for cell in row.values())
        address = self.cells.layout.indicator_address(scaled.id, point.year, point.scenario)
        return (address or "") if decides else ""

    def _class_cases(self, point: FormulaPoint, name: str) -> LiveCases:
        """The classes that a name may have, each with its condition; of a choice its options."""
        cell = self.name(point, name)
        scaled = scaled_by(self.catalogue, name)
        if scaled is None:
            return self._option_cases(point, self.catalogue.inputs[name], cell)
        address = self._stands(point, scaled)
        if address and cell.value != NONE:
            cell = known_cell(address, exact=True)
        version = scaled.scale.version(point.year)
        if version is None:
            return LiveCases(no_value(), [], [])
        if scaled.is_class:
            titles = [each.title for each in version.classes.values()]
            return name_cases(cell, titles, list(version.classes))
        cases = self._cases(point, scaled, version, cell)
        return replace(cases, guard=f"ISNUMBER({address})") if cell.value == address else cases

    def _option_cases(self, point: FormulaPoint, answer: Input, cell: ExcelCell) -> LiveCases:
        (request,) = find_requested(self.catalogue, answer.id)
        options = [
            self._read(point, replace(request, option=option)).value for option in answer.options
        ]
        return LiveCases(cell, options, list(answer.options))

    def lookup(self, point: FormulaPoint, node: ast.Call) -> ExcelCell:
        """See `Sheet`: where both sides are known in the form; else it is known beforehand."""
        table = self.catalogue.tables[dotted_name(node.args[0])]
        held = [each for each in table.versions if (each.since or point.year) <= point.year]
        names = [dotted_name(argument) for argument in node.args[1:]]
        if not held or table.cells is None:
            return no_value()
        down, across = (self._class_cases(point, name) for name in names)
        return look_in_cells(held[-1], table.cells, point.year, down, across)

    # --- scores -----------------------------------------------------------------------------------

    def weigh(self, point: FormulaPoint, node: ast.Call) -> ExcelCell:
        """See `Sheet`."""
        score = split_score(node)
        # The cells of members stand together, so that they are summed together.
        keys = [self._add_part(point, tree) for tree in score.members]
        members = []
        for tree, weight, key in zip(score.members, score.weights, keys, strict=True):
            value, applies, address = self._read_weighed(point, tree, key)
            address = address or self._member_cell(point, tree, value)
            weight_key = self._add_part(point, weight)
            load, has_weight, _address = self._read_weighed(point, weight, weight_key)
            greatest = Fraction(1)
            if score.weighing.how == "share":
                greatest = self._greatest(point, tree)
            both = all_of(applies, has_weight)
            members.append(LiveMember(value.value, load.value, both, greatest, address))
        return weigh_cells(score.weighing, members)

    def _add_part(self, point: FormulaPoint, tree: ast.expr) -> Key | None:
        """The key of a part of a score; None for one that no indicator is: a number, a side of a change."""
        if point.before is not None or literal_number(tree) is not None:
            return None
        part = ScorePart(tree, point.scope.missing, point.scope.where)
        return self.cells.parts.add(part, point.year, point.scenario)

    def _read_weighed(
        self, point: FormulaPoint, tree: ast.expr, key: Key | None
    ) -> tuple[ExcelCell, Condition, str]:
        """A part of a score, whether it applies, and the hidden cell it is read in; empty for none."""
        cell, applies = self._read_part(point, tree)
        address = "" if key is None or is_literal(cell.value) else self.cells.place(key, cell)
        return (*read_part_cell(address), address) if address else (cell, applies, "")

    def part(self, part: ScorePart, year: int, scenario: Scenario) -> str:
        """What the hidden cell of a part of a score shows."""
        scope = narrow_scope(make_scope(self.catalogue, ast.Constant(0), part.missing), part.where)
        cell, applies = self._read_part(FormulaPoint(scope, year, scenario), part.tree)
        return write_part(cell.value, applies)

    def _member_cell(self, point: FormulaPoint, tree: ast.expr, value: ExcelCell) -> str:
        """The cell that shows a member of a score as it is; empty where none does, or it is rounded there."""
        layout = self.cells.layout
        if value.value == NONE or point.scope.where:
            return ""
        for name, line in layout.of_indicator.items():
            indicator = self.catalogue.indicators[name]
            if line.kind != "indicator" or not (
                dotted_name(tree) == name
                # No member is a score by its formula.
                or (indicator.score is None and self._is_formula(point, indicator, tree))
            ):
                continue
            address = layout.indicator_address(name, point.year, point.scenario)
            is_whole = value.exact or self._is_of_decimals(point, tree, indicator.decimals)
            if address and is_whole:
                return address
        return ""

    def _is_formula(self, point: FormulaPoint, indicator: Indicator, tree: ast.expr) -> bool:
        """Whether an indicator is nothing but this tree in the year, at this level."""
        formulas = [each for first, each in indicator.formulas if (first or 0) <= point.year]
        in_time = (indicator.since or point.year) <= point.year <= (indicator.until or point.year)
        if not formulas or not in_time or indicator.where or indicator.same_schools:
            return False
        is_here = not indicator.levels or self.level in indicator.levels
        is_same = tree_key(formulas[-1].tree) == tree_key(tree)
        return is_here and is_same and indicator.missing == point.scope.missing

    def _is_of_decimals(self, point: FormulaPoint, tree: ast.expr, decimals: int) -> bool:
        """Whether all points that a member may be have no more decimals than these."""
        if isinstance(tree, ast.Call) and dotted_name(tree.func) == "points":
            name = dotted_name(tree.args[0])
            scaled = scaled_by(self.catalogue, name)
            version = scaled.scale.version(point.year) if scaled else None
            if version is not None and version.line:
                return False
            amounts = (
                [each.points for each in version.classes.values()]
                if version
                else list(self.catalogue.inputs[name].points.values() if scaled is None else ())
            )
            factor = 10**decimals
            return all(each is None or (each * factor).denominator == 1 for each in amounts)
        symbol = self.catalogue.indicators.get(dotted_name(tree))
        formulas = [
            each.tree
            for first, each in (symbol.formulas if symbol else ())
            if (first or 0) <= point.year
        ]
        return bool(formulas) and self._is_of_decimals(point, formulas[-1], decimals)

    def _read_part(self, point: FormulaPoint, tree: ast.expr) -> tuple[ExcelCell, Condition]:
        """A member of a score as a scope of its own, and whether it applies."""
        scope = make_scope(self.catalogue, tree, point.scope.missing)
        inner = replace(point, scope=narrow_scope(scope, point.scope.where))
        return self._remember(inner), self._applies(inner)

    def _applies(self, point: FormulaPoint) -> Condition:
        """Whether a scope applies here: itself, its inputs, and what it names."""
        conditions = [Excel(self, point).read(point.scope.tree).applies]
        if point.scope.requested and point.scope.base == self.level:
            conditions.append(self._expected(point))
        for name in point.scope.named:
            named = self.catalogue.indicators[name]
            formulas = [each for first, each in named.formulas if (first or 0) <= point.year]
            in_time = (named.since or point.year) <= point.year <= (named.until or point.year)
            if not formulas or not in_time:
                return False
            scope = make_whole_scope(self.catalogue, formulas[-1].tree, named.missing)
            scope = narrow_scope(scope, (*point.scope.where, *named.where))
            conditions.append(self._applies(replace(point, scope=scope)))
        return all_of(*conditions)

    def _greatest(self, point: FormulaPoint, tree: ast.expr) -> Fraction:
        """The greatest points that `points(x)` can give in the year."""
        name = dotted_name(tree.args[0]) if isinstance(tree, ast.Call) else ""
        scaled = scaled_by(self.catalogue, name)
        if scaled is None:
            return max(self.catalogue.inputs[name].points.values(), default=Fraction(0))
        version = scaled.scale.version(point.year)
        amounts = [each.points for each in version.classes.values()] if version else []
        amounts += [
            knot.points
            for knot in (version.line if version else ())
            if isinstance(knot.points, Fraction)
        ]
        return max((each for each in amounts if each is not None), default=Fraction(0))

    def _cases(
        self, point: FormulaPoint, scaled: Scaled, version: ScaleVersion, cell: ExcelCell
    ) -> LiveCases:
        amounts = self._amounts(point, scaled)
        return read_cases(Excel(self, point), scaled, version.classes, cell, amounts)

    def _amounts(self, point: FormulaPoint, scaled: Scaled) -> Callable[[Amount], ExcelCell]:
        """What reads a number of a scale, or a formula of its own with the scaled thing in it."""
        indicator = self.catalogue.indicators.get(scaled.id)
        where = (*point.scope.where, *(indicator.where if indicator else ()))

        def read(amount: Amount) -> ExcelCell:
            if isinstance(amount, Fraction):
                return Excel(self, point).constant(amount)
            tree = amount.rename({SCALED: scaled.id}).tree
            scope = make_scope(self.catalogue, tree, scaled.missing)
            with self.cells.reading_end():
                return self._remember(replace(point, scope=narrow_scope(scope, where)))

        return read

    def _points_of_answer(self, point: FormulaPoint, answer: Input, tree: ast.expr) -> ExcelCell:
        if answer.level != self.level:
            return self._part(point, make_call("points", tree))
        cell = self.name(point, answer.id)
        if answer.type == "yes_no":
            return LiveCases(cell, [cell.value, "TRUE"], ["yes", "no"]).give(answer.points)
        return self._option_cases(point, answer, cell).give(answer.points)

    # --- what is read elsewhere -------------------------------------------------------------------

    def over_set(self, point: FormulaPoint, call: ast.Call) -> ExcelCell:
        """See `Sheet`: at a school the value itself, 1 or 0, 100 or 0."""
        over = read_set_call(call, self.levels[0])
        if over is None or not self.is_school:
            return self._part(point, call)
        if over.members != self.level:
            return no_value()
        if over.how == "weighted_mean":
            return self._weighted(point, *over.trees)
        inner = Excel(self, point).read(over.trees[0])
        if over.how in {"with", "share"} and inner.value != NONE:
            most = "1" if over.how == "with" else "100"
            inner = replace(inner, value=chosen(_plain(inner.value), most, "0"), exact=True)
        return self._at_school(point, inner)

    def rank(self, point: FormulaPoint, call: ast.Call) -> ExcelCell:
        """See `Sheet`: it is known where the forms of all come together."""
        return self._part(point, call)

    def _weighted(self, point: FormulaPoint, x: ast.expr, weight: ast.expr) -> ExcelCell:
        """At a school x, where it and the weight are there."""
        value, load = Excel(self, point).read(x), Excel(self, point).read(weight)
        both = chosen(has_value(load.value), value.value)
        cell = replace(
            value,
            value=both,
            needs=value.needs | load.needs,
            rests=value.rests or load.rests,
        )
        return self._at_school(point, cell)

    def _at_school(self, point: FormulaPoint, inner: ExcelCell) -> ExcelCell:
        """What schools that enter give; where this one does not, there is no value."""
        keys = frozenset(point.scope.requested)
        if point.scope.base != self.level or not keys:
            return known_cell(inner.value, exact=inner.exact)
        if keys <= inner.needs and inner.rests and point.scope.missing != "zero":
            value = inner.value
        else:
            value = chosen(self._entered(point), inner.value)
        return ExcelCell(value, value, True, inner.exact, keys, keys, rests=True)

    def schools(self, point: FormulaPoint) -> ExcelCell:
        """See `Sheet`."""
        if not self.is_school or point.scope.base != self.level or not point.scope.requested:
            of_schools = point.scope.requested and point.scope.base == self.levels[0]
            return (
                self._part(point, make_call("schools")) if of_schools else self.schools_open(point)
            )
        return self._at_school(point, known_cell("1", exact=True))

    def schools_open(self, point: FormulaPoint) -> ExcelCell:
        """See `Sheet`."""
        if self.is_school:
            return known_cell("1" if self._counts(point) else "0", exact=True)
        return self._part(point, make_call("schools_open"))

    def printed_decimals(self, point: FormulaPoint, change: ast.Call) -> int | None:
        """See `Sheet`."""
        return round_printed(point.scope, change)

    def previous(self, point: FormulaPoint, tree: ast.expr) -> ExcelCell:
        """See `Sheet`: of a forecast the fact of the year before, else its forecast."""
        names = map(dotted_name, list_value_nodes(tree))
        if point.year in find_breaks(self.catalogue, names):
            return no_value()
        before = replace(point, year=point.year - 1, scenario=point.before or "fact", before=None)
        fact = self.read_as_scope(tree, before)
        values = [fact.value]
        if point.scenario == "forecast" and point.before is None:
            planned = self.read_as_scope(tree, replace(before, scenario="forecast"))
            values.append(planned.value)
        if not self.is_open(before.year):
            return no_value()
        return known_cell(first_known(values), exact=fact.exact)

    def is_open(self, year: int) -> bool:
        """Whether the place was there in a year."""
        _text, outside_value = self.cells.look_up(open_outside(self.catalogue, year))
        return outside_value.value is not None

    def at(self, point: FormulaPoint, place: ast.expr, tree: ast.expr) -> ExcelCell:
        """See `Sheet`."""
        named_level, own_level = (
            self.levels.index(dotted_name(place)),
            self.levels.index(self.level),
        )
        if named_level < own_level:
            return no_value()
        if named_level == own_level:
            return self.read_as_scope(tree, point)
        return self._part(point, make_call("at", place, tree))

    def coalesce(self, point: FormulaPoint, node: ast.Call) -> ExcelCell:
        """See `Sheet`."""
        request = read_bare_coalesce(self.catalogue, node)
        if request is not None:
            return self._asked(point, request) or self._part(point, node)
        cells = [self.read_as_scope(tree, point) for tree in node.args]
        value = first_known(cell.value for cell in cells)
        return known_cell(value, exact=all(cell.exact for cell in cells))

    def target(self, point: FormulaPoint, indicator: ast.expr) -> ExcelCell:
        """See `Sheet`."""
        return read_target_cell(self, point, indicator)

    def goal(self, point: FormulaPoint, indicator: ast.expr) -> ExcelGoal | None:
        """See `Sheet`."""
        return read_goal_cells(self, point, indicator)


def _fills_gaps(scope: Scope) -> bool:
    """Whether gaps may count as 0; a single cell that is empty is nothing given at all."""
    if not scope.fills_gaps or not scope.requested:
        return False
    (first, *others) = scope.requested.values()
    return bool(others) or len(first.choices) > 1 or not isinstance(first.choices[0], CellSum)


def _plain(value: str) -> Condition:
    return {"TRUE": True, "FALSE": False}.get(value, value)


def read_condition(cells: LiveCells, formula: Formula, year: int, scenario: Scenario) -> ExcelCell:
    """A condition of `asked_if` at the place that fills the form."""
    point = FormulaPoint(make_scope(cells.catalogue, ast.Constant(0), "skip"), year, scenario)
    return Excel(LiveSheet(cells.catalogue, cells), point).read(formula.tree)
