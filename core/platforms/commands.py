"""What an administrator says of a platform: the input of each change."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from core.platforms.keys import PublicKey
from core.tenants.names import Prose

EXTERNAL_ID = r"^[A-Za-z0-9](?:[A-Za-z0-9._~:@-]{0,98}[A-Za-z0-9])?$(?!\n)"
"""Characters that stand in an address as they are, so that no id has two spellings; never ``.`` or ``..``. To Python ``$``
alone would let a line break stand behind it."""
ExternalId = Annotated[
    str,
    Meta(max_length=100, pattern=EXTERNAL_ID, title="平台内编号", description="The id in the platform's namespace."),
]
MOST_KEYS = 10
_Reason = Annotated[Prose, Meta(title="理由", description="Why; kept in the audit trail.")]


class PlatformStatement(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """In which ways a client may act for its operators, said whole; with neither it is no platform any more."""

    token_exchange: Annotated[
        bool, Meta(title="令牌交换", description="By exchanging an assertion for a token of the operator (RFC 8693).")
    ]
    operator_claims: Annotated[
        bool, Meta(title="操作员声明", description="By claims signed for one request, in the header `Wenze-Operator`.")
    ]
    reason: _Reason


class KeyStatement(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The public keys with which a platform signs, said whole (RFC 7517). None are fetched from an address."""

    keys: Annotated[
        tuple[PublicKey, ...],
        Meta(max_length=MOST_KEYS, title="公钥", description="Each with its own `kid`; public members alone."),
    ]
    reason: _Reason


class NewOperator(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A platform's operator and the person of the tenant who that is; roles and units are the person's."""

    external_id: ExternalId
    person_id: Annotated[UUID, Meta(title="人员", description="The member of staff who the operator is.")]
    valid_from: Annotated[date, Meta(title="起始日", description="The first local day.")]
    valid_to: Annotated[date | None, Meta(title="终止日", description="The last local day, where it is known.")] = None


class OperatorEnding(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The end of what a platform may do for an operator: at once, or after a day."""

    reason: _Reason
    last_day: Annotated[
        date | None, Meta(title="最后一日", description="The last local day on which it holds; at once, if left out.")
    ] = None
