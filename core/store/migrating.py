"""Runs migrations from a program: ``wenze db``, the demo, the tests. The configuration is built here, with no ini file."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from core.settings import Settings
from core.store.engines import is_sqlite

T = TypeVar("T")
DEFAULT_ROLE = "wenze_app"
_LOCK = 0x77656E7A65
"""Two processes that upgrade at once wait for each other."""


async def upgrade(settings: Settings, revision: str = "head") -> None:
    """Brings the database to ``revision``, in one transaction: all steps or none.

    On PostgreSQL this is the owner's work; the tables are granted to the app role, which is created (NOLOGIN) where it does
    not exist and the owner may create it.
    """
    await upgrade_at(settings.owner_database_url, settings.app_role, revision)


async def downgrade(settings: Settings, revision: str) -> None:
    """Takes the database back to ``revision`` (``base``: nothing is left, the data neither)."""
    await downgrade_at(settings.owner_database_url, settings.app_role, revision)


async def current(settings: Settings) -> str | None:
    """The revision that the database is at, or None before the first."""
    return await current_at(settings.owner_database_url)


async def upgrade_at(url: str, app_role: str = DEFAULT_ROLE, revision: str = "head") -> None:
    """As :func:`upgrade`, of the database at an address; a SQLite file that is not there is made for its owner only."""
    if is_sqlite(url):
        _make_private_file(make_url(url).database or "")
    await _run(url, app_role, lambda config: command.upgrade(config, revision))


def _make_private_file(file: str) -> None:
    """Makes the file where it is missing; SQLite gives the files that it puts beside it the same mode."""
    if file and not Path(file).exists():
        Path(file).touch(mode=0o600)


async def downgrade_at(url: str, app_role: str = DEFAULT_ROLE, revision: str = "base") -> None:
    """As :func:`downgrade`, of the database at an address."""
    await _run(url, app_role, lambda config: command.downgrade(config, revision))


async def current_at(url: str) -> str | None:
    """As :func:`current`, of the database at an address."""
    engine = engine_for(url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())
    finally:
        await engine.dispose()


def head() -> str:
    """The newest revision that this program knows."""
    revision = ScriptDirectory.from_config(configuration()).get_current_head()
    if revision is None:
        raise RuntimeError("no migrations were installed")
    return revision


def configuration(app_role: str = DEFAULT_ROLE) -> Config:
    """Alembic's configuration, without a file."""
    config = Config()
    config.set_main_option("script_location", str(files("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["app_role"] = app_role
    return config


def engine_for(url: str) -> AsyncEngine:
    """An engine in autocommit: the migrations' transaction is begun and ended by :func:`in_one_transaction` alone."""
    return create_async_engine(url, isolation_level="AUTOCOMMIT")


async def in_one_transaction(engine: AsyncEngine, work: Callable[[Connection], T]) -> T:
    """Does the work in one transaction with DDL, which SQLite's driver would otherwise end before each statement."""
    sqlite = engine.dialect.name == "sqlite"
    async with engine.connect() as connection:
        await connection.execute(text("BEGIN IMMEDIATE" if sqlite else "BEGIN"))
        try:
            if not sqlite:
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            done = await connection.run_sync(work)
        except BaseException:
            await connection.execute(text("ROLLBACK"))
            raise
        await connection.execute(text("COMMIT"))
        return done


async def _run(url: str, app_role: str, work: Callable[[Config], None]) -> None:
    config, engine = configuration(app_role), engine_for(url)

    def run(connection: Connection) -> None:
        config.attributes["connection"] = connection
        work(config)

    try:
        await in_one_transaction(engine, run)
    finally:
        await engine.dispose()
