"""What the places of a level are called in messages: schools where a catalogue counts schools."""

from __future__ import annotations

from engine.translation import gettext as _
from engine.translation import ngettext

SCHOOL = "school"


def name_level(level: str) -> str:
    """The usual word for one place of a level; of a level without one, its id."""
    words = {
        "school": _("school"),
        "municipality": _("municipality"),
        "district": _("district"),
        "region": _("region"),
    }
    return words.get(level, level)


def count_of(level: str, count: int) -> str:
    """`{some} of {count} schools` for so many places of a level; {some} and {count} stay to be filled."""
    words = {
        "school": ngettext("{some} of {count} school", "{some} of {count} schools", count),
        "municipality": ngettext(
            "{some} of {count} municipality", "{some} of {count} municipalities", count
        ),
        "district": ngettext("{some} of {count} district", "{some} of {count} districts", count),
        "region": ngettext("{some} of {count} region", "{some} of {count} regions", count),
    }
    return words.get(level, ngettext("{some} of {count} place", "{some} of {count} places", count))


def speak_of(level: str, of_schools: str, of_places: str, **values: object) -> str:
    """The message for schools, or that for places of another level, in which {level} is its word."""
    message = of_schools if level == SCHOOL else of_places
    return message.format(level=name_level(level), **values)
