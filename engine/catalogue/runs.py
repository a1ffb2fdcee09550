"""Where the signs of a scalar stand in its file: folded, indented and escaped texts are not one piece.

The library gives the value and where it begins and ends. Between them the source is walked sign by
sign beside the value: breaks of lines and indents are passed over, an escape is one sign.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from engine.catalogue.tree import Entry, position_of
from engine.problems import Position, Runs

_ESCAPE = re.compile(r"\\(?:x.{2}|u.{4}|U.{8}|.)")
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
    for offset, index in enumerate(_walk(source, column, text, node.style)):
        if index is None:
            return position, ()
        while starts[row + 1] <= index:
            row += 1
        if index != expected:
            runs.append((offset, file.position(line + row, index - starts[row])))
        expected = index + 1
    return runs[0][1], tuple(runs)


def _walk(source: str, index: int, text: str, style: str) -> Iterator[int | None]:
    """The index in the source of each sign of the text; None, and the end, where it is not found."""
    for sign in text:
        if sign.isspace():
            yield index
            here = source[index : index + 1]
            index += _escaped(source, index) if style == '"' and here == "\\" else here in " \t"
            continue
        while source[index : index + 1].isspace() or source.startswith("\\\n", index):
            index += 1
        width = _width(source, index, sign, style)
        yield index if width else None
        if not width:
            return
        index += width


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
