"""Two municipalities of one catalogue: all numbers of one differ from those of the other."""

from __future__ import annotations

from pathlib import Path

NORTH, SOUTH, REGION = "Город Север", "Город Юг", "Дальний край"
SCHOOLS = {
    "n1": ("Школа северная", NORTH),
    "n2": ("Лицей северный", NORTH),
    "s1": ("Школа южная", SOUTH),
}
"""School → its title and town. `n2` has not reported."""
CATALOGUE = """
catalogue:
  id: two
  title: Проверка мест
  municipality: Город Каталога
  region: {region}
  levels: [{levels}]
  years: [2022, 2023]
  period: calendar_year
groups: {{g: {{title: Раздел}}, p: {{title: План}}}}
inputs:
  pupils: {{title: Обучающиеся, unit: person}}
  covered: {{title: Охваченные, unit: person}}
  talks: {{title: Беседы, unit: event}}
indicators:
  coverage:
    title: Доля охваченных
    group: g
    unit: percent
    formula: share(covered, pupils)
    target_level: municipality
    targets: {{2022: {{at_least: 50}}, 2023: {{at_least: 50}}}}
    better: more
events:
  meeting:
    title: Проведение бесед
    section: p
    expected: Не менее 3
    results:
      held: {{title: Проведено бесед, formula: talks, unit: event, decimals: 0, target_level: municipality, targets: {{2023: {{at_least: 3}}}}}}
forms:
  counts: {{title: Сведения школы, fills: school, sections: [{{title: Всё, rows: [{{input: pupils}}, {{input: covered}}, {{input: talks}}]}}]}}
  own: {{title: Сведения города, fills: municipality, sections: [{{title: Всё, rows: [{{input: town_plan}}]}}]}}
checks:
  - {{id: few, rule: covered <= pupils, message: Охваченных больше обучающихся, severity: warning}}
advice:
  - {{id: more, level: municipality, when: missed(coverage), text: "{{{{ place_title }}}}: {{{{ value }}}} %"}}
"""
FACTS = """school;year;pupils;covered;talks
n1;2022;100;31;7
n1;2023;100;33;8
s1;2022;100;71;1
s1;2023;50;87;2
"""


def write_towns(
    folder: Path, levels: str = "school, municipality", title: str = ""
) -> tuple[Path, Path]:
    """The folders of the catalogue and of the data; `title`: that of every school."""
    catalogue, data = folder / "catalogue", folder / "data"
    catalogue.mkdir(parents=True)
    data.mkdir()
    text = CATALOGUE.format(region=REGION, levels=levels)
    text = text.replace(
        "  talks:", "  town_plan: {title: План города, type: yes_no, level: municipality}\n  talks:"
    )
    (catalogue / "catalogue.yaml").write_text(text, encoding="utf-8")
    with_region = "region" in levels
    head = "school;title;municipality" + (";region" if with_region else "")
    rows = [
        f"{school};{title or own};{town}" + (f";{REGION}" if with_region else "")
        for school, (own, town) in SCHOOLS.items()
    ]
    (data / "schools.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    (data / "facts.csv").write_text(FACTS, encoding="utf-8")
    return catalogue, data
