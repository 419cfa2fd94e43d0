"""Calendar feeds over HTTP: who may have one, what it tells without a token, and everything that ends it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import httpx
import pytest
from icalendar import Calendar

from core.procedure import Role
from tests.deadline_lists.test_lists import DAYS, HOUR, dispatched, listed
from tests.story.house import House, Place
from tests.story.matters import Matter, instant, register

UNIT = "urban-management"


@pytest.fixture
def place(house: House) -> Place:
    """A hotline centre on 30 April 2026."""
    return house.open("ganzhou")


def make(place: Place, who: str = "city-officer", unit: str = UNIT, key: str | None = None) -> dict[str, Any]:
    """A feed that must be given."""
    answer = place.client.post(who, "/calendar-feeds", {"unit_id": str(place.cast.units[unit])}, key=key)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def fetch(place: Place, address: str, **headers: str) -> httpx.Response:
    """What anybody gets at an address, without a token, as a calendar asks."""
    path = address[address.index("/t/") :]
    return place.house.http.get(path, headers=headers)


def events(place: Place, feed: dict[str, Any]) -> dict[str, Any]:
    """What another program reads in a feed, by its UIDs."""
    answer = fetch(place, feed["address"])
    assert answer.status_code == 200, answer.text
    calendar = Calendar.from_ical(answer.content)
    assert isinstance(calendar, Calendar)
    assert not [fault for part in calendar.walk() for fault in part.errors]
    return {str(item["UID"]): item for item in calendar.walk("VEVENT")}


def uid(place: Place, matter: Matter, key: str = "handling") -> str:
    return f"{matter.deadline(key)['id']}@{place.slug}"


def revoke(place: Place, who: str, feed: dict[str, Any]) -> httpx.Response:
    return place.client.send(who, "DELETE", f"/calendar-feeds/{feed['id']}")


def test_a_calendar_reads_the_open_deadlines_of_the_unit(place: Place) -> None:
    feed = make(place)
    assert events(place, feed) == {}
    days, hour, other = (
        dispatched(place, DAYS, second="@second"),
        dispatched(place, HOUR),
        dispatched(place, DAYS, "@second"),
    )
    found = events(place, feed)
    assert set(found) == {uid(place, hour), f"{_held(place, days)}@{place.slug}"}, "no other unit's, and no window"
    whole, exact = found[f"{_held(place, days)}@{place.slug}"], found[uid(place, hour)]
    assert whole["DTSTART"].dt == date(2026, 5, 8)
    assert exact["DTSTART"].dt == instant(hour.deadline("handling")["due_at"]).replace(microsecond=0)
    assert whole["SUMMARY"] == f"{days.view['number']} 办理时限"
    assert whole["SEQUENCE"] == 0
    assert other.view["number"] not in fetch(place, feed["address"]).text
    hour.take("city-officer", "report-result", result="已修复。", evidence_note="现场由诉求人确认。")
    assert set(events(place, feed)) == {f"{_held(place, days)}@{place.slug}"}, "what is met is no longer owed"


def _held(place: Place, matter: Matter) -> str:
    unit = str(place.cast.units[UNIT])
    (found,) = [
        item["id"] for item in matter.view["deadlines"] if (item["key"], item["holder_unit_id"]) == ("handling", unit)
    ]
    return str(found)


def test_nothing_of_the_matter_itself_is_told(place: Place) -> None:
    feed = make(place)
    matter = register(place, "hotline-order", title="红旗大道", narrative="温国平来电", petitioner={"name": "温国平"})
    matter.take("operator", "accept")
    matter.take("dispatcher", "dispatch", units=[{"unit_id": "@lead", "part": "lead", **DAYS}])
    assert len(events(place, feed)) == 1
    told = fetch(place, feed["address"]).text
    for word in ("红旗大道", "温国平", "按规定", "ganzhou:", str(matter.id)):
        assert word not in told.replace(place.slug, ""), word


def test_of_a_confidential_case_the_number_alone_is_told(open_place: Callable[[str], Place]) -> None:
    place = open_place("baoding")
    matter = register(place, "tip-off", petitioner={"name": "王秀英"})
    (held,) = {item["holder_unit_id"] for item in matter.view["deadlines"] if item["state"] == "open"}
    name = next(key for key, id_ in place.cast.units.items() if str(id_) == held)
    (found,) = events(place, make(place, "clerk", name)).values()
    assert found["SUMMARY"] == matter.view["number"]


def test_how_a_calendar_is_answered(place: Place) -> None:
    feed = make(place)
    dispatched(place, DAYS)
    first = fetch(place, feed["address"])
    assert first.headers["content-type"] == "text/calendar; charset=utf-8"
    assert first.headers["cache-control"] == "private, max-age=300"
    assert int(first.headers["content-length"]) == len(first.content)
    again = fetch(place, feed["address"], **{"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    dispatched(place, HOUR)
    changed = fetch(place, feed["address"], **{"if-none-match": first.headers["etag"]})
    assert changed.status_code == 200
    assert changed.headers["etag"] != first.headers["etag"]
    head = place.house.http.head(feed["address"][feed["address"].index("/t/") :])
    assert (head.status_code, head.content) == (200, b"")


def test_a_date_that_moves_is_told_as_a_new_sequence_of_the_same_event(place: Place) -> None:
    feed, matter = make(place), dispatched(place, DAYS)
    before = events(place, feed)[uid(place, matter)]
    allowed = {
        "key": "hotline.pause-allowed",
        "value": True,
        "effective_from": "2026-04-01",
        "basis": "规定",
        "reason": "授权",
    }
    recorded = place.client.post("administrator", "/settings", allowed)
    assert recorded.status_code == 201, recorded.text
    matter.take("dispatcher", "pause", pause_cause="weather", reason="连日暴雨。")
    assert events(place, feed) == {}, "nothing falls due while the time stands still"
    (paused,) = listed(place, state="paused")
    assert (paused["id"], paused["overdue"]) == (matter.deadline("handling")["id"], False)
    place.move(instant("2026-05-11T10:00:00+08:00"))
    assert (listed(place), listed(place, state="paused", overdue="true")) == ([], []), "nor does anybody become late"
    assert listed(place, state="paused")[0]["overdue_days"] == 0
    matter.take("dispatcher", "resume", reason="雨停。")
    after = events(place, feed)[uid(place, matter)]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 2), "a pause and its end"
    assert after["DTSTART"].dt == date(2026, 5, 14), "three working days after 11 May"
    assert after["LAST-MODIFIED"].dt > before["LAST-MODIFIED"].dt
    (moved,) = listed(place)
    assert (moved["original_due_on"], moved["due_on"]) == ("2026-05-08", "2026-05-14")


def test_who_may_have_which_feed(place: Place) -> None:
    units = {name: str(id_) for name, id_ in place.cast.units.items()}
    allowed = {"city-officer": {UNIT}, "water-officer": {"water-company"}, "supervisor": {"hotline-centre"},
               "administrator": set(units)}  # fmt: skip
    for who, own in allowed.items():
        for name, id_ in units.items():
            answer = place.client.post(who, "/calendar-feeds", {"unit_id": id_})
            expected = (201, None) if name in own else (403, "feeds.not-your-unit")
            assert (answer.status_code, answer.json().get("code")) == expected, (who, name)
    nowhere = place.client.post("administrator", "/calendar-feeds", {"unit_id": "0199f3a2-0000-7000-8000-000000000000"})
    assert (nowhere.status_code, nowhere.json()["code"], nowhere.json()["field"]) == (422, "feeds.unit-unknown", "/unit_id")
    place.hire("stranger", unit=UNIT)
    assert place.client.post("stranger", "/calendar-feeds", {"unit_id": units[UNIT]}).status_code == 403, "a post is no role"


def test_the_address_is_told_once_and_kept_nowhere(place: Place) -> None:
    feed, key = make(place), str(uuid4())
    secret = feed["address"].rpartition("/")[2].removesuffix(".ics")
    assert len(secret) == 43, "256 bits"
    first, again = make(place, key=key), make(place, key=key)
    assert first["address"] is not None
    assert again == first | {"address": None}
    listed = place.get("city-officer", "/calendar-feeds")
    assert {item["id"] for item in listed.json()["items"]} == {feed["id"], first["id"]}
    assert "address" not in listed.text
    for table in ("calendar_feed", "idempotency", "audit", "audit_content", "outbox"):
        assert secret not in str(place.rows(table)), table
    fetch(place, feed["address"])
    fetch(place, feed["address"].replace(secret, f"{secret[:-1]}!"))
    log = place.house.service.log.read_text(encoding="utf-8")
    assert "/calendar-feeds/{feed_id}" in log
    assert secret[:-1] not in log


def test_everybody_lists_their_own_and_an_administrator_all(place: Place) -> None:
    made = [make(place)["id"], make(place, "water-officer", "water-company")["id"], make(place)["id"]]
    assert _listed(place, "city-officer") == [made[0], made[2]]
    assert _listed(place, "water-officer") == [made[1]]
    assert _listed(place, "supervisor") == []
    assert _listed(place, "administrator") == _listed(place, "administrator", limit=1) == made
    (first, *_) = place.read("city-officer", "/calendar-feeds")["items"]
    assert (first["unit_name"], first["revoked_at"]) == ("市城市管理局", None)


def _listed(place: Place, who: str, **query: Any) -> list[str]:
    found: list[str] = []
    while True:
        page = place.read(who, "/calendar-feeds", **query)
        found += [item["id"] for item in page["items"]]
        if page["next"] is None:
            return found
        query["cursor"] = page["next"]


def test_a_revoked_feed_looks_like_none_at_once_and_for_good(place: Place) -> None:
    feed, other = make(place), make(place)
    assert revoke(place, "water-officer", feed).status_code == 404, "nobody ends another's"
    assert fetch(place, feed["address"]).status_code == 200
    for _ in range(2):
        assert revoke(place, "city-officer", feed).status_code == 204
    assert gone(place, feed)
    assert not gone(place, other)
    assert revoke(place, "administrator", other).status_code == 204
    assert gone(place, other)
    shown = {item["id"]: item["revoked_by"] for item in place.read("city-officer", "/calendar-feeds")["items"]}
    me, administrator = (place.read(who, "/me")["person_id"] for who in ("city-officer", "administrator"))
    assert shown == {feed["id"]: me, other["id"]: administrator}
    told = [row["type"] for row in place.rows("outbox") if row["type"].startswith("calendar-feed.")]
    assert sorted(told) == ["calendar-feed.made"] * 2 + ["calendar-feed.revoked"] * 2


def gone(place: Place, feed: dict[str, Any]) -> bool:
    """Whether the address is answered as one that never was, but for what names the one request."""
    never = feed["address"].rpartition("/")[0] + f"/{'A' * 43}.ics"
    answers = [fetch(place, address) for address in (feed["address"], never)]
    assert answers[1].status_code == 404
    told = [(item.status_code, item.content.replace(item.headers["x-request-id"].encode(), b"-")) for item in answers]
    return told[0] == told[1]


def test_another_tenants_feed_and_what_is_no_address_look_like_none(place: Place, house: House) -> None:
    feed, other = make(place), house.open("ganzhou")
    foreign = {"address": feed["address"].replace(place.slug, other.slug)}
    assert gone(other, foreign)
    for end in (feed["id"], feed["address"].rpartition("/")[2].removesuffix(".ics"), ".ics", "x.ics.ics"):
        answer = fetch(place, f"{feed['address'].rpartition('/')[0]}/{end}")
        assert answer.status_code == 404, end
    assert revoke(other, "administrator", feed).status_code == 404


def test_a_feed_stops_when_who_made_it_leaves_the_unit(place: Place) -> None:
    place.hire("newcomer", Role.UNIT_OFFICER, unit=UNIT)
    feed, standing = make(place, "newcomer"), make(place)
    dispatched(place, DAYS)
    assert len(events(place, feed)) == 1
    person = place.read("newcomer", "/me")["person_id"]
    staff = place.get("administrator", f"/people/{person}")
    (role,) = staff.json()["roles"]
    end = {"last_day": "2026-04-30", "reason": "调离"}
    path = f"/people/{person}/roles/{role['id']}/end"
    assert place.client.post("administrator", path, end, staff.headers["etag"]).status_code == 200
    assert not gone(place, feed), "the last day is one of them"
    place.move(instant("2026-05-01T00:00:00+08:00"))
    assert gone(place, feed)
    assert not gone(place, standing)


def test_a_feed_stops_when_who_made_it_is_shut_out(place: Place) -> None:
    place.hire("newcomer", Role.UNIT_OFFICER, unit=UNIT)
    feed, name = make(place, "newcomer"), place.cast.clients["newcomer"].client_id
    etag = place.get("administrator", f"/clients/{name}").headers["etag"]
    disabled = place.client.post("administrator", f"/clients/{name}/disable", {"reason": "停用"}, etag)
    assert disabled.status_code == 200, disabled.text
    assert gone(place, feed)


def test_an_administrators_feed_stops_with_the_role(place: Place) -> None:
    place.hire("second-administrator", Role.TENANT_ADMINISTRATOR)
    feed = make(place, "second-administrator")
    assert not gone(place, feed)
    person = place.read("second-administrator", "/me")["person_id"]
    staff = place.get("administrator", f"/people/{person}")
    (role,) = staff.json()["roles"]
    end = {"last_day": "2026-04-30", "reason": "免职"}
    path = f"/people/{person}/roles/{role['id']}/end"
    assert place.client.post("administrator", path, end, staff.headers["etag"]).status_code == 200
    place.move(instant("2026-05-01T00:00:00+08:00"))
    assert gone(place, feed)
