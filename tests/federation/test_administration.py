"""Providers over the API: for administrators; the secret is never told, and links end with the issuer."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from core.accounts.account import Account, find_login
from core.accounts.links import link_account, list_links
from core.accounts.providers import find_provider, open_secret
from core.procedure import Role
from core.store.tables import TENANT, audit_content, identity_provider
from core.tenants.scopes import Scope
from tests.servers import Addresses
from tests.support.world import World, asking, open_world

TOLD = {
    "name_zh": "统一认证",
    "name_en": "City sign-in",
    "issuer": "https://login.example.gov.cn",
    "client_id": "wenze",
}
SECRET = "the-secret-of-the-provider"


@pytest.fixture(scope="module")
async def world(addresses: Addresses) -> AsyncIterator[World]:
    async with open_world(addresses) as opened:
        await opened.add("ankang")
        yield opened


@pytest.fixture
async def api(world: World) -> AsyncIterator[httpx.AsyncClient]:
    place = world.places["ankang"]
    async with asking(world.app(), await world.token(place)) as client:
        client.base_url = httpx.URL(f"{client.base_url}/t/{place.slug}/v1/")
        yield client


async def register(api: httpx.AsyncClient, key: str, **more: Any) -> httpx.Response:
    headers = {"idempotency-key": f"register-{key}-{more.get('issuer', '')[:100]}"}
    return await api.post("identity-providers", json={"key": key, **TOLD, **more}, headers=headers)


async def test_a_provider_is_registered_read_and_changed(api: httpx.AsyncClient, world: World) -> None:
    made = await register(api, "city", client_secret=SECRET)
    assert made.status_code == 201, made.text
    shown, etag = made.json(), made.headers["etag"]
    assert shown["redirect_uri"] == "https://wenze.example.cn/t/ankang/oauth/providers/city/callback"
    assert (shown["has_secret"], shown["enabled"], shown["link_by"]) == (True, True, None)
    assert (await register(api, "city", issuer="https://other.example.cn")).json()["code"] == "federation.key-taken"
    assert (await api.get("identity-providers")).json()["items"] == [shown]
    missing = await api.put("identity-providers/city", json=TOLD)
    assert missing.status_code == 428
    changed = await api.put("identity-providers/city", json={**TOLD, "enabled": False}, headers={"if-match": etag})
    assert changed.status_code == 200, changed.text
    assert (changed.json()["enabled"], changed.json()["has_secret"]) == (False, True)
    stale = await api.put("identity-providers/city", json=TOLD, headers={"if-match": etag})
    assert stale.status_code == 412
    assert (await api.get("identity-providers/city")).json() == changed.json()
    other = {**TOLD, "client_id": "another"}
    etag = changed.headers["etag"]
    anew = await api.put("identity-providers/city", json=other, headers={"if-match": etag})
    assert (anew.json()["has_secret"], anew.json()["enabled"]) == (False, True)
    for answer in (made, changed, anew):
        assert SECRET not in answer.text


async def test_the_secret_lies_sealed_and_stands_in_no_record(api: httpx.AsyncClient, world: World) -> None:
    assert (await register(api, "sealed", client_secret=SECRET)).status_code == 201
    place = world.places["ankang"]
    async with world.services.database.reading(place.number) as session:
        rows = await session.all(select(identity_provider).where(identity_provider.c.tenant == TENANT))
        contents = await session.all(select(audit_content).where(audit_content.c.tenant == TENANT))
        assert await open_secret(session, await find_provider(session, "sealed")) == SECRET
    assert SECRET not in str([*rows, *contents])


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"issuer": "http://login.example.cn"}, 400, "federation.issuer-malformed"),
        ({"issuer": "https://login.example.cn/?a=b"}, 400, "federation.issuer-malformed"),
        ({"issuer": "https://login.example.cn/#a"}, 400, "federation.issuer-malformed"),
        ({"issuer": "https://user:word@login.example.cn"}, 400, "federation.issuer-malformed"),
        ({"issuer": "javascript:alert(1)"}, 400, "federation.issuer-malformed"),
        ({"scopes": ["profile"]}, 400, "federation.openid-missing"),
        ({"scopes": []}, 400, None),
        ({"scopes": ["openid profile"]}, 400, None),
        ({"client_id": "a\u0000b"}, 400, None),
        ({"client_secret": "密"}, 400, None),
        ({"key": "City"}, 400, None),
        ({"key": "../x"}, 400, None),
        ({"link_by": ""}, 400, None),
        ({"satisfies_second_factor": "yes"}, 400, None),
        ({"unknown": 1}, 400, None),
    ],
)
async def test_what_is_no_provider_is_refused(
    api: httpx.AsyncClient, more: dict[str, Any], status: int, code: str | None
) -> None:
    headers = {"idempotency-key": hashlib.sha256(str(more).encode()).hexdigest()}
    answer = await api.post("identity-providers", json={"key": "bad", **TOLD, **more}, headers=headers)
    assert answer.status_code == status, answer.text
    problem = answer.json()
    assert problem["code"] == code if code else problem["in"] == "body", answer.text


async def test_only_administrators_with_the_scope_may(world: World) -> None:
    place = world.places["ankang"]
    auditor = await world.register(place.cast, (Role.AUDITOR,), Scope, None)
    for credentials, scopes in ((auditor, Scope), (place.powers, [Scope.ACCOUNTS_READ])):
        async with asking(world.app(), await world.token(place, credentials, scopes=scopes)) as client:
            headers = {"idempotency-key": "not-me"}
            answer = await client.post("/t/ankang/v1/identity-providers", json={"key": "no", **TOLD}, headers=headers)
            assert answer.status_code == 403


async def test_with_another_issuer_every_link_ends(api: httpx.AsyncClient, world: World) -> None:
    made = await register(api, "moving")
    place = world.places["ankang"]
    headers = {"idempotency-key": "an-account"}
    person = (await api.post("people", json={"name": "钱伟"}, headers=headers)).json()["id"]
    registered = await api.post("accounts", json={"person_id": person, "login": "qian.wei"}, headers=headers)
    assert registered.status_code == 201, registered.text
    async with world.services.database.tenant(place.number) as session:
        held: Account = await _account(session, "qian.wei")
        await link_account(session, held.id, await find_provider(session, "moving"), "q-1", world.services.wall.now())

    async def links() -> int:
        async with world.services.database.reading(place.number) as session:
            return len(await list_links(session, held.id))

    assert await links() == 1
    etag = made.headers["etag"]
    same = await api.put("identity-providers/moving", json={**TOLD, "name_en": "Elsewhere"}, headers={"if-match": etag})
    assert await links() == 1
    moved = {**TOLD, "issuer": "https://other.example.cn"}
    answer = await api.put("identity-providers/moving", json=moved, headers={"if-match": same.headers["etag"]})
    assert answer.status_code == 200, answer.text
    assert await links() == 0


async def _account(session: Any, login: str) -> Account:
    found = await find_login(session, login)
    assert found is not None
    return found
