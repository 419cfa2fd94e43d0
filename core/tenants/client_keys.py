"""The public keys by which clients show who they are (RFC 7523): what may be registered, and what each is good for.

Public members alone, and no key is ever fetched from an address.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from msgspec import UNSET, Meta, Struct, UnsetType

from core.errors import Invalid

MOST_KEYS = 10
Key = ECKey | RSAKey | OKPKey
_SHORTEST_RSA = 2_048
_ALGORITHMS = {"EC": ("ES256",), "RSA": ("RS256", "PS256"), "OKP": ("EdDSA", "Ed25519")}
_KeyId = Annotated[str, Meta(pattern=r"^[\x21-\x7e]{1,128}$(?!\n)", title="密钥编号", description="Named by signatures.")]
_Coordinate = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{43}$(?!\n)", description="32 bytes in base64url.")]
_Modulus = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{342,1366}$(?!\n)", description="2,048 to 8,192 bits in base64url.")]
_Use = Annotated[Literal["sig"], Meta(description="For signatures.")]
_Alg = Meta(
    description="The one algorithm that it is for, as libraries write it (RFC 7517, 4.4); any of its type, if left out."
)


class ClientEllipticKey(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kty", tag="EC"):
    """A client's public key on P-256, for ES256."""

    kid: _KeyId
    crv: Annotated[Literal["P-256"], Meta(description="The curve.")]
    x: _Coordinate
    y: _Coordinate
    use: _Use = "sig"
    alg: Annotated[Literal["ES256"], _Alg] | UnsetType = UNSET


class ClientRsaKey(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kty", tag="RSA"):
    """A client's public RSA key, for RS256 and PS256."""

    kid: _KeyId
    n: _Modulus
    e: Annotated[Literal["AQAB"], Meta(description="65537, as it is everywhere.")]
    use: _Use = "sig"
    alg: Annotated[Literal["RS256", "PS256"], _Alg] | UnsetType = UNSET


class ClientEdwardsKey(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kty", tag="OKP"):
    """A client's public key on Ed25519, for EdDSA."""

    kid: _KeyId
    crv: Annotated[Literal["Ed25519"], Meta(description="The curve.")]
    x: _Coordinate
    use: _Use = "sig"
    alg: Annotated[Literal["EdDSA", "Ed25519"], _Alg] | UnsetType = UNSET


ClientKey = ClientEllipticKey | ClientRsaKey | ClientEdwardsKey


def check_client_keys(keys: tuple[ClientKey, ...], field: str = "/keys") -> tuple[dict[str, str], ...]:
    """The keys as plain JWKs; raises :class:`Invalid` for two of one id, and for numbers that are no key."""
    seen: set[str] = set()
    for index, key in enumerate(keys):
        if key.kid in seen:
            raise Invalid("clients.key-twice", field=f"{field}/{index}/kid", kid=key.kid)
        seen.add(key.kid)
        if not _is_sound(msgspec.to_builtins(key)):
            raise Invalid("clients.key-unsound", field=f"{field}/{index}", kid=key.kid)
    plain: tuple[dict[str, str], ...] = tuple(msgspec.to_builtins(key) for key in keys)
    return plain


def algorithms_of(jwk: Mapping[str, Any]) -> tuple[str, ...]:
    """The algorithms that the key is good for: its own, else those of its type; never what a header says."""
    return (jwk["alg"],) if "alg" in jwk else _ALGORITHMS[jwk["kty"]]


def import_client_key(jwk: Mapping[str, Any]) -> Key:
    """The key of a stored JWK."""
    return _imported(tuple(sorted(jwk.items())))


@lru_cache(maxsize=1_024)
def _imported(members: tuple[tuple[str, str], ...]) -> Key:
    return _read(dict(members))


def _read(plain: dict[str, Any]) -> Key:
    if plain["kty"] == "OKP":
        return OKPKey.import_key(plain)
    return ECKey.import_key(plain) if plain["kty"] == "EC" else RSAKey.import_key(plain)


def _is_sound(plain: dict[str, Any]) -> bool:
    try:
        public = _read(plain).public_key
    except (JoseError, ValueError):
        return False
    if isinstance(public, RSAPublicKey):
        return public.key_size >= _SHORTEST_RSA and public.public_numbers().n % 2 == 1
    return True
