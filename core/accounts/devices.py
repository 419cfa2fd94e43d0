"""Known browsers: a cookie that says that somebody has signed in from here before, and lets nobody in by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from core.ids import new_secret, secret_hash
from core.store.session import TenantSession
from core.store.tables import TENANT, known_device

DEVICE_DAYS = 180
_D = known_device.c
_FIND = select(_D.account_id).where(
    _D.tenant == TENANT, _D.token_hash == bindparam("of_token"), _D.expires_at > bindparam("now")
)
_SEE: dict[str, Any] = {
    name: dialect.insert(known_device)
    .values(
        tenant=TENANT,
        token_hash=bindparam("of_token"),
        account_id=bindparam("of_account"),
        seen_at=bindparam("now"),
        expires_at=bindparam("until"),
    )
    .on_conflict_do_update(
        index_elements=["tenant", "token_hash", "account_id"],
        set_={"seen_at": bindparam("now"), "expires_at": bindparam("until")},
    )
    .returning(_D.seen_at)
    for name, dialect in (("postgresql", postgresql), ("sqlite", sqlite))
}
_FORGET = delete(known_device).where(_D.tenant == TENANT, _D.account_id == bindparam("of_account"))


async def name_device(session: TenantSession, account_id: UUID | None, token: str | None, now: datetime) -> str | None:
    """What failures of this browser are counted by; None where the account has not signed in from it."""
    if token is None:
        return None
    hashed = secret_hash(token)
    # Asked without an account, too: a login that nobody has takes as long as one that somebody has.
    return hashed.hex() if account_id in await _known_to(session, hashed, now) else None


async def remember_device(session: TenantSession, account_id: UUID, token: str | None, now: datetime) -> str:
    """The token for the browser's cookie: its own where we gave it one, so that one browser can be several people's."""
    ours = token is not None and await _known_to(session, secret_hash(token), now)
    kept = token if token is not None and ours else new_secret()
    values = {"of_token": secret_hash(kept), "of_account": account_id, "now": now}
    await session.all(_SEE[session.dialect_name], values | {"until": now + timedelta(days=DEVICE_DAYS)})
    return kept


async def forget_devices(session: TenantSession, account_id: UUID) -> None:
    """Makes strangers of every browser of an account."""
    await session.execute(_FORGET, {"of_account": account_id})


async def _known_to(session: TenantSession, hashed: bytes, now: datetime) -> set[UUID]:
    rows = await session.all(_FIND, {"of_token": hashed, "now": now})
    return {row["account_id"] for row in rows}
