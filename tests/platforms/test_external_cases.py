"""A platform's own ids of cases: registered once, found again, added to; never edited, never another's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import Table, func, select

from api.routes.case_examples import registration_examples
from core.procedure import Role
from core.store.tables import TENANT, audit, case_supplement, cases, external_case, metadata, outbox
from core.tenants.client import Credentials
from core.tenants.scopes import Scope
from tests.support.world import Place, World, asking

CLERK = (Role.INTAKE_CLERK, Role.DISPATCHER)
_TABLES = [table for table in metadata.sorted_tables if "tenant" in table.c]
_COUNTS = {table.name: select(func.count()).select_from(table).where(table.c.tenant == TENANT) for table in _TABLES}


class Sender:
    """One client that registers by its own ids."""

    def __init__(self, world: World, place: Place, credentials: Credentials, http: httpx.AsyncClient) -> None:
        self.world, self.place, self.credentials, self.http = world, place, credentials, http

    async def put(self, external_id: str, body: Any) -> httpx.Response:
        return await self.http.put(f"/t/{self.place.slug}/v1/external-cases/{external_id}", json=body)

    async def get(self, path: str) -> httpx.Response:
        return await self.http.get(f"/t/{self.place.slug}/v1{path}")

    async def step(self, case: dict[str, Any], step: str, body: dict[str, Any]) -> dict[str, Any]:
        path = f"/t/{self.place.slug}/v1/cases/{case['id']}/steps/{case['kind']}/{step}"
        headers = {"idempotency-key": str(uuid4()), "if-match": f'"{case["version"]}"'}
        answer = await self.http.post(path, json=body, headers=headers)
        assert answer.is_success, answer.text
        done: dict[str, Any] = answer.json()
        return done

    async def counts(self) -> dict[str, int]:
        """How many rows the tenant has in each table."""
        async with self.world.services.database.reading(self.place.number) as session:
            return {name: await session.scalar(statement) for name, statement in _COUNTS.items()}

    async def rows(self, table: Table, *conditions: Any) -> list[dict[str, Any]]:
        """Rows of the tenant."""
        async with self.world.services.database.reading(self.place.number) as session:
            return [dict(row) for row in await session.all(select(table).where(table.c.tenant == TENANT, *conditions))]


async def open_sender(world: World, place: Place, *roles: Role, unit: str | None = None) -> Sender:
    credentials = await world.register(place.cast, roles, Scope, unit)
    return Sender(world, place, credentials, asking(world.app(), await world.token(place, credentials)))


@pytest.fixture
async def sender(world: World, place: Place) -> AsyncIterator[Sender]:
    """A client whose person registers cases."""
    made = await open_sender(world, place, *CLERK)
    yield made
    await made.http.aclose()


@pytest.fixture
def body(place: Place) -> dict[str, Any]:
    """A registration, with its petitioner."""
    example: dict[str, Any] = registration_examples(place.cast.city.kinds.values())["complaint"]
    return example


def fresh() -> str:
    return f"HX-{uuid4().hex[:12]}"


async def test_the_first_time_registers_and_the_same_again_writes_nothing(sender: Sender, body: dict[str, Any]) -> None:
    id_ = fresh()
    made = await sender.put(id_, body)
    assert made.status_code == 201, made.text
    case = made.json()
    assert made.headers["location"].endswith(f"/t/ankang/v1/cases/{case['id']}")
    assert (made.headers["etag"], case["receipt"] is not None) == ('"1"', True)
    before = await sender.counts()
    for _ in range(3):
        again = await sender.put(id_, dict(reversed(body.items())))
        assert (again.status_code, again.headers["etag"]) == (200, '"1"'), again.text
        assert (again.json()["id"], again.json()["number"], again.json()["receipt"]) == (case["id"], case["number"], None)
    assert await sender.counts() == before
    found = await sender.get(f"/external-cases/{id_}")
    assert (found.status_code, found.json()["id"], found.headers["etag"]) == (200, case["id"], '"1"')
    assert found.json() == (await sender.get(f"/cases/{case['id']}")).json()


async def test_left_out_and_null_and_offsets_mean_the_same(sender: Sender, body: dict[str, Any]) -> None:
    id_ = fresh()
    plain = {name: value for name, value in body.items() if name not in {"note", "received_at"}}
    first = await sender.put(id_, plain | {"received_at": "2026-03-02T09:00:00+08:00", "received_reason": "来信"})
    if first.status_code == 400:
        first = await sender.put(id_, plain | {"received_at": "2026-03-02T09:00:00+08:00"})
    assert first.status_code in {201, 422}, first.text
    other = fresh()
    assert (await sender.put(other, plain)).status_code == 201
    assert (await sender.put(other, plain | {"note": None, "received_at": None})).status_code == 200


async def test_new_words_are_added_and_nothing_is_edited(sender: Sender, body: dict[str, Any]) -> None:
    id_ = fresh()
    case = (await sender.put(id_, body)).json()
    changed = await sender.put(id_, body | {"narrative": "又漏水了，物业仍未修。", "note": "来电补充"})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"'), changed.text
    now = changed.json()
    assert (now["version"], now["narrative"], now["title"]) == (2, case["narrative"], case["title"])
    assert (now["state"], now["deadlines"], now["receipt"]) == (case["state"], case["deadlines"], None)
    (added,) = (await sender.get(f"/cases/{case['id']}/supplements")).json()["items"]
    assert (added["seq"], added["title"], added["narrative"]) == (2, None, "又漏水了，物业仍未修。")
    assert (added["note"], added["role"], added["clause"]) == ("来电补充", "intake-clerk", "wenze:house#supplement")
    same = await sender.put(id_, body | {"narrative": "又漏水了，物业仍未修。"})
    assert (same.status_code, same.json()["version"]) == (200, 2), "a note that is left out takes nothing back"
    titled = await sender.put(id_, body | {"narrative": "又漏水了，物业仍未修。", "title": "三次报修无果"})
    assert titled.json()["version"] == 3
    items = (await sender.get(f"/cases/{case['id']}/supplements")).json()["items"]
    assert [(item["seq"], item["title"], item["narrative"]) for item in items[1:]] == [(3, "三次报修无果", None)]


async def test_a_supplement_is_on_the_trail_without_its_words(sender: Sender, body: dict[str, Any]) -> None:
    id_ = fresh()
    case = (await sender.put(id_, body)).json()
    await sender.put(id_, body | {"narrative": "独一无二的补充"})
    person = (await sender.get("/me")).json()["person_id"]
    trail = await sender.rows(audit, audit.c.subject == f"case:{case['id']}")
    last = max(trail, key=lambda row: row["seq"])
    assert (last["action"], last["role"], str(last["person_id"])) == ("case.supplemented", "intake-clerk", person)
    assert last["client_id"] is not None
    (event,) = await sender.rows(outbox, outbox.c.type == "case.supplemented", outbox.c.subject == f"case:{case['id']}")
    assert event["refs"].keys() == {"case_id", "supplement_id", "version"}
    told = str(await sender.rows(metadata.tables["audit_content"]))
    assert "独一无二的补充" not in told


async def test_the_next_step_is_decided_on_the_supplemented_case(sender: Sender, body: dict[str, Any]) -> None:
    id_ = fresh()
    case = (await sender.put(id_, body)).json()
    after = (await sender.put(id_, body | {"narrative": "补充"})).json()
    path = f"/t/ankang/v1/cases/{case['id']}/steps/complaint/withdraw"
    headers = {"idempotency-key": str(uuid4()), "if-match": '"1"'}
    stale = await sender.http.post(path, json={"reason": "已解决"}, headers=headers)
    assert stale.status_code == 412
    ended = await sender.step(after, "withdraw", {"reason": "已解决"})
    assert ended["version"] == 3
    refused = await sender.put(id_, body | {"narrative": "再补充"})
    assert (refused.status_code, refused.json()["code"]) == (409, "platforms.case-ended")
    assert refused.json()["clause"] == "wenze:house#reopening"
    unchanged = await sender.put(id_, body | {"narrative": "补充"})
    assert (unchanged.status_code, unchanged.json()["state"]) == (200, ended["state"])


async def test_anything_but_words_is_refused_by_name(sender: Sender, body: dict[str, Any]) -> None:
    id_ = fresh()
    await sender.put(id_, body)
    before = await sender.counts()
    other = {"petitioner": None, "channel": _another_channel(sender.place, body["channel"])}
    for name, value in other.items():
        answer = await sender.put(id_, body | {name: value, "narrative": "另有变动"})
        problem = answer.json()
        assert (answer.status_code, problem["code"], problem["field"]) == (422, "platforms.only-words", f"/{name}")
        assert problem["clause"] == "wenze:house#supplement"
    assert await sender.counts() == before


def _another_channel(place: Place, channel: str) -> str:
    kind = place.cast.city.kind("complaint")
    return next(str(option.key or option.clause) for option in kind.channels if option.key != channel)


async def test_ten_at_once_register_one_case_with_one_number(sender: Sender, body: dict[str, Any]) -> None:
    id_ = fresh()
    before = {row["number"] for row in await sender.rows(cases)}
    answers = await asyncio.gather(*(sender.put(id_, body) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    new = {row["number"] for row in await sender.rows(cases)} - before
    assert new == {answers[0].json()["number"]}
    assert sum(answer.json()["receipt"] is not None for answer in answers) == 1
    following = (await sender.put(fresh(), body)).json()["number"]
    assert int(following[-6:]) == int(next(iter(new))[-6:]) + 1, "no number was lost"


async def test_additions_at_once_follow_each_other(sender: Sender, body: dict[str, Any]) -> None:
    id_ = fresh()
    case = (await sender.put(id_, body)).json()
    said = [f"补充之{number}" for number in range(8)]
    answers = await asyncio.gather(*(sender.put(id_, body | {"narrative": text}) for text in said))
    assert {answer.status_code for answer in answers} == {200}, [answer.text for answer in answers]
    items = (await sender.get(f"/cases/{case['id']}/supplements")).json()["items"]
    assert sorted(item["narrative"] for item in items) == said
    assert [item["seq"] for item in items] == list(range(2, 10))
    same = await asyncio.gather(*(sender.put(id_, body | {"narrative": "同一句"}) for _ in range(8)))
    assert {answer.json()["version"] for answer in same} == {10}


async def test_an_id_is_the_clients_own(world: World, place: Place, sender: Sender, body: dict[str, Any]) -> None:
    id_ = fresh()
    case = (await sender.put(id_, body)).json()
    other = await open_sender(world, place, *CLERK)
    missing, foreign = await other.get("/external-cases/none"), await other.get(f"/external-cases/{id_}")
    assert (missing.status_code, foreign.status_code) == (404, 404)
    assert missing.json() | {"instance": ""} == foreign.json() | {"instance": ""}
    second = await other.put(id_, body)
    assert (second.status_code, second.json()["id"] != case["id"]) == (201, True)
    rows = await sender.rows(external_case, external_case.c.external_id == id_)
    assert len({row["client_id"] for row in rows}) == 2
    prints = [row["prints"] for row in rows]
    assert not set(prints[0].values()) & set(prints[1].values()), "equal words do not look equal"
    await other.http.aclose()


GOOD_IDS = ["1", "A.b_c~d:e@f-9", "x" * 100, "12345-2026-000001", "a..b"]
BAD_IDS = [
    ".",
    "..",
    "-x",
    "x-",
    "x" * 101,
    "a%20b",
    "%E5%8F%B7",
    "a%00b",
    "a%0Ab",
    "a+b",
    "a%252Fb",
    "%ef%bc%91",
    "x%0a",
]


@pytest.mark.parametrize("id_", GOOD_IDS, ids=[item[:20] for item in GOOD_IDS])
async def test_ids_that_are_taken(sender: Sender, body: dict[str, Any], id_: str) -> None:
    assert (await sender.put(id_, body)).status_code == 201
    assert (await sender.get(f"/external-cases/{id_}")).status_code == 200


@pytest.mark.parametrize("id_", BAD_IDS, ids=[item[:20] for item in BAD_IDS])
async def test_ids_that_are_not(sender: Sender, body: dict[str, Any], id_: str) -> None:
    before = await sender.counts()
    for answer in (await sender.put(id_, body), await sender.get(f"/external-cases/{id_}")):
        assert answer.status_code in {400, 404, 405}, answer.text
        if answer.status_code == 400:
            problem = answer.json()
            assert (problem["code"], problem["in"]) == ("platforms.external-id-malformed", "path")
    assert await sender.counts() == before


@pytest.mark.parametrize("path", [f"/external-cases/{rest}" for rest in ("a%2Fb", "a/b", "/a", "a/", "%2Fa", "a%2F")])
async def test_a_slash_is_never_part_of_an_id(sender: Sender, body: dict[str, Any], path: str) -> None:
    made = await sender.put("a", body)
    assert made.status_code in {200, 201}
    before = await sender.counts()
    address = f"https://wenze.example.cn/t/ankang/v1{path}"
    for answer in (await sender.http.put(address, json=body | {"narrative": "旁路"}), await sender.http.get(address)):
        assert answer.status_code in {404, 405}, (path, answer.status_code, answer.text)
    assert await sender.counts() == before


async def test_a_bad_body_writes_nothing(sender: Sender, body: dict[str, Any]) -> None:
    before = await sender.counts()
    changes: list[dict[str, Any]] = [{"surplus": 1}, {"narrative": "a\x00b"}, {"title": ""}, {"kind": "none"}]
    for bad in ({}, [], "x", *(body | change for change in changes)):
        answer = await sender.put(fresh(), bad)
        assert answer.status_code == 400, answer.text
    assert await sender.counts() == before


async def test_who_may_not_register_may_not_send(world: World, place: Place, body: dict[str, Any]) -> None:
    auditor = await open_sender(world, place, Role.AUDITOR)
    answer = await auditor.put(fresh(), body)
    assert (answer.status_code, answer.json()["code"]) == (403, "tenants.role-missing")
    await auditor.http.aclose()


async def test_units_and_onlookers_do_not_see_supplements(
    world: World, place: Place, sender: Sender, body: dict[str, Any]
) -> None:
    id_ = fresh()
    case = (await sender.put(id_, body)).json()
    await sender.put(id_, body | {"narrative": "本人电话 139 0000 0000"})
    unit = next(person.unit for person in place.cast.city.story.people if Role.UNIT_OFFICER in person.roles)
    onlooker = await open_sender(world, place, Role.AUDITOR)
    officer = await open_sender(world, place, Role.UNIT_OFFICER, unit=unit)
    refused = await onlooker.get(f"/cases/{case['id']}/supplements")
    assert (refused.status_code, refused.json()["code"]) == (403, "platforms.supplements-not-yours")
    assert refused.json()["clause"] == "wenze:house#privacy"
    assert (await officer.get(f"/cases/{case['id']}/supplements")).status_code == 404
    both = await open_sender(world, place, Role.UNIT_OFFICER, Role.AUDITOR, unit=unit)
    assert (await both.get(f"/cases/{case['id']}/supplements")).status_code == 403
    assert (await sender.get(f"/cases/{uuid4()}/supplements")).status_code == 404
    for opened in (onlooker, officer, both):
        await opened.http.aclose()


async def test_the_words_stand_in_the_supplement_alone(sender: Sender, body: dict[str, Any]) -> None:
    id_ = fresh()
    case = (await sender.put(id_, body)).json()
    await sender.put(id_, body | {"narrative": "只在补充中的话"})
    held = [table.name for table in _TABLES if "只在补充中的话" in str(await sender.rows(table))]
    assert held == [case_supplement.name], case["id"]
