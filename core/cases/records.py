"""Cases as rows: the statements that read them, and the rows that a step writes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import type_coerce

from core.cases.accounts import OpenedDeadline, next_due_at
from core.cases.case import Case, DeadlineNote, Intake, Standing
from core.cases.life import Outcome
from core.cases.order import Dispatch
from core.feedback.forms import is_satisfied
from core.procedure import Part
from core.store.tables.cases import cases
from core.store.types import Json

CASE_COLUMNS = (
    "id", "number", "kind", "state", "channel", "track", "title", "narrative", "received_at", "registered_at", "closed_at",
    "anonymous", "petitioner_id", "facts", "facts_version", "law_version", "version", "standing", "category", "division",
    "urgent", "intake", "clerk_id", "returns", "rendition", "rendition_state", "parent_id", "merged_into",
)  # fmt: skip
CASE_FIELDS = [
    *(cases.c[name] for name in CASE_COLUMNS if name not in {"standing", "intake"}),
    type_coerce(cases.c.standing, Json(Standing)).label("standing"),
    type_coerce(cases.c.intake, Json(Intake)).label("intake"),
]
"""The columns as a statement selects them."""
CHANGED_COLUMNS = (
    "state", "track", "closed_at", "facts", "law_version", "version", "lead_unit_id", "due_at", "standing", "category",
    "urgent", "returns", "rendition", "rendition_state", "merged_into", "anonymous", "satisfied", "asking",
)  # fmt: skip
"""The columns of a case that a step can change."""


def read_case(row: Mapping[str, Any]) -> Case:
    """The case that a row of :data:`CASE_FIELDS` holds."""
    return Case(**row)


def case_row(case: Case, receipt_hash: bytes | None) -> dict[str, Any]:
    """The row of a new case."""
    values = {name: getattr(case, name) for name in CASE_COLUMNS}
    return values | changed_columns(case) | {"receipt_hash": receipt_hash}


def changed_columns(case: Case) -> dict[str, Any]:
    """The columns that a step can change."""
    lead = next((item.unit_id for item in case.standing.units if item.part is Part.LEAD), None)
    return {
        "state": case.state,
        "track": case.track,
        "closed_at": case.closed_at,
        "facts": case.facts,
        "law_version": case.law_version,
        "version": case.version,
        "lead_unit_id": lead,
        "due_at": next_due_at(case.standing),
        "standing": case.standing,
        "category": case.category,
        "urgent": case.urgent,
        "returns": case.returns,
        "rendition": case.rendition,
        "rendition_state": case.rendition_state,
        "merged_into": case.merged_into,
        "anonymous": case.anonymous,
        "satisfied": is_satisfied(case.facts),
        "asking": case.standing.asking,
    }


def step_row(step_id: UUID, case: Case, outcome: Outcome, actor: tuple[UUID, UUID], recorded_at: datetime) -> dict[str, Any]:
    """The append-only row of a step. Its sequence number is the case's version, which counts steps."""
    order = outcome.order
    dispatched = [_plain_dispatch(item) for item in order.dispatches]
    data = dict(order.data) | ({"note": order.note} if order.note else {}) | ({"units": dispatched} if dispatched else {})
    return {
        "id": step_id,
        "case_id": case.id,
        "seq": case.version,
        "step": order.step.key,
        "verb": order.step.verb.value,
        "from_state": outcome.before,
        "to_state": outcome.after,
        "occurred_at": order.occurred_at,
        "recorded_at": recorded_at,
        "client_id": actor[0],
        "person_id": actor[1],
        "unit_id": outcome.capacity.unit_id,
        "role": outcome.capacity.role.value,
        "clause": order.step.clause,
        "law_version": outcome.law_version,
        "data": data,
    }


def _plain_dispatch(item: Dispatch) -> dict[str, Any]:
    told: dict[str, Any] = {"unit_id": str(item.unit_id), "part": item.part.value}
    if item.term is not None:
        told |= {"term": {"unit": item.term.unit.value, "length": item.term.length}, "term_reason": item.term_reason}
    return told


def deadline_row(case: Case, step_id: UUID, opened: OpenedDeadline) -> dict[str, Any]:
    """The row of a deadline, its explanation stored with it (promise 1)."""
    found, note = opened.opening.explanation, opened.note
    return {
        "id": note.id,
        "case_id": case.id,
        "key": note.key,
        "holder_unit_id": note.holder_unit_id,
        "holder": note.holder,
        "clause": note.clause,
        "law_version": found.instrument_version,
        "encoding_revision": found.encoding_revision,
        "step_id": step_id,
        "starts_at": found.starts_at,
        "original_due_on": found.due_on,
        "original_due_at": found.due_at,
        "due_on": found.due_on,
        "due_at": found.due_at,
        "state": note.state,
        "ended_at": None,
        "ended_by_step": None,
        "provisional": found.provisional,
        "calendar_version": found.calendar_version,
        "explanation": found,
        **justified_columns(note),
    }


def justified_columns(note: DeadlineNote) -> dict[str, Any]:
    """The columns that say whether its lateness was found justified; who found it and why, stand in the ledger."""
    found = note.justified
    return {"justified_at": found.at if found else None, "justified_step": found.step_id if found else None}


def case_content(case: Case, outcome: Outcome) -> dict[str, Any]:
    """What the audit trail digests of a step: what was done, on which facts, and where the case stands by it."""
    return {
        "number": case.number,
        "step": outcome.order.step.key,
        "clause": outcome.order.step.clause,
        "occurred_at": outcome.order.occurred_at.isoformat(),
        "from": outcome.before,
        "to": outcome.after,
        "data": outcome.order.data,
        "note": outcome.order.note,
        "standing": case.standing,
        **(_words_of(case) if case.version == 1 else {}),
    }


def _words_of(case: Case) -> dict[str, Any]:
    """What came in, so that a change of it afterwards can be shown: digests, as the words themselves are kept once."""
    words = f"{case.title}\0{case.narrative}\0{case.intake.address or ''}".encode()
    told = {"channel": case.channel, "received_at": case.received_at.isoformat(), "words": sha256(words).hexdigest()}
    return told | {"category": case.category, "division": case.division}
