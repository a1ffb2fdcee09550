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
from engine.data.library import can_write, read_expressions, write_expressions
from engine.evaluation.compiled import Compiled

if TYPE_CHECKING:
    from pathlib import Path

    from engine.catalogue.model import Catalogue, Indicator
    from engine.evaluation.evaluate import Asking
    from engine.evaluation.shape import DataShape

ENDING = ".plan"
# Whose change may change what a plan comes to, or how it is written; of the others the name of the
# catalogue tells.
_ROOMS = ("data", "evaluation")
# What a plan speaks of and the catalogue holds: kept by name, and looked up there.
_HELD = ("checks", "inputs")
_LENGTH = 8
"""Before the expressions stands how many bytes they are, in so many bytes."""


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
    place = _name_plan(kept, shape, nw, asking) if kept and can_write(nw) else None
    found = _recall(place, catalogue, shape, nw) if place else None
    if found:
        return found
    from engine.evaluation.planning import compile_plan

    plan = compile_plan(catalogue, shape, nw, asking, rows)
    if place:
        _keep(place, plan)
    return plan


def _name_plan(kept: Path, shape: DataShape, nw: Any, asking: Asking) -> Path | None:
    """The file under which a plan is kept. What years and places are asked for, it does not know."""
    asked = replace(asking, years=(), places=(), scenario=None)
    cells = (shape.filled, shape.not_applicable, shape.not_readable)
    about = (asked, shape.columns, *map(sorted, cells), shape.forecasts, nw.__version__)
    return place_of_work((kept.name.encode(), repr(about).encode()), _ROOMS, ENDING)


def _recall(place: Path, catalogue: Catalogue, shape: DataShape, nw: Any) -> Compiled | None:
    """What is kept there; None where there is nothing, or nothing that can be trusted."""
    try:
        content = read_kept(place)
        found = content and _PlanUnpickler(content, catalogue, shape, nw).load()
    except Exception:  # noqa: BLE001 - bytes that are no pickle may end in any error at all
        return None
    return found if isinstance(found, Compiled) else None


def _keep(place: Path, plan: Compiled) -> None:
    with suppress(OSError, pickle.PicklingError, RecursionError):
        stream = BytesIO()
        pickler = _PlanPickler(stream, plan)
        pickler.dump(plan)
        expressions = write_expressions(pickler.expressions)
        if expressions is not None:
            keep_bytes(place, len(expressions).to_bytes(_LENGTH) + expressions + stream.getvalue())


class _PlanPickler(Pickler):
    """A plan without what it stands on; its expressions are numbered, and written beside."""

    def __init__(self, stream: BytesIO, plan: Compiled) -> None:
        super().__init__(stream, protocol=5)
        self.expressions: list[Any] = []
        self._kind = plan.nw.Expr
        self._known: dict[int, Any] = {id(thing): name for name, thing in _name_ground(plan)}

    def persistent_id(self, thing: Any) -> Any:
        """The name of what is not kept with the plan, the number of an expression."""
        if isinstance(thing, self._kind) and id(thing) not in self._known:
            self._known[id(thing)] = len(self.expressions)
            self.expressions.append(thing)
        return self._known.get(id(thing))


def _name_ground(plan: Compiled) -> Iterator[tuple[Any, Any]]:
    yield from (("catalogue", plan.catalogue), ("shape", plan.shape), ("nw", plan.nw))
    for held in _HELD:
        yield from (((held, name), one) for name, one in getattr(plan.catalogue, held).items())
    yield from ((("advice", one.advice.id), one.advice) for one in plan.advice)


class _PlanUnpickler(Unpickler):
    """Puts a plan on the ground it stands on."""

    def __init__(self, content: bytes, catalogue: Catalogue, shape: DataShape, nw: Any) -> None:
        start = _LENGTH + int.from_bytes(content[:_LENGTH])
        super().__init__(BytesIO(content[start:]))
        self._expressions = read_expressions(content[_LENGTH:start])
        self._ground = {"catalogue": catalogue, "shape": shape, "nw": nw}

    def persistent_load(self, name: Any) -> Any:
        """What stands under a name in the ground, or an expression."""
        if isinstance(name, int):
            return self._expressions[name]
        if isinstance(name, str):
            return self._ground[name]
        held, one = name
        return getattr(self._ground["catalogue"], held)[one]
