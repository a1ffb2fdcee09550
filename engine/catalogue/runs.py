"""Where the signs of a scalar stand in its file: folded, indented and escaped texts are not one piece.

The library gives the value and where it begins and ends. Between them the source is walked beside
the value, line by line where they are the same: breaks of lines and indents are passed over, an escape is one sign.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from engine.catalogue.tree import Entry, position_of
from engine.problems import Position, Runs

_ESCAPE = re.compile(r"\\(?:x.{2}|u.{4}|U.{8}|.)")
_WORD = re.compile(r"\S+")
_TURNS = {"'": "'", '"': "\\"}
"""The sign that does not stand for itself between quotes of a style."""
_QUOTES, _BLOCKS = ("'", '"'), ("|", ">")


def find_runs(entry: Entry, text: str) -> tuple[Position, Runs]:
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
            here = source[index : index + 1]
            index += _escaped(source, index) if style == '"' and here == "\\" else here in " \t"
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
    here = source[index : index + 1]
    if style == '"' and here == "\\":
        return _escaped(source, index)
    if here == sign:
        return 2 if style == "'" == sign else 1
    return 2 * (unicodedata.normalize("NFC", source[index : index + 2]) == sign)


def _escaped(source: str, index: int) -> int:
    match = _ESCAPE.match(source, index)
    return len(match.group()) if match else 1
