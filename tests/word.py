"""Documents of Word as tests read them: tables cell by cell, paragraphs, the parts of the file."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from docx import Document
from lxml import etree

from engine.catalogue.model import Catalogue
from engine.evaluation.asking import COLUMNS, SAME_REPORTERS, SHORTFALL, Asking
from engine.evaluation.evaluate import compute_results
from engine.limits import Limits
from engine.reports.render import Report, open_page_writer, open_report
from engine.reports.strangers import child
from engine.reports.strangers.messages import DONE, FAILED, JOB, PAGE, pack, receive, send
from engine.reports.strangers.sandbox import read_problem
from engine.reports.templates import TemplateError, find_template
from engine.translation import use_language
from tests.small_town import CATALOGUE, DATE, PROBLEMS, YEARS, FakeData, frame
from tests.test_demo_data import shown

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


REAL_YEARS = {"berezniki": (2022, 2023, 2024), "michurinsk": (2021, 2022, 2023)}


def town_context(catalogue: Catalogue = CATALOGUE, **keys: Any) -> dict[str, Any]:
    """The context of the small town."""
    settings: dict[str, Any] = {"years": YEARS, "date": DATE, "problems": PROBLEMS}
    settings |= {"data": FakeData(), "results": frame()} | keys
    return open_report(
        catalogue, settings.pop("data"), settings.pop("results"), **settings
    ).context()


def press(
    template: str | Path,
    context: Mapping[str, Any] | Callable[[], Mapping[str, Any]] = town_context,
    catalogue: Catalogue = CATALOGUE,
) -> bytes:
    """A document by a template that ships, or by the file of a stranger."""
    with (
        use_language(catalogue.language),
        open_page_writer(find_template(str(template), catalogue), catalogue) as made,
    ):
        return made(context() if callable(context) else context)


def press_here(path: Path, limits: Limits = Limits()) -> bytes:  # noqa: B008 - it is frozen
    """As `press` by a stranger's template, which is served in this process instead of its own."""
    source, goal = BytesIO(), BytesIO()
    template = find_template(str(path), CATALOGUE)
    send(source, JOB, pack((template, (path.parent,), limits, CATALOGUE.language, CATALOGUE)))
    send(source, PAGE, pack(town_context(), CATALOGUE))
    source.seek(0)
    child.serve(source, goal, lambda *_asked: None)
    goal.seek(0)
    kind, content = receive(goal)
    if kind == FAILED:
        raise TemplateError(read_problem(content))
    assert kind == DONE
    return content


def parts(page: bytes) -> dict[str, bytes]:
    """The unpacked parts of a file, in its order."""
    with zipfile.ZipFile(BytesIO(page)) as packed:
        return {part.filename: packed.read(part) for part in packed.infolist()}


def text_of(element: Any) -> str:
    """What a cell or paragraph shows; a break of line is one."""
    nodes = element.iter(f"{W}t", f"{W}br", f"{W}tab")
    signs = {"br": "\n", "tab": "\t"}
    return "".join(signs.get(etree.QName(node).localname, node.text or "") for node in nodes)


def tables(page: bytes) -> list[list[list[str]]]:
    """Tables → rows → cells, as they stand in the file."""
    body = Document(BytesIO(page)).element.body
    return [
        [[text_of(cell) for cell in row.findall(f"{W}tc")] for row in table.findall(f"{W}tr")]
        for table in body.iter(f"{W}tbl")
    ]


def paragraphs(page: bytes) -> list[str]:
    """What stands outside tables."""
    body = Document(BytesIO(page)).element.body
    return [text_of(one) for one in body.findall(f"{W}p")]


def tags(page: bytes) -> Iterator[str]:
    """The elements of the body; a text of several lines has breaks of its own."""
    for node in Document(BytesIO(page)).element.body.iter():
        name = etree.QName(node).localname
        if name not in {"t", "br", "tab"}:
            yield name


def write_template(path: Path, *texts: str) -> Path:
    """A template of a stranger: a paragraph for each text."""
    document = Document()
    for text in texts:
        document.add_paragraph(text)
    document.save(str(path))
    return path


@cache
def real_report(name: str) -> Report:
    """The report of a catalogue over its demo data, as the command makes it."""
    known = shown(name)
    years = REAL_YEARS[name]
    columns = (*COLUMNS, SHORTFALL, SAME_REPORTERS)
    results = compute_results(
        known.catalogue, known.data, Asking(years, inputs=True, columns=columns, advice=True)
    )
    return open_report(
        known.catalogue,
        known.data,
        results.frame,
        years,
        date=date(2025, 2, 3),
        advised=results.advice,
    )
