"""The words as they were told: a rendition of them confirmed, and the original read for a purpose, each time on record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct
from sqlalchemy import bindparam, select

from core.cases.bodies import Instant, Reason
from core.cases.case import Case
from core.cases.house_steps import CONFIRM_RENDITION, house_step
from core.cases.part_bodies import LongText
from core.cases.recusal import check_not_recused
from core.cases.rendition import RENDITION, has_rendition
from core.cases.service import Desk, find_case, take_step
from core.errors import Forbidden, NotFound, Refused
from core.ids import new_id
from core.procedure import CaseKind, Role
from core.store.change import Change
from core.store.session import TenantSession
from core.store.tables import TENANT, cases, narrative_reading
from core.tenants.names import VISIBLE, normalise

ORIGINAL = "wenze:house#narrative"
_THERE = select(cases.c.id).where(cases.c.tenant == TENANT, cases.c.id == bindparam("of_case"))
_READINGS = (
    select(narrative_reading)
    .where(narrative_reading.c.tenant == TENANT, narrative_reading.c.case_id == bindparam("of_case"))
    .order_by(narrative_reading.c.id)
)
_READING = select(narrative_reading).where(
    narrative_reading.c.tenant == TENANT,
    narrative_reading.c.id == bindparam("of_id"),
    narrative_reading.c.case_id == bindparam("of_case"),
    narrative_reading.c.client_id == bindparam("of_client"),
)


class NarrativePurpose(StrEnum):
    """What the original words are read for; said with each reading, and on record."""

    REDACT = "redact"
    HANDLE = "handle"
    VERIFY = "verify"
    REPLY = "reply"
    QUALITY_CHECK = "quality-check"
    LEGAL_DUTY = "legal-duty"


class Confirmation(Struct, frozen=True, forbid_unknown_fields=True):
    """The rendition as units are to read it."""

    rendition: Annotated[
        Annotated[LongText, Meta(pattern=VISIBLE)] | None,
        Meta(
            title="脱敏文本",
            description="As a person wrote it; without one, the text that was made is confirmed as it stands, which a "
            "confidential kind does not allow.",
        ),
    ] = None
    note: Annotated[Reason | None, Meta(title="备注")] = None
    occurred_at: Annotated[Instant | None, Meta(title="发生时间", description="In legal time; now, if left out.")] = None


@dataclass(frozen=True, slots=True)
class NarrativeReading:
    """One reading of a case's original words: who, in which role, when, for what."""

    id: UUID
    case_id: UUID
    purpose: NarrativePurpose
    note: str
    role: str
    person_id: UUID
    client_id: UUID
    at: datetime


async def confirm_rendition(desk: Desk, case: Case, asked: Confirmation, expected: int) -> Case:
    """Confirms what units are to read; a step of the case.

    Raises :class:`Refused` for a kind without renditions, for a text that still tells who brings the matter, and for a
    confidential one that nobody has written; and what :func:`core.cases.service.take_step` raises.
    """
    kind = desk.snapshot.jurisdiction.kind(case.kind)
    if not has_rendition(kind):
        raise Refused("cases.rendition-none", clause=RENDITION)
    text = asked.rendition or (None if kind.confidential else case.rendition)
    if text is None:
        raise Refused("cases.rendition-unwritten", field="/rendition", clause=RENDITION)
    body = Confirmation(rendition=text, note=asked.note, occurred_at=asked.occurred_at)
    return await take_step(desk, case, house_step(kind, CONFIRM_RENDITION), body, expected)


async def read_narrative(desk: Desk, case_id: UUID, purpose: NarrativePurpose, note: str) -> tuple[NarrativeReading, Case]:
    """The original words of a case, to somebody who works on such cases; recorded in the same transaction.

    Raises :class:`NotFound` for a case that the person does not see, and :class:`Forbidden`.
    """
    case, role = await check_reader(desk, case_id)
    principal = desk.principal
    made = NarrativeReading(
        new_id(), case_id, purpose, normalise(note), role.value, principal.person_id, principal.client_id, desk.recorded_at
    )
    write_reading(desk.session, made)
    return made, case


async def retell_narrative(desk: Desk, case_id: UUID, reading_id: UUID) -> tuple[NarrativeReading, Case]:
    """A reading that is on record, told again to the client who made it; none is added. Raises as :func:`read_narrative`."""
    case, _ = await check_reader(desk, case_id)
    return await find_reading(desk, case_id, reading_id), case


async def find_reading(desk: Desk, case_id: UUID, reading_id: UUID) -> NarrativeReading:
    """A reading that the same client made; raises :class:`NotFound`."""
    wanted = {"of_id": reading_id, "of_case": case_id, "of_client": desk.principal.client_id}
    row = await desk.session.one(_READING, wanted)
    if row is None:
        raise NotFound("petitioners.reading-unknown")
    return _reading_of(row)


async def list_narrative_readings(session: TenantSession, case_id: UUID) -> tuple[NarrativeReading, ...]:
    """Every reading of a case's original words, oldest first; raises :class:`NotFound` for a case that is not there."""
    if await session.one(_THERE, {"of_case": case_id}) is None:
        raise NotFound("cases.unknown")
    return tuple(map(_reading_of, await session.all(_READINGS, {"of_case": case_id})))


async def check_reader(desk: Desk, case_id: UUID) -> tuple[Case, Role]:
    """The case, and the role in which the person reads: one that works on the kind, and never for a unit of the case.

    Raises :class:`NotFound` and :class:`Forbidden`.
    """
    case = await find_case(desk, case_id)
    kind = desk.snapshot.jurisdiction.kind(case.kind)
    allowed = reading_roles(kind)
    role = next((role for role in allowed if desk.principal.has(role)), None)
    if role is None:
        raise Forbidden("cases.narrative-role-missing", clause=ORIGINAL, roles=", ".join(allowed))
    await check_not_recused(desk, kind, case_id)
    return case, role


def reading_roles(kind: CaseKind) -> tuple[Role, ...]:
    """Who may read the original words of such cases: who works on them other than for a unit, in the order of roles."""
    return tuple(role for role in Role if role in kind.workers)


def write_reading(session: TenantSession, made: NarrativeReading, **more: str) -> None:
    """Puts a reading on record; ``more`` are further references, such as which of several words it was."""
    row = {name: getattr(made, name) for name in NarrativeReading.__slots__}
    session.add(narrative_reading, row | {"purpose": made.purpose.value})
    refs = {"case_id": str(made.case_id), "reading_id": str(made.id), "purpose": made.purpose.value, **more}
    stream, action = f"narrative:{made.case_id}", "narrative.read"
    session.record(
        Change(
            action=action,
            stream=stream,
            subject=f"case:{made.case_id}",
            content=refs | {"note": made.note},
            event_type=action,
            refs=refs,
            role=made.role,
            shared=True,
        )
    )


def _reading_of(row: dict[str, Any]) -> NarrativeReading:
    plain = {name: row[name] for name in NarrativeReading.__slots__}
    return NarrativeReading(**plain | {"purpose": NarrativePurpose(row["purpose"])})
