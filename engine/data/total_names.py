"""Names of totals: «Итого», «Всего по району», «В среднем за 2024 год»."""

from __future__ import annotations

import re
from collections.abc import Iterable

from engine.same_names import fold_name

_TOTAL = (
    r"(?:итого|итог|всего|сумма|в среднем|среднее(?: значение)?|total)"
    r"(?:[:.]|,? ?(?:итого|всего|сумма))*"
)
_WHERE = (
    r"по (?:всем )?(?:район[у]?|город[у]?|округ[у]?|муниципалитет[у]?|области|краю|региону|школам|"
    r"организациям|оо|учреждениям|муниципальному (?:образованию|округу|району))"
)
_YEAR = re.compile(
    r"(?:19|20)[0-9]{2}(?:[-/](?:(?:19|20)[0-9]{2}|[0-9]{2}))?"
    r" ?(?:г\.?|год[ау]?|уч\.? ?г(?:од|\.)?|учебн(?:ый|ого) год[а]?)?"
)


def is_total_name(text: str, places: Iterable[str] = ()) -> bool:
    """Whether the whole text names a total; a place (of these folded names) or a year may follow."""
    folded = fold_name(text)
    match = re.match(rf"(?:{_TOTAL}(?: {_WHERE})?|{_WHERE})(?= |$|[:.,(])", folded)
    if match is None:
        return False
    rest = re.sub(r"^(?:за|на|по) ", "", folded[match.end() :].strip(" :.,()"))
    return _is_over(rest) or any(
        rest.startswith(name) and _is_over(rest[len(name) :].strip(" :.,()")) for name in places
    )


def _is_over(rest: str) -> bool:
    return not rest or _YEAR.fullmatch(rest) is not None
