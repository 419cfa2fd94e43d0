"""The raw query beside the service's search: what an engineer writes by hand, on asyncpg itself, without HTTP.

``python -m tests.benchmarks.raw`` reads a :class:`RawLoad` as JSON from standard input and writes a tally. It runs under a
role without row security, each statement prepared by the driver, and reads the columns that a list shows.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
import time
from collections.abc import Iterator

import asyncpg
import msgspec
import uvloop
from msgspec import Struct

from tests.benchmarks.load import Tally

PAGE = 50
QUERY = f"""
    SELECT c.id, c.number, c.kind, c.state, c.channel, c.track, c.title, c.received_at, c.registered_at, c.closed_at,
           c.anonymous, c.due_at, c.category, c.division, c.urgent, c.returns, c.version, c.standing->'units' AS units
    FROM cases c JOIN case_gram g ON g.tenant = c.tenant AND g.case_id = c.id
    WHERE c.tenant = $1 AND g.tenant = $1 AND g.gram = $2 AND c.category = $3 AND c.closed_at IS NOT NULL
    ORDER BY c.id DESC LIMIT {PAGE + 1}
"""
"""The newest closed cases of a category with a word of two characters."""


class RawQuestion(Struct, frozen=True):
    """One question, and how many cases answer it."""

    tenant: int
    gram: int
    category: str
    rows: int


class RawLoad(Struct, frozen=True):
    """What is asked of which database, over how many connections, for how long; nothing is counted while it warms up."""

    address: str
    questions: tuple[RawQuestion, ...]
    connections: int
    seconds: float
    warm_up: float = 1.0


async def run(load: RawLoad) -> Tally:
    """Runs a load to its end."""
    tally, questions = Tally(), itertools.cycle(load.questions)
    counted_from = time.perf_counter() + load.warm_up
    asking = (_ask(load, questions, tally, counted_from) for _ in range(load.connections))
    await asyncio.gather(*asking)
    tally.seconds = time.perf_counter() - counted_from
    return tally


async def _ask(load: RawLoad, questions: Iterator[RawQuestion], tally: Tally, counted_from: float) -> None:
    connection = await asyncpg.connect(load.address)
    try:
        now = time.perf_counter()
        while now < counted_from + load.seconds:
            asked, started = next(questions), now
            rows = await connection.fetch(QUERY, asked.tenant, asked.gram, asked.category)
            now = time.perf_counter()
            tally.answered += 1
            if min(len(rows), PAGE) != asked.rows:
                tally.wrong, tally.first_wrong = tally.wrong + 1, f"{len(rows)} rows, not {asked.rows}"
            elif now >= counted_from:
                tally.latencies.append(now - started)
    finally:
        await connection.close()


if __name__ == "__main__":
    done = uvloop.run(run(msgspec.json.decode(sys.stdin.buffer.read(), type=RawLoad)))
    with os.fdopen(sys.stdout.fileno(), "wb", closefd=False) as out:
        out.write(msgspec.json.encode(done))
