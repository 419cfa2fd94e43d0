"""Families of tokens: begun when a person allows a client something, and ended with everything that came of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.authorizations.authorization import Authorization, SignedIn
from core.ids import new_id
from core.store.change import Change
from core.store.prepared import Row
from core.store.session import TenantSession
from core.store.tables import TENANT, client, client_authorization, revoked_token
from core.tenants.client import Client, GrantType

LONGEST_TOKEN_SECONDS = 900
"""No access token lives longer, so that what says that one was revoked need not be kept longer either."""

_A = client_authorization.c
_BY = ("id", "sign_in_id", "account_id", "client_id")
_REVOKE = {
    column: update(client_authorization)
    .where(_A.tenant == TENANT, _A[column] == bindparam("of_id"), _A.revoked_at.is_(None), _A.expires_at > bindparam("now"))
    .values(revoked_at=bindparam("now"), revoked_for=bindparam("reason"))
    .returning(_A.id, _A.account_id)
    for column in _BY
}
_MARK: dict[str, Any] = {
    name: dialect.insert(revoked_token)
    .values(tenant=TENANT, jti=bindparam("named"), expires_at=bindparam("until"))
    .on_conflict_do_nothing()
    for name, dialect in (("postgresql", postgresql), ("sqlite", sqlite))
}
_LIVE = (
    select(_A.id, _A.scopes, _A.created_at, _A.expires_at, client.c.client_id, client.c.name, client.c.trusted)
    .select_from(client_authorization.join(client, (client.c.tenant == _A.tenant) & (client.c.id == _A.client_id)))
    .where(
        _A.tenant == TENANT,
        _A.account_id == bindparam("of_account"),
        _A.revoked_at.is_(None),
        _A.expires_at > bindparam("now"),
    )
    .order_by(_A.created_at.desc(), _A.id.desc())
)


@dataclass(frozen=True, slots=True)
class Allowed:
    """An authorization as its person sees it in a list."""

    id: UUID
    client_id: str
    """The name that the client signs in with."""
    client_name: str
    trusted: bool
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime


def begin_authorization(
    session: TenantSession,
    client: Client,
    sign_in: SignedIn,
    scopes: tuple[str, ...],
    grant_type: GrantType,
    now: datetime,
    life: timedelta,
) -> Authorization:
    """Records that a person allowed a client something; it ends with ``life``, or with the sign-in where that is sooner."""
    if sign_in.needs_second_factor:
        raise RuntimeError("a sign-in that is not complete allows nothing")
    made = Authorization(
        id=new_id(),
        client_id=client.id,
        account_id=sign_in.account_id,
        person_id=sign_in.person_id,
        sign_in_id=sign_in.id,
        scopes=scopes,
        methods=sign_in.methods,
        authenticated_at=sign_in.authenticated_at,
        expires_at=min(now + life, sign_in.expires_at),
    )
    session.add(client_authorization, _row_of(made, grant_type, now))
    content = {"authorization": str(made.id), "client_id": client.client_id, "scopes": list(scopes), "grant": grant_type}
    _record(session, "authorization.granted", made.account_id, content, authorization=str(made.id))
    return made


async def list_authorizations(session: TenantSession, account_id: UUID, now: datetime) -> list[Allowed]:
    """What an account's person allows clients at present, newest first."""
    rows = await session.all(_LIVE, {"of_account": account_id, "now": now})
    return [
        Allowed(
            id=row["id"],
            client_id=row["client_id"],
            client_name=row["name"],
            trusted=row["trusted"],
            scopes=tuple(row["scopes"]),
            created_at=row["created_at"],
            expires_at=row["expires_at"],
        )
        for row in rows
    ]


async def revoke_families(
    session: TenantSession,
    *,
    authorization_id: UUID | None = None,
    sign_in_id: UUID | None = None,
    account_id: UUID | None = None,
    client_id: UUID | None = None,
    reason: str,
    now: datetime,
) -> int:
    """Ends one family, or all of a sign-in, an account or a client (by its row): no refresh any more, and the access tokens
    end at once, in every process. Answers how many families ended; those that had ended are left as they are.

    Raises :class:`ValueError` unless exactly one of the ids is given.
    """
    given = [
        (column, id_)
        for column, id_ in zip(_BY, (authorization_id, sign_in_id, account_id, client_id), strict=True)
        if id_ is not None
    ]
    if len(given) != 1:
        raise ValueError("families are ended by exactly one id")
    column, id_ = given[0]
    ended = await session.all(_REVOKE[column], {"of_id": id_, "now": now, "reason": reason})
    if not ended:
        return 0
    names = [f"sign-in:{id_}"] if column == "sign_in_id" else [f"authorization:{row['id']}" for row in ended]
    await mark_revoked(session, names, now + timedelta(seconds=LONGEST_TOKEN_SECONDS))
    _record_ended(session, ended, reason)
    return len(ended)


async def mark_revoked(session: TenantSession, names: Iterable[str], until: datetime) -> None:
    """Ends access tokens by what names them (``jti``, ``authorization:…``, ``sign-in:…``), in every process at once.

    ``until`` is when the last of them would have expired.
    """
    for name in names:
        await session.execute(_MARK[session.dialect_name], {"named": name, "until": until})
    await session.bump_revocations()


def _row_of(made: Authorization, grant_type: GrantType, now: datetime) -> Row:
    return {
        "id": made.id,
        "client_id": made.client_id,
        "account_id": made.account_id,
        "person_id": made.person_id,
        "sign_in_id": made.sign_in_id,
        "grant_type": grant_type.value,
        "scopes": list(made.scopes),
        "methods": list(made.methods),
        "authenticated_at": made.authenticated_at,
        "created_at": now,
        "expires_at": made.expires_at,
        "revoked_at": None,
        "revoked_for": None,
    }


def _record_ended(session: TenantSession, ended: list[Row], reason: str) -> None:
    of_account: dict[UUID, list[str]] = defaultdict(list)
    for row in ended:
        of_account[row["account_id"]].append(str(row["id"]))
    for account_id, ids in of_account.items():
        content = {"authorizations": sorted(ids), "reason": reason}
        _record(session, "authorization.revoked", account_id, content, count=len(ids), reason=reason)


def _record(session: TenantSession, action: str, account_id: UUID, content: dict[str, Any], **refs: str | int) -> None:
    name = f"account:{account_id}"
    refs = {"account_id": str(account_id), **refs}
    session.record(
        Change(action=action, stream=name, subject=name, content=content, event_type=action, refs=refs, shared=True)
    )
