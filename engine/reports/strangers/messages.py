"""The messages between the program and the process that renders a stranger's template.

To the process go pickles; from it come bytes and JSON alone, for whoever broke out of the sandbox
could write a pickle that runs code here. A message is a letter, its length, and its content.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from io import BytesIO
from typing import IO, Any

from engine.catalogue.model import Catalogue
from engine.reports.result_rows import Fetch, LazyMapping

# To the process: what to render, then for each page its context; an answer, or that there is none.
JOB, PAGE, VALUE, UNKNOWN = b"J", b"P", b"V", b"U"
# From it: the page, a problem with the template, a question (the name of a `LazyMapping` and a key).
DONE, FAILED, ASK = b"D", b"F", b"A"

Answer = Callable[[str], Fetch]
"""From the name of a lazy thing to what fetches for it."""

_LENGTH = 8  # bytes
_DECLARED = ("indicators", "events", "groups")


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


def pack(thing: Any, catalogue: Catalogue | None = None) -> bytes:
    """A thing as bytes: of what is lazy only the name and the keys.

    The catalogue and what it declares go by name, too, where both sides have it.
    """
    stream = BytesIO()
    _Pickler(stream, catalogue).dump(thing)
    return stream.getvalue()


def unpack(content: bytes, answer: Answer, catalogue: Catalogue | None = None) -> Any:
    """A packed thing; `answer` gives what fetches for the lazy thing of a name."""
    return _Unpickler(BytesIO(content), answer, catalogue).load()


class _Pickler(pickle.Pickler):
    def __init__(self, stream: IO[bytes], catalogue: Catalogue | None) -> None:
        super().__init__(stream, protocol=5)
        self._declared: dict[int, tuple[str, str]] = {}
        if catalogue is not None:
            self._declared[id(catalogue)] = ("catalogue", "")
            for name in _DECLARED:
                for key, thing in getattr(catalogue, name).items():
                    self._declared[id(thing)] = (name, key)

    def persistent_id(self, thing: Any) -> tuple[str, Any] | None:
        if isinstance(thing, LazyMapping):
            return thing.name, tuple(thing)
        return self._declared.get(id(thing))


class _Unpickler(pickle.Unpickler):
    def __init__(self, stream: IO[bytes], answer: Answer, catalogue: Catalogue | None) -> None:
        super().__init__(stream)
        self._answer = answer
        self._catalogue = catalogue

    def persistent_load(self, named: tuple[str, Any]) -> Any:
        name, key = named
        if isinstance(key, tuple):
            return LazyMapping(name, self._answer(name), key)
        return getattr(self._catalogue, name)[key] if key else self._catalogue
