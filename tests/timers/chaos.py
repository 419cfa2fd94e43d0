"""Workers that are killed: a process that forks some, kills them at random, lets one sleep past its lease, and ends.

``python -m tests.timers.chaos KILLS STOPPED_SECONDS LEASE_SECONDS`` with the service's environment. The last line on
standard output says how many were killed.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
import time
from dataclasses import replace
from datetime import timedelta

from core.jurisdictions import Jurisdictions
from core.settings import Settings
from core.store.database import Database
from core.tenants.snapshot import Snapshots
from core.timers.taking import Timers
from core.trades import TRADES
from core.work import Workshop
from core.worker import Worker

_BETWEEN_KILLS = 0.25
_PATIENCE_SECONDS = 120
Children = set[int]


def fork_worker(settings: Settings, jurisdictions: Jurisdictions, lease: timedelta) -> int:
    """A worker of its own process; what it needs was imported before."""
    pid = os.fork()
    if pid:
        return pid
    try:
        asyncio.run(_work(settings, jurisdictions, lease))
    finally:
        os._exit(0)


async def _work(settings: Settings, jurisdictions: Jurisdictions, lease: timedelta) -> None:
    database = Database.of(settings)
    trades = [replace(trade, lease=lease, pause=0.1) for trade in TRADES if not trade.for_every_tenant]
    worker = Worker(Workshop(settings, database, Snapshots(jurisdictions)), trades)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.end)
    await worker.run()
    await database.close()


async def is_idle(settings: Settings) -> bool:
    """Whether nothing is left to do, nor leased."""
    database = Database.of(settings)
    try:
        looks = [await Timers(database).look(trade.kind) for trade in TRADES if not trade.for_every_tenant]
    finally:
        await database.close()
    return all(look.next is None for look in looks)


def kill_one(children: Children, chance: random.Random) -> None:
    pid = chance.choice(sorted(children))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    children.discard(pid)


def main(kills: int, stopped_seconds: float, lease: timedelta) -> None:
    settings, jurisdictions, chance = Settings.from_environment(), Jurisdictions.discover(), random.Random(20261122)
    children = {fork_worker(settings, jurisdictions, lease) for _ in range(2)}
    for kill in range(kills):
        time.sleep(_BETWEEN_KILLS)
        kill_one(children, chance)
        wanted = 2 if kill < kills // 2 else 4
        while len(children) < wanted:
            children.add(fork_worker(settings, jurisdictions, lease))
    sleeper = chance.choice(sorted(children))
    os.kill(sleeper, signal.SIGSTOP)
    time.sleep(stopped_seconds)
    os.kill(sleeper, signal.SIGCONT)
    until = time.monotonic() + _PATIENCE_SECONDS
    while not asyncio.run(is_idle(settings)) and time.monotonic() < until:
        time.sleep(0.3)
    for pid in children:
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)
    print(f"{kills} killed")


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), timedelta(seconds=float(sys.argv[3])))
