"""Writes what a late change does to closed months: beside their figures, never into them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from core.cases.case import Case
from core.corrections.months import Line, late_changes
from core.ids import new_id
from core.procedure import Verb
from core.store.session import TenantSession
from core.store.tables.corrections import month_adjustment

if TYPE_CHECKING:
    from core.cases.life import Outcome
    from core.cases.service import Desk


class Cause(StrEnum):
    """What changed a closed month: a registration or a step of an earlier day, a correction, or another calendar."""

    REGISTRATION = "registration"
    STEP = "step"
    CORRECTION = "correction"
    RECOUNT = "recount"


@dataclass(frozen=True, slots=True)
class Origin:
    """The step through which closed months change, why, and who took it; nobody, where it was the service itself."""

    case_id: UUID
    step_id: UUID
    cause: Cause
    reason: str | None
    person_id: UUID | None
    recorded_at: datetime


def adjust_for_step(desk: Desk, before: Case | None, after: Case, outcome: Outcome) -> None:
    """What a registration (``before`` is ``None``) or a step changes of closed months, which it does when it comes late.

    That a case is classified after its month was closed is no change of that month's figures, only a correction of it is.
    """
    closed = desk.snapshot.closed_months
    if not closed:
        return
    order, world = outcome.order, desk.world(desk.snapshot.jurisdiction.kind(after.kind))
    sorted_alike = msgspec.structs.replace(before, category=after.category, track=after.track) if before else None
    changes = late_changes(sorted_alike, after, closed, world, reopens=order.step.verb is Verb.REOPEN)
    cause = Cause.STEP if before else Cause.REGISTRATION
    reason = order.note if before else order.data.get("received_reason")
    origin = Origin(after.id, order.id, cause, reason, desk.principal.person_id, desk.recorded_at)
    write_adjustments(desk.session, changes, origin)


def write_adjustments(session: TenantSession, changes: Mapping[Line, int], origin: Origin) -> None:
    """One row for each figure that changes."""
    for line, change in changes.items():
        row = {
            "id": new_id(),
            "month": line.month,
            "case_id": origin.case_id,
            "step_id": origin.step_id,
            "cause": origin.cause.value,
            "measure": line.measure.value,
            "unit_id": line.unit_id,
            "category": line.category,
            "track": line.track,
            "change": change,
            "reason": origin.reason,
            "recorded_at": origin.recorded_at,
            "recorded_by": origin.person_id,
        }
        session.add(month_adjustment, row)
