"""Files uploaded before a turn, outside what is measured: their rows, as an upload leaves them behind.

Each request attaches two that nobody else names: their ids end in the request's own number.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.benchmarks.load import MARK, MARK_DIGITS
from tests.benchmarks.stages import TWIN, Stage
from tests.benchmarks.twin_rows import CLIENT, PERSON

_PREFIXES = ("00000000-0000-7000-8000-", "00000000-0000-7000-8001-")
FILES = tuple(f"{prefix}{MARK}" for prefix in _PREFIXES)
"""The ids as they stand in a request."""
_MOST_A_SECOND = 3_000
"""More than a server registers; one that comes further is refused files that are not there, and the line says so."""
_COLUMNS = (
    "tenant", "id", "client_id", "person_id", "name", "media_type", "size", "sha256", "scan", "alg", "kid", "wrapped_key",
    "uploaded_at", "expires_at", "part", "version",
)  # fmt: skip

Owner = tuple[UUID, UUID]
"""A client and the person it acts as."""
TWINS_OWNER: Owner = (CLIENT, PERSON)


@dataclass(frozen=True, slots=True)
class Uploads:
    """Uploads for the tenants that are registered in, in turn, by their own clients or all by the twin's."""

    stage: Stage
    tenants: tuple[int, ...]
    owners: dict[int, Owner]

    async def prepare(self, seconds: float, *, twin: bool) -> int:
        """Puts as many files in place as can be named in so many seconds; answers the first number."""
        first = time.time_ns() // 1_000 % 10**MARK_DIGITS
        connection = await self.stage.connect(TWIN)
        try:
            records = self._rows(first, int(seconds * _MOST_A_SECOND), twin=twin)
            await connection.copy_records_to_table("attachment", records=records, columns=_COLUMNS)
        finally:
            await connection.close()
        return first

    def _rows(self, first: int, count: int, *, twin: bool) -> Iterator[tuple[Any, ...]]:
        now, digest, key = datetime.now(UTC), os.urandom(32), os.urandom(60)
        sealed = ("clean", "A256GCM", "t-0123456789ab", key, now, now + timedelta(days=1), "original", 1)
        for place in range(count):
            tenant = self.tenants[place % len(self.tenants)]
            owner = TWINS_OWNER if twin else self.owners[tenant]
            for prefix in _PREFIXES:
                id_ = UUID(f"{prefix}{(first + place) % 10**MARK_DIGITS:0{MARK_DIGITS}d}")
                yield tenant, id_, *owner, "现场照片.jpg", "image/jpeg", 182_044, digest, *sealed


async def find_owners(stage: Stage, names: dict[int, str]) -> dict[int, Owner]:
    """The clients of tenants, by the name that each signs in with."""
    connection = await stage.connect(TWIN)
    try:
        rows = await connection.fetch(
            "SELECT tenant, id, person_id FROM client WHERE (tenant, client_id) IN"
            " (SELECT * FROM unnest($1::integer[], $2::text[]))",
            list(names), list(names.values()),
        )  # fmt: skip
    finally:
        await connection.close()
    return {row["tenant"]: (row["id"], row["person_id"]) for row in rows}
