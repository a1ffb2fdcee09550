"""A small town made by hand for the tests of reports: a catalogue, results of every kind, data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl

from engine.catalogue.model import (
    Catalogue,
    Check,
    Event,
    Group,
    Indicator,
    Input,
    RegisterColumn,
    Source,
    Target,
)
from engine.language.grammar import Formula, parse_formula
from engine.problems import Position, Problem
from engine.reports.render import render
from engine.reports.result_rows import Row, read_result_rows
from engine.units import SHIPPED, build_unit

YEARS = (2022, 2023)
DATE = date(2024, 3, 1)
AGREEMENT = build_unit("agreement", "соглашение", "", ("соглашение", "соглашения", "соглашений"))


@dataclass(frozen=True)
class FakeData:
    """What a report reads of the data."""

    notice: str = "Демонстрационные данные: школы и числа вымышлены."
    hash: str = "0123456789abcdef0123456789abcdef"


# --- the catalogue -----------------------------------------------------------------------------


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


# --- results and problems -----------------------------------------------------------------------


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
        "type": None,
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
    result("open", 2022, 12, type="number"),
    result("open", 2023, 1, type="number"),
    result("partners", 2022, type="texts", text=["ООО «Пример» (Школа № 2)", "<b>Технопарк</b>"]),
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
        **dict.fromkeys(("reason", "comparator", "unit", "status", "type"), pl.String),
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
    settings: dict[str, Any] = {
        "years": YEARS,
        "date": DATE,
        "problems": PROBLEMS,
        "data": FakeData(),
    }
    settings |= {"results": frame()} | keys
    return render(
        catalogue, settings.pop("data"), settings.pop("results"), template=template, **settings
    )


def row(name: str = "diagnosed", year: int = 2023, **keys: Any) -> Row:
    found = next(
        each
        for each in read_result_rows(CATALOGUE, frame())
        if each.indicator == name and each.year == year and each.level == "municipality"
    )
    return replace(found, **keys)
