"""Under forced row security a search reads indexes: no table is read through, however large the knowledge base is."""

from __future__ import annotations

import json
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy.dialects import postgresql

from core.ids import new_id
from core.knowledge.searching import _listing, _search, _Shape
from core.knowledge.uses import _BY_UNIT
from core.store.database import Database
from core.store.tables import unit
from tests.conftest import TenantMaker
from tests.servers import Addresses

DAY, MANY, GRAMS = date(2026, 3, 2), 3_000, 600
_ARTICLES = f"""
    INSERT INTO knowledge_article
    SELECT $1::int, md5($1::int || '-' || n)::uuid, $2, 'published', 2, 1, 1, $3, NULL, $3::date + n % 900, now()
    FROM generate_series(1, {MANY}) n
"""
_VERSIONS = """
    INSERT INTO knowledge_version
    SELECT tenant, id, id, 1, 'q', 'a', '[]', '[]', valid_from, NULL, review_due_on, id, now() FROM knowledge_article
"""
_WORDS = f"""
    INSERT INTO knowledge_gram
    SELECT tenant, gram, id, 1 + gram % 3
    FROM knowledge_article, LATERAL (SELECT DISTINCT (hashtext(id::text || k) & 1048575) % {GRAMS} AS gram
                                     FROM generate_series(1, 25) k) g
"""
_TALLIES = (
    "INSERT INTO knowledge_tally SELECT tenant, id, $1::date + d, 0, 1, 1 FROM knowledge_article, generate_series(0, 9) d"
)


@pytest.fixture
async def service(database: Database, addresses: Addresses, make_tenant: TenantMaker, engine_kind: str) -> Any:
    """The service's own role, bound to one of three tenants with thousands of answers each."""
    if engine_kind != "postgresql":
        pytest.skip("SQLite has no row security")
    connection = await asyncpg.connect(addresses.service.replace("+asyncpg", ""))
    for _ in range(3):
        tenant, unit_id = await make_tenant(), new_id()
        async with database.tenant(tenant) as session:
            session.add(unit, {"id": unit_id, "code": "centre"})
        async with connection.transaction():
            await connection.execute("SELECT set_config('wenze.tenant', $1, true)", str(tenant))
            await connection.execute(_ARTICLES, tenant, unit_id, DAY)
            for text, arguments in ((_VERSIONS, ()), (_WORDS, ()), (_TALLIES, (DAY,))):
                await connection.execute(text, *arguments)
    owner = await asyncpg.connect(addresses.owner.replace("+asyncpg", ""))
    await owner.execute("ANALYZE")
    await owner.close()
    yield connection, tenant
    await connection.close()


async def plan_of(service: tuple[asyncpg.Connection, int], statement: Any, **values: Any) -> str:
    connection, tenant = service
    compiled = statement.compile(dialect=postgresql.asyncpg.dialect())
    given = {**compiled.params, "of_tenant": tenant, **values}
    async with connection.transaction():
        await connection.execute("SELECT set_config('wenze.tenant', $1, true)", str(tenant))
        arguments = [given[name] for name in compiled.positiontup]
        text = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {compiled}", *arguments)
    return json.dumps(json.loads(text))


async def test_searches_lists_and_counts_read_indexes(service: Any) -> None:
    grams = {f"gram{place}": place * 7 for place in range(8)}
    search = _search(_Shape(frozenset({"valid_on"}), 0, 8), False)
    plan = await plan_of(service, search, **grams, asked=8, valid_on=DAY, page=21)
    assert "pk_knowledge_gram" in plan
    assert "Seq Scan" not in plan, plan

    overdue = await plan_of(service, _listing(_Shape(frozenset({"overdue_on"}))), overdue_on=DAY, page=21)
    assert "Seq Scan" not in overdue, overdue

    newest = await plan_of(service, _listing(_Shape(frozenset({"after"}))), after=UUID(int=2**127), page=21)
    assert "pk_knowledge_article" in newest
    assert "Seq Scan" not in newest, newest

    day = await plan_of(service, _BY_UNIT, first=date(2026, 3, 5), last=date(2026, 3, 5))
    assert "ix_knowledge_tally_tenant_day_article_id" in day
