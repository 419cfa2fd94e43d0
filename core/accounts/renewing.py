"""Signing in again in a browser that is signed in: the same sign-in goes on under a new token (ASVS 7.2.4).

So what was allowed to clients in it lives on, and their access tokens still name it. A sign-in of somebody else is ended.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import bindparam, update

from core.accounts.records import record
from core.accounts.sign_ins import SignIn, end_sign_in
from core.accounts.signing_in import Opened
from core.ids import new_secret, secret_hash
from core.store.session import TenantSession
from core.store.tables import TENANT, sign_in

_S = sign_in.c
_RENEW = (
    update(sign_in)
    .where(_S.tenant == TENANT, _S.id == bindparam("sign_in_id"), _S.ended_at.is_(None))
    .values(
        token_hash=bindparam("hashed"),
        methods=bindparam("shown", type_=_S.methods.type),
        authenticated_at=bindparam("at"),
        seen_at=bindparam("now"),
        expires_at=bindparam("until"),
    )
)


async def renew_sign_in(session: TenantSession, earlier: SignIn, opened: Opened, now: datetime) -> Opened:
    """What the browser holds from now on; ``opened`` is complete and was opened in the browser of ``earlier``.

    Where ``earlier`` has ended meanwhile, it is ``opened``.
    """
    fresh = opened.sign_in
    if earlier.account_id != fresh.account_id or earlier.needs_second_factor:
        await end_sign_in(session, earlier.id, "replaced", now)
        return opened
    token = new_secret()
    values = {
        "sign_in_id": earlier.id,
        "hashed": secret_hash(token),
        "shown": list(fresh.methods),
        "at": fresh.authenticated_at,
        "now": now,
        "until": fresh.expires_at,
    }
    if await session.execute(_RENEW, values) != 1:
        return opened
    await end_sign_in(session, fresh.id, "renewed", now)
    record(session, fresh.account_id, "sign-in.renewed", {"sign_in_id": str(earlier.id), "methods": list(fresh.methods)})
    kept = replace(fresh, id=earlier.id, opened_at=earlier.opened_at, agent=earlier.agent, address=earlier.address)
    return replace(opened, sign_in=kept, token=token)
