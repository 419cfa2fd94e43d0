"""``wenze oauth``: clears away what sign-ins and tokens have left."""

from __future__ import annotations

import asyncio

import click

from api.cli.db import read_settings
from core.accounts import purging
from core.authorizations import purge as families
from core.errors import WenzeError
from core.settings import FaultySetting, Settings
from core.store.database import Database
from core.tenants.service.directory import find_tenant
from core.texts import render

_LANGUAGE = click.option(
    "--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language of what is refused."
)


@click.group()
def oauth() -> None:
    """Clear away what sign-ins and tokens have left."""


@oauth.command()
@click.argument("slug", metavar="TENANT")
@_LANGUAGE
def purge(slug: str, language: str) -> None:
    """Removes the codes, tokens, sign-ins and counters of TENANT that have expired.

    Safe to run at any time and more than once; run it daily.
    """
    try:
        tokens, sign_ins = asyncio.run(_purge(read_settings(), slug))
    except FaultySetting as error:
        raise click.ClickException(str(error)) from error
    except WenzeError as error:
        raise click.ClickException(render(error.code, error.params, language)) from error
    click.echo(
        f"{tokens.authorizations} authorizations, {tokens.devices} device requests, {tokens.revocations} revocations,"
        f" {tokens.assertions} assertions, {sign_ins.sign_ins} sign-ins, {sign_ins.invitations} invitations,"
        f" {sign_ins.failures} counters of failures, {sign_ins.devices} browsers, {sign_ins.attempts} attempts"
    )


async def _purge(settings: Settings, slug: str) -> tuple[families.Purged, purging.Purged]:
    database = Database.of(settings)
    try:
        tenant = await find_tenant(database, slug)
        async with database.tenant(tenant.id) as session:
            now = session.recorded_at
            # A sign-in can go only when nothing hangs on it any more.
            return await families.purge_authorizations(session, now), await purging.purge_expired(session, now)
    finally:
        await database.close()
