"""Watches deadlines: each warns, and is noted as overdue, at the instants of its ladder, once for each date that it has.

What was reached before a deadline was met or ended is noted also where the worker comes later: a late reply does not undo
that it was late. What would have warned of a day that somebody was in time for is not told any more, and what ended while
it was paused was never late: its dates are those that it had.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import BindParameter, bindparam, select, type_coerce

from core.cases.case import DeadlineNote
from core.corrections.correction import CORRECTED_AWAY
from core.deadlines.explanation import Explanation
from core.deadlines.ladder import TimedRung, time_rungs
from core.deadlines.ledger import is_paused
from core.house_settings import LADDER
from core.ids import new_id
from core.messages.announcing import Reached, announce_notices
from core.rungs import Level, Rung
from core.store.among import for_engines
from core.store.change import Change
from core.store.session import TenantSession
from core.store.tables.cases import cases
from core.store.tables.deadlines import deadline
from core.store.tables.notices import deadline_notice
from core.store.tables.schema import TENANT
from core.store.types import Json
from core.supervision.finding import Sighting, note_sightings
from core.supervision.rules import rules_at
from core.tenants.snapshot import Snapshot
from core.timers.arming import arm, rearm
from core.timers.timer import Next, Timer, TimerKind
from core.work import Shift, Trade, in_one_session

HOUSE_LADDER = "wenze:house#ladder"
_SOON = timedelta(seconds=2)
_COLUMNS = ("id", "case_id", "key", "clause", "holder_unit_id", "due_on", "due_at", "state", "ended_at", "provisional")
_CASES = for_engines(
    lambda among: select(deadline.c.id, deadline.c.case_id).where(deadline.c.tenant == TENANT, among(deadline.c.id, "among"))
)
_LOCK = for_engines(
    lambda among: (
        select(cases.c.id)
        .where(cases.c.tenant == TENANT, among(cases.c.id, "among"))
        .order_by(cases.c.id)
        .with_for_update(skip_locked=True)
    )
)
_READ = for_engines(
    lambda among: (
        select(*(deadline.c[name] for name in _COLUMNS), cases.c.kind)
        .select_from(deadline.join(cases, (cases.c.tenant == deadline.c.tenant) & (cases.c.id == deadline.c.case_id)))
        .where(deadline.c.tenant == TENANT, cases.c.tenant == TENANT, among(deadline.c.id, "among"))
    )
)
_NOTED = for_engines(
    lambda among: select(deadline_notice.c.deadline_id, deadline_notice.c.due_at, deadline_notice.c.rung).where(
        deadline_notice.c.tenant == TENANT, among(deadline_notice.c.deadline_id, "among")
    )
)
_ENDED: BindParameter[Any] = bindparam("ended", expanding=True)
_COUNTED = select(deadline.c.id, type_coerce(deadline.c.explanation, Json(Explanation)).label("explanation")).where(
    deadline.c.tenant == TENANT, deadline.c.id.in_(_ENDED)
)
_SETTLED = frozenset({"met", "used"})
"""What was done in time, whatever its date."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A rung that a deadline has reached."""

    id: UUID
    row: Mapping[str, Any]
    """The deadline, with the kind of its case."""
    rung: TimedRung


def watch(session: TenantSession, snapshot: Snapshot, kind: str, note: DeadlineNote) -> None:
    """Arms the timer of a deadline that has just arisen; nobody is ever late for a window, which needs none."""
    if note.is_open:
        arm(session, TimerKind.DEADLINE, note.id, _first(session, snapshot, kind, note), offset=snapshot.offset)


async def rewatch(session: TenantSession, snapshot: Snapshot, kind: str, notes: Iterable[DeadlineNote]) -> None:
    """Sets the timers of deadlines of a case whose date has changed, or that run again, anew."""
    await rewatch_all(session, snapshot, ((kind, note) for note in notes))


async def rewatch_all(session: TenantSession, snapshot: Snapshot, notes: Iterable[tuple[str, DeadlineNote]]) -> None:
    """As :func:`rewatch` of deadlines of any cases, each with the kind of its case."""
    moments = {note.id: _first(session, snapshot, kind, note) for kind, note in notes if note.is_open}
    await rearm(session, TimerKind.DEADLINE, moments, snapshot.offset)


def _first(session: TenantSession, snapshot: Snapshot, kind: str, note: DeadlineNote) -> datetime:
    rungs = rungs_of(snapshot, kind, session.recorded_at + snapshot.offset)
    return time_rungs(note.key, note.due_on, note.due_at, rungs, snapshot.calendar)[0].reached_at


def rungs_of(snapshot: Snapshot, kind: str, now: datetime) -> tuple[Rung, ...]:
    """The rungs that hold for a kind of case at a legal time: the law's, and those that the tenant has set."""
    ladder = snapshot.settings.on(LADDER, snapshot.local_day(now))
    own = ladder.value if ladder is not None and isinstance(ladder.value, tuple) else ()
    return (*snapshot.jurisdiction.kind(kind).warnings, *own)


async def note_reached(shift: Shift, taken: Mapping[UUID, Timer]) -> Mapping[UUID, Next | None]:
    """Notes what the deadlines have reached by now, each once; their timers go off again at the next rung."""
    session = shift.session
    done: dict[UUID, Next | None] = dict.fromkeys(taken)
    rows = await _lock(session, taken)
    reached: list[Reached] = []
    sighted: list[Sighting] = []
    found = await session.all(_NOTED[session.dialect_name], _among(taken))
    noted = {(row["deadline_id"], row["due_at"], row["rung"]) for row in found}
    paused = await _paused_to_their_end(session, rows.values())
    for id_, row in rows.items():
        if row is None:
            # Somebody is working on the case just now.
            done[id_] = Next(shift.wall + _SOON)
            continue
        rungs = rungs_of(shift.snapshot, row["kind"], shift.now)
        timed = time_rungs(row["key"], row["due_on"], row["due_at"], rungs, shift.snapshot.calendar)
        passed = () if id_ in paused else _reached(row, timed, shift.now)
        fresh = [item for item in passed if (row["id"], row["due_at"], item.rung) not in noted]
        reached += [_write(shift, Notice(new_id(), row, rung)) for rung in fresh]
        sighted += _sight(shift, row, fresh)
        done[id_] = _next(row, timed, shift.now)
    await announce_notices(shift, reached)
    await note_sightings(session, shift.snapshot, sighted)
    return done


WATCHING = Trade(TimerKind.DEADLINE, in_one_session(TimerKind.DEADLINE, note_reached))


async def _lock(session: TenantSession, taken: Iterable[UUID]) -> dict[UUID, Mapping[str, Any] | None]:
    """The deadlines, whose cases nobody else changes until the session ends; ``None`` for one of a case in other hands."""
    engine = session.dialect_name
    owners = {row["id"]: row["case_id"] for row in await session.all(_CASES[engine], _among(taken))}
    held = {row["id"] for row in await session.all(_LOCK[engine], {"among": sorted(set(owners.values()))})}
    free = [id_ for id_, case_id in owners.items() if case_id in held]
    rows = {row["id"]: row for row in await session.all(_READ[engine], _among(free))}
    return {id_: rows.get(id_) for id_ in owners}


async def _paused_to_their_end(session: TenantSession, rows: Iterable[Mapping[str, Any] | None]) -> set[UUID]:
    """Those that ended after their date and were paused then; hardly ever is anything asked for it."""
    ended = [
        row["id"]
        for row in rows
        if row and row["ended_at"] and row["state"] != "met-late" and row["due_at"] < row["ended_at"]
    ]
    found = await session.all(_COUNTED, {"ended": ended}) if ended else []
    return {row["id"] for row in found if is_paused(row["explanation"].entries)}


def _among(ids: Iterable[UUID]) -> dict[str, list[UUID]]:
    return {"among": list(ids)}


def _reached(row: Mapping[str, Any], timed: Sequence[TimedRung], now: datetime) -> Iterator[TimedRung]:
    """The rungs reached by now; of a deadline that is over those of its lateness alone, up to its end."""
    until = min(now, row["ended_at"]) if row["ended_at"] else now
    if row["state"] == CORRECTED_AWAY or row["state"] in _SETTLED or (row["ended_at"] is None and row["state"] != "open"):
        return
    for rung in timed:
        passed = rung.reached_at <= until if row["ended_at"] is None else rung.reached_at < until
        if passed and (row["ended_at"] is None or rung.level is not Level.DUE_SOON):
            yield rung


def _sight(shift: Shift, row: Mapping[str, Any], fresh: Iterable[TimedRung]) -> Iterator[Sighting]:
    """What must be supervised now that these rungs are reached: what is still to be done, and late."""
    if row["state"] != "open":
        return
    kind = shift.snapshot.jurisdiction.kind(row["kind"])
    where = (row["case_id"], row["id"], row["key"], row["holder_unit_id"], row["due_on"], row["due_at"])
    for rung in fresh:
        yield from (Sighting(rule, *where, rung.reached_at) for rule in rules_at(kind, row["key"], rung.rung))


def _next(row: Mapping[str, Any], timed: Sequence[TimedRung], now: datetime) -> Next | None:
    if row["state"] != "open":
        return None
    return next((Next(rung.reached_at, legal=True) for rung in timed if rung.reached_at > now), None)


def _write(shift: Shift, notice: Notice) -> Reached:
    row, rung = notice.row, notice.rung
    clause, basis = _ground(shift, row, rung)
    told = {"rung": rung.rung, "level": rung.level.value, "clause": clause, "basis": basis}
    dates = {"due_on": row["due_on"], "due_at": row["due_at"], "reached_at": rung.reached_at}
    distance = msgspec.to_builtins(rung.distance)
    ids = {"id": notice.id, "case_id": row["case_id"], "deadline_id": row["id"]}
    shift.session.add(deadline_notice, ids | told | dates | {"distance": distance, "recorded_at": shift.session.recorded_at})
    refs = {"case_id": str(row["case_id"]), "deadline_id": str(row["id"]), "deadline": row["key"], "rung": rung.rung}
    refs |= {"due_on": row["due_on"].isoformat(), "reached_at": rung.reached_at.isoformat()}
    shift.session.record(
        Change(
            action=f"deadline.{rung.level.value}",
            stream=f"case:{row['case_id']}",
            subject=f"deadline:{row['id']}",
            content=told | {name: value.isoformat() for name, value in dates.items()} | {"distance": distance},
            event_type=f"deadline.{rung.level.value}",
            refs=refs,
        )
    )
    return Reached(notice.id, row["case_id"], row["id"], row["kind"], rung.level, rung.rung, clause)


def _ground(shift: Shift, row: Mapping[str, Any], rung: TimedRung) -> tuple[str, str]:
    """The clause that a rung rests on and, where it is the tenant's own, the basis of that setting."""
    if rung.clause is not None or rung.distance is None:
        return rung.clause or row["clause"], ""
    ladder = shift.snapshot.settings.on(LADDER, shift.snapshot.local_day(shift.now))
    return HOUSE_LADDER, ladder.basis if ladder else ""
