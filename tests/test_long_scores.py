"""Scores that are too long for one cell of a form: their parts stand in hidden cells."""

from __future__ import annotations

import io
import math
import os
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.cell_range import CellRange

from engine import load
from engine.catalogue.model import Catalogue
from engine.data import read_data
from engine.data.model import Data
from engine.forms.layout import lay_out_form
from engine.forms.out.checks import Answers, CellValue, Key
from engine.forms.out.live_scores import LiveMember, weigh_cells
from engine.forms.out.prepared_forms import PreparedForms, prepare_forms
from engine.forms.out.score_parts import is_part
from engine.language.grammar import Weighing
from engine.workbooks.addresses import name_column
from tests import filling
from tests.assessed_town import SCALES
from tests.filling import Town, facts_of, fill, find_cells, gather
from tests.form_town import draw_bytes
from tests.office import needs_office
from tests.shipped_report import read_demo
from tests.test_form_assessments import compare_books, write_books
from tests.test_form_office import SHIPPED, formulas_of, values_of

EXAMPLES = int(os.environ.get("FORM_EXAMPLES", "1"))
"""How many random fillings of every form by all schools but one; more of them look further."""

YEAR = 2024
SIZES = (3, 6, 12)
RULES = ("none", "zero", "rescale", "move")
PLACES = ("a", "b", "c", "d", "e")

HEAD = (
    """
catalogue: {id: town, title: Городок, municipality: Городок, levels: [school, municipality], years: [2023, 2024, 2025]}
register:
  rural: {title: Сельская, type: yes_no}
"""
    + SCALES
    + """\
  line: {unit: percent, linear: [[30, 0], [90, 10]]}
constants:
  heavy: {title: Вес, values: {2023: 1.5, 2024: 2.5, 2025: 2}}
inputs:
  pupils: {title: Обучающиеся, unit: person}
  weight: {title: Вес первого, type: number, unit: point}
"""
)


def _write_score(name: str, how: str, rule: str, members: Mapping[str, str]) -> str:
    """A score, `members` with their weights; where weights move, each to the next one but for the last."""
    of = ", ".join(f"{member}: {weight}" for member, weight in members.items())
    absent = rule
    if rule == "move":
        steps = list(zip(members, list(members)[1:], strict=False))
        absent = f"{{move: {{{', '.join(f'{a}: {b}' for a, b in steps)}}}}}"
    unit = "percent" if how == "share" else "point"
    score = f"{{how: {how}, of: {{{of}}}, absent: {absent}, members: 2}}"
    keys = f"title: {name}, unit: {unit}, decimals: 3, levels: [school]"
    more = {"move_6": ", scale: total", "in_villages": ", where: rural"}.get(name, "")
    return f"  {name}: {{{keys}, score: {score}{more}}}\n"


def _write_scores() -> Iterator[tuple[str, str]]:
    """The id and the line of every score."""
    hows = ("sum", "mean", "share")
    for (number, rule), (step, size) in product(enumerate(RULES), enumerate(SIZES)):
        members = {f"points(s{number + 1})": f"{number % 3 + 1}.5" for number in range(size)}
        name = f"{rule}_{size}"
        yield name, _write_score(name, hows[(number + step) % 3], rule, members)
    named = {"points(s1)": "heavy", "points(s2)": "weight", "points(s3)": "2"}
    yield "named_move", _write_score("named_move", "mean", "move", named)
    yield "named_rescale", _write_score("named_rescale", "mean", "rescale", named)
    members = {f"points(s{number})": "1" for number in range(1, 7)}
    yield "in_villages", _write_score("in_villages", "mean", "rescale", members)
    of_scores = {"rescale_6": "0.5", "move_6": "0.3", "rescale_12": "0.2"}
    for rule in RULES:
        yield f"over_{rule}", _write_score(f"over_{rule}", "mean", rule, of_scores)
    over = {"over_move": "1", "over_rescale": "2", "named_move": "1"}
    yield "over_over", _write_score("over_over", "sum", "rescale", over)
    keys = "title: Изменение, unit: point, decimals: 2, levels: [school]"
    yield "change_over", f"  change_over: {{{keys}, formula: change(over_move)}}\n"


def write_town(folder: Path) -> tuple[Path, Path]:
    """The folders of the catalogue and of the data."""
    inputs, shares = "", ""
    for number in range(1, max(SIZES) + 1):
        asked = ", applies_to: rural" if number == 2 else ""
        scale = "line" if number % 4 == 3 else "coverage"
        inputs += f"  c{number}: {{title: Число {number}, unit: person{asked}}}\n"
        shares += (
            f"  s{number}: {{title: Доля {number}, unit: percent, scale: {scale},"
            f' formula: "share(c{number}, pupils)"}}\n'
        )
    scores = list(_write_scores())
    lines = "".join(line for _name, line in scores)
    cells = ", ".join(f"c{number}" for number in range(1, max(SIZES) + 1))
    asked = f'          - {{number: "1", cells: [pupils, weight, {cells}]}}\n'
    rows = [
        f'          - {{number: "s{number}", indicator: {name}}}\n'
        for number, (name, _line) in enumerate(scores)
    ]
    shown = "".join(
        f'          - {{number: "d{number}", indicator: s{number}}}\n'
        for number in range(1, max(SIZES) + 1)
    )
    forms = f"""forms:
  bare:
    title: Только итоги
    years: {{fact: [-1, 0]}}
    sections:
      - title: Всё
        rows:
{asked}{"".join(rows)}  shown:
    title: Доли и итоги
    years: {{fact: [0], forecast: [1]}}
    sections:
      - title: Всё
        rows:
{asked}{shown}{"".join(rows[3::4])}"""
    (folder / "town").mkdir(parents=True)
    (folder / "data").mkdir()
    text = f"{HEAD}{inputs}indicators:\n{shares}{lines}{forms}"
    (folder / "town" / "catalogue.yaml").write_text(text, encoding="utf-8")
    register = "school;title;rural;opened\na;А;да;\nb;Б;нет;\nc;В;да;\nd;Г;да;2024\ne;Д;;\n"
    (folder / "data" / "schools.csv").write_text(register, encoding="utf-8")
    facts = "school;year;pupils;c1;c2;c3\na;2023;100;50;90;70\nb;2023;40;39;;20\n"
    (folder / "data" / "facts.csv").write_text(facts, encoding="utf-8")
    return folder / "town", folder / "data"


World = tuple[Catalogue, Data]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    town, folder = write_town(tmp_path_factory.mktemp("long"))
    catalogue, problems = load(town)
    assert catalogue is not None
    assert not [str(each) for each in problems if each.severity == "error"]
    data, _problems = read_data(catalogue, folder)
    return catalogue, data


def draw_answers(catalogue: Catalogue, form: str, draw: random.Random) -> Answers:
    """What a school may write: shares about the ends of classes, «н/п», words, nothing."""
    layout = lay_out_form(catalogue, catalogue.forms[form], YEAR)
    gaps = draw.choice((0.03, 0.1, 0.3))
    pupils = draw.choice((3, 7, 200, 1000))
    answers: dict[Key, CellValue] = {}
    for line in layout.input_lines:
        for column in layout.columns:
            raw: CellValue = draw.choice(
                (draw.randint(0, pupils), round(pupils * draw.choice((0.605, 0.805, 0.1))))
            )
            if line.input == "pupils":
                raw = pupils
            elif line.input == "weight":
                raw = draw.choice((0, 1, 2.5))
            if draw.random() < gaps:
                raw = draw.choice((None, "н/п", "н/п", "около сорока"))
            if raw is not None:
                answers[str(line.input), column.year + line.shift, column.scenario] = raw
    return answers


@pytest.fixture(scope="module")
def prepared(world: World) -> Mapping[str, PreparedForms]:
    """The forms of the year, each filled in at random by everybody but the last school."""
    catalogue, data = world
    forms: dict[str, PreparedForms] = {}
    for form, seed in product(catalogue.forms, range(EXAMPLES)):
        draw = random.Random(seed)
        answers = {place: draw_answers(catalogue, form, draw) for place in PLACES[:-1]}
        answers[PLACES[-1]] = {}
        made = prepare_forms(catalogue, data, catalogue.forms[form], YEAR, answers=answers)
        forms[f"{form}-{seed}"] = made
    return forms


@needs_office
@pytest.mark.no_cover
def test_the_office_computes_long_scores_as_the_engine(
    prepared: Mapping[str, PreparedForms], tmp_path: Path
) -> None:
    problems = {str(problem) for forms in prepared.values() for problem in forms.problems}
    assert not problems
    for forms in prepared.values():
        for form in forms.places:
            assert all(form.sheet.formulas.values())
    books = write_books(tmp_path, prepared)
    values = [value for written in books.values() for value in written.values()]
    assert sum(isinstance(value, float) for value in values) > 250 * EXAMPLES
    assert {"", "н/п", "хорошо", "терпимо"} <= set(values)
    wrong = compare_books(tmp_path, books, is_same)
    assert not wrong, "\n".join(wrong[:10])


def is_same(written: Any, computed: Any) -> bool:
    """Whether two values are one; of a part that is printed nowhere the engine gives twelve digits."""
    if isinstance(written, float) and isinstance(computed, float):
        return math.isclose(written, computed, rel_tol=1e-11, abs_tol=1.5e-9)
    return bool(written == computed)


def test_only_what_is_too_long_is_read_in_hidden_cells(
    prepared: Mapping[str, PreparedForms],
) -> None:
    place = prepared["bare-0"].places[0]
    column = name_column(place.sheet.parts[0].column + 1)
    split = {
        key[0]
        for key, formula in place.sheet.formulas.items()
        if f"ISNUMBER({column}" in formula and not is_part(key)
    }
    assert {"move_6", "rescale_12", "over_move", "over_over", "named_move", "in_villages"} <= split
    assert not {"none_3", "rescale_3"} & split  # they are long, yet a cell takes them
    for name, form, year in SHIPPED:
        catalogue, data = read_demo(name)
        for shipped in prepare_forms(catalogue, data, catalogue.forms[form], year).places:
            assert not shipped.sheet.parts


def test_each_member_stands_once(prepared: Mapping[str, PreparedForms]) -> None:
    parts = prepared["shown-0"].places[0].sheet.parts
    assert len({part.key for part in parts}) == len(parts) == len({part.row for part in parts})
    # Twelve members, six of them again in villages, a weight, and six scores that others take in.
    facts = [part for part in parts if part.key[1:] == (YEAR, "fact")]
    assert len(facts) <= max(SIZES) + 6 + 1 + 6


@pytest.mark.no_cover
def test_the_form_of_a_place_depends_on_no_other(
    world: World, prepared: Mapping[str, PreparedForms]
) -> None:
    catalogue, data = world
    form = catalogue.forms["bare"]
    (alone,) = prepare_forms(catalogue, data, form, YEAR, places=["a"]).places
    assert alone.sheet.formulas == prepared["bare-0"].places[0].sheet.formulas
    assert alone.sheet.parts == prepared["bare-0"].places[0].sheet.parts


def test_hidden_cells_are_locked_hidden_and_not_printed(
    prepared: Mapping[str, PreparedForms],
) -> None:
    place = prepared["bare-0"].places[0]
    book = openpyxl.load_workbook(io.BytesIO(draw_bytes(prepared["bare-0"], place)))
    (sheet,) = book.worksheets
    letters = name_column(place.sheet.parts[0].column + 1)
    assert sheet.column_dimensions[letters].hidden
    assert sheet.protection.sheet
    for part in place.sheet.parts:
        cell = sheet[f"{letters}{part.row + 1}"]
        assert cell.data_type == "f"
        assert cell.protection.locked
    printed = CellRange(sheet.print_area.rpartition("!")[2].replace("$", ""))
    assert printed.max_col <= place.sheet.parts[0].column
    assert letters not in {address.rstrip("0123456789") for address in find_cells(sheet).values()}


@needs_office
@pytest.mark.no_cover
def test_answers_are_collected_beside_hidden_cells(
    world: World, prepared: Mapping[str, PreparedForms], tmp_path: Path
) -> None:
    catalogue, _data = world
    answers = draw_answers(catalogue, "bare", random.Random(2))
    words = {key for key, raw in answers.items() if raw == "около сорока"}
    answers = {key: raw for key, raw in answers.items() if key not in words}
    book = tmp_path / "a.xlsx"
    empty = replace(prepared["bare-0"].places[0].sheet, answers={})
    book.write_bytes(
        draw_bytes(prepared["bare-0"], replace(prepared["bare-0"].places[0], sheet=empty))
    )
    fill(book, answers, tmp_path / "filled" / "a.xlsx")
    # As a person saves it: hidden cells have their values.
    filling.resave([tmp_path / "filled" / "a.xlsx"], tmp_path / "came")
    shown = values_of(tmp_path / "came" / "a.xlsx", formulas_of(book))
    assert sum(isinstance(value, float) for value in shown.values()) > 20
    town = Town(catalogue, catalogue.folder.parent / "data", {"bare": {"a": book}})
    collected = gather(town, tmp_path / "came", tmp_path / "collected")
    assert not [each for each in collected.problems if each.severity == "error"]
    facts = facts_of(tmp_path / "collected", "a")
    values = {key: value for key, (value, state) in facts.items() if state == "value"}
    numbers = {key: raw for key, raw in answers.items() if raw != "н/п"}
    assert {key: float(value) for key, value in values.items()} == numbers
    absent = {key for key, (_value, state) in facts.items() if state == "not_applicable"}
    assert absent == set(answers) - set(numbers)


def test_what_no_cell_takes_is_still_told(tmp_path: Path) -> None:
    """A member that is too long by itself has no hidden cell, and the score keeps its value only."""
    folder, where = write_town(tmp_path)
    file = folder / "catalogue.yaml"
    cubes = "".join(
        f"  i{number + 1}: {{title: Куб, unit: point, levels: [school],"
        f' formula: "i{number} * i{number} * i{number}"}}\n'
        for number in range(5)
    )
    first = "  i0: {title: Куб, unit: point, levels: [school], formula: weight / 3 + weight}\n"
    score = _write_score("too_long", "sum", "rescale", {"i5": "1", "points(s1)": "1"})
    text = file.read_text(encoding="utf-8")
    text = text.replace("forms:\n", f"{first}{cubes}{score}forms:\n")
    text = text.replace('"s0", indicator: none_3', '"s0", indicator: too_long')
    file.write_text(text, encoding="utf-8")
    catalogue, problems = load(folder)
    assert catalogue is not None, problems
    data, _problems = read_data(catalogue, where)
    prepared = prepare_forms(catalogue, data, catalogue.forms["bare"], YEAR, places=["a"])
    assert [problem.code for problem in prepared.problems] == ["long-live-formula"]
    assert "too_long" in prepared.problems[0].message
    assert not prepared.places[0].sheet.formulas["too_long", YEAR, "fact"]
    assert prepared.places[0].sheet.formulas["move_12", YEAR, "fact"]


def test_cells_of_two_columns_are_not_one_range() -> None:
    weights = {"AB7": "0.5", "AB8": "0.3", "E9": "0.2", "E10": "0.1"}
    members = [LiveMember(cell, weight, True, address=cell) for cell, weight in weights.items()]
    text = weigh_cells(Weighing(), members).value
    assert ",SUMPRODUCT(E9:E10,{0.2;0.1})+SUMPRODUCT(AB7:AB8,{0.5;0.3})," in text
