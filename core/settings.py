"""The service's settings, read from the environment once; a faulty one is named by its variable."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import urlsplit

from core.attachments.address import read_address, read_scanner
from core.attachments.kinds import KINDS

LogFormat = Literal["json", "console", "auto"]
Network = IPv4Network | IPv6Network
MASTER_KEY_BYTES = 32
_ATTACHMENTS = "WENZE_ATTACHMENTS"


class FaultySetting(ValueError):
    """An environment variable is missing or cannot be what it says: ``VARIABLE: what was expected``."""

    def __init__(self, variable: str, expected: str) -> None:
        super().__init__(f"{variable}: {expected}")
        self.variable = variable


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What an operator decides about the running service. What a city decides is a tenant setting and not here."""

    database_url: str = field(repr=False)
    """``WENZE_DATABASE_URL``: what the service runs on: ``sqlite:///FILE`` or ``postgresql://USER@HOST/NAME``, where the
    user is a member of the app role and owns nothing."""

    owner_database_url: str = field(repr=False)
    """``WENZE_OWNER_DATABASE_URL``: the same database as its owner, for migrations and for creating tenants; by default
    the above."""

    master_key: bytes = field(repr=False)
    """``WENZE_MASTER_KEY`` (base64) or ``WENZE_MASTER_KEY_FILE``: the 32 bytes that wrap every tenant's key. Without
    them nothing that was sealed can be opened again."""

    public_url: str = "http://127.0.0.1:8000"
    """``WENZE_PUBLIC_URL``: where clients reach the service; issuers and links are made from it and never from the
    Host header."""

    app_role: str = "wenze_app"
    """``WENZE_APP_ROLE``: the PostgreSQL role that migrations grant the tables to."""

    pool_size: int = 8
    """``WENZE_POOL_SIZE``: database connections of one process (on SQLite: readers, beside its one writer)."""

    host: str = "127.0.0.1"
    """``WENZE_HOST``: the address to listen on."""

    port: int = 8000
    """``WENZE_PORT``: the port to listen on."""

    workers: int = 1
    """``WENZE_WORKERS``: processes that serve."""

    with_worker: bool = False
    """``WENZE_WITH_WORKER`` (0 or 1): whether each process that serves works off timers, too, as ``wenze worker`` does."""

    trusted_proxies: tuple[Network, ...] = ()
    """``WENZE_TRUSTED_PROXIES``: the networks of the proxies in front, with commas between them (``10.0.0.0/8``). Only what
    they say in X-Forwarded-For is believed; by default nobody is, and a client's address is its connection's."""

    failures_per_address: int = 100
    """``WENZE_FAILURES_PER_ADDRESS``: how many failed attempts at the token, registration and device endpoints of a tenant
    one address has in ten minutes; 0 for any number, where the proxy in front counts."""

    provider_networks: tuple[Network, ...] = ()
    """``WENZE_PROVIDER_NETWORKS``: the networks, with commas between them, that are not public and on which identity
    providers of tenants may be reached all the same (``10.20.0.0/16``); by default none. Without TLS a provider is reached
    on a loopback address alone, for trials, and only where that is named here (``127.0.0.1/32``)."""

    webhook_networks: tuple[Network, ...] = ()
    """``WENZE_WEBHOOK_NETWORKS``: the networks, with commas between them, that are not public and to which webhooks of
    tenants may be posted all the same (``10.30.0.0/16``); by default none. Without TLS a receiver is reached on a loopback
    address alone, for trials, and only where that is named here (``127.0.0.1/32``)."""

    message_networks: tuple[Network, ...] = ()
    """``WENZE_MESSAGE_NETWORKS``: the same for the mail servers, gateways and webhooks that tenants' messages go to."""

    max_body_bytes: int = 1_048_576
    """``WENZE_MAX_BODY_BYTES``: the longest request body."""

    token_seconds: int = 600
    """``WENZE_TOKEN_SECONDS``: how long an access token is good for."""

    sign_in_idle_seconds: int = 3_600
    """``WENZE_SIGN_IN_IDLE_SECONDS``: how long a sign-in of staff lasts unused; an hour is what NIST SP 800-63B-4 advises
    (section 2.2.3)."""

    sign_in_seconds: int = 43_200
    """``WENZE_SIGN_IN_SECONDS``: how long a sign-in lasts at all: a working day, where a day is the advised limit."""

    refresh_seconds: int = 43_200
    """``WENZE_REFRESH_SECONDS``: how long what a person allowed a client is good for, however often it is refreshed; never
    longer than the sign-in. By default 12 hours: a working day with its overtime, and once a day everybody signs in."""

    refresh_idle_seconds: int = 3_600
    """``WENZE_REFRESH_IDLE_SECONDS``: how long a refresh token that nobody uses is good for. By default the hour of
    inactivity after which NIST SP 800-63B-4 asks for a new sign-in at its second level."""

    refresh_grace_seconds: int = 10
    """``WENZE_REFRESH_GRACE_SECONDS``: for how long a client whose answer was lost may ask again with the same refresh
    token; 0 ends the family of tokens at the first repetition."""

    idempotency_hours: int = 24
    """``WENZE_IDEMPOTENCY_HOURS``: how long the answer to an idempotency key is kept."""

    attachments: str = field(default="", repr=False)
    """``WENZE_ATTACHMENTS``: where the sealed contents of attachments lie: ``file:///var/lib/wenze/attachments``, or
    ``s3://bucket/prefix?endpoint=https://…&region=…`` with credentials in the usual ``AWS_…`` variables and a lifecycle
    rule on the bucket that ends incomplete multipart uploads. By default a folder beside the SQLite file; PostgreSQL needs
    it set."""

    attachment_kinds: frozenset[str] = frozenset(KINDS)
    """``WENZE_ATTACHMENT_KINDS``: the kinds of file that are taken, with commas between them; by default all."""

    attachment_max_bytes: int = 20_971_520
    """``WENZE_ATTACHMENT_MAX_BYTES``: the largest attachment."""

    attachment_hours: int = 24
    """``WENZE_ATTACHMENT_HOURS``: how long an attachment is kept that is attached to no case."""

    link_seconds: int = 300
    """``WENZE_LINK_SECONDS``: how long a link to an attachment's content is good for."""

    scanner: str | None = None
    """``WENZE_CLAMD``: the clamd that looks at every attachment: ``tcp://127.0.0.1:3310`` or ``unix:///run/clamav/clamd.ctl``.
    Where it is set and does not answer, no attachment is taken; where it is not set, attachments are told as unscanned."""

    log_format: LogFormat = "auto"
    """``WENZE_LOG_FORMAT``: ``json``, ``console``, or ``auto`` (console on a terminal)."""

    log_level: str = "INFO"
    """``WENZE_LOG_LEVEL``: DEBUG, INFO, WARNING, ERROR."""

    @property
    def attachments_address(self) -> str:
        """Where attachments lie; raises :class:`FaultySetting` for PostgreSQL without ``WENZE_ATTACHMENTS``."""
        if self.attachments:
            return self.attachments
        scheme, _, rest = self.database_url.partition(":///")
        if not scheme.startswith("sqlite"):
            raise FaultySetting(
                _ATTACHMENTS, "is not set; for example file:///var/lib/wenze/attachments or s3://bucket/prefix"
            )
        return Path(f"{rest.partition('?')[0]}.attachments").resolve().as_uri()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Reads every ``WENZE_…`` variable; raises :class:`FaultySetting` for the first that is missing or faulty."""
        read = _Reader(environment)
        database_url = read.database("WENZE_DATABASE_URL")
        return cls(
            database_url=database_url,
            owner_database_url=read.database("WENZE_OWNER_DATABASE_URL", database_url),
            master_key=read.master_key(),
            public_url=read.public_url(cls.public_url),
            app_role=read.identifier("WENZE_APP_ROLE", cls.app_role),
            pool_size=read.number("WENZE_POOL_SIZE", cls.pool_size, 1, 500),
            host=environment.get("WENZE_HOST", cls.host),
            port=read.number("WENZE_PORT", cls.port, 0, 65_535),
            workers=read.number("WENZE_WORKERS", cls.workers, 1, 256),
            with_worker=read.number("WENZE_WITH_WORKER", 0, 0, 1) == 1,
            trusted_proxies=read.networks("WENZE_TRUSTED_PROXIES"),
            provider_networks=read.networks("WENZE_PROVIDER_NETWORKS"),
            webhook_networks=read.networks("WENZE_WEBHOOK_NETWORKS"),
            message_networks=read.networks("WENZE_MESSAGE_NETWORKS"),
            failures_per_address=read.number("WENZE_FAILURES_PER_ADDRESS", cls.failures_per_address, 0, 1_000_000),
            max_body_bytes=read.number("WENZE_MAX_BODY_BYTES", cls.max_body_bytes, 1_024, 1 << 30),
            token_seconds=read.number("WENZE_TOKEN_SECONDS", cls.token_seconds, 30, 86_400),
            sign_in_idle_seconds=read.number("WENZE_SIGN_IN_IDLE_SECONDS", cls.sign_in_idle_seconds, 60, 86_400),
            sign_in_seconds=read.number("WENZE_SIGN_IN_SECONDS", cls.sign_in_seconds, 60, 86_400),
            refresh_seconds=read.number("WENZE_REFRESH_SECONDS", cls.refresh_seconds, 60, 30 * 86_400),
            refresh_idle_seconds=read.number("WENZE_REFRESH_IDLE_SECONDS", cls.refresh_idle_seconds, 60, 30 * 86_400),
            refresh_grace_seconds=read.number("WENZE_REFRESH_GRACE_SECONDS", cls.refresh_grace_seconds, 0, 60),
            idempotency_hours=read.number("WENZE_IDEMPOTENCY_HOURS", cls.idempotency_hours, 1, 24 * 365),
            attachments=read.attachments(),
            attachment_kinds=read.attachment_kinds(),
            attachment_max_bytes=read.number("WENZE_ATTACHMENT_MAX_BYTES", cls.attachment_max_bytes, 1_024, 1 << 32),
            attachment_hours=read.number("WENZE_ATTACHMENT_HOURS", cls.attachment_hours, 1, 24 * 365),
            link_seconds=read.number("WENZE_LINK_SECONDS", cls.link_seconds, 10, 86_400),
            scanner=read.scanner(),
            log_format=read.log_format(cls.log_format),
            log_level=read.log_level(cls.log_level),
        )


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one variable of each kind, and names it when it is faulty."""

    environment: Mapping[str, str]

    def database(self, variable: str, default: str | None = None) -> str:
        value = self.environment.get(variable) or default
        if not value:
            raise FaultySetting(variable, "is not set; for example sqlite:///wenze.sqlite3 or postgresql://wenze@db/wenze")
        try:
            url = database_url(value)
        except ValueError as error:
            raise FaultySetting(variable, str(error)) from error
        folder = Path(url.partition(":///")[2].partition("?")[0]).parent
        if url.startswith("sqlite") and not folder.is_dir():
            raise FaultySetting(variable, f"the folder {folder} does not exist")
        return url

    def master_key(self) -> bytes:
        text, variable = self.environment.get("WENZE_MASTER_KEY"), "WENZE_MASTER_KEY"
        if not text:
            variable = "WENZE_MASTER_KEY_FILE"
            text = self._file(variable)
        try:
            key = base64.b64decode(text.strip(), validate=True)
        except (binascii.Error, ValueError) as error:
            raise FaultySetting(variable, "is not base64") from error
        if len(key) != MASTER_KEY_BYTES:
            raise FaultySetting(variable, f"has {len(key)} bytes; {MASTER_KEY_BYTES} are needed (openssl rand -base64 32)")
        return key

    def _file(self, variable: str) -> str:
        path = self.environment.get(variable)
        if not path:
            raise FaultySetting("WENZE_MASTER_KEY", f"is not set, nor is {variable} (openssl rand -base64 32 makes one)")
        try:
            return Path(path).read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise FaultySetting(variable, f"cannot be read: {error}") from error

    def public_url(self, default: str) -> str:
        value = self.environment.get("WENZE_PUBLIC_URL", default).rstrip("/")
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment:
            raise FaultySetting("WENZE_PUBLIC_URL", f"'{value}' is not an http or https address without query and fragment")
        return value

    def identifier(self, variable: str, default: str) -> str:
        value = self.environment.get(variable, default)
        if not (value.isascii() and value.isidentifier() and value == value.lower()):
            raise FaultySetting(variable, f"'{value}' is not a name of lower-case letters, digits and underscores")
        return value

    def number(self, variable: str, default: int, least: int, most: int) -> int:
        text = self.environment.get(variable)
        if text is None:
            return default
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            raise FaultySetting(variable, f"'{text}' is not a whole number from {least} to {most}")
        return int(text)

    def networks(self, variable: str) -> tuple[Network, ...]:
        parts = [part.strip() for part in self.environment.get(variable, "").split(",") if part.strip()]
        try:
            return tuple(ip_network(part) for part in parts)
        except ValueError as error:
            raise FaultySetting(variable, f"{error}; networks such as 10.0.0.0/8 are expected") from error

    def attachments(self) -> str:
        value = self.environment.get(_ATTACHMENTS, "")
        self._check(_ATTACHMENTS, value, read_address)
        return value

    def attachment_kinds(self) -> frozenset[str]:
        given = self.environment.get("WENZE_ATTACHMENT_KINDS")
        if given is None:
            return frozenset(KINDS)
        kinds = frozenset(part.strip() for part in given.split(",") if part.strip())
        if not kinds or kinds - KINDS.keys():
            raise FaultySetting("WENZE_ATTACHMENT_KINDS", f"'{given}' is not a list of {', '.join(KINDS)}")
        return kinds

    def scanner(self) -> str | None:
        value = self.environment.get("WENZE_CLAMD") or None
        self._check("WENZE_CLAMD", value, read_scanner)
        return value

    @staticmethod
    def _check(variable: str, value: str | None, read: Callable[[str], object]) -> None:
        try:
            if value:
                read(value)
        except ValueError as error:
            raise FaultySetting(variable, f"'{value}' {error}") from error

    def log_format(self, default: LogFormat) -> LogFormat:
        value = self.environment.get("WENZE_LOG_FORMAT", default)
        for known in get_args(LogFormat):
            if value == known:
                return known  # type: ignore[no-any-return]  # get_args answers Any; the value is one of the literals
        raise FaultySetting("WENZE_LOG_FORMAT", f"'{value}' is none of {', '.join(get_args(LogFormat))}")

    def log_level(self, default: str) -> str:
        value = self.environment.get("WENZE_LOG_LEVEL", default).upper()
        if value not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise FaultySetting("WENZE_LOG_LEVEL", f"'{value}' is none of DEBUG, INFO, WARNING, ERROR")
        return value


_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}


def database_url(value: str) -> str:
    """The URL with the driver that wenze uses; raises :class:`ValueError` for another engine, or SQLite in memory."""
    scheme, separator, rest = value.partition("://")
    driver = _DRIVERS.get(scheme)
    if not separator or driver is None:
        raise ValueError(f"'{scheme}' is none of sqlite, postgresql")
    if driver.startswith("sqlite") and (rest in {"", "/"} or ":memory:" in rest or "mode=memory" in rest):
        raise ValueError("SQLite needs a file, because several connections share it: sqlite:///wenze.sqlite3")
    return f"{driver}://{rest}"
