"""Fills a stage: tenants through the services, their cases by COPY, each table as it would be after two years."""

from __future__ import annotations

import time
from collections import defaultdict
from typing import Any

import asyncpg

from core.jurisdictions import Jurisdictions
from core.procedure import CaseKind
from tests.benchmarks.cast import TENANTS, Member, create_members
from tests.benchmarks.rows import YEARS, CaseRows
from tests.benchmarks.stages import TWIN, Stage

_TABLES = ("cases", "case_unit", "case_step", "deadline")
"""In the order of their foreign keys."""


async def fill(stage: Stage) -> None:
    """Fills an empty stage, and lets PostgreSQL look at what it has."""
    started, jurisdictions = time.monotonic(), Jurisdictions.discover()
    members = await create_members(stage)
    # The role without row security, because PostgreSQL refuses COPY where row security holds.
    connection = await stage.connect(TWIN)
    try:
        for member in members:
            kind = next(iter(jurisdictions.get(member.tenant.jurisdiction).kinds.values()))
            await _fill_tenant(connection, member, kind, stage.cases // TENANTS)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
    print(f"filled {stage.name} in {time.monotonic() - started:.0f} s", flush=True)


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
        for table in (*_TABLES, "case_number"):
            await _copy(connection, table, rows[table])


async def _copy(connection: asyncpg.Connection, table: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        records = (tuple(row.values()) for row in rows)
        await connection.copy_records_to_table(table, records=records, columns=list(rows[0]))
