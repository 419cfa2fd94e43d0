"""The service as a process of its own, reached through real HTTP."""

from __future__ import annotations

import base64
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.servers import Addresses
from tests.support.world import MASTER_KEY

_PATIENCE_SECONDS = 30


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment_of(addresses: Addresses, port: int) -> dict[str, str]:
    """The service's settings over a database."""
    return {
        "WENZE_DATABASE_URL": addresses.service,
        "WENZE_OWNER_DATABASE_URL": addresses.owner,
        "WENZE_MASTER_KEY": base64.b64encode(MASTER_KEY).decode(),
        "WENZE_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "WENZE_PORT": str(port),
        "WENZE_LOG_FORMAT": "json",
    }


@contextmanager
def running_service(addresses: Addresses, port: int, log: Path, *arguments: str) -> Iterator[str]:
    """``wenze serve`` over a database, ready; ended with the block. Answers its address."""
    address = f"http://127.0.0.1:{port}"
    with log.open("wb") as out:
        command = [sys.executable, "-m", "api.cli", "serve", *arguments]
        attachments = {"WENZE_ATTACHMENTS": (log.parent / f"attachments-{port}").resolve().as_uri()}
        environment = os.environ | attachments | environment_of(addresses, port)
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
        try:
            _wait(process, address, log)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=_PATIENCE_SECONDS)


def _wait(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    # One client, without certificates, which each new one would load while the service needs the processor.
    with httpx.Client(verify=False, timeout=2) as client:
        while time.monotonic() < deadline and process.poll() is None:
            try:
                if client.get(f"{address}/health/ready").is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
    raise RuntimeError(f"the service did not come up: {log.read_text(encoding='utf-8')[-2_000:]}")
