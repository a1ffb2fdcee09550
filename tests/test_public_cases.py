"""What people complain of in public, small: each town is read, computed or asked as its case says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.office import needs_office
from tests.public_cases import (
    PublicCase,
    count_files,
    fill_forms,
    find_faults,
    list_folders,
    list_variants,
    make_files,
)

CASES = [*list_folders(), *list_variants()]


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=case.name, marks=needs_office if case.needs_office else ())
        for case in CASES
    ],
)
def test_a_public_case(case: PublicCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "case"
    (folder / "out").mkdir(parents=True)
    make_files(case, folder)
    monkeypatch.chdir(folder)
    for run in case.runs:
        if run.command.startswith("collect "):
            fill_forms(case.fill, folder / "out", folder / "in")
        faults = find_faults(run)
        assert not faults, "\n".join(["", run.command, *faults])
    if case.written is not None:
        assert count_files(folder / "out") == case.written
