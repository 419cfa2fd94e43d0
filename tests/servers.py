"""Databases for tests: a migrated template per run, a cheap copy per test module, on each engine."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import URL, make_url

from core.settings import database_url
from core.store.migrating import upgrade_at

T = TypeVar("T")
LOCAL_SERVER = "postgresql://postgres@127.0.0.1:5432/postgres"
PASSWORD = secrets.token_hex(8)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Runs to the end on a loop of its own; for fixtures that are not asynchronous."""
    return asyncio.run(work)


@dataclass(frozen=True)
class Addresses:
    """One database, as the service's role and as its owner."""

    service: str
    owner: str


@dataclass
class SqliteFiles:
    """Copies of a migrated file."""

    folder: Path
    template: Path = field(init=False)

    def __post_init__(self) -> None:
        self.template = self.folder / "template.sqlite3"
        run(upgrade_at(f"sqlite+aiosqlite:///{self.template}"))

    def create(self) -> Addresses:
        """A fresh database."""
        file = self.folder / f"{secrets.token_hex(6)}.sqlite3"
        shutil.copyfile(self.template, file)
        address = f"sqlite+aiosqlite:///{file}"
        return Addresses(address, address)

    def drop(self, addresses: Addresses) -> None:
        """Removes it with its log."""
        file = Path(str(make_url(addresses.service).database))
        for part in ("", "-wal", "-shm"):
            Path(f"{file}{part}").unlink(missing_ok=True)


class PostgresServer:
    """A server with three roles of this run: an owner, the app role, and a login that is a member of it and owns nothing."""

    def __init__(self, address: str) -> None:
        self.url = make_url(database_url(address))
        self.mark = f"wenze_test_{os.getpid()}_{secrets.token_hex(3)}"
        self.owner, self.app_role, self.login = f"{self.mark}_owner", f"{self.mark}_app", f"{self.mark}_login"
        self.template = f"{self.mark}_template"
        self._count = 0
        self._given_up: list[str] = []
        run(self._prepare())

    async def _prepare(self) -> None:
        await self.admin(
            f"CREATE ROLE {self.owner} LOGIN PASSWORD '{PASSWORD}'",
            f"CREATE ROLE {self.app_role} NOLOGIN",
            f"CREATE ROLE {self.login} LOGIN PASSWORD '{PASSWORD}' IN ROLE {self.app_role}",
            # Tests need not survive a loss of power; whether commits do is the server's own affair.
            *(f"ALTER ROLE {role} SET synchronous_commit = off" for role in (self.owner, self.login)),
            f"CREATE DATABASE {self.template} OWNER {self.owner}",
        )
        # Before PostgreSQL 15 everybody may create in the schema; since then the database's owner may.
        await upgrade_at(self.address(self.template, self.owner), app_role=self.app_role)

    async def admin(self, *statements: str) -> None:
        """Runs statements as the server's administrator."""
        connection = await asyncpg.connect(self.url.set(drivername="postgresql").render_as_string(hide_password=False))
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    def address(self, database: str, user: str) -> str:
        """The URL of a database for a role of this run."""
        url: URL = self.url.set(database=database, username=user, password=PASSWORD)
        return url.render_as_string(hide_password=False)

    def create(self) -> Addresses:
        """A fresh copy of the template."""
        self._count += 1
        name = f"{self.mark}_{self._count}"
        run(self.admin(f"CREATE DATABASE {name} TEMPLATE {self.template} OWNER {self.owner}"))
        return Addresses(self.address(name, self.login), self.address(name, self.owner))

    def drop(self, addresses: Addresses) -> None:
        """Gives a copy up; it is dropped at the end."""
        self._given_up.append(str(make_url(addresses.service).database))

    def close(self) -> None:
        """Removes what this run made."""
        run(self._remove())

    async def _remove(self) -> None:
        # At once, so that the checkpoint that each drop waits for is the same one.
        names = [*self._given_up, self.template]
        await asyncio.gather(*(self.admin(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)") for name in names))
        await self.admin(*(f"DROP ROLE IF EXISTS {role}" for role in (self.login, self.app_role, self.owner)))


def find_postgres() -> str | None:
    """The server to test on: ``WENZE_TEST_POSTGRES_URL``, else the local one where one answers, else None.

    An address that is set and does not answer is an error, not a reason to leave tests out.
    """
    given = os.environ.get("WENZE_TEST_POSTGRES_URL")
    if given:
        run(_greet(given))
        return given
    try:
        run(_greet(LOCAL_SERVER))
    except (OSError, TimeoutError, asyncpg.PostgresError):
        return None
    return LOCAL_SERVER


async def _greet(address: str) -> None:
    plain = make_url(database_url(address)).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(plain, timeout=5)
    await connection.close()
