"""The catalogues of three methodologies say what these say, against the transcription beside this file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from engine import load
from engine.catalogue.model import Catalogue, Scale
from tests.documents.test_catalogues import raw

Row = dict[str, str]
Transcribed = Callable[[str], tuple[Row, ...]]

DEFINITIONS = Path(__file__).parents[2] / "definitions"
NAMES = ("absence", "dubenki", "efficiency")
CLOSED = ("at_least", "at_most", "between")
"""Words of ends that take their number in: a band "2.6–5.0" has both of its numbers."""


def load_clean(name: str) -> Catalogue:
    catalogue, problems = load(DEFINITIONS / name)
    assert catalogue is not None
    assert not problems
    return catalogue


@pytest.mark.no_cover
@pytest.mark.parametrize("name", NAMES)
def test_check_finds_nothing_not_even_a_formula_without_an_example(name: str) -> None:
    load_clean(name)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_in_the_source_is_said(name: str) -> None:
    catalogue = load_clean(name)
    assert catalogue.interpretation
    assert catalogue.source.title
    assert catalogue.publication is not None
    assert catalogue.publication.interpretation
    targets = [each.id for each in catalogue.indicators.values() if each.targets]
    assert targets == []


# --- A. points ------------------------------------------------------------------------------------


def points_of(catalogue: Catalogue, name: str) -> Mapping[str, Fraction]:
    """Title of a class or an answer of an input → its points, those without points left out."""
    scale = catalogue.inputs[name].scale if name in catalogue.inputs else None
    scale = scale or (catalogue.indicators[name].scale if name in catalogue.indicators else None)
    if isinstance(scale, Scale):
        pairs = ((each.title, each.points) for each in scale.classes.values())
        return {title: points for title, points in pairs if points}
    return {answer: points for answer, points in catalogue.inputs[name].points.items() if points}


SCORED = {
    "1": ("pupils",),
    "2": ("innovation",),
    "3": ("trained_share",),
    "4": ("municipal", "regional", "federal"),
    "5": ("extra",),
    "6": ("complaints",),
    "7": ("ict",),
    "8": ("short_groups",),
}


def test_dubenki_points_are_those_of_the_table(transcribed: Transcribed) -> None:
    catalogue = load_clean("dubenki")
    *rows, total = transcribed("dubenki_criteria")
    for number, names in SCORED.items():
        printed = [Fraction(row["points"]) for row in rows if row["number"] == number]
        given = [points for name in names for points in points_of(catalogue, name).values()]
        assert given == printed, number
    sizes = [row["case"] for row in rows if row["number"] == "1"]
    assert list(points_of(catalogue, "pupils")) == sizes
    assert sorted(SCORED) == sorted({row["number"] for row in rows})
    score = catalogue.indicators["total"].score
    assert score is not None
    assert [member.text for member in score.members] == [
        f"points({name})" for names in SCORED.values() for name in names
    ]
    assert score.declared == Fraction(total["points"]) == 100


def test_dubenki_total_is_what_its_scales_can_give() -> None:
    """Only if the levels of item 4 are added: 20 + 10 + 5 + (5 + 15 + 25) + 5 + 5 + 5 + 5."""
    catalogue = load_clean("dubenki")
    greatest = [
        max(points_of(catalogue, name).values()) for names in SCORED.values() for name in names
    ]
    assert sum(greatest) == 100


# --- B. an index over municipalities --------------------------------------------------------------

INDICATORS = {
    "охват дополнительным образованием": "extra",
    "доля не получивших аттестат": "no_certificate",
    "доля обучающихся во вторую смену": "second_shift",
}


def weights(name: str) -> Mapping[str, str]:
    """Member → weight of a score, as written."""
    return dict(raw("efficiency")["indicators"][name]["score"]["of"])


def test_efficiency_weights_are_those_of_the_methodology(transcribed: Transcribed) -> None:
    printed = {row["member"]: row["weight"] for row in transcribed("efficiency_weights")}
    for name in INDICATORS.values():
        assert weights(f"{name}_index") == {
            f"points({name}_growth)": printed["Ист"],
            f"points({name}_share)": printed["Исо"],
        }
    assert weights("overall") == {
        "mean_index": printed["среднее Ип"],
        "satisfaction_index": printed["Ипс"],
    }
    mean = raw("efficiency")["indicators"]["mean_index"]["score"]
    assert mean == {"how": "mean", "of": [f"{name}_index" for name in INDICATORS.values()]}


def test_efficiency_turns_the_index_where_less_is_better(transcribed: Transcribed) -> None:
    declared = raw("efficiency")["indicators"]
    for row in transcribed("efficiency_indicators"):
        name = INDICATORS.get(row["indicator"])
        names = [f"{name}_share", f"{name}_growth"] if name else ["satisfaction"]
        assert {declared[each]["better"] for each in names} == {row["better"]}
        assert {declared[each]["scale"] for each in names} == {row["better"]}
    ends = {
        name: [end for end, _points in scale["linear"]]
        for name, scale in raw("efficiency")["scales"].items()
    }
    least, greatest = (f"at(region, {which}_of(municipality, value))" for which in ("min", "max"))
    assert ends == {"more": [least, greatest], "less": [greatest, least]}


# --- C. status × change → colour ------------------------------------------------------------------


def band(declared: Mapping[str, Any]) -> tuple[str, str]:
    """The numbers of a class's ends, as written; empty where it is open."""
    assert [word for word in declared if word not in {"title", *CLOSED}] == []
    least, most = declared.get("between", ("", ""))
    return declared.get("at_least", least), declared.get("at_most", most)


def test_absence_bands_are_those_of_2023(transcribed: Transcribed) -> None:
    scales = raw("absence")["scales"]
    for scale, name in (("status", "status"), ("change", "change_of_rate")):
        printed = [
            (row["band"], row["from"], row["to"])
            for row in transcribed("absence_bands")
            if row["scale"] == scale
        ]
        assert [
            (each["title"], *band(each)) for each in scales[name]["classes"].values()
        ] == printed
        assert scales[name]["round"] == "1"


def test_absence_colours_are_those_of_the_table(transcribed: Transcribed) -> None:
    declared = raw("absence")
    scales, cells = declared["scales"], declared["tables"]["five_by_five"]["values"]

    def title(scale: str, name: str) -> str:
        return str(scales[scale]["classes"][name]["title"])

    written = [
        {"status": title("status", down)}
        | {title("change_of_rate", across): title("colours", cell) for across, cell in row.items()}
        for down, row in cells.items()
    ]
    assert written == list(transcribed("absence_colours"))
    assert "eligible >= 30" in declared["indicators"]["rate"]["formula"]
