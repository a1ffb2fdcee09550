"""The counter on top: how many of the cells that are due are filled in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from engine.catalogue.model import Catalogue
from engine.forms.layout import Layout
from engine.forms.trials import Answers, Key, is_empty, is_word, quote, says
from engine.forms.words import YES
from engine.i18n import gettext as _

Counted = tuple[tuple[Key, Key | None], ...]
"""The cells that are counted, each with the yes it waits for."""

_MOST = 200  # references of one call


def counted_cells(catalogue: Catalogue, layout: Layout, keys: Iterable[Key]) -> Counted:
    """Every open cell; one that waits for a yes that the form asks is due beside it only."""
    found = []
    for name, year, scenario in keys:
        yes = _asked_when(catalogue, name)
        waits = yes and layout.address(yes, year, scenario)
        found.append(((name, year, scenario), (yes, year, scenario) if yes and waits else None))
    return tuple(found)


def _asked_when(catalogue: Catalogue, name: str) -> str | None:
    asked = catalogue.inputs.get(name)
    if asked is None:
        return None
    return asked.asked_when or _asked_when(catalogue, asked.whole or "")


def count_formula(layout: Layout, counted: Counted) -> tuple[str, str]:
    """The live counter, and its words with `{filled}` and `{due}`."""
    always = [key for key, yes in counted if yes is None]
    waiting = [(key, yes) for key, yes in counted if yes is not None]
    ranges = _ranges(layout, always)
    filled = [f"COUNTA({','.join(ranges[at : at + _MOST])})" for at in range(0, len(ranges), _MOST)]
    due = [str(len(always))]
    for key, yes in waiting:
        said = says(layout.address(*yes) or "", YES)
        filled.append(f'({said})*({layout.address(*key)}<>"")')
        due.append(f"({said})")
    words = _("Filled in: {filled} of {due}")
    before, _sign, rest = words.partition("{filled}")
    middle, _sign, after = rest.partition("{due}")
    parts = [quote(before), f"({'+'.join(filled) or '0'})", quote(middle), f"({'+'.join(due)})"]
    if after:
        parts.append(quote(after))
    return "=" + "&".join(parts), words


def count_words(words: str, counted: Counted, answers: Answers) -> str:
    """What the counter shows with these answers."""
    due = [key for key, yes in counted if yes is None or is_word(answers.get(yes), YES)]
    filled = sum(not is_empty(answers.get(key)) for key in due)
    return words.format(filled=filled, due=len(due))


def _ranges(layout: Layout, keys: Sequence[Key]) -> list[str]:
    """The cells as few ranges as they make, column by column."""
    cells: dict[str, list[int]] = {}
    for key in keys:
        address = layout.address(*key) or ""
        letters = address.rstrip("0123456789")
        cells.setdefault(letters, []).append(int(address.removeprefix(letters)))
    ranges = []
    for letters, rows in cells.items():
        for _gap, run in groupby(enumerate(sorted(rows)), lambda one: one[1] - one[0]):
            several = [row for _at, row in run]
            ranges.append(f"{letters}{several[0]}:{letters}{several[-1]}")
    return ranges
