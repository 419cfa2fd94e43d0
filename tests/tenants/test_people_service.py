"""People in the store: posts and roles from one day to another, and what a client is made of."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest

from core.errors import Conflict, Forbidden, NotFound, Refused, Stale
from core.procedure import Role
from core.tenants.commands import Ending, GrantableRole, NewGrant, NewPerson, NewPost, NewUnit, UnitChange
from core.tenants.scopes import Scope
from core.tenants.service.clients import NewClient, disable_client, register_client
from core.tenants.service.people import (
    PeopleFilter,
    begin_post,
    end_post,
    end_role,
    grant_role,
    list_people,
    register_person,
)
from core.tenants.service.units import change_unit, register_unit
from core.tenants.staff import PersonKind, StaffMember
from core.tenants.units import Unit

START, LAST = date(2026, 1, 1), date(2026, 6, 30)
NEXT = LAST + timedelta(days=1)


@pytest.fixture
async def unit(administration) -> Unit:
    async with administration() as admin:
        return await register_unit(admin, NewUnit(code="hall", name="大厅", valid_from=START, basis="设立"))


@pytest.fixture
async def officer(administration, unit: Unit) -> StaffMember:
    posts = (NewPost(unit_id=unit.id, title="科员", valid_from=START),)
    roles = (NewGrant(role=GrantableRole.UNIT_OFFICER, unit_id=unit.id, valid_from=START),)
    async with administration() as admin:
        return await register_person(admin, NewPerson(name="李明", posts=posts, roles=roles))


async def test_a_person_is_registered_with_posts_and_roles(officer: StaffMember, snapshot, unit: Unit) -> None:
    organisation = (await snapshot()).organisation
    assert organisation.staff.member(officer.person) == officer
    assert organisation.units_of(officer.person.id, START) == {unit.id}
    assert officer.version == 2


async def test_a_role_ends_after_its_last_day_and_stays_visible(administration, officer: StaffMember, snapshot) -> None:
    grant = officer.grants[0]
    async with administration() as admin:
        after = await end_role(admin, officer.person.id, grant.id, Ending(last_day=LAST, reason="调整"), officer.version)
    organisation = (await snapshot()).organisation
    person = officer.person.id
    held = [bool(organisation.roles_of(person, day)) for day in (LAST - timedelta(days=1), LAST, NEXT)]
    assert held == [True, True, False]
    assert organisation.staff.grants_of(person) == after.grants
    assert after.version == officer.version + 1


async def test_what_has_ended_does_not_end_again(administration, officer: StaffMember) -> None:
    post, ending = officer.posts[0], Ending(last_day=LAST, reason="调离")
    async with administration() as admin:
        after = await end_post(admin, officer.person.id, post.id, ending, officer.version)
    with pytest.raises(Conflict, match=r"tenants\.already-ended"):
        async with administration() as admin:
            await end_post(admin, officer.person.id, post.id, ending, after.version)


async def test_nothing_ends_before_it_begins(administration, officer: StaffMember) -> None:
    ending = Ending(last_day=START - timedelta(days=1), reason="误")
    with pytest.raises(Refused, match=r"tenants\.ends-before-it-begins"):
        async with administration() as admin:
            await end_post(admin, officer.person.id, officer.posts[0].id, ending, officer.version)
    async with administration() as admin:
        first_day = Ending(last_day=START, reason="一日")
        assert (await end_post(admin, officer.person.id, officer.posts[0].id, first_day, officer.version)).posts[0].valid_to


async def test_further_posts_and_roles_count_the_version(administration, officer: StaffMember, unit: Unit) -> None:
    async with administration() as admin:
        later = NewPost(unit_id=unit.id, title="科长", valid_from=NEXT)
        after = await begin_post(admin, officer.person.id, later, officer.version)
    assert (len(after.posts), after.version) == (2, 3)
    auditor = NewGrant(role=GrantableRole.AUDITOR, valid_from=START)
    with pytest.raises(Stale):
        async with administration() as admin:
            await grant_role(admin, officer.person.id, auditor, officer.version)
    async with administration() as admin:
        last = await grant_role(admin, officer.person.id, auditor, after.version)
    assert {grant.role for grant in last.grants} == {Role.UNIT_OFFICER, Role.AUDITOR}


async def test_a_unit_officer_needs_a_unit(administration) -> None:
    roles = (NewGrant(role=GrantableRole.UNIT_OFFICER, valid_from=START),)
    with pytest.raises(Refused) as caught:
        async with administration() as admin:
            await register_person(admin, NewPerson(name="李明", roles=roles))
    assert (caught.value.code, caught.value.field) == ("tenants.role-needs-unit", "/roles/0/unit_id")


async def test_a_dissolved_unit_gives_no_posts(administration, unit: Unit) -> None:
    async with administration() as admin:
        await change_unit(admin, unit.id, UnitChange(name="大厅", valid_from=NEXT, basis="撤销", dissolved=True), 1)
    for day, fits in ((LAST, True), (NEXT, False)):
        person = NewPerson(name="王强", posts=(NewPost(unit_id=unit.id, title="科员", valid_from=day),))
        if fits:
            async with administration() as admin:
                await register_person(admin, person)
            continue
        with pytest.raises(Refused, match=r"tenants\.unit-not-active"):
            async with administration() as admin:
                await register_person(admin, person)


async def test_what_is_not_the_persons_is_not_found(administration, officer: StaffMember) -> None:
    for person, post in ((officer.person.id, uuid4()), (uuid4(), officer.posts[0].id)):
        with pytest.raises(NotFound):
            async with administration() as admin:
                await end_post(admin, person, post, Ending(last_day=LAST, reason="误"), officer.version)


async def test_nobody_ends_their_own_administration(administration) -> None:
    roles = (NewGrant(role=GrantableRole.TENANT_ADMINISTRATOR, valid_from=START),)
    async with administration() as admin:
        member = await register_person(admin, NewPerson(name="管理员", roles=roles))
    ending = Ending(last_day=LAST, reason="退休")
    async with administration() as admin:
        own = type(admin)(admin.session, admin.snapshots, member.person.id)
        with pytest.raises(Refused, match=r"tenants\.own-administration"):
            await end_role(own, member.person.id, member.grants[0].id, ending, member.version)
        await end_role(admin, member.person.id, member.grants[0].id, ending, member.version)


async def test_people_are_listed_by_unit_and_role_on_a_day(administration, officer, unit: Unit, database, city) -> None:
    async with administration() as admin:
        await end_role(admin, officer.person.id, officer.grants[0].id, Ending(last_day=LAST, reason="调整"), officer.version)
        other = await register_person(admin, NewPerson(name="服务", kind=PersonKind.SERVICE))

    async def found(**chosen: object) -> list[str]:
        async with database.reading(city.id) as session:
            filter_ = PeopleFilter(**{"day": LAST, "limit": 10} | chosen)  # type: ignore[arg-type]
            return [person.name for person in await list_people(session, filter_)]

    assert await found() == ["李明", "服务"]
    assert await found(limit=1) == ["李明"]
    assert await found(after=officer.person.id) == ["服务"]
    assert await found(kind=PersonKind.SERVICE) == ["服务"]
    assert await found(unit_id=unit.id) == ["李明"]
    assert await found(unit_id=uuid4()) == []
    assert [await found(role="unit-officer", day=day) for day in (LAST, NEXT)] == [["李明"], []]
    assert other.person.kind is PersonKind.SERVICE


async def test_a_client_acts_as_its_person_with_its_scopes_and_no_more(administration, unit: Unit, snapshot) -> None:
    new = NewClient("热线", (Role.INTAKE_CLERK, Role.UNIT_OFFICER), frozenset({Scope.CASES_READ}), START, "hall")
    async with administration() as admin:
        made = await register_client(admin, new)
    found = await snapshot()
    client = found.clients[made.credentials.client_id]
    assert client == made.client
    assert client.knows(made.credentials.client_secret)
    assert not client.knows(made.credentials.client_secret + "x")
    assert not client.knows("密")
    principal = found.principal(client, frozenset(Scope), START)
    assert principal.scopes == {Scope.CASES_READ}
    assert principal.units == {unit.id}
    assert {(grant.role, grant.unit_id) for grant in principal.grants} == {
        (Role.INTAKE_CLERK, None),
        (Role.UNIT_OFFICER, unit.id),
    }
    assert found.principal(client, frozenset(), START - timedelta(days=1)).grants == ()
    principal.require(Role.AUDITOR, Role.INTAKE_CLERK)
    with pytest.raises(Forbidden):
        principal.require(Role.AUDITOR)
    assert principal.has(Role.UNIT_OFFICER, unit.id)
    assert not principal.has(Role.UNIT_OFFICER, uuid4())


async def test_a_secret_is_stored_nowhere(administration, addresses, city) -> None:
    new = NewClient("热线", (Role.INTAKE_CLERK,), frozenset({Scope.CASES_READ}), START)
    async with administration() as admin:
        made = await register_client(admin, new)
        assert made.credentials.client_secret not in repr(admin.session._changes) + repr(admin.session._rows)


async def test_a_disabled_client_stays_visible(administration, snapshot) -> None:
    new = NewClient("热线", (Role.INTAKE_CLERK,), frozenset({Scope.CASES_READ}), START)
    async with administration() as admin:
        made = await register_client(admin, new)
    async with administration() as admin:
        await disable_client(admin, made.credentials.client_id)
    assert (await snapshot()).clients[made.credentials.client_id].disabled_at is not None
    with pytest.raises(Conflict):
        async with administration() as admin:
            await disable_client(admin, made.credentials.client_id)
