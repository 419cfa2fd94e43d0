"""What a client signs to show who it is (RFC 7523, section 3): checked by its registered keys alone; pure."""

from __future__ import annotations

from binascii import Error as MalformedBase64
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.util import urlsafe_b64decode
from msgspec import Meta, Struct

from core.errors import Unauthenticated
from core.platforms.assertions import Assertion
from core.tenants.client import Client
from core.tenants.client_keys import algorithms_of, import_client_key

LONGEST = 4_096
"""Characters of an assertion."""
LONGEST_LIFE = 3_600
"""Seconds by which it may end ahead of now: common libraries sign for an hour unless told otherwise. It is used up once."""
SKEW = 30
_TYPES = frozenset({"", "jwt", "client-authentication+jwt"})


class _Claims(Struct, frozen=True):
    iss: str
    sub: str
    aud: str | tuple[str, ...]
    exp: int
    jti: Annotated[str, Meta(pattern=r"^[\x21-\x7e]{1,128}$(?!\n)")]
    iat: int | None = None
    nbf: int | None = None


class _Issuer(Struct, frozen=True):
    iss: str


@dataclass(frozen=True, slots=True)
class ShownTo:
    """Whom a client shows itself to: the addresses that it may mean by ``aud``, and the wall time."""

    audiences: Collection[str]
    now: datetime


def claimed_client(assertion: str) -> str:
    """The client that it says it is of, before anything is checked; raises :class:`Unauthenticated`."""
    try:
        return msgspec.json.decode(urlsafe_b64decode(assertion.encode("ascii").split(b".")[1]), type=_Issuer).iss
    except (msgspec.MsgspecError, MalformedBase64, ValueError, IndexError, RecursionError) as error:
        raise Unauthenticated("clients.assertion-malformed") from error


def check_client_assertion(assertion: str, client: Client, shown_to: ShownTo) -> Assertion:
    """What is to be used up of a good assertion; raises :class:`Unauthenticated` with the one thing that is wrong."""
    claims = _verify(assertion, client)
    audiences = (claims.aud,) if isinstance(claims.aud, str) else claims.aud
    if claims.iss != client.client_id or claims.sub != client.client_id:
        raise Unauthenticated("clients.assertion-issuer")
    if not audiences or not set(audiences) <= set(shown_to.audiences):
        raise Unauthenticated("clients.assertion-audience")
    now = shown_to.now.timestamp()
    begins = max(claims.iat or 0, claims.nbf or 0)
    if now >= claims.exp or begins > now + SKEW or claims.exp > now + LONGEST_LIFE + SKEW:
        raise Unauthenticated("clients.assertion-time", most=LONGEST_LIFE)
    # A platform can use the same id in what it signs for its operators: those are counted apart.
    return Assertion(client.client_id, f"client {claims.jti}", datetime.fromtimestamp(claims.exp, UTC))


def _verify(assertion: str, client: Client) -> _Claims:
    if len(assertion) > LONGEST:
        raise Unauthenticated("clients.assertion-malformed")
    try:
        header = msgspec.json.decode(urlsafe_b64decode(assertion.encode("ascii").split(b".", 1)[0]), type=dict[str, Any])
        jwk, algorithm = _key_of(client, header), header["alg"]
        decoded = jwt.decode(assertion, import_client_key(jwk), algorithms=[algorithm])
        return msgspec.convert(decoded.claims, _Claims)
    except (JoseError, msgspec.MsgspecError, MalformedBase64, ValueError, RecursionError) as error:
        raise Unauthenticated("clients.assertion-malformed") from error


def _key_of(client: Client, header: Mapping[str, Any]) -> Mapping[str, Any]:
    # Neither jwk nor jku nor x5u in the header is ever looked at (PITFALLS 11).
    kid, kind = header.get("kid"), header.get("typ", "")
    if not isinstance(kind, str) or kind.lower() not in _TYPES:
        raise Unauthenticated("clients.assertion-malformed")
    for jwk in client.keys:
        if (kid is None or kid == jwk["kid"]) and header.get("alg") in algorithms_of(jwk):
            return jwk
    raise Unauthenticated("clients.assertion-key")
