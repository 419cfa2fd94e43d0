"""Receivers that are faulty, hostile or elsewhere: nothing of theirs is followed, waited for or kept (PITFALLS 27)."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

import core.reaching
from core.webhooks.posting import Post as Sent
from core.webhooks.posting import post as send
from tests.federation.faking import listen, origin_of
from tests.webhooks.conftest import LOOPBACK, Post
from tests.webhooks.receiving import Receiver

TYPE = "calendar.published"
SECRET = "whsec_" + "A" * 43 + "="
NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


async def fault_of(url: str, networks: Any = LOOPBACK) -> tuple[int | None, str | None]:
    """What comes of one attempt."""
    answer = await send(Sent(url, "1", b"{}", (SECRET,)), networks, NOW)
    return answer.status, answer.fault.value if answer.fault else None


@asynccontextmanager
async def talking(*pieces: bytes) -> AsyncIterator[str]:
    """A server that says the same whatever it is asked."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65_536)
        for piece in pieces:
            writer.write(piece)
        writer.close()

    listening = listen()
    server = await asyncio.start_server(talk, sock=listening)
    async with server:
        yield origin_of(listening)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_no_redirect_is_followed(receiver: Receiver, address: str, status: int) -> None:
    receiver.status, receiver.headers = status, {"location": f"{address}/elsewhere"}
    assert await fault_of(address) == (status, "redirect")
    assert [got.path for got in receiver.got] == ["/hook"]


@pytest.mark.parametrize("status", [400, 401, 404, 410, 429, 500, 503])
async def test_what_is_not_a_success_is_a_failure(receiver: Receiver, address: str, status: int) -> None:
    receiver.status = status
    assert await fault_of(address) == (status, "status")


async def test_who_is_slow_is_not_waited_for(receiver: Receiver, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core.reaching, "WHOLE_SECONDS", 0.2)
    receiver.wait = asyncio.Event()
    assert await fault_of(address) == (None, "timeout")
    receiver.wait.set()


async def test_an_answer_is_not_read_however_long_it_is(receiver: Receiver, address: str) -> None:
    receiver.status, receiver.endless = 200, True
    receiver.headers = {"content-encoding": "gzip"}
    assert await fault_of(address) == (200, None)


@pytest.mark.parametrize(
    "said",
    [b"", b"SSH-2.0-OpenSSH_9.9\r\n", b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200_000, b"HTTP/1.1 999999 OK\r\n\r\n", b"\0" * 99],
    ids=["nothing", "another protocol", "endless headers", "no status", "zeros"],
)
async def test_who_speaks_no_http_is_a_failure(said: bytes) -> None:
    async with talking(said) as origin:
        assert await fault_of(origin) == (None, "connection")


async def test_who_is_not_there_is_a_failure() -> None:
    assert await fault_of(origin_of(listen())) == (None, "connection")
    assert await fault_of("https://no-such-host.invalid/") == (None, "connection")


@pytest.mark.parametrize(
    "private",
    [
        "10.0.0.1",
        "169.254.169.254",
        "192.168.1.1",
        "127.0.0.2",
        "::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "64:ff9b:1::a00:1",
        "::ffff:0:a00:1",
        "::a00:1",
        "2002:a00:1::",
        "fec0::1",
        "5f00::1",
        "ff0e::1",
    ],
)
async def test_a_name_that_leads_inside_is_not_reached(private: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def look_up(host: str, _port: int) -> list[object]:
        asked.append(host)
        return [(socket.AF_INET, 0, 0, "", (private, 443))]

    monkeypatch.setattr(core.reaching, "look_up", look_up)
    assert await fault_of("https://hooks.example.cn/") == (None, "address")
    assert asked == ["hooks.example.cn"]


async def test_a_receiver_inside_is_reached_only_where_the_operator_named_it(receiver: Receiver, address: str) -> None:
    assert await fault_of(address, ()) == (None, "address")
    assert receiver.got == []
    assert await fault_of(address) == (204, None)


async def test_a_name_is_looked_up_once_and_what_was_checked_is_reached(
    receiver: Receiver, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, asked = int(address.split(":")[2].split("/")[0]), []

    def look_up(host: str, _port: int) -> list[object]:
        asked.append(host)
        return [(socket.AF_INET, 0, 0, "", ("127.0.0.1" if len(asked) == 1 else "169.254.169.254", port))]

    monkeypatch.setattr(core.reaching, "look_up", look_up)
    assert await fault_of(f"http://rebinding.example.cn:{port}/hook") == (204, None)
    assert (asked, receiver.got[0].headers["host"]) == (["rebinding.example.cn"], f"rebinding.example.cn:{port}")


async def test_who_wants_no_more_gets_no_more(post: Post, receiver: Receiver, address: str) -> None:
    hook = await post.hook(address, TYPE)
    receiver.status = 410
    await post.happen()
    await post.deliver()
    seen = await post.see(hook)
    assert (seen["enabled"], seen["disabled_for"], seen["version"]) == (False, "gone", 2)
    (delivery,) = await post.deliveries(hook)
    assert delivery["state"] == "failed"
    await post.happen()
    await post.deliver()
    assert len(receiver.got) == 1


@pytest.mark.parametrize("dated", [False, True])
async def test_who_asks_for_patience_gets_it(post: Post, receiver: Receiver, address: str, dated: bool) -> None:
    hook = await post.hook(address, TYPE)
    receiver.status = 503
    later = post.clock.now() + timedelta(hours=1)
    receiver.headers = {"retry-after": format_datetime(later, usegmt=True) if dated else "3600"}
    await post.happen()
    await post.deliver()
    await post.wait(timedelta(minutes=55))
    assert len(receiver.got) == 1
    receiver.status, receiver.headers = 204, {}
    await post.wait(timedelta(minutes=10))
    assert len(receiver.got) == 2
    assert [item["state"] for item in await post.deliveries(hook)] == ["delivered"]


async def test_nobody_asks_for_more_patience_than_a_day(post: Post, receiver: Receiver, address: str) -> None:
    await post.hook(address, TYPE)
    receiver.status, receiver.headers = 429, {"retry-after": "9" * 30}
    await post.happen()
    await post.deliver()
    await post.wait(timedelta(hours=25))
    assert len(receiver.got) == 2
