"""A start loads what it needs and no more: the libraries of rare requests are loaded by the first of these."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.health.tree import ROOT

RARE = (
    "alembic",  # migrations
    "authlib.integrations.httpx_client",  # identity providers of cities
    "httpx",
    "httpx2",
    "jinja2",  # pages
    "pydantic",  # nothing of ours; Litestar's default
    "segno",  # second factors
    "sqlalchemy.orm",  # nothing of ours
    "zxcvbn",  # new passwords
)
PROGRAM = """
import sys
from api.server import make_app_of
from core.settings import Settings
make_app_of(Settings.from_environment())
print(*(name for name in sys.argv[1:] if name in sys.modules))
"""


def test_a_start_loads_no_library_of_rare_requests(tmp_path: Path) -> None:
    settings = {"WENZE_DATABASE_URL": f"sqlite:///{tmp_path / 'none.sqlite3'}", "WENZE_MASTER_KEY": "A" * 43 + "="}
    command = [sys.executable, "-c", PROGRAM, *RARE]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | settings, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()) == (0, []), done.stderr
