"""Device authorizations (RFC 8628): a terminal without a keyboard shows a short code, and a person allows it elsewhere."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, select, update

from core.authorizations.authorization import COLUMNS, Authorization, authorization_of, with_standing
from core.authorizations.families import revoke_families
from core.authorizations.refresh import NewRefresh, add_refresh
from core.ids import new_id, new_secret, secret_hash
from core.store.session import TenantSession
from core.store.tables import TENANT, device_authorization

DEVICE_SECONDS = 600
INTERVAL_SECONDS = 5
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""No vowels, so that no words come about (RFC 8628, section 6.1); 20⁸ codes."""
_LENGTH = 8
_T = device_authorization.c
_OWN_COLUMNS = (
    _T.id,
    _T.client_id.label("asking_client_id"),
    _T.scopes.label("asked_scopes"),
    _T.expires_at,
    _T.interval_seconds,
    _T.polled_at,
    _T.decided_at,
    _T.used_at,
)
_FIND = (
    select(*_OWN_COLUMNS, *COLUMNS)
    .select_from(with_standing(device_authorization, _T.authorization_id, optional=True))
    .where(_T.tenant == TENANT, _T.device_hash == bindparam("of_hash"))
)
_ASKED = select(_T.id, _T.client_id, _T.scopes).where(
    _T.tenant == TENANT,
    _T.user_code == bindparam("of_code"),
    _T.decided_at.is_(None),
    _T.expires_at > bindparam("now"),
)
_DECIDE = (
    update(device_authorization)
    .where(_T.tenant == TENANT, _T.id == bindparam("of_id"), _T.decided_at.is_(None), _T.expires_at > bindparam("now"))
    .values(decided_at=bindparam("now"), authorization_id=bindparam("allowed"))
    .returning(_T.id)
)
_USE = (
    update(device_authorization)
    .where(_T.tenant == TENANT, _T.id == bindparam("of_id"), _T.used_at.is_(None))
    .values(used_at=bindparam("now"))
    .returning(_T.id)
)
_POLL = (
    update(device_authorization)
    .where(_T.tenant == TENANT, _T.id == bindparam("of_id"))
    .values(polled_at=bindparam("now"), interval_seconds=bindparam("interval"))
)


@dataclass(frozen=True, slots=True)
class NewDevice:
    """What a terminal is given: the code that it polls with, and the one that it shows."""

    device_code: str = field(repr=False)
    user_code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AskedDevice:
    """A terminal that waits, as the person sees it who typed its code."""

    id: UUID
    client_id: UUID
    """The row of the client."""
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FoundDevice:
    """A device code as it stood when it was polled with."""

    id: UUID
    client_id: UUID
    expires_at: datetime
    interval_seconds: int
    polled_at: datetime | None
    decided_at: datetime | None
    used_at: datetime | None
    authorization: Authorization | None
    """What came of it; ``None`` while nobody has decided, and where it was denied."""

    def polled_too_soon(self, now: datetime) -> bool:
        """Whether the interval since the last poll was not waited for."""
        return self.polled_at is not None and now - self.polled_at < timedelta(seconds=self.interval_seconds)


def add_device(session: TenantSession, client_id: UUID, scopes: tuple[str, ...], now: datetime) -> NewDevice:
    """A terminal that begins to wait; the flush raises :class:`core.store.violations.Taken` for a short code in use."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    made = NewDevice(new_secret(), letters)
    row = {
        "id": new_id(),
        "device_hash": secret_hash(made.device_code),
        "user_code": letters,
        "client_id": client_id,
        "scopes": list(scopes),
        "created_at": now,
        "expires_at": now + timedelta(seconds=DEVICE_SECONDS),
        "interval_seconds": INTERVAL_SECONDS,
        "polled_at": None,
        "decided_at": None,
        "authorization_id": None,
        "used_at": None,
    }
    session.add(device_authorization, row)
    return made


def spell_user_code(letters: str) -> str:
    """A short code as it is shown: ``WDJB-MJHT``."""
    return f"{letters[: _LENGTH // 2]}-{letters[_LENGTH // 2 :]}"


def read_user_code(text: str) -> str | None:
    """A short code as it was typed: in either case, with or without what stands between; ``None`` where it cannot be one."""
    letters = "".join(letter for letter in text[:64].upper() if letter.isascii() and letter.isalnum())
    return letters if len(letters) == _LENGTH and set(letters) <= set(_LETTERS) else None


async def find_asked(session: TenantSession, letters: str, now: datetime) -> AskedDevice | None:
    """The terminal that shows a short code and waits; ``None`` for no such one, a decided one and an expired one alike."""
    row = await session.one(_ASKED, {"of_code": letters, "now": now})
    return None if row is None else AskedDevice(row["id"], row["client_id"], tuple(row["scopes"]))


async def decide_asked(session: TenantSession, asked: AskedDevice, allowed: Authorization | None, now: datetime) -> bool:
    """Settles a terminal's request, denied where nothing is allowed; of any number at once one gets ``True``."""
    params = {"of_id": asked.id, "allowed": allowed.id if allowed else None, "now": now}
    await session.flush()
    return bool(await session.all(_DECIDE, params))


async def find_device_code(session: TenantSession, code: str) -> FoundDevice | None:
    """The device code, used or not; ``None`` for one that was never given here."""
    row = await session.one(_FIND, {"of_hash": secret_hash(code)})
    if row is None:
        return None
    return FoundDevice(
        id=row["id"],
        client_id=row["asking_client_id"],
        expires_at=row["expires_at"],
        interval_seconds=row["interval_seconds"],
        polled_at=row["polled_at"],
        decided_at=row["decided_at"],
        used_at=row["used_at"],
        authorization=authorization_of(row) if row["authorization_id"] is not None else None,
    )


async def redeem_device_code(
    session: TenantSession, found: FoundDevice, allowed: Authorization, refresh: NewRefresh | None, now: datetime
) -> bool:
    """Uses a device code up, as :func:`core.authorizations.codes.redeem_code` does a code."""
    if found.used_at is None and await session.all(_USE, {"of_id": found.id, "now": now}):
        if refresh is not None:
            add_refresh(session, allowed, refresh)
        return True
    await revoke_families(session, authorization_id=allowed.id, reason="code-replayed", now=now)
    return False


async def record_poll(session: TenantSession, found: FoundDevice, interval_seconds: int, now: datetime) -> None:
    """Remembers when a terminal asked, and how long it has to wait from now on."""
    await session.execute(_POLL, {"of_id": found.id, "now": now, "interval": interval_seconds})
