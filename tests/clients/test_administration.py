"""Clients over the API: what an administrator may do with them, and how nobody gives a role to themselves by one."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey, RSAKey
from sqlalchemy import select

from core.procedure import Role
from core.store.tables import TENANT, audit, audit_content, idempotency, outbox
from core.tenants.scopes import Scope
from tests.clients.conftest import TOKEN, V1, Send, sender
from tests.support.world import Place, World, asking

GRANT = {"grant_type": "client_credentials"}
MACHINE: dict[str, Any] = {
    "name": "数据平台", "auth_method": "client_secret_basic", "grant_types": ["client_credentials"],
    "scopes": ["rulebook:read"],
}  # fmt: skip
FRONT_END: dict[str, Any] = {
    "name": "前端", "grant_types": ["authorization_code", "refresh_token"], "scopes": ["cases:read"],
    "redirect_uris": ["https://app.example.cn/back"], "origins": ["https://app.example.cn"],
}  # fmt: skip


async def grant_to(api: httpx.AsyncClient, name: str, secret: str) -> httpx.Response:
    return await api.post(TOKEN, data=GRANT, auth=(name, secret))


@pytest.fixture
async def clerk(world: World, place: Place) -> AsyncIterator[httpx.AsyncClient]:
    """Asks as an administrator who has no other role."""
    credentials = await world.register(place.cast, (Role.TENANT_ADMINISTRATOR,), Scope, None)
    async with asking(world.app(), await world.token(place, credentials)) as client:
        yield client


async def test_a_client_lives_from_registration_to_its_end(api: httpx.AsyncClient, send: Send) -> None:
    made = await send("POST", "/clients", MACHINE | {"roles": ["auditor"]})
    assert made.status_code == 201, made.text
    name, secret = made.json()["client_id"], made.json()["client_secret"]
    assert made.headers["location"].endswith(f"/clients/{name}")
    assert (await grant_to(api, name, secret)).status_code == 200
    seen = await api.get(f"{V1}/clients/{name}")
    assert (seen.headers["etag"], "client_secret" in seen.json(), secret in seen.text) == ('"1"', False, False)
    assert (seen.json()["trusted"], seen.json()["auth_method"]) == (True, "client_secret_basic")

    rotated = await send("POST", f"/clients/{name}/secret", {"reason": "年度更换"}, 1)
    assert (rotated.status_code, rotated.headers["etag"]) == (200, '"2"')
    assert (await grant_to(api, name, secret)).json()["error"] == "invalid_client"
    granted = await grant_to(api, name, rotated.json()["client_secret"])
    bearer = {"authorization": f"Bearer {granted.json()['access_token']}"}
    assert (await api.get(f"{V1}/rulebook", headers=bearer)).status_code == 200

    assert (await send("POST", f"/clients/{name}/disable", {"reason": "下线"}, 1)).status_code == 412
    ended = await send("POST", f"/clients/{name}/disable", {"reason": "下线"}, 2)
    assert (ended.status_code, ended.json()["disabled_at"] is not None) == (200, True)
    assert (await api.get(f"{V1}/rulebook", headers=bearer)).json()["code"] == "api.client-disabled"
    assert (await grant_to(api, name, rotated.json()["client_secret"])).json()["error"] == "invalid_client"
    for path, body in (("/disable", {"reason": "下线"}), ("/secret", {"reason": "下线"})):
        again = await send("POST", f"/clients/{name}{path}", body, 3)
        assert (again.status_code, again.json()["code"]) == (409, "clients.disabled")


async def test_the_list_goes_by_registration_and_holds_no_secret(api: httpx.AsyncClient, send: Send) -> None:
    made = [(await send("POST", "/clients", MACHINE)).json() for _ in range(2)]
    names, cursor = [], ""
    while cursor is not None:
        page = (await api.get(f"{V1}/clients", params={"limit": 3} | ({"cursor": cursor} if cursor else {}))).json()
        names += [item["client_id"] for item in page["items"]]
        cursor = page["next"]
        assert all("secret" not in key for item in page["items"] for key in item)
    assert names[-2:] == [item["client_id"] for item in made]
    assert len(names) == len(set(names))


async def test_a_change_says_the_client_whole(world: World, place: Place, api: httpx.AsyncClient, send: Send) -> None:
    made = (await send("POST", "/clients", FRONT_END | {"auth_method": "none", "uri": "https://app.example.cn/"})).json()
    assert made["client_secret"] is None
    path = f"/clients/{made['client_id']}"
    assert (await send("PUT", path, FRONT_END)).status_code == 428
    changed = await send("PUT", path, FRONT_END | {"scopes": ["rulebook:read"], "redirect_uris": ["cn.gov.app:/back"]}, 1)
    assert changed.status_code == 200, changed.text
    assert (changed.json()["uri"], changed.json()["scopes"], changed.json()["version"]) == (None, ["rulebook:read"], 2)
    client = (await world.snapshot(place)).clients[made["client_id"]]
    assert (client.redirect_uris, client.scopes) == (("cn.gov.app:/back",), {Scope.RULEBOOK_READ})
    stale = await send("PUT", path, FRONT_END, 1)
    assert (stale.status_code, stale.json()["code"]) == (412, "clients.stale")


@pytest.mark.parametrize(
    ("changes", "status", "code", "field"),
    [
        ({"redirect_uris": ["https://app.example.cn/#x"]}, 400, "clients.redirect-malformed", "/redirect_uris/0"),
        ({"redirect_uris": ["https://a.cn/", "http://b.cn/"]}, 400, "clients.redirect-insecure", "/redirect_uris/1"),
        ({"redirect_uris": ["javascript:alert(1)"]}, 400, "clients.redirect-scheme", "/redirect_uris/0"),
        ({"redirect_uris": ["https://app.example.cn/\x7f"]}, 400, "api.field-pattern", "/redirect_uris/0"),
        ({"redirect_uris": []}, 422, "clients.redirect-needed", "/redirect_uris"),
        ({"origins": ["*"]}, 400, "clients.origin-malformed", "/origins/0"),
        ({"origins": ["null"]}, 400, "clients.origin-malformed", "/origins/0"),
        ({"uri": "http://app.example.cn/"}, 400, "clients.address-malformed", "/uri"),
        ({"grant_types": ["client_credentials"]}, 422, "clients.public-for-itself", "/grant_types"),
        ({"grant_types": ["password"]}, 400, "api.field-choice", "/grant_types/0"),
        ({"grant_types": []}, 400, "api.field-length", "/grant_types"),
        ({"scopes": ["everything"]}, 400, "api.field-choice", "/scopes/0"),
        ({"auth_method": "private_key_jwt"}, 422, "clients.keys-needed", "/keys"),
        ({"auth_method": "tls_client_auth"}, 400, "api.field-choice", "/auth_method"),
        ({"roles": ["auditor"]}, 422, "clients.roles-unused", "/roles"),
        ({"name": "前端\u202e"}, 400, "api.field-plain", "/name"),
        ({"unit_id": "0199f3a2-0000-7000-8000-000000000001"}, 422, "tenants.unit-unknown", "/unit_id"),
        ({"trusted": True}, 400, "api.field-unknown", "/trusted"),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_refused_by_field(
    send: Send, changes: dict[str, Any], status: int, code: str, field: str
) -> None:
    answer = await send("POST", "/clients", FRONT_END | {"auth_method": "none"} | changes)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.json()["field"].startswith(field)


async def test_keys_are_public_and_each_once(send: Send) -> None:
    key = ECKey.generate_key("P-256", {"kid": "a"})
    jwk = {name: key.as_dict(private=False)[name] for name in ("kty", "crv", "x", "y")} | {"kid": "a"}
    signing = MACHINE | {"auth_method": "private_key_jwt"}
    weak = RSAKey.generate_key(2048, {"kid": "w"}).as_dict(private=False)
    for keys, code in (
        ([jwk, jwk], "clients.key-twice"),
        ([jwk | {"y": jwk["x"]}], "clients.key-unsound"),
        ([jwk | {"d": "x" * 43}], "api.field-unknown"),
        ([{"kty": "oct", "k": "eA", "kid": "a"}], "api.field-choice"),
        ([{"kty": "RSA", "kid": "w", "e": "AQAB", "n": str(weak["n"])[:100]}], "api.field-pattern"),
    ):
        answer = await send("POST", "/clients", signing | {"keys": keys})
        assert (answer.status_code, answer.json()["code"]) == (400, code), answer.text
    made = await send("POST", "/clients", signing | {"keys": [jwk]})
    assert (made.status_code, made.json()["client_secret"]) == (201, None)
    none = await send("POST", f"/clients/{made.json()['client_id']}/secret", {"reason": "x"}, 1)
    assert (none.status_code, none.json()["code"]) == (422, "clients.no-secret")


async def test_nobody_gives_themselves_a_role_by_a_client(
    clerk: httpx.AsyncClient, api: httpx.AsyncClient, send: Send
) -> None:
    """R12: not by registering it, nor by a role for it afterwards, nor by getting hold of its secret or keys."""
    mine = sender(clerk)
    beyond = await mine("POST", "/clients", MACHINE | {"roles": ["deciding-authority"]})
    assert (beyond.status_code, beyond.json()["code"]) == (422, "clients.role-beyond-own")
    made = (await mine("POST", "/clients", MACHINE)).json()
    role = {"role": "deciding-authority", "valid_from": "2026-01-01"}
    path = f"/people/{made['person_id']}/roles"
    own = await mine("POST", path, role, 0)
    assert (own.status_code, own.json()["code"]) == (422, "clients.held-by-granter")
    assert (await send("POST", path, role, 0)).status_code == 201, "another administrator may"
    renewed = await mine("POST", f"/clients/{made['client_id']}/secret", {"reason": "x"}, 1)
    assert (renewed.status_code, renewed.json()["code"]) == (422, "clients.role-beyond-own")
    assert (await send("POST", f"/clients/{made['client_id']}/secret", {"reason": "x"}, 1)).status_code == 200


async def test_whoever_rotates_a_secret_holds_the_client(clerk: httpx.AsyncClient, send: Send) -> None:
    made = (await send("POST", "/clients", MACHINE)).json()
    mine = sender(clerk)
    assert (await mine("POST", f"/clients/{made['client_id']}/secret", {"reason": "x"}, 1)).status_code == 200
    own = await mine("POST", f"/people/{made['person_id']}/roles", {"role": "auditor", "valid_from": "2026-01-01"}, 0)
    assert own.json()["code"] == "clients.held-by-granter"


async def test_a_secret_is_told_once_and_kept_nowhere(
    world: World, place: Place, api: httpx.AsyncClient, send: Send
) -> None:
    key = secrets.token_hex(8)
    first = await send("POST", "/clients", MACHINE, key=key)
    again = await send("POST", "/clients", MACHINE, key=key)
    assert again.headers["idempotency-replayed"] == "true"
    assert (again.status_code, again.json()) == (201, first.json() | {"client_secret": None})
    issued = await send("POST", "/initial-access-tokens", {"note": "试", "scopes": ["cases:read"]}, key=f"{key}-2")
    replayed = await send("POST", "/initial-access-tokens", {"note": "试", "scopes": ["cases:read"]}, key=f"{key}-2")
    assert replayed.json() == issued.json() | {"token": None}
    async with world.services.database.reading(place.number) as session:
        kept = [
            row
            for table in (idempotency, audit, audit_content, outbox)
            for row in await session.all(select(table).where(table.c.tenant == TENANT))
        ]
    assert first.json()["client_secret"] not in repr(kept)
    assert issued.json()["token"] not in repr(kept)


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/clients", "clients:read"),
        ("POST", "/clients", "clients:write"),
        ("GET", "/initial-access-tokens", "clients:read"),
        ("POST", "/initial-access-tokens", "clients:write"),
    ],
)
async def test_scope_and_role_are_asked_for(
    world: World, place: Place, method: str, path: str, scope: str
) -> None:
    body = MACHINE if path == "/clients" else {"note": "x", "scopes": []}
    for credentials, scopes, code in (
        (place.powers, [item for item in Scope if item != scope], "tenants.scope-missing"),
        (place.powerless, list(Scope), "tenants.role-missing"),
    ):
        async with asking(world.app(), await world.token(place, credentials, scopes=scopes)) as client:
            headers = {"idempotency-key": secrets.token_hex(8)} if method == "POST" else {}
            answer = await client.request(method, V1 + path, json=body if method == "POST" else None, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, code)


async def test_of_two_changes_at_once_one_is_stale(send: Send) -> None:
    made = (await send("POST", "/clients", FRONT_END | {"auth_method": "none"})).json()
    path = f"/clients/{made['client_id']}"
    answers = await asyncio.gather(*(send("PUT", path, FRONT_END | {"name": f"前端{n}"}, 1) for n in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
