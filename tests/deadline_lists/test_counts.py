"""The counts of each holder are those of the lists, and lateness is counted in the unit of each term."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from core.cases.deadline_counts import last_due
from core.law.calendar import national_calendar
from tests.deadline_lists.test_lists import DAYS, HOUR, at, dispatched, listed
from tests.story.house import House, Place
from tests.story.matters import register

CALENDAR_DAYS = {"term": {"unit": "calendar_day", "length": 8}, "term_reason": "按规定"}


@pytest.fixture
def place(house: House) -> Place:
    """A hotline centre on 30 April 2026."""
    return house.open("ganzhou")


def counts(place: Place, who: str = "supervisor", **query: Any) -> dict[str | None, dict[str, Any]]:
    """What each holder has to do, by name."""
    return {item["unit_name"] or item["office"]: item for item in place.read(who, "/deadlines/counts", **query)["items"]}


def test_they_are_those_of_the_lists_at_every_moment(place: Place) -> None:
    dispatched(place, HOUR)
    dispatched(place, DAYS, second="@second")
    dispatched(place, CALENDAR_DAYS, "@second")
    for moment in ("2026-04-30T10:00", "2026-04-30T14:00", "2026-05-01T00:00", "2026-05-08T09:00", "2026-05-09T09:00",
                   "2026-05-11T09:00", "2026-05-13T09:00"):  # fmt: skip
        place.move(at(moment))
        today = at(moment).date().isoformat()
        for late in (1, 2, 3, 9):
            found = counts(place, overdue_by=late)
            for name, unit in (("市城市管理局", "urban-management"), ("市水务集团", "water-company")):
                own = listed(place, holder_unit=place.cast.units[unit])
                assert found[name] == {
                    "unit_id": str(place.cast.units[unit]),
                    "unit_name": name,
                    "office": None,
                    "open": len(own),
                    "due_today": sum(item["due_on"] == today and not item["overdue"] for item in own),
                    "due_soon": None,
                    "overdue": sum(item["overdue"] for item in own),
                    "unjustified": sum(item["overdue"] and item["justified"] is None for item in own),
                    "overdue_by": sum(item["overdue"] and item["overdue_days"] >= late for item in own),
                }, (moment, name, late)


def test_soon_is_counted_in_the_tenants_working_days(place: Place) -> None:
    dispatched(place, DAYS)
    assert [counts(place, soon=days)["市城市管理局"]["due_soon"] for days in (1, 2, 3)] == [0, 0, 1], "6, 7 and 8 May"
    place.move(at("2026-05-08T10:00"))
    assert [counts(place, soon=days)["市城市管理局"]["due_soon"] for days in (1, 60)] == [1, 1], "what is due today, too"
    place.move(at("2026-05-09T00:00"))
    assert counts(place, soon=60)["市城市管理局"]["due_soon"] == 0, "what is late is late, and not soon"


def test_the_most_overdue_come_first_and_an_officer_is_told_of_their_cases_alone(place: Place) -> None:
    dispatched(place, DAYS)
    for _ in range(2):
        dispatched(place, HOUR, "@second")
    place.move(at("2026-05-01T08:00"))
    assert list(counts(place)) == ["市水务集团", "市城市管理局"]
    assert list(counts(place, "city-officer")) == ["市城市管理局"]
    assert counts(place, "road-officer") == {}


def test_what_offices_hold_is_counted_by_office(house: House) -> None:
    place = house.open("baoding")
    register(place, "tip-off", petitioner={"name": "王秀英"})
    (item,) = place.read("clerk", "/deadlines/counts")["items"]
    (held,) = {line["holder"] for line in listed(place, "clerk")}
    assert f"office:{item['office']}" == held
    assert item["open"] == len(listed(place, "clerk"))


@pytest.mark.parametrize(("query", "code"), [({"soon": 0}, "api.field-range"), ({"soon": 61}, "api.field-range"),
                                             ({"overdue_by": 0}, "api.field-range"), ({"by": 1}, "api.parameter-unknown")],
                         ids=["no-day", "too-far", "not-late", "unknown"])  # fmt: skip
def test_what_cannot_be_counted_is_refused(ganzhou: Place, query: dict[str, Any], code: str) -> None:
    answer = ganzhou.get("supervisor", "/deadlines/counts", **query)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_the_last_due_date_by_which_a_term_is_so_many_working_days_late() -> None:
    calendar = national_calendar()
    for today in (date(2026, 5, 5), date(2026, 5, 6), date(2026, 5, 9), date(2026, 5, 10), date(2026, 5, 11)):
        for days in (1, 2, 3, 10):
            last = last_due(calendar, today, days)
            late = [
                calendar.working_days_between(due, today) >= days for due in (last, date.fromordinal(last.toordinal() + 1))
            ]
            assert late == [True, False], (today, days)
    assert last_due(calendar, date(2004, 1, 2), 5) == date(2003, 12, 31), "nothing is older than the calendar"
