"""Operator claims: signed for one request, beside the platform's own token, and only where the tenant allows it."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select

from api.routes.case_examples import registration_examples
from core.procedure import Role
from core.store.tables import TENANT, audit, case_step
from tests.platforms.conftest import BASE, Hand, make_hand
from tests.support.world import Place, World

ME = "/t/ankang/v1/me"
_AUDIT = select(audit.c.client_id, audit.c.person_id, audit.c.role).where(audit.c.tenant == TENANT)
_STEPS = select(case_step.c.client_id, case_step.c.person_id).where(case_step.c.tenant == TENANT)


@pytest.fixture
async def hand(world: World, place: Place) -> Hand:
    """A platform that may send claims, whose own service person is an auditor, with an intake clerk as operator ``1024``."""
    made = await make_hand(world, place, roles=(Role.AUDITOR,))
    await made.allow(token_exchange=True, operator_claims=True)
    await made.register_keys()
    await made.hire("1024", Role.INTAKE_CLERK)
    return made


def claims(hand: Hand, operator: str = "1024", **changes: Any) -> str:
    """The header's value for reading oneself, or for another request."""
    said = {"htm": "GET", "htu": f"{BASE}/me"} | changes
    header = said.pop("header", {"typ": "operator+jwt"})
    return hand.sign(hand.claims(operator, **said), **header)


async def ask(
    anybody: httpx.AsyncClient, hand: Hand, header: str | None, method: str = "GET", path: str = ME, **more: Any
) -> Any:
    """A request with the platform's own token and, perhaps, claims."""
    token = await hand.world.token(hand.place, hand.credentials)
    headers = {"authorization": f"Bearer {token}", **({"wenze-operator": header} if header is not None else {})}
    return await anybody.request(method, path, headers=headers | more.pop("headers", {}), **more)


async def test_the_operator_asks_and_not_the_service_person(world: World, anybody: httpx.AsyncClient, hand: Hand) -> None:
    operator = await hand.hire("2048", Role.DISPATCHER)
    told = (await ask(anybody, hand, claims(hand, "2048"))).json()
    assert told["person_id"] == str(operator.person_id)
    assert [role["role"] for role in told["roles"]] == ["dispatcher"]
    plain = (await ask(anybody, hand, None)).json()
    assert [role["role"] for role in plain["roles"]] == ["auditor"]


async def test_a_change_shows_client_and_person(world: World, place: Place, anybody: httpx.AsyncClient, hand: Hand) -> None:
    operator = await hand.hire("clerk-9", Role.INTAKE_CLERK)
    body = registration_examples(place.cast.city.kinds.values())["complaint"]
    header = claims(hand, "clerk-9", htm="POST", htu=f"{BASE}/cases")
    sent = {"json": body, "headers": {"idempotency-key": str(uuid4())}}
    made = await ask(anybody, hand, header, "POST", "/t/ankang/v1/cases", **sent)
    assert made.status_code == 201, made.text
    async with world.services.database.reading(place.number) as session:
        trail = await session.all(_AUDIT.where(audit.c.subject == f"case:{made.json()['id']}"))
        steps = await session.all(_STEPS)
    assert trail == [{"client_id": hand.client_id, "person_id": operator.person_id, "role": "intake-clerk"}]
    assert {"client_id": hand.client_id, "person_id": operator.person_id} in steps
    again = await ask(
        anybody, hand, claims(hand, "clerk-9", htm="POST", htu=f"{BASE}/cases"), "POST", "/t/ankang/v1/cases", **sent
    )
    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")


async def test_what_was_answered_for_one_operator_is_told_to_no_other(
    place: Place, anybody: httpx.AsyncClient, hand: Hand
) -> None:
    await hand.hire("another", Role.INTAKE_CLERK)
    body = registration_examples(place.cast.city.kinds.values())["complaint"]
    sent = {"json": body, "headers": {"idempotency-key": str(uuid4())}}
    answers = [
        await ask(anybody, hand, claims(hand, who, htm="POST", htu=f"{BASE}/cases"), "POST", "/t/ankang/v1/cases", **sent)
        for who in ("1024", "another")
    ]
    assert [answer.status_code for answer in answers] == [201, 422]
    assert answers[1].json()["code"] == "api.idempotency-key-reused"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"htm": "POST"}, 401, "platforms.assertion-elsewhere"),
        ({"htm": None}, 401, "platforms.assertion-elsewhere"),
        ({"htu": None}, 401, "platforms.assertion-elsewhere"),
        ({"htu": f"{BASE}/cases"}, 401, "platforms.assertion-elsewhere"),
        ({"htu": f"{BASE}/me?x=1"}, 401, "platforms.assertion-elsewhere"),
        ({"htu": f"{BASE}/me#x"}, 401, "platforms.assertion-elsewhere"),
        ({"htu": "https://[/t/ankang/v1/me"}, 401, "platforms.assertion-elsewhere"),
        ({"htu": "/t/ankang/v1/me"}, 401, "platforms.assertion-elsewhere"),
        ({"htu": "https://evil.example/t/ankang/v1/me"}, 401, "platforms.assertion-elsewhere"),
        ({"htu": BASE.replace("ankang", "baoding") + "/me"}, 401, "platforms.assertion-elsewhere"),
        ({"aud": "https://evil.example"}, 401, "platforms.assertion-audience"),
        ({"iss": "wzc_aaaaaaaaaaaaaaaa"}, 401, "platforms.assertion-issuer"),
        ({"exp": 1, "iat": 0}, 401, "platforms.assertion-time"),
        ({"iat": 0}, 401, "platforms.assertion-too-long"),
        ({"jti": None}, 401, "platforms.assertion-malformed"),
        ({"sub": None}, 401, "platforms.assertion-malformed"),
        ({"sub": "nobody"}, 403, "platforms.operator-unknown"),
        ({"header": {"typ": "JWT"}}, 401, "platforms.assertion-type"),
        ({"header": {"typ": None}}, 401, "platforms.assertion-type"),
        ({"header": {"typ": "operator+jwt", "kid": "other"}}, 401, "platforms.assertion-key"),
    ],
    ids=str,
)
async def test_claims_that_do_not_fit_are_refused(
    anybody: httpx.AsyncClient, hand: Hand, changes: dict[str, Any], status: int, code: str
) -> None:
    answer = await ask(anybody, hand, claims(hand, **changes))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["www-authenticate"].startswith("Bearer realm=")


@pytest.mark.parametrize(
    "header", ["", "x", "a.b.c", "e30.e30.e30", "é".encode(), "x" * 5_000], ids=lambda item: str(item)[:10]
)
async def test_what_is_no_claims_is_refused_and_never_the_service_person(
    anybody: httpx.AsyncClient, hand: Hand, header: Any
) -> None:
    answer = await ask(anybody, hand, header)
    assert answer.status_code == 401
    assert answer.json()["code"] in {"platforms.assertion-malformed", "platforms.assertion-key"}


async def test_the_header_stands_once(anybody: httpx.AsyncClient, hand: Hand) -> None:
    token = await hand.world.token(hand.place, hand.credentials)
    pairs = [("authorization", f"Bearer {token}"), ("wenze-operator", claims(hand)), ("wenze-operator", claims(hand))]
    answer = await anybody.get(ME, headers=pairs)
    assert (answer.status_code, answer.json()["code"]) == (400, "api.header-twice")


async def test_where_it_is_not_allowed_it_is_refused(world: World, place: Place, anybody: httpx.AsyncClient) -> None:
    other = await make_hand(world, place, roles=(Role.AUDITOR,))
    await other.register_keys()
    await other.hire("1024", Role.INTAKE_CLERK)
    for allowed in (None, False):
        if allowed is not None:
            await other.allow(token_exchange=True, operator_claims=allowed)
        answer = await ask(anybody, other, claims(other))
        assert (answer.status_code, answer.json()["code"]) == (403, "platforms.way-closed")


async def test_claims_are_good_once(anybody: httpx.AsyncClient, hand: Hand) -> None:
    header = claims(hand)
    answers = [await ask(anybody, hand, header) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 401, 401]
    assert answers[1].json()["code"] == "platforms.assertion-replayed"


async def test_of_twenty_at_once_exactly_one_gets_through(anybody: httpx.AsyncClient, hand: Hand) -> None:
    header = claims(hand)
    answers = await asyncio.gather(*(ask(anybody, hand, header) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 19


async def test_an_exchanged_assertion_is_no_claims_nor_the_other_way_round(anybody: httpx.AsyncClient, hand: Hand) -> None:
    header = claims(hand)
    form = hand.form(header)
    answer = await anybody.post("/t/ankang/oauth/token", data=form, auth=hand.auth)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    token = (await hand.exchange(anybody, "1024")).json()["access_token"]
    headers = {"authorization": f"Bearer {token}", "wenze-operator": header}
    both = await anybody.get(ME, headers=headers)
    assert (both.status_code, both.json()["code"]) == (401, "platforms.claims-beside-exchange")


async def test_an_ended_operator_asks_no_more(anybody: httpx.AsyncClient, hand: Hand) -> None:
    operator = await hand.hire("leaver", Role.INTAKE_CLERK)
    assert (await ask(anybody, hand, claims(hand, "leaver"))).status_code == 200
    await hand.end(operator)
    answer = await ask(anybody, hand, claims(hand, "leaver"))
    assert (answer.status_code, answer.json()["code"]) == (403, "platforms.operator-unknown")


async def test_another_clients_token_does_not_carry_them(
    world: World, place: Place, anybody: httpx.AsyncClient, hand: Hand
) -> None:
    other = await make_hand(world, place, roles=(Role.AUDITOR,))
    await other.allow(operator_claims=True)
    await other.register_keys()
    answer = await ask(anybody, other, claims(hand))
    assert (answer.status_code, answer.json()["code"]) == (401, "platforms.assertion-key")


async def test_scopes_and_roles_are_still_asked_for(anybody: httpx.AsyncClient, hand: Hand) -> None:
    path = f"/clients/{hand.credentials.client_id}/platform"
    own = await ask(anybody, hand, None, path=f"/t/ankang/v1{path}")
    assert own.status_code == 200, "the service person is an auditor"
    answer = await ask(anybody, hand, claims(hand, htu=BASE + path), path=f"/t/ankang/v1{path}")
    assert (answer.status_code, answer.json()["code"]) == (403, "tenants.role-missing")


async def test_a_replaced_key_signs_no_more(anybody: httpx.AsyncClient, hand: Hand) -> None:
    header, old = claims(hand), hand.key
    await hand.register_keys(type(old).generate_key("P-256", {"kid": "new"}))
    answer = await ask(anybody, hand, header)
    assert (answer.status_code, answer.json()["code"]) == (401, "platforms.assertion-key")


async def test_what_is_said_of_a_refusal_holds_no_claim(anybody: httpx.AsyncClient, hand: Hand) -> None:
    secret = f"jti-{uuid4()}"
    header = claims(hand, jti=secret, htm="PUT")
    text = (await ask(anybody, hand, header)).text
    assert secret not in text
    assert header not in text
    assert json.loads(text)["status"] == 401
