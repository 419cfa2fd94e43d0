"""Petitioners' identities, read for a purpose by whom the city names, each reading on record (promise 7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from core.cases.identity import Identity
from core.cases.members import find_handling, find_joined, find_members, find_related
from core.cases.reading_rules import Purpose, check_reader
from core.cases.recusal_rows import Me, is_recused_from
from core.cases.recusal_rules import RECUSAL
from core.cases.sealing import open_identity
from core.errors import Forbidden, NotFound, Refused
from core.ids import new_id
from core.procedure import Role
from core.store.change import Change
from core.store.session import TenantSession
from core.store.tables import TENANT, identity_reading, petitioner
from core.tenants.names import normalise
from core.tenants.principal import Principal
from core.tenants.snapshot import Snapshot

_LOCK = (
    select(petitioner)
    .where(petitioner.c.tenant == TENANT, petitioner.c.id.in_(bindparam("some", expanding=True)))
    .order_by(petitioner.c.id)
    .with_for_update()
)
"""Readings of one identity follow each other, so that each finds the end of its audit stream."""
_READINGS = (
    select(identity_reading)
    .where(identity_reading.c.tenant == TENANT, identity_reading.c.case_id == bindparam("case_id"))
    .order_by(identity_reading.c.id)
)
_MADE = select(identity_reading).where(
    identity_reading.c.tenant == TENANT,
    identity_reading.c.id.in_(bindparam("some", expanding=True)),
    identity_reading.c.case_id == bindparam("case_id"),
    identity_reading.c.client_id == bindparam("client_id"),
)


_Who = tuple[int, UUID | None]
"""A petitioner's number, and the merged case that they came with."""


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


@dataclass(frozen=True, slots=True)
class Named:
    """Which petitioners are meant, as call-backs name them: by their number in the case, or in the merged case that they
    came with. Without a number all who came with it; without either all of them."""

    petitioner_number: int | None = None
    merged_case_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ReadIdentity:
    """One petitioner of a case: their number in it or in the merged case that they came with, and what was read.

    Without an identity, and without a reading, where it was erased.
    """

    petitioner_number: int
    merged_case_id: UUID | None
    number: str
    reading: Reading | None
    identity: Identity | None


async def read_identities(
    session: TenantSession,
    snapshot: Snapshot,
    principal: Principal,
    case_id: UUID,
    purpose: Purpose,
    note: str,
    named: Named = Named(),
) -> tuple[ReadIdentity, ...]:
    """Who brought a case, or those of them who are named, to somebody who may know; recorded in the same transaction.

    Raises :class:`NotFound` for a case that is not there, :class:`core.errors.Forbidden`, and :class:`Refused` for an
    anonymous case, a petitioner whom it does not have, or where every identity asked for has been erased.
    """
    role = await _check_reader(session, snapshot, principal, case_id)
    wanted = _choose(_number(case_id, await find_members(session, case_id)), named)
    by = Reading(new_id(), case_id, purpose, normalise(note), principal.person_id, principal.client_id, session.recorded_at)
    opened = await _open(session, (row["id"] for _, row in wanted))
    found = tuple(_read(by, who, row, opened.get(row["id"])) for who, row in wanted)
    for item, (_, row) in zip(found, wanted, strict=True):
        if item.reading is not None:
            _write_reading(session, item.reading, row["id"], role)
    return _unless_erased(found)


async def retell_readings(
    session: TenantSession, snapshot: Snapshot, principal: Principal, case_id: UUID, readings: Iterable[UUID]
) -> tuple[ReadIdentity, ...]:
    """Readings that are on record, told again to the client who made them; none is added.

    Raises as :func:`read_identities`: who may no longer read, and identities that were erased since, are refused.
    """
    await _check_reader(session, snapshot, principal, case_id)
    made = {"some": list(readings), "case_id": case_id, "client_id": principal.client_id}
    rows = {row["petitioner_id"]: _reading_of(row) for row in await session.all(_MADE, made)}
    if not rows:
        raise NotFound("petitioners.reading-unknown")
    members = _number(case_id, await find_members(session, case_id))
    keys = await session.keys()
    found = (
        ReadIdentity(*who, row["number"], rows[row["id"]], open_identity(keys, row) if row["wrapped_key"] else None)
        for who, row in members
        if row["id"] in rows
    )
    return _unless_erased(tuple(found))


async def list_readings(session: TenantSession, case_id: UUID) -> tuple[Reading, ...]:
    """Every reading of a case's petitioners, oldest first; raises :class:`NotFound` for a case that is not there."""
    if not await find_joined(session, case_id):
        raise NotFound("cases.unknown")
    return tuple(_reading_of(row) for row in await session.all(_READINGS, {"case_id": case_id}))


async def _check_reader(session: TenantSession, snapshot: Snapshot, principal: Principal, case_id: UUID) -> Role:
    """The role in which the person may know who brought the case, in whichever cases the matter is handled."""
    related = await find_related(session, case_id)
    if not related:
        raise NotFound("cases.unknown")
    if await is_recused_from(session, case_id, Me(principal.person_id, snapshot.hand_of(principal.person_id))):
        raise Forbidden("recusals.recused", clause=RECUSAL)
    handling = await find_handling(session, case_id)
    kinds = snapshot.jurisdiction
    roles = [check_reader(kinds.kind(case["kind"]), case["facts"], handling, principal) for case in related]
    return roles[0]


def _number(case_id: UUID, members: list[dict[str, Any]]) -> list[tuple[_Who, dict[str, Any]]]:
    """Each petitioner with the number by which they are called back: that of their receipt, in the case they came with."""
    numbered: list[tuple[_Who, dict[str, Any]]] = []
    last: dict[UUID, int] = {}
    for row in members:
        came_with = row["case_id"]
        # Who joined a part stands behind those who brought what it was split from, though both lists begin at two.
        last[came_with] = max(row["seq"], last.get(came_with, 0) + 1)
        numbered.append(((last[came_with], None if came_with == case_id else came_with), row))
    return numbered


def _choose(members: list[tuple[_Who, dict[str, Any]]], named: Named) -> list[tuple[_Who, dict[str, Any]]]:
    if not members:
        raise Refused("petitioners.anonymous")
    if named == Named():
        return members
    of_case = [(who, row) for who, row in members if who[1] == named.merged_case_id]
    found = [(who, row) for who, row in of_case if named.petitioner_number in {None, who[0]}]
    if not found:
        field = "/petitioner_number" if of_case or named.merged_case_id is None else "/merged_case_id"
        raise Refused("petitioners.no-such-place", field=field, count=len(members))
    return found


async def _open(session: TenantSession, petitioners: Iterable[UUID]) -> dict[UUID, Identity]:
    keys = await session.keys()
    rows = await session.all(_LOCK, {"some": sorted(set(petitioners))})
    return {row["id"]: open_identity(keys, row) for row in rows if row["wrapped_key"] is not None}


def _read(by: Reading, who: _Who, row: dict[str, Any], identity: Identity | None) -> ReadIdentity:
    own = {name: getattr(by, name) for name in Reading.__slots__} | {"id": new_id()}
    return ReadIdentity(*who, row["number"], Reading(**own) if identity else None, identity)


def _unless_erased(found: tuple[ReadIdentity, ...]) -> tuple[ReadIdentity, ...]:
    if all(item.identity is None for item in found):
        raise Refused("petitioners.erased")
    return found


def _write_reading(session: TenantSession, made: Reading, petitioner_id: UUID, role: Role) -> None:
    row = {name: getattr(made, name) for name in Reading.__slots__}
    session.add(identity_reading, row | {"purpose": made.purpose.value, "petitioner_id": petitioner_id})
    refs = {"case_id": str(made.case_id), "reading_id": str(made.id), "purpose": made.purpose.value}
    stream, action = f"petitioner:{petitioner_id}", "petitioner.read"
    session.record(
        Change(
            action=action,
            stream=stream,
            subject=f"case:{made.case_id}",  # events tell it; by the petitioner's id one would know who brings several
            content=refs | {"note": made.note},
            event_type=action,
            refs=refs,
            role=role.value,
            shared=True,
        )
    )


def _reading_of(row: dict[str, Any]) -> Reading:
    plain = {name: row[name] for name in Reading.__slots__}
    return Reading(**plain | {"purpose": Purpose(row["purpose"])})
