"""Errors as part of the product: a stable code, its parameters, the field and the clause; texts come from the catalogue.

Core knows no HTTP: each class says what went wrong, and the API gives it a status.
"""

from __future__ import annotations


class WenzeError(Exception):
    """Something that a caller did or asked cannot be, with what it needs to say so.

    ``code`` is stable and names the text in the catalogue (:mod:`core.texts`); ``params`` fill it; ``field`` points into the
    input (a JSON pointer); ``clause`` is the citation or house rule on which a refusal rests.
    """

    def __init__(self, code: str, *, field: str | None = None, clause: str | None = None, **params: str | int) -> None:
        super().__init__(code)
        self.code, self.field, self.clause = code, field, clause
        self.params: dict[str, str | int] = {**params, **({"clause": clause} if clause else {})}

    def __str__(self) -> str:
        details = ", ".join(f"{key}={value}" for key, value in self.params.items())
        return f"{self.code} ({details})" if details else self.code


class Invalid(WenzeError):
    """The input is not of the form that the document asks for."""


class Unauthenticated(WenzeError):
    """There is no valid token."""


class Forbidden(WenzeError):
    """The client's scopes, or the person's roles and units, do not reach this."""


class NotFound(WenzeError):
    """There is no such thing here, or it is another's: the two look the same."""


class Refused(WenzeError):
    """A rule of the regulation or of the house forbids it."""


class OutOfOrder(Refused):
    """The step does not follow from the state the thing is in."""


class Conflict(WenzeError):
    """Somebody or something else stands in the way (a key used twice, a name taken)."""


class Stale(WenzeError):
    """The thing has changed since it was read."""


class PreconditionMissing(WenzeError):
    """A change must say which state of the thing it was decided on."""


class TooLarge(WenzeError):
    """The input exceeds a limit."""


class Unavailable(WenzeError):
    """Something that the service needs does not answer now; the same request can be sent again later."""


class Limited(WenzeError):
    """Too many attempts came; ``wait`` says after how many seconds the next one is looked at."""

    def __init__(self, code: str, *, wait: int) -> None:
        super().__init__(code, wait=wait)
        self.wait = wait
