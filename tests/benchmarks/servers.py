"""The servers that are raced, each a process of its own, and what they take of the machine's memory."""

from __future__ import annotations

import base64
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlalchemy import make_url

from tests.benchmarks.cast import MASTER_KEY
from tests.benchmarks.stages import OWNER, SERVICE, TWIN, Stage, driver_address
from tests.benchmarks.twin import ADDRESS, POOL_SIZE

POOL = 8
_PATIENCE_SECONDS = 30
_MEGABYTE = 1_000_000
_COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}
"""As where it is installed: a start does not compile every module anew, whatever this environment says of that."""


class NotUp(RuntimeError):
    """A server did not answer in time."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers."""

    port: int
    process: subprocess.Popen[bytes]
    seconds_to_ready: float

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def processor_seconds(self) -> float:
        """Processor time so far, of this process alone; 0 where the system does not tell."""
        told = Path(f"/proc/{self.process.pid}/stat")
        if not told.exists():
            return 0.0
        fields = told.read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> tuple[float, float]:
        """Resident megabytes now, and at most so far (where the system tells; else now)."""
        told = subprocess.run(["ps", "-o", "rss=", "-p", str(self.process.pid)], capture_output=True, check=True)
        now = int(told.stdout) * 1024 / _MEGABYTE
        status = Path(f"/proc/{self.process.pid}/status")
        lines = status.read_text().splitlines() if status.exists() else []
        peak = next((int(line.split()[1]) * 1024 / _MEGABYTE for line in lines if line.startswith("VmHWM")), now)
        return now, peak


@contextmanager
def service(stage: Stage) -> Iterator[Running]:
    """``wenze serve`` on the stage, one process, under the role that owns nothing."""
    port = free_port()
    environment = {
        "WENZE_DATABASE_URL": stage.address(SERVICE),
        "WENZE_OWNER_DATABASE_URL": stage.address(OWNER),
        "WENZE_MASTER_KEY": base64.b64encode(MASTER_KEY).decode(),
        "WENZE_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "WENZE_HOST": "127.0.0.1",
        "WENZE_PORT": str(port),
        "WENZE_POOL_SIZE": str(POOL),
        "WENZE_LOG_FORMAT": "json",
    }
    with tempfile.TemporaryDirectory(prefix="wenze-attachments-") as folder:
        environment["WENZE_ATTACHMENTS"] = Path(folder).resolve().as_uri()
        with _running(["api.cli", "serve"], environment, port, "/health/ready") as running:
            yield running


@contextmanager
def twin(stage: Stage) -> Iterator[Running]:
    """The thin twin on the stage, under the role without row security."""
    port = free_port()
    environment = {ADDRESS: driver_address(make_url(stage.address(TWIN))), POOL_SIZE: str(POOL)}
    with _running(["tests.benchmarks.twin", str(port)], environment, port, "/1/cases") as running:
        yield running


@contextmanager
def _running(module: list[str], environment: Mapping[str, str], port: int, path: str) -> Iterator[Running]:
    started = time.perf_counter()
    with tempfile.TemporaryFile() as log:
        command = [sys.executable, "-m", *module]
        process = subprocess.Popen(command, env={**os.environ, **_COMPILED, **environment}, stdout=log, stderr=log)
        try:
            if not _answers(process, f"http://127.0.0.1:{port}{path}"):
                log.seek(0)
                raise NotUp(f"{module[0]} did not answer: {log.read()[-2_000:].decode(errors='replace')}")
            yield Running(port, process, time.perf_counter() - started)
        finally:
            process.terminate()
            process.wait(timeout=_PATIENCE_SECONDS)


def _answers(process: subprocess.Popen[bytes], address: str) -> bool:
    """Waits until the server answers; says whether it does."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    with httpx.Client(timeout=5) as http:
        while time.monotonic() < deadline and process.poll() is None:
            try:
                if http.get(address).is_success:
                    return True
            except httpx.TransportError:
                time.sleep(0.01)
    return False


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
