"""Looks anew at what was found on deadlines that have changed: put right, counted anew, or running on after a merger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.cases.case import DeadlineNote
from core.deadlines.ladder import time_rungs
from core.deadlines.watching import rungs_of
from core.store.session import TenantSession
from core.supervision.finding import Sighting, note_sightings
from core.supervision.item import End, Ending
from core.supervision.rows import end_items, items_standing
from core.supervision.rules import rules_at
from core.tenants.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Changed:
    """A deadline as it is now."""

    case_id: UUID
    kind: str
    note: DeadlineNote


async def reconsider(
    session: TenantSession,
    snapshot: Snapshot,
    now: datetime,
    changed: Iterable[Changed],
    steps: Mapping[UUID, UUID],
) -> None:
    """Ends what was found on a date that a deadline does not have, and finds what is late on the one that it has.

    What was supervised or departed from stays so: somebody has dealt with that deadline. ``steps`` are those that changed
    the deadlines, by case.
    """
    kinds = snapshot.jurisdiction.kinds
    watched = [item for item in changed if kinds[item.kind].supervisions]
    if not watched:
        return
    sighted = [found for item in watched for found in _sight(snapshot, now, item)]
    stand = {(found.rule.key, found.deadline_id, found.due_at, found.unit_id) for found in sighted}
    items = await items_standing(session, {item.note.id for item in watched})
    gone = [item for item in items if item.is_open and (item.rule, item.deadline_id, item.due_at, item.unit_id) not in stand]
    await end_items(session, [End(item, Ending.CORRECTED, now, steps.get(item.case_id)) for item in gone])
    await note_sightings(session, snapshot, sighted)


def _sight(snapshot: Snapshot, now: datetime, changed: Changed) -> Iterator[Sighting]:
    """What the rules find of a deadline as it stands: each rung that it has reached by now, if nobody has met it; none
    before it is late."""
    note, kind = changed.note, snapshot.jurisdiction.kind(changed.kind)
    if not note.overdue_at(now):
        return
    for timed in time_rungs(note.key, note.due_on, note.due_at, rungs_of(snapshot, changed.kind, now), snapshot.calendar):
        if timed.reached_at > now:
            return
        for rule in rules_at(kind, note.key, timed.rung):
            yield Sighting(
                rule, changed.case_id, note.id, note.key, note.holder_unit_id, note.due_on, note.due_at, timed.reached_at
            )
