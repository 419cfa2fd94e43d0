"""The page of the own account: whom it allows what, where it is signed in, and what it signs in with (ASVS 10.4.9)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from api.exchange import Answer
from api.oauth.federation import begin_link
from api.screens.answers import ask_to_sign_in, go, moment, page, scope_lines, told
from api.screens.browsers import describe_agent
from api.screens.forms import read_own_form
from api.screens.freshness import is_fresh
from api.screens.onward import ACCOUNT, Onward
from api.screens.rendering import in_language
from api.screens.visits import Visit
from core.accounts.account import Account, find_account
from core.accounts.links import AccountLink, list_links, unlink_account
from core.accounts.providers import Provider, providers_of
from core.accounts.sign_ins import SignIn, end_all, end_sign_in, list_sign_ins
from core.authorizations.families import Allowed, list_authorizations, revoke_families
from core.errors import Invalid, NotFound, WenzeError

_TOLD = {
    "withdrawn": "account.withdrawn",
    "ended": "account.ended",
    "linked": "account.linked",
    "unlinked": "account.unlinked",
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


async def _link(visit: Visit, sign_in: SignIn, form: dict[str, str]) -> Answer:
    if not is_fresh(visit, sign_in):
        return go(visit, visit.issuer + Onward(ACCOUNT).after_sign_in())
    return await begin_link(visit, form.get("provider", ""), sign_in, f"{ACCOUNT}?told=linked")


async def _unlink(visit: Visit, sign_in: SignIn, form: dict[str, str]) -> Answer:
    async with visit.writing() as session:
        await unlink_account(session, sign_in.account_id, _id(form))
    return _done(visit, "unlinked")


_ACTIONS: dict[str, Callable[[Visit, SignIn, dict[str, str]], Awaitable[Answer]]] = {
    "withdraw": _withdraw,
    "end-sign-in": _end,
    "end-others": _end_others,
    "link": _link,
    "unlink": _unlink,
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
        links, providers = await list_links(session, sign_in.account_id), await providers_of(session)
    return page(
        visit,
        "account.html",
        error=error,
        leads_to=[provider.issuer for provider in providers],
        query={},
        done="" if error else told(visit, _TOLD),
        allowed=[_allowed(visit, item) for item in allowed],
        sign_ins=[_signed_in(visit, item, sign_in) for item in sign_ins],
        **_ways(visit, account, links, providers),
    )


def _ways(visit: Visit, account: Account, links: list[AccountLink], providers: tuple[Provider, ...]) -> dict[str, Any]:
    """What the account signs in with, and what it could."""
    linked = {link.provider_key for link in links}
    return {
        "by_password": account.password_hash is not None,
        "second_factor": account.has_second_factor,
        "codes_left": len(account.recovery),
        "links": [
            {"id": link.id, "name": in_language(link.provider_name, visit.language), **moment(visit, link.created_at)}
            for link in links
        ],
        "providers": [
            {"key": provider.key, "name": in_language(provider.name, visit.language)}
            for provider in providers
            if provider.key not in linked
        ],
    }


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
