"""What a template may ask for by name and what is made only then, once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from engine.reports.rows import Row

Fetch = Callable[[Any], Any]


class Lazy(Mapping[Any, Any]):
    """Answers by key; each is made by `fetch` when it is first asked for, and kept.

    A row stands for what it is about, so that `proofs[cell.fact]` is the proof of that number.
    `fetch` raises KeyError for a key that nobody knows: to a template that is an unknown name.
    `name` is what a template calls it by.
    """

    __slots__ = ("_fetch", "_kept", "_keys", "name")

    def __init__(self, name: str, fetch: Fetch, keys: Iterable[Any] = ()) -> None:
        self.name = name
        self._fetch = fetch
        self._keys = tuple(keys)
        self._kept: dict[Any, Any] = {}

    def __getitem__(self, key: Any) -> Any:
        """The answer for a key, a row, or the parts of a key."""
        key = as_key(key)
        if key not in self._kept:
            self._kept[key] = self._fetch(key)
        return self._kept[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, key: object) -> bool:
        return as_key(key) in self._keys or as_key(key) in self._kept

    @property
    def keys_known(self) -> tuple[Any, ...]:
        """The keys that can be told beforehand."""
        return self._keys


def as_key(thing: Any) -> Any:
    """What a row is about, of a row; else the key as it is."""
    return tuple(thing.key) if isinstance(thing, Row) else thing
