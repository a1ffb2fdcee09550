"""Plans kept once compiled: the same results as from a plan made anew, and never out of date."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from typing import Any

import polars as pl
import pytest

from engine.catalogue import cache
from engine.catalogue.load import list_catalogues, load, load_kept
from engine.catalogue.model import Catalogue
from engine.data import Data, read_data, with_backend
from engine.data.library import read_expressions, write_expressions
from engine.evaluation import planning
from engine.evaluation.evaluate import Asking, Results, evaluate
from engine.evaluation.results import COLUMNS, SAME_REPORTERS, SHORTFALL
from engine.i18n import choose_language
from tests.spoilt import Malice, Spoilt, bare, sealed

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = """\
catalogue: {id: perm, title: Проба, years: [2022, 2023]}
inputs:
  pupils: {title: Всего, unit: person}
  teachers: {title: Учителя, unit: person}
  motto: {title: Девиз, type: text}
indicators:
  per_teacher: {title: На учителя, unit: ratio, formula: pupils / teachers, targets: {2023: 12.5}}
  motto_of_school: {title: Девиз, formula: motto}
checks:
  - {id: few_teachers, rule: teachers * 10 < pupils, message: Учителей слишком много}
examples:
  - name: Три класса
    years: {2023: {"1": {pupils: 50, teachers: 4}}}
    expect: {per_teacher: 12.5}
"""
FACTS = """\
school;year;pupils;teachers;motto
1;2022;40;4;
1;2023;50;4;Учимся
2;2023;30;5;
"""
EVERYTHING = Asking(inputs=True, columns=(*COLUMNS, SHORTFALL, SAME_REPORTERS), advice=True)
ASKINGS = (
    Asking(),
    EVERYTHING,
    Asking(levels=("school",), columns=("value",)),
    Asking(scenario="forecast"),
    Asking(indicators=("",), advice=True),
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "kept"
    monkeypatch.setenv(cache.VARIABLE, str(folder))
    return folder


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[Asking]:
    """What was asked of the plans that were made anew."""
    seen: list[Asking] = []
    compile_plan = planning.compile_plan

    def notice(catalogue: Any, shape: Any, nw: Any, asking: Asking, rows: Any) -> Any:
        seen.append(asking)
        return compile_plan(catalogue, shape, nw, asking, rows)

    monkeypatch.setattr(planning, "compile_plan", notice)
    return seen


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "perm"
    (made / "data").mkdir(parents=True)
    (made / "all.yaml").write_text(CATALOGUE, encoding="utf-8")
    (made / "data" / "facts.csv").write_text(FACTS, encoding="utf-8")
    (made / "data" / "schools.csv").write_text("school\n1\n2\n", encoding="utf-8")
    return made


def open_kept(folder: Path, data: str = "data") -> tuple[Catalogue, Data, Path]:
    catalogue, _problems, kept = load_kept(folder)
    assert catalogue is not None
    assert kept is not None
    return catalogue, read_data(catalogue, folder / data)[0], kept


def same(one: Results, other: Results) -> bool:
    beside = (
        (found.problems, list(found.rows), found.skipped_checks, found.advice)
        for found in (one, other)
    )
    return one.frame.equals(other.frame) and next(beside) == next(beside)


def plans(home: Path) -> list[Path]:
    return sorted(home.glob("*.plan"))


@pytest.mark.parametrize("asking", ASKINGS, ids=range(len(ASKINGS)))
@pytest.mark.parametrize("shipped", list_catalogues(), ids=lambda folder: folder.name)
def test_a_kept_plan_gives_what_a_new_one_gives(
    shipped: Path, asking: Asking, compiled: list[Asking]
) -> None:
    catalogue, data, kept = open_kept(shipped, "demo")
    fresh = evaluate(catalogue, data, asking)
    assert same(evaluate(catalogue, data, asking, kept=kept), fresh)
    again, _data, place = open_kept(shipped, "demo")
    assert place == kept
    assert same(evaluate(again, data, asking, kept=kept), fresh)
    assert compiled == [asking, asking]


def test_without_a_kept_catalogue_nothing_is_kept(folder: Path, home: Path) -> None:
    catalogue = load(folder)[0]
    assert catalogue is not None
    evaluate(catalogue, read_data(catalogue, folder / "data")[0])
    assert not home.exists()


def test_it_can_be_switched_off(
    folder: Path, home: Path, monkeypatch: pytest.MonkeyPatch, compiled: list[Asking]
) -> None:
    catalogue, data, kept = open_kept(folder)
    monkeypatch.setenv(cache.VARIABLE, "off")
    assert load_kept(folder)[2] is None
    for _time in range(2):
        evaluate(catalogue, data, kept=kept)
    assert len(compiled) == 2
    assert not plans(home)


def test_other_numbers_years_and_places_need_no_other_plan(
    folder: Path, compiled: list[Asking]
) -> None:
    catalogue, data, kept = open_kept(folder)
    evaluate(catalogue, data, kept=kept)
    facts = folder / "data" / "facts.csv"
    facts.write_text(FACTS.replace("50", "60"), encoding="utf-8")
    catalogue, data, kept = open_kept(folder)
    asking = Asking(years=(2023,), places=("1",))
    found = evaluate(catalogue, data, asking, kept=kept).frame
    assert found.filter(pl.col("indicator") == "per_teacher")["value"].to_list() == [15.0]
    assert len(compiled) == 1


@pytest.mark.parametrize("cell", ["н/п", "много", ""])
def test_data_of_another_shape_need_another_plan(
    folder: Path, compiled: list[Asking], cell: str
) -> None:
    catalogue, data, kept = open_kept(folder)
    evaluate(catalogue, data, kept=kept)
    facts = folder / "data" / "facts.csv"
    facts.write_text(FACTS.replace("Учимся", "").replace("50;4", f"50;{cell}"), encoding="utf-8")
    catalogue, data, kept = open_kept(folder)
    found = evaluate(catalogue, data, kept=kept)
    assert len(compiled) == 2
    assert same(found, evaluate(catalogue, data))


@pytest.mark.parametrize(
    "other",
    [
        Asking(levels=("school",)),
        Asking(indicators=("per_teacher",)),
        Asking(inputs=True),
        Asking(columns=("value",)),
        Asking(columns=("value", "reason")),
        Asking(advice=True),
    ],
    ids=repr,
)
def test_what_is_asked_otherwise_needs_another_plan(
    folder: Path, compiled: list[Asking], other: Asking
) -> None:
    catalogue, data, kept = open_kept(folder)
    evaluate(catalogue, data, kept=kept)
    assert same(evaluate(catalogue, data, other, kept=kept), evaluate(catalogue, data, other))
    assert compiled[:2] == [Asking(), other]


def _edit_catalogue(folder: Path, _patch: pytest.MonkeyPatch, _engine: Path) -> None:
    file = folder / "all.yaml"
    file.write_text(CATALOGUE.replace("pupils / teachers", "teachers / pupils"), encoding="utf-8")


def _edit_engine(_folder: Path, _patch: pytest.MonkeyPatch, engine: Path) -> None:
    module = engine / "evaluation" / "entering.py"
    module.write_text(module.read_text(encoding="utf-8") + "\n", encoding="utf-8")


def _change_polars(_folder: Path, patch: pytest.MonkeyPatch, _engine: Path) -> None:
    patch.setattr(pl, "__version__", "0.0.0")


def _change_language(_folder: Path, _patch: pytest.MonkeyPatch, _engine: Path) -> None:
    choose_language("en")


@pytest.mark.parametrize(
    "change", [_edit_catalogue, _edit_engine, _change_polars, _change_language]
)
def test_what_a_plan_hangs_on_is_in_its_name(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    compiled: list[Asking],
    change: Callable[[Path, pytest.MonkeyPatch, Path], None],
) -> None:
    engine = tmp_path / "engine"
    copytree(ROOT / "engine" / "evaluation", engine / "evaluation")
    monkeypatch.setattr(cache, "_ENGINE", engine)
    for _time in range(2):
        catalogue, data, kept = open_kept(folder)
        evaluate(catalogue, data, kept=kept)
    assert len(compiled) == 1
    change(folder, monkeypatch, engine)
    catalogue, data, kept = open_kept(folder)
    found = evaluate(catalogue, data, kept=kept)
    assert len(compiled) == 2
    assert same(found, evaluate(catalogue, data))


def test_expressions_of_other_engines_are_not_kept(
    folder: Path, home: Path, compiled: list[Asking]
) -> None:
    catalogue, data, kept = open_kept(folder)
    for _time in range(2):
        evaluate(catalogue, with_backend(data, "duckdb"), kept=kept)
    assert len(compiled) == 2
    assert not plans(home)


def test_expressions_are_read_as_they_were_written() -> None:
    unfinished = pl.when(pl.col("a") > 0).then(pl.col("b"))
    written = [pl.col("a").alias("x"), unfinished, pl.lit(1), pl.col("a").alias("x")]
    content = write_expressions(written)
    assert content is not None
    read = read_expressions(content)
    assert all(one.meta.eq(other) for one, other in zip(read, written, strict=True))
    assert read_expressions(write_expressions([]) or b"") == []


def test_what_would_be_read_otherwise_is_not_kept(
    folder: Path, home: Path, monkeypatch: pytest.MonkeyPatch, compiled: list[Asking]
) -> None:
    def turned(content: bytes) -> list[pl.Expr]:
        return read_expressions(content)[::-1]

    monkeypatch.setattr("engine.data.library.read_expressions", turned)
    catalogue, data, kept = open_kept(folder)
    for _time in range(2):
        evaluate(catalogue, data, kept=kept)
    assert len(compiled) == 2
    assert not plans(home)


@pytest.mark.parametrize(
    "spoilt",
    [
        bare(b""),
        bare(b"x" * 100),
        sealed(b""),
        sealed(pickle.dumps(1)),
        sealed(b"x" * 100),
        sealed((92).to_bytes(8) + b"x" * 92),
        sealed(bytes(8) + b"x" * 92),
        sealed(pickle.dumps(pl.lit(1))),
        sealed(pickle.dumps(pl.DataFrame())),
        sealed(pickle.dumps(Malice())),
        sealed(b"cengine.evaluation.planning\ncompile_plan\n."),
    ],
    ids=(
        *("empty", "noise", "nothing", "number", "long", "short", "bare"),
        *("expression", "frame", "call", "function"),
    ),
)
def test_what_was_spoilt_is_made_anew_and_mended(
    folder: Path, home: Path, compiled: list[Asking], spoilt: Spoilt
) -> None:
    catalogue, data, kept = open_kept(folder)
    fresh = evaluate(catalogue, data, kept=kept)
    (file,) = plans(home)
    file.write_bytes(spoilt(file))
    assert same(evaluate(catalogue, data, kept=kept), fresh)
    assert len(compiled) == 2
    assert same(evaluate(catalogue, data, kept=kept), fresh)
    assert len(compiled) == 2


def test_a_plan_under_the_name_of_another_is_not_believed(
    folder: Path, home: Path, compiled: list[Asking]
) -> None:
    catalogue, data, kept = open_kept(folder)
    schools = evaluate(catalogue, data, Asking(levels=("school",)), kept=kept)
    (other,) = plans(home)
    fresh = evaluate(catalogue, data, kept=kept)
    (own,) = {*plans(home)} - {other}
    own.write_bytes(other.read_bytes())
    found = evaluate(catalogue, data, kept=kept)
    assert same(found, fresh)
    assert not found.frame.equals(schools.frame)
    assert len(compiled) == 3


def test_expressions_that_are_too_deep_are_not_written() -> None:
    deep = pl.lit(0)
    for number in range(3_000):
        deep = pl.when(pl.col("a") == number).then(pl.lit(number)).otherwise(deep)
    assert write_expressions([deep]) is None


def test_a_command_that_finds_a_plan_reads_no_formula() -> None:
    code = (
        "from engine.console.main import main;"
        "main(['evaluate', 'berezniki', '--data', 'definitions/berezniki/demo', '--format', 'json'],"
        "standalone_mode=False)"
    )
    said = [
        subprocess.run(
            [sys.executable, "-X", "importtime", "-c", code],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        for _time in range(2)
    ]
    assert said[0].stdout == said[1].stdout
    assert [" engine.evaluation.plan\n" in one.stderr for one in said] == [True, False]
