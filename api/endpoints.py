"""One ASGI application per path: finds the method, runs the pipeline, and turns errors into problems."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

import structlog

from api.exchange import Answer, Exchange, Receive, Scope, Send, send_answer
from api.failures import as_errors
from api.problems import MethodNotAllowed, ProblemReply, TooSlow, render_internal, render_problem
from api.requests import Disconnected
from core.errors import Forbidden, Limited, NotFound, Unauthenticated, Unavailable, WenzeError

_log: Any = structlog.get_logger("wenze.errors")

WELL_KNOWN_RESOURCE = "/.well-known/oauth-protected-resource"
Runner = Callable[[Exchange], Awaitable[Answer]]


class Admission(Protocol):
    """Says to browsers which pages may read an answer."""

    async def admit(self, exchange: Exchange, answer: Answer, methods: str) -> Answer:
        """The answer with what a browser must know of it."""


class Endpoint:
    """Everything under one path, by method."""

    def __init__(self, route: str, runners: Mapping[str, Runner], cors: Admission | None = None) -> None:
        self.route, self._runners, self._cors = route, runners, cors
        self.allow = allowed_methods(runners)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        exchange = Exchange(scope, receive)
        exchange.trace.route = self.route
        answer = await self.answer(exchange)
        await send_answer(send, answer if self._cors is None else await self._admit(self._cors, exchange, answer))

    async def _admit(self, cors: Admission, exchange: Exchange, answer: Answer) -> Answer:
        try:
            return await cors.admit(exchange, answer, self.allow)
        except NotFound:
            return answer
        except Exception as error:  # noqa: BLE001  # the edge: whatever it is, the client gets a problem
            return self._problem(exchange, error)

    async def answer(self, exchange: Exchange) -> Answer:
        """What the method's operation answers, or the problem that stands in its way."""
        runner = self._runners.get(exchange.method)
        if runner is None:
            return self._without_runner(exchange)
        try:
            return await runner(exchange)
        except Disconnected:
            return Answer(499)
        except Exception as error:  # noqa: BLE001  # the edge: whatever it is, the client gets a problem
            return self._problem(exchange, error)

    def _without_runner(self, exchange: Exchange) -> Answer:
        allow = (b"allow", self.allow.encode())
        if exchange.method == "OPTIONS":
            return Answer(204, b"", (allow,))
        problem = render_problem((MethodNotAllowed("api.method-not-allowed", allowed=self.allow),), *_reader(exchange))
        return _answer(exchange, problem, (allow,))

    def _problem(self, exchange: Exchange, error: Exception) -> Answer:
        errors = as_errors(error)
        if not errors:
            _log.error("unforeseen", exc_info=error, request_id=exchange.trace.request_id, route=self.route)
            return _answer(exchange, render_internal(*_reader(exchange)))
        return _answer(exchange, render_problem(errors, *_reader(exchange)), self._extra_headers(exchange, errors[0]))

    def _extra_headers(self, exchange: Exchange, error: WenzeError) -> tuple[tuple[bytes, bytes], ...]:
        if isinstance(error, Unauthenticated | Forbidden):
            trace = exchange.trace
            return ((b"www-authenticate", challenge(error, trace.issuer, trace.resource).encode("latin-1", "replace")),)
        if isinstance(error, TooSlow):
            return ((b"connection", b"close"),)
        if isinstance(error, Limited):
            return ((b"retry-after", str(error.wait).encode()),)
        waits = isinstance(error, Unavailable) or error.code == "api.idempotency-in-progress"
        return ((b"retry-after", b"1"),) if waits else ()


def allowed_methods(runners: Mapping[str, Any]) -> str:
    """The value of Allow: what the path has, HEAD where it has GET, and OPTIONS."""
    head = {"HEAD"} if "GET" in runners else set()
    return ", ".join(sorted({*runners, *head, "OPTIONS"}))


def challenge(error: WenzeError, realm: str, resource: str = "") -> str:
    """The WWW-Authenticate header (RFC 6750, section 3): no error code where no token was shown.

    It names the metadata of the ``resource`` (RFC 9728, section 5.1), from which a client learns where to get one.
    """
    named = f'Bearer realm="{realm}"' + (f', resource_metadata="{resource_address(resource)}"' if resource else "")
    if error.code == "api.token-missing":
        return named
    if isinstance(error, Unauthenticated):
        return f'{named}, error="invalid_token", error_description="{error.code}"'
    scope = f', scope="{error.params["scope"]}"' if "scope" in error.params else ""
    return f'{named}, error="insufficient_scope"{scope}'


def resource_address(resource: str) -> str:
    """Where the metadata of a resource lies: its own path after the well-known one (RFC 9728, section 3.1)."""
    parts = urlsplit(resource)
    return parts._replace(path=WELL_KNOWN_RESOURCE + parts.path).geturl()


def _reader(exchange: Exchange) -> tuple[str, str]:
    return exchange.language, exchange.trace.request_id


def _answer(exchange: Exchange, problem: ProblemReply, extra: tuple[tuple[bytes, bytes], ...] = ()) -> Answer:
    exchange.trace.code = problem.code
    return Answer(problem.status, problem.body, (*problem.headers, *extra))
