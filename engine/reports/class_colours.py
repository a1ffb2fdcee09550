"""Colours of classes as numbers: as the mark beside a word, and pale, behind a word."""

from __future__ import annotations

_NAMED = {
    "green": "#008000",
    "yellow": "#ffff00",
    "orange": "#ffa500",
    "red": "#ff0000",
    "blue": "#0000ff",
    "grey": "#808080",
    "gray": "#808080",
}
"""The names that the schema gives, as browsers draw them."""
_PALE = 0.25  # of the colour, the rest is white: black words on it can be read


def find_rgb(colour: str) -> str:
    """`#2e7d32`; empty for none, and for a name that is not among those of the schema."""
    return colour.lower() if colour.startswith("#") else _NAMED.get(colour, "")


def make_pale(colour: str) -> str:
    """The colour mixed with white, as `#cbdecc`; empty where it has no number."""
    rgb = find_rgb(colour)
    parts = (int(rgb[at : at + 2], 16) for at in range(1, len(rgb), 2))
    pale = "".join(f"{round(255 - _PALE * (255 - part)):02x}" for part in parts)
    return f"#{pale}" if pale else ""
