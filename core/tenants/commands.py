"""What an administrator says about the organisation: the input of each change, for the API and the command line."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from core.law.instrument import Key
from core.procedure import Role
from core.tenants.names import Name, Prose, UnitCode
from core.tenants.staff import PersonKind

Offices = Annotated[
    tuple[Key, ...],
    Meta(max_length=20, title="承担职能", description="Offices that the unit fills, such as supervision-office."),
]
Basis = Annotated[Prose, Meta(title="依据", description="The decision or document that it rests on.")]


class GrantableRole(StrEnum):
    """The roles that a tenant gives: a petitioner acts by receipt, and a platform operator is the platform's."""

    INTAKE_CLERK = Role.INTAKE_CLERK.value
    DISPATCHER = Role.DISPATCHER.value
    UNIT_OFFICER = Role.UNIT_OFFICER.value
    SUPERVISOR = Role.SUPERVISOR.value
    INVESTIGATOR = Role.INVESTIGATOR.value
    DECIDING_AUTHORITY = Role.DECIDING_AUTHORITY.value
    APPEAL_OFFICER = Role.APPEAL_OFFICER.value
    INSPECTION_OFFICE = Role.INSPECTION_OFFICE.value
    SCORER = Role.SCORER.value
    AUDITOR = Role.AUDITOR.value
    TENANT_ADMINISTRATOR = Role.TENANT_ADMINISTRATOR.value


class UnitStatement(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A unit as it stands from a day on, said whole."""

    name: Annotated[Name, Meta(title="单位名称", description="The unit's name.")]
    valid_from: Annotated[date, Meta(title="生效日", description="The first local day on which it holds.")]
    basis: Basis
    parent_id: Annotated[UUID | None, Meta(title="上级单位", description="The unit above it in the tree.")] = None
    superior_id: Annotated[
        UUID | None, Meta(title="主管单位", description="The unit that supervises it, where that is not the parent.")
    ] = None
    ranking_group: Annotated[Name | None, Meta(title="排名组别", description="The group in which it is ranked.")] = None
    member: Annotated[bool, Meta(title="成员单位", description="Whether it is a member of the handling system.")] = True
    offices: Offices = ()


class NewUnit(UnitStatement, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A unit that is not there yet, with its first version."""

    code: Annotated[UnitCode, Meta(title="单位代码", description="The tenant's own short name of the unit; never changes.")]


class UnitChange(UnitStatement, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The next version of a unit. Dissolving it passes its matters and staff to the unit that it is merged into."""

    dissolved: Annotated[bool, Meta(title="撤销", description="Whether the unit ceases to exist on that day.")] = False
    merged_into: Annotated[
        UUID | None, Meta(title="并入单位", description="The unit that takes over, of a dissolved one.")
    ] = None


class NewPost(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A place that a person takes in a unit."""

    unit_id: Annotated[UUID, Meta(title="单位", description="The unit.")]
    title: Annotated[Name, Meta(title="职务", description="The post's title.")]
    valid_from: Annotated[date, Meta(title="任职日", description="The first local day.")]
    valid_to: Annotated[date | None, Meta(title="离任日", description="The last local day, where it is known.")] = None


class NewGrant(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A role given to a person."""

    role: Annotated[GrantableRole, Meta(title="角色", description="What the person may be to the system; can grow.")]
    valid_from: Annotated[date, Meta(title="授予日", description="The first local day.")]
    unit_id: Annotated[
        UUID | None,
        Meta(title="单位", description="The unit in which it holds; else the whole tenant. A unit-officer needs one."),
    ] = None
    valid_to: Annotated[date | None, Meta(title="终止日", description="The last local day, where it is known.")] = None


class NewPerson(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A person with the posts and roles that are known from the beginning."""

    name: Annotated[Name, Meta(title="姓名", description="The person's name, or what a service person is for.")]
    kind: Annotated[
        PersonKind, Meta(title="类别", description="A member of staff, or what a machine acts as.")
    ] = PersonKind.HUMAN
    posts: Annotated[tuple[NewPost, ...], Meta(max_length=20, title="职务", description="Posts.")] = ()
    roles: Annotated[tuple[NewGrant, ...], Meta(max_length=40, title="角色", description="Roles.")] = ()


class Ending(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The end of a post or a role."""

    last_day: Annotated[date, Meta(title="最后一日", description="The last local day on which it holds.")]
    reason: Annotated[Prose, Meta(title="原因", description="Why it ends.")]
