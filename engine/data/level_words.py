"""What the places of a level are called in messages: schools where a catalogue counts schools."""

from __future__ import annotations

from engine.translation import gettext as _

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


def speak_of(level: str, of_schools: str, of_places: str, **values: object) -> str:
    """The message for schools, or that for places of another level, in which {level} is its word."""
    message = of_schools if level == SCHOOL else of_places
    return message.format(level=name_level(level), **values)
