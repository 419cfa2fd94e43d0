"""Settings, calendars and the sandbox's clock in the store: dated, versioned, never edited."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from core.errors import Invalid, NotFound, Refused, Stale
from core.law.calendar import DayKind
from core.law.calendar_version import Closure, Period, Published, PublishedDay, PublishedYear
from core.law.instrument import Term, Unit
from core.store.tables import TENANT, calendar_version, setting
from core.tenants.service.administration import Administration
from core.tenants.service.calendars import CalendarStatement, publish_calendar
from core.tenants.service.clocks import move_clock
from core.tenants.service.settings import record_setting
from tests.conftest import TenantMaker
from tests.store.rows import add_case

KEY, DAY = "complaint.plain-reply-term", date(2026, 7, 1)
SAID = {"basis": "市政府办公室〔2026〕8号", "reason": "法规未定"}


def term(length: int) -> dict[str, object]:
    return {"unit": "working_day", "length": length}


async def test_a_setting_holds_from_its_day_with_its_basis(administration, snapshot) -> None:
    for length, day in ((5, DAY), (7, DAY), (3, DAY + timedelta(days=10))):
        async with administration() as admin:
            await record_setting(admin, KEY, term(length), day, **SAID)
    settings = (await snapshot()).settings
    found = [settings.on(KEY, DAY + timedelta(days=offset)) for offset in (-1, 0, 9, 10)]
    assert [item.value if item else None for item in found] == [
        None,
        Term(unit=Unit.WORKING_DAY, length=7),
        Term(unit=Unit.WORKING_DAY, length=7),
        Term(unit=Unit.WORKING_DAY, length=3),
    ]
    assert found[1].basis == SAID["basis"]
    assert len(settings.history(KEY)) == 3


async def test_what_the_city_does_not_have_or_allow_is_refused(administration, database, city) -> None:
    for key, value, error in ((KEY, 5, Invalid), (KEY, term(0), Refused), ("nothing", term(5), Refused)):
        with pytest.raises(error):
            async with administration() as admin:
                await record_setting(admin, key, value, DAY, **SAID)

    async with database.reading(city.id) as session:
        assert await session.all(select(setting).where(setting.c.tenant == TENANT)) == []


async def test_the_next_calendar_is_a_version_of_its_own(administration, snapshot, database, city) -> None:
    said = CalendarStatement(
        basis="通告〔2026〕3号",
        years=(PublishedYear(2027, (PublishedDay(date(2027, 1, 4), Published.HOLIDAY, "补休"),)),),
        closures=(Closure(date(2026, 12, 31), "停办", "通告〔2026〕3号"),),
        office_hours=(Period("09:00", "12:00"),),
        closing_hour="17:30",
    )
    async with administration() as admin:
        made = await publish_calendar(admin, said, 1)
    found = await snapshot()
    assert (found.calendar_number, found.calendar.version) == (2, made)
    kinds = [found.calendar.day(day).kind for day in (date(2026, 12, 30), date(2026, 12, 31), date(2027, 1, 4))]
    assert kinds == [DayKind.WORKING, DayKind.CLOSURE, DayKind.HOLIDAY]

    async with database.reading(city.id) as session:
        rows = await session.all(select(calendar_version.c.number).where(calendar_version.c.tenant == TENANT))
    assert sorted(row["number"] for row in rows) == [1, 2]


async def test_a_calendar_on_an_older_version_is_stale(administration) -> None:
    for expected in (0, 2):
        with pytest.raises(Stale):
            async with administration() as admin:
                await publish_calendar(admin, CalendarStatement(basis="误"), expected)


async def test_a_calendar_that_contradicts_itself_is_refused(administration, snapshot) -> None:
    day = Closure(date(2026, 12, 31), "停办", "通告")
    with pytest.raises(Refused) as caught:
        async with administration() as admin:
            await publish_calendar(admin, CalendarStatement(basis="误", closures=(day, day)), 1)
    assert caught.value.field == "/closures"
    assert (await snapshot()).calendar_number == 1


async def moved(administration, snapshot, to: datetime) -> timedelta:
    async with administration() as admin:
        return await move_clock(admin, to, (await snapshot()).tenant.revision)


async def test_a_sandbox_moves_both_ways_until_it_has_a_case(administration, snapshot, database, city) -> None:
    past, future = datetime(2018, 3, 1, 1, tzinfo=UTC), datetime(2027, 3, 1, 1, tzinfo=UTC)
    for to in (future, past):
        await moved(administration, snapshot, to)
        async with database.reading(city.id) as session:
            now = session.recorded_at + (await snapshot()).offset
        assert timedelta(0) <= now - to < timedelta(seconds=30)
    async with database.tenant(city.id) as session:
        await add_case(session, "1")
    await moved(administration, snapshot, future)
    with pytest.raises(Refused, match=r"tenants\.clock-backwards"):
        await moved(administration, snapshot, past)


async def test_legal_time_stays_within_the_calendar(administration, snapshot) -> None:
    zone = (await snapshot()).zone
    for to in (datetime(2003, 12, 31, 23, 59, tzinfo=zone), datetime(2100, 1, 1, tzinfo=zone)):
        with pytest.raises(Refused, match=r"tenants\.clock-out-of-reach"):
            await moved(administration, snapshot, to)
    await moved(administration, snapshot, datetime(2099, 12, 31, 23, 0, tzinfo=zone))


async def test_a_stale_move_is_refused(administration, snapshot) -> None:
    with pytest.raises(Stale):
        async with administration() as admin:
            await move_clock(admin, datetime(2027, 1, 1, tzinfo=UTC), (await snapshot()).tenant.revision - 1)


async def test_a_tenant_that_is_no_sandbox_has_no_clock_to_move(database, make_tenant: TenantMaker, snapshots) -> None:
    async with database.tenant(await make_tenant()) as session:
        admin = Administration(session, snapshots)
        with pytest.raises(NotFound):
            await move_clock(admin, datetime(2027, 1, 1, tzinfo=UTC), 1)
