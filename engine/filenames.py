"""Names of files that people read and every system takes, Windows too."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from itertools import count

LONGEST = 80  # characters; a path of Windows holds 260 of them, folders included
_FORBIDDEN = frozenset('<>:"/\\|?*')
# What Windows takes for a device, whatever ending follows.
_DEVICES = frozenset(
    (
        "con",
        "prn",
        "aux",
        "nul",
        *(f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³"),
    )
)


def safe_name(text: str) -> str:
    """The text as a file may be called, without an ending: `МАОУ «СОШ № 1»` stays as it is.

    Never empty, never a path, no sign that is not seen.
    """
    kept = (
        " " if sign in _FORBIDDEN or unicodedata.category(sign)[0] in "CZ" else sign
        for sign in unicodedata.normalize("NFC", text)
    )
    name = " ".join("".join(kept).split())[:LONGEST].strip(" .")
    if name.partition(".")[0].strip().lower() in _DEVICES:
        name = f"_{name}"
    return name or "_"


def name_files(titles: Mapping[str, str], ending: str) -> dict[str, str]:
    """A file for each id by its title, the id beside it where two would be called the same.

    No two differ only in case: to Windows they would be one.
    """
    names = {one: safe_name(title) for one, title in titles.items()}
    counts: dict[str, int] = {}
    for name in names.values():
        counts[name.casefold()] = counts.get(name.casefold(), 0) + 1
    taken = {name for name, times in counts.items() if times == 1}
    for one, name in names.items():
        if counts[name.casefold()] > 1:
            names[one] = _distinguish(safe_name(f"{name[: LONGEST // 2]} ({one})"), taken)
    return {one: name + ending for one, name in names.items()}


def _distinguish(name: str, taken: set[str]) -> str:
    """The name, or one with a number after it that is not taken; it is then."""
    numbers = (name if number == 1 else f"{name} {number}" for number in count(1))
    free = next(one for one in numbers if one.casefold() not in taken)
    taken.add(free.casefold())
    return free
