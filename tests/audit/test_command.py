"""``wenze audit`` and ``wenze db`` as an operator runs them: files, exit codes, and what is said."""

from __future__ import annotations

import base64
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from core.store.database import Database
from tests.audit.test_verify import write_trail
from tests.conftest import MASTER_KEY, TenantMaker
from tests.servers import Addresses

Wenze = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def wenze(addresses: Addresses, tmp_path: Path) -> Wenze:
    """Runs the command line in a folder of its own; offline where asked for."""

    def run(*arguments: str, offline: bool = False) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("WENZE_")}
        if not offline:
            environment["WENZE_DATABASE_URL"] = addresses.service
            environment["WENZE_OWNER_DATABASE_URL"] = addresses.owner
            environment["WENZE_MASTER_KEY"] = base64.b64encode(MASTER_KEY).decode()
        environment["PYTHONPATH"] = str(Path(__file__).parents[2])
        command = [sys.executable, "-c", "from api.cli import main; main()", *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    return run


async def test_export_seal_and_verify(wenze: Wenze, database: Database, make_tenant: TenantMaker, tmp_path: Path) -> None:
    tenant = await make_tenant(slug="sealed-city")
    await write_trail(database, tenant)
    assert wenze("audit", "keygen", "--out", "key.pem", offline=True).returncode == 0
    assert stat.S_IMODE((tmp_path / "key.pem").stat().st_mode) == 0o600
    assert wenze("audit", "seal", "--tenant", "sealed-city", "--key", "key.pem", "--out", "seal").returncode == 0
    said = wenze("audit", "export", "--tenant", "sealed-city", "--out", "trail")
    assert (said.returncode, said.stdout) == (0, "9 rows in trail\n")
    check = ("audit", "verify", "trail", "--public-key", "key.pem.pub", "--seal", "seal")
    good = wenze(*check, offline=True)
    assert (good.returncode, good.stderr) == (0, "")
    assert "9 rows in 3 streams, 0 contents erased, 1 seals, 0 findings" in good.stdout

    trail = tmp_path / "trail"
    trail.write_text(trail.read_text().replace('"subject":"setting:x"', '"subject":"setting:y"', 1))
    bad = wenze(*check, "--language", "en", offline=True)
    assert bad.returncode == 1
    assert "case:a, row 1: changed" in bad.stdout
    assert "case:a 第 1 行被更改" in wenze(*check, offline=True).stdout

    trail.write_text("{}")
    assert wenze(*check, offline=True).returncode == 2
    trail.unlink()
    assert wenze(*check, offline=True).returncode == 2
    assert wenze("audit", "verify", "seal", "--public-key", "key.pem", "--seal", "seal", offline=True).returncode == 2


async def test_p256_keys_seal_and_others_do_not(wenze: Wenze, make_tenant: TenantMaker, tmp_path: Path) -> None:
    await make_tenant(slug="p256-city")
    for name, key in (
        ("good", ec.generate_private_key(ec.SECP256R1())),
        ("curve", ec.generate_private_key(ec.SECP384R1())),
        ("rsa", rsa.generate_private_key(65_537, 2_048)),
    ):
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (tmp_path / name).write_bytes(pem)
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        (tmp_path / f"{name}.pub").write_bytes(public)
        made = wenze("audit", "seal", "--tenant", "p256-city", "--key", name, "--out", f"{name}.seal")
        assert (made.returncode == 0) == (name == "good"), made.stderr
    wenze("audit", "export", "--tenant", "p256-city", "--out", "trail")
    verify = ("audit", "verify", "trail", "--seal", "good.seal", "--public-key")
    assert wenze(*verify, "good.pub", offline=True).returncode == 0
    assert wenze(*verify, "curve.pub", offline=True).returncode == 2
    assert wenze(*verify, "rsa.pub", offline=True).returncode == 2


async def test_files_are_not_overwritten_and_tenants_must_exist(wenze: Wenze, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("mine")
    for said in (
        wenze("audit", "keygen", "--out", "there", offline=True),
        wenze("audit", "export", "--tenant", "nobody", "--out", "new"),
    ):
        assert said.returncode == 1
        assert "Traceback" not in said.stderr
    assert (tmp_path / "there").read_text() == "mine"
    assert not (tmp_path / "new").exists()


def test_the_schema_is_the_newest(wenze: Wenze) -> None:
    said = wenze("db", "current")
    assert said.returncode == 0, said.stderr
    again = wenze("db", "upgrade")
    assert again.returncode == 0, again.stderr
    assert "already" in again.stdout


def test_a_faulty_variable_is_named(wenze: Wenze) -> None:
    said = wenze("db", "current", offline=True)
    assert said.returncode == 1
    assert "WENZE_DATABASE_URL" in said.stderr
    assert "Traceback" not in said.stderr
