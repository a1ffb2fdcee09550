"""What may name what: inputs and rows of forms, places, years, scenarios, totals, words of a heading.

A name is taken where it is equal (`engine.same_names`) to one that is known and means one thing. What is
merely near is offered. Marks of footnotes, a dash before a name and «из них» after it belong to the
page and not to the name.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from typing import Literal

from engine.catalogue.lookups import inputs_by_row, short_of, short_of_row, title_of
from engine.catalogue.model import Catalogue, Form, FormRow, Indicator
from engine.data.facts import read_scenario
from engine.data.headings import UNIT_HEADING, WORDS, find_measured
from engine.data.model import Data
from engine.data.place_names import name_above
from engine.data.total_names import is_total, is_total_row
from engine.language.grammar import dotted_name
from engine.same_names import fold_name
from engine.units import Unit

KeyWord = Literal["place", "year", "scenario", "indicator", "value", "number", "unit", "note"]

OF_WHOLE = (
    r"(?: показател(?:я|ей))?"
    r"(?: (?:по|в) (?:(?:обще)?образовательн\w+ )?(?:школе|организации|учреждени[юи]|оо|оу))?"
    r"(?: (?:за|на) (?:(?:отчетный|учебный|календарный) )?(?:год|период))?"
)
"""What may follow a word for values and changes nothing of it, as a pattern of folded names."""
_KEY_WORDS: Mapping[KeyWord, str] = {
    "place": f"{WORDS['school']}|{WORDS['municipality']}",
    "year": rf"{WORDS['year']}|(?:календарный|финансовый) год|уч\.? ?(?:год|г\.?)|год отчета|годы|за какой год",
    "scenario": rf"{WORDS['scenario']}|(?:план|прогноз)(?:/|, ?| или | и )факт|факт(?:/|, ?| или | и )план",
    "indicator": rf"{WORDS['input']}|(?:(?:наименование|название) )?мероприяти[ея]",
    "value": rf"{WORDS['value']}|(?:(?:значени[ея]|результативность|(?:целевые )?результаты?){OF_WHOLE})",
    "number": r"#(?: ?п ?/ ?п\.?)?|n ?п/п\.?|п/п|номер|no",
    "unit": UNIT_HEADING,
    "note": r"примечани[ея]|прим\.?|комментари[йи]|note|comment",
}
_KEY_WORD = re.compile("|".join(f"(?P<{key}>{words})" for key, words in _KEY_WORDS.items()))
_YEAR = re.compile(
    r"(?:за |на |в )?(?P<before>факт|прогноз|план)? ?(?:за |на )?"
    r"(?P<year>(?:19|20)[0-9]{2})(?:(?P<sign>[-/])(?P<next>(?:19|20)[0-9]{2}|[0-9]{2}))?"
    r" ?(?:г\.?|год[ау]?|уч\.? ?г(?:од|\.)?|учебн(?:ый|ого) год[а]?)?"
    r" ?,?\(?(?P<after>факт|прогноз|план)?\)?"
)
# «за 2023г.», «I кв.2023», «2023.»; but not the year of «01.09.2023» and of «п. 2023.1».
_IN_TITLE = re.compile(
    r"(?<!\w)(?<![0-9]\.)(?:19|20)[0-9]{2}(?:[-/](?:19|20)[0-9]{2}| ?/ ?[0-9]{2})?"
    r"(?=(?:гг?|год[ау]?|уч)?(?!\w))(?!\.[0-9])"
)
_SEVERAL = re.compile(r" ?(?:гг(?!\w)|год(?:ы|ов|ам|ах)(?!\w))")
# «от 12 января 2023 года», «2024-01-15»: the day of an order or of a copy, not the year of numbers.
_DAY_OF_PAPER = re.compile(
    r"\bот [0-9]{1,2} [а-я]+ (?:19|20)[0-9]{2}|(?<!\w)(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9](?!\w)"
)
_ALL = frozenset(
    {"всего", "итого", "общее количество", "всего чел.", "всего человек", "всего,чел."}
)
_BULLET = re.compile(r"^[\s\-–—−•·]+(?=\w)")
_TAIL = re.compile(
    r"(?:\*+|[,;]?\s*(?:из них|в том числе|в т\. ?ч\.)\s*[:.]?|[:;])\s*$", re.IGNORECASE
)
_ANNOUNCING = r"[-,; ]*(?:из них|в том числе|в т\. ?ч\.?)"
_OPENING = re.compile(rf"{_ANNOUNCING}[ .:]*")
_LEADING = re.compile(rf"{_ANNOUNCING}[ .:,-]+(?=\w)", re.IGNORECASE)
# «1. Обучающиеся», «1.1 с ОВЗ»; but not «9 классов».
_ORDINAL = re.compile(r"\s*([0-9]{1,3}(?:[.)]|(?:\.[0-9]{1,3})+[.)]?))\s*(?=[^\W\d_]|[«\"(–—-])")
_TAIL_ENDS = tuple("*:;.хеХЕ")
_YEAR_DIGITS = 4
_NUMBER = re.compile(r"[0-9]+")
_NEAR, _MOST_OFFERED, _LONGEST = 0.6, 3, 300
_MOST_COMPARED = 200


_NO_PARTS: frozenset[KeyWord | None] = frozenset(("place", "year", "scenario", "number"))
"""Words of a heading that say nothing of an input above or below them."""


@dataclass(frozen=True, slots=True)
class RowMeaning:
    """What a name asks: inputs, or an indicator that is computed, or (a row left blank) nothing."""

    inputs: tuple[str, ...] = ()
    computed: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """What the heading of a column, or another label, says.

    `rest` are the parts that say nothing of it; `ambiguous` what a part may mean, where several.
    """

    meaning: RowMeaning | None = None
    place: tuple[str, str] | None = None
    year: int | None = None
    scenario: str = ""
    key: KeyWord | None = None
    total: bool = False
    rest: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        """Whether all of it is understood, in one way."""
        return not self.rest and not self.ambiguous


def strip_label(text: str) -> str:
    """The name in a printed label: without a dash before it, footnote marks and «из них» after it."""
    name = _BULLET.sub("", text).strip()
    while name.endswith(_TAIL_ENDS) and (shorter := _TAIL.sub("", name).strip()) != name:
        name = shorter
    return name


def strip_opening(text: str) -> str:
    """The name of a part without what announces it: «с ОВЗ» of «из них с ОВЗ»."""
    return _LEADING.sub("", text, count=1)


def split_ordinal(text: str) -> tuple[str, str]:
    """The number before a name, «1.1» of «1.1 с ОВЗ», and the name; nothing and the text otherwise."""
    match = _ORDINAL.match(text) if text[:1].isdigit() else None
    return (match[1], text[match.end() :]) if match else ("", text)


def opens_parts(text: str) -> bool:
    """Whether a text says that parts follow, and nothing else: «из них:», «в том числе»."""
    return _OPENING.fullmatch(fold_name(text)) is not None


def find_years(text: str) -> frozenset[int]:
    """The years that a title names: of a school year the first, of «2022-2023 годы» both."""
    folded = _DAY_OF_PAPER.sub(" ", fold_name(text))
    years: set[int] = set()
    for found in _IN_TITLE.finditer(folded):
        label = read_year_label(found[0])
        if label is not None and label.year is not None:
            years.add(label.year)
            if not found[0].isdigit() and _SEVERAL.match(folded, found.end()):
                years.add(label.year + 1)
    return frozenset(years)


def read_year_label(text: str) -> Label | None:
    """The year, and the scenario beside it, of a text that says nothing else."""
    return _read_year(fold_name(text))


def _read_year(folded: str) -> Label | None:
    match = _YEAR.fullmatch(folded)
    if match is None or (match["before"] and match["after"]):
        return None
    year, after = int(match["year"]), match["next"]
    if after is not None:
        following = str(year + 1)
        # 2011-12 may be a month; 2021-2023 are three years.
        if after != following and not (match["sign"] == "/" and after == following[2:]):
            return None
    word = match["before"] or match["after"] or ""
    return Label(year=year, scenario=read_scenario(word) or "" if word else "")


def find_key_word(text: str) -> KeyWord | None:
    """The word of a heading that a text is."""
    return _find_key_word(fold_name(text))


def _find_key_word(folded: str) -> KeyWord | None:
    match = _KEY_WORD.fullmatch(folded)
    return match.lastgroup if match else None  # type: ignore[return-value]


def is_bare_year(text: str) -> bool:
    """Whether it is four digits and nothing else: it may be a number as well."""
    digits = text.strip()
    return len(digits) == _YEAR_DIGITS and digits.isdigit()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names of a catalogue and its places, folded. `offers` and `schools` are names to offer.

    `above`: the names of the places above the schools.
    """

    catalogue: Catalogue
    ids: Mapping[str, str]
    rows: Mapping[str, frozenset[RowMeaning]]
    numbers: Mapping[str, frozenset[RowMeaning]]
    parts: Mapping[str, Mapping[str, frozenset[str]]]
    captions: frozenset[str]
    notes: frozenset[str]
    places: Mapping[str, frozenset[tuple[str, str]]]
    titles: Mapping[tuple[str, str], str]
    schools: Mapping[str, str]
    offers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    above: frozenset[str] = frozenset()

    # --- places -----------------------------------------------------------------------------------

    def find_places(self, text: str) -> frozenset[tuple[str, str]]:
        """Every (level, place) that has this id or title; an id wins."""
        found = self.places.get(f"id:{text.strip().casefold()}") or self.places.get(fold_name(text))
        if found is None and text.rstrip().endswith("*"):
            # The mark of a footnote.
            return self.find_places(text.rstrip(" *"))
        if found is None and (name := split_ordinal(text)[1]) != text:
            return self.find_places(name)
        return found or frozenset()

    def offer_places(self, text: str) -> tuple[str, ...]:
        """Ids of schools whose names are near, the nearest first; «№ 9» is not near to «№ 2»."""
        folded = fold_name(text)
        numbers = _NUMBER.findall(folded)
        alike = [name for name in self.schools if numbers in ([], _NUMBER.findall(name))]
        return tuple(self.schools[name] for name in _find_near(folded, alike))

    def name_place(self, school: str) -> str:
        """The title of a school, or its id where it has none."""
        return self.titles.get((self.catalogue.levels[0], school), school)

    def is_total(self, text: str) -> bool:
        """Whether it is the name of a total, and no place is called so."""
        return not self.find_places(text) and is_total(text, self.places)

    def is_total_row(self, text: str) -> bool:
        """Whether a row of schools that is called so is a total of others, or a part of one."""
        return not self.find_places(text) and is_total_row(text, self.schools, self.above)

    # --- names of rows and columns ----------------------------------------------------------------

    def find_meanings(self, text: str) -> frozenset[RowMeaning]:
        """What a name means: an id wins; else a title, or the title of a form's row."""
        if known := self.ids.get(text.strip().casefold()):
            return frozenset({RowMeaning((known,))})
        bare = split_ordinal(text)[1]
        for name in dict.fromkeys((text, strip_label(text), strip_label(bare))):
            if (found := self.rows.get(fold_name(name))) is not None:
                return found
        return self._find_measured(bare)

    def _find_measured(self, text: str) -> frozenset[RowMeaning]:
        """What a name means that ends in the unit of what it asks: «Обучающиеся, чел.»."""
        return frozenset(find_measured(self.rows, text, self._find_unit))

    def _find_unit(self, meaning: RowMeaning) -> Unit | None:
        """The unit of the one input, or of the computed indicator, that is meant."""
        if meaning.computed:
            return self.catalogue.indicators[meaning.computed].unit
        only = meaning.inputs[0] if len(meaning.inputs) == 1 else ""
        return self.catalogue.inputs[only].unit if only else None

    def resolve_input(self, name: str) -> str:
        """The id of the one input that bears this id or title; else the name itself."""
        found = {meaning.inputs for meaning in self.find_meanings(name)}
        inputs = found.pop() if len(found) == 1 else ()
        return inputs[0] if len(inputs) == 1 else name

    def find_numbered(self, text: str) -> frozenset[RowMeaning]:
        """What the number of a form's row means, where all forms mean the same by it."""
        found = self.numbers.get(fold_name(text).rstrip("."), frozenset())
        return found if len(found) == 1 else frozenset()

    def find_part(self, whole: str, text: str) -> str | None:
        """The part of an input that bears this title; the input itself for «всего»."""
        if fold_name(text) in _ALL:
            return whole
        parts = self.parts.get(whole, {})
        name = strip_label(strip_opening(split_ordinal(text)[1]))
        found = (
            parts.get(fold_name(strip_label(text)))
            or parts.get(fold_name(name))
            or find_measured(parts, name, lambda part: self.catalogue.inputs[part].unit)
        )
        return next(iter(found)) if len(found) == 1 else None

    def read_label(self, parts: Sequence[str]) -> Label:
        """What the parts of a label say together, outer ones first."""
        year: int | None = None
        scenario, key, total = "", None, False
        place: tuple[str, str] | None = None
        names: list[str] = []
        for part in parts:
            asked = self.find_meanings(part) if not is_bare_year(part) else frozenset()
            alone = fold_name(part)
            said = None if asked else _read_year(alone)
            word = None if asked or said else _find_key_word(alone)
            found = frozenset() if asked else self.find_places(part)
            if said is not None and year is None:
                year, scenario = said.year, said.scenario or scenario
            elif len(found) == 1 and place is None:
                place = next(iter(found))
            elif not asked and alone in {"факт", "прогноз", "план", "fact", "forecast"}:
                scenario = read_scenario(alone) or ""
            elif word is not None and key is None:
                key = word
            elif not asked and not names and self.is_total(part):
                total = True
            elif names and self._find_measured(measured := f"{names[-1]}, {part}"):
                # The unit may stand in a row of its own below the name.
                names[-1] = measured
            elif alone not in self.captions or asked:
                names.append(part)
        meaning, rest, ambiguous = self.read_names(names, numbers=True)
        if key in _NO_PARTS and (meaning is not None or any(map(self.find_meanings, names))):
            # «Обучающиеся / отчётный год» is no column of years: its cells are values.
            meaning, key, rest = None, None, tuple(parts)
        return Label(meaning, place, year, scenario, key, total, rest, ambiguous)

    def read_names(
        self, names: Sequence[str], *, numbers: bool = False
    ) -> tuple[RowMeaning | None, tuple[str, ...], tuple[str, ...]]:
        """What is asked; the parts that are not understood; the inputs that a name may mean."""
        if not names or (len(names) > 1 and opens_parts(names[-1])):
            # Of which part «в том числе» holds the number is not said.
            return None, tuple(names), ()
        names = [name for name in names if not opens_parts(name)] or names
        for whole in (" ".join(names), ": ".join(map(strip_label, names))):
            meaning, ambiguous = _agree(self.find_meanings(whole))
            if meaning or ambiguous:
                return meaning, (), ambiguous
        meaning, ambiguous = _agree(self.find_meanings(names[0]))
        if meaning is None and not ambiguous and numbers and len(names) == 1:
            meaning, ambiguous = _agree(self.find_numbered(names[0]))
            return meaning, () if meaning else tuple(names), ambiguous
        if meaning is None or len(meaning.inputs) != 1:
            return None, tuple(names), ambiguous
        asked = meaning.inputs[0]
        for name in names[1:]:
            inner = self.find_part(asked, name)
            if inner is None:
                return None, tuple(names), ()
            asked = inner
        return RowMeaning((asked,)), (), ()

    def offer_inputs(self, names: Sequence[str]) -> tuple[str, ...]:
        """Ids of inputs whose names are near to a label or to its last part, the nearest first."""
        offered: dict[str, None] = {}
        for text in dict.fromkeys((" ".join(names), names[-1] if names else "")):
            for meaning in sorted(self.find_meanings(text), key=lambda one: one.inputs):
                offered |= dict.fromkeys(meaning.inputs)
            near = _find_near(fold_name(strip_label(text)), self.offers)
            offered |= dict.fromkeys(one for name in near for one in sorted(self.offers[name]))
        return tuple(offered)[:_MOST_OFFERED]

    def name_input(self, name: str) -> str:
        """The short title of an input, for messages."""
        return short_of(self.catalogue, name)


def _find_near(text: str, names: Iterable[str]) -> list[str]:
    if not text:
        return []
    known = {name[:_LONGEST]: name for name in names}
    if len(known) > _MOST_COMPARED:
        # Comparing takes long: only those are compared that have the most words in common.
        words = set(text.split())
        known = {
            name: known[name]
            for name in nlargest(_MOST_COMPARED, known, lambda name: len(words & {*name.split()}))
        }
    near = difflib.get_close_matches(text[:_LONGEST], known, n=_MOST_OFFERED, cutoff=_NEAR)
    return [known[name] for name in near]


def _agree(meanings: frozenset[RowMeaning]) -> tuple[RowMeaning | None, tuple[str, ...]]:
    """The one meaning; else what the name may mean.

    A row that asks nothing in one form may ask something in another; one that asks several inputs
    includes a meaning of fewer of them.
    """
    asking = [one for one in meanings if one.inputs or one.computed] or list(meanings)
    for one in asking:
        if all(
            set(other.inputs) <= set(one.inputs) and other.computed == one.computed
            for other in asking
        ):
            return one, ()
    ids = {name for one in asking for name in (*one.inputs, one.computed) if name}
    return None, tuple(sorted(ids))


def build_vocabulary(catalogue: Catalogue, data: Data) -> Vocabulary:
    """The vocabulary of a catalogue and of the places that data name."""
    rows: dict[str, set[RowMeaning]] = {}
    numbers: dict[str, set[RowMeaning]] = {}
    offers: dict[str, set[str]] = {}
    parts: dict[str, dict[str, set[str]]] = {}
    for name, asked in catalogue.inputs.items():
        if _name_lowest(catalogue, name) != name:
            # Which of the levels that give it is meant, the place says.
            continue
        if asked.whole is not None:
            for title in (asked.title, asked.short_title):
                folded = fold_name(strip_label(title))
                parts.setdefault(asked.whole, {}).setdefault(folded, set()).add(name)
        for title in (title_of(catalogue, name), short_of(catalogue, name)):
            for text in (title, strip_label(title)):
                rows.setdefault(fold_name(text), set()).add(RowMeaning((name,)))
            offers.setdefault(fold_name(title), set()).add(name)
    for name, indicator in catalogue.indicators.items():
        meaning = _mean_indicator(catalogue, name, indicator)
        titles = (indicator.title, short_of_row(catalogue, indicator))
        for text in filter(None, (*titles, *map(strip_label, titles))):
            rows.setdefault(fold_name(text), set()).add(meaning)
            for one in meaning.inputs:
                offers.setdefault(fold_name(text), set()).add(one)
    titled = (*catalogue.groups.values(), *catalogue.forms.values())
    captions = {fold_name(title) for each in titled for title in (each.title, each.short_title)}
    notes: set[str] = set()
    for form in catalogue.forms.values():
        captions |= {
            fold_name(title) for part in form.sections for title in (part.title, part.short)
        }
        _add_form(catalogue, form, rows, numbers)
        notes |= {fold_name(row.note) for row in form.rows if row.note}
    for name in catalogue.inputs:
        rows.setdefault(fold_name(name), {RowMeaning((name,))})
    rows.pop("", None)
    return Vocabulary(
        catalogue,
        {name.casefold(): name for name in catalogue.inputs},
        {name: frozenset(found) for name, found in rows.items()},
        {name: frozenset(found) for name, found in numbers.items()},
        {
            whole: {title: frozenset(found) for title, found in inner.items()}
            for whole, inner in parts.items()
        },
        frozenset(captions - {""}),
        frozenset(notes),
        _name_places(catalogue, data),
        data.titles,
        _name_schools(catalogue, data),
        {name: frozenset(found) for name, found in offers.items() if name},
        name_above(
            catalogue,
            data.register.places if data.register else {},
            data.titles,
            catalogue.levels[0],
        ),
    )


def _mean_indicator(catalogue: Catalogue, name: str, indicator: Indicator) -> RowMeaning:
    """An indicator that is given ready (or is a bare input in every year) asks that input."""
    if indicator.input is not None:
        return RowMeaning((_name_lowest(catalogue, indicator.input),))
    named = {dotted_name(formula.tree) for _year, formula in indicator.formulas}
    if len(named) == 1 and (only := next(iter(named))) in catalogue.inputs:
        return RowMeaning((_name_lowest(catalogue, only),))
    return RowMeaning(computed=name)


def _name_lowest(catalogue: Catalogue, name: str) -> str:
    """The input of the lowest of the levels that give it, each its own."""
    return next(iter(catalogue.inputs[name].given_at.values()), name)


def _add_form(
    catalogue: Catalogue,
    form: Form,
    rows: dict[str, set[RowMeaning]],
    numbers: dict[str, set[RowMeaning]],
) -> None:
    counted: dict[str, set[RowMeaning]] = {}
    for row, asked in zip(form.rows, inputs_by_row(catalogue, form), strict=True):
        meaning = _mean_row(catalogue, row, asked)
        if row.title:
            rows.setdefault(fold_name(strip_label(row.title)), set()).add(meaning)
            rows.setdefault(fold_name(row.title), set()).add(meaning)
        if row.number:
            counted.setdefault(fold_name(row.number).rstrip("."), set()).add(meaning)
    twice = [fold_name(row.number).rstrip(".") for row in form.rows if row.number]
    for number, found in counted.items():
        # A number that two rows bear names neither: nothing is asked by both at once.
        several = {RowMeaning(computed="?")} if twice.count(number) > 1 else set()
        numbers.setdefault(number, set()).update(found | several)


def _mean_row(catalogue: Catalogue, row: FormRow, asked: Sequence[str]) -> RowMeaning:
    if row.cells:
        return RowMeaning(tuple(_name_lowest(catalogue, name) for name in row.cells))
    if row.indicator:
        return _mean_indicator(catalogue, row.indicator, catalogue.indicators[row.indicator])
    of_event = asked if row.event else ()
    return RowMeaning(tuple(_name_lowest(catalogue, name) for name in of_event))


def _name_schools(catalogue: Catalogue, data: Data) -> dict[str, str]:
    """Folded title of a school, or its id where it has none → its id."""
    if data.register is None:
        return {}
    level = catalogue.levels[0]
    schools = sorted(data.register.schools.to_list())
    return {fold_name(data.titles.get((level, one), one)): one for one in reversed(schools)}


def _name_places(catalogue: Catalogue, data: Data) -> dict[str, frozenset[tuple[str, str]]]:
    register = data.register
    if register is None:
        return {}
    keys = [(catalogue.levels[0], school) for school in register.schools.to_list()]
    keys += [(level, place) for level, places in register.places.items() for place in places]
    places: dict[str, set[tuple[str, str]]] = {}
    for key in keys:
        places.setdefault(f"id:{key[1].casefold()}", set()).add(key)
        for name in filter(None, (fold_name(key[1]), fold_name(data.titles.get(key, "")))):
            places.setdefault(name, set()).add(key)
    return {name: frozenset(found) for name, found in places.items()}
