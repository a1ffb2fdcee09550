"""The template of the analytical note: what was reached, what was not, what follows from it."""

from __future__ import annotations

from typing import Any

from document_findings import (
    YEAR,
    add_advice,
    add_signs,
    add_tags,
    write_conclusions,
    write_trends,
    write_troubles,
)
from document_parts import HEAD, NUMBER, TAG, Cell, add_table, paper, tag, write, write_plain
from document_tables import BASIS, NAME, TARGET, UNIT, VERDICT, YEARS

TITLE = "Аналитическая справка"
COMMENT = (
    "Аналитическая справка: цели, кто участвовал, результаты по разделам, динамика, проблемы, "
    "выводы и рекомендации (Word)"
)
_EVERY = 'place.groups|map(attribute="lines")|sum(start=())'
_FACTS = '|map(attribute="cells")|map(attribute=at)|map(attribute="fact")|select|list'


def make() -> Any:
    """The template."""
    document = paper(TITLE, COMMENT)
    write(document, "АНАЛИТИЧЕСКАЯ СПРАВКА", style="Title")
    write(document, "{{ catalogue.title }}", style="Subtitle")
    write(document, "{{ catalogue.municipality }}, " + YEARS, style="Subtitle")
    add_tags(
        document,
        # The last year of which there are facts; everything below is said of it.
        '{%p set last_year = rows|selectattr("scenario", "equalto", "fact")'
        '|rejectattr("value", "none")|map(attribute="year")|select("in", years)|list|max'
        "|default(years|max) %}",
        "{%p set at = years.index(last_year) %}",
        "{%p for place in places %}",
        f"{{%p set lines = {_EVERY} %}}",
        f"{{%p set facts = lines{_FACTS} %}}",
    )
    _write_aims(document)
    _write_reporters(document)
    _write_results(document)
    write_trends(document)
    write_troubles(document)
    write_conclusions(document)
    add_advice(document, "7. Рекомендации")
    add_tags(document, "{%p endfor %}")
    write(document, "")
    write(document, "Исполнитель: ______________________ / ______________________")
    write(document, "{{ date|date }}")
    return document


# --- 1 and 2: what for, and who ----------------------------------------------------------------


def _write_aims(document: Any) -> None:
    write(document, "1. Основание и цели", style="Heading 1")
    write_plain(document, BASIS)
    add_tags(document, "{%p if indicator_columns.judged %}")
    write_plain(
        document,
        "Цель справки — сопоставить полученные значения показателей с целями, которые установил "
        "документ, проследить их изменение, назвать показатели, которым нужна поддержка, и "
        "предложить меры.",
    )
    add_tags(document, "{%p else %}")
    write_plain(
        document,
        "Цель справки — обобщить результаты мониторинга, проследить их изменение по годам и "
        "предложить меры. Целевых значений документ не устанавливает, поэтому выводов "
        "«достигнуто» и «не достигнуто» в справке нет.",
    )
    add_tags(document, "{%p endif %}", "{%p if place.groups %}")
    write_plain(
        document,
        '{{ lines|length|plural("Рассмотрена", "Рассмотрены", "Рассмотрено") }} '
        '{{ lines|length }} {{ lines|length|plural("строка", "строки", "строк") }} '
        'показателей в {{ place.groups|length }} {{ place.groups|length|plural("разделе", '
        '"разделах", "разделах") }}. Отчётный год — ' + YEAR + ".",
    )
    add_tags(document, "{%p endif %}")


def _write_reporters(document: Any) -> None:
    write(document, "2. Кто представил сведения", style="Heading 1")
    add_tags(document, "{%p if reporters %}", "{%p for year in years %}")
    add_tags(
        document,
        '{%p set asked = reporters|map(attribute="reported")|map(attribute=year)'
        '|reject("none")|list %}',
        "{%p if asked %}",
    )
    write_plain(
        document,
        "{{ year|year(catalogue.period) }}: сведения поступили от {{ asked|select|list|length }} "
        'из {{ asked|length }} {{ asked|length|plural("школы", "школ", "школ") }}'
        "{% if asked|reject|list %}; не поступили — {% for one in reporters if "
        'one.reported[year] is false %}{{ one.title }}{{ ", " if not loop.last }}{% endfor %}'
        "{% endif %}.",
    )
    add_tags(document, "{%p endif %}", "{%p endfor %}", "{%p else %}")
    write_plain(document, "Полнота сведений указана у показателей.")
    add_tags(document, "{%p endif %}")


# --- 3 and 4: what was found -------------------------------------------------------------------


def _write_results(document: Any) -> None:
    write(document, "3. Результаты по разделам", style="Heading 1")
    add_tags(document, "{%p for section in place.groups %}")
    write(
        document,
        '{{ [section.group|group_code, section.group.title]|select|join(" ") }}',
        style="Heading 2",
    )
    add_tags(
        document,
        f"{{%p set found = section.lines{_FACTS} %}}",
        '{%p set met = found|selectattr("status", "equalto", "met")|list %}',
        '{%p set missed = found|selectattr("status", "equalto", "missed")|list %}',
        '{%p set empty = found|selectattr("status", "equalto", "no_data")|list %}',
        "{%p set wanted = met|length + missed|length + empty|length %}",
        "{%p if wanted == 1 %}",
    )
    write_plain(
        document,
        "{% if met %}Единственная цель раздела достигнута{% elif missed %}Единственная цель раздела "
        "не достигнута{% else %}О единственной цели раздела нет данных{% endif %}.",
        keep=True,
    )
    add_tags(document, "{%p elif wanted %}")
    write_plain(
        document,
        'Из {{ wanted }} {{ wanted|plural("показателя", "показателей", "показателей") }} с целью '
        "{% if met|length == wanted %}достигнуты все{% elif missed|length == wanted %}не достигнут "
        "ни один{% elif empty|length == wanted %}нет данных ни по одному{% else %}достигнуто "
        "{{ met|length }}, не достигнуто {{ missed|length }}"
        "{% if empty %}, нет данных — {{ empty|length }}{% endif %}{% endif %}.",
        keep=True,
    )
    add_tags(document, "{%p endif %}")
    _add_results(document)
    add_tags(document, "{%p endfor %}")
    add_signs(document)
    add_tags(document, "{%p if place.plan and plan_columns.judged %}")
    write(document, "План мероприятий", style="Heading 2")
    add_tags(document, "{%p for tally in place.plan_tallies if tally.targets %}")
    write_plain(
        document,
        "{{ tally.year|year(plan_columns.period) }}: из {{ tally.targets }} "
        '{{ tally.targets|plural("ожидаемого результата", "ожидаемых результатов", "ожидаемых '
        'результатов") }} достигнуто {{ tally.met }}, не достигнуто {{ tally.missed }}'
        "{% if tally.missing %}, нет данных — {{ tally.missing }}{% endif %}.",
    )
    add_tags(document, "{%p endfor %}", "{%p endif %}")


def _add_results(document: Any) -> None:
    """The section's lines over the years; the target and the verdict of the last."""
    for_cell, end = Cell("{%tc for cell in line.cells %}", TAG), Cell("{%tc endfor %}", TAG)
    for_year = Cell("{%tc for year in indicator_columns.years %}", TAG)
    of_year = Cell("{{ year|year(indicator_columns.period) }}", HEAD)
    judged, unless = Cell("{%tc if indicator_columns.judged %}", TAG), Cell("{%tc endif %}", TAG)
    last = "{% set cell = line.cells[at] %}"
    add_table(
        document,
        (1.1, 4.6, 1.2, 0.7, 1.6, 0.7, 0.7, 2.1, 2.9, 1.4),
        1,
        [
            (
                *(Cell("№ п/п", HEAD), Cell("Показатель", HEAD), Cell("Ед. изм.", HEAD)),
                *(for_year, of_year, end, judged),
                *(Cell(f"Цель, {YEAR}", HEAD), Cell(f"Вывод, {YEAR}", HEAD), unless),
            ),
            tag("{%tr for line in section.lines %}"),
            (
                *(Cell("{{ line.code }}", NUMBER), Cell(NAME), Cell(UNIT, NUMBER)),
                *(for_cell, Cell("{{ cell.fact|mark }}", NUMBER), end, judged),
                *(Cell(last + TARGET, NUMBER), Cell(last + VERDICT, NUMBER), unless),
            ),
            tag("{%tr endfor %}"),
        ],
    )
