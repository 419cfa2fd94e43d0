"""What was said of what each unit led, counted: every unit for the staff, the own with enough answers for an officer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.feedback.replied import CALLED, CONTENT, UNHAPPY, Replied, answer, code, replied
from tests.story.house import Place
from tests.story.matters import LEAD_ONLY


@pytest.fixture
def place(open_place: Callable[[str], Place]) -> Place:
    """A tenant of its own."""
    return open_place("ganzhou")


def summary(place: Place, who: str = "supervisor", since: date | None = None, until: date | None = None) -> dict[str, Any]:
    """The figures by unit, of today unless another period is asked for."""
    today = place.now().date()
    query = {"from": (since or today).isoformat(), "to": (until or today).isoformat()}
    return {item.pop("unit_id"): item for item in place.read(who, "/feedback/summary", **query)["items"]}


def ask(place: Place, **said: Any) -> Replied:
    """A new order and what was said of the reply."""
    matter = replied(place)
    matter.take("operator", "call-back", said)
    return matter


def test_every_attempt_is_counted_and_of_each_answer_the_last(place: Place) -> None:
    ask(place, **CALLED | CONTENT)
    ask(place, reached="not-reached")
    changed = ask(place, **CALLED | UNHAPPY)
    changed.take("operator", "call-back", CALLED | {"satisfied": False, "dissatisfaction": "late"}, note="更正原因")
    by_receipt = replied(place)
    assert answer(place, by_receipt.receipts[0], **UNHAPPY).status_code == 200
    by_receipt.refresh()
    by_receipt.take("operator", "call-back", reached="declined", note="再次联系")
    unit = str(place.cast.units["urban-management"])
    assert summary(place) == {
        unit: {
            "asked": 6, "reached": 4, "satisfied": 1, "unsatisfied": 2, "reasons": {"late": 1, "not-solved": 1},
        }
    }  # fmt: skip


def test_a_second_reply_is_asked_about_anew(place: Place) -> None:
    matter = ask(place, **CALLED | UNHAPPY)
    matter.take("dispatcher", "send-back", reason="返工")
    matter.take("city-officer", "report-result", result="已返工。", evidence_note="现场确认。")
    matter.take("dispatcher", "reply", text="已返工。")
    matter.take("operator", "call-back", CALLED | CONTENT)
    (counted,) = summary(place).values()
    today = place.now().date().isoformat()
    names = place.read("supervisor", "/feedback/summary", **{"from": today, "to": today})["unit_names"]
    assert names == {str(place.cast.units["urban-management"]): "市城市管理局"}
    assert (counted["asked"], counted["satisfied"], counted["unsatisfied"]) == (2, 1, 1)


def month_of(place: Place, who: str, day: date) -> dict[str, Any]:
    """The figures of the month of a day."""
    return summary(
        place, who, day.replace(day=1), (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    )


def test_an_officer_sees_the_own_unit_from_the_fifth_answer_on(place: Place) -> None:
    for _ in range(4):
        ask(place, **CALLED | CONTENT)
    ask(place, reached="not-reached")
    begun, fifth = place.now(), replied(place)
    place.move(begun.replace(day=1) + timedelta(days=33))
    day, unit = begun.date(), str(place.cast.units["urban-management"])
    assert month_of(place, "city-officer", day) == {}
    assert month_of(place, "supervisor", day)[unit]["satisfied"] == 4
    fifth.take("operator", "call-back", CALLED | UNHAPPY, occurred_at=(begun + timedelta(hours=1)).isoformat())
    assert month_of(place, "city-officer", day) == {unit: month_of(place, "supervisor", day)[unit]}
    assert month_of(place, "water-officer", day) == {}, "which cooperates, and never led"
    fifth.take("operator", "call-back", CALLED | CONTENT, note="听错")
    assert month_of(place, "city-officer", day) == {}, "the answer that counts is of the month after"


@pytest.mark.parametrize(
    ("since", "until", "wanted"),
    [
        ("2025-04-01", "2025-04-30", 200),
        ("2024-02-01", "2024-02-29", 200),
        ("2025-04-01", "2025-04-29", 422),
        ("2025-04-02", "2025-04-30", 422),
        ("2025-03-01", "2025-04-30", 422),
        ("2024-04-01", "2025-04-30", 422),
        ("2025-04-30", "2025-04-30", 422),
        ("9999-12-01", "9999-12-31", 422),
    ],
)
def test_an_officer_asks_for_one_month_that_is_over(ganzhou: Place, since: str, until: str, wanted: int) -> None:
    found = ganzhou.get("city-officer", "/feedback/summary", **{"from": since, "to": until})
    assert found.status_code == wanted, found.text
    assert wanted == 200 or code(found) == (422, "feedback.period-not-month")
    assert ganzhou.get("supervisor", "/feedback/summary", **{"from": since, "to": until}).status_code == 200


def test_a_month_is_over_when_its_last_local_day_is(place: Place) -> None:
    month = {"from": "2026-07-01", "to": "2026-07-31"}
    for moment, wanted in (("2026-07-31T15:50:00Z", 422), ("2026-07-31T16:00:00Z", 200)):
        place.move(datetime.fromisoformat(moment))
        assert place.get("city-officer", "/feedback/summary", **month).status_code == wanted


def test_the_unit_that_led_when_it_was_asked_is_counted(place: Place) -> None:
    matter = ask(place, **CALLED | CONTENT)
    matter.take("dispatcher", "close")
    matter.take("dispatcher", "reopen", reason="又坏了")
    matter.take("dispatcher", "dispatch", units=[LEAD_ONLY[0] | {"unit_id": "@water-company"}])
    matter.take("water-officer", "report-result", result="已修。", evidence_note="现场确认。")
    matter.take("dispatcher", "reply", text="已修。")
    matter.take("operator", "call-back", CALLED | UNHAPPY)
    found = summary(place)
    units = {key: str(place.cast.units[key]) for key in ("urban-management", "water-company")}
    assert [found[units[key]]["satisfied"] for key in units] == [1, 0]
    assert [found[units[key]]["unsatisfied"] for key in units] == [0, 1]


def test_the_period_is_of_local_days_and_both_of_its_ends_count(place: Place) -> None:
    ask(place, **CALLED | CONTENT)
    today, day = place.now().astimezone(place.now().tzinfo).date(), timedelta(days=1)
    place.move(place.now().replace(hour=16, minute=30))  # UTC: the next local day has begun
    ask(place, **CALLED | UNHAPPY)
    (first,) = summary(place, since=today, until=today).values()
    (second,) = summary(place, since=today + day, until=today + day).values()
    (both,) = summary(place, since=today, until=today + day).values()
    assert [(item["satisfied"], item["unsatisfied"]) for item in (first, second, both)] == [(1, 0), (0, 1), (1, 1)]
    assert summary(place, since=today - day, until=today - day) == {}


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"from": "2026-05-02", "to": "2026-05-01"}, (422, "feedback.period-inverted")),
        ({"from": "2026-05-02"}, (400, None)),
        ({"from": "2026-05-02", "to": "yesterday"}, (400, None)),
        ({"from": "0001-01-01", "to": "0001-01-01"}, (200, None)),
        ({"from": "9999-12-31", "to": "9999-12-31"}, (200, None)),
        ({"from": "2026-05-02", "to": "2026-05-02", "unit": "x"}, (400, None)),
    ],
)
def test_periods_that_are_none_are_refused(ganzhou: Place, query: dict[str, str], wanted: tuple[int, str | None]) -> None:
    found = ganzhou.get("supervisor", "/feedback/summary", **query)
    assert found.status_code == wanted[0], found.text
    assert wanted[1] is None or code(found) == wanted


def test_who_counts(ganzhou: Place) -> None:
    query = {"from": "2026-05-01", "to": "2026-05-02"}
    asked = {who: ganzhou.get(who, "/feedback/summary", **query).status_code for who in ("operator", "dispatcher")}
    assert asked == {"operator": 403, "dispatcher": 200}
