"""Workers die, sleep and wake: each effect is recorded once, and none is missed (promise 9)."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from anyio import to_thread
from sqlalchemy import func, select

from core.clock import WallClock
from core.ids import new_id
from core.jurisdictions import Jurisdictions
from core.law.instrument import Text
from core.store.database import Database
from core.store.tables import TENANT, case_step, cases, deadline, deadline_notice, outbox, timer
from core.tenants.service.directory import NewTenant, create_tenant
from core.timers.arming import arm
from core.timers.timer import TimerKind
from tests.conftest import MASTER_KEY
from tests.servers import Addresses, PostgresServer, SqliteFiles
from tests.store.rows import case_row, deadline_row, step_row
from tests.support.running import environment_of

PER_CASE, AT_ONCE = 10, 250
DEEP = "WENZE_DEEP_CHAOS"
"""Set to 1, a worker sleeps for a whole minute."""


@pytest.fixture
async def fresh(database_server: SqliteFiles | PostgresServer) -> Any:
    """A database of this test's own: what workers find in it is this test's."""
    addresses = await to_thread.run_sync(database_server.create)
    yield addresses
    await to_thread.run_sync(database_server.drop, addresses)


async def fill(addresses: Addresses, count: int) -> int:
    """So many open deadlines with their timers: half of them due in the same second, the others over the next seconds."""
    owner = Database(addresses.owner, MASTER_KEY)
    tenant = await create_tenant(owner, Jurisdictions.discover(), NewTenant("ankang", "ankang", Text("安康", "Ankang")))
    await owner.close()
    database, now = Database(addresses.service, MASTER_KEY), WallClock().now()
    for first in range(0, count, AT_ONCE):
        async with database.tenant(tenant.id) as session:
            for number in range(first, min(first + AT_ONCE, count)):
                if number % PER_CASE == 0:
                    case_id, step = _add_case(session, number)
                due = now if number % 2 else now + timedelta(milliseconds=number)
                row = deadline_row(case_id, step) | {"due_at": due, "due_on": due.date(), "key": "reply-on-site"}
                session.add(deadline, row)
                arm(session, TimerKind.DEADLINE, row["id"], due, offset=timedelta())
    await database.close()
    return tenant.id


def _add_case(session: Any, number: int) -> tuple[Any, Any]:
    case_id = new_id()
    step = step_row(case_id)
    session.add(cases, case_row(f"TS2026-{number:06d}", id=case_id))
    session.add(case_step, step)
    return case_id, step["id"]


async def counted(addresses: Addresses, tenant: int) -> dict[str, Any]:
    database = Database(addresses.service, MASTER_KEY)
    told = outbox.c.type == "deadline.overdue"
    asked: dict[str, Any] = {
        "notices": select(func.count()).select_from(deadline_notice).where(deadline_notice.c.tenant == TENANT),
        "deadlines": select(func.count(deadline_notice.c.deadline_id.distinct())).where(deadline_notice.c.tenant == TENANT),
        "events": select(func.count()).select_from(outbox).where(outbox.c.tenant == TENANT, told),
        "numbered": select(func.count(outbox.c.position.distinct())).where(outbox.c.tenant == TENANT, told),
        "left": select(func.count()).select_from(timer).where(timer.c.tenant == TENANT),
    }
    async with database.reading(tenant) as session:
        found = {name: await session.scalar(statement) for name, statement in asked.items()}
    await database.close()
    return found


async def test_workers_that_are_killed_record_each_effect_once(
    fresh: Addresses, engine_kind: str, anyio_backend: str
) -> None:
    timers, kills = (10_000, 20) if engine_kind == "postgresql" else (1_000, 6)
    tenant = await fill(fresh, timers)
    stopped, lease = ("61", "60") if os.environ.get(DEEP) else ("3", "2")
    command = [sys.executable, "-m", "tests.timers.chaos", str(kills), stopped, lease]
    environment = os.environ | environment_of(fresh, 0) | {"WENZE_LOG_LEVEL": "ERROR"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)  # noqa: ASYNC221
    assert done.stdout.endswith(f"{kills} killed\n"), done.stderr[-3_000:]
    assert await counted(fresh, tenant) == {
        "notices": timers, "deadlines": timers, "events": timers, "numbered": timers, "left": 0,
    }  # fmt: skip


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Asia/Shanghai"])
async def test_the_machine_s_own_zone_changes_nothing(zone: str) -> None:
    """What a worker finds reached does not depend on TZ."""
    script = (
        "from datetime import UTC, date, datetime\n"
        "from core.deadlines.ladder import time_rungs\n"
        "from core.law.calendar import national_calendar\n"
        "from core.law.instrument import TermFigure, Unit\n"
        "from core.rungs import Level, Rung\n"
        "rungs = [Rung('soon', Level.DUE_SOON, TermFigure(Unit.WORKING_DAY, 1))]\n"
        "found = time_rungs('x', date(2026, 3, 6), datetime(2026, 3, 6, 16, tzinfo=UTC), rungs, national_calendar())\n"
        "print([item.reached_at.isoformat() for item in found])\n"
    )
    done = subprocess.run(  # noqa: ASYNC221
        [sys.executable, "-c", script], env=os.environ | {"TZ": zone}, capture_output=True, text=True, check=True
    )
    assert done.stdout == "['2026-03-04T16:00:00+00:00', '2026-03-06T16:00:00+00:00']\n"
