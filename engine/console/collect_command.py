"""What `collect` does: filled workbooks → a data folder, and a protocol on the screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.console import showing
from engine.console.opening import open_catalogue, refuse_missing
from engine.console.terminal import echo
from engine.translation import gettext as _
from engine.translation import ngettext
from engine.typography import set_type

if TYPE_CHECKING:
    from engine.forms.back.collect import Collection
    from engine.forms.back.protocol import Protocol, ProtocolEntry

_MOST_SHOWN = 40


def collect_forms(
    *, name: str, folders: Sequence[str], output: Path, definitions: Path | None, **options: Any
) -> bool:
    """Collect the forms of folders. `options` are the other fields of `CollectionRequest`."""
    paths = tuple(Path(folder) for folder in folders)
    _refuse_paths(paths, output, options["data"])
    catalogue, problems = open_catalogue(name, definitions)

    from engine.forms.back.collect import CollectionRequest, collect, is_collected

    if not is_collected(output):
        message = _("the folder “{folder}” holds other things: name an empty one, or a new one")
        raise click.BadParameter(message.format(folder=output), param_hint="'-o'")
    options["prefer"] = tuple(Path(file) for file in options["prefer"])
    reading = _("reading forms")
    with ExitStack() as stack:
        collected = collect(
            catalogue,
            CollectionRequest(paths, output, **options),
            begin=lambda total: stack.enter_context(showing.progress(total, reading)),
        )
    for line in _show_protocol(collected, output):
        echo(line)
    return showing.report_problems([*problems, *collected.problems])


def _refuse_paths(folders: Sequence[Path], output: Path, data: Path | None) -> None:
    """The result may be written over nothing that it is made from."""
    refuse_missing(folders, _("DIR"))
    for folder in folders:
        if folder.resolve() == output.resolve():
            message = _("the result cannot be written to the folder it is collected from")
            raise click.BadParameter(message, param_hint="'-o'")
    if data is None:
        return
    refuse_missing([data], "--data")
    if data.resolve() == output.resolve():
        message = _("the result cannot be written over the data it stands on: name another folder")
        raise click.BadParameter(message, param_hint="'-o'")


def _show_protocol(collected: Collection, output: Path) -> Iterator[str]:
    """The protocol as it is printed: each form, who did not submit, whose answers are wrong."""
    protocol = collected.protocol
    forms: dict[tuple[str, int], list[ProtocolEntry]] = {}
    for entry in protocol.places:
        forms.setdefault((entry.form, entry.year), []).append(entry)
    for of_form in forms.values():
        yield from map(set_type, _list_places(of_form))
    for form in protocol.forms_without_answers:
        which = form.id if protocol.year is None else f"{form.id}, {protocol.year}"
        text = _("{title} ({form}): nobody submitted")
        yield set_type(text.format(title=form.short_title, form=which))
    yield _count_files(len(protocol.files), protocol.refused)
    yield _count_cells(protocol)
    if collected.returned:
        yield ngettext(
            "{count} form is to be sent back with comments: {folder}",
            "{count} forms are to be sent back with comments: {folder}",
            collected.returned,
        ).format(count=collected.returned, folder=output / "returned")
    yield _("written: {file}").format(file=output)


def _list_places(entries: Sequence[ProtocolEntry]) -> Iterator[str]:
    first = entries[0]
    came = [entry for entry in entries if entry.status == "submitted"]
    yield _("{title} ({form}, {year}): {came} of {all} submitted").format(
        title=first.form_title,
        form=first.form,
        year=first.year,
        came=len(came),
        all=sum(entry.expected for entry in entries),
    )
    wrong = [entry for entry in came if entry.errors]
    for title, listed, show in (
        (_("did not submit"), [entry for entry in entries if entry.status == "missing"], _show),
        (_("came empty"), [entry for entry in entries if entry.status == "empty"], _show),
        (
            _("came, but not taken"),
            [entry for entry in entries if entry.status == "not_taken"],
            _show,
        ),
        (_("with errors"), wrong, _show_errors),
        (_("late"), [entry for entry in entries if entry.late], _show_days),
    ):
        if listed:
            shown = ", ".join(show(entry) for entry in listed[:_MOST_SHOWN])
            more = len(listed) - _MOST_SHOWN
            rest = _(" and {count} more").format(count=more) if more > 0 else ""
            yield f"  {title} ({len(listed)}): {shown}{rest}"


def _show(entry: ProtocolEntry) -> str:
    return entry.title


def _show_errors(entry: ProtocolEntry) -> str:
    count = ngettext("{count} error", "{count} errors", entry.errors).format(count=entry.errors)
    return f"{entry.title} — {count}"


def _show_days(entry: ProtocolEntry) -> str:
    days = entry.days_late
    count = ngettext("by {count} day", "by {count} days", days).format(count=days)
    return f"{entry.title} — {count}"


def _count_files(files: int, refused: int) -> str:
    read = files - refused
    taken = ngettext("{count} file was read", "{count} files were read", read).format(count=read)
    if not refused:
        return taken
    more = ngettext("{count} was not", "{count} were not", refused).format(count=refused)
    return _("{read}, {refused} (see the problems)").format(read=taken, refused=more)


def _count_cells(protocol: Protocol) -> str:
    from engine.forms.back.protocol import BALANCE
    from engine.forms.back.protocol_book import balance_words

    words = balance_words()
    parts = [
        f"{words[name]} — {protocol.balance[name]}"
        for name in BALANCE
        if protocol.balance.get(name)
    ]
    head = _("{count} cells").format(count=protocol.cells)
    return f"{head}. {'; '.join(parts)}" if parts else head
