"""Which rules a tip-off's step must pass, by step."""

from __future__ import annotations

from collections.abc import Callable

from core.procedure import Objection, StepView
from jurisdictions.baoding.rules.acceptance import require_listed_act
from jurisdictions.baoding.rules.confidentiality import keep_from_unit_reported, require_identity_removed
from jurisdictions.baoding.rules.notice import require_reachable_way, require_unit_told, require_written_status

TIP_OFF = "tip-off"
Rule = Callable[[StepView], tuple[Objection, ...]]

RULES: dict[str, tuple[Rule, ...]] = {
    "accept": (require_listed_act,),
    "transfer": (require_identity_removed, keep_from_unit_reported),
    "extend-handling": (require_reachable_way, require_unit_told),
    "tell-reasons": (require_reachable_way, require_written_status),
    "inform-result": (require_reachable_way,),
}


def check(view: StepView) -> tuple[Objection, ...]:
    """Every objection of the city to the step; none lets it pass."""
    rules = RULES.get(view.step, ()) if view.kind == TIP_OFF else ()
    return tuple(objection for rule in rules for objection in rule(view))
