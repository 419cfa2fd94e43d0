"""What the store's constraints refuse, as errors of wenze that name the constraint, alike on both engines."""

from __future__ import annotations

import re
from functools import cache

import asyncpg
from sqlalchemy import Index, PrimaryKeyConstraint, UniqueConstraint
from sqlalchemy.exc import IntegrityError

from core.errors import Conflict
from core.store.tables.schema import metadata

_SQLITE_UNIQUE = re.compile(r"UNIQUE constraint failed: ([\w., ]+)")


class Taken(Conflict):
    """A unique value is in use already; ``constraint`` is the name in the metadata (``uq_tenant_slug``)."""

    def __init__(self, constraint: str, code: str = "store.taken") -> None:
        super().__init__(code, constraint=constraint)
        self.constraint = constraint


class AlreadyDone(Taken):
    """Someone else did it first under the same idempotency key: roll back and replay what they answered."""


class StreamMoved(Taken):
    """Another transaction has written to the same audit stream meanwhile: read again and retry."""


_SPECIAL: dict[str, tuple[type[Taken], str]] = {
    "pk_idempotency": (AlreadyDone, "store.done-before"),
    "pk_audit": (StreamMoved, "store.stream-moved"),
    "pk_audit_content": (StreamMoved, "store.stream-moved"),
    # Whoever registers a platform's case second finds, asked again, that it is there.
    "pk_external_case": (StreamMoved, "store.stream-moved"),
}

Violation = (asyncpg.UniqueViolationError, IntegrityError)


def translated(error: BaseException) -> BaseException:
    """The error of wenze for a unique violation of either engine; any other error is answered as it is."""
    constraint = _constraint(error)
    if constraint is None:
        return error
    kind, code = _SPECIAL.get(constraint, (Taken, "store.taken"))
    return kind(constraint, code)


def _constraint(error: BaseException) -> str | None:
    if isinstance(error, asyncpg.UniqueViolationError):
        return str(error.constraint_name)
    if not isinstance(error, IntegrityError):
        return None
    cause = error.orig.__cause__ if error.orig is not None else None
    if isinstance(cause, asyncpg.UniqueViolationError):
        return str(cause.constraint_name)
    match = _SQLITE_UNIQUE.search(str(error.orig))
    return _by_columns().get(frozenset(match[1].split(", "))) if match else None


@cache
def _by_columns() -> dict[frozenset[str], str]:
    return {
        frozenset(f"{table.name}.{column.name}" for column in unique.columns): str(unique.name)
        for table in metadata.tables.values()
        for unique in (*table.constraints, *table.indexes)
        if isinstance(unique, PrimaryKeyConstraint | UniqueConstraint) or (isinstance(unique, Index) and unique.unique)
    }
