"""What the texts around a table say of all its numbers: fact or forecast, part of a year, unit.

These are the sheet's name, the titles above the table and the file's name. A word that is plain is
taken as said; one that may be meant otherwise is a question, and nothing is read until it is
answered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from engine.adoption.regions import Region
from engine.catalogue.model import NUMERIC, Input
from engine.data.cells import parse_number
from engine.same_names import fold_name
from engine.units import PERCENT, Unit, measure_alike, read_measure

_PLAN = (
    r"(?:план|прогноз|plan|forecast"
    r"|(?:планов|прогнозн|(?:за)?планируем|прогнозируем)(?:ый|ая|ое|ые))"
)
_PLAN_WORD = re.compile(
    r"\b(?:(?:за)?план(?:а|у|ом|е|ы|ов|ам|ами|ах|ов[а-я]+|ир[а-я]+)?|прогноз[а-я]*|ожидаем[а-я]+"
    r"|намечен[а-я]*|plan|forecast)(?![а-яa-z])"
    r"|\b(?:цели|задани[ея]) на\b|\bконтрольн[а-я]+ цифр[а-я]*"
)
_TARGET_WORD = re.compile(r"\bцелев[а-я]+ (?:значени|показател|ориентир|индикатор|уров)[а-я]+")
_FACT_WORD = re.compile(r"\bфакт(?:а|ы|ов|ическ[а-я]+)?\b")
# «Выполнение плана», «о достижении показателей плана»: facts; «учебный план»: no plan of numbers.
_DONE = re.compile(
    r"\b(?:выполнен|исполнен|реализац|реализов|достижен|достигнут)[а-я]+(?: [а-я]+){0,3}? "
    r"(?:план|прогноз|целев)[а-я]*(?: (?:значени|показател)[а-я]+)?"
    r"|\b(?:учебн|индивидуальн|тематическ)[а-я]+ план[а-я]*"
)
_USUAL = r"(?:показател(?:и|ей)|значени[яй]|данны[ех]|задание|проект)"
# The word stands at the beginning or after a break, and what follows it is a year or a usual word.
_PLAINLY = re.compile(
    rf"(?:^|[,:;(/.-] ?|\b(?:год[а]?|г\.?|[0-9]{{4}}|свод|данные|сведения) ){_PLAN}"
    rf"(?= ?$| ?[,:;()/.]|[ -]?(?:19|20)[0-9]{{2}}|-задание| (?:на|за|по|{_USUAL})\b)"
)
_MONTH = r"(?:(?:январ|феврал|март|апрел|июн|июл|август|сентябр|октябр|ноябр|декабр)[а-я]{0,2}|ма[йяе])\b"
_WHOLE_YEAR = re.compile(r"\b12 месяцев|\bянварь ?- ?декабрь")
_OF_ORDER = re.compile(
    r"\bот [«\" ]?[0-9]{1,2}[»\" ]? ?[а-я]+ (?:19|20)[0-9]{2}|\bот [0-9]{1,2}\.[0-9]{1,2}\.[0-9]{2,4}"
)
_PART = re.compile(
    rf"\bполуг(?:оди[а-я]+|\.)|\bквартал[а-я]*|\bкв\.(?! ?м)|\bчетверт[ьи]\b|\bтриместр[а-я]*"
    rf"|\bмесяц(?:а|ев)?\b|\b{_MONTH}|\b(?:янв|фев|февр|апр|авг|сен|сент|окт|ноя|нояб|дек)\."
    r"|\bна начало (?:19|20)[0-9]{2} г|\bна [0-9]{1,2}\.[0-9]{1,2}\.[0-9]{2,4}"
)
_UNIT_IN_TITLE = re.compile(
    r"\bв ?(?P<unit>%|процентах\b|(?:тысяч|миллион|тыс\.|млн)[а-я]*\.?(?: ?[а-я]+\.?)?)"
)


@dataclass(frozen=True, slots=True)
class StatedScenario:
    """What a text says: `scenario` where it is plain; else `text` is a question. `target`: of targets."""

    scenario: str = ""
    text: str = ""
    target: bool = False


def read_stated_scenario(texts: Iterable[str]) -> StatedScenario | None:
    """What texts of one kind say together; None where they say nothing of it."""
    plain: list[str] = []
    facts = False
    for text in texts:
        folded = fold_name(text.replace("_", " "))
        kept = _DONE.sub(" ", folded)
        facts = facts or bool(_FACT_WORD.search(kept)) or "выполн" in folded
        if _TARGET_WORD.search(kept):
            return StatedScenario(text=text, target=True)
        if _PLAN_WORD.search(kept):
            if not _PLAINLY.search(kept) or _FACT_WORD.search(kept):
                return StatedScenario(text=text)
            plain.append(text)
    if plain and facts:
        return StatedScenario(text=plain[0])
    if plain:
        return StatedScenario("forecast")
    return StatedScenario("fact") if facts else None


def find_stated_scenario(region: Region) -> StatedScenario | None:
    """Fact or forecast as the sheet and the titles say, else the titles before, else the file."""
    stem = PurePath(region.grid.file).stem
    own = (region.grid.sheet, *region.title_texts)
    stated = map(read_stated_scenario, (own, *reversed(region.earlier), (stem,)))
    return next(filter(None, stated), None)


def find_year_part(text: str) -> str:
    """The word that says a part of a year, or a day of it: «полугодие», «на 01.09.2023»; else empty.

    The day of an order («от 12 января 2023 года») says nothing of the numbers.
    """
    folded = fold_name(text.replace("_", " "))
    match = _PART.search(_WHOLE_YEAR.sub(" ", _OF_ORDER.sub(" ", folded)))
    return match[0] if match else ""


def find_stated_part(region: Region) -> str:
    """The text that says that the table is of a part of a year; empty where none does."""
    stem = PurePath(region.grid.file).stem
    texts = (region.grid.sheet, *region.title_texts, stem)
    return next(filter(find_year_part, texts), "")


def find_stated_units(region: Region) -> tuple[Unit, ...]:
    """The units that the titles above a table name: «в процентах», «(тыс. руб.)», «Ед. изм.: %»."""
    return tuple(
        dict.fromkeys(unit for text in region.title_texts for unit in _find_units(fold_name(text)))
    )


def _find_units(folded: str) -> Iterator[Unit]:
    names = [match["unit"] for match in _UNIT_IN_TITLE.finditer(folded)]
    for name in (*names, *re.split(r"[,;:()-]", folded)):
        if (unit := read_measure(name)) is not None:
            yield unit


def find_unit_at_end(name: str) -> str:
    """The unit that ends a name: «…, %», «… (тыс. чел.)», «%» alone; empty where none does."""
    last = re.split(r"[,(/]", name)[-1].strip(" )")
    return last if read_measure(last) is not None else ""


def split_number(text: str) -> tuple[str, str]:
    """A number and the word after it, «512» and «чел.» of «512 чел.»; the text and nothing otherwise.

    The sign of percent is a part of the number.
    """
    match = re.fullmatch(r"(.*[0-9])\s*([^\W\d_][^0-9]*)", text.strip())
    if match is None or parse_number(match[1]) is None:
        return text, ""
    return match[1], match[2]


def find_other_unit(asked: Input, stated: Sequence[Unit], *, titles: bool = False) -> Unit | None:
    """The first stated unit in which a number may not be taken into an input as it is.

    «ед.» says nothing. The unit of a whole table (`titles`) speaks of what can be measured in it:
    roubles of money, percents and thousands of all, unless people or things are named beside them.
    """
    if asked.type not in NUMERIC or not stated:
        return None
    named = [unit for unit in stated if unit.id != "item"]
    if titles and any(unit.counted for unit in stated):
        return None
    for unit in named:
        of_all = not unit.dimensions or unit.dimensions == PERCENT.dimensions
        comparable = asked.unit is None or measure_alike(
            replace(unit, scale=asked.unit.scale), asked.unit
        )
        if titles and not (of_all or comparable):
            continue
        if not measure_alike(unit, asked.unit):
            return unit
    return None


def is_written_number(text: str) -> bool:
    """Whether a text is a number or a percentage."""
    return parse_number(text.rstrip(" %")) is not None
