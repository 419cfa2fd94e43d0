"""Invitations: a code, told once, by which a person sets a password that nobody else ever knows."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, select, update

from core.accounts.account import Account, find_account
from core.accounts.passwords import Passwords
from core.accounts.records import record
from core.accounts.sign_ins import end_all
from core.accounts.throttle import forget_strangers
from core.accounts.words import words_of
from core.errors import Refused
from core.ids import new_receipt, receipt_hash
from core.store.actor import Actor
from core.store.database import Database
from core.store.session import TenantSession
from core.store.tables import TENANT, account, account_invitation
from core.tenants.service.people import find_person
from core.tenants.snapshot import Snapshot

INVITATION_HOURS = 72
_I = account_invitation.c
_GOOD = (_I.used_at.is_(None), _I.expires_at > bindparam("now"))
_FIND = select(_I.account_id).where(_I.tenant == TENANT, _I.code_hash == bindparam("of_code"), *_GOOD)
_USE = (
    update(account_invitation)
    .where(_I.tenant == TENANT, _I.code_hash == bindparam("of_code"), *_GOOD)
    .values(used_at=bindparam("now"))
)
_VOID = (
    update(account_invitation)
    .where(_I.tenant == TENANT, _I.account_id == bindparam("of_account"), _I.used_at.is_(None))
    .values(used_at=bindparam("now"))
)
_SET_PASSWORD = (
    update(account)
    .where(account.c.tenant == TENANT, account.c.id == bindparam("account_id"))
    .values(password_hash=bindparam("hashed"), password_set_at=bindparam("now"), version=account.c.version + 1)
)


async def invite(session: TenantSession, account_id: UUID) -> str:
    """A new code, good for :data:`INVITATION_HOURS` and one use; earlier ones of the account are no longer good."""
    now = session.recorded_at
    await session.execute(_VOID, {"of_account": account_id, "now": now})
    code = new_receipt()
    row = {"code_hash": receipt_hash(code), "account_id": account_id, "created_at": now, "used_at": None}
    session.add(account_invitation, {**row, "expires_at": now + timedelta(hours=INVITATION_HOURS)})
    return code


async def find_invited(session: TenantSession, code: str, now: datetime) -> Account:
    """Whom a code invites; raises :class:`Refused` for one that is unknown, used or expired, or of a disabled account."""
    row = await session.one(_FIND, {"of_code": receipt_hash(code), "now": now})
    invited = await find_account(session, row["account_id"]) if row else None
    if invited is None or invited.disabled_at is not None:
        raise Refused("accounts.invitation-not-good", field="/code")
    return invited


async def redeem(
    database: Database, passwords: Passwords, snapshot: Snapshot, code: str, password: str, now: datetime
) -> Account:
    """Sets the password of whom the code invites, and ends whatever the account was signed in to.

    Raises :class:`Refused` for a code that is not good, and for a password that is not taken, which uses nothing up.
    """
    tenant = snapshot.tenant.id
    async with database.reading(tenant) as session:
        invited = await find_invited(session, code, now)
        words = words_of(snapshot, await find_person(session, invited.person_id))
    hashed = await passwords.choose(password, login=invited.login, words=words, alone=not invited.has_second_factor)
    async with database.tenant(tenant, actor=Actor(person_id=invited.person_id)) as session:
        held = await find_account(session, invited.id, lock=True)
        used = await session.execute(_USE, {"of_code": receipt_hash(code), "now": now})
        if used != 1 or held.disabled_at is not None or held.has_second_factor != invited.has_second_factor:
            raise Refused("accounts.invitation-not-good", field="/code")
        await set_password(session, held.id, hashed, now)
        await end_all(session, held.id, "password-set", now)
        await forget_strangers(session, held.login)
        return await find_account(session, held.id)


async def set_password(session: TenantSession, account_id: UUID, hashed: str, now: datetime) -> None:
    """Stores the hash of a new password; no invitation is good after it."""
    await session.execute(_SET_PASSWORD, {"account_id": account_id, "hashed": hashed, "now": now})
    await session.execute(_VOID, {"of_account": account_id, "now": now})
    record(session, account_id, "account.password-set")
