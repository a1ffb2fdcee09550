"""The reading of words: a formula as a sentence, with titles or with numbers in it.

`show_name` says what stands for a name: its title in quotes, or its number at one place.
`show_call` may answer for a whole call, as the numbers do for what is read at schools or a year
before; where it has no answer, the words of the function are used.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass

from engine.language.functions import FUNCTIONS
from engine.language.grammar import SCORE, Reading, dotted_name, literal_number, split_score
from engine.level_words import LevelName
from engine.translation import gettext as _
from engine.units import format_number

SIGNS = {"+": "+", "-": "−", "*": "×", "/": "/"}
RELATIONS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥", "==": "=", "!=": "≠"}

# How tightly a phrase holds together: what is looser gets brackets inside what is tighter.
LOOSE, OR, AND, NOT, RELATION, SUM, PRODUCT, MINUS, WHOLE = range(9)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A piece of the sentence, and how tightly it holds together."""

    text: str
    binding: int = WHOLE

    def inside(self, binding: int) -> str:
        """The text as it stands inside something that binds so tightly."""
        return self.text if self.binding >= binding else f"({self.text})"


class Words(Reading[Phrase]):
    """See the module. `language` says how numbers are printed."""

    def __init__(
        self,
        show_name: Callable[[str], str],
        show_call: Callable[[ast.Call], Phrase | None] = lambda _node: None,
        language: str = "ru",
    ) -> None:
        super().__init__()
        self.show_name, self.show_call, self.language = show_name, show_call, language

    def number(self, value: float, node: ast.Constant) -> Phrase:
        return Phrase(format_number(value, None, self.language))

    def name(self, name: str, node: ast.AST) -> Phrase:
        return Phrase(self.show_name(name))

    def binary(self, sign: str, left: Phrase, right: Phrase, node: ast.BinOp) -> Phrase:
        binding = SUM if sign in "+-" else PRODUCT
        # a − (b + c) and a / (b × c) keep their brackets, a + b + c needs none.
        tighter = binding + 1 if sign in "-/" else binding
        text = f"{left.inside(binding)} {SIGNS[sign]} {right.inside(tighter)}"
        return Phrase(text, binding)

    def negate(self, operand: Phrase, node: ast.UnaryOp) -> Phrase:
        return Phrase(f"−{operand.inside(WHOLE)}", MINUS)

    def invert(self, operand: Phrase, node: ast.UnaryOp) -> Phrase:
        return Phrase(_("not {condition}").format(condition=operand.inside(NOT)), NOT)

    def logic(self, word: str, values: list[Phrase], node: ast.BoolOp) -> Phrase:
        binding = AND if word == "and" else OR
        between = _(" and ") if word == "and" else _(" or ")
        return Phrase(between.join(value.inside(binding + 1) for value in values), binding)

    def compare(self, signs: list[str], values: list[Phrase], node: ast.Compare) -> Phrase:
        text = values[0].inside(SUM)
        for sign, value in zip(signs, values[1:], strict=True):
            text += f" {RELATIONS[sign]} {value.inside(SUM)}"
        return Phrase(text, RELATION)

    def choose(self, condition: Phrase, yes: Phrase, no: Phrase, node: ast.IfExp) -> Phrase:
        text = _("{yes} if {condition}, else {no}").format(
            yes=yes.inside(OR), condition=condition.text, no=no.inside(OR)
        )
        return Phrase(text, LOOSE)

    def call(self, function: str, arguments: list[ast.expr], node: ast.Call) -> Phrase:
        answer = self.show_call(node)
        if answer is not None:
            return answer
        if function == SCORE:
            return self._score(node)
        declared = FUNCTIONS[function]
        phrases = [self._argument(declared.reads(i), arg) for i, arg in enumerate(arguments)]
        if function == "share":
            part, whole = phrases[0].inside(PRODUCT), phrases[1].inside(MINUS)
            return Phrase(_(declared.words).format(part, whole), PRODUCT)
        if function == "coalesce" and len(phrases) > 2:  # noqa: PLR2004 - its pattern has two
            text = phrases[-1].text
            for phrase in reversed(phrases[:-1]):
                text = _(declared.words).format(phrase.text, text)
            return Phrase(text)
        texts = [phrase.text for phrase in phrases]
        pattern = _(declared.words).replace("{*}", "; ".join(texts).replace("{", "{{"))
        return Phrase(pattern.format(*texts))

    def _score(self, node: ast.Call) -> Phrase:
        """`[взвешенное среднее: «А» × 0,5; «Б» × 0,3; не больше 20]`."""
        score = split_score(node)
        weighing = score.weighing
        plain = all(literal_number(weight) == 1 for weight in score.weights)
        heads = {
            "sum": (_("weighted sum: {members}"), _("sum of: {members}")),
            "mean": (_("weighted mean: {members}"), _("mean of: {members}")),
            "share": (_("share of the greatest possible, %: {members}"),) * 2,
        }
        pairs = zip(score.members, score.weights, strict=True)
        members = [
            self.read(member).text
            if literal_number(weight) == 1
            else f"{self.read(member).inside(PRODUCT)} × {self.read(weight).inside(PRODUCT)}"
            for member, weight in pairs
        ]
        absent = {
            "none": (),
            "zero": (_("a member without a value counts as 0"),),
            "rescale": (_("weights are rescaled without members that have no value"),),
            "move": tuple(
                _("without a value the weight of {member} goes to {goal}").format(
                    member=self.read(score.members[start]).text,
                    goal=self.read(score.members[goal]).text,
                )
                for start, goal in weighing.moves
            ),
        }[weighing.absent]
        least = (_("members with a value: at least {count}").format(count=weighing.members),)
        ends = [
            pattern.format(number=format_number(end, None, self.language))
            for pattern, end in (
                (_("at most {number}"), weighing.cap),
                (_("at least {number}"), weighing.floor),
            )
            if end is not None
        ]
        text = heads[weighing.how][plain].format(members="; ".join(members))
        few = least if weighing.members > 1 else ()
        return Phrase(f"[{'; '.join([text, *absent, *few, *ends])}]")

    def _argument(self, read: str, node: ast.expr) -> Phrase:
        if read == "literal" and literal_number(node) is None:
            return Phrase(LevelName(self.show_name(dotted_name(node))))
        return self.read(node)
