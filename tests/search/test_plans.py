"""Under forced row security searches and work lists read indexes: no table is read through, however many cases there are."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import make_url
from sqlalchemy.dialects import postgresql

from core.cases import approvals, callers, candidates, facets, listing, worklists
from core.cases.facets import Facet
from core.cases.filters import CaseFilter, Narrowing, narrow
from core.cases.listing import Sort
from core.cases.reach import Reach
from core.cases.worklists import WorkList
from core.ids import new_id
from core.store.database import Database
from core.store.prepared import prepare
from core.store.tables import unit
from tests.conftest import TenantMaker
from tests.servers import Addresses

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
TENANTS, CASES, WORDS = 3, 12_000, 900
KINDS = frozenset({"hotline-order"})
_CASES = f"""
    INSERT INTO cases (tenant, id, number, kind, state, title, narrative, received_at, registered_at, closed_at, anonymous,
                       due_at, facts, facts_version, standing, law_version, version, urgent, intake, returns, clerk_id,
                       division, category)
    SELECT $1::integer, lpad(to_hex(n), 32, '0')::uuid, 'RX' || n, 'hotline-order',
           CASE WHEN n % 20 = 0 THEN 'dispatched' ELSE 'closed' END, 't', 'n', $2, $2,
           CASE WHEN n % 20 = 0 THEN NULL ELSE $2::timestamptz END, true,
           CASE WHEN n % 20 = 0 THEN $2::timestamptz + n % 500 * interval '1 hour' END,
           '{{}}', 1, '{{"units": []}}', '2022', 1, false, '{{}}', n % 300 / 299, lpad(to_hex(n % 50), 32, '0')::uuid,
           '3607' || n % 20, 'c' || n % 30
    FROM generate_series(1, {CASES}) n
"""
_UNITS = """
    INSERT INTO case_unit (tenant, id, case_id, unit_id, part, since)
    SELECT tenant, id, id, $1, 'lead', registered_at FROM cases WHERE ('x' || right(id::text, 2))::bit(8)::integer % 4 = 0
"""
_GRAMS = f"""
    INSERT INTO case_gram (tenant, gram, case_id, scope)
    SELECT tenant, gram, id, 1 + gram % 3
    FROM cases, LATERAL (SELECT DISTINCT ((hashtext(id::text || k) & 1048575) % {WORDS})::bigint AS gram
                         FROM generate_series(1, 20) k) g
"""
_REQUESTS = """
    INSERT INTO case_request (tenant, id, case_id, topic, kind, step, state, asked_at, reason, data)
    SELECT tenant, id, id, 'hotline-order/return', 'return', 'return',
           CASE WHEN state = 'closed' THEN 'granted' ELSE 'pending' END, registered_at, 'r', '{}'
    FROM cases WHERE ('x' || right(id::text, 2))::bit(8)::integer % 3 = 0
"""


@pytest.fixture(scope="module")
def only_postgresql(engine_kind: str) -> None:
    """Plans are PostgreSQL's."""
    if engine_kind != "postgresql":
        pytest.skip("SQLite has no row security")


@pytest.fixture
async def service(
    only_postgresql: None, database: Database, addresses: Addresses, make_tenant: TenantMaker
) -> AsyncIterator[tuple[asyncpg.Connection, int]]:
    """The service's own role, bound to one of three tenants with thousands of cases each."""
    connection = await asyncpg.connect(make_url(addresses.service).set(drivername="postgresql").render_as_string(False))
    if addresses.service not in _FILLED:
        _FILLED[addresses.service] = await fill(connection, database, addresses, make_tenant)
    yield connection, _FILLED[addresses.service]
    await connection.close()


_FILLED: dict[str, int] = {}
"""The tenant asked about, by database: filled once for all tests."""


async def fill(connection: asyncpg.Connection, database: Database, addresses: Addresses, make_tenant: TenantMaker) -> int:
    """Three tenants with thousands of cases each; answers the last."""
    for _ in range(TENANTS):
        tenant, unit_id = await make_tenant(), new_id()
        async with database.tenant(tenant) as session:
            session.add(unit, {"id": unit_id, "code": "bureau"})
        async with connection.transaction():
            await connection.execute("SELECT set_config('wenze.tenant', $1, true)", str(tenant))
            await connection.execute(_CASES, tenant, NOW)
            await connection.execute(_UNITS, unit_id)
            await connection.execute(_GRAMS)
            await connection.execute(_REQUESTS)
    owner = await asyncpg.connect(make_url(addresses.owner).set(drivername="postgresql").render_as_string(False))
    await owner.execute("ANALYZE")
    await owner.close()
    return tenant


async def plan_of(service: tuple[asyncpg.Connection, int], statement: Any, values: dict[str, Any]) -> str:
    """The plan as the service's statement gets it, made for any values, as one that is prepared once."""
    connection, tenant = service
    compiled = statement.compile(dialect=postgresql.asyncpg.dialect())
    given = {**compiled.params, **values, "of_tenant": tenant}
    arguments = [given[name] for name in compiled.positiontup]
    async with connection.transaction():
        await connection.execute("SELECT set_config('wenze.tenant', $1, true)", str(tenant))
        text = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {compiled}", *arguments)
    return json.dumps(json.loads(text))


def asked(grams: tuple[int, ...] = (), units: frozenset[UUID] | None = None, **wanted: Any) -> Narrowing:
    """The conditions of a list."""
    reach = Reach(units, KINDS, KINDS, KINDS if units is None else frozenset())
    found = narrow(CaseFilter(**wanted), reach, NOW, grams)
    assert found is not None
    found.values |= {"page": 51, "me": UUID(int=7), "day_end": NOW, "most": 1_000, "values": 20}
    return found


async def test_a_word_with_two_filters_is_read_by_its_grams(service: Any) -> None:
    for grams, units in (((7,), None), ((7, 8, 9), None), ((7,), frozenset({new_id()}))):
        narrowing = asked(grams, units, states=("dispatched", "closed"), division="3607")
        plan = await plan_of(service, listing._statement(narrowing.shape, Sort.NEWEST), narrowing.values)
        assert "pk_case_gram" in plan
        assert '"Seq Scan"' not in plan, plan


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        ({}, "pk_cases"),
        ({"returns_from": 1}, "ix_cases_tenant_returns_id"),
        ({"satisfied": False}, "ix_cases_tenant_satisfied_id"),
        ({"overdue": True}, "ix_cases_tenant_due_at_id"),
        ({"number": "RX77"}, "uq_cases_tenant_number"),
    ],
)
async def test_each_list_is_read_by_an_index(service: Any, wanted: dict[str, Any], index: str) -> None:
    narrowing = asked(**wanted)
    plan = await plan_of(service, listing._statement(narrowing.shape, Sort.NEWEST), narrowing.values)
    assert index in plan, plan
    assert '"Seq Scan"' not in plan, plan


async def test_the_earliest_due_are_read_by_their_index(service: Any) -> None:
    narrowing = asked()
    narrowing.values |= {"after": UUID(int=7), "after_due": NOW}
    shape = replace(narrowing.shape, single=frozenset({"after_due"}))
    plan = await plan_of(service, listing._statement(shape, Sort.DUE), narrowing.values)
    assert "ix_cases_tenant_due_at_id" in plan
    assert '"Seq Scan"' not in plan, plan


@pytest.mark.parametrize("oversees", [True, False])
@pytest.mark.parametrize("wanted", WorkList)
async def test_each_work_list_is_read_by_an_index(service: Any, wanted: WorkList, oversees: bool) -> None:
    narrowing = asked(closed=False)
    narrowing.add_several("own_units", [new_id()])
    size = narrowing.several.pop("own_units")
    work = worklists._Work(wanted, narrowing.shape, size, oversees)
    plan = await plan_of(service, worklists._lines(work), narrowing.values)
    assert '"Seq Scan"' not in plan, plan
    if wanted is WorkList.MINE:
        assert "ix_cases_tenant_clerk_id_id" in plan
        assert "ix_case_unit_tenant_officer_id_case_id" in plan


async def test_what_waits_for_a_decision_is_read_by_an_index(service: Any) -> None:
    narrowing = asked()
    narrowing.add_several("topics", ["hotline-order/return"])
    narrowing.add_several("hands", [UUID(int=1)])
    statement = approvals._lines(narrowing.shape, frozenset(narrowing.several.items()), "")
    plan = await plan_of(service, statement, narrowing.values)
    assert '"Seq Scan"' not in plan, plan


async def test_a_count_reads_the_newest_alone(service: Any) -> None:
    narrowing = asked((7,))
    plan = await plan_of(service, facets._statement(narrowing.shape, Facet.STATE), narrowing.values)
    assert "pk_case_gram" in plan
    assert '"Seq Scan"' not in plan, plan


async def test_a_callers_cases_and_likely_duplicates_are_read_by_indexes(service: Any) -> None:
    """Nothing is read through: of persons the hashes, of cases the petitioner, of words the grams."""
    caller = {"of_phone": b"p", "of_number": b"n", "most": 501}
    draft = {"grams": [1, 2, 3], "since": UUID(int=1), "category": "c1", "division": "36071", "of_kind": "hotline-order"}
    for statement, values in ((callers._HISTORY, caller), (candidates.CANDIDATES["postgresql"], draft | caller)):
        plan = await plan_of(service, statement, values)
        read = json.dumps([node for node in nodes(json.loads(plan)) if node["Node Type"] == "Seq Scan"])
        assert '"cases"' not in read, plan
        assert '"case_gram"' not in read, plan


async def test_a_read_in_a_transaction_of_its_own_is_planned_for_all_values(service: Any) -> None:
    """Not anew for each of its two runs: one plan is kept after the first few."""
    connection, tenant = service
    narrowing = asked(number="RX77")
    plan = prepare(listing._statement(narrowing.shape, Sort.NEWEST), postgresql.asyncpg.dialect())
    assert plan is not None
    given = [*plan.arguments(narrowing.values | {"of_tenant": tenant}), tenant, str(tenant)]
    for _ in range(6):
        await connection.fetchmany(plan.alone, [[*given, False], [*given, True]])
    kept = "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement = $1"
    assert tuple(await connection.fetchrow(kept, plan.alone)) == (7, 5)


def nodes(plan: Any) -> list[dict[str, Any]]:
    """Every node of a plan."""
    if isinstance(plan, list):
        return [node for item in plan for node in nodes(item)]
    own = [plan] if "Node Type" in plan else []
    return own + [node for item in plan.values() if isinstance(item, dict | list) for node in nodes_in(item)]


def nodes_in(part: Any) -> list[dict[str, Any]]:
    """Every node in a part of a plan that may hold none."""
    return nodes(part) if isinstance(part, dict) or all(isinstance(item, dict) for item in part) else []
