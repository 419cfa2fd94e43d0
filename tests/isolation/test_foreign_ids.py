"""Another tenant's things, asked for with a good token of one's own, look like things that do not exist (PITFALLS 7)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.isolation.matrix import Row, read_matrix
from tests.support.world import World, asking

ROWS = [row for row in read_matrix() if any(name.endswith("_id") for name in row.names)]
NOWHERE = "0199f3a2-0000-7000-8000-00000000000{}"


async def things_of(world: World, app: Any, city: str) -> dict[str, str]:
    """Ids of things that a tenant really has."""
    place = world.places[city]
    async with asking(app, await world.token(place)) as client:
        case = await client.post(f"/t/{city}/v1/cases", **_registration(city))
        assert case.status_code == 201, case.text
        person = str((await world.snapshot(place)).clients[place.powers.client_id].person_id)
        staff = (await client.get(f"/t/{city}/v1/people/{person}")).json()
    return {
        "case_id": case.json()["id"],
        "unit_id": str(next(iter(place.cast.units.values()))),
        "person_id": person,
        "post_id": staff["posts"][0]["id"],
        "grant_id": staff["roles"][0]["id"],
    }


def _registration(city: str) -> dict[str, Any]:
    row = next(row for row in read_matrix() if row.city == city and row.id == "registerCase")
    return row.request("a-foreign-case")


@pytest.fixture(scope="module")
async def foreign(world: World, app: Any) -> dict[str, str]:
    """What Ankang has."""
    return await things_of(world, app, "ankang")


@pytest.mark.parametrize("row", [row for row in ROWS if row.city != "ankang"], ids=str)
async def test_a_foreign_thing_looks_like_none(world: World, app: Any, foreign: dict[str, str], row: Row) -> None:
    ids = {name: foreign[name] for name in row.names if name in foreign}
    missing = {name: NOWHERE.format(number) for number, name in enumerate(ids)}
    async with asking(app, await world.token(world.places[row.city])) as client:
        answers = [
            await client.request(row.method, f"/t/{row.city}/v1{row.address(chosen)}", **row.request(f"{row.id}-{kind}"))
            for kind, chosen in (("foreign", ids), ("missing", missing))
        ]
    assert [answer.status_code for answer in answers] == [404, 404], answers[0].text
    assert whole(answers[0]) == whole(answers[1])


def whole(answer: httpx.Response) -> tuple[bytes, dict[str, str]]:
    """An answer without what names the one request."""
    request_id = answer.headers["x-request-id"]
    headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    return answer.content.replace(request_id.encode(), b"-"), headers


async def test_what_is_foreign_was_really_there(world: World, app: Any, foreign: dict[str, str]) -> None:
    async with asking(app, await world.token(world.places["ankang"])) as client:
        for path in ("/cases/{case_id}", "/units/{unit_id}", "/people/{person_id}"):
            assert (await client.get(f"/t/ankang/v1{path.format(**foreign)}")).status_code == 200


async def test_a_foreign_id_in_a_body_is_refused_and_named(world: World, app: Any, foreign: dict[str, str]) -> None:
    body = {"code": "x", "name": "x", "valid_from": "2026-03-02", "basis": "x", "parent_id": foreign["unit_id"]}
    async with asking(app, await world.token(world.places["baoding"])) as client:
        answer = await client.post("/t/baoding/v1/units", json=body, headers={"idempotency-key": "foreign-parent"})
    assert answer.status_code in {404, 422}
    assert answer.json()["field"] == "/parent_id"
    assert "安康" not in answer.text


async def test_lists_hold_the_own_things_only(world: World, app: Any, foreign: dict[str, str]) -> None:
    async with asking(app, await world.token(world.places["baoding"])) as client:
        for path in ("cases", "units", "people"):
            listed = (await client.get(f"/t/baoding/v1/{path}?limit=200")).text
            assert not any(id_ in listed for id_ in foreign.values()), path
