"""Petitioners' identities over HTTP: who may read them, what stays on record, and what never leaves."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from core.procedure import Role
from core.tenants.scopes import Scope
from tests.support.world import Place, World, asking

WHO = {"name": "王秀英", "phone": "13800138000", "id_number": "11010519491231002X"}
ASK = {"purpose": "contact", "note": "联系核实"}


@pytest.fixture(scope="module")
def place(world: World) -> Place:
    """Baoding, where tip-offs are protected most."""
    return world.places["baoding"]


async def registered(api: httpx.AsyncClient, **changes: Any) -> str:
    body = {
        "kind": "tip-off",
        "channel": await _channel(api),
        "title": "窗口收费",
        "narrative": "收费不开票。",
        "subject": "某局",
        "acts": ["baoding:tip-offs-2010#4.1"],
        "petitioner": WHO,
    } | changes
    answer = await api.post("/cases", json=body, headers={"idempotency-key": str(uuid4())})
    assert answer.status_code == 201, answer.text
    assert "王秀英" not in answer.text
    return str(answer.json()["id"])


async def _channel(api: httpx.AsyncClient) -> str:
    document = (await api.get("/openapi.json")).json()
    return str(document["components"]["schemas"]["RegisterTipOff"]["properties"]["channel"]["enum"][0])


def readings(case: str) -> str:
    return f"/cases/{case}/petitioner/readings"


async def ask(client: httpx.AsyncClient, case: str, key: str | None = None, **changes: Any) -> httpx.Response:
    return await client.post(readings(case), json=ASK | changes, headers={"idempotency-key": key or str(uuid4())})


async def as_somebody(world: World, place: Place, *roles: Role, unit: str | None = None) -> httpx.AsyncClient:
    made = await world.register(place.cast, roles, Scope, unit)
    client = asking(world.app(), await world.token(place, made))
    client.base_url = f"{client.base_url}/t/{place.slug}/v1"  # type: ignore[assignment]
    return client


async def test_a_clerk_reads_an_identity_for_a_purpose(world: World, place: Place, api: httpx.AsyncClient) -> None:
    case = await registered(api)
    async with await as_somebody(world, place, Role.INTAKE_CLERK) as clerk:
        answer = await ask(clerk, case)
    assert answer.status_code == 201
    assert {name: answer.json()["petitioner"][name] for name in WHO} == WHO
    assert answer.headers["cache-control"] == "no-store"
    (reading,) = (await api.get(readings(case))).json()["items"]
    assert reading == answer.json()["reading"]
    assert (reading["purpose"], reading["note"]) == ("contact", "联系核实")


async def test_the_same_key_is_one_reading(world: World, place: Place, api: httpx.AsyncClient) -> None:
    case, key = await registered(api), str(uuid4())
    async with await as_somebody(world, place, Role.INTAKE_CLERK) as clerk:
        first, second = [await ask(clerk, case, key) for _ in range(2)]
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert len((await api.get(readings(case))).json()["items"]) == 1


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.AUDITOR, Role.TENANT_ADMINISTRATOR, Role.UNIT_OFFICER])
async def test_other_roles_are_refused(world: World, place: Place, api: httpx.AsyncClient, role: Role) -> None:
    case, unit = await registered(api), next(iter(place.cast.units))
    async with await as_somebody(world, place, role, unit=unit) as client:
        answer = await ask(client, case)
    assert answer.status_code == 403
    assert "王秀英" not in answer.text
    assert (await api.get(readings(case))).json()["items"] == []


async def test_the_unit_that_is_reported_never_sees_who(world: World, place: Place, api: httpx.AsyncClient) -> None:
    key, unit = next(iter(place.cast.units.items()))
    case = await registered(api, subject_unit=str(unit))
    async with await as_somebody(world, place, Role.INTAKE_CLERK, unit=key) as own:
        answer = await ask(own, case)
    assert (answer.status_code, answer.json()["code"]) == (403, "petitioners.own-unit")
    async with await as_somebody(world, place, Role.INTAKE_CLERK) as other:
        assert (await ask(other, case)).status_code == 201


async def test_only_an_auditor_lists_the_readings(world: World, place: Place, api: httpx.AsyncClient) -> None:
    case = await registered(api)
    async with await as_somebody(world, place, Role.INTAKE_CLERK) as clerk:
        assert (await clerk.get(readings(case))).status_code == 403
    async with await as_somebody(world, place, Role.AUDITOR) as auditor:
        assert (await auditor.get(readings(case))).json() == {"items": []}


async def test_an_anonymous_tip_off_has_nobody_to_read(world: World, place: Place, api: httpx.AsyncClient) -> None:
    case = await registered(api, petitioner=None)
    async with await as_somebody(world, place, Role.INTAKE_CLERK) as clerk:
        answer = await ask(clerk, case)
    assert (answer.status_code, answer.json()["code"]) == (422, "petitioners.anonymous")


@pytest.mark.parametrize(
    ("petitioner", "status", "field"),
    [
        ({}, 422, "/petitioner"),
        ({"address": "某处"}, 422, "/petitioner"),
        ({"name": "张三", "id_number": "110105194912310021"}, 422, "/petitioner/id_number"),
        ({"phone": "一二三"}, 400, "/petitioner/phone"),
        ({"name": "张\u202e三"}, 400, "/petitioner/name"),
        ({"name": "张三", "email": "nobody"}, 400, "/petitioner/email"),
        ({"nickname": "张三"}, 400, "/petitioner/nickname"),
    ],
)
async def test_a_petitioner_who_cannot_be_is_refused_by_field(
    api: httpx.AsyncClient, petitioner: dict[str, Any], status: int, field: str
) -> None:
    body = {
        "kind": "tip-off", "channel": await _channel(api), "title": "t", "narrative": "n", "subject": "s",
        "acts": ["baoding:tip-offs-2010#4.1"], "petitioner": petitioner,
    }  # fmt: skip
    answer = await api.post("/cases", json=body, headers={"idempotency-key": str(uuid4())})
    assert (answer.status_code, answer.json()["field"]) == (status, field)


async def test_unknown_purposes_and_cases(world: World, place: Place, api: httpx.AsyncClient) -> None:
    case = await registered(api)
    async with await as_somebody(world, place, Role.INTAKE_CLERK) as clerk:
        curious = await ask(clerk, case, purpose="curiosity")
        wordless = await ask(clerk, case, note=" ")
        nowhere = await ask(clerk, str(uuid4()))
    assert (curious.status_code, curious.json()["field"]) == (400, "/purpose")
    assert (wordless.status_code, wordless.json()["field"]) == (400, "/note")
    assert nowhere.status_code == 404
