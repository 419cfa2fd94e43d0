"""Platforms over HTTP: who may say what of them, and what is refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey
from sqlalchemy import select

from core.procedure import Role
from core.store.tables import TENANT, audit, outbox
from core.tenants.scopes import Scope
from tests.platforms.conftest import Hand, make_hand
from tests.support.world import Place, World, asking

Send = Callable[..., Awaitable[httpx.Response]]
NOWHERE = "wzc_aaaaaaaaaaaaaaaa"


@pytest.fixture
async def api(world: World, place: Place) -> AsyncIterator[httpx.AsyncClient]:
    """Asks as a client that may everything."""
    async with asking(world.app(), await world.token(place)) as client:
        client.base_url = f"{client.base_url}/t/{place.slug}/v1"  # type: ignore[assignment]
        yield client


@pytest.fixture
def send(api: httpx.AsyncClient) -> Send:
    """Changes something; ``match`` is the ETag that it was decided on."""

    async def sent(method: str, path: str, body: object, match: str | None = None) -> httpx.Response:
        headers = {"idempotency-key": str(uuid4())} if method == "POST" else {}
        return await api.request(method, path, json=body, headers=headers | ({"if-match": match} if match else {}))

    return sent


@pytest.fixture
async def hand(world: World, place: Place) -> Hand:
    """A client of which nothing was said yet."""
    return await make_hand(world, place)


def jwk(key: Any) -> dict[str, Any]:
    return dict(key.as_dict(private=False))


WAYS = {"token_exchange": True, "operator_claims": True, "reason": "接入"}


async def test_a_client_becomes_a_platform_step_by_step(api: httpx.AsyncClient, send: Send, hand: Hand) -> None:
    path = f"/clients/{hand.auth[0]}"
    nothing = await api.get(f"{path}/platform")
    assert (nothing.status_code, nothing.headers["etag"]) == (200, '"0"')
    assert nothing.json() == {
        "client": hand.auth[0], "token_exchange": False, "operator_claims": False, "keys": [], "waiting_keys": [],
        "version": 0,
    }  # fmt: skip
    assert (await send("PUT", f"{path}/platform", WAYS)).status_code == 428
    allowed = await send("PUT", f"{path}/platform", WAYS, '"0"')
    assert (allowed.status_code, allowed.headers["etag"], allowed.json()["token_exchange"]) == (200, '"1"', True)
    stale = await send("PUT", f"{path}/platform", WAYS, '"0"')
    assert (stale.status_code, stale.json()["code"]) == (412, "platforms.stale")
    keys = {"keys": [jwk(hand.key), jwk(RSAKey.generate_key(2048, {"kid": "rsa"}))], "reason": "登记"}
    registered = await send("PUT", f"{path}/keys", keys, '"1"')
    assert registered.status_code == 200, registered.text
    said = registered.json()
    assert [(key["kty"], key["alg"], key["use"]) for key in said["keys"]] == [
        ("EC", "ES256", "sig"),
        ("RSA", "RS256", "sig"),
    ]
    assert said == (await api.get(f"{path}/platform")).json()
    emptied = await send("PUT", f"{path}/keys", {"keys": [], "reason": "泄露"}, '"2"')
    assert (emptied.json()["keys"], emptied.json()["version"]) == ([], 3)


async def test_operators_are_named_listed_and_ended(api: httpx.AsyncClient, send: Send, hand: Hand) -> None:
    path = f"/clients/{hand.auth[0]}/operators"
    person = await send("POST", "/people", {"name": "王丽", "posts": [], "roles": []})
    body = {"external_id": "1024", "person_id": person.json()["id"], "valid_from": "2026-01-01"}
    made = await send("POST", path, body)
    assert (made.status_code, made.headers["etag"]) == (201, '"1"'), made.text
    assert made.headers["location"].endswith(f"{path}/{made.json()['id']}")
    taken = await send("POST", path, body)
    assert (taken.status_code, taken.json()["code"], taken.json()["field"]) == (
        409,
        "platforms.operator-taken",
        "/external_id",
    )
    others = [await send("POST", path, body | {"external_id": f"x{number}"}) for number in range(4)]
    ids = [made.json()["id"], *(answer.json()["id"] for answer in others)]
    assert [item["id"] for item in await everyone(api, path)] == ids
    found = (await api.get(path, params={"external_id": "x2"})).json()["items"]
    assert [item["external_id"] for item in found] == ["x2"]
    assert (await api.get(f"{path}/{ids[0]}")).json() == made.json()
    end = f"{path}/{ids[0]}/end"
    assert (await send("POST", end, {"reason": "离岗"})).status_code == 428
    assert (await send("POST", end, {"reason": "离岗"}, '"7"')).json()["code"] == "platforms.operator-stale"
    ended = await send("POST", end, {"reason": "离岗"}, '"1"')
    assert (ended.status_code, ended.headers["etag"], ended.json()["revoked_at"] is not None) == (200, '"2"', True)
    again = await send("POST", end, {"reason": "离岗"}, '"2"')
    assert (again.status_code, again.json()["code"]) == (409, "platforms.operator-revoked")
    assert (await send("POST", path, body)).status_code == 201, "the id is free again"


async def everyone(api: httpx.AsyncClient, path: str) -> list[dict[str, Any]]:
    """The whole list, two at a time, by its links."""
    items, following = [], f"{path}?limit=2"
    while following:
        page = await api.get(following)
        items += page.json()["items"]
        following = page.links.get("next", {}).get("url", "")
    return items


async def test_a_last_day_can_be_said_and_brought_forward(send: Send, hand: Hand) -> None:
    path = f"/clients/{hand.auth[0]}/operators"
    person = (await send("POST", "/people", {"name": "赵敏"})).json()["id"]
    body = {"external_id": "a", "person_id": person, "valid_from": "2026-03-01", "valid_to": "2026-12-31"}
    end = f"{path}/{(await send('POST', path, body)).json()['id']}/end"
    tries = [("2027-01-01", 409), ("2026-12-31", 409), ("2026-02-28", 422), ("2026-06-30", 200)]
    for day, status in tries:
        answer = await send("POST", end, {"reason": "调整", "last_day": day}, '"1"')
        assert (answer.status_code, day) == (status, day), answer.text
    assert (await send("POST", path, body | {"valid_from": "2026-06-30"})).status_code == 409
    assert (await send("POST", path, body | {"valid_from": "2026-07-01"})).status_code == 201
    assert (await send("POST", path, body | {"valid_from": "2026-01-01", "valid_to": "2026-02-28"})).status_code == 201


@pytest.mark.parametrize(
    ("changes", "status", "code", "field"),
    [
        ({"person_id": "0199f3a2-0000-7000-8000-000000000000"}, 422, "platforms.person-unknown", "/person_id"),
        ({"person_id": "x"}, 400, "api.field-uuid", "/person_id"),
        ({"external_id": ""}, 400, "api.field-pattern", "/external_id"),
        ({"external_id": "a/b"}, 400, "api.field-pattern", "/external_id"),
        ({"external_id": "１０２４"}, 400, "api.field-pattern", "/external_id"),
        ({"external_id": "a\n"}, 400, "api.field-pattern", "/external_id"),
        ({"external_id": "a\u0000"}, 400, "api.text-nul", "/external_id"),
        ({"external_id": "x" * 101}, 400, "api.field-length", "/external_id"),
        ({"valid_to": "2025-12-31"}, 422, "tenants.ends-before-it-begins", "/valid_to"),
        ({"surplus": 1}, 400, "api.field-unknown", "/surplus"),
    ],
    ids=str,
)
async def test_a_bad_operator_names_the_field(
    send: Send, hand: Hand, changes: dict[str, Any], status: int, code: str, field: str
) -> None:
    person = (await send("POST", "/people", {"name": "孙伟"})).json()["id"]
    body = {"external_id": "1", "person_id": person, "valid_from": "2026-01-01"} | changes
    answer = await send("POST", f"/clients/{hand.auth[0]}/operators", body)
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (status, code, field)


async def test_a_service_person_and_anothers_person_are_no_operators(
    world: World, place: Place, send: Send, hand: Hand
) -> None:
    service = str((await world.snapshot(place)).clients[hand.auth[0]].person_id)
    foreign_hand = await make_hand(world, world.places["baoding"])
    foreign = await foreign_hand.hire("1", Role.INTAKE_CLERK)
    for person, code in ((service, "platforms.person-no-human"), (str(foreign.person_id), "platforms.person-unknown")):
        body = {"external_id": "1", "person_id": person, "valid_from": "2026-01-01"}
        answer = await send("POST", f"/clients/{hand.auth[0]}/operators", body)
        assert (answer.status_code, answer.json()["code"]) == (422, code)


EC = jwk(ECKey.generate_key("P-256", {"kid": "k"}))
RSA = jwk(RSAKey.generate_key(2048, {"kid": "k"}))
BAD_KEYS: list[tuple[str, Any]] = [
    ("private", dict(ECKey.generate_key("P-256", {"kid": "k"}).as_dict(private=True))),
    ("private-rsa", dict(RSAKey.generate_key(2048, {"kid": "k"}).as_dict(private=True))),
    ("symmetric", {"kty": "oct", "kid": "k", "k": "AAAA"}),
    ("edwards", jwk(OKPKey.generate_key("Ed25519", {"kid": "k"}))),
    ("other-curve", jwk(ECKey.generate_key("P-384", {"kid": "k"}))),
    ("off-the-curve", EC | {"y": EC["x"]}),
    ("short", EC | {"x": EC["x"][:-1]}),
    ("not-base64", EC | {"x": "!" * 43}),
    ("short-rsa", jwk(RSAKey.generate_key(1024, {"kid": "k"}))),
    ("padded-rsa", RSA | {"n": "A" * 342}),
    ("even-rsa", RSA | {"n": RSA["n"][:-1] + "A"}),
    ("small-exponent", RSA | {"e": "Aw"}),
    ("no-kid", {name: value for name, value in EC.items() if name != "kid"}),
    ("empty-kid", EC | {"kid": ""}),
    ("blank-kid", EC | {"kid": "a b"}),
    ("encrypts", EC | {"use": "enc"}),
    ("wrong-alg", EC | {"alg": "RS256"}),
    ("none-alg", RSA | {"alg": "none"}),
    ("address", EC | {"x5u": "https://evil.example"}),
    ("jku", {"jku": "https://evil.example/jwks"}),
    ("text", "x"),
]


@pytest.mark.parametrize("key", [key for _, key in BAD_KEYS], ids=[name for name, _ in BAD_KEYS])
async def test_a_bad_key_is_refused_and_nothing_is_kept(api: httpx.AsyncClient, send: Send, hand: Hand, key: Any) -> None:
    path = f"/clients/{hand.auth[0]}"
    answer = await send("PUT", f"{path}/keys", {"keys": [key], "reason": "登记"}, '"0"')
    assert answer.status_code == 400, answer.text
    assert answer.json()["field"].startswith("/keys/0")
    for member in ("d", "k", "p"):
        assert not isinstance(key, dict) or str(key.get(member, "no such member")) not in answer.text
    assert (await api.get(f"{path}/platform")).json()["version"] == 0


async def test_keys_have_ids_of_their_own_and_are_few(send: Send, hand: Hand) -> None:
    path = f"/clients/{hand.auth[0]}/keys"
    twice = await send("PUT", path, {"keys": [EC, RSA], "reason": "登记"}, '"0"')
    assert (twice.status_code, twice.json()["code"], twice.json()["field"]) == (400, "platforms.key-twice", "/keys/1/kid")
    many = [EC | {"kid": f"k{number}"} for number in range(11)]
    assert (await send("PUT", path, {"keys": many, "reason": "登记"}, '"0"')).json()["code"] == "api.field-length"
    assert (await send("PUT", path, {"keys": many[:10], "reason": "登记"}, '"0"')).status_code == 200


async def test_another_tenants_client_looks_like_none(world: World, api: httpx.AsyncClient, send: Send) -> None:
    foreign = await make_hand(world, world.places["baoding"])
    operator = await foreign.hire("1", Role.INTAKE_CLERK)
    body = {"external_id": "1", "person_id": str(operator.person_id), "valid_from": "2026-01-01"}
    for name in (foreign.auth[0], NOWHERE, "x", "%00", "x" * 500):
        base = f"/clients/{name}"
        answers = [await api.get(base + path) for path in ("/platform", "/operators", f"/operators/{operator.id}")]
        answers.append(await send("PUT", f"{base}/platform", WAYS, '"0"'))
        answers.append(await send("PUT", f"{base}/keys", {"keys": [EC], "reason": "试"}, '"0"'))
        answers.append(await send("POST", f"{base}/operators", body))
        answers.append(await send("POST", f"{base}/operators/{operator.id}/end", {"reason": "试"}, '"1"'))
        assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(404, "api.not-found")}


async def test_only_administrators_say_and_only_they_and_auditors_read(world: World, place: Place, hand: Hand) -> None:
    path = f"/t/{place.slug}/v1/clients/{hand.auth[0]}"
    for roles, reads in (((Role.INTAKE_CLERK,), 403), ((Role.AUDITOR,), 200)):
        other = await world.register(place.cast, roles, Scope, None)
        async with asking(world.app(), await world.token(place, other)) as client:
            assert (await client.get(f"{path}/platform")).status_code == reads
            assert (await client.get(f"{path}/operators")).status_code == reads
            answer = await client.put(f"{path}/platform", json=WAYS, headers={"if-match": '"0"'})
            assert (answer.status_code, answer.json()["code"]) == (403, "tenants.role-missing")


async def test_each_change_is_on_the_tenants_trail(world: World, place: Place, send: Send, hand: Hand) -> None:
    name = hand.auth[0]
    person = (await send("POST", "/people", {"name": "钱进"})).json()["id"]
    await send("PUT", f"/clients/{name}/platform", WAYS, '"0"')
    await send("PUT", f"/clients/{name}/keys", {"keys": [EC], "reason": "登记"}, '"1"')
    body = {"external_id": "1", "person_id": person, "valid_from": "2026-01-01"}
    operator = (await send("POST", f"/clients/{name}/operators", body)).json()["id"]
    await send("POST", f"/clients/{name}/operators/{operator}/end", {"reason": "离岗"}, '"1"')
    async with world.services.database.reading(place.number) as session:
        about = (audit.c.tenant == TENANT, audit.c.subject == f"client:{name}")
        trail = await session.all(select(audit.c.action, audit.c.stream, audit.c.role).where(*about).order_by(audit.c.seq))
        told = await session.all(
            select(outbox.c.type, outbox.c.refs).where(outbox.c.tenant == TENANT, outbox.c.subject == f"client:{name}")
        )
    done = ["platform.allowed", "platform.keys-replaced", "operator.named", "operator.ended"]
    assert [row["action"] for row in trail][1:] == done
    assert {(row["stream"], row["role"]) for row in trail[1:]} == {("tenant", "tenant-administrator")}
    named = next(row["refs"] for row in told if row["type"] == "operator.named")
    assert named == {"client_id": name, "operator_id": operator, "person_id": person}


async def test_two_administrators_at_once_name_one_operator(world: World, place: Place, send: Send, hand: Hand) -> None:
    person = (await send("POST", "/people", {"name": "周全"})).json()["id"]
    body = {"external_id": "1", "person_id": person, "valid_from": "2026-01-01"}
    answers = await asyncio.gather(*(send("POST", f"/clients/{hand.auth[0]}/operators", body) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
