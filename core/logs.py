"""Structured logs: JSON in production, coloured on a terminal; request id and tenant from the context, no personal data."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import msgspec
import structlog

from core.settings import LogFormat

_WITHHELD = frozenset({
    "authorization",
    "body",
    "client_secret",
    "facts",
    "id_number",
    "identity",
    "name",
    "narrative",
    "password",
    "phone",
    "receipt",
    "secret",
    "title",
    "token",
})  # fmt: skip
_ENCODER = msgspec.json.Encoder(enc_hook=repr)
_QUIET = ("authlib", "joserfc", "httpx", "httpx2", "httpcore", "httpcore2", "aiosqlite", "asyncio")


class Lines:
    """Where our own lines go: to standard error, past the standard library's handlers, whose way is three times as long."""

    def __init__(self, name: str = "wenze") -> None:
        self.name = name

    def write(self, line: str) -> None:
        """Writes one line, in one piece."""
        sys.stderr.write(line + "\n")
        sys.stderr.flush()

    debug = info = warning = error = critical = write


def configure(format_: LogFormat = "auto", level: str = "INFO") -> None:
    """Sends every log line of the process, also those of libraries, through one renderer to standard error."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        withhold,
    ]
    renderers = _renderers(format_)
    structlog.configure(
        processors=[*shared, *renderers],
        logger_factory=Lines,
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    _quieten()


def withhold(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blanks the values that can be a person or a secret, whoever logged them."""
    for key in event.keys() & _WITHHELD:
        event[key] = "[withheld]"
    return event


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """A structured logger: ``logger(__name__).info("case.registered", case=…)``."""
    bound: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return bound


def _renderers(format_: LogFormat) -> list[Any]:
    if format_ == "console" or (format_ == "auto" and sys.stderr.isatty()):
        # Plain tracebacks: the rich ones show every local variable, and with them tokens and persons.
        plain = structlog.dev.plain_traceback
        return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]
    return [structlog.processors.format_exc_info, _render_json]


def _render_json(_logger: object, _method: str, event: MutableMapping[str, Any]) -> str:
    return _ENCODER.encode(event).decode()


def _quieten() -> None:
    # Debug lines of the OAuth libraries hold whole tokens, those of the HTTP clients addresses with keys in them.
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
