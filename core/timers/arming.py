"""Timers in a tenant's session: armed with the change that makes them, finished with the effect that they were for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Interval, bindparam, delete, select, type_coerce, update
from sqlalchemy.dialects import postgresql, sqlite

from core.store.among import for_engines
from core.store.prepared import Params
from core.store.session import TenantSession
from core.store.tables.schema import TENANT
from core.store.tables.timers import timer
from core.timers.timer import Next, Timer, TimerKind

_MOMENTS = ("at", "legal", "run_at")
_COLUMNS = ("kind", "subject_id", *_MOMENTS, "fence", "attempts")
_MINE = (timer.c.tenant == TENANT, timer.c.kind == bindparam("of_kind"))
_OWNED = for_engines(
    lambda among: (
        select(timer.c.subject_id, timer.c.fence)
        .where(*_MINE, among(timer.c.subject_id, "subjects"))
        .order_by(timer.c.subject_id)
        .with_for_update()
    )
)
_DROP = for_engines(lambda among: delete(timer).where(*_MINE, among(timer.c.subject_id, "subjects")))
_AGAIN = (
    update(timer)
    .where(*_MINE, timer.c.subject_id == bindparam("of_subject"))
    .values({name: bindparam(f"new_{name}") for name in _MOMENTS} | {"attempts": 0})
)


def arm(session: TenantSession, kind: TimerKind, subject_id: UUID, at: datetime, *, offset: timedelta | None = None) -> None:
    """Adds a timer with the session's next flush; there may be none of that subject yet.

    ``at`` is in legal time where ``offset`` is given, by which the tenant's legal time differs from the machine's.
    """
    session.add(timer, timer_row(kind, subject_id, at, offset))


def timer_row(kind: TimerKind, subject_id: UUID, at: datetime, offset: timedelta | None) -> dict[str, Any]:
    """The row of a timer that nobody has taken yet."""
    told = {"kind": kind.value, "subject_id": subject_id, "at": at, "legal": offset is not None}
    return told | {"run_at": at - (offset or timedelta()), "fence": 0, "attempts": 0}


async def rearm(session: TenantSession, kind: TimerKind, moments: Mapping[UUID, datetime], offset: timedelta | None) -> None:
    """Arms timers whether there are any of these subjects or not; whoever has taken one of them finishes it no more."""
    statement = _REARM[session.dialect_name]
    rows: list[Params] = [timer_row(kind, subject_id, at, offset) for subject_id, at in moments.items()]
    await session.execute_each(statement, rows)


async def disarm(session: TenantSession, kind: TimerKind, subjects: Iterable[UUID]) -> None:
    """Takes timers away."""
    if gone := list(subjects):
        await session.execute(_DROP[session.dialect_name], {"of_kind": kind.value, "subjects": gone})


async def lock_owned(session: TenantSession, kind: TimerKind, taken: Iterable[Timer]) -> dict[UUID, Timer]:
    """Those of the timers that nobody else has taken since, by their subjects; nobody takes them until the session ends."""
    wanted = {item.subject_id: item for item in taken}
    rows = await session.all(_OWNED[session.dialect_name], {"of_kind": kind.value, "subjects": list(wanted)})
    return {row["subject_id"]: wanted[row["subject_id"]] for row in rows if row["fence"] == wanted[row["subject_id"]].fence}


async def finish(session: TenantSession, kind: TimerKind, done: Mapping[UUID, Next | None], offset: timedelta) -> None:
    """Ends timers that the session has locked, or sets them to when they go off again."""
    await disarm(session, kind, (subject for subject, then in done.items() if then is None))
    again: list[Params] = [
        {"of_kind": kind.value, "of_subject": subject, "new_at": then.at, "new_legal": then.legal}
        | {"new_run_at": then.at - (offset if then.legal else timedelta())}
        for subject, then in done.items()
        if then is not None
    ]
    await session.execute_each(_AGAIN, again)


async def follow_clock(session: TenantSession, offset: timedelta) -> None:
    """Sets the timers that are in legal time to what the wall clock shows then, once a sandbox's clock was moved."""
    shift = offset if session.dialect_name == "postgresql" else offset // timedelta(microseconds=1)
    await session.execute(_FOLLOW[session.dialect_name], {"shift": shift})


def _rearming(insert: Any) -> Any:
    # Its columns are named, so that its text is one for all rows and is prepared once.
    made = insert(timer).values({"tenant": TENANT} | {name: bindparam(name) for name in _COLUMNS})
    moved = {name: made.excluded[name] for name in _MOMENTS} | {"attempts": 0, "fence": timer.c.fence + 1}
    return made.on_conflict_do_update(index_elements=["tenant", "kind", "subject_id"], set_=moved)


_REARM = {"postgresql": _rearming(postgresql.insert), "sqlite": _rearming(sqlite.insert)}
_LEGAL = update(timer).where(timer.c.tenant == TENANT, timer.c.legal)
_FOLLOW = {
    "postgresql": _LEGAL.values(run_at=timer.c.at - bindparam("shift", type_=Interval)),
    "sqlite": _LEGAL.values(run_at=type_coerce(timer.c.at, BigInteger) - bindparam("shift", type_=BigInteger)),
}
