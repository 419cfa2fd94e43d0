"""People who are signed in, clients that they can allow something, and codes that they have approved, without any page."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx

from api.oauth.authorize import AuthorizationRequest, approve, read_authorization_request
from api.services import Services
from core.accounts.service import register_account
from core.accounts.sign_ins import SignIn, find_sign_in
from core.ids import new_id, new_secret, secret_hash
from core.procedure import Role
from core.store import tables
from core.store.actor import OPERATOR, Actor
from core.tenants.client import AuthMethod, GrantType
from core.tenants.commands import GrantableRole, NewGrant, NewPerson
from core.tenants.scopes import Scope
from core.tenants.service.administration import Administration
from core.tenants.service.clients import NewClient, register_client
from core.tenants.service.people import register_person
from core.tenants.snapshot import Snapshot

BACK = "https://app.example.cn/back"
EVERY_GRANT = frozenset({GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN, GrantType.DEVICE_CODE})
SINCE = date(2020, 1, 1)


@dataclass(frozen=True)
class Staff:
    """A member of staff with an account."""

    person_id: UUID
    account_id: UUID
    login: str


@dataclass(frozen=True)
class App:
    """A client of people: its names, its secret (None where it is public) and where it is sent back to."""

    id: UUID
    client_id: str
    secret: str | None
    redirect_uri: str | None

    @property
    def credentials(self) -> dict[str, str]:
        """What it shows at the token endpoint, in the form."""
        return {"client_id": self.client_id, **({"client_secret": self.secret} if self.secret else {})}


@dataclass(frozen=True)
class Approved:
    """A code that a person approved, and what redeems it."""

    code: str
    verifier: str
    location: str
    app: App

    @property
    def form(self) -> dict[str, str]:
        """The token request."""
        told = {"redirect_uri": self.app.redirect_uri} if self.app.redirect_uri else {}
        grant = {"grant_type": "authorization_code", "code": self.code, "code_verifier": self.verifier}
        return {**grant, **told, **self.app.credentials}


async def snapshot_of(services: Services, tenant: int) -> Snapshot:
    """The tenant's configuration as it stands."""
    async with services.database.reading(tenant) as session:
        return await services.snapshots.of(session)


async def hire(services: Services, tenant: int, *roles: Role, name: str = "李明", login: str | None = None) -> Staff:
    """A person with roles in the whole tenant and an account without a password."""
    login = login or f"u{secrets.token_hex(6)}"
    granted = tuple(NewGrant(role=GrantableRole(role), valid_from=SINCE) for role in roles)
    async with services.database.tenant(tenant, actor=OPERATOR) as session:
        member = await register_person(Administration(session, services.snapshots), NewPerson(name=name, roles=granted))
    async with services.database.tenant(tenant, actor=OPERATOR) as session:
        admin = Administration(session, services.snapshots)
        invited = await register_account(admin, member.person.id, login)
    return Staff(member.person.id, invited.account.id, login)


async def sign_in(
    services: Services,
    tenant: int,
    staff: Staff,
    methods: Iterable[str] = ("pwd", "otp", "mfa"),
    lasts: timedelta = timedelta(hours=10),
) -> SignIn:
    """The person signed in just now, as by password and second factor."""
    now, token = services.wall.now(), new_secret()
    row = {
        "id": new_id(),
        "account_id": staff.account_id,
        "token_hash": secret_hash(token),
        "methods": list(methods),
        "opened_at": now,
        "authenticated_at": now,
        "seen_at": now,
        "idle_seconds": int(lasts.total_seconds()),
        "expires_at": now + lasts,
        "ended_at": None,
        "ended_for": None,
        "agent": "test",
        "address": "192.0.2.1",
    }
    async with services.database.tenant(tenant) as session:
        session.add(tables.sign_in, row)
    async with services.database.reading(tenant) as session:
        found = await find_sign_in(session, token, now)
    assert found is not None
    return found


async def register_app(
    services: Services,
    tenant: int,
    *,
    public: bool = False,
    scopes: Iterable[Scope] = (Scope.CASES_READ, Scope.RULEBOOK_READ),
    redirect_uris: tuple[str, ...] = (BACK,),
    grant_types: frozenset[GrantType] = EVERY_GRANT,
    name: str = "办件台",
) -> App:
    """A client of the tenant that people can allow something."""
    new = NewClient(
        name,
        (),
        frozenset(scopes),
        SINCE,
        auth_method=AuthMethod.NONE if public else AuthMethod.SECRET_BASIC,
        grant_types=grant_types,
        redirect_uris=redirect_uris,
    )
    async with services.database.tenant(tenant, actor=OPERATOR) as session:
        made = await register_client(Administration(session, services.snapshots), new)
    secret = None if public else made.credentials.client_secret
    return App(made.client.id, made.client.client_id, secret, redirect_uris[0] if redirect_uris else None)


def pkce() -> tuple[str, str]:
    """A verifier and its challenge by S256 (RFC 7636)."""
    verifier = secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    return verifier, base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def request_of(app: App, challenge: str, **more: str) -> dict[str, str]:
    """The parameters of an authorization request; one that is the empty string is left out."""
    query = {
        "response_type": "code",
        "client_id": app.client_id,
        "redirect_uri": app.redirect_uri or "",
        "state": "s t/äß&=",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        **more,
    }
    return {name: value for name, value in query.items() if value}


async def approve_code(services: Services, tenant: int, app: App, signed_in: SignIn, **query: str) -> Approved:
    """The code that the person approves for the client; ``query`` changes or adds to the request."""
    verifier, challenge = pkce()
    snapshot = await snapshot_of(services, tenant)
    request = read_authorization_request(services, snapshot, request_of(app, challenge, **query))
    actor = Actor(client_id=app.id, person_id=signed_in.person_id)
    async with services.database.tenant(tenant, actor=actor) as session:
        location = await approve(session, snapshot, services, request, signed_in, services.wall.now())
    return Approved(answer_in(location)["code"], verifier, location, app)


def answer_in(location: str) -> dict[str, str]:
    """The parameters of a redirect."""
    return {name: value for name, (value,) in parse_qs(urlsplit(location).query, strict_parsing=True).items()}


async def redeem(http: httpx.AsyncClient, slug: str, approved: Approved, **changes: str | None) -> httpx.Response:
    """Asks for the tokens of a code; a change to None leaves a field out."""
    form = {name: value for name, value in {**approved.form, **changes}.items() if value is not None}
    return await http.post(f"/t/{slug}/oauth/token", data=form)


async def refresh(http: httpx.AsyncClient, slug: str, app: App, token: str, **more: str) -> httpx.Response:
    """Asks for the next tokens."""
    form = {"grant_type": "refresh_token", "refresh_token": token, **app.credentials, **more}
    return await http.post(f"/t/{slug}/oauth/token", data=form)


async def tokens_of(http: httpx.AsyncClient, slug: str, approved: Approved) -> dict[str, Any]:
    """The tokens of a code."""
    answer = await redeem(http, slug, approved)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def read_request(services: Services, tenant: int, app: App, **query: str) -> AuthorizationRequest:
    """An authorization request as the page reads it; ``query`` changes or adds to it."""
    snapshot = await snapshot_of(services, tenant)
    return read_authorization_request(services, snapshot, request_of(app, pkce()[1], **query))
