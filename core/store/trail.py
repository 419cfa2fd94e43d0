"""Turns changes into the rows of the audit trail and the outbox that are written with them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Table, bindparam, select

from core.ids import new_id
from core.store.actor import Actor
from core.store.chain import SALT_BYTES, Entry, Link, canonical, digest_of, hash_of, start_of
from core.store.change import Change
from core.store.prepared import Row
from core.store.tables.records import audit, audit_content, outbox
from core.store.tables.schema import TENANT

HEAD = (
    select(audit.c.seq, audit.c.hash)
    .where(audit.c.tenant == TENANT, audit.c.stream == bindparam("of_stream"))
    .order_by(audit.c.seq.desc())
    .limit(1)
)
"""The end of a stream."""


@dataclass(slots=True)
class Trail:
    """The streams that one transaction writes to, each with its end so far."""

    tenant: int
    heads: dict[str, Link] = field(default_factory=dict)

    def unknown(self, changes: Iterable[Change]) -> list[str]:
        """The streams whose end must be read before these changes can be written."""
        return [name for name in {change.stream for change in changes if not change.new_stream} if name not in self.heads]

    def contested(self, changes: Iterable[Change]) -> list[str]:
        """Of these the ones that are written to in turn, in an order in which nobody waits for one who waits for them."""
        shared = {change.stream for change in changes if change.shared}
        return sorted(shared.intersection(self.unknown(changes)))

    def turn_of(self, stream: str) -> int:
        """The number under which those who write to a stream of the tenant wait for each other."""
        return int.from_bytes(sha256(f"{self.tenant}:{stream}".encode()).digest()[:8], signed=True)

    def know(self, stream: str, rows: list[Row]) -> None:
        """Takes note of a stream's end, as :data:`HEAD` answered it."""
        end = Link(rows[0]["seq"], bytes(rows[0]["hash"])) if rows else start_of(self.tenant, stream)
        self.heads[stream] = end

    def rows(self, change: Change, actor: Actor, at: datetime) -> list[tuple[Table, dict[str, Any]]]:
        """The audit row, its content and the outbox row of one change; the stream's end moves on."""
        salt, content = os.urandom(SALT_BYTES), canonical(change.content)
        entry = self._entry(change, actor, at, digest_of(salt, content))
        self.heads[change.stream] = end = Link(entry.seq, hash_of(entry))
        place = {"tenant": self.tenant, "stream": entry.stream, "seq": entry.seq}
        return [
            (audit, {**_columns(entry), "hash": end.hash}),
            (audit_content, {**place, "salt": salt, "content": content}),
            (outbox, self._event(change, at)),
        ]

    def _entry(self, change: Change, actor: Actor, at: datetime, digest: bytes) -> Entry:
        end = self.heads.get(change.stream) or start_of(self.tenant, change.stream)
        return Entry(
            tenant=self.tenant,
            stream=change.stream,
            seq=end.seq + 1,
            at=at,
            client_id=actor.client_id,
            person_id=actor.person_id,
            unit_id=change.unit_id or actor.unit_id,
            role=change.role or actor.role,
            action=change.action,
            subject=change.subject,
            digest=digest,
            previous=end.hash,
        )

    def _event(self, change: Change, at: datetime) -> dict[str, Any]:
        return {
            "tenant": self.tenant,
            "id": new_id(),
            "type": change.event_type,
            "version": change.event_version,
            "subject": change.subject,
            "refs": dict(change.refs),
            "recorded_at": at,
        }


def _columns(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in Entry.__slots__}
