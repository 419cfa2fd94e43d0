"""A correction as it is kept: what was asked, by whom, and what was decided."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from core.corrections.consequences import Consequences
from core.corrections.correction import CorrectedFact, Correction


class CorrectionRecord(Struct, frozen=True):
    """The request for a correction; ``data`` holds its facts, and its consequences as they were when it was asked for."""

    id: UUID
    state: str
    reason: str
    data: dict[str, Any]
    person_id: UUID | None
    asked_at: datetime
    decided_by: UUID | None = None
    decided_at: datetime | None = None
    decision_reason: str | None = None
    decision_step: UUID | None = None

    @property
    def facts(self) -> tuple[CorrectedFact, ...]:
        """Each fact as it was recorded and as it is."""
        return msgspec.convert(self.data["facts"], tuple[CorrectedFact, ...])

    @property
    def correction(self) -> Correction:
        """What is to be put right."""
        return Correction.of(self.facts)

    @property
    def consequences(self) -> Consequences:
        """What followed from it when it was asked for."""
        return msgspec.convert(self.data["consequences"], Consequences)
