"""Reaches addresses that a tenant has told us, and no others than it may (PITFALLS 27).

A host is looked up once, each of its addresses is checked, and the connection goes to the one that was checked, under the
host's own name. Only public addresses are reached, and those on networks that the operator has named; without TLS loopback
alone. No redirect is followed, no proxy of the environment asked; an answer is short, plain and soon there.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import IPv4Address, IPv6Address, ip_address

import httpx2

from core.errors import Unavailable
from core.settings import Network

LONGEST_ANSWER = 262_144
"""Bytes."""
_SECONDS = 5.0
_WHOLE_SECONDS = 10.0
_PORTS = {"https": 443, "http": 80}
Address = IPv4Address | IPv6Address


class OutOfReach(Exception):
    """An address that may not be reached, or an answer that may not be read."""


class GuardedTransport(httpx2.AsyncBaseTransport):
    """Sends a request to an address that was checked; for httpx2's own clients and Authlib's."""

    def __init__(self, networks: tuple[Network, ...]) -> None:
        self._networks = networks
        self._inner = httpx2.AsyncHTTPTransport(trust_env=False, retries=0)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The answer, its length bounded; raises :class:`OutOfReach`."""
        url = request.url
        if url.scheme not in _PORTS:
            raise OutOfReach("neither https nor http")
        address = await _resolve(url.host, url.port or _PORTS[url.scheme])
        if not is_reachable(address, self._networks, secure=url.scheme == "https"):
            raise OutOfReach("not an address that may be reached")
        request.url = url.copy_with(host=str(address))
        request.extensions = {**request.extensions, "sni_hostname": url.host}
        request.headers["accept-encoding"] = "identity"
        answer = await self._inner.handle_async_request(request)
        if answer.headers.get("content-encoding", "identity") != "identity":
            await answer.aclose()
            raise OutOfReach("the answer is encoded")
        return httpx2.Response(
            answer.status_code, headers=answer.headers, stream=_Bounded(answer), extensions=answer.extensions
        )

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._inner.aclose()


class _Bounded(httpx2.AsyncByteStream):
    """An answer's bytes, up to the most that is read of one."""

    def __init__(self, answer: httpx2.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = 0
        async for piece in self._answer.aiter_raw():
            read += len(piece)
            if read > LONGEST_ANSWER:
                raise OutOfReach("the answer is too long")
            yield piece

    async def aclose(self) -> None:
        await self._answer.aclose()


def timeouts() -> httpx2.Timeout:
    """How long a client waits for a connection, and for each part of an answer."""
    return httpx2.Timeout(_SECONDS)


@asynccontextmanager
async def soon() -> AsyncIterator[None]:
    """What is done within has ten seconds; raises :class:`Unavailable` where it does not get there or may not."""
    try:
        async with asyncio.timeout(_WHOLE_SECONDS):
            yield
    except (OutOfReach, TimeoutError, OSError, httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise Unavailable("federation.provider-away") from error


def is_reachable(address: Address, networks: tuple[Network, ...], *, secure: bool) -> bool:
    """Whether an address may be reached: a public one, or one that the operator has named; without TLS loopback alone."""
    plain = getattr(address, "ipv4_mapped", None) or address
    named = any(plain in network for network in networks)
    if not secure:
        return named and plain.is_loopback
    return named or (plain.is_global and not plain.is_multicast)


async def _resolve(host: str, port: int) -> Address:
    """The first address of a host, the system's order being kept; raises :class:`OSError` where there is none."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return ip_address(str(found[0][4][0]).partition("%")[0])
