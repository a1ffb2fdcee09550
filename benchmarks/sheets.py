"""A thousand sheets of schools in one run: the demonstration data of Berezniki, many times over.

    python -m benchmarks.sheets FOLDER     prints the seconds of the whole command and the files

Results are evaluated once, and a chart that looks the same is drawn once for all sheets.
"""

from __future__ import annotations

import csv
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "definitions" / "berezniki" / "demo"
SHEETS = 1000
_SCHOOLS = 18  # of the demonstration
_BY_SCHOOL = ("schools.csv", "facts_2021.csv", "facts_2022.csv", "facts_2023.csv", "facts_2024.csv")


def main(folder: Path) -> None:
    """Write the data where they are not there yet, and time the command."""
    data = folder / "data"
    if not data.is_dir():
        _write_data(data)
    command = ("report", "berezniki", "--data", str(data), "--year", "2022", "--year", "2023")
    goal = folder / "sheets"
    begun = time.perf_counter()
    subprocess.run(
        [
            *(sys.executable, "-m", "engine", *command, "--template", "school.html"),
            *("--each", "school", "--date", "2025-01-01", "-o", str(goal)),
        ],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    print(f"{time.perf_counter() - begun:.1f} s, {len(list(goal.glob('*.html')))} files")


def _write_data(data: Path) -> None:
    """The schools of the demonstration again and again, each time under other names."""
    data.mkdir(parents=True)
    for name in _BY_SCHOOL:
        with (DEMO / name).open(encoding="utf-8-sig", newline="") as stream:
            head, *rows = csv.reader(stream, delimiter=";")
        at = head.index("school")
        title = head.index("title") if "title" in head else None
        with (data / name).open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, delimiter=";")
            writer.writerow(head)
            for turn in range(-(-SHEETS // _SCHOOLS)):
                for row in rows:
                    # As many schools as are wanted, the same ones in every file.
                    if turn * _SCHOOLS + int(row[at].rpartition("-")[2]) > SHEETS:
                        continue
                    named = list(row)
                    named[at] = f"{row[at]}-{turn}"
                    if title is not None:
                        named[title] = f"{row[title]} {turn}"
                    writer.writerow(named)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
