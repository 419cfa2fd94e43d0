"""Sign-ins: found by the token of a cookie, listed, and ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, bindparam, select, update

from core.accounts.records import record
from core.authorizations.families import revoke_families
from core.errors import NotFound
from core.ids import secret_hash
from core.store.prepared import Row
from core.store.session import TenantSession
from core.store.tables import TENANT, account, person, sign_in

OTP, SEVERAL = "otp", "mfa"
"""Methods (RFC 8176) that say that a second factor was shown."""
MOST_LISTED = 200
_SEEN_EVERY = timedelta(minutes=1)
_S = sign_in.c
_JOINED = sign_in.join(account, and_(account.c.tenant == _S.tenant, account.c.id == _S.account_id)).join(
    person, and_(person.c.tenant == account.c.tenant, person.c.id == account.c.person_id)
)
_OF_ACCOUNT = (account.c.person_id, account.c.login, person.c.name, account.c.totp_confirmed_at)
_OWN = tuple(
    _S[name]
    for name in ("id", "account_id", "methods", "opened_at", "authenticated_at", "seen_at", "idle_seconds", "expires_at")
)
_LIVE = (
    select(*_OWN, _S.agent, _S.address, *_OF_ACCOUNT)
    .select_from(_JOINED)
    .where(_S.tenant == TENANT, _S.ended_at.is_(None), _S.expires_at > bindparam("now"), account.c.disabled_at.is_(None))
)
_BY_TOKEN = _LIVE.where(_S.token_hash == bindparam("of_token"))
_NEWEST = (_S.opened_at.desc(), _S.id.desc())
_OF_ONE = _LIVE.where(_S.account_id == bindparam("of_account")).order_by(*_NEWEST).limit(MOST_LISTED)
_SEE = (
    update(sign_in)
    .where(_S.tenant == TENANT, _S.id == bindparam("sign_in_id"), _S.ended_at.is_(None), _S.seen_at < bindparam("now"))
    .values(seen_at=bindparam("now"))
)
_END = (
    update(sign_in)
    .where(_S.tenant == TENANT, _S.id == bindparam("sign_in_id"), _S.ended_at.is_(None))
    .values(ended_at=bindparam("now"), ended_for=bindparam("reason"))
    .returning(_S.account_id)
)
_KNOWN = select(_S.account_id).where(_S.tenant == TENANT, _S.id == bindparam("sign_in_id"))
_STANDING = select(_S.id).where(_S.tenant == TENANT, _S.account_id == bindparam("of_account"), _S.ended_at.is_(None))


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in as it stands. Until ``needs_second_factor`` is gone it is good for nothing but confirming that."""

    id: UUID
    account_id: UUID
    person_id: UUID
    login: str
    name: str
    methods: tuple[str, ...]
    opened_at: datetime
    authenticated_at: datetime
    seen_at: datetime
    expires_at: datetime
    needs_second_factor: bool
    agent: str
    address: str


async def find_sign_in(session: TenantSession, token: str, now: datetime) -> SignIn | None:
    """The sign-in of a cookie; None where it has ended or expired, unused or at all, or where its account is disabled."""
    row = await session.one(_BY_TOKEN, {"of_token": secret_hash(token), "now": now})
    return _sign_in_of(row) if row is not None and not _lies_idle(row, now) else None


async def touch_sign_in(session: TenantSession, sign_in: SignIn, now: datetime) -> None:
    """Says that it was used; writes at most once a minute."""
    if now - sign_in.seen_at >= _SEEN_EVERY:
        await session.execute(_SEE, {"sign_in_id": sign_in.id, "now": now})


async def list_sign_ins(session: TenantSession, account_id: UUID, now: datetime) -> list[SignIn]:
    """The live sign-ins of an account, newest first."""
    rows = await session.all(_OF_ONE, {"of_account": account_id, "now": now})
    return [_sign_in_of(row) for row in rows if not _lies_idle(row, now)]


async def end_sign_in(
    session: TenantSession, sign_in_id: UUID, reason: str, now: datetime, *, account_id: UUID | None = None
) -> bool:
    """Ends it, with the authorizations that came of it; False for one that has ended, which stays as it is.

    Raises :class:`NotFound` for one that is not there or, with ``account_id``, is another account's.
    """
    known = await session.one(_KNOWN, {"sign_in_id": sign_in_id})
    if known is None or account_id not in {None, known["account_id"]}:
        raise NotFound("accounts.sign-in-unknown", sign_in=str(sign_in_id))
    if await session.one(_END, {"sign_in_id": sign_in_id, "now": now, "reason": reason}) is None:
        return False
    await revoke_families(session, sign_in_id=sign_in_id, reason=reason, now=now)
    record(session, known["account_id"], "sign-in.ended", {"sign_in_id": str(sign_in_id), "reason": reason})
    return True


async def end_all(session: TenantSession, account_id: UUID, reason: str, now: datetime, *, but: UUID | None = None) -> int:
    """Ends every sign-in of an account, or all but one, with their authorizations; answers how many."""
    standing = await session.all(_STANDING, {"of_account": account_id})
    ending = [row["id"] for row in standing if row["id"] != but]
    for sign_in_id in ending:
        await session.all(_END, {"sign_in_id": sign_in_id, "now": now, "reason": reason})
        if but is not None:
            await revoke_families(session, sign_in_id=sign_in_id, reason=reason, now=now)
    if but is None:
        await revoke_families(session, account_id=account_id, reason=reason, now=now)
    if ending:
        record(session, account_id, "sign-in.all-ended", {"sign_ins": [str(id_) for id_ in ending], "reason": reason})
    return len(ending)


def is_complete(methods: tuple[str, ...], *, has_second_factor: bool) -> bool:
    """Whether a sign-in by these methods is good, where the account has a second factor or has none."""
    return not has_second_factor or OTP in methods or SEVERAL in methods


def _lies_idle(row: Row, now: datetime) -> bool:
    return bool(now - row["seen_at"] >= timedelta(seconds=row["idle_seconds"]))


def _sign_in_of(row: Row) -> SignIn:
    methods = tuple(row["methods"])
    plain = {name: row[name] for name in SignIn.__slots__ if name not in {"methods", "needs_second_factor"}}
    needed = not is_complete(methods, has_second_factor=row["totp_confirmed_at"] is not None)
    return SignIn(**plain, methods=methods, needs_second_factor=needed)
