"""The text of one file → a tree of scalars, lists and mappings, each with its place.

It is read from the library's events and not by its composer: that one recurses without a bound
(a file of nothing but brackets ends the whole process), and forgets what was marked with `&`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

import yaml

from engine.catalogue.yaml_mistakes import TextFile, explain_break
from engine.problems import Position, Problem, Runs
from engine.translation import gettext as _

At: TypeAlias = tuple[str | int, ...]

MAX_NODES = 100_000
MAX_DEPTH = 40
MAX_MENDS = 50
MAX_ANCHORS = 20

# The C reader is some ten times faster; it is not there on every platform.
_Reader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class Node(NamedTuple):
    """A piece of a file: a scalar (`value` is text), a mapping (pairs) or a list (nodes)."""

    kind: str
    start: Any  # a mark of the library: line, column, index, all from 0
    end: Any
    value: Any
    style: str = ""


class YamlEntry(NamedTuple):
    """What stands at a path: its file, its key (None in a list) and its value."""

    file: TextFile
    key: Node | None
    node: Node


class UnreadableFileError(Exception):
    """Reading of one file stops: the problem says why. Never leaves the reading of files."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def position_of(file: TextFile, node: Node) -> Position:
    """The place of a node; of the first sign inside the quotes for a quoted scalar."""
    line, column = node.start.line, node.start.column
    ends_here = node.end.line == line
    length = (node.end.column if ends_here else len(file.lines[line])) - column
    if node.style in {"'", '"'}:
        length -= 2 if ends_here else 1
        column += line not in file.mended
    return file.position(line, column, length)


def read_tree(file: TextFile) -> tuple[Node | None, list[Problem]]:
    """Read the tree of one file, and what is wrong with its text; None where it cannot be read.

    A line with a certain mend is mended in memory and reading starts again, so that several such
    lines, and what the rest of the file says, are reported in one run.
    """
    mended: list[Problem] = []
    for _attempt in range(MAX_MENDS):
        composer = _Composer(file)
        try:
            root = composer.compose()
        except yaml.YAMLError as error:
            problem, again = explain_break(error, file)
            mended.append(problem)
            if again:
                continue
            return None, mended
        except UnreadableFileError as refused:
            return None, [*mended, *composer.problems, refused.problem]
        return root, [*mended, *composer.problems]
    return None, mended


class _Composer:
    """Events of one file → nodes. The depth is bounded before anything recurses."""

    def __init__(self, file: TextFile) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.reader = _Reader(file.text)
        self.count = 0
        self.anchors: set[str] = set()

    def compose(self) -> Node:
        """Read the one tree of the file; a file without content, or with two, is refused."""
        reader = self.reader
        try:
            reader.get_event()  # the stream begins
            event = reader.get_event()
            if isinstance(event, yaml.StreamEndEvent):
                raise self._refusal(
                    "empty-file", _("the file is empty"), event, _("write into it, or delete it")
                )
            root = self._read(reader.get_event(), 0)
            reader.get_event()  # the document ends
            event = reader.get_event()
            if not isinstance(event, yaml.StreamEndEvent):
                raise self._refusal(
                    "broken-text",
                    _("a second text begins here after “---”"),
                    event,
                    _("delete the line “---”, or move what follows to a file of its own"),
                )
        finally:
            reader.dispose()
        return root

    def _read(self, event: Any, depth: int) -> Node:
        self.count += 1
        if self.count > MAX_NODES:
            raise self._refusal("too-large", _("there are too many entries in the file"), event)
        if depth > MAX_DEPTH:
            message = _("too many things stand one inside another here")
            raise self._refusal("too-large", message, event)
        start = event.start_mark
        if event.anchor is not None:
            self._note_anchor(event)
        if isinstance(event, yaml.AliasEvent):
            return Node("scalar", start, event.end_mark, f"*{event.anchor}", "*")
        if event.tag is not None:
            self._note_tag(event)
        if isinstance(event, yaml.ScalarEvent):
            style = event.style or ("!" if event.tag else "")
            return Node("scalar", start, event.end_mark, event.value, style)
        style = "flow" if event.flow_style else "block"
        reader = self.reader
        items: list[Any] = []
        if isinstance(event, yaml.SequenceStartEvent):
            while not isinstance(event := reader.get_event(), yaml.SequenceEndEvent):
                items.append(self._read(event, depth + 1))
            return Node("list", start, event.end_mark, items, style)
        while not isinstance(event := reader.get_event(), yaml.MappingEndEvent):
            key = self._read(event, depth + 1)
            items.append((key, self._read(reader.get_event(), depth + 1)))
        return Node("mapping", start, event.end_mark, items, style)

    def _note_anchor(self, event: Any) -> None:
        """Refuse what stands for another piece; where one is used, the whole file."""
        known = [problem for problem in self.problems if problem.code == "alias"]
        if isinstance(event, yaml.AliasEvent) and event.anchor in self.anchors:
            self.problems = [problem for problem in self.problems if problem not in known]
            raise UnreadableFileError(known[0])
        self.anchors.add(event.anchor)
        if len(known) == MAX_ANCHORS:
            return
        sign = self.file.text[event.start_mark.index : event.start_mark.index + 1]
        message = _("a text may begin with “{sign}” only in quotes").format(sign=sign)
        hint = _("put the text in quotes; a piece marked for repeating is written out in full")
        self.problems.append(self._refusal("alias", message, event, hint).problem)

    def _note_tag(self, event: Any) -> None:
        message = _("a text may begin with “{sign}” only in quotes").format(sign="!")
        hint = _("put the text in quotes, or delete “!” and the word after it")
        self.problems.append(self._refusal("tag", message, event, hint).problem)

    def _refusal(self, code: str, message: str, event: Any, hint: str = "") -> UnreadableFileError:
        mark = event.start_mark
        return UnreadableFileError(
            Problem(code, message, self.file.position(mark.line, mark.column), hint)
        )


# --- runs -----------------------------------------------------------------------------------------
# Where the signs of a scalar stand in its file: folded, indented and escaped texts are not one piece.
#
# The library gives the value and where it begins and ends. Between them the source is walked beside
# the value, line by line where they are the same: breaks of lines and indents are passed over, an
# escape is one sign.


_ESCAPE = re.compile(r"\\(?:x.{2}|u.{4}|U.{8}|.)")
_WORD = re.compile(r"\S+")
_TURNS = {"'": "'", '"': "\\"}
"""The sign that does not stand for itself between quotes of a style."""
_QUOTES, _BLOCKS = ("'", '"'), ("|", ">")


def find_runs(entry: YamlEntry, text: str) -> tuple[Position, Runs]:
    """The place of the first sign of a scalar, and its runs: none where it stands in one piece.

    `text` is the value, perhaps with letters put together that were typed in two signs.
    """
    file, node = entry.file, entry.node
    position = position_of(file, node)
    line, column = node.start.line, position.column - 1
    one_line = node.start.line == node.end.line
    width = node.end.column - node.start.column - 2 * (node.style in _QUOTES)
    if not text.strip() or line in file.mended or (one_line and width == len(text)):
        return position, ()
    if node.style in _BLOCKS:
        line, column = line + 1, 0
    source = "\n".join((*file.lines[line : node.end.line + 1], ""))
    starts = [0, *(match.end() for match in re.finditer("\n", source))]
    runs: list[tuple[int, Position]] = []
    expected, row = -1, 0
    for offset, index, length in _walk(source, column, text, node.style):
        if index is None:
            return position, ()
        while starts[row + 1] <= index:
            row += 1
        if index != expected:
            runs.append((offset, file.position(line + row, index - starts[row])))
        expected = index + length
    return runs[0][1], tuple(runs)


def _walk(source: str, index: int, text: str, style: str) -> Iterator[tuple[int, int | None, int]]:
    """Pieces of the text: where each begins in it and in the source, and how many signs it has.

    None in place of the source, and the end, where a sign is not found.
    """
    offset, turned = 0, _TURNS.get(style, "\n")
    while offset < len(text):
        if text[offset].isspace():
            yield offset, index, 1
            sign = source[index : index + 1]
            index += _escaped(source, index) if style == '"' and sign == "\\" else sign in " \t"
            offset += 1
            continue
        index = _skip(source, index)
        length = _count_same(source, index, text, offset, turned)
        width = length or _width(source, index, text[offset], style)
        yield offset, index if width else None, length or 1
        if not width:
            return
        offset, index = offset + (length or 1), index + width


def _count_same(source: str, index: int, text: str, offset: int, turned: str) -> int:
    """How many signs, to the end of a line or of a word, stand as they are read; 0 for none."""
    line = source[index : source.find("\n", index)].rstrip()
    if line and turned not in line and text.startswith(line, offset):
        return len(line)
    word = next(_WORD.finditer(text, offset)).group()
    return len(word) if turned not in word and source.startswith(word, index) else 0


def _skip(source: str, index: int) -> int:
    """Where the next sign stands, behind breaks of lines and indents."""
    while source[index : index + 1].isspace() or source.startswith("\\\n", index):
        index += 1
    return index


def _width(source: str, index: int, sign: str, style: str) -> int:
    """How many signs of the source make this one; 0 where it is another."""
    first = source[index : index + 1]
    if style == '"' and first == "\\":
        return _escaped(source, index)
    if first == sign:
        return 2 if style == "'" == sign else 1
    return 2 * (unicodedata.normalize("NFC", source[index : index + 2]) == sign)


def _escaped(source: str, index: int) -> int:
    match = _ESCAPE.match(source, index)
    return len(match.group()) if match else 1
