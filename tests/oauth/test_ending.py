"""Revocation (RFC 7009) and introspection (RFC 7662): a client ends its own tokens, and is told of no others."""

from __future__ import annotations

from typing import Any

import pytest

from core.tenants.client import GrantType
from core.tenants.scopes import Scope
from tests.oauth import people
from tests.oauth.conftest import ISSUER, SLUG, Desk
from tests.oauth.people import App
from tests.support.world import PUBLIC_URL

INACTIVE = {"active": False}


async def introspect(desk: Desk, token: str, app: App | None = None) -> dict[str, Any]:
    answer = await desk.post("introspect", token=token, **(app or desk.app).credentials)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store"), answer.text
    told: dict[str, Any] = answer.json()
    return told


async def machine_token(desk: Desk) -> tuple[App, str]:
    app = await people.register_app(
        desk.services, desk.tenant, redirect_uris=(), grant_types=frozenset({GrantType.CLIENT_CREDENTIALS})
    )
    answer = await desk.post("token", grant_type="client_credentials", **app.credentials)
    return app, answer.json()["access_token"]


@pytest.mark.parametrize("public", [False, True])
async def test_an_access_token_is_ended_alone(desk: Desk, public: bool) -> None:
    app = desk.public_app if public else desk.app
    told = await desk.tokens(app)
    answer = await desk.post("revoke", token=told["access_token"], token_type_hint="access_token", **app.credentials)
    assert (answer.status_code, answer.content, answer.headers["cache-control"]) == (200, b"", "no-store")
    assert (await desk.me(told["access_token"])).json()["code"] == "api.token-revoked"
    again = await people.refresh(desk.http, SLUG, app, told["refresh_token"])
    assert (await desk.me(again.json()["access_token"])).status_code == 200


@pytest.mark.parametrize("public", [False, True])
async def test_a_refresh_token_is_ended_with_its_family(desk: Desk, public: bool) -> None:
    app = desk.public_app if public else desk.app
    told = await desk.tokens(app)
    for _ in range(2):
        answer = await desk.post("revoke", token=told["refresh_token"], token_type_hint="nonsense", **app.credentials)
        assert answer.status_code == 200
    assert (await desk.me(told["access_token"])).json()["code"] == "api.token-revoked"
    assert (await people.refresh(desk.http, SLUG, app, told["refresh_token"])).json()["error"] == "invalid_grant"


async def test_a_machines_token_is_ended_too(desk: Desk) -> None:
    app, token = await machine_token(desk)
    assert (await desk.me(token)).status_code == 200
    assert (await desk.post("revoke", token=token, **app.credentials)).status_code == 200
    assert (await desk.me(token)).json()["code"] == "api.token-revoked"


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
async def test_anothers_token_stays(desk: Desk, kind: str) -> None:
    told = await desk.tokens()
    answer = await desk.post("revoke", token=told[kind], **desk.public_app.credentials)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert (await desk.me(told["access_token"])).status_code == 200


@pytest.mark.parametrize("token", ["unknown", "a.b.c", "é", "x" * 9_000])
async def test_an_unknown_token_is_as_good_as_ended(desk: Desk, token: str) -> None:
    assert (await desk.post("revoke", token=token, **desk.app.credentials)).status_code == 200
    assert await introspect(desk, token) == INACTIVE


@pytest.mark.parametrize("path", ["revoke", "introspect"])
async def test_who_asks_must_show_who_it_is_and_what_is_meant(desk: Desk, path: str) -> None:
    told = await desk.tokens()
    nobody = await desk.post(path, token=told["access_token"])
    assert (nobody.status_code, nobody.json()["error"]) == (401, "invalid_client")
    wrong = await desk.post(path, token=told["access_token"], client_id=desk.app.client_id, client_secret="x")
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    nothing = await desk.post(path, **desk.app.credentials)
    assert (nothing.status_code, nothing.json()["error"]) == (400, "invalid_request")
    query = await desk.http.post(f"/t/{SLUG}/oauth/{path}?token=x", data=desk.app.credentials)
    assert (query.status_code, query.json()["error"]) == (400, "invalid_request")
    assert (await desk.me(told["access_token"])).status_code == 200


async def test_a_client_is_told_of_its_own_tokens(desk: Desk) -> None:
    told = await desk.tokens(scope="openid cases:read")
    access = await introspect(desk, told["access_token"])
    now = int(desk.clock.now().timestamp())
    assert access.pop("jti")
    assert access == {
        "active": True,
        "token_type": "Bearer",
        "iss": ISSUER,
        "sub": str(desk.staff.person_id),
        "aud": f"{PUBLIC_URL}/t/{SLUG}/v1",
        "client_id": desk.app.client_id,
        "scope": "openid cases:read",
        "iat": now,
        "exp": now + 600,
    }
    kept = await introspect(desk, told["refresh_token"])
    assert (kept["active"], kept["scope"], kept["exp"] - kept["iat"]) == (True, "openid cases:read", 3_600)


async def test_a_public_client_is_told_nothing(desk: Desk) -> None:
    told = await desk.tokens(desk.public_app)
    answer = await desk.post("introspect", token=told["access_token"], **desk.public_app.credentials)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
async def test_of_other_clients_tokens_only_a_resource_server_is_told(desk: Desk, kind: str) -> None:
    told = await desk.tokens(desk.public_app)
    server = await people.register_app(desk.services, desk.tenant, scopes=(Scope.TOKENS_INTROSPECT,))
    assert await introspect(desk, told[kind]) == INACTIVE
    assert (await introspect(desk, told[kind], server))["client_id"] == desk.public_app.client_id


async def test_what_has_ended_is_inactive(desk: Desk) -> None:
    told = await desk.tokens()
    used = told["refresh_token"]
    await people.refresh(desk.http, SLUG, desk.app, used)
    assert await introspect(desk, used) == INACTIVE
    assert (await introspect(desk, told["access_token"]))["active"] is True
    desk.wait(seconds=600)
    assert await introspect(desk, told["access_token"]) == INACTIVE
    ended = await desk.tokens()
    await desk.post("revoke", token=ended["refresh_token"], **desk.app.credentials)
    assert await introspect(desk, ended["access_token"]) == INACTIVE
    assert await introspect(desk, ended["refresh_token"]) == INACTIVE
