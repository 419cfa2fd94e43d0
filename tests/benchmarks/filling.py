"""Fills a stage: tenants through the services, their cases by COPY, each table as it would be after two years."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import asyncpg

from core.jurisdictions import Jurisdictions
from core.procedure import CaseKind
from tests.benchmarks.cast import TENANTS, Member, create_members
from tests.benchmarks.rows import YEARS, CaseRows
from tests.benchmarks.stages import TWIN, Stage

_TABLES = ("cases", "case_unit", "case_step", "deadline", "case_number")
"""In the order of their foreign keys."""
_PROCESSES = 2


async def fill(stage: Stage) -> None:
    """Fills an empty stage, and lets PostgreSQL look at what it has."""
    started, members = time.monotonic(), await create_members(stage)
    shares = [members[place::_PROCESSES] for place in range(_PROCESSES)]
    with ProcessPoolExecutor(_PROCESSES, mp_context=get_context("spawn")) as workers:
        loop = asyncio.get_running_loop()
        await asyncio.gather(*(loop.run_in_executor(workers, fill_share, stage, share) for share in shares))
    connection = await stage.connect(TWIN)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()
    print(f"filled {stage.name} in {time.monotonic() - started:.0f} s", flush=True)


def fill_share(stage: Stage, members: Sequence[Member]) -> None:
    """Fills some tenants, in a process of its own."""
    asyncio.run(_fill_tenants(stage, members))


async def _fill_tenants(stage: Stage, members: Sequence[Member]) -> None:
    jurisdictions = Jurisdictions.discover()
    # The role without row security, because PostgreSQL refuses COPY where row security holds.
    connection = await stage.connect(TWIN)
    for member in members:
        kind = next(iter(jurisdictions.get(member.tenant.jurisdiction).kinds.values()))
        await _fill_tenant(connection, member, kind, stage.cases // TENANTS)
    await connection.close()


async def _fill_tenant(connection: asyncpg.Connection, member: Member, kind: CaseKind, count: int) -> None:
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for case in CaseRows(member, kind, count).generate():
        for table, added in case.items():
            rows[table] += added
    # Numbers go on where the filling ends.
    rows["case_number"] = [
        {"tenant": member.tenant.id, "kind": kind.key, "year": year, "last": count} for year in YEARS
    ]
    async with connection.transaction():
        for table in _TABLES:
            await _copy(connection, table, rows[table])


async def _copy(connection: asyncpg.Connection, table: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        records = (tuple(row.values()) for row in rows)
        await connection.copy_records_to_table(table, records=records, columns=list(rows[0]))
