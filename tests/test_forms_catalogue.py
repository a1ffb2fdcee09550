"""The forms that ship print what the orders print, row by row, and ask everything once."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from engine import load
from engine.catalogue.lookups import form_inputs, inputs_behind, inputs_by_row
from engine.catalogue.model import Catalogue, Form, FormRow
from engine.problems import has_errors, show_problem
from tests.shipped_report import load_shipped as town

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = ROOT / "tests" / "documents"
TOWNS = ("berezniki", "michurinsk")
WITHOUT_DOT = ("4.16", "4.17", "4.18")
"""Numbers of Appendix 3 that the order prints without the last dot."""


def transcribed(name: str) -> list[dict[str, str]]:
    with (DOCUMENTS / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def printed_title(catalogue: Catalogue, row: FormRow) -> str:
    """What is printed in the row: its own title, else that of what it shows or asks."""
    if row.title:
        return row.title
    if row.indicator:
        return catalogue.indicators[row.indicator].title
    return catalogue.inputs[row.cells[0]].title


# --- Berezniki, Appendix 3 -------------------------------------------------------------------------


def test_plan_report_prints_the_26_rows_of_appendix_3() -> None:
    form = town("berezniki").forms["plan_report"]
    due = [
        (
            row["number"] if row["number"] in WITHOUT_DOT else f"{row['number']}.",
            row["title"],
            row["note"],
            row["result"],
        )
        for row in transcribed("berezniki_report")
    ]
    assert len(due) == 26
    assert [(row.number, row.title, row.note, row.blank) for row in form.rows] == due


def test_plan_report_has_the_four_sections_of_appendix_3() -> None:
    form = town("berezniki").forms["plan_report"]
    titles = {
        row["code"]: row["title"]
        for row in transcribed("berezniki_sections")
        if row["table"] == "report"
    }
    rows = transcribed("berezniki_report")
    assert [(section.title, len(section.rows)) for section in form.sections] == [
        (f"{code}. {title}", sum(row["section"] == code for row in rows))
        for code, title in titles.items()
    ]


def test_each_row_of_appendix_3_asks_for_the_results_of_its_event() -> None:
    """Whatever is printed as the number: the map to the plan is that of the transcription."""
    catalogue = town("berezniki")
    form = catalogue.forms["plan_report"]
    events = {event.code: event for event in catalogue.events.values()}
    for row, transcript in zip(form.rows, transcribed("berezniki_report"), strict=True):
        if not transcript["plan"]:
            continue
        behind = inputs_behind(catalogue, events[transcript["plan"]].results)
        own = {name for name in behind if catalogue.inputs[name].level == "school"}
        assert own, transcript["number"]
        assert own <= set(row.cells), transcript["number"]


def test_a_note_that_asks_for_names_has_a_cell_for_them() -> None:
    """«Указать название…», «…с кем в сотрудничестве», «предмет и результат»: a text, and a number."""
    catalogue = town("berezniki")
    for row in catalogue.forms["plan_report"].rows:
        kinds = [catalogue.inputs[name].type for name in row.cells]
        words = ("название", "с кем", "приглашенных", "предмет")
        assert ("text" in kinds) is any(word in row.note for word in words), row.number
        assert "count" in kinds or row.blank, row.number


# --- Berezniki, Appendix 4 -------------------------------------------------------------------------


def test_indicator_report_prints_the_23_rows_of_appendix_4() -> None:
    catalogue = town("berezniki")
    form = catalogue.forms["indicator_report"]
    numbered = [row for row in form.rows if row.number]
    due = [(f"{row['code']}.", row["title"]) for row in transcribed("berezniki_indicators")]
    assert len(due) == 23
    assert [(row.number, printed_title(catalogue, row)) for row in numbered] == due


def test_indicator_report_has_13_sections_after_the_pupils() -> None:
    form = town("berezniki").forms["indicator_report"]
    due = [
        (row["code"], f"{row['code']}. {row['title']}")
        for row in transcribed("berezniki_sections")
        if row["table"] == "indicators"
    ]
    assert len(due) == 13
    assert [(section.group, section.title) for section in form.sections[1:]] == due
    assert all(not row.number for row in form.sections[0].rows)


def test_indicator_report_asks_two_facts_and_a_forecast() -> None:
    form = town("berezniki").forms["indicator_report"]
    columns = ((2022, "fact"), (2023, "fact"), (2024, "forecast"))
    assert form.columns(2023) == form.columns(2024) == columns
    assert [form.due(year) for year in (2022, 2023, 2024)] == ["", "2024-01-26", ""]


def test_indicator_report_asks_counts_and_computes_shares() -> None:
    """Every indicator but 3.3.3 is computed from cells of the form, or of the region."""
    catalogue = town("berezniki")
    form = catalogue.forms["indicator_report"]
    asked = set(form_inputs(catalogue, form))
    assert {catalogue.inputs[name].type for name in asked} == {"count", "yes_no"}
    by_code = {f"{one.code}.": one for one in catalogue.indicators.values() if not one.event}
    for row in form.rows:
        if not row.number:
            continue
        if row.number == "3.3.3.":
            assert row.blank
            assert "управление образования" in row.note
            assert not inputs_by_row(catalogue, form)[form.rows.index(row)]
            continue
        behind = set(inputs_behind(catalogue, [by_code[row.number].id]))
        assert behind - asked <= {"region_students_5_11"}, row.number
        assert row.indicator in {None, by_code[row.number].id}
        assert row.indicator or set(row.cells) == behind, row.number


# --- Berezniki, the department ---------------------------------------------------------------------


def test_department_answers_3_3_3_and_the_seven_rows_no_school_reports() -> None:
    catalogue = town("berezniki")
    form = catalogue.forms["department"]
    assert form.fills == "municipality"
    numbers = [row.number.removesuffix(".") for row in form.rows]
    unreported = {row["code"] for row in transcribed("berezniki_plan")} - {
        row["plan"] for row in transcribed("berezniki_report")
    }
    assert len(unreported) == 7
    assert {"3.3.3", *unreported} <= set(numbers)
    # Besides, what only the department knows in rows that schools report.
    assert set(numbers) - {"3.3.3", *unreported} == {"1.4", "1.5", "2.1"}
    for row, asked in zip(form.rows, inputs_by_row(catalogue, form), strict=True):
        assert asked, row.number
        event = catalogue.events.get(row.event or "")
        assert event is None or event.code == row.number.removesuffix(".")


# --- Michurinsk ------------------------------------------------------------------------------------


def michurinsk_lines(catalogue: Catalogue, form: Form) -> Iterator[tuple[str, str, str]]:
    """Section, number and title of every line of the order: rows, and parts below them."""
    asked = iter(inputs_by_row(catalogue, form))
    for section in form.sections:
        for row in section.rows:
            inputs = next(asked)
            yield section.group or "", row.number, printed_title(catalogue, row)
            for name in inputs:
                one = catalogue.inputs[name]
                if one.whole:
                    yield section.group or "", "", one.title


def test_monitoring_prints_the_90_rows_in_order() -> None:
    catalogue = town("michurinsk")
    lines = list(michurinsk_lines(catalogue, catalogue.forms["monitoring"]))
    due = [
        (f"k{row['criterion']}", row["number"], row["title"].removeprefix("- "))
        for row in transcribed("michurinsk_monitoring")
    ]
    assert len(due) == 90
    assert lines == due


def test_monitoring_has_five_criteria_titled_as_printed() -> None:
    form = town("michurinsk").forms["monitoring"]
    assert [section.title for section in form.sections] == [
        f"Критерий {row['criterion']}. {row['title']}" for row in transcribed("michurinsk_criteria")
    ]


def test_footnotes_are_fields_after_a_yes() -> None:
    catalogue = town("michurinsk")
    form = catalogue.forms["monitoring"]
    asked = inputs_by_row(catalogue, form)
    for note in transcribed("michurinsk_footnotes"):
        for number in note["numbers"].split("; "):
            inputs = next(
                inputs
                for section in form.sections
                for row, inputs in zip(form.rows, asked, strict=True)
                if row in section.rows
                and section.group == f"k{note['criterion']}"
                and row.number == number
            )
            fields = [name for name in inputs if catalogue.inputs[name].asked_when]
            assert fields, (note["criterion"], number)
            assert ("link" in " ".join(fields)) is ("ссылку" in note["text"])
            assert ("partners" in " ".join(fields)) is ("наименование" in note["text"])


def test_leavers_are_asked_for_the_year_known_by_the_due_date() -> None:
    catalogue = town("michurinsk")
    form = catalogue.forms["monitoring"]
    assert [form.due(year) for year in (2021, 2022, 2023)] == ["", "2023-06-10", ""]
    leavers = {
        name
        for section in form.sections
        if section.group == "k4"
        for row in section.rows
        for name in inputs_by_row(catalogue, form)[form.rows.index(row)]
    }
    asked = set(form_inputs(catalogue, form))
    before = {name for name in asked if catalogue.inputs[name].asked_for == "previous"}
    assert before == leavers
    assert len(leavers) == 13


# --- every form ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TOWNS)
def test_every_input_is_asked_by_some_form_but_what_the_region_gives(name: str) -> None:
    catalogue = town(name)
    asked = {one for form in catalogue.forms.values() for one in form_inputs(catalogue, form)}
    left = set(catalogue.inputs) - asked
    assert left == {one for one in left if catalogue.inputs[one].level in catalogue.given}
    assert left == ({"region_students_5_11"} if name == "berezniki" else set())


@pytest.mark.parametrize("name", TOWNS)
def test_nothing_is_asked_twice_and_all_of_the_level_that_fills(name: str) -> None:
    catalogue = town(name)
    for form in catalogue.forms.values():
        asked = form_inputs(catalogue, form)
        assert len(asked) == len(set(asked))
        assert {catalogue.inputs[one].level for one in asked} == {form.fills}


@pytest.mark.parametrize("name", TOWNS)
def test_what_the_order_forgot_says_why_it_is_asked(name: str) -> None:
    """An input the order has no row for stands below an indicator, or in a row of its own."""
    catalogue = town(name)
    for form in catalogue.forms.values():
        for row, asked in zip(form.rows, inputs_by_row(catalogue, form), strict=True):
            for one in asked:
                implied = row.indicator and one not in row.cells
                if implied and not catalogue.inputs[one].whole:
                    assert catalogue.inputs[one].added, (form.id, one)
            if not row.number and row.cells:
                # A row without a number is in the order only where its title is.
                assert catalogue.inputs[row.cells[0]].added or name == "michurinsk"


@pytest.mark.parametrize("name", TOWNS)
def test_forms_hold_no_address_and_no_name(name: str) -> None:
    """Of officials, their mail and their phones nothing came over from the orders."""
    text = (ROOT / "definitions" / name / "forms.yaml").read_text("utf-8")
    assert "@" not in text
    assert not any(word in text.lower() for word in ("тел.", "телефон:", "e-mail", "директор"))


# --- what a row asks -------------------------------------------------------------------------------

HEAD = """
catalogue: {id: primer, title: Пример, years: [2022, 2023], given: [region]}
inputs:
  a: {title: А, unit: person, of_which: {ovz: овз, far: {title: дальние, of_which: {ovz: овз}}}}
  b: {title: Б, unit: person, within: a}
  yes: {title: Да, type: yes_no, when_yes: {who: {title: кто, type: text}}}
  city: {title: Город, unit: person, level: municipality}
  mixed: {title: Смешано, unit: person, of_which: {above: {title: выше, level: municipality}, own: своё}}
  part: {title: Разбито, unit: person, parts: partition, of_which: {x: {title: х, of_which: {ovz: овз}}, y: {title: у, of_which: {ovz: овз}}}}
indicators:
  share_b: {title: Доля, unit: percent, formula: "share(b, a)", targets: {2022: 5}}
  twice_share: {title: Две, unit: percent, formula: "share_b * 2"}
  of_city: {title: От города, unit: percent, formula: "share(b, city)"}
  beside_target: {title: К цели, unit: percentage_point, formula: "share(b, b) - target(share_b)"}
  ovz: {title: ОВЗ, unit: person, formula: part.ovz}
  earlier: {title: Раньше, unit: person, formula: "at(municipality, city) + previous(a)"}
events:
  e: {title: Дело, results: {p: {title: Участники, unit: person, formula: b}, q: {title: Города, unit: person, formula: city}}}
forms:
  f:
    title: Форма
"""

Ask = Callable[[str], list[tuple[str, ...]]]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """What each row of a form asks."""

    def asked(rows: str) -> list[tuple[str, ...]]:
        lines = "".join(f"    {line}\n" for line in dedent(rows).strip().splitlines())
        (tmp_path / "all.yaml").write_text(HEAD + lines, encoding="utf-8")
        catalogue, problems = load(tmp_path)
        assert catalogue is not None
        assert not [show_problem(one) for one in problems if one.severity == "error"]
        form = catalogue.forms["f"]
        found = list(inputs_by_row(catalogue, form))
        assert len(found) == len(form.rows)
        assert form_inputs(catalogue, form) == tuple(name for row in found for name in row)
        return found

    return asked


@pytest.mark.parametrize(
    ("rows", "asked"),
    [
        ("{input: a}", [("a", "a.ovz", "a.far", "a.far.ovz")]),
        ("{cells: [yes, b]}", [("yes", "yes.who", "b")]),
        # As declared: the whole before the part.
        ("{indicator: share_b}", [("a", "a.ovz", "a.far", "a.far.ovz", "b")]),
        ("{indicator: twice_share}", [("a", "a.ovz", "a.far", "a.far.ovz", "b")]),
        ("{indicator: of_city}", [("b",)]),
        ("{indicator: beside_target}", [("b",)]),
        ("{indicator: ovz}", [("part.x.ovz", "part.y.ovz")]),
        ("{indicator: earlier}", [("a", "a.ovz", "a.far", "a.far.ovz")]),
        ("{event: e}", [("b",)]),
        ("{event: e, cells: [yes]}", [("yes", "yes.who")]),
        ("{indicator: share_b, cells: [b, a.far]}", [("b", "a.far", "a.far.ovz")]),
        ("{heading: Ещё}, {title: Нет такого, blank: '-'}", [(), ()]),
        # A part that another level gives is not asked here.
        ("{input: mixed}", [("mixed", "mixed.own")]),
        # What is asked elsewhere is not asked again, wherever that stands.
        ("{indicator: share_b}, {input: b}", [("a", "a.ovz", "a.far", "a.far.ovz"), ("b",)]),
        ("{indicator: share_b}, {event: e, cells: [b]}", [("a", "a.ovz", "a.far", "a.far.ovz"), ("b",)]),
        ("{input: a}, {input: a.far}", [("a", "a.ovz"), ("a.far", "a.far.ovz")]),
        ("{input: a.ovz}, {input: a}", [("a.ovz",), ("a", "a.far", "a.far.ovz")]),
        ("{input: yes.who}, {input: yes}", [("yes.who",), ("yes",)]),
        ("{indicator: ovz}, {input: part}", [(), ("part", "part.x", "part.x.ovz", "part.y", "part.y.ovz")]),
        ("{indicator: share_b}, {indicator: twice_share}", [("a", "a.ovz", "a.far", "a.far.ovz", "b"), ()]),
    ],
)  # fmt: skip
def test_a_row_asks(rows: str, asked: list[tuple[str, ...]], ask: Ask) -> None:
    assert ask(f"sections: [{{rows: [{rows}]}}]") == asked


@pytest.mark.parametrize(
    ("years", "columns"),
    [
        ("", ((2022, "fact"),)),
        ("years: {forecast: [1]}", ((2023, "forecast"),)),
        ("years: {fact: [0, -1], forecast: [1]}", ((2021, "fact"), (2022, "fact"), (2023, "forecast"))),
        ("years: {fact: [2023, 2021]}", ((2021, "fact"), (2023, "fact"))),
        ("years: {fact: [2022, 0], forecast: [0]}", ((2022, "fact"), (2022, "forecast"))),
    ],
)  # fmt: skip
def test_years_are_of_the_calendar_or_from_the_forms_own(
    years: str, columns: tuple[tuple[int, str], ...], tmp_path: Path
) -> None:
    text = f"{HEAD}    {years}\n    sections: [{{rows: [{{input: a}}]}}]\n"
    (tmp_path / "all.yaml").write_text(text, encoding="utf-8")
    catalogue, problems = load(tmp_path)
    assert catalogue is not None
    assert not has_errors(problems)
    assert catalogue.forms["f"].columns(2022) == columns


@pytest.mark.parametrize(
    ("second", "warned"),
    [
        ("sections: [{rows: [{input: a}]}]", True),
        ("years: {fact: [-1]}, sections: [{rows: [{input: a}]}]", False),
        ("years: {forecast: [0]}, sections: [{rows: [{input: a}]}]", False),
        ("where: urban, sections: [{rows: [{input: a}]}]", False),
        ("sections: [{rows: [{input: b}]}]", False),
        ("fills: municipality, sections: [{rows: [{indicator: twice}]}]", False),
    ],
)
def test_two_forms_that_ask_one_cell_are_named(tmp_path: Path, second: str, warned: bool) -> None:
    """Their answers would be two values of one cell, of which `collect` counts neither."""
    text = f"""
catalogue: {{id: town, title: Город, levels: [school, municipality], years: [2022, 2023]}}
register: {{urban: {{title: Городская, type: yes_no}}}}
inputs:
  a: {{title: А, unit: person, of_which: {{x: Х}}}}
  b: {{title: Б, unit: person}}
indicators: {{twice: {{title: Вдвое, unit: person, formula: a + a}}}}
forms:
  first: {{title: Первая, sections: [{{rows: [{{input: a}}]}}]}}
  second: {{title: Вторая, {second}}}
"""
    (tmp_path / "all.yaml").write_text(text, encoding="utf-8")
    _catalogue, problems = load(tmp_path)
    found = [one for one in problems if one.code == "asked-by-two-forms"]
    assert [one.severity for one in found] == ["warning"] * warned
    assert all("«first» и «second»" in one.message and ": a;" in one.message for one in found)


def test_a_section_is_titled_as_its_group_is_printed(tmp_path: Path) -> None:
    """A number that the order prints is a part of the title; an id made up for the file is not."""
    groups = HEAD.replace(
        "inputs:",
        'groups: {"4.2": {title: Раздел}, "3.": {title: С точкой}, k1: {title: Критерий}}\ninputs:',
    )
    row = "rows: [{heading: т}]"
    sections = (
        *(f'- {{group: "4.2", {row}}}', f'- {{group: "3.", {row}}}', f"- {{group: k1, {row}}}"),
        *(f'- {{group: "4.2", title: Как напечатано, {row}}}', f"- {{title: Без группы, {row}}}"),
        f"- {{{row}}}",
    )
    lines = "".join(f"      {line}\n" for line in sections)
    (tmp_path / "all.yaml").write_text(f"{groups}    sections:\n{lines}", encoding="utf-8")
    catalogue, problems = load(tmp_path)
    assert catalogue is not None
    assert not has_errors(problems)
    assert [(section.group, section.title) for section in catalogue.forms["f"].sections] == [
        ("4.2", "4.2. Раздел"),
        ("3.", "3. С точкой"),
        ("k1", "Критерий"),
        ("4.2", "Как напечатано"),
        (None, "Без группы"),
        (None, ""),
    ]


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        ("2024-01-26", []),
        ("{2022: 2023-01-26, 2023: 2024-01-26}", []),
        ("{2023: 2024-02-30}", ["no-such-date"]),
        ("{2030: 2031-01-26}", ["form-years"]),
        ("{2023: 26 января}", ["wrong-value"]),
        ("{next: 2024-01-26}", ["wrong-year"]),
        ("{}", ["wrong-value"]),
        ("[2024-01-26]", ["wrong-type"]),
    ],
)
def test_due_is_a_day_or_a_day_for_each_year(
    written: str, codes: list[str], tmp_path: Path
) -> None:
    rows = f"    due: {written}\n    sections: [{{rows: [{{input: a}}]}}]\n"
    (tmp_path / "all.yaml").write_text(HEAD + rows, "utf-8")
    _catalogue, problems = load(tmp_path)
    assert [one.code for one in problems if one.severity == "error"] == codes
    assert all(one.position and one.position.line for one in problems)


def test_the_day_of_every_year_and_that_of_one(tmp_path: Path) -> None:
    said = {"2024-01-26": ["2024-01-26"] * 2, "{2023: 2024-01-26}": ["2024-01-26", ""]}
    for written, due in said.items():
        rows = f"    due: {written}\n    sections: [{{rows: [{{input: a}}]}}]\n"
        (tmp_path / "all.yaml").write_text(HEAD + rows, "utf-8")
        catalogue, _problems = load(tmp_path)
        assert catalogue is not None
        assert [catalogue.forms["f"].due(year) for year in (2023, 2024)] == due


def test_a_form_takes_what_it_does_not_say(tmp_path: Path) -> None:
    text = HEAD.replace("given: [region]", "given: [region], period: academic_year")
    (tmp_path / "all.yaml").write_text(f"{text}    sections: [{{rows: [{{input: a}}]}}]\n", "utf-8")
    catalogue, _problems = load(tmp_path)
    assert catalogue is not None
    form = catalogue.forms["f"]
    assert (form.fills, form.period, form.due(2023)) == ("school", "academic_year", "")
    assert (form.intro, form.footer, form.facts, form.forecasts) == ("", "", (0,), ())
