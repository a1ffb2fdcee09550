"""A form as a spreadsheet reads it: what stands where, what is locked, what is taken, what is live."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.forms.out.looks import count_lines, row_height
from engine.forms.stamp import Stamp, read_column_code, read_row_code, read_stamp
from engine.workbooks.addresses import name_column
from tests.form_town import YEAR, Town, fact, read_town
from tests.shipped_report import read_demo


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return Town(*read_town(tmp_path_factory.mktemp("town")))


def texts(sheet: Any) -> list[str]:
    return [cell.value for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]


def cell_of(town: Town, sheet: Any, name: str, form: str = "report", year: int = YEAR) -> Any:
    address = town.layout(form).address(name, year, "fact")
    assert address is not None
    return sheet[address]


def validation_of(sheet: Any, address: str) -> Any:
    (found,) = [one for one in sheet.data_validations.dataValidation if address in one.sqref]
    return found


# --- what is printed ---------------------------------------------------------------------------


def test_the_head_says_whose_form_it_is_and_when_it_is_due(town: Town) -> None:
    said = texts(town.sheet()[1])
    assert "Отчёт о работе" in said
    assert "Школа №\u00a01" in said
    assert "Сдать до 26 января 2024\u00a0года" in said
    assert "Демонстрационные данные: вымышлены." in said
    assert any("29 декабря 2023\u00a0года №\u00a07" in one for one in said)
    assert any("н/п" in one for one in said)
    assert {"Пишите внимательно.", "Спасибо."} <= set(said)


@pytest.mark.parametrize(
    ("dues", "printed"),
    [({YEAR: "2024-02-09"}, ["Сдать до 9 февраля 2024\u00a0года"]), ({YEAR - 1: "2023-02-09"}, [])],
)
def test_the_day_is_that_of_the_year_of_the_form(
    dues: dict[int | None, str], printed: list[str], tmp_path: Path
) -> None:
    catalogue, data = read_town(tmp_path)
    form = replace(catalogue.forms["report"], dues=dues)
    one = Town(replace(catalogue, forms={**catalogue.forms, "report": form}), data)
    assert [text for text in texts(one.sheet()[1]) if text.startswith("Сдать")] == printed


def test_data_without_a_notice_print_none(tmp_path: Path) -> None:
    bare = Town(*read_town(tmp_path, notice=False))
    assert not any("Демонстрационные" in one for one in texts(bare.sheet()[1]))


def test_columns_are_named_by_their_period(town: Town) -> None:
    head = [cell.value for cell in town.sheet(form="years")[1][5]]
    assert head[4:8] == [
        "2022–2023\u00a0учебный год, факт",
        "2023–2024\u00a0учебный год, факт",
        "2024–2025\u00a0учебный год, прогноз",
        "Было: 2022–2023\u00a0учебный год",
    ]


def test_an_input_of_the_year_before_says_its_year(town: Town) -> None:
    said = texts(town.sheet()[1])
    assert "Выпускники (за 2022\u00a0год)" in said
    assert town.layout().address("leavers", 2022, "fact") is not None
    assert town.layout().address("leavers", 2023, "fact") is None


def test_rows_are_numbered_titled_and_indented_as_declared(town: Town) -> None:
    layout = town.layout()
    titles = [(line.number, line.input or line.indicator, line.depth) for line in layout.lines[6:]]
    assert titles[1:6] == [
        ("1", "students", 0),
        ("2", "share_covered", 0),
        ("2.1", "covered", 0),
        ("", "covered.younger", 1),
        ("", "covered.older", 1),
    ]
    assert ("3", None, 0) in titles
    assert ("", "seniors", 1) in titles
    assert [one for one in titles if one[1] == "plan.words"] == [("", "plan.words", 1)]


def test_nothing_written_by_others_becomes_a_formula(town: Town) -> None:
    sheet, _values = town.sheet()
    for row in sheet.iter_rows():
        for cell in row:
            hostile = isinstance(cell.value, str) and (
                "HYPERLINK" in cell.value or cell.value.lstrip("=").startswith(("1+1", "2+2"))
            )
            assert not (hostile and cell.data_type == "f"), cell.coordinate
            assert cell.hyperlink is None
    assert "=1+1" in texts(sheet)
    assert "=Первый раздел" in texts(sheet)
    assert "=2+2" in texts(sheet)


# --- codes -------------------------------------------------------------------------------------


def test_the_stamp_and_codes_stand_hidden_on_the_sheet(town: Town) -> None:
    sheet, _values = town.sheet(form="years")
    assert read_stamp(sheet["A1"].value) == Stamp(
        "town", town.catalogue.version, "years", "a", YEAR
    )
    assert sheet.column_dimensions["A"].hidden
    assert sheet.row_dimensions[2].hidden
    columns = [read_column_code(str(cell.value)) for cell in sheet[2]]
    assert columns[4:7] == [(2022, "fact"), (2023, "fact"), (2024, "forecast")]
    rows = {read_row_code(str(row[0].value)): row[0].row for row in sheet.iter_rows(min_row=3)}
    assert rows[("leavers", -1)] == town.layout("years").of_input["leavers"].row
    assert rows[("students", 0)] == town.layout("years").of_input["students"].row


# --- locks -------------------------------------------------------------------------------------


def test_only_cells_of_inputs_are_unlocked(town: Town) -> None:
    sheet, _values = town.sheet()
    layout = town.layout()
    opened = {
        cell.coordinate for row in sheet.iter_rows() for cell in row if not cell.protection.locked
    }
    asked = {
        layout.address(name, YEAR + line.shift, "fact")
        for name, line in layout.of_input.items()
        if name != "prizes"
    }
    assert opened == asked
    assert sheet.protection.sheet
    assert not sheet.protection.password


def test_what_does_not_apply_is_locked_and_says_so(town: Town) -> None:
    nine_years, _values = town.sheet("b")
    for name in ("covered.older", "seniors", "prizes"):
        cell = cell_of(town, nine_years, name)
        assert cell.value == "не заполняется"
        assert cell.protection.locked
        assert cell.fill.fgColor.rgb == "FFEDEDED"
    full, _values = town.sheet("a")
    assert cell_of(town, full, "seniors").value is None
    assert cell_of(town, full, "prizes").value == "не заполняется"


def test_a_blank_row_prints_its_dash(town: Town) -> None:
    sheet, _values = town.sheet()
    (line,) = [one for one in town.layout().lines if one.kind == "blank"]
    assert sheet.cell(line.row, 5).value == "-"
    assert sheet.cell(line.row, 5).protection.locked


def test_fields_of_a_yes_are_grey_until_it_is_given(town: Town) -> None:
    sheet, _values = town.sheet()
    layout = town.layout()
    yes = layout.address("plan", YEAR, "fact")
    areas = {
        str(area.sqref): rules for area, rules in sheet.conditional_formatting._cf_rules.items()
    }
    for name in ("plan.day", "plan.page", "plan.words"):
        (rule,) = areas[str(layout.address(name, YEAR, "fact"))]
        assert rule.formula == [f'NOT(LOWER(TRIM({yes}))="да")']


# --- what is taken -----------------------------------------------------------------------------


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("students", "custom", "Целое число"),
        ("mark", "custom", "Проценты"),
        ("money", "custom", "Число"),
        ("plan", "list", "Да или нет"),
        ("kind", "list", "Выберите из списка"),
        ("plan.day", "custom", "Дата"),
        ("plan.words", None, "Текст"),
        ("plan.page", None, "Ссылка"),
    ],
)
def test_every_cell_has_a_prompt_and_takes_what_is_due(
    town: Town, name: str, kind: str | None, said: str
) -> None:
    sheet, _values = town.sheet()
    address = town.layout().address(name, YEAR, "fact")
    found = validation_of(sheet, str(address))
    assert (found.type, found.promptTitle) == (kind, said)
    assert found.showInputMessage
    assert "н/п" in found.prompt
    assert len(found.promptTitle) <= 32
    assert len(found.prompt) <= 255
    if kind == "custom":
        assert str(address) in found.formula1 or ":" in str(found.sqref) or " " in str(found.sqref)
        assert "н/п" in found.formula1
        assert found.showErrorMessage
        assert found.error


def test_a_note_of_the_input_is_in_its_prompt(town: Town) -> None:
    sheet, _values = town.sheet()
    address = str(town.layout().address("students", YEAR, "fact"))
    assert validation_of(sheet, address).prompt.endswith("На 1 сентября.")


def test_lists_carry_the_mark_and_one_with_commas_stands_in_cells(town: Town) -> None:
    sheet, _values = town.sheet()
    layout = town.layout()
    plain = validation_of(sheet, str(layout.address("plan", YEAR, "fact")))
    assert plain.formula1 == '"да,нет,н/п"'
    apart = validation_of(sheet, str(layout.address("kind", YEAR, "fact"))).formula1
    cells = [cell.value for (cell,) in sheet[apart.replace("$", "").lstrip("=")]]
    assert cells == ["Рядом, за углом", "Далеко", "н/п"]
    assert sheet.column_dimensions["I"].hidden


def test_dates_have_the_format_of_dates_and_percents_are_general(town: Town) -> None:
    sheet, _values = town.sheet()
    assert cell_of(town, sheet, "plan.day").number_format == "dd.mm.yyyy"
    assert cell_of(town, sheet, "mark").number_format == "General"
    row = town.layout().of_input["mark"].row
    assert sheet.cell(row, 4).value == "%"


# --- last year, and answers ----------------------------------------------------------------------


def test_last_years_values_stand_in_grey(town: Town) -> None:
    sheet, _values = town.sheet()
    layout = town.layout()

    def was(name: str) -> Any:
        line = layout.of_input.get(name) or layout.of_indicator[name]
        return sheet.cell(line.row, layout.previous + 1).value

    assert [was(name) for name in ("students", "plan", "kind", "share_covered")] == [
        100,
        "да",
        "Рядом, за углом",
        50,
    ]
    assert was("leavers") == "16 (2021\u00a0год)"
    assert was("seniors") is None
    assert (
        sheet.cell(layout.of_input["students"].row, layout.previous + 1).font.color.rgb
        == "FF6B6B6B"
    )


def test_without_facts_the_column_of_last_year_is_hidden(tmp_path: Path) -> None:
    bare = Town(*read_town(tmp_path, facts=False))
    sheet, _values = bare.sheet()
    assert sheet.column_dimensions["F"].hidden
    assert not town_was(bare, sheet)


def town_was(town: Town, sheet: Any) -> list[Any]:
    column = town.layout().previous + 1
    cells = [sheet.cell(row, column).value for row in range(6, sheet.max_row + 1)]
    return [one for one in cells if one is not None]


def test_cells_of_the_form_are_empty_whatever_the_data_hold(town: Town) -> None:
    sheet, values = town.sheet(form="years")
    assert cell_of(town, sheet, "students", "years", 2022).value is None
    assert "Заполнено 0 из 15" in texts(values)


def test_answers_and_comments_are_drawn_back(town: Town) -> None:
    answers = {
        "a": {
            fact("students"): 100,
            fact("covered"): "около 40",
            fact("plan"): "да",
            fact("plan.day"): dt.date(2023, 9, 1),
            fact("plan.words"): "=2+2",
        }
    }
    comments = {"a": {fact("covered"): "Нужно целое число"}}
    sheet, values = town.sheet(answers=answers, comments=comments)
    assert cell_of(town, sheet, "students").value == 100
    assert cell_of(town, sheet, "covered").value == "около 40"
    assert "Нужно целое число" in cell_of(town, sheet, "covered").comment.text
    assert cell_of(town, values, "plan.day").value.date() == dt.date(2023, 9, 1)
    assert cell_of(town, sheet, "plan.words").value == "=2+2"
    assert cell_of(town, sheet, "plan.words").data_type == "s"


def test_an_answer_in_a_cell_that_does_not_apply_is_not_drawn(town: Town) -> None:
    sheet, _values = town.sheet("b", answers={"b": {fact("seniors"): 5}})
    assert cell_of(town, sheet, "seniors").value == "не заполняется"


# --- live --------------------------------------------------------------------------------------


def test_an_empty_form_shows_no_values(town: Town) -> None:
    formulas, values = town.sheet()
    address = town.layout().indicator_address("share_covered", YEAR, "fact")
    assert formulas[address].value.startswith("=")
    assert values[address].value in {None, ""}


def test_live_values_are_those_of_the_engine(town: Town) -> None:
    answers = {"a": {fact("students"): 160, fact("covered"): 40}}
    _formulas, values = town.sheet(answers=answers)
    layout = town.layout()
    assert values[layout.indicator_address("share_covered", YEAR, "fact")].value == 25
    assert values[layout.indicator_address("more", YEAR, "fact")].value == 60


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("answers", "row", "said"),
    [
        ({"students": 10.5}, "students", "нужно целое число"),
        ({"students": "10"}, "students", "нужно целое число"),
        ({"students": "н/п"}, "students", ""),
        ({"mark": 101}, "mark", "нужно число от 0 до 100"),
        (
            {"mark": 0.85},
            "mark",
            "меньше 1\u00a0%? Тогда впишите со знаком: 0,5\u00a0%; если нет — 85, а не 0,85",
        ),
        ({"mark": 1}, "mark", ""),
        (
            {"plan.words": "хорош"},
            "plan.words",
            "спрашивается только при ответе «да»: ответьте так или очистите ячейку",
        ),
        ({"plan": "нет", "plan.words": "н/п"}, "plan.words", ""),
        ({"money": "много"}, "money", "нужно число"),
        ({"plan": "может быть"}, "plan", "выберите из списка"),
        ({"kind": "Далеко"}, "kind", ""),
        ({"students": 10, "covered": 11}, "covered", "больше, чем в строке 1"),
        ({"students": 10, "covered": 10}, "covered", ""),
        (
            {"covered": 5, "covered.younger": 2, "covered.older": 2},
            "covered",
            "части не складываются в целое",
        ),
        ({"covered": 5, "covered.younger": 5, "covered.older": "н/п"}, "covered", ""),
        ({"covered": 5, "covered.younger": 2}, "covered", ""),
        ({"plan": "да"}, "plan.day", "заполните: при «да» это обязательно"),
        ({"plan": "нет"}, "plan.day", ""),
        (
            {"students": 150},
            "students",
            "проверьте: Обучающихся стало больше или меньше на 30\u00a0%",
        ),
        ({"students": 10, "covered": 10, "seniors": 11}, "covered", "Слишком много"),
    ],
)
def test_the_check_says_in_words_what_is_wrong(
    town: Town, answers: dict[str, Any], row: str, said: str
) -> None:
    own = {"a": {fact(name): raw for name, raw in answers.items()}}
    formulas, values = town.sheet(answers=own)
    layout = town.layout()
    at = (layout.of_input[row].row, layout.check + 1)
    assert formulas.cell(*at).value.startswith("=IFERROR(")
    told = [
        values.cell(line.row, layout.check + 1).value or ""
        for line in layout.input_lines
        if line.input in {row, "students"}
    ]
    assert said in told if said else (values.cell(*at).value or "") == ""


def test_a_row_has_room_for_the_longest_message_of_its_check() -> None:
    """The messages stand in the formula of the cell; its row is as high as the longest takes."""
    town = Town(*read_demo("berezniki"))
    sheet, _values = town.sheet("school-01", "indicator_report")
    letter, checked = name_column(town.layout("indicator_report").check + 1), 0
    width = sheet.column_dimensions[letter].width
    for cell in sheet[letter]:
        if not str(cell.value).startswith("=IFERROR("):
            continue
        messages = [text.replace('""', '"') for text in re.findall(r'"((?:[^"]|"")*)"', cell.value)]
        lines = max(count_lines(text, width, 9, bold=True, indent=1) for text in messages)
        assert sheet.row_dimensions[cell.row].height >= row_height(lines, 9), messages
        checked += lines > 1
    assert checked > 3


@pytest.mark.no_cover
def test_the_counter_counts_what_is_due(town: Town) -> None:
    def counter(place: str, answers: dict[str, Any]) -> str:
        own = {place: {fact(name): raw for name, raw in answers.items()}}
        said = texts(town.sheet(place, answers=own)[1])
        return next(one for one in said if one.startswith("Заполнено"))

    assert counter("a", {}) == "Заполнено 0 из 10"
    assert counter("b", {}) == "Заполнено 0 из 8"
    assert counter("a", {"students": 5, "plan": "нет"}) == "Заполнено 2 из 10"
    assert counter("a", {"plan": "да", "plan.words": "x"}) == "Заполнено 2 из 13"


# --- the page ----------------------------------------------------------------------------------


def test_the_page_is_set_up_for_printing(town: Town) -> None:
    sheet, _values = town.sheet()
    assert sheet.page_setup.paperSize == 9
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.page_setup.fitToHeight == 0
    assert sheet.print_title_rows == "$5:$5"
    assert sheet.freeze_panes == "A6"
    assert "Школа №\u00a01" in sheet.oddFooter.left.text
    assert "&P" in sheet.oddFooter.right.text


def test_a_form_of_the_city_is_filled_by_the_city(town: Town) -> None:
    prepared = town.prepare("city")
    assert [one.id for one in prepared.places] == ["town"]


def test_the_same_input_gives_the_same_bytes(town: Town) -> None:
    assert town.draw() == town.draw()
