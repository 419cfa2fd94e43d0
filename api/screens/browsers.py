"""The browser that asks, as sign-ins know it and as people are told of it."""

from __future__ import annotations

from api.exchange import Exchange
from api.limits import client_address
from api.screens.cookies import Cookie, read_cookie
from api.services import Services
from core.accounts.signing_in import Browser
from core.tenants.tenant import Tenant

_LONGEST_AGENT = 300
# The first that is named counts: nearly all call themselves Safari, too.
_NAMES = (
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("QQBrowser", "QQ Browser"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def browser_of(exchange: Exchange, services: Services, tenant: Tenant) -> Browser:
    """What a request tells of the browser that sends it."""
    agent = exchange.headers.get(b"user-agent", b"").decode("latin-1")[:_LONGEST_AGENT]
    printable = "".join(character for character in agent if character.isprintable())
    device = read_cookie(exchange, services, tenant, Cookie.DEVICE)
    return Browser(device, printable, client_address(exchange.scope, services.settings))


def describe_agent(agent: str) -> str | None:
    """A browser and its system in short (``Firefox · Linux``); ``None`` for one that is not known."""
    names = [next((shown for mark, shown in known if mark in agent), None) for known in (_NAMES, _SYSTEMS)]
    return " · ".join(name for name in names if name) or None
