"""LibreOffice as the other program that opens workbooks: it computes every formula anew."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

SOFFICE = shutil.which("soffice")
needs_office = pytest.mark.skipif(
    SOFFICE is None, reason="LibreOffice (soffice) is not installed: nothing opens the workbooks"
)

_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode"
 oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""
"""A fresh profile in which a workbook is computed anew when it is opened, whatever it holds."""


def recalculate(book: Path, folder: Path) -> dict[str, list[list[Any]]]:
    """Sheet → rows of values, after every formula of the workbook was computed anew."""
    assert SOFFICE is not None
    profile, out = folder / "profile", folder / "recalculated"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_PROFILE, encoding="utf-8")
    subprocess.run(
        [
            *(SOFFICE, f"-env:UserInstallation={profile.as_uri()}", "--headless"),
            *("--convert-to", "xlsx", "--outdir", str(out), str(book)),
        ],
        check=True,
        capture_output=True,
        timeout=300,
    )
    read = CalamineWorkbook.from_path(out / book.name)
    return {
        name: read.get_sheet_by_name(name).to_python(skip_empty_area=False)
        for name in read.sheet_names
    }


def resave(file: Path, kind: str, folder: Path) -> Path:
    """The file as the other program saves it, in the folder, of the same or another kind."""
    assert SOFFICE is not None
    profile = folder / "profile"
    subprocess.run(
        [
            *(SOFFICE, f"-env:UserInstallation={profile.as_uri()}", "--headless"),
            *("--convert-to", kind, "--outdir", str(folder), str(file)),
        ],
        check=True,
        capture_output=True,
        timeout=300,
    )
    return folder / f"{file.stem}.{kind}"
