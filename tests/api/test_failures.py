"""A store that goes away is a 503, and what it says of a failed statement tells nobody's words."""

from __future__ import annotations

import asyncio
import sqlite3
import traceback
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import insert

from api.failures import as_errors
from core.errors import Unavailable
from core.ids import new_id
from core.store.database import Database
from core.store.tables import TENANT, unit_version
from tests.servers import Addresses

WORDS = "举报人原话"


@pytest.mark.parametrize("seconds", [0, 0.1])
async def test_a_connection_that_the_server_ends_is_a_503(
    database: Database, addresses: Addresses, engine_kind: str, tenant: int, seconds: float
) -> None:
    if engine_kind == "sqlite":
        pytest.skip("SQLite has no server")
    ours = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid()"
    other = await asyncpg.connect(addresses.service.replace("+asyncpg", ""))
    try:
        with pytest.raises(Exception) as raised:
            async with database.tenant(tenant) as session:
                await other.execute(ours)
                await asyncio.sleep(seconds)
                await session.bump_revision()
    finally:
        await other.close()
    assert [type(error) for error in as_errors(raised.value)] == [Unavailable]


def test_a_file_that_is_locked_for_long_is_a_503(tmp_path: Path) -> None:
    first, second = (sqlite3.connect(tmp_path / "x", isolation_level=None, timeout=0) for _ in range(2))
    first.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError) as raised:
        second.execute("BEGIN IMMEDIATE")
    assert [type(error) for error in as_errors(raised.value)] == [Unavailable]
    second.close()
    first.close()


@pytest.mark.parametrize("kind", ["session", "engine"])
async def test_a_failed_statement_is_told_without_its_values(database: Database, tenant: int, kind: str) -> None:
    row: dict[str, Any] = {column.name: None for column in unit_version.c if column.name != "tenant"}
    row |= {"id": new_id(), "unit_id": new_id(), "name": WORDS}
    with pytest.raises(Exception) as raised:
        async with database.tenant(tenant) as session:
            if kind == "session":
                session.add(unit_version, row)
            else:
                await session.execute(insert(unit_version).values(tenant=TENANT, **row))
    assert WORDS not in "".join(traceback.format_exception(raised.value))
