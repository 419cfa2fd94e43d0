"""The databases to measure on: migrated, with roles of their own, filled once, kept for the next run on request."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
from sqlalchemy import URL, make_url

from core.settings import database_url
from core.store.migrating import head, upgrade_at

OWNER, APP_ROLE, SERVICE, TWIN = "wenze_bench_owner", "wenze_bench_app", "wenze_bench_service", "wenze_bench_twin"
FORMAT = 2
"""Counts the changes of how a database is filled: one that was kept is filled anew."""


@dataclass(frozen=True)
class Stage:
    """One database, and the addresses by which each role opens it."""

    server: Server
    cases: int

    @property
    def name(self) -> str:
        """The database's name."""
        return f"wenze_bench_{self.cases}"

    def address(self, role: str) -> str:
        """The URL for a role, as the service's settings take it."""
        return self._url(role).render_as_string(hide_password=False)

    async def connect(self, role: str) -> asyncpg.Connection:
        """A connection of the driver's own."""
        return await asyncpg.connect(driver_address(self._url(role)))

    def _url(self, role: str) -> URL:
        return self.server.url.set(database=self.name, username=role, password=self.server.password)


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server, reached as somebody who may create databases and roles, one of them with BYPASSRLS."""

    url: URL
    password: str = field(default_factory=lambda: secrets.token_hex(12), repr=False)

    @classmethod
    def at(cls, address: str) -> Server:
        """The server at an address such as :func:`tests.servers.find_postgres` answers."""
        return cls(make_url(database_url(address)))

    async def admin(self, *statements: str) -> None:
        """Runs statements as the administrator."""
        connection = await asyncpg.connect(driver_address(self.url))
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    async def prepare_roles(self) -> None:
        """The roles of a benchmark, with this run's password. The twin's stands for the owner without row security."""
        for role, attributes in (
            (OWNER, "LOGIN"),
            (APP_ROLE, "NOLOGIN"),
            (SERVICE, f"LOGIN IN ROLE {APP_ROLE}"),
            (TWIN, f"LOGIN BYPASSRLS IN ROLE {OWNER}"),
        ):
            await self.admin(
                f"DO $$ BEGIN CREATE ROLE {role} {attributes}; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
                f"ALTER ROLE {role} PASSWORD '{self.password}'",
            )

    async def drop_roles(self) -> None:
        """Removes them, unless a database that an earlier run kept is theirs."""
        kept = "SELECT EXISTS (SELECT FROM pg_database WHERE pg_get_userbyid(datdba) = $1)"
        if not await self._ask(kept, OWNER):
            await self.admin(*(f"DROP ROLE IF EXISTS {role}" for role in (TWIN, SERVICE, APP_ROLE, OWNER)))

    @asynccontextmanager
    async def stage(self, cases: int, fill: Callable[[Stage], Awaitable[None]], *, keep: bool) -> AsyncIterator[Stage]:
        """A database with so many cases; one kept by an earlier run is taken where it was filled in the same way."""
        stage = Stage(self, cases)
        mark = f"wenze benchmark {FORMAT}, {head()}, {cases} cases"
        marked = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1"
        try:
            if await self._ask(marked, stage.name) != mark:
                await self._create(stage)
                await fill(stage)
                await self.admin(f"COMMENT ON DATABASE {stage.name} IS '{mark}'")
            yield stage
        finally:
            if not keep:
                await self.admin(f"DROP DATABASE IF EXISTS {stage.name} WITH (FORCE)")

    async def _create(self, stage: Stage) -> None:
        await self.admin(f"DROP DATABASE IF EXISTS {stage.name} WITH (FORCE)", f"CREATE DATABASE {stage.name} OWNER {OWNER}")
        await upgrade_at(stage.address(OWNER), APP_ROLE)

    async def _ask(self, question: str, about: str) -> Any:
        connection = await asyncpg.connect(driver_address(self.url))
        try:
            return await connection.fetchval(question, about)
        finally:
            await connection.close()


def driver_address(url: URL) -> str:
    """The URL as asyncpg itself takes it."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
