"""Freezes what something is proved by: the essentials of a case, deadline, supervision item or file as they are now.

What becomes of them later changes nothing of what was taken up; the digest is of all that was there, so that a later look at
the source tells whether it is still the same. Nobody proves by what they may not see.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, or_, select

from core.cases.case import Case
from core.cases.disclosure import is_entrusted
from core.cases.order import Order
from core.errors import NotFound, Refused
from core.procedure import Verb
from core.store.tables import TENANT, attachment, deadline, supervision_item

if TYPE_CHECKING:
    from core.cases.service import Desk

Finder = Callable[["Desk", UUID], Awaitable[Case]]
Frozen = dict[str, Any]
_ID = bindparam("of_id", type_=deadline.c.id.type)
_DEADLINE = select(deadline).where(deadline.c.tenant == TENANT, deadline.c.id == _ID)
_ITEM = select(supervision_item).where(supervision_item.c.tenant == TENANT, supervision_item.c.id == _ID)
_FILE = select(attachment.c.name, attachment.c.media_type, attachment.c.size, attachment.c.sha256).where(
    attachment.c.tenant == TENANT,
    attachment.c.id == _ID,
    or_(
        attachment.c.case_id == bindparam("of_case"),
        attachment.c.case_id.is_(None)
        & (attachment.c.client_id == bindparam("of_client"))
        & (attachment.c.person_id == bindparam("of_person")),
    ),
)
_DEADLINE_TOLD = ("key", "clause", "law_version", "holder", "original_due_on", "due_on", "due_at", "state", "ended_at")
_ITEM_TOLD = ("rule", "clause", "law_version", "cause", "facts", "found_at", "state", "ending", "ended_at")


async def freeze_evidence(desk: Desk, case: Case, order: Order, find: Finder) -> Order:
    """The order with each piece of evidence as it stands now; raises :class:`Refused` for what the person may not see."""
    if order.step.verb is not Verb.CHARGE or not order.data.get("evidence"):
        return order
    frozen = []
    for index, item in enumerate(order.data["evidence"]):
        place, id_ = f"/evidence/{index}/id", item.get("id")
        if (id_ is None) is not (item["kind"] == "document"):
            raise Refused("matters.evidence-without-id", field=place, clause=order.step.clause)
        found = await _freeze(desk, case, item["kind"], UUID(id_), find) if id_ else {}
        if found is None:
            raise Refused("matters.evidence-unknown", field=place, clause=order.step.clause)
        frozen.append(dict(item) | found)
    return replace(order, data=order.data | {"evidence": frozen})


async def _freeze(desk: Desk, case: Case, kind: str, id_: UUID, find: Finder) -> Frozen | None:
    if kind == "attachment":
        return await _freeze_file(desk, case, id_)
    if kind == "case":
        return await _freeze_case(desk, id_, find)
    statement, told = (_DEADLINE, _DEADLINE_TOLD) if kind == "deadline" else (_ITEM, _ITEM_TOLD)
    row = await desk.session.one(statement, {"of_id": id_})
    source = await _seen(desk, row["case_id"], find) if row else None
    if row is None or source is None:
        return None
    return _frozen({"case": str(source.id), "number": source.number, **{name: row[name] for name in told}}, row)


async def _freeze_case(desk: Desk, id_: UUID, find: Finder) -> Frozen | None:
    source = await _seen(desk, id_, find)
    if source is None:
        return None
    notes = source.standing.deadlines
    told = {
        "number": source.number, "kind": source.kind, "state": source.state, "received_at": source.received_at,
        "closed_at": source.closed_at, "law_version": source.law_version, "version": source.version,
        "deadlines": [{name: getattr(it, name) for name in ("key", "due_on", "state", "ended_at")} for it in notes],
    }  # fmt: skip
    return _frozen(told, {"facts": source.facts, "standing": source.standing, **told})


async def _freeze_file(desk: Desk, case: Case, id_: UUID) -> Frozen | None:
    me = {"of_client": desk.principal.client_id, "of_person": desk.principal.person_id}
    row = await desk.session.one(_FILE, {"of_id": id_, "of_case": case.id, **me})
    if row is None:
        return None
    return {"frozen": msgspec.to_builtins({name: row[name] for name in ("name", "media_type", "size")}),
            "digest": bytes(row["sha256"]).hex()}  # fmt: skip


async def _seen(desk: Desk, case_id: UUID, find: Finder) -> Case | None:
    """The case, if the person may see all of it and takes part in it."""
    try:
        found = await find(desk, case_id)
    except NotFound:
        return None
    kind = desk.snapshot.jurisdiction.kind(found.kind)
    return found if is_entrusted(kind, desk.principal) and not found.recused else None


def _frozen(told: Mapping[str, Any], whole: Mapping[str, Any]) -> Frozen:
    plain: dict[str, Any] = msgspec.to_builtins(dict(told))
    text = msgspec.json.encode(msgspec.to_builtins(dict(whole)), order="sorted")
    return {"frozen": plain, "digest": sha256(text).hexdigest()}
