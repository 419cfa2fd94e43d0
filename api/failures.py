"""What of the machinery below can go wrong without anybody's fault, said as a problem of ours."""

from __future__ import annotations

import sqlite3

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from api.problems import flatten
from core.errors import Unavailable, WenzeError
from core.logs import logger

_OF_THE_DRIVERS = (
    sqlite3.OperationalError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""What runs on a driver itself fails with the driver's own error; the last two when the server ended the connection."""
_PASSING = (InterfaceError, OperationalError, PoolExhausted, ConnectionError, TimeoutError, *_OF_THE_DRIVERS)
_log = logger("wenze.store")


def as_errors(error: Exception) -> tuple[WenzeError, ...]:
    """The errors to answer with; none where it is unforeseen. A store that is busy or away is a 503 and not a fault."""
    errors = flatten(error)
    if errors or not _is_passing(error):
        return errors
    _log.warning("store-away", reason=type(error).__name__, exc_info=error)
    return (Unavailable("api.unavailable"),)


def _is_passing(error: Exception) -> bool:
    if isinstance(error, _PASSING):
        return True
    cause = error.__cause__.__cause__ if isinstance(error, DBAPIError) and error.__cause__ is not None else None
    return isinstance(cause, _OF_THE_DRIVERS)
