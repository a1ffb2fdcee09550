"""Pages in a real browser, opened from a file: quiet, self-contained, usable by anybody.

Needs Chromium and its driver (Debian: chromium, chromium-driver); one browser serves all tests.
"""

from __future__ import annotations

import base64
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.reports.render import open_report
from tests.shipped_report import NAMES, pressed
from tests.small_town import CATALOGUE, DATE, FakeData, frame, result, wanted
from tests.test_report_page import shipped
from tests.word import press

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
pytestmark = [
    pytest.mark.no_cover,
    pytest.mark.skipif(
        not BROWSER or not DRIVER, reason="no chromium or no chromedriver: pages cannot be opened"
    ),
]

RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
BOTH = pytest.mark.parametrize("name", NAMES)
SHORT = {"public": ("public.html", None), "school": ("school.html", ("school", "school-05"))}
"""What is shorter than the report: the template, and the place it is for."""
EVERY = pytest.mark.parametrize(
    "name", [*NAMES, *(f"{name}-{kind}" for name in NAMES for kind in SHORT)]
)
KEPT = (2, 5)
"""Cards of a group and rows of a table that axe looks at: the others are made by the same lines."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service

    options = Options()
    options.binary_location = str(BROWSER)
    for argument in (
        *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
        *("--hide-scrollbars", "--force-prefers-reduced-motion"),
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
    driver.set_script_timeout(300)
    try:
        yield driver
    finally:
        driver.quit()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The report, the public page and the sheet of a school, of each shipped catalogue as files."""
    folder = tmp_path_factory.mktemp("reports")
    written = {name: shipped(name)[1].encode() for name in NAMES}
    for name in NAMES:
        for kind, (template, place) in SHORT.items():
            written[f"{name}-{kind}"] = pressed(name, template, place)
    for name, page in written.items():
        (folder / f"{name}.html").write_bytes(page)
    return {name: folder / f"{name}.html" for name in written}


def show(browser: Any, page: Path, width: int = 1280) -> None:
    """Open a page in a window of so many pixels; what was logged before is forgotten."""
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get("about:blank")
    for kind in ("browser", "performance"):
        browser.get_log(kind)
    browser.get(page.as_uri())


def visible(browser: Any, selector: str) -> int:
    script = "return [...document.querySelectorAll(arguments[0])].filter(e => e.checkVisibility()).length"
    return int(browser.execute_script(script, selector))


@EVERY
def test_nothing_is_complained_of_and_nothing_is_fetched(
    browser: Any, pages: dict[str, Path], name: str
) -> None:
    show(browser, pages[name])
    assert browser.get_log("browser") == []
    asked = [
        event["params"]["request"]["url"]
        for entry in browser.get_log("performance")
        if (event := json.loads(entry["message"])["message"])["method"]
        == "Network.requestWillBeSent"
    ]
    assert asked == [pages[name].as_uri()]
    assert browser.find_element("css selector", "h1").text


@EVERY
@pytest.mark.parametrize("width", [320, 1280])
def test_the_page_never_scrolls_sideways(
    browser: Any, pages: dict[str, Path], name: str, width: int
) -> None:
    show(browser, pages[name], width)
    browser.execute_script(
        "[...document.querySelectorAll('details')].slice(0, 30).forEach(d => { d.open = true; })"
    )
    wide = "return [document.documentElement.scrollWidth, window.innerWidth]"
    assert browser.execute_script(wide) == [width, width]


_TORN = (
    "const range = document.createRange(), torn = new Set();"
    "for (const each of document.querySelectorAll('.badge, .care, .years td')) {"
    "  if (!each.checkVisibility()) continue;"
    "  const walk = document.createTreeWalker(each, NodeFilter.SHOW_TEXT);"
    # A word, or a number with its no-break spaces; a line may end after a dash.
    "  while (walk.nextNode()) for (const word of walk.currentNode.data.matchAll(/[^ \\n–—-]+/g)) {"
    "    range.setStart(walk.currentNode, word.index);"
    "    range.setEnd(walk.currentNode, word.index + word[0].length);"
    "    const boxes = [...range.getClientRects()].filter(box => box.width);"
    "    if (new Set(boxes.map(box => Math.round(box.top))).size > 1) torn.add(word[0]);"
    "  }"
    "} return [...torn]"
)
"""The words and numbers of verdicts and of tables of years that stand in more than one line."""


@EVERY
def test_nothing_is_torn_on_a_telephone_or_on_paper(
    browser: Any, pages: dict[str, Path], name: str
) -> None:
    torn = {}
    for width, media in ((360, "screen"), (711, "print")):
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media})
        show(browser, pages[name], width)
        torn[media] = browser.execute_script(_TORN)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})  # as it was
    assert torn == {"screen": [], "print": []}


@pytest.mark.parametrize(
    ("name", "width"), [*((name, 360) for name in NAMES), *((name, 1280) for name in EVERY.args[1])]
)
def test_axe_finds_nothing(browser: Any, pages: dict[str, Path], name: str, width: int) -> None:
    axe = pytest.importorskip("selenium_axe_python", reason="axe-core is not installed").Axe
    show(browser, pages[name], width)
    browser.execute_script(
        "for (const group of document.querySelectorAll('section[data-holds]'))"
        "[...group.querySelectorAll('.indicator')].slice(arguments[0]).forEach(e => e.remove());"
        "for (const table of document.querySelectorAll('tbody'))"
        "[...table.querySelectorAll('tr')].slice(arguments[1]).forEach(e => e.remove());"
        "[...document.querySelectorAll('details')].slice(0, 10).forEach(d => { d.open = true; })",
        *KEPT,
    )
    axe(browser).inject()
    found = browser.execute_async_script(
        "const done = arguments[1];"
        "axe.run(document, {runOnly: arguments[0], resultTypes: ['violations']}).then(done, e => done(String(e)))",
        RULES,
    )
    assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []
    looked = {"color-contrast", "td-headers-attr", *(["target-size"] if name in NAMES else [])}
    looked |= {"scrollable-region-focusable"} if width == 360 else set()
    assert looked <= {each["id"] for each in found["passes"]}


@BOTH
def test_a_proof_is_one_click_away(browser: Any, pages: dict[str, Path], name: str) -> None:
    show(browser, pages[name])
    proof = browser.find_element("css selector", "details.proves")
    table = proof.find_element("css selector", ".proof")
    assert not table.is_displayed()
    summary = proof.find_element("css selector", "summary")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", summary)
    summary.click()
    assert table.is_displayed()
    assert "Числами" in table.text
    assert summary.size["height"] >= 24  # the least target of WCAG 2.2


def test_a_word_is_searched_for_and_a_verdict_chosen(browser: Any, pages: dict[str, Path]) -> None:
    show(browser, pages["berezniki"])
    every = visible(browser, ".indicator")
    words = browser.find_element("id", "filter-words")
    words.send_keys("Билет в БУДУЩЕЕ")
    some = visible(browser, ".indicator")
    assert 0 < some < every
    told = browser.find_element("id", "filter-told").text
    assert re.fullmatch(rf"Показано {some} из \d+", told)
    words.clear()
    words.send_keys("нет такого слова нигде")
    assert visible(browser, ".indicator") == 0
    assert visible(browser, "section[data-holds]") == 0
    # A link leads to what the search has hidden.
    link = browser.find_element("css selector", ".verdicts a")
    browser.execute_script("arguments[0].click()", link)
    goal = str(link.get_attribute("href")).partition("#")[2]
    seen = "return document.getElementById(arguments[0]).checkVisibility()"
    from selenium.webdriver.support.ui import WebDriverWait

    WebDriverWait(browser, 10).until(lambda found: found.execute_script(seen, goal))
    assert visible(browser, ".indicator") == every
    from selenium.webdriver.support.ui import Select

    Select(browser.find_element("id", "filter-state")).select_by_value("missed")
    missed = visible(browser, ".indicator")
    assert 0 < missed < every
    assert visible(browser, ".indicator .badge.missed") >= missed


def test_it_is_read_without_scripts(browser: Any, pages: dict[str, Path]) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        show(browser, pages["michurinsk"])
        assert not browser.find_element("id", "filter").is_displayed()
        summary = browser.find_element("css selector", "details.proves > summary")
        summary.click()
        assert browser.find_element("css selector", ".proof").is_displayed()
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_the_keyboard_reaches_the_report_first(browser: Any, pages: dict[str, Path]) -> None:
    from selenium.webdriver.common.keys import Keys

    show(browser, pages["michurinsk"])
    browser.find_element("css selector", "body").send_keys(Keys.TAB)
    skip = browser.switch_to.active_element
    assert skip.text == "К содержанию отчёта"
    style = "const s = getComputedStyle(arguments[0]); return [s.outlineStyle, s.outlineWidth]"
    assert browser.execute_script(style, skip) == ["solid", "3px"]
    skip.send_keys(Keys.ENTER)
    assert browser.switch_to.active_element.get_attribute("id") == "content"


@BOTH
def test_it_prints_on_pages_of_a4(browser: Any, pages: dict[str, Path], name: str) -> None:
    show(browser, pages[name])
    settings = {"preferCSSPageSize": True, "printBackground": True}
    printed = browser.execute_cdp_cmd("Page.printToPDF", settings)["data"]
    content = base64.b64decode(printed)
    sizes = re.findall(rb"/MediaBox\s*\[([^\]]+)\]", content)
    assert 15 <= len(sizes) <= 45
    for size in sizes:
        _left, _bottom, width, height = map(float, size.split())
        assert (round(width), round(height)) == (595, 842)


MANY = tuple(range(2015, 2025))


@pytest.fixture(scope="module")
def long_pages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Pages of the small town over ten years, with the longest numbers."""
    folder = tmp_path_factory.mktemp("long")
    numbers = [
        result("costs", year, 1234567890 + year, **wanted(1234567000, "met", deviation=890.0))
        for year in MANY
    ]
    shares = [
        result("diagnosed", year, 81.0, change=-0.4, **wanted(82, "missed", deviation=-1.0))
        for year in MANY
    ]
    town = (*numbers, *shares)
    school = [{**row, "level": "school", "place": "s1", "place_title": "Школа № 1"} for row in town]
    results = frame([*town, *school])
    written = []
    for template, place in (
        ("summary.html", None),
        ("report.html", None),
        ("public.html", None),
        ("school.html", ("school", "s1")),
    ):
        context = open_report(CATALOGUE, FakeData(), results, MANY, date=DATE).context(place)
        path = folder / template
        path.write_bytes(press(template, context))
        written.append(path)
    return written


@pytest.mark.no_cover
def test_ten_years_and_long_numbers_run_neither_out_nor_into_each_other(
    browser: Any, long_pages: list[Path]
) -> None:
    """On a telephone, a screen and paper: what stands in a cell stays in it, and a cell on the paper."""
    outside = (
        "const range = document.createRange(), out = [];"
        "for (const cell of document.querySelectorAll('td, th')) {"
        "  if (!cell.checkVisibility()) continue;"
        "  const box = cell.getBoundingClientRect();"
        "  if (box.right > arguments[0]) out.push('paper: ' + cell.textContent.trim());"
        "  const walk = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);"
        "  while (walk.nextNode()) {"
        "    if (walk.currentNode.parentElement.closest('.aloud')) continue;"
        "    range.selectNodeContents(walk.currentNode);"
        "    for (const part of range.getClientRects()) if (part.width && (part.left < box.left - 1 || part.right > box.right + 1))"
        "      out.push(walk.currentNode.data.trim());"
        "  }"
        "} return [document.documentElement.scrollWidth > window.innerWidth, out]"
    )
    for page in long_pages:
        for width, media in ((360, "screen"), (1280, "screen"), (711, "print")):  # of A4: 188 mm
            browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media})
            show(browser, page, width)
            paper = width + 1 if media == "print" else 10_000
            assert browser.execute_script(outside, paper) == [False, []], (page.name, media, width)
            assert browser.execute_script(_TORN) == [], (page.name, media, width)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})  # as it was
