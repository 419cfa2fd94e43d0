"""Signing out: ends the sign-in in this browser and what was allowed in it.

Also where a client sends a person to sign out (OpenID Connect RP-Initiated Logout 1.0): the person is asked, and is then
sent where the client has registered that (:mod:`api.oauth.logout`).
"""

from __future__ import annotations

from urllib.parse import urlencode

from api.exchange import Answer
from api.oauth.logout import PARAMETERS, WayBack, find_way_back
from api.oauth.metadata import SIGN_OUT
from api.screens.answers import go, page, text
from api.screens.authorizing import client_card
from api.screens.cookies import Cookie, drop_cookie, set_cookie
from api.screens.forms import FIELD, read_form, require_own
from api.screens.onward import LONGEST_QUERY
from api.screens.visits import Visit
from core.accounts.sign_ins import end_sign_in
from core.errors import Invalid, NotFound
from core.ids import new_secret


async def show_sign_out(visit: Visit) -> Answer:
    """``GET …/sign-out``: asks who is signed in; who is not is sent on, or told."""
    back = find_way_back(visit.services, visit.snapshot, visit.query)
    if visit.found is not None:
        leads_to, action = [back.redirect_uri] if back else [], visit.root + _address(visit.query)
        return page(visit, "sign_out.html", leads_to=leads_to, sign_in=visit.found, action=action)
    if back is not None and back.client.trusted:
        return go(visit, back.uri)
    return page(
        visit,
        "told.html",
        title=text(visit, "sign-out.done-title"),
        message=text(visit, "sign-out.done"),
        links=[*_links(visit, back), (f"{visit.root}/sign-in", text(visit, "sign-out.again"))],
    )


async def sign_out(visit: Visit) -> Answer:
    """``POST …/sign-out``. A form from elsewhere ends nothing; it goes on as a request by GET, and its person is asked."""
    form = await read_form(visit.exchange)
    if FIELD not in form:
        return go(visit, visit.issuer + _address({**form, **visit.query}))
    require_own(visit, form)
    if visit.found is not None:
        await _end(visit)
    cookies = [
        drop_cookie(visit.services, visit.tenant, Cookie.SIGN_IN),
        set_cookie(visit.services, visit.tenant, Cookie.BROWSER, new_secret()),
    ]
    return go(visit, visit.issuer + _address(visit.query), cookies)


def _address(query: dict[str, str]) -> str:
    """This page, with what a client has asked."""
    kept = urlencode({name: query[name] for name in (*PARAMETERS, "ui_locales") if name in query})
    if len(kept) > LONGEST_QUERY:
        raise Invalid("screens.query-too-long")
    return f"{SIGN_OUT}?{kept}" if kept else SIGN_OUT


def _links(visit: Visit, back: WayBack | None) -> list[tuple[str, str]]:
    """To a client that registered itself nobody is led without a word (RFC 9700, section 4.11.2)."""
    if back is None:
        return []
    place = client_card(back.client, back.redirect_uri)["goes_to"]
    return [(back.uri, text(visit, "sign-out.back", name=back.client.name, place=place))]


async def _end(visit: Visit) -> None:
    found = visit.found
    if found is None:
        return
    try:
        async with visit.writing() as session:
            await end_sign_in(session, found.id, "signed-out", visit.now)
    except NotFound:
        # It has ended meanwhile, which is what was asked for.
        visit.found = None
