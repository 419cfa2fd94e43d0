"""Corrections as rows: what they change of a case, its deadlines and its units, and what stays visible of what it was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, func, select, update

from core.cases.case import Case
from core.cases.history import list_steps
from core.cases.records import changed_columns, justified_columns
from core.corrections.correction import CORRECTED_AWAY, CORRECTION, Swap
from core.corrections.derive import Pair, Redrawn
from core.corrections.history import History, StoredDeadline
from core.deadlines.explanation import Explanation
from core.errors import Stale
from core.ids import new_id
from core.store.session import TenantSession
from core.store.tables.cases import case_unit, cases
from core.store.tables.deadlines import deadline, deadline_entry
from core.store.tables.schema import TENANT

_COLUMNS = ("received_at", "category", "track", "version", "lead_unit_id", "due_at", "standing")
_CORRECT = (
    update(cases)
    .where(cases.c.tenant == TENANT, cases.c.id == bindparam("of_id"), cases.c.version == bindparam("expected"))
    .values({name: bindparam(f"new_{name}") for name in _COLUMNS})
)
_STORED = select(deadline.c.id, deadline.c.step_id, deadline.c.explanation).where(
    deadline.c.tenant == TENANT, deadline.c.case_id == bindparam("of_case")
)
_REDRAWN = (
    "due_on", "due_at", "state", "ended_at", "ended_by_step", "provisional", "starts_at", "law_version", "encoding_revision",
    "calendar_version", "explanation", "justified_at", "justified_step",
)  # fmt: skip
_REDRAW = (
    update(deadline)
    .where(deadline.c.tenant == TENANT, deadline.c.id == bindparam("of_id"))
    .values({name: bindparam(f"new_{name}") for name in _REDRAWN})
)
_STRIKE = (
    update(deadline)
    .where(deadline.c.tenant == TENANT, deadline.c.id == bindparam("of_id"))
    .values(state=bindparam("new_state"), ended_at=bindparam("ended"), ended_by_step=bindparam("by"))
)
_ENTRIES = (
    select(deadline_entry.c.deadline_id, func.max(deadline_entry.c.seq).label("last"))
    .where(
        deadline_entry.c.tenant == TENANT,
        deadline_entry.c.deadline_id.in_(
            select(deadline.c.id).where(deadline.c.tenant == TENANT, deadline.c.case_id == bindparam("of_case"))
        ),
    )
    .group_by(deadline_entry.c.deadline_id)
)
_REPLACED = (
    select(deadline_entry.c.deadline_id, deadline_entry.c.explanation)
    .where(
        deadline_entry.c.tenant == TENANT,
        deadline_entry.c.deadline_id.in_(
            select(deadline.c.id).where(deadline.c.tenant == TENANT, deadline.c.case_id == bindparam("of_case"))
        ),
    )
    .order_by(deadline_entry.c.deadline_id, deadline_entry.c.seq)
)
_HOLDS = case_unit.c.tenant == TENANT, case_unit.c.case_id == bindparam("of_case"), case_unit.c.until.is_(None)
_PART = select(case_unit.c.id, case_unit.c.part, case_unit.c.since).where(
    *_HOLDS, case_unit.c.unit_id == bindparam("of_unit")
)
_UNDO = (
    update(case_unit)
    .where(case_unit.c.tenant == TENANT, case_unit.c.id == bindparam("of_id"))
    .values(until=bindparam("held_since"), corrected_at=bindparam("corrected"))
)


async def load_history(session: TenantSession, case: Case) -> History:
    """The case with its steps and its deadlines, as they are stored."""
    steps = await list_steps(session, case.id)
    seqs = {step.id: step.seq for step in steps}
    rows = {row["id"]: row for row in await session.all(_STORED, {"of_case": case.id})}
    replaced: dict[UUID, list[Explanation]] = defaultdict(list)
    for row in await session.all(_REPLACED, {"of_case": case.id}):
        if row["explanation"] is not None:
            replaced[row["deadline_id"]].append(msgspec.convert(row["explanation"], Explanation))
    return History(
        case, steps, tuple(_stored(note, rows[note.id], seqs, replaced[note.id]) for note in case.standing.deadlines)
    )


def _stored(note: Any, row: dict[str, Any], seqs: dict[UUID, int], replaced: list[Explanation]) -> StoredDeadline:
    return StoredDeadline(note, seqs[row["step_id"]], msgspec.convert(row["explanation"], Explanation), tuple(replaced))


async def write_case(session: TenantSession, before: Case, after: Case) -> None:
    """Writes what is corrected of the case; raises :class:`Stale` where somebody was faster."""
    changed = changed_columns(after) | {"received_at": after.received_at}
    values = {f"new_{name}": changed[name] for name in _COLUMNS} | {"of_id": before.id, "expected": before.version}
    if await session.execute(_CORRECT, values) != 1:
        raise Stale("cases.stale", current=before.version + 1)


async def write_deadlines(session: TenantSession, history: History, pairs: Iterable[Pair], shared: dict[str, Any]) -> None:
    """Writes the deadlines that a correction touches, each with an entry of its ledger, which keeps what was replaced.

    ``shared`` is what the entries have in common: when, why, allowed by whom, by which step.
    """
    steps = {step.seq: step.id for step in history.steps}
    last = {row["deadline_id"]: row["last"] for row in await session.all(_ENTRIES, {"of_case": history.case.id})}
    for pair in pairs:
        if pair.before is None and pair.after is not None:
            session.add(deadline, _new_row(history.case, pair.after, steps))
        if pair.before is not None:
            await _write_changed(session, pair.before, pair.after, steps, shared)
        session.add(deadline_entry, _entry(pair, last, shared))


async def _write_changed(
    session: TenantSession, before: StoredDeadline, after: Redrawn | None, steps: dict[int, UUID], shared: dict[str, Any]
) -> None:
    if after is None:
        struck = {"new_state": CORRECTED_AWAY, "ended": shared["at"], "by": shared["step_id"]}
        await session.execute(_STRIKE, {"of_id": before.note.id, **struck})
    else:
        row = _moving(after, steps)
        await session.execute(_REDRAW, {f"new_{name}": row[name] for name in _REDRAWN} | {"of_id": before.note.id})


def _moving(item: Redrawn, steps: dict[int, UUID]) -> dict[str, Any]:
    note, found = item.note, item.explanation
    return {
        "due_on": note.due_on,
        "due_at": note.due_at,
        "state": note.state,
        "ended_at": note.ended_at,
        "ended_by_step": steps[item.ended_by] if item.ended_by is not None else None,
        "provisional": note.provisional,
        "starts_at": found.starts_at,
        "law_version": found.instrument_version,
        "encoding_revision": found.encoding_revision,
        "calendar_version": found.calendar_version,
        "explanation": found,
        **justified_columns(note),
    }


def _new_row(case: Case, item: Redrawn, steps: dict[int, UUID]) -> dict[str, Any]:
    note = item.note
    told = {
        "id": note.id,
        "case_id": case.id,
        "key": note.key,
        "holder_unit_id": note.holder_unit_id,
        "holder": note.holder,
        "clause": note.clause,
        "step_id": steps[item.seq],
        "original_due_on": note.original_due_on,
        "original_due_at": note.due_at,
    }
    return told | _moving(item, steps)


def _entry(pair: Pair, last: dict[UUID, int], shared: dict[str, Any]) -> dict[str, Any]:
    """What the ledger says of it: where it stands from then on, and the explanation that was replaced."""
    kind = "addition" if pair.before is None else "removal" if pair.after is None else "replacement"
    note = pair.after.note if pair.after else None
    id_ = pair.before.note.id if pair.before else note.id if note else new_id()
    return shared | {
        "id": new_id(),
        "deadline_id": id_,
        "seq": last.get(id_, 0) + 1,
        "kind": kind,
        "due_on": note.due_on if note else None,
        "due_at": note.due_at if note else None,
        "basis": CORRECTION,
        "explanation": pair.before.explanation if pair.before else None,
    }


async def write_swap(session: TenantSession, case_id: UUID, swap: Swap, at: datetime) -> None:
    """Writes that the wrong unit never had the case, which stays visible, and that the right one has had it all the time."""
    for row in await session.all(_PART, {"of_case": case_id, "of_unit": swap.recorded}):
        await session.execute(_UNDO, {"of_id": row["id"], "held_since": row["since"], "corrected": at})
        held = {"unit_id": swap.right, "part": row["part"], "since": row["since"], "until": None}
        signing = {"officer_id": None, "signed_at": None, "corrected_at": None}
        session.add(case_unit, {"id": new_id(), "case_id": case_id, **held, **signing})
