"""A receiver of webhooks on a loopback address, which answers as it is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook

Send = Callable[[dict[str, Any]], Awaitable[None]]


@dataclass
class Receipt:
    """One request that came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """``webhook-id``."""
        return self.headers["webhook-id"]

    @property
    def event(self) -> dict[str, Any]:
        """What it tells."""
        told: dict[str, Any] = json.loads(self.body)
        return told

    def verify(self, secret: str) -> None:
        """By the reference library."""
        Webhook(secret).verify(self.body, self.headers)


@dataclass
class Receiver:
    """An ASGI application. ``status`` and ``headers`` are what it answers, after ``wait`` where that is given."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    wait: asyncio.Event | None = None
    endless: bool = False
    got: list[Receipt] = field(default_factory=list)
    under_way: int = 0
    most_under_way: int = 0
    came: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def types(self) -> list[str]:
        """The types of the events that came, in order."""
        return [item.event["type"] for item in self.got]

    async def wait_for(self, count: int) -> None:
        """Waits until so many requests have come."""
        async with asyncio.timeout(8), self.came:
            await self.came.wait_for(lambda: len(self.got) >= count)

    async def __call__(self, scope: dict[str, Any], receive: Callable[[], Awaitable[dict[str, Any]]], send: Send) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        async with self.came:
            self.got.append(Receipt(scope["path"], headers, body))
            self.came.notify_all()
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await self._answer(send)
        finally:
            self.under_way -= 1

    async def _answer(self, send: Send) -> None:
        if self.wait is not None:
            await self.wait.wait()
        told = [(name.encode(), value.encode()) for name, value in self.headers.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": told})
        for _ in range(1_000 if self.endless else 0):
            await send({"type": "http.response.body", "body": b"x" * 65_536, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
