"""Writing a file so that a good one is never half overwritten: beside it, then renamed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import SEEK_SET, RawIOBase
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


@contextmanager
def replace_file(path: Path) -> Iterator[BinaryIO]:
    """A stream whose bytes become the file once all are written.

    OSError, which names the file, where it cannot be. Whatever interrupts the writing leaves the
    old file as it was. A link is followed; what is no ordinary file (a device, a pipe) is written
    straight, for nothing can be renamed over it.
    """
    goal = Path(os.path.realpath(path))
    if goal.exists() and not goal.is_file():
        with name_refused(goal, path), goal.open("wb") as file, _guard(file) as stream:
            yield stream
        return
    beside = goal.with_name(f".{goal.name}.{os.getpid()}.part")
    try:
        with name_refused(beside, path):
            with beside.open("wb") as file:
                with _guard(file) as stream:
                    yield stream
                file.flush()
                os.fsync(file.fileno())
            if goal.exists():
                beside.chmod(goal.stat().st_mode & 0o777)
            beside.replace(goal)
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def remove_folder(folder: Path) -> None:
    """Remove a folder and all that is in it, where it is there."""
    with suppress(FileNotFoundError):
        shutil.rmtree(folder)


@contextmanager
def name_refused(written: Path, meant: Path) -> Iterator[None]:
    """An OSError about `written`, what lies in it or no file at all names what was meant by it."""
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


class _Stream(RawIOBase):
    """A file whose first refusal is kept, and what is written after it dropped.

    Writers of formats make of an error of the system one of their own, and meet it again while they
    clean up: so they are not shown any.
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
        """Nothing waits here; a writer that is cleaned up late may ask for it all the same."""


@contextmanager
def _guard(file: BinaryIO) -> Iterator[BinaryIO]:
    """The file as a stream that raises what the system refused when the writing is over."""
    stream = _Stream(file)
    try:
        yield cast("BinaryIO", stream)
    except Exception:
        if stream.refusal is None:
            raise
    finally:
        stream.ended = True
    if stream.refusal is not None:
        raise stream.refusal
