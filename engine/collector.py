"""The collector of garbage, kept out of the way of a piece of work that makes none."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def pause_collector() -> Iterator[None]:
    """Keep the collector from looking again and again through all that is being built.

    Nearly everything that is made while a catalogue is read or a plan is made lives on to the end,
    so there is nothing to find.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            # It all grows old at once: else the collector would now look through it as if young.
            if not gc.get_freeze_count():  # what a host has frozen stays so
                gc.freeze()
                gc.unfreeze()
            gc.enable()
