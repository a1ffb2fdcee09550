"""A catalogue file that cannot be read: what is wrong, in its author's words.

The library's own messages speak of tokens and mappings; here the text around the place is looked
at again, and the problem says what to do. Where the mend is certain (a text that lacked quotes)
the line is mended in memory, so that the rest of the file is still checked in the same run.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.problems import Position, Problem
from engine.translation import gettext as _

if TYPE_CHECKING:
    import yaml

# A line of the block style: indent, dashes, key, colon, value.
_PAIR = re.compile(
    r"""^(?P<lead>\s*(?:-\s+)*(?:"[^"]*"|'[^']*'|[^\s:\#{}\[\]"'][^:]*):[ ]+)(?P<value>\S.*?)\s*$"""
)
_BREAKS = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_BARE_QUESTION = re.compile(r"""\b["']?formula["']?\s*:\s+(?P<sign>\?)\s*(?:[,}#]|$)""")
_CLOSING = {"{": "}", "[": "]"}


@dataclass(slots=True)
class TextFile:
    """One file: `text` is what is read (perhaps mended), `lines` are as the author wrote them."""

    path: str
    text: str
    lines: list[str] = field(default_factory=list)
    mended: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.lines = _BREAKS.split(self.text)

    def position(self, line: int, column: int, length: int = 1) -> Position:
        """The place of a line and column counted from 0."""
        excerpt = self.lines[line] if line < len(self.lines) else ""
        length = max(1, min(length, len(excerpt) - column))
        return Position(self.path, line + 1, column + 1, length, excerpt)

    def put_in_quotes(self, line: int) -> bool:
        """Mend the value on a line by quoting it; False where that is not certain to help."""
        match = _PAIR.match(self.lines[line]) if line < len(self.lines) else None
        if match is None or line in self.mended or match["value"][0] in "{[|>#":
            return False
        inner = match["value"].replace("\\", "\\\\").replace('"', '\\"')
        parts = _BREAKS.split(self.text)
        parts[line] = f'{match["lead"]}"{inner}"'
        self.text = "\n".join(parts)
        self.mended.add(line)
        return True


def explain_break(error: yaml.YAMLError, file: TextFile) -> tuple[Problem, bool]:
    """The problem behind an error of the YAML library, and whether the text is mended for it."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return _explain(file.position(0, 0), _("the text cannot be read"))
    last = len(file.lines) - 1
    place = _Place(
        file=file,
        line=min(mark.line, last),
        # Of a text whose last line does not end the library says a line that is not there.
        column=mark.column if mark.line <= last else len(file.lines[last]),
        problem=str(getattr(error, "problem", "") or ""),
        context=str(getattr(error, "context", "") or ""),
        opened=getattr(error, "context_mark", None),
    )
    for reading in _READINGS:
        explained = reading(place)
        if explained is not None:
            return explained
    return _explain(
        place.position,
        _("the text cannot be read from this place on"),
        _("look at the indents, quotes and brackets of this line and of the one above"),
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """Where reading stopped (line and column from 0), and the library's own message."""

    file: TextFile
    line: int
    column: int
    problem: str
    context: str
    opened: yaml.error.Mark | None

    @property
    def text(self) -> str:
        return self.file.lines[self.line]

    @property
    def position(self) -> Position:
        return self.file.position(self.line, self.column)

    @property
    def before(self) -> str:
        return self.text[: self.column]

    def value_start(self) -> int:
        """The column where the value of this line begins, or where reading stopped."""
        match = _PAIR.match(self.text)
        return match.start("value") if match else min(self.column, len(self.text))

    def whole_value(self) -> Position:
        start = self.value_start()
        return self.file.position(self.line, start, len(self.text.rstrip()) - start)


_Explanation = tuple[Problem, bool]


def _explain(
    position: Position, message: str, hint: str = "", code: str = "broken-text"
) -> _Explanation:
    return Problem(code, message, position, hint), False


def _quote(place: _Place, position: Position, message: str) -> _Explanation:
    """The text lacks quotes: they are put round it where that is certain to help."""
    problem, _mended = _explain(position, message, _quotes_hint())
    return problem, place.file.put_in_quotes(place.line)


def _quotes_hint() -> str:
    return _('put the whole text in quotes: "…" (inside them use «…»)')


def _open_quote(place: _Place) -> _Explanation | None:
    if "quoted scalar" not in place.context or place.opened is None:
        return None
    if "escape" in place.problem:
        return _explain(
            place.position,
            _('after “\\” inside "…" only a few signs may stand'),
            _("write “\\\\” for the sign itself, or use '…' around the text"),
        )
    return _explain(
        place.file.position(place.opened.line, place.opened.column),
        _("the quote opened here is not closed"),
        _("close it at the end of the text; inside the text use «…»"),
    )


def _tab(place: _Place) -> _Explanation | None:
    around = place.text[max(0, place.column - 1) : place.column + 1]
    if "\t" not in around:
        return None
    column = place.text.index("\t", max(0, place.column - 1))
    message, hint = _("this line has a tab"), _("put an ordinary space in its place")
    return _explain(place.file.position(place.line, column), message, hint, "tab")


def _bare_question(place: _Place) -> _Explanation | None:
    """`formula: ?`: the sign of a formula that is still to be written, which needs its quotes."""
    match = _BARE_QUESTION.search(place.text)
    if match is None or not match.start("sign") <= place.column <= match.end():
        return None
    problem, _mended = _explain(
        place.file.position(place.line, match.start("sign")),
        _("a formula that is still to be written is a question mark in quotes"),
        'formula: "?"',
    )
    return problem, place.file.put_in_quotes(place.line)


def _special_start(place: _Place) -> _Explanation | None:
    if place.opened is not None and place.context.endswith((" alias", " anchor")):
        line, column = place.opened.line, place.opened.column
        sign = place.file.lines[line][column : column + 1]
        if "{" in place.file.lines[line][:column]:
            return _explain(
                place.file.position(line, column),
                _("a text that begins with “{sign}” must be in quotes").format(sign=sign),
                _quotes_hint(),
            )
    start = place.value_start()
    first = place.text[start : start + 1]
    at_start = place.column <= start + 1 or "scanning" in place.context or "tag" in place.context
    if not first or first not in "%@`*&!|>?,}]-" or not at_start:
        return None
    if first == "-" and not _PAIR.match(place.text):
        return None
    if first in "|>" and "block scalar" not in place.context:
        return None
    message = _("a text that begins with “{sign}” must be in quotes").format(sign=first)
    return _quote(place, place.whole_value(), message)


def _special_key(place: _Place) -> _Explanation | None:
    """The line itself begins with a sign that means something else."""
    first = place.text.lstrip()[:1]
    start = len(place.text) - len(place.text.lstrip())
    if not first or first not in "%@`*&!" or place.column > start + 1:
        return None
    return _explain(
        place.file.position(place.line, start),
        _("a line cannot begin with “{sign}”").format(sign=first),
        _("delete the sign, or put the text in quotes"),
    )


def _after_quote(place: _Place) -> _Explanation | None:
    if not place.before.rstrip().endswith(('"', "'")):
        return None
    opened = _find_opening_quote(place)
    if opened.line <= place.line:
        return _explain(
            opened,
            _(
                "the quote opened here is not closed: it goes on up to the next quote, in line {line}"
            ).format(line=place.line + 1),
            _("close it at the end of the text; inside the text use «…»"),
        )
    position = place.file.position(place.line, place.column, len(place.text) - place.column)
    return _quote(place, position, _("after the closing quote comes more text"))


def _find_opening_quote(place: _Place) -> Position:
    """Where the text in quotes opens that is closed just before the place, escaped quotes apart."""
    closing = place.before.rstrip()
    written = "\n".join([*place.file.lines[: place.line], closing[:-1]])
    escaped = r"\\." if closing[-1] == '"' else "''"
    unescaped = re.sub(escaped, "  ", written, flags=re.DOTALL)
    start = max(unescaped.rfind(closing[-1]), 0)
    line = written.count("\n", 0, start)
    return place.file.position(line, start - written.rfind("\n", 0, start) - 1)


def _second_colon(place: _Place) -> _Explanation | None:
    if "mapping values" not in place.problem or not re.search(r"\S:\s", place.before):
        return None
    return _quote(place, place.whole_value(), _("a text with a colon inside must be in quotes"))


def _lost_colon(place: _Place) -> _Explanation | None:
    """`title` or `title:text` above or at the line where reading stopped."""
    scanning_key = "simple key" in place.context and place.opened is not None
    alone = "document start" in place.problem
    if "mapping values" not in place.problem and not scanning_key and not alone:
        return None
    line = place.opened.line if scanning_key and place.opened else _line_above(place)
    text = place.file.lines[line]
    indent = len(text) - len(text.lstrip())
    position = place.file.position(line, indent, len(text.strip()))
    if alone and ":" in text:
        return _uneven(place)
    if re.search(r":(\s|$)", text):
        return _explain(
            place.file.position(place.line, len(place.text) - len(place.text.lstrip())),
            _("this line stands deeper than the one above it, which already has its value"),
            _("begin both lines at the same column"),
        )
    if ":" in text:
        return _explain(position, _("a space is due after the colon"))
    return _explain(
        position,
        _("a colon is due after the key: “{text}” has none").format(text=text.strip()[:40]),
        _("a text that goes on from the line above stands deeper than its key"),
    )


def _line_above(place: _Place) -> int:
    for line in range(place.line - 1, -1, -1):
        if place.file.lines[line].strip() and not place.file.lines[line].lstrip().startswith("#"):
            return line
    return place.line


def _open_bracket(place: _Place) -> _Explanation | None:
    """A bracket that nothing closes: the text ends, or goes on as if there were no bracket."""
    if "flow" not in place.context or place.opened is None:
        return None
    ends = not "".join([place.text[place.column :], *place.file.lines[place.line + 1 :]]).strip()
    if ends and ("node" in place.context or place.opened.line >= len(place.file.lines)):
        last = max(n for n, line in enumerate(place.file.lines) if line.strip())
        return _explain(
            place.file.position(last, len(place.file.lines[last].rstrip()) - 1),
            _("the text ends here, and a bracket is not closed"),
        )
    opened = place.file.lines[place.opened.line]
    sign = opened[place.opened.column : place.opened.column + 1]
    lead = len(opened) - len(opened.lstrip())
    ended = place.line > place.opened.line and (
        not place.text.strip() or len(place.text) - len(place.text.lstrip()) <= lead
    )
    if ended and sign in _CLOSING:
        return _explain(
            place.file.position(place.opened.line, place.opened.column),
            _("the bracket “{sign}” opened here is not closed").format(sign=sign),
            _("put “{sign}” at its end").format(sign=_CLOSING[sign]),
        )
    return None


def _inside_brackets(place: _Place) -> _Explanation | None:
    if "flow" not in place.context or place.opened is None:
        return None
    sign = place.text[place.column : place.column + 1]
    if sign == ":" and place.line > place.opened.line and not re.search(r"[:,]\s", place.before):
        above = _line_above(place)
        return _explain(
            place.file.position(above, len(place.file.lines[above].rstrip())),
            _("a comma is due between two entries in brackets"),
            _("put it at the end of this line"),
        )
    if sign == ":" and place.before.rstrip().endswith(("{", ",")):
        return _explain(place.position, _("a key is due before the colon"))
    if sign == ":":
        return _explain(
            place.position, _("a text with a colon inside must be in quotes"), _quotes_hint()
        )
    return _explain(
        place.position,
        _("inside brackets “{sign}” is not due here").format(sign=sign or "…"),
        _("separate by one comma, close every bracket, and put texts with signs in quotes"),
    )


def _stray_bracket(place: _Place) -> _Explanation | None:
    sign = place.text[place.column : place.column + 1]
    if sign not in {"]", "}", ","}:
        return None
    return _explain(
        place.position,
        _("“{sign}” is not due here").format(sign=sign),
        _("remove it, or put the text in quotes"),
    )


def _uneven_indent(place: _Place) -> _Explanation | None:
    if "block" not in place.context or "expected" not in place.problem:
        return None
    return _uneven(place)


def _uneven(place: _Place) -> _Explanation:
    dash = place.text.lstrip().startswith("-") and "mapping" in place.context
    return _explain(
        place.position,
        _("this line begins a list among keys")
        if dash
        else _("the indent of this line fits none of the lines above"),
        _("keys of one thing begin at the same column"),
    )


_READINGS: tuple[Callable[[_Place], _Explanation | None], ...] = (
    _open_quote,
    _tab,
    _bare_question,
    _special_start,
    _special_key,
    _after_quote,
    _second_colon,
    _lost_colon,
    _open_bracket,
    _inside_brackets,
    _stray_bracket,
    _uneven_indent,
)
