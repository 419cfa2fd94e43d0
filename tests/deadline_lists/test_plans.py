"""Under forced row security a page of deadlines is read by an index, and costs with 20,000 rows what it costs with 200."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import make_url
from sqlalchemy.dialects import postgresql

from core.cases import deadline_counts, deadline_listing
from core.cases.deadline_listing import DeadlineFilter
from core.cases.listing import Position
from core.ids import new_id
from core.jurisdictions import Jurisdictions
from core.law.calendar import national_calendar
from core.procedure import Role
from core.store.database import Database
from core.store.tables import unit
from core.tenants.principal import Grant, Principal
from tests.conftest import TenantMaker
from tests.search.test_plans import nodes
from tests.servers import Addresses

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
FEW, MANY, PAGE = 200, 20_000, 50
MOST_BLOCKS = 6 * (PAGE + 1)
UNIT = UUID(int=7)
_CASES = """
    INSERT INTO cases (tenant, id, number, kind, state, title, narrative, received_at, registered_at, anonymous, facts,
                       facts_version, standing, law_version, version, urgent, intake, returns)
    SELECT $1::integer, lpad(to_hex(n), 32, '0')::uuid, 'RX' || n, 'hotline-order', 'dispatched', 't', 'n', $2, $2, true,
           '{}', 1, '{"units": []}', '2022', 1, false, '{}', 0
    FROM generate_series(1, $3::integer) n
"""
_STEPS = """
    INSERT INTO case_step (tenant, id, case_id, seq, step, verb, to_state, occurred_at, recorded_at, role, data)
    SELECT tenant, id, id, 1, 'dispatch', 'dispatch', 'dispatched', $1, $1, 'dispatcher', '{}' FROM cases
"""
_UNITS = """
    INSERT INTO case_unit (tenant, id, case_id, unit_id, part, since)
    SELECT tenant, id, id, $1, 'lead', $2 FROM cases WHERE ('x' || right(id::text, 2))::bit(8)::integer % 8 = 0
"""
_DEADLINES = """
    INSERT INTO deadline (tenant, id, case_id, key, holder_unit_id, holder, clause, law_version, encoding_revision, step_id,
                          starts_at, original_due_on, original_due_at, due_on, due_at, state, provisional, calendar_version,
                          explanation)
    SELECT tenant, md5(id::text || k)::uuid, id, 'handling',
           CASE WHEN ('x' || right(id::text, 2))::bit(8)::integer % 8 = 0 THEN $1::uuid END, 'each-unit', 'c', '2022', 1, id,
           $2, $3, at, $3::date + (at - $2)::interval, at, CASE k WHEN 0 THEN 'open' WHEN 1 THEN 'met' ELSE 'available' END,
           false, 1, '{"term": {"unit": "working_day"}, "days": []}'
    FROM cases, generate_series(0, 2) k,
         LATERAL (SELECT $2::timestamptz + (hashtext(id::text) % 20) * interval '1 day') AS a(at)
"""


class Plans:
    """The service's own connection, and two tenants: one with few deadlines, one with many."""

    def __init__(self, connection: asyncpg.Connection, few: int, many: int) -> None:
        self.connection, self.few, self.many = connection, few, many

    async def of(self, tenant: int, statement: Any, values: dict[str, Any]) -> list[dict[str, Any]]:
        """The nodes of the plan by which it was carried out."""
        compiled = statement.compile(dialect=postgresql.asyncpg.dialect())
        given = {**compiled.params, **values, "of_tenant": tenant}
        async with self.connection.transaction():
            await self.connection.execute("SELECT set_config('wenze.tenant', $1, true)", str(tenant))
            await self.connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
            asked = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {compiled}"
            text = await self.connection.fetchval(asked, *(given[name] for name in compiled.positiontup))
        return nodes(json.loads(text))


@pytest.fixture(scope="module")
def only_postgresql(engine_kind: str) -> None:
    """Plans are PostgreSQL's."""
    if engine_kind != "postgresql":
        pytest.skip("SQLite has no row security")


_FILLED: dict[str, tuple[int, int]] = {}
"""The tenants asked about, by database: filled once for all tests."""


@pytest.fixture
async def plans(
    only_postgresql: None, database: Database, addresses: Addresses, make_tenant: TenantMaker
) -> AsyncIterator[Plans]:
    """The plans of statements as the service sends them."""
    connection = await _connect(addresses.service)
    if addresses.service not in _FILLED:
        few, many = [await fill(addresses, database, await make_tenant("ganzhou"), size) for size in (FEW, MANY)]
        _FILLED[addresses.service] = few, many
    yield Plans(connection, *_FILLED[addresses.service])
    await connection.close()


async def fill(addresses: Addresses, database: Database, tenant: int, size: int) -> int:
    """So many cases, each with a deadline that is open, one that was met, and a limit of a right."""
    async with database.tenant(tenant) as session:
        session.add(unit, {"id": UNIT, "code": "bureau"})
    await _run(addresses, tenant, (_CASES, tenant, NOW, size), (_STEPS, NOW), (_UNITS, UNIT, NOW))
    # A foreign key is checked by the plan that a connection made first: it must know how many cases there are.
    await _analyse(addresses)
    await _run(addresses, tenant, (_DEADLINES, UNIT, NOW, date(2026, 3, 2)))
    await _analyse(addresses)
    return tenant


async def _run(addresses: Addresses, tenant: int, *statements: tuple[Any, ...]) -> None:
    connection = await _connect(addresses.service)
    async with connection.transaction():
        await connection.execute("SELECT set_config('wenze.tenant', $1, true)", str(tenant))
        for statement in statements:
            await connection.execute(*statement)
    await connection.close()


async def _analyse(addresses: Addresses) -> None:
    owner = await _connect(addresses.owner)
    await owner.execute("VACUUM ANALYZE")
    await owner.close()


async def _connect(address: str) -> asyncpg.Connection:
    return await asyncpg.connect(make_url(address).set(drivername="postgresql").render_as_string(False))


class Recorder:
    """A session that keeps what it is asked in place of asking."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, dict[str, Any]]] = []

    async def all(self, statement: Any, values: dict[str, Any]) -> list[Any]:
        """Keeps it."""
        self.asked.append((statement, dict(values)))
        return []


def desk(recorder: Recorder, *roles: Role, unit_id: UUID | None = None) -> Any:
    """A desk of somebody at the recording session."""
    calendar, city = national_calendar(), Jurisdictions.discover().get("ganzhou")
    snapshot = SimpleNamespace(
        jurisdiction=city, calendar=calendar, zone=calendar.zone, local_day=lambda at: at.astimezone(calendar.zone).date()
    )
    grants = tuple(Grant(role, unit_id) for role in roles)
    principal = Principal(new_id(), "", new_id(), grants, frozenset({unit_id} if unit_id else ()), frozenset())
    return SimpleNamespace(session=recorder, snapshot=snapshot, principal=principal, now=NOW, recorded_at=NOW)


async def asked_of(wanted: DeadlineFilter, after: Position | None = None, *, dated: bool = False, **who: Any) -> Any:
    """The statement of a page, with its values, as the list sends them."""
    recorder = Recorder()
    await deadline_listing.list_deadlines(
        desk(recorder, *who.pop("roles", [Role.SUPERVISOR]), **who), wanted, PAGE, after, dated=dated
    )
    (asked,) = recorder.asked
    return asked


def cost(found: list[dict[str, Any]]) -> int:
    """How many pages of memory it touched."""
    return int(found[0]["Shared Hit Blocks"] + found[0]["Shared Read Blocks"])


PAGES: dict[str, tuple[DeadlineFilter, Position | None]] = {
    "first": (DeadlineFilter(), None),
    "next": (DeadlineFilter(), Position(UUID(int=2**127), NOW)),
    "overdue": (DeadlineFilter(overdue=True), None),
    "not overdue": (DeadlineFilter(overdue=False), None),
    "window of days": (DeadlineFilter(due_from=date(2026, 3, 2), due_to=date(2026, 3, 9)), None),
    "with windows": (DeadlineFilter(windows=True), None),
    "met": (DeadlineFilter(states=("met",)), None),
    "of a unit": (DeadlineFilter(holder_unit=UNIT), None),
}


@pytest.mark.parametrize("name", PAGES)
async def test_a_page_costs_the_same_however_many_deadlines_there_are(plans: Plans, name: str) -> None:
    wanted, after = PAGES[name]
    statement, values = await asked_of(wanted, after)
    few, many = [await plans.of(tenant, statement, values) for tenant in (plans.few, plans.many)]
    for found in (few, many):
        assert "Seq Scan" not in {node["Node Type"] for node in found}, json.dumps(found)
    read = [node for node in many if node.get("Relation Name") == "deadline"]
    assert sum(node["Actual Rows"] * node["Actual Loops"] for node in read) <= 2 * (PAGE + 1), (
        "no more than the page, of each state"
    )
    assert many[0]["Actual Rows"] == PAGE + 1
    assert max(map(cost, (few, many))) <= MOST_BLOCKS, "a few index levels and a row for each line, and nothing else"
    expected = "holder_unit_id_state_due_at_id" if wanted.holder_unit else "ix_deadline_tenant_state_due_at_id"
    assert any(expected in node.get("Index Name", "") for node in read), read


async def test_an_officers_page_reads_what_the_unit_has_and_nothing_through(plans: Plans) -> None:
    statement, values = await asked_of(DeadlineFilter(), roles=[Role.UNIT_OFFICER], unit_id=UNIT)
    found = await plans.of(plans.many, statement, values)
    assert found[0]["Actual Rows"] == PAGE + 1
    assert "Seq Scan" not in {node["Node Type"] for node in found}, json.dumps(found)


async def test_a_feed_is_read_by_the_index_of_its_unit(plans: Plans) -> None:
    statement, values = await asked_of(DeadlineFilter(holder_unit=UNIT), dated=True)
    found = await plans.of(plans.many, statement, values)
    assert found[0]["Actual Rows"] == PAGE + 1
    through = {node["Relation Name"] for node in found if node["Node Type"] == "Seq Scan"}
    assert through <= {"deadline_entry"}, "which is empty here"


async def test_counts_are_one_statement_and_read_the_open_ones_alone(plans: Plans) -> None:
    recorder = Recorder()
    await deadline_counts.count_deadlines(desk(recorder, Role.SUPERVISOR), soon=2, late=3)
    ((statement, values),) = recorder.asked
    found = await plans.of(plans.many, statement, values)
    read = [node for node in found if node.get("Relation Name") == "deadline"]
    assert sum(node["Actual Rows"] * node["Actual Loops"] for node in read) == MANY
