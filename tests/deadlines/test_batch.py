"""The batch form says what the single form says, and refuses what it refuses."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.deadlines.batch import due_dates
from core.deadlines.compute import compute_due
from core.errors import Invalid, Refused
from core.law.instrument import Term, Unit
from tests.deadlines.cases import CALENDARS, NATIONAL, calendars, terms, whole_seconds
from tests.law.calendars import calendar_with


@given(terms, st.lists(whole_seconds, max_size=8), calendars)
def test_the_batch_equals_the_terms_one_by_one(term, starts, calendar):
    singles = [compute_due(term, datetime.fromtimestamp(start, UTC), calendar).due_on for start in starts]
    assert [date.fromordinal(due) for due in due_dates(term, starts, calendar)] == singles


@pytest.mark.parametrize("unit", [Unit.WORKING_DAY, Unit.CALENDAR_DAY, Unit.SAME_DAY, Unit.HOUR])
def test_the_edge_of_the_local_day(unit):
    midnight = int(datetime(2026, 11, 18, 16, tzinfo=UTC).timestamp())
    term = Term(unit, 0 if unit is Unit.SAME_DAY else 1)
    seconds = [midnight - 3600, midnight - 1, midnight]
    singles = [compute_due(term, datetime.fromtimestamp(second, UTC), NATIONAL) for second in seconds]
    assert due_dates(term, seconds, NATIONAL) == [due.due_on.toordinal() for due in singles]


@pytest.mark.parametrize("unit", list(Unit))
@pytest.mark.parametrize("start", [-(2**63), -1, 0, 1_072_800_000, 4_102_500_000, 2**63])
def test_starts_out_of_reach_are_refused(unit, start):
    fine = int(datetime(2026, 1, 5, tzinfo=UTC).timestamp())
    term = Term(unit, 0 if unit is Unit.SAME_DAY else 1)
    for starts in ([start], [fine, start], [start, fine]):
        with pytest.raises(Refused, match=r"calendar\..*-out-of-reach"):
            due_dates(term, starts, CALENDARS[0])


@pytest.mark.parametrize("unit", [unit for unit in Unit if unit is not Unit.SAME_DAY])
def test_ends_out_of_reach_are_refused(unit):
    start = int(datetime(2099, 12, 1, tzinfo=UTC).timestamp())
    with pytest.raises(Refused, match=r"calendar\..*-out-of-reach"):
        due_dates(Term(unit, 100_000), [start], CALENDARS[0])


def test_an_impossible_length_is_refused_also_without_starts():
    with pytest.raises(Invalid, match=r"deadlines\.length-impossible"):
        due_dates(Term(Unit.WORKING_DAY, 0), [], NATIONAL)
    assert due_dates(Term(Unit.WORKING_DAY, 1), [], NATIONAL) == []


def test_a_zone_that_changes_its_offset():
    try:
        berlin = calendar_with(zone="Europe/Berlin")
    except Invalid:
        pytest.skip("this machine has no zone data")
    winter, summer = datetime(2026, 1, 7, 22, 59, tzinfo=UTC), datetime(2026, 7, 7, 22, 0, tzinfo=UTC)
    term = Term(Unit.CALENDAR_DAY, 1)
    found = due_dates(term, [int(winter.timestamp()), int(summer.timestamp())], berlin)
    assert [date.fromordinal(due) for due in found] == [date(2026, 1, 8), date(2026, 7, 9)]
