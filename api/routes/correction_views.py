"""Corrections and closed months as integrators see them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from core.cases.bodies import Instant
from core.corrections.consequences import Consequences
from core.corrections.correction import CorrectedFact
from core.corrections.record import CorrectionRecord
from core.tenants.commands import Basis


class CorrectionView(Struct, frozen=True, kw_only=True):
    """A correction (更正): each fact as it was recorded and as it is, why, what follows from it, and what was decided."""

    id: UUID
    state: Annotated[str, Meta(description="pending, granted or declined; can grow")]
    facts: tuple[CorrectedFact, ...]
    reason: Annotated[str, Meta(title="更正理由")]
    asked_by: UUID | None
    asked_at: Instant
    decided_by: UUID | None
    decided_at: Instant | None
    decision_reason: Annotated[str | None, Meta(title="审批意见")]
    step_id: Annotated[UUID | None, Meta(description="The step of the case by which it was made")]
    consequences: Annotated[
        Consequences,
        Meta(title="更正后果", description="What follows from it: as it was made, or else as it was when it was asked for"),
    ]
    current: Annotated[
        Consequences | None,
        Meta(title="当前后果", description="What would follow from it now, of one that waits; a decision names its digest"),
    ]
    obstacle: Annotated[str | None, Meta(description="Why it could not be made now, in the reader's language")]


class CorrectionList(Struct, frozen=True):
    """The corrections of a case, in the order in which they were asked for."""

    items: tuple[CorrectionView, ...]


class MonthClosure(Struct, frozen=True, forbid_unknown_fields=True):
    """Closes a month (月度封账): its figures are published as they stand."""

    basis: Basis


class ClosedMonthView(Struct, frozen=True):
    """A month that was closed."""

    month: Annotated[str, Meta(title="月份", description="YYYY-MM")]
    closed_at: Instant
    basis: str
    recorded_at: Instant
    recorded_by: UUID | None


class ClosedMonths(Struct, frozen=True):
    """The months that were closed, the newest first."""

    items: tuple[ClosedMonthView, ...]


class SumView(Struct, frozen=True):
    """By how much a figure has changed since the month was closed, and through how many changes."""

    measure: Annotated[str, Meta(description="received, closed, due, met, overdue or, of these, justified; can grow")]
    change: int
    count: int


class MonthView(ClosedMonthView, frozen=True):
    """A closed month with what has changed of its figures since (封账后调整)."""

    sums: tuple[SumView, ...]


class AdjustmentView(Struct, frozen=True):
    """One change of one figure of a closed month, through one step of one case."""

    id: UUID
    case_id: UUID
    step_id: UUID
    cause: Annotated[str, Meta(description="registration, step or correction; can grow")]
    measure: Annotated[str, Meta(description="received, closed, due, met, overdue or, of these, justified; can grow")]
    unit_id: Annotated[UUID | None, Meta(description="The unit that holds the deadlines counted; null for an office's")]
    category: str | None
    track: str | None
    change: int
    reason: str | None
    recorded_at: Instant
    recorded_by: UUID | None


class AdjustmentPage(Struct, frozen=True):
    """A page of changes, in the order in which they were recorded. ``next`` is the cursor of the following page."""

    items: tuple[AdjustmentView, ...]
    next: str | None


def correction_view(
    record: CorrectionRecord,
    made: Consequences | None = None,
    current: Consequences | None = None,
    obstacle: str | None = None,
) -> CorrectionView:
    """One correction; ``made`` is what followed when it was made, ``current`` what would follow now."""
    return CorrectionView(
        id=record.id,
        state=record.state,
        facts=record.facts,
        reason=record.reason,
        asked_by=record.person_id,
        asked_at=record.asked_at,
        decided_by=record.decided_by,
        decided_at=record.decided_at,
        decision_reason=record.decision_reason,
        step_id=record.decision_step,
        consequences=made or record.consequences,
        current=current,
        obstacle=obstacle,
    )
