"""A city's data read naively: conditions, stated terms, the terms of clauses. Written apart from the service."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from core.law.instrument import Term, Unit
from core.law.rulebook import Rulebook
from core.procedure import DeadlineRule
from tests.support.naive_days import SHANGHAI

Body = Mapping[str, Any]


def matches(condition: Mapping[str, str | list[str]], facts: Mapping[str, Any]) -> bool:
    """Whether a condition of the data holds."""
    for name, wanted in condition.items():
        value = facts.get(name)
        given = [written(item) for item in value] if isinstance(value, list) and value else [written(value)]
        if not set(given) & ({wanted} if isinstance(wanted, str) else set(wanted)):
            return False
    return True


def written(value: Any) -> str:
    """A value as conditions write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value in (None, []) else str(value)


def stated_term(rule: DeadlineRule, body: Body, unit: UUID | None) -> tuple[Term | None, str | None]:
    """The term that a step states for a holder, with its reason."""
    if rule.given_by is None:
        return None, None
    place = body
    if rule.given_by == "term":
        listed = [item for item in body.get("units", ()) if isinstance(item, dict)]
        place = next((item for item in listed if item["unit_id"] == str(unit)), body)
    given = place.get(rule.given_by)
    return (Term(Unit(given["unit"]), given["length"]) if given else None), place.get(f"{rule.given_by}_reason")


def find_term(rulebook: Rulebook, citation: str, day: date) -> Term | None:
    """The term that a clause, or the choice it names, gives on a day."""
    instrument, _, rest = citation.partition("#")
    ref, _, choice = rest.partition("/")
    version = [item for item in rulebook.instruments[instrument].versions if item.in_force_from <= day][-1]
    clause = next(item for item in version.clauses if item.ref == ref)
    return next(item.term for item in clause.choices if item.key == choice) if choice else clause.term


def local_day(instant: datetime) -> date:
    """The local date of an instant."""
    return instant.astimezone(SHANGHAI).date()
