"""How a score came to its value, for a proof: each member with its weight, and what left and why."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.catalogue.lookups import show_words
from engine.catalogue.model import Catalogue
from engine.evaluation.explain.points import PointQuery
from engine.evaluation.explain.proof import ProofMember, ProofScore
from engine.evaluation.plan.scopes import Scope
from engine.evaluation.plan.scores import weigh_members
from engine.language.grammar import ScoreCall, read_score
from engine.language.readings.terms import NAMES, Reason
from engine.translation import gettext as _
from engine.units import format_number


@dataclass(frozen=True, slots=True)
class ScoreQuery:
    """A score whose columns were asked for, waiting for their values."""

    catalogue: Catalogue
    score: ScoreCall

    def finish(self, values: Mapping[str, Any]) -> ProofScore:
        """The members with their weights, and the sum of them in numbers."""
        members = tuple(self._finish_member(at, values) for at in range(len(self.score.members)))
        return ProofScore(
            how=self.score.weighing.how,
            absent=self.score.weighing.absent,
            members=members,
            numbers=self._put_numbers(members, values) if values["value"] is not None else "",
        )

    def _finish_member(self, at: int, values: Mapping[str, Any]) -> ProofMember:
        tree = self.score.members[at]
        has, stays = values[f"m{at}:has"], values[f"m{at}:stays"]
        reason = None if has else NAMES.get(values[f"m{at}:why"] or 0)
        return ProofMember(
            name=ast.unparse(tree),
            title=_name(self.catalogue, tree),
            value=values[f"m{at}:value"],
            weight=values[f"m{at}:weight"],
            used=values[f"m{at}:used"],
            contribution=values[f"m{at}:gain"],
            reason=reason,
            fate="" if has else self._say_fate(at, reason, stays=bool(stays)),
        )

    def _say_fate(self, at: int, reason: str | None, *, stays: bool) -> str:
        """What became of a member without a value."""
        weighing = self.score.weighing
        goal = dict(weighing.moves).get(at)
        if weighing.absent == "move" and goal is not None:
            title = _name(self.catalogue, self.score.members[goal])
            return _("its weight goes to {member}").format(member=title)
        if reason == Reason.NOT_APPLICABLE.name.lower():
            return _("left with its weight: it does not apply")
        if weighing.absent == "zero" and stays:
            return _("counts as 0")
        if weighing.absent == "rescale":
            return _("left: the weights of the others are rescaled")
        return _("without it the score has no value")

    def _put_numbers(self, members: tuple[ProofMember, ...], values: Mapping[str, Any]) -> str:
        """`(0,5 × 3 + 0,2 × 4) / 0,7`."""
        weighing = self.score.weighing

        def show(number: float | None) -> str:
            text = format_number(number or 0, None, self.catalogue.language)
            return f"({text})" if number is not None and number < 0 else text

        stayed = [member for member in members if member.used is not None]
        plain = all(member.used == 1 for member in stayed)
        text = " + ".join(
            show(member.value) if plain else f"{show(member.used)} × {show(member.value)}"
            for member in stayed
        )
        above, below = values["above"], values["below"]
        inside = f"({text})" if len(stayed) > 1 else text
        if weighing.how == "share":
            text = f"100 × {inside} / {show(below)}"
        elif weighing.how == "mean":
            text = f"{inside} / {show(below)}"
        elif weighing.absent == "rescale" and above != below:
            text = f"{inside} × {show(above)} / {show(below)}"
        if weighing.cap is not None:
            text = _("{numbers}, at most {cap}").format(numbers=text, cap=show(float(weighing.cap)))
        if weighing.floor is not None:
            floor = show(float(weighing.floor))
            text = _("{numbers}, at least {floor}").format(numbers=text, floor=floor)
        return text


def _name(catalogue: Catalogue, tree: ast.expr) -> str:
    """A member in words, without the brackets that words of a call stand in."""
    words = show_words(catalogue, tree)
    inside = words[1:-1]
    return inside if words == f"[{inside}]" and not {"[", "]"} & {*inside} else words


def ask_score(query: PointQuery, scope: Scope, level: str) -> ScoreQuery | None:
    """Ask for the members of a score; None for what is no score."""
    score = read_score(scope.tree)
    if score is None:
        return None
    weighed = weigh_members(query.plan, scope, level, score.call)
    for at, member in enumerate(weighed.members):
        query.want(f"m{at}:value", member.value.value, exact=member.value.exact)
        query.want(f"m{at}:weight", member.weight.value, exact=member.weight.exact)
        query.want(f"m{at}:why", member.why)
        query.want(f"m{at}:has", member.has)
        query.want(f"m{at}:stays", member.stays)
        query.want(f"m{at}:used", member.used, exact=False)
        query.want(f"m{at}:gain", member.contribution, exact=False)
    query.want("above", weighed.above, exact=False)
    query.want("below", weighed.below, exact=False)
    return ScoreQuery(query.plan.catalogue, score)
