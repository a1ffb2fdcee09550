"""From a template and its context to the bytes of a file, by the kind of the template."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from engine.reports.environment import set_known_names
from engine.reports.templates import Template, TemplateKind, check_size
from engine.reports.word import write_document

if TYPE_CHECKING:
    from jinja2 import Environment

Writer = Callable[[Template, "Environment", Mapping[str, Any], "int | None"], bytes]
"""Template, its environment, the context, and how many bytes there may be (None: any number)."""


def write_page(
    template: Template,
    environment: Environment,
    context: Mapping[str, Any],
    most: int | None = None,
) -> bytes:
    """The bytes of a page. Errors of the template come as they are raised."""
    set_known_names(environment, context)
    return WRITERS[template.kind](template, environment, context, most)


def _write_text(
    template: Template, environment: Environment, context: Mapping[str, Any], most: int | None
) -> bytes:
    page = bytearray()
    for piece in environment.get_template(template.path.name).generate(context):
        page += piece.encode("utf-8", "replace")
        check_size(template, len(page), most)
    return bytes(page)


WRITERS: Mapping[TemplateKind, Writer] = {
    "html": _write_text,
    "markdown": _write_text,
    "text": _write_text,
    "csv": _write_text,
    "document": write_document,
}
