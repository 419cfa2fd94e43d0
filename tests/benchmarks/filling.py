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
from tests.benchmarks.cast import TENANTS, Member, create_members, keys_of
from tests.benchmarks.rows import YEARS, CaseRows, Rows
from tests.benchmarks.stages import TWIN, Stage
from tests.benchmarks.word_rows import WordRows, without_key

_TABLES = ("cases", "case_unit", "case_step", "deadline", "case_number")
"""In the order of their foreign keys."""
_PROCESSES = 2
_SIZES = """
    SELECT relname, pg_size_pretty(pg_total_relation_size(oid)) FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY pg_total_relation_size(oid) DESC LIMIT 4
"""


async def fill(stage: Stage) -> None:
    """Fills an empty stage, and lets PostgreSQL look at what it has."""
    started, members = time.monotonic(), await create_members(stage)
    shares = [members[place::_PROCESSES] for place in range(_PROCESSES)]
    with ProcessPoolExecutor(_PROCESSES, mp_context=get_context("spawn")) as workers:
        loop = asyncio.get_running_loop()
        async with without_key(stage):
            await asyncio.gather(*(loop.run_in_executor(workers, fill_share, stage, share) for share in shares))
    connection = await stage.connect(TWIN)
    await connection.execute("VACUUM ANALYZE")
    sizes = [f"{table} {size}" for table, size in await connection.fetch(_SIZES)]
    await connection.close()
    print(f"filled {stage.name} in {time.monotonic() - started:.0f} s: {', '.join(sizes)}", flush=True)


def fill_share(stage: Stage, members: Sequence[Member]) -> None:
    """Fills some tenants, in a process of its own."""
    asyncio.run(_fill_tenants(stage, members))


async def _fill_tenants(stage: Stage, members: Sequence[Member]) -> None:
    jurisdictions = Jurisdictions.discover()
    # The role without row security, because PostgreSQL refuses COPY where row security holds.
    connection = await stage.connect(TWIN)
    keys = await keys_of(stage, [member.tenant.id for member in members])
    for member in members:
        kind = next(iter(jurisdictions.get(member.tenant.jurisdiction).kinds.values()))
        words = WordRows(member.tenant.id, kind, keys[member.tenant.id])
        await _fill_tenant(connection, member, words, stage.cases // TENANTS)
    await connection.close()


async def _fill_tenant(connection: asyncpg.Connection, member: Member, words: WordRows, count: int) -> None:
    rows: Rows = defaultdict(list)
    kind = words.kind
    for variant, case in CaseRows(member, kind, count).generate():
        words.add(variant, *((row["id"], row["number"]) for row in case["cases"]))
        for table, added in case.items():
            rows[table] += added
    # Numbers go on where the filling ends.
    rows["case_number"] = [{"tenant": member.tenant.id, "kind": kind.key, "year": year, "last": count} for year in YEARS]
    async with connection.transaction():
        for table in _TABLES:
            await _copy(connection, table, rows[table])
        await words.write(connection)


async def _copy(connection: asyncpg.Connection, table: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        records = (tuple(row.values()) for row in rows)
        await connection.copy_records_to_table(table, records=records, columns=list(rows[0]))
