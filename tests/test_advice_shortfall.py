"""How many are lacking, by evaluating again: so many reach the target, one less does not."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from engine.catalogue.load import load
from engine.data import read_data
from engine.evaluation.asking import SHORTFALL, Asking
from engine.evaluation.evaluate import compute_results

HEAD = """
catalogue: {id: town, title: Т, levels: [school, municipality], years: [2023]}
inputs:
  part: {title: Ч, unit: person}
  more: {title: Ещё, unit: person}
  whole: {title: Ц, unit: person}
  money: {title: Д, type: number, unit: rouble}
  all_money: {title: Все, type: number, unit: rouble}
  yes1: {title: Да, type: yes_no}
indicators:
"""
FORMULAS = {
    "share": ("share(part, whole)", "percent"),
    "sums": ("share(part + more, whole + more)", "percent"),
    "quotient": ("100 * part / whole", "percent"),
    "hundred_last": ("part / whole * 100", "percent"),
    "ratio": ("part / whole", "ratio"),
    "count": ("part + more", "person"),
    "money": ("money", "rouble"),
    "money_share": ("share(money, all_money)", "percent"),
}


@dataclass(frozen=True)
class Try:
    """A value and what it is held against."""

    kind: str
    part: int
    more: int
    whole: int
    decimals: int
    target: Fraction
    comparator: str
    width: Fraction


@st.composite
def tries(draw: st.DrawFn) -> Try:
    whole = draw(st.integers(1, 5000))
    kind = draw(st.sampled_from(sorted(FORMULAS)))
    part = draw(st.integers(0, whole))
    decimals = 0 if kind == "count" else draw(st.integers(0, 2))
    largest = {"ratio": 1, "count": 2 * whole, "money": 2 * whole}.get(kind, 100)
    steps = draw(st.integers(0, largest * 10**decimals))
    return Try(
        kind,
        part,
        draw(st.integers(0, 50)),
        whole,
        decimals,
        Fraction(steps, 10**decimals),
        draw(st.sampled_from(("at_least", "at_most", "exactly", "between"))),
        Fraction(draw(st.integers(0, 30)), 10**decimals),
    )


def decimal(value: Fraction, decimals: int) -> str:
    return f"{float(value):.{decimals}f}"


def write(folder: Path, tried: list[Try]) -> None:
    """A catalogue with an indicator for each try: they share a town, not the data."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for number, one in enumerate(tried):
        formula, unit = FORMULAS[one.kind]
        low, high = (decimal(end, one.decimals) for end in (one.target, one.target + one.width))
        wanted = f"[{low}, {high}]" if one.comparator == "between" else low
        lines.append(
            f"  i{number}: {{title: Т, unit: {unit}, decimals: {one.decimals}, target_level: school, "
            f'formula: "{formula}", targets: {{2023: {{{one.comparator}: {wanted}}}}}}}\n'
        )
    (folder / "catalogue.yaml").write_text(HEAD + "".join(lines), encoding="utf-8")


def rows_of(folder: Path, tried: list[Try], moved: dict[int, list[int]]) -> dict[Any, Any]:
    """(number of a try, by how many its part was moved) → its row; each is a school of its own."""
    catalogue, problems = load(folder)
    assert catalogue is not None
    assert not [one for one in problems if one.severity == "error"]
    facts = ["school;year;part;more;whole;money;all_money;yes1\n"]
    for number, steps in moved.items():
        one = tried[number]
        for step in steps:
            # Who cannot be taken from the part is taken from what is added to it; the whole,
            # in which that stands too, stays as it is.
            part = max(0, one.part + step)
            taken = part - (one.part + step)
            facts.append(
                f"t{number}x{step};2023;{part};{one.more - taken};{one.whole + taken};"
                f"{part};{one.whole};да\n"
            )
    data_folder = folder.parent / "data"
    data_folder.mkdir(exist_ok=True)
    (data_folder / "facts.csv").write_text("".join(facts), encoding="utf-8")
    data, _problems = read_data(catalogue, data_folder)
    frame = compute_results(
        catalogue, data, Asking(levels=("school",), columns=("value", "status", SHORTFALL))
    ).frame
    found = {}
    for row in frame.iter_rows(named=True):
        number, _x, step = row["place"][1:].partition("x")
        if row["indicator"] == f"i{number}":
            found[int(number), int(step)] = row
    return found


def room(one: Try, direction: int) -> int:
    """By how many at most the part can be moved."""
    part = one.part + (one.more if one.kind in {"sums", "count"} else 0)
    if direction < 0:
        return part
    whole = one.whole + (one.more if one.kind == "sums" else 0)
    return 10**9 if one.kind in {"count", "money"} else whole - part


HALF = Try("share", 5, 0, 40, 1, Fraction(82), "at_least", Fraction(0))
EDGE = Try("share", 300, 0, 2000, 1, Fraction("81.9"), "at_least", Fraction(0))


@pytest.mark.no_cover
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@example(tried=[HALF, EDGE])
@given(tried=st.lists(tries(), min_size=20, max_size=30))
def test_with_so_many_the_target_is_reached_and_with_one_less_not(
    tmp_path_factory: pytest.TempPathFactory, tried: list[Try]
) -> None:
    folder = tmp_path_factory.mktemp("lacking") / "catalogue"
    write(folder, tried)
    first = rows_of(folder, tried, {number: [0] for number in range(len(tried))})
    moved: dict[int, list[int]] = {}
    for number, one in enumerate(tried):
        row = first[number, 0]
        lacking = row[SHORTFALL]
        if row["status"] == "met":
            assert lacking == 0, one
            continue
        assert row["status"] == "missed"
        way = 1 if row["value"] < float(one.target) else -1
        if lacking is None:
            # Nothing that can be had reaches it: at the end of the room it is missed, too.
            moved[number] = [way * room(one, way)] if room(one, way) < 10**6 else []
        else:
            assert lacking >= 1
            assert float(lacking).is_integer()
            assert lacking <= room(one, way), one
            moved[number] = [way * int(lacking), way * (int(lacking) - 1)]
    again = rows_of(folder, tried, moved)
    for number, steps in moved.items():
        one = tried[number]
        if one.comparator in {"exactly", "between"} and len(steps) == 1:
            continue  # the whole may jump over what is wanted
        for step, wanted in zip(steps, ("met", "missed"), strict=False):
            expected = wanted if len(steps) == 2 else "missed"
            assert again[number, step]["status"] == expected, (one, step, again[number, step])


# --- schools ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "formula", ["share_of_schools(yes1)", "share(schools_with(yes1), schools())"]
)
@pytest.mark.parametrize(("said", "answered", "target"), [(3, 7, 60), (0, 5, 100), (9, 20, 47.5)])
def test_of_schools(tmp_path: Path, formula: str, said: int, answered: int, target: float) -> None:
    folder = tmp_path / "catalogue"
    folder.mkdir()
    (folder / "catalogue.yaml").write_text(
        HEAD
        + f'  s: {{title: С, unit: percent, formula: "{formula}", '
        + f"targets: {{2023: {{at_least: {target}}}}}}}\n",
        encoding="utf-8",
    )
    catalogue, _problems = load(folder)
    assert catalogue is not None

    def town(yes: int) -> dict[str, Any]:
        rows = [f"s{number};2023;{'да' if number < yes else 'нет'}\n" for number in range(answered)]
        data_folder = tmp_path / "data"
        data_folder.mkdir(exist_ok=True)
        (data_folder / "facts.csv").write_text(
            "school;year;yes1\n" + "".join(rows) + "silent;2023;\n", encoding="utf-8"
        )
        data, _told = read_data(catalogue, data_folder)
        asking = Asking(levels=("municipality",), columns=("value", "status", SHORTFALL))
        return compute_results(catalogue, data, asking).frame.row(0, named=True)

    lacking = town(said)[SHORTFALL]
    assert lacking >= 1
    assert town(said + int(lacking))["status"] == "met"
    assert town(said + int(lacking) - 1)["status"] == "missed"


def test_forecasts_lack_too_and_nothing_is_written_that_was_not_asked_for(tmp_path: Path) -> None:
    folder = tmp_path / "catalogue"
    folder.mkdir()
    (folder / "catalogue.yaml").write_text(
        HEAD + '  s: {title: С, unit: percent, formula: "share(part, whole)", '
        "targets: {2023: {at_least: 50}}}\n",
        encoding="utf-8",
    )
    catalogue, _problems = load(folder)
    assert catalogue is not None
    (tmp_path / "facts.csv").write_text(
        "school;year;scenario;part;whole\na;2023;fact;6;10\na;2023;forecast;1;10\n", "utf-8"
    )
    data, _told = read_data(catalogue, tmp_path / "facts.csv")
    asking = Asking(levels=("municipality",), columns=("value", SHORTFALL))
    frame = compute_results(catalogue, data, asking).frame
    assert dict(zip(frame["scenario"], frame[SHORTFALL], strict=True)) == {
        "fact": 0,
        "forecast": 4,
    }
    assert SHORTFALL not in compute_results(catalogue, data).frame.columns


@pytest.mark.parametrize(
    ("part", "formula", "target", "lacking"),
    [
        # Of a whole that is wider than all there are, no more can be had than there are.
        ("{within: everybody}", "share(part, whole)", 9, 35),
        ("{within: everybody}", "share(part, whole)", 10, 45),
        ("{within: everybody}", "share(part, whole)", 11, None),
        ("{within: everybody}", "part", 101, None),
        # What lies between may grow with the part.
        ("{within: more}", "share(part, whole)", 10, 45),
        ("{within: more}", "share(part, whole)", 11, None),
        # Nothing is declared, or the whole bounds it already.
        ("{}", "share(part, whole)", 11, 55),
        ("{within: whole}", "share(part, whole)", 101, None),
        ("{within: whole}", "share(part, whole)", 99, 935),
        # Who has not told how many there are bounds nothing.
        ("{within: unknown}", "share(part, whole)", 11, 55),
    ],
)
def test_no_more_are_lacking_than_there_are(
    tmp_path: Path, part: str, formula: str, target: int, lacking: int | None
) -> None:
    folder, data_folder = tmp_path / "catalogue", tmp_path / "data"
    folder.mkdir()
    data_folder.mkdir()
    (folder / "catalogue.yaml").write_text(
        "catalogue: {id: town, title: Т, levels: [school, municipality], years: [2023]}\n"
        "inputs:\n"
        f"  part: {{title: Ч, unit: person, {part.strip('{}')}}}\n"
        "  more: {title: Ещё, unit: person, within: everybody}\n"
        "  everybody: {title: Все, unit: person}\n"
        "  unknown: {title: Неизвестно, unit: person}\n"
        "  whole: {title: Ц, unit: person}\n"
        "indicators:\n"
        f"  s: {{title: С, unit: {'person' if formula == 'part' else 'percent'}, decimals: 0, "
        f'formula: "{formula}", targets: {{2023: {{at_least: {target}}}}}}}\n',
        encoding="utf-8",
    )
    catalogue, problems = load(folder)
    assert catalogue is not None, problems
    (data_folder / "facts.csv").write_text(
        "school;year;part;more;everybody;unknown;whole\na;2023;50;60;100;;1000\n", encoding="utf-8"
    )
    data, _told = read_data(catalogue, data_folder)
    asking = Asking(levels=("municipality",), columns=("value", "status", SHORTFALL))
    row = compute_results(catalogue, data, asking).frame.row(0, named=True)
    assert row["status"] == "missed"
    assert row[SHORTFALL] == lacking
