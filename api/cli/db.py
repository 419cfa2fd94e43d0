"""``wenze db``: brings the database's schema up and down."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Coroutine
from typing import Any, TypeVar

import click
from asyncpg import PostgresError
from sqlalchemy.exc import SQLAlchemyError

from core.settings import FaultySetting, Settings
from core.store import migrating

T = TypeVar("T")


@click.group()
def db() -> None:
    """Migrate the database, as its owner (WENZE_OWNER_DATABASE_URL, else WENZE_DATABASE_URL)."""


@db.command()
@click.option("--revision", default="head", show_default=True, help="The revision to come to.")
def upgrade(revision: str) -> None:
    """Brings the schema up to the newest revision: all steps or none."""
    settings = read_settings()
    before = run_on_database(migrating.current(settings))
    run_on_database(migrating.upgrade(settings, revision))
    after = run_on_database(migrating.current(settings))
    click.echo(f"at {after} already" if before == after else f"from {before or 'nothing'} to {after}")


@db.command()
@click.option("--revision", required=True, help="The revision to go back to; 'base' leaves nothing.")
@click.confirmation_option(prompt="What the later revisions hold is lost. Go on?")
def downgrade(revision: str) -> None:
    """Takes the schema back, with the data that only later revisions can hold."""
    settings = read_settings()
    run_on_database(migrating.downgrade(settings, revision))
    click.echo(f"at {run_on_database(migrating.current(settings)) or 'nothing'}")


@db.command()
def current() -> None:
    """Shows the revision; exits with 1 where it is not the newest."""
    revision, newest = run_on_database(migrating.current(read_settings())), migrating.head()
    click.echo(f"{revision or 'nothing'} (newest: {newest})")
    if revision != newest:
        raise SystemExit(1)


def run_on_database(work: Coroutine[Any, Any, T]) -> T:
    """Runs to the end; ends the command with what the database said where it does not answer or refuses."""
    try:
        return asyncio.run(work)
    except (OSError, PostgresError, sqlite3.Error, SQLAlchemyError) as error:
        raise click.ClickException(f"the database: {_said_by(error)}") from error


def _said_by(error: Exception) -> str:
    """What the database said, with its hint where it gave one: what to do stands there."""
    told: BaseException = getattr(error, "orig", None) or error
    hint = getattr(told, "hint", None) or getattr(told.__cause__, "hint", None)
    return f"{told}; {hint}" if hint else str(told)


def read_settings() -> Settings:
    """The settings of the environment; ends the command with the variable that is faulty."""
    try:
        return Settings.from_environment()
    except FaultySetting as error:
        raise click.ClickException(str(error)) from error
