"""Registers clients, each with the service person that it acts as, changes and disables them, and renews their secrets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, update

from core.authorizations.families import revoke_families
from core.errors import Conflict, NotFound, Refused, Stale
from core.ids import new_id, secret_hash
from core.procedure import Role
from core.store.tables import TENANT, client
from core.tenants.client import (
    SECRET_METHODS,
    AuthMethod,
    Client,
    Credentials,
    GrantType,
    make_credentials,
    make_secret,
)
from core.tenants.client_checks import ClientFacts, check_client, check_roles
from core.tenants.client_commands import ClientStatement
from core.tenants.client_keys import ClientKey
from core.tenants.commands import GrantableRole, NewGrant, NewPerson, NewPost
from core.tenants.names import normalise
from core.tenants.principal import Grant
from core.tenants.scopes import Scope
from core.tenants.service.administration import Administration
from core.tenants.service.people import add_person
from core.tenants.snapshot import Snapshot
from core.tenants.staff import PersonKind

_CHANGED = (
    "name", "secret_hash", "scopes", "grant_types", "redirect_uris", "post_logout_redirect_uris", "origins", "keys", "uri",
    "held_by", "disabled_at", "version",
)  # fmt: skip
_CHANGE = (
    update(client)
    .where(client.c.tenant == TENANT, client.c.id == bindparam("of_id"))
    .values({name: bindparam(f"new_{name}") for name in _CHANGED})
)
_OF_ITS_UNIT = frozenset({Role.UNIT_OFFICER})


@dataclass(frozen=True, slots=True)
class Registration:
    """How a client came to register itself: by which initial access token, and the hash of the token that manages it."""

    token_id: UUID
    management_hash: bytes


@dataclass(frozen=True, slots=True)
class NewClient:
    """A client to be: what it may ask for and how, and the roles of the person it acts as, from a day on."""

    name: str
    roles: tuple[Role, ...]
    scopes: frozenset[Scope]
    valid_from: date
    unit_code: str | None = None
    """The unit of its post. Roles that only hold in a unit hold there; every other role holds in the whole tenant."""
    auth_method: AuthMethod = AuthMethod.SECRET_BASIC
    grant_types: frozenset[GrantType] = frozenset({GrantType.CLIENT_CREDENTIALS})
    redirect_uris: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    keys: tuple[ClientKey, ...] = ()
    uri: str | None = None
    post_logout_redirect_uris: tuple[str, ...] = ()
    registration: Registration | None = None
    """Of a client that registered itself, which nobody of the tenant vouches for."""


@dataclass(frozen=True, slots=True)
class RegisteredClient:
    """A client just registered, with its secret, which is stored nowhere and shown this once."""

    client: Client
    credentials: Credentials


async def register_client(admin: Administration, new: NewClient) -> RegisteredClient:
    """A client and its service person.

    Raises as :func:`check_client` does, and :class:`Refused` for a unit that is not there, a role that needs one, and a
    role that the administrator has not.
    """
    return add_client(admin, await admin.begin(), new)


def add_client(admin: Administration, snapshot: Snapshot, new: NewClient) -> RegisteredClient:
    """As :func:`register_client`, within a change that has begun."""
    keys = check_client(_facts(new))
    unit = _unit_of(snapshot, new.unit_code)
    if admin.person_id is not None:
        given = [(role, unit if role in _OF_ITS_UNIT else None) for role in new.roles]
        check_roles(given, _held(admin, snapshot))
    member = add_person(admin, snapshot.organisation, _service_person(new, unit))
    credentials = make_credentials(new.auth_method)
    made = Client(
        id=new_id(),
        client_id=credentials.client_id,
        name=normalise(new.name),
        secret_hash=secret_hash(credentials.client_secret) if credentials.client_secret else b"",
        scopes=new.scopes,
        person_id=member.person.id,
        auth_method=new.auth_method,
        grant_types=new.grant_types,
        redirect_uris=tuple(dict.fromkeys(new.redirect_uris)),
        post_logout_redirect_uris=tuple(dict.fromkeys(new.post_logout_redirect_uris)),
        origins=frozenset(new.origins),
        keys=keys,
        trusted=new.registration is None,
        uri=new.uri,
        registration_hash=new.registration.management_hash if new.registration else b"",
        registered_with=new.registration.token_id if new.registration else None,
        held_by=None if new.auth_method is AuthMethod.NONE else admin.person_id,
    )
    _add(admin, made)
    return RegisteredClient(made, credentials)


def find_client(snapshot: Snapshot, client_id: str) -> Client:
    """The client of that name, disabled or not; raises :class:`NotFound`."""
    found = snapshot.clients.get(client_id)
    if found is None:
        raise NotFound("clients.unknown")
    return found


async def change_client(admin: Administration, client_id: str, said: ClientStatement, expected: int | None) -> Client:
    """The client as it is said to be from now on; its service person and the way it shows itself stay.

    Raises :class:`NotFound`, :class:`Stale`, :class:`Conflict` for a disabled one, and as :func:`register_client`.
    """
    snapshot = await admin.begin()
    before = _expect(snapshot, client_id, expected)
    after = restated(before, said)
    held_by = before.held_by
    if after.keys != before.keys:
        _check_hold(admin, snapshot, before)
        held_by = admin.person_id
    return await _write(admin, replace(after, held_by=held_by), "client.changed", _told(after))


def restated(before: Client, said: ClientStatement) -> Client:
    """The client by what is now said of it, not yet written; raises as :func:`check_client`."""
    facts = ClientFacts(
        before.auth_method,
        frozenset(said.grant_types),
        frozenset(said.scopes),
        said.redirect_uris,
        said.origins,
        said.keys,
        said.uri,
        post_logout_redirect_uris=said.post_logout_redirect_uris,
    )
    return replace(
        before,
        name=normalise(said.name),
        grant_types=facts.grant_types,
        scopes=facts.scopes,
        redirect_uris=tuple(dict.fromkeys(said.redirect_uris)),
        post_logout_redirect_uris=tuple(dict.fromkeys(said.post_logout_redirect_uris)),
        origins=frozenset(said.origins),
        keys=check_client(facts),
        uri=said.uri,
    )


async def rotate_secret(
    admin: Administration, client_id: str, reason: str, expected: int | None
) -> tuple[Client, str]:
    """The client and its new secret; the one before is good no more.

    Raises as :func:`change_client`, and :class:`Refused` for one without a secret, and where it has roles that the
    administrator, who is told the secret, has not.
    """
    snapshot = await admin.begin()
    before = _expect(snapshot, client_id, expected)
    if before.auth_method not in SECRET_METHODS:
        raise Refused("clients.no-secret")
    _check_hold(admin, snapshot, before)
    secret = make_secret()
    after = replace(before, secret_hash=secret_hash(secret), held_by=admin.person_id)
    return await _write(admin, after, "client.secret-rotated", {"reason": normalise(reason)}), secret


async def disable_client(
    admin: Administration, client_id: str, reason: str | None = None, expected: int | None = None
) -> Client:
    """Ends a client at once, with every token and every authorization that it holds.

    Raises :class:`NotFound`, :class:`Conflict` where it is disabled already, and :class:`Stale`.
    """
    before = _expect(await admin.begin(), client_id, expected)
    after = replace(before, disabled_at=admin.recorded_at)
    await revoke_families(admin.session, client_id=before.id, reason="client-disabled", now=admin.recorded_at)
    return await _write(admin, after, "client.disabled", {"reason": normalise(reason)} if reason else {})


async def write_client(admin: Administration, changed: Client, action: str) -> Client:
    """Writes a client that was checked, within a change that has begun; answers its next version."""
    return await _write(admin, changed, action, _told(changed))


def _expect(snapshot: Snapshot, client_id: str, expected: int | None) -> Client:
    found = find_client(snapshot, client_id)
    if expected not in {None, found.version}:
        raise Stale("clients.stale", current=found.version)
    if found.disabled_at is not None:
        raise Conflict("clients.disabled")
    return found


def _check_hold(admin: Administration, snapshot: Snapshot, held: Client) -> None:
    """Whoever gets hold of the secret or gives the keys has every role of the client already (R12)."""
    if admin.person_id is not None:
        day = snapshot.local_day(admin.now(snapshot))
        grants = snapshot.organisation.staff.grants_of(held.person_id)
        lasting = [grant for grant in grants if grant.valid_to is None or grant.valid_to >= day]
        check_roles([(grant.role, grant.unit_id) for grant in lasting], _held(admin, snapshot))


def _held(admin: Administration, snapshot: Snapshot) -> tuple[Grant, ...]:
    if admin.person_id is None:
        return ()
    return snapshot.organisation.roles_of(admin.person_id, snapshot.local_day(admin.now(snapshot)))


def _facts(new: NewClient) -> ClientFacts:
    return ClientFacts(
        new.auth_method,
        new.grant_types,
        new.scopes,
        new.redirect_uris,
        new.origins,
        new.keys,
        new.uri,
        new.roles,
        new.post_logout_redirect_uris,
    )


def _service_person(new: NewClient, unit: UUID | None) -> NewPerson:
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


def _add(admin: Administration, made: Client) -> None:
    fixed = {
        "id": made.id,
        "client_id": made.client_id,
        "person_id": made.person_id,
        "auth_method": made.auth_method.value,
        "trusted": made.trusted,
        "registration_hash": made.registration_hash or None,
        "registered_with": made.registered_with,
        "created_at": admin.recorded_at,
    }
    admin.session.add(client, _row(made) | fixed)
    _record(admin, "client.registered", made, _told(made))


async def _write(admin: Administration, changed: Client, action: str, content: dict[str, Any]) -> Client:
    after = replace(changed, version=changed.version + 1)
    values = {f"new_{name}": value for name, value in _row(after).items()}
    await admin.session.execute(_CHANGE, values | {"of_id": after.id})
    _record(admin, action, after, content)
    return after


def _row(made: Client) -> dict[str, Any]:
    """What of a client can change, as it is stored."""
    return {
        "name": made.name,
        "secret_hash": made.secret_hash,
        "scopes": sorted(made.scopes),
        "grant_types": sorted(made.grant_types),
        "redirect_uris": list(made.redirect_uris),
        "post_logout_redirect_uris": list(made.post_logout_redirect_uris),
        "origins": sorted(made.origins),
        "keys": [dict(key) for key in made.keys],
        "uri": made.uri,
        "held_by": made.held_by,
        "disabled_at": made.disabled_at,
        "version": made.version,
    }


def _told(made: Client) -> dict[str, Any]:
    """What of a client the trail tells: everything but its secret."""
    return {
        "name": made.name,
        "auth_method": made.auth_method.value,
        "grant_types": sorted(made.grant_types),
        "scopes": sorted(made.scopes),
        "redirect_uris": list(made.redirect_uris),
        "post_logout_redirect_uris": list(made.post_logout_redirect_uris),
        "origins": sorted(made.origins),
        "keys": [dict(key) for key in made.keys],
        "uri": made.uri,
        "trusted": made.trusted,
    }


def _record(admin: Administration, action: str, made: Client, content: dict[str, Any]) -> None:
    refs = {"client_id": made.client_id, "person_id": str(made.person_id)}
    admin.record(action, f"client:{made.client_id}", content | refs, **refs)
