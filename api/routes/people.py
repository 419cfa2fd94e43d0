"""People over HTTP: who they are, their posts and the roles given to them, each from one day to another."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from api.operations import Call, Handler, Method, Operation, Reply
from api.pages import make_cursor, read_cursor
from api.routes.administration import ADMINISTRATORS, STAFF, administration_of, day_of
from api.routes.organisation_views import PeopleQuery, PersonPage, PersonView, person_view
from api.routes.units import TAG
from core.errors import Conflict, NotFound, Refused, Stale, WenzeError
from core.law.instrument import Text
from core.tenants.commands import Ending, NewGrant, NewPerson, NewPost
from core.tenants.scopes import Scope
from core.tenants.service import people
from core.tenants.staff import StaffMember

_POST = {"unit_id": "{unit_id}", "title": "科员", "valid_from": "2026-12-01"}
_ROLE = {"role": "unit-officer", "unit_id": "{unit_id}", "valid_from": "2026-12-01"}
_ENDING = {"last_day": "2027-12-31", "reason": "岗位调整"}
_FAULTS = (
    "tenants.unit-unknown",
    "tenants.unit-not-active",
    "tenants.role-needs-unit",
    "tenants.ends-before-it-begins",
)


def _answer(member: StaffMember, location: str | None = None) -> Reply:
    return Reply(person_view(member), etag=member.version, location=location)


async def _list(call: Call) -> Reply:
    query: PeopleQuery = call.query
    chosen = people.PeopleFilter(
        day=day_of(call, query.on),
        limit=query.limit + 1,
        after=read_cursor(query.cursor, UUID) if query.cursor else None,
        kind=query.kind,
        unit_id=query.unit_id,
        role=query.role.value if query.role else None,
    )
    found = await people.list_people(call.session, chosen)
    page = found[: query.limit]
    following = make_cursor(page[-1].id) if len(found) > query.limit else None
    staff = call.snapshot.organisation.staff
    items = tuple(person_view(staff.member(person)) for person in page)
    return Reply(PersonPage(items, following), next_cursor=following)


async def _read(call: Call) -> Reply:
    person = await people.find_person(call.session, call.id("person_id"))
    return _answer(call.snapshot.organisation.staff.member(person))


async def _register(call: Call) -> Reply:
    member = await people.register_person(administration_of(call), call.body)
    return _answer(member, f"/people/{member.person.id}")


async def _begin_post(call: Call) -> Reply:
    return _answer(await people.begin_post(administration_of(call), call.id("person_id"), call.body, call.expected or 0))


async def _grant_role(call: Call) -> Reply:
    return _answer(await people.grant_role(administration_of(call), call.id("person_id"), call.body, call.expected or 0))


async def _end_post(call: Call) -> Reply:
    person, post = call.id("person_id"), call.id("post_id")
    return _answer(await people.end_post(administration_of(call), person, post, call.body, call.expected or 0))


async def _end_role(call: Call) -> Reply:
    person, grant = call.id("person_id"), call.id("grant_id")
    return _answer(await people.end_role(administration_of(call), person, grant, call.body, call.expected or 0))


def _change(
    id_: str,
    path: str,
    title: Text,
    description: Text,
    handler: Handler,
    body: Any,
    status: int,
    example: dict[str, Any],
    errors: dict[type[WenzeError], tuple[str, ...]],
) -> Operation:
    """A change of a person that exists."""
    return Operation(
        id=id_,
        method=Method.POST,
        path="/people/{person_id}" + path,
        tag=TAG,
        title=title,
        description=description,
        handler=handler,
        scope=Scope.ORGANISATION_WRITE,
        roles=ADMINISTRATORS,
        body=body,
        reply=PersonView,
        status=status,
        idempotent=True,
        if_match=True,
        etag=True,
        errors={NotFound: ("tenants.person-unknown",), Stale: ("tenants.person-stale",)} | errors,
        examples=lambda _: {id_: example},
    )


OPERATIONS = (
    Operation(
        id="listPeople",
        method=Method.GET,
        path="/people",
        tag=TAG,
        title=Text(zh="人员列表", en="List people"),
        description=Text(
            zh="工作人员和服务账号，按登记先后；可按某日的单位、角色筛选。",
            en="Staff and service persons in the order of their registration; by unit or role on a day.",
        ),
        handler=_list,
        scope=Scope.ORGANISATION_READ,
        roles=STAFF,
        query=PeopleQuery,
        reply=PersonPage,
    ),
    Operation(
        id="registerPerson",
        method=Method.POST,
        path="/people",
        tag=TAG,
        title=Text(zh="登记人员", en="Register a person"),
        description=Text(
            zh="登记一名人员，连同其职务和角色。",
            en="Registers a person together with the posts and roles known from the beginning.",
        ),
        handler=_register,
        scope=Scope.ORGANISATION_WRITE,
        roles=ADMINISTRATORS,
        body=NewPerson,
        reply=PersonView,
        status=201,
        idempotent=True,
        etag=True,
        location=True,
        errors={Refused: _FAULTS},
        examples=lambda _: {"officer": {"name": "李明", "posts": [_POST], "roles": [_ROLE]}},
    ),
    Operation(
        id="readPerson",
        method=Method.GET,
        path="/people/{person_id}",
        tag=TAG,
        title=Text(zh="查看人员", en="Read a person"),
        description=Text(
            zh="人员及其全部职务和角色，含已结束的。",
            en="A person with every post and role, ended ones too.",
        ),
        handler=_read,
        scope=Scope.ORGANISATION_READ,
        roles=STAFF,
        reply=PersonView,
        etag=True,
        errors={NotFound: ("tenants.person-unknown",)},
    ),
    _change(
        "beginPost",
        "/posts",
        Text(zh="任职", en="Begin a post"),
        Text(zh="人员自某日起在某单位任职。", en="The person takes a post in a unit from a day on."),
        _begin_post,
        NewPost,
        201,
        _POST,
        {Refused: _FAULTS},
    ),
    _change(
        "endPost",
        "/posts/{post_id}/end",
        Text(zh="离任", en="End a post"),
        Text(zh="职务的最后一日，含当日。记录保留。", en="The last day of a post, which is included. It stays visible."),
        _end_post,
        Ending,
        200,
        _ENDING,
        {Refused: ("tenants.ends-before-it-begins",), Conflict: ("tenants.already-ended",)},
    ),
    _change(
        "grantRole",
        "/roles",
        Text(zh="授予角色", en="Grant a role"),
        Text(
            zh="人员自某日起具有某角色：在某单位内，或不填单位即为全机构。",
            en="The person has a role from a day on: in one unit, or without one in the whole tenant. A unit officer "
            "needs a unit.",
        ),
        _grant_role,
        NewGrant,
        201,
        _ROLE,
        {Refused: _FAULTS},
    ),
    _change(
        "endRole",
        "/roles/{grant_id}/end",
        Text(zh="终止角色", en="End a role"),
        Text(
            zh="角色的最后一日，含当日。不得终止本人的管理员角色。",
            en="Says the last day of a role, that day included. Nobody ends their own administration.",
        ),
        _end_role,
        Ending,
        200,
        _ENDING,
        {
            Refused: ("tenants.ends-before-it-begins", "tenants.own-administration"),
            Conflict: ("tenants.already-ended",),
        },
    ),
)
