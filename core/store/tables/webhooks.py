"""Webhooks of a tenant, what is to be delivered to each, and every attempt at it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text, text

from core.store.tables.schema import identity, instant, key, link, metadata, of_tenant, refers, tenant
from core.store.types import json_type

_WAITING = text("ended_at IS NULL")

webhook = Table(
    "webhook",
    metadata,
    tenant(),
    identity(),
    Column("url", Text, nullable=False),
    Column("types", json_type(), nullable=False),
    Column("description", Text, nullable=False),
    Column("secret_sealed", LargeBinary),
    Column("former_sealed", LargeBinary),
    instant("former_until", nullable=True),
    instant("failing_since", nullable=True),
    instant("disabled_at", nullable=True),
    Column("disabled_for", Text),
    instant("created_at"),
    link("created_by", nullable=True),
    instant("deleted_at", nullable=True),
    Column("version", Integer, nullable=False),
    key(),
    of_tenant(),
)
"""``types`` are patterns of event types. Both secrets sign until ``former_until``. ``failing_since`` is when the first of
the attempts failed that nothing but failures has followed. A deleted one stays, without its secrets, for its record."""

webhook_delivery = Table(
    "webhook_delivery",
    metadata,
    tenant(),
    identity(),
    link("webhook_id"),
    link("event_id"),
    Column("type", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    instant("created_at"),
    instant("next_at", nullable=True),
    instant("ended_at", nullable=True),
    key(),
    refers("webhook_id", "webhook"),
    Index(None, "tenant", "webhook_id", "id"),
    Index("ix_webhook_delivery_waiting", "tenant", "webhook_id", postgresql_where=_WAITING, sqlite_where=_WAITING),
)
"""One event for one webhook; a replay is another. ``cause``: the event itself, a test or a replay."""

webhook_attempt = Table(
    "webhook_attempt",
    metadata,
    tenant(),
    link("delivery_id"),
    Column("number", Integer, nullable=False, autoincrement=False),
    instant("at"),
    Column("status", Integer),
    Column("milliseconds", BigInteger, nullable=False),
    Column("fault", Text),
    key("delivery_id", "number"),
    refers("delivery_id", "webhook_delivery"),
)
"""Append-only. Neither what was sent nor what was answered is kept."""
