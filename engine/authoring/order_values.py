"""What stands in the cells of an order's table: units and targets, as people write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from engine.units import UNIT_WORDS, read_unit

Word = Literal["", "at_least", "at_most", "between"]

_SPACES = re.compile(r"(?<=\d)[\s\u00a0\u202f](?=\d{3}(?!\d))")
_NUMBER = r"(?P<number>-?\d+(?:[.,]\d+)?)"
# «не менее 50», «≥ 50», «50 и более», «50 %», «50 чел.»
_AT_LEAST = r"(?:не\s+менее(?:\s+чем)?|не\s+ниже|не\s+меньше|>=|≥)"
_AT_MOST = r"(?:не\s+более(?:\s+чем)?|не\s+выше|не\s+больше|<=|≤)"
_TARGET = re.compile(
    rf"(?:(?P<at_least>{_AT_LEAST})|(?P<at_most>{_AT_MOST}))?\s*{_NUMBER}\s*"
    r"(?:(?P<and_more>и\s+(?:более|выше|больше))|(?P<and_less>и\s+(?:менее|ниже|меньше)))?"
    r"\s*(?P<unit>%|[а-яё]+(?:\.\s?[а-яё]+)*\.?)?\s*"
)
_BETWEEN = re.compile(rf"от\s+{_NUMBER}\s+до\s+{_NUMBER.replace('number', 'end')}\s*%?")
_PLACEHOLDER = re.compile(rf"(?:{_AT_LEAST}|{_AT_MOST})?\s*0{{2,}}(?:\s.*)?")
_THOUSANDS = re.compile(
    r"(?<![\d.,])[1-9]\d{0,2}\.\d{3}(?!\d)"
)  # 1.200: a little over one, or 1200?
_YES = {"да", "есть", "имеется"}
_NOTHING = {"", "-", "–", "—", "−"}

# Words that end a title also where they are no unit: there they need the comma of «…, чел.».
_STUCK = re.compile(
    r"(?P<title>.*?\S)(?:\s*,\s*\(?(?P<unit>{words})\)?|\s*\(?(?P<percent>%)\)?)\s*\.?".replace(
        "{words}", "|".join(pattern for pattern, _unit in UNIT_WORDS)
    ),
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class OrderTarget:
    """A target as a catalogue writes it; `text` is its cell. Without a value it is null.

    `read`: whether it is known what the cell means; `percent`: how many percent a share would be that
    stands where percents are due. `value`: a number or the list of `between`,
    with the decimals that it is written with.
    """

    text: str
    value: str = ""
    word: Word = ""
    read: bool = True
    percent: str = ""

    @property
    def written(self) -> str:
        """The value of its year under `targets`."""
        if not self.value:
            return "null"
        return f"{{{self.word}: {self.value}}}" if self.word else self.value

    @property
    def decimals(self) -> int:
        """With how many decimals it is written."""
        numbers = re.findall(r"[\d.]+", self.value)
        return max((len(number.partition(".")[2]) for number in numbers), default=0)


def read_target(text: str, unit: str | None) -> OrderTarget | None:
    """The target in a cell; None where the cell sets none.

    A number beside another unit than the indicator's (`unit`, None where it is not known), or beside
    a word that is no unit («2024 год»), is not read, nor one whose dot may part thousands («1.200»),
    nor a share such as 0,9 where percents are due: with the sign (0,9 %) it is.
    «Не менее 00» is a placeholder and no target of zero.
    """
    folded = _SPACES.sub("", " ".join(text.casefold().split()))
    if folded in _NOTHING:
        return None
    if folded in _YES and unit is None:
        return OrderTarget(text, "yes")
    if _PLACEHOLDER.fullmatch(folded):
        return OrderTarget(text)
    if unit == "percent" and (share := _find_share(folded)):
        return OrderTarget(text, read=False, percent=share)
    number = None if _THOUSANDS.search(folded) else _read_number(folded, unit)
    return OrderTarget(text, *number) if number else OrderTarget(text, read=False)


def _read_number(folded: str, unit: str | None) -> tuple[str, Word] | None:
    """The number of a cell, or both ends, and the word it is compared by."""
    ends = _BETWEEN.fullmatch(folded)
    if ends:
        return f"[{_plain(ends['number'])}, {_plain(ends['end'])}]", "between"
    match = _TARGET.fullmatch(folded)
    if match is None:
        return None
    named = read_unit(match["unit"]) if match["unit"] else unit
    if match["unit"] and (named is None or (unit and named != unit)):
        return None
    least, most = match["at_least"] or match["and_more"], match["at_most"] or match["and_less"]
    if least and most:
        return None
    return _plain(match["number"]), "at_least" if least else "at_most" if most else ""


def _find_share(folded: str) -> str:
    """How many percent the first number of a cell would be that may be a share; empty for none."""
    if "%" in folded or "процент" in folded:
        return ""
    numbers = (Decimal(text.replace(",", ".")) for text in re.findall(r"\d+(?:[.,]\d+)?", folded))
    share = next((number for number in numbers if 0 < number < 1), None)
    return "" if share is None else f"{(share * 100).normalize():f}".replace(".", ",")


def _plain(number: str) -> str:
    """A number with a decimal point, its decimals as written, and no zeros before it."""
    return f"{Decimal(number.replace(',', '.')):f}"


def split_unit(title: str) -> tuple[str, str]:
    """A title and the unit stuck to its end: «…, чел.», «…, %», «… %»; empty where there is none."""
    match = _STUCK.fullmatch(title)
    if match is None:
        return title, ""
    return match["title"], match["unit"] or match["percent"]
