"""What every step is checked for before it is taken: name, case, step, refusal, clause. A refusal changes nothing."""

from __future__ import annotations

import msgspec
import pytest

from core.cases.checks import available_steps
from core.errors import Forbidden, OutOfOrder, Refused
from core.law.instrument import Text
from core.procedure import Objection, Part, Role
from tests.support.matters import (
    AUTHORITY,
    CLERK,
    DISPATCHER,
    LEAD,
    RULES,
    SECOND,
    STATES,
    STRANGER,
    WORDS,
    classified,
    dispatched,
    in_state,
    paper,
    refusal,
    registered,
    units,
)
from tests.support.paper import local, person
from tests.support.synthetic import synthetic_kind

GROUND = {"grounds": [f"{RULES}#2.1"]}

_WITH_UNITS = {"progress", "report-part", "collect", "withdraw", "remind", "chase"}
POSSIBLE = {
    "registered": {"accept", "refuse", "withdraw"},
    "accepted": {"classify", "withdraw", "remind", "hold", "prolong"},
    "sorted": {"dispatch", "reply", "withdraw", "remind", "chase"},
    "out": {"dispatch", "mark-complex", "report-result", "return", "hold", "prolong", "prolong-own", *_WITH_UNITS},
    "back": {"reply", "send-back", "hold", "prolong", "prolong-own", *_WITH_UNITS},
    "told": {"approve", "close", "remind"},
    "closed": {"file", "reopen"},
    "refused": {"reopen"},
    "withdrawn": set(),
}
"""By state: the steps that follow from it, for an anonymous plain matter."""

BODIES = {
    "accept": GROUND,
    "refuse": {"reason": "x"},
    "classify": {"track": "timed"},
    "dispatch": {"units": units("lead")},
    "reply": {"text": "x"},
    "send-back": {"reason": "x"},
    "reopen": {"reason": "x"},
    "withdraw": {"reason": "x"},
    "remind": {"text": "x"},
    "chase": {"text": "x"},
    "hold": {"reason": "x"},
    "go-on": {"reason": "x"},
    "prolong": {"reason": "x"},
    "prolong-own": {"reason": "x"},
}
EVERYBODY = person(Role.INTAKE_CLERK, Role.DISPATCHER, Role.DECIDING_AUTHORITY)


@pytest.mark.parametrize("state", STATES)
def test_only_what_follows_from_the_state_is_possible(state):
    found = in_state(state)
    assert {step.key for step in available_steps(found.case, found.kind)} == POSSIBLE[state]


SETTLED = [
    ("a named petitioner can be called", {"named": True}, "call-back", True),
    ("an anonymous one cannot", {"named": False}, "call-back", False),
    ("whether something is overdue shows on the day", {}, "chase", True),
    ("a track that does not fit", {"track": "timed"}, "dispatch", False),
    ("a track that fits", {"track": "plain"}, "dispatch", True),
]


@pytest.mark.parametrize(("name", "facts", "key", "possible"), SETTLED, ids=[row[0] for row in SETTLED])
def test_what_is_settled_already_narrows_what_is_possible(name, facts, key, possible):
    found = classified(**facts)
    if key == "call-back":
        found.take(DISPATCHER, "dispatch", {"units": units("lead")})
        found.take(LEAD, "report-result")
        found.take(DISPATCHER, "reply", {"text": "x"})
    assert (key in {step.key for step in available_steps(found.case, found.kind)}) is possible


@pytest.mark.parametrize("state", STATES)
def test_a_step_out_of_order_is_refused_with_its_clause_and_what_is_possible(state):
    for step in synthetic_kind().steps:
        if state in step.after or step.key == "register":
            continue
        found = in_state(state)
        who = LEAD if Role.UNIT_OFFICER in step.by else EVERYBODY
        error = refusal(found, who, step.key, BODIES.get(step.key))
        assert isinstance(error, OutOfOrder), step.key
        assert (error.code, error.clause) == ("cases.step-out-of-order", step.clause)
        assert (error.params["step"], error.params["state"]) == (step.key, state)
        assert set(str(error.params["possible"]).split(", ")) == (POSSIBLE[state] or {"–"})


NOT_FOR_THIS = [
    ("dispatch is for two tracks", lambda: classified("timed"), "dispatch", f"{RULES}#3", "track=plain|open"),
    ("complex already", lambda: dispatched(complex=True), "mark-complex", f"{RULES}#3.2/long", "track=plain, complex=false"),
    ("nothing is overdue", dispatched, "chase", f"{RULES}#3.6", "overdue=true"),
    ("nobody to call", lambda: in_state("told"), "call-back", f"{RULES}#4", "anonymous=false"),
]


@pytest.mark.parametrize(("name", "case", "key", "clause", "wanted"), NOT_FOR_THIS, ids=[row[0] for row in NOT_FOR_THIS])
def test_a_step_that_is_not_for_this_case(name, case, key, clause, wanted):
    error = refusal(case(), EVERYBODY, key, BODIES.get(key))
    assert isinstance(error, OutOfOrder)
    assert (error.code, error.clause, error.params["wanted"]) == ("cases.step-not-for-this", clause, wanted)


OVERDUE = [
    ("the last moment before", "2026-10-08 23:59:59.999999", None),
    ("the first moment that is too late", "2026-10-09 00:00", "done"),
    ("the day after", "2026-10-10 09:00", "done"),
]


@pytest.mark.parametrize(("name", "at", "done"), OVERDUE, ids=[row[0] for row in OVERDUE])
def test_overdue_is_read_at_the_time_of_the_step(name, at, done):
    """Dispatched on Monday 28 September 2026, three working days: 29, 30 September and 8 October."""
    found = dispatched()
    found.now = local("2026-12-01 09:00")
    body = {"text": "x", "occurred_at": local(at).isoformat()}
    if done:
        found.take(DISPATCHER, "chase", body)
    else:
        assert refusal(found, DISPATCHER, "chase", body).code == "cases.step-not-for-this"


def test_a_step_does_not_fulfil_its_own_condition_by_what_it_sets():
    found = dispatched()
    found.take(DISPATCHER, "mark-complex")
    assert found.case.facts["complex"] is True
    assert refusal(found, DISPATCHER, "mark-complex").code == "cases.step-not-for-this"


def test_what_must_precede_is_asked_for_with_the_clause_that_asks():
    error = refusal(in_state("told"), DISPATCHER, "close")
    assert isinstance(error, OutOfOrder)
    assert (error.code, error.clause, error.params["missing"]) == ("cases.step-missing", f"{RULES}#4.1", "approve")


def test_what_must_precede_is_asked_for_under_its_condition_alone():
    assert refusal(classified(), DISPATCHER, "reply", {"text": "x"}).clause == f"{RULES}#3"
    assert classified("timed").take(DISPATCHER, "reply", {"text": "x"}).state == "told"


ROLES = [
    ("another role", "accept", GROUND, DISPATCHER, registered),
    ("no role", "accept", GROUND, person(), registered),
    ("a unit officer of no unit", "report-result", {}, person(Role.UNIT_OFFICER), dispatched),
]


@pytest.mark.parametrize(("name", "key", "body", "who", "case"), ROLES, ids=[row[0] for row in ROLES])
def test_who_has_not_the_role(name, key, body, who, case):
    error = refusal(case(), who, key, body)
    assert isinstance(error, Forbidden)
    assert (error.code, error.clause) == ("cases.role-missing", synthetic_kind().step(key).clause)


PARTS = [
    ("the lead reports", LEAD, "report-result", None),
    ("a cooperating unit is not the lead", SECOND, "report-result", "cases.part-wrong"),
    ("the lead does not cooperate", LEAD, "report-part", "cases.part-wrong"),
    ("a cooperating unit reports its part", SECOND, "report-part", None),
    ("either may tell of progress", SECOND, "progress", None),
    ("a unit that has not the case", STRANGER, "report-result", "cases.not-your-unit"),
    ("an officer of both parts, as lead", person(Role.UNIT_OFFICER, units=("lead", "second")), "report-result", None),
    ("an officer of both parts, as the other", person(Role.UNIT_OFFICER, units=("lead", "second")), "report-part", None),
]


@pytest.mark.parametrize(("name", "who", "key", "code"), PARTS, ids=[row[0] for row in PARTS])
def test_units_act_on_their_own_matters_in_their_own_part(name, who, key, code):
    found = dispatched("second")
    if code is None:
        found.take(who, key)
        return
    error = refusal(found, who, key)
    assert isinstance(error, Forbidden)
    assert (error.code, error.clause) == (code, "wenze:house#membership")


TIMES = [
    ("before the last step", "2026-09-28 08:59:59.999999", "cases.time-before-last-step"),
    ("at the time of the last step", "2026-09-28 09:00", None),
    ("between the last step and now", "2026-09-29 15:00", None),
    ("now", "2026-09-30 09:00", None),
    ("after now", "2026-09-30 09:00:00.000001", "cases.time-in-future"),
]


@pytest.mark.parametrize(("name", "at", "code"), TIMES, ids=[row[0] for row in TIMES])
def test_a_step_lies_between_the_last_one_and_now(name, at, code):
    found = registered("2026-09-28 09:00")
    found.now = local("2026-09-30 09:00")
    body = GROUND | {"occurred_at": local(at).isoformat()}
    if code is None:
        assert found.take(CLERK, "accept", body).standing.last_occurred_at == local(at)
        return
    error = refusal(found, CLERK, "accept", body)
    assert isinstance(error, Refused)
    assert (error.code, error.field, error.clause) == (code, "/occurred_at", "wenze:house#time")


RECEIPTS = [
    ("the day before the instrument", "2019-12-31 23:59:59", "law.before-first-version", RULES),
    ("the day of the instrument", "2020-01-01 00:00", None, None),
    ("last week", "2026-09-21 09:00", None, None),
    ("now", "2026-09-28 09:00", None, None),
    ("after now", "2026-09-28 09:00:01", "cases.received-in-future", "wenze:house#time"),
]


@pytest.mark.parametrize(("name", "at", "code", "clause"), RECEIPTS, ids=[row[0] for row in RECEIPTS])
def test_a_matter_is_received_under_the_instrument_and_not_in_the_future(name, at, code, clause):
    found = paper("2026-09-28 09:00")
    body = {"channel": "desk", "received_at": local(at).isoformat(), "received_reason": "周末来信，周一补登", **WORDS}
    if code is None:
        assert found.register(CLERK, body).received_at == local(at)
        return
    with pytest.raises(Refused) as caught:
        found.register(CLERK, body)
    assert (caught.value.code, caught.value.field, caught.value.clause) == (code, "/received_at", clause)
    assert found.case is None


LATE_REGISTRATIONS = [
    ("the day before, at its last minute", "2026-09-27 23:59", {}, "cases.back-dated-bare"),
    ("the day before, with a blank reason", "2026-09-27 23:59", {"received_reason": " "}, "cases.back-dated-bare"),
    ("the day before, with its reason", "2026-09-27 23:59", {"received_reason": "来信补登"}, None),
    ("the same day, in its first minute", "2026-09-28 00:00", {}, None),
]


@pytest.mark.parametrize(("name", "at", "more", "code"), LATE_REGISTRATIONS, ids=[row[0] for row in LATE_REGISTRATIONS])
def test_what_was_received_on_an_earlier_day_says_why_it_is_registered_late(name, at, more, code):
    found = paper("2026-09-28 09:00")
    body = {"channel": "desk", "received_at": local(at).isoformat(), **more, **WORDS}
    if code is None:
        assert found.register(CLERK, body).received_at == local(at)
        return
    with pytest.raises(Refused) as caught:
        found.register(CLERK, body)
    assert (caught.value.code, caught.value.field) == (code, "/received_reason")
    assert caught.value.clause == "wenze:house#backdated"


def test_the_instrument_counts_even_where_the_registration_rests_on_a_rule_of_the_house():
    found = paper()
    steps = [
        msgspec.structs.replace(step, clause="wenze:house#order") if step.key == "register" else step
        for step in found.kind.steps
    ]
    found.kind = msgspec.structs.replace(found.kind, steps=tuple(steps))
    with pytest.raises(Refused, match=r"law\.before-first-version"):
        found.register(CLERK, {"channel": "desk", "received_at": "2019-12-31T08:00:00Z", **WORDS})


UNITS = [
    ("no lead", [{"unit_id": units("a")[0]["unit_id"], "part": "cooperating"}], "cases.lead-unit"),
    ("two leads", [*units("a"), *units("b")], "cases.lead-unit"),
    ("one lead", units("a"), None),
    ("one lead and two others", units("a", "b", "c"), None),
    ("one unit in both parts", units("a", "a"), "cases.unit-twice"),
    ("one unit cooperating twice", units("a", "b", "b"), "cases.unit-twice"),
]


@pytest.mark.parametrize(("name", "listed", "code"), UNITS, ids=[row[0] for row in UNITS])
def test_a_dispatch_has_one_lead_and_no_unit_twice(name, listed, code):
    found = classified()
    if code is None:
        assert len(found.take(DISPATCHER, "dispatch", {"units": listed}).standing.units) == len(listed)
        return
    error = refusal(found, DISPATCHER, "dispatch", {"units": listed})
    assert (error.code, error.field, error.clause) == (code, "/units", "wenze:house#lead")


def test_a_city_objects_with_its_clause_and_sees_the_step_and_the_case():
    found, seen = dispatched("second"), []

    def object_to(view):
        seen.append(view)
        return (Objection(f"{RULES}#3", Text("不行", "no"), "/note"),)

    found.object_to = object_to
    error = refusal(found, LEAD, "report-result")
    assert isinstance(error, Refused)
    assert (error.code, error.clause, error.field) == ("cases.city-objects", f"{RULES}#3", "/note")
    assert (error.params["zh"], error.params["en"]) == ("不行", "no")
    view = seen[0]
    assert (view.kind, view.step, view.state) == ("matter", "report-result", "out")
    assert (view.track, view.channel, view.anonymous, view.overdue) == ("plain", "desk", True, False)
    assert view.facts["complex"] is False
    assert (view.units, view.open_deadlines) == (
        tuple(str(item.unit_id) for item in found.case.standing.units),
        ("report", "report"),
    )
    assert [item.part for item in found.case.standing.units] == [Part.LEAD, Part.COOPERATING]
    assert view.taken == ("register", "accept", "classify", "dispatch")


def test_a_city_objects_to_a_registration():
    found = paper()
    found.object_to = lambda view: (Objection(f"{RULES}#2", Text("不行", "no")),) if view.state is None else ()
    with pytest.raises(Refused, match=r"cases\.city-objects"):
        found.register(CLERK, {"channel": "desk", **WORDS})


def test_only_the_authority_approves():
    found = in_state("told")
    assert refusal(found, DISPATCHER, "approve").code == "cases.role-missing"
    found.take(AUTHORITY, "approve")
    assert found.take(DISPATCHER, "close").state == "closed"
