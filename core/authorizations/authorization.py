"""An authorization: what a person allowed a client while signed in. All tokens that come of it are one family."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import FromClause, and_
from sqlalchemy.sql.elements import ColumnElement

from core.store.tables import account, client_authorization, sign_in

_A, _S, _C = client_authorization.c, sign_in.c, account.c


class SignedIn(Protocol):
    """What an authorization needs to know of the sign-in that it is given in."""

    @property
    def id(self) -> UUID:
        """The sign-in's own id; ``sid`` in tokens."""

    @property
    def account_id(self) -> UUID:
        """The account that signed in."""

    @property
    def person_id(self) -> UUID:
        """The person whose account it is; ``sub`` in tokens."""

    @property
    def methods(self) -> tuple[str, ...]:
        """How, in the words of RFC 8176."""

    @property
    def authenticated_at(self) -> datetime:
        """When the person last showed who they are."""

    @property
    def expires_at(self) -> datetime:
        """When it ends, whatever is done in it."""

    @property
    def needs_second_factor(self) -> bool:
        """Whether it is not complete yet."""


@dataclass(frozen=True, slots=True)
class Authorization:
    """A family of tokens as it stands, with what it rests on: the sign-in and the account."""

    id: UUID
    client_id: UUID
    """The row of the client, not the name that it signs in with."""
    account_id: UUID
    person_id: UUID
    sign_in_id: UUID
    scopes: tuple[str, ...]
    methods: tuple[str, ...]
    authenticated_at: datetime
    expires_at: datetime
    """No token of the family outlives it."""
    revoked_at: datetime | None = None
    ended_at: datetime | None = None
    """When the sign-in was ended, if it was."""
    disabled_at: datetime | None = None
    """When the account was disabled, if it was."""

    def lives(self, now: datetime) -> bool:
        """Whether it can still give tokens: it, its sign-in and its account have not ended."""
        return self.revoked_at is None and self.ended_at is None and self.disabled_at is None and now < self.expires_at


COLUMNS: tuple[ColumnElement[Any], ...] = (
    _A.id.label("authorization_id"),
    _A.client_id,
    _A.account_id,
    _A.person_id,
    _A.sign_in_id,
    _A.scopes,
    _A.methods,
    _A.authenticated_at,
    _A.expires_at.label("authorization_expires_at"),
    _A.revoked_at,
    _S.ended_at,
    _C.disabled_at,
)
"""What :func:`authorization_of` reads."""


def with_standing(source: FromClause, authorization_id: ColumnElement[Any], *, optional: bool = False) -> FromClause:
    """A table that names an authorization, joined with it and with what it rests on."""
    tenant = source.c.tenant
    return (
        source.join(client_authorization, and_(_A.tenant == tenant, _A.id == authorization_id), isouter=optional)
        .join(sign_in, and_(_S.tenant == tenant, _S.id == _A.sign_in_id), isouter=optional)
        .join(account, and_(_C.tenant == tenant, _C.id == _A.account_id), isouter=optional)
    )


def authorization_of(row: Mapping[str, Any]) -> Authorization:
    """An authorization from a row with :data:`COLUMNS`."""
    return Authorization(
        id=row["authorization_id"],
        client_id=row["client_id"],
        account_id=row["account_id"],
        person_id=row["person_id"],
        sign_in_id=row["sign_in_id"],
        scopes=tuple(row["scopes"]),
        methods=tuple(row["methods"]),
        authenticated_at=row["authenticated_at"],
        expires_at=row["authorization_expires_at"],
        revoked_at=row["revoked_at"],
        ended_at=row["ended_at"],
        disabled_at=row["disabled_at"],
    )
