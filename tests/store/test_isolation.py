"""Tenants never meet (promise 6), even where the program is wrong: what PostgreSQL refuses, what a pool leaves behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from sqlalchemy import bindparam, func, make_url, select

from core.ids import new_id
from core.store.database import Database
from core.store.roles import UnsafeRole, is_outdated
from core.store.tables import TENANT, cases, metadata
from tests.conftest import MASTER_KEY, TenantMaker
from tests.servers import Addresses, PostgresServer
from tests.store.rows import add_case, every_table, read

FIND = select(cases.c.id).where(cases.c.tenant == TENANT, cases.c.id == bindparam("case_id"))
COUNT = select(func.count()).select_from(cases).where(cases.c.tenant == TENANT)
PATIENCE_MS = 30_000
WORKED_OFF = {"timer"}
"""What workers take from, of all tenants, before they open anybody's session: whose, which and when, and nothing else."""
TENANT_TABLES = sorted({table.name for table in metadata.tables.values() if "tenant" in table.c} - WORKED_OFF)


@pytest.fixture
def only_postgresql(engine_kind: str) -> None:
    """Row security is PostgreSQL's; on SQLite the guard stands alone."""
    if engine_kind != "postgresql":
        pytest.skip("SQLite has no row security")


@pytest.fixture
async def raw(addresses: Addresses, only_postgresql: None) -> AsyncIterator[asyncpg.Connection]:
    """The service's role without the service: no session, no guard."""
    connection = await asyncpg.connect(make_url(addresses.service).set(drivername="postgresql").render_as_string(False))
    yield connection
    await connection.close()


async def fill(database: Database, tenant: int) -> None:
    async with database.tenant(tenant) as session:
        for table, row in every_table():
            session.add(table, row)


async def test_what_one_tenant_has_another_does_not_see(database: Database, make_tenant: TenantMaker) -> None:
    one, other = await make_tenant(), await make_tenant()
    async with database.tenant(one) as session:
        case_id = await add_case(session, "1")
    for _ in range(3):
        async with database.reading(other) as session:
            assert await session.one(FIND, {"case_id": case_id}) is None
            assert await session.scalar(COUNT) == 0
        async with database.tenant(other) as session:
            assert await session.one(FIND, {"case_id": case_id}) is None
        async with database.reading(one) as session:
            assert await session.scalar(COUNT) == 1


async def test_many_tenants_on_few_connections_never_meet(database: Database, make_tenant: TenantMaker) -> None:
    tenants = [await make_tenant() for _ in range(6)]

    async def work(tenant: int, turn: int) -> None:
        async with database.tenant(tenant) as session:
            await add_case(session, f"{turn}")
            await asyncio.sleep(0)
        async with database.reading(tenant) as session:
            rows = await session.all(select(cases.c.tenant).where(cases.c.tenant == TENANT))
        assert {row["tenant"] for row in rows} == {tenant}

    await asyncio.gather(*(work(tenant, turn) for turn in range(8) for tenant in tenants))
    for tenant in tenants:
        revision, rows = await read(database, tenant, COUNT)
        assert (revision, list(rows[0].values())) == (1, [8])


async def test_a_cancelled_request_hands_its_connection_to_nobody(database: Database, make_tenant: TenantMaker) -> None:
    tenant, other = await make_tenant(), await make_tenant()
    for turn in range(12):
        started = asyncio.Event()

        async def write(number: int, started: asyncio.Event) -> None:
            async with database.tenant(tenant) as session:
                await session.next_number("complaint", 2026)
                await add_case(session, f"cancelled-{number}")
                started.set()
                for _ in range(200):
                    await session.all(COUNT)

        task = asyncio.create_task(write(turn, started))
        await started.wait()
        await asyncio.sleep(0.002 * (turn % 4))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with database.tenant(other) as session:
            assert await session.scalar(COUNT) == turn
            await add_case(session, f"{turn}")
    async with database.tenant(tenant) as session:
        assert await session.scalar(COUNT) == 0
        assert await session.next_number("complaint", 2026) == 1


async def test_cancelling_at_any_point_leaves_all_or_nothing(database: Database, tenant: int) -> None:
    async def write(number: int) -> None:
        async with database.tenant(tenant) as session:
            await add_case(session, str(number))

    for number in range(30):
        task = asyncio.create_task(write(number))
        await asyncio.sleep(0.0004 * (number % 10))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    async with database.tenant(tenant) as session:
        whole = await session.scalar(COUNT)
        for table in ("case_step", "deadline", "audit", "outbox"):
            counted = select(func.count()).select_from(metadata.tables[table])
            assert await session.scalar(counted.where(metadata.tables[table].c.tenant == TENANT)) == whole


async def test_without_a_setting_row_security_shows_nothing(
    raw: asyncpg.Connection, database: Database, tenant: int
) -> None:
    await fill(database, tenant)
    for name in TENANT_TABLES:
        assert await raw.fetchval(f"SELECT count(*) FROM {name}") == 0, name
    async with raw.transaction():
        await raw.execute("SELECT set_config('wenze.tenant', $1, true)", str(tenant))
        for name in TENANT_TABLES:
            assert await raw.fetchval(f"SELECT count(*) FROM {name}") >= 1, name
    # After the commit the setting is an empty string and not NULL.
    assert await raw.fetchval("SELECT current_setting('wenze.tenant', true)") == ""
    for name in TENANT_TABLES:
        assert await raw.fetchval(f"SELECT count(*) FROM {name}") == 0, name


async def test_a_session_of_a_tenant_has_its_own_timers_only(
    raw: asyncpg.Connection, database: Database, make_tenant: TenantMaker
) -> None:
    """Only who is bound to no tenant, as a worker that looks what has gone off, has those of all."""
    one, other = await make_tenant(), await make_tenant()
    await fill(database, one)
    await fill(database, other)
    assert await raw.fetchval("SELECT count(*) FROM timer") >= 2
    async with raw.transaction():
        await raw.execute("SELECT set_config('wenze.tenant', $1, true)", str(one))
        assert {row["tenant"] for row in await raw.fetch("SELECT tenant FROM timer")} == {one}
        assert await raw.execute("DELETE FROM timer WHERE tenant = $1", other) == "DELETE 0"
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await raw.execute("INSERT INTO timer VALUES ($1, 'x', $2, now(), false, now(), 0, 0)", other, new_id())


async def test_row_security_refuses_rows_of_another(
    raw: asyncpg.Connection, database: Database, make_tenant: TenantMaker
) -> None:
    one, other = await make_tenant(), await make_tenant()
    insert = "INSERT INTO unit (tenant, id, code) VALUES ($1, $2, 'x')"
    for setting in ("", str(other)):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            async with raw.transaction():
                await raw.execute("SELECT set_config('wenze.tenant', $1, true)", setting)
                await raw.execute(insert, one, new_id())
    async with raw.transaction():
        await raw.execute("SELECT set_config('wenze.tenant', $1, true)", str(other))
        moved = await raw.execute("UPDATE tenant SET revision = revision + 1 WHERE id = $1", one)
        assert moved == "UPDATE 0"
        assert await raw.execute("UPDATE tenant SET revision = revision + 1") == "UPDATE 1"


async def test_a_read_in_one_round_trip_leaves_no_setting(database: Database, tenant: int, only_postgresql: None) -> None:
    narrow = Database(database.url, MASTER_KEY, pool_size=1)
    for _ in range(3):
        await read(narrow, tenant, COUNT)
        link = await narrow.check_out(writes=False)
        assert await link._driver.fetchval("SELECT current_setting('wenze.tenant', true)") in ("", None)
        link.release()
    await narrow.close()


async def test_the_service_may_not_go_beyond_its_grants(raw: asyncpg.Connection, tenant: int) -> None:
    for statement in (
        "INSERT INTO tenant SELECT 99, 'x', 'x', 'x', 'x', NULL, false, 1, now()",
        "DELETE FROM tenant",
        "UPDATE tenant SET slug = 'x'",
        "UPDATE tenant SET sandbox = true",
        "TRUNCATE audit",
        "DROP TABLE audit",
        "ALTER TABLE audit DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE audit NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY tenant ON audit",
        "CREATE TABLE mine (x int)",
        "UPDATE alembic_version SET version_num = 'x'",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await raw.execute(statement)


async def test_row_security_binds_the_owner_too(
    addresses: Addresses, only_postgresql: None, database: Database, tenant: int
) -> None:
    await fill(database, tenant)
    owner = await asyncpg.connect(make_url(addresses.owner).set(drivername="postgresql").render_as_string(False))
    for name in TENANT_TABLES:
        assert await owner.fetchval(f"SELECT count(*) FROM {name}") == 0, name
    await owner.close()


async def test_every_table_is_covered(raw: asyncpg.Connection) -> None:
    rows = await raw.fetch("""
        SELECT c.relname AS name, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced, c.relkind AS kind,
               array(SELECT concat_ws(':', p.polname, p.polcmd, pg_get_expr(p.polqual, p.polrelid),
                                      pg_get_expr(p.polwithcheck, p.polrelid))
                     FROM pg_policy p WHERE p.polrelid = c.oid ORDER BY p.polname) AS policies,
               EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant') AS of_tenant
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
    """)
    found = {row["name"]: row for row in rows}
    assert {row["kind"] for row in rows} == {b"r"}  # a view would see through row security
    assert set(found) == {*metadata.tables, "alembic_version"}
    bound = "(tenant = (NULLIF(current_setting('wenze.tenant'::text, true), ''::text))::integer)"
    for name in metadata.tables:
        assert found[name]["enabled"], name
        assert found[name]["forced"], name
        if name not in {"tenant", *WORKED_OFF}:
            assert found[name]["of_tenant"], name
            assert found[name]["policies"] == [f"tenant:*:{bound}:{bound}"], name


async def test_every_key_begins_with_the_tenant() -> None:
    for table in metadata.tables.values():
        if table.name == "tenant":
            continue
        assert next(iter(table.primary_key.columns)).name == "tenant", table.name
        for index in table.indexes if table.name not in WORKED_OFF else ():
            assert next(iter(index.columns)).name == "tenant", index.name
        for constraint in table.constraints:
            names = [column.name for column in getattr(constraint, "columns", [])]
            assert names[:1] == ["tenant"], (table.name, constraint.name)


async def test_only_a_role_that_row_security_binds_may_serve(
    database: Database, owner_database: Database, database_server: Any
) -> None:
    await database.check_role()
    if not isinstance(database_server, PostgresServer):
        return
    with pytest.raises(UnsafeRole, match="owns"):
        await owner_database.check_role()
    name = make_url(database.url).database
    admin = database_server.url.set(database=name).render_as_string(hide_password=False)
    superuser = Database(admin, MASTER_KEY, pool_size=1)
    with pytest.raises(UnsafeRole, match="superuser"):
        await superuser.check_role()
    await superuser.close()


async def test_a_table_without_row_security_stops_the_start(database: Database, database_server: Any) -> None:
    if not isinstance(database_server, PostgresServer):
        pytest.skip("SQLite has no row security")
    name = make_url(database.url).database
    admin = database_server.url.set(database=name, drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(admin)
    try:
        for off, on in (
            ("ALTER TABLE audit NO FORCE ROW LEVEL SECURITY", "ALTER TABLE audit FORCE ROW LEVEL SECURITY"),
            ("ALTER TABLE audit DISABLE ROW LEVEL SECURITY", "ALTER TABLE audit ENABLE ROW LEVEL SECURITY"),
        ):
            await connection.execute(off)
            with pytest.raises(UnsafeRole, match="audit"):
                await database.check_role()
            await connection.execute(on)
            await database.check_role()
    finally:
        await connection.close()


async def test_a_connection_that_the_server_closed_is_replaced(
    database: Database, tenant: int, database_server: Any
) -> None:
    if not isinstance(database_server, PostgresServer):
        pytest.skip("SQLite has no server")
    async with database.reading(tenant) as session:
        await session.all(COUNT)
    name = make_url(database.url).database
    await asyncio.to_thread(
        lambda: asyncio.run(
            database_server.admin(
                f"SELECT pg_terminate_backend(pid, {PATIENCE_MS}) FROM pg_stat_activity WHERE datname = '{name}' AND"
                f" usename = '{database_server.login}'"
            )
        )
    )
    for _ in range(5):
        await asyncio.sleep(0)  # the backend is gone; the loop hears of it
    for _ in range(5):
        async with database.tenant(tenant) as session:
            await session.all(COUNT)


@pytest.mark.parametrize(
    ("version", "outdated"),
    [
        (150019, True),
        (150020, False),
        (160015, True),
        (160016, False),
        (170012, False),
        (180006, True),
        (140099, True),
        (190000, False),
    ],
)
def test_servers_without_the_fixes_of_row_security_are_known(version: int, outdated: bool) -> None:
    assert is_outdated(version) is outdated
