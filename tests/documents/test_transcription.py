"""The transcription holds exactly as many rows, targets and clauses as the orders do.

The counts come from another reading of the orders than the transcription does, so an omitted or a
doubled row shows here before any catalogue is compared with it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

import pytest

Row = dict[str, str]
Table = tuple[Row, ...]
Transcribed = Callable[[str], Table]

YEARS = ("2022", "2023", "2024")
TABLES = (
    "absence_bands",
    "absence_colours",
    "berezniki_appendix4",
    "berezniki_indicators",
    "berezniki_plan",
    "berezniki_report",
    "berezniki_sections",
    "dubenki_criteria",
    "efficiency_indicators",
    "efficiency_weights",
    "michurinsk_criteria",
    "michurinsk_footnotes",
    "michurinsk_monitoring",
    "orders",
)
SUB_ROWS = ("sub_level", "sub_ovz")


def clauses(event: Row) -> list[str]:
    return event["clauses"].split("; ")


def nouns(event: Row) -> list[str]:
    return event["nouns"].split("; ") if event["nouns"] else []


def numeric(clause: str) -> bool:
    """Tell whether a clause came from «Не менее N», the placeholder «00» among them."""
    return clause.startswith((">=", "none "))


@pytest.mark.parametrize("name", TABLES)
def test_cells_are_clean(transcribed: Transcribed, name: str) -> None:
    cells = [cell for row in transcribed(name) for cell in row.values()]
    assert cells
    assert [cell for cell in cells if cell != cell.strip() or "  " in cell] == []


# ---- Berezniki, Appendix 2: forecasts ---------------------------------------------------------


def test_berezniki_has_23_indicators_in_13_sections(transcribed: Transcribed) -> None:
    rows = transcribed("berezniki_indicators")
    sections = [row["section"] for row in rows]
    assert len(rows) == 23
    assert list(dict.fromkeys(sections)) == (
        ["3.3", "3.4", *(f"4.{number}" for number in range(1, 11)), "7.1"]
    )
    assert [row["code"] for row in rows if not row["code"].startswith(row["section"] + ".")] == []
    assert len({row["code"] for row in rows}) == 23


def test_berezniki_units_are_19_percent_and_4_persons(transcribed: Transcribed) -> None:
    rows = transcribed("berezniki_indicators")
    assert Counter(row["unit"] for row in rows) == {"%": 19, "чел.": 4}
    persons = [row["code"] for row in rows if row["unit"] == "чел."]
    assert persons == ["3.3.1", "3.3.3", "4.1.1", "4.5.1"]
    assert all(row["title"].endswith(row["unit"]) for row in rows)


def test_berezniki_has_69_targets_and_9_say_not_less(transcribed: Transcribed) -> None:
    rows = transcribed("berezniki_indicators")
    targets = [(row["code"], row[year]) for row in rows for year in YEARS]
    assert len(targets) == 69
    assert all(re.fullmatch(r"(не менее )?\d+(,\d+)?", text) for _, text in targets)
    said = [code for code, text in targets if text.startswith("не менее ")]
    assert Counter(said) == {"3.3.1": 3, "3.3.3": 3, "4.1.1": 3}


def test_berezniki_target_decimals_stand_as_printed(transcribed: Transcribed) -> None:
    rows = {row["code"]: row for row in transcribed("berezniki_indicators")}
    fractions = {
        code: [row[year] for year in YEARS]
        for code, row in rows.items()
        if any("," in row[year] for year in YEARS)
    }
    assert fractions == {
        "3.3.2": ["1", "1,5", "2"],
        "3.4.1": ["0,1", "0,5", "1,0"],
        "7.1.5": ["7,46", "7,88", "8,19"],
        "7.1.7": ["6,0", "6,5", "7,0"],
    }


# ---- Berezniki, Appendix 1: the plan ----------------------------------------------------------


def test_plan_has_31_events_in_4_sections(transcribed: Transcribed) -> None:
    events = transcribed("berezniki_plan")
    assert Counter(event["section"] for event in events) == {"1": 6, "2": 2, "3": 2, "4": 21}
    counted: Counter[str] = Counter()
    for event in events:
        counted[event["section"]] += 1
        assert event["code"] == f"{event['section']}.{counted[event['section']]}"


def test_plan_has_45_numeric_clauses_in_28_rows(transcribed: Transcribed) -> None:
    events = transcribed("berezniki_plan")
    rows = [event for event in events if any(numeric(clause) for clause in clauses(event))]
    found = [clause for event in rows for clause in clauses(event) if numeric(clause)]
    assert len(rows) == 28
    assert len(found) == 45
    assert [clause for clause in found if clause.startswith("none ")] == ["none person"]
    assert Counter(noun for event in rows for noun in nouns(event)) == {
        "учреждений": 14,
        "обучающихся": 21,
        "мероприятий": 3,
        "классов": 2,
        "педагогов": 2,
        "родителей": 2,
        "соглашений": 1,
    }


def test_clauses_say_what_the_printed_cell_says(transcribed: Transcribed) -> None:
    """The machine form, re-derived from the cell: the same numbers in the same order."""
    for event in transcribed("berezniki_plan"):
        printed = re.findall(r"Не менее (\d+)", event["expected"])
        written = [
            "00" if clause.startswith("none ") else clause[2:].split()[0]
            for clause in clauses(event)
            if numeric(clause)
        ]
        assert written == printed, event["code"]
        for noun in nouns(event):
            assert noun in event["expected"].lower().replace(".", " ").split(), event["code"]


def test_two_clauses_are_per_institution(transcribed: Transcribed) -> None:
    per_school = [
        (event["code"], clause)
        for event in transcribed("berezniki_plan")
        for clause in clauses(event)
        if clause.endswith("/school")
    ]
    assert per_school == [("1.3", ">=3 agreement/school"), ("3.1", ">=2 event/school")]


def test_three_rows_have_no_numeric_clause(transcribed: Transcribed) -> None:
    rest = {
        event["code"]: event["clauses"]
        for event in transcribed("berezniki_plan")
        if not any(numeric(clause) for clause in clauses(event))
    }
    assert rest == {"1.2": "yes", "1.5": "yes", "4.21": "=100 percent; =100 percent"}


# ---- Berezniki, Appendices 3 and 4: what a school sends ---------------------------------------


def test_report_has_26_rows_and_24_notes(transcribed: Transcribed) -> None:
    rows = transcribed("berezniki_report")
    assert Counter(row["section"] for row in rows) == {"1": 3, "2": 3, "3": 2, "4": 18}
    assert {
        row["number"]: row["note"]
        for row in rows
        if not row["note"].startswith(("Указать", "Количество"))
    } == {"2.1": "-", "3.2": ""}
    assert {row["number"]: row["result"] for row in rows if row["result"]} == {"2.1": "-"}


def test_report_and_plan_meet_in_24_rows(transcribed: Transcribed) -> None:
    rows = transcribed("berezniki_report")
    pairs = {row["number"]: row["plan"] for row in rows if row["plan"]}
    planned = {event["code"] for event in transcribed("berezniki_plan")}
    assert len(pairs) == len(set(pairs.values())) == 24
    assert set(pairs.values()) <= planned
    assert [number for number, code in pairs.items() if number == code] == (
        ["3.1", "3.2", "4.1", "4.2", *(f"4.{number}" for number in range(6, 16))]
    )
    assert {number: code for number, code in pairs.items() if number != code} == {
        "1.1": "1.3",
        "1.2": "1.4",
        "1.3": "1.5",
        "2.2": "2.1",
        "2.3": "2.2",
        "4.3": "4.4",
        "4.4": "4.5",
        "4.5": "4.3",
        "4.17": "4.19",
        "4.18": "4.20",
    }
    assert [row["number"] for row in rows if not row["plan"]] == ["2.1", "4.16"]
    assert planned - set(pairs.values()) == {"1.1", "1.2", "1.6", "4.16", "4.17", "4.18", "4.21"}


def test_sections_are_4_13_and_4(transcribed: Transcribed) -> None:
    rows = transcribed("berezniki_sections")
    assert Counter(row["table"] for row in rows) == {"plan": 4, "indicators": 13, "report": 4}
    for table in ("plan", "indicators", "report"):
        named = [row["code"] for row in rows if row["table"] == table]
        used = dict.fromkeys(row["section"] for row in transcribed(f"berezniki_{table}"))
        assert named == list(used)
    titles = {
        table: [row["title"] for row in rows if row["table"] == table]
        for table in ("plan", "report")
    }
    assert titles["plan"] == titles["report"]


def test_appendix_4_differs_from_appendix_2_in_two_section_titles(
    transcribed: Transcribed,
) -> None:
    rows = transcribed("berezniki_appendix4")
    titles = {
        row["code"]: row["title"]
        for row in transcribed("berezniki_sections")
        if row["table"] == "indicators"
    }
    assert [(row["code"], row["row"]) for row in rows] == [("4.1", "section"), ("7.1", "section")]
    assert all(row["appendix2"] == titles[row["code"]] != row["appendix4"] for row in rows)
    assert rows[0]["appendix4"] == ""


# ---- Michurinsk: the five criteria ------------------------------------------------------------


def indicator_rows(rows: Table, criterion: str = "") -> list[Row]:
    return [
        row for row in rows if row["kind"] not in SUB_ROWS and criterion in ("", row["criterion"])
    ]


def test_monitoring_has_90_rows_to_fill(transcribed: Transcribed) -> None:
    rows = transcribed("michurinsk_monitoring")
    assert Counter(row["kind"] for row in rows) == {
        "count": 33,
        "share": 19,
        "yes_no": 9,
        "text": 1,
        "sub_level": 6,
        "sub_ovz": 22,
    }
    assert len(rows) == 90
    assert len(indicator_rows(rows)) == 62
    for criterion in "12345":
        ordinals = [row["ordinal"] for row in rows if row["criterion"] == criterion]
        assert ordinals == [str(place) for place in range(1, len(ordinals) + 1)]


def test_62_indicator_rows_by_printed_unit(transcribed: Transcribed) -> None:
    rows = indicator_rows(transcribed("michurinsk_monitoring"))
    assert Counter((row["kind"], row["unit"]) for row in rows) == {
        ("count", "человек"): 32,
        ("share", "%"): 18,
        ("share", ""): 1,
        ("yes_no", "да/нет"): 9,
        ("text", "укажите наименование организации"): 1,
        ("count", ""): 1,
    }


@pytest.mark.parametrize(
    ("criterion", "numbers", "others", "kinds"),
    [
        ("1", [*range(1, 14), 13, 14, 15, 16], (0, 6, 5), {"yes_no": 4, "count": 8, "share": 5}),
        ("2", list(range(1, 9)), (0, 0, 4), {"count": 4, "share": 4}),
        ("3", list(range(1, 18)), (2, 0, 7), {"count": 13, "share": 5, "yes_no": 1}),
        ("4", list(range(1, 12)), (0, 0, 6), {"count": 7, "share": 4}),
        ("5", list(range(1, 8)), (0, 0, 0), {"yes_no": 4, "text": 1, "count": 1, "share": 1}),
    ],
)
def test_rows_of_a_criterion(
    transcribed: Transcribed,
    criterion: str,
    numbers: list[int],
    others: tuple[int, int, int],
    kinds: dict[str, int],
) -> None:
    """`others`: indicator rows without a number, sub-rows by level, sub-rows «дети с ОВЗ»."""
    rows = transcribed("michurinsk_monitoring")
    mine = indicator_rows(rows, criterion)
    assert [row["number"] for row in mine if row["number"]] == [str(each) for each in numbers]
    unnumbered = len([row for row in mine if not row["number"]])
    assert Counter(row["kind"] for row in mine) == kinds
    subs = Counter(
        row["kind"] for row in rows if row["criterion"] == criterion and row["kind"] in SUB_ROWS
    )
    assert (unnumbered, subs["sub_level"], subs["sub_ovz"]) == others


def test_numbered_and_unnumbered_indicator_rows(transcribed: Transcribed) -> None:
    rows = indicator_rows(transcribed("michurinsk_monitoring"))
    assert len([row for row in rows if row["number"]]) == 60
    unnumbered = [(row["criterion"], row["kind"], row["unit"]) for row in rows if not row["number"]]
    assert unnumbered == [("3", "share", "%"), ("3", "share", "")]


def test_sub_rows_hang_on_rows_above_them(transcribed: Transcribed) -> None:
    rows = transcribed("michurinsk_monitoring")
    by_place = {(row["criterion"], row["ordinal"]): row for row in rows}
    for row in rows:
        if row["kind"] not in SUB_ROWS:
            assert row["parent"] == ""
            continue
        parent = by_place[row["criterion"], row["parent"]]
        assert int(parent["ordinal"]) < int(row["ordinal"])
        assert row["number"] == ""
        assert parent["kind"] == "count" or (
            row["kind"] == "sub_ovz" and parent["kind"] == "sub_level"
        )


def test_parents_say_of_which_in_three_ways(transcribed: Transcribed) -> None:
    rows = transcribed("michurinsk_monitoring")
    parents = {(row["criterion"], row["parent"]) for row in rows if row["parent"]}
    tails = Counter(row["tail"] for row in rows if (row["criterion"], row["ordinal"]) in parents)
    assert sum(tails.values()) == len(parents)
    assert set(tails) == {", из них", ", из них:", ", из них.", ""}
    # Two parents say nothing: 12 (its levels do) and 15 of the first criterion.
    silent = [
        row["number"]
        for row in rows
        if (row["criterion"], row["ordinal"]) in parents and not row["tail"]
    ]
    assert silent == ["12", "15"]
    assert all((row["criterion"], row["ordinal"]) in parents for row in rows if row["tail"])


def test_six_rows_have_no_unit(transcribed: Transcribed) -> None:
    bare = [
        (row["criterion"], row["ordinal"], row["kind"])
        for row in transcribed("michurinsk_monitoring")
        if not row["unit"]
    ]
    assert bare == [
        ("1", "11", "count"),
        ("1", "12", "sub_level"),
        ("1", "13", "sub_level"),
        ("1", "14", "sub_level"),
        ("3", "7", "sub_ovz"),
        ("3", "26", "share"),
    ]


def test_footnotes_are_four_and_mark_seven_rows(transcribed: Transcribed) -> None:
    notes = transcribed("michurinsk_footnotes")
    assert [(note["criterion"], note["mark"]) for note in notes] == [
        ("1", "*"),
        ("1", "**"),
        ("1", "***"),
        ("5", "*"),
    ]
    marked = [
        (row["criterion"], row["mark"], row["number"], row["kind"])
        for row in transcribed("michurinsk_monitoring")
        if row["mark"]
    ]
    assert marked == [
        (note["criterion"], note["mark"], number, "yes_no")
        for note in notes
        for number in note["numbers"].split("; ")
    ]
    assert len(marked) == 7


def test_asterisks_stay_out_of_titles(transcribed: Transcribed) -> None:
    assert not [row for row in transcribed("michurinsk_monitoring") if "*" in row["title"]]


def test_criteria_are_five(transcribed: Transcribed) -> None:
    rows = transcribed("michurinsk_criteria")
    assert [row["criterion"] for row in rows] == list("12345")
    differ = [row["criterion"] for row in rows if row["title"].lower() != row["list_title"].lower()]
    assert differ == ["2"]
