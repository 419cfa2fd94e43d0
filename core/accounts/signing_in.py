"""Signing in: by password and second factor, or through a provider."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, update

from core.accounts.account import Account, find_account, find_login
from core.accounts.devices import name_device, remember_device
from core.accounts.factors import take_code
from core.accounts.limits import SignInLimits
from core.accounts.logins import read_login
from core.accounts.passwords import Passwords
from core.accounts.records import record
from core.accounts.sign_ins import OTP, SEVERAL, SignIn, find_sign_in, is_complete
from core.accounts.throttle import Counter, factor_counters, give_back, password_counters, take_attempt
from core.errors import OutOfOrder, Unauthenticated
from core.ids import new_id, new_secret, secret_hash
from core.store.actor import Actor
from core.store.database import Database
from core.store.session import TenantSession
from core.store.tables import TENANT, account, sign_in
from core.tenants.service.people import find_person
from core.tenants.snapshot import Snapshot

PASSWORD, PROVIDER = "pwd", "fed"
_TO_CONFIRM = timedelta(minutes=10)
"""How long a sign-in waits for its second factor."""
_LONGEST_AGENT = 300
_S = sign_in.c
_RAISE = (
    update(sign_in)
    .where(
        _S.tenant == TENANT,
        _S.id == bindparam("sign_in_id"),
        _S.token_hash == bindparam("of_token"),
        _S.ended_at.is_(None),
    )
    .values(
        token_hash=bindparam("hashed"),
        methods=bindparam("shown", type_=_S.methods.type),
        authenticated_at=bindparam("now"),
        seen_at=bindparam("now"),
        idle_seconds=bindparam("idle"),
        expires_at=bindparam("until"),
    )
)
_REHASH = (
    update(account)
    .where(account.c.tenant == TENANT, account.c.id == bindparam("account_id"))
    .values(password_hash=bindparam("hashed"))
)


@dataclass(frozen=True, slots=True)
class Browser:
    """What is known of the browser that signs in: the token of its device cookie, its User-Agent and its address."""

    device_token: str | None = field(repr=False)
    agent: str
    address: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A sign-in just opened or raised, with the tokens for its cookies; they are stored nowhere."""

    sign_in: SignIn
    token: str = field(repr=False)
    device_token: str | None = field(repr=False)
    """None until the second factor is confirmed; else to be set anew, for :data:`core.accounts.devices.DEVICE_DAYS`."""


@dataclass(frozen=True, slots=True)
class _Known:
    """Who tries to sign in, as far as there is such an account, and what the attempt is counted by."""

    account: Account | None
    counters: tuple[Counter, ...]


async def open_by_password(
    database: Database,
    snapshot: Snapshot,
    passwords: Passwords,
    login: str,
    password: str,
    browser: Browser,
    now: datetime,
    *,
    limits: SignInLimits,
) -> Opened:
    """A new sign-in; it ``needs_second_factor`` where the account has one.

    Raises :class:`Unauthenticated` (``accounts.sign-in-failed``) for anything that is wrong, after the same time;
    :class:`core.errors.Limited` (``accounts.too-many-attempts``) and :class:`core.errors.Unavailable` (``accounts.busy``)
    without having looked at the password.
    """
    tenant = snapshot.tenant.id
    known = await look_up(database, tenant, login, browser, now)
    passwords.require_room()
    async with database.tenant(tenant) as session:
        await take_attempt(session, known.counters, now)
    hash_ = known.account.password_hash if known.account and known.account.disabled_at is None else None
    if not await passwords.verify(password, hash_) or known.account is None or hash_ is None:
        raise Unauthenticated("accounts.sign-in-failed")
    rehashed = await passwords.hash(password) if passwords.needs_rehash(hash_) else None
    async with database.tenant(tenant, actor=Actor(person_id=known.account.person_id)) as session:
        held = await _hold_unchanged(session, known.account)
        await give_back(session, known.counters)
        if rehashed is not None:
            await session.execute(_REHASH, {"account_id": held.id, "hashed": rehashed})
        return await _open(session, held, (PASSWORD,), browser, now, limits)


async def look_up(database: Database, tenant: int, login: str, browser: Browser, now: datetime) -> _Known:
    """The account of a login as it was typed, and by what an attempt with its password is counted."""
    named = read_login(login)
    async with database.reading(tenant) as session:
        found = await find_login(session, named)
        device = await name_device(session, found.id if found else None, browser.device_token, now)
    return _Known(found, password_counters(named, device, browser.address))


async def confirm_second_factor(
    database: Database,
    snapshot: Snapshot,
    token: str,
    code: str,
    browser: Browser,
    now: datetime,
    *,
    limits: SignInLimits,
) -> Opened:
    """The sign-in, complete and under a new token, for a code of the authenticator or a recovery code.

    Raises :class:`Unauthenticated`: ``accounts.code-wrong``, or ``accounts.sign-in-gone`` where it has ended meanwhile;
    :class:`OutOfOrder` where none is asked for, and :class:`core.errors.Limited`.
    """
    tenant = snapshot.tenant.id
    async with database.reading(tenant) as session:
        waiting = await find_sign_in(session, token, now)
        if waiting is None:
            raise Unauthenticated("accounts.sign-in-gone")
        if not waiting.needs_second_factor:
            raise OutOfOrder("accounts.no-code-needed")
        device = await name_device(session, waiting.account_id, browser.device_token, now)
    counters = factor_counters(waiting.account_id, device)
    async with database.tenant(tenant) as session:
        await take_attempt(session, counters, now)
    async with database.tenant(tenant, actor=Actor(person_id=waiting.person_id)) as session:
        held = await find_account(session, waiting.account_id, lock=True)
        if not await take_code(session, held, code, now):
            raise Unauthenticated("accounts.code-wrong")
        await give_back(session, counters)
        return await _raise(session, waiting, token, browser, now, limits)


async def open_by_provider(
    session: TenantSession,
    snapshot: Snapshot,
    account_id: UUID,
    methods: tuple[str, ...],
    browser: Browser,
    now: datetime,
    *,
    satisfied: bool,
    limits: SignInLimits,
) -> Opened:
    """A new sign-in of somebody whom a provider vouches for; ``satisfied``: no second factor of ours is asked for.

    Raises :class:`Unauthenticated` for an account that is disabled, :class:`core.errors.NotFound` for none.
    """
    del snapshot
    held = await find_account(session, account_id, lock=True)
    if held.disabled_at is not None:
        raise Unauthenticated("accounts.sign-in-failed")
    shown = dict.fromkeys((PROVIDER, *methods, *([SEVERAL] if satisfied else [])))
    # What a provider says of its own factors counts only where the tenant has said that it does.
    trusted = tuple(name for name in shown if satisfied or name not in {OTP, SEVERAL})
    return await _open(session, held, trusted, browser, now, limits)


async def _hold_unchanged(session: TenantSession, known: Account) -> Account:
    """The account, held: a password that was changed while this one was checked is no longer good."""
    held = await find_account(session, known.id, lock=True)
    if held.disabled_at is not None or held.password_hash != known.password_hash:
        raise Unauthenticated("accounts.sign-in-failed")
    return held


async def _open(
    session: TenantSession, held: Account, methods: tuple[str, ...], browser: Browser, now: datetime, limits: SignInLimits
) -> Opened:
    complete = is_complete(methods, has_second_factor=held.has_second_factor)
    token = new_secret()
    made = SignIn(
        id=new_id(),
        account_id=held.id,
        person_id=held.person_id,
        login=held.login,
        name=(await find_person(session, held.person_id)).name,
        methods=methods,
        opened_at=now,
        authenticated_at=now,
        seen_at=now,
        expires_at=now + (limits.whole if complete else min(_TO_CONFIRM, limits.whole)),
        needs_second_factor=not complete,
        agent=browser.agent[:_LONGEST_AGENT],
        address=browser.address,
    )
    device = await remember_device(session, held.id, browser.device_token, now) if complete else None
    _write(session, made, token, limits)
    return Opened(made, token, device)


def _write(session: TenantSession, made: SignIn, token: str, limits: SignInLimits) -> None:
    names = ("id", "account_id", "opened_at", "authenticated_at", "seen_at", "expires_at", "agent", "address")
    row = {name: getattr(made, name) for name in names} | {
        "token_hash": secret_hash(token),
        "methods": list(made.methods),
        "idle_seconds": int(limits.idle.total_seconds()),
        "ended_at": None,
        "ended_for": None,
    }
    session.add(sign_in, row)
    record(session, made.account_id, "sign-in.opened", {"sign_in_id": str(made.id), "methods": list(made.methods)})


async def _raise(
    session: TenantSession, waiting: SignIn, token: str, browser: Browser, now: datetime, limits: SignInLimits
) -> Opened:
    """The sign-in with its second factor, under a token that nobody knew before (ASVS 7.2.4)."""
    fresh, until = new_secret(), now + limits.whole
    methods = tuple(dict.fromkeys((*waiting.methods, OTP, SEVERAL)))
    values = {
        "sign_in_id": waiting.id,
        "of_token": secret_hash(token),
        "hashed": secret_hash(fresh),
        "shown": list(methods),
        "now": now,
        "idle": int(limits.idle.total_seconds()),
        "until": until,
    }
    if await session.execute(_RAISE, values) != 1:
        raise Unauthenticated("accounts.sign-in-gone")
    device = await remember_device(session, waiting.account_id, browser.device_token, now)
    record(session, waiting.account_id, "sign-in.confirmed", {"sign_in_id": str(waiting.id), "methods": list(methods)})
    made = replace(
        waiting,
        methods=methods,
        authenticated_at=now,
        seen_at=now,
        expires_at=until,
        needs_second_factor=False,
    )
    return Opened(made, fresh, device)
