"""For whom a report is: the same words as where it is decided what they may see."""

from __future__ import annotations

from engine.publication.policy import AUDIENCES, Audience

__all__ = ["AUDIENCES", "Audience"]
