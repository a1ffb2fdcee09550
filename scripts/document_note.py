"""The template of the analytical note: what was reached, what was not, what follows from it."""

from __future__ import annotations

from typing import Any

from document_parts import HEAD, NUMBER, SMALL, TAG, Cell, add_table, paper, tag, write, write_plain
from document_tables import BASIS, NAME, TARGET, UNIT, VERDICT, YEARS

TITLE = "Аналитическая справка"
COMMENT = (
    "Аналитическая справка: цели, кто участвовал, результаты по разделам, динамика, проблемы, "
    "выводы и рекомендации (Word)"
)
YEAR = "{{ last_year|year(indicator_columns.period) }}"
NAMED = (
    "{% if line.code %}{{ line.code }} {% endif %}"
    "{% if line.depth and line.indicator %}{{ line.indicator.title }}{% else %}{{ line.title }}{% endif %}"
)
SUFFIX = '{{ ";" if not loop.last else "." }}'
WITH_UNIT = (
    '{{ fact|value }}{% if fact.unit and line.type != "yes_no" %} {{ fact|unit }}{% endif %}'
)
_EVERY = 'place.groups|map(attribute="lines")|sum(start=())'
_WORSE = 'line.cells[at].fact and line.cells[at].fact.trend == "worse"'
_FACTS = '|map(attribute="cells")|map(attribute=at)|map(attribute="fact")|select|list'


def make() -> Any:
    """The template."""
    document = paper(TITLE, COMMENT)
    write(document, "АНАЛИТИЧЕСКАЯ СПРАВКА", style="Title")
    write(document, "{{ catalogue.title }}", style="Subtitle")
    write(document, "{{ catalogue.municipality }}, " + YEARS, style="Subtitle")
    _tags(
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
    _write_trends(document)
    _write_troubles(document)
    _write_conclusions(document)
    _write_advice(document)
    _tags(document, "{%p endfor %}")
    write(document, "")
    write(document, "Исполнитель: ______________________ / ______________________")
    write(document, "{{ date|date }}")
    return document


def _tags(document: Any, *texts: str) -> None:
    write(document, *texts, style=TAG)


def _list(document: Any, text: str) -> None:
    write(document, text, style="List Bullet")


# --- 1 and 2: what for, and who ----------------------------------------------------------------


def _write_aims(document: Any) -> None:
    write(document, "1. Основание и цели", style="Heading 1")
    write_plain(document, BASIS)
    _tags(document, "{%p if indicator_columns.judged %}")
    write_plain(
        document,
        "Цель справки — сопоставить полученные значения показателей с целями, которые установил "
        "документ, проследить их изменение, назвать показатели, которым нужна поддержка, и "
        "предложить меры.",
    )
    _tags(document, "{%p else %}")
    write_plain(
        document,
        "Цель справки — обобщить результаты мониторинга, проследить их изменение по годам и "
        "предложить меры. Целевых значений документ не устанавливает, поэтому выводов "
        "«достигнуто» и «не достигнуто» в справке нет.",
    )
    _tags(document, "{%p endif %}", "{%p if place.groups %}")
    write_plain(
        document,
        'Рассмотрено {{ lines|length }} {{ lines|length|plural("строка", "строки", "строк") }} '
        'показателей в {{ place.groups|length }} {{ place.groups|length|plural("разделе", '
        '"разделах", "разделах") }}. Отчётный год — ' + YEAR + ".",
    )
    _tags(document, "{%p endif %}")


def _write_reporters(document: Any) -> None:
    write(document, "2. Кто представил сведения", style="Heading 1")
    _tags(document, "{%p if reporters %}", "{%p for year in years %}")
    _tags(
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
    _tags(document, "{%p endif %}", "{%p endfor %}", "{%p else %}")
    write_plain(document, "Полнота сведений указана у показателей.")
    _tags(document, "{%p endif %}")


# --- 3 and 4: what was found -------------------------------------------------------------------


def _write_results(document: Any) -> None:
    write(document, "3. Результаты по разделам", style="Heading 1")
    _tags(document, "{%p for section in place.groups %}")
    write(
        document,
        '{{ [section.group|group_code, section.group.title]|select|join(" ") }}',
        style="Heading 2",
    )
    _tags(
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
        "Целевое значение одно: {% if met %}оно достигнуто{% elif missed %}оно не достигнуто"
        "{% else %}о нём нет данных{% endif %}.",
    )
    _tags(document, "{%p elif wanted %}")
    write_plain(
        document,
        'Из {{ wanted }} {{ wanted|plural("показателя", "показателей", "показателей") }} с целью '
        "{% if met|length == wanted %}достигнуты все{% elif missed|length == wanted %}не достигнут "
        "ни один{% else %}достигнуто {{ met|length }}, не достигнуто {{ missed|length }}"
        "{% if empty %}, нет данных — {{ empty|length }}{% endif %}{% endif %}.",
    )
    _tags(document, "{%p endif %}")
    _add_results(document)
    _tags(document, "{%p endfor %}", '{%p if legend|selectattr("reason")|list %}')
    write(
        document,
        'Знаки в таблицах: {% for each in legend|selectattr("reason") %}{{ each.sign }} — '
        '{{ each.words }}{{ "; " if not loop.last else "." }}{% endfor %}',
        style=SMALL,
    )
    _tags(document, "{%p endif %}", "{%p if place.plan and plan_columns.judged %}")
    write(document, "План мероприятий", style="Heading 2")
    _tags(document, "{%p for tally in place.plan_tallies if tally.targets %}")
    write_plain(
        document,
        "{{ tally.year|year(plan_columns.period) }}: из {{ tally.targets }} "
        '{{ tally.targets|plural("ожидаемого результата", "ожидаемых результатов", "ожидаемых '
        'результатов") }} достигнуто {{ tally.met }}, не достигнуто {{ tally.missed }}'
        "{% if tally.missing %}, нет данных — {{ tally.missing }}{% endif %}.",
    )
    _tags(document, "{%p endfor %}", "{%p endif %}")


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


def _write_trends(document: Any) -> None:
    write(document, "4. Динамика", style="Heading 1")
    _tags(
        document,
        '{%p set trends = facts|map(attribute="trend")|list %}',
        '{%p set changes = facts|map(attribute="change")|reject("none")|list %}',
        '{%p if "better" in trends or "worse" in trends or "same" in trends %}',
    )
    write_plain(
        document,
        YEAR + ": по сравнению с предыдущим годом улучшились значения "
        '{{ trends.count("better") }} {{ trends.count("better")|plural("показателя", '
        '"показателей", "показателей") }}, ухудшились — {{ trends.count("worse") }}, не '
        'изменились — {{ trends.count("same") }}.',
    )
    _tags(document, '{%p if "worse" in trends %}')
    write_plain(
        document,
        "Ухудшились: {% for line in lines if " + _WORSE + " %}{% set fact = line.cells[at].fact %}"
        "{{ line.code or line.title }} ({{ fact.previous|number(fact.decimals) }} → "
        "{{ fact|value }}{% if at and line.cells[at - 1].fact "
        'and line.cells[at - 1].fact.trend == "worse" %}, второй год подряд{% endif %})'
        '{{ ", " if not loop.last else "." }}{% endfor %}',
    )
    _tags(document, "{%p endif %}", "{%p elif changes %}")
    write_plain(
        document,
        YEAR + ": по сравнению с предыдущим годом больше стали значения "
        '{{ changes|select("gt", 0)|list|length }} '
        '{{ changes|select("gt", 0)|list|length|plural("строки", "строк", "строк") }}, '
        'меньше — {{ changes|select("lt", 0)|list|length }}, не изменились — '
        '{{ changes|select("eq", 0)|list|length }}. Какое изменение считать лучшим, документ не '
        "говорит.",
    )
    _tags(
        document,
        "{%p for line in lines if line.indicator and line.cells[at].fact and "
        'line.cells[at].fact.unit and line.cells[at].fact.unit.id == "percent" and '
        "(line.cells[at].fact.change or 0) < 0 %}",
        "{%p if loop.first %}",
    )
    write_plain(document, "Доли, которые стали меньше:")
    _tags(document, "{%p endif %}")
    _list(
        document,
        "{% set fact = line.cells[at].fact %}" + NAMED + ": было {{ fact.previous|"
        "number(fact.decimals) }}, стало " + WITH_UNIT + SUFFIX,
    )
    _tags(document, "{%p endfor %}", "{%p else %}")
    write_plain(document, "Сравнить не с чем: значений за предыдущий год нет.")
    _tags(
        document,
        "{%p endif %}",
        '{%p set others = facts|selectattr("same_reporters", "sameas", false)|list %}',
        "{%p if others %}",
    )
    write_plain(
        document,
        'У {{ others|length }} {{ others|length|plural("показателя", "показателей", '
        '"показателей") }} сведения поступили не от тех же школ, что годом раньше: часть '
        "изменения объясняется этим.",
    )
    _tags(document, "{%p endif %}")


# --- 5, 6 and 7: what follows ------------------------------------------------------------------


def _write_troubles(document: Any) -> None:
    write(document, "5. Проблемы и негативные тенденции", style="Heading 1")
    _tags(
        document,
        '{%p set missed = facts|selectattr("status", "equalto", "missed")|list %}',
        '{%p set empty = facts|selectattr("value", "none")|list %}',
        '{%p set partial = facts|rejectattr("value", "none")|selectattr("incomplete")|list %}',
        "{%p if missed %}",
    )
    write_plain(
        document,
        "Цель не достигнута (не хватает — на сколько больше должно быть учтено, у доли — в её "
        "числителе):",
    )
    _tags(document, "{%p for line in lines if line.cells[at].fact in missed %}")
    _list(
        document,
        "{% set fact = line.cells[at].fact %}" + NAMED + ": " + WITH_UNIT + " при цели "
        "{{ fact|target }}{% if fact.shortfall %}, до цели не хватает "
        '{{ fact.shortfall|number(0) }}{% if line.unit != "%" %} {{ fact|unit }}'
        "{% endif %}{% endif %}"
        "{% if fact.incomplete %} ({{ fact|preliminary }}){% endif %}" + SUFFIX,
    )
    _tags(document, "{%p endfor %}", "{%p elif indicator_columns.judged %}")
    write_plain(document, "Показателей, цель по которым не достигнута, нет.")
    _tags(document, "{%p endif %}", "{%p if empty %}")
    write_plain(document, "Значения нет (строки «из них» здесь не повторяются):")
    _tags(document, "{%p for line in lines if not line.depth and line.cells[at].fact in empty %}")
    _list(document, NAMED + " — {{ line.cells[at].fact|reason }}" + SUFFIX)
    _tags(document, "{%p endfor %}", "{%p endif %}", "{%p if partial %}")
    write_plain(
        document,
        'Сведения неполны: {{ partial|length }} {{ partial|length|plural("значение посчитано", '
        '"значения посчитаны", "значений посчитано") }} по данным не всех школ, и после сдачи '
        "остальными они могут измениться.",
    )
    _tags(document, "{%p endif %}", "{%p if checks %}")
    write_plain(document, "Данные не прошли проверки:")
    _tags(document, "{%p for check in checks %}")
    _list(
        document,
        "{{ check.message }}: {% for failure in check.failures[:6] %}{{ failure.place }} "
        '({{ failure.years|join(", ") }}){{ ", " if not loop.last }}{% endfor %}'
        "{% if check.failures|length > 6 %} и ещё {{ check.failures|length - 6 }}{% endif %}"
        + SUFFIX,
    )
    _tags(document, "{%p endfor %}", "{%p endif %}")
    _tags(document, "{%p if not missed and not empty and not partial and not checks %}")
    write_plain(document, "По представленным сведениям проблем не выявлено.")
    _tags(document, "{%p endif %}")


def _write_conclusions(document: Any) -> None:
    write(document, "6. Выводы", style="Heading 1")
    _tags(document, "{%p for tally in place.tallies if tally.targets %}")
    write_plain(
        document,
        "{{ tally.year|year(indicator_columns.period) }}: из {{ tally.targets }} "
        '{{ tally.targets|plural("цели", "целей", "целей") }} достигнуто {{ tally.met }} '
        "({{ (100 * tally.met / tally.targets)|percent }}), не достигнуто {{ tally.missed }}"
        "{% if tally.missing %}, нет данных — {{ tally.missing }}{% endif %}"
        "{% if tally.preliminary %}; предварительных выводов — {{ tally.preliminary }}{% endif %}.",
    )
    _tags(document, "{%p else %}")
    write_plain(
        document,
        YEAR + ": полные сведения получены по "
        '{{ facts|rejectattr("value", "none")|rejectattr("incomplete")|list|length }} '
        'из {{ facts|length }} {{ facts|length|plural("строки", "строк", "строк") }} показателей.',
    )
    _tags(
        document,
        "{%p endfor %}",
        "{%p if indicator_columns.judged and at and place.tallies[at - 1].targets %}",
    )
    write_plain(
        document,
        "{% set before = place.tallies[at - 1].met %}{% set now = place.tallies[at].met %}"
        "Достигнутых целей {% if now > before %}больше, чем годом раньше{% elif now < before %}"
        "меньше, чем годом раньше{% else %}столько же, сколько годом раньше{% endif %}: "
        "{{ now }} и {{ before }}.",
    )
    _tags(document, "{%p endif %}", '{%p if "worse" in trends %}')
    write_plain(
        document,
        "{% for line in lines if line.cells[at].fact in missed and " + _WORSE + " %}"
        "{% if loop.first %}Внимания прежде всего требуют показатели, цель по которым не достигнута, "
        "а значение хуже прошлогоднего: {% endif %}{{ line.code or line.title }}"
        '{{ ", " if not loop.last else "." }}{% else %}Показателей, цель по которым не достигнута, '
        "а значение хуже прошлогоднего, нет.{% endfor %}",
    )
    _tags(document, "{%p endif %}")


def _write_advice(document: Any) -> None:
    write(document, "7. Рекомендации", style="Heading 1")
    _tags(
        document,
        "{%p set tips = (advice[place.level, place.id] if advice is defined else ())|default(()) %}",
        "{%p for tip in tips %}",
    )
    write(document, "{{ tip.text }}", style="List Number")
    _tags(document, "{%p else %}")
    write_plain(document, "Рекомендаций по этим сведениям нет.")
    _tags(document, "{%p endfor %}")
