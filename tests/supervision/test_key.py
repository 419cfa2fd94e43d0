"""A matter that enters key supervision waits among what is supervised (jincheng:points-2017#12.3/overdue)."""

from __future__ import annotations

from datetime import timedelta

from tests.story.house import House
from tests.story.matters import instant, register
from tests.supervision.late import come_by, items, waiting

WHO = "inspector"


def test_a_new_report_that_was_asked_for_is_as_late_as_the_first(house: House) -> None:
    place = house.open("jincheng")
    matter = register(place, "inspection-matter").live("handled")
    again = {"reason": "数据不实", "term": {"unit": "calendar_day", "length": 3}, "term_reason": "三日内重报"}
    matter.take(WHO, "send-back", again)
    second = instant(f"{matter.deadline('redo')['due_on']}T00:00:00+08:00") + timedelta(days=2)
    come_by(place, second - timedelta(minutes=1))
    assert waiting(place, WHO) == []
    come_by(place, second)
    (found,) = waiting(place, WHO)
    assert (found["clause"], found["facts"]["deadline"]) == ("jincheng:points-2017#12.3/overdue", "redo")


def test_two_days_late_it_is_found_until_it_is_reported_done(house: House) -> None:
    place = house.open("jincheng")
    matter = register(place, "inspection-matter")
    matter.take(WHO, "accept", {"passive": False})
    matter.take(WHO, "classify", {"track": "ordinary"})
    matter.take(WHO, "dispatch", units=[{"unit_id": "@lead", "part": "lead"}])
    matter.take("housing-officer", "report-progress", {"progress": "已制定方案。"})
    due_on = matter.deadline("settle-ordinary")["due_on"]
    second = instant(f"{due_on}T00:00:00+08:00") + timedelta(days=2)
    come_by(place, second - timedelta(minutes=1))
    assert waiting(place, WHO) == []
    come_by(place, second)
    (found,) = waiting(place, WHO)
    assert (found["clause"], found["methods"]) == ("jincheng:points-2017#12.3/overdue", [])
    assert (found["facts"]["deadline"], found["facts"]["overdue_days"]) == ("settle-ordinary", 2)
    assert instant(found["found_at"]) == second
    departure = place.client.post(WHO, f"/supervision-items/{found['id']}/departure", {"reason": "不予督办"}, '"1"')
    assert departure.status_code == 404, "the text asks for no supervising that one could depart from"
    matter.take("housing-officer", "report-result", {"result": "已完工。"})
    assert [(item["state"], item["ending"]) for item in items(matter, WHO)] == [("over", "finished")]
