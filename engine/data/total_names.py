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
    folded = fold_name(text)
    match = _BEGINNING.match(folded)
    if match is None or folded in names:
        return False
    rest = re.sub(r"^(?:за|на|по) ", "", folded[match.end() :].strip(" :.,()"))
    if _is_year(rest):
        return True
    return any(
        rest.startswith(name) and _is_year(rest[len(name) :].strip(" :.,()")) for name in names
    )


def _is_year(text: str) -> bool:
    """Whether nothing is said but a year, or not even that."""
    return not text or read_year(re.sub(r"^(?:за|на) ", "", text)) is not None
