"""The authorization endpoint as a person meets it: signed in where that is needed, and asked for consent."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from api.exchange import Answer
from api.oauth.authorize import (
    AuthorizationRequest,
    Redirected,
    Unsafe,
    approve,
    has_consent,
    must_sign_in,
    read_authorization_request,
    refuse,
)
from api.screens.answers import ask_to_sign_in, go, page, scope_lines
from api.screens.forms import FIELD, read_form, require_own
from api.screens.onward import AUTHORIZE, LONGEST_QUERY, Onward
from api.screens.visits import Visit
from core.errors import Invalid
from core.tenants.client import Client

ASKED_AT: Final = "asked_at"
"""Our own parameter: when the request first came, with a mark that nobody else can make."""
_LASTS = timedelta(hours=1)
_PURPOSE = "when an authorization was asked for"
_ANYWHERE: Final = "https:"
"""A client's address may lead on at once, to a page that says that all is done, say, and Chromium holds that to the policy
of the form, too. Nothing is typed on the page that asks; that of the password leads to registered places alone."""
_ASIDE = frozenset({ASKED_AT, "ui_locales"})


async def show_authorization(visit: Visit) -> Answer:
    """``GET …/authorize``: an error page, back to the client, to the sign-in page, or the question itself."""
    try:
        request = _read(visit)
    except Redirected as fault:
        return _back_unasked(visit, fault.client, fault.redirect_uri, fault.uri)
    asked_at, silent = _asked_at(visit), "none" in request.prompt
    if must_sign_in(request, visit.sign_in, visit.now, asked_at):
        if silent:
            return _refuse_unasked(visit, request, "login_required")
        return ask_to_sign_in(visit, _onward(visit, asked_at or visit.now))
    if await _is_allowed(visit, request):
        return await _allow(visit, request)
    return _refuse_unasked(visit, request, "consent_required") if silent else _ask(visit, request)


async def answer_authorization(visit: Visit) -> Answer:
    """``POST …/authorize``: the person's decision; or a client's request in a form, which goes on as one by GET."""
    form = await read_form(visit.exchange)
    if FIELD not in form:
        return _by_get(visit, form)
    require_own(visit, form)
    try:
        request = _read(visit)
    except Redirected as fault:
        return _back_unasked(visit, fault.client, fault.redirect_uri, fault.uri)
    asked_at = _asked_at(visit)
    if must_sign_in(request, visit.sign_in, visit.now, asked_at):
        return ask_to_sign_in(visit, _onward(visit, asked_at or visit.now))
    if is_allowed(form):
        return await _allow(visit, request)
    return go(visit, refuse(visit.services, visit.snapshot, request, "access_denied"))


def is_allowed(form: dict[str, str]) -> bool:
    """The decision in a form; raises :class:`Invalid` for neither of the two."""
    if form.get("decision") not in {"allow", "deny"}:
        raise Invalid("api.field-missing", field="/decision", name="decision")
    return form["decision"] == "allow"


def find_request(visit: Visit, onward: Onward) -> AuthorizationRequest | None:
    """The request that a sign-in leads to; ``None`` where it leads to another page, or to an answer at once."""
    if onward.page != AUTHORIZE:
        return None
    try:
        return read_authorization_request(visit.services, visit.snapshot, onward.query)
    except (Unsafe, Redirected):
        return None


def places_of(request: AuthorizationRequest) -> list[str]:
    """Where an answer leads: the client's address, and the origins of its front-ends, to which that may lead on."""
    return [request.redirect_uri, *sorted(request.client.origins)]


def client_card(client: Client, redirect_uri: str | None = None) -> dict[str, Any]:
    """What a person is told of a client."""
    parts = urlsplit(redirect_uri) if redirect_uri else None
    goes_to = (parts.netloc if parts.scheme in {"http", "https"} else f"{parts.scheme}:") if parts else ""
    return {"name": client.name, "uri": client.uri or "", "trusted": client.trusted, "goes_to": goes_to}


def _read(visit: Visit) -> AuthorizationRequest:
    return read_authorization_request(visit.services, visit.snapshot, visit.query)


async def _is_allowed(visit: Visit, request: AuthorizationRequest) -> bool:
    async with visit.reading() as session:
        return await has_consent(session, request, visit.require_sign_in().account_id)


async def _allow(visit: Visit, request: AuthorizationRequest) -> Answer:
    async with visit.writing() as session:
        sign_in = visit.require_sign_in()
        address = await approve(session, visit.snapshot, visit.services, request, sign_in, visit.now)
    return go(visit, address)


def _refuse_unasked(visit: Visit, request: AuthorizationRequest, error: str) -> Answer:
    uri = refuse(visit.services, visit.snapshot, request, error)
    return _back_unasked(visit, request.client, request.redirect_uri, uri)


def _back_unasked(visit: Visit, client: Client, redirect_uri: str, uri: str) -> Answer:
    """Back to a client, before the person was asked anything.

    At once only to an address that somebody here has registered. Else everybody who can register a client could make a link
    of ours lead wherever they like, so there the person is told where it leads and goes on by a link (RFC 9700, 4.11.2).
    """
    if client.trusted:
        return go(visit, uri)
    return page(visit, "back.html", 400, client=client_card(client, redirect_uri), address=uri)


def _ask(visit: Visit, request: AuthorizationRequest) -> Answer:
    onward = Onward(AUTHORIZE, visit.query)
    return page(
        visit,
        "consent.html",
        leads_to=[*places_of(request), _ANYWHERE],
        client=client_card(request.client, request.redirect_uri),
        scopes=scope_lines(visit, request.scopes),
        user_code="",
        carried={},
        action=visit.root + onward.then,
        another=visit.root + onward.after_sign_in(),
    )


def _by_get(visit: Visit, form: dict[str, str]) -> Answer:
    query = urlencode({**form, **visit.query})
    if len(query) > LONGEST_QUERY:
        raise Invalid("screens.query-too-long")
    return go(visit, f"{visit.issuer}{AUTHORIZE}?{query}")


def _onward(visit: Visit, asked_at: datetime) -> Onward:
    second = str(int(asked_at.timestamp()))
    return Onward(AUTHORIZE, {**visit.query, ASKED_AT: f"{second}.{_mark(visit, second)}"})


def _asked_at(visit: Visit) -> datetime | None:
    """When the request first came here; ``None`` where it comes just now, or too long ago for a sign-in to be for it."""
    second, _, mark = visit.query.get(ASKED_AT, "").partition(".")
    if not hmac.compare_digest(mark.encode(), _mark(visit, second).encode()):
        return None
    asked_at = datetime.fromtimestamp(int(second), UTC)
    return asked_at if visit.now - asked_at < _LASTS else None


def _mark(visit: Visit, second: str) -> str:
    request = sorted((name, value) for name, value in visit.query.items() if name not in _ASIDE)
    return urlsafe_b64encode(visit.keys.hash(f"{second}?{urlencode(request)}", _PURPOSE)).decode().rstrip("=")
