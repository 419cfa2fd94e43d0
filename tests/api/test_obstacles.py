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


def test_a_login_that_row_security_does_not_bind(addresses, engine_kind):
    if engine_kind != "postgresql":
        pytest.skip("SQLite has no roles")
    environment = {"WENZE_DATABASE_URL": addresses.owner, "WENZE_MASTER_KEY": KEY}
    done = CliRunner().invoke(serve, ["--port", "0"], env=environment)
    assert done.exit_code == 1
    assert "owns" in done.output
