"""Which deadlines a step makes arise, meets, ends and refuses: a table for each rule."""

from __future__ import annotations

import pytest

from core.errors import Refused
from core.law.instrument import Term, Unit
from tests.support.matters import (
    CLERK,
    DISPATCHER,
    LEAD,
    RULES,
    SECOND,
    TERM,
    THIRD,
    classified,
    dispatched,
    in_state,
    refusal,
    registered,
    units,
)
from tests.support.paper import local, unit

FIVE_DAYS, FOUR_DAYS = Term(unit=Unit.WORKING_DAY, length=5), Term(unit=Unit.WORKING_DAY, length=4)
ONE_DAY = {"unit": "working_day", "length": 1}


def states(found, key):
    return [(note.holder_unit_id, note.state) for note in found.deadlines(key)]


def test_a_condition_decides_whether_it_arises():
    assert registered(named=False).deadlines("first-word") == []
    assert len(registered(named=True).deadlines("first-word")) == 1


def test_a_condition_reads_what_the_step_says_kept_or_not():
    assert len(classified(urgent=True).deadlines("urgent-call")) == 1
    assert classified(urgent=False).deadlines("urgent-call") == []
    assert classified().deadlines("urgent-call") == []


HOLDERS = [
    ("each-unit", "plain", "report", ["lead", "second", "third"]),
    ("lead-unit", "open", "handling", ["lead"]),
    ("cooperating-units", "open", "share", ["second", "third"]),
]


@pytest.mark.parametrize(("holder", "track", "key", "names"), HOLDERS, ids=[row[0] for row in HOLDERS])
def test_who_holds_it(holder, track, key, names):
    found = dispatched("second", "third", track=track)
    assert [(note.holder, note.holder_unit_id) for note in found.deadlines(key)] == [(holder, unit(name)) for name in names]


def test_no_cooperating_unit_no_deadline():
    assert dispatched(track="open").deadlines("share") == []


def test_an_office_that_nobody_fills_holds_it_all_the_same():
    found = registered(named=True)
    found.offices = {}
    found.take(CLERK, "accept", {"grounds": [f"{RULES}#2.1"]})
    note = found.deadlines("sorting")[0]
    assert (note.holder, note.holder_unit_id) == ("office:front-office", None)


def test_an_office_that_the_facts_do_not_name_is_asked_for():
    found = registered(ended_at="2026-09-27T08:00:00Z")
    found.take(CLERK, "accept", {"grounds": [f"{RULES}#2.1"]})
    error = refusal(found, DISPATCHER, "classify", {"track": "timed"})
    assert isinstance(error, Refused)
    assert (error.code, error.clause) == ("deadlines.holder-unknown", f"{RULES}#3.5")


def test_a_start_that_the_facts_do_not_tell_is_asked_for():
    found = registered(office="front-office")
    found.take(CLERK, "accept", {"grounds": [f"{RULES}#2.1"]})
    error = refusal(found, DISPATCHER, "classify", {"track": "timed"})
    assert (error.code, error.field, error.clause) == ("deadlines.start-unknown", "/ended_at", f"{RULES}#3.5")


AGREED = {"term": TERM, "term_reason": "agreed"}
FIGURES = [
    ("nobody gives one", {}, {}, None, "deadlines.term-not-set"),
    ("the tenant's setting", {"reply_term": FIVE_DAYS}, {}, "2026-10-10", "setting:reply-term"),
    ("the step's own", {}, AGREED, "2026-09-30", "step"),
    ("the step's before the setting's", {"reply_term": FIVE_DAYS}, AGREED, "2026-09-30", "step"),
    ("stated without a reason", {"reply_term": FIVE_DAYS}, {"term": TERM}, None, "deadlines.term-without-reason"),
    ("stated with a blank reason", {}, {"term": TERM, "term_reason": " "}, None, "deadlines.term-without-reason"),
]


@pytest.mark.parametrize(("name", "terms", "body", "due", "source"), FIGURES, ids=[row[0] for row in FIGURES])
def test_a_figure_that_the_text_leaves_open(name, terms, body, due, source):
    """R11, on the day 28 September 2026: two working days end on the 30th, five on Saturday 10 October, which is worked."""
    found = registered(terms=terms)
    found.take(CLERK, "accept", {"grounds": [f"{RULES}#2.1"]})
    step = {"track": "open"} | body
    if due is None:
        error = refusal(found, DISPATCHER, "classify", step)
        assert isinstance(error, Refused)
        field, clause = ("/term", f"{RULES}#3.4") if source.endswith("not-set") else ("/term_reason", "wenze:readings#r11")
        assert (error.code, error.field, error.clause) == (source, field, clause)
        return
    found.take(DISPATCHER, "classify", step)
    explanation = found.outcome.openings[0].explanation
    assert (explanation.due_on.isoformat(), explanation.figure_from) == (due, source)
    assert explanation.basis == ("agreed" if source == "step" else "decision 1")


def test_each_unit_states_its_own_term_and_else_has_the_setting():
    found = classified("open", terms={"reply_term": FIVE_DAYS, "handling_term": FOUR_DAYS})
    found.take(DISPATCHER, "dispatch", {"units": units("lead", term=ONE_DAY, term_reason="urgent")})
    assert found.deadlines("handling")[0].due_on.isoformat() == "2026-09-29"
    found.take(DISPATCHER, "dispatch", {"units": units("second")})
    assert found.deadlines("handling")[1].due_on.isoformat() == "2026-10-09"


def test_the_unit_that_lacks_a_term_is_named():
    found = classified("open", terms={"reply_term": FIVE_DAYS})
    listed = list(reversed(units("lead", "second")))
    error = refusal(found, DISPATCHER, "dispatch", {"units": listed})
    assert (error.code, error.field, error.params["setting"]) == ("deadlines.term-not-set", "/units/1/term", "handling-term")
    listed[1] |= {"term": TERM}
    error = refusal(found, DISPATCHER, "dispatch", {"units": listed})
    assert (error.code, error.field) == ("deadlines.term-without-reason", "/units/1/term_reason")


def test_a_term_for_a_unit_that_no_deadline_asks_for_is_refused_and_not_dropped():
    error = refusal(classified(), DISPATCHER, "dispatch", {"units": units("lead", term=TERM, term_reason="x")})
    assert isinstance(error, Refused)
    assert (error.code, error.field, error.clause) == ("deadlines.term-not-asked", "/units/0/term", f"{RULES}#3.1")


def test_a_term_among_the_facts_of_a_dispatch_goes_before_the_clause_s_own():
    found = classified("open", **AGREED)
    body = {"units": units("lead", "second", **AGREED), "share_term": ONE_DAY, "share_term_reason": "urgent"}
    found.take(DISPATCHER, "dispatch", body)
    assert found.deadlines("share")[0].due_on.isoformat() == "2026-09-29"
    assert dispatched("second", track="open").deadlines("share")[0].due_on.isoformat() == "2026-10-08"


def test_sending_back_opens_a_new_deadline_while_the_old_one_is_met():
    found = in_state("back")
    found.take(DISPATCHER, "send-back", {"reason": "x", "term": TERM, "term_reason": "y"})
    assert states(found, "report") == [(unit("lead"), "met"), (unit("second"), "open")]
    assert states(found, "redo") == [(unit("lead"), "open")]
    found.take(LEAD, "report-result")
    assert states(found, "redo") == [(unit("lead"), "met")]


def test_sending_back_without_a_term_asks_for_one():
    error = refusal(in_state("back"), DISPATCHER, "send-back", {"reason": "x"})
    assert (error.code, error.field, error.clause) == ("deadlines.term-not-stated", "/term", f"{RULES}#3.4")


def test_a_deadline_that_takes_the_place_of_another():
    found = dispatched("second")
    found.take(DISPATCHER, "mark-complex")
    assert states(found, "report") == [(unit("lead"), "replaced"), (unit("second"), "replaced")]
    assert states(found, "report-complex") == [(unit("lead"), "open"), (unit("second"), "open")]


def test_what_a_unit_has_met_does_not_begin_anew_for_it():
    found = dispatched("second", "third")
    found.take(SECOND, "report-part")
    found.take(DISPATCHER, "mark-complex")
    assert states(found, "report") == [(unit("lead"), "replaced"), (unit("second"), "met"), (unit("third"), "replaced")]
    assert states(found, "report-complex") == [(unit("lead"), "open"), (unit("third"), "open")]


TOO_LATE = [
    ("the day before", "2026-10-07 12:00", True),
    ("the last moment of the day", "2026-10-08 23:59:59.999999", True),
    ("the first moment that is too late", "2026-10-09 00:00", False),
    ("the day after", "2026-10-10 09:00", False),
]


@pytest.mark.parametrize(("name", "at", "taken"), TOO_LATE, ids=[row[0] for row in TOO_LATE])
def test_what_has_run_out_is_not_replaced(name, at, taken):
    found = dispatched()
    found.now = local("2026-11-01 09:00")
    body = {"occurred_at": local(at).isoformat()}
    if taken:
        found.take(DISPATCHER, "mark-complex", body)
        return
    error = refusal(found, DISPATCHER, "mark-complex", body)
    assert isinstance(error, Refused)
    assert (error.code, error.clause) == ("deadlines.replaced-too-late", f"{RULES}#3.2/long")
    assert error.params["due"] == "2026-10-08"


def test_a_new_dispatch_replaces_the_same_unit_s_deadline_and_releases_the_others():
    found = dispatched("second", "third")
    found.take(DISPATCHER, "dispatch", {"units": units("second", "fourth")})
    assert states(found, "report") == [
        (unit("lead"), "replaced"),
        (unit("second"), "replaced"),
        (unit("third"), "replaced"),
        (unit("second"), "open"),
        (unit("fourth"), "open"),
    ]


@pytest.mark.parametrize(("name", "at", "taken"), TOO_LATE, ids=[row[0] for row in TOO_LATE])
def test_what_has_run_out_stays_open_beside_a_new_one_of_its_kind(name, at, taken):
    found = dispatched()
    found.now = local("2026-11-01 09:00")
    found.take(DISPATCHER, "dispatch", {"units": units("lead"), "occurred_at": local(at).isoformat()})
    assert [state for _, state in states(found, "report")] == ["replaced" if taken else "open", "open"]
    found.take(LEAD, "report-result", {"occurred_at": local(at).isoformat()})
    assert [state for _, state in states(found, "report")] == ["replaced" if taken else "met-late", "met"]


def test_a_lead_that_becomes_a_cooperating_unit_loses_the_lead_s_deadline():
    found = dispatched(track="open")
    found.take(DISPATCHER, "dispatch", {"units": units("second", "lead", term=TERM, term_reason="x")})
    assert states(found, "handling") == [(unit("lead"), "replaced"), (unit("second"), "open")]
    assert states(found, "share") == [(unit("lead"), "open")]


def test_a_step_taken_for_the_units_meets_those_of_the_part_that_it_names():
    found = dispatched("second", "third")
    found.take(DISPATCHER, "report-part")
    assert states(found, "report") == [(unit("lead"), "open"), (unit("second"), "met"), (unit("third"), "met")]


def test_a_step_without_a_part_taken_for_the_units_meets_all():
    found = dispatched("second", track="open")
    found.take(DISPATCHER, "collect")
    assert states(found, "handling") == [(unit("lead"), "met")]
    assert states(found, "share") == [(unit("second"), "open")]


def test_a_unit_s_step_does_not_meet_another_s():
    found = dispatched("second", "third", track="open")
    found.take(THIRD, "progress")
    assert states(found, "share") == [(unit("second"), "open"), (unit("third"), "met")]
    assert states(found, "handling") == [(unit("lead"), "open")]


def test_an_office_s_deadline_is_met_by_whoever_takes_the_step():
    found = registered(named=True)
    found.take(CLERK, "accept", {"grounds": [f"{RULES}#2.1"]})
    found.take(CLERK, "call-back")
    assert states(found, "first-word") == [(unit("front"), "met")]


def test_a_step_that_ends_a_deadline_without_meeting_it():
    found = classified(named=True)
    found.take(DISPATCHER, "dispatch", {"units": units("lead")})
    assert found.case.state not in found.kind.final_states
    assert states(found, "first-word") == [(unit("front"), "lapsed")]


def test_what_is_met_stays_met():
    found = in_state("back")
    first = found.deadlines("report")[0]
    found.take(SECOND, "report-part")
    assert found.deadlines("report")[0] == first


@pytest.mark.parametrize("key", ["withdraw", "close"])
def test_a_final_state_ends_all_that_is_open(key):
    found = dispatched("second", named=True) if key == "withdraw" else in_state("closed")
    if key == "withdraw":
        found.take(CLERK, "withdraw", {"reason": "x"})
    assert found.case.state in found.kind.final_states
    assert {note.state for note in found.deadlines()} <= {"met", "lapsed"}
    assert found.deadlines("never") == []
