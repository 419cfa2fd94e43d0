"""Races two servers in turns: whatever else the machine does meets both of them alike."""

from __future__ import annotations

import statistics
import subprocess
import sys
from dataclasses import dataclass, field

import msgspec

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


def race(first: Entry, second: Entry, pace: Pace) -> tuple[Score, Score]:
    """Runs two servers with their requests in turns (A B, B A, …); raises :class:`WrongAnswers`."""
    scores = (Score(), Score())
    for turn in range(pace.turns):
        order = (0, 1) if turn % 2 == 0 else (1, 0)
        for place in order:
            running, asks = (first, second)[place]
            before = running.processor_seconds()
            tally = generate(Load(running.port, asks, pace.connections, pace.seconds))
            scores[place].add(tally, running.processor_seconds() - before)
    return scores


def generate(load: Load) -> Tally:
    """Runs one load in a process of its own; raises :class:`WrongAnswers`."""
    command = [sys.executable, "-m", "tests.benchmarks.load"]
    done = subprocess.run(command, input=msgspec.json.encode(load), capture_output=True, check=True)
    tally = msgspec.json.decode(done.stdout, type=Tally)
    if tally.wrong or not tally.latencies:
        raise WrongAnswers(f"{tally.wrong} wrong answers on port {load.port}; the first: {tally.first_wrong or 'none came'}")
    return tally
