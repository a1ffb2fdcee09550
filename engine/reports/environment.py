"""Jinja's environments: what a template may reach, how what it prints is escaped.

Every environment refuses unknown names and escapes what it prints: HTML by the name of the file,
Markdown and CSV by their own signs. A template that did not ship gets a sandbox and sees no path.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path, PurePath
from types import ModuleType
from typing import Any, NoReturn

from jinja2 import (
    BaseLoader,
    Environment,
    StrictUndefined,
    TemplateNotFound,
    pass_eval_context,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing
from markupsafe import Markup, escape

from engine.problems import suggest_name
from engine.reports.filters import FILTERS
from engine.reports.template_phrases import TemplatePhrases
from engine.reports.templates import Template, read_template, shipped_folder
from engine.translation import gettext as _
from engine.typography import set_type

# Signs that mean something to Markdown wherever they stand, and those that do so first in a line.
_MARKDOWN = re.compile(r"([\\`*_\[\]|~#])")
_MARKDOWN_START = re.compile(r"^(\s*)([-+](?=\s|$)|-(?=-)|=|\d+(?=[.)](?:\s|$)))")
# Signs of control, and those that turn the direction of writing; lines and tabs stay.
_UNSEEN = dict.fromkeys(
    (
        *(*range(0x9), *range(0xB, 0xD), *range(0xE, 0x20), *range(0x7F, 0xA0), 0x61C),
        *(0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF),
    )
)
_NOT_OF_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")
# What a table program would compute, and what only looks so.
_FORMULA = re.compile(r"\s*[=+\-@\t\r]")
_SIGNED_NUMBER = re.compile(r"[-+]\d[\d\s.,]*%?")


def make_environment(template: Template, folders: Sequence[Path] = ()) -> Environment:
    """The environment for a template: by its origin a sandbox, by its kind HTML, Markdown, text.

    `folders` are those that a template which did not ship takes its parts from.
    """
    kind: type[Environment] = _ShippedEnvironment
    if not template.shipped:
        kind = _SandboxedEnvironment
    finalizers: dict[str, Any] = {
        "markdown": escape_markdown,
        "csv": escape_csv,
        "document": _print_plain,
    }
    environment = kind(
        loader=_FolderLoader(folders if not template.shipped else (shipped_folder(),)),
        autoescape=template.kind not in {"text", "csv"},
        finalize=finalizers.get(template.kind, print_text),
        undefined=_UnknownName,
        extensions=(TemplatePhrases,),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(FILTERS)
    return environment


def set_known_names(environment: Environment, names: Iterable[str]) -> None:
    """Set the names of a page: of a misspelt one the message gives the nearest."""
    known = {"known": tuple(names)}
    environment.undefined = type("_UnknownNameOfPage", (_UnknownName,), known)


def show_text(value: Any) -> Any:
    """A text without signs that nobody sees and that would turn the text around them."""
    return value.translate(_UNSEEN) if type(value) is str else value


def print_text(value: Any) -> Any:
    """A text as a page prints it; markup and numbers stay as they are."""
    return set_type(show_text(value)) if type(value) is str else value


def plain_text(value: Any) -> Any:
    """A value as the text that a document of Word may hold: markup stands in it as its words."""
    if hasattr(value, "__html__"):
        value = Markup(value).unescape()  # noqa: S704 - it is escaped again
    return _NOT_OF_XML.sub("", print_text(value)) if type(value) is str else value


@pass_eval_context
def _print_plain(_context: object, value: Any) -> Any:
    """As `plain_text`, always where it is printed: of a constant Jinja would print it unescaped."""
    return plain_text(value)


def escape_markdown(value: Any) -> Markup:
    """A value as Markdown shows it literally, on one line; Markup stays as it is."""
    if hasattr(value, "__html__"):
        return Markup(value)  # noqa: S704 - it is marked already
    text = " ".join(str(print_text(value)).splitlines())
    text = _MARKDOWN.sub(r"\\\1", text)
    text = _MARKDOWN_START.sub(_quote_start, text)
    # Entities and tags mean in Markdown what they mean in HTML.
    return Markup(str(escape(text)).replace("&#39;", "'").replace("&#34;", '"'))  # noqa: S704


def escape_csv(value: Any) -> str:
    """A value as one cell of CSV: in quotes where it must be, and never a formula.

    A text that a table program would compute gets an apostrophe, by which such programs know text.
    """
    text = str(show_text(value))
    if not isinstance(value, str) or hasattr(value, "__html__"):
        return text
    text = escape_formula(text)
    if any(sign in text for sign in '",;\t\r\n'):
        text = '"' + text.replace('"', '""') + '"'
    return text


def escape_formula(text: str) -> str:
    """A text that a table program would compute, with the apostrophe by which it knows text."""
    text = str(show_text(text))
    is_formula = _FORMULA.match(text) and not _SIGNED_NUMBER.fullmatch(text)
    return f"'{text}" if is_formula else text


def _quote_start(match: re.Match[str]) -> str:
    space, mark = match.groups()
    return f"{space}{mark}\\" if mark[0].isdigit() else f"{space}\\{mark}"


# --- environments ------------------------------------------------------------------------------


class _UnknownName(StrictUndefined):
    """An unknown name: an error wherever it is used, with the nearest that is known."""

    known: tuple[str, ...] = ()

    @property
    def _undefined_message(self) -> str:
        owner, name = self._undefined_obj, str(self._undefined_name)
        if self._undefined_hint:
            return self._undefined_hint
        if owner is missing:
            message = _("there is no “{name}”").format(name=name)
            return "; ".join(filter(None, (message, suggest_name(name, self.known))))
        known = owner if isinstance(owner, Mapping) else dir(owner)
        names = [each for each in map(str, known) if not each.startswith("_")]
        message = _("“{owner}” has no “{name}”").format(owner=type(owner).__name__, name=name)
        return "; ".join(filter(None, (message, suggest_name(name, names))))


def _raise(_self: Environment, source: str | None = None) -> NoReturn:
    """Leave an error as it is: `describe_failure` finds the template's line in it."""
    del source
    raise  # noqa: PLE0704 - Jinja calls this where an error is being handled


class _ShippedEnvironment(Environment):
    """What ships with the program."""

    handle_exception = _raise


class _SandboxedEnvironment(ImmutableSandboxedEnvironment):
    """What a template that did not ship may reach: values, never files or modules."""

    handle_exception = _raise

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Refuse paths and modules beside what Jinja's own sandbox refuses."""
        beyond = (PurePath, ModuleType)
        if isinstance(obj, beyond) or isinstance(value, beyond):
            return False
        return super().is_safe_attribute(obj, attr, value)


class _FolderLoader(BaseLoader):
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
