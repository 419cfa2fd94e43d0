"""What can happen to a case beside its shortest way: sent back, reopened, withdrawn, reminded, late, told belatedly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.story.house import Place
from tests.story.matters import CITY_OF, Matter, instant, register

SECOND, MICROSECOND = timedelta(seconds=1), timedelta(microseconds=1)
TWO_DAYS = {"term": {"unit": "working_day", "length": 2}, "term_reason": "尚有遗漏"}
REASON = {"reason": "办理不到位，请补充。"}


@dataclass(frozen=True)
class SentBack:
    """How a kind sends back: in which state, by whom, to where, and the deadline that the unit then has."""

    of: str
    state: str
    who: str
    to: str
    deadline: str | None
    again: tuple[str, str, dict[str, Any]]
    body: dict[str, Any] = field(default_factory=dict)


SENT_BACK = {
    "complaint": SentBack(
        "complaint", "handled", "supervisor", "dispatched", "redo-report",
        ("window-head", "report-result", {"result": "已补正。"}), TWO_DAYS,
    ),
    "tip-off": SentBack(
        "tip-off", "handled", "clerk", "handling", None, ("officer", "report-result", {"result": "已补正。"})
    ),
    "hotline-order": SentBack(
        "hotline-order", "replied", "dispatcher", "dispatched", "redo-handling",
        ("city-officer", "report-result", {"result": "已补正。", "evidence_note": "现场确认。"}),
    ),
    "inspection-matter": SentBack(
        "inspection-matter", "assessed", "inspector", "handling", "redo",
        ("housing-officer", "report-result", {"result": "已补正。"}), TWO_DAYS,
    ),
    "finding": SentBack(
        "finding", "reported", "inspector", "handling", "redo",
        ("transport-officer", "report-rectification", {"report": "已补正。"}), TWO_DAYS,
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", SENT_BACK)
def test_sent_back_it_is_the_units_again(places: dict[str, Place], kind: str) -> None:
    """The deadline of before stays as it was met; the new one is the unit's to meet, from the return on."""
    how = SENT_BACK[kind]
    matter = register(places[CITY_OF[kind]], kind).live(how.state)
    before = {item["id"]: item for item in matter.view["deadlines"]}
    view = matter.take(how.who, "send-back", REASON, **how.body)
    assert view["state"] == how.to
    new = [item for item in view["deadlines"] if item["id"] not in before]
    assert {item["id"]: item for item in view["deadlines"] if item["id"] in before} == before
    assert [item["key"] for item in new] == ([how.deadline] if how.deadline else [])
    returned = matter.steps()[-1]
    for item in new:
        assert (item["state"], item["holder_unit_id"]) == ("open", view["units"][0]["unit_id"])
        explanation = explained(matter, item["id"])
        assert (explanation["starts_at"], explanation["term"]["start"]) == (returned["occurred_at"], "send-back")
    who, step, body = how.again
    assert matter.attempt(how.who, "send-back", REASON | how.body).json()["code"] == "cases.step-out-of-order"
    after = matter.take(who, step, body)
    assert [item["state"] for item in after["deadlines"] if item["id"] not in before] == ["met"] * len(new)


def explained(matter: Matter, deadline_id: str) -> dict[str, Any]:
    """The stored explanation of one deadline."""
    items = matter.place.read(matter.reader, f"{matter.path}/deadlines")["items"]
    found: dict[str, Any] = next(item["explanation"] for item in items if item["id"] == deadline_id)
    return found


@dataclass(frozen=True)
class Reopened:
    """How a kind is reopened: by whom, into which state, and the steps by which a term from receipt arises anew."""

    who: str
    to: str
    deadline: str
    then: tuple[tuple[str, str, dict[str, Any]], ...] = ()
    start: str = "reopen"
    registered: dict[str, Any] = field(default_factory=dict)
    before: tuple[tuple[str, str, dict[str, Any]], ...] = ()


SUDDEN = {
    "units": [{"unit_id": "@lead", "part": "lead", "term": {"unit": "hour", "length": 6}, "term_reason": "要求"}],
    "demand": "再次整改。", "group_head": "组长",
}  # fmt: skip
REOPENED = {
    "complaint": Reopened(
        "supervisor", "accepted", "joint-reply", (("supervisor", "classify", {"track": "joint"}),)
    ),
    "tip-off": Reopened(
        "supervisor", "registered", "status-report", registered={"petitioner": {"name": "王岩"}},
        before=(("clerk", "inform-status", {"status_form": "letter", "status_text": "已受理。"}),),
    ),
    "hotline-order": Reopened(
        "dispatcher", "accepted", "handling",
        (("dispatcher", "dispatch", {"units": [{"unit_id": "@lead", "part": "lead"}]}),), "dispatch",
    ),
    "inspection-matter": Reopened(
        "inspector", "registered", "deploy", (("inspector", "accept", {"passive": False}),)
    ),
    "finding": Reopened(
        "inspector", "registered", "sudden-feedback",
        (("inspector", "classify", {"track": "sudden"}), ("inspector", "dispatch", SUDDEN)), "dispatch",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", REOPENED)
def test_reopened_its_terms_run_anew(open_place: Callable[[str], Place], kind: str) -> None:
    """From the reopening where they ran from receipt; what was met before stays as it was."""
    how, place = REOPENED[kind], open_place(CITY_OF[kind])
    matter = register(place, kind, **how.registered)
    for who, step, body in how.before:
        matter.take(who, step, body)
    matter.live("closed")
    assert matter.view["closed_at"]
    old = {item["id"]: item for item in matter.view["deadlines"]}
    assert "open" not in {item["state"] for item in old.values()}
    place.move(place.now() + timedelta(days=10))
    view = matter.take(how.who, "reopen", reason="出现新情况。")
    assert (view["state"], view["closed_at"], view["received_at"]) == (how.to, None, matter.steps()[0]["occurred_at"])
    for who, step, body in how.then:
        view = matter.take(who, step, body)
    assert {item["id"]: item for item in view["deadlines"] if item["id"] in old} == old
    (new,) = [item for item in view["deadlines"] if item["key"] == how.deadline and item["state"] == "open"]
    explanation = explained(matter, new["id"])
    begun = next(step for step in reversed(matter.steps()) if step["step"] == how.start)
    assert (explanation["starts_at"], explanation["term"]["start"]) == (begun["occurred_at"], how.start)
    assert date.fromisoformat(new["due_on"]) >= place.now().date()


def test_what_was_done_before_the_reopening_counts_no_more(open_place: Callable[[str], Place]) -> None:
    """A complaint of several departments needs its meeting again."""
    matter = register(open_place("ankang"), "complaint")
    meeting = {"chair": "周明", "departments": ["住建局", "规划局"], "conclusion": "并联审批。"}
    rounds: list[tuple[str, dict[str, Any]]] = [("hold-meeting", meeting), ("reply", {"text": "并联审批。"})]
    matter.take("supervisor", "accept", grounds=["ankang:complaints-2018#3/accept.2"])
    for _ in range(2):
        matter.take("supervisor", "classify", track="joint")
        early = matter.attempt("supervisor", "reply", {"text": "并联审批。"})
        assert (early.status_code, early.json()["clause"]) == (409, "ankang:complaints-2018#6.3")
        for step, body in rounds:
            matter.take("supervisor", step, body)
        matter.take("supervisor", "close", substantiated="partly", fabricated=False)
        matter.take("supervisor", "reopen", reason="未落实。")
    assert [item["state"] for item in matter.view["deadlines"]] == ["met", "met"]


WITHDRAWN = {
    "complaint": ("supervisor", "dispatched"),
    "tip-off": ("clerk", "handling"),
    "hotline-order": ("operator", "dispatched"),
}


@pytest.mark.parametrize("kind", WITHDRAWN)
def test_withdrawn_it_is_over(places: dict[str, Place], kind: str) -> None:
    """Its open deadlines lapse, and nobody can go on with it."""
    who, state = WITHDRAWN[kind]
    matter = register(places[CITY_OF[kind]], kind, petitioner={"name": "王岩"}).live(state)
    was_open = {item["id"] for item in matter.view["deadlines"] if item["state"] == "open"}
    assert was_open
    view = matter.take(who, "withdraw", reason="诉求人自愿撤回。")
    at = matter.steps()[-1]["occurred_at"]
    assert (view["state"], view["closed_at"], view["due_at"], view["overdue"]) == ("withdrawn", at, None, False)
    lapsed = [item for item in view["deadlines"] if item["id"] in was_open]
    assert {(item["state"], item["ended_at"]) for item in lapsed} == {("lapsed", at)}
    assert matter.attempt(who, "withdraw", {"reason": "再撤。"}).json()["code"] == "cases.step-out-of-order"
    assert set(view["next_steps"]) <= {"reopen", "reconsider"}


REMINDERS: dict[str, list[tuple[str, str, dict[str, Any], str | None]]] = {
    "complaint": [("supervisor", "remind", {}, None)],
    "tip-off": [("supervisor", "remind", {}, None)],
    "hotline-order": [
        ("supervisor", "remind", {"cause": "shirking", "proposal": "请当日到场。"}, None),
        ("dispatcher", "supervise-by-message",
         {"method": "ganzhou:hotline-2022#7.1/phone", "matter": "ganzhou:hotline-2022#6.1"}, "supervision-by-message"),
        ("supervisor", "supervise-in-writing",
         {"letter_number": "督〔2026〕1号", "matter": "ganzhou:hotline-2022#6.2"}, "supervision-in-writing"),
    ],
    "inspection-matter": [
        ("inspector", "remind", {"node": "report-back"}, None),
        ("inspector", "remind", {"node": "settle", "reminded_units": ["@lead"]}, None),
    ],
    "finding": [("inspector", "remind", {}, None)],
}  # fmt: skip


@pytest.mark.parametrize("kind", REMINDERS)
def test_reminders_are_on_record_and_change_no_deadline(places: dict[str, Place], kind: str) -> None:
    """Supervision alone sets one, of its own; what ran before runs on."""
    with_the_units = "dispatched" if kind in {"complaint", "hotline-order"} else "handling"
    matter = register(places[CITY_OF[kind]], kind).live(with_the_units)
    for who, step, body, deadline in REMINDERS[kind]:
        before = {item["id"]: item for item in matter.view["deadlines"]}
        view = matter.take(who, step, body, text="请抓紧办理。")
        assert matter.steps()[-1]["data"]["text"] == "请抓紧办理。"
        assert {item["id"]: item for item in view["deadlines"] if item["id"] in before} == before
        assert [item["key"] for item in view["deadlines"] if item["id"] not in before] == ([deadline] if deadline else [])


def test_a_reminder_for_lateness_needs_lateness(open_place: Callable[[str], Place]) -> None:
    place = open_place("ganzhou")
    matter = register(place, "hotline-order").live("dispatched")
    late = {"text": "请抓紧。", "cause": "overdue", "proposal": "请当日到场。"}
    early = matter.attempt("supervisor", "remind", late)
    assert (early.status_code, early.json()["clause"]) == (422, "ganzhou:hotline-2022#5")
    due_at = instant(matter.view["due_at"])
    place.move(due_at + SECOND)
    just_before = matter.attempt("supervisor", "remind", late | {"occurred_at": (due_at - MICROSECOND).isoformat()})
    assert just_before.status_code == 422
    matter.take("supervisor", "remind", late, occurred_at=due_at.isoformat())


def test_a_belated_registration_has_two_times(ankang: Place) -> None:
    """The letter of last week: legal time is its receipt, and its terms run from there; recorded time is the clerk's."""
    received = ankang.now() - timedelta(days=6)
    sent = datetime.now(UTC)
    matter = register(ankang, "complaint", received_at=received.isoformat(), received_reason="来信补登")
    (step,) = matter.steps()
    assert instant(step["occurred_at"]) == instant(matter.view["received_at"]) == received
    assert received < instant(matter.view["registered_at"]) <= ankang.now()
    assert sent - SECOND < instant(step["recorded_at"]) < datetime.now(UTC) + SECOND
    matter.take("supervisor", "accept", grounds=["ankang:complaints-2018#3/accept.3"])
    matter.take("supervisor", "classify", track="joint")
    assert instant(explained(matter, matter.deadline("joint-reply")["id"])["starts_at"]) == received


def test_told_too_late_a_term_has_run_out_when_it_arises(ankang: Place) -> None:
    received = (ankang.now() - timedelta(days=60)).isoformat()
    matter = register(ankang, "complaint", received_at=received, received_reason="来信补登")
    matter.take("supervisor", "accept", grounds=["ankang:complaints-2018#3/accept.3"])
    view = matter.take("supervisor", "classify", track="joint")
    assert (view["overdue"], matter.deadline("joint-reply")["state"]) == (True, "open")
    meeting = {"chair": "周明", "departments": ["住建局", "规划局"], "conclusion": "并联审批。"}
    matter.take("supervisor", "hold-meeting", meeting)
    matter.take("supervisor", "reply", text="并联审批。")
    assert (matter.view["overdue"], matter.deadline("joint-reply")["state"]) == (False, "met-late")


BOUNDARY = {"a day before": (timedelta(days=-1), "met"), "just before": (-MICROSECOND, "met"),
            "at": (timedelta(0), "met-late"), "a day after": (timedelta(days=1), "met-late")}  # fmt: skip


@pytest.mark.parametrize("when", BOUNDARY)
def test_in_legal_time_the_last_instant_is_in_time(open_place: Callable[[str], Place], when: str) -> None:
    """``due_at`` is the first instant that is too late, whenever it is recorded."""
    offset, state = BOUNDARY[when]
    place = open_place("ankang")
    matter = register(place, "complaint").live("dispatched")
    due_at = instant(matter.view["due_at"])
    place.move(due_at + timedelta(days=2))
    assert matter.refresh()["overdue"] is True
    view = matter.take("window-head", "report-result", result="已办。", occurred_at=(due_at + offset).isoformat())
    ended = matter.deadline("window-report")
    assert (ended["state"], instant(ended["ended_at"]), view["overdue"]) == (state, due_at + offset, False)


def test_on_the_clock_the_last_second_is_in_time(open_place: Callable[[str], Place]) -> None:
    """The clock runs on, so an attempt that the machine was too slow for is made again on the next order."""
    place = open_place("ganzhou")
    for _ in range(10):
        order = an_hour(place)
        due_at = instant(order.view["due_at"])
        place.move(due_at - 2 * SECOND)
        overdue = order.refresh()["overdue"]
        order.take("city-officer", "report-result", result="已办。", evidence_note="现场确认。")
        done = instant(order.steps()[-1]["occurred_at"])
        assert order.deadline("handling")["state"] == ("met" if done < due_at else "met-late")
        if done < due_at:
            assert overdue is False
            assert due_at - done < 2 * SECOND
            return
    pytest.fail("ten times the machine took longer than a second for two requests")


def test_on_the_clock_the_next_second_is_late(open_place: Callable[[str], Place]) -> None:
    order = an_hour(open_place("ganzhou"))
    order.place.move(instant(order.view["due_at"]))
    assert order.refresh()["overdue"] is True
    view = order.take("city-officer", "report-result", result="已办。", evidence_note="现场确认。")
    assert (order.deadline("handling")["state"], view["overdue"]) == ("met-late", False)


def an_hour(place: Place) -> Matter:
    """An order dispatched with a term of one hour."""
    matter = register(place, "hotline-order")
    matter.take("operator", "accept")
    hour = {"term": {"unit": "hour", "length": 1}, "term_reason": "紧急"}
    matter.take("dispatcher", "dispatch", units=[{"unit_id": "@lead", "part": "lead", **hour}])
    return matter
