"""``wenze serve``: runs the service."""

from __future__ import annotations

import asyncio
import os

import click

from api.starting import collecting_later
from core.settings import FaultySetting, Settings


@click.command()
@click.option("--host", help="The address to listen on; by default WENZE_HOST.")
@click.option("--port", type=click.IntRange(0, 65_535), help="The port to listen on; by default WENZE_PORT.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes that serve; by default WENZE_WORKERS.")
@click.option(
    "--with-worker", is_flag=True, help="Work off timers, too: enough for one machine; by default WENZE_WITH_WORKER."
)
def serve(host: str | None, port: int | None, workers: int | None, *, with_worker: bool) -> None:
    """Serves every tenant's API until it is told to end; requests in hand are finished first."""
    if with_worker:
        os.environ["WENZE_WITH_WORKER"] = "1"  # the processes that serve read it, too
    with collecting_later():
        _serve(host, port, workers)


def _serve(host: str | None, port: int | None, workers: int | None) -> None:
    from api.server import find_obstacle
    from api.server import serve as run

    try:
        settings = Settings.from_environment()
    except FaultySetting as error:
        raise click.ClickException(str(error)) from error
    obstacle = asyncio.run(find_obstacle(settings))
    if obstacle:
        raise click.ClickException(obstacle)
    chosen = settings.port if port is None else port
    run(host or settings.host, chosen, workers or settings.workers, settings)
