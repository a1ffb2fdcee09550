"""Rules one by one, where the exact text matters less than whether they speak (see cases/bad)."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from textwrap import dedent

import pytest

import engine
from engine import load
from engine.catalogue.load import find_catalogue, find_definitions, list_all, list_catalogues
from engine.catalogue.model import Catalogue
from engine.catalogue.rules import RULES
from engine.catalogue.rules.targets import ExactReading
from engine.language.grammar import parse_formula
from engine.problems import Position, Problem
from engine.translation import choose_language

HEAD = "catalogue: {id: primer, title: Пример, years: [2022, 2023]}\n"


def loaded(folder: Path, text: str) -> tuple[Catalogue, tuple[Problem, ...]]:
    (folder / "catalogue.yaml").write_text(HEAD + dedent(text), encoding="utf-8")
    catalogue, problems = load(folder)
    assert catalogue is not None
    return catalogue, problems


def codes(problems: tuple[Problem, ...], severity: str = "error") -> list[str]:
    return [problem.code for problem in problems if problem.severity == severity]


@pytest.mark.no_cover
@pytest.mark.parametrize("name", ["berezniki", "michurinsk"])
def test_shipped_catalogues_have_no_problem(name: str) -> None:
    folder, problems = find_catalogue(name)
    catalogue, found = load(folder)
    assert catalogue is not None
    assert catalogue.id == name
    assert [*problems, *(one for one in found if one.severity != "note")] == []
    # Every formula is covered by an example.
    assert "example-missing" not in {one.code for one in found}


def test_every_rule_says_what_it_is_for() -> None:
    assert len(set(RULES)) == len(RULES)
    assert all(rule.__doc__ for rule in RULES)


def test_every_problem_of_a_file_has_a_place(tmp_path: Path) -> None:
    _catalogue, problems = loaded(
        tmp_path,
        """
        inputs:
          a: {title: Первое}
          b: {title: Второе, unit: persn, within: c}
        indicators:
          one: {title: Доля, unit: percent, formula: "share(a, d) + f(a)", group: g}
        """,
    )
    assert {
        "missing-unit",
        "unknown-unit",
        "unknown-input",
        "unknown-name",
        "unknown-group",
    } <= set(codes(problems))
    assert all(one.position and one.position.line and one.position.column for one in problems)


def test_messages_are_english_on_demand(tmp_path: Path) -> None:
    choose_language("en")
    _catalogue, problems = loaded(tmp_path, "inputs: {a: {title: Первое}}\n")
    assert [problem.message for problem in problems] == ["the input “a” has no unit"]


@pytest.mark.parametrize(
    ("formula", "found"),
    [
        ("a.ovz", []),
        ("at(municipality, a)", []),
        ("round(a, 1)", []),
        ("schools_with(kind)", []),
        ("target(other)", []),
        ("one", ["cycle"]),
        ("target(one)", []),
        ("other + previous(one)", ["cycle"]),
        ("at(country, a)", ["unknown-level"]),
        ("at(a, a)", ["unknown-level"]),
        ("at(1, a)", ["unknown-level"]),
        ("target(1)", ["unknown-indicator"]),
        ("norm * 2", []),
        ("norma * 2", ["unknown-name"]),
        ("event", ["unknown-name"]),
        ("quiet", ["unknown-name"]),
    ],
)
def test_names(tmp_path: Path, formula: str, found: list[str]) -> None:
    _catalogue, problems = loaded(
        tmp_path,
        f"""
        register: {{kind: {{title: Вид, type: yes_no}}}}
        constants: {{norm: {{title: Норма, unit: person, values: {{2022: 1}}}}}}
        inputs: {{a: {{title: Первое, unit: person, of_which: {{ovz: с ОВЗ}}}}}}
        indicators:
          one:
            title: Один
            unit: {"school" if "with" in formula else "person"}
            formula: "{formula}"
          other: {{title: Другой, unit: person, formula: a}}
        events:
          event: {{title: Забег, results: {{people: {{title: Люди, unit: person, formula: a}}}}}}
          quiet: {{title: Тишина}}
        """,
    )
    assert codes(problems) == found


def test_the_row_of_a_part_repeats_no_problem(tmp_path: Path) -> None:
    _catalogue, problems = loaded(
        tmp_path,
        """
        inputs:
          a: {title: Первое, unit: person, of_which: {ovz: с ОВЗ}}
        indicators:
          one: {title: Один, unit: person, formula: a + two, by: [ovz]}
          two: {title: Два, unit: event, formula: one, by: [ovz]}
        """,
    )
    assert sorted(codes(problems)) == ["cycle", "unit-clash", "unit-declared"]


def test_dotted_indicators(tmp_path: Path) -> None:
    catalogue, problems = loaded(
        tmp_path,
        """
        inputs:
          a: {title: Первое, unit: person, of_which: {ovz: с ОВЗ}}
        indicators:
          a: {by: [ovz]}
          a.ovz: {code: "1"}
        """,
    )
    assert codes(problems) == ["duplicate-id"]
    assert catalogue.indicators["a.ovz"].part == "ovz"


def test_a_text_has_no_target(tmp_path: Path) -> None:
    _catalogue, problems = loaded(
        tmp_path,
        """
        inputs: {name: {title: Имя, type: text}}
        indicators: {name: {targets: {2022: 5}}}
        """,
    )
    assert codes(problems) == ["target-kind"]


def test_a_number_of_schools_has_a_number_for_target(tmp_path: Path) -> None:
    _catalogue, problems = loaded(
        tmp_path,
        """
        inputs: {has: {title: Есть, type: yes_no}}
        indicators:
          has: {unit: school, comparator: at_least, targets: {2022: 10}}
          at_school: {title: Есть, formula: has, target_level: school, targets: {2022: 10}}
        """,
    )
    assert codes(problems) == ["target-kind"]


def test_a_target_without_a_comparator_or_a_value(tmp_path: Path) -> None:
    catalogue, problems = loaded(
        tmp_path,
        """
        inputs: {a: {title: Первое, unit: person}}
        indicators: {a: {targets: {2022: 5, 2023: {at_least: 6}}}}
        """,
    )
    assert codes(problems) == []
    assert [one.comparator for one in catalogue.indicators["a"].targets.values()] == [
        "none",
        "at_least",
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("target(one)", 10),
        ("target(none) + 1", None),
        ("-target(one) * 2 / 4", -5),
        ("target(one) / (target(one) - 10)", None),
        ("1 < target(one) <= 10", True),
        ("1 < target(none)", None),
        ("not target(one) > 10", True),
        ("not target(none) > 10", None),
        ("target(one) > 1 and target(two) > 100", False),
        ("target(one) > 1 or target(two) > 100", True),
        ("target(one) > 1 or target(none) > 1", None),
        ("1 if target(one) > 1 else 2", 1),
        ("1 if target(none) > 1 else 2", None),
        ("norm * 2", 3),
        ("previous(target(two))", 40),
        ("change(target(two))", -20),
        ("growth(target(two))", -50),
        ("change(target(one))", None),
        ("growth(norm - norm)", None),
        ("share(target(one), target(two))", 50),
        ("share(1, 0)", None),
        ("abs(0 - 5)", 5),
        ("min(3, 1, 2) + max(3, 1, 2)", 4),
        ("round(2.5) + round(-2.5)", 0),
        ("round(2.45, 1)", Fraction(5, 2)),
        ("coalesce(target(none), 7)", 7),
        ("-target(none)", None),
        ("min(1, target(none))", None),
        ("schools_open()", None),
    ],
)
def test_the_order_is_read_in_exact_fractions(tmp_path: Path, text: str, value: object) -> None:
    catalogue, _problems = loaded(
        tmp_path,
        """
        constants: {norm: {title: Норма, unit: person, values: {2022: 1.5, 2023: 1.5}}}
        inputs: {a: {title: Первое, unit: person}}
        indicators:
          one: {title: Один, unit: person, formula: a, targets: {2023: 10}}
          two: {title: Два, unit: person, formula: a, targets: {2022: 40, 2023: 20}}
          none: {title: Нет, unit: person, formula: a, targets: {2023: null}}
        """,
    )
    formula, problems = parse_formula(text, Position("here"))
    assert formula is not None, problems
    assert ExactReading(catalogue, 2023).read(formula.tree) == value


# --- where catalogues lie ---------------------------------------------------------------------


def test_catalogues_that_ship() -> None:
    assert [folder.name for folder in list_catalogues()] == [
        *("absence", "berezniki", "dubenki", "efficiency", "michurinsk")
    ]
    assert all(folder.parent == find_definitions() for folder in list_catalogues())


def test_a_catalogue_by_id_or_by_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    town = tmp_path / "towns" / "my-town"
    town.mkdir(parents=True)
    (town / "catalogue.yaml").write_text(HEAD, encoding="utf-8")
    (tmp_path / "towns" / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    assert find_catalogue("my-town", Path("towns")) == (Path("towns/my-town"), [])
    assert find_catalogue("towns/my-town") == (Path("towns/my-town"), [])
    assert list_catalogues(Path("nowhere")) == ()
    _path, (unknown,) = find_catalogue("my-twon", Path("towns"))
    assert "my-town" in unknown.hint
    _path, (file,) = find_catalogue("towns/my-town/catalogue.yaml")
    assert "towns/my-town" in file.hint
    _path, (nothing,) = find_catalogue("x", Path("nowhere"))
    assert nothing.hint == ""
    monkeypatch.chdir(town.parent)
    assert find_catalogue("my-town", tmp_path / "towns") == (Path("my-town"), [])
    monkeypatch.chdir(town.parent / "empty")
    assert find_catalogue("my-town", tmp_path / "towns") == (town, [])


def put_catalogue(folder: Path, text: str = HEAD) -> Path:
    folder.mkdir(parents=True)
    (folder / "catalogue.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("place", ["berezniki", "definitions/berezniki"])
def test_a_folder_in_sight_comes_before_the_shipped_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    put_catalogue(tmp_path / place)
    monkeypatch.chdir(tmp_path)
    folder, (note,) = find_catalogue("berezniki")
    assert folder == Path(place)
    assert note.severity == "note"
    assert note.position is not None
    assert note.position.file == place
    assert (find_definitions() / "berezniki").as_posix() in note.message
    # A path says itself which folder is meant.
    assert find_catalogue(f"./{place}/../berezniki") == (Path(f"{place}/../berezniki"), [])


def test_of_two_folders_in_sight_the_nearer_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_catalogue(tmp_path / "town")
    put_catalogue(tmp_path / "definitions/town")
    monkeypatch.chdir(tmp_path)
    folder, (note,) = find_catalogue("town")
    assert folder == Path("town")
    assert "definitions/town" in note.message


def test_of_the_very_same_folder_nothing_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(find_definitions().parent)
    assert find_catalogue("berezniki") == (Path("definitions/berezniki"), [])
    monkeypatch.chdir(find_definitions())
    assert find_catalogue("berezniki") == (Path("berezniki"), [])
    (tmp_path / "definitions").symlink_to(find_definitions())
    monkeypatch.chdir(tmp_path)
    assert find_catalogue("berezniki") == (Path("definitions/berezniki"), [])


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        (HEAD, True),
        ("\ufeff'catalogue':   # наш\n  id: [\n", True),
        ("catalogue: {id: town}\n", True),
        ("catalogue: berezniki\ndata: .\n", False),  # what names a catalogue is none
        ("catalogues:\n  id: town\n", False),
        ("a:\n  catalogue:\n    id: town\n", False),
    ],
)
def test_a_catalogue_in_sight_holds_its_key_however_wrong_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, fits: bool
) -> None:
    put_catalogue(tmp_path / "berezniki", text)
    monkeypatch.chdir(tmp_path)
    shipped = find_definitions() / "berezniki"
    folder, (note,) = find_catalogue("berezniki")
    assert folder == (Path("berezniki") if fits else shipped)
    assert (shipped.as_posix() if fits else "berezniki") in note.message
    read = next(folder for folder in list_all() if folder.name == "berezniki")
    assert read == (Path("berezniki") if fits else shipped)


def test_a_folder_that_only_has_the_name_is_not_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "berezniki").mkdir()
    monkeypatch.chdir(tmp_path)
    assert find_catalogue("berezniki") == (find_definitions() / "berezniki", [])


def test_named_definitions_stand_in_place_of_all_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_catalogue(tmp_path / "berezniki")
    mine = put_catalogue(tmp_path / "towns/berezniki")
    monkeypatch.chdir(tmp_path)
    assert find_catalogue("berezniki", Path("towns")) == (Path("towns/berezniki"), [])
    assert list_all(mine.parent) == (mine,)
    assert find_catalogue("michurinsk", Path("towns"))[1][0].severity == "error"


def test_the_package_names_what_it_offers() -> None:
    assert "load" in dir(engine)
    with pytest.raises(AttributeError, match="nothing"):
        _ = engine.nothing
