"""Categories over HTTP: who may, what is told, and that nothing is lost or edited."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from core.procedure import Role
from core.tenants.scopes import Scope
from tests.support.world import Place, World, asking
from tests.tenants.http.conftest import Send

DAY, BASIS = "2026-07-01", "市办〔2026〕12号"
LIMIT = {"term": {"unit": "working_day", "length": 5}, "basis": BASIS}
URGENT = {"term": {"unit": "minute", "length": 30}, "basis": BASIS}


def roads(**changes: Any) -> dict[str, Any]:
    return {"code": f"c-{uuid4().hex[:8]}", "title_zh": "道路", "valid_from": DAY, "basis": BASIS} | changes


async def made(send: Send, **changes: Any) -> dict[str, Any]:
    answer = await send("POST", "/categories", roads(**changes))
    assert answer.status_code == 201, answer.text
    return answer.json()


def without_request(answer: httpx.Response) -> dict[str, Any]:
    return {name: value for name, value in answer.json().items() if name != "instance"}


async def test_a_category_is_registered_and_read_by_its_location(api: httpx.AsyncClient, send: Send) -> None:
    answer = await send("POST", "/categories", roads(handling_limit=LIMIT, urgent_response_limit=URGENT, title_en="Roads"))
    assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
    read = await api.get(answer.headers["location"])
    assert (read.status_code, read.headers["etag"], read.json()) == (200, '"1"', answer.json())
    assert answer.json()["handling_limit"] == LIMIT
    assert answer.json()["in_effect"]["urgent_response_limit"] == URGENT | {"said_by": answer.json()["code"]}


async def test_what_it_does_not_say_is_that_of_the_one_above(api: httpx.AsyncClient, send: Send, place: Place) -> None:
    unit = str(next(iter(place.cast.units.values())))
    above = await made(send, handling_limit=LIMIT, default_unit_id=unit, kinds=["complaint"])
    below = await made(send, parent=above["code"])
    assert (below["depth"], below["handling_limit"], below["kinds"]) == (1, None, [])
    assert below["in_effect"] == {
        "kinds": ["complaint"], "default_unit_id": unit, "default_unit_said_by": above["code"],
        "handling_limit": LIMIT | {"said_by": above["code"]}, "urgent_response_limit": None,
    }  # fmt: skip


async def test_a_change_needs_the_state_that_it_was_decided_on(api: httpx.AsyncClient, send: Send) -> None:
    code = (await made(send, handling_limit=LIMIT))["code"]
    path, change = f"/categories/{code}/versions", {"title_zh": "路桥", "valid_from": "2026-08-01", "basis": BASIS}
    assert (await send("POST", path, change)).status_code == 428
    assert (await send("POST", path, change, '"7"')).status_code == 412
    after = await send("POST", path, change, '"1"')
    assert (after.status_code, after.headers["etag"]) == (201, '"2"')
    assert (await send("POST", path, change, '"1"')).json()["code"] == "categories.stale"
    days = ("2026-07-31", "2026-08-01", "2026-08-02")
    found = [(await api.get(f"/categories/{code}", params={"on": day})).json() for day in days]
    assert [(item["title_zh"], item["handling_limit"]) for item in found] == [
        ("道路", LIMIT),
        ("路桥", None),
        ("路桥", None),
    ]
    assert [version["title_zh"] for version in after.json()["versions"]] == ["道路", "路桥"]


async def test_the_tree_of_a_day_stands_in_order_and_narrowed(api: httpx.AsyncClient, send: Send) -> None:
    top = await made(send, kinds=["complaint"])
    mid = await made(send, parent=top["code"])
    leaf = await made(send, parent=mid["code"])
    gone = await made(send, parent=top["code"])
    closing = {"title_zh": "道路", "valid_from": "2026-08-01", "basis": BASIS, "closed": True, "merged_into": mid["code"]}
    closing["parent"] = top["code"]
    assert (await send("POST", f"/categories/{gone['code']}/versions", closing, '"1"')).status_code == 201

    async def listed(**query: str) -> list[tuple[str, int]]:
        mine = {item["code"] for item in (top, mid, leaf, gone)}
        items = (await api.get("/categories", params=query)).json()["items"]
        return [(item["code"], item["depth"]) for item in items if item["code"] in mine]

    chain = [(top["code"], 0), (mid["code"], 1), (leaf["code"], 2)]
    whole = await listed(on="2026-08-01")
    assert [item for item in whole if item[0] != gone["code"]] == chain
    assert await listed(on="2026-08-01", closed="false") == chain
    assert await listed(on="2026-08-01", closed="true") == [(gone["code"], 1)]
    assert await listed(on="2026-07-31", closed="true") == []
    assert await listed(on="2026-06-30") == []
    assert await listed(on="2026-08-01", kind="no-such-kind") == []
    assert len(await listed(on="2026-08-01", kind="complaint")) == 4


async def test_the_same_key_registers_once(send: Send) -> None:
    body, key = roads(), str(uuid4())
    first, second = [await send("POST", "/categories", body, key=key) for _ in range(2)]
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    taken = await send("POST", "/categories", body)
    assert (taken.status_code, taken.json()["code"], taken.json()["field"]) == (409, "categories.code-taken", "/code")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "道路"}, "/code"),
        ({"code": "a b"}, "/code"),
        ({"code": "a" * 65}, "/code"),
        ({"title_zh": " "}, "/title_zh"),
        ({"title_zh": "道\u202e路"}, "/title_zh"),
        ({"title_zh": "道\u0000路"}, "/title_zh"),
        ({"valid_from": "2026-02-30"}, "/valid_from"),
        ({"kinds": ["Not A Kind"]}, "/kinds/0"),
        ({"urgent": "true"}, "/urgent"),
        ({"basis": ""}, "/basis"),
        ({"default_unit_id": "1"}, "/default_unit_id"),
        ({"parent": "../x"}, "/parent"),
        ({"extra": 1}, "/extra"),
        ({"handling_limit": {"term": {"unit": "working_day", "length": 5}}}, "/handling_limit/basis"),
        ({"handling_limit": LIMIT | {"term": {"unit": "fortnight", "length": 1}}}, "/handling_limit/term/unit"),
        ({"handling_limit": LIMIT | {"term": {"unit": "hour", "length": -1}}}, "/handling_limit/term/length"),
        ({"handling_limit": LIMIT | {"term": {"unit": "hour", "length": 0}}}, "/handling_limit/term/length"),
        ({"handling_limit": LIMIT | {"term": {"unit": "hour", "length": 10**19}}}, "/handling_limit/term/length"),
    ],
)
async def test_bad_input_names_the_field(send: Send, changes: dict[str, Any], field: str) -> None:
    answer = await send("POST", "/categories", roads(**changes))
    assert (answer.status_code, answer.json()["field"]) == (400, field), answer.text


async def test_refusals_name_the_field(send: Send) -> None:
    category = await made(send)
    unknown = await send("POST", "/categories", roads(parent="nowhere"))
    assert (unknown.status_code, unknown.json()["code"], unknown.json()["field"]) == (
        422,
        "categories.named-unknown",
        "/parent",
    )
    change = {"title_zh": "道路", "valid_from": DAY, "basis": BASIS, "parent": category["code"]}
    circle = await send("POST", f"/categories/{category['code']}/versions", change, '"1"')
    assert (circle.status_code, circle.json()["code"]) == (422, "categories.circle")


@pytest.mark.parametrize("code", ["%00", "a%2Fb", "..", "-", "a" * 200, "%E9%81%93"])
async def test_a_code_that_cannot_be_is_not_found(api: httpx.AsyncClient, code: str) -> None:
    assert (await api.get(f"/categories/{code}")).status_code == 404


async def test_another_tenants_category_looks_like_none(world: World, api: httpx.AsyncClient, send: Send) -> None:
    own = await made(send)
    base = "/t/baoding/v1/categories"
    async with asking(world.app(), await world.token(world.places["baoding"])) as client:
        answers = [await client.get(f"{base}/{code}") for code in (own["code"], "nowhere")]
        assert own["code"] not in (await client.get(base)).text
    assert [answer.status_code for answer in answers] == [404, 404]
    assert without_request(answers[0]) == without_request(answers[1])


async def test_another_tenants_unit_is_no_default(world: World, send: Send) -> None:
    foreign = next(iter(world.places["baoding"].cast.units.values()))
    answers = [await send("POST", "/categories", roads(default_unit_id=str(unit))) for unit in (foreign, uuid4())]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(422, "tenants.unit-unknown")] * 2


async def test_only_administrators_change_and_the_staff_reads(world: World, place: Place) -> None:
    clerk = await world.register(place.cast, [Role.INTAKE_CLERK], Scope, None)
    base = f"/t/{place.slug}/v1/categories"
    async with asking(world.app(), await world.token(place, clerk)) as client:
        assert (await client.get(base)).status_code == 200
        answer = await client.post(base, json=roads(), headers={"idempotency-key": str(uuid4())})
        assert (answer.status_code, answer.json()["code"]) == (403, "tenants.role-missing")
