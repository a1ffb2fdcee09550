"""Templates that ship, compiled: kept beside the checked catalogues, for the next report.

What is kept has a name made of the template, of Jinja and of the engine, so it is never out of
date. Templates that did not ship are compiled anew where they are rendered.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import jinja2
from jinja2 import BytecodeCache

from engine.catalogue.cache import keep_bytes, place_of_work, read_kept

if TYPE_CHECKING:
    from jinja2.bccache import Bucket

ENDING = ".template"
# Whose change may change what a template becomes: Jinja prints what never varies beforehand.
_ROOMS = ("catalogue", "evaluation", "language", "locale", "reports")


class CompiledTemplates(BytecodeCache):
    """Keeping is a convenience: whatever fails here is passed over."""

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what is kept of a template, if it is whole and this user's own."""
        with suppress(OSError, EOFError, TypeError, ValueError):
            place = place_of_work(_pieces(bucket), _ROOMS, ENDING)
            content = read_kept(place) if place else None
            if content is not None:
                bucket.bytecode_from_string(content)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a compiled template."""
        with suppress(OSError):
            place = place_of_work(_pieces(bucket), _ROOMS, ENDING)
            if place:
                keep_bytes(place, bucket.bytecode_to_string())


def _pieces(bucket: Bucket) -> tuple[bytes, ...]:
    """What tells one compiled template from another: its name and file, its text, Jinja."""
    return (bucket.key.encode(), bucket.checksum.encode(), jinja2.__version__.encode())
