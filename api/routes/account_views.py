"""Accounts and sign-ins as administrators and their owners see them; of a password or a code only that it is there."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from api.pages import PageQuery
from core.accounts.account import Account
from core.accounts.invitations import INVITATION_HOURS
from core.accounts.logins import Login
from core.accounts.sign_ins import SignIn
from core.cases.bodies import Instant
from core.tenants.names import Prose


class NewAccount(Struct, frozen=True, forbid_unknown_fields=True):
    """An account to be."""

    person_id: Annotated[UUID, Meta(title="人员", description="Whose account it is: a member of staff without one")]
    login: Login


class AccountReason(Struct, frozen=True, forbid_unknown_fields=True):
    """Why something is done to an account; stays on record."""

    reason: Annotated[Prose, Meta(title="原因", description="Why it is done")]


class AccountReset(Struct, frozen=True, forbid_unknown_fields=True):
    """Why an account is reset, and what of it."""

    reason: Annotated[Prose, Meta(title="原因", description="Why it is done")]
    second_factor: Annotated[
        bool,
        Meta(title="移除两步验证", description="Whether the second factor goes, too, because it is lost"),
    ] = False


class AccountQuery(PageQuery, frozen=True, kw_only=True):
    """Which accounts."""

    person_id: Annotated[UUID | None, Meta(title="人员", description="Of this person")] = None
    login: Annotated[
        Annotated[str, Meta(min_length=1, max_length=64)] | None, Meta(title="登录名", description="Of this login")
    ] = None


class AccountView(Struct, frozen=True, kw_only=True):
    """An account of a member of staff (登录账户)."""

    id: UUID
    person_id: UUID
    login: Annotated[str, Meta(title="登录名", description="What the person signs in with")]
    has_password: Annotated[bool, Meta(title="已设密码", description="Whether the person has set a password")]
    password_set_at: Annotated[Instant | None, Meta(title="密码设置时间", description="When it was set")]
    second_factor: Annotated[bool, Meta(title="两步验证", description="Whether a code is asked for after the password")]
    recovery_codes: Annotated[int, Meta(title="剩余恢复码", description="How many recovery codes are left")]
    created_at: Instant
    disabled_at: Annotated[Instant | None, Meta(title="停用时间", description="Since when nobody signs in with it")]
    version: Annotated[int, Meta(description="Counts its changes; the entity tag")]


class AccountPage(Struct, frozen=True):
    """A page of accounts in the order of their registration. ``next`` is the cursor of the following page."""

    items: tuple[AccountView, ...]
    next: str | None


class InvitationView(Struct, frozen=True):
    """What the person is given to set a password, by a way that reaches nobody else. It is told this once."""

    address: Annotated[str, Meta(title="页面地址", description="The page on which the code is typed")]
    code: Annotated[str, Meta(title="邀请码", description="Good once, until it expires")]
    expires_at: Instant


class InvitedView(Struct, frozen=True):
    """An account with its invitation, which is null where the request is answered again: reset it for a new one."""

    account: AccountView
    invitation: InvitationView | None


class SignInView(Struct, frozen=True, kw_only=True):
    """Where an account is signed in (登录)."""

    id: UUID
    methods: Annotated[tuple[str, ...], Meta(title="方式", description="How, by the names of RFC 8176; can grow")]
    complete: Annotated[bool, Meta(title="已完成", description="False while the second factor is waited for")]
    opened_at: Instant
    authenticated_at: Annotated[Instant, Meta(title="验证时间", description="When the person last showed who they are")]
    seen_at: Annotated[Instant, Meta(title="最近使用", description="When it was last used, to the minute")]
    expires_at: Instant
    agent: Annotated[str, Meta(title="浏览器", description="What the browser says that it is")]
    address: Annotated[str, Meta(title="地址", description="The network address that it was opened from")]


class SignInList(Struct, frozen=True):
    """The live sign-ins of an account, newest first."""

    items: tuple[SignInView, ...]


class SignInsEnded(Struct, frozen=True):
    """How many sign-ins were ended."""

    ended: Annotated[int, Meta(ge=0, description="How many")]


def account_view(account: Account) -> AccountView:
    """An account as it is shown."""
    return AccountView(
        id=account.id,
        person_id=account.person_id,
        login=account.login,
        has_password=account.password_hash is not None,
        password_set_at=account.password_set_at,
        second_factor=account.has_second_factor,
        recovery_codes=len(account.recovery),
        created_at=account.created_at,
        disabled_at=account.disabled_at,
        version=account.version,
    )


def invitation_view(issuer: str, code: str, invited_at: datetime) -> InvitationView:
    """An invitation as it is told."""
    return InvitationView(f"{issuer}/invitation", code, invited_at + timedelta(hours=INVITATION_HOURS))


def sign_in_view(sign_in: SignIn) -> SignInView:
    """A sign-in as it is shown."""
    names = ("id", "methods", "opened_at", "authenticated_at", "seen_at", "expires_at", "agent", "address")
    return SignInView(**{name: getattr(sign_in, name) for name in names}, complete=not sign_in.needs_second_factor)
