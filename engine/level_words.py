"""What the places of a level are called: schools where a catalogue counts schools."""

from __future__ import annotations

from typing import Literal, cast

from engine.translation import chosen_language
from engine.translation import gettext as _
from engine.units import build_unit, choose_form

SCHOOL = "school"
PLACE = "place"
WordForm = Literal["one", "of_one", "to_one", "many", "of_many", "to_many", "of_each", "to_each"]
"""One or several; of them («школы»), or to them («школе»). English has two words for all."""

_FORMS: tuple[WordForm, ...] = ("one", "of_one", "to_one", "many", "of_many", "to_many")
# By level, the forms in their order; in English that for one and that for several.
_RUSSIAN = {
    SCHOOL: ("школа", "школы", "школе", "школы", "школ", "школам"),
    "kindergarten": (
        *("детский сад", "детского сада", "детскому саду"),
        *("детские сады", "детских садов", "детским садам"),
    ),
    "municipality": (
        *("муниципалитет", "муниципалитета", "муниципалитету"),
        *("муниципалитеты", "муниципалитетов", "муниципалитетам"),
    ),
    "district": ("район", "района", "району", "районы", "районов", "районам"),
    "region": ("регион", "региона", "региону", "регионы", "регионов", "регионам"),
    "state": ("штат", "штата", "штату", "штаты", "штатов", "штатам"),
    PLACE: ("место", "места", "месту", "места", "мест", "местам"),
}
_ENGLISH = {
    SCHOOL: ("school", "schools"),
    "kindergarten": ("kindergarten", "kindergartens"),
    "municipality": ("municipality", "municipalities"),
    "district": ("district", "districts"),
    "region": ("region", "regions"),
    "state": ("state", "states"),
    PLACE: ("place", "places"),
}


def name_level(level: str) -> str:
    """The usual word for one place of a level; of a level without one, its id."""
    return word_of_level(level) if is_named(level) else level


def is_named(level: str) -> bool:
    """Whether places of a level have a word of their own."""
    return level in _RUSSIAN


def word_of_level(level: str, form: WordForm = "one") -> str:
    """The word for places of a level, in a form; of a level without a word of its own, that for places."""
    if form in {"of_each", "to_each"}:
        return _say_each(level, form)
    at = _FORMS.index(form)
    if chosen_language() == "en":
        return _ENGLISH.get(level, _ENGLISH[PLACE])[at // 3]
    return _RUSSIAN.get(level, _RUSSIAN[PLACE])[at]


def _say_each(level: str, form: WordForm) -> str:
    """`каждой школы`, `каждому району`, `each school`."""
    word = word_of_level(level, "of_one" if form == "of_each" else "to_one")
    if chosen_language() == "en":
        return f"each {word}"
    if word_of_level(level).endswith("а"):
        return f"каждой {word}"
    return f"{'каждого' if form == 'of_each' else 'каждому'} {word}"


def word_beside(level: str, count: float) -> str:
    """The word beside a number of places, without the number: 1 школа, 3 школы, 17 школ."""
    return _choose_word(level, count, ("one", "of_one", "of_many"))


def word_among(level: str, count: float) -> str:
    """The word after «из» and a number of places: из 1 школы, из 17 школ."""
    return _choose_word(level, count, ("of_one", "of_many", "of_many"))


def _choose_word(level: str, count: float, forms: tuple[WordForm, ...]) -> str:
    words = tuple(word_of_level(level, form) for form in forms)
    if chosen_language() == "en":
        words = (words[0], words[-1])
    return choose_form(count, build_unit("place", forms=words))


def count_of(level: str, count: int) -> str:
    """`{some} of {count} schools` for so many places of a level; {some} and {count} stay to be filled."""
    return _("{some} of {count} {places}").replace("{places}", word_among(level, count))


def speak_of(level: str, of_schools: str, of_places: str, **values: object) -> str:
    """The message for schools, or that for places of another level, in which {level} is its word."""
    message = of_schools if level == SCHOOL else of_places
    return message.format(level=name_level(level), **values)


class LevelName(str):
    """The id of a level that stands in a sentence: `{0:to_many}` of a pattern is its word in that form.

    Of a level without a word of its own it is that for places, with the id, so that two such differ.
    """

    __slots__ = ()

    def __format__(self, form: str) -> str:
        if not form:
            return str(self)
        word = word_of_level(self, cast("WordForm", form))
        if is_named(self):
            return word
        return _("{places} of the level “{level}”").format(places=word, level=str(self))
