"""A service with Ankang in it, asked as an administrator, and hands of clients to sign with."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from typing import Any

import httpx
import msgspec
import pytest
from joserfc import jwt

from core.store.actor import OPERATOR
from core.tenants.client_keys import ClientKey
from core.tenants.scopes import Scope
from core.tenants.service.administration import Administration
from core.tenants.service.clients import NewClient, RegisteredClient, register_client
from tests.servers import Addresses
from tests.support.world import PUBLIC_URL, Place, World, asking, open_world

Send = Callable[..., Awaitable[httpx.Response]]
ISSUER = f"{PUBLIC_URL}/t/ankang/oauth"
TOKEN = "/t/ankang/oauth/token"
V1 = "/t/ankang/v1"
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SINCE = date(2026, 1, 1)


@pytest.fixture(scope="module")
async def world(addresses: Addresses) -> AsyncIterator[World]:
    """The services, with a tenant of Ankang."""
    async with open_world(addresses) as opened:
        await opened.add("ankang")
        yield opened


@pytest.fixture(scope="module")
def place(world: World) -> Place:
    """The tenant of Ankang."""
    return world.places["ankang"]


@pytest.fixture
async def anybody(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """Asks without a token."""
    async with asking(world.app()) as client:
        yield client


@pytest.fixture
async def api(world: World, place: Place) -> AsyncIterator[httpx.AsyncClient]:
    """Asks as a client that may everything."""
    async with asking(world.app(), await world.token(place)) as client:
        yield client


@pytest.fixture
def send(api: httpx.AsyncClient) -> Send:
    """``await send("POST", "/clients", body)`` changes something; ``match`` is the version that it was decided on."""
    return sender(api)


def sender(api: httpx.AsyncClient) -> Send:
    """What sends changes as the client does."""

    async def sent(
        method: str, path: str, body: object, match: int | None = None, key: str | None = None
    ) -> httpx.Response:
        headers = {"idempotency-key": key or secrets.token_hex(8)} if method == "POST" else {}
        headers |= {"if-match": f'"{match}"'} if match is not None else {}
        return await api.request(method, f"{V1}{path}", json=body, headers=headers)

    return sent


async def enrol(world: World, place: Place, **said: Any) -> RegisteredClient:
    """A client as the operator registers one."""
    scopes = frozenset(said.pop("scopes", (Scope.CASES_READ, Scope.RULEBOOK_READ)))
    new = NewClient("测试客户端", said.pop("roles", ()), scopes, SINCE, **said)
    async with world.owner.tenant(place.number, actor=OPERATOR) as session:
        return await register_client(Administration(session, world.services.snapshots), new)


def public(key: Any) -> ClientKey:
    """The public half of a key as it is registered."""
    said = {name: value for name, value in key.as_dict(private=False).items() if name in {"kty", "crv", "x", "y", "n", "e"}}
    return msgspec.convert(said | {"kid": key.kid}, ClientKey)  # type: ignore[no-any-return]


def assertion(client_id: str, key: Any, now: float, header: dict[str, Any] | None = None, **changes: Any) -> str:
    """What a client signs; a claim that is ``None`` is left out."""
    claims = {
        "iss": client_id, "sub": client_id, "aud": ISSUER, "exp": int(now) + 60, "iat": int(now),
        "jti": secrets.token_hex(8),
    }  # fmt: skip
    kept = {name: value for name, value in (claims | changes).items() if value is not None}
    made = {"alg": "ES256", "kid": key.kid} | (header or {})
    return jwt.encode(made, kept, key, algorithms=[made["alg"]])
