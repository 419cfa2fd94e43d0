"""What must hold of people, posts and roles before they are stored; pure."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from core.errors import Conflict, Refused
from core.procedure import Role
from core.tenants.commands import Ending, GrantableRole, NewGrant, NewPost, UnitChange
from core.tenants.organisation import Organisation
from core.tenants.staff import Post, RoleGrant


def check_post(organisation: Organisation, post: NewPost, field: str = "") -> None:
    """Raises :class:`Refused` for a post in a unit that is not there, or that ends before it begins."""
    check_active(organisation, post.unit_id, post.valid_from, f"{field}/unit_id")
    check_span(post.valid_from, post.valid_to, f"{field}/valid_to")


def check_grant(organisation: Organisation, grant: NewGrant, field: str = "") -> None:
    """Raises :class:`Refused` as for a post, and for a unit officer without a unit."""
    if grant.unit_id is not None:
        check_active(organisation, grant.unit_id, grant.valid_from, f"{field}/unit_id")
    elif grant.role is GrantableRole.UNIT_OFFICER:
        raise Refused("tenants.role-needs-unit", field=f"{field}/unit_id", role=grant.role)
    check_span(grant.valid_from, grant.valid_to, f"{field}/valid_to")


def check_ending(item: Post | RoleGrant, ending: Ending) -> None:
    """Raises :class:`Conflict` where it has ended already and :class:`Refused` for an end before the beginning."""
    if item.valid_to is not None:
        raise Conflict("tenants.already-ended", day=item.valid_to.isoformat())
    check_span(item.valid_from, ending.last_day, "/last_day")


def check_own_administration(person: UUID | None, grant: RoleGrant) -> None:
    """Nobody takes the administration from themselves, so that no tenant is left without an administrator by mistake."""
    if grant.role is Role.TENANT_ADMINISTRATOR and grant.person_id == person:
        raise Refused("tenants.own-administration")


def check_change(change: UnitChange) -> None:
    """Raises :class:`Refused` for a successor of a unit that goes on."""
    if change.merged_into is not None and not change.dissolved:
        raise Refused("tenants.successor-of-living", field="/merged_into")


def check_known(organisation: Organisation, unit: UUID | None, field: str) -> None:
    """Raises :class:`Refused` for a unit that the tenant does not have."""
    if unit is not None and unit not in organisation.units:
        raise Refused("tenants.unit-unknown", field=field, unit=str(unit))


def check_active(organisation: Organisation, unit: UUID, day: date, field: str) -> None:
    """Raises :class:`Refused` for a unit that the tenant does not have, or that is not there on that day."""
    check_known(organisation, unit, field)
    if not organisation.on(day).is_active(unit):
        code = organisation.units[unit].code
        raise Refused("tenants.unit-not-active", field=field, unit=code, day=day.isoformat())


def check_span(start: date, end: date | None, field: str) -> None:
    """Raises :class:`Refused` for what ends before it begins."""
    if end is not None and end < start:
        raise Refused("tenants.ends-before-it-begins", field=field, start=start.isoformat(), end=end.isoformat())
