"""The mark `no_cover`: a test that bears it is as quick as where nothing is counted."""

from __future__ import annotations

import sys

import pytest


@pytest.mark.no_cover
def test_nothing_is_counted_under_the_mark() -> None:
    assert sys.gettrace() is None
