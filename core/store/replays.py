"""The answer to a request under an idempotency key, kept to be told again (promise 9); sealed: it can hold a receipt.

A second request with the same key that did not find the first one's answer fails at its flush with
:class:`core.store.violations.AlreadyDone`, however close the two were.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import bindparam, delete, select

from core.store.session import TenantSession
from core.store.tables.records import idempotency
from core.store.tables.schema import TENANT

_FIND = select(
    idempotency.c.body_hash, idempotency.c.status, idempotency.c.response, idempotency.c.headers
).where(
    idempotency.c.tenant == TENANT,
    idempotency.c.client_id == bindparam("of_client"),
    idempotency.c.route == bindparam("of_route"),
    idempotency.c.key == bindparam("of_key"),
)  # fmt: skip
_PURGE = delete(idempotency).where(idempotency.c.tenant == TENANT, idempotency.c.expires_at <= bindparam("now"))


@dataclass(frozen=True, slots=True)
class Replay:
    """What was answered, and the digest of what had been asked."""

    body_hash: bytes
    status: int
    body: bytes
    headers: Mapping[str, str]


async def find_replay(session: TenantSession, client_id: UUID, route: str, key: str) -> Replay | None:
    """What the client was answered under this key on this route, or None. Kept at least as long as was said."""
    row = await session.one(_FIND, {"of_client": client_id, "of_route": route, "of_key": key})
    if row is None:
        return None
    body = (await session.keys()).open(bytes(row["response"]), _purpose(client_id, route, key))
    return Replay(bytes(row["body_hash"]), row["status"], body, row["headers"])


async def keep_replay(
    session: TenantSession, client_id: UUID, route: str, key: str, replay: Replay, *, lasting: timedelta
) -> None:
    """Keeps an answer, written with the session's next flush."""
    sealed = (await session.keys()).seal(replay.body, _purpose(client_id, route, key))
    row = {
        "client_id": client_id,
        "route": route,
        "key": key,
        "body_hash": replay.body_hash,
        "status": replay.status,
        "response": sealed,
        "headers": dict(replay.headers),
        "created_at": session.recorded_at,
        "expires_at": session.recorded_at + lasting,
    }
    session.add(idempotency, row)


async def purge_replays(session: TenantSession) -> int:
    """Forgets the answers whose time is over; answers how many."""
    return await session.execute(_PURGE, {"now": session.recorded_at})


def _purpose(client_id: UUID, route: str, key: str) -> str:
    return f"replay|{client_id}|{route}|{key}"
