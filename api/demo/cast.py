"""Sets a city's stage: a sandbox tenant with the units, staff, figures and clients of its story."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from core.jurisdictions import Jurisdiction, Jurisdictions
from core.procedure import Role
from core.store.actor import OPERATOR
from core.store.database import Database
from core.story import StoryCategory, StoryPerson, StoryUnit
from core.tenants.category_commands import NewCategory
from core.tenants.client import Credentials
from core.tenants.commands import NewUnit
from core.tenants.scopes import Scope
from core.tenants.service.administration import Administration
from core.tenants.service.categories import register_category
from core.tenants.service.clients import NewClient, register_client
from core.tenants.service.directory import NewTenant, create_tenant
from core.tenants.service.settings import record_setting
from core.tenants.service.units import register_unit
from core.tenants.snapshot import Snapshots
from core.tenants.tenant import Tenant

ANYBODY = frozenset(
    {
        Scope.CASES_READ,
        Scope.CASES_WRITE,
        Scope.PETITIONERS_READ,
        Scope.RECEIPTS_READ,
        Scope.RECEIPTS_WRITE,
        Scope.ORGANISATION_READ,
        Scope.SETTINGS_READ,
        Scope.CALENDAR_READ,
        Scope.RULEBOOK_READ,
        Scope.CALCULATIONS_READ,
        Scope.KNOWLEDGE_READ,
        Scope.KNOWLEDGE_WRITE,
        Scope.TEMPLATES_READ,
        Scope.TEMPLATES_WRITE,
        Scope.EVENTS_READ,
    }
)
"""What anybody of the staff may ask for; whether it is answered, the roles say."""
_BASIS = "演示数据 / demonstration"


@dataclass(slots=True)
class Cast:
    """A tenant ready to play: who signs in with what, and which id each unit of the story has."""

    city: Jurisdiction
    tenant: Tenant
    units: dict[str, UUID] = field(default_factory=dict)
    clients: dict[str, Credentials] = field(default_factory=dict)


async def set_stage(owner: Database, jurisdictions: Jurisdictions, city: Jurisdiction, slug: str | None = None) -> Cast:
    """Creates the tenant of a city's story, named like the city unless told otherwise.

    Raises what the administration of tenants raises.
    """
    manifest = city.manifest
    name = slug or manifest.id.replace("_", "-")
    new = NewTenant(slug=name, jurisdiction=manifest.id, name=manifest.title, sandbox=True)
    cast = Cast(city, await create_tenant(owner, jurisdictions, new))
    snapshots = Snapshots(jurisdictions)
    since = date(city.story.opens_at.year, 1, 1)
    for unit in city.story.units:
        await _add_unit(owner, snapshots, cast, unit, since)
    for person in city.story.people:
        await _add_person(owner, snapshots, cast, person, since)
    for category in city.story.categories:
        await _add_category(owner, snapshots, cast, category, since)
    for item in city.story.settings:
        async with owner.tenant(cast.tenant.id, actor=OPERATOR) as session:
            admin = Administration(session, snapshots)
            await record_setting(admin, item.key, item.value, item.effective_from, item.basis, _BASIS, strict=False)
    return cast


async def _add_unit(owner: Database, snapshots: Snapshots, cast: Cast, unit: StoryUnit, since: date) -> None:
    new = NewUnit(
        code=unit.key,
        name=unit.name,
        valid_from=since,
        basis=_BASIS,
        parent_id=cast.units[unit.parent] if unit.parent else None,
        ranking_group=unit.ranking_group,
        member=unit.member,
        offices=unit.offices,
    )
    async with owner.tenant(cast.tenant.id, actor=OPERATOR) as session:
        cast.units[unit.key] = (await register_unit(Administration(session, snapshots), new)).id


async def _add_category(
    owner: Database, snapshots: Snapshots, cast: Cast, category: StoryCategory, since: date
) -> None:
    new = NewCategory(
        code=category.key,
        title_zh=category.title.zh,
        title_en=category.title.en,
        valid_from=since,
        basis=_BASIS,
        parent=category.parent,
        default_unit_id=cast.units[category.default_unit] if category.default_unit else None,
    )
    async with owner.tenant(cast.tenant.id, actor=OPERATOR) as session:
        await register_category(Administration(session, snapshots), new)


async def _add_person(owner: Database, snapshots: Snapshots, cast: Cast, person: StoryPerson, since: date) -> None:
    scopes = frozenset(Scope) if Role.TENANT_ADMINISTRATOR in person.roles else ANYBODY
    new = NewClient(f"{person.name} {person.title}".strip(), person.roles, scopes, since, person.unit)
    async with owner.tenant(cast.tenant.id, actor=OPERATOR) as session:
        made = await register_client(Administration(session, snapshots), new)
    cast.clients[person.key] = made.credentials
