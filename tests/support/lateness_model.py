"""The naive model of lateness that is found justified: who asks for which deadline, who finds it, and what is taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core.procedure import JUSTIFICATION, Role, StepKind, Verb
from tests.support import unit_model
from tests.support.naive_reading import Body

if TYPE_CHECKING:
    from tests.support.case_model import Actor, CaseModel, ModelDeadline

NOBODYS = "00000000-0000-7000-8000-000000000000"
"""The id of no deadline."""


def named(model: CaseModel, body: Body) -> ModelDeadline | None:
    """The deadline that a body names."""
    return next((item for item in model.deadlines if item.id == body.get("deadline_id")), None)


def is_late(item: ModelDeadline) -> bool:
    """Whether somebody is, or can still be, late."""
    if item.state in {"open", "paused"}:
        return True
    stops = [kind for kind, _, _ in item.moves if kind != "extension"]
    counts = item.state in {"met-late", "lapsed", "replaced"} and not item.window and stops[-1:] != ["pause"]
    return counts and item.ended is not None and item.ended >= item.due_at


def is_open_to_asking(model: CaseModel, item: ModelDeadline) -> bool:
    """Whether it can be asked for this one."""
    waits = any(asked.deadline is item for asked in model.pending)
    return is_late(item) and not item.justified and not waits


def has_something(model: CaseModel, step: StepKind) -> bool:
    """Whether there is a deadline for the step."""
    if step.asks == JUSTIFICATION:
        return any(is_open_to_asking(model, item) for item in model.deadlines)
    return step.revokes is None or any(item.justified for item in model.deadlines)


def role_of(model: CaseModel, step: StepKind, actor: Actor, body: Body) -> Role | None:
    """The role in which somebody takes a step: for a unit's deadline an officer's, for an office's another."""
    item = named(model, body) if step.asks == JUSTIFICATION else None
    for role in step.by:
        officer = role is Role.UNIT_OFFICER
        fits = item is None or officer is not item.holder.startswith("office:")
        if fits and role in actor.roles and (actor.units or not officer):
            return role
    return None


def refused(model: CaseModel, step: StepKind, actor: Actor, body: Body) -> set[str]:
    """Why it cannot be asked, found or taken back, where nothing else speaks against it."""
    if not step.is_about_lateness:
        return set()
    if step.asks:
        return _refused_asking(model, step, actor, body)
    item = unit_model.candidates(model, step, body)[0].deadline if step.decides else named(model, body)
    own = actor.units if Role.UNIT_OFFICER in actor.roles else ()
    if item is not None and item.unit in own:
        return {"justifications.own-unit"}
    if step.verb is Verb.GRANT and (item is None or not is_late(item)):
        return {"justifications.late-no-more"}
    return {"justifications.none-found"} if step.revokes and not (item and item.justified) else set()


def _refused_asking(model: CaseModel, step: StepKind, actor: Actor, body: Body) -> set[str]:
    item = named(model, body)
    if item is None or not is_late(item):
        return {"justifications.nobody-late"}
    is_office = item.holder.startswith("office:")
    # Nobody of the model belongs to an office; for one that no unit fills, whoever has the role asks.
    if item.unit is not None if is_office else item.unit != unit_model.acting_unit(model, step, actor, body):
        return {"justifications.not-yours"}
    if item.justified:
        return {"justifications.found-already"}
    return {"justifications.same-words"} if body["reason"] in item.decided else set()


def follow(model: CaseModel, step: StepKind, decided: list[Any], body: Body) -> None:
    """The step was taken."""
    if step.decides == JUSTIFICATION:
        item = decided[0].deadline
        item.decided = {*item.decided, decided[0].reason}
        item.justified = item.justified or step.verb is Verb.GRANT
    if step.revokes:
        item = named(model, body)
        assert item is not None
        item.justified = False


def note_ends(model: CaseModel, at: datetime) -> None:
    """When each deadline ended; what is asked of one that ended in time, or is another's now, is asked no more."""
    for item in model.deadlines:
        if item.ended is None and item.state not in {"open", "paused", "available"}:
            item.ended = at
    model.pending = [asked for asked in model.pending if asked.deadline is None or is_late(asked.deadline)]


def choose(model: CaseModel, step: StepKind, actor: Actor) -> Mapping[str, str]:
    """What a step says of a deadline: mostly one for which it can be taken, in words that change now and then."""
    if not step.is_about_lateness or step.decides:
        return {}
    fitting = [item for item in model.deadlines if item.justified or (step.asks and is_open_to_asking(model, item))]
    own = [item for item in fitting if item.unit in actor.units] if step.asks else fitting
    others = own if own and model.version % 5 else model.deadlines
    chosen = others[model.version % len(others)].id if others else NOBODYS
    return {"deadline_id": chosen, "reason": f"连日暴雨停工（{model.version % 3}）。"}
