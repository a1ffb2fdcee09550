"""What follows from results, in words: trends, troubles, conclusions, recommendations."""

from __future__ import annotations

from typing import Any

from document_parts import SMALL, TAG, write, write_plain

YEAR = "{{ last_year|year(indicator_columns.period) }}"
NAMED = (
    "{% if line.code %}{{ line.code }} {% endif %}"
    "{% if line.depth and line.indicator %}{{ line.indicator.title }}{% else %}{{ line.title }}{% endif %}"
)
SUFFIX = '{{ ";" if not loop.last else "." }}'
AFTER_LACKING = '{{ ";" if not loop.last else "" if (fact|lacking).endswith(".") else "." }}'
"""The same after what is lacking: «чел.» has its dot."""
WITH_UNIT = (
    '{{ fact|value }}{% if fact.unit and line.type != "yes_no" %} {{ fact|unit }}{% endif %}'
)
_WORSE = 'line.cells[at].fact and line.cells[at].fact.trend == "worse"'


def add_tags(document: Any, *texts: str) -> None:
    """Paragraphs that are tags alone and leave nothing in the page."""
    write(document, *texts, style=TAG)


def add_item(document: Any, text: str) -> None:
    """An item of a list."""
    write(document, text, style="List Bullet")


def add_signs(document: Any) -> None:
    """What the signs of a table mean, if there are any."""
    add_tags(document, '{%p if legend|selectattr("reason")|list %}')
    write(
        document,
        'Знаки в таблицах: {% for each in legend|selectattr("reason") %}{{ each.sign }} — '
        '{{ each.words }}{{ "; " if not loop.last else "." }}{% endfor %}',
        style=SMALL,
    )
    add_tags(document, "{%p endif %}")


# --- the note: 4 to 7 --------------------------------------------------------------------------


def write_trends(document: Any) -> None:
    """What became better, and what worse, than a year before."""
    write(document, "4. Динамика", style="Heading 1")
    add_tags(
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
    add_tags(document, '{%p if "worse" in trends %}')
    write_plain(
        document,
        "Ухудшились: {% for line in lines if " + _WORSE + " %}{% set fact = line.cells[at].fact %}"
        "{{ line.code or line.title }} ({{ fact.previous|number(fact.decimals) }} → "
        "{{ fact|value }}{% if at and line.cells[at - 1].fact "
        'and line.cells[at - 1].fact.trend == "worse" %}, второй год подряд{% endif %})'
        '{{ ", " if not loop.last else "." }}{% endfor %}',
    )
    add_tags(document, "{%p endif %}", "{%p elif changes %}")
    write_plain(
        document,
        YEAR + ": по сравнению с предыдущим годом больше стали значения "
        '{{ changes|select("gt", 0)|list|length }} '
        '{{ changes|select("gt", 0)|list|length|plural("строки", "строк", "строк") }}, '
        'меньше — {{ changes|select("lt", 0)|list|length }}, не изменились — '
        '{{ changes|select("eq", 0)|list|length }}. Какое изменение считать лучшим, документ не '
        "говорит.",
    )
    add_tags(
        document,
        "{%p for line in lines if line.indicator and line.cells[at].fact and "
        'line.cells[at].fact.unit and line.cells[at].fact.unit.id == "percent" and '
        "(line.cells[at].fact.change or 0) < 0 %}",
        "{%p if loop.first %}",
    )
    write_plain(document, "Доли, которые стали меньше:")
    add_tags(document, "{%p endif %}")
    add_item(
        document,
        "{% set fact = line.cells[at].fact %}" + NAMED + ": было {{ fact.previous|"
        "number(fact.decimals) }}, стало " + WITH_UNIT + SUFFIX,
    )
    add_tags(document, "{%p endfor %}", "{%p else %}")
    write_plain(document, "Сравнить не с чем: значений за предыдущий год нет.")
    add_tags(
        document,
        "{%p endif %}",
        '{%p set others = facts|selectattr("same_reporters", "sameas", false)'
        '|rejectattr("change", "none")|list %}',
        "{%p if others %}",
    )
    write_plain(
        document,
        'У {{ others|length }} {{ others|length|plural("показателя", "показателей", '
        '"показателей") }} сведения поступили не от тех же школ, что годом раньше: часть '
        "изменения объясняется этим.",
    )
    add_tags(document, "{%p endif %}")


def write_troubles(document: Any) -> None:
    """What was not reached, what is lacking, what is wrong with the data."""
    write(document, "5. Проблемы и негативные тенденции", style="Heading 1")
    add_tags(
        document,
        '{%p set missed = facts|selectattr("status", "equalto", "missed")|list %}',
        '{%p set empty = facts|selectattr("value", "none")|rejectattr("suppressed")|list %}',
        '{%p set partial = facts|rejectattr("value", "none")|selectattr("incomplete")|list %}',
        "{%p if missed %}",
    )
    write_plain(
        document,
        "Цель не достигнута (не хватает — на сколько больше должно быть учтено, у доли — в её "
        "числителе):",
    )
    add_tags(document, "{%p for line in lines if line.cells[at].fact in missed %}")
    add_item(
        document,
        "{% set fact = line.cells[at].fact %}" + NAMED + ": " + WITH_UNIT + " при цели "
        "{{ fact|target }}{% if fact.shortfall %}, до цели не хватает "
        "{{ fact|lacking }}{% endif %}"
        "{% if fact.incomplete %} ({{ fact|preliminary }}){% endif %}"
        "{% if fact.shortfall and not fact.incomplete %}"
        + AFTER_LACKING
        + "{% else %}"
        + SUFFIX
        + "{% endif %}",
    )
    add_tags(
        document, "{%p endfor %}", '{%p elif facts|selectattr("status", "equalto", "met")|list %}'
    )
    write_plain(document, "Показателей, цель по которым не достигнута, нет.")
    add_tags(document, '{%p elif facts|selectattr("status", "equalto", "no_data")|list %}')
    write_plain(
        document,
        "Достигнуты ли цели, сказать нельзя: по показателям, для которых они установлены, данных "
        "нет.",
    )
    add_tags(document, "{%p endif %}", "{%p if empty %}")
    write_plain(document, "Значения нет (строки «из них» здесь не повторяются):")
    add_tags(
        document, "{%p for line in lines if not line.depth and line.cells[at].fact in empty %}"
    )
    add_item(document, NAMED + " — {{ line.cells[at].fact|reason }}" + SUFFIX)
    add_tags(document, "{%p endfor %}", "{%p endif %}", "{%p if partial %}")
    write_plain(
        document,
        'Сведения неполны: {{ partial|length }} {{ partial|length|plural("значение посчитано", '
        '"значения посчитаны", "значений посчитано") }} по данным не всех школ, и после сдачи '
        "остальными они могут измениться.",
    )
    add_tags(document, "{%p endif %}", "{%p if checks %}")
    write_plain(document, "Данные не прошли проверки:")
    add_tags(document, "{%p for check in checks %}")
    add_item(
        document,
        "{{ check.message }}: {% for failure in check.failures[:6] %}{{ failure.place }} "
        '({{ failure.years|join(", ") }}){{ ", " if not loop.last }}{% endfor %}'
        "{% if check.failures|length > 6 %} и ещё {{ check.failures|length - 6 }}{% endif %}"
        + SUFFIX,
    )
    add_tags(document, "{%p endfor %}", "{%p endif %}")
    add_tags(document, "{%p if not missed and not empty and not partial and not checks %}")
    write_plain(document, "По представленным сведениям проблем не выявлено.")
    add_tags(document, "{%p endif %}")


def write_conclusions(document: Any) -> None:
    """How many targets were reached, year by year, and what comes first."""
    write(document, "6. Выводы", style="Heading 1")
    add_tags(
        document,
        '{%p set shown = facts|rejectattr("suppressed")|list %}',
        "{%p set without = namespace(years=0) %}",
        "{%p for tally in place.tallies %}",
        '{%p set told = lines|map(attribute="cells")|map(attribute=loop.index0)'
        '|map(attribute="fact")|select|list %}',
        '{%p set blank = not told|rejectattr("value", "none")|list and '
        'not told|selectattr("suppressed")|list %}',
        "{%p if blank %}",
    )
    write_plain(
        document,
        "{{ tally.year|year(indicator_columns.period) }}: данных нет ни по одной из "
        '{{ lines|length }} {{ lines|length|plural("строки", "строк", "строк") }} показателей'
        "{% if tally.targets %}, в том числе ни по одной из {{ tally.targets }} "
        '{{ tally.targets|plural("цели", "целей", "целей") }}{% endif %}. Выводов за этот год нет.',
    )
    add_tags(document, "{%p elif tally.targets %}")
    write_plain(
        document,
        "{{ tally.year|year(indicator_columns.period) }}: из {{ tally.targets }} "
        '{{ tally.targets|plural("цели", "целей", "целей") }} достигнуто {{ tally.met }} '
        "({{ (100 * tally.met / tally.targets)|percent }}), не достигнуто {{ tally.missed }}"
        "{% if tally.missing %}, нет данных — {{ tally.missing }}{% endif %}"
        "{% if tally.preliminary %}; предварительных выводов — {{ tally.preliminary }}{% endif %}.",
    )
    add_tags(document, "{%p elif tally.year == last_year %}")
    write_plain(
        document,
        YEAR + ": полные сведения получены по "
        '{{ shown|rejectattr("value", "none")|rejectattr("incomplete")|list|length }} '
        'из {{ shown|length }} {{ shown|length|plural("строки", "строк", "строк") }} показателей.',
    )
    add_tags(
        document,
        "{%p endif %}",
    )
    _write_awaited(document)
    add_tags(document, "{%p endfor %}")
    _write_forms(document)
    add_tags(
        document,
        "{%p set before = place.tallies[at - 1] %}",
        "{%p set now = place.tallies[at] %}",
        "{%p if at and now.met + now.missed == before.met + before.missed > 0 %}",
    )
    write_plain(
        document,
        "Достигнутых целей {% if now.met > before.met %}больше, чем годом раньше"
        "{% elif now.met < before.met %}меньше, чем годом раньше{% else %}столько же, сколько годом "
        "раньше{% endif %}: {{ now.met }} и {{ before.met }}.",
    )
    add_tags(document, "{%p endif %}", '{%p if "worse" in trends %}')
    write_plain(
        document,
        "{% for line in lines if line.cells[at].fact in missed and " + _WORSE + " %}"
        "{% if loop.first %}Внимания прежде всего требуют показатели, цель по которым не достигнута, "
        "а значение хуже прошлогоднего: {% endif %}{{ line.code or line.title }}"
        '{{ ", " if not loop.last else "." }}{% else %}Показателей, цель по которым не достигнута, '
        "а значение хуже прошлогоднего, нет.{% endfor %}",
    )
    add_tags(document, "{%p endif %}")


def _write_awaited(document: Any) -> None:
    """Who has not sent what a year's conclusions lack."""
    add_tags(
        document,
        '{%p set asked = reporters|map(attribute="reported")|map(attribute=tally.year)'
        '|reject("none")|list %}',
        '{%p set awaited = asked|select("false")|list|length %}',
        "{%p if awaited and (blank or tally.missing) %}",
    )
    write_plain(
        document,
        '{{ tally.year|year(indicator_columns.period) }}: {{ awaited|plural("сведений не прислала", '
        '"сведений не прислали", "сведений не прислали") }} {{ awaited }} '
        '{{ awaited|plural("школа", "школы", "школ") }} из {{ asked|length }}: '
        "{% for one in reporters if one.reported[tally.year] is false %}{{ one.title }}"
        '{{ ", " if not loop.last }}{% endfor %}.',
    )
    add_tags(
        document,
        "{%p endif %}",
        "{%p if blank or (awaited and awaited == asked|length) %}",
        "{%p set without.years = without.years + 1 %}",
        "{%p endif %}",
    )


def _write_forms(document: Any) -> None:
    """What has to be sent where there is nothing to conclude from."""
    add_tags(document, "{%p if without.years and catalogue.forms %}")
    write_plain(document, "Чтобы сделать выводы, нужны:")
    add_tags(document, "{%p for form in catalogue.forms.values() %}")
    add_item(
        document,
        "{{ form.title|quote }} — "
        "{% if form.fills == catalogue.levels[0] %}от каждой школы{% else %}от муниципалитета"
        "{% endif %}" + SUFFIX,
    )
    add_tags(document, "{%p endfor %}", "{%p endif %}")


def add_advice(document: Any, title: str) -> None:
    """The recommendations to a place; the public has none."""
    add_tags(document, '{%p if audience != "public" %}')
    write(document, title, style="Heading 1")
    add_tags(
        document,
        "{%p set tips = (advice[place.level, place.id] if advice is defined else ())|default(()) %}",
        "{%p for tip in tips %}",
    )
    write(
        document,
        "{{ tip.text }}{% if tip.year != years|max and not tip.says_year %} ({{ tip.year|year("
        "(catalogue.indicators.get(tip.about) or catalogue).period) }}){% endif %}",
        style="List Number",
    )
    add_tags(document, "{%p else %}")
    write_plain(document, "Рекомендаций по этим сведениям нет.")
    add_tags(document, "{%p endfor %}", "{%p endif %}")
