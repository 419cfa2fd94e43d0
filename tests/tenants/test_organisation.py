"""The organisation is looked up on a day: the day before a change, the day, the day after."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from core.errors import NotFound, Refused
from core.procedure import Role
from core.tenants.organisation import Organisation
from core.tenants.principal import Grant
from core.tenants.staff import Post, RoleGrant
from core.tenants.tree import check_versions
from core.tenants.units import UnitVersion

START, CHANGE = date(2020, 1, 1), date(2026, 7, 1)
BEFORE, AFTER = CHANGE - timedelta(days=1), CHANGE + timedelta(days=1)
ROOT, BUREAU, HALL, OFFICE = (UUID(int=number) for number in range(1, 5))
CODES = {ROOT: "root", BUREAU: "bureau", HALL: "hall", OFFICE: "office"}
PERSON = UUID(int=99)


def version(unit: UUID, valid_from: date = START, **said: object) -> UnitVersion:
    return UnitVersion(uuid4(), unit, valid_from, CODES[unit], **said)  # type: ignore[arg-type]


BASE = (
    version(ROOT),
    version(BUREAU, parent_id=ROOT, ranking_group="departments"),
    version(HALL, parent_id=BUREAU, offices=("supervision-office",)),
    version(OFFICE, parent_id=ROOT),
)


def organisation(*more: UnitVersion, posts: tuple[Post, ...] = (), grants: tuple[RoleGrant, ...] = ()) -> Organisation:
    return Organisation.of(CODES, (*BASE, *more), posts, grants)


def codes(units: frozenset[UUID]) -> set[str]:
    return {CODES[unit] for unit in units}


def test_a_unit_is_not_there_before_its_first_version() -> None:
    unit = organisation().unit(HALL)
    assert unit.on(START - timedelta(days=1)) is None
    assert unit.on(START) is not None


def test_a_change_holds_from_its_day() -> None:
    unit = organisation(version(HALL, CHANGE, parent_id=OFFICE)).unit(HALL)
    parents = [found.parent_id for day in (BEFORE, CHANGE, AFTER) if (found := unit.on(day))]
    assert parents == [BUREAU, OFFICE, OFFICE]


def test_of_two_versions_of_one_day_the_later_recorded_holds() -> None:
    unit = organisation(version(HALL, CHANGE, parent_id=OFFICE), version(HALL, CHANGE, parent_id=ROOT)).unit(HALL)
    assert unit.latest.parent_id == ROOT


def test_an_unknown_unit_is_not_found() -> None:
    with pytest.raises(NotFound, match=r"tenants\.unit-unknown"):
        organisation().unit(UUID(int=77))


def test_an_office_moves_with_its_day() -> None:
    taken = version(OFFICE, CHANGE, parent_id=ROOT, offices=("supervision-office",))
    moved = organisation(version(HALL, CHANGE, parent_id=BUREAU), taken)
    found = [[unit.code for unit in moved.offices("supervision-office", day)] for day in (BEFORE, CHANGE, AFTER)]
    assert found == [["hall"], ["office"], ["office"]]
    assert moved.offices("nobody", CHANGE) == ()


def test_the_superior_is_the_parent_unless_stated() -> None:
    changed = organisation(version(HALL, CHANGE, parent_id=BUREAU, superior_id=OFFICE))
    superiors = [changed.superior(HALL, day) for day in (BEFORE, CHANGE)]
    assert [unit.code for unit in superiors if unit] == ["bureau", "office"]
    assert changed.superior(ROOT, CHANGE) is None


def test_a_post_is_held_from_its_first_day_to_its_last() -> None:
    post = Post(uuid4(), PERSON, HALL, "科员", CHANGE, AFTER)
    found = organisation(posts=(post,))
    held = [bool(found.units_of(PERSON, CHANGE + timedelta(days=offset))) for offset in (-1, 0, 1, 2)]
    assert held == [False, True, True, False]


def test_a_role_is_held_from_its_first_day_to_its_last() -> None:
    grant = RoleGrant(uuid4(), PERSON, Role.SUPERVISOR, None, CHANGE, AFTER)
    found = organisation(grants=(grant,))
    held = [found.roles_of(PERSON, CHANGE + timedelta(days=offset)) for offset in (-1, 0, 1, 2)]
    assert held == [(), (Grant(Role.SUPERVISOR),), (Grant(Role.SUPERVISOR),), ()]


def test_after_a_merger_the_staff_of_both_act_for_both() -> None:
    merged = organisation(
        version(HALL, CHANGE, dissolved=True, merged_into=OFFICE),
        posts=(Post(uuid4(), PERSON, HALL, "", START), Post(uuid4(), UUID(int=98), OFFICE, "", START)),
        grants=(RoleGrant(uuid4(), PERSON, Role.UNIT_OFFICER, HALL, START),),
    )
    assert codes(merged.units_of(PERSON, BEFORE)) == {"hall"}
    assert codes(merged.units_of(PERSON, CHANGE)) == {"hall", "office"}
    assert codes(merged.units_of(UUID(int=98), BEFORE)) == {"office"}
    assert codes(merged.units_of(UUID(int=98), CHANGE)) == {"hall", "office"}
    assert {grant.unit_id for grant in merged.roles_of(PERSON, CHANGE)} == {HALL, OFFICE}
    assert merged.on(CHANGE).successor(HALL) == OFFICE
    assert merged.on(CHANGE).children.get(BUREAU) is None


def test_a_unit_dissolved_without_a_successor_leaves_its_staff_without_one() -> None:
    gone = organisation(version(HALL, CHANGE, dissolved=True), posts=(Post(uuid4(), PERSON, HALL, "", START),))
    assert gone.units_of(PERSON, CHANGE) == frozenset()
    assert gone.unit(HALL).latest.dissolved


def refusal(*more: UnitVersion) -> str:
    changed = organisation(*more)
    with pytest.raises(Refused) as caught:
        check_versions(changed, {found.unit_id for found in more})
    return caught.value.code


def test_a_sound_change_passes() -> None:
    more = (version(BUREAU, CHANGE, parent_id=OFFICE), version(HALL, CHANGE, dissolved=True, merged_into=BUREAU))
    check_versions(organisation(*more), {BUREAU, HALL})


def test_a_circle_is_refused() -> None:
    assert refusal(version(BUREAU, CHANGE, parent_id=HALL)) == "tenants.unit-circle"
    assert refusal(version(BUREAU, CHANGE, parent_id=BUREAU)) == "tenants.unit-circle"


def test_a_circle_of_superiors_is_refused() -> None:
    assert refusal(version(BUREAU, CHANGE, parent_id=ROOT, superior_id=HALL)) == "tenants.unit-circle"


def test_a_circle_that_only_a_later_version_closes_is_refused() -> None:
    later = version(OFFICE, AFTER, parent_id=HALL)
    assert refusal(later, version(BUREAU, CHANGE, parent_id=OFFICE)) == "tenants.unit-circle"


def test_a_unit_that_does_not_exist_yet_cannot_be_a_parent() -> None:
    early = START - timedelta(days=1)
    assert refusal(version(HALL, early, parent_id=BUREAU)) == "tenants.unit-above-gone"


def test_a_dissolved_unit_keeps_nobody_below_it() -> None:
    assert refusal(version(BUREAU, CHANGE, dissolved=True, merged_into=ROOT)) == "tenants.unit-has-children"


def test_a_unit_supervised_from_elsewhere_holds_its_superior() -> None:
    supervised = version(BUREAU, START, parent_id=ROOT, superior_id=OFFICE)
    gone = version(OFFICE, CHANGE, dissolved=True)
    with pytest.raises(Refused, match=r"tenants\.unit-has-children"):
        check_versions(organisation(supervised, gone), {OFFICE})


def test_nothing_merges_into_what_is_gone() -> None:
    gone = version(OFFICE, CHANGE, dissolved=True)
    assert refusal(gone, version(HALL, AFTER, dissolved=True, merged_into=OFFICE)) == "tenants.unit-successor-gone"


def test_a_merger_does_not_come_back() -> None:
    there = version(HALL, AFTER, dissolved=True, merged_into=OFFICE)
    assert refusal(there, version(OFFICE, CHANGE, dissolved=True, merged_into=HALL)) == "tenants.unit-circle"
