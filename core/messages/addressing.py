"""Whom a rule writes to. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from uuid import UUID

from core.messages.rules import Addressee, MessageRule, Recipients
from core.procedure import Role
from core.tenants.organisation import Organisation


@dataclass(frozen=True, slots=True)
class Concerned:
    """The units that a matter concerns, and the people who take no part in it (R12). What an office of the tenant owes has
    no holder among them: it is nobody's in the units. Several hold it where a step names the units that it is about."""

    holders: tuple[UUID, ...]
    lead: UUID | None
    units: tuple[UUID, ...]
    recused: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person, for a unit or (without one) for a role; or, without a person, a unit itself."""

    person_id: UUID | None
    unit_id: UUID | None


class Directory:
    """Who holds which role on a day, for any number of messages."""

    def __init__(self, organisation: Organisation, day: date) -> None:
        self._organisation, self._day = organisation, day

    def find(self, rule: MessageRule, concerned: Concerned) -> tuple[Recipient, ...]:
        """Whom the rule writes to in a matter, each once."""
        if rule.recipients is Recipients.ROLE:
            found = [Recipient(person, None) for person in self._holders.get(str(rule.role), ())]
        else:
            units = dict.fromkeys(self._units(rule.recipients, concerned))
            found = [item for unit in units for item in self._of_unit(unit, rule.addressee)]
        return tuple(item for item in dict.fromkeys(found) if item.person_id not in concerned.recused)

    def _units(self, recipients: Recipients, concerned: Concerned) -> Iterable[UUID]:
        if recipients is Recipients.EACH_UNIT:
            return concerned.units
        if recipients is Recipients.LEAD:
            return (concerned.lead,) if concerned.lead else ()
        if recipients is Recipients.SUPERIOR:
            above = (self._organisation.superior(unit, self._day) for unit in concerned.holders)
            return [unit.id for unit in above if unit]
        return concerned.holders

    def _of_unit(self, unit: UUID, addressee: Addressee) -> list[Recipient]:
        if addressee is Addressee.UNIT:
            return [Recipient(None, unit)]
        return [Recipient(person, unit) for person in self._officers.get(unit, ())]

    @cached_property
    def _officers(self) -> dict[UUID, tuple[UUID, ...]]:
        found: dict[UUID, list[UUID]] = defaultdict(list)
        for person, role, unit in self._granted:
            if role is Role.UNIT_OFFICER and unit is not None:
                found[unit].append(person)
        return {unit: tuple(people) for unit, people in found.items()}

    @cached_property
    def _holders(self) -> dict[str, tuple[UUID, ...]]:
        found: dict[str, dict[UUID, None]] = defaultdict(dict)
        for person, role, _ in self._granted:
            found[role.value][person] = None
        return {role: tuple(people) for role, people in found.items()}

    @cached_property
    def _granted(self) -> tuple[tuple[UUID, Role, UUID | None], ...]:
        return tuple(
            (person, grant.role, grant.unit_id)
            for person in self._organisation.staff.granted
            for grant in self._organisation.roles_of(person, self._day)
        )
