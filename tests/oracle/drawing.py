"""Random formulas, well typed by construction, and random data for what they ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Literal, TypeVar

from hypothesis import strategies as st

from engine.catalogue.build.scales import name_bands
from engine.catalogue.model import Catalogue, Comparator, Indicator, Missing, Scale, Table, Target
from engine.language.grammar import Formula, parse_formula
from engine.problems import Position
from engine.units import PERCENT
from tests.oracle.scales import draw_scale
from tests.oracle.scores import classes_of, draw_score, draw_table
from tests.oracle.world import Odd, Register, Value, World

T = TypeVar("T")

OWN = ("own_d", "own_m", "own_all")
"""What schools give, and levels above each for itself."""
COUNTS = (
    "a",
    "b",
    "z",
    "zz",
    "young",
    "old",
    "x",
    "x.p",
    "x.p.ovz",
    "x.q.ovz",
    "flag.partners",
    "if_few",
    "if_both",
    *OWN,
)
NUMBERS = ("w", "n_mean", "n_min", "n_max", "n_last", "n_none", "limited")
SUMMED = ("a", "b", "z", "w", "x.q", "young", "flag.partners", "if_few")
ABOVE = ("d", "d_none", "m", "m_young", "mflag.firms", "if_city", "own_above", "r")
SUMMED_ABOVE = ("m", "m_young", "mflag.firms")
UNASKED = ("k", "kp", "schools()", "schools_open()")
"""What no place is asked for."""
SCALED = ("a", "w", "form", "flag", "mark", "mflag")
"""Inputs with a scale, or with points of their answers."""
BANDS = ("a.many", "w.low")
LITERALS = ("0", "1", "2", "0.5", "100", "3.7")
SIGNS = ("<", "<=", ">", ">=", "==", "!=")
OVER_SCHOOLS = ("sum", "mean", "median", "min", "max")
LEVELS = (("municipality",), ("school", "municipality"), ("district",))
WHERE = ("rural", "not rural", "kind.lyceum", "has_ten and rural", "size > 1 or kind.plain")
YEARS = (2021, 2022, 2023, 2024)
DISTRICTS = {"d1": "north", "d2": "north", "d3": "south"}
MOVED = {"d2": "south"}
REGION = "land"
KINDS: tuple[Literal["all", "above", "none"], ...] = ("all", "all", "all", "above", "none")
FIRST = ("s1", str(YEARS[0]), "fact")


@dataclass
class Draw:
    """Chooses at random, so that what comes first is the simplest."""

    draw: Callable[[st.SearchStrategy[Any]], Any]

    def one(self, choices: Sequence[T]) -> T:
        """One of some."""
        return choices[self.draw(st.integers(0, len(choices) - 1))]

    def whole(self, least: int, most: int) -> int:
        """A whole number, both ends included."""
        return int(self.draw(st.integers(least, most)))

    def rarely(self, times: int = 4) -> bool:
        """Once in so many times."""
        return self.whole(1, times) == times


@dataclass(frozen=True)
class Reader:
    """Where a part of a formula is read, and how deep it may still go.

    `region`: it is read at the given level, where a yes/no of a municipality has no meaning.
    `of`: whose inputs it may name, those of all levels, those given above the school, or none.
    """

    depth: int
    at_schools: bool = False
    region: bool = False
    of: Literal["all", "above", "none"] = "all"

    @property
    def deeper(self) -> Reader:
        """Its parts."""
        return replace(self, depth=self.depth - 1)


@dataclass
class Formulas:
    """Draws formulas; remembers the indicators that later ones may name."""

    choose: Draw
    numbers: list[str] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    graded: list[str] = field(default_factory=list)
    bands: list[str] = field(default_factory=list)
    scales: dict[str, Scale] = field(default_factory=dict)

    def number(self, reader: Reader) -> str:
        """A formula that gives a number."""
        if reader.depth <= 0 or self.choose.rarely(6):
            return self._plain_number(reader)
        inner = reader.deeper
        makers: tuple[Callable[[Reader], str], ...] = (
            self._sum,
            self._product,
            self._over_schools,
            self._in_set,
            self._call,
            self._in_time,
            self._choice,
            self._coalesce,
            self._at,
            self._beside,
        )
        return self.choose.one(makers)(inner)

    def condition(self, reader: Reader) -> str:  # noqa: PLR0911 - a case for every kind
        """A formula that gives yes or no."""
        if reader.depth <= 0:
            return self._plain_condition(reader)
        inner = reader.deeper
        kind = self.choose.whole(0, 7)
        if kind <= 1:
            return f"{self.number(inner)} {self.choose.one(SIGNS)} {self.number(inner)}"
        if kind == 2:
            signs = self.choose.one(SIGNS), self.choose.one(SIGNS)
            low, middle, high = (self.number(inner) for _ in range(3))
            return f"{low} {signs[0]} {middle} {signs[1]} {high}"
        if kind == 3:
            word = self.choose.one(("and", "or"))
            return f"({self.condition(inner)}) {word} ({self.condition(inner)})"
        if kind == 4:
            return f"not ({self.condition(inner)})"
        if kind == 5:
            parts = [self.condition(inner) for _ in range(3)]
            return f"(({parts[0]}) if ({parts[1]}) else ({parts[2]}))"
        if kind == 6:
            word = self.choose.one(("previous({})", "coalesce({}, {})", "at(municipality, {})"))
            if word.startswith("at"):
                inner = replace(inner, at_schools=False)
            return word.format(*(self.condition(inner) for _ in range(word.count("{}"))))
        return self._plain_condition(reader)

    def _plain_number(self, reader: Reader) -> str:
        kinds: list[Sequence[str]] = [UNASKED, LITERALS]
        if reader.of != "none":
            kinds += [ABOVE, ABOVE] if reader.of == "above" else [ABOVE]
        if reader.of == "all":
            kinds = [COUNTS, COUNTS, NUMBERS, *kinds, ("x.ovz",)]
        if reader.at_schools:
            kinds.append(("size",))
        if self.numbers and not reader.region and reader.of == "all":
            kinds.append(self.numbers)
        if self.graded and not reader.region and reader.of == "all":
            kinds.append([f"points({name})" for name in self.graded])
        if reader.of == "all":
            kinds.append([f"points({name})" for name in SCALED])
        if self.targets:
            kinds.append([f"target({name})" for name in self.targets])
            if not reader.region and reader.of == "all":
                kinds.append([f"degree({name})" for name in self.targets])
        return self.choose.one(self.choose.one(kinds))

    def _plain_condition(self, reader: Reader) -> str:
        kinds: list[Sequence[str]] = []
        if reader.at_schools:
            kinds.append(("has_ten", "rural", "kind.lyceum"))
            if reader.of == "all":
                kinds += [("flag", "mark", "form.day"), ("coalesce(flag, mark)",)]
        if not reader.region and reader.of != "none":
            kinds.append(("mflag",))
            if self.conditions and reader.of == "all":
                kinds.append(self.conditions)
            if reader.of == "all":
                kinds.append((*BANDS, *self.bands))
        inner = replace(reader, depth=0)
        if not kinds or self.choose.rarely(2):
            sign = self.choose.one(SIGNS)
            return f"{self._plain_number(inner)} {sign} {self._plain_number(inner)}"
        return self.choose.one(self.choose.one(kinds))

    def _sum(self, inner: Reader) -> str:
        return f"({self.number(inner)} {self.choose.one('+-')} {self.number(inner)})"

    def _product(self, inner: Reader) -> str:
        if self.choose.rarely(4):
            return f"-({self.number(inner)})"
        return f"({self.number(inner)} {self.choose.one('*/')} {self.number(inner)})"

    def _over_schools(self, inner: Reader) -> str:
        inner = replace(inner, at_schools=True)
        if self.choose.rarely(3):
            return self._over_members("school", inner)
        kind = self.choose.whole(0, 4)
        if kind == 0:
            return f"schools_with({self.condition(inner)})"
        if kind == 1:
            return f"share_of_schools({self.condition(inner)})"
        if kind == 2:
            return f"weighted_mean_of_schools({self.number(inner)}, {self.number(inner)})"
        return f"{self.choose.one(OVER_SCHOOLS)}_of_schools({self.number(inner)})"

    def _in_set(self, inner: Reader) -> str:
        """Places above the school, or the place among them."""
        if self.numbers and inner.of == "all" and not inner.region and self.choose.rarely(3):
            level = self.choose.one(("municipality", "region", "district"))
            return f"rank({self.choose.one(self.numbers)}, {level})"
        level = self.choose.one(("municipality", "district", "region"))
        inner = replace(inner, at_schools=False, region=level == "region")
        return self._over_members(level, inner)

    def _over_members(self, level: str, inner: Reader) -> str:
        kind = self.choose.whole(0, 5)
        if kind == 0:
            word = self.choose.one(("count", "share"))
            return f"{word}_of({level}, {self.condition(inner)})"
        if kind == 1:
            return f"weighted_mean_of({level}, {self.number(inner)}, {self.number(inner)})"
        if kind == 2:
            percent = self.choose.one(("90", "0", "25", "100", "33.3"))
            return f"percentile_of({level}, {self.number(inner)}, {percent})"
        return f"{self.choose.one(OVER_SCHOOLS)}_of({level}, {self.number(inner)})"

    def _call(self, inner: Reader) -> str:
        forms = ("share({}, {})", "min({}, {})", "max({}, {}, {})", "abs({})", "round({})")
        if self.choose.rarely(4):
            return f"only({self.number(inner)}, {self.condition(inner)})"
        form = self.choose.one((*forms, "round({}, 1)", "clamp({}, {}, {})"))
        return form.format(*(self.number(inner) for _ in range(form.count("{}"))))

    def _in_time(self, inner: Reader) -> str:
        return f"{self.choose.one(('previous', 'change', 'growth'))}({self.number(inner)})"

    def _choice(self, inner: Reader) -> str:
        condition, yes, no = self.condition(inner), self.number(inner), self.number(inner)
        return f"({yes} if ({condition}) else {no})"

    def _coalesce(self, inner: Reader) -> str:
        if self.choose.rarely(2):
            return f"coalesce({self.number(inner)}, {self.number(inner)})"
        return self._bare_coalesce(inner, 2)

    def _bare_coalesce(self, inner: Reader, depth: int) -> str:
        """Of inputs, numbers and such ones, which may be of numbers alone."""
        names = {"all": SUMMED, "above": SUMMED_ABOVE, "none": ("3", "0.5")}[inner.of]
        found = [
            self._bare_coalesce(inner, depth - 1)
            if depth and self.choose.rarely(4)
            else self.choose.one((*names, "0", "-1"))
            for _ in range(self.choose.whole(2, 3))
        ]
        return f"coalesce({', '.join(found)})"

    def _beside(self, inner: Reader) -> str:
        """A sum beside what may not apply because one of its own sides does not."""
        names = {"all": COUNTS, "above": ABOVE, "none": UNASKED}[inner.of]
        one, two, three, four = (self.choose.one(names) for _ in range(4))
        forms = (
            *("max({}, {})", "min({}, {})", "{} * {}", "{} / {}", "share({}, {})"),
            *("growth({})", "({} if {} > {} else 0)", "abs({} - {})"),
        )
        return f"({self.number(inner)} - {self.choose.one(forms).format(two, three, four)} + {one})"

    def _at(self, inner: Reader) -> str:
        level = self.choose.one(("municipality", "district", "school", "region"))
        inner = replace(inner, at_schools=False, region=inner.region or level == "region")
        return f"at({level}, {self.number(inner)})"


def parse(text: str) -> Formula:
    """A formula of this module, which always parses."""
    formula, problems = parse_formula(text, Position("formula"))
    if formula is None:
        raise ValueError(f"{text}: {problems}")
    return formula


def draw_catalogue(choose: Draw, sample: Catalogue, many: int, depth: int) -> Catalogue:
    """The sample catalogue with random indicators in place of its own."""
    formulas = Formulas(choose)
    indicators: dict[str, Indicator] = {}
    tables: dict[str, Table] = {}
    for number in range(many):
        name = f"i{number}"
        yes_no = choose.rarely(5)
        make = formulas.condition if yes_no else formulas.number
        of = choose.one(KINDS)
        texts = [make(Reader(choose.whole(1, depth), of=of))]
        table = None
        if choose.rarely(8):
            table = _draw_lookup(choose, sample, formulas, name)
        if table is not None:
            tables[name], yes_no = table[0], False
            texts = [table[1]]
        elif not yes_no and choose.rarely(8):
            texts = [f"change({formulas.number(Reader(0))})"]
        years: list[int | None] = [None]
        if choose.rarely(6) and table is None:
            texts.append(make(Reader(1)))
            years = [choose.one((2021, 2022, 2023)), 2024]
        missing: Missing = choose.one(("skip", "skip", "zero", "block"))
        parsed = [parse(text) for text in texts]
        if not yes_no and table is None and choose.rarely(5):
            parsed[0] = draw_score(
                choose,
                lambda: formulas.number(Reader(choose.whole(0, 1))),
                parse,
                (*SCALED, *formulas.graded),
            )
        targets: dict[int, Target] = {}
        base: dict[int, Target] = {}
        if not yes_no and table is None and choose.rarely(3):
            base = _draw_base(choose)
            targets = _draw_targets(choose, formulas, base)
            formulas.targets.append(name)
        indicators[name] = Indicator(
            id=name,
            title=name,
            type="class" if table else "yes_no" if yes_no else "number",
            unit=None if yes_no or table else PERCENT,
            formulas=tuple(zip(years, parsed, strict=True)),
            decimals=choose.whole(1 if targets or base else 0, 3),
            missing=missing,
            targets=targets,
            target_levels=choose.one(TARGET_LEVELS),
            base=base,
            breaks=(choose.one((2022, 2023, 2024)),) if choose.rarely(6) else (),
            better="less" if choose.rarely(3) else "more",
            levels=choose.one(LEVELS) if choose.rarely(8) else (),
            since=2023 if choose.rarely(12) else None,
            until=2023 if choose.rarely(12) else None,
            where=_draw_where(choose),
            scale=tables[name].cells
            if table
            else None
            if yes_no
            else _draw_scale(choose, formulas, name),
        )
        if table is None:
            (formulas.conditions if yes_no else formulas.numbers).append(name)
        scale = indicators[name].scale
        if scale is not None:
            formulas.graded.append(name)
            formulas.scales[name] = scale
            formulas.bands += [f"{name}.{class_}" for class_ in scale.class_ids]
    for number in range(choose.whole(0, 2)):
        indicators |= draw_same_schools(choose, f"s{number}")
    return fill_catalogue(sample, indicators, tables)


def fill_catalogue(
    sample: Catalogue, indicators: Mapping[str, Indicator], tables: Mapping[str, Table]
) -> Catalogue:
    """The sample catalogue with these indicators in place of its own."""
    bands = name_bands({name: indicator.scale for name, indicator in indicators.items()})
    symbols = {name: s for name, s in sample.symbols.items() if not isinstance(s, Indicator)}
    return replace(
        sample,
        indicators=indicators,
        symbols={**symbols, **bands, **indicators},
        checks={},
        examples=(),
        tables=tables,
    )


def _draw_lookup(
    choose: Draw, sample: Catalogue, formulas: Formulas, name: str
) -> tuple[Table, str] | None:
    """A table over the classes of two things, and the formula that looks in it."""
    names = [
        "form",
        "a",
        "w",
        *(each for each, scale in formulas.scales.items() if scale.class_ids),
    ]
    row, column = choose.one(names), choose.one(names)
    down, across = (classes_of(sample, formulas.scales, each) for each in (row, column))
    return draw_table(choose, name, down, across), f"lookup({name}, {row}, {column})"


OVER_INPUTS = (
    *("share({}, {})", "{} + {}", "{} / {}", "{} - max({}, {})", "coalesce({}, {}) * k"),
    *("mean_of_schools({} / {})", "sum_of_schools({} * size)", "median_of_schools({})"),
    *("weighted_mean_of_schools({}, {})", "share_of_schools({} > {})", "schools_with(flag)"),
    *("({} if {} > {} else 0)", "schools_with(kind.lyceum and {} > 1)", "schools() + 0 * {}"),
    *("coalesce({} / {}, {})", "{} + coalesce({} / {}, k)", "coalesce(share({}, {}), {}, kp)"),
    *("coalesce({} if {} > 1 else {}, 0) / {}", "coalesce({} - {}, 2) / schools()"),
    *("mean_of_schools(coalesce({} / {}, {}))", "coalesce(mean_of_schools({} * size), {} - k)"),
    *("sum_of_schools(coalesce({}, k)) + mean_of_schools(size)", "coalesce({}, coalesce({}, -1))"),
    *("share_of(school, coalesce({} > 1, flag))", "schools_with(coalesce(flag, mark)) - {}"),
    *("coalesce(only({}, {} > {}), {} + 0)", "only({}, coalesce({} / 2, {}) > 1)"),
    *("percentile_of(school, {}, 50) + coalesce({} + 0, 1)", "max({}, coalesce(-{}, {}))"),
    *("schools_with(form.day) + 0 * {}", "coalesce(coalesce({} / {}, {}) * 2, {}, schools())"),
)


OVER_CHANGES = (
    *(
        "{} + {}",
        "coalesce({} / 2, {})",
        "mean_of_schools({} + 0 * {})",
        "at(municipality, {}) - {}",
    ),
    *("previous({} - {})", "sum_of(district, {}) / {}", "only({}, {} > 1)", "change({})"),
)


def draw_same_schools(choose: Draw, name: str) -> dict[str, Indicator]:
    """A change over the same schools, and the indicator it is of where it is of one."""
    inputs = (*(name for name in COUNTS if name not in OWN), *NUMBERS, "x.ovz")
    change = Indicator(
        id=name,
        title=name,
        type="number",
        unit=PERCENT,
        formulas=(),
        decimals=choose.whole(0, 3),
        missing=choose.one(("skip", "zero", "block")),
        target_levels=("municipality",),
        same_schools=True,
        since=2023 if choose.rarely(12) else None,
    )
    made: dict[str, Indicator] = {}
    compared = choose.one(inputs)
    if not choose.rarely(3):
        compared = f"{name}_of"

        def draw_text() -> str:
            form = choose.one(OVER_INPUTS)
            return form.format(*(choose.one(inputs) for _ in range(form.count("{}"))))

        compared_formulas = [parse(draw_text()) for _version in range(2)]
        if choose.rarely(6):
            compared_formulas[0] = draw_score(choose, draw_text, parse, ())
        years = ((choose.one((2021, 2022, 2023)), 2024),) if choose.rarely(6) else ((None,),)
        made[compared] = replace(
            change,
            id=compared,
            formulas=tuple(zip(years[0], compared_formulas, strict=False)),
            same_schools=False,
            where=_draw_where(choose),
            since=2022 if choose.rarely(12) else None,
            until=2023 if choose.rarely(12) else None,
        )
    function = choose.one(("previous", "change", "growth"))
    formulas = ((None, parse(f"{function}({compared})")),)
    made[name] = replace(change, formulas=formulas, where=_draw_where(choose))
    if choose.rarely(3):
        text = choose.one(OVER_CHANGES).format(name, choose.one(inputs))
        made[f"{name}_in"] = replace(
            change,
            id=f"{name}_in",
            formulas=((None, parse(text)),),
            same_schools=False,
            where=_draw_where(choose),
        )
    return made


def _draw_where(choose: Draw) -> tuple[Formula, ...]:
    return (parse(choose.one(WHERE)),) if choose.rarely(3) else ()


TARGET_LEVELS = (
    *(("municipality",), ("municipality",), ("school",)),
    *(("district", "municipality"), ("school", "municipality")),
)
COMPARED: tuple[Comparator, ...] = ("at_least", "at_most", "exactly", "between", "none")


def _draw_base(choose: Draw) -> dict[int, Target]:
    """None mostly; a number of the year before all others, or a constant of places."""
    if not choose.rarely(3):
        return {}
    if choose.rarely(2):
        return {2021: Target(2021, "none", Fraction(choose.whole(0, 9), 2))}
    return {2022: Target(2022, "none", None, formula=parse("kp"))}


def _draw_targets(choose: Draw, formulas: Formulas, base: dict[int, Target]) -> dict[int, Target]:
    """Targets of some years: numbers, formulas, increases, and what the data give."""
    targets: dict[int, Target] = {}
    for year in (2022, 2023, 2024):
        if not choose.rarely(2):
            continue
        kind = choose.one(("number", "number", "formula", "increase", "given"))
        comparator = choose.one(COMPARED)
        ends: list[Any] = [Fraction(choose.whole(-1, 9)), Fraction(choose.whole(9, 20))]
        if kind == "formula":
            ends = [parse(_draw_target(choose, formulas)) for _ in range(2)]
        if kind in {"number", "formula"}:
            second = ends[1] if comparator == "between" else None
            value, value_to = ends[0], second
            targets[year] = (
                Target(year, comparator, None, formula=value, formula_to=value_to)
                if kind == "formula"
                else Target(year, comparator, value, value_to)
            )
            continue
        comparator = "at_most" if comparator == "between" else comparator
        earlier = [
            other
            for other in (*base.values(), *targets.values())
            if other.year < year and other.comparator != "between"
        ]
        if kind == "given":
            targets[year] = Target(year, comparator, None, given=True)
        elif earlier:
            before = max(earlier, key=lambda other: other.year)
            step = Fraction(choose.whole(-2, 5), 2)
            value = None if before.value is None else before.value + step
            targets[year] = Target(year, comparator, value, increase=step, since=before.year)
    return targets


def _draw_target(choose: Draw, formulas: Formulas) -> str:
    """A formula of a target."""
    forms = ["k", "kp", "a", "previous(value)", "0.9 * previous(value)", "previous(value) + m"]
    forms += [f"target({name})" for name in formulas.targets]
    return choose.one([*forms, *formulas.numbers])


def _draw_scale(choose: Draw, formulas: Formulas, name: str) -> Scale | None:
    if not choose.rarely(3):
        return None
    return draw_scale(choose, name, formulas.numbers, parse)


@dataclass
class Drawn:
    """A random world, and the tables from which the engine reads the same."""

    world: World
    schools: list[dict[str, str]]
    facts: dict[str, list[dict[str, str]]]
    targets: list[dict[str, str]] = field(default_factory=list)


def draw_data(choose: Draw, catalogue: Catalogue, asked: Sequence[str]) -> Drawn:
    """Two to five schools with all that befalls them, and cells of the inputs that are asked."""
    world = World()
    moved = choose.rarely(4)
    register = [
        row
        for n in range(choose.whole(2, 5))
        for row in _draw_school(choose, world, n, moved=moved)
    ]
    # Nobody plans in some worlds, and in some they answer so seldom that all kinds of gaps meet.
    planned, sparse = choose.whole(0, 4), choose.rarely(3)
    places = {
        "school": sorted({row["school"] for row in register}),
        "district": sorted(DISTRICTS),
        "municipality": sorted(set(DISTRICTS.values())),
        "region": [REGION],
    }
    facts: dict[str, list[dict[str, str]]] = {level: [] for level in places}
    for level, names in places.items():
        inputs = [name for name in asked if catalogue.inputs[name].level == level]
        for place in names if inputs else ():
            for year in YEARS:
                for scenario in ("fact", "forecast"):
                    if scenario == "forecast" and not (planned and choose.rarely(planned)):
                        continue
                    # A fact would open a place above that has no school: such ones are not drawn.
                    if level != "school" and not world.schools(level, place, year):
                        continue
                    row = {level: place, "year": str(year), "scenario": scenario}
                    for name in inputs:
                        text, value = _draw_cell(choose, catalogue.inputs[name].type, sparse=sparse)
                        row[name.removesuffix(f".{level}")] = text
                        limits = catalogue.inputs[name].limits
                        if limits and isinstance(value, Fraction):
                            low, high = limits
                            value = value if low <= value <= high else Odd.NOT_READABLE
                        if value is not None:
                            world.cells[level, place, year, scenario, name] = value
                    if any(row[name.removesuffix(f".{level}")] for name in inputs):
                        facts[level].append(row)
    _add_first_year(world, facts["school"])
    return Drawn(world, register, facts, _draw_given(choose, catalogue, world))


def _draw_given(choose: Draw, catalogue: Catalogue, world: World) -> list[dict[str, str]]:
    """The targets that the data give, to some places."""
    rows = []
    for indicator in catalogue.indicators.values():
        for year, target in indicator.targets.items():
            for level in indicator.target_levels if target.given else ():
                for place in world.places_of(level, year):
                    if choose.rarely(3):
                        continue
                    word = choose.one(("", "", "at_least", "at_most", "exactly", "none"))
                    number = choose.whole(-1, 12)
                    keys = {"indicator": indicator.id, "level": level, "place": place}
                    keys |= {"year": str(year), "comparator": word, "value": str(number)}
                    rows.append(keys)
                    told = (word or target.comparator, Fraction(number))
                    world.targets[indicator.id, level, place, year] = told
    return rows


def _add_first_year(world: World, rows: list[dict[str, str]]) -> None:
    """One fact of the first year, so that the data hold all years whatever was drawn."""
    row: dict[str, str] = next(
        (row for row in rows if (row["school"], row["year"], row["scenario"]) == FIRST), {}
    )
    if not row:
        row = dict(zip(("school", "year", "scenario"), FIRST, strict=True))
        rows.append(row)
    row["a"] = "1"
    world.cells["school", "s1", YEARS[0], "fact", "a"] = Fraction(1)


def _draw_school(choose: Draw, world: World, number: int, *, moved: bool) -> list[dict[str, str]]:
    """The rows of a school; `moved`: a district lies in another town since 2023."""
    school = f"s{number + 1}"
    opened = choose.one((None, None, None, 2022, 2023)) if number else None
    closed = choose.one((None, None, None, 2023, 2024)) if number else None
    # Any other school: whether it is open then, and whether it leads in a circle, is as it comes.
    successor = f"s{choose.whole(1, 5)}" if closed and not choose.rarely(3) else ""
    if successor:
        world.successors[school] = successor
    rows = []
    for year in (None, 2023) if moved or choose.rarely(4) else (None,):
        district = choose.one(sorted(DISTRICTS))
        towns = {**DISTRICTS, **MOVED} if moved and year else DISTRICTS
        columns: dict[str, Register] = {
            "has_ten": choose.one((True, True, False, None)),
            "rural": choose.one((True, False, None)),
            "kind": choose.one(("lyceum", "plain", None)),
            "size": choose.one((Fraction(1), Fraction(5, 2), Fraction(0), None)),
        }
        above = {
            "school": school,
            "district": district,
            "municipality": towns[district],
            "region": REGION,
        }
        rows.append(
            {
                **above,
                "opened": str(opened or ""),
                "closed": str(closed or ""),
                "successor": successor,
                "year": str(year or ""),
                **{name: _write(value) for name, value in columns.items()},
            }
        )
        for when in YEARS:
            if max(opened or 0, year or 0) <= when < (closed or 9999):
                world.places[school, when] = above
                world.columns[school, when] = columns
    return rows


def _draw_cell(choose: Draw, kind: str, *, sparse: bool) -> tuple[str, Value | Odd | None]:
    numbers: dict[str, Sequence[Value]] = {
        "count": [Fraction(n) for n in (1, 0, 2, 3, 5, 8, 13)],
        "number": [Fraction(text) for text in ("1", "0", "2.5", "0.1", "0.3", "-1.25", "7.77")],
        "yes_no": [True, False, True],
        "choice": ["day", "evening"],
    }
    known = numbers[kind][: 2 if sparse else None]
    value = choose.one([*known, None, None, Odd.NOT_APPLICABLE, Odd.NOT_READABLE])
    return _write(value), value


def _write(value: Value | Odd | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "да" if value else "нет"
    if isinstance(value, Odd):
        return "н/п" if value is Odd.NOT_APPLICABLE else "??"
    return value if isinstance(value, str) else f"{float(value):g}".replace(".", ",")
