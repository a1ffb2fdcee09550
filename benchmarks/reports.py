"""A report of 60 shares × 3 years × 20 schools, laid out and rendered, and its charts alone.

    python -m benchmarks.reports FOLDER          prints the seconds from results to the full page
    python -m benchmarks.reports FOLDER charts   what vl-convert alone needs for the charts

The town is invented and seeded; it is written to the folder on the first run.
"""

from __future__ import annotations

import sys
import time
from datetime import date
from pathlib import Path

SHARES, SCHOOLS, YEARS = 60, 20, (2022, 2023, 2024)
_TURNS = 7919  # a prime: counts that look like none and are always the same


def main(folder: Path) -> None:
    """Print how long the laying out and the rendering take, everything they import included."""
    if not (folder / "catalogue.yaml").is_file():
        _write_town(folder)
    from engine.catalogue.load import load
    from engine.data import read_data
    from engine.evaluation.asking import COLUMNS, SAME_REPORTERS, Asking
    from engine.evaluation.evaluate import compute_results

    catalogue, problems = load(folder)
    assert catalogue is not None, problems
    data, problems = read_data(catalogue, folder / "data")
    assert not problems, problems
    asking = Asking(YEARS, inputs=True, columns=(*COLUMNS, SAME_REPORTERS))
    results = compute_results(catalogue, data, asking).frame
    begun = time.perf_counter()
    from engine.reports.render import render

    page = render(
        catalogue, data, results, years=YEARS, template="report.html.j2", date=date(2025, 1, 1)
    )
    print(time.perf_counter() - begun)
    assert page.count("Доля ") >= SHARES


def draw_charts() -> None:
    """Print how long vl-convert alone takes: started, the spec compiled once, 60 tables drawn."""
    root = Path(__file__).resolve().parent.parent
    text = (root / "templates" / "charts" / "fact_and_target.vl.json").read_text("utf-8")
    begun = time.perf_counter()
    import vl_convert

    compiled = vl_convert.vegalite_to_vega(text)
    drawn = []
    for number in range(SHARES):
        table = [
            {
                "year": str(year),
                "fact": 40.0 + (number + year) % 20,
                "target": 50.0,
                "top": 60.0,
                "label": str(40 + (number + year) % 20),
                "incomplete": False,
            }
            for year in YEARS
        ]
        data = [
            {**one, "values": table} if one["name"] == "years" else one for one in compiled["data"]
        ]
        drawn.append(vl_convert.vega_to_svg({**compiled, "data": data}, allowed_base_urls=[]))
    print(time.perf_counter() - begun)
    assert all(each.startswith("<svg") for each in drawn)


def _write_town(folder: Path) -> None:
    (folder / "data").mkdir(parents=True, exist_ok=True)
    numbers = range(1, SHARES + 1)
    catalogue = [
        "catalogue: {id: small, title: Вымышленный город (демонстрационные данные), years: [2022, 2023, 2024]}",
        "inputs:",
        *(f"  part_{n}: {{title: Часть {n}, unit: person}}" for n in numbers),
        *(f"  whole_{n}: {{title: Целое {n}, unit: person}}" for n in numbers),
        "indicators:",
        *(
            f"  share_{n}: {{title: Доля {n}, unit: percent, targets: {{2022: 40, 2023: 45, 2024: 50}}, "
            f'better: more, formula: "share(part_{n}, whole_{n})"}}'
            for n in numbers
        ),
    ]
    (folder / "catalogue.yaml").write_text("\n".join(catalogue) + "\n", "utf-8")
    schools = [f"s{n},Школа № {n},town" for n in range(1, SCHOOLS + 1)]
    register = "\n".join(["school,title,municipality", *schools]) + "\n"
    (folder / "data" / "schools.csv").write_text(register, "utf-8")
    names = [f"{word}_{n}" for n in numbers for word in ("part", "whole")]
    lines = [",".join(("school", "year", *names))]
    for school in range(1, SCHOOLS + 1):
        for year in YEARS:
            cells = [str(_count(school, year, n)) for n in range(len(names))]
            lines.append(",".join((f"s{school}", str(year), *cells)))
    (folder / "data" / "facts.csv").write_text("\n".join(lines) + "\n", "utf-8")


def _count(school: int, year: int, number: int) -> int:
    """A part up to 99, a whole from 100 up."""
    turned = (school * 31 + year * 17 + number // 2 * 13) * _TURNS % 100
    return turned + 100 * (number % 2)


if __name__ == "__main__":
    if sys.argv[2:] == ["charts"]:
        draw_charts()
    else:
        main(Path(sys.argv[1]))
