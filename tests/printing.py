"""Papers as they are printed: each is made into a PDF once in a run, by the program people print with."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.office import SOFFICE
from tests.once import make_once

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")


def count_pages(name: str, content: bytes) -> int:
    """The pages of a paper; `name`: of its file, its ending says what prints it."""
    pdf = make_once(f"{name}.pdf", lambda: print_paper(name, content))
    return len(list_sizes(pdf))


def list_sizes(pdf: bytes) -> list[tuple[int, int]]:
    """Width and height of each page, in points."""
    sizes = []
    for page in re.findall(rb"/Type\s*/Page\b(?!s).*?endobj", pdf, re.DOTALL):
        box = re.search(rb"/MediaBox\s*\[\s*([^\]]+)\]", page)
        assert box is not None
        left, low, right, top = map(float, box[1].split())
        sizes.append((round(right - left), round(top - low)))
    return sizes


def print_paper(name: str, content: bytes) -> bytes:
    """The PDF of a paper, printed in a folder and with a profile of its own."""
    with tempfile.TemporaryDirectory() as folder:
        paper, pdf = Path(folder) / name, Path(folder) / f"{Path(name).stem}.pdf"
        paper.write_bytes(content)
        profile = Path(folder) / "profile"
        command = (
            [
                *(str(BROWSER), "--headless=new", "--no-sandbox", "--disable-gpu"),
                *("--disable-dev-shm-usage", f"--user-data-dir={profile}"),
                *("--no-pdf-header-footer", f"--print-to-pdf={pdf}", paper.as_uri()),
            ]
            if paper.suffix == ".html"
            else [
                *(str(SOFFICE), f"-env:UserInstallation={profile.as_uri()}", "--headless"),
                *("--convert-to", "pdf", "--outdir", folder, str(paper)),
            ]
        )
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        return pdf.read_bytes()
