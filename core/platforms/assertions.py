"""What a platform signs to name its operator (as RFC 7523, section 3): checked by its registered keys alone; pure.

The header's ``kid`` chooses among the keys of the one client; ``jwk``, ``jku``, ``x5u`` and the like are never looked at.
A key fixes its algorithm, so that neither ``none`` nor an HMAC with the public key can be passed off.
"""

from __future__ import annotations

from binascii import Error as MalformedBase64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.util import urlsafe_b64decode
from msgspec import Meta, Struct

from core.errors import Unauthenticated
from core.platforms.keys import ALGORITHMS, import_key
from core.platforms.platform import Platform

LONGEST = 4_096
"""Bytes of an assertion."""
LONGEST_LIFE = 300
"""Seconds from ``iat`` to ``exp``."""
SKEW = 30
"""Seconds by which the platform's clock may be ahead of ours."""
EXCHANGE_TYPES = frozenset({"", "jwt", "application/jwt"})
"""The ``typ`` of an assertion that is exchanged; it may be left out."""
CLAIMS_TYPES = frozenset({"operator+jwt", "application/operator+jwt"})
"""The ``typ`` of claims beside a request; another one, so that neither can be used as the other."""


@dataclass(frozen=True, slots=True)
class Assertion:
    """Whom a platform has named, once: ``jti`` is good a single time within its life."""

    external_id: str
    jti: str
    expires_at: datetime


class Claims(Struct, frozen=True):
    """What an assertion says; ``htm`` and ``htu`` bind it to one request (as RFC 9449, section 4.2)."""

    iss: str
    sub: str
    aud: str | tuple[str, ...]
    iat: int
    exp: int
    jti: Annotated[str, Meta(pattern=r"^[\x21-\x7e]{1,128}$(?!\n)")]
    nbf: int | None = None
    htm: str | None = None
    htu: str | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """Whose assertion it must be, for which issuer, of which types, and the wall time."""

    client_id: str
    issuer: str
    types: frozenset[str]
    now: datetime


def read_assertion(token: bytes, platform: Platform, expected: Expected) -> tuple[Assertion, Claims]:
    """The assertion with its claims; raises :class:`Unauthenticated` with the one thing that is wrong with it."""
    claims = _verify(token, platform, expected.types)
    if claims.iss != expected.client_id:
        raise Unauthenticated("platforms.assertion-issuer")
    if claims.aud not in (expected.issuer, (expected.issuer,)):
        raise Unauthenticated("platforms.assertion-audience", issuer=expected.issuer)
    _check_time(claims, expected.now.timestamp())
    return Assertion(claims.sub, claims.jti, datetime.fromtimestamp(claims.exp, UTC)), claims


def _verify(token: bytes, platform: Platform, types: frozenset[str]) -> Claims:
    if not 0 < len(token) <= LONGEST:
        raise Unauthenticated("platforms.assertion-malformed")
    try:
        header = msgspec.json.decode(urlsafe_b64decode(token.split(b".", 1)[0]), type=dict[str, Any])
        kind, jwk = header.get("typ", ""), platform.key(header.get("kid"))
        if jwk is None or header.get("alg") != ALGORITHMS[jwk["kty"]]:
            raise Unauthenticated("platforms.assertion-key")
        if not isinstance(kind, str) or kind.lower() not in types:
            raise Unauthenticated("platforms.assertion-type")
        decoded = jwt.decode(token.decode("ascii"), _key_of(jwk), algorithms=[ALGORITHMS[jwk["kty"]]])
        return msgspec.convert(decoded.claims, Claims)
    except (JoseError, msgspec.MsgspecError, MalformedBase64, ValueError, RecursionError) as error:
        raise Unauthenticated("platforms.assertion-malformed") from error


def _check_time(claims: Claims, now: float) -> None:
    if not 0 < claims.exp - claims.iat <= LONGEST_LIFE:
        raise Unauthenticated("platforms.assertion-too-long", most=LONGEST_LIFE)
    begins = max(claims.iat, claims.nbf or claims.iat)
    if now >= claims.exp or begins > now + SKEW:
        raise Unauthenticated("platforms.assertion-time")


def _key_of(jwk: Mapping[str, str]) -> ECKey | RSAKey:
    return _imported(tuple(sorted(jwk.items())))


@lru_cache(maxsize=1_024)
def _imported(members: tuple[tuple[str, str], ...]) -> ECKey | RSAKey:
    return import_key(dict(members))
