"""Says what a client may as a platform, by which keys it signs, and who its operators are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, update

from core.errors import NotFound, Stale
from core.ids import new_id
from core.platforms.checks import check_operator, check_operator_ending
from core.platforms.commands import KeyStatement, NewOperator, OperatorEnding, PlatformStatement
from core.platforms.keys import check_keys
from core.platforms.platform import Operator, Platform
from core.store.tables import TENANT, client_operator, person
from core.store.tables import platform as platforms
from core.tenants.client import Client
from core.tenants.names import normalise
from core.tenants.service.administration import Administration
from core.tenants.snapshot import Snapshot
from core.tenants.staff import PersonKind

_KIND = select(person.c.kind).where(person.c.tenant == TENANT, person.c.id == bindparam("of_person"))
_CHANGED = ("token_exchange", "operator_claims", "keys", "version")
_CHANGE = (
    update(platforms)
    .where(platforms.c.tenant == TENANT, platforms.c.client_id == bindparam("of_client"))
    .values({name: bindparam(f"new_{name}") for name in _CHANGED})
)
_ENDED = ("valid_to", "revoked_at", "version")
_END = (
    update(client_operator)
    .where(client_operator.c.tenant == TENANT, client_operator.c.id == bindparam("of_id"))
    .values({name: bindparam(f"new_{name}") for name in _ENDED})
)


def find_client(snapshot: Snapshot, name: str) -> Client:
    """The client that signs in with this name; raises :class:`NotFound`."""
    client = snapshot.clients.get(name)
    if client is None:
        raise NotFound("platforms.client-unknown")
    return client


def find_operator(snapshot: Snapshot, client: Client, operator_id: UUID) -> Operator:
    """The client's operator; raises :class:`NotFound`."""
    operator = snapshot.platforms.find(client.id, operator_id)
    if operator is None:
        raise NotFound("platforms.operator-missing")
    return operator


async def allow_ways(admin: Administration, name: str, said: PlatformStatement, expected: int) -> Platform:
    """The platform, from now on allowed these ways; raises :class:`NotFound` and :class:`Stale`."""
    client, before = await _expect(admin, name, expected)
    after = replace(before, token_exchange=said.token_exchange, operator_claims=said.operator_claims)
    ways = {"token_exchange": said.token_exchange, "operator_claims": said.operator_claims}
    return await _write(admin, client, after, "platform.allowed", ways | {"reason": normalise(said.reason)})


async def replace_keys(admin: Administration, name: str, said: KeyStatement, expected: int) -> Platform:
    """The platform with these keys and no others; raises as :func:`allow_ways`, and :class:`core.errors.Invalid`."""
    client, before = await _expect(admin, name, expected)
    after = replace(before, keys=check_keys(said.keys))
    content = {"keys": [dict(key) for key in after.keys], "reason": normalise(said.reason)}
    return await _write(admin, client, after, "platform.keys-replaced", content)


async def name_operator(admin: Administration, name: str, new: NewOperator) -> Operator:
    """A new operator of the platform.

    Raises :class:`NotFound`, :class:`core.errors.Refused` for a person who cannot be one and
    :class:`core.errors.Conflict` for an id that stands for somebody in that time.
    """
    snapshot = await admin.begin()
    client = find_client(snapshot, name)
    kind = await admin.session.scalar(_KIND, {"of_person": new.person_id})
    named = snapshot.platforms.named(client.id, new.external_id)
    check_operator(new, PersonKind(kind) if kind else None, named)
    made = Operator(new_id(), client.id, new.external_id, new.person_id, new.valid_from, new.valid_to)
    admin.session.add(client_operator, {field: getattr(made, field) for field in Operator.__slots__})
    last = made.valid_to.isoformat() if made.valid_to else None
    span = {"valid_from": made.valid_from.isoformat(), "valid_to": last}
    _record(admin, "operator.named", client, made, {"external_id": made.external_id, **span})
    return made


async def end_operator(
    admin: Administration, name: str, operator_id: UUID, ending: OperatorEnding, expected: int
) -> Operator:
    """The operator, revoked from this moment on or after a day; tokens made for it end with it.

    Raises :class:`NotFound`, :class:`Stale`, :class:`core.errors.Conflict` and :class:`core.errors.Refused`.
    """
    snapshot = await admin.begin()
    client = find_client(snapshot, name)
    before = find_operator(snapshot, client, operator_id)
    if expected != before.version:
        raise Stale("platforms.operator-stale", current=before.version)
    check_operator_ending(before, ending)
    at_once = admin.recorded_at if ending.last_day is None else None
    after = replace(before, valid_to=ending.last_day or before.valid_to, revoked_at=at_once, version=before.version + 1)
    values = {f"new_{field}": getattr(after, field) for field in _ENDED}
    await admin.session.execute(_END, values | {"of_id": operator_id})
    last = ending.last_day.isoformat() if ending.last_day else None
    _record(admin, "operator.ended", client, after, {"last_day": last, "reason": normalise(ending.reason)})
    return after


async def _expect(admin: Administration, name: str, expected: int) -> tuple[Client, Platform]:
    snapshot = await admin.begin()
    client = find_client(snapshot, name)
    platform = snapshot.platforms.of(client.id)
    if expected != platform.version:
        raise Stale("platforms.stale", current=platform.version)
    return client, platform


async def _write(admin: Administration, client: Client, changed: Platform, action: str, content: dict[str, Any]) -> Platform:
    after = replace(changed, version=changed.version + 1)
    row = {field: getattr(after, field) for field in _CHANGED} | {"keys": [dict(key) for key in after.keys]}
    if changed.version == 0:
        admin.session.add(platforms, row | {"client_id": client.id})
    else:
        values = {f"new_{field}": value for field, value in row.items()}
        await admin.session.execute(_CHANGE, values | {"of_client": client.id})
    admin.record(action, f"client:{client.client_id}", content, client_id=client.client_id, version=after.version)
    return after


def _record(admin: Administration, action: str, client: Client, operator: Operator, content: dict[str, Any]) -> None:
    refs = {"client_id": client.client_id, "operator_id": str(operator.id), "person_id": str(operator.person_id)}
    admin.record(action, f"client:{client.client_id}", content | refs, **refs)
