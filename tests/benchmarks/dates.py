"""Due dates on one core: a process of its own, so that its memory is its own. Prints :class:`Found` as JSON."""

from __future__ import annotations

import random
import resource
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec
from msgspec import Struct

from core.deadlines.batch import due_dates
from core.deadlines.explanation import TermSource, explain
from core.jurisdictions import Jurisdictions
from core.law.calendar import WorkingCalendar, working_calendar
from core.law.calendar_version import NATIONAL
from core.law.instrument import Term

_DATES, _EXPLANATIONS = 1_000_000, 100_000
_SINCE, _SECONDS = 1_704_067_200, 3 * 365 * 86_400


class Found(Struct, frozen=True):
    """Due dates and explanations a second, over the four cities' own terms and of the slowest; peak memory."""

    dates: float
    slowest_dates: tuple[float, str]
    explanations: float
    slowest_explanations: tuple[float, str]
    megabytes: float


def measure() -> Found:
    """Computes a million due dates and a hundred thousand explanations, the starts spread over three years."""
    terms, calendar, chance = _city_terms(), working_calendar(NATIONAL), random.Random(1)
    starts = [_SINCE + chance.randrange(_SECONDS) for _ in range(_DATES // len(terms))]
    moments = [datetime.fromtimestamp(start, UTC) for start in starts[: _EXPLANATIONS // len(terms)]]
    dates = {name: _time_dates(term, starts, calendar) for name, term in terms.items()}
    explanations = {name: _time_explanations(term, moments, calendar) for name, term in terms.items()}
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Found(*_rates(dates, len(starts)), *_rates(explanations, len(moments)), used / 1_000_000)


def _city_terms() -> dict[str, Term]:
    cities = Jurisdictions.discover()
    clauses = (
        clause
        for id_ in cities.ids
        for instrument in cities.get(id_).rulebook.instruments.values()
        for version in instrument.versions
        for clause in version.clauses
    )
    found = (clause.term for clause in clauses if clause.term is not None)
    return {f"{term.length} × {term.unit.value}": term for term in found}


def _time_dates(term: Term, starts: list[int], calendar: WorkingCalendar) -> float:
    due_dates(term, starts[:100], calendar)
    started = time.perf_counter()
    due_dates(term, starts, calendar)
    return time.perf_counter() - started


def _time_explanations(term: Term, moments: Iterable[datetime], calendar: WorkingCalendar) -> float:
    source = TermSource("baoding:tip-offs-2010#7.5", "2010")
    started = time.perf_counter()
    for moment in moments:
        explain(term, moment, calendar, source)
    return time.perf_counter() - started


def _rates(seconds: dict[str, float], count: int) -> tuple[float, tuple[float, str]]:
    slowest = max(seconds, key=lambda name: seconds[name])
    return count * len(seconds) / sum(seconds.values()), (count / seconds[slowest], slowest)


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(measure()))
