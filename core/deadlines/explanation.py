"""Why a term ends when it does (promise 1): stored with the deadline, enough to recompute the date from it alone.

The contract: a program that has only the JSON of an :class:`Explanation` counts from the start, the length, the unit and the
days listed, and arrives at the same date and instant. ``tests/deadlines/recompute.py`` is that program.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from msgspec import Meta, Struct

from core.deadlines.compute import Due
from core.deadlines.counting import CountedDay as CountedDay  # the parts of an explanation are had from here
from core.deadlines.counting import count_days
from core.deadlines.ledger import Entry, EntryKind, derive_due, units_of
from core.deadlines.ledger_days import count_ledger_days
from core.law.calendar import DayKind, WorkingCalendar
from core.law.instrument import Term, Unit
from core.law.rulebook import Passage


class TermSource(Struct, frozen=True):
    """Where a term stands: the citation of its clause, the version in force and the revision of our encoding.

    ``figure_from`` says who gave the figure: the ``clause`` itself, the tenant's ``setting:<key>`` or ``category:<code>``,
    or the ``step``; ``basis`` is what a figure that is not the clause's own rests on (R11). ``category`` is the case's own
    category where the figure is a category's: another one than in ``figure_from`` has it from there.
    """

    clause: str
    instrument_version: str
    encoding_revision: int = 1
    figure_from: str = "clause"
    basis: str = ""
    category: str = ""

    @classmethod
    def of(cls, passage: Passage) -> TermSource:
        """The source of the term that a clause gives."""
        return cls(str(passage.citation), passage.version.id, passage.version.revision)


Instant = Annotated[datetime, Meta(tz=True)]


class Explanation(Struct, frozen=True, gc=False):
    """Everything that the due date of one term follows from.

    ``days`` run from the day after the start to the due date; from the day of the start for office hours and half working
    days, which run on it; there are none for units that look at no calendar. ``roll_reason`` is what the unrolled date is
    where R4 moved it. ``rules`` are the reading rules that were used. ``entries`` are the pauses and extensions, in order,
    by which the term was moved (promise 3); its days are then listed wherever the term or an extension looks at the
    calendar, from the day of the start where either runs inside the office hours.
    """

    clause: str
    instrument_version: str
    encoding_revision: int
    term: Term
    start_event: str
    starts_at: Instant
    zone: str
    local_start_date: date
    calendar_version: int
    calendar_basis: str
    calendar_source: str
    rules: tuple[str, ...]
    days: tuple[CountedDay, ...]
    unrolled: date
    roll_reason: DayKind | None
    closing_hour: str | None
    due_on: date
    due_at: Instant
    provisional: bool
    figure_from: str = "clause"
    basis: str = ""
    category: str = ""
    entries: tuple[Entry, ...] = ()


def explain(
    term: Term, starts_at: datetime, calendar: WorkingCalendar, source: TermSource, entries: tuple[Entry, ...] = ()
) -> Explanation:
    """Computes a due date together with its explanation; raises what :func:`core.deadlines.compute.compute_due` raises."""
    return explain_due(derive_due(term, starts_at, entries, calendar), term, calendar, source, entries)


def explain_due(
    due: Due, term: Term, calendar: WorkingCalendar, source: TermSource, entries: tuple[Entry, ...] = ()
) -> Explanation:
    """The explanation of a due date that :func:`core.deadlines.ledger.derive_due` gave for that term and calendar."""
    rolled = due.unrolled != due.due_on
    return Explanation(
        source.clause,
        source.instrument_version,
        source.encoding_revision,
        term,
        term.start,
        due.starts_at,
        calendar.version.zone,
        due.local_start_date,
        calendar.version.number,
        calendar.version.basis,
        calendar.source,
        _rules(term, entries, rolled=rolled) if entries else _RULES[term.unit, rolled],
        count_ledger_days(due, term, entries, calendar) if entries else count_days(due, term.unit, calendar),
        due.unrolled,
        calendar.day(due.unrolled).kind if rolled else None,
        calendar.version.closing_hour,
        due.due_on,
        due.due_at,
        due.provisional,
        source.figure_from,
        source.basis,
        source.category,
        entries,
    )


def source_of(explanation: Explanation) -> TermSource:
    """Where the term of an explanation stands."""
    return TermSource(**{name: getattr(explanation, name) for name in TermSource.__struct_fields__})


def _rules(term: Term, entries: tuple[Entry, ...], *, rolled: bool) -> tuple[str, ...]:
    """The reading rules for a term that was moved: of all its units; paused working days are counted as overdue ones."""
    units = units_of(term, entries)
    found = {name for (unit, moved), names in _RULES.items() if unit in units and moved <= rolled for name in names}
    paused = term.unit is Unit.WORKING_DAY and any(entry.kind is EntryKind.PAUSE for entry in entries)
    return tuple(sorted(found | ({"R10"} if paused else set()), key=lambda rule: int(rule[1:])))


_RULES: dict[tuple[Unit, bool], tuple[str, ...]] = {
    (Unit.MINUTE, False): ("R6",),
    (Unit.HOUR, False): ("R6",),
    (Unit.OFFICE_HOUR, False): ("R2", "R6"),
    (Unit.HALF_WORKING_DAY, False): ("R2", "R6"),
    (Unit.WORKING_DAY, False): ("R1", "R2", "R3", "R5"),
    (Unit.CALENDAR_DAY, False): ("R1", "R2", "R3", "R5"),
    (Unit.CALENDAR_DAY, True): ("R1", "R2", "R3", "R4", "R5"),
    (Unit.MONTH, False): ("R1", "R3", "R5", "R6"),
    (Unit.MONTH, True): ("R1", "R3", "R4", "R5", "R6"),
    (Unit.SAME_DAY, False): ("R5", "R6"),
}
