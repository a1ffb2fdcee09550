"""A problem is data: where it is, what was found, what is expected, how to mend it.

Problems are collected and returned, sorted and printed at the very end; an exception is for a
mistake of the programmer only.
"""

from __future__ import annotations

import difflib
import errno
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Literal, NamedTuple, TypeAlias

from engine.same_names import fold_name
from engine.translation import gettext as _
from engine.translation import ngettext
from engine.typography import set_type

Severity = Literal["error", "warning", "note"]


class Position(NamedTuple):
    """A place in a text file (line, column: from 1, in characters) or in a sheet (sheet, cell).

    `hidden`: that a spreadsheet does not show the sheet.

    `excerpt` is the text of the line, `length` how many characters of it are meant. A named tuple,
    because thousands are made of each catalogue and these are made fastest.
    """

    file: str
    line: int = 0
    column: int = 0
    length: int = 1
    excerpt: str = ""
    sheet: str = ""
    cell: str = ""
    hidden: bool = False

    def __str__(self) -> str:
        """`file:line:column`, or `file, sheet «…», D12`: what an editor or a person follows."""
        text = self.file
        if self.line:
            text += f":{self.line}"
        if self.line and self.column:
            text += f":{self.column}"
        if self.sheet:
            named = _("hidden sheet “{sheet}”") if self.hidden else _("sheet “{sheet}”")
            text += ", " + named.format(sheet=self.sheet)
        if self.cell:
            text += f", {self.cell}"
        return text


Runs: TypeAlias = "tuple[tuple[int, Position], ...]"
"""Where a text stands that does not stand in one piece: from this sign on, at this place."""


def place_in(start: Position, runs: Runs, offset: int, length: int = 1) -> Position:
    """The place of some signs of a text that begins at `start`; see `Runs` (none: in one piece).

    Of signs on several lines, those on the first.
    """
    if not runs:
        return start._replace(column=start.column + offset, length=max(1, length))
    first, last = _place_of(runs, offset), _place_of(runs, offset + max(1, length) - 1)
    end = last.column if last.line == first.line else len(first.excerpt.rstrip())
    return first._replace(length=max(1, end - first.column + 1))


def _place_of(runs: Runs, offset: int) -> Position:
    begin, place = runs[max(0, bisect_right(runs, offset, key=lambda run: run[0]) - 1)]
    return place._replace(column=place.column + offset - begin)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `code` is stable; `message` and `hint` are in the user's language.

    `about` is the name of what is wrong, where there is one; `cause` is the problem that this one
    merely follows from. One cause at several places is one problem: `count` is how many there are (0 for
    one alone), `places` are the first of them; `follow_ups` is how many problems follow from it,
    `follow_up_places` are the first of these. `sentence` is what the messages of one cause have alike,
    empty where that is the message without its values.
    """

    code: str
    message: str
    position: Position | None = None
    hint: str = ""
    severity: Severity = "error"
    count: int = 0
    places: tuple[Position, ...] = ()
    about: str = ""
    cause: Problem | None = field(default=None, compare=False)
    follow_ups: int = 0
    follow_up_places: tuple[Position, ...] = ()
    sentence: str = ""

    def as_json(self) -> dict[str, Any]:
        """The object of interface.md, "Problems"; absent keys omitted.

        `count` and `places` are of all places of one cause, those of follow-ups after its own.
        """
        position = self.position or Position("")
        count, places = self.count, self.places
        if self.follow_ups:
            count = (count or 1) + self.follow_ups
            own = places or ((position,) if self.position else ())
            places = (*own, *self.follow_up_places)[:_SHOWN_PLACES]
        pairs: dict[str, Any] = {
            "file": position.file,
            "line": position.line,
            "column": position.column,
            "sheet": position.sheet,
            "cell": position.cell,
            "severity": self.severity,
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "count": count,
            "places": [str(place) for place in places],
        }
        return {key: value for key, value in pairs.items() if value}


def sort_problems(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """By file and position, each problem once."""
    return tuple(sorted(dict.fromkeys(problems), key=order_of))


def order_of(problem: Problem) -> tuple[object, ...]:
    """By what problems are sorted: by their places, those of one place by code and message."""
    return (*_order_of_place(problem.position or Position("")), problem.code, problem.message)


def _order_of_place(at: Position) -> tuple[object, ...]:
    """As one reads files and sheets, E9 before E10."""
    letters = at.cell.rstrip("0123456789")
    row = int(at.cell[len(letters) :] or 0)
    return (at.file, at.line, at.column, at.length, at.sheet, row, len(letters), letters)


def has_errors(problems: Iterable[Problem]) -> bool:
    """Whether one of them is an error: then the exit code is 1."""
    return any(problem.severity == "error" for problem in problems)


# --- what the system refuses ----------------------------------------------------------------------


def describe_refusal(error: OSError) -> str:
    """What the system refused, in the user's words and without the name of the file."""
    busy = _("no permission, or the file is open in another program")
    known = {
        errno.EACCES: busy,
        errno.EPERM: busy,
        errno.EBUSY: busy,
        errno.ENOENT: _("there is no such file or folder"),
        errno.EISDIR: _("this is a folder"),
        errno.ENOTDIR: _("what should be a folder is a file"),
        errno.EEXIST: _("there is already such a file or folder"),
        errno.EROFS: _("nothing can be written to this disk: it is read-only"),
        errno.ENOSPC: _("there is no room left on the disk"),
        errno.EDQUOT: _("your room on the disk is used up"),
        errno.EFBIG: _("the file would be larger than the system allows"),
        errno.EMFILE: _("too many files are open: close other programs and try again"),
        errno.ENFILE: _("too many files are open: close other programs and try again"),
        errno.ENAMETOOLONG: _("the name of the file or folder is too long"),
        errno.EIO: _("the disk cannot be read or written"),
    }
    text = error.strerror or str(error)
    return known.get(error.errno or 0) or _("the system refused: {reason}").format(reason=text)


# --- one cause, one problem -----------------------------------------------------------------------

_MOST_ALONE = 3  # cells of one column that are told one by one
_SHOWN_PLACES = 3
_TABLES = (".csv", ".tsv", ".parquet")
# What is wrong with a heading is one cause in a sheet, with the cells of a column one in a column.
_OF_SHEETS = frozenset(
    ("cell-without-column", "column-without-header", "ignored-column", "unknown-column")
)
# What is wrong with a name is one cause wherever it stands, whatever it was taken for there.
_OF_NAMES = {
    "unknown-name": "name",
    "unknown-input": "name",
    "unknown-indicator": "name",
    "unknown-column": "name",
    "unknown-event": "name",
    "unknown-unit": "unit",
    "unknown-level": "level",
    "unknown-group": "group",
    "unknown-function": "function",
    "unknown-place": "place",
    "target-year": "target-year",
    "target-kind": "target-kind",
    "form-years": "form-years",
    "merged-cell": "merged",
    "no-place": "merged",  # which is about the cells that are merged, or about nothing
    "no-year": "merged",
}
# What is not done yet is not done at many: one cause in a file, with the first as an example.
_OF_FILES = frozenset(("example-missing", "share-not-within", "target-not-compared"))
# Each is about one place, whose numbers its message shows.
_ALONE = ("check:", "overlap", "part", "partition", "share", "within")
_SUBJECT = re.compile("[“«](.*?)[”»]: ")
_QUOTED = re.compile("„[^„“”«»]*“|[“«][^“”«»]*[”»]")
_WORD = re.compile(r"[^\W\d_]+")
_VALUES = re.compile(r"\S*[\d#=]\S*")


def fold_problems(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems with those of one cause made one: `count`, and the first three `places`.

    One cause are problems with one name, wherever it stands, and more than three cells of a column, or
    headings of a sheet, that are wrong in one way. What follows from a problem is counted at it.
    """
    known = {problem: problem for problem in problems}
    groups: dict[tuple[object, ...], list[Problem]] = {}
    group_of: dict[Problem, tuple[object, ...]] = {}
    following: list[tuple[Problem, Problem]] = []
    for problem in known:
        root = _find_root(problem, known)
        if root is not problem:
            following.append((root, problem))
            continue
        name = _name_of(problem)
        group_of[problem] = name or (len(group_of),)
        groups.setdefault(group_of[problem], []).append(problem)
    follow_ups: dict[tuple[object, ...], list[Problem]] = {}
    for root, problem in following:
        follow_ups.setdefault(group_of[root], []).append(problem)
    columns: dict[tuple[object, ...], list[Problem]] = {}
    for key, group in groups.items():
        folded = _fold_group(group, follow_ups.get(key, ()))
        columns.setdefault(_column_of(folded) or key, []).append(folded)
    one_cause = (
        [_fold_group(group)] if len(group) > _MOST_ALONE else group for group in columns.values()
    )
    return tuple(sorted((problem for group in one_cause for problem in group), key=order_of))


def _find_root(problem: Problem, known: Mapping[Problem, Problem]) -> Problem:
    """The first in the chain of causes; the problem itself where it follows from none of the known."""
    chain = [problem]
    while problem.cause is not None:
        cause = known.get(problem.cause)
        if cause is None or cause in chain:
            break
        problem = cause
        chain.append(problem)
    return problem


def _fold_group(group: Sequence[Problem], following: Sequence[Problem] = ()) -> Problem:
    """Problems of one cause as the first of them, with the places of all and of what follows."""
    first = min(group, key=order_of)
    if len(group) > 1:
        ordered = sorted(group, key=order_of)
        places = [
            place
            for problem in ordered
            for place in (problem.places or (problem.position,))
            if place is not None
        ]
        first = replace(
            first,
            count=sum(problem.count or 1 for problem in group),
            places=tuple(sorted(places, key=_order_of_place)[:_SHOWN_PLACES]),
            hint=_join_hints(ordered),
            follow_ups=sum(problem.follow_ups for problem in group),
            follow_up_places=tuple(
                place for problem in ordered for place in problem.follow_up_places
            )[:_SHOWN_PLACES],
        )
    if following:
        ordered = sorted(following, key=order_of)
        later = (problem.position for problem in ordered if problem.position)
        first = replace(
            first, follow_ups=len(ordered), follow_up_places=tuple(islice(later, _SHOWN_PLACES))
        )
    return first


def _join_hints(group: Sequence[Problem]) -> str:
    """The hint of the first problem; of several names those of the first three, with the names."""
    hints: dict[str, str] = {}
    for problem in group:
        if problem.about:
            hints.setdefault(problem.about, problem.hint)
    if len(hints) <= 1 or _name_of(group[0]) is None:
        return group[0].hint
    names: dict[str, list[str]] = {}
    for name, hint in islice(hints.items(), _SHOWN_PLACES):
        names.setdefault(hint, []).append(name)
    parted = _("”, “")
    texts = []
    for hint, own in names.items():
        text = _("“{name}”: {hint}") if hint else _("“{name}”")
        texts.append(text.format(name=parted.join(own), hint=hint))
    return "; ".join(texts)


def _name_of(problem: Problem) -> tuple[object, ...] | None:
    """What is equal in problems with one name; None for those without."""
    kind, at = _OF_NAMES.get(problem.code), problem.position
    if not kind or not problem.about:
        return None
    # Cells have the same address on every sheet.
    sheet = (at.file, at.sheet) if at and kind == "merged" else None
    return (kind, problem.severity, problem.about, sheet)


def _column_of(problem: Problem) -> tuple[object, ...] | None:
    """What is equal in problems with cells of one column; None where a problem is always alone."""
    at = problem.position
    if at is None or (problem.count and not _name_of(problem)):
        return None
    if problem.code in _OF_FILES:
        return (problem.code, problem.severity, at.file)
    in_table = bool(at.sheet) or at.file.lower().endswith(_TABLES)
    if not in_table or problem.code in _ALONE or problem.code.startswith(_ALONE[0]):
        return None
    column = "" if problem.code in _OF_SHEETS else at.column or at.cell.rstrip("0123456789")
    subject = _SUBJECT.match(problem.message)
    named = subject[1] if subject else ""
    sentence = problem.sentence or _strip_values(problem.message)
    # Names that are unknown for different causes are mended in different ways.
    hint = _strip_values(re.sub('"[^"]*"', "", problem.hint)) if _name_of(problem) else ""
    mending = " ".join(_WORD.findall(hint))
    return (problem.code, problem.severity, at.file, at.sheet, column, named, sentence, mending)


def _strip_values(message: str) -> str:
    """The message without what stands in quotes, numbers and formulas: equal for one cause."""
    bare = _QUOTED.sub("", message)
    return _strip_values(bare) if bare != message else _VALUES.sub("", message)


def _show_places(problem: Problem) -> str:
    """How many places a problem and what follows from it have, and the first of them, shortly."""
    texts = []
    if problem.count:
        text = ngettext(
            "{count} such place: {places}", "{count} such places: {places}", problem.count
        )
        texts.append(_list_places(text, problem, problem.count, problem.places))
    if problem.follow_ups:
        text = ngettext(
            "for this reason {count} more place: {places}",
            "for this reason {count} more places: {places}",
            problem.follow_ups,
        )
        texts.append(_list_places(text, problem, problem.follow_ups, problem.follow_up_places))
    return f" ({'; '.join(texts)})" if texts else ""


def _list_places(text: str, problem: Problem, count: int, places: Sequence[Position]) -> str:
    """The places, each with its file where that is another than that of the place before."""
    files = [problem.position.file if problem.position else "", *(place.file for place in places)]
    shown = [_show_place(place, file) for place, file in zip(places, files, strict=False)]
    return text.format(count=count, places=", ".join(shown + ["…"] * (count > len(places))))


def _show_place(place: Position, file: str) -> str:
    if place.file != file:
        return str(place)
    return place.cell or f"{place.line}:{place.column}".removesuffix(":0")


_LABELS: Mapping[Severity, Callable[[], str]] = {
    "error": lambda: _("error"),
    "warning": lambda: _("warning"),
    "note": lambda: _("note"),
}


def show_problem(problem: Problem) -> str:
    """The problem as text: a line to click, the source line with the span underlined, the fix."""
    label = _LABELS[problem.severity]()
    where = f"{problem.position}: " if problem.position and str(problem.position) else ""
    lines = [show_signs(f"{where}{label}: {set_type(problem.message)}{_show_places(problem)}")]
    position = problem.position
    if position and position.excerpt and position.column:
        # A long line is cut around the span, so that the underline stays under it on any screen.
        start = max(0, position.column - 60)
        excerpt = position.excerpt[start : start + 110]
        offset = position.column - 1 - start
        before, meant = excerpt[:offset], excerpt[offset : offset + max(1, position.length)]
        lead = "".join("\t" if sign == "\t" else " " for sign in _show_line(before))
        lines += [f"    {_show_line(excerpt)}", f"    {lead}{'^' * max(1, len(_show_line(meant)))}"]
    if problem.hint:
        lines.append(f"    {show_signs(set_type(problem.hint))}")
    return "\n".join(lines)


def show_signs(text: str) -> str:
    """The text on one line, with nothing in it that a screen would obey instead of showing it."""
    return text if text.isprintable() else "".join(map(_show_sign, text))


def _show_line(text: str) -> str:
    return "\t".join(map(show_signs, text.split("\t")))


def _show_sign(sign: str) -> str:
    if unicodedata.category(sign) not in _NEVER_RAW:
        return sign
    known = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(sign)
    number = ord(sign)
    if unicodedata.category(sign) == "Cf":  # as the hints name it
        return f"[U+{number:04X}]"
    return known or (f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}")  # noqa: PLR2004


_NEVER_RAW = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
"""Control signs, signs that turn the direction of writing, halves of letters, other ends of lines."""


# --- names that were meant ---------------------------------------------------------------------

# Letters of two alphabets that look alike, small and capital ones.
_CYRILLIC, _LATIN = "авекмнорстухіѕј", "abekmhopctyxisj"
_ALIKE = str.maketrans(_CYRILLIC, _LATIN)
_NEAREST = 5
_FEW, _LONGEST = 1_000, 60
_NUMBERED = re.compile(r"№\s*([0-9]+)")


def _fold(name: str) -> str:
    """The name without what the eye passes over: the case and the alphabet of letters."""
    return name.lower().translate(_ALIKE)


def nearest_name(name: str, names: Iterable[str]) -> str | None:
    """The known name closest to a misspelt one, or None where nothing is near.

    For many names at once: `KnownNames`.
    """
    return KnownNames(names).nearest(name)


class KnownNames:
    """Names, of which the closest to a misspelt one is asked.

    Fewest mistakes win, and two letters exchanged are the least of mistakes. Among very many names
    (schools of a region) only those one mistake away are looked for: that takes no time.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.names = {_fold(candidate): candidate for candidate in names}
        self.letters = frozenset("".join(self.names)) if len(self.names) > _FEW else frozenset()

    def nearest(self, name: str) -> str | None:
        """The closest name, or None where nothing is near."""
        written = _fold(name)
        if written in self.names:
            return self.names[written]
        if (number := written.lstrip("0")).isdecimal():  # a spreadsheet drops zeros that lead
            same = (known for folded, known in self.names.items() if folded.lstrip("0") == number)
            if known := next(same, None):
                return known
        if self.letters:
            near = [
                candidate
                for candidate in self._one_mistake_away(written)
                if candidate in self.names
            ]
        else:
            near = difflib.get_close_matches(written, self.names, n=_NEAREST, cutoff=0.6)
        # School № 8 is no misspelt School № 9: it is another school.
        numbers = _NUMBERED.findall(name)
        near = [
            each
            for each in near
            if _NUMBERED.findall(self.names[each]) in (numbers, []) or not numbers
        ]
        if not near:
            return None
        return self.names[min(near, key=lambda candidate: count_mistakes(written, candidate))]

    def suggest(self, name: str) -> str:
        """The hint "did you mean …", empty where nothing is near."""
        nearest = self.nearest(name)
        return offer_name(name, nearest) if nearest else ""

    def _one_mistake_away(self, written: str) -> Iterator[str]:
        for index in range(min(len(written), _LONGEST) + 1):
            before, after = written[:index], written[index:]
            yield before + after[1:2] + after[:1] + after[2:]
            yield before + after[1:]
            for letter in sorted(self.letters):
                yield before + letter + after
                yield before + letter + after[1:]


def count_mistakes(written: str, meant: str) -> float:
    """How many letters were put in, left out or replaced (1 each), or exchanged (half of one)."""
    above: list[float] = []
    row: list[float] = [float(number) for number in range(len(meant) + 1)]
    for i, letter in enumerate(written, 1):
        before_last, above, row = above, row, [float(i)]
        for j, other in enumerate(meant, 1):
            least = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == meant[j - 2] and other == written[i - 2] != letter:
                least = min(least, before_last[j - 2] + 0.5)
            row.append(least)
    return row[-1]


def suggest_name(name: str, names: Iterable[str]) -> str:
    """The hint "did you mean …", empty where nothing is near."""
    return KnownNames(names).suggest(name)


def offer_name(name: str, meant: str) -> str:
    """The hint "did you mean …"; where the names look alike, also what is not the same in them."""
    difference = describe_difference(name, meant)
    hint = _("did you mean “{name}”?").format(name=meant)
    return f"{hint} {difference}" if difference else hint


def describe_difference(written: str, meant: str) -> str:
    """What the eye passes over in two names that look alike; empty where they do not."""
    if fold_look(written) != fold_look(meant):
        return ""
    letters = [
        letter
        for letter, other in zip(fold_name(written), fold_name(meant), strict=False)
        if letter != other
    ]
    if letters:
        return _describe_letters(letters)
    for is_odd, describe in _DIFFERENCES:
        if odd := [sign for sign in written if is_odd(sign) and sign not in meant]:
            return describe().format(sign=f"U+{ord(odd[0]):04X}")
    if unicodedata.normalize("NFC", written) == unicodedata.normalize("NFC", meant):
        return _("Written here is a letter made of two signs") if written != meant else ""
    spaceless = ("".join(text.split()).casefold() for text in (written, meant))
    if len(set(spaceless)) == 1 and written.casefold() != meant.casefold():
        return _("Only the number of spaces is another")
    return ""


def fold_look(name: str) -> str:
    """The name without what the eye does not tell apart; what has equal looks is easily mistaken."""
    return _fold(fold_name(name))


def _describe_letters(letters: Iterable[str]) -> str:
    strange = list(dict.fromkeys(letters))
    text = (
        _("Written here is a Cyrillic “{letter}”, a Latin one is due")
        if strange[0].lower() in _CYRILLIC
        else _("Written here is a Latin “{letter}”, a Cyrillic one is due")
    )
    return text.format(letter=_("”, “").join(strange))


_DIFFERENCES: tuple[tuple[Callable[[str], bool], Callable[[], str]], ...] = (
    (
        lambda sign: sign in "\u00a0\u202f\u2007",
        lambda: _("Written here is a space that does not break"),
    ),
    (
        lambda sign: unicodedata.category(sign) in {"Cf", "Mn"} and sign != "\u0306",
        lambda: _("Written here is a sign that is not seen ({sign})"),
    ),
    (
        lambda sign: sign != " " and sign.isspace(),
        lambda: _("Written here is a space of another kind"),
    ),
    (lambda sign: sign in "еёЕЁ", lambda: _("They differ in “е” and “ё”")),
    (
        lambda sign: unicodedata.category(sign) == "Pd" or sign == "\u2212",
        lambda: _("They differ in the kind of dash"),
    ),
    (
        lambda sign: unicodedata.category(sign) in {"Pi", "Pf", "Ps"} or sign in "\"'`",
        lambda: _("They differ in the quotes"),
    ),
)
"""Whether a sign, of those that the other name lacks, makes the difference; and how it is called."""
