"""Lets a client show who it is in more ways and be let in by more grants, and a tenant have an origin of its own."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from core.store.types import Instant, json_type
from migrations.security import allow_updates, forbid_updates, protect

revision = "0014"
down_revision = "0013"

_CHANGEABLE = ("name", "secret_hash", "scopes", "disabled_at")
"""The columns of a client that could change so far; these join them."""
_ADDED = (
    "auth_method", "grant_types", "redirect_uris", "origins", "keys", "uri", "registration_hash", "held_by", "version",
)  # fmt: skip


def upgrade() -> None:
    """Every client so far is one of the tenant's own, with a secret, for its own sake."""
    op.add_column("tenant", sa.Column("origin", sa.Text(), nullable=True))
    op.create_index("uq_tenant_origin", "tenant", ["origin"], unique=True)
    for column in (*_columns(), *_optional()):
        op.add_column("client", column)
    allow_updates("client", _ADDED, before=_CHANGEABLE)
    _create_initial_access_token()


def downgrade() -> None:
    """Drops them with all that they hold."""
    op.drop_table("initial_access_token")
    forbid_updates("client", left=_CHANGEABLE)
    for column in (*_columns(), *_optional()):
        op.drop_column("client", column.name)
    op.drop_index("uq_tenant_origin", "tenant")
    op.drop_column("tenant", "origin")


def _columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("auth_method", sa.Text(), nullable=False, server_default="client_secret_basic"),
        sa.Column("grant_types", json_type(), nullable=False, server_default='["client_credentials"]'),
        sa.Column("redirect_uris", json_type(), nullable=False, server_default="[]"),
        sa.Column("origins", json_type(), nullable=False, server_default="[]"),
        sa.Column("keys", json_type(), nullable=False, server_default="[]"),
        sa.Column("trusted", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
    ]


def _optional() -> list[sa.Column[Any]]:
    return [
        sa.Column("uri", sa.Text(), nullable=True),
        sa.Column("registration_hash", sa.LargeBinary(), nullable=True),
        sa.Column("registered_with", sa.Uuid(), nullable=True),
        sa.Column("held_by", sa.Uuid(), nullable=True),
    ]


def _create_initial_access_token() -> None:
    op.create_table(
        "initial_access_token",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("scopes", json_type(), nullable=False),
        sa.Column("grant_types", json_type(), nullable=False),
        sa.Column("uses_left", sa.Integer(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_initial_access_token"),
        sa.UniqueConstraint("tenant", "token_hash", name="uq_initial_access_token_tenant_token_hash"),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.id"], name="fk_initial_access_token_tenant"),
    )
    protect("initial_access_token", update=("uses_left", "revoked_at", "version"))
