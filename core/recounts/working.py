"""Counts open deadlines anew, a batch at a time, so that intake goes on beside it; each batch stands when it is done.

A case whose deadline moves gets a step that says so, by the service itself and on the calendar's basis; the ledger keeps
what the date was and how it had been counted. What is over is left alone: nobody becomes late after the fact.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select, tuple_, type_coerce, update

from core.cases.case import Case
from core.cases.records import CASE_FIELDS, read_case
from core.deadlines.explanation import Explanation
from core.recounts.moving import Moved, count_anew
from core.recounts.recount import OPEN, GoingOn, RecountCause, end_others, find_going_on
from core.recounts.rows import write_moved
from core.store.actor import WORKER
from core.store.among import for_engines
from core.store.session import TenantSession
from core.store.tables.cases import cases
from core.store.tables.deadlines import deadline
from core.store.tables.recounts import recount
from core.store.tables.schema import TENANT
from core.store.types import Instant, Json
from core.tenants.snapshot import Snapshot
from core.timers.arming import rearm
from core.timers.timer import WHOLE_TENANT, Next, Timer, TimerKind
from core.work import Shift, Trade, Workshop, in_one_session

BATCH = 800
_BESIDE = 4
"""How many transactions write a batch beside each other."""
_SOON = timedelta(seconds=2)
_EXPLANATION = type_coerce(deadline.c.explanation, Json(Explanation)).label("explanation")
_OPEN = select(deadline.c.id, deadline.c.case_id, deadline.c.due_at, _EXPLANATION).where(
    deadline.c.tenant == TENANT, deadline.c.state == OPEN
)
# The latest first: what moves to a later day, as most does, does not come again.
_FIRST = _OPEN.order_by(deadline.c.due_at.desc(), deadline.c.id.desc()).limit(bindparam("most"))
_REACHED = tuple_(bindparam("before_due_at", type_=Instant), bindparam("before_id", type_=Uuid))
_REST = _FIRST.where(tuple_(deadline.c.due_at, deadline.c.id) < _REACHED)
_THESE = for_engines(lambda among: _OPEN.where(among(deadline.c.id, "among")))
_LOCK = for_engines(
    lambda among: (
        select(*CASE_FIELDS)
        .where(cases.c.tenant == TENANT, among(cases.c.id, "among"))
        .order_by(cases.c.id)
        .with_for_update(skip_locked=True)
    )
)
_PROGRESS = (
    update(recount)
    .where(recount.c.tenant == TENANT, recount.c.id == bindparam("of_id"))
    .values(
        examined=recount.c.examined + bindparam("more"),
        moved=recount.c.moved + bindparam("more_moved"),
        reached_due_at=bindparam("due"),
        reached_id=bindparam("last"),
        ended_at=bindparam("ended"),
    )
)


async def count_open(shop: Workshop, tenant: int, taken: Sequence[Timer], wall: datetime) -> None:
    """Looks at the next deadlines; those of a case that is in other hands just now come again by themselves.

    What moves is written in transactions beside each other, so that one is at work while another is written; only then the
    timer goes on. Whoever does it once more, having lost it in between, finds what has moved already as it is.
    """
    async with shop.database.reading(tenant) as session:
        snapshot = await shop.snapshots.of(session)
        batch = await _read_batch(session, taken)
    shift = _Counting(shop, tenant, wall, snapshot)
    counted = await asyncio.gather(*(shift.count(part) for part in _parts([*batch.again, *batch.rows])))
    told = _Told(sum(moved for moved, _ in counted), tuple(id_ for _, busy in counted for id_ in busy))
    await in_one_session(TimerKind.RECOUNT, partial(_go_on, batch, told))(shop, tenant, taken, wall)


RECOUNTING = Trade(TimerKind.RECOUNT, count_open, batch=BATCH)


@dataclass(frozen=True, slots=True)
class _Batch:
    """The deadlines that are looked at: those that come again, and the next of the recount that goes on, if there is one."""

    again: Sequence[Mapping[str, Any]]
    going_on: GoingOn | None
    rows: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class _Told:
    """What came of a batch: how many moved, and those whose cases somebody else had in hand."""

    moved: int
    busy: tuple[UUID, ...]


async def _read_batch(session: TenantSession, taken: Sequence[Timer]) -> _Batch:
    singly = [timer.subject_id for timer in taken if timer.subject_id != WHOLE_TENANT]
    again = await session.all(_THESE[session.dialect_name], {"among": singly}) if singly else []
    going_on = await find_going_on(session) if len(singly) < len(taken) else None
    return _Batch(again, going_on, await _next_of(session, going_on) if going_on else [])


def _parts(rows: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """The rows in parts that are written beside each other; all of one case in the same."""
    by_case = sorted(rows, key=lambda row: row["case_id"])
    parts: list[list[Mapping[str, Any]]] = [[] for _ in range(_BESIDE)]
    for number, (_, group) in enumerate(groupby(by_case, key=lambda row: row["case_id"])):
        parts[number % _BESIDE] += group
    return [part for part in parts if part]


async def _go_on(batch: _Batch, told: _Told, shift: Shift, owned: Mapping[UUID, Timer]) -> Mapping[UUID, Next | None]:
    """Ends the timers: those of what is in other hands go off again, and that of the whole tenant until all is looked at."""
    await rearm(shift.session, TimerKind.RECOUNT, dict.fromkeys(told.busy, shift.wall + _SOON), None)
    done: dict[UUID, Next | None] = {id_: None for id_ in owned if id_ not in told.busy}
    if WHOLE_TENANT in owned and batch.going_on is not None:
        done[WHOLE_TENANT] = await _note_progress(shift, batch.going_on, batch.rows, told)
    return done


async def _note_progress(shift: Shift, found: GoingOn, rows: Sequence[Mapping[str, Any]], told: _Told) -> Next | None:
    if found.cause == RecountCause.LADDER:
        # Whoever watches them finds the rungs that they have now.
        await rearm(shift.session, TimerKind.DEADLINE, {row["id"]: shift.wall for row in rows}, None)
    last = rows[-1] if rows else {"due_at": found.reached_due_at, "id": found.reached_id}
    ended = shift.session.recorded_at if len(rows) < BATCH else None
    fresh = sum(not _is_counted(row["explanation"], shift, found) for row in rows)
    values = {"of_id": found.id, "more": fresh, "more_moved": told.moved, "due": last["due_at"], "last": last["id"]}
    await shift.session.execute(_PROGRESS, values | {"ended": ended})
    if ended is None:
        return Next(shift.wall)
    await end_others(shift.session)
    return None


def _is_counted(stored: Explanation, shift: Shift, found: GoingOn) -> bool:
    """Whether a deadline was counted by this calendar already: it arose since, or moved earlier and comes once more."""
    now = shift.snapshot.calendar_number, shift.snapshot.calendar.source
    return found.cause != RecountCause.LADDER and (stored.calendar_version, stored.calendar_source) == now


async def _next_of(session: TenantSession, found: GoingOn) -> Sequence[Mapping[str, Any]]:
    if found.reached_id is None:
        return await session.all(_FIRST, {"most": BATCH})
    before = {"before_due_at": found.reached_due_at, "before_id": found.reached_id}
    return await session.all(_REST, {"most": BATCH} | before)


@dataclass(frozen=True, slots=True)
class _Counting:
    """Where a batch is counted: each part of it in a session of its own."""

    shop: Workshop
    tenant: int
    wall: datetime
    snapshot: Snapshot

    async def count(self, rows: Sequence[Mapping[str, Any]]) -> tuple[int, list[UUID]]:
        """Counts these deadlines anew; answers how many moved, and those whose cases somebody else has in hand."""
        moved = {row["id"]: change for row in rows if (change := count_anew(row["explanation"], self.snapshot.calendar))}
        owners = {row["id"]: row["case_id"] for row in rows if row["id"] in moved}
        if not moved:
            return 0, []
        async with self.shop.database.tenant(self.tenant, actor=WORKER) as session:
            among = {"among": sorted(set(owners.values()))}
            held = {case.id: case for case in map(read_case, await session.all(_LOCK[session.dialect_name], among))}
            current = {case_id: _current(case, owners, moved) for case_id, case in held.items()}
            shift = Shift(session, self.snapshot, self.wall)
            await write_moved(shift, held, {case_id: changes for case_id, changes in current.items() if changes})
        return sum(map(len, current.values())), [id_ for id_, case_id in owners.items() if case_id not in held]


def _current(case: Case, owners: Mapping[UUID, UUID], moved: Mapping[UUID, Moved]) -> dict[UUID, Moved]:
    """What moves in a case: not what somebody met, or moved, between the look and the lock."""
    return {
        note.id: moved[note.id]
        for note in case.standing.open_deadlines
        if owners.get(note.id) == case.id and note.due_at == moved[note.id].before.due_at
    }
