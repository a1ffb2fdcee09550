"""`make bench`: how fast and how large, each as a ratio to what cannot be done without.

Ours and the baseline run by turns in processes of their own, five times each, and the medians are
compared: a slow or busy machine slows both. Nothing fails here when a ratio is above its limit;
the table says so. Figures are written to out/bench.json.
"""

from __future__ import annotations

import json
import platform
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median

from benchmarks.processes import ROOT, Run, run_python

TIMES = 5
OUT = ROOT / "out"
WORK = OUT / "bench"
LEVELS = ("municipality", "region", "country")

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


def main() -> None:
    """Measure everything, print the table, write the figures."""
    WORK.mkdir(parents=True, exist_ok=True)
    _say("готовятся данные страны (40 000 школ)…")
    _run(
        "-c",
        f"from pathlib import Path; from benchmarks.town import write_town as w; w(Path({str(WORK)!r}))",
    )
    _say("готовятся формы (1 000 школ)…")
    _run("-m", "benchmarks.forms_out", "write", str(WORK))
    _run("-m", "benchmarks.forms_in", "write", str(WORK / "forms_in"))
    cases = list_cases()
    country = cases[-1]
    _say("сравнивается, одинаковы ли файлы…")
    _run(*country.ours)
    _run(*country.baseline)
    _run("-m", "benchmarks.equality", str(WORK / "ours.parquet"), str(WORK / "by_hand.parquet"))
    results = [found for case in cases for found in measure(case)]
    print(draw_table(results))
    figures = {
        "python": platform.python_version(),
        "system": platform.system(),
        "times": TIMES,
        "measures": [asdict(one) | {"holds": one.holds} for one in results],
    }
    text = json.dumps(figures, ensure_ascii=False, indent=2)
    (OUT / "bench.json").write_text(text + "\n", encoding="utf-8")
    shutil.rmtree(WORK)
    _say("записано: out/bench.json")


def list_cases() -> list[Case]:
    """Every case, the country last."""
    cases = [
        Case(
            ("-m", "engine", "--help"),
            ("-c", "import click"),
            (("--help ÷ import click", "с", 2.0, _seconds),),
        ),
    ]
    cases += [_forms_out(), *_forms_in()]
    small = str(WORK / "small")
    cases.append(
        Case(
            ("-m", "benchmarks.reports", small, "report.html.j2"),
            ("-m", "benchmarks.reports", small, "charts"),
            (("отчёт 60 × 3 года × 20 школ с графиками ÷ vl-convert", "с", 3.0, _printed),),
        )
    )
    levels = [part for level in LEVELS for part in ("--level", level)]
    data, ours = str(WORK / "data"), str(WORK / "ours.parquet")
    shown = ("--columns", "value,reported,expected", "--format", "parquet", "-o", ours)
    country = ("-m", "engine", "evaluate", str(WORK / "catalogue"), "--data", data, *levels, *shown)
    cases.append(
        Case(
            country,
            ("-m", "benchmarks.by_hand", data, str(WORK / "by_hand.parquet")),
            (
                ("страна, время ÷ скрипт вручную", "с", 1.3, _seconds),
                ("страна, память ÷ скрипт вручную", "МБ", 1.5, _megabytes),
            ),
        )
    )
    return cases


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


def measure(case: Case) -> list[Measured]:
    """The measures of a case; the first run of each program is not counted."""
    _say(f"измеряется: {case.limits[0][0]}…")
    _run(*case.ours)
    _run(*case.baseline)
    ours: list[Run] = []
    baseline: list[Run] = []
    for _turn in range(TIMES):
        ours.append(_run(*case.ours))
        baseline.append(_run(*case.baseline))
    found = []
    for title, unit, limit, read in case.limits:
        one, two = median(map(read, ours)), median(map(read, baseline))
        if two:
            found.append(Measured(title, unit, one, two, one / two, limit))
    return found


def draw_table(results: list[Measured]) -> str:
    """The table that is printed."""
    head = ("что ÷ с чем", "у нас", "основа", "раз", "не более", "")
    rows = [
        (
            one.title,
            _number(one.ours, one.unit),
            _number(one.baseline, one.unit),
            f"{one.ratio:.2f}".replace(".", ","),
            f"{one.limit:.1f}".replace(".", ","),
            "да" if one.holds else "НЕТ",
        )
        for one in results
    ]
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if not column else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (head, *rows)
    )


def _number(value: float, unit: str) -> str:
    digits = 0 if unit == "МБ" else 3
    return f"{value:.{digits}f}".replace(".", ",") + f" {unit}"


def _printed(run: Run) -> float:
    return float(run.printed)


def _seconds(run: Run) -> float:
    return run.seconds


def _megabytes(run: Run) -> float:
    return run.memory / 2**20


def _run(*arguments: str) -> Run:
    return run_python(arguments, compiled=WORK / "compiled")


def _say(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    main()
