"""Finds what must be supervised among deadlines that have run out, in the transaction in which that is noted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, bindparam, select, type_coerce

from core.deadlines.compute import WORKING_UNITS, overdue_by
from core.ids import new_id
from core.law.citation import Citation
from core.law.instrument import Unit
from core.store.session import TenantSession
from core.store.tables.cases import case_step
from core.store.tables.deadlines import deadline
from core.store.tables.schema import TENANT
from core.store.types import Json
from core.supervision.item import Ending, Item, State
from core.supervision.rows import add_item, items_standing
from core.supervision.rules import is_supervised_by
from core.supervisions import SupervisionRule
from core.tenants.snapshot import Snapshot

_AMONG: BindParameter[Any] = bindparam("among", expanding=True)
_NAMED: BindParameter[Any] = bindparam("named", expanding=True)
_TERMS = select(
    deadline.c.id, type_coerce(deadline.c.explanation["term"]["unit"], Json(str)).label("unit")
).where(deadline.c.tenant == TENANT, deadline.c.id.in_(_AMONG))  # fmt: skip
_GIVEN_TIME = (
    (deadline.c.tenant == TENANT) & (deadline.c.case_id == case_step.c.case_id) & (deadline.c.step_id == case_step.c.id)
)
_TAKEN = (
    select(*(case_step.c[name] for name in ("id", "case_id", "step", "occurred_at", "data")), deadline.c.holder_unit_id)
    .select_from(case_step.outerjoin(deadline, _GIVEN_TIME))
    .where(case_step.c.tenant == TENANT, case_step.c.case_id.in_(_AMONG), case_step.c.step.in_(_NAMED))
    .order_by(case_step.c.case_id, case_step.c.seq)
)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A deadline that nobody has met and that has reached the rung on which a rule finds it."""

    rule: SupervisionRule
    case_id: UUID
    deadline_id: UUID
    deadline: str
    unit_id: UUID | None
    due_on: date
    due_at: datetime
    reached_at: datetime


async def note_sightings(session: TenantSession, snapshot: Snapshot, sightings: Sequence[Sighting]) -> None:
    """Writes those that do not stand already; one that a step has supervised since, while nobody watched, is so at once.

    A few statements for any number of them, and none where there are none.
    """
    if not sightings:
        return
    known = {(item.rule, item.deadline_id) for item in await items_standing(session, _deadlines(sightings))}
    fresh = [item for item in sightings if (item.rule.key, item.deadline_id) not in known]
    if not fresh:
        return
    units = {row["id"]: row["unit"] for row in await session.all(_TERMS, {"among": _deadlines(fresh)})}
    steps = await _supervising(session, fresh)
    for sighting in fresh:
        found = _found(session, snapshot, sighting, units.get(sighting.deadline_id))
        add_item(session, _with_step(found, sighting, steps))


def _deadlines(sightings: Sequence[Sighting]) -> list[UUID]:
    return sorted({item.deadline_id for item in sightings})


async def _supervising(session: TenantSession, sightings: Sequence[Sighting]) -> list[dict[str, Any]]:
    """The supervising steps that these cases have had already, each once for every unit to which it gave time."""
    named = sorted({step for item in sightings for step in item.rule.steps})
    if not named:
        return []
    return await session.all(_TAKEN, {"among": sorted({item.case_id for item in sightings}), "named": named})


def _found(session: TenantSession, snapshot: Snapshot, sighting: Sighting, unit: str | None) -> dict[str, Any]:
    late_unit = Unit.WORKING_DAY if unit in WORKING_UNITS else Unit.CALENDAR_DAY
    # On the day on which it was reached: whenever a worker comes by, the same is found.
    late = overdue_by(sighting.due_on, snapshot.local_day(sighting.reached_at), late_unit, snapshot.calendar)
    facts = {
        "deadline": sighting.deadline,
        "due_on": sighting.due_on.isoformat(),
        "due_at": sighting.due_at.isoformat(),
        "overdue_days": late,
        "overdue_unit": late_unit.value,
    }
    what = {"case_id": sighting.case_id, "deadline_id": sighting.deadline_id, "unit_id": sighting.unit_id}
    when = {"found_at": sighting.reached_at, "recorded_at": session.recorded_at}
    grounds = grounds_of(sighting.rule, snapshot, sighting.reached_at)
    return {"cause": f"deadline:{sighting.deadline_id}", "facts": facts} | what | when | grounds


def grounds_of(rule: SupervisionRule, snapshot: Snapshot, at: datetime) -> dict[str, Any]:
    """The rule that finds it, with the version that was in force then (R7)."""
    version = snapshot.rulebook.passage(Citation.parse(rule.clause), snapshot.local_day(at)).version.id
    return {"id": new_id(), "rule": rule.key, "clause": rule.clause, "law_version": version}


def _with_step(found: Mapping[str, Any], sighting: Sighting, steps: Sequence[dict[str, Any]]) -> Item:
    by = next((row for row in steps if _is_for(row, sighting)), None)
    if by is None:
        return Item(**found, state=State.FOUND)
    ended = {"ended_at": by["occurred_at"], "step_id": by["id"], "ending": Ending.SUPERVISED}
    return Item(**found, **ended, state=State.SUPERVISED)


def _is_for(row: dict[str, Any], sighting: Sighting) -> bool:
    after = row["case_id"] == sighting.case_id and row["occurred_at"] >= sighting.reached_at
    about = row.get("holder_unit_id") in {None, sighting.unit_id}
    return after and about and is_supervised_by(sighting.rule, row["step"], row["data"])
