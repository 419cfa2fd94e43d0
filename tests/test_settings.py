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
        "WENZE_WITH_WORKER": "1",
        "WENZE_TRUSTED_PROXIES": "10.0.0.0/8, fd00::/8",
        "WENZE_PROVIDER_NETWORKS": "10.20.0.0/16",
        "WENZE_WEBHOOK_NETWORKS": "10.30.0.0/16",
        "WENZE_MESSAGE_NETWORKS": "10.40.0.0/16",
        "WENZE_FAILURES_PER_ADDRESS": "0",
        "WENZE_MAX_BODY_BYTES": "2048",
        "WENZE_TOKEN_SECONDS": "300",
        "WENZE_SIGN_IN_IDLE_SECONDS": "600",
        "WENZE_SIGN_IN_SECONDS": "7200",
        "WENZE_REFRESH_SECONDS": "7200",
        "WENZE_REFRESH_IDLE_SECONDS": "600",
        "WENZE_REFRESH_GRACE_SECONDS": "0",
        "WENZE_IDEMPOTENCY_HOURS": "48",
        "WENZE_LOG_FORMAT": "json",
        "WENZE_LOG_LEVEL": "debug",
        "WENZE_ATTACHMENTS": "s3://bucket/wenze?endpoint=https://s3.example.gov.cn&region=cn-north-1",
        "WENZE_ATTACHMENT_KINDS": "pdf, jpeg",
        "WENZE_ATTACHMENT_MAX_BYTES": "1048576",
        "WENZE_ATTACHMENT_HOURS": "2",
        "WENZE_LINK_SECONDS": "60",
        "WENZE_CLAMD": "unix:///run/clamav/clamd.ctl",
    }
    settings = Settings.from_environment(given)
    default = Settings.from_environment(LEAST)
    same = [item.name for item in fields(Settings) if getattr(settings, item.name) == getattr(default, item.name)]
    assert same == ["database_url", "master_key"]
    assert settings.owner_database_url == "postgresql+asyncpg://owner@db/wenze"
    assert (settings.public_url, settings.log_level) == ("https://wenze.example.gov.cn", "DEBUG")
    assert settings.attachment_kinds == {"pdf", "jpeg"}


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
        ("WENZE_PROVIDER_NETWORKS", "10.20.0.1/16"),
        ("WENZE_TRUSTED_PROXIES", "10.0.0.1/8"),
        ("WENZE_TRUSTED_PROXIES", "the proxy"),
        ("WENZE_FAILURES_PER_ADDRESS", "-1"),
        ("WENZE_MAX_BODY_BYTES", "1023"),
        ("WENZE_ATTACHMENTS", "/var/lib/wenze"),
        ("WENZE_ATTACHMENTS", "s3://key:secret@bucket"),
        ("WENZE_ATTACHMENT_KINDS", "pdf,exe"),
        ("WENZE_ATTACHMENT_KINDS", ""),
        ("WENZE_ATTACHMENT_MAX_BYTES", "1"),
        ("WENZE_ATTACHMENT_HOURS", "0"),
        ("WENZE_LINK_SECONDS", "0"),
        ("WENZE_CLAMD", "127.0.0.1:3310"),
        ("WENZE_LOG_FORMAT", "xml"),
        ("WENZE_LOG_LEVEL", "LOUD"),
    ],
)
def test_a_faulty_variable_is_named(variable: str, value: str) -> None:
    with pytest.raises(FaultySetting, match=variable) as caught:
        Settings.from_environment(LEAST | {variable: value})
    assert caught.value.variable == variable


def test_attachments_lie_beside_a_sqlite_file_and_nowhere_by_chance(tmp_path: Path) -> None:
    beside = Settings.from_environment(LEAST | {"WENZE_DATABASE_URL": f"sqlite:///{tmp_path}/a b.sqlite3"})
    assert beside.attachments_address == f"{tmp_path.as_uri()}/a%20b.sqlite3.attachments"
    assert Settings.from_environment(LEAST).attachments_address == f"{Path.cwd().as_uri()}/wenze.sqlite3.attachments"
    apart = Settings.from_environment(LEAST | {"WENZE_DATABASE_URL": "postgresql://wenze@db/wenze"})
    with pytest.raises(FaultySetting, match="WENZE_ATTACHMENTS"):
        assert apart.attachments_address


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
