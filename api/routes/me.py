"""Who asks: what a front-end needs to know of its own client and person before it shows anything."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from api.operations import Call, Method, Operation, Reply
from core.cases.bodies import Instant
from core.law.instrument import Text
from core.procedure import Role
from core.tenants.scopes import Scope


class HeldRole(Struct, frozen=True):
    """A role held today, in one unit or (without one) in the whole tenant."""

    role: Role
    unit_id: UUID | None


class Me(Struct, frozen=True):
    """The client, the person it acts as, and what both may; ``now`` is the tenant's legal time."""

    tenant: str
    jurisdiction: str
    sandbox: bool
    client_name: str
    person_id: UUID
    roles: tuple[HeldRole, ...]
    units: tuple[UUID, ...]
    scopes: tuple[Scope, ...]
    now: Instant


async def _read(call: Call) -> Reply:
    tenant, principal = call.snapshot.tenant, call.principal
    now: datetime = call.legal_now
    value = Me(
        tenant=tenant.slug,
        jurisdiction=tenant.jurisdiction,
        sandbox=tenant.sandbox,
        client_name=principal.client_name,
        person_id=principal.person_id,
        roles=tuple(HeldRole(grant.role, grant.unit_id) for grant in principal.grants),
        units=tuple(sorted(principal.units)),
        scopes=tuple(sorted(principal.scopes)),
        now=now,
    )
    return Reply(value)


OPERATIONS = (
    Operation(
        id="readMe",
        method=Method.GET,
        path="/me",
        tag="organisation",
        title=Text(zh="当前身份", en="Who I am"),
        description=Text(
            zh="当前客户端所代表的人员、其角色和单位、令牌的权限范围，以及租户的法定时间。任何有效令牌均可，无须权限范围。",
            en="The person that the client acts as, with today's roles and units, the scopes of the token, and the tenant's "
            "legal time. Any token of the tenant does; no scope is needed.",
        ),
        handler=_read,
        scope=None,
        takes_any_token=True,
        reply=Me,
    ),
)
