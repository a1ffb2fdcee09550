"""A share of schools at one school: yes or no; nobody is lacking to its target there."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from engine import load
from engine.console import main as cli
from engine.data import read_data
from engine.evaluation.asking import COLUMNS, SHORTFALL, Asking
from engine.evaluation.evaluate import compute_results
from engine.reports.result_rows import read_result_rows
from tests.test_counts import words_of_docx, words_of_html

CATALOGUE = """catalogue: {id: town, title: Город, levels: [school, municipality], years: [2024]}
inputs:
  site: {title: Сайт, type: yes_no}
  pupils: {title: Дети, unit: person}
  covered: {title: Охват, unit: person, within: pupils}
indicators:
  sites: {title: Доля с сайтом, unit: percent, formula: share_of_schools(site), targets: {2024: {at_least: 80}}}
  among: {title: Доля среди школ, unit: percent, formula: "share(schools_with(covered >= 5), schools())", targets: {2024: {at_least: 80}}}
  number: {title: Школ с сайтом, unit: school, formula: schools_with(site), target_level: [school, municipality], targets: {2024: {at_least: 2}}}
  part: {title: Доля детей, unit: percent, formula: "share(covered, pupils)", targets: {2024: {at_least: 80}}}
advice:
  - {id: own, level: school, when: missed(sites), text: "Сайта нет."}
  - {id: all, level: municipality, when: missed(sites), text: "С сайтом не все: {{ shortfall|words }}."}
publication: {ranking: allowed, public_levels: [municipality], interpretation: Для проверки}
"""


def write_town(folder: Path) -> tuple[Path, Path]:
    catalogue, data = folder / "town", folder / "data"
    for made in (catalogue, data):
        made.mkdir()
    (catalogue / "c.yaml").write_text(CATALOGUE, encoding="utf-8")
    (data / "schools.csv").write_text("school;municipality\na;town\nb;town\n", encoding="utf-8")
    facts = "school;year;site;pupils;covered\na;2024;нет;10;1\nb;2024;да;10;9\n"
    (data / "facts.csv").write_text(facts, encoding="utf-8")
    return catalogue, data


@pytest.mark.parametrize(
    ("name", "at_school", "at_town"),
    [("sites", None, 1), ("among", None, 1), ("number", None, 1), ("part", 7, 6)],
)
def test_how_many_are_lacking_is_said_of_the_town_alone(
    tmp_path: Path, name: str, at_school: int | None, at_town: int
) -> None:
    folder, files = write_town(tmp_path)
    catalogue, problems = load(folder)
    assert catalogue is not None, problems
    data, _problems = read_data(catalogue, files)
    asking = Asking(indicators=(name,), columns=(*COLUMNS, SHORTFALL))
    rows = read_result_rows(catalogue, compute_results(catalogue, data, asking).frame)
    lacking = {row.place: row.shortfall for row in rows}
    assert (lacking["a"], lacking["town"]) == (at_school, at_town)


def test_the_sheet_of_a_school_says_whether_it_is_reached(tmp_path: Path) -> None:
    folder, files = write_town(tmp_path)
    arguments = ["--lang", "ru", "report", str(folder), "--data", str(files), "--year", "2024"]
    arguments += ["--template", "school", "--each", "school", "-o", str(tmp_path / "out")]
    done = CliRunner().invoke(cli.main, arguments)
    assert done.exit_code == 0, done.output
    text = words_of_html((tmp_path / "out" / "a.html").read_bytes())
    for title in ("Доля с сайтом", "Доля среди школ"):
        assert f"{title} % 0,0 не менее 80,0 50,0 ✗ не достигнуто" in text
    assert "Доля детей % 10,0 не менее 80,0 50,0 ✗ не хватает 7 чел." in text
    assert "Сайта нет." in text
    assert "1 школ" not in text


BETWEEN = """catalogue: {{id: town, title: Город, levels: [school, municipality], years: [2024]}}
inputs: {{pupils: {{title: Дети, unit: person}}, covered: {{title: Охват, unit: person, within: pupils}}}}
indicators:
  span: {{title: Доля, unit: percent, formula: "share(covered, pupils)", targets: {{2024: {{between: [30, 50]}}}}}}
  part: {{title: Другая, unit: percent, formula: "share(covered, pupils)"{targets}}}
"""


@pytest.mark.parametrize(
    ("targets", "has_columns"), [("", False), (", targets: {2024: {at_least: 80}}", True)]
)
@pytest.mark.parametrize("template", ["school", "school.docx"])
def test_a_dash_for_a_target_is_explained_and_never_fills_a_column(
    tmp_path: Path, targets: str, template: str, *, has_columns: bool
) -> None:
    """A target from … to … gives a school no reference: the page says so, or has no such column."""
    folder, files = write_town(tmp_path)
    (folder / "c.yaml").write_text(BETWEEN.format(targets=targets), encoding="utf-8")
    (files / "facts.csv").write_text(
        "school;year;pupils;covered\na;2024;10;1\nb;2024;9;9\n", "utf-8"
    )
    arguments = ["--lang", "ru", "report", str(folder), "--data", str(files), "--year", "2024"]
    arguments += ["--template", template, "--each", "school", "-o", str(tmp_path / "out")]
    done = CliRunner().invoke(cli.main, arguments)
    assert done.exit_code == 0, done.output
    made = next((tmp_path / "out").glob("a.*"))
    read = words_of_docx if made.suffix == ".docx" else words_of_html
    text = read(made.read_bytes())
    assert ("До цели" in text) is has_columns
    assert ("Цель «—» — её нет или она поставлена муниципалитету" in text) is has_columns
    assert ("не менее 80" in text) is has_columns
    assert "Доля" in text
