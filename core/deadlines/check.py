"""Checks rows of ``terms`` tables: a clause and the start of its term, against the due date that is expected."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from core.deadlines.compute import local_time
from core.deadlines.explanation import Explanation, TermSource, explain
from core.deadlines.wording import render
from core.errors import Refused, WenzeError
from core.law.calendar import WorkingCalendar
from core.law.check import Checker, Outcome, Row, unknown_facts
from core.law.citation import Citation, MalformedCitation
from core.law.rulebook import Rulebook
from core.law.zone import parse_instant
from core.texts import render as render_text

_EXPECTED = ("unrolled", "due_on")
_FACTS = frozenset({"clause", "starts_at", "unit", "length", "local_start_date", *_EXPECTED})


def term_checker(rulebook_for: Callable[[Citation], Rulebook], calendar: WorkingCalendar, language: str) -> Checker:
    """A checker of rows ``clause``, ``starts_at`` → ``due_on``, ``unrolled``; the other facts stand there for the reader."""

    def check(row: Row) -> Outcome:
        unknown = unknown_facts(row, _FACTS)
        if unknown:
            return Outcome(f"facts that a term does not have: {', '.join(unknown)}")
        expected = {name: row[name] for name in _EXPECTED if name in row}
        if not expected:
            return Outcome("nothing is expected; give due_on, unrolled or both")
        try:
            return _compare(expected, _explain(row, rulebook_for, calendar), language)
        except MalformedCitation as error:
            return Outcome(str(error))
        except WenzeError as error:
            return Outcome(render_text(error.code, error.params, language))

    return check


def cited_explanation(citation: Citation, starts_at: datetime, rulebook: Rulebook, calendar: WorkingCalendar) -> Explanation:
    """The due date of a clause's term with its explanation, by the version in force on the local day of the start (R7).

    Raises :class:`core.errors.Refused` before the first version and for a clause without a term, and
    :class:`core.errors.NotFound` for an unknown clause.
    """
    passage = rulebook.passage(citation, local_time(starts_at, calendar).date())
    if passage.term is None:
        raise Refused("deadlines.no-term", clause=str(citation))
    return explain(passage.term, starts_at, calendar, TermSource.of(passage))


def _explain(row: Row, rulebook_for: Callable[[Citation], Rulebook], calendar: WorkingCalendar) -> Explanation:
    citation = Citation.parse(str(row.get("clause", "")))
    starts_at = parse_instant(str(row.get("starts_at", "")))
    return cited_explanation(citation, starts_at, rulebook_for(citation), calendar)


def _compare(expected: dict[str, object], explanation: Explanation, language: str) -> Outcome:
    found = {"unrolled": explanation.unrolled.isoformat(), "due_on": explanation.due_on.isoformat()}
    wrong = [f"{name} {found[name]}, expected {value}" for name, value in expected.items() if found[name] != value]
    return Outcome("; ".join(wrong), tuple(render(explanation, language)))
