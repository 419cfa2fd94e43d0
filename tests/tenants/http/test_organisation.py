"""The organisation over HTTP: who may, what is told, and that nothing is lost or edited."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from core.procedure import Role
from core.tenants.scopes import Scope
from core.tenants.service.administration import Administration
from core.tenants.service.clients import disable_client
from tests.support.world import Place, World, asking
from tests.tenants.http.conftest import Send

DAY, BASIS = "2026-07-01", "市编办发〔2026〕12号"


def hall(**changes: Any) -> dict[str, Any]:
    return {"code": f"u-{uuid4().hex[:8]}", "name": "大厅", "valid_from": DAY, "basis": BASIS} | changes


async def made(send: Send, **changes: Any) -> dict[str, Any]:
    answer = await send("POST", "/units", hall(**changes))
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_unit_is_registered_and_read_by_its_location(api: httpx.AsyncClient, send: Send) -> None:
    answer = await send("POST", "/units", hall(offices=["supervision-office"], ranking_group="部门"))
    assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
    read = await api.get(answer.headers["location"])
    assert (read.status_code, read.headers["etag"], read.json()) == (200, '"1"', answer.json())
    assert (await api.get(answer.headers["location"], headers={"if-none-match": '"1"'})).status_code == 304


async def test_a_change_needs_the_state_that_it_was_decided_on(api: httpx.AsyncClient, send: Send) -> None:
    unit, change = await made(send), {"name": "新大厅", "valid_from": "2026-08-01", "basis": BASIS}
    path = f"/units/{unit['id']}/versions"
    assert (await send("POST", path, change)).status_code == 428
    assert (await send("POST", path, change, '"7"')).status_code == 412
    after = await send("POST", path, change, '"1"')
    assert (after.status_code, after.headers["etag"]) == (201, '"2"')
    assert (await send("POST", path, change, '"1"')).json()["code"] == "tenants.unit-stale"
    names = [
        (await api.get(f"/units/{unit['id']}", params={"on": day})).json()["name"]
        for day in ("2026-07-31", "2026-08-01", "2026-08-02")
    ]
    assert names == ["大厅", "新大厅", "新大厅"]
    assert [version["name"] for version in after.json()["versions"]] == ["大厅", "新大厅"]


async def test_the_same_key_registers_once(api: httpx.AsyncClient, send: Send) -> None:
    body, key = hall(), str(uuid4())
    first, second = [await send("POST", "/units", body, key=key) for _ in range(2)]
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert (await send("POST", "/units", hall(), key=key)).status_code in {409, 422}


async def test_refusals_name_the_field(send: Send) -> None:
    unit = await made(send)
    taken = await send("POST", "/units", hall(code=unit["code"]))
    assert (taken.status_code, taken.json()["code"], taken.json()["field"]) == (409, "tenants.unit-code-taken", "/code")
    unknown = await send("POST", "/units", hall(parent_id=str(uuid4())))
    assert (unknown.status_code, unknown.json()["field"]) == (422, "/parent_id")
    change = {"name": "大厅", "valid_from": DAY, "basis": BASIS, "parent_id": unit["id"]}
    circle = await send("POST", f"/units/{unit['id']}/versions", change, '"1"')
    assert (circle.status_code, circle.json()["code"]) == (422, "tenants.unit-circle")


@pytest.mark.parametrize(
    "changes",
    [
        {"code": "大厅"},
        {"code": "a b"},
        {"name": " "},
        {"name": "大\u202e厅"},
        {"name": "大\u200b厅"},
        {"valid_from": "2026-02-30"},
        {"offices": ["Not An Office"]},
        {"member": "true"},
        {"extra": 1},
        {"basis": ""},
        {"parent_id": "1"},
    ],
)
async def test_bad_input_names_the_field(send: Send, changes: dict[str, Any]) -> None:
    answer = await send("POST", "/units", hall(**changes))
    assert answer.status_code == 400
    assert answer.json()["field"].startswith(f"/{next(iter(changes))}")


async def test_a_merger_is_seen_in_the_lists(api: httpx.AsyncClient, send: Send) -> None:
    parent = await made(send)
    gone, stays = [await made(send, parent_id=parent["id"]) for _ in range(2)]
    change = {"name": "大厅", "valid_from": "2026-08-01", "basis": BASIS, "dissolved": True, "merged_into": stays["id"]}
    assert (await send("POST", f"/units/{gone['id']}/versions", change, '"1"')).status_code == 201

    async def listed(**query: Any) -> set[str]:
        return {unit["id"] for unit in (await api.get("/units", params=query)).json()["items"]}

    assert await listed(parent_id=parent["id"], on="2026-07-31") == {gone["id"], stays["id"]}
    assert await listed(parent_id=parent["id"], on="2026-08-01") == {stays["id"]}
    assert gone["id"] in await listed(dissolved="true", on="2026-08-01", limit=200)
    assert gone["id"] not in await listed(dissolved="false", on="2026-08-01", limit=200)
    assert await listed(parent_id=parent["id"], on="2026-06-30") == set()


async def test_pages_hold_every_unit_once(api: httpx.AsyncClient, send: Send) -> None:
    group = f"g{uuid4().hex[:6]}"
    expected = sorted([(await made(send, ranking_group=group))["code"] for _ in range(5)])
    pages, path = [], f"/units?ranking_group={group}&limit=2"
    while path:
        answer = await api.get(path)
        pages.append([unit["code"] for unit in answer.json()["items"]])
        path = answer.links.get("next", {}).get("url", "")
    assert pages == [expected[:2], expected[2:4], expected[4:]]


async def test_a_person_comes_whole_and_changes_step_by_step(api: httpx.AsyncClient, send: Send) -> None:
    unit = await made(send)
    post = {"unit_id": unit["id"], "title": "科员", "valid_from": DAY}
    role = {"role": "unit-officer", "unit_id": unit["id"], "valid_from": DAY}
    answer = await send("POST", "/people", {"name": "李明", "posts": [post], "roles": [role]})
    person = answer.json()
    path = f"/people/{person['id']}"
    assert (answer.status_code, answer.headers["etag"]) == (201, '"2"')
    assert (await api.get(answer.headers["location"])).json() == person
    more = await send("POST", f"{path}/posts", post | {"title": "科长", "valid_from": "2026-09-01"}, '"2"')
    granted = await send("POST", f"{path}/roles", {"role": "auditor", "valid_from": DAY}, '"3"')
    assert (more.headers["etag"], granted.headers["etag"]) == ('"3"', '"4"')
    ending = {"last_day": "2026-12-31", "reason": "调离"}
    ended = await send("POST", f"{path}/posts/{person['posts'][0]['id']}/end", ending, '"4"')
    last = await send("POST", f"{path}/roles/{person['roles'][0]['id']}/end", ending, '"5"')
    assert (ended.status_code, last.status_code, last.headers["etag"]) == (200, 200, '"6"')
    now = (await api.get(path)).json()
    assert now == last.json()
    assert [item["valid_to"] for item in now["posts"]] == ["2026-12-31", None]
    assert [item["valid_to"] for item in now["roles"]] == ["2026-12-31", None]
    again = await send("POST", f"{path}/roles/{person['roles'][0]['id']}/end", ending, '"6"')
    assert (again.status_code, again.json()["code"]) == (409, "tenants.already-ended")


async def test_people_are_found_by_unit_and_role_on_a_day(api: httpx.AsyncClient, send: Send) -> None:
    unit = await made(send)
    role = {"role": "unit-officer", "unit_id": unit["id"], "valid_from": DAY, "valid_to": "2026-07-31"}
    post = {"unit_id": unit["id"], "title": "科员", "valid_from": DAY}
    person = (await send("POST", "/people", {"name": "李明", "posts": [post], "roles": [role]})).json()

    async def found(**query: str) -> list[str]:
        answer = await api.get("/people", params={"unit_id": unit["id"]} | query)
        return [item["id"] for item in answer.json()["items"]]

    assert [await found(on=day) for day in ("2026-06-30", "2026-07-01")] == [[], [person["id"]]]
    assert [await found(on=day, role="unit-officer") for day in ("2026-07-31", "2026-08-01")] == [[person["id"]], []]
    assert await found(on=DAY, kind="service") == []


@pytest.mark.parametrize("role", ["petitioner", "platform-operator", "mayor"])
async def test_roles_that_a_tenant_does_not_give_are_bad_input(send: Send, role: str) -> None:
    answer = await send("POST", "/people", {"name": "李明", "roles": [{"role": role, "valid_from": DAY}]})
    assert (answer.status_code, answer.json()["field"]) == (400, "/roles/0/role")


async def test_a_unit_officer_needs_a_unit(send: Send) -> None:
    answer = await send("POST", "/people", {"name": "李明", "roles": [{"role": "unit-officer", "valid_from": DAY}]})
    assert (answer.status_code, answer.json()["field"]) == (422, "/roles/0/unit_id")


async def test_an_administrator_does_not_end_the_own_administration(api: httpx.AsyncClient, send: Send) -> None:
    people = (await api.get("/people", params={"role": "tenant-administrator", "kind": "service", "limit": "200"})).json()
    own = next(item for item in people["items"] if item["name"] == "测试")
    grant = next(role for role in own["roles"] if role["role"] == "tenant-administrator")
    ending = {"last_day": "2026-12-31", "reason": "误"}
    answer = await send("POST", f"/people/{own['id']}/roles/{grant['id']}/end", ending, f'"{own["version"]}"')
    assert (answer.status_code, answer.json()["code"]) == (422, "tenants.own-administration")


async def test_nobody_gives_a_role_to_themselves(api: httpx.AsyncClient, send: Send) -> None:
    me = (await api.get("/me")).json()
    own = (await api.get(f"/people/{me['person_id']}")).json()
    grant = {"role": "intake-clerk", "valid_from": "2026-01-01"}
    answer = await send("POST", f"/people/{own['id']}/roles", grant, f'"{own["version"]}"')
    assert (answer.status_code, answer.json()["code"]) == (422, "tenants.own-grant")
    assert (await api.get("/me")).json()["roles"] == me["roles"]


async def test_only_administrators_change_and_anybody_with_the_scope_reads(world: World, place: Place) -> None:
    clerk = await world.register(place.cast, [Role.INTAKE_CLERK], Scope, None)
    base = f"/t/{place.slug}/v1"
    async with asking(world.app(), await world.token(place, clerk)) as client:
        assert (await client.get(f"{base}/units")).status_code == 200
        assert (await client.get(f"{base}/people")).status_code == 200
        for path, body in (("/units", hall()), ("/people", {"name": "李明"})):
            answer = await client.post(base + path, json=body, headers={"idempotency-key": str(uuid4())})
            assert (answer.status_code, answer.json()["code"]) == (403, "tenants.role-missing")


async def test_another_tenants_unit_looks_like_none(world: World, api: httpx.AsyncClient, send: Send) -> None:
    foreign = next(iter(world.places["baoding"].cast.units.values()))
    answers = [await api.get(f"/units/{id_}") for id_ in (foreign, uuid4())]
    bodies = [{name: value for name, value in answer.json().items() if name != "instance"} for answer in answers]
    assert bodies[0] == bodies[1]
    assert {answer.status_code for answer in answers} == {404}
    refused = [await send("POST", "/units", hall(parent_id=str(id_))) for id_ in (foreign, uuid4())]
    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [(422, "tenants.unit-unknown")] * 2


async def test_a_disabled_client_is_out_at_once(world: World, place: Place) -> None:
    made = await world.register(place.cast, [Role.INTAKE_CLERK], Scope, None)
    async with asking(world.app(), await world.token(place, made)) as client:
        assert (await client.get(f"/t/{place.slug}/v1/units")).status_code == 200
        async with world.services.database.tenant(place.number) as session:
            await disable_client(Administration(session, world.services.snapshots), made.client_id)
        assert (await client.get(f"/t/{place.slug}/v1/units")).status_code == 401
