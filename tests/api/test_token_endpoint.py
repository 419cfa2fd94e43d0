"""The token endpoint: RFC 6749 errors for every faulty request, RFC 9068 tokens for the good ones."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from core.store.actor import OPERATOR
from core.tenants.scopes import Scope
from core.tenants.service.administration import Administration
from core.tenants.service.clients import disable_client
from tests.support.world import PUBLIC_URL, Place, World

TOKEN = "/t/ankang/oauth/token"
ISSUER = f"{PUBLIC_URL}/t/ankang/oauth"
GRANT = {"grant_type": "client_credentials"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


def basic(name: str | bytes, secret: str | bytes) -> dict[str, str]:
    """A Basic header of any bytes."""
    parts = [part.encode() if isinstance(part, str) else part for part in (name, secret)]
    return {"authorization": "Basic " + base64.b64encode(b":".join(parts)).decode()}


@pytest.fixture
def credentials(place: Place) -> tuple[str, str]:
    """The name and secret of the client that may everything."""
    return place.powers.client_id, place.powers.client_secret


async def test_a_token_says_who_for_what_and_how_long(
    world: World, place: Place, anybody: httpx.AsyncClient, credentials: tuple[str, str]
) -> None:
    answer = await anybody.post(TOKEN, data={**GRANT, "scope": "cases:read rulebook:read"}, auth=credentials)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    granted = answer.json()
    assert (granted["token_type"], granted["expires_in"], granted["scope"]) == ("Bearer", 600, "cases:read rulebook:read")
    keys = KeySet.import_key_set((await anybody.get("/t/ankang/oauth/jwks")).json())
    token = jwt.decode(granted["access_token"], keys, algorithms=["ES256"])
    client = (await world.snapshot(place)).clients[credentials[0]]
    assert (token.header["typ"], token.header["alg"]) == ("at+jwt", "ES256")
    assert token.header["kid"] in {key.kid for key in keys}
    assert token.claims.keys() == {"iss", "sub", "aud", "client_id", "exp", "iat", "jti", "scope"}
    assert token.claims["iss"] == ISSUER
    assert token.claims["aud"] == f"{PUBLIC_URL}/t/ankang/v1"
    assert (token.claims["sub"], token.claims["client_id"]) == (str(client.person_id), credentials[0])
    assert token.claims["exp"] - token.claims["iat"] == 600


async def test_a_token_lasts_a_quarter_of_an_hour_at_most(
    world: World, place: Place, anybody: httpx.AsyncClient, credentials: tuple[str, str]
) -> None:
    assert world.services.settings.token_seconds <= 900
    answer = await anybody.post(TOKEN, data=GRANT, auth=credentials)
    assert answer.json()["expires_in"] <= 900


async def test_without_a_scope_everything_is_granted_that_the_client_has(
    world: World, place: Place, anybody: httpx.AsyncClient
) -> None:
    narrow = await world.register(place.cast, (), (Scope.CASES_READ, Scope.RULEBOOK_READ), None)
    answer = await anybody.post(TOKEN, data=GRANT, auth=(narrow.client_id, narrow.client_secret))
    assert set(answer.json()["scope"].split()) == {"cases:read", "rulebook:read"}
    answer = await anybody.post(TOKEN, data={**GRANT, "scope": "cases:write"}, auth=(narrow.client_id, narrow.client_secret))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


async def test_both_ways_of_showing_the_secret_are_taken(anybody: httpx.AsyncClient, credentials: tuple[str, str]) -> None:
    name, secret = credentials
    form = await anybody.post(TOKEN, data={**GRANT, "client_id": name, "client_secret": secret})
    header = await anybody.post(TOKEN, data={**GRANT, "client_id": name}, auth=credentials)
    assert (form.status_code, header.status_code) == (200, 200)


@pytest.mark.parametrize("name", ["resource", "audience"])
async def test_the_resource_is_the_tenants_own_api(
    anybody: httpx.AsyncClient, credentials: tuple[str, str], name: str
) -> None:
    own = await anybody.post(TOKEN, data={**GRANT, name: f"{PUBLIC_URL}/t/ankang/v1"}, auth=credentials)
    other = await anybody.post(TOKEN, data={**GRANT, name: f"{PUBLIC_URL}/t/baoding/v1"}, auth=credentials)
    assert own.status_code == 200
    assert (other.status_code, other.json()["error"]) == (400, "invalid_target")


@pytest.mark.parametrize(
    ("headers", "data"),
    [
        ({}, GRANT),
        ({}, {**GRANT, "client_id": "{name}"}),
        ({}, {**GRANT, "client_id": "{name}", "client_secret": "wrong"}),
        ({}, {**GRANT, "client_id": "nobody", "client_secret": "{secret}"}),
        ({}, {**GRANT, "client_id": "{name}", "client_secret": ""}),
        (basic("{name}", "wrong"), GRANT),
        (basic("nobody", "{secret}"), GRANT),
        (basic(b"\xff\xfe", b"\xff"), GRANT),
        (basic(b"%00", b"%00"), GRANT),
        (basic(b"%ff", b"x"), GRANT),
        ({"authorization": "Basic"}, GRANT),
        ({"authorization": "Basic !!!"}, GRANT),
        ({"authorization": "Basic " + base64.b64encode(b"no-colon").decode()}, GRANT),
        ({"authorization": "Bearer x"}, GRANT),
        ({"authorization": "Basic x" * 1000}, GRANT),
    ],
)
async def test_a_client_that_is_not_known_is_refused(
    anybody: httpx.AsyncClient, credentials: tuple[str, str], headers: dict[str, str], data: dict[str, str]
) -> None:
    filled = {key: value.format(name=credentials[0], secret=credentials[1]) for key, value in data.items()}
    answer = await anybody.post(TOKEN, data=filled, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), answer.text
    assert answer.headers["www-authenticate"].startswith(f'Basic realm="{ISSUER}"')


async def test_an_unknown_client_answers_like_a_wrong_secret(
    anybody: httpx.AsyncClient, credentials: tuple[str, str]
) -> None:
    wrong = await anybody.post(TOKEN, data=GRANT, auth=(credentials[0], "wrong"))
    unknown = await anybody.post(TOKEN, data=GRANT, auth=("wzc_aaaaaaaaaaaaaaaa", "wrong"))
    assert wrong.content == unknown.content


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("", "unsupported_grant_type"),
        ("grant_type=password", "unsupported_grant_type"),
        ("grant_type=client_credentials&grant_type=client_credentials", "invalid_request"),
        ("grant_type=client_credentials&scope=cases:read&scope=cases:write", "invalid_request"),
        ("grant_type=%FF", "invalid_request"),
        ("grant_type=client_credentials&client_id=%00", "invalid_request"),
        ("grant_type=client_credentials&scope=%ED%A0%80", "invalid_request"),
        ("grant_type=client_credentials&scope=nothing:such", "invalid_scope"),
        ("grant_type=client_credentials&client_secret=x", "invalid_request"),
        ("grant_type=client_credentials&client_id=other", "invalid_request"),
    ],
)
async def test_a_faulty_request_is_an_oauth_error(
    anybody: httpx.AsyncClient, credentials: tuple[str, str], content: str, error: str
) -> None:
    answer = await anybody.post(TOKEN, content=content, headers=FORM, auth=credentials)
    assert (answer.status_code, answer.json()["error"]) == (400, error), answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"


async def test_parameters_of_the_address_are_no_form(anybody: httpx.AsyncClient, credentials: tuple[str, str]) -> None:
    query = f"?grant_type=client_credentials&client_id={credentials[0]}&client_secret={credentials[1]}"
    answer = await anybody.post(TOKEN + query, headers=FORM)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert credentials[1] not in answer.text


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        ('{"grant_type": "client_credentials"}', {"content-type": "application/json"}, 400),
        ("grant_type=client_credentials", {}, 400),
        ("x" * 20_000, FORM, 413),
    ],
)
async def test_only_a_form_of_reasonable_length_is_taken(
    anybody: httpx.AsyncClient, content: str, headers: dict[str, Any], status: int
) -> None:
    answer = await anybody.post(TOKEN, content=content, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (status, "invalid_request")


async def test_a_disabled_client_gets_nothing_and_its_tokens_end(
    world: World, place: Place, anybody: httpx.AsyncClient
) -> None:
    client = await world.register(place.cast, (), Scope, None)
    token = await world.token(place, client)
    auth = {"authorization": f"Bearer {token}"}
    assert (await anybody.get("/t/ankang/v1/rulebook", headers=auth)).status_code == 200
    async with world.owner.tenant(place.number, actor=OPERATOR) as session:
        await disable_client(Administration(session, world.services.snapshots), client.client_id)
    answer = await anybody.get("/t/ankang/v1/rulebook", headers=auth)
    assert (answer.status_code, answer.json()["code"]) == (401, "api.client-disabled")
    answer = await anybody.post(TOKEN, data=GRANT, auth=(client.client_id, client.client_secret))
    assert answer.json()["error"] == "invalid_client"


async def test_metadata_stands_at_the_inserted_path(anybody: httpx.AsyncClient) -> None:
    answer = await anybody.get("/.well-known/oauth-authorization-server/t/ankang/oauth")
    said = answer.json()
    assert said["issuer"] == ISSUER
    assert said["token_endpoint"] == f"{ISSUER}/token"
    assert said["jwks_uri"] == f"{ISSUER}/jwks"
    grants = {"authorization_code", "refresh_token", "client_credentials", "device_code", "token-exchange"}
    assert {grant.rpartition(":")[2] for grant in said["grant_types_supported"]} == grants
    assert (said["response_types_supported"], said["code_challenge_methods_supported"]) == (["code"], ["S256"])
    assert said["authorization_response_iss_parameter_supported"] is True
    assert (await anybody.get("/t/ankang/oauth/.well-known/openid-configuration")).json() == said
    assert (await anybody.get("/t/ankang/oauth/.well-known/oauth-authorization-server")).status_code == 404


async def test_the_host_header_decides_nothing(anybody: httpx.AsyncClient) -> None:
    answer = await anybody.get(
        "/.well-known/oauth-authorization-server/t/ankang/oauth",
        headers={"host": "evil.example", "x-forwarded-host": "evil.example", "forwarded": "host=evil.example"},
    )
    assert "evil" not in answer.text


async def test_the_keys_are_public_and_say_when_they_are_unchanged(anybody: httpx.AsyncClient) -> None:
    answer = await anybody.get("/t/ankang/oauth/jwks")
    (key,) = answer.json()["keys"]
    assert key.keys() == {"kty", "crv", "x", "y", "kid", "alg", "use"}
    again = await anybody.get("/t/ankang/oauth/jwks", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_only_post_asks_for_a_token(anybody: httpx.AsyncClient) -> None:
    answer = await anybody.get(TOKEN)
    assert (answer.status_code, answer.headers["allow"]) == (405, "OPTIONS, POST")
