"""Each time that an answer is told is counted, with a case or without, by many operators at once."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from core.procedure import Role
from core.store.tables import TENANT, knowledge_tally, knowledge_use
from tests.knowledge.conftest import Hall, Staff, draft
from tests.story.matters import registration

PERIOD = {"from": "2000-01-01", "to": "2099-12-31"}


def uses(article: dict[str, Any]) -> str:
    return f"/knowledge/{article['id']}/uses"


async def counted(hall: Hall, article: dict[str, Any], **query: Any) -> tuple[int, int] | None:
    page = await hall.clerk.get("/knowledge/uses", **(PERIOD | {"limit": 200} | query))
    items = [item for item in page["items"] if item["article_id"] == article["id"]]
    return (items[0]["uses"], items[0]["helped"]) if items else None


async def registered(staff: Staff) -> str:
    """A case of the tenant."""
    answer = await staff.do("/cases", registration("complaint"))
    return str(answer["id"])


async def test_a_call_is_answered_without_a_case_or_in_one(hall: Hall) -> None:
    article, case = await hall.published(), await registered(hall.clerk)
    alone = await hall.clerk.do(uses(article), {"helped": True})
    assert (alone["case_id"], alone["number"], alone["helped"]) == (None, 1, True)
    within = await hall.clerk.do(uses(article), {"helped": False, "case_id": case})
    assert within["case_id"] == case
    assert await counted(hall, article) == (2, 1)
    assert (await hall.clerk.get(f"/knowledge/{article['id']}"))["uses"] == 2


async def test_the_same_key_is_one_use(hall: Hall) -> None:
    article, headers = await hall.published(), {"idempotency-key": str(uuid4())}
    answers = [await hall.clerk.client.post(uses(article), json={"helped": True}, headers=headers) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert await counted(hall, article) == (1, 1)


async def test_many_operators_at_once_lose_no_use_and_wait_for_nobody(hall: Hall) -> None:
    article = await hall.published()
    answers = await asyncio.gather(*(hall.clerk.ask(uses(article), {"helped": turn % 2 == 0}) for turn in range(24)))
    assert [answer.status_code for answer in answers] == [201] * 24
    assert await counted(hall, article) == (24, 12)
    async with hall.world.services.database.reading(hall.place.number) as session:
        of_article = knowledge_use.c.article_id == str_id(article)
        rows = await session.scalar(
            select(func.count()).select_from(knowledge_use).where(knowledge_use.c.tenant == TENANT, of_article)
        )
        shards = await session.scalar(
            select(func.count())
            .select_from(knowledge_tally)
            .where(knowledge_tally.c.tenant == TENANT, knowledge_tally.c.article_id == str_id(article))
        )
    assert rows == 24
    assert shards > 1, "one row for all would have been waited for"


def str_id(article: dict[str, Any]) -> Any:
    from uuid import UUID

    return UUID(article["id"])


async def test_a_period_counts_its_days_and_no_others(hall: Hall) -> None:
    article = await hall.published()
    today = (await hall.administrator.get("/sandbox/clock"))["now"][:10]
    await hall.clerk.do(uses(article), {"helped": True})
    assert await counted(hall, article, **{"from": "2000-01-01", "to": "2000-12-31"}) is None
    assert await counted(hall, article, **{"from": today, "to": "2099-12-31"}) == (1, 1)


async def test_units_see_which_answers_carry_the_hotline(hall: Hall) -> None:
    own = await hall.published()
    other = await hall.outsider.do("/knowledge", draft(hall.other_unit))
    other = await hall.supervisor.do(f"/knowledge/{other['id']}/publication", {}, 1)
    before = await by_unit(hall)
    for article, times in ((own, 3), (other, 1)):
        for _ in range(times):
            await hall.clerk.do(uses(article), {"helped": True})
    after = await by_unit(hall)
    assert after[hall.unit] - before.get(hall.unit, 0) == 3
    assert after[hall.other_unit] - before.get(hall.other_unit, 0) == 1
    page = await hall.clerk.get("/knowledge/uses", **PERIOD, unit_id=hall.other_unit, limit=200)
    assert {item["unit_id"] for item in page["items"]} == {item["unit_id"] for item in page["units"]} == {hall.other_unit}


async def by_unit(hall: Hall) -> dict[str, int]:
    page = await hall.clerk.get("/knowledge/uses", **PERIOD)
    assert all(item["unit_name"] for item in page["units"])
    return {item["unit_id"]: item["uses"] for item in page["units"]}


async def test_the_articles_of_a_period_come_in_pages_most_used_first(hall: Hall) -> None:
    articles = [await hall.published() for _ in range(3)]
    for article in (articles[1], articles[1], articles[2]):
        await hall.clerk.do(uses(article), {"helped": False})
    whole = (await hall.clerk.get("/knowledge/uses", **PERIOD, limit=200))["items"]
    assert whole == sorted(whole, key=lambda item: -item["uses"])
    paged: list[Any] = []
    query: dict[str, Any] = PERIOD | {"limit": 1}
    while query:
        page = await hall.clerk.get("/knowledge/uses", **query)
        paged += page["items"]
        query = PERIOD | {"limit": 1, "cursor": page["next"]} if page["next"] else {}
    assert paged == whole


async def test_what_is_not_published_is_not_told(hall: Hall) -> None:
    article = await hall.author.do("/knowledge", draft(hall.unit))
    answer = await hall.clerk.ask(uses(article), {"helped": True})
    assert (answer.status_code, answer.json()["code"]) == (409, "knowledge.not-published")


async def test_a_case_that_the_person_may_not_see_is_none(hall: Hall) -> None:
    article, case = await hall.published(), await registered(hall.clerk)
    for staff, id_ in ((hall.clerk, str(uuid4())), (hall.outsider, case)):
        answer = await staff.ask(uses(article), {"helped": True, "case_id": id_})
        assert (answer.status_code, answer.json()["code"]) == (422, "knowledge.case-unknown")
        assert answer.json()["field"] == "/case_id"
    assert await counted(hall, article) is None


@pytest.mark.parametrize("body", [{}, {"helped": "yes"}, {"helped": True, "case_id": "x"}, {"helped": True, "times": 9}])
async def test_bad_uses_are_refused(hall: Hall, body: dict[str, Any]) -> None:
    article = await hall.published()
    assert (await hall.clerk.ask(uses(article), body)).status_code == 400
    assert await counted(hall, article) is None


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 400),
        ({"from": "2026-01-01"}, 400),
        ({"from": "2026-01-02", "to": "2026-01-01"}, 422),
        ({"from": "x", "to": "2026-01-01"}, 400),
        ({**PERIOD, "cursor": "e30"}, 400),
    ],
)
async def test_bad_periods_are_refused(hall: Hall, query: dict[str, str], status: int) -> None:
    answer = await hall.clerk.client.get("/knowledge/uses", params=query)
    assert answer.status_code == status, answer.text


async def test_uses_stand_in_the_trail_and_the_events_without_words(hall: Hall, hire: Any) -> None:
    article = await hall.published(question="秘而不宣的问题", answer="秘而不宣的答复")
    await hall.clerk.do(uses(article), {"helped": True})
    async with hall.world.services.database.reading(hall.place.number) as session:
        from core.store.tables import audit, outbox

        subject = f"knowledge:{article['id']}"
        actions = await session.all(
            select(audit.c.action).where(audit.c.tenant == TENANT, audit.c.subject == subject).order_by(audit.c.at)
        )
        events = await session.all(select(outbox.c.type, outbox.c.refs).where(outbox.c.tenant == TENANT))
    assert [row["action"] for row in actions] == ["knowledge.drafted", "knowledge.published", "knowledge.used"]
    assert {"knowledge.drafted", "knowledge.published", "knowledge.used"} <= {row["type"] for row in events}
    assert "秘而不宣" not in str(events)


async def test_only_staff_searches(hall: Hall, hire: Any) -> None:
    nobody: Staff = await hire(hall.place)
    assert (await nobody.client.get("/knowledge", params={"q": "住房"})).status_code == 403
    reader: Staff = await hire(hall.place, Role.AUDITOR)
    assert (await reader.client.get("/knowledge", params={"q": "住房"})).status_code == 200
