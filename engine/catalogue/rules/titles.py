"""Short titles: no two alike among what is printed side by side, and one for each long title."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from engine.catalogue.lookups import list_scales
from engine.catalogue.model import (
    LONGEST_SHORT,
    Catalogue,
    Event,
    Form,
    Group,
    Indicator,
    Input,
    Scale,
    ScaleClass,
)
from engine.problems import Problem
from engine.same_names import fold_name
from engine.translation import gettext as _

LONGEST_TITLE = 80
"""Letters of a title that needs no short one."""
_QUOTES = re.compile("[\"'«»“”„]")
_WRAPPED = re.compile("“[^“”]*”")

Named = Group | Input | Indicator | Event | Form | Scale | ScaleClass


def check_short_titles(catalogue: Catalogue) -> Iterable[Problem]:
    """No short title is that, or the title, of another: parts and results among their siblings."""
    for kind in _kinds(catalogue):
        first: dict[str, Named] = {}
        # What has no short title of its own cannot give way to one that has.
        for thing in sorted(kind, key=lambda thing: bool(thing.short)):
            names = {fold_name(name) for name in (thing.short_title, thing.title)}
            other = first.get(fold_name(thing.short)) if thing.short else None
            for name in names:
                first.setdefault(name, thing)
            if other is None:
                continue
            yield Problem(
                "short-twice",
                _("the short title “{short}” already stands for “{other}” at {place}").format(
                    short=thing.short, other=other.id, place=other.position
                ),
                thing.positions.get("short", thing.position),
                _("case, spaces, quotes, dashes and ё do not tell titles apart: write another"),
            )


def check_long_titles(catalogue: Catalogue) -> Iterable[Problem]:
    """A title that is cut where it is printed, and is long or cut as another is, has a short one."""
    for kind in _kinds(catalogue):
        cut = [thing.short_title for thing in kind if not thing.short]
        for thing in kind:
            if thing.short or _is_named_by_input(thing):
                continue
            alike = len(thing.title) > LONGEST_SHORT and cut.count(thing.short_title) > 1
            if len(thing.title) <= LONGEST_TITLE and not alike:
                continue
            message = _("the title is longer than {most} letters: it is printed as “{short}”")
            if alike:
                message = _("the title is printed cut, as another beside it: “{short}”")
            hint = _("below “title:” write “short:”, at most {most} letters")
            if "title" not in thing.positions:  # its title alone is written
                hint = _("write {{title: …, short: …}}, the short one of at most {most} letters")
            yield Problem(
                "long-title",
                message.format(most=LONGEST_TITLE, short=thing.short_title),
                thing.positions.get("title", thing.position),
                hint.format(most=LONGEST_SHORT),
                severity="note",
            )


def check_quotes(catalogue: Catalogue) -> Iterable[Problem]:
    """No quotes that are printed and were meant for the file: `code: 1.2"`, `code: “1.2”`."""
    for kind in _kinds(catalogue):
        for thing in kind:
            code = getattr(thing, "code", "")
            written = {"code": code, "title": thing.title, "short": thing.short}
            for key, text in written.items():
                stray = _QUOTES.search(text) if key == "code" else _find_stray(text)
                if stray is None or key not in thing.positions:
                    continue
                yield Problem(
                    "stray-quote",
                    _("a quote stands in “{key}” as a part of the text and is printed").format(
                        key=key
                    ),
                    thing.positions[key],
                    _('put straight quotes on both sides: "…" (inside them use «…»)'),
                    "warning",
                )


def _find_stray(text: str) -> re.Match[str] | None:
    """A straight quote without its pair, or a curly one round the whole text."""
    return (text.count('"') % 2 and re.search('"', text)) or _WRAPPED.fullmatch(text)


def _is_named_by_input(thing: Named) -> bool:
    """Whether it is an indicator that has the title of the input it is: said of that already."""
    return (
        isinstance(thing, Indicator) and thing.input is not None and "title" not in thing.positions
    )


def _kinds(catalogue: Catalogue) -> Iterator[Sequence[Named]]:
    """What is printed side by side: the things of a kind, the parts of a whole, the results of an event."""
    yield tuple(catalogue.groups.values())
    inputs: dict[str | None, list[Input]] = {}
    for declared in catalogue.inputs.values():
        inputs.setdefault(declared.whole, []).append(declared)
    yield from inputs.values()
    indicators: dict[str | None, list[Indicator]] = {}
    for indicator in catalogue.indicators.values():
        if indicator.part is None:
            indicators.setdefault(indicator.event, []).append(indicator)
    yield from indicators.values()
    yield tuple(catalogue.events.values())
    yield tuple(catalogue.forms.values())
    yield tuple(catalogue.scales.values())
    for scale in list_scales(catalogue):
        yield from (tuple(version.classes.values()) for version in scale.versions)
