"""Files of a form: their names, and writing them, on all cores where there are many.

All are written to a folder beside and moved in at the end: a run that is killed changes nothing, and
running it again gives the same bytes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from engine.filenames import LONGEST, name_files, safe_name
from engine.files import name_refused, remove_folder, replace_file
from engine.forms.blueprint import Blueprint
from engine.forms.draw import draw_form
from engine.forms.prepare import Prepared, PreparedForms
from engine.i18n import choose_language, chosen_language
from engine.limits import end_with_parent

ENDING = ".xlsx"
_MANY = 40  # workbooks from which other processes are worth their start
_BATCH = 16  # workbooks that one process is given at a time
_MOST_PROCESSES = 8

Job = tuple[Path, Prepared]


def form_files(prepared: PreparedForms, titles: Mapping[str, str]) -> dict[str, str]:
    """Place → the name of its file: `Школа № 1 — Отчёт … — 2023.xlsx`."""
    tail = f" — {prepared.year}"
    room = LONGEST - len(tail)
    form = safe_name(prepared.form.title)
    names = {}
    for one in prepared.places:
        place = safe_name(titles[one.id])[: room // 2].rstrip()
        left = room - len(place) - len(" — ")
        short = form if len(form) <= left else form[: left - 1].rstrip(" .,") + "…"
        names[one.id] = f"{place} — {short}{tail}"
    return name_files(names, ENDING)


def write_forms(
    prepared: PreparedForms,
    folder: Path,
    files: Mapping[str, str],
    *,
    told: Callable[[int], None] = lambda _written: None,
    processes: int | None = None,
) -> None:
    """Write the workbooks of the places in `files` into the folder, over what is there.

    `told` hears how many more are written. OSError where a file cannot be written: then the folder is
    as it was; or where one cannot be replaced: those before it are new.
    """
    goal = Path(os.path.realpath(folder))
    beside = _find_room(goal) / f".{goal.name}.part"
    with name_refused(beside, folder):
        remove_folder(beside)
        beside.mkdir(parents=True)
        try:
            jobs = [(beside / files[one.id], one) for one in prepared.places if one.id in files]
            several = _processes(len(jobs)) if processes is None else processes
            for written in _write_all(prepared.blueprints, jobs, several):
                told(written)
            if not goal.exists():
                beside.rename(goal)
                return
            for path, _place in jobs:
                path.replace(goal / path.name)
        finally:
            remove_folder(beside)


def _find_room(goal: Path) -> Path:
    """Where files can be made that are then moved into the folder: beside it, else in it."""
    beside = goal.parent
    inside = goal.exists() and (os.path.ismount(goal) or not os.access(beside, os.W_OK))
    return goal if inside else beside


def _write_all(
    blueprints: Sequence[Blueprint], jobs: Sequence[Job], processes: int
) -> Iterator[int]:
    """Write every workbook; how many more are written, again and again."""
    if processes > 1:
        yield from _write_apart(blueprints, jobs, processes)
        return
    for job in jobs:
        _write_one(blueprints, job)
        yield 1


def _processes(jobs: int) -> int:
    if jobs < _MANY:
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(cores or 1, _MOST_PROCESSES)


def _write_apart(
    blueprints: Sequence[Blueprint], jobs: Sequence[Job], processes: int
) -> Iterator[int]:
    """Write in processes of their own, started the one way that all systems know."""
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from multiprocessing import get_context

    with ProcessPoolExecutor(
        processes,
        mp_context=get_context("spawn"),
        initializer=_begin,
        initargs=(tuple(blueprints), chosen_language()),
    ) as pool:
        waiting = [
            pool.submit(_write_batch, jobs[at : at + _BATCH]) for at in range(0, len(jobs), _BATCH)
        ]
        try:
            for done in as_completed(waiting):
                yield done.result()
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


class _Process:
    """What a process that writes was given at its start."""

    blueprints: tuple[Blueprint, ...] = ()


def _begin(blueprints: tuple[Blueprint, ...], language: str) -> None:
    end_with_parent()
    choose_language(language)
    _Process.blueprints = blueprints


def _write_batch(jobs: Sequence[Job]) -> int:
    for job in jobs:
        _write_one(_Process.blueprints, job)
    return len(jobs)


def _write_one(blueprints: Sequence[Blueprint], job: Job) -> None:
    path, one = job
    with replace_file(path) as stream:
        draw_form(stream, blueprints[one.pattern], one.sheet)
