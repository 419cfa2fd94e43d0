"""Which addresses are reached at all (PITFALLS 27): public ones, those that the operator has named, and none by a detour."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import httpx2
import pytest

import core.reaching
from api.oauth.reaching import soon
from core.accounts.providers import is_safe_address
from core.clock import WallClock
from core.errors import Unavailable
from core.reaching import GuardedTransport, is_reachable
from tests.federation.faking import FakeProvider, served

INTERNAL = (ip_network("10.20.0.0/16"), ip_network("127.0.0.1/32"), ip_network("fd00:1::/32"))


@pytest.mark.parametrize(
    ("address", "secure", "expected"),
    [
        ("1.1.1.1", True, True),
        ("2606:4700:4700::1111", True, True),
        ("10.20.3.4", True, True),
        ("::ffff:10.20.3.4", True, True),
        ("fd00:1::7", True, True),
        ("127.0.0.1", True, True),
        ("127.0.0.1", False, True),
        ("127.0.0.2", True, False),
        ("127.0.0.2", False, False),
        ("1.1.1.1", False, False),
        ("10.20.3.4", False, False),
        ("10.21.0.1", True, False),
        ("192.168.1.1", True, False),
        ("169.254.169.254", True, False),
        ("::ffff:169.254.169.254", True, False),
        ("100.64.0.1", True, False),
        ("0.0.0.0", True, False),
        ("::1", True, False),
        ("::", True, False),
        ("fe80::1", True, False),
        ("224.0.0.1", True, False),
        ("ff02::1", True, False),
        ("fd00:2::7", True, False),
        ("64:ff9b::169.254.169.254", True, False),
        ("64:ff9b::10.20.3.4", True, True),
        ("2002:a9fe:a9fe::1", True, False),
    ],
)
def test_addresses(address: str, secure: bool, expected: bool) -> None:
    assert is_reachable(ip_address(address), INTERNAL, secure=secure) is expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://login.example.cn/realm", True),
        ("https://login.example.cn:8443", True),
        ("http://127.0.0.1:8000/t/x/oauth", True),
        ("http://[::1]:8000", True),
        ("http://localhost:8000", False),
        ("http://login.example.cn", False),
        ("https://user@login.example.cn", False),
        ("https://login.example.cn/#a", False),
        ("https://", False),
        ("https://a:0", False),
        ("https://a:99999", False),
        ("https://[x", False),
        ("https://[::1]:8443", True),
        ("https://key_cloak:8443", True),
        ("https://login.example.cn;sandbox", False),
        ("https://login.example.cn,script-src", False),
        ("https://'unsafe-inline'", False),
        ("https://login.example.cn\\@elsewhere.example", False),
        ("file:///etc/passwd", False),
        ("javascript:alert(1)", False),
        ("https://login.example.cn/a b", False),
        ("https://login.example.cn/\n", False),
        ("https://" + "x" * 600, False),
        ("", False),
    ],
)
def test_safe_addresses(address: str, expected: bool) -> None:
    assert is_safe_address(address) is expected


async def ask(address: str, *networks: str) -> httpx2.Response:
    """Asks over a guarded connection."""
    transport = GuardedTransport(tuple(ip_network(item) for item in networks))
    async with soon(), httpx2.AsyncClient(transport=transport, timeout=2, trust_env=False) as client:
        return await client.get(address)


async def test_a_server_inside_is_reached_only_where_it_was_named() -> None:
    fake = FakeProvider(WallClock())
    async with served(fake) as origin:
        fake.issuer = origin
        address = f"{origin}/.well-known/openid-configuration"
        assert (await ask(address, "127.0.0.1/32")).json()["issuer"] == origin
        with pytest.raises(Unavailable, match=r"federation\.provider-away"):
            await ask(address)
        with pytest.raises(Unavailable):
            await ask(address.replace("http:", "https:"), "127.0.0.1/32")
        assert len(fake.fetched) == 1


async def test_a_name_is_looked_up_once_and_the_address_that_was_checked_is_the_one_that_is_reached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fake, asked = FakeProvider(WallClock()), []
    async with served(fake) as origin:
        port = int(origin.rpartition(":")[2])

        def look_up(host: str, _port: int) -> list[object]:
            asked.append(host)
            # A name that is public when it is checked, and inside when it is looked up again.
            return [(0, 0, 0, "", ("127.0.0.1" if len(asked) == 1 else "169.254.169.254", port))]

        monkeypatch.setattr(core.reaching, "look_up", look_up)
        answer = await ask(f"http://rebinding.example.cn:{port}/jwks", "127.0.0.1/32")
    assert answer.status_code == 200
    assert asked == ["rebinding.example.cn"]


async def test_what_cannot_be_asked_is_said_to_be_away() -> None:
    for address in ("ftp://127.0.0.1/", "http://127.0.0.1:1/", "https://no-such-host.invalid/"):
        with pytest.raises(Unavailable):
            await ask(address, "127.0.0.1/32")
