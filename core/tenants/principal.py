"""Who asks: a client acting as a person, with that person's roles and units on the day (decision 3, promise 8)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from core.errors import Forbidden
from core.procedure import Role
from core.tenants.scopes import Scope


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """A role held in one unit, or in the whole tenant where ``unit_id`` is ``None``."""

    role: Role
    unit_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Ties:
    """Units to which somebody belongs, and those of which they are an officer."""

    units: frozenset[UUID] = frozenset()
    officer_of: frozenset[UUID] = frozenset()


NO_TIES = Ties()


@dataclass(frozen=True)
class Principal:
    """A client and the person it acts as. ``client_id`` is the row's id, not the public name that it signs in with."""

    client_id: UUID
    client_name: str
    person_id: UUID
    grants: tuple[Grant, ...]
    units: frozenset[UUID]
    scopes: frozenset[Scope]
    ties: Ties = NO_TIES
    """What ties the same hand to units under other names (:mod:`core.tenants.hands`): it keeps from matters, and gives
    nothing."""

    @cached_property
    def officer_of(self) -> frozenset[UUID]:
        """The units that the person, or the same hand under another name, is an officer of."""
        mine = (grant.unit_id for grant in self.grants if grant.role is Role.UNIT_OFFICER and grant.unit_id)
        return self.ties.officer_of.union(mine)

    @cached_property
    def roles(self) -> frozenset[Role]:
        """Every role held anywhere."""
        return frozenset(grant.role for grant in self.grants)

    def has(self, role: Role, unit: UUID | None = None) -> bool:
        """Whether the role is held: anywhere, or with ``unit`` in that unit or in the whole tenant."""
        if unit is None:
            return role in self.roles
        return any(grant.role is role and grant.unit_id in {None, unit} for grant in self.grants)

    def require(self, *roles: Role, unit: UUID | None = None) -> None:
        """Raises :class:`Forbidden` where none of the roles is held."""
        # Without a unit as one comparison of sets: it is asked on every request.
        held = any(self.has(role, unit) for role in roles) if unit else not self.roles.isdisjoint(roles)
        if not held:
            raise Forbidden("tenants.role-missing", roles=", ".join(roles))

    def require_scope(self, scope: Scope) -> None:
        """Raises :class:`Forbidden` where the token does not carry the scope."""
        if scope not in self.scopes:
            raise Forbidden("tenants.scope-missing", scope=scope)
