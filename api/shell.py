"""The outermost layer: a request id, HEAD as GET without its body, headers that every answer carries, log and metrics."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import structlog

from api.access import record_access
from api.exchange import STATE, Answer, HeaderList, Receive, Scope, Send, Trace, send_answer
from api.languages import choose_language
from api.problems import HeadTooLarge, render_internal, render_problem

MOST_HEADERS, LONGEST_HEADERS = 100, 32_768
"""How many headers a request has, and how many bytes of them; a token and an assertion fit in several times over."""
ROUTED = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_log: Any = structlog.get_logger("wenze.errors")


def common_headers(public_url: str) -> HeaderList:
    """The headers of every answer that does not say otherwise: what is no page may not be framed, sniffed or run."""
    headers = [
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
        (b"referrer-policy", b"no-referrer"),
        (b"cross-origin-resource-policy", b"same-origin"),
    ]
    if public_url.startswith("https:"):
        headers.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))
    return headers


class Shell:
    """Wraps the application. An error that nobody below has answered becomes a 500 problem, and the log says what it was."""

    def __init__(self, app: Any, public_url: str) -> None:
        self.app = app
        self._headers = common_headers(public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One ASGI connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, method = perf_counter(), scope["method"]
        path: str = scope["path"]
        trace = Trace(method="GET" if method == "HEAD" else method, straight="//" not in path and not path.endswith("/"))
        scope[STATE] = trace
        # The router finds the path by a method that it knows; the endpoint answers by the real one.
        scope["method"] = trace.method if trace.method in ROUTED else "OPTIONS"
        respond = self._responder(trace, send, without_body=method == "HEAD")
        try:
            if _has_too_many(scope["headers"]):
                await self._refuse_head(respond, trace)
            else:
                await self._run(scope, receive, respond, trace)
        finally:
            record_access(method, trace, perf_counter() - started)

    async def _run(self, scope: Scope, receive: Receive, send: Send, trace: Trace) -> None:
        try:
            await self.app(scope, receive, send)
        except Exception:  # the last line of defence: whatever it is, the client gets a problem
            _log.exception("unforeseen", request_id=trace.request_id, route=trace.route)
            if trace.status:
                raise
            language = choose_language(dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1"))
            problem = render_internal(language, trace.request_id)
            await send_answer(send, Answer(problem.status, problem.body, problem.headers))

    async def _refuse_head(self, send: Send, trace: Trace) -> None:
        error = HeadTooLarge("api.head-too-large", most=MOST_HEADERS, limit=LONGEST_HEADERS)
        problem = render_problem((error,), choose_language(""), trace.request_id)
        trace.code = problem.code
        await send_answer(send, Answer(problem.status, problem.body, (*problem.headers, (b"connection", b"close"))))

    def _responder(self, trace: Trace, send: Send, *, without_body: bool) -> Send:
        async def respond(message: Any) -> None:
            if message["type"] == "http.response.start":
                trace.status = message["status"]
                own = {name for name, _ in message["headers"]}
                common = [header for header in self._headers if header[0] not in own]
                message["headers"] = [*message["headers"], *common, (b"x-request-id", trace.request_id.encode())]
            elif without_body:
                message["body"] = b""
            await send(message)

        return respond


def _has_too_many(headers: HeaderList) -> bool:
    return len(headers) > MOST_HEADERS or sum(len(name) + len(value) for name, value in headers) > LONGEST_HEADERS
