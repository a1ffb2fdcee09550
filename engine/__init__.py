"""An indicator is a formula over columns of counts, with a unit and a target for each year.

    from engine import load, read_data, evaluate, explain, render

Each of these is imported when it is first asked for: reading a catalogue loads no data engine.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.catalogue.load import load as load

__all__ = ["evaluate", "explain", "load", "read_data", "render"]

_HOMES = {
    "load": "engine.catalogue.load",
    "read_data": "engine.data",
    "evaluate": "engine.evaluation.evaluate",
    "explain": "engine.evaluation.explain",
    "render": "engine.reports",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
