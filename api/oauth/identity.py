"""Who the person is (OpenID Connect Core): ID tokens for clients, and what the userinfo endpoint tells of the person."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from joserfc import jwt
from joserfc.jwk import ECKey
from sqlalchemy import and_, bindparam, select

from api.oauth.scopes import PROFILE
from api.oauth.tokens import ALGORITHM, decode_signed
from core.authorizations.authorization import Authorization
from core.errors import Unauthenticated
from core.store.session import TenantSession
from core.store.tables import TENANT, account, person
from core.tenants.snapshot import Snapshot

CLAIMS = (
    *("iss", "sub", "aud", "azp", "exp", "iat", "auth_time", "nonce", "amr", "at_hash", "sid"),
    *("name", "preferred_username"),
)
_TYPES = frozenset({"jwt"})
_PROFILE = (
    select(person.c.name, account.c.login)
    .select_from(
        person.join(account, and_(account.c.tenant == person.c.tenant, account.c.person_id == person.c.id), isouter=True)
    )
    .where(person.c.tenant == TENANT, person.c.id == bindparam("of_person"))
)


class _Hint(msgspec.Struct, frozen=True):
    iss: str
    sub: UUID
    aud: str


def make_id_token(
    key: ECKey,
    authorization: Authorization,
    *,
    issuer: str,
    client_id: str,
    access_token: str,
    nonce: str | None,
    issued_at: int,
    expires_at: int,
) -> str:
    """An ID token (Core, section 2): who signed in, when and how, for this client alone. Times are seconds of Unix time."""
    claims: dict[str, Any] = {
        "iss": issuer,
        "sub": str(authorization.person_id),
        "aud": client_id,
        "azp": client_id,
        "iat": issued_at,
        "exp": expires_at,
        "auth_time": int(authorization.authenticated_at.timestamp()),
        "amr": list(authorization.methods),
        "at_hash": _half_hash(access_token),
        "sid": str(authorization.sign_in_id),
    }
    if nonce is not None:
        claims["nonce"] = nonce
    return jwt.encode({"alg": ALGORITHM, "typ": "JWT", "kid": key.kid}, claims, key)


def read_hint(snapshot: Snapshot, issuer: str, client_id: str, token: str) -> UUID | None:
    """The person whom an ID token names that this client was given, expired or not; ``None`` for anything else."""
    try:
        _, hint = decode_signed(token.encode(), snapshot.key_set["keys"], _TYPES, _Hint)
    except Unauthenticated:
        return None
    return hint.sub if (hint.iss, hint.aud) == (issuer, client_id) else None


async def tell_person(session: TenantSession, person_id: UUID, scopes: frozenset[str]) -> Mapping[str, str]:
    """What the userinfo endpoint answers (Core, section 5.3.2): who it is, and with ``profile`` the names."""
    told = {"sub": str(person_id)}
    if PROFILE not in scopes:
        return told
    row = await session.one(_PROFILE, {"of_person": person_id})
    if row is None:
        return told
    return {**told, "name": row["name"], **({"preferred_username": row["login"]} if row["login"] else {})}


def _half_hash(access_token: str) -> str:
    digest = hashlib.sha256(access_token.encode()).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
