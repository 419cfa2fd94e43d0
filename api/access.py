"""Who asked what, in the log and in the metrics: by route template, never by path, query or person."""

from __future__ import annotations

from functools import cache
from typing import Any

import structlog
from prometheus_client import Counter, Histogram

from api.exchange import Trace

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_REQUESTS = Counter("wenze_http_requests", "HTTP requests answered.", ("method", "route", "status"))
_SECONDS = Histogram(
    "wenze_http_request_seconds", "Seconds from a request's first byte to its answer.", ("method", "route"), buckets=_BUCKETS
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_QUIET = frozenset({"/health/live", "/health/ready", "/metrics"})

_log: Any = structlog.get_logger("wenze.access")


@cache
def _counter(method: str, route: str, status: int) -> Counter:
    return _REQUESTS.labels(method, route, str(status))


@cache
def _histogram(method: str, route: str) -> Histogram:
    return _SECONDS.labels(method, route)


def record_access(method: str, trace: Trace, seconds: float) -> None:
    """Counts and logs one request. An unknown method or path is one series, however many there are."""
    known = method if method in _METHODS else "other"
    _counter(known, trace.route, trace.status).inc()
    _histogram(known, trace.route).observe(seconds)
    if trace.route in _QUIET:
        return
    facts = {"code": trace.code} if trace.code else {}
    _log.info(
        "request",
        request_id=trace.request_id,
        tenant=trace.tenant,
        method=known,
        route=trace.route,
        status=trace.status,
        ms=round(seconds * 1000, 2),
        **facts,
    )
