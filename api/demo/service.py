"""The service that the demo runs on: a process of its own over a SQLite file, with keys made for the occasion."""

from __future__ import annotations

import base64
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from core.settings import Settings

_PATIENCE_SECONDS = 30


class ServiceNotUp(RuntimeError):
    """The service did not answer in time; says where its log is."""


@dataclass(frozen=True, slots=True)
class DemoService:
    """Where the service is to run, and with what."""

    address: str
    environment: dict[str, str]
    log: Path

    @classmethod
    def prepare(cls, folder: Path, port: int, *, with_worker: bool = False) -> DemoService:
        """Settings for a database in ``folder``; port 0, or one that is taken, means any that is free."""
        folder.mkdir(parents=True, exist_ok=True)
        chosen = _usable_port(port)
        address = f"http://127.0.0.1:{chosen}"
        environment = {
            "WENZE_DATABASE_URL": f"sqlite:///{folder / 'wenze-demo.sqlite3'}",
            "WENZE_MASTER_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
            "WENZE_PUBLIC_URL": address,
            "WENZE_HOST": "127.0.0.1",
            "WENZE_PORT": str(chosen),
            "WENZE_ATTACHMENTS": (folder / "attachments").resolve().as_uri(),
            "WENZE_LOG_FORMAT": "json",
            "WENZE_WITH_WORKER": str(int(with_worker)),
        }
        return cls(address, environment, folder / "service.log")

    @property
    def settings(self) -> Settings:
        """The same settings as the service reads."""
        return Settings.from_environment(self.environment)

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        """The running service; ended when the block is left. Raises :class:`ServiceNotUp`."""
        with self.log.open("wb") as log:
            command = [sys.executable, "-m", "api.cli", "serve"]
            process = subprocess.Popen(command, env=os.environ | self.environment, stdout=log, stderr=log)  # noqa: S603  our own command
            try:
                self._wait(process)
                yield process
            finally:
                process.terminate()
                process.wait(timeout=_PATIENCE_SECONDS)

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            if self._is_ready():
                return
            time.sleep(0.1)
        raise ServiceNotUp(f"the service did not come up at {self.address}; its log is {self.log}")

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.address}/health/ready", timeout=2).is_success
        except httpx.TransportError:
            return False


def _usable_port(wanted: int) -> int:
    """The wanted port where nobody listens on it, else one that is free."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            found: int = probe.getsockname()[1]
            return found
    raise ServiceNotUp("no port of this machine is free")
