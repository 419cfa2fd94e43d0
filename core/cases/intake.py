"""From input to order: what a body says, as facts in plain values, with the legal time at which it happened."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, Struct

from core.cases.bodies import UnitDispatch
from core.cases.order import Dispatch, Order
from core.law.instrument import Term
from core.procedure import StepKind

_NOT_FACTS = frozenset({"occurred_at", "received_at", "note", "units", "petitioner", "channel", "title", "narrative"})


def read_order(step: StepKind, body: Struct, now: datetime) -> Order:
    """The order that a step's body stands for; what is left out of it happened now."""
    given = {name: getattr(body, name) for name in body.__struct_fields__}
    return Order(
        step=step,
        data=_facts(given),
        occurred_at=given.get("occurred_at") or given.get("received_at") or now,
        note=given.get("note"),
        dispatches=tuple(_dispatch(item) for item in given.get("units") or () if isinstance(item, UnitDispatch)),
    )


def _facts(given: dict[str, Any]) -> dict[str, Any]:
    told = {
        name: value for name, value in given.items() if name not in _NOT_FACTS and value is not UNSET and value is not None
    }
    plain: dict[str, Any] = msgspec.to_builtins(told)
    return plain


def _dispatch(item: UnitDispatch) -> Dispatch:
    term = Term(unit=item.term.unit, length=item.term.length) if item.term else None
    return Dispatch(item.unit_id, item.part, term, item.term_reason)
