"""Whom an accountability case is about takes no part in it (R12): recused as soon as the case says so, whoever says it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import bindparam, select

from core.cases.case import Case
from core.cases.order import Order
from core.cases.recusal_rules import RECUSAL, RecusalGround
from core.errors import Refused
from core.ids import new_id
from core.procedure import Verb
from core.store.change import Change
from core.store.tables import TENANT, person, recusal

if TYPE_CHECKING:
    from core.cases.service import Desk

_PERSON = select(person.c.id).where(person.c.tenant == TENANT, person.c.id == bindparam("of_person"))
_STANDING = select(recusal.c.person_id).where(
    recusal.c.tenant == TENANT,
    recusal.c.case_id == bindparam("of_case"),
    recusal.c.ground == RecusalGround.SUBJECT.value,
    recusal.c.withdrawn_at.is_(None),
)


async def check_people(desk: Desk, order: Order) -> None:
    """Raises :class:`Refused` for a subject who is said to be somebody of the staff that there is not."""
    for index, item in enumerate(_subjects(order)):
        named = item.get("person_id")
        if named is not None and await desk.session.one(_PERSON, {"of_person": UUID(named)}) is None:
            raise Refused("recusals.person-unknown", field=f"/subjects/{index}/person_id", clause=RECUSAL)


async def recuse_subjects(desk: Desk, case: Case, order: Order) -> None:
    """Declares the recusal of those whom the step names as subjects, where it does not stand yet."""
    named = {UUID(item["person_id"]) for item in _subjects(order) if item.get("person_id")}
    if not named:
        return
    known = {row["person_id"] for row in await desk.session.all(_STANDING, {"of_case": case.id})}
    for person_id in sorted(named - known):
        _declare(desk, case, person_id)


def _subjects(order: Order) -> list[dict[str, str]]:
    found: list[dict[str, str]] = order.data.get("subjects", []) if order.step.verb is Verb.CHARGE else []
    return found


def _declare(desk: Desk, case: Case, person_id: UUID) -> None:
    said = {
        "id": new_id(), "case_id": case.id, "person_id": person_id, "ground": RecusalGround.SUBJECT.value,
        "reason": RECUSAL, "declared_by": desk.principal.person_id, "declared_at": desk.now,
    }  # fmt: skip
    desk.session.add(
        recusal,
        said | {"recorded_at": desk.recorded_at, "withdrawn_by": None, "withdrawn_at": None, "withdrawal_reason": None},
    )
    content = {"person_id": str(person_id), "ground": said["ground"], "reason": RECUSAL, "clause": RECUSAL}
    desk.session.record(
        Change(
            action="case.recusal-declared",
            stream=f"case:{case.id}",
            subject=f"case:{case.id}",
            content=content,
            event_type="case.recusal-declared",
            refs={"case_id": str(case.id), "recusal_id": str(said["id"])},
        )
    )
