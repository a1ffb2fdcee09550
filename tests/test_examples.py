"""The examples of a catalogue: run as data, compared with what they expect."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from engine.catalogue.load import list_catalogues, load
from engine.catalogue.model import Catalogue
from engine.data import data_from_example
from engine.evaluation.examples import (
    ExampleResult,
    Outcome,
    run_examples,
    show_failure,
    show_summary,
)
from engine.problems import fold_problems, has_errors, show_problem

HEAD = """\
catalogue: {id: town, title: Показатели городка, years: [2022, 2023]}
inputs:
  all_pupils: {title: Всего, unit: person}
  diagnosed: {title: Прошли, unit: person}
  agreement: {title: Договор, type: yes_no}
  partner: {title: Название, type: text}
indicators:
  share_diagnosed: {title: Доля, unit: percent, formula: "share(diagnosed, all_pupils)", scale: {classes: {low: {title: низкая, at_most: 50}, high: {title: высокая, above: 50}}}}
  every: {title: У всех, formula: share_of_schools(agreement) == 100}
  partner: {title: Партнёры}
  year_before: {title: Было, unit: person, formula: previous(diagnosed)}
examples:
"""
DATA = "    years: {2023: {a: {diagnosed: 1, all_pupils: 4, agreement: yes, partner: Завод}, b: {diagnosed: 3, all_pupils: 4, agreement: yes, partner: Лесхоз}}}\n"


def run(tmp_path: Path, *examples: str) -> tuple[ExampleResult, ...]:
    text = HEAD + "".join(f"  - name: пример {i}\n{DATA}{one}" for i, one in enumerate(examples, 1))
    (tmp_path / "town.yaml").write_text(text, "utf-8")
    return run_examples(loaded(tmp_path), data_from_example)


def loaded(folder: Path) -> Catalogue:
    catalogue, problems = load(folder)
    assert catalogue is not None
    assert not has_errors(problems), [show_problem(problem) for problem in problems]
    return catalogue


def list_failures(catalogue: Catalogue, tried: Iterable[ExampleResult]) -> list[str]:
    return [
        show_problem(problem)
        for result in tried
        for problem in fold_problems((*result.problems, *show_failure(catalogue, result)))
    ]


def outcome(tmp_path: Path, expected: str) -> Outcome:
    [tried] = run(tmp_path, f"    expect: {{{expected}}}\n")
    [found] = tried.outcomes
    return found


@pytest.mark.no_cover
@pytest.mark.parametrize("folder", list_catalogues(), ids=lambda folder: folder.name)
def test_what_ships_comes_out(folder: Path) -> None:
    catalogue = loaded(folder)
    tried = run_examples(catalogue, data_from_example)
    assert tried
    failed = list_failures(catalogue, tried)
    assert not failed, "\n".join(failed)


@pytest.mark.parametrize(
    "expected",
    [
        "share_diagnosed: 50.0",
        "share_diagnosed: {level: school, place: a, value: 25}",
        "share_diagnosed: {class: low}",
        "share_diagnosed: {level: school, place: b, value: 75, class: high}",
        "every: yes",
        "partner: [Завод, Лесхоз]",
        "partner: {level: school, place: a, value: [Завод]}",
        "year_before: null",
        "year_before: {value: null, reason: no_previous}",
    ],
)
def test_what_is_expected_comes_out(tmp_path: Path, expected: str) -> None:
    found = outcome(tmp_path, expected)
    assert found.passed, found


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ("share_diagnosed: 50.1", "ожидалось 50,1, получилось 50"),
        ("share_diagnosed: null", "ожидалось нет значения, получилось 50"),
        ("share_diagnosed: {class: high}", "ожидалось high, получилось 50, low"),
        ("share_diagnosed: {value: 51, class: low}", "ожидалось 51, low, получилось 50, low"),
        ("every: {class: low}", "ожидалось low, получилось да"),
        ("every: no", "ожидалось нет, получилось да"),
        ("every: 1", "ожидалось 1, получилось да"),
        ("partner: [Завод]", "ожидалось Завод, получилось Завод; Лесхоз"),
        ("year_before: 3", "ожидалось 3, получилось нет значения (no_previous)"),
        (
            "year_before: {value: null, reason: not_reported}",
            "ожидалось нет значения (not_reported), получилось нет значения (no_previous)",
        ),
        (
            "share_diagnosed: {level: school, place: c, value: 1}",
            "ожидалось 1, получилось нет места «c»; есть: a, b",
        ),
        (
            "share_diagnosed: {level: school, value: 1}",
            "ожидалось 1, получилось какое место имеется в виду? назовите одно: a, b",
        ),
    ],
)
def test_what_does_not_come_out_is_said(tmp_path: Path, expected: str, said: str) -> None:
    [tried] = run(tmp_path, f"    expect: {{{expected}}}\n")
    assert not tried.passed
    [problem] = show_failure(loaded(tmp_path), tried)
    name = expected.partition(":")[0]
    assert problem.message == f"пример «пример 1»: {name}: {said}"
    assert problem.position is not None
    assert problem.position.file.endswith("town.yaml")
    assert problem.position.line == 15


def test_a_summary_counts(tmp_path: Path) -> None:
    good, bad = "    expect: {every: yes}\n", "    expect: {every: no}\n"
    assert show_summary(run(tmp_path, good)) == "1 пример, расхождений нет"
    assert show_summary(run(tmp_path, good, bad, good)) == "3 примера, 1 не сошёлся"
    assert show_summary(run(tmp_path, *[bad] * 5)) == "5 примеров, 5 не сошлись"
    assert show_summary(()) == "примеров нет"


def test_a_cell_that_cannot_be_read_fails_the_example(tmp_path: Path) -> None:
    text = HEAD + "  - name: пример\n    years: {2023: {a: {diagnosed: много}}}\n    expect: {}\n"
    (tmp_path / "town.yaml").write_text(text, "utf-8")
    [tried] = run_examples(loaded(tmp_path), data_from_example)
    assert not tried.passed
    assert tried.problems


def test_unless_that_is_what_it_shows(tmp_path: Path) -> None:
    text = HEAD + (
        "  - name: пример\n    years: {2023: {a: {diagnosed: много, all_pupils: 4}}}\n"
        "    expect: {share_diagnosed: {value: null, reason: not_readable}}\n"
    )
    (tmp_path / "town.yaml").write_text(text, "utf-8")
    [tried] = run_examples(loaded(tmp_path), data_from_example)
    assert tried.passed, tried


LOWEST = {
    "municipality": (
        "levels: [municipality, region]",
        """  - name: край один
    years: {2022: {x: {a: 10}}, 2023: {x: {a: 20}, y: {a: 30}}}
    given: {region: {r: 400}}
    expect: {sum: 50, part: 12.5, open: 2, grown: {level: municipality, place: x, value: 10}}
  - name: края два
    register: {x: {region: north}, y: {region: south}}
    years: {2023: {x: {a: 20}, y: {a: 30}}}
    given: {region: {north: {r: 40}, south: {r: 60}}}
    expect: {part: [{place: north, value: 50}, {level: municipality, place: y, value: 50}]}
""",
    ),
    "region": (
        "levels: [region]",
        """  - name: край один
    years: {2022: {x: {a: 10, r: 400}}, 2023: {x: {a: 20, r: 400}}}
    expect: {sum: 20, part: 5, open: 1, grown: 10}
  - name: прогноз
    scenario: forecast
    years: {2022: {x: {a: 10}}, 2023: {x: {a: 20}}}
    expect: {grown: 10}
""",
    ),
    "school": (
        "levels: [school], given: [region]",
        """  - name: школа одна
    years: {2023: {x: {a: 20}}}
    given: {region: {r: 400}}
    expect: {sum: 20, part: 5}
  - name: школ две
    years: {2023: {x: {a: 20}, y: {a: 30}}}
    given: {region: {land: {r: 400}}}
    expect: {sum: {place: y, value: 30}, part: {place: x, value: 5}}
""",
    ),
    "nobody": (
        "levels: [school, municipality]",
        """  - name: всё дано сверху
    given: {municipality: {r: 400}}
    expect: {above: 400, sum: {value: null, reason: not_reported}}
  - name: прогноз берёт данное сверху из факта
    scenario: forecast
    given: {municipality: {r: 400}}
    expect: {above: 400}
""",
    ),
}


@pytest.mark.parametrize("lowest", LOWEST)
def test_whoever_reports_examples_are_run(tmp_path: Path, lowest: str) -> None:
    levels, examples = LOWEST[lowest]
    giver = "region" if "region" in levels else "municipality"
    text = f"""\
catalogue: {{id: land, title: Показатели, {levels}, years: [2022, 2023]}}
inputs:
  a: {{title: Всего, unit: person}}
  r: {{title: Жителей, unit: person, level: {giver}}}
indicators:
  sum: {{title: Сумма, unit: person, formula: a}}
  part: {{title: Доля, unit: percent, formula: "share(a, r)"}}
  open: {{title: Мест, unit: school, formula: schools_open()}}
  grown: {{title: Прибыло, unit: person, formula: change(a)}}
  above: {{title: Дано, unit: person, formula: r}}
examples:
{examples}"""
    (tmp_path / "town.yaml").write_text(text, "utf-8")
    catalogue = loaded(tmp_path)
    tried = run_examples(catalogue, data_from_example)
    failed = list_failures(catalogue, tried)
    assert not failed, "\n".join(failed)
    assert sum(len(each.outcomes) for each in tried) > 2


def test_what_is_made_of_a_wrong_indicator_follows_from_it(tmp_path: Path) -> None:
    text = """\
catalogue: {id: town, title: Т, years: [2023]}
inputs:
  a: {title: Один, unit: person}
  b: {title: Два, unit: person}
indicators:
  twice: {title: Вдвое, unit: person, formula: 2 * sum}
  sum: {title: Сумма, unit: person, formula: a - b}
  more: {title: Ещё, unit: person, formula: twice + 1}
  other: {title: Другое, unit: person, formula: a}
examples:
  - name: сумма
    years: {2023: {x: {a: 3, b: 2}}}
    expect: {twice: 10, sum: 5, more: 11, other: 4}
"""
    (tmp_path / "town.yaml").write_text(text, "utf-8")
    catalogue = loaded(tmp_path)
    failed = list_failures(catalogue, run_examples(catalogue, data_from_example))
    assert len(failed) == 2
    assert "sum: ожидалось 5, получилось 1 (из-за этого ещё 2 места: 13:" in failed[0]
    assert "other: ожидалось 4, получилось 3" in failed[1]
