"""The command line: what is typed, what is printed, what is returned.

Only this module knows click, and only it prints. Everything heavy is imported inside the command
that needs it, so that `--help` costs no more than click itself.
"""

from __future__ import annotations

import gettext as standard_gettext
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from engine.i18n import (
    DOMAIN,
    FOLDER,
    LANGUAGES,
    choose_language,
    language_of_environment,
    ngettext,
)
from engine.i18n import gettext as _

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from engine.catalogue.model import Catalogue
    from engine.data.model import Data
    from engine.evaluation.evaluate import Results
    from engine.problems import Problem

Made = TypeVar("Made", bound=Callable[..., Any])

FORMATS = ("table", "json", "csv", "xlsx", "parquet")
FOR_FILES = ("xlsx", "parquet")
PROBLEMS_FOUND = 1
WIDTH = 100  # of a table that goes to no terminal


def N_(message: str) -> str:  # noqa: N802 - the word by which gettext's tools find such messages
    """A message that is translated when it is shown."""
    return message


# --- speaking Russian and English --------------------------------------------------------------


def _speak(language: str) -> None:
    """Choose the language of our messages, and of click's own, which come by plain gettext."""
    choose_language(language)
    os.environ["LANGUAGE"] = language
    standard_gettext.bindtextdomain(DOMAIN, FOLDER)
    standard_gettext.textdomain(DOMAIN)


def _asked_language(arguments: Sequence[str]) -> str | None:
    """The `--lang` of a command line, wherever it stands; None where there is none that is known."""
    words = list(arguments)
    words = words[: words.index("--")] if "--" in words else words
    for word, following in zip(words, [*words[1:], ""], strict=True):
        name, equals, value = word.partition("=")
        if name == "--lang":
            found = value if equals else following
            return found if found in LANGUAGES else None
    return None


class _Option(click.Option):
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


class _Argument(click.Argument):
    """An argument whose name is translated when it is shown."""

    def make_metavar(self, ctx: click.Context | None = None) -> str:
        """What stands for the value."""
        del ctx
        name = _(self.metavar) if self.metavar else str(self.name)
        return name + ("..." if self.nargs != 1 else "")

    def get_error_hint(self, ctx: click.Context | None) -> str:
        """The name in messages."""
        del ctx
        return f"'{self.make_metavar()}'"


class _Command(click.Command):
    """A command whose help is translated, takes `--lang` and ends with an example."""

    def __init__(self, *args: Any, example: str = "", **more: Any) -> None:
        super().__init__(*args, **more)
        self.example = example
        self.params.append(_lang_option())

    @property
    def told(self) -> str:
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
            formatter.write_text(self.told)

    def get_short_help_str(self, limit: int = 45) -> str:
        """The first paragraph, whole: the help of the group lists it."""
        del limit
        return self.told.partition("\n\n")[0].rstrip(".")

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The example, as it is typed, on one line."""
        del ctx
        if self.example:
            with formatter.section(_("Example")):
                formatter.write(f"{'':>{formatter.current_indent}}{self.example}\n")


class _Group(_Command, click.Group):
    """The group of all commands."""

    command_class = _Command

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
        """Choose the language before anything is read: a mistake is told in it too."""
        _speak(_asked_language(args) or language_of_environment())
        return super().make_context(info_name, args, parent, **extra)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """What stands after the name in the line of usage."""
        self.subcommand_metavar = _("COMMAND [ARGS]...")
        return super().collect_usage_pieces(ctx)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what the system refuses is told in one line."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise click.ClickException(_tell(error)) from error

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Commands first: they are what one looks for."""
        self.format_commands(ctx, formatter)
        click.Command.format_options(self, ctx, formatter)


def _tell(error: OSError) -> str:
    """What the system refused, with the file."""
    known = {
        PermissionError: _("no permission, or the file is open in another program"),
        FileNotFoundError: _("there is no such file or folder"),
        IsADirectoryError: _("this is a folder"),
    }
    reason = known.get(type(error)) or error.strerror or str(error)
    return f"{error.filename}: {reason}" if error.filename else reason


def _show_version(ctx: click.Context, _option: click.Parameter, value: bool) -> None:
    if value:
        from engine.version import ENGINE_VERSION

        click.echo(f"pokazatel {ENGINE_VERSION}")
        ctx.exit()


# --- what several commands take ----------------------------------------------------------------


def _option(*names: str, **more: Any) -> Callable[[Made], Made]:
    return click.option(*names, cls=_Option, **more)


def _lang_option() -> click.Option:
    return _Option(
        ["--lang"],
        type=click.Choice(LANGUAGES),
        expose_value=False,
        help=N_("Language of messages."),
    )


def _as_path(_ctx: click.Context, _option: click.Parameter, value: str | None) -> Path | None:
    """The path; click need not load pathlib to show the help."""
    from pathlib import Path

    return None if value is None else Path(value)


_CATALOGUE = click.argument("name", metavar=N_("CATALOGUE"), cls=_Argument)
_CATALOGUES = click.argument(
    "names", metavar=N_("CATALOGUE"), cls=_Argument, nargs=-1, required=True
)
_DEFINITIONS = _option(
    "--definitions",
    type=click.Path(exists=True, file_okay=False),
    callback=_as_path,
    envvar="POKAZATEL_DEFINITIONS",
    metavar=N_("DIR"),
    help=N_("Folder of catalogues in place of those that ship."),
)
_DATA = _option(
    "--data",
    type=click.Path(),
    callback=_as_path,
    required=True,
    metavar=N_("PATH"),
    help=N_("Data folder, or one file of facts."),
)


def _as_output(ctx: click.Context, option: click.Parameter, value: str | None) -> Path | None:
    """The path; where its folder is not there, that is said before anything is computed."""
    path = _as_path(ctx, option, value)
    if path is not None and not path.absolute().parent.is_dir():
        raise click.BadParameter(_("there is no folder “{folder}”").format(folder=path.parent))
    return path


_OUTPUT = _option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False),
    callback=_as_output,
    metavar=N_("FILE"),
    help=N_("Write to this file."),
)
_YEARS = _option(
    "--year",
    "years",
    type=int,
    multiple=True,
    metavar=N_("YEAR"),
    help=N_("Year; may be given several times, as the options below."),
)
_SCENARIO = _option(
    "--scenario",
    type=click.Choice(["fact", "forecast"]),
    help=N_("Facts or forecasts; both where the data hold both."),
)


def _text_or_json(made: Made) -> Made:
    return _option(
        "--format",
        "shape",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help=N_("How it is printed."),
    )(made)


@click.group(
    "pokazatel",
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=N_(
        "Indicators of education: counts in, proven numbers and reports out.\n\n"
        "A catalogue is named by its id or by the path of its folder."
    ),
    example="pokazatel evaluate berezniki --data definitions/berezniki/demo --year 2023",
)
@_option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help=N_("Show the version and exit."),
)
def main() -> None:
    """Choose a command."""


# --- commands ----------------------------------------------------------------------------------


@main.command(
    "list",
    help=N_("List the catalogues that ship, or stand below a folder."),
    example="pokazatel list",
)
@_DEFINITIONS
def list_(definitions: Path | None) -> None:
    """Print id and title of each catalogue."""
    from engine.catalogue.load import list_catalogues, load
    from engine.problems import has_errors

    broken = False
    for folder in list_catalogues(definitions):
        catalogue, problems = load(folder)
        title = catalogue.title if catalogue else ""
        if has_errors(problems):
            broken = True
            title += " " + _("(has errors: see pokazatel check)")
        click.echo(f"{folder.name:<20} {title.strip()}")
    if broken:
        sys.exit(PROBLEMS_FOUND)


@main.command(
    help=N_(
        "Check catalogues: everything that can be known without data.\n\n"
        "Names, formulas, units, cycles, targets; every problem with its line and a way to mend it."
    ),
    example="pokazatel check berezniki michurinsk",
)
@_CATALOGUES
@_text_or_json
@_option(
    "--all", "every", is_flag=True, help=N_("Print notes and what the order has accepted, too.")
)
@_DEFINITIONS
def check(names: Sequence[str], shape: str, every: bool, definitions: Path | None) -> None:
    """Print the problems of catalogues."""
    from engine.catalogue.load import find_catalogue, load
    from engine.problems import has_errors, show_problem, sort_problems

    found: list[Problem] = []
    for name in dict.fromkeys(names):
        folder, problems = find_catalogue(name, definitions)
        if not problems:
            _catalogue, known = load(folder)
            problems = [one for one in known if every or one.severity != "note"]
        found += problems
        if shape == "text":
            for problem in problems:
                click.echo(show_problem(problem))
            click.echo(f"{name}: {_count_problems(problems)}")
    if shape == "json":
        _print_json([problem.as_json() for problem in sort_problems(found)])
    if has_errors(found):
        sys.exit(PROBLEMS_FOUND)


@main.command(
    help=N_(
        "Compute the indicators from data and judge them by their targets.\n\n"
        "Without --year and --level: all; a table shows the highest level."
    ),
    example="pokazatel evaluate berezniki --data definitions/berezniki/demo --year 2023",
)
@_CATALOGUE
@_DATA
@_YEARS
@_option(
    "--level",
    "levels",
    multiple=True,
    metavar=N_("LEVEL"),
    help=N_("Level, such as school or municipality."),
)
@_option("--place", "places", multiple=True, metavar=N_("ID"), help=N_("School or other place."))
@_option("--indicator", "indicators", multiple=True, metavar=N_("ID"), help=N_("Indicator."))
@_SCENARIO
@_option("--inputs", is_flag=True, help=N_("Show what was asked, too, as rows of their own."))
@_option(
    "--columns",
    metavar=N_("NAME,…"),
    help=N_("Columns to keep beside those that say what a row is about."),
)
@_option(
    "--format",
    "shape",
    type=click.Choice(FORMATS),
    help=N_(
        "By default a table on a terminal, else JSON; with -o what the file's name says. "
        "For Excel: xlsx."
    ),
)
@_OUTPUT
@_DEFINITIONS
def evaluate(  # noqa: PLR0917 - click hands them over by name
    name: str,
    data: Path,
    shape: str | None,
    output: Path | None,
    definitions: Path | None,
    columns: str | None,
    **asked: Any,
) -> None:
    """Print or write results."""
    from engine.reports.tables import choose_columns, write_results

    shape = _choose_format(shape, output)
    catalogue, problems = _load_catalogue(name, definitions)
    names = tuple(part.strip() for part in (columns or "").split(",") if part.strip())
    _check_columns(names)
    _check_asked(catalogue, asked)
    read, found = _read_data(catalogue, data)
    _check_asked_of_data(catalogue, read, asked)
    if shape == "table" and not asked["levels"] and not asked["places"]:
        asked["levels"] = (catalogue.levels[-1],)
    results = _compute(catalogue, read, columns=choose_columns(shape, names), **asked)
    if shape == "table":
        text = _draw_table(catalogue, results, names, output is None)
        _write(output, lambda stream: stream.write(text.encode()))
    else:
        if shape == "xlsx":
            _refuse_long_sheet(results)
        _write(output, lambda stream: write_results(stream, catalogue, results, shape, names))
    _finish([*problems, *found, *results.problems], results)


@main.command(
    help=N_("Prove one number: definition, formula, terms, who reported, cells, target, verdict."),
    example="pokazatel explain berezniki diagnosed_share --data definitions/berezniki/demo --year 2023",
)
@_CATALOGUE
@click.argument("indicator", metavar=N_("INDICATOR"), cls=_Argument)
@_DATA
@_option("--year", type=int, required=True, metavar=N_("YEAR"), help=N_("Year of the number."))
@_option("--place", metavar=N_("ID"), help=N_("School or other place; by default the only one."))
@_option("--level", metavar=N_("LEVEL"), help=N_("Level of the place, where two have the same id."))
@_option(
    "--scenario",
    type=click.Choice(["fact", "forecast"]),
    default="fact",
    show_default=True,
    help=N_("Fact or forecast."),
)
@_text_or_json
@_OUTPUT
@_DEFINITIONS
def explain(  # noqa: PLR0917 - click hands them over by name
    name: str,
    indicator: str,
    data: Path,
    year: int,
    shape: str,
    output: Path | None,
    definitions: Path | None,
    place: str | None,
    level: str | None,
    scenario: str,
) -> None:
    """Print the proof of one number."""
    from engine.evaluation.explain import explain as prove
    from engine.reports.proof import show_proof

    catalogue, problems = _load_catalogue(name, definitions)
    _check_names("INDICATOR", (indicator,), [*catalogue.indicators, *catalogue.inputs])
    asked = {"levels": (level,) if level else (), "years": (year,)}
    _check_asked(catalogue, asked)
    read, found = _read_data(catalogue, data)
    _check_asked_of_data(catalogue, read, asked | {"places": (place,) if place else ()})
    proof, more = prove(
        catalogue, read, indicator, year=year, place=place, level=level, scenario=scenario
    )
    every = [*problems, *found, *more]
    if proof is None:
        _stop(every)
    if shape == "json":
        text = _as_json(proof.as_json())
    else:
        text = show_proof(proof, catalogue).rstrip() + "\n"
    _write(output, lambda stream: stream.write(text.encode()))
    _finish(every)


@main.command(
    help=N_("Write a report: results laid out by a template."),
    example="pokazatel report berezniki --data definitions/berezniki/demo --year 2023 -o report.html",
)
@_CATALOGUE
@_DATA
@_option(
    "--year",
    "years",
    type=int,
    multiple=True,
    required=True,
    metavar=N_("YEAR"),
    help=N_("Year of the report; may be given several times."),
)
@_option(
    "--template",
    default="summary.html.j2",
    show_default=True,
    metavar=N_("NAME|FILE"),
    help=N_("Template: a name (see pokazatel templates) or a file."),
)
@_OUTPUT
@_DEFINITIONS
def report(  # noqa: PLR0917 - click hands them over by name
    name: str,
    data: Path,
    years: tuple[int, ...],
    template: str,
    output: Path | None,
    definitions: Path | None,
) -> None:
    """Print or write a report."""
    from engine.reports import render

    catalogue, problems = _load_catalogue(name, definitions)
    with _template_problems():
        from engine.reports.library import find_template

        find_template(template, catalogue)
    asked = {"years": tuple(dict.fromkeys(years))}
    _check_asked(catalogue, asked)
    read, found = _read_data(catalogue, data)
    _check_asked_of_data(catalogue, read, asked)
    results = _compute(catalogue, read, inputs=True, **asked)
    every = [*problems, *found, *results.problems]
    with _template_problems():
        text = render(
            catalogue,
            read,
            results.frame,
            years=asked["years"],
            template=template,
            problems=[one for one in (*found, *results.problems) if one.severity != "note"],
        )
    _write(output, lambda stream: stream.write(text.encode()))
    _finish(every, results)


@main.command(
    help=N_("List the templates of reports, or copy one to start your own from."),
    example="pokazatel templates",
)
@_option(
    "--copy",
    nargs=2,
    metavar=N_("NAME DIR"),
    help=N_("Copy this template into this folder."),
)
@_option(
    "--catalogue",
    metavar=N_("CATALOGUE"),
    help=N_("Take in the templates that this catalogue brings."),
)
@_DEFINITIONS
def templates(
    copy: tuple[str, str] | None, catalogue: str | None, definitions: Path | None
) -> None:
    """Print name and description of each template."""
    from pathlib import Path

    from engine.reports.library import copy_template, list_templates

    loaded = _load_catalogue(catalogue, definitions)[0] if catalogue else None
    if copy is not None:
        with _template_problems():
            click.echo(str(copy_template(copy[0], Path(copy[1]), loaded)))
        return
    for template in list_templates(loaded):
        click.echo(f"{template.name:<20} {template.description}".rstrip())


@main.command(
    help=N_("Run the examples that catalogues bring: tiny data and what must come out."),
    example="pokazatel test berezniki",
)
@_CATALOGUES
@_DEFINITIONS
def test(names: Sequence[str], definitions: Path | None) -> None:
    """Print every example that does not come out as expected."""
    from engine.data import data_from_example
    from engine.evaluation.examples import run_examples
    from engine.problems import show_problem
    from engine.reports.examples import show_failure, show_summary

    passed = True
    for name in dict.fromkeys(names):
        catalogue, problems = _load_catalogue(name, definitions)
        _print_problems(problems)
        tried = run_examples(catalogue, data_from_example)
        for one in tried:
            for problem in (*one.problems, *show_failure(one)):
                click.echo(show_problem(problem))
        click.echo(f"{name}: {show_summary(tried)}")
        passed = passed and all(one.passed for one in tried)
    if not passed:
        sys.exit(PROBLEMS_FOUND)


# --- steps of the commands ---------------------------------------------------------------------


def _load_catalogue(name: str, definitions: Path | None) -> tuple[Catalogue, list[Problem]]:
    """The catalogue and its warnings; with errors it stops here, for nothing could be proven."""
    from engine.catalogue.load import find_catalogue, load
    from engine.problems import has_errors

    folder, problems = find_catalogue(name, definitions)
    if problems:
        _stop(problems)
    catalogue, found = load(folder)
    if catalogue is None or has_errors(found):
        _stop([*found], _("the catalogue has errors: nothing was computed"))
    return catalogue, [*found]


def _read_data(catalogue: Catalogue, path: Path) -> tuple[Data, list[Problem]]:
    from engine.data import read_data

    read, problems = read_data(catalogue, path)
    if not path.exists():
        _stop([*problems])
    return read, [*problems]


def _compute(catalogue: Catalogue, data: Data, **asked: Any) -> Results:
    from engine.evaluation.evaluate import Asking
    from engine.evaluation.evaluate import evaluate as compute

    return compute(catalogue, data, Asking(**asked))


def _check_columns(names: Iterable[str]) -> None:
    from engine.evaluation.results import COLUMNS

    _check_names("--columns", names, COLUMNS)


def _check_asked(catalogue: Catalogue, asked: dict[str, Any]) -> None:
    """Names that only the catalogue knows."""
    _check_names("--level", asked.get("levels", ()), catalogue.levels)
    known = [*catalogue.indicators, *catalogue.inputs]
    _check_names("--indicator", asked.get("indicators", ()), known)


def _check_asked_of_data(catalogue: Catalogue, data: Data, asked: dict[str, Any]) -> None:
    """Years and places, which data name too."""
    years = [str(year) for year in sorted({*catalogue.years, *data.years})]
    _check_names("--year", [str(year) for year in asked.get("years", ())], years)
    if asked.get("places"):
        known = {place for level, place in data.titles if level in catalogue.levels}
        frame = data.schools.collect()
        for level in catalogue.levels:
            column = f"level:{level}" if level != catalogue.levels[0] else "school"
            known |= set(frame[column].drop_nulls().unique().to_list())
        _check_names("--place", asked["places"], sorted(known))


def _check_names(option: str, given: Iterable[str], known: Sequence[str]) -> None:
    """Refuse a name that is not known, with the nearest that is."""
    from engine.problems import suggest_name

    for name in given:
        if name not in known:
            message = _("there is no “{name}”").format(name=name)
            some = ", ".join(known[:20]) + (", …" if len(known) > 20 else "")  # noqa: PLR2004
            hint = suggest_name(name, known) or _("there are: {known}").format(known=some or "—")
            raise click.BadParameter(f"{message}; {hint}", param_hint=f"'{_(option)}'")


def _choose_format(shape: str | None, output: Path | None) -> str:
    if shape is None and output is None:
        return "table" if sys.stdout.isatty() else "json"
    if shape is None and output is not None:
        ending = output.suffix.lower().lstrip(".")
        shape = {"txt": "table"}.get(ending, ending)
        if shape not in FORMATS:
            message = _("the name of the file says no format; endings: {endings}").format(
                endings=", ".join(("txt", *FORMATS[1:]))
            )
            raise click.BadParameter(message, param_hint="'-o'")
    if shape in FOR_FILES and output is None and sys.stdout.isatty():
        raise click.UsageError(_("this format is no text: name a file by -o"))
    return str(shape)


def _refuse_long_sheet(results: Results) -> None:
    from engine.reports.workbook import MOST_ROWS

    if results.frame.height > MOST_ROWS:
        message = _("a sheet holds {most} rows, and there are {rows}: write csv or parquet")
        raise click.ClickException(message.format(most=MOST_ROWS, rows=results.frame.height))


@contextmanager
def _template_problems() -> Iterator[None]:
    """Whatever is wrong with a template is printed, and stops."""
    from engine.reports.library import TemplateError

    try:
        yield
    except TemplateError as error:
        _stop([error.problem])


def _draw_table(
    catalogue: Catalogue, results: Results, names: Sequence[str], to_screen: bool
) -> str:
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    from engine.reports.screen import lay_out

    columns, rows = lay_out(catalogue, results, names)
    on_terminal = to_screen and sys.stdout.isatty()
    table = Table(box=SIMPLE, pad_edge=False, show_edge=False)
    for column in columns:
        table.add_column(
            column.heading,
            justify="right" if column.number else "left",
            no_wrap=column.number,
        )
    for row in rows:
        table.add_row(*row)
    console = Console(
        width=None if on_terminal else WIDTH, no_color=not on_terminal, markup=False, emoji=False
    )
    with console.capture() as drawn:
        console.print(table)
    lines = (line.rstrip() for line in drawn.get().splitlines())
    return "\n".join(lines) + "\n"


# --- printing ----------------------------------------------------------------------------------


def _write(output: Path | None, write: Callable[[BinaryIO], Any]) -> None:
    """Write bytes to the file, whole or not at all, or to standard output."""
    if output is None:
        sys.stdout.flush()
        write(sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return
    from engine.files import replace_file

    try:
        with replace_file(output) as file:
            write(file)
    except OSError as error:  # it names the file beside
        raise OSError(error.errno, error.strerror, str(output)) from error
    click.echo(_("written: {file}").format(file=output), err=True)


def _as_json(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _print_json(value: Any) -> None:
    _write(None, lambda stream: stream.write(_as_json(value).encode()))


def _print_problems(problems: Iterable[Problem]) -> None:
    from engine.problems import show_problem

    for problem in problems:
        if problem.severity != "note":
            click.echo(show_problem(problem), err=True)


def _count_problems(problems: Sequence[Problem]) -> str:
    """`ошибок: 2, предупреждений: 1`, or that there are none."""
    count = [one.severity for one in problems].count
    parts = [
        ngettext("{count} error", "{count} errors", count("error")).format(count=count("error"))
        if count("error")
        else _("no errors")
    ]
    if count("warning"):
        many = count("warning")
        parts.append(ngettext("{count} warning", "{count} warnings", many).format(count=many))
    if count("note"):
        many = count("note")
        parts.append(ngettext("{count} note", "{count} notes", many).format(count=many))
    return ", ".join(parts)


def _stop(problems: list[Problem], why: str = "") -> NoReturn:
    _print_problems(problems)
    if why:
        click.echo(why, err=True)
    sys.exit(PROBLEMS_FOUND)


def _finish(problems: Iterable[Problem], results: Results | None = None) -> None:
    """Print the problems, what was skipped, and end with the exit code they ask for."""
    from engine.problems import has_errors, sort_problems

    told = [problem for problem in sort_problems(problems) if problem.severity != "note"]
    _print_problems(told)
    if told:
        click.echo(_count_problems(told), err=True)
    if results is not None and results.skipped_checks:
        many = results.skipped_checks
        click.echo(
            ngettext(
                "{count} check was skipped: it had no value",
                "{count} checks were skipped: they had no value",
                many,
            ).format(count=many),
            err=True,
        )
    if has_errors(told):
        sys.exit(PROBLEMS_FOUND)


if __name__ == "__main__":
    main()
