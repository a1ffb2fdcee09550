"""The policy of publication, and what it is where the catalogue is silent."""

from __future__ import annotations

from engine.catalogue.draft import Draft
from engine.catalogue.entry import Entry
from engine.catalogue.model_publication import PEOPLE, USUAL, Publication, Ranking, Shown

RANKINGS: tuple[Ranking, ...] = ("forbidden", "allowed")
SHOWN: tuple[Shown, ...] = ("hidden", "shown")


def build_publication(draft: Draft, root: Entry) -> Publication | None:
    """The policy as written; None where there is none."""
    entry = root.at("publication")
    if not entry.is_mapping:
        return None
    below = entry.whole("suppress_below")
    if entry.has("public_levels"):
        named = (draft.level(one, "", given=False) for one in entry.names_at("public_levels"))
        levels = tuple(dict.fromkeys(level for level in named if level))
    else:
        levels = default_levels(draft.levels)
    units = (draft.unit(one) for one in entry.names_at("people"))
    return Publication(
        ranking=entry.choice("ranking", RANKINGS, "forbidden"),
        public_levels=levels,
        suppress_below=USUAL if below is None else below,
        people=tuple(dict.fromkeys(unit.id for unit in units if unit)) or PEOPLE,
        zeros=entry.choice("zeros", SHOWN, "hidden"),
        texts=entry.choice("texts", SHOWN, "hidden"),
        clause=entry.text("clause").strip(),
        where=entry.text("where").strip(),
        interpretation=entry.text("interpretation").strip(),
        position=entry.key_position,
        positions=entry.positions(),
    )


def default_levels(levels: tuple[str, ...]) -> tuple[str, ...]:
    """What is public where nothing is said: every level above the one that reports."""
    return levels[1:]
