"""How many pages of A4 the papers of both demonstrations take."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.console.main import main
from tests.office import SOFFICE, needs_office
from tests.printing import BROWSER, count_pages, list_sizes, print_paper
from tests.shipped_report import NAMES, ROOT, opened, pressed

pytestmark = pytest.mark.no_cover
MOST = {"summary.html": 3, "note.docx": 5, "school.html": 3, "school.docx": 3}
A4 = {(595, 842), (842, 595), (596, 842)}
FORMS = (
    ("berezniki", "plan_report", 2023),
    ("berezniki", "indicator_report", 2023),
    ("berezniki", "department", 2023),
    ("michurinsk", "monitoring", 2022),
)


def needs(template: str) -> None:
    """Skip where nothing prints papers of this kind."""
    if not (BROWSER if template.endswith(".html") else SOFFICE):
        pytest.skip("neither chromium nor soffice prints it")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("template", MOST)
def test_papers_are_short(name: str, template: str) -> None:
    needs(template)
    places: list[tuple[str, str] | None] = [None]
    if template.startswith("school"):
        # One that answered everything, and the one with the most questions left.
        context = opened(name).context()
        open_questions = {
            each.place: sum(map(len, each.unanswered.values())) for each in context["reporters"]
        }
        worst = max(open_questions, key=lambda place: open_questions[place])
        places = [("school", "school-01"), ("school", worst)]
    for place in places:
        file = "-".join(("printed", name, *(place or ()), template))
        pages = count_pages(file, pressed(name, template, place))
        assert 1 <= pages <= MOST[template], (place, pages)


@needs_office
@pytest.mark.parametrize(("name", "form", "year"), FORMS)
def test_forms_are_short(name: str, form: str, year: int, tmp_path: Path) -> None:
    data = ROOT / "definitions" / name / "demo"
    done = CliRunner().invoke(
        main, ["form", name, form, "--data", str(data), "--year", str(year), "-o", str(tmp_path)]
    )
    assert done.exit_code == 0, done.output
    file = min(tmp_path.glob("*.xlsx"))
    sizes = list_sizes(print_paper("form.xlsx", file.read_bytes()))
    assert 1 <= len(sizes) <= 5
    assert set(sizes) <= A4
