"""Closed months: their figures stay; what comes later or is corrected stands beside them and is never silent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core.procedure import Role
from tests.corrections.served import asked, complaint, decide, dispatched
from tests.story.house import Place
from tests.story.matters import Matter, instant, registration
from tests.story.test_updates import changed

FEBRUARY, IN_MARCH = "2026-02-26T09:00:00+08:00", "2026-03-10T10:00:00+08:00"
BASIS = {"basis": "市政务服务中心月报（2026年2月）"}


@pytest.fixture
def ankang(open_place: Callable[[str], Place]) -> Place:
    """A tenant of Ankang for one test, with a supervisor who may close its months."""
    place = open_place("ankang")
    place.hire("head", Role.SUPERVISOR)
    return place


def close(place: Place, month: str = "2026-02", who: str = "head") -> Any:
    return place.client.post(who, f"/months/{month}/closure", BASIS)


def sums(place: Place, month: str = "2026-02") -> dict[str, int]:
    return {item["measure"]: item["change"] for item in place.read("head", f"/months/{month}")["sums"]}


def test_a_month_is_closed_once_and_after_it_is_over(ankang: Place) -> None:
    early = close(ankang)
    assert (early.status_code, early.json()["code"], early.json()["clause"]) == (422, "months.not-past", "wenze:house#month")
    ankang.move(instant("2026-03-01T00:00:00+08:00"))
    before = ankang.counts()
    made = close(ankang)
    assert (made.status_code, made.json()["month"], made.json()["basis"]) == (201, "2026-02", BASIS["basis"])
    assert made.headers["location"].endswith("/months/2026-02")
    grown = {"closed_month": 1, "audit": 1, "audit_content": 1, "outbox": 1, "idempotency": 1}
    assert changed(before, ankang.counts()) == grown
    again = close(ankang, who="administrator")
    assert (again.status_code, again.json()["code"]) == (409, "months.closed-before")
    assert close(ankang, "2026-03").status_code == 422
    assert [item["month"] for item in ankang.read("head", "/months")["items"]] == ["2026-02"]
    assert ankang.read("head", "/months/2026-02") == made.json() | {"sums": []}


def test_the_last_moment_of_a_month_is_still_in_it(ankang: Place) -> None:
    ankang.move(instant("2026-02-28T23:59:00+08:00"))
    assert close(ankang).status_code == 422


@pytest.mark.parametrize("month", ["2026-13", "2026-00", "26-02", "2026-2", "２０２６-02", "0000-01"])
def test_what_is_no_month_is_not_there(ankang: Place, month: str) -> None:
    assert close(ankang, month).status_code == 404
    assert ankang.get("head", f"/months/{month}").status_code == 404


def test_who_may_close_and_look(ankang: Place) -> None:
    ankang.move(instant("2026-03-01T00:00:00+08:00"))
    ankang.hire("auditor", Role.AUDITOR)
    for who in ("auditor", "duty-clerk", "window-head"):
        assert close(ankang, who=who).status_code == 403
    close(ankang)
    assert ankang.get("auditor", "/months/2026-02").status_code == 200
    assert ankang.get("window-head", "/months/2026-02").status_code == 403


def in_march(place: Place) -> Matter:
    """A complaint that is with its unit on 10 March, when February is closed."""
    matter = dispatched(place, IN_MARCH)
    assert close(place).status_code == 201
    return matter


def test_a_correction_does_not_move_a_closed_month_silently(ankang: Place) -> None:
    matter = in_march(ankang)
    waiting = asked(matter, received_at=FEBRUARY)
    told = {(item["month"], item["measure"], item["closed"]): item["change"] for item in waiting["current"]["figures"]}
    assert told[("2026-02", "received", True)] == 1
    assert told[("2026-03", "received", False)] == -1
    before = ankang.counts()
    refused = decide(matter, waiting)
    assert (refused.status_code, refused.json()["code"]) == (422, "corrections.month-closed")
    assert "2026-02" in refused.json()["detail"]
    assert ankang.counts() == before
    made = decide(matter, waiting, into_closed_months=True, reason="月报已报出，另列调整。")
    assert made.status_code == 200, made.text
    (row,) = ankang.read("head", "/months/2026-02/adjustments")["items"]
    assert (row["measure"], row["change"], row["cause"]) == ("received", 1, "correction")
    assert (row["case_id"], row["step_id"]) == (matter.id, made.json()["step_id"])
    assert row["reason"] == "月报已报出，另列调整。"
    assert sums(ankang) == {"received": 1}


def test_a_correction_beside_a_closed_month_needs_nothing(ankang: Place) -> None:
    matter = in_march(ankang)
    assert decide(matter, asked(matter, received_at="2026-03-02T09:00:00+08:00")).status_code == 200
    assert ankang.rows("month_adjustment") == []


def test_a_breach_in_a_closed_month_that_goes_away_is_an_adjustment(ankang: Place) -> None:
    matter = dispatched(ankang, "2026-02-24T10:00:00+08:00")
    ankang.move(instant("2026-04-01T10:00:00+08:00"))
    assert close(ankang, "2026-03").status_code == 201
    assert matter.refresh()["overdue"] is True
    unit = str(ankang.cast.units["social-security-window"])
    waiting = asked(matter, unit={"recorded_unit_id": "@social-security-window", "right_unit_id": "@housing-window"})
    moved = {(item["measure"], item["unit_id"] == unit): item["change"] for item in waiting["current"]["figures"]}
    assert moved == {("due", True): -1, ("overdue", True): -1, ("due", False): 1, ("overdue", False): 1}
    assert decide(matter, waiting).json()["code"] == "corrections.month-closed"
    assert decide(matter, waiting, into_closed_months=True).status_code == 200
    rows = ankang.read("head", "/months/2026-03/adjustments")["items"]
    assert sorted((row["measure"], row["unit_id"] == unit, row["change"]) for row in rows) == [
        ("due", False, 1), ("due", True, -1), ("overdue", False, 1), ("overdue", True, -1),
    ]  # fmt: skip
    assert sums(ankang, "2026-03") == {"due": 0, "overdue": 0}


def test_what_is_registered_late_is_an_adjustment(ankang: Place) -> None:
    ankang.move(instant(IN_MARCH))
    assert close(ankang).status_code == 201
    matter = complaint(ankang, None, track="plain", received_at=FEBRUARY, received_reason="来信压件，补登。")
    (row,) = list(ankang.rows("month_adjustment"))
    assert (row["measure"], row["change"], row["cause"], row["reason"]) == (
        "received",
        1,
        "registration",
        "来信压件，补登。",
    )
    assert str(row["case_id"]) == matter.id


def test_a_step_that_comes_late_is_an_adjustment(ankang: Place) -> None:
    matter = dispatched(ankang, "2026-02-13T10:00:00+08:00")
    due = matter.deadline("window-report")["due_on"]
    assert due < "2026-03-01"
    ankang.move(instant(IN_MARCH))
    assert close(ankang).status_code == 201
    report = {"result": "已更正。", "occurred_at": "2026-02-14T10:00:00+08:00", "note": "当日已办，补记。"}
    matter.take("window-head", "report-result", report)
    rows = {row["measure"]: (row["change"], row["cause"], row["reason"]) for row in ankang.rows("month_adjustment")}
    assert rows == {"met": (1, "step", "当日已办，补记。"), "overdue": (-1, "step", "当日已办，补记。")}


def test_what_is_late_in_an_open_month_moves_no_closed_one(ankang: Place) -> None:
    matter = dispatched(ankang, "2026-02-13T10:00:00+08:00")
    ankang.move(instant(IN_MARCH))
    assert close(ankang).status_code == 201
    matter.take("window-head", "report-result", {"result": "已更正。"})
    matter.take("supervisor", "reply", {"text": "已更正。"})
    matter.take("supervisor", "close", {"substantiated": "yes", "fabricated": False})
    matter.take("supervisor", "reopen", {"reason": "诉求人提供新材料。"})
    assert ankang.rows("month_adjustment") == []


def test_adjustments_come_in_pages(ankang: Place) -> None:
    ankang.move(instant(IN_MARCH))
    assert close(ankang).status_code == 201
    late = registration("complaint", received_at=FEBRUARY, received_reason="补登")
    for _ in range(3):
        assert ankang.client.post("supervisor", "/cases", late).status_code == 201
    first = ankang.get("head", "/months/2026-02/adjustments", limit=2)
    assert len(first.json()["items"]) == 2
    assert 'rel="next"' in first.headers["link"]
    second = ankang.get("head", "/months/2026-02/adjustments", limit=2, cursor=first.json()["next"]).json()
    assert (len(second["items"]), second["next"]) == (1, None)
    assert sums(ankang) == {"received": 3}
    assert ankang.get("head", "/months/2026-02/adjustments", cursor="nonsense").status_code == 400
    assert ankang.get("head", "/months/2026-01/adjustments").status_code == 404
