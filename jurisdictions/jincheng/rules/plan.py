"""The plan by which a matter of 2.3 is solved."""

from __future__ import annotations

from core.law.instrument import Text
from core.procedure import Objection, StepView

CLAUSE = "jincheng:rapid-2017#2.3"
_FILED = Text(
    zh="已上报推进解决方案，其时限不能以新方案延长；第二部分第3项的事项不得延期",
    en="a plan with its definite term has been filed; a matter of 2.3 is not extended by another one",
)


def require_first_plan(view: StepView) -> tuple[Objection, ...]:
    """The lead unit names the definite term once: another plan would be an extension, which 2.3 does not have."""
    return (Objection(CLAUSE, _FILED),) if "file-plan" in view.taken else ()
