"""The template of one school's sheet: its own results, never those of another school."""

from __future__ import annotations

from typing import Any

from document_findings import (
    AFTER_LACKING,
    NAMED,
    SUFFIX,
    WITH_UNIT,
    YEAR,
    add_advice,
    add_item,
    add_signs,
    add_tags,
)
from document_parts import (
    HEAD,
    NUMBER,
    SECTION,
    SMALL,
    TAG,
    Cell,
    add_table,
    paper,
    tag,
    write,
    write_plain,
)
from document_tables import BASIS, GROUP, NAME, UNIT, YEARS

TITLE = "Лист школы"
COMMENT = "Лист школы: её результаты, ориентир, муниципалитет, чего не хватает, рекомендации (Word)"
_CELL = "{% set cell = line.cells[at] %}"
_FACT = "{% set fact = line.cells[at].fact %}"
_SHOWN = 'line.cells|map(attribute="fact")|select|list'
_ABOVE = (
    "{% if not cell.above %}—{% elif cell.above.value is not number %}{{ cell.above|mark }}"
    '{% elif line.type == "yes_no" %}да — {{ cell.above.value|number(0) }}'
    "{% if cell.above.reported %} из {{ cell.above.reported }}{% endif %}"
    "{% elif cell.above.decimals or not cell.above.reported %}{{ cell.above|value }}"
    "{% else %}{{ (cell.above.value / cell.above.reported)|number(1) }}{% endif %}"
)
_REFERENCE = (
    "{% if cell.fact and cell.fact.reference is not none %}"
    "{{ cell.fact.reference|number(cell.fact.decimals) }}{% elif cell.fact and cell.fact.target is "
    "not none %}{{ cell.fact|target }}{% else %}—{% endif %}"
)
_LACKING = (
    "{% if cell.fact and cell.fact.shortfall %}{{ cell.fact|lacking }}"
    "{% elif cell.fact and cell.fact.shortfall == 0 %}✓ нет{% else %}—{% endif %}"
)


def make() -> Any:
    """The template."""
    document = paper(TITLE, COMMENT, landscape=True)
    add_tags(document, "{%p if not place %}")
    write(document, "Это лист одной школы: соберите его командой report с --each school.")
    add_tags(document, "{%p else %}")
    write(document, "{{ place.title }}", style="Title")
    write(document, "{{ catalogue.title }}", style="Subtitle")
    write(document, "{{ place.within.values()|join(', ') }}, " + YEARS, style="Subtitle")
    write(document, BASIS, style=SMALL)
    add_tags(
        document,
        '{%p set last_year = rows|selectattr("place", "equalto", place.id)'
        '|selectattr("scenario", "equalto", "fact")|rejectattr("value", "none")'
        '|map(attribute="year")|select("in", years)|list|max|default(years|max) %}',
        "{%p set at = years.index(last_year) %}",
        '{%p set lines = place.groups|map(attribute="lines")|sum(start=()) %}',
        '{%p set facts = lines|map(attribute="cells")|map(attribute=at)|map(attribute="fact")'
        "|select|list %}",
    )
    _write_summary(document)
    add_tags(document, "{%p if place.groups %}")
    write(document, "Показатели", style="Heading 1")
    _add_results(document)
    write(
        document,
        "Ориентир — цель, которую документ ставит муниципалитету: вывода о школе по ней нет. По "
        "муниципалитету: доля — по всем школам вместе, количество — в среднем на школу, которая "
        "дала сведения, «да» — у скольких школ. Не хватает — на сколько больше должно быть учтено, "
        "у доли — в её числителе.",
        style=SMALL,
    )
    add_tags(document, "{%p endif %}", "{%p if place.plan %}")
    write(document, "План мероприятий", style="Heading 1")
    _add_plan(document)
    add_tags(document, "{%p endif %}")
    add_signs(document)
    _write_gaps(document)
    add_advice(document, "Рекомендации")
    add_tags(document, "{%p endif %}")
    return document


def _write_summary(document: Any) -> None:
    add_tags(
        document,
        "{%p for one in reporters if one.place == place.id and one.asked[last_year] %}",
    )
    write_plain(
        document,
        YEAR + ": даны ответы на {{ one.answered[last_year] }} из {{ one.asked[last_year] }} "
        '{{ one.asked[last_year]|plural("вопроса", "вопросов", "вопросов") }}.',
    )
    add_tags(
        document,
        "{%p endfor %}",
        '{%p set guided = facts|rejectattr("reference", "none")'
        '|rejectattr("shortfall", "none")|list %}',
        "{%p if guided %}",
    )
    write_plain(
        document,
        'Из {{ guided|length }} {{ guided|length|plural("показателя", "показателей", '
        '"показателей") }} с ориентиром школа вышла на него по '
        '{{ guided|selectattr("shortfall", "equalto", 0)|list|length }}.',
    )
    add_tags(document, "{%p endif %}", "{%p for tally in place.plan_tallies if tally.targets %}")
    write_plain(
        document,
        "План, {{ tally.year|year(plan_columns.period) }}: из {{ tally.targets }} "
        '{{ tally.targets|plural("цели", "целей", "целей") }} для школы достигнуто {{ tally.met }}'
        "{% if tally.missed %}, не достигнуто {{ tally.missed }}{% endif %}"
        "{% if tally.missing %}, нет данных — {{ tally.missing }}{% endif %}.",
    )
    add_tags(document, "{%p endfor %}")


def _add_results(document: Any) -> None:
    for_cell, end = Cell("{%tc for cell in line.cells %}", TAG), Cell("{%tc endfor %}", TAG)
    for_year = Cell("{%tc for year in indicator_columns.years %}", TAG)
    of_year = Cell("{{ year|year(indicator_columns.period) }}", HEAD)
    guided, unless = Cell("{%tc if guided %}", TAG), Cell("{%tc endif %}", TAG)
    last = tuple(Cell(_CELL + text, NUMBER) for text in (_REFERENCE, _LACKING))
    add_table(
        document,
        (1.2, 12.1, 2.1, 0.7, 1.9, 0.7, 2.9, 0.7, 2.0, 1.9, 0.5),
        1,
        [
            (
                *(Cell("№ п/п", HEAD), Cell("Показатель", HEAD), Cell("Ед. изм.", HEAD)),
                *(for_year, of_year, end, Cell(f"По муниципалитету, {YEAR}", HEAD)),
                *(guided, Cell(f"Ориентир, {YEAR}", HEAD), Cell("Не хватает", HEAD), unless),
            ),
            tag("{%tr for section in place.groups %}"),
            (
                Cell(
                    "{% colspan 4 + indicator_columns.years|length + (2 if guided else 0) %}"
                    + GROUP.split("{% if", maxsplit=1)[0],
                    SECTION,
                    span=11,
                ),
            ),
            tag(f"{{%tr for line in section.lines if {_SHOWN} %}}"),
            (
                *(Cell("{{ line.code }}", NUMBER), Cell(NAME), Cell(UNIT, NUMBER)),
                *(for_cell, Cell("{{ cell.fact|mark }}", NUMBER), end),
                *(Cell(_CELL + _ABOVE, NUMBER), guided, *last, unless),
            ),
            tag("{%tr endfor %}"),
            tag("{%tr endfor %}"),
        ],
    )


def _add_plan(document: Any) -> None:
    """Only what this school gives numbers for."""
    for_year = Cell("{%tc for year in plan_columns.years %}", TAG)
    for_cell = Cell("{%tc for cell in line.cells if cell.year in plan_columns.years %}", TAG)
    end = Cell("{%tc endfor %}", TAG)
    judged = (
        "{% if cell.fact and cell.fact.target is not none %}{{ cell.fact|target }}: "
        "{{ cell.fact|sign }} {{ cell.fact|words }}{% else %}—{% endif %}"
    )
    of_year = Cell("{{ year|year(plan_columns.period) }}", HEAD)
    add_table(
        document,
        (1.2, 11.2, 4.5, 2.1, 0.7, 2.6, 3.9, 0.5),
        1,
        [
            (
                *(Cell("№ п/п", HEAD), Cell("Мероприятие", HEAD), Cell("Что измеряется", HEAD)),
                *(Cell("Ед. изм.", HEAD), for_year, of_year, Cell("Цель для школы", HEAD), end),
            ),
            tag("{%tr for section in place.plan %}"),
            tag("{%tr for planned in section.events %}"),
            tag(f"{{%tr for line in planned.lines if {_SHOWN} %}}"),
            (
                *(Cell("{{ planned.event.code }}", NUMBER), Cell("{{ planned.event.title }}")),
                *(Cell(NAME), Cell(UNIT, NUMBER), for_cell),
                *(Cell("{{ cell.fact|mark }}", NUMBER), Cell(judged, NUMBER), end),
            ),
            tag("{%tr endfor %}"),
            tag("{%tr endfor %}"),
            tag("{%tr endfor %}"),
        ],
    )


def _write_gaps(document: Any) -> None:
    write(document, "Чего не хватает", style="Heading 1")
    add_tags(
        document,
        '{%p set short = facts|rejectattr("shortfall", "none")|selectattr("shortfall")|list %}',
        '{%p set empty = facts|selectattr("reason", "in", ("not_reported", "not_readable"))|list %}',
        "{%p for line in lines if line.cells[at].fact in short %}",
    )
    add_item(
        document,
        _FACT + NAMED + ": " + WITH_UNIT + " при ориентире "
        "{{ fact.reference|number(fact.decimals) if fact.reference is not none else fact|target }}, "
        "не хватает {{ fact|lacking }}" + AFTER_LACKING,
    )
    add_tags(
        document,
        "{%p endfor %}",
        "{%p for section in place.plan %}",
        "{%p for planned in section.events %}",
        "{%p for line in planned.lines %}",
        '{%p for cell in line.cells if cell.fact and cell.fact.status == "missed" %}',
    )
    add_item(
        document,
        "план, {{ planned.event.code }} {{ planned.event.title }}: {{ line.title }} — "
        "{{ cell.fact|value }} вместо {{ cell.fact|target|quote }} "
        "({{ cell.year|year(plan_columns.period) }});",
    )
    add_tags(document, *["{%p endfor %}"] * 4, "{%p if empty %}")
    write_plain(document, "Нет ответа:")
    add_tags(
        document, "{%p for line in lines if not line.depth and line.cells[at].fact in empty %}"
    )
    add_item(document, NAMED + SUFFIX)
    add_tags(document, "{%p endfor %}", "{%p endif %}", "{%p if not short and not empty %}")
    write_plain(
        document,
        "Показателей ниже ориентира{% if not guided %} здесь нет: ориентиров документ не даёт"
        "{% else %} нет{% endif %}; на все вопросы, о которых эти показатели, ответы есть.",
    )
    add_tags(document, "{%p endif %}")
