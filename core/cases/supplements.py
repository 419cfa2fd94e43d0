"""Words that are added to an open case after its registration: appended, never edited, and shown to nobody's unit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import bindparam, select, update

from core.cases.bodies import Instant
from core.cases.capacity import choose_capacity
from core.cases.case import Case
from core.cases.order import Capacity
from core.cases.service import Desk
from core.errors import Forbidden, OutOfOrder, Stale
from core.ids import new_id
from core.procedure import CaseKind, Role
from core.store.change import Change
from core.store.session import TenantSession
from core.store.tables.cases import cases
from core.store.tables.platforms import case_supplement
from core.store.tables.schema import TENANT
from core.tenants.principal import Principal

SUPPLEMENT = "wenze:house#supplement"
_REOPENING, _PRIVACY = "wenze:house#reopening", "wenze:house#privacy"
_BUMP = (
    update(cases)
    .where(cases.c.tenant == TENANT, cases.c.id == bindparam("of_id"), cases.c.version == bindparam("expected"))
    .values(version=bindparam("new_version"))
)
_LIST = (
    select(*(column for column in case_supplement.c if column.name not in {"tenant", "case_id"}))
    .where(case_supplement.c.tenant == TENANT, case_supplement.c.case_id == bindparam("of_case"))
    .order_by(case_supplement.c.seq)
)


class Supplement(Struct, frozen=True, kw_only=True):
    """What was added to a case (补充): only what is new of title, narrative and note; the registration stays as it was."""

    id: UUID
    seq: Annotated[int, Meta(description="The version that the case got by it")]
    title: Annotated[str | None, Meta(title="标题", description="A new title; null where it is the same")]
    narrative: Annotated[str | None, Meta(title="诉求内容", description="The matter as it is told now, or null")]
    note: Annotated[str | None, Meta(title="备注", description="A new remark, or null")]
    occurred_at: Annotated[Instant, Meta(title="发生时间", description="Legal time")]
    recorded_at: Annotated[Instant, Meta(title="记录时间", description="Wall time")]
    client_id: Annotated[UUID, Meta(title="客户端", description="The client")]
    person_id: Annotated[UUID, Meta(title="经办人", description="The person it acted as, or the platform's operator")]
    role: Annotated[str, Meta(title="角色", description="The role in which it was done; can grow")]
    clause: Annotated[str, Meta(title="依据", description="What it rests on")]


async def add_supplement(desk: Desk, kind: CaseKind, case: Case, words: Mapping[str, str]) -> Case:
    """The case with a supplement; ``case`` is locked by the caller's transaction.

    Raises :class:`Forbidden` without a role that registers such cases and :class:`OutOfOrder` where the case has ended.
    """
    capacity = choose_capacity(desk.principal, kind.registration)
    if case.state in kind.final_states:
        raise OutOfOrder("platforms.case-ended", clause=_REOPENING)
    after = msgspec.structs.replace(case, version=case.version + 1)
    values = {"of_id": case.id, "expected": case.version, "new_version": after.version}
    if await desk.session.execute(_BUMP, values) != 1:
        raise Stale("cases.stale", current=case.version + 1)
    _write(desk, after, capacity, words)
    return after


async def list_supplements(session: TenantSession, case_id: UUID) -> tuple[Supplement, ...]:
    """What was added to a case, in order."""
    return tuple(Supplement(**row) for row in await session.all(_LIST, {"of_case": case_id}))


def check_supplement_reader(kind: CaseKind, principal: Principal) -> None:
    """Raises :class:`Forbidden` for whoever does not work on such cases, or only for a unit.

    They are the petitioner's own words, of which no redacted rendition is made.
    """
    allowed = kind.workers - {Role.UNIT_OFFICER}
    if principal.roles.isdisjoint(allowed):
        raise Forbidden("platforms.supplements-not-yours", clause=_PRIVACY, roles=", ".join(sorted(allowed)))


def _write(desk: Desk, case: Case, capacity: Capacity, words: Mapping[str, str]) -> None:
    row: dict[str, object] = {
        "id": new_id(),
        "case_id": case.id,
        "seq": case.version,
        "title": words.get("title"),
        "narrative": words.get("narrative"),
        "note": words.get("note"),
        "occurred_at": desk.now,
        "recorded_at": desk.recorded_at,
        "client_id": desk.principal.client_id,
        "person_id": desk.principal.person_id,
        "role": capacity.role.value,
        "clause": SUPPLEMENT,
    }
    desk.session.add(case_supplement, row)
    desk.session.record(_change(case, capacity, str(row["id"]), words, desk.now))


def _change(case: Case, capacity: Capacity, id_: str, words: Mapping[str, str], now: datetime) -> Change:
    digests = {name: sha256(text.encode()).hexdigest() for name, text in words.items()}
    return Change(
        action="case.supplemented",
        stream=f"case:{case.id}",
        subject=f"case:{case.id}",
        content={"number": case.number, "clause": SUPPLEMENT, "occurred_at": now.isoformat(), "words": digests},
        event_type="case.supplemented",
        refs={"case_id": str(case.id), "supplement_id": id_, "version": case.version},
        role=capacity.role.value,
        unit_id=capacity.unit_id,
    )
