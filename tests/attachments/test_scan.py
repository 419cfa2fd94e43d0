"""The scan hook speaks clamd's protocol: to a server that checks each byte of it, and to a real clamd where there is one."""

from __future__ import annotations

import asyncio
import shutil
import struct
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.attachments.attachment import ScanState
from core.attachments.scan import Scan
from core.errors import Refused, Unavailable
from tests.attachments import files
from tests.support.running import free_port
from tests.support.world import Place, World, asking

# In two parts, so that no scanner takes this file for what it speaks of.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-" + rb"ANTIVIRUS-TEST-FILE!$H+H*"
INFECTED = b"stream: Eicar-Test-Signature FOUND\0"


class Daemon:
    """Reads INSTREAM as it is specified, and finds the test file alone."""

    def __init__(self, answer: bytes | None = None, *, closes_after: int | None = None) -> None:
        self.seen: list[bytes] = []
        self.faults: list[str] = []
        self._answer, self._closes_after = answer, closes_after

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            content = await self._read(reader)
            if content is not None:
                self.seen.append(content)
                found = INFECTED if EICAR in content else b"stream: OK\0"
                writer.write(found if self._answer is None else self._answer)
                await writer.drain()
        except asyncio.IncompleteReadError:
            self.faults.append("the stream was not ended")
        finally:
            writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> bytes | None:
        if await reader.readexactly(10) != b"zINSTREAM\0":
            self.faults.append("another command")
        content = b""
        while length := struct.unpack(">I", await reader.readexactly(4))[0]:
            content += await reader.readexactly(length)
            if self._closes_after is not None and len(content) > self._closes_after:
                return None
        return content


@asynccontextmanager
async def listening(daemon: Daemon, socket: Path | None = None) -> AsyncIterator[str]:
    server = await (asyncio.start_unix_server(daemon, socket) if socket else asyncio.start_server(daemon, "127.0.0.1", 0))
    async with server:
        yield f"unix://{socket}" if socket else f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def scan(address: str | None, *chunks: bytes) -> ScanState:
    async with Scan(address) as opened:
        for chunk in chunks:
            await opened.feed(chunk)
        return await opened.finish()


@pytest.mark.parametrize("kind", ["tcp", "unix"])
async def test_the_scanner_sees_every_byte(kind: str, tmp_path: Path) -> None:
    daemon, content = Daemon(), bytes(range(256)) * 1_000
    async with listening(daemon, tmp_path / "s" if kind == "unix" else None) as address:
        assert await scan(address, content, b"", b"end") is ScanState.CLEAN
        assert await scan(address) is ScanState.CLEAN
    assert (daemon.seen, daemon.faults) == ([content + b"end", b""], [])


async def test_what_it_finds_is_refused() -> None:
    async with listening(Daemon()) as address:
        with pytest.raises(Refused, match=r"attachments\.infected"):
            await scan(address, EICAR[:20], EICAR[20:])


@pytest.mark.parametrize(
    "daemon",
    [
        Daemon(b"INSTREAM size limit exceeded. ERROR\0"),
        Daemon(b"UNKNOWN COMMAND\0"),
        Daemon(b"stream: OK"),
        Daemon(b""),
        Daemon(b"x" * 200_000),
        Daemon(closes_after=100_000),
    ],
)
async def test_whatever_else_it_says_is_no_clean_file(daemon: Daemon) -> None:
    async with listening(daemon) as address:
        with pytest.raises(Unavailable, match=r"attachments\.scanner-away"):
            await scan(address, *[bytes(65_536)] * 64)


async def test_a_scanner_that_is_away_is_told(tmp_path: Path) -> None:
    for address in (f"tcp://127.0.0.1:{free_port()}", f"unix://{tmp_path}/nothing"):
        with pytest.raises(Unavailable):
            await scan(address, b"x")


async def test_a_scanner_that_hangs_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    monkeypatch.setattr("core.attachments.scan._PATIENCE_SECONDS", 0.2)
    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    async with server:
        with pytest.raises(Unavailable):
            await scan(f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}", b"x")


async def test_without_one_nothing_is_claimed() -> None:
    assert await scan(None, EICAR) is ScanState.UNSCANNED


async def post(world: World, place: Place, scanner: str, content: bytes, key: str) -> Any:
    services = replace(world.services, settings=replace(world.services.settings, scanner=scanner))
    async with asking(replace(world, services=services).app(), await world.token(place)) as client:
        address = f"/t/{place.slug}/v1/attachments?name=a.txt"
        return await client.post(address, content=content, headers={"idempotency-key": key})


async def test_over_http_it_fails_closed(world: World, place: Place, stored: Any) -> None:
    async with listening(Daemon()) as address:
        clean = await post(world, place, address, b"harmless", "clean")
        assert (clean.status_code, clean.json()["scan"]) == (201, "clean")
        before = stored()
        infected = await post(world, place, address, EICAR, "infected")
        assert (infected.status_code, infected.json()["code"]) == (422, "attachments.infected")
    away = await post(world, place, address, b"harmless", "away")
    assert (away.status_code, away.json()["code"], away.headers["retry-after"]) == (503, "attachments.scanner-away", "1")
    assert stored() == before


@pytest.fixture(scope="module")
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real clamd, with a signature database of its own that knows the test file."""
    program = shutil.which("clamd")
    if program is None:
        pytest.skip("no clamd here: install ClamAV (clamav-daemon) to test the scan hook against the real one")
    folder = tmp_path_factory.mktemp("clamd")
    (folder / "db").mkdir()
    (folder / "db" / "test.ndb").write_text(f"Wenze.Test:0:*:{EICAR.hex()}\n", encoding="ascii")
    port = free_port()
    (folder / "clamd.conf").write_text(
        f"Foreground yes\nDatabaseDirectory {folder / 'db'}\nTCPSocket {port}\nTCPAddr 127.0.0.1\n"
        f"TemporaryDirectory {folder}\nLogFile {folder / 'log'}\n",
        encoding="utf-8",
    )
    process = subprocess.Popen([program, "-c", str(folder / "clamd.conf")], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        asyncio.run(_until_it_answers(f"tcp://127.0.0.1:{port}", process))
        yield f"tcp://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.communicate(timeout=30)


async def _until_it_answers(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        try:
            await scan(address, b"x")
        except Unavailable:
            await asyncio.sleep(0.2)
        else:
            return
    raise RuntimeError("clamd did not come up")


async def test_a_real_clamd_finds_what_is_infected(clamd: str) -> None:
    assert await scan(clamd, files.PDF, bytes(1_000_000)) is ScanState.CLEAN
    with pytest.raises(Refused, match=r"attachments\.infected"):
        await scan(clamd, b"before ", EICAR[:10], EICAR[10:])
    with pytest.raises(Refused, match=r"attachments\.infected"):
        await scan(clamd, files.docx(("word/media/x.bin", EICAR)))
