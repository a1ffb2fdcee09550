"""Forms for many schools: what `pokazatel form` is measured on, and against.

    python -m benchmarks.forms_out write FOLDER     a catalogue of 120 rows and 1 000 schools
    python -m benchmarks.forms_out bare FOLDER      the same workbooks by bare XlsxWriter

The bare writer is given the calls that make one school's workbook, and repeats them for each school:
every cell, format, prompt and formula, and nothing that thinks.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

SCHOOLS, SHARES = 1_000, 40
YEAR = 2023

Call = tuple[str, tuple[Any, ...], dict[str, Any]]


def write_world(folder: Path) -> None:
    """`<folder>/forms_town`, its data `<folder>/forms_data`, and the calls of one workbook."""
    from engine import load
    from engine.data import read_data
    from engine.forms.out.prepared_forms import prepare_forms
    from engine.forms.out.write import draw_form

    town, data = folder / "forms_town", folder / "forms_data"
    town.mkdir(parents=True, exist_ok=True)
    data.mkdir(parents=True, exist_ok=True)
    (town / "catalogue.yaml").write_text(_describe(), encoding="utf-8")
    _write_data(data)
    catalogue, problems = load(town)
    assert catalogue is not None, problems
    read, _problems = read_data(catalogue, data)
    form = catalogue.forms["report"]
    prepared = prepare_forms(catalogue, read, form, YEAR, places=("school-0001",))
    (one,) = prepared.places
    with _recorded() as calls:
        draw_form(BytesIO(), prepared.blueprints[one.pattern], one.sheet)
    (folder / "forms_calls.pickle").write_bytes(pickle.dumps(calls))


def _describe() -> str:
    numbers = range(1, SHARES + 1)
    lines = [
        "catalogue:",
        "  id: town",
        "  title: Город",
        "  levels: [school, municipality]",
        f"  years: [{YEAR}]",
        "inputs:",
        *(
            line
            for n in numbers
            for line in (
                f"  whole_{n}: {{title: Обучающиеся параллели {n} на начало года, unit: person}}",
                f"  part_{n}: {{title: Участники мероприятия {n}, unit: person, within: whole_{n}}}",
            )
        ),
        "indicators:",
        *(
            f'  share_{n}: {{code: "{n}", title: Доля участников мероприятия {n} среди '
            f'обучающихся, unit: percent, formula: "share(part_{n}, whole_{n})"}}'
            for n in numbers
        ),
        "forms:",
        "  report:",
        "    title: Отчёт о мероприятиях",
        "    due: 2024-01-26",
        "    sections:",
        "      - title: Мероприятия",
        "        rows:",
        *(f'          - {{number: "{n}", indicator: share_{n}}}' for n in numbers),
    ]
    return "\n".join(lines) + "\n"


def _write_data(folder: Path) -> None:
    schools = [f"school-{n:04}" for n in range(1, SCHOOLS + 1)]
    register = "".join(f"{one},Школа № {n}\n" for n, one in enumerate(schools, 1))
    (folder / "schools.csv").write_text("school,title\n" + register, encoding="utf-8")
    names = [f"{kind}_{n}" for n in range(1, SHARES + 1) for kind in ("whole", "part")]
    rows = (
        ",".join(
            [
                one,
                str(YEAR - 1),
                *(str((n * 7 + at) % 90 + 10 * (at % 2)) for at in range(len(names))),
            ]
        )
        for n, one in enumerate(schools)
    )
    text = ",".join(["school", "year", *names]) + "\n" + "\n".join(rows) + "\n"
    (folder / "facts.csv").write_text(text, encoding="utf-8")


# --- the bare writer -----------------------------------------------------------------------------


class _Recorder:
    """Stands for a workbook or a sheet and remembers what is called; formats are named by number."""

    def __init__(self, calls: list[Call], mark: str) -> None:
        self._calls, self._mark = calls, mark

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: Any, **more: Any) -> Any:
            if name == "add_format":
                number = sum(kind == "book.add_format" for kind, _arguments, _more in self._calls)
                self._calls.append((f"{self._mark}.{name}", arguments, more))
                return _Format(number)
            self._calls.append((f"{self._mark}.{name}", arguments, more))
            return _Recorder(self._calls, "sheet") if name == "add_worksheet" else None

        return call


class _Format(int):
    """The number of a format among those of its workbook."""


@contextmanager
def _recorded() -> Iterator[list[Call]]:
    import xlsxwriter

    calls: list[Call] = []
    own = xlsxwriter.Workbook

    def make(_stream: BytesIO, settings: dict[str, Any]) -> _Recorder:
        calls.append(("new", (settings,), {}))
        return _Recorder(calls, "book")

    xlsxwriter.Workbook = make
    try:
        yield calls
    finally:
        xlsxwriter.Workbook = own


def write_bare(folder: Path) -> None:
    """The recorded workbook once for each school, by XlsxWriter and nothing else."""
    import xlsxwriter

    calls: list[Call] = pickle.loads((folder / "forms_calls.pickle").read_bytes())  # noqa: S301
    target = folder / "forms_bare"
    target.mkdir(exist_ok=True)
    for number in range(1, SCHOOLS + 1):
        book: Any = None
        sheet: Any = None
        formats: list[Any] = []
        for name, arguments, more in calls:
            given = [formats[one] if isinstance(one, _Format) else one for one in arguments]
            if name == "new":
                font = dict(given[0]["default_format_properties"])
                own = {**given[0], "default_format_properties": font}
                book = xlsxwriter.Workbook(str(target / f"{number}.xlsx"), own)
            elif name == "book.add_worksheet":
                sheet = book.add_worksheet(*given)
            elif name == "book.add_format":
                formats.append(book.add_format(*given))
            elif name == "sheet.conditional_format":
                rule = dict(given[-1])
                rule["format"] = formats[rule["format"]]
                sheet.conditional_format(*given[:-1], rule)
            elif name == "sheet.data_validation":
                own = {**given[-1], "other_cells": [list(one) for one in given[-1]["other_cells"]]}
                sheet.data_validation(*given[:-1], own)
            else:
                getattr(book if name.startswith("book.") else sheet, name.partition(".")[2])(
                    *given, **more
                )


if __name__ == "__main__":
    {"write": write_world, "bare": write_bare}[sys.argv[1]](Path(sys.argv[2]))
