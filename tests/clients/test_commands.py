"""``wenze keys``, ``wenze client`` and ``wenze tenant origin`` as an operator types them, on both engines."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from api.cli import main
from tests.conftest import MASTER_KEY
from tests.servers import Addresses

Wenze = Callable[..., Result]
BACK = "https://app.example.cn/back"


@pytest.fixture
def wenze(addresses: Addresses, monkeypatch: pytest.MonkeyPatch) -> Wenze:
    """Runs a command on the database."""
    monkeypatch.setenv("WENZE_DATABASE_URL", addresses.service)
    monkeypatch.setenv("WENZE_OWNER_DATABASE_URL", addresses.owner)
    monkeypatch.setenv("WENZE_MASTER_KEY", base64.b64encode(MASTER_KEY).decode())
    return lambda *arguments: CliRunner().invoke(main, arguments)


@pytest.fixture
def slug(wenze: Wenze) -> str:
    """A tenant made at the command line."""
    name = f"keys-{secrets.token_hex(4)}"
    made = wenze("tenant", "create", name, "--jurisdiction", "ankang", "--name-zh", "市", "--name-en", "City")
    assert made.exit_code == 0, made.output
    return name


def states(wenze: Wenze, slug: str) -> list[str]:
    return [json.loads(line)["state"] for line in wenze("keys", "list", slug, "--json").output.splitlines()]


def test_keys_are_rotated_and_retired(wenze: Wenze, slug: str) -> None:
    assert states(wenze, slug) == ["active"]
    done = json.loads(wenze("keys", "rotate", slug, "--json").output)
    assert (len(done["retiring"]), done["retired"]) == (1, [])
    assert states(wenze, slug) == ["retiring", "active"]
    short = wenze("keys", "rotate", slug, "--overlap", "60", "--language", "en")
    assert (short.exit_code, "--now" in short.output) == (1, True)
    assert wenze("keys", "retire", slug).output == "", "its time is not over"
    at_once = wenze("keys", "rotate", slug, "--now").output.splitlines()
    assert [line.split()[0] for line in at_once] == ["active", "retired", "retired"]
    assert states(wenze, slug) == ["retired", "retired", "active"]
    assert wenze("keys", "rotate", "nowhere-at-all").exit_code == 1


def test_a_client_of_people_is_made_without_a_secret(wenze: Wenze, slug: str) -> None:
    ways = ("--grants", "authorization_code,refresh_token", "--auth-method", "none")
    made = wenze(
        "client", "create", slug, "前端", "--scopes", "cases:read", *ways, "--redirect-uri", BACK,
        "--origin", "https://app.example.cn", "--json",
    )  # fmt: skip
    assert made.exit_code == 0, made.output
    assert json.loads(made.output)["client_secret"] is None
    name = json.loads(made.output)["client_id"]
    renewed = wenze("client", "rotate-secret", slug, name, "--language", "en")
    assert (renewed.exit_code, "without a secret" in renewed.output) == (1, True)
    assert wenze("client", "disable", slug, name).exit_code == 0
    again = wenze("client", "disable", slug, name, "--language", "en")
    assert (again.exit_code, "disabled already" in again.output) == (1, True)


@pytest.mark.parametrize(
    "ways",
    [
        ("--grants", "password"),
        ("--grants", "authorization_code"),
        ("--grants", "authorization_code", "--redirect-uri", "http://app.example.cn/back"),
        ("--auth-method", "none"),
        ("--auth-method", "private_key_jwt"),
        ("--origin", "https://app.example.cn"),
        ("--roles", "petitioner"),
    ],
    ids=" ".join,
)
def test_what_does_not_go_together_is_refused(wenze: Wenze, slug: str, ways: tuple[str, ...]) -> None:
    assert wenze("client", "create", slug, "机", "--scopes", "cases:read", *ways).exit_code in {1, 2}


def test_a_secret_is_renewed(wenze: Wenze, slug: str) -> None:
    made = json.loads(wenze("client", "create", slug, "机", "--scopes", "cases:read", "--json").output)
    renewed = wenze("client", "rotate-secret", slug, made["client_id"])
    assert renewed.output.startswith("client_secret  wzs_")
    assert made["client_secret"] not in renewed.output


def test_an_origin_is_given_and_taken_back(wenze: Wenze, slug: str) -> None:
    own = f"https://{slug}.example.cn"
    assert wenze("tenant", "origin", slug, own).output == f"{slug} is served at {own}\n"
    assert wenze("tenant", "origin", slug, "--none").output == f"{slug} is served at http://127.0.0.1:8000\n"
    for wrong in ((), (own, "--none")):
        assert wenze("tenant", "origin", slug, *wrong).exit_code == 2
    assert wenze("tenant", "origin", slug, "http://127.0.0.1:8000").exit_code == 1
