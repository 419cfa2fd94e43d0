"""What another calendar makes of one case: its open deadlines by it, and the case with them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import msgspec

from core.cases.case import Case, DeadlineNote
from core.deadlines.explanation import Explanation, explain, source_of
from core.law.calendar import WorkingCalendar


@dataclass(frozen=True, slots=True)
class Moved:
    """A deadline that ends otherwise by the calendar as it is known now."""

    before: Explanation
    after: Explanation


def count_anew(stored: Explanation, calendar: WorkingCalendar) -> Moved | None:
    """The deadline by another calendar; ``None`` where its end, and whether that is certain, are as they were.

    Term, start, figure, pauses and extensions stay: a running term keeps its rule (R7), only its days are others.
    """
    found = explain(stored.term, stored.starts_at, calendar, source_of(stored), stored.entries)
    named = msgspec.structs.replace(found, start_event=stored.start_event)
    same = (found.due_on, found.due_at, found.provisional) == (stored.due_on, stored.due_at, stored.provisional)
    return None if same else Moved(stored, named)


def move_case(case: Case, moved: Mapping[UUID, Moved]) -> Case:
    """The case with these deadlines where they end now, as its next version."""
    notes = tuple(_move(note, moved.get(note.id)) for note in case.standing.deadlines)
    standing = msgspec.structs.replace(case.standing, deadlines=notes)
    return msgspec.structs.replace(case, standing=standing, version=case.version + 1)


def _move(note: DeadlineNote, moved: Moved | None) -> DeadlineNote:
    if moved is None:
        return note
    after = moved.after
    return msgspec.structs.replace(note, due_on=after.due_on, due_at=after.due_at, provisional=after.provisional)
