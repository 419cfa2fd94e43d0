"""Petitioners in the store: sealed apart under a key of their own, read for a purpose, erased by their key (promise 7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, select, update

from core.cases.identity import Identity, check_identity, plain_phone
from core.cases.reading_rules import Purpose, check_reader
from core.errors import NotFound, Refused
from core.ids import new_id
from core.procedure import Role
from core.store.change import Change
from core.store.envelope import Cipher, TenantKeys, Wrapped
from core.store.session import TenantSession
from core.store.tables import TENANT, case_unit, cases, identity_reading, petitioner
from core.tenants.names import normalise
from core.tenants.principal import Principal
from core.tenants.snapshot import Snapshot

__all__ = [
    "Identity", "erase_petitioner", "find_petitioners", "list_readings", "read_identity", "retell_reading",
    "seal_petitioner",
]  # fmt: skip

_SEALED_FOR = "petitioner-identity"
_CASE = select(cases.c.kind, cases.c.facts, cases.c.petitioner_id).where(
    cases.c.tenant == TENANT, cases.c.id == bindparam("case_id")
)
_HANDLING = select(case_unit.c.unit_id).where(case_unit.c.tenant == TENANT, case_unit.c.case_id == bindparam("case_id"))
_PETITIONER = select(petitioner).where(petitioner.c.tenant == TENANT, petitioner.c.id == bindparam("petitioner_id"))
_LOCK_PETITIONER = _PETITIONER.with_for_update()
"""Readings of one identity follow each other, so that each finds the end of its audit stream."""
_BY_PHONE = select(petitioner.c.id).where(petitioner.c.tenant == TENANT, petitioner.c.phone_hash == bindparam("hashed"))
_BY_NUMBER = select(petitioner.c.id).where(petitioner.c.tenant == TENANT, petitioner.c.id_hash == bindparam("hashed"))
_READINGS = (
    select(identity_reading)
    .where(
        identity_reading.c.tenant == TENANT,
        identity_reading.c.petitioner_id == bindparam("petitioner_id"),
        identity_reading.c.case_id == bindparam("case_id"),
    )
    .order_by(identity_reading.c.id)
)
_READING = select(identity_reading).where(
    identity_reading.c.tenant == TENANT,
    identity_reading.c.id == bindparam("reading_id"),
    identity_reading.c.case_id == bindparam("case_id"),
    identity_reading.c.client_id == bindparam("client_id"),
)
_ERASE = (
    update(petitioner)
    .where(petitioner.c.tenant == TENANT, petitioner.c.id == bindparam("petitioner_id"), petitioner.c.erased_at.is_(None))
    .values(wrapped_key=None, identity=None, phone_hash=None, id_hash=None, erased_at=bindparam("now"))
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of an identity: who, when, for what."""

    id: UUID
    case_id: UUID
    purpose: Purpose
    note: str
    person_id: UUID
    client_id: UUID
    at: datetime


async def seal_petitioner(session: TenantSession, identity: Identity) -> UUID:
    """Seals an identity under a data key of its own; answers the petitioner's id, written with the session's next flush.

    Raises :class:`core.errors.Refused` for an identity that names nobody.
    """
    checked = check_identity(identity)
    keys, id_ = await session.keys(), new_id()
    cipher, wrapped = keys.current.new_data_key(id_)
    row = {
        "id": id_,
        "alg": wrapped.alg,
        "kid": wrapped.kid,
        "wrapped_key": wrapped.wrapped,
        "identity": cipher.seal(msgspec.json.encode(checked), _SEALED_FOR),
        "phone_hash": keys.hash(plain_phone(checked.phone), "phone") if checked.phone else None,
        "id_hash": keys.hash(checked.id_number, "id-number") if checked.id_number else None,
        "created_at": session.recorded_at,
        "erased_at": None,
    }
    session.add(petitioner, row)
    return id_


async def read_identity(
    session: TenantSession, snapshot: Snapshot, principal: Principal, case_id: UUID, purpose: Purpose, note: str
) -> tuple[Reading, Identity]:
    """Who brought a case, to somebody who may know; the reading is recorded in the same transaction.

    Raises :class:`NotFound` for a case that is not there, :class:`core.errors.Forbidden`, and :class:`Refused` for an
    anonymous case or an identity that has been erased.
    """
    petitioner_id, role = await _check_reading(session, snapshot, principal, case_id)
    identity = await _unseal(session, _LOCK_PETITIONER, petitioner_id)
    made = Reading(
        new_id(), case_id, purpose, normalise(note), principal.person_id, principal.client_id, session.recorded_at
    )
    _write_reading(session, made, petitioner_id, role)
    return made, identity


async def retell_reading(
    session: TenantSession, snapshot: Snapshot, principal: Principal, case_id: UUID, reading_id: UUID
) -> tuple[Reading, Identity]:
    """A reading that is on record, told again to the client who made it; none is added.

    Raises as :func:`read_identity`: who may no longer read, and an identity that was erased since, are refused.
    """
    petitioner_id, _ = await _check_reading(session, snapshot, principal, case_id)
    identity = await _unseal(session, _PETITIONER, petitioner_id)
    wanted = {"reading_id": reading_id, "case_id": case_id, "client_id": principal.client_id}
    row = await session.one(_READING, wanted)
    if row is None:
        raise NotFound("petitioners.reading-unknown")
    return _reading_of(row), identity


async def list_readings(session: TenantSession, case_id: UUID) -> tuple[Reading, ...]:
    """Every reading of a case's petitioner, oldest first; raises :class:`NotFound` for a case that is not there."""
    petitioner_id = (await _find_case(session, case_id))["petitioner_id"]
    if petitioner_id is None:
        return ()
    values = {"case_id": case_id, "petitioner_id": petitioner_id}
    return tuple(_reading_of(row) for row in await session.all(_READINGS, values))


async def find_petitioners(
    session: TenantSession, *, phone: str | None = None, id_number: str | None = None
) -> frozenset[UUID]:
    """The petitioners who gave that phone or that id number, by the keyed hash; nothing is opened."""
    keys, found = await session.keys(), set()
    if phone:
        rows = await session.all(_BY_PHONE, {"hashed": keys.hash(plain_phone(phone), "phone")})
        found |= {row["id"] for row in rows}
    if id_number:
        rows = await session.all(_BY_NUMBER, {"hashed": keys.hash(id_number.upper(), "id-number")})
        found |= {row["id"] for row in rows}
    return frozenset(found)


async def erase_petitioner(session: TenantSession, petitioner_id: UUID) -> None:
    """Destroys the key under which an identity is sealed, the sealed identity and its hashes; readings stay on record.

    Raises :class:`NotFound` for a petitioner that is not there or is erased already.
    """
    if await session.execute(_ERASE, {"petitioner_id": petitioner_id, "now": session.recorded_at}) != 1:
        raise NotFound("petitioners.unknown", petitioner=str(petitioner_id))
    _record(session, "petitioner.erased", petitioner_id, {"petitioner_id": str(petitioner_id)})


async def _find_case(session: TenantSession, case_id: UUID) -> dict[str, Any]:
    row = await session.one(_CASE, {"case_id": case_id})
    if row is None:
        raise NotFound("cases.unknown")
    return row


async def _check_reading(
    session: TenantSession, snapshot: Snapshot, principal: Principal, case_id: UUID
) -> tuple[UUID, Role]:
    """The petitioner of a case, and the role in which the person may know who it is."""
    case = await _find_case(session, case_id)
    handling = [row["unit_id"] for row in await session.all(_HANDLING, {"case_id": case_id})]
    role = check_reader(snapshot.jurisdiction.kind(case["kind"]), case["facts"], handling, principal)
    if case["petitioner_id"] is None:
        raise Refused("petitioners.anonymous")
    return case["petitioner_id"], role


async def _unseal(session: TenantSession, statement: Any, petitioner_id: UUID) -> Identity:
    row = await session.one(statement, {"petitioner_id": petitioner_id})
    if row is None or row["wrapped_key"] is None:
        raise Refused("petitioners.erased")
    return _open(await session.keys(), row)


def _open(keys: TenantKeys, row: dict[str, Any]) -> Identity:
    wrapped = Wrapped(row["kid"], row["alg"], bytes(row["wrapped_key"]))
    cipher: Cipher = keys.of(wrapped.kid).open_data_key(row["id"], wrapped)
    return msgspec.json.decode(cipher.open(bytes(row["identity"]), _SEALED_FOR), type=Identity)


def _write_reading(session: TenantSession, made: Reading, petitioner_id: UUID, role: Role) -> None:
    row = {name: getattr(made, name) for name in Reading.__slots__}
    session.add(identity_reading, row | {"purpose": made.purpose.value, "petitioner_id": petitioner_id})
    refs = {"case_id": str(made.case_id), "reading_id": str(made.id), "purpose": made.purpose.value}
    _record(session, "petitioner.read", petitioner_id, refs, note=made.note, role=role)


def _record(
    session: TenantSession,
    action: str,
    petitioner_id: UUID,
    refs: dict[str, str],
    *,
    note: str | None = None,
    role: Role | None = None,
) -> None:
    stream = f"petitioner:{petitioner_id}"
    content = refs | ({"note": note} if note else {})
    session.record(
        Change(
            action=action,
            stream=stream,
            subject=stream,
            content=content,
            event_type=action,
            refs=refs,
            role=role.value if role else None,
        )
    )


def _reading_of(row: dict[str, Any]) -> Reading:
    plain = {name: row[name] for name in Reading.__slots__}
    return Reading(**plain | {"purpose": Purpose(row["purpose"])})
