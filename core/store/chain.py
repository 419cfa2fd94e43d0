"""The audit trail's arithmetic: pure, so that the offline check uses the same lines as the service.

A row's hash covers the row and the hash before it; what changed is covered by a salted digest, so that the content can be
erased and the chain still holds (promise 4).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from core.store.types import microseconds

FORMAT = "wenze-audit-1"
SALT_BYTES = 16
_canonical = msgspec.json.Encoder(order="sorted", decimal_format="string", uuid_format="canonical")


class NotCanonical(TypeError):
    """A content holds a float, which two programs can write differently."""


@dataclass(frozen=True, slots=True)
class Link:
    """The end of a stream: the number of its last row and that row's hash."""

    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An audit row without its hash."""

    tenant: int
    stream: str
    seq: int
    at: datetime
    client_id: UUID | None
    person_id: UUID | None
    unit_id: UUID | None
    role: str | None
    action: str
    subject: str
    digest: bytes
    previous: bytes


def start_of(tenant: int, stream: str) -> Link:
    """What the first row of a stream follows; it differs per stream, so that a chain cannot be moved to another one."""
    return Link(0, hashlib.sha256(_canonical.encode([FORMAT, "start", tenant, stream])).digest())


def hash_of(entry: Entry) -> bytes:
    """The hash of a row, over all its columns and the hash before it."""
    ids = [None if id_ is None else str(id_) for id_ in (entry.client_id, entry.person_id, entry.unit_id)]
    parts = [FORMAT, entry.tenant, entry.stream, entry.seq, microseconds(entry.at), *ids, entry.role, entry.action]
    return hashlib.sha256(_canonical.encode([*parts, entry.subject, entry.digest.hex(), entry.previous.hex()])).digest()


def digest_of(salt: bytes, content: str) -> bytes:
    """The salted digest by which a row speaks of its content; without the salt the content cannot be guessed."""
    return hashlib.sha256(salt + content.encode()).digest()


def canonical(content: Mapping[str, object]) -> str:
    """The content as JSON with sorted keys; raises :class:`NotCanonical` for floats."""
    plain = msgspec.to_builtins(content, str_keys=True, order="sorted")
    _refuse_floats(plain)
    return _canonical.encode(plain).decode()


def _refuse_floats(value: object) -> None:
    if isinstance(value, float):
        raise NotCanonical(f"{value!r} is a float; write a decimal as text")
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            _refuse_floats(item)
