"""The keys with which a tenant signs its tokens: ES256, each known by its thumbprint (RFC 7638)."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from core.store.envelope import TenantKeys

ALGORITHM = "ES256"
_COORDINATE_BYTES = 32


class KeyState(StrEnum):
    """A key signs while active, still verifies while retiring, and is only kept when retired."""

    ACTIVE = "active"
    RETIRING = "retiring"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key as stored: the public half in the open, the private half sealed with the tenant's key."""

    kid: str
    alg: str
    public_jwk: Mapping[str, str]
    private_sealed: bytes
    state: KeyState
    created_at: datetime
    retires_at: datetime | None = None
    """Of a retiring key: until when it verifies at least."""

    @property
    def verifies(self) -> bool:
        """Whether tokens signed with it are still good."""
        return self.state is not KeyState.RETIRED

    def open_private(self, keys: TenantKeys) -> bytes:
        """The private half as PKCS #8 in PEM; raises :class:`core.store.envelope.CannotOpen`."""
        return keys.open(self.private_sealed, signing_purpose(self.kid))


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made. ``private_pem`` is PKCS #8 and leaves the process sealed only."""

    kid: str
    public_jwk: Mapping[str, str]
    private_pem: bytes = field(repr=False)


def signing_purpose(kid: str) -> str:
    """For what the private half is sealed; names the key, so that one cannot be put in another's place."""
    return f"signing-key|{kid}"


def make_signing_key() -> NewKey:
    """A new P-256 key."""
    private = ec.generate_private_key(ec.SECP256R1())
    numbers = private.public_key().public_numbers()
    point = {"crv": "P-256", "kty": "EC", "x": _coordinate(numbers.x), "y": _coordinate(numbers.y)}
    kid = _base64url(hashlib.sha256(json.dumps(point, sort_keys=True, separators=(",", ":")).encode()).digest())
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return NewKey(kid, {**point, "kid": kid, "alg": ALGORITHM, "use": "sig"}, pem)


def _coordinate(value: int) -> str:
    return _base64url(value.to_bytes(_COORDINATE_BYTES))


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
