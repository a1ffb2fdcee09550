"""How long it takes to decide what the public may see, and how that grows with the schools."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import Run

SCHOOLS = (62, 125, 250, 500)
SHARES = 20
LIMIT = 10.0
"""Seconds of processor for the largest town."""
EXPONENT = 1.3
"""Of the growth: a town of N schools may take N to this power."""


@dataclass(frozen=True, slots=True)
class Publishing:
    """Seconds of processor for a town of so many schools, the computing of results taken off."""

    schools: int
    seconds: float


def measure_publishing(folder: Path, run: Callable[..., Run]) -> list[Publishing]:
    """Publish towns of growing size, schools and shares all public."""
    costs = []
    for schools in SCHOOLS:
        town = folder / f"published_{schools}"
        write_town(town, schools)
        done = run("-m", "benchmarks.published", str(town))
        costs.append(Publishing(schools, float(done.printed)))
    return costs


def list_publishing(costs: list[Publishing]) -> list[tuple[str, ...]]:
    """The lines of a table, the largest beside its limits."""
    from math import log

    head = (f"публикация, {SHARES} долей, школ", "с", "не более", "")
    last, first = costs[-1], costs[0]
    power = log(last.seconds / first.seconds) / log(last.schools / first.schools)
    lines = [(str(each.schools), f"{each.seconds:.1f}", "", "") for each in costs[:-1]]
    verdict = "да" if last.seconds <= LIMIT else "НЕТ"
    lines.append((str(last.schools), f"{last.seconds:.1f}", f"{LIMIT:g}", verdict))
    grows = "да" if power <= EXPONENT else "НЕТ"
    return [head, *lines, ("растёт как N в степени", f"{power:.2f}", f"{EXPONENT:g}", grows)]


def write_town(folder: Path, schools: int) -> None:
    """A catalogue of shares of people, and a town whose schools are all public."""
    chance = random.Random(1)
    inputs, indicators = [], []
    for number in range(SHARES):
        inputs += [
            f"  whole_{number}: {{title: Всего {number}, unit: person}}",
            f"  part_{number}: {{title: Часть {number}, unit: person, within: whole_{number}}}",
        ]
        formula = f'"share(part_{number}, whole_{number})"'
        indicators.append(
            f"  share_{number}: {{title: Доля {number}, unit: percent, formula: {formula}}}"
        )
    head = [
        "catalogue: {id: town, title: Город, years: [2023]}",
        "publication: {ranking: allowed, interpretation: проба, public_levels: [school, municipality]}",
    ]
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    text = "\n".join([*head, "inputs:", *inputs, "indicators:", *indicators, ""])
    (folder / "catalogue.yaml").write_text(text, encoding="utf-8")
    register = ["school,title", *(f"s{number},Школа {number}" for number in range(schools)), ""]
    (data / "schools.csv").write_text("\n".join(register), encoding="utf-8")
    columns = [f"{kind}_{number}" for number in range(SHARES) for kind in ("whole", "part")]
    lines = [",".join(["school", "year", *columns])]
    for school in range(schools):
        cells = []
        for _share in range(SHARES):
            whole = chance.randint(20, 900)
            cells += [whole, chance.randint(0, min(whole, 60))]
        lines.append(",".join([f"s{school}", "2023", *map(str, cells)]))
    (data / "facts.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")


def publish_town(folder: Path) -> float:
    """Seconds of processor that the decision takes."""
    from time import process_time

    from engine.catalogue.load import load
    from engine.data import read_data
    from engine.evaluation.asking import COLUMNS, Asking
    from engine.evaluation.evaluate import compute_results
    from engine.publication.audience import publish

    catalogue, _problems = load(folder)
    if catalogue is None:
        raise ValueError(folder)
    data, _problems = read_data(catalogue, folder / "data")
    results = compute_results(catalogue, data, Asking((2023,), inputs=True, columns=COLUMNS))
    start = process_time()
    publish(catalogue, results.frame)
    return process_time() - start


if __name__ == "__main__":
    print(publish_town(Path(sys.argv[1])))
