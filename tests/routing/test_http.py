"""Routing over HTTP: rules, proposals with their reasons, what the dispatcher decided, and who may know."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import bindparam, func, select, update

from api.openapi.examples import fill
from api.routes.case_examples import registration_examples
from core.procedure import CaseKind, Role
from core.store.tables import TENANT, audit, cases, outbox, routing_outcome
from tests.routing.conftest import BASIS, Ask, Hall
from tests.support.world import World, asking

NOWHERE = "0199f3a2-0000-7000-8000-000000000001"
ZHANGGONG, NANKANG = "360702001", "360703"


def ids(proposal: Any) -> list[str]:
    return [reason["id"].removeprefix("routing.why.") for reason in proposal["reasons"]]


async def asked(hall: Hall, **facts: Any) -> Any:
    return await hall.done("/calculations/routing", {"kind": "hotline-order"} | facts)


async def test_a_rule_is_recorded_and_read_by_its_location(hall: Hall) -> None:
    category, water = await hall.category(), hall.units["water-company"]
    body = {
        "target": "unit", "unit_id": hall.units["urban-management"], "cooperating_unit_ids": [water], "category": category,
        "division": "360702", "kind": "hotline-order", "channel": "hotline", "urgent": True, "priority": 7,
        "valid_from": "2026-01-01", "basis": BASIS,
    }  # fmt: skip
    answer = await hall.post("/routing-rules", body)
    assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
    read = await hall.client.get(answer.headers["location"])
    assert (read.status_code, read.headers["etag"], read.json()) == (200, '"1"', answer.json())
    assert {name: answer.json()[name] for name in body} == body
    assert answer.json()["valid_to"] is None


async def test_a_rule_ends_once_on_a_day_that_it_reached(hall: Hall) -> None:
    category = await hall.category()
    rule = await hall.rule("water-company", category=category, valid_from="2026-03-01")
    path, end = f"/routing-rules/{rule['id']}/end", {"last_day": "2026-06-30", "reason": "机构调整"}
    assert (await hall.post(path, end)).status_code == 428
    assert (await hall.post(path, end, '"7"')).status_code == 412
    early = await hall.post(path, end | {"last_day": "2026-02-28"}, '"1"')
    assert (early.status_code, early.json()["code"]) == (422, "tenants.ends-before-it-begins")
    ended = await hall.post(path, end, '"1"')
    assert (ended.status_code, ended.headers["etag"], ended.json()["valid_to"]) == (200, '"2"', "2026-06-30")
    again = await hall.post(path, end, '"2"')
    assert (again.status_code, again.json()["code"]) == (409, "routing.already-ended")
    days = ("2026-02-28", "2026-03-01", "2026-06-30", "2026-07-01")
    found = [(await asked(hall, category=category, on=day))["rule_id"] for day in days]
    assert found == [None, rule["id"], rule["id"], None]


async def test_rules_are_listed_page_by_page_and_by_what_they_are_about(hall: Hall) -> None:
    above = await hall.category()
    below = await hall.category(parent=above)
    made = [(await hall.rule("water-company", category=code))["id"] for code in (above, below, below)]
    later = (await hall.rule("urban-management", category=above, valid_from="2027-01-01"))["id"]

    async def listed(**query: Any) -> list[str]:
        found, path = [], f"/t/{hall.slug}/v1/routing-rules"
        while path:
            answer = await hall.client.get(path, params=query or None)
            found += [item["id"] for item in answer.json()["items"]]
            path, query = answer.links.get("next", {}).get("url", ""), {}
        return found

    assert await listed(category=above, limit=2) == [*made, later]
    assert await listed(category=below) == made[1:]
    assert await listed(category=above, on="2026-12-31") == made
    assert await listed(category=above, unit_id=hall.units["urban-management"]) == [later]
    assert (await hall.get("/routing-rules", cursor="nonsense")).status_code == 400


async def test_the_reasons_are_told_in_the_readers_language(hall: Hall) -> None:
    category = await hall.category()
    rule = await hall.rule("water-company", category=category, priority=3)
    en = await asked(hall, category=category)
    assert (en["lead_unit_id"], en["rule_id"]) == (hall.units["water-company"], rule["id"])
    assert en["reasons"] == [
        {"id": "routing.why.rule", "rule_id": rule["id"], "text": f"The rule '{BASIS}' (priority 3) proposes 市水务集团"}
    ]
    hall.client.headers["accept-language"] = "zh"
    zh = await asked(hall, category=category)
    assert zh["reasons"][0]["text"] == f"规则“{BASIS}”（优先级 3）建议由 市水务集团 承办"


async def test_without_a_rule_the_category_says_where_it_goes(hall: Hall) -> None:
    unit = hall.units["urban-management"]
    above = await hall.category(default_unit_id=unit)
    below = await hall.category(parent=above)
    found = await asked(hall, category=below)
    assert (found["lead_unit_id"], found["rule_id"], ids(found)) == (unit, None, ["no-rule", "category-inherited"])
    nothing = await asked(hall)
    assert (nothing["lead_unit_id"], ids(nothing)) == (None, ["no-rule", "nothing"])


async def test_the_dispatcher_decides_and_what_was_proposed_stays_on_record(hall: Hall) -> None:
    category = await hall.category()
    rule = await hall.rule("water-company", category=category)
    followed, departed = [await hall.order(category=category) for _ in range(2)]
    before = await hall.proposal(followed)
    assert (before["lead_unit_id"], before["decisions"]) == (hall.units["water-company"], [])
    followed = await hall.dispatch(followed, "water-company")
    departed = await hall.dispatch(departed, "urban-management")
    (decision,) = (await hall.proposal(departed))["decisions"]
    told = (decision["rule_id"], decision["proposed_unit_id"], decision["lead_unit_id"], decision["followed"])
    assert told == (rule["id"], hall.units["water-company"], hall.units["urban-management"], False)
    named = (await hall.proposal(departed))["unit_names"]
    assert named == {hall.units["water-company"]: "市水务集团", hall.units["urban-management"]: "市城市管理局"}
    await hall.dispatch(departed, "water-company", "redispatch", why_redispatched="属管网")
    assert [item["followed"] for item in (await hall.proposal(departed))["decisions"]] == [False, True]
    steps = (await hall.get(f"/cases/{followed['id']}/steps")).json()["items"]
    assert "proposed" not in str(steps[-1]["data"])
    counted = (await hall.get(f"/routing-rules/{rule['id']}/outcomes")).json()
    assert counted == {"rule_id": rule["id"], "proposed": 3, "followed": 2, "departed": 1, "returned": 0}


async def test_orders_that_came_back_after_the_proposal_was_followed_are_counted(hall: Hall, world: World) -> None:
    category = await hall.category()
    rule = await hall.rule("water-company", category=category)
    case = await hall.dispatch(await hall.order(category=category), "water-company")
    back = update(cases).where(cases.c.tenant == TENANT, cases.c.id == bindparam("of_case")).values(returns=1)
    async with world.services.database.tenant(hall.place.number) as session:
        await session.execute(back, {"of_case": UUID(case["id"])})
    await hall.dispatch(case, "water-company", "redispatch", why_redispatched="仍属该单位")
    path = f"/routing-rules/{rule['id']}/outcomes"
    assert {name: (await hall.get(path)).json()[name] for name in ("followed", "returned")} == {"followed": 2, "returned": 1}
    for query in ({"to": "2026-01-01"}, {"from": "9999-12-31"}, {"from": "0001-01-01", "to": "0001-01-02"}):
        assert (await hall.get(path, **query)).json()["proposed"] == 0
    assert (await hall.get(path, **{"from": "0001-01-01", "to": "9999-12-31"})).json()["proposed"] == 2


async def test_nothing_is_kept_where_nothing_was_proposed(hall: Hall, world: World) -> None:
    case = await hall.dispatch(await hall.order(), "water-company")
    assert (await hall.proposal(case))["decisions"] == []
    count = select(func.count()).select_from(routing_outcome).where(
        routing_outcome.c.tenant == TENANT, routing_outcome.c.case_id == bindparam("of_case")
    )  # fmt: skip
    async with world.services.database.reading(hall.place.number) as session:
        assert await session.scalar(count, {"of_case": UUID(case["id"])}) == 0


async def test_the_last_order_of_the_same_petitioner_shows_the_way(hall: Hall) -> None:
    category, phone = await hall.category(), f"139{uuid4().int % 10**8:08d}"
    rule = await hall.rule(category=category, target="last-of-petitioner")
    people = [
        {"name": "温国平", "phone": phone},
        {"name": "温先生", "phone": phone},
        {"name": "他人", "phone": "13811112222"},
    ]
    first = await hall.dispatch(await hall.order(category=category, petitioner=people[0]), "water-company")
    again = await hall.proposal(await hall.order(category=category, petitioner=people[1]))
    assert (again["lead_unit_id"], again["rule_id"]) == (hall.units["water-company"], rule["id"])
    assert first["number"] not in again["reasons"][0]["text"], "who asks is also an officer of a unit"
    assert phone not in str(again)
    for petitioner in ({"petitioner": people[2]}, {}):
        other = await hall.proposal(await hall.order(category=category, **petitioner))
        assert (other["lead_unit_id"], ids(other)) == (None, ["no-last-order", "nothing"])
    assert ids(await hall.proposal(first)) == ["no-last-order", "nothing"]


async def test_an_id_number_tells_the_same_petitioner_too(hall: Hall) -> None:
    category = await hall.category()
    await hall.rule(category=category, target="last-of-petitioner")
    number = {"name": "温国平", "id_number": "11010519491231002X"}
    await hall.dispatch(await hall.order(category=category, petitioner=number), "urban-management")
    found = await hall.proposal(await hall.order(category=category, petitioner=number))
    assert found["lead_unit_id"] == hall.units["urban-management"]


async def test_the_last_order_of_the_same_category_and_place_shows_the_way(hall: Hall) -> None:
    category, other = await hall.category(), await hall.category()
    await hall.rule(category=None, priority=1000, target="last-of-matter", division="360702")
    for unit in ("water-company", "urban-management"):
        await hall.dispatch(await hall.order(category=category, place={"division": ZHANGGONG}), unit)
    found = await hall.proposal(await hall.order(category=category, place={"division": ZHANGGONG}))
    assert (found["lead_unit_id"], ids(found)) == (hall.units["urban-management"], ["rule-last-of-matter"])
    assert (await asked(hall, category=category, division=ZHANGGONG))["lead_unit_id"] == hall.units["urban-management"]
    for facts in ({"category": other, "division": ZHANGGONG}, {"category": category, "division": "360702002"}):
        assert ids(await asked(hall, **facts)) == ["no-last-order", "nothing"]
    assert ids(await asked(hall, category=category, division=NANKANG)) == ["no-rule", "nothing"]


REFUSED = [
    ({"unit_id": None}, "routing.unit-missing", "/unit_id"),
    ({"target": "last-of-matter"}, "routing.unit-missing", "/unit_id"),
    ({"unit_id": NOWHERE}, "tenants.unit-unknown", "/unit_id"),
    ({"cooperating_unit_ids": [NOWHERE]}, "tenants.unit-unknown", "/cooperating_unit_ids/0"),
    ({"valid_from": "2025-12-31"}, "tenants.unit-not-active", "/unit_id"),
    ({"category": "nowhere"}, "routing.category-unknown", "/category"),
    ({"kind": "tip-off"}, "routing.kind-unknown", "/kind"),
    ({"channel": "pigeon"}, "routing.channel-unknown", "/channel"),
]


@pytest.mark.parametrize(("changes", "code", "field"), REFUSED)
async def test_a_rule_that_cannot_be_is_refused_by_field(hall: Hall, world: World, changes, code, field) -> None:
    body = {"target": "unit", "unit_id": hall.units["water-company"], "valid_from": "2026-01-01", "basis": BASIS}
    before = await counted(hall, world)
    answer = await hall.post(
        "/routing-rules", {name: value for name, value in (body | changes).items() if value is not None}
    )
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, code, field)
    assert await counted(hall, world) == before


async def counted(hall: Hall, world: World) -> tuple[int, ...]:
    counts = [select(func.count()).select_from(table).where(table.c.tenant == TENANT) for table in (audit, outbox)]
    async with world.services.database.reading(hall.place.number) as session:
        return tuple([await session.scalar(count) for count in counts])


async def test_a_unit_stands_once_in_a_rule(hall: Hall) -> None:
    unit = hall.units["water-company"]
    body = {"target": "unit", "unit_id": unit, "cooperating_unit_ids": [unit], "valid_from": "2026-01-01", "basis": BASIS}
    answer = await hall.post("/routing-rules", body)
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (
        422,
        "routing.unit-twice",
        "/cooperating_unit_ids/0",
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"target": "mayor"}, "/target"),
        ({"priority": -1}, "/priority"),
        ({"priority": 10**20}, "/priority"),
        ({"division": "36070"}, "/division"),
        ({"division": "３６０７０２"}, "/division"),
        ({"channel": ""}, "/channel"),
        ({"channel": "a\u0000b"}, "/channel"),
        ({"category": "a/b"}, "/category"),
        ({"urgent": "yes"}, "/urgent"),
        ({"unit_id": "x"}, "/unit_id"),
        ({"cooperating_unit_ids": ["x"]}, "/cooperating_unit_ids/0"),
        ({"basis": " "}, "/basis"),
        ({"valid_from": "2026-13-01"}, "/valid_from"),
        ({"valid_to": "2026-12-31"}, "/valid_to"),
    ],
)
async def test_bad_input_names_the_field(hall: Hall, changes: dict[str, Any], field: str) -> None:
    body = {"target": "unit", "unit_id": hall.units["water-company"], "valid_from": "2026-01-01", "basis": BASIS}
    answer = await hall.post("/routing-rules", body | changes)
    assert (answer.status_code, answer.json()["field"]) == (400, field), answer.text


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"kind": "no-such-kind"}, 422, "/kind"),
        ({"channel": "pigeon"}, 422, "/channel"),
        ({"kind": 1}, 400, "/kind"),
        ({"division": "1"}, 400, "/division"),
        ({"on": "tomorrow"}, 400, "/on"),
        ({"petitioner": "x"}, 400, "/petitioner"),
    ],
)
async def test_a_bad_question_names_the_field(hall: Hall, changes: dict[str, Any], status: int, field: str) -> None:
    answer = await hall.post("/calculations/routing", {"kind": "hotline-order"} | changes)
    assert (answer.status_code, answer.json()["field"]) == (status, field), answer.text


async def test_an_unknown_category_is_no_reason_to_propose_anything(hall: Hall) -> None:
    assert ids(await asked(hall, category="nowhere")) == ["no-rule", "nothing"]


READS = [("GET", "/routing-rules"), ("GET", f"/routing-rules/{NOWHERE}"), ("GET", f"/cases/{NOWHERE}/routing")]


@pytest.mark.parametrize(("method", "path"), READS)
async def test_who_routes_may_read_and_units_may_not(ask_as: Ask, method: str, path: str) -> None:
    expected = 200 if path == "/routing-rules" else 404
    for role in (Role.INTAKE_CLERK, Role.DISPATCHER, Role.SUPERVISOR, Role.TENANT_ADMINISTRATOR):
        assert (await ask_as("ganzhou", role, method, path)).status_code == expected, role
    for role in (Role.UNIT_OFFICER, Role.AUDITOR, Role.INVESTIGATOR):
        assert (await ask_as("ganzhou", role, method, path)).status_code == 403, role


async def test_only_administrators_record_and_end_rules(ask_as: Ask, hall: Hall) -> None:
    body = {"target": "last-of-matter", "valid_from": "2026-01-01", "basis": BASIS}
    for role in (Role.INTAKE_CLERK, Role.DISPATCHER, Role.SUPERVISOR, Role.UNIT_OFFICER):
        assert (await ask_as("ganzhou", role, "POST", "/routing-rules", body)).status_code == 403
        assert (await ask_as("ganzhou", role, "POST", f"/routing-rules/{NOWHERE}/end", {})).status_code == 403


async def test_where_a_confidential_matter_goes_is_told_to_who_works_on_it(world: World, ask_as: Ask) -> None:
    kind = next(iter(world.services.jurisdictions.get("baoding").kinds.values()))
    place = world.places["baoding"]
    async with asking(world.app(), await world.token(place)) as client:
        headers = {"idempotency-key": str(uuid4())}
        case = await client.post("/t/baoding/v1/cases", json=_registration(kind), headers=headers)
    assert case.status_code == 201, case.text
    assert kind.confidential
    path = f"/cases/{case.json()['id']}/routing"
    assert Role.TENANT_ADMINISTRATOR not in kind.workers
    told = await ask_as("baoding", Role.TENANT_ADMINISTRATOR, "GET", path)
    assert (told.status_code, told.json()["code"]) == (403, "routing.not-entrusted")
    worker = next(role for role in (Role.INTAKE_CLERK, Role.DISPATCHER, Role.SUPERVISOR) if role in kind.workers)
    assert (await ask_as("baoding", worker, "GET", path)).status_code == 200


def _registration(kind: CaseKind) -> Any:
    """The document's own example, about nobody's unit."""
    example = fill(next(iter(registration_examples([kind]).values())))
    return {name: value for name, value in example.items() if name != "subject_unit"}


async def test_another_tenants_rule_and_case_look_like_none(world: World, hall: Hall) -> None:
    rule, case = await hall.rule("water-company", urgent=True, channel="hotline"), await hall.order()
    end = {"last_day": "2027-01-01", "reason": "误"}
    async with asking(world.app(), await world.token(world.places["baoding"])) as client:
        foreign = Hall(world, world.places["baoding"], client, "baoding")
        for template, own in (
            ("/routing-rules/{}", rule["id"]),
            ("/routing-rules/{}/outcomes", rule["id"]),
            ("/cases/{}/routing", case["id"]),
        ):
            answers = [await foreign.get(template.format(id_)) for id_ in (own, NOWHERE)]
            assert [answer.status_code for answer in answers] == [404, 404]
            assert len({_plain(answer) for answer in answers}) == 1
        ends = [await foreign.post(f"/routing-rules/{id_}/end", end, '"1"') for id_ in (rule["id"], NOWHERE)]
        assert [answer.status_code for answer in ends] == [404, 404]
        assert rule["id"] not in (await foreign.get("/routing-rules", limit=200)).text
    assert (await hall.get(f"/routing-rules/{rule['id']}")).json()["valid_to"] is None


def _plain(answer: Any) -> str:
    return str({name: value for name, value in answer.json().items() if name != "instance"})


async def test_a_case_is_put_only_into_a_category_that_is_open_and_meant_for_it(hall: Hall, world: World) -> None:
    gone = await hall.category()
    closing = {"title_zh": "分类", "valid_from": "2026-02-01", "basis": BASIS, "closed": True}
    await hall.done(f"/categories/{gone}/versions", closing, '"1"')
    words = {"kind": "hotline-order", "channel": "hotline", "title": "题", "narrative": "述", "rendition": "述"}
    before = await counted(hall, world)
    for code, refusal in (
        (gone, "categories.closed"),
        ("nowhere", "categories.not-there"),
        ("市政", "categories.not-there"),
    ):
        answer = await hall.post("/cases", words | {"category": code})
        assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, refusal, "/category"), (
            answer.text
        )
    assert await counted(hall, world) == before
    case = await hall.done("/cases", words)
    answer = await hall.post(f"/cases/{case['id']}/steps/hotline-order/accept", {"category": gone}, '"1"')
    assert (answer.status_code, answer.json()["code"]) == (422, "categories.closed")


async def test_the_categorys_limit_is_the_deadlines_and_its_explanation_says_so(hall: Hall) -> None:
    limit = {"term": {"unit": "working_day", "length": 2}, "basis": "专题会议纪要"}
    urgent = {"term": {"unit": "minute", "length": 45}, "basis": "应急预案"}
    above = await hall.category(handling_limit=limit, urgent_response_limit=urgent)
    below = await hall.category(parent=above)
    case = await hall.dispatch(await hall.order(category=below, urgent=True), "water-company")
    found = {item["key"]: item for item in (await hall.get(f"/cases/{case['id']}/deadlines")).json()["items"]}
    why = found["handling"]["explanation"]
    assert (why["figure_from"], why["basis"], why["category"]) == (f"category:{above}", "专题会议纪要", below)
    assert (why["term"]["unit"], why["term"]["length"]) == ("working_day", 2)
    soon = found["urgent-response"]["explanation"]
    assert (soon["figure_from"], soon["term"]["unit"], soon["term"]["length"]) == (f"category:{above}", "minute", 45)
    assert soon["clause"] == "ganzhou:hotline-2022#11.3"
