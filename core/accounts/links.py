"""Links: which person of an identity provider is which account here. None comes about without somebody's say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, delete, select, update

from core.accounts.account import find_account, find_login
from core.accounts.logins import read_login
from core.accounts.providers import Provider
from core.accounts.records import record
from core.errors import Conflict, Forbidden, NotFound
from core.ids import new_id
from core.law.instrument import Text
from core.store.session import TenantSession
from core.store.tables import TENANT, account_link, identity_provider

EMAIL, EMAIL_VERIFIED = "email", "email_verified"
_LONGEST_LOGIN = 64
_L = account_link.c
_LIST = (
    select(
        _L.id,
        identity_provider.c.key.label("provider_key"),
        identity_provider.c.name_zh,
        identity_provider.c.name_en,
        _L.created_at,
        _L.seen_at,
    )
    .select_from(
        account_link.join(
            identity_provider,
            and_(identity_provider.c.tenant == _L.tenant, identity_provider.c.id == _L.provider_id),
        )
    )
    .where(_L.tenant == TENANT, _L.account_id == bindparam("of_account"))
    .order_by(_L.id)
)
_OF_SUBJECT = select(_L.id, _L.account_id).where(
    _L.tenant == TENANT, _L.provider_id == bindparam("of_provider"), _L.subject == bindparam("of_subject")
)
_OF_ACCOUNT = select(_L.id).where(
    _L.tenant == TENANT, _L.provider_id == bindparam("of_provider"), _L.account_id == bindparam("of_account")
)
_SEE = update(account_link).where(_L.tenant == TENANT, _L.id == bindparam("of_id")).values(seen_at=bindparam("at"))
_UNLINK = (
    delete(account_link)
    .where(_L.tenant == TENANT, _L.id == bindparam("of_id"), _L.account_id == bindparam("of_account"))
    .returning(_L.provider_id)
)


@dataclass(frozen=True, slots=True)
class AccountLink:
    """A provider by which somebody signs in to an account. The subject is the provider's and told to nobody."""

    id: UUID
    provider_key: str
    provider_name: Text
    created_at: datetime
    seen_at: datetime | None


async def list_links(session: TenantSession, account_id: UUID) -> list[AccountLink]:
    """The links of an account, in the order in which they were made."""
    rows = await session.all(_LIST, {"of_account": account_id})
    return [_read(row) for row in rows]


async def link_account(session: TenantSession, account_id: UUID, provider: Provider, subject: str, now: datetime) -> None:
    """Links a person of a provider to an account, whose owner is signed in.

    Raises :class:`Conflict` where that person is another account's, or the account is linked to another person there.
    """
    await _link(session, account_id, provider, subject, now, "account.linked")


async def unlink_account(session: TenantSession, account_id: UUID, link_id: UUID) -> None:
    """Ends a link of an account; raises :class:`NotFound`."""
    row = await session.one(_UNLINK, {"of_id": link_id, "of_account": account_id})
    if row is None:
        raise NotFound("federation.link-unknown")
    record(session, account_id, "account.unlinked", {"provider_id": str(row["provider_id"])})


async def find_linked(
    session: TenantSession, provider: Provider, subject: str, claims: Mapping[str, Any], now: datetime
) -> UUID:
    """The account of a person of a provider; links it where the tenant has said by which claim that may be done.

    Raises :class:`Forbidden` where there is none: accounts come from administrators alone, never from a provider.
    """
    known = await session.one(_OF_SUBJECT, {"of_provider": provider.id, "of_subject": subject})
    if known is not None:
        await session.execute(_SEE, {"of_id": known["id"], "at": now})
        account_id: UUID = known["account_id"]
        return account_id
    login = _told_login(provider, claims)
    found = await find_login(session, login) if login else None
    if found is None:
        raise Forbidden("federation.not-linked")
    await _link(session, found.id, provider, subject, now, "account.linked-by-claim")
    return found.id


def _told_login(provider: Provider, claims: Mapping[str, Any]) -> str | None:
    told = claims.get(provider.link_by) if provider.link_by else None
    if not isinstance(told, str) or not told.strip() or len(told) > _LONGEST_LOGIN:
        return None
    if provider.link_by == EMAIL and claims.get(EMAIL_VERIFIED) is not True:
        return None
    return read_login(told)


async def _link(
    session: TenantSession, account_id: UUID, provider: Provider, subject: str, now: datetime, action: str
) -> None:
    await find_account(session, account_id, lock=True)
    known = await session.one(_OF_SUBJECT, {"of_provider": provider.id, "of_subject": subject})
    if known is not None and known["account_id"] == account_id:
        return
    if known is not None:
        raise Conflict("federation.linked-to-another")
    if await session.one(_OF_ACCOUNT, {"of_provider": provider.id, "of_account": account_id}) is not None:
        raise Conflict("federation.account-linked-already")
    row = {
        "id": new_id(),
        "account_id": account_id,
        "provider_id": provider.id,
        "subject": subject,
        "created_at": now,
        "seen_at": now,
    }
    session.add(account_link, row)
    record(session, account_id, action, {"provider_id": str(provider.id), "link_id": str(row["id"])})


def _read(row: dict[str, Any]) -> AccountLink:
    name = Text(row["name_zh"], row["name_en"])
    return AccountLink(row["id"], row["provider_key"], name, row["created_at"], row["seen_at"])
