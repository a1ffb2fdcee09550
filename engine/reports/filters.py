"""What a template may do to a value: print it. Plain functions from values to text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date as Date  # noqa: N812 - `date` is the filter
from typing import Any, TypeGuard

from babel.dates import format_date
from markupsafe import Markup

from engine.catalogue.model import Group, Period, Source
from engine.level_words import SCHOOL, WordForm, count_of, word_among, word_of_level
from engine.problems import Problem, show_problem
from engine.reports.class_colours import make_pale
from engine.reports.counts import LowerVerdicts, OutsideCount, Tally
from engine.reports.result_rows import Row
from engine.translation import N_, chosen_language
from engine.translation import gettext as _
from engine.typography import nest_quotes, quote, set_type
from engine.units import (
    MINUS,
    NO_BREAK_SPACE,
    POINT,
    Number,
    Unit,
    build_unit,
    choose_form,
    excess_word,
    format_number,
    format_place,
    format_quantity,
    lacking_word,
    round_points,
    unit_label,
    unit_word,
)

DASH = "—"


def number(value: Number | None, decimals: int | None = None) -> str:
    """`1 234,5`; a dash where there is none."""
    return DASH if value is None else format_number(value, decimals, chosen_language())


def percent(value: Number | None, decimals: int = 1) -> str:
    """`12,5 %`, in English `12.5%`."""
    if value is None:
        return DASH
    gap = "" if chosen_language() == "en" else NO_BREAK_SPACE
    return f"{number(value, decimals)}{gap}%"


def signed(value: Number | None, decimals: int | None = None) -> str:
    """`+1,5`, `−0,1`, `0,0`: zero has no sign."""
    text = number(value, decimals)
    if value is None or text.startswith(MINUS) or not text.strip("0.,"):
        return text
    return f"+{text}"


def date(value: str | Date | None) -> str:
    """`2023-12-29` → `29 декабря 2023 г.`; a text that is no date stays as it is."""
    if not value:
        return ""
    if isinstance(value, str):
        try:
            value = Date.fromisoformat(value)
        except ValueError:
            return str(value)

    text = str(format_date(value, format="long", locale=chosen_language()))
    return text.replace(" ", NO_BREAK_SPACE).replace("\u202f", NO_BREAK_SPACE)


def plural(count: Number | None, *forms: str) -> str:
    """The form that fits the count: `plural(5, "школа", "школы", "школ")` is `школ`.

    In English it is the first beside 1, else the last.
    """
    if chosen_language() == "en":
        forms = forms[:1] + forms[-1:]
    return choose_form(count or 0, build_unit("form", forms=forms))


def year(value: int, period: Period = "calendar_year") -> str:
    """`2023 год`; an academic year by the year it starts in: `2023–2024 учебный год`."""
    if period == "academic_year":
        return _("academic year {start}-{end}").format(start=value, end=value + 1)
    return _("{year}").format(year=value)


def years(values: Iterable[int], period: Period = "calendar_year") -> str:
    """`2022, 2023, 2024 годы`; academic years: `2022–2023, 2023–2024 учебные годы`."""
    known = tuple(values)
    if len(known) == 1:
        return year(known[0], period)
    if period == "academic_year":
        listed = ", ".join(f"{each}–{each + 1}" for each in known)
        return _("academic years {years}").format(years=listed)
    return _("{years}").format(years=", ".join(map(str, known)))


def basis(source: Source) -> str:
    """The order by its words: `Приказ управления от 2 мая 2023 г. № 250 «О мониторинге»`.

    Date and number stand before what the order is about where its title says that in quotes.
    """
    title = nest_quotes(source.title)
    about = [_("of {date}").format(date=date(source.date))] if source.date else []
    about += [_("No. {number}").format(number=source.number)] if source.number else []
    known = " ".join(part.replace(" ", NO_BREAK_SPACE) for part in about)
    kind, opened, subject = title.partition(" «")
    if opened and "»" not in kind and subject.find("»") == len(subject) - 1:
        return " ".join(filter(None, (kind, known, f"«{subject}")))
    return " ".join(filter(None, (title, known)))


def value(row: Row | None) -> str:
    """The value without its unit: a number, да/нет, the texts; why there is none."""
    if row is None:
        return DASH
    if row.value is None:
        return reason(row)
    if row.ranked and is_number(row.value):
        return format_place(row.value, chosen_language())
    return _print(row.value, row.decimals)


def grade(row: Row | None) -> str:
    """The class of the value and its points, in words: `средний, 3 балла`; empty without them.

    Of what is a class itself, only the points: the class is the value.
    """
    if row is None:
        return ""
    parts = [row.class_title] if row.class_title and not row.is_class else []
    if row.points is not None:
        parts.append(format_quantity(round_points(row.points), POINT, None, row.language))
    return ", ".join(parts)


def tint(row: Row | None) -> str:
    """The colour of the class as a pale background, `#cbdecc`; empty without one."""
    return make_pale(row.colour) if row is not None else ""


def target(row: Row | None) -> str:
    """What the order wants, in words: `не менее 82`, `от 10 до 20`, `да`."""
    return DASH if row is None else describe_target(row.target, row.comparator, row.decimals)


def base(row: Row | None) -> str:
    """What the target is counted from, and of which year: `29,2 (2020)`; a dash without it."""
    if row is None or row.base is None:
        return DASH
    return f"{number(row.base, row.decimals)} ({row.base_year})"


def reference(row: Row | None) -> str:
    """The target of the place above, for reference, in the same words."""
    if row is None:
        return DASH
    return describe_target(row.reference, row.reference_comparator, row.decimals)


def describe_target(
    wanted: float | bool | tuple[float, float] | None, comparator: str | None, decimals: int
) -> str:
    """What is wanted and how it is compared, in words; a dash where nothing is."""
    if wanted is None:
        return DASH
    if isinstance(wanted, tuple):
        start, end = (number(each, decimals) for each in wanted)
        return _("from {start} to {end}").format(start=start, end=end)
    pattern = {
        "at_least": _("at least {value}"),
        "at_most": _("at most {value}"),
        "exactly": _("exactly {value}"),
    }.get(comparator or "", "{value}")
    return pattern.format(value=_print(wanted, decimals))


def comparator_words(code: str | None) -> str:
    """How a value is compared with its target, in words; a dash where it is not."""
    known = {
        "at_least": _("at least"),
        "at_most": _("at most"),
        "exactly": _("exactly"),
        "between": _("within"),
        "yes": _("yes"),
        "none": _("not compared"),
    }
    return known.get(code or "", DASH)


def words(row: Row | None) -> str:
    """The verdict in words, without how complete its data are."""
    return status_words(row.status if row else None)


def status_words(status: str | None) -> str:
    """A status in words."""
    known = {
        "met": _("reached"),
        "missed": _("not reached"),
        "no_target": _("no target"),
        "no_comparator": _("not judged"),
        "no_data": _("no data"),
        "in_progress": _("the period is not over"),
    }
    return known.get(status or "", DASH)


def verdict(row: Row | None) -> str:
    """The verdict in words; beside it, where data are incomplete, «предварительно, 17 из 18»."""
    if row is not None and row.judged and row.incomplete:
        return f"{words(row)} ({preliminary(row)})"
    return words(row)


def brief_verdict(row: Row) -> str:
    """The verdict in words; «не достигнуто, предварительно» where data are incomplete."""
    if row.judged and row.incomplete:
        return _("{verdict}, preliminary").format(verdict=words(row))
    return words(row)


def scenario(row: Row) -> str:
    """Whether the value is a fact or a forecast, in words."""
    return _("fact") if row.scenario == "fact" else _("forecast")


def reached(below: LowerVerdicts | None) -> str:
    """`достигли 0 из 5 школ, нет данных — 1`: how places below did; empty where none is judged."""
    if below is None or not below.judged:
        return ""
    count = below.tally.targets
    text = _("{met} of {count} {places} reached it").format(
        met=below.met, count=count, places=word_among(below.level, count)
    )
    return f"{text}{rest(below.tally)}"


def outcome(tally: Tally, *, share: bool = False) -> str:
    """What comes after `из 5 целей` (`with_target`): `достигнуто 3 (60 %), не достигнуто 2`.

    `share`: with the percent.
    """
    met = str(tally.met)
    if share and tally.with_target:
        met += f" ({percent(100 * tally.met / tally.with_target)})"
    text = _("{met} reached, {missed} not reached").format(met=met, missed=tally.missed)
    return f"{text}{rest(tally)}"


def rest(tally: Tally) -> str:
    """`, нет данных — 1, скрыто — 3`: the targets of a tally without a verdict; empty without such."""
    text = ""
    if tally.missing:
        text += _(", no data — {count}").format(count=tally.missing)
    if tally.hidden:
        text += _(", not published — {count}").format(count=tally.hidden)
    if tally.apart:
        text += _(", without an overall verdict — {count}").format(count=tally.apart)
    return text


def each_target(below: LowerVerdicts | None) -> str:
    """`каждой школе — не менее 3`: a target that is set for each place below."""
    if below is None:
        return DASH
    each = word_of_level(below.level, "to_each")
    return _("{each} — {target}").format(
        each=each, target=_("its own") if below.differ else target(below.row)
    )


def shortfall(row: Row | None) -> str:
    """`до цели не хватает 37 чел.`, `больше допустимого на 1 школу`; empty where neither is so."""
    if row is None or not row.shortfall:
        return ""
    return describe_distance(row.shortfall, row.counted, exceeds=row.exceeds)


def describe_distance(count: float, counted: Unit | None, *, exceeds: bool) -> str:
    """How many are lacking to a target, or too many for it (`exceeds`), in words."""
    words_of = excess_word if exceeds else lacking_word
    word = words_of(count, counted, chosen_language()) if counted else ""
    shown = f"{number(count)}{NO_BREAK_SPACE}{word}" if word else number(count)
    if exceeds:
        return _("{count} more than allowed").format(count=shown)
    return _("{count} lacking to the target").format(count=shown)


def gap(row: Row | None) -> str:
    """For narrow tables: `не хватает 3 чел.`, `больше на 1 школу`, else the deviation; empty if met."""
    if row is None or row.status != "missed":
        return ""
    if not row.shortfall:
        known = row.deviation is not None and not isinstance(row.value, bool)
        return signed(row.deviation, row.decimals) if known else words(row)
    word_of = excess_word if row.exceeds else lacking_word
    word = word_of(row.shortfall, row.counted, chosen_language()) if row.counted else ""
    count = f"{number(row.shortfall)}{NO_BREAK_SPACE}{word}" if word else number(row.shortfall)
    return (_("{count} over") if row.exceeds else _("{count} short")).format(count=count)


def preliminary(row: Row) -> str:
    """`предварительно, 17 из 18`; empty where all have reported."""
    if not row.incomplete:
        return ""
    return _("preliminary, {coverage}").format(coverage=coverage(row))


def outside(left: OutsideCount) -> str:
    """`Школы по доле, 2024 год: класса нет, в доли не входят — 2 из 10 школ`."""
    places = _count_places(left.level, left.count, left.expected)
    return _("{title}, {year}: without a class, in none of the shares — {places}").format(
        title=left.title, year=year(left.year, left.period), places=places
    )


def coverage(row: Row | None) -> str:
    """`17 из 18`: how many reported of how many were expected; empty where none was.

    Of a function over places `; 4 из 5 муниципалитетов`: how many of these have its argument; of a
    distribution that is said once, by `outside`.
    """
    if row is None or row.reported is None or not row.expected:
        return ""
    text = _("{reported} of {expected}").format(
        reported=number(row.reported, 0), expected=number(row.expected, 0)
    )
    text = text.replace(" ", NO_BREAK_SPACE)
    if row.members is None or row.members_expected is None or row.outside is not None:
        return text
    return f"{text}; {_count_places(row.members_level, row.members, row.members_expected)}"


def _count_places(level: str, some: int, count: int) -> str:
    text = count_of(level, count).format(some=number(some, 0), count=number(count, 0))
    return text.replace(" ", NO_BREAK_SPACE)


def sign(row: Row | None) -> str:
    """A mark that needs no colour: ✓ reached, ✗ not reached, – otherwise."""
    return {"met": "✓", "missed": "✗"}.get((row.status if row else None) or "", "–")


def reason(row: Row | str | None) -> str:
    """Why there is no value, in words."""
    code = row.reason if isinstance(row, Row) else row
    if code == "before_formula" and isinstance(row, Row) and row.unwritten:
        return _("the formula is not written")
    known: Mapping[str, str] = {
        "suppressed": _("not published"),
        "before_formula": _("not introduced yet"),
        "not_applicable": _("does not apply"),
        "not_readable": _("the cell could not be read"),
        "not_reported": _("not reported"),
        "blocked": _("computed only when everybody has reported"),
        "no_previous": _("no value a year earlier"),
        "no_such_level": _("not counted at this level"),
        "outside_scale": _("outside the scale"),
        "series_break": _("not comparable with earlier years"),
        "no_target": _("no target is set"),
        "no_constant": _("the constant has no number for this year"),
        "zero_denominator": _("the denominator is zero"),
    }
    return known.get(code or "", code or DASH)


def trend(row: Row | None) -> str:
    """The trend in words; empty where it is not known."""
    known = {"better": _("better"), "worse": _("worse"), "same": _("unchanged")}
    return known.get((row.trend if row else None) or "", "")


def level(name: str, form: WordForm = "one") -> str:
    """The word for a level's places: `школа`; in another form, as `to_many`, `школам`."""
    return word_of_level(name, form)


def other_reporters(row: Row | None, lowest: str = SCHOOL, *, over_years: bool = False) -> str:
    """Says so where the schools (places of the `lowest` level) are not those of a year before; else empty.

    Only of a change: the one beside the value or, `over_years`, the value itself.
    """
    compared = row.value if row is not None and over_years else row.change if row else None
    if row is None or row.same_reporters is not False or compared is None:
        return ""
    return _("the {places} that answered are not those of the year before").format(
        places=word_of_level(lowest, "many")
    )


def mark(row: Row | None) -> str:
    """For narrow tables: the value, or a sign that the legend explains in place of one."""
    if row is None:
        return sign_of_reason("not_reported")
    if row.value is None and row.reason is not None:
        return sign_of_reason(row.reason)
    return value(row)


def sign_of_reason(code: str) -> str:
    """The sign that stands for a reason in narrow tables; of an unknown one its code."""
    return _(SIGNS.get(code, code))


def unit(row: Row | None, count: Number | None = None, decimals: int | None = None) -> str:
    """The word after the row's value, or after another `count`: `%`, `чел.`, `школа`, `школы`."""
    if row is None or row.unit is None:
        return ""
    if count is None:
        if row.ranked and is_number(row.value) and row.reported is not None:
            return _("place of {count}").format(count=number(row.reported, 0))
        count, decimals = row.value if is_number(row.value) else None, row.decimals
    if count is None:
        return column_unit(row)
    return unit_word(count, row.unit, decimals, chosen_language())


def quantity(row: Row) -> str:
    """The value with its unit: `81,9 %`, `2-е место из 17`."""
    if row.ranked and is_number(row.value):
        return f"{value(row)} {unit(row)}".rstrip().replace(" ", NO_BREAK_SPACE)
    if is_number(row.value):
        return format_quantity(row.value, row.unit, row.decimals, chosen_language())
    return value(row)


def column_unit(row: Row | None) -> str:
    """What stands in a column of units, whatever the numbers beside it: `%`, `чел.`, `школ`."""
    return unit_label(row.unit, chosen_language(), ordinal=row.ranked) if row else ""


def group_code(group: Group) -> str:
    """The code the order prints before the group's title; ids made up for the file have none."""
    return group.code


def problem(what: Problem) -> str:
    """The problem as one line."""
    return show_problem(what).splitlines()[0]


def css(text: str) -> Markup:
    """The text as it may stand between quotes in a style sheet, where HTML is not unescaped."""
    return Markup(  # noqa: S704 - only letters, digits, spaces and escapes are left
        "".join(c if c.isalnum() or c == " " else f"\\{ord(c):x} " for c in set_type(text))
    )


def is_number(what: object) -> TypeGuard[int | float]:
    """Whether it is a number, and no yes or no."""
    return isinstance(what, int | float) and not isinstance(what, bool)


def _print(what: Any, decimals: int) -> str:
    if isinstance(what, bool):
        return _("yes") if what else _("no")
    if isinstance(what, tuple):
        return "; ".join(what)
    return number(what, decimals)


FILTERS: Mapping[str, Callable[..., str]] = {
    function.__name__: function
    for function in (
        number,
        percent,
        signed,
        date,
        plural,
        year,
        years,
        basis,
        quote,
        value,
        grade,
        tint,
        outside,
        base,
        target,
        reference,
        words,
        verdict,
        reached,
        each_target,
        outcome,
        rest,
        shortfall,
        gap,
        preliminary,
        coverage,
        sign,
        reason,
        trend,
        other_reporters,
        level,
        mark,
        unit,
        group_code,
        problem,
        css,
    )
}


# As tables of statistics print them: no data, does not apply, hidden; a zero is a number.
SIGNS = {
    "suppressed": N_("hid."),
    "not_applicable": "×",
    "not_readable": "?",
    "not_reported": "…",
    "blocked": "…*",
    "before_formula": "·",
    "no_previous": "·*",
    "no_such_level": "·**",
    "outside_scale": "∉",
    "series_break": "≠",
    "no_target": N_("n/t"),
    "no_constant": N_("n/c"),
    "zero_denominator": "÷0",
}
