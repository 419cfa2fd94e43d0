"""What workers do is made of: a trade for each kind of timer, and the place in which it is done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from core.settings import Settings
from core.store.actor import WORKER
from core.store.database import Database
from core.store.session import TenantSession
from core.tenants.snapshot import Snapshot, Snapshots
from core.timers.arming import finish, lock_owned
from core.timers.timer import Next, Timer, TimerKind


@dataclass(frozen=True, slots=True)
class Workshop:
    """What lives as long as the worker."""

    settings: Settings
    database: Database
    snapshots: Snapshots


@dataclass(frozen=True, slots=True)
class Shift:
    """A tenant's session in which timers are worked off. ``wall`` is what time it is to all workers."""

    session: TenantSession
    snapshot: Snapshot
    wall: datetime

    @property
    def now(self) -> datetime:
        """The tenant's legal time."""
        return self.wall + self.snapshot.offset


Work = Callable[[Workshop, int, Sequence[Timer], datetime], Awaitable[None]]
"""Does what the timers of one tenant are for, and finishes them; the instant is what time it is to all workers."""
Effect = Callable[[Shift, Mapping[UUID, Timer]], Awaitable[Mapping[UUID, Next | None]]]
"""Writes what timers are for, and says when each goes off again, if it does."""


@dataclass(frozen=True, slots=True)
class Trade:
    """How timers of one kind are worked off.

    ``batch`` is how many are taken at once, ``lease`` for how long nobody else takes them, ``pause`` how long a worker waits
    that found none. ``width`` is how many batches are worked off at the same time, ``per_tenant`` how many of one tenant;
    that is less, so that none has them all.
    ``for_every_tenant``: each has one timer of the kind, always.
    """

    kind: TimerKind
    work: Work
    batch: int = 100
    lease: timedelta = timedelta(seconds=60)
    pause: float = 1.0
    width: int = 3
    per_tenant: int = 2
    for_every_tenant: bool = False


def in_one_session(kind: TimerKind, effect: Effect) -> Work:
    """Work that is all done in the database: the effect and the end of its timers are one transaction, or nothing."""

    async def work(shop: Workshop, tenant: int, taken: Sequence[Timer], wall: datetime) -> None:
        async with shop.database.tenant(tenant, actor=WORKER) as session:
            snapshot = await shop.snapshots.of(session)
            owned = await lock_owned(session, kind, taken)
            if owned:
                done = await effect(Shift(session, snapshot, wall), owned)
                await finish(session, kind, done, snapshot.offset)

    return work
