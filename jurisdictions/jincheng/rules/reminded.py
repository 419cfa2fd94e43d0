"""Whom a reminder is about."""

from __future__ import annotations

from core.law.instrument import Text
from core.procedure import Objection, StepView

MEMBERSHIP = "wenze:house#membership"
_NOT_THEIRS = Text(zh="被催办的单位不是该事项的承办单位", en="a unit that is to be reminded does not have the matter")


def require_units_of_the_matter(view: StepView) -> tuple[Objection, ...]:
    """Only a unit that has the matter is reminded of it, so that reminders can be counted (points 11.3)."""
    strangers = set(view.data.get("reminded_units", ())) - set(view.units)
    return (Objection(MEMBERSHIP, _NOT_THEIRS, "/reminded_units"),) if strangers else ()
