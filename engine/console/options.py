"""The options and arguments that several commands take."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from engine.console.words import N_, Argument, Option
from engine.i18n import gettext as _

if TYPE_CHECKING:
    from pathlib import Path

Made = TypeVar("Made", bound=Callable[..., Any])


def option(*names: str, **more: Any) -> Callable[[Made], Made]:
    """An option of one command, in the user's language."""
    return click.option(*names, cls=Option, **more)


def argument(name: str, **more: Any) -> Callable[[Made], Made]:
    """An argument of one command, in the user's language."""
    return click.argument(name, cls=Argument, **more)


def _as_path(_ctx: click.Context, _option: click.Parameter, value: str | None) -> Path | None:
    """The path; click need not load pathlib to show the help."""
    from pathlib import Path

    return None if value is None else Path(value)


def _as_output(ctx: click.Context, option: click.Parameter, value: str | None) -> Path | None:
    """The path; where its folder is not there, that is said before anything is computed."""
    path = _as_path(ctx, option, value)
    if path is not None and not path.absolute().parent.is_dir():
        raise click.BadParameter(_("there is no folder “{folder}”").format(folder=path.parent))
    return path


CATALOGUE = argument("name", metavar=N_("CATALOGUE"))
CATALOGUES = argument("names", metavar=N_("CATALOGUE"), nargs=-1, required=True)
DEFINITIONS = option(
    "--definitions",
    type=click.Path(exists=True, file_okay=False),
    callback=_as_path,
    envvar="POKAZATEL_DEFINITIONS",
    metavar=N_("DIR"),
    help=N_("Folder of catalogues in place of those that ship."),
)
DATA = option(
    "--data",
    type=click.Path(),
    callback=_as_path,
    required=True,
    metavar=N_("PATH"),
    help=N_("Data folder, or one file of facts."),
)
OUTPUT = option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False),
    callback=_as_output,
    metavar=N_("FILE"),
    help=N_("Write to this file."),
)
FOLDER = option(
    "-o",
    "--output",
    type=click.Path(file_okay=False),
    callback=_as_output,
    required=True,
    metavar=N_("DIR"),
    help=N_("Write to this folder; it is made where it is not there."),
)
TEXT_OR_JSON = option(
    "--format",
    "shape",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help=N_("How it is printed."),
)
