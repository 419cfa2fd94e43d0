"""``wenze demo``: the main job, for every installed city, on a database of its own."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import click
import httpx

from api.demo.cast import set_stage
from api.demo.code_flow import CodeFlow
from api.demo.hiring import Clerk, hire
from api.demo.player import Player
from api.demo.service import DemoService
from api.demo.telling import Teller, tell_addresses
from core.jurisdictions import Jurisdictions
from core.store.database import Database
from core.store.migrating import upgrade


@click.command()
@click.option("--exit", "and_exit", is_flag=True, help="End the service when the play is over.")
@click.option("--port", default=8000, show_default=True, help="Where the service listens; another where it is taken.")
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the database; by default a new temporary one.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language of the tale.")
def demo(and_exit: bool, port: int, data: Path | None, language: str) -> None:
    """Creates a sandbox tenant per city, starts the service and plays each city's story through HTTP.

    Who begins the story signs in on the tenant's pages and acts by a front-end; everybody else acts by a machine client.

    Exits with 0 when every step did what the regulation says, else with 1.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    service = DemoService.prepare(data or Path(tempfile.mkdtemp(prefix="wenze-demo-")), port, with_worker=True)
    clerks = asyncio.run(_set_stages(service))
    with service.running() as process:
        short = sum(_play(clerk, service.address, language) for clerk in clerks)
        click.echo(f"\n{short} shortfalls" if short else "\n✓ 每一步都符合规定 / every step did what the regulation says")
        for line in tell_addresses(service.address, clerks):
            click.echo(line)
        if not and_exit:
            _stay(process)
    raise SystemExit(1 if short else 0)


async def _set_stages(service: DemoService) -> list[Clerk]:
    settings = service.settings
    await upgrade(settings)
    jurisdictions = Jurisdictions.discover()
    owner = Database.of(settings, owner=True)
    try:
        casts = [await set_stage(owner, jurisdictions, jurisdictions.get(id_)) for id_ in jurisdictions.ids]
        return [await hire(owner, jurisdictions, cast) for cast in casts]
    finally:
        await owner.close()


def _play(clerk: Clerk, address: str, language: str) -> int:
    """Plays and tells one city's story; answers how many acts fell short."""
    teller = Teller(clerk.cast, language)
    _echo(teller.open_city())
    with httpx.Client(base_url=address, timeout=30, headers={"Accept-Language": language}) as http:
        flow = CodeFlow(http, clerk)
        flow.sign_in()
        _echo(teller.tell_sign_in(clerk, flow.read_person()))
        short = _perform(Player(clerk.cast, http, {clerk.person.key: flow}), teller)
        flow.renew()
        _echo(teller.tell_renewal(flow.read_person()))
    return short


def _perform(player: Player, teller: Teller) -> int:
    performed, short = player.play(), 0
    for scene in player.cast.city.story.scenes:
        _echo(teller.open_scene(scene))
        for _ in scene.acts:
            done = next(performed)
            _echo(teller.tell(done))
            short += bool(done.shortfalls)
    return short


def _echo(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


def _stay(process: subprocess.Popen[bytes]) -> None:
    click.echo("\n服务运行中，按 Ctrl-C 结束 / the service is up; Ctrl-C ends it")
    try:
        process.wait()
    except KeyboardInterrupt:
        click.echo("")
