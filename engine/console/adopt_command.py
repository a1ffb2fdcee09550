"""What `adopt` does: workbooks and Word tables → a data folder, and on the screen what was understood."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.console import showing
from engine.console.opening import open_catalogue, refuse_missing
from engine.console.terminal import echo
from engine.translation import gettext as _
from engine.translation import ngettext

if TYPE_CHECKING:
    from engine.adoption.adopt import Adopted
    from engine.adoption.readings import ColumnLine

_MOST_LINES = 60  # of the table that is shown


def adopt_files(
    *,
    name: str,
    files: Sequence[str],
    data: Path | None,
    dry_run: bool,
    output: Path,
    definitions: Path | None,
) -> bool:
    """Adopt files; whether nothing was wrong."""
    paths = tuple(Path(file) for file in files)
    _refuse_paths(paths, output, data)
    catalogue, problems = open_catalogue(name, definitions)

    from engine.adoption.adopt import Adoption, adopt

    adopted = adopt(catalogue, Adoption(paths, output, data, dry_run))
    if adopted.tables.shown:
        showing.write_drawn(showing.draw_lines(_headings(), _table_rows(adopted.tables.shown)))
    for line in _tell(adopted, output, dry_run=dry_run):
        echo(line)
    if not (adopted.written or dry_run):
        showing.stop([*problems, *adopted.problems])
    return showing.report_problems([*problems, *adopted.problems])


def _refuse_paths(files: Sequence[Path], output: Path, data: Path | None) -> None:
    refuse_missing(files, _("FILE"))
    if data is not None and not data.is_dir():
        message = _("there is no such folder: “{path}”").format(path=data)
        raise click.BadParameter(message, param_hint="'--data'")
    if output.exists() and not output.is_dir():
        message = _("“{path}” is a file: name a folder").format(path=output)
        raise click.BadParameter(message, param_hint="'-o'")


def _headings() -> tuple[str, ...]:
    return (_("Column or row"), _("Input"), _("Sure"), _("Example"))


def _table_rows(lines: Sequence[ColumnLine]) -> Iterator[tuple[str, ...]]:
    """The table that is shown, each column or row once, those that are not sure first."""
    seen: dict[tuple[str, str, bool], ColumnLine] = {}
    for line in lines:
        seen.setdefault((line.name, line.asked, line.sure), line)
    ordered = sorted(seen.values(), key=lambda line: line.sure)
    for line in ordered[:_MOST_LINES]:
        sure = _("yes") if line.sure else _("no")
        yield line.name, line.asked or "?", sure, line.example
    if len(ordered) > _MOST_LINES:
        yield f"… {len(ordered) - _MOST_LINES}", "", "", ""


def _tell(adopted: Adopted, output: Path, *, dry_run: bool) -> Iterator[str]:
    from engine.adoption.adopt import tell_balance

    yield ngettext("{count} file was read", "{count} files were read", adopted.files).format(
        count=adopted.files
    )
    yield tell_balance(adopted.tables)
    if adopted.carried and adopted.written:
        yield _("sources.yaml and its files are taken along from the folder of the data")
    if adopted.added and adopted.written:
        yield _("sources.yaml was there: what is new is added to it as a proposal, not read")
    if dry_run:
        yield _("nothing was written (--dry-run)")
    elif adopted.written:
        yield _("written: {file}").format(file=output)
    else:
        yield _("nothing was written")
