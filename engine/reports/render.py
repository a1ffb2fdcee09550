"""Results and a template in, text out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date as Date  # noqa: N812 - `date` is what a report calls it
from typing import Any

from jinja2 import TemplateSyntaxError

from engine.catalogue.model import Catalogue
from engine.problems import Problem
from engine.publication.audience import Audience
from engine.reports.context import build_context
from engine.reports.environment import make_environment
from engine.reports.formats.workbook import write_book
from engine.reports.strangers.sandbox import open_sandbox
from engine.reports.template_mistakes import tell_failure
from engine.reports.templates import Template, TemplateError, find_template, template_folders
from engine.reports.writers import write_page
from engine.translation import LANGUAGES, choose_language, chosen_language

Press = Callable[[Mapping[str, Any]], bytes]
"""From the context of a page to its bytes; TemplateError where the template fails."""


def render(
    catalogue: Catalogue,
    data: Any,
    results: Any,
    *,
    years: Sequence[int],
    template: str = "summary.html.j2",
    problems: Sequence[Problem] = (),
    date: Date | None = None,
    audience: Audience | None = None,
) -> str:
    """Lay out the results of `evaluate` by a template (a name, or the path of a file).

    Numbers, dates and words are in the catalogue's language. `audience` is by default that of the
    template, else "internal". TemplateError where the template is
    unknown or fails; its `problem` has file and line.
    """
    found = find_template(template, catalogue)
    with speaking(catalogue.language), open_press(found, catalogue) as press:
        return press(
            build_context(
                catalogue,
                data,
                results,
                years=years,
                problems=problems,
                date=date,
                audience=found.audience or audience or "internal",
            )
        ).decode()


@contextmanager
def open_press(template: Template, catalogue: Catalogue) -> Iterator[Press]:
    """What makes pages by a template: here by one that ships, in a process of its own by others."""
    if template.shipped:
        yield _open_shipped(template)
        return

    folders = (template.path.resolve().parent, *template_folders(catalogue))
    with open_sandbox(template, folders) as sandbox:
        yield sandbox.press


def _open_shipped(template: Template) -> Press:
    if template.kind == "workbook":
        return write_book

    environment = make_environment(template)

    def press(context: Mapping[str, Any]) -> bytes:
        try:
            return write_page(template, environment, context)
        except TemplateSyntaxError as error:
            raise TemplateError(tell_failure(error, template)) from error

    return press


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Everything printed meanwhile is in a catalogue's language, if it is one that is spoken."""
    before = chosen_language()
    choose_language(language if language in LANGUAGES else before)
    try:
        yield
    finally:
        choose_language(before)
