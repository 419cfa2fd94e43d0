"""The first answer to an idempotency key is kept, sealed, and told again (design, promise 9; PITFALLS 24)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from api.exchange import Answer, Exchange
from api.requests import read_idempotency_key
from core.errors import Refused
from core.store.replays import Replay, find_replay, keep_replay
from core.store.session import TenantSession
from core.tenants.principal import Principal

REPLAYED = (b"idempotency-replayed", b"true")
"""The header of an answer that is told again."""
_KEPT_HEADERS = frozenset({b"content-type", b"etag", b"location", b"cache-control", b"link"})


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request under a key: whose, for which operation, and a digest of everything that it asks."""

    client_id: UUID
    route: str
    key: str
    digest: bytes

    @classmethod
    def of(cls, exchange: Exchange, route: str, body: bytes, who: Principal) -> Attempt:
        """The attempt of a request; raises :class:`api.faults.BadInput` without a proper key.

        Who asks is part of it: what a platform was answered for one of its operators is told to no other.
        """
        asked = hashlib.sha256(exchange.address.encode() + b"\0" + exchange.query_string + b"\0")
        asked.update(who.person_id.bytes + exchange.headers.get(b"if-match", b"") + b"\0" + body)
        return cls(who.client_id, route, read_idempotency_key(exchange.headers), asked.digest())

    async def find_answer(self, session: TenantSession) -> Answer | None:
        """The first answer to the key, if there is one; raises :class:`Refused` where it was to another request."""
        kept = await find_replay(session, self.client_id, self.route, self.key)
        if kept is None:
            return None
        if kept.body_hash != self.digest:
            raise Refused("api.idempotency-key-reused")
        headers = tuple((name.encode(), value.encode()) for name, value in kept.headers.items())
        return Answer(kept.status, kept.body, (*headers, REPLAYED))

    async def keep(self, session: TenantSession, answer: Answer, hours: int) -> None:
        """Keeps the answer with the session's next flush."""
        headers = {name.decode(): value.decode() for name, value in answer.headers if name in _KEPT_HEADERS}
        replay = Replay(self.digest, answer.status, answer.body, headers)
        await keep_replay(session, self.client_id, self.route, self.key, replay, lasting=timedelta(hours=hours))
