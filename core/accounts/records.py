"""What happens to an account, on the record: the audit trail of the account, and an event without personal data."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from core.store.change import Change
from core.store.session import TenantSession


def record(
    session: TenantSession, account_id: UUID, action: str, content: dict[str, Any] | None = None, *, role: str | None = None
) -> None:
    """Records what was done to an account, in the account's own stream; many may do so at once."""
    refs = {"account_id": str(account_id)}
    change = Change(
        action=action,
        stream=f"account:{account_id}",
        subject=f"account:{account_id}",
        content={**refs, **(content or {})},
        event_type=action,
        refs=refs,
        shared=True,
        role=role,
    )
    session.record(change)
