"""Platforms and their operators as integrators see them."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from api.pages import PageQuery
from core.cases.bodies import Instant
from core.platforms.commands import ExternalId
from core.platforms.keys import PublicKey
from core.platforms.platform import Operator, Platform


class PlatformView(Struct, frozen=True, kw_only=True):
    """What a client may as a platform (平台). One that was never made a platform is at version 0 and may nothing."""

    client: Annotated[str, Meta(title="客户端", description="The name with which it signs in")]
    token_exchange: Annotated[bool, Meta(title="令牌交换", description="Whether it may exchange assertions (RFC 8693)")]
    operator_claims: Annotated[bool, Meta(title="操作员声明", description="Whether it may send `Wenze-Operator`")]
    keys: Annotated[tuple[PublicKey, ...], Meta(title="公钥", description="With which it signs")]
    waiting_keys: Annotated[
        tuple[str, ...],
        Meta(title="待确认公钥", description="The `kid` of those that count once another administrator allows the platform"),
    ]
    version: Annotated[int, Meta(description="Counts the changes; the entity tag")]


class OperatorView(Struct, frozen=True, kw_only=True):
    """A platform's operator (操作员) and the person of the tenant who that is."""

    id: UUID
    external_id: Annotated[str, Meta(title="平台内编号", description="The id in the platform's own namespace")]
    person_id: Annotated[UUID, Meta(title="人员", description="Whose roles and units the operator has")]
    valid_from: date
    valid_to: Annotated[date | None, Meta(title="终止日", description="The last local day; null while none is known")]
    revoked_at: Annotated[
        Instant | None, Meta(title="撤销时间", description="From when on it holds no more, whatever the days")
    ]
    named_by: Annotated[
        UUID | None, Meta(title="指定人", description="Who named the operator, or holds the client that did")
    ]
    confirmed_by: Annotated[
        UUID | None, Meta(title="确认人", description="Who confirmed it: the person, or another administrator")
    ]
    confirmed_at: Annotated[
        Instant | None, Meta(title="确认时间", description="Null while it is not confirmed, and the platform may not act")
    ]
    version: Annotated[int, Meta(description="Counts the changes; the entity tag")]


class OperatorPage(Struct, frozen=True):
    """A page of operators, in the order in which they were named. ``next`` is the cursor of the following page."""

    items: tuple[OperatorView, ...]
    next: str | None


class OperatorQuery(PageQuery, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Filters of the list of operators; all that are given must hold."""

    external_id: ExternalId | None = None


def platform_view(name: str, platform: Platform) -> PlatformView:
    """A client as a platform."""
    return PlatformView(
        client=name,
        token_exchange=platform.token_exchange,
        operator_claims=platform.operator_claims,
        keys=msgspec.convert(platform.keys, tuple[PublicKey, ...]),
        waiting_keys=tuple(sorted(platform.waiting)),
        version=platform.version,
    )


def operator_view(operator: Operator) -> OperatorView:
    """One operator."""
    return OperatorView(**{name: getattr(operator, name) for name in OperatorView.__struct_fields__})
