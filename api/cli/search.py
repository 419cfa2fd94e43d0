"""``wenze search``: fills the index of words."""

from __future__ import annotations

import click

from api.cli.db import read_settings, run_on_database
from core.errors import WenzeError
from core.jurisdictions import Jurisdictions
from core.search.filling import fill_index
from core.settings import Settings
from core.store.database import Database
from core.tenants.service.directory import find_tenant
from core.texts import render


@click.group()
def search() -> None:
    """Fill the index of words."""


@search.command()
@click.argument("slug", metavar="TENANT")
@click.option("--anew", is_flag=True, help="Empty the index first; searches find less until it is filled.")
@click.option(
    "--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language of what is refused."
)
def reindex(slug: str, anew: bool, language: str) -> None:
    """Writes the words of TENANT's cases that the index does not have yet, in batches.

    For cases that were registered before there was an index. Safe at any time and more than once.
    """
    try:
        count = run_on_database(_reindex(read_settings(), slug, anew=anew))
    except WenzeError as error:
        raise click.ClickException(render(error.code, error.params, language)) from error
    click.echo(f"{count} cases")


async def _reindex(settings: Settings, slug: str, *, anew: bool) -> int:
    database = Database.of(settings)
    try:
        tenant = await find_tenant(database, slug)
        return await fill_index(database, tenant.id, Jurisdictions.discover().get(tenant.jurisdiction), anew=anew)
    finally:
        await database.close()
