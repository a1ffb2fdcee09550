"""Where templates stand: those that ship, and those a catalogue brings in `templates/`."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path, PurePath
from typing import Literal

from engine.catalogue.model import Catalogue
from engine.files import replace_file
from engine.problems import Position, Problem, suggest_name
from engine.publication.audience import AUDIENCES, Audience
from engine.translation import gettext as _

DOCUMENT = ".docx"
"""How a template ends that is made in Word: it has the ending of what is written by it."""
SUFFIX = ".j2"
TemplateKind = Literal["html", "markdown", "text", "csv", "document", "workbook", "open_data"]
KINDS: dict[str, TemplateKind] = {
    ".html": "html",
    ".htm": "html",
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "text",
    ".csv": "csv",
    DOCUMENT: "document",
}
"""By the ending of what is written. What is none of these is escaped as HTML is: never too little."""
LARGEST = 1_000_000  # bytes; a page of a report is a hundredth of it

BOOK, OPEN_DATA = "book.xlsx", "opendata"
"""What the program lays out itself: named as a template is, with no file to copy or to change."""
_MADE: dict[str, TemplateKind] = {BOOK: "workbook", OPEN_DATA: "open_data"}
_ORDER: tuple[TemplateKind, ...] = (
    "html",
    "document",
    "workbook",
    "markdown",
    "text",
    "csv",
    "open_data",
)
"""Of templates that differ in their kind alone, the first is taken where no kind is asked for."""
_USUAL: dict[TemplateKind, str] = {"document": "note", "workbook": "book", "markdown": "summary"}
"""The template by the kind of the file, where none is named; of other kinds it is `report`."""
RENAMED = {"order_tables": "tables", "order_tables.docx": "tables"}
"""Templates that ship under another name now."""

_PROPERTIES = "docProps/core.xml"
_COMMENTS = re.compile(r"<dc:description>([^<]*)</dc:description>")
_LARGEST = 100_000  # bytes
_PART = re.compile(r"""\{%-?\s*(?:include|import|from|extends)\s+["'](_[^"'/\\]+)["']""")
_DESCRIPTION = re.compile(r"\s*\{#-?\s*(.*?)\s*-?#\}", re.DOTALL)
_AUDIENCE = re.compile(r"^\s*audience:\s*(\w+)\s*$", re.MULTILINE)


class TemplateError(Exception):
    """A template cannot be found or rendered; `problem` says where and why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def check_size(template: Template, size: int, most: int | None) -> None:
    """Refuse a report of more than `most` bytes, if there is a bound."""
    if most is not None and size > most:
        message = _("the report is larger than {size} MB").format(size=most // 2**20)
        raise TemplateError(Problem("template-output", message, Position(str(template.path))))


@dataclass(frozen=True, slots=True)
class Template:
    """A template on disk, or one of those that the program lays out itself.

    `description` is the first line of its first comment (of a document, of the comments among its
    properties). `audience`: for whom alone it is, as a
    line `audience: public` of that comment says; None where it is for whom the command says.
    """

    name: str
    path: Path
    shipped: bool
    description: str
    audience: Audience | None = None

    @property
    def made(self) -> bool:
        """Whether the program lays it out itself: there is no file of it."""
        return self.shipped and self.name in _MADE

    @property
    def ending(self) -> str:
        """The ending of what is written by it: `.html` of `summary.html.j2`."""
        return PurePath(self.name.lower().removesuffix(SUFFIX)).suffix

    @property
    def stem(self) -> str:
        """The name without its kind: `summary` of `summary.html.j2`."""
        return PurePath(self.name.removesuffix(SUFFIX)).stem

    @property
    def kind(self) -> TemplateKind:
        """What is written by it."""
        return _MADE[self.name] if self.made else kind_of(self.ending)


def kind_of(ending: str) -> TemplateKind:
    """What a file of this ending holds; "html" for an ending that is not known."""
    return "workbook" if ending == PurePath(BOOK).suffix else KINDS.get(ending, "html")


def shipped_folder() -> Path:
    """`templates/` of the checkout, or the copy inside the installed package."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent / "templates"


def template_folders(catalogue: Catalogue | None) -> tuple[Path, ...]:
    """The folders in which a name is looked up, in order: the catalogue's own, then what ships."""
    own = (catalogue.folder / "templates",) if catalogue else ()
    return (*own, shipped_folder())


def list_templates(catalogue: Catalogue | None = None) -> tuple[Template, ...]:
    """Every template a report may name, by name; the catalogue's own hide shipped ones.

    A name that starts with `_` is a part of others and is not listed.
    """
    templates: dict[str, Template] = {}
    for folder in template_folders(catalogue):
        for path in sorted((*folder.glob(f"*{SUFFIX}"), *folder.glob(f"*{DOCUMENT}"))):
            # Word keeps a file beside the one that is open in it: `~$note.docx`.
            if path.is_file() and not path.name.startswith(("_", "~$")):
                templates.setdefault(path.name, _describe(path))
    templates |= {template.name: template for template in _list_made()}
    return tuple(templates[name] for name in sorted(templates))


def _list_made() -> tuple[Template, ...]:
    folder = shipped_folder()
    book = _("A workbook of Excel: results, by school, passports, problems, charts")
    tables = _("Open data: tables CSV with datapackage.json, in a folder")
    return (
        Template(BOOK, folder / BOOK, True, book),
        Template(OPEN_DATA, folder / OPEN_DATA, True, tables, "public"),
    )


def find_template(name: str, catalogue: Catalogue | None = None, ending: str = "") -> Template:
    """The template of that name, or the file of that path.

    A name may leave out its kind: of `school.html.j2` and `school.docx` the first kind is taken, or
    that which writes files of this ending (`.docx`). A name left empty is the usual template for
    the ending. TemplateError where there is no such template, or it writes files of another kind.
    """
    name = name or _USUAL.get(kind_of(ending), "report")
    listed = list_templates(catalogue)
    named = _choose_named(name, listed) or _choose_named(RENAMED.get(name, ""), listed)
    path = Path(name)
    if not named and path.is_file():
        named = [_describe(path)]
    if not named:
        names = list(dict.fromkeys(template.stem for template in listed))
        raise TemplateError(
            Problem(
                "unknown-template",
                _("there is no template “{name}”").format(name=name),
                hint=suggest_name(name, [*names, *(each.name for each in listed)]) or _known(names),
            )
        )
    fitting = [template for template in named if ending in ("", template.ending)] or [
        template for template in named if ending in KINDS and template.kind == KINDS[ending]
    ]
    if not fitting:
        raise TemplateError(_describe_disagreement(named, ending, listed))
    return min(fitting, key=lambda template: _ORDER.index(template.kind))


def _choose_named(name: str, templates: Sequence[Template]) -> list[Template]:
    """Those of this name, with its kind or without; an exact name wins over a shortened one."""
    exact = [each for each in templates if name in {each.name, each.name.removesuffix(SUFFIX)}]
    return exact or [each for each in templates if name == each.stem]


def _describe_disagreement(
    named: Sequence[Template], ending: str, listed: Iterable[Template]
) -> Problem:
    """That a template does not write files of this ending, and which templates do."""
    name, endings = named[0].stem, ", ".join(each.ending for each in named if each.ending)
    if not endings:
        several = _("the template “{name}” writes several files: name a folder, not “{ending}”")
        return Problem("template-ending", several.format(name=name, ending=ending))
    message = _("the template “{name}” writes files {endings}, and the file ends in “{ending}”")
    message = message.format(name=name, endings=endings, ending=ending)
    others = dict.fromkeys(each.stem for each in listed if each.ending == ending)
    hint = _("files {ending} are written by: {names}")
    if not others:
        hint = _("known: {names}")
        others = dict.fromkeys(sorted({each.ending for each in listed if each.ending}))
    return Problem(
        "template-ending", message, hint=hint.format(ending=ending, names=", ".join(others))
    )


def copy_template(name: str, folder: Path, catalogue: Catalogue | None = None) -> tuple[Path, ...]:
    """Copy a template with its parts to start one's own from; never over a file that is there.

    The template comes first. Parts are files whose names start with `_` and stand beside it.
    """
    template = find_template(name, catalogue)
    if template.made:
        message = _("“{name}” is laid out by the program itself: there is no file to copy")
        raise TemplateError(Problem("template-made", message.format(name=template.name)))
    paths = [template.path, *find_parts(template)]
    copies = tuple(folder / path.name for path in paths)
    for copied in copies:
        if copied.exists():
            raise TemplateError(
                Problem(
                    "template-exists",
                    _("there is already a file “{name}”").format(name=copied.name),
                    Position(str(copied)),
                    _("give another folder, or rename the file that is there"),
                )
            )
    folder.mkdir(parents=True, exist_ok=True)
    for path, copied in zip(paths, copies, strict=True):
        with replace_file(copied) as stream:
            stream.write(path.read_bytes())
    return copies


def find_parts(template: Template) -> tuple[Path, ...]:
    """The parts a template takes in by name, and those that they take in, in the order met."""
    parts: dict[Path, None] = {}
    waiting = [template.path]
    while waiting:
        path = waiting.pop(0)
        if not path.name.endswith(SUFFIX):
            continue
        for name in _PART.findall(read_template(path)):
            part = template.path.parent / name
            if part.is_file() and part not in parts:
                parts[part] = None
                waiting.append(part)
    return tuple(parts)


def read_template(path: Path) -> str:
    """The text of a template; TemplateError where it is too large or is no text in UTF-8."""
    if path.stat().st_size > LARGEST:
        message = _("the template is larger than {size} MB").format(size=LARGEST // 1_000_000)
        raise TemplateError(Problem("template-size", message, Position(str(path))))
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        message = _("the template is not a text in UTF-8")
        raise TemplateError(Problem("template-encoding", message, Position(str(path)))) from None


def _describe(path: Path) -> Template:
    text = read_comments(path) if path.suffix.lower() == DOCUMENT else _read_comment(path)
    description, *_rest = text.splitlines() or [""]
    shipped = path.resolve().is_relative_to(shipped_folder().resolve())
    return Template(path.name, path, shipped, description.strip(), _read_audience(text))


def read_comments(path: Path) -> str:
    """The comments of a document of Word; empty where there are none or they cannot be read."""
    try:
        with zipfile.ZipFile(path) as packed:
            if packed.getinfo(_PROPERTIES).file_size > _LARGEST:
                return ""
            properties = packed.read(_PROPERTIES).decode("utf-8", "replace")
    except (OSError, KeyError, ValueError, NotImplementedError, zipfile.BadZipFile):
        return ""
    match = _COMMENTS.search(properties)
    return unescape(match.group(1)) if match else ""


def _read_comment(path: Path) -> str:
    try:
        comment = _DESCRIPTION.match(read_template(path))
    except TemplateError:
        comment = None
    return comment.group(1) if comment else ""


def _read_audience(comment: str) -> Audience | None:
    """For whom a template says that it is; a word that is no audience shows no more than all may see."""
    match = _AUDIENCE.search(comment)
    if match is None:
        return None
    return next((each for each in AUDIENCES if each == match.group(1)), "public")


def _known(names: Iterable[str]) -> str:
    return _("known: {names}").format(names=", ".join(names))
