"""What a tenant may do of itself and must not do to others: names that lead nowhere for long, floods, keys in addresses."""

from __future__ import annotations

import asyncio
import logging
import socket
from threading import Event
from typing import Any

import pytest
import structlog

import core.reaching
from core.logs import configure
from core.reaching import find_address
from tests.webhooks.conftest import LOOPBACK, Post
from tests.webhooks.receiving import Receiver
from tests.webhooks.test_receivers import fault_of

TYPE = "calendar.published"


async def test_no_log_line_holds_the_address_of_a_receiver(
    receiver: Receiver, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The rest of an address behind the host is the key of many receivers."""
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    try:
        configure("json", "DEBUG")
        assert await fault_of(f"{address}/T0KEN?key=s3cret") == (204, None)
        said = capsys.readouterr()
    finally:
        logging.getLogger().handlers[:] = handlers
        logging.getLogger().setLevel(level)
        structlog.reset_defaults()
    assert receiver.got[0].path == "/hook/T0KEN"
    assert "T0KEN" not in said.err + said.out
    assert "s3cret" not in said.err + said.out


async def test_names_that_nobody_answers_for_hold_up_no_other_look_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as a tenant can have receivers, each asked for more than once: neither another name nor a thread waits."""
    answers, asked = Event(), []

    def look_up(host: str, port: int) -> list[Any]:
        asked.append(host)
        if host.endswith(".slow.example"):
            answers.wait(8)
        return [(socket.AF_INET, 0, 0, "", ("127.0.0.1", port))]

    monkeypatch.setattr(core.reaching, "look_up", look_up)
    slow = [
        asyncio.create_task(find_address(f"{number}.slow.example", 443, LOOPBACK, secure=True))
        for number in range(60)
        for _ in range(3)
    ]
    try:
        async with asyncio.timeout(5):
            assert str(await find_address("hooks.example.cn", 443, LOOPBACK, secure=True)) == "127.0.0.1"
            assert await asyncio.to_thread(lambda: "free") == "free"
    finally:
        answers.set()
    assert {str(item) for item in await asyncio.gather(*slow)} == {"127.0.0.1"}
    assert sorted(asked) == sorted({*asked}), "each name once at a time"


async def test_who_gives_up_waiting_for_a_name_takes_it_from_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = Event()

    def look_up(_host: str, port: int) -> list[Any]:
        answers.wait(8)
        return [(socket.AF_INET, 0, 0, "", ("127.0.0.1", port))]

    monkeypatch.setattr(core.reaching, "look_up", look_up)
    first, second = (asyncio.create_task(find_address("a.example", 443, LOOPBACK, secure=True)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    answers.set()
    assert str(await second) == "127.0.0.1"
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_nothing_is_asked_for_again_on_top_of_too_much(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.webhooks.replaying.MOST_WAITING", 3)
    hook = await post.hook("https://hooks.example.cn/", TYPE)
    path = f"/webhooks/{hook['id']}"
    sent = [await post.send("POST", f"{path}/test") for _ in range(3)]
    assert [answer.status_code for answer in sent] == [202, 202, 202]
    asked = [(f"{path}/test", None), (f"{path}/replays", {"after": 0})]
    asked += [(f"{path}/deliveries/{sent[0].json()['id']}/replay", None)]
    for where, body in asked:
        refused = await post.send("POST", where, body)
        assert (refused.status_code, refused.json()["code"]) == (409, "webhooks.too-many-waiting")
    assert len(await post.deliveries(hook)) == 3
