"""What a month counts of a case, and what a late change does to the figures of a month that is closed. Pure.

A closed month keeps the figures that were published; what changes afterwards is written beside them as an adjustment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from core.cases.case import Case, DeadlineNote
from core.cases.world import World
from core.corrections.correction import CORRECTED_AWAY
from core.deadlines.derive import MOVED

MONTH = "wenze:house#month"


class Measure(StrEnum):
    """What is counted: cases received and closed in the month; deadlines due in it, those met, those that ran out, and of
    these the ones whose lateness was found justified."""

    RECEIVED = "received"
    CLOSED = "closed"
    DUE = "due"
    MET = "met"
    OVERDUE = "overdue"
    JUSTIFIED = "justified"


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of a month: what is counted, of which category and track and, of the deadlines of units, of which unit."""

    month: date
    measure: Measure
    unit_id: UUID | None
    category: str | None
    track: str | None

    @property
    def order(self) -> tuple[str, ...]:
        """By month and measure, and then by the rest."""
        rest = (str(self.unit_id or ""), self.category or "", self.track or "")
        return self.month.isoformat(), str(list(Measure).index(self.measure)), *rest


def month_of(day: date) -> date:
    """The first day of the month in which a day lies."""
    return day.replace(day=1)


def tally(case: Case, world: World) -> Counter[Line]:
    """What the months count of a case as it stands. A deadline that was corrected away counts nowhere."""
    return Counter(_lines(case, world))


def _lines(case: Case, world: World) -> Iterator[Line]:
    def line(day: date, measure: Measure, unit_id: UUID | None = None) -> Line:
        return Line(month_of(day), measure, unit_id, case.category, case.track)

    yield line(world.local_day(case.received_at), Measure.RECEIVED)
    if case.closed_at is not None:
        yield line(world.local_day(case.closed_at), Measure.CLOSED)
    for note in case.standing.deadlines:
        for measure in _measures(note, world.now):
            yield line(note.due_on, measure, note.holder_unit_id)


def _measures(note: DeadlineNote, now: datetime) -> Iterator[Measure]:
    """What a deadline counts as: due unless it ended before its time, and then met or overdue. One that was corrected away
    or went to another unit counts nowhere, nor does the limit of a right."""
    if note.window or note.state in {CORRECTED_AWAY, *MOVED}:
        return
    overdue = note.ran_out_by(now)
    if overdue or note.state in {"open", "met"}:
        yield Measure.DUE
    if note.state == "met":
        yield Measure.MET
    if overdue:
        yield Measure.OVERDUE
        if note.justified is not None:
            yield Measure.JUSTIFIED


def differences(before: Counter[Line], after: Counter[Line]) -> dict[Line, int]:
    """By how much each figure changes; only those that do."""
    lines = sorted(before.keys() | after.keys(), key=lambda line: line.order)
    return {line: after[line] - before[line] for line in lines if after[line] != before[line]}


def late_changes(
    before: Case | None, after: Case, closed: Collection[date], world: World, *, reopens: bool = False
) -> dict[Line, int]:
    """What a step changes of the closed months. That a case was closed in one stays true when it is opened again later."""
    if not closed:
        return {}
    changes = differences(tally(before, world) if before else Counter(), tally(after, world))
    return {
        line: change
        for line, change in changes.items()
        if line.month in closed and not (reopens and line.measure is Measure.CLOSED)
    }
