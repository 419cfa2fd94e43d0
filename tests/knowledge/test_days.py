"""Validity and the duty to review go by legal time, which a sandbox can move."""

from __future__ import annotations

from uuid import uuid4

from tests.knowledge.conftest import Hall


async def test_the_clock_decides_what_is_found_and_what_must_be_reviewed(hall: Hall) -> None:
    mark = f"d{uuid4().hex[:10]}"
    article = await hall.published(phrasings=[mark], valid_to="2032-02-10", review_due_on="2032-01-31")
    later = await hall.published(phrasings=[mark], valid_from="2032-02-11", review_due_on="2033-01-31")

    async def found() -> list[tuple[str, bool]]:
        items = (await hall.clerk.get("/knowledge", q=mark))["items"]
        return [(item["id"], item["review_overdue"]) for item in items]

    async def overdue() -> list[str]:
        return [item["id"] for item in (await hall.clerk.get("/knowledge", review="overdue", limit=200))["items"]]

    # Local midnight of Shanghai is 16:00 of the day before in UTC.
    await hall.move("2032-01-31T15:59:00Z")
    assert await found() == [(article["id"], False)]
    assert article["id"] not in await overdue()
    await hall.move("2032-01-31T16:00:00Z")
    assert await found() == [(article["id"], True)]
    assert article["id"] in await overdue()
    await hall.move("2032-02-10T16:00:00Z")
    assert await found() == [(later["id"], False)]

    refused = await hall.author.ask(f"/knowledge/{article['id']}/reviews", {"review_due_on": "2032-02-10"}, 2)
    assert (refused.status_code, refused.json()["code"]) == (422, "knowledge.review-day-past")
    reviewed = await hall.author.do(f"/knowledge/{article['id']}/reviews", {"review_due_on": "2032-02-11"}, 2)
    assert reviewed["review_overdue"] is False
    assert article["id"] not in await overdue()


async def test_a_text_whose_day_of_review_has_passed_is_not_published(hall: Hall) -> None:
    from tests.knowledge.conftest import draft

    article = await hall.author.do("/knowledge", draft(hall.unit, review_due_on="2032-03-01"))
    await hall.move("2032-03-02T01:00:00Z")
    refused = await hall.second.ask(f"/knowledge/{article['id']}/publication", {}, 1)
    assert (refused.status_code, refused.json()["code"]) == (422, "knowledge.review-day-past")
