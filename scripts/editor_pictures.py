"""Draw the pictures of `docs/editor.md`: a real editor, a real catalogue, what `demo` writes.

The editor is Monaco, the one inside VS Code, with the YAML server in its page; npm brings both, chromium
shows the page. Run after a change of the schema.
"""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from editors import PICTURES, run_npm
from environment import ROOT
from selenium import webdriver

BUILD = ROOT / "build" / PICTURES
MODULES = BUILD / "node_modules"
TEXT = """\
# yaml-language-server: $schema=.pokazatel/schema.json
indicators:
  diagnosed_share:
    code: "4.2.2"
    group: "4.2"
    title: Доля обучающихся 8–9 классов, прошедших диагностику
    unit: percent
    formula: share(diagnosed_8_9, students_8_9)
    better: more
    missing: skip
    targets: {2022: 80, 2023: 82, 2024: 85}
"""
HOVER, SUGGEST = "editor.action.showHover", "editor.action.triggerSuggest"
DRAWN = {
    "editor-help.png": ((), (10, 7), HOVER),
    "editor-names.png": ((('group: "4.2"', "group: "),), (5, 12), SUGGEST),
    "editor-mistake.png": (
        (("better:", "beter:"), ("missing: skip", "missing: skipp")),
        (10, 15),
        HOVER,
    ),
}
"""Picture → what is replaced in the text, line and column of the cursor, what the editor is asked."""
SWITCHES = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--window-size=900,640",
)
QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-sync")
SECONDS = 3  # that the editor's workers are given


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, *_words: object) -> None:
        """Print nothing."""


def build_page() -> None:
    """Put the page and its workers together."""
    sources = ROOT / PICTURES
    (BUILD / "page.js").write_bytes((sources / "page.js").read_bytes())
    esbuild = [str(MODULES / ".bin" / "esbuild"), "--bundle", "--log-level=error", "--outdir=page"]
    worker = "node_modules/monaco-editor/esm/vs/editor/editor.worker.js"
    for entries in (
        ("page.js", "--loader:.ttf=file"),
        ("yaml.worker=node_modules/monaco-yaml/yaml.worker.js", f"editor.worker={worker}"),
    ):
        subprocess.run([*esbuild, *entries], cwd=BUILD, check=True)
    (BUILD / "page" / "page.html").write_bytes((sources / "page.html").read_bytes())


def read_demo_schema() -> object:
    """The schema that `demo` writes."""
    with tempfile.TemporaryDirectory() as name:
        demo = [sys.executable, str(ROOT / "cli.py"), "demo", name]
        subprocess.run(demo, check=True, capture_output=True)
        path = Path(name, "berezniki", ".pokazatel", "schema.json")
        return json.loads(path.read_text("utf-8"))


def main() -> int:
    """Draw every picture."""
    if code := run_npm(PICTURES, "ci"):
        return code
    build_page()
    schema = read_demo_schema()
    server = ThreadingHTTPServer(
        ("localhost", 0), functools.partial(_Silent, directory=str(BUILD / "page"))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    options = webdriver.ChromeOptions()
    for switch in (*SWITCHES, *QUIET):
        options.add_argument(switch)
    # Found by name: selenium would look for another one in the network.
    driver = shutil.which("chromedriver")
    if driver is None:
        sys.exit("chromedriver is not installed")
    browser = webdriver.Chrome(options, webdriver.ChromeService(driver))
    try:
        for name, (replaced, (line, column), action) in DRAWN.items():
            text = TEXT
            for before, after in replaced:
                text = text.replace(before, after)
            browser.get(f"http://localhost:{server.server_port}/page.html")
            browser.execute_script("show(arguments[0], arguments[1])", schema, text)
            time.sleep(SECONDS)
            browser.execute_script("ask(...arguments)", line, column, action)
            time.sleep(SECONDS)
            picture = ROOT / "docs" / "pictures" / name
            browser.find_element("id", "editor").screenshot(str(picture))
            print(picture.relative_to(ROOT), f"{picture.stat().st_size // 1024} KB")
    finally:
        browser.quit()
    return 0


if __name__ == "__main__":
    sys.exit(main())
