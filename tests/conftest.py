"""Fixtures for everybody: a database of each engine, as the service's role and as its owner, and tenants in it."""

from __future__ import annotations

import gc
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import settings

from core.store.database import Database
from tests.interop.skipping import MARK
from tests.servers import Addresses, PostgresServer, SqliteFiles, find_postgres
from tests.story.house import House, Houses, open_house

# The same examples in every run, however busy the machine is.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")

MASTER_KEY = bytes(range(32))
LONGEST = (
    "tests/contract/", "tests/fifth_city/", "tests/story/test_machine.py", "tests/story/test_hall_day.py",
    "tests/cases/test_life_machine.py", "tests/demo/test_command.py",
)  # fmt: skip
"""Files of few tests that take long each: the workers' own order, by the number of tests, would leave them to the end."""
DatabaseServers = Callable[[str], SqliteFiles | PostgresServer]
TenantMaker = Callable[..., Awaitable[int]]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """The service runs on asyncio and nothing else."""
    return "asyncio"


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> SqliteFiles:
    """A migrated SQLite file to copy."""
    return SqliteFiles(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer | None]:
    """A PostgreSQL server with a migrated template, or None where there is no server."""
    address = find_postgres()
    if address is None:
        yield None
        return
    server = PostgresServer(address)
    yield server
    server.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def engine_kind(request: pytest.FixtureRequest) -> str:
    """Makes each test that asks for it, or for a database, run on both engines."""
    kind: str = request.param
    return kind


@pytest.fixture(scope="session")
def database_servers(sqlite_files: SqliteFiles, postgres_server: PostgresServer | None) -> DatabaseServers:
    """``database_servers("sqlite")`` makes fresh databases of an engine; a test whose engine is missing is left out."""
    servers = {"sqlite": sqlite_files, "postgresql": postgres_server}

    def find(engine_kind: str) -> SqliteFiles | PostgresServer:
        server = servers[engine_kind]
        if server is None:
            pytest.skip("no PostgreSQL server: set WENZE_TEST_POSTGRES_URL or start one on 127.0.0.1:5432")
        return server

    return find


@pytest.fixture(scope="module")
def database_server(database_servers: DatabaseServers, engine_kind: str) -> SqliteFiles | PostgresServer:
    """What makes fresh databases of the engine."""
    return database_servers(engine_kind)


@pytest.fixture(scope="module")
def addresses(database_server: SqliteFiles | PostgresServer) -> Iterator[Addresses]:
    """A fresh, migrated database for the tests of one module on one engine."""
    made = database_server.create()
    yield made
    database_server.drop(made)


@pytest.fixture(scope="session")
def houses(database_servers: DatabaseServers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Houses]:
    """A running service per engine for everybody who plays over real HTTP, each in a tenant of their own."""
    with ExitStack() as stack:

        def make(engine_kind: str) -> House:
            server = database_servers(engine_kind)
            addresses = server.create()
            stack.callback(server.drop, addresses)
            return stack.enter_context(open_house(addresses, tmp_path_factory.mktemp(engine_kind)))

        yield Houses(make)


@pytest.fixture(scope="module")
async def database(addresses: Addresses) -> AsyncIterator[Database]:
    """The database as the service sees it, under a role that owns nothing."""
    opened = Database(addresses.service, MASTER_KEY, pool_size=4)
    yield opened
    await opened.close()


@pytest.fixture(scope="module")
async def owner_database(addresses: Addresses) -> AsyncIterator[Database]:
    """The same database as its owner, who migrates and creates tenants."""
    opened = Database(addresses.owner, MASTER_KEY, pool_size=2)
    yield opened
    await opened.close()


@pytest.fixture
def make_tenant(owner_database: Database) -> TenantMaker:
    """``await make_tenant(jurisdiction="ankang")`` creates a tenant and answers its number."""

    async def make(jurisdiction: str = "ankang", slug: str | None = None, **more: Any) -> int:
        name = slug or f"{jurisdiction}-{secrets.token_hex(4)}"
        return await owner_database.add_tenant(
            slug=name,
            jurisdiction=jurisdiction,
            name_zh=more.pop("name_zh", name),
            name_en=more.pop("name_en", name),
            **more,
        )

    return make


@pytest.fixture
async def tenant(make_tenant: TenantMaker) -> int:
    """One tenant of Ankang."""
    return await make_tenant()


def pytest_configure() -> None:
    """Lets what tests start, dozens of times, be compiled once, also where the environment has it otherwise."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the longest files first, so that no worker is left alone with one at the end; all else keeps its order."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


def pytest_collection_finish() -> None:
    """What was loaded by now stays: to look through it over and over takes the garbage collector a fifteenth of a run."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Says loudly what a run did not test, because a server or another client's software was not there."""
    left_out = {str(report.longrepr) for report in terminalreporter.stats.get("skipped", []) if MARK in str(report.longrepr)}
    for why in sorted(left_out):
        terminalreporter.write_sep("!", "A client of others was not tested", red=True, bold=True)
        terminalreporter.write_line(why, red=True)
    skipped = [
        report for report in terminalreporter.stats.get("skipped", []) if "no PostgreSQL server" in str(report.longrepr)
    ]
    if skipped:
        terminalreporter.write_sep("!", "PostgreSQL was not tested", red=True, bold=True)
        terminalreporter.write_line(
            f"{len(skipped)} tests were left out, because no PostgreSQL server was reached: row security, grants and pooled"
            " connections are unproven by this run. Set WENZE_TEST_POSTGRES_URL, or start a server on 127.0.0.1:5432.",
            red=True,
        )
