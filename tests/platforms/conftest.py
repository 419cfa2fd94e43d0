"""A service with Ankang and Baoding, a platform in Ankang with its keys and its operators, and hands to sign with."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from core.platforms import service
from core.platforms.commands import KeyStatement, NewOperator, OperatorEnding, PlatformStatement
from core.platforms.keys import EllipticKey, RsaKey
from core.platforms.platform import Operator
from core.procedure import Role
from core.store.actor import OPERATOR
from core.tenants.client import Credentials
from core.tenants.commands import GrantableRole, NewGrant, NewPerson, NewPost
from core.tenants.scopes import Scope
from core.tenants.service.administration import Administration
from core.tenants.service.people import register_person
from tests.support.two_cities import place, world
from tests.support.world import PUBLIC_URL, Place, World, asking

SINCE = date(2026, 1, 1)
ISSUER = f"{PUBLIC_URL}/t/ankang/oauth"
BASE = f"{PUBLIC_URL}/t/ankang/v1"


@dataclass
class Hand:
    """A platform as it is outside: its credentials, its private key, and the ids of its operators."""

    world: World
    place: Place
    credentials: Credentials
    client_id: UUID
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": f"k-{secrets.token_hex(4)}"}))
    version: int = 0

    @property
    def auth(self) -> tuple[str, str]:
        """What it signs in with."""
        return self.credentials.client_id, self.credentials.client_secret

    async def administer(self, work: Any, *arguments: Any) -> Any:
        """Something that an administrator does with this client."""
        async with self.world.owner.tenant(self.place.number, actor=OPERATOR) as session:
            admin = Administration(session, self.world.services.snapshots)
            return await work(admin, *arguments)

    async def allow(self, *, token_exchange: bool = True, operator_claims: bool = False) -> None:
        """Says in which ways it may act for its operators."""
        said = PlatformStatement(token_exchange=token_exchange, operator_claims=operator_claims, reason="试")
        await self._change(service.allow_ways, said)

    async def register_keys(self, *keys: ECKey | RSAKey) -> None:
        """Registers the public halves."""
        made = [public(key) for key in keys or (self.key,)]
        await self._change(service.replace_keys, KeyStatement(keys=tuple(made), reason="试"))

    async def _change(self, work: Any, said: Any) -> None:
        changed = await self.administer(work, self.credentials.client_id, said, self.version)
        self.version = changed.version

    async def hire(self, external_id: str, *roles: Role, unit: str | None = None, **span: date) -> Operator:
        """A new member of staff who is an operator of the platform."""
        unit_id = self.place.cast.units[unit] if unit else None
        grants = tuple(NewGrant(role=GrantableRole(role), unit_id=unit_id, valid_from=SINCE) for role in roles)
        posts = (NewPost(unit_id=unit_id, title="坐席", valid_from=SINCE),) if unit_id else ()
        member = await self.administer(register_person, NewPerson(name=f"坐席{external_id}", posts=posts, roles=grants))
        new = NewOperator(external_id=external_id, person_id=member.person.id, **{"valid_from": SINCE, **span})
        made: Operator = await self.administer(service.name_operator, self.credentials.client_id, new)
        return made

    async def end(self, operator: Operator, last_day: date | None = None) -> None:
        """Ends an operator, at once or after a day."""
        ending = OperatorEnding(reason="离岗", last_day=last_day)
        name, version = self.credentials.client_id, operator.version
        await self.administer(service.end_operator, name, operator.id, ending, version)

    def claims(self, operator: str, **changes: Any) -> dict[str, Any]:
        """Good claims, or others; a claim that is ``None`` is left out."""
        now = int(datetime.now(UTC).timestamp())
        made = {
            "iss": self.credentials.client_id, "sub": operator, "aud": ISSUER, "iat": now, "exp": now + 120,
            "jti": secrets.token_hex(12),
        }  # fmt: skip
        return {name: value for name, value in (made | changes).items() if value is not None}

    def sign(self, claims: dict[str, Any], key: Any = None, **header: Any) -> str:
        """An assertion."""
        signer = key or self.key
        made = {"alg": "ES256", "typ": "JWT", "kid": self.key.kid} | header
        kept = {name: value for name, value in made.items() if value is not None}
        return jwt.encode(kept, claims, signer, algorithms=[made["alg"]])

    def form(self, assertion: str, **more: str) -> dict[str, str]:
        """The form of a token exchange."""
        return {
            "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
            "subject_token": assertion,
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        } | more

    async def exchange(self, anybody: httpx.AsyncClient, operator: str, **more: str) -> httpx.Response:
        """Exchanges a new assertion for a token of the operator."""
        form = self.form(self.sign(self.claims(operator)), **more)
        return await anybody.post(f"/t/{self.place.slug}/oauth/token", data=form, auth=self.auth)


def public(key: ECKey | RSAKey) -> EllipticKey | RsaKey:
    """The public half as it is registered."""
    said = key.as_dict(private=False)
    if key.key_type == "EC":
        return EllipticKey(kid=str(said["kid"]), crv="P-256", x=str(said["x"]), y=str(said["y"]))
    return RsaKey(kid=str(said["kid"]), n=str(said["n"]), e="AQAB")


async def make_hand(world: World, place: Place, roles: Iterable[Role] = (), scopes: Iterable[Scope] = Scope) -> Hand:
    """A client that may be made a platform."""
    credentials = await world.register(place.cast, tuple(roles), scopes, None)
    client = (await world.snapshot(place)).clients[credentials.client_id]
    return Hand(world, place, credentials, client.id)


@pytest.fixture
async def hand(world: World, place: Place) -> Hand:
    """A platform that may exchange tokens, with an intake clerk as its operator ``1024``."""
    made = await make_hand(world, place)
    await made.allow()
    await made.register_keys()
    await made.hire("1024", Role.INTAKE_CLERK)
    return made


@pytest.fixture
async def anybody(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """Asks without a token."""
    async with asking(world.app()) as client:
        yield client
