"""Recommendations: what may stand in a text, how it is filled, which of them a page shows.

A text is Jinja cut down to substitutions, filters and conditions: no loops, no calls, no attributes,
so that nobody's catalogue can hold up a report. `find_faults` gives what else stands in one, with
its place, to the command `check`; a report with such a text stops.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, Self

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from engine.catalogue.formula_units import counted_unit
from engine.catalogue.model import FIGURES, WORDS, Advice, Catalogue, Indicator, Input, PartSum
from engine.evaluation.asking import AdviceResult
from engine.problems import Position, Problem, place_in, suggest_name
from engine.publication.audience import Audience
from engine.reports import filters
from engine.reports.joined_advice import Recommendation, arrange_recommendations
from engine.reports.result_rows import Row
from engine.reports.template_mistakes import describe_mistake
from engine.reports.templates import TemplateError
from engine.translation import gettext as _
from engine.units import NO_BREAK_SPACE

TEXT_FILTERS = ("number", "percent", "signed", "plural", "year", "words")
"""The filters of a text."""
LONGEST = 5000
"""Characters of a text."""
_ALLOWED = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Filter),
    *(nodes.If, nodes.CondExpr, nodes.And, nodes.Or, nodes.Not, nodes.Compare, nodes.Operand),
    *(nodes.Add, nodes.Sub, nodes.Neg),
)
_MOST_DECIMALS = 12
_SPACES = re.compile(r"[ \t\r\n]+")
_TOGETHER = re.compile(r"(?<=\d) (?=%)|(?<=№) (?=\d)")
"""The spaces at which no line is broken: before a sign of percent, after that of a number."""


class Figure(float):
    """A number that prints itself with its decimals, and is reckoned with as any other."""

    decimals: int
    words: str

    def __new__(cls, value: float, decimals: int, words: str = "") -> Self:
        """The number, how many decimals it is printed with, and what the filter `words` prints."""
        figure = super().__new__(cls, value)
        figure.decimals = decimals
        figure.words = words
        return figure

    def __str__(self) -> str:
        return filters.number(float(self), self.decimals)


# --- checking ------------------------------------------------------------------------------------


def check_texts(catalogue: Catalogue) -> list[Problem]:
    """What is wrong with the texts of a catalogue's recommendations."""
    return [
        problem
        for advice in catalogue.advice.values()
        for problem in find_faults(catalogue, advice)
    ]


def find_faults(catalogue: Catalogue, advice: Advice) -> Iterator[Problem]:
    """The first thing in the text of a recommendation that may not stand there, if any."""
    text = advice.text.written
    if len(text) > LONGEST:
        message = _("the text is longer than {most} characters").format(most=LONGEST)
        yield Problem("advice-text", message, advice.text.position)
        return
    try:
        tree = _parse(text)
    except TemplateSyntaxError as error:
        place = _line(advice, error.lineno)
        yield Problem(
            "advice-text",
            _("the text cannot be read: {why}").format(why=describe_mistake(error.message or "")),
            place,
        )
        return
    for node in tree.find_all(nodes.Node):
        problem = _refuse(catalogue, advice, node)
        if problem is not None:
            yield problem
            return


def _refuse(catalogue: Catalogue, advice: Advice, node: nodes.Node) -> Problem | None:
    """What a node does that a text may not."""
    if isinstance(node, nodes.Name):
        return _check_name(catalogue, advice, node.name)
    if isinstance(node, nodes.Filter):
        return _check_filter(advice, node)
    if isinstance(node, nodes.Getattr):
        message = _("a name with a dot cannot stand in a text: “{name}”").format(name=node.attr)
        hint = _("make the recommendation about it: name it first in the condition")
        return Problem("advice-text", message, _find(advice, node.attr), hint)
    if not isinstance(node, _ALLOWED):
        return Problem(
            "advice-text",
            _("this cannot stand in the text of a recommendation"),
            _line(advice, node.lineno),
            _("there are {{ value }}, filters, and {% if … %}"),
        )
    return None


def _check_name(catalogue: Catalogue, advice: Advice, name: str) -> Problem | None:
    if name in advice.figures or name in advice.names or name in WORDS:
        return None
    numbers = [
        key
        for key, symbol in catalogue.symbols.items()
        if "." not in key and isinstance(symbol, Indicator | Input | PartSum)
    ]
    return Problem(
        "advice-name",
        _("unknown name “{name}” in the text").format(name=name),
        _find(advice, name),
        suggest_name(name, (*FIGURES, *WORDS, *numbers))
        or _("there are: {known}").format(known=", ".join((*FIGURES, *WORDS))),
    )


def _check_filter(advice: Advice, node: nodes.Filter) -> Problem | None:
    if node.name not in TEXT_FILTERS:
        message = _("unknown filter “{name}” in the text").format(name=node.name)
        hint = suggest_name(node.name, TEXT_FILTERS) or _("there are: {known}").format(
            known=", ".join(TEXT_FILTERS)
        )
        return Problem("advice-name", message, _find(advice, node.name), hint)
    if _takes(node):
        return None
    example = {
        "plural": '{{ shortfall|plural("обучающегося", "обучающихся", "обучающихся") }}',
        "words": "{{ target|words }}, {{ shortfall|words }}",
    }.get(node.name, f"{{{{ value|{node.name} }}}}")
    message = _("the filter {name} does not take this").format(name=node.name)
    hint = _("for instance {example}").format(example=example)
    return Problem("advice-text", message, _find(advice, node.name), hint)


def _takes(node: nodes.Filter) -> bool:
    """Whether a filter takes its arguments: texts, or a number of decimals; `words` takes none."""
    values = [each.value if isinstance(each, nodes.Const) else None for each in node.args]
    if node.name == "words":
        name = node.node.name if isinstance(node.node, nodes.Name) else ""
        return name in _WITH_WORDS and not values
    if node.name in {"plural", "year"}:
        return all(isinstance(value, str) for value in values)
    return all(isinstance(value, int) and 0 <= value <= _MOST_DECIMALS for value in values)


def _find(advice: Advice, word: str) -> Position:
    """Where a word stands in the text, between braces."""
    text = advice.text
    for inside in re.finditer(r"\{[{%].*?[%}]\}", text.written, re.DOTALL):
        match = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", inside[0])
        if match:
            start = inside.start() + match.start()
            return place_in(text.position, text.runs, start, len(word))
    return text.position


def _line(advice: Advice, number: int) -> Position:
    """Where a line of the text begins."""
    text = advice.text
    start = sum(len(line) for line in text.written.splitlines(keepends=True)[: number - 1])
    return place_in(text.position, text.runs, min(start, max(0, len(text.written) - 1)))


# --- writing -------------------------------------------------------------------------------------


def write_recommendations(
    catalogue: Catalogue,
    advised: Iterable[AdviceResult],
    title_of: Callable[[str, str], str] = lambda _level, place: place,
) -> tuple[Recommendation, ...]:
    """The texts of recommendations, in their order; `title_of`: level and place → title.

    TemplateError where a text cannot be rendered; its problem has file and line.
    """
    chosen = tuple(advised)
    for name in dict.fromkeys(each.id for each in chosen):
        for problem in find_faults(catalogue, catalogue.advice[name]):
            raise TemplateError(problem)
    return tuple(
        _write(
            catalogue,
            catalogue.advice[each.id],
            each,
            _compile(catalogue.advice[each.id].text.written),
            title_of(each.level, each.place),
        )
        for each in chosen
    )


def _write(
    catalogue: Catalogue, advice: Advice, advised: AdviceResult, template: Template, title: str
) -> Recommendation:
    subject = catalogue.indicators.get(advised.about) or catalogue.symbols.get(advised.about)
    words: dict[str, Any] = {
        "year": advised.year,
        "place": advised.place,
        "place_title": title,
        "title": getattr(subject, "short_title", ""),
        **{name: _figure(catalogue, name, value) for name, value in advised.names.items()},
        **{
            word: _figure(catalogue, advised.about, value, counted=word not in _OF_VALUE)
            for word, value in advised.figures.items()
        },
    }
    for word in _WITH_WORDS & words.keys():
        if words[word] is not None:
            words[word].words = _write_words(catalogue, advised, word, words[word])
    try:
        text = template.render(words)
    except (ArithmeticError, TypeError, ValueError) as error:
        message = _("the text cannot be written: {why}").format(why=error)
        raise TemplateError(Problem("advice-text", message, advice.text.position)) from error
    return Recommendation(
        advised.id,
        _TOGETHER.sub(NO_BREAK_SPACE, _SPACES.sub(" ", text).strip()),
        advised.level,
        advised.place,
        advised.year,
        advised.priority,
        advised.about,
        str(getattr(subject, "group", "") or ""),
    )


def _write_words(catalogue: Catalogue, advised: AdviceResult, word: str, figure: Figure) -> str:
    """The target with how it is compared; how many are lacking to it, or too many."""
    if word == "shortfall":
        counted = counted_unit(catalogue, advised.about)
        return (
            filters.describe_distance(figure, counted, exceeds=advised.exceeds)
            if figure
            else str(figure)
        )
    target = catalogue.indicators[advised.about].targets[advised.year]
    wanted: float | tuple[float, float] = float(figure)
    if target.value_to is not None:
        wanted = (float(figure), float(target.value_to))
    return filters.describe_target(wanted, advised.comparator or target.comparator, figure.decimals)


_WITH_WORDS = frozenset(("target", "shortfall"))
"""The figures that say more in words: which way the target lies."""
_OF_VALUE = frozenset(("value", "target", "previous", "change"))


def _figure(
    catalogue: Catalogue, name: str, value: float | None, *, counted: bool = False
) -> Figure | None:
    if value is None:
        return None
    declared = catalogue.indicators.get(name)
    decimals = 0
    if declared is not None and not counted:
        decimals = 0 if declared.type == "yes_no" else declared.decimals
    elif declared is None and not value.is_integer():
        decimals = 1
    return Figure(value, decimals)


@lru_cache(maxsize=1024)
def _parse(text: str) -> nodes.Template:
    """What is written, read once: a thousand sheets of schools have the same texts."""
    return _environment().parse(text)


@lru_cache(maxsize=1024)
def _compile(text: str) -> Template:
    """The same, ready to be filled."""
    return _environment().from_string(text)


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: filters.DASH if value is None else value,
    )
    environment.filters.clear()
    known: Mapping[str, Callable[..., str]] = filters.FILTERS
    environment.filters.update({name: known[name] for name in TEXT_FILTERS})
    environment.filters["words"] = lambda figure: filters.DASH if figure is None else figure.words
    environment.tests.clear()
    environment.globals.clear()
    return environment


# --- choosing ------------------------------------------------------------------------------------
# A page shows of each place what is advised about the last year with facts of its own; a
# recommendation which says that data are missing is about the last year of the page, facts or none.


def choose_recommendations(
    catalogue: Catalogue,
    advised: Iterable[AdviceResult],
    rows: Sequence[Row],
    years: Sequence[int],
    audience: Audience,
    *,
    on_missing: Container[str],
) -> Mapping[tuple[str, str], tuple[Recommendation, ...]]:
    """Level and place → its recommendations; every place of the rows has an entry.

    Recommendations are addressed: the public sees none. None is shown that depends on a number which
    may not be. `on_missing`: those that say that data are missing (`list_on_missing`). What holds
    for many is said once (`arrange_recommendations`).
    """
    titles: dict[tuple[str, str], str] = {}
    hidden: set[tuple[str, str, str, int]] = set()
    known: dict[str, set[int]] = {"": set()}
    for row in rows:
        titles[row.level, row.place] = row.place_title
        if row.suppressed:
            hidden.add((row.indicator, row.level, row.place, row.year))
        if row.scenario == "fact" and isinstance(row.value, int | float):
            known[""].add(row.year)
            known.setdefault(row.indicator, set()).add(row.year)
    if audience == "public":
        return dict.fromkeys(titles, ())
    # What nobody has reported of is spoken of in the last year that has facts at all.
    last = {name: last_year(years, with_facts) for name, with_facts in known.items()}
    newest = max(years, default=None)
    chosen = [
        each
        for each in advised
        if each.year == (newest if each.id in on_missing else last.get(each.about, last[""]))
        and (each.level, each.place) in titles
        and not any(
            (name, each.level, each.place, each.year) in hidden
            for name in _dependencies(catalogue, each)
        )
    ]
    by_place: dict[tuple[str, str], list[Recommendation]] = {place: [] for place in titles}
    if chosen:
        for recommendation in write_recommendations(
            catalogue, chosen, lambda level, place: titles[level, place]
        ):
            by_place[recommendation.level, recommendation.place].append(recommendation)
    facts = {row.key: row for row in rows if row.scenario == "fact"}
    return {
        place: arrange_recommendations(catalogue, texts, facts, on_missing)
        for place, texts in by_place.items()
    }


def last_year(years: Sequence[int], known: Iterable[int]) -> int | None:
    """The last of the years of which there are facts; the last of all where there are none."""
    return max((year for year in years if year in set(known)), default=max(years, default=None))


def list_on_missing(catalogue: Catalogue) -> frozenset[str]:
    """The ids of the recommendations that say that data are missing."""
    return frozenset(name for name, advice in catalogue.advice.items() if speaks_of_missing(advice))


def speaks_of_missing(advice: Advice) -> bool:
    """Whether the condition says that something is not reported."""
    denied = [
        node
        for node in ast.walk(advice.when.tree)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    ]
    return any(
        isinstance(inner, ast.Call)
        and isinstance(inner.func, ast.Name)
        and inner.func.id == "reported"
        for node in denied
        for inner in ast.walk(node)
    )


def _dependencies(catalogue: Catalogue, advised: AdviceResult) -> Iterable[str]:
    """What the condition and the text of a recommendation name."""
    advice = catalogue.advice[advised.id]
    return {advised.about, *advised.names, *(use.id for use in advice.when.names())}
