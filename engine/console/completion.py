"""What a shell offers after Tab: catalogues, indicators, forms, years, levels, templates.

A shell asks while a line is half typed: whatever is wrong with it, nothing is printed and nothing offered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from engine.catalogue.model import Catalogue

Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def complete_catalogues(
    ctx: click.Context, _parameter: click.Parameter, typed: str
) -> list[CompletionItem]:
    """Ids of catalogues in sight and of those that ship; folders, too."""
    from engine.catalogue.load import list_all

    names = sorted({folder.name for folder in list_all(ctx.params.get("definitions"))})
    return [*_choose(typed, names), CompletionItem(typed, type="dir")]


def complete_of_catalogue(section: str) -> Complete:
    """Names of one section of the catalogue that the line, or the project file, names."""

    def complete(
        ctx: click.Context, _parameter: click.Parameter, typed: str
    ) -> list[CompletionItem]:
        catalogue = _read_catalogue(ctx)
        return _choose(typed, getattr(catalogue, section)) if catalogue else []

    return complete


def complete_templates(
    ctx: click.Context, _parameter: click.Parameter, typed: str
) -> list[CompletionItem]:
    """Names of templates, those of the catalogue too; files."""
    from engine.reports.templates import list_templates

    templates = list_templates(_read_catalogue(ctx))
    kinds = Counter(template.stem for template in templates)
    names = {
        *kinds,
        *(template.stem + template.ending for template in templates if kinds[template.stem] > 1),
    }
    return _choose(typed, sorted(names)) or [CompletionItem(typed, type="file")]


def _read_catalogue(ctx: click.Context) -> Catalogue | None:
    name = ctx.params.get("name") or ctx.params.get("catalogue")
    if not name:
        return None
    from engine.catalogue.load import find_catalogue, load

    definitions = ctx.params.get("definitions")
    folder, _notes = find_catalogue(name, Path(definitions) if definitions else None)
    return load(folder)[0]


def _choose(typed: str, names: Iterable[Any]) -> list[CompletionItem]:
    return [CompletionItem(str(name)) for name in names if str(name).startswith(typed)]
