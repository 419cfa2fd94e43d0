"""The due dates of a case, by date: name, day of the start, expected day, and what comes the day before and after it.

1 to 7 October 2026 are holidays, as are 25 to 27 September; Sunday 20 September and Saturday 10 October are worked.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.law.instrument import Term, Unit
from tests.support.matters import (
    CLERK,
    DISPATCHER,
    LEAD,
    RULES,
    SECOND,
    WORDS,
    classified,
    dispatched,
    paper,
    registered,
    units,
)
from tests.support.paper import local, unit

WORKING_DAYS = [
    ("over a make-up Sunday", "2026-09-17", "2026-09-21"),
    ("over the Mid-Autumn holiday", "2026-09-23", "2026-09-29"),
    ("over the National Day holiday", "2026-09-28", "2026-10-08"),
    ("from the eve of the holiday to a make-up Saturday", "2026-09-30", "2026-10-10"),
    ("from within the holiday", "2026-10-01", "2026-10-10"),
    ("from the day after it, over a make-up Saturday", "2026-10-08", "2026-10-12"),
    ("the last day under the old version", "2026-10-14", "2026-10-19"),
    ("the first day under the new one: five days", "2026-10-15", "2026-10-22"),
]


@pytest.mark.parametrize(("name", "start", "due"), WORKING_DAYS, ids=[row[0] for row in WORKING_DAYS])
def test_three_working_days_from_a_step(name, start, due):
    found = dispatched(now=f"{start} 16:30")
    note = found.deadlines("report")[0]
    assert (note.due_on.isoformat(), note.original_due_on, note.clause) == (due, note.due_on, f"{RULES}#3.1")
    assert note.due_at == local(due) + timedelta(days=1)


CALENDAR_DAYS = [
    ("ends on a working day", "2026-09-23", "2026-09-30"),
    ("ends on the first day of the holiday", "2026-09-24", "2026-10-08"),
    ("ends on the last day of the holiday", "2026-09-30", "2026-10-08"),
    ("ends on the day after it", "2026-10-01", "2026-10-08"),
    ("ends on a make-up Saturday", "2026-10-03", "2026-10-10"),
    ("ends on a Sunday", "2026-10-04", "2026-10-12"),
]


@pytest.mark.parametrize(("name", "start", "due"), CALENDAR_DAYS, ids=[row[0] for row in CALENDAR_DAYS])
def test_seven_days_from_receipt(name, start, due):
    note = registered(f"{start} 08:00", named=True).deadlines("first-word")[0]
    assert (note.due_on.isoformat(), note.holder, note.holder_unit_id) == (due, "office:front-office", unit("front"))


MONTHS = [
    ("the same day number", "2026-06-15", "2026-07-15"),
    ("the last day of a shorter month", "2026-08-31", "2026-09-30"),
    ("within the holiday, rolled", "2026-09-01", "2026-10-08"),
    ("on a make-up Saturday", "2026-09-10", "2026-10-10"),
]


@pytest.mark.parametrize(("name", "start", "due"), MONTHS, ids=[row[0] for row in MONTHS])
def test_a_month_from_a_day_among_the_facts(name, start, due):
    found = registered("2026-09-28 09:00", happened_on=start)
    found.take(CLERK, "accept", {"grounds": [f"{RULES}#2.1"]})
    odd = {"track": "odd", "catch_all_reason": "x", "catch_all_basis": "y"}
    found.take(DISPATCHER, "classify", odd)
    assert found.deadlines("dated-reply")[0].due_on.isoformat() == due
    explanation = found.outcome.openings[0].explanation
    assert (explanation.start_event, explanation.local_start_date.isoformat()) == ("happened-on", start)


def test_a_day_and_a_night_from_an_instant_among_the_facts():
    found = classified("timed")
    note = found.deadlines("timed-reply")[0]
    assert note.due_at == local("2026-09-28 16:00")
    assert (note.holder, note.holder_unit_id) == ("office:back-office", unit("back"))


def test_the_same_day():
    found = classified("timed", "2026-09-28 09:00", urgent=True)
    assert found.deadlines("urgent-call")[0].due_at == local("2026-09-29 00:00")


LIMIT = [
    ("the day before", "2026-10-07 12:00", "met"),
    ("the day", "2026-10-08 12:00", "met"),
    ("its last moment", "2026-10-08 23:59:59.999999", "met"),
    ("the first moment that is too late", "2026-10-09 00:00", "met-late"),
    ("the day after", "2026-10-09 12:00", "met-late"),
]


@pytest.mark.parametrize(("name", "at", "state"), LIMIT, ids=[row[0] for row in LIMIT])
def test_met_in_time_or_late_by_the_legal_time_of_the_step(name, at, state):
    found = dispatched("second")
    found.now = local("2026-11-20 09:00")
    found.take(LEAD, "report-result", {"occurred_at": local(at).isoformat()})
    lead, second = found.deadlines("report")
    assert (lead.state, lead.ended_at) == (state, local(at))
    assert (second.state, second.ended_at) == ("open", None)


@pytest.mark.parametrize(("name", "at", "state"), LIMIT, ids=[row[0] for row in LIMIT])
def test_overdue_from_the_first_moment_that_is_too_late(name, at, state):
    note = dispatched().deadlines("report")[0]
    assert note.overdue_at(local(at)) is (state == "met-late")


def test_a_deadline_can_arise_already_overdue():
    found = paper("2026-09-28 09:00")
    found.register(
        CLERK, {"channel": "desk", "received_at": "2026-09-01T01:00:00Z", "received_reason": "来信补登", **WORDS}, named=True
    )
    note = found.deadlines("first-word")[0]
    assert (note.due_on.isoformat(), note.state) == ("2026-09-08", "open")
    assert note.overdue_at(found.now)


def test_a_running_term_keeps_its_rule():
    """The amendment of 15 October 2026 makes three working days five: not for what had begun."""
    found = dispatched(now="2026-10-14 09:00")
    found.now = local("2026-10-15 09:00")
    found.take(DISPATCHER, "remind", {"text": "x"})
    assert found.deadlines("report")[0].due_on.isoformat() == "2026-10-19"
    found.take(DISPATCHER, "dispatch", {"units": units("lead")})
    assert [(note.due_on.isoformat(), note.state) for note in found.deadlines("report")] == [
        ("2026-10-19", "replaced"),
        ("2026-10-22", "open"),
    ]


def test_terms_from_receipt_count_from_a_reopening():
    found = registered("2026-09-21 09:00", named=True)
    found.take(CLERK, "refuse", {"reason": "x"})
    found.now = local("2026-09-28 09:00")
    found.take(DISPATCHER, "reopen", {"reason": "new facts"})
    assert [(note.due_on.isoformat(), note.state) for note in found.deadlines("first-word")] == [
        ("2026-09-28", "lapsed"),
        ("2026-10-08", "open"),
    ]
    explanation = found.outcome.openings[0].explanation
    assert (explanation.start_event, explanation.starts_at) == ("reopen", local("2026-09-28 09:00"))


def test_the_explanation_tells_clause_version_and_start():
    explanation = dispatched().outcome.openings[0].explanation
    assert (explanation.clause, explanation.instrument_version, explanation.encoding_revision) == (f"{RULES}#3.1", "2020", 1)
    assert (explanation.start_event, explanation.figure_from, explanation.basis) == ("dispatch", "clause", "")
    assert [day.date.isoformat() for day in explanation.days if day.counts] == ["2026-09-29", "2026-09-30", "2026-10-08"]


def test_each_unit_meets_its_own_deadline_alone():
    found = dispatched("second", "third")
    found.take(SECOND, "report-part")
    assert [(note.holder_unit_id, note.state) for note in found.deadlines("report")] == [
        (unit("lead"), "open"),
        (unit("second"), "met"),
        (unit("third"), "open"),
    ]


def test_a_setting_counts_from_its_own_unit_of_time():
    found = classified("open", terms={"reply_term": Term(unit=Unit.HOUR, length=36)})
    assert found.deadlines("open-reply")[0].due_at == local("2026-09-29 21:00")
