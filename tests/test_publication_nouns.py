"""Publication of scales, sets, parts, conditions and levels: what each of them tells of a hidden number."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from engine.catalogue.load import load
from engine.data import read_data
from engine.data.register import read_lineage
from engine.evaluation.asking import ALL_COLUMNS, Asking
from engine.evaluation.evaluate import compute_results
from engine.problems import has_errors
from engine.publication.audience import SUPPRESSED, publish
from engine.publication.class_bounds import bounds_of_named
from engine.publication.groups import list_members
from engine.publication.printed_cells import PrintedCell
from engine.publication.releases import Release, ReleasedCell, list_release, read_list
from engine.reports.render import open_report
from tests.test_publication_releases import write_release

Page = dict[tuple[str, str], dict[str, Any]]
HEAD = """
catalogue: {id: c, title: Край, levels: [school, municipality, region], years: [2023]}
publication: {ranking: allowed, public_levels: [municipality, region], interpretation: Для проверки}
inputs:
  pupils: {title: Ученики, unit: person}
  few: {title: Победители, unit: person, within: pupils}
"""
PLACES = "school,title,municipality,region\ns0,Ш,m0,r\ns1,Ш,m1,r\ns2,Ш,m2,r\n"
FACTS = "school,year,pupils,few\ns0,2023,46,5\ns1,2023,36,4\ns2,2023,51,11\n"
SHARE = 'indicators:\n  part: {title: Доля, unit: percent, formula: "share(few, pupils)"'


class Region:
    """A catalogue with its data, to be published."""

    def __init__(self, folder: Path, text: str, schools: str = PLACES, *facts: str) -> None:
        folder.mkdir(exist_ok=True)
        (folder / "catalogue.yaml").write_text(text, "utf-8")
        data = folder / "data"
        data.mkdir(exist_ok=True)
        (data / "schools.csv").write_text(schools, "utf-8")
        for number, each in enumerate(facts or (FACTS,)):
            (data / f"facts{number}.csv").write_text(each, "utf-8")
        catalogue, problems = load(folder)
        assert catalogue is not None, problems
        assert not has_errors(problems), problems
        self.catalogue = catalogue
        self.data, problems = read_data(catalogue, data)
        assert not has_errors(problems), problems
        self.asking = Asking(catalogue.years, inputs=True, columns=tuple(ALL_COLUMNS))

    def publish(self, *releases: Release) -> tuple[Page, Release]:
        """The rows of the last year, and the list that the publication carries."""
        results = compute_results(self.catalogue, self.data, self.asking).frame
        basis = compute_results(list_members(self.catalogue), self.data, self.asking).frame
        lineage = read_lineage(self.catalogue, self.data, self.catalogue.years).above
        shown = publish(self.catalogue, results, lineage, basis=basis, releases=releases).results
        page = {
            (row["indicator"], row["place"]): row
            for row in shown.iter_rows(named=True)
            if row["year"] == max(self.catalogue.years)
        }
        return page, write_release(self.catalogue, shown)


def values(page: Page, *names: tuple[str, str]) -> list[float | None]:
    return [page[name]["value"] for name in names]


def list_shown(page: Page) -> list[str]:
    """The municipalities whose winners are printed."""
    return [place for place in ("m0", "m1", "m2") if page["few", place]["value"] is not None]


# --- what is said where no number is --------------------------------------------------------------


def test_that_a_row_has_no_value_tells_of_its_condition(tmp_path: Path) -> None:
    """Where it does not apply the number is below five, and the number is hidden."""
    text = (
        HEAD + SHARE.replace('"share(few, pupils)"', '"only(share(few, pupils), few >= 5)"') + "}"
    )
    page, _release = Region(tmp_path, text).publish()
    assert page["few", "m1"]["reason"] == SUPPRESSED
    assert page["part", "m1"]["reason"] == SUPPRESSED
    assert [page["part", place]["value"] for place in list_shown(page)] in ([10.9], [21.6])


def test_points_between_the_least_and_the_greatest_tell_of_both(tmp_path: Path) -> None:
    scale = """, scale: {unit: percent, linear: [["at(region, min_of(municipality, value))", 0],
    ["at(region, max_of(municipality, value))", 100]]}}"""
    page, _release = Region(tmp_path, HEAD + SHARE + scale).publish()
    assert page["part", "m1"]["reason"] == SUPPRESSED
    shown = [row for (name, _place), row in page.items() if name == "part" and row["value"]]
    assert len(shown) == 2
    assert {row["points"] for row in shown} == {None}


@pytest.mark.no_cover
@pytest.mark.parametrize("rollup", ["mean", "max", "last"])
def test_a_mean_gives_away_the_number_of_the_place_that_is_lacking(
    tmp_path: Path, rollup: str
) -> None:
    text = HEAD.replace("within: pupils", f"type: number, rollup: {rollup}")
    page, _release = Region(tmp_path, text + SHARE + "}").publish()
    assert values(page, ("few", "m1"), ("few", "r")) == [None, None]
    assert page["pupils", "r"]["value"] == 133


def test_rounded_numbers_nearly_add_up(tmp_path: Path) -> None:
    """2,25 and 12,25 and 11,25 are printed as 2,3 and 12,3 and 11,3, their sum as 25,8."""
    text = HEAD.replace("within: pupils", "type: number")
    facts = (
        FACTS.replace("46,5", "46,12.25").replace("36,4", "36,2.25").replace("51,11", "51,11.25")
    )
    page, _release = Region(tmp_path, text + SHARE + "}", PLACES, facts).publish()
    places = ("m0", "m1", "m2", "r")
    assert [page["few", place]["value"] for place in places].count(None) == 2


def test_how_many_were_asked_tells_of_the_condition(tmp_path: Path) -> None:
    """Why nobody won is asked where nobody won."""
    why = "  why: {title: Почему, type: text, asked_if: few == 0}\n"
    facts = FACTS.replace("36,4", "36,0")
    page, _release = Region(tmp_path, HEAD + why + SHARE + "}", PLACES, facts).publish()
    assert page["few", "m1"]["reason"] == SUPPRESSED
    asked = {place: page["why", place]["expected"] for place in ("m0", "m1", "m2", "r")}
    assert asked["m1"] is asked["r"] is None
    assert [asked[place] for place in list_shown(page)] == [0]


# --- levels -----------------------------------------------------------------------------------------


def test_what_places_give_themselves_adds_up_above_them(tmp_path: Path) -> None:
    """4 of 20 are hidden, so another place is; the whole and the third stay."""
    text = HEAD.replace(
        "unit: person, within: pupils", "unit: person, level: [school, municipality]"
    )
    own = "municipality,year,few\nm0,2023,5\nm1,2023,4\nm2,2023,11\n"
    page, _release = Region(tmp_path, text + SHARE + "}", PLACES, FACTS, own).publish()
    hidden = [place for place in ("m0", "m1", "m2", "r") if page["few", place]["value"] is None]
    assert hidden == ["m0", "m1"]


AREAS = "school,title,municipality,region,area\ns0,Ш,m,r,urban\ns1,Ш,m,r,rural\ns2,Ш,m,r,urban\n"
REGISTER = "register: {area: {title: Местность, type: choice, options: {urban: г, rural: с}}}\n"


def test_a_part_above_the_schools_alone_is_guarded_as_any(tmp_path: Path) -> None:
    """One school is in the country: its four are what the whole is more than the town."""
    rows = (
        "  n: {title: Победители, unit: person, formula: few, by: area, levels: [municipality]}\n"
    )
    region = Region(tmp_path, REGISTER + HEAD + SHARE + "}\n" + rows, AREAS, FACTS)
    page, _release = region.publish()
    assert page["n.rural", "m"]["value"] is None
    assert None in values(page, ("n.urban", "m"), ("n", "m"))
    assert None in values(page, ("n.urban", "m"), ("few", "m"))
    results = compute_results(region.catalogue, region.data, region.asking).frame
    report: Any = open_report(region.catalogue, region.data, results, (2023,), audience="public")
    seen = {(row.indicator, row.place): row.value for row in report.context()["rows"]}
    assert seen["n.urban", "m"] == page["n.urban", "m"]["value"]
    alone = publish(region.catalogue, results).results.filter(level="municipality")
    assert set(alone.filter(indicator="n.urban")["reason"]) == {SUPPRESSED}  # who counts is unknown


DISTRICTS = """school,title,district,municipality,region
s0,Ш,d0,m,r
s1,Ш,d1,m,r
s2,Ш,d2,m,r
"""
DISTRICT = HEAD.replace("[school,", "[school, district,").replace(
    "within: pupils", "level: district"
)


@pytest.mark.parametrize(("pupils", "shown"), [(3, False), (30, True)])
def test_a_district_without_its_input_is_out_with_its_schools(
    tmp_path: Path, pupils: int, shown: bool
) -> None:
    """The whole counts all pupils, the sum those of two districts: the third has three."""
    rows = "indicators:\n  n: {title: Вместе, unit: person, formula: few + pupils}\n"
    facts = f"school,year,pupils\ns0,2023,46\ns1,2023,36\ns2,2023,{pupils}\n"
    own = "district,year,few\nd0,2023,15\nd1,2023,14\n"
    page, _release = Region(tmp_path, DISTRICT + rows, DISTRICTS, facts, own).publish()
    beside = values(page, ("n", "m"), ("few", "m"), ("pupils", "m"))
    assert (None not in beside) is shown


def test_a_share_of_none_is_hidden_with_the_number(tmp_path: Path) -> None:
    """0,0 % of 80 are nobody."""
    facts = "school,year,pupils\ns0,2023,46\ns1,2023,36\ns2,2023,30\n"
    own = "district,year,few\nd0,2023,0\nd1,2023,0\n"
    page, _release = Region(tmp_path, DISTRICT + SHARE + "}", DISTRICTS, facts, own).publish()
    assert values(page, ("few", "m"), ("part", "m")) == [None, None]


# --- rows made of rows -----------------------------------------------------------------------------


def test_a_difference_of_large_parts_is_shown_beside_a_small_one(tmp_path: Path) -> None:
    """Pupils of the town less those of the country give nothing away of the four winners."""
    rows = """  n: {title: Победители, unit: person, formula: few, by: area}
  p: {title: Ученики, unit: person, formula: pupils, by: area}
  more: {title: Больше, unit: person, formula: p.urban - p.rural}
  won: {title: Победителей больше, unit: person, formula: n.urban - n.rural}
"""
    schools = AREAS + "s3,Ш,m,r,rural\n"
    facts = FACTS + "s3,2023,40,0\n"
    text = REGISTER + HEAD + SHARE + "}\n" + rows
    page, _release = Region(tmp_path, text, schools, facts).publish()
    assert page["more", "m"]["value"] == 97 - 76
    assert page["n.rural", "m"]["value"] is None
    assert values(page, ("n.urban", "m"), ("won", "m")).count(None) >= 1


def test_a_row_of_one_input_is_shown_where_others_are_lacking(tmp_path: Path) -> None:
    text = HEAD + SHARE + "}\n  won: {title: Победители, unit: person, formula: few}\n"
    schools = PLACES.replace("m1", "m0").replace("m2", "m0")
    facts = FACTS.replace("51,11", ",11").replace("36,4", "36,14")
    page, _release = Region(tmp_path, text, schools, facts).publish()
    assert values(page, ("won", "m0"), ("few", "m0"), ("part", "m0")) == [30, 30, 23.2]


# --- releases ---------------------------------------------------------------------------------------

TOWN = """school,title,municipality,region
s0,Ш,m,r
s1,Ш,m,r
s2,Ш,m,r
s3,Ш,m,r
"""
BOTH = SHARE + "}\n  both: {title: Вместе, unit: person, formula: few + pupils}\n"


def publish_in_turn(folder: Path, text: str, schools: str, *facts: str) -> list[Page]:
    pages, releases = [], list[Release]()
    for number, each in enumerate(facts):
        page, release = Region(folder / str(number), text, schools, each).publish(*releases)
        pages.append(page)
        releases.append(release)
    return pages


def test_rows_of_other_schools_than_before_leave_nobody_alone(tmp_path: Path) -> None:
    """Two schools without pupils had twelve winners; one now has pupils, and the other is left with ten."""
    first = "school,year,pupils,few\ns0,2023,25,\ns1,2023,,2\ns2,2023,33,9\ns3,2023,,10\n"
    then = "school,year,pupils,few\ns0,2023,25,9\ns1,2023,44,2\ns2,2023,33,9\ns3,2023,,10\n"
    before, now = publish_in_turn(tmp_path, HEAD + BOTH, TOWN, first, then)
    assert values(before, ("part", "m"), ("both", "m"), ("few", "m")) == [27.3, 42, 21]
    assert values(now, ("part", "m"), ("both", "m"), ("few", "m")) == [None, None, 30]
    alone, _release = Region(tmp_path / "alone", HEAD + BOTH, TOWN, then).publish()
    assert alone["part", "m"]["value"] == 19.6


def test_a_number_that_as_many_report_as_before_is_known(tmp_path: Path) -> None:
    """Pupils are those of the first page whatever the second hides, so it need not hide them."""
    first = "school,year,pupils,few\ns0,2023,24,\ns1,2023,34,2\ns2,2023,22,11\ns3,2023,12,1\n"
    pages = publish_in_turn(tmp_path, HEAD + BOTH, TOWN, first, first.replace("24,", "24,5"))
    for page, part in zip(pages, (20.6, 20.7), strict=True):
        assert values(page, ("pupils", "m"), ("part", "m")) == [92, part]


def test_what_late_schools_brought_to_a_part_is_guarded(tmp_path: Path) -> None:
    """Ten more winners in all, three of them in the town: a school of three."""
    rows = "  n: {title: Победители, unit: person, formula: few, by: area}\n"
    schools = AREAS + "s3,Ш,m,r,rural\n"
    first = "school,year,pupils,few\ns0,2023,50,20\ns1,2023,50,15\n"
    then = first + "s2,2023,50,3\ns3,2023,50,7\n"
    text = REGISTER + HEAD + SHARE + "}\n" + rows
    before, now = publish_in_turn(tmp_path, text, schools, first, then)
    assert before["few", "m"]["value"] == 35
    assert now["few", "m"]["value"] == 45
    assert values(now, ("n.urban", "m"), ("n.rural", "m")) == [None, None]


def test_a_release_remembers_its_classes(tmp_path: Path) -> None:
    """19 of class “c” was less than 19.15, which 19 alone does not say."""
    scale = """, decimals: 0, scale: {unit: percent, round: 1, classes: {b: {title: б, at_least: 19.2},
    c: {title: в, below: 19.2}}}}"""
    region = Region(tmp_path, HEAD + SHARE + scale)
    cell = PrintedCell("part", "region", "r", 2023, "fact")
    listed = list_release("c", {cell: ReleasedCell("19", 3, "c")})
    release = read_list(listed)
    assert release.classes == {cell: "c"}
    known = bounds_of_named(region.catalogue, "part", 2023, release.classes[cell])
    assert known == (None, Fraction("19.15"))
    assert bounds_of_named(region.catalogue, "part", 2023, "") == (None, None)
