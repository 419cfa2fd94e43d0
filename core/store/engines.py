"""The engines: on SQLite one writer and several readers on a file, on PostgreSQL one pool.

Over asynchronous drivers, and yet plain ones: :mod:`core.store.pool` goes into them by greenlets as SQLAlchemy's own wrapper
does, which brings the whole ORM along, a tenth of a second at each start.
"""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine import URL

from core.store.pool import Pool

_BUSY_MILLISECONDS = 15_000
_encoder = msgspec.json.Encoder(decimal_format="string")


def _to_json(value: object) -> str:
    return _encoder.encode(value).decode()


_COMMON: dict[str, Any] = {
    "isolation_level": "AUTOCOMMIT",
    "pool_reset_on_return": None,
    "hide_parameters": True,  # a statement that fails is logged with its error, and its values are people's own words
    "json_serializer": _to_json,
    "json_deserializer": str,  # the text as it is: core.store.types.Json decodes it, into the type that is wanted
}


def is_sqlite(url: str) -> bool:
    """Whether the URL is of a SQLite file."""
    return make_url(url).get_backend_name() == "sqlite"


def open_pools(url: str, pool_size: int) -> tuple[Pool, Pool]:
    """The connections that write and those that read; on PostgreSQL they are the same."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return Pool(_sqlite(parsed, 1, "OFF"), 1), Pool(_sqlite(parsed, pool_size, "ON"), pool_size)
    pool = Pool(_postgres(parsed, pool_size), pool_size)
    return pool, pool


def _sqlite(url: URL, pool_size: int, query_only: str) -> Engine:
    # One writer per process: SQLite lets only one write, and a queue here is fairer than its busy timeout.
    engine = create_engine(url, pool_size=pool_size, max_overflow=0, pool_timeout=60, **_COMMON)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout = {_BUSY_MILLISECONDS}",
            "journal_mode = WAL",
            "synchronous = FULL",  # what was acknowledged survives a loss of power
            "foreign_keys = ON",
            "trusted_schema = OFF",
            f"query_only = {query_only}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine


def _postgres(url: URL, pool_size: int) -> Engine:
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=60,
        pool_use_lifo=True,
        connect_args={
            "statement_cache_size": 500,
            "max_cached_statement_lifetime": 0,
            "server_settings": {
                "application_name": "wenze",
                "jit": "off",
                # Who falls asleep in a transaction, as a stopped process does, does not keep its locks for ever.
                "idle_in_transaction_session_timeout": "60000",
            },
        },
        **_COMMON,
    )
