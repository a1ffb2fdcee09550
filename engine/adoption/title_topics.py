"""Which input a table is of, where its headings say only years.

A title says so («Показатель: Обучающиеся», «Таблица 2. Педагоги, чел.») or the name of the sheet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.adoption.title_places import find_all_places, strip_around
from engine.adoption.vocabulary import Label, RowMeaning, Vocabulary
from engine.data.headings import WORDS
from engine.same_names import fold_name
from engine.units import read_measure

_SIGNS = " .,:;()-"
# «Таблица 2 …», «1.3 …», «1) …», «Показатель: …», as they are folded. «9 класс» is no number of a title.
_LEAD = re.compile(
    r"(?:(?:таблица|табл\.?|показатель|наименование показателя|table|indicator)\b ?(?:# ?)?(?:[0-9]+(?:\.[0-9]+)*)?"
    r"|(?:# ?)?(?:[0-9]+(?:\.[0-9]+)+|[0-9]+(?=[.:)])))?[ .:)-]*"
)
# «… за 2022-2023 годы», «… в 2022 и 2023 гг.»
_YEARS_AT_END = re.compile(
    r"(?<!\w)(?:(?:за|в|на|с|по) )?(?:(?:период|течение) )?(?:(?:с|за) )?"
    r"(?:19|20)[0-9]{2}(?:(?: ?[-,/] ?| и | по )(?:19|20)?[0-9]{2})*"
    r"(?: ?(?:учебн[а-я]+ |уч\. ?)?(?:год[а-я]*|гг?\.?))?[ .,)]*$"
)
_BY_SCHOOL_AT_END = re.compile(
    r"(?<!\w)(?:по|в разрезе) (?:всем )?(?:школ(?:ам)?|оо|оу|(?:обще)?образовательн[а-я]+ (?:организаци|учреждени)[а-я]+)"
    r"(?: (?:город|район|округ|муниципалитет)[а-я]*)?[ .,)]*$"
)
# What says nothing of what is counted.
_GENERAL = re.compile(
    r"(?:(?:сводн|общ|статистическ)[а-я]+ )?(?:свод|ведомость|таблица|данные|сведения|отчет|информация|форма"
    r"|мониторинг|динамика|показатели|(?:продолжение|окончание)(?: таблицы)?)|"
    r"приложение(?: ?#? ?[0-9]+)?(?: к .*)?|(?:к |утвержд|согласован).*"
)
_UNIT = re.compile(r"(?:(?:единиц[аы]|ед\.?) ?(?:измерени[яй]|изм\.?)?|в)[ :-]*")


@dataclass(frozen=True, slots=True)
class Topic:
    """What the titles of a table name: one meaning, or inputs of which one may be meant, or nothing."""

    meaning: RowMeaning | None = None
    offers: tuple[str, ...] = ()

    @property
    def input(self) -> str:
        """The one input that is named; empty where there is none."""
        inputs = self.meaning.inputs if self.meaning is not None else ()
        return inputs[0] if len(inputs) == 1 else ""


def needs_topic(label: Label, parts: Sequence[str]) -> bool:
    """Whether a heading says of which year a column is, or that it holds values, and nothing else.

    `parts`: its texts; «Результаты экзаменов» says of what they are.
    """
    if not label.known or label.total or label.place or label.meaning is not None:
        return False
    if label.key is not None and not any(
        re.fullmatch(WORDS["value"], fold_name(part)) for part in parts
    ):
        return False
    return label.year is not None or bool(label.scenario) or label.key == "value"


def find_topic(sheet: str, titles: tuple[str, ...], vocabulary: Vocabulary) -> Topic:
    """The topic of a table; `titles` stand above it, the nearest last.

    It is what the nearest title names, together with those above it («Обучающиеся» / «с ОВЗ»); titles
    that are general are passed over, and the sheet's name stands above all. Where a title further off
    names another input, or a part of this one, none is decided.
    """
    texts = [name for title in titles if (name := strip_title(title, vocabulary))]
    if vocabulary.find_meanings(name := strip_title(sheet, vocabulary)) or not texts:
        texts.insert(0, name)
    for first in range(len(texts) - 1, -1, -1):
        meaning, _rest, several = vocabulary.read_names(texts[first:])
        if meaning is None:
            if several:
                return Topic(offers=several)
            continue
        if len(meaning.inputs) > 1:
            return Topic(offers=meaning.inputs)
        others = _list_others(meaning, (*texts[:first], sheet), vocabulary)
        return Topic(offers=(*meaning.inputs, *others)) if others else Topic(meaning)
    offers = (name for text in reversed(texts) for name in vocabulary.offer_inputs([text]))
    return Topic(offers=tuple(dict.fromkeys(offers)))


def _list_others(
    meaning: RowMeaning, texts: tuple[str, ...], vocabulary: Vocabulary
) -> tuple[str, ...]:
    """The inputs that other texts name beside a meaning which is no part of them."""
    own = set(meaning.inputs)
    wholes = {vocabulary.catalogue.inputs[name].whole for name in own}
    others: dict[str, None] = {}
    for text in texts:
        name = strip_title(text, vocabulary)
        for found in vocabulary.find_meanings(name):
            others |= dict.fromkeys(one for one in found.inputs if one not in own | wholes)
        parts = (vocabulary.find_part(one, name) for one in own)
        others |= dict.fromkeys(part for part in parts if part is not None and part not in own)
    return tuple(others)


def strip_title(text: str, vocabulary: Vocabulary) -> str:
    """What a title names; empty where it is general: of a paper, a year, a unit or a place."""
    candidates = list(_strip(" ".join(text.replace("_", " ").split()), vocabulary))
    named = next(filter(vocabulary.find_meanings, candidates), "")
    return named or ("" if any(map(_is_general, candidates)) else candidates[-1])


def _strip(text: str, vocabulary: Vocabulary) -> Iterator[str]:
    """The text, and what is left of it without what usually stands before and after a name."""
    yield text
    whole = fold_name(text)
    name = ""
    for start in (whole, _LEAD.sub("", whole, count=1)):
        name = start
        yield name
        while (shorter := _strip_end(name)) != name:
            name = shorter
            yield name
    if find_all_places([text], vocabulary):
        yield ""
    yield from (part for part in strip_around(name) if vocabulary.find_meanings(part))
    yield name


def strip_years(name: str) -> str:
    """The folded name without years at its end."""
    return _YEARS_AT_END.sub("", name).rstrip(" ,:(-")


def _strip_end(name: str) -> str:
    """The name without years, or «по школам», at its end."""
    return _BY_SCHOOL_AT_END.sub("", strip_years(name)).rstrip(" ,:(-")


def _is_general(text: str) -> bool:
    name = fold_name(text).strip(_SIGNS)
    unit = _UNIT.sub("", name, count=1).strip(_SIGNS)
    return not name or bool(_GENERAL.fullmatch(name)) or read_measure(unit) is not None
