"""The load generator, a process of its own: plain HTTP/1.1 over kept-alive connections, as cheap as Python can.

``python -m tests.benchmarks.load`` reads a :class:`Load` as JSON from standard input and writes a :class:`Tally`. Only
answers with the expected status and text count; the first that differs is told.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
import time

import msgspec
import uvloop
from msgspec import Struct

MARK = "{unique-number}"
"""Stands in a request, wherever it is needed, for twelve digits that no other request has."""

MARK_DIGITS = 12


class Ask(Struct, frozen=True):
    """A request as it goes over the wire, and what its answer must have: the status, and ``needle`` so many times."""

    request: str
    status: int
    needle: str
    times: int = 1


class Load(Struct, frozen=True):
    """What is asked of which port, over how many connections, for how long; nothing is counted while it warms up.

    The requests' own numbers go up from ``first_number``, so that what they name can be there before them.
    """

    port: int
    asks: tuple[Ask, ...]
    connections: int = 16
    seconds: float = 4.0
    warm_up: float = 1.0
    first_number: int | None = None


class Tally(Struct):
    """What came of it: the seconds that each counted answer took, how long all of it took, how many answers there were
    with those of the warm-up, and the wrong ones."""

    seconds: float = 0.0
    latencies: list[float] = []
    answered: int = 0
    wrong: int = 0
    first_wrong: str = ""


class Generator:
    """One run of a load."""

    def __init__(self, load: Load) -> None:
        self.tally = Tally()
        self.counted_from = time.perf_counter() + load.warm_up
        self.until = self.counted_from + load.seconds
        self.finished = asyncio.Event()
        self._open = load.connections
        self._asks = itertools.cycle(
            [(_split(ask.request), b"%d" % ask.status, ask.needle.encode(), ask.times) for ask in load.asks]
        )
        first = load.first_number
        self._numbers = itertools.count(os.getpid() * 10_000_000 % 10**12 if first is None else first)

    def next(self) -> tuple[bytes, bytes, bytes, int]:
        """The next request, with what is expected."""
        parts, status, needle, times = next(self._asks)
        request = (
            (b"%0*d" % (MARK_DIGITS, next(self._numbers) % 10**MARK_DIGITS)).join(parts) if len(parts) > 1 else parts[0]
        )
        return request, status, needle, times

    def settle(self, started: float, answer: bytes, expected: tuple[bytes, bytes, int]) -> bool:
        """Counts an answer; says whether to go on."""
        now, (status, needle, times) = time.perf_counter(), expected
        self.tally.answered += 1
        if answer[9:12] != status or answer.count(needle) != times:
            self.tally.wrong += 1
            self.tally.first_wrong = self.tally.first_wrong or answer[:600].decode("utf-8", "replace")
        elif now >= self.counted_from:
            self.tally.latencies.append(now - started)
        return now < self.until

    def close(self) -> None:
        """One connection has ended."""
        self._open -= 1
        if not self._open:
            self.tally.seconds = time.perf_counter() - self.counted_from
            self.finished.set()


class Client(asyncio.Protocol):
    """One connection, with one request at a time."""

    def __init__(self, generator: Generator) -> None:
        self._generator, self._received = generator, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asks at once."""
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]  # a stream's
        self._ask()

    def data_received(self, data: bytes) -> None:
        """Counts a whole answer, and asks again."""
        self._received = self._received + data if self._received else data
        if not _is_whole(self._received):
            return
        answer, self._received = self._received, b""
        if self._generator.settle(self._started, answer, self._expected):
            self._ask()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """The run is over, or the server has hung up."""
        self._generator.close()

    def _ask(self) -> None:
        request, *expected = self._generator.next()
        self._expected: tuple[bytes, bytes, int] = tuple(expected)  # type: ignore[assignment]
        self._started = time.perf_counter()
        self._transport.write(request)


def _is_whole(answer: bytes) -> bool:
    head = answer.find(b"\r\n\r\n")
    if head < 0:
        return False
    place = answer.find(b"content-length: ", 0, head)
    length = int(answer[place + 16 : answer.find(b"\r", place)]) if place >= 0 else 0
    return len(answer) >= head + 4 + length


def _split(request: str) -> list[bytes]:
    return request.encode().split(MARK.encode())


async def run(load: Load) -> Tally:
    """Runs a load to its end."""
    generator = Generator(load)
    loop = asyncio.get_running_loop()
    for _ in range(load.connections):
        await loop.create_connection(lambda: Client(generator), "127.0.0.1", load.port)
    await generator.finished.wait()
    return generator.tally


if __name__ == "__main__":
    done = uvloop.run(run(msgspec.json.decode(sys.stdin.buffer.read(), type=Load)))
    # Buffered whatever the environment says of standard output: an unbuffered one writes only what fits into the pipe.
    with os.fdopen(sys.stdout.fileno(), "wb", closefd=False) as out:
        out.write(msgspec.json.encode(done))
