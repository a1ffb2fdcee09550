"""Units of measure: their algebra, their words, and how a number is printed beside them.

A unit is a product of base units, each with a power, times a scale: `rouble/person` is
rouble¹·person⁻¹, a thousand roubles is rouble¹ with scale 1000. A ratio has no base unit. Percent,
percentage point and point are base units of their own: nothing turns into them silently.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from fractions import Fraction

NO_BREAK_SPACE = "\u00a0"
MINUS = "\u2212"
_LARGEST_WHOLE = 2**53  # up to it a double holds every whole number

POINT_DECIMALS = 2

Number = int | float | Fraction | Decimal

# Base units that are measured or judged, not counted one by one: they keep their decimals.
_MEASURED = frozenset(
    {"rouble", "point", "percent", "percentage_point", "hour", "day", "month", "year"}
)
_TIME = frozenset({"hour", "day", "month", "year"})
# Base units whose values never add up over schools.
_INTENSIVE = frozenset({"percent", "percentage_point", "point", "place"})


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as it is named in the catalogue.

    `dimensions`: (base unit, power) by name, without zero powers; `scale`: how many base units one
    of these is. `forms`: the words beside 1, 2 and 5 (in English: beside 1 and 2).
    """

    id: str
    dimensions: tuple[tuple[str, int], ...]
    scale: Fraction = Fraction(1)
    title: str = ""
    short: str = ""
    forms: tuple[str, ...] = ()

    @property
    def additive(self) -> bool:
        """Whether values of schools may be added: not shares, scores, ratios and quotients."""
        return bool(self.dimensions) and all(
            power > 0 and base not in _INTENSIVE for base, power in self.dimensions
        )

    @property
    def adds_up(self) -> bool:
        """Whether numbers of schools are added where nobody says how: of time alone they are not.

        Hours are as often a mean or a norm as a sum; `additive` says that they may be added.
        """
        bases = {base for base, _power in self.dimensions}
        return self.additive and not bases <= _TIME

    @property
    def counted(self) -> bool:
        """Whether it counts whole things, and so is printed without decimals."""
        if not self.forms or self.scale != 1 or len(self.dimensions) != 1:
            return False
        base, power = self.dimensions[0]
        return power == 1 and base not in _MEASURED

    @property
    def label(self) -> str:
        """What stands in a table's column of units: "%", "чел.", "мероприятий"."""
        return self.short or (self.forms[-1] if self.forms else self.title)


def build_unit(  # noqa: PLR0917 - the keys of a unit in the order of the page
    id: str,  # noqa: A002 - the word of the language
    title: str = "",
    short: str = "",
    forms: tuple[str, ...] = (),
    of: Unit | None = None,
    scale: Fraction = Fraction(1),
) -> Unit:
    """A unit of the catalogue: a new base unit, or a scaled `of`."""
    dimensions = of.dimensions if of else ((id, 1),)
    whole_scale = of.scale * scale if of else scale
    return Unit(id, dimensions, whole_scale, title or short or id, short, forms)


def _shipped() -> Mapping[str, Unit]:
    rouble = build_unit("rouble", "рубль", "руб.", ("рубль", "рубля", "рублей"))
    units = (
        build_unit("person", "человек", "чел.", ("человек", "человека", "человек")),
        build_unit("school", "школа", "", ("школа", "школы", "школ")),
        build_unit("event", "мероприятие", "", ("мероприятие", "мероприятия", "мероприятий")),
        build_unit("class", "класс", "", ("класс", "класса", "классов")),
        build_unit("item", "единица", "ед.", ("единица", "единицы", "единиц")),
        build_unit("place", "место", "", ("место", "места", "мест")),
        rouble,
        build_unit(
            "thousand_rouble", "тысяча рублей", "тыс.\u00a0руб.", of=rouble, scale=Fraction(1000)
        ),
        build_unit(
            "million_rouble", "миллион рублей", "млн\u00a0руб.", of=rouble, scale=Fraction(1000000)
        ),
        build_unit("point", "балл", "", ("балл", "балла", "баллов")),
        build_unit("percent", "процент", "%", ("процент", "процента", "процентов")),
        build_unit(
            "percentage_point",
            "процентный пункт",
            "п.\u00a0п.",
            ("процентный пункт", "процентных пункта", "процентных пунктов"),
        ),
        Unit("ratio", (), title="отношение"),
        build_unit("hour", "час", "ч", ("час", "часа", "часов")),
        build_unit("day", "день", "дн.", ("день", "дня", "дней")),
        build_unit("month", "месяц", "мес.", ("месяц", "месяца", "месяцев")),
        build_unit("year", "год", "", ("год", "года", "лет")),
    )
    return {unit.id: unit for unit in units}


SHIPPED: Mapping[str, Unit] = _shipped()
PERCENT = SHIPPED["percent"]
PERCENTAGE_POINT = SHIPPED["percentage_point"]
RATIO = SHIPPED["ratio"]
POINT = SHIPPED["point"]
SCHOOL = SHIPPED["school"]
PLACE = SHIPPED["place"]

# (short, words beside 1 and 2) of the shipped units in a catalogue whose `language` is en.
_ENGLISH: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "person": ("", ("person", "people")),
    "school": ("", ("school", "schools")),
    "event": ("", ("event", "events")),
    "class": ("", ("class", "classes")),
    "item": ("", ("item", "items")),
    "place": ("", ("place", "places")),
    "rouble": ("RUB", ()),
    "thousand_rouble": ("thousand RUB", ()),
    "million_rouble": ("million RUB", ()),
    "point": ("", ("point", "points")),
    "percent": ("%", ()),
    "percentage_point": ("pp", ()),
    "hour": ("h", ()),
    "day": ("", ("day", "days")),
    "month": ("", ("month", "months")),
    "year": ("", ("year", "years")),
}


# --- algebra -----------------------------------------------------------------------------------


def same_dimensions(a: Unit, b: Unit) -> bool:
    """Whether one converts into the other by a scale alone."""
    return a.dimensions == b.dimensions


def multiply_units(a: Unit, b: Unit) -> Unit:
    """The unit of a product: `rouble/person * person` is `rouble`."""
    return _combine(a, b, 1)


def divide_units(a: Unit, b: Unit) -> Unit:
    """The unit of a quotient; of two of one dimension and scale it is the ratio."""
    return _combine(a, b, -1)


def _combine(a: Unit, b: Unit, sign: int) -> Unit:
    powers = dict(a.dimensions)
    for base, power in b.dimensions:
        powers[base] = powers.get(base, 0) + sign * power
    dimensions = tuple(sorted((base, power) for base, power in powers.items() if power))
    scale = a.scale * b.scale**sign
    for known in (a, b, *SHIPPED.values()):
        if known.dimensions == dimensions and known.scale == scale:
            return known
    name = _spell(dimensions)
    if scale != 1:
        name = f"{scale} {name}".strip()
    return Unit(name, dimensions, scale, name)


def _spell(dimensions: tuple[tuple[str, int], ...]) -> str:
    """`rouble*hour/person/day`, as a methodologist would write it."""
    above = "*".join(base for base, power in dimensions for _ in range(power))
    below = "".join(f"/{base}" for base, power in dimensions for _ in range(-power))
    return (above or "1") + below if below else above


# --- as written in the catalogue ---------------------------------------------------------------


def parse_unit(text: str, own: Mapping[str, Unit]) -> Unit | None:
    """The unit named `text`: of the catalogue (`own`), shipped, or a quotient of such by `/`.

    None where a part is unknown; `unknown_part` says which.
    """
    names = [name.strip() for name in text.split("/")]
    units = [unit for name in names if (unit := _find_unit(name, own))]
    if len(units) < len(names):
        return None
    first, *below = units
    if not below:
        return first
    result = first
    for unit in below:
        result = divide_units(result, unit)
    if not result.dimensions and result.scale == 1:
        return RATIO
    return Unit(
        "/".join(names),
        result.dimensions,
        result.scale,
        " / ".join(unit.title for unit in units),
        "/".join([first.label, *(unit.short or unit.title for unit in below)]),
    )


def unknown_part(text: str, own: Mapping[str, Unit]) -> str:
    """The first part of `text` that is no unit; empty where all are known."""
    names = (name.strip() for name in text.split("/"))
    return next((name for name in names if _find_unit(name, own) is None), "")


def _find_unit(name: str, own: Mapping[str, Unit]) -> Unit | None:
    return own.get(name) or SHIPPED.get(name)


# --- as people write them ----------------------------------------------------------------------

UNIT_WORDS: tuple[tuple[str, str], ...] = (
    (r"%|процент\w*", "percent"),
    (r"п\. ?п\.?|процентн\w+ пункт\w*", "percentage_point"),
    (r"чел\.?|человек|обучающихся|учащихся|детей|педагогов", "person"),
    (r"школ\w*|учреждени\w+|организаци\w+|оо", "school"),
    (r"мероприяти\w+", "event"),
    (r"класс\w*", "class"),
    (r"ед\.?|единиц\w*|шт\.?|штук\w*", "item"),
    (r"тыс\.? ?руб(?:лей|\.)?|тысяч\w* рублей", "thousand_rouble"),
    (r"млн\.? ?руб(?:лей|\.)?|миллион\w* рублей", "million_rouble"),
    (r"руб\.?|рубл(?:ь|я|ей|и)", "rouble"),
    (r"балл\w*\.?", "point"),
    (r"час\w*\.?|ч\.?", "hour"),
    (r"дн\.?|дней|день|дня", "day"),
    (r"мес\.?|месяц\w*", "month"),
)
"""How a unit is written in a table: a pattern of folded words → its id."""
_UNIT = re.compile("|".join(f"(?P<{unit}>{pattern})" for pattern, unit in UNIT_WORDS))
_SCALED = re.compile(
    r"(?:(?P<thousand>тыс\.?|тысяч[аи]?|тысячах)|млн\.?|миллион(?:ов|ах)?)"
    r"(?:(?:(?<=\.) ?| )(?P<of>.+))?"
)


def read_unit(text: str) -> str | None:
    """The id of the unit that a word means; None where it is not known."""
    match = _UNIT.fullmatch(" ".join(text.casefold().split()))
    return match.lastgroup if match else None


def read_measure(text: str) -> Unit | None:
    """The unit that a word means, also thousands and millions of it; None where it is not known.

    Thousands of nothing («тыс.») are a unit without dimensions.
    """
    folded = " ".join(text.casefold().split()).removeprefix("в ").strip(" .,()")
    if (known := _read_inflected(folded)) is not None:
        return known
    match = _SCALED.fullmatch(folded)
    if match is None:
        return None
    scale = Fraction(1000 if match["thousand"] else 1_000_000)
    of = _read_inflected(match["of"]) if match["of"] else RATIO
    return None if of is None else Unit(text.strip(), of.dimensions, of.scale * scale, text.strip())


def _read_inflected(folded: str) -> Unit | None:
    unit = read_unit(folded) or read_unit(f"{folded}.")
    return SHIPPED[unit] if unit else None


def measure_alike(stated: Unit, declared: Unit | None) -> bool:
    """Whether a number in the stated unit may be taken into what has the declared one as it is.

    Whole things counted one by one are alike, whatever they are called: «ед.», «чел.». Without a
    unit anything may be declared but a percentage or a multiple.
    """
    if declared is None:
        return stated.scale == 1 and stated.dimensions != PERCENT.dimensions
    if not stated.dimensions:
        return stated.scale == declared.scale
    counted = _is_counted(stated) and _is_counted(declared)
    return stated.scale == declared.scale and (counted or same_dimensions(stated, declared))


def _is_counted(unit: Unit) -> bool:
    return len(unit.dimensions) == 1 and unit.dimensions[0][0] not in _MEASURED


# --- printing ----------------------------------------------------------------------------------

_ACCUSATIVE = {"а": "у", "я": "ю"}
"""How the last letter of a noun changes after «на»; other nouns stay as they are."""


def format_number(
    value: Number, decimals: int | None = None, language: str = "ru", *, in_cell: bool = False
) -> str:
    """The number as a form prints it: `1 234,5` (no-break space, `−`), in English `1,234.5`.

    `decimals` digits after the mark, half away from zero; None prints those it has, at most 12
    significant ones. Zero never has a sign. `in_cell`: as a cell of a sheet shows it, `-1234,5`.
    """
    number = _round(_exact(value), decimals)
    if in_cell:
        return f"{number:f}" if language == "en" else f"{number:f}".replace(".", ",")
    sign = MINUS if number < 0 else ""
    digits = f"{abs(number):,f}"
    if language == "en":
        return sign + digits
    return sign + digits.replace(",", NO_BREAK_SPACE).replace(".", ",")


def format_quantity(
    value: Number, unit: Unit | None, decimals: int | None = None, language: str = "ru"
) -> str:
    """The number with its unit: `12,5 %`, `37 чел.`, `4 соглашения`; without unit or ratio, bare."""
    number = format_number(value, decimals, language)
    word = unit_word(value, unit, decimals, language) if unit else ""
    if not word:
        return number
    if language == "en" and word == "%":
        return number + word
    return f"{number}{NO_BREAK_SPACE}{word}"


def round_points(points: Number) -> Decimal:
    """Points as they are printed: with at most `POINT_DECIMALS` decimals, half away from zero."""
    return _round(_exact(points), POINT_DECIMALS)


def format_place(place: Number, language: str) -> str:
    """The number of a place in a ranking: `2-е`, in English `2nd`."""
    number = format_number(place, 0, language)
    if language != "en":
        return f"{number}-е"
    last = (
        "th" if number[-2:-1] == "1" else {"1": "st", "2": "nd", "3": "rd"}.get(number[-1:], "th")
    )
    return number + last


def unit_word(value: Number, unit: Unit, decimals: int | None = None, language: str = "ru") -> str:
    """What stands after the number: the short name, else the form that fits; empty for a ratio."""
    if not unit.dimensions:
        return unit.short
    short, forms = _words(unit, language)
    return short or _choose(_round(_exact(value), decimals), forms) or unit.title


def lacking_word(count: Number, unit: Unit, language: str = "ru") -> str:
    """What stands after «не хватает» and a number: 1 школы, 2 школ, 37 чел., 1,5 школы."""
    if language == "en" or unit.short or len(unit.forms) < 3:  # noqa: PLR2004 - Russian cases
        return unit_word(count, unit, None, language)
    exact = _exact(count)
    one_and_more = (unit.forms[1], unit.forms[2], unit.forms[2])
    return unit.forms[1] if exact % 1 else _choose(exact, one_and_more)


def excess_word(count: Number, unit: Unit, language: str = "ru") -> str:
    """What stands after «больше на» and a number, in the accusative: 1 школу, 2 школы, 37 чел."""
    word = unit_word(count, unit, None, language)
    alone = language != "en" and not unit.short and len(unit.forms) >= 3  # noqa: PLR2004 - as above
    ending = _ACCUSATIVE.get(word[-1:]) if alone and word == unit.forms[0] else None
    return word[:-1] + ending if ending else word


def unit_label(unit: Unit | None, language: str = "ru", *, ordinal: bool = False) -> str:
    """What stands in a table's column of units; empty where there is none.

    `ordinal`: the numbers beside it are no counts: 2-е `место`, not `мест`.
    """
    if unit is None:
        return ""
    short, forms = _words(unit, language)
    return short or (forms[0 if ordinal else -1] if forms else unit.title)


def _words(unit: Unit, language: str) -> tuple[str, tuple[str, ...]]:
    """The short name, and the forms beside numbers."""
    if language != "en":
        return unit.short, unit.forms
    if unit.id in _ENGLISH:
        return _ENGLISH[unit.id]
    above, *below = (_ENGLISH.get(part) for part in unit.id.split("/"))
    if above is None or not below or None in below:
        return unit.short, unit.forms
    return "/".join([above[0] or above[1][-1], *(short or forms[0] for short, forms in below)]), ()  # type: ignore[misc]


def choose_form(count: Number, unit: Unit) -> str:
    """The unit's word beside `count`, without the number: 1 школа, 3 школы, 37 школ, 1,5 школы."""
    return _choose(_exact(count), unit.forms) or unit.short or unit.title


def _choose(count: Decimal, forms: tuple[str, ...]) -> str:
    if len(forms) < 3:  # noqa: PLR2004 - one word for all, or English: beside 1, beside others
        return "" if not forms else forms[0] if abs(count) == 1 else forms[-1]
    whole = abs(count)
    if whole != whole.to_integral_value():
        return forms[1]
    tens, ones = int(whole) % 100, int(whole) % 10
    if ones == 1 and tens != 11:  # noqa: PLR2004 - Russian plural rule
        return forms[0]
    if ones in (2, 3, 4) and tens not in (12, 13, 14):
        return forms[1]
    return forms[2]


def subtract_printed(value: float, other: float, decimals: int) -> float:
    """The difference of two printed numbers, as a reader subtracts them: 94 less 93.8 is 0.2."""
    return float(_round(_exact(value) - _exact(other), decimals))


def _exact(value: Number) -> Decimal:
    """The number without binary noise: a whole one as it is, others as 15 significant digits say them."""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) <= _LARGEST_WHOLE
        return Decimal(value) if whole else Decimal(format(value, ".15g"))
    with localcontext(Context(prec=50)):
        return Decimal(value.numerator) / Decimal(value.denominator)


def _round(number: Decimal, decimals: int | None) -> Decimal:
    with localcontext(Context(prec=400, rounding=ROUND_HALF_UP)):
        if decimals is not None:
            rounded = number.quantize(Decimal(1).scaleb(-decimals))
        elif number == number.to_integral_value():
            rounded = number.quantize(Decimal(1))
        else:
            rounded = Context(prec=12, rounding=ROUND_HALF_UP).create_decimal(number).normalize()
        # Minus zero, also one that rounding made, loses its sign.
        return abs(rounded) if rounded == 0 else rounded
