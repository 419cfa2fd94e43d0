"""What of the machinery below can go wrong without anybody's fault, said as a problem of ours."""

from __future__ import annotations

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from api.problems import Unavailable, flatten
from core.errors import WenzeError

_PASSING = (InterfaceError, OperationalError, PoolExhausted, ConnectionError, TimeoutError)


def as_errors(error: Exception) -> tuple[WenzeError, ...]:
    """The errors to answer with; none where it is unforeseen. A store that is busy or away is a 503 and not a fault."""
    errors = flatten(error)
    if errors:
        return errors
    return (Unavailable("api.unavailable"),) if isinstance(error, _PASSING) else ()
