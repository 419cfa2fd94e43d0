"""The public keys of a platform (RFC 7517), as they are given and checked before they are stored.

P-256 for ES256 and RSA for RS256, public members alone; a key is never fetched from an address.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from msgspec import Meta, Struct

from core.errors import Invalid

ALGORITHMS = {"EC": "ES256", "RSA": "RS256"}
"""The one algorithm of each type of key, so that no header can choose another."""
_SHORTEST_RSA = 2_048
_KeyId = Annotated[
    str,
    Meta(
        pattern=r"^[\x21-\x7e]{1,128}$(?!\n)", title="密钥编号", description="By which a signature's header names the key."
    ),
]
_Coordinate = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{43}$(?!\n)", description="32 bytes in base64url.")]
_Modulus = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9_-]{342,1366}$(?!\n)", description="2,048 to 8,192 bits in base64url (RFC 7518, 6.3.1).")
]
_Use = Annotated[Literal["sig"], Meta(description="For signatures.")]


class EllipticKey(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kty", tag="EC"):
    """A public key on P-256, for ES256."""

    kid: _KeyId
    crv: Annotated[Literal["P-256"], Meta(description="The curve.")]
    x: _Coordinate
    y: _Coordinate
    alg: Annotated[Literal["ES256"], Meta(description="The algorithm.")] = "ES256"
    use: _Use = "sig"


class RsaKey(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kty", tag="RSA"):
    """A public RSA key, for RS256."""

    kid: _KeyId
    n: _Modulus
    e: Annotated[Literal["AQAB"], Meta(description="65537, as it is everywhere.")]
    alg: Annotated[Literal["RS256"], Meta(description="The algorithm.")] = "RS256"
    use: _Use = "sig"


PublicKey = EllipticKey | RsaKey


def check_keys(keys: tuple[PublicKey, ...]) -> tuple[dict[str, str], ...]:
    """The keys as plain JSON; raises :class:`Invalid` for two of one id, and for numbers that are no key."""
    seen: set[str] = set()
    for index, key in enumerate(keys):
        if key.kid in seen:
            raise Invalid("platforms.key-twice", field=f"/keys/{index}/kid", kid=key.kid)
        seen.add(key.kid)
        if not _is_sound(key):
            raise Invalid("platforms.key-unsound", field=f"/keys/{index}", kid=key.kid)
    plain: tuple[dict[str, str], ...] = tuple(msgspec.to_builtins(key) for key in keys)
    return plain


def import_key(jwk: Mapping[str, str]) -> ECKey | RSAKey:
    """The key of a stored JWK."""
    plain: dict[str, Any] = dict(jwk)
    return ECKey.import_key(plain) if jwk["kty"] == "EC" else RSAKey.import_key(plain)


def _is_sound(key: PublicKey) -> bool:
    try:
        imported = import_key(msgspec.to_builtins(key))
        numbers, size = imported.public_key.public_numbers(), imported.public_key.key_size
    except (JoseError, ValueError):
        return False
    if isinstance(numbers, RSAPublicNumbers):
        return size >= _SHORTEST_RSA and numbers.n % 2 == 1
    return True
