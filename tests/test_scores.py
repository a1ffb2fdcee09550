"""Scores: the example of the language, what becomes of members without a value, roll-up, proofs."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from engine.catalogue.load import load
from engine.evaluation.asking import Asking
from engine.evaluation.evaluate import compute_results
from engine.evaluation.explain.explain import explain
from engine.publication.audience import publish
from engine.reports.formats.proof_text import show_proof
from tests.test_scales import HEAD, build, rows_of

EXAMPLE = """
scales:
  coverage:
    unit: percent
    round: 0
    classes:
      high:   {title: высокий, at_least: 81, points: 5, colour: green}
      middle: {title: средний, at_least: 61, at_most: 80, points: 3}
      low:    {title: низкий, below: 61, points: 0}
  levels: {unit: point, classes: {good: {title: хороший, at_least: 3.3}, rest: {title: прочие, otherwise: yes}}}
inputs:
  covered: {title: Охвачено, unit: person}
  pupils: {title: Обучающиеся, unit: person}
  climate: {title: Климат, type: choice, rollup: mean, options: {good: {title: хороший, points: 4}, bad: {title: плохой, points: 1}}}
  olympiads: {title: Олимпиады, unit: point, type: number, rollup: mean}
indicators:
  coverage_share: {title: Охват, unit: percent, formula: "share(covered, pupils)", scale: coverage}
"""
INDEX = """  school_index:
    title: Индекс
    unit: point
    score:
      how: mean
      of: {points(coverage_share): 0.5, points(climate): 0.3, olympiads: 0.2}
      absent: rescale
    decimals: 1
    scale: levels
"""
FACTS = "school;year;covered;pupils;climate;olympiads\na;2024;142;180;;4\n"


def score(folder: Path, keys: str, facts: str = FACTS) -> dict[tuple[Any, ...], dict[str, Any]]:
    """The rows of a score with these keys, over the members of the example."""
    of = "of: {points(coverage_share): 0.5, points(climate): 0.3, olympiads: 0.2}"
    keys = keys if "of:" in keys else f"{keys}, {of}"
    unit = "percent" if "how: share" in keys else "point"
    line = f"  index: {{title: Индекс, unit: {unit}, decimals: 1, score: {{{keys}}}}}\n"
    catalogue, data = build(folder, EXAMPLE + INDEX + line, facts)
    return rows_of(catalogue, data)


@pytest.mark.parametrize(
    ("absent", "value", "reason"),
    [
        ("rescale", 3.3, None),
        ("zero", 2.3, None),
        ("{move: {points(climate): points(coverage_share)}}", 3.2, None),
        ("none", None, "not_reported"),
        ("{move: {olympiads: points(coverage_share)}}", None, "not_reported"),
    ],
)
def test_the_example_of_the_language(
    tmp_path: Path, absent: str, value: float | None, reason: str | None
) -> None:
    row = score(tmp_path, f"how: mean, absent: {absent}")["index", "a", 2024]
    assert (row["value"], row["reason"]) == (value, reason)


def test_the_score_is_classed_as_it_prints(tmp_path: Path) -> None:
    row = score(tmp_path, "how: sum")["school_index", "a", 2024]
    assert (row["value"], row["class"]) == (3.3, "good")  # 3,2857 is below 3.3


def test_at_every_place_the_members_are_taken_there(tmp_path: Path) -> None:
    facts = FACTS + "b;2024;60;180;плохой;2\n"
    rows = score(tmp_path, "how: mean, absent: rescale", facts)
    # Covered 202 of 360 is low; the only answer is "bad"; the olympiads' mean is 3.
    assert rows["index", "town", 2024]["value"] == 0.9  # 0,5·0 + 0,3·1 + 0,2·3
    assert rows["index", "a", 2024]["value"] == 3.3
    assert rows["index", "b", 2024]["value"] == 0.7
    assert (rows["index", "town", 2024]["reported"], rows["index", "town", 2024]["expected"]) == (
        1,
        2,
    )


def test_coverage_is_the_smallest_of_the_members_that_stayed(tmp_path: Path) -> None:
    rows = score(tmp_path, "how: mean, absent: rescale", FACTS + "b;2024;;;;2\n")
    assert rows["index", "a", 2024]["reported"] == 1
    assert rows["index", "b", 2024]["reported"] == 1
    town = rows["index", "town", 2024]
    assert (town["reported"], town["expected"]) == (1, 2)  # climate, of which nobody told, left


def test_a_missing_member_that_no_move_names_stays(tmp_path: Path) -> None:
    moves = {
        "{olympiads: points(coverage_share)}": (0, 1),  # climate, as with `none`
        "{points(climate): points(coverage_share)}": (1, 1),  # climate left
    }
    for number, (move, coverage) in enumerate(moves.items()):
        folder = tmp_path / str(number)
        folder.mkdir()
        row = score(folder, f"how: mean, absent: {{move: {move}}}")["index", "a", 2024]
        assert (row["reported"], row["expected"]) == coverage


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("keys", "value", "reason"),
    [
        ("how: sum, absent: rescale", 3.3, None),  # 2,3 · 1/0,7
        ("how: sum, absent: zero", 2.3, None),
        (
            "how: share, absent: zero, of: {points(coverage_share): 2, points(climate): 1}",
            42.9,
            None,
        ),
        ("how: share, absent: rescale, of: [points(coverage_share), points(climate)]", 60.0, None),
        ("absent: rescale, members: 3", None, "not_reported"),
        ("absent: zero, members: 3", None, "not_reported"),
        ("absent: rescale, members: 2", 3.3, None),
        ("how: sum, absent: rescale, cap: 3", 3.0, None),
        ("how: sum, absent: rescale, floor: 4", 4.0, None),
        # What a move arrives at may itself move on.
        (
            (
                "how: mean, absent: {move: {points(climate): 'only(olympiads, olympiads > 4)', "
                "'only(olympiads, olympiads > 4)': points(coverage_share)}}, "
                "of: {points(coverage_share): 1, points(climate): 1, 'only(olympiads, olympiads > 4)': 1}"
            ),
            3.0,
            None,
        ),
        # At one that does not apply a moved weight leaves.
        (
            (
                "how: mean, absent: {move: {points(climate): 'only(olympiads, olympiads > 4)'}}, "
                "of: {points(coverage_share): 1, points(climate): 1, 'only(olympiads, olympiads > 4)': 1}"
            ),
            3.0,
            None,
        ),
        # What does not apply leaves with its weight, whatever absent says.
        (
            "how: mean, of: {points(coverage_share): 1, 'only(olympiads, olympiads > 4)': 1}",
            3.0,
            None,
        ),
        ("of: ['only(olympiads, olympiads > 4)']", None, "not_applicable"),
        (
            "absent: rescale, of: ['only(olympiads, olympiads > 4)', points(climate)]",
            None,
            "not_reported",
        ),
        ("of: ['only(olympiads, olympiads > 4)', olympiads], members: 2", None, "not_applicable"),
    ],
)
def test_members_without_a_value(
    tmp_path: Path, keys: str, value: float | None, reason: str | None
) -> None:
    row = score(tmp_path, keys)["index", "a", 2024]
    assert (row["value"], row["reason"]) == (value, reason)


def test_weights_are_numbers_of_the_place(tmp_path: Path) -> None:
    text = """
constants: {half: {title: Половина, values: {2023: 0.5}}}
inputs:
  a: {title: Первое, type: number, unit: point}
  b: {title: Второе, type: number, unit: point}
  people: {title: Люди, unit: person}
  money: {title: Деньги, unit: person}
indicators:
  twice: {title: Вдвое, unit: person, formula: people * 2}
  by_people: {title: По людям, unit: point, decimals: 2, score: {how: mean, of: {a: people, b: twice}}}
  by_gaps: {title: По пробелам, unit: point, score: {how: mean, absent: rescale, of: {a: people, b: money}}}
  by_none: {title: Без веса, unit: point, score: {how: mean, of: {a: people, b: money}}}
  by_constant: {title: По константе, unit: point, decimals: 2, score: {of: {a: half, b: half}}}
  whole: {title: Всё, unit: point, decimals: 2, score: {of: [by_people, by_constant]}}
"""
    facts = "school;year;a;b;people;money\ns;2023;1;4;30;\nz;2023;1;4;0;\nm;2023;1;4;30;-1\n"
    catalogue, data = build(tmp_path, text, facts)
    rows = rows_of(catalogue, data)
    found = {key[:2]: (row["value"], row["reason"]) for key, row in rows.items() if key[2] == 2023}
    assert found["by_people", "s"] == (3.0, None)
    assert found["by_people", "z"] == (None, "zero_denominator")
    assert found["by_gaps", "s"] == (1.0, None)
    assert found["by_gaps", "z"] == (None, "zero_denominator")
    assert found["by_none", "s"] == (None, "not_reported")
    assert found["by_constant", "s"] == (2.5, None)
    assert found["whole", "s"] == (5.5, None)
    assert found["whole", "z"] == (None, "zero_denominator")


def test_a_score_with_parts_is_computed_for_each(tmp_path: Path) -> None:
    text = """
inputs:
  a: {title: Первое, unit: person, of_which: {girls: Девочки}}
  b: {title: Второе, unit: person, of_which: {girls: Девочки}}
indicators:
  both: {title: Вместе, unit: person, by: [girls], decimals: 1, score: {how: mean, of: {a: 1, b: 3}}}
"""
    facts = "school;year;a;a.girls;b;b.girls\ns;2023;8;4;12;8\n"
    catalogue, data = build(tmp_path, text, facts)
    rows = rows_of(catalogue, data)
    assert rows["both", "s", 2023]["value"] == 11
    assert rows["both.girls", "s", 2023]["value"] == 7


# --- proofs ---------------------------------------------------------------------------------------


def test_a_proof_shows_every_member_and_what_left(tmp_path: Path) -> None:
    catalogue, data = build(tmp_path, EXAMPLE + INDEX, FACTS)
    for place in ("a", "town"):
        proof, problems = explain(catalogue, data, "school_index", year=2024, place=place)
        assert proof is not None
        assert not problems
        text = show_proof(proof, catalogue).replace("\u00a0", " ")
        assert "взвешенное среднее: [баллы за «Охват» по шкале «coverage»] × 0,5" in text
        assert "(0,5 × 3 + 0,2 × 4) / 0,7 = 3,28571428571" in text
        assert "слагаемое" in text
        assert "баллы за «Климат»: ушло — веса остальных пересчитаны (нет данных)" in text
        assert proof.step.score is not None
        used = [member.used for member in proof.step.score.members]
        assert used == [0.5, None, 0.2]
        # Every member is proved in a step of its own.
        assert [step.formula for step in proof.step.steps] == [
            "points(coverage_share)",
            "points(climate)",
            "olympiads",
        ]


# --- publication ----------------------------------------------------------------------------------

PUBLISHED = """
publication: {public_levels: [school, municipality], ranking: allowed, suppress_below: 5, where: сайт}
scales:
  wide: {unit: percent, classes: {high: {title: высокий, at_least: 50, points: 5}, low: {title: низкий, below: 50, points: 1}}}
  colours: {classes: {red: красный, green: зелёный}}
tables:
  pair: {title: Пара, down: wide, across: wide, cells: colours, values: {high: {high: green, low: red}, low: {high: red, low: red}}}
inputs:
  a: {title: Первое, unit: person, within: b}
  b: {title: Второе, unit: person}
  c: {title: Третье, unit: person, within: d}
  d: {title: Четвёртое, unit: person}
indicators:
  first: {title: Первая доля, unit: percent, formula: "share(a, b)", scale: wide}
  second: {title: Вторая доля, unit: percent, formula: "share(c, d)", scale: wide}
  sum_: {title: Сумма баллов, unit: point, score: {of: [points(first), points(second)]}}
  mean_: {title: Средняя доля, unit: percent, score: {how: mean, of: [first, second]}}
  all_: {title: Сумма сумм, unit: point, score: {of: [sum_]}}
  colour: {title: Цвет, formula: "lookup(pair, first, second)"}
"""


def test_a_score_and_a_class_are_hidden_with_what_they_are_made_of(tmp_path: Path) -> None:
    counts = {"s": 2, "t": 30, "u": 40, "v": 50, "w": 60}
    facts = "school;year;a;b;c;d\n" + "".join(
        f"{school};2023;{a};{a + 20};30;60\n" for school, a in counts.items()
    )
    register = "school;title\n" + "".join(f"{school};Школа {school}\n" for school in counts)
    catalogue, data = build(tmp_path, PUBLISHED, facts, schools=register)
    whole = compute_results(catalogue, data, Asking(inputs=True)).frame
    frame = publish(catalogue, whole).results
    rows = {
        (row["indicator"], row["place"]): row
        for row in frame.iter_rows(named=True)
        if row["year"] == 2023
    }
    made = ("sum_", "mean_", "all_", "colour")
    hidden = {place for place in counts if rows["first", place]["reason"] == "suppressed"}
    assert "s" in hidden
    assert hidden != set(counts)
    for name, place in itertools.product(made, counts):
        row = rows[name, place]
        printed = (row["value"], row["class"], row["points"])
        assert (row["reason"] == "suppressed") == (place in hidden), (name, place)
        assert (printed == (None, None, None)) == (place in hidden), (name, place)
        assert rows["second", place]["value"] is not None


@pytest.mark.parametrize(
    ("score", "code"),
    [("points(coverage_share)", "wrong-type"), ("{}", "missing-key"), ("{of: {}}", "score-empty")],
)
def test_a_score_without_members_is_one_problem(score: str, code: str, tmp_path: Path) -> None:
    line = f"  index: {{title: Индекс, unit: point, score: {score}}}\n"
    (tmp_path / "c.yaml").write_text(HEAD + EXAMPLE + line, encoding="utf-8")
    _catalogue, problems = load(tmp_path)
    assert [each.code for each in problems if each.severity == "error"] == [code]


def test_a_member_or_a_weight_without_a_value_anywhere(tmp_path: Path) -> None:
    """What no place has is no column of the frame: it is one null for all of them."""
    text = """
scales:
  later: {unit: point, classes: {2030: {high: {title: высокий, at_least: 3, points: 5}, low: {title: низкий, below: 3, points: 1}}}}
constants: {later_weight: {title: Вес, values: {2030: 2}}}
inputs:
  a: {title: Первое, type: number, unit: point}
  b: {title: Второе, type: number, unit: point, scale: later}
indicators:
  none: {title: Нет, unit: point, score: {how: mean, of: [a, points(b)]}}
  zero: {title: Ноль, unit: point, score: {how: mean, absent: zero, of: [a, points(b)]}}
  rescale: {title: Остальные, unit: point, score: {absent: rescale, of: [a, points(b)]}}
  part: {title: Доля, unit: percent, score: {how: share, absent: rescale, of: [points(b)]}}
  weight: {title: Вес, unit: point, score: {how: mean, absent: zero, of: {a: 1, b: later_weight}}}
"""
    facts = "school;year;a;b\ns;2024;4;3\nt;2024;2;\n"
    catalogue, data = build(tmp_path, text, facts)
    rows = rows_of(catalogue, data)
    results = {key[:2]: (row["value"], row["reason"]) for key, row in rows.items()}
    assert results["none", "s"] == (None, "before_formula")
    assert results["none", "t"] == (None, "not_reported")
    assert results["zero", "s"] == (2, None)
    assert results["rescale", "t"] == (4, None)
    assert results["part", "s"] == (None, "before_formula")
    assert results["part", "t"] == (None, "not_reported")
    assert results["weight", "s"] == (4, None)


def test_coverage_is_the_first_of_the_smallest_that_stayed(tmp_path: Path) -> None:
    text = """
inputs:
  a: {title: Первое, type: number, unit: point, rollup: mean}
  b: {title: Второе, type: number, unit: point, rollup: mean}
  c: {title: Третье, type: number, unit: point, rollup: mean}
  d: {title: Четвёртое, type: number, unit: point, rollup: mean}
indicators:
  index: {title: Индекс, unit: point, score: {how: mean, absent: rescale, of: [a, "only(b, b > 9)", c, d]}}
  nobody: {title: Никто, unit: point, score: {how: mean, absent: rescale, of: ["only(a, a > 9)", "only(b, b > 9)"]}}
"""
    facts = (
        "school;year;a;b;c;d\n"
        "s;2024;1;;1;1\nt;2024;1;;;1\nu;2024;1;1;1;\nv;2024;1;1;1;1\n"
        "s;2023;1;;1;1\nt;2023;;;1;1\n"
    )
    register = "school;municipality\n" + "".join(f"{name};m\n" for name in "stuv")
    catalogue, data = build(tmp_path, text, facts, schools=register)
    rows = rows_of(catalogue, data)

    def cover(name: str, year: int) -> tuple[int, int]:
        row = rows[name, "m", year]
        return row["reported"], row["expected"]

    # b is the smallest, and left; c and d come to the same.
    assert cover("index", 2024) == (3, 4)
    assert cover("index", 2023) == (1, 4)
    # All left: then all are looked at.
    assert cover("nobody", 2024) == (2, 4)


DECLARED = """
scales:
  site_errors: {unit: item, classes: {none: {title: нет, exactly: 0, points: 6}, some: {title: есть, at_least: 1, points: 0}}}
inputs:
  errors: {title: Нарушения, unit: item, scale: site_errors}
  one: {title: Программа, type: yes_no, points: {yes: 1, no: 0}}
  two: {title: Положение, type: yes_no, points: {yes: 1, no: 0}}
  expert: {title: Эксперт, type: number, unit: point, limits: [0, 20]}
  free: {title: Балл, type: number, unit: point}
  winners: {title: Победители, unit: person}
  complaints: {title: Жалобы, unit: item}
constants:
  light: {title: Лёгкий вес, unit: ratio, values: {2023: 0.2, 2024: 0.25}}
  heavy: {title: Тяжёлый вес, unit: ratio, values: {2023: 0.8, 2024: 0.7}}
indicators:
"""


def problems_of(folder: Path, line: str) -> list[tuple[str, str, str]]:
    """Code, severity and message of what is said of the scores of one more indicator."""
    (folder / "c.yaml").write_text(f"{HEAD}{DECLARED}{line}\n", encoding="utf-8")
    _catalogue, problems = load(folder)
    assert [each for each in problems if each.severity == "error"] == []
    said = {"score-declared", "score-weights"}
    return [(each.code, each.severity, each.message) for each in problems if each.code in said]


@pytest.mark.parametrize(
    ("member", "greatest"),
    [
        ("points(errors)", 6),
        ("expert", 20),
        ("points(one) + points(two) + (1 if one and two else 0)", 3),
        ("max(min(5, 5 * winners), min(15, 15 * winners))", 15),
        ("max(-10, -2 * complaints)", 0),
        ("10 - 2 * complaints", 10),
        ("clamp(winners / 5, 0, 4)", 4),
        ("only(-5, one)", 0),
        ("mean_of(school, points(errors)) - points(one)", 6),
        ("coalesce(expert, 25)", 25),
    ],
)
def test_the_declared_maximum_is_compared_with_all_that_a_formula_can_give(
    member: str, greatest: int, tmp_path: Path
) -> None:
    made = f"  made: {{title: Балл, unit: point, formula: '{member}', levels: [school]}}\n"
    line = "  total: {{title: Итог, unit: point, levels: [school], score: {{of: [made, points(two)], declared: {}}}}}"
    assert problems_of(tmp_path, made + line.format(greatest + 1)) == []
    ((code, severity, message),) = problems_of(tmp_path, made + line.format(greatest + 2))
    assert (code, severity) == ("score-declared", "warning")
    assert message.endswith(f" — {greatest + 1}, объявлено {greatest + 2}")


def test_a_maximum_that_cannot_be_compared_is_a_note(tmp_path: Path) -> None:
    line = "  total: {title: Итог, unit: point, levels: [school], score: {of: [points(one), free, 5 * winners], declared: 9}}"
    ((code, severity, message),) = problems_of(tmp_path, line.replace("5 * winners", "expert"))
    assert (code, severity) == ("score-declared", "note")
    assert message.endswith("дают free")


def test_the_cap_of_a_score_bounds_what_is_not_known(tmp_path: Path) -> None:
    line = "  total: {title: Итог, unit: point, levels: [school], score: {of: [free], cap: 9, declared: 10}}"
    ((_code, severity, message),) = problems_of(tmp_path, line)
    assert severity == "warning"
    assert message.endswith(" — 9, объявлено 10")


def test_weights_by_constants_add_to_one_in_every_year(tmp_path: Path) -> None:
    line = "  total: {title: Итог, unit: point, levels: [school], score: {how: mean, of: {points(one): light, points(two): heavy}, declared: 1}}"
    assert problems_of(tmp_path, line) == [
        ("score-weights", "warning", "в 2024 году веса в сумме дают 0,95")
    ]


@pytest.mark.parametrize(
    ("weights", "total"), [("60, 35", "95"), ("60, 40", ""), ("2, 1", ""), ("90, 20", "110")]
)
def test_weights_that_may_be_percents_add_to_a_hundred(
    weights: str, total: str, tmp_path: Path
) -> None:
    light, heavy = weights.split(", ")
    line = f"  total: {{title: Итог, unit: point, levels: [school], score: {{how: mean, of: {{points(one): {light}, points(two): {heavy}}}}}}}"
    said = [("score-weights", "note", f"веса в сумме дают {total}")] if total else []
    assert problems_of(tmp_path, line) == said
