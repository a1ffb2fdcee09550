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
from typing import Any

from engine.catalogue.model import Library, Origin
from engine.catalogue.yaml_mistakes import TextFile
from engine.catalogue.yaml_tree import (
    At,
    Node,
    UnreadableFileError,
    YamlEntry,
    find_runs,
    position_of,
    read_tree,
)
from engine.files import is_temporary
from engine.problems import Position, Problem, Runs, describe_refusal
from engine.translation import gettext as _

PROJECT_FILE = "pokazatel.yaml"
NEVER_READ = (PROJECT_FILE, "sources.yaml")
"""Files that may lie in the folder of a catalogue and are never a part of it."""
MAX_BYTES = 2_000_000
MAX_FILES = 200
_WRONG_INDENT = re.compile("^ *([\t\xa0\u2000-\u200b\u202f\u3000])", re.MULTILINE)
_INVISIBLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INT = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}")
_DIGITS_LAST = re.compile(r"(?:^-)?(?<![\w.])[0-9]+$")
_DIGITS_FIRST = re.compile(r"[0-9]+(?![\w.])")
# Keys whose text is a formula.
_FORMULAS = frozenset(("formula", "rule", "applies_to", "asked_if", "where"))
_WORDS = {"yes": True, "true": True, "да": True, "no": False, "false": False, "нет": False}
_NOTHING = {"", "~", "null", "Null", "NULL"}
# Top-level mappings whose keys are ids: one id declared twice has a code of its own.
_COLLECTIONS = frozenset(
    ("groups", "register", "units", "constants", "inputs", "indicators", "events", "forms")
)
INNER = frozenset(("of_which", "when_yes", "results"))
"""Keys of a thing that hold others, whose ids begin with its own: `covered.ovz`."""


@dataclass(frozen=True, slots=True)
class Document:
    """All files of a catalogue folder as one mapping.

    `data` holds dict (str keys), list, str, int, float, bool and None. `version` is the first 12
    hex digits of the SHA-256 over names and bytes of the files.
    """

    folder: Path
    data: dict[str, Any] = field(repr=False)
    version: str
    whole: bool
    entries: Mapping[At, YamlEntry] = field(repr=False)
    libraries: tuple[Library, ...] = ()
    origins: Mapping[At, Origin] = field(default_factory=dict)

    def position(self, path: At, *, key: bool = False) -> Position:
        """The place of the value at a path, or of its key; of the nearest ancestor if absent."""
        entry = self.entries.get(path)
        while entry is None and path:
            path, key = path[:-1], True
            entry = self.entries.get(path)
        if entry is None:
            return Position(self.folder.as_posix())
        node = entry.key if key and entry.key is not None else entry.node
        return position_of(entry.file, node)

    def text(self, path: At) -> str:
        """The scalar at a path as it was written, without its quotes; "" where there is none."""
        entry = self.entries.get(path)
        return entry.node.value if entry and entry.node.kind == "scalar" else ""

    def runs(self, path: At, text: str) -> tuple[Position, Runs]:
        """Where the signs of the scalar at a path stand, whose value is `text`: see `find_runs`."""
        entry = self.entries.get(path)
        if entry is None or entry.node.kind != "scalar":
            return self.position(path), ()
        return find_runs(entry, text)

    def quoted(self, path: At) -> bool:
        """Whether the scalar at a path stands in quotes."""
        entry = self.entries.get(path)
        return bool(entry and entry.node.kind == "scalar" and entry.node.style in {"'", '"'})


def list_catalogue_files(folder: Path) -> tuple[Path, ...]:
    """The files of a folder that a catalogue is read from, by name."""
    return tuple(
        path
        for path in sorted(folder.glob("*.yaml"))
        if not is_temporary(path.name) and path.name not in NEVER_READ
    )


def read_folder(folder: Path) -> tuple[Document | None, list[Problem]]:
    """Read every *.yaml of a folder (not of its sub-folders) into one document.

    A file that cannot be read is left out and the others are still read, so where there are
    errors the document may lack whole parts: check its shape, but build nothing from it. None
    where there is no folder or nothing could be read.
    """
    if not folder.is_dir():
        message = _("there is no folder “{folder}”").format(folder=folder.as_posix())
        return None, [Problem("no-folder", message, Position(folder.as_posix()))]
    builder = DocumentBuilder()
    digest = hashlib.sha256()
    try:
        paths = sorted(
            path
            for path in folder.iterdir()
            if not is_temporary(path.name) and path.name not in NEVER_READ
        )
    except OSError as error:
        return None, [Problem("unreadable", _unreadable(error), Position(folder.as_posix()))]
    files = []
    for path in paths:
        if path.suffix == ".yaml":
            if not path.is_dir():
                files.append(path)
        elif path.suffix.lower() in {".yml", ".yaml"} or _OTHER_ENDING.search(path.name):
            builder.problems.append(_wrong_name(path))
            builder.whole = False
    if not files and not builder.problems:
        message = _("there is no *.yaml file in the folder “{folder}”")
        return None, [
            Problem(
                "empty-folder",
                message.format(folder=folder.as_posix()),
                Position(folder.as_posix()),
                _("a catalogue is a folder with files whose names end in .yaml"),
            )
        ]
    if len(files) > MAX_FILES:
        message = _("there are {count} files in the folder; at most {most} are read")
        message = message.format(count=len(files), most=MAX_FILES)
        return None, [Problem("too-large", message, Position(folder.as_posix()))]
    for path in files:
        try:
            content = _read_bytes(path, folder)
            digest.update(f"{path.name}\0{len(content)}\0".encode() + content)
            builder.add_file(_decode(content, path))
        except UnreadableFileError as refused:
            builder.problems.append(refused.problem)
            builder.whole = False
    if not builder.entries:
        return None, builder.problems
    version = digest.hexdigest()[:12]
    document = Document(folder, builder.data, version, builder.whole, builder.entries)
    return document, builder.problems


def read_file(path: Path) -> tuple[Document | None, list[Problem]]:
    """Read one file into a document of its own; None where it cannot be read."""
    builder = DocumentBuilder()
    try:
        content = _read_bytes(path, path.parent)
        builder.add_file(_decode(content, path))
    except UnreadableFileError as refused:
        return None, [refused.problem]
    version = hashlib.sha256(content).hexdigest()[:12]
    document = Document(path.parent, builder.data, version, builder.whole, builder.entries)
    return document, builder.problems


_OTHER_ENDING = re.compile(r"[.]ya?ml[.]txt$", re.IGNORECASE)  # as Notepad saves it
_ENDINGS = re.compile(r"([.]ya?ml)?[.][^.]*$", re.IGNORECASE)


def _wrong_name(path: Path) -> Problem:
    return Problem(
        "wrong-file-name",
        _("the file “{name}” is not read: its name must end in .yaml").format(name=path.name),
        Position(path.as_posix()),
        _("rename it to “{name}”").format(name=_ENDINGS.sub(".yaml", path.name)),
    )


def _unreadable(error: OSError) -> str:
    return _("it cannot be read: {reason}").format(reason=describe_refusal(error))


def _read_bytes(path: Path, folder: Path) -> bytes:
    """The bytes of a file, its size bounded before it is read."""
    position = Position(path.as_posix())
    try:
        if path.resolve().parent != folder.resolve():
            raise UnreadableFileError(
                Problem("outside-folder", _("the file leads out of its folder"), position)
            )
        if not path.is_file():
            raise UnreadableFileError(
                Problem("unreadable", _("this is not a plain file"), position)
            )
        size = path.stat().st_size
        if size <= MAX_BYTES:
            with path.open("rb") as stream:
                content = stream.read(MAX_BYTES + 1)
            size = len(content)
    except OSError as error:
        raise UnreadableFileError(Problem("unreadable", _unreadable(error), position)) from error
    if size > MAX_BYTES:
        message = _("the file is too large: {size} MB; at most {most} MB are read").format(
            size=f"{size / 1e6:.1f}", most=MAX_BYTES // 1_000_000
        )
        hint = _("split it into several files of the same folder")
        raise UnreadableFileError(Problem("too-large", message, position, hint))
    return content


def _decode(content: bytes, path: Path) -> TextFile:
    """The text of a file, or a refusal with the first line that is not text."""
    name = path.as_posix()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content:
            line = 0
        raise UnreadableFileError(
            Problem(
                "not-utf8",
                _("the file is not a text in UTF-8"),
                Position(name, line, 1 if line else 0),
                _("save it in your editor with the encoding UTF-8"),
            )
        ) from error
    file = TextFile(name, text)
    if not text.strip():
        hint = _("write into it, or delete it")
        raise UnreadableFileError(
            Problem("empty-file", _("the file is empty"), Position(name, 1), hint)
        )
    invisible = _INVISIBLE.search(text)
    if invisible:
        message = _("here is a sign that cannot be seen (U+{number})")
        message = message.format(number=f"{ord(invisible[0]):04X}")
        position = _place_at(file, invisible.start())
        raise UnreadableFileError(Problem("invisible-sign", message, position, _("delete it")))
    indent = _WRONG_INDENT.search(text)
    if indent:
        position = _place_at(file, indent.start(1))
        if indent[1] == "\t":
            message, code = _("the indent of this line has a tab"), "tab"
        else:
            message, code = _("the indent of this line has a space of another kind"), "wrong-space"
        hint = _("indent with ordinary spaces")
        raise UnreadableFileError(Problem(code, message, position, hint))
    return file


def _place_at(file: TextFile, index: int) -> Position:
    before = file.text[:index]
    start = before.rfind("\n") + 1
    return file.position(before.count("\n"), index - start)


# --- trees of the files → one mapping -------------------------------------------------------------


class DocumentBuilder:
    """Trees of the files → one mapping, with what stands where; problems as they are met."""

    def __init__(self) -> None:
        self.data: dict[str, Any] = {}
        self.entries: dict[At, YamlEntry] = {}
        self.problems: list[Problem] = []
        self.whole = True

    def add_file(self, file: TextFile) -> None:
        """Add one file; a problem ends that file only."""
        root, problems = read_tree(file)
        self.problems += problems
        if root is None:
            self.whole = False
            return
        if root.kind != "mapping":
            self.problems.append(
                Problem(
                    "broken-text",
                    _("a file of a catalogue begins with a key: “inputs:”, “indicators:” …"),
                    position_of(file, root),
                )
            )
            self.whole = False
            return
        self.entries.setdefault((), YamlEntry(file, None, root))
        for key, node in self._pairs(file, root, ()):
            self._add_section(file, key, node)

    def _add_section(self, file: TextFile, key: Node, node: Node) -> None:
        """Merge one top-level key: mappings by their keys, lists one after the other."""
        name: str = key.value
        path: At = (name,)
        if node.kind == "scalar" and self._scalar(node) is None:
            self.entries.setdefault(path, YamlEntry(file, key, node))
            if name == "catalogue":  # nothing but the word is a catalogue, of nothing
                self.data.setdefault(name, {})
            return
        known = self.data.get(name)
        if known is None:
            self.entries[path] = YamlEntry(file, key, node)
            self.data[name] = self._build(file, node, path)
        elif isinstance(known, dict) and node.kind == "mapping":
            for inner, value in self._pairs(file, node, path):
                self._add(file, inner, value, path, known)
        elif isinstance(known, list) and node.kind == "list":
            for item in node.value:
                at = (*path, len(known))
                self.entries[at] = YamlEntry(file, None, item)
                known.append(self._build(file, item, at))
        else:
            first = self.entries[path]
            where = position_of(first.file, first.key or first.node)
            self._declared_twice(file, key, path, where)

    def _add(self, file: TextFile, key: Node, node: Node, path: At, into: dict[str, Any]) -> None:
        at = (*path, key.value)
        known = self.entries.get(at)
        if known is not None:
            where = position_of(known.file, known.key or known.node)
            self._declared_twice(file, key, at, where)
            return
        self.entries[at] = YamlEntry(file, key, node)
        into[key.value] = self._build(file, node, at)

    def _declared_twice(self, file: TextFile, key: Node, path: At, where: Position) -> None:
        is_id = len(path) == 2 and path[0] in _COLLECTIONS  # noqa: PLR2004 — section and id
        self.problems.append(
            Problem(
                "duplicate-id" if is_id else "duplicate-key",
                _("“{name}” is declared twice: the first time at {where}").format(
                    name=key.value, where=where
                ),
                position_of(file, key),
                _("delete one of the two, or rename it"),
            )
        )

    def _build(self, file: TextFile, node: Node, path: At) -> Any:
        if node.kind == "scalar":
            return self._scalar(node)
        if node.kind == "list":
            items = []
            for index, item in enumerate(node.value):
                at = (*path, index)
                self.entries[at] = YamlEntry(file, None, item)
                items.append(self._build(file, item, at))
            return items
        built: dict[str, Any] = {}
        for key, value in self._pairs(file, node, path):
            self._add(file, key, value, path, built)
        return built

    @staticmethod
    def _scalar(node: Node) -> Any:
        text: str = node.value
        if node.style:
            return text
        if _INT.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text):
            return float(text)
        return None if text in _NOTHING else _WORDS.get(text.lower(), text)

    def _pairs(self, file: TextFile, node: Node, path: At) -> Iterator[tuple[Node, Node]]:
        """Keys and values, with texts that an unquoted comma cut in two put together again."""
        done: list[tuple[Node, Node]] = []
        seen: set[str] = set()
        for key, value in node.value:
            if key.kind != "scalar":
                message = _("brackets cannot be a key")
                hint = _("put the text in quotes")
                self.problems.append(Problem("broken-text", message, position_of(file, key), hint))
            elif node.style == "flow" and self._has_no_value(file, key, value):
                self._mend_comma(file, key, done)
            elif not key.value:
                message = _("a key is due before the colon")
                self.problems.append(Problem("broken-text", message, position_of(file, key)))
            elif key.value in seen:
                first = next(known for known, _value in done if known.value == key.value)
                self._declared_twice(file, key, (*path, key.value), position_of(file, first))
            else:
                seen.add(key.value)
                done.append((key, value))
        yield from done

    @staticmethod
    def _has_no_value(file: TextFile, key: Node, value: Node) -> bool:
        if value.kind != "scalar" or value.style or value.start.index != value.end.index:
            return False
        return not file.text[key.end.index : key.end.index + 80].lstrip().startswith(":")

    @staticmethod
    def _number_cut(name: Node, piece: Node, key: Node) -> str:
        """The number that a comma cut in two, as written; empty where the comma parts something else.

        In a formula it may be a part of the text, but not of the arguments of a function.
        """
        before, after = _DIGITS_LAST.search(piece.value), _DIGITS_FIRST.match(key.value)
        if before is None or after is None:
            return ""
        alone = before.start() == 0 and after.end() == len(key.value)
        inside = piece.value.count("(") > piece.value.count(")")
        adjoins = piece.end.index + 1 == key.start.index
        in_formula = name.value in _FORMULAS and adjoins and not inside
        return f"{before[0]},{after[0]}" if alone or in_formula else ""

    def _mend_comma(self, file: TextFile, key: Node, done: list[tuple[Node, Node]]) -> None:
        """`{formula: share(a, b)}`: the piece after the comma belongs to the value before it."""
        if not done or done[-1][1].kind != "scalar" or done[-1][1].style not in {"", "cut"}:
            name, colon, rest = key.value.partition(":")
            if colon and name and not key.style:
                message = _("a space is due after the colon")
                hint = _("write “{key}: {text}”").format(key=name, text=rest)
            else:
                message = _("“{key}” has no value").format(key=key.value)
                hint = _("write “{key}: …”, or put the text with the comma in quotes")
                hint = hint.format(key=key.value)
            self.problems.append(Problem("missing-value", message, position_of(file, key), hint))
            return
        name, piece = done[-1]
        text = piece.value + file.text[piece.end.index : key.end.index]
        whole = Node("scalar", piece.start, key.end, text, "cut")
        done[-1] = (name, whole)
        position = position_of(file, whole)
        if piece.style == "cut":
            # The same text had one more comma: one problem, up to its new end.
            self.problems.pop()
        number = self._number_cut(name, piece, key)
        if number:
            value = f"{piece.value}.{key.value}"
            done[-1] = (name, Node("scalar", piece.start, key.end, value))
            start = position.column + piece.value.rindex(number.partition(",")[0])
            position = position._replace(column=start, length=len(number))
            message = _("a number is written with a point, not a comma: “{text}”")
            hint = _("write {number}").format(number=number.replace(",", "."))
            message = message.format(text=number)
            self.problems.append(Problem("decimal-comma", message, position, hint))
            return
        message = _("inside {{…}} a text with a comma must be in quotes: “{text}”")
        hint = _('write {name}: "{text}"').format(name=name.value, text=text)
        self.problems.append(Problem("unquoted-comma", message.format(text=text), position, hint))
