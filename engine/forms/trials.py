"""What may be wrong with an answer, told twice: as a live formula of the sheet, and here.

The two say the same of the same cells, so that a form is written with the words that its formulas
will show. Only what is certainly wrong is told: a cell that is not filled in fails nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from engine.catalogue.model import Input, Scenario
from engine.data.cells import is_percent
from engine.forms.words import NO, NOT_APPLICABLE, YES

Key = tuple[str, int, Scenario]
"""An input (or an indicator), the year of the data, the scenario."""
Raw = float | int | bool | str | date | None
"""What stands in a cell."""
Answers = Mapping[Key, Raw]

_LONGEST = 250  # letters of one text in a formula
FIRST_DAY, LAST_DAY = 32874, 73415  # 1990-01-01 … 2100-12-31, as spreadsheets count days
_HUNDRED = 100
_DIGITS = 6  # to which sums are compared


class Test(Protocol):
    """Whether something is wrong: `formula` is TRUE then, without the leading sign."""

    @property
    def formula(self) -> str:
        """A condition over cells of the sheet."""

    def fails(self, answers: Answers) -> bool:
        """The same over the answers."""


@dataclass(frozen=True, slots=True)
class Cell:
    """An answer: where it stands, and whose it is."""

    address: str
    key: Key


def quote(text: str) -> str:
    """A text as a formula writes it."""
    parts = [text[at : at + _LONGEST] for at in range(0, len(text), _LONGEST)] or [""]
    return "&".join('"' + part.replace('"', '""') + '"' for part in parts)


def says(address: str, word: str) -> str:
    """The condition that a cell holds this word, in any case, with spaces around or not."""
    return f"LOWER(TRIM({address}))={quote(word.lower())}"


def is_empty(raw: Raw) -> bool:
    """Whether nothing stands in the cell."""
    return raw is None or raw == ""


def is_word(raw: Raw, *words: str) -> bool:
    """Whether the cell holds one of these words."""
    return isinstance(raw, str) and " ".join(raw.split(" ")).strip(" ").lower() in words


def accepts(asked: Input, address: str) -> str:
    """The condition that a filled cell holds what is due; empty where anything is."""
    other = says(address, NOT_APPLICABLE)
    inside = _range(asked, address)
    if inside is not None:
        return (
            f"IF(ISNUMBER({address}),{inside},{other})"
            if inside
            else (f"OR(ISNUMBER({address}),{other})")
        )
    words = choices(asked)
    return f"OR({','.join(says(address, word) for word in words)})" if words else ""


def choices(asked: Input) -> tuple[str, ...]:
    """What a cell with a list may hold; empty for all others."""
    if asked.type == "yes_no":
        return YES, NO, NOT_APPLICABLE
    if asked.type == "choice":
        return (*(title or one for one, title in asked.options.items()), NOT_APPLICABLE)
    return ()


def _range(asked: Input, address: str) -> str | None:
    """The condition on a number; empty for any number, None where none is due."""
    if asked.type == "count":
        return f"AND({address}>=0,{address}=INT({address}))"
    if asked.type == "date":
        return f"AND({address}>={FIRST_DAY},{address}<={LAST_DAY})"
    if asked.type == "number":
        return f"AND({address}>=0,{address}<={_HUNDRED})" if is_percent(asked) else ""
    return None


def accepted(asked: Input, raw: Raw) -> bool:
    """Whether a filled cell holds what is due."""
    words = choices(asked)
    if words:
        return is_word(raw, *(word.lower() for word in words))
    if asked.type in {"text", "link"} or is_word(raw, NOT_APPLICABLE):
        return True
    if isinstance(raw, date):
        return asked.type == "date"
    return isinstance(raw, int | float) and not isinstance(raw, bool) and _inside(asked, raw)


def _inside(asked: Input, number: float) -> bool:
    if asked.type == "count":
        return number >= 0 and number == int(number)
    if asked.type == "date":
        return FIRST_DAY <= number <= LAST_DAY
    return 0 <= number <= _HUNDRED if is_percent(asked) else True


@dataclass(frozen=True, slots=True)
class Mistyped:
    """The cell holds something else than what is due."""

    cell: Cell
    asked: Input

    @property
    def formula(self) -> str:  # noqa: D102 - as in Test
        fits = accepts(self.asked, self.cell.address)
        return f'AND({self.cell.address}<>"",NOT({fits}))' if fits else "FALSE"

    def fails(self, answers: Answers) -> bool:  # noqa: D102
        raw = answers.get(self.cell.key)
        return not is_empty(raw) and not accepted(self.asked, raw)


@dataclass(frozen=True, slots=True)
class Required:
    """The answer is yes, and what a yes asks for is not filled in."""

    cell: Cell
    yes: Cell

    @property
    def formula(self) -> str:  # noqa: D102
        return f'AND({says(self.yes.address, YES)},{self.cell.address}="")'

    def fails(self, answers: Answers) -> bool:  # noqa: D102
        return is_word(answers.get(self.yes.key), YES) and is_empty(answers.get(self.cell.key))


_WRONG: Mapping[str, tuple[str, Callable[[float], bool]]] = {
    "<=": (">0", lambda more: more > 0),
    "<": (">=0", lambda more: more >= 0),
    ">=": ("<0", lambda more: more < 0),
    ">": ("<=0", lambda more: more <= 0),
    "==": ("<>0", lambda more: more != 0),
    "!=": ("=0", lambda more: more == 0),
}


@dataclass(frozen=True, slots=True)
class Compared:
    """Two sums of cells, all of them filled in, are not as they should be.

    A cell that says «н/п» adds nothing; a sum of such cells alone is compared with nothing.
    """

    left: tuple[Cell, ...]
    sign: str
    right: tuple[Cell, ...]

    @property
    def formula(self) -> str:  # noqa: D102
        left, right = (",".join(one.address for one in side) for side in (self.left, self.right))
        wrong = f"ROUND(SUM({left})-SUM({right}),{_DIGITS}){_WRONG[self.sign][0]}"
        if len(self.left) == len(self.right) == 1:
            return f"AND(ISNUMBER({left}),ISNUMBER({right}),{wrong})"
        every = list(dict.fromkeys(one.address for one in (*self.left, *self.right)))
        filled = "+".join(
            [f"COUNT({','.join(every)})", *(f"({says(one, NOT_APPLICABLE)})" for one in every)]
        )
        return f"AND({filled}={len(every)},COUNT({left})>0,COUNT({right})>0,{wrong})"

    def fails(self, answers: Answers) -> bool:  # noqa: D102
        sums = []
        for side in (self.left, self.right):
            raw = [answers.get(one.key) for one in side]
            numbers = [
                one for one in raw if isinstance(one, int | float) and not isinstance(one, bool)
            ]
            if not numbers or len(numbers) + sum(is_word(one, NOT_APPLICABLE) for one in raw) < len(
                raw
            ):
                return False
            sums.append(sum(numbers))
        return _WRONG[self.sign][1](round(sums[0] - sums[1], _DIGITS))


@dataclass(frozen=True, slots=True)
class Broken:
    """A condition of the catalogue does not hold; `key` is its own.

    Its formula differs from place to place: here it is a sign that `put_live` replaces.
    """

    key: Key

    @property
    def formula(self) -> str:  # noqa: D102 - as in Test
        return sign_of(self.key)

    def fails(self, answers: Answers) -> bool:  # noqa: D102
        return answers.get(self.key) == NO


def sign_of(key: Key) -> str:
    """What stands for the live formula of a condition until the place is known."""
    return "\x03" + "\x1f".join(map(str, key)) + "\x03"


def put_live(formula: str, keys: Iterable[Key], live: Mapping[Key, str]) -> str:
    """The formula with the live conditions of a place put in; one without a formula never fails."""
    for key in keys:
        shown = live.get(key, "").removeprefix("=")
        condition = f"{shown}={quote(NO)}" if shown else "FALSE"
        formula = formula.replace(sign_of(key), condition)
    return formula
