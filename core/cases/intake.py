"""From input to order: what a body says, as facts in plain values, with the legal time at which it happened.

Every instant becomes UTC here, so that nothing further on meets an offset that leaves the years there are.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import UNSET, Struct

from core.cases.bodies import UnitDispatch
from core.cases.case import Intake
from core.cases.order import CasePart, Dispatch, Order
from core.cases.part_bodies import NewPart
from core.errors import Invalid
from core.law.instrument import Term, TermFigure, Unit
from core.procedure import StepKind
from core.tenants.names import normalise

_NOT_FACTS = frozenset({
    "occurred_at", "received_at", "note", "units", "petitioner", "channel", "title", "narrative", "place", "reply_channel",
    "wishes_confidentiality", "attachments", "parts", "co_petitioners", "suggest_duplicates", "words",
})  # fmt: skip
FIRST_YEAR, LAST_YEAR = 1900, 2999
"""Instants outside these years are slips of the pen, and near the ends of the calendar local time cannot be computed."""


def read_order(step: StepKind, body: Struct, now: datetime) -> Order:
    """The order that a step's body stands for; what is left out of it happened now.

    Raises :class:`Invalid` for an instant that is no time of ours and for a term whose length its unit cannot have.
    """
    given = {name: _plain(name, getattr(body, name)) for name in body.__struct_fields__}
    return Order(
        step=step,
        data=_facts(given),
        occurred_at=given.get("occurred_at") or given.get("received_at") or now,
        note=given.get("note"),
        dispatches=_dispatches(given.get("units")),
        attachments=tuple(given.get("attachments") or ()),
        parts=tuple(_part(item) for item in given.get("parts") or ()),
        words=given.get("words"),
    )


def read_intake(body: Any) -> Intake:
    """What a registration says beside the matter itself."""
    place = body.place
    return Intake(
        address=normalise(place.address) if place and place.address else None,
        point=place.point if place else None,
        reply_channel=getattr(body, "reply_channel", None),
        wishes_confidentiality=getattr(body, "wishes_confidentiality", False),
    )


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return _utc(name, value)
    if isinstance(value, TermFigure):
        _check_length(name, value)
    return value


def _utc(name: str, instant: datetime) -> datetime:
    if not FIRST_YEAR <= instant.year <= LAST_YEAR:
        raise Invalid("cases.instant-out-of-reach", field=f"/{name}", first=FIRST_YEAR, last=LAST_YEAR)
    return instant.astimezone(UTC)


def _check_length(place: str, figure: TermFigure) -> None:
    if (figure.length == 0) != (figure.unit is Unit.SAME_DAY):
        field = f"/{place}/length"
        raise Invalid("deadlines.length-impossible", field=field, unit=figure.unit.value, length=figure.length)


def _facts(given: dict[str, Any]) -> dict[str, Any]:
    told = {
        name: value for name, value in given.items() if name not in _NOT_FACTS and value is not UNSET and value is not None
    }
    plain: dict[str, Any] = msgspec.to_builtins(told)
    return plain


def _part(item: NewPart) -> CasePart:
    return CasePart(item.title, item.narrative, item.category, getattr(item, "rendition", None))


def _dispatches(units: Any) -> tuple[Dispatch, ...]:
    listed = units if isinstance(units, list) else []
    return tuple(_dispatch(index, item) for index, item in enumerate(listed) if isinstance(item, UnitDispatch))


def _dispatch(index: int, item: UnitDispatch) -> Dispatch:
    if item.term is None:
        return Dispatch(item.unit_id, item.part)
    _check_length(f"units/{index}/term", item.term)
    return Dispatch(item.unit_id, item.part, Term(unit=item.term.unit, length=item.term.length), item.term_reason)
