"""The way of every request, in one place and one order, so that no route can forget a check.

Tenant → what the city has → token → scope and roles → input → session → replay → If-Match → handler → commit → answer.
A body is read, and a token checked, before a transaction is opened; what was checked on the tenant's last known
configuration is checked again where the session finds a newer one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from api.catalogue import Bound, Catalogue
from api.directory import Directory
from api.etags import expected_version, is_unchanged, tag_of
from api.exchange import Answer, Exchange
from api.faults import BadInput
from api.idempotency import REPLAYED, Attempt
from api.oauth.operators import HEADER, Proof
from api.oauth.tokens import Authenticator, read_bearer
from api.operations import Access, Call, Incoming, Method, Operation, Received, Receiver, Reply
from api.pages import link_next
from api.problems import NOT_FOUND
from api.requests import (
    announced_length,
    check_media_type,
    declared_media_type,
    decode_body,
    read_body,
    read_idempotency_key,
    stream_body,
)
from api.services import Services
from core.errors import Conflict, NotFound, WenzeError
from core.platforms.assertions import Assertion
from core.platforms.spending import spend_assertion
from core.store.session import Actor, Reconfigured, TenantSession
from core.store.violations import AlreadyDone, StreamMoved
from core.tenants.principal import Principal
from core.tenants.snapshot import Snapshot

_ENCODER = msgspec.json.Encoder(decimal_format="string")
_JSON = (b"content-type", b"application/json")
_MOST_ATTEMPTS = 4
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", re.ASCII)


@dataclass(slots=True)
class Request:
    """What is known of a request before its session is opened."""

    exchange: Exchange
    bound: Bound
    snapshot: Snapshot
    principal: Principal | None = None
    query: Any = None
    body: Any = None
    raw: bytes = b""
    attempt: Attempt | None = None
    assertion: Assertion | None = None
    expected: int | None = None
    """The revision of the configuration on which it is decided, for as long as that is thought to be the present one."""

    @property
    def operation(self) -> Operation:
        """The operation asked for."""
        return self.bound.operation


class Pipeline:
    """Runs operations."""

    def __init__(self, services: Services, catalogue: Catalogue) -> None:
        self.services, self.catalogue = services, catalogue
        self._directory = Directory(services)
        self._authenticator = Authenticator(services)

    async def run(self, operation: Operation, exchange: Exchange) -> Answer:
        """One request from its path to its answer; raises :class:`core.errors.WenzeError`."""
        snapshot = await self.find_tenant(exchange)
        request = Request(exchange, self._find_operation(operation, exchange, snapshot), snapshot)
        await self._authenticate(request)
        await self._read_input(request)
        if operation.needs is Access.NONE:
            return self._answer(request, await operation.handler(self._call(request, None)))
        if operation.receive is not None:
            return await self._settle_received(request, await self._receive(request, operation.receive))
        return await self._settle(request)

    async def _settle(self, request: Request) -> Answer:
        try:
            return await self._run_until_settled(request)
        except WenzeError as error:
            earlier = await self._find_earlier(request, error)
            if earlier is None:
                raise
            return earlier

    async def _receive(self, request: Request, receive: Receiver) -> Received:
        """Takes a streamed body in, before a session is opened; nothing of it is held here."""
        exchange, who = request.exchange, _required(request.principal)
        read_idempotency_key(exchange.headers)
        media_type, announced = declared_media_type(exchange.headers), announced_length(exchange.headers)
        incoming = Incoming(media_type, announced, stream_body(exchange.receive))
        request.body = received = await receive(self._call(request, None), incoming)
        request.attempt = Attempt.of(exchange, request.bound.id, received.digest, who)
        return received

    async def _settle_received(self, request: Request, received: Received) -> Answer:
        """Keeps what was received if the request is done by it, and else gives it up.

        Where it stays open whether the commit was done, because the store went away in it, nothing is given up that a row
        may speak of; what no row speaks of is found later.
        """
        try:
            answer = await self._settle(request)
        except WenzeError:
            await received.discard()
            raise
        if REPLAYED in answer.headers:
            await received.discard()
        return answer

    async def _find_earlier(self, request: Request, error: WenzeError) -> Answer | None:
        """The answer that the same request was given meanwhile, where it lost to itself: a retry came before its first end.

        What the loser saw (the key taken, the name taken by its own twin, a newer version) is no answer to the retry. Who is
        no longer let in is told nothing, not even what he was told before.
        """
        if request.attempt is None:
            return None
        async with self.services.database.reading(request.snapshot.tenant.id) as session:
            request.snapshot = await self.services.snapshots.of(session)
            request.principal = self._admit(request, read_bearer(request.exchange.headers.get(b"authorization")))
            earlier = await self._recall(request, request.attempt, session)
        if earlier is None and isinstance(error, AlreadyDone):
            raise Conflict("api.idempotency-in-progress")
        return earlier

    async def find_tenant(self, exchange: Exchange) -> Snapshot:
        """The tenant of the path as last known; raises :class:`NotFound`."""
        tenant = await self._directory.find(exchange.path["tenant"], exchange.host)
        snapshot = self.services.snapshots.known(tenant) or await self._refresh(tenant)
        self._note(exchange, snapshot)
        return snapshot

    def _note(self, exchange: Exchange, snapshot: Snapshot) -> None:
        trace, found = exchange.trace, snapshot.tenant
        trace.tenant, trace.issuer, trace.resource = found.slug, self.services.issuer(found), self.services.audience(found)

    async def find_newest(self, exchange: Exchange) -> Snapshot:
        """The tenant of the path as it stands in the store; raises :class:`NotFound`."""
        known = await self.find_tenant(exchange)
        newest = await self._refresh(known.tenant.id)
        self._note(exchange, newest)
        return newest

    async def _refresh(self, tenant: int) -> Snapshot:
        async with self.services.database.reading(tenant) as session:
            return await self.services.snapshots.of(session)

    def _find_operation(self, operation: Operation, exchange: Exchange, snapshot: Snapshot) -> Bound:
        bound = self.catalogue.find(operation, snapshot.jurisdiction, exchange.path)
        if bound is None or (operation.sandbox_only and not snapshot.tenant.sandbox):
            raise NotFound(NOT_FOUND)
        if operation.path_parameters and not exchange.trace.straight:
            raise NotFound(NOT_FOUND)
        for name, value in exchange.path.items():
            if name.endswith("_id") and name not in operation.path_parameters and not _is_uuid(value):
                raise NotFound(NOT_FOUND)
        return bound

    async def _authenticate(self, request: Request) -> None:
        if not request.operation.asks_token:
            return
        token = read_bearer(request.exchange.headers.get(b"authorization"))
        try:
            request.principal = self._admit(request, token)
        except WenzeError as error:
            request.principal = await self._admit_by_present(request, token, error)
        if request.assertion is not None:
            # Before anything is looked at: an assertion is good for one request, whatever comes of that.
            tenant, client = request.snapshot.tenant.id, _required(request.principal).client_id
            await spend_assertion(self.services.database, tenant, client, request.assertion)

    async def _admit_by_present(self, request: Request, token: bytes, refusal: WenzeError) -> Principal:
        """What is refused on a configuration that may be old is asked again on the present one."""
        known, request.snapshot = request.snapshot, await self._refresh(request.snapshot.tenant.id)
        if request.snapshot is known:
            raise refusal
        self._note(request.exchange, request.snapshot)
        return self._admit(request, token)

    def _admit(self, request: Request, token: bytes) -> Principal:
        admission = self._authenticator.authenticate(request.snapshot, token, self._proof(request))
        principal, request.assertion = admission.principal, admission.assertion
        request.exchange.trace.client = principal.client_id
        bound = request.bound
        if bound.operation.scope is not None:
            principal.require_scope(bound.operation.scope)
        if bound.roles:
            principal.require(*bound.roles)
        return principal

    def _proof(self, request: Request) -> Proof | None:
        exchange = request.exchange
        header = exchange.headers.get(HEADER)
        if header is None:
            return None
        return Proof(header, exchange.method, self.services.base_of(request.snapshot.tenant) + exchange.address)

    async def _read_input(self, request: Request) -> None:
        exchange, bound = request.exchange, request.bound
        if request.operation.method is not Method.GET and request.operation.receive is None:
            request.raw = await read_body(exchange.receive, exchange.headers, self.services.settings.max_body_bytes)
        request.query = bound.query.read(exchange.query_string)
        if bound.body is not None:
            check_media_type(exchange.headers)
            request.body = decode_body(bound.decoder, request.raw)
        elif request.raw:
            raise BadInput("api.body-unexpected")
        if request.operation.idempotent and request.operation.receive is None:
            request.attempt = Attempt.of(exchange, bound.id, request.raw, _required(request.principal))

    async def _run_until_settled(self, request: Request) -> Answer:
        request.expected = request.snapshot.tenant.revision
        for _ in range(_MOST_ATTEMPTS - 1):
            try:
                return await self._run_in_session(request)
            except StreamMoved:
                # Two changes of one stream at once: the second is decided anew on what the first has left.
                continue
            except Reconfigured:
                request.expected = None
        return await self._run_in_session(request)

    async def _run_in_session(self, request: Request) -> Answer:
        async with self._open(request) as session:
            await self._confirm(request, session)
            if request.attempt is not None:
                earlier = await self._recall(request, request.attempt, session)
                if earlier is not None:
                    return earlier
            reply = await self._handle(request, session)
            answer = self._answer(request, reply)
            if request.attempt is not None:
                kept = answer if request.operation.retell is None else replace(answer, body=encode(reply.kept))
                await request.attempt.keep(session, kept, self.services.settings.idempotency_hours)
        return answer

    async def _handle(self, request: Request, session: TenantSession) -> Reply:
        try:
            return await request.operation.handler(self._call(request, session))
        except WenzeError:
            # What is refused on a configuration that may be old is asked again on the present one.
            if not session.writes:
                await session.confirm()
            raise

    async def _recall(self, request: Request, attempt: Attempt, session: TenantSession) -> Answer | None:
        """The answer to the same request before, if there was one; made anew where it may not lie with the kept ones."""
        earlier = await attempt.find_answer(session)
        if earlier is None or request.operation.retell is None:
            return earlier
        answer = self._answer(request, await request.operation.retell(self._call(request, session), earlier.body))
        return replace(answer, headers=(*answer.headers, REPLAYED))

    def _open(self, request: Request) -> AbstractAsyncContextManager[TenantSession]:
        tenant = request.snapshot.tenant.id
        if request.operation.needs is Access.READ:
            return self.services.database.reading(tenant, expecting=request.expected)
        # Only where the look for an earlier answer comes first is the revision told before anything is decided.
        expecting = request.expected if request.attempt else None
        return self.services.database.tenant(tenant, actor=_actor(_required(request.principal)), expecting=expecting)

    async def _confirm(self, request: Request, session: TenantSession) -> None:
        current = await self.services.snapshots.of(session)
        if current is request.snapshot:
            return
        request.snapshot = current
        self._note(request.exchange, current)
        if request.operation.asks_token:
            token = read_bearer(request.exchange.headers.get(b"authorization"))
            request.principal = self._admit(request, token)

    def _call(self, request: Request, session: TenantSession | None) -> Call:
        exchange = request.exchange
        match = exchange.headers.get(b"if-match")
        return Call(
            services=self.services,
            snapshot=request.snapshot,
            language=exchange.language,
            request_id=exchange.trace.request_id,
            path=exchange.path,
            query=request.query,
            body=request.body,
            raw=request.raw,
            expected=expected_version(match) if request.operation.if_match else None,
            _principal=request.principal,
            _session=session,
        )

    def _answer(self, request: Request, reply: Reply) -> Answer:
        headers = [(b"cache-control", reply.cache_control.encode())]
        if reply.etag is not None:
            tag = tag_of(reply.etag)
            headers.append((b"etag", tag.encode()))
            if request.operation.method is Method.GET and is_unchanged(request.exchange.headers.get(b"if-none-match"), tag):
                return Answer(304, b"", tuple(headers))
        headers.extend(self._links(request, reply))
        headers.extend((name.lower().encode(), value.encode()) for name, value in reply.headers.items())
        status = reply.status or request.operation.status
        if reply.value is None:
            return Answer(status, b"", tuple(headers), reply.content)
        return Answer(status, encode(reply.value), (_JSON, *headers))

    def _links(self, request: Request, reply: Reply) -> Iterator[tuple[bytes, bytes]]:
        address = self.services.audience(request.snapshot.tenant)
        if reply.location is not None:
            yield b"location", f"{address}{reply.location}".encode()
        if reply.next_cursor is not None:
            here = self.services.base_of(request.snapshot.tenant) + request.exchange.address
            yield b"link", link_next(here, request.exchange.query_string, reply.next_cursor).encode()


def encode(value: Any) -> bytes:
    """A reply as JSON; bytes are taken as JSON already."""
    return value if isinstance(value, bytes) else _ENCODER.encode(value)


def _actor(principal: Principal) -> Actor:
    return Actor(client_id=principal.client_id, person_id=principal.person_id)


def _required(principal: Principal | None) -> Principal:
    if principal is None:
        raise RuntimeError("a public operation changes nothing")
    return principal


def _is_uuid(text: str) -> bool:
    return _UUID.fullmatch(text) is not None
