"""A case's own history as orders: its stored steps, read back, and amended by what was corrected since."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from core.cases.case import Case, DeadlineNote
from core.cases.history import StepRecord
from core.cases.house_steps import HOUSE_STEPS, house_step
from core.cases.life import CATEGORY
from core.cases.order import Capacity, Dispatch, Order
from core.corrections.correction import CORRECT, CorrectedFact, Correction, Swap
from core.deadlines.explanation import Explanation, source_of
from core.deadlines.recounted import RECOUNT
from core.errors import Refused
from core.law.instrument import Term
from core.procedure import CaseKind, Part, Role, Verb

_BESIDE = frozenset({"note", "units"})
"""What a stored step has beside its facts."""


@dataclass(frozen=True, slots=True)
class StoredDeadline:
    """A deadline as it stands, with its explanation and the sequence number of the step on which it arose.

    ``replaced`` are the explanations that held before, oldest first.
    """

    note: DeadlineNote
    seq: int
    explanation: Explanation
    replaced: tuple[Explanation, ...] = ()

    def recorded(self, wanted: Explanation) -> Explanation | None:
        """What was recorded of the same term from the same start with the same pauses and extensions; the newest."""
        told = reversed((*self.replaced, self.explanation))
        return next((found for found in told if _counted_alike(found, wanted)), None)


@dataclass(frozen=True, slots=True)
class History:
    """A case, its steps in order, and its deadlines in the order in which they arose."""

    case: Case
    steps: tuple[StepRecord, ...]
    deadlines: tuple[StoredDeadline, ...]

    def as_corrected(self, correction: Correction | None = None) -> tuple[StepRecord, ...]:
        """The steps as they would have been recorded, had all that was corrected so far, and this, been right at once."""
        steps: tuple[StepRecord, ...] = ()
        for record in self.steps:
            if record.verb == RECOUNT:
                continue  # the dates that a deadline has had are its own; no fact of the case changed by them
            steps = amend(steps, read_correction(record)) if record.verb == CORRECT else (*steps, record)
        return amend(steps, correction) if correction else steps


def _counted_alike(one: Explanation, other: Explanation) -> bool:
    """Whether both follow from the same: what may differ is the calendar, and the name of the event."""
    lengths = [(found.term.unit, found.term.length, found.starts_at, found.entries) for found in (one, other)]
    return lengths[0] == lengths[1] and source_of(one) == source_of(other)


def read_correction(record: StepRecord) -> Correction:
    """The correction that a stored step made."""
    return Correction.of(msgspec.convert(record.data["facts"], tuple[CorrectedFact, ...]))


def read_record(kind: CaseKind, record: StepRecord) -> tuple[Order, Capacity]:
    """The order that a stored step was, and the capacity in which it was taken; refuses a step that the kind has no more."""
    step = kind.step(record.step) or (house_step(kind, record.step) if record.step in HOUSE_STEPS else None)
    if step is None:
        raise Refused("corrections.step-gone", step=record.step)
    data = {name: value for name, value in record.data.items() if name not in _BESIDE}
    dispatches = tuple(_read_dispatch(item) for item in record.data.get("units", ()))
    units = frozenset({record.unit_id}) if record.unit_id else frozenset[UUID]()
    order = Order(step, data, record.occurred_at, record.data.get("note"), dispatches, id=record.id)
    return order, Capacity(Role(record.role), record.unit_id, units, record.person_id)


def _read_dispatch(item: dict[str, Any]) -> Dispatch:
    term = msgspec.convert(item["term"], Term) if "term" in item else None
    return Dispatch(UUID(item["unit_id"]), Part(item["part"]), term, item.get("term_reason"))


def amend(steps: tuple[StepRecord, ...], correction: Correction) -> tuple[StepRecord, ...]:
    """The steps as they would have been recorded, had what is corrected been right."""
    amended = list(steps)
    if correction.received_at is not None and amended[0].verb == Verb.REGISTER:
        amended[0] = msgspec.structs.replace(amended[0], occurred_at=correction.received_at)
    if correction.track is not None:
        _tell(amended, find_last(amended, is_classification), "track", correction.track)
    if correction.category is not None:
        _tell(amended, find_last(amended, names_category) or 0, CATEGORY, correction.category)
    if correction.unit is not None:
        _swap(amended, find_last(amended, is_dispatch), correction.unit)
    return tuple(amended)


def find_last(steps: Sequence[StepRecord], fits: Callable[[StepRecord], bool]) -> int | None:
    """The place of the last step that fits; ``None`` where none does."""
    return next((index for index in reversed(range(len(steps))) if fits(steps[index])), None)


def is_classification(record: StepRecord) -> bool:
    """Whether the step set the track."""
    return record.verb == Verb.CLASSIFY


def is_dispatch(record: StepRecord) -> bool:
    """Whether the step gave the case to units."""
    return record.verb == Verb.DISPATCH


def names_category(record: StepRecord) -> bool:
    """Whether the step set the category."""
    return record.data.get(CATEGORY) is not None


def _tell(steps: list[StepRecord], place: int | None, name: str, value: str) -> None:
    if place is not None:
        steps[place] = msgspec.structs.replace(steps[place], data=steps[place].data | {name: value})


def _swap(steps: list[StepRecord], place: int | None, swap: Swap) -> None:
    if place is None:
        return
    units = [_put_right(item, swap) for item in steps[place].data["units"]]
    steps[place] = msgspec.structs.replace(steps[place], data=steps[place].data | {"units": units})
    for index, later in enumerate(steps[place + 1 :], place + 1):
        named = {name: _name_right(value, swap) for name, value in later.data.items() if isinstance(value, list)}
        steps[index] = msgspec.structs.replace(later, data=later.data | named)


def _name_right(named: list[Any], swap: Swap) -> list[Any]:
    """What a later step says of the units that it is about: of the one that has really had the case."""
    return [str(swap.right) if item == str(swap.recorded) else item for item in named]


def _put_right(item: dict[str, Any], swap: Swap) -> dict[str, Any]:
    return item | {"unit_id": str(swap.right)} if item["unit_id"] == str(swap.recorded) else item
