"""``wenze serve`` as a process: it comes up, stays small, finishes what it has in hand, and adds its workers' figures up."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from api.cli import main
from tests.servers import Addresses, SqliteFiles
from tests.support.running import environment_of, free_port, running_service

LARGEST_IDLE_MEGABYTES = 150


@pytest.fixture
def sqlite_addresses(sqlite_files: SqliteFiles) -> Iterator[Addresses]:
    """A fresh SQLite database."""
    made = sqlite_files.create()
    yield made
    sqlite_files.drop(made)


def megabytes_of(process: int) -> float:
    """The memory that a process holds."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found
    return int(found[1]) / 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_an_idle_process_stays_small(sqlite_addresses: Addresses, tmp_path: Path) -> None:
    port = free_port()
    with running_service(sqlite_addresses, port, tmp_path / "log") as address:
        assert httpx.get(f"{address}/health/live").status_code == 200
        (process,) = [int(path.parent.name) for path in Path("/proc").glob("[0-9]*/environ") if _runs_on(path, port)]
        assert megabytes_of(process) < LARGEST_IDLE_MEGABYTES


def _runs_on(environment: Path, port: int) -> bool:
    try:
        return f"WENZE_PORT={port}\0".encode() in environment.read_bytes()
    except OSError:
        return False


def test_it_ends_when_told_to_and_says_nothing_of_its_settings(sqlite_addresses: Addresses, tmp_path: Path) -> None:
    port = free_port()
    log = tmp_path / "log"
    with running_service(sqlite_addresses, port, log) as address:
        httpx.get(f"{address}/health/live")
    text = log.read_text(encoding="utf-8")
    assert "Application shutdown complete" in text
    assert environment_of(sqlite_addresses, port)["WENZE_MASTER_KEY"] not in text


def test_several_workers_tell_one_sum(sqlite_addresses: Addresses, tmp_path: Path) -> None:
    with running_service(sqlite_addresses, free_port(), tmp_path / "log", "--workers", "2") as address:
        for number in range(30):
            with httpx.Client() as fresh:  # a connection of its own, so that both workers are met
                assert fresh.get(f"{address}/nothing/{number}").status_code == 404
        figures = httpx.get(f"{address}/metrics").text
    assert 'wenze_http_requests_total{method="GET",route="unmatched",status="404"} 30.0' in figures


def test_without_settings_it_says_which_one_is_missing() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", "serve"], env={"PATH": ""}, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "WENZE_DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_commands_are_listed_without_being_loaded() -> None:
    listed = CliRunner().invoke(main, ["--help"]).output
    for name in ("audit", "client", "db", "demo", "law", "openapi", "serve", "tenant", "unit"):
        assert re.search(rf"^  {name}\s", listed, re.MULTILINE), name


@pytest.mark.parametrize("name", ["audit", "client", "db", "demo", "law", "openapi", "serve", "tenant", "unit"])
def test_every_command_is_there(name: str) -> None:
    assert CliRunner().invoke(main, [name, "--help"]).exit_code == 0

