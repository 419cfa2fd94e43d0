"""Methods, headers, doing things once, and changing what exists (PITFALLS 24, 25)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, update

from api.app import create_app
from core.procedure import Role
from core.store.tables import TENANT, audit, idempotency, outbox, unit
from core.store.tables import tenant as directory
from core.tenants.scopes import Scope
from tests.support.world import Place, World, asking

BASE = "/t/ankang/v1"
UNITS = f"{BASE}/units"
ADMIN = (Role.TENANT_ADMINISTRATOR,)
COUNTS = {
    table.name: select(func.count()).select_from(table).where(table.c.tenant == TENANT)
    for table in (unit, audit, outbox, idempotency)
}


def hall(code: str, **changes: Any) -> dict[str, Any]:
    """A registration of a unit."""
    return {"code": code, "name": code, "valid_from": "2026-03-02", "basis": "编办文件"} | changes


async def count(world: World, place: Place) -> dict[str, int]:
    """How many rows there are of each."""
    async with world.services.database.reading(place.number) as session:
        return {name: await session.scalar(statement) for name, statement in COUNTS.items()}


@pytest.fixture
async def unprivileged(world: World, place: Place) -> AsyncIterator[httpx.AsyncClient]:
    """Asks as a client that has every scope and no role."""
    async with asking(world.app(), await world.token(place, place.powerless)) as client:
        yield client


async def test_head_is_a_get_without_its_body(api: httpx.AsyncClient) -> None:
    got, head = await api.get(UNITS), await api.head(UNITS)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"] == str(len(got.content))
    assert (await api.head(f"{BASE}/nothing")).status_code == 404


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        (UNITS, "GET, HEAD, OPTIONS, POST"),
        (f"{BASE}/calendar", "GET, HEAD, OPTIONS, PUT"),
        (f"{BASE}/receipts/status", "OPTIONS, POST"),
        ("/health/live", "GET, HEAD, OPTIONS"),
    ],
)
async def test_a_path_says_which_methods_it_has(anybody: httpx.AsyncClient, path: str, allow: str) -> None:
    options = await anybody.options(path)
    assert (options.status_code, options.headers["allow"], options.content) == (204, allow, b"")
    for method in ("DELETE", "PATCH", "TRACE", "PROPFIND"):
        refused = await anybody.request(method, path)
        assert (refused.status_code, refused.headers["allow"]) == (405, allow)
        assert refused.json()["code"] == "api.method-not-allowed"


async def test_every_answer_forbids_sniffing_framing_and_storing(api: httpx.AsyncClient) -> None:
    for path in (UNITS, f"{BASE}/nothing", "/health/live"):
        answer = await api.get(path)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert answer.headers["strict-transport-security"].startswith("max-age=")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "server" not in answer.headers


async def test_a_key_is_needed_and_must_be_readable(api: httpx.AsyncClient) -> None:
    missing = await api.post(UNITS, json=hall("k-0"))
    assert (missing.status_code, missing.json()["code"]) == (400, "api.idempotency-key-missing")
    assert (missing.json()["field"], missing.json()["in"]) == ("Idempotency-Key", "header")
    for key in ("", "a b", "x" * 129, "é"):
        answer = await api.post(UNITS, json=hall("k-0"), headers=[(b"idempotency-key", key.encode("latin-1"))])
        assert answer.json()["code"] == "api.idempotency-key-malformed", key


async def test_the_same_request_is_done_once_and_answered_alike(
    world: World, place: Place, api: httpx.AsyncClient
) -> None:
    before = await count(world, place)
    headers = {"idempotency-key": "once"}
    first = await api.post(UNITS, json=hall("once"), headers=headers)
    again = await api.post(UNITS, json=hall("once"), headers=headers)
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    for name in ("etag", "location", "content-type"):
        assert first.headers[name] == again.headers[name]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    after = await count(world, place)
    assert {name: after[name] - before[name] for name in after} == {"unit": 1, "audit": 1, "outbox": 1, "idempotency": 1}


async def test_another_request_under_the_same_key_is_refused(
    world: World, place: Place, api: httpx.AsyncClient
) -> None:
    headers = {"idempotency-key": "another"}
    assert (await api.post(UNITS, json=hall("another"), headers=headers)).status_code == 201
    before = await count(world, place)
    for changed in (hall("another", name="其他"), hall("another-2")):
        answer = await api.post(UNITS, json=changed, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "api.idempotency-key-reused")
    assert await count(world, place) == before


async def test_a_refused_request_leaves_its_key_free(world: World, place: Place, api: httpx.AsyncClient) -> None:
    headers = {"idempotency-key": "free"}
    before = await count(world, place)
    refused = await api.post(UNITS, json=hall("free", parent_id="0199f3a2-0000-7000-8000-000000000000"), headers=headers)
    assert refused.status_code in {404, 422}
    assert await count(world, place) == before
    assert (await api.post(UNITS, json=hall("free"), headers=headers)).status_code == 201


async def test_keys_of_two_clients_and_of_two_routes_are_apart(
    world: World, place: Place, api: httpx.AsyncClient
) -> None:
    headers = {"idempotency-key": "apart"}
    assert (await api.post(UNITS, json=hall("apart"), headers=headers)).status_code == 201
    person = {"name": "李四", "kind": "human"}
    assert (await api.post(f"{BASE}/people", json=person, headers=headers)).status_code == 201
    other = await world.register(place.cast, ADMIN, Scope, None)
    async with asking(world.app(), await world.token(place, other)) as client:
        answer = await client.post(UNITS, json=hall("apart-2"), headers=headers)
    assert answer.status_code == 201


async def test_a_slow_first_request_and_its_retries_run_once(
    world: World, place: Place, api: httpx.AsyncClient
) -> None:
    before = await count(world, place)
    headers = {"idempotency-key": "at-once"}
    answers = await asyncio.gather(*(api.post(UNITS, json=hall("at-once"), headers=headers) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    after = await count(world, place)
    assert (after["unit"] - before["unit"], after["idempotency"] - before["idempotency"]) == (1, 1)


async def test_what_is_kept_of_an_answer_is_sealed(world: World, place: Place, api: httpx.AsyncClient) -> None:
    await api.post(UNITS, json=hall("sealed"), headers={"idempotency-key": "sealed"})
    statement = select(idempotency.c.response).where(idempotency.c.tenant == TENANT, idempotency.c.key == "sealed")
    async with world.services.database.reading(place.number) as session:
        kept = bytes(await session.scalar(statement))
    assert b"sealed" not in kept.partition(b".")[2]


async def test_a_change_needs_the_state_that_it_was_decided_on(
    world: World, place: Place, api: httpx.AsyncClient
) -> None:
    made = await api.post(UNITS, json=hall("match"), headers={"idempotency-key": "match"})
    path = f"{UNITS}/{made.json()['id']}/versions"
    change = {"name": "新名", "valid_from": "2026-04-01", "basis": "编办文件"}
    before = await count(world, place)
    for number, (given, status, code) in enumerate(
        [
            ({}, 428, "api.if-match-missing"),
            ({"if-match": "*"}, 428, "api.if-match-missing"),
            ({"if-match": "5"}, 400, "api.if-match-malformed"),
            ({"if-match": '"1", "2"'}, 400, "api.if-match-malformed"),
            ({"if-match": '"9999"'}, 412, None),
            ({"if-match": '"abc"'}, 412, None),
            ({"if-match": f"W/{made.headers['etag']}"}, 412, None),
        ]
    ):
        answer = await api.post(path, json=change, headers={"idempotency-key": f"match-{number}"} | given)
        assert answer.status_code == status, (given, answer.text)
        assert code is None or answer.json()["code"] == code
    assert await count(world, place) == before
    done = await api.post(
        path, json=change, headers={"idempotency-key": "match-good", "if-match": made.headers["etag"]}
    )
    assert done.status_code in {200, 201}, done.text
    assert done.headers["etag"] != made.headers["etag"]


async def test_a_replay_is_looked_for_before_the_precondition(world: World, place: Place, api: httpx.AsyncClient) -> None:
    made = await api.post(UNITS, json=hall("replay"), headers={"idempotency-key": "replay"})
    path = f"{UNITS}/{made.json()['id']}/versions"
    change = {"name": "新名", "valid_from": "2026-04-01", "basis": "编办文件"}
    headers = {"idempotency-key": "replay-2", "if-match": made.headers["etag"]}
    first = await api.post(path, json=change, headers=headers)
    again = await api.post(path, json=change, headers=headers)
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert again.headers["idempotency-replayed"] == "true"


async def test_an_unchanged_thing_is_not_sent_again(api: httpx.AsyncClient) -> None:
    got = await api.get(f"{BASE}/calendar")
    tag = got.headers["etag"]
    for header in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        again = await api.get(f"{BASE}/calendar", headers={"if-none-match": header})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert (await api.get(f"{BASE}/calendar", headers={"if-none-match": '"x"'})).status_code == 200


async def test_pages_follow_their_links_and_miss_nothing(api: httpx.AsyncClient) -> None:
    for number in range(5):
        await api.post(UNITS, json=hall(f"page-{number}"), headers={"idempotency-key": f"page-{number}"})
    everything = (await api.get(f"{UNITS}?limit=200")).json()["items"]
    seen: list[dict[str, Any]] = []
    path: str | None = f"{UNITS}?limit=2"
    while path:
        answer = await api.get(path)
        assert len(answer.json()["items"]) <= 2
        seen.extend(answer.json()["items"])
        path = answer.links.get("next", {}).get("url")
        assert path is None or path.startswith(f"https://wenze.example.cn{UNITS}?limit=2&cursor=")
    assert seen == everything


async def test_a_role_that_is_missing_is_named(unprivileged: httpx.AsyncClient) -> None:
    answer = await unprivileged.post(UNITS, json=hall("nobody"), headers={"idempotency-key": "nobody"})
    assert (answer.status_code, answer.json()["code"]) == (403, "tenants.role-missing")
    assert "tenant-administrator" in answer.json()["detail"]


async def test_what_an_older_configuration_refuses_is_asked_of_the_present_one(world: World, place: Place) -> None:
    await world.snapshot(place)
    fresh = World(world.services, world.owner)  # another process registers the client
    client = await fresh.register(place.cast, ADMIN, Scope, None)
    async with asking(world.app(), await world.token(place, client)) as asker:
        assert (await asker.get(UNITS)).status_code == 200


async def test_a_tenant_that_is_closed_is_gone(world: World) -> None:
    ganzhou = await world.add("ganzhou")
    token = await world.token(ganzhou)
    async with asking(world.app(), token) as asker:
        assert (await asker.get("/t/ganzhou/v1/units")).status_code == 200
    async with world.owner.tenant(ganzhou.number) as session:
        statement = update(directory).where(directory.c.id == TENANT).values(closed_at=session.recorded_at)
        await session.execute(statement)
    async with asking(create_app(world.services), token) as asker:  # one that has not met it before
        assert (await asker.get("/t/ganzhou/v1/units")).status_code == 404
