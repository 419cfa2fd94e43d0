"""Which statements a tenant's session runs: those held to its tenant in each of their tables, and no others."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import (
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
    text,
    true,
    union_all,
    update,
)

from core.store.database import Database
from core.store.guard import NotBoundToTenant, require_no_tenant_table, require_tenant
from core.store.tables import TENANT, audit, cases, deadline, idempotency
from core.store.tables import tenant as directory
from tests.store.rows import read

HELD = cases.c.tenant == TENANT
own = TENANT
OTHER = cases.alias("other")
MINE = select(cases.c.tenant, cases.c.id).where(HELD).cte("mine")
FORGED = select(literal(5).label("tenant"), cases.c.id).where(HELD).cte("forged")
ANYBODYS = select(cases.c.id).cte("anybodys")
OF_CASE = and_(deadline.c.tenant == cases.c.tenant, deadline.c.case_id == cases.c.id)

BOUND: dict[str, Any] = {
    "held": select(cases).where(HELD),
    "held among other conditions": select(cases).where(cases.c.state == "x", and_(HELD, cases.c.kind == "y")),
    "held the other way round": select(cases).where(own == cases.c.tenant),
    "joined": select(cases, deadline).join(deadline, OF_CASE).where(HELD),
    "joined before it is held": select(deadline, cases).join(cases, OF_CASE).where(HELD),
    "outer join": select(cases).outerjoin(deadline, OF_CASE).where(HELD),
    "exists": select(cases).where(HELD, exists().where(OF_CASE)),
    "scalar subquery": select(
        select(func.count()).select_from(deadline).where(deadline.c.tenant == TENANT).scalar_subquery()
    ),
    "in a select": select(cases).where(HELD, cases.c.id.in_(select(deadline.c.case_id).where(deadline.c.tenant == TENANT))),
    "alias": select(OTHER).where(OTHER.c.tenant == TENANT),
    "cte": select(deadline).join(MINE, and_(MINE.c.tenant == deadline.c.tenant, MINE.c.id == deadline.c.case_id)),
    "union": union_all(select(cases.c.id).where(HELD), select(deadline.c.id).where(deadline.c.tenant == TENANT)),
    "update": update(cases).where(HELD).values(state="x"),
    "delete": delete(idempotency).where(idempotency.c.tenant == TENANT),
    "insert": insert(cases),
    "directory": select(directory.c.revision).where(directory.c.id == TENANT),
    "own row of the directory": update(directory).where(directory.c.id == TENANT).values(revision=2),
    "no table": select(literal(1)),
}

UNBOUND: dict[str, Any] = {
    "not held": select(cases),
    "held to a number": select(cases).where(cases.c.tenant == 5),
    "held by another parameter": select(cases).where(cases.c.tenant == bindparam("tenant")),
    "held or something else": select(cases).where(or_(HELD, cases.c.state == "x")),
    "not held, said twice": select(cases).where(not_(HELD)),
    "not all held": select(cases).where(not_(and_(HELD, cases.c.state == "q"))),
    "all but its own": select(cases).where(cases.c.tenant != TENANT),
    "less": select(cases).where(cases.c.tenant <= TENANT),
    "second table": select(cases, deadline).where(HELD),
    "join on the id alone": select(cases).join(deadline, deadline.c.case_id == cases.c.id).where(HELD),
    "outer join holds its right side only": select(cases).outerjoin(deadline, and_(deadline.c.tenant == TENANT, HELD)),
    "full join holds nothing": select(cases).join(deadline, and_(OF_CASE, HELD), full=True),
    "exists": select(cases).where(HELD, exists().where(deadline.c.case_id == cases.c.id)),
    "in a select": select(cases).where(HELD, cases.c.id.in_(select(deadline.c.case_id))),
    "scalar subquery": select(cases, select(func.count()).select_from(deadline).scalar_subquery()).where(HELD),
    "order by": select(cases).where(HELD).order_by(select(deadline.c.id).limit(1).scalar_subquery()),
    "union": union_all(select(cases.c.id).where(HELD), select(deadline.c.id)),
    "cte": select(deadline).join(ANYBODYS, true()).where(deadline.c.tenant == TENANT),
    "held by a forged column": select(deadline).join(FORGED, FORGED.c.tenant == deadline.c.tenant),
    "alias": select(OTHER).where(HELD),
    "count": select(func.count()).select_from(cases),
    "update": update(cases).values(state="x"),
    "update of the tenant": update(cases).where(HELD).values(tenant=3),
    "update from a subquery": update(cases).where(HELD).values(state=select(deadline.c.state).scalar_subquery()),
    "delete": delete(cases).where(cases.c.id == bindparam("of_id")),
    "insert for another": insert(cases).values(tenant=3),
    "insert of several": insert(cases).values([{"tenant": 1}, {"tenant": 2}]),
    "insert from a select": insert(audit).from_select(["tenant"], select(audit.c.tenant)),
    "directory changed": update(directory).values(revision=1),
    "another's row of the directory": update(directory).where(directory.c.id == 3).values(revision=1),
    "insert into the directory": insert(directory),
    "text": text("SELECT 1"),
    "text inside": select(cases).where(HELD, text("1 = 1")),
}


@pytest.mark.parametrize("statement", BOUND.values(), ids=BOUND.keys())
def test_bound_statements_pass(statement: Any) -> None:
    require_tenant(statement)
    require_tenant(statement)


@pytest.mark.parametrize("statement", UNBOUND.values(), ids=UNBOUND.keys())
def test_unbound_statements_are_refused(statement: Any) -> None:
    for _ in range(2):
        with pytest.raises(NotBoundToTenant):
            require_tenant(statement)


def test_a_statement_of_a_checked_shape_is_told_from_one_with_a_number() -> None:
    require_tenant(select(deadline.c.id).where(deadline.c.tenant == TENANT))
    with pytest.raises(NotBoundToTenant):
        require_tenant(select(deadline.c.id).where(deadline.c.tenant == 7))
    with pytest.raises(NotBoundToTenant):
        require_tenant(select(deadline.c.id).where(deadline.c.tenant == bindparam("someone")))


@pytest.mark.parametrize(
    "statement",
    [
        select(cases.c.id),
        select(directory).where(directory.c.id.in_(select(cases.c.tenant))),
        select(directory).join(cases, cases.c.tenant == directory.c.id),
        select(func.count()).select_from(cases),
        select(directory).where(exists().where(cases.c.tenant == directory.c.id)),
        insert(cases),
        text("SELECT 1"),
        select(directory).where(text("1 = 1")),
    ],
    ids=str,
)
def test_the_platform_touches_no_directory(statement: Any) -> None:
    with pytest.raises(NotBoundToTenant):
        require_no_tenant_table(statement)


async def test_a_session_refuses_before_it_asks(database: Database, tenant: int) -> None:
    async with database.tenant(tenant) as session:
        for statement in UNBOUND.values():
            with pytest.raises(NotBoundToTenant):
                await session.all(statement)
            with pytest.raises(NotBoundToTenant):
                await session.execute(statement)
    with pytest.raises(NotBoundToTenant):
        await read(database, tenant, select(cases))


async def test_a_given_tenant_does_not_replace_the_own(database: Database, tenant: int) -> None:
    async with database.reading(tenant) as session:
        own = select(directory.c.id).where(directory.c.id == TENANT)
        assert await session.scalar(own, {"of_tenant": tenant + 1}) == tenant
