"""Posts to an address that a tenant has named, guarded, and says of an answer whether it is worth another try."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import NamedTuple

import httpx2

from core.errors import Invalid
from core.messages.channel import Failed, Reach
from core.reaching import FAULTS, WHOLE_SECONDS, GuardedTransport, OutOfReach, timeouts

_BUSY = frozenset({408, 425, 429})
_SERVER_FAULT = 500
_SUCCESS = range(200, 300)


class Answer(NamedTuple):
    """What the other side answered."""

    status: int
    content: bytes


async def post(url: str, content: bytes, headers: Mapping[str, str], reach: Reach) -> Answer:
    """The answer of a success; raises :class:`Failed`. Nothing is followed, and the whole takes a bounded time."""
    try:
        async with asyncio.timeout(WHOLE_SECONDS):
            answer = await _ask(url, content, headers, reach)
    except TimeoutError as error:
        raise Failed("timeout", temporary=True) from error
    except OutOfReach as error:
        # A name can lead elsewhere tomorrow, and the operator can name a network today.
        raise Failed("out-of-reach", temporary=True) from error
    except (*FAULTS, ValueError) as error:
        raise Failed("unreachable", temporary=True) from error
    if answer.status not in _SUCCESS:
        again = answer.status in _BUSY or answer.status >= _SERVER_FAULT
        raise Failed(f"http-{answer.status}", temporary=again)
    return answer


async def _ask(url: str, content: bytes, headers: Mapping[str, str], reach: Reach) -> Answer:
    transport = GuardedTransport(reach.networks)
    async with httpx2.AsyncClient(transport=transport, timeout=timeouts(), trust_env=False) as client:
        found = await client.post(url, content=content, headers=dict(headers))
        return Answer(found.status_code, found.content)


def check_url(url: str, field: str) -> None:
    """Raises :class:`Invalid` for an address that is neither https nor, for trials, http on a loopback address."""
    from core.accounts.providers import is_safe_address  # here: what it stands beside is not needed to send

    if not is_safe_address(url):
        raise Invalid("messages.url-malformed", field=field)
