"""What a start has loaded is left out of the collector's rounds, and the collector runs again once the process is ready."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from api.starting import collect_from_now_on, collecting_later


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    """Leaves the collector of the test's process as it was."""
    yield
    gc.unfreeze()
    gc.enable()


def test_nothing_is_collected_during_a_start() -> None:
    with collecting_later():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_start_that_fails_leaves_the_collector_on() -> None:
    with pytest.raises(RuntimeError), collecting_later():
        raise RuntimeError
    assert gc.isenabled()


def test_what_a_start_has_made_is_left_out_from_then_on() -> None:
    made = [[] for _ in range(10)]
    with collecting_later():
        before = gc.get_freeze_count()
        collect_from_now_on()
        assert gc.isenabled()
        assert gc.get_freeze_count() - before >= len(made)
