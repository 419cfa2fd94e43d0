"""Answers by receipt over HTTP: each petitioner once to each reply, whatever the case was merged into or split in."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from core.procedure import Role
from core.tenants.scopes import Scope
from tests.feedback.replied import (
    CALLED,
    CONTENT,
    SECOND,
    THIRD,
    UNHAPPY,
    Replied,
    answer,
    code,
    feedback,
    redo,
    replied,
    satisfaction,
)
from tests.story.house import House, Place
from tests.story.matters import Matter, register

AT_ONCE = 10


def merge(matter: Matter, into: Matter) -> None:
    """Merges, which must succeed."""
    body = {"into": into.view["number"], "reason": "同一处塌陷"}
    matter.refresh()
    merged = matter.place.client.post("dispatcher", f"{matter.path}/merge", body, matter.etag)
    assert merged.status_code == 200, merged.text
    into.refresh()


def awaited(place: Place, receipt: str) -> Any:
    """Whether the status says that an answer is waited for."""
    return place.ask_status("operator", receipt).raise_for_status().json()["feedback_awaited"]


def test_each_petitioner_answers_once_to_each_reply(ganzhou: Place) -> None:
    matter = replied(ganzhou, SECOND, THIRD)
    first, second, third = matter.receipts
    taken = answer(ganzhou, second, **UNHAPPY, words="只修了一半。")
    assert (taken.status_code, taken.json()) == (200, {"number": matter.view["number"], "round": 1, "satisfied": False})
    assert code(answer(ganzhou, second, **CONTENT)) == (409, "feedback.answered")
    assert (satisfaction(matter), awaited(ganzhou, first), awaited(ganzhou, second)) == ("unsatisfied", True, False)
    assert answer(ganzhou, first, **CONTENT).status_code == 200
    assert satisfaction(matter) == "unsatisfied"
    (one, other) = feedback(matter)["answers"]
    assert [(item["petitioner_number"], item["way"], item["person_id"]) for item in (one, other)] == [
        (2, "receipt", None),
        (1, "receipt", None),
    ]
    assert (one["reached"], one["has_words"], one["dissatisfaction"]) == ("reached", True, "not-solved")
    redo(matter)
    again = answer(ganzhou, second, **CONTENT)
    assert (again.status_code, again.json()["round"]) == (200, 2)
    assert awaited(ganzhou, third)
    assert feedback(matter)["rounds"] == [
        {"round": 1, "satisfied": False, "reasons": ["not-solved"]},
        {"round": 2, "satisfied": True, "reasons": []},
    ]


def test_a_call_and_a_receipt_are_answers_of_the_same_person(ganzhou: Place) -> None:
    matter = replied(ganzhou)
    (receipt,) = matter.receipts
    matter.take("operator", "call-back", reached="not-reached")
    assert awaited(ganzhou, receipt)
    assert answer(ganzhou, receipt, **UNHAPPY).status_code == 200
    matter.refresh()
    assert code(matter.attempt("operator", "call-back", CALLED | CONTENT)) == (422, "feedback.answered-before")
    matter.take("operator", "call-back", CALLED | CONTENT, note="诉求人来电更正")
    assert satisfaction(matter) == "satisfied"
    assert code(answer(ganzhou, receipt, **CONTENT)) == (409, "feedback.answered")


def test_the_step_is_the_petitioners_and_no_version_need_be_known(ganzhou: Place) -> None:
    matter = replied(ganzhou)
    (receipt,) = matter.receipts
    assert answer(ganzhou, receipt, **CONTENT).status_code == 200
    assert matter.refresh()["version"] == len(matter.steps())
    step = matter.steps()[-1]
    assert (step["step"], step["verb"], step["role"], step["to_state"]) == ("call-back", "feedback", "petitioner", "replied")
    matter.take("dispatcher", "close")


def test_nobody_is_asked_before_a_reply_nor_after_the_case_moved_on(ganzhou: Place) -> None:
    matter = register(ganzhou, "hotline-order")
    receipt = matter.view["receipt"]
    assert (code(answer(ganzhou, receipt, **CONTENT)), awaited(ganzhou, receipt)) == ((409, "feedback.not-replied"), False)
    matter.live("replied")
    assert awaited(ganzhou, receipt)
    matter.take("dispatcher", "send-back", reason="再查")
    assert (code(answer(ganzhou, receipt, **CONTENT)), awaited(ganzhou, receipt)) == ((409, "feedback.not-replied"), False)
    matter.take("city-officer", "report-result", result="已返工。", evidence_note="现场确认。")
    matter.take("dispatcher", "reply", text="已返工。")
    matter.take("dispatcher", "close", why_not_asked="无人接听")
    assert (code(answer(ganzhou, receipt, **CONTENT)), awaited(ganzhou, receipt)) == ((409, "feedback.not-replied"), False)


def test_who_came_with_a_merged_case_answers_for_themselves(ganzhou: Place) -> None:
    """By their own receipt, over two mergers; and an operator can name them."""
    target = register(ganzhou, "hotline-order")
    middle = register(ganzhou, "hotline-order", petitioner=SECOND)
    last = register(ganzhou, "hotline-order", petitioner=THIRD, co_petitioners=[{"name": "曾大哥"}])
    receipts = {"target": target.view["receipt"], "middle": middle.view["receipt"], "last": last.view["co_receipts"][0]}
    merge(last, middle)
    merge(middle, target)
    target.live("replied")
    assert answer(ganzhou, receipts["last"], **UNHAPPY).status_code == 200
    assert answer(ganzhou, receipts["middle"], **CONTENT).status_code == 200
    assert code(answer(ganzhou, receipts["last"], **CONTENT)) == (409, "feedback.answered")
    assert (awaited(ganzhou, receipts["target"]), awaited(ganzhou, receipts["middle"])) == (True, False)
    assert satisfaction(target) == "unsatisfied"
    found = [(item["merged_case_id"], item["petitioner_number"]) for item in feedback(target)["answers"]]
    assert found == [(last.id, 2), (middle.id, 1)]
    named = CALLED | CONTENT | {"merged_case_id": last.id}
    target.take("operator", "call-back", named)
    refused = target.attempt("operator", "call-back", named | {"petitioner_number": 3})
    assert code(refused) == (422, "feedback.no-such-petitioner")
    refused = target.attempt("operator", "call-back", CALLED | CONTENT | {"petitioner_number": 2})
    assert code(refused) == (422, "feedback.no-such-petitioner"), "the further ones came with other cases"
    refused = target.attempt("operator", "call-back", CALLED | CONTENT | {"merged_case_id": target.id})
    assert code(refused) == (422, "feedback.no-such-merged-case")


@pytest.fixture(scope="module")
def asked(ganzhou: Place) -> Replied:
    """An order that waits for an answer, which nothing here may give."""
    return replied(ganzhou)


BAD: list[tuple[dict[str, Any], int]] = [
    ({}, 400),
    ({"satisfied": None}, 400),
    ({"satisfied": False}, 422),
    ({"satisfied": True, "dissatisfaction": "late"}, 422),
    ({"satisfied": False, "dissatisfaction": "other"}, 422),
    ({"satisfied": False, "dissatisfaction": "rude"}, 400),
    ({"satisfied": True, "words": "\0"}, 400),
    ({"satisfied": True, "words": "多" * 2_001}, 400),
    ({"satisfied": True, "petitioner_number": 2}, 400),
    ({"satisfied": True, "receipt": 7}, 400),
    ({"satisfied": True, "receipt": ""}, 400),
    ({"satisfied": True, "receipt": "x" * 65}, 400),
]


@pytest.mark.parametrize(("body", "status"), BAD, ids=[str(row[0])[:60] for row in BAD])
def test_what_is_not_whole_is_refused_and_writes_nothing(asked: Replied, body: dict[str, Any], status: int) -> None:
    before = asked.place.counts()
    sent = {"receipt": asked.receipts[0]} | body
    refused = asked.place.client.post("operator", "/receipts/feedback", sent)
    assert refused.status_code == status, refused.text
    assert asked.place.counts() == before


def test_a_receipt_that_is_none_looks_like_another_tenants(asked: Replied, house: House) -> None:
    foreign = replied(house.open("ganzhou"))
    wrong = answer(asked.place, "A" * 32, **CONTENT)
    theirs = answer(asked.place, foreign.receipts[0], **CONTENT)
    assert (code(wrong), code(theirs)) == ((404, "api.not-found"), (404, "api.not-found"))
    ids = [response.json().get("instance") or response.headers["x-request-id"] for response in (wrong, theirs)]
    plain = [response.text.replace(id_, "-") for response, id_ in zip((wrong, theirs), ids, strict=True)]
    assert plain[0] == plain[1]
    assert feedback(foreign)["answers"] == []


def test_only_a_client_of_the_scope_may_answer(asked: Replied) -> None:
    asked.place.hire("reader", Role.INTAKE_CLERK, scopes=set(Scope) - {Scope.RECEIPTS_WRITE})
    body = {"receipt": asked.receipts[0]} | CONTENT
    assert asked.place.client.post("reader", "/receipts/feedback", body).status_code == 403


def test_of_ten_answers_at_once_one_is_taken(ganzhou: Place) -> None:
    matter = replied(ganzhou)
    (receipt,) = matter.receipts
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda _: answer(ganzhou, receipt, **UNHAPPY), range(AT_ONCE)))
    assert sorted(item.status_code for item in answers) == [200] + [409] * (AT_ONCE - 1)
    assert {code(item)[1] for item in answers if item.status_code == 409} == {"feedback.answered"}
    assert len(feedback(matter)["answers"]) == 1


def test_ten_petitioners_at_once_are_all_heard(ganzhou: Place) -> None:
    matter = replied(ganzhou, *({"name": f"第{number}人"} for number in range(AT_ONCE - 1)))
    receipts = matter.receipts
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda receipt: answer(ganzhou, receipt, **CONTENT), receipts))
    assert [item.status_code for item in answers] == [200] * AT_ONCE
    assert sorted(item["petitioner_number"] for item in feedback(matter)["answers"]) == list(range(1, AT_ONCE + 1))
    assert (satisfaction(matter), matter.view["version"]) == ("satisfied", len(matter.steps()))


def test_sent_again_under_its_key_it_is_told_again(ganzhou: Place) -> None:
    matter = replied(ganzhou)
    (receipt,), key = matter.receipts, str(uuid4())
    first, again = (answer(ganzhou, receipt, key, **CONTENT) for _ in range(2))
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert len(feedback(matter)["answers"]) == 1


def test_ankang_asks_too_and_nothing_follows_from_it(places: Any) -> None:
    matter = register(places["ankang"], "complaint", petitioner=SECOND)
    receipt = matter.view["receipt"]
    matter.live("answered")
    said = places["ankang"].client.post("supervisor", "/receipts/feedback", {"receipt": receipt} | UNHAPPY)
    assert said.status_code == 200, said.text
    assert matter.refresh()["facts"]["satisfaction"] == "unsatisfied"
    matter.take("supervisor", "close", substantiated="yes", fabricated=False)
