"""Creates what a person allows a client, with the codes and tokens of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.store.types import Instant, json_type
from migrations.security import protect

revision = "0016"
down_revision = "0015"

_TABLES = (
    "client_authorization",
    "authorization_code",
    "refresh_token",
    "device_authorization",
)
"""In the order of their foreign keys."""


def upgrade() -> None:
    """Creates the tables, each guarded."""
    _create_client_authorization()
    _create_authorization_code()
    _create_refresh_token()
    _create_device_authorization()


def downgrade() -> None:
    """Drops them with all that they hold."""
    for table in reversed(_TABLES):
        op.drop_table(table)


def _create_client_authorization() -> None:
    op.create_table(
        "client_authorization",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("sign_in_id", sa.Uuid(), nullable=False),
        sa.Column("grant_type", sa.Text(), nullable=False),
        sa.Column("scopes", json_type(), nullable=False),
        sa.Column("methods", json_type(), nullable=False),
        sa.Column("authenticated_at", Instant(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.Column("revoked_for", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_client_authorization"),
        _refers("client_authorization", "account_id", "account"),
        _refers("client_authorization", "client_id", "client"),
        _refers("client_authorization", "person_id", "person"),
        _refers("client_authorization", "sign_in_id", "sign_in"),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.id"], name="fk_client_authorization_tenant"),
    )
    op.create_index(
        "ix_client_authorization_tenant_account_id_created_at",
        "client_authorization",
        ["tenant", "account_id", "created_at"],
    )
    op.create_index("ix_client_authorization_tenant_client_id", "client_authorization", ["tenant", "client_id"])
    op.create_index("ix_client_authorization_tenant_sign_in_id", "client_authorization", ["tenant", "sign_in_id"])
    protect("client_authorization", update=("revoked_at", "revoked_for"), delete=True)


def _create_authorization_code() -> None:
    op.create_table(
        "authorization_code",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("authorization_id", sa.Uuid(), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("redirect_told", sa.Boolean(), nullable=False),
        sa.Column("challenge", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=True),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "code_hash", name="pk_authorization_code"),
        _refers("authorization_code", "authorization_id", "client_authorization"),
    )
    op.create_index("ix_authorization_code_tenant_expires_at", "authorization_code", ["tenant", "expires_at"])
    protect("authorization_code", update=("used_at",), delete=True)


def _create_refresh_token() -> None:
    op.create_table(
        "refresh_token",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("authorization_id", sa.Uuid(), nullable=False),
        sa.Column("predecessor", sa.LargeBinary(), nullable=True),
        sa.Column("issued_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.Column("voided_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "token_hash", name="pk_refresh_token"),
        _refers("refresh_token", "authorization_id", "client_authorization"),
    )
    op.create_index("ix_refresh_token_tenant_authorization_id", "refresh_token", ["tenant", "authorization_id"])
    op.create_index("ix_refresh_token_tenant_expires_at", "refresh_token", ["tenant", "expires_at"])
    protect("refresh_token", update=("used_at", "voided_at"), delete=True)


def _create_device_authorization() -> None:
    op.create_table(
        "device_authorization",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("device_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_code", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("scopes", json_type(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("interval_seconds", sa.Integer(), nullable=False),
        sa.Column("polled_at", Instant(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("authorization_id", sa.Uuid(), nullable=True),
        sa.Column("used_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_device_authorization"),
        sa.UniqueConstraint("tenant", "device_hash", name="uq_device_authorization_tenant_device_hash"),
        sa.UniqueConstraint("tenant", "user_code", name="uq_device_authorization_tenant_user_code"),
        _refers("device_authorization", "authorization_id", "client_authorization"),
        _refers("device_authorization", "client_id", "client"),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.id"], name="fk_device_authorization_tenant"),
    )
    op.create_index("ix_device_authorization_tenant_expires_at", "device_authorization", ["tenant", "expires_at"])
    protect(
        "device_authorization",
        update=(
            "polled_at", "interval_seconds", "decided_at", "authorization_id", "used_at",
        ),
        delete=True,
    )  # fmt: skip


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_tenant_{column}"
    return sa.ForeignKeyConstraint(["tenant", column], [f"{to}.tenant", f"{to}.id"], name=name)
