"""What is printed and written: results in the format asked for, problems, and how a command ends."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, TypeVar, cast

import click

from engine.console.click_words import NOTHING_COMPUTED, CommandRefusedError, is_strict, shows_notes
from engine.console.terminal import WIDTH, echo, is_terminal, screen_width, wrap_lines
from engine.problems import (
    Problem,
    fold_problems,
    has_errors,
    show_problem,
    show_signs,
    sort_problems,
)
from engine.translation import gettext as _
from engine.translation import ngettext, use_language

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from rich.table import Table

    from engine.catalogue.model import Catalogue
    from engine.evaluation.asking import Results

Thing = TypeVar("Thing")

FORMATS = ("table", "json", "csv", "xlsx", "parquet")
FOR_FILES = ("xlsx", "parquet")
PROBLEMS_FOUND = 1
"""The exit code of a command that wrote its results and printed errors."""
MOST_AT_ONCE = 1_000  # problems, printed
MOST_IN_MEMORY = 2**26  # bytes that wait for standard output
_AIRY = 20  # letters for each column of a wide table
_BETWEEN = 3  # letters between two columns
_LONGEST_WORD = 30  # letters of ids, which cannot be broken


# --- results -----------------------------------------------------------------------------------


def choose_format(shape: str | None, output: Path | None) -> str:
    """The format asked for, or that of the file's name, or what suits who looks."""
    if shape is None and output is None:
        return "table" if is_terminal(sys.stdout) else "json"
    if shape is None and output is not None:
        ending = output.suffix.lower().lstrip(".")
        shape = {"txt": "table"}.get(ending, ending)
        if shape not in FORMATS:
            message = _("the name of the file says no format; endings: {endings}").format(
                endings=", ".join(("txt", *FORMATS[1:]))
            )
            raise click.BadParameter(message, param_hint="'-o'")
    if shape in FOR_FILES:
        refuse_screen(output)
    return str(shape)


def refuse_screen(output: Path | None) -> None:
    """What is no text is not written to a terminal."""
    if output is None and is_terminal(sys.stdout):
        raise click.UsageError(_("this format is no text: name a file by -o"))


def show_results(
    catalogue: Catalogue, results: Results, shape: str, names: Sequence[str], output: Path | None
) -> None:
    """Write results in a format; `names` are the columns asked for.

    A workbook is in the catalogue's language.
    """
    if shape == "table":
        draw = _draw_table if names else _draw_overview
        write_drawn(draw(catalogue, results, names, output is None), output)
    elif shape == "xlsx":
        from engine.reports.formats.result_workbook import MOST_ROWS, write_result_workbook

        held = _hold_sheet(results, MOST_ROWS)

        def put_workbook(stream: BinaryIO) -> None:
            with use_language(catalogue.language):
                write_result_workbook(stream, catalogue, held, names)

        write(output, put_workbook)
    else:
        from engine.reports.formats.result_tables import write_result_table

        write(output, lambda stream: write_result_table(stream, catalogue, results, shape, names))


def _hold_sheet(results: Results, most: int) -> Results:
    """The results with their rows at hand; ClickException where they are more than `most`."""
    height, blocks = 0, []
    for block in results.blocks:
        height += block.height
        if height <= most:
            blocks.append(block)
    if height > most:
        message = _("a sheet holds {most} rows, and there are {rows}: write csv or parquet")
        raise CommandRefusedError(message.format(most=most, rows=height))
    return replace(results, blocks=blocks)


def _draw_overview(
    catalogue: Catalogue, results: Results, _names: Sequence[str], to_screen: bool
) -> str:
    from rich.text import Text

    from engine.reports.formats.overview import lay_out_overview

    on_terminal = to_screen and is_terminal(sys.stdout)
    lines = lay_out_overview(catalogue, results, screen_width() if on_terminal else WIDTH)
    shown = [[(show_signs(text), style) for text, style in line] for line in lines]
    return _print_rich([Text.assemble(*line) for line in shown], on_terminal, WIDTH)


def _draw_table(
    catalogue: Catalogue, results: Results, names: Sequence[str], to_screen: bool
) -> str:
    from engine.reports.formats.screen import lay_out_table

    columns, rows = lay_out_table(catalogue, results, names)
    headings = [column.heading for column in columns]
    numeric = [column.number for column in columns]
    return draw_lines(headings, rows, numeric, to_screen=to_screen)


def draw_lines(
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    numeric: Sequence[bool] = (),
    *,
    to_screen: bool = True,
) -> str:
    """A table of texts as lines, as wide as the screen; columns of numbers stand to the right.

    Columns for which a terminal has no room stand in tables below, each with the first column again.
    """
    from itertools import zip_longest

    texts = [tuple(map(show_signs, row)) for row in (headings, *rows)]
    columns = [
        ScreenColumn(cells, number=bool(number))
        for cells, number in zip_longest(zip(*texts, strict=True), numeric[: len(headings)])
    ]
    on_terminal = to_screen and is_terminal(sys.stdout)
    parts = part_columns(columns, screen_width()) if on_terminal else [columns]
    # A table of many columns is as wide as it wants where no screen bounds it.
    width = max(WIDTH, _AIRY * len(headings))
    return "\n".join(_print_rich([_make_table(part)], on_terminal, width) for part in parts)


class ScreenColumn(NamedTuple):
    """A column as texts, its heading first."""

    cells: Sequence[str]
    number: bool

    @property
    def narrowest(self) -> int:
        """What it takes so that no word is broken; of words longer than words are, so many letters."""
        words = (word for text in self.cells for word in text.split())
        return min(max(map(len, words), default=0), _LONGEST_WORD)

    @property
    def width(self) -> int:
        """What it takes to be read with ease; a number is never broken."""
        longest = max(map(len, self.cells))
        return longest if self.number else max(min(longest, _AIRY), self.narrowest)


def part_columns(columns: Sequence[ScreenColumn], width: int) -> Iterator[Sequence[ScreenColumn]]:
    """The columns in tables of this width; each begins with the first column."""
    first, *others = columns
    part, taken = [first], first.width
    for column in others:
        if len(part) > 1 and taken + _BETWEEN + column.width > width:
            yield part
            part, taken = [first], first.width
        part.append(column)
        taken += _BETWEEN + column.width
    yield part


def _make_table(columns: Sequence[ScreenColumn]) -> Table:
    from rich.box import SIMPLE
    from rich.table import Table

    table = Table(box=SIMPLE, pad_edge=False, show_edge=False)
    for column in columns:
        table.add_column(
            column.cells[0],
            justify="right" if column.number else "left",
            no_wrap=column.number,
            min_width=column.narrowest,
        )
    for row in list(zip(*(column.cells for column in columns), strict=True))[1:]:
        table.add_row(*row)
    return table


def _print_rich(things: Sequence[Any], on_terminal: bool, width: int) -> str:
    """What rich makes of these: in colour on a terminal that has it, as wide as that; else `width`."""
    from rich.console import Console

    console = Console(
        width=screen_width() if on_terminal else width,
        color_system="auto" if on_terminal else None,
        markup=False,
        emoji=False,
    )
    with console.capture() as drawn:
        for thing in things:
            console.print(thing, highlight=False)
    lines = (line.rstrip() for line in drawn.get().splitlines())
    return "".join(f"{line}\n" for line in lines)


# --- bytes and lines ---------------------------------------------------------------------------


def write(output: Path | None, put: Callable[[BinaryIO], Any]) -> None:
    """Write bytes to the file, whole or not at all, or to standard output."""
    if output is None:
        # Writers of formats meet a reader who has left with errors of their own: they write to
        # memory (what is large to a file without a name), and only these bytes go out.
        with SpooledTemporaryFile(max_size=MOST_IN_MEMORY) as held:
            put(cast("BinaryIO", held))
            held.seek(0)
            sys.stdout.flush()
            copyfileobj(held, sys.stdout.buffer)
            sys.stdout.buffer.flush()
        return
    from engine.files import replace_file

    with replace_file(output) as file:
        put(file)
    echo(_("written: {file}").format(file=output), err=True)


def track(things: Sequence[Thing], title: str) -> Iterator[Thing]:
    """The things one after the other; who looks at a terminal sees how many are done."""
    if not is_terminal(sys.stderr):
        yield from things
        return
    with click.progressbar(things, label=title, file=sys.stderr, show_pos=True) as bar:
        yield from bar


def write_text(text: str, output: Path | None = None) -> None:
    """Write a text as UTF-8; on a terminal its lines are wrapped."""
    text = wrap_lines(text, screen_width()) if output is None and is_terminal(sys.stdout) else text
    write_drawn(text, output)


def write_drawn(text: str, output: Path | None = None) -> None:
    """Write a text as UTF-8 that is laid out already."""
    write(output, lambda stream: stream.write(text.encode()))


def quote_path(path: Path) -> str:
    """The path as it is typed: in quotes where it has a space."""
    text = str(path)
    return f'"{text}"' if " " in text else text


def write_json(value: Any, output: Path | None = None) -> None:
    """Write an object or an array, for people and programs alike."""
    import json

    write_drawn(json.dumps(value, ensure_ascii=False, indent=2) + "\n", output)


@contextmanager
def progress(total: int, title: str) -> Iterator[Callable[[int], None]]:
    """A bar on standard error, where a person looks at it; what is handed out moves it on."""
    if not is_terminal(sys.stderr):
        yield lambda _done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda done: bar.advance(task, done)


# --- problems, and the end ---------------------------------------------------------------------


def select_shown(problems: Iterable[Problem]) -> list[Problem]:
    """The problems that are printed, those of one cause as one: all with `--all`, else without notes."""
    notes = shows_notes()
    return [*fold_problems(problem for problem in problems if notes or problem.severity != "note")]


def is_clean(problems: Iterable[Problem]) -> bool:
    """Whether a command that printed these problems ends with 0: no error, with `--strict` no warning."""
    if is_strict():
        return all(problem.severity == "note" for problem in problems)
    return not has_errors(problems)


def print_problems(problems: Iterable[Problem]) -> None:
    """A problem after the other, to standard error: there may be hundreds of thousands."""
    shown = map(show_problem, problems)
    while lines := list(islice(shown, MOST_AT_ONCE)):
        echo("\n".join(lines), err=True)


def count_problems(problems: Sequence[Problem]) -> str:
    """`ошибок: 2, предупреждений: 1`, or that there are none."""
    count = [problem.severity for problem in problems].count
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


@contextmanager
def template_problems() -> Iterator[None]:
    """Whatever is wrong with a template is printed, and stops."""
    from engine.reports.templates import TemplateError

    try:
        yield
    except TemplateError as error:
        stop([error.problem])


def stop(problems: Iterable[Problem], why: str = "") -> NoReturn:
    """Print the problems for which nothing can be computed, and end with that exit code."""
    print_problems(select_shown(problems))
    if why:
        echo(why, err=True)
    sys.exit(NOTHING_COMPUTED)


def report_problems(problems: Iterable[Problem], results: Results | None = None) -> bool:
    """Print the problems, with `--all` the notes too; whether the run was clean."""
    notes = _note_skipped(results.skipped_checks) if results is not None else ()
    shown = select_shown((*sort_problems(problems), *notes))
    print_problems(shown)
    if shown:
        echo(count_problems(shown), err=True)
    return is_clean(shown)


def count_others(problems: Iterable[Problem], command: str) -> bool:
    """Say how many problems are not about what was asked, and the command that prints them.

    Gives what `is_clean` says of them.
    """
    shown = select_shown(sort_problems(problems))
    if shown:
        message = _("not about this number: {counts}; to see them: {command}")
        echo(message.format(counts=count_problems(shown), command=command), err=True)
    return is_clean(shown)


def _note_skipped(checks: int) -> tuple[Problem, ...]:
    """That so many checks had no value, which is no mistake of anybody."""
    if not checks:
        return ()
    message = ngettext(
        "{count} check was skipped: it had no value",
        "{count} checks were skipped: they had no value",
        checks,
    ).format(count=checks)
    return (Problem("skipped-checks", message, severity="note"),)
