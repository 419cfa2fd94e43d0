"""Who signs in: in some tenants a person with an account and a password, signed in, and a front-end that they use.

Refresh tokens are put in place before a turn, outside what is measured, as redeemed codes leave them behind: each of an
authorization of its own, and named by the request's own number.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from core.accounts.account import find_account_of
from core.accounts.invitations import set_password
from core.accounts.passwords import normalise, owasp_hasher
from core.accounts.service import register_account
from core.ids import new_id, new_secret, secret_hash
from core.jurisdictions import Jurisdictions
from core.procedure import Role
from core.store import tables
from core.store.actor import OPERATOR
from core.store.database import Database
from core.tenants.client import AuthMethod, GrantType
from core.tenants.commands import GrantableRole, NewGrant, NewPerson
from core.tenants.scopes import Scope
from core.tenants.service.administration import Administration
from core.tenants.service.clients import NewClient, register_client
from core.tenants.service.people import register_person
from core.tenants.snapshot import Snapshots
from core.tenants.tenant import Tenant
from tests.benchmarks.cast import SINCE, each
from tests.benchmarks.load import MARK, MARK_DIGITS
from tests.benchmarks.stages import TWIN, Stage

PASSWORD = "三更灯火五更鸡 grey heron"
STAFFED = 20
"""In so many of the hundred tenants."""
_CALLBACK = "https://desk.example.cn/callback"
_GRANTS = frozenset({GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN})
_PREFIX = "benchmark-refresh-token-"
REFRESH_TOKEN = f"{_PREFIX}{MARK}"
"""As it stands in a request."""
_MOST_A_SECOND = 1_500
_A_DAY = timedelta(days=1)
_AUTHORIZATION = (
    "tenant", "id", "client_id", "account_id", "person_id", "sign_in_id", "grant_type", "scopes", "methods",
    "authenticated_at", "created_at", "expires_at",
)  # fmt: skip
_TOKEN = ("tenant", "token_hash", "authorization_id", "issued_at", "expires_at")


@dataclass(frozen=True, slots=True)
class Clerk:
    """A person who is signed in, and the front-end that they use."""

    tenant: Tenant
    login: str
    account_id: UUID
    person_id: UUID
    sign_in_id: UUID
    client_row: UUID
    client_id: str


async def hire_staff(stage: Stage, tenants: Sequence[Tenant]) -> list[Clerk]:
    """A new clerk in each tenant; all have the one password, which is hashed once."""
    hashed, jurisdictions = owasp_hasher().hash(normalise(PASSWORD)), Jurisdictions.discover()
    return await each(stage, [partial(_hire, tenant=tenant, hashed=hashed, cities=jurisdictions) for tenant in tenants])


async def _hire(owner: Database, tenant: Tenant, hashed: str, cities: Jurisdictions) -> Clerk:
    snapshots, login, now = Snapshots(cities), f"clerk-{new_id().hex[-12:]}", datetime.now(UTC)
    role = NewGrant(role=GrantableRole(Role.INTAKE_CLERK), unit_id=None, valid_from=SINCE)
    async with owner.tenant(tenant.id, actor=OPERATOR) as session:
        person = (await register_person(Administration(session, snapshots), NewPerson(name="李明", roles=(role,)))).person
    async with owner.tenant(tenant.id, actor=OPERATOR) as session:
        await register_account(Administration(session, snapshots), person.id, login)
    async with owner.tenant(tenant.id, actor=OPERATOR) as session:
        made = (await register_client(Administration(session, snapshots), _front_end())).client
    async with owner.tenant(tenant.id, actor=OPERATOR) as session:
        held = await find_account_of(session, person.id)
        assert held is not None
        await set_password(session, held.id, hashed, now)
        signed_in = _sign_in(held.id, now)
        session.add(tables.sign_in, signed_in)
    return Clerk(tenant, login, held.id, person.id, signed_in["id"], made.id, made.client_id)


def _front_end() -> NewClient:
    scopes = frozenset({Scope.CASES_READ})
    return NewClient(
        "desk", (), scopes, SINCE, auth_method=AuthMethod.NONE, grant_types=_GRANTS, redirect_uris=(_CALLBACK,)
    )


def _sign_in(account_id: UUID, now: datetime) -> dict[str, Any]:
    times = {"opened_at": now, "authenticated_at": now, "seen_at": now, "expires_at": now + _A_DAY}
    who = {"id": new_id(), "account_id": account_id, "token_hash": secret_hash(new_secret()), "methods": ["pwd"]}
    rest = {"idle_seconds": 86_400, "ended_at": None, "ended_for": None, "agent": "benchmark", "address": "127.0.0.1"}
    return who | times | rest


async def put_refresh_tokens(stage: Stage, clerks: Sequence[Clerk], seconds: float) -> int:
    """As many as can be used in so many seconds, of one clerk after the other; answers the first number."""
    first = time.time_ns() // 1_000 % 10**MARK_DIGITS
    rows = list(_families(clerks, first, int(seconds * _MOST_A_SECOND)))
    connection = await stage.connect(TWIN)
    try:
        families, tokens = [family for family, _ in rows], [token for _, token in rows]
        await connection.copy_records_to_table("client_authorization", records=families, columns=_AUTHORIZATION)
        await connection.copy_records_to_table("refresh_token", records=tokens, columns=_TOKEN)
    finally:
        await connection.close()
    return first


def _families(clerks: Sequence[Clerk], first: int, count: int) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    now = datetime.now(UTC)
    said = GrantType.AUTHORIZATION_CODE.value, f'["{Scope.CASES_READ.value}"]', '["pwd"]', now, now, now + _A_DAY
    for place in range(count):
        clerk, id_ = clerks[place % len(clerks)], new_id()
        token = secret_hash(f"{_PREFIX}{(first + place) % 10**MARK_DIGITS:0{MARK_DIGITS}d}")
        who = clerk.client_row, clerk.account_id, clerk.person_id, clerk.sign_in_id
        yield (clerk.tenant.id, id_, *who, *said), (clerk.tenant.id, token, id_, now, now + _A_DAY)
