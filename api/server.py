"""Runs the service: one process, or several that share a port, each with its own event loop."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError

from api.starting import collect_from_now_on, collecting_later
from core.logs import configure
from core.settings import FaultySetting, Settings

if TYPE_CHECKING:
    from core.store.database import Database

_GRACE_SECONDS = 20


def make_app() -> Any:
    """The application of this process, from the environment; what uvicorn's workers call."""
    with collecting_later():
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
        collect_from_now_on()
        try:
            async with working(services) if settings.with_worker else nullcontext():
                yield
        finally:
            await database.close()

    return create_app(services, lifespan=lifespan)


@asynccontextmanager
async def working(services: Any) -> AsyncIterator[None]:
    """Works off timers beside what the block does; what is in hand at its end is finished."""
    from core.trades import TRADES
    from core.work import Workshop
    from core.worker import Worker

    worker = Worker(Workshop(services.settings, services.database, services.snapshots), TRADES)
    running = asyncio.ensure_future(worker.run())
    try:
        yield
    finally:
        worker.end()
        await running


async def find_obstacle(settings: Settings) -> str | None:
    """Why the service cannot start on its database and store of attachments, in a line; ``None`` where it can."""
    from core.attachments.vault import open_vault
    from core.store.database import Database
    from core.store.envelope import WRONG_KEY, CannotOpen
    from core.store.roles import UnsafeRole

    database = Database.of(settings)
    try:
        if await database.schema_revision() is None:
            return "the database has no tables yet: run wenze db upgrade"
        await database.check_role()
        open_vault(settings.attachments_address)
        await _open_a_key(database)
    except CannotOpen as error:
        return f"{WRONG_KEY}: {error}"
    except (UnsafeRole, FaultySetting) as error:
        return str(error)
    except (OSError, SQLAlchemyError) as error:
        return f"the database or the store of attachments does not answer: {error}"
    finally:
        await database.close()
    return None


async def _open_a_key(database: Database) -> None:
    """Opens the keys of the oldest tenant, so that another master key is noticed before the first request is lost."""
    from core.tenants.service.directory import list_tenants

    for found in sorted(await list_tenants(database), key=lambda item: item.id)[:1]:
        async with database.reading(found.id) as session:
            await session.keys()


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
