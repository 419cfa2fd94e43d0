"""Who joins a tip-off by name has the written status within seven days of their own report (baoding:tip-offs-2010#7.5)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.story.house import House, Place
from tests.story.matters import Matter, instant, register

MONDAY = "2026-03-02T09:00:00+08:00"
KEY = "status-report-to-joined"
WRITTEN = {"status_form": "letter", "status_text": "您反映的问题正在办理。"}


@pytest.fixture(scope="module")
def place(house: House) -> Place:
    """A reporting centre."""
    return house.open("baoding")


def join(matter: Matter, at: datetime, **petitioner: str) -> None:
    """Somebody joins at a moment."""
    matter.place.move(at)
    body = {"petitioner": petitioner}
    answer = matter.place.client.post("clerk", f"{matter.path}/petitioners", body, matter.etag)
    assert answer.status_code == 201, answer.text
    matter.refresh()


def told(matter: Matter) -> list[tuple[str, str, str]]:
    """The deadlines of the written status, in the order in which they arose."""
    keys = {"status-report", KEY}
    return [(item["key"], item["due_on"], item["state"]) for item in matter.view["deadlines"] if item["key"] in keys]


def test_the_days_of_each_count_from_what_each_reported(place: Place) -> None:
    place.move(instant(MONDAY))
    matter = register(place, "tip-off", petitioner={"name": "王岩"})
    for days, name in ((2, "李岩"), (4, "赵岩")):
        join(matter, instant(MONDAY) + timedelta(days=days), name=name)
    wanted = [("status-report", "2026-03-09"), (KEY, "2026-03-11"), (KEY, "2026-03-13")]
    assert told(matter) == [(*item, "open") for item in wanted], "none takes the place of another"
    found: list[dict[str, Any]] = place.read("clerk", f"{matter.path}/deadlines")["items"]
    explained = next(item for item in found if item["key"] == KEY)
    assert explained["clause"] == "baoding:tip-offs-2010#7.5"
    assert explained["explanation"]["start_event"] == "add-petitioner"
    matter.take("clerk", "inform-status", WRITTEN)
    assert [state for *_, state in told(matter)] == ["met", "met", "met"]


def test_who_joins_without_a_name_is_owed_nothing_in_writing(place: Place) -> None:
    place.move(instant("2026-03-09T09:00:00+08:00"))
    matter = register(place, "tip-off")
    join(matter, instant("2026-03-10T09:00:00+08:00"), phone="13800138000")
    assert told(matter) == []
    join(matter, instant("2026-03-11T09:00:00+08:00"), name="孙岩")
    assert told(matter) == [(KEY, "2026-03-18", "open")]


def test_units_are_not_told_whether_it_was_by_name(place: Place) -> None:
    place.move(instant("2026-03-16T09:00:00+08:00"))
    matter = register(place, "tip-off").live("handling")
    join(matter, instant("2026-03-17T09:00:00+08:00"), name="周岩")
    steps = {who: place.read(who, f"{matter.path}/steps")["items"][-1] for who in ("clerk", "officer")}
    assert steps["clerk"]["data"] == {"joined_by_name": True}
    assert steps["officer"]["data"] == {}
