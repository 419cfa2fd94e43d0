"""``wenze worker``: works off timers."""

from __future__ import annotations

import asyncio
import signal

import click

from core.settings import FaultySetting, Settings
from core.store.database import Database
from core.worker import Worker


@click.command()
@click.option("--once", is_flag=True, help="End when all that has gone off by now is done.")
def worker(*, once: bool) -> None:
    """Works off timers of all tenants until it is told to end: deadlines that warn and run out, events, deliveries.

    Any number can run, beside any number of services; what each does is recorded once.
    """
    from api.server import find_obstacle
    from core.logs import configure

    try:
        settings = Settings.from_environment()
    except FaultySetting as error:
        raise click.ClickException(str(error)) from error
    obstacle = asyncio.run(find_obstacle(settings))
    if obstacle:
        raise click.ClickException(obstacle)
    configure(settings.log_format, settings.log_level)
    asyncio.run(_work(settings, once=once))


async def _work(settings: Settings, *, once: bool) -> None:
    from api.starting import collect_from_now_on
    from core.jurisdictions import Jurisdictions
    from core.tenants.snapshot import Snapshots
    from core.trades import TRADES
    from core.work import Workshop

    database = Database.of(settings)
    try:
        await database.check_role()
        at_work = Worker(Workshop(settings, database, Snapshots(Jurisdictions.discover())), TRADES)
        for told in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(told, at_work.end)
        collect_from_now_on()
        await (at_work.catch_up() if once else at_work.run())
    finally:
        await database.close()
