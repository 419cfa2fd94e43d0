"""A city's tenant over real HTTP on each engine, a mail server, a gateway, and a worker whose clock the tests move."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any
from uuid import uuid4

import httpx
import pytest

from core.clock import FixedClock
from core.procedure import Role
from core.store.database import Database
from core.tenants.snapshot import Snapshots
from core.trades import TRADES
from core.work import Workshop
from core.worker import Worker
from tests.messages.receiving import Gateway, MailBox, gateway_server, mail_server
from tests.story.conftest import house, open_place
from tests.story.house import Place
from tests.story.matters import Matter, register

__all__ = ["house", "open_place"]
KEEPER, CHIEF, OFFICER = "message keeper", "chief", "message officer"
BASIS = "市督查室2026年通知"
UNIT = "social-security-window"
LOOPBACK = (ip_network("127.0.0.1/32"),)
BODY = (
    "${number}（${kind}）${unit}：${deadline}应于${due_on}前完成，已逾期${overdue}。依据${clause}。${level}${step}"
    "请办理：${todo}。${tenant}，${today}"
)


@dataclass
class Post:
    """A tenant that writes messages: its administrator, and the worker that sends them."""

    place: Place
    database: Database
    clock: FixedClock
    ahead: timedelta = timedelta()

    def send(self, method: str, path: str, body: Any = None, etag: str | None = None, who: str = KEEPER) -> httpx.Response:
        """Changes something; anybody may look at what is answered."""
        headers = {"if-match": etag} if etag else {}
        headers |= {"idempotency-key": str(uuid4())} if method == "POST" else {}
        return self.place.client.send(who, method, path, headers, json.dumps(body).encode() if body is not None else None)

    def done(self, method: str, path: str, body: Any = None, etag: str | None = None, who: str = KEEPER) -> Any:
        """What is answered to a change that must succeed."""
        answer = self.send(method, path, body, etag, who)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    def set_up(self, kind: str, settings: dict[str, Any], key: str = "mail") -> None:
        """A channel, and a template for what it carries."""
        self.done("POST", "/message-channels", {"key": key, "kind": kind, "title": "渠道", "settings": settings})
        text = {"title": "办理提醒", "body": BODY, "valid_from": "2026-01-01", "reason": BASIS}
        self.done("POST", "/templates", {"key": f"by-{key}", "purpose": "message", **text})

    def rule(self, occasion: str, key: str, recipients: str, channel: str = "mail", **more: Any) -> Any:
        """A rule, from the beginning of the year."""
        words = {"channel": channel, "template": f"by-{channel}", "valid_from": "2026-01-01", "basis": BASIS}
        return self.done(
            "POST", "/message-rules", {"occasion": occasion, "key": key, "recipients": recipients} | words | more
        )

    def contact(self, address: str, who: str = OFFICER, kind: str = "email", **more: Any) -> Any:
        """An address, of the own person unless told otherwise."""
        body = {"kind": kind, "address": address, "valid_from": "2026-01-01"} | more
        return self.done("POST", "/message-contacts", body, who=who)

    def work(self, later: timedelta = timedelta()) -> None:
        """What a worker does, so much later by the wall clock than the last one."""
        self.ahead += later
        self.clock.instant = datetime.now(UTC) + self.ahead
        self.place.house.run(self._work)

    async def _work(self) -> None:
        settings = replace(self.place.house.service.settings, message_networks=LOOPBACK)
        shop = Workshop(settings, self.database, Snapshots(self.place.house.jurisdictions))
        await Worker(shop, TRADES).catch_up()

    def messages(self, matter: Matter, who: str = "supervisor") -> list[dict[str, Any]]:
        """What a reader sees of what was sent about a case."""
        return list(self.place.read(who, f"{matter.path}/messages")["items"])

    def dispatched(self) -> Matter:
        """A complaint that a unit has to work on."""
        return register(self.place, "complaint").live(until="dispatched")

    def lapse(self, matter: Matter) -> datetime:
        """Moves legal time to where the unit's deadline has run out."""
        due = min(
            datetime.fromisoformat(item["due_at"])
            for item in matter.refresh()["deadlines"]
            if item["state"] == "open" and item["holder_unit_id"]
        )
        self.place.move(due + timedelta(minutes=1))
        return due


@pytest.fixture
def post(open_place: Callable[[str], Place]) -> Iterator[Post]:
    """A new tenant with an administrator, a supervisor and an officer who may do all that their roles may."""
    place, clock = open_place("ankang"), FixedClock(datetime.now(UTC))
    place.hire(KEEPER, Role.TENANT_ADMINISTRATOR)
    place.hire(CHIEF, Role.SUPERVISOR)
    place.hire(OFFICER, Role.UNIT_OFFICER, unit=UNIT)
    settings, portal = place.house.service.settings, place.house.portal

    async def opened() -> Database:
        return Database.of(settings, clock=clock)

    database = portal.call(opened)
    yield Post(place, database, clock)
    portal.call(database.close)


@pytest.fixture
def box() -> Iterator[MailBox]:
    """A mail server."""
    with mail_server(MailBox()) as found:
        yield found


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """A gateway of text messages."""
    with gateway_server() as found:
        yield found


def mail_settings(box: MailBox, **changes: Any) -> dict[str, Any]:
    """A channel to the mail server."""
    plain = {"host": "127.0.0.1", "port": box.port, "security": "none", "sender": "wenze@example.cn"}
    return plain | {"sender_name": "问责平台"} | changes
