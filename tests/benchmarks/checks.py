"""What the check of a token takes within a request: a process of its own, without a network between it and the service.

``python -m tests.benchmarks.checks`` reads a :class:`Question` as JSON from standard input and writes :class:`Checked`.
"""

from __future__ import annotations

import base64
import itertools
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import uvloop
from msgspec import Struct

from api.app import create_app
from api.pipeline import Pipeline, Request
from api.services import Services
from core.clock import WallClock
from core.jurisdictions import Jurisdictions
from core.logs import configure
from core.settings import Settings
from core.store.database import Database
from core.tenants.snapshot import Snapshots
from tests.benchmarks.cast import MASTER_KEY

_WARM_UP = 500


class Question(Struct, frozen=True):
    """Which paths one client reads in turn, and how often, over which database."""

    database: str
    slug: str
    client_id: str
    client_secret: str
    paths: tuple[str, ...]
    requests: int


class Checked(Struct, frozen=True):
    """Microseconds: of the processor for one request, and within it for the check."""

    request: float
    check: float


async def measure(question: Question) -> Checked:
    """Reads, one request after the other."""
    settings = Settings(database_url=question.database, owner_database_url=question.database, master_key=MASTER_KEY)
    jurisdictions, database = Jurisdictions.discover(), Database.of(settings)
    try:
        app = create_app(Services(settings, jurisdictions, database, Snapshots(jurisdictions), WallClock()))
        bearer = {b"authorization": f"Bearer {await _token(app, question)}".encode()}
        paths, spent = itertools.cycle(question.paths), watch_checks()
        for _ in range(_WARM_UP):
            await _ask(app, "GET", next(paths), bearer)
        spent.clear()
        before = time.process_time()
        for _ in range(question.requests):
            await _ask(app, "GET", next(paths), bearer)
        taken = time.process_time() - before
    finally:
        await database.close()
    assert len(spent) == question.requests
    return Checked(taken / question.requests * 1e6, statistics.fmean(spent) / 1e3)


def watch_checks() -> list[int]:
    """Nanoseconds of the processor for each check from now on; it awaits nothing, so that no other work is counted."""
    spent: list[int] = []
    check: Callable[[Pipeline, Request], Awaitable[None]] = Pipeline._authenticate

    async def timed(pipeline: Pipeline, request: Request) -> None:
        started = time.thread_time_ns()
        await check(pipeline, request)
        spent.append(time.thread_time_ns() - started)

    Pipeline._authenticate = timed  # type: ignore[method-assign]
    return spent


async def _token(app: Any, question: Question) -> str:
    told = base64.b64encode(f"{question.client_id}:{question.client_secret}".encode())
    headers = {b"authorization": b"Basic " + told, b"content-type": b"application/x-www-form-urlencoded"}
    answer = await _ask(app, "POST", f"/t/{question.slug}/oauth/token", headers, b"grant_type=client_credentials")
    token: str = msgspec.json.decode(answer)["access_token"]
    return token


async def _ask(app: Any, method: str, path: str, headers: dict[bytes, bytes], body: bytes = b"") -> bytes:
    """One request by the interface between server and application; raises :class:`RuntimeError` unless it succeeds."""
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "root_path": "", "query_string": b"", "client": ("127.0.0.1", 40_000),
        "server": ("127.0.0.1", 8_000), "headers": [(b"content-length", b"%d" % len(body)), *headers.items()],
    }  # fmt: skip
    statuses: list[int] = []
    parts: list[bytes] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])
        else:
            parts.append(message.get("body", b""))

    await app(scope, receive, send)
    if statuses != [200]:
        raise RuntimeError(f"{method} {path}: {statuses} {b''.join(parts)[:300]!r}")
    return b"".join(parts)


if __name__ == "__main__":
    configure("json", "WARNING")  # to standard error: what is found goes to the other one
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Question)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(measure(asked))))
