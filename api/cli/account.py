"""``wenze account``: the first account of a tenant, and a way back in where no administrator is left who could help."""

from __future__ import annotations

from datetime import date, datetime

import click
import msgspec

from api.cli.administering import AS_JSON, LANGUAGE, ROLES, administering, names, running
from api.cli.db import read_settings
from core.accounts.account import Account, find_login
from core.accounts.invitations import INVITATION_HOURS
from core.accounts.logins import Login, read_login
from core.accounts.service import Invited, register_account, reset_account
from core.errors import Refused
from core.procedure import Role
from core.tenants.commands import GrantableRole, NewGrant, NewPerson, NewPost
from core.tenants.service.administration import Administration
from core.tenants.service.people import register_person
from core.tenants.snapshot import Snapshot
from core.tenants.tenant import Tenant


@click.group()
def account() -> None:
    """Create and reset accounts of staff."""


@account.command("create")
@click.argument("slug", metavar="TENANT")
@click.option("--person-name", required=True, help="The name of the person, who is registered with the account.")
@click.option("--login", required=True, help="What the person signs in with.")
@click.option("--roles", required=True, callback=names(ROLES), help=f"Roles of the person: {', '.join(ROLES)}.")
@click.option("--unit", metavar="CODE", help="The unit of the person; a unit-officer needs one.")
@click.option("--from", "since", type=click.DateTime(["%Y-%m-%d"]), help="The roles' first day; today if left out.")
@AS_JSON
@LANGUAGE
@running
async def create(
    slug: str,
    person_name: str,
    login: str,
    roles: tuple[str, ...],
    unit: str | None,
    since: datetime | None,
    as_json: bool,
    language: str,
) -> None:
    """Registers a person of TENANT with an account, and prints where and by which code the person sets a password.

    The code is shown now and never again; it is good once, for 72 hours.
    """
    del language
    async with administering(slug) as admin:
        snapshot = await admin.snapshots.of(admin.session)
        day = since.date() if since else snapshot.local_day(admin.now(snapshot))
        member = await register_person(admin, _person(snapshot, person_name, roles, unit, day))
        await admin.session.flush()
        made = await register_account(admin, member.person.id, _checked(login))
    _tell(snapshot.tenant, made, as_json)


@account.command("reset")
@click.argument("slug", metavar="TENANT")
@click.argument("login")
@click.option("--reason", required=True, help="Why; stays on record.")
@click.option("--second-factor", is_flag=True, help="Take the second factor away, too, because it is lost.")
@AS_JSON
@LANGUAGE
@running
async def reset(slug: str, login: str, reason: str, second_factor: bool, as_json: bool, language: str) -> None:
    """Takes the password of LOGIN in TENANT away, ends every sign-in, and prints a new code to set a password by."""
    del language
    async with administering(slug) as admin:
        tenant = (await admin.snapshots.of(admin.session)).tenant
        held = await _find(admin, login)
        made = await reset_account(admin, held.id, reason, held.version, second_factor=second_factor)
    _tell(tenant, made, as_json)


async def _find(admin: Administration, login: str) -> Account:
    held = await find_login(admin.session, read_login(login))
    if held is None:
        raise Refused("accounts.login-unknown", login=login)
    return held


def _checked(login: str) -> str:
    try:
        return msgspec.convert(login, Login)
    except msgspec.ValidationError as error:
        raise Refused("accounts.login-malformed", login=login) from error


def _person(snapshot: Snapshot, name: str, roles: tuple[str, ...], unit: str | None, day: date) -> NewPerson:
    held = snapshot.organisation.by_code.get(unit) if unit else None
    if unit and held is None:
        raise Refused("tenants.unit-code-unknown", field="/unit", unit=unit)
    unit_id = held.id if held else None
    posts = (NewPost(unit_id=unit_id, title=name, valid_from=day),) if unit_id else ()
    grants = tuple(
        NewGrant(role=GrantableRole(role), unit_id=unit_id if role == Role.UNIT_OFFICER.value else None, valid_from=day)
        for role in roles
    )
    return NewPerson(name=name, posts=posts, roles=grants)


def _tell(tenant: Tenant, made: Invited, as_json: bool) -> None:
    base = tenant.origin or read_settings().public_url
    address = f"{base}/t/{tenant.slug}/oauth/invitation"
    if as_json:
        told = {"account_id": made.account.id, "person_id": made.account.person_id, "login": made.account.login}
        click.echo(msgspec.json.encode(told | {"address": address, "code": made.code}))
        return
    click.echo(f"login    {made.account.login}")
    click.echo(f"address  {address}")
    click.echo(f"code     {made.code}   (shown this once; good for {INVITATION_HOURS} hours)")
