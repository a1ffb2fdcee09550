"""Compiled plans, kept beside the checked catalogue that they were made of.

A plan hangs on the catalogue, on the shape of the data and on what is asked, not on one number of
the data: while she corrects cells it stays the same, and finding it takes a third of the time that
making it does. It is kept under a name made of all that it hangs on, as the catalogue is.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any

from engine.catalogue.cache import (
    Pickler,
    Unpickler,
    keep_bytes,
    place_of_work,
    read_kept,
)
from engine.data.library import can_keep
from engine.evaluation.compiled import Compiled

if TYPE_CHECKING:
    from pathlib import Path

    from engine.catalogue.model import Catalogue, Indicator
    from engine.evaluation.evaluate import Asking
    from engine.evaluation.shape import DataShape

ENDING = ".plan"
# Whose change may change what a plan comes to; of the others the name of the catalogue tells.
_ROOMS = ("evaluation",)
# What a plan speaks of and the catalogue holds: kept by name, and looked up there.
_HELD = ("checks", "inputs")


def open_plan(
    catalogue: Catalogue,
    shape: DataShape,
    nw: Any,
    asking: Asking,
    rows: Mapping[str, Indicator],
    *,
    kept: Path | None,
) -> Compiled:
    """The plan for what is asked: kept since it was made, or made now and kept.

    `kept` is where the catalogue itself is kept; None, or expressions of a library that cannot be
    written down, and nothing is.
    """
    place = _name_plan(kept, shape, nw, asking) if kept and can_keep(nw) else None
    found = _recall(place, catalogue, shape, nw) if place else None
    if found:
        return found
    from engine.evaluation.planning import compile_plan

    plan = compile_plan(catalogue, shape, nw, asking, rows)
    if place:
        with suppress(OSError, pickle.PicklingError, RecursionError):
            keep_bytes(place, _pickle(plan))
    return plan


def _name_plan(kept: Path, shape: DataShape, nw: Any, asking: Asking) -> Path | None:
    """The file under which a plan is kept. What years and places are asked for, it does not know."""
    asked = replace(asking, years=(), places=(), scenario=None)
    columns = [*shape.columns.items(), *map(sorted, (shape.filled, shape.not_applicable))]
    about = (asked, columns, sorted(shape.not_readable), shape.forecasts, nw.__version__)
    return place_of_work((kept.name.encode(), repr(about).encode()), _ROOMS, ENDING)


def _recall(place: Path, catalogue: Catalogue, shape: DataShape, nw: Any) -> Compiled | None:
    """What is kept there; None where there is nothing, or nothing that can be trusted."""
    try:
        content = read_kept(place)
        found = content and _PlanUnpickler(content, catalogue, shape, nw).load()
    except Exception:  # noqa: BLE001 - bytes that are no pickle may end in any error at all
        return None
    return found if isinstance(found, Compiled) else None


def _pickle(plan: Compiled) -> bytes:
    stream = BytesIO()
    _PlanPickler(stream, plan).dump(plan)
    return stream.getvalue()


class _PlanPickler(Pickler):
    """A plan without what it stands on."""

    def __init__(self, stream: BytesIO, plan: Compiled) -> None:
        super().__init__(stream, protocol=5)
        self._known = {id(thing): name for name, thing in _name_ground(plan)}

    def persistent_id(self, thing: Any) -> Any:
        """The name of what is not kept with the plan."""
        return self._known.get(id(thing))


def _name_ground(plan: Compiled) -> Iterator[tuple[Any, Any]]:
    yield from (("catalogue", plan.catalogue), ("shape", plan.shape), ("nw", plan.nw))
    for held in _HELD:
        yield from (((held, name), one) for name, one in getattr(plan.catalogue, held).items())
    yield from ((("advice", one.advice.id), one.advice) for one in plan.advice)


class _PlanUnpickler(Unpickler):
    """Puts a plan on the ground it stands on; of the library it makes expressions and types."""

    def __init__(self, content: bytes, catalogue: Catalogue, shape: DataShape, nw: Any) -> None:
        super().__init__(BytesIO(content))
        self._ground = {"catalogue": catalogue, "shape": shape, "nw": nw}
        self._catalogue = catalogue
        kinds = (nw.Expr, nw.Float64, nw.Int64, nw.Int8)
        self._kinds = {(kind.__module__, kind.__name__): kind for kind in kinds}

    def persistent_load(self, name: Any) -> Any:
        """What stands under a name in the ground."""
        if isinstance(name, str):
            return self._ground[name]
        held, one = name
        return getattr(self._catalogue, held)[one]

    def find_class(self, module: str, name: str) -> Any:
        """As in a catalogue, and the kinds of the library."""
        kind = self._kinds.get((module, name))
        return super().find_class(module, name) if kind is None else kind
