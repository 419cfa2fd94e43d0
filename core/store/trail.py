"""Turns changes into the rows of the audit trail and the outbox that are written with them, and has the events numbered."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Table, bindparam, func, select, tuple_

from core.ids import new_id
from core.store.actor import Actor
from core.store.among import Among, for_engines
from core.store.chain import SALT_BYTES, Entry, Link, canonical, digest_of, hash_of, start_of
from core.store.change import Change
from core.store.prepared import Row
from core.store.tables.records import audit, audit_content, outbox
from core.store.tables.schema import TENANT
from core.store.tables.timers import timer
from core.timers.timer import TimerKind

HEAD = (
    select(audit.c.stream, audit.c.seq, audit.c.hash)
    .where(audit.c.tenant == TENANT, audit.c.stream == bindparam("of_stream"))
    .order_by(audit.c.seq.desc())
    .limit(1)
)
"""The end of a stream."""


def _heads(among: Among) -> Select[Any]:
    named = audit.c.tenant == TENANT, among(audit.c.stream, "of_streams")
    ends = select(audit.c.stream, func.max(audit.c.seq)).where(*named).group_by(audit.c.stream)
    found = select(audit.c.stream, audit.c.seq, audit.c.hash).where(audit.c.tenant == TENANT)
    return found.where(tuple_(audit.c.stream, audit.c.seq).in_(ends))


HEADS = for_engines(_heads)
"""The ends of several streams, for each engine."""


@dataclass(slots=True)
class Trail:
    """The streams that one transaction writes to, each with its end so far, and what events it is going to tell."""

    tenant: int
    heads: dict[str, Link] = field(default_factory=dict)
    change_id: UUID = field(default_factory=new_id)
    events: list[dict[str, Any]] = field(default_factory=list)

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

    def know(self, streams: Iterable[str], rows: list[Row]) -> None:
        """Takes note of the ends of streams, as :data:`HEADS` answered them."""
        ends = {row["stream"]: Link(row["seq"], bytes(row["hash"])) for row in rows}
        self.heads |= {stream: ends.get(stream) or start_of(self.tenant, stream) for stream in streams}

    def rows(self, change: Change, actor: Actor, at: datetime) -> list[tuple[Table, dict[str, Any]]]:
        """The audit row and its content of one change; the stream's end moves on, and its event is kept for the end."""
        salt, content = os.urandom(SALT_BYTES), canonical(change.content)
        entry = self._entry(change, actor, at, digest_of(salt, content))
        self.heads[change.stream] = end = Link(entry.seq, hash_of(entry))
        place = {"tenant": self.tenant, "stream": entry.stream, "seq": entry.seq}
        self.events.append(self._event(change, at))
        return [
            (audit, {**_columns(entry), "hash": end.hash}),
            (audit_content, {**place, "salt": salt, "content": content}),
        ]

    def last_rows(self, at: datetime) -> list[tuple[Table, dict[str, Any]]]:
        """The events of the transaction, the last of which completes them, and the timer by which they are numbered."""
        if not self.events:
            return []
        self.events[-1]["complete"] = True
        armed = {"tenant": self.tenant, "kind": TimerKind.EVENTS.value, "subject_id": self.change_id}
        armed |= {"at": at, "legal": False, "run_at": at, "fence": 0, "attempts": 0}
        return [*((outbox, event) for event in self.events), (timer, armed)]

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
            "id": change.event_id or new_id(),
            "type": change.event_type,
            "version": change.event_version,
            "subject": change.subject,
            "refs": dict(change.refs),
            "case_id": UUID(case_id) if isinstance(case_id := change.refs.get("case_id"), str) else None,
            "change_id": self.change_id,
            "complete": False,
            "recorded_at": at,
        }


def _columns(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in Entry.__slots__}
