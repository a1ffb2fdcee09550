"""The version of the engine: a proof names it beside the versions of the catalogue and the data."""

from __future__ import annotations

ENGINE_VERSION = "0.1.0"
