"""When a deadline warns: the day before, the day and the day after of each rung."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec
import pytest

from core.deadlines.ladder import time_rungs
from core.law.calendar import NATIONAL, WorkingCalendar, national_calendar, working_calendar
from core.law.calendar_version import Period
from core.law.instrument import TermFigure, Unit
from core.rungs import BREACH, LawfulRung, Level, Rung

# Friday 13 February 2026 is the last working day before the festival but for the make-up day on Saturday the 14th.
FRIDAY, MAKE_UP, AFTER = date(2026, 2, 13), date(2026, 2, 14), date(2026, 2, 24)


def midnight(day: date) -> datetime:
    """The end of a day in Shanghai: the next day's beginning."""
    return datetime(day.year, day.month, day.day, 16, tzinfo=UTC)


def beginning(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


def with_hours() -> WorkingCalendar:
    return working_calendar(
        msgspec.structs.replace(NATIONAL, office_hours=(Period("09:00", "12:00"), Period("14:00", "18:00")))
    )


@pytest.mark.parametrize(
    ("level", "unit", "length", "due_on", "reached"),
    [
        (Level.DUE_SOON, Unit.WORKING_DAY, 1, FRIDAY, "2026-02-12T00:00"),
        (Level.DUE_SOON, Unit.WORKING_DAY, 1, MAKE_UP, "2026-02-13T00:00"),
        (Level.DUE_SOON, Unit.WORKING_DAY, 1, AFTER, "2026-02-14T00:00"),
        (Level.DUE_SOON, Unit.WORKING_DAY, 5, FRIDAY, "2026-02-06T00:00"),
        (Level.DUE_SOON, Unit.CALENDAR_DAY, 1, AFTER, "2026-02-23T00:00"),
        (Level.DUE_SOON, Unit.HOUR, 4, FRIDAY, "2026-02-13T20:00"),
        (Level.DUE_SOON, Unit.MINUTE, 30, FRIDAY, "2026-02-13T23:30"),
        (Level.OVERDUE, Unit.WORKING_DAY, 1, FRIDAY, "2026-02-14T00:00"),
        (Level.OVERDUE, Unit.WORKING_DAY, 1, MAKE_UP, "2026-02-24T00:00"),
        (Level.OVERDUE, Unit.WORKING_DAY, 2, MAKE_UP, "2026-02-25T00:00"),
        (Level.KEY, Unit.CALENDAR_DAY, 2, FRIDAY, "2026-02-15T00:00"),
        (Level.KEY, Unit.HOUR, 36, FRIDAY, "2026-02-15T12:00"),
    ],
)
def test_each_rung_is_reached_as_its_day_begins_or_to_the_minute(
    level: Level, unit: Unit, length: int, due_on: date, reached: str
) -> None:
    rung = Rung("x", level, TermFigure(unit, length))
    found = time_rungs("reply", due_on, midnight(due_on), [rung], national_calendar())
    assert {item.rung: item.reached_at for item in found} == {"x": beginning(reached), BREACH: midnight(due_on)}
    assert found == tuple(sorted(found, key=lambda item: item.reached_at))


def test_a_warning_waits_for_the_office_to_open_and_lateness_does_not() -> None:
    rungs = [
        Rung("soon", Level.DUE_SOON, TermFigure(Unit.WORKING_DAY, 1)),
        Rung("late", Level.KEY, TermFigure(Unit.WORKING_DAY, 1)),
    ]
    found = {item.rung: item.reached_at for item in time_rungs("reply", FRIDAY, midnight(FRIDAY), rungs, with_hours())}
    assert found["soon"] == beginning("2026-02-12T09:00")
    assert found["late"] == beginning("2026-02-14T00:00")


def test_a_rung_is_for_the_deadlines_that_it_names_and_says_its_clause() -> None:
    rung = LawfulRung(
        "two", Level.KEY, TermFigure(Unit.CALENDAR_DAY, 2), ("settle",), clause="jincheng:points-2017#12.3/overdue"
    )
    asked = ("settle", "report-back")
    found = {key: time_rungs(key, FRIDAY, midnight(FRIDAY), [rung], national_calendar()) for key in asked}
    assert [item.rung for item in found["settle"]] == [BREACH, "two"]
    assert found["settle"][1].clause == "jincheng:points-2017#12.3/overdue"
    assert [item.rung for item in found["report-back"]] == [BREACH]


def test_a_rung_beyond_the_calendar_is_left_out() -> None:
    far = [Rung(str(unit), Level.KEY, TermFigure(unit, 100_000)) for unit in (Unit.WORKING_DAY, Unit.CALENDAR_DAY)]
    near = [Rung("early", Level.DUE_SOON, TermFigure(Unit.WORKING_DAY, 9_000))]
    found = time_rungs("reply", FRIDAY, midnight(FRIDAY), [*far, *near], national_calendar())
    assert [item.rung for item in found] == [BREACH]
