"""Messages: where people are reached, by which channels, what is sent when, and what became of each message."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from core.store.tables.schema import identity, instant, key, link, metadata, of_tenant, refers, tenant
from core.store.types import json_type

message_channel = Table(
    "message_channel",
    metadata,
    tenant(),
    identity(),
    Column("key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("settings", json_type(), nullable=False),
    Column("secrets_sealed", LargeBinary),
    Column("report_hash", LargeBinary),
    instant("created_at"),
    instant("disabled_at", nullable=True),
    Column("version", Integer, nullable=False),
    key(),
    UniqueConstraint("tenant", "key"),
    UniqueConstraint("tenant", "report_hash"),
    of_tenant(),
)
"""``kind`` names the plugin; ``secrets_sealed`` holds those of its settings that are told to nobody. ``report_hash`` is
SHA-256 of what the address holds at which a gateway says that a message has arrived."""

message_contact = Table(
    "message_contact",
    metadata,
    tenant(),
    identity(),
    link("person_id", nullable=True),
    link("unit_id", nullable=True),
    Column("kind", Text, nullable=False),
    Column("address_sealed", LargeBinary, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    instant("recorded_at"),
    link("recorded_by"),
    key(),
    refers("person_id", "person"),
    refers("unit_id", "unit"),
    Index(None, "tenant", "person_id"),
    Index(None, "tenant", "unit_id"),
)
"""Of a person or of a unit. ``kind`` says what the address is: of mail, a telephone. ``valid_to`` is the last day."""

message_rule = Table(
    "message_rule",
    metadata,
    tenant(),
    identity(),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("occasion", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("case_kind", Text),
    Column("recipients", Text, nullable=False),
    Column("role", Text),
    Column("addressee", Text, nullable=False),
    link("channel_id"),
    link("template_id"),
    Column("office_hours", Boolean, nullable=False),
    Column("basis", Text, nullable=False),
    instant("recorded_at"),
    link("recorded_by", nullable=True),
    key(),
    of_tenant(),
    refers("channel_id", "message_channel"),
    refers("template_id", "template"),
)
"""``occasion``: level or rung of the warning ladder, or step, named by ``key``; of cases of ``case_kind``, or of every."""

message = Table(
    "message",
    metadata,
    tenant(),
    identity(),
    link("case_id", nullable=True),
    link("deadline_id", nullable=True),
    link("notice_id", nullable=True),
    link("step_id", nullable=True),
    Column("case_version", Integer),
    link("rule_id", nullable=True),
    link("channel_id"),
    link("person_id", nullable=True),
    link("unit_id", nullable=True),
    Column("sealed", LargeBinary),
    Column("office_hours", Boolean, nullable=False),
    instant("created_at"),
    Column("state", Text, nullable=False),
    Column("why", Text),
    Column("attempts", Integer, nullable=False),
    instant("tried_since", nullable=True),
    Column("reference", Text),
    instant("sent_at", nullable=True),
    instant("arrived_at", nullable=True),
    key(),
    refers("case_id", "cases"),
    refers("channel_id", "message_channel"),
    Index(None, "tenant", "case_id", "id"),
    Index(None, "tenant", "channel_id", "id"),
    Index(None, "tenant", "channel_id", "reference"),
)
"""``sealed`` holds address, subject and words; ``None`` where nobody could be addressed. ``case_version`` is the case's when
it was queued: what closed the case then is not what makes the message pointless. Without a case it is a test of a channel.
``rule_id``, ``person_id`` and ``unit_id`` are a record, no references: a key check would lock the same row for each."""

message_attempt = Table(
    "message_attempt",
    metadata,
    tenant(),
    identity(),
    link("message_id"),
    Column("seq", Integer, nullable=False),
    instant("at"),
    Column("milliseconds", Integer, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("reason", Text),
    Column("reference", Text),
    key(),
    UniqueConstraint("tenant", "message_id", "seq"),
    refers("message_id", "message"),
)
"""Append-only; ``outcome``: sent, failed (tried again) or refused (not)."""
