"""The template of an order's own tables: what it asked for, filled."""

from __future__ import annotations

from typing import Any

from document_parts import (
    HEAD,
    NUMBER,
    SECTION,
    SMALL,
    TAG,
    TEXT,
    Cell,
    add_table,
    paper,
    tag,
    write,
)

TITLE = "Таблицы приказа"
COMMENT = (
    "Таблицы приказа с результатами: показатели рядом с прогнозом, свод прогнозов школ, план "
    "мероприятий; без целей — таблицы по критериям (Word)"
)
_INDENT = '{% if line.depth %}{{ "\u2003" * (line.depth - 1) }}– {% endif %}'
NAME = _INDENT + "{{ line.title }}"
LINE = NAME + "{% if line.note %} [{{ line.note }}]{% endif %}"
UNIT = '{{ line.unit or ("да/нет" if line.type == "yes_no" else "") }}'
GROUP = (
    '{{ [section.group|group_code, section.group.title]|select|join(" ") }}'
    "{% if section.note %} [{{ section.note }}]{% endif %}"
)
CHECKS = "{% for number in cell.checks %} !{{ number }}{% endfor %}"
VALUE = "{{ cell.fact|mark }}" + CHECKS
COVERED = (
    VALUE + "{% if cell.fact and cell.fact.incomplete %} ({{ cell.fact|coverage }}){% endif %}"
)
TARGET = (
    "{% if cell.below %}{{ cell.below.row|target }} на каждую школу"
    "{% elif cell.unset %}не задан"
    "{% else %}{{ (cell.fact or cell.forecast)|target }}{% endif %}"
)
VERDICT = (
    "{% if cell.below %}{% if cell.below.judged %}"
    "достигли {{ cell.below.met }} из {{ cell.below.judged }}{% endif %}"
    "{% elif cell.fact and cell.fact.judged %}{{ cell.fact|sign }} {{ cell.fact|verdict }}"
    "{% elif cell.fact and cell.fact.target is not none %}нет данных{% endif %}"
)
COUNTS = (
    "{% set proof = proofs[cell.fact] if line.indicator and cell.fact else none %}"
    '{% if proof and line.unit == "%" and cell.fact.value is not none %}'
    '{{ proof.numbers|replace("100 × ", "")|replace(" / ", " из ") }}{% endif %}'
)
FOR_YEAR = Cell("{%tc for year in indicator_columns.years %}", TAG)
FOR_CELL = Cell("{%tc for cell in line.cells %}", TAG)
END = Cell("{%tc endfor %}", TAG)
YEAR = "{{ year|year(indicator_columns.period) }}"
_BELOW = Cell("", HEAD, below=True)
_NUMBER = Cell("№ п/п", HEAD, heads=True)
_UNIT = Cell("Ед. изм.", HEAD, heads=True)


def make() -> Any:
    """The template."""
    document = paper(TITLE, COMMENT, landscape=True)
    write(document, "{{ catalogue.title }}", style="Title")
    write(
        document,
        "{% for place in places %}{{ place.title }}, {% endfor %}" + YEARS,
        style="Subtitle",
    )
    write(document, BASIS, style=SMALL)
    write(
        document,
        '{%p set forecast_years = rows|selectattr("scenario", "equalto", "forecast")'
        '|map(attribute="year")|unique|sort|list %}',
        "{%p for place in places %}",
        "{%p if place.groups and indicator_columns.judged %}",
        style=TAG,
    )
    write(document, "Показатели: прогнозные значения, факт и вывод", style="Heading 1")
    _add_indicators(document)
    write(document, "{%p if forecast_years %}", style=TAG)
    write(document, "Свод отчётов школ: факт и прогноз школ", style="Heading 1")
    _add_forecasts(document)
    write(document, "{%p endif %}", "{%p elif place.groups %}", style=TAG)
    write(document, "{%p for section in place.groups %}", style=TAG)
    write(document, GROUP, style="Heading 1")
    _add_criterion(document)
    write(document, "{%p endfor %}", "{%p endif %}", "{%p if place.plan %}", style=TAG)
    write(document, "План мероприятий: ожидаемый результат, факт и вывод", style="Heading 1")
    _add_plan(document)
    write(document, "{%p endif %}", "{%p endfor %}", style=TAG)
    add_legend(document)
    return document


YEARS = "{{ years|years(catalogue.period) }}"
BASIS = (
    "{% set basis = catalogue.source|basis %}Основание: {{ basis }}"
    '{{ "." if not basis.endswith(".") }}'
)


def add_legend(document: Any) -> None:
    """What the signs of a table mean, which checks failed, how the order was read."""
    write(document, "{%p if legend %}", style=TAG)
    write(document, "Условные обозначения", style="Heading 2")
    write(document, "{%p for each in legend %}", style=TAG)
    write(document, "{{ each.sign }} — {{ each.words }}: {{ each.meaning }}", style=SMALL)
    write(document, "{%p endfor %}", style=TAG)
    write(
        document,
        "17 из 18 — сведения поступили от 17 школ из 18; пока сдали не все, вывод предварительный.",
        style=SMALL,
    )
    write(document, "{%p endif %}", "{%p if checks %}", style=TAG)
    write(document, "Проверки, которых данные не прошли", style="Heading 2")
    write(document, "{%p for check in checks %}", style=TAG)
    write(
        document,
        "!{{ check.number }} — {{ check.message }}: {% for failure in check.failures[:12] %}"
        '{{ failure.place }} ({{ failure.years|join(", ") }}){{ "; " if not loop.last }}{% endfor %}'
        "{% if check.failures|length > 12 %} и ещё {{ check.failures|length - 12 }}{% endif %}",
        style=SMALL,
    )
    write(document, "{%p endfor %}", "{%p endif %}", "{%p if notes %}", style=TAG)
    write(document, "Как прочитан документ", style="Heading 2")
    write(document, "{%p for note in notes %}", style=TAG)
    write(document, "[{{ note.number }}] {{ note.about }} — {{ note.text }}", style=SMALL)
    write(document, "{%p endfor %}", "{%p endif %}", style=TAG)


# --- tables ------------------------------------------------------------------------------------


def _add_indicators(document: Any) -> None:
    name = Cell("Показатели", HEAD, heads=True)
    heads = (Cell(text, HEAD) for text in ("Прогноз приказа", "Факт", "Вывод"))
    add_table(
        document,
        (1.2, 16.3, 1.2, 0.8, 1.9, 1.6, 2.9, 0.8),
        2,
        [
            (_NUMBER, name, _UNIT, FOR_YEAR, Cell(YEAR, HEAD, span=3), END),
            (_BELOW, _BELOW, _BELOW, FOR_YEAR, *heads, END),
            tag("{%tr for section in place.groups %}"),
            (_section("3 + 3 * indicator_columns.years|length", 8),),
            tag("{%tr for line in section.lines %}"),
            (
                *_line(),
                *(FOR_CELL, Cell(TARGET, NUMBER), Cell(VALUE, NUMBER), Cell(VERDICT, NUMBER), END),
            ),
            tag("{%tr endfor %}"),
            tag("{%tr endfor %}"),
        ],
    )


def _add_forecasts(document: Any) -> None:
    name = Cell("Показатели", HEAD, heads=True)
    of_fact = Cell("{% colspan indicator_columns.years|length %}Факт", HEAD, span=3)
    of_forecast = Cell("{% colspan forecast_years|length %}Прогноз школ", HEAD, span=3)
    for_forecast = Cell("{%tc for cell in line.cells if cell.year in forecast_years %}", TAG)
    add_table(
        document,
        (1.3, 15.6, 1.3, 0.8, 2.7, 0.8, 0.8, 2.6, 0.8),
        2,
        [
            (_NUMBER, name, _UNIT, of_fact, of_forecast),
            (
                *(_BELOW, _BELOW, _BELOW, FOR_YEAR, Cell(YEAR, HEAD), END),
                *(Cell("{%tc for year in forecast_years %}", TAG), Cell(YEAR, HEAD), END),
            ),
            tag("{%tr for section in place.groups %}"),
            (_section("3 + indicator_columns.years|length + forecast_years|length", 9),),
            tag("{%tr for line in section.lines %}"),
            (
                *(*_line(), FOR_CELL, Cell(COVERED, NUMBER), END),
                *(for_forecast, Cell("{{ cell.forecast|mark }}", NUMBER), END),
            ),
            tag("{%tr endfor %}"),
            tag("{%tr endfor %}"),
        ],
    )


def _add_criterion(document: Any) -> None:
    """A criterion's table; a share has beside it the counts that it is made of."""
    name = Cell("Показатель", HEAD, heads=True)
    heads = (Cell("Результат", HEAD), Cell("Из каких количеств", HEAD))
    add_table(
        document,
        (1.2, 16.5, 2.2, 0.8, 2.4, 2.8, 0.8),
        2,
        [
            (_NUMBER, name, _UNIT, FOR_YEAR, Cell(YEAR, HEAD, span=2), END),
            (_BELOW, _BELOW, _BELOW, FOR_YEAR, *heads, END),
            tag("{%tr for line in section.lines %}"),
            (*_line(), FOR_CELL, Cell(COVERED, NUMBER), Cell(COUNTS, NUMBER), END),
            tag("{%tr endfor %}"),
        ],
    )


def _add_plan(document: Any) -> None:
    heads = ("№ п/п", "Мероприятие", "Срок", "Ответственные", "Ожидаемый результат")
    measured = (Cell("Что измеряется", HEAD, heads=True), _UNIT)
    of_year = Cell("{{ year|year(plan_columns.period) }}", HEAD, span=2)
    for_year = Cell("{%tc for year in plan_columns.years %}", TAG)
    event = (
        Cell("{% vm %}{{ planned.event.code }}", NUMBER),
        Cell(
            "{% vm %}{{ planned.event.title }}{% if planned.note %} [{{ planned.note }}]{% endif %}"
        ),
        Cell("{% vm %}{{ planned.event.when }}"),
        Cell("{% vm %}{{ planned.event.responsible }}"),
        Cell("{% vm %}{{ planned.event.expected }}"),
    )
    alone = [Cell(cell.text.removeprefix("{% vm %}"), cell.style) for cell in event]
    add_table(
        document,
        (1.0, 4.4, 2.1, 5.3, 3.2, 3.2, 2.1, 0.5, 1.7, 2.7, 0.5),
        2,
        [
            (
                *(Cell(text, HEAD, heads=True) for text in heads),
                *(*measured, for_year, of_year, END),
            ),
            (*[_BELOW] * 7, for_year, Cell("Факт", HEAD), Cell("Вывод", HEAD), END),
            tag("{%tr for section in place.plan %}"),
            (_section("7 + 2 * plan_columns.years|length", 11),),
            tag("{%tr for planned in section.events %}"),
            tag("{%tr for line in planned.lines %}"),
            (
                *event,
                Cell(LINE),
                Cell(UNIT, NUMBER),
                Cell("{%tc for cell in line.cells if cell.year in plan_columns.years %}", TAG),
                *(Cell(COVERED, NUMBER), Cell(VERDICT, NUMBER), END),
            ),
            tag("{%tr endfor %}"),
            tag("{%tr if not planned.lines %}"),
            (
                *alone,
                Cell("{% colspan 2 + 2 * plan_columns.years|length %}не измеряется числом", span=6),
            ),
            tag("{%tr endif %}"),
            tag("{%tr endfor %}"),
            tag("{%tr endfor %}"),
        ],
    )


def _line() -> tuple[Cell, ...]:
    return Cell("{{ line.code }}", NUMBER), Cell(LINE, TEXT), Cell(UNIT, NUMBER)


def _section(columns: str, span: int) -> Cell:
    return Cell(f"{{% colspan {columns} %}}{GROUP}", SECTION, span=span)
