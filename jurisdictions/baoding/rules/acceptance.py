"""What is within the scope of the tip-off rules."""

from __future__ import annotations

from core.law.instrument import Text
from core.procedure import Objection, StepView

LISTED_ACTS = "baoding:tip-offs-2010#4"
_NO_ACT = Text(
    zh="受理须列明所反映的属于第四条的哪一种或几种行为；不属于其中任何一种的，应当不予受理并告知理由",
    en="an accepted tip-off names its acts of article 4; where there is none, refuse it and tell the reasons",
)


def require_listed_act(view: StepView) -> tuple[Objection, ...]:
    """A tip-off is accepted for one of the nine acts, named now or at registration (tip-offs 4, 5)."""
    named = view.data.get("acts") or view.facts.get("acts")
    return () if named else (Objection(LISTED_ACTS, _NO_ACT, "/acts"),)
