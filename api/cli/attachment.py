"""``wenze attachment``: clears away what nobody attached."""

from __future__ import annotations

import asyncio

import click

from api.cli.db import read_settings
from core.attachments.purging import Purged, purge_unattached
from core.attachments.vault import open_vault
from core.errors import WenzeError
from core.settings import FaultySetting, Settings
from core.store.database import Database
from core.tenants.service.directory import find_tenant
from core.texts import render

_LANGUAGE = click.option(
    "--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language of what is refused."
)


@click.group()
def attachment() -> None:
    """Remove attachments that nobody attached."""


@attachment.command()
@click.argument("slug", metavar="TENANT")
@_LANGUAGE
def purge(slug: str, language: str) -> None:
    """Removes the attachments of TENANT that were attached to no case in time, and what a crash left in their store.

    Safe to run at any time and more than once; run it daily.
    """
    try:
        done = asyncio.run(_purge(read_settings(), slug))
    except FaultySetting as error:
        raise click.ClickException(str(error)) from error
    except WenzeError as error:
        raise click.ClickException(render(error.code, error.params, language)) from error
    click.echo(f"{done.given_up} given up, {done.orphans} without a row, {done.unfinished} unfinished")


async def _purge(settings: Settings, slug: str) -> Purged:
    vault = open_vault(settings.attachments_address)
    database = Database.of(settings)
    try:
        tenant = await find_tenant(database, slug)
        return await purge_unattached(database, vault, tenant.id, settings.attachment_hours)
    finally:
        await database.close()
