"""Click in the user's language: its options, arguments, commands, groups and errors of usage.

Help is shown more often than anything else: nothing slow is imported.
"""

from __future__ import annotations

import gettext as standard_gettext
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from engine.console.terminal import is_terminal, screen_width, wrap_lines
from engine.translation import (
    DOMAIN,
    LANGUAGES,
    LOCALE_FOLDER,
    N_,
    choose_language,
    chosen_language,
    language_of_environment,
)
from engine.translation import gettext as _

if TYPE_CHECKING:
    from datetime import date as Date  # noqa: N812 - `date` is what a report calls it
    from pathlib import Path

NOTHING_COMPUTED = 3
"""The exit code of a command that could compute and write nothing, because of errors."""
_PROJECT_FILE = "pokazatel.yaml"
_OF_PROJECT = frozenset(("name", "names", "catalogue", "data", "old"))
"""Parameters of commands for which the project file has something."""
_PROJECT_CATALOGUE = "pokazatel.catalogue"
INTERRUPTED = 130
"""The exit code that shells give to what Ctrl+C ended."""


_QUOTED = re.compile(r"(?<!\w)'([^'\n]*)'(?!\w)")
"""What click names in a message, between the quotes of a programmer."""
_BEFORE = 10  # letters of «Ошибка: » before a message


class CommandRefusedError(click.ClickException):
    """The command, typed as it should be, can compute and write nothing: the sentence says why."""

    exit_code = NOTHING_COMPUTED


# --- Russian and English -----------------------------------------------------------------------


def _use_language(language: str) -> None:
    """Choose the language of our messages, and of click's own, which come by plain gettext."""
    choose_language(language)
    os.environ["LANGUAGE"] = language
    standard_gettext.bindtextdomain(DOMAIN, LOCALE_FOLDER)
    standard_gettext.textdomain(DOMAIN)


def _find_language(arguments: Sequence[str]) -> str | None:
    """The `--lang` of a command line, wherever it stands; None where there is none that is known."""
    words = list(arguments)
    words = words[: words.index("--")] if "--" in words else words
    for word, following in zip(words, [*words[1:], ""], strict=False):
        name, equals, value = word.partition("=")
        if name == "--lang":
            language = value if equals else following
            return language if language in LANGUAGES else None
    return None


# --- what stands in a help ----------------------------------------------------------------------


class CommandOption(click.Option):
    """An option whose help and metavar are translated when they are shown."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """The two columns of the help."""
        record = super().get_help_record(ctx)
        if record is None or not self.help:
            return record
        return record[0], record[1].replace(self.help, _(self.help), 1)

    def make_metavar(self, ctx: click.Context) -> str:
        """What stands for the value."""
        return _(self.metavar) if self.metavar else super().make_metavar(ctx)


class Argument(click.Argument):
    """An argument whose name is translated when it is shown."""

    def make_metavar(self, ctx: click.Context | None = None) -> str:
        """What stands for the value."""
        del ctx
        name = _(self.metavar) if self.metavar else str(self.name)
        # A metavar of several words says itself how many there are.
        return name + ("…" if self.nargs != 1 and " " not in name else "")

    def get_error_hint(self, ctx: click.Context | None) -> str:
        """The name in messages."""
        del ctx
        return f"'{self.make_metavar()}'"


class Command(click.Command):
    """A command whose help is translated, takes `--lang` and ends with an example."""

    def __init__(self, *args: Any, example: str = "", **more: Any) -> None:
        super().__init__(*args, **more)
        self.example = example
        self.params.append(lang_option())

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the words of a command; what they leave out is taken from the project file."""
        if ctx.resilient_parsing and args and args[-1].startswith("-"):
            # A shell wants the value of this option: without it, click would read no word at all.
            args = args[:-1]
        if os.path.isfile(_PROJECT_FILE) and not {"-h", "--help"} & set(args):  # noqa: PTH113
            args = self._take_project(ctx, list(args))
        return super().parse_args(ctx, args)

    def _take_project(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Make the project file the defaults of a command; its words, with the catalogue left out."""
        from pathlib import Path

        from engine.authoring.project_file import find_left_out, read_project
        from engine.problems import has_errors, show_problem

        parameters = {parameter.name for parameter in self.params}
        if not parameters & _OF_PROJECT:
            return args
        project, problems = read_project(Path())
        if has_errors(problems) and not ctx.resilient_parsing:
            click.echo("\n".join(map(show_problem, problems)), err=True)
            ctx.exit(NOTHING_COMPUTED)
        if project is None:
            return args
        ctx.default_map = project.list_defaults(str(self.name))
        ctx.meta[_PROJECT_CATALOGUE] = project.catalogue
        arguments = [
            str(parameter.name)
            for parameter in self.params
            if isinstance(parameter, click.Argument)
        ]
        try:
            typed, *_rest = self.make_parser(ctx).parse_args(list(args))
        except click.UsageError:  # it is raised again, and told, when the words are read
            return args
        values = [typed.get(name) for name in arguments]
        definitions, is_typed = typed.get("definitions"), not ctx.resilient_parsing
        first, last = find_left_out(project, arguments, values, definitions, is_typed=is_typed)
        return [*first, *args, *last]

    @property
    def translated_help(self) -> str:
        """The help in the language in force."""
        return _(self.help) if self.help else ""

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The option `--help`, in the language in force: click keeps it."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = standard_gettext.gettext("Show this message and exit.")
        return option

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """What stands after the name in the line of usage."""
        self.options_metavar = _("[OPTIONS]")
        return super().collect_usage_pieces(ctx)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The paragraphs of the help."""
        del ctx
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(self.translated_help)

    def get_short_help_str(self, limit: int = 45) -> str:
        """The first paragraph, whole: the help of the group lists it."""
        del limit
        return self.translated_help.partition("\n\n")[0].rstrip(".")

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The example, as it is typed, on one line."""
        del ctx
        if self.example:
            with formatter.section(_("Example")):
                formatter.write(f"{'':>{formatter.current_indent}}{self.example}\n")


class CommandGroup(Command, click.Group):
    """The group of all commands."""

    command_class = Command

    def main(self, *args: Any, **more: Any) -> Any:
        """Run, under the product's name however it was started."""
        for stream in (sys.stdout, sys.stderr):
            # A console that lacks a letter shows a question mark; a file is UTF-8 everywhere.
            if hasattr(stream, "reconfigure"):
                piped = {} if stream.isatty() else {"encoding": "utf-8"}
                stream.reconfigure(errors="replace", **piped)
        if more.get("prog_name") is None:
            more["prog_name"] = "pokazatel"
        return super().main(*args, **more)

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Choose the language before anything is read: mistakes are in it too."""
        _use_language(_find_language(args) or language_of_environment())
        with _refusals():
            return super().make_context(info_name, args, parent, **extra)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """What stands after the name in the line of usage."""
        self.subcommand_metavar = _("COMMAND [ARGS]...")
        return super().collect_usage_pieces(ctx)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what the system refuses, and Ctrl+C, takes one line."""
        try:
            with _refusals():
                return super().invoke(ctx)
        except KeyboardInterrupt:
            try:  # noqa: SIM105 - no call of ours may stand between the first and the second
                # A library that was stopped raises for the Ctrl+C, and then Python once more.
                time.sleep(0)
            except KeyboardInterrupt:
                pass
            click.echo("\n" + standard_gettext.gettext("Aborted!"), err=True)
            raise click.exceptions.Exit(INTERRUPTED) from None

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Commands first: they are what one looks for."""
        self.format_commands(ctx, formatter)
        click.Command.format_options(self, ctx, formatter)


@contextmanager
def _refusals() -> Iterator[None]:
    """What the system refuses ends the command in one line."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise CommandRefusedError(_describe(error)) from error
    except click.ClickException as error:
        text = error.format_message()
        if isinstance(error, click.MissingParameter):
            text += _explain_missing(error.param)
        if isinstance(error, click.UsageError) and chosen_language() == "ru":
            text = _QUOTED.sub(r"«\1»", text)
        if is_terminal(sys.stderr):
            text = wrap_lines(text, screen_width() - _BEFORE)
        # Click has no other place where it lays out what it prints.
        error.format_message = lambda: text  # type: ignore[method-assign]
        raise


_MISSING = {
    "name": N_("Names are listed by pokazatel list; the path of a folder will do, too."),
    "names": N_("Names are listed by pokazatel list; the path of a folder will do, too."),
    "form": N_("The forms of a catalogue are named in it, under forms."),
}
"""What to name as an argument that is missing; options have their help."""


def _explain_missing(parameter: click.Parameter | None) -> str:
    """A line on what a missing parameter takes; empty where its name says it."""
    sentence = getattr(parameter, "help", None) or _MISSING.get(getattr(parameter, "name", ""), "")
    return f"\n{_(sentence)}" if sentence else ""


def _describe(error: OSError) -> str:
    """What the system refused, with the file."""
    from engine.problems import describe_refusal

    reason = describe_refusal(error)
    return f"{error.filename}: {reason}" if error.filename else reason


# --- what every command takes, and refusals -----------------------------------------------------


def lang_option() -> click.Option:
    """The option `--lang`; it was read before any other, by `CommandGroup.make_context`."""
    return CommandOption(
        ["--lang"],
        type=click.Choice(LANGUAGES),
        expose_value=False,
        help=N_("Language of messages."),
    )


def show_version(ctx: click.Context, _option: click.Parameter, value: bool) -> None:
    """Print the version and be done."""
    if value:
        from engine.version import ENGINE_VERSION

        click.echo(f"pokazatel {ENGINE_VERSION}")
        ctx.exit()


class Year(click.types.IntParamType):
    """A year of four digits."""

    name = "year"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The year; a usage error where the text is none."""
        if isinstance(value, int):
            return value
        if not re.fullmatch("[12][0-9]{3}", value):
            message = _(
                "“{text}” is no year: write it as 2024, a school year as the year it begins in"
            )
            self.fail(message.format(text=value), param, ctx)
        return int(value)


# --- options --------------------------------------------------------------------------------------
# The options and arguments that several commands take.


_Made = TypeVar("_Made", bound=Callable[..., Any])


def option(*names: str, **more: Any) -> Callable[[_Made], _Made]:
    """An option of one command, in the user's language."""
    return click.option(*names, cls=CommandOption, **more)


def argument(name: str, **more: Any) -> Callable[[_Made], _Made]:
    """An argument of one command, in the user's language."""
    return click.argument(name, cls=Argument, **more)


def as_path(_ctx: click.Context, _option: click.Parameter, value: str | None) -> Path | None:
    """The path; click need not load pathlib to show the help."""
    from pathlib import Path

    if value is not None and not value.strip():
        raise click.BadParameter(_("it is empty: name a file or a folder"))
    return None if value is None else Path(value)


def _as_date(_ctx: click.Context, _option: click.Parameter, value: str | None) -> Date | None:
    """The date; BadParameter, before anything is computed, where it is none."""
    if value is None:
        return None
    from datetime import date

    try:
        return date.fromisoformat(value)
    except ValueError:
        message = _("“{text}” is no date; write it as 2024-12-31").format(text=value)
        raise click.BadParameter(message) from None


def _as_output(ctx: click.Context, option: click.Parameter, value: str | None) -> Path | None:
    """The path; BadParameter, before anything is computed, where its folder cannot be made."""
    path = as_path(ctx, option, value)
    if path is None:
        return None
    folders = path.absolute().parents
    folder = next((each for each in folders if each.exists()), folders[-1])
    if folder.is_file():
        raise click.BadParameter(_("“{path}” is a file: name a folder").format(path=folder))
    if not folder.is_dir():
        raise click.BadParameter(_("there is no folder “{folder}”").format(folder=folder))
    return path


def _remember(ctx: click.Context, option: click.Parameter, value: bool) -> None:
    """Keep a yes of this run where what prints its problems asks for it."""
    ctx.meta[f"pokazatel.{option.name}"] = value


def is_of_project(name: str) -> bool:
    """Whether the project file names this catalogue: then it is known which one is read."""
    context = click.get_current_context(silent=True)
    return context is not None and context.meta.get(_PROJECT_CATALOGUE) == name


def shows_notes() -> bool:
    """Whether this run was asked for notes too."""
    return _recall("notes")


def is_strict() -> bool:
    """Whether this run was asked to end with 1 for warnings too."""
    return _recall("strict")


def _recall(name: str) -> bool:
    ctx = click.get_current_context(silent=True)
    return ctx is not None and bool(ctx.meta.get(f"pokazatel.{name}"))


def _complete(name: str, *arguments: str) -> Callable[..., Any]:
    """What a shell offers: a function of a module that nothing else needs, or what it makes of words."""

    def complete(ctx: click.Context, parameter: click.Parameter, typed: str) -> Any:
        from engine.console import completion

        function = getattr(completion, name)
        return (function(*arguments) if arguments else function)(ctx, parameter, typed)

    return complete


CATALOGUE_NAMES = _complete("complete_catalogues")
TEMPLATES = _complete("complete_templates")
INDICATORS, FORMS, YEARS, LEVELS, REGISTER = (
    _complete("complete_of_catalogue", section)
    for section in ("indicators", "forms", "years", "levels", "register")
)
ALL = option(
    "--all",
    "notes",
    is_flag=True,
    expose_value=False,
    callback=_remember,
    help=N_("Print notes and what the order has accepted, too."),
)
STRICT = option(
    "--strict",
    is_flag=True,
    expose_value=False,
    callback=_remember,
    help=N_("End with exit code 1 for warnings, too."),
)
CATALOGUE = argument("name", metavar=N_("CATALOGUE"), shell_complete=CATALOGUE_NAMES)
CATALOGUES = argument(
    "names",
    metavar=N_("CATALOGUE"),
    nargs=-1,
    required=True,
    shell_complete=CATALOGUE_NAMES,
)
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
    help=N_("Write to this file, or into this folder; the ending chooses the kind."),
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
