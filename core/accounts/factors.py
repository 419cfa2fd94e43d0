"""The second factor: one-time codes by time (RFC 6238), and recovery codes for when the authenticator is lost."""

from __future__ import annotations

import hmac
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import pyotp
from sqlalchemy import bindparam, or_, select, update

from core.accounts.account import Account, find_account
from core.accounts.records import record
from core.accounts.sign_ins import OTP, SEVERAL
from core.errors import Conflict, OutOfOrder, Refused
from core.ids import new_receipt, receipt_hash
from core.store.session import TenantSession
from core.store.tables import TENANT, account, sign_in

RECOVERY_CODES = 10
STEP_SECONDS = 30
_DIGITS = re.compile(r"[0-9]{6}", re.ASCII)
_A = account.c
_OF_ONE = (_A.tenant == TENANT, _A.id == bindparam("account_id"))
_BEGIN = (
    update(account).where(*_OF_ONE, _A.totp_confirmed_at.is_(None)).values(totp_sealed=bindparam("sealed"), totp_step=None)
)
_SPEND = (
    update(account)
    .where(*_OF_ONE, or_(_A.totp_step.is_(None), _A.totp_step < bindparam("step")))
    .values(totp_step=bindparam("step"))
)
_CONFIRM = (
    update(account)
    .where(*_OF_ONE, _A.totp_confirmed_at.is_(None))
    .values(totp_confirmed_at=bindparam("now"), version=_A.version + 1)
)
_RECOVERY = update(account).where(*_OF_ONE).values(recovery=bindparam("left", type_=_A.recovery.type))
_REMOVE = (
    update(account)
    .where(*_OF_ONE)
    .values(
        totp_sealed=None,
        totp_confirmed_at=None,
        totp_step=None,
        recovery=bindparam("left", type_=_A.recovery.type),
        version=_A.version + 1,
    )
)
_SHOWN = select(sign_in.c.methods).where(sign_in.c.tenant == TENANT, sign_in.c.id == bindparam("sign_in_id"))
_SHOW = (
    update(sign_in)
    .where(sign_in.c.tenant == TENANT, sign_in.c.id == bindparam("sign_in_id"))
    .values(methods=bindparam("shown", type_=sign_in.c.methods.type))
)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator is set up with; ``uri`` is what the QR code says."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


async def begin_totp(session: TenantSession, account: Account, issuer_name: str) -> Enrolment:
    """A new secret, good for nothing until a code confirms it; raises :class:`Conflict` where one is confirmed."""
    secret = pyotp.random_base32()
    sealed = (await session.keys()).seal(secret.encode(), _purpose(account.id))
    if await session.execute(_BEGIN, {"account_id": account.id, "sealed": sealed}) != 1:
        raise Conflict("accounts.factor-there")
    record(session, account.id, "account.factor-begun")
    return _enrolment(secret, account, issuer_name)


async def open_enrolment(session: TenantSession, account: Account, issuer_name: str) -> Enrolment | None:
    """The secret that waits to be confirmed, to be shown again; None where there is none."""
    if account.has_second_factor or account.totp_sealed is None:
        return None
    return _enrolment(await _secret_of(session, account, account.totp_sealed), account, issuer_name)


async def confirm_totp(
    session: TenantSession, account: Account, code: str, now: datetime, *, sign_in_id: UUID | None = None
) -> tuple[str, ...]:
    """The recovery codes, told once; from now on a code is asked for. ``sign_in_id`` is not asked again.

    Raises :class:`Refused` for a wrong code, :class:`OutOfOrder` where no enrolment waits.
    """
    held = await find_account(session, account.id, lock=True)
    if held.has_second_factor or held.totp_sealed is None:
        raise OutOfOrder("accounts.no-enrolment")
    if not await _take_totp(session, held, read_code(code), now):
        raise Refused("accounts.code-does-not-fit", field="/code")
    await session.execute(_CONFIRM, {"account_id": held.id, "now": now})
    if sign_in_id is not None:
        await _show(session, sign_in_id)
    record(session, held.id, "account.factor-confirmed")
    return await _write_recovery(session, held.id)


async def renew_recovery_codes(session: TenantSession, account: Account) -> tuple[str, ...]:
    """New recovery codes in place of those that are left; raises :class:`OutOfOrder` without a second factor."""
    held = await find_account(session, account.id, lock=True)
    if not held.has_second_factor:
        raise OutOfOrder("accounts.no-factor")
    record(session, held.id, "account.recovery-renewed")
    return await _write_recovery(session, held.id)


async def drop_factor(session: TenantSession, account_id: UUID) -> None:
    """Takes the second factor and its recovery codes away."""
    await session.execute(_REMOVE, {"account_id": account_id, "left": []})
    record(session, account_id, "account.factor-removed")


async def take_code(session: TenantSession, held: Account, code: str, now: datetime) -> bool:
    """Uses a code of the authenticator or a recovery code up; False for a wrong one, and for one that was used before.

    The account is one that the session holds (``lock``).
    """
    read = read_code(code)
    if _DIGITS.fullmatch(read):
        return await _take_totp(session, held, read, now)
    return await _take_recovery(session, held, read)


def read_code(code: str) -> str:
    """A code as it was typed, with blanks between or in full-width digits, as it is compared."""
    return "".join(unicodedata.normalize("NFKC", code).split())


def step_of(now: datetime) -> int:
    """The step of RFC 6238 that an instant lies in."""
    return int(now.timestamp()) // STEP_SECONDS


async def _show(session: TenantSession, sign_in_id: UUID) -> None:
    """Says of a sign-in that a second factor was shown in it."""
    shown = dict.fromkeys((*(await session.scalar(_SHOWN, {"sign_in_id": sign_in_id}) or ()), OTP, SEVERAL))
    await session.execute(_SHOW, {"sign_in_id": sign_in_id, "shown": list(shown)})


async def _take_totp(session: TenantSession, held: Account, code: str, now: datetime) -> bool:
    if held.totp_sealed is None or not _DIGITS.fullmatch(code):
        return False
    codes = pyotp.TOTP(await _secret_of(session, held, held.totp_sealed))
    present = step_of(now)
    fitting = [step for step in (present - 1, present, present + 1) if hmac.compare_digest(codes.generate_otp(step), code)]
    if not fitting:
        return False
    return await session.execute(_SPEND, {"account_id": held.id, "step": fitting[-1]}) == 1


async def _take_recovery(session: TenantSession, held: Account, code: str) -> bool:
    hashed = receipt_hash(code).hex()
    if not held.has_second_factor or hashed not in held.recovery:
        return False
    left = [other for other in held.recovery if other != hashed]
    await session.execute(_RECOVERY, {"account_id": held.id, "left": left})
    record(session, held.id, "account.recovery-used", {"left": len(left)})
    return True


async def _write_recovery(session: TenantSession, account_id: UUID) -> tuple[str, ...]:
    codes = tuple(new_receipt() for _ in range(RECOVERY_CODES))
    await session.execute(_RECOVERY, {"account_id": account_id, "left": [receipt_hash(code).hex() for code in codes]})
    return codes


async def _secret_of(session: TenantSession, account: Account, sealed: bytes) -> str:
    return (await session.keys()).open(bytes(sealed), _purpose(account.id)).decode()


def _enrolment(secret: str, account: Account, issuer_name: str) -> Enrolment:
    return Enrolment(secret, pyotp.TOTP(secret).provisioning_uri(name=account.login, issuer_name=issuer_name))


def _purpose(account_id: UUID) -> str:
    return f"account-totp|{account_id}"
