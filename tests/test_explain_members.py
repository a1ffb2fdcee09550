"""Proofs over sets of places, and of classes: what is shown is what was read, in words of people."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.catalogue.load import load
from engine.data import read_data
from engine.evaluation.explain.explain import explain
from engine.reports.formats.proof_text import show_proof
from engine.translation import use_language

DEFINITIONS = Path(__file__).parent.parent / "definitions"


def prove(catalogue_id: str, indicator: str, year: int, place: str | None = None) -> str:
    catalogue, problems = load(DEFINITIONS / catalogue_id)
    assert catalogue is not None, problems
    data, _problems = read_data(catalogue, DEFINITIONS / catalogue_id / "demo")
    with use_language(catalogue.language):
        proof, problems = explain(catalogue, data, indicator, place=place, year=year)
        assert proof is not None, problems
        return show_proof(proof, catalogue)


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("catalogue_id", "indicator", "year", "words"),
    [
        ("efficiency", "overall_mean", 2024, "Комплексная оценка муниципалитета — Регион"),
        ("dubenki", "total_mean", 2024, "Итого — Дубёнский"),
        ("absence", "districts.red", 2023, "Colour — State"),
    ],
)
def test_what_only_members_have_is_not_proved_above_them(
    catalogue_id: str, indicator: str, year: int, words: str
) -> None:
    text = prove(catalogue_id, indicator, year)
    assert words not in text, text


def test_what_has_rows_of_its_own_is_still_proved() -> None:
    text = prove("dubenki", "trained_points", 2024, "school-2")
    assert "↳ Доля прошедших повышение квалификации — Школа" in text


def test_a_scale_without_points_speaks_of_none() -> None:
    text = prove("absence", "rate", 2023, "district-01").replace("≥ ", "≥\u00a0")
    assert "→ “Very High” (≥\u00a020.1)\n" in text
    text = prove("absence", "colour", 2023, "district-01")
    assert "points" not in text.replace("Class and points:", "")
    assert "→ 0\u00a0баллов" in prove("dubenki", "trained_share", 2024)
