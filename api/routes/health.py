"""Whether the process lives, whether it can serve, and its figures. Outside of every tenant, without a token."""

from __future__ import annotations

import os
from typing import Any

import msgspec
import structlog
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest

from api.endpoints import Runner
from api.exchange import Answer, Exchange
from api.services import Services

_JSON = ((b"content-type", b"application/json"), (b"cache-control", b"no-store"))


def health_runners(services: Services) -> dict[str, dict[str, Runner]]:
    """What answers at each address, by method."""

    async def ready(_exchange: Exchange) -> Answer:
        return await check_readiness(services)

    return {"/health/live": {"GET": _live}, "/health/ready": {"GET": ready}, "/metrics": {"GET": _metrics}}


async def _live(_exchange: Exchange) -> Answer:
    return Answer(200, b'{"status":"live"}', _JSON)


async def check_readiness(services: Services) -> Answer:
    """200 where the database answers and is used under a role that row security binds; else 503, the log says why."""
    try:
        if await services.database.schema_revision() is None:
            raise LookupError("the database has no tables; run wenze db upgrade")
        await services.database.check_role()
    except Exception as error:  # noqa: BLE001  # whatever keeps the database away, the answer is the same
        structlog.get_logger("wenze.health").warning("not-ready", reason=type(error).__name__, exc_info=error)
        return Answer(503, msgspec.json.encode({"status": "not-ready"}), (*_JSON, (b"retry-after", b"5")))
    return Answer(200, b'{"status":"ready"}', _JSON)


async def _metrics(_exchange: Exchange) -> Answer:
    """The figures of this process, or of all of them where ``wenze serve`` runs several."""
    body = generate_latest(_registry())
    return Answer(200, body, ((b"content-type", CONTENT_TYPE_LATEST.encode()), (b"cache-control", b"no-store")))


def _registry() -> CollectorRegistry:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = CollectorRegistry()
    collect: Any = MultiProcessCollector  # comes without types
    collect(registry)
    return registry
