"""Pauses and extensions: one date follows from the term and all that moved it, whatever came first."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.deadlines.compute import compute_due
from core.deadlines.explanation import Explanation, TermSource, explain
from core.deadlines.ledger import Entry, EntryKind, derive_due, find_pauses, is_paused
from core.errors import Invalid, Refused
from core.law.calendar import national_calendar
from core.law.instrument import Term, Unit
from tests.deadlines.cases import calendars, instants, terms
from tests.deadlines.recompute import recompute
from tests.law.calendars import HOURS, calendar_with
from tests.support.naive_days import naive_moved_due
from tests.support.paper import local

SOURCE = TermSource("city:rules-2020#4", "2020", 3)
OFFICE = calendar_with(office_hours=HOURS)
"""Open from 9 to 12 and from 13:30 to 17:30. 25 to 27 September and 1 to 7 October 2026 are holidays."""
lengths = terms.filter(lambda term: term.unit is not Unit.SAME_DAY)


def paused(*moments: str) -> tuple[Entry, ...]:
    """Pauses, each from one local time to the next."""
    kinds = (EntryKind.PAUSE, EntryKind.RESUME)
    return tuple(Entry(kinds[index % 2], local(moment)) for index, moment in enumerate(moments))


def extended(unit: Unit, length: int, at: str = "2026-09-24 12:00") -> Entry:
    """An extension."""
    return Entry(EntryKind.EXTENSION, local(at), Term(unit, length))


def due(term: Term, starts: str, *entries: Entry) -> tuple[str, str]:
    """The due date and the local time at which it is too late."""
    found = derive_due(term, local(starts), entries, OFFICE)
    ends = found.due_at + timedelta(hours=8)
    return found.due_on.isoformat(), f"{ends:%m-%d %H:%M}"


WORKING = [
    ("not at all", (), "2026-09-30"),
    ("and resumed the same day", ("2026-09-24 09:00", "2026-09-24 17:00"), "2026-09-30"),
    ("over a night", ("2026-09-23 23:59", "2026-09-24 00:00"), "2026-10-08"),
    ("over the day of the holiday, which does not count", ("2026-09-24 09:00", "2026-09-27 09:00"), "2026-09-30"),
    ("up to the day after it", ("2026-09-24 09:00", "2026-09-28 00:01"), "2026-10-08"),
    ("for two working days", ("2026-09-24 09:00", "2026-09-29 09:00"), "2026-10-09"),
    ("twice", ("2026-09-23 09:00", "2026-09-24 09:00", "2026-09-24 10:00", "2026-09-28 10:00"), "2026-10-09"),
    ("on the last day", ("2026-09-30 23:00", "2026-10-08 09:00"), "2026-10-08"),
    ("on the last day, into the holiday only: to the day after it", ("2026-09-30 23:00", "2026-10-07 23:59"), "2026-10-08"),
    ("before the last day, into a holiday", ("2026-09-24 23:00", "2026-09-26 09:00"), "2026-09-30"),
    ("for a holiday and a make-up Saturday", ("2026-09-30 09:00", "2026-10-10 09:00"), "2026-10-10"),
]


@pytest.mark.parametrize(("name", "moments", "expected"), WORKING, ids=[row[0] for row in WORKING])
def test_four_working_days_paused(name, moments, expected):
    term = Term(Unit.WORKING_DAY, 4)
    assert due(term, "2026-09-23 10:00", *paused(*moments))[0] == expected


CALENDAR = [
    ("not at all: the holiday, rolled", Unit.CALENDAR_DAY, 8, (), "2026-10-08"),
    ("by five days, within the holiday", Unit.CALENDAR_DAY, 8, ("2026-09-24 09:00", "2026-09-29 09:00"), "2026-10-08"),
    ("by seven days, to the day after it", Unit.CALENDAR_DAY, 8, ("2026-09-24 09:00", "2026-10-01 09:00"), "2026-10-08"),
    ("by eight", Unit.CALENDAR_DAY, 8, ("2026-09-24 09:00", "2026-10-02 09:00"), "2026-10-09"),
    (
        "a month, by one day onto a Saturday that is worked",
        Unit.MONTH,
        1,
        ("2026-09-24 09:00", "2026-09-25 09:00"),
        "2026-10-26",
    ),
]


@pytest.mark.parametrize(("name", "unit", "length", "moments", "expected"), CALENDAR, ids=[row[0] for row in CALENDAR])
def test_calendar_days_and_months_are_paused_by_calendar_days_and_rolled_once(name, unit, length, moments, expected):
    starts = "2026-09-23 10:00"
    assert due(Term(unit, length), starts, *paused(*moments))[0] == expected


CLOCK = [
    ("hours by exact time", Unit.HOUR, 30, ("2026-09-23 12:00", "2026-09-23 12:45"), "09-24 16:45"),
    ("minutes over a night", Unit.MINUTE, 30, ("2026-09-23 10:10", "2026-09-24 08:00"), "09-24 08:20"),
    ("office hours by those that lay in it", Unit.OFFICE_HOUR, 4, ("2026-09-23 11:00", "2026-09-23 15:00"), "09-24 09:30"),
    ("office hours, by none at lunch", Unit.OFFICE_HOUR, 4, ("2026-09-23 12:00", "2026-09-23 14:00"), "09-23 16:00"),
    ("office hours over a holiday", Unit.OFFICE_HOUR, 14, ("2026-09-24 16:30", "2026-09-28 10:00"), "09-28 12:00"),
    ("half days by a whole one", Unit.HALF_WORKING_DAY, 2, ("2026-09-23 10:00", "2026-09-24 10:00"), "09-28 10:00"),
    (
        "half days by a half: 3.25 office hours",
        Unit.HALF_WORKING_DAY,
        2,
        ("2026-09-23 14:00", "2026-09-23 17:15"),
        "09-24 14:45",
    ),
    ("the same day to that of the resume", Unit.SAME_DAY, 0, ("2026-09-23 11:00", "2026-09-24 09:00"), "09-25 00:00"),
    ("the same day, resumed on it", Unit.SAME_DAY, 0, ("2026-09-23 11:00", "2026-09-23 12:00"), "09-24 00:00"),
]


@pytest.mark.parametrize(("name", "unit", "length", "moments", "expected"), CLOCK, ids=[row[0] for row in CLOCK])
def test_time_is_paused_by_the_time_that_ran(name, unit, length, moments, expected):
    assert due(Term(unit, length), "2026-09-23 10:00", *paused(*moments))[1] == expected


EXTENDED = [
    ("the day before the whole ends on a rest day", 22, "2026-10-23", "2026-10-23"),
    ("its own length from the unrolled end", 23, "2026-10-24", "2026-10-26"),
    ("Sunday", 24, "2026-10-25", "2026-10-26"),
    ("the day after", 25, "2026-10-26", "2026-10-26"),
]


@pytest.mark.parametrize(("name", "length", "unrolled", "expected"), EXTENDED, ids=[row[0] for row in EXTENDED])
def test_an_extension_counts_from_the_unrolled_end_and_the_whole_is_rolled_once(name, length, unrolled, expected):
    """Eight days from 23 September end on 1 October, a holiday: not on the 8th, to which they alone would be rolled."""
    found = derive_due(Term(Unit.CALENDAR_DAY, 8), local("2026-09-23 10:00"), (extended(Unit.CALENDAR_DAY, length),), OFFICE)
    assert (found.unrolled.isoformat(), found.due_on.isoformat()) == (unrolled, expected)


MIXED = [
    ("working days by calendar days, rolled", Unit.WORKING_DAY, 4, Unit.CALENDAR_DAY, 5, "2026-10-08"),
    ("calendar days by working days", Unit.CALENDAR_DAY, 3, Unit.WORKING_DAY, 2, "2026-09-29"),
    ("hours by a working day", Unit.HOUR, 30, Unit.WORKING_DAY, 1, "2026-09-28"),
    ("working days by hours, from the closing", Unit.WORKING_DAY, 1, Unit.HOUR, 2, "2026-09-25"),
    ("office hours by a month", Unit.OFFICE_HOUR, 4, Unit.MONTH, 1, "2026-10-23"),
    ("the same day by a working day", Unit.SAME_DAY, 0, Unit.WORKING_DAY, 1, "2026-09-24"),
    ("calendar days by office hours", Unit.CALENDAR_DAY, 3, Unit.OFFICE_HOUR, 2, "2026-09-29"),
]


@pytest.mark.parametrize(("name", "unit", "length", "by", "more", "expected"), MIXED, ids=[row[0] for row in MIXED])
def test_an_extension_has_a_unit_of_its_own(name, unit, length, by, more, expected):
    assert due(Term(unit, length), "2026-09-23 10:00", extended(by, more))[0] == expected


def test_an_extension_that_is_taken_back_after_a_pause_leaves_what_would_have_been():
    term, pause = Term(Unit.WORKING_DAY, 4), paused("2026-09-24 09:00", "2026-09-28 09:00")
    with_it = due(term, "2026-09-23 10:00", extended(Unit.WORKING_DAY, 3), *pause)
    assert with_it[0] == "2026-10-12"
    assert due(term, "2026-09-23 10:00", *pause)[0] == "2026-10-08"


def test_a_pause_that_goes_on_has_not_moved_anything_yet():
    entries = paused("2026-09-24 09:00", "2026-09-28 09:00", "2026-09-29 09:00")
    assert is_paused(entries)
    assert not is_paused(entries[:2])
    assert due(Term(Unit.WORKING_DAY, 4), "2026-09-23 10:00", *entries)[0] == "2026-10-08"


def test_before_its_start_nothing_of_a_term_is_paused():
    entries = paused("2026-09-20 09:00", "2026-09-24 09:00")
    assert [item.start for item in find_pauses(entries, local("2026-09-23 10:00"))] == [local("2026-09-23 10:00")]
    assert due(Term(Unit.WORKING_DAY, 4), "2026-09-23 10:00", *entries)[0] == "2026-10-08"


def test_the_same_day_and_nothing_are_no_lengths_of_an_extension():
    with pytest.raises(Refused) as refused:
        due(Term(Unit.WORKING_DAY, 4), "2026-09-23 10:00", extended(Unit.SAME_DAY, 0))
    assert refused.value.code == "deadlines.extension-no-length"
    with pytest.raises(Invalid):
        due(Term(Unit.WORKING_DAY, 4), "2026-09-23 10:00", extended(Unit.WORKING_DAY, 0))


def test_an_extension_can_lead_out_of_the_calendars_reach():
    with pytest.raises(Refused) as refused:
        due(Term(Unit.WORKING_DAY, 4), "2099-12-01 10:00", extended(Unit.CALENDAR_DAY, 40))
    assert refused.value.code == "calendar.term-out-of-reach"


def test_the_days_say_on_which_the_term_was_paused():
    entries = (*paused("2026-09-23 12:00", "2026-09-27 09:00"), extended(Unit.CALENDAR_DAY, 2))
    found = explain(Term(Unit.WORKING_DAY, 2), local("2026-09-22 10:00"), OFFICE, SOURCE, entries)
    days = [(f"{day.date:%m-%d}", day.number, day.paused) for day in found.days]
    assert days == [
        ("09-23", 1, False), ("09-24", None, True), ("09-25", None, False), ("09-26", None, False), ("09-27", None, False),
        ("09-28", 2, False), ("09-29", 3, False), ("09-30", 4, False),
    ]  # fmt: skip
    assert found.entries == entries
    assert found.rules == ("R1", "R2", "R3", "R5", "R10")


def test_an_explanation_that_was_stored_before_there_were_ledgers_is_read():
    stored = msgspec.to_builtins(explain(Term(Unit.WORKING_DAY, 2), local("2026-09-22 10:00"), OFFICE, SOURCE))
    del stored["entries"]
    assert msgspec.convert(stored, Explanation).entries == ()


@st.composite
def ledgers(draw, moved=lengths):
    """A term, its start, and pauses and extensions of it in the order of their time."""
    term, starts = draw(terms), draw(instants)
    hours = draw(st.lists(st.integers(0, 900), max_size=7).map(sorted))
    moments = [starts + timedelta(hours=hour, minutes=draw(st.integers(0, 50))) for hour in hours]
    entries, stopped = [], False
    for moment in sorted(moments):
        if draw(st.booleans()):
            kind = EntryKind.RESUME if stopped else EntryKind.PAUSE
            entries.append(Entry(kind, moment))
            stopped = not stopped
        else:
            entries.append(Entry(EntryKind.EXTENSION, moment, draw(moved)))
    return term, starts, tuple(entries)


@given(ledgers(), calendars)
def test_a_program_that_sees_the_json_alone_recomputes_what_was_moved(drawn, calendar):
    term, starts, entries = drawn
    found = explain(term, starts, calendar, SOURCE, entries)
    assert recompute(msgspec.json.encode(found)) == (found.unrolled, found.due_on, found.due_at)
    assert msgspec.json.decode(msgspec.json.encode(found), type=Explanation) == found


@given(ledgers(), calendars)
def test_pauses_and_extensions_lead_to_one_date_in_any_order(drawn, calendar):
    term, starts, entries = drawn
    stops = tuple(entry for entry in entries if entry.kind is not EntryKind.EXTENSION)
    extensions = tuple(entry for entry in entries if entry.kind is EntryKind.EXTENSION)
    one = derive_due(term, starts, entries, calendar)
    assert derive_due(term, starts, (*extensions, *stops), calendar) == one
    assert derive_due(term, starts, (*stops, *extensions), calendar) == one


@given(ledgers(), calendars)
def test_nothing_that_moves_a_term_makes_it_shorter(drawn, calendar):
    term, starts, entries = drawn
    moments = [derive_due(term, starts, entries[:count], calendar).due_at for count in range(len(entries) + 1)]
    # A whole day that is rolled can end where it did before.
    assert all(before <= after for before, after in pairwise(moments))


@given(terms, instants, calendars)
def test_a_pause_of_no_time_and_no_entry_leave_the_plain_date(term, starts, calendar):
    plain = compute_due(term, starts, calendar)
    assert derive_due(term, starts, (), calendar) == plain
    nothing = (Entry(EntryKind.PAUSE, starts), Entry(EntryKind.RESUME, starts))
    assert derive_due(term, starts, nothing, calendar) == plain


@given(
    st.sampled_from([Unit.WORKING_DAY, Unit.CALENDAR_DAY]),
    st.integers(1, 40),
    st.integers(0, 20),
    st.integers(0, 500 * 24).map(lambda hours: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=hours)),
    st.lists(st.integers(0, 900), min_size=0, max_size=6, unique=True).map(sorted),
)
def test_days_agree_with_a_count_on_the_fingers(unit, length, more, starts, hours):
    moments = [starts + timedelta(hours=hour) for hour in hours][: len(hours) // 2 * 2]
    pauses = list(zip(moments[::2], moments[1::2], strict=True))
    entries = [
        Entry(kind, at) for pair in pauses for kind, at in zip((EntryKind.PAUSE, EntryKind.RESUME), pair, strict=True)
    ]
    if more:
        entries.append(Entry(EntryKind.EXTENSION, starts, Term(unit, more)))
    # What has run out is not paused: that is refused, and nothing is counted here.
    assume(_is_in_time(unit, length + more, starts, pauses))
    found = derive_due(Term(unit, length), starts, tuple(entries), national_calendar())
    expected = naive_moved_due(Term(unit, length), starts, pauses, more)
    assert found.due_on == expected


def _is_in_time(unit, length, starts, pauses):
    """Whether each pause began before the term had run out."""
    return all(
        since.astimezone(UTC) + timedelta(hours=8) < _midnight(naive_moved_due(Term(unit, length), starts, pauses[:index]))
        for index, (since, _) in enumerate(pauses)
    )


def _midnight(day):
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
