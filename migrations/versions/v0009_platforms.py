"""Creates the operators for whom a platform acts, and the platforms' own ids of cases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.store.types import Instant, json_type
from migrations.security import protect

revision = "0009"
down_revision = "0008"

_TABLES = ("platform", "client_operator", "spent_assertion", "external_case", "case_supplement")


def upgrade() -> None:
    """Creates the tables, each guarded."""
    _create_platform()
    _create_client_operator()
    _create_spent_assertion()
    _create_external_case()
    _create_case_supplement()


def downgrade() -> None:
    """Drops them with all that they hold."""
    for table in reversed(_TABLES):
        op.drop_table(table)


def _create_platform() -> None:
    op.create_table(
        "platform",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("token_exchange", sa.Boolean(), nullable=False),
        sa.Column("operator_claims", sa.Boolean(), nullable=False),
        sa.Column("keys", json_type(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "client_id", name="pk_platform"),
        sa.ForeignKeyConstraint(
            ["tenant", "client_id"], ["client.tenant", "client.id"], name="fk_platform_tenant_client_id"
        ),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.id"], name="fk_platform_tenant"),
    )
    protect("platform", update=("token_exchange", "operator_claims", "keys", "version"))


def _create_client_operator() -> None:
    op.create_table(
        "client_operator",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_client_operator"),
        sa.ForeignKeyConstraint(
            ["tenant", "client_id"], ["client.tenant", "client.id"], name="fk_client_operator_tenant_client_id"
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "person_id"], ["person.tenant", "person.id"], name="fk_client_operator_tenant_person_id"
        ),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.id"], name="fk_client_operator_tenant"),
    )
    op.create_index(
        "ix_client_operator_tenant_client_id_external_id", "client_operator", ["tenant", "client_id", "external_id"]
    )
    protect("client_operator", update=("valid_to", "revoked_at", "version"))


def _create_spent_assertion() -> None:
    op.create_table(
        "spent_assertion",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("jti", sa.Text(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "client_id", "jti", name="pk_spent_assertion"),
    )
    op.create_index("ix_spent_assertion_tenant_expires_at", "spent_assertion", ["tenant", "expires_at"])
    protect("spent_assertion", delete=True)


def _create_external_case() -> None:
    op.create_table(
        "external_case",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("prints", json_type(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "client_id", "external_id", name="pk_external_case"),
        sa.ForeignKeyConstraint(["tenant", "case_id"], ["cases.tenant", "cases.id"], name="fk_external_case_tenant_case_id"),
    )
    protect("external_case", update=("prints",))


def _create_case_supplement() -> None:
    op.create_table(
        "case_supplement",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("narrative", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("occurred_at", Instant(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_case_supplement"),
        sa.UniqueConstraint("tenant", "case_id", "seq", name="uq_case_supplement_tenant_case_id_seq"),
        sa.ForeignKeyConstraint(
            ["tenant", "case_id"], ["cases.tenant", "cases.id"], name="fk_case_supplement_tenant_case_id"
        ),
    )
    protect("case_supplement")
