"""What an administrator says of a category: the input of each change, for the API and the command line."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from core.law.instrument import Key, TermFigure
from core.tenants.commands import Basis
from core.tenants.names import Name, UnitCode

CategoryCode = Annotated[
    UnitCode, Meta(title="分类代码", description="The tenant's own short name of the category; never changes.")
]
Kinds = Annotated[
    tuple[Key, ...],
    Meta(
        max_length=20,
        title="适用事项类型",
        description="The kinds of case that it is for; those of the category above it where none is named, and else all.",
        extra_json_schema={"uniqueItems": True},
    ),
]


class LimitFigure(Struct, frozen=True, forbid_unknown_fields=True):
    """A figure that the tenant gives the matters of a category where the regulation leaves it open (R11)."""

    term: TermFigure
    basis: Basis


class CategoryStatement(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A category as it stands from a day on, said whole."""

    title_zh: Annotated[Name, Meta(title="分类名称", description="The category's name in Chinese.")]
    valid_from: Annotated[date, Meta(title="生效日", description="The first local day on which it holds.")]
    basis: Basis
    title_en: Annotated[Name | None, Meta(title="英文名称", description="The category's name in English.")] = None
    parent: Annotated[CategoryCode | None, Meta(title="上级分类", description="The category above it in the tree.")] = None
    kinds: Kinds = ()
    default_unit_id: Annotated[
        UUID | None,
        Meta(title="默认承办单位", description="The unit proposed where no rule decides; else that of the one above."),
    ] = None
    urgent: Annotated[
        bool, Meta(title="默认紧急", description="What the intake form begins with; what is registered decides.")
    ] = False
    handling_limit: Annotated[
        LimitFigure | None,
        Meta(
            title="办理时限",
            description="The handling limit of its matters where the regulation leaves it open; else that of the one above.",
        ),
    ] = None
    urgent_response_limit: Annotated[
        LimitFigure | None,
        Meta(
            title="紧急类响应时限",
            description="How soon a unit responds to an urgent matter, in any unit of time; else that of the one above.",
        ),
    ] = None


class NewCategory(CategoryStatement, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A category that is not there yet, with its first version."""

    code: CategoryCode


class CategoryChange(CategoryStatement, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The next version of a category. A closed one takes no new matters; those it has count as its successor's."""

    closed: Annotated[bool, Meta(title="停用", description="Whether it takes no new matters from that day on.")] = False
    merged_into: Annotated[
        CategoryCode | None, Meta(title="并入分类", description="The category that takes the place of a closed one.")
    ] = None
