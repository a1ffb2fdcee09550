"""Charts: Vega-Lite specs of `templates/charts/` drawn as SVG, the same bytes on every machine.

A spec has no data of its own: it draws what it is handed as the table `years`. Nothing is fetched:
a spec that names an address, a picture or a link is refused, and so is a drawing that has one.
Only this module knows vl-convert, which takes its time to start and is loaded by the first chart.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import vl_convert

from engine.problems import Position, Problem
from engine.reports.templates import TemplateError, read_template
from engine.translation import gettext as _

SUFFIX = ".vl.json"
FOLDER = "charts"
"""Specs stand in this folder beside the templates."""
TABLE = "years"
"""What a spec calls the table that it is handed."""
FONT = "Liberation Sans, Arial, sans-serif"
"""The first comes with vl-convert, so that texts have the same width everywhere."""
LARGEST = 1_000_000  # characters of a drawing; one of ours has five thousand

_Point = Mapping[str, Any]

_REFUSED_KEYS = frozenset({"url", "href", "image", "graticule", "sequence", "loader", "usermeta"})
_ELEMENTS = frozenset(
    {
        *("svg", "g", "path", "rect", "line", "circle", "ellipse", "polygon", "polyline", "text"),
        *("tspan", "title", "defs", "clipPath", "linearGradient", "radialGradient", "stop"),
    }
)
_ELEMENT = re.compile(r"<([^\s<>/!?]+)([^<>]*)>")
_ROOT = re.compile(r'<svg [^<>]*?width="([\d.]+)" height="([\d.]+)" viewBox="([^"<>]*)">')
_OUTWARD = re.compile(r"\b(?:on\w+|(?:xlink:)?href|src)\s*=|url\((?!#)", re.IGNORECASE)
_UNSEEN = re.compile(r'<path class="(?:background|foreground)"[^<>]*\bd="(?:M0,0h0v0h0Z)?"[^<>]*/>')
_FOR_LIVE = re.compile(
    r' (?:class|role|aria-[\w-]+|pointer-events|stroke-miterlimit)="[^"]*"| opacity="1"'
)
_NUMBER = re.compile(r"\d+\.\d{3,}")
_NAMED = re.compile(r'\bid="([^"]*)"')
_CONFIG = {"font": FONT, "aria": False, "background": None, "view": {"stroke": None}}


def find_spec(name: str, folders: Sequence[Path]) -> Path | None:
    """The file of a spec by its name without the ending, in the first folder that has it."""
    for folder in folders:
        path = folder / FOLDER / f"{name}{SUFFIX}"
        if Path(name).name == name and path.is_file():
            return path
    return None


def read_spec(path: Path) -> str:
    """A spec that draws only what it is handed, as JSON; TemplateError where it would do more."""
    text = read_template(path)
    try:
        spec = json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = _("the chart cannot be read: {reason}")
        cause = getattr(error, "msg", type(error).__name__)
        raise TemplateError(
            Problem("chart-syntax", reason.format(reason=cause), _at(path, _line(error)))
        ) from None
    if not isinstance(spec, dict):
        raise TemplateError(
            Problem("chart-syntax", _("a chart is an object in braces"), _at(path, 1))
        )
    for name in _find_refused(spec):
        line = text[: max(text.find(f'"{name}"'), 0)].count("\n") + 1
        message = _("a chart draws what it is given: “{name}” may not stand in it")
        raise TemplateError(Problem("chart-outside", message.format(name=name), _at(path, line)))
    return json.dumps(spec | {"config": _merge(spec.get("config") or {})}, ensure_ascii=False)


def draw(spec: str, points: Sequence[_Point], path: Path) -> str:
    """The SVG of a spec that was read from `path`, with a table; no words are added to it yet.

    TemplateError where it cannot be drawn, or where the drawing points outside of itself.
    """
    # Vega's own errors are of many kinds, and all are the spec's.
    try:
        compiled = _compile(spec)
        tables = [
            {**table, "values": list(points)} if table.get("name") == TABLE else table
            for table in compiled.get("data", ())
        ]
        drawn = vl_convert.vega_to_svg({**compiled, "data": tables}, allowed_base_urls=[])
    except ValueError as error:
        lines = [line for line in str(error).splitlines() if line.strip()]
        reason = lines[1] if len(lines) > 1 else "".join(lines)
        message = _("the chart cannot be drawn: {reason}").format(reason=reason)
        raise TemplateError(Problem("chart-failed", message, _at(path))) from None
    return finish(drawn, path)


def finish(drawn: str, path: Path) -> str:
    """The drawing as it may stand in a page: known elements alone, nothing from elsewhere."""
    root = _ROOT.match(drawn)
    if root is None or len(drawn) > LARGEST:
        raise TemplateError(
            Problem("chart-failed", _("the drawing of the chart is too large or empty"), _at(path))
        )
    width, height, box = root.groups()
    inside = drawn[root.end() :]
    for element, attributes in _ELEMENT.findall(inside):
        if element not in _ELEMENTS or _OUTWARD.search(attributes):
            message = _(
                "the drawing of the chart has “{name}” in it, which may not stand in a page"
            )
            raise TemplateError(Problem("chart-outside", message.format(name=element), _at(path)))
    head = f'<svg width="{width}" height="{height}" viewBox="{box}">'
    return head + _rename(_ELEMENT.sub(_shorten, _UNSEEN.sub("", inside)))


def _shorten(match: re.Match[str]) -> str:
    """A tag without what only a live chart needs, its numbers as exact as a screen shows them."""
    tag = _FOR_LIVE.sub("", match.group())
    return _NUMBER.sub(lambda number: f"{float(number.group()):.2f}".rstrip("0").rstrip("."), tag)


def _rename(drawn: str) -> str:
    """Ids counted anew: those that Vega gives depend on what was drawn before."""
    for number, name in enumerate(dict.fromkeys(_NAMED.findall(drawn)), start=1):
        drawn = drawn.replace(f'id="{name}"', f'id="part-{number}"')
        drawn = drawn.replace(f"url(#{name})", f"url(#part-{number})")
    return drawn


@lru_cache(maxsize=16)
def _compile(spec: str) -> dict[str, Any]:
    """A spec of Vega-Lite as one of Vega: the slower half, done once for all tables."""
    return dict(vl_convert.vegalite_to_vega(spec))


def _merge(config: Mapping[str, Any]) -> dict[str, Any]:
    # Texts in other fonts would be measured by what the machine has.
    return {**_CONFIG, **config, "font": FONT, "aria": False}


def _find_refused(thing: Any) -> Iterator[str]:
    """Keys and marks that lead outside, wherever they stand."""
    if isinstance(thing, dict):
        for key, inner in thing.items():
            if key in _REFUSED_KEYS:
                yield key
            elif key in {"mark", "type"} and inner == "image":
                yield "image"
            yield from _find_refused(inner)
    elif isinstance(thing, list):
        for inner in thing:
            yield from _find_refused(inner)


def _line(error: Exception) -> int:
    return int(getattr(error, "lineno", 0))


def _at(path: Path, line: int = 0) -> Position:
    return Position(str(path), line)
