"""Authorization codes: for the client and the address that they were made for, with the verifier, within a minute, once."""

from __future__ import annotations

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from core.authorizations.families import list_authorizations
from core.tenants.client import GrantType
from tests.oauth import people
from tests.oauth.conftest import ISSUER, SLUG, Desk
from tests.oauth.people import pkce, redeem
from tests.support.world import PUBLIC_URL


async def error_of(desk: Desk, approved: people.Approved, **changes: str | None) -> str:
    answer = await redeem(desk.http, SLUG, approved, **changes)
    assert answer.status_code in {400, 401}, answer.text
    assert answer.headers["cache-control"] == "no-store"
    code: str = answer.json()["error"]
    return code


@pytest.mark.parametrize("public", [False, True])
async def test_a_code_gives_tokens_of_the_person(desk: Desk, public: bool) -> None:
    app = desk.public_app if public else desk.app
    signed_in = await desk.sign_in()
    told = await desk.tokens(app, signed_in, scope="cases:read")
    assert (told["token_type"], told["expires_in"], told["scope"]) == ("Bearer", 600, "cases:read")
    assert {"access_token", "refresh_token"} <= told.keys()
    keys = KeySet.import_key_set((await desk.http.get(f"/t/{SLUG}/oauth/jwks")).json())
    token = jwt.decode(told["access_token"], keys, algorithms=["ES256"])
    assert token.header["typ"] == "at+jwt"
    claims = token.claims
    assert (claims["iss"], claims["aud"]) == (ISSUER, f"{PUBLIC_URL}/t/{SLUG}/v1")
    assert (claims["sub"], claims["client_id"]) == (str(desk.staff.person_id), app.client_id)
    assert (claims["sid"], claims["amr"]) == (str(signed_in.id), ["pwd", "otp", "mfa"])
    assert claims["auth_time"] == int(signed_in.authenticated_at.timestamp())
    assert claims["iat"] == int(desk.clock.now().timestamp())
    assert claims["exp"] - claims["iat"] == 600
    who = await desk.me(told["access_token"])
    assert who.status_code == 200
    assert who.json()["person_id"] == str(desk.staff.person_id)


async def test_without_a_scope_everything_of_the_api_is_asked_for_that_the_client_has(desk: Desk) -> None:
    told = await desk.tokens()
    assert told["scope"].split() == ["cases:read", "rulebook:read"]
    assert "id_token" not in told


async def test_a_client_without_the_grant_gets_no_refresh_token(desk: Desk) -> None:
    app = await people.register_app(
        desk.services, desk.tenant, grant_types=frozenset({GrantType.AUTHORIZATION_CODE})
    )
    assert "refresh_token" not in await desk.tokens(app)


async def test_the_answer_names_the_issuer_and_repeats_the_state(desk: Desk) -> None:
    approved = await desk.approve()
    told = people.answer_in(approved.location)
    assert told.keys() == {"code", "state", "iss"}
    assert (told["iss"], told["state"]) == (ISSUER, "s t/äß&=")
    assert len(told["code"]) >= 43


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code": None}, "invalid_request"),
        ({"code": "x" * 43}, "invalid_grant"),
        ({"code": ""}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_request"),
        ({"code_verifier": ""}, "invalid_request"),
        ({"code_verifier": "short"}, "invalid_request"),
        ({"code_verifier": "a" * 129}, "invalid_request"),
        ({"code_verifier": "other-" * 10}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_grant"),
        ({"redirect_uri": f"{people.BACK}/"}, "invalid_grant"),
        ({"redirect_uri": people.BACK.upper()}, "invalid_grant"),
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_secret": None}, "invalid_client"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"resource": f"{PUBLIC_URL}/t/other/v1"}, "invalid_target"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "implicit"}, "unsupported_grant_type"),
        ({"grant_type": None}, "unsupported_grant_type"),
    ],
    ids=str,
)
async def test_what_does_not_fit_the_code_gets_nothing_and_leaves_it_good(
    desk: Desk, changes: dict[str, str | None], error: str
) -> None:
    approved = await desk.approve()
    assert await error_of(desk, approved, **changes) == error
    assert (await redeem(desk.http, SLUG, approved)).status_code == 200


async def test_the_challenge_itself_is_no_verifier(desk: Desk) -> None:
    verifier, challenge = pkce()
    approved = await desk.approve(code_challenge=challenge)
    assert await error_of(desk, approved, code_verifier=challenge) == "invalid_grant"
    assert (await redeem(desk.http, SLUG, approved, code_verifier=verifier)).status_code == 200


async def test_the_address_is_repeated_only_where_it_was_told(desk: Desk) -> None:
    approved = await desk.approve(redirect_uri="")
    assert await error_of(desk, approved, redirect_uri="https://elsewhere.example/") == "invalid_grant"
    assert (await redeem(desk.http, SLUG, approved, redirect_uri=None)).status_code == 200


@pytest.mark.parametrize(("seconds", "status"), [(59, 200), (60, 400)])
async def test_a_code_lasts_a_minute(desk: Desk, seconds: int, status: int) -> None:
    approved = await desk.approve()
    desk.wait(seconds=seconds)
    assert (await redeem(desk.http, SLUG, approved)).status_code == status


async def test_a_replay_by_its_client_ends_the_family_at_once(desk: Desk) -> None:
    approved = await desk.approve()
    told = await people.tokens_of(desk.http, SLUG, approved)
    assert (await desk.me(told["access_token"])).status_code == 200
    assert await error_of(desk, approved) == "invalid_grant"
    ended = await desk.me(told["access_token"])
    assert (ended.status_code, ended.json()["code"]) == (401, "api.token-revoked")
    assert (await people.refresh(desk.http, SLUG, desk.app, told["refresh_token"])).json()["error"] == "invalid_grant"
    assert await error_of(desk, approved) == "invalid_grant"


async def test_a_replay_with_another_verifier_or_by_another_client_changes_nothing(desk: Desk) -> None:
    approved = await desk.approve()
    told = await people.tokens_of(desk.http, SLUG, approved)
    assert await error_of(desk, approved, code_verifier=pkce()[0]) == "invalid_grant"
    other = await people.register_app(desk.services, desk.tenant)
    assert await error_of(desk, approved, **other.credentials) == "invalid_grant"
    assert await error_of(desk, approved, client_id=desk.public_app.client_id, client_secret=None) == "invalid_grant"
    assert (await desk.me(told["access_token"])).status_code == 200
    assert (await people.refresh(desk.http, SLUG, desk.app, told["refresh_token"])).status_code == 200


async def test_another_client_cannot_redeem_a_code_and_the_owner_still_can(desk: Desk) -> None:
    approved = await desk.approve()
    other = await people.register_app(desk.services, desk.tenant)
    assert await error_of(desk, approved, **other.credentials) == "invalid_grant"
    assert (await redeem(desk.http, SLUG, approved)).status_code == 200


async def test_a_client_that_is_not_registered_for_codes_is_told_so(desk: Desk) -> None:
    only_devices = await people.register_app(
        desk.services, desk.tenant, redirect_uris=(), grant_types=frozenset({GrantType.DEVICE_CODE})
    )
    approved = await desk.approve()
    assert await error_of(desk, approved, **only_devices.credentials) == "unauthorized_client"


async def test_what_was_allowed_is_listed(desk: Desk) -> None:
    staff = await people.hire(desk.services, desk.tenant)
    signed_in = await people.sign_in(desk.services, desk.tenant, staff)
    await desk.approve(by=signed_in, scope="openid cases:read")
    async with desk.services.database.reading(desk.tenant) as session:
        (allowed,) = await list_authorizations(session, staff.account_id, desk.clock.now())
    assert (allowed.client_id, allowed.client_name) == (desk.app.client_id, "办件台")
    assert allowed.scopes == ("openid", "cases:read")
    assert allowed.expires_at == signed_in.expires_at
