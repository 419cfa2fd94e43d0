"""Reaches addresses that a tenant has told us, and no others than it may (PITFALLS 27).

A host is looked up once, each of its addresses is checked, and the connection goes to the one that was checked, under the
host's own name. Only public addresses are reached, and those on networks that the operator has named; without TLS loopback
alone. No redirect is followed, no proxy of the environment asked; an answer is short, plain and soon there.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

import httpx2

from core.settings import Network

LONGEST_ANSWER = 262_144
"""Bytes."""
WHOLE_SECONDS = 10.0
"""For everything from the look-up of the name to the end of the answer."""
_SECONDS = 5.0
_PORTS = {"https": 443, "http": 80}
_TRANSLATED = IPv6Network("64:ff9b::/96")
"""Behind which a network translates to IPv4 (RFC 6052)."""
_LOW_32_BITS = 0xFFFF_FFFF
_GIVEN_OUT = IPv6Network("2000::/3")
"""All that is given out of IPv6 (RFC 4291): elsewhere are sites of their own, translators, and IPv4 in other forms."""
_LOOK_UPS = 128
"""Names that a process looks up at a time: more than one tenant has receivers, however long their name servers take."""
Address = IPv4Address | IPv6Address


class OutOfReach(Exception):
    """An address that may not be reached, or an answer that may not be read."""


FAULTS = (OutOfReach, TimeoutError, OSError, httpx2.HTTPError, httpx2.InvalidURL)
"""What is raised where somebody does not answer, or not soundly, or may not be asked."""


class GuardedTransport(httpx2.AsyncBaseTransport):
    """Sends a request to an address that was checked; for httpx2's own clients and Authlib's.

    ``reads`` says whether the answer's content is wanted at all: an encoded one is refused only then. No connection is used
    twice: it was made for one host's name, and another host may have the same address.
    """

    def __init__(self, networks: tuple[Network, ...], *, reads: bool = True) -> None:
        self._networks, self._reads = networks, reads
        alone = httpx2.Limits(max_connections=None, max_keepalive_connections=0)
        self._inner = httpx2.AsyncHTTPTransport(verify=trusted(), trust_env=False, retries=0, limits=alone)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The answer, its length bounded; raises :class:`OutOfReach`."""
        url = request.url
        if url.scheme not in _PORTS:
            raise OutOfReach("neither https nor http")
        port, secure = url.port or _PORTS[url.scheme], url.scheme == "https"
        address = await find_address(url.host, port, self._networks, secure=secure)
        request.url = url.copy_with(host=str(address))
        request.extensions = {**request.extensions, "sni_hostname": url.host}
        request.headers["accept-encoding"] = "identity"
        answer = await self._inner.handle_async_request(request)
        if self._reads and answer.headers.get("content-encoding", "identity") != "identity":
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


@cache
def trusted() -> ssl.SSLContext:
    """Whom connections trust; read once, because it takes longer than a request."""
    return httpx2.create_ssl_context(trust_env=False)


def timeouts() -> httpx2.Timeout:
    """How long a client waits for a connection, and for each part of an answer."""
    return httpx2.Timeout(_SECONDS)


async def find_address(host: str, port: int, networks: tuple[Network, ...], *, secure: bool) -> Address:
    """The address to which a connection to the host is to go; raises :class:`OutOfReach`, and :class:`OSError` where the
    name leads nowhere."""
    address = await _resolve(host, port)
    if not is_reachable(address, networks, secure=secure):
        raise OutOfReach("not an address that may be reached")
    return address


def is_reachable(address: Address, networks: tuple[Network, ...], *, secure: bool) -> bool:
    """Whether an address may be reached: a public one, or one that the operator has named; without TLS loopback alone."""
    plain = _plain(address)
    named = any(plain in network for network in networks)
    if not secure:
        return named and plain.is_loopback
    public = plain.is_global and not plain.is_multicast
    return named or (public and (isinstance(plain, IPv4Address) or plain in _GIVEN_OUT))


def _plain(address: Address) -> Address:
    """The IPv4 address that one of IPv6 leads to, where it does (mapped, 6to4, NAT64)."""
    if isinstance(address, IPv4Address):
        return address
    if address in _TRANSLATED:
        return IPv4Address(int(address) & _LOW_32_BITS)
    return address.ipv4_mapped or address.sixtofour or address


async def _resolve(host: str, port: int) -> Address:
    """The first address of a host, the system's order being kept; raises :class:`OSError` where there is none."""
    found = await asyncio.shield(asyncio.wrap_future(_asked(host, port)))
    return ip_address(str(found[0][4][0]).partition("%")[0])


_under_way: dict[tuple[str, int], Future[list[Any]]] = {}


def _asked(host: str, port: int) -> Future[list[Any]]:
    """The look-up of a host, the one that is under way where there is one.

    In threads of their own: a name server that does not answer would else hold up whoever needs one of the loop's few.
    """
    key = (host, port)
    asked = _under_way.get(key)
    if asked is None:
        _under_way[key] = asked = _threads().submit(look_up, host, port)
        asked.add_done_callback(lambda _: _under_way.pop(key, None))
    return asked


def look_up(host: str, port: int) -> list[Any]:
    """Asks the system's resolver; in a thread."""
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_LOOK_UPS, thread_name_prefix="look-up")
