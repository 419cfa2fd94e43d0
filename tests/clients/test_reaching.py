"""How a tenant's API is reached: from which pages, under which host, by which keys, and how a client finds all that."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from core.errors import Conflict, Invalid
from core.store.actor import OPERATOR
from core.tenants.client import AuthMethod, GrantType
from core.tenants.service.administration import Administration
from core.tenants.service.clients import disable_client
from core.tenants.service.directory import set_origin
from core.tenants.service.keys import SHORTEST_OVERLAP, Rotation, retire_keys, rotate_keys
from tests.clients.conftest import ISSUER, TOKEN, V1, enrol
from tests.servers import Addresses
from tests.support.world import PUBLIC_URL, Place, World, asking, open_world

PAGE, OTHER = "https://app.example.cn", "https://other.example.cn"
JWKS = "/t/ankang/oauth/jwks"
OWN = "https://12345.ankang.example.cn"
GRANT = {"grant_type": "client_credentials"}
RESOURCE = "/.well-known/oauth-protected-resource/t/ankang/v1"
SHARED = [
    TOKEN, JWKS, "/t/ankang/oauth/revoke", "/t/ankang/oauth/userinfo", "/t/ankang/oauth/device_authorization", RESOURCE,
    "/.well-known/oauth-authorization-server/t/ankang/oauth", "/t/ankang/oauth/.well-known/openid-configuration",
    f"{V1}/cases", f"{V1}/openapi.json",
]  # fmt: skip
APART = ["/t/ankang/oauth/authorize", "/t/ankang/oauth/sign-in", "/t/ankang/oauth/introspect", "/t/ankang/oauth/register"]


@pytest.fixture(scope="module")
async def world(addresses: Addresses) -> AsyncIterator[World]:
    """Ankang and Baoding, each with a page of its own."""
    async with open_world(addresses) as opened:
        for city, origin in (("ankang", PAGE), ("baoding", OTHER)):
            place = await opened.add(city)
            await enrol_page(opened, place, origin)
        yield opened


async def enrol_page(world: World, place: Place, origin: str) -> str:
    made = await enrol(
        world, place, auth_method=AuthMethod.NONE, grant_types=frozenset({GrantType.AUTHORIZATION_CODE}),
        redirect_uris=(f"{origin}/back",), origins=(origin,),
    )  # fmt: skip
    return made.client.client_id


def allowed(answer: httpx.Response) -> str | None:
    return answer.headers.get("access-control-allow-origin")


async def preflight(client: httpx.AsyncClient, path: str, origin: str) -> httpx.Response:
    headers = {"origin": origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization"}
    return await client.options(path, headers=headers)


@pytest.mark.parametrize("path", SHARED)
async def test_a_registered_page_may_ask(anybody: httpx.AsyncClient, path: str) -> None:
    answer = await preflight(anybody, path, PAGE)
    assert (answer.status_code, allowed(answer)) == (204, PAGE)
    assert answer.headers["access-control-allow-methods"] == answer.headers["allow"]
    assert "Authorization" in answer.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in answer.headers
    assert answer.headers["vary"] == "Origin"
    read = await anybody.get(path, headers={"origin": PAGE})
    assert (allowed(read), read.headers["cross-origin-resource-policy"]) == (PAGE, "cross-origin")
    assert "Origin" in read.headers["vary"]
    assert "WWW-Authenticate" in read.headers["access-control-expose-headers"]


@pytest.mark.parametrize("origin", [OTHER, f"{PAGE}:8443", "http://app.example.cn", "null", "*", "", PUBLIC_URL])
@pytest.mark.parametrize("path", [TOKEN, f"{V1}/cases"])
async def test_no_other_page_may(anybody: httpx.AsyncClient, path: str, origin: str) -> None:
    for answer in (await preflight(anybody, path, origin), await anybody.get(path, headers={"origin": origin})):
        assert not [name for name in answer.headers if name.startswith("access-control-")]
        assert "Origin" in answer.headers["vary"]
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize("path", APART)
async def test_pages_and_what_servers_ask_are_for_no_other_page(anybody: httpx.AsyncClient, path: str) -> None:
    assert allowed(await preflight(anybody, path, PAGE)) is None
    assert allowed(await anybody.get(path, headers={"origin": PAGE})) is None


async def test_a_token_is_used_from_the_pages_of_its_own_client(
    world: World, place: Place, anybody: httpx.AsyncClient
) -> None:
    bearer = {"authorization": f"Bearer {await world.token(place)}", "origin": PAGE}
    answer = await anybody.get(f"{V1}/rulebook", headers=bearer)
    assert (answer.status_code, allowed(answer)) == (200, None)


async def test_a_disabled_client_has_no_pages(world: World, place: Place, anybody: httpx.AsyncClient) -> None:
    page = "https://gone.example.cn"
    name = await enrol_page(world, place, page)
    assert allowed(await preflight(anybody, TOKEN, page)) == page
    async with world.owner.tenant(place.number, actor=OPERATOR) as session:
        await disable_client(Administration(session, world.services.snapshots), name)
    await anybody.get(JWKS)
    assert allowed(await preflight(anybody, TOKEN, page)) is None


async def test_a_refusal_leads_to_the_issuer(anybody: httpx.AsyncClient) -> None:
    """RFC 9728: from the 401 to the resource's metadata, from there to the issuer, from there to the token endpoint."""
    refused = await anybody.get(f"{V1}/cases")
    assert refused.status_code == 401
    shown = refused.headers["www-authenticate"]
    address = shown.partition('resource_metadata="')[2].partition('"')[0]
    assert address == f"{PUBLIC_URL}{RESOURCE}"
    said = (await anybody.get(address)).json()
    assert (said["resource"], said["authorization_servers"]) == (f"{PUBLIC_URL}{V1}", [ISSUER])
    assert said["bearer_methods_supported"] == ["header"]
    issuer = said["authorization_servers"][0]
    inserted = issuer.replace(PUBLIC_URL, f"{PUBLIC_URL}/.well-known/oauth-authorization-server")
    metadata = (await anybody.get(inserted)).json()
    assert (metadata["issuer"], metadata["registration_endpoint"]) == (ISSUER, f"{ISSUER}/register")
    assert set(said["scopes_supported"]) <= set(metadata["scopes_supported"])


async def test_the_resources_metadata_is_kept_and_of_a_tenant(anybody: httpx.AsyncClient) -> None:
    first = await anybody.get(RESOURCE)
    assert first.headers["cache-control"] == "public, max-age=300"
    again = await anybody.get(RESOURCE, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await anybody.get(RESOURCE.replace("ankang", "atlantis"))).status_code == 404


async def tell(world: World, place: Place, work: Callable[..., Awaitable[Any]], *arguments: Any) -> Any:
    async with world.owner.tenant(place.number, actor=OPERATOR) as session:
        return await work(Administration(session, world.services.snapshots), *arguments)


async def kids(client: httpx.AsyncClient) -> set[str]:
    return {key["kid"] for key in (await client.get(JWKS)).json()["keys"]}


async def test_keys_change_without_ending_a_token(world: World, place: Place, anybody: httpx.AsyncClient) -> None:
    auth = (place.powers.client_id, place.powers.client_secret)
    before = await kids(anybody)
    old = (await anybody.post(TOKEN, data=GRANT, auth=auth)).json()["access_token"]
    done: Rotation = await tell(world, place, rotate_keys, timedelta(seconds=SHORTEST_OVERLAP))
    new = (await anybody.post(TOKEN, data=GRANT, auth=auth)).json()["access_token"]
    keys = KeySet.import_key_set((await anybody.get(JWKS)).json())
    assert jwt.decode(new, keys, algorithms=["ES256"]).header["kid"] == done.active
    assert jwt.decode(old, keys, algorithms=["ES256"]).header["kid"] in before
    assert await kids(anybody) == before | {done.active}
    for token in (old, new):
        answer = await anybody.get(f"{V1}/rulebook", headers={"authorization": f"Bearer {token}"})
        assert answer.status_code == 200
    assert await tell(world, place, retire_keys) == (), "its time is not over"

    at_once: Rotation = await tell(world, place, rotate_keys, None)
    assert set(at_once.retired) == before | {done.active}
    assert await kids(anybody) == {at_once.active}
    for token in (old, new):
        answer = await anybody.get(f"{V1}/rulebook", headers={"authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.json()["code"]) == (401, "api.token-revoked")


async def test_an_overlap_that_would_end_tokens_is_refused(world: World, place: Place) -> None:
    for seconds in (0, SHORTEST_OVERLAP - 1, 40 * 86_400):
        with pytest.raises(Invalid, match=r"tenants\.overlap-out-of-bounds"):
            await tell(world, place, rotate_keys, timedelta(seconds=seconds))


@asynccontextmanager
async def moved(world: World, origin: str) -> AsyncIterator[None]:
    """Serves Ankang under an origin of its own for the block."""
    await set_origin(world.owner, "ankang", origin, PUBLIC_URL)
    try:
        yield
    finally:
        await set_origin(world.owner, "ankang", None, PUBLIC_URL)


async def test_a_tenant_has_an_origin_of_its_own(world: World, place: Place, api: httpx.AsyncClient) -> None:
    assert (await api.get(f"{V1}/rulebook")).status_code == 200
    async with moved(world, OWN):
        ended = await api.get(f"{V1}/rulebook")
        assert (ended.status_code, ended.json()["code"]) == (401, "api.token-audience")
        assert f'realm="{OWN}/t/ankang/oauth"' in ended.headers["www-authenticate"]
        metadata = (await api.get("/.well-known/oauth-authorization-server/t/ankang/oauth")).json()
        assert (metadata["issuer"], metadata["token_endpoint"]) == (f"{OWN}/t/ankang/oauth", f"{OWN}{TOKEN}")
        assert (await api.get(RESOURCE)).json()["resource"] == f"{OWN}{V1}"
        granted = await api.post(TOKEN, data=GRANT, auth=(place.powers.client_id, place.powers.client_secret))
        bearer = {"authorization": f"Bearer {granted.json()['access_token']}"}
        page = await api.get(f"{V1}/people?limit=1", headers=bearer)
        assert page.headers["link"].startswith(f"<{OWN}{V1}/people?")
    assert (await api.get(f"{V1}/rulebook", headers=bearer)).json()["code"] == "api.token-audience"


@pytest.mark.parametrize(
    ("host", "slug", "status"),
    [
        ("12345.ankang.example.cn", "ankang", 200),
        ("12345.ankang.example.cn:443", "ankang", 200),
        ("12345.ANKANG.example.cn", "baoding", 404),
        ("12345.ankang.example.cn", "baoding", 404),
        ("12345.ankang.example.cn:443", "baoding", 404),
        ("wenze.example.cn", "baoding", 200),
        ("wenze.example.cn", "ankang", 200),
        ("anything.example.cn", "baoding", 200),
    ],
)
async def test_no_tenant_is_served_under_the_host_of_another(world: World, host: str, slug: str, status: int) -> None:
    # What a process knows of hosts is a quarter of a minute old at most; a new one knows the present.
    async with moved(world, OWN), asking(World(world.services, world.owner).app()) as anybody:
        for path in (f"/t/{slug}/oauth/jwks", f"/t/{slug}/v1/openapi.json", f"/t/{slug}/oauth/sign-in"):
            answer = await anybody.get(path, headers={"host": host, "x-forwarded-host": "12345.ankang.example.cn"})
            assert answer.status_code == status or (status == 200 and answer.status_code < 400), path


@pytest.mark.parametrize("origin", [PUBLIC_URL, "http://12345.example.cn", f"{OWN}/", f"{OWN}/t", "12345.example.cn", "*"])
async def test_what_is_no_origin_of_its_own_is_refused(world: World, origin: str) -> None:
    with pytest.raises(Invalid):
        await set_origin(world.owner, "ankang", origin, PUBLIC_URL)


async def test_an_origin_is_one_tenants(world: World) -> None:
    async with moved(world, OWN):
        with pytest.raises(Conflict, match=r"tenants\.origin-taken"):
            await set_origin(world.owner, "baoding", OWN, PUBLIC_URL)


async def test_the_service_may_not_move_a_tenant(world: World) -> None:
    if world.services.database.is_sqlite:
        pytest.skip("one file has one owner")
    with pytest.raises(Exception, match="permission denied"):
        await set_origin(world.services.database, "ankang", OWN, PUBLIC_URL)
