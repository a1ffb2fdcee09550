"""Evaluate the shipped catalogues on their demo data, render their reports, then go the whole way.

The whole way is a year of forms: they are written for every school, filled in as schools do it, with
a few mistakes left in on purpose, collected, and reported. Files go to `out/`, or to the folder
given as the one argument. Run by `make demo` and `pokazatel.cmd demo` with the interpreter of
`.venv`. Every step is the command line as a user calls it. The demo data hold gaps and unreadable
cells on purpose, so the command line may end with 1, "problems in the data were printed": that is
no failure here as long as the file was written.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ("report.html.j2", "summary.html.j2", "summary.md.j2")
# The years that each catalogue reports.
YEARS = {
    "berezniki": (2022, 2023, 2024),
    "michurinsk": (2021, 2022, 2023),
    "dubenki": (2023, 2024),
    "efficiency": (2023, 2024),
    "absence": (2023,),
}
# The form that is written for the schools to see, and its year.
FORMS = {
    "berezniki": ("indicator_report", 2023),
    "michurinsk": ("monitoring", 2023),
    "dubenki": ("criteria", 2024),
    "efficiency": ("values", 2024),
    "absence": ("absence", 2023),
}
PROBLEMS_PRINTED = 1


@dataclass(frozen=True, slots=True)
class Step:
    """One call, of the command line or of a script, and the file or folder it leaves.

    All paths are as seen from the project's folder.
    """

    arguments: tuple[str, ...]
    file: Path
    script: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """What is typed: `pokazatel` and its arguments, or `python` and the script."""
        return (
            ("python", self.script, *self.arguments)
            if self.script
            else ("pokazatel", *self.arguments)
        )


def steps_of(catalogue: str, years: tuple[int, ...], out: Path) -> tuple[Step, ...]:
    """Return the calls for one catalogue: all numbers, then each report with all its years."""
    data = ("--data", f"definitions/{catalogue}/demo")
    numbers = out / f"{catalogue}.csv"
    evaluate = ("evaluate", catalogue, *data, "--format", "csv", "-o", str(numbers))
    steps = [Step(evaluate, numbers)]
    for template in TEMPLATES:
        page = out / f"{catalogue}-{template.removesuffix('.j2')}"
        asked = (word for year in years for word in ("--year", str(year)))
        report = ("report", catalogue, *data, *asked)
        steps.append(Step((*report, "--template", template, "-o", str(page)), page))
    return tuple(steps)


def forms_of(catalogue: str, out: Path) -> tuple[Step, ...]:
    """Return the calls that take one catalogue's forms out, in, and into a report."""
    form, year = FORMS[catalogue]
    sent, came, collected = (
        out / f"{catalogue}-{part}" for part in ("forms", "schools", "collected")
    )
    page = out / f"{catalogue}-collected.html"
    demo = f"definitions/{catalogue}/demo"
    asked = ("--year", str(year))
    before = ("--data", str(came / "before"))
    return (
        Step(("form", catalogue, form, "--data", demo, *asked, "-o", str(sent)), sent),
        Step((catalogue, str(year), str(came)), came, "scripts/demo_forms.py"),
        Step(
            ("collect", catalogue, str(came / "filled"), *before, "-o", str(collected)), collected
        ),
        Step(("report", catalogue, "--data", str(collected), *asked, "-o", str(page)), page),
    )


def run(step: Step) -> int:
    """Run one step and return 0 when its file was written, else the code it ended with, not 0."""
    file = ROOT / step.file
    # What an earlier run has left must not pass for this one's.
    if file.is_dir():
        shutil.rmtree(file)
    file.unlink(missing_ok=True)
    program = (step.script,) if step.script else ("-m", "engine")
    environment = {**os.environ, "PYTHONUTF8": "1", "PYTHONPATH": str(ROOT)}
    # What the first step has compiled the next ones need not.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    code = subprocess.run(
        [sys.executable, *program, *step.arguments],
        cwd=ROOT,
        env=environment,
        check=False,
    ).returncode
    if code in {0, PROBLEMS_PRINTED} and file.exists():
        return 0
    return code or PROBLEMS_PRINTED


def main(arguments: list[str]) -> int:
    """Run every step, stop at the first that fails and return its exit code, else 0."""
    out = Path(*arguments[:1] or ["out"])
    (ROOT / out).mkdir(exist_ok=True)
    steps = [step for catalogue, years in YEARS.items() for step in steps_of(catalogue, years, out)]
    steps += [step for catalogue in YEARS for step in forms_of(catalogue, out)]
    for step in steps:
        print(*step.words, flush=True)
        if code := run(step):
            print(f"Остановлено: файл {step.file} не записан.", file=sys.stderr)
            return code
    print("\nЗаписаны файлы (данные демонстрационные; замечания к ним выше — часть показа):")
    for step in steps:
        print(f"  {step.file}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
