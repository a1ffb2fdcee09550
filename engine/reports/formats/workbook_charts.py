"""Native charts of a workbook: fact and target by year, drawn from the cells of its results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from engine.reports.environment import print_text
from engine.reports.formats.workbook_cells import Styles
from engine.reports.pages import PageLine
from engine.translation import gettext as _

MOST = 200  # charts of one sheet: Excel opens more slowly with each
_ACROSS, _HIGH = 2, 17  # charts beside each other; rows that one takes
_WIDTH, _HEIGHT = 560, 320  # pixels
_PLOT, _LETTER = 480, 7  # pixels: what the columns share, a letter of their numbers
_LONGEST = 110  # letters of a title
_GRID = {"visible": True, "line": {"color": "#d3d9e0"}}
_NO_FORMULA = str.maketrans("", "", "=!")
_ON_A_PAGE = 2  # rows of charts


@dataclass(frozen=True, slots=True)
class ChartRows:
    """What a chart draws: rows of a sheet, one per year, of an indicator at a place.

    `columns` are those of the year, the value and the target; `letters`: of its longest value.
    """

    sheet: str
    id: str
    title: str
    place: str
    rows: tuple[int, ...]
    columns: tuple[int, int, int]
    letters: int


def draw_charts(
    book: Any, styles: Styles, runs: Sequence[ChartRows], lines: Mapping[str, PageLine], title: str
) -> None:
    """A sheet with a chart for each that has a target; no sheet where there are none."""
    shown = [run for run in runs if run.id in lines][:MOST]
    if not shown:
        return
    sheet = book.add_worksheet(title)
    sheet.write_string(0, 0, _("Fact and target by year"), styles.title)
    several = len({run.place for run in shown}) > 1
    for number, run in enumerate(shown):
        row, column = divmod(number, _ACROSS)
        at = (2 + row * _HIGH, column * 9)
        name = f"{lines[run.id].code} {_cut(run.title)}".strip()
        # A title is taken from a cell behind the chart: as a text it might be taken for a formula.
        sheet.write_string(*at, f"{run.place}: {name}" if several else name, styles.small)
        chart = _draw(book, run, lines[run.id], (title, *at))
        words = _("Fact and target by year: {title}").format(title=_cut(run.title))
        sheet.insert_chart(*at, chart, {"description": words})
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.set_margins(left=0.4, right=0.4)
    sheet.set_print_scale(70)  # with room for offices whose columns are wider
    pages = range(1, 1 + len(shown) // (_ACROSS * _ON_A_PAGE))
    sheet.set_h_pagebreaks([2 + page * _ON_A_PAGE * _HIGH for page in pages])
    sheet.hide_gridlines(2)


def _draw(book: Any, run: ChartRows, line: PageLine, title: tuple[str, int, int]) -> Any:
    year, value, wanted = (_cells(run, column) for column in run.columns)
    turned = {"rotation": -90} if run.letters * _LETTER * len(run.rows) > _PLOT else {}
    chart = book.add_chart({"type": "column"})
    chart.add_series(
        {
            "name": _("Fact"),
            "categories": year,
            "values": value,
            "fill": {"color": "#1c4a78"},
            "gap": 80,
            # At the foot of the column: above it the number would stand on the line of the target.
            "data_labels": {
                "value": True,
                "position": "inside_base",
                "fill": {"color": "#ffffff"},
                "font": {"color": "#1c4a78", "bold": True} | turned,
            },
        }
    )
    target = book.add_chart({"type": "line"})
    target.add_series(
        {
            "name": _("Target"),
            "categories": year,
            "values": wanted,
            # Told from the columns by its shape, not by the colour alone.
            "line": {"color": "#15181c", "width": 2, "dash_type": "dash"},
            "marker": {"type": "long_dash", "size": 12, "border": {"color": "#15181c"}},
        }
    )
    chart.combine(target)
    chart.set_title(
        {
            "name": list(title),
            "name_font": {"size": 10, "bold": True},
            "overlay": False,
        }
    )
    chart.set_y_axis({"min": 0, "name": line.unit.translate(_NO_FORMULA), "major_gridlines": _GRID})
    chart.set_x_axis({"num_format": "0"})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": _WIDTH, "height": _HEIGHT})
    # A filter of the results hides rows, not what is drawn.
    chart.show_hidden_data()
    chart.show_blanks_as("gap")
    return chart


def _cells(run: ChartRows, column: int) -> str | list[Any]:
    """The cells of a run; rows of forecasts may stand between those of facts."""
    first, last = run.rows[0], run.rows[-1]
    if last - first + 1 == len(run.rows):
        return [run.sheet, first, column, last, column]
    name = run.sheet.replace("'", "''")
    cells = [
        f"'{name}'!{xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)}" for row in run.rows
    ]
    return f"=({','.join(cells)})"


def _cut(text: str) -> str:
    shown = str(print_text(" ".join(text.split())))
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1].rsplit(" ", 1)[0] + "…"
