"""All tables. Every key and index of a tenant table begins with the tenant, so that the schema can be sharded by it."""

from __future__ import annotations

from core.store.tables.cases import case_number, case_step, case_unit, cases
from core.store.tables.clients import client, revoked_token
from core.store.tables.configuration import calendar_version, setting
from core.store.tables.deadlines import deadline, deadline_entry
from core.store.tables.organisation import person, post, role_grant, unit, unit_version
from core.store.tables.petitioners import identity_reading, petitioner
from core.store.tables.records import audit, audit_content, idempotency, outbox
from core.store.tables.schema import TENANT, TENANT_PARAMETER, metadata
from core.store.tables.tenancy import signing_key, tenant, tenant_clock, tenant_key

__all__ = [
    "TENANT",
    "TENANT_PARAMETER",
    "audit",
    "audit_content",
    "calendar_version",
    "case_number",
    "case_step",
    "case_unit",
    "cases",
    "client",
    "deadline",
    "deadline_entry",
    "idempotency",
    "identity_reading",
    "metadata",
    "outbox",
    "person",
    "petitioner",
    "post",
    "revoked_token",
    "role_grant",
    "setting",
    "signing_key",
    "tenant",
    "tenant_clock",
    "tenant_key",
    "unit",
    "unit_version",
]
