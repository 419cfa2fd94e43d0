"""Sign-ins over HTTP: listed and ended by administrators, and by who is signed in."""

from __future__ import annotations

from collections.abc import Mapping

from api.operations import Call, Method, Operation, Reply
from api.routes.account_views import SignInList, SignInsEnded, sign_in_view
from api.routes.accounts import READERS, TAG, UNKNOWN
from api.routes.administration import ADMINISTRATORS
from core.accounts.account import find_account, find_account_of
from core.accounts.sign_ins import end_all, end_sign_in, list_sign_ins
from core.errors import NotFound, WenzeError
from core.law.instrument import Text
from core.tenants.scopes import Scope

_BY_ADMINISTRATOR, _BY_OWNER = "ended-by-administrator", "ended-by-owner"
_MISSING: Mapping[type[WenzeError], tuple[str, ...]] = {NotFound: ("accounts.unknown", "accounts.sign-in-unknown")}


async def _list(call: Call) -> Reply:
    held = await find_account(call.session, call.id("account_id"))
    found = await list_sign_ins(call.session, held.id, call.services.wall.now())
    return Reply(SignInList(tuple(map(sign_in_view, found))))


async def _end(call: Call) -> Reply:
    held = await find_account(call.session, call.id("account_id"))
    now = call.session.recorded_at
    ended = await end_sign_in(call.session, call.id("sign_in_id"), _BY_ADMINISTRATOR, now, account_id=held.id)
    return Reply(SignInsEnded(int(ended)))


async def _end_all(call: Call) -> Reply:
    held = await find_account(call.session, call.id("account_id"))
    return Reply(SignInsEnded(await end_all(call.session, held.id, _BY_ADMINISTRATOR, call.session.recorded_at)))


async def _list_own(call: Call) -> Reply:
    held = await find_account_of(call.session, call.principal.person_id)
    found = await list_sign_ins(call.session, held.id, call.services.wall.now()) if held else []
    return Reply(SignInList(tuple(map(sign_in_view, found))))


async def _end_own(call: Call) -> Reply:
    held = await find_account_of(call.session, call.principal.person_id)
    if held is None:
        raise NotFound("accounts.sign-in-unknown", sign_in=str(call.id("sign_in_id")))
    now = call.session.recorded_at
    ended = await end_sign_in(call.session, call.id("sign_in_id"), _BY_OWNER, now, account_id=held.id)
    return Reply(SignInsEnded(int(ended)))


OPERATIONS = (
    Operation(
        id="listSignIns",
        method=Method.GET,
        path="/accounts/{account_id}/sign-ins",
        tag=TAG,
        title=Text(zh="账户的登录", en="List the sign-ins of an account"),
        description=Text(
            zh="账户当前在何处登录，最近的在前，至多200项。",
            en="Where the account is signed in at present, newest first, 200 at most.",
        ),
        handler=_list,
        scope=Scope.ACCOUNTS_READ,
        roles=READERS,
        reply=SignInList,
        errors=UNKNOWN,
    ),
    Operation(
        id="endAllSignIns",
        method=Method.POST,
        path="/accounts/{account_id}/sign-ins/end",
        tag=TAG,
        title=Text(zh="结束全部登录", en="End every sign-in of an account"),
        description=Text(
            zh="即时结束账户的全部登录及由此授予客户端的授权。",
            en="Ends every sign-in of the account at once, and with them what its person has allowed clients.",
        ),
        handler=_end_all,
        scope=Scope.ACCOUNTS_WRITE,
        roles=ADMINISTRATORS,
        reply=SignInsEnded,
        idempotent=True,
        errors=UNKNOWN,
    ),
    Operation(
        id="endSignIn",
        method=Method.POST,
        path="/accounts/{account_id}/sign-ins/{sign_in_id}/end",
        tag=TAG,
        title=Text(zh="结束登录", en="End a sign-in of an account"),
        description=Text(
            zh="即时结束一项登录及由此授予客户端的授权；已结束的不变。",
            en="Ends a sign-in at once, and with it what was allowed to clients in it. One that has ended stays as it is.",
        ),
        handler=_end,
        scope=Scope.ACCOUNTS_WRITE,
        roles=ADMINISTRATORS,
        reply=SignInsEnded,
        idempotent=True,
        errors=_MISSING,
    ),
    Operation(
        id="listOwnSignIns",
        method=Method.GET,
        path="/me/sign-ins",
        tag=TAG,
        title=Text(zh="本人的登录", en="List my sign-ins"),
        description=Text(
            zh="本人当前在何处登录，最近的在前，至多200项；无账户的为空。",
            en="Where the person behind the token is signed in, newest first, 200 at most; empty without an account.",
        ),
        handler=_list_own,
        scope=Scope.ACCOUNTS_READ,
        reply=SignInList,
    ),
    Operation(
        id="endOwnSignIn",
        method=Method.POST,
        path="/me/sign-ins/{sign_in_id}/end",
        tag=TAG,
        title=Text(zh="结束本人的登录", en="End one of my sign-ins"),
        description=Text(
            zh="即时结束本人的一项登录及由此授予客户端的授权；已结束的不变。",
            en="Ends a sign-in of the person behind the token, and with it what was allowed to clients in it, this one too. "
            "One that has ended stays as it is.",
        ),
        handler=_end_own,
        scope=Scope.ACCOUNTS_WRITE,
        reply=SignInsEnded,
        idempotent=True,
        errors={NotFound: ("accounts.sign-in-unknown",)},
    ),
)
