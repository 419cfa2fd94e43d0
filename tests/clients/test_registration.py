"""Clients that register themselves (RFC 7591) and manage what they are (RFC 7592), behind an initial access token."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey

from core.errors import Unauthenticated
from core.tenants.service.initial_tokens import recognise_initial_token
from tests.clients.conftest import ISSUER, TOKEN, V1, Send
from tests.support.world import Place, World

REGISTER = "/t/ankang/oauth/register"
SAID: dict[str, Any] = {
    "client_name": "街道前端", "redirect_uris": ["https://app.example.cn/back"], "token_endpoint_auth_method": "none",
    "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"], "scope": "cases:read",
    "client_uri": "https://app.example.cn/", "contacts": ["a@example.cn"], "logo_uri": "https://app.example.cn/logo.png",
    "software_id": "x",
}  # fmt: skip


async def issue(send: Send, **changes: Any) -> dict[str, Any]:
    body = {"note": "街道接入", "scopes": ["cases:read", "rulebook:read"], "uses": 50} | changes
    answer = await send("POST", "/initial-access-tokens", body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


@pytest.fixture
async def bearer(send: Send) -> dict[str, str]:
    """The header of somebody with an initial access token."""
    return {"authorization": f"Bearer {(await issue(send))['token']}"}


async def test_a_client_registers_itself_and_is_not_trusted(
    world: World, place: Place, anybody: httpx.AsyncClient, bearer: dict[str, str]
) -> None:
    answer = await anybody.post(REGISTER, json=SAID, headers=bearer)
    assert answer.status_code == 201, answer.text
    assert (answer.headers["cache-control"], answer.headers["content-type"]) == ("no-store", "application/json")
    said = answer.json()
    assert said["registration_client_uri"] == f"{ISSUER}/register/{said['client_id']}"
    assert {name: said[name] for name in SAID if name in said} == {
        name: value for name, value in SAID.items() if name not in {"contacts", "logo_uri", "software_id"}
    }
    assert "client_secret" not in said
    snapshot = await world.snapshot(place)
    client = snapshot.clients[said["client_id"]]
    assert (client.trusted, client.public) == (False, True)
    assert snapshot.organisation.roles_of(client.person_id, snapshot.local_day(world.services.wall.now())) == ()


async def test_one_with_a_secret_uses_it_as_it_said(anybody: httpx.AsyncClient, send: Send) -> None:
    token = (await issue(send, grant_types=["client_credentials"]))["token"]
    said = {"client_name": "机", "grant_types": ["client_credentials"], "token_endpoint_auth_method": "client_secret_post"}
    made = (await anybody.post(REGISTER, json=said, headers={"authorization": f"Bearer {token}"})).json()
    assert (made["client_secret_expires_at"], made["response_types"]) == (0, [])
    grant = {"grant_type": "client_credentials"}
    shown = {"client_id": made["client_id"], "client_secret": made["client_secret"]}
    assert (await anybody.post(TOKEN, data=grant | shown)).status_code == 200
    assert (await anybody.post(TOKEN, data=grant, auth=(made["client_id"], made["client_secret"]))).status_code == 401
    granted = (await anybody.post(TOKEN, data=grant | shown)).json()
    assert granted["scope"] == "cases:read rulebook:read"
    refused = await anybody.get(f"{V1}/cases", headers={"authorization": f"Bearer {granted['access_token']}"})
    assert (refused.status_code, refused.json()["code"]) == (403, "tenants.role-missing"), "it has no role"


FAULTY: list[tuple[dict[str, Any], str]] = [
    ({"redirect_uris": ["http://app.example.cn/back"]}, "invalid_redirect_uri"),
    ({"redirect_uris": ["https://app.example.cn/#x"]}, "invalid_redirect_uri"),
    ({"redirect_uris": ["javascript:alert(1)"]}, "invalid_redirect_uri"),
    ({"redirect_uris": ["data:text/html,<script>alert(1)</script>"]}, "invalid_redirect_uri"),
    ({"redirect_uris": ["https://*.example.cn/"]}, "invalid_redirect_uri"),
    ({"redirect_uris": []}, "invalid_redirect_uri"),
    ({"redirect_uris": "https://app.example.cn/back"}, "invalid_client_metadata"),
    ({"client_name": ""}, "invalid_client_metadata"),
    ({"client_name": None}, "invalid_client_metadata"),
    ({"client_name": "市政府\u202e"}, "invalid_client_metadata"),
    ({"client_name": "x" * 201}, "invalid_client_metadata"),
    ({"client_uri": "javascript:alert(1)"}, "invalid_client_metadata"),
    ({"grant_types": ["client_credentials"]}, "invalid_client_metadata"),
    ({"grant_types": ["implicit"]}, "invalid_client_metadata"),
    ({"grant_types": ["refresh_token"], "response_types": []}, "invalid_client_metadata"),
    ({"response_types": ["token"]}, "invalid_client_metadata"),
    ({"response_types": ["code", "code id_token"]}, "invalid_client_metadata"),
    ({"scope": "cases:write"}, "invalid_client_metadata"),
    ({"scope": "no:such"}, "invalid_client_metadata"),
    ({"origins": ["*"]}, "invalid_client_metadata"),
    ({"jwks_uri": "http://169.254.169.254/keys"}, "invalid_client_metadata"),
    ({"token_endpoint_auth_method": "private_key_jwt"}, "invalid_client_metadata"),
    ({"token_endpoint_auth_method": "client_secret_jwt"}, "invalid_client_metadata"),
    ({"jwks": {"keys": [{"kty": "oct", "k": "eA"}]}}, "invalid_client_metadata"),
    ({"jwks": {"keys": ["x"]}}, "invalid_client_metadata"),
    ({"jwks": []}, "invalid_client_metadata"),
]


@pytest.mark.parametrize(("changes", "error"), FAULTY, ids=range(len(FAULTY)))
async def test_hostile_metadata_is_refused_and_costs_no_use(
    anybody: httpx.AsyncClient, api: httpx.AsyncClient, send: Send, changes: dict[str, Any], error: str
) -> None:
    made = await issue(send, uses=1)
    answer = await anybody.post(REGISTER, json=SAID | changes, headers={"authorization": f"Bearer {made['token']}"})
    assert (answer.status_code, answer.json()["error"]) == (400, error), answer.text
    assert answer.json()["error_description"].isascii()
    assert (await api.get(f"{V1}/initial-access-tokens/{made['id']}")).json()["uses_left"] == 1


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"null", b"{", b"\xff", b'{"client_name":"a","client_name":"b"}', b'{"client_name":"\\u0000"}',
     b"[" * 2_000, b'{"client_name":' + b"1" * 400 + b"}"],
    ids=["empty", "list", "null", "broken", "no-utf8", "twice", "nul", "deep", "digits"],
)  # fmt: skip
async def test_what_is_no_json_is_refused(anybody: httpx.AsyncClient, bearer: dict[str, str], content: bytes) -> None:
    headers = bearer | {"content-type": "application/json"}
    answer = await anybody.post(REGISTER, content=content, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client_metadata"), answer.text


async def test_a_form_and_a_huge_body_are_refused(anybody: httpx.AsyncClient, bearer: dict[str, str]) -> None:
    form = await anybody.post(REGISTER, data={"client_name": "x"}, headers=bearer)
    assert (form.status_code, form.json()["error"]) == (400, "invalid_client_metadata")
    huge = await anybody.post(REGISTER, json=SAID | {"contacts": ["x" * 70_000]}, headers=bearer)
    assert (huge.status_code, huge.json()["error"]) == (413, "invalid_client_metadata")


@pytest.mark.parametrize(
    "authorization", [None, "Bearer", "Bearer ", "Basic eDp4", "Bearer wzi_nobody", "Bearer \xff", "Bearer " + "x" * 9_000]
)
async def test_without_a_good_token_nobody_registers(anybody: httpx.AsyncClient, authorization: str | None) -> None:
    headers = {} if authorization is None else {"authorization": authorization.encode("latin-1")}
    answer = await anybody.post(REGISTER, json=SAID, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    assert answer.headers["www-authenticate"].startswith(f'Bearer realm="{ISSUER}"')


async def test_an_access_token_registers_nothing(api: httpx.AsyncClient) -> None:
    assert (await api.post(REGISTER, json=SAID)).status_code == 401


async def test_a_token_ends_when_it_is_revoked_or_spent(anybody: httpx.AsyncClient, send: Send) -> None:
    for end in ("revoked", "spent"):
        made = await issue(send, uses=1)
        bearer = {"authorization": f"Bearer {made['token']}"}
        if end == "revoked":
            path = f"/initial-access-tokens/{made['id']}/revoke"
            assert (await send("POST", path, {"reason": "外泄"}, 2)).status_code == 412
            assert (await send("POST", path, {"reason": "外泄"}, 1)).json()["revoked_at"] is not None
            assert (await send("POST", path, {"reason": "外泄"}, 2)).json()["code"] == "clients.token-revoked"
        else:
            assert (await anybody.post(REGISTER, json=SAID, headers=bearer)).status_code == 201
        assert (await anybody.post(REGISTER, json=SAID, headers=bearer)).status_code == 401, end


async def test_a_token_ends_with_its_days(
    world: World, place: Place, send: Send
) -> None:
    token, now = (await issue(send, days=1))["token"], world.services.wall.now()
    async with world.services.database.reading(place.number) as session:
        assert (await recognise_initial_token(session, token, now)).uses_left == 50
        with pytest.raises(Unauthenticated):
            await recognise_initial_token(session, token, now + timedelta(days=1, minutes=1))


async def test_of_many_at_once_no_more_register_than_there_are_uses(anybody: httpx.AsyncClient, send: Send) -> None:
    bearer = {"authorization": f"Bearer {(await issue(send, uses=3))['token']}"}
    answers = await asyncio.gather(*(anybody.post(REGISTER, json=SAID, headers=bearer) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [401] * 5


async def test_a_key_without_an_id_is_known_by_its_thumbprint(anybody: httpx.AsyncClient, bearer: dict[str, str]) -> None:
    key = ECKey.generate_key("P-256")
    jwk = {name: value for name, value in key.as_dict(private=False).items() if name != "kid"} | {"alg": "ES256", "x5t": "x"}
    said = SAID | {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [jwk]}}
    made = await anybody.post(REGISTER, json=said, headers=bearer)
    assert made.status_code == 201, made.text
    assert made.json()["jwks"]["keys"][0]["kid"] == key.thumbprint()
    private = await anybody.post(
        REGISTER, json=said | {"jwks": {"keys": [key.as_dict(private=True)]}}, headers=bearer
    )  # fmt: skip
    assert (private.status_code, private.json()["error"]) == (400, "invalid_client_metadata")
    assert json.dumps(key.as_dict(private=True)["d"]) not in private.text


@pytest.fixture
async def managed(anybody: httpx.AsyncClient, bearer: dict[str, str]) -> dict[str, Any]:
    """A client that has registered itself."""
    said = {**SAID, "token_endpoint_auth_method": "client_secret_basic"}
    return dict((await anybody.post(REGISTER, json=said, headers=bearer)).json())


def path_of(client: dict[str, Any]) -> str:
    return f"{REGISTER}/{client['client_id']}"


def manager_of(client: dict[str, Any]) -> dict[str, str]:
    return {"authorization": f"Bearer {client['registration_access_token']}"}


async def test_it_reads_and_changes_what_it_is(anybody: httpx.AsyncClient, managed: dict[str, Any]) -> None:
    read = await anybody.get(path_of(managed), headers=manager_of(managed))
    assert (read.status_code, read.json()["client_id"]) == (200, managed["client_id"])
    assert "client_secret" not in read.json()
    said = {**SAID, "token_endpoint_auth_method": "client_secret_basic", "client_id": managed["client_id"]}
    changed = await anybody.put(
        path_of(managed), json=said | {"client_name": "新名", "scope": "rulebook:read"}, headers=manager_of(managed)
    )
    assert changed.status_code == 200, changed.text
    assert (changed.json()["client_name"], changed.json()["scope"]) == ("新名", "rulebook:read")
    said |= {"scope": "cases:read rulebook:read"}
    wider = await anybody.put(path_of(managed), json=said, headers=manager_of(managed))
    assert wider.status_code == 200, "as far as its initial access token allowed"


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "wzc_aaaaaaaaaaaaaaaa"}, {"client_id": None}, {"client_secret": "wrong"},
        {"token_endpoint_auth_method": "none"}, {"scope": "cases:write"}, {"grant_types": ["client_credentials"]},
    ],
    ids=str,
)  # fmt: skip
async def test_it_cannot_become_another_or_more(
    anybody: httpx.AsyncClient, managed: dict[str, Any], changes: dict[str, Any]
) -> None:
    said = {**SAID, "token_endpoint_auth_method": "client_secret_basic", "client_id": managed["client_id"]}
    answer = await anybody.put(path_of(managed), json=said | changes, headers=manager_of(managed))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client_metadata"), answer.text


async def test_only_its_own_token_manages_it(
    anybody: httpx.AsyncClient, managed: dict[str, Any], bearer: dict[str, str], place: Place
) -> None:
    other = (await anybody.post(REGISTER, json=SAID, headers=bearer)).json()
    tries = [
        (path_of(managed), manager_of(other)), (path_of(managed), {}), (path_of(managed), bearer),
        (f"{REGISTER}/wzc_aaaaaaaaaaaaaaaa", manager_of(managed)),
        (f"{REGISTER}/{place.powers.client_id}", manager_of(managed)),
    ]  # fmt: skip
    for path, headers in tries:
        for method in ("GET", "DELETE"):
            answer = await anybody.request(method, path, headers=headers)
            assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")


async def test_it_ends_itself(anybody: httpx.AsyncClient, managed: dict[str, Any]) -> None:
    gone = await anybody.delete(path_of(managed), headers=manager_of(managed))
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await anybody.get(path_of(managed), headers=manager_of(managed))).status_code == 401
    answer = await anybody.post(
        TOKEN, data={"grant_type": "client_credentials"}, auth=(managed["client_id"], managed["client_secret"])
    )
    assert answer.json()["error"] == "invalid_client"
