"""Tokens at the API: everything of RFC 9068 is checked, in the tenant of the path alone (PITFALLS 11)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from joserfc.util import urlsafe_b64encode
from sqlalchemy import insert

from api.oauth.keys import SigningKeys
from core.store.tables import TENANT, revoked_token
from tests.support.world import PUBLIC_URL, Place, World

PATH = "/t/ankang/v1/rulebook"
ISSUER = f"{PUBLIC_URL}/t/ankang/oauth"
AUDIENCE = f"{PUBLIC_URL}/t/ankang/v1"


async def refusal(api: httpx.AsyncClient, token: str) -> tuple[int, str]:
    """What a token is answered with."""
    answer = await api.get(PATH, headers={"authorization": f"Bearer {token}"})
    if answer.status_code == 200:
        return 200, ""
    assert answer.headers["www-authenticate"].startswith(f'Bearer realm="{ISSUER}"')
    return answer.status_code, answer.json()["code"]


@pytest.fixture
async def claims(world: World, place: Place) -> dict[str, Any]:
    """The claims of a good token."""
    token = await world.token(place)
    return dict(jwt.decode(token, await key_of(world, place), algorithms=["ES256"]).claims)


async def key_of(world: World, place: Place) -> ECKey:
    """The tenant's own signing key."""
    return await SigningKeys(world.services).active(await world.snapshot(place))


async def test_a_good_token_is_good_again_and_again(world: World, place: Place, anybody: httpx.AsyncClient) -> None:
    token = await world.token(place)
    for _ in range(3):
        assert await refusal(anybody, token) == (200, "")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic eDp5", "Token x", "bearer"])
async def test_without_a_token_one_is_asked_for(anybody: httpx.AsyncClient, header: str) -> None:
    answer = await anybody.get(PATH, headers={"authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer.json()["code"] in {"api.token-missing", "api.token-invalid"}


@pytest.mark.parametrize(
    "token",
    ["x", "a.b", "a.b.c", "..", "eyJ9.e30.x", "e30.e30.e30", "bnVsbA.e30.x", "\xff", "x" * 5_000, "W10.e30.x", "IjEi.e30.x"],
)
async def test_what_is_no_token_is_refused(anybody: httpx.AsyncClient, token: str) -> None:
    answer = await anybody.get(PATH, headers=[(b"authorization", b"Bearer " + token.encode("latin-1"))])
    assert (answer.status_code, answer.json()["code"]) == (401, "api.token-invalid")


@pytest.mark.parametrize("depth", [100, 990, 1_000, 1_100, 1_300])
async def test_a_header_of_brackets_is_refused_and_no_fault_of_ours(anybody: httpx.AsyncClient, depth: int) -> None:
    head = urlsafe_b64encode(b'{"kid":' + b"[" * depth + b"]" * depth + b"}").decode()
    assert await refusal(anybody, f"{head}.e30.x") == (401, "api.token-invalid")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"iss": f"{PUBLIC_URL}/t/baoding/oauth"}, "api.token-audience"),
        ({"iss": f"{ISSUER}/"}, "api.token-audience"),
        ({"aud": f"{PUBLIC_URL}/t/baoding/v1"}, "api.token-audience"),
        ({"aud": []}, "api.token-audience"),
        ({"aud": [f"{PUBLIC_URL}/t/baoding/v1", "x"]}, "api.token-audience"),
        ({"exp": 1}, "api.token-expired"),
        ({"exp": "9999999999"}, "api.token-invalid"),
        ({"exp": None}, "api.token-invalid"),
        ({"sub": "0199f3a2-0000-7000-8000-000000000000"}, "api.client-disabled"),
        ({"client_id": "nobody"}, "api.client-disabled"),
        ({"jti": None}, "api.token-invalid"),
        ({"scope": None}, "api.token-invalid"),
        ({"scope": "nothing:such"}, "tenants.scope-missing"),
        ({"scope": ""}, "tenants.scope-missing"),
    ],
)
async def test_a_claim_that_does_not_fit_is_refused(
    world: World, place: Place, anybody: httpx.AsyncClient, claims: dict[str, Any], changes: dict[str, Any], code: str
) -> None:
    key = await key_of(world, place)
    token = jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": key.kid}, claims | changes, key)
    status, found = await refusal(anybody, token)
    assert (found, status) == (code, 403 if code == "tenants.scope-missing" else 401)


@pytest.mark.parametrize("name", ["iss", "sub", "aud", "exp", "client_id", "jti", "iat"])
async def test_a_claim_that_is_missing_is_refused(
    world: World, place: Place, anybody: httpx.AsyncClient, claims: dict[str, Any], name: str
) -> None:
    key = await key_of(world, place)
    short = {key_: value for key_, value in claims.items() if key_ != name}
    token = jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": key.kid}, short, key)
    assert await refusal(anybody, token) == (401, "api.token-invalid")


@pytest.mark.parametrize("header", [{}, {"typ": "JWT"}, {"typ": "dpop+jwt"}, {"typ": "at+jwt", "kid": "other"}])
async def test_type_and_key_id_are_pinned(
    world: World, place: Place, anybody: httpx.AsyncClient, claims: dict[str, Any], header: dict[str, Any]
) -> None:
    key = await key_of(world, place)
    token = jwt.encode({"alg": "ES256", "kid": key.kid} | header, claims, key)
    assert await refusal(anybody, token) == (401, "api.token-invalid")


async def test_the_key_comes_from_the_tenant_and_never_from_the_token(
    world: World, place: Place, anybody: httpx.AsyncClient, claims: dict[str, Any]
) -> None:
    own, stranger = await key_of(world, place), ECKey.generate_key("P-256")
    public = stranger.as_dict(private=False)
    for header in ({}, {"jwk": public}, {"jku": "https://evil.example/jwks"}, {"x5c": ["AA"]}):
        token = jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": own.kid} | header, claims, stranger)
        assert await refusal(anybody, token) == (401, "api.token-invalid")


async def test_no_other_algorithm_is_taken(
    world: World, place: Place, anybody: httpx.AsyncClient, claims: dict[str, Any]
) -> None:
    own = await key_of(world, place)
    shared = OctKey.import_key(json.dumps(own.as_dict(private=False)))
    for alg, key in (("HS256", shared), ("RS256", RSAKey.generate_key(2048))):
        token = jwt.encode({"alg": alg, "typ": "at+jwt", "kid": own.kid}, claims, key, algorithms=[alg])
        assert await refusal(anybody, token) == (401, "api.token-invalid")
    parts = ({"alg": "none", "typ": "at+jwt", "kid": own.kid}, claims)
    unsigned = ".".join(urlsafe_b64encode(json.dumps(part).encode()).decode() for part in parts) + "."
    assert await refusal(anybody, unsigned) == (401, "api.token-invalid")


async def test_a_token_of_another_tenant_of_the_same_city_is_refused(world: World, anybody: httpx.AsyncClient) -> None:
    baoding = await world.add("baoding")
    token = await world.token(baoding)
    assert await refusal(anybody, token) == (401, "api.token-invalid")


async def test_a_token_ends_when_its_time_is_over(world: World, place: Place, anybody: httpx.AsyncClient) -> None:
    assert await refusal(anybody, await world.token(place, age=timedelta(seconds=595))) == (200, "")
    assert await refusal(anybody, await world.token(place, age=timedelta(seconds=601))) == (401, "api.token-expired")


async def test_a_revoked_token_is_refused_although_it_was_good_a_moment_ago(
    world: World, place: Place, anybody: httpx.AsyncClient, claims: dict[str, Any]
) -> None:
    key = await key_of(world, place)
    token = jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": key.kid}, claims | {"jti": "revoked"}, key)
    assert await refusal(anybody, token) == (200, "")
    async with world.owner.tenant(place.number) as session:
        row = {"jti": "revoked", "expires_at": session.recorded_at + timedelta(minutes=10)}
        await session.execute(insert(revoked_token).values(tenant=TENANT), row)
        await session.bump_revocations()
    assert await refusal(anybody, token) == (401, "api.token-revoked")
