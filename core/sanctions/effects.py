"""What sanctions bring that lasts for a time, and when it ends. It is no duty, so that no end is rolled over rest days."""

from __future__ import annotations

from datetime import date, timedelta

from core.deadlines.compute import month_end
from core.law.calendar_version import LAST_YEAR
from core.law.instrument import Term, Unit
from core.sanctions.proposal import EffectInTime, Matter
from core.sanctions.reach import find_clause
from core.sanctions.regime import Effect, Ends


def effects_of(matter: Matter) -> tuple[EffectInTime, ...]:
    """The lasting effects of the sanctions that are imposed, from the day of effect where that is known."""
    begins = matter.proposal.effective_on
    listed = (matter.regime.sanction(matter.kind, citation) for citation in dict.fromkeys(matter.proposal.sanctions))
    return tuple(
        EffectInTime(
            item.clause, item.effect.ends.value, begins, _end(matter, item.clause, item.effect), item.effect.setting
        )
        for item in listed
        if item is not None and item.effect is not None
    )


def _end(matter: Matter, citation: str, effect: Effect) -> date | None:
    begins = matter.proposal.effective_on
    if begins is None or begins.year >= LAST_YEAR:  # no calendar reaches further
        return None
    if effect.ends is Ends.YEAR:
        return date(begins.year, 12, 31)
    found = find_clause(matter.law, citation)
    term = (found[1].term if found[1] else found[0].term) if found else None
    return _after(begins, term) if effect.ends is Ends.TERM and term is not None else None


def _after(begins: date, term: Term) -> date:
    """The last day of a term that runs from a day, which is not counted (R3, R6)."""
    return month_end(begins, term.length) if term.unit is Unit.MONTH else begins + timedelta(days=term.length)
