"""Open data: a package that frictionless validates, with nothing that may not be published."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from engine.catalogue.lookups import short_of_row
from engine.console import main as cli
from engine.publication.releases import PACKAGE
from engine.reports.formats.open_data import INDICATORS, RESULTS, make_files
from engine.reports.render import open_report
from engine.reports.result_rows import Row
from engine.reports.templates import TemplateError, copy_template, find_template
from engine.translation import use_language
from tests.machines import MACHINES, report_on
from tests.shipped_report import NAMES, ROOT, opened, pressed, shipped
from tests.small_town import DATE, YEARS, FakeData, frame
from tests.small_town import RESULTS as ROWS
from tests.test_report_hostile import HOSTILE, catalogue_with


@cache
def files(name: str) -> Mapping[str, bytes]:
    report = opened(name, "public")
    with use_language("ru"):
        return make_files(report.context())


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def written(content: Mapping[str, bytes], folder: Path) -> Path:
    for name, each in content.items():
        (folder / name).write_bytes(each)
    return folder / PACKAGE


@pytest.mark.no_cover
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NAMES)
def test_frictionless_finds_nothing(name: str, tmp_path: Path) -> None:
    import frictionless

    told = frictionless.validate(str(written(files(name), tmp_path)))
    assert told.valid, told.flatten(["title", "note"])
    assert told.stats["tasks"] == 2


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("found", "put"),
    [
        (b",fact,", b",guess,"),
        (b",municipality,", b",,"),
        (b"\r\nscholarship_holders,", b"\r\nnobody,"),
    ],
)
def test_frictionless_finds_what_is_spoilt(found: bytes, put: bytes, tmp_path: Path) -> None:
    import frictionless

    content = dict(files("berezniki"))
    assert found in content[RESULTS]
    content[RESULTS] = content[RESULTS].replace(found, put, 1)
    assert not frictionless.validate(str(written(content, tmp_path))).valid


@pytest.mark.parametrize("name", NAMES)
def test_only_what_may_be_published_is_there(name: str) -> None:
    whole = b"".join(files(name).values()).decode()
    for school, title in opened(name).places("school").items():
        assert title not in whole
        assert not re.search(re.escape(school) + r"(?!\d)", whole)
    rows = table(files(name)[RESULTS])
    assert {row["level"] for row in rows} == {"municipality"}
    hidden = [row for row in rows if row["reason"] == "suppressed"]
    assert hidden
    for row in hidden:
        assert not any(row[column] for column in ("value", "text", "status", "reported"))


@pytest.mark.parametrize("name", NAMES)
def test_what_is_published_does_not_tell_how_few_are_few(name: str) -> None:
    policy = shipped(name)[0].publication
    assert policy is not None
    page = pressed(name, "public.html").decode()
    page = page.partition("<h2>Что здесь")[2].partition("</section>")[0]
    assert "малое число людей" in page
    told = json.loads(files(name)[PACKAGE])["description"]
    assert policy.interpretation in told
    few = rf"(?:меньше|менее|принято|порог[а-я]*)[\s—:-]*{policy.suppress_below}\b"
    assert not re.search(few, told)
    assert not re.search(few, page)


@pytest.mark.parametrize("audience", ["internal", "school"])
def test_no_other_context_is_published(audience: str) -> None:
    with pytest.raises(ValueError, match=audience):
        make_files(opened("berezniki", audience).context())


def test_numbers_are_those_of_the_report() -> None:
    context = opened("berezniki", "public").context()
    known: dict[tuple[str, ...], Row] = {
        (row.indicator, row.level, row.place, str(row.year), row.scenario): row
        for row in (*context["rows"], *context["inputs"])
    }
    rows = table(files("berezniki")[RESULTS])
    assert len(rows) == len(known) > 100
    for line in rows:
        row = known[tuple(line[one] for one in ("indicator", "level", "place", "year", "scenario"))]
        if isinstance(row.value, tuple):
            continue
        assert line["value"] == "" if row.value is None else float(line["value"]) == row.value
        assert line["reason"] == (row.reason or "")
        assert (line["value"] == "") == (row.value is None)
    assert any("." in line["value"] for line in rows)
    assert not any("," in line["value"] or " " in line["value"] for line in rows)


def test_the_dictionary_tells_every_indicator() -> None:
    for name in NAMES:
        told = {row["id"]: row for row in table(files(name)[INDICATORS])}
        assert {row["indicator"] for row in table(files(name)[RESULTS])} == set(told)
        catalogue, _data, _results = shipped(name)
        for one in catalogue.indicators.values():
            if one.id in told:
                assert told[one.id]["kind"] == "indicator"
                assert told[one.id]["title"] == one.title
                assert told[one.id]["short_title"] == short_of_row(catalogue, one)
        assert all(row["title"] for row in told.values())
        assert any(row["unit"] == "%" and row["decimals"] == "1" for row in told.values())


def test_the_package_says_what_it_is() -> None:
    catalogue, data, _results = shipped("michurinsk")
    package: dict[str, Any] = json.loads(files("michurinsk")[PACKAGE])
    assert (package["name"], package["created"]) == ("michurinsk", "2025-01-02T00:00:00Z")
    assert package["catalogue_version"] == catalogue.version
    assert package["data_hash"] == data.hash[:12]
    assert "Демонстрационные данные" in package["description"]
    assert "licenses" not in package
    for resource in package["resources"]:
        content = files("michurinsk")[resource["path"]]
        assert resource["bytes"] == len(content)
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert content.startswith(resource["schema"]["fields"][0]["name"].encode())
        assert content.endswith(b"\r\n")
    reasons = next(
        field for field in package["resources"][0]["schema"]["fields"] if field["name"] == "reason"
    )
    assert "suppressed — не публикуется" in reasons["title"]


@pytest.mark.no_cover
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", HOSTILE)
def test_texts_that_mean_harm_are_texts(name: str, tmp_path: Path) -> None:
    import frictionless

    text = HOSTILE[name]
    rows = [{**row, "title": text, "place_title": text, "text": None} for row in ROWS]
    context = open_report(
        catalogue_with(text),
        FakeData(notice=text),
        frame(rows),
        years=YEARS,
        date=DATE,
        audience="public",
    ).context()
    made = make_files(context)
    for content in made.values():
        assert not re.search("[\x00-\x08\x1b\u202a-\u202e\u2066-\u2069]", content.decode())
    for file in (RESULTS, INDICATORS):
        for row in table(made[file]):
            assert not any(cell.startswith(("=", "@", "+")) for cell in row.values())
    assert frictionless.validate(str(written(made, tmp_path))).valid


@pytest.mark.no_cover
def test_open_data_are_written_into_a_folder(tmp_path: Path) -> None:
    goal = tmp_path / "open"
    common = (
        *("report", "berezniki", "--data", str(ROOT / "definitions" / "berezniki" / "demo")),
        *("--year", "2023", "--template", "opendata", "--date", "2025-01-02"),
    )
    for arguments, message in (
        (("--each", "municipality", "-o", str(goal)), "уберите --each"),
        (("-o", __file__), "назовите папку"),
        (("--audience", "internal", "-o", str(goal)), "уберите --audience"),
    ):
        done = CliRunner().invoke(cli.main, [*common, *arguments])
        assert done.exit_code == 2
        assert message in done.output
        assert not goal.exists()
    done = CliRunner().invoke(cli.main, [*common, "-o", str(goal)])
    assert done.exit_code in {0, 1}, done.output
    assert sorted(path.name for path in goal.iterdir()) == sorted((PACKAGE, RESULTS, INDICATORS))


def test_there_is_no_file_of_it_to_copy(tmp_path: Path) -> None:
    for name in ("opendata", "book.xlsx"):
        assert find_template(name).made
        with pytest.raises(TemplateError) as caught:
            copy_template(name, tmp_path)
        assert caught.value.problem.code == "template-made"


def test_two_machines_write_the_same_bytes(tmp_path: Path) -> None:
    made = []
    for number, machine in enumerate(MACHINES):
        goal = report_on(machine, "opendata", tmp_path / str(number), "2023")
        made.append({path.name: path.read_bytes() for path in goal.iterdir()})
    assert len(made[0]) == 3
    assert made[0] == made[1]
