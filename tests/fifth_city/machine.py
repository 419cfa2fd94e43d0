"""A machine on which wenze and the fifth city are installed from their wheels, and nothing of this tree."""

from __future__ import annotations

import base64
import os
import secrets
import socket
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.fifth_city.needs import copy_needs

ROOT = Path(__file__).parents[2]
CITY = Path(__file__).parent / "yunqi"
PATIENCE_SECONDS = 30


@dataclass(frozen=True)
class Machine:
    """A virtual environment, the two wheels it was made from, and a folder outside the tree to work in."""

    folder: Path
    core_wheel: Path
    city_wheel: Path

    @classmethod
    def set_up(cls, folder: Path) -> Machine:
        """Builds both wheels and installs them into a new environment, with what they declare to need and nothing else.

        What they need is copied from this environment, which got it from the same declarations, and checked against them.
        """
        machine = cls(folder, build_wheel(ROOT, folder / "core"), build_wheel(CITY, folder / "city"))
        venv.create(folder / "venv", with_pip=False)
        machine.pip("install", "--quiet", "--no-compile", "--no-index", "--no-deps", machine.core_wheel, machine.city_wheel)
        site = Path(machine.run("python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
        copy_needs(site)
        machine.pip("check")
        return machine

    def pip(self, *arguments: str | Path) -> None:
        """Runs this environment's pip on the machine's; raises :class:`AssertionError` with its complaint where it fails."""
        command = [sys.executable, "-m", "pip", "--python", self.folder / "venv" / "bin" / "python", *arguments]
        done = subprocess.run(
            [*map(str, command)], cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"

    @property
    def address(self) -> str:
        """Where the service is to listen."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        """A free port, chosen once."""
        chosen = self.folder / "port"
        if not chosen.exists():
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                chosen.write_text(str(probe.getsockname()[1]))
        return int(chosen.read_text())

    @property
    def environment(self) -> dict[str, str]:
        """The operator's settings; nothing that would lead Python back to this tree."""
        key = self.folder / "master-key"
        if not key.exists():
            key.write_text(base64.b64encode(secrets.token_bytes(32)).decode())
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PYTHON", "WENZE", "COV", "VIRTUAL_ENV"))
        }
        return kept | {
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "WENZE_DATABASE_URL": f"sqlite:///{self.folder / 'wenze.sqlite3'}",
            "WENZE_MASTER_KEY_FILE": str(key),
            "WENZE_PUBLIC_URL": self.address,
            "WENZE_PORT": str(self.port),
            "WENZE_LOG_FORMAT": "json",
        }

    def command(self, *command: str | Path) -> list[str]:
        """A command of the environment, by its whole path."""
        program, *rest = command
        return [str(self.folder / "venv" / "bin" / program), *map(str, rest)]

    def run(self, *command: str | Path) -> str:
        """What a command of the environment prints; raises :class:`AssertionError` with its complaint where it fails."""
        done = subprocess.run(
            self.command(*command), cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    @contextmanager
    def serving(self) -> Iterator[None]:
        """The running service, ended when the block is left."""
        log = self.folder / "service.log"
        with log.open("wb") as sink:
            command = self.command("wenze", "serve")
            process = subprocess.Popen(command, cwd=self.folder, env=self.environment, stdout=sink, stderr=sink)
            try:
                self._wait(process, log)
                yield
            finally:
                process.terminate()
                process.wait(timeout=PATIENCE_SECONDS)

    def _wait(self, process: subprocess.Popen[bytes], log: Path) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            if is_ready(self.address):
                return
            time.sleep(0.1)
        raise AssertionError(f"the service did not come up:\n{log.read_text(encoding='utf-8')}")


def is_ready(address: str) -> bool:
    """Whether the service answers that it is ready."""
    try:
        return httpx.get(f"{address}/health/ready", timeout=2).is_success
    except httpx.TransportError:
        return False


def build_wheel(source: Path, folder: Path) -> Path:
    """The wheel of a source tree, built by its own backend."""
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(source)]
    done = subprocess.run(command, cwd=folder.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return next(folder.glob("*.whl"))
