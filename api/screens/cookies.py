"""The cookies of a tenant's pages. Each is sent to that tenant's pages alone, and no script can read it."""

from __future__ import annotations

import re
from enum import StrEnum
from urllib.parse import urlsplit

from api.exchange import Exchange
from api.services import Services
from core.accounts.devices import DEVICE_DAYS
from core.accounts.signing_in import Opened
from core.ids import new_secret
from core.tenants.tenant import Tenant

Header = tuple[bytes, bytes]
_DAY_SECONDS = 86_400
LANGUAGE_SECONDS = 365 * _DAY_SECONDS
_VALUE = re.compile(r"[A-Za-z0-9_-]{1,128}", re.ASCII)


class Cookie(StrEnum):
    """What is kept in a browser."""

    SIGN_IN = "sign-in"
    """The token of the sign-in; ends with the browser, and on the server before that."""
    EARLIER = "earlier"
    """The token of the sign-in that goes on, while its person shows the second factor anew."""
    BROWSER = "browser"
    """A random value that forms are bound to, from before anybody signs in; another after it, so that none is planted."""
    DEVICE = "device"
    """Says that somebody has signed in here before (:data:`core.store.tables.accounts.known_device`)."""
    LANGUAGE = "language"
    """``zh`` or ``en``, where it was chosen on a page."""


def cookie_name(services: Services, tenant: Tenant, cookie: Cookie) -> str:
    """One name per tenant; over https a browser takes it from https alone (RFC 6265bis, section 4.1.3.1)."""
    prefix = "__Secure-" if _is_secure(services, tenant) else ""
    return f"{prefix}wenze-{cookie}.{tenant.slug}"


def read_cookie(exchange: Exchange, services: Services, tenant: Tenant, cookie: Cookie) -> str | None:
    """The cookie's value; ``None`` where there is none, or one that cannot be ours."""
    wanted = cookie_name(services, tenant, cookie)
    for pair in exchange.cookies.split(";"):
        name, _, value = pair.strip().partition("=")
        if name == wanted:
            return value if _VALUE.fullmatch(value) else None
    return None


def read_token(exchange: Exchange, services: Services, tenant: Tenant) -> str | None:
    """The token of the sign-in."""
    return read_cookie(exchange, services, tenant, Cookie.SIGN_IN)


def read_browser(exchange: Exchange, services: Services, tenant: Tenant) -> str | None:
    """The value that forms, and what is begun elsewhere, are bound to."""
    return read_cookie(exchange, services, tenant, Cookie.BROWSER)


def set_cookie(services: Services, tenant: Tenant, cookie: Cookie, value: str, seconds: int | None = None) -> Header:
    """The header that sets it; without ``seconds`` until the browser is closed."""
    # Lax and not Strict: who comes from a client's page to be asked for consent is still signed in.
    parts = [f"{cookie_name(services, tenant, cookie)}={value}", f"Path={urlsplit(services.issuer(tenant)).path}"]
    parts += ["HttpOnly", "SameSite=Lax", *(["Secure"] if _is_secure(services, tenant) else [])]
    parts += [] if seconds is None else [f"Max-Age={seconds}"]
    return (b"set-cookie", "; ".join(parts).encode())


def drop_cookie(services: Services, tenant: Tenant, cookie: Cookie) -> Header:
    """The header that takes it away."""
    return set_cookie(services, tenant, cookie, "", 0)


def sign_in_cookies(services: Services, tenant: Tenant, opened: Opened) -> list[Header]:
    """The headers for a sign-in that was just opened or raised; forms that were shown before it are no longer good."""
    headers = [
        set_cookie(services, tenant, Cookie.SIGN_IN, opened.token),
        set_cookie(services, tenant, Cookie.BROWSER, new_secret()),
    ]
    if opened.device_token is not None:
        headers.append(set_cookie(services, tenant, Cookie.DEVICE, opened.device_token, DEVICE_DAYS * _DAY_SECONDS))
    return headers


def _is_secure(services: Services, tenant: Tenant) -> bool:
    return services.base_of(tenant).startswith("https:")
