"""Fills the index of words for cases that were stored before there was one, in batches, while the service runs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from core.cases.records import CASE_FIELDS, read_case
from core.jurisdictions import Jurisdiction
from core.search.indexing import case_numbers
from core.store.actor import OPERATOR
from core.store.database import Database
from core.store.prepared import Params
from core.store.session import TenantSession
from core.store.tables import TENANT, case_gram, cases

BATCH = 100
"""Cases in one transaction: their steps wait for it, so that no word is written that a step has just changed."""
_NEXT = (
    select(*CASE_FIELDS)
    .where(cases.c.tenant == TENANT, cases.c.id > bindparam("after"))
    .order_by(cases.c.id)
    .limit(bindparam("batch"))
    .with_for_update()
)
_CLEAR = delete(case_gram).where(case_gram.c.tenant == TENANT)
_ADD: dict[str, Any] = {
    name: dialect.insert(case_gram).on_conflict_do_nothing()
    for name, dialect in (("postgresql", postgresql), ("sqlite", sqlite))
}


async def fill_index(database: Database, tenant: int, jurisdiction: Jurisdiction, *, anew: bool = False) -> int:
    """Writes the words of every case that are not in the index yet; answers how many cases there were.

    Safe at any time and more than once. With ``anew`` the index is emptied first, and finds less until this is done.
    """
    if anew:
        async with database.tenant(tenant, actor=OPERATOR) as session:
            await session.execute(_CLEAR)
    last, count = UUID(int=0), 0
    while True:
        async with database.tenant(tenant, actor=OPERATOR) as session:
            done = await _fill(session, jurisdiction, last)
        if not done:
            return count
        last, count = done[-1], count + len(done)


async def _fill(session: TenantSession, jurisdiction: Jurisdiction, after: UUID) -> list[UUID]:
    found = [read_case(row) for row in await session.all(_NEXT, {"after": after, "batch": BATCH})]
    keys = await session.keys()
    rows: list[Params] = [
        {"gram": number, "case_id": case.id, "scope": scope}
        for case in found
        for number, scope in case_numbers(keys, jurisdiction.kind(case.kind), case).items()
    ]
    await session.execute_each(_ADD[session.dialect_name], rows)
    return [case.id for case in found]
