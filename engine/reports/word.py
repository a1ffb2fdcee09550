"""Word documents: a template filled by docxtpl, the same bytes for the same context everywhere.

Text stays text: no value becomes markup of Word, a field or a tag of the template.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from datetime import date as Date  # noqa: N812 - as everywhere in reports
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

from docxtpl import DocxTemplate
from lxml import etree

from engine.problems import Position, Problem
from engine.reports.environment import plain_text
from engine.reports.template_mistakes import describe_failure
from engine.reports.template_phrases import translate_phrases
from engine.reports.templates import Template, TemplateError, check_size
from engine.reports.word_columns import fit_columns, keep_together, split_by_years
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
_OF_CELL = (
    *("cnfStyle", "tcW", "gridSpan", "hMerge", "vMerge", "tcBorders", "shd", "noWrap", "tcMar"),
    *("textDirection", "tcFitText", "vAlign", "hideMark"),
)
"""The order of the properties of a cell, as the format has it."""
_TEXT = re.compile(r"(<w:t(?: [^>]*)?>)([^<]+)")
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
        """The body as a tree, in which every table has its columns again, as many as fit."""
        tree = etree.fromstring(xml.encode(), _strict())
        for table in list(tree.iter(f"{WORD_NAMESPACE}tbl")):
            for part in split_by_years(table):
                fit_columns(part)
                keep_together(part)
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
