"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import JSON, BigInteger, DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator, TypeEngine

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(instant: datetime) -> int:
    """Microseconds since 1970-01-01T00:00Z; raises :class:`ValueError` for an instant without a zone."""
    return (_aware(instant) - _EPOCH) // _MICROSECOND


def instant_of(microseconds_: int) -> datetime:
    """The aware UTC instant so many microseconds after 1970-01-01T00:00Z."""
    return _EPOCH + timedelta(microseconds=microseconds_)


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError(f"{instant!r} has no zone; instants are stored as aware UTC")
    return instant


def _aware_if_any(instant: datetime | None) -> datetime | None:
    return None if instant is None else _aware(instant)


class Instant(TypeDecorator[datetime]):
    """A moment, aware and in UTC: ``timestamptz`` on PostgreSQL, integer microseconds on SQLite, which has no zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Integers sort and compare exactly where the engine has no type for instants."""
        return dialect.type_descriptor(BigInteger() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | datetime | None:
        """Refuses a naive value, which each engine would read in a zone of its own choosing."""
        if value is None:
            return None
        return microseconds(value) if dialect.name == "sqlite" else _aware(value)

    def process_result_value(self, value: int | datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  overridden
        """asyncpg answers in UTC already; SQLite's integers are turned back."""
        return instant_of(value) if isinstance(value, int) else value

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        """On PostgreSQL no more than the look whether there is a zone."""
        return super().bind_processor(dialect) if dialect.name == "sqlite" else _aware_if_any

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """No work per value on PostgreSQL, so that hot reads hand the driver's rows on."""
        return super().result_processor(dialect, coltype) if dialect.name == "sqlite" else None


class Json(TypeDecorator[Any]):
    """A JSON value: JSONB on PostgreSQL, text on SQLite; ``None`` is SQL NULL.

    It is read straight from its text, as plain values or as a msgspec type: ``type_coerce(column, Json(Standing))``.
    """

    impl = JSON(none_as_null=True)
    cache_ok = True

    def __init__(self, type_: Any = Any) -> None:
        super().__init__()
        self.type_ = type_

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """PostgreSQL has a type of its own for it."""
        plain = JSONB(none_as_null=True) if dialect.name == "postgresql" else JSON(none_as_null=True)
        return dialect.type_descriptor(plain)

    def coerce_compared_value(self, op: OperatorType | None, value: Any) -> TypeEngine[Any]:
        """A key under which a part is looked up is a text and no JSON value."""
        return self.impl_instance.coerce_compared_value(op, value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:  # noqa: ARG002  overridden
        """Drivers hand on the text; see :mod:`core.store.engines`. SQLite keeps a text that is a number as that number."""
        decode = msgspec.json.Decoder(self.type_).decode
        if dialect.name != "sqlite":
            return lambda text: None if text is None else decode(text)
        return lambda text: None if text is None else decode(text if isinstance(text, str | bytes) else repr(text))


def json_type() -> Json:
    """The type of a column of JSON values."""
    return Json()
