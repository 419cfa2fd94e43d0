"""``wenze serve`` says in a line why it cannot start, and does not start."""

from __future__ import annotations

import base64

import pytest
from click import ClickException
from click.testing import CliRunner
from sqlalchemy import text

from api.cli import main
from api.cli.db import run_on_database
from api.cli.serve import serve
from core.store.migrating import engine_for
from tests.conftest import MASTER_KEY

KEY = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("sqlite:///{folder}/new.sqlite3", "run wenze db upgrade"),
        ("postgresql://nobody@127.0.0.1:1/nothing", "does not answer"),
    ],
)
def test_a_database_that_cannot_be_served_from(tmp_path, url, told):
    environment = {"WENZE_DATABASE_URL": url.format(folder=tmp_path), "WENZE_MASTER_KEY": KEY}
    done = CliRunner().invoke(serve, ["--port", "0"], env=environment)
    assert done.exit_code == 1
    assert told in done.output
    assert "Traceback" not in done.output


def test_attachments_that_nobody_said_where_to_keep(addresses, engine_kind, tmp_path):
    if engine_kind != "postgresql":
        pytest.skip("SQLite keeps them beside its file")
    environment = {"WENZE_DATABASE_URL": addresses.service, "WENZE_MASTER_KEY": KEY}
    done = CliRunner().invoke(serve, ["--port", "0"], env=environment)
    assert done.exit_code == 1
    assert "WENZE_ATTACHMENTS" in done.output
    (tmp_path / "file").touch()
    taken = environment | {"WENZE_ATTACHMENTS": (tmp_path / "file" / "below").as_uri()}
    done = CliRunner().invoke(serve, ["--port", "0"], env=taken)
    assert (done.exit_code, "Traceback" in done.output) == (1, False)
    assert str(tmp_path) in done.output


def test_a_login_that_row_security_does_not_bind(addresses, engine_kind):
    if engine_kind != "postgresql":
        pytest.skip("SQLite has no roles")
    environment = {"WENZE_DATABASE_URL": addresses.owner, "WENZE_MASTER_KEY": KEY}
    done = CliRunner().invoke(serve, ["--port", "0"], env=environment)
    assert done.exit_code == 1
    assert "owns" in done.output


def test_another_master_key_than_the_one_that_sealed(addresses, tmp_path):
    """It used to start, and to fail with the first token that somebody asked for."""
    environment = {
        "WENZE_DATABASE_URL": addresses.service,
        "WENZE_OWNER_DATABASE_URL": addresses.owner,
        "WENZE_ATTACHMENTS": (tmp_path / "attachments").as_uri(),
    }
    names = ("--name-zh", "安康市", "--name-en", "Ankang", "--jurisdiction", "ankang")
    sealing = environment | {"WENZE_MASTER_KEY": base64.b64encode(MASTER_KEY).decode()}
    assert CliRunner().invoke(main, ["tenant", "create", "sealed", *names], env=sealing).exit_code == 0
    done = CliRunner().invoke(serve, ["--port", "0"], env=environment | {"WENZE_MASTER_KEY": KEY})
    assert (done.exit_code, "Traceback" in done.output) == (1, False)
    assert "WENZE_MASTER_KEY: is not the key" in done.output


def test_what_the_database_advises_is_told(addresses, engine_kind):
    if engine_kind != "postgresql":
        pytest.skip("SQLite advises nothing")

    async def refuse() -> None:
        engine = engine_for(addresses.owner)
        try:
            async with engine.connect() as connection:
                await connection.execute(text("DO $$ BEGIN RAISE EXCEPTION 'no' USING HINT = 'CREATE ROLE it'; END $$"))
        finally:
            await engine.dispose()

    with pytest.raises(ClickException, match=r"the database: .*no; CREATE ROLE it"):
        run_on_database(refuse())
