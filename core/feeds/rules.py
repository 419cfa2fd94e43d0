"""For whom a unit's calendar is open, and what it tells of a deadline. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.cases.capacity import visible_units
from core.cases.deadline_listing import DeadlineLine
from core.cases.reading_rules import own_units
from core.feeds.calendar import Event
from core.law.calendar import WorkingCalendar
from core.procedure import Role
from core.tenants.principal import Principal
from core.tenants.snapshot import Snapshot

_SECOND = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed as it stands. The secret of its address is stored nowhere."""

    id: UUID
    unit_id: UUID
    person_id: UUID
    created_at: datetime
    revoked_by: UUID | None = None
    revoked_at: datetime | None = None


def may_follow(principal: Principal, unit_id: UUID) -> bool:
    """Whether the person may have the unit's deadlines in a calendar: as an administrator, or as one of its own who sees
    its cases."""
    if principal.has(Role.TENANT_ADMINISTRATOR):
        return True
    seen = visible_units(principal)
    return unit_id in own_units(principal) and (seen is None or unit_id in seen)


def reader_of(feed: Feed, snapshot: Snapshot, now: datetime) -> Principal:
    """Who made the feed, with the roles and units of that person today, and nothing that a token would add."""
    day, organisation, person = snapshot.local_day(now), snapshot.organisation, feed.person_id
    grants, units = organisation.roles_of(person, day), organisation.units_of(person, day)
    return Principal(feed.id, "", person, grants, units, frozenset())


def event_of(line: DeadlineLine, snapshot: Snapshot) -> Event:
    """What a calendar is told: the number of the case and what the deadline is called; of a confidential case the number."""
    jurisdiction = snapshot.jurisdiction
    title = None if jurisdiction.kind(line.kind).confidential else line.title(jurisdiction)
    return Event(
        uid=f"{line.id}@{snapshot.tenant.slug}",
        summary=f"{line.number} {title.zh}" if title else line.number,
        at=line.due_on if _is_whole_day(line, snapshot.calendar) else line.due_at,
        sequence=line.sequence,
        changed_at=line.changed_at,
        tentative=line.provisional,
    )


def _is_whole_day(line: DeadlineLine, calendar: WorkingCalendar) -> bool:
    """Whether it ends with its last day; a term in days that was extended by hours does not."""
    closing = calendar.instant_at(calendar.position(line.due_on), calendar.closing_seconds * _SECOND)
    return not line.has_hour and line.due_at == closing
