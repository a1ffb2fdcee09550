"""Keys and kinds of values: what is wrong, where exactly, and how to mend it."""

from __future__ import annotations

import runpy
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from engine.catalogue.shape import check_shape, name_place, read_schema
from engine.catalogue.source import read_folder
from engine.problems import Problem, sort_problems
from engine.translation import choose_language

HEAD = "catalogue: {id: x, title: Икс, years: [2023]}\n"
DEFINITIONS = Path(__file__).parent.parent / "definitions"


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    choose_language("en")
    yield
    choose_language("ru")


def check(folder: Path, text: str) -> tuple[Problem, ...]:
    (folder / "a.yaml").write_text(text, encoding="utf-8")
    document, problems = read_folder(folder)
    assert problems == []
    assert document is not None
    return sort_problems(check_shape(document))


WRONG = [
    # text below HEAD, code, (line, column, length), message, hint
    (
        "inputs:\n  число: {titel: Ёж}\n",
        "unknown-key",
        (3, 11, 5),
        "unknown key “titel” in the input “число”",
        "did you mean “title”?",
    ),
    (
        "idicators: {}\n",
        "unknown-key",
        (2, 1, 9),
        "unknown key “idicators” at the top of a file",
        "did you mean “indicators”?",
    ),
    (
        "groups:\n  k: {title: x, колонка: 1}\n",
        "unknown-key",
        (3, 17, 7),
        "unknown key “колонка” in the group “k”",
        "known keys: title, short, note, use",
    ),
    (
        "inputs: {a: {title: x, of_which: {b: {title: y, of_which: {c: {titel: z}}}}}}\n",
        "unknown-key",
        (2, 64, 5),
        "unknown key “titel” in the input “a.b.c”",
        "did you mean “title”?",
    ),
    (
        "indicators:\n  i: {title: x, targets: {2023: {at_leest: 4}}}\n",
        "unknown-key",
        (3, 34, 8),
        "unknown key “targets.2023.at_leest” in the indicator “i”",
        "did you mean “at_least”?",
    ),
    (
        "inputs:\n  a: {unit: person}\n",
        "missing-key",
        (3, 3, 1),
        "there is no “title” in the input “a”",
        "add “title:”",
    ),
    (
        "events: {e: {title: x, results: {r: {formula: a}}}}\n",
        "missing-key",
        (2, 34, 1),
        "there is no “title” in the result “e.r”",
        "add “title:”",
    ),
    (
        "checks: [{id: p, rule: a < b}]\n",
        "missing-key",
        (2, 10, 20),
        "there is no “message” in the check “p”",
        "add “message:”",
    ),
    (
        "examples: [{name: малый пример}]\n",
        "missing-key",
        (2, 12, 20),
        "there is no “expect” in the example “малый пример”",
        "add “expect:”",
    ),
    (
        "indicators:\n  i: {code: 4.10}\n",
        "unquoted-number",
        (3, 13, 4),
        "“code” in the indicator “i”: a text is due, but here is the number 4.10",
        'put it in quotes: code: "4.10"',
    ),
    (
        "units: {u: {forms: [1]}}\n",
        "unquoted-number",
        (2, 21, 1),
        "“forms.1” in the unit “u”: a text is due, but here is the number 1",
        'put it in quotes: "1"',
    ),
    (
        "indicators:\n  i:\n    targets:\n      2023: 1,5\n",
        "decimal-comma",
        (5, 13, 3),
        (
            "“targets.2023” in the indicator “i”: a number, or a formula, or “yes”, or keys with values is due, "
            "but here is the text “1,5”"
        ),
        "write 1.5",
    ),
    (
        'constants: {c: {title: x, values: {2023: "1 234,5"}}}\n',
        "wrong-type",
        (2, 43, 7),
        (
            "“values.2023” in the constant “c”: a number, or keys with values is due, "
            "but here is the text “1 234,5”"
        ),
        "write 1234.5",
    ),
    (
        "indicators:\n  i: {targets: {2023: no}}\n",
        "wrong-type",
        (3, 23, 2),
        (
            "“targets.2023” in the indicator “i”: a number, or a formula, or “yes”, or keys with values is due, "
            "but here is “no” (yes or no)"
        ),
        "",
    ),
    (
        "indicators:\n  i: {targets: {2023: {between: [1]}}}\n",
        "wrong-value",
        (3, 33, 3),
        "“targets.2023.between” in the indicator “i”: values written: 1",
        "due: 2",
    ),
    (
        "units: {u: {forms: []}}\n",
        "wrong-value",
        (2, 20, 2),
        "“forms” in the unit “u”: values written: 0",
        "due: from 1 to 4",
    ),
    (
        "indicators:\n  i: {by: []}\n",
        "wrong-value",
        (3, 11, 2),
        "“by” in the indicator “i”: values written: 0",
        "due: at least 1",
    ),
    (
        "indicators:\n  i: {targets: {23: 5}}\n",
        "wrong-year",
        (3, 17, 2),
        "“targets.23” in the indicator “i”: a year is due here",
        "four digits, for instance 2023",
    ),
    (
        "indicators:\n  i: {title: x, formula: {с 2023: a}}\n",
        "wrong-year",
        (3, 27, 6),
        "“formula.с 2023” in the indicator “i”: a year is due here",
        "four digits, for instance 2023",
    ),
    (
        "inputs:\n  a: {title: x, type: cont}\n",
        "wrong-value",
        (3, 23, 4),
        (
            "“type” in the input “a”: one of: count, number, yes_no, choice, text, date, link is due, "
            "but here is the text “cont”"
        ),
        "did you mean “count”?",
    ),
    (
        'inputs:\n  a: {title: x, required: "да"}\n',
        "wrong-type",
        (3, 28, 2),
        "“required” in the input “a”: yes or no is due, but here is the text “да”",
        "write it without quotes",
    ),
    (
        "inputs:\n  a: {title: x, since: 012}\n",
        "wrong-type",
        (3, 24, 3),
        "“since” in the input “a”: a whole number is due, but here is the text “012”",
        "write 12",
    ),
    (
        "indicators:\n  i: {decimals: 1,}\n  j: {decimals: 12}\n",
        "wrong-value",
        (4, 17, 2),
        "“decimals” in the indicator “j”: the number 12 is out of bounds",
        "from 0 to 9",
    ),
    (
        "units: {u: {of: rouble, scale: 0}}\n",
        "wrong-value",
        (2, 32, 1),
        "“scale” in the unit “u”: the number 0 is out of bounds",
        "more than 0 is due",
    ),
    (
        "publication: {people: person, interpretation: т}\n",
        "wrong-type",
        (2, 23, 6),
        "“people” in “publication”: a list is due, but here is the text “person”",
        "write [person]",
    ),
    (
        "indicators:\n  i: {source: {date: 29.12.2023}}\n",
        "wrong-value",
        (3, 22, 10),
        "“source.date” in the indicator “i”: a date is due, but here is the text “29.12.2023”",
        "year, month, day: 2023-12-29",
    ),
    (
        "inputs:\n  a:\n",
        "wrong-type",
        (3, 3, 1),
        "keys with values is due in the input “a”, but here is nothing",
        "write it, or take the key away",
    ),
    (
        "inputs:\n  a: {title: [x]}\n",
        "wrong-type",
        (3, 14, 3),
        "“title” in the input “a”: a text is due, but here is a list",
        "",
    ),
    (
        "inputs:\n  a: {title: {b: x}}\n",
        "wrong-type",
        (3, 14, 6),
        "“title” in the input “a”: a text is due, but here is keys with values",
        "",
    ),
    (
        f"indicators:\n  i: {{better: {'о' * 50}}}\n",
        "wrong-value",
        (3, 15, 50),
        (
            "“better” in the indicator “i”: one of: more, less, neither is due, "
            f"but here is the text “{'о' * 39}…”"
        ),
        "",
    ),
    (
        "inputs: [a]\n",
        "wrong-type",
        (2, 9, 3),
        "keys with values is due in “inputs”, but here is a list",
        "",
    ),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case[3])
def test_wrong_shape(case: tuple[str, str, tuple[int, int, int], str, str], tmp_path: Path) -> None:
    text, code, at, message, hint = case
    problems = check(tmp_path, HEAD + text)
    assert [(problem.code, problem.message, problem.hint) for problem in problems] == [
        (code, message, hint)
    ]
    position = problems[0].position
    assert position is not None
    assert (position.line, position.column, position.length) == at
    assert position.excerpt == (HEAD + text).splitlines()[at[0] - 1]


def test_a_catalogue_is_due(tmp_path: Path) -> None:
    problems = check(tmp_path, "inputs: {a: {title: x}}\n")
    assert [(problem.code, problem.hint) for problem in problems] == [
        ("missing-key", "write “catalogue:” and below it id:, title:, years:")
    ]
    problems = check(tmp_path, "catalogue:\n  titel: x\n  years: [2022, 2022]\n")
    assert [(problem.code, problem.message) for problem in problems] == [
        ("unknown-key", "unknown key “titel” in “catalogue”"),
        ("wrong-value", "“years” in “catalogue”: “2022” stands there twice"),
    ]


def test_texts_are_as_written(tmp_path: Path) -> None:
    text = """\
inputs:
  ready: {title: Да, type: choice, options: {a: да, b: Нет, c: yes}, note: No, required: да}
indicators:
  sure: {title: TRUE, formula: ready.a}
"""
    (tmp_path / "a.yaml").write_text(HEAD + text, encoding="utf-8")
    document, problems = read_folder(tmp_path)
    assert document is not None
    assert [*problems, *check_shape(document)] == []
    ready = document.data["inputs"]["ready"]
    assert ready["title"] == "Да"
    assert ready["options"] == {"a": "да", "b": "Нет", "c": "yes"}
    assert ready["note"] == "No"
    assert ready["required"] is True
    assert document.data["indicators"]["sure"]["title"] == "TRUE"


def test_nothing_is_missed_in_a_file_that_was_not_read(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("catalogue: {", encoding="utf-8")
    (tmp_path / "b.yaml").write_text("inputs: {a: {title: x}}\n", encoding="utf-8")
    document, problems = read_folder(tmp_path)
    assert [problem.code for problem in problems] == ["broken-text"]
    assert document is not None
    assert check_shape(document) == []


RIGHT = """
catalogue:
  id: x
  title: Икс
  municipality: Город Икс
  region: Край
  language: ru
  levels: [school, municipality]
  given: [region]
  years: [2022, 2023]
  period: academic_year
  defaults: {comparator: at_least, decimals: 1, missing: block}
  interpretation: как сказано
  source: {title: Приказ, number: "04", date: 2023-12-29, clause: "1", url: "https://example.org"}
groups: {"4.10": {title: Раздел}, no: {title: Ещё, note: x}}
register:
  r: {title: Вид, type: choice, options: {school: школа, "yes": лицей}}
units:
  u: {title: место, short: м., forms: [место, места, мест]}
  v: {of: rouble, scale: 1000}
constants:
  c: {title: Норма, unit: person, values: {2022: 1.5, 2023: null}}
  d: {title: Норма, level: region, values: {perm: {2022: 1}}}
inputs:
  a:
    title: Всего
    parts: partition
    of_which: {b: часть, c: {title: другая, of_which: {ovz: с ОВЗ}}}
  y:
    title: Есть договор
    type: yes_no
    required: да
    when_yes: {partner: {title: С кем, type: text, required: yes}}
indicators:
  a: {code: "4.10"}
  i:
    title: Доля
    formula: {2022: a / b, 2023: 5}
    targets: {2022: {between: [1, 2.5]}, 2023: yes, 2024: null, 2025: {at_most: 3}, 2026: 7.46}
    target_level: [school, municipality]
    source: пункт 4
  j: {title: Число, formula: 5, target_level: school}
events:
  e: {code: "1", title: Дело, section: "4.10", results: {r: {title: x, formula: a}}}
forms:
  f:
    title: Ф
    fills: school
    due: 2024-01-26
    period: academic_year
    years: {fact: [-1, 0], forecast: [2024]}
    intro: т
    footer: т
    sections:
      - {group: "1", title: т, rows: [{number: "1.", title: т, note: т, input: a}]}
      - {rows: [{cells: [a, b]}, {indicator: i}, {event: e}, {heading: т}, {blank: "-"}]}
checks:
  - {id: p, rule: a < b, message: x, severity: warning, level: catalogue, accepted: Так в приказе}
examples:
  - name: один
    register: {s: {r: school, opened: 2020}}
    years: {2022: {s: {a: 10, a.b: null, y: да}}}
    given: {region: {z: 1000}}
    scenario: forecast
    expect:
      i: 20.0
      j: null
      k: [x, y]
      l: {level: school, place: s, value: null, reason: not_reported}
"""


def test_everything_the_language_has(tmp_path: Path) -> None:
    assert check(tmp_path, RIGHT) == ()


@pytest.mark.no_cover
@pytest.mark.parametrize("folder", sorted(DEFINITIONS.iterdir()), ids=lambda folder: folder.name)
def test_shipped_catalogues(folder: Path) -> None:
    document, problems = read_folder(folder)
    assert document is not None
    assert [*problems, *check_shape(document)] == []


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ((), ("at the top of a file", ())),
        (("inputs",), ("in “inputs”", ())),
        (("catalogue", "defaults"), ("in “catalogue”", ("defaults",))),
        (("inputs", "a", "when_yes", "b", "title"), ("in the input “a.b”", ("title",))),
        (("register", "r"), ("in the register column “r”", ())),
        (("events", "e", "results", "r", "unit"), ("in the result “e.r”", ("unit",))),
        (("events", "e", "results"), ("in the event “e”", ("results",))),
        (("checks", 2, "rule"), ("in the check “2”", ("rule",))),
        (("forms", "f"), ("in the form “f”", ())),
    ],
)
def test_names_of_places(path: tuple[str | int, ...], words: tuple[str, tuple[str, ...]]) -> None:
    assert name_place(path) == words


def test_the_schema_is_valid_and_describes_every_key() -> None:
    schema = read_schema()
    Draft202012Validator.check_schema(schema)

    def walk(part: Any, path: str) -> Iterator[str]:
        if not isinstance(part, dict):
            return
        for name, inner in part.get("properties", {}).items():
            text = inner.get("description") or schema["$defs"].get(
                inner.get("$ref", "").rpartition("/")[2], {}
            ).get("description", "")
            if not text.endswith("."):
                yield f"{path}.{name}"
            yield from walk(inner, f"{path}.{name}")
        for name in ("additionalProperties", "items"):
            yield from walk(part.get(name), f"{path}[]")

    assert list(walk(schema, "")) == []
    for name, part in schema["$defs"].items():
        assert list(walk(part, name)) == []


def test_the_page_of_keys_is_up_to_date() -> None:
    script = runpy.run_path(str(DEFINITIONS.parent / "scripts" / "language_keys.py"))
    assert script["PAGE"].read_text(encoding="utf-8") == script["write_page"](read_schema())


def test_a_large_catalogue_is_checked_quickly(tmp_path: Path) -> None:
    inputs = "".join(
        f"  a{n}: {{title: Вход, unit: person, of_which: {{ovz: с ОВЗ}}}}\n" for n in range(150)
    )
    indicators = "".join(
        f'  i{n}: {{code: "{n}", title: Доля, unit: percent, formula: "share(a{n}, b)", '
        "targets: {2022: 1, 2023: 2.5}}\n"
        for n in range(150)
    )
    (tmp_path / "a.yaml").write_text(
        f"{HEAD}inputs:\n{inputs}indicators:\n{indicators}", encoding="utf-8"
    )
    document, _problems = read_folder(tmp_path)
    assert document is not None
    check_shape(document)  # the schema is read and its library imported once
    start = time.process_time()
    assert check_shape(document) == []
    # Twice as many as the largest shipped one; a wide margin, for slow machines.
    assert time.process_time() - start < 1.0
