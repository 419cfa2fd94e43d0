"""Who a request comes from, as far as that can be known, and how often an address may fail before it has to wait."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from core.settings import Network, Settings

Address = IPv4Address | IPv6Address


def client_address(scope: Any, settings: Settings) -> str:
    """The address that a request comes from; empty where the connection has none, as on a Unix socket.

    What X-Forwarded-For says counts only behind a trusted proxy, read from its end: the first address that is none of the
    trusted ones. Whatever stands before that was written by whoever asked.
    """
    peer = _address(str((scope.get("client") or ("",))[0]))
    if peer is None:
        return ""
    for hop in (peer, *reversed(_forwarded(scope["headers"]) if _is_trusted(peer, settings.trusted_proxies) else [])):
        if hop is None:
            break
        peer = hop
        if not _is_trusted(hop, settings.trusted_proxies):
            break
    return str(peer)


def _forwarded(headers: list[tuple[bytes, bytes]]) -> list[Address | None]:
    told = b",".join(value for name, value in headers if name == b"x-forwarded-for").decode("latin-1")
    return [_address(part.strip()) for part in told.split(",")] if told else []


def _address(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _is_trusted(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address in network for network in networks)
