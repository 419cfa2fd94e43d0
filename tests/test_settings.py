"""Settings are read once and completely, and a faulty variable is named."""

from __future__ import annotations

import base64
from dataclasses import fields
from pathlib import Path

import pytest

from core.settings import FaultySetting, Settings, database_url

KEY = base64.b64encode(bytes(range(32))).decode()
LEAST = {"WENZE_DATABASE_URL": "sqlite:///wenze.sqlite3", "WENZE_MASTER_KEY": KEY}


def test_the_least_that_must_be_said() -> None:
    settings = Settings.from_environment(LEAST)
    assert settings.database_url == settings.owner_database_url == "sqlite+aiosqlite:///wenze.sqlite3"
    assert settings.master_key == bytes(range(32))
    assert (settings.app_role, settings.pool_size, settings.port, settings.log_format) == ("wenze_app", 8, 8000, "auto")


def test_all_that_can_be_said() -> None:
    given = LEAST | {
        "WENZE_OWNER_DATABASE_URL": "postgres://owner@db/wenze",
        "WENZE_PUBLIC_URL": "https://wenze.example.gov.cn/",
        "WENZE_APP_ROLE": "wenze_service",
        "WENZE_POOL_SIZE": "20",
        "WENZE_HOST": "0.0.0.0",
        "WENZE_PORT": "9000",
        "WENZE_WORKERS": "4",
        "WENZE_MAX_BODY_BYTES": "2048",
        "WENZE_TOKEN_SECONDS": "300",
        "WENZE_IDEMPOTENCY_HOURS": "48",
        "WENZE_LOG_FORMAT": "json",
        "WENZE_LOG_LEVEL": "debug",
    }
    settings = Settings.from_environment(given)
    default = Settings.from_environment(LEAST)
    same = [item.name for item in fields(Settings) if getattr(settings, item.name) == getattr(default, item.name)]
    assert same == ["database_url", "master_key"]
    assert settings.owner_database_url == "postgresql+asyncpg://owner@db/wenze"
    assert (settings.public_url, settings.log_level) == ("https://wenze.example.gov.cn", "DEBUG")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("WENZE_DATABASE_URL", ""),
        ("WENZE_DATABASE_URL", "mysql://db/wenze"),
        ("WENZE_DATABASE_URL", "wenze.sqlite3"),
        ("WENZE_DATABASE_URL", "sqlite://"),
        ("WENZE_DATABASE_URL", "sqlite:///:memory:"),
        ("WENZE_DATABASE_URL", "sqlite:////no/such/folder/wenze.sqlite3"),
        ("WENZE_MASTER_KEY", "not base64!"),
        ("WENZE_MASTER_KEY", base64.b64encode(bytes(31)).decode()),
        ("WENZE_PUBLIC_URL", "wenze.example.cn"),
        ("WENZE_PUBLIC_URL", "ftp://wenze.example.cn"),
        ("WENZE_PUBLIC_URL", "https://wenze.example.cn/?a=b"),
        ("WENZE_APP_ROLE", "wenze; DROP"),
        ("WENZE_APP_ROLE", "Wenze"),
        ("WENZE_PORT", "65536"),
        ("WENZE_PORT", "-1"),
        ("WENZE_PORT", "８０"),
        ("WENZE_POOL_SIZE", "0"),
        ("WENZE_WORKERS", "many"),
        ("WENZE_MAX_BODY_BYTES", "1023"),
        ("WENZE_LOG_FORMAT", "xml"),
        ("WENZE_LOG_LEVEL", "LOUD"),
    ],
)
def test_a_faulty_variable_is_named(variable: str, value: str) -> None:
    with pytest.raises(FaultySetting, match=variable) as caught:
        Settings.from_environment(LEAST | {variable: value})
    assert caught.value.variable == variable


def test_the_key_can_lie_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    given = {"WENZE_DATABASE_URL": LEAST["WENZE_DATABASE_URL"], "WENZE_MASTER_KEY_FILE": str(file)}
    with pytest.raises(FaultySetting, match="WENZE_MASTER_KEY_FILE"):
        Settings.from_environment(given)
    file.write_text(f"{KEY}\n")
    assert Settings.from_environment(given).master_key == bytes(range(32))
    with pytest.raises(FaultySetting, match="WENZE_MASTER_KEY"):
        Settings.from_environment({"WENZE_DATABASE_URL": LEAST["WENZE_DATABASE_URL"]})


def test_the_key_is_not_shown() -> None:
    settings = Settings.from_environment(LEAST)
    assert repr(settings.master_key) not in repr(settings)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_every_way_to_say_postgresql(scheme: str) -> None:
    assert database_url(f"{scheme}://u:p@h:5433/n?x=y") == "postgresql+asyncpg://u:p@h:5433/n?x=y"
