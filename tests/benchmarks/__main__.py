"""``python -m tests.benchmarks``: runs the lines and prints the table."""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from tests.benchmarks import lines, search, servers, signing
from tests.benchmarks.cast import TENANTS, sign_up
from tests.benchmarks.filling import fill
from tests.benchmarks.lines import Ground
from tests.benchmarks.races import Pace
from tests.benchmarks.report import Line, render
from tests.benchmarks.stages import Server, Stage, driver_address
from tests.benchmarks.timers import worker_lines
from tests.servers import find_postgres

LINES = (
    "register", "register-named", "register-order", "suggest", "read", "page", "growth", "search", "token", "grants",
    "refresh", "sign-in-storm", "idle", "dates", "timers", "sweep", "recount",
)  # fmt: skip
_OF_WORKER = frozenset({"timers", "sweep", "recount"})
_ON_STAGE = frozenset(LINES) - {"dates"} - _OF_WORKER


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="How fast the service is.")
    parser.add_argument("lines", nargs="*", metavar="LINE", help=f"which lines, by default all of: {', '.join(LINES)}")
    parser.add_argument("--cases", type=int, default=1_000_000, help="cases in the large database (%(default)s)")
    parser.add_argument("--few", type=int, default=10_000, help="cases in the small database (%(default)s)")
    parser.add_argument("--turns", type=int, default=6, help="turns of each server in a race (%(default)s)")
    parser.add_argument("--seconds", type=float, default=4.0, help="how long a turn lasts (%(default)s)")
    parser.add_argument("--connections", type=int, default=16, help="connections of the load generator (%(default)s)")
    parser.add_argument("--keep", action="store_true", help="keep the databases for the next run")
    options = parser.parse_args(arguments)
    unknown = set(options.lines) - set(LINES)
    if unknown:
        parser.error(f"no such line: {', '.join(sorted(unknown))}")
    if min(options.cases, options.few) < 100 * TENANTS:
        parser.error(f"each of the {TENANTS} tenants needs at least 100 cases")
    options.lines = options.lines or list(LINES)
    return options


async def run(options: argparse.Namespace) -> list[Line]:
    """Every line asked for."""
    found = lines.due_dates() if "dates" in options.lines else []
    if not {*_ON_STAGE, *_OF_WORKER}.intersection(options.lines):
        return found
    address = os.environ.get("WENZE_TEST_POSTGRES_URL") or await asyncio.to_thread(find_postgres)
    if address is None:
        raise SystemExit("no PostgreSQL server: set WENZE_TEST_POSTGRES_URL or start one on 127.0.0.1:5432")
    if _OF_WORKER.intersection(options.lines):
        found += await worker_lines(address, {*_OF_WORKER}.intersection(options.lines))
    if not _ON_STAGE.intersection(options.lines):
        return found
    server = Server.at(address)
    await server.prepare_roles()
    print(await _describe(server), flush=True)
    async with server.stage(options.cases, fill, keep=options.keep) as stage:
        found += await _run_on(stage, server, options)
    if not options.keep:
        await server.drop_roles()
    return found


async def _run_on(stage: Stage, server: Server, options: argparse.Namespace) -> list[Line]:
    clients = await sign_up(stage)
    found = lines.idle(stage, clients) if "idle" in options.lines else []
    async with _ground(stage, options) as ground:
        if "read" in options.lines:
            found.append(await lines.read(ground))
        if "page" in options.lines:
            found.append(await lines.page(ground))
        if "growth" in options.lines:
            async with server.stage(options.few, fill, keep=options.keep) as few, _ground(few, options) as small:
                found.append(await lines.growth(ground, small))
        if "search" in options.lines:
            found += await search.search(ground)
        if "register" in options.lines:
            found.append(lines.register(ground, named=False))
        if "register-named" in options.lines:
            found.append(lines.register(ground, named=True))
        if "register-order" in options.lines:
            found.append(await lines.register_order(ground))
        if "suggest" in options.lines:
            found.append(lines.suggest(ground))
        found += await _sign_in(ground, options)
    return found


async def _sign_in(ground: Ground, options: argparse.Namespace) -> list[Line]:
    """The lines of the authorization server."""
    found = [await signing.token(ground)] if "token" in options.lines else []
    if "grants" in options.lines:
        found.append(signing.grants(ground))
    if "refresh" in options.lines:
        found.append(await signing.refresh(ground))
    if "sign-in-storm" in options.lines:
        found.append(await signing.sign_in_storm(ground))
    return found


@asynccontextmanager
async def _ground(stage: Stage, options: argparse.Namespace) -> AsyncIterator[Ground]:
    pace = Pace(options.turns, options.seconds, options.connections)
    clients = await sign_up(stage)
    with servers.service(stage) as service, servers.twin(stage) as twin:
        yield Ground(stage, clients, service, twin, pace)


async def _describe(server: Server) -> str:
    connection = await asyncpg.connect(driver_address(server.url))
    try:
        version = await connection.fetchval("SHOW server_version")
    finally:
        await connection.close()
    load = f", load {os.getloadavg()[0]:.1f} before the start" if hasattr(os, "getloadavg") else ""
    return f"Python {platform.python_version()}, {os.cpu_count()} cores, PostgreSQL {version}{load}"


if __name__ == "__main__":
    done = asyncio.run(run(parse()))
    sys.stdout.write(f"\n{render(done)}\n")
