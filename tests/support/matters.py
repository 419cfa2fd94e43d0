"""The synthetic matter on paper, at any point of its life: who is who, and the shortest way to each state."""

from __future__ import annotations

from typing import Any

import pytest

from core.cases.world import StatedTerm
from core.errors import WenzeError
from core.law.instrument import Term
from core.procedure import Role
from core.tenants.principal import Principal
from tests.support.paper import Paper, local, person, unit
from tests.support.synthetic import synthetic_kind, synthetic_rulebook

CLERK = person(Role.INTAKE_CLERK)
DISPATCHER = person(Role.DISPATCHER)
AUTHORITY = person(Role.DECIDING_AUTHORITY)
LEAD = person(Role.UNIT_OFFICER, units=("lead",))
SECOND = person(Role.UNIT_OFFICER, units=("second",))
THIRD = person(Role.UNIT_OFFICER, units=("third",))
STRANGER = person(Role.UNIT_OFFICER, units=("stranger",))
RULES = "test:rules-2020"
WORDS = {"title": "标题", "narrative": "经过", "rendition": "经过"}
MONDAY = "2026-09-28 09:00"
TERM = {"unit": "working_day", "length": 2}


def paper(now: str = MONDAY, **terms: Term) -> Paper:
    """An empty paper on that local time, with the figures that the tenant has set."""
    stated = {name.replace("_", "-"): StatedTerm(term, "decision 1") for name, term in terms.items()}
    offices = {"front-office": unit("front"), "back-office": unit("back")}
    return Paper(synthetic_kind(), synthetic_rulebook(), local(now), stated, offices)


def registered(now: str = MONDAY, *, named: bool = False, terms: dict[str, Term] | None = None, **facts: Any) -> Paper:
    """A matter just registered."""
    found = paper(now, **(terms or {}))
    found.register(CLERK, {"channel": "desk", **WORDS, **facts}, named=named)
    return found


def classified(track: str = "plain", now: str = MONDAY, *, named: bool = False, **body: Any) -> Paper:
    """A matter accepted and classified; a plain one that is not complex, unless the body says so."""
    settings = body.pop("terms", None)
    found = registered(now, named=named, terms=settings, office="back-office", ended_at="2026-09-27T08:00:00Z")
    found.take(CLERK, "accept", {"grounds": [f"{RULES}#2.1"]})
    facts = {"complex": False} if track == "plain" else {}
    found.take(DISPATCHER, "classify", {"track": track} | facts | body)
    return found


def dispatched(*cooperating: str, track: str = "plain", now: str = MONDAY, named: bool = False, **body: Any) -> Paper:
    """A matter dispatched to the unit ``lead`` and to cooperating ones; an open one with a term of two working days."""
    given = {"term": TERM, "term_reason": "agreed"} if track == "open" else {}
    found = classified(track, now, named=named, **given, **body)
    found.take(DISPATCHER, "dispatch", {"units": units("lead", *cooperating, **given)})
    return found


def units(lead: str, *cooperating: str, **of_lead: Any) -> list[dict[str, Any]]:
    """The units of a dispatch; further words are the lead's."""
    others = [{"unit_id": str(unit(name)), "part": "cooperating"} for name in cooperating]
    return [{"unit_id": str(unit(lead)), "part": "lead", **of_lead}, *others]


def refusal(found: Paper, who: Principal, key: str, body: dict[str, Any] | None = None) -> WenzeError:
    """How a step is refused; the case must stay exactly as it was."""
    before = found.case
    with pytest.raises(WenzeError) as caught:
        found.take(who, key, body)
    assert found.case is before
    return caught.value


def in_state(state: str) -> Paper:
    """A plain matter, with a lead and a cooperating unit, in that state by the shortest way."""
    found = registered()
    for who, key, body in _WAYS[state]:
        found.take(who, key, body)
    assert found.case is not None
    assert found.case.state == state
    return found


_Way = tuple[tuple[Principal, str, dict[str, Any]], ...]
_ACCEPTED: _Way = ((CLERK, "accept", {"grounds": [f"{RULES}#2.1"]}),)
_SORTED: _Way = (*_ACCEPTED, (DISPATCHER, "classify", {"track": "plain", "complex": False}))
_OUT: _Way = (*_SORTED, (DISPATCHER, "dispatch", {"units": units("lead", "second")}))
_BACK: _Way = (*_OUT, (LEAD, "report-result", {}))
_TOLD: _Way = (*_BACK, (DISPATCHER, "reply", {"text": "done"}))
_CLOSED: _Way = (*_TOLD, (AUTHORITY, "approve", {}), (DISPATCHER, "close", {}))
_WAYS: dict[str, _Way] = {
    "registered": (),
    "accepted": _ACCEPTED,
    "refused": ((CLERK, "refuse", {"reason": "no"}),),
    "sorted": _SORTED,
    "out": _OUT,
    "withdrawn": (*_OUT, (CLERK, "withdraw", {"reason": "settled"})),
    "back": _BACK,
    "told": _TOLD,
    "closed": _CLOSED,
}
STATES = tuple(_WAYS)
