"""Posts a signed event to its receiver: once, to an address that was checked, and soon; its answer's content is not read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.events.envelope import MEDIA_TYPE
from core.settings import Network
from core.webhooks.delivery import Fault
from core.webhooks.signing import headers_of

GONE = 410
_WISHED = frozenset({429, 503})
_AGENT = "wenze-webhooks/1"


@dataclass(frozen=True, slots=True)
class Post:
    """What is posted where."""

    url: str = field(repr=False)
    id: str
    body: bytes = field(repr=False)
    signers: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of it; ``wish`` is the answer's Retry-After."""

    status: int | None
    fault: Fault | None
    milliseconds: int
    wish: str | None = None

    @property
    def is_gone(self) -> bool:
        """Whether the receiver wants no more."""
        return self.status == GONE


async def post(sent: Post, networks: tuple[Network, ...], at: datetime) -> Answer:
    """Posts it, and says what came of it; raises nothing whatever the receiver does."""
    headers = {"content-type": MEDIA_TYPE, "user-agent": _AGENT}
    headers |= headers_of(sent.signers, sent.id, int(at.timestamp()), sent.body)
    began = time.monotonic()
    status, fault, wish = await _ask(sent, networks, headers)
    return Answer(status, fault, round((time.monotonic() - began) * 1000), wish)


async def _ask(
    sent: Post, networks: tuple[Network, ...], headers: Mapping[str, str]
) -> tuple[int | None, Fault | None, str | None]:
    import httpx2  # here: it takes long to load, and a start needs none of it

    from core.reaching import FAULTS, WHOLE_SECONDS, GuardedTransport, OutOfReach, timeouts

    transport = GuardedTransport(networks, reads=False)
    client = httpx2.AsyncClient(transport=transport, timeout=timeouts(), follow_redirects=False, trust_env=False)
    try:
        asked = client.stream("POST", sent.url, content=sent.body, headers=dict(headers))
        async with asyncio.timeout(WHOLE_SECONDS), client, asked as answer:
            wish = answer.headers.get("retry-after") if answer.status_code in _WISHED else None
            return answer.status_code, _fault_of(answer.status_code), wish
    except OutOfReach:
        return None, Fault.ADDRESS, None
    except (TimeoutError, httpx2.TimeoutException):
        return None, Fault.TIMEOUT, None
    except (*FAULTS, ValueError):
        return None, Fault.CONNECTION, None


def _fault_of(status: int) -> Fault | None:
    if 200 <= status < 300:
        return None
    return Fault.REDIRECT if 300 <= status < 400 else Fault.STATUS
