"""Creates webhooks, their deliveries and the attempts at them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.store.types import Instant, json_type
from migrations.security import protect

revision = "0024"
down_revision = "0023"

_WAITING = sa.text("ended_at IS NULL")


def upgrade() -> None:
    """Creates the tables."""
    _create_webhook()
    _create_delivery()
    _create_attempt()


def downgrade() -> None:
    """Drops them again."""
    op.drop_table("webhook_attempt")
    op.drop_table("webhook_delivery")
    op.drop_table("webhook")


def _create_webhook() -> None:
    op.create_table(
        "webhook",
        _tenant(),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("types", json_type(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("former_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("former_until", Instant(), nullable=True),
        sa.Column("failing_since", Instant(), nullable=True),
        sa.Column("disabled_at", Instant(), nullable=True),
        sa.Column("disabled_for", sa.Text(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("deleted_at", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_webhook"),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.id"], name="fk_webhook_tenant"),
    )
    changing = ("url", "types", "description", "secret_sealed", "former_sealed", "former_until", "failing_since")
    protect("webhook", update=(*changing, "disabled_at", "disabled_for", "deleted_at", "version"))


def _create_delivery() -> None:
    op.create_table(
        "webhook_delivery",
        _tenant(),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("next_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_webhook_delivery"),
        _refers("webhook_delivery", "webhook_id", "webhook"),
    )
    op.create_index("ix_webhook_delivery_tenant_webhook_id_id", "webhook_delivery", ["tenant", "webhook_id", "id"])
    waiting, of_hook = "ix_webhook_delivery_waiting", ["tenant", "webhook_id"]
    op.create_index(waiting, "webhook_delivery", of_hook, postgresql_where=_WAITING, sqlite_where=_WAITING)
    protect("webhook_delivery", update=("state", "attempts", "next_at", "ended_at"))


def _create_attempt() -> None:
    op.create_table(
        "webhook_attempt",
        _tenant(),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("milliseconds", sa.BigInteger(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "delivery_id", "number", name="pk_webhook_attempt"),
        _refers("webhook_attempt", "delivery_id", "webhook_delivery"),
    )
    protect("webhook_attempt")


def _tenant() -> sa.Column[int]:
    return sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False)


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["tenant", column], [f"{to}.tenant", f"{to}.id"], name=f"fk_{table}_tenant_{column}")
