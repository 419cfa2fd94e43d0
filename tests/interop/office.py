"""A tenant of a running service for clients that know nothing but what it publishes: staff with accounts, and clients."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyotp
from argon2 import PasswordHasher

from core.accounts.account import Account
from core.accounts.factors import begin_totp, confirm_totp
from core.accounts.invitations import redeem
from core.accounts.passwords import Passwords
from core.accounts.service import register_account
from core.law.instrument import Text
from core.procedure import Role
from core.store.actor import OPERATOR
from core.tenants.client import AuthMethod, Credentials, GrantType
from core.tenants.client_commands import NewInitialToken
from core.tenants.commands import GrantableRole, NewGrant, NewPerson
from core.tenants.scopes import Scope
from core.tenants.service.administration import Administration
from core.tenants.service.clients import NewClient, register_client
from core.tenants.service.directory import NewTenant, create_tenant
from core.tenants.service.initial_tokens import issue_initial_token
from core.tenants.service.people import register_person
from core.tenants.snapshot import Snapshot, Snapshots
from core.tenants.tenant import Tenant
from tests.interop.visitor import Visitor
from tests.story.house import House

PASSWORD = "三更灯火五更鸡 grey heron"
SINCE = date(2026, 1, 1)
SCOPES = frozenset({Scope.CASES_READ, Scope.ORGANISATION_READ, Scope.TOKENS_INTROSPECT})
OF_PEOPLE = frozenset({GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN, GrantType.DEVICE_CODE})
EVERY_GRANT = OF_PEOPLE | {GrantType.CLIENT_CREDENTIALS}
_EARLIER = timedelta(seconds=90)


@dataclass
class Colleague:
    """A member of staff, who signs in by password and, where there is a second factor, by its code."""

    name: str
    account: Account
    factor: pyotp.TOTP | None = None
    recovery: tuple[str, ...] = ()

    @property
    def login(self) -> str:
        """What the person signs in with."""
        return self.account.login


@dataclass
class Office:
    """The tenant, by what it publishes and by what its operator does."""

    house: House
    tenant: Tenant
    snapshots: Snapshots
    _visitors: list[Visitor] = field(default_factory=list)

    @property
    def base(self) -> str:
        """Where the service is."""
        return self.house.service.address

    @property
    def issuer(self) -> str:
        """The tenant's authorization server."""
        return f"{self.base}/t/{self.tenant.slug}/oauth"

    @property
    def api(self) -> str:
        """The tenant's API."""
        return f"{self.base}/t/{self.tenant.slug}/v1"

    @property
    def metadata_address(self) -> str:
        """Where a client finds what the issuer can (RFC 8414, section 3.1)."""
        return f"{self.base}/.well-known/oauth-authorization-server/t/{self.tenant.slug}/oauth"

    @property
    def discovery_address(self) -> str:
        """The same by OpenID Connect Discovery 1.0, section 4."""
        return f"{self.issuer}/.well-known/openid-configuration"

    def hire(self, name: str = "李明", *roles: Role) -> Colleague:
        """A member of staff with a password; the login is random."""
        return self.house.run(self._hire, name, roles or (Role.INTAKE_CLERK,))

    def enrol(self, colleague: Colleague) -> Colleague:
        """Gives a second factor, as confirmed a while ago, so that the code of now has not been used."""
        return self.house.run(self._enrol, colleague)

    def invite(self, name: str = "赵敏") -> tuple[Account, str]:
        """An account without a password yet, and the code of the invitation to it."""
        return self.house.run(self._invite, name, (Role.INTAKE_CLERK,))

    def initial_token(self) -> str:
        """By which one client can register itself."""
        return self.house.run(self._initial_token)

    def client(self, name: str = "Desk of the hotline", **more: Any) -> Credentials:
        """A client that may do everything that clients of people may, unless told otherwise."""
        return self.house.run(self._client, name, more)

    def visitor(self, colleague: Colleague) -> Visitor:
        """The colleague with a browser of their own."""
        visitor = Visitor.of(self.issuer, colleague.login, PASSWORD)
        self._visitors.append(visitor)
        return visitor

    def close(self) -> None:
        """Closes the browsers."""
        for visitor in self._visitors:
            visitor.http.close()

    async def _invite(self, name: str, roles: Iterable[Role]) -> tuple[Account, str]:
        grants = tuple(NewGrant(role=GrantableRole(role), unit_id=None, valid_from=SINCE) for role in roles)
        async with self.house.owner.tenant(self.tenant.id, actor=OPERATOR) as session:
            member = await register_person(Administration(session, self.snapshots), NewPerson(name=name, roles=grants))
        async with self.house.owner.tenant(self.tenant.id, actor=OPERATOR) as session:
            admin = Administration(session, self.snapshots)
            invited = await register_account(admin, member.person.id, f"u{secrets.token_hex(4)}")
        return invited.account, invited.code

    async def _hire(self, name: str, roles: Iterable[Role]) -> Colleague:
        _, code = await self._invite(name, roles)
        passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        try:
            account = await redeem(
                self.house.database, passwords, await self._snapshot(), code, PASSWORD, datetime.now(UTC)
            )
        finally:
            passwords.close()
        return Colleague(name, account)

    async def _enrol(self, colleague: Colleague) -> Colleague:
        then = datetime.now(UTC) - _EARLIER
        async with self.house.database.tenant(self.tenant.id) as session:
            enrolment = await begin_totp(session, colleague.account, "wenze")
        colleague.factor = pyotp.TOTP(enrolment.secret)
        async with self.house.database.tenant(self.tenant.id) as session:
            colleague.recovery = await confirm_totp(session, colleague.account, colleague.factor.at(then), then)
        return colleague

    async def _client(self, name: str, more: dict[str, Any]) -> Credentials:
        roles = more.pop("roles", (Role.INTAKE_CLERK,))
        new = NewClient(name, roles, more.pop("scopes", SCOPES), SINCE, **{"grant_types": EVERY_GRANT} | more)
        async with self.house.owner.tenant(self.tenant.id, actor=OPERATOR) as session:
            return (await register_client(Administration(session, self.snapshots), new)).credentials

    async def _initial_token(self) -> str:
        new = NewInitialToken(
            note="for a test", scopes=tuple(SCOPES), grant_types=(GrantType.AUTHORIZATION_CODE,), uses=1, days=1
        )
        async with self.house.owner.tenant(self.tenant.id, actor=OPERATOR) as session:
            return (await issue_initial_token(Administration(session, self.snapshots), new))[1]

    async def _snapshot(self) -> Snapshot:
        async with self.house.database.reading(self.tenant.id) as session:
            return await self.snapshots.of(session)


def open_office(house: House) -> Office:
    """A new tenant of the house."""
    name = f"interop-{secrets.token_hex(4)}"
    new = NewTenant(name, "ankang", Text(zh="试验市", en="Test City"))
    tenant = house.run(create_tenant, house.owner, house.jurisdictions, new)
    return Office(house, tenant, Snapshots(house.jurisdictions))


def public_client(office: Office, redirect_uri: str, **more: Any) -> Credentials:
    """A client without a secret, as a page in a browser or an app is."""
    told = {"auth_method": AuthMethod.NONE, "grant_types": OF_PEOPLE, "roles": (), "redirect_uris": (redirect_uri,)}
    return office.client(**told | more)
