"""Asks identity providers over guarded connections (:mod:`core.reaching`), and says of one that is away that it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2

from core.errors import Unavailable
from core.reaching import FAULTS, WHOLE_SECONDS, GuardedTransport, timeouts
from core.settings import Network


async def fetch(networks: tuple[Network, ...], address: str) -> tuple[int, bytes]:
    """The status and the content of a document at an address; raises :class:`Unavailable`."""
    client = httpx2.AsyncClient(
        transport=GuardedTransport(networks), timeout=timeouts(), follow_redirects=False, trust_env=False
    )
    async with soon(), client:
        answer = await client.get(address, headers={"accept": "application/json"})
    return answer.status_code, answer.content


@asynccontextmanager
async def soon() -> AsyncIterator[None]:
    """What is done within has ten seconds; raises :class:`Unavailable` where it does not get there or may not."""
    try:
        async with asyncio.timeout(WHOLE_SECONDS):
            yield
    except FAULTS as error:
        raise Unavailable("federation.provider-away") from error
