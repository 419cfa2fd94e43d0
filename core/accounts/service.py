"""What administrators do with accounts: register, disable, enable and reset them. None of it tells anybody a password."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Select, bindparam, select, update

from core.accounts.account import Account, account_of, find_account, find_account_of, find_login
from core.accounts.devices import forget_devices
from core.accounts.factors import drop_factor
from core.accounts.invitations import invite
from core.accounts.logins import read_login
from core.accounts.records import record
from core.accounts.sign_ins import end_all
from core.accounts.throttle import forget_strangers
from core.errors import Conflict, NotFound, OutOfOrder, Refused, Stale
from core.ids import new_id
from core.procedure import Role
from core.store.session import TenantSession
from core.store.tables import TENANT, account
from core.tenants.names import normalise
from core.tenants.service.administration import Administration
from core.tenants.service.people import find_person
from core.tenants.snapshot import Snapshot
from core.tenants.staff import PersonKind

OWN = "wenze:readings#r12"
_A = account.c
_COLUMNS = [column for column in _A if column.name != "tenant"]
_OTHERS = select(_A.person_id).where(_A.tenant == TENANT, _A.disabled_at.is_(None), _A.id != bindparam("but"))
_SWITCH = (
    update(account)
    .where(_A.tenant == TENANT, _A.id == bindparam("account_id"))
    .values(disabled_at=bindparam("at"), version=_A.version + 1)
)
_CLEAR = (
    update(account)
    .where(_A.tenant == TENANT, _A.id == bindparam("account_id"))
    .values(password_hash=None, password_set_at=None, version=_A.version + 1)
)


@dataclass(frozen=True, slots=True)
class Invited:
    """An account, and the code by which its person sets a password; it is stored nowhere and told this once."""

    account: Account
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AccountFilter:
    """Which accounts: of a person, or of a login as it is typed; after an id, at most so many."""

    limit: int
    after: UUID | None = None
    person_id: UUID | None = None
    login: str | None = None


async def list_accounts(session: TenantSession, chosen: AccountFilter) -> list[Account]:
    """Accounts in the order in which they were registered."""
    return [account_of(row) for row in await session.all(_listing(chosen))]


async def register_account(admin: Administration, person_id: UUID, login: str) -> Invited:
    """A new account of a member of staff.

    Raises :class:`Refused` for a person that is not there or not human, and :class:`Conflict` for a login in use, or a
    person who has an account.
    """
    session, named = admin.session, read_login(login)
    await _check_person(session, person_id)
    if await find_account_of(session, person_id) is not None:
        raise Conflict("accounts.person-has-one", field="/person_id", person=str(person_id))
    if await find_login(session, named) is not None:
        raise Conflict("accounts.login-taken", field="/login", login=named)
    made = _new_account(admin, person_id, named)
    code = await invite(session, made.id)
    row = {name: getattr(made, name) for name in Account.__slots__} | {"recovery": []}
    session.add(account, row)
    _record(admin, made.id, "account.registered", {"person_id": str(person_id), "login": named})
    return Invited(made, code)


async def disable_account(admin: Administration, account_id: UUID, reason: str, expected: int) -> Account:
    """Ends the account until it is enabled, with every sign-in and authorization, at once.

    Raises :class:`NotFound`, :class:`Stale`, :class:`OutOfOrder` for one that is disabled, and :class:`Refused` for the own
    one and for the last of an administrator.
    """
    found = await find_account(admin.session, account_id)
    await _check_not_own(admin, found)
    await _check_administrator_stays(admin, found)
    held = await _expect(admin, account_id, expected)
    if held.disabled_at is not None:
        raise OutOfOrder("accounts.disabled-before")
    await admin.session.execute(_SWITCH, {"account_id": account_id, "at": admin.recorded_at})
    await _end(admin, account_id, "account-disabled")
    _record(admin, account_id, "account.disabled", {"reason": normalise(reason)})
    return await find_account(admin.session, account_id)


async def enable_account(admin: Administration, account_id: UUID, reason: str, expected: int) -> Account:
    """Lets the person sign in again, as before; raises :class:`NotFound`, :class:`Stale`, :class:`OutOfOrder`, or
    :class:`Refused` for the own one."""
    held = await _expect(admin, account_id, expected)
    await _check_not_own(admin, held)
    if held.disabled_at is None:
        raise OutOfOrder("accounts.not-disabled")
    await admin.session.execute(_SWITCH, {"account_id": account_id, "at": None})
    _record(admin, account_id, "account.enabled", {"reason": normalise(reason)})
    return await find_account(admin.session, account_id)


async def reset_account(
    admin: Administration, account_id: UUID, reason: str, expected: int, *, second_factor: bool = False
) -> Invited:
    """Takes the password away, ends every sign-in and authorization, forgets every browser, and invites the person anew.

    ``second_factor`` takes that away, too, from who has lost it; else it is asked for after the new password. Raises as
    :func:`enable_account` does, and :class:`OutOfOrder` for an account that is disabled.
    """
    held = await _expect(admin, account_id, expected)
    await _check_not_own(admin, held)
    if held.disabled_at is not None:
        raise OutOfOrder("accounts.disabled-before")
    await admin.session.execute(_CLEAR, {"account_id": account_id})
    if second_factor:
        await drop_factor(admin.session, account_id)
    await _end(admin, account_id, "account-reset")
    await forget_devices(admin.session, account_id)
    await forget_strangers(admin.session, held.login)
    code = await invite(admin.session, account_id)
    _record(admin, account_id, "account.reset", {"reason": normalise(reason), "second_factor": second_factor})
    return Invited(await find_account(admin.session, account_id), code)


async def _check_person(session: TenantSession, person_id: UUID) -> None:
    try:
        person = await find_person(session, person_id)
    except NotFound as error:
        raise Refused("accounts.person-unknown", field="/person_id", person=str(person_id)) from error
    if person.kind is not PersonKind.HUMAN:
        raise Refused("accounts.person-no-human", field="/person_id", person=str(person_id))


def _new_account(admin: Administration, person_id: UUID, login: str) -> Account:
    return Account(
        id=new_id(),
        person_id=person_id,
        login=login,
        password_hash=None,
        password_set_at=None,
        totp_sealed=None,
        totp_confirmed_at=None,
        totp_step=None,
        recovery=(),
        disabled_at=None,
        created_at=admin.recorded_at,
        version=1,
    )


async def _expect(admin: Administration, account_id: UUID, expected: int) -> Account:
    held = await find_account(admin.session, account_id, lock=True)
    if expected != held.version:
        raise Stale("accounts.stale", current=held.version)
    return held


async def _check_not_own(admin: Administration, held: Account) -> None:
    """Neither by themselves nor by a client of their own."""
    if admin.person_id is not None and admin.hand(await admin.snapshots.of(admin.session)) == held.person_id:
        raise Refused("accounts.own", clause=OWN)


async def _check_administrator_stays(admin: Administration, held: Account) -> None:
    """Of people who can sign in: a machine client that administers could else shut out everybody who could stop it."""
    if not _administers(admin, await admin.snapshots.of(admin.session), held.person_id):
        return
    snapshot = await admin.begin()  # two who each disable the other's wait for one another here
    others = await admin.session.all(_OTHERS, {"but": held.id})
    if not any(_administers(admin, snapshot, row["person_id"]) for row in others):
        raise Refused("accounts.last-administrator", clause=OWN)


def _administers(admin: Administration, snapshot: Snapshot, person_id: UUID) -> bool:
    day = snapshot.local_day(admin.now(snapshot))
    held = snapshot.organisation.roles_of(person_id, day)
    return any(grant.role is Role.TENANT_ADMINISTRATOR for grant in held)


async def _end(admin: Administration, account_id: UUID, reason: str) -> None:
    await end_all(admin.session, account_id, reason, admin.recorded_at)


def _record(admin: Administration, account_id: UUID, action: str, content: dict[str, object]) -> None:
    role = Role.TENANT_ADMINISTRATOR.value if admin.person_id else None
    record(admin.session, account_id, action, content, role=role)


def _listing(chosen: AccountFilter) -> Select[tuple[object, ...]]:
    found = select(*_COLUMNS).where(_A.tenant == TENANT).order_by(_A.id).limit(chosen.limit)
    if chosen.after is not None:
        found = found.where(_A.id > chosen.after)
    if chosen.person_id is not None:
        found = found.where(_A.person_id == chosen.person_id)
    if chosen.login is not None:
        found = found.where(_A.login == read_login(chosen.login))
    return found
