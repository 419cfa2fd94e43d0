"""What the code has written as events, against what the catalogue says that there is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select

from core.events.event_type import event_types
from core.store.database import Database
from core.store.tables import TENANT, outbox

MADE_UP = "setting.added"
"""What tests of the store write, as no code does."""
_ROWS = select(outbox).where(outbox.c.tenant == TENANT)
_TOLD = re.compile(r"[A-Za-z0-9.:+_-]{1,100}")
"""Ids, keys, days and instants; no words, in whatever language."""


async def check_events(database: Database, tenants: Iterable[int]) -> None:
    """Every event of the tenants is of a type that is listed, with the references that it is said to have."""
    faults: set[str] = set()
    for tenant in tenants:
        async with database.reading(tenant) as session:
            rows = await session.all(_ROWS)
        faults |= {fault for row in rows for fault in faults_of(row)}
    assert not faults, f"to be told in core/events: {sorted(faults)}"


def faults_of(row: Mapping[str, Any]) -> Iterable[str]:
    """What of an event the catalogue does not say."""
    if row["type"] == MADE_UP:
        return []
    known = event_types().get(row["type"])
    if known is None or known.version != row["version"]:
        return [f"{row['type']} {row['version']} with {sorted(row['refs'])}"]
    unknown = [f"{row['type']}: {name}" for name in row["refs"].keys() - set(known.refs)]
    return unknown + [f"{row['type']}: {name}={value!r}" for name, value in row["refs"].items() if not _is_reference(value)]


def _is_reference(value: object) -> bool:
    return value is None or isinstance(value, int) or (isinstance(value, str) and _TOLD.fullmatch(value) is not None)
