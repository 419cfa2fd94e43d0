"""What must hold of a correction before its consequences are derived. Pure; each refusal names the rule it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from core.cases.history import StepRecord
from core.cases.world import World
from core.corrections.correction import CORRECTION, Correction, Swap
from core.corrections.history import History, find_last, is_classification, is_dispatch
from core.errors import Invalid, Refused

TIME = "wenze:house#time"


def check_correction(history: History, correction: Correction, world: World) -> None:
    """Raises :class:`Invalid` for a correction of nothing and :class:`Refused` for one that cannot be."""
    if correction == Correction():
        raise Invalid("corrections.nothing")
    steps = history.as_corrected()
    _check_new(history, correction)
    if correction.received_at is not None:
        _check_receipt(history, steps, correction, world)
    if correction.track is not None:
        _check_track(steps, correction.track, world)
    if correction.unit is not None:
        _check_swap(history, steps, correction.unit)


def dispatched_on(history: History, world: World) -> date | None:
    """The local day of the last dispatch: the right unit must have been there then."""
    steps = history.as_corrected()
    place = find_last(steps, is_dispatch)
    return world.local_day(steps[place].occurred_at) if place is not None else None


def _check_new(history: History, correction: Correction) -> None:
    """What is said to be right must differ from what is recorded."""
    case = history.case
    same = {
        "/received_at": correction.received_at == case.received_at,
        "/category": correction.category is not None and correction.category == case.category,
        "/track": correction.track is not None and correction.track == case.track,
        "/unit": correction.unit is not None and correction.unit.recorded == correction.unit.right,
    }
    for field, is_same in same.items():
        if is_same:
            raise Refused("corrections.as-recorded", field=field, clause=CORRECTION)


def _check_receipt(history: History, steps: Sequence[StepRecord], correction: Correction, world: World) -> None:
    """Received neither in the future, nor before its instrument was in force (R7), nor after it was registered or
    the step that followed."""
    received = correction.received_at
    if received is None:
        return
    if received > world.now:
        raise Refused("cases.received-in-future", field="/received_at", clause=TIME, now=world.now.isoformat())
    instrument, day = world.rulebook.instrument(world.kind.instrument), world.local_day(received)
    if instrument.version_on(day) is None:
        first = instrument.versions[0].in_force_from.isoformat()
        raise Refused(
            "law.before-first-version", field="/received_at", clause=instrument.id, day=day.isoformat(), first=first
        )
    following = min([history.case.registered_at, *(step.occurred_at for step in steps[1:2])])
    if received > following:
        raise Refused("corrections.received-after-step", field="/received_at", clause=TIME, first=following.isoformat())


def _check_track(steps: Sequence[StepRecord], track: str, world: World) -> None:
    if track not in {option.key or option.clause for option in world.kind.tracks}:
        known = ", ".join(option.key or option.clause or "" for option in world.kind.tracks) or "–"
        raise Refused("corrections.track-unknown", field="/track", clause=CORRECTION, known=known)
    if find_last(steps, is_classification) is None:
        raise Refused("corrections.not-classified", field="/track", clause=CORRECTION)


def _check_swap(history: History, steps: Sequence[StepRecord], swap: Swap) -> None:
    """The wrong unit was named in the last dispatch and has done nothing since; the right one was not named beside it."""
    place = find_last(steps, is_dispatch)
    named = {UUID(item["unit_id"]) for item in steps[place].data["units"]} if place is not None else set()
    standing = history.case.standing
    if swap.recorded not in named or standing.assignment(swap.recorded) is None:
        raise Refused("corrections.unit-not-dispatched", field="/unit/recorded_unit_id", clause=CORRECTION)
    if swap.right in named or standing.is_seen_by(frozenset({swap.right})):
        raise Refused("corrections.unit-in-it", field="/unit/right_unit_id", clause=CORRECTION)
    for record in steps[place:]:
        if record.unit_id == swap.recorded and record.role == "unit-officer":
            raise Refused("corrections.unit-has-acted", field="/unit/recorded_unit_id", clause=CORRECTION, step=record.step)
