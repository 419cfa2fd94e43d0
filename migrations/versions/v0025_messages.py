"""Creates messages: channels, contacts, rules, what was sent, and each attempt."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.store.types import Instant, json_type
from migrations.security import protect

revision = "0025"
down_revision = "0024"

_TABLES = ("message_channel", "message_contact", "message_rule", "message", "message_attempt")
"""In the order of their foreign keys."""


def upgrade() -> None:
    """Creates the tables, each guarded."""
    _create_channel()
    _create_contact()
    _create_rule()
    _create_message()
    _create_attempt()


def downgrade() -> None:
    """Drops them with all that they hold, and the timers of what waits."""
    op.execute("DELETE FROM timer WHERE kind = 'message'")
    for table in reversed(_TABLES):
        op.drop_table(table)


def _create_channel() -> None:
    op.create_table(
        "message_channel",
        *_identity("message_channel"),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("settings", json_type(), nullable=False),
        sa.Column("secrets_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("report_hash", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("disabled_at", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("tenant", "key", name="uq_message_channel_tenant_key"),
        sa.UniqueConstraint("tenant", "report_hash", name="uq_message_channel_tenant_report_hash"),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.id"], name="fk_message_channel_tenant"),
    )
    changed = ("title", "settings", "secrets_sealed", "report_hash", "disabled_at", "version")
    protect("message_channel", update=changed)


def _create_contact() -> None:
    op.create_table(
        "message_contact",
        *_identity("message_contact"),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        _refers("message_contact", "person_id", "person"),
        _refers("message_contact", "unit_id", "unit"),
    )
    _index("message_contact", "person_id")
    _index("message_contact", "unit_id")
    protect("message_contact", update=("valid_to",))


def _create_rule() -> None:
    op.create_table(
        "message_rule",
        *_identity("message_rule"),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("case_kind", sa.Text(), nullable=True),
        sa.Column("recipients", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("addressee", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("template_id", sa.Uuid(), nullable=False),
        sa.Column("office_hours", sa.Boolean(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.id"], name="fk_message_rule_tenant"),
        _refers("message_rule", "channel_id", "message_channel"),
        _refers("message_rule", "template_id", "template"),
    )
    protect("message_rule", update=("valid_to",))


def _create_message() -> None:
    op.create_table(
        "message",
        *_identity("message"),
        *(
            sa.Column(name, sa.Uuid(), nullable=True)
            for name in ("case_id", "deadline_id", "notice_id", "step_id", "rule_id", "person_id", "unit_id")
        ),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("case_version", sa.Integer(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("office_hours", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("tried_since", Instant(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("arrived_at", Instant(), nullable=True),
        _refers("message", "case_id", "cases"),
        _refers("message", "channel_id", "message_channel"),
    )
    _index("message", "case_id", "id")
    _index("message", "channel_id", "id")
    _index("message", "channel_id", "reference")
    changed = ("state", "why", "attempts", "tried_since", "reference", "sent_at", "arrived_at")
    protect("message", update=changed)


def _create_attempt() -> None:
    op.create_table(
        "message_attempt",
        *_identity("message_attempt"),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.UniqueConstraint("tenant", "message_id", "seq", name="uq_message_attempt_tenant_message_id_seq"),
        _refers("message_attempt", "message_id", "message"),
    )
    protect("message_attempt")


def _identity(table: str) -> tuple[sa.Column[int], sa.Column[object], sa.PrimaryKeyConstraint]:
    return (
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=f"pk_{table}"),
    )


def _index(table: str, *columns: str) -> None:
    op.create_index("_".join(("ix", table, "tenant", *columns)), table, ["tenant", *columns])


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_tenant_{column}"
    return sa.ForeignKeyConstraint(["tenant", column], [f"{to}.tenant", f"{to}.id"], name=name)
