"""The feed: in order, from any position, to each reader no more than they may see; and the list of its types."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest

from core.events import feed
from core.events.event_type import Audience, event_types, is_wanted
from core.procedure import Role
from core.tenants.scopes import Scope
from tests.story.conftest import Places
from tests.story.house import House, Place
from tests.story.matters import Matter, register
from tests.support.told_events import check_events

NAME, PHONE = "王秀英", "13912345678"
READ = {"purpose": "contact", "note": "联系核实"}


@pytest.fixture(scope="module")
def place(places: Places) -> Place:
    """A hotline centre with an auditor, a colleague without any scope for events, and two orders with different units."""
    opened = places["ganzhou"]
    opened.hire("auditor", Role.AUDITOR)
    opened.hire("office", Role.TENANT_ADMINISTRATOR)
    opened.hire("watcher", Role.SUPERVISOR)
    opened.hire("city", Role.UNIT_OFFICER, unit="urban-management")
    opened.hire("road", Role.UNIT_OFFICER, unit="road-upkeep")
    opened.hire("both", Role.UNIT_OFFICER, Role.SUPERVISOR, unit="road-upkeep")
    opened.hire("elsewhere", Role.SUPERVISOR, scopes=set(Scope) - {Scope.EVENTS_READ})
    opened.hire("clerk", Role.INTAKE_CLERK, Role.SUPERVISOR, Role.DISPATCHER)
    return opened


@pytest.fixture(scope="module")
def matters(place: Place) -> list[Matter]:
    """One with the unit of ``city``, whose petitioner was looked at, and one with that of ``road``."""
    made = [register(place, "hotline-order", petitioner={"name": NAME, "phone": PHONE}) for _ in range(2)]
    for matter, unit in zip(made, ("urban-management", "road-upkeep"), strict=True):
        matter.take("operator", "accept")
        matter.take("dispatcher", "dispatch", units=[{"unit_id": f"@{unit}", "part": "lead"}])
    reading = place.client.post("clerk", f"{made[0].path}/petitioner/readings", READ)
    assert reading.status_code == 201, reading.text
    place.house.work()
    return made


def follow(place: Place, who: str, path: str = "/events", **query: Any) -> list[dict[str, Any]]:
    """Every event that somebody is told of, as a client reads them that knows nothing but ``last``."""
    found, after = [], query.pop("after", 0)
    for _ in range(500):
        page = place.read(who, path, after=after, **query)
        assert all(after < item["position"] <= page["last"] for item in page["items"])
        found += page["items"]
        after = page["last"]
        if not page["more"]:
            return found
    pytest.fail("the feed has no end")


def types_of(events: list[dict[str, Any]], matter: Matter) -> list[str]:
    return [item["type"] for item in events if item["data"].get("case_id") == matter.id]


def test_an_event_is_a_cloud_event_that_refers(place: Place, matters: list[Matter]) -> None:
    registered = next(item for item in follow(place, "auditor") if item["data"].get("case_id") == matters[0].id)
    (step, *_) = matters[0].steps()
    assert registered == {
        "specversion": "1.0",
        "id": str(UUID(registered["id"])),
        "source": f"{place.house.service.settings.public_url}/t/{place.slug}",
        "type": "case.register",
        "subject": f"case:{matters[0].id}",
        "time": registered["time"],
        "datacontenttype": "application/json",
        "data": {"case_id": matters[0].id, "step_id": step["id"], "step": "register", "version": 1},
        "position": registered["position"],
        "changeid": str(UUID(registered["changeid"])),
        "complete": True,
        "dataversion": 1,
    }


def test_all_of_it_comes_in_order_whatever_the_size_of_a_page(place: Place, matters: list[Matter]) -> None:
    whole = follow(place, "auditor", limit=200)
    assert [item["position"] for item in whole] == list(range(1, len(whole) + 1))
    assert follow(place, "auditor", limit=3) == whole
    assert follow(place, "auditor", after=whole[4]["position"]) == whole[5:]


def test_a_filter_keeps_the_order_and_tells_how_far_it_looked(
    place: Place, matters: list[Matter], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = follow(place, "auditor", limit=200)
    for patterns in ("case.register,case.dispatch", "case.*", "person.registered,case.*"):
        fitting = [item for item in whole if is_wanted(item["type"], patterns.split(","))]
        assert fitting
        assert len(fitting) < len(whole)
        for limit in (1, 2, 200):
            assert follow(place, "auditor", type=patterns, limit=limit) == fitting
    end = whole[-1]["position"]
    for query in ({"type": "no.such"}, {"type": "month.closed"}, {"after": end}, {"type": "case.register", "after": end}):
        page = place.read("auditor", "/events", **query)
        assert page == {"items": [], "last": end, "more": False}
    assert place.read("auditor", "/events", after=end + 7) == {"items": [], "last": end + 7, "more": False}


def test_what_is_not_numbered_is_not_looked_past(place: Place, matters: list[Matter]) -> None:
    before = place.read("auditor", "/events", type="no.such")["last"]
    late = register(place, "hotline-order")
    assert place.read("auditor", "/events", type="no.such")["last"] == before
    assert types_of(follow(place, "auditor"), late) == []
    place.house.work()
    page = place.read("auditor", "/events", after=before)
    assert (types_of(page["items"], late), page["last"]) == (["case.register"], before + len(page["items"]))


def test_the_link_leads_on_with_the_same_filter(place: Place, matters: list[Matter]) -> None:
    answer = place.get("auditor", "/events", type="case.*", limit=1)
    link = re.fullmatch(r'<([^>]+)>; rel="next"', answer.headers["link"])
    assert link is not None
    assert link[1].endswith(f"/events?after={answer.json()['last']}&limit=1&type=case.*")
    assert "link" not in place.get("auditor", "/events", type="no.such").headers


def test_an_officer_is_told_of_the_cases_of_the_own_units_alone(place: Place, matters: list[Matter]) -> None:
    city, road = follow(place, "city"), follow(place, "road")
    assert {item["data"]["case_id"] for item in city} == {matters[0].id}
    assert {item["data"]["case_id"] for item in road} == {matters[1].id}
    assert types_of(city, matters[0]) == ["case.register", "case.accept", "case.dispatch"]
    assert follow(place, "city", case_id=matters[1].id) == []
    assert follow(place, "city", case_id=matters[0].id) == city
    assert place.read("city", f"{matters[0].path}/events")["items"] == city
    assert place.get("city", f"{matters[1].path}/events").status_code == 404


def test_readings_and_what_is_of_no_case_are_told_to_administrators_and_auditors(
    place: Place, matters: list[Matter]
) -> None:
    for who in ("auditor", "office"):
        whole = follow(place, who)
        assert "petitioner.read" in types_of(whole, matters[0])
        assert any(item["type"] == "person.registered" for item in whole)
    for who in ("watcher", "clerk", "city", "both"):
        whole = follow(place, who)
        assert whole
        assert {item["type"] for item in whole} <= {
            item.name for item in event_types().values() if item.audience is not Audience.ADMINISTRATION
        }
        assert all(item["data"]["case_id"] for item in whole)
        assert follow(place, who, type="petitioner.read,person.*") == []


def test_units_are_not_told_that_somebody_said_something(place: Place) -> None:
    matter = register(place, "hotline-order").live("closed")
    place.house.work()
    assert "city" in place.cast.clients
    assert types_of(follow(place, "city"), matter)
    told = {who: set(types_of(follow(place, who), matter)) for who in ("watcher", "city")}
    hidden = {item.name for item in event_types().values() if item.audience is Audience.STAFF}
    assert told["city"] == told["watcher"] - hidden


def test_no_event_tells_who_brings_a_matter(place: Place, matters: list[Matter]) -> None:
    petitioners = {str(row["id"]) for row in place.rows("petitioner")}
    assert petitioners
    told = place.get("auditor", "/events", limit=200).text
    assert not [word for word in (NAME, PHONE, *petitioners) if word in told]


def test_it_takes_the_scope(place: Place) -> None:
    refused = place.get("elsewhere", "/events")
    assert (refused.status_code, refused.json()["code"]) == (403, "tenants.scope-missing")


@pytest.mark.parametrize("query", [{"after": -1}, {"after": 2**53}, {"type": "a b"}, {"type": ""}, {"case_id": "x"}])
def test_what_is_no_position_and_no_type_is_refused(place: Place, query: dict[str, Any]) -> None:
    assert place.get("auditor", "/events", **query).status_code == 400


def test_the_types_are_listed(place: Place) -> None:
    listed = place.read("city", "/event-types")["items"]
    assert [item["type"] for item in listed] == list(event_types())
    assert len(listed) == len({item["type"] for item in listed}) > 80
    assert all(item["title_zh"] and item["title_en"] and item["refs"] for item in listed)


def test_a_page_looks_at_so_many_numbers_and_no_more(house: House, places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    place = places["ganzhou"]
    tenant = place.cast.tenant.id
    monkeypatch.setattr(feed, "MOST_LOOKED_AT", 4)

    async def read(after: int) -> feed.EventPage:
        async with house.database.reading(tenant) as session:
            wanted = feed.EventFilter(patterns=("no.such", "month.closed"))
            return await feed.read_events(session, feed.Reader(None, None, beyond_cases=True), wanted, after, 10)

    first = house.run(read, 0)
    assert (first.rows, first.last, first.more) == ([], 4, True)
    assert house.run(read, 4).last == 8


def test_what_was_written_here_is_listed(house: House, place: Place, matters: list[Matter]) -> None:
    house.run(check_events, house.database, [place.cast.tenant.id])
