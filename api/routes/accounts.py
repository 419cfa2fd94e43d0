"""Accounts of staff over HTTP: an administrator registers, disables and resets them, and learns nobody's password."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from api.operations import Call, Method, Operation, Reply
from api.pages import make_cursor, read_cursor
from api.routes.account_views import (
    AccountPage,
    AccountQuery,
    AccountReason,
    AccountReset,
    AccountView,
    InvitedView,
    NewAccount,
    account_view,
    invitation_view,
)
from api.routes.administration import ADMINISTRATORS, administration_of
from core.accounts import service
from core.accounts.account import Account, find_account
from core.errors import Conflict, NotFound, OutOfOrder, Refused, Stale, WenzeError
from core.law.instrument import Text
from core.procedure import Role
from core.tenants.scopes import Scope

TAG = "accounts"
READERS = (Role.TENANT_ADMINISTRATOR, Role.AUDITOR)
UNKNOWN: Mapping[type[WenzeError], tuple[str, ...]] = {NotFound: ("accounts.unknown",)}
_REASON = {"reason": "离岗"}


def _told(account: Account) -> Reply:
    return Reply(account_view(account), etag=account.version)


def _invited(call: Call, made: service.Invited) -> Reply:
    issuer = call.services.issuer(call.snapshot.tenant)
    invitation = invitation_view(issuer, made.code, call.session.recorded_at)
    return Reply(
        InvitedView(account_view(made.account), invitation),
        etag=made.account.version,
        location=f"/accounts/{made.account.id}",
        kept=made.account.id,
    )


async def _retell(call: Call, kept: bytes) -> Reply:
    account = await find_account(call.session, msgspec.json.decode(kept, type=UUID))
    return Reply(InvitedView(account_view(account), None), etag=account.version, location=f"/accounts/{account.id}")


async def _list(call: Call) -> Reply:
    query: AccountQuery = call.query
    chosen = service.AccountFilter(
        limit=query.limit + 1,
        after=read_cursor(query.cursor, UUID) if query.cursor else None,
        person_id=query.person_id,
        login=query.login,
    )
    found = await service.list_accounts(call.session, chosen)
    page = found[: query.limit]
    following = make_cursor(page[-1].id) if len(found) > query.limit else None
    return Reply(AccountPage(tuple(map(account_view, page)), following), next_cursor=following)


async def _read(call: Call) -> Reply:
    return _told(await find_account(call.session, call.id("account_id")))


async def _register(call: Call) -> Reply:
    new: NewAccount = call.body
    return _invited(call, await service.register_account(administration_of(call), new.person_id, new.login))


async def _disable(call: Call) -> Reply:
    admin, said = administration_of(call), call.body
    return _told(await service.disable_account(admin, call.id("account_id"), said.reason, call.expected or 0))


async def _enable(call: Call) -> Reply:
    admin, said = administration_of(call), call.body
    return _told(await service.enable_account(admin, call.id("account_id"), said.reason, call.expected or 0))


async def _reset(call: Call) -> Reply:
    admin, account, said = administration_of(call), call.id("account_id"), call.body
    made = await service.reset_account(admin, account, said.reason, call.expected or 0, second_factor=said.second_factor)
    return _invited(call, made)


def _change(id_: str, verb: str, title: Text, description: Text, **more: Any) -> Operation:
    """A change of an account that exists."""
    common: dict[str, Any] = {
        "method": Method.POST,
        "tag": TAG,
        "scope": Scope.ACCOUNTS_WRITE,
        "roles": ADMINISTRATORS,
        "body": AccountReason,
        "reply": AccountView,
        "idempotent": True,
        "if_match": True,
        "etag": True,
        "examples": lambda _: {id_: _REASON},
    }
    path = f"/accounts/{{account_id}}/{verb}"
    return Operation(id=id_, path=path, title=title, description=description, **common | more)


OPERATIONS = (
    Operation(
        id="listAccounts",
        method=Method.GET,
        path="/accounts",
        tag=TAG,
        title=Text(zh="账户列表", en="List accounts"),
        description=Text(
            zh="工作人员的登录账户，按登记先后；可按人员或登录名查找。",
            en="Accounts of staff in the order of their registration; of a person or a login where one is named.",
        ),
        handler=_list,
        scope=Scope.ACCOUNTS_READ,
        roles=READERS,
        query=AccountQuery,
        reply=AccountPage,
    ),
    Operation(
        id="registerAccount",
        method=Method.POST,
        path="/accounts",
        tag=TAG,
        title=Text(zh="登记账户", en="Register an account"),
        description=Text(
            zh="为工作人员登记登录账户。邀请码只显示一次，72小时内凭码在页面上设置密码；任何管理员都不知道密码。"
            "重复提交不再显示邀请码；遗失的，重置账户即得新码。",
            en="Registers an account for a member of staff. The invitation's code is told this once; with it the person "
            "sets a password on the page within 72 hours, and no administrator ever knows it. A request that is sent again "
            "is answered without the code: where it was lost, a reset gives a new one.",
        ),
        handler=_register,
        scope=Scope.ACCOUNTS_WRITE,
        roles=ADMINISTRATORS,
        body=NewAccount,
        reply=InvitedView,
        status=201,
        idempotent=True,
        retell=_retell,
        etag=True,
        location=True,
        errors={
            NotFound: ("accounts.unknown",),
            Refused: ("accounts.person-unknown", "accounts.person-no-human"),
            Conflict: ("accounts.person-has-one", "accounts.login-taken"),
        },
        examples=lambda _: {"account": {"person_id": "{person_id}", "login": "li.ming"}},
    ),
    Operation(
        id="readAccount",
        method=Method.GET,
        path="/accounts/{account_id}",
        tag=TAG,
        title=Text(zh="查看账户", en="Read an account"),
        description=Text(
            zh="账户及其是否已设密码、两步验证，是否停用。",
            en="An account: whether it has a password and a second factor, and whether it is disabled.",
        ),
        handler=_read,
        scope=Scope.ACCOUNTS_READ,
        roles=READERS,
        reply=AccountView,
        etag=True,
        errors=UNKNOWN,
    ),
    _change(
        "disableAccount",
        "disable",
        Text(zh="停用账户", en="Disable an account"),
        Text(
            zh="即时停用账户，结束其全部登录和对客户端的授权。不得停用本人的账户和最后一个管理员的账户。",
            en="Ends the account until it is enabled, with every sign-in and everything that its person has allowed "
            "clients, at once. Nobody disables their own account, nor the last one of an administrator.",
        ),
        handler=_disable,
        clause=service.OWN,
        errors={
            **UNKNOWN,
            Stale: ("accounts.stale",),
            OutOfOrder: ("accounts.disabled-before",),
            Refused: ("accounts.own", "accounts.last-administrator"),
        },
    ),
    _change(
        "enableAccount",
        "enable",
        Text(zh="启用账户", en="Enable an account"),
        Text(
            zh="重新启用已停用的账户；密码和两步验证不变，原有登录不恢复。",
            en="Lets the person sign in again with the same password and second factor. What was ended stays ended.",
        ),
        handler=_enable,
        clause=service.OWN,
        errors={
            **UNKNOWN,
            Stale: ("accounts.stale",),
            OutOfOrder: ("accounts.not-disabled",),
            Refused: ("accounts.own",),
        },
    ),
    _change(
        "resetAccount",
        "reset",
        Text(zh="重置账户", en="Reset an account"),
        Text(
            zh="忘记密码或疑似泄露时：清除密码，结束全部登录和授权，并给出新的邀请码，只显示一次。"
            "两步验证遗失的，可一并移除。",
            en="For a password that is lost or known to others: takes it away, ends every sign-in and everything that the "
            "person has allowed clients, and gives a new invitation, told this once. A second factor that is lost can go, "
            "too.",
        ),
        handler=_reset,
        body=AccountReset,
        reply=InvitedView,
        retell=_retell,
        location=True,
        clause=service.OWN,
        errors={
            **UNKNOWN,
            Stale: ("accounts.stale",),
            OutOfOrder: ("accounts.disabled-before",),
            Refused: ("accounts.own",),
        },
        examples=lambda _: {
            "password": {"reason": "遗忘密码"},
            "second_factor": {"reason": "手机遗失", "second_factor": True},
        },
    ),
)
