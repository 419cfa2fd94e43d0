"""A tenant's configuration at one revision: frozen, and kept per process until the revision changes."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from core.clock import Clock, LegalClock
from core.factor_policy import SHOWN, asks_factor
from core.force import with_set_days
from core.jurisdictions import Jurisdiction, Jurisdictions
from core.law.calendar import WorkingCalendar, working_calendar
from core.law.rulebook import Rulebook
from core.messages.rules import MessageRules
from core.platforms.loading import load_platforms
from core.platforms.platform import Platforms
from core.procedure import Role
from core.routing.rules import RoutingRules
from core.tenants.categories import Categories
from core.tenants.client import Client
from core.tenants.hands import Hands
from core.tenants.loading import (
    load_calendar,
    load_categories,
    load_clients,
    load_closed_months,
    load_message_rules,
    load_organisation,
    load_revoked,
    load_routing,
    load_settings,
    load_signing_keys,
    load_tenant,
)
from core.tenants.organisation import Organisation
from core.tenants.principal import NO_TIES, Principal, Ties
from core.tenants.scopes import Scope
from core.tenants.settings import DatedSettings
from core.tenants.signing import KeyState, SigningKey
from core.tenants.tenant import Tenant

if TYPE_CHECKING:
    from core.store.session import TenantSession

CAPACITY = 512
"""Tenants kept in memory by one process; the one longest unused goes first."""


@dataclass(frozen=True)
class Snapshot:
    """Everything about a tenant that a request needs to know before it looks at its own matter."""

    tenant: Tenant
    jurisdiction: Jurisdiction
    offset: timedelta
    calendar: WorkingCalendar
    calendar_number: int
    settings: DatedSettings
    organisation: Organisation
    clients: Mapping[str, Client]
    """By the public name with which a client signs in."""
    signing_keys: tuple[SigningKey, ...]
    revoked: frozenset[str] = frozenset()
    """What names the tokens that were revoked before their time: ``jti``, ``authorization:…`` or ``sign-in:…``."""
    platforms: Platforms = field(default_factory=Platforms)
    """What clients may as platforms, and for whom they act."""
    categories: Categories = field(default_factory=Categories.of)
    routing: RoutingRules = field(default_factory=RoutingRules)
    messages: MessageRules = field(default_factory=MessageRules)
    closed_months: frozenset[date] = frozenset()
    """The first days of the months whose figures are closed."""

    @cached_property
    def rulebook(self) -> Rulebook:
        """The city's instruments, in force from the days that the tenant has set (R7)."""
        return with_set_days(self.jurisdiction.rulebook, self._day_set)

    def _day_set(self, key: str) -> date | None:
        setting = self.settings.on(key, date.max)
        return setting.value if setting is not None and isinstance(setting.value, date) else None

    @property
    def zone(self) -> tzinfo:
        """The tenant's local time."""
        return self.calendar.zone

    def clock(self, wall: Clock) -> LegalClock:
        """The tenant's legal time: wall time, moved where it is a sandbox."""
        return LegalClock(wall, self.offset)

    def local_day(self, instant: datetime) -> date:
        """The local day on which an instant lies."""
        return instant.astimezone(self.zone).date()

    def next_day(self, instant: datetime) -> datetime:
        """When the local day after the one of an instant begins."""
        return datetime.combine(self.local_day(instant) + timedelta(days=1), time(), self.zone)

    def principal(self, client: Client, scopes: frozenset[Scope], day: date, operator: UUID | None = None) -> Principal:
        """The client as it acts on ``day`` with the scopes of its token, never more than the client's own.

        It acts as its service person, or as the person ``operator``: with that person's roles and units and no others.
        """
        person, organisation = operator or client.person_id, self.organisation
        grants, units = organisation.roles_of(person, day), organisation.units_of(person, day)
        return Principal(client.id, client.name, person, grants, units, scopes & client.scopes, self._ties(person, day))

    def _ties(self, person_id: UUID, day: date) -> Ties:
        """Of everybody else who is the same hand: who holds a client of their own is no stranger to their own unit by it."""
        others = self.hands.all_of(person_id) - {person_id}
        if not others:
            return NO_TIES
        grants = [grant for other in others for grant in self.organisation.roles_of(other, day) if grant.unit_id]
        posts = (unit for other in others for unit in self.organisation.units_of(other, day))
        return Ties(
            frozenset((*posts, *(grant.unit_id for grant in grants if grant.unit_id))),
            frozenset(grant.unit_id for grant in grants if grant.unit_id and grant.role is Role.UNIT_OFFICER),
        )

    def asks_factor(self, person_id: UUID, now: datetime) -> bool:
        """Whether the tenant asks a second factor of the person, at ``now`` of wall time."""
        day = self.local_day(now + self.offset)
        roles = {grant.role for grant in self.organisation.roles_of(person_id, day)}
        return asks_factor(self.settings, roles, day)

    def lacks_factor(self, person_id: UUID, methods: Iterable[str], now: datetime) -> bool:
        """Whether one that is asked of the person was not shown where they signed in by these methods."""
        return SHOWN.isdisjoint(methods) and self.asks_factor(person_id, now)

    def hand_of(self, person_id: UUID) -> UUID:
        """The person who does what this one does: themself, or who holds the client that acts as it (R12)."""
        return self.hands.of(person_id)

    @cached_property
    def hands(self) -> Hands:
        """Who does what whom does (R12)."""
        return Hands(self.clients.values())

    @property
    def signing_key(self) -> SigningKey:
        """The newest active key, with which tokens are signed; raises :class:`LookupError` for a tenant without one."""
        active = [key for key in self.signing_keys if key.state is KeyState.ACTIVE]
        if not active:
            raise LookupError(f"tenant {self.tenant.slug} has no active signing key")
        return active[-1]

    @property
    def key_set(self) -> dict[str, list[dict[str, Any]]]:
        """The public keys (RFC 7517) by which the tenant's tokens are verified."""
        return {"keys": [dict(key.public_jwk) for key in self.signing_keys if key.verifies]}


@dataclass(slots=True)
class _Slot:
    """A tenant's place in the cache: the newest snapshot, and the lock under which one caller loads the next."""

    snapshot: Snapshot | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Snapshots:
    """The snapshots of one process, by tenant. Bounded; safe for any number of requests at once on one event loop."""

    def __init__(self, jurisdictions: Jurisdictions, capacity: int = CAPACITY) -> None:
        self.jurisdictions, self.capacity = jurisdictions, capacity
        self._slots: OrderedDict[int, _Slot] = OrderedDict()

    def known(self, tenant: int) -> Snapshot | None:
        """The newest configuration that is kept, which may be older than the database's; ``None`` where there is none."""
        slot = self._slots.get(tenant)
        return slot.snapshot if slot else None

    async def of(self, session: TenantSession) -> Snapshot:
        """The configuration at the session's revision; asks the database nothing where that is the one kept."""
        if session.reconfigures:
            return await self.load(session)
        slot = self._slot(session.tenant)
        if slot.snapshot is not None and slot.snapshot.tenant.revision == session.revision:
            return slot.snapshot
        async with slot.lock:
            if slot.snapshot is None or slot.snapshot.tenant.revision < session.revision:
                loaded = await self._newer(session, slot.snapshot)
                if loaded.tenant.revision != session.revision:
                    return loaded  # somebody changed it while it was read; the next session keeps it
                slot.snapshot = loaded
            return slot.snapshot

    async def _newer(self, session: TenantSession, kept: Snapshot | None) -> Snapshot:
        if kept is None or kept.tenant.configuration != session.configuration:
            return await self.load(session)
        # What is read may be newer than the revision: then more is revoked, and the next session reads it again.
        tenant = replace(kept.tenant, revision=session.revision)
        newer = replace(kept, tenant=tenant, revoked=await load_revoked(session))
        vars(newer)["rulebook"] = kept.rulebook
        return newer

    async def load(self, session: TenantSession) -> Snapshot:
        """The configuration as the session sees it now, its own changes included; keeps nothing.

        What is read is of one revision: where somebody changes the configuration meanwhile, it is read again.
        """
        tenant, offset = await load_tenant(session)
        while True:
            snapshot = await self._read(session, tenant, offset)
            tenant, offset = await load_tenant(session)
            if tenant.revision == snapshot.tenant.revision:
                return snapshot

    async def _read(self, session: TenantSession, tenant: Tenant, offset: timedelta) -> Snapshot:
        jurisdiction = self.jurisdictions.get(tenant.jurisdiction)
        version = await load_calendar(session)
        return Snapshot(
            tenant=tenant,
            jurisdiction=jurisdiction,
            offset=offset,
            calendar=working_calendar(version),
            calendar_number=version.number,
            settings=await load_settings(session, jurisdiction),
            organisation=await load_organisation(session),
            clients=await load_clients(session),
            signing_keys=await load_signing_keys(session),
            revoked=await load_revoked(session),
            platforms=await load_platforms(session),
            categories=await load_categories(session),
            routing=await load_routing(session),
            messages=await load_message_rules(session),
            closed_months=await load_closed_months(session),
        )

    def _slot(self, tenant: int) -> _Slot:
        slot = self._slots.get(tenant)
        if slot is None:
            slot = self._slots[tenant] = _Slot()
            if len(self._slots) > self.capacity:
                self._slots.popitem(last=False)
        else:
            self._slots.move_to_end(tenant)
        return slot
