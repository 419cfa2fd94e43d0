"""Creates the accounts of staff, with their sign-ins and the identity providers that they come from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.store.types import Instant, json_type
from migrations.security import protect

revision = "0015"
down_revision = "0014"

_TABLES = (
    "account",
    "account_invitation",
    "known_device",
    "sign_in",
    "sign_in_failure",
    "identity_provider",
    "account_link",
    "federated_attempt",
)
"""In the order of their foreign keys."""


def upgrade() -> None:
    """Creates the tables, each guarded."""
    _create_account()
    _create_account_invitation()
    _create_known_device()
    _create_sign_in()
    _create_sign_in_failure()
    _create_identity_provider()
    _create_account_link()
    _create_federated_attempt()


def downgrade() -> None:
    """Drops them with all that they hold."""
    for table in reversed(_TABLES):
        op.drop_table(table)


def _create_account() -> None:
    op.create_table(
        "account",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("password_set_at", Instant(), nullable=True),
        sa.Column("totp_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("totp_confirmed_at", Instant(), nullable=True),
        sa.Column("totp_step", sa.BigInteger(), nullable=True),
        sa.Column("recovery", json_type(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("disabled_at", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_account"),
        sa.UniqueConstraint("tenant", "login", name="uq_account_tenant_login"),
        sa.UniqueConstraint("tenant", "person_id", name="uq_account_tenant_person_id"),
        _refers("account", "person_id", "person"),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.id"], name="fk_account_tenant"),
    )
    protect(
        "account",
        update=(
            "login", "password_hash", "password_set_at", "totp_sealed", "totp_confirmed_at", "totp_step", "recovery",
            "disabled_at", "version",
        ),
    )  # fmt: skip


def _create_account_invitation() -> None:
    op.create_table(
        "account_invitation",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "code_hash", name="pk_account_invitation"),
        _refers("account_invitation", "account_id", "account"),
    )
    op.create_index("ix_account_invitation_tenant_account_id", "account_invitation", ["tenant", "account_id"])
    protect("account_invitation", update=("used_at",), delete=True)


def _create_known_device() -> None:
    op.create_table(
        "known_device",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "token_hash", "account_id", name="pk_known_device"),
        _refers("known_device", "account_id", "account"),
    )
    op.create_index("ix_known_device_tenant_account_id", "known_device", ["tenant", "account_id"])
    protect("known_device", update=("seen_at", "expires_at"), delete=True)


def _create_sign_in() -> None:
    op.create_table(
        "sign_in",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("methods", json_type(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("authenticated_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("idle_seconds", sa.Integer(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("ended_for", sa.Text(), nullable=True),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_sign_in"),
        sa.UniqueConstraint("tenant", "token_hash", name="uq_sign_in_tenant_token_hash"),
        _refers("sign_in", "account_id", "account"),
    )
    op.create_index("ix_sign_in_tenant_account_id_opened_at", "sign_in", ["tenant", "account_id", "opened_at"])
    protect(
        "sign_in",
        update=(
            "token_hash", "methods", "authenticated_at", "seen_at", "idle_seconds", "expires_at", "ended_at", "ended_for",
        ),
        delete=True,
    )  # fmt: skip


def _create_sign_in_failure() -> None:
    op.create_table(
        "sign_in_failure",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("counter", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("blocked_until", Instant(), nullable=True),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "counter", name="pk_sign_in_failure"),
    )
    op.create_index("ix_sign_in_failure_tenant_expires_at", "sign_in_failure", ["tenant", "expires_at"])
    protect("sign_in_failure", update=("failures", "since", "blocked_until", "expires_at"), delete=True)


def _create_identity_provider() -> None:
    op.create_table(
        "identity_provider",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("scopes", json_type(), nullable=False),
        sa.Column("satisfies_second_factor", sa.Boolean(), nullable=False),
        sa.Column("link_by", sa.Text(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("disabled_at", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_identity_provider"),
        sa.UniqueConstraint("tenant", "key", name="uq_identity_provider_tenant_key"),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.id"], name="fk_identity_provider_tenant"),
    )
    protect(
        "identity_provider",
        update=(
            "name_zh", "name_en", "issuer", "client_id", "secret_sealed", "scopes", "satisfies_second_factor",
            "link_by", "disabled_at", "version",
        ),
    )  # fmt: skip


def _create_account_link() -> None:
    op.create_table(
        "account_link",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_account_link"),
        sa.UniqueConstraint("tenant", "provider_id", "subject", name="uq_account_link_tenant_provider_id_subject"),
        _refers("account_link", "account_id", "account"),
        _refers("account_link", "provider_id", "identity_provider"),
    )
    op.create_index("ix_account_link_tenant_account_id", "account_link", ["tenant", "account_id"])
    protect("account_link", update=("seen_at",), delete=True)


def _create_federated_attempt() -> None:
    op.create_table(
        "federated_attempt",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("state_hash", sa.LargeBinary(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("linking_account_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "state_hash", name="pk_federated_attempt"),
        _refers("federated_attempt", "provider_id", "identity_provider"),
    )
    op.create_index("ix_federated_attempt_tenant_expires_at", "federated_attempt", ["tenant", "expires_at"])
    protect("federated_attempt", delete=True)


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_tenant_{column}"
    return sa.ForeignKeyConstraint(["tenant", column], [f"{to}.tenant", f"{to}.id"], name=name)
