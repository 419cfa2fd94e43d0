"""The conditions of Ganzhou's regulation that data cannot say: for each step, the rules it must pass."""

from __future__ import annotations

from collections.abc import Callable

from core.procedure import Objection, StepView
from jurisdictions.ganzhou.rules import membership, redoing, reminders, supervision

Rule = Callable[[StepView], tuple[Objection, ...]]
_SUPERVISION: tuple[Rule, ...] = (
    reminders.check_named_units,
    membership.check_supervised,
    supervision.check_overdue_matter,
    supervision.check_redone_matter,
)
RULES: dict[str, tuple[Rule, ...]] = {
    "send-back": (redoing.check_sent_back_once,),
    "close": (redoing.check_fault_supervised, supervision.check_nothing_left_late),
    "tell-superior": (membership.check_told_of,),
    "remind": (reminders.check_named_units, membership.check_reminded, reminders.check_overdue_cause),
    "supervise-by-message": _SUPERVISION,
    "supervise-in-writing": _SUPERVISION,
    "supervise-on-site": _SUPERVISION,
    "supervise-by-leader": _SUPERVISION,
}


def find_objections(view: StepView) -> tuple[Objection, ...]:
    """Everything that the rules object to in a step, in the order of the rules."""
    return tuple(objection for rule in RULES.get(view.step, ()) for objection in rule(view))
