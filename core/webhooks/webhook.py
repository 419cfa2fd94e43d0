"""A webhook: where which events go, and what an administrator may say of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from core.accounts.providers import is_safe_address
from core.errors import Invalid
from core.events.event_type import BELOW, EVERYTHING, event_types, is_wanted

MOST_WEBHOOKS = 50
"""Of one tenant."""
LONGEST_OVERLAP_HOURS = 168

_Url = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=500,
        title="接收地址",
        description="Where events are posted to: https, or http on a loopback address for trials. Only public addresses are "
        "reached, and those on networks that the operator has named (`WENZE_WEBHOOK_NETWORKS`). No redirect is followed.",
    ),
]
_Pattern = Annotated[str, Meta(max_length=80, pattern=r"^(\*|[a-z][a-z0-9-]*\.(\*|[a-z][a-z0-9-]*))$(?!\n)")]
_Types = Annotated[
    tuple[_Pattern, ...],
    Meta(
        min_length=1,
        max_length=100,
        title="事件类型",
        description="Types of `GET /event-types`; `case.*` for all that begin so, also later ones; `*` for all, also "
        "what only administrators are told of.",
    ),
]
_Description = Annotated[str, Meta(max_length=500, title="说明", description="What it is for")]
_Reason = Annotated[str, Meta(min_length=1, max_length=500, pattern=r"\S", title="理由")]


class DisabledFor(StrEnum):
    """Why a webhook is disabled. There can be more."""

    ADMINISTRATOR = "administrator"
    """An administrator disabled it."""
    GONE = "gone"
    """The receiver answered 410: it wants no more."""
    FAILING = "failing"
    """For three days nothing but failures."""


class WebhookStatement(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A webhook as it is to be."""

    url: _Url
    types: _Types
    description: _Description = ""


class WebhookReason(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Why it is done."""

    reason: _Reason


class SecretRotation(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Why there is to be a new secret, and for how long the old one signs beside it."""

    reason: _Reason
    overlap_hours: Annotated[
        int,
        Meta(
            ge=0,
            le=LONGEST_OVERLAP_HOURS,
            title="新旧并用小时数",
            description="For so long every event is signed with both; 0 where the old one has leaked.",
        ),
    ] = 24


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook as it stands."""

    id: UUID
    url: str
    types: tuple[str, ...]
    description: str
    secret_sealed: bytes | None = field(repr=False)
    former_sealed: bytes | None = field(repr=False)
    former_until: datetime | None
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_for: DisabledFor | None
    created_at: datetime
    created_by: UUID | None
    deleted_at: datetime | None
    version: int

    @property
    def is_enabled(self) -> bool:
        """Whether anything is sent to it."""
        return self.disabled_at is None and self.deleted_at is None

    def wants(self, type_: str) -> bool:
        """Whether events of a type go there."""
        return is_wanted(type_, self.types)

    def sealed_secrets(self, now: datetime) -> tuple[bytes, ...]:
        """The secrets that sign at a moment, the newest first."""
        former = self.former_sealed if self.former_until is not None and now < self.former_until else None
        return tuple(sealed for sealed in (self.secret_sealed, former) if sealed is not None)


def check_statement(said: WebhookStatement) -> None:
    """Raises :class:`Invalid` for an address that may not be asked, and for types that do not exist."""
    if not is_safe_address(said.url):
        raise Invalid("webhooks.url-malformed", field="/url")
    for index, pattern in enumerate(said.types):
        if not _names_something(pattern):
            raise Invalid("webhooks.type-unknown", field=f"/types/{index}", type=pattern)


def _names_something(pattern: str) -> bool:
    if pattern == EVERYTHING or not pattern.endswith(BELOW):
        return pattern == EVERYTHING or pattern in event_types()
    return any(is_wanted(name, (pattern,)) for name in event_types())


def plain_types(types: Iterable[str]) -> list[str]:
    """The patterns as they are stored, each once."""
    return list(dict.fromkeys(types))
