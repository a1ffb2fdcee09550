"""The names of totals: «Итого», «Всего по району», «Итого: 2023»."""

from __future__ import annotations

import re
from collections.abc import Collection

from engine.data.facts import read_year
from engine.same_names import fold_name

_TOTAL = (
    r"(?:итого|итог|всего|сумма|в среднем|среднее(?: значение)?|total)"
    r"(?:[:.]|,? ?(?:итого|всего|сумма))*"
)
_WHERE = (
    r"по (?:всем )?(?:район[у]?|город[у]?|округ[у]?|муниципалитет[у]?|области|краю|региону|школам|"
    r"организациям|оо|учреждениям|муниципальному (?:образованию|округу|району))"
)
_BEGINNING = re.compile(rf"(?:{_TOTAL}(?: {_WHERE})?|{_WHERE})(?= |$|[:.,(])")


def is_total(text: str, names: Collection[str], around: Collection[str] = ()) -> bool:
    """Whether it is the name of a total, with nothing but a place or a year after it.

    `names` are the folded names of places: what bears one of them is no total. `around` are those of
    places in which they lie.
    """
    return _is_total(fold_name(text), names, around)


def _is_total(folded: str, names: Collection[str], around: Collection[str]) -> bool:
    match = _BEGINNING.match(folded)
    if match is None or folded in names:
        return False
    rest = re.sub(r"^(?:за|на|по) ", "", folded[match.end() :].strip(" :.,()"))
    if _is_year(rest):
        return True
    return any(
        rest.startswith(name) and _is_year(rest[len(name) :].strip(" :.,()"))
        for name in (*names, *around)
    )


_OTHER_ROWS = (
    r"(?:(?:общий|промежуточный) итог|максимум|минимум|медиана"
    r"|город|район|округ|край|область|муниципалитет"
    r"|средн(?:ий|ее|яя) (?:показатель|значение|балл|доля)"
    r"|(?:итого|всего)[:,(]? ?(?:[0-9]+ )?(?:школ[аы]?|оо|организаци[йяи]|учреждени[йяе]|чел(?:овек)?|"
    r"учащихся|обучающихся|детей)"
    r"|(?:итого|всего)[:,]? ?(?:по )?(?:городск|сельск)\w+(?: (?:школ\w*|оо|организаци\w*))?"
    r"|(?:в т\. ?ч|в том числе|из них)\b.*)"
)
_NO_SUM = (
    r"средн|максимум|минимум|медиана|промежуточн|в т\.|в том числе|из них|городски|сельски|"
    r"^(?:всего|итого)[:,(]? ?(?:[0-9]+ )?(?:школ[аы]?|оо|организаци[йяи]|учреждени[йяе])[ .)]*$"
)
_KIND = r"(?:г|гор|город[а-я]?|район[а-я]?|р-н[а-я]?|округ[а-я]?|муниципальн\w+|городск\w+|образовани[а-я]+)"
_ENDING = 3  # letters that a case of a name may change
IN_TOTALS = r"(?i)[^\x00-\x7f]|total"
"""What every name holds that is a total whatever the places are called: for Polars to look for."""


def is_total_row(text: str, schools: Collection[str], places: Collection[str]) -> bool:
    """Whether a row of schools that bears this name is a total of others, or a part of one.

    `schools` and `places`: the names of schools, and of what lies above them, folded. Beside the
    names of `is_total` that is a place above, alone or after «итого по», in whatever case, and what
    among schools is no name of one: «общий итог», «всего школ», «в том числе городские».
    """
    whole = fold_name(text)
    folded = whole.strip(" :.()")
    if whole in schools:
        return False
    if _is_total(whole, schools, places) or re.fullmatch(_OTHER_ROWS, folded):
        return True
    match = re.fullmatch(rf"(?:{_TOTAL}[: ]*)?(по )?(.+?)", folded) if places else None
    if match is None:
        return False
    rest = _split_place(match[2])
    return any(_is_same(rest, _split_place(place), inflected=bool(match[1])) for place in places)


def may_be_total(text: str) -> bool:
    """Whether a name begins as that of a total does: «Всего ДОУ», «Итого: дошкольные»."""
    return re.match(rf"{_TOTAL}(?= |$|[:.,(])", fold_name(text)) is not None


def is_sum(text: str) -> bool:
    """Whether a row of that name holds the sum of all others: no mean, and no part of them."""
    return not re.search(_NO_SUM, fold_name(text))


def _split_place(name: str) -> tuple[str, ...]:
    """The words of a name of a place, without those that say of which kind it is; without a year."""
    words = re.split(r"[ .:,()\"]+", re.sub(r"(?:за )?[0-9]{4}(?: ?г(?:од)?)?[ .]*$", "", name))
    return tuple(word for word in words if word and not re.fullmatch(_KIND, word))


def _is_same(words: tuple[str, ...], place: tuple[str, ...], *, inflected: bool) -> bool:
    """Whether these are the words of the place, in its own case or, `inflected`, in another."""
    if not place or len(words) != len(place):
        return False
    if not inflected:
        return words == place
    return all(
        word.startswith(due[: max(_ENDING, len(due) - _ENDING)])
        and abs(len(word) - len(due)) <= _ENDING
        for word, due in zip(words, place, strict=True)
    )


def _is_year(text: str) -> bool:
    """Whether nothing is said but a year, or not even that."""
    return not text or read_year(re.sub(r"^(?:за|на) ", "", text)) is not None
