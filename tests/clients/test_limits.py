"""Who waits: addresses that fail too often, heads and bodies that never end; and by which address a request is known."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from ipaddress import ip_network
from typing import Any

import httpx
import pytest
import uvicorn

from api import connections, requests
from api.connections import GuardedProtocol
from api.limits import client_address
from api.problems import TooSlow
from core.settings import Settings
from tests.clients.conftest import TOKEN
from tests.servers import Addresses
from tests.support.world import PUBLIC_URL, Place, World, open_world

GRANT = {"grant_type": "client_credentials"}
PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


def known_by(peer: str, *forwarded: str, proxies: tuple[Any, ...] = PROXIES) -> str:
    settings = Settings(database_url="x", owner_database_url="x", master_key=b"", trusted_proxies=proxies)
    headers = [(b"x-forwarded-for", value.encode("latin-1")) for value in forwarded]
    return client_address({"client": (peer, 1), "headers": headers}, settings)


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.9", (), "203.0.113.9"),
        ("203.0.113.9", ("198.51.100.7",), "203.0.113.9"),
        ("10.0.0.1", (), "10.0.0.1"),
        ("10.0.0.1", ("198.51.100.7",), "198.51.100.7"),
        ("10.0.0.1", ("1.1.1.1, 198.51.100.7",), "198.51.100.7"),
        ("10.0.0.1", ("198.51.100.7, 10.9.9.9",), "198.51.100.7"),
        ("10.0.0.1", ("1.1.1.1", "198.51.100.7"), "198.51.100.7"),
        ("10.0.0.1", ("198.51.100.7, nonsense",), "10.0.0.1"),
        ("10.0.0.1", ("198.51.100.7, nonsense, 10.9.9.9",), "10.9.9.9"),
        ("10.0.0.1", ("\xff",), "10.0.0.1"),
        ("10.0.0.1", ("",), "10.0.0.1"),
        ("fd00::1", ("2001:db8::7",), "2001:db8::7"),
        ("::ffff:10.0.0.1", ("::ffff:198.51.100.7",), "198.51.100.7"),
        ("", (), ""),
        ("/run/socket", ("198.51.100.7",), ""),
    ],
)
def test_an_address_is_the_last_one_that_no_proxy_of_ours_has(peer: str, forwarded: tuple[str, ...], address: str) -> None:
    assert known_by(peer, *forwarded) == address


def test_without_proxies_nobody_is_believed() -> None:
    assert known_by("10.0.0.1", "198.51.100.7", proxies=()) == "10.0.0.1"
    settings = Settings(database_url="x", owner_database_url="x", master_key=b"")
    assert client_address({"client": None, "headers": []}, settings) == "", "as on a Unix socket"


@pytest.fixture(scope="module")
async def world(addresses: Addresses) -> AsyncIterator[World]:
    """A tenant of which an address may fail three times."""
    async with open_world(addresses, failures_per_address=3, trusted_proxies=(ip_network("127.0.0.0/8"),)) as opened:
        await opened.add("ankang")
        yield opened


async def fail(client: httpx.AsyncClient, address: str) -> httpx.Response:
    return await client.post(TOKEN, data=GRANT, auth=("wzc_aaaaaaaaaaaaaaaa", "x"), headers={"x-forwarded-for": address})


async def test_who_fails_too_often_waits_and_nobody_else(
    world: World, place: Place, anybody: httpx.AsyncClient
) -> None:
    address = "198.51.100.7"
    assert [(await fail(anybody, address)).status_code for _ in range(3)] == [401] * 3
    waiting = await fail(anybody, address)
    assert (waiting.status_code, waiting.json()["error"]) == (429, "temporarily_unavailable")
    assert 1 <= int(waiting.headers["retry-after"]) <= 60
    assert (await fail(anybody, "198.51.100.8")).status_code == 401
    auth = (place.powers.client_id, place.powers.client_secret)
    good = await anybody.post(TOKEN, data=GRANT, auth=auth, headers={"x-forwarded-for": address})
    assert good.status_code == 200, "who shows who it is shares the address and not the wait"
    elsewhere = World(world.services, world.owner)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(elsewhere.app()), base_url=PUBLIC_URL) as another:
        assert (await fail(another, address)).status_code == 429, "counted for all processes"


async def test_preflights_and_what_succeeds_are_not_counted(place: Place, anybody: httpx.AsyncClient) -> None:
    headers = {"x-forwarded-for": "198.51.100.20"}
    auth = (place.powers.client_id, place.powers.client_secret)
    for _ in range(6):
        assert (await anybody.post(TOKEN, data=GRANT, auth=auth, headers=headers)).status_code == 200
        preflight = {"origin": "https://a.example.cn", "access-control-request-method": "POST"}
        assert (await anybody.options(TOKEN, headers=headers | preflight)).status_code == 204
    assert (await fail(anybody, "198.51.100.20")).status_code == 401


async def test_an_ipv6_network_is_one_party(anybody: httpx.AsyncClient) -> None:
    answers = [await fail(anybody, f"2001:db8:0:1::{n}") for n in range(1, 5)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert (await fail(anybody, "2001:db8:0:2::1")).status_code == 401


async def test_registrations_and_devices_have_counts_of_their_own(anybody: httpx.AsyncClient) -> None:
    headers = {"x-forwarded-for": "198.51.100.30"}
    register, device = "/t/ankang/oauth/register", "/t/ankang/oauth/device_authorization"
    answers = [await anybody.post(register, json={}, headers=headers) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    answers = [await anybody.post(device, data={"client_id": "x"}, headers=headers) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]


async def test_too_many_or_too_long_headers_are_refused(anybody: httpx.AsyncClient) -> None:
    for headers in ({f"x-{n}": "1" for n in range(120)}, {"x-long": "x" * 40_000}):
        answer = await anybody.get("/t/ankang/v1/openapi.json", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (431, "api.head-too-large")
        assert answer.headers["connection"] == "close"


async def test_a_body_that_stays_away_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "PATIENCE", 0.01)

    async def never() -> Any:
        await asyncio.Event().wait()

    with pytest.raises(TooSlow):
        await requests.read_body(never, {}, 10)
    with pytest.raises(TooSlow):
        _ = [part async for part in requests.stream_body(never)]


async def echo(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        return
    size = 0
    while (message := await receive())["type"] == "http.request":
        size += len(message["body"])
        if not message["more_body"]:
            break
    body = str(size).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(len(body)).encode())]})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    """A server with our connections, which waits a fifth of a second for a head."""
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.2)
    config = uvicorn.Config(echo, port=0, http=GuardedProtocol, lifespan="off", log_config=None, ws="none")
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    yield server.servers[0].sockets[0].getsockname()[1]
    await server.shutdown()


async def converse(port: int, *parts: bytes) -> bytes:
    """What comes back until the server closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for part in parts:
        writer.write(part)
        await writer.drain()
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return answer


async def test_a_head_that_never_ends_ends_the_connection(port: int) -> None:
    assert await converse(port) == b"", "not a byte"
    assert await converse(port, b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: ") == b""


async def test_a_head_without_an_end_is_cut_off(port: int) -> None:
    answer = await converse(port, b"GET / HTTP/1.1\r\nhost: x\r\nx-long: " + b"x" * 66_000)
    assert answer.startswith(b"HTTP/1.1 431 ")


async def test_long_bodies_and_later_requests_pass(port: int) -> None:
    body = b"x" * 300_000
    head = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 300000\r\n"
    answer = await converse(port, head + b"\r\n" + body, head + b"connection: close\r\n\r\n" + body)
    assert answer.count(b"HTTP/1.1 200 OK") == 2
    assert answer.count(b"300000") == 2
