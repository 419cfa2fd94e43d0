"""A running service on SQLite, as the demo has it."""

from __future__ import annotations

import pytest

from tests.story.house import House, Houses


@pytest.fixture
def house(houses: Houses) -> House:
    """``wenze serve`` in a process of its own."""
    return houses.of("sqlite")
