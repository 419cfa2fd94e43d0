"""Has keys and operators of platforms wait for a second administrator, and lets clients say where signing out leads."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from core.store.types import Instant, json_type
from migrations.security import allow_updates, forbid_updates, on_postgresql

revision = "0020"
down_revision = "0019"

_OF_CLIENT = (
    "name", "secret_hash", "scopes", "grant_types", "redirect_uris", "origins", "keys", "uri", "held_by", "disabled_at",
    "version",
)  # fmt: skip
_OF_PLATFORM = ("token_exchange", "operator_claims", "keys", "version")
_OF_OPERATOR = ("valid_to", "revoked_at", "version")
_ADDED_TO_OPERATOR = ("confirmed_by", "confirmed_at")


def upgrade() -> None:
    """Adds the columns. What was said before by one administrator stands."""
    op.add_column("platform", sa.Column("waiting", json_type(), nullable=False, server_default=sa.text("'{}'")))
    allow_updates("platform", ["waiting"], before=_OF_PLATFORM)
    op.add_column("client_operator", sa.Column("named_by", sa.Uuid(), nullable=True))
    op.add_column("client_operator", sa.Column("confirmed_by", sa.Uuid(), nullable=True))
    op.add_column("client_operator", sa.Column("confirmed_at", Instant(), nullable=True))
    allow_updates("client_operator", _ADDED_TO_OPERATOR, before=_OF_OPERATOR)
    _confirm_all()
    op.add_column(
        "client", sa.Column("post_logout_redirect_uris", json_type(), nullable=False, server_default=sa.text("'[]'"))
    )
    allow_updates("client", ["post_logout_redirect_uris"], before=_OF_CLIENT)


def downgrade() -> None:
    """Drops them again."""
    op.drop_column("client", "post_logout_redirect_uris")
    forbid_updates("client", left=_OF_CLIENT)
    for column in (*reversed(_ADDED_TO_OPERATOR), "named_by"):
        op.drop_column("client_operator", column)
    forbid_updates("client_operator", left=_OF_OPERATOR)
    op.drop_column("platform", "waiting")
    forbid_updates("platform", left=_OF_PLATFORM)


def _confirm_all() -> None:
    """The owner of a table is bound by its forced row security, too, and is let through for this statement alone."""
    operators = sa.table("client_operator", sa.column("confirmed_at", Instant()))
    confirm = operators.update().values(confirmed_at=datetime.now(UTC))
    if not on_postgresql():
        op.execute(confirm)
        return
    op.execute("ALTER TABLE client_operator NO FORCE ROW LEVEL SECURITY")
    op.execute(confirm)
    op.execute("ALTER TABLE client_operator FORCE ROW LEVEL SECURITY")
