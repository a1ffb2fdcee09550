"""What stands beside a live value in a form: class and points, target and verdict; and the counter on top."""

from __future__ import annotations

import operator
import os
from collections.abc import Callable, Mapping
from itertools import zip_longest
from pathlib import Path
from typing import Any
from unittest.mock import patch

import openpyxl
import pytest

from engine.catalogue.model import Catalogue
from engine.data.model import Data
from engine.forms import layout as form_layout
from engine.forms.layout import Layout, lay_out_form
from engine.forms.out.checks import Answers, Key
from engine.forms.out.prepared_forms import PreparedForms, prepare_forms
from engine.workbooks.addresses import name_column
from tests.assessed_town import YEAR, draw_answers, prepare, read_town
from tests.filling import Town, facts_of, fill, find_cells, find_sheet, gather
from tests.form_town import draw_bytes, fact, open_sheets
from tests.office import needs_office
from tests.test_form_office import formulas_of, resave, values_of

EXAMPLES = int(os.environ.get("FORM_EXAMPLES", "2"))
"""How many random fillings of every form; more of them look further."""

World = tuple[Catalogue, Data]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return read_town(tmp_path_factory.mktemp("assessed"))


def prepare_with(world: World, answers: Answers, place: str = "a") -> PreparedForms:
    catalogue, data = world
    form = catalogue.forms["report"]
    return prepare_forms(catalogue, data, form, YEAR, places=[place], answers={place: answers})


def write_books(
    folder: Path, prepared: Mapping[str, PreparedForms]
) -> dict[Path, Mapping[str, Any]]:
    """The workbooks of these forms, each with what is written beside its formulas."""
    books: dict[Path, Mapping[str, Any]] = {}
    for name, forms in prepared.items():
        for form in forms.places:
            path = folder / f"{name}-{form.id}.xlsx"
            path.write_bytes(draw_bytes(forms, form))
            books[path] = values_of(path, formulas_of(path))
    return books


def compare_books(
    folder: Path,
    books: Mapping[Path, Mapping[str, Any]],
    is_same: Callable[[Any, Any], bool] = operator.eq,
) -> list[str]:
    """Where the office computes something else than the engine wrote; `is_same` compares both."""
    saved = resave(folder, list(books), recalculate=True)
    wrong = []
    for path, written in books.items():
        formulas = formulas_of(path)
        computed = values_of(saved[path.name], formulas)
        wrong += [
            f"{path.name} {cell}: {written[cell]!r}, in the office {computed[cell]!r}: {formula}"
            for cell, formula in formulas.items()
            if not is_same(written[cell], computed[cell])
        ]
    return wrong


@needs_office
@pytest.mark.no_cover
def test_the_office_computes_what_the_engine_says(world: World, tmp_path: Path) -> None:
    catalogue, data = world
    prepared = {
        f"{form}-{seed}": prepare(catalogue, data, form, seed)
        for form in catalogue.forms
        for seed in (None, *range(EXAMPLES))
    }
    assert not [problem for forms in prepared.values() for problem in forms.problems]
    books = write_books(tmp_path, prepared)
    words = {str(value) for written in books.values() for value in written.values()}
    assert words >= {
        "ни в одном классе",
        "считает управление",
        "низкий, 0,5\u00a0балла",
        "ориентир: не\u00a0менее 70,0",
        "ровно 75,0: не достигнуто",
        "от 40,0 до 66,7: достигнуто",
    }
    assert sum(map(len, books.values())) > 1000 * EXAMPLES
    wrong = compare_books(tmp_path, books)
    assert not wrong, "\n".join(wrong[:10])


EDGES = [
    ((142, 180), "средний, 3\u00a0балла"),  # 78,888… → 79
    ((161, 200), "высокий, 5\u00a0баллов"),  # 80,5 → 81, half away from zero
    ((805, 1000), "высокий, 5\u00a0баллов"),  # the same, with other noise
    ((804, 1000), "средний, 3\u00a0балла"),
    ((8046, 10000), "средний, 3\u00a0балла"),  # prints 80,5, and is rounded once
    ((57, 600), "низкий, 0,5\u00a0балла"),  # 9,5 → 10
    ((94, 1000), "ни в одном классе"),  # 9,4 → 9
    ((0, 0), ""),
    ((None, 10), ""),
    (("н/п", 10), ""),
]


@needs_office
@pytest.mark.no_cover
def test_a_class_is_decided_on_the_rounded_value(world: World, tmp_path: Path) -> None:
    catalogue, data = world
    places, prepared = ("a", "b", "c", "new"), {}
    for start in range(0, len(EDGES), len(places)):
        edges = dict(zip(places, EDGES[start:], strict=False))
        answers = {
            place: {fact("covered", YEAR): covered, fact("pupils", YEAR): pupils}
            for place, ((covered, pupils), _text) in edges.items()
        }
        form = catalogue.forms["report"]
        forms = prepare_forms(catalogue, data, form, YEAR, places=list(edges), answers=answers)
        said = {
            each.id: each.sheet.values["class:share_covered", YEAR, "fact"] for each in forms.places
        }
        assert said == {place: text for place, (_numbers, text) in edges.items()}
        prepared[str(start)] = forms
    wrong = compare_books(tmp_path, write_books(tmp_path, prepared))
    assert not wrong, "\n".join(wrong[:10])


KNOWN: list[tuple[str, int, Mapping[str, str]]] = [
    # 60,0 was the year before, of 66 and 110; 45,0 its target, and 4 more.
    ("a", 133, {"target:share_covered": "не\u00a0менее 49,0: достигнуто"}),
    ("a", 97, {"target:share_covered": "не\u00a0менее 49,0: не достигнуто"}),
    ("a", 98, {"target:share_covered": "не\u00a0менее 49,0: достигнуто"}),
    ("a", 133, {"target:share_again": "ориентир: не\u00a0менее 70,0"}),
    ("a", 133, {"target:share_best": "считает управление"}),
    ("a", 133, {"best_points": "считает управление"}),
    ("a", 133, {"target:share_between": "от 40,0 до 66,7: достигнуто"}),
    ("a", 134, {"target:share_between": "от 40,0 до 66,7: не достигнуто"}),
    ("a", 39, {"target:people": "не\u00a0менее 40: не достигнуто"}),
    ("a", 40, {"target:people": "не\u00a0менее 40: достигнуто"}),
    ("b", 40, {"target:people": ""}),
    ("a", 120, {"target:share_given": "не\u00a0менее 66,6: не достигнуто"}),
    ("a", 120, {"reached_given": "90.1"}),
    ("b", 120, {"target:share_given": "не\u00a0более 50,0: не достигнуто"}),
    ("b", 120, {"reached_given": "83.3"}),
    ("c", 120, {"target:share_given": "ровно 75,0: не достигнуто"}),
    ("c", 160, {"reached_given": "93.8"}),
    ("new", 160, {"target:share_given": "", "reached_given": ""}),
    # Last year's numbers are known: 60,0 of the school itself, and of one that none has come to.
    ("a", 120, {"same_change": "0.0", "same_before": "66.0", "class:same_change": "так же"}),
    ("c", 120, {"same_change": "считает управление", "same_before": "считает управление"}),
    ("c", 120, {"class:same_change": "считает управление"}),
    ("new", 120, {"same_change": "", "class:same_change": ""}),
    ("b", 120, {"same_change": "", "rural_change": ""}),
    ("a", 120, {"rural_change": "81.8"}),
]


@pytest.fixture(scope="module")
def texts_beside(world: World) -> Mapping[tuple[str, int], Mapping[str, str]]:
    """What the form of a place says beside each value, and of the values, by key of the cell.

    By the place and the number of those covered, of 200 pupils. Preparing the forms of all places
    takes as long as that of one: all places are filled in at once.
    """
    catalogue, data = world
    numbers: dict[str, dict[int, None]] = {}
    for place, covered, _said in KNOWN:
        numbers.setdefault(place, {})[covered] = None
    texts = {}
    for turn in zip_longest(*numbers.values()):
        filled = {
            place: covered
            for place, covered in zip(numbers, turn, strict=True)
            if covered is not None
        }
        answers = {
            place: {fact("covered", YEAR): covered, fact("pupils", YEAR): 200}
            for place, covered in filled.items()
        }
        form = catalogue.forms["report"]
        forms = prepare_forms(catalogue, data, form, YEAR, places=list(filled), answers=answers)
        for each in forms.places:
            values = each.sheet.values.items()
            texts[each.id, filled[each.id]] = {
                key[0]: str(value) for key, value in values if key[1] == YEAR
            }
    return texts


@pytest.mark.no_cover
@pytest.mark.parametrize(("place", "covered", "said"), KNOWN)
def test_a_form_says_what_it_knows(
    texts_beside: Mapping[tuple[str, int], Mapping[str, str]],
    place: str,
    covered: int,
    said: Mapping[str, str],
) -> None:
    texts = texts_beside[place, covered]
    assert {key: texts.get(key, "") for key in said} == said


def test_a_form_of_the_town_judges_the_town(world: World) -> None:
    catalogue, data = world
    prepared = prepare(catalogue, data, "city")
    values = {key[:2]: value for key, value in prepared.places[0].sheet.values.items()}
    assert values["target:people", YEAR] == "не\u00a0менее 90"
    assert values["same_change", YEAR] == "считает управление"


@pytest.mark.no_cover
def test_what_a_class_is_decided_by_is_read_in_its_cell(world: World) -> None:
    prepared = prepare_with(world, {})
    formulas = prepared.places[0].sheet.formulas
    catalogue, _data = world
    layout = lay_out_form(catalogue, catalogue.forms["report"], YEAR)
    cell = layout.indicator_address("change_covered", YEAR, "fact")
    text = formulas["class:change_covered", YEAR, "fact"]
    assert text.startswith(f'=IFERROR(IF(ISNUMBER({cell}),IF(({cell}>0.5),"выросло",')
    mean = formulas["mean_rescale", YEAR, "fact"]
    assert "SUMPRODUCT(" in mean
    assert "SUM(" in formulas["sum_none_plain", YEAR, "fact"]
    assert "MATCH(" in formulas["colour", YEAR, "fact"]


# --- the counter ----------------------------------------------------------------------------------


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({}, "Заполнено 0 из 5"),
        ({"covered": 4}, "Заполнено 1 из 7"),
        ({"covered": 4, "why": "мало", "helped": 1}, "Заполнено 3 из 7"),
        ({"covered": 5, "why": "мало"}, "Заполнено 1 из 5"),
        ({"covered": 4, "site": "да", "told": 3}, "Заполнено 3 из 8"),
        ({"covered": "н/п", "why": "мало"}, "Заполнено 1 из 5"),
        ({"site": "нет", "told": 3}, "Заполнено 1 из 5"),
    ],
)
def test_the_counter_counts_what_is_asked_now(
    world: World, answers: Mapping[str, Any], said: str
) -> None:
    catalogue, data = world
    filled = {fact(name, YEAR): raw for name, raw in answers.items()}
    prepared = prepare_forms(
        catalogue, data, catalogue.forms["report"], YEAR, places=["a"], answers={"a": filled}
    )
    _formulas, values = open_sheets(draw_bytes(prepared, prepared.places[0]))
    assert values["E3"].value == said


# --- collecting -----------------------------------------------------------------------------------


@pytest.mark.no_cover
def test_what_is_filled_in_is_collected_whole(tmp_path: Path) -> None:
    """With the columns beside the answers, and without them, as books were drawn before."""
    catalogue, data = read_town(tmp_path / "made")
    answers = {
        key: raw for key, raw in draw_answers(catalogue, "years", 3).items() if raw != "текст"
    }
    collected, widths = {}, {}
    for name, marks in (("new", form_layout._mark_lines), ("old", _unmarked)):
        with patch.object(form_layout, "_mark_lines", marks):
            form = prepare_forms(catalogue, data, catalogue.forms["years"], YEAR, places=["a"])
            book = tmp_path / f"{name}.xlsx"
            book.write_bytes(draw_bytes(form, form.places[0]))
        cells = fill(book, answers, tmp_path / f"{name}-came" / "a.xlsx")
        assert set(answers) <= set(cells)
        town = Town(catalogue, tmp_path / "made/data", {"years": {"a": book}})
        gather(town, tmp_path / f"{name}-came", tmp_path / f"{name}-collected")
        collected[name] = facts_of(tmp_path / f"{name}-collected", "a")
        widths[name] = find_sheet(openpyxl.load_workbook(book)).max_column
    assert collected["new"] == collected["old"]
    assert {key for key, (_value, state) in collected["new"].items() if state == "value"} >= {
        key for key, raw in answers.items() if isinstance(raw, int | float) and key[0] == "pupils"
    }
    assert widths["new"] == widths["old"] + 6


def _unmarked(_catalogue: Catalogue, _form: Any, lines: Any) -> Any:
    return lines


def test_no_cell_beside_an_answer_is_asked(world: World) -> None:
    catalogue, data = world
    layout: Layout = lay_out_form(catalogue, catalogue.forms["years"], YEAR)
    prepared = prepare_forms(catalogue, data, catalogue.forms["years"], YEAR)
    sheet, _values = open_sheets(draw_bytes(prepared, prepared.places[0]))
    beside = {
        name_column(index + 1)
        for column in layout.columns
        for index in (column.grade, column.target)
    }
    for line in layout.lines:
        for letter in beside:
            cell = sheet[f"{letter}{line.row}"]
            assert cell.protection.locked
    asked: Mapping[Key, str] = find_cells(sheet)
    assert not {cell.rstrip("0123456789") for cell in asked.values()} & beside
