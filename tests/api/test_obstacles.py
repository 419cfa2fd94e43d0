"""``wenze serve`` says in a line why it cannot start, and does not start."""

from __future__ import annotations

import base64

import pytest
from click.testing import CliRunner

from api.cli.serve import serve

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
