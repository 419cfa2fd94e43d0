"""How clients show who they are at the token endpoint: one way in one request, of those that are theirs."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec
import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey

from api.oauth.server import NOT_SHOWN
from core.tenants.client import AuthMethod, GrantType
from core.tenants.client_keys import ClientKey
from tests.clients.conftest import ISSUER, JWT_BEARER, TOKEN, assertion, enrol, public
from tests.support.world import Place, World

GRANT = {"grant_type": "client_credentials"}
REDIRECT = "https://app.example.cn/back"

AUDIENCES = {"issuer": ISSUER, "endpoint": f"{ISSUER}/token", "list": [ISSUER], "another-endpoint": f"{ISSUER}/introspect"}


@dataclass(frozen=True)
class Signer:
    """A client that signs, with a key of each kind."""

    client_id: str
    keys: dict[str, Any]


@pytest.fixture(scope="module")
async def signer(world: World, place: Place) -> Signer:
    """A client with a key of each kind."""
    keys = {
        "ES256": ECKey.generate_key("P-256", {"kid": "ec"}),
        "RS256": RSAKey.generate_key(2048, {"kid": "rsa"}),
        "Ed25519": OKPKey.generate_key("Ed25519", {"kid": "okp"}),
    }
    made = await enrol(
        world, place, auth_method=AuthMethod.PRIVATE_KEY, keys=tuple(public(key) for key in keys.values())
    )  # fmt: skip
    return Signer(made.client.client_id, {**keys, "PS256": keys["RS256"]})


def form(token: str, **more: str) -> dict[str, str]:
    return {**GRANT, "client_assertion_type": JWT_BEARER, "client_assertion": token, **more}


@pytest.mark.parametrize("algorithm", ["ES256", "RS256", "PS256", "Ed25519"])
@pytest.mark.parametrize("audience", AUDIENCES.values(), ids=AUDIENCES)
async def test_a_signed_assertion_shows_the_client(
    anybody: httpx.AsyncClient, signer: Signer, algorithm: str, audience: Any
) -> None:
    token = assertion(signer.client_id, signer.keys[algorithm], time.time(), {"alg": algorithm}, aud=audience)
    answer = await anybody.post(TOKEN, data=form(token, client_id=signer.client_id))
    assert answer.status_code == 200, answer.text


async def test_a_signed_assertion_is_good_once(anybody: httpx.AsyncClient, signer: Signer) -> None:
    token = assertion(signer.client_id, signer.keys["ES256"], time.time())
    assert (await anybody.post(TOKEN, data=form(token))).status_code == 200
    again = await anybody.post(TOKEN, data=form(token))
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")
    assert again.headers["www-authenticate"].startswith("Basic realm=")


async def test_it_is_used_up_by_a_request_that_fails_otherwise(anybody: httpx.AsyncClient, signer: Signer) -> None:
    token = assertion(signer.client_id, signer.keys["ES256"], time.time())
    failed = await anybody.post(TOKEN, data=form(token, scope="cases:write"))
    assert (failed.status_code, failed.json()["error"]) == (400, "invalid_scope")
    assert (await anybody.post(TOKEN, data=form(token))).status_code == 401


STRANGER = ECKey.generate_key("P-256", {"kid": "ec"})
HOSTILE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "another-issuer": ({}, {"iss": "wzc_aaaaaaaaaaaaaaaa"}),
    "another-subject": ({}, {"sub": "wzc_aaaaaaaaaaaaaaaa"}),
    "another-audience": ({}, {"aud": "https://elsewhere.example.cn"}),
    "one-of-two-audiences": ({}, {"aud": [ISSUER, "https://elsewhere.example.cn"]}),
    "no-audience": ({}, {"aud": []}),
    "expired": ({}, {"exp": -1}),
    "too-long": ({}, {"exp": 7_200}),
    "of-the-future": ({}, {"nbf": 600}),
    "no-expiry": ({}, {"exp": None}),
    "no-id": ({}, {"jti": None}),
    "a-long-id": ({}, {"jti": "x" * 129}),
    "another-type": ({"typ": "at+jwt"}, {}),
    "an-unknown-key": ({"kid": "nobody"}, {}),
    "no-subject": ({}, {"sub": None}),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_an_assertion_that_does_not_hold_is_refused(anybody: httpx.AsyncClient, signer: Signer, name: str) -> None:
    header, changes = HOSTILE[name]
    now = int(time.time())
    timed = {key: now + value if key in {"exp", "nbf"} and value is not None else value for key, value in changes.items()}
    token = assertion(signer.client_id, signer.keys["ES256"], now, header, **timed)
    answer = await anybody.post(TOKEN, data=form(token))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), answer.text


async def test_a_key_is_good_for_the_algorithm_that_it_names(world: World, place: Place, anybody: httpx.AsyncClient) -> None:
    key = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
    named = msgspec.convert(key.as_dict(private=False) | {"alg": "PS256"}, ClientKey)
    made = await enrol(world, place, auth_method=AuthMethod.PRIVATE_KEY, keys=(named,))
    for algorithm, status in (("PS256", 200), ("RS256", 401)):
        token = assertion(made.client.client_id, key, time.time(), {"alg": algorithm})
        answer = await anybody.post(TOKEN, data=form(token))
        assert answer.status_code == status, (algorithm, answer.text)


async def test_only_the_registered_keys_count(anybody: httpx.AsyncClient, signer: Signer) -> None:
    own = STRANGER.as_dict(private=False)
    for header in ({}, {"jwk": own}, {"jku": "https://elsewhere.example.cn/keys"}):
        token = assertion(signer.client_id, STRANGER, time.time(), header)
        assert (await anybody.post(TOKEN, data=form(token))).status_code == 401


@pytest.mark.parametrize(
    "header", [{"kid": ["ec"]}, {"kid": {}}, {"alg": ["ES256"]}, {"alg": {}}, {"typ": []}, {"alg": None}], ids=str
)
async def test_a_header_of_other_types_is_refused(
    anybody: httpx.AsyncClient, signer: Signer, header: dict[str, Any]
) -> None:
    """By no library that signs; what cannot be hashed was an error of ours (PITFALLS 18)."""
    head, _, rest = assertion(signer.client_id, signer.keys["ES256"], time.time()).partition(".")
    made = {"alg": "ES256", "kid": "ec"} | header
    head = base64.urlsafe_b64encode(json.dumps(made).encode()).decode().rstrip("=")
    answer = await anybody.post(TOKEN, data=form(f"{head}.{rest}"))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), answer.text


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é.é.é", "e30.e30.", "x" * 5_000, "eyJhbGciOiJub25lIn0.e30."])
async def test_what_is_no_assertion_is_refused(anybody: httpx.AsyncClient, token: str) -> None:
    answer = await anybody.post(TOKEN, data=form(token))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), answer.text


async def test_an_assertion_without_its_type_is_a_faulty_request(anybody: httpx.AsyncClient, signer: Signer) -> None:
    token = assertion(signer.client_id, signer.keys["ES256"], time.time())
    for data in ({**GRANT, "client_assertion": token}, form(token) | {"client_assertion_type": "jwt"}):
        answer = await anybody.post(TOKEN, data=data)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_a_client_with_a_secret_signs_nothing_and_one_with_keys_has_no_secret(
    anybody: httpx.AsyncClient, place: Place, signer: Signer
) -> None:
    token = assertion(place.powers.client_id, STRANGER, time.time())
    assert (await anybody.post(TOKEN, data=form(token))).status_code == 401
    for secret in ("", "wzs_guess"):
        answer = await anybody.post(TOKEN, data=GRANT | {"client_id": signer.client_id, "client_secret": secret})
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_two_ways_in_one_request_are_refused(anybody: httpx.AsyncClient, place: Place, signer: Signer) -> None:
    token = assertion(signer.client_id, signer.keys["ES256"], time.time())
    auth = (place.powers.client_id, place.powers.client_secret)
    answers = [
        await anybody.post(TOKEN, data=form(token), auth=auth),
        await anybody.post(TOKEN, data=form(token, client_id=auth[0], client_secret=auth[1])),
        await anybody.post(TOKEN, data={**GRANT, "client_id": auth[0], "client_secret": auth[1]}, auth=auth),
    ]
    assert {(answer.status_code, answer.json()["error"]) for answer in answers} == {(400, "invalid_request")}


async def test_a_public_client_gets_nothing_for_itself(world: World, place: Place, anybody: httpx.AsyncClient) -> None:
    made = await enrol(
        world, place, auth_method=AuthMethod.NONE, grant_types=frozenset({GrantType.AUTHORIZATION_CODE}),
        redirect_uris=(REDIRECT,),
    )  # fmt: skip
    name = made.client.client_id
    assert made.credentials.client_secret == ""
    for data in ({"client_id": name}, {"client_id": name, "client_secret": ""}):
        answer = await anybody.post(TOKEN, data=GRANT | data)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    code = {"grant_type": "authorization_code", "code": "x", "redirect_uri": REDIRECT, "code_verifier": "v" * 43}
    answer = await anybody.post(TOKEN, data=code | {"client_id": name})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant"), "it is known by its name alone"


async def test_an_unknown_client_and_a_wrong_secret_are_told_alike_and_in_words(
    anybody: httpx.AsyncClient, place: Place, world: World
) -> None:
    known = await enrol(world, place, auth_method=AuthMethod.SECRET_BASIC)
    told = {
        (await anybody.post(TOKEN, data=GRANT, auth=(name, "wrong"))).json()["error_description"]
        for name in (known.client.client_id, "wzc_aaaaaaaaaaaaaaaa")
    }
    ways = "client_secret_basic, client_secret_post, private_key_jwt"
    assert told == {NOT_SHOWN.format(ways=ways)}


async def test_a_confidential_client_is_not_known_by_its_name_alone(anybody: httpx.AsyncClient, place: Place) -> None:
    code = {"grant_type": "authorization_code", "code": "x", "redirect_uri": REDIRECT, "code_verifier": "v" * 43}
    answer = await anybody.post(TOKEN, data=code | {"client_id": place.powers.client_id})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    "header",
    [
        b"Basic " + base64.b64encode(b"\xff\xfe:\xff"),
        b"Basic " + base64.b64encode(b"%00:%00"),
        b"Basic " + base64.b64encode(b"%zz%ff:x"),
        b"Basic " + base64.b64encode(b"wzc_aaaaaaaaaaaaaaaa:\x00"),
        b"Basic \xff\xff",
        b"Basic " + b"A" * 9_000,
    ],
    ids=["no-utf8", "nul", "bad-percent", "nul-secret", "latin", "long"],
)
async def test_a_basic_header_of_any_bytes_is_an_oauth_error(anybody: httpx.AsyncClient, header: bytes) -> None:
    answer = await anybody.post(TOKEN, data=GRANT, headers={b"authorization": header})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
