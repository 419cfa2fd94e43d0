"""Which rules a step must pass, by kind of case and step."""

from __future__ import annotations

from collections.abc import Callable

from core.procedure import Objection, StepView
from jurisdictions.jincheng.rules.closing import require_nothing_left_open
from jurisdictions.jincheng.rules.extension import require_extendable
from jurisdictions.jincheng.rules.plan import require_first_plan
from jurisdictions.jincheng.rules.reminded import require_units_of_the_matter
from jurisdictions.jincheng.rules.start import require_consent_before_inquiry, require_given_consent, require_past_start
from jurisdictions.jincheng.rules.told import require_not_told_yet
from jurisdictions.jincheng.rules.track import require_fitting_source

Rule = Callable[[StepView], tuple[Objection, ...]]

RULES: dict[tuple[str, str], tuple[Rule, ...]] = {
    ("inspection-matter", "close"): (require_nothing_left_open,),
    ("inspection-matter", "remind"): (require_units_of_the_matter,),
    ("finding", "classify"): (require_fitting_source,),
    ("finding", "reclassify"): (require_fitting_source,),
    ("finding", "send-back"): (require_not_told_yet,),
    ("finding", "consent-to-inquiry"): (require_given_consent,),
    ("finding", "dispatch"): (require_past_start, require_consent_before_inquiry),
    ("finding", "file-plan"): (require_first_plan,),
    ("finding", "extend-rectification"): (require_extendable,),
    ("finding", "close"): (require_nothing_left_open,),
}


def check(view: StepView) -> tuple[Objection, ...]:
    """Every objection of the city to the step; none lets it pass."""
    return tuple(objection for rule in RULES.get((view.kind, view.step), ()) for objection in rule(view))
