"""Catalogues side by side: what is comparable, what differs, in whose words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.catalogue.load import load
from engine.console.main import main
from engine.data.intake import read_data
from engine.evaluation.comparison import Comparison, ConceptRow, compare_concepts
from engine.problems import has_errors
from engine.reports.formats.comparison_text import say_comparable, show_cells

ROOT = Path(__file__).parent.parent
SHARING = Path(__file__).parent / "cases" / "sharing"
PAIRS = [f"{SHARING / name}={SHARING / name / 'data'}" for name in ("north", "south")]

INPUTS = """
inputs:
  {a}: {{title: Охвачены, unit: person, concept: covered}}
  {b}: {{title: Все, unit: person, concept: pupils}}
  {c}: {{title: Участники, unit: person}}
  {money}: {{title: Расходы, type: number, unit: {unit}, concept: spending}}
"""


def town(folder: Path, name: str, indicator: str, numbers: str, **words: str) -> str:
    """A catalogue of one school beside its data; what stands in PAIRS for it.

    `indicator` are the keys of the one that is compared; `numbers` those of the four inputs.
    """
    names = {"a": "a", "b": "b", "c": "c", "money": "money", "unit": "rouble", **words}
    head = words.get("head", "")
    place = folder / name
    (place / "data").mkdir(parents=True)
    (place / "c.yaml").write_text(
        f"catalogue: {{id: {name}, title: {name}, municipality: {name}, years: [2023]{head}}}\n"
        + INPUTS.format(**names)
        + f"indicators:\n  it: {{title: Показатель, concept: it, {indicator}}}\n"
        + words.get("more", ""),
        encoding="utf-8",
    )
    columns = ",".join(names[key] for key in ("a", "b", "c", "money"))
    (place / "data" / "facts.csv").write_text(
        f"year,school,{columns}\n2023,{name}1,{numbers}\n", encoding="utf-8"
    )
    (place / "data" / "schools.csv").write_text(f"school,title\n{name}1,Школа\n", encoding="utf-8")
    return name


def compared(folder: Path, *names: str) -> Comparison:
    sides = []
    for name in names:
        catalogue, problems = load(folder / name)
        assert catalogue is not None
        assert not has_errors(problems), problems
        sides.append((catalogue, read_data(catalogue, folder / name / "data")[0]))
    return compare_concepts(sides, 2023)


def found(comparison: Comparison, concept: str = "it") -> ConceptRow:
    return next(row for row in comparison.rows if row.concept == concept)


def verdict(comparison: Comparison, concept: str = "it") -> str:
    return say_comparable(found(comparison, concept), comparison)


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["compare", *words], env={"POKAZATEL_LANG": "ru"})


SHARE = 'unit: percent, formula: "share(a, b)"'


def test_one_formula_over_other_ids_is_comparable(tmp_path: Path) -> None:
    one = town(tmp_path, "one", SHARE, "30,40,20,1")
    renamed = {"a": "covered", "b": "everybody"}
    other = town(
        tmp_path,
        "other",
        'unit: percent, formula: "share(covered, everybody)"',
        "9,20,9,1",
        **renamed,
    )
    comparison = compared(tmp_path, one, other)
    row = found(comparison)
    assert row.comparable
    assert [value.value for value in row.values if value] == [75, 45]
    assert row.changes == (None, -30)
    assert show_cells(row) == ["75,0\u00a0%", "45,0\u00a0% (−30,0 п.\u00a0п.)"]
    assert verdict(comparison) == "сопоставимо"


@pytest.mark.parametrize(
    ("unit", "formula", "same"),
    [
        ("person", "a + b + c - b", "c + a + b - b"),
        ("person", "a * (1 + 2) + b", "b + (2 + 1) * a"),
        ("ratio", "a / b + money / money", "money / money + a / b"),
        (
            "person",
            "a if a > 1 and (b > 2 or a > 3) else b",
            "a if (a > 3 or b > 2) and a > 1 else b",
        ),
        ("person", "max(a, b + 2 * b)", "max(a, b * 2 + b)"),
    ],
)
def test_order_of_sums_and_products_does_not_matter(
    tmp_path: Path, unit: str, formula: str, same: str
) -> None:
    keys = 'unit: {unit}, formula: "{formula}"'
    one = town(tmp_path, "one", keys.format(unit=unit, formula=formula), "3,4,2,1")
    other = town(tmp_path, "other", keys.format(unit=unit, formula=same), "3,4,2,1")
    row = found(compared(tmp_path, one, other))
    # c has no concept: a formula that names it is like no other.
    assert row.comparable is ("c " not in formula)


def test_order_of_a_difference_matters(tmp_path: Path) -> None:
    one = town(tmp_path, "one", 'unit: person, formula: "b - a"', "3,4,2,1")
    other = town(tmp_path, "other", 'unit: person, formula: "a - b"', "3,4,2,1")
    row = found(compared(tmp_path, one, other))
    assert row.comparable is False
    assert [each.aspect for each in row.differences] == ["formula"]
    assert row.changes == ()


def test_another_denominator_is_named(tmp_path: Path) -> None:
    one = town(tmp_path, "one", SHARE, "30,40,20,1")
    other = town(tmp_path, "other", 'unit: percent, formula: "share(a, c)"', "9,20,10,1")
    comparison = compared(tmp_path, one, other)
    assert verdict(comparison) == "не сопоставимо: знаменатель — «Все» / «Участники»"
    assert show_cells(found(comparison)) == ["75,0\u00a0%", "90,0\u00a0%"]


def test_what_has_no_concept_is_like_nothing_elsewhere(tmp_path: Path) -> None:
    formula = 'unit: percent, formula: "share(a, c)"'
    one = town(tmp_path, "one", formula, "9,20,10,1")
    other = town(tmp_path, "other", formula, "9,20,10,1")
    assert verdict(compared(tmp_path, one, other)) == (
        "не сопоставимо: знаменатель — «Участники», но у входов нет общего понятия"
    )


def test_units_are_one_up_to_their_scale(tmp_path: Path) -> None:
    one = town(tmp_path, "one", 'unit: rouble/person, formula: "money / b"', "3,4,2,1000")
    other = town(
        tmp_path,
        "other",
        'unit: rouble/person, formula: "money / b"',
        "3,4,2,3",
        unit="thousand_rouble",
    )
    comparison = compared(tmp_path, one, other)
    row = found(comparison)
    assert [value.value for value in row.values if value] == [250, 750]
    assert row.changes == (None, 500)
    # 3 thousand roubles less 1 000 roubles, in the unit of the first column.
    assert found(comparison, "spending").changes == (None, 2000)


def test_other_units_kinds_and_years_are_named(tmp_path: Path) -> None:
    one = town(tmp_path, "one", 'unit: person, formula: "a"', "3,4,2,1")
    other = town(
        tmp_path,
        "other",
        'unit: rouble, formula: "money"',
        "3,4,2,1",
        head=", period: academic_year",
    )
    third = town(tmp_path, "third", 'formula: "a > 2"', "3,4,2,1")
    comparison = compared(tmp_path, one, other)
    assert verdict(comparison).startswith(
        "не сопоставимо: единица измерения — чел. / руб.; период — календарный год / учебный год; формула — "
    )
    assert verdict(comparison, "pupils") == (
        "не сопоставимо: период — календарный год / учебный год"
    )
    assert verdict(compared(tmp_path, one, third)).startswith(
        "не сопоставимо: вид значения — число / да или нет; формула"
    )


def test_an_indicator_in_a_formula_is_its_own_formula(tmp_path: Path) -> None:
    more = '  part: {title: Часть, unit: person, formula: "a + b"}\n'
    formula = 'unit: percent, formula: "100 * part / b"'
    one = town(tmp_path, "one", formula, "3,4,2,1", more=more)
    other = town(tmp_path, "other", formula, "3,4,2,1", more=more.replace("a + b", "b + a"))
    third = town(tmp_path, "third", formula, "3,4,2,1", more=more.replace("a + b", "b - a"))
    assert found(compared(tmp_path, one, other)).comparable
    assert verdict(compared(tmp_path, one, third)).startswith("не сопоставимо: числитель")


def test_constants_are_compared_by_their_value(tmp_path: Path) -> None:
    more = "constants: {{norm: {{title: Норма, values: {{2023: {value}}}}}}}\n"
    formula = 'unit: ratio, formula: "a / b / norm"'
    names = [
        town(tmp_path, name, formula, "3,4,2,1", more=more.format(value=value))
        for name, value in (("one", 2), ("other", "2.0"), ("third", 3))
    ]
    assert found(compared(tmp_path, *names[:2])).comparable
    assert found(compared(tmp_path, *names[1:])).comparable is False


ALLOWED = "publication: {ranking: allowed}\n"


def test_an_order_stands_where_every_catalogue_allows_a_ranking(tmp_path: Path) -> None:
    share = f"{SHARE}, better: more"
    names = [
        town(tmp_path, name, share, numbers, more=ALLOWED)
        for name, numbers in (("one", "1,4,2,1"), ("other", "3,4,2,1"), ("third", "2,4,2,1"))
    ]
    silent = town(tmp_path, "silent", share, "4,4,2,1")
    assert found(compared(tmp_path, *names)).order == (1, 2, 0)
    assert verdict(compared(tmp_path, *names)) == "сопоставимо; от лучшего: other · third · one"
    # One that says nothing forbids it: nothing is sorted, columns stand as they were named.
    comparison = compared(tmp_path, *names, silent)
    assert found(comparison).order == ()
    assert [place.title for place in comparison.places] == ["one", "other", "third", "silent"]
    # Nor is there an order of what nobody says the better end of.
    assert found(compared(tmp_path, *names), "covered").order == ()


def test_the_command_prints_a_table_json_and_a_page(tmp_path: Path) -> None:
    done = run(*PAIRS)
    assert done.exit_code == 0, done.output
    assert "75,0 %           25,0 % (−50,0 п. п.)   сопоставимо" in done.stdout.replace(
        "\u00a0", " "
    )
    parsed = json.loads(run(*PAIRS, "--format", "json").stdout)
    assert [place["place"] for place in parsed["places"]] == ["north", "south"]
    vpr = next(each for each in parsed["concepts"] if each["concept"] == "vpr")
    assert [value["value"] for value in vpr["values"]] == [80, 20]
    assert vpr["comparable"] is False
    assert vpr["differences"] == [{"aspect": "denominator", "words": ["«Писали ВПР»", "«Ученики»"]}]
    page = tmp_path / "page.html"
    assert run(*PAIRS, "-o", str(page)).exit_code == 0
    text = page.read_text(encoding="utf-8")
    assert "не сопоставимо: знаменатель — «Писали ВПР» / «Ученики»" in text
    assert text.index("Северный округ</th>") < text.index("Южный округ</th>")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (PAIRS[:1], "не меньше двух каталогов"),
        (["north", PAIRS[1]], "нужны каталог, знак = и его данные"),
        ([*PAIRS, "--year", "1999"], "нет данных за 1999"),
        ([PAIRS[0], f"{SHARING / 'south'}=nowhere"], "nowhere"),
    ],
)
def test_what_cannot_be_compared_is_refused(words: list[str], message: str) -> None:
    done = run(*words)
    assert done.exit_code == 2
    assert message in done.output


def test_the_two_orders_count_another_denominator() -> None:
    """Berezniki divides by those who wrote the test, Michurinsk by all pupils of the fourth grade."""
    done = run(
        *(f"{name}={ROOT / 'definitions' / name / 'demo'}" for name in ("berezniki", "michurinsk")),
        "--year",
        "2023",
        "--format",
        "json",
    )
    vpr = next(
        each for each in json.loads(done.stdout)["concepts"] if each["concept"] == "vpr_professions"
    )
    words = {each["aspect"]: each["words"] for each in vpr["differences"]}
    assert words["denominator"] == [
        "«4 классы, участвовавшие в ВПР по окружающему миру»",
        "«Обучающиеся 4 классов»",
    ]
    assert [value["difference"] for value in vpr["values"]] == [None, None]


def test_points_are_comparable_by_one_scale(tmp_path: Path) -> None:
    scale = "scales:\n  s: {{unit: percent, classes: {{high: {{at_least: {end}, points: 2}}, low: {{otherwise: yes, points: 0}}}}}}\n"
    more = '  part: {{title: Доля, unit: percent, formula: "share(a, b)", scale: s}}\n' + scale
    formula = "unit: point, formula: points(part)"
    names = [
        town(tmp_path, name, formula, "30,40,20,1", more=more.format(end=end))
        for name, end in (("one", 70), ("other", 70), ("third", 80))
    ]
    assert found(compared(tmp_path, *names[:2])).comparable
    row = found(compared(tmp_path, *names))
    assert row.comparable is False
    assert [value.value for value in row.values if value] == [2, 2, 0]


SCALE = "scales:\n  s: {unit: percent, classes: {high: {at_least: 70, points: 2}, low: {otherwise: yes, points: 1}}}\n"
MEMBERS = """\
  e: {title: Доля, unit: percent, formula: "share(a, b)", scale: s}
  f: {title: Иная доля, unit: percent, formula: "share(b, a)", scale: s}
"""


@pytest.mark.parametrize(
    ("other", "comparable"),
    [
        # Members in another order, under other ids; what is the default is written.
        ("{how: mean, of: {points(f): 1, points(e): 2}, members: 1}", True),
        ("{how: mean, of: {points(f): 2, points(e): 1}}", False),
        ("{how: sum, of: {points(e): 2, points(f): 1}}", False),
        ("{how: mean, of: {points(e): 2, points(f): 1}, absent: zero}", False),
        ("{how: mean, of: {points(e): 2, points(f): 1}, cap: 1}", False),
        ("{how: mean, of: {points(e): 2, points(f): 1}, members: 2}", False),
    ],
)
def test_scores_are_comparable_by_how_they_are_made(
    tmp_path: Path, other: str, comparable: bool
) -> None:
    first = "unit: point, score: {how: mean, of: {points(e): 2, points(f): 1}}"
    scores = {"one": first, "other": f"unit: point, score: {other}"}
    names = [
        town(tmp_path, name, score, "30,40,20,1", more=MEMBERS + SCALE)
        for name, score in scores.items()
    ]
    row = found(compared(tmp_path, *names))
    assert row.comparable is comparable
    if not comparable:
        ((difference),) = row.differences
        assert difference.aspect == "formula"
        assert all("Доля" in words for words in difference.words)


def test_a_function_over_schools_is_one_thing_under_both_names(tmp_path: Path) -> None:
    formulas = {
        "one": "mean_of_schools(share(a, b))",
        "other": "mean_of(school, share(a, b))",
        "third": "median_of(school, share(a, b))",
    }
    names = [
        town(tmp_path, name, f'unit: percent, formula: "{formula}"', "30,40,20,1")
        for name, formula in formulas.items()
    ]
    assert found(compared(tmp_path, *names[:2])).comparable
    assert found(compared(tmp_path, *names)).comparable is False


def test_a_named_indicator_of_the_same_schools_is_another_thing(tmp_path: Path) -> None:
    names = [
        town(
            tmp_path,
            name,
            "unit: percent, formula: rise + 1",
            "30,40,20,1",
            more=f"  rise: {{title: Рост, unit: percent, formula: growth(b){same}}}\n",
        )
        for name, same in (("one", ""), ("other", ""), ("third", ", same_schools: yes"))
    ]
    assert found(compared(tmp_path, *names[:2])).comparable
    assert found(compared(tmp_path, *names)).comparable is False


def test_what_several_levels_give_is_one_thing(tmp_path: Path) -> None:
    for name, students in (("one", 8), ("other", 5)):
        place = tmp_path / name
        (place / "data").mkdir(parents=True)
        (place / "c.yaml").write_text(
            f"catalogue: {{id: {name}, title: {name}, municipality: {name}, years: [2023]}}\n"
            "inputs:\n"
            "  w: {title: Победители, concept: it, unit: person, level: [school, municipality]}\n",
            encoding="utf-8",
        )
        (place / "data" / "s.csv").write_text("year,school,w\n2023,s1,6\n", encoding="utf-8")
        (place / "data" / "m.csv").write_text(
            f"year,municipality,w\n2023,{name},{students}\n", encoding="utf-8"
        )
        _catalogue, problems = load(place)
        assert [problem.code for problem in problems if problem.code == "concept-twice"] == []
    comparison = compared(tmp_path, "one", "other")
    assert [value.value for value in found(comparison).values if value] == [8, 5]


def test_places_of_one_title_are_told_apart(tmp_path: Path) -> None:
    for name in ("one", "other"):
        town(tmp_path, name, SHARE, "30,40,20,1", head=", levels: [school, municipality, region]")
    titles = [place.title for place in compared(tmp_path, "one", "other").places]
    assert titles == ["Регион (one)", "Регион (other)"]


TABLE = """\
  part: {{title: Доля, unit: percent, formula: "share(a, b)", scale: {s}}}
scales:
  {s}: {{title: Уровни, unit: percent, classes: {{{high}: {{title: высокий, at_least: {end}}}, {low}: {{title: низкий, below: {end}}}}}}}
  {colours}: {{title: Цвета, classes: {{{red}: {{title: красный, points: 1}}, {green}: {{title: зелёный, points: 2}}}}}}
tables:
  {t}: {{title: Светофор, down: {s}, across: {s}, cells: {colours}, values: {{{high}: {{{high}: {green}, {low}: {cell}}}, {low}: {{{high}: {red}, {low}: {red}}}}}}}
"""
NAMES = {"s": "s", "high": "high", "low": "low", "colours": "colours", "red": "red"}
NAMES |= {"green": "green", "t": "t", "end": "50"}
GREEN = "«Светофор»: высокий: высокий → зелёный; "
RED = "низкий: высокий → красный; низкий → красный"
ENDS = "«Уровни»: высокий — не меньше {0}; низкий — меньше {0}"
RENAMED = {
    "s": "u",
    "high": "up",
    "low": "down",
    "colours": "hues",
    "red": "r",
    "green": "g",
    "t": "v",
}


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({}, ()),
        (RENAMED, ()),
        ({"cell": "green"}, (f"{GREEN}низкий → красный; {RED}", f"{GREEN}низкий → зелёный; {RED}")),
        ({"end": "80"}, (ENDS.format(50), ENDS.format(80))),
    ],
)
@pytest.mark.parametrize("formula", ["lookup({t}, part, part)", "points(colour)"])
def test_tables_are_compared_by_what_they_say(
    tmp_path: Path, other: dict[str, str], words: tuple[str, ...], formula: str
) -> None:
    names = []
    for name, changed in (("one", {}), ("other", other)):
        of = {**NAMES, **changed}
        of.setdefault("cell", of["red"])
        colour = '  colour: {{title: Цвет, formula: "lookup({t}, part, part)"}}\n'.format(**of)
        unit = "unit: point, " if formula.startswith("points") else ""
        row = f'{unit}formula: "{formula.format(**of)}"'
        names.append(town(tmp_path, name, row, "30,40,20,1", more=colour + TABLE.format(**of)))
    comparison = compared(tmp_path, *names)
    row_of_both = found(comparison)
    assert row_of_both.comparable is (not words)
    said = f"не сопоставимо: по чему считается — {' / '.join(words)}" if words else "сопоставимо"
    assert verdict(comparison) == said
    assert bool(row_of_both.changes) is (not words)
    is_number = formula.startswith("points")
    (first, second) = [value.value for value in row_of_both.values if value is not None]
    assert first == (2 if is_number else "зелёный")
    low = int(other.get("end", 50)) > 75
    assert second == (first if not low else 1 if is_number else "красный")


def test_other_scales_and_constants_are_told_apart(tmp_path: Path) -> None:
    scale = "scales:\n  s: {{unit: percent, classes: {{high: {{title: высокая, at_least: {end}, points: 2}}, low: {{title: низкая, below: {end}, points: 0}}}}}}\n"
    more = '  part: {{title: Доля, unit: percent, formula: "share(a, b)", scale: s}}\n' + scale
    names = [
        town(
            tmp_path,
            f"t{end}",
            "unit: point, formula: points(part)",
            "30,40,20,1",
            more=more.format(end=end),
        )
        for end in (70, 80)
    ]
    ends = "«s»: высокая — не меньше {0} (2\u00a0балла); низкая — меньше {0} (0\u00a0баллов)"
    assert verdict(compared(tmp_path, *names)) == (
        f"не сопоставимо: по чему считается — {ends.format(70)} / {ends.format(80)}"
    )
    constant = "constants:\n  norm: {{title: Норма, unit: person, values: {{2023: {norm}}}}}\n"
    names = [
        town(
            tmp_path,
            f"n{norm}",
            'unit: percent, formula: "share(a, norm)"',
            "30,40,20,1",
            more=constant.format(norm=norm),
        )
        for norm in (50, 60)
    ]
    assert verdict(compared(tmp_path, *names)) == (
        "не сопоставимо: по чему считается — «Норма» = 50\u00a0чел. / «Норма» = 60\u00a0чел."
    )


def test_a_class_is_no_number(tmp_path: Path) -> None:
    colour = TABLE.format(**NAMES, cell="red")
    one = town(tmp_path, "one", 'formula: "lookup(t, part, part)"', "30,40,20,1", more=colour)
    other = town(tmp_path, "other", SHARE, "30,40,20,1")
    assert "вид значения — класс / число" in verdict(compared(tmp_path, one, other))
