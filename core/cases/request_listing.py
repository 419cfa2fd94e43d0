"""Lists of requests: those of a case, of a unit, and those that wait for the person who asks. One statement a page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, or_, select

from core.cases.capacity import visible_units
from core.cases.filters import Narrowing, one_of
from core.cases.reading_rules import near_units
from core.cases.recusal_rows import find_recused
from core.cases.request_rows import PENDING, is_of_others, topic_of
from core.cases.requests import DECIDED_BY_HOUSE
from core.cases.service import Desk
from core.procedure import Role
from core.store.tables.cases import cases
from core.store.tables.requests import case_request
from core.store.tables.schema import TENANT

_COLUMNS = (
    "id", "case_id", "kind", "step", "state", "person_id", "unit_id", "asked_at", "reason", "data", "decider_unit_id",
    "decided_by", "decided_at", "decision_reason",
)  # fmt: skip
_LINE = [*(case_request.c[name] for name in _COLUMNS), cases.c.number, cases.c.kind.label("case_kind")]


@dataclass(frozen=True, slots=True)
class RequestFilter:
    """What a list of requests is narrowed to; ``mine`` are the pending ones that the person may decide."""

    state: str | None = None
    kind: str | None = None
    case_id: UUID | None = None
    unit_id: UUID | None = None
    mine: bool = False


async def list_requests(desk: Desk, wanted: RequestFilter, limit: int, after: UUID | None) -> list[dict[str, Any]]:
    """At most ``limit`` requests that the person sees, made before the request ``after``, newest first.

    A unit's officers see what their units asked and what their units decide on; others see all.
    """
    found = _narrow(desk, wanted, after)
    if found is None:
        return []
    recused = await find_recused(desk.session, desk.me) if wanted.mine else None
    if recused:
        found.add_several("recused", recused)
    statement = _statement(found.shape.single, found.shape.several)
    return await desk.session.all(statement, found.values | {"page": limit})


def _narrow(desk: Desk, wanted: RequestFilter, after: UUID | None) -> Narrowing | None:
    """The conditions of the list; ``None`` where no request can meet them."""
    found = Narrowing()
    told = {"kind": wanted.kind, "case_id": wanted.case_id, "unit_id": wanted.unit_id, "after": after}
    told |= {"state": PENDING if wanted.mine and wanted.state is None else wanted.state}
    for name, value in told.items():
        if value is not None:
            found.add(name, value)
    units = visible_units(desk.principal)
    if units is not None:
        if not units:
            return None
        found.add_several("seen", units)
    return _mine(desk, found) if wanted.mine else found


def _mine(desk: Desk, found: Narrowing) -> Narrowing | None:
    """Narrowed to what waits for the person: by the roles, by the units that passed a case on, and never the own (R12)."""
    topics, units = decidable_topics(desk), _units_of(desk)
    if not topics and not units:
        return None
    found.add("mine")
    found.add("pending")
    found.add_several("hands", desk.hands)
    if near := near_units(desk.principal):
        found.add_several("near", near)
    if topics:
        found.add_several("topics", topics)
    if units:
        found.add_several("deciding", units)
    return found


def decidable_topics(desk: Desk) -> frozenset[str]:
    """What the person's roles decide on, whatever unit asks."""
    roles = desk.principal.roles - {Role.UNIT_OFFICER}
    kinds = desk.snapshot.jurisdiction.kinds.values()
    steps = ((kind, step) for kind in kinds for step in kind.steps if step.decides)
    topics = {topic_of(kind.key, step.decides or "") for kind, step in steps if not roles.isdisjoint(step.by)}
    for request, deciders in DECIDED_BY_HOUSE.items():
        if not roles.isdisjoint(deciders):
            topics |= {topic_of(kind.key, request) for kind in kinds}
    return frozenset(topics)


def _units_of(desk: Desk) -> frozenset[UUID]:
    grants = desk.principal.grants
    return frozenset(grant.unit_id for grant in grants if grant.role is Role.UNIT_OFFICER and grant.unit_id)


@lru_cache(maxsize=512)
def _statement(single: frozenset[str], several: frozenset[tuple[str, int]]) -> Select[Any]:
    sizes = dict(several)
    joined = case_request.join(cases, and_(cases.c.tenant == case_request.c.tenant, cases.c.id == case_request.c.case_id))
    statement = select(*_LINE).select_from(joined).where(case_request.c.tenant == TENANT, cases.c.tenant == TENANT)
    statement = statement.where(*(_CONDITIONS[name] for name in sorted(single & _CONDITIONS.keys())))
    if "seen" in sizes:
        asked = one_of(case_request.c.unit_id, "seen", sizes["seen"])
        statement = statement.where(or_(asked, one_of(case_request.c.decider_unit_id, "seen", sizes["seen"])))
    if "mine" in single:
        statement = statement.where(_waits_for_me(sizes))
    return statement.order_by(case_request.c.id.desc()).limit(bindparam("page"))


def _waits_for_me(sizes: dict[str, int]) -> ColumnElement[bool]:
    above = case_request.c.decider_unit_id
    by_role = one_of(case_request.c.topic, "topics", sizes["topics"]) if "topics" in sizes else false()
    by_unit = one_of(above, "deciding", sizes["deciding"]) if "deciding" in sizes else false()
    own = one_of(case_request.c.person_id, "hands", sizes["hands"])
    asked_by_others = or_(case_request.c.person_id.is_(None), ~own)
    mine = and_(or_(and_(above.is_(None), by_role), by_unit), asked_by_others)
    if "near" in sizes:
        mine = and_(mine, is_of_others(sizes["near"]))
    if "recused" in sizes:
        mine = and_(mine, ~one_of(case_request.c.case_id, "recused", sizes["recused"]))
    return mine


_CONDITIONS: dict[str, ColumnElement[bool]] = {
    "kind": case_request.c.kind == bindparam("kind"),
    "state": case_request.c.state == bindparam("state"),
    # Written out, so that the index of what is pending can be seen to hold it.
    "pending": case_request.c.state == "pending",
    "case_id": case_request.c.case_id == bindparam("case_id"),
    "unit_id": case_request.c.unit_id == bindparam("unit_id"),
    "after": case_request.c.id < bindparam("after"),
}
