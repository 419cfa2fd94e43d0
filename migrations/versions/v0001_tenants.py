"""Creates the tenants: directory, clocks and keys, clients, organisation, settings and calendar."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.store.types import Instant, json_type
from migrations.security import ensure_app_role, protect, protect_directory

revision = "0001"
down_revision = None

_TABLES = (
    "tenant",
    "tenant_clock",
    "signing_key",
    "tenant_key",
    "person",
    "client",
    "revoked_token",
    "unit",
    "unit_version",
    "post",
    "role_grant",
    "setting",
    "calendar_version",
)
"""In the order of their foreign keys."""


def upgrade() -> None:
    """Creates the tables, each guarded."""
    ensure_app_role()
    _create_tenant()
    _create_tenant_clock()
    _create_signing_key()
    _create_tenant_key()
    _create_person()
    _create_client()
    _create_revoked_token()
    _create_unit()
    _create_unit_version()
    _create_post()
    _create_role_grant()
    _create_setting()
    _create_calendar_version()


def downgrade() -> None:
    """Drops them with all that they hold."""
    for table in reversed(_TABLES):
        op.drop_table(table)


def _create_tenant() -> None:
    op.create_table(
        "tenant",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("sandbox", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_tenant"),
        sa.UniqueConstraint("slug", name="uq_tenant_slug"),
    )
    protect_directory("tenant", update=("name_zh", "name_en", "revision", "closed_at"))


def _create_tenant_clock() -> None:
    op.create_table(
        "tenant_clock",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("offset_seconds", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", name="pk_tenant_clock"),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.id"], name="fk_tenant_clock_tenant"),
    )
    protect("tenant_clock", update=("offset_seconds",))


def _create_signing_key() -> None:
    op.create_table(
        "signing_key",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("alg", sa.Text(), nullable=False),
        sa.Column("public_jwk", json_type(), nullable=False),
        sa.Column("private_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("retires_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "kid", name="pk_signing_key"),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.id"], name="fk_signing_key_tenant"),
    )
    protect("signing_key", update=("state", "retires_at"))


def _create_tenant_key() -> None:
    op.create_table(
        "tenant_key",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("alg", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "kid", name="pk_tenant_key"),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.id"], name="fk_tenant_key_tenant"),
    )
    protect("tenant_key")


def _create_person() -> None:
    op.create_table(
        "person",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_person"),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.id"], name="fk_person_tenant"),
    )
    protect("person", update=("name",))


def _create_client() -> None:
    op.create_table(
        "client",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", json_type(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("disabled_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_client"),
        sa.UniqueConstraint("tenant", "client_id", name="uq_client_tenant_client_id"),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.id"], name="fk_client_tenant"),
        sa.ForeignKeyConstraint(["tenant", "person_id"], ["person.tenant", "person.id"], name="fk_client_tenant_person_id"),
    )
    protect("client", update=("name", "secret_hash", "scopes", "disabled_at"))


def _create_revoked_token() -> None:
    op.create_table(
        "revoked_token",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("jti", sa.Text(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "jti", name="pk_revoked_token"),
    )
    op.create_index("ix_revoked_token_tenant_expires_at", "revoked_token", ["tenant", "expires_at"])
    protect("revoked_token", delete=True)


def _create_unit() -> None:
    op.create_table(
        "unit",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_unit"),
        sa.UniqueConstraint("tenant", "code", name="uq_unit_tenant_code"),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.id"], name="fk_unit_tenant"),
    )
    protect("unit")


def _create_unit_version() -> None:
    op.create_table(
        "unit_version",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("superior_id", sa.Uuid(), nullable=True),
        sa.Column("ranking_group", sa.Text(), nullable=True),
        sa.Column("member", sa.Boolean(), nullable=False),
        sa.Column("offices", json_type(), nullable=False),
        sa.Column("dissolved", sa.Boolean(), nullable=False),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_unit_version"),
        sa.ForeignKeyConstraint(
            ["tenant", "merged_into"], ["unit.tenant", "unit.id"], name="fk_unit_version_tenant_merged_into"
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "parent_id"], ["unit.tenant", "unit.id"], name="fk_unit_version_tenant_parent_id"
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "superior_id"], ["unit.tenant", "unit.id"], name="fk_unit_version_tenant_superior_id"
        ),
        sa.ForeignKeyConstraint(["tenant", "unit_id"], ["unit.tenant", "unit.id"], name="fk_unit_version_tenant_unit_id"),
    )
    op.create_index("ix_unit_version_tenant_unit_id_valid_from", "unit_version", ["tenant", "unit_id", "valid_from"])
    protect("unit_version")


def _create_post() -> None:
    op.create_table(
        "post",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_post"),
        sa.ForeignKeyConstraint(["tenant", "person_id"], ["person.tenant", "person.id"], name="fk_post_tenant_person_id"),
        sa.ForeignKeyConstraint(["tenant", "unit_id"], ["unit.tenant", "unit.id"], name="fk_post_tenant_unit_id"),
    )
    op.create_index("ix_post_tenant_person_id", "post", ["tenant", "person_id"])
    op.create_index("ix_post_tenant_unit_id", "post", ["tenant", "unit_id"])
    protect("post", update=("valid_to",))


def _create_role_grant() -> None:
    op.create_table(
        "role_grant",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_role_grant"),
        sa.ForeignKeyConstraint(
            ["tenant", "person_id"], ["person.tenant", "person.id"], name="fk_role_grant_tenant_person_id"
        ),
        sa.ForeignKeyConstraint(["tenant", "unit_id"], ["unit.tenant", "unit.id"], name="fk_role_grant_tenant_unit_id"),
    )
    op.create_index("ix_role_grant_tenant_person_id", "role_grant", ["tenant", "person_id"])
    protect("role_grant", update=("valid_to",))


def _create_setting() -> None:
    op.create_table(
        "setting",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("value", json_type(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_setting"),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.id"], name="fk_setting_tenant"),
    )
    op.create_index("ix_setting_tenant_key_effective_from", "setting", ["tenant", "key", "effective_from"])
    protect("setting")


def _create_calendar_version() -> None:
    op.create_table(
        "calendar_version",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("known_from", Instant(), nullable=False),
        sa.Column("content", json_type(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "number", name="pk_calendar_version"),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.id"], name="fk_calendar_version_tenant"),
    )
    protect("calendar_version")
