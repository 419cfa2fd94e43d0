"""What each verb does to a case: state, track, facts, units, times, versions, answer."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from core.procedure import Part
from tests.support.matters import (
    AUTHORITY,
    CLERK,
    DISPATCHER,
    LEAD,
    RULES,
    SECOND,
    STATES,
    WORDS,
    classified,
    dispatched,
    in_state,
    paper,
    refusal,
    registered,
    units,
)
from tests.support.paper import local, unit

GROUND = {"grounds": [f"{RULES}#2.1"]}
LATER = "2026-09-29 10:00"

LEADS = [
    ("registered", CLERK, "accept", GROUND, "accepted"),
    ("registered", CLERK, "refuse", {"reason": "x"}, "refused"),
    ("registered", CLERK, "withdraw", {"reason": "x"}, "withdrawn"),
    ("accepted", DISPATCHER, "classify", {"track": "plain", "complex": True}, "sorted"),
    ("accepted", DISPATCHER, "remind", {"text": "x"}, "accepted"),
    ("sorted", DISPATCHER, "dispatch", {"units": units("lead")}, "out"),
    ("out", DISPATCHER, "dispatch", {"units": units("third")}, "out"),
    ("out", DISPATCHER, "mark-complex", {}, "out"),
    ("out", LEAD, "report-result", {}, "back"),
    ("out", SECOND, "report-part", {}, "out"),
    ("out", LEAD, "return", {}, "sorted"),
    ("back", SECOND, "report-part", {}, "back"),
    ("back", DISPATCHER, "send-back", {"reason": "x", "term": {"unit": "hour", "length": 3}, "term_reason": "y"}, "out"),
    ("back", DISPATCHER, "reply", {"text": "x"}, "told"),
    ("told", AUTHORITY, "approve", {}, "told"),
    ("closed", DISPATCHER, "file", {}, "closed"),
    ("closed", DISPATCHER, "reopen", {"reason": "x"}, "accepted"),
    ("refused", DISPATCHER, "reopen", {"reason": "x"}, "accepted"),
]


@pytest.mark.parametrize(("state", "who", "key", "body", "to"), LEADS, ids=[f"{row[0]}-{row[2]}-{row[4]}" for row in LEADS])
def test_a_step_leads_to_its_state_counts_one_version_and_moves_the_time(state, who, key, body, to):
    found = in_state(state)
    before = found.case
    found.now = local(LATER)
    after = found.take(who, key, body)
    assert (after.state, after.version) == (to, before.version + 1)
    assert after.standing.last_occurred_at == local(LATER)
    assert key in after.standing.taken
    assert (found.outcome.before, found.outcome.after) == (state, to)


def test_a_registration_begins_the_case():
    found = registered("2026-09-28 09:00", office="front-office")
    case = found.case
    assert (case.state, case.version, case.track, case.closed_at) == ("registered", 1, None, None)
    assert case.facts == {"office": "front-office"}
    assert case.standing.taken == ("register",)
    assert case.standing.starts_at == case.standing.last_occurred_at == local("2026-09-28 09:00")
    assert found.outcome.before is None


def test_a_registration_counts_from_the_receipt_that_may_be_earlier():
    found = paper("2026-09-28 09:00")
    letter = {"received_at": local("2026-09-21 10:00").isoformat(), "received_reason": "来信补登"}
    found.register(CLERK, {"channel": "desk", **letter, **WORDS}, named=True)
    assert found.case.standing.starts_at == local("2026-09-21 10:00")
    assert found.deadlines("first-word")[0].due_on.isoformat() == "2026-09-28"


def test_facts_are_kept_and_evidence_is_not():
    found = in_state("registered")
    found.take(CLERK, "accept", GROUND | {"hint": "a letter"})
    assert found.case.facts == GROUND
    assert found.outcome.order.data["hint"] == "a letter"


def test_circumstances_never_become_facts():
    facts = in_state("closed").case.facts
    assert not {"channel", "track", "state", "anonymous", "overdue", "text", "reason"} & facts.keys()


def test_a_later_fact_takes_the_place_of_an_earlier_one_and_others_stay():
    found = dispatched(complex=False)
    found.take(DISPATCHER, "mark-complex")
    assert found.case.facts["complex"] is True
    assert found.case.facts["office"] == "back-office"


def test_classify_alone_sets_the_track():
    found = classified("timed")
    assert found.case.track == "timed"
    found.take(DISPATCHER, "remind", {"text": "x"})
    assert found.case.track == "timed"


def test_dispatch_assigns_and_a_new_dispatch_releases():
    found = dispatched("second", "third")
    assert {item.unit_id: item.part for item in found.case.standing.units} == {
        unit("lead"): Part.LEAD,
        unit("second"): Part.COOPERATING,
        unit("third"): Part.COOPERATING,
    }
    found.take(DISPATCHER, "dispatch", {"units": units("second", "fourth")})
    assert {item.unit_id: item.part for item in found.case.standing.units} == {
        unit("second"): Part.LEAD,
        unit("fourth"): Part.COOPERATING,
    }


def test_a_return_releases_all_units_and_what_they_held():
    found = dispatched("second")
    found.take(LEAD, "return")
    assert found.case.standing.units == ()
    assert found.outcome.capacity.unit_id == unit("lead")
    assert {note.state for note in found.deadlines("report")} == {"replaced"}
    assert refusal(found, SECOND, "progress").code == "cases.step-out-of-order"
    found.take(DISPATCHER, "dispatch", {"units": units("second")})
    assert found.case.standing.parts_of(frozenset({unit("second")})) == {Part.LEAD}


def test_other_steps_leave_the_units_as_they_are():
    found = dispatched("second")
    before = [(item.unit_id, item.part) for item in found.case.standing.units]
    found.take(LEAD, "report-result")
    found.take(DISPATCHER, "reply", {"text": "x"})
    assert [(item.unit_id, item.part) for item in found.case.standing.units] == before


ANSWERS = [("told", "done"), ("refused", "no"), ("registered", None), ("withdrawn", None)]


@pytest.mark.parametrize(("state", "answer"), ANSWERS)
def test_the_petitioner_is_told_the_reply_or_the_reasons(state, answer):
    assert in_state(state).case.standing.answer == answer


def test_what_is_told_with_the_reasons_stands_in_the_answer():
    found = registered()
    found.take(CLERK, "refuse", {"reason": "not ours", "open_way": "the court"})
    assert found.case.standing.answer == "not ours\nthe court"


def test_a_final_state_closes_and_what_is_filed_later_does_not_close_it_again():
    found = in_state("closed")
    closed_at = found.case.closed_at
    assert closed_at == local("2026-09-28 09:00")
    found.now += timedelta(days=3)
    assert found.take(DISPATCHER, "file").closed_at == closed_at


@pytest.mark.parametrize("state", STATES)
def test_only_a_final_state_is_closed_and_none_of_its_deadlines_is_open(state):
    found = in_state(state)
    final = state in found.kind.final_states
    assert (found.case.closed_at is not None) is final
    assert not (final and found.case.standing.open_deadlines)


def test_reopening_begins_anew_and_leaves_what_was():
    found = in_state("closed")
    before = found.deadlines()
    found.now = local("2026-10-09 14:00")
    case = found.take(DISPATCHER, "reopen", {"reason": "new facts"})
    assert (case.state, case.closed_at) == ("accepted", None)
    assert case.standing.taken == ("reopen",)
    assert (case.standing.starts_at, case.standing.started_by) == (local("2026-10-09 14:00"), "reopen")
    assert case.received_at == local("2026-09-28 09:00")
    assert found.deadlines()[: len(before)] == before
    assert case.standing.answer == "done"


def test_what_was_approved_before_a_reopening_counts_no_more():
    found = in_state("closed")
    found.take(DISPATCHER, "reopen", {"reason": "new facts"})
    found.take(DISPATCHER, "classify", {"track": "plain", "complex": False})
    found.take(DISPATCHER, "dispatch", {"units": units("lead")})
    found.take(LEAD, "report-result")
    found.take(DISPATCHER, "reply", {"text": "again"})
    assert refusal(found, DISPATCHER, "close").code == "cases.step-missing"
    found.take(AUTHORITY, "approve")
    assert found.take(DISPATCHER, "close").state == "closed"


def test_a_step_taken_twice_is_named_once_among_those_taken():
    found = dispatched()
    found.take(DISPATCHER, "remind", {"text": "x"})
    found.take(DISPATCHER, "remind", {"text": "y"})
    assert found.case.standing.taken.count("remind") == 1
    assert found.case.version == 6


VERSIONS = [
    ("under the first version", "2026-10-14 23:59", "2020"),
    ("on the day of the amendment", "2026-10-15 00:00", "2026"),
]


@pytest.mark.parametrize(("name", "at", "version"), VERSIONS, ids=[row[0] for row in VERSIONS])
def test_the_rules_are_those_of_the_day_of_the_step(name, at, version):
    found = registered("2026-09-28 09:00")
    found.now = local(at)
    found.take(CLERK, "accept", GROUND)
    assert found.outcome.law_version == found.case.law_version == version


def test_a_step_on_a_rule_of_the_house_leaves_the_instrument_s_version_on_the_case():
    found = in_state("accepted")
    found.take(DISPATCHER, "remind", {"text": "x"})
    assert found.outcome.law_version == found.rulebook.instrument("wenze:house").versions[-1].id
    assert found.outcome.rules_version == found.case.law_version == "2020"


def test_a_case_is_a_frozen_value_that_goes_through_json_and_back():
    standing = dispatched("second").case.standing
    assert msgspec.convert(msgspec.to_builtins(standing), type(standing)) == standing
