"""How much is hidden: no more than it takes, beside what an exact search finds; and it is told."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

from engine.catalogue.load import load
from engine.catalogue.model import Catalogue
from engine.console.main import main
from engine.data import read_data
from engine.data.register import read_lineage
from engine.evaluation.asking import COLUMNS, Asking
from engine.evaluation.evaluate import compute_results
from engine.publication.audience import SUPPRESSED, publish
from engine.publication.programme import Programme
from engine.publication.releases import read_releases

CASES = Path(__file__).parent / "cases" / "hidden"
BELOW = 5


def show(folder: Path, data: Path) -> tuple[Catalogue, pl.DataFrame]:
    """What is published of the only year of a catalogue."""
    catalogue, problems = load(folder)
    assert catalogue is not None, problems
    read, problems = read_data(catalogue, data)
    years = catalogue.years
    results = compute_results(catalogue, read, Asking(years, inputs=True, columns=COLUMNS))
    lineage = read_lineage(catalogue, read, years).above or None
    return catalogue, publish(catalogue, results.frame, lineage).results


def list_hidden(shown: pl.DataFrame) -> list[tuple[str, str]]:
    """The place and the id of each hidden row."""
    hidden = shown.filter(pl.col("reason") == SUPPRESSED)
    return sorted(hidden.select("place", "indicator").iter_rows())


@pytest.mark.parametrize(
    ("name", "most", "rows"),
    [
        ("sdc-blank-town", 8, 21),
        ("sdc-blank-places", 8, 40),
        ("sdc-allzero-hidden", 9, 9),
        ("sdc-edge-shown", 4, 9),
        ("sdc-ones-hidden", 6, 9),
        ("sdc-zeros-shown", 0, 9),
        ("sdc-derived", 9, 11),
    ],
)
def test_a_small_number_hides_few(name: str, most: int, rows: int) -> None:
    _catalogue, shown = show(CASES / name / "cat", CASES / name / "data")
    assert shown.height == rows
    assert len(list_hidden(shown)) <= most


def test_totals_of_a_table_with_two_small_places_are_published(tmp_path: Path) -> None:
    """Eleven places by four groups, as a state prints them; in two places are 2 and 4 pupils."""
    chance = random.Random(7)
    counts = [[chance.randint(20, 400) for _group in range(4)] for _place in range(11)]
    counts[3][1], counts[8][2] = 2, 4
    parts = "abcd"
    (tmp_path / "catalogue.yaml").write_text(
        "catalogue: {id: state, title: Проба, region: Край,"
        " levels: [school, municipality, region], years: [2023]}\n"
        "publication: {interpretation: так решено, public_levels: [municipality, region]}\n"
        "inputs:\n  all: {title: Все, unit: person, parts: partition, of_which: {"
        + ", ".join(f"{part}: Группа {part}" for part in parts)
        + "}}\nindicators:\n  whole: {title: Все ученики, unit: person, formula: all}\n",
        "utf-8",
    )
    data = tmp_path / "data"
    data.mkdir()
    places = range(len(counts))
    register = ["school,title,municipality,region", *(f"s{n},s{n},m{n},r" for n in places)]
    (data / "schools.csv").write_text("\n".join(register) + "\n", "utf-8")
    head = ",".join(["school", "year", "all", *(f"all.{part}" for part in parts)])
    lines = [",".join(map(str, [f"s{n}", 2023, sum(row), *row])) for n, row in enumerate(counts)]
    (data / "facts.csv").write_text("\n".join([head, *lines]) + "\n", "utf-8")
    _catalogue, shown = show(tmp_path, data)
    hidden = list_hidden(shown)
    assert {("m3", "all.b"), ("m8", "all.c")} <= set(hidden)
    assert not [row for row in hidden if row[0] == "r" or row[1] in {"all", "whole"}]
    assert len(hidden) <= 8


# --- beside an exact search ---------------------------------------------------------------------------

Table = dict[tuple[str, str], int]
"""Numbers by row and column; the total of either is called "all"."""


def draw_table(chance: random.Random) -> Table:
    rows = [f"m{number}" for number in range(chance.randint(2, 4))]
    columns = "abcd"[: chance.randint(2, 4)]
    small = chance.sample([(row, column) for row in rows for column in columns], 2)
    table = {
        (row, column): chance.randint(1, 4) if (row, column) in small else chance.randint(5, 60)
        for row in rows
        for column in columns
    }
    for row in rows:
        table[row, "all"] = sum(table[row, column] for column in columns)
    for column in (*columns, "all"):
        table["all", column] = sum(table[row, column] for row in rows)
    return table


def list_sums(table: Table) -> Iterator[dict[tuple[str, str], int]]:
    """Every line of the table, and its total, which it comes to."""
    for axis in (0, 1):
        for name in dict.fromkeys(key[axis] for key in table):
            yield {key: -1 if key[1 - axis] == "all" else 1 for key in table if key[axis] == name}


def price(cell: tuple[str, str]) -> int:
    """A total is dear, and one above both."""
    return (2 if cell[1] == "all" else 1) * (3 if cell[0] == "all" else 1)


def find_least_loss(table: Table) -> int:
    """The least that must be hidden, by all cells and all their readings in one programme."""
    programme, far = Programme(), 3 * BELOW
    chosen = {
        cell: programme.add_variable(int(number < BELOW), 1, price(cell))
        for cell, number in table.items()
    }
    for cell in table:
        readings = [
            {
                other: programme.add_variable(-min(number, far), far)
                for other, number in table.items()
            }
            for _end in range(2)
        ]
        for reading in readings:
            for other, number in table.items():
                programme.add_row([(reading[other], 1), (chosen[other], -far)], -float("inf"), 0)
                programme.add_row([(reading[other], 1), (chosen[other], min(number, far))], 0)
            for line in list_sums(table):
                programme.add_row([(reading[other], by) for other, by in line.items()], 0, 0)
        low, high = readings
        programme.add_row([(high[cell], 1), (low[cell], -1), (chosen[cell], -BELOW)], 0)
    solution = programme.solve()
    assert solution is not None
    return sum(price(cell) for cell, column in chosen.items() if solution[column])


def hide_table(folder: Path, table: Table) -> int:
    """What is lost of the table as the program publishes it."""
    folder.mkdir()
    columns = list(dict.fromkeys(column for _row, column in table if column != "all"))
    rows = list(dict.fromkeys(row for row, _column in table if row != "all"))
    parts = ", ".join(f"{column}: {column}" for column in columns)
    (folder / "catalogue.yaml").write_text(
        "catalogue: {id: all, title: Т, levels: [school, municipality, region], years: [2023]}\n"
        "publication: {interpretation: т, public_levels: [municipality, region], zeros: shown}\n"
        "inputs:\n  n: {title: Все, unit: person, parts: partition, of_which: {" + parts + "}}\n"
        'indicators:\n  size: {title: И, unit: school, formula: "schools()"}\n',
        "utf-8",
    )
    data = folder / "data"
    data.mkdir()
    register = ["school,title,municipality,region", *(f"{row},{row},{row},all" for row in rows)]
    (data / "schools.csv").write_text("\n".join(register) + "\n", "utf-8")
    head = ",".join(["school", "year", "n", *(f"n.{column}" for column in columns)])
    lines = [
        ",".join(map(str, [row, 2023, *(table[row, column] for column in ("all", *columns))]))
        for row in rows
    ]
    (data / "facts.csv").write_text("\n".join([head, *lines]) + "\n", "utf-8")
    _catalogue, shown = show(folder, data)
    return sum(
        price((place, name.removeprefix("n.") if "." in name else "all"))
        for place, name in list_hidden(shown)
    )


@pytest.mark.no_cover
def test_two_way_tables_lose_little_more_than_they_must(tmp_path: Path) -> None:
    chance = random.Random(11)
    losses = []
    for number in range(9):
        table = draw_table(chance)
        losses.append(hide_table(tmp_path / str(number), table) / find_least_loss(table))
    assert min(losses) >= 1
    assert median(losses) <= 1.5
    assert max(losses) < 2


# --- what is said of it -------------------------------------------------------------------------------


def publish_case(*options: str) -> Any:
    arguments = ("--data", "data", "--year", "2023", "--template", "opendata", *options)
    return CliRunner().invoke(main, ["report", "cat", *arguments], catch_exceptions=False)


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(CASES / "sdc-blank-town", tmp_path / "town")
    monkeypatch.chdir(tmp_path / "town")
    return tmp_path / "town"


@pytest.mark.usefixtures("town")
def test_it_says_how_much_is_hidden_and_what_would_help() -> None:
    said = publish_case("-o", "open").output
    assert "скрыто 8 чисел: 1 малое, 7 чтобы его нельзя было вычислить" in said
    assert "Это треть чисел или больше. Помогут более крупные части" in said


def test_an_earlier_release_beside_is_warned_of(town: Path) -> None:
    first = publish_case("-o", "open")
    assert "прежняя публикация" not in first.output
    assert "прежняя публикация" not in publish_case("-o", "open").output, "the same again"
    facts = town / "data" / "n.csv"
    facts.write_text(facts.read_text("utf-8").replace("s2;2023;0;0;0", "s2;2023;2;1;1"), "utf-8")
    again = publish_case("-o", "next")
    assert "внимание" not in again.output, "it lies beside, not in the same folder"
    over = publish_case("-o", "open")
    assert "внимание: в «open» была прежняя публикация, она записана поверх" in over.output


PAGE = ("report", "cat", "--data", "data", "--year", "2023", "--audience", "public")


def test_a_page_beside_is_warned_of(town: Path) -> None:
    runner = CliRunner()
    runner.invoke(main, [*PAGE, "-o", "first.html"], catch_exceptions=False)
    facts = town / "data" / "n.csv"
    facts.write_text(facts.read_text("utf-8").replace("s2;2023;0;0;0", "s2;2023;2;1;1"), "utf-8")
    beside = runner.invoke(main, [*PAGE, "-o", "second.html"], catch_exceptions=False)
    assert "внимание: в «.» лежит прежняя публикация" in beside.output
    assert "--published ." in beside.output
    each = (*PAGE, "--each", "municipality", "-o", "each")
    runner.invoke(main, list(each), catch_exceptions=False)
    same = runner.invoke(main, list(each), catch_exceptions=False)
    assert "внимание" not in same.output, "the same again"


def test_a_publication_remembers_those_before_it(town: Path) -> None:
    facts = town / "data" / "n.csv"
    text = facts.read_text("utf-8")
    for number, pupils in enumerate(("0;0;0", "12;6;6", "40;20;20"), start=1):
        facts.write_text(text.replace("s2;2023;0;0;0", f"s2;2023;{pupils}"), "utf-8")
        before = ("--published", f"open-{number - 1}") if number > 1 else ()
        publish_case("-o", f"open-{number}", *before)
    lists = [read_releases([town / f"open-{number}"]) for number in (1, 2, 3)]
    assert [len(each) for each in lists] == [1, 2, 3]
    assert lists[2][:2] == lists[1]


def test_a_small_difference_between_releases_is_hidden(town: Path) -> None:
    facts = town / "data" / "n.csv"
    whole = facts.read_text("utf-8").replace("s2;2023;0;0;0", "s2;2023;2;1;1")
    facts.write_text(whole.partition("s2;")[0], "utf-8")
    publish_case("-o", "first")
    facts.write_text(whole, "utf-8")
    publish_case("-o", "forgotten")
    publish_case("-o", "second", "--published", "first")
    # 600 pupils before, 602 now: two pages side by side would tell of two pupils.
    assert ",602," in (town / "forgotten" / "results.csv").read_text("utf-8")
    assert ",602," not in (town / "second" / "results.csv").read_text("utf-8")


def test_a_folder_called_like_a_page_holds_no_release_itself(town: Path) -> None:
    publish_case("-o", "open")
    (town / "open" / "school.html").mkdir()
    assert publish_case("-o", "again", "--published", "open").exit_code == 0


@pytest.mark.parametrize(("path", "said"), [("data", "нет перечня"), ("nowhere", "нет такого")])
def test_what_holds_no_release_is_refused(town: Path, path: str, said: str) -> None:
    refused = publish_case("-o", "open", "--published", path)
    assert refused.exit_code == 2
    assert said in refused.output
    assert not (town / "open").exists()
