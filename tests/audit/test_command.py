"""``wenze audit`` and ``wenze db`` as an operator runs them: files, exit codes, and what is said."""

from __future__ import annotations

import base64
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from anyio import to_thread
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from api.cli import main
from core.store.database import Database
from tests.audit.test_verify import write_trail
from tests.conftest import MASTER_KEY, TenantMaker
from tests.servers import Addresses

Wenze = Callable[..., Awaitable[Result]]


@pytest.fixture
def wenze(addresses: Addresses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Wenze:
    """Runs the command line in a folder of its own, on a thread because it has a loop of its own; offline where asked."""
    monkeypatch.chdir(tmp_path)
    settings: dict[str, str | None] = {
        "WENZE_DATABASE_URL": addresses.service,
        "WENZE_OWNER_DATABASE_URL": addresses.owner,
        "WENZE_MASTER_KEY": base64.b64encode(MASTER_KEY).decode(),
    }

    async def run(*arguments: str, offline: bool = False) -> Result:
        environment = dict.fromkeys(settings) if offline else settings
        return await to_thread.run_sync(lambda: CliRunner().invoke(main, arguments, env=environment))

    return run


async def test_export_seal_and_verify(wenze: Wenze, database: Database, make_tenant: TenantMaker, tmp_path: Path) -> None:
    tenant = await make_tenant(slug="sealed-city")
    await write_trail(database, tenant)
    assert (await wenze("audit", "keygen", "--out", "key.pem", offline=True)).exit_code == 0
    assert stat.S_IMODE((tmp_path / "key.pem").stat().st_mode) == 0o600
    assert (await wenze("audit", "seal", "--tenant", "sealed-city", "--key", "key.pem", "--out", "seal")).exit_code == 0
    said = await wenze("audit", "export", "--tenant", "sealed-city", "--out", "trail")
    assert (said.exit_code, said.stdout) == (0, "9 rows in trail\n")
    check = ("audit", "verify", "trail", "--public-key", "key.pem.pub", "--seal", "seal")
    good = await wenze(*check, offline=True)
    assert (good.exit_code, good.stderr) == (0, "")
    assert "9 rows in 3 streams, 0 contents erased, 1 seals, 0 findings" in good.stdout

    trail = tmp_path / "trail"
    trail.write_text(trail.read_text().replace('"subject":"setting:x"', '"subject":"setting:y"', 1))
    bad = await wenze(*check, "--language", "en", offline=True)
    assert bad.exit_code == 1
    assert "case:a, row 1: changed" in bad.stdout
    assert "case:a 第 1 行被更改" in (await wenze(*check, offline=True)).stdout

    trail.write_text("{}")
    assert (await wenze(*check, offline=True)).exit_code == 2
    trail.unlink()
    assert (await wenze(*check, offline=True)).exit_code == 2
    assert (await wenze("audit", "verify", "seal", "--public-key", "key.pem", "--seal", "seal", offline=True)).exit_code == 2


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
        made = await wenze("audit", "seal", "--tenant", "p256-city", "--key", name, "--out", f"{name}.seal")
        assert (made.exit_code == 0) == (name == "good"), made.stderr
    await wenze("audit", "export", "--tenant", "p256-city", "--out", "trail")
    verify = ("audit", "verify", "trail", "--seal", "good.seal", "--public-key")
    assert (await wenze(*verify, "good.pub", offline=True)).exit_code == 0
    assert (await wenze(*verify, "curve.pub", offline=True)).exit_code == 2
    assert (await wenze(*verify, "rsa.pub", offline=True)).exit_code == 2


async def test_files_are_not_overwritten_and_tenants_must_exist(wenze: Wenze, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("mine")
    for said in (
        await wenze("audit", "keygen", "--out", "there", offline=True),
        await wenze("audit", "export", "--tenant", "nobody", "--out", "new"),
    ):
        assert said.exit_code == 1
        assert isinstance(said.exception, SystemExit)
    assert (tmp_path / "there").read_text() == "mine"
    assert not (tmp_path / "new").exists()


async def test_the_schema_is_the_newest(wenze: Wenze) -> None:
    said = await wenze("db", "current")
    assert said.exit_code == 0, said.stderr
    again = await wenze("db", "upgrade")
    assert again.exit_code == 0, again.stderr
    assert "already" in again.stdout


async def test_a_faulty_variable_is_named(wenze: Wenze) -> None:
    said = await wenze("db", "current", offline=True)
    assert said.exit_code == 1
    assert "WENZE_DATABASE_URL" in said.stderr
    assert isinstance(said.exception, SystemExit)


async def test_a_database_that_does_not_answer_is_said(wenze: Wenze) -> None:
    key = base64.b64encode(MASTER_KEY).decode()
    for address, told in (
        ("postgresql://nobody@127.0.0.1:1/wenze", "the database:"),
        ("sqlite:////no/such/folder/wenze.sqlite3", "WENZE_DATABASE_URL: the folder /no/such/folder"),
    ):
        given = {"WENZE_DATABASE_URL": address, "WENZE_MASTER_KEY": key}
        for command in (["db", "upgrade"], ["audit", "export", "--tenant", "x", "--out", "trail"]):
            said = await to_thread.run_sync(
                lambda command=command, given=given: CliRunner().invoke(main, command, env=given)
            )
            assert said.exit_code == 1
            assert isinstance(said.exception, SystemExit)
            assert told in said.output
