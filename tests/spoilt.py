"""What a file of the cache may hold that nobody kept there."""

from __future__ import annotations

import os
from hashlib import sha256
from typing import Any


class Malice:
    """What, unpickled, would run a command."""

    def __reduce__(self) -> Any:
        return os.system, ("exit 3",)


def seal(content: bytes) -> bytes:
    """The content as the cache writes it: it is whole, whatever it is."""
    return sha256(content).digest() + content
