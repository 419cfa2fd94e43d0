"""A change of the calendar reaches the deadlines that are open, and no other; what they were is kept (promise 2)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from core.procedure import Role
from core.tenants.service.calendars import CalendarStatement
from tests.corrections.served import corrected
from tests.deadlines.recompute import recompute
from tests.story.house import Place
from tests.story.matters import Matter
from tests.timers.test_deadlines import noted, set_ladder, waiting

BASIS = "市政府办公室通知〔2026〕9号"
OpenPlace = Callable[[str], Place]


KEEPER = "keeper"
"""Who keeps the calendar."""


def opened(open_place: OpenPlace) -> Place:
    place = open_place("ankang")
    place.hire(KEEPER, Role.TENANT_ADMINISTRATOR)
    return place


def publish(place: Place, **said: Any) -> None:
    """The next version of the calendar, said whole: what stands and this."""
    found = place.get(KEEPER, "/calendar").raise_for_status()
    kept = {name: value for name, value in found.json().items() if name in CalendarStatement.__struct_fields__}
    body = kept | {"basis": BASIS} | said
    tag = {"If-Match": found.headers["etag"]}
    place.client.send(KEEPER, "PUT", "/calendar", tag, json.dumps(body).encode()).raise_for_status()


def closing(*days: date) -> list[dict[str, str]]:
    return [{"date": day.isoformat(), "name": "停办", "basis": "市政务服务管理局通告"} for day in days]


def deadline_of(matter: Matter) -> dict[str, Any]:
    found = [
        item
        for item in matter.place.read("supervisor", f"{matter.path}/deadlines")["items"]
        if item["key"] == "reply-on-site"
    ]
    return found[-1]


def test_a_closure_moves_what_is_open_and_keeps_what_it_was(open_place: OpenPlace) -> None:
    place = opened(open_place)
    matter, _ = waiting(place)
    before = deadline_of(matter)
    version = matter.refresh()["version"]
    publish(place, closures=closing(date.fromisoformat(before["due_on"])))
    place.house.work()
    after = deadline_of(matter)
    assert after["due_on"] > before["due_on"] == after["original_due_on"]
    assert date.fromisoformat(after["due_on"]) == recompute(json.dumps(after["explanation"]))[1]
    (entry,) = after["ledger"]
    assert (entry["kind"], entry["due_on"], entry["basis"]) == ("recount", after["due_on"], BASIS)
    assert entry["replaced"] == before["explanation"]
    (step,) = [item for item in place.read("supervisor", f"{matter.path}/steps")["items"] if item["step"] == "recount"]
    assert (step["person_id"], step["role"], step["clause"]) == (None, "worker", "wenze:readings#r2")
    assert step["data"]["deadlines"] == [
        {
            "deadline_id": after["id"], "key": "reply-on-site", "from": before["due_on"], "to": after["due_on"],
            "provisional": False,
        }
    ]  # fmt: skip
    assert matter.refresh()["version"] == version + 1
    assert [row["refs"]["case_id"] for row in place.rows("outbox") if row["type"] == "case.recount"] == [matter.id]
    (told,) = place.read(KEEPER, "/calendar/recounts")["items"]
    assert (told["cause"], told["total"], told["examined"], told["moved"]) == ("calendar", 1, 1, 1)
    assert told["ended_at"] is not None
    # It goes on as any other: replied to in time by the new date, which the old one was not.
    place.move(datetime.fromisoformat(before["due_at"]) + timedelta(hours=1))
    assert noted(matter) == []
    matter.take("supervisor", "reply", {"text": "已答复。"})
    assert deadline_of(matter)["state"] == "met"


def test_what_is_over_stays_as_it_was(open_place: OpenPlace) -> None:
    """Nobody becomes late after the fact, and nobody becomes in time who was not."""
    place = opened(open_place)
    in_time, due_at = waiting(place)
    late, _ = waiting(place)
    before = {matter.id: deadline_of(matter) for matter in (in_time, late)}
    in_time.take("supervisor", "reply", {"text": "已答复。"})
    place.move(due_at + timedelta(days=1))
    late.take("supervisor", "reply", {"text": "已答复。"})
    publish(place, closures=closing(date.fromisoformat(before[late.id]["due_on"])))
    place.house.work()
    for matter, state in ((in_time, "met"), (late, "met-late")):
        after = deadline_of(matter)
        assert (after["state"], after["due_on"], after["ledger"]) == (state, before[matter.id]["due_on"], [])


def test_a_closure_that_is_taken_back_and_a_case_that_it_does_not_touch(open_place: OpenPlace) -> None:
    place = opened(open_place)
    matter, _ = waiting(place)
    before = deadline_of(matter)
    publish(place, closures=closing(date.fromisoformat(before["due_on"])))
    place.house.work()
    publish(place, closures=[])
    place.house.work()
    after = deadline_of(matter)
    assert (after["due_on"], [entry["kind"] for entry in after["ledger"]]) == (before["due_on"], ["recount", "recount"])
    publish(place, closures=closing(date(2026, 12, 31)))
    place.house.work()
    assert deadline_of(matter) == after
    newest = place.read(KEEPER, "/calendar/recounts")["items"][0]
    assert (newest["examined"], newest["moved"]) == (1, 0)


def test_another_ladder_warns_of_what_is_open_already(open_place: OpenPlace) -> None:
    place = opened(open_place)
    matter, due_at = waiting(place)
    place.move(due_at - timedelta(minutes=30))
    assert noted(matter) == []
    set_ladder(place)
    assert noted(matter) == ["day-before", "hour-before"]


def test_many_cases_are_counted_batch_by_batch(open_place: OpenPlace, monkeypatch: Any) -> None:
    place = opened(open_place)
    matters = [waiting(place)[0] for _ in range(5)]
    due_on = date.fromisoformat(deadline_of(matters[0])["due_on"])
    monkeypatch.setattr("core.recounts.working.BATCH", 2)
    publish(place, closures=closing(due_on))
    place.house.work()
    assert {deadline_of(matter)["due_on"] > due_on.isoformat() for matter in matters} == {True}
    (told,) = place.read(KEEPER, "/calendar/recounts")["items"]
    assert (told["total"], told["examined"], told["moved"]) == (5, 5, 5)


def test_what_was_counted_anew_can_be_corrected(open_place: OpenPlace) -> None:
    """The history of a case leads to where it stands, its days having changed meanwhile."""
    place = opened(open_place)
    place.move(datetime.fromisoformat("2026-03-03T10:00:00+08:00"))
    matter, _ = waiting(place)
    before = deadline_of(matter)
    publish(place, closures=closing(date.fromisoformat(before["due_on"])))
    place.house.work()
    moved = deadline_of(matter)
    received = datetime.fromisoformat(matter.refresh()["received_at"]) - timedelta(days=1)
    corrected(matter, received_at=received.isoformat())
    after = deadline_of(matter)
    # A working day earlier than it had become; the closure, which lay on the day before that, counts no more than before.
    assert after["due_on"] < moved["due_on"]
    assert [entry["kind"] for entry in after["ledger"]] == ["recount", "replacement"]


def test_the_figures_of_a_closed_month_stay_and_what_moves_out_of_it_stands_beside_them(open_place: OpenPlace) -> None:
    place = opened(open_place)
    place.move(datetime.fromisoformat("2026-03-24T10:00:00+08:00"))
    matter, _ = waiting(place)
    assert deadline_of(matter)["due_on"] == "2026-03-31"
    place.move(datetime.fromisoformat("2026-04-02T10:00:00+08:00"))
    place.house.work()  # whoever notes the breach has the case in hand then, and not while it is counted anew
    place.client.post(KEEPER, "/months/2026-03/closure", {"basis": BASIS}).raise_for_status()
    publish(place, closures=closing(date(2026, 3, 31)))
    place.house.work()
    assert deadline_of(matter)["due_on"] == "2026-04-01"
    items = place.read(KEEPER, "/months/2026-03/adjustments")["items"]
    told = {(item["measure"], item["change"], item["cause"], item["case_id"], item["reason"]) for item in items}
    assert told == {(measure, -1, "recount", matter.id, BASIS) for measure in ("due", "overdue")}
