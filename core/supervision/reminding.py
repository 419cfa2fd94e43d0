"""Whether a unit was reminded of what it is late with, and let that day pass. That it was ignored is a person's finding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, bindparam, or_, select

from core.cases.conditions import holds
from core.procedure import CaseKind, FieldType, Role
from core.store.session import TenantSession
from core.store.tables.cases import case_step
from core.store.tables.schema import TENANT
from core.supervision.item import Item
from core.supervision.rules import find_rule
from core.supervisions import Reminding
from core.tenants.snapshot import Snapshot

_AMONG: BindParameter[Any] = bindparam("among", expanding=True)
_NAMED: BindParameter[Any] = bindparam("named", expanding=True)
_COLUMNS = ("case_id", "step", "role", "unit_id", "occurred_at", "data")
_STEPS = (
    select(*(case_step.c[name] for name in _COLUMNS))
    .where(
        case_step.c.tenant == TENANT,
        case_step.c.case_id.in_(_AMONG),
        or_(case_step.c.step.in_(_NAMED), case_step.c.role == Role.UNIT_OFFICER.value),
    )
    .order_by(case_step.c.case_id, case_step.c.seq)
)
Step = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reminded:
    """How often a unit was reminded since, when last, and which step is open where no step of the unit followed that day."""

    times: int
    last_at: datetime
    open_step: str | None


async def load_reminders(
    session: TenantSession, snapshot: Snapshot, now: datetime, items: Sequence[tuple[Item, CaseKind]]
) -> dict[UUID, Reminded]:
    """The reminders of these items by the items' ids, in one statement; of those that a reminder goes before."""
    asked = [(item, kind, rule.reminding) for item, kind in items if (rule := find_rule(kind, item.rule)) and rule.reminding]
    if not asked:
        return {}
    among = sorted({item.case_id for item, _, _ in asked})
    named = sorted({step for _, _, reminding in asked for step in (reminding.step, reminding.then)})
    rows = await session.all(_STEPS, {"among": among, "named": named})
    found = ((item.id, _remind(item, kind, reminding, rows, snapshot, now)) for item, kind, reminding in asked)
    return {id_: reminded for id_, reminded in found if reminded is not None}


def _remind(
    item: Item, kind: CaseKind, reminding: Reminding, rows: Iterable[Step], snapshot: Snapshot, now: datetime
) -> Reminded | None:
    own = [row for row in rows if row["case_id"] == item.case_id]
    given = [row["occurred_at"] for row in own if is_reminded(row, item, kind, reminding)]
    if not given:
        return None
    last = given[-1]
    day_end = datetime.combine(snapshot.local_day(last) + timedelta(days=1), time.min, snapshot.zone)
    return Reminded(len(given), last, reminding.then if is_unheeded(own, item, reminding, (last, day_end), now) else None)


def is_reminded(row: Step, item: Item, kind: CaseKind, reminding: Reminding) -> bool:
    """Whether a step is such a reminder of the item's unit since it was found; who names no unit reminds all."""
    if row["step"] != reminding.step or row["occurred_at"] < item.found_at or not holds(reminding.when, row["data"]):
        return False
    named = _units_named(row, kind)
    return not named or str(item.unit_id) in named


def is_unheeded(
    rows: Iterable[Step], item: Item, reminding: Reminding, reminder: tuple[datetime, datetime], now: datetime
) -> bool:
    """Whether the day of the last reminder is over, no step of the unit fell in it, and nobody has done what follows."""
    last, day_end = reminder
    heard = any(
        row["role"] == Role.UNIT_OFFICER and row["unit_id"] == item.unit_id and last <= row["occurred_at"] < day_end
        for row in rows
    )
    told = any(row["step"] == reminding.then and row["occurred_at"] >= last for row in rows)
    return now >= day_end and not heard and not told


def _units_named(row: Step, kind: CaseKind) -> set[str]:
    step = kind.step(row["step"])
    fields = [item.key for item in step.fields if item.type is FieldType.UNITS] if step else []
    return {unit for name in fields for unit in row["data"].get(name) or ()}
