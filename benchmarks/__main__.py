"""`make bench`: how fast and how large, as ratios inside one run, and how both grow.

    python -m benchmarks [--times N] [--part PART]…

Parts are the keys of `PARTS`; without `--part` all of them. Ours and the baseline run by turns in
processes of their own, and the medians of processor time (of all cores, the system's work too) are
compared: a slow or busy machine slows both. Forms, which are spread over processes, are measured by
the clock on the wall. Nothing fails here when a ratio is above its limit; the table says so.
Figures are written to out/bench.json.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from statistics import median

from benchmarks.adopted import list_costs, measure_adoption
from benchmarks.growth import evaluate_command, list_growth, measure_growth
from benchmarks.processes import ROOT, Run, run_python
from benchmarks.published import list_publishing, measure_publishing
from benchmarks.scored import SCORED, write_scored_town_apart
from benchmarks.town import NATIONAL, Size, lay_levels, write_town_apart

TIMES = 7
OUT = ROOT / "out"
WORK = OUT / "bench"
PLACES = Size(40_000, 3, 60, lay_levels(40_000))
LARGE = Size(100_000, 3, 60, lay_levels(100_000))
LARGE_LIMIT = 4096
"""Megabytes at the peak while all results of the large size are written."""

Read = Callable[[Run], float]


@dataclass(frozen=True, slots=True)
class Case:
    """Two programs that are run by turns. Each of `limits`: (title, unit, limit, what is read)."""

    ours: tuple[str, ...]
    baseline: tuple[str, ...]
    limits: tuple[tuple[str, str, float, Read], ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """The medians of one measure in its unit, and their ratio beside its limit."""

    title: str
    unit: str
    ours: float
    baseline: float
    ratio: float
    limit: float

    @property
    def holds(self) -> bool:
        """Whether the ratio is within its limit."""
        return self.ratio <= self.limit


def main(arguments: list[str]) -> None:
    """Measure what is asked for, print the tables, write the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--times", type=int, default=TIMES)
    parser.add_argument("--part", action="append", choices=PARTS)
    asked = parser.parse_args(arguments)
    WORK.mkdir(parents=True, exist_ok=True)
    figures: dict[str, object] = {
        "python": platform.python_version(),
        "system": platform.system(),
        "times": asked.times,
    }
    for part in asked.part or PARTS:
        figures[part] = PARTS[part](asked.times)
    text = json.dumps(figures, ensure_ascii=False, indent=2)
    (OUT / "bench.json").write_text(text + "\n", encoding="utf-8")
    shutil.rmtree(WORK)
    _say("записано: out/bench.json")


# --- the parts -----------------------------------------------------------------------------------


def compare_forms(times: int) -> list[dict[str, object]]:
    """A thousand forms going out and coming in."""
    _say("готовятся формы (1 000 школ)…")
    _run("-m", "benchmarks.forms_out", "write", str(WORK))
    _run("-m", "benchmarks.forms_in", "write", str(WORK / "forms_in"))
    return _compare([_forms_out(), *_forms_in()], times)


def measure_adopting(times: int) -> list[dict[str, object]]:
    """Two hundred workbooks of forty rows and sixty columns."""
    _say("измеряется, как принимаются книги…")
    costs = measure_adoption(WORK, _run, min(times, 3))
    print(draw_table(list_costs(costs)))
    return [asdict(cost) for cost in costs]


def compare_charts(times: int) -> list[dict[str, object]]:
    """The full page of a town, as against its charts alone."""
    town = str(WORK / "small")
    case = Case(
        ("-m", "benchmarks.reports", town),
        ("-m", "benchmarks.reports", town, "charts"),
        (("отчёт 60 × 3 года × 20 школ с диаграммами ÷ vl-convert", "с", 3.0, _printed),),
    )
    return _compare([case], times)


def compare_national(times: int) -> list[dict[str, object]]:
    """Shares of places above the school, as against the script of an analyst."""
    _say(f"готовятся данные страны ({NATIONAL})…")
    write_town_apart(WORK / "national", NATIONAL)
    case = _against_script(
        "national",
        "benchmarks.by_hand",
        "value,reported,expected",
        (
            ("страна, время ÷ скрипт вручную", "с", 1.15, _processor),
            ("страна, память ÷ скрипт вручную", "МБ", 1.2, _megabytes),
        ),
    )
    return _compare([case], times)


def compare_scores(times: int) -> list[dict[str, object]]:
    """The same country with twenty scales, twenty scores and five ranks."""
    _say(f"готовятся данные страны с баллами ({SCORED})…")
    write_scored_town_apart(WORK / "scored", SCORED)
    case = _against_script(
        "scored",
        "benchmarks.by_hand_scored",
        "value,class,points,reported,expected",
        (("страна с баллами, время ÷ скрипт вручную", "с", 1.5, _processor),),
    )
    return _compare([case], times)


def _against_script(
    folder: str, script: str, columns: str, limits: tuple[tuple[str, str, float, Read], ...]
) -> Case:
    """The results of all places above the school, as against a script that writes the same file."""
    _say("сравнивается, одинаковы ли файлы…")
    town, data, ours, by_hand = (
        str(WORK / folder / name)
        for name in ("catalogue", "data", "ours.parquet", "by_hand.parquet")
    )
    above = [part for level, _places in NATIONAL.levels for part in ("--level", level)]
    shown = ("--columns", columns, "--format", "parquet", "-o", ours)
    case = Case(
        ("-m", "engine", "evaluate", town, "--data", data, *above, *shown),
        ("-m", script, data, by_hand),
        limits,
    )
    _run(*case.ours)
    _run(*case.baseline)
    _run("-m", "benchmarks.equality", ours, by_hand)
    return case


def compare_explain(times: int) -> list[dict[str, object]]:
    """The proof of one number, as against the number alone."""
    _say(f"готовятся данные для доказательств ({PLACES})…")
    write_town_apart(WORK / "places", PLACES)
    town = str(WORK / "places" / "catalogue")
    data = ("--data", str(WORK / "places" / "data"), "--year", "2024")
    shown = ("--format", "json", "-o", str(WORK / "explained.json"))
    cases = [
        Case(
            ("-m", "engine", "explain", town, "share_7", *data, *place, *shown),
            ("-m", "engine", "evaluate", town, "--indicator", "share_7", *data, *place, *shown),
            ((f"explain, {title} ÷ evaluate того же числа", "с", 1.3, _processor),),
        )
        for title, place in (
            ("одна школа из 40 000", ("--place", "school-012345")),
            ("один муниципалитет", ("--place", "municipality-000777")),
            ("страна", ("--place", "country-000000")),
        )
    ]
    return _compare(cases, times)


def compare_growth(times: int) -> list[dict[str, object]]:
    """Cost of a row at four sizes of everything; three runs are enough to see how it grows."""
    _say("измеряется рост…")
    growths = measure_growth(WORK, _run, min(times, 3))
    print(draw_table(list_growth(growths)))
    return [asdict(one) for one in growths]


def weigh_large(_times: int) -> dict[str, object]:
    """Memory at the peak while a large country is written, all levels and columns; one run."""
    _say(f"готовятся данные большой страны ({LARGE})…")
    write_town_apart(WORK / "large", LARGE)
    run = _run(*evaluate_command(WORK / "large", WORK / "large.parquet"))
    head = (f"{LARGE}, все уровни и столбцы, в файл", "с", "МБ", "не более", "")
    peak = _megabytes(run)
    verdict = "да" if peak <= LARGE_LIMIT else "НЕТ"
    print(
        draw_table([head, ("", f"{run.processor:.1f}", f"{peak:.0f}", str(LARGE_LIMIT), verdict)])
    )
    return {"seconds": run.processor, "megabytes": peak, "limit": LARGE_LIMIT}


def measure_published(_times: int) -> list[dict[str, object]]:
    """What the public may see of a town whose schools are public, at four sizes; one run."""
    _say("измеряется, как решается, что скрыть…")
    costs = measure_publishing(WORK, _run)
    print(draw_table(list_publishing(costs)))
    return [asdict(cost) for cost in costs]


PARTS: dict[str, Callable[[int], object]] = {
    "forms": compare_forms,
    "adopt": measure_adopting,
    "charts": compare_charts,
    "national": compare_national,
    "scores": compare_scores,
    "explain": compare_explain,
    "growth": compare_growth,
    "large": weigh_large,
    "published": measure_published,
}


# --- pairs of programs ---------------------------------------------------------------------------


def _forms_out() -> Case:
    """A thousand forms, against the same cells written by bare XlsxWriter."""
    town, data, target = (str(WORK / f"forms_{part}") for part in ("town", "data", "out"))
    ours = ("-m", "engine", "form", town, "report", "--data", data, "--year", "2023", "-o", target)
    bare = ("-m", "benchmarks.forms_out", "bare", str(WORK))
    return Case(ours, bare, (("1 000 форм ÷ голый XlsxWriter", "с", 2.0, _seconds),))


def _forms_in() -> list[Case]:
    """A thousand filled forms, against the bare reading of the same files, and against a hundred."""
    folder = WORK / "forms_in"

    def collect(came: str) -> tuple[str, ...]:
        catalogue, data = str(folder / "catalogue"), str(folder / "data")
        sides = (str(folder / came), "--data", data, "-o", str(folder / "collected"))
        return ("-m", "engine", "collect", catalogue, *sides)

    bare = ("-m", "benchmarks.forms_in", "bare", str(folder))
    time = ("собрать 1 000 форм ÷ голое чтение", "с", 3.0, _seconds)
    memory = ("собрать 1 000 форм ÷ 100 форм, память", "МБ", 2.0, _megabytes)
    return [
        Case(collect("forms"), bare, (time,)),
        Case(collect("forms"), collect("few"), (memory,)),
    ]


def _compare(cases: Iterable[Case], times: int) -> list[dict[str, object]]:
    """Measure, print the table, give the figures."""
    results = [found for case in cases for found in measure(case, times)]
    head = ("что ÷ с чем", "у нас", "основа", "раз", "не более", "")
    rows = [
        (
            one.title,
            _number(one.ours, one.unit),
            _number(one.baseline, one.unit),
            f"{one.ratio:.2f}".replace(".", ","),
            f"{one.limit:g}".replace(".", ","),
            "да" if one.holds else "НЕТ",
        )
        for one in results
    ]
    print(draw_table([head, *rows]))
    return [asdict(one) | {"holds": one.holds} for one in results]


def measure(case: Case, times: int) -> list[Measured]:
    """The measures of a case; the first run of each program is not counted."""
    _say(f"измеряется: {case.limits[0][0]}…")
    _run(*case.ours)
    _run(*case.baseline)
    ours: list[Run] = []
    baseline: list[Run] = []
    for _turn in range(times):
        ours.append(_run(*case.ours))
        baseline.append(_run(*case.baseline))
    found = []
    for title, unit, limit, read in case.limits:
        one, two = median(map(read, ours)), median(map(read, baseline))
        if two:
            found.append(Measured(title, unit, one, two, one / two, limit))
    return found


def draw_table(rows: list[tuple[str, ...]]) -> str:
    """The table that is printed, its head first."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if not column else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _number(value: float, unit: str) -> str:
    digits = 0 if unit == "МБ" else 3
    return f"{value:.{digits}f}".replace(".", ",") + f" {unit}"


def _printed(run: Run) -> float:
    return float(run.printed)


def _seconds(run: Run) -> float:
    return run.seconds


def _processor(run: Run) -> float:
    return run.processor


def _megabytes(run: Run) -> float:
    return run.memory / 2**20


def _run(*arguments: str) -> Run:
    return run_python(arguments, compiled=WORK / "compiled")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
