"""A small town whose form asks a little of everything, and looking into its workbooks."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from engine import load
from engine.catalogue.model import Catalogue
from engine.data import read_data
from engine.data.model import Data
from engine.forms.layout import Layout, lay_out_form
from engine.forms.out.checks import Answers, Key
from engine.forms.out.prepared_forms import PreparedForm, PreparedForms, prepare_forms
from engine.forms.out.write import draw_form

YEAR = 2023

CATALOGUE = """
catalogue:
  id: town
  title: Городок
  levels: [school, municipality]
  years: [2022, 2023, 2024]
  source: {title: "=HYPERLINK(\\"http://example.org\\",\\"приказ\\")", number: "7", date: 2023-12-29}
register:
  has_grades_10_11: {title: Есть 10–11 классы, type: yes_no}
units:
  prize: {title: приз, forms: [приз, приза, призов]}
inputs:
  students: {title: Обучающиеся, unit: person, note: На 1 сентября.}
  covered:
    title: Охваченные
    unit: person
    within: students
    parts: partition
    of_which:
      younger: {title: младшие}
      older: {title: старшие, applies_to: has_grades_10_11}
  seniors: {title: Обучающиеся 10–11 классов, unit: person, applies_to: has_grades_10_11}
  leavers: {title: Выпускники, unit: person, asked_for: previous}
  plan:
    title: "@План есть"
    type: yes_no
    when_yes:
      day: {title: Дата, type: date, required: true}
      page: {title: Ссылка, type: link}
      words: {title: "+Чем хорош", type: text}
  mark: {title: Средний балл, type: number, unit: percent}
  money: {title: Расходы, type: number, unit: rouble}
  kind:
    title: Вид
    type: choice
    options: {near: "Рядом, за углом", far: Далеко}
  prizes: {title: Призы, unit: prize, since: 2024}
  city_plan: {title: План города, type: yes_no, level: municipality}
indicators:
  share_covered: {code: "2", title: "=1+1", unit: percent, formula: "share(covered, students)"}
  more: {title: Прирост, unit: person, formula: change(students)}
checks:
  - {id: many, rule: "abs(growth(students)) <= 30", message: "Обучающихся стало больше или меньше на 30 %", severity: warning}
  - {id: both, rule: covered + seniors <= 2 * students, message: "Слишком много"}
forms:
  report:
    title: Отчёт о работе
    due: 2024-01-26
    intro: Пишите внимательно.
    footer: Спасибо.
    sections:
      - title: "=Первый раздел"
        rows:
          - {number: "1", input: students}
          - {number: "2", indicator: share_covered}
          - {number: "2.1", input: covered, title: "Охвачено, из них"}
          - {number: "3", title: Разное, note: "Всё сразу", cells: [seniors, mark]}
          - {heading: Остальное}
          - {number: "4", input: leavers}
          - {number: "5", input: plan}
          - {number: "6", indicator: more}
          - {number: "7", title: Не спрашивается, blank: "-"}
          - {number: "8", input: money}
          - {number: "9", input: kind}
          - {number: "10", input: prizes}
  years:
    title: Три года
    years: {fact: [-1, 0], forecast: [1]}
    period: academic_year
    sections:
      - title: Числа
        rows:
          - {number: "1", indicator: share_covered}
          - {number: "2", indicator: more}
          - {number: "3", input: leavers}
  city:
    title: Город
    fills: municipality
    sections:
      - title: Город
        rows:
          - {number: "1", input: city_plan}
"""

REGISTER = """school;title;has_grades_10_11;opened;closed
a;Школа № 1;да;;
b;Школа № 2;нет;;
con;CON;да;;
old;Закрытая;да;;2023
"""

FACTS = """school;year;students;covered;covered.younger;covered.older;plan;plan.words;kind;leavers
a;2022;100;50;30;20;да;=2+2;near;17
a;2021;90;;;;;;;16
b;2022;40;10;10;;нет;;;
"""

NOTICE = "Демонстрационные данные: вымышлены.\n"


def write_town(folder: Path, *, facts: bool = True, notice: bool = True) -> tuple[Path, Path]:
    """The folder of the catalogue and that of the data."""
    catalogue, data = folder / "town", folder / "data"
    catalogue.mkdir()
    data.mkdir()
    (catalogue / "catalogue.yaml").write_text(CATALOGUE, encoding="utf-8")
    (data / "schools.csv").write_text(REGISTER, encoding="utf-8")
    if facts:
        (data / "facts.csv").write_text(FACTS, encoding="utf-8")
    if notice:
        (data / "notice.txt").write_text(NOTICE, encoding="utf-8")
    return catalogue, data


def read_town(folder: Path, **more: bool) -> tuple[Catalogue, Data]:
    where, facts = write_town(folder, **more)
    catalogue, problems = load(where)
    assert catalogue is not None, [str(one) for one in problems]
    assert not [one for one in problems if one.severity == "error"], problems
    data, _problems = read_data(catalogue, facts)
    return catalogue, data


class Town:
    """The forms of the town, drawn."""

    def __init__(self, catalogue: Catalogue, data: Data) -> None:
        self.catalogue, self.data = catalogue, data

    def layout(self, form: str = "report") -> Layout:
        return lay_out_form(self.catalogue, self.catalogue.forms[form], YEAR)

    def prepare(
        self,
        form: str = "report",
        answers: Mapping[str, Answers] | None = None,
        comments: Mapping[str, Mapping[Key, str]] | None = None,
    ) -> PreparedForms:
        return prepare_forms(
            self.catalogue,
            self.data,
            self.catalogue.forms[form],
            YEAR,
            answers=answers,
            comments=comments,
        )

    def draw(self, place: str = "a", form: str = "report", **more: Any) -> bytes:
        prepared = self.prepare(form, **more)
        return draw_bytes(prepared, next(one for one in prepared.places if one.id == place))

    def sheet(self, place: str = "a", form: str = "report", **more: Any) -> tuple[Any, Any]:
        """The sheet with its formulas, and with the values that were written beside them."""
        return open_sheets(self.draw(place, form, **more))


def draw_bytes(prepared: PreparedForms, one: PreparedForm) -> bytes:
    stream = io.BytesIO()
    draw_form(stream, prepared.blueprints[one.pattern], one.sheet)
    return stream.getvalue()


def open_sheets(content: bytes) -> tuple[Any, Any]:
    formulas = load_workbook(io.BytesIO(content)).active
    values = load_workbook(io.BytesIO(content), data_only=True).active
    return formulas, values


def fact(name: str, year: int = YEAR) -> Key:
    return (name, year, "fact")
