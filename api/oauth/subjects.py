"""The subject of a token exchange (RFC 8693): what a platform hands in, and the operator whom that names.

Whatever is wrong with it is ``invalid_request``, as section 2.2.2 asks; the description says what.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from authlib.oauth2.rfc6749.errors import InvalidRequestError

from api.oauth.clients import RegisteredClient
from api.oauth.operators import find_acting
from core.errors import WenzeError
from core.platforms.assertions import EXCHANGE_TYPES, Assertion, Expected, read_assertion
from core.platforms.platform import Operator
from core.tenants.snapshot import Snapshot
from core.texts import render

ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105  the name of a type
JWT = "urn:ietf:params:oauth:token-type:jwt"
_WANTED = {"subject_token_type": JWT, "requested_token_type": ACCESS_TOKEN}


@dataclass(frozen=True, slots=True)
class ActingOperator:
    """The operator as Authlib asks about a resource owner."""

    operator: Operator

    def get_user_id(self) -> str:
        """The person of the tenant who the operator is."""
        return str(self.operator.person_id)


def exchange_assertion(
    form: Mapping[str, str], client: RegisteredClient, snapshot: Snapshot, issuer: str, now: datetime
) -> tuple[Assertion, Operator]:
    """The assertion in a form and its operator; raises :class:`InvalidRequestError`."""
    token = _subject(form)
    expected = Expected(client.get_client_id(), issuer, EXCHANGE_TYPES, now)
    try:
        assertion, _ = read_assertion(token, client.platform, expected)
        return assertion, find_acting(snapshot, client.client, assertion, now)
    except WenzeError as error:
        raise InvalidRequestError(describe(error)) from error


def describe(error: WenzeError) -> str:
    """An error's English text with the characters that RFC 6749, section 5.2, lets a description have."""
    text = render(error.code, error.params, "en").replace('"', "'").replace("\\", "/")
    return "".join(character for character in text if " " <= character <= "~")


def _subject(form: Mapping[str, str]) -> bytes:
    if "actor_token" in form or "actor_token_type" in form:
        raise InvalidRequestError("The client itself is the actor; actor_token is not taken.")
    if not form.get("subject_token") or "subject_token_type" not in form:
        raise InvalidRequestError("subject_token and subject_token_type are needed.")
    for name, wanted in _WANTED.items():
        if form.get(name, wanted) != wanted:
            raise InvalidRequestError(f"{name} must be {wanted}.")
    return form["subject_token"].encode()
