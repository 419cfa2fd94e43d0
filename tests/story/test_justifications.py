"""Justified lateness over HTTP: asked, found and taken back, and what lists, counts, months and events tell of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core.procedure import Role
from tests.corrections.served import complaint, corrected
from tests.corrections.served import dispatched as complained
from tests.story.house import House, Place
from tests.story.matters import BOTH, LEAD_ONLY, Matter, instant, register
from tests.supervision.late import come_by, items, waiting

MONDAY, LATE = "2026-05-11T09:00:00+08:00", "2026-05-21T09:00:00+08:00"
"""Five working days from the one end on 18 May; the other is three working days late."""
STORM = {"reason": "连日暴雨停工。", "evidence_note": "气象预警已公开发布。"}
DONE = {"result": "已修复。", "evidence_note": "现场由诉求人确认。"}
FOUND = {"reason": "预警属实。"}


@pytest.fixture
def ganzhou(open_place: Callable[[str], Place]) -> Place:
    """A hotline centre with a second supervisor and somebody who reads everything."""
    place = open_place("ganzhou")
    place.hire("second-supervisor", Role.SUPERVISOR)
    place.hire("auditor", Role.AUDITOR)
    place.move(instant(MONDAY))
    return place


def order(place: Place, units: Any = LEAD_ONLY) -> Matter:
    """An order with its units since Monday."""
    matter = register(place, "hotline-order")
    matter.take("operator", "accept", {})
    matter.take("dispatcher", "dispatch", {"units": units})
    return matter


def late(place: Place, units: Any = LEAD_ONLY) -> Matter:
    """An order that is three working days late, a worker having come by."""
    matter = order(place, units)
    come_by(place, instant(LATE))
    matter.refresh()
    return matter


def about(matter: Matter, **more: Any) -> dict[str, Any]:
    """What asks for the lead unit's handling."""
    lead = str(matter.place.cast.units["urban-management"])
    (id_,) = (item["id"] for item in matter.view["deadlines"] if (item["key"], item["holder_unit_id"]) == ("handling", lead))
    return {"deadline_id": id_, **STORM, **more}


def justify(matter: Matter) -> Matter:
    """Asks for it, and finds it."""
    matter.take("city-officer", "ask-justification", about(matter))
    matter.take("supervisor", "grant-justification", FOUND)
    return matter


def withdraw(matter: Matter) -> None:
    """Takes it back."""
    body = {"deadline_id": about(matter)["deadline_id"], "reason": "预警当日已解除。"}
    matter.take("second-supervisor", "withdraw-justification", body)


def shown(matter: Matter, who: str = "supervisor") -> dict[str, Any]:
    """The lead unit's handling with its explanation and ledger."""
    found = matter.place.read(who, f"{matter.path}/deadlines")["items"]
    return next(item for item in found if item["id"] == about(matter)["deadline_id"])


def listed(place: Place, who: str = "supervisor", **query: Any) -> list[str]:
    """The late deadlines of the list."""
    return [item["id"] for item in place.read(who, "/deadlines", overdue="true", **query)["items"]]


def counted(place: Place) -> tuple[int, int]:
    """How many the lead unit is late with, and without justification."""
    (own,) = [item for item in place.read("supervisor", "/deadlines/counts")["items"] if item["unit_name"] == "市城市管理局"]
    return own["overdue"], own["unjustified"]


def told(place: Place, matter: Matter) -> list[tuple[str, str | None]]:
    """The events of the case's lateness, each with the deadline that it is about."""
    rows = sorted(place.rows("outbox"), key=lambda row: row["id"])
    own = [row for row in rows if row["refs"].get("case_id") == matter.id and row["type"].endswith("-justification")]
    return [(row["type"], row["refs"].get("deadline_id")) for row in own]


def test_what_lists_counts_ledger_rows_and_events_tell(ganzhou: Place) -> None:
    matter = late(ganzhou)
    id_ = about(matter)["deadline_id"]
    assert (counted(ganzhou), listed(ganzhou, justified="false"), listed(ganzhou, justified="true")) == ((1, 1), [id_], [])
    matter.take("city-officer", "ask-justification", about(matter))
    (asked,) = matter.view["requests"]
    assert (asked["kind"], asked["deadline_id"]) == ("justification", id_)
    assert shown(matter)["justified"] is None
    waits = {item["kind"] for item in ganzhou.read("supervisor", "/requests", mine="true", case_id=matter.id)["items"]}
    assert waits == {"justification"}
    granted = matter.take("supervisor", "grant-justification", FOUND)
    step = matter.steps()[-1]
    found = shown(matter)
    assert found["justified"] == {
        "step_id": step["id"], "at": step["occurred_at"], "person_id": step["person_id"], "reason": FOUND["reason"],
    }  # fmt: skip
    assert (found["state"], found["overdue"], granted["overdue"]) == ("open", True, True)
    assert any("正当理由" in line or "justified" in line for line in found["lines"])
    (entry,) = found["ledger"]
    assert (entry["kind"], entry["reason"], entry["step_id"]) == ("justification", FOUND["reason"], step["id"])
    brief = {"step_id": step["id"], "at": step["occurred_at"]}
    assert matter.deadline("handling")["justified"] == brief
    (line,) = ganzhou.read("supervisor", "/deadlines", justified="true", overdue="true")["items"]
    assert (line["id"], line["justified"]) == (id_, brief)
    assert (counted(ganzhou), listed(ganzhou, justified="false")) == ((1, 0), [])
    (row,) = [row for row in ganzhou.rows("deadline") if str(row["id"]) == id_]
    assert (str(row["justified_step"]), row["justified_at"] is not None) == (step["id"], True)
    withdraw(matter)
    after = shown(matter)
    assert (after["justified"], [item["kind"] for item in after["ledger"]]) == (
        None, ["justification", "justification-withdrawn"],
    )  # fmt: skip
    assert (counted(ganzhou), listed(ganzhou, justified="false")) == ((1, 1), [id_])
    kinds = ("ask", "grant", "withdraw")
    assert told(ganzhou, matter) == [(f"case.{kind}-justification", id_) for kind in kinds]


def test_a_unit_reads_why_it_was_declined_and_asks_again_with_what_is_new(ganzhou: Place) -> None:
    matter = late(ganzhou)
    matter.take("city-officer", "ask-justification", about(matter))
    matter.take("supervisor", "decline-justification", {"reason": "当日无预警。"})
    (line,) = ganzhou.read("city-officer", "/requests", case_id=matter.id)["items"]
    assert (line["state"], line["decision_reason"]) == ("declined", "当日无预警。")
    again = matter.attempt("city-officer", "ask-justification", about(matter))
    assert (again.status_code, again.json()["code"], again.json()["field"]) == (
        422, "justifications.same-words", "/reason",
    )  # fmt: skip
    matter.take("city-officer", "ask-justification", about(matter, reason="连日暴雨停工，附停工令。"))


def test_a_case_that_is_over_is_asked_about(ganzhou: Place) -> None:
    matter = late(ganzhou)
    matter.take("city-officer", "report-result", DONE)
    matter.take("dispatcher", "reply", text="已修复。")
    closed = matter.take("dispatcher", "close", why_not_asked="三次回访均无人接听。")
    assert "ask-justification" in ganzhou.read("city-officer", matter.path)["my_steps"]
    assert "ask-justification" not in ganzhou.read("dispatcher", matter.path)["my_steps"]
    justify(matter)
    view = matter.refresh()
    assert (view["state"], view["closed_at"], view["due_at"]) == ("closed", closed["closed_at"], None)
    assert (shown(matter)["state"], shown(matter)["justified"] is not None) == ("met-late", True)
    states = ganzhou.read("supervisor", "/deadlines", state="met-late", justified="true")["items"]
    assert [item["case_id"] for item in states] == [matter.id]


def test_what_must_be_supervised_says_that_it_is_justified(ganzhou: Place) -> None:
    matter = late(ganzhou)
    (before,) = items(matter)
    assert (before["state"], before["justified"]) == ("found", None)
    justify(matter)
    step = matter.steps()[-1]
    brief = {"step_id": step["id"], "at": step["occurred_at"]}
    (found,), (line,) = items(matter), waiting(ganzhou)
    assert (found["state"], found["justified"], line["justified"]) == ("found", brief, brief), "it is still to be done"
    withdraw(matter)
    assert [item["justified"] for item in (*items(matter), *waiting(ganzhou))] == [None, None]


def test_what_was_found_goes_with_the_part_and_comes_back_out_of_a_merger(ganzhou: Place) -> None:
    other = order(ganzhou)
    matter = justify(late(ganzhou))
    step = matter.steps()[-1]["id"]
    found = {"into": other.id, "reason": "同一处路面。"}
    merged = ganzhou.client.post("dispatcher", f"{matter.path}/merge", found, matter.etag)
    assert merged.status_code == 200, merged.text
    back = ganzhou.client.post("dispatcher", f"{matter.path}/unmerge", {"reason": "不是同一处。"}, merged.headers["etag"])
    assert back.status_code == 200, back.text
    matter.refresh()
    assert matter.deadline("handling", "open")["justified"]["step_id"] == step
    matter.take("city-officer", "pass-on", {"unit_id": "@road-upkeep"})
    assert [item["justified"]["step_id"] for item in matter.view["deadlines"] if item["key"] == "handling"] == [step, step]
    rows = [row for row in ganzhou.rows("deadline") if str(row["case_id"]) == matter.id and row["key"] == "handling"]
    assert {(row["state"], str(row["justified_step"])) for row in rows} == {("passed-on", step), ("open", step)}


def test_the_ladder_goes_on(ganzhou: Place) -> None:
    matter = justify(late(ganzhou))
    before = len([row for row in ganzhou.rows("deadline_notice") if str(row["case_id"]) == matter.id])
    come_by(ganzhou, instant("2026-06-30T09:00:00+08:00"))
    notices = [row for row in ganzhou.rows("deadline_notice") if str(row["case_id"]) == matter.id]
    assert len(notices) >= before > 0
    assert matter.refresh()["overdue"] is True


def test_the_months_count_it_beside_what_is_overdue(ganzhou: Place) -> None:
    matter = late(ganzhou)
    ganzhou.move(instant("2026-06-02T09:00:00+08:00"))
    closing = ganzhou.client.post("second-supervisor", "/months/2026-05/closure", {"basis": "五月月报"})
    assert closing.status_code == 201, closing.text
    justify(matter)
    (row,) = ganzhou.read("auditor", "/months/2026-05/adjustments")["items"]
    lead = str(ganzhou.cast.units["urban-management"])
    assert (row["measure"], row["change"], row["cause"], row["unit_id"]) == ("justified", 1, "step", lead)
    withdraw(matter)
    sums = ganzhou.read("auditor", "/months/2026-05")["sums"]
    assert [(item["measure"], item["change"], item["count"]) for item in sums] == [("justified", 0, 2)]


def test_who_asked_and_who_belongs_to_the_unit_do_not_decide(ganzhou: Place) -> None:
    matter = late(ganzhou, BOTH)
    foreign = matter.attempt("water-officer", "ask-justification", about(matter, reason="别家的期限"))
    assert (foreign.status_code, foreign.json()["code"]) == (403, "justifications.not-yours")
    ganzhou.hire("both", Role.UNIT_OFFICER, Role.SUPERVISOR, unit="urban-management")
    matter.take("both", "ask-justification", about(matter))
    own = matter.attempt("both", "grant-justification", FOUND)
    assert (own.status_code, own.json()["code"]) == (422, "requests.own")
    ganzhou.hire("inside", Role.SUPERVISOR, unit="urban-management")
    inside = matter.attempt("inside", "decline-justification", FOUND)
    assert (inside.status_code, inside.json()["code"]) == (403, "justifications.own-unit")
    offered = {who: set(ganzhou.read(who, matter.path)["my_steps"]) for who in ("inside", "second-supervisor")}
    assert "grant-justification" in offered["second-supervisor"] - offered["inside"]
    lists = ("/requests", {"mine": "true", "case_id": matter.id}), ("/worklists/approvals", {})
    for who, waits in (("second-supervisor", 1), ("inside", 0), ("both", 0)):
        assert [len(ganzhou.read(who, path, **query)["items"]) for path, query in lists] == [waits, waits], who
    for who in ("city-officer", "dispatcher", "auditor"):
        assert matter.attempt(who, "grant-justification", FOUND).status_code == 403
    matter.take("second-supervisor", "grant-justification", FOUND)


def test_a_deadline_of_another_case_or_tenant_is_none_of_this_one(
    ganzhou: Place, open_place: Callable[[str], Place]
) -> None:
    other = order(ganzhou)
    matter = late(ganzhou)
    elsewhere = open_place("ganzhou")
    elsewhere.move(instant(MONDAY))
    foreign = about(order(elsewhere))["deadline_id"]
    answers = []
    for id_ in (about(other)["deadline_id"], foreign, "019a8f3e-0000-7000-8000-000000000001"):
        answer = matter.attempt("city-officer", "ask-justification", about(matter, deadline_id=id_))
        answers.append((answer.status_code, {**answer.json(), "instance": None}))
    assert answers[0] == answers[1] == answers[2]
    assert (answers[0][0], answers[0][1]["code"]) == (422, "justifications.nobody-late")


def test_who_is_recused_does_not_decide(ganzhou: Place) -> None:
    matter = late(ganzhou)
    me = ganzhou.read("supervisor", "/me")["person_id"]
    body = {"person_id": me, "ground": "interest", "reason": "近亲属任职于承办单位。"}
    assert ganzhou.client.post("second-supervisor", f"{matter.path}/recusals", body).status_code == 201
    matter.refresh()
    matter.take("city-officer", "ask-justification", about(matter))
    refused = matter.attempt("supervisor", "grant-justification", FOUND)
    assert (refused.status_code, refused.json()["code"]) == (403, "recusals.recused")
    assert "grant-justification" not in ganzhou.read("supervisor", matter.path)["my_steps"]
    matter.take("second-supervisor", "grant-justification", FOUND)
    refused = matter.attempt("supervisor", "withdraw-justification", {"deadline_id": about(matter)["deadline_id"], **FOUND})
    assert refused.json()["code"] == "recusals.recused"


def test_a_correction_keeps_what_was_found(open_place: Callable[[str], Place]) -> None:
    place = open_place("ankang")
    place.hire("authority", Role.DECIDING_AUTHORITY)
    matter = complained(place)
    due = matter.deadline("window-report")
    place.move(instant("2026-03-20T10:00:00+08:00"))
    matter.take("window-head", "ask-justification", {"deadline_id": due["id"], **STORM})
    matter.take("authority", "grant-justification", FOUND)
    step = matter.steps()[-1]
    corrected(matter, received_at="2026-02-27T09:00:00+08:00")
    after = matter.deadline("window-report")
    assert after["due_on"] < due["due_on"]
    assert (after["id"], after["justified"]) == (due["id"], {"step_id": step["id"], "at": step["occurred_at"]})
    (row,) = [row for row in place.rows("deadline") if str(row["id"]) == due["id"]]
    assert str(row["justified_step"]) == step["id"]


def test_what_turns_out_not_to_have_been_late_is_asked_no_more(open_place: Callable[[str], Place]) -> None:
    place = open_place("ankang")
    told = {"received_at": "2026-03-02T10:00:00+08:00", "received_reason": "来信次日登记。"}
    matter = complaint(place, "2026-03-03T10:00:00+08:00", **told)
    matter.take("supervisor", "dispatch", {"units": LEAD_ONLY})
    place.move(instant("2026-03-10T10:00:00+08:00"))
    matter.take("window-head", "report-result", {"result": "已更正。"})
    late_one = matter.deadline("window-report", "met-late")
    matter.take("window-head", "ask-justification", {"deadline_id": late_one["id"], **STORM})
    corrected(matter, received_at="2026-03-03T09:00:00+08:00")
    assert (matter.deadline("window-report")["state"], matter.view["requests"]) == ("met", [])
    (request,) = [item for item in place.rows("case_request") if item["kind"] == "justification"]
    assert (request["state"], request["decided_by"]) == ("lapsed", None)


def test_a_confidential_case_tells_that_it_was_and_not_why(house: House) -> None:
    place = house.open("baoding")
    place.hire("auditor", Role.AUDITOR)
    matter = register(place, "tip-off", petitioner={"name": "王秀英"})
    status = matter.deadline("status-report")
    matter.take("clerk", "ask-justification", {"deadline_id": status["id"], **STORM})
    matter.take("leader", "grant-justification", FOUND)

    def read(who: str) -> Any:
        found = place.read(who, f"{matter.path}/deadlines")["items"]
        return next(item["justified"] for item in found if item["id"] == status["id"])

    assert read("clerk")["reason"] == FOUND["reason"]
    hidden = read("auditor")
    assert (hidden["step_id"], hidden["person_id"], hidden["reason"]) == (read("clerk")["step_id"], None, None)
