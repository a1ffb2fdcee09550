"""Results and a template in, text out.

Every environment refuses unknown names and escapes what it prints: HTML by the name of the file,
Markdown by its own signs. A template that did not ship runs in a sandbox and sees no path.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePath
from types import ModuleType
from typing import Any

from jinja2 import BaseLoader, Environment, StrictUndefined, TemplateNotFound, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from engine.catalogue.model import Catalogue
from engine.i18n import LANGUAGES, choose_language, chosen_language
from engine.i18n import gettext as _
from engine.problems import Position, Problem
from engine.reports.context import build_context
from engine.reports.filters import FILTERS
from engine.reports.library import (
    Template,
    TemplateError,
    find_template,
    read_template,
    shipped_folder,
    template_folders,
)

# Signs that mean something to Markdown wherever they stand, and those that do so first in a line.
_MARKDOWN = re.compile(r"([\\`*_\[\]|~#])")
_MARKDOWN_START = re.compile(r"^(\s*)([-+](?=\s|$)|-(?=-)|=|\d+(?=[.)](?:\s|$)))")


def render(
    catalogue: Catalogue,
    data: Any,
    results: Any,
    *,
    years: Sequence[int],
    template: str = "summary.html.j2",
    problems: Sequence[Problem] = (),
) -> str:
    """Lay out the results of `evaluate` by a template (a name, or the path of a file).

    Numbers, dates and words are in the catalogue's language. TemplateError where the template is
    unknown or fails; its `problem` has file and line.
    """
    found = find_template(template, catalogue)
    with _speaking(catalogue.language):
        context = build_context(catalogue, data, results, years=years, problems=problems)
        environment = make_environment(found, catalogue)
        with _reporting(found):
            return environment.get_template(found.name).render(context)


def make_environment(template: Template, catalogue: Catalogue | None = None) -> Environment:
    """The environment for a template: by its origin a sandbox, by its name HTML, Markdown, text."""
    folders: tuple[Path, ...] = (shipped_folder(),)
    kind: type[Environment] = Environment
    if not template.shipped:
        kind = _Sandbox
        folders = (template.path.resolve().parent, *template_folders(catalogue))
    environment = kind(
        loader=_Folders(folders),
        autoescape=escapes(template.name),
        finalize=escape_markdown if _is_markdown(template.name) else None,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(FILTERS)
    return environment


def escapes(name: str) -> bool:
    """Whether a template's output is escaped: all but plain text, whatever follows the ending."""
    return not re.search(r"\.(txt|csv)(\.j2)?$", name.lower())


def escape_markdown(value: Any) -> Markup:
    """A value as Markdown shows it literally, on one line; Markup stays as it is."""
    if hasattr(value, "__html__"):
        return Markup(value)  # noqa: S704 - it is marked already
    text = " ".join(str(value).splitlines())
    text = _MARKDOWN.sub(r"\\\1", text)
    text = _MARKDOWN_START.sub(_quote_start, text)
    # Entities and tags mean in Markdown what they mean in HTML.
    return Markup(str(escape(text)).replace("&#39;", "'").replace("&#34;", '"'))  # noqa: S704


def _quote_start(found: re.Match[str]) -> str:
    space, mark = found.groups()
    return f"{space}{mark}\\" if mark[0].isdigit() else f"{space}\\{mark}"


def _is_markdown(name: str) -> bool:
    return re.search(r"\.(md|markdown)(\.j2)?$", name.lower()) is not None


class _Sandbox(ImmutableSandboxedEnvironment):
    """What a template that did not ship may reach: values, never files or modules."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Refuse paths and modules beside what Jinja's own sandbox refuses."""
        beyond = (PurePath, ModuleType)
        if isinstance(obj, beyond) or isinstance(value, beyond):
            return False
        return super().is_safe_attribute(obj, attr, value)


class _Folders(BaseLoader):
    """Templates of some folders; a name never leads out of its folder, not by a link either."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = folders

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        """The text, its file, and that it does not change while it is rendered."""
        del environment
        for folder in self.folders:
            path = (folder / template).resolve()
            if path.is_relative_to(folder.resolve()) and path.is_file():
                return read_template(path), str(folder / template), lambda: True
        raise TemplateNotFound(template)


@contextmanager
def _speaking(language: str) -> Iterator[None]:
    before = chosen_language()
    choose_language(language if language in LANGUAGES else before)
    try:
        yield
    finally:
        choose_language(before)


@contextmanager
def _reporting(template: Template) -> Iterator[None]:
    """Whatever a template does wrong becomes a problem with its file and line."""
    try:
        yield
    except TemplateError:
        raise
    except TemplateSyntaxError as error:
        where = Position(_shown(error.filename or error.name, template), error.lineno)
        message = _("the template cannot be read: {reason}").format(reason=error.message)
        raise TemplateError(Problem("template-syntax", message, where)) from error
    except Exception as error:
        if template.shipped:
            raise
        message = _("the template fails: {reason}").format(reason=error)
        where = _last_line(error, template)
        raise TemplateError(Problem("template-failed", message, where)) from error


def _last_line(error: Exception, template: Template) -> Position:
    """The deepest line of a template that the error passed through."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame for frame in frames if not frame.filename.endswith((".py", ">"))]
    if not lines:
        return Position(str(template.path))
    return Position(_shown(lines[-1].filename, template), lines[-1].lineno or 0)


def _shown(filename: str | None, template: Template) -> str:
    """The file as the user named it."""
    if filename is None or Path(filename).name == template.path.name:
        return str(template.path)
    return filename
