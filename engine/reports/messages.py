"""What is said between the program and the process that renders a stranger's template.

To the process go pickles; from it come bytes and JSON alone, for whoever broke out of the sandbox
could write a pickle that runs code here. A message is a letter, its length, and its content.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from io import BytesIO
from typing import IO, Any

from engine.catalogue.entry import Places
from engine.reports.lazy import Fetch, Lazy
from engine.reports.rows import Table

# To the process: what to render, then for each page its context; an answer, or that there is none.
JOB, PAGE, VALUE, UNKNOWN = b"J", b"P", b"V", b"U"
# From it: the page, a problem with the template, a question (the name of a `Lazy` and a key).
DONE, FAILED, ASK = b"D", b"F", b"A"

_LENGTH = 8  # bytes


class BrokenMessageError(Exception):
    """The other side has gone, or says what it may not."""


def send(stream: IO[bytes], kind: bytes, content: bytes = b"") -> None:
    """Say one thing."""
    stream.write(kind + len(content).to_bytes(_LENGTH, "big"))
    stream.write(content)
    stream.flush()


def receive(stream: IO[bytes], most: int | None = None) -> tuple[bytes, bytes]:
    """The next message; BrokenMessageError at the end, or where it is longer than `most` bytes."""
    head = _read(stream, 1 + _LENGTH)
    length = int.from_bytes(head[1:], "big")
    if most is not None and length > most:
        raise BrokenMessageError
    return head[:1], _read(stream, length)


def _read(stream: IO[bytes], length: int) -> bytes:
    content = stream.read(length)
    if len(content) < length:
        raise BrokenMessageError
    return content


def pack(context: Any) -> bytes:
    """A context as bytes: what is lazy stays here, and is asked for by name."""
    stream = BytesIO()
    _Pickler(stream, protocol=5).dump(context)
    return stream.getvalue()


def unpack(content: bytes, answer: Callable[[str], Fetch]) -> Any:
    """A packed context; `answer` gives what fetches for the lazy thing of a name."""
    reader = _Unpickler(BytesIO(content))
    reader.answer = answer
    return reader.load()


class _Pickler(pickle.Pickler):
    def persistent_id(self, thing: Any) -> tuple[str, tuple[Any, ...]] | None:
        return (thing.name, thing.keys_known) if isinstance(thing, Lazy) else None

    def reducer_override(self, thing: Any) -> Any:
        if isinstance(thing, Places):  # holds the whole tree of the files, which no page shows
            return dict, ()
        if isinstance(thing, Table):
            return Table, (thing.catalogue, thing.columns)
        return NotImplemented


class _Unpickler(pickle.Unpickler):
    answer: Callable[[str], Fetch]

    def persistent_load(self, named: tuple[str, tuple[Any, ...]]) -> Lazy:
        name, keys = named
        return Lazy(name, self.answer(name), keys)
