"""The naive model of pauses and extensions: what may be moved, and when it ends then, day by day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from core.law.instrument import Term, Unit
from core.procedure import EXTENSION, StepKind, Verb
from tests.support import unit_model
from tests.support.naive_days import CLOCK, DAY, SHANGHAI, is_worked, last_day, next_worked
from tests.support.naive_reading import Body, find_term, local_day

if TYPE_CHECKING:
    from tests.support.case_model import Actor, CaseModel, ModelDeadline

_KINDS = {Verb.PAUSE: "pause", Verb.RESUME: "resume", Verb.EXTEND: "extension"}


def kind_of(step: StepKind) -> str | None:
    """What a step does to deadlines."""
    return "extension" if step.verb is Verb.GRANT and step.decides == EXTENSION else _KINDS.get(step.verb)


def refused_moves(model: CaseModel, step: StepKind, actor: Actor, body: Body, at: datetime) -> set[str]:
    """Why nothing is paused, resumed or extended, where nothing else speaks against it."""
    kind = "extension" if step.asks == EXTENSION else kind_of(step)
    if kind is None or (kind == "extension" and _is_idle(model, step)):
        return set()
    if step.permitted_by and not model.permitted:
        return {"deadlines.not-permitted"}
    mine = _mine(model, step, actor, body)
    if unit_model.named(step, body) - {item.unit for item in mine}:
        return {"deadlines.nothing-to-move"}
    fitting = [item for item in mine if kind == "extension" or (item.state == "paused") == (kind == "resume")]
    if not fitting:
        told = {"pause": "deadlines.paused-already", "resume": "deadlines.not-paused"}
        return {told[kind] if mine else "deadlines.nothing-to-move"}
    in_time = [item for item in fitting if item.state == "paused" or at < item.due_at]
    if not in_time:
        return {"deadlines.ran-out"}
    return _refused_length(model, step, body, at, in_time) if kind == "extension" else set()


def _refused_length(model: CaseModel, step: StepKind, body: Body, at: datetime, moved: list[ModelDeadline]) -> set[str]:
    length = _length(model, step, body)
    if length is None:
        return {"deadlines.length-missing"}
    limit = model.terms.get(step.limit) if step.limit else find_term(model.rulebook, step.clause, local_day(at))
    if step.limit and limit is None:
        return {"deadlines.limit-not-set"}
    if limit is not None and (step.limit or limit.at_most):
        if length.unit is not limit.unit:
            return {"deadlines.limit-other-unit"}
        had = max(sum(by.length for _, _, by in item.moves if by and by.unit is limit.unit) for item in moved)
        if had + length.length > limit.length and not (step.beyond_limit and body.get("beyond_reason")):
            return {"deadlines.limit-exceeded-bare" if step.beyond_limit else "deadlines.limit-exceeded"}
    # Asking only asks: that 'the same day' is no length shows when it is granted.
    return {"deadlines.extension-no-length"} if length.unit is Unit.SAME_DAY and not step.asks else set()


def _is_idle(model: CaseModel, step: StepKind) -> bool:
    """Whether all that could be extended is what only a tenant's figure makes arise, and none has."""
    optional = {rule.key for rule in model.kind.deadlines if rule.optional}
    return set(step.moves) <= optional and not any(item.key in step.moves for item in model.deadlines)


def _mine(model: CaseModel, step: StepKind, actor: Actor, body: Body) -> list[ModelDeadline]:
    owed = [item for item in model.owed() if item.key in step.moves]
    unit = unit_model.candidates(model, step, body)[0].unit if step.decides else _acts(model, step, actor, body)
    if unit is not None:
        return [item for item in owed if item.unit == unit]
    if unit_model.named(step, body):
        return [item for item in owed if item.unit in unit_model.named(step, body)]
    return [item for item in owed if step.part is None or (item.unit and model.units.get(item.unit) is step.part)]


def _acts(model: CaseModel, step: StepKind, actor: Actor, body: Body) -> UUID | None:
    return unit_model.acting_unit(model, step, actor, body)


def _length(model: CaseModel, step: StepKind, body: Body) -> Term | None:
    given = body.get("length") or (unit_model.candidates(model, step, body)[0].length if step.decides else None)
    return Term(Unit(given["unit"]), given["length"]) if given else None


def move(model: CaseModel, step: StepKind, actor: Actor, body: Body, at: datetime) -> None:
    """The step was taken: what it moves, ends at another time."""
    kind = kind_of(step)
    if kind is None or (kind == "extension" and _is_idle(model, step)):
        return
    for item in _mine(model, step, actor, body):
        fits = kind == "extension" or (item.state == "paused") == (kind == "resume")
        if fits and (item.state == "paused" or at < item.due_at):
            item.moves = [*item.moves, (kind, at, _length(model, step, body) if kind == "extension" else None)]
            item.state = {"pause": "paused", "resume": "open"}.get(kind, item.state)
            item.due_on, item.due_at = _end(item)


def _end(item: ModelDeadline) -> tuple[date, datetime]:
    """When it ends: the term with what was paused, then each extension, then rolled."""
    pauses = _pauses(item)
    end: Any = _base(item, pauses)
    for _, _, by in item.moves:
        if by is not None:
            end = _later(end, by)
    resumed = max((until for _, until in pauses), default=None)
    units = {item.term.unit, *(by.unit for _, _, by in item.moves if by)}
    if resumed and not units <= {Unit.HOUR, Unit.MINUTE, Unit.SAME_DAY} and _over(end) <= resumed:
        end = resumed.astimezone(SHANGHAI).date()
    if isinstance(end, datetime):
        return (end - timedelta(microseconds=1)).astimezone(SHANGHAI).date(), end
    return next_worked(end), _over(end)


def _pauses(item: ModelDeadline) -> list[tuple[datetime, datetime]]:
    found, begun = [], item.started
    for kind, at, _ in item.moves:
        if kind == "pause":
            begun = max(at, item.started)
        if kind == "resume":
            found.append((begun, max(at, begun)))
    return found


def _base(item: ModelDeadline, pauses: list[tuple[datetime, datetime]]) -> Any:
    term, day = item.term, item.started.astimezone(SHANGHAI).date()
    if term.unit in CLOCK:
        return item.started + CLOCK[term.unit] * term.length + sum((until - since for since, until in pauses), timedelta())
    if term.unit is Unit.SAME_DAY:
        return _over(max([day, *(until.astimezone(SHANGHAI).date() for _, until in pauses)]), roll=False)
    paused = 0
    for since, until in pauses:
        passed, last = since.astimezone(SHANGHAI).date(), until.astimezone(SHANGHAI).date()
        while passed < last:
            passed += DAY
            paused += is_worked(passed) if term.unit is Unit.WORKING_DAY else 1
    if term.unit is Unit.MONTH:
        return last_day(term, day) + paused * DAY
    return last_day(Term(term.unit, term.length + paused), day)


def _later(end: Any, by: Term) -> Any:
    if by.unit in CLOCK:
        return (end if isinstance(end, datetime) else _over(end)) + CLOCK[by.unit] * by.length
    day = (end - timedelta(microseconds=1)).astimezone(SHANGHAI).date() if isinstance(end, datetime) else end
    return last_day(by, day)


def _over(end: Any, *, roll: bool = True) -> datetime:
    """The first instant that is too late."""
    if isinstance(end, datetime):
        return end
    return datetime.combine((next_worked(end) if roll else end) + DAY, time(0), SHANGHAI).astimezone(UTC)
