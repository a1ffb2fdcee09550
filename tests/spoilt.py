"""What a file of the cache may hold that nobody kept there."""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

Spoilt = Callable[[Path], bytes]
"""From the file to what is written there."""


class Malice:
    """What, unpickled, would run a command."""

    def __reduce__(self) -> Any:
        return os.system, ("exit 3",)


def bare(content: bytes) -> Spoilt:
    """The content as it is."""
    return lambda _file: content


def sealed(content: bytes) -> Spoilt:
    """The content as the cache writes it: it is whole, whatever it is."""
    return lambda file: sha256(file.name.encode() + content).digest() + content
