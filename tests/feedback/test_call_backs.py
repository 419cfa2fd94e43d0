"""Call-backs over HTTP: what an operator records, what follows from it, and what a case needs before it is filed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.feedback.replied import (
    AGAIN,
    CALLED,
    CONTENT,
    REDONE,
    SECOND,
    UNHAPPY,
    code,
    feedback,
    redo,
    replied,
    satisfaction,
)
from tests.story.house import Place
from tests.story.matters import Matter, register
from tests.story.stored import moment

NOBODYS = "019a8f3e-0000-7000-8000-000000000001"
WHY_NOT = {"why_not_asked": "三次回访均无人接听。"}
REDONE_IN_VAIN = "ganzhou:hotline-2022#6.4"


def test_a_call_that_was_answered(ganzhou: Place) -> None:
    matter = replied(ganzhou)
    before = matter.view
    after = matter.take("operator", "call-back", CALLED | CONTENT)
    assert (after["state"], after["facts"]["satisfaction"], after["version"]) == (
        "replied",
        "satisfied",
        before["version"] + 1,
    )
    found = feedback(matter)
    assert found["rounds"] == [{"round": 1, "satisfied": True, "reasons": []}]
    (said,) = found["answers"]
    assert (said["way"], said["reached"], said["petitioner_number"]) == ("call-back", "reached", 1)
    assert (said["satisfied"], said["dissatisfaction"], said["has_words"], said["merged_case_id"]) == (
        True,
        None,
        False,
        None,
    )
    step = matter.steps()[-1]
    assert (said["id"], said["person_id"], said["occurred_at"]) == (step["id"], step["person_id"], step["occurred_at"])
    matter.take("dispatcher", "close")


@pytest.mark.parametrize("reached", ["not-reached", "declined"])
def test_a_call_that_was_not(ganzhou: Place, reached: str) -> None:
    matter = replied(ganzhou)
    for _ in range(2):
        assert matter.take("operator", "call-back", reached=reached)["facts"]["satisfaction"] == "not-asked"
    assert feedback(matter)["rounds"] == [{"round": 1, "satisfied": None, "reasons": []}]
    assert len(feedback(matter)["answers"]) == 2
    refused = matter.attempt("dispatcher", "close")
    assert (code(refused), refused.json()["field"]) == ((422, "cases.fact-missing"), "/why_not_asked")
    matter.take("dispatcher", "close", **WHY_NOT)


def test_an_order_is_not_filed_without_an_answer_or_the_reason(ganzhou: Place) -> None:
    matter = replied(ganzhou)
    assert code(matter.attempt("dispatcher", "close")) == (422, "cases.fact-missing")
    matter.take("operator", "call-back", CALLED | UNHAPPY)
    refused = matter.attempt("dispatcher", "close", WHY_NOT)
    assert (code(refused), refused.json()["field"]) == ((422, "cases.fact-missing"), "/why_not_sent_back")
    matter.take("dispatcher", "close", why_not_sent_back="诉求超出政策规定，已说明。")


def test_before_a_reply_and_after_the_case_moved_on_nobody_is_asked(ganzhou: Place) -> None:
    matter = register(ganzhou, "hotline-order")
    assert code(matter.attempt("operator", "call-back", CALLED | CONTENT)) == (409, "cases.step-out-of-order")
    matter.live("replied")
    matter.take("operator", "call-back", CALLED | UNHAPPY)
    matter.take("dispatcher", "send-back", reason="诉求人不满意")
    assert code(matter.attempt("operator", "call-back", CALLED | CONTENT)) == (409, "cases.step-out-of-order")


def test_a_second_answer_needs_its_reason_and_then_counts(ganzhou: Place) -> None:
    matter = replied(ganzhou)
    matter.take("operator", "call-back", CALLED | UNHAPPY)
    before = ganzhou.counts()
    refused = matter.attempt("operator", "call-back", CALLED | CONTENT)
    assert (code(refused), refused.json()["field"]) == ((422, "feedback.answered-before"), "/note")
    assert ganzhou.counts() == before
    matter.take("operator", "call-back", CALLED | CONTENT, note="前次听错，已与诉求人核实")
    assert (satisfaction(matter), len(feedback(matter)["answers"])) == ("satisfied", 2)
    assert feedback(matter)["rounds"] == [{"round": 1, "satisfied": True, "reasons": []}]


def test_one_of_several_who_is_not_satisfied_makes_the_case_so(ganzhou: Place) -> None:
    matter = replied(ganzhou, SECOND)
    matter.take("operator", "call-back", CALLED | CONTENT)
    matter.take("operator", "call-back", CALLED | UNHAPPY, petitioner_number=2)
    assert satisfaction(matter) == "unsatisfied"
    assert feedback(matter)["rounds"] == [{"round": 1, "satisfied": False, "reasons": ["not-solved"]}]
    assert [item["petitioner_number"] for item in feedback(matter)["answers"]] == [1, 2]


BAD: list[tuple[dict[str, Any], int, str, str]] = [
    (CALLED, 422, "feedback.satisfied-missing", "/satisfied"),
    ({"reached": "declined", "satisfied": True}, 422, "feedback.satisfied-untold", "/satisfied"),
    (CALLED | {"satisfied": False}, 422, "feedback.reason-missing", "/dissatisfaction"),
    (CALLED | CONTENT | {"dissatisfaction": "late"}, 422, "feedback.reason-untold", "/dissatisfaction"),
    (CALLED | {"satisfied": False, "dissatisfaction": "other"}, 422, "feedback.words-missing", "/words"),
    (CALLED | CONTENT | {"petitioner_number": 2}, 422, "feedback.no-such-petitioner", "/petitioner_number"),
    (CALLED | CONTENT | {"merged_case_id": NOBODYS}, 422, "feedback.no-such-merged-case", "/merged_case_id"),
    (CALLED | CONTENT | {"petitioner_number": 0}, 400, "api.body-invalid", "/petitioner_number"),
    (CALLED | CONTENT | {"petitioner_number": 10**30}, 400, "api.body-invalid", "/petitioner_number"),
    (CALLED | CONTENT | {"words": "x" * 2_001}, 400, "api.body-invalid", "/words"),
    (CALLED | CONTENT | {"words": "a\0b"}, 400, "api.body-invalid", "/words"),
    (CALLED | CONTENT | {"words": ""}, 400, "api.body-invalid", "/words"),
    (CALLED | {"satisfied": "yes"}, 400, "api.body-invalid", "/satisfied"),
    ({"reached": "asleep"}, 400, "api.body-invalid", "/reached"),
    ({"satisfied": True}, 400, "api.body-invalid", "/reached"),
    (CALLED | CONTENT | {"way": "receipt"}, 400, "api.body-invalid", "/way"),
]


@pytest.fixture(scope="module")
def asked(ganzhou: Place) -> Matter:
    """An order that waits for an answer, which nothing here may give."""
    return replied(ganzhou)


@pytest.mark.parametrize(("body", "status", "wanted", "field"), BAD, ids=[str(row[0])[:80] for row in BAD])
def test_what_is_not_whole_is_refused_and_writes_nothing(
    asked: Matter, body: dict[str, Any], status: int, wanted: str, field: str
) -> None:
    before = asked.place.counts()
    refused = asked.attempt("operator", "call-back", body)
    assert refused.status_code == status, refused.text
    if status == 422:
        assert (refused.json()["code"], refused.json()["field"]) == (wanted, field)
        assert refused.json()["clause"] == "wenze:house#feedback"
    assert asked.place.counts() == before


def test_officers_and_others_do_not_call(asked: Matter) -> None:
    for who in ("city-officer", "supervisor", "administrator"):
        assert code(asked.attempt(who, "call-back", CALLED | CONTENT)) == (403, "tenants.role-missing"), who


def test_sent_back_once_then_supervised(ganzhou: Place) -> None:
    """The whole way of #6.4."""
    matter = replied(ganzhou)
    matter.take("operator", "call-back", CALLED | UNHAPPY)
    redo(matter)
    facts = matter.refresh()["facts"]
    assert (facts["sent_back"], "satisfaction" in facts) == (True, False)
    supervised = {"text": "请两日内办结。", "method": f"{REDONE_IN_VAIN[:-4]}#7.1/phone", "matter": REDONE_IN_VAIN}
    refused = matter.attempt("supervisor", "supervise-by-message", supervised | {"unit_at_fault": True})
    assert (code(refused), refused.json()["clause"]) == ((422, "cases.city-objects"), REDONE_IN_VAIN)
    matter.take("operator", "call-back", CALLED | UNHAPPY)
    refused = matter.attempt("dispatcher", "send-back", {"reason": "仍不满意"})
    assert (code(refused), refused.json()["clause"]) == ((422, "cases.city-objects"), REDONE_IN_VAIN)
    refused = matter.attempt("dispatcher", "close")
    assert (code(refused), refused.json()["field"]) == ((422, "cases.fact-missing"), "/unit_at_fault")
    refused = matter.attempt("dispatcher", "close", {"unit_at_fault": True})
    assert (code(refused), refused.json()["clause"]) == ((422, "cases.city-objects"), REDONE_IN_VAIN)
    after = matter.take("supervisor", "supervise-by-message", supervised, unit_at_fault=True)
    assert after["state"] == "dispatched"
    matter.take("city-officer", "report-result", **REDONE)
    matter.take("dispatcher", "send-back", reason="缺少照片")  # the centre's own check, and no redo for want of satisfaction
    matter.take("city-officer", "report-result", **REDONE)
    matter.take("dispatcher", "reply", **AGAIN)
    matter.take("operator", "call-back", CALLED | CONTENT)
    assert [item["satisfied"] for item in feedback(matter)["rounds"]] == [False, False, True]
    assert matter.take("dispatcher", "close")["state"] == "closed"


def test_work_that_the_centre_sends_back_is_not_sent_back_for_want_of_satisfaction(ganzhou: Place) -> None:
    matter = register(ganzhou, "hotline-order").live("handled")
    matter.take("dispatcher", "send-back", reason="缺少照片")
    matter.take("city-officer", "report-result", **REDONE)
    matter.take("dispatcher", "reply", **AGAIN)
    assert "sent_back" not in matter.view["facts"]
    matter.take("operator", "call-back", CALLED | UNHAPPY)
    redo(matter)
    assert matter.view["facts"]["sent_back"] is True


def test_a_case_that_is_reopened_begins_anew(ganzhou: Place) -> None:
    matter = replied(ganzhou)
    matter.take("operator", "call-back", CALLED | UNHAPPY)
    redo(matter)
    matter.take("operator", "call-back", CALLED | CONTENT)
    matter.take("dispatcher", "close")
    facts = matter.take("dispatcher", "reopen", reason="又坏了")["facts"]
    assert not {"satisfaction", "sent_back"} & facts.keys()
    assert [item["round"] for item in feedback(matter)["rounds"]] == [1, 2]


def test_a_back_dated_call_stands_when_it_was_made(ganzhou: Place) -> None:
    matter = replied(ganzhou)
    told_at = matter.steps()[-1]["occurred_at"]
    matter.take("operator", "call-back", CALLED | CONTENT, occurred_at=told_at)
    assert feedback(matter)["answers"][0]["occurred_at"] == told_at
    (row,) = [row for row in ganzhou.rows("feedback") if str(row["case_id"]) == matter.id]
    assert (moment(row["occurred_at"]), row["round"], row["words"]) == (told_at, 1, None)
