"""The line of search: a word of two characters and two filters, over HTTP, against the raw query in the same run."""

from __future__ import annotations

import random
from collections.abc import Iterable
from urllib.parse import urlencode

from sqlalchemy import make_url

from core.search.indexing import PURPOSE
from core.search.keyed import number_grams
from tests.benchmarks.asks import PAGE, Asker, Asks
from tests.benchmarks.cast import keys_of
from tests.benchmarks.lines import Ground, percentiles
from tests.benchmarks.load import Ask, Load
from tests.benchmarks.matters import CATEGORIES, WORDS
from tests.benchmarks.races import Score, generate, run_apart
from tests.benchmarks.raw import QUERY, RawLoad, RawQuestion
from tests.benchmarks.report import Line
from tests.benchmarks.stages import TWIN, Stage, driver_address

_TIMES, _MILLISECONDS = 3.0, 50.0
_AT_ONCE = 4
"""Questions at any moment, without a pause between them; more would only measure how long they wait for each other."""
_TENANTS = 40
"""So many of the hundred, in no order, so that what is asked does not all lie in the cache of one."""
_NAME = "a word and two filters, of {:,}"


async def search(ground: Ground) -> list[Line]:
    """One question after the other, whose time is compared; and some at once, whose time is bounded."""
    questions = await _questions(ground)
    asker = ground.asker()
    asks = tuple(_ask(asker, question, word) for question, word in questions)
    raw = tuple(question for question, _ in questions)
    # Not counted: every tenant's configuration is read, and every connection has each statement's plan.
    generate(Load(ground.service.port, asks, ground.pace.connections, ground.pace.seconds))
    alone, many = _race(ground, asks, raw, connections=1), _race(ground, asks, raw, connections=_AT_ONCE)
    return [_compared(ground, *alone), _bounded(ground, *many)]


def _compared(ground: Ground, ours: Score, raw: Score) -> Line:
    times = ours.milliseconds(0.5) / raw.milliseconds(0.5)
    figures = f"{ours.milliseconds(0.5):.2f} ms", f"{raw.milliseconds(0.5):.2f} ms"
    notes = (f"p50/p95 ms, one at a time: {percentiles(ours)}, raw query {percentiles(raw)}",)
    name = _NAME.format(ground.stage.cases)
    return Line(name, *figures, f"{times:.2f}", f"< {_TIMES:.0f}", times < _TIMES, notes)


def _bounded(ground: Ground, ours: Score, raw: Score) -> Line:
    slow = ours.milliseconds(0.95)
    rates = f"{ours.rate:,.0f}/s, raw query {raw.rate:,.0f}/s"
    note = f"{_AT_ONCE} at once: p50/p95 ms {percentiles(ours)}, raw query {percentiles(raw)}; {rates}"
    time = f"processor time: {ours.microseconds:.0f} µs an answer"
    name = f"{_NAME.format(ground.stage.cases)}, p95"
    return Line(name, f"{slow:.1f} ms", "", "", f"< {_MILLISECONDS:.0f} ms", slow < _MILLISECONDS, (note, time))


def _race(ground: Ground, asks: Asks, raw: tuple[RawQuestion, ...], connections: int) -> tuple[Score, Score]:
    ours, theirs, service = Score(), Score(), ground.service
    address = driver_address(make_url(ground.stage.address(TWIN)))
    for turn in range(ground.pace.turns):
        for is_ours in (turn % 2 == 0, turn % 2 == 1):
            if is_ours:
                before = service.processor_seconds()
                tally = generate(Load(service.port, asks, connections, ground.pace.seconds))
                ours.add(tally, service.processor_seconds() - before)
            else:
                load = RawLoad(address, raw, connections, ground.pace.seconds)
                theirs.add(run_apart("tests.benchmarks.raw", load, "of the raw query"), 0)
    return ours, theirs


async def _questions(ground: Ground) -> list[tuple[RawQuestion, str]]:
    """Every word in some tenants, each with a category, and how many cases of a page answer it."""
    chance = random.Random(3)
    tenants = chance.sample(sorted(tenant.id for tenant, _ in ground.clients), _TENANTS)
    keys = await keys_of(ground.stage, tenants)
    wanted = [
        (tenant, number, chance.choice(CATEGORIES), word)
        for tenant in tenants
        for word, number in zip(WORDS, number_grams(keys[tenant], PURPOSE, WORDS), strict=True)
    ]
    chance.shuffle(wanted)
    counts = await _counts(ground.stage, [item[:3] for item in wanted])
    return [(RawQuestion(*item[:3], rows), item[3]) for item, rows in zip(wanted, counts, strict=True)]


async def _counts(stage: Stage, wanted: Iterable[tuple[int, int, str]]) -> list[int]:
    connection = await stage.connect(TWIN)
    try:
        return [min(len(await connection.fetch(QUERY, *item)), PAGE) for item in wanted]
    finally:
        await connection.close()


def _ask(asker: Asker, question: RawQuestion, word: str) -> Ask:
    query = urlencode({"q": word, "category": question.category, "closed": "true", "limit": PAGE})
    return asker.listing(question.tenant, query, question.rows)
