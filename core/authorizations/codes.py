"""Authorization codes (RFC 6749, section 4.1): 256 random bits, good for a minute, once, and for who holds the verifier."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update

from core.authorizations.authorization import COLUMNS, Authorization, authorization_of, with_standing
from core.authorizations.families import revoke_families
from core.authorizations.refresh import NewRefresh, add_refresh
from core.ids import new_secret, secret_hash
from core.store.session import TenantSession
from core.store.tables import TENANT, authorization_code

CODE_SECONDS = 60
_T = authorization_code.c
_FIND = (
    select(_T.code_hash, _T.redirect_uri, _T.redirect_told, _T.challenge, _T.nonce, _T.expires_at, _T.used_at, *COLUMNS)
    .select_from(with_standing(authorization_code, _T.authorization_id))
    .where(_T.tenant == TENANT, _T.code_hash == bindparam("of_hash"))
)
_USE = (
    update(authorization_code)
    .where(_T.tenant == TENANT, _T.code_hash == bindparam("of_hash"), _T.used_at.is_(None))
    .values(used_at=bindparam("now"))
    .returning(_T.code_hash)
)


@dataclass(frozen=True, slots=True)
class FoundCode:
    """A code as it stood when it was looked up."""

    hash: bytes = field(repr=False)
    authorization: Authorization
    redirect_uri: str
    redirect_told: bool
    """Whether the authorization request named the address, so that the token request must, too."""
    challenge: str
    nonce: str | None
    expires_at: datetime
    used_at: datetime | None


def add_code(
    session: TenantSession,
    authorization: Authorization,
    *,
    redirect_uri: str,
    redirect_told: bool,
    challenge: str,
    nonce: str | None,
    now: datetime,
) -> str:
    """A new code of a family; told once, stored as its hash."""
    code = new_secret()
    row = {
        "code_hash": secret_hash(code),
        "authorization_id": authorization.id,
        "redirect_uri": redirect_uri,
        "redirect_told": redirect_told,
        "challenge": challenge,
        "nonce": nonce,
        "expires_at": now + timedelta(seconds=CODE_SECONDS),
        "used_at": None,
    }
    session.add(authorization_code, row)
    return code


async def find_code(session: TenantSession, code: str) -> FoundCode | None:
    """The code, used or not; ``None`` for one that was never given here."""
    row = await session.one(_FIND, {"of_hash": secret_hash(code)})
    if row is None:
        return None
    return FoundCode(
        hash=bytes(row["code_hash"]),
        authorization=authorization_of(row),
        redirect_uri=row["redirect_uri"],
        redirect_told=row["redirect_told"],
        challenge=row["challenge"],
        nonce=row["nonce"],
        expires_at=row["expires_at"],
        used_at=row["used_at"],
    )


async def redeem_code(session: TenantSession, found: FoundCode, refresh: NewRefresh | None, now: datetime) -> bool:
    """Uses a code up; of any number at once one gets ``True``. Whoever comes second ends the family (PITFALLS 8)."""
    if found.used_at is None and await session.all(_USE, {"of_hash": found.hash, "now": now}):
        if refresh is not None:
            add_refresh(session, found.authorization, refresh)
        return True
    await revoke_families(session, authorization_id=found.authorization.id, reason="code-replayed", now=now)
    return False
