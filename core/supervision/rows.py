"""Matters to be supervised as rows, each with its audit row and its event."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, bindparam, literal_column, select, update

from core.store.change import Change, RefValue
from core.store.session import TenantSession
from core.store.tables.schema import TENANT
from core.store.tables.supervision import supervision_item
from core.supervision.item import End, Item

_AMONG: BindParameter[Any] = bindparam("among", expanding=True)
COLUMNS = tuple(column for column in supervision_item.c if column.name != "tenant")
# Said in the statements themselves: with a parameter it could not be seen that the indexes serve.
IS_OPEN = supervision_item.c.state == literal_column("'found'")
STANDS = supervision_item.c.state != literal_column("'over'")
_ALL = select(*COLUMNS).where(supervision_item.c.tenant == TENANT)
_OF_CASE = _ALL.where(supervision_item.c.case_id == bindparam("of_case")).order_by(
    supervision_item.c.found_at, supervision_item.c.id
)
_ONE = _ALL.where(supervision_item.c.id == bindparam("of_id"))
_OF_DEADLINES = _ALL.where(supervision_item.c.deadline_id.in_(_AMONG), STANDS)
_END = (
    update(supervision_item)
    .where(supervision_item.c.tenant == TENANT, supervision_item.c.id == bindparam("of_id"), IS_OPEN)
    .values(
        state=bindparam("new_state"),
        ending=bindparam("new_ending"),
        ended_at=bindparam("at"),
        step_id=bindparam("by_step"),
        reason=bindparam("why"),
        person_id=bindparam("who"),
        version=supervision_item.c.version + 1,
    )
)


async def items_of(session: TenantSession, case_id: UUID) -> tuple[Item, ...]:
    """All of a case, the oldest first."""
    return tuple(Item(**row) for row in await session.all(_OF_CASE, {"of_case": case_id}))


async def find_item(session: TenantSession, item_id: UUID) -> Item | None:
    """One of them."""
    row = await session.one(_ONE, {"of_id": item_id})
    return Item(**row) if row else None


async def items_standing(session: TenantSession, deadlines: Iterable[UUID]) -> tuple[Item, ...]:
    """Those of some deadlines that are not over: what was found, supervised or departed from."""
    among = list(deadlines)
    return tuple(Item(**row) for row in await session.all(_OF_DEADLINES, {"among": among})) if among else ()


def add_item(session: TenantSession, item: Item) -> None:
    """Writes one that was found, and says so."""
    session.add(supervision_item, {column.name: getattr(item, column.name) for column in COLUMNS})
    content = {"rule": item.rule, "clause": item.clause, "law_version": item.law_version, "cause": item.cause}
    when = {"found_at": item.found_at.isoformat(), "unit_id": str(item.unit_id) if item.unit_id else None}
    _record(session, item, "supervision.found", content | when | {"facts": dict(item.facts)})
    if item.ending is not None:
        _record_end(session, item, item.ending, item.step_id, None)


async def end_items(session: TenantSession, ends: Iterable[End]) -> None:
    """Writes how some ended, and says so; whoever asks has made sure that they are open."""
    for end in ends:
        told = {"new_state": end.state.value, "new_ending": end.ending.value, "at": end.at, "by_step": end.step_id}
        await session.execute(_END, told | {"of_id": end.item.id, "why": end.reason, "who": end.person_id})
        _record_end(session, end.item, end.ending.value, end.step_id, end.reason)


def _record_end(session: TenantSession, item: Item, ending: str, step_id: UUID | None, reason: str | None) -> None:
    content = {"rule": item.rule, "clause": item.clause, "ending": ending, "reason": reason}
    _record(session, item, "supervision.ended", content, ending=ending, step_id=step_id)


def _record(
    session: TenantSession,
    item: Item,
    action: str,
    content: dict[str, Any],
    *,
    ending: str | None = None,
    step_id: UUID | None = None,
) -> None:
    told = {"deadline_id": item.deadline_id, "step_id": step_id, "ending": ending}
    refs: dict[str, RefValue] = {"case_id": str(item.case_id), "item_id": str(item.id), "rule": item.rule}
    refs |= {name: str(value) for name, value in told.items() if value is not None}
    change = Change(
        action=action,
        stream=f"case:{item.case_id}",
        subject=f"supervision-item:{item.id}",
        content=content,
        event_type=action,
        refs=refs,
    )
    session.record(change)
