"""Checks access tokens (RFC 9068): type, algorithm, key, issuer, audience and time, within the tenant of the path alone.

A token that has been checked is remembered by its hash, so that its signature is verified once per process. Whether it was
revoked, whether its key still verifies and whether its client may still act is asked of the snapshot on every request.
"""

from __future__ import annotations

import hashlib
from binascii import Error as MalformedBase64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.util import urlsafe_b64decode

from api.bounded import Bounded
from api.oauth.operators import Proof, check_claims
from api.services import Services
from core.errors import Unauthenticated
from core.platforms.assertions import Assertion
from core.tenants.client import Client
from core.tenants.principal import Principal
from core.tenants.scopes import Scope
from core.tenants.snapshot import Snapshot

T = TypeVar("T")
ALGORITHM = "ES256"
TYPES = frozenset({"at+jwt", "application/at+jwt"})
_LONGEST_TOKEN = 4_096
_SCOPES = {scope.value: scope for scope in Scope}


class Claims(msgspec.Struct, frozen=True):
    """What a token of ours says."""

    iss: str
    sub: str
    aud: str | tuple[str, ...]
    client_id: str
    exp: int
    iat: int
    jti: str
    scope: str = ""
    operator: UUID | None = None
    """Of a token that a platform got for its operator: which one, by our id."""
    gid: UUID | None = None
    """Of a person's token: the authorization that it came of."""
    sid: UUID | None = None
    """Of a person's token: the sign-in in which that was given."""

    @property
    def of_person(self) -> bool:
        """Whether somebody else than the client's own service person stands behind it."""
        return self.operator is not None or self.gid is not None

    @property
    def audiences(self) -> tuple[str, ...]:
        """The resources that the token is for."""
        return (self.aud,) if isinstance(self.aud, str) else self.aud

    @property
    def person(self) -> UUID | None:
        """Who allowed the client to act for them; ``None`` where nobody signed in for the token."""
        return UUID(self.sub) if self.gid is not None else None

    @property
    def names(self) -> frozenset[str]:
        """What can be revoked to end it."""
        families = (f"authorization:{self.gid}",) if self.gid else ()
        return frozenset((self.jti, *families, *((f"sign-in:{self.sid}",) if self.sid else ())))


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """A token whose signature holds, and the key that it holds under."""

    kid: str
    claims: Claims
    scopes: frozenset[Scope]
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Admission:
    """Who asks, and the assertion that said so, to be used up; ``None`` where the token alone says it."""

    principal: Principal
    assertion: Assertion | None = None


@dataclass(frozen=True, slots=True)
class _Admitted:
    """Who was let in by a token, for as long as nothing that it rests on can have changed."""

    revision: int
    """The configuration's, with what was revoked."""
    until: datetime
    """The token's end, or the tenant's next day where that comes first: roles and posts hold by the day."""
    admission: Admission


class Authenticator:
    """Says who asks."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._admitted: Bounded[tuple[int, bytes], _Admitted] = Bounded()
        self._tokens: Bounded[tuple[int, bytes], VerifiedToken] = Bounded()
        self._principals: Bounded[tuple[Any, ...], Principal] = Bounded()

    def authenticate(self, snapshot: Snapshot, token: bytes, proof: Proof | None = None) -> Admission:
        """The client behind the token and the person it acts as: the one of the token, or with ``proof`` the operator in it.

        Raises :class:`Unauthenticated`, and with ``proof`` what :func:`api.oauth.operators.check_claims` raises.
        """
        if proof is None:
            return self._recall(snapshot, token, self._services.wall.now())
        verified, client = self.check(snapshot, token)
        if verified.claims.of_person:
            raise Unauthenticated("platforms.claims-beside-exchange")
        now, issuer = self._services.wall.now(), self._services.issuer(snapshot.tenant)
        assertion, operator = check_claims(proof, snapshot, client, issuer, now)
        return Admission(self._principal(snapshot, verified, now, operator.person_id), assertion)

    def _recall(self, snapshot: Snapshot, token: bytes, now: datetime) -> Admission:
        key = (snapshot.tenant.id, hashlib.sha256(token).digest())
        known = self._admitted.get(key)
        if known is not None and known.revision == snapshot.tenant.revision and now < known.until:
            self._admitted.move_to_end(key)
            return known.admission
        verified, client = self.check(snapshot, token)
        person = UUID(verified.claims.sub) if verified.claims.of_person else client.person_id
        admission = Admission(self._principal(snapshot, verified, now, person))
        next_day = snapshot.next_day(now + snapshot.offset) - snapshot.offset
        until = min(datetime.fromtimestamp(verified.claims.exp, UTC), next_day.astimezone(UTC))
        self._admitted.keep(key, _Admitted(snapshot.tenant.revision, until, admission))
        return admission

    def check(self, snapshot: Snapshot, token: bytes) -> tuple[VerifiedToken, Client]:
        """A token that holds at this moment, and its client; raises :class:`Unauthenticated`."""
        key = (snapshot.tenant.id, hashlib.sha256(token).digest())
        verified = self._tokens.recall(key, lambda: self._verify(snapshot, token))
        return verified, self._check_still_good(snapshot, verified, self._services.wall.now())

    def _verify(self, snapshot: Snapshot, token: bytes) -> VerifiedToken:
        kid, claims = verify_signature(token, snapshot.key_set["keys"])
        tenant = snapshot.tenant
        if claims.iss != self._services.issuer(tenant) or self._services.audience(tenant) not in claims.audiences:
            raise Unauthenticated("api.token-audience")
        scopes = frozenset(_SCOPES[name] for name in claims.scope.split() if name in _SCOPES)
        return VerifiedToken(kid, claims, scopes, claims.names)

    def _check_still_good(self, snapshot: Snapshot, verified: VerifiedToken, now: datetime) -> Client:
        claims = verified.claims
        if now.timestamp() >= claims.exp:
            raise Unauthenticated("api.token-expired")
        if claims.iss != self._services.issuer(snapshot.tenant):
            raise Unauthenticated("api.token-audience")  # verified before the tenant moved to another origin
        if not snapshot.revoked.isdisjoint(verified.names) or not _still_verifies(snapshot, verified.kid):
            raise Unauthenticated("api.token-revoked")
        client = snapshot.clients.get(claims.client_id)
        if client is None or client.disabled_at is not None:
            raise Unauthenticated("api.client-disabled")
        if claims.operator is not None:
            _check_operator(snapshot, client, claims, now)
        elif claims.gid is None and str(client.person_id) != claims.sub:
            raise Unauthenticated("api.client-disabled")
        return client

    def _principal(self, snapshot: Snapshot, verified: VerifiedToken, now: datetime, person: UUID) -> Principal:
        client = snapshot.clients[verified.claims.client_id]
        day = snapshot.local_day(now + snapshot.offset)
        key = (snapshot.tenant.id, snapshot.tenant.configuration, client.id, person, verified.scopes, day)
        return self._principals.recall(key, lambda: snapshot.principal(client, verified.scopes, day, person))


def _check_operator(snapshot: Snapshot, client: Client, claims: Claims, now: datetime) -> None:
    """A token of an operator ends with the operator, and with the platform's leave to exchange."""
    operator = snapshot.platforms.find(client.id, claims.operator) if claims.operator else None
    holds = operator is not None and operator.holds_on(snapshot.local_day(now + snapshot.offset))
    if operator is None or not holds or str(operator.person_id) != claims.sub:
        raise Unauthenticated("platforms.operator-ended")
    if not snapshot.platforms.of(client.id).token_exchange:
        raise Unauthenticated("platforms.operator-ended")


def _still_verifies(snapshot: Snapshot, kid: str) -> bool:
    return any(key.kid == kid and key.verifies for key in snapshot.signing_keys)


def read_bearer(header: bytes | None) -> bytes:
    """The token of an Authorization header (RFC 6750); raises :class:`Unauthenticated`."""
    if header is None or header[:7].lower() != b"bearer ":
        raise Unauthenticated("api.token-missing")
    token = header[7:]
    if not 0 < len(token) <= _LONGEST_TOKEN:
        raise Unauthenticated("api.token-invalid")
    return token


def verify_signature(token: bytes, keys: list[dict[str, Any]]) -> tuple[str, Claims]:
    """The key id and the claims of a token signed by one of the keys; raises :class:`Unauthenticated`."""
    return decode_signed(token, keys, TYPES, Claims)


def decode_signed(token: bytes, keys: list[dict[str, Any]], types: frozenset[str], into: type[T]) -> tuple[str, T]:
    """The key id and the claims of a JWT of one of the types; raises :class:`Unauthenticated`. Times are not looked at."""
    try:
        header = msgspec.json.decode(urlsafe_b64decode(token.split(b".", 1)[0]), type=dict[str, Any])
        jwk = _signing_key(header, keys, types)
        decoded = jwt.decode(token.decode("ascii"), _import_key(msgspec.json.encode(jwk)), algorithms=[ALGORITHM])
        return jwk["kid"], msgspec.convert(decoded.claims, into)
    except (JoseError, msgspec.MsgspecError, MalformedBase64, ValueError, RecursionError) as error:
        raise Unauthenticated("api.token-invalid") from error


def _signing_key(header: Mapping[str, Any], keys: list[dict[str, Any]], types: frozenset[str]) -> dict[str, Any]:
    # The key comes from the tenant alone; a jwk or jku in the header is never looked at (PITFALLS 11).
    kind, kid = header.get("typ"), header.get("kid")
    found = next((key for key in keys if key["kid"] == kid), None)
    if found is None or header.get("alg") != ALGORITHM or not isinstance(kind, str) or kind.lower() not in types:
        raise Unauthenticated("api.token-invalid")
    return found


@lru_cache(maxsize=1_024)
def _import_key(jwk: bytes) -> ECKey:
    return ECKey.import_key(msgspec.json.decode(jwk))
