"""What can be corrected of a case, and what a correction says: each fact as it was recorded and as it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

CORRECTION = "wenze:house#correction"
CORRECT = "correct"
"""The step, and its verb: it belongs to every kind of case, and to no city's data."""
CORRECTED_AWAY = "corrected-away"
"""The state of a deadline that would not have been there: it counts for nothing, and stays visible."""


class What(StrEnum):
    """A fact that can be corrected: the moment of receipt, a handling unit, the category, the track."""

    RECEIVED_AT = "received_at"
    UNIT = "unit"
    CATEGORY = "category"
    TRACK = "track"


class CorrectedFact(Struct, frozen=True):
    """One fact as it was recorded and as it is: an instant in UTC, a unit's id, a category's code or a track."""

    what: What
    before: str | None
    after: str


@dataclass(frozen=True, slots=True)
class Swap:
    """A unit that was recorded as handling the case, and the one that did so all the time."""

    recorded: UUID
    right: UUID


@dataclass(frozen=True, slots=True)
class Correction:
    """What is to be put right; what is ``None`` stays as it is."""

    received_at: datetime | None = None
    unit: Swap | None = None
    category: str | None = None
    track: str | None = None

    @classmethod
    def of(cls, facts: Iterable[CorrectedFact]) -> Correction:
        """The correction that the facts on record stand for."""
        told = {fact.what: fact for fact in facts}
        unit = told.get(What.UNIT)
        return cls(
            received_at=datetime.fromisoformat(told[What.RECEIVED_AT].after) if What.RECEIVED_AT in told else None,
            unit=Swap(UUID(unit.before), UUID(unit.after)) if unit and unit.before else None,
            category=told[What.CATEGORY].after if What.CATEGORY in told else None,
            track=told[What.TRACK].after if What.TRACK in told else None,
        )

    def facts(self, received_at: datetime, category: str | None, track: str | None) -> tuple[CorrectedFact, ...]:
        """The facts of the correction beside what the case says of them now."""
        found = []
        if self.received_at is not None:
            found.append(CorrectedFact(What.RECEIVED_AT, _utc(received_at), _utc(self.received_at)))
        if self.unit is not None:
            found.append(CorrectedFact(What.UNIT, str(self.unit.recorded), str(self.unit.right)))
        if self.category is not None:
            found.append(CorrectedFact(What.CATEGORY, category, self.category))
        if self.track is not None:
            found.append(CorrectedFact(What.TRACK, track, self.track))
        return tuple(found)


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
