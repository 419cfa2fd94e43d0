"""Settings, the calendar and the sandbox's clock over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from core.law.instrument import Text
from core.tenants.scopes import Scope
from core.tenants.service.administration import Administration
from core.tenants.service.clients import NewClient, register_client
from core.tenants.service.directory import NewTenant, create_tenant
from tests.support.world import EVERY_ROLE, Place, World, asking
from tests.tenants.http.conftest import Send

KEY = "complaint.plain-reply-term"
NOTICE = "市政务服务管理局通告〔2026〕3号"


def figure(length: int = 5, day: str = "2026-12-01", **changes: Any) -> dict[str, Any]:
    value = {"unit": "working_day", "length": length}
    return {"key": KEY, "value": value, "effective_from": day, "basis": NOTICE, "reason": "法规未定"} | changes


async def current(api: httpx.AsyncClient, day: str) -> Any:
    answer = await api.get("/settings", params={"on": day})
    return next(item for item in answer.json()["items"] if item["key"] == KEY)


async def test_a_setting_is_recorded_and_holds_from_its_day(api: httpx.AsyncClient, send: Send) -> None:
    days = ("2026-11-30", "2026-12-01", "2026-12-02")
    before = await current(api, days[0])
    for length in (5, 7):
        answer = await send("POST", "/settings", figure(length))
        assert (answer.status_code, answer.json()["value"]) == (201, {"unit": "working_day", "length": length})
    found = [(await current(api, day))["current"] for day in days]
    assert found[0] == before["current"]
    assert [item["value"]["length"] for item in found[1:]] == [7, 7]
    history = (await current(api, days[0]))["history"]
    assert [item["value"]["length"] for item in history][-2:] == [5, 7]
    assert history[-1]["recorded_by"] is not None


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"key": "nothing"}, 400, "/key"),
        ({"value": 5}, 400, "/value"),
        ({"value": {"unit": "fortnight", "length": 1}}, 400, "/value/unit"),
        ({"value": {"unit": "working_day", "length": 0}}, 422, "/value/length"),
        ({"value": {"unit": "working_day", "length": -1}}, 400, "/value/length"),
        ({"basis": ""}, 400, "/basis"),
        ({"reason": "  "}, 400, "/reason"),
        ({"effective_from": "2026-13-01"}, 400, "/effective_from"),
        ({"surplus": 1}, 400, "/surplus"),
    ],
)
async def test_bad_settings_name_the_field(send: Send, changes: dict[str, Any], status: int, field: str) -> None:
    answer = await send("POST", "/settings", figure(**changes))
    assert (answer.status_code, answer.json()["field"]) == (status, field)


async def test_the_calendar_goes_from_version_to_version(api: httpx.AsyncClient, send: Send) -> None:
    read = await api.get("/calendar")
    tag, number = read.headers["etag"], read.json()["version"]["number"]
    closure = {"date": "2026-12-31", "name": "停办", "basis": NOTICE}
    said = {"basis": NOTICE, "closures": [closure], "closing_hour": "17:30"}
    assert (await send("PUT", "/calendar", said)).status_code == 428
    after = await send("PUT", "/calendar", said, tag)
    assert (after.status_code, after.headers["etag"]) == (200, f'"{number + 1}"')
    assert after.json()["version"]["number"] == number + 1
    assert (await send("PUT", "/calendar", said, tag)).json()["code"] == "tenants.calendar-stale"
    days = (await api.get("/calendar/days", params={"from": "2026-12-30", "to": "2027-01-02"})).json()
    assert (days["number"], [day["kind"] for day in days["items"]]) == (
        number + 1,
        ["working", "closure", "holiday", "weekend"],
    )
    assert [day.get("provisional", False) for day in days["items"]] == [False, False, True, True]
    assert (await api.get("/calendar")).json() == after.json()


async def test_a_version_is_known_from_its_publication_on(api: httpx.AsyncClient, send: Send) -> None:
    before = (await api.get("/calendar")).json()
    closure = {"date": "2026-12-30", "name": "停办", "basis": NOTICE}
    tag = f'"{before["version"]["number"]}"'
    after = (await send("PUT", "/calendar", {"basis": NOTICE, "closures": [closure]}, tag)).json()
    published = datetime.fromisoformat(after["version"]["known_from"])
    for moment, known in ((-1, before), (0, after), (1, after)):
        asked = (published + timedelta(microseconds=moment)).isoformat()
        answer = await api.get("/calendar", params={"known_at": asked})
        assert (answer.status_code, answer.json()) == (200, known)
        assert answer.headers["etag"] == f'"{known["version"]["number"]}"'
    assert (await api.get("/calendar", params={"known_at": "0001-01-01T00:00:00+14:00"})).json()["version"]["number"] == 0
    assert (await api.get("/calendar", params={"known_at": "2026-01-01T00:00:00"})).status_code == 400


async def test_publishing_a_whole_year_ends_its_being_provisional(api: httpx.AsyncClient, send: Send) -> None:
    notice = {"date": "2027-01-01", "kind": "holiday", "name": "元旦"}
    said = {"basis": NOTICE, "years": [{"year": 2027, "days": [notice], "complete": True}]}
    tag = (await api.get("/calendar")).headers["etag"]
    assert 2027 in (await send("PUT", "/calendar", said, tag)).json()["announced_years"]
    days = (await api.get("/calendar/days", params={"from": "2027-01-01", "to": "2027-01-01"})).json()
    assert not days["items"][0].get("provisional", False)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"closures": [{"date": "2026-12-31", "name": "停办", "basis": NOTICE}] * 2}, 422),
        ({"office_hours": [{"start": "12:00", "end": "09:00"}]}, 422),
        ({"closing_hour": "25:00"}, 400),
        ({"years": [{"year": 2003, "days": []}]}, 400),
    ],
)
async def test_a_calendar_that_cannot_be_is_refused(
    api: httpx.AsyncClient, send: Send, said: dict[str, Any], status: int
) -> None:
    tag = (await api.get("/calendar")).headers["etag"]
    answer = await send("PUT", "/calendar", {"basis": NOTICE} | said, tag)
    assert (answer.status_code, (await api.get("/calendar")).headers["etag"]) == (status, tag)
    assert answer.json()["field"].startswith(f"/{next(iter(said))}")


@pytest.mark.parametrize(
    ("first", "last", "status"),
    [
        ("2026-01-01", "2027-02-04", 200),
        ("2026-01-01", "2027-02-05", 422),
        ("2026-01-02", "2026-01-01", 422),
        ("2003-12-31", "2004-01-01", 422),
        ("2026-02-29", "2026-03-01", 400),
    ],
)
async def test_the_span_of_days_is_bounded(api: httpx.AsyncClient, first: str, last: str, status: int) -> None:
    answer = await api.get("/calendar/days", params={"from": first, "to": last})
    assert answer.status_code == status
    if status == 422 and answer.json()["code"] == "tenants.days-span":
        assert {name: answer.json()[name] for name in ("field", "in")} == {"field": "to", "in": "query"}


async def test_a_sandbox_moves_its_clock(api: httpx.AsyncClient, send: Send) -> None:
    to = datetime.now(UTC) + timedelta(days=400)
    tag = (await api.get("/sandbox/clock")).headers["etag"]
    moved = await send("PUT", "/sandbox/clock", {"now": to.isoformat()}, tag)
    assert moved.status_code == 200
    now = datetime.fromisoformat((await api.get("/sandbox/clock")).json()["now"])
    assert timedelta(0) <= now - to < timedelta(seconds=60)
    stale = await send("PUT", "/sandbox/clock", {"now": to.isoformat()}, tag)
    assert (stale.status_code, stale.json()["code"]) == (412, "tenants.clock-stale")
    away = await send("PUT", "/sandbox/clock", {"now": "2100-06-01T00:00:00Z"}, moved.headers["etag"])
    assert (away.status_code, away.json()["field"]) == (422, "/now")
    naive = await send("PUT", "/sandbox/clock", {"now": "2027-06-01T00:00:00"}, moved.headers["etag"])
    assert (naive.status_code, naive.json()["field"]) == (400, "/now")


@pytest.fixture
async def serious(world: World, place: Place) -> AsyncIterator[httpx.AsyncClient]:
    """Asks a tenant that is no sandbox."""
    owner, services = world.owner, world.services
    slug = f"serious-{datetime.now(UTC):%H%M%S%f}"
    tenant = await create_tenant(owner, services.jurisdictions, NewTenant(slug, "ankang", Text(zh="市", en="City")))
    async with owner.tenant(tenant.id) as session:
        new = NewClient("测试", EVERY_ROLE[:1], frozenset(Scope), datetime(2026, 1, 1, tzinfo=UTC).date())
        made = await register_client(Administration(session, services.snapshots), new)
    cast = type(place.cast)(place.cast.city, tenant)
    own = Place(cast, made.credentials, made.credentials)
    async with asking(world.app(), await world.token(own)) as client:
        client.base_url = f"{client.base_url}/t/{slug}/v1"  # type: ignore[assignment]
        yield client


async def test_a_tenant_that_is_no_sandbox_has_no_clock(serious: httpx.AsyncClient) -> None:
    assert (await serious.get("/calendar")).status_code == 200
    asked, unknown = await serious.get("/sandbox/clock"), await serious.get("/sandbox/nothing")
    assert asked.status_code == unknown.status_code == 404
    assert asked.json()["code"] == unknown.json()["code"]
