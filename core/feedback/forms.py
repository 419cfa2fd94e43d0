"""What an answer can be; the regulations speak of satisfied and not, and so does this."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

FEEDBACK = "wenze:house#feedback"


class Reached(StrEnum):
    """What came of a call."""

    REACHED = "reached"
    NOT_REACHED = "not-reached"
    DECLINED = "declined"


class Dissatisfaction(StrEnum):
    """Why somebody is not satisfied."""

    NOT_SOLVED = "not-solved"
    LATE = "late"
    ATTITUDE = "attitude"
    UNTRUE = "untrue"
    OTHER = "other"


class Satisfaction(StrEnum):
    """What a case says of the last reply: the fact ``satisfaction``."""

    SATISFIED = "satisfied"
    UNSATISFIED = "unsatisfied"
    NOT_ASKED = "not-asked"


class Way(StrEnum):
    """How an answer came."""

    CALL_BACK = "call-back"
    RECEIPT = "receipt"


SATISFACTION, SENT_BACK = "satisfaction", "sent_back"
"""The facts that follow from answers: what was said of the last reply, and whether the case went back for it once."""
COMPUTED: dict[str, frozenset[str]] = {
    SATISFACTION: frozenset(Satisfaction),
    SENT_BACK: frozenset({"true"}),
}
"""Their values, as conditions write them."""


def is_satisfied(facts: Mapping[str, Any]) -> bool | None:
    """What the facts of a case say of the last reply; ``None`` where nobody has said anything."""
    said = facts.get(SATISFACTION)
    return None if said in {None, Satisfaction.NOT_ASKED} else said == Satisfaction.SATISFIED
