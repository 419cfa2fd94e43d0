"""Signing in: login and password, then the second factor where the account has one."""

from __future__ import annotations

from api.exchange import Answer
from api.oauth.authorize import AuthorizationRequest
from api.screens.answers import go, go_to, page, told
from api.screens.authorizing import find_request, places_of
from api.screens.cookies import Cookie, drop_cookie, read_cookie, set_cookie, sign_in_cookies
from api.screens.forms import read_own_form
from api.screens.onward import Onward
from api.screens.rendering import in_language
from api.screens.visits import Visit
from core.accounts.providers import providers_of
from core.accounts.renewing import renew_sign_in
from core.accounts.sign_ins import find_sign_in
from core.accounts.signing_in import Opened, confirm_second_factor, open_by_password
from core.errors import Limited, Refused, Unauthenticated, Unavailable, WenzeError
from core.store.actor import Actor

_TOLD = {"invitation": "invitation.done"}
_GONE = "accounts.sign-in-gone"


async def show_sign_in(visit: Visit) -> Answer:
    """``GET …/sign-in``. Also for who is signed in already and signs in again, or as somebody else."""
    return await _ask(visit)


async def sign_in(visit: Visit) -> Answer:
    """``POST …/sign-in``. Whatever is wrong is said in the same words."""
    form = await read_own_form(visit)
    login = form.get("login", "")
    try:
        opened = await open_by_password(
            visit.services.database,
            visit.snapshot,
            visit.services.passwords,
            login,
            form.get("password", ""),
            visit.browser,
            visit.now,
            limits=visit.services.sign_in_limits,
        )
    except (Unauthenticated, Limited, Unavailable) as error:
        return await _ask(visit, login, error)
    return await enter(visit, opened)


async def show_second_factor(visit: Visit) -> Answer:
    """``GET …/second-factor``."""
    if visit.found is None:
        return go(visit, visit.issuer + visit.onward.after_sign_in())
    return go_to(visit, visit.onward) if visit.present else _ask_second_factor(visit)


async def confirm(visit: Visit) -> Answer:
    """``POST …/second-factor``: a code of the app, or a recovery code."""
    form = await read_own_form(visit)
    if visit.found is None or visit.token is None or visit.present is not None:
        return await show_second_factor(visit)
    try:
        opened = await confirm_second_factor(
            visit.services.database,
            visit.snapshot,
            visit.token,
            form.get("code", ""),
            visit.browser,
            visit.now,
            limits=visit.services.sign_in_limits,
        )
    except (Unauthenticated, Limited, Unavailable, Refused) as error:
        if error.code == _GONE:
            dropped = drop_cookie(visit.services, visit.tenant, Cookie.SIGN_IN)
            return go(visit, visit.issuer + visit.onward.after_sign_in(), [dropped])
        return _ask_second_factor(visit, error)
    return await enter(visit, opened)


async def enter(visit: Visit, opened: Opened) -> Answer:
    """Sets the cookies of a sign-in, and leads on to its second factor or to where it was for.

    Where this browser was signed in, that sign-in goes on (:mod:`core.accounts.renewing`).
    """
    services, tenant = visit.services, visit.tenant
    if opened.sign_in.needs_second_factor:
        earlier = [set_cookie(services, tenant, Cookie.EARLIER, visit.token)] if visit.present and visit.token else []
        address = visit.issuer + visit.onward.after_sign_in("/second-factor")
        return go(visit, address, [*sign_in_cookies(services, tenant, opened), *earlier])
    kept = await _go_on(visit, opened)
    dropped = drop_cookie(services, tenant, Cookie.EARLIER)
    return go_to(visit, visit.onward, [*sign_in_cookies(services, tenant, kept), dropped])


async def _go_on(visit: Visit, opened: Opened) -> Opened:
    actor = Actor(person_id=opened.sign_in.person_id)
    async with visit.services.database.tenant(visit.tenant.id, actor=actor) as session:
        earlier = visit.found
        if earlier is None or earlier.id == opened.sign_in.id:
            token = read_cookie(visit.exchange, visit.services, visit.tenant, Cookie.EARLIER)
            earlier = await find_sign_in(session, token, visit.now) if token else None
        if earlier is None:
            return opened
        return await renew_sign_in(session, earlier, opened, visit.now)


async def _ask(visit: Visit, login: str = "", error: WenzeError | None = None) -> Answer:
    onward = visit.onward
    request = find_request(visit, onward)
    hint = request.login_hint or "" if request else ""
    return page(
        visit,
        "sign_in.html",
        error=error,
        leads_to=places_of(request) if request else [],
        other_expected=_is_other_expected(visit, request),
        client_name=request.client.name if request else "",
        login=(login or hint)[:256],
        done=told(visit, _TOLD),
        action=visit.root + onward.after_sign_in(),
        providers=await _providers(visit, onward),
    )


async def _providers(visit: Visit, onward: Onward) -> list[dict[str, str]]:
    """Where else one can sign in, as the page shows it."""
    async with visit.reading() as session:
        known = await providers_of(session)
    return [
        {
            "name": in_language(provider.name, visit.language),
            "address": visit.root + onward.after_sign_in(f"/providers/{provider.key}"),
        }
        for provider in known
    ]


def _is_other_expected(visit: Visit, request: AuthorizationRequest | None) -> bool:
    """Whether the client has named somebody else than who is signed in (``id_token_hint``)."""
    expected = request.hinted_person if request else None
    return expected is not None and visit.sign_in is not None and expected != visit.sign_in.person_id


def _ask_second_factor(visit: Visit, error: WenzeError | None = None) -> Answer:
    onward, recovery = visit.onward, visit.query.get("by") == "recovery"
    request = find_request(visit, onward)
    here = onward.after_sign_in("/second-factor")
    by_recovery = f"{here}&by=recovery"
    return page(
        visit,
        "second_factor.html",
        error=error,
        leads_to=places_of(request) if request else [],
        sign_in=visit.found,
        recovery=recovery,
        action=visit.root + (by_recovery if recovery else here),
        other=visit.root + (here if recovery else by_recovery),
        another=visit.root + onward.after_sign_in(),
    )
