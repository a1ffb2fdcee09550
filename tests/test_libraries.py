"""Libraries: what `use` brings, in whose words, and that a change of one shows in its users."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from textwrap import dedent

import pytest
from jsonschema import Draft202012Validator

from engine.authoring.editor_schema import make_editor_schema
from engine.catalogue.libraries import list_used_folders, use_libraries
from engine.catalogue.load import find_catalogue, list_catalogues, load
from engine.catalogue.model import Catalogue
from engine.catalogue.source import Document, read_folder
from engine.data.intake import read_data
from engine.evaluation.explain.explain import explain
from engine.problems import Problem, show_problem
from engine.reports.formats.proof_text import show_proof

ROOT = Path(__file__).parent.parent
SHARING = Path(__file__).parent / "cases" / "sharing"


@pytest.fixture
def towns(tmp_path: Path) -> Path:
    """A copy of the library and the two catalogues that use it."""
    shutil.copytree(SHARING, tmp_path / "towns")
    return tmp_path / "towns"


def opened(folder: Path) -> Catalogue:
    catalogue, problems = load(folder)
    assert [show_problem(each) for each in problems if each.severity != "note"] == []
    assert catalogue is not None
    return catalogue


def value_of(folder: Path, indicator: str) -> object:
    catalogue = opened(folder)
    data, _problems = read_data(catalogue, folder / "data")
    proof, _more = explain(catalogue, data, indicator, year=2023)
    assert proof is not None
    return proof.row["value"]


def written(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")


def used(folder: Path) -> tuple[Document, list[Problem]]:
    document, problems = read_folder(folder)
    assert document is not None
    assert problems == []
    merged, more = use_libraries(document)
    assert merged is not None
    return merged, more


def test_what_is_written_here_stands_in_place_of_the_librarys_keys() -> None:
    coverage = opened(SHARING / "north").indicators["coverage"]
    assert coverage.title == "Доля охваченных"
    assert coverage.code == "4.2"
    # A mapping is replaced whole: «at least 70» of the library is gone with its comparator.
    assert coverage.targets[2023].value == 80
    assert coverage.targets[2023].comparator == "none"
    assert coverage.better == "neither"  # null took the library's word away
    assert coverage.concept == "coverage"


def test_what_is_read_comes_too_and_nothing_else() -> None:
    north, south = opened(SHARING / "north"), opened(SHARING / "south")
    assert set(north.inputs) == {"pupils", "covered", "trips", "tested", "passed"}
    assert set(north.constants) == {"norm"}
    assert set(north.register) == {"rural"}
    assert "trip" in north.units
    assert north.groups["4"].title == "Охват"
    assert north.checks["few_trips"].severity == "warning"
    assert set(south.inputs) == {"students", "covered", "tested", "passed"}
    assert not south.constants
    assert "few_trips" not in south.checks


def test_names_of_the_library_mean_what_this_catalogue_uses_for_them() -> None:
    south = opened(SHARING / "south")
    ((_since, formula),) = south.indicators["coverage"].formulas
    assert formula.text == "share(covered, students)"
    assert south.inputs["covered"].within == "students"
    assert south.inputs["students"].title == "Ученики"


def test_places_are_those_of_the_file_where_a_value_is_written() -> None:
    north = opened(SHARING / "north")
    coverage, pupils = north.indicators["coverage"], north.inputs["pupils"]
    assert coverage.position is not None
    assert coverage.position.file.endswith("north/catalogue.yaml")
    assert coverage.positions["formula"].file.endswith("common/indicators.yaml")
    assert coverage.positions["code"].file.endswith("north/catalogue.yaml")
    assert pupils.position is not None
    assert pupils.position.file.endswith("common/inputs.yaml")


def test_values_are_computed_by_the_library() -> None:
    assert value_of(SHARING / "north", "coverage") == 75  # 225 of 300
    assert value_of(SHARING / "south", "coverage") == 25  # 125 of 500
    # 30 trips / 300 pupils / 0.5: the constant is the library's, in the catalogue's own id.
    assert value_of(SHARING / "north", "norm_of_trips") == 0.2


def test_a_change_of_the_library_shows_in_its_users(towns: Path) -> None:
    before = opened(towns / "north"), opened(towns / "south")
    library = towns / "common" / "indicators.yaml"
    text = library.read_text(encoding="utf-8")
    library.write_text(
        text.replace("share(covered, pupils)", "share(covered, 2 * pupils)"), "utf-8"
    )
    after = opened(towns / "north"), opened(towns / "south")
    assert value_of(towns / "north", "coverage") == 37.5
    assert value_of(towns / "south", "coverage") == 12.5
    assert [each.version for each in before] != [each.version for each in after]
    assert all(
        one.version != other.version and one.libraries != other.libraries
        for one, other in zip(before, after, strict=True)
    )


def test_a_mistake_of_the_library_is_shown_in_its_file(towns: Path) -> None:
    library = towns / "common" / "indicators.yaml"
    text = library.read_text(encoding="utf-8")
    library.write_text(text.replace("share(covered, pupils)", "share(covered, pupil)"), "utf-8")
    for name in ("common", "north", "south"):
        _catalogue, problems = load(towns / name)
        errors = [each for each in problems if each.severity == "error"]
        assert [each.code for each in errors] == ["unknown-name"], name
        assert errors[0].position is not None
        assert errors[0].position.file == (towns / "common" / "indicators.yaml").as_posix()


def test_explain_names_library_version_and_file() -> None:
    catalogue = opened(SHARING / "north")
    data, _problems = read_data(catalogue, SHARING / "north" / "data")
    proof, _more = explain(catalogue, data, "coverage", year=2023)
    assert proof is not None
    assert proof.definition["library"] == {
        "id": "common",
        "title": "Общие показатели",
        "version": "1.2",
        "name": "coverage",
        "file": (SHARING / "common" / "indicators.yaml").as_posix(),
    }
    text = show_proof(proof, catalogue)
    assert "Из библиотеки: «Общие показатели» [common], версия 1.2: coverage" in text
    (library,) = catalogue.libraries
    assert f"Библиотеки: common 1.2 ({library.digest})" in text


def test_a_library_is_checked_itself_and_is_no_catalogue(towns: Path) -> None:
    common = opened(towns / "common")
    assert common.is_library
    assert common.id == "common"
    assert [folder.name for folder in list_catalogues(towns)] == ["north", "south"]
    assert find_catalogue("common", towns) == (towns / "common", [])
    assert list_used_folders(towns / "south") == (towns / "common",)


def test_a_library_may_use_another(tmp_path: Path) -> None:
    written(
        tmp_path,
        {
            "town/c.yaml": """
                catalogue: {id: town, title: Город, years: [2023], use: {near: ../near}}
                indicators: {mine: {use: near.portion}}
                """,
            "near/l.yaml": """
                library: {id: near, title: Ближняя, version: "2", use: {far: ../far}}
                inputs: {all: {use: far.all, title: Ученики}}
                indicators: {portion: {title: Доля, unit: percent, formula: "share(part, all)"}}
                """,
            "near/more.yaml": "inputs: {part: {use: far.part}}",
            "far/l.yaml": """
                library: {id: far, title: Дальняя, version: "7"}
                inputs:
                  all: {title: Все, unit: person}
                  part: {title: Часть, unit: person, within: all}
                """,
        },
    )
    town = opened(tmp_path / "town")
    assert town.inputs["all"].title == "Ученики"
    assert [(each.id, each.version) for each in town.libraries] == [("near", "2"), ("far", "7")]
    assert town.origins["inputs", "part"].library.id == "far"
    assert town.origins["indicators", "mine"].library.id == "near"


def test_an_indicator_that_is_an_input_keeps_it_under_another_id(tmp_path: Path) -> None:
    written(
        tmp_path,
        {
            "town/c.yaml": """
                catalogue: {id: town, title: Город, years: [2023], use: {common: ../common}}
                indicators: {mine: {use: common.clubs, code: "1"}}
                """,
            "common/l.yaml": """
                library: {id: common, title: Общее, version: "1"}
                inputs: {clubs: {title: Кружки, unit: item}}
                indicators: {clubs: {group: "7"}}
                groups: {"7": {title: Кружки}}
                """,
        },
    )
    mine = opened(tmp_path / "town").indicators["mine"]
    assert (mine.title, mine.code, mine.group) == ("Кружки", "1", "7")
    assert mine.unit is not None
    assert mine.formulas[0][1].text == "clubs"


def test_a_scale_comes_with_what_it_grades(tmp_path: Path) -> None:
    written(
        tmp_path,
        {
            "town/c.yaml": """
                catalogue: {id: town, title: Город, years: [2023], use: {common: ../common}}
                indicators:
                  marks: {use: common.marks}
                  points_here: {title: Баллы, unit: point, formula: points(marks)}
                """,
            "own/c.yaml": """
                catalogue: {id: own, title: Город, years: [2023], use: {common: ../common}}
                scales:
                  mine:
                    use: common.grades
                    classes: {high: {title: высокий, at_least: 90, points: 3}, low: {otherwise: yes}}
                indicators: {marks: {use: common.marks}}
                """,
            "common/l.yaml": """
                library: {id: common, title: Общее, version: "1"}
                inputs: {all: {title: Все, unit: person}, good: {title: Хорошо, unit: person, within: all}}
                scales:
                  grades:
                    title: Оценка
                    unit: percent
                    classes: {high: {title: высокий, at_least: 75, points: 2}, low: {otherwise: yes}}
                indicators: {marks: {title: Доля, unit: percent, formula: "share(good, all)", scale: grades}}
                """,
        },
    )
    town, own = opened(tmp_path / "town"), opened(tmp_path / "own")
    assert town.scales["grades"].classes["high"].points == 2
    assert set(own.scales) == {"mine"}
    graded = own.indicators["marks"].scale
    assert graded is not None
    # The library's indicator is graded by what this catalogue uses for the library's scale.
    assert (graded.id, graded.title) == ("mine", "Оценка")
    assert graded.classes["high"].points == 3


def test_every_collection_of_a_file_is_merged_by_the_same_rules(tmp_path: Path) -> None:
    """Also those of which nothing here knows more than that things stand under ids."""
    written(
        tmp_path,
        {
            "town/c.yaml": """
                catalogue: {id: town, title: Город, years: [2023], use: {common: ../common}}
                scales: {levels: {use: common.marks, title: Уровни}}
                indicators:
                  index: {use: common.index, code: "1"}
                  colour: {use: common.colour}
                """,
            "common/l.yaml": """
                library: {id: common, title: Общее, version: "1"}
                inputs:
                  a: {title: А, unit: person}
                  b: {title: Бэ, unit: person}
                  c: {title: Це, unit: person}
                  high: {title: Высокие, unit: person}
                scales:
                  marks: {title: Оценки, classes: {high: {title: a, at_least: "c + 1", points: 2}}}
                tables:
                  five: {title: Цвет, down: marks, across: marks, values: {high: {high: null}}}
                indicators:
                  index:
                    title: Индекс
                    scale: marks
                    score: {of: {points(a): 0.5, "points(b) * 2": 1}, absent: {move: {a: b}}}
                  colour: {title: Цвет, formula: "lookup(five, index, index)"}
                """,
        },
    )
    document, problems = used(tmp_path / "town")
    assert problems == []
    data = document.data
    assert data["scales"] == {
        "levels": {
            "title": "Уровни",
            "classes": {"high": {"title": "a", "at_least": "c + 1", "points": 2}},
        }
    }
    # `down` and `across` mean the scale that is used here under another id.
    assert data["tables"]["five"]["down"] == data["tables"]["five"]["across"] == "levels"
    assert data["indicators"]["index"]["scale"] == "levels"
    assert data["indicators"]["index"]["score"]["of"] == {"points(a)": 0.5, "points(b) * 2": 1}
    # Ids of classes and titles are no names of inputs.
    assert set(data["inputs"]) == {"a", "b", "c"}
    assert document.position(("tables", "five", "down")).file.endswith("common/l.yaml")
    assert document.position(("scales", "levels", "title")).file.endswith("town/c.yaml")


def test_the_library_of_the_language_page_is_used(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
    chapter = text.partition("## Библиотеки: общее")[2]
    library, catalogue = re.findall(r"^```yaml\n(.*?)^```$", chapter, re.MULTILINE | re.DOTALL)
    head = "catalogue: {id: town, title: Город, years: [2023]}\n"
    written(
        tmp_path,
        {"common/l.yaml": library, "town/c.yaml": catalogue, "town/head.yaml": head},
    )
    coverage = opened(tmp_path / "town").indicators["coverage_of_town"]
    assert (coverage.code, coverage.better) == ("4.2", "more")
    assert coverage.targets[2023].value == 80


def test_an_editor_asks_no_title_of_what_is_used() -> None:
    validator = Draft202012Validator(make_editor_schema())
    used = {"catalogue": {"use": {"common": "../common"}}, "inputs": {"a": {"use": "common.a"}}}
    assert not list(validator.iter_errors(used))
    assert list(validator.iter_errors({"inputs": {"a": {"used": "common.a"}}}))


def test_a_catalogue_without_use_is_as_it_was(tmp_path: Path) -> None:
    written(tmp_path, {"c.yaml": "catalogue: {id: town, title: Город, years: [2023]}\n"})
    document, _problems = read_folder(tmp_path)
    assert document is not None
    assert use_libraries(document) == (document, [])


LENT = {
    "common/c.yaml": """\
        library: {id: common, title: Общее, version: "1"}
        inputs:
          a: {title: А, unit: person}
          b: {title: Б, unit: person}
          t: {title: Т, unit: trip}
          rooms: {title: Кабинеты, type: choice, options: {good: хорошо, bad: плохо}}
        indicators:
          share_of_a: {title: Доля, unit: percent, formula: "share(a, b)"}
          other: {title: Чужое, unit: percent, formula: "share(a, z)"}
          rural: {title: Сёла, unit: percent, formula: "share(a, b)", where: village}
          trips: {title: Поездки, unit: person, formula: "a if t > 1 else b"}
          spread: {title: Кабинеты, distribution: rooms}
        """,
    "town/c.yaml": """\
        catalogue: {id: town, title: Город, years: [2023], use: {common: ../common}}
        register: {village: {title: Село, type: yes_no}}
        units: {trip: {title: поездка, short: поезд., forms: [поездка, поездки, поездок]}}
        inputs: {z: {title: Зет, unit: person}}
        indicators:
          mine: {use: common.NAME}
        """,
}


@pytest.mark.parametrize(
    ("name", "lost"), [("other", "z"), ("rural", "village"), ("trips", "trip")]
)
def test_a_library_reads_nothing_that_only_the_catalogue_has(
    tmp_path: Path, name: str, lost: str
) -> None:
    written(tmp_path, {file: text.replace("NAME", name) for file, text in LENT.items()})
    _catalogue, problems = load(tmp_path / "town")
    (problem,) = (each for each in problems if each.severity == "error")
    assert problem.code == "use-unknown"
    assert lost in problem.message
    assert problem.position is not None
    assert problem.position.file.endswith("common/c.yaml")


def test_a_key_written_here_names_what_is_declared_here(tmp_path: Path) -> None:
    text = LENT["town/c.yaml"].replace("NAME", "rural, where: village")
    written(tmp_path, LENT | {"town/c.yaml": text})
    (condition,) = opened(tmp_path / "town").indicators["mine"].where
    assert condition.text == "village"


def test_what_a_distribution_of_a_library_counts_comes_too(tmp_path: Path) -> None:
    written(tmp_path, {file: text.replace("NAME", "spread") for file, text in LENT.items()})
    catalogue = opened(tmp_path / "town")
    assert {"mine.good", "mine.bad"} <= set(catalogue.indicators)
    assert "rooms" in catalogue.inputs
    text = LENT["town/c.yaml"].replace("NAME", "spread")
    text = text.replace("inputs: {", "inputs: {кабинеты: {use: common.rooms}, ")
    written(tmp_path, {"town/c.yaml": text})
    assert {"z", "кабинеты"} == set(opened(tmp_path / "town").inputs)


def test_what_a_key_written_here_names_comes_of_the_library_where_it_is_not_here(
    tmp_path: Path,
) -> None:
    text = LENT["town/c.yaml"].replace("NAME", 'share_of_a, formula: "share(a, b + z)"')
    written(tmp_path, LENT | {"town/c.yaml": text})
    town = opened(tmp_path / "town")
    assert set(town.inputs) == {"a", "b", "z"}
    assert town.origins["inputs", "a"].library.id == "common"
    assert ("inputs", "z") not in town.origins
    # What is declared here is meant, and is no clash: nothing of the library reads its own one.
    text = text.replace("inputs: {", "inputs: {a: {title: Своё А, unit: person}, ")
    written(tmp_path, {"town/c.yaml": text})
    assert ("inputs", "a") not in opened(tmp_path / "town").origins


@pytest.mark.parametrize("inputs", ["m", "5"])
def test_a_collection_that_is_none_is_refused_where_it_stands(tmp_path: Path, inputs: str) -> None:
    text = LENT["town/c.yaml"].replace("NAME", "share_of_a")
    written(
        tmp_path,
        LENT | {"town/c.yaml": text.replace("{z: {title: Зет, unit: person}}", inputs)},
    )
    _catalogue, problems = load(tmp_path / "town")
    errors = [each for each in problems if each.severity == "error" and each.cause is None]
    assert [each.code for each in errors] == ["wrong-type"]
    assert errors[0].position is not None
    assert errors[0].position.file.endswith("town/c.yaml")
    # An empty one is filled as one that is not written.
    text = text.replace("{z: {title: Зет, unit: person}}", "")
    written(tmp_path, {"town/c.yaml": text})
    assert set(opened(tmp_path / "town").inputs) == {"a", "b"}
