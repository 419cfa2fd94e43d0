"""The tenants of a benchmark: a hundred, in turns under each of four cities' rules, each with units and a client."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from core.jurisdictions import Jurisdictions
from core.law.instrument import Text
from core.procedure import Role
from core.store.actor import OPERATOR
from core.store.database import Database
from core.store.envelope import TenantKeys
from core.tenants.category_commands import NewCategory
from core.tenants.client import Credentials
from core.tenants.commands import NewUnit
from core.tenants.scopes import Scope
from core.tenants.service.administration import Administration
from core.tenants.service.categories import register_category
from core.tenants.service.clients import NewClient, register_client
from core.tenants.service.directory import NewTenant, create_tenant, list_tenants
from core.tenants.service.units import register_unit
from core.tenants.snapshot import Snapshots
from core.tenants.tenant import Tenant
from tests.benchmarks.matters import CATEGORIES
from tests.benchmarks.stages import OWNER, Stage

MASTER_KEY = bytes(range(32))
TENANTS = 100
CITIES = ("ankang", "baoding", "ganzhou", "jincheng")
_OFFICES = {"baoding": ("reporting-centre",)}
"""The offices that hold the deadlines which arise with a registration."""
_UNITS = 4
SINCE = date(2020, 1, 1)
_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Member:
    """A tenant of the benchmark with its units, as the filling needs it."""

    tenant: Tenant
    units: tuple[UUID, ...]


async def create_members(stage: Stage) -> list[Member]:
    """Creates the tenants, their units and categories through the services that administrators use."""
    jurisdictions = Jurisdictions.discover()

    async def create(owner: Database, place: int) -> Member:
        city = CITIES[place % len(CITIES)]
        new = NewTenant(f"bench-{place:03d}", city, Text(zh=f"第{place}市", en=f"City {place}"))
        tenant = await create_tenant(owner, jurisdictions, new)
        snapshots = Snapshots(jurisdictions)
        units = [await _add_unit(owner, snapshots, tenant, number) for number in range(_UNITS)]
        for code in CATEGORIES:
            await _add_category(owner, snapshots, tenant, code)
        return Member(tenant, tuple(units))

    return await each(stage, [partial(create, place=place) for place in range(TENANTS)])


async def sign_up(stage: Stage) -> list[tuple[Tenant, Credentials]]:
    """A new client in every tenant, who may register and read; secrets are not kept between runs."""
    jurisdictions = Jurisdictions.discover()

    async def register(owner: Database, tenant: Tenant) -> tuple[Tenant, Credentials]:
        scopes = frozenset({Scope.CASES_READ, Scope.CASES_WRITE, Scope.PETITIONERS_READ})
        new = NewClient("benchmark", (Role.INTAKE_CLERK, Role.SUPERVISOR), scopes, SINCE)
        async with owner.tenant(tenant.id, actor=OPERATOR) as session:
            made = await register_client(Administration(session, Snapshots(jurisdictions)), new)
        return tenant, made.credentials

    owner = _open(stage)
    tenants = await list_tenants(owner)
    await owner.close()
    return await each(stage, [partial(register, tenant=tenant) for tenant in tenants])


async def _add_unit(owner: Database, snapshots: Snapshots, tenant: Tenant, number: int) -> UUID:
    offices = _OFFICES.get(tenant.jurisdiction, ()) if number == 0 else ()
    new = NewUnit(code=f"unit-{number}", name=f"第{number}局", valid_from=SINCE, basis="基准", offices=offices)
    async with owner.tenant(tenant.id, actor=OPERATOR) as session:
        return (await register_unit(Administration(session, snapshots), new)).id


async def _add_category(owner: Database, snapshots: Snapshots, tenant: Tenant, code: str) -> None:
    new = NewCategory(code=code, title_zh="分类", valid_from=SINCE, basis="基准")
    async with owner.tenant(tenant.id, actor=OPERATOR) as session:
        await register_category(Administration(session, snapshots), new)


async def keys_of(stage: Stage, tenants: Iterable[int]) -> dict[int, TenantKeys]:
    """The keys of tenants, under which the words of their cases are numbered."""
    owner, found = _open(stage), {}
    try:
        for tenant in tenants:
            async with owner.reading(tenant) as session:
                found[tenant] = await session.keys()
    finally:
        await owner.close()
    return found


async def each(stage: Stage, works: list[Callable[[Database], Coroutine[Any, Any, Any]]]) -> list[Any]:
    """Does the works in order, a few at once."""
    owner, turn = _open(stage), asyncio.Semaphore(_AT_ONCE)

    async def take(work: Callable[[Database], Coroutine[Any, Any, Any]]) -> Any:
        async with turn:
            return await work(owner)

    try:
        return await asyncio.gather(*map(take, works))
    finally:
        await owner.close()


def _open(stage: Stage) -> Database:
    return Database(stage.address(OWNER), MASTER_KEY, pool_size=_AT_ONCE)
