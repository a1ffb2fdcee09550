"""A town whose forms show everything that may stand beside a live value: classes, points, targets."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

from engine.catalogue.model import Catalogue, Input
from engine.data.model import Data
from engine.forms.layout import lay_out_form
from engine.forms.out.checks import Answers, CellValue
from engine.forms.out.prepared_forms import PreparedForms, prepare_forms
from tests.written import read_written

YEAR = 2024

SCALES = """\
scales:
  coverage:
    unit: percent
    round: 0
    classes:
      high: {title: высокий, at_least: 81, points: 5, colour: green}
      middle: {title: средний, at_least: 61, at_most: 80, points: 3}
      low: {title: низкий, at_least: 10, at_most: 60, points: 0.5}
  total:
    unit: point
    classes:
      good: {title: хорошо, at_least: 4}
      fair: {title: терпимо, below: 4}
"""

CATALOGUE = (
    """
catalogue: {id: town, title: Городок, municipality: Городок, levels: [school, municipality], years: [2022, 2023, 2024, 2025]}
register:
  rural: {title: Сельская, type: yes_no}
"""
    + SCALES
    + """\
  moved:
    unit: percentage_point
    classes:
      grew: {title: выросло, above: 0.5}
      same: {title: так же, at_least: -0.5, at_most: 0.5}
      fell: {title: снизилось, below: -0.5}
  near:
    unit: percent
    classes:
      above: {title: выше прошлого, above: previous(value), points: 2}
      not_above: {title: не выше прошлого, at_most: previous(value), points: 1}
  best: {unit: percent, linear: [[0, 0], ["at(municipality, max_of(school, value))", 100]]}
  by_line: {unit: percent, linear: [[50, 0], [100, 10]]}
  colours: {classes: {red: {title: красный, points: 1}, yellow: {title: жёлтый, points: 2}, green: {title: зелёный, points: 3}}}
tables:
  five:
    title: Цвет
    down: coverage
    across: moved
    cells: colours
    values:
      high: {grew: green, same: green, fell: yellow}
      middle: {grew: green, same: yellow, fell: red}
      low: {grew: yellow, same: red, fell: red}
constants:
  plan_share: {title: План города, unit: percent, level: municipality, values: {town: {2022: 60, 2024: 70, 2025: 72}}}
  step: {title: Шаг, unit: percent, values: {2022: 33.25, 2023: 50, 2024: 66.65, 2025: 80}}
inputs:
  pupils: {title: Обучающиеся, unit: person, required: true}
  covered: {title: Охваченные, unit: person, within: pupils}
  climate: {title: Климат, type: choice, options: {good: {title: хороший, points: 4}, bad: {title: плохой, points: 1}}}
  site: {title: Сайт, type: yes_no, points: {yes: 1, no: 0}}
  mark: {title: Отметка, type: number, unit: percent, rollup: mean, scale: by_line}
  why: {title: Почему так мало, type: text, asked_if: covered < 5}
  helped: {title: Получили помощь, unit: person, asked_if: covered < 5}
  told: {title: Кому рассказали, unit: person, asked_if: site}
  city_plan: {title: План по охвату, type: number, unit: percent, level: municipality}
indicators:
  share_covered:
    title: Охват
    unit: percent
    formula: share(covered, pupils)
    better: more
    scale: coverage
    comparator: at_least
    target_level: [school, municipality]
    targets: {2023: {at_least: "0.9 * previous(value)"}, 2024: {increase: 4}, 2025: {at_least: step}}
  share_again: {title: Охват ещё раз, unit: percent, formula: share_covered, scale: near, target_level: municipality, targets: {2023: 50, 2024: {at_least: plan_share}, 2025: {at_least: city_plan}}}
  share_best: {title: К лучшему, unit: percent, formula: share_covered, scale: best, target_level: municipality, targets: {2024: {at_least: "mean_of(school, share_covered)"}}}
  share_between: {title: В пределах, unit: percent, formula: share_covered, target_level: school, targets: {2022: 10, 2023: {between: [step, 90]}, 2024: {between: [40, step]}, 2025: {at_most: 90}}}
  people: {title: Сколько, unit: person, formula: covered, target_level: [school, municipality], base: {2021: 10}, targets: {2022: {increase: 5}, 2023: {exactly: 20}, 2024: given, 2025: given}}
  share_given: {title: Доля по списку, unit: percent, formula: share_covered, target_level: school, targets: {2023: given, 2024: given}}
  reached_given: {title: Степень, unit: percent, formula: degree(share_given)}
  has_site: {title: Сайт есть, formula: site, target_level: school, targets: {2024: yes}}
  change_covered: {title: Изменение охвата, unit: percentage_point, formula: change(share_covered), scale: moved}
  colour: {title: Цвет, formula: "lookup(five, share_covered, change_covered)"}
  colour_points: {title: Баллы за цвет, unit: point, formula: points(colour), levels: [school]}
  cover_points: {title: Баллы за охват, unit: point, formula: points(share_covered)}
  index:
    title: Индекс
    unit: point
    score: {how: mean, of: {points(share_covered): 0.5, points(climate): 0.3, points(site): 0.2}, absent: rescale}
    levels: [school]
    scale: total
  summed: {title: Сумма, unit: point, score: {of: [cover_points, colour_points]}, levels: [school], scale: total}
  same_change: {title: По тем же школам, unit: percentage_point, formula: change(share_covered), same_schools: yes, scale: moved}
  same_before: {title: Было в тех же, unit: person, formula: previous(covered), same_schools: yes}
  rural_change: {title: В сёлах, unit: percent, formula: growth(pupils), same_schools: yes, where: rural}
  site_points: {title: Баллы за сайт, unit: point, formula: points(site), levels: [school]}
  climate_points: {title: Баллы за климат, unit: point, formula: points(climate), levels: [school]}
SCORES  best_points: {title: Баллы к лучшему, unit: point, formula: points(share_best)}
forms:
  report:
    title: Отчёт школы
    years: {fact: [0]}
    sections: &sections
      - title: Числа
        rows:
          - {number: "1", cells: [pupils, covered, climate, site, mark, why, helped, told]}
      - title: Показатели
        rows:
          - {number: "2", indicator: share_covered}
          - {number: "3", indicator: share_again}
          - {number: "4", indicator: share_best}
          - {number: "5", indicator: share_between}
          - {number: "6", indicator: people}
          - {number: "7", indicator: share_given}
          - {number: "8", indicator: reached_given}
          - {number: "9", indicator: has_site}
          - {number: "10", indicator: change_covered}
          - {number: "11", indicator: colour}
          - {number: "12", indicator: cover_points}
          - {number: "13", indicator: colour_points}
          - {number: "14", indicator: summed}
          - {number: "15", indicator: index}
          - {number: "16", indicator: same_change}
          - {number: "17", indicator: same_before}
          - {number: "18", indicator: rural_change}
          - {number: "19", indicator: best_points}
          - {number: "20", indicator: climate_points}
          - {number: "21", indicator: site_points}
ROWS  years:
    title: Три года
    years: {fact: [-1, 0], forecast: [1]}
    sections: SECTIONS
  city:
    title: Форма города
    fills: municipality
    years: {fact: [0], forecast: [1]}
    sections:
      - title: Город
        rows:
          - {number: "1", input: city_plan}
          - {number: "2", indicator: share_covered}
          - {number: "3", indicator: share_again}
          - {number: "4", indicator: share_best}
          - {number: "5", indicator: people}
          - {number: "6", indicator: same_change}
"""
)

REGISTER = """school;title;rural;opened;closed;successor
a;Школа № 1;да;;;
b;Школа № 2;нет;;;
c;Школа № 3;да;;;
new;Новая школа;нет;2024;;
old;Старая школа;да;;2024;c
"""

FACTS = """school;year;pupils;covered;climate;site;mark
a;2022;100;50;good;да;80
a;2023;110;66;good;нет;90
b;2022;40;10;bad;да;
b;2023;40;;;да;
c;2022;30;30;good;да;50
c;2023;33;27;bad;да;50
old;2023;20;5;bad;да;50
"""

TARGETS = """indicator;level;place;year;comparator;value
share_given;school;a;2024;не менее;66,6
share_given;school;b;2024;не более;50
share_given;school;c;2024;ровно;75
share_given;school;a;2023;none;60
people;school;a;2024;не менее;40
people;municipality;town;2024;не менее;90
people;school;b;2025;ровно;12
"""


MEMBERS = "{cover_points: 0.5, points(climate): 0.3, points(site): 0.2}"
PLAIN = "[cover_points, colour_points, points(climate), points(site)]"


def _write_scores() -> Iterator[tuple[str, str]]:
    """A score of every way of taking members together, over cells of the form: its id and its line."""
    for how, absent, (members, unit) in product(
        ("sum", "mean", "share"),
        ("none", "zero", "rescale", "{move: {points(climate): cover_points}}"),
        ((MEMBERS, ""), (PLAIN, "_plain")),
    ):
        of = members.replace("cover_points", "points(share_covered)") if how == "share" else members
        of = of.replace("colour_points", "points(colour)") if how == "share" else of
        away = absent.replace("cover_points", "points(share_covered)") if how == "share" else absent
        name = f"{how}_{absent.strip('{').partition(':')[0]}{unit}"
        unit_of = "percent" if how == "share" else "point"
        score = f"how: {how}, of: {of}, absent: {away}, members: {1 + len(unit) // 3}"
        keys = f"title: {name}, unit: {unit_of}, levels: [school], decimals: 3"
        yield name, f"  {name}: {{{keys}, score: {{{score}}}}}\n"


def read_town(folder: Path) -> tuple[Catalogue, Data]:
    """The catalogue and the data, written into a folder."""
    head, rest = CATALOGUE.split("&sections\n")
    sections, tail = rest.split("  years:\n    title: Три года\n")
    text = f"{head}\n{sections}  years:\n    title: Три года\n{tail}"
    scores = list(_write_scores())
    text = text.replace("SCORES", "".join(line for _name, line in scores))
    rows = [
        f'          - {{number: "s{number}", indicator: {name}}}\n'
        for number, (name, _line) in enumerate(scores)
    ]
    text = text.replace(" SECTIONS\n", f"\n{sections}").replace("ROWS", "".join(rows))
    tables = {"schools": REGISTER, "facts": FACTS, "targets": TARGETS}
    catalogue, data, _problems = read_written(folder, text, **tables)
    return catalogue, data


def draw_answers(catalogue: Catalogue, form: str, seed: int) -> Answers:
    """What a school may write: numbers that lie about the ends of classes, words, nothing."""
    draw = random.Random(seed)
    layout = lay_out_form(catalogue, catalogue.forms[form], YEAR)
    pupils = draw.choice((3, 7, 8, 40, 200, 1000))
    answers: dict[Any, CellValue] = {}
    for line in layout.input_lines:
        for column in layout.columns:
            raw = _draw_answer(draw, catalogue.inputs[str(line.input)], pupils)
            if raw is not None:
                answers[str(line.input), column.year + line.shift, column.scenario] = raw
    return answers


def _draw_answer(draw: random.Random, asked: Input, pupils: int) -> CellValue:
    if draw.random() < 0.15:
        return draw.choice((None, None, "н/п", "около сорока"))
    if asked.id == "pupils":
        return pupils
    if asked.type == "count":
        return draw.choice(
            (draw.randint(0, pupils), round(pupils * draw.choice((0.605, 0.805, 0.1))))
        )
    if asked.type == "number":
        return draw.choice((0, 49.95, 50, 62.5, 70, 77.777, 100))
    return draw.choice(
        {"yes_no": ("да", "нет")}.get(asked.type, (*asked.options.values(), "текст"))
    )


def prepare(catalogue: Catalogue, data: Data, form: str, seed: int | None = None) -> PreparedForms:
    """The forms of the year, filled in at random by everybody, or empty."""
    places = {name for _level, name in data.titles} | {"a", "b", "c", "new"}
    answers = (
        {
            place: draw_answers(catalogue, form, seed * 100 + number)
            for number, place in enumerate(sorted(places))
        }
        if seed is not None
        else {}
    )
    return prepare_forms(catalogue, data, catalogue.forms[form], YEAR, answers=answers)
