"""Charts: what is drawn, the same in words, the same bytes always, and what is refused."""

from __future__ import annotations

import io
import itertools
import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from engine.catalogue.model import Catalogue
from engine.problems import Problem
from engine.reports.charts import draw, find_spec, finish, read_spec
from engine.reports.page_charts import make_point
from engine.reports.pages import Chart
from engine.reports.render import open_report
from engine.reports.strangers import chart_process as easel
from engine.reports.strangers.chart_process import ChartProcess
from engine.reports.strangers.messages import DONE, FAILED, PAGE, receive, send
from engine.reports.templates import TemplateError, shipped_folder
from engine.translation import use_language
from engine.typography import set_type
from tests.small_town import CATALOGUE, DATE, RESULTS, YEARS, FakeData, frame, rendered

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = sorted((shipped_folder() / "charts").glob("*.vl.json"))
POINT = {"year": "2023", "fact": 5.0, "target": 6.0, "top": 6.0, "label": "5", "incomplete": False}


def charts(catalogue: Catalogue = CATALOGUE, rows: Any = None) -> Any:
    results = frame() if rows is None else frame(rows)
    return open_report(catalogue, FakeData(), results, years=YEARS, date=DATE).context()["charts"]


def chart(*key: str) -> Chart:
    with use_language("ru"):
        found = charts()[key[0] if len(key) == 1 else key]
    assert found is not None
    return found


def own(folder: Path, name: str, spec: Any) -> Catalogue:
    """The small town with a spec of its own."""
    path = folder / "templates" / "charts" / f"{name}.vl.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(spec if isinstance(spec, str) else json.dumps(spec), "utf-8")
    return replace(CATALOGUE, folder=folder)


def refused(catalogue: Catalogue, name: str = "diagnosed") -> Problem:
    with pytest.raises(TemplateError) as caught, use_language("ru"):
        charts(catalogue)[name]
    return caught.value.problem


# --- what is drawn -------------------------------------------------------------------------------


def test_a_chart_says_in_words_what_it_shows() -> None:
    found = chart("diagnosed")
    assert found.words.replace("\u00a0", " ") == (
        "2022 год: 81,0 %, цель не менее 80,0, достигнуто; "
        "2023 год: 81,9 % (предварительно, 17 из 18), цель не менее 82,0, не достигнуто"
    )
    assert found.title == "Факт и цель по годам: Доля прошедших диагностику"
    assert found.svg.startswith('<svg role="img" aria-label="Факт и цель по годам: Доля')
    assert set_type(found.words) in found.svg
    assert re.findall(r">([^<>]+)</text>", found.svg) == ["2022", "2023", "81,0", "81,9"]


@pytest.mark.parametrize(
    ("fact", "target", "target_to"),
    [(5.9, 6.0, None), (0.1, 6.0, None), (6.0, 6.0, None), (9.0, 6.0, None), (5.0, 4.0, 5.1)],
)
def test_the_number_stands_below_the_axis_and_never_on_a_target(
    fact: float, target: float, target_to: float | None
) -> None:
    (path,) = SHIPPED
    point = {**POINT, "fact": fact, "target": target, "target_to": target_to, "label": "факт"}
    drawn = draw(read_spec(path), [point], path)
    (number,) = re.findall(r"translate\([\d.]+,([\d.]+)\)\"[^>]*>факт</text>", drawn)
    bars = re.findall(r'd="M[\d.]+,(-?[\d.]+)h[\d.]+v(-?[\d.]+)h', drawn)
    assert len(bars) >= 2 + (target_to is not None)
    lowest = max(float(top) + max(0.0, float(height)) for top, height in bars)
    assert float(number) - 12 >= lowest  # the letters are 12 high and stand on their line


@pytest.mark.parametrize(
    ("facts", "axis"), [((1.0, 3.0), 108.5), ((-2.5,), 0.5), ((-3.0, 1.0), 27.5), ((0.0,), 108.5)]
)
def test_bars_below_zero_hang_from_the_axis(facts: tuple[float, ...], axis: float) -> None:
    (path,) = SHIPPED
    empty = {**POINT, "target": None, "target_to": None}
    points = [{**empty, "year": str(2021 + at), "fact": fact} for at, fact in enumerate(facts)]
    drawn = draw(read_spec(path), points, path)
    line = re.search(r'translate\([\d.]+,([\d.]+)\)"><g><g><text', drawn)
    assert line is not None, drawn
    assert float(line[1]) == axis
    years = re.findall(r'translate\([\d.]+,(-?[\d.]+)\)"[^>]*>20\d\d</text>', drawn)
    # Wherever the axis is, the years stand in one line at the bottom.
    assert {float(at) + axis for at in years} == {138.5}


def _list_boxes(drawn: str) -> list[tuple[float, float, float, float]]:
    """Left, right, top and bottom of each text of a chart whose axis is at the bottom, as Arial prints it."""
    text = re.compile(
        r'text-anchor="(\w+)" transform="translate\(([\d.]+),([\d.]+)\)( rotate\(270\)[^"]*)?"[^>]*'
        r'font-size="(\d+)px"[^>]*>([^<]+)</text>'
    )
    boxes = []
    for anchor, left, top, turned, size, word in text.findall(drawn):
        at, line, height = float(left), float(top) + (108.5 if size == "11" else 0), float(size)
        width = len(word) * 0.556 * height
        assert anchor == ("end" if turned else "middle")
        boxes.append(
            (at - height / 2, at + height / 2, line, line + width)
            if turned
            else (at - width / 2, at + width / 2, line - height, line)
        )
    return boxes


def test_neither_many_years_nor_long_numbers_run_into_each_other() -> None:
    (path,) = SHIPPED
    spec = read_spec(path)
    cases = itertools.product((3, 7, 10), ("81,9", "1\u00a0234\u00a0567,8"), ("", "–2030"))
    for count, label, ending in (*cases, (15, "1\u00a0234", "")):
        years = [f"{2010 + at}{ending}" for at in range(count)]
        drawn = draw(spec, [{**POINT, "year": year, "label": label} for year in years], path)
        boxes = _list_boxes(drawn)
        assert len(boxes) == 2 * count
        size = re.match(r'<svg width="([\d.]+)" height="([\d.]+)"', drawn)
        assert size is not None
        assert max(box[1] for box in boxes) + 4 <= float(size[1])
        assert max(box[3] for box in boxes) + 6 <= float(size[2])
        for (left, right, top, bottom), other in itertools.combinations(boxes, 2):
            beside = right <= other[0] or other[1] <= left
            assert beside or bottom <= other[2] or other[3] <= top, (count, label, ending)
    assert "rotate" not in draw(spec, [{**POINT, "year": str(year)} for year in range(3)], path)


def test_what_rests_on_incomplete_data_is_drawn_otherwise_than_by_colour_alone() -> None:
    bars = re.findall(
        r'<path d="[^"]*" fill="(#\w+)" stroke="[^"]*"[^>]*dasharray="([^"]*)"',
        chart("diagnosed").svg,
    )
    assert bars == [("#2f6699", "1,0"), ("#c9dbec", "3,2")]


def test_a_forecast_and_a_gap_are_told() -> None:
    found = chart("lonely")
    assert "2023 год: сдали не все, прогноз 46" in found.words
    assert "прогноз 46" in found.svg.partition(">")[2]


def test_there_is_no_chart_of_words_or_of_a_yes() -> None:
    found = charts()
    assert found["partners"] is None
    assert found["copp.signed"] is None
    with pytest.raises(KeyError):
        found["nobody"]


def test_a_value_that_may_not_be_shown_is_not_drawn() -> None:
    rows = [
        row | {"value": None, "raw": None, "reason": "suppressed"}
        if row["indicator"] == "diagnosed" and row["year"] == 2023
        else row
        for row in RESULTS
    ]
    with use_language("ru"):
        found = charts(rows=rows)["diagnosed"]
    assert "81,9" not in found.svg
    assert "скр." in found.svg
    assert "2023 год: не публикуется" in found.words


def test_the_same_table_is_the_same_bytes_whatever_was_drawn_before() -> None:
    one = chart("diagnosed").svg
    spec = read_spec(SHIPPED[0])
    draw(spec, [POINT], SHIPPED[0])
    assert chart("diagnosed").svg == one


def test_charts_of_other_places_are_named() -> None:
    assert chart("diagnosed", "town").svg == chart("diagnosed").svg
    assert charts()["diagnosed", "nowhere"] is None


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_shipped_specs_have_no_data_and_say_what_they_are(path: Path) -> None:
    spec = json.loads(path.read_text("utf-8"))
    assert spec["data"] == {"name": "years"}
    assert spec["description"]
    assert draw(read_spec(path), [], path).startswith("<svg ")


# --- a catalogue's own ---------------------------------------------------------------------------

SIMPLE = {
    "data": {"name": "years"},
    "mark": "bar",
    "encoding": {
        "x": {"field": "year", "type": "ordinal", "title": '<script>&"год"'},
        "y": {"field": "fact", "type": "quantitative"},
    },
}


def test_a_catalogue_draws_an_indicator_its_own_way(tmp_path: Path) -> None:
    catalogue = own(tmp_path, "diagnosed", SIMPLE)
    with use_language("ru"):
        found = charts(catalogue)
        mine, usual = found["diagnosed"], found["spread"]
    assert "&lt;script&gt;" in mine.svg
    assert "<script" not in mine.svg
    assert "7,46" in usual.svg
    assert 'font-family="Liberation Sans, Arial, sans-serif"' in mine.svg


def test_a_spec_is_chosen_by_its_name(tmp_path: Path) -> None:
    catalogue = own(tmp_path, "plain", SIMPLE)
    with use_language("ru"):
        found = charts(catalogue)
        assert found["diagnosed", "town", "plain"].svg != found["diagnosed"].svg
        with pytest.raises(KeyError):
            found["diagnosed", "town", "../plain"]
    assert find_spec("../charts/fact_and_target", [shipped_folder()]) is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"data": {"url": "https://example.com/x.csv"}}, "chart-outside"),
        ({"data": {"url": "data.csv"}}, "chart-outside"),
        ({"mark": {"type": "image"}}, "chart-outside"),
        ({"mark": "image"}, "chart-outside"),
        ({"encoding": {"href": {"value": "javascript:alert(1)"}}}, "chart-outside"),
        ({"data": {"sequence": {"start": 0, "stop": 1e12}}}, "chart-outside"),
        ({"mark": "nothing of the kind"}, "chart-failed"),
    ],
)
def test_a_spec_that_leads_outside_is_refused(
    tmp_path: Path, change: dict[str, Any], code: str
) -> None:
    problem = refused(own(tmp_path, "diagnosed", json.dumps(SIMPLE | change, indent=1)))
    assert problem.code == code
    assert problem.position is not None
    assert problem.position.file.endswith("diagnosed.vl.json")
    if code == "chart-outside":
        assert problem.position.line > 1


@pytest.mark.parametrize("text", ["{", "[]", '{"mark": "bar",}', "[" * 100_000])
def test_what_is_no_spec_is_told(tmp_path: Path, text: str) -> None:
    assert refused(own(tmp_path, "diagnosed", text)).code == "chart-syntax"


def test_a_spec_that_takes_too_much_ends_alone(tmp_path: Path) -> None:
    greedy = SIMPLE | {"transform": [{"calculate": "length(sequence(0, 1e9))", "as": "a"}]}
    path = own(tmp_path, "diagnosed", greedy).folder / "templates/charts/diagnosed.vl.json"
    with pytest.raises(TemplateError) as caught:
        ChartProcess(seconds=20).draw(read_spec(path), [POINT], path)
    assert caught.value.problem.code in {"chart-stopped", "chart-failed"}


@pytest.mark.parametrize(
    "inside",
    [
        '<a href="javascript:alert(1)"><text>x</text></a>',
        '<image width="1"/>',
        "<foreignObject><p>x</p></foreignObject>",
        '<g onclick="alert(1)"></g>',
        '<g style="fill: url(https://example.com)"></g>',
    ],
)
def test_a_drawing_that_points_outside_is_refused(inside: str) -> None:
    head = '<svg xmlns="x" class="marks" width="10" height="10" viewBox="0 0 10 10">'
    with pytest.raises(TemplateError):
        finish(f"{head}{inside}</svg>", Path("x.vl.json"))


def test_ids_of_a_drawing_are_counted_anew() -> None:
    head = '<svg width="10" height="10" viewBox="0 0 10 10">'
    inside = '<defs><clipPath id="clip17"></clipPath></defs><g clip-path="url(#clip17)"></g></svg>'
    found = finish(head + inside, Path("x.vl.json"))
    assert 'id="part-1"' in found
    assert 'clip-path="url(#part-1)"' in found


def test_a_strangers_template_is_handed_charts(tmp_path: Path) -> None:
    path = tmp_path / "mine.html.j2"
    path.write_text("{{ charts['diagnosed'].svg }}{{ charts['partners'] is none }}", "utf-8")
    page = rendered(str(path))
    assert page.startswith('<svg role="img"')
    assert page.endswith("True")


def test_the_table_of_a_chart_is_documented() -> None:
    text = (ROOT / "docs" / "templates.md").read_text("utf-8")
    chapter = text.partition("\n## Диаграммы\n")[2].partition("\n## ")[0]
    cells = re.findall(r"^\|([^|]*)\|", chapter, re.MULTILINE)
    documented = {word for cell in cells for word in re.findall(r"`(\w+)`", cell)}
    assert documented == set(make_point(2023, None, None, "calendar_year"))


def test_the_process_draws_what_comes_until_nothing_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Served in this process: a chart, a spec that cannot be drawn, and the first once more."""
    source, goal = io.BytesIO(), io.BytesIO()
    path = SHIPPED[0]
    spec = read_spec(path)
    for asked in (spec, "[]", spec):
        send(source, PAGE, json.dumps(["ru", asked, [POINT], str(path)]).encode())
    source.seek(0)
    limited: list[int] = []
    monkeypatch.setattr(easel, "limit_data", limited.append)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=source))
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=goal))
    easel.draw_requests()
    goal.seek(0)
    (first, drawn), (second, told), third = (receive(goal) for _turn in range(3))
    assert (first, drawn.decode()) == (DONE, draw(spec, [POINT], path))
    assert third == (DONE, drawn)
    assert (second, json.loads(told)["code"]) == (FAILED, "chart-failed")
    assert json.loads(told)["message"].startswith("диаграмму не удаётся нарисовать: ")
    assert limited == [easel.MEMORY]
