"""Races two servers in turns: whatever else the machine does meets both of them alike."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import msgspec
from msgspec import Struct

from tests.benchmarks.load import Ask, Load, Tally
from tests.benchmarks.servers import Running


class WrongAnswers(RuntimeError):
    """A server did not answer as it must; a figure of wrong answers means nothing."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a race takes: so many turns of each server, of so many seconds, over so many connections."""

    turns: int
    seconds: float
    connections: int


@dataclass(slots=True)
class Score:
    """All turns of one server."""

    rates: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    answered: int = 0
    processor_seconds: float = 0.0

    def add(self, tally: Tally, processor_seconds: float) -> None:
        """Counts one turn."""
        self.rates.append(len(tally.latencies) / tally.seconds)
        self.latencies += tally.latencies
        self.answered += tally.answered
        self.processor_seconds += processor_seconds

    @property
    def microseconds(self) -> float:
        """Processor time of the server for one answer, the warm-up included; on a busy machine it says more."""
        return self.processor_seconds / self.answered * 1_000_000

    @property
    def rate(self) -> float:
        """Answers a second: the median turn, so that one in which the machine was busy elsewhere does not decide."""
        return statistics.median(self.rates)

    def milliseconds(self, share: float) -> float:
        """The time within which that share of the answers came."""
        ordered = sorted(self.latencies)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)] * 1000


Entry = tuple[Running, tuple[Ask, ...]]
"""A server, and what it is asked."""
Preparation = Callable[[int, float], int]
"""Puts in place, before a turn, what the requests of a server (0 or 1) name in so many seconds; answers the first number."""


def race(first: Entry, second: Entry, pace: Pace, prepare: Preparation | None = None) -> tuple[Score, Score]:
    """Runs two servers with their requests in turns (A B, B A, …); raises :class:`WrongAnswers`."""
    scores = (Score(), Score())
    for turn in range(pace.turns):
        order = (0, 1) if turn % 2 == 0 else (1, 0)
        for place in order:
            placed = None if prepare is None else partial(prepare, place)
            take_turn((first, second)[place], pace, scores[place], placed)
    return scores


def take_turn(entry: Entry, pace: Pace, score: Score, prepare: Callable[[float], int] | None = None) -> None:
    """One turn of one server, which its score counts; raises :class:`WrongAnswers`."""
    running, asks = entry
    load = Load(running.port, asks, pace.connections, pace.seconds)
    if prepare is not None:
        load = msgspec.structs.replace(load, first_number=prepare(load.seconds + load.warm_up))
    before = running.processor_seconds()
    tally = generate(load)
    score.add(tally, running.processor_seconds() - before)


def generate(load: Load) -> Tally:
    """Runs one load in a process of its own; raises :class:`WrongAnswers`."""
    return run_apart("tests.benchmarks.load", load, f"on port {load.port}")


def run_apart(module: str, load: Struct, place: str) -> Tally:
    """Runs a module that reads a load and writes a tally in a process of its own; raises :class:`WrongAnswers`."""
    command = [sys.executable, "-m", module]
    done = subprocess.run(command, input=msgspec.json.encode(load), capture_output=True, check=True)
    tally = msgspec.json.decode(done.stdout, type=Tally)
    if tally.wrong or not tally.latencies:
        raise WrongAnswers(f"{tally.wrong} wrong answers {place}; the first: {tally.first_wrong or 'none came'}")
    return tally
