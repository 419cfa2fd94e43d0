"""Creates the records beside each change: audit trail, outbox, answers to idempotency keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.store.types import Instant, json_type
from migrations.security import protect

revision = "0003"
down_revision = "0002"

_TABLES = ("audit", "audit_content", "outbox", "idempotency")
"""In the order of their foreign keys."""


def upgrade() -> None:
    """Creates the tables, each guarded."""
    _create_audit()
    _create_audit_content()
    _create_outbox()
    _create_idempotency()


def downgrade() -> None:
    """Drops them with all that they hold."""
    for table in reversed(_TABLES):
        op.drop_table(table)


def _create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "stream", "seq", name="pk_audit"),
    )
    protect("audit")


def _create_audit_content() -> None:
    op.create_table(
        "audit_content",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "stream", "seq", name="pk_audit_content"),
    )
    protect("audit_content", delete=True)


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("refs", json_type(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_outbox"),
        sa.UniqueConstraint("tenant", "position", name="uq_outbox_tenant_position"),
    )
    op.create_index(
        "ix_outbox_unnumbered",
        "outbox",
        ["tenant", "id"],
        postgresql_where=sa.text("position IS NULL"),
        sqlite_where=sa.text("position IS NULL"),
    )
    protect("outbox", update=("position",))


def _create_idempotency() -> None:
    op.create_table(
        "idempotency",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("response", sa.LargeBinary(), nullable=False),
        sa.Column("headers", json_type(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "client_id", "route", "key", name="pk_idempotency"),
    )
    op.create_index("ix_idempotency_tenant_expires_at", "idempotency", ["tenant", "expires_at"])
    protect("idempotency", delete=True)
