"""Paper, styles and tables of the Word templates that ship: what an order of a department looks like.

Everything is what a person sees in Word: tags are words of the text, styles have names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from engine.reports.documents import pack_again

FONT = "Times New Roman"
TEXT, HEAD, NUMBER, SECTION, TAG, SMALL = (
    *("Таблица: текст", "Таблица: шапка", "Таблица: число", "Таблица: раздел"),
    *("Таблица: служебная строка", "Примечание"),
)
"""Styles of the templates beside those of Word itself; what stands in a tag's row is not printed."""
FILLED = "D9D9D9"
_SIDES = ("top", "left", "bottom", "right")
_PAGE, _LONG = Cm(21.0), Cm(29.7)
_SIDE, _BINDING, _TOP = Cm(1.5), Cm(2.5), Cm(2.0)
_FOOTER = (
    "Каталог {{ catalogue.id }}, версия {{ catalogue.version }} · данные {{ data_hash }} · "
    "pokazatel {{ engine_version }} · {{ date|date }} · стр. "
)


@dataclass(frozen=True)
class Cell:
    """A cell of a table: its paragraphs, how many columns it spans, whether it goes on from above."""

    text: str = ""
    style: str = TEXT
    span: int = 1
    below: bool = False
    """Whether it is the same cell as the one above it."""
    heads: bool = False
    """Whether the cell below it is the same."""


def paper(title: str, comment: str, *, landscape: bool = False) -> Any:
    """An empty document of A4: its styles, its header with the notice, its footer."""
    document = Document()
    body = document.element.body
    for old in list(body)[:-1]:
        body.remove(old)
    package = document.part.package
    for name, relation in list(package.rels.items()):
        if relation.reltype.endswith("/thumbnail"):
            del package.rels[name]
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (_LONG, _PAGE) if landscape else (_PAGE, _LONG)
    section.top_margin = section.bottom_margin = _TOP
    # A paper is bound at its left side, a table across at its upper one.
    section.left_margin = _SIDE if landscape else _BINDING
    section.right_margin = _SIDE
    section.header_distance = section.footer_distance = Cm(0.9)
    _make_styles(document)
    header = section.header.paragraphs[0]
    header.text = "{{ notice }}"
    header.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    footer = section.footer.paragraphs[0]
    footer.text = _FOOTER
    _add_field(footer, "PAGE")
    footer.add_run(" из ")
    _add_field(footer, "NUMPAGES")
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    known = document.core_properties
    known.title, known.comments = title, comment
    known.author = known.last_modified_by = known.keywords = ""
    known.created = known.modified = datetime(2000, 1, 1)  # noqa: DTZ001 - Word knows no zones
    return document


def save(document: Any) -> bytes:
    """The file, the same bytes whenever it is made."""
    written = BytesIO()
    document.save(written)
    return pack_again(written)


# --- styles ------------------------------------------------------------------------------------


def _make_styles(document: Any) -> None:
    styles = document.styles
    _dress(styles["Normal"], 12)
    spacing = styles["Normal"].paragraph_format
    spacing.space_after, spacing.line_spacing = Pt(4), 1.0
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "ru-RU")
    styles["Normal"].element.get_or_add_rPr().append(language)
    for name, size in (("Title", 14), ("Subtitle", 12), ("Heading 1", 13), ("Heading 2", 12)):
        style = styles[name]
        _dress(style, size, bold=name != "Subtitle")
        border = style.element.find(f"{qn('w:pPr')}/{qn('w:pBdr')}")
        if border is not None:
            border.getparent().remove(border)
        spacing = style.element.find(f"{qn('w:rPr')}/{qn('w:spacing')}")
        if spacing is not None:
            spacing.getparent().remove(spacing)
        style.font.italic = False
        style.paragraph_format.keep_with_next = True
        style.paragraph_format.space_before = Pt(0 if "itle" in name else 10)
        style.paragraph_format.space_after = Pt(6 if "itle" in name else 4)
        if "itle" in name:
            style.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for name in ("Header", "Footer"):
        _dress(styles[name], 8)
    for name in ("List Bullet", "List Number"):
        _dress(styles[name], 12)
    for name, size, bold, side in (
        (TEXT, 9, False, WD_ALIGN_PARAGRAPH.LEFT),
        (HEAD, 9, True, WD_ALIGN_PARAGRAPH.CENTER),
        (NUMBER, 9, False, WD_ALIGN_PARAGRAPH.CENTER),
        (SECTION, 9, True, WD_ALIGN_PARAGRAPH.LEFT),
        (TAG, 7, False, WD_ALIGN_PARAGRAPH.LEFT),
        (SMALL, 10, False, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = styles["Normal"]
        _dress(style, size, bold=bold)
        style.paragraph_format.space_after = Pt(2 if name == SMALL else 0)
        style.paragraph_format.alignment = side
        style.paragraph_format.keep_with_next = name in {HEAD, SECTION}
    styles[TAG].font.color.rgb = RGBColor(0x60, 0x60, 0x60)


def _dress(style: Any, size: float, *, bold: bool = False) -> None:
    style.font.size, style.font.bold = Pt(size), bold
    style.font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    for name in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(name), FONT)


# --- text --------------------------------------------------------------------------------------


def write(document: Any, *paragraphs: str, style: str = "Normal") -> None:
    """Paragraphs of a style, in order."""
    for text in paragraphs:
        document.add_paragraph(text, style=style)


def write_plain(document: Any, *paragraphs: str, keep: bool = False) -> None:
    """Paragraphs of an official paper: from edge to edge, the first line set in.

    `keep`: on the page of what follows, as is one that ends with a colon.
    """
    for text in paragraphs:
        made = document.add_paragraph(text)
        if not text.startswith("{%p"):
            made.paragraph_format.first_line_indent = Cm(1.25)
            made.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
            if keep or text.endswith(":"):
                made.paragraph_format.keep_with_next = True


def _add_field(paragraph: Any, code: str) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)  # noqa: SLF001 - the library has no fields


# --- tables ------------------------------------------------------------------------------------


def tag(text: str) -> tuple[Cell, ...]:
    """A row that is a tag alone: from where rows repeat, or until where."""
    return (Cell(text, TAG, span=0),)


def add_table(
    document: Any, widths: Sequence[float], heads: int, rows: Sequence[Sequence[Cell]]
) -> None:
    """A table with a frame; the first `heads` rows are repeated on each page. Widths are in cm.

    A cell whose span is 0 takes the whole row.
    """
    table = document.add_table(rows=0, cols=len(widths))
    table.style = "Table Grid"
    table.autofit = False
    columns = table._tbl.tblGrid.findall(qn("w:gridCol"))  # noqa: SLF001 - it has no other way
    for column, width in zip(columns, widths, strict=True):
        column.set(qn("w:w"), str(Cm(width).twips))
    for number, cells in enumerate(rows):
        row = _add_row(table._tbl, widths, cells)  # noqa: SLF001
        properties = row.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if number < heads:
            properties.append(OxmlElement("w:tblHeader"))
    margin = OxmlElement("w:tblCellMar")
    for side in _SIDES:
        edge = OxmlElement(f"w:{side}")
        edge.set(qn("w:w"), "57" if side in {"left", "right"} else "28")
        edge.set(qn("w:type"), "dxa")
        margin.append(edge)
    look = table._tbl.tblPr.find(qn("w:tblLook"))  # noqa: SLF001
    look.addprevious(margin)


def _add_row(table: Any, widths: Sequence[float], cells: Sequence[Cell]) -> Any:
    row = OxmlElement("w:tr")
    table.append(row)
    at = 0
    for cell in cells:
        span = cell.span or len(widths)
        made = OxmlElement("w:tc")
        row.append(made)
        properties = OxmlElement("w:tcPr")
        made.append(properties)
        width = OxmlElement("w:tcW")
        width.set(qn("w:w"), str(Cm(sum(widths[at : at + span])).twips))
        width.set(qn("w:type"), "dxa")
        properties.append(width)
        if span > 1:
            _add(properties, "w:gridSpan", str(span))
        if cell.heads or cell.below:
            _add(properties, "w:vMerge", "restart" if cell.heads else "continue")
        if cell.style == SECTION:
            filled = OxmlElement("w:shd")
            for name, value in (("val", "clear"), ("color", "auto"), ("fill", FILLED)):
                filled.set(qn(f"w:{name}"), value)
            properties.append(filled)
        if cell.style == HEAD:
            _add(properties, "w:vAlign", "center")
        for text in cell.text.split("\n"):
            paragraph = OxmlElement("w:p")
            made.append(paragraph)
            _write_in(paragraph, text, cell.style, table)
        at += span
    if at != len(widths):
        message = f"a row of {at} columns in a table of {len(widths)}: {cells[0].text!r}"
        raise ValueError(message)
    return row


def _write_in(paragraph: Any, text: str, style: str, table: Any) -> None:
    made = Paragraph(paragraph, table.getparent())
    made.add_run(text)
    paragraph.get_or_add_pPr().get_or_add_pStyle().set(qn("w:val"), style_id(style))


def style_id(style: str) -> str:
    """How a paragraph names a style that `add_style` made: its name without what may not stand."""
    return style.replace(" ", "")


def _add(properties: Any, name: str, value: str) -> None:
    made = OxmlElement(name)
    made.set(qn("w:val"), value)
    properties.append(made)
