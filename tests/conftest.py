"""What all tests share: the language of messages, and the rewriting of expected texts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from unittest.mock import patch

import pytest

from engine.translation import choose_language
from engine.workbooks import processes
from tests import once, one_process

_LONGEST = frozenset(
    f"test_{name}"
    for name in (
        *("typography", "full_disk", "packaging", "cli", "form_assessments", "report_editions"),
        *("long_scores", "result_blocks", "documents", "publication_releases"),
        *("report_templates", "printed_numbers", "printed_pages", "excel_values", "new"),
    )
)
"""Files whose tests take twenty seconds of a processor and more."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-cases",
        action="store_true",
        help="write what came out into the cases as what is expected; review the diff",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """End what pytest-cov counts in a process of pytest-xdist before the session, where it starts anew.

    It would go on below, and count again whenever the mark `no_cover` ends the counting above it.
    """
    plugin = session.config.pluginmanager.getplugin("_cov")
    if plugin and plugin.cov_controller and "PYTEST_XDIST_WORKER" in os.environ:
        plugin.cov_controller.cov.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Nor is counted what is made ready for a test with the mark; of the test pytest-cov sees to it."""
    plugin = item.config.pluginmanager.getplugin("_cov")
    counting = plugin.cov_controller if plugin and item.get_closest_marker("no_cover") else None
    if counting:
        counting.pause()
    try:
        return (yield)
    finally:
        if counting:
            counting.resume()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take longest go first, so that no process is left with one at the end."""
    items.sort(key=lambda item: item.path.stem not in _LONGEST)


@pytest.fixture
def update_cases(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-cases"))


@pytest.fixture(scope="session", autouse=True)
def _shared_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """All processes of a run see one folder."""
    folder = tmp_path_factory.getbasetemp()
    once.folder = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(autouse=True)
def _russian() -> Iterator[None]:
    """Every test begins in the language of the product."""
    choose_language("ru")
    yield
    choose_language("ru")


@pytest.fixture(scope="session", autouse=True)
def _one_process() -> Iterator[None]:
    """Workbooks are read by one process, which the tests of this process share."""
    with patch.object(processes, "_open_pool", one_process.OneProcess):
        yield
    one_process.close()


@pytest.fixture(scope="session", autouse=True)
def _no_power_cut() -> Iterator[None]:
    """Files are left to the system as they are: a test cannot show what a power cut leaves."""
    with patch("os.fsync"):
        yield


@pytest.fixture
def own_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workbooks are read as the product reads them: by processes started for them."""
    monkeypatch.setattr(processes, "_open_pool", one_process.open_own)
