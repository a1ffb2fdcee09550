"""Word documents: a template filled by docxtpl, the same bytes for the same context everywhere.

Text stays text: no value becomes markup of Word, a field or a tag of the template.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date as Date  # noqa: N812 - as everywhere in reports
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

from docxtpl import DocxTemplate
from lxml import etree

from engine.problems import Position, Problem
from engine.reports.environment import plain_text
from engine.reports.template_mistakes import describe_failure
from engine.reports.template_phrases import translate_phrases
from engine.reports.templates import Template, TemplateError, check_size
from engine.reports.word_tags import WORD_NAMESPACE, TagError, arrange_tags, restore_signs
from engine.translation import gettext as _
from engine.typography import set_type

if TYPE_CHECKING:
    from jinja2 import Environment
    from jinja2 import Template as Compiled

_EARLIEST = (1980, 1, 1, 0, 0, 0)  # the first date that a zip file can hold
_LONGEST_PROPERTY = 255  # characters, says the format
_UNPACKED = 64 * 2**20  # bytes that a template may hold
_EXCERPT = 120
_UNNAMED = "<template>"  # how Jinja calls what it was given as a text
_NARROWEST = 0.2  # of a table: what is left to its widest column
_LETTER, _BOLD = 120, 130  # twips that a letter, or digit, of the tables that ship takes at most
_NARROW = frozenset(" \u00a0\u2009\u202f.,:;!()[]")  # signs that take at most 0.6 of a letter
_MARGINS = 114  # twips, of a cell
_LINE = 18  # letters of a line that is not wrapped where a table has room
_OF_CELL = (
    *("cnfStyle", "tcW", "gridSpan", "hMerge", "vMerge", "tcBorders", "shd", "noWrap", "tcMar"),
    *("textDirection", "tcFitText", "vAlign", "hideMark"),
)
"""The order of the properties of a cell, as the format has it."""
_TEXT = re.compile(r"(<w:t(?: [^>]*)?>)([^<]+)")
_WORD_END = re.compile("[ \u2009]|(?<=[-–—])(?![0-9])")
_NUMBER = re.compile(r"\d")
_TAG = re.compile(r"</?\w+:[^>]*>")
"""A tag of the format; what a template compares with < and > is none."""


def write_document(
    template: Template, environment: Environment, context: Mapping[str, Any], most: int | None
) -> bytes:
    """The document of a context, at most so many bytes."""
    content = template.path.read_bytes()
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            size = sum(part.file_size for part in packed.infolist())
            if size > _UNPACKED:
                raise TemplateError(_refuse(template, _("it holds too much")))
            danger = "" if template.shipped else find_danger(packed)
        if danger:
            raise TemplateError(_refuse(template, danger))
        document = _Document(BytesIO(content), template, environment)
        document.init_docx()
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, etree.XMLSyntaxError):
        raise TemplateError(_refuse(template, _("it is not a document of Word"))) from None
    document.render(dict(context), environment, autoescape=True)
    _name_document(document, context)
    written = BytesIO()
    document.save(written)
    page = pack_again(written)
    check_size(template, len(page), most)
    if not template.shipped:
        # Tags may have put together what did not stand in the template.
        with zipfile.ZipFile(BytesIO(page)) as packed:
            danger = find_danger(packed)
        if danger:
            raise TemplateError(_refuse(template, danger))
    return page


def unpack_template(template: Template, environment: Environment) -> Iterator[str]:
    """The title, the body, the headers and the footers of a template, as templates of Jinja."""
    document = _Document(BytesIO(template.path.read_bytes()), template, environment)
    document.init_docx()
    yield document.docx.core_properties.title
    yield document.patch_xml(document.get_xml())
    for kind in (document.HEADER_URI, document.FOOTER_URI):
        for _key, part in document.get_headers_footers(kind):
            yield document.patch_xml(document.get_part_xml(part))


def _refuse(template: Template, reason: str) -> Problem:
    message = _("the template cannot be read: {reason}").format(reason=reason)
    return Problem("template-syntax", message, Position(str(template.path)))


class _Document(DocxTemplate):
    """A document of Word as a template; it keeps the widths of its columns, and says where it fails."""

    def __init__(self, content: BytesIO, template: Template, environment: Environment) -> None:
        super().__init__(content)
        self.template = template
        self.environment = environment

    def patch_xml(self, src_xml: str) -> str:
        """The part as a template of Jinja; its tags may hold any signs, and the quotes of Word."""
        try:
            arranged = arrange_tags(src_xml)
        except TagError as error:
            raise TemplateError(_refuse(self.template, str(error))) from None
        return restore_signs(super().patch_xml(arranged))

    def render_xml_part(
        self, src_xml: str, part: Any, context: dict[str, Any], jinja_env: Any = None
    ) -> str:
        """One part of the document, filled: its body, a header, a footer, its footnotes."""
        del part, jinja_env
        source = re.sub(r"<w:p([ >])", r"\n<w:p\1", src_xml)
        try:
            filled = _compile(self.environment, source).render(context)
        except (Exception, MemoryError) as error:
            raise TemplateError(self._describe(error, source)) from error
        # A line break of a text is one of Word's; the paragraphs here stand in a line again.
        whole: str = self.resolve_listing(re.sub(r"\n<w:p([ >])", r"<w:p\1", filled))
        whole = _TEXT.sub(lambda match: match[1] + set_type(match[2]), whole)
        try:
            etree.fromstring(whole.encode(), _strict())
        except etree.XMLSyntaxError:
            message = _(
                "the filled document is not whole: what begins in a row or a paragraph must end in "
                "one of its own, {example}"
            ).format(example="{%tr for … %} … {%tr endfor %}")
            where = Position(str(self.template.path))
            raise TemplateError(Problem("template-failed", message, where)) from None
        return whole

    def render_properties(self, context: dict[str, Any], jinja_env: Any = None) -> None:
        """Leave the properties of the file to `_name_document`."""

    def fix_tables(self, xml: str) -> Any:
        """The body as a tree, in which every table has its columns again."""
        tree = etree.fromstring(xml.encode(), _strict())
        for table in tree.iter(f"{WORD_NAMESPACE}tbl"):
            _fit_columns(table)
            _keep_together(table)
        for properties in tree.iter(f"{WORD_NAMESPACE}tcPr"):
            # docxtpl joins and shades cells at the wrong place among their properties.
            properties[:] = sorted(properties, key=_place_in_cell)
            _shade(properties)
        return tree

    def _describe(self, error: BaseException, source: str) -> Problem:
        """What went wrong, and beside which words: a document of Word has no lines."""
        problem = describe_failure(error, self.template)
        where = Position(str(self.template.path))
        place = problem.position or where
        if place.file not in {where.file, _UNNAMED}:
            return problem  # a part beside the document has lines of its own
        line = place.line
        lines = source.splitlines()
        text = _TAG.sub("", lines[line - 1]).strip() if line and line <= len(lines) else ""
        if not text:
            return Problem(problem.code, problem.message, where)
        if len(text) > _EXCERPT:
            text = f"{text[:_EXCERPT]}…"
        message = _("{message}; beside “{text}”").format(message=problem.message, text=text)
        return Problem(problem.code, message, where)


@lru_cache(maxsize=8)
def _compile(environment: Environment, source: str) -> Compiled:
    """A part of a template, read once for all the pages that are made by it."""
    return environment.from_string(source)


def _shade(properties: Any) -> None:
    """Give a cell the colour that `{% cellbg %}` names, as Word writes colours; none where it names none."""
    for shading in properties.findall(f"{WORD_NAMESPACE}shd"):
        colour = (shading.get(f"{WORD_NAMESPACE}fill") or "").lstrip("#")
        if colour:
            shading.set(f"{WORD_NAMESPACE}fill", colour)
        else:
            properties.remove(shading)


def _place_in_cell(properties: Any) -> int:
    name = str(properties.tag).removeprefix(WORD_NAMESPACE)
    return _OF_CELL.index(name) if name in _OF_CELL else len(_OF_CELL)


def _strict() -> Any:
    return etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)


# --- columns -----------------------------------------------------------------------------------


def _fit_columns(table: Any) -> None:
    """Give a table the columns that its rows have now; its width stays as it was.

    What was added or left out for years comes from, or goes to, its widest column. That also gives what
    others need to break no word; and to wrap short lines no more, while it has over half of the table.
    What it cannot give comes from all that have more than they need; numbers are broken last.
    """
    grid = table.find(f"{WORD_NAMESPACE}tblGrid")
    if grid is None:
        return
    before = [_number(column.get(f"{WORD_NAMESPACE}w")) for column in grid]
    rows = table.findall(f"{WORD_NAMESPACE}tr")
    if not rows:
        return
    widest_row = max(map(_list_cells, rows), key=lambda cells: (sum(map(_span, cells)), len(cells)))
    widths: list[float] = []
    for cell in widest_row:
        width = cell.find(f"{WORD_NAMESPACE}tcPr/{WORD_NAMESPACE}tcW")
        span = _span(cell)
        each = _number(width.get(f"{WORD_NAMESPACE}w")) if width is not None else 0.0
        widths += [each / span] * span
    if not all(widths):
        widths = [sum(before) / len(widths)] * len(widths)
    total = sum(before) or sum(widths)
    widths = _share(widths, total)
    lines = [_list_lines(rows, column) for column in range(len(widths))]
    words = [[word for line in each for word in _split_words(line)] for each in lines]
    needed = [_measure(each) for each in words]
    widths = _widen(widths, needed, max(_NARROWEST * total, needed[widths.index(max(widths))]))
    wanted = [_measure((text[:_LINE], bold) for text, bold in each) for each in lines]
    widths = _widen(widths, wanted, total / 2)
    widths = _level(widths, needed)
    numbers = [_measure(word for word in each if _NUMBER.search(word[0])) for each in words]
    widths = _level(widths, numbers)
    for column in list(grid):
        grid.remove(column)
    for width in widths:
        etree.SubElement(
            grid, f"{WORD_NAMESPACE}gridCol", {f"{WORD_NAMESPACE}w": str(round(width))}
        )
    for row in rows:
        at = 0
        for cell in _list_cells(row):
            span = _span(cell)
            width = cell.find(f"{WORD_NAMESPACE}tcPr/{WORD_NAMESPACE}tcW")
            if width is not None:
                width.set(f"{WORD_NAMESPACE}w", str(round(sum(widths[at : at + span]))))
                width.set(f"{WORD_NAMESPACE}type", "dxa")
            at += span


def _keep_together(table: Any) -> None:
    """Keep on one page the rows that a joined cell goes through."""
    for row, below in pairwise(table.findall(f"{WORD_NAMESPACE}tr")):
        if all(
            merge.get(f"{WORD_NAMESPACE}val") == "restart"
            for merge in below.iter(f"{WORD_NAMESPACE}vMerge")
        ):
            continue
        for paragraph in row.iter(f"{WORD_NAMESPACE}p"):
            properties = paragraph.find(f"{WORD_NAMESPACE}pPr")
            if properties is None:
                properties = etree.Element(f"{WORD_NAMESPACE}pPr")
                paragraph.insert(0, properties)
            if properties.find(f"{WORD_NAMESPACE}keepNext") is None:
                after_style = int(properties.find(f"{WORD_NAMESPACE}pStyle") is not None)
                properties.insert(after_style, etree.Element(f"{WORD_NAMESPACE}keepNext"))


def _share(widths: list[float], total: float) -> list[float]:
    """The widths, that they come to the total: the widest gives, and all do where it cannot."""
    widest = widths.index(max(widths))
    left = total - sum(widths) + widths[widest]
    if left >= _NARROWEST * total:
        return [left if at == widest else width for at, width in enumerate(widths)]
    rest = sum(widths) - widths[widest]
    scale = (1 - _NARROWEST) * total / rest if rest else 1.0
    return [
        _NARROWEST * total if at == widest else width * scale for at, width in enumerate(widths)
    ]


def _list_lines(rows: list[Any], column: int) -> list[tuple[str, bool]]:
    """The lines that stand in a column alone, as they were written, each with whether it is bold."""
    lines: list[tuple[str, bool]] = []
    for row in rows:
        bold = row.find(f"{WORD_NAMESPACE}trPr/{WORD_NAMESPACE}tblHeader") is not None
        cells = _list_cells(row)
        starts = accumulate(map(_span, cells), initial=0)
        for cell, start in zip(cells, starts, strict=False):
            if start == column and _span(cell) == 1:
                texts = map(_read_paragraph, cell.iter(f"{WORD_NAMESPACE}p"))
                lines += [(line, bold) for text in texts for line in text.split("\n")]
    return lines


def _split_words(line: tuple[str, bool]) -> list[tuple[str, bool]]:
    text, bold = line
    return [(word, bold) for word in _WORD_END.split(text)]


def _list_cells(row: Any) -> list[Any]:
    return list(row.iter(f"{WORD_NAMESPACE}tc"))


def _read_paragraph(paragraph: Any) -> str:
    breaks = {f"{WORD_NAMESPACE}br": "\n", f"{WORD_NAMESPACE}tab": " "}
    nodes = paragraph.iter(f"{WORD_NAMESPACE}t", *breaks)
    return "".join(breaks.get(node.tag) or node.text or "" for node in nodes)


def _measure(texts: Iterable[tuple[str, bool]]) -> float:
    """The twips that the longest of such texts takes in a cell when it is not wrapped."""
    return _MARGINS + max((_measure_text(*text) for text in texts), default=0.0)


def _measure_text(text: str, bold: bool) -> float:
    narrow = sum(sign in _NARROW for sign in text)
    return (_BOLD if bold else _LETTER) * (len(text) - 0.4 * narrow)


def _widen(widths: list[float], needed: list[float], least: float) -> list[float]:
    """The widths, raised to what is needed by what the widest has above `least`."""
    widened, widest = list(widths), widths.index(max(widths))
    for at, need in enumerate(needed):
        given = min(need - widened[at], widened[widest] - least)
        if at != widest and given > 0:
            widened[at] += given
            widened[widest] -= given
    return widened


def _level(widths: list[float], needed: list[float]) -> list[float]:
    """The widths, raised to what is needed by all that have more, each a like part of what it has.

    Where they have too little, each width is raised by a like part of what it lacks.
    """
    lacking = sum(max(0.0, need - width) for width, need in zip(widths, needed, strict=True))
    spare = sum(max(0.0, width - need) for width, need in zip(widths, needed, strict=True))
    if not lacking or not spare:
        return widths
    moved = min(lacking, spare)
    return [
        width + (need - width) * moved / (lacking if need > width else spare)
        for width, need in zip(widths, needed, strict=True)
    ]


def _span(cell: Any) -> int:
    span = cell.find(f"{WORD_NAMESPACE}tcPr/{WORD_NAMESPACE}gridSpan")
    return max(1, int(_number(span.get(f"{WORD_NAMESPACE}val")))) if span is not None else 1


def _number(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0


# --- the file ----------------------------------------------------------------------------------


def _name_document(document: Any, context: Mapping[str, Any]) -> None:
    """Say in the properties what it is and of which date: nothing of who made it, nor when."""
    known = document.docx.core_properties
    day: Date = context["date"]
    known.created = known.modified = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a date
    known.author = known.last_modified_by = ""
    known.comments = ""
    known.revision = 1
    known.title = translate_phrases(known.title)
    about = f"{context['catalogue'].title} — {context['place_titles']}"
    known.subject = plain_text(about)[:_LONGEST_PROPERTY]


def pack_again(written: BytesIO) -> bytes:
    """The same parts in the same order, without the time at which they were packed."""
    page = BytesIO()
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(page, "w") as goal:
        for part in source.infolist():
            named = zipfile.ZipInfo(part.filename, _EARLIEST)
            named.compress_type = zipfile.ZIP_DEFLATED
            named.create_system = 0  # else the system at hand
            goal.writestr(named, source.read(part))
    return page.getvalue()


# --- what a document of a stranger may not hold --------------------------------------------------
# Word acts on what is fetched, run or opened beside the text when the finished report is opened,
# on the computer of whoever gets it.


_XML = (".xml", ".rels")
_DTD = re.compile(rb"<!DOCTYPE", re.IGNORECASE)
_OBJECTS = frozenset({"oleobject", "package", "control", "activexcontrolbinary"})
_MACROS = frozenset({"vbaproject", "wordvbadata", "keymapcustomizations"})
_FETCHING = frozenset(
    {"dde", "ddeauto", "import", "includepicture", "includetext", "link", "database"}
)
"""Instructions of fields that bring something in from elsewhere."""
_LONGEST = 100  # characters of an address in a message
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)


def find_danger(packed: ZipFile) -> str:
    """The first such thing in a document, in words; empty where there is none."""
    for part in packed.infolist():
        name = part.filename.lower()
        if name.rpartition("/")[2].startswith("vbaproject"):
            return _("it holds macros")
        if not name.endswith(_XML):
            continue
        content = packed.read(part)
        # Signs of two bytes each are read as those of one.
        if _DTD.search(content.replace(b"\0", b"")):
            return _("its part “{part}” holds a DTD").format(part=part.filename)
        tree = etree.fromstring(content, _PARSER)
        danger = _look_into(tree)
        if danger:
            return danger
    return ""


def _look_into(tree: Any) -> str:
    """What one part holds; a field is known by the first word of its instruction."""
    started = False
    instruction = ""
    for element in tree.iter("{*}*"):
        name = etree.QName(element).localname
        attributes = {etree.QName(key).localname: str(value) for key, value in element.items()}
        if name == "Relationship":
            danger = _judge(attributes)
        elif (
            name in {"Default", "Override"}
            and "macroenabled" in attributes.get("ContentType", "").lower()
        ):
            danger = _("it holds macros")
        elif name == "altChunk":
            danger = _("it takes in another document")
        else:
            danger = ""
        if danger:
            return danger
        words: list[str] = []
        if name == "fldChar":
            started = attributes.get("fldCharType") == "begin"
            instruction = ""
        elif name == "instrText" and started:
            instruction += element.text or ""
            words = instruction.split(maxsplit=1)
        elif name == "fldSimple":
            words = attributes.get("instr", "").split(maxsplit=1)
        if words and words[0].lower() in _FETCHING:
            return _("it has a field that takes in something from elsewhere: {name}").format(
                name=words[0]
            )
    return ""


def _judge(attributes: dict[str, str]) -> str:
    """What is wrong with what a part is bound to."""
    kind = attributes.get("Type", "").rpartition("/")[2].lower()
    if kind == "hyperlink":
        return ""
    if attributes.get("TargetMode", "").lower() == "external" or kind == "attachedtemplate":
        address = attributes.get("Target", "")
        shown = address if len(address) <= _LONGEST else f"{address[:_LONGEST]}…"
        return _("it takes in something from outside: {address}").format(address=shown)
    if kind in _MACROS:
        return _("it holds macros")
    if kind in _OBJECTS:
        return _("it holds an object of another program")
    if kind == "afchunk":
        return _("it takes in another document")
    return ""
