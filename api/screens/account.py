"""The page of the own account: whom it allows what, where it is signed in, and what it signs in with (ASVS 10.4.9)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from api.exchange import Answer
from api.screens.answers import ask_to_sign_in, go, moment, page, scope_lines, told
from api.screens.browsers import describe_agent
from api.screens.forms import read_own_form
from api.screens.onward import ACCOUNT, Onward
from api.screens.visits import Visit
from core.accounts.account import find_account
from core.accounts.sign_ins import SignIn, end_all, end_sign_in, list_sign_ins
from core.authorizations.families import Allowed, list_authorizations, revoke_families
from core.errors import Invalid, NotFound, WenzeError

_TOLD = {
    "withdrawn": "account.withdrawn",
    "ended": "account.ended",
    "others-ended": "account.others-ended",
    "password-changed": "account.password-changed",
    "factor-removed": "account.factor-removed",
}


async def show_account(visit: Visit) -> Answer:
    """``GET …/account``."""
    if visit.sign_in is None:
        return ask_to_sign_in(visit, Onward(ACCOUNT))
    return await _show(visit, visit.sign_in)


async def change_account(visit: Visit) -> Answer:
    """``POST …/account``: one of :data:`_ACTIONS`."""
    form = await read_own_form(visit)
    if visit.sign_in is None:
        return ask_to_sign_in(visit, Onward(ACCOUNT))
    action = _ACTIONS.get(form.get("action", ""))
    if action is None:
        raise Invalid("api.field-missing", field="/action", name="action")
    try:
        return await action(visit, visit.sign_in, form)
    except NotFound as error:
        return await _show(visit, visit.sign_in, error)


async def _withdraw(visit: Visit, sign_in: SignIn, form: dict[str, str]) -> Answer:
    chosen = _id(form)
    async with visit.writing() as session:
        if chosen not in {item.id for item in await list_authorizations(session, sign_in.account_id, visit.now)}:
            raise NotFound("api.not-found")
        await revoke_families(session, authorization_id=chosen, reason="withdrawn", now=visit.now)
    return _done(visit, "withdrawn")


async def _end(visit: Visit, sign_in: SignIn, form: dict[str, str]) -> Answer:
    async with visit.writing() as session:
        await end_sign_in(session, _id(form), "ended-by-owner", visit.now, account_id=sign_in.account_id)
    return _done(visit, "ended")


async def _end_others(visit: Visit, sign_in: SignIn, form: dict[str, str]) -> Answer:
    del form
    async with visit.writing() as session:
        await end_all(session, sign_in.account_id, "ended-by-owner", visit.now, but=sign_in.id)
    return _done(visit, "others-ended")


_ACTIONS: dict[str, Callable[[Visit, SignIn, dict[str, str]], Awaitable[Answer]]] = {
    "withdraw": _withdraw,
    "end-sign-in": _end,
    "end-others": _end_others,
}


def _done(visit: Visit, word: str) -> Answer:
    return go(visit, f"{visit.issuer}{ACCOUNT}?told={word}")


def _id(form: dict[str, str]) -> UUID:
    try:
        return UUID(form.get("id", ""))
    except ValueError as error:
        raise NotFound("api.not-found") from error


async def _show(visit: Visit, sign_in: SignIn, error: WenzeError | None = None) -> Answer:
    async with visit.reading() as session:
        account = await find_account(session, sign_in.account_id)
        sign_ins = await list_sign_ins(session, sign_in.account_id, visit.now)
        allowed = await list_authorizations(session, sign_in.account_id, visit.now)
    return page(
        visit,
        "account.html",
        error=error,
        query={},
        done="" if error else told(visit, _TOLD),
        allowed=[_allowed(visit, item) for item in allowed],
        sign_ins=[_signed_in(visit, item, sign_in) for item in sign_ins],
        by_password=account.password_hash is not None,
        second_factor=account.has_second_factor,
        codes_left=len(account.recovery),
        links=[],
        providers=[],
    )


def _allowed(visit: Visit, item: Allowed) -> dict[str, Any]:
    scopes = scope_lines(visit, item.scopes)
    return {
        "id": item.id,
        "name": item.client_name,
        "trusted": item.trusted,
        "scopes": scopes,
        **moment(visit, item.created_at),
    }


def _signed_in(visit: Visit, item: SignIn, here: SignIn) -> dict[str, Any]:
    return {
        "id": item.id,
        "browser": describe_agent(item.agent),
        "address": item.address,
        "here": item.id == here.id,
        **moment(visit, item.opened_at),
    }
