"""A tenant with staff who have accounts, clients of several kinds, and browsers to look at its pages with."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pyotp
from argon2 import PasswordHasher

from api.app import create_app
from api.services import Services
from core.accounts.account import Account
from core.accounts.factors import begin_totp, confirm_totp
from core.accounts.invitations import redeem
from core.accounts.passwords import Passwords
from core.accounts.service import register_account
from core.clock import FixedClock
from core.jurisdictions import Jurisdictions
from core.law.instrument import Text
from core.procedure import Role
from core.settings import Settings
from core.store.database import Database
from core.tenants.client import AuthMethod, Client, GrantType
from core.tenants.commands import GrantableRole, NewGrant, NewPerson
from core.tenants.scopes import Scope
from core.tenants.service.administration import Administration
from core.tenants.service.clients import NewClient, Registration, register_client
from core.tenants.service.directory import NewTenant, create_tenant
from core.tenants.service.initial_tokens import NewInitialToken, issue_initial_token
from core.tenants.service.people import register_person
from core.tenants.snapshot import Snapshot, Snapshots
from core.tenants.tenant import Tenant
from tests.screens.markup import Form, Page
from tests.servers import Addresses

MASTER_KEY = bytes(range(32))
ORIGIN = "https://wenze.example.cn"
PASSWORD = "三更灯火五更鸡 grey heron"
OTHER_PASSWORD = "绿树阴浓夏日长 tin whistle"
NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
CALLBACK = "https://desk.example.cn/callback"
VERIFIER = "a-verifier-of-forty-three-characters-or-more-0123"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
GRANTS = frozenset({GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN, GrantType.DEVICE_CODE})


@dataclass
class Authenticator:
    """A second factor: the app's secret, and the recovery codes that were told."""

    secret: str
    recovery: tuple[str, ...]

    def code(self, now: datetime) -> str:
        """What the app shows."""
        return pyotp.TOTP(self.secret).at(now)


@dataclass
class Browser:
    """A browser of one person: keeps cookies, follows nothing by itself, and reads what it is shown."""

    http: httpx.AsyncClient
    root: str
    answer: httpx.Response = field(default_factory=lambda: httpx.Response(204))

    @property
    def page(self) -> Page:
        """The page that it shows."""
        assert self.answer.headers["content-type"] == "text/html; charset=utf-8", self.answer.headers
        return Page(self.answer.text)

    @property
    def location(self) -> str:
        """Where the last answer leads."""
        assert self.answer.status_code == 303, (self.answer.status_code, self.answer.text)
        return self.answer.headers["location"]

    @property
    def told(self) -> dict[str, str]:
        """What the address says that the last answer leads to."""
        return dict(parse_qsl(urlsplit(self.location).query, keep_blank_values=True))

    async def get(self, address: str, **more: Any) -> Browser:
        """Opens an address, whole or below the tenant's issuer."""
        self.answer = await self.http.get(self._whole(address), **more)
        return self

    async def post(self, address: str, data: dict[str, str], **more: Any) -> Browser:
        """Sends a form."""
        self.answer = await self.http.post(self._whole(address), data=data, **more)
        return self

    async def follow(self) -> Browser:
        """Goes where the last answers lead, as long as that is a page of ours."""
        while self.answer.status_code == 303 and self.location.startswith(ORIGIN + self.root):
            await self.get(self.location)
        return self

    async def send(self, form: Form, button: tuple[str, str] | None = None, **values: str) -> Browser:
        """Fills a form in and sends it, as a browser on our own page does."""
        unknown = values.keys() - form.fields
        assert not unknown, f"the form has no {unknown}, only {form.fields}"
        data = {**form.values, **values, **({button[0]: button[1]} if button else {})}
        headers = {"origin": ORIGIN, "sec-fetch-site": "same-origin"}
        return await self.post(form.action, data, headers=headers)

    async def sign_in(self, login: str = "li.ming", password: str = PASSWORD) -> Browser:
        """From the sign-in page that it shows to where that leads."""
        await self.send(self.page.form("/sign-in"), login=login, password=password)
        return await self.follow()

    async def enter(self, login: str = "li.ming", password: str = PASSWORD) -> Browser:
        """Signs in, and stands at the account's page."""
        await self.get("/sign-in")
        return await self.sign_in(login, password)

    def _whole(self, address: str) -> str:
        if address.startswith(("https:", self.root)):
            return address
        return self.root + address


@dataclass
class Office:
    """The tenant and its service."""

    services: Services
    owner: Database
    tenant: Tenant
    clock: FixedClock
    app: Any
    browsers: list[httpx.AsyncClient] = field(default_factory=list)

    @property
    def root(self) -> str:
        return f"/t/{self.tenant.slug}/oauth"

    @property
    def issuer(self) -> str:
        return ORIGIN + self.root

    async def snapshot(self) -> Snapshot:
        async with self.services.database.reading(self.tenant.id) as session:
            return await self.services.snapshots.of(session)

    def browser(self, language: str = "en", address: str = "192.0.2.7", **headers: str) -> Browser:
        """A fresh browser without a cookie."""
        agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
        told = {"accept-language": language, "user-agent": agent, **headers}
        transport = httpx.ASGITransport(self.app, client=(address, 40_000))
        http = httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=told)
        self.browsers.append(http)
        return Browser(http, self.root)

    async def invite(self, name: str, login: str, *roles: Role) -> str:
        """A member of staff without a password yet; the code of the invitation."""
        grants = tuple(NewGrant(role=GrantableRole(role), unit_id=None, valid_from=date(2026, 1, 1)) for role in roles)
        async with self.owner.tenant(self.tenant.id) as session:
            admin = Administration(session, self.services.snapshots)
            person = (await register_person(admin, NewPerson(name=name, roles=grants))).person
        async with self.owner.tenant(self.tenant.id) as session:
            admin = Administration(session, self.services.snapshots)
            return (await register_account(admin, person.id, login)).code

    async def hire(self, name: str = "李明", login: str | None = None, password: str = PASSWORD) -> Account:
        """A member of staff with an account."""
        login = login or f"li.{secrets.token_hex(4)}"
        code = await self.invite(name, login)
        snapshot, services = await self.snapshot(), self.services
        return await redeem(services.database, services.passwords, snapshot, code, password, self.clock.now())

    async def enrol(self, account: Account) -> Authenticator:
        """Gives the account a second factor."""
        async with self.services.database.tenant(self.tenant.id) as session:
            enrolment = await begin_totp(session, account, "wenze")
        made = Authenticator(enrolment.secret, ())
        async with self.services.database.tenant(self.tenant.id) as session:
            made.recovery = await confirm_totp(session, account, made.code(self.clock.now()), self.clock.now())
        self.clock.advance(timedelta(seconds=60))
        return made

    async def client(self, name: str = "Desk of the hotline", *, trusted: bool = True, **more: Any) -> Client:
        """A client that people can allow something, public unless told otherwise."""
        new = {
            "roles": (),
            "scopes": frozenset({Scope.CASES_READ, Scope.CASES_WRITE}),
            "valid_from": date(2026, 1, 1),
            "auth_method": AuthMethod.NONE,
            "grant_types": GRANTS,
            "redirect_uris": (CALLBACK,),
            "uri": "https://desk.example.cn",
            **more,
        }
        registration = None if trusted else Registration(await self._initial_token(), b"management")
        async with self.owner.tenant(self.tenant.id) as session:
            admin = Administration(session, self.services.snapshots)
            return (await register_client(admin, NewClient(name=name, registration=registration, **new))).client

    async def _initial_token(self) -> Any:
        async with self.owner.tenant(self.tenant.id) as session:
            admin = Administration(session, self.services.snapshots)
            token, _ = await issue_initial_token(
                admin,
                NewInitialToken(
                    note="for a test",
                    scopes=(Scope.CASES_READ, Scope.CASES_WRITE),
                    grant_types=tuple(GRANTS),
                    uses=5,
                    days=30,
                ),
            )
            return token.id

    def request(self, client: Client, **more: str) -> str:
        """The address of an authorization request."""
        query = {
            "response_type": "code",
            "client_id": client.client_id,
            "redirect_uri": client.redirect_uris[0],
            "scope": "openid cases:read",
            "state": "the-state",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            **more,
        }
        return f"/authorize?{urlencode({name: value for name, value in query.items() if value})}"

    async def redeem(self, client: Client, code: str, redirect_uri: str = CALLBACK) -> httpx.Response:
        """The token request of a public client."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        form |= {"client_id": client.client_id, "code_verifier": VERIFIER}
        return await self.browser().http.post(f"{self.root}/token", data=form)


@asynccontextmanager
async def open_office(addresses: Addresses, **more: Any) -> AsyncIterator[Office]:
    """An office over a migrated database; argon2 costs nothing in it, and its clock stands until it is moved."""
    settings = Settings(
        database_url=addresses.service,
        owner_database_url=addresses.owner,
        master_key=MASTER_KEY,
        **{"public_url": ORIGIN, **more},
    )
    clock, jurisdictions = FixedClock(NOON), Jurisdictions.discover()
    database, owner = Database.of(settings, clock=clock), Database.of(settings, owner=True, clock=clock)
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    services = Services(settings, jurisdictions, database, Snapshots(jurisdictions), clock, passwords)
    new = NewTenant(f"office-{secrets.token_hex(4)}", "ankang", Text(zh="试验市", en="Test City"))
    tenant = await create_tenant(owner, jurisdictions, new)
    office = Office(services, owner, tenant, clock, create_app(services))
    try:
        yield office
    finally:
        for http in office.browsers:
            await http.aclose()
        passwords.close()
        await database.close()
        await owner.close()
