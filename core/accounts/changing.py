"""What a person changes on the own account while signed in; each change asks for the present password again."""

from __future__ import annotations

from datetime import datetime

from core.accounts.account import Account, find_account
from core.accounts.devices import name_device
from core.accounts.factors import drop_factor
from core.accounts.invitations import set_password
from core.accounts.passwords import Passwords
from core.accounts.sign_ins import SignIn, end_all
from core.accounts.signing_in import Browser
from core.accounts.throttle import give_back, password_counters, take_attempt
from core.accounts.words import words_of
from core.errors import OutOfOrder, Refused, Unauthenticated
from core.factor_policy import CLAUSE
from core.store.actor import Actor
from core.store.database import Database
from core.store.session import TenantSession
from core.tenants.service.people import find_person
from core.tenants.snapshot import Snapshot


async def change_password(
    database: Database,
    snapshot: Snapshot,
    passwords: Passwords,
    sign_in: SignIn,
    present: str,
    new: str,
    browser: Browser,
    now: datetime,
) -> None:
    """Sets a new password and ends every other sign-in, with its authorizations.

    Raises as :func:`confirm_password` does, and :class:`core.errors.Refused` for a new one that is not taken.
    """
    known = await confirm_password(database, snapshot, passwords, sign_in, present, browser, now)
    async with database.reading(snapshot.tenant.id) as session:
        words = words_of(snapshot, await find_person(session, known.person_id))
    hashed = await passwords.choose(new, login=known.login, words=words, alone=not known.has_second_factor)
    async with database.tenant(snapshot.tenant.id, actor=Actor(person_id=known.person_id)) as session:
        await _hold(session, known)
        await set_password(session, known.id, hashed, now)
        await end_all(session, known.id, "password-changed", now, but=sign_in.id)


async def remove_factor(
    database: Database,
    snapshot: Snapshot,
    passwords: Passwords,
    sign_in: SignIn,
    present: str,
    browser: Browser,
    now: datetime,
) -> None:
    """Takes the second factor away; raises :class:`core.errors.Refused` where the password cannot stand alone.

    Raises as :func:`confirm_password` does, too, :class:`OutOfOrder` where there is no second factor, and
    :class:`core.errors.Refused` where the tenant asks one of the person.
    """
    if snapshot.asks_factor(sign_in.person_id, now):
        raise Refused("accounts.factor-asked", clause=CLAUSE)
    known = await confirm_password(database, snapshot, passwords, sign_in, present, browser, now)
    if not known.has_second_factor:
        raise OutOfOrder("accounts.no-factor")
    async with database.reading(snapshot.tenant.id) as session:
        words = words_of(snapshot, await find_person(session, known.person_id))
    await passwords.check(present, login=known.login, words=words, alone=True)
    async with database.tenant(snapshot.tenant.id, actor=Actor(person_id=known.person_id)) as session:
        await _hold(session, known)
        await drop_factor(session, known.id)


async def confirm_password(
    database: Database,
    snapshot: Snapshot,
    passwords: Passwords,
    sign_in: SignIn,
    present: str,
    browser: Browser,
    now: datetime,
) -> Account:
    """The account of a sign-in, once its password was shown again.

    Raises :class:`Unauthenticated` (``accounts.password-wrong``), :class:`core.errors.Limited` and
    :class:`core.errors.Unavailable`; failures count as those of signing in do.
    """
    tenant = snapshot.tenant.id
    async with database.reading(tenant) as session:
        known = await find_account(session, sign_in.account_id)
        device = await name_device(session, known.id, browser.device_token, now)
    counters = password_counters(known.login, device, browser.address)
    passwords.require_room()
    async with database.tenant(tenant) as session:
        await take_attempt(session, counters, now)
    if not await passwords.verify(present, known.password_hash):
        raise Unauthenticated("accounts.password-wrong")
    async with database.tenant(tenant) as session:
        await give_back(session, counters)
    return known


async def _hold(session: TenantSession, known: Account) -> None:
    held = await find_account(session, known.id, lock=True)
    same = held.password_hash == known.password_hash and held.has_second_factor == known.has_second_factor
    if held.disabled_at is not None or not same:
        raise Unauthenticated("accounts.password-wrong")
