"""Registers machine clients, each with the service person that it acts as, and disables them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import bindparam, update

from core.errors import NotFound, Refused
from core.ids import new_id, secret_hash
from core.procedure import Role
from core.store.tables import TENANT, client
from core.tenants.client import Client, Credentials, make_credentials
from core.tenants.commands import GrantableRole, NewGrant, NewPerson, NewPost
from core.tenants.names import normalise
from core.tenants.scopes import Scope
from core.tenants.service.administration import Administration
from core.tenants.service.people import add_person
from core.tenants.snapshot import Snapshot
from core.tenants.staff import PersonKind

_DISABLE = (
    update(client)
    .where(client.c.tenant == TENANT, client.c.client_id == bindparam("named"), client.c.disabled_at.is_(None))
    .values(disabled_at=bindparam("now"))
)
_OF_ITS_UNIT = frozenset({Role.UNIT_OFFICER})


@dataclass(frozen=True, slots=True)
class NewClient:
    """A client to be: what it may ask for, and the roles of the person it acts as, from a day on."""

    name: str
    roles: tuple[Role, ...]
    scopes: frozenset[Scope]
    valid_from: date
    unit_code: str | None = None
    """The unit of its post. Roles that only hold in a unit hold there; every other role holds in the whole tenant."""


@dataclass(frozen=True, slots=True)
class RegisteredClient:
    """A client just registered, with its secret, which is stored nowhere and shown this once."""

    client: Client
    credentials: Credentials


async def register_client(admin: Administration, new: NewClient) -> RegisteredClient:
    """A client and its service person; raises :class:`Refused` for a unit that is not there or a role that needs one."""
    snapshot = await admin.begin()
    member = add_person(admin, snapshot.organisation, _service_person(snapshot, new))
    credentials = make_credentials()
    made = Client(
        id=new_id(),
        client_id=credentials.client_id,
        name=normalise(new.name),
        secret_hash=secret_hash(credentials.client_secret),
        scopes=new.scopes,
        person_id=member.person.id,
    )
    _write(admin, made)
    return RegisteredClient(made, credentials)


async def disable_client(admin: Administration, client_id: str) -> None:
    """Ends a client and its tokens at once; raises :class:`NotFound` for one that is not there or disabled."""
    await admin.begin()
    changed = await admin.session.execute(_DISABLE, {"named": client_id, "now": admin.recorded_at})
    if changed != 1:
        raise NotFound("tenants.client-unknown", client=client_id)
    admin.record("client.disabled", f"client:{client_id}", {"client_id": client_id}, client_id=client_id)


def _service_person(snapshot: Snapshot, new: NewClient) -> NewPerson:
    unit = _unit_of(snapshot, new.unit_code)
    posts = (NewPost(unit_id=unit, title=new.name, valid_from=new.valid_from),) if unit else ()
    roles = tuple(
        NewGrant(role=GrantableRole(role), unit_id=unit if role in _OF_ITS_UNIT else None, valid_from=new.valid_from)
        for role in new.roles
    )
    return NewPerson(name=new.name, kind=PersonKind.SERVICE, posts=posts, roles=roles)


def _unit_of(snapshot: Snapshot, code: str | None) -> UUID | None:
    if code is None:
        return None
    unit = snapshot.organisation.by_code.get(code)
    if unit is None:
        raise Refused("tenants.unit-code-unknown", field="/unit", unit=code)
    return unit.id


def _write(admin: Administration, made: Client) -> None:
    scopes: Iterable[str] = sorted(made.scopes)
    row = {
        "id": made.id,
        "client_id": made.client_id,
        "name": made.name,
        "secret_hash": made.secret_hash,
        "scopes": list(scopes),
        "person_id": made.person_id,
        "auth_method": made.auth_method.value,
        "grant_types": sorted(made.grant_types),
        "redirect_uris": list(made.redirect_uris),
        "origins": sorted(made.origins),
        "keys": [dict(key) for key in made.keys],
        "trusted": made.trusted,
        "uri": made.uri,
        "registration_hash": made.registration_hash or None,
        "version": made.version,
        "created_at": admin.recorded_at,
        "disabled_at": None,
    }
    admin.session.add(client, row)
    content = {"client_id": made.client_id, "name": made.name, "scopes": row["scopes"], "person_id": str(made.person_id)}
    refs = {"client_id": made.client_id, "person_id": str(made.person_id)}
    admin.record("client.registered", f"client:{made.client_id}", content, **refs)
