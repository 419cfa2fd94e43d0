"""Units and people as integrators see them."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from api.pages import PageQuery
from core.cases.bodies import Instant
from core.law.instrument import Key
from core.procedure import Role
from core.tenants.names import Name
from core.tenants.staff import PersonKind, StaffMember
from core.tenants.units import Unit, UnitVersion

Day = Annotated[date | None, Meta(title="日期", description="The local day that is meant; today where left out.")]


class UnitVersionView(Struct, frozen=True, kw_only=True):
    """A unit as it stands from a day on (单位的一个版本)."""

    valid_from: Annotated[date, Meta(title="生效日", description="The first local day on which it holds")]
    name: Annotated[str, Meta(title="单位名称", description="The unit's name")]
    parent_id: Annotated[UUID | None, Meta(title="上级单位", description="The unit above it in the tree")]
    superior_id: Annotated[UUID | None, Meta(title="主管单位", description="Who supervises it, where not the parent")]
    ranking_group: Annotated[str | None, Meta(title="排名组别", description="The group in which it is ranked")]
    member: Annotated[bool, Meta(title="成员单位", description="Whether it is a member of the handling system")]
    offices: Annotated[tuple[str, ...], Meta(title="承担职能", description="Offices that it fills; can grow")]
    dissolved: Annotated[bool, Meta(title="撤销", description="Whether it has ceased to exist")]
    merged_into: Annotated[UUID | None, Meta(title="并入单位", description="The unit that took it over")]
    basis: Annotated[str, Meta(title="依据", description="What the version rests on")]
    recorded_at: Annotated[Instant | None, Meta(title="记录时间", description="When it was recorded")]


class UnitSummary(UnitVersionView, frozen=True, kw_only=True):
    """A unit (单位) as it stands on the day that was asked for."""

    id: UUID
    code: Annotated[str, Meta(title="单位代码", description="The tenant's own short name of it; never changes")]


class UnitView(UnitSummary, frozen=True, kw_only=True):
    """A unit with every version, superseded ones too, in the order of their days. Nothing is ever edited."""

    version: Annotated[int, Meta(description="How many versions there are; the entity tag")]
    versions: tuple[UnitVersionView, ...]


class UnitPage(Struct, frozen=True):
    """A page of units, by code. ``next`` is the cursor of the following page."""

    items: tuple[UnitSummary, ...]
    next: str | None


class PostView(Struct, frozen=True):
    """A place that a person has or had in a unit (职务). ``valid_to`` is the last day."""

    id: UUID
    unit_id: UUID
    title: str
    valid_from: date
    valid_to: date | None


class GrantView(Struct, frozen=True):
    """A role that a person has or had (角色), in one unit or, without one, in the whole tenant."""

    id: UUID
    role: Annotated[Role, Meta(description="The role; can grow")]
    unit_id: UUID | None
    valid_from: date
    valid_to: date | None


class PersonView(Struct, frozen=True, kw_only=True):
    """A person (人员) with all posts and roles, ended ones too."""

    id: UUID
    kind: Annotated[PersonKind, Meta(title="类别", description="A member of staff, or what a machine acts as")]
    name: Annotated[str, Meta(title="姓名", description="The name")]
    version: Annotated[int, Meta(description="Counts what was said of posts and roles; the entity tag")]
    posts: tuple[PostView, ...]
    roles: tuple[GrantView, ...]


class PersonPage(Struct, frozen=True):
    """A page of people, in the order in which they were registered. ``next`` is the cursor of the following page."""

    items: tuple[PersonView, ...]
    next: str | None


class UnitsQuery(PageQuery, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Filters of the list of units; all that are given must hold on the day."""

    on: Day = None
    parent_id: Annotated[UUID | None, Meta(title="上级单位", description="The units directly below this one")] = None
    office: Annotated[Key | None, Meta(title="承担职能", description="The units that fill this office")] = None
    ranking_group: Annotated[Name | None, Meta(title="排名组别", description="The units of this ranking group")] = None
    dissolved: Annotated[bool | None, Meta(title="撤销", description="Only dissolved units, or only living ones")] = None


class DayQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A day."""

    on: Day = None


class PeopleQuery(PageQuery, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Filters of the list of people; all that are given must hold on the day."""

    on: Day = None
    kind: Annotated[PersonKind | None, Meta(title="类别", description="Members of staff, or service persons")] = None
    unit_id: Annotated[UUID | None, Meta(title="单位", description="Who has a post in this unit")] = None
    role: Annotated[Role | None, Meta(title="角色", description="Who has this role")] = None


_SAID = UnitVersionView.__struct_fields__


def version_view(version: UnitVersion) -> UnitVersionView:
    """One version of a unit."""
    return UnitVersionView(**{name: getattr(version, name) for name in _SAID})


def unit_summary(unit: Unit, version: UnitVersion) -> UnitSummary:
    """A unit in a list."""
    return UnitSummary(id=unit.id, code=unit.code, **{name: getattr(version, name) for name in _SAID})


def unit_view(unit: Unit, day: date) -> UnitView:
    """A unit as it stands on ``day``; one that begins later is shown as it will begin."""
    version = unit.on(day) or unit.versions[0]
    return UnitView(
        id=unit.id,
        code=unit.code,
        version=len(unit.versions),
        versions=tuple(map(version_view, unit.versions)),
        **{name: getattr(version, name) for name in _SAID},
    )


def person_view(member: StaffMember) -> PersonView:
    """A person with posts and roles."""
    posts = (PostView(held.id, held.unit_id, held.title, held.valid_from, held.valid_to) for held in member.posts)
    grants = (GrantView(held.id, held.role, held.unit_id, held.valid_from, held.valid_to) for held in member.grants)
    return PersonView(
        id=member.person.id,
        kind=member.person.kind,
        name=member.person.name,
        version=member.version,
        posts=tuple(posts),
        roles=tuple(grants),
    )
