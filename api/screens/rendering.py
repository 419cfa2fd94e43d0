"""Makes a page of a template and its values, with the headers that keep it from being framed, cached or run."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from api.exchange import Answer
from api.languages import LANGUAGES, TAGS
from api.screens.cookies import Header
from core.law.instrument import Text
from core.tenants.tenant import Tenant
from core.texts import catalogue, render

if TYPE_CHECKING:
    from jinja2 import Environment

LANGUAGE_PARAMETER = "ui_locales"
"""As OpenID Connect calls it."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What every page has around it."""

    language: str
    tenant: Tenant | None
    root: str
    """The path of the issuer."""
    address: str = ""
    """The path of this page."""
    query: Mapping[str, str] = field(default_factory=dict)
    leads_to: tuple[str, ...] = ()
    """The addresses outside to which a form of the page may lead; their origins are let through."""


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # here: a process is ready before its first page

    return Environment(
        loader=PackageLoader("api.screens", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


@cache
def style() -> tuple[bytes, str]:
    """The style sheet, and what tells it from an earlier one."""
    sheet = files("api.screens").joinpath("style.css").read_bytes()
    return sheet, hashlib.sha256(sheet).hexdigest()[:16]


def show(
    frame: Frame, template: str, status: int = 200, headers: Sequence[Header] = (), **values: Any
) -> Answer:
    """The page. Every text in it is escaped where it is put in; a value that is missing is an error of the program."""
    body = _environment().get_template(template).render(**_surroundings(frame), **values)
    return Answer(status, body.encode(), (*_page_headers(frame), *headers))


def move_on(address: str, headers: Sequence[Header] = ()) -> Answer:
    """On to another address by GET, which the caller has made or checked."""
    return Answer(303, b"", ((b"location", address.encode()), *_SECRECY, *headers))


def say(text_id: str, language: str, **params: str | int) -> str:
    """A text of the pages; raises :class:`KeyError` for one that does not exist."""
    if text_id not in catalogue():
        raise KeyError(text_id)
    return render(text_id, params, language)


def in_language(text: Text, language: str) -> str:
    """One of the two languages of a text."""
    return text.zh if language == "zh" else text.en


def _surroundings(frame: Frame) -> dict[str, Any]:
    language, tenant = frame.language, frame.tenant
    other = next(item for item in LANGUAGES if item != language)

    def text(text_id: str, **params: str | int) -> str:
        return say(f"screens.{text_id}", language, **params)

    return {
        "t": text,
        "language": language,
        "tag": TAGS[language],
        "other_tag": TAGS[other],
        "other_language": f"?{urlencode({**frame.query, LANGUAGE_PARAMETER: TAGS[other]})}",
        "root": frame.root,
        "style_address": f"{frame.root}/style.css?v={style()[1]}" if frame.root else "",
        "place": in_language(tenant.name, language) if tenant else "",
        "sandbox": tenant.sandbox if tenant else False,
    }


_SECRECY: tuple[Header, ...] = (
    (b"cache-control", b"no-store"),
    # A browser tells a form's origin only where the policy lets it tell the same origin; nobody else is told anything.
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
)


def _page_headers(frame: Frame) -> tuple[Header, ...]:
    return (
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-language", TAGS[frame.language].encode()),
        (b"vary", b"Accept-Language, Cookie"),
        (b"content-security-policy", content_policy(frame.leads_to).encode()),
        *_SECRECY,
    )


def content_policy(leads_to: Sequence[str] = ()) -> str:
    """The Content-Security-Policy of a page whose forms lead to these addresses (Chromium holds redirects to it, too)."""
    targets = " ".join(["'self'", *dict.fromkeys(map(source_of, leads_to))])
    return (
        f"default-src 'none'; style-src 'self'; img-src data:; form-action {targets}; "
        "frame-ancestors 'none'; base-uri 'none'"
    )


def source_of(address: str) -> str:
    """What a policy calls the place of an address: its origin, or its scheme where an app has one of its own.

    The policy's grammar has no IPv6 addresses; a loopback one is let through by its scheme.
    """
    parts = urlsplit(address)
    if parts.scheme in {"http", "https"} and parts.netloc and "[" not in parts.netloc:
        return f"{parts.scheme}://{parts.netloc}"
    return f"{parts.scheme}:"
