"""Publishes the next version of a tenant's calendar. Nothing is edited: each outcome names the version it rests on."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from core.errors import Stale
from core.law.calendar import working_calendar
from core.law.calendar_source import source_name
from core.law.calendar_version import CalendarVersion, ClockTime, Closure, Period, PublishedYear, WeekdayHours
from core.recounts.recount import RecountCause, begin_recount
from core.store.tables import calendar_version
from core.tenants.commands import Basis
from core.tenants.names import normalise
from core.tenants.service.administration import Administration


class CalendarStatement(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A tenant's calendar, said whole: what it changes of the State Council's, its closures and its hours."""

    basis: Basis
    years: Annotated[
        tuple[PublishedYear, ...], Meta(max_length=96, title="年度安排", description="Years as later notices arrange them.")
    ] = ()
    closures: Annotated[
        tuple[Closure, ...], Meta(max_length=2_000, title="停办日", description="Days on which the offices are closed.")
    ] = ()
    office_hours: Annotated[
        tuple[Period, ...], Meta(max_length=8, title="办公时间", description="Office hours of a working day; may be none.")
    ] = ()
    weekday_hours: Annotated[
        tuple[WeekdayHours, ...], Meta(max_length=7, title="逐日办公时间", description="Days of the week with other hours.")
    ] = ()
    closing_hour: Annotated[
        ClockTime | None, Meta(title="业务截止时刻", description="When the last day of a term ends (R5); 24:00 without one.")
    ] = None


async def publish_calendar(admin: Administration, said: CalendarStatement, expected: int) -> CalendarVersion:
    """The next version, known from now on; ``expected`` is the number of the one it was decided on.

    Raises :class:`Stale`, or :class:`core.errors.Refused` with the field for a calendar that contradicts itself.
    """
    snapshot = await admin.begin()
    if expected != snapshot.calendar_number:
        raise Stale("tenants.calendar-stale", current=snapshot.calendar_number)
    made = make_version(said, expected + 1, admin.now(snapshot), snapshot.jurisdiction.manifest.zone)
    write_version(admin, made)
    await begin_recount(admin.session, RecountCause.CALENDAR, made.number, source_name())
    return made


def make_version(said: CalendarStatement, number: int, known_from: datetime, zone: str) -> CalendarVersion:
    """The version that a statement makes; raises :class:`core.errors.Refused` for one that contradicts itself."""
    plain: dict[str, Any] = {name: getattr(said, name) for name in said.__struct_fields__}
    version = CalendarVersion(**plain | {"basis": normalise(said.basis)}, number=number, known_from=known_from, zone=zone)
    working_calendar(version)
    return version


def write_version(admin: Administration, version: CalendarVersion) -> None:
    """Stores a version, with its audit row and event."""
    content = msgspec.to_builtins(version)
    row = {
        "number": version.number,
        "known_from": version.known_from,
        "content": content,
        "recorded_at": admin.recorded_at,
        "recorded_by": admin.person_id,
    }
    admin.session.add(calendar_version, row)
    admin.record("calendar.published", "calendar", content, number=version.number)
