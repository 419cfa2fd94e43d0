"""Deadlines over HTTP: in the order in which they fall due, late by the tenant's days, and of no case that is not seen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from core.procedure import Role
from core.tenants.scopes import Scope
from tests.story.house import House, Place
from tests.story.matters import LEAD_ONLY, Matter, instant, register

HOUR = {"term": {"unit": "hour", "length": 3}, "term_reason": "紧急"}
DAYS = {"term": {"unit": "working_day", "length": 3}, "term_reason": "按规定"}
EVERYBODY = ("operator", "dispatcher", "supervisor", "administrator", "city-officer", "road-officer", "water-officer")


@pytest.fixture
def place(house: House) -> Place:
    """A hotline centre on 30 April 2026, before five days of rest and a Saturday that is worked."""
    return house.open("ganzhou")


def listed(place: Place, who: str = "supervisor", **query: Any) -> list[dict[str, Any]]:
    """The deadlines that somebody is told of, page by page."""
    found: list[dict[str, Any]] = []
    for _ in range(100):
        page = place.read(who, "/deadlines", **query)
        found += page["items"]
        if page["next"] is None:
            return found
        query["cursor"] = page["next"]
    pytest.fail("the pages have no end")


def ids(items: list[dict[str, Any]]) -> list[str]:
    return [item["id"] for item in items]


def dispatched(place: Place, term: dict[str, Any], unit: str = "@lead", second: str | None = None) -> Matter:
    """An order with a unit, or two, on its own term."""
    matter = register(place, "hotline-order")
    matter.take("operator", "accept")
    units = [{"unit_id": unit, "part": "lead", **term}]
    units += [{"unit_id": second, "part": "cooperating", **term}] if second else []
    matter.take("dispatcher", "dispatch", units=units)
    return matter


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


def test_they_come_in_the_order_in_which_they_fall_due(place: Place) -> None:
    late, soon = dispatched(place, DAYS, second="@second"), dispatched(place, HOUR, "@second")
    handling = [soon.deadline("handling")["id"], *sorted(item["id"] for item in _running(late))]
    assert ids(listed(place)) == handling
    for limit in (1, 2, 3):
        assert ids(listed(place, limit=limit)) == handling, "several that end at one midnight are told once each"
    answer = place.get("supervisor", "/deadlines", limit=1, overdue="false")
    assert "overdue=false" in answer.headers["link"]
    assert 'rel="next"' in answer.headers["link"]
    assert "link" not in place.get("supervisor", "/deadlines").headers
    (first, *_) = listed(place)
    assert first == {
        "id": soon.deadline("handling")["id"],
        "case_id": soon.id,
        "number": soon.view["number"],
        "kind": "hotline-order",
        "key": "handling",
        "title": {"zh": "办理时限", "en": "Handling"},
        "clause": soon.deadline("handling")["clause"],
        "holder": "each-unit",
        "holder_unit_id": str(place.cast.units["water-company"]),
        "starts_at": first["starts_at"],
        "original_due_on": "2026-04-30",
        "due_on": "2026-04-30",
        "due_at": soon.deadline("handling")["due_at"],
        "state": "open",
        "overdue": False,
        "overdue_days": 0,
        "overdue_unit": "calendar_day",
        "window": False,
        "provisional": False,
        "ended_at": None,
        "justified": None,
    }
    assert instant(first["due_at"]) - instant(first["starts_at"]) == timedelta(hours=3)
    page = place.read("supervisor", "/deadlines")
    assert page["unit_names"][first["holder_unit_id"]] == "市水务集团"


def _running(matter: Matter) -> list[dict[str, Any]]:
    return [item for item in matter.view["deadlines"] if item["state"] == "open"]


def test_limits_of_rights_are_listed_only_where_they_are_asked_for(place: Place) -> None:
    matter = dispatched(place, DAYS)
    window, duty = matter.deadline("return-window"), matter.deadline("handling")
    assert ids(listed(place)) == [duty["id"]]
    both = listed(place, windows="true")
    assert ids(both) == [window["id"], duty["id"]]
    assert ids(listed(place, windows="true", limit=1)) == ids(both), "two states are merged in one order"
    assert [(item["window"], item["state"]) for item in both] == [(True, "available"), (False, "open")]
    matter.take("dispatcher", "redispatch", units=LEAD_ONLY, why_redispatched="改由另一单位办理")
    replaced = matter.deadline("return-window", "replaced")["id"]
    assert replaced not in ids(listed(place, state="replaced"))
    assert replaced in ids(listed(place, state="replaced,lapsed", windows="true"))
    place.move(instant(window["due_at"]) + timedelta(days=30))
    assert not [
        item for item in listed(place, windows="true") if item["window"] and (item["overdue"] or item["overdue_days"])
    ]
    assert not listed(place, key="return-window", overdue="true", windows="true")


def test_lateness_is_counted_in_the_terms_own_unit_by_the_tenants_calendar(place: Place) -> None:
    days, hour = dispatched(place, DAYS).deadline("handling"), dispatched(place, HOUR).deadline("handling")
    assert days["due_on"] == "2026-05-08"
    told = {
        "2026-04-30T11:00": (0, 0),
        "2026-04-30T13:00": (0, 0),
        "2026-05-01T00:00": (0, 1),
        "2026-05-08T23:59": (0, 8),
        "2026-05-09T08:00": (1, 9),
        "2026-05-10T08:00": (1, 10),
        "2026-05-11T08:00": (2, 11),
    }
    for moment, expected in told.items():
        place.move(at(moment))
        found = {item["id"]: item for item in listed(place)}
        late = tuple(found[id_]["overdue_days"] for id_ in (days["id"], hour["id"]))
        assert late == expected, moment
        due = [instant(item["due_at"]) <= at(moment) for item in (days, hour)]
        assert [found[id_]["overdue"] for id_ in (days["id"], hour["id"])] == due, moment
        assert ids(listed(place, overdue="true")) == [id_ for id_ in found if found[id_]["overdue"]]
        assert ids(listed(place, overdue="false")) == [id_ for id_ in found if not found[id_]["overdue"]]
    assert {item["overdue_unit"] for item in listed(place)} == {"working_day", "calendar_day"}


def test_what_was_met_late_says_by_how_much(place: Place) -> None:
    matter = dispatched(place, DAYS)
    place.move(at("2026-05-12T10:00"))
    matter.take("city-officer", "report-result", result="已修复。", evidence_note="现场由诉求人确认。")
    place.move(at("2026-05-20T10:00"))
    (met,) = listed(place, state="met-late")
    assert (met["id"], met["overdue"], met["overdue_days"]) == (matter.deadline("handling")["id"], False, 3)
    assert listed(place, state="met-late", overdue="true") == []
    assert ids(listed(place, state="met-late", overdue="false")) == [met["id"]]
    assert listed(place, state="met") == []
    assert listed(place, state="no-such-state") == []


def test_each_filter_narrows_the_list(place: Place) -> None:
    days, hour = dispatched(place, DAYS), dispatched(place, HOUR, "@second")
    (later, sooner) = (matter.deadline("handling") for matter in (days, hour))
    only: list[tuple[dict[str, Any], list[str]]] = [
        ({"due_to": "2026-04-29"}, []),
        ({"due_to": "2026-04-30"}, [sooner["id"]]),
        ({"due_from": "2026-04-30", "due_to": "2026-05-07"}, [sooner["id"]]),
        ({"due_from": "2026-05-01"}, [later["id"]]),
        ({"due_from": "2026-05-08", "due_to": "2026-05-08"}, [later["id"]]),
        ({"due_from": "2026-05-09"}, []),
        ({"holder_unit": place.cast.units["water-company"]}, [sooner["id"]]),
        ({"holder_unit": place.cast.units["road-upkeep"]}, []),
        ({"case_id": days.id}, [later["id"]]),
        ({"case_id": "0199f3a2-0000-7000-8000-000000000000"}, []),
        ({"key": "handling"}, [sooner["id"], later["id"]]),
        ({"key": "urgent-response"}, []),
        ({"kind": "hotline-order,complaint"}, [sooner["id"], later["id"]]),
        ({"kind": "complaint"}, []),
        ({"clause": later["clause"], "provisional": "false"}, [sooner["id"], later["id"]]),
        ({"clause": "wenze:house#return"}, []),
        ({"provisional": "true"}, []),
    ]
    for query, expected in only:
        assert ids(listed(place, **query)) == expected, query


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ({"due_from": "0001-01-01"}, "cases.instant-out-of-reach", "due_from"),
        ({"due_to": "9999-12-31"}, "cases.instant-out-of-reach", "due_to"),
        ({"due_to": "2026-02-30"}, "api.field-date", "due_to"),
        ({"state": "a,b,c,d,e,f,g,h,i"}, "lists.too-many-values", "state"),
        ({"state": ""}, "api.field-length", "state"),
        ({"holder_unit": "x"}, "api.field-uuid", "holder_unit"),
        ({"late": "true"}, "api.parameter-unknown", "late"),
        ({"cursor": "bnVsbA"}, "api.cursor-malformed", "cursor"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else value,
)
def test_what_is_no_filter_is_refused(ganzhou: Place, query: dict[str, Any], code: str, field: str) -> None:
    answer = ganzhou.get("supervisor", "/deadlines", **query)
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (400, code, field)


def test_nobody_is_told_of_a_deadline_whose_case_they_do_not_see(place: Place) -> None:
    alone, both, below = dispatched(place, DAYS), dispatched(place, DAYS, second="@second"), dispatched(place, HOUR)
    below.take("city-officer", "pass-on", unit_id="@road-upkeep")
    returned = dispatched(place, HOUR, "@second")
    returned.take(
        "water-officer", "return", return_ground="not-our-duty", reason="不属本单位", proposed_unit_id="@urban-management"
    )
    returned.take("dispatcher", "grant-return")
    states = "open,met,met-late,lapsed,replaced,released,passed-on,available"
    everything = listed(place, state=states, windows="true")
    assert {item["case_id"] for item in everything} == {alone.id, both.id, below.id, returned.id}
    for who in EVERYBODY:
        told = ids(listed(place, who, state=states, windows="true"))
        assert told == [item["id"] for item in everything if _sees(place, who, item["case_id"])], who
        counted = sum(item["open"] for item in place.read(who, "/deadlines/counts")["items"])
        assert counted == len(listed(place, who)), who
    assert {item["case_id"] for item in listed(place, "water-officer", state=states)} == {both.id}
    assert below.id in {item["case_id"] for item in listed(place, "road-officer")}


def _sees(place: Place, who: str, case_id: str) -> bool:
    return place.get(who, f"/cases/{case_id}").status_code == 200


def test_of_a_confidential_case_no_more_is_told_than_the_case_tells(open_place: Callable[[str], Place]) -> None:
    place = open_place("baoding")
    matter = register(place, "tip-off", title="窗口人员举报本单位目录", petitioner={"name": "王秀英"}).live("handling")
    for who in ("officer", "clerk"):
        told = listed(place, who)
        assert {item["number"] for item in told} == {matter.view["number"]}
        shown = {item["id"] for item in place.read(who, f"{matter.path}/deadlines")["items"]}
        assert set(ids(told)) <= shown
    for word in ("窗口人员", "王秀英"):
        assert word not in place.get("officer", "/deadlines").text


def test_who_has_no_role_or_no_scope_is_refused(place: Place) -> None:
    place.hire("stranger")
    place.hire("without-scope", Role.SUPERVISOR, scopes=(Scope.RULEBOOK_READ,))
    for path in ("/deadlines", "/deadlines/counts"):
        assert place.get("stranger", path).status_code == 403
        assert place.get("without-scope", path).status_code == 403
