"""Who a request comes from, as far as that can be known, and how often an address may fail before it has to wait."""

from __future__ import annotations

from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

import msgspec

from api.bounded import Bounded
from api.endpoints import Runner
from api.exchange import Answer, Exchange
from api.pipeline import Pipeline
from api.services import Services
from core.accounts.throttle import Allowance, Counter, take_attempt
from core.errors import Limited, NotFound
from core.settings import Network, Settings
from core.texts import render

Address = IPv4Address | IPv6Address
_UNAUTHORIZED = 401
_SECOND = timedelta(seconds=1)
_FIRST_WAIT, _LONGEST_WAIT, _FORGOTTEN = timedelta(seconds=5), timedelta(minutes=1), timedelta(minutes=10)


def client_address(scope: Any, settings: Settings) -> str:
    """The address that a request comes from; empty where the connection has none, as on a Unix socket.

    What X-Forwarded-For says counts only behind a trusted proxy, read from its end: the first address that is none of the
    trusted ones. Whatever stands before that was written by whoever asked.
    """
    peer = _address(str((scope.get("client") or ("",))[0]))
    if peer is None:
        return ""
    for hop in (peer, *reversed(_forwarded(scope["headers"]) if _is_trusted(peer, settings.trusted_proxies) else [])):
        if hop is None:
            break
        peer = hop
        if not _is_trusted(hop, settings.trusted_proxies):
            break
    return str(peer)


def _forwarded(headers: list[tuple[bytes, bytes]]) -> list[Address | None]:
    told = b",".join(value for name, value in headers if name == b"x-forwarded-for").decode("latin-1")
    return [_address(part.strip()) for part in told.split(",")] if told else []


def _address(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _is_trusted(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address in network for network in networks)


class Limits:
    """Makes an address wait that has failed too often, at a tenant's addresses for clients; counted for all processes.

    What succeeds is not counted and, unless every request costs something, not kept waiting: nobody can lock out a client
    that shares an address, and no secret of ours is found by guessing. What is known to wait writes nothing.
    """

    def __init__(self, services: Services, pipeline: Pipeline) -> None:
        self._services, self._pipeline = services, pipeline
        self._waits: Bounded[tuple[int, str], datetime] = Bounded()

    def of_failures(self, kind: str, runner: Runner) -> Runner:
        """Counts the requests of which nobody showed who they are by (401)."""

        async def run(exchange: Exchange) -> Answer:
            answer = await runner(exchange)
            return answer if answer.status != _UNAUTHORIZED else await self._count(exchange, kind) or answer

        return run

    def of_requests(self, kind: str, runner: Runner) -> Runner:
        """Counts every request, where each leaves something behind and none needs to show who it is from."""

        async def run(exchange: Exchange) -> Answer:
            return await self._count(exchange, kind) or await runner(exchange)

        return run

    def of_misses(self, kind: str, runner: Runner) -> Runner:
        """Counts the requests for what is not there, where the address of a thing is all that its reader has to show."""

        async def run(exchange: Exchange) -> Answer:
            try:
                return await runner(exchange)
            except NotFound:
                wait = await self._wait(exchange, kind)
                if wait:
                    raise Limited("api.too-many-failures", wait=wait) from None
                raise

        return run

    async def _count(self, exchange: Exchange, kind: str) -> Answer | None:
        """The refusal where the address has to wait; else counts one."""
        wait = await self._wait(exchange, kind)
        return _refusal(exchange, wait) if wait else None

    async def _wait(self, exchange: Exchange, kind: str) -> int:
        """For how many seconds the address has to wait; where it need not, counts one."""
        settings, now = self._services.settings, self._services.wall.now()
        if settings.failures_per_address == 0:
            return 0
        tenant = (await self._pipeline.find_tenant(exchange)).tenant.id
        name = f"{kind}|{_site(client_address(exchange.scope, settings))}"
        until = self._waits.get((tenant, name))
        if until is not None and now < until:
            return -((now - until) // _SECOND)
        allowance = Allowance(settings.failures_per_address, _FIRST_WAIT, _LONGEST_WAIT, _FORGOTTEN)
        try:
            async with self._services.database.tenant(tenant) as session:
                await take_attempt(session, (Counter(name, allowance),), now)
        except Limited as limited:
            self._waits.keep((tenant, name), now + limited.wait * _SECOND)
            return limited.wait
        return 0


def _refusal(exchange: Exchange, wait: int) -> Answer:
    exchange.trace.code = "api.too-many-failures"
    text = render(exchange.trace.code, {"wait": wait}, "en")
    body = msgspec.json.encode({"error": "temporarily_unavailable", "error_description": text})
    headers = ((b"content-type", b"application/json"), (b"cache-control", b"no-store"))
    return Answer(429, body, (*headers, (b"retry-after", str(wait).encode())))


def _site(address: str) -> str:
    """What one party has: an IPv4 address, or the 64 bits of IPv6 that networks are given out by."""
    known = _address(address)
    return str(ip_network((known, 64), strict=False)) if isinstance(known, IPv6Address) else address
