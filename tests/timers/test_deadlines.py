"""A deadline keeps itself: it warns, is noted as overdue at the minute, each once, and a late worker catches up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.story.house import Place
from tests.story.matters import Matter, register

OpenPlace = Callable[[str], Place]
LADDER = [
    {"key": "day-before", "level": "due-soon", "distance": {"unit": "working_day", "length": 1}},
    {"key": "hour-before", "level": "due-soon", "distance": {"unit": "hour", "length": 1}},
    {"key": "second-day", "level": "overdue", "distance": {"unit": "working_day", "length": 2}},
    {"key": "fifth-day", "level": "key", "distance": {"unit": "calendar_day", "length": 5}},
]


def set_ladder(place: Place, since: str = "2026-01-01") -> None:
    body = {
        "key": "deadlines.warning-ladder",
        "value": LADDER,
        "effective_from": since,
        "basis": "市督查室2026年通知",
        "reason": "统一预警",
    }
    place.client.post(place.administrator, "/settings", body).raise_for_status()


def waiting(place: Place) -> tuple[Matter, datetime]:
    """An on-site complaint that nobody has answered: five working days from its receipt (ankang:complaints-2018#6.1)."""
    matter = register(place, "complaint", channel="on-site", form="oral")
    matter.take("supervisor", "accept", {"grounds": ["ankang:complaints-2018#3/accept.3"]})
    matter.take("supervisor", "classify", {"track": "on-site", "on_the_spot": False})
    (found,) = place.read("supervisor", f"{matter.path}/deadlines")["items"]
    return matter, datetime.fromisoformat(found["due_at"])


def noted(matter: Matter) -> list[str]:
    """The rungs that were noted, a worker having come by."""
    matter.place.house.work()
    return [item["rung"] for item in notices(matter)]


def notices(matter: Matter) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = matter.place.read("supervisor", f"{matter.path}/notices")["items"]
    return items


def test_it_warns_runs_out_and_climbs_the_ladder_each_at_its_time(open_place: OpenPlace) -> None:
    place = open_place("ankang")
    set_ladder(place)
    matter, due_at = waiting(place)
    assert noted(matter) == []
    hour_before = due_at - timedelta(hours=1)
    moments = {"day-before": None, "hour-before": hour_before, "breach": due_at, "second-day": None, "fifth-day": None}
    reached: list[str] = []
    for day in range(16):
        place.move(due_at - timedelta(days=6) + timedelta(days=day, minutes=-1))
        found = noted(matter)
        assert found[: len(reached)] == reached
        reached = found
    assert reached == list(moments)
    items = {item["rung"]: item for item in notices(matter)}
    for rung, at in moments.items():
        assert at is None or datetime.fromisoformat(items[rung]["reached_at"]) == at
    assert {item["clause"] for item in items.values()} == {"ankang:complaints-2018#6.1", "wenze:house#ladder"}
    assert items["breach"]["clause"] == "ankang:complaints-2018#6.1"
    assert {items[rung]["basis"] for rung in moments if rung != "breach"} == {"市督查室2026年通知"}
    events = sorted(place.rows("outbox"), key=lambda row: row["id"])
    assert [row["type"] for row in events if row["type"].startswith("deadline.")] == [
        "deadline.due-soon", "deadline.due-soon", "deadline.overdue", "deadline.overdue", "deadline.key",
    ]  # fmt: skip


@pytest.mark.parametrize(("late", "expected"), [(-1, []), (0, ["breach"])])
def test_the_breach_is_noted_at_the_minute(open_place: OpenPlace, late: int, expected: list[str]) -> None:
    place = open_place("ankang")
    matter, due_at = waiting(place)
    place.move(due_at + timedelta(minutes=late))
    assert noted(matter) == expected
    assert [datetime.fromisoformat(item["reached_at"]) for item in notices(matter)] == [due_at] * len(expected)


def test_a_worker_that_was_away_notes_what_it_missed_and_a_late_reply_does_not_undo_it(open_place: OpenPlace) -> None:
    place = open_place("ankang")
    set_ladder(place)
    matter, due_at = waiting(place)
    place.move(due_at + timedelta(hours=3))
    matter.take("supervisor", "reply", {"text": "已答复。"})
    place.move(due_at + timedelta(days=30))
    # What would have warned of it is not told any more; that it was late is, and no rung after its end.
    assert noted(matter) == ["breach"]
    assert noted(matter) == ["breach"]
    assert place.rows("timer") == []


def test_who_is_in_time_hears_nothing_more(open_place: OpenPlace) -> None:
    place = open_place("ankang")
    set_ladder(place)
    matter, due_at = waiting(place)
    matter.take("supervisor", "reply", {"text": "已答复。"})
    place.move(due_at + timedelta(days=30))
    assert noted(matter) == []


def test_the_law_has_a_rung_of_its_own(open_place: OpenPlace) -> None:
    """Two calendar days late from the rolled due date a matter enters key supervision (jincheng:points-2017#12.3)."""
    place = open_place("jincheng")
    matter = register(place, "inspection-matter")
    matter.take("inspector", "accept", {"passive": False})
    matter.take("inspector", "classify", {"track": "ordinary"})
    matter.take("inspector", "dispatch", {"units": [{"unit_id": "@lead", "part": "lead"}]})
    found = place.read("inspector", f"{matter.path}/deadlines")["items"]
    due = {item["key"]: item for item in found if item["state"] == "open"}
    # Days late are counted by dates (R10), whatever hour the last day of the term ends at.
    settle = datetime.fromisoformat(f"{due['settle-ordinary']['due_on']}T00:00:00+08:00")
    for at, expected in ((timedelta(days=2, minutes=-1), ["breach"]), (timedelta(days=2), ["breach", "key-supervision"])):
        place.move(settle + at)
        place.house.work()
        items = [
            item
            for item in place.read("inspector", f"{matter.path}/notices")["items"]
            if item["deadline"] == "settle-ordinary"
        ]
        assert [item["rung"] for item in items] == expected
    assert items[1]["clause"] == "jincheng:points-2017#12.3/overdue"
