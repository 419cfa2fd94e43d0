"""What is refused of corrections: to whom, when and why; and nothing is written by it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from core.procedure import Role
from tests.corrections.served import ask, asked, complaint, decide, dispatched
from tests.story.house import Place
from tests.story.matters import Matter, instant, register
from tests.story.test_numbers import at_once
from tests.story.test_updates import changed

EARLIER = "2026-02-27T09:00:00+08:00"


@pytest.fixture(scope="module")
def ankang(house: Any) -> Place:
    """A tenant of Ankang, whose legal time stands still."""
    place: Place = house.open("ankang")
    place.hire("housing-officer", Role.UNIT_OFFICER, unit="housing-window")
    place.hire("second-supervisor", Role.SUPERVISOR)
    place.hire("auditor", Role.AUDITOR)
    place.move(instant("2026-03-02T10:00:00+08:00"))
    return place


@pytest.fixture
def matter(ankang: Place) -> Matter:
    """A complaint with a window."""
    return dispatched(ankang, None)


def told(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


WRONG: dict[str, tuple[dict[str, Any], int, str]] = {
    "nothing": ({}, 400, "corrections.nothing"),
    "no reason": ({"received_at": EARLIER, "reason": "　 "}, 400, "api.body-invalid"),
    "a word for a time": ({"received_at": "gestern"}, 400, "api.body-invalid"),
    "a time without a zone": ({"received_at": "2026-02-27T09:00:00"}, 400, "api.body-invalid"),
    "a time of no calendar": ({"received_at": "1066-10-14T09:00:00Z"}, 400, "cases.instant-out-of-reach"),
    "nul": ({"category": "a\0b"}, 400, "api.body-invalid"),
    "an unknown track": ({"track": "express"}, 400, "api.body-invalid"),
    "the future": ({"received_at": "2026-03-03T09:00:00+08:00"}, 422, "cases.received-in-future"),
    "before the law": ({"received_at": "2018-01-01T09:00:00+08:00"}, 422, "law.before-first-version"),
    "the track it has": ({"track": "specialist"}, 422, "corrections.as-recorded"),
    "a track that its steps contradict": ({"track": "joint"}, 422, "corrections.step-contradicts"),
    "a category that is not there": ({"category": "nowhere"}, 422, "categories.not-there"),
    "a unit that is not there": (
        {"unit": {"recorded_unit_id": "@social-security-window", "right_unit_id": str(uuid4())}}, 422, "cases.unit-unknown",
    ),
    "a unit that has it not": (
        {"unit": {"recorded_unit_id": "@housing-window", "right_unit_id": "@duty-office"}},
        422,
        "corrections.unit-not-dispatched",
    ),
    "the unit itself": (
        {"unit": {"recorded_unit_id": "@duty-office", "right_unit_id": "@duty-office"}}, 422, "corrections.as-recorded",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_is_refused_and_writes_nothing(ankang: Place, matter: Matter, name: str) -> None:
    what, status, code = WRONG[name]
    before = ankang.counts()
    answer = ask(matter, **what)
    assert answer.status_code == status, answer.text
    if code != "api.body-invalid":
        assert answer.json()["code"] == code
    assert ankang.counts() == before
    question = ankang.fill(what | {"case_id": matter.id})
    question.pop("reason", None)
    if name != "no reason":
        again = ankang.client.post("duty-clerk", "/calculations/correction", question)
        assert (again.status_code, again.json()["code"]) == (status, answer.json()["code"])


def test_a_unit_that_has_acted_was_no_mistake(ankang: Place, matter: Matter) -> None:
    matter.take("window-head", "report-result", {"result": "已更正。"})
    units = {"recorded_unit_id": "@social-security-window", "right_unit_id": "@housing-window"}
    assert told(ask(matter, unit=units)) == (422, "corrections.unit-has-acted")


def test_it_was_not_received_after_it_was_registered(ankang: Place) -> None:
    matter = complaint(ankang, None, received_at=EARLIER, received_reason="来信补登")
    assert told(ask(matter, received_at=ankang.now().isoformat())) == (422, "corrections.received-after-step")


@pytest.mark.parametrize("who", ["window-head", "auditor", "administrator"])
def test_who_does_not_record_cases_asks_for_nothing(ankang: Place, matter: Matter, who: str) -> None:
    assert told(ask(matter, who, received_at=EARLIER)) == (403, "tenants.role-missing")


def test_a_foreign_case_is_none(ankang: Place, matter: Matter, house: Any) -> None:
    other: Place = house.open("ankang")
    question = {"case_id": matter.id, "received_at": EARLIER}
    missing = question | {"case_id": str(uuid4())}
    answers = [other.client.post("duty-clerk", "/calculations/correction", body) for body in (question, missing)]
    assert [told(answer) for answer in answers] == [(404, "api.not-found")] * 2
    waiting = asked(matter, received_at=EARLIER)
    path = f"{matter.path}/corrections"
    assert told(other.get("supervisor", path)) == (404, "api.not-found")
    body = {"grant": False, "reason": "不属实。"}
    assert told(other.client.post("supervisor", f"{path}/{waiting['id']}/decision", body, '"1"')) == (404, "api.not-found")
    second = dispatched(ankang, None)
    assert told(decide(second, waiting)) == (404, "api.not-found")


def test_nobody_decides_the_own_asking(ankang: Place, matter: Matter) -> None:
    waiting = asked(matter, "supervisor", received_at=EARLIER)
    before = ankang.counts()
    answer = decide(matter, waiting, "supervisor")
    assert (*told(answer), answer.json()["clause"]) == (422, "requests.own", "wenze:readings#r12")
    assert told(decide(matter, waiting, "duty-clerk")) == (403, "tenants.role-missing")
    assert ankang.counts() == before
    assert decide(matter, waiting, "second-supervisor").status_code == 200


def test_a_decision_rests_on_what_was_seen(ankang: Place, matter: Matter) -> None:
    waiting = asked(matter, received_at=EARLIER)
    before = ankang.counts()
    for digest in (None, ""):
        unseen = decide(matter, waiting, consequences=digest)
        assert (*told(unseen), unseen.json()["field"]) == (422, "corrections.consequences-missing", "/consequences")
    other = decide(matter, waiting, consequences="0" * 32)
    assert told(other) == (409, "corrections.consequences-changed")
    assert not [answer for answer in (unseen, other) if waiting["current"]["digest"] in answer.text]
    assert ankang.counts() == before
    assert told(decide(matter, waiting, etag='"1"')) == (412, "cases.stale")
    headers = {"Idempotency-Key": "bare"}
    path = f"{matter.path}/corrections/{waiting['id']}/decision"
    bare = ankang.client.send("supervisor", "POST", path, headers, b'{"grant":false,"reason":"x"}')
    assert bare.status_code == 428
    matter.take("window-head", "report-result", {"result": "已更正。"})
    assert told(decide(matter, waiting)) == (409, "corrections.consequences-changed")
    (now,) = ankang.read("supervisor", f"{matter.path}/corrections")["items"]
    assert now["consequences"] == waiting["consequences"]
    assert now["current"] != waiting["current"]
    assert decide(matter, now).status_code == 200


def test_what_is_declined_changes_nothing(ankang: Place, matter: Matter) -> None:
    waiting, before = asked(matter, received_at=EARLIER), matter.view
    counts = ankang.counts()
    answer = decide(matter, waiting, grant=False)
    assert (answer.status_code, answer.json()["state"], answer.headers["etag"]) == (200, "declined", matter.etag)
    assert matter.refresh() == before | {"my_steps": matter.view["my_steps"]}
    assert changed(counts, ankang.counts()) == {"audit": 1, "audit_content": 1, "outbox": 1, "idempotency": 1}
    assert told(decide(matter, waiting)) == (409, "corrections.decided")


def test_one_waits_at_a_time(ankang: Place, matter: Matter) -> None:
    answers = at_once([lambda: ask(matter, received_at=EARLIER)] * 4)
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert {answer.json().get("code") for answer in answers if answer.status_code == 409} == {"corrections.waiting"}


def test_of_two_supervisors_at_once_one_decides(ankang: Place, matter: Matter) -> None:
    waiting = asked(matter, received_at=EARLIER)
    answers = at_once([lambda: decide(matter, waiting), lambda: decide(matter, waiting, "second-supervisor")])
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    assert [step["step"] for step in matter.steps()].count("correct") == 1
    (deadline,) = ankang.read("supervisor", f"{matter.path}/deadlines")["items"]
    assert len(deadline["ledger"]) == 1


def test_while_a_unit_reports_it_is_decided_on_the_one_or_on_the_other(ankang: Place, matter: Matter) -> None:
    waiting = asked(matter, received_at=EARLIER)
    report = {"result": "已更正。"}
    decided, reported = at_once(
        [lambda: decide(matter, waiting), lambda: matter.attempt("window-head", "report-result", report)]
    )
    assert sorted([decided.status_code, reported.status_code]) == [200, 412]
    (late,) = [answer for answer in (decided, reported) if answer.status_code == 412]
    assert late.json()["code"] == "cases.stale"


def test_a_working_out_writes_nothing(ankang: Place, matter: Matter) -> None:
    before = ankang.counts()
    question = {"case_id": matter.id, "received_at": EARLIER}
    answer = ankang.client.post("duty-clerk", "/calculations/correction", question)
    assert answer.status_code == 200, answer.text
    assert ankang.counts() == before
    assert answer.json() == asked(matter, received_at=EARLIER)["current"]


def test_it_stands_in_the_list_of_what_waits(ankang: Place, matter: Matter) -> None:
    waiting = asked(matter, received_at=EARLIER)
    for who, seen in (("second-supervisor", True), ("auditor", False)):
        text = ankang.get(who, "/worklists/approvals").text
        assert (waiting["id"] in text) is seen, text


def test_of_a_tip_off_only_who_works_on_it_reads_what_was_wrong(open_place: Callable[[str], Place]) -> None:
    place = open_place("baoding")
    place.hire("auditor", Role.AUDITOR)
    matter = register(place, "tip-off", petitioner={"name": "王岩"})
    waiting = ask(matter, "clerk", received_at=(matter.view["received_at"][:10] + "T00:00:00+08:00"))
    assert waiting.status_code == 201, waiting.text
    assert told(place.get("auditor", f"{matter.path}/corrections")) == (403, "corrections.not-entrusted")
    assert place.get("supervisor", f"{matter.path}/corrections").status_code == 200
    shown = waiting.json()["current"]["digest"]
    body = {"grant": True, "reason": "经核对属实。", "consequences": shown}
    path = f"{matter.path}/corrections/{waiting.json()['id']}/decision"
    assert place.client.post("supervisor", path, body, matter.etag).status_code == 200
    for part in ("/steps", "/deadlines"):
        text = place.get("auditor", f"{matter.path}{part}").raise_for_status().text
        assert "经核对属实" not in text
        assert "邮戳" not in text
