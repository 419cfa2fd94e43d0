"""One request and its answer, at the edge of ASGI."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

from api.languages import choose_language
from api.requests import read_headers

Scope = Any
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
HeaderList = list[tuple[bytes, bytes]]

STATE = "wenze"
"""Where the exchange stands in the ASGI scope, so that every layer speaks of the same one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    content: AsyncIterator[bytes] | None = None
    """What is sent in place of ``body``, piece by piece; the headers say how long it is."""


@dataclass(slots=True)
class Trace:
    """What the access log and the metrics say of a request; no query, no token, nothing personal."""

    method: str = "GET"
    """As asked; GET where HEAD was."""
    request_id: str = field(default_factory=lambda: str(uuid4()))
    route: str = "unmatched"
    tenant: str = ""
    issuer: str = ""
    """Of the tenant, once it is known; what an answer names that asks for a token."""
    resource: str = ""
    """Of the tenant: the API that a token is for."""
    client: UUID | None = None
    """Whose token it was, once that is known."""
    status: int = 0
    code: str = ""
    straight: bool = True
    """Whether the path has no empty part. The router passes over those, and a name with a slash is no other thing's name."""


class Exchange:
    """One request as the pipeline sees it."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.scope = scope
        self.path: Mapping[str, str] = scope.get("path_params", {})
        self.address: str = scope["path"]
        self.query_string: bytes = scope.get("query_string", b"")
        self.receive = receive
        self.trace: Trace = scope[STATE]
        self.method = self.trace.method
        self._pairs: HeaderList = scope["headers"]

    @cached_property
    def headers(self) -> dict[bytes, bytes]:
        """By lower-case name; raises :class:`api.faults.BadInput` where one that must be single stands twice."""
        return read_headers(self._pairs)

    @cached_property
    def cookies(self) -> str:
        """Every Cookie header in one; HTTP/2 lets a browser send several (RFC 9113, section 8.2.3)."""
        return "; ".join(value.decode("latin-1") for name, value in self._pairs if name == b"cookie")

    @property
    def host(self) -> str:
        """The Host header, in lower case; says which cookies the browser has, and nothing else is ever decided by it."""
        return self.headers.get(b"host", b"").decode("latin-1").lower()

    @cached_property
    def language(self) -> str:
        """The reader's language."""
        accepted = b",".join(value for name, value in self._pairs if name == b"accept-language")
        return choose_language(accepted.decode("latin-1"))


async def send_answer(send: Send, answer: Answer) -> None:
    """Sends an answer whole, or piece by piece; an error on the way ends the connection, so that the client sees the gap."""
    if answer.content is not None:
        await send({"type": "http.response.start", "status": answer.status, "headers": list(answer.headers)})
        async for piece in answer.content:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        return
    headers = list(answer.headers)
    if answer.status not in {204, 304}:
        headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
