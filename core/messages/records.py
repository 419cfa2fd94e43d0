"""Messages as rows: queued or dropped at once, tried, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import bindparam, select, update

from core.store.change import Change
from core.store.envelope import TenantKeys
from core.store.session import TenantSession
from core.store.tables.messages import message
from core.store.tables.schema import TENANT


class MessageState(StrEnum):
    """How far a message has come. ``sent``: the other side took it over; ``arrived``: it says that it reached somebody."""

    QUEUED = "queued"
    SENT = "sent"
    ARRIVED = "arrived"
    FAILED = "failed"
    DROPPED = "dropped"


class Content(Struct, frozen=True):
    """What is sealed of a message."""

    address: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as it stands, without what is sealed."""

    id: UUID
    channel_id: UUID
    created_at: datetime
    state: MessageState = MessageState.QUEUED
    case_id: UUID | None = None
    deadline_id: UUID | None = None
    notice_id: UUID | None = None
    step_id: UUID | None = None
    case_version: int | None = None
    rule_id: UUID | None = None
    person_id: UUID | None = None
    unit_id: UUID | None = None
    office_hours: bool = False
    why: str | None = None
    attempts: int = 0
    tried_since: datetime | None = None
    reference: str | None = None
    sent_at: datetime | None = None
    arrived_at: datetime | None = None


_M = message.c
MESSAGE_COLUMNS = [_M[name] for name in Message.__slots__]
_CHANGED = ("state", "why", "attempts", "tried_since", "reference", "sent_at", "arrived_at")
_CHANGE = (
    update(message)
    .where(_M.tenant == TENANT, _M.id == bindparam("of_id"))
    .values({name: bindparam(f"new_{name}", type_=_M[name].type) for name in _CHANGED})
)
LOCK = (
    select(*MESSAGE_COLUMNS)
    .where(_M.tenant == TENANT, _M.id.in_(bindparam("among", expanding=True)))
    .order_by(_M.id)
    .with_for_update()
)


def read_message(row: Mapping[str, Any]) -> Message:
    """The message that a row holds, whatever else it holds."""
    values = {name: row[name] for name in Message.__slots__}
    return Message(**values | {"state": MessageState(row["state"])})


def add_message(session: TenantSession, made: Message, sealed: bytes | None) -> None:
    """Adds a message with the session's next flush, on record."""
    session.add(message, {name: getattr(made, name) for name in Message.__slots__} | {"state": made.state, "sealed": sealed})
    _record(session, made, new=True)


async def store_message(session: TenantSession, after: Message) -> None:
    """Writes what became of a message, on record."""
    values = {f"new_{name}": getattr(after, name) for name in _CHANGED}
    await session.execute(_CHANGE, values | {"of_id": after.id, "new_state": after.state.value})
    if after.state is not MessageState.QUEUED:
        _record(session, after)


def seal_content(keys: TenantKeys, message_id: UUID, content: Content) -> bytes:
    """Address and words as they are stored."""
    return keys.seal(msgspec.json.encode(content), _purpose(message_id))


def open_content(keys: TenantKeys, message_id: UUID, sealed: bytes) -> Content:
    """What :func:`seal_content` sealed."""
    return msgspec.json.decode(keys.open(bytes(sealed), _purpose(message_id)), type=Content)


def _purpose(message_id: UUID) -> str:
    return f"message {message_id}"


def _record(session: TenantSession, told: Message, *, new: bool = False) -> None:
    """What is on record says about what, to whom and how far, and neither address nor words."""
    stream, action = f"message:{told.id}", f"message.{told.state.value}"
    named = ("case_id", "deadline_id", "notice_id", "step_id", "rule_id", "channel_id", "person_id", "unit_id")
    ids = {name: str(value) for name in named if (value := getattr(told, name)) is not None}
    content = ids | {"state": told.state.value, "why": told.why, "attempts": told.attempts}
    refs = {"message_id": str(told.id)} | {name: ids[name] for name in ("case_id", "channel_id") if name in ids}
    change = Change(
        action=action, stream=stream, subject=stream, content=content, event_type=action, refs=refs, new_stream=new
    )
    session.record(change)
