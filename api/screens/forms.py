"""Forms that only our own pages can send: bound to the browser and the sign-in that they were shown to."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from typing import Final
from urllib.parse import urlsplit

from api.exchange import Exchange
from api.faults import BadInput
from api.requests import declared_media_type, parse_pairs, read_body
from api.screens.visits import Visit
from core.errors import Forbidden, TooLarge
from core.ids import new_secret

FIELD: Final = "form_token"
LONGEST_FORM = 16_384
LONGEST_VALUE = 1_024
_MEDIA = "application/x-www-form-urlencoded"
_PURPOSE = "form of a page"
_OWN_SITES = frozenset({b"same-origin", b"none"})


def form_token(visit: Visit) -> str:
    """What a form carries; another one each time, so that no compression of the page can betray it."""
    pad = new_secret()
    return f"{pad}.{_mark(visit, pad)}"


async def read_own_form(visit: Visit) -> dict[str, str]:
    """The fields of a form that one of our pages sent; raises :class:`Forbidden` for one that comes from elsewhere.

    Nothing is done before that. Also raises :class:`BadInput` and :class:`TooLarge`.
    """
    return require_own(visit, await read_form(visit.exchange))


def require_own(visit: Visit, form: dict[str, str]) -> dict[str, str]:
    """The other fields of a form with our token in it; raises :class:`Forbidden` for one that comes from elsewhere."""
    _check_origin(visit)
    if not _is_own(visit, form.get(FIELD, "")):
        raise Forbidden("screens.form-outdated")
    for name, value in form.items():
        if len(value) > LONGEST_VALUE:
            raise TooLarge("screens.value-too-long", field=f"/{name}", limit=LONGEST_VALUE)
    return form


async def read_form(exchange: Exchange) -> dict[str, str]:
    """The fields of a form, whoever sent it; raises :class:`BadInput` and :class:`TooLarge`."""
    if declared_media_type(exchange.headers) != _MEDIA:
        raise BadInput("api.media-unsupported", place="header", field="Content-Type", expected=_MEDIA)
    return parse_pairs(await read_body(exchange.receive, exchange.headers, LONGEST_FORM), "body")


def _check_origin(visit: Visit) -> None:
    headers, base = visit.exchange.headers, urlsplit(visit.services.base_of(visit.tenant))
    own = f"{base.scheme}://{base.netloc}"
    if headers.get(b"origin", own.encode()).lower() != own.lower().encode():
        raise Forbidden("screens.form-elsewhere", address=own)
    if headers.get(b"sec-fetch-site", b"same-origin").lower() not in _OWN_SITES:
        raise Forbidden("screens.form-elsewhere", address=own)


def _is_own(visit: Visit, token: str) -> bool:
    pad, _, mark = token.partition(".")
    return hmac.compare_digest(mark.encode(), _mark(visit, pad).encode())


def _mark(visit: Visit, pad: str) -> str:
    bound_to = f"{pad}\0{visit.browser_value}\0{visit.token or ''}"
    return urlsafe_b64encode(visit.keys.hash(bound_to, _PURPOSE)).decode().rstrip("=")
