"""What is said of a routing rule: the input of each change, and the question that is no case."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from core.cases.place import DivisionCode
from core.law.instrument import Key
from core.routing.rules import Target
from core.tenants.category_commands import CategoryCode
from core.tenants.commands import Basis

OfCategory = Annotated[
    CategoryCode | None, Meta(title="分类", description="Orders of this category and of those below it; else of any.")
]
OfKind = Annotated[Key | None, Meta(title="事项类型", description="Cases of this kind; else of any.")]
OfChannel = Annotated[
    Annotated[str, Meta(min_length=1, max_length=128)] | None,
    Meta(title="渠道", description="Cases that came in by this channel; else by any."),
]


class NewRule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A routing rule (派单规则): for which orders it is, and which unit it proposes. Conditions left out match anything."""

    target: Annotated[
        Target,
        Meta(
            title="建议对象",
            description="unit: the unit named; last-of-petitioner: who led the same petitioner's last order of the kind; "
            "last-of-matter: who led the kind's last order of the same category and division; can grow.",
        ),
    ]
    valid_from: Annotated[date, Meta(title="生效日", description="The first local day on which it holds.")]
    basis: Basis
    priority: Annotated[
        int, Meta(ge=0, le=1000, title="优先级", description="The higher goes first; of equal ones the more specific.")
    ] = 0
    category: OfCategory = None
    division: Annotated[
        DivisionCode | None,
        Meta(title="行政区划", description="Orders about it and the divisions below it."),
    ] = None
    kind: OfKind = None
    channel: OfChannel = None
    urgent: Annotated[bool | None, Meta(title="紧急", description="Only urgent orders, or only others; else both.")] = None
    unit_id: Annotated[
        UUID | None, Meta(title="牵头单位", description="The unit that is proposed to lead; with the target unit alone.")
    ] = None
    cooperating_unit_ids: Annotated[
        tuple[UUID, ...],
        Meta(
            max_length=20,
            title="协办单位",
            description="Units proposed to cooperate.",
            extra_json_schema={"uniqueItems": True},
        ),
    ] = ()


class RoutingQuestion(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An order that is no case: what rules look at."""

    kind: Annotated[Key, Meta(title="事项类型", description="The kind of case.")]
    channel: Annotated[
        Annotated[str, Meta(min_length=1, max_length=128)] | None, Meta(title="渠道", description="The channel.")
    ] = None
    category: Annotated[CategoryCode | None, Meta(title="分类", description="The code of its category.")] = None
    division: DivisionCode | None = None
    urgent: Annotated[bool, Meta(title="紧急", description="Whether it is urgent.")] = False
    on: Annotated[date | None, Meta(title="日期", description="The local day that is meant; today where left out.")] = None
