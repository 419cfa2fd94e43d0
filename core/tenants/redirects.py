"""Addresses of a client: where it is sent back to, and from where its pages may ask (RFC 8252, RFC 9700 section 2.1, CORS).

Whatever a browser could be led elsewhere by is refused when it is registered, so that comparing is all that is left to do.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from core.errors import Invalid

LONGEST = 500
_VISIBLE = re.compile(r"[\x21-\x7e]+")
_UNSAFE = frozenset('"<>\\^`{|}*')
_PRIVATE_SCHEME = re.compile(r"[a-z][a-z0-9-]*(?:\.[a-z0-9][a-z0-9-]*)+")
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))*")
_PORTS = {"https": 443, "http": 80}


def check_redirect_uri(uri: str, field: str) -> str:
    """The address as it stands; raises :class:`Invalid` for one to which nobody may be sent.

    https anywhere, http on a loopback address alone, and for apps a scheme of their own in the form of a reversed domain.
    No fragment, user, wildcard or dot segment.
    """
    parts = _split(uri)
    if parts is None or "#" in uri or _climbs(parts.path):
        raise Invalid("clients.redirect-malformed", field=field)
    if parts.scheme in _PORTS:
        if not _is_safe_web(parts):
            raise Invalid("clients.redirect-insecure", field=field)
    elif not (_PRIVATE_SCHEME.fullmatch(parts.scheme) and not parts.netloc and parts.path.startswith("/")):
        raise Invalid("clients.redirect-scheme", field=field)
    return uri


def check_origin(origin: str, field: str) -> str:
    """Scheme, host and port alone, written as a browser sends it; raises :class:`Invalid`."""
    parts = _split(origin)
    if parts is None or parts.scheme not in _PORTS or not _is_safe_web(parts) or origin != _origin_of(parts):
        raise Invalid("clients.origin-malformed", field=field)
    return origin


def check_web_address(uri: str, field: str) -> str:
    """An address that people are shown and may follow; https alone. Raises :class:`Invalid`."""
    parts = _split(uri)
    if parts is None or parts.scheme != "https" or not _is_safe_web(parts):
        raise Invalid("clients.address-malformed", field=field)
    return uri


def origin_of(address: str) -> str:
    """The origin of an http or https address, as browsers write it."""
    return _origin_of(urlsplit(address.lower()))


def is_redirect_of(registered: tuple[str, ...], told: str) -> bool:
    """Whether it is one of the registered addresses, character by character; of a loopback one any port is the app's."""
    if told in registered:
        return True
    plain = _without_loopback_port(told)
    return plain is not None and any(_without_loopback_port(uri) == plain for uri in registered)


def is_private_redirect(uri: str) -> bool:
    """Whether it leads to an app on the person's own device, where any other app could have taken its place."""
    parts = _split(uri)
    return parts is None or parts.scheme != "https"


def is_loopback(host: str | None) -> bool:
    """Whether it is a loopback address; the name ``localhost`` is none, because it can be made to mean another."""
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


def _split(uri: str) -> SplitResult | None:
    if not 0 < len(uri) <= LONGEST or not _VISIBLE.fullmatch(uri) or _UNSAFE & set(uri):
        return None
    try:
        parts = urlsplit(uri)
        return parts if parts.port != 0 and uri.startswith(f"{parts.scheme}:") else None
    except ValueError:
        return None


def _is_safe_web(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    if "@" in parts.netloc or parts.netloc != parts.netloc.lower() or parts.netloc.endswith(":") or "%" in parts.netloc:
        return False
    loopback = is_loopback(host)
    return loopback or (parts.scheme == "https" and bool(_HOST.fullmatch(host)) and not host.replace(".", "").isdigit())


def _climbs(path: str) -> bool:
    return any(part in {".", ".."} for part in re.sub("%2e", ".", path, flags=re.IGNORECASE).split("/"))


def _origin_of(parts: SplitResult) -> str:
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = f":{parts.port}" if parts.port and parts.port != _PORTS[parts.scheme] else ""
    return f"{parts.scheme}://{host}{port}"


def _without_loopback_port(uri: str) -> str | None:
    parts = _split(uri)
    if parts is None or parts.scheme != "http" or not _is_safe_web(parts):
        return None
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else str(parts.hostname)
    # What follows the host as it was written: put together anew it would lose an empty query or fragment.
    return f"http://{host}{uri[len('http://') + len(parts.netloc) :]}"
