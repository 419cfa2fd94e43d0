"""``wenze client``: clients that are set up before a tenant's own administrators take over."""

from __future__ import annotations

from datetime import date, datetime

import click
import msgspec

from api.cli.administering import AS_JSON, LANGUAGE, ROLES, administering, names, running
from core.procedure import Role
from core.tenants.client import AuthMethod, GrantType
from core.tenants.scopes import Scope, parse_scopes
from core.tenants.service.administration import Administration
from core.tenants.service.clients import (
    NewClient,
    RegisteredClient,
    disable_client,
    register_client,
    rotate_secret,
)

_SHORT_GRANTS = {"device_code": GrantType.DEVICE_CODE} | {grant.value: grant for grant in GrantType}
_GRANTS = tuple(name for name, grant in _SHORT_GRANTS.items() if ":" not in name)
_METHODS = tuple(method.value for method in AuthMethod if method is not AuthMethod.PRIVATE_KEY)
_AS_WANTED = "wanted at the command line"


@click.group()
def client() -> None:
    """Create and disable clients."""


@client.command("create")
@click.argument("slug", metavar="TENANT")
@click.argument("name")
@click.option("--roles", callback=names(ROLES, optional=True), help=f"Roles of its own person: {', '.join(ROLES)}.")
@click.option("--scopes", required=True, callback=names(tuple(Scope)), help=f"What it may ask for: {', '.join(Scope)}.")
@click.option("--unit", metavar="CODE", help="The unit of its person; a unit-officer needs one.")
@click.option("--from", "since", type=click.DateTime(["%Y-%m-%d"]), help="The roles' first day; today if left out.")
@click.option(
    "--grants", default=GrantType.CLIENT_CREDENTIALS.value, show_default=True, callback=names(_GRANTS),
    help=f"How it gets tokens: {', '.join(_GRANTS)}.",
)  # fmt: skip
@click.option(
    "--auth-method", type=click.Choice(_METHODS), default=AuthMethod.SECRET_BASIC.value, show_default=True,
    help="How it shows who it is; none for pages and apps. Clients with keys are registered over the API.",
)  # fmt: skip
@click.option("--redirect-uri", "redirect_uris", multiple=True, help="Where people are sent back to; can be repeated.")
@click.option("--post-logout-redirect-uri", "after_logout", multiple=True, help="Where people are sent who have signed out.")
@click.option("--origin", "origins", multiple=True, help="From which pages may call the API; can be repeated.")
@click.option("--uri", help="Its home page.")
@AS_JSON
@LANGUAGE
@running
async def create(
    slug: str,
    name: str,
    roles: tuple[str, ...],
    scopes: tuple[str, ...],
    unit: str | None,
    since: datetime | None,
    grants: tuple[str, ...],
    auth_method: str,
    redirect_uris: tuple[str, ...],
    after_logout: tuple[str, ...],
    origins: tuple[str, ...],
    uri: str | None,
    as_json: bool,
    language: str,
) -> None:
    """Creates a client of TENANT, and the service person that it acts as. Its secret is shown now and never again."""
    del language
    async with administering(slug) as admin:
        new = NewClient(
            name,
            tuple(map(Role, roles)),
            parse_scopes(scopes),
            await _first_day(admin, since),
            unit,
            AuthMethod(auth_method),
            frozenset(_SHORT_GRANTS[grant] for grant in grants),
            redirect_uris,
            origins,
            uri=uri,
            post_logout_redirect_uris=after_logout,
        )
        made = await register_client(admin, new)
    _tell_client(made, as_json)


@client.command("rotate-secret")
@click.argument("slug", metavar="TENANT")
@click.argument("client_id")
@LANGUAGE
@running
async def rotate(slug: str, client_id: str, language: str) -> None:
    """Gives a client of TENANT a new secret, shown now and never again; the one before is good no more."""
    del language
    async with administering(slug) as admin:
        _, secret = await rotate_secret(admin, client_id, _AS_WANTED, None)
    click.echo(f"client_secret  {secret}   (shown this once)")


@client.command("disable")
@click.argument("slug", metavar="TENANT")
@click.argument("client_id")
@LANGUAGE
@running
async def disable(slug: str, client_id: str, language: str) -> None:
    """Disables a client of TENANT at once, with every token that it holds."""
    del language
    async with administering(slug) as admin:
        await disable_client(admin, client_id)
    click.echo(f"{client_id} is disabled")


async def _first_day(admin: Administration, since: datetime | None) -> date:
    snapshot = await admin.snapshots.of(admin.session)
    return since.date() if since else snapshot.local_day(admin.now(snapshot))


def _tell_client(made: RegisteredClient, as_json: bool) -> None:
    secret = made.credentials.client_secret
    if as_json:
        told = {"client_id": made.credentials.client_id, "client_secret": secret or None}
        click.echo(msgspec.json.encode(told | {"person_id": made.client.person_id, "scopes": sorted(made.client.scopes)}))
        return
    click.echo(f"client_id      {made.credentials.client_id}")
    if secret:
        click.echo(f"client_secret  {secret}   (shown this once)")
    click.echo(f"person         {made.client.person_id}")
    click.echo(f"scopes         {' '.join(sorted(made.client.scopes))}")
