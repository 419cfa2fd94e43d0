"""Scopes: what a client may ask for. What the person behind it may do is said by roles and units (promise 8)."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from core.errors import Invalid


class Scope(StrEnum):
    """One part of the API that a client can be let into."""

    CASES_READ = "cases:read"
    CASES_WRITE = "cases:write"
    PETITIONERS_READ = "petitioners:read"
    RECEIPTS_READ = "receipts:read"
    RECEIPTS_WRITE = "receipts:write"
    ORGANISATION_READ = "organisation:read"
    ORGANISATION_WRITE = "organisation:write"
    SETTINGS_READ = "settings:read"
    SETTINGS_WRITE = "settings:write"
    CALENDAR_READ = "calendar:read"
    CALENDAR_WRITE = "calendar:write"
    RULEBOOK_READ = "rulebook:read"
    CALCULATIONS_READ = "calculations:read"
    KNOWLEDGE_READ = "knowledge:read"
    KNOWLEDGE_WRITE = "knowledge:write"
    TEMPLATES_READ = "templates:read"
    TEMPLATES_WRITE = "templates:write"
    ACCOUNTS_READ = "accounts:read"
    ACCOUNTS_WRITE = "accounts:write"
    CLIENTS_READ = "clients:read"
    CLIENTS_WRITE = "clients:write"
    EVENTS_READ = "events:read"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_WRITE = "webhooks:write"
    MESSAGES_READ = "messages:read"
    MESSAGES_WRITE = "messages:write"
    AUDIT_READ = "audit:read"
    SANDBOX_WRITE = "sandbox:write"
    TOKENS_INTROSPECT = "tokens:introspect"


def parse_scopes(names: Iterable[str], field: str | None = None) -> frozenset[Scope]:
    """The scopes of those names; raises :class:`Invalid` with the ones that exist."""
    known = {scope.value for scope in Scope}
    for name in names:
        if name not in known:
            raise Invalid("tenants.scope-unknown", field=field, scope=name, known=", ".join(sorted(known)))
    return frozenset(map(Scope, names))
