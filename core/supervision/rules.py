"""When a matter must be supervised, and when it need not be any more. Pure: the rules are a city's data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from core.cases.case import Case, DeadlineNote
from core.cases.conditions import holds
from core.procedure import CaseKind
from core.supervision.item import Ending, Item
from core.supervisions import SupervisionRule

if TYPE_CHECKING:
    from core.cases.life import Outcome

_MET = frozenset({"met", "met-late"})


@dataclass(frozen=True, slots=True)
class Answered:
    """A rule that holds after a step; the cause is the round of answers, in which it is found once."""

    rule: SupervisionRule
    cause: str


def rules_at(kind: CaseKind, deadline: str, rung: str) -> Iterator[SupervisionRule]:
    """The rules that find a deadline of that key on that rung."""
    for rule in kind.supervisions:
        if rule.rung == rung and (not rule.deadlines or deadline in rule.deadlines):
            yield rule


def may_concern(kind: CaseKind, before: Case, after: Case, outcome: Outcome, now: datetime) -> bool:
    """Whether a step can make a matter of the case one that must be supervised, or end one.

    So that steps of cases in which nothing was ever late ask the store nothing.
    """
    if not kind.supervisions:
        return False
    late = any(note.due_at <= now and not note.window for note in before.standing.deadlines)
    stood = any(rule.on and holds(rule.when, before.facts) for rule in kind.supervisions)
    return late or stood or after.closed_at is not None or bool(answered(kind, after, outcome))


def answered(kind: CaseKind, after: Case, outcome: Outcome) -> tuple[Answered, ...]:
    """What must be supervised after this step, by the facts that hold then."""
    cause = f"round:{after.standing.rounds}"
    step = outcome.order.step.key
    return tuple(Answered(rule, cause) for rule in kind.supervisions if step in rule.on and holds(rule.when, after.facts))


def ending_of(item: Item, kind: CaseKind, after: Case, outcome: Outcome) -> Ending | None:
    """How a step ends an item that was open; ``None`` where it stays."""
    rule = find_rule(kind, item.rule)
    if rule is not None and is_supervised_by(rule, outcome.order.step.key, outcome.order.data) and _is_about(item, outcome):
        return Ending.SUPERVISED
    if after.closed_at is not None:
        return Ending.CASE_ENDED
    if item.deadline_id is not None:
        return _without_deadline(find_note(after, item.deadline_id))
    return None if rule is not None and holds(rule.when, after.facts) else Ending.ANSWERED


def _is_about(item: Item, outcome: Outcome) -> bool:
    """Whether the step supervises the item's unit: who is given no time for it is not supervised. Whose fault it is that
    work was redone in vain, the step itself says."""
    held = {opening.holder_unit_id for opening in outcome.openings} - {None}
    return item.deadline_id is None or item.unit_id is None or not held or item.unit_id in held


def is_supervised_by(rule: SupervisionRule, step: str, data: dict[str, Any]) -> bool:
    """Whether a step supervises the matters of a rule: one of its ways, for this matter."""
    return step in rule.steps and holds(rule.chosen, data)


def find_rule(kind: CaseKind, key: str) -> SupervisionRule | None:
    """The rule of that name; ``None`` where the present rules have it no more."""
    return next((rule for rule in kind.supervisions if rule.key == key), None)


def find_note(case: Case, deadline_id: UUID) -> DeadlineNote | None:
    """The deadline of a case by its id."""
    return next((note for note in case.standing.deadlines if note.id == deadline_id), None)


def _without_deadline(note: DeadlineNote | None) -> Ending | None:
    """'Overdue and not finished' is over with the deadline: done at last, or ended otherwise."""
    if note is not None and note.is_open:
        return None
    return Ending.FINISHED if note is not None and note.state in _MET else Ending.LAPSED
