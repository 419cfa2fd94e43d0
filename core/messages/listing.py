"""What was sent, to whom, when, by which channel, and what became of it: of a case, or of a channel."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, or_, select

from core.cases.capacity import visible_units
from core.cases.case import Case
from core.cases.service import Desk
from core.messages.addresses import mask
from core.messages.records import MESSAGE_COLUMNS, Content, Message, open_content, read_message
from core.store.session import TenantSession
from core.store.tables.messages import message, message_attempt, message_channel
from core.store.tables.organisation import person
from core.store.tables.schema import TENANT

MOST = 1_000
"""So many messages of a case are told at most, the oldest first."""
_M = message.c
_SEEN = [*MESSAGE_COLUMNS, _M.sealed, message_channel.c.key.label("channel"), message_channel.c.kind, person.c.name]
_FROM = message.join(
    message_channel, (message_channel.c.tenant == _M.tenant) & (message_channel.c.id == _M.channel_id)
).outerjoin(person, (person.c.tenant == _M.tenant) & (person.c.id == _M.person_id))
_ALL = select(*_SEEN).select_from(_FROM).where(_M.tenant == TENANT)
_OF_CASE = _ALL.where(_M.case_id == bindparam("of_case")).order_by(_M.id).limit(MOST)
_OWN = _OF_CASE.where(
    or_(_M.unit_id.in_(bindparam("units", expanding=True)), _M.person_id == bindparam("me")),
)
_OF_CHANNEL = _ALL.where(_M.channel_id == bindparam("of_channel"), _M.id < bindparam("before")).order_by(_M.id.desc())
_PAGE = _OF_CHANNEL.limit(bindparam("most"))
_ATTEMPTS = (
    select(*(column for column in message_attempt.c if column.name not in {"tenant", "id"}))
    .where(message_attempt.c.tenant == TENANT, message_attempt.c.message_id.in_(bindparam("among", expanding=True)))
    .order_by(message_attempt.c.message_id, message_attempt.c.seq)
)
LAST = UUID(int=2**128 - 1)
"""Later than every message."""


@dataclass(frozen=True, slots=True)
class MessageLine:
    """A message with what it said, whom it went to, and each attempt. Its address is masked."""

    message: Message
    channel: str
    kind: str
    person_name: str | None
    content: Content | None
    attempts: tuple[Mapping[str, Any], ...]


async def list_case_messages(desk: Desk, case: Case) -> tuple[MessageLine, ...]:
    """Those of a case, in the order in which they were queued: for a unit those to itself; for who is recused the own."""
    units = frozenset[UUID]() if case.recused else visible_units(desk.principal)
    asked: dict[str, Any] = {"of_case": case.id}
    if units is None:
        return await _read(desk.session, _OF_CASE, asked)
    return await _read(desk.session, _OWN, asked | {"units": list(units), "me": desk.principal.person_id})


async def list_channel_messages(
    session: TenantSession, channel_id: UUID, limit: int, before: UUID = LAST
) -> tuple[MessageLine, ...]:
    """Those of a channel, the newest first."""
    return await _read(session, _PAGE, {"of_channel": channel_id, "most": limit, "before": before})


async def _read(session: TenantSession, statement: Select[Any], asked: dict[str, Any]) -> tuple[MessageLine, ...]:
    rows = await session.all(statement, asked)
    attempts, keys = await _attempts(session, [row["id"] for row in rows if row["attempts"]]), await session.keys()
    return tuple(
        MessageLine(
            message=read_message(row),
            channel=row["channel"],
            kind=row["kind"],
            person_name=row["name"],
            content=_masked(open_content(keys, row["id"], row["sealed"])) if row["sealed"] is not None else None,
            attempts=tuple(attempts.get(row["id"], ())),
        )
        for row in rows
    )


def _masked(content: Content) -> Content:
    return Content(mask(content.address) if content.address else "", content.subject, content.text)


async def _attempts(session: TenantSession, ids: Iterable[UUID]) -> dict[UUID, list[Mapping[str, Any]]]:
    found: dict[UUID, list[Mapping[str, Any]]] = defaultdict(list)
    for row in await session.all(_ATTEMPTS, {"among": list(ids)}):
        found[row["message_id"]].append(row)
    return found
