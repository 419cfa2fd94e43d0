"""In which role and for which unit a step is taken, and who sees a case at all."""

from __future__ import annotations

import pytest

from core.cases.capacity import choose_capacity, may_see, visible_units
from core.errors import Forbidden
from core.procedure import Role
from core.tenants.principal import Grant, Principal
from tests.support.matters import DISPATCHER, LEAD, STRANGER, dispatched, registered, units
from tests.support.paper import person, unit
from tests.support.synthetic import synthetic_kind

KIND = synthetic_kind()


def test_the_first_role_of_the_step_that_the_person_holds():
    both = person(Role.DISPATCHER, Role.UNIT_OFFICER, units=("second",))
    assert choose_capacity(both, KIND.step("report-part")).role is Role.UNIT_OFFICER
    assert choose_capacity(DISPATCHER, KIND.step("report-part")).role is Role.DISPATCHER


def test_a_unit_officer_needs_a_unit_and_others_do_not():
    assert choose_capacity(DISPATCHER, KIND.step("dispatch")).units == frozenset()
    with pytest.raises(Forbidden, match=r"cases\.role-missing"):
        choose_capacity(person(Role.UNIT_OFFICER), KIND.step("progress"))


def test_a_role_held_in_several_units_is_exercised_for_all_of_them():
    capacity = choose_capacity(person(Role.UNIT_OFFICER, units=("a", "b")), KIND.step("progress"))
    assert capacity.units == {unit("a"), unit("b")}


ACTING = [
    ("the lead's officer", ("lead",), "progress", "lead"),
    ("a cooperating unit's officer", ("second",), "progress", "second"),
    ("an officer of both acts for the lead", ("lead", "second"), "progress", "lead"),
    ("an officer of both, in the part that the step asks for", ("lead", "second"), "report-part", "second"),
    ("an officer of a unit in the case and of one outside", ("stranger", "second"), "progress", "second"),
]


@pytest.mark.parametrize(("name", "mine", "key", "acts"), ACTING, ids=[row[0] for row in ACTING])
def test_the_unit_for_which_an_officer_acts_is_recorded(name, mine, key, acts):
    found = dispatched("second")
    found.take(person(Role.UNIT_OFFICER, units=mine), key)
    assert found.outcome.capacity.unit_id == unit(acts)


def test_an_officer_of_two_cooperating_units_acts_first_for_one_and_then_for_the_other():
    found = dispatched("second", "third")
    officer = person(Role.UNIT_OFFICER, units=("second", "third"))
    found.take(officer, "report-part")
    first = found.outcome.capacity.unit_id
    found.take(officer, "report-part")
    assert {first, found.outcome.capacity.unit_id} == {unit("second"), unit("third")}
    assert {note.holder_unit_id: note.state for note in found.deadlines("report")} == {
        unit("lead"): "open",
        unit("second"): "met",
        unit("third"): "met",
    }


SEES_ALL = [role for role in Role if role not in {Role.UNIT_OFFICER, Role.PETITIONER, Role.SCORER, Role.PLATFORM_OPERATOR}]


@pytest.mark.parametrize("role", Role)
def test_who_sees_which_cases(role):
    seen = visible_units(person(role, units=("lead",)))
    if role in SEES_ALL:
        assert seen is None
    else:
        assert seen == (frozenset({unit("lead")}) if role is Role.UNIT_OFFICER else frozenset())


def test_a_unit_officer_sees_the_own_unit_s_cases_while_it_has_them():
    found = registered()
    assert not may_see(found.case, visible_units(LEAD))
    found = dispatched("second")
    assert may_see(found.case, visible_units(LEAD))
    assert not may_see(found.case, visible_units(STRANGER))
    found.take(DISPATCHER, "dispatch", {"units": units("stranger")})
    assert not may_see(found.case, visible_units(LEAD))
    assert may_see(found.case, visible_units(STRANGER))


def test_a_unit_role_without_a_unit_sees_nothing():
    nobody = Principal(unit("c"), "c", unit("p"), (Grant(Role.UNIT_OFFICER, None),), frozenset(), frozenset())
    assert visible_units(nobody) == frozenset()
    assert not may_see(dispatched().case, frozenset())
