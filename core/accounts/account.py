"""An account of a member of staff: the login, what it signs in with, and whether it may."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from core.errors import NotFound
from core.store.session import TenantSession
from core.store.tables import TENANT, account

_COLUMNS = [column for column in account.c if column.name != "tenant"]
_BY_ID = select(*_COLUMNS).where(account.c.tenant == TENANT, account.c.id == bindparam("account_id"))
_LOCKED = _BY_ID.with_for_update()
_BY_PERSON = select(*_COLUMNS).where(account.c.tenant == TENANT, account.c.person_id == bindparam("of_person"))
_BY_LOGIN = select(*_COLUMNS).where(account.c.tenant == TENANT, account.c.login == bindparam("named"))


@dataclass(frozen=True, slots=True)
class Account:
    """An account as it stands. Without ``password_hash`` nobody signs in by a password (yet)."""

    id: UUID
    person_id: UUID
    login: str
    password_hash: str | None = field(repr=False)
    password_set_at: datetime | None
    totp_sealed: bytes | None = field(repr=False)
    totp_confirmed_at: datetime | None
    totp_step: int | None
    recovery: tuple[str, ...] = field(repr=False)
    """Hashes of the recovery codes that are left."""
    disabled_at: datetime | None
    created_at: datetime
    version: int

    @property
    def has_second_factor(self) -> bool:
        """Whether a code is asked for after the password; an enrolment that was not confirmed asks for none."""
        return self.totp_confirmed_at is not None


def account_of(row: dict[str, Any]) -> Account:
    """The account of a row."""
    return Account(**{name: row[name] for name in Account.__slots__} | {"recovery": tuple(row["recovery"])})


async def find_account(session: TenantSession, account_id: UUID, *, lock: bool = False) -> Account:
    """The account; raises :class:`NotFound`. With ``lock`` others who change it wait until the session ends."""
    row = await session.one(_LOCKED if lock else _BY_ID, {"account_id": account_id})
    if row is None:
        raise NotFound("accounts.unknown", account=str(account_id))
    return account_of(row)


async def find_account_of(session: TenantSession, person_id: UUID) -> Account | None:
    """The account of a person, where there is one."""
    row = await session.one(_BY_PERSON, {"of_person": person_id})
    return account_of(row) if row else None


async def find_login(session: TenantSession, login: str) -> Account | None:
    """The account of that login, which is in the form of :func:`core.accounts.logins.read_login`."""
    row = await session.one(_BY_LOGIN, {"named": login})
    return account_of(row) if row else None
