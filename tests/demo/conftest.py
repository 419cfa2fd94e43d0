"""A running service on SQLite, as the demo has it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers import SqliteFiles
from tests.story.house import House, open_house


@pytest.fixture(scope="module")
def house(sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """``wenze serve`` in a process of its own."""
    with open_house(sqlite_files.create(), tmp_path_factory.mktemp("demo")) as opened:
        yield opened
