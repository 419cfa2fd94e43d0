"""The scan hook: speaks to clamd, which sees the plain bytes while they stream in and says whether they are infected."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Awaitable
from types import TracebackType
from typing import TypeVar

from core.attachments.address import read_scanner
from core.attachments.attachment import ScanState
from core.attachments.budget import CHECKED
from core.errors import Refused, Unavailable

T = TypeVar("T")
_COMMAND, _OKAY, _FOUND = b"zINSTREAM\0", "stream: OK", " FOUND"
_PIECE_BYTES = 65_536
_LONGEST_ANSWER = 4_096
_PATIENCE_SECONDS = 60


class Scan:
    """One file's scan, if there is a scanner: ``async with Scan(address) as scan``, then ``feed`` and ``finish``.

    Raises :class:`core.errors.Unavailable` where the scanner does not answer: what could not be looked at is not taken.
    """

    def __init__(self, address: str | None) -> None:
        self._address = address
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def __aenter__(self) -> Scan:
        if self._address is not None:
            await _patiently(self._open(self._address))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer is not None:
            self._writer.close()

    async def feed(self, chunk: bytes) -> None:
        """Shows the scanner the next part."""
        if self._writer is not None:
            await _patiently(_send(self._writer, chunk))

    async def finish(self) -> ScanState:
        """The verdict on the whole; raises :class:`Refused` for an infected file."""
        if self._writer is None or self._reader is None:
            return ScanState.UNSCANNED
        answer = await _patiently(_ask(self._reader, self._writer))
        if answer.endswith(_FOUND):
            raise Refused("attachments.infected", clause=CHECKED)
        if answer != _OKAY:
            raise Unavailable("attachments.scanner-away")
        return ScanState.CLEAN

    async def _open(self, address: str) -> None:
        place = read_scanner(address)
        if isinstance(place, str):
            self._reader, self._writer = await asyncio.open_unix_connection(place)
        else:
            self._reader, self._writer = await asyncio.open_connection(*place)
        self._writer.write(_COMMAND)


async def _send(writer: asyncio.StreamWriter, chunk: bytes) -> None:
    """Pieces with their length before them, as clamd's INSTREAM wants them."""
    for start in range(0, len(chunk), _PIECE_BYTES):
        piece = chunk[start : start + _PIECE_BYTES]
        writer.write(struct.pack(">I", len(piece)) + piece)
        await writer.drain()


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
    """Ends the stream with a piece of length 0 and reads the verdict, which ends with a NUL."""
    writer.write(struct.pack(">I", 0))
    await writer.drain()
    answer = await reader.readuntil(b"\0")
    return answer[:_LONGEST_ANSWER].rstrip(b"\0\n").decode("utf-8", "replace")


async def _patiently(work: Awaitable[T]) -> T:
    """Its result; a scanner that is away, ends the connection or takes too long is a refusal that can be tried again."""
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            return await work
    except (OSError, EOFError, asyncio.LimitOverrunError) as error:
        raise Unavailable("attachments.scanner-away") from error
