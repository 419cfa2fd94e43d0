"""Initial access tokens: what lets clients register themselves, so many and with no more than this (RFC 7591, section 3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.ids import new_secret
from core.tenants.client import GrantType
from core.tenants.scopes import Scope


@dataclass(frozen=True, slots=True)
class InitialToken:
    """One as it stands. The token itself is stored nowhere."""

    id: UUID
    note: str
    scopes: frozenset[Scope]
    grant_types: frozenset[GrantType]
    uses_left: int
    expires_at: datetime
    created_at: datetime
    created_by: UUID | None
    revoked_at: datetime | None
    version: int

    def is_good(self, now: datetime) -> bool:
        """Whether a client can register with it."""
        return self.revoked_at is None and self.uses_left > 0 and now < self.expires_at


def make_initial_token() -> str:
    """A new token of 256 random bits."""
    return f"wzi_{new_secret()}"


def make_management_token() -> str:
    """A new token by which a client that registered itself is managed (RFC 7592)."""
    return f"wzr_{new_secret()}"
