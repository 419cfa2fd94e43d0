"""Cases in the store: registers, takes steps, finds. The only place of this package that does I/O.

Each function works in the caller's transaction: the step, the case, its deadlines, the audit row and the event are written
together or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import bindparam, select, update

from core.cases import life
from core.cases.accounts import OpenedDeadline, advance_case, open_deadlines, settle
from core.cases.capacity import choose_capacity, may_see, visible_units
from core.cases.case import Case
from core.cases.identity import Identity
from core.cases.intake import read_order
from core.cases.order import Order
from core.cases.petitioners import seal_petitioner
from core.cases.records import (
    CASE_FIELDS,
    CHANGED_COLUMNS,
    case_content,
    case_row,
    changed_columns,
    deadline_row,
    read_case,
    step_row,
)
from core.cases.world import StatedTerm, World
from core.errors import NotFound, Refused, Stale
from core.ids import new_id, new_receipt, receipt_hash
from core.law.instrument import Term
from core.procedure import CaseKind, FieldType, StepKind
from core.store.change import Change
from core.store.session import TenantSession
from core.store.tables.cases import case_step, case_unit, cases
from core.store.tables.deadlines import deadline
from core.store.tables.schema import TENANT
from core.tenants.principal import Principal
from core.tenants.snapshot import Snapshot

_FIND = select(*CASE_FIELDS).where(cases.c.tenant == TENANT)
_FIND_ONE = _FIND.where(cases.c.id == bindparam("of_id"))
_LOCK_ONE = _FIND.where(cases.c.id == bindparam("of_id")).with_for_update()
_FIND_BY_RECEIPT = _FIND.where(cases.c.receipt_hash == bindparam("of_receipt"))
_CHANGE = (
    update(cases)
    .where(cases.c.tenant == TENANT, cases.c.id == bindparam("of_id"), cases.c.version == bindparam("expected"))
    .values({name: bindparam(f"new_{name}") for name in CHANGED_COLUMNS})
)
_END = (
    update(deadline)
    .where(deadline.c.tenant == TENANT, deadline.c.id == bindparam("of_id"))
    .values(state=bindparam("new_state"), ended_at=bindparam("ended"), ended_by_step=bindparam("by"))
)
_RELEASE = (
    update(case_unit)
    .where(case_unit.c.tenant == TENANT, case_unit.c.case_id == bindparam("of_case"), case_unit.c.until.is_(None))
    .values(until=bindparam("released"))
)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a person sits: the open session, the tenant's configuration, who it is, and the legal and the wall time."""

    session: TenantSession
    snapshot: Snapshot
    principal: Principal
    now: datetime
    recorded_at: datetime

    def world(self, kind: CaseKind) -> World:
        """The surroundings of a decision on a case of this kind."""
        snapshot = self.snapshot
        return World(
            kind=kind,
            rulebook=snapshot.rulebook,
            calendar=snapshot.calendar,
            now=self.now,
            find_term=self._find_term,
            find_office=self._find_office,
            object_to=lambda view: snapshot.jurisdiction.hooks.check_step(view=view),
        )

    def _find_term(self, key: str, day: date) -> StatedTerm | None:
        setting = self.snapshot.settings.on(key, day)
        return StatedTerm(setting.value, setting.basis) if setting and isinstance(setting.value, Term) else None

    def _find_office(self, key: str, day: date) -> UUID | None:
        units = self.snapshot.organisation.offices(key, day)
        return units[0].id if units else None


@dataclass(frozen=True, slots=True)
class Registered:
    """A case just registered; the receipt is told this once."""

    case: Case
    receipt: str | None = field(repr=False)


async def register_case(desk: Desk, kind: CaseKind, body: Struct) -> Registered:
    """Registers a case: numbered, its first deadlines running, the petitioner's identity sealed apart.

    Raises :class:`core.errors.Forbidden`, :class:`core.errors.Refused` or :class:`core.errors.Invalid`.
    """
    capacity = choose_capacity(desk.principal, kind.registration)
    order = read_order(kind.registration, body, desk.now)
    _check_units(desk, order)
    identity: Identity | None = getattr(body, "petitioner", None)
    channel: str = getattr(body, "channel")  # noqa: B009 - the type is made at run time
    outcome = life.begin(order, order.occurred_at, capacity, channel, _is_anonymous(identity), desk.world(kind))
    opened = open_deadlines(outcome)
    receipt = new_receipt() if kind.petitioner != "none" else None
    petitioner = await seal_petitioner(desk.session, identity) if identity else None
    year = desk.snapshot.local_day(desk.now).year
    number = f"{kind.number_prefix}{year}-{await desk.session.next_number(kind.key, year):06d}"
    case = _new_case(desk, kind, body, outcome, number, petitioner, opened)
    desk.session.add(cases, case_row(case, receipt_hash(receipt) if receipt else None))
    _write_step(desk, case, outcome, opened)
    return Registered(case, receipt)


async def take_step(desk: Desk, case: Case, step: StepKind, body: Struct, expected: int) -> Case:
    """Takes a step of a case; ``expected`` is the version on which it was decided.

    Raises :class:`core.errors.Stale` for another version, and what :func:`core.cases.life.take` raises.
    """
    kind = desk.snapshot.jurisdiction.kind(case.kind)
    capacity = choose_capacity(desk.principal, step)
    if expected != case.version:
        raise Stale("cases.stale", current=case.version)
    order = read_order(step, body, desk.now)
    _check_units(desk, order)
    outcome = life.take(case, order, capacity, desk.world(kind))
    opened = open_deadlines(outcome)
    after = advance_case(case, outcome, settle(outcome.standing, outcome.endings, opened))
    await _write_case(desk, case, after)
    step_id = _write_step(desk, after, outcome, opened)
    await _write_endings(desk, outcome, step_id)
    await _write_units(desk, case, after, order)
    return after


async def find_case(desk: Desk, case_id: UUID, *, lock: bool = False) -> Case:
    """The case, if the person may see it; raises :class:`NotFound`, the same for what is foreign and what is not there."""
    row = await desk.session.one(_LOCK_ONE if lock else _FIND_ONE, {"of_id": case_id})
    case = read_case(row) if row else None
    if case is None or not may_see(case, visible_units(desk.principal)):
        raise NotFound("cases.unknown")
    return case


async def find_by_receipt(desk: Desk, receipt: str) -> Case:
    """The case that a receipt stands for; raises :class:`NotFound`."""
    row = await desk.session.one(_FIND_BY_RECEIPT, {"of_receipt": receipt_hash(receipt)})
    if row is None:
        raise NotFound("cases.receipt-unknown")
    return read_case(row)


def find_step(kind: CaseKind, key: str) -> StepKind:
    """The step of a kind; raises :class:`NotFound` with the steps there are."""
    step = kind.step(key)
    if step is None or step is kind.registration:
        known = ", ".join(item.key for item in kind.steps if item is not kind.registration)
        raise NotFound("cases.step-unknown", step=key, known=known)
    return step


def _is_anonymous(identity: Identity | None) -> bool:
    """Who gives no name is anonymous, even where a phone tells how to reach them."""
    return identity is None or identity.name is None


def _new_case(
    desk: Desk,
    kind: CaseKind,
    body: Any,
    outcome: life.Outcome,
    number: str,
    petitioner_id: UUID | None,
    opened: tuple[OpenedDeadline, ...],
) -> Case:
    return Case(
        id=new_id(),
        number=number,
        kind=kind.key,
        state=outcome.after,
        channel=body.channel,
        track=None,
        title=body.title,
        narrative=body.narrative,
        received_at=outcome.order.occurred_at,
        registered_at=desk.now,
        closed_at=None,
        anonymous=_is_anonymous(getattr(body, "petitioner", None)),
        petitioner_id=petitioner_id,
        facts=outcome.facts,
        facts_version=kind.facts_version,
        law_version=outcome.rules_version,
        version=1,
        standing=settle(outcome.standing, (), opened),
    )


def _check_units(desk: Desk, order: Order) -> None:
    """Every unit that the step names must be there on the day: those it goes to and those that are its facts."""
    view = desk.snapshot.organisation.on(desk.snapshot.local_day(order.occurred_at))
    named = [(f"/units/{index}/unit_id", item.unit_id) for index, item in enumerate(order.dispatches)]
    for place, unit_id in [*named, *_unit_facts(order)]:
        if not view.is_active(unit_id):
            raise Refused("cases.unit-unknown", field=place, clause=order.step.clause)


def _unit_facts(order: Order) -> Iterator[tuple[str, UUID]]:
    for item in order.step.fields:
        given = order.data.get(item.key)
        if item.type is FieldType.UNIT and given is not None:
            yield f"/{item.key}", UUID(given)
        if item.type is FieldType.UNITS:
            yield from ((f"/{item.key}/{index}", UUID(unit)) for index, unit in enumerate(given or ()))


def _write_step(desk: Desk, case: Case, outcome: life.Outcome, opened: tuple[OpenedDeadline, ...]) -> UUID:
    step_id = new_id()
    actor = (desk.principal.client_id, desk.principal.person_id)
    desk.session.add(case_step, step_row(step_id, case, outcome, actor, desk.recorded_at))
    for item in opened:
        desk.session.add(deadline, deadline_row(case, step_id, item))
    desk.session.record(_change(case, outcome, step_id))
    return step_id


def _change(case: Case, outcome: life.Outcome, step_id: UUID) -> Change:
    step = outcome.order.step
    return Change(
        action=f"case.{step.key}",
        stream=f"case:{case.id}",
        subject=f"case:{case.id}",
        content=case_content(case, outcome),
        event_type=f"case.{step.verb.value}",
        event_version=1,
        refs={"case_id": str(case.id), "step_id": str(step_id), "step": step.key, "version": case.version},
        new_stream=case.version == 1,
        role=outcome.capacity.role.value,
        unit_id=outcome.capacity.unit_id,
    )


async def _write_case(desk: Desk, before: Case, after: Case) -> None:
    """Writes the case where nobody else has changed it since; the version is the fence."""
    values = {f"new_{name}": value for name, value in changed_columns(after).items()}
    values |= {"of_id": before.id, "expected": before.version}
    if await desk.session.execute(_CHANGE, values) != 1:
        raise Stale("cases.stale", current=before.version + 1)


async def _write_endings(desk: Desk, outcome: life.Outcome, step_id: UUID) -> None:
    for ending in outcome.endings:
        values = {"of_id": ending.note.id, "new_state": ending.state, "ended": ending.ended_at, "by": step_id}
        await desk.session.execute(_END, values)


async def _write_units(desk: Desk, before: Case, after: Case, order: Order) -> None:
    if after.standing.units == before.standing.units:
        return
    if before.standing.units:
        await desk.session.execute(_RELEASE, {"of_case": after.id, "released": order.occurred_at})
    for item in after.standing.units:
        row = {"id": new_id(), "case_id": after.id, "unit_id": item.unit_id, "part": item.part.value}
        desk.session.add(case_unit, row | {"since": order.occurred_at, "until": None})
