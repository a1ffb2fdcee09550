"""The options and arguments that several commands take."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from engine.console.words import Argument, Option
from engine.i18n import N_
from engine.i18n import gettext as _

if TYPE_CHECKING:
    from datetime import date as Date  # noqa: N812 - `date` is the option
    from pathlib import Path

Made = TypeVar("Made", bound=Callable[..., Any])


def option(*names: str, **more: Any) -> Callable[[Made], Made]:
    """An option of one command, in the user's language."""
    return click.option(*names, cls=Option, **more)


def argument(name: str, **more: Any) -> Callable[[Made], Made]:
    """An argument of one command, in the user's language."""
    return click.argument(name, cls=Argument, **more)


def as_path(_ctx: click.Context, _option: click.Parameter, value: str | None) -> Path | None:
    """The path; click need not load pathlib to show the help."""
    from pathlib import Path

    return None if value is None else Path(value)


def _as_date(_ctx: click.Context, _option: click.Parameter, value: str | None) -> Date | None:
    """The date; what is none is said before anything is computed."""
    if value is None:
        return None
    from datetime import date

    try:
        return date.fromisoformat(value)
    except ValueError:
        message = _("“{text}” is no date; write it as 2024-12-31").format(text=value)
        raise click.BadParameter(message) from None


def _as_output(ctx: click.Context, option: click.Parameter, value: str | None) -> Path | None:
    """The path; where its folder is not there, that is said before anything is computed."""
    path = as_path(ctx, option, value)
    if path is not None and not path.absolute().parent.is_dir():
        raise click.BadParameter(_("there is no folder “{folder}”").format(folder=path.parent))
    return path


CATALOGUE = argument("name", metavar=N_("CATALOGUE"))
CATALOGUES = argument("names", metavar=N_("CATALOGUE"), nargs=-1, required=True)
DEFINITIONS = option(
    "--definitions",
    type=click.Path(exists=True, file_okay=False),
    callback=as_path,
    envvar="POKAZATEL_DEFINITIONS",
    metavar=N_("DIR"),
    help=N_("Folder of catalogues in place of those in sight and those that ship."),
)
DATA = option(
    "--data",
    type=click.Path(),
    callback=as_path,
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
FILE_OR_FOLDER = option(
    "-o",
    "--output",
    type=click.Path(),
    callback=_as_output,
    metavar=N_("FILE|DIR"),
    help=N_("Write to this file; with --each, to files in this folder."),
)
DATE = option(
    "--date",
    callback=_as_date,
    metavar=N_("YYYY-MM-DD"),
    help=N_("Date of the report; by default today."),
)
TEXT_OR_JSON = option(
    "--format",
    "shape",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help=N_("How it is printed."),
)
