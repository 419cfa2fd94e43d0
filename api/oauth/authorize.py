"""The authorization endpoint's protocol (RFC 6749, section 4.1; RFC 7636, 8707, 9207; OpenID Connect Core, section 3.1.2).

What is wrong with the client or its address is :class:`Unsafe` and ends on a page: nobody is sent to an address that was not
registered. Everything else goes back to the client, always with ``iss`` and with its ``state``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from sqlalchemy import bindparam, select

from api.oauth.identity import read_hint
from api.oauth.scopes import choose_scopes
from api.services import Services
from core.authorizations.authorization import SignedIn
from core.authorizations.codes import add_code
from core.authorizations.families import begin_authorization
from core.errors import Invalid
from core.store.session import TenantSession
from core.store.tables import TENANT, client_authorization
from core.tenants.client import Client, GrantType
from core.tenants.redirects import is_redirect_of
from core.tenants.snapshot import Snapshot

RESPONSE_MODES = ("query",)
PROMPTS = ("none", "login", "consent")
CHALLENGE_METHODS = ("S256",)
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_SECONDS = re.compile(r"[0-9]{1,9}")
_LONGEST_NONCE = 512
_NOT_TAKEN = {
    "request": "request_not_supported",
    "request_uri": "request_uri_not_supported",
    "registration": "registration_not_supported",
}
"""Parameters of OpenID Connect that are refused by name (Core, section 3.1.2.6)."""
_A = client_authorization.c
_ALLOWED = select(_A.scopes).where(
    _A.tenant == TENANT,
    _A.account_id == bindparam("of_account"),
    _A.client_id == bindparam("of_client"),
    _A.revoked_at.is_(None),
    _A.expires_at > bindparam("now"),
)


class Unsafe(Invalid):
    """Nobody may be sent back: the client or its address is not known. For a page, with this code and its parameters."""


class Redirected(Exception):
    """The request is answered with an error, at the client's own registered address ``uri``."""

    def __init__(self, client: Client, redirect_uri: str, uri: str, error: str) -> None:
        super().__init__(error)
        self.client, self.redirect_uri, self.uri, self.error = client, redirect_uri, uri, error


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request that can be shown to a person: everything in it is checked."""

    client: Client
    redirect_uri: str
    redirect_told: bool
    """Whether the request named the address; else it is the client's only one."""
    scopes: tuple[str, ...]
    state: str | None
    nonce: str | None
    challenge: str
    prompt: frozenset[str] = frozenset()
    max_age: int | None = None
    login_hint: str | None = None
    hinted_person: UUID | None = None
    """Whom ``id_token_hint`` names; nobody else may answer."""
    response_mode: Literal["query"] = "query"


def read_authorization_request(services: Services, snapshot: Snapshot, query: Mapping[str, str]) -> AuthorizationRequest:
    """A request from its parameters; raises :class:`Unsafe` and :class:`Redirected`."""
    client = _find_client(snapshot, query)
    redirect_uri = _find_redirect(client, query)
    try:
        return _read(services, snapshot, query, client, redirect_uri)
    except _Faulty as fault:
        params = {"error": fault.error, "error_description": fault.description}
        uri = _answer(services, snapshot, redirect_uri, query.get("state"), params)
        raise Redirected(client, redirect_uri, uri, fault.error) from fault


def must_sign_in(
    request: AuthorizationRequest, sign_in: SignedIn | None, now: datetime, asked_at: datetime | None
) -> bool:
    """Whether the person has to sign in (again) before they answer: nobody is signed in, or not as the client asks for it.

    ``asked_at`` is when the request first came, so that who has signed in for it is not asked twice; ``None`` where it comes
    just now.
    """
    if sign_in is None or sign_in.needs_second_factor:
        return True
    if request.hinted_person is not None and request.hinted_person != sign_in.person_id:
        return True
    if "login" in request.prompt and (asked_at is None or sign_in.authenticated_at < asked_at):
        return True
    return _too_long_ago(request, sign_in, now, asked_at)


async def has_consent(session: TenantSession, request: AuthorizationRequest, account_id: UUID) -> bool:
    """Whether the person need not be asked: the tenant's own client was allowed as much, and that has not ended.

    Never where the client asks for consent, and never for one that anybody can pretend to be: without a secret, at an
    address of the machine itself or of an app (RFC 8252, section 8.6).
    """
    client = request.client
    if "consent" in request.prompt or not client.trusted or (client.public and not _is_of_web(request.redirect_uri)):
        return False
    params = {"of_account": account_id, "of_client": client.id, "now": session.recorded_at}
    rows = await session.all(_ALLOWED, params)
    return any(set(request.scopes) <= set(row["scopes"]) for row in rows)


async def approve(
    session: TenantSession,
    snapshot: Snapshot,
    services: Services,
    request: AuthorizationRequest,
    sign_in: SignedIn,
    now: datetime,
) -> str:
    """Allows the client what it asked for; the address to send the person to, with the code."""
    life = timedelta(seconds=services.settings.refresh_seconds)
    grant = GrantType.AUTHORIZATION_CODE
    allowed = begin_authorization(session, request.client, sign_in, request.scopes, grant, now, life)
    code = add_code(
        session,
        allowed,
        redirect_uri=request.redirect_uri,
        redirect_told=request.redirect_told,
        challenge=request.challenge,
        nonce=request.nonce,
        now=now,
    )
    return _answer(services, snapshot, request.redirect_uri, request.state, {"code": code})


def refuse(services: Services, snapshot: Snapshot, request: AuthorizationRequest, error: str) -> str:
    """The address to send the person to with an error: ``access_denied``, ``login_required``, ``consent_required``, …"""
    return _answer(services, snapshot, request.redirect_uri, request.state, {"error": error})


class _Faulty(Exception):
    """A fault that the client is told at its address."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.error, self.description = error, description


def _find_client(snapshot: Snapshot, query: Mapping[str, str]) -> Client:
    if not query.get("client_id"):
        raise Unsafe("oauth.client-missing")
    client = snapshot.clients.get(query["client_id"])
    if client is None or client.disabled_at is not None:
        raise Unsafe("oauth.client-unknown")
    return client


def _find_redirect(client: Client, query: Mapping[str, str]) -> str:
    told = query.get("redirect_uri")
    if told:
        if not is_redirect_of(client.redirect_uris, told):
            raise Unsafe("oauth.redirect-unknown", client=client.name)
        return told
    if len(client.redirect_uris) != 1:
        raise Unsafe("oauth.redirect-missing", client=client.name)
    return client.redirect_uris[0]


def _read(
    services: Services, snapshot: Snapshot, query: Mapping[str, str], client: Client, redirect_uri: str
) -> AuthorizationRequest:
    _check_form(client, query)
    if query.get("resource", services.audience(snapshot.tenant)) != services.audience(snapshot.tenant):
        raise _Faulty("invalid_target", "The resource is not this tenant's API.")
    return AuthorizationRequest(
        client=client,
        redirect_uri=redirect_uri,
        redirect_told=bool(query.get("redirect_uri")),
        scopes=_scopes(client, query),
        state=query.get("state"),
        nonce=_nonce(query),
        challenge=_challenge(query),
        prompt=_prompt(query),
        max_age=_max_age(query),
        login_hint=query.get("login_hint") or None,
        hinted_person=_hinted(services, snapshot, client, query),
    )


def _check_form(client: Client, query: Mapping[str, str]) -> None:
    for name, error in _NOT_TAKEN.items():
        if name in query:
            raise _Faulty(error, f"The parameter {name} is not taken here.")
    kind = query.get("response_type")
    if not kind:
        raise _Faulty("invalid_request", "response_type is missing.")
    if kind != "code":
        raise _Faulty("unsupported_response_type", "The only response_type is code.")
    if GrantType.AUTHORIZATION_CODE not in client.grant_types:
        raise _Faulty("unauthorized_client", "The client is not registered for authorization codes.")
    if query.get("response_mode", "query") not in RESPONSE_MODES:
        raise _Faulty("invalid_request", "The only response_mode is query.")


def _scopes(client: Client, query: Mapping[str, str]) -> tuple[str, ...]:
    chosen = choose_scopes(client, query.get("scope"))
    if chosen is None:
        raise _Faulty("invalid_scope", "The client cannot have all of these scopes.")
    return chosen


def _challenge(query: Mapping[str, str]) -> str:
    challenge = query.get("code_challenge", "")
    if not challenge:
        raise _Faulty("invalid_request", "code_challenge is missing (RFC 7636).")
    if query.get("code_challenge_method", "plain") not in CHALLENGE_METHODS:
        raise _Faulty("invalid_request", "The only code_challenge_method is S256.")
    if not _CHALLENGE.fullmatch(challenge):
        raise _Faulty("invalid_request", "code_challenge is not the BASE64URL of a SHA-256.")
    return challenge


def _nonce(query: Mapping[str, str]) -> str | None:
    nonce = query.get("nonce") or None
    if nonce is not None and len(nonce) > _LONGEST_NONCE:
        raise _Faulty("invalid_request", f"nonce is longer than {_LONGEST_NONCE} characters.")
    return nonce


def _prompt(query: Mapping[str, str]) -> frozenset[str]:
    prompt = frozenset(query.get("prompt", "").split())
    if not prompt <= {*PROMPTS, "select_account"} or ("none" in prompt and len(prompt) > 1):
        raise _Faulty("invalid_request", "prompt is not one of none, login, consent, or none stands beside another.")
    return frozenset("login" if value == "select_account" else value for value in prompt)


def _max_age(query: Mapping[str, str]) -> int | None:
    text = query.get("max_age", "")
    if not text:
        return None
    if not (text.isascii() and _SECONDS.fullmatch(text)):
        raise _Faulty("invalid_request", "max_age is not a number of seconds.")
    return int(text)


def _hinted(services: Services, snapshot: Snapshot, client: Client, query: Mapping[str, str]) -> UUID | None:
    hint = query.get("id_token_hint")
    if not hint:
        return None
    person = read_hint(snapshot, services.issuer(snapshot.tenant), client.client_id, hint)
    if person is None:
        raise _Faulty("invalid_request", "id_token_hint is not an ID token that this client was given here.")
    return person


def _too_long_ago(
    request: AuthorizationRequest, sign_in: SignedIn, now: datetime, asked_at: datetime | None
) -> bool:
    if request.max_age is None or (asked_at is not None and sign_in.authenticated_at >= asked_at):
        return False
    return now - sign_in.authenticated_at >= timedelta(seconds=request.max_age)


def _is_of_web(redirect_uri: str) -> bool:
    return urlsplit(redirect_uri).scheme == "https"


def _answer(
    services: Services, snapshot: Snapshot, redirect_uri: str, state: str | None, params: Mapping[str, str]
) -> str:
    """The address with the answer: RFC 9207's ``iss`` on each, and the state character by character as it came."""
    told = {**params, **({"state": state} if state is not None else {}), "iss": services.issuer(snapshot.tenant)}
    return f"{redirect_uri}{'&' if urlsplit(redirect_uri).query else '?'}{urlencode(told)}"
