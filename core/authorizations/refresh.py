"""Refresh tokens (RFC 6749, section 6): each is good once and is followed by the next; one used twice ends its family.

A client whose answer was lost may ask again with the same token within a few seconds, as long as nobody has used what it
was given: that is voided, and it gets another (RFC 9700, section 4.14.2, leaves room for it).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update

from core.authorizations.authorization import COLUMNS, Authorization, authorization_of, with_standing
from core.authorizations.families import revoke_families
from core.ids import secret_hash
from core.store.session import TenantSession
from core.store.tables import TENANT, refresh_token

_T = refresh_token.c
_FIND = (
    select(_T.token_hash, _T.issued_at, _T.expires_at, _T.used_at, _T.voided_at, *COLUMNS)
    .select_from(with_standing(refresh_token, _T.authorization_id))
    .where(_T.tenant == TENANT, _T.token_hash == bindparam("of_hash"))
)
_OWN = (_T.tenant == TENANT, _T.token_hash == bindparam("of_hash"))
_USE = (
    update(refresh_token)
    .where(*_OWN, _T.used_at.is_(None), _T.voided_at.is_(None))
    .values(used_at=bindparam("now"))
    .returning(_T.token_hash)
)
_HOLD = update(refresh_token).where(*_OWN).values(used_at=_T.used_at).returning(_T.used_at, _T.voided_at)
"""Waits for whoever else uses the token at this moment, and tells what came of it."""
_VOID = (
    update(refresh_token)
    .where(
        _T.tenant == TENANT,
        _T.authorization_id == bindparam("of_authorization"),
        _T.predecessor == bindparam("of_hash"),
        _T.used_at.is_(None),
        _T.voided_at.is_(None),
    )
    .values(voided_at=bindparam("now"))
    .returning(_T.token_hash)
)


@dataclass(frozen=True, slots=True)
class NewRefresh:
    """A refresh token to be: its secret is told once, and good for ``idle`` unless the family ends before."""

    token: str = field(repr=False)
    issued_at: datetime
    idle: timedelta


@dataclass(frozen=True, slots=True)
class FoundRefresh:
    """A refresh token as it stood when it was looked up."""

    hash: bytes = field(repr=False)
    authorization: Authorization
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None
    voided_at: datetime | None

    @property
    def fresh(self) -> bool:
        """Whether it was never used, nor given up as lost."""
        return self.used_at is None and self.voided_at is None

    def lives(self, now: datetime) -> bool:
        """Whether it gives tokens when it is shown at ``now``."""
        return self.fresh and now < self.expires_at and self.authorization.lives(now)


def add_refresh(
    session: TenantSession, authorization: Authorization, new: NewRefresh, predecessor: bytes | None = None
) -> None:
    """Adds a token to a family; ``predecessor`` is the hash of the one that was given for it."""
    row = {
        "token_hash": secret_hash(new.token),
        "authorization_id": authorization.id,
        "predecessor": predecessor,
        "issued_at": new.issued_at,
        "expires_at": min(new.issued_at + new.idle, authorization.expires_at),
        "used_at": None,
        "voided_at": None,
    }
    session.add(refresh_token, row)


async def find_refresh(session: TenantSession, token: str) -> FoundRefresh | None:
    """The token, used or not; ``None`` for one that was never given here."""
    row = await session.one(_FIND, {"of_hash": secret_hash(token)})
    if row is None:
        return None
    return FoundRefresh(
        hash=bytes(row["token_hash"]),
        authorization=authorization_of(row),
        issued_at=row["issued_at"],
        expires_at=row["expires_at"],
        used_at=row["used_at"],
        voided_at=row["voided_at"],
    )


async def rotate_refresh(
    session: TenantSession, found: FoundRefresh, new: NewRefresh, now: datetime, grace: timedelta
) -> bool:
    """Puts ``new`` in the place of a token; ``False``, and the family is ended, where the token was used before.

    Of any number at once with the same token one is first. The others get ``True`` as well within ``grace``, but each
    voids what the one before it was given: one token at most is good in the end.
    """
    first = found.fresh and bool(await session.all(_USE, {"of_hash": found.hash, "now": now}))
    if not first and not await _take_back(session, found, now, grace):
        await revoke_families(session, authorization_id=found.authorization.id, reason="refresh-replayed", now=now)
        return False
    add_refresh(session, found.authorization, new, found.hash)
    return True


async def _take_back(session: TenantSession, found: FoundRefresh, now: datetime, grace: timedelta) -> bool:
    held = (await session.all(_HOLD, {"of_hash": found.hash}))[0]
    if held["voided_at"] is not None or held["used_at"] is None or now - held["used_at"] >= grace:
        return False
    voided = {"of_authorization": found.authorization.id, "of_hash": found.hash, "now": now}
    return bool(await session.all(_VOID, voided))
