"""The last order of the like is found by indexes, in one statement, however many cases there are."""

from __future__ import annotations

import json
from typing import Any

import asyncpg
import pytest
from sqlalchemy.dialects import postgresql

from core.ids import new_id
from core.routing.proposal import Facts
from core.routing.rules import Target
from core.routing.service import _LAST_ORDERS, _find_last
from core.store import tables
from core.store.database import Database
from tests.servers import Addresses
from tests.store.rows import THEN, case_row

MANY, DIVISIONS = 3_000, 40
PHONES = [f"phone-{number % 900}".encode() for number in range(MANY)]


def person(number: int) -> dict[str, Any]:
    """A petitioner; several have the same phone."""
    return {
        "id": new_id(), "alg": "A256GCM", "kid": "k", "wrapped_key": b"w", "identity": b"i", "phone_hash": PHONES[number],
        "id_hash": None, "created_at": THEN, "erased_at": None,
    }  # fmt: skip


@pytest.fixture
async def filled(database: Database, tenant: int) -> tuple[int, list[dict[str, Any]]]:
    """A tenant with many cases, each led by one of two units."""
    units = [new_id(), new_id()]
    people = [person(number) for number in range(MANY)]
    rows = [
        case_row(
            f"RX2026-{number:06d}", kind="order", petitioner_id=people[number]["id"], lead_unit_id=units[number % 2],
            category=f"c{number % 7}", division=f"3607020{number % DIVISIONS:02d}",
        )
        for number in range(MANY)
    ]  # fmt: skip
    async with database.tenant(tenant) as session:
        for number, unit in enumerate(units):
            session.add(tables.unit, {"id": unit, "code": f"u{number}"})
        for row in people:
            session.add(tables.petitioner, row)
        for row in rows:
            session.add(tables.cases, row)
    return tenant, rows


async def found(database: Database, tenant: int, case: dict[str, Any] | None, **facts: Any) -> dict[Target, Any]:
    class Matter:
        id = case["id"] if case else new_id()
        petitioner_id = case["petitioner_id"] if case else None

    async with database.reading(tenant) as session:
        return await _find_last(session, Facts("order", **facts), Matter() if case else None)  # type: ignore[arg-type]


async def test_the_newest_of_the_same_petitioner_and_of_the_same_matter_is_found(database: Database, filled) -> None:
    tenant, rows = filled
    asked = rows[100]
    told = {"category": asked["category"], "division": asked["division"]}
    same_phone = [row for number, row in enumerate(rows) if PHONES[number] == PHONES[100] and row is not asked]
    same_matter = [row for row in rows if (row["category"], row["division"]) == tuple(told.values()) and row is not asked]
    last = await found(database, tenant, asked, **told)
    assert last[Target.LAST_OF_PETITIONER].number == same_phone[-1]["number"]
    assert last[Target.LAST_OF_MATTER].number == same_matter[-1]["number"]
    assert last[Target.LAST_OF_MATTER].unit_id == same_matter[-1]["lead_unit_id"]


async def test_there_may_be_none(database: Database, filled) -> None:
    tenant, rows = filled
    assert await found(database, tenant, None) == {}
    assert await found(database, tenant, None, category="c1", division=None) == {}
    elsewhere = await found(database, tenant, None, category="c1", division="360703001")
    assert elsewhere == {}
    assert len(rows) == MANY


async def test_no_table_is_read_through_under_row_security(addresses: Addresses, filled, engine_kind: str) -> None:
    if engine_kind != "postgresql":
        pytest.skip("SQLite has no row security")
    tenant, rows = filled
    values = {
        "of_tenant": tenant, "of_kind": "order", "of_case": rows[5]["id"], "of_petitioner": rows[5]["petitioner_id"],
        "of_category": "c5", "of_division": rows[5]["division"],
    }  # fmt: skip
    compiled = _LAST_ORDERS.compile(dialect=postgresql.asyncpg.dialect())
    arguments = [compiled.params[name] if name not in values else values[name] for name in compiled.positiontup]
    owner = await asyncpg.connect(addresses.owner.replace("+asyncpg", ""))
    await owner.execute("ANALYZE")
    await owner.close()
    connection = await asyncpg.connect(addresses.service.replace("+asyncpg", ""))
    async with connection.transaction():
        await connection.execute("SELECT set_config('wenze.tenant', $1, true)", str(tenant))
        text = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {compiled}", *arguments)
    await connection.close()
    plan = json.dumps(json.loads(text))
    assert '"Seq Scan"' not in plan, plan
    assert "ix_cases_tenant_category_division_id" in plan
