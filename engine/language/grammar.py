"""The grammar of formulas: text → tree, and the walk over a tree that every reading shares.

This is the only module that knows simpleeval. A formula is made of numbers, dotted ids,
`+ - * /`, unary minus, comparisons (chains too), `and or not`, `x if c else y`, brackets and calls
with positional arguments; `HANDLERS` below is that language, and whatever is absent is refused with
the place of the very character, in the words of a person who knows spreadsheets.
"""

from __future__ import annotations

import ast
import copy
import keyword
import operator
import re
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any, Generic, Literal, TypeVar

from simpleeval import InvalidExpression, SimpleEval

from engine.problems import Position, Problem, Runs, place_in
from engine.translation import gettext as _

# --- trees ----------------------------------------------------------------------------------------
# What stands in a tree. Many rules ask it of the same formula, so each tree is walked once.


@lru_cache(maxsize=4096)
def name_nodes(tree: ast.AST) -> tuple[ast.AST, ...]:
    """Every use of a name, in the order of the text; names of functions are not."""
    return tuple(_find_names(tree))


@lru_cache(maxsize=4096)
def call_nodes(tree: ast.AST) -> tuple[ast.Call, ...]:
    """Every call of a function by its name."""
    return tuple(
        [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        ]
    )


@lru_cache(maxsize=4096)
def parts_of(tree: ast.AST) -> tuple[ast.expr, ...]:
    """The expressions that an operator joins, in the order of the text; its sign is none of them."""
    parts = [node for node in ast.iter_child_nodes(tree) if isinstance(node, ast.expr)]
    # `x if c else y` keeps its test first in the tree, but not in the text.
    return tuple(sorted(parts, key=lambda node: getattr(node, "col_offset", 0)))


def _find_names(tree: ast.AST) -> Iterator[ast.AST]:
    if isinstance(tree, ast.Name | ast.Attribute):
        yield tree
        return
    for child in tree.args if isinstance(tree, ast.Call) else parts_of(tree):
        yield from _find_names(child)


# --- signs ----------------------------------------------------------------------------------------
# The signs of a formula: what can be said of a text before there is a tree of it.
#
# Each word and sign is looked at alone, then brackets, then the order in which values and signs
# follow each other. A mistake found by this has the place of the very character, and the words of
# a person who knows spreadsheets; what is left for the grammar is hardly ever wrong.


MAX_LENGTH = 1_000
MAX_DEPTH = 50
MAX_DIGITS = 15
"""More digits than a double holds would print other digits than were written."""

WORDS = ("and", "or", "not", "if", "else")
KEPT_WORDS = tuple(keyword.kwlist)
"""Words of Python's grammar: they cannot be ids, and only `WORDS` may stand in a formula."""

# Compiled by `re` when the first formula is read: a catalogue that was checked before has none.
_WORD_OR_SIGN = (
    r"(?s)(?P<space>[ \u00a0\u202f]+)"
    r"|(?P<number>[0-9][\w.]*)"
    r"|(?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*)"
    r"|(?P<sign><=|>=|==|!=|\*\*|//|:=|<<|>>|<>|->|.)"
)
_NUMBER = r"(0|[1-9][0-9]*)(\.[0-9]+)?"
_SIGNS = frozenset(("<=", ">=", "==", "!=", "<", ">", "+", "-", "*", "/", "(", ")", ","))


def _check_signs(text: str, position: Position, runs: Runs) -> Problem | None:
    """The first mistake in the signs of a formula."""
    mistake = _check_words(text) or _check_brackets(text) or _check_order(text)
    if mistake is None:
        return None
    place = place_in(position, runs, mistake.start, mistake.length)
    return Problem("formula-syntax", mistake.message, place, mistake.hint)


def _sign_at(text: str, offset: int) -> tuple[int, str]:
    """The word or sign that covers a place of the text: where it starts, and itself."""
    matches = (match for match in re.finditer(_WORD_OR_SIGN, text) if match.end() > offset)
    match = next(matches, None)
    return (match.start(), match.group().strip()) if match else (offset, "")


@dataclass(frozen=True, slots=True)
class _Mistake:
    """What is wrong in a text, and where: the first character and how many."""

    start: int
    length: int
    message: str
    hint: str = ""


def _mistake_at(match: re.Match[str], message: str, hint: str) -> _Mistake:
    token = match.group()
    return _Mistake(match.start(), len(token), message.format(found=token), hint)


def _check_words(text: str) -> _Mistake | None:
    """What can be said of single words and signs: each at its own column."""
    if not text.strip():
        return _Mistake(0, 1, _("the formula is empty"), _("write it, or take the key away"))
    if len(text) > MAX_LENGTH:
        message = _("the formula has {count} characters, at most {most} are allowed")
        hint = _("give a part of it its own id among the indicators")
        return _Mistake(0, 1, message.format(count=len(text), most=MAX_LENGTH), hint)
    for match in re.finditer(_WORD_OR_SIGN, text):
        refused = _refuse_token(match)
        # Past a refused sign nothing can be trusted: one mistake is one problem.
        if refused:
            return _Mistake(match.start(), len(match.group()), *refused)
    return None


def _refuse_token(match: re.Match[str]) -> tuple[str, str] | None:
    token = match.group()
    if match.lastgroup == "number" and not re.fullmatch(_NUMBER, token):
        return (
            _("“{found}” is not a number as formulas have it").format(found=token),
            _("write digits, with a point before decimals: 12 or 12.5"),
        )
    if match.lastgroup == "number" and len(token.replace(".", "")) > MAX_DIGITS:
        return _("the number has more than {most} digits").format(most=MAX_DIGITS), ""
    if match.lastgroup == "name":
        return _refuse_word(token)
    if match.lastgroup == "sign" and token not in _SIGNS:
        before = match.string[: match.start()].rstrip()
        return _refuse_sign(token, is_after_number=before[-1:].isdigit())
    return None


def _refuse_word(word: str) -> tuple[str, str] | None:
    if word in WORDS:
        return None
    if word in KEPT_WORDS:
        hint = _("of words only and, or, not, if, else have a meaning")
        if word in ("True", "False"):
            hint = _("write the condition itself")
        return _("the word “{word}” is not part of formulas").format(word=word), hint
    if any(part.startswith("__") for part in word.split(".")):
        return (
            _("“{word}” is not a name of the catalogue").format(word=word),
            _("ids do not begin with two underscores"),
        )
    owner, dot, last = word.rpartition(".")
    if any(part in KEPT_WORDS for part in word.split(".")):
        hint = ""
        if dot and last == "class":
            hint = _("a class stands by its own id after the dot: {name}.high").format(name=owner)
        return _("the word “{word}” is not part of formulas").format(word=word), hint
    return None


def _refuse_sign(sign: str, *, is_after_number: bool) -> tuple[str, str]:
    hints = {
        "=": _("to compare, write ==; arguments have no names"),
        ":=": _("a formula names nothing: give the part its own id among the indicators"),
        "**": _("there are no powers: multiply"),
        "//": _("to divide, write one /"),
        "%": _("write the number alone: 60; as a part of a whole it is 0.6")
        if is_after_number
        else _("for a percentage write share(part, whole)"),
        ";": _("a comma separates arguments; another formula is an indicator of its own"),
        "[": _("there are no lists and no places in lists"),
        "{": _("there are no lists and no places in lists"),
        "'": _("there is no text in formulas: write ids without quotes"),
        '"': _("there is no text in formulas: write ids without quotes"),
        "«": _("there is no text in formulas: write ids without quotes"),
        "≤": _("write <="),
        "≥": _("write >="),
        "≠": _("write !="),
        "<>": _("write !="),
        "×": _("write *"),
        "·": _("write *"),
        "÷": _("write /"),
        ":": _("to divide, write one /"),
        "–": _("write the minus of the keyboard: -"),
        "—": _("write the minus of the keyboard: -"),
        "−": _("write the minus of the keyboard: -"),
        "\n": _("a formula is one line; continued ones all begin at the same column after >-"),
    }
    shown = {"\n": _("a new line"), "\t": _("a tab")}.get(sign)
    if shown is None:
        shown = _("“{sign}”").format(sign=sign) if sign.isprintable() else f"U+{ord(sign[0]):04X}"
    return (
        _("{sign} is not part of formulas").format(sign=shown),
        hints.get(sign, _("allowed are + - * / < <= > >= == != and brackets")),
    )


def _check_brackets(text: str) -> _Mistake | None:
    """Brackets that do not meet, or stand too deep: before the tree is built at all."""
    opened: list[int] = []
    for index, sign in enumerate(text):
        if sign == "(":
            opened.append(index)
            if len(opened) > MAX_DEPTH:
                message = _("more than {most} brackets stand inside each other")
                return _Mistake(index, 1, message.format(most=MAX_DEPTH))
        elif sign == ")":
            if not opened:
                return _Mistake(index, 1, _("this bracket closes nothing"))
            opened.pop()
    return _Mistake(opened[-1], 1, _("this bracket is not closed")) if opened else None


def _check_order(text: str) -> _Mistake | None:
    """Two values side by side, two signs, a sign at the end: each at its own place."""
    tokens = [match for match in re.finditer(_WORD_OR_SIGN, text) if match.lastgroup != "space"]
    value_due, before, opened_if, inside = True, "", [], [False]
    for match in tokens:
        sign = match.group()
        if sign == "," and not inside[-1]:
            hint = _("decimals are written with a point: 1.5")
            message = _("a comma stands only between the arguments of a function")
            return _mistake_at(match, message, hint)
        is_value = match.lastgroup in {"number", "name"} and sign not in WORDS
        starts = is_value or sign in {"(", "-", "not", "+"}
        if value_due and not starts and not (sign == ")" and before == "f("):
            hint = _("a name or a number is missing before it")
            return _mistake_at(match, _("“{found}” cannot stand here"), hint)
        called = sign == "(" and bool(before) and before not in WORDS
        if not value_due and (is_value or sign == "not" or (sign == "(" and not called)):
            hint = _("a sign or a comma is missing before it")
            return _mistake_at(match, _("“{found}” cannot stand here"), hint)
        if sign == "(":
            inside.append(called)
        elif sign == ")":
            inside.pop()
        if sign == "if":
            opened_if.append(match)
        elif sign == "else" and opened_if:
            opened_if.pop()
        value_due = not is_value and sign != ")"
        # Only the brackets of a call may be empty.
        before = "f(" if called else sign if match.lastgroup == "name" else ""
    if value_due:
        hint = _("a name or a number is missing after it")
        return _mistake_at(tokens[-1], _("the formula breaks off after “{found}”"), hint)
    if opened_if:
        hint = _("write both: x if condition else y")
        return _mistake_at(opened_if[-1], _("“{found}” has no else"), hint)
    return None


# --- the tree -------------------------------------------------------------------------------------


MAX_TREE = 100
"""Operators inside operators: what a reading may climb without running out of stack."""

BINARY: Mapping[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
}
COMPARISONS: Mapping[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
"""What compares exact numbers by a sign."""


@dataclass(frozen=True, slots=True)
class NameUse:
    """One use of a name in a formula, and where."""

    id: str
    position: Position


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula parsed once. `position` is that of its first character; `runs`, where it goes on.

    `derived` formulas were made from another one (`by:`, automatic checks): their places are not
    in any file, so every span is the whole place they came from. `pieces`: the formulas that a
    score is made of, each with its own place.
    """

    text: str
    position: Position
    tree: ast.expr
    derived: bool = False
    runs: Runs = ()
    pieces: tuple[Formula, ...] = ()

    def names(self) -> tuple[NameUse, ...]:
        """Every use of a name, dotted, in the order of the text; names of functions are not."""
        return tuple(NameUse(dotted_name(node), self.span(node)) for node in name_nodes(self.tree))

    def calls(self) -> tuple[tuple[ast.Call, NameUse], ...]:
        """Every call with the use of its function's name."""
        return tuple(
            (node, NameUse(dotted_name(node.func), self.span(node.func)))
            for node in call_nodes(self.tree)
        )

    def span(self, node: ast.AST) -> Position:
        """The place of a part of this formula in its file, in characters."""
        for piece in self.pieces:
            if any(each is node for each in ast.walk(piece.tree)):
                return piece.span(node)
        start = getattr(node, "col_offset", None)
        end = getattr(node, "end_col_offset", None)
        if self.derived or start is None or end is None:
            return self.position
        # ast counts UTF-8 bytes: Cyrillic before the node would shift the column.
        line = self.text.encode()
        first = len(line[:start].decode(errors="ignore"))
        length = len(line[start:end].decode(errors="ignore"))
        return place_in(self.position, self.runs, first, length)

    def rename(self, names: Mapping[str, str], *, but_in: str = "") -> Formula:
        """The same formula with names replaced, whole dotted names only.

        The arguments of the function `but_in` stay as they are.
        """
        tree = _Renamer(names, but_in).visit(copy.deepcopy(self.tree))
        ast.fix_missing_locations(tree)
        return Formula(ast.unparse(tree), self.position, tree, derived=True)

    def derive(self, tree: ast.expr) -> Formula:
        """This formula with another tree (conversions of scaled units put in)."""
        return replace(self, tree=tree)


def parse_formula(
    text: str, position: Position, runs: Runs = ()
) -> tuple[Formula | None, list[Problem]]:
    """Parse one formula; all problems of its grammar, or the formula.

    A position is that of the first character of `text`; spans of problems are counted from it, or
    found in `runs` where the text does not stand in one piece.
    """
    problem = _check_signs(text, position, runs)
    if problem is not None:
        return None, [problem]
    # Characters that only look like a space are one character, as is a space: columns hold.
    plain = re.sub(r"[\u00a0\u202f]", " ", text)
    lead = len(plain) - len(plain.lstrip())
    body = plain.strip()
    start = place_in(position, runs, lead, len(body))
    rest = tuple((max(0, begin - lead), place) for begin, place in runs if begin > lead)
    runs = ((0, start), *rest) if runs else ()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            statement = SimpleEval.parse(body)
    except SyntaxError as error:
        return None, [_broken(body, start, runs, (error.offset or 1) - 1)]
    except (InvalidExpression, RecursionError, MemoryError, ValueError):
        return None, [_broken(body, start, runs, 0)]
    if not isinstance(statement, ast.Expr):
        return None, [_broken(body, start, runs, 0)]
    if _tree_depth(statement.value) > MAX_TREE:
        message = _("more than {most} signs stand inside each other").format(most=MAX_TREE)
        hint = _("give a part of it its own id among the indicators")
        return None, [Problem("formula-syntax", message, start, hint)]
    formula = Formula(body, start, statement.value, runs=runs)
    refused = [problem for node in ast.walk(statement.value) for problem in _refuse(formula, node)]
    return (None if refused else formula), refused[:1]


def dotted_name(node: ast.AST) -> str:
    """`students_8_9.ovz` from the tree of it; NFKC, as ids are."""
    if isinstance(node, ast.Attribute):
        return f"{dotted_name(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def tree_key(node: ast.AST) -> str:
    """A text equal for equal trees: what the plan recognises a repeated part by."""
    name = repr(node.value) if isinstance(node, ast.Constant) else dotted_name(node)
    return name or f"{type(node).__name__}({','.join(map(tree_key, ast.iter_child_nodes(node)))})"


def literal_number(node: ast.AST) -> float | int | None:
    """The number a tree is, also with a minus before it, or None."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = literal_number(node.operand)
        return None if inner is None else -inner
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return node.value
    return None


# --- scores ---------------------------------------------------------------------------------------


SCORE = "score:"
"""The name of the call that a score is as a tree: with a colon, as no name of an author has."""
How = Literal["sum", "mean", "share"]
Absent = Literal["none", "zero", "rescale", "move"]


@dataclass(frozen=True, slots=True)
class Weighing:
    """How the members of a score are taken together.

    `how`: "sum" is Σ weight · member, "mean" that divided by Σ weight, "share" 100 · Σ weight · points /
    Σ weight · greatest points. `absent`: what becomes of a member without a value. `moves`: to which
    member each sends its weight, by their numbers; the others send it nowhere. `members`: how many must
    have a value. `cap` and `floor` bound the result.
    """

    how: How = "sum"
    absent: Absent = "none"
    moves: tuple[tuple[int, int], ...] = ()
    members: int = 1
    cap: Fraction | None = None
    floor: Fraction | None = None


@dataclass(frozen=True, slots=True)
class ScoreCall:
    """A score as a formula, taken apart: its members, and a weight for each."""

    call: ast.Call
    weighing: Weighing
    members: tuple[ast.expr, ...]
    weights: tuple[ast.expr, ...]


def make_call(function: str, *arguments: ast.expr) -> ast.Call:
    """A call as a tree; it stands nowhere in a text."""
    return ast.Call(ast.Name(function, ast.Load()), list(arguments), [])


def make_score(
    weighing: Weighing, members: Sequence[ast.expr], weights: Sequence[ast.expr]
) -> ast.expr:
    """A score as a tree: every reading of formulas reads it as a call, which nobody can write."""
    pairs = [part for pair in zip(members, weights, strict=True) for part in pair]
    settings = ast.Constant(weighing)  # type: ignore[arg-type] # no number of a formula
    return ast.fix_missing_locations(ast.Call(ast.Name(SCORE), [settings, *pairs], []))


def read_score(tree: ast.AST) -> ScoreCall | None:
    """The score that a tree is, also converted to another unit; None where it is none."""
    while isinstance(tree, ast.BinOp) and getattr(tree, "conversion", False):
        tree = tree.left
    is_score = isinstance(tree, ast.Call) and dotted_name(tree.func) == SCORE
    return split_score(tree) if is_score else None  # type: ignore[arg-type] # a call


def split_score(call: ast.Call) -> ScoreCall:
    """The call of a score taken apart."""
    settings, *pairs = call.args
    weighing: Weighing = settings.value  # type: ignore[attr-defined] # see `make_score`
    return ScoreCall(call, weighing, tuple(pairs[::2]), tuple(pairs[1::2]))


# --- the walk -------------------------------------------------------------------------------------


HANDLERS: Mapping[type[ast.AST], str] = {
    ast.Expr: "_eval_expr",
    ast.Constant: "_eval_constant",
    ast.Name: "_eval_name",
    ast.Attribute: "_eval_attribute",
    ast.BinOp: "_eval_binop",
    ast.UnaryOp: "_eval_unaryop",
    ast.BoolOp: "_eval_boolop",
    ast.Compare: "_eval_compare",
    ast.IfExp: "_eval_ifexp",
    ast.Call: "_eval_call",
}
"""simpleeval's node table, cut down to the language: what is absent cannot stand in a formula."""


T = TypeVar("T")


class Reading(SimpleEval, ABC, Generic[T]):
    """One way to read a formula: what a number, a name, an operator and a call give.

    simpleeval walks the tree; its node table is cut to the language, and each entry asks a method
    below. A call gets the trees of its arguments, because some functions read them elsewhere.
    """

    def __init__(self) -> None:
        # simpleeval's own start fills tables of operators, functions and names for one evaluator;
        # readings are made by the hundred and ask their own methods instead.
        self.nodes = HANDLERS

    def __del__(self) -> None:
        """Keep simpleeval from taking the node table away while a reading is still asked."""

    def read(self, tree: ast.AST) -> T:
        """What this reading makes of a tree."""
        result: T = getattr(self, HANDLERS[type(tree)])(tree)
        return result

    def read_condition(self, tree: ast.AST) -> T:
        """What decides whether or which of other parts is taken: gaps in it stay gaps."""
        return self.read(tree)

    def _eval(self, node: ast.AST) -> T:
        return self.read(node)

    def _eval_expr(self, node: ast.Expr) -> T:
        return self.read(node.value)

    def _eval_constant(self, node: ast.Constant) -> T:
        return self.number(node.value, node)  # type: ignore[arg-type] # the grammar let in numbers

    def _eval_name(self, node: ast.Name) -> T:
        return self.name(dotted_name(node), node)

    def _eval_attribute(self, node: ast.Attribute) -> T:
        return self.name(dotted_name(node), node)

    def _eval_binop(self, node: ast.BinOp) -> T:
        left, right = self.read(node.left), self.read(node.right)
        return self.binary(BINARY[type(node.op)], left, right, node)

    def _eval_unaryop(self, node: ast.UnaryOp) -> T:
        operand = self.read(node.operand)
        if isinstance(node.op, ast.Not):
            return self.invert(operand, node)
        return self.negate(operand, node)

    def _eval_boolop(self, node: ast.BoolOp) -> T:
        word = "and" if isinstance(node.op, ast.And) else "or"
        return self.logic(word, [self.read(value) for value in node.values], node)

    def _eval_compare(self, node: ast.Compare) -> T:
        signs = [COMPARISONS[type(op)] for op in node.ops]
        return self.compare(signs, [self.read(v) for v in (node.left, *node.comparators)], node)

    def _eval_ifexp(self, node: ast.IfExp) -> T:
        condition = self.read_condition(node.test)
        return self.choose(condition, self.read(node.body), self.read(node.orelse), node)

    def _eval_call(self, node: ast.Call) -> T:
        return self.call(dotted_name(node.func), node.args, node)

    @abstractmethod
    def number(self, value: float, node: ast.Constant) -> T:
        """A number as written."""

    @abstractmethod
    def name(self, name: str, node: ast.AST) -> T:
        """An id, dotted for parts and options."""

    @abstractmethod
    def binary(self, sign: str, left: T, right: T, node: ast.BinOp) -> T:
        """One of `+ - * /`."""

    @abstractmethod
    def negate(self, operand: T, node: ast.UnaryOp) -> T:
        """Unary minus."""

    @abstractmethod
    def invert(self, operand: T, node: ast.UnaryOp) -> T:
        """`not`."""

    @abstractmethod
    def logic(self, word: str, values: list[T], node: ast.BoolOp) -> T:
        """`and` or `or` over two values and more."""

    @abstractmethod
    def compare(self, signs: list[str], values: list[T], node: ast.Compare) -> T:
        """A comparison; a chain has one value more than signs."""

    @abstractmethod
    def choose(self, condition: T, yes: T, no: T, node: ast.IfExp) -> T:
        """`yes if condition else no`."""

    @abstractmethod
    def call(self, function: str, arguments: list[ast.expr], node: ast.Call) -> T:
        """A call, with the trees of its arguments."""


def _tree_depth(tree: ast.AST) -> int:
    """How deep the tree is, without climbing it by recursion."""
    depth, layer = 0, [tree]
    while layer:
        depth += 1
        layer = [child for node in layer for child in ast.iter_child_nodes(node)]
    return depth


class _Renamer(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, str], but_in: str) -> None:
        self.names, self.but_in = names, but_in

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return self._renamed(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        return self._renamed(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if dotted_name(node.func) != self.but_in:
            node.args = [self.visit(argument) for argument in node.args]
        return node

    def _renamed(self, node: ast.Name | ast.Attribute) -> ast.AST:
        name = self.names.get(dotted_name(node))
        return node if name is None else ast.parse(name, mode="eval").body


def _broken(text: str, position: Position, runs: Runs, offset: int) -> Problem:
    """What Python's grammar refused and nothing before it did."""
    start, token = _sign_at(text, min(max(0, offset), max(0, len(text) - 1)))
    place = place_in(position, runs, start, len(token))
    hint = _("look at what stands just before: a sign or a name is missing or is one too many")
    return Problem(
        "formula-syntax", _("“{found}” cannot stand here").format(found=token), place, hint
    )


def _refuse(formula: Formula, node: ast.AST) -> Iterator[Problem]:
    """What the signs alone did not show: shapes that the language has not."""
    message = hint = ""
    if isinstance(node, ast.Call):
        if not isinstance(node.func, ast.Name):
            message = _("a call is the name of a function and brackets")
        elif node.keywords:
            message = _("arguments have no names")
    elif isinstance(node, ast.Starred):
        message = _("“*” has nothing to multiply here")
    elif isinstance(node, ast.Tuple):
        message = _("a comma stands only between the arguments of a function")
        hint = _("decimals are written with a point: 1.5")
    elif isinstance(node, ast.Attribute):
        if not dotted_name(node).partition(".")[0]:
            message = _("a dot stands only inside an id: students_8_9.ovz")
    elif isinstance(node, ast.UnaryOp):
        if not isinstance(node.op, ast.USub | ast.Not):
            message = _("a plus has nothing to add to here")
    elif isinstance(node, ast.expr) and type(node) not in HANDLERS:
        message = _("this is not part of formulas")
    if message:
        yield Problem("formula-syntax", message, formula.span(node), hint)
