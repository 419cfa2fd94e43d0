"""What an answer can be; the regulations speak of satisfied and not, and so does this."""

from __future__ import annotations

from enum import StrEnum

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
