"""How the rules read facts and name clauses."""

from __future__ import annotations

from core.law.instrument import Text
from core.procedure import Objection

INSTRUMENT = "ankang:complaints-2018"


def is_true(value: object) -> bool:
    """Whether a yes-or-no fact is yes; one that is not there is not."""
    return value is True


def object_under(clause: str, zh: str, en: str, field: str | None = None) -> tuple[Objection, ...]:
    """One objection under a clause of the complaints measures (``6.1/on-the-spot``)."""
    return (Objection(f"{INSTRUMENT}#{clause}", Text(zh, en), field),)
