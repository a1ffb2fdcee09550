"""Files: written beside the old one and then renamed, so that none is half overwritten; digested; named."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from io import SEEK_SET, RawIOBase
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

LONGEST = 80  # characters; a path of Windows holds 260 of them, folders included
_FORBIDDEN = frozenset('<>:"/\\|?*')
# What Windows takes for a device, whatever ending follows.
_DEVICES = frozenset(
    (
        "con",
        "prn",
        "aux",
        "nul",
        *(f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³"),
    )
)


_TEMPORARY = re.compile(
    r"[.]|~[$]|.*~$|#.*#$|.*[.](?:sw[a-p]|tmp)$|4913$|(?:Thumbs[.]db|desktop[.]ini)$", re.IGNORECASE
)
"""Names of files that editors and offices keep beside the one that is edited, and Windows in folders.

Vim tries a folder by 4913.
"""


def is_temporary(name: str) -> bool:
    """Whether a file of this name is hidden, or one that a program keeps for a while: nobody's data."""
    return _TEMPORARY.match(name) is not None


@contextmanager
def replace_file(path: Path) -> Iterator[BinaryIO]:
    """A stream whose bytes become the file once all are written; its folder is made where it is not there.

    OSError, which names the file, where it cannot be. Whatever interrupts the writing leaves the
    old file as it was. A link is followed; what is no ordinary file (a device, a pipe) is written
    straight, for nothing can be renamed over it.
    """
    destination = Path(os.path.realpath(path))
    if destination.exists() and not destination.is_file():
        with (
            name_refused(destination, path),
            destination.open("wb") as file,
            _guard(file) as stream,
        ):
            yield stream
        return
    temporary = destination.with_name(f".{destination.name}.{os.getpid()}.part")
    try:
        with name_refused(temporary, path):
            destination.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("wb") as file:
                with _guard(file) as stream:
                    yield stream
                file.flush()
                os.fsync(file.fileno())
            if destination.exists():
                temporary.chmod(destination.stat().st_mode & 0o777)
            temporary.replace(destination)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def digest_file(path: Path) -> str:
    """sha256 of the bytes of a file, in hexadecimal. OSError as of reading."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remove_folder(folder: Path) -> None:
    """Remove a folder and all that is in it, where it is there."""
    with suppress(FileNotFoundError):
        shutil.rmtree(folder)


@contextmanager
def name_refused(written: Path, meant: Path) -> Iterator[None]:
    """Let an OSError name the file that the user knows.

    `written` is the temporary file or folder that was written in place of `meant`. An error about it,
    about a file in it, or without a file's name, is raised anew with the name of what was meant.
    """
    try:
        yield
    except OSError as error:
        if error.filename is None:
            name = meant
        elif Path(str(error.filename)).is_relative_to(written):
            name = meant / Path(str(error.filename)).relative_to(written)
        else:
            raise
        raise OSError(error.errno, error.strerror or str(error), str(name)) from error


class _GuardedStream(RawIOBase):
    """A file that keeps the first error of the system, raises nothing, and drops later writes.

    Writers of XLSX and Parquet turn such an error into one of their own, and raise it again while
    they clean up. So they see none, and `_guard` raises the kept one at the end.
    """

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self.file = file
        self.refusal: OSError | None = None
        self.ended = False

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return not self.ended and self.file.seekable()

    def write(self, data: ReadableBuffer, /) -> int:
        if self.refusal is None and not self.ended:
            try:
                self.file.write(data)
            except OSError as error:
                self.refusal = error
        return memoryview(data).nbytes

    def seek(self, offset: int, whence: int = SEEK_SET, /) -> int:
        if self.refusal is None and not self.ended:
            try:
                return self.file.seek(offset, whence)
            except OSError as error:
                self.refusal = error
        return offset

    def tell(self) -> int:
        return 0 if self.ended else self.file.tell()

    def flush(self) -> None:
        """Do nothing: nothing is buffered, and a writer may call this after the file is closed."""


@contextmanager
def _guard(file: BinaryIO) -> Iterator[BinaryIO]:
    """The file as a stream that raises what the system refused when the writing is over."""
    stream = _GuardedStream(file)
    try:
        yield cast("BinaryIO", stream)
    except Exception:
        if stream.refusal is None:
            raise
    finally:
        stream.ended = True
    if stream.refusal is not None:
        raise stream.refusal


# --- names of files -------------------------------------------------------------------------------
# Names that people read and every system takes, Windows too.


def safe_name(text: str) -> str:
    """The text as a file may be called, without an ending: `МАОУ «СОШ № 1»` stays as it is.

    Never empty, never a path, no sign that is not seen.
    """
    signs = (
        " " if sign in _FORBIDDEN or unicodedata.category(sign)[0] in "CZ" else sign
        for sign in unicodedata.normalize("NFC", text)
    )
    name = " ".join("".join(signs).split())[:LONGEST].strip(" .")
    if name.partition(".")[0].strip().lower() in _DEVICES:
        name = f"_{name}"
    return name or "_"


def name_files(titles: Mapping[str, str], ending: str) -> dict[str, str]:
    """A file for each id by its title, the id beside it where two would be called the same.

    No two differ only in case: to Windows they would be one.
    """
    names = {id_: safe_name(title) for id_, title in titles.items()}
    counts: dict[str, int] = {}
    for name in names.values():
        counts[name.casefold()] = counts.get(name.casefold(), 0) + 1
    taken = {name for name, times in counts.items() if times == 1}
    for id_, name in names.items():
        if counts[name.casefold()] > 1:
            names[id_] = _distinguish(safe_name(f"{name[: LONGEST // 2]} ({id_})"), taken)
    return {id_: name + ending for id_, name in names.items()}


def _distinguish(name: str, taken: set[str]) -> str:
    """The name, or one with a number after it that is not taken; it is then."""
    numbers = (name if number == 1 else f"{name} {number}" for number in count(1))
    free = next(name for name in numbers if name.casefold() not in taken)
    taken.add(free.casefold())
    return free
