"""Results for the eye, on a terminal: a line for each, under headings of year and place."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from operator import attrgetter
from typing import get_args

from engine.catalogue.model import Catalogue, shorten_title
from engine.catalogue.scale_words import head_grades
from engine.evaluation.asking import Results
from engine.reports import filters
from engine.reports.class_colours import find_rgb
from engine.reports.counts import find_outcome, list_outside
from engine.reports.notes import order_groups
from engine.reports.result_rows import Row, Status, read_result_rows
from engine.translation import gettext as _
from engine.typography import set_type

_Span = tuple[str, str]
"""A text and its style, in words of rich (`bold`); the style is empty where the text has none."""
Line = tuple[_Span, ...]

# In the fonts of every terminal, also of an old Windows, where ✓ and ✗ are the same empty box.
_MARKS = {"met": "√", "missed": "!"}
_STYLES = {"met": "green", "missed": "red", "no_data": "dim"}
_SIGNS = {"at_least": "≥", "at_most": "≤", "exactly": "="}
_LONGEST_VALUE, _LONGEST_GRADE = 16, 24  # letters; a longer text is cut
_DOT = "●"  # before a class that has a colour; old terminals have it, too
_SHORTEST_TITLE = 12  # letters; a narrower terminal wraps the lines itself
_GAP = "  "
_MARKED = 2  # letters: the mark and a space


@dataclass(frozen=True, slots=True)
class _LineCells:
    """What stands in one line: the title is cut to the room that is left.

    `group` is the heading of the group that the line stands under, empty where none is printed.
    """

    row: Row
    code: str
    title: Callable[[int], str]
    value: str
    target: str
    deviation: str
    coverage: str
    grade: str = ""
    base: str = ""
    group: str = ""


def lay_out_overview(catalogue: Catalogue, results: Results, width: int) -> list[Line]:
    """The lines, none wider than `width` letters; then counts of verdicts, then what the signs mean.

    Headings are year and place, higher levels last; under each the indicators, the results of events,
    and the inputs. Where groups number their indicators anew, each is headed by its title. Of one
    indicator alone the heading is its title, and a line is a place and year.
    """
    rows = read_result_rows(catalogue, results.frame)
    if not rows:
        return []
    drawn: list[Line] = []
    for heading, lines in _list_sections(catalogue, rows):
        columns = _measure(lines)
        taken = _MARKED + sum(len(_GAP) + each for each in columns.values())
        room = max(_SHORTEST_TITLE, width - taken)
        drawn += _draw_heading(heading, _name_columns(lines), columns, room)
        before = ""
        for line in lines:
            if line.group != before:
                drawn += [((part, "bold"),) for part in textwrap.wrap(set_type(line.group), width)]
            drawn.append(_draw_line(line, columns, room))
            before = line.group
        drawn += _draw_outside(catalogue, [line.row for line in lines], width)
        drawn.append(())
    drawn += [((part, "bold"),) for part in textwrap.wrap(set_type(_count_verdicts(rows)), width)]
    drawn += [((part, "dim"),) for part in textwrap.wrap("; ".join(_list_signs(rows)), width)]
    return drawn


# --- sections ------------------------------------------------------------------------------------


def _list_sections(catalogue: Catalogue, rows: Sequence[Row]) -> list[tuple[str, list[_LineCells]]]:
    """Headings with their lines."""
    if len({row.indicator for row in rows}) == 1:
        label = _choose_label(rows)
        heading = " ".join(filter(None, (rows[0].code, rows[0].short_title)))
        return [(heading, [_fill_cells(row, "", label(row)) for row in rows])]
    places = sorted(
        dict.fromkeys((row.level, row.place) for row in rows),
        key=lambda place: catalogue.levels.index(place[0]),
    )
    order = {place: number for number, place in enumerate(places)}
    forecasts = any(row.scenario == "forecast" for row in rows)
    by_place: dict[tuple[int, int, str], list[Row]] = {}
    for row in rows:
        key = (row.year, order[row.level, row.place], row.scenario)
        by_place.setdefault(key, []).append(row)
    sections = []
    for _key, contained in sorted(by_place.items()):
        first = contained[0]
        words = [first.place_title, filters.year(first.year)]
        heading = ", ".join((*words, filters.scenario(first)) if forecasts else words)
        for kind, group in _group_by_kind(catalogue, contained).items():
            sections.append(
                (". ".join(filter(None, (heading, kind))), _name_lines(catalogue, group))
            )
            heading = ""
    return sections


def _choose_label(rows: Sequence[Row]) -> Callable[[Row], str]:
    """What names a row of one indicator: its place, year and scenario, as far as they differ."""
    parts: Sequence[Callable[[Row], object]] = (
        attrgetter("place_title"),
        attrgetter("year"),
        filters.scenario,
    )
    differing = [part for part in parts if len({part(row) for row in rows}) > 1] or parts[:2]
    return lambda row: ", ".join(str(part(row)) for part in differing)


def _group_by_kind(catalogue: Catalogue, rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Rows by what they are: indicators first, under no words; then results of events, then inputs."""
    groups: dict[str, list[Row]] = {"": [], _("Results of events"): [], _("Inputs"): []}
    indicators, events, inputs = groups.values()
    for row in rows:
        indicator = catalogue.indicators.get(row.indicator)
        chosen = inputs if indicator is None else events if indicator.event else indicators
        chosen.append(row)
    return {kind: group for kind, group in groups.items() if group}


def _name_lines(catalogue: Catalogue, rows: Sequence[Row]) -> list[_LineCells]:
    """A result stands under the event of the line above it, where that is its own."""
    lines, before = [], None
    headings = _head_groups(catalogue, rows)
    if headings:
        places = {group: number for number, group in enumerate(headings)}
        rows = sorted(rows, key=lambda row: places[catalogue.indicators[row.indicator].group])
    for row in rows:
        indicator = catalogue.indicators.get(row.indicator)
        event = indicator.event if indicator else None
        group = headings[indicator.group] if indicator and headings else ""
        if indicator is None or event is None:
            whole, colon, part = row.short_title.rpartition(": ")
            is_part = indicator is not None and indicator.part is not None
            titles = (part, whole + colon) if is_part else (row.short_title,)
            lines.append(replace(_fill_cells(row, row.code, *titles), group=group))
        elif event == before:
            lines.append(_fill_cells(row, "", indicator.short_title, _GAP))
        else:
            whole = f"{catalogue.events[event].short_title}: "
            lines.append(_fill_cells(row, row.code, indicator.short_title, whole))
        before = event
    return lines


def _head_groups(catalogue: Catalogue, rows: Sequence[Row]) -> Mapping[str, str]:
    """The headings of groups in their order; none where no code stands in two of them."""
    indicators = [catalogue.indicators.get(row.indicator) for row in rows]
    groups: dict[str, set[str]] = {}
    for row, indicator in zip(rows, indicators, strict=True):
        if indicator is None or indicator.event is not None:
            return {}
        groups.setdefault(row.code or indicator.id, set()).add(indicator.group)
    if all(len(using) == 1 for using in groups.values()):
        return {}
    known = order_groups(catalogue, dict.fromkeys(chain.from_iterable(groups.values())))
    return {each.id: each.heading for each in known}


# --- cells ---------------------------------------------------------------------------------------


def _fill_cells(row: Row, code: str, title: str, whole: str = "") -> _LineCells:
    return _LineCells(
        row,
        code,
        lambda room: _cut_title(set_type(whole), set_type(title), room),
        _show_value(row),
        _show_target(row),
        filters.signed(row.deviation, row.decimals) if row.deviation is not None else "",
        f"{row.reported}/{row.expected}" if row.expected else "",
        _show_grade(row),
        filters.base(row) if row.base is not None else "",
    )


def _cut_title(whole: str, title: str, room: int) -> str:
    """A title in so many letters; of an event and its result the event is cut, which the next lines share."""
    whole, title = (" ".join(text.split(" ")) for text in (whole, title))
    if len(whole) + len(title) <= room or not whole.strip():
        return whole + shorten_title(title, room - len(whole))
    title = shorten_title(title, room // 2)
    return f"{shorten_title(whole.removesuffix(': '), room - len(title) - 2)}: {title}"


def _show_value(row: Row) -> str:
    """The value with its unit; a sign for why there is none."""
    if filters.is_number(row.value):
        return filters.quantity(row)
    return shorten_title(filters.mark(row), _LONGEST_VALUE)


def _show_grade(row: Row) -> str:
    """`● средний, 3 балла`: the dot is drawn in the colour of the class."""
    grade = shorten_title(filters.grade(row), _LONGEST_GRADE)
    is_coloured = bool(find_rgb(row.colour)) and bool(grade or row.is_class)
    return " ".join(filter(None, (_DOT if is_coloured else "", grade)))


def _show_target(row: Row) -> str:
    """`≥ 82`, `10–20`; in brackets that of the place above, by which nothing is judged."""
    if row.target is None:
        reference = _describe(row.reference, row.reference_comparator, row.decimals)
        return f"({reference})" if reference else ""
    return _describe(row.target, row.comparator, row.decimals)


def _describe(
    wanted: float | bool | tuple[float, float] | None, comparator: str | None, decimals: int
) -> str:
    if not filters.is_number(wanted):
        # An interval has its dash without spaces here.
        words = filters.describe_target(wanted, comparator, decimals)
        if isinstance(wanted, tuple):
            return "–".join(filters.number(end, decimals) for end in wanted)
        return "" if wanted is None else words
    sign = _SIGNS.get(comparator or "")
    return " ".join(filter(None, (sign, filters.number(wanted, decimals))))


# --- lines ---------------------------------------------------------------------------------------

_COLUMNS = ("code", "value", "grade", "base", "target", "deviation", "coverage")
_TO_THE_RIGHT = frozenset({"value", "base", "deviation"})


def _measure(lines: Sequence[_LineCells]) -> dict[str, int]:
    """The width of each column but the title's; columns in which nothing stands are left out."""
    headings = _name_columns(lines)
    widths = {
        name: max((len(getattr(line, name)) for line in lines), default=0) for name in _COLUMNS
    }
    return {name: max(width, len(headings[name])) for name, width in widths.items() if width}


def _name_columns(lines: Sequence[_LineCells]) -> Mapping[str, str]:
    """The headings; that of the column beside the value says what stands there: classes, points, or both."""
    classes = any(line.row.class_title for line in lines if line.grade)
    points = any(line.row.points is not None for line in lines if line.grade)
    return {
        "code": "",
        "value": _("Value"),
        "grade": head_grades(classes=classes, points=points),
        "base": _("Base"),
        "target": _("Target"),
        "deviation": _("Dev."),
        "coverage": _("Sent in"),
    }


def _draw_heading(
    heading: str, names: Mapping[str, str], columns: Mapping[str, int], room: int
) -> list[Line]:
    """The heading, with the names of the columns in its last line."""
    first = columns.get("code", -len(_GAP)) + len(_GAP) + _MARKED
    *parts, last = textwrap.wrap(set_type(heading), first + room)
    cells = "".join(_GAP + _align(name, names[name], columns) for name in columns if name != "code")
    lines: list[Line] = [((part, "bold"),) for part in parts]
    return [*lines, ((last.ljust(first + room), "bold"), (cells.rstrip(), "dim"))]


def _draw_line(line: _LineCells, columns: Mapping[str, int], room: int) -> Line:
    row = line.row
    style = _STYLES.get(row.status or "", "")
    cells = {name: _align(name, getattr(line, name), columns) for name in columns}
    code = cells.pop("code") + _GAP if "code" in cells else ""
    text = _GAP.join((code + line.title(room).ljust(room), *cells.values())).rstrip()
    mark = _MARKS.get(row.status or "", "").ljust(_MARKED)
    plain = "dim" if row.value is None else ""
    before, dot, after = text.partition(_DOT) if line.grade.startswith(_DOT) else (text, "", "")
    coloured = ((dot, find_rgb(row.colour)), (after, plain)) if dot else ()
    return ((mark, style), (before, plain), *coloured)


def _align(name: str, text: str, columns: Mapping[str, int]) -> str:
    return text.rjust(columns[name]) if name in _TO_THE_RIGHT else text.ljust(columns[name])


def _draw_outside(catalogue: Catalogue, rows: Sequence[Row], width: int) -> Iterator[Line]:
    """Who has no class in the distributions of a section; where it has several places, of which."""
    places = dict.fromkeys((row.level, row.place, row.place_title) for row in rows)
    for level, place, title in places:
        own = [row for row in rows if (row.level, row.place) == (level, place)]
        for left in list_outside(catalogue, own):
            text = filters.outside(left)
            text = text if len(places) == 1 else f"{title}. {text}"
            for part in textwrap.wrap(set_type(text), width - _MARKED):
                yield ((" " * _MARKED + part, ""),)


# --- the end -------------------------------------------------------------------------------------


def _count_verdicts(rows: Sequence[Row]) -> str:
    """`Достигнуто 12, не достигнуто 6, цели нет 49`."""
    counts = Counter(_find_verdict(row) for row in rows)
    known = [each for each in get_args(Status) if counts[each]]
    parts = [f"{filters.status_words(each)} {counts[each]}" for each in known]
    if counts["not_applicable"]:
        parts.append(f"{filters.reason('not_applicable')} {counts['not_applicable']}")
    return _("In all {count}: {verdicts}").format(count=len(rows), verdicts=", ".join(parts))


def _find_verdict(row: Row) -> str | None:
    """The status by which the row is counted, as reports count it: a target may not apply."""
    outcome = find_outcome(row)
    if outcome is not None:
        return "no_data" if outcome == "missing" else outcome
    return "not_applicable" if row.target is not None and row.value is None else row.status


def _list_signs(rows: Sequence[Row]) -> Iterator[str]:
    for status, mark in _MARKS.items():
        if any(row.status == status for row in rows):
            yield f"{mark} {filters.status_words(status)}"
    if any(row.target is None and row.reference is not None for row in rows):
        yield _("( ) target of the place above, nothing is judged by it")
    if any(row.judged and row.incomplete for row in rows):
        yield _("where fewer sent in than were to, the verdict is preliminary")
    missing = [row for row in rows if row.value is None and row.reason]
    yield from dict.fromkeys(f"{filters.mark(row)} {filters.reason(row)}" for row in missing)
