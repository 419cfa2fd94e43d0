"""The lines of the benchmark: what is raced or measured, and what is asked of it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import httpx
import msgspec

from core.tenants.client import Credentials
from core.tenants.tenant import Tenant
from tests.benchmarks import servers
from tests.benchmarks.asks import Asker, Asks, choose_pages, choose_readings
from tests.benchmarks.bodies import orders, tip_offs
from tests.benchmarks.dates import Found
from tests.benchmarks.files import Uploads, find_owners
from tests.benchmarks.races import Pace, Preparation, Score, race
from tests.benchmarks.report import Line
from tests.benchmarks.servers import Running
from tests.benchmarks.stages import Stage

_ORDER_SHARE, _SUGGESTING = 0.4, 1.3
_SHARE, _GROWTH, _DATES, _EXPLANATIONS, _MEGABYTES, _SECONDS = 0.5, 1.2, 1_000_000, 100_000, 150, 2.0
Clients = Sequence[tuple[Tenant, Credentials]]


@dataclass(frozen=True, slots=True)
class Ground:
    """A stage on which both servers run."""

    stage: Stage
    clients: Clients
    service: Running
    twin: Running
    pace: Pace

    def asker(self) -> Asker:
        """Requests with fresh tokens, which are good for some minutes only."""
        return Asker.of(self.service, self.clients)

    def race(self, name: str, asks: tuple[Asks, Asks], share: float = _SHARE, prepare: Preparation | None = None) -> Line:
        """The service against its twin, of whose answers it must reach a share."""
        ours, twins = race((self.service, asks[0]), (self.twin, asks[1]), self.pace, prepare)
        ratio = ours.rate / twins.rate
        turns = [mine / theirs for mine, theirs in zip(ours.rates, twins.rates, strict=True)]
        return Line(
            name,
            f"{ours.rate:,.0f}/s",
            f"{twins.rate:,.0f}/s",
            f"{ratio:.2f}",
            f">= {share}",
            ratio >= share,
            (
                f"p50/p95 ms: {percentiles(ours)}, twin {percentiles(twins)}; turns {min(turns):.2f} to {max(turns):.2f}",
                f"processor time: {ours.microseconds:.0f} µs an answer, twin {twins.microseconds:.0f} µs",
                f"peak memory: {self.service.memory()[1]:.0f} MB, twin {self.twin.memory()[1]:.0f} MB",
            ),
        )


def register(ground: Ground, *, named: bool) -> Line:
    """Registering a case over HTTP."""
    name = "register a case with petitioner and deadline" if named else "register a case, anonymous"
    return ground.race(name, ground.asker().registrations(*tip_offs(named=named)))


async def register_order(ground: Ground) -> Line:
    """Registering a hotline order with petitioner, category, place and two files that were uploaded before."""
    asker, (city, bodies) = ground.asker(), orders(suggesting=False, files=True)
    names = {tenant.id: credentials.client_id for tenant, credentials in ground.clients}
    uploads = Uploads(ground.stage, asker.cities[city], await find_owners(ground.stage, names))

    def prepare(place: int, seconds: float) -> int:
        return asyncio.run(uploads.prepare(seconds, twin=place == 1))

    name = "register with petitioner, category and two attachments"
    return await asyncio.to_thread(ground.race, name, asker.registrations(city, bodies), _ORDER_SHARE, prepare)


def suggest(ground: Ground) -> Line:
    """What it adds to a registration that likely duplicates are looked for."""
    asker = ground.asker()
    asks = [asker.registrations(*orders(suggesting=suggesting, files=False))[0] for suggesting in (True, False)]
    looking, plain = race((ground.service, asks[0]), (ground.service, asks[1]), ground.pace)
    times = plain.rate / looking.rate
    return Line(
        f"duplicates suggested, of {ground.stage.cases:,}", f"{1000 / looking.rate:.2f} ms", f"{1000 / plain.rate:.2f} ms",
        f"{times:.2f}", f"<= {_SUGGESTING}", times <= _SUGGESTING,
        (f"p50/p95 ms: {percentiles(looking)}, without {percentiles(plain)}",
         f"processor time: {looking.microseconds:.0f} µs an answer, without {plain.microseconds:.0f} µs"),
    )  # fmt: skip


async def read(ground: Ground) -> Line:
    """One case by id."""
    places = await choose_readings(ground.stage)
    return ground.race(f"one case by id, of {ground.stage.cases:,}", ground.asker().readings(places))


async def page(ground: Ground) -> Line:
    """A page of 50."""
    places = await choose_pages(ground.stage)
    return ground.race(f"a page of 50, of {ground.stage.cases:,}", ground.asker().pages(places))


async def growth(large: Ground, small: Ground) -> Line:
    """A page of 50 out of many cases, against one out of few."""
    asks = [ground.asker().pages(await choose_pages(ground.stage))[0] for ground in (large, small)]
    many, few = race((large.service, asks[0]), (small.service, asks[1]), large.pace)
    times = few.rate / many.rate
    name = f"a page of 50, of {large.stage.cases:,} to {small.stage.cases:,}"
    figures = f"{1000 / many.rate:.2f} ms", f"{1000 / few.rate:.2f} ms"
    note = f"p50/p95 ms: {percentiles(many)}, against {percentiles(few)}"
    return Line(name, *figures, f"{times:.2f}", f"<= {_GROWTH}", times <= _GROWTH, (note,))


def idle(stage: Stage, clients: Clients) -> list[Line]:
    """A process that has just started and answered a little."""
    with servers.service(stage) as running:
        asker = Asker.of(running, clients[:4])
        with httpx.Client(base_url=running.address) as http:
            for slug, token in asker.tokens.values():
                http.get(f"/t/{slug}/v1/cases", headers={"Authorization": f"Bearer {token}"}).raise_for_status()
        megabytes, seconds = running.memory()[0], running.seconds_to_ready
    return [
        Line("memory of an idle process", f"{megabytes:.0f} MB", "", "", f"< {_MEGABYTES} MB", megabytes < _MEGABYTES),
        Line("from start to ready", f"{seconds:.2f} s", "", "", f"<= {_SECONDS} s", seconds <= _SECONDS),
    ]


def due_dates() -> list[Line]:
    """Due dates on one core."""
    command = [sys.executable, "-m", "tests.benchmarks.dates"]
    found = msgspec.json.decode(subprocess.run(command, capture_output=True, check=True).stdout, type=Found)
    plain = Line(
        "due dates", f"{found.dates:,.0f}/s", "", "", f">= {_DATES:,}/s", found.dates >= _DATES,
        (f"slowest term: {found.slowest_dates[1]} with {found.slowest_dates[0]:,.0f}/s",
         f"peak memory: {found.megabytes:.0f} MB, the explanations too"),
    )  # fmt: skip
    explained = Line(
        "due dates, explained", f"{found.explanations:,.0f}/s", "", "", f">= {_EXPLANATIONS:,}/s",
        found.explanations >= _EXPLANATIONS,
        (f"slowest term: {found.slowest_explanations[1]} with {found.slowest_explanations[0]:,.0f}/s",),
    )  # fmt: skip
    return [plain, explained]


def percentiles(score: Score) -> str:
    """The median and the 95th of a hundred, in milliseconds."""
    return f"{score.milliseconds(0.5):.1f}/{score.milliseconds(0.95):.1f}"
