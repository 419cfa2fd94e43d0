"""A step as it is written: its row, the deadlines that arise by it and their timers, its audit row and its event."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING
from uuid import UUID

from core.cases.accounts import Arisen, OpenedDeadline
from core.cases.case import Case
from core.cases.house_steps import HOUSE_STEPS
from core.cases.records import case_content, deadline_row, step_row
from core.deadlines.watching import watch
from core.procedure import JUSTIFICATION, StepKind
from core.store.change import Change
from core.store.tables.cases import case_step
from core.store.tables.deadlines import deadline

if TYPE_CHECKING:
    from core.cases import life
    from core.cases.service import Desk

NOTHING_MORE: Mapping[str, str] = MappingProxyType({})


def write_step(
    desk: Desk,
    case: Case,
    outcome: life.Outcome,
    opened: tuple[Arisen, ...],
    refs: Mapping[str, str] = NOTHING_MORE,
) -> UUID:
    """Adds the step to the session; answers its id."""
    step_id = outcome.order.id
    actor = (desk.principal.client_id, desk.principal.person_id)
    desk.session.add(case_step, step_row(step_id, case, outcome, actor, desk.recorded_at))
    for item in opened:
        if isinstance(item, OpenedDeadline):
            desk.session.add(deadline, deadline_row(case, step_id, item))
        watch(desk.session, desk.snapshot, case.kind, item.note)
    desk.session.record(_change(case, outcome, step_id, refs))
    return step_id


def _event_of(step: StepKind) -> str:
    """What the step is called among the events, whatever a city calls it."""
    if step.key in HOUSE_STEPS:
        return step.key
    if step.is_about_lateness:
        return f"{'withdraw' if step.revokes else step.verb.value}-{JUSTIFICATION}"
    return step.verb.value


def _change(case: Case, outcome: life.Outcome, step_id: UUID, refs: Mapping[str, str]) -> Change:
    step = outcome.order.step
    about = {"deadline_id": str(outcome.about)} if outcome.about else {}
    return Change(
        action=f"case.{step.key}",
        stream=f"case:{case.id}",
        subject=f"case:{case.id}",
        content=case_content(case, outcome),
        event_type=f"case.{_event_of(step)}",
        event_version=1,
        refs={**refs, **about, "case_id": str(case.id), "step_id": str(step_id), "step": step.key, "version": case.version},
        new_stream=case.version == 1,
        role=outcome.capacity.role.value,
        unit_id=outcome.capacity.unit_id,
    )
