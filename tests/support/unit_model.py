"""The naive model of what units do with a case beyond working on it: who asks, who decides, who has it then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from core.procedure import CO_HANDLER, EXTENSION, JUSTIFICATION, RETURN, FieldType, Part, Role, StepKind, Verb
from tests.support import lateness_model
from tests.support.naive_reading import Body

if TYPE_CHECKING:
    from tests.support.case_model import Actor, CaseModel, ModelDeadline


@dataclass
class ModelRequest:
    """Something that was asked for. ``id`` is what the service calls it, once that is known."""

    key: str
    asker: Actor
    unit: UUID | None
    above: UUID | None
    joining: UUID | None
    id: str = ""
    length: dict[str, Any] | None = None
    deadline: ModelDeadline | None = None
    reason: str = ""


def named(step: StepKind, body: Body) -> set[UUID]:
    """The units that a step says it is about."""
    return {UUID(str(unit)) for item in step.fields if item.type is FieldType.UNITS for unit in body.get(item.key) or ()}


def candidates(model: CaseModel, step: StepKind, body: Body) -> list[ModelRequest]:
    """The requests that a deciding step can mean."""
    named = body.get("request_id")
    return [item for item in model.pending if item.key == step.decides and named in {None, item.id}]


def refused_decider(model: CaseModel, step: StepKind, actor: Actor, body: Body) -> set[str]:
    """Why somebody may not decide."""
    found = candidates(model, step, body)
    if len(found) != 1:
        codes = {"requests.unnamed" if found else "requests.nothing-asked"}
        return codes if actor.role_for(step) else codes | {"cases.role-missing"}
    (asked,) = found
    role = deciding_role(step, actor, asked)
    if role is None:
        return {"cases.role-missing"}
    codes = {"requests.own"} if asked.asker == actor else set()
    return codes | ({"requests.for-unit-above"} if asked.above and asked.above not in actor.units else set())


def deciding_role(step: StepKind, actor: Actor, asked: ModelRequest) -> Role | None:
    """The role in which somebody decides: a unit officer's where a unit above decides, any other where none does."""
    for role in step.by:
        officer = role is Role.UNIT_OFFICER
        if role in actor.roles and officer is (asked.above is not None) and (actor.units or not officer):
            return role
    return None


def acting_unit(model: CaseModel, step: StepKind, actor: Actor, body: Body) -> UUID | None:
    """The unit for which an officer acts; ``None`` for anybody else."""
    if step.decides:
        return candidates(model, step, body)[0].above
    if lateness_model.role_of(model, step, actor, body) is not Role.UNIT_OFFICER:
        return None
    parts = {step.part} if step.part else set(Part)
    mine = [unit for unit, part in model.units.items() if unit in actor.units and part in parts]
    met = {rule.key for rule in model.kind.deadlines if step.key in rule.met_by}
    waiting = {item.unit for item in model.owed() if item.key in met | set(step.moves)}
    mine = [unit for unit in mine if unit in waiting] or mine
    about = lateness_model.named(model, body) if step.asks == JUSTIFICATION else None
    mine = [unit for unit in mine if about and unit == about.unit] or mine
    if step.verb is Verb.SIGN:
        mine = [unit for unit in mine if unit not in model.signed] or mine
    return ([unit for unit in mine if model.units[unit] is Part.LEAD] or mine)[0]


def refused_work(model: CaseModel, step: StepKind, actor: Actor, body: Body, at: datetime) -> set[str]:
    """Why a unit may not do with the case what it wants, where nothing else speaks against the step."""
    unit, codes = acting_unit(model, step, actor, body), set()
    windows = [item for item in model.deadlines if item.key == step.within and item.unit == unit]
    if windows and at >= windows[-1].due_at:
        codes.add("requests.window-over")
    about = lateness_model.named(model, body)
    if step.asks and any(
        item.key == step.asks
        and (item.deadline is about if item.deadline else item.unit == unit if unit else item.asker == actor)
        for item in model.pending
    ):
        codes.add("requests.asked-already")
    if step.verb is Verb.SIGN and unit in model.signed:
        codes.add("requests.signed-already")
    newcomer = _newcomer(model, step, body)
    if step.verb is Verb.PASS_ON and newcomer not in model.children.get(unit, ()):
        codes.add("requests.not-below")
    if newcomer and newcomer in {*model.units, *(above for chain in model.via.values() for above in chain)}:
        codes.add("requests.has-it-already")
    return codes


def _newcomer(model: CaseModel, step: StepKind, body: Body) -> UUID | None:
    if step.verb is Verb.PASS_ON or step.asks == CO_HANDLER:
        return UUID(body["unit_id"])
    return joining(model, step, body)


def joining(model: CaseModel, step: StepKind, body: Body) -> UUID | None:
    """The unit that joins the case by a step."""
    grants = step.verb is Verb.GRANT and step.decides == CO_HANDLER
    return candidates(model, step, body)[0].joining if grants else None


def handover(model: CaseModel, step: StepKind, actor: Actor, body: Body) -> tuple[UUID, UUID] | None:
    """Which unit's part goes to which."""
    if step.verb is Verb.PASS_ON:
        unit = acting_unit(model, step, actor, body)
        return (unit, UUID(body["unit_id"])) if unit else None
    asked = candidates(model, step, body)[0] if returns(step) else None
    return (asked.unit, asked.above) if asked and asked.unit and asked.above else None


def returns(step: StepKind) -> bool:
    """Whether the step lets a unit give the case back."""
    return step.verb is Verb.GRANT and step.decides == RETURN


def units_after(model: CaseModel, step: StepKind, actor: Actor, body: Body) -> dict[UUID, Part]:
    """The units that have the case after a step, in their order."""
    if step.verb is Verb.DISPATCH:
        return {UUID(item["unit_id"]): Part(item["part"]) for item in body["units"]}
    if step.releases:
        return {}
    moved, newcomer = handover(model, step, actor, body), joining(model, step, body)
    if moved:
        return {moved[1] if unit == moved[0] else unit: part for unit, part in model.units.items()}
    if returns(step):
        gone = candidates(model, step, body)[0].unit
        left = {unit: part for unit, part in model.units.items() if unit != gone}
        return left if Part.LEAD in left.values() else {}
    return model.units | ({newcomer: Part.COOPERATING} if newcomer else {})


def chains_after(model: CaseModel, step: StepKind, moved: tuple[UUID, UUID] | None) -> dict[UUID, tuple[UUID, ...]]:
    """The units above each, that passed the case on to it."""
    if step.verb is Verb.DISPATCH or not moved:
        return {} if step.verb is Verb.DISPATCH else model.via
    giver, taker = moved
    chain = model.via.get(giver, ())
    chain = chain[:-1] if chain[-1:] == (taker,) else (*chain, giver)
    return {unit: above for unit, above in model.via.items() if unit != giver} | {taker: chain}


def request_of(model: CaseModel, step: StepKind, actor: Actor, body: Body) -> ModelRequest | None:
    """What the step asks for."""
    if not step.asks:
        return None
    unit = acting_unit(model, step, actor, body)
    above = model.via.get(unit, ()) if unit and step.asks not in {EXTENSION, JUSTIFICATION} else ()
    return ModelRequest(
        step.asks, actor, unit, above[-1] if above else None,
        UUID(body["unit_id"]) if step.asks == CO_HANDLER else None,
        length=body.get("length"),
        deadline=lateness_model.named(model, body) if step.asks == JUSTIFICATION else None,
        reason=body["reason"],
    )  # fmt: skip


def still_asked(
    model: CaseModel, step: StepKind, decided: list[ModelRequest], unit: UUID | None, units: Mapping[UUID, Any], state: str
) -> list[ModelRequest]:
    """What still waits after a step that leads to these units and that state."""
    kept = []
    for item in model.pending:
        if item.key == JUSTIFICATION or step.verb is Verb.DISPATCH:
            kept += [item] if item.key == JUSTIFICATION and item not in decided else []
            continue
        decidable = any(state in other.after for other in model.kind.steps if other.decides == item.key)
        done = step.verb is Verb.HANDLE and item.unit is not None and item.unit == unit
        here = item.unit is None or item.unit in units
        if decidable and here and not done and item not in decided:
            kept.append(item)
    return kept
