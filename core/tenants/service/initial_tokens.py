"""Issues, lists and revokes initial access tokens, and counts down what is registered with them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, update

from core.errors import Conflict, NotFound, Stale, Unauthenticated
from core.ids import new_id, secret_hash
from core.store.session import TenantSession
from core.store.tables import TENANT, initial_access_token
from core.tenants.client import GrantType
from core.tenants.client_commands import NewInitialToken
from core.tenants.initial_token import InitialToken, make_initial_token
from core.tenants.names import normalise
from core.tenants.scopes import Scope
from core.tenants.service.administration import Administration

_T = initial_access_token.c
_ALL = select(*(column for column in _T if column.name not in {"tenant", "token_hash"})).where(_T.tenant == TENANT)
_PAGE = _ALL.order_by(_T.id).limit(bindparam("most"))
_NEXT_PAGE = _ALL.where(_T.id > bindparam("after")).order_by(_T.id).limit(bindparam("most"))
_BY_ID = _ALL.where(_T.id == bindparam("of_id"))
_BY_HASH = _ALL.where(_T.token_hash == bindparam("of_hash"))
_USE_UP = (
    update(initial_access_token)
    .where(
        _T.tenant == TENANT,
        _T.id == bindparam("of_id"),
        _T.uses_left > 0,
        _T.revoked_at.is_(None),
        _T.expires_at > bindparam("now"),
    )
    .values(uses_left=_T.uses_left - 1)
)
_REVOKE = (
    update(initial_access_token)
    .where(_T.tenant == TENANT, _T.id == bindparam("of_id"), _T.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"), version=_T.version + 1)
)


async def issue_initial_token(admin: Administration, new: NewInitialToken) -> tuple[InitialToken, str]:
    """A new token, and what its holder shows, which is told this once."""
    await admin.begin()
    token, now = make_initial_token(), admin.recorded_at
    made = InitialToken(
        id=new_id(),
        note=normalise(new.note),
        scopes=frozenset(new.scopes),
        grant_types=frozenset(new.grant_types),
        uses_left=new.uses,
        expires_at=now + timedelta(days=new.days),
        created_at=now,
        created_by=admin.person_id,
        revoked_at=None,
        version=1,
    )
    lists = {"scopes": sorted(made.scopes), "grant_types": sorted(made.grant_types)}
    row = {name: getattr(made, name) for name in InitialToken.__slots__} | lists
    admin.session.add(initial_access_token, row | {"token_hash": secret_hash(token)})
    content = {"note": made.note, "uses": made.uses_left, "expires_at": made.expires_at.isoformat(), **lists}
    _record(admin, "initial-token.issued", made, content)
    return made, token


async def list_initial_tokens(session: TenantSession, after: UUID | None, most: int) -> list[InitialToken]:
    """In the order in which they were issued, spent and revoked ones too."""
    params: dict[str, Any] = {"most": most}
    rows = await session.all(_NEXT_PAGE, params | {"after": after}) if after else await session.all(_PAGE, params)
    return [_token_of(row) for row in rows]


async def find_initial_token(session: TenantSession, token_id: UUID) -> InitialToken:
    """One by its id; raises :class:`NotFound`."""
    row = await session.one(_BY_ID, {"of_id": token_id})
    if row is None:
        raise NotFound("clients.token-unknown")
    return _token_of(row)


async def revoke_initial_token(admin: Administration, token_id: UUID, reason: str, expected: int) -> InitialToken:
    """The token, with which nothing is registered any more; clients that were registered with it stay.

    Raises :class:`NotFound`, :class:`Stale`, and :class:`Conflict` where it is revoked already.
    """
    await admin.begin()
    before = await find_initial_token(admin.session, token_id)
    if expected != before.version:
        raise Stale("clients.token-stale", current=before.version)
    if before.revoked_at is not None:
        raise Conflict("clients.token-revoked")
    await admin.session.execute(_REVOKE, {"of_id": token_id, "now": admin.recorded_at})
    _record(admin, "initial-token.revoked", before, {"reason": normalise(reason)})
    return replace(before, revoked_at=admin.recorded_at, version=before.version + 1)


async def recognise_initial_token(session: TenantSession, token: str, now: datetime) -> InitialToken:
    """The good token that this is; raises :class:`Unauthenticated` for any other."""
    row = await session.one(_BY_HASH, {"of_hash": secret_hash(token)})
    found = _token_of(row) if row else None
    if found is None or not found.is_good(now):
        raise Unauthenticated("clients.initial-token-invalid")
    return found


async def use_up(session: TenantSession, token: InitialToken, now: datetime) -> None:
    """Counts one registration; of many at once no more get through than there are uses. Raises :class:`Unauthenticated`."""
    if await session.execute(_USE_UP, {"of_id": token.id, "now": now}) != 1:
        raise Unauthenticated("clients.initial-token-invalid")


def _token_of(row: dict[str, Any]) -> InitialToken:
    lists = {"scopes": frozenset(map(Scope, row["scopes"])), "grant_types": frozenset(map(GrantType, row["grant_types"]))}
    return InitialToken(**(row | lists))


def _record(admin: Administration, action: str, token: InitialToken, content: dict[str, Any]) -> None:
    admin.record(action, f"initial-token:{token.id}", content, token_id=str(token.id))
