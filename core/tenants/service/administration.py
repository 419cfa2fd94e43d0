"""Where the configuration of a tenant is changed: one change at a time, each with a revision of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from core.procedure import Role
from core.store.change import Change
from core.store.session import TenantSession
from core.tenants.snapshot import Snapshot, Snapshots

STREAM = "tenant"
"""The audit stream of everything that is configuration."""


@dataclass(frozen=True, slots=True)
class Administration:
    """An administrator's place: the open session, and who it is (``None`` for the operator at the command line)."""

    session: TenantSession
    snapshots: Snapshots
    person_id: UUID | None = None
    role: Role | None = Role.TENANT_ADMINISTRATOR
    """As what the person does it; ``None`` for the own consent of somebody who is no administrator."""

    @property
    def recorded_at(self) -> datetime:
        """The wall time of the change."""
        return self.session.recorded_at

    def now(self, snapshot: Snapshot) -> datetime:
        """The legal time of the change."""
        return self.session.recorded_at + snapshot.offset

    async def begin(self) -> Snapshot:
        """Counts the tenant's revision up and answers the configuration as it stands.

        Counting first locks the tenant's row, so that whatever is checked against the answer still holds when it is
        written: two changes that are sound apart and a circle together cannot both pass.
        """
        revision = await self.session.bump_revision()
        known = self.snapshots.known(self.session.tenant)
        if known is not None and known.tenant.revision == revision - 1:
            return known
        return await self.snapshots.load(self.session)

    def hand(self, snapshot: Snapshot) -> UUID | None:
        """Who it is in the end: of a client of its own whoever holds that (:mod:`core.tenants.hands`)."""
        return None if self.person_id is None else snapshot.hand_of(self.person_id)

    def record(self, action: str, subject: str, content: dict[str, Any], **refs: str | int) -> None:
        """Writes what was done to the tenant's audit stream and as an event, which carries references and nothing else."""
        change = Change(
            action=action,
            stream=STREAM,
            subject=subject,
            content=content,
            event_type=action,
            refs=refs,
            role=self.role.value if self.person_id and self.role else None,
        )
        self.session.record(change)
