"""A catalogue folder → plain data, with the place of every key and value beside it.

Nothing here knows what the keys mean. Keys are the text as written; a plain scalar is an int, a
float, a yes/no, nothing, or text, and `Document.text` still gives it as the author wrote it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.catalogue.broken import TextFile
from engine.catalogue.merge import Builder
from engine.catalogue.runs import find_runs
from engine.catalogue.tree import At, Entry, RefusedError, position_of
from engine.i18n import gettext as _
from engine.problems import Position, Problem, Runs

MAX_BYTES = 2_000_000
MAX_FILES = 200

_WRONG_INDENT = re.compile("^ *([\t\xa0\u2000-\u200b\u202f\u3000])", re.MULTILINE)
_INVISIBLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


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
    entries: Mapping[At, Entry] = field(repr=False)

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


def read_folder(folder: Path) -> tuple[Document | None, list[Problem]]:
    """Read every *.yaml of a folder (not of its sub-folders) into one document.

    A file that cannot be read is left out and the others are still read, so where there are
    errors the document may lack whole parts: check its shape, but build nothing from it. None
    where there is no folder or nothing could be read.
    """
    if not folder.is_dir():
        message = _("there is no folder “{folder}”").format(folder=folder.as_posix())
        return None, [Problem("no-folder", message, Position(folder.as_posix()))]
    builder = Builder()
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
        except RefusedError as refused:
            builder.problems.append(refused.problem)
            builder.whole = False
    if not builder.entries:
        return None, builder.problems
    version = digest.hexdigest()[:12]
    document = Document(folder, builder.data, version, builder.whole, builder.entries)
    return document, builder.problems


def _wrong_name(path: Path) -> Problem:
    return Problem(
        "wrong-file-name",
        _("the file “{name}” is not read: its name must end in .yaml").format(name=path.name),
        Position(path.as_posix()),
        _("rename it to “{name}”").format(name=path.with_suffix(".yaml").name),
    )


def _unreadable(error: OSError) -> str:
    return _("it cannot be read: {reason}").format(reason=error.strerror or error)


def _read_bytes(path: Path, folder: Path) -> bytes:
    """The bytes of a file, its size bounded before it is read."""
    position = Position(path.as_posix())
    try:
        if path.resolve().parent != folder.resolve():
            raise RefusedError(
                Problem("outside-folder", _("the file leads out of its folder"), position)
            )
        if not path.is_file():
            raise RefusedError(Problem("unreadable", _("this is not a plain file"), position))
        size = path.stat().st_size
        if size <= MAX_BYTES:
            with path.open("rb") as stream:
                content = stream.read(MAX_BYTES + 1)
            size = len(content)
    except OSError as error:
        raise RefusedError(Problem("unreadable", _unreadable(error), position)) from error
    if size > MAX_BYTES:
        message = _("the file is too large: {size} MB; at most {most} MB are read").format(
            size=f"{size / 1e6:.1f}", most=MAX_BYTES // 1_000_000
        )
        hint = _("split it into several files of the same folder")
        raise RefusedError(Problem("too-large", message, position, hint))
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
        raise RefusedError(
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
        raise RefusedError(Problem("empty-file", _("the file is empty"), Position(name, 1), hint))
    invisible = _INVISIBLE.search(text)
    if invisible:
        message = _("here is a sign that cannot be seen (U+{number})")
        message = message.format(number=f"{ord(invisible[0]):04X}")
        position = _place_at(file, invisible.start())
        raise RefusedError(Problem("invisible-sign", message, position, _("delete it")))
    indent = _WRONG_INDENT.search(text)
    if indent:
        position = _place_at(file, indent.start(1))
        if indent[1] == "\t":
            message, code = _("the indent of this line has a tab"), "tab"
        else:
            message, code = _("the indent of this line has a space of another kind"), "wrong-space"
        hint = _("indent with ordinary spaces")
        raise RefusedError(Problem(code, message, position, hint))
    return file


def _place_at(file: TextFile, index: int) -> Position:
    before = file.text[:index]
    start = before.rfind("\n") + 1
    return file.position(before.count("\n"), index - start)
