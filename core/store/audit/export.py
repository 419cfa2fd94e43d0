"""Reads a tenant's trail out of the database: all of it for an export, the ends of its streams for a seal."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import and_, bindparam, func, or_, select

from core.store.audit.form import (
    EXPORT_FORMAT,
    SEAL_FORMAT,
    ExportEnd,
    ExportHead,
    ExportRow,
    SealedEnd,
    SealHead,
    Signature,
    line_of,
)
from core.store.audit.keys import PrivateKey, algorithm, sign
from core.store.prepared import Row
from core.store.session import TenantSession
from core.store.tables.records import audit, audit_content
from core.store.tables.schema import TENANT

_PAGE = 1_000
_ROWS = (
    select(audit, audit_content.c.salt, audit_content.c.content)
    .outerjoin(
        audit_content,
        and_(
            audit_content.c.tenant == audit.c.tenant,
            audit_content.c.stream == audit.c.stream,
            audit_content.c.seq == audit.c.seq,
        ),
    )
    .where(
        audit.c.tenant == TENANT,
        or_(
            audit.c.stream > bindparam("after"),
            and_(audit.c.stream == bindparam("after"), audit.c.seq > bindparam("after_seq")),
        ),
    )
    .order_by(audit.c.stream, audit.c.seq)
    .limit(_PAGE)
)
_LAST = (
    select(audit.c.stream, func.max(audit.c.seq).label("seq"))
    .where(audit.c.tenant == TENANT, audit.c.stream > bindparam("after"))
    .group_by(audit.c.stream)
    .order_by(audit.c.stream)
    .limit(_PAGE)
    .subquery()
)
_ENDS = (
    select(audit.c.stream, audit.c.seq, audit.c.hash)
    .join(_LAST, and_(_LAST.c.stream == audit.c.stream, _LAST.c.seq == audit.c.seq))
    .where(audit.c.tenant == TENANT)
    .order_by(audit.c.stream)
)


async def export_trail(session: TenantSession, slug: str) -> AsyncIterator[bytes]:
    """The lines of an export, stream by stream; in a session of the tenant."""
    yield line_of(ExportHead(EXPORT_FORMAT, session.tenant, slug, session.recorded_at))
    place: dict[str, Any] = {"after": "", "after_seq": 0}
    count = 0
    while rows := await session.all(_ROWS, place):
        for row in rows:
            yield line_of(_export_row(row))
        count += len(rows)
        place = {"after": rows[-1]["stream"], "after_seq": rows[-1]["seq"]}
    yield line_of(ExportEnd(count))


async def seal_trail(session: TenantSession, slug: str, key: PrivateKey) -> AsyncIterator[bytes]:
    """The lines of a seal: the end of every stream as it is now, signed."""
    digest, after = hashlib.sha256(), ""
    head = line_of(SealHead(SEAL_FORMAT, session.tenant, slug, session.recorded_at))
    digest.update(head)
    yield head
    while rows := await session.all(_ENDS, {"after": after}):
        for row in rows:
            line = line_of(SealedEnd(row["stream"], row["seq"], bytes(row["hash"]).hex()))
            digest.update(line)
            yield line
        after = rows[-1]["stream"]
    signature = sign(key, digest.digest())
    yield line_of(Signature(algorithm(key), base64.b64encode(signature).decode()))


def _export_row(row: Row) -> ExportRow:
    salt = row["salt"]
    return ExportRow(
        stream=row["stream"],
        seq=row["seq"],
        at=row["at"],
        client_id=row["client_id"],
        person_id=row["person_id"],
        unit_id=row["unit_id"],
        role=row["role"],
        action=row["action"],
        subject=row["subject"],
        digest=bytes(row["digest"]).hex(),
        previous=bytes(row["previous"]).hex(),
        hash=bytes(row["hash"]).hex(),
        salt=None if salt is None else bytes(salt).hex(),
        content=row["content"],
    )
