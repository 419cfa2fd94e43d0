"""The two files, an export of a tenant's trail and a seal over the ends of its streams: NDJSON, so that size is no limit."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import msgspec

EXPORT_FORMAT: Final = "wenze-audit-export-1"
SEAL_FORMAT: Final = "wenze-audit-seal-1"


class ExportHead(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The first line of an export."""

    format: Literal["wenze-audit-export-1"]
    tenant: int
    slug: str
    exported_at: datetime


class ExportRow(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One audit row with its content; ``salt`` and ``content`` are null where the content has been erased."""

    stream: str
    seq: int
    at: datetime
    client_id: UUID | None
    person_id: UUID | None
    unit_id: UUID | None
    role: str | None
    action: str
    subject: str
    digest: str
    previous: str
    hash: str
    salt: str | None
    content: str | None


class ExportEnd(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The last line of an export, so that a file cut short is noticed."""

    rows: int


class SealHead(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The first line of a seal."""

    format: Literal["wenze-audit-seal-1"]
    tenant: int
    slug: str
    sealed_at: datetime


class SealedEnd(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The end of one stream when the seal was made."""

    stream: str
    seq: int
    hash: str


class Signature(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The last line of a seal: a signature over the SHA-256 of all lines before it."""

    alg: str
    signature: str


def line_of(value: msgspec.Struct) -> bytes:
    """The value as one line."""
    return msgspec.json.encode(value) + b"\n"
