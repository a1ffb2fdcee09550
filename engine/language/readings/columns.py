"""The reading of columns: what a formula is over all schools at once, lazily.

A name is a column of the frame of one level, an operator gives another lazy expression, and the
data engine runs the whole at the end. The arithmetic is in this module; where a column comes from (a roll-up
over schools, the year before, a level above) is asked of the plan.

Values are 64-bit floats or booleans, and null where there is none.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

import polars as pl

from engine.language.readings import terms as reasons
from engine.language.readings.arithmetic import MIRRORED, Numbers, clean_sum, comparison, round_half
from engine.language.readings.terms import Column, Plan, Reason, Term, list_causes

MOST_NODES = 100
"""An expression larger than this gets a column of its own before it is used again: engines read
an expression as a tree, and one that is used twice at every step would grow without bound."""


class ColumnsReading(Numbers[Term]):
    """The reading of one scope at one level."""

    def __init__(self, plan: Plan, scope: Any, level: str) -> None:
        super().__init__()
        self.plan, self.scope, self.level = plan, scope, level

    # --- expressions ------------------------------------------------------------------------

    def expr(self, make: Callable[..., Any], *columns: Column) -> Column:
        """A column made of columns; those that have grown large are settled first."""
        size = sum([column.size for column in columns])
        if size > MOST_NODES:
            columns = tuple([self.plan.settle(self.level, column) for column in columns])
            size = len(columns)
        stage = max([column.stage for column in columns], default=0)
        bare = all(column.bare for column in columns)
        return Column(make(*[column.expr for column in columns]), stage, 1 + 2 * size, bare)

    def both(self, left: Column | None, right: Column | None) -> Column | None:
        """Where both hold; None is everywhere."""
        if left is None or right is None:
            return left or right
        return self.expr(lambda left, right: left & right, left, right)

    def either(self, left: Column | None, right: Column | None) -> Column | None:
        """Where either holds; None is everywhere."""
        if left is None or right is None:
            return None
        return self.expr(lambda left, right: left | right, left, right)

    def first_reason(self, terms: Iterable[Term], otherwise: Reason) -> Callable[[], Column]:
        """The first reason of the terms that have no value, made when asked.

        Terms with the same column of reasons are looked at together.
        """

        def why() -> Column:
            groups: dict[Column, list[Column]] = {}
            for cause in list_causes(terms):
                groups.setdefault(cause.why(), []).append(cause.value)
            only = self.plan.reason(otherwise)
            if all(reason is only for reason in groups):
                return only
            if len(groups) == 1 and otherwise is Reason.NOT_REPORTED:
                # Wherever this is computed, one of the values is missing.
                return self.expr(lambda code: code.fill_null(int(otherwise)), *groups)
            counts = [len(values) for values in groups.values()]

            def make(*parts: Any) -> Any:
                rest = iter(parts)
                pairs = [([next(rest) for _ in range(count)], next(rest)) for count in counts]
                return reasons.first_of(pairs, otherwise)

            return self.expr(
                make, *(part for reason, values in groups.items() for part in (*values, reason))
            )

        return why

    # --- numbers and operators ----------------------------------------------------------------

    def constant(self, value: float | Fraction) -> Term:
        why = lambda: self.plan.reason(Reason.NOT_REPORTED)  # noqa: E731
        number = Column(pl.lit(float(value)), bare=True)
        return Term(number, why, exact=float(value).is_integer(), causes=())

    def name(self, name: str, node: ast.AST) -> Term:
        return self.plan.name(self.scope, name, self.level)

    def add(self, left: Term, right: Term) -> Term:
        return self._sum(left, right, lambda left, right: left + right)

    def subtract(self, left: Term, right: Term) -> Term:
        return self._sum(left, right, lambda left, right: left - right)

    def _sum(self, left: Term, right: Term, operator: Callable[[Any, Any], Any]) -> Term:
        applies = self.either(left.applies, right.applies)
        exact = left.exact and right.exact

        def cleaned(left: Any, right: Any) -> Any:
            result = operator(left, right)
            if exact:
                return result
            return clean_sum(result, left, right)

        value = self.expr(cleaned, self._or_zero(left), self._or_zero(right))
        if applies is not None:
            value = self.expr(lambda applies, sum_: pl.when(applies).then(sum_), applies, value)
        if left.applies is None and right.applies is None:
            why = self.first_reason((left, right), Reason.NOT_REPORTED)
            return Term(value, why, applies, exact, list_causes((left, right)))
        return Term(value, self._reason_of_sum(left, right), applies, exact)

    def _or_zero(self, term: Term) -> Column:
        if term.applies is None:
            return term.value
        return self.expr(
            lambda applies, value: pl.when(~applies).then(pl.lit(0.0)).otherwise(value),
            term.applies,
            term.value,
        )

    def _reason_of_sum(self, left: Term, right: Term) -> Callable[[], Column]:
        """A side that does not apply is no reason, unless neither does."""

        def why() -> Column:
            everywhere = Column(pl.lit(value=True))
            columns = [
                column
                for term in (left, right)
                for column in (term.applies or everywhere, term.value, term.why())
            ]
            return self.expr(lambda *parts: reasons.first_that_applies(parts), *columns)

        return why

    def multiply(self, left: Term, right: Term) -> Term:
        return self._strictly(
            lambda left, right: left * right, left, right, exact=left.exact and right.exact
        )

    def divide(self, left: Term, right: Term) -> Term:
        return self._strictly(
            lambda left, right: pl.when(right != 0).then(left / right),
            left,
            right,
            otherwise=Reason.ZERO_DENOMINATOR,
        )

    def _strictly(
        self,
        make: Callable[..., Any],
        *terms: Term,
        exact: bool = False,
        otherwise: Reason = Reason.NOT_REPORTED,
    ) -> Term:
        """Apply a function where every term has a value; the result applies where all of them do."""
        applies = None
        for term in terms:
            applies = self.both(applies, term.applies)
        value = self.expr(make, *(term.value for term in terms))
        causes = list_causes(terms)
        if otherwise is not Reason.NOT_REPORTED:
            # It may also lack a value of its own accord.
            causes = (*causes, Term(value, lambda: self.plan.reason(otherwise)))
        return Term(value, self.first_reason(terms, otherwise), applies, exact, causes)

    def strict(self, result: Term, argument: Term) -> Term:
        """`result`, made to apply only where `argument` does."""
        if argument.applies is None:
            return result
        value = self.expr(
            lambda applies, number: pl.when(applies).then(number), argument.applies, result.value
        )
        why = self.first_reason((argument, result), Reason.NOT_REPORTED)
        return Term(value, why, argument.applies, result.exact)

    def negate(self, operand: Term, node: ast.UnaryOp) -> Term:
        return self._strictly(lambda value: -value, operand, exact=operand.exact)

    def absolute(self, operand: Term) -> Term:
        """The value without its sign."""
        return self._strictly(lambda value: value.abs(), operand, exact=operand.exact)

    def rounded(self, operand: Term, digits: int) -> Term:
        """See `round_half`."""
        return self._strictly(
            lambda value: round_half(value, digits),
            operand,
            exact=operand.exact or digits <= 0,
        )

    def extreme(self, how: str, terms: list[Term]) -> Term:
        """The least or the greatest of several, where all have a value."""
        function = pl.min_horizontal if how == "min" else pl.max_horizontal

        def make(*values: Any) -> Any:
            known = ~values[0].is_null()
            for value in values[1:]:
                known &= ~value.is_null()
            return pl.when(known).then(function(*values))

        return self._strictly(make, *terms, exact=all(term.exact for term in terms))

    # --- conditions -----------------------------------------------------------------------------

    def read_condition(self, tree: ast.AST) -> Term:
        return ColumnsReading(self.plan, self.scope.as_condition, self.level).read(tree)

    def invert(self, operand: Term, node: ast.UnaryOp) -> Term:
        return self._strictly(lambda value: ~self._holds(value), operand)

    def _holds(self, condition: Any) -> Any:
        """A condition as a yes/no: one that has no value anywhere may come as a number."""
        return condition.cast(pl.Boolean)

    def logic(self, word: str, values: list[Term], node: ast.BoolOp) -> Term:
        return self._all_known(word, values)

    def _all_known(self, word: str, values: list[Term]) -> Term:
        """`and`/`or` that look at every side: no value beside a missing one."""
        result = values[0]
        for value in values[1:]:
            result = self._strictly(
                lambda left, right: pl.when(~left.is_null() & ~right.is_null()).then(
                    self._holds(left) & self._holds(right)
                    if word == "and"
                    else self._holds(left) | self._holds(right)
                ),
                result,
                value,
            )
        return result

    def compare(self, signs: list[str], values: list[Term], node: ast.Compare) -> Term:
        links = [
            self._compare(sign, left, right)
            for sign, left, right in zip(signs, values, values[1:], strict=False)
        ]
        return self._all_known("and", links)

    def _compare(self, sign: str, left: Term, right: Term) -> Term:
        exact = left.exact and right.exact
        # Polars 2.1 fails on `number < column` where the column is one repeated value.
        if left.value.bare:
            mirrored = comparison(MIRRORED.get(sign, sign), exact=exact)
            return self._strictly(lambda left, right: mirrored(right, left), left, right)
        return self._strictly(comparison(sign, exact=exact), left, right)

    def choose(self, condition: Term, yes: Term, no: Term, node: ast.IfExp) -> Term:
        holds = self.expr(self._holds, condition.value)
        value = self.expr(
            lambda test, yes, no: pl.when(test).then(yes).otherwise(pl.when(~test).then(no)),
            holds,
            yes.value,
            no.value,
        )
        applies = condition.applies
        if yes.applies is not None or no.applies is not None:
            everywhere = Column(pl.lit(value=True))
            chosen = self.expr(
                lambda test, yes, no: (
                    pl.when(test)
                    .then(yes)
                    .otherwise(pl.when(~test).then(no).otherwise(pl.lit(value=True)))
                ),
                holds,
                yes.applies or everywhere,
                no.applies or everywhere,
            )
            applies = self.both(applies, chosen)

        def why() -> Column:
            return self.expr(
                lambda test, unknown, yes, no: (
                    pl.when(test).then(yes).otherwise(pl.when(~test).then(no).otherwise(unknown))
                ),
                holds,
                condition.why(),
                yes.why(),
                no.why(),
            )

        return Term(value, why, applies, yes.exact and no.exact)

    def choose_only(self, node: ast.IfExp) -> Term:
        """The body where the condition holds; elsewhere nothing that applies."""
        # Without a type of its own: beside a yes/no it stays one.
        nothing = Column(pl.lit(None), bare=True)
        never = Column(pl.lit(value=False), bare=True)
        no = Term(nothing, lambda: self.plan.reason(Reason.NOT_APPLICABLE), never, exact=True)
        return self.choose(self.read_condition(node.test), self.read(node.body), no, node)

    # --- calls ------------------------------------------------------------------------------------

    def over_set(self, call: ast.Call) -> Term:
        """A value of the members of a set taken together."""
        return self.plan.over_set(self.scope, self.level, call)

    def rank(self, call: ast.Call) -> Term:
        """Which place an indicator has among its peers."""
        return self.plan.rank(self.level, call)

    def schools(self) -> Term:
        """How many schools enter the formula."""
        return self.plan.schools(self.scope, self.level)

    def schools_open(self) -> Term:
        """How many schools are open."""
        return self.plan.schools_open(self.level)

    def print_side(self, change: ast.Call, side: Term) -> Term:
        """A side of a change: as printed where the change is a whole indicator."""
        digits = self.plan.printed_decimals(self.scope, change)
        return side if digits is None else self.rounded(side, digits)

    def previous(self, tree: ast.expr) -> Term:
        """The tree here, a year before."""
        return self.plan.previous(self.scope, self.level, tree)

    def at(self, place: ast.expr, tree: ast.expr) -> Term:
        """The tree at the place of another level."""
        return self.plan.at(self.scope, self.level, place, tree)

    def coalesce(self, node: ast.Call) -> Term:
        """The first argument that has a value."""
        return self.plan.coalesce(self.scope, self.level, node)

    def target(self, indicator: ast.expr) -> Term:
        """The target of an indicator."""
        return self.plan.target(self.level, indicator)

    def degree(self, indicator: ast.expr) -> Term:
        """How much of the way to its target an indicator is, in percent."""
        return self.plan.degree(self.level, indicator, self.read(indicator))

    def points(self, tree: ast.expr) -> Term:
        """The points of what a bare name is worth."""
        return self.plan.points(self.scope, self.level, tree)

    def lookup(self, node: ast.Call) -> Term:
        """The class in a table of two classes."""
        return self.plan.lookup(self.scope, self.level, node)

    def weigh(self, node: ast.Call) -> Term:
        """A score."""
        return self.plan.weigh(self.scope, self.level, node)

    def advice_call(self, node: ast.Call) -> Term:
        """A function of recommendations: what is printed beside its target."""
        return self.plan.advice_call(self.level, node)
