"""Registers people, and records when their posts and roles begin and end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, bindparam, exists, or_, select, update

from core.errors import NotFound, Refused, Stale
from core.ids import new_id
from core.procedure import Role
from core.store.session import TenantSession
from core.store.tables import TENANT, person, post, role_grant
from core.tenants.checks import check_ending, check_grant, check_own_administration, check_post
from core.tenants.commands import Ending, NewGrant, NewPerson, NewPost
from core.tenants.names import normalise
from core.tenants.organisation import Organisation
from core.tenants.service.administration import Administration
from core.tenants.staff import Person, PersonKind, Post, RoleGrant, Staff, StaffMember

Held = TypeVar("Held", Post, RoleGrant)
_COLUMNS = (person.c.id, person.c.kind, person.c.name)
_FIND = select(*_COLUMNS).where(person.c.tenant == TENANT, person.c.id == bindparam("person_id"))
_END_POST = (
    update(post).where(post.c.tenant == TENANT, post.c.id == bindparam("item_id")).values(valid_to=bindparam("last_day"))
)
_END_GRANT = (
    update(role_grant)
    .where(role_grant.c.tenant == TENANT, role_grant.c.id == bindparam("item_id"))
    .values(valid_to=bindparam("last_day"))
)


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """Which people a list shows: of a kind, with a post in a unit or a role on ``day``; after an id, at most so many."""

    day: date
    limit: int
    after: UUID | None = None
    kind: PersonKind | None = None
    unit_id: UUID | None = None
    role: str | None = None


async def find_person(session: TenantSession, person_id: UUID) -> Person:
    """The person; raises :class:`NotFound`."""
    row = await session.one(_FIND, {"person_id": person_id})
    if row is None:
        raise NotFound("tenants.person-unknown", person=str(person_id))
    return _person_of(row)


async def list_people(session: TenantSession, chosen: PeopleFilter) -> list[Person]:
    """People in the order in which they were registered."""
    return [_person_of(row) for row in await session.all(_listing(chosen))]


async def register_person(admin: Administration, new: NewPerson) -> StaffMember:
    """A new person with the posts and roles known from the beginning; raises :class:`Refused`."""
    return add_person(admin, (await admin.begin()).organisation, new)


def add_person(admin: Administration, organisation: Organisation, new: NewPerson) -> StaffMember:
    """As :func:`register_person`, within a change that has begun."""
    for index, said in enumerate(new.posts):
        check_post(organisation, said, f"/posts/{index}")
    for index, given in enumerate(new.roles):
        check_grant(organisation, given, f"/roles/{index}")
    made = Person(new_id(), new.kind, normalise(new.name))
    row = {"id": made.id, "kind": made.kind.value, "name": made.name, "created_at": admin.recorded_at}
    admin.session.add(person, row)
    content = {"kind": made.kind.value, "name": made.name}
    admin.record("person.registered", f"person:{made.id}", content, person_id=str(made.id), kind=made.kind.value)
    posts = tuple(_write_post(admin, made.id, said) for said in new.posts)
    return StaffMember(made, posts, tuple(_write_grant(admin, made.id, given) for given in new.roles))


async def begin_post(admin: Administration, person_id: UUID, new: NewPost, expected: int) -> StaffMember:
    """The person with a further post; raises :class:`NotFound`, :class:`Stale` or :class:`Refused`."""
    organisation = (await admin.begin()).organisation
    member = await _expect(admin, organisation.staff, person_id, expected)
    check_post(organisation, new)
    return member.with_post(_write_post(admin, person_id, new))


async def grant_role(admin: Administration, person_id: UUID, new: NewGrant, expected: int) -> StaffMember:
    """The person with a further role; raises :class:`NotFound`, :class:`Stale` or :class:`Refused`.

    Nobody gives a role to themselves: an administrator who wants to read identities needs a second one (R12). Nor to a
    client for which they could pass, because they were told its secret or gave it its keys; nor by such a client to
    themselves.
    """
    snapshot = await admin.begin()
    organisation, hand = snapshot.organisation, admin.hand(snapshot)
    if hand is not None and hand == snapshot.hand_of(person_id):
        if person_id in {hand, admin.person_id}:
            raise Refused("tenants.own-grant", clause="wenze:readings#r12")
        raise Refused("clients.held-by-granter", clause="wenze:readings#r12")
    member = await _expect(admin, organisation.staff, person_id, expected)
    check_grant(organisation, new)
    return member.with_grant(_write_grant(admin, person_id, new))


async def end_post(
    admin: Administration, person_id: UUID, post_id: UUID, ending: Ending, expected: int
) -> StaffMember:
    """The person, the post's last day told; raises as :func:`begin_post`, and :class:`Conflict` where it was told before."""
    staff = (await admin.begin()).organisation.staff
    held = _find(staff.posts_of(person_id), post_id)
    member = await _expect(admin, staff, person_id, expected)
    check_ending(held, ending)
    await admin.session.execute(_END_POST, {"item_id": post_id, "last_day": ending.last_day})
    _record_ending(admin, "post.ended", person_id, {"post_id": str(post_id)}, ending)
    return member.with_post(replace(held, valid_to=ending.last_day))


async def end_role(
    admin: Administration, person_id: UUID, grant_id: UUID, ending: Ending, expected: int
) -> StaffMember:
    """The person, the role's last day told; raises as :func:`end_post`, and where it is the own administration."""
    staff = (await admin.begin()).organisation.staff
    held = _find(staff.grants_of(person_id), grant_id)
    member = await _expect(admin, staff, person_id, expected)
    check_ending(held, ending)
    check_own_administration(admin.person_id, held)
    await admin.session.execute(_END_GRANT, {"item_id": grant_id, "last_day": ending.last_day})
    _record_ending(admin, "role.ended", person_id, {"grant_id": str(grant_id), "role": held.role.value}, ending)
    return member.with_grant(replace(held, valid_to=ending.last_day))


async def _expect(admin: Administration, staff: Staff, person_id: UUID, expected: int) -> StaffMember:
    member = staff.member(await find_person(admin.session, person_id))
    if expected != member.version:
        raise Stale("tenants.person-stale", current=member.version)
    return member


def _find(items: tuple[Held, ...], id_: UUID) -> Held:
    found = next((item for item in items if item.id == id_), None)
    if found is None:
        raise NotFound("tenants.post-or-role-unknown", id=str(id_))
    return found


def _write_post(admin: Administration, person_id: UUID, new: NewPost) -> Post:
    made = Post(new_id(), person_id, new.unit_id, normalise(new.title), new.valid_from, new.valid_to)
    admin.session.add(post, {name: getattr(made, name) for name in Post.__slots__})
    refs = {"person_id": str(person_id), "post_id": str(made.id), "unit_id": str(made.unit_id)}
    content = {**refs, "title": made.title, **_span(made)}
    admin.record("post.begun", f"person:{person_id}", content, **refs)
    return made


def _write_grant(admin: Administration, person_id: UUID, new: NewGrant) -> RoleGrant:
    made = RoleGrant(new_id(), person_id, Role(new.role), new.unit_id, new.valid_from, new.valid_to)
    admin.session.add(role_grant, {name: getattr(made, name) for name in RoleGrant.__slots__} | {"role": made.role.value})
    refs = {"person_id": str(person_id), "grant_id": str(made.id), "role": made.role.value}
    content = {**refs, "unit_id": str(made.unit_id) if made.unit_id else None, **_span(made)}
    admin.record("role.granted", f"person:{person_id}", content, **refs)
    return made


def _record_ending(
    admin: Administration, action: str, person_id: UUID, refs: dict[str, str], ending: Ending
) -> None:
    said = {"last_day": ending.last_day.isoformat(), "reason": normalise(ending.reason)}
    admin.record(action, f"person:{person_id}", refs | said, person_id=str(person_id), **refs)


def _span(item: Post | RoleGrant) -> dict[str, str | None]:
    return {"valid_from": item.valid_from.isoformat(), "valid_to": item.valid_to.isoformat() if item.valid_to else None}


def _person_of(row: dict[str, Any]) -> Person:
    return Person(row["id"], PersonKind(row["kind"]), row["name"])


def _listing(chosen: PeopleFilter) -> Select[Any]:
    found = select(*_COLUMNS).where(person.c.tenant == TENANT).order_by(person.c.id).limit(chosen.limit)
    if chosen.after is not None:
        found = found.where(person.c.id > chosen.after)
    if chosen.kind is not None:
        found = found.where(person.c.kind == chosen.kind.value)
    if chosen.unit_id is not None:
        found = found.where(_holds(post, chosen.day, post.c.unit_id == chosen.unit_id))
    if chosen.role is not None:
        found = found.where(_holds(role_grant, chosen.day, role_grant.c.role == chosen.role))
    return found


def _holds(table: Any, day: date, condition: Any) -> Any:
    on_the_day = (table.c.valid_from <= day, or_(table.c.valid_to.is_(None), table.c.valid_to >= day))
    return exists().where(table.c.tenant == TENANT, table.c.person_id == person.c.id, condition, *on_the_day)
