"""Records: to whom uses them they are frozen dataclasses."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import pytest

from engine.catalogue.load import list_catalogues, load
from engine.records import record


@record
class Made:
    """As `record` makes it."""

    name: str
    parts: dict[str, int] = field(default_factory=dict)
    size: int = field(default=1, compare=False)
    hidden: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Plain:
    """As Python makes it."""

    name: str
    parts: dict[str, int] = field(default_factory=dict)
    size: int = field(default=1, compare=False)
    hidden: str = field(default="", repr=False)


@record(eq=False)
class Single:
    """Equal to nothing but itself."""

    name: str = ""


ACTIONS: tuple[Callable[[Any], Any], ...] = (
    lambda made: repr(made("a", {"b": 1}, 2, "c"))[4:].lstrip("ne"),
    lambda made: made("a", size=1) == made("a", size=2),
    lambda made: made("a") == made("b"),
    lambda made: made("a", hidden="b") == made("a", hidden="c"),
    lambda made: made("a") == ("a", {}, 1, ""),
    lambda made: made("a").parts is made("a").parts,
    lambda made: [(one.name, one.repr, one.compare, one.default) for one in fields(made)],
    lambda made: replace(made("a", size=3), name="b").size,
    lambda made: deepcopy(made("a", {"b": 1})) == made("a", {"b": 1}),
    lambda made: made.__slots__,
    lambda made: made.__match_args__,
)


@pytest.mark.parametrize("act", ACTIONS, ids=range(len(ACTIONS)))
def test_a_record_is_what_a_dataclass_is(act: Callable[[Any], Any]) -> None:
    assert act(Made) == act(Plain)


@pytest.mark.parametrize("made", [Made, Plain])
def test_it_cannot_be_changed_or_made_of_too_little(made: Any) -> None:
    one = made("a")
    with pytest.raises(FrozenInstanceError):
        one.name = "b"
    with pytest.raises(FrozenInstanceError):
        del one.name
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        made()
    with pytest.raises(TypeError, match="unexpected keyword argument"):
        made("a", other=1)
    with pytest.raises(TypeError, match="unhashable"):
        hash(one)


def test_what_is_not_compared_is_not_hashed() -> None:
    hashable: Any = ()
    assert hash(Made("a", hashable, 1)) == hash(Made("a", hashable, 2))


def test_without_eq_only_the_same_is_equal() -> None:
    one = Single("a")
    assert one == one  # noqa: PLR0124
    assert one != Single("a")
    assert len({one, Single("a")}) == 2


@pytest.mark.parametrize("folder", list_catalogues(), ids=lambda folder: folder.name)
def test_a_catalogue_is_shown_in_a_reasonable_length(folder: Path) -> None:
    """A part of it knows the whole document: shown with it each, they would be gigabytes."""
    catalogue = load(folder)[0]
    assert catalogue is not None
    for one in catalogue.indicators.values():
        assert len(repr(one)) < 20_000
