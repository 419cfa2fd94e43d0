"""OpenID Connect: ID tokens for one client, the userinfo endpoint, and discovery."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.oauth import people
from tests.oauth.conftest import ISSUER, SLUG, Desk
from tests.oauth.people import pkce


async def claims_of(desk: Desk, id_token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    keys = KeySet.import_key_set((await desk.http.get(f"/t/{SLUG}/oauth/jwks")).json())
    token = jwt.decode(id_token, keys, algorithms=["ES256"])
    return token.header, token.claims


async def ask_userinfo(desk: Desk, token: str, method: str = "GET") -> httpx.Response:
    return await desk.http.request(
        method, f"/t/{SLUG}/oauth/userinfo", headers={"authorization": f"Bearer {token}"}
    )


async def test_an_id_token_says_who_signed_in_when_and_how_to_one_client(desk: Desk) -> None:
    signed_in = await desk.sign_in(methods=("pwd", "otp", "mfa"))
    desk.wait(seconds=30)
    told = await desk.tokens(by=signed_in, scope="profile openid", nonce="n-0S6_WzA2Mj")
    assert told["scope"] == "openid profile"
    header, claims = await claims_of(desk, told["id_token"])
    assert header.keys() == {"alg", "typ", "kid"}
    assert (header["alg"], header["typ"]) == ("ES256", "JWT")
    half = hashlib.sha256(told["access_token"].encode()).digest()[:16]
    now = int(desk.clock.now().timestamp())
    assert claims == {
        "iss": ISSUER,
        "sub": str(desk.staff.person_id),
        "aud": desk.app.client_id,
        "azp": desk.app.client_id,
        "iat": now,
        "exp": now + 600,
        "auth_time": now - 30,
        "nonce": "n-0S6_WzA2Mj",
        "amr": ["pwd", "otp", "mfa"],
        "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
        "sid": str(signed_in.id),
    }


async def test_an_id_token_is_no_access_token(desk: Desk) -> None:
    told = await desk.tokens(scope="openid cases:read")
    assert (await desk.me(told["id_token"])).json()["code"] == "api.token-invalid"
    assert (await ask_userinfo(desk, told["id_token"])).status_code == 401


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_userinfo_tells_what_the_scopes_let_it(desk: Desk, method: str) -> None:
    whole = (await desk.tokens(scope="openid profile"))["access_token"]
    answer = await ask_userinfo(desk, whole, method)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    sub = str(desk.staff.person_id)
    assert answer.json() == {"sub": sub, "name": "王芳", "preferred_username": "wang.fang"}
    least = (await desk.tokens(scope="openid"))["access_token"]
    assert (await ask_userinfo(desk, least, method)).json() == {"sub": sub}


async def test_userinfo_wants_a_token_for_openid(desk: Desk) -> None:
    without = (await desk.tokens(scope="cases:read"))["access_token"]
    refused = await ask_userinfo(desk, without)
    assert refused.status_code == 403
    assert 'error="insufficient_scope", scope="openid"' in refused.headers["www-authenticate"]
    nobody = await desk.http.get(f"/t/{SLUG}/oauth/userinfo")
    assert nobody.status_code == 401
    assert "error=" not in nobody.headers["www-authenticate"]


async def test_userinfo_ends_with_the_family(desk: Desk) -> None:
    told = await desk.tokens(scope="openid")
    await desk.post("revoke", token=told["refresh_token"], **desk.app.credentials)
    assert (await ask_userinfo(desk, told["access_token"])).json()["code"] == "api.token-revoked"


async def test_a_client_of_machines_cannot_ask_who_its_user_is(desk: Desk) -> None:
    answer = await desk.post("token", grant_type="client_credentials", scope="openid", **desk.app.credentials)
    assert answer.json()["error"] in {"unauthorized_client", "invalid_scope"}


async def test_discovery_says_the_same_at_both_addresses(desk: Desk) -> None:
    appended = await desk.http.get(f"/t/{SLUG}/oauth/.well-known/openid-configuration")
    inserted = await desk.http.get(f"/.well-known/oauth-authorization-server/t/{SLUG}/oauth")
    assert appended.json() == inserted.json()
    said = appended.json()
    required = {"issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "response_types_supported"}
    assert required | {"subject_types_supported", "id_token_signing_alg_values_supported"} <= said.keys()
    assert said["issuer"] == ISSUER
    assert (said["subject_types_supported"], said["id_token_signing_alg_values_supported"]) == (["public"], ["ES256"])
    assert {"openid", "profile", "cases:read"} <= set(said["scopes_supported"])
    assert "none" in said["token_endpoint_auth_methods_supported"]
    assert "none" not in said["introspection_endpoint_auth_methods_supported"]
    for name, address in said.items():
        if name.endswith("_endpoint"):
            assert (await desk.http.options(address)).status_code == 204, name


async def test_a_hint_names_the_person_even_when_it_has_expired(desk: Desk) -> None:
    told = await desk.tokens(scope="openid")
    desk.wait(hours=5)
    request = await people.read_request(desk.services, desk.tenant, desk.app, id_token_hint=told["id_token"])
    assert request.hinted_person == desk.staff.person_id


async def test_the_nonce_is_the_requests_own(desk: Desk) -> None:
    verifier, challenge = pkce()
    approved = await desk.approve(scope="openid", code_challenge=challenge)
    answer = await people.redeem(desk.http, SLUG, approved, code_verifier=verifier, nonce="mine")
    _, claims = await claims_of(desk, answer.json()["id_token"])
    assert "nonce" not in claims


async def test_whoever_has_a_token_learns_who_they_are(desk: Desk) -> None:
    """Whatever it lets the client do otherwise: a front-end that may read the rulebook alone greets its user, too."""
    for scope, told in (("rulebook:read", ["rulebook:read"]), ("openid", [])):
        answer = await desk.me((await desk.tokens(scope=scope))["access_token"])
        assert answer.status_code == 200, answer.text
        assert (answer.json()["person_id"], answer.json()["scopes"]) == (str(desk.staff.person_id), told)
    assert (await desk.http.get(f"/t/{SLUG}/v1/me")).json()["code"] == "api.token-missing"
