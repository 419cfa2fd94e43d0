"""Who takes a complaint (ankang:complaints-2018#4)."""

from __future__ import annotations

from core.procedure import Objection, StepView
from jurisdictions.ankang.rules.facts import object_under


def check_receiving_office(view: StepView) -> tuple[Objection, ...]:
    """The duty office takes on-site complaints only; the supervision office takes all (#4)."""
    if view.data.get("receiving_office") != "duty-office" or view.channel == "on-site":
        return ()
    return object_under(
        "4/duty-office",
        "带班科室只接收现场投诉，其他途径的投诉由监督科接收",
        "The duty office takes on-site complaints only; give this one to the supervision office",
        "/receiving_office",
    )
