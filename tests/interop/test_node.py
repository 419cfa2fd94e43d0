"""oauth4webapi as a client, from npm: discovery both ways, the code flow, devices and signed assertions."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from joserfc.jwk import ECKey

from core.tenants.client import AuthMethod
from core.tenants.client_keys import ClientKey
from tests.interop.office import Colleague, Office, public_client
from tests.interop.skipping import leave_out

BACK = "https://desk.example.cn/callback"
LIBRARY = "oauth4webapi@3"
_PATIENCE_SECONDS = 90


@pytest.fixture(scope="module")
def script(pytestconfig: pytest.Config) -> Path:
    """The script beside the installed library; kept for the next run, and left out loudly where there is none."""
    cache = pytestconfig.cache
    node, npm = shutil.which("node"), shutil.which("npm")
    if cache is None or node is None or npm is None:
        leave_out("Node and npm are not there")
    folder = Path(cache.mkdir("oauth4webapi-3"))
    if not (folder / "node_modules" / "oauth4webapi" / "package.json").exists():
        command = [npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--no-save", LIBRARY]
        try:
            subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=_PATIENCE_SECONDS)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            leave_out(f"npm did not install {LIBRARY}: {error}")
    return Path(shutil.copy(Path(__file__).with_name("client.mjs"), folder))


@contextmanager
def talking(script: Path) -> Iterator[subprocess.Popen[str]]:
    """The script, running; ended with the block."""
    command = [str(shutil.which("node")), str(script)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, encoding="utf-8") as process:
        try:
            yield process
        finally:
            process.kill()


def say(process: subprocess.Popen[str], told: dict[str, Any]) -> dict[str, Any]:
    """Tells the script something; answers what it says then."""
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdin.write(json.dumps(told) + "\n")
    process.stdin.flush()
    line = process.stdout.readline()
    assert line, process.stderr.read()
    answer: dict[str, Any] = json.loads(line)
    return answer


def test_a_client_on_node_gets_through_every_grant(office: Office, li_ming: Colleague, script: Path) -> None:
    key = ECKey.generate_key("P-256", {"kid": "node"})
    public = msgspec.convert({**key.as_dict(private=False), "kid": "node"}, ClientKey)
    desk, app = office.client(redirect_uris=(BACK,)), public_client(office, BACK)
    signer = office.client(auth_method=AuthMethod.PRIVATE_KEY, keys=(public,), redirect_uris=(BACK,))
    told = {
        "issuer": office.issuer,
        "api": office.api,
        "redirect_uri": BACK,
        "desk": {"client_id": desk.client_id, "client_secret": desk.client_secret},
        "app": {"client_id": app.client_id},
        "signer": {"client_id": signer.client_id, "key": key.as_dict(private=True)},
    }
    visitor = office.visitor(li_ming)
    with talking(script) as process:
        said = say(process, told)
        for _ in range(2):
            said = say(process, {"back": visitor.authorize(said["authorize"])})
        said = say(process, {"shown": visitor.allow_device(said["device"])})
    assert said["resource"] == [office.issuer]
    # Once more after the refresh, and no more after the revocation.
    assert said["confidential"] == said["open"] == {"name": "李明", "calls": [200, 200, 401]}
    device = {"pending": "authorization_pending", "shown": "The device is connected", "known": True, "call": 200}
    assert said["device"] == device
    assert said["machine"] == {"active": True, "call": 200}
