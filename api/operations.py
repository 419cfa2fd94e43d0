"""An operation is declared once: from it come its route, its validation, its documentation and its tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from core.clock import LegalClock
from core.errors import WenzeError
from core.jurisdictions import Jurisdiction
from core.law.instrument import Text
from core.procedure import Role
from core.tenants.principal import Principal
from core.tenants.scopes import Scope

if TYPE_CHECKING:
    from api.services import Services
    from core.store.session import TenantSession
    from core.tenants.snapshot import Snapshot

TypeMaker = Callable[[Jurisdiction], Any]
"""Makes a msgspec type of a city's own values. Called once per city; must answer the same type for the same city."""
ExampleMaker = Callable[[Jurisdiction], Mapping[str, Any]]
"""Makes named examples: plain JSON values that are valid under the type of the same city."""


class Method(StrEnum):
    """The methods in use."""

    GET = "GET"
    POST = "POST"
    PUT = "PUT"
    PATCH = "PATCH"
    DELETE = "DELETE"


class Access(StrEnum):
    """What an operation needs of the store: a transaction that writes, one that reads, or none at all."""

    WRITE = "write"
    READ = "read"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handler answers. ``etag`` is the version of the thing; ``next_cursor`` becomes the link to the next page."""

    value: Any = None
    status: int | None = None
    """Only where it differs from the operation's own."""
    etag: int | str | None = None
    location: str | None = None
    """A path below the tenant's API (``/cases/…``)."""
    next_cursor: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    kept: Any = None
    """For an operation with ``retell``: what is kept under the idempotency key in place of ``value``."""
    cache_control: str = "no-store"
    content: AsyncIterator[bytes] | None = None
    """What is sent in place of a value, piece by piece; its length and media type stand in ``headers``."""


@dataclass(slots=True)
class Call:
    """One request after every check that needs no domain: typed input, who asks, an open session, the tenant's snapshot."""

    services: Services
    snapshot: Snapshot
    language: str
    request_id: str
    path: Mapping[str, str]
    query: Any = None
    body: Any = None
    raw: bytes = b""
    expected: int | None = None
    """The version named by If-Match; -1 for a tag that no version of ours has. Compared by the service (``Stale``)."""
    _principal: Principal | None = None
    _session: TenantSession | None = None
    _clock: LegalClock | None = None

    @property
    def jurisdiction(self) -> Jurisdiction:
        """The tenant's city."""
        return self.snapshot.jurisdiction

    @property
    def principal(self) -> Principal:
        """Who asks; only for operations that have a scope."""
        if self._principal is None:
            raise RuntimeError("a public operation has no principal")
        return self._principal

    @property
    def session(self) -> TenantSession:
        """The open session: a write transaction for ``Access.WRITE``, else a read-only one."""
        if self._session is None:
            raise RuntimeError("an operation with Access.NONE has no session")
        return self._session

    def id(self, name: str) -> UUID:
        """An id of the path (``case_id``); that it is a UUID is checked before."""
        return UUID(self.path[name])

    @property
    def clock(self) -> LegalClock:
        """The tenant's legal clock."""
        if self._clock is None:
            self._clock = self.snapshot.clock(self.services.wall)
        return self._clock

    @property
    def legal_now(self) -> datetime:
        """The tenant's legal time, in UTC."""
        return self.clock.now()


@dataclass(frozen=True, slots=True)
class Incoming:
    """A body that nobody has read yet: what the headers say of it, and its bytes as they come."""

    media_type: str
    """In lower case, without parameters; empty where none is declared."""
    announced: int | None
    chunks: AsyncIterator[bytes]


class Received(Protocol):
    """What was made of a streamed body before the session was opened; the ``body`` of the call."""

    @property
    def digest(self) -> bytes:
        """What stands for the body where a request is compared with an earlier one of the same key."""

    async def discard(self) -> None:
        """Gives it up, because the request has failed or was answered before."""


Handler = Callable[[Call], Awaitable[Reply]]
Receiver = Callable[[Call, Incoming], Awaitable[Received]]
"""Takes a body in while no session is open. What it raises is the answer, and nothing may be left of what it took."""
Retelling = Callable[[Call, bytes], Awaitable[Reply]]
"""Makes a reply anew from what was kept of the first one."""


@dataclass(frozen=True, slots=True)
class PathParameter:
    """A part of the path. Without ``values`` it is a UUID; ``pattern`` makes it a name of another form."""

    title: Text
    pattern: str | None = None
    example: str | None = None


@dataclass(frozen=True, slots=True)
class Variant:
    """One documented path of a generic route: ``fixed`` gives path parameters their value, the rest is as in the operation.

    A request whose path fits no variant of the tenant's city is answered like an unknown path.
    """

    fixed: Mapping[str, str]
    id: str
    title: Text
    description: Text
    body: Any
    roles: tuple[Role, ...]
    clause: str | None = None
    recusal: bool = False
    """As of the operation."""
    examples: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation under ``/t/{tenant}/v1``.

    ``scope`` says what a client must hold (``None``: public, without a token, unless it ``takes_any_token``); of ``roles``
    the person must hold one,
    anywhere (a handler asks further with ``principal.require(role, unit=…)``). ``body``, ``query`` and ``reply`` are
    msgspec types; in the place of ``body`` and ``reply`` a function can stand that makes the type for a city.
    ``idempotent`` asks for an Idempotency-Key, ``if_match`` for an If-Match header; ``etag`` says that the reply carries
    an ETag. ``errors`` names the codes it can answer beyond those of the pipeline, by the class that gives the status.
    """

    id: str
    method: Method
    path: str
    tag: str
    title: Text
    description: Text
    handler: Handler
    scope: Scope | None
    takes_any_token: bool = False
    """Of one without a scope: whether it asks for a token all the same, whatever that lets its client do."""
    roles: tuple[Role, ...] | Callable[[Jurisdiction], tuple[Role, ...]] = ()
    body: Any | TypeMaker = None
    query: type[Any] | None = None
    reply: Any | TypeMaker = None
    status: int = 200
    also: tuple[int, ...] = ()
    """Further statuses of success, with the same reply."""
    access: Access | None = None
    idempotent: bool = False
    retell: Retelling | None = None
    """For a reply that may not lie with the kept answers, such as an identity, which would outlive its erasure: only
    ``Reply.kept`` is kept, and a replay asks here, with every check made anew, in a session that may only read."""
    receive: Receiver | None = None
    """For a body that is streamed in place of JSON, after every check that needs no body."""
    sends: str | None = None
    """The media type, or range of them, of a reply with ``content``."""
    secret_address: bool = False
    """Whether the address itself is the key: who asks for too many that are not there has to wait."""
    if_match: bool = False
    etag: bool = False
    location: bool = False
    clause: str | None = None
    recusal: bool = False
    """Whether it is refused to a person who is recused from the case (R12); the handler checks, the document says so."""
    sandbox_only: bool = False
    available: Callable[[Jurisdiction], bool] | None = None
    expand: Callable[[Jurisdiction], Iterable[Variant]] | None = None
    path_parameters: Mapping[str, PathParameter] = field(default_factory=dict)
    errors: Mapping[type[WenzeError], tuple[str, ...]] = field(default_factory=dict)
    examples: ExampleMaker | None = None
    """Examples of the body. A value ``"{unit_id}"`` and the like stands for an id that the reader has to put in."""
    reply_examples: ExampleMaker | None = None

    @property
    def asks_token(self) -> bool:
        """Whether nobody gets through without a token."""
        return self.scope is not None or self.takes_any_token

    @property
    def needs(self) -> Access:
        """What it needs of the store; by default a write unless it is a GET, and nothing where it is public."""
        if self.access is not None:
            return self.access
        if not self.asks_token:
            return Access.NONE
        return Access.READ if self.method is Method.GET else Access.WRITE
