"""One tenant per module, of a service that runs as a process of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.interop.office import Colleague, Office, open_office
from tests.story.house import Houses


@pytest.fixture(scope="module")
def office(houses: Houses) -> Iterator[Office]:
    """What the store does is tested elsewhere, on each engine: here SQLite will do."""
    opened = open_office(houses.of("sqlite"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def li_ming(office: Office) -> Colleague:
    """Somebody with an account there."""
    return office.hire("李明")
