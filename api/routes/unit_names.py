"""What units are called, beside the ids by which the views name them; from the snapshot, without a question to the store."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta

from api.operations import Call

UnitNames = Annotated[dict[str, str], Meta(title="单位名称", description="What the units are called today, by id")]


def name_units(call: Call, ids: Iterable[UUID | None]) -> dict[str, str]:
    """What these units are called today, by id; without those that nothing is called on this legal day."""
    day = call.snapshot.local_day(call.legal_now)
    distinct = {id_.int: id_ for id_ in ids if id_ is not None}  # a UUID's own hash is worked out in Python each time
    named = ((id_, _name_on(call, id_, day)) for id_ in distinct.values())
    return {str(id_): name for id_, name in named if name is not None}


def unit_name(call: Call, unit_id: UUID) -> str | None:
    """What a unit is called today."""
    return _name_on(call, unit_id, call.snapshot.local_day(call.legal_now))


def _name_on(call: Call, unit_id: UUID, day: date) -> str | None:
    unit = call.snapshot.organisation.units.get(unit_id)
    version = unit.on(day) if unit else None
    return version.name if version else None


def units_told(details: dict[str, Any]) -> Iterable[UUID]:
    """The units that a request names: the one that is proposed, the one that is to cooperate."""
    return (UUID(value) for name, value in details.items() if name.endswith("unit_id") and value is not None)
