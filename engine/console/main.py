"""The command line: the commands, what each takes, the call that answers it, the exit code.

What the calls do and what is printed is in the other modules of this room; a command imports its own
inside its function, so that `--help` costs no more than click itself.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import click
from click.core import ParameterSource

from engine.console.click_words import (
    ALL,
    CATALOGUE,
    CATALOGUE_NAMES,
    CATALOGUES,
    DATA,
    DATE,
    DEFINITIONS,
    FILE_OR_FOLDER,
    FOLDER,
    FORMS,
    INDICATORS,
    LEVELS,
    OUTPUT,
    REGISTER,
    STRICT,
    TEMPLATES,
    TEXT_OR_JSON,
    YEARS,
    CommandGroup,
    Year,
    argument,
    as_path,
    option,
    show_version,
)
from engine.console.showing import FORMATS, PROBLEMS_FOUND
from engine.translation import N_
from engine.translation import gettext as _

_MEMORY = "narenas:1,dirty_decay_ms:10000"
"""All threads take memory from one store, and what is freed goes back to the system after ten
seconds, not half a one: what one block of rows has freed serves the next, whatever thread makes it."""


def _share_memory() -> None:
    """Tell Polars, which reads it when it is loaded, how to keep memory (docs/decisions/0017)."""
    chosen = os.environ.get("_RJEM_MALLOC_CONF", "")
    if _MEMORY not in chosen:
        os.environ["_RJEM_MALLOC_CONF"] = ",".join(filter(None, (chosen, _MEMORY)))


def _end(clean: bool) -> None:
    if not clean:
        sys.exit(PROBLEMS_FOUND)


@click.group(
    "pokazatel",
    cls=CommandGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    invoke_without_command=True,
    help=N_(
        "Indicators of education: counts in, proven numbers and reports out.\n\n"
        "A catalogue is named by its id or by the path of its folder. An id is looked for in the current "
        "folder, in its folder definitions, then among the catalogues that ship. Alone, the program says "
        "what is in this folder and what to do next."
    ),
    example="pokazatel evaluate berezniki --data definitions/berezniki/demo --year 2023",
)
@option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=show_version,
    help=N_("Show the version and exit."),
)
@click.pass_context
def main(ctx: click.Context) -> None:
    """Choose a command; without one, say what is here and what to do next."""
    _share_memory()
    if ctx.invoked_subcommand is None:
        from engine.console.folder_status import describe_folder

        _end(describe_folder())


@main.command(
    "list",
    help=N_("List the catalogues in sight and those that ship, with their folders."),
    example="pokazatel list",
)
@DEFINITIONS
def list_command(**options: Any) -> None:
    """Print id, folder and title of each catalogue."""
    from engine.console.commands import list_folders

    _end(list_folders(**options))


@main.command(
    help=N_(
        "Copy a catalogue that ships, with invented data, into a folder to try the program in.\n\n"
        "Without a name it is berezniki. Nothing that is not its own is written over."
    ),
    example="pokazatel demo try",
)
@argument("words", metavar=N_("[CATALOGUE] DIR"), nargs=-1, required=True)
@option(
    "--replace",
    "overwrite",
    is_flag=True,
    help=N_("Write the demo's own files anew: what was changed in them is lost."),
)
def demo_command(**asked: Any) -> None:
    """Copy a catalogue and its demo data."""
    from engine.console.start_commands import copy_shipped_demo

    _end(copy_shipped_demo(**asked))


@main.command(
    help=N_(
        "Make the folder of a new catalogue, with comments that say what to write.\n\n"
        "From the table of an order (№, indicator, unit, values by year) it takes numbers, titles, units "
        "and targets; the formulas are left to be written."
    ),
    example="pokazatel new novograd",
)
@argument("identifier", metavar=N_("ID"))
@option(
    "--from",
    "source",
    metavar=N_("CATALOGUE"),
    help=N_("Begin with a copy of this catalogue; with --order take its inputs and formulas."),
)
@option(
    "--order",
    type=click.Path(),
    callback=as_path,
    metavar=N_("TABLE"),
    help=N_("Begin with the table of an order: a file .docx or .xlsx."),
)
@ALL
@STRICT
@DEFINITIONS
def new_command(**asked: Any) -> None:
    """Write a new catalogue."""
    from engine.console.start_commands import write_new_catalogue

    _end(write_new_catalogue(**asked))


@main.command(
    help=N_(
        "Check catalogues: everything that can be known without data.\n\n"
        "Names, formulas, units, cycles, targets; every problem with its line and a way to mend it."
    ),
    example="pokazatel check berezniki michurinsk",
)
@CATALOGUES
@TEXT_OR_JSON
@option(
    "--watch",
    is_flag=True,
    help=N_("Check after every save, and show which numbers it changed; Ctrl+C ends it."),
)
@option(
    "--data",
    type=click.Path(),
    callback=as_path,
    metavar=N_("PATH"),
    help=N_("With --watch: the data whose numbers are compared."),
)
@ALL
@STRICT
@DEFINITIONS
@click.pass_context
def check_command(ctx: click.Context, /, watch: bool, data: Any, **options: Any) -> None:
    """Print the problems of catalogues."""
    if watch:
        from engine.console.watch_command import watch_catalogue

        _end(watch_catalogue(data=data, **options))
    elif ctx.get_parameter_source("data") is ParameterSource.COMMANDLINE:
        raise click.UsageError(_("--data is for --watch: check looks at no data"))
    else:
        from engine.console.commands import check_catalogues

        _end(check_catalogues(**options))


@main.command(
    help=N_(
        "Print the JSON Schema by which an editor helps to write a catalogue.\n\n"
        "With a catalogue its own names are in it: ids, sections, units, names for formulas."
    ),
    example="pokazatel schema berezniki",
)
@argument("name", metavar=N_("[CATALOGUE]"), required=False, shell_complete=CATALOGUE_NAMES)
@OUTPUT
@DEFINITIONS
def schema_command(**options: Any) -> None:
    """Print the schema for editors."""
    from engine.console.commands import print_schema

    _end(print_schema(**options))


@main.command(
    help=N_(
        "Compare two catalogues: what changed in definitions, and what it does to each number.\n\n"
        "The data are the same for both: what changes is the method, not the schools."
    ),
    example="pokazatel diff berezniki-2023 berezniki --data definitions/berezniki/demo",
)
@argument("old", metavar=N_("OLD"), shell_complete=CATALOGUE_NAMES)
@argument("new", metavar=N_("NEW"), shell_complete=CATALOGUE_NAMES)
@option(
    "--data",
    type=click.Path(),
    callback=as_path,
    metavar=N_("PATH"),
    help=N_("Data whose numbers are compared; without it only definitions are."),
)
@TEXT_OR_JSON
@OUTPUT
@ALL
@STRICT
@DEFINITIONS
def diff_command(**options: Any) -> None:
    """Print what changed from one catalogue to another."""
    from engine.console.diff_command import compare_catalogues

    _end(compare_catalogues(**options))


@main.command(
    help=N_(
        "Compare places of several catalogues by concept: each catalogue with its own data.\n\n"
        "What is not measured in the same way is shown and not compared."
    ),
    example="pokazatel compare berezniki=definitions/berezniki/demo "
    "michurinsk=definitions/michurinsk/demo --year 2023",
)
@argument("pairs", metavar=N_("CATALOGUE=DATA"), nargs=-1, required=True)
@option(
    "--year",
    type=Year(),
    shell_complete=YEARS,
    metavar=N_("YEAR"),
    help=N_("Year; by default the last one of which all have data."),
)
@TEXT_OR_JSON
@OUTPUT
@ALL
@STRICT
@DEFINITIONS
def compare_command(**options: Any) -> None:
    """Print catalogues side by side."""
    from engine.console.compare_command import compare_side_by_side

    _end(compare_side_by_side(**options))


@main.command(
    help=N_(
        "Compute the indicators from data and judge them by their targets.\n\n"
        "Without --year and --level: all; a table shows the highest level."
    ),
    example="pokazatel evaluate berezniki --data definitions/berezniki/demo --year 2023",
)
@CATALOGUE
@DATA
@option(
    "--year",
    "years",
    shell_complete=YEARS,
    type=Year(),
    multiple=True,
    metavar=N_("YEAR"),
    help=N_("Year; may be given several times, as the options below."),
)
@option(
    "--level",
    "levels",
    multiple=True,
    shell_complete=LEVELS,
    metavar=N_("LEVEL"),
    help=N_("Level, such as school or municipality."),
)
@option("--place", "places", multiple=True, metavar=N_("ID"), help=N_("School or other place."))
@option(
    "--indicator",
    "indicators",
    multiple=True,
    shell_complete=INDICATORS,
    metavar=N_("ID"),
    help=N_("Indicator."),
)
@option(
    "--scenario",
    type=click.Choice(["fact", "forecast"]),
    help=N_("Facts or forecasts; both where the data hold both."),
)
@option("--inputs", is_flag=True, help=N_("Show what was asked, too, as rows of their own."))
@option(
    "--by",
    multiple=True,
    shell_complete=REGISTER,
    metavar=N_("COLUMN"),
    help=N_(
        "Show every indicator among the schools of each option of a column of the register, too; "
        "may be given several times."
    ),
)
@option(
    "--columns",
    metavar=N_("NAME,…"),
    help=N_("Columns to keep beside those that say what a row is about."),
)
@option("--long", "long", is_flag=True, help=N_("A table of all columns."))
@option(
    "--format",
    "shape",
    type=click.Choice(FORMATS),
    help=N_(
        "By default a table on a terminal, else JSON; with -o what the file's name says. "
        "For Excel: xlsx."
    ),
)
@OUTPUT
@ALL
@STRICT
@DEFINITIONS
def evaluate_command(**options: Any) -> None:
    """Print or write results."""
    from engine.console.commands import evaluate_data

    _end(evaluate_data(**options))


@main.command(
    help=N_("Prove one number: definition, formula, terms, who reported, cells, target, verdict."),
    example="pokazatel explain berezniki diagnosed_share --data definitions/berezniki/demo --year 2023",
)
@CATALOGUE
@argument("indicator", metavar=N_("INDICATOR"), shell_complete=INDICATORS)
@DATA
@option(
    "--year",
    type=Year(),
    required=True,
    shell_complete=YEARS,
    metavar=N_("YEAR"),
    help=N_("Year of the number."),
)
@option("--place", metavar=N_("ID"), help=N_("School or other place; by default the only one."))
@option("--level", metavar=N_("LEVEL"), help=N_("Level of the place, where two have the same id."))
@option(
    "--scenario",
    type=click.Choice(["fact", "forecast"]),
    default="fact",
    show_default=True,
    help=N_("Fact or forecast."),
)
@TEXT_OR_JSON
@OUTPUT
@ALL
@STRICT
@DEFINITIONS
def explain_command(**options: Any) -> None:
    """Print the proof of one number."""
    from engine.console.commands import prove_number

    _end(prove_number(**options))


@main.command(
    help=N_(
        "Write a report: results laid out by a template, into a file.\n\n"
        "The file stands in the current folder, named by catalogue, year and template, where -o does "
        "not name another. A file that another program wrote or changed is not written over."
    ),
    example="pokazatel report berezniki --data definitions/berezniki/demo --year 2023 -o report.html",
)
@CATALOGUE
@DATA
@option(
    "--year",
    "years",
    shell_complete=YEARS,
    type=Year(),
    multiple=True,
    required=True,
    metavar=N_("YEAR"),
    help=N_("Year of the report; may be given several times."),
)
@option(
    "--template",
    shell_complete=TEMPLATES,
    metavar=N_("NAME|FILE"),
    help=N_(
        "Template: a name (see pokazatel templates), which may carry its kind, as in school.docx, or "
        "a file. By default report, or what suits the ending of -o."
    ),
)
@option(
    "--audience",
    type=click.Choice(["internal", "school", "public"]),
    help=N_(
        "For whom it is: what they may not see is taken out before anything is laid out. "
        "By default that of the template, else internal."
    ),
)
@option(
    "--each",
    metavar=N_("LEVEL"),
    help=N_("A report for each place of this level, such as school."),
)
@DATE
@FILE_OR_FOLDER
@option(
    "--replace",
    "overwrite",
    is_flag=True,
    help=N_("Write over a file that another program wrote or changed."),
)
@option(
    "--published",
    multiple=True,
    type=click.Path(),
    metavar=N_("PATH"),
    help=N_(
        "What was published before: a file or a folder. Its readers know it, and the two together "
        "must give nothing hidden away."
    ),
)
@option("--open", "shown", is_flag=True, help=N_("Open what was written."))
@ALL
@STRICT
@DEFINITIONS
def report_command(**options: Any) -> None:
    """Write a report."""
    from engine.console.report_command import write_report

    _end(write_report(**options))


@main.command(
    help=N_("List the templates of reports, or copy one to start your own from."),
    example="pokazatel templates",
)
@option("--copy", nargs=2, metavar=N_("NAME DIR"), help=N_("Copy this template into this folder."))
@option(
    "--catalogue",
    metavar=N_("CATALOGUE"),
    help=N_("Take in the templates that this catalogue brings."),
)
@DEFINITIONS
def templates_command(**options: Any) -> None:
    """Print name and description of each template."""
    from engine.console.commands import show_templates

    _end(show_templates(**options))


@main.command(
    help=N_(
        "Write the workbooks of a form, one for each place that fills it.\n\n"
        "The data give the register of schools, and last year's values to show beside the cells."
    ),
    example="pokazatel form berezniki plan_report --data definitions/berezniki/demo --year 2023 -o forms",
)
@CATALOGUE
@argument("form", metavar=N_("FORM"), shell_complete=FORMS)
@DATA
@option(
    "--year",
    type=Year(),
    required=True,
    shell_complete=YEARS,
    metavar=N_("YEAR"),
    help=N_("Year of the form."),
)
@option(
    "--place",
    "places",
    multiple=True,
    metavar=N_("ID"),
    help=N_("Only this place; may be given several times."),
)
@FOLDER
@option(
    "--replace",
    "overwrite",
    is_flag=True,
    help=N_("Write over forms in this folder that are filled in: their answers are lost."),
)
@ALL
@STRICT
@DEFINITIONS
def form_command(**options: Any) -> None:
    """Write the workbooks of a form."""
    from engine.console.form_command import send_forms

    _end(send_forms(**options))


@main.command(
    help=N_(
        "Collect filled forms into a data folder, with a protocol of everything wrong.\n\n"
        "The folders are searched through. Without --data the register is schools.csv among the "
        "forms, or that of the former result."
    ),
    example="pokazatel collect berezniki forms --data definitions/berezniki/demo -o collected",
)
@CATALOGUE
@argument("folders", metavar=N_("DIR"), nargs=-1, required=True)
@option(
    "--data",
    type=click.Path(),
    callback=as_path,
    metavar=N_("PATH"),
    help=N_("Data folder with the register and last year's facts, which are taken along."),
)
@FOLDER
@option(
    "--format",
    type=click.Choice(["parquet", "csv"]),
    default="parquet",
    show_default=True,
    help=N_("Format of the collected facts."),
)
@option(
    "--prefer",
    multiple=True,
    metavar=N_("FILE"),
    help=N_("Of two forms of one place take this file; may be given several times."),
)
@option(
    "--year",
    type=Year(),
    metavar=N_("YEAR"),
    help=N_("Year of the forms that are expected; by default that of most."),
)
@ALL
@STRICT
@DEFINITIONS
def collect_command(**options: Any) -> None:
    """Read filled forms."""
    from engine.console.collect_command import collect_forms

    _end(collect_forms(**options))


@main.command(
    help=N_(
        "Turn workbooks and Word tables as they are into a data folder.\n\n"
        "What is sure becomes facts, with file, sheet and cell; what is not is told. What was "
        "understood is written to sources.yaml: correct it there once, it is read every year."
    ),
    example="pokazatel adopt berezniki svod.xlsx --data definitions/berezniki/demo -o adopted",
)
@CATALOGUE
@argument("files", metavar=N_("FILE"), nargs=-1, required=True)
@option(
    "--data",
    type=click.Path(),
    callback=as_path,
    metavar=N_("PATH"),
    help=N_("Data folder with the register and earlier facts, which are taken along."),
)
@option("--dry-run", is_flag=True, help=N_("Only tell what is understood; write nothing."))
@FOLDER
@ALL
@STRICT
@DEFINITIONS
def adopt_command(**asked: Any) -> None:
    """Adopt workbooks and documents."""
    from engine.console.adopt_command import adopt_files

    _end(adopt_files(**asked))


@main.command(
    help=N_("Run the examples that catalogues bring: tiny data and what must come out."),
    example="pokazatel test berezniki",
)
@CATALOGUES
@ALL
@STRICT
@DEFINITIONS
def test_command(**options: Any) -> None:
    """Print every example that does not come out as expected."""
    from engine.console.commands import try_examples

    _end(try_examples(**options))
