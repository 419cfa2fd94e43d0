"""``wenze db``: brings the database's schema up and down."""

from __future__ import annotations

import asyncio

import click

from core.settings import FaultySetting, Settings
from core.store import migrating


@click.group()
def db() -> None:
    """Migrate the database, as its owner (WENZE_OWNER_DATABASE_URL, else WENZE_DATABASE_URL)."""


@db.command()
@click.option("--revision", default="head", show_default=True, help="The revision to come to.")
def upgrade(revision: str) -> None:
    """Brings the schema up to the newest revision: all steps or none."""
    settings = read_settings()
    before = asyncio.run(migrating.current(settings))
    asyncio.run(migrating.upgrade(settings, revision))
    after = asyncio.run(migrating.current(settings))
    click.echo(f"at {after} already" if before == after else f"from {before or 'nothing'} to {after}")


@db.command()
@click.option("--revision", required=True, help="The revision to go back to; 'base' leaves nothing.")
@click.confirmation_option(prompt="What the later revisions hold is lost. Go on?")
def downgrade(revision: str) -> None:
    """Takes the schema back, with the data that only later revisions can hold."""
    settings = read_settings()
    asyncio.run(migrating.downgrade(settings, revision))
    click.echo(f"at {asyncio.run(migrating.current(settings)) or 'nothing'}")


@db.command()
def current() -> None:
    """Shows the revision; exits with 1 where it is not the newest."""
    revision, newest = asyncio.run(migrating.current(read_settings())), migrating.head()
    click.echo(f"{revision or 'nothing'} (newest: {newest})")
    if revision != newest:
        raise SystemExit(1)


def read_settings() -> Settings:
    """The settings of the environment; ends the command with the variable that is faulty."""
    try:
        return Settings.from_environment()
    except FaultySetting as error:
        raise click.ClickException(str(error)) from error
