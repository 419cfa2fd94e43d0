"""Routing in the store: records rules, finds the last order of the like, and keeps what came of each proposal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, and_, bindparam, case, func, literal, or_, select, union_all, update

from core.cases.case import Case
from core.errors import Conflict, Stale
from core.ids import new_id
from core.procedure import Part
from core.routing.checks import check_rule
from core.routing.commands import NewRule
from core.routing.proposal import Facts, Ground, LastOrder, LastOrders, Proposal, asks_for_last, find_matching, propose
from core.routing.rules import RoutingRule, Target
from core.store.session import TenantSession
from core.store.tables import TENANT, cases, petitioner, routing_outcome, routing_rule
from core.tenants.checks import check_span
from core.tenants.commands import Ending
from core.tenants.names import normalise
from core.tenants.service.administration import Administration
from core.tenants.snapshot import Snapshot

_DECIDED = ("step_id", "occurred_at", "rule_id", "proposed_unit_id", "lead_unit_id")
_MINE, _THEIRS = petitioner.alias("mine"), petitioner.alias("theirs")


def _last(of: Target, *conditions: ColumnElement[bool], source: Any = cases) -> Any:
    """The newest case of the kind that a unit led, of those that meet the conditions."""
    found = (
        select(literal(of.value).label("of"), cases.c.number, cases.c.lead_unit_id)
        .select_from(source)
        .where(cases.c.tenant == TENANT, cases.c.kind == bindparam("of_kind"), cases.c.id != bindparam("of_case"))
        .where(cases.c.lead_unit_id.is_not(None), *conditions)
        .order_by(cases.c.id.desc())
        .limit(1)
    )
    return select(found.subquery(f"of_{of.name.lower()}"))


_SAME_PERSON = or_(_THEIRS.c.phone_hash == _MINE.c.phone_hash, _THEIRS.c.id_hash == _MINE.c.id_hash)
_LAST_ORDERS = union_all(
    _last(
        Target.LAST_OF_PETITIONER,
        _MINE.c.tenant == TENANT,
        _MINE.c.id == bindparam("of_petitioner"),
        source=_MINE.join(_THEIRS, and_(_THEIRS.c.tenant == _MINE.c.tenant, _SAME_PERSON)).join(
            cases, and_(cases.c.tenant == _THEIRS.c.tenant, cases.c.petitioner_id == _THEIRS.c.id)
        ),
    ),
    _last(
        Target.LAST_OF_MATTER,
        cases.c.category == bindparam("of_category"),
        cases.c.division == bindparam("of_division"),
    ),
)
_END = (
    update(routing_rule)
    .where(routing_rule.c.tenant == TENANT, routing_rule.c.id == bindparam("of_id"))
    .values(valid_to=bindparam("last_day"))
)
_FOLLOWED = routing_outcome.c.lead_unit_id == routing_outcome.c.proposed_unit_id
_DECISIONS = (
    select(*(routing_outcome.c[name] for name in _DECIDED))
    .where(routing_outcome.c.tenant == TENANT, routing_outcome.c.case_id == bindparam("of_case"))
    .order_by(routing_outcome.c.id)
)
_OUTCOMES = (
    select(
        func.count().label("proposed"),
        func.coalesce(func.sum(case((_FOLLOWED, 1), else_=0)), 0).label("followed"),
        func.coalesce(
            func.sum(case((and_(_FOLLOWED, cases.c.returns > routing_outcome.c.returns_before), 1), else_=0)), 0
        ).label("returned"),
    )
    .select_from(
        routing_outcome.join(
            cases, and_(cases.c.tenant == routing_outcome.c.tenant, cases.c.id == routing_outcome.c.case_id)
        )
    )
    .where(
        routing_outcome.c.tenant == TENANT,
        routing_outcome.c.rule_id == bindparam("of_rule"),
        routing_outcome.c.occurred_at >= bindparam("first"),
        routing_outcome.c.occurred_at < bindparam("end"),
    )
)


@dataclass(frozen=True, slots=True)
class Decision:
    """A dispatch: what had been proposed for it, and which unit leads by the dispatcher's decision."""

    step_id: UUID
    occurred_at: datetime
    rule_id: UUID | None
    proposed_unit_id: UUID
    lead_unit_id: UUID

    @property
    def followed(self) -> bool:
        """Whether the dispatcher took the unit that was proposed."""
        return self.lead_unit_id == self.proposed_unit_id


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How often a rule's proposal stood before a dispatcher, was followed, and the order came back from the unit then."""

    proposed: int
    followed: int
    departed: int
    returned: int


def ground_of(snapshot: Snapshot) -> Ground:
    """What proposals rest on."""
    return Ground(snapshot.routing, snapshot.categories, snapshot.organisation)


def facts_of(matter: Case) -> Facts:
    """What rules look at in a case."""
    return Facts(matter.kind, matter.channel, matter.category, matter.division, matter.urgent)


async def propose_for_case(session: TenantSession, snapshot: Snapshot, matter: Case, day: date) -> Proposal:
    """The proposal for a case."""
    return await propose_for(session, snapshot, facts_of(matter), day, matter)


async def propose_for(
    session: TenantSession, snapshot: Snapshot, facts: Facts, day: date, matter: Case | None = None
) -> Proposal:
    """The proposal for an order; the store is asked only where a matching rule looks at the last order of the like."""
    ground = ground_of(snapshot)
    last: LastOrders = {}
    if asks_for_last(find_matching(ground, facts, day)):
        last = await _find_last(session, facts, matter)
    return propose(ground, facts, day, last)


async def _find_last(session: TenantSession, facts: Facts, matter: Case | None) -> LastOrders:
    values = {
        "of_kind": facts.kind,
        "of_case": matter.id if matter else new_id(),
        "of_petitioner": matter.petitioner_id if matter else None,
        "of_category": facts.category,
        "of_division": facts.division,
    }
    rows = await session.all(_LAST_ORDERS, values)
    return {Target(row["of"]): LastOrder(row["number"], row["lead_unit_id"]) for row in rows}


async def note_decision(session: TenantSession, snapshot: Snapshot, before: Case, after: Case, step_id: UUID) -> None:
    """Keeps, with a dispatch, what had been proposed for it, where anything had.

    It stands apart from the step, which units see: the unit of a petitioner's last order is no business of the next one.
    """
    lead = next((item.unit_id for item in after.standing.units if item.part is Part.LEAD), None)
    at = after.standing.last_occurred_at
    proposal = await propose_for_case(session, snapshot, before, snapshot.local_day(at))
    if lead is None or proposal.lead_unit_id is None:
        return
    row = {
        "id": new_id(),
        "case_id": after.id,
        "step_id": step_id,
        "rule_id": proposal.rule_id,
        "proposed_unit_id": proposal.lead_unit_id,
        "lead_unit_id": lead,
        "returns_before": before.returns,
        "occurred_at": at,
    }
    session.add(routing_outcome, row)


async def list_decisions(session: TenantSession, case_id: UUID) -> tuple[Decision, ...]:
    """The dispatches of a case for which something had been proposed, oldest first."""
    return tuple(Decision(**row) for row in await session.all(_DECISIONS, {"of_case": case_id}))


async def count_outcomes(session: TenantSession, rule: RoutingRule, first: datetime, end: datetime) -> Outcomes:
    """What came of a rule's proposals for dispatches from ``first`` on and before ``end``."""
    (row,) = await session.all(_OUTCOMES, {"of_rule": rule.id, "first": first, "end": end})
    proposed, followed = int(row["proposed"]), int(row["followed"])
    return Outcomes(proposed, followed, proposed - followed, int(row["returned"]))


async def record_rule(admin: Administration, new: NewRule) -> RoutingRule:
    """A new rule; raises what :func:`core.routing.checks.check_rule` raises."""
    snapshot = await admin.begin()
    check_rule(new, snapshot.categories, snapshot.organisation, snapshot.jurisdiction)
    rule = RoutingRule(
        id=new_id(),
        valid_from=new.valid_from,
        valid_to=None,
        priority=new.priority,
        category=new.category,
        division=new.division,
        kind=new.kind,
        channel=new.channel,
        urgent=new.urgent,
        target=new.target,
        unit_id=new.unit_id,
        cooperating=new.cooperating_unit_ids,
        basis=normalise(new.basis),
        recorded_at=admin.recorded_at,
        recorded_by=admin.person_id,
    )
    row = rule_row(rule)
    admin.session.add(routing_rule, row)
    _record(admin, rule, "routing-rule.recorded", row)
    return rule


async def end_rule(admin: Administration, rule_id: UUID, ending: Ending, expected: int) -> RoutingRule:
    """The rule with its last day; raises :class:`NotFound`, :class:`Stale`, :class:`Conflict` or :class:`Refused`."""
    rule = (await admin.begin()).routing.rule(rule_id)
    if expected != rule.version:
        raise Stale("routing.rule-stale", current=rule.version)
    if rule.valid_to is not None:
        raise Conflict("routing.already-ended", day=rule.valid_to.isoformat())
    check_span(rule.valid_from, ending.last_day, "/last_day")
    await admin.session.execute(_END, {"of_id": rule_id, "last_day": ending.last_day})
    content = {"last_day": ending.last_day.isoformat(), "reason": normalise(ending.reason)}
    _record(admin, rule, "routing-rule.ended", content)
    return rule.ended_on(ending.last_day)


def rule_row(rule: RoutingRule) -> dict[str, Any]:
    """The row in which a rule is stored."""
    values = {name: getattr(rule, name) for name in RoutingRule.__slots__}
    return values | {"target": rule.target.value, "cooperating": [str(unit) for unit in rule.cooperating]}


def _record(admin: Administration, rule: RoutingRule, action: str, content: Mapping[str, Any]) -> None:
    plain: dict[str, Any] = msgspec.to_builtins(content)
    admin.record(action, f"routing-rule:{rule.id}", plain, rule_id=str(rule.id))
