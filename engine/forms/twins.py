"""Two forms of one place and year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from engine.forms.submissions import Submission, Told
from engine.i18n import gettext as _
from engine.problems import Problem


def find_twins(
    submissions: Sequence[Submission],
    prefer: frozenset[str],
    titles: Mapping[tuple[str, str], str],
) -> tuple[list[Submission], list[Told]]:
    """Two forms of one place and year: neither counts, unless one is preferred.

    The same file twice is one form. `titles`: (level, place) → how the place is called.
    """
    groups: dict[tuple[str, int, str], list[Submission]] = {}
    for one in submissions:
        if one.taken:
            groups.setdefault(one.key, []).append(one)
    left_out: dict[int, str] = {}
    told: list[Told] = []
    for group in groups.values():
        if len(group) == 1:
            continue
        first = group[0]
        same = {(one.sha256, one.sheet) for one in group}
        preferred = [one for one in group if one.file in prefer]
        kept = preferred[0] if len(preferred) == 1 else first if len(same) == 1 else None
        for one in group:
            if one is not kept:
                left_out[one.number] = "same-file" if len(same) == 1 else "form-twice"
        if kept is None:
            told += _tell_twins(group, titles)
        elif not preferred:
            told += (_tell_same(one, first) for one in group[1:])
    return [
        replace(one, taken=False, why=left_out[one.number]) if one.number in left_out else one
        for one in submissions
    ], told


def _tell_twins(
    group: Sequence[Submission], titles: Mapping[tuple[str, str], str]
) -> Iterator[Told]:
    first = group[0]
    place = first.stamp.place
    for one in group[1:]:
        message = _(
            "a second form “{form}” of “{place}” for {year}: also {other}; neither is taken"
        )
        message = message.format(
            form=one.stamp.form,
            place=titles.get((first.level, place), place),
            year=one.stamp.year,
            other=first.position(),
        )
        hint = _("leave one of them, or name the one that counts: --prefer “{file}”")
        if one.file == first.file:
            hint = _("leave one of the sheets")
        yield Told(
            Problem("form-twice", message, one.position(), hint.format(file=one.file)), one.number
        )


def _tell_same(one: Submission, first: Submission) -> Told:
    message = _("the same file as {other}: it is taken once").format(other=first.file)
    return Told(Problem("same-file", message, one.position(), severity="warning"), one.number)
