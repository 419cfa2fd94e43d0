"""ID tokens of identity providers (OpenID Connect Core 1.0, 3.1.3.7): checked by the provider's own keys alone; pure.

The algorithm follows from the key's type and must be one of ours; ``jwk``, ``jku`` and ``x5u`` of a header are never looked
at, and neither ``none`` nor an HMAC is an algorithm here.
"""

from __future__ import annotations

import hmac
import json
from binascii import Error as MalformedBase64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.util import urlsafe_b64decode

from core.errors import Unauthenticated

LONGEST = 16_384
"""Characters of a token."""
SKEW = 60
"""Seconds by which the provider's clock may be off."""
OLDEST = 600
"""Seconds since it was issued: it comes from the provider directly, within the attempt."""
_LONGEST_SUBJECT = 255
_SHORTEST_RSA, _LONGEST_RSA = 2_048, 8_192
_ALGORITHMS = {"RSA": ("RS256", "PS256"), "EC": ("ES256",)}
_MOST_METHODS = 10


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose token it must be, for whom, in answer to what, and when."""

    issuer: str
    client_id: str
    nonce: str
    now: datetime
    anew_since: datetime | None = None
    """Since when the person must have shown the provider who it is, where that was asked for."""


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the provider names: its own id of them, how they showed who they are, and whatever else it says."""

    subject: str
    methods: tuple[str, ...]
    claims: Mapping[str, Any]


def read_key_id(token: str) -> str | None:
    """The id of the key that a token says it is signed with; raises :class:`Unauthenticated` for what no token can be."""
    if len(token) > LONGEST or token.count(".") != 2 or not token.isascii():
        raise _unsound("malformed")
    try:
        header = json.loads(urlsafe_b64decode(token.partition(".")[0].encode()))
    except (ValueError, MalformedBase64, RecursionError) as error:
        raise _unsound("malformed") from error
    if not isinstance(header, dict) or header.get("alg") not in [name for names in _ALGORITHMS.values() for name in names]:
        raise _unsound("alg")
    kid = header.get("kid")
    if kid is not None and not isinstance(kid, str):
        raise _unsound("kid")
    return kid


def read_person(token: str, keys: tuple[Mapping[str, Any], ...], wanted: Wanted) -> Person:
    """The person of a token; raises :class:`Unauthenticated` with the one thing that is wrong with it.

    ``keys`` are those of its key id; without an id the provider must have a single key (section 10.1).
    """
    if len(keys) != 1:
        raise _unsound("kid")
    claims = _verify(token, keys[0])
    _check_audience(claims, wanted)
    _check_times(claims, wanted)
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), wanted.nonce.encode()):
        raise _unsound("nonce")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT or "\0" in subject:
        raise _unsound("sub")
    return Person(subject, _methods(claims), claims)


def _verify(token: str, jwk: Mapping[str, Any]) -> dict[str, Any]:
    algorithms = _ALGORITHMS.get(str(jwk.get("kty")), ())
    if jwk.get("use", "sig") != "sig" or jwk.get("alg", algorithms[:1] and algorithms[0]) not in algorithms:
        raise _unsound("key")
    allowed = [str(jwk["alg"])] if "alg" in jwk else [*algorithms]
    try:
        return jwt.decode(token, _import(jwk), algorithms=allowed).claims
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise _unsound("signature") from error


def _import(jwk: Mapping[str, Any]) -> ECKey | RSAKey:
    public = {name: jwk[name] for name in ("kty", "crv", "x", "y", "n", "e") if name in jwk}
    if public["kty"] == "EC":
        return ECKey.import_key(public)
    key = RSAKey.import_key(public)
    if not _SHORTEST_RSA <= key.public_key.key_size <= _LONGEST_RSA:
        raise ValueError("the length of the key")
    return key


def _check_audience(claims: dict[str, Any], wanted: Wanted) -> None:
    if claims.get("iss") != wanted.issuer:
        raise _unsound("iss")
    told = claims.get("aud")
    audience = told if isinstance(told, list) else [told]
    if wanted.client_id not in audience:
        raise _unsound("aud")
    if (len(audience) > 1 or "azp" in claims) and claims.get("azp") != wanted.client_id:
        raise _unsound("azp")


def _check_times(claims: dict[str, Any], wanted: Wanted) -> None:
    now = wanted.now.timestamp()
    expires, issued, begins = (_seconds(claims.get(name)) for name in ("exp", "iat", "nbf"))
    if expires is None or now >= expires + SKEW:
        raise _unsound("exp")
    if issued is None or issued > now + SKEW or issued < now - OLDEST:
        raise _unsound("iat")
    if "nbf" in claims and (begins is None or begins > now + SKEW):
        raise _unsound("nbf")
    if wanted.anew_since is not None:
        shown = _seconds(claims.get("auth_time"))
        if shown is None or shown < (wanted.anew_since - timedelta(seconds=SKEW)).timestamp():
            raise _unsound("auth_time")


def _seconds(told: object) -> float | None:
    return float(told) if isinstance(told, int | float) and not isinstance(told, bool) and abs(told) < 1e12 else None


def _methods(claims: dict[str, Any]) -> tuple[str, ...]:
    """What the provider says of how the person showed who it is (RFC 8176); anything else in its place says nothing."""
    told = claims.get("amr")
    names = told if isinstance(told, list) else []
    sound = (name for name in names if isinstance(name, str) and name.isascii() and name.isalnum() and len(name) <= 20)
    return tuple(dict.fromkeys(sound))[:_MOST_METHODS]


def _unsound(part: str) -> Unauthenticated:
    return Unauthenticated("federation.token-unsound", part=part)
