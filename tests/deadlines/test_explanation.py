"""Explanations: what they say, and that a program which has nothing else arrives at the same date."""

import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given

from core.deadlines.compute import compute_due
from core.deadlines.explanation import CountedDay, Explanation, TermSource, explain
from core.law.calendar import DayKind
from core.law.calendar_version import WeekdayHours
from core.law.instrument import Term, Unit
from tests.deadlines.cases import calendars, instants, terms
from tests.deadlines.recompute import DoesNotAddUp, recompute
from tests.law.calendars import HOURS, calendar_with, closed_on

SOURCE = TermSource("city:rules-2020#4", "2020", 3)
MORNING = datetime(2026, 9, 24, 2, tzinfo=UTC)


def explained(unit: Unit, length: int, starts: datetime = MORNING, **calendar: object) -> Explanation:
    return explain(Term(unit, length), starts, calendar_with(office_hours=HOURS, **calendar), SOURCE)


def stated(explanation: Explanation) -> tuple[date, date, datetime]:
    return explanation.unrolled, explanation.due_on, explanation.due_at


@given(terms, instants, calendars)
def test_a_program_that_sees_the_json_alone_recomputes_the_date(term, starts, calendar):
    explanation = explain(term, starts, calendar, SOURCE)
    assert recompute(msgspec.json.encode(explanation)) == stated(explanation)


@given(terms, instants, calendars)
def test_an_explanation_has_the_dates_of_the_plain_computation(term, starts, calendar):
    due, explanation = compute_due(term, starts, calendar), explain(term, starts, calendar, SOURCE)
    assert stated(explanation) == (due.unrolled, due.due_on, due.due_at)
    assert (explanation.starts_at, explanation.provisional) == (due.starts_at, due.provisional)
    assert (explanation.roll_reason is None) == (due.unrolled == due.due_on)


@given(terms, instants, calendars)
def test_an_explanation_survives_its_storage(term, starts, calendar):
    explanation = explain(term, starts, calendar, SOURCE)
    assert msgspec.json.decode(msgspec.json.encode(explanation), type=Explanation) == explanation


def test_the_program_runs_by_itself():
    text = msgspec.json.encode(explained(Unit.WORKING_DAY, 5))
    program = [sys.executable, "-I", str(Path(__file__).with_name("recompute.py"))]
    assert subprocess.run(program, input=text, check=False).returncode == 0
    wrong = json.loads(text) | {"due_on": "2026-10-08"}
    assert subprocess.run(program, input=json.dumps(wrong).encode(), check=False).returncode == 1


def test_the_program_does_not_look_at_the_results():
    explanation = explained(Unit.CALENDAR_DAY, 7)
    said = json.loads(msgspec.json.encode(explanation))
    for result in ("unrolled", "due_on", "due_at", "roll_reason", "provisional", "local_start_date"):
        del said[result]
    assert recompute(json.dumps(said)) == stated(explanation)


@pytest.mark.parametrize("change", [{"date": "2026-09-26"}, {"counts": False}, {"number": 2}])
def test_the_program_notices_a_list_that_does_not_add_up(change):
    said = json.loads(msgspec.json.encode(explained(Unit.CALENDAR_DAY, 7)))
    said["days"][0] |= change
    with pytest.raises(DoesNotAddUp):
        recompute(json.dumps(said))


def test_working_days_day_by_day():
    days = explained(Unit.WORKING_DAY, 2).days
    assert days == (
        CountedDay(date(2026, 9, 25), DayKind.HOLIDAY, False, name="中秋"),
        CountedDay(date(2026, 9, 26), DayKind.HOLIDAY, False, name="中秋"),
        CountedDay(date(2026, 9, 27), DayKind.HOLIDAY, False, name="中秋"),
        CountedDay(date(2026, 9, 28), DayKind.WORKING, True, 1),
        CountedDay(date(2026, 9, 29), DayKind.WORKING, True, 2),
    )


def test_calendar_days_day_by_day_with_the_roll():
    explanation = explained(Unit.CALENDAR_DAY, 2, closures=closed_on("2026-09-28"))
    assert [(day.date.day, day.kind.value, day.counts, day.number) for day in explanation.days] == [
        (25, "holiday", True, 1),
        (26, "holiday", True, 2),
        (27, "holiday", False, None),
        (28, "closure", False, None),
        (29, "working", False, None),
    ]
    assert (explanation.unrolled, explanation.roll_reason) == (date(2026, 9, 26), DayKind.HOLIDAY)
    assert explanation.due_on == date(2026, 9, 29)


def test_a_long_term_lists_every_day():
    explanation = explained(Unit.MONTH, 12)
    assert len(explanation.days) == 365
    assert explanation.days[-1].number == 365
    assert [day.date for day in explanation.days] == [date(2026, 9, 25) + timedelta(n) for n in range(365)]


def test_office_hours_list_the_hours_of_each_day_from_the_day_of_the_start():
    explanation = explained(Unit.OFFICE_HOUR, 8, weekday_hours=(WeekdayHours(1, HOURS[:1]),))
    assert [(day.date.day, day.counts, day.hours) for day in explanation.days] == [
        (24, True, HOURS),
        (25, False, ()),
        (26, False, ()),
        (27, False, ()),
        (28, True, HOURS[:1]),
    ]


def test_days_of_a_year_not_announced_are_marked_and_no_others():
    days = explained(Unit.WORKING_DAY, 3, datetime(2026, 12, 30, 2, tzinfo=UTC)).days
    assert [day.provisional for day in days] == [False, True, True, True, True, True]
    assert [day.number for day in days] == [1, None, None, None, 2, 3]


@pytest.mark.parametrize("unit", [Unit.MINUTE, Unit.HOUR, Unit.SAME_DAY])
def test_units_that_look_at_no_calendar_list_no_days(unit):
    assert explained(unit, 0 if unit is Unit.SAME_DAY else 48).days == ()


@pytest.mark.parametrize(
    ("unit", "length", "rules"),
    [
        (Unit.MINUTE, 30, "R6"),
        (Unit.HOUR, 2, "R6"),
        (Unit.OFFICE_HOUR, 2, "R2 R6"),
        (Unit.HALF_WORKING_DAY, 1, "R2 R6"),
        (Unit.WORKING_DAY, 5, "R1 R2 R3 R5"),
        (Unit.CALENDAR_DAY, 1, "R1 R2 R3 R4 R5"),  # ends in Mid-autumn Festival
        (Unit.CALENDAR_DAY, 4, "R1 R2 R3 R5"),
        (Unit.MONTH, 1, "R1 R3 R4 R5 R6"),  # ends on a Saturday
        (Unit.MONTH, 2, "R1 R3 R5 R6"),
        (Unit.SAME_DAY, 0, "R5 R6"),
    ],
)
def test_the_reading_rules_are_those_that_were_used(unit, length, rules):
    assert explained(unit, length).rules == tuple(rules.split())


def test_it_names_its_sources():
    explanation = explained(Unit.WORKING_DAY, 5, closing_hour="17:30")
    assert (explanation.clause, explanation.instrument_version, explanation.encoding_revision) == (
        "city:rules-2020#4",
        "2020",
        3,
    )
    assert (explanation.calendar_version, explanation.calendar_basis) == (1, "Test")
    assert explanation.calendar_source.startswith("chinesecalendar 1.")
    assert (explanation.zone, explanation.closing_hour, explanation.start_event) == ("Asia/Shanghai", "17:30", "receipt")
    assert explanation.due_at == datetime(2026, 10, 9, 9, 30, tzinfo=UTC)
