"""Reports: the context, the filters, the two summaries as snapshots, and strangers' templates.

The snapshots in tests/snapshots/ are rewritten with POKAZATEL_UPDATE_SNAPSHOTS=1; the difference
in git is what to review.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from html.parser import HTMLParser
from importlib import import_module
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from engine.catalogue.model import (
    Catalogue,
    Check,
    Event,
    Group,
    Indicator,
    Input,
    Option,
    RegisterColumn,
    Source,
    Target,
)
from engine.i18n import choose_language, chosen_language
from engine.language.grammar import Formula, parse_formula
from engine.problems import Position, Problem
from engine.reports import TemplateError, copy_template, filters, list_templates, render
from engine.reports import context as context_module
from engine.reports.context import build_context
from engine.reports.library import LARGEST
from engine.reports.render import escape_markdown, escapes
from engine.reports.rows import Row, read_rows
from engine.units import MINUS, NO_BREAK_SPACE, SHIPPED, build_unit

SNAPSHOTS = Path(__file__).parent / "snapshots"
YEARS = (2022, 2023)
AGREEMENT = build_unit("agreement", "соглашение", "", ("соглашение", "соглашения", "соглашений"))


@dataclass(frozen=True)
class FakeData:
    """What a report reads of the data."""

    notice: str = "Демонстрационные данные: школы и числа вымышлены."
    hash: str = "0123456789abcdef0123456789abcdef"


@pytest.fixture(autouse=True)
def _russian(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(context_module, "version", lambda _name: "0.0.0")
    before = chosen_language()
    choose_language("ru")
    yield
    choose_language(before)


# --- a small catalogue, and results made by hand ----------------------------------------------


def formula(text: str) -> Formula:
    found, problems = parse_formula(text, Position("x.yaml", 1, 1))
    assert found is not None, problems
    return found


def indicator(name: str, unit: str | None = "percent", **keys: Any) -> Indicator:
    settings: dict[str, Any] = {
        "title": f"показатель {name}",
        "type": "number",
        "unit": SHIPPED[unit] if unit else None,
        "formulas": ((None, formula("share(a, b)")),),
        "decimals": 1,
        "target_levels": ("municipality",),
    }
    return Indicator(name, **(settings | keys))


def at_least(year: int, value: float | None) -> Target:
    return Target(year, "at_least", None if value is None else Fraction(str(value)))


INDICATORS = (
    indicator(
        "diagnosed",
        title="Доля прошедших диагностику",
        code="4.2.2",
        group="4.2",
        targets={2022: at_least(2022, 80), 2023: at_least(2023, 82)},
        interpretation="Приняты обе параллели.",
    ),
    indicator("spread", code="4.2.3", group="4.2", decimals=2),
    indicator("costs", "rouble", title="Расходы <на> *одного* | «всех»", group="4.2", decimals=0),
    indicator("open", None, type="yes_no", formulas=((None, formula("has_page")),), group="k5"),
    indicator("partners", None, type="text", input="partners", formulas=(), group="k5"),
    indicator("lonely", "person", decimals=0, targets={2023: at_least(2023, 45)}),
    indicator(
        "copp.signed",
        None,
        title="Соглашение подписано",
        type="yes_no",
        formulas=((None, formula("copp")),),
        code="1.2",
        group="plan.1",
        event="copp",
        period="academic_year",
        targets={2023: Target(2023, "yes", Fraction(1))},
    ),
    indicator(
        "talks.per_school",
        title="Соглашений",
        unit=None,
        code="1.3",
        group="plan.1",
        event="talks",
        period="academic_year",
        decimals=0,
        target_levels=("school",),
        targets={2023: at_least(2023, 3)},
        interpretation="Судится в школе.",
    ),
    indicator(
        "talks.people",
        "person",
        title="Обучающихся",
        code="1.3",
        group="plan.1",
        event="talks",
        period="academic_year",
        decimals=0,
        targets={2023: at_least(2023, None)},
    ),
)
CATALOGUE = Catalogue(
    "town",
    "Самоопределение и профориентация",
    Path("town"),
    municipality="Город Т.",
    region="Н-ский край",
    years=YEARS,
    interpretation="Значения без слов читаются как «не менее».",
    source=Source("Приказ о плане", "04-01", "2023-12-29"),
    groups={
        "4.2": Group("4.2", "Выявление предпочтений", "В приказе нет 4.2.1."),
        "k5": Group("k5", "Взаимодействие"),
        "empty": Group("empty", "Раздел без показателей"),
        "plan.1": Group("plan.1", "Организационные мероприятия"),
    },
    units={"agreement": AGREEMENT},
    register={"kind": RegisterColumn("kind", "Вид", "choice", {"lyceum": "лицей"})},
    inputs={
        "has_page": Input("has_page", "Есть страница", "yes_no", None, "school", "schools"),
        "copp": Input("copp", "Соглашение", "yes_no", None, "municipality", "none"),
        "partners": Input("partners", "Партнёры", "text", None, "school", "texts"),
        "costs_given": Input(
            "costs_given", "Расходы", "number", SHIPPED["rouble"], "school", "sum"
        ),
    },
    indicators={
        each.id: replace(each, unit=AGREEMENT) if each.id == "talks.per_school" else each
        for each in INDICATORS
    },
    events={
        "copp": Event(
            "copp",
            "Заключение соглашения",
            "1.2",
            "plan.1",
            "Ноябрь 2023",
            expected="Соглашение подписано",
            results=("copp.signed",),
        ),
        "talks": Event(
            "talks",
            "Заключение соглашений",
            "1.3",
            "plan.1",
            expected="Не менее 3",
            results=("talks.per_school", "talks.people"),
            interpretation="См. отчёт.",
        ),
        "site": Event("site", "Сайт", "1.4", "plan.1", expected="Ведётся"),
    },
    checks={
        "jump": Check("jump", formula("a < b"), "Изменение больше 30 %", "warning", "school"),
    },
    version="0a1b2c3d4e5f",
)


def result(name: str, year: int, value: float | None = None, **keys: Any) -> dict[str, Any]:
    found = CATALOGUE.indicators.get(name)
    blank: dict[str, Any] = {
        "indicator": name,
        "code": found.code if found else "",
        "title": found.title if found else name,
        "level": "municipality",
        "place": "town",
        "place_title": "Город Т.",
        "year": year,
        "scenario": "fact",
        "value": value,
        "raw": value,
        "text": None,
        "unit": found.unit.id if found and found.unit else None,
        "reason": None,
        "target": None,
        "target_to": None,
        "comparator": None,
        "deviation": None,
        "status": "no_target",
        "reference": None,
        "previous": None,
        "change": None,
        "trend": "none",
        "plan": None,
        "plan_deviation": None,
        "reported": 18,
        "expected": 18,
        "checks": [],
    }
    assert not keys.keys() - blank.keys()
    return blank | keys


def wanted(target: float, status: str, **keys: Any) -> dict[str, Any]:
    return {"target": target, "comparator": "at_least", "status": status, **keys}


def school(place: str, value: float | None, status: str) -> dict[str, Any]:
    return result(
        "talks.per_school",
        2023,
        value,
        level="school",
        place=place,
        place_title=place,
        **wanted(3, status),
    )


RESULTS = (
    result("diagnosed", 2022, 81.0, **wanted(80, "met", deviation=1.0)),
    result("diagnosed", 2023, 81.9, **wanted(82, "missed", deviation=-0.1, reported=17, plan=82.5)),
    result("spread", 2022, 7.456),
    result("spread", 2023, reason="zero_denominator", status="no_data"),
    result("spread", 2023, 7.9, scenario="forecast"),
    result("costs", 2022, 1234567, checks=["jump", "gone"]),
    result("costs", 2023, -5),
    result("open", 2022, 12),
    result("open", 2023, 1),
    result("partners", 2022, text=["ООО «Пример» (Школа № 2)", "<b>Технопарк</b>"]),
    result("partners", 2023, reason="not_reported", status="no_data", reported=0),
    result("lonely", 2022, 44),
    result("lonely", 2023, reason="blocked", **wanted(45, "no_data", reported=16)),
    result("lonely", 2023, 46, scenario="forecast", **wanted(45, "met", deviation=1)),
    result("copp.signed", 2022, reason="not_reported", status="no_data", reported=0, expected=1),
    result(
        "copp.signed", 2023, 1, target=1, comparator="yes", status="met", reported=1, expected=1
    ),
    school("s1", 3, "met"),
    school("s2", 2, "missed"),
    school("s3", None, "no_data"),
    result("talks.per_school", 2023, 5, reported=2, expected=3),
    result("talks.people", 2023, 120),
    result("costs_given", 2023, 5.5, unit="rouble", status=None),
)


def frame(rows: Sequence[dict[str, Any]] = RESULTS) -> pl.DataFrame:
    types: dict[str, Any] = {
        "text": pl.List(pl.String),
        "checks": pl.List(pl.String),
        **dict.fromkeys(("reason", "comparator", "unit", "status"), pl.String),
        **dict.fromkeys(
            (
                "value",
                "raw",
                "target",
                "target_to",
                "deviation",
                "reference",
                "previous",
                "change",
                "plan",
                "plan_deviation",
            ),
            pl.Float64,
        ),
    }
    return pl.DataFrame(list(rows), schema_overrides=types, infer_schema_length=None)


PROBLEMS = (
    Problem("bad-cell", "в ячейке «около 40» нет числа", Position("facts.csv", 12, 5)),
    Problem(
        "gap", "нет данных", Position("form.xlsx", sheet="Форма", cell="D12"), severity="warning"
    ),
)


def rendered(template: str, catalogue: Catalogue = CATALOGUE, **keys: Any) -> str:
    settings: dict[str, Any] = {"years": YEARS, "problems": PROBLEMS, "data": FakeData()}
    settings |= {"results": frame()} | keys
    return render(
        catalogue, settings.pop("data"), settings.pop("results"), template=template, **settings
    )


def row(name: str = "diagnosed", year: int = 2023, **keys: Any) -> Row:
    found = next(
        each
        for each in read_rows(CATALOGUE, frame())
        if each.indicator == name and each.year == year and each.level == "municipality"
    )
    return replace(found, **keys)


# --- the two summaries ------------------------------------------------------------------------


@pytest.mark.parametrize("template", ["summary.html.j2", "summary.md.j2"])
def test_the_summaries_are_as_reviewed(template: str) -> None:
    text = rendered(template)
    expected = SNAPSHOTS / template.removesuffix(".j2")
    if os.environ.get("POKAZATEL_UPDATE_SNAPSHOTS"):
        expected.parent.mkdir(exist_ok=True)
        expected.write_bytes(text.encode())
    assert text == expected.read_bytes().decode().replace("\r\n", "\n")


@pytest.mark.parametrize("template", ["summary.html.j2", "summary.md.j2"])
def test_the_same_results_give_the_same_bytes(template: str) -> None:
    assert rendered(template) == rendered(template, results=frame().lazy())


@pytest.mark.parametrize("template", ["summary.html.j2", "summary.md.j2"])
def test_a_catalogue_with_nothing_says_so(template: str) -> None:
    empty = Catalogue("empty", "Пустой каталог", Path("empty"))
    text = render(empty, object(), frame(RESULTS[:0]), years=(2023,), template=template)
    assert "В каталоге нет ни показателей, ни мероприятий." in text
    assert "Итоги" not in text
    assert "Замечания" not in text


@pytest.mark.parametrize("template", ["summary.html.j2", "summary.md.j2"])
def test_a_catalogue_without_targets_has_no_columns_for_verdicts(template: str) -> None:
    some = {"spread": CATALOGUE.indicators["spread"]}
    text = rendered(template, replace(CATALOGUE, indicators=some, events={}), years=(2022,))
    assert "7,46" in text
    assert "Цель" not in text
    assert "достигнуто" not in text
    assert "2022\u00a0год" in text.replace(" год", "\u00a0год")


@pytest.mark.parametrize("template", ["summary.html.j2", "summary.md.j2"])
def test_several_places_of_the_highest_level_stand_one_after_another(template: str) -> None:
    other = result(
        "diagnosed",
        2023,
        90.5,
        place="other",
        place_title="Посёлок",
        **wanted(82, "met", deviation=8.5),
    )
    text = rendered(template, results=frame((*RESULTS, other)))
    assert text.index("81,9") < text.index("Посёлок") < text.index("90,5")
    # Which school lies in which place is not known here, so no schools are counted.
    assert "достигли 1" not in text.replace(NO_BREAK_SPACE, " ").replace("&nbsp;", " ")


class Page(HTMLParser):
    """Collects what the tests ask of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "col", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]


def test_the_page_is_self_contained_and_well_formed() -> None:
    text = rendered("summary.html.j2")
    page = Page(text)
    assert page.open == []
    assert page.all("html") == [{"lang": "ru"}]
    assert not page.all("script")
    assert not page.all("link")
    assert not page.all("img")
    assert "url(" not in text
    assert "://" not in text
    assert "@import" not in text


def test_tables_can_be_read_aloud() -> None:
    page = Page(rendered("summary.html.j2"))
    assert len(page.all("caption")) == len(page.all("table")) == 3
    assert all(heading.get("scope") for heading in page.all("th"))
    names = [attributes["id"] for _tag, attributes in page.tags if "id" in attributes]
    assert len(names) == len(set(names))
    for _tag, attributes in page.tags:
        for key in ("aria-labelledby", "href"):
            if key in attributes:
                assert str(attributes[key]).removeprefix("#") in names


def test_every_row_of_a_table_is_as_wide_as_its_head() -> None:
    widths: list[int] = []
    spans: list[int] = []  # rows still to be covered, by column that a rowspan reaches down
    for tag, attributes in Page(rendered("summary.html.j2")).tags:
        if tag == "table":
            spans = []
            widths.append(-1)
        if tag == "tr":
            spans = [left - 1 for left in spans if left > 1]
            widths.append(len(spans))
        if tag in {"td", "th"}:
            columns = int(attributes.get("colspan") or 1)
            widths[-1] += columns
            spans += [int(attributes.get("rowspan") or 1)] * columns
    tables = " ".join(str(width) for width in widths).split("-1")[1:]
    assert [sorted(set(table.split())) for table in tables] == [["6"], ["9"], ["8"]]


def test_text_of_a_catalogue_is_never_markup() -> None:
    page, markdown = rendered("summary.html.j2"), rendered("summary.md.j2")
    assert "<b>Технопарк" not in page + markdown
    assert "Расходы &lt;на&gt; *одного* | «всех»" in page
    assert r"Расходы &lt;на&gt; \*одного\* \| «всех»" in markdown


# --- the context ------------------------------------------------------------------------------


def made(rows: Sequence[dict[str, Any]] = RESULTS, years: Sequence[int] = YEARS) -> dict[str, Any]:
    return build_context(CATALOGUE, FakeData(), frame(rows), years=years)


def test_groups_come_as_declared_and_the_rest_last() -> None:
    (place,) = made()["places"]
    assert [section.group.id for section in place.groups] == ["4.2", "k5", ""]
    assert place.groups[-1].group.title == "Без группы"
    assert [each.indicator.id for each in place.groups[0].lines] == ["diagnosed", "spread", "costs"]
    assert [planned.event.id for planned in place.plan[0].events] == ["copp", "talks", "site"]


def test_a_tally_counts_verdicts_of_indicators_with_a_target() -> None:
    (place,) = made()["places"]
    first, second = place.tallies
    assert (first.targets, first.met, first.missed, first.missing, first.preliminary) == (
        1,
        1,
        0,
        0,
        0,
    )
    assert (second.targets, second.met, second.missed, second.missing) == (2, 0, 1, 1)
    assert second.preliminary == 1
    assert place.plan_tallies[1].met == 1


def test_a_plan_shows_the_years_it_was_made_for() -> None:
    assert made()["plan_columns"].years == (2023,)
    assert made()["plan_columns"].period == "academic_year"
    assert made(years=(2022,))["plan_columns"].years == (2022,)
    assert made()["indicator_columns"].years == YEARS


def test_a_target_for_each_school_is_counted_over_schools() -> None:
    (place,) = made()["places"]
    cell = place.plan[0].events[1].lines[0].cells[1]
    assert (cell.below.level, cell.below.met, cell.below.judged) == ("school", 1, 2)
    without = [each for each in RESULTS if each["level"] != "school"]
    (place,) = made(without)["places"]
    assert place.plan[0].events[1].lines[0].cells[1].below is None


def test_an_empty_target_cell_of_the_order_is_unset() -> None:
    (place,) = made()["places"]
    assert [cell.unset for cell in place.plan[0].events[1].lines[1].cells] == [False, True]


def test_rows_of_inputs_stand_apart() -> None:
    context = made()
    assert [each.indicator for each in context["inputs"]] == ["costs_given"]
    assert "costs_given" not in {each.indicator for each in context["rows"]}
    assert filters.value(context["inputs"][0]) == "5,5"


def test_notes_are_numbered_down_the_page() -> None:
    notes = made()["notes"]
    assert [(note.number, note.about) for note in notes] == [
        (1, "Выявление предпочтений"),
        (2, "№ 4.2.2"),
        (3, "№ 1.3"),
        (4, "№ 1.3"),
    ]


def test_only_the_years_asked_for_are_there() -> None:
    assert {each.year for each in made(years=(2023,))["rows"]} == {2023}


def test_an_engine_that_was_never_installed_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_name: str) -> str:
        raise PackageNotFoundError

    monkeypatch.setattr(context_module, "version", fail)
    assert made()["engine_version"] == ""


# --- rows -------------------------------------------------------------------------------------


def test_a_yes_no_of_schools_is_counted_above_them() -> None:
    above = row("open", 2022)
    assert above.value == 12
    assert above.unit is SHIPPED["school"]
    assert filters.unit(above) == "школ"
    changed = replace(CATALOGUE.indicators["open"], input="has_page", formulas=())
    (again,) = read_rows(
        replace(CATALOGUE, indicators={"open": changed}), frame([result("open", 2022, 1)])
    )
    assert (again.value, again.unit) == (1, SHIPPED["school"])
    (at_school,) = read_rows(CATALOGUE, frame([result("open", 2022, 1, level="school")]))
    assert at_school.value is True
    assert at_school.unit is None


def test_a_yes_no_given_at_this_level_stays_one() -> None:
    signed = row("copp.signed")
    assert signed.value is True
    assert signed.target is True


@pytest.mark.parametrize(("text", "level"), [("kind.lyceum", "school"), ("has_page and copp", "")])
def test_conditions_are_yes_or_no_and_options_of_schools_are_counted(text: str, level: str) -> None:
    changed = replace(
        CATALOGUE,
        indicators={"x": indicator("x", None, type="yes_no", formulas=((None, formula(text)),))},
        symbols={"kind.lyceum": Option("kind.lyceum", "kind", "lyceum")},
    )
    (found,) = read_rows(changed, frame([result("x", 2022, 1)]))
    assert found.value == 1
    assert isinstance(found.value, bool) is (level == "")


def test_an_input_row_is_printed_by_its_type() -> None:
    page, given = read_rows(
        CATALOGUE, frame([result("has_page", 2022, 7), result("has_page", 2022, 1, level="school")])
    )
    assert filters.value(page) == "7"
    assert filters.value(given) == "да"
    (unknown,) = read_rows(CATALOGUE, frame([result("gone", 2022, 3)]))
    assert (unknown.title, filters.value(unknown)) == ("gone", "3")


def test_a_frame_may_hold_lists_and_fewer_columns() -> None:
    few = pl.DataFrame(
        {
            "indicator": ["partners"],
            "level": ["municipality"],
            "place": ["town"],
            "year": [2023],
            "scenario": ["fact"],
            "value": [["a", "b"]],
            "target": [[10.0, 20.0]],
        }
    )
    (found,) = read_rows(CATALOGUE, few)
    assert found.value == ("a", "b")
    assert found.target == (10.0, 20.0)
    assert found.title == "показатель partners"
    assert not found.incomplete
    assert filters.verdict(found) == "—"
    (text,) = read_rows(CATALOGUE, few.with_columns(value=pl.lit(None), text=pl.lit("да нет")))
    assert text.value == ("да нет",)


# --- filters ----------------------------------------------------------------------------------


def test_numbers() -> None:
    assert filters.number(1234.5, 1) == "1\u00a0234,5"
    assert filters.number(None) == "—"
    assert filters.percent(12.5) == "12,5\u00a0%"
    assert filters.percent(None) == "—"
    assert filters.signed(1.5, 1) == "+1,5"
    assert filters.signed(-0.1, 1) == f"{MINUS}0,1"
    assert filters.signed(0.0, 1) == "0,0"
    assert filters.signed(None) == "—"
    assert filters.plural(5, "школа", "школы", "школ") == "школ"


def test_dates_and_years() -> None:
    assert filters.date("2023-12-29").startswith("29\u00a0декабря\u00a02023")
    assert filters.date(date(2023, 9, 1)).startswith("1\u00a0сентября")
    assert filters.date("осень 2023") == "осень 2023"
    assert filters.date("") == ""
    assert filters.year(2023) == "2023 год"
    assert filters.year(2023, "academic_year") == "2023-2024 учебный год"


def test_a_verdict_on_incomplete_data_is_preliminary() -> None:
    coverage = f"17{NO_BREAK_SPACE}из{NO_BREAK_SPACE}18"
    assert filters.verdict(row()) == f"не достигнуто (предварительно, {coverage})"
    assert filters.verdict(row(year=2022)) == "достигнуто"
    assert filters.preliminary(row(year=2022)) == ""
    assert filters.coverage(row()) == coverage
    assert filters.coverage(row(reported=None)) == ""
    assert filters.verdict(None) == "—"
    assert [filters.sign(each) for each in (row(), row(year=2022), row("spread"), None)] == list(
        "✗✓––"
    )


def test_targets_in_words() -> None:
    assert filters.target(row()) == "не\u00a0менее 82,0"
    assert filters.target(row(comparator="at_most")) == "не\u00a0более 82,0"
    assert filters.target(row(comparator="exactly")) == "ровно 82,0"
    assert filters.target(row(comparator="none")) == "82,0"
    assert filters.target(row(target=(10.0, 20.0))) == "от 10,0 до 20,0"
    between = result("spread", 2022, 5, target=1, target_to=7.5, comparator="between")
    (found,) = read_rows(CATALOGUE, frame([between]))
    assert found.target == (1.0, 7.5)
    assert filters.target(row("copp.signed")) == "да"
    assert filters.target(row("spread")) == "—"


@pytest.mark.parametrize(
    "code",
    [
        "before_formula",
        "not_applicable",
        "not_readable",
        "not_reported",
        "blocked",
        "no_previous",
        "no_such_level",
        "zero_denominator",
    ],
)
def test_every_reason_has_words(code: str) -> None:
    assert filters.reason(code) != code
    assert filters.value(row("spread", reason=code)) == filters.reason(code)


def test_words_for_the_rest() -> None:
    assert filters.value(None) == "—"
    assert filters.value(row("partners", 2022)).startswith("ООО «Пример» (Школа № 2); ")
    assert filters.value(row("copp.signed", value=False)) == "нет"
    assert filters.reason(None) == "—"
    assert filters.trend(row(trend="better")) == "лучше"
    assert filters.trend(row()) == ""
    assert filters.unit(None) == ""
    assert filters.group_code(CATALOGUE.groups["4.2"]) == "4.2"
    assert filters.group_code(CATALOGUE.groups["plan.1"]) == ""


def test_words_follow_the_language_of_the_catalogue(tmp_path: Path) -> None:
    mine = tmp_path / "mine.txt.j2"
    mine.write_text("{{ rows[1]|verdict }}; {{ rows[1]|value }}; {{ 7.5|percent }}", "utf-8")
    english = replace(CATALOGUE, language="en")
    text = rendered(str(mine), english)
    assert text == "not reached (preliminary, 17\u00a0of\u00a018); 81.9; 7.5%"
    assert chosen_language() == "ru"


# --- escaping ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["a.html.j2", "a.HTML.j2", "a.html", "a.md.j2", "a.svg.j2", "a.j2"]
)
def test_everything_but_plain_text_is_escaped(name: str) -> None:
    assert escapes(name)
    assert not escapes("a.txt.j2")
    assert not escapes("a.csv")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a | b", r"a \| b"),
        ("*a* _b_ `c` [d](e) ~f~ #g", r"\*a\* \_b\_ \`c\` \[d\](e) \~f\~ \#g"),
        ("<script>&amp;", "&lt;script&gt;&amp;amp;"),
        ("two\nlines", "two lines"),
        ("- item", r"\- item"),
        ("---", r"\---"),
        ("+1,5", "+1,5"),
        ("1. item", r"1\. item"),
        ("13.", r"13\."),
        ("3.3.1", "3.3.1"),
        ("a - b", "a - b"),
        ('it\'s "so"', 'it\'s "so"'),
        (12, "12"),
    ],
)
def test_markdown_shows_a_value_literally(text: object, expected: str) -> None:
    once = escape_markdown(text)
    assert once == expected
    assert escape_markdown(once) == expected


# --- templates: where they stand, and what a stranger's may do ----------------------------------


def own(folder: Path, **files: str) -> Catalogue:
    (folder / "templates").mkdir()
    for name, text in files.items():
        path = folder / "templates" / name.replace("__", ".")
        path.write_text(text, "utf-8")
    return replace(CATALOGUE, folder=folder)


def failure(template: str, catalogue: Catalogue = CATALOGUE) -> Problem:
    with pytest.raises(TemplateError) as caught:
        rendered(template, catalogue)
    return caught.value.problem


def test_templates_are_listed_with_their_first_comment(tmp_path: Path) -> None:
    shipped = list_templates()
    assert [each.name for each in shipped] == ["summary.html.j2", "summary.md.j2"]
    assert all(each.shipped and each.description for each in shipped)
    catalogue = own(
        tmp_path, mine__md__j2="{#- Письмо школе\nи ещё -#}\n", _part__j2="", summary__md__j2="!"
    )
    found = {each.name: each for each in list_templates(catalogue)}
    assert sorted(found) == ["mine.md.j2", "summary.html.j2", "summary.md.j2"]
    assert found["mine.md.j2"].description == "Письмо школе"
    assert not found["summary.md.j2"].shipped
    assert rendered("summary.md", catalogue) == "!"


def test_an_unknown_template_gets_the_nearest_name() -> None:
    problem = failure("sumary.html.j2")
    assert problem.code == "unknown-template"
    assert "summary.html.j2" in problem.hint
    assert "summary.md.j2" in failure("zzz").hint


def test_a_template_is_copied_but_never_over_a_file(tmp_path: Path) -> None:
    copied = copy_template("summary.md.j2", tmp_path / "new")
    assert copied == tmp_path / "new" / "summary.md.j2"
    assert rendered(str(copied)) == rendered("summary.md.j2")
    with pytest.raises(TemplateError) as caught:
        copy_template("summary.md", tmp_path / "new")
    assert caught.value.problem.code == "template-exists"


def test_a_template_of_the_catalogue_may_use_its_parts_and_shipped_ones(tmp_path: Path) -> None:
    catalogue = own(
        tmp_path,
        a__html__j2="{% include '_part.html.j2' %}{{ '<' }}{% macro m() %}{{ '>' }}{% endmacro %}{{ m() }}",
        _part__html__j2="{{ catalogue.title }} ",
    )
    assert rendered("a.html.j2", catalogue) == f"{CATALOGUE.title} &lt;&gt;"


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ catalogue.folder.read_text() }}",
        "{{ catalogue.folder }}",
        "{{ catalogue.folder.parent }}",
        "{{ catalogue.indicators['diagnosed'].formulas[0][1].names.__globals__ }}",
        "{{ rows.__getitem__ }}",
        "{% set _ = catalogue.groups.update({'x': 1}) %}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ unknown_name }}",
        "{{ rows[0].unknown }}",
        "{{ 1 / 0 }}",
        "{{ rows|unknown }}",
        "{% if %}",
        "{% include '../secret.txt' %}",
        "{% include '/etc/hostname' %}",
        "{% include 'link.txt' %}",
        "{% for x in range(1000000000) %}{% endfor %}",
    ],
)
def test_a_strangers_template_gets_one_problem_with_its_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "secret.txt").write_text("secret", "utf-8")
    catalogue = own(tmp_path, bad__html__j2=f"\n\n{text}\n")
    link = tmp_path / "templates" / "link.txt"
    try:
        link.symlink_to(tmp_path / "secret.txt")
    except OSError:  # Windows lets only some people make links
        link.write_text("{{ nothing }}", "utf-8")
    problem = failure("bad.html.j2", catalogue)
    assert problem.code in {"template-failed", "template-syntax"}
    assert problem.position is not None
    assert problem.position.file == str(tmp_path / "templates" / "bad.html.j2")
    assert problem.position.line == 3


def test_a_mistake_in_a_part_is_shown_in_the_part(tmp_path: Path) -> None:
    catalogue = own(tmp_path, a__md__j2="{% include '_b.md.j2' %}", _b__md__j2="\n{{ nothing }}")
    problem = failure("a.md.j2", catalogue)
    assert problem.position is not None
    assert (Path(problem.position.file).name, problem.position.line) == ("_b.md.j2", 2)


def test_a_file_of_any_name_may_be_a_template(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("{{ '<' }}\n{{ nothing }}", "utf-8")
    problem = failure(str(page))
    assert problem.position is not None
    assert (problem.position.file, problem.position.line) == (str(page), 2)
    odd = tmp_path / "odd.py"
    odd.write_text("{{ nothing }}", "utf-8")
    assert failure(str(odd)).position == Position(str(odd))


def test_a_mistake_in_a_shipped_template_is_the_programmers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bad.txt.j2").write_text("{{ 1 / 0 }}", "utf-8")
    for module in ("library", "render"):
        place = import_module(f"engine.reports.{module}")
        monkeypatch.setattr(place, "shipped_folder", lambda: tmp_path)
    with pytest.raises(ZeroDivisionError):
        rendered("bad.txt.j2")


def test_a_template_is_a_text_of_bounded_size(tmp_path: Path) -> None:
    large, binary = tmp_path / "large.txt.j2", tmp_path / "binary.txt.j2"
    large.write_text(" " * (LARGEST + 1), "utf-8")
    binary.write_bytes(b"\xff\xfe\x00")
    assert failure(str(large)).code == "template-size"
    assert failure(str(binary)).code == "template-encoding"
    catalogue = replace(CATALOGUE, folder=tmp_path)
    (tmp_path / "templates").mkdir()
    binary.rename(tmp_path / "templates" / "binary.txt.j2")
    assert "binary.txt.j2" in {each.name for each in list_templates(catalogue)}
