"""What may never be changed or removed cannot be, on either engine, whatever statement is tried."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest
from sqlalchemy import Table, delete, update
from sqlalchemy.exc import DBAPIError

from core.store import tables
from core.store.database import Database
from core.store.tables import TENANT, metadata
from tests.store.rows import every_table

REFUSED = r"does not allow|permission denied"
NEVER_CHANGED = [
    "accountability_source",
    "audit", "audit_content", "calendar_version", "case_gram", "case_petitioner", "case_step", "case_supplement",
    "category", "category_version", "closed_month", "deadline_entry", "deadline_notice", "federated_attempt", "feedback",
    "idempotency", "identity_reading",
    "knowledge_act", "knowledge_category", "knowledge_gram", "knowledge_use", "knowledge_version", "message_attempt",
    "month_adjustment", "narrative_reading", "revoked_token", "routing_outcome", "setting", "spent_assertion",
    "template_version",
    "tenant_key", "unit", "unit_version", "webhook_attempt",
]  # fmt: skip
REMOVABLE = [
    "account_invitation", "account_link", "authorization_code", "client_authorization", "device_authorization",
    "federated_attempt", "known_device", "refresh_token", "sign_in", "sign_in_failure",
    "attachment", "audit_content", "case_gram", "idempotency", "knowledge_category", "knowledge_gram", "revoked_token",
    "spent_assertion", "timer",
]  # fmt: skip
PARTLY_CHANGED = {
    "accountability_decision": ("state", "effective_on"),
    "accountability_effect": ("lifted_on", "until_on"),
    "accountability_copy": ("sent_on", "clause"),
    "outbox": ("position", "refs"),
    "event_sequence": ("last", "tenant"),
    "recount": ("examined", "total"),
    "message": ("state", "sealed"),
    "message_channel": ("settings", "kind"),
    "message_contact": ("valid_to", "address_sealed"),
    "message_rule": ("valid_to", "template_id"),
    "post": ("valid_to", "person_id"),
    "role_grant": ("valid_to", "role"),
    "routing_rule": ("valid_to", "unit_id"),
    "case_unit": ("until", "unit_id"),
    "case_number": ("last", "kind"),
    "person": ("name", "kind"),
    "client": ("disabled_at", "client_id"),
    "signing_key": ("state", "private_sealed"),
    "tenant_clock": ("offset_seconds", "tenant"),
    "cases": ("standing", "narrative"),
    "recusal": ("withdrawn_at", "reason"),
    "supervision_item": ("state", "facts"),
    "calendar_feed": ("revoked_at", "secret_hash"),
    "deadline": ("due_on", "original_due_on"),
    "petitioner": ("identity", "created_at"),
    "attachment": ("part", "sha256"),
    "knowledge_article": ("state", "unit_id"),
    "knowledge_tally": ("uses", "day"),
    "template": ("version", "key"),
    "platform": ("keys", "client_id"),
    "client_operator": ("revoked_at", "person_id"),
    "external_case": ("prints", "case_id"),
    "account": ("password_hash", "person_id"),
    "account_invitation": ("used_at", "account_id"),
    "account_link": ("seen_at", "subject"),
    "known_device": ("seen_at", "account_id"),
    "sign_in": ("ended_at", "account_id"),
    "sign_in_failure": ("failures", "counter"),
    "identity_provider": ("issuer", "key"),
    "client_authorization": ("revoked_at", "scopes"),
    "authorization_code": ("used_at", "challenge"),
    "refresh_token": ("used_at", "authorization_id"),
    "device_authorization": ("decided_at", "user_code"),
    "initial_access_token": ("uses_left", "scopes"),
    "webhook": ("disabled_at", "created_at"),
    "webhook_delivery": ("state", "event_id"),
}
WRITTEN_ONCE = {
    "cases": (
        "id", "number", "kind", "channel", "title", "registered_at", "petitioner_id", "receipt_hash",
        "parent_id",
    ),
    "deadline": ("id", "case_id", "key", "clause", "step_id", "original_due_on", "original_due_at", "holder"),
    "petitioner": ("id",),
    "supervision_item": (
        "id", "case_id", "rule", "clause", "law_version", "cause", "deadline_id", "unit_id", "found_at", "recorded_at",
    ),
}  # fmt: skip
TENANT_TABLES = [table for table in metadata.sorted_tables if "tenant" in table.c]


@pytest.fixture
async def filled(database: Database, tenant: int) -> int:
    """A tenant with a row in every table."""
    async with database.tenant(tenant) as session:
        for table, row in every_table():
            session.add(table, row)
    return tenant


async def attempt(database: Database, tenant: int, statement: Any) -> int:
    async with database.tenant(tenant) as session:
        return await session.execute(statement)


def change(table: Table, column: str) -> Any:
    """Sets a column to itself, which is a change to the engines."""
    return update(table).where(table.c.tenant == TENANT).values({column: table.c[column]})


async def clear_what_refers_to(database: Database, tenant: int, table: Table) -> None:
    """Rows that are left without the one that they speak of go first."""
    after = metadata.sorted_tables[metadata.sorted_tables.index(table) + 1 :]
    for other in reversed(after):
        if other.name in REMOVABLE and any(key.column.table is table for key in other.foreign_keys):
            await clear_what_refers_to(database, tenant, other)
            await attempt(database, tenant, delete(other).where(other.c.tenant == TENANT))


@pytest.mark.parametrize("name", NEVER_CHANGED)
async def test_rows_are_never_changed(database: Database, filled: int, name: str) -> None:
    table = metadata.tables[name]
    for column in table.c:
        if column.name != "tenant":
            with pytest.raises((asyncpg.InsufficientPrivilegeError, DBAPIError), match=REFUSED):
                await attempt(database, filled, change(table, column.name))


@pytest.mark.parametrize("table", TENANT_TABLES, ids=lambda table: table.name)
async def test_rows_are_removed_only_where_it_is_meant(database: Database, filled: int, table: Table) -> None:
    statement = delete(table).where(table.c.tenant == TENANT)
    if table.name in REMOVABLE:
        await clear_what_refers_to(database, filled, table)
        assert await attempt(database, filled, statement) == 1
        return
    with pytest.raises((asyncpg.InsufficientPrivilegeError, DBAPIError), match=REFUSED):
        await attempt(database, filled, statement)


@pytest.mark.parametrize("name", PARTLY_CHANGED)
async def test_only_some_columns_change(database: Database, filled: int, name: str) -> None:
    free, fixed = PARTLY_CHANGED[name]
    table = metadata.tables[name]
    assert await attempt(database, filled, change(table, free)) == 1
    if fixed != "tenant":
        with pytest.raises((asyncpg.InsufficientPrivilegeError, DBAPIError), match=REFUSED):
            await attempt(database, filled, change(table, fixed))


@pytest.mark.parametrize("name", WRITTEN_ONCE)
async def test_what_no_step_moves_is_written_once(database: Database, filled: int, name: str) -> None:
    for column in WRITTEN_ONCE[name]:
        with pytest.raises((asyncpg.InsufficientPrivilegeError, DBAPIError), match=REFUSED):
            await attempt(database, filled, change(metadata.tables[name], column))


async def test_the_sequencer_can_number_events(database: Database, filled: int) -> None:
    outbox = tables.outbox
    statement = update(outbox).where(outbox.c.tenant == TENANT, outbox.c.position.is_(None)).values(position=1)
    assert await attempt(database, filled, statement) == 1
    assert await attempt(database, filled, statement) == 0
