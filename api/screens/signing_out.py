"""Signing out: ends the sign-in in this browser and what was allowed in it.

Also where a client sends a person to sign out (OpenID Connect RP-Initiated Logout 1.0): the person is asked, and is sent
nowhere from there, because no client registers an address for it.
"""

from __future__ import annotations

from api.exchange import Answer
from api.screens.answers import go, page, text
from api.screens.cookies import Cookie, drop_cookie, set_cookie
from api.screens.forms import FIELD, read_form, require_own
from api.screens.visits import Visit
from core.accounts.sign_ins import end_sign_in
from core.errors import NotFound
from core.ids import new_secret


async def show_sign_out(visit: Visit) -> Answer:
    """``GET …/sign-out``: asks who is signed in, tells who is not."""
    if visit.found is not None:
        return page(visit, "sign_out.html", sign_in=visit.found)
    return page(
        visit,
        "told.html",
        title=text(visit, "sign-out.done-title"),
        message=text(visit, "sign-out.done"),
        links=[(f"{visit.root}/sign-in", text(visit, "sign-out.again"))],
    )


async def sign_out(visit: Visit) -> Answer:
    """``POST …/sign-out``. A form from elsewhere ends nothing; its person is asked."""
    form = await read_form(visit.exchange)
    if FIELD not in form:
        return await show_sign_out(visit)
    require_own(visit, form)
    if visit.found is not None:
        await _end(visit)
    cookies = [
        drop_cookie(visit.services, visit.tenant, Cookie.SIGN_IN),
        set_cookie(visit.services, visit.tenant, Cookie.BROWSER, new_secret()),
    ]
    return go(visit, f"{visit.issuer}/sign-out", cookies)


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
