"""Machine clients: a public name, a secret that is shown once, the scopes, and the service person they act as."""

from __future__ import annotations

import base64
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from core.ids import new_secret, secret_hash
from core.tenants.scopes import Scope

_NAME_BYTES = 10


@dataclass(frozen=True, slots=True)
class Client:
    """A client as it stands. ``client_id`` is what it signs in with; never of the form of a person's id (PITFALLS 13)."""

    id: UUID
    client_id: str
    name: str
    secret_hash: bytes = field(repr=False)
    scopes: frozenset[Scope]
    person_id: UUID
    disabled_at: datetime | None = None

    def knows(self, secret: str) -> bool:
        """Whether it is the client's secret; compared in constant time. Ours are ASCII, so anything else is not."""
        return secret.isascii() and hmac.compare_digest(secret_hash(secret), self.secret_hash)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a new client is given, once."""

    client_id: str
    client_secret: str = field(repr=False)


def make_credentials() -> Credentials:
    """New random credentials: 80 bits of name, 256 bits of secret."""
    name = base64.b32encode(secrets.token_bytes(_NAME_BYTES)).decode().lower()
    return Credentials(f"wzc_{name}", f"wzs_{new_secret()}")

