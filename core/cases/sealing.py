"""Petitioners in the store: sealed under keys of their own, found by keyed hashes, erased with their keys (promise 7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, select, update

from core.cases.identity import Identity, check_identity, hash_id_number, hash_phone
from core.errors import NotFound
from core.ids import new_id
from core.store.change import Change
from core.store.envelope import Cipher, TenantKeys, Wrapped
from core.store.session import TenantSession
from core.store.tables import TENANT, petitioner

_SEALED_FOR = "petitioner-identity"
_BY_PHONE = select(petitioner.c.id).where(petitioner.c.tenant == TENANT, petitioner.c.phone_hash == bindparam("hashed"))
_BY_NUMBER = select(petitioner.c.id).where(petitioner.c.tenant == TENANT, petitioner.c.id_hash == bindparam("hashed"))
_ERASE = (
    update(petitioner)
    .where(petitioner.c.tenant == TENANT, petitioner.c.id == bindparam("petitioner_id"), petitioner.c.erased_at.is_(None))
    .values(wrapped_key=None, identity=None, phone_hash=None, id_hash=None, erased_at=bindparam("now"))
)


async def seal_petitioner(session: TenantSession, identity: Identity, place: str = "/petitioner") -> UUID:
    """Seals an identity under a data key of its own; answers the petitioner's id, written with the session's next flush.

    Raises :class:`core.errors.Refused` for an identity that names nobody; ``place`` is where it stands in the input.
    """
    checked = check_identity(identity, place)
    keys, id_ = await session.keys(), new_id()
    cipher, wrapped = keys.current.new_data_key(id_)
    row = {
        "id": id_,
        "alg": wrapped.alg,
        "kid": wrapped.kid,
        "wrapped_key": wrapped.wrapped,
        "identity": cipher.seal(msgspec.json.encode(checked), _SEALED_FOR),
        "phone_hash": hash_phone(keys, checked.phone) if checked.phone else None,
        "id_hash": hash_id_number(keys, checked.id_number) if checked.id_number else None,
        "created_at": session.recorded_at,
        "erased_at": None,
    }
    session.add(petitioner, row)
    return id_


def open_identity(keys: TenantKeys, row: Mapping[str, Any]) -> Identity:
    """The identity in a petitioner's row; raises :class:`core.store.envelope.CannotOpen`."""
    wrapped = Wrapped(row["kid"], row["alg"], bytes(row["wrapped_key"]))
    cipher: Cipher = keys.of(wrapped.kid).open_data_key(row["id"], wrapped)
    return msgspec.json.decode(cipher.open(bytes(row["identity"]), _SEALED_FOR), type=Identity)


async def find_petitioners(
    session: TenantSession, *, phone: str | None = None, id_number: str | None = None
) -> frozenset[UUID]:
    """The petitioners who gave that phone or that id number, by the keyed hash; nothing is opened."""
    keys, found = await session.keys(), set()
    if phone:
        rows = await session.all(_BY_PHONE, {"hashed": hash_phone(keys, phone)})
        found |= {row["id"] for row in rows}
    if id_number:
        rows = await session.all(_BY_NUMBER, {"hashed": hash_id_number(keys, id_number)})
        found |= {row["id"] for row in rows}
    return frozenset(found)


async def erase_petitioner(session: TenantSession, petitioner_id: UUID) -> None:
    """Destroys the key under which an identity is sealed, the sealed identity and its hashes; readings stay on record.

    Raises :class:`NotFound` for a petitioner that is not there or is erased already.
    """
    if await session.execute(_ERASE, {"petitioner_id": petitioner_id, "now": session.recorded_at}) != 1:
        raise NotFound("petitioners.unknown", petitioner=str(petitioner_id))
    stream, refs = f"petitioner:{petitioner_id}", {"petitioner_id": str(petitioner_id)}
    action = "petitioner.erased"
    session.record(Change(action=action, stream=stream, subject=stream, content=refs, event_type=action, refs=refs))
