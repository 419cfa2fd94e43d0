"""The list of what must be supervised: the oldest first, counted, with the reminders, and to whom it is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from core.procedure import Role
from tests.story.house import House, Place
from tests.story.matters import Matter, instant, register
from tests.supervision.late import come_by, dispatched, due_of, items, overdue, supervise, unhappy_after_redo, waiting

LATE: dict[str, Any] = {"cause": "overdue", "proposal": "请当日派员到场。", "text": "请尽快办理。"}


@pytest.fixture
def place(house: House) -> Place:
    """A hotline centre."""
    return house.open("ganzhou")


def counted(place: Place, who: str) -> int:
    """How many the counts tell."""
    found: int = {item["list"]: item["count"] for item in place.read(who, "/worklists")["items"]}["supervision"]
    return found


def test_the_oldest_stands_first_and_the_pages_have_them_all(place: Place) -> None:
    third, first, second = dispatched(place, 5), dispatched(place, 2), dispatched(place, 3)
    come_by(place, due_of(third))
    expected = [first.id, second.id, third.id]
    assert [item["case"]["id"] for item in waiting(place)] == expected
    found, cursor = [], None
    for _ in expected:
        page = place.read("supervisor", "/worklists/supervision", limit=1, **({"cursor": cursor} if cursor else {}))
        found += [item["case_id"] for item in page["items"]]
        cursor = page["next"]
    assert (found, cursor) == (expected, None)
    assert counted(place, "supervisor") == counted(place, "dispatcher") == len(expected)
    supervise(second)
    assert counted(place, "supervisor") == len(waiting(place)) == len(expected) - 1


def test_a_reminder_that_the_unit_lets_pass_opens_the_report(place: Place) -> None:
    """ganzhou:hotline-2022#5: reminded, and reported to the city government where that is ignored."""
    matter = overdue(place)
    assert waiting(place)[0]["reminders"] is None
    matter.take("supervisor", "remind", LATE | {"cause": "shirking"})
    assert waiting(place)[0]["reminders"] is None, "it was about something else"
    reminded = matter.take("supervisor", "remind", LATE)
    at = instant(matter.steps()[-1]["occurred_at"])
    told = waiting(place)[0]["reminders"]
    assert (told["times"], instant(told["last_at"]), told["open_step"]) == (1, at, None)
    place.move(day_after(at) - timedelta(minutes=1))
    assert waiting(place)[0]["reminders"]["open_step"] is None
    place.move(day_after(at))
    assert waiting(place)[0]["reminders"]["open_step"] == "report-up"
    assert items(matter)[0]["reminders"]["open_step"] == "report-up"
    body = {"refusal_found": "仍未派员，亦未说明理由。", "report_document": "关于某办件逾期未办的报告"}
    matter.take("supervisor", "report-up", body)
    assert waiting(place)[0]["reminders"]["open_step"] is None, "it was reported"
    assert reminded["id"] == matter.id


@pytest.mark.parametrize("named", ["@urban-management", "@water-company"])
def test_a_reminder_counts_for_the_units_that_it_names(place: Place, named: str) -> None:
    matter = overdue(place, 2, 2)
    matter.take("supervisor", "remind", place.fill(LATE | {"reminded_units": [named]}))
    reminders = {item["unit_id"]: (item["reminders"] or {"times": 0})["times"] for item in waiting(place)}
    assert reminders == {place.fill(unit): int(unit == named) for unit in ("@urban-management", "@water-company")}


def test_nobody_is_reminded_as_late_who_is_not(place: Place) -> None:
    matter = overdue(place, 2, 5)
    refused = matter.attempt("supervisor", "remind", place.fill(LATE | {"reminded_units": ["@water-company"]}))
    assert (refused.status_code, refused.json()["clause"]) == (422, "ganzhou:hotline-2022#5")
    assert refused.json()["field"] == "/reminded_units"


def test_a_unit_that_reports_on_the_day_has_not_ignored_it(place: Place) -> None:
    matter = overdue(place)
    matter.take("supervisor", "remind", LATE)
    at = instant(matter.steps()[-1]["occurred_at"])
    matter.take("city-officer", "report-justification", {"justification": "连日暴雨。"})
    place.move(day_after(at) + timedelta(days=1))
    assert waiting(place)[0]["reminders"]["open_step"] is None


def day_after(at: datetime) -> datetime:
    """When the local day of an instant is over."""
    local = at.astimezone(instant("2026-01-01T00:00:00+08:00").tzinfo)
    return (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


def test_who_is_told_of_it(place: Place) -> None:
    place.hire("auditor", Role.AUDITOR)
    place.hire("both", Role.SUPERVISOR, Role.UNIT_OFFICER, unit="urban-management")
    matter, other = overdue(place, 2, 9), unhappy_after_redo(place)
    for who in ("supervisor", "dispatcher", "auditor"):
        assert {item["case_id"] for item in waiting(place, who)} == {matter.id, other.id}, who
        assert counted(place, who) == len(waiting(place, who))
    assert waiting(place, "both") == []
    for who in ("operator", "city-officer", "administrator"):
        assert place.get(who, "/worklists/supervision").status_code == 403
        assert counted(place, who) == 0
    assert place.get("operator", f"{matter.path}/supervision-items").status_code == 403
    assert seen(matter) == {"city-officer": 0, "water-officer": 0, "both": 0, "supervisor": 1}
    supervise(matter)
    assert seen(matter) == {"city-officer": 1, "water-officer": 0, "both": 1, "supervisor": 1}
    assert place.get("road-officer", f"{matter.path}/supervision-items").status_code == 404


def seen(matter: Matter) -> dict[str, int]:
    """How many items of a case each is told of."""
    return {who: len(items(matter, who)) for who in ("city-officer", "water-officer", "both", "supervisor")}


def test_a_city_without_such_clauses_has_no_such_list(house: House) -> None:
    ankang, matter = (place := house.open("ankang")), register(place, "complaint")
    assert ankang.get("supervisor", "/worklists/supervision").status_code == 404
    assert ankang.get("supervisor", f"{matter.path}/supervision-items").status_code == 404
    assert counted(ankang, "supervisor") == 0
