"""Says what a client may as a platform, by which keys it signs, and who its operators are.

A platform acts as any of its operators, so that neither a key nor an operator counts by the word of one administrator: the
key once another says what the platform may, the operator once another, or the person themself, has confirmed it (R12).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, update

from core.errors import NotFound, Stale
from core.ids import new_id
from core.platforms.checks import check_confirmation, check_operator, check_operator_ending
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
_CHANGED = ("token_exchange", "operator_claims", "keys", "waiting", "version")
_CHANGE = (
    update(platforms)
    .where(platforms.c.tenant == TENANT, platforms.c.client_id == bindparam("of_client"))
    .values({name: bindparam(f"new_{name}") for name in _CHANGED})
)
_ENDED, _CONFIRMED = ("valid_to", "revoked_at", "version"), ("confirmed_by", "confirmed_at", "version")
_ONE = update(client_operator).where(client_operator.c.tenant == TENANT, client_operator.c.id == bindparam("of_id"))
_END = _ONE.values({name: bindparam(f"new_{name}") for name in _ENDED})
_CONFIRM = _ONE.values({name: bindparam(f"new_{name}") for name in _CONFIRMED})


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
    """The platform, from now on allowed these ways, with every key that another administrator has given.

    Raises :class:`NotFound` and :class:`Stale`.
    """
    snapshot, client, before = await _expect(admin, name, expected)
    hand = admin.hand(snapshot)
    waiting = {kid: giver for kid, giver in before.waiting.items() if hand is not None and giver == str(hand)}
    after = replace(before, token_exchange=said.token_exchange, operator_claims=said.operator_claims, waiting=waiting)
    ways = {"token_exchange": said.token_exchange, "operator_claims": said.operator_claims}
    kids = {"keys_confirmed": sorted(before.waiting.keys() - waiting.keys())}
    return await _write(admin, client, after, "platform.allowed", ways | kids | {"reason": normalise(said.reason)})


async def replace_keys(admin: Administration, name: str, said: KeyStatement, expected: int) -> Platform:
    """The platform with these keys and no others, of which new ones wait for another administrator.

    Raises as :func:`allow_ways`, and :class:`core.errors.Invalid`.
    """
    snapshot, client, before = await _expect(admin, name, expected)
    keys, hand = check_keys(said.keys), admin.hand(snapshot)
    after = replace(before, keys=keys, waiting=_waiting(before, keys, hand))
    content = {"keys": [dict(key) for key in after.keys], "reason": normalise(said.reason)}
    return await _write(admin, client, after, "platform.keys-replaced", content)


async def name_operator(admin: Administration, name: str, new: NewOperator) -> Operator:
    """A new operator of the platform, who waits to be confirmed unless it is who says so.

    Raises :class:`NotFound`, :class:`core.errors.Refused` for a person who cannot be one and
    :class:`core.errors.Conflict` for an id that stands for somebody in that time.
    """
    snapshot = await admin.begin()
    client = find_client(snapshot, name)
    kind = await admin.session.scalar(_KIND, {"of_person": new.person_id})
    named = snapshot.platforms.named(client.id, new.external_id)
    check_operator(new, PersonKind(kind) if kind else None, named)
    hand = admin.hand(snapshot)
    made = Operator(
        id=new_id(),
        client_id=client.id,
        external_id=new.external_id,
        person_id=new.person_id,
        valid_from=new.valid_from,
        valid_to=new.valid_to,
        named_by=hand,
        confirmed_by=hand if hand == new.person_id else None,
        confirmed_at=admin.recorded_at if hand in {None, new.person_id} else None,
    )
    admin.session.add(client_operator, {field: getattr(made, field) for field in Operator.__slots__})
    last = made.valid_to.isoformat() if made.valid_to else None
    span = {"valid_from": made.valid_from.isoformat(), "valid_to": last}
    _record(admin, "operator.named", client, made, {"external_id": made.external_id, **span})
    return made


async def confirm_operator(admin: Administration, name: str, operator_id: UUID, expected: int) -> Operator:
    """The operator, for whom the platform may act from now on.

    It is for the caller to let nobody do this but administrators and the person themself. Raises :class:`NotFound`,
    :class:`Stale`, :class:`core.errors.Conflict` and :class:`core.errors.Refused`.
    """
    snapshot = await admin.begin()
    client = find_client(snapshot, name)
    before = find_operator(snapshot, client, operator_id)
    if expected != before.version:
        raise Stale("platforms.operator-stale", current=before.version)
    hand = admin.hand(snapshot)
    check_confirmation(before, hand)
    after = replace(before, confirmed_by=hand, confirmed_at=admin.recorded_at, version=before.version + 1)
    values = {f"new_{field}": getattr(after, field) for field in _CONFIRMED}
    await admin.session.execute(_CONFIRM, values | {"of_id": operator_id})
    _record(admin, "operator.confirmed", client, after, {"external_id": after.external_id})
    return after


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


def _waiting(before: Platform, keys: tuple[Mapping[str, str], ...], hand: UUID | None) -> dict[str, str]:
    """Of the keys those that have yet to be looked at: new or changed ones, and what waited before."""
    known = {key["kid"]: key for key in before.keys}
    fresh = {key["kid"]: str(hand) for key in keys if hand is not None and known.get(key["kid"]) != key}
    return {kid: giver for kid, giver in before.waiting.items() if kid in {key["kid"] for key in keys}} | fresh


async def _expect(admin: Administration, name: str, expected: int) -> tuple[Snapshot, Client, Platform]:
    snapshot = await admin.begin()
    client = find_client(snapshot, name)
    platform = snapshot.platforms.of(client.id)
    if expected != platform.version:
        raise Stale("platforms.stale", current=platform.version)
    return snapshot, client, platform


async def _write(admin: Administration, client: Client, changed: Platform, action: str, content: dict[str, Any]) -> Platform:
    after = replace(changed, version=changed.version + 1)
    plain = {"keys": [dict(key) for key in after.keys], "waiting": dict(after.waiting)}
    row = {field: getattr(after, field) for field in _CHANGED} | plain
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
