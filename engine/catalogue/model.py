"""The catalogue as the engine sees it: frozen, with names resolved and formulas compiled.

Past this module there is no dict of settings and no formula as text. The modules of `build` make
these objects from plain data, those of `rules` check what they mean; everything later only reads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Literal

from engine.language.grammar import Formula, Weighing
from engine.problems import Position, Runs
from engine.units import Unit

Ranking = Literal["forbidden", "allowed"]
Shown = Literal["hidden", "shown"]
InputKind = Literal["count", "number", "yes_no", "choice", "text", "date", "link"]
RollupWord = Literal["sum", "mean", "min", "max", "last", "none", "schools", "texts"]
Comparator = Literal["at_least", "at_most", "exactly", "between", "yes", "none"]
Missing = Literal["skip", "zero", "block"]
Better = Literal["more", "less", "neither"]
Period = Literal["calendar_year", "academic_year"]
CheckSeverity = Literal["error", "warning"]
Scenario = Literal["fact", "forecast"]
SCENARIOS: tuple[Scenario, ...] = ("fact", "forecast")
NUMERIC: tuple[InputKind, ...] = ("count", "number")
TEXTUAL: tuple[InputKind, ...] = ("choice", "text", "date", "link")
USUAL_PRIORITY = 5
"""Of 1 (printed first) to 9: the priority of a recommendation that names none."""
USUAL_THRESHOLD = 5
"""`suppress_below` where the catalogue is silent."""
PEOPLE = ("person",)
"""Units that count people where the catalogue does not say more."""
LARGEST_SHIFT = 99
"""A year of a form up to this is counted from the form's own year; a larger one is of the calendar."""
FIGURES = (
    *("value", "target", "shortfall", "previous", "change"),
    *("reported", "expected", "missing"),
)
"""Words of a text that stand for numbers of what it is about, at its place and in its year.

Of an indicator: as printed; its target (below the level of the target, that of a percent for
reference); how many are lacking or too many; the value a year before, and the difference. Of coverage: how many
schools reported, were expected, did not report.
"""
WORDS = ("year", "place", "place_title", "title")
"""Other words of a text: the year, the id and title of the place, the title of the indicator."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where in the order a thing stands."""

    title: str = ""
    number: str = ""
    date: str = ""
    clause: str = ""
    url: str = ""


LONGEST_SHORT = 60
"""Letters of a short title."""


def shorten_title(title: str, longest: int = LONGEST_SHORT) -> str:
    """A title of at most so many letters; a longer one is cut at a word, with an ellipsis.

    A quote that is cut is closed.
    """
    if len(title) <= longest:
        return title
    beginning = title[:longest]
    words, _space, _rest = beginning.rpartition(" ")
    cut = (words.rstrip(" ,;:.–—-(«„") or beginning[:-1]) + "…"
    for opened, closed in ("„“", "«»"):
        cut += closed * (cut.count(opened) - cut.count(closed))
    return cut if len(cut) <= longest else shorten_title(title, longest - 1)


class Titled:
    """What has a title as the order prints it and, where the catalogue gives one, a short one.

    `short` is as written, empty where nothing is; what is printed is `short_title`.
    """

    __slots__ = ()
    title: str
    short: str

    @property
    def short_title(self) -> str:
        """What stands for it in headings, tables, messages: its short title, or its title cut."""
        return self.short or shorten_title(self.title)


@dataclass(frozen=True, slots=True)
class Group(Titled):
    """A section of the order: its printed code is its id."""

    id: str
    title: str
    note: str = ""
    short: str = ""
    position: Position | None = None
    positions: Mapping[str, Position] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """What is printed before the short title: the code of the order, unless the title has it.

        Ids made up for the file are no codes.
        """
        return "" if self._is_coded(self.short_title) else self.id

    @property
    def heading(self) -> str:
        """What stands over its indicators: the short title after the code, as `3.3. Title`."""
        return self._add_code(self.short_title)

    @property
    def full_heading(self) -> str:
        """The same with the full title."""
        return self._add_code(self.title)

    def _add_code(self, title: str) -> str:
        return title if self._is_coded(title) else f"{self.id.removesuffix('.')}. {title}"

    def _is_coded(self, title: str) -> bool:
        code = re.escape(self.id.removesuffix("."))
        return not self.id[:1].isdigit() or bool(re.match(rf"{code}(?!\.?\d)\W", title))


REGISTER_COLUMNS = ("title", "opened", "closed", "year", "successor")
"""What schools.csv may say of every school, beside its levels and the columns of `register`."""


@dataclass(frozen=True, slots=True)
class RegisterColumn:
    """A column of schools.csv that formulas and `applies_to` may name."""

    id: str
    title: str
    type: Literal["yes_no", "choice", "number"]
    options: Mapping[str, str] = field(default_factory=dict)
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Constant:
    """A number of the order itself, by year; with a `level` by place and year."""

    id: str
    title: str
    unit: Unit | None
    values: Mapping[int, Fraction]
    level: str | None = None
    values_by_place: Mapping[str, Mapping[int, Fraction]] = field(default_factory=dict)
    position: Position | None = None


# --- scales: the class and the points of a value --------------------------------------------------


EndWord = Literal["at_least", "at_most", "exactly", "above", "below"]
END_SIGNS: Mapping[EndWord, str] = {
    "at_least": ">=",
    "at_most": "<=",
    "exactly": "==",
    "above": ">",
    "below": "<",
}
Amount = Fraction | Formula
"""A number as written, or a formula of it; in both `value` is the thing that is scaled."""


@dataclass(frozen=True, slots=True)
class ClassEnd:
    """One end of a class: what its word and its amount let in. `between` is two of them."""

    word: EndWord
    amount: Amount
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class ScaleClass(Titled):
    """A class of a scale: a value is in it where all its ends let the value in.

    `otherwise` takes what no class before it takes. Without `points` it has none.
    """

    id: str
    title: str
    ends: tuple[ClassEnd, ...] = ()
    otherwise: bool = False
    points: Fraction | None = None
    colour: str = ""
    short: str = ""
    position: Position | None = None
    positions: Mapping[str, Position] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Knot:
    """A pair of a `linear` scale: at this value these points."""

    value: Amount
    points: Amount
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class ScaleVersion:
    """A scale from one year (`since`; None: always) to the next version: classes, or a line."""

    since: int | None
    classes: Mapping[str, ScaleClass] = field(default_factory=dict)
    line: tuple[Knot, ...] = ()
    position: Position | None = None

    @property
    def has_points(self) -> bool:
        """Whether anything of it has points; classes alone may have none."""
        return bool(self.line) or any(each.points is not None for each in self.classes.values())

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """The formulas among its amounts, in order."""
        ends = (end.amount for each in self.classes.values() for end in each.ends)
        knots = (amount for knot in self.line for amount in (knot.value, knot.points))
        return tuple(each for each in (*ends, *knots) if isinstance(each, Formula))


@dataclass(frozen=True, slots=True)
class Scale(Titled):
    """What gives a value a class and points; its `versions` are by rising year.

    `decimals`: to how many a value is rounded before it is classed; None is as the value prints (of
    a line: not at all). `owner`: the thing it is written in, empty where it stands in `scales`.
    """

    id: str
    title: str
    unit: Unit | None = None
    decimals: int | None = None
    versions: tuple[ScaleVersion, ...] = ()
    owner: str = ""
    short: str = ""
    position: Position | None = None
    positions: Mapping[str, Position] = field(default_factory=dict)

    @property
    def has_points(self) -> bool:
        """Whether any version gives points."""
        return any(version.has_points for version in self.versions)

    @property
    def class_ids(self) -> tuple[str, ...]:
        """The classes of all versions in the scale's order, the latest version leading."""
        return tuple(
            dict.fromkeys(name for each in reversed(self.versions) for name in each.classes)
        )

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """The formulas of all versions."""
        return tuple(formula for version in self.versions for formula in version.formulas)

    @property
    def classes(self) -> Mapping[str, ScaleClass]:
        """The classes by `class_ids`, each as the latest version that has it says."""
        latest = {name: each for version in self.versions for name, each in version.classes.items()}
        return {name: latest[name] for name in self.class_ids}

    def version(self, year: int) -> ScaleVersion | None:
        """The version that holds in a year; None before the first."""
        held = [each for each in self.versions if each.since is None or each.since <= year]
        return held[-1] if held else None


# --- scores and tables ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Score:
    """How an indicator is made of members with weights; what is computed stands in its formula.

    `moves`: of a member, to which one its weight goes, as written. `declared`: the maximum that the order
    names.
    """

    weighing: Weighing
    members: tuple[Formula, ...]
    weights: tuple[Formula, ...]
    moves: tuple[tuple[Formula, Formula], ...] = ()
    declared: Fraction | None = None
    position: Position | None = None
    positions: Mapping[str, Position] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TableVersion:
    """A table from one year (`since`; None: always) on: row → column → class; None is "no cell".

    `places`: where each cell, or row, stands.
    """

    since: int | None
    cells: Mapping[str, Mapping[str, str | None]]
    position: Position | None = None
    places: Mapping[tuple[str, ...], Position] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Table(Titled):
    """Two classes → a class. `down` and `across` name scales or choices; `cells` is the scale it gives."""

    id: str
    title: str
    down: str
    across: str
    cells: Scale | None
    versions: tuple[TableVersion, ...] = ()
    short: str = ""
    position: Position | None = None
    positions: Mapping[str, Position] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Band(Titled):
    """`x.high`: whether the value of x is in this class of its scale, which gives the title."""

    id: str
    owner: str
    class_id: str
    title: str
    short: str = ""


@dataclass(frozen=True, slots=True)
class Input(Titled):
    """One cell that is asked: a count, a number, yes/no, a choice or a text.

    `id` is dotted for a part (`students_8_9.ovz`). A part inherits from its whole what it does
    not say itself; `applies_to` holds the conditions of the whole and its own, all of which must
    hold. `asked_when` is the yes/no input under whose `when_yes` this one stands. `points` and
    `colours` are those of the options of a choice, or of "yes" and "no"; with `mean_points` the
    points above its level are the mean of those at it. One that several levels give, each its own, is
    an input for each of them: `given_at` has their ids by level, upwards, at all of them, and
    `lower` is the id of that of the level below. `asked_if` holds the conditions over inputs of its
    own place, of the whole and its own, under which it is asked. `limits`: the lowest and the
    highest number that its cell may hold. `position` is that of the id, `positions` those of the
    values of its keys, here and below.
    """

    id: str
    title: str
    type: InputKind
    unit: Unit | None
    level: str
    rollup: RollupWord
    whole: str | None = None
    parts: tuple[str, ...] = ()
    parts_are: Literal["partition", "subset", "overlap"] = "subset"
    within: str | None = None
    asked_when: str | None = None
    when_yes: tuple[str, ...] = ()
    applies_to: tuple[Formula, ...] = ()
    since: int | None = None
    until: int | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    required: bool = False
    note: str = ""
    added: str = ""
    asked_for: Literal["this", "previous"] = "this"
    severity: CheckSeverity = "error"
    confidential: bool = False
    short: str = ""
    position: Position | None = None
    positions: Mapping[str, Position] = field(default_factory=dict)
    scale: Scale | None = None
    points: Mapping[str, Fraction] = field(default_factory=dict)
    colours: Mapping[str, str] = field(default_factory=dict)
    mean_points: bool = False
    given_at: Mapping[str, str] = field(default_factory=dict)
    lower: str | None = None
    concept: str = ""
    asked_if: tuple[Formula, ...] = ()
    limits: tuple[Fraction, Fraction] | None = None


@dataclass(frozen=True, slots=True)
class PartSum:
    """`x.ovz` where x is a partition whose every part has `ovz`: the sum of those cells."""

    id: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """`type.lyceum`: whether a choice (an input or a column of the register) is this option."""

    id: str
    owner: str
    option: str


@dataclass(frozen=True, slots=True)
class Target:
    """What the order wants of one year. `value` is None where the order left it unset.

    `value_to` is the upper end of `between`; a yes/no target has comparator `yes` and value 1.
    `decimals`: with how many the order writes it (1.0 has 1). `year_position`: where the year is.
    An end that is a formula stands in `formula` or `formula_to`, and is no `value`; in it `value`
    is the indicator. `increase`: the number of `since`, an earlier year, plus so much; where that
    number is known beforehand the sum is `value` too. `given`: it comes with the data, by place.
    """

    year: int
    comparator: Comparator
    value: Fraction | None
    value_to: Fraction | None = None
    decimals: int = 0
    position: Position | None = None
    year_position: Position | None = None
    formula: Formula | None = None
    formula_to: Formula | None = None
    increase: Fraction | None = None
    since: int | None = None
    given: bool = False

    @property
    def is_set(self) -> bool:
        """Whether the order wants anything of its year."""
        return self.value is not None or self.is_computed

    @property
    def is_computed(self) -> bool:
        """Whether it is known only beside data, at each place."""
        return self.given or bool(self.formulas) or (self.value is None and self.since is not None)

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """The formulas of its ends."""
        return tuple(each for each in (self.formula, self.formula_to) if each is not None)


@dataclass(frozen=True, slots=True)
class Indicator(Titled):
    """A formula over columns of counts, with a unit and a target for each year.

    `formulas` are (first year, formula) by rising year, the year None where it holds always.
    An indicator without a formula of its own has `input` set to the id of the input it is, and a
    formula that names it. `type`: "number", "yes_no" (no unit), "text" or "class" (its formula gives a
    class of `scale`).
    `part` is the part of `by:` it was made for (then `id` is `whole.part`). Without any formula
    (`formula: "?"` in the file) it has no value: the formula is still to be written. `levels`: the only
    ones it has rows at; empty is all. `same_schools`: both years of its change are taken over the
    schools that enter it in each of them.
    `base`: what the order counts its targets from, by year: no target. `expected`: the target cell as
    printed. `breaks`: years that are not comparable with the years before them. `where`: conditions
    over the register that a school must all meet to count; of a part made for an option of the
    register `column`, that of the option stands among them. `distribution`: what it is a class of,
    where it is the share of the schools in one class.
    """

    id: str
    title: str
    type: Literal["number", "yes_no", "text", "class"]
    unit: Unit | None
    formulas: tuple[tuple[int | None, Formula], ...]
    decimals: int
    code: str = ""
    group: str = ""
    input: str | None = None
    part: str | None = None
    better: Better = "neither"
    missing: Missing = "skip"
    targets: Mapping[int, Target] = field(default_factory=dict)
    target_levels: tuple[str, ...] = ()
    interpretation: str = ""
    source: Source = Source()
    concept: str = ""
    period: Period = "calendar_year"
    since: int | None = None
    until: int | None = None
    event: str | None = None
    short: str = ""
    position: Position | None = None
    positions: Mapping[str, Position] = field(default_factory=dict)
    scale: Scale | None = None
    levels: tuple[str, ...] = ()
    same_schools: bool = False
    base: Mapping[int, Target] = field(default_factory=dict)
    expected: str = ""
    breaks: tuple[int, ...] = ()
    where: tuple[Formula, ...] = ()
    column: str = ""
    score: Score | None = None
    distribution: str = ""

    @property
    def unwritten(self) -> bool:
        """Whether its formula is still to be written."""
        return not self.formulas


@dataclass(frozen=True, slots=True)
class Event(Titled):
    """A measure of the plan; its `results` are ids of indicators."""

    id: str
    title: str
    code: str = ""
    section: str = ""
    when: str = ""
    responsible: str = ""
    period: Period = "calendar_year"
    expected: str = ""
    results: tuple[str, ...] = ()
    interpretation: str = ""
    source: Source = Source()
    short: str = ""
    position: Position | None = None
    positions: Mapping[str, Position] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Check:
    """A condition that data, or the order itself (`level: catalogue`), should meet.

    `automatic` checks come from `of_which`, `parts`, `within` and shares; their ids have a colon
    (`within:diagnosed_8_9`), as no id of an author has.
    """

    id: str
    rule: Formula
    message: str
    severity: CheckSeverity
    level: str
    accepted: str = ""
    automatic: bool = False
    position: Position | None = None
    positions: Mapping[str, Position] = field(default_factory=dict)


# --- forms ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FormRow:
    """A row of a form as printed; `title` and `note` are its own, empty where it says none.

    `cells` are ids of inputs, asked in this order, each with its parts and what it asks when yes.
    A row shows at most one `indicator` or `event`; `heading` stands alone; `blank` is printed
    in place of an answer, and nothing is asked.
    """

    number: str = ""
    title: str = ""
    note: str = ""
    cells: tuple[str, ...] = ()
    indicator: str | None = None
    event: str | None = None
    heading: str = ""
    blank: str = ""
    position: Position | None = None
    positions: Mapping[str, Position] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FormSection:
    """Rows under one title: that of its `group` (`short` then has the short one), or one as printed."""

    title: str
    rows: tuple[FormRow, ...]
    group: str | None = None
    short: str = ""
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Form(Titled):
    """What a place of level `fills` is sent to fill in, one workbook per place.

    `facts` and `forecasts` are years: those of the calendar (2023), or counted from the year of
    the form where they are small (0 is the form's year, -1 the one before). `dues` are the days it
    is due, by the year of the form; under None stands the day of every year. `where`: conditions over
    the register; only the schools that meet them get the form.
    """

    id: str
    title: str
    fills: str
    sections: tuple[FormSection, ...]
    dues: Mapping[int | None, str] = field(default_factory=dict)
    period: Period = "calendar_year"
    facts: tuple[int, ...] = (0,)
    forecasts: tuple[int, ...] = ()
    intro: str = ""
    footer: str = ""
    short: str = ""
    position: Position | None = None
    positions: Mapping[str, Position] = field(default_factory=dict)
    where: tuple[Formula, ...] = ()

    @property
    def rows(self) -> tuple[FormRow, ...]:
        """All its rows, in order."""
        return tuple(row for section in self.sections for row in section.rows)

    def due(self, year: int) -> str:
        """The day the form of `year` is due, `2024-01-26`; empty where none is set."""
        return self.dues.get(year, self.dues.get(None, ""))

    def columns(self, year: int) -> tuple[tuple[int, Scenario], ...]:
        """What the form of `year` asks: (year, scenario), facts first, each by rising year."""
        facts = sorted({_resolve_year(written, year) for written in self.facts})
        forecasts = sorted({_resolve_year(written, year) for written in self.forecasts})
        return (*((y, "fact") for y in facts), *((y, "forecast") for y in forecasts))


def _resolve_year(written: int, year: int) -> int:
    return year + written if abs(written) <= LARGEST_SHIFT else written


# --- recommendations: a condition, and the text that is printed where it holds --------------------


@dataclass(frozen=True, slots=True)
class AdviceText:
    """A text as written, with `{{ value }}` and the like in it, and where its signs stand."""

    written: str
    position: Position
    runs: Runs = ()


@dataclass(frozen=True, slots=True)
class Advice:
    """What is recommended to a place of `level` where `when` holds.

    `about` is the id of the indicator or input that the text's numbers belong to: the first that
    the condition names. `names` are ids of the text that stand for numbers of other inputs and
    indicators; `figures` are the words of the text that stand for numbers of `about`.
    """

    id: str
    level: str
    when: Formula
    text: AdviceText
    priority: int = USUAL_PRIORITY
    about: str = ""
    figures: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    position: Position | None = None
    positions: Mapping[str, Position] = field(default_factory=dict)


# --- examples: tiny data, and what must come out of them ------------------------------------------


@dataclass(frozen=True, slots=True)
class Expectation:
    """What an example expects of one indicator; `value` is a number, a bool, texts or None.

    `class_id`: the class that its value must have. Without a value beside it (`is_class_alone`) the
    value is not looked at.
    """

    indicator: str
    value: float | bool | tuple[str, ...] | None
    level: str | None = None
    place: str | None = None
    reason: str | None = None
    position: Position | None = None
    class_id: str | None = None
    is_class_alone: bool = False


@dataclass(frozen=True, slots=True)
class Example:
    """A tiny data set in the catalogue, and what must come out of it.

    `years`: year → school → input → cell as written; `given`: level → place → input → cell, the
    place empty where it goes without saying; `register`: school → column → cell as written.
    `positions`: the first place where each input, column of the register and level is named:
    ("input", id), ("column", id), ("level", id).
    """

    name: str
    years: Mapping[int, Mapping[str, Mapping[str, str]]]
    expect: tuple[Expectation, ...]
    register: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    given: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    scenario: Literal["fact", "forecast"] = "fact"
    position: Position | None = None
    positions: Mapping[tuple[str, str], Position] = field(default_factory=dict)


# --- publication: what of the results may be shown to whom ----------------------------------------


@dataclass(frozen=True, slots=True)
class Publication:
    """The policy of a catalogue: what the public may see.

    `public_levels`: levels whose places may be shown. `suppress_below`: a count of people under it
    is hidden, and every hidden whole number stays uncertain by at least as much. `people`: units
    that count people. `zeros` and `texts`: whether a count of zero and what schools wrote in words
    may be shown. `clause` is the sentence of the order as printed, `where` its place in the order;
    `interpretation` is what was decided where the order is silent.
    """

    ranking: Ranking = "forbidden"
    public_levels: tuple[str, ...] = ()
    suppress_below: int = USUAL_THRESHOLD
    people: tuple[str, ...] = PEOPLE
    zeros: Shown = "hidden"
    texts: Shown = "hidden"
    clause: str = ""
    where: str = ""
    interpretation: str = ""
    position: Position | None = None
    positions: Mapping[str, Position] = field(default_factory=dict)


# --- libraries: where things come from that are not written in the catalogue itself ----------------


@dataclass(frozen=True, slots=True)
class Library:
    """A library that a catalogue uses: what it says of itself, and the version that its files have."""

    id: str
    title: str
    version: str
    digest: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a thing of a catalogue is written: a library, its id there, and the file."""

    library: Library
    name: str
    file: str


# --- the whole ------------------------------------------------------------------------------------


Symbol = Input | PartSum | Option | Constant | Indicator | RegisterColumn | Band

_RUN_BY_DEPARTMENT = frozenset(("school", "kindergarten"))
"""Levels whose places a department of education runs."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All that one order declares. Mappings keep the order of the files.

    `levels` go upwards from who reports (`levels[0]`, the school); `given` are levels from which
    only inputs come, above all of `levels`. `symbols`: every name a formula may use. `scales`: those
    under `scales`, not those written in place.
    `decimals`: of a printed number of which nothing else says how it is printed.
    `is_library`: it is read from a library's folder and only holds things that catalogues use.
    `origins`: (section of the file, id) → where in one of the `libraries` it is written.
    """

    id: str
    title: str
    folder: Path
    municipality: str = ""
    region: str = ""
    language: str = "ru"
    levels: tuple[str, ...] = ("school", "municipality")
    given: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    period: Period = "calendar_year"
    interpretation: str = ""
    source: Source = Source()
    groups: Mapping[str, Group] = field(default_factory=dict)
    register: Mapping[str, RegisterColumn] = field(default_factory=dict)
    units: Mapping[str, Unit] = field(default_factory=dict)
    constants: Mapping[str, Constant] = field(default_factory=dict)
    inputs: Mapping[str, Input] = field(default_factory=dict)
    indicators: Mapping[str, Indicator] = field(default_factory=dict)
    events: Mapping[str, Event] = field(default_factory=dict)
    forms: Mapping[str, Form] = field(default_factory=dict)
    checks: Mapping[str, Check] = field(default_factory=dict)
    examples: tuple[Example, ...] = ()
    advice: Mapping[str, Advice] = field(default_factory=dict)
    publication: Publication | None = None
    symbols: Mapping[str, Symbol] = field(default_factory=dict)
    version: str = ""
    positions: Mapping[str, Position] = field(default_factory=dict)
    scales: Mapping[str, Scale] = field(default_factory=dict)
    decimals: int = 1
    is_library: bool = False
    libraries: tuple[Library, ...] = ()
    origins: Mapping[tuple[str, str], Origin] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)

    @property
    def has_department(self) -> bool:
        """Whether a department of education gathers what the places of the lowest level say."""
        return self.levels[0] in _RUN_BY_DEPARTMENT

    @property
    def places(self) -> tuple[str, ...]:
        """Every level a place may be of, upwards: `levels`, then `given`."""
        return self.levels + self.given
