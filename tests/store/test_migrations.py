"""The schema goes up, down and up again with data in every table, and is what the tables say."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from anyio import to_thread
from sqlalchemy import Connection, func, inspect, select, text

from core.ids import new_id
from core.store.database import Database
from core.store.migrating import configuration, current_at, downgrade_at, engine_for, head, upgrade_at
from core.store.tables import TENANT, cases, metadata, outbox, timer
from tests.conftest import MASTER_KEY
from tests.servers import Addresses, PostgresServer, SqliteFiles
from tests.store.rows import case_row, every_table

REVISIONS = [script.revision for script in ScriptDirectory.from_config(configuration()).walk_revisions()][::-1]


@pytest.fixture
async def fresh(database_server: SqliteFiles | PostgresServer) -> AsyncIterator[Addresses]:
    """A database of this test's own."""
    made = await to_thread.run_sync(database_server.create)
    yield made
    await to_thread.run_sync(database_server.drop, made)


@pytest.fixture
def app_role(database_server: SqliteFiles | PostgresServer) -> str:
    """The role that the tables are granted to."""
    return database_server.app_role if isinstance(database_server, PostgresServer) else "wenze_app"


async def fill(addresses: Addresses) -> int:
    owner = Database(addresses.owner, MASTER_KEY, pool_size=1)
    tenant = await owner.add_tenant(slug="ankang", jurisdiction="ankang", name_zh="安康", name_en="Ankang")
    await owner.close()
    database = Database(addresses.service, MASTER_KEY, pool_size=1)
    async with database.tenant(tenant) as session:
        for table, row in every_table():
            session.add(table, row)
    await database.close()
    return tenant


async def inspected(url: str, work: Any) -> Any:
    engine = engine_for(url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


async def test_up_down_and_up_again_with_data(fresh: Addresses, app_role: str) -> None:
    for _ in range(2):
        tenant = await fill(fresh)
        database = Database(fresh.service, MASTER_KEY, pool_size=1)
        async with database.reading(tenant) as session:
            for table in metadata.sorted_tables:
                if "tenant" in table.c:
                    counted = select(func.count()).select_from(table).where(table.c.tenant == TENANT)
                    assert await session.scalar(counted) == 1, table.name
        await database.check_role()
        await database.close()
        await downgrade_at(fresh.owner, app_role)
        assert await current_at(fresh.owner) is None
        left = await inspected(fresh.owner, lambda connection: inspect(connection).get_table_names())
        assert left == ["alembic_version"]
        await upgrade_at(fresh.owner, app_role)


async def test_each_step_alone_goes_down_and_up_with_data(fresh: Addresses, app_role: str) -> None:
    await fill(fresh)
    for revision in [*REVISIONS[-2::-1], *REVISIONS[1:]]:
        step = downgrade_at if revision < (await current_at(fresh.owner) or "") else upgrade_at
        await step(fresh.owner, app_role, revision)
        assert await current_at(fresh.owner) == revision
    assert await current_at(fresh.owner) == head() == REVISIONS[-1]
    database = Database(fresh.service, MASTER_KEY, pool_size=1)
    async with database.tenant(1) as session:  # what the first step holds has stayed
        assert session.revision == 1
    await database.check_role()
    await database.close()


async def test_what_was_said_before_is_found_after_the_step_that_keeps_it_apart(fresh: Addresses, app_role: str) -> None:
    said = {
        "1": ({"satisfaction": "satisfied"}, {"asking": False}, (True, False)),
        "2": ({"satisfaction": "unsatisfied"}, {"asking": True}, (False, True)),
        "3": ({"satisfaction": "not-asked"}, {"asking": True}, (None, True)),
        "4": ({}, {}, (None, False)),
    }
    tenant = await fill(fresh)
    database = Database(fresh.service, MASTER_KEY, pool_size=1)
    async with database.tenant(tenant) as session:
        for number, (facts, standing, _) in said.items():
            session.add(cases, case_row(number, facts=facts, standing=standing))
    await database.close()
    await downgrade_at(fresh.owner, app_role, "0017")
    await upgrade_at(fresh.owner, app_role)
    database = Database(fresh.service, MASTER_KEY, pool_size=1)
    wanted = select(cases.c.number, cases.c.satisfied, cases.c.asking).where(cases.c.tenant == TENANT)
    async with database.reading(tenant) as session:
        rows = {row["number"]: (row["satisfied"], row["asking"]) for row in await session.all(wanted)}
    await database.close()
    assert {number: rows[number] for number in said} == {number: known for number, (*_, known) in said.items()}


async def test_events_that_nobody_has_numbered_are_armed_once_for_a_tenant(fresh: Addresses, app_role: str) -> None:
    tenant = await fill(fresh)
    event = next(dict(row) for table, row in every_table() if table is outbox)
    database = Database(fresh.service, MASTER_KEY, pool_size=1)
    async with database.tenant(tenant) as session:
        for _ in range(3):
            session.add(outbox, event | {"id": new_id(), "change_id": new_id()})
    await database.close()
    await downgrade_at(fresh.owner, app_role, "0018")
    await upgrade_at(fresh.owner, app_role)
    database = Database(fresh.service, MASTER_KEY, pool_size=1)
    armed = select(func.count()).select_from(timer).where(timer.c.tenant == TENANT, timer.c.kind == "events")
    async with database.reading(tenant) as session:
        assert await session.scalar(armed) == 1
    await database.close()


async def test_migrations_and_tables_agree(fresh: Addresses) -> None:
    def compare(connection: Connection) -> Any:
        return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)

    assert await inspected(fresh.owner, compare) == []


async def test_partial_indexes_keep_their_conditions(fresh: Addresses) -> None:
    """Which the comparison above does not see."""

    def conditions(connection: Connection) -> dict[str, str]:
        sql = (
            "SELECT indexname AS name, indexdef AS sql FROM pg_indexes WHERE schemaname = 'public'"
            if connection.dialect.name == "postgresql"
            else "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        )
        found = {row.name: row.sql.partition(" WHERE ")[2] for row in connection.execute(text(sql))}
        return {
            name: condition.strip("()").replace("::text", "").replace('"', "")
            for name, condition in found.items()
            if condition
        }

    expected = {
        index.name: str(index.dialect_options["postgresql"]["where"])
        for table in metadata.tables.values()
        for index in table.indexes
        if index.dialect_options["postgresql"]["where"] is not None
    }
    assert await inspected(fresh.owner, conditions) == expected
    assert len(expected) >= 5


async def test_a_step_that_fails_leaves_nothing(fresh: Addresses, app_role: str) -> None:
    await downgrade_at(fresh.owner, app_role)
    await inspected(fresh.owner, lambda connection: connection.execute(text("CREATE TABLE outbox (x integer)")))
    with pytest.raises(Exception, match="outbox"):
        await upgrade_at(fresh.owner, app_role)
    assert await current_at(fresh.owner) is None
    left = await inspected(fresh.owner, lambda connection: inspect(connection).get_table_names())
    assert set(left) - {"alembic_version"} == {"outbox"}


async def test_two_who_upgrade_at_once_do_not_meet(fresh: Addresses, app_role: str) -> None:
    await downgrade_at(fresh.owner, app_role)
    await asyncio.gather(*(upgrade_at(fresh.owner, app_role) for _ in range(3)))
    assert await current_at(fresh.owner) == head()


async def test_a_role_name_is_not_a_piece_of_sql(fresh: Addresses) -> None:
    await downgrade_at(fresh.owner)
    with pytest.raises(ValueError, match="role's name"):
        await upgrade_at(fresh.owner, "x; DROP TABLE tenant")


def test_no_ini_file_is_needed() -> None:
    assert not list(Path(__file__).parents[2].glob("alembic.ini"))


def modes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


async def test_a_sqlite_file_is_made_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "wenze.sqlite3"
    await upgrade_at(f"sqlite+aiosqlite:///{file}")
    database = Database(f"sqlite+aiosqlite:///{file}", MASTER_KEY)
    await database.add_tenant(slug="ankang", jurisdiction="ankang", name_zh="安康", name_en="Ankang")
    found = modes(tmp_path)
    await database.close()
    assert found == dict.fromkeys(["wenze.sqlite3", "wenze.sqlite3-wal", "wenze.sqlite3-shm"], 0o600)
