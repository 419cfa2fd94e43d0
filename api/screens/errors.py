"""The page for what went wrong and may not be answered by a redirect: what it is, what to do, and the request's id."""

from __future__ import annotations

import unicodedata
from typing import Any, Final
from urllib.parse import urlsplit

import structlog

from api.exchange import Answer, Exchange
from api.failures import as_errors
from api.problems import NOT_FOUND, code_of, status_of
from api.screens.rendering import Frame, show
from api.screens.visits import language_of, read_query
from api.services import Services
from core.errors import Limited, Unavailable, WenzeError
from core.tenants.snapshot import Snapshot
from core.texts import render

_log: Any = structlog.get_logger("wenze.errors")
_LONGEST_SHOWN: Final = 200
_UNSHOWN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})


def error_page(exchange: Exchange, services: Services, snapshot: Snapshot | None, error: WenzeError) -> Answer:
    """The page of an error: its status by its class, its text by its code. Without a tenant it has no name on it."""
    exchange.trace.code = code_of(error)
    tenant = snapshot.tenant if snapshot else None
    language = language_of(exchange, services, tenant) if tenant else exchange.language
    frame = Frame(language=language, tenant=tenant, root=_root(services, snapshot), query=_query(exchange))
    headers = ((b"retry-after", str(_seconds(error)).encode()),) if isinstance(error, Limited | Unavailable) else ()
    values = {"message": describe(error, language), "request_id": exchange.trace.request_id}
    return show(frame, "error.html", status_of(error), headers, missing=status_of(error) == 404, **values)


def unforeseen_page(exchange: Exchange, services: Services, snapshot: Snapshot | None, error: Exception) -> Answer:
    """The page of any exception: of one of ours what it says, of others nothing but where to look in the log."""
    errors = as_errors(error)
    if errors:
        return error_page(exchange, services, snapshot, errors[0])
    _log.error("unforeseen", exc_info=error, request_id=exchange.trace.request_id, route=exchange.trace.route)
    return error_page(exchange, services, snapshot, WenzeError("api.internal"))


def describe(error: WenzeError, language: str) -> str:
    """An error's text, in which what came from outside is cut short and holds nothing that cannot be seen."""
    code = code_of(error)
    params = error.params if code == error.code else {}
    plain = {name: _shown(value) if isinstance(value, str) else value for name, value in params.items()}
    return render("screens.not-found" if code == NOT_FOUND else code, plain, language)


def _shown(value: str) -> str:
    seen = "".join(character for character in value if unicodedata.category(character) not in _UNSHOWN)
    return seen if len(seen) <= _LONGEST_SHOWN else f"{seen[:_LONGEST_SHOWN]}…"


def _seconds(error: WenzeError) -> int:
    wait = error.params.get("wait", 1)
    return wait if isinstance(wait, int) else 1


def _root(services: Services, snapshot: Snapshot | None) -> str:
    return urlsplit(services.issuer(snapshot.tenant)).path if snapshot else ""


def _query(exchange: Exchange) -> dict[str, str]:
    try:
        return read_query(exchange)
    except WenzeError:
        return {}
