"""Platforms: what a client may as one, its operators, assertions that were used, its own ids of cases and what it added."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Integer, Table, Text, UniqueConstraint

from core.store.tables.schema import identity, instant, key, link, metadata, of_tenant, refers, tenant
from core.store.types import json_type

platform = Table(
    "platform",
    metadata,
    tenant(),
    link("client_id"),
    Column("token_exchange", Boolean, nullable=False),
    Column("operator_claims", Boolean, nullable=False),
    Column("keys", json_type(), nullable=False),
    Column("waiting", json_type(), nullable=False),
    Column("version", Integer, nullable=False),
    key("client_id"),
    refers("client_id", "client"),
    of_tenant(),
)
"""``keys`` is the list of public JWKs with which the platform signs; ``waiting`` says of those that only one administrator
has looked at who that is, by ``kid``."""

client_operator = Table(
    "client_operator",
    metadata,
    tenant(),
    identity(),
    link("client_id"),
    Column("external_id", Text, nullable=False),
    link("person_id"),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    instant("revoked_at", nullable=True),
    Column("version", Integer, nullable=False),
    link("named_by", nullable=True),
    link("confirmed_by", nullable=True),
    instant("confirmed_at", nullable=True),
    key(),
    refers("client_id", "client"),
    refers("person_id", "person"),
    of_tenant(),
    Index(None, "tenant", "client_id", "external_id"),
)
"""One id of the platform stands for one person at a time, which the check under the tenant's lock holds. It counts from
``confirmed_at`` on."""

spent_assertion = Table(
    "spent_assertion",
    metadata,
    tenant(),
    link("client_id"),
    Column("jti", Text, nullable=False),
    instant("expires_at"),
    key("client_id", "jti"),
    Index(None, "tenant", "expires_at"),
)
"""Each assertion that was used; to be kept until it would have expired."""

external_case = Table(
    "external_case",
    metadata,
    tenant(),
    link("client_id"),
    Column("external_id", Text, nullable=False),
    link("case_id"),
    Column("prints", json_type(), nullable=False),
    key("client_id", "external_id"),
    refers("case_id", "cases"),
)
"""``prints`` holds a keyed digest of each field as the platform said it last, so that a change is known by its name."""

case_supplement = Table(
    "case_supplement",
    metadata,
    tenant(),
    identity(),
    link("case_id"),
    Column("seq", Integer, nullable=False),
    Column("title", Text),
    Column("narrative", Text),
    Column("note", Text),
    instant("occurred_at"),
    instant("recorded_at"),
    link("client_id"),
    link("person_id"),
    Column("role", Text, nullable=False),
    Column("clause", Text, nullable=False),
    key(),
    UniqueConstraint("tenant", "case_id", "seq"),
    refers("case_id", "cases"),
)
"""Append-only: words that came in after the registration. ``seq`` is the version that the case got by it."""
