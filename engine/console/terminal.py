"""What a person looks at: whether it is a terminal, how wide it is, and lines that fit it."""

from __future__ import annotations

import shutil
import sys
import textwrap
from typing import TextIO

import click

WIDTH = 80  # letters, of what goes to no terminal


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person looks at what is printed; a closed stream is nobody."""
    return stream is not None and stream.isatty()


def screen_width() -> int:
    """The width of the terminal in letters; `WIDTH` where there is none."""
    return shutil.get_terminal_size((WIDTH, 0)).columns


def echo(text: str, *, err: bool = False) -> None:
    """Print a text, to standard error with `err`; lines too long for a terminal are wrapped."""
    on_terminal = is_terminal(sys.stderr if err else sys.stdout)
    click.echo(wrap_lines(text, screen_width()) if on_terminal else text, err=err)


def wrap_lines(text: str, width: int) -> str:
    """Break lines that are longer at spaces; what is broken off hangs four letters further in."""
    return "".join(_wrap_line(line, width) for line in text.splitlines(keepends=True))


def _wrap_line(line: str, width: int) -> str:
    bare = line.rstrip("\n")
    if len(bare) <= width:
        return line
    indent = " " * (len(bare) - len(bare.lstrip(" ")))
    wrapper = textwrap.TextWrapper(
        width,
        initial_indent=indent,
        subsequent_indent=f"{indent}    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(wrapper.wrap(bare.strip(" "))) + line[len(bare) :]
