"""Runs the service: one process, or several that share a port, each with its own event loop."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from core.logs import configure
from core.settings import FaultySetting, Settings

_GRACE_SECONDS = 20


def make_app() -> Any:
    """The application of this process, from the environment; what uvicorn's workers call."""
    return make_app_of(Settings.from_environment())


def make_app_of(settings: Settings) -> Any:
    """The application over those settings. The database is opened when it starts and closed when it ends."""
    from api.app import create_app
    from api.services import Services
    from core.clock import WallClock
    from core.jurisdictions import Jurisdictions
    from core.store.database import Database
    from core.tenants.snapshot import Snapshots

    configure(settings.log_format, settings.log_level)
    clock, jurisdictions = WallClock(), Jurisdictions.discover()
    database = Database.of(settings, clock=clock)
    services = Services(settings, jurisdictions, database, Snapshots(jurisdictions), clock)

    @asynccontextmanager
    async def lifespan(_app: object) -> AsyncIterator[None]:
        await database.check_role()
        try:
            yield
        finally:
            await database.close()

    return create_app(services, lifespan=lifespan)


async def find_obstacle(settings: Settings) -> str | None:
    """Why the service cannot start on its database and store of attachments, in a line; ``None`` where it can."""
    from core.attachments.vault import open_vault
    from core.store.database import Database
    from core.store.roles import UnsafeRole

    database = Database.of(settings)
    try:
        if await database.schema_revision() is None:
            return "the database has no tables yet: run wenze db upgrade"
        await database.check_role()
        open_vault(settings.attachments_address)
    except (UnsafeRole, FaultySetting) as error:
        return str(error)
    except (OSError, SQLAlchemyError) as error:
        return f"the database or the store of attachments does not answer: {error}"
    finally:
        await database.close()
    return None


def serve(host: str, port: int, workers: int, settings: Settings) -> None:
    """Serves until the process is told to end; requests in hand are finished first."""
    import uvicorn

    if workers > 1:
        # The processes' figures meet in a folder that ends with this one.
        with tempfile.TemporaryDirectory(prefix="wenze-metrics-") as folder:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
            uvicorn.run("api.server:make_app", factory=True, workers=workers, **uvicorn_options(host, port))
        return
    uvicorn.run(make_app_of(settings), **uvicorn_options(host, port))


def uvicorn_options(host: str, port: int) -> dict[str, Any]:
    """How uvicorn serves, in one process or several."""
    from api.connections import GuardedProtocol

    return {
        "host": host,
        "port": port,
        "loop": "uvloop",
        "http": GuardedProtocol,
        "ws": "none",
        "access_log": False,
        "log_config": None,
        "server_header": False,
        "proxy_headers": False,
        "lifespan": "on",
        "timeout_graceful_shutdown": _GRACE_SECONDS,
    }
