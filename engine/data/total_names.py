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


def is_total(text: str, names: Collection[str]) -> bool:
    """Whether it is the name of a total, with nothing but a place or a year after it.

    `names` are the folded names of places: what bears one of them is no total.
    """
    return _is_total(fold_name(text), names, ())


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


AREA_WORDS = frozenset(
    {"город", "район", "округ", "край", "область", "регион", "муниципалитет"},
)
"""Alone among schools each names the total of them; among places above schools, one of these."""
_OTHER_ROWS = (
    r"(?:(?:общий|промежуточный) итог|максимум|минимум|медиана"
    rf"|{'|'.join(sorted(AREA_WORDS))}"
    r"|средн(?:ий|ее|яя) (?:показатель|значение|балл|доля)"
    r"|(?:итого|всего)[:,(]? ?(?:[0-9]+ )?(?:чел(?:овек)?|учащихся|обучающихся|детей)"
    r"|(?:в т\. ?ч|в том числе|из них)\b.*)"
)
# «Всего ДОУ», «Итого по сельским школам района»: a total word and nothing but words of these kinds.
_OF_KIND = re.compile(r"(?:итого|итог|всего|сумма|total)(?=[ :.,(-])(.*)")
_ORGANISATIONS = re.compile(
    r"школ(?:ы|ам|ах|)|[мгч]?[абк]?д?о[оу]|[сон]ош|удо|учреждени(?:я|й|ям|ях)|организаци(?:и|й|ям|ях)"
    r"|заведени(?:я|й|ям|ях)|лице(?:и|ев|ям|ях)|гимнази(?:и|й|ям|ях)|интернат(?:ы|ов|ам|ах)"
    r"|(?:дет)?сад(?:ы|ов|ам|ах)|д/с|филиал(?:ы|ов|ам|ах)"
)
_ONE_OF_THEM = re.compile(r"школа|учреждение|организация")
_WHICH = re.compile(
    r"(?:городск|сельск|поселков|дошкольн|муниципальн|государственн|негосударственн|частн|казенн"
    r"|бюджетн|автономн|общеобразовательн|образовательн|малокомплектн|основн|средн|начальн|коррекционн"
    r"|специальн|вечерн|базов|опорн|районн|окружн|остальн|прочи|други|подведомственн|детск"
    r"|дополнительн|общ)[а-я]*|образовани[ея]|детей|дет|по|в|и|с|том|числе|т|ч|всем|всех"
)
_AREAS = re.compile(
    r"г|гор|р-н[а-я]?|с|п|мо|(?:город|район|округ|муниципалитет|област|кра|регион|сел|поселк|территори)"
    r"[а-я]{0,3}"
)
_NO_SUM = (
    r"средн|максимум|минимум|медиана|промежуточн|в т\.|в том числе|из них|городски|сельски|"
    r"дошкольн|частн|коррекционн|начальн|основн|вечерн|малокомплектн|остальн|прочи|други|детск|"
    r"\b[мгч]?[абк]?до[оу]\b|\b[сон]ош\b|лице|гимнази|интернат|\bсад|д/с|филиал|"
    r"^(?:всего|итого)[:,(]? ?(?:[0-9]+ )?(?:школ[аы]?|оо|организаци[йяи]|учреждени[йяе])[ .)]*(?:[0-9]{4}.*)?$"
)
_KIND = r"(?:г|гор|город[а-я]?|район[а-я]?|р-н[а-я]?|округ[а-я]?|муниципальн\w+|городск\w+|образовани[а-я]+)"
_ENDING = 3  # letters that a case of a name may change
IN_TOTALS = r"(?i)[^\x00-\x7f]|total"
"""What every name holds that is a total whatever the places are called: for Polars to look for."""


def is_total_row(text: str, schools: Collection[str], places: Collection[str]) -> bool:
    """Whether a row of schools that bears this name is a total of others, or a part of one.

    `schools` and `places`: the names of schools, and of what lies above them, folded. Beside the
    names of `is_total` that is a place above, alone or after «итого по», in whatever case, and what
    among schools is no name of one: «общий итог», «всего ДОУ», «итого по сельским школам района»,
    «в том числе городские». A number or a name of its own («Итого школа № 5») leaves it a school.
    """
    whole = fold_name(text)
    folded = whole.strip(" :.()")
    if whole in schools:
        return False
    if _is_total(whole, schools, places) or re.fullmatch(_OTHER_ROWS, folded):
        return True
    if _is_of_kind(folded, places):
        return True
    match = re.fullmatch(rf"(?:{_TOTAL}[: ]*)?(по )?(.+?)", folded) if places else None
    if match is None:
        return False
    rest = _split_place(match[2])
    return any(_is_same(rest, _split_place(place), inflected=bool(match[1])) for place in places)


def _is_of_kind(folded: str, places: Collection[str]) -> bool:
    """Whether a total word stands before kinds of organisations and, maybe, an area and a year.

    A word that is not known may only stand near one of an area («Усольского городского округа»), and
    only where the organisations are several.
    """
    match = _OF_KIND.fullmatch(folded)
    if match is None:
        return False
    rest = re.sub(r"(?<=[а-я ])(?:за |на )?[0-9]{4}(?: ?(?:г|год))?[ .)]*$", "", match[1])
    rest = re.sub(r"^[ :.,(-]*[0-9]{1,4} ", "", rest)
    for place in sorted(places, key=len, reverse=True):
        rest = re.sub(rf"(?<=[ .]){re.escape(place)}$", "", rest)
    words = [word for word in re.split(r"[ .,:;()]+|(?<!р)-", rest) if word]
    known = (_ORGANISATIONS, _ONE_OF_THEM, _WHICH, _AREAS)
    kinds = [word for word in words if _ORGANISATIONS.fullmatch(word)]
    strange = [
        number
        for number, word in enumerate(words)
        if not any(pattern.fullmatch(word) for pattern in known)
    ]
    if not words or (strange and not kinds):
        return False
    return all(
        words[number].isalpha()
        and any(map(_AREAS.fullmatch, words[max(0, number - 2) : number + 3]))
        for number in strange
    )


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
