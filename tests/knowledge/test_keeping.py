"""Answers are drafted, published by a second person, reviewed, revised and withdrawn; nothing is ever edited."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.knowledge.conftest import DUE, Hall, Staff, draft, text


def path(article: dict[str, Any], what: str = "") -> str:
    return f"/knowledge/{article['id']}{what}"


async def test_a_draft_is_read_by_its_location_and_found_by_nobody(hall: Hall) -> None:
    word = f"q{uuid4().hex[:8]}"
    answer = await hall.author.ask("/knowledge", draft(hall.unit, phrasings=[word], categories=[]))
    assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
    made = answer.json()
    assert (made["state"], made["pending"], made["waiting"], made["uses"]) == ("draft", True, None, 0)
    assert await hall.clerk.get(answer.headers["location"]) == made
    assert (await hall.clerk.get("/knowledge", q=word))["items"] == []


async def test_the_author_cannot_publish_and_a_second_officer_can(hall: Hall) -> None:
    article = await hall.author.do("/knowledge", draft(hall.unit))
    refused = await hall.author.ask(path(article, "/publication"), {}, 1)
    assert (refused.status_code, refused.json()["code"]) == (422, "knowledge.own-text")
    assert refused.json()["clause"] == "wenze:house#foureyes"
    published = await hall.second.do(path(article, "/publication"), {"note": "核对无误"}, 1)
    assert (published["state"], published["pending"], published["version"]) == ("published", False, 2)
    history = await hall.clerk.get(path(article, "/versions"))
    assert [(act["act"], act["number"], act["note"]) for act in history["acts"]] == [
        ("drafted", 1, None),
        ("published", 1, "核对无误"),
    ]
    authors = {act["person_id"] for act in history["acts"]}
    assert len(authors) == 2
    assert history["versions"][0]["author_id"] == history["acts"][0]["person_id"]


async def test_a_supervisor_publishes_what_an_officer_wrote_and_not_what_they_wrote_themselves(hall: Hall) -> None:
    article = await hall.author.do("/knowledge", draft(hall.unit))
    assert (await hall.supervisor.do(path(article, "/publication"), {}, 1))["state"] == "published"
    own = await hall.supervisor.do("/knowledge", draft(hall.unit))
    assert (await hall.supervisor.ask(path(own, "/publication"), {}, 1)).json()["code"] == "knowledge.own-text"


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("/versions", text()),
        ("/publication", {}),
        ("/reviews", {"review_due_on": DUE}),
        ("/withdrawal", {"reason": "过时"}),
    ],
)
async def test_officers_of_other_units_keep_off_and_clerks_only_read(hall: Hall, what: str, body: Any) -> None:
    article = await hall.published()
    outside = await hall.outsider.ask(path(article, what), body, 2)
    assert (outside.status_code, outside.json()["code"]) == (403, "knowledge.not-your-unit")
    clerk = await hall.clerk.ask(path(article, what), body, 2)
    assert (clerk.status_code, clerk.json()["code"]) == (403, "tenants.role-missing")
    assert (await hall.clerk.get(path(article)))["version"] == 2


async def test_nobody_drafts_for_another_unit(hall: Hall) -> None:
    answer = await hall.outsider.ask("/knowledge", draft(hall.unit))
    assert (answer.status_code, answer.json()["code"]) == (403, "knowledge.not-your-unit")


async def test_a_published_answer_is_told_until_its_revision_is_published(hall: Hall) -> None:
    article = await hall.published()
    revised = await hall.second.do(path(article, "/versions"), text(answer="改为线上办理。", note="新政策"), 2)
    assert (revised["number"], revised["pending"], revised["waiting"]["answer"]) == (1, True, "改为线上办理。")
    assert revised["answer"] == draft(hall.unit)["answer"]
    listed = await hall.clerk.get("/knowledge", q="公租房申请")
    told = next(item for item in listed["items"] if item["id"] == article["id"])
    assert told["answer"] == draft(hall.unit)["answer"]
    refused = await hall.second.ask(path(article, "/publication"), {}, 3)
    assert refused.json()["code"] == "knowledge.own-text"
    published = await hall.author.do(path(article, "/publication"), {}, 3)
    assert (published["number"], published["answer"], published["waiting"]) == (2, "改为线上办理。", None)


async def test_a_review_confirms_the_answer_for_another_time(hall: Hall) -> None:
    article = await hall.published()
    reviewed = await hall.author.do(path(article, "/reviews"), {"review_due_on": "2032-01-31", "note": "政策未变"}, 2)
    assert (reviewed["review_due_on"], reviewed["version"], reviewed["number"]) == ("2032-01-31", 3, 1)
    acts = (await hall.clerk.get(path(article, "/versions")))["acts"]
    assert [(act["act"], act["review_due_on"]) for act in acts][-1] == ("reviewed", "2032-01-31")
    late = await hall.author.ask(path(article, "/reviews"), {"review_due_on": "2001-01-31"}, 3)
    assert (late.status_code, late.json()["code"], late.json()["field"]) == (
        422, "knowledge.review-day-past", "/review_due_on",
    )  # fmt: skip


async def test_a_withdrawn_answer_is_found_no_more_and_can_be_written_anew(hall: Hall) -> None:
    word = f"w{uuid4().hex[:8]}"
    article = await hall.published(phrasings=[word])
    assert [item["id"] for item in (await hall.clerk.get("/knowledge", q=word))["items"]] == [article["id"]]
    withdrawn = await hall.author.do(path(article, "/withdrawal"), {"reason": "废止"}, 2)
    assert withdrawn["state"] == "withdrawn"
    assert (await hall.clerk.get("/knowledge", q=word))["items"] == []
    for what, body, code in (
        ("/withdrawal", {"reason": "再次"}, "knowledge.withdrawn-before"),
        ("/publication", {}, "knowledge.nothing-to-publish"),
        ("/reviews", {"review_due_on": DUE}, "knowledge.not-published"),
    ):
        refused = await hall.second.ask(path(article, what), body, 3)
        assert (refused.status_code, refused.json()["code"]) == (409, code)
    again = await hall.author.do(path(article, "/versions"), text(phrasings=[word]), 3)
    assert (again["state"], again["number"]) == ("draft", 2)
    await hall.second.do(path(article, "/publication"), {}, 4)
    assert [item["number"] for item in (await hall.clerk.get("/knowledge", q=word))["items"]] == [2]


async def test_publishing_what_is_published_is_out_of_order(hall: Hall) -> None:
    article = await hall.published()
    refused = await hall.second.ask(path(article, "/publication"), {}, 2)
    assert (refused.status_code, refused.json()["code"]) == (409, "knowledge.nothing-to-publish")


async def test_a_later_text_does_not_leave_callers_without_an_answer(hall: Hall) -> None:
    article = await hall.published()
    await hall.author.do(path(article, "/versions"), text(valid_from="2033-01-01"), 2)
    refused = await hall.second.ask(path(article, "/publication"), {}, 3)
    assert (refused.status_code, refused.json()["code"]) == (422, "knowledge.gap")


async def test_a_change_needs_the_state_that_it_was_decided_on(hall: Hall) -> None:
    article = await hall.published()
    assert (await hall.author.ask(path(article, "/withdrawal"), {"reason": "x"})).status_code == 428
    stale = await hall.author.ask(path(article, "/withdrawal"), {"reason": "x"}, 1)
    assert (stale.status_code, stale.json()["code"]) == (412, "knowledge.stale")


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"question": ""}, 400, "/question"),
        ({"question": " \n"}, 400, "/question"),
        ({"question": "问\u0000题"}, 400, None),
        ({"question": 5}, 400, "/question"),
        ({"answer": "长" * 10_001}, 400, "/answer"),
        ({"phrasings": ["x" * 201]}, 400, "/phrasings/0"),
        ({"phrasings": ["x"] * 51}, 400, "/phrasings"),
        ({"categories": ["../x"]}, 400, "/categories/0"),
        ({"categories": ["no-such"]}, 422, "/categories/0"),
        ({"valid_from": "2026-02-30"}, 400, "/valid_from"),
        ({"valid_to": "2025-12-31"}, 422, "/valid_to"),
        ({"review_due_on": "2001-01-01"}, 422, "/review_due_on"),
        ({"review_due_on": None}, 400, "/review_due_on"),
        ({"unit_id": str(uuid4())}, 422, "/unit_id"),
        ({"state": "published"}, 400, "/state"),
    ],
)
async def test_bad_articles_are_refused_by_field_and_nothing_is_kept(
    hall: Hall, changes: dict[str, Any], status: int, field: str | None
) -> None:
    before = await hall.clerk.get("/knowledge", limit=200)
    answer = await hall.supervisor.ask("/knowledge", draft(hall.unit, **changes))
    assert answer.status_code == status, answer.text
    if field is not None:
        assert answer.json()["field"] == field
    assert await hall.clerk.get("/knowledge", limit=200) == before


async def test_formulas_and_markup_are_text(hall: Hall) -> None:
    wild = "=cmd|'/c calc'!A0 <script>alert(\"1\")</script> ${number} %s {0}"
    article = await hall.published(question=wild, answer=wild)
    told = await hall.clerk.get(path(article))
    assert (told["question"], told["answer"]) == (wild, wild)


async def test_another_tenants_unit_and_article_are_none(hall: Hall, hire: Any) -> None:
    other = hall.world.places["baoding"]
    article = await hall.published()
    foreign: Staff = await hire(other, *_keepers(), unit=next(iter(other.cast.units)))
    for answer in (
        await foreign.client.get(path(article)),
        await foreign.client.get(path(article, "/versions")),
        await foreign.ask(path(article, "/versions"), text(), 2),
        await foreign.ask(path(article, "/publication"), {}, 2),
        await foreign.ask(path(article, "/uses"), {"helped": True}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "api.not-found")
    unit = await foreign.ask("/knowledge", draft(hall.unit))
    assert (unit.status_code, unit.json()["code"]) == (422, "tenants.unit-unknown")
    assert article["id"] not in str(await foreign.get("/knowledge", q="公租房申请"))


def _keepers() -> tuple[Any, ...]:
    from core.procedure import Role

    return Role.UNIT_OFFICER, Role.SUPERVISOR
