"""Token exchange (RFC 8693): a platform gets a short token of its operator for an assertion that it signed, once."""

from __future__ import annotations

import asyncio
import hmac
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey
from joserfc.util import urlsafe_b64decode, urlsafe_b64encode

from api.oauth.keys import SigningKeys
from core.platforms import spending
from core.procedure import Role
from core.store.tables import spent_assertion
from core.tenants.scopes import Scope
from tests.platforms.conftest import ISSUER, Hand, make_hand
from tests.support.world import PUBLIC_URL, Place, World

TOKEN = "/t/ankang/oauth/token"
ME = "/t/ankang/v1/me"
FORM = {"content-type": "application/x-www-form-urlencoded"}


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def me(anybody: httpx.AsyncClient, token: str) -> httpx.Response:
    return await anybody.get(ME, headers=bearer(token))


async def test_an_operator_gets_a_token_that_names_both(anybody: httpx.AsyncClient, hand: Hand) -> None:
    operator = await hand.hire("2048", Role.DISPATCHER)
    answer = await hand.exchange(anybody, "2048", scope="cases:read")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    granted = answer.json()
    assert granted["issued_token_type"] == "urn:ietf:params:oauth:token-type:access_token"
    assert (granted["token_type"], granted["scope"], granted["expires_in"]) == ("Bearer", "cases:read", 600)
    assert "refresh_token" not in granted
    keys = KeySet.import_key_set((await anybody.get("/t/ankang/oauth/jwks")).json())
    token = jwt.decode(granted["access_token"], keys, algorithms=["ES256"])
    assert token.header["typ"] == "at+jwt"
    assert token.claims["sub"] == str(operator.person_id)
    assert token.claims["act"] == {"sub": hand.credentials.client_id}
    assert (token.claims["client_id"], token.claims["iss"]) == (hand.credentials.client_id, ISSUER)
    told = (await me(anybody, granted["access_token"])).json()
    assert told["person_id"] == str(operator.person_id)
    assert [role["role"] for role in told["roles"]] == ["dispatcher"]
    assert told["scopes"] == ["cases:read"]


async def test_roles_and_units_are_the_persons_and_never_the_clients(
    world: World, place: Place, anybody: httpx.AsyncClient
) -> None:
    powerful = await make_hand(world, place, roles=(Role.TENANT_ADMINISTRATOR, Role.INTAKE_CLERK))
    await powerful.allow()
    await powerful.register_keys()
    unit = next(iter(place.cast.units))
    await powerful.hire("officer", Role.UNIT_OFFICER, unit=unit)
    token = (await powerful.exchange(anybody, "officer")).json()["access_token"]
    told = (await me(anybody, token)).json()
    assert [role["role"] for role in told["roles"]] == ["unit-officer"]
    assert told["units"] == [str(place.cast.units[unit])]
    refused = await anybody.get("/t/ankang/v1/clients/x/platform", headers=bearer(token))
    assert (refused.status_code, refused.json()["code"]) == (403, "tenants.role-missing")
    own = await anybody.post(TOKEN, data={"grant_type": "client_credentials"}, auth=powerful.auth)
    roles = {role["role"] for role in (await me(anybody, own.json()["access_token"])).json()["roles"]}
    assert roles == {"tenant-administrator", "intake-clerk"}


async def test_scopes_are_never_more_than_the_clients(world: World, place: Place, anybody: httpx.AsyncClient) -> None:
    narrow = await make_hand(world, place, scopes=(Scope.CASES_READ, Scope.RULEBOOK_READ))
    await narrow.allow()
    await narrow.register_keys()
    await narrow.hire("1", Role.TENANT_ADMINISTRATOR)
    everything = await narrow.exchange(anybody, "1")
    assert set(everything.json()["scope"].split()) == {"cases:read", "rulebook:read"}
    refused = await narrow.exchange(anybody, "1", scope="cases:read organisation:write")
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_scope")


async def test_an_assertion_that_was_refused_for_its_scope_is_not_used_up(anybody: httpx.AsyncClient, hand: Hand) -> None:
    assertion = hand.sign(hand.claims("1024"))
    statuses = []
    for scope in ("nothing:such", "cases:read"):
        answer = await anybody.post(TOKEN, data=hand.form(assertion, scope=scope), auth=hand.auth)
        statuses.append(answer.status_code)
    assert statuses == [400, 200]


async def test_rsa_keys_are_taken_too(anybody: httpx.AsyncClient, hand: Hand) -> None:
    key = RSAKey.generate_key(2048, {"kid": "rsa"})
    await hand.register_keys(hand.key, key)
    assertion = hand.sign(hand.claims("1024"), key, alg="RS256", kid="rsa")
    assert (await anybody.post(TOKEN, data=hand.form(assertion), auth=hand.auth)).status_code == 200


CLAIMS: list[tuple[dict[str, Any], str]] = [
    ({"iss": "wzc_aaaaaaaaaaaaaaaa"}, "iss"),
    ({"iss": None}, "JWS"),
    ({"sub": "4096"}, "operator"),
    ({"sub": ""}, "operator"),
    ({"sub": "1024\x00"}, "operator"),
    ({"sub": None}, "JWS"),
    ({"sub": 1024}, "JWS"),
    ({"aud": f"{PUBLIC_URL}/t/baoding/oauth"}, "aud"),
    ({"aud": f"{PUBLIC_URL}/t/ankang/v1"}, "aud"),
    ({"aud": [ISSUER, f"{PUBLIC_URL}/t/baoding/oauth"]}, "aud"),
    ({"aud": []}, "aud"),
    ({"aud": None}, "JWS"),
    ({"exp": None}, "JWS"),
    ({"exp": 1, "iat": 0}, "expired"),
    ({"exp": 10**400}, "300 seconds"),
    ({"exp": "soon"}, "JWS"),
    ({"iat": None}, "JWS"),
    ({"iat": 0}, "300 seconds"),
    ({"iat": True}, "JWS"),
    ({"jti": None}, "JWS"),
    ({"jti": ""}, "JWS"),
    ({"jti": "x" * 129}, "JWS"),
    ({"jti": "\x00"}, "JWS"),
    ({"nbf": 2**50}, "expired"),
]


@pytest.mark.parametrize(("changes", "said"), CLAIMS, ids=[str(changes)[:40] for changes, _ in CLAIMS])
async def test_claims_that_do_not_fit_are_refused(
    anybody: httpx.AsyncClient, hand: Hand, changes: dict[str, Any], said: str
) -> None:
    answer = await anybody.post(TOKEN, data=hand.form(hand.sign(hand.claims("1024", **changes))), auth=hand.auth)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), answer.text
    assert said in answer.json()["error_description"]


@pytest.mark.parametrize(
    ("begins", "lasts", "status"),
    [
        (0, 300, 200),
        (0, 301, 400),
        (-290, 300, 200),
        (-301, 300, 400),
        (25, 100, 200),
        (60, 100, 400),
        (0, 0, 400),
        (0, -5, 400),
    ],
)
async def test_an_assertion_lives_five_minutes_at_most(
    anybody: httpx.AsyncClient, hand: Hand, begins: int, lasts: int, status: int
) -> None:
    start = int((datetime.now(UTC) + timedelta(seconds=begins)).timestamp())
    claims = hand.claims("1024", iat=start, exp=start + lasts)
    answer = await anybody.post(TOKEN, data=hand.form(hand.sign(claims)), auth=hand.auth)
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize(
    "header",
    [
        {"kid": "other"},
        {"kid": None},
        {"kid": ["k"]},
        {"typ": "at+jwt"},
        {"typ": "operator+jwt"},
        {"typ": 5},
        {"crit": ["x"], "x": 1},
    ],
    ids=str,
)
async def test_headers_that_do_not_fit_are_refused(anybody: httpx.AsyncClient, hand: Hand, header: dict[str, Any]) -> None:
    head = {"alg": "ES256", "typ": "JWT", "kid": hand.key.kid} | header
    parts = [urlsafe_b64encode(json.dumps(part).encode()).decode() for part in (head, hand.claims("1024"))]
    signature = hand.sign(hand.claims("1024")).rpartition(".")[2]
    for token in (".".join([*parts, signature]), _sign_raw(hand.key, parts)):
        answer = await anybody.post(TOKEN, data=hand.form(token), auth=hand.auth)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), answer.text


def _sign_raw(key: ECKey, parts: list[str]) -> str:
    """A good signature over any header."""
    signed = ".".join(parts)
    r, s = utils.decode_dss_signature(key.private_key.sign(signed.encode(), ec.ECDSA(SHA256())))
    return f"{signed}.{urlsafe_b64encode(r.to_bytes(32) + s.to_bytes(32)).decode()}"


async def test_the_key_comes_from_the_registration_and_never_from_the_assertion(
    anybody: httpx.AsyncClient, hand: Hand
) -> None:
    stranger = ECKey.generate_key("P-256", {"kid": hand.key.kid})
    for header in (
        {},
        {"jwk": stranger.as_dict(private=False)},
        {"jku": "https://evil.example/jwks"},
        {"x5u": "https://e.example"},
    ):
        token = hand.sign(hand.claims("1024"), stranger, **header)
        answer = await anybody.post(TOKEN, data=hand.form(token), auth=hand.auth)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), header


async def test_no_other_algorithm_is_taken(anybody: httpx.AsyncClient, hand: Hand) -> None:
    rsa = RSAKey.generate_key(2048, {"kid": "rsa"})
    await hand.register_keys(hand.key, rsa)
    tokens = [
        _sign_with_public(key, {"alg": "HS256", "kid": key.kid}, hand.claims("1024"), as_pem)
        for key in (hand.key, rsa)
        for as_pem in (True, False)
    ]
    tokens.append(hand.sign(hand.claims("1024"), rsa, alg="PS256", kid="rsa"))
    tokens.append(hand.sign(hand.claims("1024"), rsa, alg="RS256"))
    parts = ({"alg": "none", "kid": hand.key.kid}, hand.claims("1024"))
    tokens.append(".".join(urlsafe_b64encode(json.dumps(part).encode()).decode() for part in parts) + ".")
    for token in tokens:
        answer = await anybody.post(TOKEN, data=hand.form(token), auth=hand.auth)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), token


def _sign_with_public(key: ECKey | RSAKey, head: dict[str, Any], claims: dict[str, Any], as_pem: bool) -> str:
    """An HMAC with what everybody knows."""
    secret = key.as_pem(private=False) if as_pem else json.dumps(key.as_dict(private=False)).encode()
    signed = ".".join(urlsafe_b64encode(json.dumps(part).encode()).decode() for part in (head, claims))
    return f"{signed}.{urlsafe_b64encode(hmac.digest(secret, signed.encode(), 'sha256')).decode()}"


NO_JWS = ["x", "a.b.c", "..", "bnVsbA.e30.x", "W10.e30.x", "é", "x" * 5_000, "e30.e30.", "eyJraWQiOiJrIn0.e30.e30.e30.e30"]


@pytest.mark.parametrize("token", NO_JWS, ids=[item[:20] for item in NO_JWS])
async def test_what_is_no_assertion_is_refused(anybody: httpx.AsyncClient, hand: Hand, token: str) -> None:
    answer = await anybody.post(TOKEN, data=hand.form(token), auth=hand.auth)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("depth", [900, 1_000, 1_100])
async def test_a_header_of_brackets_is_no_fault_of_ours(anybody: httpx.AsyncClient, hand: Hand, depth: int) -> None:
    head = urlsafe_b64encode(b'{"kid":' + b"[" * depth + b"]" * depth + b"}").decode()
    answer = await anybody.post(TOKEN, data=hand.form(f"{head}.e30.x"), auth=hand.auth)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"subject_token": None}, "invalid_request"),
        ({"subject_token": ""}, "invalid_request"),
        ({"subject_token_type": None}, "invalid_request"),
        ({"subject_token_type": "urn:ietf:params:oauth:token-type:access_token"}, "invalid_request"),
        ({"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"}, "invalid_request"),
        ({"actor_token": "x"}, "invalid_request"),
        ({"actor_token_type": "urn:ietf:params:oauth:token-type:jwt"}, "invalid_request"),
        ({"audience": f"{PUBLIC_URL}/t/baoding/v1"}, "invalid_target"),
        ({"resource": "https://evil.example"}, "invalid_target"),
        ({"scope": "nothing:such"}, "invalid_scope"),
    ],
)
async def test_a_faulty_request_is_an_oauth_error(
    anybody: httpx.AsyncClient, hand: Hand, changes: dict[str, str | None], error: str
) -> None:
    form = {**hand.form(hand.sign(hand.claims("1024"))), **changes}
    sent = {name: value for name, value in form.items() if value is not None}
    answer = await anybody.post(TOKEN, data=sent, auth=hand.auth)
    assert (answer.status_code, answer.json()["error"]) == (400, error), answer.text


async def test_the_client_shows_who_it_is_first(anybody: httpx.AsyncClient, hand: Hand) -> None:
    form = hand.form(hand.sign(hand.claims("1024")))
    for auth in (None, (hand.credentials.client_id, "wrong")):
        answer = await anybody.post(TOKEN, data=form, auth=auth)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    posted = form | {"client_id": hand.auth[0], "client_secret": hand.auth[1]}
    assert (await anybody.post(TOKEN, data=posted)).status_code == 200


async def test_a_client_that_is_no_platform_may_not(world: World, place: Place, anybody: httpx.AsyncClient) -> None:
    plain = await make_hand(world, place)
    await plain.register_keys()
    await plain.hire("1", Role.INTAKE_CLERK)
    answer = await plain.exchange(anybody, "1")
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")
    await plain.allow(token_exchange=False, operator_claims=True)
    assert (await plain.exchange(anybody, "1")).json()["error"] == "unauthorized_client"


async def test_another_platforms_assertion_is_refused(
    world: World, place: Place, anybody: httpx.AsyncClient, hand: Hand
) -> None:
    other = await make_hand(world, place)
    await other.allow()
    await other.register_keys()
    await other.hire("1024", Role.INTAKE_CLERK)
    for claims in (hand.claims("1024"), hand.claims("1024", iss=other.credentials.client_id)):
        answer = await anybody.post(TOKEN, data=hand.form(hand.sign(claims)), auth=other.auth)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_another_tenants_platform_is_a_stranger(world: World, anybody: httpx.AsyncClient, hand: Hand) -> None:
    foreign = await make_hand(world, world.places["baoding"])
    await foreign.allow()
    await foreign.register_keys(hand.key)
    await foreign.hire("1024", Role.INTAKE_CLERK)
    form = hand.form(hand.sign(hand.claims("1024", iss=foreign.credentials.client_id)))
    assert (await anybody.post(TOKEN, data=form, auth=foreign.auth)).json()["error"] == "invalid_client"
    answer = await anybody.post("/t/baoding/oauth/token", data=form, auth=foreign.auth)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), "its aud is Ankang's"


async def test_an_assertion_is_good_once(anybody: httpx.AsyncClient, hand: Hand) -> None:
    form = hand.form(hand.sign(hand.claims("1024")))
    answers = [await anybody.post(TOKEN, data=form, auth=hand.auth) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 400, 400]
    assert answers[1].json()["error"] == "invalid_request"
    assert "once" in answers[1].json()["error_description"]
    again = hand.claims("1024", jti=json.loads(_payload(form["subject_token"]))["jti"])
    reused = await anybody.post(TOKEN, data=hand.form(hand.sign(again)), auth=hand.auth)
    assert reused.status_code == 400


def _payload(token: str) -> bytes:
    return urlsafe_b64decode(token.split(".")[1].encode())


async def test_of_twenty_at_once_exactly_one_gets_through(anybody: httpx.AsyncClient, hand: Hand) -> None:
    form = hand.form(hand.sign(hand.claims("1024")))
    answers = await asyncio.gather(*(anybody.post(TOKEN, data=form, auth=hand.auth) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 19


async def test_two_platforms_may_use_the_same_jti(
    world: World, place: Place, anybody: httpx.AsyncClient, hand: Hand
) -> None:
    other = await make_hand(world, place)
    await other.allow()
    await other.register_keys()
    await other.hire("1024", Role.INTAKE_CLERK)
    for platform in (hand, other):
        form = platform.form(platform.sign(platform.claims("1024", jti="the-same")))
        assert (await anybody.post(TOKEN, data=form, auth=platform.auth)).status_code == 200


async def test_what_was_used_is_forgotten_when_it_has_expired(
    world: World, place: Place, anybody: httpx.AsyncClient, hand: Hand
) -> None:
    await hand.exchange(anybody, "1024")
    async with world.services.database.tenant(place.number) as session:
        row = {"client_id": hand.client_id, "jti": "old", "expires_at": session.recorded_at - timedelta(seconds=1)}
        session.add(spent_assertion, row)
    async with world.services.database.tenant(place.number) as session:
        assert await spending.purge_spent(session) >= 1  # what other tests used may have expired as well
        assert await spending.purge_spent(session) == 0


async def test_an_operator_who_is_ended_acts_no_more_although_the_token_lives(
    anybody: httpx.AsyncClient, hand: Hand
) -> None:
    operator = await hand.hire("leaver", Role.INTAKE_CLERK)
    token = (await hand.exchange(anybody, "leaver")).json()["access_token"]
    assert (await me(anybody, token)).status_code == 200
    await hand.end(operator)
    answer = await me(anybody, token)
    assert (answer.status_code, answer.json()["code"]) == (401, "platforms.operator-ended")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    refused = await hand.exchange(anybody, "leaver")
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")


async def test_a_new_operator_of_the_same_id_does_not_wake_the_old_token(anybody: httpx.AsyncClient, hand: Hand) -> None:
    operator = await hand.hire("seat-7", Role.INTAKE_CLERK)
    token = (await hand.exchange(anybody, "seat-7")).json()["access_token"]
    await hand.end(operator)
    successor = await hand.hire("seat-7", Role.DISPATCHER)
    assert (await me(anybody, token)).json()["code"] == "platforms.operator-ended"
    fresh = (await hand.exchange(anybody, "seat-7")).json()["access_token"]
    assert (await me(anybody, fresh)).json()["person_id"] == str(successor.person_id)


async def test_days_are_the_tenants_and_the_last_one_counts(
    world: World, place: Place, anybody: httpx.AsyncClient, hand: Hand
) -> None:
    snapshot = await world.snapshot(place)
    today = snapshot.local_day(datetime.now(UTC) + snapshot.offset)
    spans: dict[str, dict[str, date]] = {
        "until-today": {"valid_to": today},
        "until-yesterday": {"valid_to": today - timedelta(days=1)},
        "from-tomorrow": {"valid_from": today + timedelta(days=1)},
    }
    statuses = {}
    for name, span in spans.items():
        await hand.hire(name, Role.INTAKE_CLERK, **span)
        statuses[name] = (await hand.exchange(anybody, name)).status_code
    assert statuses == {"until-today": 200, "until-yesterday": 400, "from-tomorrow": 400}


async def test_a_platform_that_may_no_longer_exchange_ends_its_tokens(anybody: httpx.AsyncClient, hand: Hand) -> None:
    token = (await hand.exchange(anybody, "1024")).json()["access_token"]
    await hand.allow(token_exchange=False)
    answer = await me(anybody, token)
    assert (answer.status_code, answer.json()["code"]) == (401, "platforms.operator-ended")


async def test_a_token_with_another_person_in_it_is_refused(
    world: World, place: Place, anybody: httpx.AsyncClient, hand: Hand
) -> None:
    """Only the service's own key could make one; the operator and the person must fit all the same."""
    granted = (await hand.exchange(anybody, "1024")).json()["access_token"]
    key = await SigningKeys(world.services).active(await world.snapshot(place))
    claims = dict(jwt.decode(granted, key, algorithms=["ES256"]).claims)
    other = await hand.hire("another", Role.TENANT_ADMINISTRATOR)
    for changes in ({"sub": str(other.person_id)}, {"operator": str(other.id)}, {"operator": str(other.person_id)}):
        token = jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": key.kid}, claims | changes, key)
        assert (await me(anybody, token)).json()["code"] == "platforms.operator-ended"


async def test_the_form_is_bounded(anybody: httpx.AsyncClient, hand: Hand) -> None:
    form = hand.form("x" * 20_000)
    answer = await anybody.post(TOKEN, data=form, auth=hand.auth, headers=FORM)
    assert (answer.status_code, answer.json()["error"]) == (413, "invalid_request")
