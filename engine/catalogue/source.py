"""A catalogue folder → plain data, with the place of every key and value beside it.

Nothing here knows what the keys mean. Keys are the text as written; a plain scalar is an int, a
float, a yes/no, nothing, or text, and `Document.text` still gives it as the author wrote it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from engine.catalogue.broken import TextFile, explain_break
from engine.i18n import gettext as _
from engine.problems import Position, Problem

Path_: TypeAlias = tuple[str | int, ...]

MAX_BYTES = 2_000_000
MAX_FILES = 200
MAX_NODES = 100_000
MAX_DEPTH = 40
MAX_MENDS = 50

# The C reader is some ten times faster; it is not there on every platform.
_Reader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

_INT = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}")
_DIGITS = re.compile(r"-?[0-9]+")
_WORDS = {"yes": True, "true": True, "да": True, "no": False, "false": False, "нет": False}
_NOTHING = {"", "~", "null", "Null", "NULL"}
_WRONG_INDENT = re.compile("^ *([\t\xa0\u2000-\u200b\u202f\u3000])", re.MULTILINE)
_INVISIBLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Top-level mappings whose keys are ids: one id declared twice has a code of its own.
_COLLECTIONS = frozenset(
    ("groups", "register", "units", "constants", "inputs", "indicators", "events", "forms")
)


@dataclass(frozen=True, slots=True)
class _Node:
    """A piece of a file: a scalar (`value` is text), a mapping (pairs) or a list (nodes)."""

    kind: str
    start: tuple[int, int, int]  # line, column, index: all from 0
    end: tuple[int, int, int]
    value: Any
    style: str = ""


@dataclass(frozen=True, slots=True)
class _Entry:
    """What stands at a path: its file, its key (None in a list) and its value."""

    file: TextFile
    key: _Node | None
    node: _Node


@dataclass(frozen=True, slots=True)
class Document:
    """All files of a catalogue folder as one mapping.

    `data` holds dict (str keys), list, str, int, float, bool and None. `version` is the first 12
    hex digits of the SHA-256 over names and bytes of the files.
    """

    folder: Path
    data: dict[str, Any]
    version: str
    entries: Mapping[Path_, _Entry] = field(repr=False)

    def position(self, path: Path_, *, key: bool = False) -> Position:
        """The place of the value at a path, or of its key; of the nearest ancestor if absent."""
        entry = self.entries.get(path)
        while entry is None and path:
            path, key = path[:-1], True
            entry = self.entries.get(path)
        if entry is None:
            return Position(self.folder.as_posix())
        node = entry.key if key and entry.key is not None else entry.node
        return _position(entry.file, node)

    def text(self, path: Path_) -> str:
        """The scalar at a path as it was written, without its quotes; "" where there is none."""
        entry = self.entries.get(path)
        return entry.node.value if entry and entry.node.kind == "scalar" else ""

    def quoted(self, path: Path_) -> bool:
        """Whether the scalar at a path stands in quotes."""
        entry = self.entries.get(path)
        return bool(entry and entry.node.kind == "scalar" and entry.node.style in {"'", '"'})


class _RefusedError(Exception):
    """Reading of one file stops: the problem says why. Never leaves this module."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def read_folder(folder: Path) -> tuple[Document | None, list[Problem]]:
    """Read every *.yaml of a folder (not of its sub-folders) into one document.

    A file that cannot be read is left out and the others are still read, so where there are
    errors the document may lack whole parts: check its shape, but build nothing from it. None
    where there is no folder or nothing could be read.
    """
    if not folder.is_dir():
        message = _("There is no folder “{folder}”.").format(folder=folder.as_posix())
        return None, [Problem("no-folder", message, Position(folder.as_posix()))]
    builder = _Builder()
    digest = hashlib.sha256()
    try:
        paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        return None, [Problem("unreadable", _unreadable(error), Position(folder.as_posix()))]
    files = []
    for path in paths:
        if path.suffix == ".yaml":
            if not path.is_dir():
                files.append(path)
        elif path.suffix.lower() in {".yml", ".yaml"}:
            builder.problems.append(_wrong_name(path))
    if not files and not builder.problems:
        message = _("There is no *.yaml file in the folder “{folder}”.")
        return None, [
            Problem(
                "empty-folder",
                message.format(folder=folder.as_posix()),
                Position(folder.as_posix()),
                _("a catalogue is a folder with files whose names end in .yaml"),
            )
        ]
    if len(files) > MAX_FILES:
        message = _("There are {count} files in the folder; at most {most} are read.")
        message = message.format(count=len(files), most=MAX_FILES)
        return None, [Problem("too-large", message, Position(folder.as_posix()))]
    for path in files:
        try:
            content = _read_bytes(path, folder)
            digest.update(f"{path.name}\0{len(content)}\0".encode() + content)
            builder.add_file(TextFile(path.as_posix(), _decode(content, path)))
        except _RefusedError as refused:
            builder.problems.append(refused.problem)
    if not builder.entries:
        return None, builder.problems
    version = digest.hexdigest()[:12]
    return Document(folder, builder.data, version, builder.entries), builder.problems


def _wrong_name(path: Path) -> Problem:
    return Problem(
        "wrong-file-name",
        _("The file “{name}” is not read: its name must end in .yaml.").format(name=path.name),
        Position(path.as_posix()),
        _("rename it to “{name}”").format(name=path.with_suffix(".yaml").name),
    )


def _unreadable(error: OSError) -> str:
    return _("It cannot be read: {reason}.").format(reason=error.strerror or error)


def _read_bytes(path: Path, folder: Path) -> bytes:
    """The bytes of a file, its size bounded before it is read."""
    position = Position(path.as_posix())
    try:
        if path.resolve().parent != folder.resolve():
            raise _RefusedError(
                Problem("outside-folder", _("The file leads out of its folder."), position)
            )
        if not path.is_file():
            raise _RefusedError(Problem("unreadable", _("This is not a plain file."), position))
        size = path.stat().st_size
        if size <= MAX_BYTES:
            with path.open("rb") as stream:
                content = stream.read(MAX_BYTES + 1)
            size = len(content)
    except OSError as error:
        raise _RefusedError(Problem("unreadable", _unreadable(error), position)) from error
    if size > MAX_BYTES:
        message = _("The file is too large: {size} MB; at most {most} MB are read.").format(
            size=f"{size / 1e6:.1f}", most=MAX_BYTES // 1_000_000
        )
        hint = _("split it into several files of the same folder")
        raise _RefusedError(Problem("too-large", message, position, hint))
    return content


def _decode(content: bytes, path: Path) -> str:
    """The text of a file, or a refusal with the first line that is not text."""
    name = path.as_posix()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content:
            line = 0
        raise _RefusedError(
            Problem(
                "not-utf8",
                _("The file is not a text in UTF-8."),
                Position(name, line, 1 if line else 0),
                _("save it in your editor with the encoding UTF-8"),
            )
        ) from error
    file = TextFile(name, text)
    if not text.strip():
        hint = _("write into it, or delete it")
        raise _RefusedError(Problem("empty-file", _("The file is empty."), Position(name, 1), hint))
    invisible = _INVISIBLE.search(text)
    if invisible:
        message = _("Here is a sign that cannot be seen (U+{number}).")
        message = message.format(number=f"{ord(invisible[0]):04X}")
        position = _position_of(file, invisible.start())
        raise _RefusedError(Problem("invisible-sign", message, position, _("delete it")))
    indent = _WRONG_INDENT.search(text)
    if indent:
        position = _position_of(file, indent.start(1))
        if indent[1] == "\t":
            message, code = _("The indent of this line has a tab."), "tab"
        else:
            message, code = _("The indent of this line has a space of another kind."), "wrong-space"
        hint = _("indent with ordinary spaces")
        raise _RefusedError(Problem(code, message, position, hint))
    return text


def _position_of(file: TextFile, index: int) -> Position:
    before = file.text[:index]
    start = before.rfind("\n") + 1
    return file.position(before.count("\n"), index - start)


def _position(file: TextFile, node: _Node) -> Position:
    """The place of a node; of the first sign inside the quotes for a quoted scalar."""
    line, column, index = node.start
    length = node.end[2] - index if node.end[0] == line else len(file.lines[line]) - column
    if node.style in {"'", '"'}:
        length -= 2 if node.end[0] == line else 1
        column += line not in file.mended
    return file.position(line, column, length)


def _compose(file: TextFile, problems: list[Problem]) -> _Node | None:
    """The tree of a file, read from its events: the depth is bounded before anything recurses."""
    reader = _Reader(file.text)
    count = 0
    repeated = False

    def read(event: Any, depth: int) -> _Node:
        nonlocal count, repeated
        count += 1
        mark = event.start_mark
        start = (mark.line, mark.column, mark.index)
        if count > MAX_NODES or depth > MAX_DEPTH:
            raise _RefusedError(
                Problem(
                    "too-large",
                    _("There are too many entries in the file.")
                    if count > MAX_NODES
                    else _("Too many things stand one inside another here."),
                    file.position(mark.line, mark.column),
                )
            )
        if event.anchor is not None and not repeated:
            repeated = True
            sign = file.text[mark.index : mark.index + 1]
            problems.append(
                Problem(
                    "alias",
                    _("A text may begin with “{sign}” only in quotes.").format(sign=sign),
                    file.position(mark.line, mark.column),
                    _(
                        "put the text in quotes; a piece marked for repeating is written out in full"
                    ),
                )
            )
        if isinstance(event, yaml.AliasEvent):
            return _Node("scalar", start, _end(event), f"*{event.anchor}", "*")
        if event.tag is not None:
            problems.append(
                Problem(
                    "tag",
                    _("A text may begin with “{sign}” only in quotes.").format(sign="!"),
                    file.position(mark.line, mark.column),
                    _("put the text in quotes, or delete “!” and the word after it"),
                )
            )
        if isinstance(event, yaml.ScalarEvent):
            style = event.style or ("!" if event.tag else "")
            return _Node("scalar", start, _end(event), event.value, style)
        style = "flow" if event.flow_style else "block"
        items: list[Any] = []
        if isinstance(event, yaml.SequenceStartEvent):
            while not isinstance(event := reader.get_event(), yaml.SequenceEndEvent):
                items.append(read(event, depth + 1))
            return _Node("list", start, _end(event), items, style)
        while not isinstance(event := reader.get_event(), yaml.MappingEndEvent):
            key = read(event, depth + 1)
            items.append((key, read(reader.get_event(), depth + 1)))
        return _Node("mapping", start, _end(event), items, style)

    try:
        reader.get_event()  # the stream begins
        if isinstance(reader.get_event(), yaml.StreamEndEvent):
            return None
        root = read(reader.get_event(), 0)
        reader.get_event()  # the document ends
        event = reader.get_event()
        if not isinstance(event, yaml.StreamEndEvent):
            mark = event.start_mark
            raise _RefusedError(
                Problem(
                    "broken-text",
                    _("A second text begins here after “---”."),
                    file.position(mark.line, mark.column),
                    _("delete the line “---”, or move what follows to a file of its own"),
                )
            )
    finally:
        reader.dispose()
    return root


def _end(event: Any) -> tuple[int, int, int]:
    mark = event.end_mark
    return (mark.line, mark.column, mark.index)


class _Builder:
    """Trees of the files → one mapping, with what stands where; problems as they are met."""

    def __init__(self) -> None:
        self.data: dict[str, Any] = {}
        self.entries: dict[Path_, _Entry] = {}
        self.problems: list[Problem] = []

    def add_file(self, file: TextFile) -> None:
        """Add one file; a problem ends that file only."""
        root = self._read(file)
        if root is None:
            return
        if root.kind != "mapping":
            self.problems.append(
                Problem(
                    "broken-text",
                    _("A file of a catalogue begins with a key: “inputs:”, “indicators:” …"),
                    _position(file, root),
                )
            )
            return
        self.entries.setdefault((), _Entry(file, None, root))
        for key, node in self._pairs(file, root, ()):
            self._add_section(file, key, node)

    def _read(self, file: TextFile) -> _Node | None:
        found: list[Problem] = []
        for _attempt in range(MAX_MENDS):
            composed: list[Problem] = []
            try:
                root = _compose(file, composed)
            except yaml.YAMLError as error:
                problem, mended = explain_break(error, file)
                found.append(problem)
                if mended:
                    continue
                self.problems += found
                return None
            except _RefusedError as refused:
                self.problems += [*found, *composed, refused.problem]
                return None
            self.problems += found + composed
            if root is None:
                position = Position(file.path, 1)
                hint = _("write into it, or delete it")
                self.problems.append(Problem("empty-file", _("The file is empty."), position, hint))
            return root
        self.problems += found
        return None

    def _add_section(self, file: TextFile, key: _Node, node: _Node) -> None:
        """Merge one top-level key: mappings by their keys, lists one after the other."""
        name: str = key.value
        path: Path_ = (name,)
        if node.kind == "scalar" and self._scalar(node) is None:
            self.entries.setdefault(path, _Entry(file, key, node))
            return
        known = self.data.get(name)
        if known is None:
            self.entries[path] = _Entry(file, key, node)
            self.data[name] = self._build(file, node, path)
        elif isinstance(known, dict) and node.kind == "mapping":
            for inner, value in self._pairs(file, node, path):
                self._add(file, inner, value, path, known)
        elif isinstance(known, list) and node.kind == "list":
            for item in node.value:
                at = (*path, len(known))
                self.entries[at] = _Entry(file, None, item)
                known.append(self._build(file, item, at))
        else:
            first = self.entries[path]
            where = _position(first.file, first.key or first.node)
            self._declared_twice(file, key, path, where)

    def _add(
        self, file: TextFile, key: _Node, node: _Node, path: Path_, into: dict[str, Any]
    ) -> None:
        at = (*path, key.value)
        known = self.entries.get(at)
        if known is not None:
            where = _position(known.file, known.key or known.node)
            self._declared_twice(file, key, at, where)
            return
        self.entries[at] = _Entry(file, key, node)
        into[key.value] = self._build(file, node, at)

    def _declared_twice(self, file: TextFile, key: _Node, path: Path_, where: Position) -> None:
        is_id = len(path) == 2 and path[0] in _COLLECTIONS  # noqa: PLR2004 — section and id
        self.problems.append(
            Problem(
                "duplicate-id" if is_id else "duplicate-key",
                _("“{name}” is declared twice: the first time at {where}.").format(
                    name=key.value, where=where
                ),
                _position(file, key),
                _("delete one of the two, or rename it"),
            )
        )

    def _build(self, file: TextFile, node: _Node, path: Path_) -> Any:
        if node.kind == "scalar":
            return self._scalar(node)
        if node.kind == "list":
            items = []
            for index, item in enumerate(node.value):
                at = (*path, index)
                self.entries[at] = _Entry(file, None, item)
                items.append(self._build(file, item, at))
            return items
        built: dict[str, Any] = {}
        for key, value in self._pairs(file, node, path):
            self._add(file, key, value, path, built)
        return built

    @staticmethod
    def _scalar(node: _Node) -> Any:
        text: str = node.value
        if node.style:
            return text
        if _INT.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text):
            return float(text)
        return None if text in _NOTHING else _WORDS.get(text.lower(), text)

    def _pairs(self, file: TextFile, node: _Node, path: Path_) -> Iterator[tuple[_Node, _Node]]:
        """Keys and values, with texts that an unquoted comma cut in two put together again."""
        done: list[tuple[_Node, _Node]] = []
        seen: set[str] = set()
        for key, value in node.value:
            if key.kind != "scalar":
                message = _("Brackets cannot be a key.")
                hint = _("put the text in quotes")
                self.problems.append(Problem("broken-text", message, _position(file, key), hint))
            elif node.style == "flow" and self._has_no_value(file, key, value):
                self._mend_comma(file, key, done)
            elif not key.value:
                message = _("A key is due before the colon.")
                self.problems.append(Problem("broken-text", message, _position(file, key)))
            elif key.value in seen:
                first = next(known for known, _value in done if known.value == key.value)
                self._declared_twice(file, key, (*path, key.value), _position(file, first))
            else:
                seen.add(key.value)
                done.append((key, value))
        yield from done

    @staticmethod
    def _has_no_value(file: TextFile, key: _Node, value: _Node) -> bool:
        if value.kind != "scalar" or value.style or value.start[2] != value.end[2]:
            return False
        return not file.text[key.end[2] : key.end[2] + 80].lstrip().startswith(":")

    def _mend_comma(self, file: TextFile, key: _Node, done: list[tuple[_Node, _Node]]) -> None:
        """`{formula: share(a, b)}`: the piece after the comma belongs to the value before it."""
        if not done or done[-1][1].kind != "scalar" or done[-1][1].style not in {"", "cut"}:
            name, colon, rest = key.value.partition(":")
            if colon and name and not key.style:
                message = _("A space is due after the colon.")
                hint = _("write “{key}: {text}”").format(key=name, text=rest)
            else:
                message = _("“{key}” has no value.").format(key=key.value)
                hint = _("write “{key}: …”, or put the text with the comma in quotes")
                hint = hint.format(key=key.value)
            self.problems.append(Problem("missing-value", message, _position(file, key), hint))
            return
        name, piece = done[-1]
        text = file.text[piece.start[2] : key.end[2]]
        whole = _Node("scalar", piece.start, key.end, text, "cut")
        done[-1] = (name, whole)
        position = _position(file, whole)
        if piece.style == "cut":
            # The same text had one more comma: one problem, up to its new end.
            self.problems.pop()
        if _DIGITS.fullmatch(piece.value) and key.value.isdecimal():
            number = f"{piece.value}.{key.value}"
            done[-1] = (name, _Node("scalar", piece.start, key.end, number))
            message = _("A number is written with a point, not a comma: “{text}”.").format(
                text=text
            )
            hint = _("write {number}").format(number=number)
            self.problems.append(Problem("decimal-comma", message, position, hint))
            return
        message = _("Inside {{…}} a text with a comma must be in quotes: “{text}”.")
        hint = _('write {name}: "{text}"').format(name=name.value, text=text)
        self.problems.append(Problem("unquoted-comma", message.format(text=text), position, hint))
