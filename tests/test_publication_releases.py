"""Two releases: a reader who subtracts one from the other tells nothing that either hides."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from engine.catalogue.load import load
from engine.catalogue.model import Catalogue
from engine.data import read_data
from engine.data.register import read_lineage
from engine.evaluation.asking import COLUMNS, Asking, Results
from engine.evaluation.evaluate import compute_results
from engine.problems import has_errors
from engine.publication.audience import SUPPRESSED, publish
from engine.publication.printed_cells import read_printed_cells
from engine.publication.releases import Release, ReleasedCell, list_release, read_list
from tests.reader import Fact, Name, Page, conclude, find_range, read_page
from tests.test_publication_reader import BELOW, FAR, ORDER, build_town, printed

YEARS = (2022, 2023)


@dataclass(frozen=True)
class Edition:
    """One publication: what is true, and what is printed of it."""

    truth: Mapping[Name, Any]
    page: Page
    shown: pl.DataFrame


def make_edition(catalogue: Catalogue, data: Path, releases: tuple[Release, ...]) -> Edition:
    read, _problems = read_data(catalogue, data)
    asking = Asking(YEARS, inputs=True, columns=COLUMNS)
    results = compute_results(catalogue, read, asking)
    shown = publish(catalogue, results.frame, releases=releases).results
    page = read_page(printed(catalogue, Results((shown,), (), {}), shown))
    # Who reports here reports everything, so that every row is of the same schools.
    page.full |= set(page.known)
    keys = ["indicator", "level", "place", "year", "scenario"]
    truth = {row[:5]: row[5] for row in results.frame.select(*keys, "value").iter_rows()}
    return Edition(truth, page, shown)


def write_release(catalogue: Catalogue, shown: pl.DataFrame) -> Release:
    """The list of a publication, as it is read back."""
    listed = read_printed_cells(shown.to_dict(as_series=False), shown.height)
    cells = {
        **{
            cell: ReleasedCell(str(value), listed.reported.get(cell))
            for cell, value in listed.values.items()
        },
        **{
            cell: ReleasedCell(None)
            for cell, reason in listed.nothing.items()
            if reason == SUPPRESSED
        },
    }
    return read_list(list_release(catalogue.id, cells))


def publish_twice(
    folder: Path,
    seed: int,
    *,
    public: bool,
    known: bool = True,
    corrected: bool = False,
    withdrawn: bool = False,
) -> tuple[Edition, Edition]:
    """A town in which a school reports late, or is corrected, published before and after.

    `known`: the second remembers the first. `withdrawn`: the school withdraws what it reported,
    and the edition without it, which is the later then, stands first nevertheless.
    """
    town = build_town(folder, seed, schools=4, most=14, public=public)
    facts = folder / "data" / "facts.csv"
    whole = facts.read_text("utf-8")
    rows = list(csv.reader(whole.splitlines()))
    late = next(row for row in reversed(rows) if row[1:3] == ["2023", "fact"])
    if corrected:
        other = next(row for row in rows if row[1:3] == ["2023", "fact"] and row is not late)
        early = [[*late[:3], *other[3:]] if row is late else row for row in rows]
    else:
        early = [row for row in rows if row is not late]
    texts = ["\n".join(map(",".join, early)) + "\n", whole]
    editions: list[Edition] = []
    for text in reversed(texts) if withdrawn else texts:
        facts.write_text(text, "utf-8")
        releases = [write_release(town.catalogue, each.shown) for each in editions] if known else []
        editions.append(make_edition(town.catalogue, folder / "data", tuple(releases)))
    first, second = reversed(editions) if withdrawn else editions
    return first, second


# --- the reader of both -----------------------------------------------------------------------------


def earlier(name: Name) -> Name:
    return (name[0], name[1], f"before/{name[2]}", *name[3:])


def between(name: Name) -> Name:
    """What the late school brought to a count of the town."""
    return (name[0], name[1], f"late/{name[2]}", *name[3:])


def combine(first: Page, second: Page, *, corrected: bool) -> list[Fact]:
    """All that the two pages say together to who knows which school came late, or was corrected."""
    facts = conclude(ORDER, second)
    facts += [
        Fact(tuple((earlier(name), by) for name, by in fact.terms), fact.rest, fact.strict)
        for fact in conclude(ORDER, first)
    ]
    names = sorted(
        name
        for name in {*first.known, *first.hidden} & {*second.known, *second.hidden}
        if name[0] in ORDER.counts
    )
    known = {earlier(name): value for name, value in first.known.items()} | second.known
    moved = {
        name[1:]
        for name in names
        if first.known.get(name, second.known.get(name)) != second.known.get(name)
    }
    for name in names:
        terms = {name: 1, earlier(name): -1}
        if corrected and name[1:] in moved:
            continue  # more or less: nothing is known of it
        if name[1] == "municipality" and name[3:] == (2023, "fact"):
            terms[between(name)] = -1
        facts += _equal(terms, known)
    for name in names if not corrected else ():
        if name[1] == "municipality" and name[3:] == (2023, "fact"):
            for parts, whole, together in ORDER.inside:
                if name[0] == whole:
                    low = [between((part, *name[1:])) for part in parts]
                    if together:
                        facts += _equal({between(name): 1, **dict.fromkeys(low, -1)}, known)
                    else:
                        facts += [_sum({between(name): 1, part: -1}, known) for part in low]
    return [fact for fact in facts if fact.terms]


def _equal(terms: Mapping[Name, int], known: Mapping[Name, Fraction]) -> Iterator[Fact]:
    for sign in (1, -1):
        yield _sum({name: by * sign for name, by in terms.items()}, known)


def _sum(terms: Mapping[Name, int], known: Mapping[Name, Fraction]) -> Fact:
    left = {name: Fraction(by) for name, by in terms.items() if name not in known}
    rest = sum((by * known[name] for name, by in terms.items() if name in known), Fraction())
    return Fact(tuple(sorted(left.items())), rest, strict=False)


def told(
    first: Edition, second: Edition, *, corrected: bool = False
) -> list[tuple[Name, tuple[int, int]]]:
    """The hidden counts of either page, and small ones of the late school, told too closely."""
    facts = combine(first.page, second.page, corrected=corrected)
    names = [name for name in sorted(second.page.hidden) if name[0] in ORDER.counts]
    # What was hidden for the sake of another, and has not changed, may be printed now.
    names += [
        earlier(name)
        for name in sorted(first.page.hidden)
        if name[0] in ORDER.counts and second.page.known.get(name) != first.truth[name]
    ]
    for name in sorted({*first.page.hidden, *first.page.known}) if not corrected else ():
        if name[0] in ORDER.counts and name[1] == "municipality" and name[3:] == (2023, "fact"):
            brought = (second.truth[name] or 0) - (first.truth[name] or 0)
            if brought < BELOW and name[0] != "halls":
                names.append(between(name))
    close = []
    for name in names:
        bounds = find_range(facts, name, FAR)
        assert bounds is not None, name
        if bounds[1] - bounds[0] < BELOW:
            close.append((name, bounds))
    return close


@pytest.mark.no_cover
@pytest.mark.parametrize("seed", range(500, 503))
def test_two_releases_of_a_town_give_nothing_away(tmp_path: Path, seed: int) -> None:
    first, second = publish_twice(tmp_path, seed, public=False)
    assert first.page.hidden
    assert not told(first, second)


@pytest.mark.no_cover
@pytest.mark.parametrize("seed", range(600, 601))
def test_two_releases_with_schools_give_nothing_away(tmp_path: Path, seed: int) -> None:
    first, second = publish_twice(tmp_path, seed, public=True)
    assert any(name[1] == "school" for name in second.page.hidden)
    assert not told(first, second)


@pytest.mark.no_cover
@pytest.mark.parametrize(("seed", "public"), [(700, False), (701, False), (702, True)])
def test_a_correction_gives_nothing_away(tmp_path: Path, seed: int, public: bool) -> None:
    first, second = publish_twice(tmp_path, seed, public=public, corrected=True)
    assert not told(first, second, corrected=True)


@pytest.mark.parametrize("seed", [501, 504])
def test_a_school_that_withdraws_gives_nothing_away(tmp_path: Path, seed: int) -> None:
    first, second = publish_twice(tmp_path, seed, public=False, withdrawn=True)
    assert not told(first, second)


@pytest.mark.no_cover
def test_the_reader_wins_where_the_first_release_is_forgotten(tmp_path: Path) -> None:
    """Without `--published` two releases tell hidden numbers: the tests above can fail."""
    for number, (seed, withdrawn) in enumerate([(500, False), (501, True), (504, True)]):
        folder = tmp_path / str(number)
        forgotten = publish_twice(folder, seed, public=False, known=False, withdrawn=withdrawn)
        assert told(*forgotten), seed


# --- three schools, number by number -----------------------------------------------------------------

SCHOOLS = """
catalogue: {id: few, title: Город, levels: [school, municipality, region], years: [2023]}
publication: {interpretation: так решено, public_levels: [municipality, region]}
inputs:
  pupils: {title: Ученики, unit: person}
  covered: {title: Охваченные, unit: person, within: pupils}
indicators:
  share: {title: Доля, unit: percent, formula: "share(covered, pupils)"}
"""


def publish_schools(
    folder: Path,
    schools: Mapping[str, tuple[int, int]],
    releases: Sequence[Release] = (),
    text: str = SCHOOLS,
) -> tuple[Catalogue, pl.DataFrame]:
    """What is published of pupils and covered of schools: a1 and a2 lie in a place, b1 in another."""
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    (folder / "catalogue.yaml").write_text(text, "utf-8")
    register = [f"{school},{school},{school[0]},r" for school in ("a1", "a2", "b1")]
    head = "school,title,municipality,region"
    (data / "schools.csv").write_text("\n".join([head, *register, ""]), "utf-8")
    lines = [f"{school},2023,{one},{other}" for school, (one, other) in schools.items()]
    facts = "\n".join(["school,year,pupils,covered", *lines, ""])
    (data / "facts.csv").write_text(facts, "utf-8")
    catalogue, problems = load(folder)
    assert catalogue is not None, problems
    read, problems = read_data(catalogue, data)
    assert not has_errors(problems), problems
    results = compute_results(catalogue, read, Asking((2023,), inputs=True, columns=COLUMNS))
    lineage = read_lineage(catalogue, read, (2023,)).above
    return catalogue, publish(catalogue, results.frame, lineage, releases=releases).results


def list_printed(shown: pl.DataFrame) -> set[tuple[str, str]]:
    """The place and the id of every number that is printed."""
    rows = shown.filter(pl.col("value").is_not_null(), pl.col("level") != "school")
    return set(rows.select("place", "indicator").iter_rows())


def hide_in_release(release: Release, name: str) -> Release:
    """A release that hid a row, for whatever reason."""
    cells = {
        cell: None if cell.id in {name, "share"} else each for cell, each in release.cells.items()
    }
    reported = {cell: each for cell, each in release.reported.items() if cells[cell] is not None}
    return Release(release.catalogue, cells, reported)


def test_who_came_in_between_keeps_the_checks_too(tmp_path: Path) -> None:
    """22 pupils, 18 of them covered, 13 before: so 5 pupils came at least, and 13 to 17 were hidden."""
    before = {"a1": (14, 13), "b1": (50, 20)}
    catalogue, shown = publish_schools(tmp_path, before)
    release = hide_in_release(write_release(catalogue, shown), "pupils")
    _catalogue, now = publish_schools(tmp_path, {**before, "a2": (8, 5)}, [release])
    assert not {("a", "pupils"), ("a", "covered")} <= list_printed(now)
    _catalogue, wide = publish_schools(tmp_path, {**before, "a2": (9, 5)}, [release])
    assert {("a", "pupils"), ("a", "covered")} <= list_printed(wide), "13 to 18: far enough"


def test_a_secret_of_who_came_in_between_is_kept(tmp_path: Path) -> None:
    """Pupils are as many as before, and one more school reports: it has none, none of them covered."""
    text = SCHOOLS.replace("within: pupils", "within: pupils, confidential: yes")
    text = text.replace("решено,", "решено, zeros: shown,")
    before = {"a1": (54, 20), "b1": (50, 30)}
    catalogue, shown = publish_schools(tmp_path, before, text=text)
    assert ("a", "pupils") in list_printed(shown)
    release = write_release(catalogue, shown)
    for pupils, far in ((0, False), (9, True)):
        after = {**before, "a2": (pupils, 0)}
        _catalogue, now = publish_schools(tmp_path, after, [release], text)
        assert (("a", "pupils") in list_printed(now)) == far, pupils


def test_pages_of_one_day_are_read_together(tmp_path: Path) -> None:
    """Of each place a page of its own, beside the region on each, or one list: the same is hidden."""
    before = {"a1": (54, 20), "b1": (50, 3)}
    catalogue, shown = publish_schools(tmp_path, before)
    release = write_release(catalogue, shown)
    pages = [
        Release(
            release.catalogue,
            {cell: each for cell, each in release.cells.items() if cell.place in {place, "r"}},
            {cell: each for cell, each in release.reported.items() if cell.place in {place, "r"}},
        )
        for place in "ab"
    ]
    after = {**before, "a2": (3, 2)}
    whole, parts, both = (
        list_printed(publish_schools(tmp_path, after, releases)[1])
        for releases in ([release], pages, [*pages, release])
    )
    assert ("a", "pupils") not in whole
    assert whole == parts == both
