"""Files of a form: their names, and writing them, on all cores where there are many.

Each file is written beside and renamed: a run that is killed leaves whole files only, and running
it again gives the same bytes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from engine.filenames import LONGEST, name_files, safe_name
from engine.files import replace_file
from engine.forms.blueprint import Blueprint
from engine.forms.draw import draw_form
from engine.forms.prepare import Prepared, PreparedForms
from engine.i18n import choose_language, chosen_language

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
    """Write every workbook into the folder; `told` hears how many more are written.

    OSError where a file cannot be written; those before it stay.
    """
    folder.mkdir(parents=True, exist_ok=True)
    jobs = [(folder / files[one.id], one) for one in prepared.places]
    several = _processes(len(jobs)) if processes is None else processes
    if several < 2:  # noqa: PLR2004 - one is this one
        for job in jobs:
            _write_one(prepared.blueprints, job)
            told(1)
        return
    for written in _write_apart(prepared.blueprints, jobs, several):
        told(written)


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
