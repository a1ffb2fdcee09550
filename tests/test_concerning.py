"""Which problems `explain` prints: those of what its number depends on; of the others, how many."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook

from engine.console import main as cli

CATALOGUE = """catalogue: {id: town, title: Город, levels: [school, municipality], years: [2023, 2024]}
inputs:
  pupils: {title: Обучающиеся, unit: person}
  covered: {title: Охвачены, unit: person, within: pupils}
  lamps: {title: Лампы, unit: item}
  budget: {title: Бюджет, unit: rouble, type: number, level: municipality}
indicators:
  part: {title: Доля, unit: percent, formula: "share(covered, pupils)"}
  grown: {title: Рост, unit: percent, formula: growth(pupils)}
  light: {title: Ламп на школу, unit: item, formula: mean_of_schools(lamps)}
  money: {title: Денег, unit: rouble/person, formula: budget / pupils}
checks:
  - {id: bright, rule: lamps >= 5, message: Темно, severity: error}
"""
REGISTER = "school;municipality\na;town\nb;town\n"
LAST = "school;year;pupils;covered;lamps\na;2023;90;9;9\nb;2023;много;9;9\n"
"""The year before: a cell of pupils that cannot be read."""
NOW = "school;year;pupils;covered;lamps\na;2024;100;10;1\nb;2024;100;10;света нет\n"
"""The year: a failed check and a cell that cannot be read, of lamps."""
MONEY = "municipality;year;budget\ntown;2024;мало\n"


def write_town(folder: Path, kind: str = "csv") -> Path:
    """The catalogue and its data: tables of a `kind`, or one that names the books it is collected from."""
    (folder / "town").mkdir(parents=True)
    (folder / "town" / "c.yaml").write_text(CATALOGUE, encoding="utf-8")
    data = folder / "data"
    data.mkdir()
    (data / "schools.csv").write_text(REGISTER, encoding="utf-8")
    tables = {"last": LAST, "now": NOW, "money": MONEY}
    if kind == "collected":
        lines = [line for name, text in tables.items() for line in list_collected(name, text)]
        (data / "facts.csv").write_text("\n".join([LONG, *lines]), encoding="utf-8")
        return data
    for name, text in tables.items():
        if kind == "xlsx":
            book = Workbook()
            assert book.active is not None
            for line in text.splitlines():
                cells = [int(cell) if cell.isdigit() else cell for cell in line.split(";")]
                book.active.append(cells)
            book.save(data / f"{name}.xlsx")
        else:
            (data / f"{name}.csv").write_text(text, encoding="utf-8")
    return data


LONG = "level;place;year;scenario;input;value;text;state;file;sheet;cell"


def list_collected(name: str, text: str) -> Iterator[str]:
    """The lines of a table in the long form, as if each cell stood in a book of this name."""
    (level, _year, *inputs), *rows = (line.split(";") for line in text.splitlines())
    for number, (place, year, *cells) in enumerate(rows, start=2):
        for column, (input_id, cell) in enumerate(zip(inputs, cells, strict=True)):
            value, state = (cell, "value") if cell.isdigit() else ("", "not_readable")
            own = f"{name}.xlsx;Лист;{'CDE'[column]}{number}"
            yield f"{level};{place};{year};fact;{input_id};{value};{cell};{state};{own}"


def explain(folder: Path, data: Path, *arguments: str) -> Result:
    command = ("explain", str(folder / "town"), *arguments, "--data", str(data), "--year", "2024")
    return CliRunner().invoke(cli.main, ["--lang", "ru", *command])


OF_PUPILS, OF_LAMPS, OF_MONEY, DARK = "много", "света нет", "мало", "Темно"


@pytest.mark.parametrize("kind", ["csv", "xlsx", "collected"])
@pytest.mark.parametrize(
    ("arguments", "printed", "others"),
    [
        (("part",), (), "4 ошибки"),
        (("light",), (OF_LAMPS, DARK), "2 ошибки"),
        (("grown",), (OF_PUPILS,), "3 ошибки"),
        (("grown", "--place", "a"), (), "4 ошибки"),
        (("grown", "--place", "b"), (OF_PUPILS,), "2 ошибки"),
        (("money",), (OF_MONEY,), "3 ошибки"),
        (("lamps",), (OF_LAMPS, DARK), "2 ошибки"),
    ],
)
def test_explain_prints_what_concerns_its_number(
    tmp_path: Path,
    arguments: tuple[str, ...],
    printed: tuple[str, ...],
    others: str,
    kind: str,
) -> None:
    data = write_town(tmp_path, kind)
    done = explain(tmp_path, data, *arguments)
    every = (OF_PUPILS, OF_LAMPS, OF_MONEY, DARK)
    assert tuple(each for each in every if each in done.stderr) == tuple(
        each for each in every if each in printed
    ), done.stderr
    last = done.stderr.splitlines()[-1].replace("\xa0", " ")
    assert last.startswith(f"не об этом числе: {others}; покажет их pokazatel evaluate "), last
    # An error anywhere in the data is one of the run, as evaluate says it.
    assert done.exit_code == 1
    with_all = explain(tmp_path, data, *arguments, "--all").stderr
    assert all(each in with_all for each in (OF_PUPILS, OF_LAMPS, OF_MONEY))
    assert "не об этом числе" not in with_all


def test_what_is_said_of_rows_and_files_concerns_whose_numbers_stand_there(tmp_path: Path) -> None:
    """A row of an unknown school may be the one that lacks; a heading of a table that has all is not."""
    data = write_town(tmp_path)
    extra = "school;year;pupils;covered;lamps;chairs\na;2024;100;10;7;1\nnobody;2024;5;5;5;1\n"
    (data / "now.csv").write_text(extra, encoding="utf-8")
    (data / "last.csv").write_text(LAST + "nowhere;2023;1;1;1\n", encoding="utf-8")
    done = explain(tmp_path, data, "part")
    assert "nobody" in done.stderr
    assert "nowhere" not in done.stderr
    assert "chairs" not in done.stderr
    assert "nowhere" in explain(tmp_path, data, "grown").stderr


def test_nothing_is_said_of_others_where_there_are_none(tmp_path: Path) -> None:
    data = write_town(tmp_path)
    (data / "now.csv").write_text(NOW.replace(";1\n", ";9\n").replace("света нет", "9"), "utf-8")
    (data / "last.csv").write_text(LAST.replace("много", "90"), encoding="utf-8")
    (data / "money.csv").unlink()
    done = explain(tmp_path, data, "part")
    assert (done.exit_code, done.stderr) == (0, "")
