"""Recusals in the store: declared with the reason, withdrawn with the reason, listed; nothing of them is edited (R12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, update

from core.cases.case import Case
from core.cases.disclosure import is_entrusted, works_for_unit_of
from core.cases.recusal_rules import NAMING, RECUSAL, RecusalGround, check_impartial, check_naming
from core.cases.service import Desk, find_case
from core.errors import Conflict, NotFound, Refused
from core.ids import new_id
from core.store.change import Change
from core.store.tables import TENANT, person, recusal
from core.tenants.names import normalise

_COLUMNS = tuple(column for column in recusal.c if column.name not in {"tenant", "case_id", "recorded_at"})
_OF_CASE = select(*_COLUMNS).where(recusal.c.tenant == TENANT, recusal.c.case_id == bindparam("of_case"))
_LIST = _OF_CASE.order_by(recusal.c.id)
_ONE = _OF_CASE.where(recusal.c.id == bindparam("of_id"))
_PERSON = select(person.c.id).where(person.c.tenant == TENANT, person.c.id == bindparam("of_person"))
_WITHDRAW = (
    update(recusal)
    .where(recusal.c.tenant == TENANT, recusal.c.id == bindparam("of_id"), recusal.c.withdrawn_at.is_(None))
    .values(withdrawn_by=bindparam("by"), withdrawn_at=bindparam("at"), withdrawal_reason=bindparam("why"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recusal:
    """Somebody who takes no part in a case, and why; ``reason`` and by whom are ``None`` where the reader may not know."""

    id: UUID
    person_id: UUID
    ground: RecusalGround
    reason: str | None
    declared_by: UUID | None
    declared_at: datetime
    withdrawn_by: UUID | None = None
    withdrawn_at: datetime | None = None
    withdrawal_reason: str | None = None

    @property
    def stands(self) -> bool:
        """Whether it was not withdrawn."""
        return self.withdrawn_at is None


async def declare_recusal(
    desk: Desk, case_id: UUID, ground: RecusalGround, reason: str, person_id: UUID | None = None
) -> Recusal:
    """Says that a person, or without one who asks, takes no part in a case from now on; what was done stays done.

    Raises :class:`NotFound`, :class:`core.errors.Forbidden` for who may not say it of others, :class:`Refused` for a
    person who is not there, and :class:`Conflict` where it was said before.
    """
    case = await find_case(desk, case_id, lock=True)
    who = person_id or desk.principal.person_id
    if who != desk.principal.person_id:
        check_naming(case, desk.snapshot.jurisdiction.kind(case.kind), ground, desk.principal)
    if await desk.session.one(_PERSON, {"of_person": who}) is None:
        raise Refused("recusals.person-unknown", field="/person_id", clause=RECUSAL)
    known = await _all_of(desk, case.id)
    if any(item.stands and (item.person_id, item.ground) == (who, ground) for item in known):
        raise Conflict("recusals.declared-already", clause=RECUSAL)
    made = Recusal(
        id=new_id(), person_id=who, ground=ground, reason=normalise(reason), declared_by=desk.principal.person_id,
        declared_at=desk.now,
    )  # fmt: skip
    _write(desk, case, made)
    return made


async def withdraw_recusal(desk: Desk, case_id: UUID, recusal_id: UUID, reason: str) -> Recusal:
    """Says that it was wrong, or holds no more; never by a person who is recused, and least of all their own.

    Raises :class:`NotFound`, :class:`core.errors.Forbidden`, :class:`Refused` and :class:`Conflict` where it is withdrawn.
    """
    case = await find_case(desk, case_id, lock=True)
    desk.principal.require(*NAMING)
    row = await desk.session.one(_ONE, {"of_case": case.id, "of_id": recusal_id})
    if row is None:
        raise NotFound("recusals.unknown")
    found = _read(row)
    if found.person_id in desk.hands:
        raise Refused("recusals.own", clause=RECUSAL)
    check_impartial(case)
    said = {"by": desk.principal.person_id, "at": desk.now, "why": normalise(reason)}
    if await desk.session.execute(_WITHDRAW, {"of_id": found.id, **said}) != 1:
        raise Conflict("recusals.withdrawn-already", clause=RECUSAL)
    _record(desk, case, "case.recusal-withdrawn", found.id, {"reason": said["why"], "clause": RECUSAL})
    row |= {"withdrawn_by": said["by"], "withdrawn_at": said["at"], "withdrawal_reason": said["why"]}
    return _read(row)


async def list_recusals(desk: Desk, case_id: UUID) -> tuple[Recusal, ...]:
    """Who takes no part in a case, in the order in which it was declared, as the reader may know it.

    Those who work on such cases read all of it; officers of its units that somebody is recused and on what ground; who is
    recused, or is not entrusted with a confidential case, what they declared themselves: that somebody is the subject of a
    tip-off is not told to that person.
    """
    case = await find_case(desk, case_id)
    found = await _all_of(desk, case.id)
    if case.recused or not is_entrusted(desk.snapshot.jurisdiction.kind(case.kind), desk.principal):
        return tuple(item for item in found if item.declared_by in desk.hands)
    if works_for_unit_of(case, desk.principal):
        return tuple(map(_without_words, found))
    return found


async def _all_of(desk: Desk, case_id: UUID) -> tuple[Recusal, ...]:
    return tuple(map(_read, await desk.session.all(_LIST, {"of_case": case_id})))


def _read(row: dict[str, Any]) -> Recusal:
    return Recusal(**row | {"ground": RecusalGround(row["ground"])})


def _without_words(item: Recusal) -> Recusal:
    return Recusal(
        id=item.id, person_id=item.person_id, ground=item.ground, reason=None, declared_by=None,
        declared_at=item.declared_at, withdrawn_at=item.withdrawn_at,
    )  # fmt: skip


def _write(desk: Desk, case: Case, made: Recusal) -> None:
    row = {column.name: getattr(made, column.name) for column in _COLUMNS}
    row |= {"ground": made.ground.value, "case_id": case.id, "recorded_at": desk.recorded_at}
    desk.session.add(recusal, row)
    content = {"person_id": str(made.person_id), "ground": made.ground.value, "reason": made.reason, "clause": RECUSAL}
    _record(desk, case, "case.recusal-declared", made.id, content)


def _record(desk: Desk, case: Case, action: str, recusal_id: UUID, content: dict[str, Any]) -> None:
    change = Change(
        action=action,
        stream=f"case:{case.id}",
        subject=f"case:{case.id}",
        content=content,
        event_type=action,
        refs={"case_id": str(case.id), "recusal_id": str(recusal_id)},
    )
    desk.session.record(change)
