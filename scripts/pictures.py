"""Draw the pictures of `docs/start.md` and of the README.

The first come of doing the page in a folder, and looking at what came of it; the last is an indicator
in the report of a demo. Run after a change of the page, of forms, of the note or of the report. Needs
LibreOffice (soffice), which draws the pages of a document or a workbook, poppler (pdftoppm), which
makes a picture of the first, and chromium with its chromedriver.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from selenium import webdriver  # noqa: E402 - after the path

from tests.walkthrough import walk, write_tables  # noqa: E402

PICTURES = ROOT / "docs" / "pictures"
DRAWN = {
    "start-order.png": ("prikaz.docx", (80, 80, 680, 200)),
    "start-book.png": ("as written/*.xlsx", (60, 80, 950, 160)),
    "start-form.png": ("forms/Школа № 1 *.xlsx", (30, 30, 1100, 410)),
    "start-note.png": ("spravka.docx", (60, 60, 724, 690)),
}
"""Picture → the file it shows, below the folder of the walk, and the part of its first page that is
shown: from the left, from the top, width and height in pixels."""

DOTS = 96  # of an inch
RUSSIAN = """\
<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse">
<value>ru-RU</value></prop></item></oor:items>
"""
"""The office's setting that writes numbers as a Russian user sees them: 83,3."""


def draw(file: Path, picture: Path, part: tuple[int, int, int, int], folder: Path) -> None:
    """A part of the first page of a file as a picture."""
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(RUSSIAN, "utf-8")
    run(
        *(
            "soffice",
            f"-env:UserInstallation={profile.as_uri()}",
            "--headless",
            "--convert-to",
            "pdf",
        ),
        *("--outdir", str(folder), str(file)),
    )
    left, top, width, height = map(str, part)
    run(
        *("pdftoppm", "-png", "-singlefile", "-r", str(DOTS), "-f", "1", "-l", "1"),
        *("-x", left, "-y", top, "-W", width, "-H", height),
        *(str(folder / f"{file.stem}.pdf"), str(picture.with_suffix(""))),
    )
    print(picture.relative_to(ROOT), f"{picture.stat().st_size // 1024} KB")


REPORT, SECTION = "report.png", "//article[@id='i-diagnosed_share']/parent::section"
SWITCHES = ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1180,1400")


def draw_report(picture: Path, folder: Path) -> None:
    """A section of the report on the demo of Berezniki, as a browser shows it."""
    page = folder / "report.html"
    words = ["report", "berezniki", "--data", str(ROOT / "definitions" / "berezniki" / "demo")]
    for year in (2022, 2023, 2024):
        words += ["--year", str(year)]
    subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), *words, "-o", str(page)],
        check=True,
        capture_output=True,
    )
    options = webdriver.ChromeOptions()
    for switch in SWITCHES:
        options.add_argument(switch)
    # Found by name: selenium would look for another one in the network.
    driver = shutil.which("chromedriver")
    if driver is None:
        sys.exit("chromedriver is not installed")
    browser = webdriver.Chrome(options, webdriver.ChromeService(driver))
    try:
        browser.get(page.as_uri())
        browser.find_element("xpath", SECTION).screenshot(str(picture))
    finally:
        browser.quit()
    print(picture.relative_to(ROOT), f"{picture.stat().st_size // 1024} KB")


def run(program: str, *arguments: str) -> None:
    """Run a program that must be installed."""
    found = shutil.which(program)
    if found is None:
        sys.exit(f"{program} is not installed")
    subprocess.run([found, *arguments], check=True, capture_output=True, timeout=300)


def main() -> None:
    """Draw every picture."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        page = (ROOT / "docs" / "start.md").read_text("utf-8")
        walk(page, folder)
        write_tables(page, folder / "as written")  # the walk corrects the workbook later
        for picture, (pattern, part) in DRAWN.items():
            (file,) = folder.glob(pattern)
            draw(file, PICTURES / picture, part, folder)
        draw_report(PICTURES / REPORT, folder)


if __name__ == "__main__":
    main()
