"""What waits for a person's decision: requests of units and of colleagues, with their cases, earliest due first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, literal_column, or_, select

from core.cases.disclosure import is_entrusted
from core.cases.filters import CaseFilter, Narrowing, Shape, conditions, narrow, one_of
from core.cases.listing import LINE, Line, Position
from core.cases.reach import reach_of
from core.cases.reading_rules import near_units
from core.cases.recusal_rows import find_recused
from core.cases.request_rows import is_of_others, topic_of
from core.cases.service import Desk
from core.procedure import CaseKind, Role
from core.store.tables import TENANT, cases
from core.store.tables.requests import case_request
from core.tenants.principal import Principal

CORRECTION = "correction"
"""The request that no step of a kind decides: a supervisor does, to whom the matter is entrusted."""
_ASKED = ("id", "kind", "step", "person_id", "unit_id", "asked_at", "reason", "data", "decider_unit_id")
_REQUEST = [case_request.c[name].label(f"request_{name}") for name in _ASKED]
# Said in the statement itself: with a parameter it could not be seen that the index of pending requests serves.
_PENDING = case_request.c.state == literal_column("'pending'")


@dataclass(frozen=True, slots=True)
class Approval:
    """A request and the line of its case."""

    request: dict[str, Any]
    line: Line


@dataclass(frozen=True, slots=True)
class ApprovalPage:
    """A page of requests, and after which the next one begins; ``None`` behind the last."""

    items: tuple[Approval, ...] = ()
    following: Position | None = None


async def list_approvals(desk: Desk, limit: int, after: Position | None = None) -> ApprovalPage:
    """At most ``limit`` requests that the person may decide on, after a position: of a request, by its case's due."""
    asked = await _asked(desk)
    if asked is None:
        return ApprovalPage()
    values, behind = asked.values | {"page": limit + 1}, ""
    if after is not None:
        values |= {"last": after.id, "last_due": after.due_at}
        behind = "none" if after.due_at is None else "due"
    rows = await desk.session.all(_lines(asked.shape, frozenset(asked.several.items()), behind), values)
    items = tuple(_approval(row) for row in rows[:limit])
    last = items[-1] if len(rows) > limit else None
    return ApprovalPage(items, Position(last.request["id"], last.line["due_at"]) if last else None)


async def count_approvals(desk: Desk) -> int:
    """How many requests wait for the person's decision."""
    asked = await _asked(desk)
    if asked is None:
        return 0
    return int(await desk.session.scalar(_count(asked.shape, frozenset(asked.several.items())), asked.values))


def topics_decided(kind: CaseKind, principal: Principal) -> frozenset[str]:
    """The requests in cases of a kind that the person's roles decide on, other than for a unit."""
    roles = principal.roles - {Role.UNIT_OFFICER}
    found = {step.decides for step in kind.steps if step.decides is not None and not roles.isdisjoint(step.by)}
    if Role.SUPERVISOR in roles and is_entrusted(kind, principal):
        found.add(CORRECTION)
    return frozenset(topic_of(kind.key, request) for request in found)


async def _asked(desk: Desk) -> Narrowing | None:
    principal, jurisdiction = desk.principal, desk.snapshot.jurisdiction
    narrowing = narrow(CaseFilter(), reach_of(principal, jurisdiction), desk.now, ())
    topics = {topic for kind in jurisdiction.kinds.values() for topic in topics_decided(kind, principal)}
    units: set[UUID] = {grant.unit_id for grant in principal.grants if grant.role is Role.UNIT_OFFICER and grant.unit_id}
    if narrowing is None or not (topics or units):
        return None
    if topics:
        narrowing.add_several("topics", topics)
    if units:
        narrowing.add_several("above", units)
    recused = await find_recused(desk.session, desk.me)
    if recused:
        narrowing.add_several("recused", recused)
    narrowing.add_several("hands", desk.hands)
    if near := near_units(principal):
        narrowing.add_several("near", near)
    return narrowing


@lru_cache(maxsize=256)
def _lines(shape: Shape, several: frozenset[tuple[str, int]], behind: str) -> Select[Any]:
    due_at: Any = cases.c.due_at
    last, last_due = bindparam("last", type_=case_request.c.id.type), bindparam("last_due", type_=due_at.type)
    later = case_request.c.id > last
    statement = select(*_REQUEST, *LINE).where(*_waiting(shape, dict(several)))
    if behind == "due":
        statement = statement.where(or_(due_at.is_(None), due_at > last_due, and_(due_at == last_due, later)))
    if behind == "none":
        statement = statement.where(due_at.is_(None), later)
    return statement.order_by(due_at.asc().nulls_last(), case_request.c.id).limit(bindparam("page"))


@lru_cache(maxsize=256)
def _count(shape: Shape, several: frozenset[tuple[str, int]]) -> Select[Any]:
    return select(func.count().label("count")).select_from(cases).where(*_waiting(shape, dict(several)))


def _waiting(shape: Shape, several: dict[str, int]) -> list[ColumnElement[bool]]:
    mine = []
    if "topics" in several:
        by_role = one_of(case_request.c.topic, "topics", several["topics"])
        mine.append(and_(case_request.c.decider_unit_id.is_(None), by_role))
    if "above" in several:
        mine.append(one_of(case_request.c.decider_unit_id, "above", several["above"]))
    own = one_of(case_request.c.person_id, "hands", several["hands"])
    held = [case_request.c.tenant == TENANT, case_request.c.case_id == cases.c.id, _PENDING, or_(*mine)]
    if "near" in several:
        held.append(is_of_others(several["near"]))
    if "recused" in several:
        held.append(~one_of(cases.c.id, "recused", several["recused"]))
    return [*conditions(shape), *held, or_(case_request.c.person_id.is_(None), ~own)]


def _approval(row: dict[str, Any]) -> Approval:
    request = {name: row[f"request_{name}"] for name in _ASKED}
    return Approval(request, {name: value for name, value in row.items() if not name.startswith("request_")})
