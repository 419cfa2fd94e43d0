"""Takes the timers of all tenants that have gone off, each with a lease: whoever takes it next ends the right to finish it.

It is one clock that says what has gone off: the database's, so that workers on machines whose clocks differ agree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Text, Uuid, bindparam, false, func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.clock import WallClock
from core.store.among import Among, for_engines
from core.store.database import Database
from core.store.link import Link, end_safely
from core.store.prepared import Params
from core.store.tables.tenancy import tenant as directory
from core.store.tables.timers import timer
from core.store.types import Instant
from core.timers.timer import WHOLE_TENANT, Timer, TimerKind

_FIELDS = Timer.__struct_fields__
_KEY = ("tenant", "kind", "subject_id")
_NEXT = select(func.min(timer.c.run_at)).where(timer.c.kind == bindparam("of_kind")).scalar_subquery().label("next")
_LOOK = select(_NEXT)
_LOOK_TELLING = select(_NEXT, func.clock_timestamp().label("now"))


def _taking(among: Among) -> Any:
    picked = (
        select(*(timer.c[name] for name in _KEY))
        .where(timer.c.kind == bindparam("of_kind"), timer.c.run_at <= bindparam("now"), ~among(timer.c.tenant, "without"))
        .order_by(timer.c.run_at)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True)
        # Once for all: planned into the join, the limit would be applied again for each row.
        .cte("picked")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    return (
        update(timer)
        .where(*(timer.c[name] == picked.c[name] for name in _KEY))
        .values(run_at=bindparam("until"), fence=timer.c.fence + 1, attempts=timer.c.attempts + 1)
        .returning(*(timer.c[name] for name in _FIELDS))
    )


_TAKE = for_engines(_taking)
_PUT_BACK = (
    update(timer)
    .where(*(timer.c[name] == bindparam(f"of_{name}") for name in (*_KEY, "fence")))
    .values(run_at=bindparam("later"))
)
_COLUMNS = ("tenant", "kind", "subject_id", "at", "legal", "run_at", "fence", "attempts")
_NOW = bindparam("now", type_=Instant)
_EVERY_TENANT = select(
    directory.c.id,
    bindparam("of_kind", type_=Text),
    literal(WHOLE_TENANT, Uuid),
    _NOW,
    false(),
    _NOW,
    literal(0),
    literal(0),
).where(directory.c.closed_at.is_(None))
_MUSTER = {
    name: dialect.insert(timer).from_select(_COLUMNS, _EVERY_TENANT).on_conflict_do_nothing()
    for name, dialect in (("postgresql", postgresql), ("sqlite", sqlite))
}


@dataclass(frozen=True, slots=True)
class Look:
    """What time it is to all workers, and when the next timer of a kind goes off; ``None`` where there is none."""

    now: datetime
    next: datetime | None

    @property
    def is_due(self) -> bool:
        """Whether one has gone off."""
        return self.next is not None and self.next <= self.now


class Timers:
    """The timers of all tenants."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._asks_time = not database.is_sqlite and isinstance(database.clock, WallClock)

    async def look(self, kind: TimerKind) -> Look:
        """Looks without taking; on a database that is at rest it is all that is asked."""
        link = await self._database.check_out(writes=False)
        try:
            (row,) = await link.fetch(_LOOK_TELLING if self._asks_time else _LOOK, {"of_kind": kind.value})
        except BaseException as error:
            link.release() if isinstance(error, Exception) else link.abandon()
            raise
        link.release()
        return Look(row["now"] if self._asks_time else self._database.clock.now(), row["next"])

    async def take(
        self, kind: TimerKind, now: datetime, most: int, lease: timedelta, without: Iterable[int] = ()
    ) -> list[Timer]:
        """At most so many timers that have gone off, the earliest first; nobody else takes them before the lease is over.

        ``without`` are tenants whose timers are left where they are: there can be any number of them before all others.
        """
        asked = {"of_kind": kind.value, "now": now, "most": most, "until": now + lease, "without": list(without)}
        statement = _TAKE["sqlite" if self._database.is_sqlite else "postgresql"]
        rows = await self._change(lambda link: link.fetch(statement, asked))
        return [Timer(**row | {"kind": kind}) for row in rows]

    async def put_back(self, taken: Iterable[Timer], later: datetime) -> None:
        """Lets timers be taken again from then on, unless somebody has taken them already."""
        values: list[Params] = [
            {f"of_{name}": getattr(item, name) for name in (*_KEY, "fence")} | {"later": later} for item in taken
        ]
        if values:
            await self._change(lambda link: link.execute_each(_PUT_BACK, values))

    async def muster(self, kind: TimerKind, now: datetime) -> None:
        """Gives every tenant a timer of that kind that has none yet."""
        statement = _MUSTER["sqlite" if self._database.is_sqlite else "postgresql"]
        await self._change(lambda link: link.execute(statement, {"of_kind": kind.value, "now": now}))

    async def _change(self, work: Any) -> Any:
        link: Link = await self._database.check_out(writes=True)
        try:
            await link.begin(None)
            done = await work(link)
            await link.commit()
        except BaseException as error:
            await end_safely(link, error)
            raise
        link.release()
        return done
